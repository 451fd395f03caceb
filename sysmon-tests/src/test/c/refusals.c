/* Processes that cannot be traced, and one that cannot trace. Each prints a process id when it is so. */
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* A child that has ended and is not waited for. */
static int mode_zombie(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t child = CHECK(fork());
    if (!child)
        _exit(0);
    siginfo_t info;
    CHECK(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    printf("%d\n", child);
    return pause();
}

static int mode_undumpable(int argc, char **argv)
{
    (void)argc, (void)argv;
    CHECK(prctl(PR_SET_DUMPABLE, 0));
    printf("%d\n", getpid());
    return pause();
}

static int mode_plain(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("%d\n", getpid());
    return pause();
}

/* Becomes a program to which every ptrace call answers EPERM, as in an old container. */
static int mode_filter(int argc, char **argv)
{
    (void)argc;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    return CHECK(execv(argv[0], argv));
}

static const struct mode modes[] = {
    {"zombie", mode_zombie},
    {"undumpable", mode_undumpable},
    {"plain", mode_plain},
    {"filter", mode_filter},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
