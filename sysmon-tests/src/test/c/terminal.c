/* A terminal with someone at it: runs a job-control shell in a pty and types when it is time to. */
#include "guest.h"
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>

static char seen[65536];
static int length;

/* Reads until the text has come since the last time. */
static void expect(int fd, const char *text)
{
    static int from;
    char *found;
    while (!(found = strstr(seen + from, text))) {
        ssize_t got = read(fd, seen + length, sizeof seen - 1 - length);
        if (got <= 0) {
            printf("no \"%s\" in:\n%s\n", text, seen + from);
            _exit(99);
        }
        length += got;
        seen[length] = 0;
    }
    from = found - seen + strlen(text);
    printf("saw %s\n", text);
}

static void type(int fd, const char *keys)
{
    CHECK(write(fd, keys, strlen(keys)));
}

static volatile sig_atomic_t continued;

static void on_cont(int signal)
{
    (void)signal;
    continued = 1;
}

/* The job: says when it is ready for a key. */
static int job(void)
{
    sigset_t cont, none;
    sigemptyset(&none);
    sigemptyset(&cont);
    sigaddset(&cont, SIGCONT);
    CHECK(sigprocmask(SIG_BLOCK, &cont, NULL));
    signal(SIGCONT, on_cont);
    printf("job is ready\n");
    while (!continued)
        sigsuspend(&none);
    printf("job goes on\n");
    while (1)
        pause();
    return 0;
}

static const char script[] =
    "set -m\n"
    "/proc/$PPID/exe job\n"
    "echo first status $?.\n"
    "fg >/dev/null\n"
    "echo second status $?.\n"
    "/proc/$PPID/exe job & pid=$!\n"
    "kill -STOP %1\n"
    "until jobs | grep -q Stopped; do sleep 0.01; done\n"
    "echo background stopped.\n"
    "kill -CONT %1\n"
    "kill -KILL $pid\n"
    "wait $pid\n"
    "echo third status $?.\n"
    "exit 7\n";

int main(int argc, char **argv)
{
    (void)argv;
    line_buffered();
    if (argc > 1)
        return job();
    struct rlimit none = {0, 0};
    CHECK(setrlimit(RLIMIT_CORE, &none));
    /* A JVM's own children inherit a blocked SIGQUIT. */
    sigset_t empty;
    sigemptyset(&empty);
    CHECK(sigprocmask(SIG_SETMASK, &empty, NULL));
    int fd;
    pid_t shell = CHECK(forkpty(&fd, NULL, NULL, NULL));
    if (!shell) {
        execlp("bash", "bash", "--norc", "--noprofile", "-c", script, (char *)NULL);
        _exit(97);
    }
    expect(fd, "job is ready");
    type(fd, "\032");
    expect(fd, "first status 148.");
    expect(fd, "job goes on");
    type(fd, "\034");
    expect(fd, "second status 131.");
    expect(fd, "background stopped.");
    expect(fd, "third status 137.");
    reap("shell", shell);
    return 0;
}
