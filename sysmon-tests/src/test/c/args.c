/* Prints its arguments and its environment, a string a line, as hexadecimal bytes. */
#include <stdio.h>

extern char **environ;

static void print(const char *kind, char **strings)
{
    for (; *strings; strings++) {
        printf("%s ", kind);
        for (const unsigned char *c = (unsigned char *)*strings; *c; c++)
            printf("%02x", *c);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    print("arg", argv);
    print("env", environ);
    return 0;
}
