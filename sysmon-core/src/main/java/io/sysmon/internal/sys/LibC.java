package io.sysmon.internal.sys;

/**
 * The C library's functions that a trace needs. Names are C's; pointers are addresses.
 *
 * <p>jnr-posix has some of them, and takes half of the command line's start to load; {@link Native}
 * uses it for what is needed seldom.
 *
 * <p>JNR turns a method into a direct native stub only if every parameter is primitive, there are
 * five at most, and the result is {@code int} or {@code long}. Anything else allocates on each
 * call; and the stub for a sixth parameter passes its own return address in its place on x86_64
 * (jnr-ffi 2.3.4, X86_64StubCompiler: both stack arguments' offsets count the wrong way). {@link
 * SixWords} calls what needs six.
 */
public interface LibC {
  /** {@code long ptrace(enum __ptrace_request request, pid_t pid, void *addr, void *data)}. */
  long ptrace(long request, long pid, long addr, long data);

  /** {@code pid_t wait4(pid_t pid, int *wstatus, int options, struct rusage *rusage)}. */
  int wait4(int pid, long wstatus, int options, long rusage);

  /** {@code long syscall(long number, ...)}, of calls with four arguments. */
  long syscall(long number, long first, long second, long third, long fourth);

  /** {@code int kill(pid_t pid, int sig)}. */
  int kill(int pid, int sig);

  /** {@code int tgkill(pid_t tgid, pid_t tid, int sig)}. */
  int tgkill(int tgid, int tid, int sig);

  /** {@code pid_t gettid(void)}. */
  int gettid();

  /** {@code uid_t getuid(void)}. */
  int getuid();

  /** {@code int pipe2(int pipefd[2], int flags)}. */
  int pipe2(long pipefd, int flags);

  /** {@code int open(const char *pathname, int flags, mode_t mode)}. */
  int open(long pathname, int flags, int mode);

  /** {@code int fcntl(int fd, int op, long arg)}. */
  int fcntl(int fd, int op, long arg);

  /** {@code ssize_t pread(int fd, void *buf, size_t count, off_t offset)}. */
  long pread(int fd, long buf, long count, long offset);

  /** {@code ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset)}. */
  long pwrite(int fd, long buf, long count, long offset);

  /** {@code int close(int fd)}. */
  int close(int fd);

  /** {@code int socket(int domain, int type, int protocol)}. */
  int socket(int domain, int type, int protocol);

  /** {@code int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)}. */
  int bind(int sockfd, long addr, int addrlen);

  /** {@code int setsockopt(int sockfd, int level, int name, const void *value, socklen_t size)}. */
  int setsockopt(int sockfd, int level, int name, long value, int size);

  /** {@code ssize_t send(int sockfd, const void *buf, size_t len, int flags)}. */
  long send(int sockfd, long buf, long len, int flags);

  /** {@code ssize_t recv(int sockfd, void *buf, size_t len, int flags)}. */
  long recv(int sockfd, long buf, long len, int flags);

  /** {@code ssize_t getxattr(const char *path, const char *name, void *value, size_t size)}. */
  long getxattr(long path, long name, long value, long size);

  /** {@code int poll(struct pollfd *fds, nfds_t nfds, int timeout)}. */
  int poll(long fds, long nfds, int timeout);

  /** {@code int sched_getaffinity(pid_t pid, size_t cpusetsize, cpu_set_t *mask)}. */
  int sched_getaffinity(int pid, long cpusetsize, long mask);

  /** {@code int sched_setaffinity(pid_t pid, size_t cpusetsize, const cpu_set_t *mask)}. */
  int sched_setaffinity(int pid, long cpusetsize, long mask);

  /** {@code int sched_getcpu(void)}. */
  int sched_getcpu();

  /** {@code int posix_spawn_file_actions_init(posix_spawn_file_actions_t *file_actions)}. */
  int posix_spawn_file_actions_init(long actions);

  /** {@code int posix_spawn_file_actions_adddup2(file_actions, int fildes, int newfildes)}. */
  int posix_spawn_file_actions_adddup2(long actions, int fd, int newFd);

  /** {@code int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *file_actions)}. */
  int posix_spawn_file_actions_destroy(long actions);
}
