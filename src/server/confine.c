/* Files and ports: Landlock (Documentation/userspace-api/landlock.rst of the kernel). A ruleset names every right that the kernel knows
 * and rules give some of them back below a place; what is named and not given back is refused. O(places). */
#include "server/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's numbers: the headers of Debian 12 end before the ports. */
enum {
    RULE_PATH = 1,
    RULE_PORT = 2,
    VERSION_FLAG = 1,
    ABI_REFER = 2,
    ABI_TRUNCATE = 3,
    ABI_PORTS = 4,
    ABI_IOCTL = 5,
    ABI_SCOPE = 6,
    PORT_HTTPS = 443,
    PORT_NAMES = 53
};
enum {
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_MAKE_SOCK = 1 << 9,
    FS_REFER = 1 << 13,
    FS_TRUNCATE = 1 << 14,
    FS_IOCTL = 1 << 15,
    FS_FIRST = (1 << 13) - 1, /* all of ABI 1 */
    NET_BIND = 1 << 0,
    NET_CONNECT = 1 << 1,
    SCOPE_SOCKET = 1 << 0,
    SCOPE_SIGNAL = 1 << 1
};

struct ruleset {
    uint64_t files, ports, scopes;
};
struct path_rule {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));
struct port_rule {
    uint64_t allowed, port;
};

/* What every server reads besides its site. */
static const struct {
    const char *path;
    bool outgoing; /* only when it asks other machines */
    const char *why;
} usual[] = {
    {"/dev/urandom", false, "SQLite's and libsodium's randomness"},
    {"/dev/null", false, "libraries"},
    {"/etc/localtime", false, "the C library's local time"},
    {"/usr/share/zoneinfo", false, "time zones"},
    {"/sys/devices/system/cpu", false, "how many processors there are"},
    {"/proc/self/fd", false, "the site's socket is named through it"},
#ifdef PCT_TEST_BUILD
    {"/proc/self", false, "the sanitizers read their own memory map"},
#endif
    {"/etc/hosts", true, "names"},
    {"/etc/host.conf", true, "names"},
    {"/etc/resolv.conf", true, "names"},
    {"/run/systemd/resolve", true, "names: /etc/resolv.conf leads there"},
    {"/etc/nsswitch.conf", true, "names"},
    {"/etc/services", true, "names"},
    {"/etc/gai.conf", true, "names"},
    {"/etc/ssl", true, "whom to trust"},
    {"/usr/share/ca-certificates", true, "whom to trust"},
    {"/usr/local/share/ca-certificates", true, "whom to trust"},
};

void pct_confine_memory(void) {
    const struct rlimit none = {0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

static int abi(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, (unsigned)VERSION_FLAG);
    return version > 0 ? (int)version : 0;
}

static uint64_t files_of(int version) {
    uint64_t all = FS_FIRST;
    if (version >= ABI_REFER) all |= FS_REFER;
    if (version >= ABI_TRUNCATE) all |= FS_TRUNCATE;
    if (version >= ABI_IOCTL) all |= FS_IOCTL;
    return all;
}

static const uint64_t reading = FS_READ_FILE | FS_READ_DIR,
                      writing = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
                                FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK | FS_REFER | FS_TRUNCATE;

/* A place that is not there needs no right. */
static bool allow_place(int rules, uint64_t known, const char *path, uint64_t rights) {
    const uint64_t of_file = FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE;
    struct stat info;
    int at = path ? open(path, O_PATH | O_CLOEXEC) : -1;
    if (at < 0) return true;
    struct path_rule rule = {rights & known, at};
    bool good = fstat(at, &info) == 0;
    if (good && !S_ISDIR(info.st_mode)) rule.allowed &= of_file;
    good = good && syscall(SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0U) == 0;
    int why = errno;
    (void)close(at);
    errno = why;
    return good;
}

static bool allow_places(int rules, uint64_t known, const pct_confine_options *o) {
    bool good = true;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && good; i++)
        if (!usual[i].outgoing || o->outgoing) good = allow_place(rules, known, usual[i].path, reading);
    for (int i = 0; i < PCT_CONFINE_PLACES_MAX && good; i++)
        good = allow_place(rules, known, o->places[i].path,
                           o->places[i].right == PCT_CONFINE_WRITE ? writing : reading);
    return good;
}

static bool allow_port(int rules, uint16_t port) {
    const struct port_rule rule = {NET_CONNECT, port};
    return port == 0 || syscall(SYS_landlock_add_rule, rules, RULE_PORT, &rule, 0U) == 0;
}

static bool allow_ports(int rules, const pct_confine_options *o) {
    bool good = true;
    for (int i = 0; i < PCT_CONFINE_PORTS_MAX && good; i++) good = allow_port(rules, o->ports[i]);
    if (o->outgoing) good = good && allow_port(rules, PORT_HTTPS) && allow_port(rules, PORT_NAMES);
    return good;
}

static int hold_files_and_ports(const pct_confine_options *o, pct_confined *out) {
    struct ruleset wanted = {.files = files_of(out->landlock)};
    size_t size = sizeof wanted.files;
    if (out->landlock >= ABI_PORTS)
        wanted.ports = NET_BIND | NET_CONNECT, size = offsetof(struct ruleset, scopes);
    if (out->landlock >= ABI_SCOPE) wanted.scopes = SCOPE_SOCKET | SCOPE_SIGNAL, size = sizeof wanted;
    int rules = (int)syscall(SYS_landlock_create_ruleset, &wanted, size, 0U);
    if (rules < 0) return errno;
    bool good = allow_places(rules, wanted.files, o) && (!wanted.ports || allow_ports(rules, o)) &&
                syscall(SYS_landlock_restrict_self, rules, 0U) == 0;
    int why = good ? 0 : errno;
    (void)close(rules);
    out->files = good;
    out->ports = good && wanted.ports;
    return why;
}

void pct_confine_begin(const pct_confine_options *options, pct_confined *out) {
    *out = (pct_confined){.landlock = abi()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0) {
        out->why = errno;
        return;
    }
    out->why = out->landlock ? hold_files_and_ports(options, out) : ENOSYS;
    if (!out->why && !out->ports) out->why = ENOSYS;
    int why = pct_confine_calls_begin(options);
    out->calls = why == 0;
    if (!out->why) out->why = why;
}

void pct_confine_end(const pct_confine_options *options, pct_confined *out) {
    (void)options;
    if (!out->calls) return;
    int why = pct_confine_calls_end();
    out->ended = why == 0;
    if (!out->why) out->why = why;
}

pct_confined pct_confine_probe(void) {
    pct_confined could = {.landlock = abi()};
    could.files = could.landlock > 0;
    could.ports = could.landlock >= ABI_PORTS;
    /* A filter that cannot be read is refused before anything else is: EFAULT says that there are filters. */
    could.calls = prctl(PR_SET_SECCOMP, 2L, NULL, 0L, 0L) != 0 && errno == EFAULT;
    could.ended = could.calls;
    could.why = could.files && could.ports && could.calls ? 0 : ENOSYS;
    return could;
}
