/* Programs that filter themselves by seccomp, and what their filters do to them. */
#include "filters.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <ucontext.h>

enum { ROUNDS = 50 };

/* Runs in a child, whose end is printed. */
static int in_child(void (*what)(void))
{
    no_cores();
    pid_t child = CHECK(fork());
    if (!child) {
        what();
        _exit(0);
    }
    reap("child", child);
    return 0;
}

static void use_what_is_allowed(void)
{
    long parent = RESULT(SYS_getppid);
    for (int i = 0; i < ROUNDS; i++)
        if (RESULT(SYS_getppid) != parent)
            SAY("another parent\n");
    SAY("allowed\n");
}

static void be_killed(void)
{
    INSTALL_OTHERWISE(SECCOMP_RET_KILL_PROCESS, BARELY);
    use_what_is_allowed();
    SAY("survived: %ld\n", RESULT(SYS_getpid));
}

static int mode_kill_process(int argc, char **argv)
{
    (void)argc, (void)argv;
    return in_child(be_killed);
}

static void obey(void)
{
    INSTALL_OTHERWISE(SECCOMP_RET_KILL_PROCESS, BARELY);
    use_what_is_allowed();
    syscall(SYS_exit, 7);
}

/* A filter that would kill, and a program that never gives it a reason to. */
static int mode_obey(int argc, char **argv)
{
    (void)argc, (void)argv;
    return in_child(obey);
}

static volatile int others;

static void *die_alone(void *arg)
{
    INSTALL_FOR(SECCOMP_RET_KILL_THREAD, SYS_getpid);
    syscall(SYS_getpid);
    others++;
    return arg;
}

static void lose_threads(void)
{
    for (int i = 0; i < 10; i++) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, die_alone, NULL));
        CHECK0(pthread_join(thread, NULL));
    }
    SAY("%d survived, the rest lives\n", others);
    die_alone(NULL);
}

static int mode_kill_thread(int argc, char **argv)
{
    (void)argc, (void)argv;
    return in_child(lose_threads);
}

static int mode_errno(int argc, char **argv)
{
    (void)argc, (void)argv;
    INSTALL_FOR(SECCOMP_RET_ERRNO | EPERM, SYS_getpid);
    INSTALL_FOR(SECCOMP_RET_ERRNO | 0, SYS_getuid);
    INSTALL_FOR(SECCOMP_RET_ERRNO | 5000, SYS_getgid);
    for (int i = 0; i < ROUNDS; i++)
        if (RESULT(SYS_getpid) != -EPERM)
            SAY("no EPERM\n");
    /* The kernel's largest errno is 4095, and no error is a success. */
    SAY("%ld %ld %ld\n", RESULT(SYS_getpid), RESULT(SYS_getuid), RESULT(SYS_getgid));
    return 3;
}

static volatile int traps;
static volatile long trapped_call, trap_data, trap_code, wrong_address;
static volatile long trap_arguments[6];

static void on_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    ucontext_t *registers = context;
    traps++;
    trapped_call = info->si_syscall;
    trap_data = info->si_errno;
    trap_code = info->si_code;
#if defined __x86_64__
    greg_t *r = registers->uc_mcontext.gregs;
    long arguments[] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
    wrong_address += (long)info->si_call_addr != r[REG_RIP];
    r[REG_RAX] = 1000 + traps;
#elif defined __aarch64__
    unsigned long long *r = registers->uc_mcontext.regs;
    long arguments[] = {r[0], r[1], r[2], r[3], r[4], r[5]};
    wrong_address += (unsigned long)info->si_call_addr != registers->uc_mcontext.pc;
    r[0] = 1000 + traps;
#endif
    for (int i = 0; i < 6; i++)
        trap_arguments[i] = arguments[i];
}

static void handle_traps(void)
{
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSYS, &action, NULL));
}

static int mode_trap(int argc, char **argv)
{
    (void)argc, (void)argv;
    handle_traps();
    INSTALL_FOR(SECCOMP_RET_TRAP | 77, SYS_getpgid);
    int wrong = 0;
    for (int i = 1; i <= ROUNDS; i++)
        wrong += RESULT(SYS_getpgid, 1, 2, 3, 4, 5, i) != 1000 + i || trap_arguments[5] != i;
    SAY("%d traps, %d wrong, getpgid %d, data %ld, code %ld, %ld wrong addresses\n", traps, wrong,
        trapped_call == SYS_getpgid, trap_data, trap_code, wrong_address);
    SAY("%ld %ld %ld %ld %ld\n", trap_arguments[0], trap_arguments[1], trap_arguments[2],
        trap_arguments[3], trap_arguments[4]);
    return 0;
}

static void trap_unhandled(void)
{
    INSTALL_FOR(SECCOMP_RET_TRAP, SYS_getpid);
    SAY("%ld\n", RESULT(SYS_getpid));
}

static void trap_ignored(void)
{
    signal(SIGSYS, SIG_IGN);
    trap_unhandled();
}

static void trap_blocked(void)
{
    sigset_t set;
    handle_traps();
    sigemptyset(&set);
    sigaddset(&set, SIGSYS);
    sigprocmask(SIG_BLOCK, &set, NULL);
    trap_unhandled();
}

static int mode_trap_deadly(int argc, char **argv)
{
    (void)argc, (void)argv;
    in_child(trap_unhandled);
    in_child(trap_ignored);
    return in_child(trap_blocked);
}

static int mode_log(int argc, char **argv)
{
    (void)argc, (void)argv;
    INSTALL_OTHERWISE(SECCOMP_RET_LOG, SYS_read);
    use_what_is_allowed();
    return RESULT(SYS_getpid) == getpid() ? 5 : 6;
}

/* Nobody is there who has asked for the event. */
static int mode_trace(int argc, char **argv)
{
    (void)argc, (void)argv;
    INSTALL_FOR(SECCOMP_RET_TRACE | 4711, SYS_getpid, SYS_openat);
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++)
        wrong += RESULT(SYS_getpid, 1, 2, 3, 4, 5, 6) != -ENOSYS;
    SAY("%d wrong, openat %ld\n", wrong, RESULT(SYS_openat, -100, "/etc/hosts", 0));
    return 0;
}

static void be_strict(void)
{
    int fds[2];
    char text[2] = "";
    CHECK(pipe(fds));
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
    for (int i = 0; i < ROUNDS; i++) {
        syscall(SYS_write, fds[1], "x", 1);
        syscall(SYS_read, fds[0], text, 1);
    }
    SAY("strictly %s\n", text);
}

static void strict_and_good(void)
{
    be_strict();
    syscall(SYS_exit, 8);
}

static void strict_and_bad(void)
{
    be_strict();
    SAY("survived: %ld\n", RESULT(SYS_getppid));
}

static int mode_strict(int argc, char **argv)
{
    (void)argc, (void)argv;
    in_child(strict_and_good);
    return in_child(strict_and_bad);
}

/* A number of /proc/self/status. */
static int status_of(const char *field)
{
    char line[200];
    int value = -1;
    FILE *file = fopen("/proc/thread-self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, field, strlen(field)) && line[strlen(field)] == ':')
            value = atoi(line + strlen(field) + 1);
    if (file)
        fclose(file);
    return value;
}

static void print_state(const char *who, int before)
{
    printf("%s: mode %d, %d more filters, no_new_privs %d\n", who, status_of("Seccomp"),
           status_of("Seccomp_filters") - before, status_of("NoNewPrivs"));
}

static pthread_barrier_t barrier;
static int filters_before;

static void *work_under_filters(void *arg)
{
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++)
        wrong += RESULT(SYS_getpgid, 0) != -EPERM || RESULT(SYS_getsid, 0) != -ENOENT
            || RESULT(SYS_getuid) < 0;
    flockfile(stdout);
    print_state("thread", filters_before);
    printf("%d wrong\n", wrong);
    funlockfile(stdout);
    return arg;
}

/* As systemd does for a service: one filter upon the other, for all threads. */
static int mode_stacked(int argc, char **argv)
{
    (void)argc, (void)argv;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    filters_before = status_of("Seccomp_filters");
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        CHECK0(pthread_create(&threads[i], NULL, work_under_filters, NULL));
    pthread_barrier_wait(&barrier);
    static const int lists[][3] = {
        {SYS_getpgid, -1}, {SYS_getsid, -1}, {SYS_getpgid, -1}, {SYS_getuid, -1}};
    static const unsigned actions[] = {SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ERRNO | ENOENT,
                                       SECCOMP_RET_LOG, SECCOMP_RET_LOG};
    for (int i = 0; i < 4; i++)
        CHECK(install_with(SECCOMP_FILTER_FLAG_TSYNC, lists[i], actions[i], SECCOMP_RET_ALLOW));
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < THREADS; i++)
        CHECK0(pthread_join(threads[i], NULL));
    print_state("leader", filters_before);
    return 0;
}

static volatile int own_tid;

static void *diverge(void *arg)
{
    INSTALL_FOR(SECCOMP_RET_LOG, SYS_getsid);
    own_tid = syscall(SYS_gettid);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return arg;
}

/* A thread with a filter of its own cannot be synchronised; the kernel tells which. */
static int mode_tsync_refused(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    const int calls[] = {SYS_getpgid, -1};
    pthread_barrier_init(&barrier, NULL, 2);
    CHECK0(pthread_create(&thread, NULL, diverge, NULL));
    pthread_barrier_wait(&barrier);
    long refused = install_with(SECCOMP_FILTER_FLAG_TSYNC, calls, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW);
    printf("refused for the thread: %d\n", refused == own_tid);
    pthread_barrier_wait(&barrier);
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

static volatile int running;

static void *ask_until_killed(void *arg)
{
    __sync_fetch_and_add(&running, 1);
    while (1)
        syscall(SYS_getppid);
    return arg;
}

static void kill_by_tsync(void)
{
    const int calls[] = {SYS_getppid, -1};
    for (int i = 0; i < 4; i++) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, ask_until_killed, NULL));
    }
    while (running < 4)
        sched_yield();
    CHECK(install_with(SECCOMP_FILTER_FLAG_TSYNC, calls, SECCOMP_RET_KILL_PROCESS,
                       SECCOMP_RET_ALLOW));
    while (1)
        pause();
}

/* Threads are in the middle of calls that are suddenly forbidden. */
static int mode_tsync_kills(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        running = 0;
        in_child(kill_by_tsync);
    }
    return 0;
}

/* A vfork child filters itself and not its parent, whose memory it is in. */
static int mode_vfork(int argc, char **argv)
{
    (void)argc, (void)argv;
    no_cores();
    for (volatile int i = 0; i < 10; i++) {
        pid_t child = CHECK(vfork());
        if (!child) {
            INSTALL_FOR(i % 2 ? SECCOMP_RET_ERRNO | EACCES : SECCOMP_RET_KILL_PROCESS, SYS_getpid);
            _exit(RESULT(SYS_getpid) == -EACCES ? 9 : 10);
        }
        reap("vforked", child);
        if (RESULT(SYS_getpid) != getpid())
            printf("the parent is filtered too\n");
    }
    return 0;
}

static int mode_probe(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("after exec: getpgid %ld\n", RESULT(SYS_getpgid, 0));
    pid_t child = CHECK(fork());
    if (!child) {
        printf("in a child: getpgid %ld\n", RESULT(SYS_getpgid, 0));
        _exit(11);
    }
    reap("child", child);
    return 12;
}

/* Filters outlive execve and go to children. */
static int mode_exec(int argc, char **argv)
{
    (void)argc, (void)argv;
    INSTALL_FOR(SECCOMP_RET_ERRNO | EPERM, SYS_getpgid);
    execl("/proc/self/exe", "seccomp", "probe", (char *)NULL);
    return 97;
}

static const struct mode modes[] = {
    {"kill-process", mode_kill_process},
    {"obey", mode_obey},
    {"kill-thread", mode_kill_thread},
    {"errno", mode_errno},
    {"trap", mode_trap},
    {"trap-deadly", mode_trap_deadly},
    {"log", mode_log},
    {"trace", mode_trace},
    {"strict", mode_strict},
    {"stacked", mode_stacked},
    {"tsync-refused", mode_tsync_refused},
    {"tsync-kills", mode_tsync_kills},
    {"vfork", mode_vfork},
    {"probe", mode_probe},
    {"exec", mode_exec},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
