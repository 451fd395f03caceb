/* A tree of processes that are all alive at once, each of which ends in its own way and is reaped. */
#include "guest.h"
#include <signal.h>
#include <stdbool.h>

enum { MOST_CHILDREN = 8 };

struct place {
    int depth; /* levels below this node */
    int width;
    int number;
    int ready; /* takes a byte from each node that has all its children */
    int go;    /* at its end when all nodes are there */
};

/* Goes on as another image of this program. */
static void become_program(struct place place)
{
    char texts[5][12];
    char *argv[7] = {"storm"};
    int values[] = {place.depth, place.width, place.number, place.ready, place.go};
    for (int i = 0; i < 5; i++) {
        sprintf(texts[i], "%d", values[i]);
        argv[i + 1] = texts[i];
    }
    execv("/proc/self/exe", argv);
    _exit(97);
}

static bool is_as_expected(int number, int status)
{
    return number % 7 == 0 ? WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM
                           : WIFEXITED(status) && WEXITSTATUS(status) == number % 200;
}

static void end_as(int number)
{
    if (number % 7 == 0) {
        signal(SIGTERM, SIG_DFL);
        raise(SIGTERM);
    }
    _exit(number % 200);
}

static void be_node(struct place place)
{
    pid_t children[MOST_CHILDREN];
    int made = 0;
    char byte = 0;
    while (place.depth > 0 && made < place.width) {
        int number = place.number * place.width + made + 1;
        children[made] = CHECK(fork());
        if (children[made]) {
            made++;
            continue;
        }
        place.depth--;
        place.number = number;
        made = 0;
        if (number % 3 == 0)
            become_program(place);
    }
    CHECK(write(place.ready, &byte, 1));
    close(place.ready);
    if (CHECK(read(place.go, &byte, 1)) != 0)
        _exit(201);
    for (int i = 0; i < made; i++) {
        int status;
        pid_t got = waitpid(children[i], &status, 0);
        if (got != children[i] || !is_as_expected(place.number * place.width + i + 1, status))
            _exit(202);
    }
    end_as(place.number);
}

int main(int argc, char **argv)
{
    line_buffered();
    if (argc == 6)
        be_node((struct place){atoi(argv[1]), atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5])});
    int depth = atoi(argv[1]), width = atoi(argv[2]), ready[2], go[2];
    CHECK(pipe(ready));
    CHECK(pipe(go));
    pid_t root = CHECK(fork());
    if (!root) {
        close(ready[0]);
        close(go[1]);
        be_node((struct place){depth, width, 1, ready[1], go[0]});
    }
    close(ready[1]);
    close(go[0]);
    int nodes = 1;
    for (int level = depth, row = 1; level > 0; level--)
        nodes += row *= width;
    char byte;
    for (int i = 0; i < nodes; i++)
        if (CHECK(read(ready[0], &byte, 1)) != 1)
            printf("a node is missing\n");
    printf("%d alive at once\n", nodes);
    close(go[1]);
    reap("root", root);
    return 0;
}
