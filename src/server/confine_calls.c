/* System calls: a seccomp filter (libseccomp writes it). What the table allows, and nothing else. A call that is not in it is answered as
 * if the kernel did not know it (ENOSYS), so that a newer C library falls back to an older one; those that an intruder would want first
 * are refused by name (EPERM). The process is not killed: a desk that goes on without something is better than none. O(rows). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "server/confine.h"

enum { NAMES_MAX = 40, SOCKET_TYPE = 0xf };

static const struct {
    const char *why;
    const char *names[NAMES_MAX];
} allowed[] = {
    {"memory",
     {"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock", "msync", "mincore", "membarrier"}},
    {"files that are open",
     {"read",        "write",      "readv",   "writev",    "pread64",     "pwrite64",       "preadv",
      "pwritev",     "lseek",      "_llseek", "close",     "fstat",       "fstat64",        "ftruncate",
      "ftruncate64", "fallocate",  "fsync",   "fdatasync", "flock",       "fcntl",          "fcntl64",
      "dup",         "dup2",       "dup3",    "sendfile",  "sendfile64",  "fadvise64",      "fadvise64_64",
      "getdents",    "getdents64", "fchmod",  "fchown",    "close_range", "sync_file_range"}},
    {"files by name: Landlock says which",
     {"open",     "openat",     "openat2",   "creat",    "stat",      "lstat",     "stat64",
      "lstat64",  "newfstatat", "fstatat64", "statx",    "access",    "faccessat", "faccessat2",
      "readlink", "readlinkat", "rename",    "renameat", "renameat2", "unlink",    "unlinkat",
      "mkdir",    "mkdirat",    "rmdir",     "chmod",    "fchmodat",  "chown",     "fchownat",
      "truncate", "truncate64", "utimensat", "statfs",   "statfs64",  "fstatfs",   "fstatfs64",
      "getcwd",   "umask",      "link",      "linkat"}},
    {"connections",
     {"accept", "accept4", "listen", "bind", "connect", "recvfrom", "recvmsg", "sendto", "sendmsg",
      "sendmmsg", "recv", "send", "shutdown", "getsockname", "getpeername", "getsockopt", "setsockopt",
      "socketpair"}},
    {"waiting",
     {"epoll_create",
      "epoll_create1",
      "epoll_ctl",
      "epoll_wait",
      "epoll_pwait",
      "epoll_pwait2",
      "poll",
      "ppoll",
      "select",
      "_newselect",
      "pselect6",
      "eventfd2",
      "eventfd",
      "pipe",
      "pipe2",
      "futex",
      "futex_waitv",
      "nanosleep",
      "clock_nanosleep",
      "restart_syscall",
      "sched_yield"}},
    {"time",
     {"clock_gettime", "clock_getres", "gettimeofday", "time", "times", "adjtimex", "clock_gettime64"}},
    {"threads and signals of this process",
     {"exit",
      "exit_group",
      "set_robust_list",
      "get_robust_list",
      "set_tid_address",
      "rseq",
      "gettid",
      "getpid",
      "getppid",
      "rt_sigaction",
      "rt_sigprocmask",
      "rt_sigreturn",
      "rt_sigtimedwait",
      "rt_sigpending",
      "rt_sigsuspend",
      "sigaltstack",
      "sched_getaffinity",
      "sched_setaffinity",
      "setpriority",
      "getpriority",
      "sched_getparam",
      "sched_getscheduler",
      "sched_setscheduler",
      "sched_setattr",
      "sched_get_priority_min",
      "sched_get_priority_max",
      "arch_prctl"}},
    {"who and what we are",
     {"getuid",    "geteuid",   "getgid",     "getegid",   "getuid32",  "geteuid32", "getgid32",
      "getegid32", "getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getrusage", "sysinfo",
      "uname",     "getrandom", "getresuid",  "getresgid", "getgroups", "seccomp",   "getcpu"}},
};

/* Refused by name: what somebody who runs code in here would reach for. */
static const char *const refused[] = {"execve",
                                      "execveat",
                                      "fork",
                                      "vfork",
                                      "ptrace",
                                      "process_vm_readv",
                                      "process_vm_writev",
                                      "kcmp",
                                      "pidfd_open",
                                      "pidfd_getfd",
                                      "bpf",
                                      "io_uring_setup",
                                      "perf_event_open",
                                      "userfaultfd",
                                      "mount",
                                      "umount2",
                                      "pivot_root",
                                      "chroot",
                                      "unshare",
                                      "setns",
                                      "init_module",
                                      "finit_module",
                                      "kexec_load",
                                      "keyctl",
                                      "add_key",
                                      "request_key",
                                      "setuid",
                                      "setgid",
                                      "memfd_create",
                                      "personality",
                                      "reboot",
                                      "swapon"};

static int add(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
               const struct scmp_arg_cmp *conditions) {
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return 0; /* another architecture's */
    return seccomp_rule_add_array(filter, action, number, count, conditions);
}

/* Only with such flags: bits of `mask` in argument `at` are `value`. */
static int add_masked(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned at, uint64_t mask,
                      uint64_t value) {
    const struct scmp_arg_cmp when = {at, SCMP_CMP_MASKED_EQ, mask, value};
    return add(filter, action, name, 1, &when);
}

static int add_socket(scmp_filter_ctx filter, int family, int type) {
    const struct scmp_arg_cmp when[] = {{0, SCMP_CMP_EQ, (uint64_t)family, 0},
                                        {1, SCMP_CMP_MASKED_EQ, SOCKET_TYPE, (uint64_t)type}};
    return add(filter, SCMP_ACT_ALLOW, "socket", 2, when);
}

/* Sockets: TCP (synthetic calls reach the server as callers do) and the site's own. Datagrams only to ask for names. */
static int add_sockets(scmp_filter_ctx filter, bool outgoing) {
    int failed = add_socket(filter, AF_INET, SOCK_STREAM);
    if (!failed) failed = add_socket(filter, AF_UNIX, SOCK_STREAM);
    if (outgoing && !failed) failed = add_socket(filter, AF_INET6, SOCK_STREAM);
    if (outgoing && !failed) failed = add_socket(filter, AF_INET, SOCK_DGRAM);
    if (outgoing && !failed) failed = add_socket(filter, AF_INET6, SOCK_DGRAM);
    if (outgoing && !failed) failed = add_socket(filter, AF_NETLINK, SOCK_RAW); /* which addresses are ours */
    return failed;
}

/* What depends on an argument. */
static int add_bounded(scmp_filter_ctx filter) {
    static const char *const maps[] = {"mmap", "mmap2", "mprotect", "pkey_mprotect"};
    static const uint64_t asked[] = {TCGETS, FIONREAD, FIONBIO, FIOCLEX};
    static const uint64_t settings[] = {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_SET_NO_NEW_PRIVS,
                                        PR_GET_DUMPABLE};
    int failed = 0;
    for (size_t i = 0; i < sizeof maps / sizeof *maps && !failed; i++)
        failed = add_masked(filter, SCMP_ACT_ALLOW, maps[i], 2, PROT_EXEC, 0);
    for (size_t i = 0; i < sizeof asked / sizeof *asked && !failed; i++) {
        const struct scmp_arg_cmp when = {1, SCMP_CMP_EQ, asked[i], 0};
        failed = add(filter, SCMP_ACT_ALLOW, "ioctl", 1, &when);
    }
    /* A thread's name, a mapping's name, and what the second filter sets; not to be dumpable again. */
    for (size_t i = 0; i < sizeof settings / sizeof *settings && !failed; i++) {
        const struct scmp_arg_cmp when = {0, SCMP_CMP_EQ, settings[i], 0};
        failed = add(filter, SCMP_ACT_ALLOW, "prctl", 1, &when);
    }
    /* A thread, no process. clone3 hides its flags from us: the C library falls back when it is not there. */
    if (!failed) failed = add_masked(filter, SCMP_ACT_ALLOW, "clone", 0, CLONE_THREAD, CLONE_THREAD);
    if (!failed) failed = add_masked(filter, SCMP_ACT_ERRNO(EPERM), "clone", 0, CLONE_THREAD, 0);
    /* Signals to ourselves: abort and the like. */
    const struct scmp_arg_cmp own = {0, SCMP_CMP_EQ, (uint64_t)getpid(), 0};
    if (!failed) failed = add(filter, SCMP_ACT_ALLOW, "tgkill", 1, &own);
    return failed ? failed : add(filter, SCMP_ACT_ALLOW, "kill", 1, &own);
}

static int add_table(scmp_filter_ctx filter) {
    int failed = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        for (int n = 0; n < NAMES_MAX && allowed[i].names[n] && !failed; n++)
            failed = add(filter, SCMP_ACT_ALLOW, allowed[i].names[n], 0, NULL);
    for (size_t i = 0; i < sizeof refused / sizeof *refused && !failed; i++)
        failed = add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0, NULL);
    return failed;
}

static int load(scmp_filter_ctx filter) {
    enum { SORTED_TREE = 2 };
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, SORTED_TREE);
    /* All threads that are there already, too. */
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    return failed ? failed : seccomp_load(filter);
}

int pct_confine_calls_begin(const pct_confine_options *options) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter) return ENOMEM;
    int failed = add_table(filter);
    if (!failed) failed = add_bounded(filter);
    if (!failed) failed = add_sockets(filter, options->outgoing);
    if (!failed) failed = load(filter);
    seccomp_release(filter);
    return -failed;
}

int pct_confine_calls_end(void) {
    static const char *const over[] = {"bind", "listen", "seccomp"};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int failed = filter ? 0 : -ENOMEM;
    for (size_t i = 0; i < sizeof over / sizeof *over && !failed; i++)
        failed = add(filter, SCMP_ACT_ERRNO(EPERM), over[i], 0, NULL);
    if (!failed) failed = load(filter);
    if (filter) seccomp_release(filter);
    return -failed;
}
