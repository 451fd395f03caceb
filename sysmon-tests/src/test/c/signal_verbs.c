/* Signals that a tracer suppresses, replaces and sends. Tells what arrives. */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

static void tell(int signal, siginfo_t *info, void *context)
{
    (void)context;
    /* Each is raised by the only thread, while it prints nothing else. */
    printf("handled %d code %d from %s value %d\n", signal, info->si_code,
           info->si_code > 0           ? "kernel"
           : info->si_pid == getpid()  ? "self"
           : info->si_pid == getppid() ? "parent"
                                       : "another",
           info->si_code == SI_QUEUE ? info->si_value.sival_int : 0);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigfillset(&action.sa_mask);
    CHECK(sigaction(signal, &action, NULL));
}

static void handle_all(void)
{
    int signals[] = {SIGUSR1, SIGUSR2, SIGCONT, SIGRTMIN + 1};
    for (int i = 0; i < 4; i++)
        handle(signals[i], tell);
    signal(SIGHUP, SIG_IGN);
}

/* raises SIGNAL...: raises each; those that have no handler do what they do by default. */
static int raises(int argc, char **argv)
{
    handle_all();
    for (int i = 0; i < argc; i++) {
        CHECK(kill(getpid(), atoi(argv[i])));
        printf("after %s\n", argv[i]);
    }
    return 3;
}

static void tell_sender(int signal, siginfo_t *info, void *context)
{
    (void)context;
    printf("handled %d code %d pid %d uid %d\n", signal, info->si_code, info->si_pid, info->si_uid);
}

/* senders SIGNAL...: as raises, with what each handler is told of the sender. */
static int senders(int argc, char **argv)
{
    handle(SIGUSR1, tell_sender);
    handle(SIGUSR2, tell_sender);
    for (int i = 0; i < argc; i++)
        CHECK(kill(getpid(), atoi(argv[i])));
    return 0;
}

static void print_pending(const char *when)
{
    sigset_t set;
    CHECK(sigpending(&set));
    printf("%s:", when);
    for (int i = 1; i < 64; i++)
        if (sigismember(&set, i))
            printf(" %d", i);
    printf("\n");
}

/* blocked: SIGUSR1 comes while SIGUSR2 is blocked. */
static int blocked(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t set, old;
    handle_all();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK(sigprocmask(SIG_BLOCK, &set, &old));
    CHECK(kill(getpid(), SIGUSR1));
    print_pending("pending");
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL));
    print_pending("pending");
    return 0;
}

/* child [SIGNAL]: SIGUSR1 for a child, whose parent tells when it stops or ends, and continues it. */
static int child(int argc, char **argv)
{
    handle_all();
    int number = argc > 0 ? atoi(argv[0]) : SIGUSR1;
    pid_t pid = CHECK(fork());
    if (!pid) {
        CHECK(setpgid(0, 0));
        CHECK(kill(getpid(), number));
        printf("after %d\n", number);
        _exit(5);
    }
    int status;
    do {
        CHECK(waitpid(pid, &status, WUNTRACED));
        print_status("child", status);
        if (WIFSTOPPED(status))
            CHECK(kill(pid, SIGCONT));
    } while (!WIFEXITED(status) && !WIFSIGNALED(status));
    return 0;
}

/* faults: a load through a null pointer, an instruction that does not exist, and on x86 a division by 0. */
static int faults(int argc, char **argv)
{
    (void)argc, (void)argv;
    long value = 1;
#ifdef __aarch64__
    register long x0 __asm__("x0") = 1;
    __asm__ volatile("ldr %0, [%1]" : "+r"(x0) : "r"(0L) : "memory");
    value = x0;
#else
    __asm__ volatile("movq (%1), %0" : "=a"(value) : "b"(0L) : "memory");
#endif
    printf("loaded %ld\n", value);
    __asm__ volatile(UNDEFINED_INSTRUCTION);
    printf("after SIGILL\n");
#ifndef __aarch64__
    long quotient = 1, rest = 0;
    __asm__ volatile("idivq %2" : "+a"(quotient), "+d"(rest) : "c"(0L));
    printf("quotient %ld\n", quotient);
#endif
    return 0;
}

/* waits: an epoll_wait that a signal comes to. */
static int waits(int argc, char **argv)
{
    (void)argc, (void)argv;
    handle_all();
    struct epoll_event event;
    int epoll = CHECK(epoll_create1(0));
    int got = epoll_wait(epoll, &event, 1, 200);
    printf("epoll_wait %d %s\n", got, strerror(errno));
    return 0;
}

static pid_t leader;

static void tell_thread(int signal, siginfo_t *info, void *context)
{
    (void)context;
    /* One write: two threads tell at the same time. */
    char text[80];
    int length = sprintf(text, "%s got %d code %d value %d\n",
                         syscall(SYS_gettid) == leader ? "leader" : "thread", signal, info->si_code,
                         info->si_code == SI_QUEUE ? info->si_value.sival_int : 0);
    CHECK(write(1, text, length));
}

static void *wait_forever(void *arg)
{
    while (1)
        pause();
    return arg;
}

static void block(int how)
{
    sigset_t set;
    sigfillset(&set);
    CHECK(sigprocmask(how, &set, NULL));
}

/* threads: a leader and a thread that get signals until input ends. */
static int threads(int argc, char **argv)
{
    (void)argc, (void)argv;
    char byte;
    pthread_t thread;
    leader = getpid();
    for (int number = 1; number <= 64; number++)
        if (number != SIGKILL && number != SIGSTOP && number != 32 && number != 33)
            handle(number, tell_thread);
    CHECK0(pthread_create(&thread, NULL, wait_forever, NULL));
    printf("ready\n");
    while (read(0, &byte, 1) == -1 && errno == EINTR)
        ;
    return 0;
}

/* queued: signals that come while all are blocked, until a line is read. */
static int queued(int argc, char **argv)
{
    (void)argc, (void)argv;
    char byte;
    handle_all();
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        handle(number, tell);
    block(SIG_BLOCK);
    printf("ready\n");
    CHECK(read(0, &byte, 1));
    block(SIG_UNBLOCK);
    printf("unblocked\n");
    return 0;
}

static void *end_at_once(void *arg)
{
    return arg;
}

/* flock ROUNDS: threads that come and go; SIGUSR2 is ignored. */
static int flock(int argc, char **argv)
{
    int rounds = argc > 0 ? atoi(argv[0]) : 1;
    signal(SIGUSR2, SIG_IGN);
    for (int i = 0; i < rounds; i++) {
        pthread_t flock[4];
        for (int j = 0; j < 4; j++)
            CHECK0(pthread_create(flock + j, NULL, end_at_once, NULL));
        for (int j = 0; j < 4; j++)
            pthread_join(flock[j], NULL);
    }
    printf("done\n");
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"raises", raises}, {"senders", senders}, {"blocked", blocked},
        {"child", child},   {"faults", faults},   {"waits", waits},
        {"threads", threads}, {"queued", queued}, {"flock", flock},
        {NULL, NULL}};
    return run_mode(modes, argc, argv);
}
