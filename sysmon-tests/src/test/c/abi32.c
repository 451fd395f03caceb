/* A 32-bit program that needs no 32-bit C library: gcc -m32 -static -nostdlib. */
static int call(int number, int a, int b, int c)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

enum { EXIT = 1, FORK = 2, WRITE = 4, WAITPID = 7, EXECVE = 11, GETPID = 20, KILL = 37 };

static void say(const char *text)
{
    int length = 0;
    while (text[length])
        length++;
    call(WRITE, 1, (int)text, length);
}

void _start(void)
{
    int status = 0;
    int child = call(FORK, 0, 0, 0);
    if (child == 0) {
        /* From one ABI to the other, and its result back to this one. */
        static char *argv[] = {"sh", "-c", "echo a 64-bit shell; exit 9", 0};
        call(EXECVE, (int)"/bin/sh", (int)argv, 0);
        call(EXIT, 97, 0, 0);
    }
    say(call(WAITPID, child, (int)&status, 0) == child && status == 9 << 8 ? "right\n" : "wrong\n");
    child = call(FORK, 0, 0, 0);
    if (child == 0)
        call(KILL, call(GETPID, 0, 0, 0), 15, 0);
    say(call(WAITPID, child, (int)&status, 0) == child && status == 15 ? "right\n" : "wrong\n");
    call(EXIT, 10, 0, 0);
    __builtin_unreachable();
}
