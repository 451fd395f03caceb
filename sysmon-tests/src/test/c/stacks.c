/* Asks for a process group that there is not, from stacks that are known. */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#define FRAME __attribute__((noipa))

/* Not a tail call. */
#define CALL(call)                                                             \
    do {                                                                       \
        call;                                                                  \
        __asm__ volatile("");                                                  \
    } while (0)

FRAME void inner(void)
{
    CALL(getpgid(-1));
}

FRAME void middle(void)
{
    CALL(inner());
}

FRAME void outer(void)
{
    CALL(middle());
}

FRAME void deep(int more)
{
    if (more)
        CALL(deep(more - 1));
    else
        CALL(inner());
}

FRAME static void handler(int signal)
{
    (void)signal;
    CALL(outer());
}

FRAME void interrupted(void)
{
    CALL(raise(SIGUSR1));
}

FRAME static void *threaded(void *nothing)
{
    CALL(outer());
    return nothing;
}

/* Keeps a frame pointer and calls its argument. */
static const unsigned char stub[] = {
#ifdef __x86_64__
    0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3,
#else
    0xfd, 0x7b, 0xbf, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0x00, 0x00, 0x3f, 0xd6,
    0xfd, 0x7b, 0xc1, 0xa8, 0xc0, 0x03, 0x5f, 0xd6,
#endif
};

FRAME void generated(void)
{
    int file = CHECK(memfd_create("stub", 0));
    CHECK(write(file, stub, sizeof stub));
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code, stub, sizeof stub);
    __builtin___clear_cache(code, (char *)code + sizeof stub);
    CALL(((void (*)(void (*)(void)))code)(outer));
    CHECK((long)mmap(code, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, 0));
    CALL(((void (*)(void (*)(void)))code)(outer));
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "call";
    if (!strcmp(what, "call")) {
        CALL(outer());
    } else if (!strcmp(what, "deep")) {
        CALL(deep(300));
    } else if (!strcmp(what, "signal")) {
        static char other[1 << 16];
        stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
        struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
        CHECK(sigaltstack(&stack, NULL));
        CHECK(sigaction(SIGUSR1, &action, NULL));
        CALL(interrupted());
    } else if (!strcmp(what, "thread")) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, threaded, NULL));
        CHECK0(pthread_join(thread, NULL));
    } else if (!strcmp(what, "generated")) {
        CALL(generated());
    } else if (!strcmp(what, "exec")) {
        CALL(outer());
        CHECK(execl(argv[2], argv[2], "call", (char *)NULL));
    }
    return 0;
}
