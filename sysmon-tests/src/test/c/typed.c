/*
 * Makes calls whose arguments are structures, in the directory that argv[1] names, and prints what
 * it knows of them as "name=value" lines.
 */
#include "guest.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#ifdef __i386__
#define FSTAT SYS_fstat64
#else
#define FSTAT SYS_fstat
#endif

static void files(void)
{
    int file = CHECK(openat(AT_FDCWD, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    struct iovec parts[] = {{"he", 2}, {"llo\n", 4}};
    CHECK(writev(file, parts, 2));
    struct stat known;
    CHECK(stat("file", &known));
    char kernels[256];
    CHECK(syscall(FSTAT, file, kernels));
    printf("ino=%llu\n", (unsigned long long)known.st_ino);
    printf("mtime=%lld.%09ld\n", (long long)known.st_mtim.tv_sec, (long)known.st_mtim.tv_nsec);
    char buffer[100];
    CHECK(pread(file, buffer, sizeof buffer, 1));
    syscall(FSTAT, 999, kernels);
    syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY, 0);

    int directory = CHECK(openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0));
    CHECK(mkdirat(directory, "sub", 0700));
    CHECK(chdir("sub"));
    CHECK(unlinkat(AT_FDCWD, "../file", 0));
    struct statfs system;
    CHECK(fstatfs(directory, &system));
    CHECK(syscall(SYS_close, directory));
}

static void sockets(void)
{
    int server = CHECK(socket(AF_UNIX, SOCK_STREAM, 0));
    struct sockaddr_un name = {AF_UNIX, "server"};
    CHECK(bind(server, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + 7));
    CHECK(listen(server, 1));
    int client = CHECK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(connect(client, (struct sockaddr *)&name, sizeof name));
    struct sockaddr_un peer;
    socklen_t length = sizeof peer;
    CHECK(accept4(server, (struct sockaddr *)&peer, &length, 0));

    int internet = CHECK(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    CHECK(bind(internet, (struct sockaddr *)&port, sizeof port));
    length = sizeof port;
    CHECK(getsockname(internet, (struct sockaddr *)&port, &length));
    printf("port=%d\n", ntohs(port.sin_port));

    char byte = 'x';
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    *(int *)CMSG_DATA(&control.head) = internet;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(sizeof(int))};
    CHECK(sendmsg(client, &message, MSG_NOSIGNAL));
    printf("passed=%d\n", internet);

    struct pollfd polled[] = {{client, POLLIN | POLLOUT, 0}, {-1, 0, 0}};
    CHECK(poll(polled, 2, 1000));
    int epoll = CHECK(epoll_create1(EPOLL_CLOEXEC));
    struct epoll_event event = {EPOLLIN | EPOLLET, {.u64 = 0x1122334455667788}};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event));
}

int main(int argc, char **argv)
{
    (void)argc;
    line_buffered();
    CHECK(chdir(argv[1]));
    files();
    sockets();
    struct timespec time = {0, 1000};
    nanosleep(&time, NULL);
    signal(SIGUSR1, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct utsname names;
    CHECK(uname(&names));
    printf("release=%s\n", names.release);
    struct sysinfo info;
    CHECK(sysinfo(&info));
    printf("ram=%llu\n", (unsigned long long)info.totalram);
    struct rlimit limit = {20, 30};
    CHECK(setrlimit(RLIMIT_NOFILE, &limit));
    syscall(SYS_execve, "/bin/true", (char *[]){"true", "-x", NULL}, (char *[]){NULL});
    return 1;
}
