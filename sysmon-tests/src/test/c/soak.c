/* A family of processes that lives by chance: calls, signals, threads, forks, execs and ends, for as
 * long as told. Each checks what its calls answer, and tells on standard error what is wrong.
 *
 *     soak SEED MILLISECONDS DEPTH
 */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static unsigned seed;
static long milliseconds;
static int depth;
static struct timespec begin;
static char self[4096];
static volatile sig_atomic_t caught;

static unsigned chance(unsigned n)
{
    return (unsigned)rand_r(&seed) % n;
}

static long passed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000;
}

static void wrong(const char *what, long value)
{
    fprintf(stderr, "%d: %s: %ld, errno %d\n", getpid(), what, value, errno);
    _exit(99);
}

static void on_signal(int signal)
{
    (void)signal;
    caught++;
}

static void calls(void)
{
    pid_t pid = (pid_t)syscall(SYS_getpid);
    for (int i = 0; i < 50; i++) {
        if (syscall(SYS_getpid) != pid)
            wrong("getpid", pid);
        int fd = open("/dev/null", O_RDONLY);
        if (fd < 0)
            wrong("open", fd);
        char byte;
        if (read(fd, &byte, 1) != 0)
            wrong("read", fd);
        if (close(fd) != 0)
            wrong("close", fd);
    }
}

/* No signal is caught here. A stop and its end interrupt epoll_wait even so (signal(7)). */
static void waits(void)
{
    int epoll = CHECK(epoll_create1(0));
    struct epoll_event event;
    int ready = epoll_wait(epoll, &event, 1, 1 + (int)chance(5));
    if (ready != 0 && errno != EINTR)
        wrong("epoll_wait", ready);
    CHECK(close(epoll));
    struct timespec nap = {0, chance(3000000)};
    if (nanosleep(&nap, NULL) != 0)
        wrong("nanosleep", 0);
    int pipes[2];
    CHECK(pipe2(pipes, O_CLOEXEC));
    pid_t child = fork();
    if (child == 0) {
        usleep(chance(3000));
        _exit(write(pipes[1], "x", 1) == 1 ? 0 : 98);
    }
    if (child > 0) {
        char byte = 0;
        close(pipes[1]);
        long got = read(pipes[0], &byte, 1);
        /* The child may be killed by chance. */
        if (got < 0 || (got == 1 && byte != 'x'))
            wrong("read of a pipe", got);
        while (waitpid(child, NULL, 0) < 0)
            wrong("waitpid", child);
    } else {
        close(pipes[1]);
    }
    close(pipes[0]);
}

static void signals(void)
{
    for (int i = 0; i < 5; i++) {
        int before = caught;
        raise(SIGUSR1);
        if (caught == before)
            wrong("a signal was not delivered", i);
    }
}

static void *thread(void *argument)
{
    unsigned mine = (unsigned)(long)argument;
    for (int i = 0; i < 20 + (int)(mine % 20); i++)
        if (syscall(SYS_getppid) < 0)
            wrong("getppid", i);
    return NULL;
}

static void threads(void)
{
    pthread_t tids[4];
    int count = 0;
    for (; count < 4; count++)
        if (pthread_create(&tids[count], NULL, thread, (void *)(long)chance(1000)) != 0)
            break;
    for (int i = 0; i < count; i++)
        pthread_join(tids[i], NULL);
}

static char **arguments(int generation)
{
    static char texts[4][32];
    static char *argv[5];
    snprintf(texts[1], sizeof texts[1], "%u", chance(1000000));
    snprintf(texts[2], sizeof texts[2], "%ld", milliseconds - passed());
    snprintf(texts[3], sizeof texts[3], "%d", generation);
    argv[0] = self;
    for (int i = 1; i < 4; i++)
        argv[i] = texts[i];
    return argv;
}

static void *executing(void *argument)
{
    execv(self, argument);
    return NULL;
}

static void execs(void)
{
    char **argv = arguments(depth);
    pthread_t tid;
    if (chance(2) == 0 && pthread_create(&tid, NULL, executing, argv) == 0)
        for (;;)
            syscall(SYS_getppid);
    execv(self, argv);
}

static void children(void)
{
    pid_t child = 0;
    if (depth > 2)
        return;
    if (chance(2) == 0) {
        extern char **environ;
        if (posix_spawn(&child, self, NULL, NULL, arguments(depth + 1), environ) != 0)
            return;
    } else {
        child = fork();
        if (child == 0) {
            depth++;
            return;
        }
    }
    if (child <= 0)
        return;
    switch (chance(4)) {
    case 0:
        usleep(chance(2000));
        kill(child, SIGKILL);
        break;
    case 1:
        kill(child, SIGSTOP);
        usleep(chance(2000));
        kill(child, SIGCONT);
        break;
    case 2:
        /* Its parent may be gone before it. */
        return;
    }
    int status;
    if (waitpid(child, &status, 0) != child)
        wrong("waitpid", child);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        wrong("a child ended", status);
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        wrong("a child was ended", status);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    seed = (unsigned)atoi(argv[1]);
    milliseconds = atol(argv[2]);
    depth = atoi(argv[3]);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    CHECK(readlink("/proc/self/exe", self, sizeof self - 1));
    signal(SIGUSR1, on_signal);
    while (passed() < milliseconds) {
        if (depth > 0 && chance(30) == 0)
            return 0;
        switch (chance(7)) {
        case 0:
        case 1: calls(); break;
        case 2: waits(); break;
        case 3: signals(); break;
        case 4: threads(); break;
        case 5: children(); break;
        case 6: execs(); break;
        }
    }
    return 0;
}
