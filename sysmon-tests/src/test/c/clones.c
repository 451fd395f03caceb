/* clone(2) and clone3(2) with the flags that change who traces, reaps or numbers the child. */
#include "guest.h"
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { STACK = 65536 };

static long raw_clone(unsigned long flags)
{
    return CHECK(syscall(SYS_clone, flags, 0, 0, 0, 0));
}

static long raw_clone3(struct clone_args *args)
{
    return syscall(SYS_clone3, args, sizeof *args);
}

static char *new_stack(void)
{
    return (char *)CHECK(mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        + STACK;
}

/* A number of a task's status. */
static int status_of(const char *task, const char *field)
{
    char path[64], line[200];
    int value = -1;
    sprintf(path, "/proc/%s/status", task);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, field, strlen(field)) && line[strlen(field)] == ':')
            value = atoi(line + strlen(field) + 1);
    if (file)
        fclose(file);
    return value;
}

static int mode_exit(int argc, char **argv)
{
    return argc > 0 ? atoi(argv[0]) : 0;
}

static void make_calls(void)
{
    for (int i = 0; i < 100; i++)
        syscall(SYS_getppid);
}

/* Nobody traces it, whoever traces its parent. */
static int mode_untraced(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 20; i++) {
        pid_t child = raw_clone(CLONE_UNTRACED | SIGCHLD);
        if (!child) {
            make_calls();
            if (status_of("self", "TracerPid"))
                printf("it is traced\n");
            pid_t own = CHECK(fork());
            if (!own)
                _exit(status_of("self", "TracerPid"));
            reap("grandchild", own);
            _exit(40 + i);
        }
        reap("untraced", child);
    }
    return 0;
}

static int mode_untraced_vfork(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        char *args[] = {"clones", "exit", "61", NULL};
        pid_t child = CHECK(syscall(SYS_clone, CLONE_UNTRACED | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0));
        if (!child) {
            execv("/proc/self/exe", args);
            _exit(97);
        }
        reap("untraced", child);
    }
    return 0;
}

/* A parent that is gone, and a child that nobody traced or waits for. */
static int mode_untraced_orphan(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    char text[64];
    CHECK(pipe(fds));
    pid_t middle = CHECK(fork());
    if (!middle) {
        pid_t self = getpid();
        if (!raw_clone(CLONE_UNTRACED | SIGCHLD)) {
            while (getppid() == self)
                usleep(1000);
            CHECK(write(fds[1], "orphan lives\n", 13));
            _exit(62);
        }
        _exit(63);
    }
    close(fds[1]);
    reap("middle", middle);
    long length = CHECK(read(fds[0], text, sizeof text));
    printf("%.*s", (int)length, text);
    printf("then %ld\n", CHECK(read(fds[0], text, sizeof text)));
    return 0;
}

static volatile int step;

static int be_thread(void *arg)
{
    make_calls();
    step = 1;
    while (arg && step < 2)
        usleep(1000);
    syscall(arg ? SYS_exit_group : SYS_exit, 64);
    return 0;
}

static int start_untraced_thread(void *arg)
{
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
        | CLONE_SYSVSEM | CLONE_UNTRACED;
    step = 0;
    return CHECK(clone(be_thread, new_stack(), flags, arg));
}

/* A thread that nobody traces in a process that somebody does. */
static int mode_untraced_thread(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        start_untraced_thread(NULL);
        while (step < 1)
            usleep(1000);
    }
    printf("ten threads\n");
    start_untraced_thread((void *)1);
    while (step < 1)
        usleep(1000);
    step = 2;
    syscall(SYS_exit, 65);
    return 0;
}

static int become_program(void *arg)
{
    (void)arg;
    execl("/proc/self/exe", "clones", "exit", "67", (char *)NULL);
    _exit(97);
}

/* Such a thread takes the place of all others. */
static int mode_untraced_thread_execs(int argc, char **argv)
{
    (void)argc, (void)argv;
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
        | CLONE_SYSVSEM | CLONE_UNTRACED;
    CHECK(clone(become_program, new_stack(), flags, NULL));
    while (1)
        pause();
}

/* The flag by which a tracer gets a child without being told of it. */
static int mode_ptrace_untraced(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t children[5];
    for (int i = 0; i < 5; i++) {
        children[i] = raw_clone(CLONE_PTRACE | CLONE_UNTRACED | SIGCHLD);
        if (!children[i]) {
            make_calls();
            _exit(66 + i);
        }
    }
    for (int i = 0; i < 5; i++)
        reap("child", children[i]);
    return 0;
}

/* Children of whoever started this one, who does not know of them. */
static int mode_grandparents(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    char end;
    CHECK(pipe(fds));
    pid_t parent = getppid();
    for (int i = 0; i < 20; i++) {
        pid_t sibling = raw_clone(CLONE_PARENT | SIGCHLD);
        if (!sibling) {
            make_calls();
            _exit(getppid() == parent ? 71 : 72);
        }
        if (waitpid(sibling, NULL, 0) != -1 || errno != ECHILD)
            printf("a child of its own\n");
    }
    close(fds[1]);
    printf("end: %ld\n", CHECK(read(fds[0], &end, 1)));
    return 0;
}

static void make_children(int rounds, int code)
{
    for (int i = 0; i < rounds; i++) {
        pid_t child = CHECK(fork());
        if (!child)
            _exit(code);
        CHECK(waitpid(child, NULL, 0));
    }
}

/* Meanwhile other processes end all the time. */
static int mode_busy_grandparents(int argc, char **argv)
{
    int rounds = argc > 0 ? atoi(argv[0]) : 60;
    pid_t busy[2];
    for (int i = 0; i < 2; i++)
        if (!(busy[i] = CHECK(fork()))) {
            make_children(rounds, 76);
            _exit(76);
        }
    for (int i = 0; i < rounds; i++)
        if (!raw_clone(CLONE_PARENT | SIGCHLD))
            _exit(71);
    reap("busy", busy[0]);
    reap("busy", busy[1]);
    return 0;
}

/* They outlive the one that made them. */
static int mode_grandparents_later(int argc, char **argv)
{
    (void)argc, (void)argv;
    int fds[2];
    CHECK(pipe(fds));
    for (int i = 0; i < 5; i++)
        if (!raw_clone(CLONE_PARENT | SIGCHLD)) {
            char end;
            close(fds[1]);
            CHECK(read(fds[0], &end, 1));
            make_calls();
            _exit(73);
        }
    return 0;
}

/* Siblings are made while their parent executes one program after the other. */
static int mode_siblings(int argc, char **argv)
{
    enum { MAKERS = 2, ROUNDS = 40, EXECS = 8 };
    int left = argc > 0 ? atoi(argv[0]) : EXECS;
    for (int i = 0; left == EXECS && i < MAKERS; i++)
        if (!CHECK(fork())) {
            for (int j = 0; j < ROUNDS; j++)
                if (!raw_clone(CLONE_PARENT | SIGCHLD))
                    _exit(74);
            _exit(75);
        }
    if (left > 0) {
        char text[12];
        sprintf(text, "%d", left - 1);
        execl("/proc/self/exe", "clones", "siblings", text, (char *)NULL);
        return 97;
    }
    int siblings = 0, makers = 0, status;
    while (waitpid(-1, &status, 0) > 0) {
        siblings += WIFEXITED(status) && WEXITSTATUS(status) == 74;
        makers += WIFEXITED(status) && WEXITSTATUS(status) == 75;
    }
    printf("siblings %s, makers %s\n", siblings == MAKERS * ROUNDS ? "right" : "wrong",
           makers == MAKERS ? "right" : "wrong");
    return 0;
}

/* The same number again and again, each time for another process. */
static int mode_set_tid(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t number = CHECK(fork());
    if (!number)
        _exit(0);
    reap("first", number);
    for (int i = 0; i < 50; i++) {
        struct clone_args args;
        memset(&args, 0, sizeof args);
        args.exit_signal = SIGCHLD;
        args.set_tid = (unsigned long)&number;
        args.set_tid_size = 1;
        pid_t child = raw_clone3(&args);
        if (child == -1)
            return 77;
        if (!child) {
            make_calls();
            _exit(getpid() == number ? 80 + i : 1);
        }
        if (child != number)
            printf("another number\n");
        reap("again", child);
    }
    return 0;
}

static volatile sig_atomic_t got_signal;

static void note(int signal)
{
    got_signal = signal;
}

/* Ends are told by any signal, or by none. */
static int mode_clone3_exit_signals(int argc, char **argv)
{
    (void)argc, (void)argv;
    int signals[] = {SIGCHLD, SIGUSR1, SIGRTMIN + 1, 0};
    for (int i = 0; i < 4; i++) {
        struct clone_args args;
        memset(&args, 0, sizeof args);
        args.flags = CLONE_CLEAR_SIGHAND;
        args.exit_signal = signals[i];
        if (signals[i])
            signal(signals[i], note);
        got_signal = 0;
        pid_t child = CHECK(raw_clone3(&args));
        if (!child)
            _exit(31 + i);
        reap_with("clone3", child, __WALL);
        printf("signal %s\n", got_signal == signals[i] ? "right" : "wrong");
    }
    struct clone_args args;
    memset(&args, 0, sizeof args);
    args.flags = CLONE_FS;
    args.exit_signal = 65;
    printf("no such signal: %s\n", raw_clone3(&args) == -1 ? strerror(errno) : "made");
    return 0;
}

static int stay_behind(void *arg)
{
    int *fds = arg;
    char byte;
    for (int i = 0; i < 3; i++) {
        CHECK(read(fds[0], &byte, 1));
        make_calls();
    }
    _exit(81);
}

/* A process in the memory of another one, which goes on to other memory and reaps it there. */
static int mode_left_in_memory(int argc, char **argv)
{
    char text[32];
    if (argc > 0) {
        int out = atoi(argv[0]);
        CHECK(write(out, "xxx", 3));
        reap("left behind", atoi(argv[1]));
        return 0;
    }
    static int fds[2];
    CHECK(pipe(fds));
    pid_t child = CHECK(clone(stay_behind, new_stack(), CLONE_VM | SIGCHLD, fds));
    char pid[16];
    sprintf(text, "%d", fds[1]);
    sprintf(pid, "%d", child);
    execl("/proc/self/exe", "clones", "left-in-memory", text, pid, (char *)NULL);
    (void)argv;
    return 97;
}

static const struct mode modes[] = {
    {"exit", mode_exit},
    {"untraced", mode_untraced},
    {"untraced-vfork", mode_untraced_vfork},
    {"untraced-orphan", mode_untraced_orphan},
    {"untraced-thread", mode_untraced_thread},
    {"untraced-thread-execs", mode_untraced_thread_execs},
    {"ptrace-untraced", mode_ptrace_untraced},
    {"grandparents", mode_grandparents},
    {"busy-grandparents", mode_busy_grandparents},
    {"grandparents-later", mode_grandparents_later},
    {"siblings", mode_siblings},
    {"set-tid", mode_set_tid},
    {"clone3-exit-signals", mode_clone3_exit_signals},
    {"left-in-memory", mode_left_in_memory},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
