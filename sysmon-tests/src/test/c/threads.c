/* Threads that come, go, and end in every order. */
#include "guest.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static void exit_thread(int code)
{
    syscall(SYS_exit, code);
    __builtin_unreachable();
}

static volatile int total;

static void *add_one(void *arg)
{
    __sync_fetch_and_add(&total, 1);
    return arg;
}

/* 64 alive at once, a new one for each that ends, 2000 in all or so many. */
static int mode_churn(int argc, char **argv)
{
    enum { AT_ONCE = 64 };
    int all = argc > 0 ? atoi(argv[0]) : 2000;
    pthread_t threads[AT_ONCE];
    for (int i = 0; i < all; i++) {
        if (i >= AT_ONCE)
            CHECK0(pthread_join(threads[i % AT_ONCE], NULL));
        CHECK0(pthread_create(&threads[i % AT_ONCE], NULL, add_one, NULL));
    }
    for (int i = 0; i < AT_ONCE && i < all; i++)
        CHECK0(pthread_join(threads[i], NULL));
    printf("%d threads\n", total);
    return 0;
}

static pthread_barrier_t barrier;

static void *meet(void *arg)
{
    pthread_barrier_wait(&barrier);
    __sync_fetch_and_add(&total, 1);
    pthread_barrier_wait(&barrier);
    return arg;
}

static int mode_all_at_once(int argc, char **argv)
{
    (void)argc, (void)argv;
    enum { COUNT = 64 };
    pthread_t threads[COUNT];
    pthread_barrier_init(&barrier, NULL, COUNT + 1);
    for (int i = 0; i < COUNT; i++)
        CHECK0(pthread_create(&threads[i], NULL, meet, NULL));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < COUNT; i++)
        CHECK0(pthread_join(threads[i], NULL));
    printf("%d met\n", total);
    return 0;
}

enum { NUMBERED = 5 };

static void *make_numbered_calls(void *number)
{
    pthread_barrier_wait(&barrier);
    for (long i = 0; i < NUMBERED; i++)
        syscall(SYS_getpgid, 0, (long)number, i);
    __sync_fetch_and_add(&total, 1);
    return NULL;
}

/* All alive at once, and all making calls of which each can be told from every other. */
static int mode_numbered(int argc, char **argv)
{
    int count = argc > 0 ? atoi(argv[0]) : 1000;
    pthread_t *threads = calloc(count, sizeof *threads);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 1 << 18);
    pthread_barrier_init(&barrier, NULL, count + 1);
    for (long i = 0; i < count; i++)
        CHECK0(pthread_create(&threads[i], &small, make_numbered_calls, (void *)i));
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < count; i++)
        CHECK0(pthread_join(threads[i], NULL));
    printf("%d threads\n", total);
    return 0;
}

static volatile int main_tid;

/* The leader is a zombie when its tid has left the state of a running task. */
static void await_zombie_leader(void)
{
    char path[64], text[512];
    sprintf(path, "/proc/self/task/%d/stat", main_tid);
    while (1) {
        FILE *file = fopen(path, "r");
        if (!file)
            return;
        size_t length = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[length] = 0;
        char *state = strrchr(text, ')');
        if (!state || state[2] == 'Z')
            return;
        usleep(1000);
    }
}

static void *end_process_later(void *arg)
{
    await_zombie_leader();
    printf("the leader is gone\n");
    exit((int)(long)arg);
}

static int mode_leader_pthread_exit(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    main_tid = getpid();
    CHECK0(pthread_create(&thread, NULL, end_process_later, (void *)13));
    pthread_exit(NULL);
}

static int mode_leader_sys_exit(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    main_tid = getpid();
    CHECK0(pthread_create(&thread, NULL, end_process_later, (void *)14));
    exit_thread(3);
    return 0;
}

static void *end_thread_later(void *arg)
{
    await_zombie_leader();
    printf("a thread goes on\n");
    exit_thread((int)(long)arg);
    return NULL;
}

/* Nobody calls exit_group. */
static int mode_everybody_sys_exit(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t threads[3];
    main_tid = getpid();
    for (int i = 0; i < 3; i++)
        CHECK0(pthread_create(&threads[i], NULL, end_thread_later, (void *)20));
    exit_thread(15);
    return 0;
}

static void *end_thread(void *arg)
{
    exit_thread((int)(long)arg);
    return NULL;
}

/* glibc's join still works: the kernel clears the tid at the end. */
static int mode_thread_sys_exit(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    for (long i = 0; i < 20; i++) {
        CHECK0(pthread_create(&thread, NULL, end_thread, (void *)(30 + i)));
        CHECK0(pthread_join(thread, NULL));
    }
    printf("joined\n");
    return 16;
}

static void *spin(void *arg)
{
    while (1)
        __sync_fetch_and_add(&total, 1);
    return arg;
}

static void *sleep_on(void *arg)
{
    pause();
    return arg;
}

static sem_t never;

static void *wait_on(void *arg)
{
    sem_wait(&never);
    return arg;
}

static void *call_on(void *arg)
{
    while (1)
        syscall(SYS_getppid);
    return arg;
}

static void start_a_crowd(void)
{
    void *(*what[])(void *) = {spin, sleep_on, wait_on, call_on};
    sem_init(&never, 0, 0);
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, what[i % 4], NULL));
    }
}

static void *end_process(void *arg)
{
    _exit((int)(long)arg);
}

static int mode_exit_group_by_a_thread(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    start_a_crowd();
    CHECK0(pthread_create(&thread, NULL, end_process, (void *)17));
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

static int mode_exit_group_by_the_leader(int argc, char **argv)
{
    (void)argc, (void)argv;
    start_a_crowd();
    return 18;
}

static void *fault(void *arg)
{
    *(volatile int *)arg = 1;
    return NULL;
}

static int mode_fault_in_a_thread(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    start_a_crowd();
    CHECK0(pthread_create(&thread, NULL, fault, (void *)8));
    CHECK0(pthread_join(thread, NULL));
    return 0;
}

/* Both end at the same moment, in either order, with the same code. */
static void *end_process_at_barrier(void *arg)
{
    pthread_barrier_wait(&barrier);
    _exit((int)(long)arg);
}

static int mode_two_exits_at_once(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 50; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            pthread_t thread;
            pthread_barrier_init(&barrier, NULL, 3);
            for (int j = 0; j < 2; j++)
                CHECK0(pthread_create(&thread, NULL, end_process_at_barrier, (void *)19));
            pthread_barrier_wait(&barrier);
            pause();
        }
        reap("child", child);
    }
    return 0;
}

static const struct mode modes[] = {
    {"churn", mode_churn},
    {"all-at-once", mode_all_at_once},
    {"numbered", mode_numbered},
    {"leader-pthread-exit", mode_leader_pthread_exit},
    {"leader-sys-exit", mode_leader_sys_exit},
    {"everybody-sys-exit", mode_everybody_sys_exit},
    {"thread-sys-exit", mode_thread_sys_exit},
    {"exit-group-by-a-thread", mode_exit_group_by_a_thread},
    {"exit-group-by-the-leader", mode_exit_group_by_the_leader},
    {"fault-in-a-thread", mode_fault_in_a_thread},
    {"two-exits-at-once", mode_two_exits_at_once},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
