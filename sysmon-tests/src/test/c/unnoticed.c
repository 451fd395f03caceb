/* Waits while signals come that are ignored, by default or by choice: nothing must tell of them. */
#include "guest.h"
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/syscall.h>

static int pipe_ends[2], epoll_fd, semaphore;
static int millis;
static unsigned long aio;
static sigset_t awaited;
static struct timespec time_limit;
static struct timespec *limit;

static long call_epoll_wait(void)
{
    struct epoll_event event;
    return epoll_wait(epoll_fd, &event, 1, limit ? millis : -1);
}

static long call_epoll_pwait(void)
{
    struct epoll_event event;
    sigset_t none;
    sigemptyset(&none);
    return epoll_pwait(epoll_fd, &event, 1, limit ? millis : -1, &none);
}

static long call_epoll_pwait2(void)
{
    struct epoll_event event;
    return syscall(441 /* epoll_pwait2 */, epoll_fd, &event, 1, limit, NULL, 8);
}

static long call_semtimedop(void)
{
    struct sembuf take = {0, -1, 0};
    return semtimedop(semaphore, &take, 1, limit);
}

static long call_sigtimedwait(void)
{
    return sigtimedwait(&awaited, NULL, limit);
}

static long call_io_getevents(void)
{
    char events[32];
    return syscall(SYS_io_getevents, aio, 1, 1, events, limit);
}

/* Those that the kernel restarts by itself. */
static long call_poll(void)
{
    struct pollfd ready = {pipe_ends[0], POLLIN, 0};
    return poll(&ready, 1, limit ? millis : -1);
}

static long call_ppoll(void)
{
    struct pollfd ready = {pipe_ends[0], POLLIN, 0};
    return ppoll(&ready, 1, limit, NULL);
}

static void signal_while(pid_t parent, int signal, int times)
{
    while (times-- && getppid() == parent) {
        CHECK(kill(parent, signal));
        sleep_millis(2);
    }
}

/* The sender goes on until it is killed, longer than the call may wait. */
static void with_a_limit(const char *what, long (*call)(void), int signal, int wait_millis)
{
    pid_t self = getpid(), sender = CHECK(fork());
    if (!sender) {
        signal_while(self, signal, -1);
        _exit(0);
    }
    millis = wait_millis;
    time_limit = (struct timespec){millis / 1000, millis % 1000 * 1000000};
    limit = &time_limit;
    for (int i = 0; i < 3; i++) {
        long begin = now_millis();
        errno = 0;
        long result = call();
        printf("%s = %ld %s, %s\n", what, result, strerror(errno),
               now_millis() - begin >= millis ? "in time" : "too early");
    }
    CHECK(kill(sender, SIGKILL));
    reap("sender", sender);
}

static void until_it_happens(const char *what, long (*call)(void), void (*event)(pid_t), int signal)
{
    pid_t self = getpid(), sender = CHECK(fork());
    if (!sender) {
        signal_while(self, signal, 20);
        event(self);
        _exit(0);
    }
    limit = NULL;
    errno = 0;
    long result = call();
    printf("%s = %ld %s\n", what, result, strerror(errno));
    reap("sender", sender);
}

static void event_write(pid_t parent)
{
    (void)parent;
    CHECK(write(pipe_ends[1], "x", 1));
}

static void event_release(pid_t parent)
{
    (void)parent;
    struct sembuf give = {0, 1, 0};
    CHECK(semop(semaphore, &give, 1));
}

static void event_signal(pid_t parent)
{
    CHECK(kill(parent, SIGUSR1));
}

static void handle(int signal)
{
    (void)signal;
}

static const struct {
    const char *name;
    long (*call)(void);
    void (*event)(pid_t);
} calls[] = {{"epoll_wait", call_epoll_wait, event_write},
             {"epoll_pwait", call_epoll_pwait, event_write},
             {"epoll_pwait2", call_epoll_pwait2, event_write},
             {"semtimedop", call_semtimedop, event_release},
             {"sigtimedwait", call_sigtimedwait, event_signal},
             {"io_getevents", call_io_getevents, NULL},
             {"poll", call_poll, event_write},
             {"ppoll", call_ppoll, event_write}};

static void drain(void)
{
    char byte;
    while (poll(&(struct pollfd){pipe_ends[0], POLLIN, 0}, 1, 0) > 0)
        CHECK(read(pipe_ends[0], &byte, 1));
}

int main(int argc, char **argv)
{
    line_buffered();
    CHECK(pipe(pipe_ends));
    struct epoll_event interest = {.events = EPOLLIN};
    epoll_fd = CHECK(epoll_create1(0));
    CHECK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pipe_ends[0], &interest));
    semaphore = CHECK(semget(IPC_PRIVATE, 1, 0600));
    CHECK(syscall(SYS_io_setup, 4, &aio));
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &awaited, NULL));
    signal(SIGUSR2, SIG_IGN);
    const char *mode = argc > 1 ? argv[1] : "";
    if (!strcmp(mode, "handled"))
        sigaction(SIGUSR2, &(struct sigaction){.sa_handler = handle}, NULL);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (!strcmp(mode, "handled"))
            with_a_limit(calls[i].name, calls[i].call, SIGUSR2, 20000);
        else if (!strcmp(mode, "limited"))
            with_a_limit(calls[i].name, calls[i].call, i % 2 ? SIGWINCH : SIGUSR2, 25);
        else if (calls[i].event)
            until_it_happens(calls[i].name, calls[i].call, calls[i].event, i % 2 ? SIGWINCH : SIGUSR2);
        drain();
    }
    CHECK(semctl(semaphore, 0, IPC_RMID));
    return 0;
}
