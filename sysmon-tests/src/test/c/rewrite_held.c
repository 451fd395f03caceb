/* Tasks whose getppid is held, beside others that go on. */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

static void *ask(void *unused)
{
    (void)unused;
    long before = now_millis();
    long result = syscall(SYS_getppid, 1, 2, 3, 4, 5, 6);
    int error = result == -1 ? errno : 0;
    char line[100];
    int length = sprintf(line, "asked: %s after %s\n",
                         error               ? strerror(error)
                         : result == 4711    ? "4711"
                         : result == gettid() ? "self"
                                             : "parent",
                         now_millis() - before >= 200 ? "long" : "short");
    CHECK(write(1, line, length));
    return NULL;
}

/* Echoes lines; "exec" and "exit" do that. */
static void *echo(void *unused)
{
    (void)unused;
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (!strcmp(line, "exec\n")) {
            execl("/proc/self/exe", "held", "say", "executed", NULL);
            _exit(9);
        }
        if (!strcmp(line, "exit\n"))
            exit(3);
        printf("echo %s", line);
    }
    return NULL;
}

static int say(int argc, char **argv)
{
    (void)argc;
    puts(argv[0]);
    return 0;
}

/* A thread asks, the leader echoes. */
static int beside(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, ask, NULL));
    echo(NULL);
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

/* The leader asks, a thread echoes. */
static int leader(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, echo, NULL));
    ask(NULL);
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

static int alone(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    ask(NULL);
    return 0;
}

static void *quietly(void *unused)
{
    (void)unused;
    return (void *)syscall(SYS_getppid);
}

static int asks_twice(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (int i = -1; i < 4; i++) {
        long result = syscall(SYS_getppid, i, "old text", 0, 0, 0, 0);
        printf("result %ld\n", result);
    }
    return 0;
}

/* COUNT threads that ask at once; each is told another result. */
static int many_threads(int argc, char **argv)
{
    (void)argc;
    static pthread_t threads[1000];
    long sum = 0;
    int count = atoi(argv[0]);
    for (int i = 0; i < count; i++)
        CHECK0(pthread_create(threads + i, NULL, quietly, NULL));
    for (int i = 0; i < count; i++) {
        void *result;
        CHECK0(pthread_join(threads[i], &result));
        sum += (long)result;
    }
    printf("sum=%ld\n", sum);
    return 0;
}

static int many_processes(int argc, char **argv)
{
    (void)argc;
    long sum = 0;
    int count = atoi(argv[0]);
    for (int i = 0; i < count; i++)
        if (!CHECK(fork()))
            _exit(syscall(SYS_getppid));
    for (int i = 0; i < count; i++) {
        int status;
        CHECK(wait(&status));
        sum += WEXITSTATUS(status);
    }
    printf("sum=%ld\n", sum);
    return 0;
}

/* Asks for ever, in several threads; ends when it is killed. */
static void *ask_forever(void *unused)
{
    (void)unused;
    while (1)
        syscall(SYS_getppid);
}

static int forever(int argc, char **argv)
{
    (void)argc;
    pthread_t thread;
    for (int i = atoi(argv[0]); i > 1; i--)
        CHECK0(pthread_create(&thread, NULL, ask_forever, NULL));
    puts("ready");
    ask_forever(NULL);
    return 0;
}

/* Leader and thread ask for ever; after some time the thread executes the next round. */
static void *exec_next(void *rounds)
{
    for (int i = 0; i < 5; i++)
        syscall(SYS_getppid);
    char left[16];
    sprintf(left, "%ld", (long)rounds - 1);
    execl("/proc/self/exe", "held", "exec_rounds", left, NULL);
    _exit(9);
}

static int exec_rounds(int argc, char **argv)
{
    (void)argc;
    long rounds = atol(argv[0]);
    if (!rounds) {
        puts("no rounds left");
        return 0;
    }
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, exec_next, (void *)rounds));
    ask_forever(NULL);
    return 1;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"say", say},
                                        {"beside", beside},
                                        {"leader", leader},
                                        {"alone", alone},
                                        {"asks_twice", asks_twice},
                                        {"many_threads", many_threads},
                                        {"many_processes", many_processes},
                                        {"forever", forever},
                                        {"exec_rounds", exec_rounds},
                                        {0}};
    return run_mode(modes, argc, argv);
}
