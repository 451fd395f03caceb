/*
 * Processes that are never twice the same: they make and end threads and children, or become other
 * programs, as fast as they can, until their standard input ends. A line on it is answered when
 * each of their loops has gone round again.
 */
#include "checked.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { MOST_LOOPS = 1024, STACK = 1 << 17 };

static atomic_long rounds[MOST_LOOPS];
static int loops;
static atomic_int over;
static atomic_int strict;
static atomic_int ended;

static pthread_attr_t detached;

static void start(void *(*run)(void *), long argument)
{
    pthread_t thread;
    int error;
    while ((error = pthread_create(&thread, &detached, run, (void *)argument)) == EAGAIN)
        usleep(100);
    CHECK0(error);
}

static void start_loops(int count, void *(*run)(void *))
{
    loops = count;
    for (int i = 0; i < count; i++)
        start(run, i);
}

static void await_rounds(void)
{
    long before[MOST_LOOPS];
    for (int i = 0; i < loops; i++)
        before[i] = rounds[i];
    int patience = 20000;
    for (int i = 0; i < loops; i++)
        while (rounds[i] < before[i] + 2 && patience) {
            usleep(500);
            if (--patience == 0)
                WRONG("loop %d does not go on\n", i);
        }
}

/* Until the input ends. */
static int obey(void)
{
    char line[16];
    printf("ready\n");
    while (read(0, line, sizeof line) > 0) {
        await_rounds();
        if ((strict = !strncmp(line, "strict", 6)))
            await_rounds();
        printf(wrong ? "wrong\n" : "alive\n");
    }
    over = 1;
    for (int patience = 20000; ended < loops && patience; patience--)
        usleep(500);
    printf("%d of %d loops ended, %ld wrong\n", ended, loops, wrong);
    return wrong ? 1 : 0;
}

/* Threads that live on: every second one sleeps, the others make calls. */
static void *live(void *arg)
{
    long number = (long)arg;
    while (!over) {
        struct call call = {number % 2 ? SYS_getppid : SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0}};
        struct timespec moment = {0, 20000000};
        call.args[2] = (long)&moment;
        checked_call(&call);
        if (number % 2)
            usleep(20000);
        rounds[number]++;
    }
    ended++;
    return NULL;
}

static int mode_threads(int argc, char **argv)
{
    start_loops(argc > 0 ? atoi(argv[0]) : 100, live);
    return obey();
}

static void *return_argument(void *arg)
{
    return arg;
}

static void *create_and_join(void *arg)
{
    long number = (long)arg;
    while (!over) {
        pthread_t thread;
        void *returned = NULL;
        CHECK0(pthread_create(&thread, NULL, return_argument, (void *)rounds[number]));
        CHECK0(pthread_join(thread, &returned));
        if (returned != (void *)rounds[number])
            WRONG("a thread gave %p\n", returned);
        rounds[number]++;
    }
    ended++;
    return NULL;
}

static int mode_creators(int argc, char **argv)
{
    start_loops(argc > 0 ? atoi(argv[0]) : 4, create_and_join);
    return obey();
}

/* Each thread makes the next one and ends. */
static void *pass_on(void *arg)
{
    rounds[(long)arg]++;
    if (over)
        ended++;
    else
        start(pass_on, (long)arg);
    return NULL;
}

static int mode_chains(int argc, char **argv)
{
    start_loops(argc > 0 ? atoi(argv[0]) : 4, pass_on);
    return obey();
}

static void *fork_and_wait(void *arg)
{
    long number = (long)arg;
    while (!over) {
        int code = rounds[number] % 100, status = -1;
        pid_t child = code % 2 ? fork() : vfork();
        if (!child)
            _exit(code);
        pid_t got = waitpid(child, &status, 0);
        if (got != child || !WIFEXITED(status) || WEXITSTATUS(status) != code)
            WRONG("child %d, waited for %d, errno %d, status %x\n", child, got, errno, status);
        rounds[number]++;
    }
    ended++;
    return NULL;
}

static int mode_forks(int argc, char **argv)
{
    start_loops(argc > 0 ? atoi(argv[0]) : 2, fork_and_wait);
    return obey();
}

/* exec LEADER|THREAD ROUND ANSWERED PID: becomes itself again. */
static int exec_round(int argc, char **argv);

static char **next_arguments;

static void *exec_next(void *arg)
{
    (void)arg;
    CHECK(execv("/proc/thread-self/exe", next_arguments));
    return NULL;
}

static void *spin(void *arg)
{
    while (1)
        ;
    return arg;
}

static void *sleep_on(void *arg)
{
    while (1)
        pause();
    return arg;
}

static int exec_round(int argc, char **argv)
{
    static char round_text[12], pid_text[12];
    const char *who = argv[0];
    int round = argc > 1 ? atoi(argv[1]) : 0;
    int pid = argc > 2 ? atoi(argv[2]) : getpid();
    char line[16];
    struct pollfd input = {0, POLLIN, 0};
    if (round == 0)
        printf("ready\n");
    if (pid != getpid())
        WRONG("pid %d has become %d\n", pid, getpid());
    if (poll(&input, 1, 0)) {
        if (read(0, line, sizeof line) <= 0) {
            printf("1 of 1 loops ended, %ld wrong\n", wrong);
            return wrong ? 1 : 0;
        }
        printf(wrong ? "wrong\n" : "alive\n");
    }
    sprintf(round_text, "%d", round + 1);
    sprintf(pid_text, "%d", pid);
    next_arguments = (char *[]){"restless", "execs", (char *)who, round_text, pid_text, NULL};
    if (strcmp(who, "thread"))
        exec_next(NULL);
    start(sleep_on, 0);
    if (round % 2)
        start(spin, 0);
    start(exec_next, 0);
    pause();
    return 97;
}

/*
 * Calls for a listener that changes them: the results that it may give are taken for right until
 * the input says "strict".
 */
static long parent_pid;

enum { CHANGED = 4711 };

static void check_changeable(const char *name, long result, long right, long changed)
{
    if (result != right && (strict || result != changed))
        WRONG("%s gave %ld instead of %ld\n", name, result, right);
}

static void *make_calls(void *arg)
{
    static const char missing[] = "/nowhere";
    long number = (long)arg;
    char name[16];
    int fd = CHECK(open("/proc/self/exe", O_RDONLY));
    int null = CHECK(open("/dev/null", O_WRONLY));
    while (!over) {
        long round = rounds[number] % 100000 + 1;
        strcpy(name, missing);
        struct call seek = {SYS_lseek, {fd, round, SEEK_SET, 3, 4, 5}};
        struct call parent = {SYS_getppid, {number, round, 3, 4, 5, 6}};
        struct call access = {SYS_faccessat, {AT_FDCWD, (long)name, R_OK, 4, 5, 6}};
        struct call output = {SYS_write, {null, (long)"abcdefghij", 10, 4, 5, 6}};
        long result = checked_call(&seek);
        if (result != round)
            WRONG("lseek gave %ld instead of %ld\n", result, round);
        check_changeable("getppid", checked_call(&parent), parent_pid, CHANGED);
        check_changeable("faccessat", checked_call(&access), -ENOENT, 0);
        check_changeable("write", checked_call(&output), 10, 3);
        if (strcmp(name, missing))
            WRONG("the name is %s\n", name);
        rounds[number]++;
    }
    ended++;
    return NULL;
}

static int mode_calls(int argc, char **argv)
{
    parent_pid = getppid();
    start_loops(argc > 0 ? atoi(argv[0]) : 3, make_calls);
    return obey();
}

/* As above, in a sandbox that ends a program which maps or unmaps memory. */
static int mode_sandboxed(int argc, char **argv)
{
    (void)argc, (void)argv;
    enum { DENIED = 3 };
    int denied[DENIED] = {SYS_mmap, SYS_munmap, SYS_getpid};
    struct sock_filter code[2 * DENIED + 2];
    struct sock_fprog filter = {2 * DENIED + 2, code};
    code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < DENIED; i++) {
        code[2 * i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[i], 0, 1);
        code[2 * i + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    }
    code[2 * DENIED + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    parent_pid = getppid();
    start_loops(2, make_calls);
    /* Has the buffer allocated. */
    printf("sandboxed\n");
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter));
    return obey();
}

static volatile sig_atomic_t asked;

static void ask(int signal)
{
    (void)signal;
    asked++;
}

/* Alone, it waits with another signal mask than its own, and makes a call for each SIGUSR1. */
static int mode_suspended(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t blocked, waiting;
    struct sigaction action = {.sa_handler = ask};
    sigfillset(&blocked);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, NULL));
    CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked));
    sigfillset(&waiting);
    sigdelset(&waiting, SIGUSR1);
    CHECK(sigaction(SIGUSR1, &action, NULL));
    for (int i = 1;; i++) {
        char name[] = "/nowhere";
        struct call access = {SYS_faccessat, {AT_FDCWD, (long)name, R_OK, 4, 5, 6}};
        long result = checked_call(&access);
        if ((result != -ENOENT && result != 0) || strcmp(name, "/nowhere"))
            WRONG("%ld for %s\n", result, name);
        printf("%d, %ld wrong\n", i, wrong);
        if (sigsuspend(&waiting) != -1 || errno != EINTR || asked != i)
            WRONG("round %d was ended after %d signals\n", i, asked);
        check_mask(&blocked);
    }
}

/* Waits for a signal. */
#ifdef SYS_pause
static const struct call pause_call = {SYS_pause, {1, 2, 3, 4, 5, 6}};
#else
static const struct call pause_call = {SYS_ppoll, {1, 0, 0, 0, 5, 6}};
#endif

/* Makes no call but that, and gets as many signals as it can take. */
static void *pause_again(void *arg)
{
    long number = (long)arg;
    while (!over) {
        if (checked_call(&pause_call) != -EINTR)
            WRONG("pause did not answer EINTR\n");
        rounds[number]++;
    }
    ended++;
    return NULL;
}

static int mode_alarms(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t alarm;
    struct sigaction action = {.sa_handler = ask};
    struct itimerval time = {{0, 150}, {0, 150}};
    CHECK(sigaction(SIGALRM, &action, NULL));
    start_loops(1, pause_again);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    CHECK(sigprocmask(SIG_BLOCK, &alarm, NULL));
    CHECK(setitimer(ITIMER_REAL, &time, NULL));
    return obey();
}

/* A function for breakpoints: its first instruction does something, and so do the steps after it. */
__attribute__((noinline, noclone)) long target(long value)
{
    __asm__ volatile("" : "+r"(value));
    return value * 3 + 1;
}

static void *call_target(void *arg)
{
    long number = (long)arg;
    while (!over) {
        if (target(rounds[number]) != rounds[number] * 3 + 1)
            WRONG("target(%ld) was wrong\n", (long)rounds[number]);
        rounds[number]++;
        if (number % 2)
            syscall(SYS_getppid);
    }
    ended++;
    return NULL;
}

static int mode_targets(int argc, char **argv)
{
    printf("%ld\n", (long)target);
    start_loops(argc > 0 ? atoi(argv[0]) : 4, call_target);
    return obey();
}

/* Waits for a vfork child, which waits for a line and then ends or becomes another program. */
static int mode_vfork(int argc, char **argv)
{
    static char *next[] = {"sh", "-c", "exit 8", NULL};
    static char byte;
    int status;
    printf("in vfork\n");
    pid_t child = CHECK(vfork());
    if (!child) {
        while (read(0, &byte, 1) == 1 && byte != '\n')
            ;
        if (argc > 0 && !strcmp(argv[0], "exec"))
            execv("/bin/sh", next);
        _exit(7);
    }
    CHECK(waitpid(child, &status, 0));
    print_status("child", status);
    return obey();
}

/* The leader ends; a thread goes on. */
static void *leaderless(void *arg)
{
    exit(obey());
    return arg;
}

static int mode_dead_leader(int argc, char **argv)
{
    start_loops(argc > 0 ? atoi(argv[0]) : 3, live);
    start(leaderless, 0);
    pthread_exit(NULL);
}

/* The leader ends when it is told so by a first line; the threads go on. */
static int mode_dying_leader(int argc, char **argv)
{
    char line[16];
    start_loops(argc > 0 ? atoi(argv[0]) : 3, live);
    printf("leader\n");
    if (read(0, line, sizeof line) <= 0)
        return 96;
    start(leaderless, 0);
    pthread_exit(NULL);
}

static void *exec_when_told(void *arg)
{
    static char byte;
    (void)arg;
    if (read(0, &byte, 1) == 1)
        CHECK(execl("/bin/true", "true", (char *)NULL));
    exit(96);
}

/* The newest of its threads becomes another program, which ends at once, when it is told to. */
static int mode_last_exec(int argc, char **argv)
{
    for (int i = argc > 0 ? atoi(argv[0]) : 100; i > 0; i--)
        start(sleep_on, 0);
    start(exec_when_told, 0);
    printf("ready\n");
    sleep_on(NULL);
    return 97;
}

static const struct mode modes[] = {{"threads", mode_threads},
                                    {"creators", mode_creators},
                                    {"chains", mode_chains},
                                    {"forks", mode_forks},
                                    {"execs", exec_round},
                                    {"calls", mode_calls},
                                    {"sandboxed", mode_sandboxed},
                                    {"suspended", mode_suspended},
                                    {"alarms", mode_alarms},
                                    {"targets", mode_targets},
                                    {"vfork", mode_vfork},
                                    {"dead-leader", mode_dead_leader},
                                    {"dying-leader", mode_dying_leader},
                                    {"last-exec", mode_last_exec},
                                    {NULL, NULL}};

int main(int argc, char **argv)
{
    CHECK0(pthread_attr_init(&detached));
    CHECK0(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
    CHECK0(pthread_attr_setstacksize(&detached, STACK));
    return run_mode(modes, argc, argv);
}
