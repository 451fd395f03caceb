/* Asks its tracer for things by write calls on descriptors that it has not, under filters of its own. */
#include "filters.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <ucontext.h>

enum { FIRST = 200, ASKS = 4 };

static void ask(void)
{
    for (int i = 0; i < ASKS; i++)
        SAY("asked %ld\n", RESULT(SYS_write, FIRST + i, "old text\n", 9));
}

static void on_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
#if defined __x86_64__
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 4712;
#elif defined __aarch64__
    ((ucontext_t *)context)->uc_mcontext.regs[0] = 4712;
#endif
}

static volatile int created;

static void *synchronize(void *arg)
{
    const int calls[] = {BARELY, -1};
    while (!created)
        ;
    CHECK(install_with(SECCOMP_FILTER_FLAG_TSYNC, calls, SECCOMP_RET_ALLOW,
                       SECCOMP_RET_KILL_PROCESS));
    *(volatile int *)arg = 1;
    while (1)
        ;
}

/* A filter that forbids what injected calls are, in one of the ways that there are. */
static void filter(const char *kind)
{
    const int calls[] = {BARELY, SYS_close, -1};
    if (!strcmp(kind, "kill_process")) {
        INSTALL_OTHERWISE(SECCOMP_RET_KILL_PROCESS, BARELY);
    } else if (!strcmp(kind, "kill_thread")) {
        INSTALL_OTHERWISE(SECCOMP_RET_KILL_THREAD, BARELY);
    } else if (!strcmp(kind, "errno")) {
        INSTALL_OTHERWISE(SECCOMP_RET_ERRNO | EPERM, BARELY);
    } else if (!strcmp(kind, "trap")) {
        sigaction(SIGSYS, &(struct sigaction){.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO},
                  NULL);
        INSTALL_OTHERWISE(SECCOMP_RET_TRAP, BARELY);
    } else if (!strcmp(kind, "log")) {
        INSTALL_OTHERWISE(SECCOMP_RET_LOG, BARELY);
    } else if (!strcmp(kind, "trace")) {
        INSTALL_OTHERWISE(SECCOMP_RET_TRACE | 1, BARELY);
    } else if (!strcmp(kind, "notify")) {
        long listener = install_with(SECCOMP_FILTER_FLAG_NEW_LISTENER, calls, SECCOMP_RET_ALLOW,
                                     SECCOMP_RET_USER_NOTIF);
        CHECK(close(listener));
    } else if (!strcmp(kind, "stacked")) {
        INSTALL_OTHERWISE(SECCOMP_RET_LOG, BARELY);
        INSTALL_FOR(SECCOMP_RET_KILL_PROCESS, SYS_getpid, SYS_gettid, SYS_mmap);
    } else if (!strcmp(kind, "tsync")) {
        pthread_t thread;
        static volatile int done;
        CHECK0(pthread_create(&thread, NULL, synchronize, (void *)&done));
        created = 1;
        while (!done)
            ;
    } else if (!strcmp(kind, "strict")) {
        CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
    }
}

static int filtered(int argc, char **argv)
{
    (void)argc;
    no_cores();
    pid_t child = strcmp(argv[0], "vfork") ? CHECK(fork()) : CHECK(vfork());
    if (!child) {
        filter(strcmp(argv[0], "vfork") ? argv[0] : "kill_process");
        ask();
        SAY("getpid %ld\n", RESULT(SYS_getpid) > 0 ? 1 : -(long)errno);
        syscall(SYS_exit_group, 5);
    }
    reap("child", child);
    SAY("unfiltered:\n");
    ask();
    return 0;
}

static volatile int asked;

static void *synchronize_soon(void *arg)
{
    const int calls[] = {BARELY, -1};
    while (asked < 2)
        ;
    for (volatile long i = 0; i < (long)arg; i++)
        ;
    CHECK(install_with(SECCOMP_FILTER_FLAG_TSYNC, calls, SECCOMP_RET_ALLOW,
                       SECCOMP_RET_KILL_PROCESS));
    asked = 1000;
    while (1)
        ;
}

/* tsync_races ROUNDS: in each, a filter comes over a thread that is asking. */
static int tsync_races(int argc, char **argv)
{
    (void)argc;
    int rounds = atoi(argv[0]), bad = 0;
    no_cores();
    for (int i = 0; i < rounds; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            pthread_t thread;
            CHECK0(pthread_create(&thread, NULL, synchronize_soon, (void *)(i % 40 * 2000L)));
            for (; asked < 1003; asked++)
                if (RESULT(SYS_write, FIRST, "x", 1) != -EBADF)
                    _exit(6);
            _exit(5);
        }
        int status;
        CHECK(waitpid(child, &status, 0));
        if (status != 5 << 8 && bad++ < 5)
            print_status("child", status);
    }
    printf("bad=%d\n", bad);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"filtered", filtered}, {"tsync_races", tsync_races}, {0}};
    return run_mode(modes, argc, argv);
}
