/*
 * system PROCESSES THREADS WORKERS: that many processes with that many threads in all, children of
 * this one, and among them so many workers. The others wait: for a byte of a pipe, for a futex, or
 * for a second to pass, again and again, and see to it that each wait ends as it should. Says
 * "ready", and then does what it is told by lines:
 *
 *   work N    each worker calls getppid N times; answers with the nanoseconds that all took
 *   start N   the same, answers at once
 *   check     wakes everybody; answers "N awake, W wrong": all must have noticed, and nothing else
 *   pids      the processes' ids
 */
#include "guest.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { KINDS = 3, MILLIS = 1000000, PATIENCE_SECONDS = 60 };

struct shared {
    atomic_int asleep, awake, wrong, done;
    atomic_int round; /* a futex; changes when everybody is woken */
    atomic_int task;  /* a futex; changes when workers are to begin */
    atomic_int calls;
};

static struct shared *shared;
static int bytes[2];
static pid_t root;

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void expect(int condition)
{
    if (!condition)
        atomic_fetch_add(&shared->wrong, 1);
}

static void await_change(atomic_int *word, int old)
{
    while (atomic_load(word) == old) {
        long result = syscall(SYS_futex, word, FUTEX_WAIT, old, NULL, NULL, 0);
        expect(result == 0 || errno == EAGAIN);
    }
}

static void change(atomic_int *word)
{
    atomic_fetch_add(word, 1);
    CHECK(syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
}

static void *wait_for_bytes(void *unused)
{
    char byte;
    (void)unused;
    for (;;) {
        ssize_t got = read(bytes[0], &byte, 1);
        expect(got == 1);
        int round = atomic_load(&shared->round);
        atomic_fetch_add(&shared->awake, 1);
        /* So that nobody takes another's byte. */
        await_change(&shared->round, round);
    }
    return NULL;
}

static void *wait_for_rounds(void *unused)
{
    (void)unused;
    for (int round = 0;; round += 2) {
        await_change(&shared->round, round);
        atomic_fetch_add(&shared->awake, 1);
        await_change(&shared->round, round + 1);
    }
    return NULL;
}

static void *sleep_again_and_again(void *unused)
{
    int seen = 0;
    (void)unused;
    for (;;) {
        struct timespec second = {1, 0};
        long long begun = now();
        expect(nanosleep(&second, NULL) == 0);
        expect(now() - begun >= 1000LL * MILLIS);
        int round = atomic_load(&shared->round);
        if (round != seen && round % 2)
            atomic_fetch_add(&shared->awake, 1);
        seen = round;
    }
    return NULL;
}

static void *work(void *unused)
{
    (void)unused;
    for (int task = 0;; task++) {
        await_change(&shared->task, task);
        for (int i = atomic_load(&shared->calls); i > 0; i--)
            expect(syscall(SYS_getppid) == root);
        atomic_fetch_add(&shared->done, 1);
    }
    return NULL;
}

static void start(void *(*what)(void *))
{
    pthread_t thread;
    pthread_attr_t attributes;
    CHECK0(pthread_attr_init(&attributes));
    CHECK0(pthread_attr_setstacksize(&attributes, 64 << 10));
    CHECK0(pthread_create(&thread, &attributes, what, NULL));
}

static int await_count(atomic_int *count, int expected)
{
    struct timespec moment = {0, MILLIS};
    for (int i = 0; i < PATIENCE_SECONDS * 1000 && atomic_load(count) < expected; i++)
        nanosleep(&moment, NULL);
    return atomic_load(count);
}

int main(int argc, char **argv)
{
    static void *(*const kinds[KINDS])(void *) = {wait_for_bytes, wait_for_rounds,
                                                 sleep_again_and_again};
    CHECK(argc == 4 ? 0 : -1);
    int processes = atoi(argv[1]), threads = atoi(argv[2]), workers = atoi(argv[3]);
    pid_t *pids = calloc(processes, sizeof *pids);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(pids && shared != MAP_FAILED ? 0 : -1);
    CHECK(pipe(bytes));
    root = getpid();
    line_buffered();
    int readers = 0, waiters = 0;
    for (int i = 0; i < processes; i++) {
        int more = (threads - processes) / processes + (i < (threads - processes) % processes);
        for (int j = 0; j < more; j++, waiters++)
            readers += waiters % KINDS == 0;
        int kind = i < workers ? -1 : waiters++ % KINDS;
        readers += kind == 0;
        pids[i] = CHECK(fork());
        if (pids[i])
            continue;
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        int first = waiters - more - (kind >= 0);
        for (int j = 0; j < more; j++)
            start(kinds[(first + j) % KINDS]);
        atomic_fetch_add(&shared->asleep, 1 + more);
        kind < 0 ? work(NULL) : kinds[kind](NULL);
    }
    await_count(&shared->asleep, threads);
    printf("ready\n");
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        int calls;
        if (sscanf(line, "work %d", &calls) == 1 || sscanf(line, "start %d", &calls) == 1) {
            long long begun = now();
            atomic_store(&shared->done, 0);
            atomic_store(&shared->calls, calls);
            change(&shared->task);
            if (*line == 's') {
                printf("started\n");
                continue;
            }
            await_count(&shared->done, workers);
            printf("%lld\n", now() - begun);
        } else if (!strcmp(line, "check\n")) {
            atomic_store(&shared->awake, 0);
            /* Odd while they are awake. */
            change(&shared->round);
            for (int i = 0; i < readers; i++)
                CHECK(write(bytes[1], "", 1));
            int awake = await_count(&shared->awake, waiters);
            change(&shared->round);
            printf("%d awake, %d wrong\n", awake, atomic_load(&shared->wrong));
        } else if (!strcmp(line, "pids\n")) {
            for (int i = 0; i < processes; i++)
                printf("%d ", pids[i]);
            printf("\n");
        }
    }
    for (int i = 0; i < processes; i++)
        kill(pids[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    return 0;
}
