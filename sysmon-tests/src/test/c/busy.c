/* Is busy in one way until it is killed. Its children end by themselves. */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void *end_thread(void *arg)
{
    return arg;
}

static int mode_calls(int argc, char **argv)
{
    (void)argc, (void)argv;
    while (1)
        syscall(SYS_getppid);
    return 0;
}

static void *make_children(void *arg)
{
    while (1) {
        pid_t child = fork();
        if (!child)
            _exit(1);
        if (child > 0)
            waitpid(child, NULL, 0);
    }
    return arg;
}

static int mode_forks(int argc, char **argv)
{
    (void)argc, (void)argv;
    make_children(NULL);
    return 0;
}

static int mode_vforks(int argc, char **argv)
{
    (void)argc, (void)argv;
    while (1) {
        pid_t child = vfork();
        if (!child)
            _exit(1);
        waitpid(child, NULL, 0);
    }
    return 0;
}

static int mode_unreaped_forks(int argc, char **argv)
{
    (void)argc, (void)argv;
    signal(SIGCHLD, SIG_IGN);
    while (1)
        if (!fork())
            _exit(1);
    return 0;
}

static void *make_threads(void *arg)
{
    while (1) {
        pthread_t thread;
        if (!pthread_create(&thread, NULL, end_thread, NULL))
            pthread_join(thread, NULL);
    }
    return arg;
}

static int mode_threads(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, make_threads, NULL);
    }
    make_threads(NULL);
    return 0;
}

static int mode_forks_of_threads(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, make_children, NULL);
    }
    make_threads(NULL);
    return 0;
}

static int mode_execs(int argc, char **argv)
{
    (void)argc, (void)argv;
    execl("/proc/self/exe", "busy", "execs", (char *)NULL);
    return 97;
}

static void *exec_oneself(void *arg)
{
    execl("/proc/self/exe", "busy", "execs-of-threads", (char *)NULL);
    _exit(97);
    return arg;
}

static int mode_execs_of_threads(int argc, char **argv)
{
    (void)argc, (void)argv;
    pthread_t thread;
    pthread_create(&thread, NULL, make_threads, NULL);
    pthread_create(&thread, NULL, exec_oneself, NULL);
    while (1)
        syscall(SYS_getppid);
    return 0;
}

static void note(int signal)
{
    (void)signal;
}

static int mode_signals(int argc, char **argv)
{
    (void)argc, (void)argv;
    signal(SIGUSR1, note);
    while (1)
        raise(SIGUSR1);
    return 0;
}

static int mode_sleep(int argc, char **argv)
{
    (void)argc, (void)argv;
    while (1)
        pause();
    return 0;
}

static const struct mode modes[];

static void spin(long times)
{
    for (volatile long i = 0; i < times; i++)
        ;
}

/*
 * argv: rounds, seed, way. Kills children that are busy in that way or in each, without and with an
 * execve before, and says whether each was told as killed. Grandchildren are left to the system.
 */
static int mode_kill_children(int argc, char **argv)
{
    const char *ways[] = {"calls", "forks", "vforks", "threads", "forks-of-threads",
                          "execs", "execs-of-threads", "signals", "unreaped-forks"};
    int rounds = argc > 0 ? atoi(argv[0]) : 10, right = 0;
    srand48(argc > 1 ? atol(argv[1]) : 1);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int i = 0; i < rounds; i++) {
        const char *way = argc > 2 ? argv[2] : ways[i % 9];
        pid_t child = CHECK(fork());
        if (!child && argc > 2) {
            char *arguments[] = {"busy", (char *)way, NULL};
            _exit(run_mode(modes, 2, arguments));
        } else if (!child) {
            execl("/proc/self/exe", "busy", way, (char *)NULL);
            _exit(97);
        }
        spin(lrand48() % (argc > 2 ? 1000000 : 10000000));
        CHECK(kill(child, SIGKILL));
        int status;
        if (waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            right++;
        else
            print_status("child", status);
    }
    while (waitpid(-1, NULL, 0) != -1 || errno != ECHILD)
        ;
    printf("%d killed\n", right);
    return 0;
}

static const struct mode modes[] = {
    {"calls", mode_calls},
    {"forks", mode_forks},
    {"vforks", mode_vforks},
    {"unreaped-forks", mode_unreaped_forks},
    {"threads", mode_threads},
    {"forks-of-threads", mode_forks_of_threads},
    {"execs", mode_execs},
    {"execs-of-threads", mode_execs_of_threads},
    {"signals", mode_signals},
    {"sleep", mode_sleep},
    {"kill-children", mode_kill_children},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
