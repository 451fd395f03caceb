/* A 64-bit program that makes i386 system calls, between its own. */
#include "guest.h"
#include <sys/mman.h>
#include <sys/syscall.h>

static long int80(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

enum { I386_EXIT = 1, I386_FORK = 2, I386_WRITE = 4, I386_GETPID = 20, I386_GETPPID = 64 };

int main(void)
{
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    line_buffered();
    strcpy(low, "by int 0x80\n");
    for (int i = 0; i < 20; i++) {
        printf("%s\n", int80(I386_GETPID, 0, 0, 0) == getpid() ? "same pid" : "another pid");
        printf("%s\n", int80(I386_GETPPID, 0, 0, 0) == getppid() ? "same parent" : "another parent");
        printf("%ld\n", int80(I386_WRITE, 1, (long)low, 12));
        printf("%ld\n", int80(I386_WRITE, -1, (long)low, 12));
        pid_t child = int80(I386_FORK, 0, 0, 0);
        if (!child)
            int80(I386_EXIT, 30 + i, 0, 0);
        reap("child", child);
    }
    return 0;
}
