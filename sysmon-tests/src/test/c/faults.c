/* Makes calls and prints what came of each: + for the expected result, else the result or -errno. */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static volatile sig_atomic_t signals;

static void count(int signal) {
    (void)signal;
    signals++;
}

/* What sched_get_priority_max answers for SCHED_FIFO on each architecture. */
enum { PRIORITY = 99 };

static long call(long number) {
    long result = syscall(number, 1);
    return result < 0 ? -errno : result;
}

/* " + + -5 +" */
static void calls(char *line, int times) {
    line[0] = 0;
    for (int i = 0; i < times; i++) {
        long result = call(SYS_sched_get_priority_max);
        char word[32];
        snprintf(word, sizeof word, result == PRIORITY ? " +" : " %ld", result);
        strcat(line, word);
    }
}

static void *in_thread(void *line) {
    calls(line, 4);
    return NULL;
}

static void threads(void) {
    char lines[2][400];
    pthread_t thread[2];
    for (int i = 0; i < 2; i++) {
        CHECK0(pthread_create(&thread[i], NULL, in_thread, lines[i]));
        CHECK0(pthread_join(thread[i], NULL));
    }
    printf("%s\n%s\n", lines[0], lines[1]);
}

/* Writes to a file by write and writev and reads it again, in one call each. */
static void transfer(const char *file) {
    int fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char text[] = "0123456789";
    ssize_t written = write(fd, text, 10);
    struct iovec parts[] = {{text, 4}, {text + 4, 6}};
    ssize_t vector = writev(fd, parts, 2);
    lseek(fd, 0, SEEK_SET);
    char all[64] = "";
    ssize_t got = read(fd, all, sizeof all - 1);
    printf("%zd %zd %zd %s %s\n", written, vector, got, got < 0 ? "" : all, text);
    lseek(fd, 0, SEEK_SET);
    char first[3] = "", second[61] = "";
    struct iovec into[] = {{first, 2}, {second, 60}};
    got = readv(fd, into, 2);
    printf("%zd %s %s\n", got, first, second);
}

int main(int argc, char **argv) {
    char line[4000];
    const char *mode = argc > 1 ? argv[1] : "";
    signal(SIGUSR1, count);
    if (!strcmp(mode, "calls")) {
        calls(line, atoi(argv[2]));
        printf("%s, %d signals\n", line, (int)signals);
    } else if (!strcmp(mode, "two")) {
        for (int i = 0; i < 3; i++) {
            printf("%s", call(SYS_getuid) < 0 ? " uid" : " +");
            printf("%s", call(SYS_getgid) < 0 ? " gid" : " +");
        }
        printf("\n");
    } else if (!strcmp(mode, "threads")) {
        threads();
    } else if (!strcmp(mode, "child")) {
        calls(line, 2);
        printf("%s\n", line);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            calls(line, 3);
            printf("%s\n", line);
            fflush(stdout);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        printf("child %d\n", status);
    } else if (!strcmp(mode, "opens")) {
        for (int i = 2; i < argc; i++) {
            int fd = open(argv[i], O_RDONLY);
            char byte;
            printf("%s", fd < 0 ? " open" : read(fd, &byte, 1) < 0 ? " read" : " +");
            close(fd);
        }
        printf("\n");
    } else if (!strcmp(mode, "transfer")) {
        transfer(argv[2]);
    }
    return 0;
}
