/*
 * Maps pages with known content before one that cannot be read, prints where, and waits for the end
 * of its standard input. Byte i is i % 251, but for two strings.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 50

int main(void)
{
    long page = sysconf(_SC_PAGESIZE);
    long size = PAGES * page;
    unsigned char *at =
        mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < size; i++)
        at[i] = i % 251;
    mprotect(at + size, page, PROT_NONE);
    static char text[] = "known text";
    printf("base=%lu\nsize=%ld\ntext=%lu\n", (unsigned long)(uintptr_t)at, size,
           (unsigned long)(uintptr_t)text);
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0)
        continue;
    return 0;
}
