/* A program whose memory is nobody's business: makes calls with strings and structures, a thread, a child. */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

static volatile sig_atomic_t count;

static void note(int signal)
{
    (void)signal;
    count++;
}

static void *in_thread(void *argument)
{
    printf("thread: dumpable %d\n", prctl(PR_GET_DUMPABLE));
    return argument;
}

int main(void)
{
    line_buffered();
    CHECK(prctl(PR_SET_DUMPABLE, 0));
    struct sigaction action = {.sa_handler = note};
    CHECK(sigaction(SIGUSR1, &action, NULL));
    CHECK(raise(SIGUSR1));
    printf("%s\n", open("/no/such/file", O_RDONLY) == -1 ? strerror(errno) : "there");
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, in_thread, NULL));
    CHECK0(pthread_join(thread, NULL));
    pid_t child = CHECK(fork());
    if (!child)
        _exit(!execl("/bin/echo", "echo", "a program", (char *)NULL));
    reap("child", child);
    printf("%d signal\n", count);
    return 3;
}
