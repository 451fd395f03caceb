/* Calls that are given memory whose pages a thread of the program serves when they are asked for. */
#include "guest.h"
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { PAGE = 4096, PAGES = 8 };

static int faults;

static void *serve(void *arg)
{
    (void)arg;
    static char page[PAGE] __attribute__((aligned(PAGE))) = "/no/such/file";
    struct uffd_msg message;
    while (read(faults, &message, sizeof message) == sizeof message) {
        struct uffdio_copy copy = {.dst = message.arg.pagefault.address & -(unsigned long)PAGE,
                                   .src = (unsigned long)page,
                                   .len = PAGE};
        /* A thread that is interrupted while it waits for its page asks twice. */
        if (ioctl(faults, UFFDIO_COPY, &copy) == -1 && errno != EEXIST)
            CHECK(-1);
    }
    return NULL;
}

static void ask(const char *way)
{
    if (!strcmp(way, "device"))
        faults = ioctl(CHECK(open("/dev/userfaultfd", O_RDWR | O_CLOEXEC)), 0xaa00, O_CLOEXEC);
    else
        faults = syscall(SYS_userfaultfd, O_CLOEXEC);
    if (faults < 0) {
        printf("not here: %s\n", strerror(errno));
        exit(77);
    }
}

int main(int argc, char **argv)
{
    line_buffered();
    ask(argc > 1 ? argv[1] : "");
    struct uffdio_api api = {.api = UFFD_API};
    CHECK(ioctl(faults, UFFDIO_API, &api));
    char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register range = {.range = {(unsigned long)area, PAGES * PAGE},
                                    .mode = UFFDIO_REGISTER_MODE_MISSING};
    CHECK(ioctl(faults, UFFDIO_REGISTER, &range));
    pthread_t thread;
    CHECK0(pthread_create(&thread, NULL, serve, NULL));
    if (argc > 1 && !strcmp(argv[1], "told")) {
        char line[8];
        printf("ready\n");
        CHECK(read(0, line, sizeof line));
    }
    printf("open: %s\n", open(area, O_RDONLY) == -1 ? strerror(errno) : "there");
    int ends[2];
    CHECK(pipe(ends));
    printf("write: %ld\n", (long)write(ends[1], area + PAGE, 13));
    printf("read: %ld\n", (long)read(ends[0], area + 2 * PAGE, 13));
    printf("%s %s\n", area + 2 * PAGE, area + 3 * PAGE);
    /* Across the border of a page that is there and one that is not. */
    printf("write: %ld\n", (long)write(ends[1], area + 4 * PAGE - 10, 20));
    return 0;
}
