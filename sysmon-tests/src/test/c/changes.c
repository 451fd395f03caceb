/*
 * changes DIRECTORY: makes names in it, and changes the attributes of its FILE, by all calls there
 * are for it. Says of each that fails with another error than EPERM, and how many were refused.
 */
#include "guest.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <utime.h>

static int refused, done;

static void count(const char *call, long result)
{
    if (result >= 0)
        done++;
    else if (errno == EPERM)
        refused++;
    else
        printf("%s: %s\n", call, strerror(errno));
}

#define COUNT(call) count(#call, call)

int main(int argc, char **argv)
{
    struct sockaddr_un name = {AF_UNIX, "socket"};
    struct timespec times[2] = {{1, 0}, {1, 0}};
    int dir, fd;
    CHECK(argc == 2 ? chdir(argv[1]) : -1);
    dir = CHECK(open(".", O_RDONLY));
    fd = CHECK(open("file", O_RDONLY));
    COUNT(mkdirat(dir, "1", 0700));
    COUNT(mknodat(dir, "2", S_IFIFO | 0600, 0));
    COUNT(symlinkat("x", dir, "3"));
    COUNT(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name));
    COUNT(fchmod(fd, 0600));
    COUNT(fchmodat(dir, "file", 0600, 0));
    COUNT(fchown(fd, -1, -1));
    COUNT(fchownat(dir, "file", -1, -1, 0));
    COUNT(fchownat(fd, "", -1, -1, AT_EMPTY_PATH));
    COUNT(utimensat(dir, "file", times, 0));
    COUNT(futimens(fd, times));
    COUNT(setxattr("file", "user.x", "x", 1, 0));
    COUNT(lsetxattr("file", "user.x", "x", 1, 0));
    COUNT(fsetxattr(fd, "user.x", "x", 1, 0));
    COUNT(lremovexattr("file", "user.x"));
    COUNT(truncate("file", 1));
#ifdef SYS_mkdir
    COUNT(syscall(SYS_mkdir, "4", 0700));
    COUNT(syscall(SYS_mknod, "5", S_IFIFO | 0600, 0));
    COUNT(syscall(SYS_symlink, "x", "6"));
    COUNT(syscall(SYS_chmod, "file", 0600));
    COUNT(syscall(SYS_chown, "file", -1, -1));
    COUNT(syscall(SYS_lchown, "file", -1, -1));
    COUNT(syscall(SYS_utime, "file", NULL));
    COUNT(syscall(SYS_utimes, "file", NULL));
    COUNT(syscall(SYS_futimesat, dir, "file", NULL));
    COUNT(syscall(SYS_futimesat, fd, NULL, NULL));
#endif
    printf("%d refused, %d done\n", refused, done);
    return 0;
}
