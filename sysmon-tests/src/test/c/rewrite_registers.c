/*
 * Makes system calls with a known value in every general register and in the red zone, and tells
 * what was different afterwards. The lowest byte of the first argument is for the listener: what it
 * is to do with the call.
 *
 * The first argument may name the way: "syscall" (the default), "x32" or "int80" in a 64-bit
 * program, "int80" (the default) or "vdso" in a 32-bit one. On aarch64 there is only "syscall".
 */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#ifdef __i386__
enum { AX, BX, DX, SI, DI, BP, CX, REGISTERS };
enum { RED_ZONE = 0 };

static const char *const names[] = {"eax", "ebx", "edx", "esi", "edi", "ebp", "ecx"};
#elif defined __aarch64__
/* All but the link register. The first argument's is the result's too. */
enum { X0, X1, X3 = 3, X4, X8 = 8, X29 = 29, REGISTERS };
enum { NUMBER = X8, RESULT = X0, RED_ZONE = 0 };

static const char *const names[] = {
    "x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",  "x8",  "x9",
    "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19",
    "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29"};
#else
enum { AX, BX, DX, SI, DI, BP, R8, R9, R10, R12, R13, R14, R15, CX, R11, REGISTERS };
enum { RED_ZONE = 16 };

static const char *const names[] = {"rax", "rbx", "rdx", "rsi", "rdi", "rbp", "r8", "r9",
                                    "r10", "r12", "r13", "r14", "r15", "rcx", "r11"};
#endif
#ifndef __aarch64__
enum { NUMBER = AX, RESULT = AX };
#endif

struct state {
    unsigned long registers[REGISTERS];
    unsigned long red_zone[RED_ZONE];
};

/* Whether whoever gets 0 is a child that shares this stack or has none of ours: it stores its state
 * behind the parent's and exits at once. */
long child_exits;

/* Not by the syscall instruction, but by int 0x80. */
#if defined __i386__
static const int by_int80 = 1;
#elif defined __aarch64__
static const int by_int80 = 0;
#else
int by_int80;
#endif

/* What a call's number has beside it: x32's bit. */
static long number_bit;

/* The vdso's entry, for calls that are made there. */
void *vdso;

enum call { GETPPID, FORK, CLONE, VFORK };

static long number(enum call call)
{
#ifdef __aarch64__
    static const long own[] = {SYS_getppid, SYS_clone, SYS_clone, SYS_clone};
#else
    static const long own[] = {SYS_getppid, SYS_fork, SYS_clone, SYS_vfork};
#endif
    static const long of_i386[] = {64, 2, 120, 190};
    return by_int80 ? of_i386[call] : own[call] | number_bit;
}

static int first_argument(void)
{
#ifdef __aarch64__
    return X0;
#else
    return by_int80 ? BX : DI;
#endif
}

/* Whether a register has to survive a call. */
static int survives(int number_of_register)
{
#ifdef __x86_64__
    if (!by_int80 && (number_of_register == CX || number_of_register == R11))
        return 0;
#endif
    return number_of_register != RESULT;
}

/* Loads, calls, stores. A child with a stack of its own finds `out` on its top. */
void call_with(const struct state *in, struct state *out);
#ifdef __i386__
__asm__(".text\n"
        ".globl call_with\n"
        "call_with:\n"
        "  push %ebx; push %ebp; push %esi; push %edi\n"
        "  mov 20(%esp), %edi\n"
        "  mov 0(%edi), %eax; mov 4(%edi), %ebx; mov 8(%edi), %edx; mov 12(%edi), %esi\n"
        "  mov 20(%edi), %ebp; mov 24(%edi), %ecx\n"
        "  mov 16(%edi), %edi\n"
        "  cmpl $0, vdso\n"
        "  jne 1f\n"
        ".globl call_with_instruction\n"
        "call_with_instruction:\n"
        "  int $0x80\n"
        "  jmp 2f\n"
        "1:\n"
        "  call *vdso\n"
        "2:\n"
        "  push %edi\n"
        "  mov 28(%esp), %edi\n"
        "  mov %eax, 0(%edi); mov %ebx, 4(%edi); mov %edx, 8(%edi); mov %esi, 12(%edi)\n"
        "  mov %ebp, 20(%edi); mov %ecx, 24(%edi)\n"
        "  pop %eax\n"
        "  mov %eax, 16(%edi)\n"
        "  pop %edi; pop %esi; pop %ebp; pop %ebx\n"
        "  ret\n");
#elif defined __aarch64__
__asm__(".text\n"
        ".macro pairs operation\n"
        "  .irp i, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28\n"
        "  pair \\operation, \\i, %(\\i+1)\n"
        "  .endr\n"
        ".endm\n"
        ".altmacro\n"
        ".macro pair operation, first, second\n"
        "  \\operation x\\first, x\\second, [x30, #8*\\first]\n"
        ".endm\n"
        ".globl call_with\n"
        "call_with:\n"
        "  stp x29, x30, [sp, #-112]!\n"
        "  stp x19, x20, [sp, #16]; stp x21, x22, [sp, #32]; stp x23, x24, [sp, #48]\n"
        "  stp x25, x26, [sp, #64]; stp x27, x28, [sp, #80]; str x1, [sp, #96]\n"
        "  mov x30, x0\n"
        "  pairs ldp\n"
        ".globl call_with_instruction\n"
        "call_with_instruction:\n"
        "  svc #0\n"
        "  adrp x30, child_exits\n"
        "  ldr x30, [x30, #:lo12:child_exits]\n"
        "  cbz x30, 1f\n"
        "  cbnz x0, 1f\n"
        "  ldr x30, [sp, #96]\n"
        "  add x30, x30, #240\n"
        "  pairs stp\n"
        "  mov x8, #93\n"
        "  mov x0, #0\n"
        "  svc #0\n"
        "1:\n"
        "  ldr x30, [sp, #96]\n"
        "  pairs stp\n"
        "  ldp x19, x20, [sp, #16]; ldp x21, x22, [sp, #32]; ldp x23, x24, [sp, #48]\n"
        "  ldp x25, x26, [sp, #64]; ldp x27, x28, [sp, #80]\n"
        "  ldp x29, x30, [sp], #112\n"
        "  ret\n"
        ".noaltmacro\n");
/* Where call_with has `out` on its stack. */
enum { OUT_ON_STACK = 12 };
#else
__asm__(".local saved_cx\n"
        ".comm saved_cx, 8\n"
        ".text\n"
        ".globl call_with\n"
        "call_with:\n"
        "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rsi\n"
        "  lea 120(%rdi), %rsi\n"
        "  .irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "  mov 8*\\i(%rsi), %rax; mov %rax, -8-8*\\i(%rsp)\n"
        "  .endr\n"
        "  mov 0(%rdi), %rax; mov 8(%rdi), %rbx; mov 16(%rdi), %rdx; mov 24(%rdi), %rsi\n"
        "  mov 40(%rdi), %rbp; mov 48(%rdi), %r8; mov 56(%rdi), %r9; mov 64(%rdi), %r10\n"
        "  mov 72(%rdi), %r12; mov 80(%rdi), %r13; mov 88(%rdi), %r14; mov 96(%rdi), %r15\n"
        "  mov 104(%rdi), %rcx; mov 112(%rdi), %r11\n"
        "  mov 32(%rdi), %rdi\n"
        "  cmpl $0, by_int80(%rip)\n"
        "  jne 3f\n"
        ".globl call_with_instruction\n"
        "call_with_instruction:\n"
        "  syscall\n"
        "  jmp 4f\n"
        "3:\n"
        "  int $0x80\n"
        "4:\n"
        "  mov %rcx, saved_cx(%rip)\n"
        "  mov (%rsp), %rcx\n"
        "  cmpq $0, child_exits(%rip)\n"
        "  je 1f\n"
        "  test %rax, %rax\n"
        "  jne 1f\n"
        "  add $248, %rcx\n"
        "1:\n"
        "  mov %rax, 0(%rcx); mov %rbx, 8(%rcx); mov %rdx, 16(%rcx); mov %rsi, 24(%rcx)\n"
        "  mov %rdi, 32(%rcx); mov %rbp, 40(%rcx); mov %r8, 48(%rcx); mov %r9, 56(%rcx)\n"
        "  mov %r10, 64(%rcx); mov %r12, 72(%rcx); mov %r13, 80(%rcx); mov %r14, 88(%rcx)\n"
        "  mov %r15, 96(%rcx); mov %r11, 112(%rcx)\n"
        "  mov saved_cx(%rip), %rdx; mov %rdx, 104(%rcx)\n"
        "  .irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "  mov -8-8*\\i(%rsp), %rdx; mov %rdx, 120+8*\\i(%rcx)\n"
        "  .endr\n"
        "  cmpq $0, child_exits(%rip)\n"
        "  je 2f\n"
        "  test %rax, %rax\n"
        "  jne 2f\n"
        "  mov $60, %eax\n"
        "  xor %edi, %edi\n"
        "  syscall\n"
        "2:\n"
        "  pop %rcx; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "  ret\n");
enum { OUT_ON_STACK = 0 };
#endif
extern char call_with_instruction[];

static unsigned long long seed = 88172645463325252ull;

static unsigned long any(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void fill(struct state *state, enum call call, int kind)
{
    for (int i = 0; i < REGISTERS; i++)
        state->registers[i] = any();
    for (int i = 0; i < RED_ZONE; i++)
        state->red_zone[i] = any();
    state->registers[NUMBER] = number(call);
    unsigned long *first = &state->registers[first_argument()];
    *first = (*first & ~0xfful) | kind;
}

/* The number of differences but in what a call may change. */
static int differences(const char *what, const struct state *before, const struct state *after)
{
    int different = 0;
    for (int i = 0; i < REGISTERS; i++)
        if (survives(i) && before->registers[i] != after->registers[i]) {
            printf("%s: %s was %lx and is %lx\n", what, names[i], before->registers[i],
                   after->registers[i]);
            different++;
        }
    if (RED_ZONE && memcmp(before->red_zone, after->red_zone, sizeof before->red_zone)) {
        printf("%s: the red zone was written\n", what);
        different++;
    }
    return different;
}

static volatile sig_atomic_t handled;

static void handler(int signal)
{
    (void)signal;
    handled++;
    syscall(SYS_getpgid, 0);
    /* Uses every register that a function may use. */
#ifdef __aarch64__
    __asm__ volatile("" ::: "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                     "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22",
                     "x23", "x24", "x25", "x26", "x27", "x28", "memory");
#elif defined __i386__
    __asm__ volatile("" ::: "eax", "ebx", "ecx", "edx", "esi", "edi", "memory");
#else
    __asm__ volatile("" ::: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "rbx",
                     "r12", "r13", "r14", "r15", "memory");
#endif
}

static volatile int over;
static pthread_t main_thread;

static void *shoot(void *unused)
{
    (void)unused;
    while (!over) {
        pthread_kill(main_thread, SIGUSR1);
        struct timespec time = {0, 700000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
    }
    return NULL;
}

/* Not by getppid, which the listener changes. */
static int parent(void)
{
    int ppid = -1;
    FILE *stat = fopen("/proc/self/stat", "r");
    if (!stat || fscanf(stat, "%*d (%*[^)]) %*c %d", &ppid) != 1)
        printf("no parent\n");
    fclose(stat);
    return ppid;
}

/* loop COUNT KINDS SIGNALS: each kind of call in turn; prints the results of the last round. */
static int loop(int argc, char **argv)
{
    long count = atol(argv[0]);
    int kinds = atoi(argv[1]);
    int signals = argc > 2 && atoi(argv[2]);
    pthread_t shooter;
    if (signals) {
        struct sigaction action = {.sa_handler = handler};
        sigaction(SIGUSR1, &action, NULL);
        sigaction(SIGALRM, &action, NULL);
        main_thread = pthread_self();
        CHECK0(pthread_create(&shooter, NULL, shoot, NULL));
        struct itimerval every = {{0, 900}, {0, 900}};
        CHECK(setitimer(ITIMER_REAL, &every, NULL));
    }
    int bad = 0;
    long results[64];
    for (long i = 0; i < count && bad < 20; i++) {
        int kind = i % kinds;
        struct state before, after;
        fill(&before, GETPPID, kind);
        call_with(&before, &after);
        char what[32];
        sprintf(what, "kind %d", kind);
        bad += differences(what, &before, &after);
        long result = after.registers[RESULT];
        if (i >= kinds && result != results[kind]) {
            printf("kind %d: result %ld after %ld\n", kind, result, results[kind]);
            bad++;
        }
        results[kind] = result;
    }
    if (signals) {
        struct itimerval never = {0};
        setitimer(ITIMER_REAL, &never, NULL);
        over = 1;
        CHECK0(pthread_join(shooter, NULL));
        printf("signals: %s\n", handled > 10 ? "many" : "few");
    }
    for (int kind = 0; kind < kinds; kind++)
        printf("%d: %s\n", kind,
               results[kind] == parent()   ? "parent"
               : results[kind] == gettid() ? "self"
                                           : ({
                                                 static char text[24];
                                                 sprintf(text, "%ld", results[kind]);
                                                 text;
                                             }));
    printf("%d differences\n", bad);
    return bad != 0;
}

/* raw: one call; then says which registers are different. */
static int raw(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct state before, after;
    for (int i = 0; i < REGISTERS; i++)
        before.registers[i] = 0x1000 + i;
    for (int i = 0; i < RED_ZONE; i++)
        before.red_zone[i] = 7;
    before.registers[NUMBER] = number(GETPPID);
    call_with(&before, &after);
    differences("raw", &before, &after);
    printf("instruction %lx\n", (unsigned long)(uintptr_t)call_with_instruction);
    return 0;
}

/* What a child is to have that begins with its parent's registers. */
static int compare_child(const char *what, const struct state *before, const struct state *after)
{
    char who[32];
    int child = !after->registers[RESULT], status = -1;
    sprintf(who, "%s's %s", what, child ? "child" : "parent");
    int bad = differences(who, before, after);
    if (child)
        _exit(bad != 0);
    if (waitpid(after->registers[RESULT], &status, 0) < 0 || status)
        printf("%s's child ended with 0x%x\n", what, status);
    return bad + (status != 0);
}

/* children: fork and clone as fork, and by syscall vfork and clone as thread, with junk in what
 * they do not use. */
static int children(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int bad = 0;
    for (int round = 0; round < 50; round++) {
        struct state before, after[2];
        fill(&before, FORK, 1);
#ifdef __aarch64__
        before.registers[X0] = SIGCHLD;
        before.registers[X1] = 0;
#endif
        call_with(&before, after);
        bad += compare_child("fork", &before, after);

        fill(&before, CLONE, SIGCHLD);
        before.registers[first_argument()] = SIGCHLD;
#ifdef __aarch64__
        before.registers[X1] = 0;
#else
        before.registers[by_int80 ? CX : SI] = 0;
#endif
        call_with(&before, after);
        bad += compare_child("clone", &before, after);

#ifndef __i386__
        if (by_int80 || number_bit)
            continue;
        child_exits = 1;
        fill(&before, VFORK, 1);
#ifdef __aarch64__
        before.registers[X0] = CLONE_VM | CLONE_VFORK | SIGCHLD;
        before.registers[X1] = 0;
#endif
        call_with(&before, after);
        bad += differences("vfork's parent", &before, after);
        bad += differences("vfork's child", &before, after + 1);
        waitpid(after[0].registers[RESULT], NULL, 0);

        static char stack[65536] __attribute__((aligned(16)));
        struct state **top = (struct state **)(stack + sizeof stack - 256);
        top[OUT_ON_STACK] = after;
        memset(after, 0, sizeof after);
        fill(&before, CLONE, 0);
        /* The child tid is cleared at the thread's end: CLONE_CHILD_CLEARTID. */
        volatile int alive = 1;
        before.registers[first_argument()] = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                             CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;
#ifdef __aarch64__
        before.registers[X1] = (unsigned long)top;
        before.registers[X4] = (unsigned long)&alive;
#else
        before.registers[SI] = (unsigned long)top;
        before.registers[R10] = (unsigned long)&alive;
#endif
        call_with(&before, after);
        while (alive)
            sched_yield();
        bad += differences("the creator of a thread", &before, after);
        /* Its red zone is on its own stack. */
        memcpy(after[1].red_zone, before.red_zone, sizeof before.red_zone);
        bad += differences("a thread", &before, after + 1);
        child_exits = 0;
#endif
    }
    printf("%d differences\n", bad);
    return bad != 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"loop", loop}, {"raw", raw}, {"children", children}, {0}};
    static const char *const ways[] = {"syscall", "x32", "int80", "vdso", NULL};
    for (int i = 0; argc > 1 && ways[i]; i++)
        if (!strcmp(argv[1], ways[i])) {
            number_bit = i == 1 ? 0x40000000 : 0;
#if defined __aarch64__
            (void)number_bit;
#elif defined __i386__
            vdso = i == 3 ? (void *)getauxval(AT_SYSINFO) : NULL;
#else
            by_int80 = i == 2;
#endif
            return run_mode(modes, argc - 1, argv + 1);
        }
    return run_mode(modes, argc, argv);
}
