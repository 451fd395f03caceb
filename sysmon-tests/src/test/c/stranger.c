/*
 * Starts a program in a process group of its own, and tells on standard error what its parent sees
 * of it: its pid, then each status that waitpid gives. The program is killed with this one, which
 * lives for the seconds that come before the program's words.
 */
#include "guest.h"
#include <fcntl.h>
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    int status;
    CHECK(argc < 3 ? -1 : 0);
    pid_t child = CHECK(fork());
    if (!child) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL));
        CHECK(setpgid(0, 0));
        CHECK(execv(argv[2], argv + 2));
    }
    alarm(atoi(argv[1]));
    /* Both do it, so that it is done whoever comes first. */
    setpgid(child, child);
    /* They are the program's; what is told goes elsewhere. */
    close(0);
    CHECK(dup2(2, 1));
    line_buffered();
    printf("pid %d\n", child);
    do {
        CHECK(waitpid(child, &status, WUNTRACED | WCONTINUED));
        print_status("saw it", status);
    } while (WIFSTOPPED(status) || WIFCONTINUED(status));
    return 0;
}
