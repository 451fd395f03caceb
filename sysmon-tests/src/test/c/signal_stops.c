/* Processes that are stopped and continued at awkward moments, as their parents see it. */
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static pid_t child_in_own_group(void)
{
    pid_t child = CHECK(fork());
    if (!child) {
        CHECK(setpgid(0, 0));
        return 0;
    }
    /* Both do it, so that it is done whoever comes first. */
    setpgid(child, child);
    return child;
}

static void send(pid_t pid, int signal)
{
    CHECK(kill(pid, signal));
}

/* Waits without what has been seen going lost. */
static int wait_for(pid_t pid, int options)
{
    int status;
    while (waitpid(pid, &status, options) == -1)
        if (errno != EINTR)
            return -1;
    return status;
}

static int is_stop(int status, int signal)
{
    return status != -1 && WIFSTOPPED(status) && WSTOPSIG(status) == signal;
}

static int is_end(int status)
{
    return status == -1 || WIFEXITED(status) || WIFSIGNALED(status);
}

static volatile sig_atomic_t continued;

static void on_cont(int signal)
{
    (void)signal;
    continued++;
}

static void idle(void)
{
    while (1)
        pause();
}

/* sequence none|handler|blocked|ignored: what becomes of SIGCONT does not matter for continuing. */
static int sequence(int argc, char **argv)
{
    const char *how = argc > 0 ? argv[0] : "none";
    int stopping[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    pid_t child = child_in_own_group();
    if (!child) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGCONT);
        if (!strcmp(how, "handler"))
            signal(SIGCONT, on_cont);
        else if (!strcmp(how, "blocked"))
            CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
        else if (!strcmp(how, "ignored"))
            signal(SIGCONT, SIG_IGN);
        raise(SIGSTOP);
        idle();
    }
    print_status("child", wait_for(child, WUNTRACED));
    send(child, SIGCONT);
    print_status("child", wait_for(child, WCONTINUED));
    for (int i = 0; i < 12; i++) {
        send(child, stopping[i % 4]);
        print_status("child", wait_for(child, WUNTRACED));
        /* Stopped once is stopped. */
        send(child, stopping[(i + 1) % 4]);
        send(child, SIGCONT);
        print_status("child", wait_for(child, WUNTRACED | WCONTINUED));
    }
    send(child, SIGSTOP);
    print_status("child", wait_for(child, WUNTRACED));
    send(child, SIGKILL);
    print_status("child", wait_for(child, WUNTRACED | WCONTINUED));
    return 0;
}

/* A blocked stop signal stops when it is unblocked, or is taken by who waits for it. */
static int blocked(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t child = child_in_own_group();
    if (!child) {
        sigset_t set;
        siginfo_t info;
        sigemptyset(&set);
        sigaddset(&set, SIGTSTP);
        CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
        for (int i = 0; i < 5; i++) {
            raise(SIGTSTP);
            printf("not yet\n");
            CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL));
            CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
            raise(SIGTSTP);
            printf("taken %d\n", sigwaitinfo(&set, &info));
        }
        _exit(7);
    }
    int status;
    while (!is_end(status = wait_for(child, WUNTRACED))) {
        print_status("child", status);
        send(child, SIGCONT);
    }
    print_status("child", status);
    return 0;
}

/* In a session of its own, nobody could continue it from the terminal: only SIGSTOP stops. */
static int orphaned(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t child = CHECK(fork());
    if (!child) {
        int stopping[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP};
        CHECK(setsid());
        for (int i = 0; i < 4; i++) {
            raise(stopping[i]);
            printf("after %d\n", stopping[i]);
        }
        _exit(7);
    }
    print_status("child", wait_for(child, WUNTRACED));
    send(child, SIGCONT);
    print_status("child", wait_for(child, 0));
    return 0;
}

static pthread_barrier_t barrier;

static void *note_and_idle(void *arg)
{
    *(pid_t *)arg = syscall(SYS_gettid);
    pthread_barrier_wait(&barrier);
    idle();
    return arg;
}

/* A stop signal for one thread stops all; one for a thread that blocks it waits. */
static int directed(int argc, char **argv)
{
    (void)argc, (void)argv;
    pid_t *tid = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int ready[2];
    CHECK(pipe(ready));
    pid_t child = child_in_own_group();
    if (!child) {
        pthread_t thread;
        pthread_barrier_init(&barrier, NULL, 2);
        CHECK0(pthread_create(&thread, NULL, note_and_idle, tid));
        pthread_barrier_wait(&barrier);
        CHECK(write(ready[1], "x", 1));
        idle();
    }
    char byte;
    CHECK(read(ready[0], &byte, 1));
    int stopping[] = {SIGSTOP, SIGTSTP};
    for (int i = 0; i < 10; i++) {
        CHECK(syscall(SYS_tgkill, child, i % 3 ? *tid : child, stopping[i % 2]));
        print_status("child", wait_for(child, WUNTRACED));
        send(child, SIGCONT);
        print_status("child", wait_for(child, WCONTINUED));
    }
    send(child, SIGTERM);
    print_status("child", wait_for(child, 0));
    return 0;
}

/* A process that waits in vfork stops when its child has let it go; its child stops at once. */
static int in_vfork(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 3; i++) {
        int go[2], here[2];
        CHECK(pipe(go));
        CHECK(pipe(here));
        pid_t child = child_in_own_group();
        if (!child) {
            char byte;
            pid_t grandchild = CHECK(vfork());
            if (!grandchild) {
                pid_t self = syscall(SYS_getpid);
                if (write(here[1], &self, sizeof self) != sizeof self)
                    _exit(90);
                if (read(go[0], &byte, 1) != 1)
                    _exit(91);
                _exit(3);
            }
            CHECK(read(go[0], &byte, 1));
            reap("grandchild", grandchild);
            _exit(4);
        }
        pid_t grandchild;
        CHECK(read(here[0], &grandchild, sizeof grandchild));
        send(child, SIGSTOP);
        sleep_millis(5);
        int status;
        printf("in vfork: %d\n", waitpid(child, &status, WUNTRACED | WNOHANG));
        if (i == 1) {
            send(grandchild, SIGSTOP);
            sleep_millis(5);
            send(grandchild, SIGCONT);
        }
        CHECK(write(go[1], "x", 1));
        print_status("child", wait_for(child, WUNTRACED));
        send(child, SIGCONT);
        print_status("child", wait_for(child, WCONTINUED));
        CHECK(write(go[1], "x", 1));
        print_status("child", wait_for(child, 0));
    }
    return 0;
}

static void *be_beside(void *arg)
{
    while (1)
        syscall(SYS_getppid);
    return arg;
}

static char **next;

static void *exec_next(void *arg)
{
    execv("/proc/thread-self/exe", next);
    _exit(95);
    return arg;
}

/* execing THREADS ROUNDS: becomes itself again and again, by a thread if it has several. */
static int execing(int argc, char **argv)
{
    if (argc < 2)
        return 96;
    int threads = atoi(argv[0]), rounds = atoi(argv[1]);
    if (rounds == 0)
        return 21;
    char left[12];
    sprintf(left, "%d", rounds - 1);
    next = (char *[]){"signal_stops", "execing", argv[0], left, NULL};
    pthread_t thread;
    for (int i = 1; i < threads; i++)
        CHECK0(pthread_create(&thread, NULL, i + 1 < threads ? be_beside : exec_next, NULL));
    if (threads < 2)
        exec_next(NULL);
    idle();
    return 97;
}

static void become(const char *mode, char **arguments)
{
    char *argv[6] = {"signal_stops", (char *)mode};
    for (int i = 0; i < 3 && arguments[i]; i++)
        argv[i + 2] = arguments[i];
    execv("/proc/self/exe", argv);
    _exit(94);
}

/* Until it has stopped or ended: a stop signal can go lost while threads are ended by an execve. */
static int stop(pid_t pid, int signal)
{
    int status;
    for (int i = 0; CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG)) == 0; i++) {
        if (i % 100 == 0)
            send(pid, signal);
        usleep(100);
    }
    return status;
}

/* Each stop and continuation is waited for, until it has ended. */
static int stop_until_end(char **argv, int *stops)
{
    int status, bad = 0;
    pid_t child = child_in_own_group();
    if (!child)
        become(argv[0], argv + 1);
    while (1) {
        int signal = *stops % 2 ? SIGTSTP : SIGSTOP;
        if (is_end(status = stop(child, signal)))
            break;
        ++*stops;
        bad += !is_stop(status, signal);
        send(child, SIGCONT);
        if (is_end(status = wait_for(child, WCONTINUED)))
            break;
        bad += !WIFCONTINUED(status);
        /* Else it would hardly get on when each of its calls takes long. */
        usleep(*stops * 377 % 3000);
    }
    print_status("child", status);
    return bad;
}

/* waited MODE ARG...: whether each was told. */
static int waited(int argc, char **argv)
{
    (void)argc;
    int stops = 0;
    printf("bad %d\n", stop_until_end(argv, &stops));
    return 0;
}

/* counted MODE ARG...: how many stops there were. */
static int counted(int argc, char **argv)
{
    (void)argc;
    int stops = 0;
    stop_until_end(argv, &stops);
    printf("stops %d\n", stops);
    return 0;
}

/* storm MODE ARG...: stops and continuations without a pause, until it has ended. */
static int storm(int argc, char **argv)
{
    (void)argc;
    int status, stopping[] = {SIGSTOP, SIGTSTP, SIGSTOP, SIGTTIN, SIGTTOU};
    pid_t child = child_in_own_group();
    if (!child)
        become(argv[0], argv + 1);
    for (int i = 0; waitpid(child, &status, WNOHANG) == 0; i++) {
        send(child, stopping[i % 5]);
        if (i % 4 == 0)
            sched_yield();
        send(child, SIGCONT);
        if (i % 16 == 0)
            sleep_millis(1);
    }
    print_status("child", status);
    return 0;
}

static int work_done;

static void *work(void *arg)
{
    int rounds = *(int *)arg;
    for (int i = 0; i < rounds; i++) {
        syscall(SYS_getppid);
        if (i % 50 == 0)
            usleep(1);
        __atomic_add_fetch(&work_done, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

/* working THREADS ROUNDS [cont]: threads that make calls; what they did is counted. */
static int working(int argc, char **argv)
{
    int threads = argc > 0 ? atoi(argv[0]) : 1, rounds = argc > 1 ? atoi(argv[1]) : 1;
    pthread_t started[64];
    if (argc > 2)
        signal(SIGCONT, on_cont);
    for (int i = 0; i < threads; i++)
        CHECK0(pthread_create(started + i, NULL, work, &rounds));
    for (int i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    return work_done == threads * rounds ? 22 : 98;
}

/* What wait tells of a child, or of an orphan that has become one, until SIGTERM ends it. */
static void stop_and_tell(const char *what, pid_t pid)
{
    int stopping[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    for (int i = 0; i < 8; i++) {
        siginfo_t info;
        send(pid, stopping[i % 4]);
        memset(&info, 0, sizeof info);
        CHECK(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT));
        printf("code %d status %d\n", info.si_code, info.si_status);
        print_status(what, wait_for(pid, WUNTRACED));
        send(pid, SIGCONT);
        print_status(what, wait_for(pid, WUNTRACED | WCONTINUED));
    }
    send(pid, SIGSTOP);
    print_status(what, wait_for(pid, WUNTRACED));
    send(pid, SIGTERM);
    send(pid, SIGCONT);
    print_status(what, wait_for(pid, 0));
}

/* told running|stopped: tells its child's pid, and goes on when it is told to. */
static int told(int argc, char **argv)
{
    int stopped = argc > 0 && !strcmp(argv[0], "stopped");
    char byte;
    pid_t child = child_in_own_group();
    if (!child)
        idle();
    if (stopped) {
        send(child, SIGSTOP);
        wait_for(child, WUNTRACED);
    }
    printf("%d\n", child);
    CHECK(read(0, &byte, 1));
    if (stopped) {
        printf("stays stopped: %d\n", waitpid(child, NULL, WUNTRACED | WCONTINUED | WNOHANG));
        send(child, SIGCONT);
        print_status("child", wait_for(child, WCONTINUED));
    }
    stop_and_tell("child", child);
    return 0;
}

/* reaper COMMAND...: the children that the command leaves behind become this process's own. It
 * tells what wait tells of the one whose pid it reads. */
static int reaper(int argc, char **argv)
{
    (void)argc;
    int told[2];
    pid_t orphan;
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    CHECK(pipe(told));
    pid_t command = CHECK(fork());
    if (!command) {
        CHECK(dup2(told[1], 9));
        execvp(argv[0], argv);
        _exit(93);
    }
    CHECK(read(told[0], &orphan, sizeof orphan));
    /* Until its parent has ended, it is not ours. */
    int status;
    while (waitpid(orphan, &status, WNOHANG) == -1)
        usleep(500);
    stop_and_tell("orphan", orphan);
    print_status("command", wait_for(command, 0));
    return 0;
}

/* leaves FD: a child in a group of its own that waits, and whose parent ends; tells its pid. */
static int leaves(int argc, char **argv)
{
    int fd = argc > 0 ? atoi(argv[0]) : 9;
    pid_t child = child_in_own_group();
    if (!child)
        idle();
    CHECK(write(fd, &child, sizeof child));
    return 23;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"sequence", sequence}, {"blocked", blocked}, {"orphaned", orphaned},
        {"directed", directed}, {"in-vfork", in_vfork}, {"execing", execing},
        {"waited", waited},     {"storm", storm},     {"working", working},
        {"reaper", reaper},     {"leaves", leaves},   {"counted", counted},
        {"told", told},         {NULL, NULL}};
    return run_mode(modes, argc, argv);
}
