/* Programs for tracers that give them a seccomp filter. */
#include "filters.h"
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

static void make_calls(int calls)
{
    for (int i = 0; i < calls; i++) {
        syscall(SYS_getppid);
        syscall(SYS_getuid);
        syscall(SYS_getgid);
    }
}

/* In this process, a forked one, a vforked one's program, and a thread. */
static void *in_thread(void *calls)
{
    make_calls(*(int *)calls);
    return NULL;
}

static int mode_calls(int argc, char **argv)
{
    int calls = argc > 0 ? atoi(argv[0]) : 10;
    make_calls(calls);
    pid_t child = CHECK(fork());
    if (!child) {
        make_calls(calls);
        _exit(3);
    }
    reap("child", child);
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, in_thread, &calls));
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

/* What it can find out about filters and privileges. */
static int mode_status(int argc, char **argv)
{
    (void)argc, (void)argv;
    SAY("seccomp %d, no_new_privs %d\n", prctl(PR_GET_SECCOMP), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    return 0;
}

/* clone and clone3 with CLONE_UNTRACED; the structure in memory that cannot be written. */
static int mode_untraced(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t child = CHECK(syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
    if (!child)
        _exit(RESULT(SYS_getppid) > 0 ? 41 : 40);
    reap("clone", child);
    struct clone_args *args = (struct clone_args *)CHECK(
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    args->flags = CLONE_UNTRACED;
    args->exit_signal = SIGCHLD;
    CHECK(mprotect(args, 4096, PROT_READ));
    child = CHECK(syscall(SYS_clone3, args, sizeof *args));
    if (!child)
        _exit(RESULT(SYS_getppid) > 0 && args->flags == CLONE_UNTRACED ? 42 : 40);
    SAY("flags kept: %d\n", args->flags == CLONE_UNTRACED);
    reap("clone3", child);
    return 0;
}

/* A filter of its own, then calls that it answers. */
static int mode_own(int argc, char **argv)
{
    (void)argc, (void)argv;
    SAY("%d\n", RESULT(SYS_getppid) > 0);
    INSTALL_FOR(SECCOMP_RET_ERRNO | EPERM, SYS_getppid);
    SAY("%ld\n", RESULT(SYS_getppid));
    pid_t child = CHECK(fork());
    if (!child) {
        SAY("%ld\n", RESULT(SYS_getppid));
        _exit(5);
    }
    reap("child", child);
    return 0;
}

/* A filter of its own that leaves calls to a tracer. */
static int mode_left(int argc, char **argv)
{
    (void)argc, (void)argv;
    INSTALL_FOR(SECCOMP_RET_TRACE | 7, SYS_getppid, SYS_getuid);
    SAY("%ld %ld\n", RESULT(SYS_getppid), RESULT(SYS_getuid));
    return 0;
}

static volatile int handled;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

/* Whether a process is in a read, as /proc tells. */
static int is_reading(const char *path)
{
    char text[100] = "", call[8];
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    sprintf(call, "%d 0x", SYS_read);
    int is = fgets(text, sizeof text, file) && !strncmp(text, call, strlen(call));
    fclose(file);
    return is;
}

/* A read that is interrupted by a handler and restarted, twice in the same place. */
static int mode_restarted(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGALRM, &action, NULL));
    int ends[2], said[2];
    char both[2];
    CHECK(pipe(ends));
    CHECK(pipe(said));
    pid_t child = CHECK(fork());
    if (!child) {
        char byte;
        CHECK(close(ends[1]));
        while (read(ends[0], &byte, 1) == 1) {
            SAY("got %c, handled %d\n", byte, handled);
            CHECK(write(said[1], &byte, 1));
        }
        _exit(0);
    }
    CHECK(close(ends[0]));
    for (int round = 0; round < 2; round++) {
        char path[64];
        sprintf(path, "/proc/%d/syscall", child);
        while (!is_reading(path))
            ;
        CHECK(kill(child, SIGALRM));
        do {
            struct timespec moment = {0, 20000000};
            nanosleep(&moment, NULL);
        } while (!is_reading(path));
        CHECK(write(ends[1], "ab" + round, 1));
        /* Else the next signal might still come to the same read. */
        CHECK(read(said[0], both, sizeof both));
    }
    CHECK(close(ends[1]));
    reap("child", child);
    return 0;
}

/* Writes that may fail. */
static int mode_writes(int argc, char **argv)
{
    (void)argc, (void)argv;
    int null = CHECK(open("/dev/null", O_WRONLY));
    long failed = 0;
    for (int i = 0; i < 100; i++)
        failed += RESULT(SYS_pwrite64, null, "x", 1, 0) == -ENOSPC;
    SAY("%ld failed with ENOSPC, getuid %ld\n", failed, RESULT(SYS_getuid));
    return 0;
}

/* Runs a program that cannot install filters. */
static int mode_forbidden(int argc, char **argv)
{
    (void)argc;
    INSTALL_FOR(SECCOMP_RET_ERRNO | EPERM, SYS_seccomp);
    execvp(argv[0], argv);
    return 96;
}

static const struct mode modes[] = {
    {"calls", mode_calls},
    {"status", mode_status},
    {"untraced", mode_untraced},
    {"own", mode_own},
    {"left", mode_left},
    {"restarted", mode_restarted},
    {"writes", mode_writes},
    {"forbidden", mode_forbidden},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
