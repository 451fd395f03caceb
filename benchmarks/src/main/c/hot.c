/* hot getppid|access CALLS: makes one system call over and over, and prints its cost. */
#include "timing.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    print_cost(argv[1], atol(argv[2]));
    return 0;
}
