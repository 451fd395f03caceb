/*
 * pin COMMAND [ARGS...]: runs it, and all that comes of it, on the first CPU that may be used.
 * pin -t TID: moves a task there.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    cpu_set_t all, one;
    if (argc < 2 || sched_getaffinity(0, sizeof all, &all) != 0)
        return 2;
    int cpu = 0;
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (strcmp(argv[1], "-t") == 0)
        return argc != 3 || sched_setaffinity(atoi(argv[2]), sizeof one, &one) != 0;
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        return 2;
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 127;
}
