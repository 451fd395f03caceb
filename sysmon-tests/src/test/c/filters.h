/* Small seccomp filters, and what can be done under them. */
#ifndef FILTERS_H
#define FILTERS_H
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { MOST_CALLS = 40 };

/* Which calls the action is for, and which for all others; the calls end with -1. */
static inline struct sock_fprog filter_of(struct sock_filter *code, const int *calls,
                                          unsigned listed, unsigned others)
{
    int n = 0, count = 0;
    while (calls[count] != -1)
        count++;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                             offsetof(struct seccomp_data, nr));
    for (int i = 0; i < count; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], count - i, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, others);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, listed);
    return (struct sock_fprog){n, code};
}

/* seccomp(2) after NO_NEW_PRIVS; -1 and errno when it fails. */
static inline long install_with(int flags, const int *calls, unsigned listed, unsigned others)
{
    struct sock_filter code[MOST_CALLS + 3];
    struct sock_fprog program = filter_of(code, calls, listed, others);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* A filter that has an action for some calls and lets all others pass. */
#define INSTALL_FOR(action, ...)                                                                   \
    CHECK(install_with(0, (const int[]){__VA_ARGS__, -1}, action, SECCOMP_RET_ALLOW))

/* What a program needs to speak and to end, and getppid, by which the tests get in touch. */
#define BARELY SYS_write, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_getppid

/* A filter that allows a few calls and has an action for all others. */
#define INSTALL_OTHERWISE(action, ...)                                                             \
    CHECK(install_with(0, (const int[]){__VA_ARGS__, -1}, SECCOMP_RET_ALLOW, action))

/* By write alone: stdio may map and stat. */
#define SAY(...)                                                                                   \
    do {                                                                                           \
        char line_[160];                                                                           \
        int length_ = snprintf(line_, sizeof line_, __VA_ARGS__);                                  \
        syscall(SYS_write, 1, line_, length_);                                                     \
    } while (0)

/* A call's result, or minus its errno. */
#define RESULT(...)                                                                                \
    ({                                                                                             \
        long value_ = syscall(__VA_ARGS__);                                                        \
        value_ == -1 ? -(long)errno : value_;                                                      \
    })

static inline void no_cores(void)
{
    CHECK(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}));
}

#endif
