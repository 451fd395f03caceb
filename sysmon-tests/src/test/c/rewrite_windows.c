/*
 * Memory that others write to: tells what it finds in it. Two windows of pages, one writable, one
 * not, each between pages that are not mapped. Takes commands on standard input.
 */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { PAGE = 4096, WINDOW = 36 * PAGE };

static unsigned char *writable, *readonly;

static unsigned char *window(void)
{
    unsigned char *at =
        mmap(NULL, WINDOW + 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at + PAGE;
}

/* The pages before and behind it. */
static void unmap_around(unsigned char *at)
{
    CHECK(munmap(at - PAGE, PAGE));
    CHECK(munmap(at + WINDOW, PAGE));
}

/* Neither 'o' nor 'w'. */
static unsigned char pattern(uintptr_t address)
{
    unsigned char byte = address % 251;
    return byte == 'o' || byte == 'w' ? 'p' : byte;
}

static void fill(unsigned char *start)
{
    for (long i = 0; i < WINDOW; i++)
        start[i] = pattern((uintptr_t)start + i);
}

static long changed_outside(unsigned char *start, unsigned char *from, long length)
{
    long changed = 0;
    for (unsigned char *at = start; at < start + WINDOW; at++)
        if ((at < from || at >= from + length) && *at != pattern((uintptr_t)at))
            changed++;
    return changed;
}

static unsigned long hash(const unsigned char *from, long length)
{
    unsigned long hash = 14695981039346656037ul;
    for (long i = 0; i < length; i++)
        hash = (hash ^ from[i]) * 1099511628211ul;
    return hash;
}

/*
 * string ADDRESS LENGTH: puts a string of LENGTH times 'o' there, asks, and tells its length, its
 * hash, and how many bytes outside the range of the first are different.
 */
static void string(unsigned char *at, long length)
{
    unsigned char *start = at >= writable && at < writable + WINDOW ? writable : readonly;
    CHECK(mprotect(start, WINDOW, PROT_READ | PROT_WRITE));
    fill(start);
    memset(at, 'o', length);
    at[length] = 0;
    if (start == readonly)
        CHECK(mprotect(start, WINDOW, PROT_READ));
    syscall(SYS_getppid, at, length);
    long now = strnlen((char *)at, length + 1);
    printf("%ld %lx %ld\n", now, hash(at, now), changed_outside(start, at, length + 1));
}

/* bytes ADDRESS LENGTH: asks, and tells how many bytes from there are 'w', and what else changed. */
static void bytes(unsigned char *at, long length)
{
    unsigned char *start = at >= writable && at <= writable + WINDOW ? writable : readonly;
    CHECK(mprotect(start, WINDOW, PROT_READ | PROT_WRITE));
    fill(start);
    if (start == readonly)
        CHECK(mprotect(start, WINDOW, PROT_READ));
    syscall(SYS_getppid, at, length);
    long written = 0;
    while (at + written < start + WINDOW && at[written] == 'w')
        written++;
    printf("%ld %ld\n", written, changed_outside(start, at, written));
}

static void *stay(void *unused)
{
    (void)unused;
    char line[16];
    fgets(line, sizeof line, stdin);
    printf("bye\n");
    exit(0);
}

static const char literal[] = "a literal";
static char text[] = "known text";
static char *strings[] = {"one", "", "thr\xc3\xa9\xc3\xa9", NULL};
static struct iovec ranges[] = {{text, 5}, {NULL, 0}, {(void *)-1, (size_t)-1}};

int main(void)
{
    line_buffered();
    writable = window();
    readonly = window();
    fill(readonly);
    CHECK(mprotect(readonly, WINDOW, PROT_READ));
    int exe = CHECK(open("/proc/self/exe", O_RDONLY));
    void *none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, exe, 0);
    unmap_around(writable);
    unmap_around(readonly);
    printf("writable=%ld\nreadonly=%ld\nliteral=%ld\ntext=%ld\ncode=%ld\nstrings=%ld\niovec=%ld\n"
           "shared=%ld\nnone=%ld\n",
           (long)writable, (long)readonly, (long)literal, (long)text, (long)(uintptr_t)&hash,
           (long)strings, (long)ranges, (long)shared, (long)none);
    char line[200], command[20];
    while (fgets(line, sizeof line, stdin)) {
        unsigned char *at = NULL;
        long length = 0;
        sscanf(line, "%19s %ld %ld", command, (long *)&at, &length);
        if (!strcmp(command, "string"))
            string(at, length);
        else if (!strcmp(command, "bytes"))
            bytes(at, length);
        else if (!strcmp(command, "ask")) {
            syscall(SYS_getppid, at, length);
            printf("asked %s, %s\n", literal, text);
        } else if (!strcmp(command, "leave")) {
            pthread_t thread;
            CHECK0(pthread_create(&thread, NULL, stay, NULL));
            printf("left\n");
            pthread_exit(NULL);
        }
    }
    return 0;
}
