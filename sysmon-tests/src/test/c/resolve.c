/*
 * resolve HOW DIRECTORY PATH...: writes to each PATH that openat2(2) opens or makes in DIRECTORY
 * with the bits HOW of resolve; says what each call returned.
 */
#include "guest.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

int main(int argc, char **argv)
{
    struct open_how how = {.flags = O_WRONLY | O_CREAT, .mode = 0600};
    int directory;
    CHECK(argc > 3 ? 0 : -1);
    how.resolve = strtoul(argv[1], NULL, 0);
    directory = CHECK(open(argv[2], O_PATH | O_DIRECTORY));
    line_buffered();
    for (int i = 3; i < argc; i++) {
        int fd = syscall(SYS_openat2, directory, argv[i], &how, sizeof how);
        puts(fd < 0 ? strerror(errno) : "opened");
        if (fd >= 0)
            CHECK(write(fd, "x", 1)), close(fd);
    }
    return 0;
}
