/* What ties tasks to one another in the kernel, and might come undone with a tracer between them. */
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

static void block(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
}

static int is_pending(int signal)
{
    sigset_t set;
    CHECK(sigpending(&set));
    return sigismember(&set, signal);
}

/* The signal of a parent's death, by prctl. */
static int mode_death_of_the_parent(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        int ready[2], told[2];
        char byte = 0;
        CHECK(pipe(ready));
        CHECK(pipe(told));
        pid_t parent = CHECK(fork());
        if (!parent) {
            if (!CHECK(fork())) {
                block(SIGUSR1);
                CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
                CHECK(write(ready[1], "x", 1));
                int signal;
                sigset_t set;
                sigemptyset(&set);
                sigaddset(&set, SIGUSR1);
                CHECK0(sigwait(&set, &signal));
                CHECK(write(told[1], "y", 1));
                _exit(0);
            }
            CHECK(read(ready[0], &byte, 1));
            _exit(0);
        }
        reap("parent", parent);
        CHECK(read(told[0], &byte, 1));
        printf("told %c\n", byte);
    }
    return 0;
}

static pthread_mutex_t *mutex;

static void *lock_and_leave(void *arg)
{
    CHECK0(pthread_mutex_lock(mutex));
    return arg;
}

static void relock(const char *whose)
{
    printf("%s: %s\n", whose, strerror(pthread_mutex_lock(mutex)));
    CHECK0(pthread_mutex_consistent(mutex));
    CHECK0(pthread_mutex_unlock(mutex));
}

/* The kernel walks the list of a dying task's mutexes. */
static int mode_robust_mutex(int argc, char **argv)
{
    (void)argc, (void)argv;
    mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    CHECK0(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    CHECK0(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    CHECK0(pthread_mutex_init(mutex, &attributes));
    for (int i = 0; i < 10; i++) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, lock_and_leave, NULL));
        CHECK0(pthread_join(thread, NULL));
        relock("a thread's");
        pid_t child = CHECK(fork());
        if (!child) {
            lock_and_leave(NULL);
            kill(getpid(), SIGKILL);
        }
        siginfo_t info;
        CHECK(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
        relock("a process's");
        reap("child", child);
    }
    return 0;
}

/* Who has been told of an end by a pidfd finds a child that can be waited for. */
static int mode_pidfd(int argc, char **argv)
{
    (void)argc, (void)argv;
    int missing = 0;
    for (int i = 0; i < 200; i++) {
        pid_t child = CHECK(fork());
        if (!child)
            _exit(3);
        struct pollfd end = {CHECK(syscall(434 /* pidfd_open */, child, 0)), POLLIN, 0};
        CHECK(poll(&end, 1, -1));
        siginfo_t info = {.si_pid = 0};
        CHECK(waitid(P_PID, child, &info, WEXITED | WNOHANG));
        if (info.si_pid != child) {
            missing++;
            CHECK(waitpid(child, NULL, 0));
        }
        close(end.fd);
    }
    printf("%d missing\n", missing);
    return 0;
}

/* A stopped process whose group becomes orphaned gets SIGHUP, and goes on. */
static int mode_orphaned_group(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        int told[2];
        CHECK(pipe(told));
        pid_t leader = CHECK(fork());
        if (!leader) {
            CHECK(setpgid(0, 0));
            pid_t member = CHECK(fork());
            if (!member) {
                block(SIGHUP);
                CHECK(kill(getpid(), SIGSTOP));
                CHECK(write(told[1], is_pending(SIGHUP) ? "h" : "n", 1));
                _exit(0);
            }
            int status;
            CHECK(waitpid(member, &status, WUNTRACED));
            _exit(0);
        }
        reap("leader", leader);
        char byte;
        CHECK(read(told[0], &byte, 1));
        printf("SIGHUP %s\n", byte == 'h' ? "came" : "is missing");
    }
    return 0;
}

/* A task has one tracer. */
static int mode_trace(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t child = CHECK(fork());
    if (!child) {
        pause();
        _exit(0);
    }
    errno = 0;
    long result = ptrace(PTRACE_SEIZE, child, NULL, NULL);
    printf("PTRACE_SEIZE = %ld %s\n", result, strerror(errno));
    CHECK(kill(child, SIGKILL));
    reap("child", child);
    /* At the end: who has become a tracee stops for the next signal. */
    errno = 0;
    result = ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    printf("PTRACE_TRACEME = %ld %s\n", result, strerror(errno));
    return 0;
}

#if defined __x86_64__
static volatile int steps;

static void step(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    steps += info->si_code == TRAP_TRACE;
}

/* Sets the trap flag of its own, also across a system call. */
static int mode_own_steps(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGTRAP, &action, NULL));
    for (int i = 0; i < 10; i++) {
        long result;
        steps = 0;
        __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq\n\t"
                         "nop; mov $39, %%eax; syscall; nop\n\t"
                         "pushfq; andq $~0x100, (%%rsp); popfq"
                         : "=a"(result)
                         :
                         : "rcx", "r11", "memory", "cc");
        printf("%d steps, %s\n", steps, result == getpid() ? "getpid" : "another result");
    }
    return 0;
}
#endif

static const struct mode modes[] = {
    {"death-of-the-parent", mode_death_of_the_parent},
    {"robust-mutex", mode_robust_mutex},
    {"pidfd", mode_pidfd},
    {"orphaned-group", mode_orphaned_group},
    {"trace", mode_trace},
#if defined __x86_64__
    {"own-steps", mode_own_steps},
#endif
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
