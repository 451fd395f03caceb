/*
 * Makes system calls with known arguments. Strings go to faccessat(CASE, string, 0), so that the
 * first argument says which case it is; addresses are printed as "name=value" lines.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    PLAIN = 1001,
    EMPTY,
    CROSSING,
    LONG,
    AT_THE_END,
    WITHOUT_END,
    NULL_POINTER,
    MALFORMED,
    TOO_LONG
};

static long page;

static char *map(long pages)
{
    char *at = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        abort();
    return at;
}

/* Two pages, of which the second is no more. */
static char *map_before_hole(void)
{
    char *at = map(2);
    if (munmap(at + page, page))
        abort();
    return at;
}

static void look(int which, const char *string)
{
    printf("case%d=%#lx\n", which, (unsigned long)(uintptr_t)string);
    syscall(SYS_faccessat, which, string, 0);
}

int main(void)
{
    page = sysconf(_SC_PAGESIZE);

    look(PLAIN, "/nowhere/a file");
    look(EMPTY, "");

    char *crossing = map(2) + page - 5;
    strcpy(crossing, "/nowhere/across");
    look(CROSSING, crossing);

    char *longest = map(17);
    memset(longest + 1, 'x', 65536);
    look(LONG, longest + 1);

    char *hole = map_before_hole();
    char *last = hole + page - sizeof "/nowhere/last";
    strcpy(last, "/nowhere/last");
    look(AT_THE_END, last);

    char *endless = map_before_hole() + page - 7;
    memset(endless, 'e', 7);
    look(WITHOUT_END, endless);

    look(NULL_POINTER, NULL);
    look(MALFORMED, "\xc3\xa4\xff\xe2\x82\xac");

    char *too_long = map(33);
    memset(too_long, 'y', 33 * page - 1);
    look(TOO_LONG, too_long);

    /* A number that no call has, with all six arguments. */
    syscall(5000, 0x1111111111111111, -2L, 3L, 0x8000000000000000, 5L, 0x123456789abcdef0);

    static const char bytes[] = {0, 1, 2, 127, -128, -1};
    int null = open("/dev/null", O_WRONLY);
    printf("null=%d\n", null);
    syscall(SYS_write, null, bytes, sizeof bytes);
    printf("bytes=%#lx\n", (unsigned long)(uintptr_t)bytes);

    syscall(SYS_getppid);
    syscall(SYS_close, 999);

    struct timespec time = {0, 30 * 1000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);

    printf("pid=%d\n", getpid());
    return 0;
}
