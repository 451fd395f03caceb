/* execve by every kind of thread while the others run, sleep, end and fork. */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

static pthread_barrier_t barrier;
static char **next;

static void *spin(void *arg)
{
    while (1)
        ;
    return arg;
}

static void *sleep_on(void *arg)
{
    pause();
    return arg;
}

static void *end_at_once(void *arg)
{
    return arg;
}

/* Threads that end while the execve kills the rest. */
static void *make_threads(void *arg)
{
    while (1) {
        pthread_t thread;
        if (!pthread_create(&thread, NULL, end_at_once, NULL))
            pthread_detach(thread);
    }
    return arg;
}

/* Children that the execve leaves behind; most are reaped by the program that comes. */
static void *make_children(void *arg)
{
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (!child)
            _exit(21);
        if (child < 0)
            break;
    }
    pause();
    return arg;
}

static void *exec_next(void *arg)
{
    pthread_barrier_wait(&barrier);
    /* Not /proc/self: that is the leader, which may have ended. */
    execv("/proc/thread-self/exe", next);
    _exit(95);
    return arg;
}

/* Says that no child ended otherwise than it should. */
static void reap_all(void)
{
    int status;
    while (1) {
        pid_t pid = waitpid(-1, &status, 0);
        if (pid == -1 && errno == ECHILD)
            return;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 21)
            print_status("a child", status);
    }
}

static char **arguments(const char *mode, int rounds, int pid)
{
    static char rounds_text[12], pid_text[12];
    static char *argv[5];
    sprintf(rounds_text, "%d", rounds);
    sprintf(pid_text, "%d", pid);
    argv[0] = "execs";
    argv[1] = (char *)mode;
    argv[2] = rounds_text;
    argv[3] = pid_text;
    return argv;
}

/* argv: rounds left, pid of the first round. 0 when it was the last. */
static int begin_round(const char *mode, int argc, char **argv)
{
    int rounds = argc > 0 ? atoi(argv[0]) : 1;
    int pid = argc > 1 ? atoi(argv[1]) : getpid();
    int status;
    while (waitpid(-1, &status, WNOHANG) > 0)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 21)
            print_status("a child", status);
    if (rounds == 0) {
        reap_all();
        printf("%s, %s\n", getpid() == pid ? "same pid" : "another pid",
               syscall(SYS_gettid) == pid ? "leader" : "not leader");
        return 0;
    }
    next = arguments(mode, rounds - 1, pid);
    return rounds;
}

static void start(void *(*what)(void *))
{
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, what, NULL));
}

static void start_crowd(void)
{
    start(spin);
    start(sleep_on);
    start(sleep_on);
    start(make_threads);
    start(make_children);
}

static int mode_leader(int argc, char **argv)
{
    if (!begin_round("leader", argc, argv))
        return 41;
    pthread_barrier_init(&barrier, NULL, 1);
    start_crowd();
    exec_next(NULL);
    return 0;
}

static int mode_thread(int argc, char **argv)
{
    if (!begin_round("thread", argc, argv))
        return 42;
    pthread_barrier_init(&barrier, NULL, 1);
    start_crowd();
    start(exec_next);
    pause();
    return 0;
}

/* The leader has not a moment's rest while it is replaced. */
static int mode_thread_busy_leader(int argc, char **argv)
{
    if (!begin_round("thread-busy-leader", argc, argv))
        return 43;
    pthread_barrier_init(&barrier, NULL, 1);
    start(sleep_on);
    start(exec_next);
    while (1)
        syscall(SYS_getppid);
}

static int mode_thread_forking_leader(int argc, char **argv)
{
    if (!begin_round("thread-forking-leader", argc, argv))
        return 44;
    pthread_barrier_init(&barrier, NULL, 2);
    start(exec_next);
    pthread_barrier_wait(&barrier);
    make_children(NULL);
    return 0;
}

static int mode_thread_ended_leader(int argc, char **argv)
{
    if (!begin_round("thread-ended-leader", argc, argv))
        return 45;
    pthread_barrier_init(&barrier, NULL, 2);
    start(exec_next);
    pthread_barrier_wait(&barrier);
    syscall(SYS_exit, 5);
    return 0;
}

static void *exec_when_alone(void *arg)
{
    char state[64];
    sprintf(state, "/proc/self/task/%d/status", getpid());
    for (int zombie = 0; !zombie;) {
        char line[64];
        FILE *file = fopen(state, "r");
        while (file && fgets(line, sizeof line, file))
            zombie |= !strcmp(line, "State:\tZ (zombie)\n");
        if (file)
            fclose(file);
        usleep(1000);
    }
    return exec_next(arg);
}

/* The leader has been a zombie for a while when a thread takes its place. */
static int mode_thread_zombie_leader(int argc, char **argv)
{
    if (!begin_round("thread-zombie-leader", argc, argv))
        return 48;
    pthread_barrier_init(&barrier, NULL, 1);
    start(sleep_on);
    start(exec_when_alone);
    pthread_exit(NULL);
}

/* One of them wins. */
static int mode_many_at_once(int argc, char **argv)
{
    if (!begin_round("many-at-once", argc, argv))
        return 46;
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 3; i++)
        start(exec_next);
    exec_next(NULL);
    return 0;
}

static int mode_from_child_of_vfork(int argc, char **argv)
{
    if (!begin_round("from-child-of-vfork", argc, argv))
        return 21;
    pid_t child = CHECK(vfork());
    if (!child) {
        execv("/proc/self/exe", next);
        _exit(94);
    }
    return reap("vforked", child) == 21 << 8 ? 21 : 1;
}

/* A failed execve changes nothing. */
static int mode_failing(int argc, char **argv)
{
    (void)argc, (void)argv;
    char *args[] = {"x", NULL};
    errno = 0;
    execv("/no/such/program", args);
    printf("%s\n", strerror(errno));
    execv("/", args);
    printf("%s\n", strerror(errno));
    execv("/dev/null", args);
    printf("%s\n", strerror(errno));
    return 47;
}

static const struct mode modes[] = {
    {"leader", mode_leader},
    {"thread", mode_thread},
    {"thread-busy-leader", mode_thread_busy_leader},
    {"thread-forking-leader", mode_thread_forking_leader},
    {"thread-ended-leader", mode_thread_ended_leader},
    {"thread-zombie-leader", mode_thread_zombie_leader},
    {"many-at-once", mode_many_at_once},
    {"from-child-of-vfork", mode_from_child_of_vfork},
    {"failing", mode_failing},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
