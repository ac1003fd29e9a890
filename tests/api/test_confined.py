"""What the serving process keeps itself to, seen from inside: a library that is put under the program plays somebody who took it over. It
tries everything in a thread that serves connections and in the one that writes the record, and says what came of it. The same with
--unconfined shows that the tries would succeed."""
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

from server import Client, Server

INTRUDER = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
static FILE *out;
static void say(const char *what, long result) { fprintf(out, "%s %d\n", what, result < 0 ? errno : 0); }
static void try_open(const char *what, const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    say(what, fd);
    if (fd >= 0) close(fd);
}
static void try_connect(const char *what, int port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    say(what, fd < 0 ? fd : connect(fd, (struct sockaddr *)&at, sizeof at));
    if (fd >= 0) close(fd);
}
static void try_bind(const char *site) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un file = {.sun_family = AF_UNIX};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    say("bind", bind(fd, (struct sockaddr *)&at, sizeof at));
    say("listen", listen(fd, 5));
    close(fd);
    snprintf(file.sun_path, sizeof file.sun_path, "%s/x", site);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    say("bind_file", bind(fd, (struct sockaddr *)&file, sizeof file));
    unlink(file.sun_path);
    close(fd);
}
static void try_socket(const char *what, int family, int type) {
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    say(what, fd);
    if (fd >= 0) close(fd);
}
static void try_memory(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("mmap_exec", page == MAP_FAILED ? -1 : 0);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("mprotect_exec", mprotect(page, 4096, PROT_READ | PROT_EXEC));
    char to[8], from[8] = "1234567";
    struct iovec a = {to, 8}, b = {from, 8};
    say("read_process", syscall(SYS_process_vm_readv, (long)getpid(), &a, 1L, &b, 1L, 0L));
    say("ptrace", ptrace(PTRACE_SEIZE, 0, NULL, NULL));
    say("memfd", syscall(SYS_memfd_create, "x", 1L));
    say("io_uring", syscall(SYS_io_uring_setup, 1L, NULL));
    say("dump_again", prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L));
    fprintf(out, "dumpable %d\n", prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
}
static void try_processes(void) {
    char *const none[] = {NULL};
    say("exec", execve("/nonexistent", none, none));
    say("exec_at", syscall(SYS_execveat, -100L, "/nonexistent", none, none, 0L));
    long child = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
    if (child == 0) _exit(0);
    say("fork", child);
    say("signal_parent", kill(getppid(), 0));
    say("signal_all", syscall(SYS_tgkill, (long)getppid(), (long)getppid(), 0L));
}
static void try_all(const char *thread) {
    static _Thread_local int tried;
    const char *site = getenv("INTRUDER_SITE");
    char path[4096];
    if (tried || !site) return;
    snprintf(path, sizeof path, "%s/order", site);
    if (access(path, F_OK) != 0) return;
    tried = 1;
    int kept = errno;
    snprintf(path, sizeof path, "%s/intruder.%s.new", site, thread);
    out = fopen(path, "w");
    if (!out) return;
    try_open("passwd", "/etc/passwd", O_RDONLY);
    try_open("environ", "/proc/self/environ", O_RDONLY);
    try_open("memory", "/proc/self/mem", O_RDWR);
    try_open("tmp", getenv("INTRUDER_BESIDE"), O_WRONLY | O_CREAT);
    snprintf(path, sizeof path, "%s/way-out", site);
    try_open("way_out", path, O_RDONLY);
    snprintf(path, sizeof path, "%s/../town/units.csv", site);
    try_open("beside", path, O_RDONLY);
    snprintf(path, sizeof path, "%s/site.json", site);
    try_open("site", path, O_RDONLY);
    try_connect("connect", atoi(getenv("INTRUDER_PORT")));
    try_bind(site);
    try_socket("udp", AF_INET, SOCK_DGRAM);
    try_socket("ipv6", AF_INET6, SOCK_STREAM);
    try_socket("raw", AF_INET, SOCK_RAW);
    try_socket("netlink", AF_NETLINK, SOCK_RAW);
    try_socket("packet", AF_PACKET, SOCK_RAW);
    try_memory();
    try_processes();
    fclose(out);
    char done[4096];
    snprintf(path, sizeof path, "%s/intruder.%s.new", site, thread);
    snprintf(done, sizeof done, "%s/intruder.%s", site, thread);
    rename(path, done);
    errno = kept;
}
static pthread_mutex_t *lock(void) { static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; return &m; }
static void enter(const char *thread) {
    pthread_mutex_lock(lock());
    try_all(thread);
    pthread_mutex_unlock(lock());
}
int accept4(int fd, struct sockaddr *a, socklen_t *n, int flags) {
    int (*real)(int, struct sockaddr *, socklen_t *, int) = dlsym(RTLD_NEXT, "accept4");
    int got = real(fd, a, n, flags);
    if (got >= 0) enter("serving");
    return got;
}
int fdatasync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    enter("writing");
    return real(fd);
}
"""
ALLOWED = {"site"}
# Nobody has a right to these, whether confined or not.
NEVER = {"ptrace", "io_uring", "exec", "exec_at"}


class Confined(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        compiler = shutil.which("gcc") or shutil.which("cc")
        if not compiler:
            raise unittest.SkipTest("no C compiler")
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.library = os.path.join(cls.server.folder, "intruder.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", cls.library, "-ldl", "-lpthread"], input=INTRUDER.encode(), check=True)
        cls.server.add("anna", "dispatcher,commander,call_taker")
        cls.outside = socket.create_server(("127.0.0.1", 0))
        cls.addClassCleanup(cls.outside.close)
        os.symlink("/etc/passwd", os.path.join(cls.server.site, "way-out"))

    def inside(self, *options):
        """What came of each try, by thread; 0 or an errno."""
        site, beside = self.server.site, os.path.join(self.server.folder, "made-outside")
        for name in os.listdir(site):
            if name.startswith("intruder"):
                os.remove(os.path.join(site, name))
        if os.path.exists(beside):
            os.remove(beside)
        self.server.start(*options, env={"LD_PRELOAD": self.library, "INTRUDER_SITE": site, "INTRUDER_BESIDE": beside,
                                         "INTRUDER_PORT": str(self.outside.getsockname()[1])})
        try:
            anna = self.server.sign_in("anna")
            with open(os.path.join(site, "order"), "w", encoding="utf-8"):
                pass
            tried = {}
            for _ in range(200):
                reply = anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3})
                self.assertEqual(reply.status, 201)
                if all(os.path.exists(f"{site}/intruder.{t}") for t in ("serving", "writing")):
                    break
            for thread in ("serving", "writing"):
                with open(f"{site}/intruder.{thread}", encoding="utf-8") as f:
                    tried[thread] = {what: int(code) for what, code in (line.split() for line in f)}
            status = self.threads()
        finally:
            os.remove(os.path.join(site, "order"))
            code = self.server.stop()
        self.assertEqual(code, 0)
        return tried, status

    def threads(self):
        """(NoNewPrivs, Seccomp) of every thread."""
        found, base = set(), f"/proc/{self.server.process.pid}/task"
        for task in os.listdir(base):
            with open(f"{base}/{task}/status", encoding="utf-8") as f:
                text = f.read()
            found.add(tuple(int(re.search(rf"^{key}:\s*(\d+)", text, re.M)[1]) for key in ("NoNewPrivs", "Seccomp")))
        return found

    def kernel(self):
        done = subprocess.run([os.environ["PRECINCT"], "doctor", self.server.site, "--json"], capture_output=True, text=True, check=False)
        return {f["id"] for f in json.loads(done.stdout)["findings"]}

    def test_who_takes_it_over_gets_no_further_than_the_site(self):
        if "confined_partly" in self.kernel():
            self.skipTest("this kernel does not hold the whole sandbox")
        tried, status = self.inside()
        self.assertEqual(status, {(1, 2)})
        self.assertEqual(self.server.errors, "")
        for thread, came in tried.items():
            if os.environ.get("CONFINED_SAY"):
                print(came)
            self.assertEqual(came.pop("dumpable"), 0)
            self.assertEqual({what for what, code in came.items() if code == 0}, ALLOWED, thread)
            self.assertEqual({what: code for what, code in came.items() if code not in (0, errno.EPERM, errno.EACCES, errno.ENOSYS)}, {}, thread)
            print(f"{thread}: {len(came)} tries, {sum(code != 0 for code in came.values())} refused", flush=True)
        self.assertFalse(os.path.exists(os.path.join(self.server.folder, "made-outside")))

    def test_unconfined_the_same_tries_succeed_and_it_is_said(self):
        tried, status = self.inside("--unconfined")
        self.assertEqual({seccomp for _, seccomp in status}, {0})
        self.assertIn("--unconfined", self.server.errors)
        for thread, came in tried.items():
            came.pop("dumpable")
            # As root everything; as another user not what needs its rights.
            needs_root = {"raw", "packet"} if os.geteuid() else set()
            refused = {what for what, code in came.items() if code in (errno.EPERM, errno.EACCES, errno.ENOSYS)}
            self.assertLessEqual(refused, NEVER | needs_root | {"memory", "environ", "dump_again", "read_process"}, thread)
            self.assertEqual(came["passwd"], 0)
            self.assertEqual(came["connect"], 0)

    def test_no_core_is_dumped_of_any_command(self):
        self.server.start()
        pid = self.server.process.pid
        with open(f"/proc/{pid}/limits", encoding="utf-8") as f:
            self.assertRegex(f.read(), r"Max core file size +0 +0 ")
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            self.assertGreater(int(re.search(r"^VmLck:\s*(\d+) kB", f.read(), re.M)[1]), 0)
        self.assertEqual(Client(self.server).get("/healthz").status, 200)
        self.server.process.send_signal(signal.SIGABRT)
        self.server.process.wait(timeout=20)
        self.server.process.stdout.close()
        self.server.process.stderr.close()
        self.assertFalse(os.WCOREDUMP(-self.server.process.returncode))
        self.assertEqual([n for n in os.listdir(self.server.site) if n.startswith("core")], [])


if __name__ == "__main__":
    unittest.main()
