/*
 * swap HARMLESS SECRET TIMES: opens the path in a buffer that often, while another thread writes
 * now the one and now the other path of the same length into it. Stops at the first time that it
 * has got the secret; says "got it after N" or "never got it, N opened".
 */
#include "guest.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

static char path[4096];
static char *paths[2];

static void *swap(void *unused)
{
    size_t length = strlen(paths[0]);
    (void)unused;
    for (unsigned i = 0;; i++) {
        memcpy(path, paths[i % 2], length);
        __asm__ volatile("" ::: "memory");
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    struct stat secret, opened;
    int count = 0;
    CHECK(argc == 4 ? 0 : -1);
    paths[0] = argv[1];
    paths[1] = argv[2];
    CHECK(strlen(paths[0]) == strlen(paths[1]) ? 0 : -1);
    CHECK(stat(paths[1], &secret));
    strcpy(path, paths[0]);
    CHECK0(pthread_create(&thread, NULL, swap, NULL));
    for (int i = 1; i <= atoi(argv[3]); i++) {
        int fd = open(path, O_WRONLY);
        if (fd < 0)
            continue;
        CHECK(fstat(fd, &opened));
        close(fd);
        count++;
        if (opened.st_ino == secret.st_ino) {
            printf("got it after %d\n", i);
            return 0;
        }
    }
    printf("never got it, %d opened\n", count);
    return 0;
}
