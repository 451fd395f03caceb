package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JsonTest {
  private final StringBuilder out = new StringBuilder();

  @Test
  void fieldsStandInTheirOrder() {
    Json json = new Json(out).with("a", 1).with("b", "x").withNull("c").with("d", true);
    json.object("e").with("f", -2).end();
    json.end();
    assertEquals("{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":true,\"e\":{\"f\":-2}}", out.toString());
  }

  @Test
  void listsMayBeEmpty() {
    Json json = new Json(out);
    json.array("none");
    json.endArray();
    json.array("two");
    json.element().with("n", 1).end();
    json.element().with("n", 2).end();
    json.endArray();
    json.with("rest", 0).end();
    assertEquals("{\"none\":[],\"two\":[{\"n\":1},{\"n\":2}],\"rest\":0}", out.toString());
  }

  @Test
  void whatAStringCannotHoldIsEscaped() {
    Json.quote(out, "a\"b\\c\n\u0001\u007f\u00e9\ud800");
    assertEquals("\"a\\\"b\\\\c\\u000a\\u0001\\u007f\u00e9\\ud800\"", out.toString());
  }

  @Test
  void timesKeepTheirNanoseconds() {
    new Json(out).withSeconds("s", 1_795_441_541_000_000_012L).withMicros("m", 1_234_005).end();
    assertEquals("{\"s\":1795441541.000000012,\"m\":1234.005}", out.toString());
  }
}
