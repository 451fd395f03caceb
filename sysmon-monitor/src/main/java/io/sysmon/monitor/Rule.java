package io.sysmon.monitor;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a policy says about some events. Of each list one has to match; an empty one says nothing.
 *
 * @param name for those who read of its verdicts
 * @param kinds of events
 * @param programs that do it
 * @param users that do it
 * @param containers in which it is done, by the beginning of the id or name
 * @param paths of files and programs
 * @param addresses of sockets
 * @param verdict what becomes of the call
 * @param timeout of a question
 * @param onTimeout whether the call is made when nobody has answered by then
 */
record Rule(
    String name,
    Set<EventKind> kinds,
    List<Glob> programs,
    Set<String> users,
    List<String> containers,
    List<Glob> paths,
    List<AddressPattern> addresses,
    Verdict verdict,
    Duration timeout,
    boolean onTimeout) {
  /** What becomes of a call. */
  enum Verdict {
    /** It is made, and nothing is told. */
    ALLOW,
    /** It is made, and told. */
    LOG,
    /** It fails with {@code EPERM}. */
    DENY,
    /** Somebody is asked. */
    ASK;

    /** Whether it may keep the call from being made. */
    boolean isRestrictive() {
      return this == DENY || this == ASK;
    }
  }

  boolean matches(EventKind kind, Actor actor, Target target) {
    return kinds.contains(kind)
        && isAny(programs, actor.program())
        && (users.isEmpty() || users.contains(actor.user()))
        && (containers.isEmpty() || containers.stream().anyMatch(id -> isIn(actor, id)))
        && (paths.isEmpty() || matchPaths(target.paths()))
        && (addresses.isEmpty() || matchAddresses(target.addresses()));
  }

  private static boolean isIn(Actor actor, String id) {
    return id.equals("*") ? !actor.container().isEmpty() : actor.container().startsWith(id);
  }

  private static boolean isAny(List<Glob> globs, String text) {
    return globs.isEmpty() || globs.stream().anyMatch(glob -> glob.matches(text));
  }

  /**
   * A file may be reached by several paths: what one of them must not do, none may; and what is
   * permitted by one path has to be by all.
   */
  private boolean matchPaths(List<String> forms) {
    return verdict.isRestrictive()
        ? forms.stream().anyMatch(path -> isAny(paths, path))
        : !forms.isEmpty() && forms.stream().allMatch(path -> isAny(paths, path));
  }

  /** As for paths. */
  private boolean matchAddresses(List<Address> forms) {
    return verdict.isRestrictive()
        ? forms.stream().anyMatch(this::matchAddress)
        : !forms.isEmpty() && forms.stream().allMatch(this::matchAddress);
  }

  private boolean matchAddress(Address address) {
    return addresses.stream().anyMatch(pattern -> pattern.matches(address));
  }

  /**
   * What is done something to.
   *
   * @param paths all that are known of the files: as written, and with links followed
   * @param addresses of a socket; those of a UNIX socket likewise
   */
  record Target(List<String> paths, List<Address> addresses) {
    static final Target NONE = new Target(List.of(), List.of());
  }
}
