/* Sits in vfork, because its child only pauses. */
#define _GNU_SOURCE
#include <unistd.h>

int main(void)
{
    if (vfork() == 0) {
        for (;;)
            pause();
    }
    return 0;
}
