/* Every way to end. */
#include "guest.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

static int mode_exit(int argc, char **argv)
{
    return argc > 0 ? atoi(argv[0]) : 0;
}

static int mode_every_code(int argc, char **argv)
{
    (void)argc;
    for (int code = atoi(argv[0]); code < 256; code++) {
        pid_t child = CHECK(fork());
        if (!child)
            _exit(code);
        reap("child", child);
    }
    return 255;
}

static void limit_core(rlim_t size)
{
    struct rlimit limit = {size, RLIM_INFINITY};
    if (size == 0)
        limit.rlim_max = 0;
    CHECK(setrlimit(RLIMIT_CORE, &limit));
}

static void die_of(int number)
{
    signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    kill(getpid(), number);
}

/* Each signal's default action, by each signal; the stopping ones are another guest's. */
static int mode_every_signal(int argc, char **argv)
{
    (void)argc, (void)argv;
    limit_core(0);
    for (int number = 1; number <= 64; number++) {
        if (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU
            || number == 32 || number == 33)
            continue;
        pid_t child = CHECK(fork());
        if (!child) {
            die_of(number);
            _exit(50);
        }
        char what[32];
        sprintf(what, "signal %d", number);
        reap(what, child);
    }
    return 0;
}

/* In a directory that takes core files. */
static int mode_cores(int argc, char **argv)
{
    (void)argc, (void)argv;
    int signals[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGSYS, SIGTERM};
    limit_core(RLIM_INFINITY);
    for (int i = 0; i < 10; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            die_of(signals[i]);
            _exit(50);
        }
        reap("child", child);
    }
    return 0;
}

static int mode_signal(int argc, char **argv)
{
    limit_core(argc > 1 ? RLIM_INFINITY : 0);
    die_of(atoi(argv[0]));
    return 50;
}

static int mode_abort(int argc, char **argv)
{
    (void)argc, (void)argv;
    limit_core(0);
    abort();
}

static sigjmp_buf back;
static volatile long fault_address;
static volatile int fault_code, fault_signal;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)context;
    fault_signal = signal;
    fault_address = (long)info->si_addr;
    fault_code = info->si_code;
    siglongjmp(back, 1);
}

static void handle(int signal, int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | flags;
    CHECK(sigaction(signal, &action, NULL));
}

static int mode_handled_faults(int argc, char **argv)
{
    (void)argc, (void)argv;
    handle(SIGSEGV, 0);
    handle(SIGBUS, 0);
    handle(SIGFPE, 0);
    handle(SIGILL, 0);
    char *readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *beyond = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                        CHECK(open("/proc/self/exe", O_RDONLY)), 0);
    (void)beyond;
    for (volatile int i = 0; i < 20; i++) {
        if (!sigsetjmp(back, 1))
            *(volatile char *)(0x1000L + i) = 1;
        printf("signal %d address 0x%lx code %d\n", fault_signal, fault_address, fault_code);
        if (!sigsetjmp(back, 1))
            readonly[i] = 1;
        printf("signal %d offset %ld code %d\n", fault_signal, fault_address - (long)readonly, fault_code);
    }
    if (!sigsetjmp(back, 1))
        __asm__ volatile(UNDEFINED_INSTRUCTION);
    printf("signal %d code %d\n", fault_signal, fault_code);
    volatile int zero = 0, one = 1;
    if (!sigsetjmp(back, 1))
        one = one / zero;
    printf("signal %d code %d\n", fault_signal, fault_code);
    return one;
}

static volatile int forever = 1;

static __attribute__((noinline)) int recurse(volatile char *before)
{
    volatile char frame[4096];
    frame[0] = before ? before[0] : 0;
    return forever ? recurse(frame) + frame[0] : 0;
}

static int mode_stack_overflow(int argc, char **argv)
{
    (void)argv;
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_STACK, &limit));
    limit_core(0);
    if (argc > 0)
        return recurse(NULL);
    static char alternative[65536];
    stack_t stack = {.ss_sp = alternative, .ss_size = sizeof alternative};
    CHECK(sigaltstack(&stack, NULL));
    handle(SIGSEGV, SA_ONSTACK);
    for (volatile int i = 0; i < 3; i++) {
        if (!sigsetjmp(back, 1))
            recurse(NULL);
        printf("signal %d code %d\n", fault_signal, fault_code);
    }
    return 0;
}

static volatile sig_atomic_t traps;
static volatile int trap_code;

static void on_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    trap_code = info->si_code;
    traps++;
    pass_breakpoint(info, context);
}

/* SIGTRAP belongs to the program too. */
static int mode_traps(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO;
    CHECK(sigaction(SIGTRAP, &action, NULL));
    for (int i = 0; i < 5; i++) {
        __asm__ volatile(BREAKPOINT_INSTRUCTION);
        printf("breakpoint: %d code %d\n", (int)traps, trap_code);
        raise(SIGTRAP);
        printf("raise: %d code %d\n", (int)traps, trap_code);
        kill(getpid(), SIGTRAP);
        printf("kill: %d code %d\n", (int)traps, trap_code);
    }
#ifdef __x86_64__
    /* The trap flag: one trap an instruction, from the next one on. */
    traps = 0;
    __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; nop; nop; pushfq; andl $~0x100, (%%rsp); popfq"
                     ::: "memory", "cc");
    printf("steps: %d code %d\n", (int)traps, trap_code);
#endif
    return 0;
}

static const struct mode modes[] = {
    {"exit", mode_exit},
    {"every-code", mode_every_code},
    {"every-signal", mode_every_signal},
    {"cores", mode_cores},
    {"signal", mode_signal},
    {"abort", mode_abort},
    {"handled-faults", mode_handled_faults},
    {"stack-overflow", mode_stack_overflow},
    {"traps", mode_traps},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
