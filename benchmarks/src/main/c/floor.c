/*
 * floor [-i] COMMAND [ARGS...]: the least that a ptrace tracer can do. It stops the command at the entry and the exit
 * of every system call and lets it go on; with -i it also asks which call that is (PTRACE_GET_SYSCALL_INFO).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int asks = argc > 1 && strcmp(argv[1], "-i") == 0;
    char **command = argv + 1 + asks;
    if (!*command)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execvp(command[0], command);
        _exit(127);
    }
    int status;
    if (wait4(child, &status, __WALL, NULL) != child || !WIFSTOPPED(status))
        return 1;
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC);
    int signal = 0;
    do {
        if (asks) {
            struct __ptrace_syscall_info info;
            ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
        }
        ptrace(PTRACE_SYSCALL, child, 0, signal);
        if (wait4(-1, &status, __WALL, NULL) != child)
            return 1;
        int stop = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
        signal = stop == SIGTRAP || stop == (SIGTRAP | 0x80) ? 0 : stop;
    } while (WIFSTOPPED(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
