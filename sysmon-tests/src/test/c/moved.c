/*
 * moved THREADS CALLS WHAT: each thread makes CALLS calls that are numbered, lseek(-1, NUMBER, 4000 + THREAD), and between
 * them what is asked for; says what went wrong, or "ok".
 *
 *   n  sleeps 200 us by nanosleep
 *   e  waits 2 ms by epoll_wait, for nothing
 *   f  waits 1 ms for a futex
 *   s  waits 1 ms for a signal by sigtimedwait
 *   p  hands a byte to another thread, or to itself, by a pipe
 *   c  forks a child, which makes 10 calls, numbered from 1,000,000 on, and waits for it
 *   i  has an interval timer's signal come each ms
 *   w  before all: waits for a line, after having said its pid
 *   u  goes on until its standard input ends, however many calls that are
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int calls;
static const char *what;
static int pipes[2];
static atomic_int children;
static atomic_int over;
static sigset_t usual;
static volatile sig_atomic_t alarms;

static void fail(const char *where, long result)
{
    printf("%s gave %ld, errno %d\n", where, result, errno);
    fflush(stdout);
    _exit(1);
}

/* A call that must leave all registers alone but those that calls change. */
static long sought(long number, long thread)
{
#ifdef __x86_64__
    long result = SYS_lseek, fd = -1, rsi = number, rdx = thread;
    int carry;
    double one = number;
    register long r8 __asm__("r8") = 8, r9 __asm__("r9") = 9, r10 __asm__("r10") = 10, r12 __asm__("r12") = 12,
                  r13 __asm__("r13") = 13;
    __asm__ volatile("stc\n\tsyscall"
                     : "+a"(result), "+D"(fd), "+S"(rsi), "+d"(rdx), "=@ccc"(carry), "+x"(one), "+r"(r8), "+r"(r9), "+r"(r10),
                       "+r"(r12), "+r"(r13)
                     :
                     : "rcx", "r11", "memory");
    if (fd != -1 || rsi != number || rdx != thread || !carry || one != number || r8 != 8 || r9 != 9 || r10 != 10 || r12 != 12
        || r13 != 13)
        fail("other registers", r8);
    return result;
#else
    long result = syscall(SYS_lseek, -1, number, thread);
    return result == -1 ? -errno : result;
#endif
}

static void numbered(long number, int thread)
{
    long result = sought(number, 4000 + thread);
    if (result != -EBADF)
        fail("lseek", result);
}

/* What is blocked stays so. */
static void mask(void)
{
    sigset_t blocked;
    if (pthread_sigmask(SIG_BLOCK, NULL, &blocked) != 0)
        fail("sigmask", 0);
    for (int i = 1; i < 32; i++)
        if (sigismember(&blocked, i) != sigismember(&usual, i))
            fail("mask", i);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* A signal with a handler may interrupt; nothing else may. */
static void expect(const char *name, long result, long expected, int error, double begun, double least)
{
    if (strchr(what, 'i') && result == -1 && errno == EINTR)
        return;
    if (result != expected || (result == -1 && errno != error))
        fail(name, result);
    if (now() - begun < least)
        fail("too early", (long)((now() - begun) * 1e6));
}

static void child(int thread)
{
    pid_t pid = fork();
    if (pid < 0)
        fail("fork", pid);
    if (pid == 0) {
        for (int i = 0; i < 10; i++)
            numbered(1000000 + i, thread);
        _exit(7);
    }
    int status;
    while (waitpid(pid, &status, WUNTRACED | WCONTINUED) != pid)
        if (!strchr(what, 'i') || errno != EINTR)
            fail("waitpid", pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
        fail("status", status);
    children++;
}

static void *run(void *argument)
{
    int thread = (int)(long)argument;
    int epoll = epoll_create1(0);
    int word = 0;
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    for (int i = 0; strchr(what, 'u') ? !over : i < calls; i++) {
        numbered(i, thread);
        if (i % 8)
            continue;
        mask();
        if (thread == 0 && strchr(what, 'u') && poll(&(struct pollfd){0, POLLIN, 0}, 1, 0) == 1)
            over = 1;
        for (const char *c = what; *c; c++) {
            double begun = now();
            struct epoll_event event;
            struct timespec ms = {0, 1000000}, us = {0, 200000};
            char byte = (char)i;
            switch (*c) {
            case 'n':
                expect("nanosleep", nanosleep(&us, NULL), 0, 0, begun, 0.0002);
                break;
            case 'e':
                expect("epoll_wait", epoll_wait(epoll, &event, 1, 2), 0, 0, begun, 0.0019);
                break;
            case 'f':
                expect("futex", syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &ms, NULL, 0), -1, ETIMEDOUT, begun, 0.001);
                break;
            case 's':
                expect("sigtimedwait", sigtimedwait(&usr1, NULL, &ms), -1, EAGAIN, begun, 0.001);
                break;
            case 'p':
                expect("write", write(pipes[1], &byte, 1), 1, 0, begun, 0);
                expect("read", read(pipes[0], &byte, 1), 1, 0, begun, 0);
                break;
            case 'c':
                if (i % 64 == 0)
                    child(thread);
                break;
            }
        }
    }
    close(epoll);
    return NULL;
}

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int threads = atoi(argv[1]);
    calls = atoi(argv[2]);
    what = argv[3];
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    sigprocmask(SIG_BLOCK, NULL, &usual);
    if (pipe(pipes) != 0)
        return 1;
    if (strchr(what, 'w')) {
        printf("ready\n");
        fflush(stdout);
        if (getchar() == EOF)
            return 1;
    }
    if (strchr(what, 'i')) {
        struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
        struct itimerval each = {{0, 1000}, {0, 1000}};
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &each, NULL);
    }
    pthread_t others[threads];
    for (long i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, run, (void *)i) != 0)
            return 1;
    run(NULL);
    for (int i = 1; i < threads; i++)
        pthread_join(others[i], NULL);
    int left = 0;
    if (ioctl(pipes[0], FIONREAD, &left) != 0 || left != 0)
        fail("pipe", left);
    printf("ok %d\n", atomic_load(&children));
    return 0;
}
