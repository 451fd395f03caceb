/* Calls that wait while signals come that the program ignores. */
#include "guest.h"
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/syscall.h>

static int fds[2], epoll, semaphore;
static struct sembuf down = {0, -1, 0};
static sigset_t usr2;

static long with_epoll_wait(void)
{
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, -1);
}

static long with_epoll_pwait(void)
{
    sigset_t none;
    struct epoll_event event;
    sigemptyset(&none);
    return epoll_pwait(epoll, &event, 1, -1, &none);
}

static long with_epoll_pwait2(void)
{
    struct epoll_event event;
    return syscall(441, epoll, &event, 1, NULL, NULL, 8);
}

static long with_semop(void)
{
    return semop(semaphore, &down, 1);
}

static long with_semtimedop(void)
{
    return semtimedop(semaphore, &down, 1, NULL);
}

static long with_sigwaitinfo(void)
{
    siginfo_t info;
    return sigwaitinfo(&usr2, &info);
}

static const struct {
    const char *name;
    long (*call)(void);
} waits[] = {{"epoll_wait", with_epoll_wait},     {"epoll_pwait", with_epoll_pwait},
             {"epoll_pwait2", with_epoll_pwait2}, {"semop", with_semop},
             {"semtimedop", with_semtimedop},     {"sigwaitinfo", with_sigwaitinfo}};
enum { WAITS = sizeof waits / sizeof *waits };

static void prepare(void)
{
    CHECK(pipe(fds));
    epoll = CHECK(epoll_create1(0));
    struct epoll_event in = {.events = EPOLLIN};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &in));
    semaphore = CHECK(semget(IPC_PRIVATE, 1, 0600));
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    CHECK(sigprocmask(SIG_BLOCK, &usr2, NULL));
    signal(SIGUSR1, SIG_IGN);
}

static void let_go(pid_t waiting, int i)
{
    struct sembuf up = {0, 1, 0};
    if (i < 3)
        CHECK(write(fds[1], "x", 1));
    else if (i < 5)
        CHECK(semop(semaphore, &up, 1));
    else
        CHECK(kill(waiting, SIGUSR2));
}

static void wait_by(int i)
{
    char byte;
    long got = waits[i].call();
    printf("%s = %ld %s\n", waits[i].name, got, got < 0 ? strerror(errno) : "");
    if (got > 0 && i < 3)
        CHECK(read(fds[0], &byte, 1));
}

/* ignored: each call, while ignored signals come, among them SIGCHLD. */
static int ignored(int argc, char **argv)
{
    (void)argc, (void)argv;
    int signals[] = {SIGUSR1, SIGWINCH, SIGURG, SIGCONT, SIGCHLD};
    prepare();
    for (int i = 0; i < WAITS; i++) {
        pid_t parent = getpid(), child = CHECK(fork());
        if (!child) {
            for (int j = 0; j < 10; j++) {
                sleep_millis(2);
                CHECK(kill(parent, signals[j % 5]));
            }
            let_go(parent, i);
            _exit(0);
        }
        wait_by(i);
        reap("child", child);
    }
    semctl(semaphore, 0, IPC_RMID);
    return 0;
}

/* Until all tasks of a process are in one of the calls. */
static void await_waits(pid_t pid, int tasks)
{
    char path[300], text[32];
#ifdef SYS_epoll_wait
    int first = SYS_epoll_wait;
#else
    int first = SYS_epoll_pwait;
#endif
    int numbers[] = {first, SYS_epoll_pwait, 441, SYS_semop, SYS_semtimedop,
                     SYS_rt_sigtimedwait};
    for (int waiting = 0; waiting < tasks; usleep(500)) {
        waiting = 0;
        sprintf(path, "/proc/%d/task", pid);
        DIR *directory = opendir(path);
        for (struct dirent *entry; directory && (entry = readdir(directory));) {
            if (entry->d_name[0] == '.')
                continue; /* ".." has the leader's */
            sprintf(path, "/proc/%d/task/%s/syscall", pid, entry->d_name);
            FILE *file = fopen(path, "r");
            if (file && fgets(text, sizeof text, file))
                for (int i = 0; i < WAITS; i++)
                    if (text[0] != 'r' && atoi(text) == numbers[i]) {
                        waiting++;
                        break;
                    }
            if (file)
                fclose(file);
        }
        closedir(directory);
    }
}

static void *wait_in_thread(void *arg)
{
    struct epoll_event event;
    long got = epoll_wait(epoll, &event, 1, -1);
    *(int *)arg = got < 0 ? errno : 0;
    return NULL;
}

/* stopped: a stop ends them, also when ignored signals came before. */
static int stopped(int argc, char **argv)
{
    (void)argc, (void)argv;
    prepare();
    for (int i = 0; i <= WAITS; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            CHECK(setpgid(0, 0));
            pthread_t thread;
            int result = 0;
            if (i == WAITS)
                CHECK0(pthread_create(&thread, NULL, wait_in_thread, &result));
            wait_by(i % WAITS);
            if (i == WAITS) {
                pthread_join(thread, NULL);
                printf("thread: %s\n", strerror(result));
            }
            _exit(4);
        }
        await_waits(child, i == WAITS ? 2 : 1);
        CHECK(kill(child, SIGUSR1));
        await_waits(child, i == WAITS ? 2 : 1);
        CHECK(kill(child, SIGSTOP));
        reap_with("child", child, WUNTRACED);
        CHECK(kill(child, SIGCONT));
        reap("child", child);
    }
    semctl(semaphore, 0, IPC_RMID);
    return 0;
}

/* suppressed: signals that would end the process. */
static int suppressed(int argc, char **argv)
{
    (void)argc, (void)argv;
    prepare();
    pid_t parent = getpid(), child = CHECK(fork());
    if (!child) {
        for (int j = 0; j < 10; j++) {
            sleep_millis(2);
            CHECK(kill(parent, SIGTERM));
        }
        sleep_millis(2);
        let_go(parent, 0);
        _exit(0);
    }
    wait_by(0);
    reap("child", child);
    semctl(semaphore, 0, IPC_RMID);
    return 0;
}

/* pending: an ignored signal that was blocked is not dropped, and ends the wait that unblocks it. */
static int pending(int argc, char **argv)
{
    (void)argc, (void)argv;
    sigset_t set;
    prepare();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (int i = 0; i < 3; i++) {
        CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
        raise(SIGUSR1);
        wait_by(1);
        CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    }
    semctl(semaphore, 0, IPC_RMID);
    return 0;
}

static void handle(int signal)
{
    (void)signal;
}

static void spin(int nanos)
{
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begun.tv_sec) * 1000000000 + now.tv_nsec - begun.tv_nsec < nanos);
}

/* followed: a stop, or a signal with a handler, at any moment after an ignored one, ends the wait. */
static int followed(int argc, char **argv)
{
    (void)argc;
    int rounds = atoi(argv[0]), by_stop = !strcmp(argv[1], "stop");
    int *ended = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare();
    signal(SIGALRM, handle);
    pid_t child = CHECK(fork());
    if (!child) {
        CHECK(setpgid(0, 0));
        for (int i = 0; i < rounds; i++) {
            if (with_epoll_wait() != -1 || errno != EINTR)
                _exit(1);
            __atomic_add_fetch(ended, 1, __ATOMIC_SEQ_CST);
        }
        _exit(4);
    }
    for (int i = 0; i < rounds; i++) {
        int status;
        await_waits(child, 1);
        CHECK(kill(child, SIGUSR1));
        spin(i * 137L % 80000);
        CHECK(kill(child, by_stop ? SIGSTOP : SIGALRM));
        if (by_stop) {
            CHECK(waitpid(child, &status, WUNTRACED));
            CHECK(kill(child, SIGCONT));
        }
        for (long begun = now_millis(); __atomic_load_n(ended, __ATOMIC_SEQ_CST) <= i;)
            if (now_millis() - begun > 5000) {
                printf("round %d: it waits on\n", i);
                CHECK(kill(child, SIGKILL));
                break;
            }
        if (__atomic_load_n(ended, __ATOMIC_SEQ_CST) <= i)
            break;
    }
    reap("child", child);
    semctl(semaphore, 0, IPC_RMID);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {
        {"followed", followed},
        {"ignored", ignored}, {"stopped", stopped}, {"pending", pending},
        {"suppressed", suppressed}, {NULL, NULL}};
    return run_mode(modes, argc, argv);
}
