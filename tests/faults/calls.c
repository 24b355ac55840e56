/* Lets the N-th call to the kernel fail, fall short, or be the last one of a process.

   Preloaded, and armed by the process itself when it is ready, so that the start of the interpreter does not count.
   Only calls on standard input, standard output and what lies in one folder count. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define MOST_FILES 1024

enum action { FAIL = 0, FAIL_FROM_THEN_ON = 1, FALL_SHORT = 2, FILL_UP = 3, KILL_BEFORE = 4, KILL_AFTER = 5 };

static const char *armed_call, *armed_folder;
static int armed_number, armed_error;
static enum action armed_action;
static volatile int *count;  /* shared with the process that looks on */
static char is_ours[MOST_FILES];

void arm(const char *call, int number, int action, int error, const char *folder, volatile int *shared_count) {
    armed_folder = strdup(folder);
    armed_number = number;
    armed_action = action;
    armed_error = error;
    count = shared_count;
    is_ours[0] = is_ours[1] = 1;
    armed_call = strdup(call);
    if (number == 0)  /* before all */
        raise(SIGKILL);
}

/* Counts a call, and tells whether it is to fail. */
static int fails(const char *call) {
    if (strcmp(armed_call, call) != 0 && strcmp(armed_call, "any") != 0)
        return 0;
    int number = ++*count;
    if (armed_action == KILL_BEFORE && number == armed_number)
        raise(SIGKILL);
    if (number == armed_number ? armed_action == FAIL || armed_action == FAIL_FROM_THEN_ON
                               : number > armed_number && (armed_action == FAIL_FROM_THEN_ON || armed_action == FILL_UP)) {
        errno = armed_error;
        return 1;
    }
    return 0;
}

static long made(const char *call, long result) {
    if (armed_action == KILL_AFTER && *count == armed_number
        && (strcmp(armed_call, call) == 0 || strcmp(armed_call, "any") == 0))
        raise(SIGKILL);
    return result;
}

static int watches_file(int fd) { return armed_call && fd >= 0 && fd < MOST_FILES && is_ours[fd]; }

static int watches_path(const char *path) {
    return armed_call && (path[0] != '/' || strncmp(path, armed_folder, strlen(armed_folder)) == 0);
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

/* __VA_ARGS__ is the call with its arguments: made for real unless it is watched and is to fail. */
#define COUNTED(watched, name, ...) \
    if (!(watched)) \
        return REAL(name)(__VA_ARGS__); \
    if (fails(#name)) \
        return -1; \
    return made(#name, REAL(name)(__VA_ARGS__))

ssize_t read(int fd, void *buffer, size_t size) { COUNTED(watches_file(fd), read, fd, buffer, size); }
int fchmod(int fd, mode_t mode) { COUNTED(watches_file(fd), fchmod, fd, mode); }
int unlink(const char *path) { COUNTED(watches_path(path), unlink, path); }
int rename(const char *old, const char *new) { COUNTED(watches_path(old), rename, old, new); }
int link(const char *old, const char *new) { COUNTED(watches_path(old), link, old, new); }

int fsync(int fd) {
    if (!watches_file(fd))
        return REAL(fsync)(fd);
    return fails("fsync") ? -1 : made("fsync", 0);  /* no waiting for the disk: what the kernel has outlives a process */
}

ssize_t write(int fd, const void *data, size_t size) {
    if (watches_file(fd) && (armed_action == FALL_SHORT || armed_action == FILL_UP) && *count + 1 == armed_number
        && strcmp(armed_call, "write") == 0 && size > 1)
        size /= 2;
    COUNTED(watches_file(fd), write, fd, data, size);
}

int close(int fd) {
    if (!watches_file(fd))
        return REAL(close)(fd);
    int failing = fails("close");
    is_ours[fd] = 0;
    long result = REAL(close)(fd);  /* Linux closes a file, whatever it says */
    return failing ? -1 : made("close", result);
}

static int open_counted(const char *path, int flags, mode_t mode) {
    int watched = watches_path(path);
    if (watched && fails("open"))
        return -1;
    int fd = REAL(open64)(path, flags, mode);
    if (watched && fd >= 0 && fd < MOST_FILES)
        is_ours[fd] = 1;
    return watched ? made("open", fd) : fd;
}

#define MODE_OF_NEW_FILE(flags) \
    mode_t mode = 0; \
    if (flags & O_CREAT) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode = va_arg(arguments, mode_t); \
        va_end(arguments); \
    }

int open(const char *path, int flags, ...) { MODE_OF_NEW_FILE(flags); return open_counted(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF_NEW_FILE(flags); return open_counted(path, flags, mode); }
