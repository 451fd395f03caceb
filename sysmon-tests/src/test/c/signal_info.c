/* One signal of each kind that siginfo_t tells apart, as its handler is told. */
#include "guest.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static sigjmp_buf back;

static void tell(int signal, siginfo_t *info, void *context)
{
    (void)context;
    printf("%d code %d: ", signal, info->si_code);
    if (info->si_code == SI_TIMER)
        printf("timer %d overrun %d value %lx\n", info->si_timerid, info->si_overrun,
               (long)info->si_value.sival_ptr);
    else if (info->si_code == SI_QUEUE)
        printf("pid %d uid %d value %lx int %d\n", info->si_pid, info->si_uid,
               (long)info->si_value.sival_ptr, info->si_value.sival_int);
    else if (info->si_code <= 0)
        printf("pid %d uid %d\n", info->si_pid, info->si_uid);
    else if (signal == SIGCHLD)
        printf("pid %d uid %d status %d\n", info->si_pid, info->si_uid, info->si_status);
    else if (signal == SIGSYS)
        printf("call %d arch %x address %lx\n", info->si_syscall, info->si_arch,
               (long)info->si_call_addr);
    else if (signal == SIGSEGV)
        printf("address %lx\n", (long)info->si_addr);
    else
        printf("fd %d band %lx\n", info->si_fd, info->si_band);
    if (signal == SIGSEGV)
        siglongjmp(back, 1);
}

static void handle(int signal)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = tell;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    CHECK(sigaction(signal, &action, NULL));
}

static void child_ends(int how)
{
    pid_t child = CHECK(fork());
    if (!child) {
        if (how)
            kill(getpid(), SIGKILL);
        _exit(7);
    }
    int status;
    while (waitpid(child, &status, 0) == -1)
        ;
}

static void timer_expires(void)
{
    sigset_t set;
    timer_t id;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGALRM,
                             .sigev_value.sival_ptr = (void *)0x123456789abcL};
    struct itimerspec spec = {{0, 1000000}, {0, 1000000}}, off = {{0, 0}, {0, 0}};
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL));
    for (int i = 0; i < 2; i++)
        CHECK(timer_create(CLOCK_MONOTONIC, &event, &id));
    CHECK(timer_settime(id, 0, &spec, NULL));
    sleep_millis(10);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    CHECK(timer_settime(id, 0, &off, NULL));
}

static void input_comes(int signal)
{
    int fds[2];
    CHECK(pipe(fds));
    CHECK(fcntl(fds[0], F_SETOWN, getpid()));
    CHECK(fcntl(fds[0], F_SETSIG, signal));
    CHECK(fcntl(fds[0], F_SETFL, O_ASYNC));
    CHECK(write(fds[1], "x", 1));
    close(fds[0]);
    close(fds[1]);
}

static void call_is_trapped(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {4, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    syscall(SYS_getppid);
}

int main(void)
{
    line_buffered();
    int signals[] = {SIGUSR1, SIGCHLD, SIGSEGV, SIGALRM, SIGIO, SIGRTMIN + 2, SIGSYS};
    for (int i = 0; i < 7; i++)
        handle(signals[i]);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = (void *)-2L});
    child_ends(0);
    child_ends(1);
    if (!sigsetjmp(back, 1))
        *(volatile char *)0x1234 = 1;
    timer_expires();
    input_comes(SIGIO);
    input_comes(SIGRTMIN + 2);
    call_is_trapped();
    return 0;
}
