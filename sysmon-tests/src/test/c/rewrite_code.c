/*
 * Code to set breakpoints in. Prints where it is, waits for a line on standard input, and runs.
 */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile long sum;

__attribute__((noinline, noclone)) void target(long value)
{
    sum += value;
}

/* Instructions at known places. */
long five_instructions(void);
long around_a_call(void);
long faulting(long *where);
void copy_bytes(void *to, const void *from, long count);
#ifdef __aarch64__
__asm__(".text\n"
        ".globl five_instructions, around_a_call, around_a_call_syscall, faulting\n"
        "five_instructions:\n"
        "  mov w0, #1\n"
        "  add w0, w0, #2\n"
        "  add w0, w0, #1\n"
        "  nop\n"
        "  ret\n"
        "around_a_call:\n"
        "  mov x8, #173\n"
        "around_a_call_syscall:\n"
        "  svc #0\n"
        "  nop\n"
        "  nop\n"
        "  ret\n"
        "faulting:\n"
        "  ldr x0, [x0]\n"
        "  ret\n");
#define ARGUMENT(context_) ((context_)->uc_mcontext.regs[0])
/* mov w0, #7; ret */
static const unsigned char returns_seven[] = {0xe0, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#else
/* endbr64; mov $7, %eax; ret */
static const unsigned char returns_seven[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xb8, 7, 0, 0, 0, 0xc3};
__asm__(".text\n"
        ".globl five_instructions, around_a_call, around_a_call_syscall, faulting, copy_bytes\n"
        "five_instructions:\n"
        "  mov $1, %eax\n"
        "  add $2, %eax\n"
        "  inc %eax\n"
        "  nop\n"
        "  ret\n"
#ifdef __i386__
        "around_a_call:\n"
        "  mov $64, %eax\n"
        "around_a_call_syscall:\n"
        "  int $0x80\n"
        "  nop\n"
        "  nop\n"
        "  ret\n"
        ".globl around_the_vdso\n"
        "around_the_vdso:\n"
        "  mov $64, %eax\n"
        "  call *vdso\n"
        "  nop\n"
        "  ret\n"
        "faulting:\n"
        "  mov 4(%esp), %ecx\n"
        "  mov (%ecx), %eax\n"
        "  ret\n"
        "copy_bytes:\n"
        "  push %esi; push %edi\n"
        "  mov 12(%esp), %edi; mov 16(%esp), %esi; mov 20(%esp), %ecx\n"
        "  rep movsb\n"
        "  pop %edi; pop %esi\n"
        "  ret\n");
#define ARGUMENT(context_) ((context_)->uc_mcontext.gregs[REG_ECX])
#else
        "around_a_call:\n"
        "  mov $110, %eax\n"
        "around_a_call_syscall:\n"
        "  syscall\n"
        "  nop\n"
        "  nop\n"
        "  ret\n"
        "faulting:\n"
        "  mov (%rdi), %rax\n"
        "  ret\n"
        "copy_bytes:\n"
        "  mov %rdx, %rcx\n"
        "  rep movsb\n"
        "  ret\n");
#define ARGUMENT(context_) ((context_)->uc_mcontext.gregs[REG_RDI])
#endif
#endif
extern char around_a_call_syscall[];

static void ready(void *at)
{
    char line[16];
    printf("at=%lu\n", (unsigned long)(uintptr_t)at);
    if (!fgets(line, sizeof line, stdin))
        _exit(97);
}

static void run(long count)
{
    for (long i = 1; i <= count; i++)
        target(i);
}

static int count(int argc, char **argv)
{
    (void)argc;
    ready(target);
    run(atol(argv[0]));
    printf("sum=%ld\n", sum);
    return 0;
}

/* Two rounds, the second one after another line. */
static int twice(int argc, char **argv)
{
    (void)argc;
    ready(target);
    run(atol(argv[0]));
    ready(target);
    run(atol(argv[0]));
    printf("sum=%ld\n", sum);
    return 0;
}

static volatile sig_atomic_t handled, is_set;

static void handle_by(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    CHECK(sigaction(SIGALRM, &action, NULL));
}

/* One signal at a time: where stops are slow, a timer that repeats would leave time for nothing else. */
static void set_timer(long micros)
{
    if (is_set)
        return;
    is_set = 1;
    struct itimerval once = {{0, 0}, {0, micros}};
    CHECK(setitimer(ITIMER_REAL, &once, NULL));
}

static void run_with_timer(long count, long micros)
{
    for (long i = 1; i <= count; i++) {
        set_timer(micros);
        target(i);
    }
}

static void on_signal(int signal)
{
    (void)signal;
    is_set = 0;
    handled++;
}

static void no_timer(void)
{
    struct itimerval never = {0};
    CHECK(setitimer(ITIMER_REAL, &never, NULL));
}

static int timer(int argc, char **argv)
{
    (void)argc;
    ready(target);
    handle_by(on_signal, SA_RESTART);
    run_with_timer(atol(argv[0]), 400);
    no_timer();
    printf("sum=%ld %s\n", sum, handled > 10 ? "many signals" : "few signals");
    return 0;
}

static sigjmp_buf back;
static volatile int may_jump;

static void jump(int signal)
{
    (void)signal;
    is_set = 0;
    if (may_jump)
        siglongjmp(back, 1);
}

/* The handler leaves by siglongjmp: how often target was entered it can tell only by its sum. */
static int jumps(int argc, char **argv)
{
    (void)argc;
    static volatile long i, reached = -1;
    static volatile int jumped;
    long last = atol(argv[0]);
    ready(target);
    handle_by(jump, SA_NODEFER);
    if (sigsetjmp(back, 1))
        jumped++;
    may_jump = 1;
    for (; i < last; i++) {
        if (i > reached)
            set_timer(300);
        reached = i;
        target(1);
    }
    may_jump = 0;
    no_timer();
    printf("sum=%ld of %ld, %s jumps\n", sum >= last ? last : sum, last, jumped > 5 ? "many" : "few");
    return 0;
}

/* The timer's handler calls target itself. */
static void call_target(int signal)
{
    (void)signal;
    is_set = 0;
    handled++;
    target(0);
}

static int nested(int argc, char **argv)
{
    (void)argc;
    long calls = atol(argv[0]);
    ready(target);
    handle_by(call_target, SA_RESTART);
    run_with_timer(calls, 300);
    no_timer();
    printf("calls=%ld\n", calls + handled);
    return 0;
}

static int forks(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(target);
    for (int i = 0; i < 20; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            run(3);
            _exit(sum == 6 + i * 3 ? 0 : 1);
        }
        run(2);
        int status;
        CHECK(waitpid(child, &status, 0));
        if (status)
            print_status("child", status);
    }
    printf("sum=%ld\n", sum);
    return 0;
}

static int vforks(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(target);
    for (int i = 0; i < 20; i++) {
        pid_t child = vfork();
        if (!child) {
            run(2);
            _exit(0);
        }
        run(1);
        reap_with("child", child, 0);
    }
    printf("sum=%ld\n", sum);
    return 0;
}

/* Vfork children run into the breakpoint until a timer kills them; their parent once for each. */
static int vfork_killed(int argc, char **argv)
{
    (void)argc;
    int rounds = atoi(argv[0]);
    ready(target);
    for (volatile int i = 0; i < rounds; i++) {
        pid_t child = vfork();
        if (!child) {
            timer_t timer;
            struct sigevent kill = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
            struct itimerspec soon = {.it_value.tv_nsec = 300000 + i * 7919 % 500000};
            if (timer_create(CLOCK_MONOTONIC, &kill, &timer)
                || timer_settime(timer, 0, &soon, NULL))
                _exit(95);
            while (1)
                target(0);
        }
        int status;
        if (waitpid(child, &status, 0) != child || status != SIGKILL)
            print_status("child", status);
        ready(target);
        run(1);
    }
    printf("sum=%ld\n", sum);
    return 0;
}

/* A vfork child asks for a breakpoint, which its parent is left with. */
static int vfork_sets(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(target);
    pid_t child = vfork();
    if (!child) {
        syscall(SYS_getppid, target);
        execl("/bin/true", "true", (char *)NULL);
        _exit(96);
    }
    reap("child", child);
    run(2);
    ready(target);
    run(3);
    printf("sum=%ld\n", sum);
    return 0;
}

static int sharer(void *unused)
{
    (void)unused;
    run(2);
    return 0;
}

/* A process that shares the memory without vfork. */
static int shares(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    static char stack[65536] __attribute__((aligned(16)));
    ready(target);
    for (int i = 0; i < 5; i++) {
        pid_t child = CHECK(clone(sharer, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
        reap("child", child);
        run(3);
    }
    printf("sum=%ld\n", sum);
    return 0;
}

/* A process that does not share the memory, with vfork's waiting. */
static int vfork_copies(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(target);
    for (int i = 0; i < 5; i++) {
        pid_t child = syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
        if (!child) {
            run(2);
            _exit(0);
        }
        reap("child", child);
        run(3);
    }
    printf("sum=%ld\n", sum);
    return 0;
}

static int execs(int argc, char **argv)
{
    (void)argc;
    ready(target);
    run(4);
    execl("/proc/self/exe", "code", "count", argv[0], NULL);
    return 1;
}

static int at_syscall(int argc, char **argv)
{
    (void)argc;
    long bad = 0;
    ready(around_a_call_syscall);
    for (long i = atol(argv[0]); i; i--)
        bad += around_a_call() <= 0;
    printf("bad=%ld\n", bad);
    return 0;
}

static long value = 42;

static void repair(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    handled++;
    ARGUMENT((ucontext_t *)context) = (long)&value;
    if ((uintptr_t)info->si_addr != 8)
        printf("fault at %p\n", info->si_addr);
}

static int faults(int argc, char **argv)
{
    (void)argc;
    long calls = atol(argv[0]), got = 0;
    struct sigaction action = {.sa_sigaction = repair, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    ready(faulting);
    for (long i = 0; i < calls; i++)
        got += faulting((long *)8);
    printf("got=%ld handled=%d\n", got, handled);
    return 0;
}

static int trap_codes[3];

static void on_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    pass_breakpoint(info, context);
    handled++;
    trap_codes[info->si_code == BREAKPOINT_CODE ? 0 : info->si_code == SI_TKILL ? 1 : 2]++;
}

/* A program that uses breakpoint instructions and SIGTRAP itself. */
static int traps(int argc, char **argv)
{
    (void)argc;
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    ready(target);
    for (long i = atol(argv[0]); i; i--) {
        target(1);
        __asm__ volatile(BREAKPOINT_INSTRUCTION);
        target(1);
        raise(SIGTRAP);
    }
    printf("sum=%ld breakpoint=%d raised=%d other=%d\n", sum, trap_codes[0], trap_codes[1],
           trap_codes[2]);
    return 0;
}

static int steps(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(five_instructions);
    printf("result=%ld\n", five_instructions());
    return 0;
}

static int steps_call(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(around_a_call);
    printf("%s\n", around_a_call() == getppid() ? "parent" : "another number");
    return 0;
}

#ifdef __i386__
/* The vdso's entry, as it is found by every C library. */
void *vdso;
long around_the_vdso(void);

static int steps_vdso(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    vdso = (void *)getauxval(AT_SYSINFO);
    ready(around_the_vdso);
    printf("%s\n", around_the_vdso() == getppid() ? "parent" : "another number");
    return 0;
}
#endif

/* Is stopped before the instructions by a signal that is pending. */
static int steps_signal(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    signal(SIGUSR1, on_signal);
    ready(five_instructions);
    long result = five_instructions();
    printf("result=%ld handled=%d\n", result, handled);
    return 0;
}

#ifndef __aarch64__
static int copies(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char from[100], to[100] = {0};
    memset(from, 'x', sizeof from);
    /* The rep prefix. */
    ready((char *)copy_bytes + 3);
    for (int i = 0; i < 5; i++)
        copy_bytes(to, from, sizeof to);
    printf("%s\n", memcmp(to, from, sizeof to) ? "not copied" : "copied");
    return 0;
}
#endif

/* The code goes away, and other content is in its place. */
static int unmaps(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, returns_seven, sizeof returns_seven);
    __builtin___clear_cache((char *)page, (char *)page + sizeof returns_seven);
    ready(page);
    printf("returned %d\n", ((int (*)(void))page)());
    CHECK(munmap(page, 4096));
    fflush(stdout);
    pid_t child = CHECK(fork());
    if (!child)
        _exit(5);
    reap("child", child);
    if (mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        page)
        return 9;
    memset(page, 'd', 4096);
    child = CHECK(fork());
    if (!child)
        _exit(page[0] == 'd' ? 6 : 7);
    reap("child", child);
    ready(page);
    printf("%c\n", page[0]);
    return 0;
}

static int forever(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ready(target);
    while (1)
        target(1);
}

static void *loop_thread(void *count)
{
    run((long)count);
    return NULL;
}

static int threads(int argc, char **argv)
{
    (void)argc;
    pthread_t all[3];
    ready(target);
    for (int i = 0; i < 3; i++)
        CHECK0(pthread_create(all + i, NULL, loop_thread, (void *)atol(argv[0])));
    for (int i = 0; i < 3; i++)
        CHECK0(pthread_join(all[i], NULL));
    printf("done\n");
    return 0;
}

static void *until_input_ends(void *unused)
{
    (void)unused;
    while (getchar() != EOF)
        ;
    return NULL;
}

/* Forks so many children that call target, tells, and ends when standard input does. */
static int fork_loop(int argc, char **argv)
{
    (void)argc;
    pthread_t thread;
    int bad = 0;
    ready(target);
    CHECK0(pthread_create(&thread, NULL, until_input_ends, NULL));
    for (long forks = 0; forks < atol(argv[0]); forks++) {
        pid_t child = CHECK(fork());
        if (!child) {
            run(3);
            _exit(0);
        }
        int status;
        CHECK(waitpid(child, &status, 0));
        if (status)
            bad++;
    }
    printf("bad=%d\n", bad);
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

/* ROUNDS children that ask for something by getppid, and go on until they are killed. */
static int asking(int argc, char **argv)
{
    (void)argc;
    int killed = 0;
    for (int left = atoi(argv[0]); left; left--) {
        pid_t child = CHECK(fork());
        if (!child) {
            syscall(SYS_getppid, target);
            while (1)
                pause();
        }
        int status;
        CHECK(waitpid(child, &status, 0));
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    printf("killed=%d\n", killed);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"count", count},
                                        {"twice", twice},
                                        {"timer", timer},
                                        {"jumps", jumps},
                                        {"nested", nested},
                                        {"forks", forks},
                                        {"vforks", vforks},
                                        {"vfork_killed", vfork_killed},
                                        {"vfork_sets", vfork_sets},
                                        {"shares", shares},
                                        {"vfork_copies", vfork_copies},
                                        {"execs", execs},
                                        {"at_syscall", at_syscall},
                                        {"faults", faults},
                                        {"traps", traps},
                                        {"steps", steps},
                                        {"steps_call", steps_call},
#ifdef __i386__
                                        {"steps_vdso", steps_vdso},
#endif
                                        {"steps_signal", steps_signal},
#ifndef __aarch64__
                                        {"copies", copies},
#endif
                                        {"unmaps", unmaps},
                                        {"forever", forever},
                                        {"threads", threads},
                                        {"fork_loop", fork_loop},
                                        {"asking", asking},
                                        {0}};
    return run_mode(modes, argc, argv);
}
