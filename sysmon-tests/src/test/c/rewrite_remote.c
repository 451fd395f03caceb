/* Tells whether it noticed the calls that were made inside it at each of its getppid. */
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#ifndef SYS_newfstatat
#define SYS_newfstatat SYS_fstatat64
#endif

enum { MOST = 4000 };

static int values[MOST];
static volatile sig_atomic_t got;
static volatile long asked;

static void on_queued(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    if (got < MOST)
        values[got++] = info->si_value.sival_int;
}

/* queued COUNT: real-time signals that a thread queues while the leader asks all arrive, in order. */
static void *queue_signals(void *count)
{
    for (long i = 0; i < (long)count; i++) {
        union sigval value = {.sival_int = i};
        while (asked < i / 8)
            sched_yield();
        while (sigqueue(getpid(), SIGRTMIN + 2, value) == -1)
            sched_yield();
    }
    return NULL;
}

static int queued(int argc, char **argv)
{
    (void)argc;
    long count = atol(argv[0]);
    sigset_t set, before, after;
    memset(&before, 0, sizeof before);
    memset(&after, 0, sizeof after);
    struct sigaction action = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN + 2, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 2);
    pthread_t thread;
    /* The thread has it blocked, so that the leader gets it. */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    CHECK0(pthread_create(&thread, NULL, queue_signals, (void *)count));
    pthread_sigmask(SIG_UNBLOCK, &set, &before);
    sigdelset(&before, SIGRTMIN + 2);
    while (got < count) {
        syscall(SYS_getppid);
        asked++;
    }
    CHECK0(pthread_join(thread, NULL));
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    int disorder = 0;
    for (int i = 0; i < count; i++)
        disorder += values[i] != i;
    printf("got=%d disorder=%d mask %s\n", (int)got, disorder,
           memcmp(&before, &after, sizeof before) ? "changed" : "same");
    return 0;
}

/* blocked: signals that are blocked and pending stay so. */
static int blocked(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct sigaction action = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
    sigset_t set, mask, now, pending, still;
    sigemptyset(&set);
    /* sigemptyset and the kernel leave most of its bytes as they are. */
    memset(&mask, 0, sizeof mask);
    memset(&now, 0, sizeof now);
    memset(&pending, 0, sizeof pending);
    memset(&still, 0, sizeof still);
    for (int i = 0; i < 3; i++) {
        int signal = (int[]){SIGUSR1, SIGRTMIN + 3, SIGCONT}[i];
        sigaction(signal, &action, NULL);
        sigaddset(&set, signal);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    raise(SIGUSR1);
    kill(getpid(), SIGCONT);
    for (int i = 0; i < 3; i++)
        sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 70 + i});
    sigpending(&pending);
    for (int i = 0; i < 20; i++)
        syscall(SYS_getppid);
    sigprocmask(SIG_BLOCK, NULL, &now);
    sigpending(&still);
    int before = got;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("mask %s, pending %s, %d handled, then %d\n",
           memcmp(&mask, &now, sizeof mask) ? "changed" : "same",
           memcmp(&pending, &still, sizeof pending) ? "changed" : "same", before, (int)got);
    return 0;
}

/* suspends: waits with another mask, which a signal ends; handlers run once for each signal. */
static int suspends(int argc, char **argv)
{
    (void)argc;
    long count = atol(argv[0]);
    struct sigaction action = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
    sigaction(SIGALRM, &action, NULL);
    sigset_t alarm, none;
    sigemptyset(&none);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    int bad = 0;
    for (long i = 0; i < count; i++) {
        struct itimerval once = {{0, 0}, {0, 500}};
        setitimer(ITIMER_REAL, &once, NULL);
        int result = sigsuspend(&none);
        bad += result != -1 || errno != EINTR || got != i + 1;
        sigset_t now;
        sigprocmask(SIG_BLOCK, NULL, &now);
        bad += !sigismember(&now, SIGALRM);
    }
    printf("bad=%d\n", bad);
    return 0;
}

static volatile long *progress;

static void *ask_forever(void *unused)
{
    (void)unused;
    while (1) {
        syscall(SYS_getppid);
        ++*progress;
    }
}

static pid_t asker(int threads)
{
    pid_t child = CHECK(fork());
    if (!child) {
        pthread_t thread;
        for (int i = 1; i < threads; i++)
            CHECK0(pthread_create(&thread, NULL, ask_forever, NULL));
        ask_forever(NULL);
    }
    return child;
}

static int goes_on(void)
{
    long before = *progress;
    for (int i = 0; i < 3000; i++) {
        if (*progress > before + 3)
            return 1;
        sleep_millis(1);
    }
    return 0;
}

/* stops THREADS ROUNDS: a child that asks is stopped and continued; its parent is told of both. */
static int stops(int argc, char **argv)
{
    (void)argc;
    int bad = 0, rounds = atoi(argv[1]);
    progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = asker(atoi(argv[0]));
    for (int i = 0; i < rounds && bad < 3; i++) {
        int status;
        if (!goes_on()) {
            printf("round %d: does not go on\n", i);
            bad++;
        }
        CHECK(kill(child, SIGSTOP));
        CHECK(waitpid(child, &status, WUNTRACED));
        if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP) {
            printf("round %d: stop is 0x%x\n", i, status);
            bad++;
        }
        long now = *progress;
        sleep_millis(2);
        /* What was counted before the stop took hold may become visible late, but only once a thread. */
        if (*progress > now + 4) {
            printf("round %d: %ld calls while stopped\n", i, *progress - now);
            bad++;
        }
        CHECK(kill(child, SIGCONT));
        CHECK(waitpid(child, &status, WCONTINUED));
        if (!WIFCONTINUED(status)) {
            printf("round %d: continuation is 0x%x\n", i, status);
            bad++;
        }
    }
    kill(child, SIGKILL);
    printf("bad=%d\n", bad);
    reap("child", child);
    return 0;
}

/* stop_cont THREADS ROUNDS: SIGCONT right behind SIGSTOP leaves nothing stopped. */
static int stop_cont(int argc, char **argv)
{
    (void)argc;
    int bad = 0, rounds = atoi(argv[1]);
    progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = asker(atoi(argv[0]));
    for (int i = 0; i < rounds && bad < 2; i++) {
        CHECK(kill(child, SIGSTOP));
        for (volatile int wait = i % 50 * 200; wait; wait--)
            ;
        CHECK(kill(child, SIGCONT));
        if (!goes_on()) {
            printf("round %d: stays stopped\n", i);
            bad++;
            kill(child, SIGCONT);
        }
    }
    kill(child, SIGKILL);
    printf("bad=%d\n", bad);
    reap("child", child);
    return 0;
}

static void install(unsigned otherwise)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, otherwise),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

static void say(const char *what, long result)
{
    char line[64];
    int length = snprintf(line, sizeof line, "%s %ld\n", what, result);
    CHECK(write(1, line, length));
}

/* filtered KILL: asks under a filter of its own, which then still works. */
static int filtered(int argc, char **argv)
{
    (void)argc;
    long parent = getppid();
    install(atoi(argv[0]) ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | EPERM);
    for (int i = 0; i < 4; i++) {
        long result = syscall(SYS_getppid, i, "old text", 0, 0, 0, 0);
        if (result == parent)
            say("parent", 0);
        else
            say("result", result);
    }
    const char text[] = "old text\n";
    CHECK(write(1, text, sizeof text - 1));
    if (!atoi(argv[0]))
        say("getpid", syscall(SYS_getpid) == -1 ? -errno : 1);
    else
        syscall(SYS_getpid);
    return 0;
}

/* Without CAP_SYS_ADMIN, executes the rest of its arguments. */
static int unprivileged(int argc, char **argv)
{
    (void)argc;
    prctl(PR_CAPBSET_DROP, 21, 0, 0, 0);
    execvp(argv[0], argv);
    return 96;
}

/* Without CAP_SYS_ADMIN and under a filter that harms nobody, as in a container. */
static int contained(int argc, char **argv)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    return unprivileged(argc, argv);
}

/* handlers COUNT: a signal's handler interrupts code that makes no system call. */
static int handlers(int argc, char **argv)
{
    (void)argc;
    struct sigaction action = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval every = {{0, 700}, {0, 700}};
    setitimer(ITIMER_REAL, &every, NULL);
    unsigned long count = 0, last = atol(argv[0]), hash = 1;
    while ((unsigned long)got < last)
        for (int i = 0; i < 1000; i++, count++)
            hash = hash * 6364136223846793005ul + 1442695040888963407ul;
    every = (struct itimerval){0};
    setitimer(ITIMER_REAL, &every, NULL);
    unsigned long again = 1;
    for (unsigned long i = 0; i < count; i++)
        again = again * 6364136223846793005ul + 1442695040888963407ul;
    printf("%s\n", hash == again ? "same" : "different");
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"queued", queued},
                                        {"blocked", blocked},
                                        {"suspends", suspends},
                                        {"stops", stops},
                                        {"stop_cont", stop_cont},
                                        {"filtered", filtered},
                                        {"unprivileged", unprivileged},
                                        {"contained", contained},
                                        {"handlers", handlers},
                                        {0}};
    return run_mode(modes, argc, argv);
}
