/*
 * Says texts of several kinds of memory, some of them again and again, in threads and children
 * too. A tracer changes them, when it is asked (change) or when they are written.
 */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static const char text[] = "aaaa";

/* Two literals as compilers put them. */
static const char pair[] = "hello\0world";

/* Asks the tracer to make each character of a text this one. */
static void change(const char *at, char to)
{
    syscall(SYS_statfs, at, to);
}

static void say(const char *who)
{
    printf("%s says %s\n", who, text);
}

static int literals(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (int i = 0; i < 3; i++) {
        syscall(SYS_write, 1, text, 4);
        say(" and");
    }
    return 0;
}

static int neighbours(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    syscall(SYS_write, 1, pair, 5);
    syscall(SYS_statfs, pair, NULL);
    syscall(SYS_write, 1, pair + 6, 5);
    printf("\n%s %s\n", pair, pair + 6);
    return 0;
}

static int buffers(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char *once = malloc(10), *again = malloc(10);
    strcpy(once, "once");
    for (int i = 0; i < 3; i++) {
        strcpy(again, "again");
        syscall(SYS_write, 1, once, 4);
        syscall(SYS_write, 1, again, 5);
        printf(" %s %s\n", once, again);
    }
    return 0;
}

/* Says what is in a mapped file and in the C library, for each line of its input. */
static int maps(int argc, char **argv)
{
    char line[16];
    int shared = argc > 1;
    int fd = CHECK(open(argv[0], shared ? O_RDWR : O_RDONLY));
    const char *at = mmap(NULL, 4096, shared ? PROT_READ | PROT_WRITE : PROT_READ,
                          shared ? MAP_SHARED : MAP_PRIVATE, fd, 0);
    CHECK(at == MAP_FAILED ? -1 : 0);
    const char *library = strerrordesc_np(ENOENT);
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] != '\n') {
            change(at, line[0]);
            if (!shared)
                change(library, line[0]);
        }
        printf("%s, %s\n", at, library);
    }
    return 0;
}

static int descriptors(int argc, char **argv)
{
    (void)argc;
    int fd = CHECK(open(argv[0], O_WRONLY | O_CREAT, 0600));
    for (int i = 0; i < 3; i++)
        CHECK(syscall(SYS_write, fd, "line\n", 5));
    CHECK(close(fd));
    printf("%s\n", fcntl(fd, F_GETFD) == -1 && errno == EBADF ? "closed" : "another one closed");
    return 0;
}

static void *threads_life(void *unused)
{
    say("thread");
    change(text, 'c');
    return unused;
}

static int family(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    pthread_t thread;
    change(text, 'b');
    CHECK0(pthread_create(&thread, NULL, threads_life, NULL));
    CHECK0(pthread_join(thread, NULL));
    say("main");
    pid_t child = CHECK(fork());
    if (!child) {
        say("child");
        change(text, 'd');
        say("child");
        _exit(0);
    }
    CHECK(waitpid(child, NULL, 0));
    say("main");
    child = vfork();
    if (!child) {
        change(text, 'e');
        _exit(0);
    }
    CHECK(waitpid(child, NULL, 0));
    say("main");
    change(text, 'f');
    execl("/proc/self/exe", "semantics", "last", NULL);
    return 1;
}

static int last(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    say("new program");
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"literals", literals}, {"neighbours", neighbours},
                                        {"buffers", buffers},   {"maps", maps},
                                        {"family", family},     {"descriptors", descriptors},
                                        {"last", last},         {0}};
    return run_mode(modes, argc, argv);
}
