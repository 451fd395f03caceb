/* vfork(2): children in their parent's memory, and what they do there. */
#include "guest.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { STACK = 65536 };

static volatile int shared;
static volatile pid_t child_pid;

static int mode_exit(int argc, char **argv)
{
    return argc > 0 ? atoi(argv[0]) : 0;
}

/* A vfork child that does the same. */
static int mode_double(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (volatile int i = 0; i < 10; i++) {
        volatile int inner = -1;
        pid_t child = CHECK(vfork());
        if (!child) {
            pid_t grandchild = vfork();
            if (!grandchild) {
                shared++;
                _exit(11);
            }
            int status = 0;
            waitpid(grandchild, &status, 0);
            inner = WEXITSTATUS(status);
            _exit(12);
        }
        reap("child", child);
        printf("grandchild exited %d, shared %d\n", inner, shared);
    }
    return 0;
}

static int mode_dies(int argc, char **argv)
{
    (void)argc, (void)argv;
    CHECK(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}));
    for (volatile int i = 0; i < 12; i++) {
        pid_t child = CHECK(vfork());
        if (!child) {
            shared = i;
            switch (i % 4) {
            case 0:
                syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
                break;
            case 1:
                syscall(SYS_kill, syscall(SYS_getpid), SIGTERM);
                break;
            case 2:
                *(volatile int *)8 = 1;
                break;
            default:
                __builtin_trap();
            }
            _exit(13);
        }
        reap("child", child);
        if (shared != i)
            printf("memory was lost\n");
    }
    return 0;
}

static void *kill_child(void *arg)
{
    while (!child_pid)
        sched_yield();
    for (volatile long i = 0; i < (long)arg; i++)
        ;
    kill(child_pid, SIGKILL);
    return NULL;
}

/* Another thread goes on, and ends the child that the first one waits for. */
static int mode_killed(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (volatile long i = 0; i < 20; i++) {
        pthread_t thread;
        child_pid = 0;
        CHECK0(pthread_create(&thread, NULL, kill_child, (void *)(i * 3000)));
        pid_t child = CHECK(vfork());
        if (!child) {
            child_pid = syscall(SYS_getpid);
            while (1)
                syscall(SYS_getppid);
        }
        reap("child", child);
        CHECK0(pthread_join(thread, NULL));
    }
    return 0;
}

/* The parent is killed while it waits; the child goes on in its memory. */
static int mode_parent_killed(int argc, char **argv)
{
    (void)argc, (void)argv;
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int i = 0; i < 10; i++) {
        int ready[2], go[2];
        CHECK(pipe(ready));
        CHECK(pipe(go));
        pid_t parent = CHECK(fork());
        if (!parent) {
            pid_t child = vfork();
            if (!child) {
                char byte;
                pid_t self = syscall(SYS_getpid);
                CHECK(write(ready[1], &self, sizeof self));
                CHECK(read(go[0], &byte, 1));
                shared = 14;
                _exit(shared);
            }
            _exit(15);
        }
        pid_t child;
        CHECK(read(ready[0], &child, sizeof child));
        CHECK(kill(parent, SIGKILL));
        reap("parent", parent);
        CHECK(write(go[1], "g", 1));
        reap("child", child);
        close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    }
    return 0;
}

static int count_and_end(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++)
        syscall(SYS_getppid);
    __sync_fetch_and_add(&shared, 1);
    syscall(SYS_exit, 0);
    return 0;
}

static char *new_stack(void)
{
    return (char *)CHECK(mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        + STACK;
}

/* The child has threads of its own, in the memory of its parent. */
static int mode_threads(int argc, char **argv)
{
    (void)argc, (void)argv;
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    char *stacks[3] = {new_stack(), new_stack(), new_stack()};
    for (volatile int i = 0; i < 10; i++) {
        shared = 0;
        pid_t child = CHECK(vfork());
        if (!child) {
            for (int j = 0; j < 3; j++)
                clone(count_and_end, stacks[j], flags, NULL);
            while (shared < 3)
                sched_yield();
            _exit(16);
        }
        reap("child", child);
        printf("shared %d\n", shared);
    }
    return 0;
}

/* A thread of the child becomes the program, while the child's leader waits. */
static int exec_program(void *arg)
{
    (void)arg;
    char *args[] = {"vforks", "exit", "17", NULL};
    char *environment[] = {NULL};
    execve("/proc/thread-self/exe", args, environment);
    _exit(97);
}

static int mode_thread_execs(int argc, char **argv)
{
    (void)argc, (void)argv;
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    char *stack = new_stack();
    for (volatile int i = 0; i < 10; i++) {
        pid_t child = CHECK(vfork());
        if (!child) {
            clone(exec_program, stack, flags, NULL);
            while (1)
                syscall(SYS_getppid);
        }
        reap("child", child);
    }
    return 0;
}

static int mode_exec_fails(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (volatile int i = 0; i < 10; i++) {
        volatile int error = 0;
        pid_t child = CHECK(vfork());
        if (!child) {
            execl("/no/such/program", "x", (char *)NULL);
            error = errno;
            _exit(127);
        }
        reap("child", child);
        printf("%s\n", strerror(error));
    }
    return 0;
}

static void *spawn(void *arg)
{
    char code[12];
    char *args[] = {"vforks", "exit", code, NULL};
    char *environment[] = {NULL};
    long right = 0;
    for (int i = 0; i < 10; i++) {
        pid_t child;
        int status;
        sprintf(code, "%d", (int)((long)arg * 10 + i));
        CHECK0(posix_spawn(&child, "/proc/self/exe", NULL, NULL, args, environment));
        CHECK(waitpid(child, &status, 0));
        right += status == (atoi(code) << 8);
    }
    return (void *)right;
}

/* As build tools do. */
static int mode_spawns(int argc, char **argv)
{
    (void)argc, (void)argv;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        CHECK0(pthread_create(&threads[i], NULL, spawn, (void *)i));
    for (int i = 0; i < THREADS; i++) {
        void *right;
        CHECK0(pthread_join(threads[i], &right));
        printf("%ld right\n", (long)right);
    }
    return 0;
}

static void vfork_in_handler(int signal)
{
    (void)signal;
    pid_t child = vfork();
    if (!child)
        _exit(18);
    child_pid = child;
}

static int mode_in_handler(int argc, char **argv)
{
    (void)argc, (void)argv;
    signal(SIGUSR1, vfork_in_handler);
    for (int i = 0; i < 20; i++) {
        raise(SIGUSR1);
        reap("child", child_pid);
    }
    return 0;
}

static const struct mode modes[] = {
    {"exit", mode_exit},
    {"double", mode_double},
    {"dies", mode_dies},
    {"killed", mode_killed},
    {"parent-killed", mode_parent_killed},
    {"threads", mode_threads},
    {"thread-execs", mode_thread_execs},
    {"exec-fails", mode_exec_fails},
    {"spawns", mode_spawns},
    {"in-handler", mode_in_handler},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
