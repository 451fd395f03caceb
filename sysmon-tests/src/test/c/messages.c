/*
 * messages PORT OTHER_PORT: sends three messages of 1, 2 and 3 bytes to 127.0.0.1 at once, the last
 * one to the other port; in 32 bits by socketcall(2). Then one by a socket that is connected, and
 * none. Says what each call returned, and how much of each message it says to have sent.
 */
#include "guest.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifdef SYS_socketcall
#include <linux/net.h>
#define SEND(...) syscall(SYS_socketcall, SYS_SENDMMSG, (long[]){__VA_ARGS__})
#else
#define SEND(...) syscall(SYS_sendmmsg, __VA_ARGS__)
#endif

int main(int argc, char **argv)
{
    struct sockaddr_in to[3];
    struct iovec texts[3];
    struct mmsghdr messages[3];
    int fd = CHECK(socket(AF_INET, SOCK_DGRAM, 0));
    long sent;
    CHECK(argc == 3 ? 0 : -1);
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 3; i++) {
        to[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        to[i].sin_port = htons((unsigned short)atoi(argv[i < 2 ? 1 : 2]));
        texts[i] = (struct iovec){"xxx", i + 1};
        messages[i].msg_hdr.msg_iov = &texts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &to[i];
        messages[i].msg_hdr.msg_namelen = sizeof to[i];
    }
    sent = SEND(fd, (long)messages, 3, 0);
    printf("%s", sent < 0 ? strerror(errno) : "sent");
    for (int i = 0; i < 3; i++)
        printf(" %u", messages[i].msg_len);
    CHECK(connect(fd, (struct sockaddr *)&to[0], sizeof to[0]));
    messages[1].msg_hdr.msg_name = NULL;
    sent = SEND(fd, (long)&messages[1], 1, 0);
    printf("\n%ld %u\n", sent, messages[1].msg_len);
    printf("%ld\n", (long)SEND(fd, (long)messages, 0, 0));
    return 0;
}
