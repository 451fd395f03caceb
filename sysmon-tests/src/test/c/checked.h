/*
 * System calls whose caller looks at what they leave: the registers that the kernel preserves, and
 * the signal mask.
 */
#ifndef CHECKED_H
#define CHECKED_H
#include "guest.h"
#include <signal.h>
#include <sys/syscall.h>

/* What was wrong, in all threads together; the first of it is told on standard error. */
static volatile long wrong;

#define WRONG(...)                                                             \
    do {                                                                       \
        if (__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST) == 0)              \
            dprintf(2, __VA_ARGS__);                                           \
    } while (0)

struct call {
    long number;
    long args[6];
};

#ifdef __x86_64__
enum { KEPT = 12 };

static const char *const kept_names[KEPT] = {"rdi", "rsi", "rdx", "r10", "r8",  "r9",
                                             "rbx", "rbp", "r12", "r13", "r14", "r15"};

/* in: the number, then what goes to the registers above; out: the same afterwards. */
long call_with_registers(const long *in, long *out);
__asm__(".text\n"
        "call_with_registers:\n"
        "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rsi\n"
        "  mov 0(%rdi), %rax\n"
        "  mov 16(%rdi), %rsi; mov 24(%rdi), %rdx; mov 32(%rdi), %r10; mov 40(%rdi), %r8\n"
        "  mov 48(%rdi), %r9; mov 56(%rdi), %rbx; mov 64(%rdi), %rbp; mov 72(%rdi), %r12\n"
        "  mov 80(%rdi), %r13; mov 88(%rdi), %r14; mov 96(%rdi), %r15\n"
        "  mov 8(%rdi), %rdi\n"
        "  syscall\n"
        "  pop %rcx\n"
        "  mov %rdi, 8(%rcx); mov %rsi, 16(%rcx); mov %rdx, 24(%rcx); mov %r10, 32(%rcx)\n"
        "  mov %r8, 40(%rcx); mov %r9, 48(%rcx); mov %rbx, 56(%rcx); mov %rbp, 64(%rcx)\n"
        "  mov %r12, 72(%rcx); mov %r13, 80(%rcx); mov %r14, 88(%rcx); mov %r15, 96(%rcx)\n"
        "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "  ret\n");

/* The raw result: minus the errno for a failure. */
static inline long checked_call(const struct call *call)
{
    long in[1 + KEPT], out[1 + KEPT];
    in[0] = call->number;
    for (int i = 0; i < KEPT; i++)
        in[i + 1] = i < 6 ? call->args[i] : (long)&in + 4711 * i;
    long result = call_with_registers(in, out);
    for (int i = 1; i <= KEPT; i++)
        if (in[i] != out[i])
            WRONG("call %ld: %s was %lx and is %lx\n", call->number, kept_names[i - 1], in[i],
                  out[i]);
    return result;
}
#else
static inline long checked_call(const struct call *call)
{
    const long *args = call->args;
    long result = syscall(call->number, args[0], args[1], args[2], args[3], args[4], args[5]);
    return result == -1 ? -errno : result;
}
#endif

/* Ends the guest when the thread's signal mask is not what it was. */
static inline void check_mask(const sigset_t *expected)
{
    sigset_t now;
    sigemptyset(&now);
    pthread_sigmask(SIG_BLOCK, NULL, &now);
    for (int i = 1; i < NSIG; i++)
        if (sigismember(&now, i) != sigismember(expected, i))
            WRONG("signal %d is %sblocked\n", i, sigismember(&now, i) ? "" : "not ");
}

#endif
