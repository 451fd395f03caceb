package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void whatWouldEndAStringOrALineIsEscaped() {
    assertEquals(
        "{\"s\":\"a\\\"b\\\\c\\n\\u0001\u00e9\"}",
        Json.object(json -> json.writeStringField("s", "a\"b\\c\n\u0001\u00e9")));
  }

  @Test
  void aSurrogateWithoutAPartnerIsNoFailure() {
    assertEquals("{\"s\":\"\ud800!\"}", Json.object(json -> json.writeStringField("s", "\ud800!")));
  }

  @Test
  void timesKeepTheirNanoseconds() {
    assertEquals(
        "{\"s\":1795441541.000000012,\"m\":1234.005,\"none\":0.000000000}",
        Json.object(
            json -> {
              json.writeNumberField("s", Json.seconds(1_795_441_541_000_000_012L));
              json.writeNumberField("m", Json.micros(1_234_005));
              json.writeNumberField("none", Json.seconds(0));
            }));
  }
}
