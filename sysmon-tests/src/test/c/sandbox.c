/* Sandboxes as browsers and container runtimes build them: brokers, supervisors, namespaces. */
#include "filters.h"
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <ucontext.h>

enum { ROUNDS = 40, BROKER = 10 };

/* Sends bytes, and a descriptor with them unless it is -1. */
static void send_with(int to, const void *bytes, int length, int fd)
{
    char control[CMSG_SPACE(sizeof fd)];
    memset(control, 0, sizeof control);
    struct iovec part = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd != -1) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    CHECK(sendmsg(to, &message, 0));
}

/* How many bytes came; *fd is -1 when no descriptor came with them. */
static long receive_with(int from, void *bytes, int length, int *fd)
{
    char control[CMSG_SPACE(sizeof *fd)];
    struct iovec part = {bytes, length};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    long got = CHECK(recvmsg(from, &message, 0));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *fd = -1;
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    return got;
}

/* Opens what it is asked to, but only in /etc. */
static void serve_files(int socket)
{
    char path[4096];
    int unused;
    long length;
    while ((length = receive_with(socket, path, sizeof path - 1, &unused)) > 0) {
        path[length] = 0;
        int fd = strncmp(path, "/etc/", 5) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        int error = strncmp(path, "/etc/", 5) ? EACCES : fd == -1 ? errno : 0;
        send_with(socket, &error, sizeof error, fd);
        if (fd != -1)
            close(fd);
    }
    _exit(0);
}

/* The handler of a forbidden openat has it done by the broker. */
static void ask_broker(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    ucontext_t *registers = context;
    int error = ENOSYS, fd = -1;
#if defined __x86_64__
    const char *path = (const char *)registers->uc_mcontext.gregs[REG_RSI];
#elif defined __aarch64__
    const char *path = (const char *)registers->uc_mcontext.regs[1];
#endif
    if (info->si_syscall == SYS_openat) {
        send_with(BROKER, path, strlen(path), -1);
        receive_with(BROKER, &error, sizeof error, &fd);
    }
#if defined __x86_64__
    registers->uc_mcontext.gregs[REG_RAX] = error ? -error : fd;
#elif defined __aarch64__
    registers->uc_mcontext.regs[0] = error ? -error : fd;
#endif
}

static void enter_brokered_sandbox(void)
{
    struct sigaction action = {.sa_sigaction = ask_broker, .sa_flags = SA_SIGINFO | SA_NODEFER};
    CHECK(sigaction(SIGSYS, &action, NULL));
    INSTALL_FOR(SECCOMP_RET_TRAP, SYS_openat);
    INSTALL_FOR(SECCOMP_RET_KILL_PROCESS, SYS_socket, SYS_connect, SYS_execve, SYS_ptrace);
}

static long count_bytes(const char *path)
{
    char text[4096];
    int fd = open(path, O_RDONLY);
    if (fd == -1)
        return -errno;
    long total = 0, got;
    while ((got = read(fd, text, sizeof text)) > 0)
        total += got;
    close(fd);
    return total;
}

static long open_by_broker(long expected)
{
    long wrong = 0;
    for (int i = 0; i < ROUNDS; i++)
        wrong += count_bytes("/etc/passwd") != expected || count_bytes("/etc/no-such") != -ENOENT
            || count_bytes("/proc/self/status") != -EACCES;
    return wrong;
}

/* The file is opened by another process; the sandboxed one has no such call. */
static int mode_broker(int argc, char **argv)
{
    (void)argc, (void)argv;
    int pair[2];
    long expected = CHECK(count_bytes("/etc/passwd"));
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    pid_t broker = CHECK(fork());
    if (!broker) {
        close(pair[0]);
        serve_files(pair[1]);
    }
    close(pair[1]);
    pid_t sandboxed = CHECK(fork());
    if (!sandboxed) {
        CHECK(dup2(pair[0], BROKER));
        close(pair[0]);
        enter_brokered_sandbox();
        printf("%ld wrong\n", open_by_broker(expected));
        no_cores();
        printf("socket %d\n", socket(AF_INET, SOCK_STREAM, 0));
        _exit(0);
    }
    close(pair[0]);
    reap("sandboxed", sandboxed);
    reap("broker", broker);
    return 0;
}

/* What the supervisor of a container runtime decides for another process. */
static void supervise(int listener)
{
    struct seccomp_notif_sizes sizes;
    CHECK(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
    struct seccomp_notif *request = calloc(1, sizes.seccomp_notif);
    struct seccomp_notif_resp *response = calloc(1, sizes.seccomp_notif_resp);
    int given = CHECK(open("/etc/passwd", O_RDONLY));
    while (1) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        CHECK(poll(&ready, 1, -1));
        if (ready.revents & POLLHUP)
            break;
        memset(request, 0, sizes.seccomp_notif);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, request) == -1)
            continue;
        memset(response, 0, sizes.seccomp_notif_resp);
        response->id = request->id;
        long call = request->data.nr;
        if (call == SYS_getpgid) {
            response->val = 100 + request->data.args[0];
        } else if (call == SYS_getsid) {
            response->error = -ESRCH;
        } else if (call == SYS_getpriority) {
            response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        } else {
            struct seccomp_notif_addfd add = {.id = request->id, .srcfd = given};
            if (call == SYS_openat) {
                response->val = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
            } else {
                /* dup: a chosen number, and the response by the same ioctl. */
                add.flags = SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND;
                add.newfd = 55;
                ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
                continue;
            }
        }
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response);
    }
    _exit(0);
}

static void *be_supervised(void *arg)
{
    long wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        wrong += RESULT(SYS_getpgid, i) != 100 + i;
        wrong += RESULT(SYS_getsid, 0) != -ESRCH;
        wrong += RESULT(SYS_getpriority, 0, 0) < 1;
        int fd = RESULT(SYS_openat, -100, "/no/such/file", 0);
        wrong += fd < 0 || lseek(fd, 0, SEEK_END) <= 0;
        close(fd);
    }
    *(volatile long *)arg = wrong;
    return NULL;
}

/* Calls are answered by a supervisor, which gets their listener by SCM_RIGHTS. */
static int mode_notify(int argc, char **argv)
{
    (void)argc, (void)argv;
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    pid_t supervised = CHECK(fork());
    if (!supervised) {
        close(pair[0]);
        const int calls[] = {SYS_getpgid, SYS_getsid, SYS_getpriority, SYS_openat, SYS_dup, -1};
        int listener = CHECK(install_with(SECCOMP_FILTER_FLAG_NEW_LISTENER, calls,
                                          SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ALLOW));
        send_with(pair[1], "x", 1, listener);
        close(listener);
        char go;
        CHECK(read(pair[1], &go, 1));
        close(pair[1]);
        pthread_t threads[3];
        volatile long wrong[3];
        for (int i = 0; i < 3; i++)
            CHECK0(pthread_create(&threads[i], NULL, be_supervised, (void *)&wrong[i]));
        for (int i = 0; i < 3; i++)
            CHECK0(pthread_join(threads[i], NULL));
        printf("%ld wrong, dup %ld\n", wrong[0] + wrong[1] + wrong[2], RESULT(SYS_dup, 0));
        _exit(0);
    }
    close(pair[1]);
    char byte;
    int listener;
    receive_with(pair[0], &byte, 1, &listener);
    pid_t supervisor = CHECK(fork());
    if (!supervisor) {
        CHECK(write(pair[0], "g", 1));
        close(pair[0]);
        supervise(listener);
    }
    close(listener);
    close(pair[0]);
    reap("supervised", supervised);
    reap("supervisor", supervisor);
    return 0;
}

static int write_file(int pid, const char *name, const char *text)
{
    char path[64];
    sprintf(path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_WRONLY);
    int written = write(fd, text, strlen(text)) > 0;
    close(fd);
    return written;
}

/* In new namespaces: it is process 1, and nobody, and has no network. */
static int inside(void *arg)
{
    char go;
    CHECK(read(*(int *)arg, &go, 1));
    printf("pid %d, parent %d, uid %d\n", getpid(), getppid(), getuid());
    CHECK(sethostname("inside", 6));
    struct if_nameindex *interfaces = if_nameindex();
    int count = 0;
    while (interfaces && interfaces[count].if_name)
        count++;
    printf("%d interface\n", count);
    for (int i = 0; i < 3; i++) {
        pid_t child = CHECK(fork());
        if (!child)
            _exit(getpid() == 2 + i && getppid() == 1 ? 20 + i : 1);
        printf("child %d\n", child);
        reap("child", child);
    }
    /* Left behind for the end of process 1, which ends them. */
    for (int i = 0; i < 5; i++)
        if (!CHECK(fork()))
            while (1)
                pause();
    INSTALL_OTHERWISE(SECCOMP_RET_KILL_PROCESS, BARELY);
    SAY("filtered\n");
    syscall(SYS_exit_group, 33);
    return 0;
}

static int mode_namespaces(int argc, char **argv)
{
    (void)argc, (void)argv;
    static char stack[262144] __attribute__((aligned(16)));
    int fds[2];
    int user = getuid(), group = getgid();
    CHECK(pipe(fds));
    int flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS
        | CLONE_NEWIPC | CLONE_NEWCGROUP;
    pid_t child = clone(inside, stack + sizeof stack, flags | SIGCHLD, &fds[0]);
    if (child == -1)
        return 77;
    char users[32], groups[32];
    sprintf(users, "0 %d 1", user);
    sprintf(groups, "0 %d 1", group);
    if (!write_file(child, "setgroups", "deny") || !write_file(child, "uid_map", users)
        || !write_file(child, "gid_map", groups)) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        return 77;
    }
    CHECK(write(fds[1], "g", 1));
    reap("inside", child);
    return 0;
}

/* unshare changes the namespace of the children, and process 1 is killed from outside. */
static int mode_killed_namespace(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    CHECK(pipe(fds));
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1)
        return 77;
    pid_t init = CHECK(fork());
    if (!init) {
        for (int i = 0; i < 10; i++)
            if (!CHECK(fork()))
                while (1)
                    syscall(SYS_getppid);
        CHECK(write(fds[1], "g", 1));
        pause();
    }
    char ready;
    CHECK(read(fds[0], &ready, 1));
    CHECK(kill(init, SIGKILL));
    reap("init", init);
    /* The namespace is dead. */
    printf("fork: %s\n", fork() == -1 ? strerror(errno) : "works");
    return 0;
}

static const struct mode modes[] = {
    {"broker", mode_broker},
    {"notify", mode_notify},
    {"namespaces", mode_namespaces},
    {"killed-namespace", mode_killed_namespace},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
