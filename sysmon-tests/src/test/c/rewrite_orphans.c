/*
 * Parents that are killed while they fork, so that nobody reports their children. Each child tells
 * by its end whether it met a breakpoint, or found a register that its parent had not set.
 */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { UNTOUCHED = 4711 };

static volatile long calls;

__attribute__((noinline, noclone)) void target(void)
{
    calls++;
}

/* fork, with the register of an argument that it does not have. */
static long fork_with(long *unused)
{
    long result;
#if defined __x86_64__
    register long r9 __asm__("r9") = *unused;
    __asm__ volatile("syscall"
                     : "=a"(result), "+r"(r9)
                     : "0"(SYS_fork)
                     : "rcx", "r11", "memory");
    *unused = r9;
#else
    result = fork();
#endif
    return result;
}

static void be_child(long found)
{
    if (found != UNTOUCHED)
        _exit(3);
    target();
    _exit(2);
}

/* Asks for its breakpoint by getppid, and forks until it is killed. */
static void fork_on(void)
{
    syscall(SYS_getppid, target);
    while (1) {
        long unused = UNTOUCHED;
        if (fork_with(&unused) == 0)
            be_child(unused);
        if (unused != UNTOUCHED)
            _exit(4);
    }
}

static void count(int status, int *bad)
{
    int right = (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    if (!right && (*bad)++ < 5)
        print_status("stranger", status);
}

/* killed ROUNDS: parents are killed at any moment. */
static int killed(int argc, char **argv)
{
    (void)argc;
    int bad = 0, rounds = atoi(argv[0]), status;
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int i = 0; i < rounds; i++) {
        pid_t parent = CHECK(fork());
        if (!parent)
            fork_on();
        usleep(500 + i * 37 % 1500);
        CHECK(kill(parent, SIGKILL));
        while (waitpid(-1, &status, 0) > 0)
            count(status, &bad);
    }
    printf("bad=%d\n", bad);
    return 0;
}

static void *fork_forever(void *arg)
{
    fork_on();
    return arg;
}

/* execs ROUNDS: a thread forks while another one becomes the next program. */
static int execs(int argc, char **argv)
{
    int bad = argc > 1 ? atoi(argv[1]) : 0, rounds = atoi(argv[0]), status;
    while (waitpid(-1, &status, rounds ? WNOHANG : 0) > 0)
        count(status, &bad);
    if (!rounds) {
        printf("bad=%d\n", bad);
        return 0;
    }
    char left[12], found[12];
    sprintf(left, "%d", rounds - 1);
    sprintf(found, "%d", bad);
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, fork_forever, NULL));
    usleep(500 + rounds * 37 % 1500);
    execl("/proc/self/exe", "orphans", "execs", left, found, (char *)NULL);
    return 97;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"killed", killed}, {"execs", execs}, {0}};
    return run_mode(modes, argc, argv);
}
