/*
 * Memory of all kinds, whose addresses it prints. Then does what the lines of its standard input
 * ask, and answers each by one line: what a tracer did to the memory, as the program sees it.
 */
#include "guest.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGES 40

static const char literal[] = "a text that is read-only";
static const char *const names[] = {"one", "", "zwei \xc3\xa4", NULL};
static char first[10], second[20];
static const struct iovec vector[] = {{first, sizeof first}, {second, 7}, {NULL, 0}};

long answer(void);
__asm__(".text\n"
        ".globl answer\n"
        ".balign 16\n"
        "answer:\n"
#ifdef __aarch64__
        "  mov w0, #42\n"
#else
        "  mov $42, %eax\n"
#endif
        "  ret\n"
        ".balign 16\n");

/* Between pages that are not mapped, with nothing behind it, a forbidden page, or nothing. */
static struct area {
    char *at, *copy;
    size_t size;
    int protection;
} areas[3];

static void make(struct area *area, int protection)
{
    long page = sysconf(_SC_PAGESIZE);
    area->size = PAGES * page;
    area->protection = protection;
    char *at = mmap(NULL, area->size + 2 * page, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at == MAP_FAILED ? -1 : 0);
    CHECK(munmap(at, page));
    CHECK(munmap(at + page + area->size, page));
    area->at = at + page;
    area->copy = malloc(area->size);
}

/* No byte is zero but the one behind the string. */
static void fill(struct area *area, size_t offset, size_t length)
{
    static unsigned seed = 1;
    if (!(area->protection & PROT_WRITE))
        CHECK(mprotect(area->at, area->size, PROT_READ | PROT_WRITE));
    for (size_t i = 0; i < area->size; i++) {
        seed = seed * 1103515245 + 12345;
        area->copy[i] = (seed >> 16) % 255 + 1;
    }
    memset(area->copy + offset, 'x', length);
    area->copy[offset + length] = 0;
    memcpy(area->at, area->copy, area->size);
    if (!(area->protection & PROT_WRITE))
        CHECK(mprotect(area->at, area->size, area->protection));
}

static void print_hash(const char *from, size_t length)
{
    unsigned long hash = 0xcbf29ce484222325UL;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)from[i]) * 0x100000001b3UL;
    printf(" %zu %lx\n", length, hash);
}

/* Fills an area, calls, and tells what has changed in it and what the string is now. */
static void attempt(struct area *area, size_t offset, size_t length)
{
    fill(area, offset, length);
    syscall(SYS_getppid, area->at + offset, length);
    size_t from = 0, to = area->size;
    while (from < to && area->at[from] == area->copy[from])
        from++;
    while (to > from && area->at[to - 1] == area->copy[to - 1])
        to--;
    printf("%zu %zu", from, to);
    print_hash(area->at + offset, strnlen(area->at + offset, area->size - offset));
}

static void serve(const char *line)
{
    unsigned long a, b, c;
    if (sscanf(line, "call %lu %lu %lu", &a, &b, &c) == 3) {
        long result = syscall(SYS_getppid, a, b, c);
        printf("%s\n", result == getppid() ? "called" : "another result");
    } else if (sscanf(line, "try %lu %lu %lu", &a, &b, &c) == 3) {
        attempt(&areas[a], b, c);
    } else if (sscanf(line, "fill %lu %lu %lu", &a, &b, &c) == 3) {
        fill(&areas[a], b, c);
        printf("filled\n");
    } else if (sscanf(line, "hex %lu %lu", &a, &b) == 2) {
        for (unsigned char *at = (unsigned char *)a; b; b--)
            printf("%02x", *at++);
        printf("\n");
    } else if (sscanf(line, "allow %lu", &a) == 1) {
        CHECK(mprotect(areas[a].at, areas[a].size, PROT_READ | PROT_WRITE));
        areas[a].protection = PROT_READ | PROT_WRITE;
        printf("allowed\n");
    } else if (!strcmp(line, "answer\n")) {
        printf("%ld\n", answer());
    } else {
        printf("what? %s", line);
    }
}

static void print(const char *name, const void *at)
{
    printf("%s=%lu\n", name, (unsigned long)(uintptr_t)at);
}

int main(void)
{
    line_buffered();
    make(&areas[0], PROT_READ | PROT_WRITE);
    make(&areas[1], PROT_READ);
    make(&areas[2], PROT_NONE);
    for (int i = 0; i < 3; i++) {
        fill(&areas[i], 0, 0);
        print("area", areas[i].at);
    }
    print("literal", literal);
    print("names", names);
    print("vector", vector);
    print("first", first);
    print("answer", (const void *)answer);
    char line[256];
    while (fgets(line, sizeof line, stdin))
        serve(line);
    return 0;
}
