package io.sysmon.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
  private static final Actor ACTOR = new Actor(7, 1, "/usr/bin/vi", "root", "0123abcd");

  private static Rule.Target paths(String... paths) {
    return new Rule.Target(List.of(paths), List.of());
  }

  private static Optional<Rule.Verdict> verdict(String rule, Rule.Target target) {
    return Policy.parse("rules: [{" + rule + "}]")
        .rule(EventKind.FILE_WRITE, ACTOR, target)
        .map(Rule::verdict);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "events: file, verdict: deny; true",
        "events: net, verdict: deny; false",
        "events: file.write, programs: /usr/bin/*, verdict: deny; true",
        "events: file.write, programs: /bin/*, verdict: deny; false",
        "events: file.write, users: [daemon, root], verdict: deny; true",
        "events: file.write, users: daemon, verdict: deny; false",
        "events: file.write, containers: 0123, verdict: deny; true",
        "events: file.write, containers: '*', verdict: deny; true",
        "events: file.write, containers: 4567, verdict: deny; false",
        "events: file.write, paths: /a/**, verdict: deny; true",
        "events: file.write, paths: /b/**, verdict: deny; false",
        "events: file.write, paths: /a/**, users: daemon, verdict: deny; false"
      })
  void aRuleIsAboutWhatAllItsListsSay(String rule, boolean matches) {
    assertEquals(matches, verdict(rule, paths("/a/file")).isPresent());
  }

  @Test
  void oneFormOfAPathIsEnoughToDenyAndAllAreNeededToAllow() {
    Rule.Target link = paths("/a/link", "/b/file");
    assertTrue(verdict("events: file, paths: /b/*, verdict: deny", link).isPresent());
    assertTrue(verdict("events: file, paths: /b/*, verdict: ask", link).isPresent());
    assertFalse(verdict("events: file, paths: /b/*, verdict: allow", link).isPresent());
    assertTrue(verdict("events: file, paths: [/a/*, /b/*], verdict: allow", link).isPresent());
  }

  @Test
  void aQuestionHasATimeAndADefault() {
    Rule rule =
        Policy.parse("rules: [{events: file, verdict: ask, timeout: 2m, default: allow}]")
            .rule(EventKind.FILE_WRITE, ACTOR, Rule.Target.NONE)
            .orElseThrow();
    assertEquals(Duration.ofMinutes(2), rule.timeout());
    assertTrue(rule.onTimeout());
    Rule plain =
        Policy.parse("rules: [{events: file, verdict: ask}]")
            .rule(EventKind.FILE_WRITE, ACTOR, Rule.Target.NONE)
            .orElseThrow();
    assertFalse(plain.onTimeout());
  }

  @Test
  void anEmptyPolicyShowsAllButReads() {
    for (String text : List.of("", "rules:", "{}")) {
      Policy policy = Policy.parse(text);
      assertTrue(policy.shows(EventKind.FILE_WRITE));
      assertFalse(policy.shows(EventKind.FILE_READ));
      assertFalse(policy.isRestrictive());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[; line 1: This is no YAML: ",
        "rules: [{events: file, verdict: deny, users: [root, nosuchuser]}]; Rule 1: 'users': there is no user 'nosuchuser'",
        "x; The policy has to be a mapping",
        "rulez: []; The policy has no 'rulez'",
        "events: files; No event is named 'files'",
        "rules: {a: b}; 'rules' has to be a list",
        "rules: [{verdict: deny}]; Rule 1 needs 'events'",
        "rules: [{events: file}]; Rule 1: 'verdict' is null, and not allow, log, deny or ask",
        "rules: [{name: x, events: file, verdict: no}]; Rule 1 (x): 'verdict' is no",
        "rules: [{events: file, verdict: deny, path: /x}]; Rule 1 has no 'path'",
        "rules: [{events: file, verdict: deny, paths: {a: b}}]; 'paths' has to be a text",
        "rules: [{events: file, verdict: ask, timeout: 5}]; 'timeout' is 5",
        "rules: [{events: process.exit, verdict: deny}]; it is too late to deny",
        "rules: [{events: file, verdict: ask, default: log}]; 'default' is log, and not allow or deny",
        "rules: [{events: file, verdict: deny, paths: []}]; 'paths' is empty",
        "rules: [{events: file, verdict: deny, paths: }]; 'paths' is empty",
        "rules: [{events: file, verdict: deny, paths: \"\\0\"}]; is no path in the encoding of this JVM",
        "rules: [{events: net, verdict: deny, paths: /etc/**}]; these events have no path",
        "rules: [{events: file, verdict: deny, addresses: '*'}]; these events have no address",
        "rules: [{events: net, verdict: deny, addresses: '1.2.3.4:99999'}]; has a port above 65535",
        "rules: [{events: net, verdict: deny, addresses: 1.2.3.4/99999999999}]; is no address",
        "rules: [{events: net, verdict: deny, addresses: '300.1.1.1:80'}]; '300.1.1.1:80' is no address: write",
        "rules: [{events: net, verdict: deny, addresses: '[1:2]:80'}]; '[1:2]:80' is no address: write",
        "rules: [{events: net, verdict: deny, addresses: '...'}]; is no address"
      })
  void whatCannotBeMeantIsRefused(String policy, String message) {
    String refusal =
        assertThrows(BadPolicyException.class, () -> Policy.parse(policy)).getMessage();
    assertTrue(refusal.contains(message), refusal);
  }

  @ParameterizedTest
  @CsvSource({
    "locked/**, it has to begin with / or **; as in /DIRECTORY/locked/** or **/locked/**",
    "locked, as in /DIRECTORY/locked or **/locked",
    "./locked, as in /DIRECTORY/locked or **/locked",
    "*.key, as in /DIRECTORY/*.key or **/*.key",
    "'?etc/x', it has to begin with / or **",
    "'', it has to begin with / or **",
    "~/x, write the home directory; or /home/*/x",
    "~me/x, write the home directory; or /home/*/x",
    "/locked/, write /locked or; for all that is in it too; /locked/**",
    "/a/../b, write it without",
    "/a/., write it without",
    "/./a, write it without",
    "//a, write it without",
    "/a//b, write it without",
    "**/../b, write it without"
  })
  void aPatternThatMatchesNoPathIsRefused(String pattern, String instead) {
    for (String key : List.of("paths", "programs")) {
      String rule = "rules: [{events: file, verdict: deny, " + key + ": ['" + pattern + "']}]";
      String refusal =
          assertThrows(BadPolicyException.class, () -> Policy.parse(rule)).getMessage();
      String message = "'" + key + "' has '" + pattern + "', which never matches: ";
      assertTrue(refusal.contains(message), refusal);
      assertTrue(refusal.contains(instead.replace(';', ',')), refusal);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/**", "**", "**/x", "**.key", "/a/*", "/a/.x", "/a/..x", "/a/*/b", "/?"})
  void aPatternThatMayMatchIsTaken(String pattern) {
    assertTrue(
        Policy.parse("rules: [{events: file, verdict: deny, paths: '" + pattern + "'}]")
            .isRestrictive());
  }

  @Test
  void whatIsTooLargeToBeReadIsRefused() {
    for (String policy :
        List.of(
            "rules: " + "[".repeat(30_000),
            "rules: [{events: file, verdict: deny, paths: '" + "**a".repeat(30_000) + "'}]")) {
      assertThrows(BadPolicyException.class, () -> Policy.parse(policy));
    }
  }

  private static String refusal(Path file) {
    return assertThrows(BadPolicyException.class, () -> Policy.read(file)).getMessage();
  }

  @Test
  void aFileThatCannotBeReadIsToldWithItsNameAndWhatToDo(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("policy.yaml");
    assertTrue(refusal(file).startsWith(file + ": there is no such file;"), refusal(file));
    assertEquals(directory + ": it is a directory; name the file in it", refusal(directory));
    assertEquals(
        "/dev/zero: it has more than 1 MiB, which no policy needs", refusal(Path.of("/dev/zero")));
    Files.write(file, new byte[] {'#', '\n', '#', (byte) 0xe4, '\n'});
    assertEquals(file + ": line 2: it is not UTF-8; save the file as UTF-8", refusal(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a:\n\t- b", "a: b\nc: 'd", "a: b\na: c", "a: b\nc: *d", "a: b\n# \u0007"})
  void whatIsNoYamlIsToldWithFileAndLine(String text, @TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("policy.yaml"), text);
    assertTrue(refusal(file).startsWith(file + ": line 2: This is no YAML: "), refusal(file));
    assertFalse(refusal(file).contains("\n"), refusal(file));
  }

  @Test
  void aBadRuleIsToldWithItsLine(@TempDir Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            rules:
            - events: file
              verdict: log
            - name: x
              verdict: log
            """);
    assertEquals(file + ": line 4: Rule 2 (x) needs 'events'", refusal(file));
  }
}
