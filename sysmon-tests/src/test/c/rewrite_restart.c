/* Calls that signals interrupt. Tells what it saw of them. */
#include "guest.h"
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>

static volatile sig_atomic_t handled;
static sigjmp_buf back;

static void on_signal(int signal)
{
    (void)signal;
    handled++;
}

static void jump(int signal)
{
    (void)signal;
    handled++;
    siglongjmp(back, 1);
}

static void handle(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGUSR1, &action, NULL);
}

/* Always at the same place and depth. */
__attribute__((noinline, noclone)) static long read_ten(char *into)
{
    return syscall(SYS_read, 0, into, 10);
}

static int reads(void (*handler)(int), int flags)
{
    static char into[11];
    static volatile int interrupted, jumped;
    handle(handler, flags);
    if (sigsetjmp(back, 0))
        jumped++;
    long got;
    while ((got = read_ten(into)) == -1 && errno == EINTR)
        interrupted++;
    printf("read %ld \"%s\", handled %d, interrupted %d, jumped %d\n", got, into, handled,
           interrupted, jumped);
    return 0;
}

static int restarts(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return reads(on_signal, SA_RESTART);
}

static int interrupts(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return reads(on_signal, 0);
}

static int ignores(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return reads(SIG_IGN, 0);
}

/* SIGUSR2 has a handler, and is blocked. */
static int blocks(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    sigset_t set;
    signal(SIGUSR2, on_signal);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
    return reads(on_signal, 0);
}

static int jumps(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return reads(jump, SA_RESTART | SA_NODEFER);
}

static int sleeps(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    handle(on_signal, SA_RESTART);
    struct timespec time = {0, 400000000}, left = {7, 7};
    long before = now_millis();
    int result = syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &time, &left);
    long took = now_millis() - before;
    printf("%d %s, handled %d, %s, %s\n", result, result ? strerror(errno) : "slept", handled,
           took >= 399 ? "whole" : "part",
           left.tv_sec == 7  ? "nothing left"
           : left.tv_sec == 0 ? "some left"
                              : "strange rest");
    return 0;
}

#ifdef SYS_poll
static int polls(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    handle(on_signal, SA_RESTART);
    struct pollfd in = {.fd = 0, .events = POLLIN};
    long before = now_millis();
    int result = syscall(SYS_poll, &in, 1, 400);
    long took = now_millis() - before;
    printf("%d %s, handled %d, %s\n", result, result < 0 ? strerror(errno) : "polled", handled,
           took >= 399 ? "whole" : "part");
    return 0;
}
#endif

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"restarts", restarts}, {"interrupts", interrupts},
                                        {"ignores", ignores},   {"jumps", jumps},
                                        {"blocks", blocks},
                                        {"sleeps", sleeps},
#ifdef SYS_poll
                                        {"polls", polls},
#endif
                                        {0}};
    return run_mode(modes, argc, argv);
}
