/* A library for LD_PRELOAD: the FAIL_AT-th call that a program makes to a file fails once with FAIL_WITH (a number of errno), as a disk
 * does. How many calls there were is written to FAIL_COUNT when it ends. Only what changes or reads files is counted, so that
 * the same work makes the same calls. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static int fails(void) {
    const char *at = getenv("FAIL_AT"), *with = getenv("FAIL_WITH");
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) != (at ? strtol(at, NULL, 10) : 0)) return 0;
    errno = with ? (int)strtol(with, NULL, 10) : EIO;
    return 1;
}

#define NEXT(name)                                                                                           \
    static __typeof__(name) *next;                                                                           \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t length) {
    NEXT(write);
    return file > 2 && fails() ? -1 : next(file, bytes, length);
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
    NEXT(pwrite64);
    return fails() ? -1 : next(file, bytes, length, at);
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
    return pwrite64(file, bytes, length, at);
}
ssize_t read(int file, void *bytes, size_t length) {
    NEXT(read);
    return fails() ? -1 : next(file, bytes, length);
}
ssize_t pread64(int file, void *bytes, size_t length, off64_t at) {
    NEXT(pread64);
    return fails() ? -1 : next(file, bytes, length, at);
}
ssize_t pread(int file, void *bytes, size_t length, off_t at) {
    return pread64(file, bytes, length, at);
}
int fsync(int file) {
    NEXT(fsync);
    return fails() ? -1 : next(file);
}
int fdatasync(int file) {
    NEXT(fdatasync);
    return fails() ? -1 : next(file);
}
int syncfs(int file) {
    NEXT(syncfs);
    return fails() ? -1 : next(file);
}
int ftruncate64(int file, off64_t length) {
    NEXT(ftruncate64);
    return fails() ? -1 : next(file, length);
}
int ftruncate(int file, off_t length) {
    return ftruncate64(file, length);
}
int rename(const char *from, const char *to) {
    NEXT(rename);
    return fails() ? -1 : next(from, to);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    NEXT(renameat2);
    return fails() ? -1 : next(from_folder, from, to_folder, to, flags);
}
int open64(const char *path, int flags, ...) {
    NEXT(open64);
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails() ? -1 : next(path, flags, mode);
}
int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}

__attribute__((destructor)) static void tell(void) {
    const char *count = getenv("FAIL_COUNT");
    FILE *file = count ? fopen(count, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", calls);
    (void)fclose(file);
}
