/*
 * A client of a file system in user space (FUSE) that honours interrupts: whatever interrupts a
 * call, even for a moment, makes it answer EINTR. Usage: file_server DIRECTORY
 *
 * The client makes its calls until SIGTERM and counts those that were interrupted; the server, its
 * child, takes some time for each, and tells at its end how many it was asked to interrupt. Ends
 * with 77 when it may not mount.
 */
#include "guest.h"
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>

enum { MAY_NOT = 77, MILLIS = 10, FILE_NODE = 2, LINK_NODE = 3 };

static const char TEXT[] = "text";
static char request[1 << 17];
static int device;
static long interrupts;

static void answer(uint64_t unique, int error, const void *data, size_t size)
{
    struct fuse_out_header header = {
        .len = (uint32_t)(sizeof header + size), .error = error, .unique = unique};
    struct iovec parts[] = {{&header, sizeof header}, {(void *)data, size}};
    /* Nobody waits any more for what was interrupted by a kill. */
    if (writev(device, parts, 2) < 0 && errno != ENOENT)
        _exit(20);
}

static struct fuse_attr attributes(uint64_t node)
{
    uint32_t type = node == FUSE_ROOT_ID ? S_IFDIR : node == LINK_NODE ? S_IFLNK : S_IFREG;
    return (struct fuse_attr){
        .ino = node, .mode = type | 0755, .nlink = 1, .size = sizeof TEXT, .blksize = 4096};
}

/* Whether the client is interrupted before the time for its request is over. */
static int is_interrupted(uint64_t unique)
{
    struct pollfd readable = {.fd = device, .events = POLLIN};
    while (poll(&readable, 1, MILLIS) == 1) {
        static char more[1 << 17];
        if (read(device, more, sizeof more) < 0)
            return 0;
        const struct fuse_in_header *in = (void *)more;
        const struct fuse_interrupt_in *interrupted = (void *)(in + 1);
        if (in->opcode == FUSE_INTERRUPT && interrupted->unique == unique)
            return 1;
    }
    return 0;
}

static void serve_one(const struct fuse_in_header *in)
{
    const char *argument = (const char *)(in + 1);
    switch (in->opcode) {
    case FUSE_INIT: {
        struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_FORGET:
    case FUSE_INTERRUPT:
        return;
    case FUSE_FLUSH:
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
        answer(in->unique, 0, NULL, 0);
        return;
    }
    if (is_interrupted(in->unique)) {
        interrupts++;
        answer(in->unique, -EINTR, NULL, 0);
        return;
    }
    switch (in->opcode) {
    case FUSE_LOOKUP: {
        uint64_t node = strcmp(argument, "link") ? FILE_NODE : LINK_NODE;
        struct fuse_entry_out out = {.nodeid = node, .attr = attributes(node)};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_GETATTR: {
        struct fuse_attr_out out = {.attr = attributes(in->nodeid)};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
        struct fuse_open_out out = {.open_flags = FOPEN_DIRECT_IO};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_READ:
    case FUSE_READLINK:
        answer(in->unique, 0, TEXT, sizeof TEXT - 1);
        return;
    case FUSE_WRITE: {
        struct fuse_write_out out = {.size = ((const struct fuse_write_in *)argument)->size};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_READDIR:
    case FUSE_FSYNC:
    case FUSE_ACCESS:
        answer(in->unique, 0, NULL, 0);
        return;
    case FUSE_STATFS: {
        struct fuse_statfs_out out = {.st = {.bsize = 4096}};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_LSEEK: {
        struct fuse_lseek_out out = {.offset = 1};
        answer(in->unique, 0, &out, sizeof out);
        return;
    }
    case FUSE_GETXATTR:
        answer(in->unique, 0, TEXT, sizeof TEXT - 1);
        return;
    }
    answer(in->unique, -ENOSYS, NULL, 0);
}

/* Until the file system is unmounted. */
static void serve(void)
{
    while (read(device, request, sizeof request) > 0)
        serve_one((void *)request);
    printf("%s\n", interrupts ? "was asked to interrupt" : "was never interrupted");
    fflush(stdout);
    _exit(0);
}

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

static long calls, wrong;

static void expect(const char *name, long expected, long result)
{
    calls++;
    if (result != expected && !ended) {
        wrong++;
        printf("%s answered %ld %s\n", name, result, result < 0 ? strerror(errno) : "");
        fflush(stdout);
    }
}

static void make_calls(void)
{
    static char buffer[4096];
    struct stat status;
    struct statfs statistics;
    struct iovec part = {buffer, sizeof buffer};
    long file = syscall(SYS_openat, AT_FDCWD, "file", O_RDWR);
    expect("openat", 0, file < 0 ? -1 : 0);
    expect("newfstatat", 0, syscall(SYS_newfstatat, AT_FDCWD, "file", &status, 0));
    expect("fstat", 0, syscall(SYS_fstat, file, &status));
    expect("read", 4, syscall(SYS_read, file, buffer, sizeof buffer));
    expect("pread64", 4, syscall(SYS_pread64, file, buffer, sizeof buffer, 0L));
    expect("preadv", 4, syscall(SYS_preadv, file, &part, 1, 0L, 0L));
    expect("write", 4, syscall(SYS_write, file, TEXT, 4));
    expect("pwrite64", 4, syscall(SYS_pwrite64, file, TEXT, 4, 0L));
    expect("lseek", 1, syscall(SYS_lseek, file, 0L, SEEK_DATA));
    expect("fsync", 0, syscall(SYS_fsync, file));
    expect("fgetxattr", 4, syscall(SYS_fgetxattr, file, "user.x", buffer, sizeof buffer));
    syscall(SYS_close, file);
    expect("faccessat", 0, syscall(SYS_faccessat, AT_FDCWD, "file", R_OK));
    expect("readlinkat", 4, syscall(SYS_readlinkat, AT_FDCWD, "link", buffer, sizeof buffer));
    expect("statfs", 0, syscall(SYS_statfs, ".", &statistics));
    expect("chdir", 0, syscall(SYS_chdir, "."));
    long directory = syscall(SYS_openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY);
    expect("openat", 0, directory < 0 ? -1 : 0);
    expect("getdents64", 0, syscall(SYS_getdents64, directory, buffer, sizeof buffer));
    syscall(SYS_close, directory);
}

int main(int argc, char **argv)
{
    char options[100];
    if (argc != 2)
        return 1;
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
    if (device < 0 || mount("guest", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
        return MAY_NOT;
    pid_t server = fork();
    if (server == 0)
        serve();
    close(device);
    signal(SIGTERM, end);
    if (chdir(argv[1]) < 0)
        return 2;
    puts("ready");
    fflush(stdout);
    while (!ended)
        make_calls();
    if (chdir("/") < 0 || umount2(argv[1], MNT_DETACH) < 0)
        return 3;
    waitpid(server, NULL, 0);
    printf("%s, %ld wrong\n", calls ? "made calls" : "made none", wrong);
    return 0;
}
