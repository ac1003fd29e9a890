#!/usr/bin/env python3
"""Functions that nobody calls; the C allocator, which only src/base/memory.c (and src/cli/freed.c, which replaces it) calls; and, on the pure floors 0-4,
everything that reaches files, the clock, the environment, chance or the process."""
import re

import gates

NOWHERE = "strcpy strcat stpcpy sprintf vsprintf strtok atoi atol atoll atof gets alloca".split()
ALLOCATOR = "malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf aligned_alloc".split()
IMPURE = """fopen fdopen freopen fclose fread fwrite fgets fputs open openat creat read pread write pwrite close
    mmap stat fstat rename unlink remove mkdir opendir time clock clock_gettime gettimeofday localtime localtime_r
    gmtime gmtime_r mktime getenv secure_getenv setenv rand srand random srandom drand48 getrandom exit _exit
    quick_exit abort printf vprintf fprintf vfprintf puts putchar fputc perror system popen fork execv signal
    sigaction socket usleep sleep nanosleep setlocale""".split()
IMPURE_HEADERS = r"unistd\.h|fcntl\.h|time\.h|signal\.h|dirent\.h|sys/.*|netinet/.*|sqlite3\.h|microhttpd\.h"
PURE = {"base", "geo", "clock", "osm", "opt", "event", "road", "demand", "place", "dispatch", "patrol", "deploy",
        "cordon", "roster", "casework", "goods", "sim", "town"}


def calls(names):
    return re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("banned", root)
    rules = [(calls(NOWHERE), "is banned everywhere", lambda path: True),
             (calls(ALLOCATOR), "is called in src/base/memory.c only: use pct_alloc, an arena, a vector or a buffer",
              lambda path: path.startswith("src/") and path not in ("src/base/memory.c", "src/cli/freed.c")),
             (calls(IMPURE), "is not for the pure floors: bytes, time and chance come in as parameters",
              lambda path: path.startswith("src/") and path.split("/")[1] in PURE),
             (re.compile(r"#\s*include\s+<(" + IMPURE_HEADERS + r")>"), "is not for the pure floors",
              lambda path: path.startswith("src/") and path.split("/")[1] in PURE)]
    paths = gates.files(root, ["src", "tests", "bench", "fuzz"], ".c", ".h")
    for path in paths:
        text = gates.code_of(gates.read(root, path))
        for pattern, sentence, applies in rules:
            if applies(path):
                for match in pattern.finditer(text):
                    name = match.group(1)
                    gate.problem(f"{path}:{gates.line_of(text, match.start())}", f"{name} {sentence}",
                                 key=f"{path}:{name}")
    gate.finish(f"{len(paths)} files")


main()
