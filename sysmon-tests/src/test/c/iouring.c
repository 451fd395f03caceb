/* File input and output by io_uring, which the kernel's own threads in this process carry out. */
#include "guest.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { ENTRIES = 16, BLOCK = 4096 };

struct ring {
    int fd;
    unsigned *sq_tail, *sq_mask, *sq_array, *sq_flags, *cq_head, *cq_tail, *cq_mask;
    struct io_uring_sqe *sqes;
    struct io_uring_cqe *cqes;
    int polled;
};

static void *map_ring(int fd, size_t size, off_t offset)
{
    return (void *)CHECK(
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset));
}

/* Ends the guest with 77 where io_uring is forbidden. */
static void open_ring(struct ring *ring, unsigned flags)
{
    struct io_uring_params params = {.flags = flags, .sq_thread_idle = 2000};
    ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &params);
    if (ring->fd == -1)
        _exit(77);
    char *sq = map_ring(ring->fd, params.sq_off.array + params.sq_entries * sizeof(unsigned),
                        IORING_OFF_SQ_RING);
    char *cq = map_ring(ring->fd,
                        params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
                        IORING_OFF_CQ_RING);
    ring->sqes = map_ring(ring->fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    ring->sq_tail = (unsigned *)(sq + params.sq_off.tail);
    ring->sq_mask = (unsigned *)(sq + params.sq_off.ring_mask);
    ring->sq_array = (unsigned *)(sq + params.sq_off.array);
    ring->sq_flags = (unsigned *)(sq + params.sq_off.flags);
    ring->cq_head = (unsigned *)(cq + params.cq_off.head);
    ring->cq_tail = (unsigned *)(cq + params.cq_off.tail);
    ring->cq_mask = (unsigned *)(cq + params.cq_off.ring_mask);
    ring->cqes = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
    ring->polled = (flags & IORING_SETUP_SQPOLL) != 0;
}

static void submit(struct ring *ring, int operation, int fd, void *data, unsigned size, long offset)
{
    unsigned tail = *ring->sq_tail, index = tail & *ring->sq_mask;
    ring->sqes[index] = (struct io_uring_sqe){.opcode = operation,
                                              .flags = IOSQE_ASYNC,
                                              .fd = fd,
                                              .addr = (uintptr_t)data,
                                              .len = size,
                                              .off = offset,
                                              .user_data = offset};
    ring->sq_array[index] = index;
    __atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!ring->polled)
        CHECK(syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0));
    else if (__atomic_load_n(ring->sq_flags, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP)
        CHECK(syscall(SYS_io_uring_enter, ring->fd, 1, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0));
}

/* Waits for the next completion, and gives its result. */
static int complete(struct ring *ring)
{
    unsigned head = *ring->cq_head;
    while (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
        if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) == -1
            && errno != EINTR)
            CHECK(-1);
    int result = ring->cqes[head & *ring->cq_mask].res;
    __atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
    return result;
}

/* The kernel's threads of this process. */
static int workers(void)
{
    int count = 0;
    struct dirent *entry;
    DIR *directory = opendir("/proc/self/task");
    while (directory && (entry = readdir(directory))) {
        char path[300], name[32] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen(path, "r");
        if (file && fgets(name, sizeof name, file))
            count += !strncmp(name, "iou-", 4);
        if (file)
            fclose(file);
    }
    closedir(directory);
    return count;
}

static int copy_by_ring(struct ring *ring)
{
    static char data[ENTRIES][BLOCK], copy[ENTRIES][BLOCK];
    int wrong = 0;
    char name[] = "/tmp/iouring-XXXXXX";
    int fd = CHECK(mkstemp(name));
    unlink(name);
    for (int i = 0; i < ENTRIES; i++) {
        memset(data[i], 'a' + i, BLOCK);
        submit(ring, IORING_OP_WRITE, fd, data[i], BLOCK, (long)i * BLOCK);
    }
    for (int i = 0; i < ENTRIES; i++)
        wrong += complete(ring) != BLOCK;
    for (int i = 0; i < ENTRIES; i++)
        submit(ring, IORING_OP_READ, fd, copy[i], BLOCK, (long)i * BLOCK);
    for (int i = 0; i < ENTRIES; i++)
        wrong += complete(ring) != BLOCK;
    close(fd);
    return wrong + (memcmp(data, copy, sizeof data) != 0);
}

static int run(unsigned flags)
{
    struct ring ring;
    open_ring(&ring, flags);
    int wrong = 0;
    for (int i = 0; i < 5; i++)
        wrong += copy_by_ring(&ring);
    printf("%d wrong, %s\n", wrong, workers() ? "with workers" : "without workers");
    return 5;
}

static int mode_files(int argc, char **argv)
{
    (void)argc, (void)argv;
    return run(0);
}

/* A thread of the kernel looks for submissions. */
static int mode_polled(int argc, char **argv)
{
    (void)argc, (void)argv;
    return run(IORING_SETUP_SQPOLL);
}

/* Leaves a worker that waits in a read that nothing will end. */
static void keep_worker(void)
{
    static char byte;
    struct ring *ring = calloc(1, sizeof *ring);
    int fds[2];
    CHECK(pipe(fds));
    open_ring(ring, 0);
    submit(ring, IORING_OP_READ, fds[0], &byte, 1, 0);
    while (!workers())
        usleep(500);
}

static int mode_exit(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int i = 0; i < 10; i++) {
        pid_t child = CHECK(fork());
        if (!child) {
            keep_worker();
            if (i % 2)
                kill(getpid(), SIGKILL);
            _exit(6);
        }
        reap("child", child);
    }
    return 0;
}

static int mode_exec(int argc, char **argv)
{
    int rounds = argc > 0 ? atoi(argv[0]) : 10;
    if (rounds == 0) {
        printf("%s\n", workers() ? "with workers" : "without workers");
        return 7;
    }
    char left[12];
    sprintf(left, "%d", rounds - 1);
    keep_worker();
    execl("/proc/self/exe", "iouring", "exec", left, (char *)NULL);
    return 97;
}

/* A worker opens a pipe that nobody writes to, until it is told to write itself. */
static int mode_waits(int argc, char **argv)
{
    (void)argc;
    struct ring ring;
    char line[16];
    open_ring(&ring, 0);
    CHECK(mknod(argv[0], S_IFIFO | 0600, 0));
    submit(&ring, IORING_OP_OPENAT, AT_FDCWD, argv[0], 0, 0);
    while (!workers())
        usleep(500);
    printf("waits\n");
    while (fgets(line, sizeof line, stdin) && strcmp(line, "write\n"))
        printf("%s", line);
    int writer = CHECK(open(argv[0], O_WRONLY));
    printf("opened %d\n", complete(&ring) >= 0);
    close(writer);
    return 8;
}

static const struct mode modes[] = {
    {"files", mode_files},
    {"polled", mode_polled},
    {"exit", mode_exit},
    {"exec", mode_exec},
    {"waits", mode_waits},
    {NULL, NULL}};

int main(int argc, char **argv)
{
    return run_mode(modes, argc, argv);
}
