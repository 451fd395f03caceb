/* Calls that a tracer gives other strings and buffers, in threads and children too. */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

extern char **environ;

/* Lets the tracer look, and waits for its line. */
static void looked_at(void)
{
    char line[16];
    printf("ready\n");
    if (!fgets(line, sizeof line, stdin))
        _exit(97);
}

static struct statfs statistics;

/* Each call is with a path that does not exist. */
static void calls(long count)
{
    long found = 0;
    for (long i = 0; i < count; i++)
        found += syscall(SYS_statfs, "/no/such/file", &statistics) == 0;
    if (found != count)
        printf("%ld of %ld found\n", found, count);
}

static int many(int argc, char **argv)
{
    (void)argc;
    looked_at();
    calls(10);
    looked_at();
    calls(atol(argv[0]));
    looked_at();
    printf("done\n");
    return 0;
}

static pthread_barrier_t together;

static void *calling(void *with)
{
    calls(2);
    if (with)
        pthread_barrier_wait(with);
    return NULL;
}

/* Rounds of four threads that live at the same time. */
static int threads(int argc, char **argv)
{
    (void)argc;
    pthread_t thread[4];
    pthread_attr_t attributes;
    /* The least that aarch64 takes is 128 KiB. */
    static char stacks[4][1 << 18] __attribute__((aligned(4096)));
    CHECK0(pthread_barrier_init(&together, NULL, 4));
    CHECK0(pthread_attr_init(&attributes));
    for (volatile long round = -3; round < atol(argv[0]); round++) {
        if (round == 0)
            looked_at();
        for (int i = 0; i < 4; i++) {
            CHECK0(pthread_attr_setstack(&attributes, stacks[i], sizeof stacks[i]));
            CHECK0(pthread_create(&thread[i], &attributes, calling, &together));
        }
        for (int i = 0; i < 4; i++)
            CHECK0(pthread_join(thread[i], NULL));
    }
    looked_at();
    printf("done\n");
    return 0;
}

/* A path that does not exist, which the tracer makes one that does. */
static int spawns(int argc, char **argv)
{
    (void)argc;
    volatile int bad = 0;
    for (volatile long round = -3; round < atol(argv[0]); round++) {
        if (round == 0)
            looked_at();
        char *arguments[] = {"true", NULL};
        pid_t child;
        int status;
        CHECK0(posix_spawn(&child, "/no/such/file", NULL, NULL, arguments, environ));
        CHECK(waitpid(child, &status, 0));
        bad += status != 0;
        child = vfork();
        if (!child) {
            execv("/no/such/file", arguments);
            _exit(1);
        }
        CHECK(waitpid(child, &status, 0));
        bad += status != 0;
    }
    looked_at();
    printf("done, %d bad\n", bad);
    return 0;
}

/* vfork children that do not execute anything. */
static int vforks(int argc, char **argv)
{
    (void)argc;
    for (volatile long round = -3; round < atol(argv[0]); round++) {
        if (round == 0)
            looked_at();
        pid_t child = vfork();
        if (!child) {
            syscall(SYS_statfs, "/no/such/file", &statistics);
            _exit(0);
        }
        CHECK(waitpid(child, NULL, 0));
        calls(1);
    }
    looked_at();
    printf("done\n");
    return 0;
}

static int forks(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    calls(1);
    looked_at();
    pid_t child = CHECK(fork());
    if (!child) {
        printf("child=%d\n", getpid());
        looked_at();
        calls(1);
        looked_at();
        _exit(0);
    }
    CHECK(waitpid(child, NULL, 0));
    calls(1);
    looked_at();
    printf("done\n");
    return 0;
}

static int execs(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    calls(1);
    looked_at();
    execl("/proc/self/exe", "relocation", "executed", NULL);
    return 1;
}

static int executed(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    looked_at();
    calls(1);
    looked_at();
    printf("done\n");
    return 0;
}

/* Two paths in one call. */
static int renames(int argc, char **argv)
{
    (void)argc;
    char from[] = "/no/such/file", to[] = "/no/such/other";
    for (int i = 0; i < 100; i++)
        CHECK(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    looked_at();
    for (long i = 0; i < atol(argv[0]); i++)
        CHECK(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    looked_at();
    printf("done %s %s\n", from, to);
    return 0;
}

/* One write of each text; tells what it was told. */
static int writes(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        long wrote = syscall(SYS_write, 1, argv[i], strlen(argv[i]));
        fprintf(stderr, "%ld of %zu, then %s\n", wrote, strlen(argv[i]), argv[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"many", many},         {"threads", threads},
                                        {"spawns", spawns},     {"vforks", vforks},
                                        {"forks", forks},       {"execs", execs},
                                        {"executed", executed}, {"renames", renames},
                                        {"writes", writes},     {0}};
    return run_mode(modes, argc, argv);
}
