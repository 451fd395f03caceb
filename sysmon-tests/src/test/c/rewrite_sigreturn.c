/* N: has its registers looked at until so many signals have come in between, and prints what is wrong. */
#include "guest.h"
#include <signal.h>
#include <sys/time.h>

static volatile int signals;

static void count(int signal)
{
    (void)signal;
    signals++;
}

/* In what a call has for its arguments. Returns 0 when all stay as they are until enough has come. */
static int look(int enough)
{
    int wrong;
#ifdef __x86_64__
    register long a asm("rdi") = 101, b asm("rsi") = 102, c asm("rdx") = 103, d asm("r10") = 104;
    register long e asm("r8") = 105, f asm("r9") = 106;
    asm volatile("1: cmpq $101, %%rdi\n jne 2f\n cmpq $102, %%rsi\n jne 2f\n cmpq $103, %%rdx\n jne 2f\n"
                 "cmpq $104, %%r10\n jne 2f\n cmpq $105, %%r8\n jne 2f\n cmpq $106, %%r9\n jne 2f\n"
                 "cmpl %[enough], %[signals]\n jl 1b\n movl $0, %%eax\n jmp 3f\n2: movl $1, %%eax\n3:"
                 : "=&a"(wrong), "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f)
                 : [enough] "r"(enough), [signals] "m"(signals)
                 : "cc", "memory");
#else
    long a = 101, b = 102, c = 103, d = 104, e = 105, f = 106;
    do {
        asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
        wrong = a != 101 || b != 102 || c != 103 || d != 104 || e != 105 || f != 106;
    } while (!wrong && signals < enough);
#endif
    return wrong;
}

int main(int argc, char **argv)
{
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    int enough = argc > 1 ? atoi(argv[1]) : 1;
    signal(SIGALRM, count);
    CHECK(setitimer(ITIMER_REAL, &often, NULL));
    int wrong = look(enough);
    CHECK(setitimer(ITIMER_REAL, &never, NULL));
    printf("%s\n", wrong ? "other registers" : "as they were");
    return wrong;
}
