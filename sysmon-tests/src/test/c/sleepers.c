/*
 * One thread for each system call that can sleep, or for those that are named. Each makes its call again and again, with a known
 * value in every register, and none may be interrupted.
 *
 * A line on standard input wakes all of them once, and is answered when each has seen the result
 * that it should; at the end of the input the guest tells what was wrong.
 */
#include "checked.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { WAKES = SIGUSR1 };

static const struct timespec HOUR = {3600, 0};
static const struct timespec MOMENT = {0, 3000000};
static const struct timeval LONG_TIMEOUT = {3600, 0};

struct sleeper;

struct kind {
    const char *name;
    /* Prepares the descriptors and the call. */
    void (*prepare)(struct sleeper *);
    /* Makes the call return; null when it does by itself. */
    void (*wake)(struct sleeper *);
    /* What has to be done before the next call; in the thread itself, and afterwards by who woke it. */
    void (*settle)(struct sleeper *);
    void (*rearm)(struct sleeper *);
};

struct sleeper {
    const struct kind *kind;
    struct call call;
    long expected;
    int in, out;
    unsigned word;
    unsigned char space[512];
    struct timespec from;
    long handled;
    volatile int tid;
    volatile unsigned rounds;
    volatile unsigned tickets;
};

static __thread volatile long handled;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

#define CALL(sleeper_, number_, expected_, ...)                                \
    do {                                                                       \
        (sleeper_)->call = (struct call){number_, {__VA_ARGS__}};              \
        (sleeper_)->expected = (expected_);                                    \
    } while (0)

static long futex(volatile unsigned *word, int operation, unsigned value)
{
    return syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

/* Pipes, eventfds and what waits for them. */

static void open_pipe(struct sleeper *s)
{
    int ends[2];
    CHECK(pipe(ends));
    s->in = ends[0];
    s->out = ends[1];
}

static void write_byte(struct sleeper *s)
{
    CHECK(write(s->out, "x", 1));
}

static void read_byte(struct sleeper *s)
{
    char byte;
    if (CHECK(read(s->in, &byte, 1)) != 1)
        WRONG("%s: nothing to read\n", s->kind->name);
}

static void prepare_read(struct sleeper *s)
{
    open_pipe(s);
    CALL(s, SYS_read, 1, s->in, (long)s->space, 100);
}

static void prepare_readv(struct sleeper *s)
{
    open_pipe(s);
    long *vector = (long *)s->space;
    vector[0] = (long)(s->space + 64);
    vector[1] = 100;
    CALL(s, SYS_readv, 1, s->in, (long)s->space, 1);
}

static void fill(struct sleeper *s)
{
    char bytes[4096] = {0};
    CHECK(fcntl(s->out, F_SETFL, O_NONBLOCK));
    while (write(s->out, bytes, sizeof bytes) > 0)
        ;
    CHECK(fcntl(s->out, F_SETFL, 0));
}

static void prepare_write(struct sleeper *s)
{
    open_pipe(s);
    fill(s);
    CALL(s, SYS_write, 7, s->out, (long)s->space, 7);
}

static void empty(struct sleeper *s)
{
    char bytes[4096];
    for (int i = 0; i < 8; i++)
        CHECK(read(s->in, bytes, sizeof bytes));
}

static void open_polled(struct sleeper *s)
{
    open_pipe(s);
    *(struct pollfd *)s->space = (struct pollfd){s->in, POLLIN, 0};
}

#ifdef SYS_poll
static void prepare_poll(struct sleeper *s)
{
    open_polled(s);
    CALL(s, SYS_poll, 1, (long)s->space, 1, -1);
}

static void prepare_poll_timed(struct sleeper *s)
{
    prepare_poll(s);
    s->call.args[2] = 3600 * 1000;
}
#endif

/* For calls that wait with another mask than their thread has, which blocks everything. */
static uint64_t waiting_mask = 1ull << (SIGCHLD - 1);

static void prepare_ppoll(struct sleeper *s)
{
    open_polled(s);
    CALL(s, SYS_ppoll, 1, (long)s->space, 1, 0, (long)&waiting_mask, 8);
}

static void open_selected(struct sleeper *s)
{
    open_pipe(s);
    FD_ZERO((fd_set *)s->space);
    FD_SET(s->in, (fd_set *)s->space);
}

#ifdef SYS_select
static void prepare_select(struct sleeper *s)
{
    open_selected(s);
    CALL(s, SYS_select, 1, s->in + 1, (long)s->space, 0, 0, 0);
}
#endif

static void settle_select(struct sleeper *s)
{
    read_byte(s);
    FD_SET(s->in, (fd_set *)s->space);
}

static void prepare_pselect(struct sleeper *s)
{
    static long mask_and_size[2];
    mask_and_size[0] = (long)&waiting_mask;
    mask_and_size[1] = 8;
    open_selected(s);
    CALL(s, SYS_pselect6, 1, s->in + 1, (long)s->space, 0, 0, 0, (long)mask_and_size);
}

static void open_epoll(struct sleeper *s)
{
    struct epoll_event event = {EPOLLIN, {0}};
    open_pipe(s);
    s->word = CHECK(epoll_create1(0));
    CHECK(epoll_ctl(s->word, EPOLL_CTL_ADD, s->in, &event));
}

#ifdef SYS_epoll_wait
static void prepare_epoll_wait(struct sleeper *s)
{
    open_epoll(s);
    CALL(s, SYS_epoll_wait, 1, s->word, (long)s->space, 4, -1);
}
#endif

static void prepare_epoll_pwait(struct sleeper *s)
{
    open_epoll(s);
    CALL(s, SYS_epoll_pwait, 1, s->word, (long)s->space, 4, -1, (long)&waiting_mask, 8);
}

static void prepare_epoll_pwait2(struct sleeper *s)
{
    open_epoll(s);
    CALL(s, 441 /* epoll_pwait2 */, 1, s->word, (long)s->space, 4, (long)&HOUR, 0, 8);
}

/* Futexes. */

static void prepare_futex(struct sleeper *s)
{
    CALL(s, SYS_futex, 0, (long)&s->word, FUTEX_WAIT, 0, 0);
}

static void prepare_futex_timed(struct sleeper *s)
{
    CALL(s, SYS_futex, 0, (long)&s->word, FUTEX_WAIT, 0, (long)&HOUR);
}

static void prepare_futex_waitv(struct sleeper *s)
{
    struct {
        uint64_t value, address;
        uint32_t flags, reserved;
    } *waiter = (void *)s->space;
    waiter->address = (long)&s->word;
    waiter->flags = 2 /* FUTEX_32 */;
    CALL(s, 449 /* futex_waitv */, 0, (long)s->space, 1, 0, 0, 0);
}

/* Wakes it without a change of the word, so that the call cannot see the change and not sleep. */
static void wake_futex(struct sleeper *s)
{
    while (futex(&s->word, FUTEX_WAKE, 1) != 1)
        usleep(100);
}

/* Time. */

static void prepare_nanosleep(struct sleeper *s)
{
    CALL(s, SYS_nanosleep, 0, (long)&MOMENT, 0);
}

static void prepare_clock_nanosleep(struct sleeper *s)
{
    CALL(s, SYS_clock_nanosleep, 0, CLOCK_MONOTONIC, 0, (long)&MOMENT, (long)s->space);
}

static void prepare_until(struct sleeper *s)
{
    struct timespec *until = (struct timespec *)s->space;
    clock_gettime(CLOCK_MONOTONIC, until);
    CALL(s, SYS_clock_nanosleep, 0, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)until, 0);
}

static void settle_until(struct sleeper *s)
{
    struct timespec *until = (struct timespec *)s->space;
    clock_gettime(CLOCK_MONOTONIC, until);
    until->tv_nsec += MOMENT.tv_nsec;
    if (until->tv_nsec >= 1000000000) {
        until->tv_sec++;
        until->tv_nsec -= 1000000000;
    }
}

/* System V. */

static void prepare_semop(struct sleeper *s)
{
    s->word = CHECK(semget(IPC_PRIVATE, 1, 0600));
    *(struct sembuf *)s->space = (struct sembuf){0, -1, 0};
    CALL(s, SYS_semop, 0, s->word, (long)s->space, 1);
}

static void prepare_semtimedop(struct sleeper *s)
{
    prepare_semop(s);
    CALL(s, SYS_semtimedop, 0, s->word, (long)s->space, 1, (long)&HOUR);
}

static void wake_semop(struct sleeper *s)
{
    struct sembuf up = {0, 1, 0};
    CHECK(semop(s->word, &up, 1));
}

static void prepare_msgrcv(struct sleeper *s)
{
    s->word = CHECK(msgget(IPC_PRIVATE, 0600));
    CALL(s, SYS_msgrcv, 4, s->word, (long)s->space, 64, 0, 0);
}

static void wake_msgrcv(struct sleeper *s)
{
    struct {
        long type;
        char text[4];
    } message = {1, "abc"};
    CHECK(msgsnd(s->word, &message, 4, 0));
}

/* Signals. */

static void prepare_sigtimedwait(struct sleeper *s)
{
    static uint64_t waited_for;
    waited_for = 1ull << (SIGRTMIN - 1);
    CALL(s, SYS_rt_sigtimedwait, SIGRTMIN, (long)&waited_for, (long)s->space, 0, 8);
}

static void prepare_sigtimedwait_timed(struct sleeper *s)
{
    prepare_sigtimedwait(s);
    s->call.args[2] = (long)&HOUR;
}

static void send_awaited(struct sleeper *s)
{
    CHECK(syscall(SYS_tgkill, getpid(), s->tid, SIGRTMIN));
}

static void prepare_sigsuspend(struct sleeper *s)
{
    CALL(s, SYS_rt_sigsuspend, -EINTR, (long)&waiting_mask, 8);
}

#ifdef SYS_pause
static void prepare_pause(struct sleeper *s)
{
    sigset_t wakes;
    sigemptyset(&wakes);
    sigaddset(&wakes, WAKES);
    CHECK0(pthread_sigmask(SIG_UNBLOCK, &wakes, NULL));
    CALL(s, SYS_pause, -EINTR, 0);
}
#endif

/* The only ones that may be interrupted, because their handler has run. */
static void settle_handled(struct sleeper *s)
{
    if (handled == s->handled)
        WRONG("%s ended without a signal\n", s->kind->name);
    s->handled = handled;
}

static void send_handled(struct sleeper *s)
{
    CHECK(syscall(SYS_tgkill, getpid(), s->tid, WAKES));
}

#ifdef SYS_pause
/* More than once: the first may come before the call. */
static void send_until_seen(struct sleeper *s)
{
    for (unsigned before = s->rounds; s->rounds == before; usleep(500))
        send_handled(s);
}
#endif

/* Children. */

static int child_status;
static pid_t child_that_stops;

static void prepare_wait(struct sleeper *s)
{
    child_that_stops = s->word = CHECK(fork());
    if (!s->word) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        while (1)
            pause();
    }
    CALL(s, SYS_wait4, s->word, s->word, (long)&child_status, WUNTRACED | WCONTINUED, 0);
}

static void stop_or_continue(struct sleeper *s)
{
    CHECK(kill(s->word, s->rounds % 2 ? SIGCONT : SIGSTOP));
}

static void settle_wait(struct sleeper *s)
{
    if (s->rounds % 2 ? !WIFCONTINUED(child_status) : !WIFSTOPPED(child_status))
        WRONG("%s gave status %x in round %u\n", s->kind->name, child_status, s->rounds);
}

/* Sockets. */

static socklen_t abstract_address(struct sockaddr_un *address, struct sleeper *s)
{
    address->sun_family = AF_UNIX;
    sprintf(address->sun_path + 1, "%d %s", getpid(), s->kind->name);
    return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address->sun_path + 1);
}

static int listener(struct sleeper *s, int backlog)
{
    struct sockaddr_un address = {0};
    socklen_t length = abstract_address(&address, s);
    int fd = CHECK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(bind(fd, (struct sockaddr *)&address, length));
    CHECK(listen(fd, backlog));
    return fd;
}

static int client(struct sleeper *s)
{
    struct sockaddr_un address = {0};
    socklen_t length = abstract_address(&address, s);
    int fd = CHECK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(connect(fd, (struct sockaddr *)&address, length));
    return fd;
}

static void prepare_accept(struct sleeper *s)
{
    s->in = listener(s, 1);
    CHECK(setsockopt(s->in, SOL_SOCKET, SO_RCVTIMEO, &LONG_TIMEOUT, sizeof LONG_TIMEOUT));
    CALL(s, SYS_accept4, INT_MAX, s->in, 0, 0, 0);
}

static void wake_accept(struct sleeper *s)
{
    close(client(s));
}

static void prepare_recv(struct sleeper *s)
{
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    s->in = ends[0];
    s->out = ends[1];
    CHECK(setsockopt(s->in, SOL_SOCKET, SO_RCVTIMEO, &LONG_TIMEOUT, sizeof LONG_TIMEOUT));
    CALL(s, SYS_recvfrom, 1, s->in, (long)s->space, 100, 0, 0, 0);
}

/* One that is not accepted, and one behind it: the queue is full. */
static void prepare_connect(struct sleeper *s)
{
    s->in = listener(s, 0);
    client(s);
    s->out = CHECK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(setsockopt(s->out, SOL_SOCKET, SO_SNDTIMEO, &LONG_TIMEOUT, sizeof LONG_TIMEOUT));
    socklen_t length = abstract_address((struct sockaddr_un *)s->space, s);
    CALL(s, SYS_connect, 0, s->out, (long)s->space, length);
}

static void wake_connect(struct sleeper *s)
{
    close(CHECK(accept(s->in, NULL, NULL)));
}

static void settle_connect(struct sleeper *s)
{
    close(s->out);
    int again = CHECK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(setsockopt(again, SOL_SOCKET, SO_SNDTIMEO, &LONG_TIMEOUT, sizeof LONG_TIMEOUT));
    s->out = s->call.args[0] = again;
}

/* Locks. */

/* Opened twice: locks are of an open file. */
static void open_file(struct sleeper *s)
{
    char path[] = "/tmp/sleepersXXXXXX";
    s->in = CHECK(mkstemp(path));
    s->out = CHECK(open(path, O_RDWR));
    CHECK(unlink(path));
}

static void lock_file(struct sleeper *s)
{
    CHECK(flock(s->in, LOCK_EX));
}

static void unlock_file(struct sleeper *s)
{
    CHECK(flock(s->in, LOCK_UN));
}

static void prepare_flock(struct sleeper *s)
{
    open_file(s);
    lock_file(s);
    CALL(s, SYS_flock, 0, s->out, LOCK_EX);
}

static void settle_flock(struct sleeper *s)
{
    CHECK(flock(s->out, LOCK_UN));
}

static void lock_range(int fd, int type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_len = 10};
    CHECK(fcntl(fd, F_OFD_SETLKW, &lock));
}

static void hold_range(struct sleeper *s)
{
    lock_range(s->in, F_WRLCK);
}

static void let_range_go(struct sleeper *s)
{
    lock_range(s->in, F_UNLCK);
}

static void prepare_fcntl(struct sleeper *s)
{
    open_file(s);
    hold_range(s);
    *(struct flock *)s->space =
        (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    CALL(s, SYS_fcntl, 0, s->out, F_OFD_SETLKW, (long)s->space);
}

static void settle_fcntl(struct sleeper *s)
{
    lock_range(s->out, F_UNLCK);
}

/* A FIFO that nobody has opened for writing. */
static void prepare_open(struct sleeper *s)
{
    sprintf((char *)s->space, "/tmp/sleepers-%d.fifo", getpid());
    CHECK(mkfifo((char *)s->space, 0600));
    CALL(s, SYS_openat, INT_MAX, AT_FDCWD, (long)s->space, O_RDONLY, 0);
}

static void wake_open(struct sleeper *s)
{
    int fd;
    while ((fd = open((char *)s->space, O_WRONLY | O_NONBLOCK)) < 0)
        usleep(100);
    /* Not closed before the other side has it open. */
    s->out = fd;
}

static void rearm_open(struct sleeper *s)
{
    close(s->out);
}

/* io_uring. */

static struct io_uring_params ring;
static char *ring_queue;
static struct io_uring_sqe *ring_entries;

static void prepare_io_uring(struct sleeper *s)
{
    s->in = syscall(SYS_io_uring_setup, 4, &ring);
    if (s->in < 0) {
        /* Forbidden here; another wait in its place. */
        prepare_read(s);
        return;
    }
    ring_queue = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, s->in, IORING_OFF_SQ_RING);
    ring_entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->in, IORING_OFF_SQES);
    CALL(s, SYS_io_uring_enter, 0, s->in, 0, 1, IORING_ENTER_GETEVENTS, 0, 0);
}

#define RING_WORD(offset_) ((volatile unsigned *)(ring_queue + (offset_)))

static void wake_io_uring(struct sleeper *s)
{
    if (!ring_queue) {
        write_byte(s);
        return;
    }
    memset(ring_entries, 0, sizeof *ring_entries);
    ring_entries[0].opcode = IORING_OP_NOP;
    unsigned tail = *RING_WORD(ring.sq_off.tail);
    RING_WORD(ring.sq_off.array)[tail & *RING_WORD(ring.sq_off.ring_mask)] = 0;
    __atomic_store_n(RING_WORD(ring.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
    CHECK(syscall(SYS_io_uring_enter, s->in, 1, 0, 0, NULL, 0));
}

static void settle_io_uring(struct sleeper *s)
{
    (void)s;
    if (ring_queue)
        __atomic_add_fetch(RING_WORD(ring.cq_off.head), 1, __ATOMIC_RELEASE);
}

static const struct kind kinds[] = {
    {"read", prepare_read, write_byte, NULL, NULL},
    {"readv", prepare_readv, write_byte, NULL, NULL},
    {"write", prepare_write, empty, NULL, fill},
#ifdef SYS_poll
    {"poll", prepare_poll, write_byte, read_byte, NULL},
    {"timed poll", prepare_poll_timed, write_byte, read_byte, NULL},
#endif
    {"ppoll", prepare_ppoll, write_byte, read_byte, NULL},
#ifdef SYS_select
    {"select", prepare_select, write_byte, settle_select, NULL},
#endif
    {"pselect", prepare_pselect, write_byte, settle_select, NULL},
#ifdef SYS_epoll_wait
    {"epoll_wait", prepare_epoll_wait, write_byte, read_byte, NULL},
#endif
    {"epoll_pwait", prepare_epoll_pwait, write_byte, read_byte, NULL},
    {"epoll_pwait2", prepare_epoll_pwait2, write_byte, read_byte, NULL},
    {"futex", prepare_futex, wake_futex, NULL, NULL},
    {"timed futex", prepare_futex_timed, wake_futex, NULL, NULL},
    {"futex_waitv", prepare_futex_waitv, wake_futex, NULL, NULL},
    {"nanosleep", prepare_nanosleep, NULL, NULL, NULL},
    {"clock_nanosleep", prepare_clock_nanosleep, NULL, NULL, NULL},
    {"absolute clock_nanosleep", prepare_until, NULL, settle_until, NULL},
    {"semop", prepare_semop, wake_semop, NULL, NULL},
    {"semtimedop", prepare_semtimedop, wake_semop, NULL, NULL},
    {"msgrcv", prepare_msgrcv, wake_msgrcv, NULL, NULL},
    {"sigwaitinfo", prepare_sigtimedwait, send_awaited, NULL, NULL},
    {"sigtimedwait", prepare_sigtimedwait_timed, send_awaited, NULL, NULL},
    {"sigsuspend", prepare_sigsuspend, send_handled, settle_handled, NULL},
#ifdef SYS_pause
    {"pause", prepare_pause, send_until_seen, settle_handled, NULL},
#endif
    {"wait4", prepare_wait, stop_or_continue, settle_wait, NULL},
    {"accept4", prepare_accept, wake_accept, NULL, NULL},
    {"recv", prepare_recv, write_byte, NULL, NULL},
    {"connect", prepare_connect, wake_connect, settle_connect, NULL},
    {"flock", prepare_flock, unlock_file, settle_flock, lock_file},
    {"fcntl", prepare_fcntl, let_range_go, settle_fcntl, hold_range},
    {"open", prepare_open, wake_open, NULL, rearm_open},
    {"io_uring_enter", prepare_io_uring, wake_io_uring, settle_io_uring, NULL},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static struct sleeper sleepers[KINDS];
static int count;
static pthread_barrier_t prepared;

static void check_result(struct sleeper *s, long result)
{
    bool opened = s->expected == INT_MAX && result > 2;
    if (opened)
        close(result);
    else if (result != s->expected)
        WRONG("%s gave %ld (%s)\n", s->kind->name, result, strerror(result < 0 ? -result : 0));
    if (result == 0 && s->call.number == SYS_nanosleep) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        long slept = (now.tv_sec - s->from.tv_sec) * 1000000000 + now.tv_nsec - s->from.tv_nsec;
        if (slept < MOMENT.tv_nsec)
            WRONG("%s slept %ld ns only\n", s->kind->name, slept);
    }
}

static void *sleep_again(void *arg)
{
    struct sleeper *s = arg;
    sigset_t mask;
    s->tid = syscall(SYS_gettid);
    s->kind->prepare(s);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    pthread_barrier_wait(&prepared);
    while (1) {
        clock_gettime(CLOCK_MONOTONIC, &s->from);
        check_result(s, checked_call(&s->call));
        check_mask(&mask);
        if (s->kind->settle)
            s->kind->settle(s);
        unsigned round = __atomic_add_fetch(&s->rounds, 1, __ATOMIC_SEQ_CST);
        while (s->kind->wake && s->tickets < round)
            futex(&s->tickets, FUTEX_WAIT, round - 1);
    }
    return NULL;
}

static void wake_all(void)
{
    unsigned before[KINDS];
    for (int i = 0; i < count; i++)
        before[i] = sleepers[i].rounds;
    for (int i = 0; i < count; i++)
        if (sleepers[i].kind->wake)
            sleepers[i].kind->wake(&sleepers[i]);
    for (int i = 0; i < count; i++) {
        struct sleeper *s = &sleepers[i];
        for (int patience = 10000; s->rounds == before[i] && patience; patience--)
            usleep(500);
        if (s->rounds == before[i])
            WRONG("%s does not return\n", s->kind->name);
        if (s->kind->rearm)
            s->kind->rearm(s);
        __atomic_add_fetch(&s->tickets, 1, __ATOMIC_SEQ_CST);
        futex(&s->tickets, FUTEX_WAKE, 1);
    }
}

static void print_calls(void)
{
    for (int i = 0; i < count; i++) {
        const struct call *call = &sleepers[i].call;
        printf("%d %ld %ld", sleepers[i].tid, sleepers[i].expected, call->number);
        for (int j = 0; j < 6; j++)
            printf(" %lx", call->args[j]);
        printf("\n");
    }
    printf("listed\n");
}

static void clean_up(void)
{
    for (int i = 0; i < count; i++) {
        long number = sleepers[i].call.number;
        if (number == SYS_semop || number == SYS_semtimedop)
            CHECK(semctl(sleepers[i].word, 0, IPC_RMID));
        else if (number == SYS_msgrcv)
            CHECK(msgctl(sleepers[i].word, IPC_RMID, NULL));
        else if (number == SYS_openat)
            CHECK(unlink((char *)sleepers[i].space));
    }
    if (child_that_stops)
        CHECK(kill(child_that_stops, SIGKILL));
}

static bool is_wanted(const struct kind *kind, int argc, char **argv)
{
    bool wanted = argc == 1;
    for (int i = 1; i < argc; i++)
        wanted |= !strcmp(argv[i], kind->name);
    return wanted;
}

int main(int argc, char **argv)
{
    char line[16];
    sigset_t blocked;
    struct sigaction action = {.sa_handler = handle};
    line_buffered();
    /* What System V leaves behind when this is killed goes with the namespace, if it may have one. */
    if (unshare(CLONE_NEWIPC))
        errno = 0;
    CHECK(sigaction(WAKES, &action, NULL));
    sigfillset(&blocked);
    CHECK0(pthread_sigmask(SIG_BLOCK, &blocked, NULL));
    for (int i = 0; i < KINDS; i++)
        if (is_wanted(&kinds[i], argc, argv))
            sleepers[count++].kind = &kinds[i];
    pthread_barrier_init(&prepared, NULL, count + 1);
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        CHECK0(pthread_create(&thread, NULL, sleep_again, &sleepers[i]));
    }
    pthread_barrier_wait(&prepared);
    printf("asleep\n");
    unsigned long wakes = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (!strcmp(line, "list\n")) {
            print_calls();
            continue;
        }
        wake_all();
        wakes++;
        printf(wrong ? "wrong\n" : "woken\n");
    }
    int code = wrong ? 1 : 0;
    printf("%lu times woken, %ld wrong\n", wakes, wrong);
    /* What the cleaning does to the sleepers is told to nobody. */
    wrong++;
    clean_up();
    return code;
}
