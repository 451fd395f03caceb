/* Signals: delivery, order, values, and the calls that they interrupt. */
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>

static volatile sig_atomic_t count;
static int wake_fd = -1;

static void note(int signal)
{
    (void)signal;
    count++;
    if (wake_fd >= 0 && write(wake_fd, "x", 1) != 1)
        _exit(96);
}

static void on(int signal, void (*handler)(int), int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    CHECK(sigaction(signal, &action, NULL));
}

static void timer(long first_millis, long interval_millis)
{
    struct itimerval value = {{0, interval_millis * 1000}, {0, first_millis * 1000}};
    CHECK(setitimer(ITIMER_REAL, &value, NULL));
}

static void result(const char *what, long value)
{
    int error = errno;
    printf("%s = %ld%s%s\n", what, value, value == -1 ? " " : "", value == -1 ? strerror(error) : "");
}

/* The signal comes again and again: the first may come before the call has begun. */
static void interrupt(const char *what, long (*call)(void))
{
    timer(5, 20);
    errno = 0;
    long value = call();
    int error = errno;
    timer(0, 0);
    errno = error;
    result(what, value);
}

static int fds[2];
static struct timespec rest;

static long call_read(void)
{
    char byte;
    return read(fds[0], &byte, 1);
}

static long call_pause(void)
{
    return pause();
}

static long call_long_nanosleep(void)
{
    struct timespec time = {20, 0};
    return nanosleep(&time, &rest);
}

static long call_long_poll(void)
{
    struct pollfd pollfd = {fds[0], POLLIN, 0};
    return poll(&pollfd, 1, 20000);
}

static long call_epoll_wait(void)
{
    struct epoll_event event;
    return epoll_wait(CHECK(epoll_create1(0)), &event, 1, 20000);
}

static int mode_eintr(int argc, char **argv)
{
    (void)argc, (void)argv;
    CHECK(pipe(fds));
    on(SIGALRM, note, 0);
    for (int i = 0; i < 5; i++)
        interrupt("read", call_read);
    interrupt("pause", call_pause);
    interrupt("nanosleep", call_long_nanosleep);
    printf("rest %s\n", rest.tv_sec > 0 && rest.tv_sec < 20 ? "is about right" : "is wrong");
    interrupt("poll", call_long_poll);
    interrupt("epoll_wait", call_epoll_wait);
    printf("%s\n", count >= 9 ? "signals came" : "signals are missing");
    return 0;
}

static int mode_restart(int argc, char **argv)
{
    (void)argc, (void)argv;
    CHECK(pipe(fds));
    wake_fd = fds[1];
    on(SIGALRM, note, SA_RESTART);
    for (int i = 0; i < 10; i++) {
        timer(5, 0);
        result("read", call_read());
    }
    wake_fd = -1;
    /* poll is not restarted, whatever the flag says. */
    interrupt("poll", call_long_poll);
    /* wait is. */
    on(SIGUSR1, note, SA_RESTART);
    pid_t parent = getpid(), child = CHECK(fork());
    if (!child) {
        for (int i = 0; i < 5; i++) {
            sleep_millis(5);
            kill(parent, SIGUSR1);
        }
        _exit(3);
    }
    int status;
    result("waitpid", waitpid(child, &status, 0) == child);
    print_status("child", status);
    printf("%s\n", count >= 12 ? "signals came" : "signals are missing");
    return 0;
}

/* Stops and continues a child in the middle of a call: it must go on and take its full time. */
static int stopped_in_the_middle(const char *what, long (*call)(void), long least_millis)
{
    pid_t child = CHECK(fork());
    if (!child) {
        long begin = now_millis();
        result(what, call());
        printf("%s\n", now_millis() - begin >= least_millis ? "took its time" : "was too short");
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        sleep_millis(10);
        CHECK(kill(child, SIGSTOP));
        reap_with("child", child, WUNTRACED);
        CHECK(kill(child, SIGCONT));
        reap_with("child", child, WCONTINUED);
    }
    reap("child", child);
    return 0;
}

static long call_nanosleep(void)
{
    struct timespec time = {0, 250 * 1000000};
    return nanosleep(&time, NULL);
}

static long call_poll(void)
{
    return poll(NULL, 0, 250);
}

static long call_futex(void)
{
    static int word;
    struct timespec time = {0, 250 * 1000000};
    return syscall(SYS_futex, &word, 128 /* FUTEX_WAIT | FUTEX_PRIVATE_FLAG */, 0, &time, NULL, 0);
}

static long call_clock_nanosleep(void)
{
    struct timespec time;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &time));
    time.tv_nsec += 250 * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static int mode_stopped_nanosleep(int argc, char **argv)
{
    (void)argc, (void)argv;
    return stopped_in_the_middle("nanosleep", call_nanosleep, 250);
}

static int mode_stopped_poll(int argc, char **argv)
{
    (void)argc, (void)argv;
    return stopped_in_the_middle("poll", call_poll, 250);
}

static int mode_stopped_futex(int argc, char **argv)
{
    (void)argc, (void)argv;
    return stopped_in_the_middle("futex", call_futex, 250);
}

static int mode_stopped_clock_nanosleep(int argc, char **argv)
{
    (void)argc, (void)argv;
    return stopped_in_the_middle("clock_nanosleep", call_clock_nanosleep, 249);
}

static int mode_timers(int argc, char **argv)
{
    (void)argc, (void)argv;
    int kinds[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
    for (int i = 0; i < 3; i++) {
        struct itimerval value = {{0, 2000}, {0, 2000}}, off = {{0, 0}, {0, 0}};
        count = 0;
        on(signals[i], note, SA_RESTART);
        CHECK(setitimer(kinds[i], &value, NULL));
        while (count < 10)
            ;
        CHECK(setitimer(kinds[i], &off, NULL));
        printf("ten ticks of timer %d\n", kinds[i]);
    }
    printf("alarm left %u\n", alarm(100));
    printf("alarm left %s\n", alarm(0) > 90 ? "most" : "little");
    return 0;
}

static int mode_posix_timer(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGRTMIN + 3;
    event.sigev_value.sival_int = 4711;
    timer_t id;
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &id));
    struct itimerspec spec = {{0, 0}, {0, 5000000}};
    for (int i = 0; i < 5; i++) {
        siginfo_t info;
        CHECK(timer_settime(id, 0, &spec, NULL));
        result("sigwaitinfo", sigwaitinfo(&set, &info) - SIGRTMIN);
        printf("value %d code %d\n", info.si_value.sival_int, info.si_code);
    }
    return 0;
}

static void print_value(int signal, siginfo_t *info, void *context)
{
    (void)context;
    /* Not async-signal-safe, but nothing else prints while these are unblocked. */
    printf("rt+%d value %d code %d from %s\n", signal - SIGRTMIN, info->si_value.sival_int,
           info->si_code, info->si_pid == getpid() ? "self" : "another");
}

static int mode_queue(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t set, old;
    sigemptyset(&set);
    for (int i = 0; i < 3; i++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = print_value;
        action.sa_flags = SA_SIGINFO;
        sigfillset(&action.sa_mask);
        CHECK(sigaction(SIGRTMIN + i, &action, NULL));
        sigaddset(&set, SIGRTMIN + i);
    }
    CHECK(sigprocmask(SIG_BLOCK, &set, &old));
    for (int i = 0; i < 60; i++)
        CHECK(sigqueue(getpid(), SIGRTMIN + i * 7 % 3, (union sigval){.sival_int = i}));
    pid_t parent = getpid(), child = CHECK(fork());
    if (!child) {
        for (int i = 100; i < 110; i++)
            CHECK(sigqueue(parent, SIGRTMIN + 1, (union sigval){.sival_int = i}));
        _exit(0);
    }
    reap("child", child);
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL));
    return 0;
}

static int mode_sigsuspend(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, &old));
    on(SIGUSR1, note, 0);
    pid_t parent = getpid(), child = CHECK(fork());
    if (!child) {
        int left = 20;
        while (left--) {
            kill(parent, SIGUSR1);
            /* The parent answers each. */
            sigsuspend(&old);
        }
        _exit(0);
    }
    for (int i = 1; i <= 20; i++) {
        while (count < i)
            sigsuspend(&old);
        sigset_t now;
        CHECK(sigprocmask(SIG_BLOCK, NULL, &now));
        if (!sigismember(&now, SIGUSR1))
            printf("the mask is wrong\n");
        kill(child, SIGUSR1);
    }
    printf("%d signals\n", (int)count);
    reap("child", child);
    return 0;
}

static int mode_synchronous(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
    siginfo_t info;
    struct timespec brief = {0, 10000000}, long_time = {10, 0};
    result("sigtimedwait", sigtimedwait(&set, &info, &brief));
    CHECK(kill(getpid(), SIGUSR2));
    CHECK(kill(getpid(), SIGUSR1));
    result("sigwaitinfo", sigwaitinfo(&set, &info));
    result("sigwaitinfo", sigwaitinfo(&set, &info));
    pid_t child = CHECK(fork());
    if (!child)
        _exit(7);
    result("sigtimedwait", sigtimedwait(&set, &info, &long_time));
    printf("code %d status %d %s\n", info.si_code, info.si_status, info.si_pid == child ? "child" : "?");
    reap("child", child);
    int fd = CHECK(signalfd(-1, &set, 0));
    struct signalfd_siginfo read_info;
    for (int i = 0; i < 5; i++) {
        child = CHECK(fork());
        if (!child) {
            union sigval value = {.sival_int = 1000 + i};
            CHECK(sigqueue(getppid(), SIGUSR1, value));
            _exit(i);
        }
        reap("child", child);
        for (int j = 0; j < 2; j++) {
            CHECK(read(fd, &read_info, sizeof read_info));
            printf("signalfd %u code %d int %d status %d\n", read_info.ssi_signo, read_info.ssi_code,
                   read_info.ssi_int, read_info.ssi_status);
        }
    }
    return 0;
}

/* A signal that waits through an execve arrives in the new program. */
static int mode_pending_across_exec(int argc, char **argv)
{
    sigset_t set;
    if (argc > 0) {
        CHECK(sigpending(&set));
        printf("%s: pending %d, usr2 %s\n", argv[0], sigismember(&set, SIGUSR1),
               signal(SIGUSR2, SIG_DFL) == SIG_IGN ? "ignored" : "not ignored");
        sigemptyset(&set);
        sigprocmask(SIG_SETMASK, &set, NULL);
        return 50;
    }
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK(kill(getpid(), SIGUSR1));
    execl("/proc/self/exe", "signals", "pending-across-exec", "after", (char *)NULL);
    return 51;
}

static sem_t arrived;
static volatile pid_t taker;

static void note_taker(int signal)
{
    (void)signal;
    taker = syscall(SYS_gettid);
    sem_post(&arrived);
}

static volatile pid_t target;

static void *be_target(void *arg)
{
    target = syscall(SYS_gettid);
    sem_post(arg);
    while (1)
        pause();
    return NULL;
}

static int mode_directed(int argc, char **argv)
{
    (void)argc, (void)argv;
    sem_t ready;
    pthread_t thread;
    sem_init(&ready, 0, 0);
    sem_init(&arrived, 0, 0);
    on(SIGUSR1, note_taker, 0);
    for (int i = 0; i < 10; i++) {
        CHECK0(pthread_create(&thread, NULL, be_target, &ready));
        while (sem_wait(&ready) == -1)
            ;
        CHECK0(pthread_kill(thread, SIGUSR1));
        while (sem_wait(&arrived) == -1)
            ;
        printf("to the %s\n", taker == target ? "right thread" : "wrong thread");
    }
    raise(SIGUSR1);
    printf("to the %s\n", taker == getpid() ? "leader" : "wrong thread");
    return 0;
}

static void nested(int signal)
{
    printf("begin %d\n", signal);
    if (signal == SIGUSR1)
        raise(SIGUSR2);
    printf("end %d\n", signal);
}

static int mode_nested(int argc, char **argv)
{
    (void)argc, (void)argv;
    on(SIGUSR1, nested, 0);
    on(SIGUSR2, nested, SA_RESETHAND | SA_NODEFER);
    raise(SIGUSR1);
    on(SIGUSR2, nested, 0);
    raise(SIGUSR1);
    return 0;
}

static void on_sys(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    printf("SIGSYS code %d call %d\n", info->si_code, info->si_syscall == SYS_getppid);
}

/* The program's own filter on getppid. */
static void filter(unsigned action)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {4, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static int mode_own_filter(int argc, char **argv)
{
    (void)argc, (void)argv;
    unsigned actions[] = {SECCOMP_RET_ERRNO | ENOTTY, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_THREAD,
                          SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_LOG, SECCOMP_RET_TRACE};
    for (int i = 0; i < 6; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            struct sigaction action;
            memset(&action, 0, sizeof action);
            action.sa_sigaction = on_sys;
            action.sa_flags = SA_SIGINFO;
            CHECK(sigaction(SIGSYS, &action, NULL));
            filter(actions[i]);
            long parent = syscall(SYS_getppid);
            printf("getppid %s\n", parent == -1 ? strerror(errno) : parent > 0 ? "worked" : "was odd");
            _exit(0);
        }
        char what[16];
        sprintf(what, "filter %d", i);
        reap(what, child);
    }
    return 0;
}

static const struct mode modes[] = {
    {"eintr", mode_eintr},
    {"restart", mode_restart},
    {"stopped-nanosleep", mode_stopped_nanosleep},
    {"stopped-poll", mode_stopped_poll},
    {"stopped-futex", mode_stopped_futex},
    {"stopped-clock-nanosleep", mode_stopped_clock_nanosleep},
    {"timers", mode_timers},
    {"posix-timer", mode_posix_timer},
    {"queue", mode_queue},
    {"sigsuspend", mode_sigsuspend},
    {"synchronous", mode_synchronous},
    {"pending-across-exec", mode_pending_across_exec},
    {"directed", mode_directed},
    {"nested", mode_nested},
    {"own-filter", mode_own_filter},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
