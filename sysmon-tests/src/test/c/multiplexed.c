/*
 * Calls that a 32-bit program makes by ipc(2) and socketcall(2), and that answer EINTR for any
 * interruption. Each thread waits in one; SIGUSR1 lets all of them return. Not to be built for
 * 64 bits.
 */
#include "guest.h"
#include <linux/net.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { IPC_SEMOP = 1, IPC_SEMTIMEDOP = 4 };

static int semaphore, listener, waiter;
static struct sockaddr_in address;

static void *waits_for_semaphore(void *unused)
{
    struct sembuf down = {0, -1, 0};
    long result = syscall(SYS_ipc, IPC_SEMOP, semaphore, 1, 0, &down);
    printf("semop %ld %s\n", result, result < 0 ? strerror(errno) : "");
    return unused;
}

static void *waits_for_semaphore_and_time(void *unused)
{
    struct sembuf down = {0, -1, 0};
    struct timespec hour = {3600, 0};
    long result = syscall(SYS_ipc, IPC_SEMTIMEDOP, semaphore, 1, 0, &down, &hour);
    printf("semtimedop %ld %s\n", result, result < 0 ? strerror(errno) : "");
    return unused;
}

static void *waits_for_connection(void *unused)
{
    unsigned long arguments[] = {(unsigned long)listener, 0, 0};
    long result = syscall(SYS_socketcall, SYS_ACCEPT, arguments);
    printf("accept %d %s\n", result < 0 ? -1 : 0, result < 0 ? strerror(errno) : "");
    return unused;
}

static void *waits_for_data(void *unused)
{
    char byte;
    unsigned long arguments[] = {(unsigned long)waiter, (unsigned long)&byte, 1, 0};
    long result = syscall(SYS_socketcall, SYS_RECV, arguments);
    printf("recv %ld %s\n", result, result < 0 ? strerror(errno) : "");
    return unused;
}

int main(void)
{
    static void *(*const waits[])(void *) = {waits_for_semaphore, waits_for_semaphore_and_time,
                                             waits_for_connection, waits_for_data};
    enum { WAITS = sizeof waits / sizeof *waits };
    pthread_t threads[WAITS];
    struct timeval hour = {3600, 0};
    socklen_t size = sizeof address;
    int ends[2], got;
    sigset_t wake;
    line_buffered();
    sigemptyset(&wake);
    sigaddset(&wake, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &wake, NULL));
    semaphore = (int)CHECK(semget(IPC_PRIVATE, 1, 0600));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = (int)CHECK(socket(AF_INET, SOCK_STREAM, 0));
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address));
    CHECK(listen(listener, 1));
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size));
    CHECK(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof hour));
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    waiter = ends[0];
    CHECK(setsockopt(waiter, SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof hour));
    for (int i = 0; i < WAITS; i++)
        CHECK0(pthread_create(&threads[i], NULL, waits[i], NULL));
    puts("ready");
    CHECK0(sigwait(&wake, &got));
    CHECK(semop(semaphore, &(struct sembuf){0, 2, 0}, 1));
    CHECK(write(ends[1], "x", 1));
    int client = (int)CHECK(socket(AF_INET, SOCK_STREAM, 0));
    CHECK(connect(client, (struct sockaddr *)&address, sizeof address));
    for (int i = 0; i < WAITS; i++)
        CHECK0(pthread_join(threads[i], NULL));
    CHECK(semctl(semaphore, 0, IPC_RMID));
    puts("done");
    return 0;
}
