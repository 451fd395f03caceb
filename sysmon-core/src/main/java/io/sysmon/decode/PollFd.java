package io.sysmon.decode;

/**
 * {@code struct pollfd}, poll(2): {@code fd 0:4 events 4:2 revents 6:2}.
 *
 * @param fd the descriptor; a negative one is ignored
 * @param events what is waited for
 * @param revents what has happened; before the exit, whatever the program has there
 */
public record PollFd(int fd, Flags events, Flags revents) {
  static final int SIZE = 8;

  static PollFd of(StructBytes poll) {
    return new PollFd(
        poll.i32(0),
        poll.flags("poll_events", poll.u16(4)),
        poll.flags("poll_events", poll.u16(6)));
  }
}
