/* Stops often, and asks on which CPUs it may run. */
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static void be_hot(int calls)
{
    for (int i = 0; i < calls; i++)
        syscall(SYS_getppid);
}

static void print_mask(const char *who, pid_t pid)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(pid, sizeof set, &set));
    printf("%s:", who);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            printf(" %d", cpu);
    printf("\n");
}

/* asks N: after N calls each time. */
static int asks(int argc, char **argv)
{
    (void)argc;
    int calls = atoi(argv[0]);
    cpu_set_t all, one;
    CHECK(sched_getaffinity(0, sizeof all, &all));
    be_hot(calls);
    print_mask("itself", 0);
    be_hot(calls);
    pid_t child = CHECK(fork());
    if (!child) {
        print_mask("child", 0);
        be_hot(calls);
        print_mask("hot child", 0);
        print_mask("parent", getppid());
        _exit(0);
    }
    reap("child", child);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all)) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
        }
    CHECK(sched_setaffinity(0, sizeof one, &one));
    be_hot(calls);
    print_mask("bound", 0);
    CHECK(sched_setaffinity(0, sizeof all, &all));
    be_hot(calls);
    print_mask("free", 0);
    be_hot(calls);
    execl("/usr/bin/nproc", "nproc", NULL);
    return 1;
}

static void *hot_thread(void *arg)
{
    be_hot(*(int *)arg);
    print_mask("thread", 0);
    return NULL;
}

/* threads N: two at once, after one another. */
static int threads(int argc, char **argv)
{
    (void)argc;
    int calls = atoi(argv[0]);
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        CHECK0(pthread_create(&thread, NULL, hot_thread, &calls));
        be_hot(calls);
        CHECK0(pthread_join(thread, NULL));
    }
    print_mask("leader", 0);
    return 0;
}

/* phases: hot until a line comes, then quiet until the next, ... */
static int phases(int argc, char **argv)
{
    (void)argc, (void)argv;
    char line[100];
    struct pollfd in = {.fd = 0, .events = POLLIN};
    for (;;) {
        do
            be_hot(1000);
        while (CHECK(poll(&in, 1, 0)) == 0);
        if (!fgets(line, sizeof line, stdin))
            return 0;
        printf("quiet\n");
        if (!fgets(line, sizeof line, stdin))
            return 0;
        printf("hot\n");
    }
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"asks", asks}, {"threads", threads}, {"phases", phases}, {NULL, NULL}};
    return run_mode(modes, argc, argv);
}
