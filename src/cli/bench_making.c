/* What a road is made by: order and topology on the network of the site, and the import of a map (--map).
 *
 * METIS may end its process, so an order is found in a child, as `init` does. An import runs in a process of its own, started
 * anew (`precinct bench import --map F`): its peak of memory is then nobody else's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/bench.h"
#include "road/import.h"
#include "road/order.h"

static size_t order_bytes(const pct_bench *b) {
    return ((size_t)b->site.road->graph.node_count + 1) * sizeof(uint32_t);
}

static pct_status order(pct_bench *b, int i, pct_error *error) {
    const pct_graph *graph = &b->site.road->graph;
    uint32_t *rank_node = b->context;
    int how = 0;
    (void)i;
    pid_t child = fork();
    if (child == 0) _exit(pct_order_nested_dissection(graph, rank_node, NULL) == PCT_OK ? 0 : 1);
    bool done = child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    return done ? PCT_OK : PCT_FAIL(error, PCT_MEMORY, PCT_MSG_INIT_ORDER_FAILED, pct_int(how));
}

static pct_status topology(pct_bench *b, int i, pct_error *error) {
    pct_hierarchy hierarchy;
    (void)i;
    pct_status status = pct_hierarchy_build(&b->site.road->graph, b->context, &hierarchy, error);
    if (!status) pct_hierarchy_dispose(&hierarchy);
    return status;
}

static const pct_bench_figure figures[] = {{"order", 3, order, NULL}, {"topology", 5, topology, NULL}, {0}};

static pct_status open_group(pct_bench *b, pct_error *error) {
    void *shared = mmap(NULL, order_bytes(b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return pct_error_memory(error, order_bytes(b));
    b->context = shared;
    return PCT_OK;
}

static void close_group(pct_bench *b) {
    if (b->context) (void)munmap(b->context, order_bytes(b));
}

const pct_bench_group pct_bench_making = {
    .name = "road", .figures = figures, .open = open_group, .close = close_group};

/* --- import ------------------------------------------------------------------------------------------------------- */

/* Most memory that this program has had, without what the one had that started it (which getrusage would count). */
static int64_t own_peak_bytes(void) {
    char line[128];
    long long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && kilobytes == 0 && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lld", &kilobytes) != 1) kilobytes = 0;
    if (file) (void)fclose(file);
    return (int64_t)kilobytes * 1024;
}

static pct_status import_once(pct_bench *b, pct_error *error) {
    const char *map = pct_cli_option(b->cli, "--map");
    pct_mapped_file file;
    pct_network network = {0};
    pct_import_report report = {0};
    if (!map)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_MISSING, pct_str("bench"), pct_str("--map"),
                        pct_str("F.osm.pbf"));
    pct_status status = pct_file_map(map, &file, error);
    if (status) return status;
    double began_s = pct_cli_seconds();
    status = pct_import_osm(map, file.bytes, &network, &report, error);
    const pct_bench_number numbers[] = {{"value", pct_cli_seconds() - began_s, 4},
                                        {"arcs", network.arc_count, 0},
                                        {"peak_rss_bytes", (double)own_peak_bytes(), 0}};
    if (!status) pct_bench_line(b, "import_once", "s", numbers, sizeof numbers / sizeof *numbers);
    pct_network_dispose(&network);
    pct_file_unmap(&file);
    return status;
}

const pct_bench_group pct_bench_import = {.name = "import", .run = import_once, .without_site = true};

static void become_import(const char *map, int out) {
    const char *const arguments[] = {"precinct", "bench", "import", "--map", map, NULL};
    if (dup2(out, STDOUT_FILENO) >= 0) (void)execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static pct_status import(pct_bench *b, int i, pct_error *error) {
    static const char key[] = "\"peak_rss_bytes\":";
    const char *map = pct_cli_option(b->cli, "--map");
    char line[512] = "";
    size_t length = 0;
    int pipe_of[2], how = 0;
    (void)i;
    if (pipe2(pipe_of, O_CLOEXEC) != 0)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_BROKEN, pct_str("pipe"), pct_str(strerror(errno)));
    pid_t child = fork();
    if (child == 0) become_import(map, pipe_of[1]);
    (void)close(pipe_of[1]);
    for (ssize_t n; child > 0 && length + 1 < sizeof line &&
                    (n = read(pipe_of[0], line + length, sizeof line - 1 - length)) > 0;)
        length += (size_t)n;
    (void)close(pipe_of[0]);
    bool done = child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    const char *peak = strstr(line, key);
    if (!done || !peak) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_BENCH_IMPORT_FAILED, pct_str(map));
    b->peak_bytes = strtoll(peak + strlen(key), NULL, 10);
    return PCT_OK;
}

static const pct_bench_figure import_figures[] = {{"import", 3, import, NULL}, {0}};

static pct_status look_for_map(pct_bench *b, pct_error *error) {
    (void)error;
    b->is_absent = !pct_cli_option(b->cli, "--map");
    return PCT_OK;
}

const pct_bench_group pct_bench_imports = {.name = "road", .figures = import_figures, .open = look_for_map};
