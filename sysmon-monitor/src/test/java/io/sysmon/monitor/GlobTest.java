package io.sysmon.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "/etc/passwd, /etc/passwd, true",
    "/etc/passwd, /etc/passwd2, false",
    "/etc/*, /etc/passwd, true",
    "/etc/*, /etc/ssl/certs, false",
    "/etc/**, /etc/ssl/certs, true",
    "/etc/**, /etc, true",
    "/etc/**, /etcetera, false",
    "/home/*/.ssh/**, /home/me/.ssh/id, true",
    "/home/*/.ssh/**, /home/me/x/.ssh/id, false",
    "**/id_?, /a/b/id_1, true",
    "/a.b, /aXb, false",
    "/a[b], /a[b], true"
  })
  void aPatternMatchesWhatItSays(String pattern, String path, boolean matches) {
    assertEquals(matches, Glob.of(pattern).matches(path));
  }
}
