#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Each call as the kernel has it, without the C library between. */
static char page[4096], name[] = "made", other[] = "renamed";
static void handler(int number) {}

static void files(void)
{
    struct stat status;
    struct iovec parts[2] = {{"one", 3}, {"two", 3}};
    int fd = syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    syscall(SYS_write, fd, "some text\n\t\1\377", 13);
    syscall(SYS_writev, fd, parts, 2);
    syscall(SYS_lseek, fd, 0, SEEK_SET);
    syscall(SYS_read, fd, page, 5);
    syscall(SYS_readv, fd, parts, 0);
    syscall(SYS_pread64, fd, page, 100, 2, 0);
    syscall(SYS_ftruncate, fd, 4);
    syscall(SYS_fcntl, fd, F_GETFL);
    syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
    syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 100);
    syscall(SYS_flock, fd, 2);
    syscall(SYS_fsync, fd);
    syscall(SYS_fchmod, fd, 0600);
    syscall(SYS_ioctl, fd, 0x5401, page);
    syscall(SYS_ioctl, fd, 0x541b, page);
    syscall(SYS_close, fd);
    syscall(SYS_close, 12345);
    syscall(SYS_rename, name, other);
    syscall(SYS_link, other, name);
    syscall(SYS_symlink, "to", "symbolic");
    syscall(SYS_readlink, "symbolic", page, sizeof page);
    syscall(SYS_access, name, R_OK | X_OK);
    syscall(SYS_faccessat2, AT_FDCWD, name, W_OK, AT_EACCESS);
    syscall(SYS_chmod, name, 04755);
    syscall(SYS_utimensat, AT_FDCWD, name, (long[]){1, 2, 3, 4}, 0);
    syscall(SYS_stat, name, &status);
    syscall(SYS_statx, AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, 0x7ff, page);
    syscall(SYS_mkdir, "directory", 0755);
    syscall(SYS_chdir, "directory");
    syscall(SYS_chdir, "..");
    syscall(SYS_getdents64, fd, page, sizeof page);
    syscall(SYS_rmdir, "directory");
    syscall(SYS_unlink, name);
    syscall(SYS_unlinkat, AT_FDCWD, other, 0);
    syscall(SYS_unlink, "symbolic");
    syscall(SYS_open, (char *)1, O_WRONLY | O_APPEND);
    syscall(SYS_umask, 022);
}

static void waiting(void)
{
    int ends[2];
    struct timespec moment = {0, 1000000};
    struct epoll_event event = {EPOLLIN | EPOLLET, {.u32 = 7}};
    syscall(SYS_pipe2, ends, O_CLOEXEC);
    struct pollfd fds[2] = {{ends[0], POLLIN}, {ends[1], POLLOUT | POLLERR}};
    syscall(SYS_poll, fds, 2, 10);
    syscall(SYS_ppoll, fds, 1, &moment, 0, 8);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[1], &set);
    syscall(SYS_pselect6, 10, 0, &set, 0, &moment, 0);
    int epoll = syscall(SYS_epoll_create1, EPOLL_CLOEXEC);
    syscall(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, ends[0], &event);
    syscall(SYS_write, ends[1], "x", 1);
    syscall(SYS_epoll_wait, epoll, page, 4, 100);
    syscall(SYS_eventfd2, 3, 0);
    syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    syscall(SYS_nanosleep, &moment, 0);
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment, 0);
    syscall(SYS_futex, page, FUTEX_WAKE_PRIVATE, 1);
    syscall(SYS_futex, page, FUTEX_WAIT, 12345, &moment);
    syscall(SYS_close, ends[0]);
    syscall(SYS_write, ends[1], "y", 1);
}

static void sockets(void)
{
    int pair[2];
    struct sockaddr_un address = {AF_UNIX, "socket.made"};
    struct iovec part = {"message", 7};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    unsigned length = sizeof page;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, 5);
    getsockname(fd, (struct sockaddr *)page, &length);
    unlink("socket.made");
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
    sendmsg(pair[0], &message, MSG_NOSIGNAL);
    part.iov_base = page;
    recvmsg(pair[1], &message, 0);
    recv(pair[1], page, 10, MSG_DONTWAIT);
    length = 4;
    getsockopt(fd, SOL_SOCKET, SO_TYPE, page, &length);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &length, 4);
    socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    socket(AF_NETLINK, SOCK_RAW, 0);
    shutdown(fd, SHUT_RDWR);
}

static void processes(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct rlimit limit;
    struct rusage usage;
    sigset_t signals;
    int status;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    sigaction(SIGUSR1, &action, 0);
    sigprocmask(SIG_BLOCK, &signals, 0);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR2);
    sigtimedwait(&signals, 0, &(struct timespec){0});
    if (!syscall(SYS_fork)) {
        syscall(SYS_getppid);
        syscall(SYS_exit_group, 42);
    }
    syscall(SYS_wait4, -1, &status, 0, &usage);
    syscall(SYS_wait4, -1, &status, WNOHANG, 0);
    syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, page);
    syscall(SYS_prctl, 15, "renamed");
    syscall(SYS_prctl, 16, page);
    syscall(SYS_setpgid, 0, 0);
    syscall(SYS_getpriority, PRIO_PROCESS, 0);
    syscall(SYS_sched_getaffinity, 0, sizeof page, page);
    syscall(SYS_sched_yield);
    syscall(SYS_uname, page);
    syscall(SYS_sysinfo, page);
    syscall(SYS_getrandom, page, 8, 1);
    syscall(SYS_getuid);
    syscall(SYS_getgroups, 0, 0);
    syscall(SYS_setitimer, ITIMER_REAL, &(struct itimerval){{0}, {100}}, page);
    syscall(SYS_alarm, 0);
    syscall(SYS_times, page);
    syscall(SYS_clock_getres, CLOCK_REALTIME, page);
    syscall(SYS_sigaltstack, 0, page);
}

static void memory(void)
{
    char *map = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    syscall(SYS_mprotect, map, 4096, PROT_NONE);
    syscall(SYS_madvise, map, 8192, MADV_DONTNEED);
    syscall(SYS_mremap, map, 4096, 12288, MREMAP_MAYMOVE);
    syscall(SYS_munmap, map, 8192);
    syscall(SYS_memfd_create, "memory", 1);
    syscall(SYS_msync, page, 1, MS_ASYNC);
    syscall(SYS_mlock, page, 1);
}

int main(void)
{
    signal(SIGPIPE, handler);
    files();
    waiting();
    sockets();
    processes();
    memory();
    syscall(400, 1, 2, 3, 4, 5, 6);
    syscall(12345, 1, 2, 3, 4, 5, 6);
    syscall(SYS_exit_group, 7);
}
