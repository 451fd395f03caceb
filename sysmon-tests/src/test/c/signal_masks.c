/* Masks, stacks, queues: what of signals is the program's own bookkeeping. */
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static volatile sig_atomic_t count;

static void note(int signal)
{
    (void)signal;
    count++;
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags, int block_all)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    if (block_all)
        sigfillset(&action.sa_mask);
    CHECK(sigaction(signal, &action, NULL));
}

static sigset_t set_of(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

static void print_mask(const char *what)
{
    sigset_t now;
    CHECK(sigprocmask(SIG_BLOCK, NULL, &now));
    printf("%s blocks", what);
    for (int i = 1; i <= 64; i++)
        if (sigismember(&now, i) == 1)
            printf(" %d", i);
    printf("\n");
}

static int fds[2];
static sigset_t open_mask;

static long with_ppoll(void)
{
    struct pollfd in = {fds[0], POLLIN, 0};
    struct timespec time = {20, 0};
    return ppoll(&in, 1, &time, &open_mask);
}

static long with_pselect(void)
{
    fd_set in;
    struct timespec time = {20, 0};
    FD_ZERO(&in);
    FD_SET(fds[0], &in);
    return pselect(fds[0] + 1, &in, NULL, NULL, &time, &open_mask);
}

static int epoll;

static long with_epoll_pwait(void)
{
    struct epoll_event event;
    return epoll_pwait(epoll, &event, 1, 20000, &open_mask);
}

static long with_sigsuspend(void)
{
    return sigsuspend(&open_mask);
}

/* waits: calls that wait with another mask, before and while a signal comes. */
static int waits(int argc, char **argv)
{
    (void)argc, (void)argv;
    const char *names[] = {"ppoll", "pselect", "epoll_pwait", "sigsuspend"};
    long (*calls[])(void) = {with_ppoll, with_pselect, with_epoll_pwait, with_sigsuspend};
    CHECK(pipe(fds));
    epoll = CHECK(epoll_create1(0));
    struct epoll_event in = {.events = EPOLLIN};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &in));
    sigset_t blocked = set_of(SIGUSR1);
    sigaddset(&blocked, SIGALRM);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, NULL));
    /* SIGALRM gets through, SIGUSR1 does not. */
    open_mask = set_of(SIGUSR1);
    sigaddset(&open_mask, SIGUSR2);
    signal(SIGUSR1, note);
    signal(SIGALRM, note);
    for (int i = 0; i < 4; i++) {
        for (int pending = 0; pending < 2; pending++) {
            struct itimerval soon = {{0, 0}, {0, 3000}};
            count = 0;
            raise(SIGUSR1);
            if (pending)
                raise(SIGALRM);
            else
                CHECK(setitimer(ITIMER_REAL, &soon, NULL));
            long got = calls[i]();
            printf("%s = %ld %s, %d handled\n", names[i], got, strerror(errno), (int)count);
            print_mask(names[i]);
            sigset_t usr1 = set_of(SIGUSR1);
            printf("still pending: %d\n", sigtimedwait(&usr1, NULL, &(struct timespec){0, 0}));
        }
    }
    CHECK(write(fds[1], "x", 1));
    for (int i = 0; i < 3; i++) {
        printf("%s = %ld\n", names[i], calls[i]());
        print_mask(names[i]);
    }
    return 0;
}

static int depth;

static void tell(int signal, siginfo_t *info, void *context)
{
    (void)context;
    printf("%*s%d value %d %s\n", depth, "", signal, info->si_value.sival_int,
           info->si_pid == getpid() ? "own" : "foreign");
}

/* Every handler is interrupted by the next one before its first instruction. */
static void tell_nested(int signal, siginfo_t *info, void *context)
{
    depth++;
    tell(signal, info, context);
    depth--;
}

/* queue flat|nested: all real-time signals, from itself, a thread and a child. */
static int queue(int argc, char **argv)
{
    int nested = argc > 0 && !strcmp(argv[0], "nested");
    sigset_t all, old;
    sigfillset(&all);
    for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
        handle(i, nested ? tell_nested : tell, 0, !nested);
    CHECK(sigprocmask(SIG_BLOCK, &all, &old));
    for (int value = 0; value < 3; value++)
        for (int i = SIGRTMAX; i >= SIGRTMIN; i -= 1 + value)
            CHECK(sigqueue(getpid(), i, (union sigval){.sival_int = value}));
    for (int i = SIGRTMIN; i <= SIGRTMAX; i += 3)
        CHECK0(pthread_sigqueue(pthread_self(), i, (union sigval){.sival_int = 10}));
    pid_t parent = getpid(), child = CHECK(fork());
    if (!child) {
        for (int i = SIGRTMAX; i >= SIGRTMIN; i -= 5)
            CHECK(sigqueue(parent, i, (union sigval){.sival_int = 20}));
        _exit(0);
    }
    reap("child", child);
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL));
    printf("all told\n");
    return 0;
}

static char stack[65536];
static sigjmp_buf back;

static int on_stack(void)
{
    char here;
    return &here >= stack && &here < stack + sizeof stack;
}

static void tell_stack(int signal, siginfo_t *info, void *context)
{
    stack_t now;
    (void)info, (void)context;
    CHECK(sigaltstack(NULL, &now));
    printf("%d %s the alternative stack, flags %d\n", signal, on_stack() ? "on" : "beside",
           now.ss_flags & ~(int)SS_AUTODISARM);
    if (signal == SIGUSR1)
        raise(SIGUSR2);
    if (signal == SIGSEGV)
        siglongjmp(back, 1);
}

/* stacks: handlers on the alternative stack and beside it, nested, left by a jump. */
static int stacks(int argc, char **argv)
{
    (void)argc, (void)argv;
    int flags[] = {0, SS_AUTODISARM};
    handle(SIGUSR1, tell_stack, SA_ONSTACK, 0);
    handle(SIGUSR2, tell_stack, SA_ONSTACK, 0);
    handle(SIGSEGV, tell_stack, SA_ONSTACK | SA_NODEFER, 0);
    handle(SIGALRM, tell_stack, 0, 0);
    for (int i = 0; i < 2; i++) {
        stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = flags[i]};
        CHECK(sigaltstack(&alternative, NULL));
        raise(SIGUSR1);
        raise(SIGALRM);
        if (!sigsetjmp(back, 1))
            *(volatile char *)8 = 1;
        CHECK(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
        raise(SIGUSR1);
    }
    return 0;
}

static void change_context(int signal, siginfo_t *info, void *context)
{
    ucontext_t *program = context;
    (void)info;
    /* The mask that is in force when the handler has returned. */
    if (signal == SIGUSR1)
        sigaddset(&program->uc_sigmask, SIGUSR2);
    else
        sigdelset(&program->uc_sigmask, SIGUSR2);
}

/* masks: what handlers, flags and returns make of the mask. */
static int masks(int argc, char **argv)
{
    (void)argc, (void)argv;
    handle(SIGUSR1, change_context, 0, 0);
    handle(SIGALRM, change_context, SA_RESETHAND | SA_NODEFER, 1);
    print_mask("before");
    raise(SIGUSR1);
    print_mask("SIGUSR1");
    raise(SIGUSR2);
    signal(SIGUSR2, note);
    raise(SIGALRM);
    print_mask("SIGALRM");
    printf("%d handled, SIGALRM is %s\n", (int)count,
           signal(SIGALRM, SIG_DFL) == SIG_DFL ? "reset" : "kept");
    return 0;
}

static int reaped;

static void reap_some(int signal)
{
    (void)signal;
    int status, saved = errno;
    while (waitpid(-1, &status, WNOHANG) > 0)
        if (WIFEXITED(status) && WEXITSTATUS(status) == 5)
            reaped++;
    errno = saved;
}

/* children COUNT: each is reaped by SIGCHLD's handler; were one lost, this would wait forever. */
static int children(int argc, char **argv)
{
    int all = argc > 0 ? atoi(argv[0]) : 1;
    sigset_t chld = set_of(SIGCHLD), old;
    signal(SIGCHLD, reap_some);
    for (int i = 0; i < all; i++) {
        CHECK(sigprocmask(SIG_BLOCK, &chld, &old));
        if (!CHECK(fork()))
            _exit(5);
        /* Some end before the next one is made, others beside it. */
        while (i % 3 && reaped <= i - 2)
            sigsuspend(&old);
        CHECK(sigprocmask(SIG_SETMASK, &old, NULL));
    }
    CHECK(sigprocmask(SIG_BLOCK, &chld, &old));
    while (reaped < all)
        sigsuspend(&old);
    printf("reaped %d\n", reaped);
    return 0;
}

/* taken COUNT: signals that a thread takes by sigwaitinfo and a descriptor: none is delivered. */
static int taken(int argc, char **argv)
{
    int all = argc > 0 ? atoi(argv[0]) : 1;
    sigset_t set = set_of(SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
    pid_t parent = getpid(), child = CHECK(fork());
    if (!child) {
        for (int i = 0; i < all; i++) {
            CHECK(sigqueue(parent, SIGRTMIN, (union sigval){.sival_int = i}));
            if (i % 10 == 0)
                kill(parent, SIGUSR1);
        }
        _exit(6);
    }
    sigset_t queued = set_of(SIGRTMIN), descriptor = set_of(SIGCHLD);
    int next = 0;
    siginfo_t info;
    while (next < all && sigwaitinfo(&queued, &info) == SIGRTMIN && info.si_value.sival_int == next)
        next++;
    struct signalfd_siginfo read_info;
    int fd = CHECK(signalfd(-1, &descriptor, 0));
    CHECK(read(fd, &read_info, sizeof read_info));
    printf("in order %d, then %u status %d\n", next, read_info.ssi_signo, read_info.ssi_status);
    set = set_of(SIGUSR1);
    printf("%d\n", sigwaitinfo(&set, NULL));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"waits", waits}, {"queue", queue},       {"stacks", stacks}, {"masks", masks},
        {"taken", taken}, {"children", children}, {NULL, NULL}};
    sigset_t none;
    sigemptyset(&none);
    /* A JVM has some signals blocked, and its children inherit that. */
    CHECK(sigprocmask(SIG_SETMASK, &none, NULL));
    return run_mode(modes, argc, argv);
}
