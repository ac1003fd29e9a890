/* How the road engine grows: generated towns of 10⁴, 10⁵, 10⁶ and, when asked for, 5·10⁶ junctions, each measured in a
 * process of its own, and the exponent of each figure by least squares on logarithms. docs/reference/growth.md says what
 * to expect and why. Seconds are the processor's, so that other work on the machine counts less. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/section_file.h"
#include "base/text.h"
#include "cli/bench.h"
#include "road/import.h"
#include "road/index.h"
#include "road/order.h"
#include "site/definition.h"
#include "site/file.h"
#include "town/town.h"

enum { SIZES = 4, SAMPLES = 5, QUERIES = 1000, MANY = 20, NODES_MAX = 1000000, SENTENCE_MAX = 4096 };

static const uint32_t sizes[SIZES] = {10000, 100000, 1000000, 5000000};

/* Figures of one size: name, unit, decimals, exponents between which it is expected. */
#define FIGURES(X)                                                                                           \
    X(TOWN, "town", "s", 3, 0.9, 1.15)                                                                       \
    X(IMPORT, "import", "s", 3, 0.9, 1.15)                                                                   \
    X(ORDER, "order", "s", 3, 0.95, 1.25)                                                                    \
    X(TOPOLOGY, "topology", "s", 4, 0.95, 1.3)                                                               \
    X(CUSTOMIZE, "customize", "s", 5, 0.95, 1.4)                                                             \
    X(PERFECT, "perfect", "s", 5, 0.95, 1.4)                                                                 \
    X(QUERY, "travel_time", "us", 2, 0.2, 0.8)                                                               \
    X(ONE_TO_1000, "one_to_1000", "us", 1, 0.2, 0.8)                                                         \
    X(DIJKSTRA, "dijkstra", "us", 0, 0.9, 1.25)                                                              \
    X(ARCS, "hierarchy_arcs", "", 0, 0.95, 1.15)                                                             \
    X(TRIANGLES, "triangles", "", 0, 0.95, 1.4)                                                              \
    X(HEIGHT, "tree_height", "", 0, 0.2, 0.55)                                                               \
    X(SEARCH, "search_arcs", "", 0, 0.3, 0.9)                                                                \
    X(INDEX, "index", "bytes", 0, 0.95, 1.1)                                                                 \
    X(OPEN, "open", "s", 3, 0.95, 1.2)                                                                       \
    X(RESIDENT, "resident", "bytes", 0, 0.95, 1.1)                                                           \
    X(PEAK, "peak", "bytes", 0, 0.8, 1.1)

typedef enum figure {
#define X(name, text, unit, decimals, low, high) name,
    FIGURES(X)
#undef X
        FIGURE_COUNT
} figure;

static const struct {
    const char *name, *unit;
    int decimals;
    double low, high;
} infos[FIGURE_COUNT] = {
#define X(name, text, unit, decimals, low, high) {text, unit, decimals, low, high},
    FIGURES(X)
#undef X
};

/* What a child process finds out, in memory it shares with its parent. */
typedef struct finding {
    double value[FIGURE_COUNT], nodes;
} finding;

typedef struct growth {
    char folder[64], map[96], index[96];
    FILE *file; /* the index under way */
    pct_network network;
    pct_road *road;
    uint32_t *rank_node;
    pct_rng rng;
    pct_road_point points[PCT_BENCH_POINTS];
    uint32_t times_ms[PCT_BENCH_POINTS];
    finding *found;
    pct_language language;
} growth;

static double processor_s(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double resident_bytes(void) {
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0.0;
    if (fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    (void)fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static pct_status make_town(growth *g, uint32_t nodes, pct_error *error) {
    const pct_definition *shipped = pct_definitions;
    while (shipped->name && strcmp(shipped->name, "demand.csv") != 0) shipped++;
    pct_town_request request = {.seed = 1, .nodes = nodes, .days = 1};
    pct_town_files files = {0};
    pct_town_summary summary;
    pct_demand_table demand = {0};
    pct_staging staging;
    double began_s = processor_s();
    pct_status status = pct_demand_table_read(shipped->name, shipped->bytes, &demand, error);
    if (!status) status = pct_town_generate(&request, &demand, &files, &summary, error);
    g->found->value[TOWN] = processor_s() - began_s;
    if (!status) status = pct_staging_begin(&staging, g->folder, error);
    if (!status) {
        pct_text bytes = {(const char *)files.map.bytes, files.map.length};
        status = pct_staging_write(&staging, "map.osm.pbf", bytes, error);
        if (!status) status = pct_staging_commit(&staging, error);
        pct_staging_end(&staging);
    }
    pct_town_files_dispose(&files);
    pct_demand_table_dispose(&demand);
    return status;
}

static pct_status import(growth *g, pct_error *error) {
    pct_mapped_file file;
    pct_import_report report = {0};
    pct_status status = pct_file_map(g->map, &file, error);
    if (status) return status;
    double began_s = processor_s();
    status = pct_import_osm(g->map, file.bytes, &g->network, &report, error);
    g->found->value[IMPORT] = processor_s() - began_s;
    pct_file_unmap(&file);
    g->found->nodes = g->network.node_count;
    return status;
}

/* METIS may end this process: the parent then says so. */
static pct_status order(growth *g, pct_error *error) {
    pct_graph graph = pct_network_graph(&g->network);
    g->rank_node = pct_alloc(graph.node_count, sizeof *g->rank_node);
    if (!g->rank_node) return pct_error_memory(error, graph.node_count * sizeof *g->rank_node);
    double began_s = processor_s();
    pct_status status = pct_order_nested_dissection(&graph, g->rank_node, error);
    g->found->value[ORDER] = processor_s() - began_s;
    return status;
}

static void describe(growth *g, const pct_hierarchy *h, uint32_t *depth, double *search) {
    double *value = g->found->value;
    value[ARCS] = h->arc_count;
    for (uint32_t x = h->node_count; x-- > 0;) {
        uint32_t parent = pct_hierarchy_parent(h, x);
        double degree = h->first_up[x + 1] - h->first_up[x];
        depth[x] = 1 + (parent == PCT_NO_INDEX ? 0 : depth[parent]);
        search[x] = degree + (parent == PCT_NO_INDEX ? 0.0 : search[parent]);
        value[TRIANGLES] += degree * (degree - 1.0) / 2.0;
        value[SEARCH] += search[x] / h->node_count;
        value[HEIGHT] = fmax(value[HEIGHT], depth[x]);
    }
}

static pct_status topology(growth *g, pct_error *error) {
    pct_graph graph = pct_network_graph(&g->network);
    pct_hierarchy hierarchy;
    double began_s = processor_s();
    pct_status status = pct_hierarchy_build(&graph, g->rank_node, &hierarchy, error);
    g->found->value[TOPOLOGY] = processor_s() - began_s;
    if (status) return status;
    uint32_t *depth = pct_alloc(graph.node_count, sizeof *depth);
    double *search = pct_alloc(graph.node_count, sizeof *search);
    if (depth && search)
        describe(g, &hierarchy, depth, search);
    else
        status = pct_error_memory(error, graph.node_count * sizeof *search);
    pct_free(depth);
    pct_free(search);
    pct_hierarchy_dispose(&hierarchy);
    return status;
}

static pct_status append(void *context, const void *bytes, size_t length, pct_error *error) {
    const growth *g = context;
    if (fwrite(bytes, 1, length, g->file) == length) return PCT_OK;
    return PCT_FAIL(error, PCT_IO, PCT_MSG_BENCH_GROWTH_DISK, pct_str(g->index), pct_int((int64_t)length));
}

static pct_status write_index(growth *g, pct_error *error) {
    uint64_t bytes = 0;
    g->file = fopen(g->index, "wb");
    if (!g->file) return PCT_FAIL(error, PCT_IO, PCT_MSG_BENCH_GROWTH_DISK, pct_str(g->index), pct_int(0));
    pct_status status = pct_road_index_write(g->road, (pct_sink){g, append}, &bytes, error);
    if (fclose(g->file) != 0 && !status)
        status =
            PCT_FAIL(error, PCT_IO, PCT_MSG_BENCH_GROWTH_DISK, pct_str(g->index), pct_int((int64_t)bytes));
    g->found->value[INDEX] = (double)bytes;
    return status;
}

/* From the file, as serve starts: every byte and every number in it checked, the metric customized. */
static pct_status open_index(growth *g, pct_error *error) {
    pct_mapped_file file;
    pct_speeds speeds;
    pct_road *road = NULL;
    pct_status status = pct_site_shipped_speeds(&speeds, error);
    if (!status) status = pct_file_map(g->index, &file, error);
    if (status) return status;
    double began_s = processor_s();
    status = pct_road_index_open(g->index, file.bytes, &speeds, &road, error);
    g->found->value[OPEN] = processor_s() - began_s;
    if (!status && road->hierarchy.arc_count != (uint32_t)g->found->value[ARCS])
        status = PCT_FAIL(error, PCT_INTERNAL, PCT_MSG_BENCH_GROWTH_WRONG, pct_int(road->hierarchy.arc_count),
                          pct_int((int64_t)g->found->value[ARCS]));
    pct_road_free(road);
    pct_file_unmap(&file);
    return status;
}

static pct_status build(growth *g, pct_error *error) {
    pct_speeds speeds;
    pct_status status = pct_site_shipped_speeds(&speeds, error);
    if (!status) status = pct_road_build(&g->network, g->rank_node, &speeds, &g->road, error);
    pct_free(g->rank_node);
    g->rank_node = NULL;
    return status ? status : write_index(g, error);
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

static double median(double *samples, int count) {
    qsort(samples, (size_t)count, sizeof *samples, by_value);
    return samples[count / 2];
}

static pct_status customize(growth *g, pct_error *error) {
    pct_road *road = g->road;
    pct_metric_updater *updater;
    double full_s[SAMPLES], perfect_s[SAMPLES];
    pct_status status = pct_metric_updater_new(&road->graph, &road->hierarchy, &updater, error);
    for (int i = 0; i < SAMPLES && !status; i++) {
        double began_s = processor_s();
        pct_metric_customize(&road->graph, &road->hierarchy, &road->metric, updater);
        full_s[i] = processor_s() - began_s;
        began_s = processor_s();
        status = pct_metric_perfect(&road->hierarchy, &road->metric, updater, error);
        perfect_s[i] = processor_s() - began_s;
    }
    pct_metric_updater_free(updater);
    if (status) return status;
    g->found->value[CUSTOMIZE] = median(full_s, SAMPLES);
    g->found->value[PERFECT] = median(perfect_s, SAMPLES);
    return PCT_OK;
}

static void choose_points(growth *g) {
    const pct_network *net = pct_road_network(g->road);
    for (int i = 0; i < PCT_BENCH_POINTS;) {
        pct_node node = {pct_rng_below(&g->rng, net->node_count)};
        if (net->node_component[node.index] == 0 &&
            pct_road_point_at_node(g->road, node, &g->points[i]) == PCT_OK)
            i++;
    }
}

static pct_status ask(growth *g, pct_error *error) {
    pct_router *router = NULL;
    pct_dijkstra *dijkstra = NULL;
    double one_s[QUERIES], many_s[MANY], dijkstra_s[MANY], began_s;
    pct_status status = pct_router_new(g->road, &router, error);
    if (!status) status = pct_dijkstra_new(g->road, &dijkstra, error);
    choose_points(g);
    for (int i = 0; i < QUERIES && !status; i++) {
        pct_road_point from = g->points[i % PCT_BENCH_POINTS], to = g->points[(i * 7 + 1) % PCT_BENCH_POINTS];
        began_s = processor_s();
        uint32_t ms = pct_router_time_ms(router, from, to);
        one_s[i] = processor_s() - began_s;
        if (i >= MANY) continue;
        began_s = processor_s();
        uint32_t expected_ms = pct_dijkstra_time_ms(dijkstra, from, to);
        dijkstra_s[i] = processor_s() - began_s;
        if (ms != expected_ms)
            status =
                PCT_FAIL(error, PCT_INTERNAL, PCT_MSG_BENCH_GROWTH_WRONG, pct_int(ms), pct_int(expected_ms));
    }
    for (int i = 0; i < MANY && !status; i++) {
        began_s = processor_s();
        pct_router_times_from(router, g->points[i], g->points, PCT_BENCH_POINTS, g->times_ms);
        many_s[i] = processor_s() - began_s;
    }
    pct_router_free(router);
    pct_dijkstra_free(dijkstra);
    if (status) return status;
    g->found->value[QUERY] = median(one_s, QUERIES) * 1e6;
    g->found->value[ONE_TO_1000] = median(many_s, MANY) * 1e6;
    g->found->value[DIJKSTRA] = median(dijkstra_s, MANY) * 1e6;
    return PCT_OK;
}

static pct_status measure(growth *g, uint32_t nodes, pct_error *error) {
    (void)nodes;
    double before_bytes = resident_bytes();
    pct_status status = import(g, error);
    if (!status) status = order(g, error);
    if (!status) status = topology(g, error);
    if (!status) status = build(g, error);
    if (!status) status = customize(g, error);
    if (!status) g->found->value[RESIDENT] = resident_bytes() - before_bytes;
    if (!status) status = ask(g, error);
    g->found->value[PEAK] = (double)pct_cli_peak_bytes();
    pct_network_dispose(&g->network);
    pct_free(g->rank_node);
    pct_road_free(g->road);
    return status ? status : open_index(g, error);
}

/* A process of its own: its peak is its own, and METIS takes nothing else with it. The error reaches the parent as
 * text on the standard error. */
static pct_status apart(growth *g, pct_status (*work)(growth *, uint32_t, pct_error *), uint32_t nodes,
                        pct_error *error) {
    int how = 0;
    pid_t child = fork();
    if (child == 0) {
        pct_error own;
        pct_buffer sentence = pct_buffer_init(SENTENCE_MAX);
        pct_status status = work(g, nodes, &own);
        if (status) (void)pct_error_render(&own, g->language, &sentence);
        if (status) (void)fprintf(stderr, "%s\n", pct_buffer_chars(&sentence));
        _exit(status ? 1 : 0);
    }
    bool done = child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    return done ? PCT_OK
                : PCT_FAIL(error, PCT_MEMORY, PCT_MSG_BENCH_GROWTH_FAILED, pct_int(nodes), pct_int(how));
}

/* The slope of log value over log nodes. */
static double exponent(const finding *found, int count, figure which) {
    double sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
    for (int i = 0; i < count; i++) {
        double x = log(found[i].nodes), y = log(fmax(found[i].value[which], 1e-9));
        sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
    double spread = count * sxx - sx * sx;
    return spread > 0.0 ? (count * sxy - sx * sy) / spread : 0.0;
}

static void write_size(pct_bench *b, const finding *found) {
    for (int f = 0; f < FIGURE_COUNT; f++) {
        const pct_bench_number numbers[] = {
            {"nodes", found->nodes, 0},
            {"value", found->value[f], infos[f].decimals},
            {"per_node", found->value[f] / found->nodes, 9},
            {"ratio_to_dijkstra", found->value[f] / found->value[DIJKSTRA], 6}};
        bool timed = strcmp(infos[f].unit, "us") == 0;
        pct_bench_line(b, infos[f].name, infos[f].unit, numbers, timed ? 4 : 3);
    }
}

static void write_exponents(pct_bench *b, const finding *found, int count) {
    for (int f = 0; f < FIGURE_COUNT && count > 1; f++) {
        char name[64];
        (void)snprintf(name, sizeof name, "exponent.%s", infos[f].name);
        const pct_bench_number numbers[] = {{"exponent", exponent(found, count, (figure)f), 3},
                                            {"expected_from", infos[f].low, 2},
                                            {"expected_to", infos[f].high, 2},
                                            {"sizes", count, 0}};
        pct_bench_line(b, name, "", numbers, 4);
    }
}

static pct_status run(pct_bench *b, pct_error *error) {
    int64_t most = NODES_MAX;
    int count = 0;
    size_t bytes = SIZES * sizeof(finding);
    pct_status status = pct_cli_integer(b->cli, "--nodes-max", sizes[0], sizes[SIZES - 1], &most, error);
    growth *g = pct_alloc_zeroed(1, sizeof *g);
    finding *found = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!status && (!g || found == MAP_FAILED)) status = pct_error_memory(error, sizeof *g + bytes);
    while (count < SIZES && sizes[count] <= most && !status) {
        (void)snprintf(g->folder, sizeof g->folder, "/tmp/precinct-growth-%ld", (long)getpid());
        (void)snprintf(g->map, sizeof g->map, "%s/map.osm.pbf", g->folder);
        (void)snprintf(g->index, sizeof g->index, "%s/road.index", g->folder);
        g->rng = pct_rng_init(1, 0);
        g->found = &found[count];
        g->language = b->cli->language;
        pct_cli_progress(b->cli, PCT_MSG_TOWN_GENERATING, (const pct_param[]){pct_int(sizes[count])}, 1);
        status = apart(g, make_town, sizes[count], error);
        if (!status) status = apart(g, measure, sizes[count], error);
        if (!status) write_size(b, g->found);
        (void)unlink(g->map);
        (void)unlink(g->index);
        (void)rmdir(g->folder);
        count++;
    }
    if (!status) write_exponents(b, found, count);
    if (found != MAP_FAILED) (void)munmap(found, bytes);
    pct_free(g);
    return status;
}

const pct_bench_group pct_bench_growth = {.name = "growth", .run = run, .without_site = true};
