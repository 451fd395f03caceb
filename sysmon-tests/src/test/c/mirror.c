/* Prints what a program can find out about itself; process ids, addresses and times are left out. */
#include "guest.h"
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

extern char **environ;

static const char *where = "";

static void say(const char *what, long value)
{
    printf("%s%s %ld", where, what, value);
    if (value == -1)
        printf(" %s", strerror(errno));
    printf("\n");
}

static char *content(const char *name, char *buffer, size_t size)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, buffer, size - 1);
    if (length < 0)
        length = snprintf(buffer, size, "%s", strerror(errno));
    buffer[length] = 0;
    if (fd >= 0)
        close(fd);
    return buffer;
}

static int one_of(const char *line, const char *const *names)
{
    for (; *names; names++)
        if (!strncmp(line, *names, strlen(*names)))
            return 1;
    return 0;
}

/* Sizes of memory come in pages that may or may not have been touched yet. */
static void print_task_status(const char *file)
{
    static const char *const vary[] = {"Tgid:",  "Ngid:",   "Pid:",    "PPid:", "TracerPid:", "NStgid:",
                                       "NSpid:", "NSpgid:", "NSsid:",  "Vm",    "Rss",        "SigQ:", "Cpus_allowed",
                                       "voluntary", "nonvoluntary", NULL};
    char text[8192];
    content(file, text, sizeof text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (!one_of(line, vary))
            printf("%sstatus %s\n", where, line);
}

/* Fields of proc_pid_stat(5) from the third on. */
static void print_stat(const char *file)
{
    static const char *const names[] = {
        "state",   NULL, NULL, NULL,       "tty_nr",      "tpgid",  "flags",      NULL,
        NULL,      NULL, NULL, NULL,       NULL,          NULL,     NULL,         "priority",
        "nice",    "num_threads", "itrealvalue", NULL, NULL, NULL,  "rsslim",     NULL,
        NULL,      NULL, NULL, NULL,       "signal",      "blocked", NULL,  "sigcatch",
        NULL,      "nswap", "cnswap", "exit_signal", NULL, "rt_priority", "policy"};
    char text[2048];
    content(file, text, sizeof text);
    char *field = strtok(strrchr(text, ')') + 2, " ");
    for (size_t i = 0; field && i < sizeof names / sizeof *names; i++, field = strtok(NULL, " "))
        if (names[i])
            printf("%sstat %s %s\n", where, names[i], field);
}

static void print_files(void)
{
    static const char *const files[] = {
        "limits",         "oom_score_adj", "coredump_filter", "cgroup",    "loginuid", "sessionid",
        "timerslack_ns",  "personality",   "uid_map",         "attr/current", "setgroups", "comm",
        "cpuset",         NULL};
    char text[8192], name[64];
    for (const char *const *file = files; *file; file++) {
        snprintf(name, sizeof name, "/proc/self/%s", *file);
        printf("%s%s: %s\n", where, *file, content(name, text, sizeof text));
    }
    static const char *const links[] = {"cwd", "root", "exe", "ns/pid", "ns/mnt", "ns/net", "ns/user",
                                        "ns/cgroup", "ns/ipc", "ns/time", "ns/pid_for_children", NULL};
    for (const char *const *link = links; *link; link++) {
        snprintf(name, sizeof name, "/proc/self/%s", *link);
        ssize_t length = readlink(name, text, sizeof text - 1);
        text[length < 0 ? 0 : length] = 0;
        printf("%s%s -> %s\n", where, *link, length < 0 ? strerror(errno) : text);
    }
}

static void print_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        int fd = atoi(entry->d_name);
        struct stat stat;
        if (entry->d_name[0] == '.' || fd == dirfd(directory) || fstat(fd, &stat) == -1)
            continue;
        printf("%sfd %d mode %o flags %o fd-flags %d size %ld position %ld pipe %d owner %d signal %d\n",
               where, fd, stat.st_mode, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD), (long)stat.st_size,
               (long)lseek(fd, 0, SEEK_CUR), fcntl(fd, F_GETPIPE_SZ), fcntl(fd, F_GETOWN),
               fcntl(fd, F_GETSIG));
    }
    closedir(directory);
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    printf("%sterminal %s\n", where, terminal < 0 ? strerror(errno) : "there");
    if (terminal >= 0)
        close(terminal);
}

struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};

static void print_signals(void)
{
    struct kernel_action action;
    unsigned long set = 0;
    for (int signal = 1; signal <= 64; signal++) {
        if (signal == SIGKILL || signal == SIGSTOP)
            continue;
        CHECK(syscall(SYS_rt_sigaction, signal, NULL, &action, 8));
        printf("%ssignal %d %s flags %lx mask %lx\n", where, signal,
               action.handler == SIG_DFL   ? "default"
               : action.handler == SIG_IGN ? "ignored"
                                           : "handled",
               action.flags, action.mask);
    }
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &set, 8);
    printf("%sblocked %lx\n", where, set);
    syscall(SYS_rt_sigpending, &set, 8);
    printf("%spending %lx\n", where, set);
    stack_t stack;
    CHECK(sigaltstack(NULL, &stack));
    printf("%salternate stack flags %x\n", where, stack.ss_flags);
}

static void print_prctl(void)
{
    static const struct {
        const char *name;
        int option;
        int by_pointer;
    } gets[] = {{"PDEATHSIG", PR_GET_PDEATHSIG, 1},
                {"DUMPABLE", PR_GET_DUMPABLE, 0},
                {"KEEPCAPS", PR_GET_KEEPCAPS, 0},
                {"FPEXC", PR_GET_FPEXC, 1},
                {"TIMING", PR_GET_TIMING, 0},
                {"ENDIAN", PR_GET_ENDIAN, 1},
                {"SECCOMP", PR_GET_SECCOMP, 0},
                {"TSC", PR_GET_TSC, 1},
                {"SECUREBITS", PR_GET_SECUREBITS, 0},
                {"TIMERSLACK", PR_GET_TIMERSLACK, 0},
                {"MCE_KILL", PR_MCE_KILL_GET, 0},
                {"CHILD_SUBREAPER", PR_GET_CHILD_SUBREAPER, 1},
                {"NO_NEW_PRIVS", PR_GET_NO_NEW_PRIVS, 0},
                {"THP_DISABLE", PR_GET_THP_DISABLE, 0},
                {"IO_FLUSHER", PR_GET_IO_FLUSHER, 0}};
    for (size_t i = 0; i < sizeof gets / sizeof *gets; i++) {
        int value = 0;
        long result = prctl(gets[i].option, gets[i].by_pointer ? (long)&value : 0, 0, 0, 0);
        say(gets[i].name, result == 0 && gets[i].by_pointer ? value : result);
    }
    for (int what = 0; what < 2; what++)
        say("speculation", prctl(PR_GET_SPECULATION_CTRL, what, 0, 0, 0));
    for (int capability = 0; capability < 41; capability++)
        printf("%scapability %d bound %d ambient %d\n", where, capability,
               prctl(PR_CAPBSET_READ, capability, 0, 0, 0),
               prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0));
    char name[16];
    CHECK(prctl(PR_GET_NAME, name));
    printf("%sname %s\n", where, name);
}

static void print_scheduling(void)
{
    struct {
        unsigned size, policy;
        unsigned long flags;
        int nice;
        unsigned priority;
        unsigned long runtime, deadline, period;
        unsigned low, high;
    } attributes;
    memset(&attributes, 0, sizeof attributes);
    CHECK(syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0));
    printf("%sscheduling policy %u flags %lx nice %d priority %u\n", where, attributes.policy,
           attributes.flags, attributes.nice, attributes.priority);
    unsigned long cpus[16] = {0};
    long size = CHECK(syscall(SYS_sched_getaffinity, 0, sizeof cpus, cpus));
    for (long i = 0; i < size / 8; i++)
        printf("%scpus %lx\n", where, cpus[i]);
    say("priority", getpriority(PRIO_PROCESS, 0));
    say("io priority", syscall(SYS_ioprio_get, 1, 0));
    int mode = -1;
    unsigned long nodes[16] = {0};
    syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, NULL, 0);
    printf("%smemory policy %d nodes %lx\n", where, mode, nodes[0]);
}

static void print_identity(void)
{
    uid_t r, e, s;
    CHECK(getresuid(&r, &e, &s));
    printf("%suids %d %d %d fs %d\n", where, r, e, s, setfsuid(-1));
    CHECK(getresgid(&r, &e, &s));
    printf("%sgids %d %d %d fs %d\n", where, r, e, s, setfsgid(-1));
    gid_t groups[64];
    int count = getgroups(64, groups);
    for (int i = 0; i < count; i++)
        printf("%sgroup %d\n", where, groups[i]);
    mode_t mask = umask(0);
    umask(mask);
    printf("%sumask %o personality %x\n", where, mask, personality(0xffffffff));
    say("session's terminal group", tcgetpgrp(0));
    printf("%sown group %d own session %d\n", where, getpgrp() == getpid(), getsid(0) == getpid());
#ifdef SYS_iopl
    say("io permission level", syscall(SYS_iopl, 0));
#endif
}

static void print_timers(void)
{
    struct itimerval value;
    for (int kind = 0; kind < 3; kind++) {
        CHECK(getitimer(kind, &value));
        printf("%stimer %d %ld %ld\n", where, kind, (long)value.it_value.tv_sec,
               (long)value.it_interval.tv_sec);
    }
    for (int limit = 0; limit < RLIM_NLIMITS; limit++) {
        struct rlimit both;
        CHECK(getrlimit(limit, &both));
        printf("%slimit %d %lx %lx\n", where, limit, (long)both.rlim_cur, (long)both.rlim_max);
    }
    struct rusage usage;
    CHECK(getrusage(RUSAGE_CHILDREN, &usage));
    printf("%schildren's faults %ld\n", where, usage.ru_majflt + usage.ru_minflt);
}

static void print_auxiliary(void)
{
    /* glibc has no accessor for the whole vector; it follows the environment. */
    char **end = environ;
    while (*end)
        end++;
    for (ElfW(auxv_t) *entry = (ElfW(auxv_t) *)(end + 1); entry->a_type != AT_NULL; entry++) {
        switch (entry->a_type) {
        case AT_EXECFN:
        case AT_PLATFORM:
            printf("auxiliary %ld %s\n", (long)entry->a_type, (char *)entry->a_un.a_val);
            break;
        case AT_PHDR:
        case AT_BASE:
        case AT_ENTRY:
        case AT_RANDOM:
        case AT_SYSINFO_EHDR:
            printf("auxiliary %ld set %d\n", (long)entry->a_type, entry->a_un.a_val != 0);
            break;
        default:
            printf("auxiliary %ld %lx\n", (long)entry->a_type, (long)entry->a_un.a_val);
        }
    }
}

/* The mappings without their addresses: which, how big, in which order. */
static void print_maps(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    unsigned long from, to;
    char access[8], name[512], line[1024];
    while (fgets(line, sizeof line, maps)) {
        name[0] = 0;
        if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %511[^\n]", &from, &to, access, name) < 3)
            continue;
        /* The heap's size is as random as its beginning. */
        printf("map %lx %s %s\n", strcmp(name, "[heap]") ? (to - from) >> 12 : 0, access, name);
    }
    fclose(maps);
}

static void print_thread(void)
{
    print_task_status("/proc/thread-self/status");
    print_stat("/proc/thread-self/stat");
    print_signals();
    print_prctl();
    print_scheduling();
    struct robust_list_head *head = NULL;
    size_t length = 0;
    CHECK(syscall(SYS_get_robust_list, 0, &head, &length));
    printf("%srobust list %s of %zu\n", where, head ? "set" : "not set", length);
    /* Registered by the C library, so that a second one is refused. */
    static char area[32] __attribute__((aligned(32)));
    say("another rseq", syscall(SYS_rseq, area, sizeof area, 0, 0x53053053));
}

static void print_all(void)
{
    print_thread();
    print_files();
    print_descriptors();
    print_identity();
    print_timers();
    fflush(stdout);
}

static void *in_thread(void *argument)
{
    where = argument;
    print_thread();
    return NULL;
}

static int mode_all(int argc, char **argv)
{
    if (argc > 0)
        where = argv[0];
    for (char **variable = environ; *variable; variable++)
        printf("environment %s\n", *variable);
    print_auxiliary();
    print_maps();
    print_all();
    return 0;
}

/* In a thread, a forked child, a vforked program, and an orphan. */
static int mode_relatives(int argc, char **argv)
{
    (void)argc;
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, in_thread, "thread: "));
    CHECK0(pthread_join(thread, NULL));
    pid_t self = getpid(), child = CHECK(fork());
    if (!child) {
        where = "child: ";
        print_all();
        printf("child of the right parent: %d\n", getppid() == self);
        _exit(0);
    }
    reap("child", child);
    child = CHECK(vfork());
    if (!child) {
        execl("/proc/self/exe", argv[-2], "all", "program: ", (char *)NULL);
        _exit(97);
    }
    reap("program", child);
    /* Its parent has been waited for before it begins. */
    int begin[2], end[2];
    CHECK(pipe2(begin, O_CLOEXEC));
    CHECK(pipe2(end, O_CLOEXEC));
    char byte;
    child = CHECK(fork());
    if (!child) {
        if (CHECK(fork()))
            _exit(0);
        close(begin[1]);
        close(end[0]);
        say("begin", read(begin[0], &byte, 1));
        where = "orphan: ";
        print_all();
        _exit(0);
    }
    reap("parent of the orphan", child);
    close(begin[1]);
    close(end[1]);
    say("orphan's end", read(end[0], &byte, 1));
    return 0;
}

static const struct mode modes[] = {
    {"all", mode_all}, {"relatives", mode_relatives}, {NULL, NULL}};

/* JDK 17 starts programs with SIGQUIT blocked, and glibc's posix_spawn with its own signals ignored. */
static void undo_what_the_jvm_did(void)
{
    struct kernel_action action = {SIG_DFL, 0, NULL, 0};
    unsigned long set = 1UL << (SIGQUIT - 1);
    CHECK(syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8));
    for (int signal = 32; signal <= 33; signal++)
        CHECK(syscall(SYS_rt_sigaction, signal, &action, NULL, 8));
}

int main(int argc, char **argv)
{
    undo_what_the_jvm_did();
    return run_mode(modes, argc, argv);
}
