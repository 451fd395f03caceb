/*
 * Eight threads and a leader whose sequences of calls do not depend on timing: each thread runs while
 * the leader spins, and the leader goes on when the thread has no more calls to make but its end.
 */
#include "guest.h"
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static volatile int done;

static int run(void *arg)
{
    long number = (long)arg;
    for (int i = 0; i < 10; i++) {
        syscall(SYS_getppid);
        syscall(SYS_close, 100 + number);
        syscall(SYS_gettid);
    }
    done = 1;
    return number;
}

int main(void)
{
    for (long i = 0; i < 8; i++) {
        char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        done = 0;
        CHECK(clone(run, stack + 65536,
                    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
                    (void *)i));
        while (!done)
            ;
        syscall(SYS_getpid);
    }
    return 0;
}
