/* What the guests share: checks, and wait statuses as text without process ids. */
#ifndef GUEST_H
#define GUEST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* Ends the guest when a call fails that must not; gives its result. */
#define CHECK(call)                                                            \
    ({                                                                         \
        long result_ = (long)(call);                                           \
        if (result_ == -1) {                                                   \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,      \
                    strerror(errno));                                          \
            _exit(99);                                                         \
        }                                                                      \
        result_;                                                               \
    })

/* For functions that return an error number. */
#define CHECK0(call)                                                           \
    do {                                                                       \
        int error_ = (call);                                                   \
        if (error_) {                                                          \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,      \
                    strerror(error_));                                         \
            _exit(99);                                                         \
        }                                                                      \
    } while (0)

/* No output may be copied by fork or lost by _exit. */
static inline void line_buffered(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static inline void print_status(const char *what, int status)
{
    if (WIFEXITED(status))
        printf("%s exited %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s killed by %d%s\n", what, WTERMSIG(status),
               WCOREDUMP(status) ? " with core" : "");
    else if (WIFSTOPPED(status))
        printf("%s stopped by %d\n", what, WSTOPSIG(status));
    else if (WIFCONTINUED(status))
        printf("%s continued\n", what);
    else
        printf("%s status 0x%x\n", what, status);
}

/* Waits for one child and prints what it is told. */
static inline int reap_with(const char *what, pid_t pid, int options)
{
    int status;
    pid_t got;
    while ((got = waitpid(pid, &status, options)) == -1 && errno == EINTR)
        ;
    if (got != pid) {
        printf("%s: waitpid gave %s\n", what, got == -1 ? strerror(errno) : "another pid");
        return -1;
    }
    print_status(what, status);
    return status;
}

static inline int reap(const char *what, pid_t pid)
{
    return reap_with(what, pid, 0);
}

static inline void sleep_millis(long millis)
{
    struct timespec time = {millis / 1000, millis % 1000 * 1000000};
    while (nanosleep(&time, &time) == -1 && errno == EINTR)
        ;
}

static inline long now_millis(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Instructions that raise SIGILL and SIGTRAP, and what the latter's si_code is. */
#ifdef __aarch64__
#define UNDEFINED_INSTRUCTION "udf #0"
#define BREAKPOINT_INSTRUCTION "brk #0"
#define BREAKPOINT_CODE TRAP_BRKPT
#else
#define UNDEFINED_INSTRUCTION "ud2"
#define BREAKPOINT_INSTRUCTION "int3"
#define BREAKPOINT_CODE SI_KERNEL
#endif

/* For SIGTRAP's handler: the instruction pointer is behind int3 already, and still at brk. */
static inline void pass_breakpoint(const siginfo_t *info, void *context)
{
#ifdef __aarch64__
    if (info->si_code == BREAKPOINT_CODE)
        ((ucontext_t *)context)->uc_mcontext.pc += 4;
#else
    (void)info, (void)context;
#endif
}

/* One thing that a guest can do, by name. */
struct mode {
    const char *name;
    int (*run)(int argc, char **argv);
};

/* Runs the mode that argv[1] names with the arguments behind it. */
static inline int run_mode(const struct mode *modes, int argc, char **argv)
{
    line_buffered();
    for (; argc > 1 && modes->name; modes++)
        if (!strcmp(modes->name, argv[1]))
            return modes->run(argc - 2, argv + 2);
    fprintf(stderr, "no such mode\n");
    return 98;
}

#endif
