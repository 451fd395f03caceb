/*
 * Makes every system call with random arguments: random_calls DIRECTORY SEED [i386].
 *
 * So that the machine comes to no harm: in namespaces of its own and an empty, small file system over DIRECTORY, as a
 * user without capabilities, with limits, and without the calls that would reach further if all that failed. Exits with
 * 77 where there can be no such place.
 *
 * A child for each call (for many, where the kernel has none of that number), which marks it first:
 *
 *   getppid(MARK, place, number); call number
 *
 * and one line for each on standard output: place, number, and whether the child was killed because it blocked.
 */
#include "guest.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

enum {
    MARK = 0x5eed,
    NUMBERS = 1024,
    /* Numbers from here on are no calls yet. */
    UNKNOWN = 500,
    NOBODY = 65534,
    PAGE = 4096,
    PAGES = 16,
    BLOCKED_MILLIS = 50,
    NO_PLACE = 77
};

#define MEMORY 0x10000000L
#define MEMORY_END (MEMORY + PAGES * PAGE)

static uint64_t seed;
static int foreign;
/* The place of the call that is being made; shared with the children. */
static volatile long *made;

#ifdef __x86_64__
static const long odd[] = {-1,         0x7fffffff,       0x80000000L,      1L << 32 | 39,
                           0x40000000, 0x40000000 | 16,  0x40000000 | 39,  0x40000000 | 59,
                           0x40000000 | 512, 0x40000000 | 520, 0x40000000 | 547, 0x40000000 | 999};

static long native(long number, const long *args)
{
    register long r10 __asm__("r10") = args[3];
    register long r8 __asm__("r8") = args[4];
    register long r9 __asm__("r9") = args[5];
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* rbp is the sixth argument. */
static long i386(long number, const long *args)
{
    long result;
    __asm__ volatile("push %%rbp\n\tmov 40(%[args]), %%rbp\n\tint $0x80\n\tpop %%rbp"
                     : "=a"(result)
                     : "a"(number), "b"(args[0]), "c"(args[1]), "d"(args[2]), "S"(args[3]), "D"(args[4]),
                       [args] "r"(args)
                     : "r8", "r9", "r10", "r11", "memory");
    return result;
}

/*
 * reboot kexec_load kexec_file_load swapon swapoff settimeofday stime clock_settime clock_adjtime adjtimex
 * clock_settime64 clock_adjtime64 init_module delete_module finit_module sync syncfs
 */
static const short harmful_native[] = {169, 246, 320, 167, 168, 164, 227, 305, 159, 175, 176, 313, 162, 306, 0};
static const short harmful_i386[] = {88, 283, 87, 115, 79, 25, 264, 343, 124, 404, 405, 128, 129, 350, 36, 344, 0};
enum { SOCKET = 41, SOCKETPAIR = 53, SOCKET_I386 = 359, SOCKETPAIR_I386 = 360, SOCKETCALL_I386 = 102 };
#else
static const long odd[] = {-1, 0x7fffffff, 0x80000000L, 1L << 32 | 172};

static long native(long number, const long *args)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = args[0];
    register long x1 __asm__("x1") = args[1];
    register long x2 __asm__("x2") = args[2];
    register long x3 __asm__("x3") = args[3];
    register long x4 __asm__("x4") = args[4];
    register long x5 __asm__("x5") = args[5];
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

static long i386(long number, const long *args)
{
    return native(number, args);
}

static const short harmful_native[] = {142, 104, 294, 224, 225, 170, 112, 266, 171, 105, 106, 273, 81, 267, 0};
static const short harmful_i386[] = {0};
enum { SOCKET = 198, SOCKETPAIR = 199, SOCKET_I386 = -2, SOCKETPAIR_I386 = -2, SOCKETCALL_I386 = -2 };
#endif

enum { ODD = sizeof odd / sizeof *odd };

static int is_harmful(long number)
{
    for (const short *each = foreign ? harmful_i386 : harmful_native; *each; each++)
        if (number == *each)
            return 1;
    return 0;
}

/* The kernel looks at 32 bits of it. */
static long number_at(long place)
{
    return place < NUMBERS ? place : odd[place - NUMBERS];
}

/* The same for the same seed and place: splitmix64. */
static uint64_t chance(long place, int index)
{
    uint64_t value = seed * 0x9e3779b97f4a7c15u + place * 0xbf58476d1ce4e5b9u + index * 0x94d049bb133111ebu;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static long value_at(long place, int index)
{
    uint64_t random = chance(place, index);
    uint64_t rest = random >> 8;
    switch (random & 7) {
    case 0:
        return 0;
    case 1:
        return (long)(rest % 80) - 5;
    case 2:
        return rest % 14;
    case 3:
        return 1L << rest % 64;
    case 4:
        return chance(place, index + 100);
    case 5:
        return MEMORY_END - rest % 64;
    default:
        return MEMORY + rest % (PAGES * PAGE);
    }
}

/* Calls that have a socket made of any family would make the kernel load a module for it. */
static void arguments(long place, long number, long *args)
{
    for (int i = 0; i < 6; i++)
        args[i] = foreign ? (long)(uint32_t)value_at(place, i) : value_at(place, i);
    if (number == (foreign ? SOCKET_I386 : SOCKET) || number == (foreign ? SOCKETPAIR_I386 : SOCKETPAIR))
        args[0] = args[0] & 1 ? AF_UNIX : -1;
    if (foreign && number == SOCKETCALL_I386 && (args[0] == 1 || args[0] == 8))
        args[0] = 4;
}

static void child(long first, long last)
{
    for (long place = first; place < last; place++) {
        long number = number_at(place), args[6], mark[6] = {MARK, place, number};
        arguments(place, number, args);
        native(__NR_getppid, mark);
        *made = place;
        if (foreign)
            i386(number, args);
        else
            native(number, args);
    }
    static const long none[6];
    for (;;)
        native(__NR_exit_group, none);
}

/* Nothing of what the caller is to a process without a name. */
static void drop_privileges(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {0};
    CHECK(setsid());
    if (geteuid() == 0) {
        CHECK(setresgid(NOBODY, NOBODY, NOBODY));
        CHECK(setresuid(NOBODY, NOBODY, NOBODY));
    }
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(syscall(__NR_capset, &header, none));
}

static void limit(int resource, long value)
{
    struct rlimit limit = {value, value};
    CHECK(setrlimit(resource, &limit));
}

static void limits(void)
{
    limit(RLIMIT_AS, 256L << 20);
    limit(RLIMIT_FSIZE, 1 << 20);
    limit(RLIMIT_CPU, 60);
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_MEMLOCK, 64 << 10);
    limit(RLIMIT_MSGQUEUE, 64 << 10);
}

/* Files of each kind as 3 to 13. */
static void open_files(void)
{
    int pair[2];
    CHECK(open(".", O_RDONLY | O_DIRECTORY));
    CHECK(open("file", O_RDWR | O_CREAT, 0666));
    CHECK(pipe(pair));
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    CHECK(eventfd(0, 0));
    CHECK(epoll_create(1));
    CHECK(timerfd_create(CLOCK_MONOTONIC, 0));
}

/* Random bytes, small words, strings, and addresses of all that; after its end nothing is mapped. */
static void fill_memory(void)
{
    CHECK(mmap((void *)MEMORY, PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    for (int page = 0; page < PAGES; page++) {
        uint64_t *words = (uint64_t *)(MEMORY + page * PAGE);
        for (int i = 0; i < PAGE / 8; i++) {
            uint64_t random = chance(-1 - page, i);
            switch (page % 4) {
            case 0:
                words[i] = random;
                break;
            case 1:
                words[i] = random & 0x1f0000001fu;
                break;
            case 2:
                words[i] = value_at(-1 - page, i);
                break;
            default:
                memcpy(words + i, i & 1 ? "file\0.\0" : "a\0../b\0", 8);
            }
        }
    }
}

static void write_file(const char *path, const char *format, unsigned id)
{
    int file = open(path, O_WRONLY);
    if (file == -1 || dprintf(file, format, id, id) < 0)
        _exit(NO_PLACE);
    close(file);
}

/* Without a map, the user of a new namespace can make no files. */
static void map_user(uid_t user, gid_t group)
{
    write_file("/proc/self/setgroups", "deny", 0);
    write_file("/proc/self/uid_map", "%u %u 1", user);
    write_file("/proc/self/gid_map", "%u %u 1", group);
}

/* A place where nothing can go wrong, as its first process; returns 0 in it. */
static pid_t enter_place(const char *directory)
{
    int flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    uid_t user = geteuid();
    gid_t group = getegid();
    if (unshare(user ? flags | CLONE_NEWUSER : flags))
        _exit(NO_PLACE);
    if (user)
        map_user(user, group);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)
        || mount("none", directory, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,nr_inodes=1000,mode=777"))
        _exit(NO_PLACE);
    CHECK(chdir(directory));
    CHECK(chroot("."));
    return CHECK(fork());
}

/* Returns the place after the last call that was made. */
static long make(long first, long last)
{
    long before = *made = -1;
    pid_t pid = CHECK(fork());
    if (pid == 0) {
        drop_privileges();
        CHECK(close_range(0, 2, 0));
        child(first, last);
    }
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    int killed = 0;
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        struct timespec limit = {0, BLOCKED_MILLIS * 1000000};
        int timeout = sigtimedwait(&child_ended, NULL, &limit) == -1 && errno == EAGAIN;
        if (timeout && *made >= 0 && *made == before) {
            killed = 1;
            break;
        }
        before = *made;
    }
    /* It, and what it made. */
    CHECK(getpid() == 1 ? 0 : -1);
    kill(-1, SIGKILL);
    while (wait(NULL) > 0)
        ;
    CHECK(*made < first ? -1 : 0);
    for (long place = first; place <= *made; place++)
        printf("%ld %d%s\n", place, (int)number_at(place), killed && place == *made ? " killed" : "");
    return *made + 1;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 98;
    seed = strtoull(argv[2], NULL, 0);
    foreign = argc > 3;
    pid_t supervisor = enter_place(argv[1]);
    if (supervisor) {
        int status;
        CHECK(waitpid(supervisor, &status, 0));
        return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
    }
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &child_ended, NULL));
    made = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(made == MAP_FAILED ? -1 : 0);
    fill_memory();
    open_files();
    limits();
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (long place = 0; place < NUMBERS + ODD;) {
        if (is_harmful(number_at(place)))
            place++;
        else if (place < UNKNOWN || place >= NUMBERS)
            place = make(place, place + 1);
        else
            place = make(place, NUMBERS);
        fflush(stdout);
    }
    return 0;
}
