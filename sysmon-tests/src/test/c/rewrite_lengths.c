/* Writes whose length and result others change. */
#include "guest.h"
#include <fcntl.h>

/* lines COUNT: writes all of a line, as often as it takes, and tells how often that was. */
static int lines(int argc, char **argv)
{
    (void)argc;
    for (int i = atoi(argv[0]); i; i--) {
        const char *rest = "hello, world\n";
        size_t left = strlen(rest);
        int calls = 0;
        while (left) {
            ssize_t done = CHECK(write(1, rest, left));
            rest += done;
            left -= done;
            calls++;
        }
        dprintf(2, "%d calls\n", calls);
    }
    return 0;
}

/* A pipe that is full at 4096 bytes and does not wait. */
static int full_pipe(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    static char bytes[5000], got[8192];
    int ends[2];
    CHECK(pipe2(ends, O_NONBLOCK));
    CHECK(fcntl(ends[1], F_SETPIPE_SZ, 4096));
    memset(bytes, 'a', sizeof bytes);
    long first = write(ends[1], bytes, sizeof bytes);
    long second = write(ends[1], bytes, sizeof bytes);
    int error = second == -1 ? errno : 0;
    long length = read(ends[0], got, sizeof got);
    long strange = 0;
    for (long i = 0; i < length; i++)
        strange += got[i] != 'B';
    printf("%ld, then %ld %s; %ld read, %ld strange\n", first, second, strerror(error), length,
           strange);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct mode modes[] = {{"lines", lines}, {"full_pipe", full_pipe}, {0}};
    return run_mode(modes, argc, argv);
}
