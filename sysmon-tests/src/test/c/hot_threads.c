/* Starts threads that call getppid without end, says "ready" and waits for them, which is forever. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *run(void *unused)
{
    for (;;)
        syscall(SYS_getppid);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    for (int i = argc > 1 ? atoi(argv[1]) : 4; i > 0; i--)
        if (pthread_create(&thread, NULL, run, NULL))
            return 1;
    if (write(1, "ready\n", 6) != 6)
        return 1;
    pthread_join(thread, NULL);
    return 0;
}
