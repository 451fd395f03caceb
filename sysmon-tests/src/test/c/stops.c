/* Stopped and continued processes, as their parents see them. */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static pid_t in_own_group(void (*run)(void))
{
    pid_t child = CHECK(fork());
    if (!child) {
        CHECK(setpgid(0, 0));
        run();
        _exit(60);
    }
    /* Both do it, so that it is done whoever comes first. */
    setpgid(child, child);
    return child;
}

static void idle(void)
{
    while (1)
        pause();
}

static void send_and_see(pid_t child, int signal, int options)
{
    char what[32];
    sprintf(what, "after %d child", signal);
    CHECK(kill(child, signal));
    reap_with(what, child, options);
}

static int mode_sequence(int argc, char **argv)
{
    (void)argc, (void)argv;
    int stopping[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    pid_t child = in_own_group(idle);
    for (int i = 0; i < 20; i++) {
        send_and_see(child, stopping[i % 4], WUNTRACED);
        send_and_see(child, SIGCONT, WCONTINUED);
    }
    send_and_see(child, SIGKILL, WUNTRACED | WCONTINUED);
    return 0;
}

static void stop_oneself(void)
{
    for (int i = 0; i < 10; i++)
        raise(i % 2 ? SIGTSTP : SIGSTOP);
    _exit(61);
}

static int mode_own_stops(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t child = in_own_group(stop_oneself);
    for (int i = 0; i < 10; i++) {
        reap_with("child", child, WUNTRACED);
        /* Not waited for: it may have stopped again already. */
        CHECK(kill(child, SIGCONT));
    }
    reap("child", child);
    return 0;
}

static volatile sig_atomic_t caught;

static void catch(int signal)
{
    (void)signal;
    caught++;
}

static int *shared;

static void catch_and_ignore(void)
{
    signal(SIGTSTP, catch);
    signal(SIGTTIN, SIG_IGN);
    signal(SIGCONT, catch);
    __atomic_store_n(shared, 1, __ATOMIC_SEQ_CST);
    while (caught < 4) {
        __atomic_store_n(shared + 1, caught, __ATOMIC_SEQ_CST);
        usleep(1000);
    }
    _exit(62);
}

static void await(int *word, int least)
{
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < least)
        usleep(500);
}

/* A handler takes SIGTSTP, SIGCONT has a handler, SIGTTIN is ignored: no stop but SIGSTOP's. */
static int mode_handlers(int argc, char **argv)
{
    (void)argc, (void)argv;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = in_own_group(catch_and_ignore);
    int status;
    await(shared, 1);
    CHECK(kill(child, SIGTTIN));
    CHECK(kill(child, SIGTSTP));
    await(shared + 1, 1);
    printf("no stop: %d\n", waitpid(child, &status, WNOHANG | WUNTRACED));
    CHECK(kill(child, SIGCONT));
    await(shared + 1, 2);
    printf("no stop: %d\n", waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED));
    send_and_see(child, SIGSTOP, WUNTRACED);
    send_and_see(child, SIGCONT, WCONTINUED);
    /* A stopping signal takes away a SIGCONT that is still on its way. */
    await(shared + 1, 3);
    send_and_see(child, SIGTSTP, WUNTRACED);
    return 0;
}

static int mode_killed_while_stopped(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        pid_t child = in_own_group(idle);
        send_and_see(child, SIGSTOP, WUNTRACED);
        send_and_see(child, SIGKILL, WUNTRACED | WCONTINUED);
        child = in_own_group(idle);
        send_and_see(child, SIGSTOP, WUNTRACED);
        CHECK(kill(child, SIGTERM));
        int status;
        printf("still stopped: %d\n", waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED));
        CHECK(kill(child, SIGCONT));
        reap("child", child);
    }
    return 0;
}

static int mode_waitid(int argc, char **argv)
{
    (void)argc, (void)argv;
    siginfo_t info;
    pid_t child = in_own_group(idle);
    for (int i = 0; i < 5; i++) {
        CHECK(kill(child, SIGSTOP));
        for (int j = 0; j < 2; j++) {
            CHECK(waitid(P_PID, child, &info, WSTOPPED | (j ? 0 : WNOWAIT)));
            printf("code %d status %d\n", info.si_code, info.si_status);
        }
        CHECK(kill(child, SIGCONT));
        for (int j = 0; j < 2; j++) {
            CHECK(waitid(P_PID, child, &info, WCONTINUED | (j ? 0 : WNOWAIT)));
            printf("code %d status %d\n", info.si_code, info.si_status);
        }
    }
    send_and_see(child, SIGTERM, 0);
    return 0;
}

static volatile int child_stops, child_goes, child_ends;

static void count_sigchld(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    if (info->si_code == CLD_STOPPED)
        child_stops++;
    else if (info->si_code == CLD_CONTINUED)
        child_goes++;
    else
        child_ends++;
}

/* The status may be there a moment before its signal, and two signals may be told as one. */
static void await_sigchld(int declined, volatile int *counter, int count)
{
    while (!declined && *counter < count)
        usleep(500);
}

static int mode_sigchld(int argc, char **argv)
{
    (void)argv;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = count_sigchld;
    action.sa_flags = SA_SIGINFO | SA_RESTART | (argc > 0 ? SA_NOCLDSTOP : 0);
    CHECK(sigaction(SIGCHLD, &action, NULL));
    pid_t child = in_own_group(idle);
    for (int i = 1; i <= 5; i++) {
        send_and_see(child, SIGSTOP, WUNTRACED);
        await_sigchld(argc, &child_stops, i);
        send_and_see(child, SIGCONT, WCONTINUED);
        await_sigchld(argc, &child_goes, i);
    }
    send_and_see(child, SIGTERM, 0);
    await_sigchld(0, &child_ends, 1);
    printf("stops %d goes %d ends %d\n", child_stops, child_goes, child_ends);
    return 0;
}

enum { THREADS = 8 };

static void *count_up(void *arg)
{
    int *counter = arg;
    while (1)
        __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *count_calls(void *arg)
{
    int *counter = arg;
    while (1) {
        syscall(SYS_getppid);
        __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void *count_sleeps(void *arg)
{
    int *counter = arg;
    while (1) {
        usleep(100);
        __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void *count_once(void *arg)
{
    __atomic_add_fetch((int *)arg, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/* Makes threads without end: some are born in the middle of a stop. */
static void *count_threads(void *arg)
{
    while (1) {
        pthread_t thread;
        if (!pthread_create(&thread, NULL, count_once, arg))
            pthread_join(thread, NULL);
    }
    return NULL;
}

static void be_many(void)
{
    void *(*what[])(void *) = {count_up, count_calls, count_sleeps, count_threads};
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, what[i % 4], shared + i));
    }
    idle();
}

/* No thread may move while the process is stopped, and all must when it goes on. */
static int mode_threads(int argc, char **argv)
{
    int rounds = argc > 0 ? atoi(argv[0]) : 10;
    int before[THREADS], after[THREADS];
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = in_own_group(be_many);
    for (int i = 0; i < rounds; i++) {
        for (int j = 0; j < THREADS; j++)
            await(shared + j, shared[j] + 1);
        send_and_see(child, i % 2 ? SIGTSTP : SIGSTOP, WUNTRACED);
        memcpy(before, shared, sizeof before);
        sleep_millis(3);
        memcpy(after, shared, sizeof after);
        for (int j = 0; j < THREADS; j++)
            if (before[j] != after[j])
                printf("thread %d moved on by %d\n", j, after[j] - before[j]);
        send_and_see(child, SIGCONT, WCONTINUED);
    }
    send_and_see(child, SIGSTOP, WUNTRACED);
    send_and_see(child, SIGKILL, 0);
    return 0;
}

/* For stops that come from outside: counts until it is told the end on its standard input. */
static int mode_until_told(int argc, char **argv)
{
    (void)argc, (void)argv;
    char byte;
    /* SIGTSTP does not stop an orphaned process group, such as that of a service's children. */
    CHECK(setpgid(0, 0));
    printf("ready\n");
    long got = read(0, &byte, 1);
    printf("told %ld\n", got);
    return 63;
}

static const struct mode modes[] = {
    {"sequence", mode_sequence},
    {"own-stops", mode_own_stops},
    {"handlers", mode_handlers},
    {"killed-while-stopped", mode_killed_while_stopped},
    {"waitid", mode_waitid},
    {"sigchld", mode_sigchld},
    {"threads", mode_threads},
    {"until-told", mode_until_told},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
