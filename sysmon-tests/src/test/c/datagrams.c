/*
 * datagrams PORT: sends datagrams to 127.0.0.1, twice by sendto and once by sendmsg from one socket,
 * and from another one that it connects; in 32 bits by socketcall(2). Says what each call returned.
 */
#include "guest.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifdef SYS_socketcall
#include <linux/net.h>
#define SOCKET_CALL(name, ...) syscall(SYS_socketcall, SYS_##name, (long[]){__VA_ARGS__})
#else
#define SOCKET_CALL(name, ...) syscall(CALL_##name, __VA_ARGS__)
#define CALL_CONNECT SYS_connect
#define CALL_SENDTO SYS_sendto
#define CALL_SENDMSG SYS_sendmsg
#endif

static void say(const char *call, long result)
{
    printf("%s %s\n", call, result < 0 ? strerror(errno) : "ok");
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct iovec text = {"x", 1};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &text, .msg_iovlen = 1};
    long one = CHECK(socket(AF_INET, SOCK_DGRAM, 0));
    long other = CHECK(socket(AF_INET, SOCK_DGRAM, 0));
    CHECK(argc == 2 ? 0 : -1);
    to.sin_port = htons((unsigned short)atoi(argv[1]));
    line_buffered();
    for (int i = 0; i < 2; i++)
        say("sendto", SOCKET_CALL(SENDTO, one, (long)"x", 1, 0, (long)&to, sizeof to));
    say("sendmsg", SOCKET_CALL(SENDMSG, one, (long)&message, 0));
    say("connect", SOCKET_CALL(CONNECT, other, (long)&to, sizeof to));
    say("sendto", SOCKET_CALL(SENDTO, other, (long)"x", 1, 0, 0, 0));
    return 0;
}
