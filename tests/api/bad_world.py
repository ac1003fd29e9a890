"""A machine that goes wrong on demand, put under the server by LD_PRELOAD: a disk without room, a disk whose syncs fail, a
clock that jumps, a disk that hangs; of the whole machine or of the record alone. The test writes to a file that both sides map: no privileges, no time of its own."""
import mmap
import os
import shutil
import struct
import subprocess
import unittest

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static volatile struct { int64_t full, no_sync, ahead_s, record_only, hang, given; } *world;
enum { FULL_BUT_RESERVE = 2 }; /* no room left but what the file `reserve` takes */

__attribute__((constructor)) static void begin(void) {
    int fd = open(getenv("BAD_WORLD"), O_RDWR);
    world = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
}
/* record.db and its log; or every file. */
static int concerns(int fd) {
    char name[64], path[4096];
    if (!world->record_only) return 1;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strstr(path, "/record.db") != NULL;
}
static int is_full(void) { return world->full == FULL_BUT_RESERVE ? !world->given : world->full != 0; }
int unlink(const char *path) {
    static int (*real)(const char *);
    if (!real) real = dlsym(RTLD_NEXT, "unlink");
    int failed = real(path);
    size_t n = strlen(path);
    if (!failed && world->full == FULL_BUT_RESERVE && n > 8 && !strcmp(path + n - 8, "/reserve")) world->given = 1;
    return failed;
}
int statvfs64(const char *path, struct statvfs64 *info) {
    static int (*real)(const char *, struct statvfs64 *);
    if (!real) real = dlsym(RTLD_NEXT, "statvfs64");
    int failed = real(path, info);
    if (!failed && world->full) info->f_bavail = 0;
    return failed;
}
int statvfs(const char *path, struct statvfs *info) { return statvfs64(path, (struct statvfs64 *)info); }
/* Sockets and pipes are written with other calls. */
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    if (is_full() && concerns(fd)) return errno = ENOSPC, -1;
    return real(fd, bytes, n, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { return pwrite64(fd, bytes, n, at); }
int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    while (world->hang && concerns(fd)) usleep(10000);
    if (world->no_sync && concerns(fd)) return errno = EIO, -1;
    return real(fd);
}
int fsync(int fd) { return fdatasync(fd); }
int clock_gettime(clockid_t id, struct timespec *t) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, t);
    if (!failed && id == CLOCK_REALTIME) t->tv_sec += world->ahead_s;
    return failed;
}
"""


class BadWorld:
    """`env` for the server; then full(True), no_sync(True), ahead(seconds)."""

    def __init__(self, folder):
        compiler = shutil.which("gcc") or shutil.which("cc")
        if not compiler:
            raise unittest.SkipTest("no C compiler")
        library, state = os.path.join(folder, "bad_world.so"), os.path.join(folder, "bad_world")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", library, "-ldl"], input=SHIM.encode(), check=True)
        with open(state, "wb") as f:
            f.write(bytes(4096))
        self.file = open(state, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 4096)
        self.env = {"LD_PRELOAD": library, "BAD_WORLD": state}

    def set(self, at, value):
        self.map[at * 8:at * 8 + 8] = struct.pack("=q", value)

    def full(self, is_full):
        self.set(0, int(is_full))

    def full_but_reserve(self):
        """The disk is full; what the site's reserve takes becomes free when that is deleted."""
        self.set(5, 0)
        self.set(0, 2)

    def no_sync(self, fails):
        self.set(1, int(fails))

    def record_only(self, only):
        """Faults of the disk concern record.db and its log alone."""
        self.set(3, int(only))

    def hang(self, hangs):
        """Syncs do not return while it hangs."""
        self.set(4, int(hangs))

    def ahead(self, seconds):
        self.set(2, seconds)

    def close(self):
        self.map.close()
        self.file.close()
