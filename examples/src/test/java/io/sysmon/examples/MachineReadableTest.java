package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces for programs, read by another program's parser. */
class MachineReadableTest {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir private Path directory;

  @BeforeEach
  void pythonIsInstalled() {
    assumeTrue(Files.isExecutable(Path.of(PYTHON)));
  }

  private Sysmon.Result strace(String... arguments) {
    String[] all = Stream.concat(Stream.of("strace"), Stream.of(arguments)).toArray(String[]::new);
    return Sysmon.run(directory, all);
  }

  /** What a program prints that finds the trace's objects in {@code trace}. */
  private List<String> python(String file, String program) {
    String read = file.endsWith(".json") ? "json.load(f)" : "[json.loads(l) for l in f]";
    String script = "import json\nwith open('" + file + "') as f: trace = " + read + "\n" + program;
    Sysmon.Result result = Sysmon.runOther(directory, PYTHON, "-Sc", script);
    assertEquals("", result.err());
    return result.outLines();
  }

  @Test
  void callsHaveTheFieldsThatAreDocumented() {
    strace("--json", "-o", "trace", "-e", "openat,exit_group", "cat", "no\"such");
    List<String> lines =
        python(
            "trace",
            """
            call = [c for c in trace if c['type'] == 'call' and 'such' in c['text']][0]
            print(*call)
            print(call['abi'] in ('x86_64', 'aarch64'), call['pid'] == call['tid'], call['time'] > 1e9)
            print(call['name'], call['result'], call['error'], call['returned'], call['duration'] > 0)
            print(call['args'][0]['name'], call['args'][0]['kind'], int(call['args'][0]['value'], 16) & 0xff)
            print(ascii(call['args'][1]['string']))
            print(call['text'])
            last = trace[-2]
            print(last['name'], last['result'], last['error'], last['returned'], last['duration'])
            print(trace[-1]['type'], trace[-1]['code'], trace[0]['type'], trace[1]['type'])
            """);
    assertEquals(
        List.of(
            "type time pid tid abi number name args text result error returned duration",
            "True True True",
            "openat -2 ENOENT -1 ENOENT (No such file or directory) True",
            "dirfd dirfd 156",
            "'no\"such'",
            "openat(AT_FDCWD, \"no\\\"such\", O_RDONLY)",
            "exit_group None None None None",
            "exit 1 start exec"),
        lines);
  }

  @Test
  void stacksAreListsOfFrames() {
    strace(
        "--json",
        "-k",
        "-o",
        "trace",
        "-e",
        "kill,exit_group",
        "sh",
        "-c",
        "trap : URG; kill -URG $$");
    assertEquals(
        List.of("kill True True", "SIGURG True True", "exit_group True True"),
        python(
            "trace",
            """
            for o in trace:
              if 'stack' not in o: continue
              top, rest = o['stack'][0], o['stack'][1:]
              named = '/libc' in top['module'] and isinstance(top['symbol'], str) and top['symbolOffset'] > 0
              frames = all(int(f['address'], 16) & 0xfff == f['offset'] & 0xfff for f in rest)
              print(o.get('signal') or o['name'], named, frames and len(rest) > 1)
            """));
    strace("--json", "-o", "trace", "true");
    assertEquals(List.of("False"), python("trace", "print(any('stack' in o for o in trace))"));
  }

  @Test
  void tasksAndSignalsAreObjectsToo() {
    Sysmon.Result result = strace("--json", "-fe", "none", "sh", "-c", "(exit 3); exit 4");
    assertEquals(4, result.status());
    assertTrue(result.errLines().stream().allMatch(line -> line.startsWith("{")), result.err());
    strace("--json", "-fo", "trace", "-e", "none", "sh", "-c", "(exit 3); kill -TERM $$");
    assertEquals(
        List.of(
            "start True",
            "exec True",
            "fork True",
            "start False",
            "exit False 3",
            "signal True SIGCHLD",
            "signal True SIGTERM",
            "exit True SIGTERM"),
        python(
            "trace",
            """
            for o in trace:
              print(o['type'], o['tid'] == trace[0]['tid'], *[o[k] for k in ('code', 'signal') if k in o])
            """));
  }

  @Test
  void messagesAreObjectsToo() throws IOException {
    Path file = Files.createFile(directory.toRealPath().resolve("file"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    Sysmon.Result result =
        strace("--json", "-P", link.toString(), "-e", "inject=mount:error=EIO", "true");
    Files.writeString(directory.resolve("trace"), result.err());
    assertEquals(
        List.of(
            "type time text True Requested path \"" + link + "\" resolved into \"" + file + "\"",
            "type time text True No call was chosen by inject=mount:error=EIO"),
        python(
            "trace",
            """
            for o in trace:
              if o['type'] == 'message': print(*o, o['time'] > 1e9, o['text'])
            """));
  }

  @Test
  void aTimelineHasATrackForEachTaskAndASliceForEachCall() {
    strace(
        "-fo", "trace", "--perfetto", "time.json", "sh", "-c", "/bin/true; kill -URG $$; exit 3");
    List<String> lines =
        python(
            "time.json",
            """
            events = trace['traceEvents']
            slices = [e for e in events if e['ph'] == 'X']
            print(all(e['dur'] >= 0 and e['ts'] >= 0 and e['name'] and e['pid'] for e in slices))
            tracks = {e['tid']: e['args']['name'] for e in events if e['ph'] == 'M'}
            print(sorted(tracks.values()), {e['tid'] for e in events} == set(tracks))
            print([e['name'] for e in events if e['ph'] == 'i'])
            print([e['args']['call'] for e in slices if e['name'] == 'exit_group'])
            with open('trace') as f: lines = [l for l in f if '= ' in l and '---' not in l]
            print(len(lines) - len(slices))
            """);
    assertEquals(
        List.of(
            "True",
            "['sh', 'true'] True",
            "['SIGCHLD', 'SIGURG']",
            "['exit_group(0', 'exit_group(3']",
            "0"),
        lines);
  }

  @Test
  void callsReadAsInTheTraceForPeople() {
    String[] command = {"-e", "rt_sigreturn", "sh", "-c", "trap : USR1; kill -USR1 $$"};
    String text = "rt_sigreturn({mask=[]})";
    assertTrue(strace(command).err().contains(text));
    String[] options = {"--json", "-o", "trace", "--perfetto", "time.json"};
    strace(Stream.of(options, command).flatMap(Stream::of).toArray(String[]::new));
    assertEquals(
        List.of(text), python("trace", "print(*[o['text'] for o in trace if 'text' in o])"));
    String slices = "[e['args']['call'] for e in trace['traceEvents'] if e['ph'] == 'X']";
    assertEquals(List.of(text), python("time.json", "print(*" + slices + ")"));
  }

  @Test
  void aTimelineThatCannotBeWrittenIsRefused() {
    Sysmon.Result result = strace("--perfetto", "no/such", "true");
    assertEquals("sysmon: Can't open 'no/such': No such file or directory\n", result.err());
    assertEquals(1, result.status());
  }

  @Test
  void progressIsSaidOnATerminalWhileTheTraceGoesToAFile() {
    String script =
        """
        import os, pty, sys
        said = b''
        def read(fd):
          global said
          data = os.read(fd, 1000)
          said += data
          return data
        status = pty.spawn(sys.argv[1:], read)
        print('\\n', os.waitstatus_to_exitcode(status), said.count(b', 1 task, dropped 0') >= 1)
        print(said.endswith(b'\\r\\x1b[K'))
        """;
    String[] words =
        Stream.concat(
                Stream.of(PYTHON, "-Sc", script),
                Sysmon.words("strace", "-o", "trace", "sleep", "1.5").stream())
            .toArray(String[]::new);
    Sysmon.Result result = Sysmon.runOther(directory, words);
    List<String> lines = result.outLines();
    assertEquals(
        List.of(" 0 True", "True"), lines.subList(lines.size() - 2, lines.size()), result.err());
  }

  @Test
  void noProgressIsSaidToAPipe() {
    assertEquals("", strace("-o", "trace", "sleep", "1.5").err());
  }
}
