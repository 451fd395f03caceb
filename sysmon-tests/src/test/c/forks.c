/* Every way to make a process, each with statuses collected and printed. */
#include "guest.h"
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int mode_exit(int argc, char **argv)
{
    return argc > 0 ? atoi(argv[0]) : 0;
}

static int mode_fork(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t children[5];
    for (int i = 0; i < 5; i++)
        if (!(children[i] = CHECK(fork())))
            _exit(10 + i);
    for (int i = 4; i >= 0; i--)
        reap("child", children[i]);
    return 0;
}

static int mode_vfork(int argc, char **argv)
{
    (void)argc, (void)argv;
    static volatile int shared;
    pid_t child = CHECK(vfork());
    if (!child) {
        shared = 42;
        _exit(7);
    }
    printf("shared %d\n", shared);
    reap("vforked", child);
    return 0;
}

static int mode_vfork_exec(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (volatile int i = 0; i < 20; i++) {
        char code[12];
        sprintf(code, "%d", i);
        pid_t child = CHECK(vfork());
        if (!child) {
            execl("/proc/self/exe", "forks", "exit", code, (char *)NULL);
            _exit(97);
        }
        reap("vforked", child);
    }
    return 0;
}

static volatile sig_atomic_t got_signal;

static void note(int signal)
{
    got_signal = signal;
}

static int raw_clone(unsigned long flags)
{
    return syscall(SYS_clone, flags, 0, 0, 0, 0);
}

static int mode_clone_exit_signals(int argc, char **argv)
{
    (void)argc, (void)argv;
    int signals[] = {SIGCHLD, SIGUSR1, SIGWINCH, SIGURG, 0};
    for (int i = 0; i < 5; i++) {
        int exit_signal = signals[i];
        if (exit_signal)
            signal(exit_signal, note);
        got_signal = 0;
        pid_t child = CHECK(raw_clone(exit_signal));
        if (!child)
            _exit(20 + i);
        errno = 0;
        int status;
        pid_t plain = exit_signal == SIGCHLD ? 0 : waitpid(child, &status, 0);
        printf("without __WALL %s\n", plain == -1 ? strerror(errno) : "not tried");
        reap_with("clone", child, __WALL);
        printf("signal %d\n", (int)got_signal);
    }
    return 0;
}

static int mode_clone3(int argc, char **argv)
{
    (void)argc, (void)argv;
    int pidfd = -1;
    struct clone_args args;
    memset(&args, 0, sizeof args);
    args.flags = CLONE_PIDFD;
    args.pidfd = (unsigned long)&pidfd;
    args.exit_signal = SIGCHLD;
    pid_t child = CHECK(syscall(SYS_clone3, &args, sizeof args));
    if (!child)
        _exit(31);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    CHECK(waitid(3 /* P_PIDFD */, pidfd, &info, WEXITED));
    printf("by pidfd: code %d status %d\n", info.si_code, info.si_status);

    memset(&args, 0, sizeof args);
    args.flags = CLONE_VFORK;
    args.exit_signal = SIGUSR2;
    signal(SIGUSR2, note);
    child = CHECK(syscall(SYS_clone3, &args, sizeof args));
    if (!child)
        _exit(32);
    reap_with("clone3 vfork", child, __WALL);
    printf("signal %d\n", (int)got_signal);
    return 0;
}

static volatile int counter;

static int count(void *arg)
{
    (void)arg;
    counter++;
    return 40 + counter;
}

static int mode_shared_memory(int argc, char **argv)
{
    (void)argc, (void)argv;
    static char stack[65536] __attribute__((aligned(16)));
    for (int i = 0; i < 5; i++) {
        pid_t child = CHECK(clone(count, stack + sizeof stack, CLONE_VM | CLONE_FILES | SIGCHLD, NULL));
        reap("clone", child);
    }
    printf("counter %d\n", counter);
    return 0;
}

static int mode_clone_parent(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    CHECK(pipe(fds));
    for (int i = 0; i < 20; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            pid_t sibling = CHECK(raw_clone(CLONE_PARENT | SIGCHLD));
            if (!sibling)
                _exit(51);
            CHECK(write(fds[1], &sibling, sizeof sibling));
            _exit(52);
        }
        pid_t sibling;
        CHECK(read(fds[0], &sibling, sizeof sibling));
        reap("child", child);
        reap("its sibling", sibling);
    }
    return 0;
}

static void *fork_and_reap(void *arg)
{
    long base = (long)arg;
    long right = 0;
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (!child)
            _exit((base * 20 + i) % 256);
        int status;
        if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
            && WEXITSTATUS(status) == (base * 20 + i) % 256)
            right++;
    }
    return (void *)right;
}

static int mode_from_threads(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t threads[8];
    for (long i = 0; i < 8; i++)
        CHECK0(pthread_create(&threads[i], NULL, fork_and_reap, (void *)i));
    for (int i = 0; i < 8; i++) {
        void *right;
        CHECK0(pthread_join(threads[i], &right));
        printf("%ld right\n", (long)right);
    }
    return 0;
}

static volatile pid_t forked_in_handler;

static void fork_in_handler(int signal)
{
    (void)signal;
    pid_t child = fork();
    if (!child)
        _exit(61);
    forked_in_handler = child;
}

static int mode_in_signal_handler(int argc, char **argv)
{
    (void)argc, (void)argv;
    signal(SIGUSR1, fork_in_handler);
    for (int i = 0; i < 20; i++) {
        raise(SIGUSR1);
        reap("child", forked_in_handler);
    }
    return 0;
}

/* Ends when its parent is gone, and says so through the pipe. */
static void outlive_parent(pid_t parent, int out)
{
    while (getppid() == parent)
        usleep(1000);
    CHECK(write(out, "orphan lives\n", 13));
    _exit(71);
}

static pid_t double_fork(int out)
{
    int done[2];
    CHECK(pipe(done));
    pid_t middle = CHECK(fork());
    if (!middle) {
        pid_t self = getpid();
        pid_t orphan = CHECK(fork());
        if (!orphan) {
            CHECK(setsid());
            outlive_parent(self, out);
        }
        CHECK(write(done[1], &orphan, sizeof orphan));
        _exit(72);
    }
    pid_t orphan;
    CHECK(read(done[0], &orphan, sizeof orphan));
    close(done[0]);
    close(done[1]);
    reap("middle", middle);
    return orphan;
}

static int mode_daemon(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    char text[64];
    CHECK(pipe(fds));
    double_fork(fds[1]);
    close(fds[1]);
    long length = CHECK(read(fds[0], text, sizeof text));
    printf("%.*s", (int)length, text);
    /* Its end closes the pipe. */
    printf("then %ld\n", CHECK(read(fds[0], text, sizeof text)));
    return 0;
}

static int mode_subreaper(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    CHECK(pipe(fds));
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int i = 0; i < 10; i++)
        reap("adopted", double_fork(fds[1]));
    return 0;
}

static int mode_posix_spawn(int argc, char **argv)
{
    (void)argc, (void)argv;
    char *args[] = {"forks", "exit", "81", NULL};
    char *env[] = {NULL};
    pid_t child;
    for (int i = 0; i < 10; i++) {
        CHECK0(posix_spawn(&child, "/proc/self/exe", NULL, NULL, args, env));
        reap("spawned", child);
    }
    printf("missing: %s\n", strerror(posix_spawn(&child, "/no/such/file", NULL, NULL, args, env)));
    int none = waitpid(-1, NULL, 0);
    printf("%d %s\n", none, strerror(errno));
    printf("system %d\n", system("exit 82") >> 8);
    FILE *pipe = popen("echo popen; exit 83", "r");
    char text[32] = "";
    printf("%s", fgets(text, sizeof text, pipe));
    printf("pclose %d\n", pclose(pipe) >> 8);
    return 0;
}

static int mode_no_zombies(int argc, char **argv)
{
    (void)argv;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = argc > 0 ? SIG_IGN : note;
    action.sa_flags = argc > 0 ? 0 : SA_NOCLDWAIT;
    CHECK(sigaction(SIGCHLD, &action, NULL));
    for (int i = 0; i < 50; i++)
        if (!CHECK(fork()))
            _exit(i);
    int result;
    do
        result = waitpid(-1, NULL, 0);
    while (result == -1 && errno == EINTR);
    printf("wait %d %s\n", result, strerror(errno));
    printf("signal %s\n", got_signal ? "came" : "did not come");
    return 0;
}

static void print_info(const char *what, const siginfo_t *info)
{
    printf("%s: signo %d code %d status %d\n", what, info->si_signo, info->si_code, info->si_status);
}

static int mode_wnowait(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t exiting = CHECK(fork());
    if (!exiting)
        _exit(91);
    pid_t killed = CHECK(fork());
    if (!killed) {
        kill(getpid(), SIGTERM);
        pause();
    }
    siginfo_t info;
    for (int i = 0; i < 3; i++) {
        CHECK(waitid(P_PID, exiting, &info, WEXITED | WNOWAIT));
        print_info("exiting", &info);
        CHECK(waitid(P_PID, killed, &info, WEXITED | WNOWAIT));
        print_info("killed", &info);
    }
    reap("exiting", exiting);
    reap("killed", killed);
    info.si_pid = 1;
    printf("no more: %d\n", waitid(P_PID, killed, &info, WEXITED | WNOHANG));
    return 0;
}

static siginfo_t last_info;
static volatile sig_atomic_t infos;

static void keep_info(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    last_info = *info;
    infos++;
}

static int mode_sigchld_info(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = keep_info;
    action.sa_flags = SA_SIGINFO;
    CHECK(sigaction(SIGCHLD, &action, NULL));
    sigset_t mask, old;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &mask, &old));
    for (int i = 0; i < 4; i++) {
        infos = 0;
        pid_t child = CHECK(fork());
        if (!child) {
            if (i < 2)
                _exit(100 + i);
            kill(getpid(), i == 2 ? SIGKILL : SIGTERM);
            pause();
        }
        while (!infos)
            sigsuspend(&old);
        print_info(last_info.si_pid == child ? "child" : "stranger", &last_info);
        printf("signals %d\n", (int)infos);
        reap("child", child);
    }
    return 0;
}

static const struct mode modes[] = {
    {"exit", mode_exit},
    {"fork", mode_fork},
    {"vfork", mode_vfork},
    {"vfork-exec", mode_vfork_exec},
    {"clone-exit-signals", mode_clone_exit_signals},
    {"clone3", mode_clone3},
    {"shared-memory", mode_shared_memory},
    {"clone-parent", mode_clone_parent},
    {"from-threads", mode_from_threads},
    {"in-signal-handler", mode_in_signal_handler},
    {"daemon", mode_daemon},
    {"subreaper", mode_subreaper},
    {"posix-spawn", mode_posix_spawn},
    {"no-zombies", mode_no_zombies},
    {"wnowait", mode_wnowait},
    {"sigchld-info", mode_sigchld_info},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
