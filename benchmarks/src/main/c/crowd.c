/*
 * crowd IDLE getppid|access CALLS: forks IDLE processes that sleep, says "ready", reads a byte or the end, and then makes
 * one system call over and over, and prints its cost.
 */
#include "timing.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int idle = atoi(argv[1]);
    pid_t *sleepers = calloc(idle + 1, sizeof *sleepers);
    int asleep[2];
    char byte = 0;
    if (!sleepers || pipe(asleep) != 0)
        return 1;
    for (int i = 0; i < idle; i++) {
        sleepers[i] = fork();
        if (sleepers[i] < 0) {
            perror("fork");
            return 1;
        }
        if (sleepers[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (write(asleep[1], &byte, 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
    }
    for (int i = 0; i < idle; i++)
        if (read(asleep[0], &byte, 1) != 1)
            return 1;
    printf("ready\n");
    fflush(stdout);
    getchar();
    print_cost(argv[2], atol(argv[3]));
    fflush(stdout);
    for (int i = 0; i < idle; i++)
        kill(sleepers[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    return 0;
}
