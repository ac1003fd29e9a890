/* `precinct bench patrol`: the solver on published instances, each plan checked by the independent checker, each figure beside the best
 * known. The budget is processor time of this thread, so that a loaded machine changes it little; one line an instance and one a set. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/csv.h"
#include "cli/bench.h"
#include "cli/patrol_instance.h"
#include "patrol/check.h"
#include "patrol/solve.h"
#include "site/file.h"

enum { ROUTES_MAX = 4, BOUND_PASSES = 300 };

typedef struct set_sums {
    const char *name;
    double gap, result, known;
    int32_t runs, compared, met, missing;
} set_sums;

typedef struct plans_bench {
    pct_bench *bench;
    const char *folder;
    double asked_s, budget_s; /* of processor time for an instance; asked 0: as is usual for the set */
    int64_t seed, iterations, threads;
    pct_pool *pool;
    set_sums sums;
} plans_bench;

typedef struct stopwatch {
    double began_s, budget_s;
} stopwatch;

static double processor_s(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double spent(void *context) {
    const stopwatch *watch = context;
    return (processor_s() - watch->began_s) / watch->budget_s;
}

static void begin_set(plans_bench *b, const char *name, double usual_s) {
    b->sums = (set_sums){.name = name};
    b->budget_s = b->asked_s > 0.0 ? b->asked_s : usual_s;
}

/* Solved and checked; a plan that breaks a rule ends the bench. */
static pct_status solve(plans_bench *b, const char *file, const pct_instance *in, bool fewest,
                        pct_patrol_plan *plan, pct_error *error) {
    stopwatch watch = {processor_s(), b->budget_s};
    pct_patrol_settings settings = {.seed = (uint64_t)b->seed,
                                    .iterations_max = (uint64_t)b->iterations,
                                    .streams = (uint32_t)b->threads,
                                    .pool = b->pool,
                                    .bound_passes = BOUND_PASSES,
                                    .fewest_units = fewest,
                                    .spent = b->iterations ? NULL : spent,
                                    .context = &watch};
    pct_status status = pct_patrol_solve(&in->problem, &settings, plan, error);
    if (status) return status;
    pct_patrol_finding found = pct_patrol_check(&in->problem, plan, fewest);
    if (found.fault)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_PATROL_UNSOUND, pct_str(file),
                        pct_int((int64_t)found.fault), pct_int(found.unit));
    return PCT_OK;
}

static int32_t units_of(const pct_patrol_plan *plan) {
    int32_t units = 0;
    for (int32_t u = 0; u < plan->unit_count; u++) units += plan->first[u] < plan->first[u + 1];
    return units;
}

/* known 0: nothing to compare with; counted: whether the gap belongs to the set's mean. */
static void print_run(plans_bench *b, const char *instance, const pct_patrol_plan *plan, double result,
                      double known, double known_units, bool counted) {
    char name[96];
    (void)snprintf(name, sizeof name, "patrol.%s.%s", b->sums.name, instance);
    double gap = known > 0.0 ? 100.0 * (result - known) / known : 0.0;
    const pct_bench_number numbers[] = {{"value", result, 2},
                                        {"known", known, 2},
                                        {"gap_percent", gap, 3},
                                        {"units", units_of(plan), 0},
                                        {"known_units", known_units, 0},
                                        {"left", (double)plan->cost.musts_left, 0},
                                        {"bound", (double)plan->travel_bound, 0},
                                        {"iterations", (double)plan->iterations, 0},
                                        {"processor_s", b->budget_s, 2}};
    pct_bench_line(b->bench, name, "distance", numbers, sizeof numbers / sizeof *numbers);
    b->sums.runs++;
    b->sums.met += counted;
    if (known <= 0.0 || !counted) return;
    b->sums.gap += gap;
    b->sums.result += result;
    b->sums.known += known;
    b->sums.compared++;
}

static void print_set(plans_bench *b) {
    char name[96];
    (void)snprintf(name, sizeof name, "patrol.%s", b->sums.name);
    double of = b->sums.compared ? b->sums.compared : 1.0;
    const pct_bench_number numbers[] = {{"value", b->sums.gap / of, 3},
                                        {"mean_result", b->sums.result / of, 2},
                                        {"mean_known", b->sums.known / of, 2},
                                        {"compared", b->sums.compared, 0},
                                        {"met", b->sums.met, 0},
                                        {"n", b->sums.runs, 0},
                                        {"missing", b->sums.missing, 0},
                                        {"processor_s", b->budget_s, 2}};
    pct_bench_line(b->bench, name, "%", numbers, sizeof numbers / sizeof *numbers);
}

static pct_status map_file(const plans_bench *b, const char *inner, char path[PCT_PATH_MAX],
                           pct_mapped_file *out, pct_error *error) {
    pct_status status = pct_path_join(path, b->folder, inner, error);
    return status ? status : pct_file_map(path, out, error);
}

/* A table may name instances that are not in the folder: the set's line counts them. */
static bool is_missing(plans_bench *b, const char *inner) {
    char path[PCT_PATH_MAX];
    if (pct_path_join(path, b->folder, inner, NULL) || access(path, F_OK) == 0) return false;
    b->sums.missing++;
    return true;
}

/* One row of best_known.csv; `fewest`: of the second set. */
static pct_status run_windows(plans_bench *b, const char *instance, double known_units, double known,
                              bool fewest, pct_error *error) {
    char inner[160], path[PCT_PATH_MAX];
    pct_mapped_file file = {.memory = NULL};
    pct_instance in = {.scale = 0.0};
    pct_patrol_plan plan = {.unit_count = 0};
    (void)snprintf(inner, sizeof inner, fewest ? "vrptw/homberger_200/%s.txt" : "vrptw/solomon/%s.txt",
                   instance);
    if (is_missing(b, inner)) return PCT_OK;
    pct_status status = map_file(b, inner, path, &file, error);
    if (!status) status = pct_instance_read_vrptw(path, file.bytes, &in, error);
    if (!status) status = solve(b, path, &in, fewest, &plan, error);
    if (!status) {
        bool met = plan.cost.musts_left == 0 && (!fewest || units_of(&plan) <= (int32_t)known_units);
        print_run(b, instance, &plan, pct_instance_distance(&in, &plan), known, known_units, met);
    }
    pct_patrol_plan_dispose(&plan);
    pct_instance_dispose(&in);
    pct_file_unmap(&file);
    return status;
}

static pct_status run_vrptw(plans_bench *b, bool fewest, pct_error *error) {
    char path[PCT_PATH_MAX], instance[64];
    pct_mapped_file file = {.memory = NULL};
    pct_csv csv = {.file = NULL};
    bool more = false;
    int name = 0, units = 0, known = 0, other = 0;
    begin_set(b, fewest ? "homberger_200" : "solomon", fewest ? 60.0 : 10.0);
    pct_status status = map_file(b, "vrptw/best_known.csv", path, &file, error);
    if (!status) status = pct_csv_open(&csv, path, file.bytes, error);
    if (!status) status = pct_csv_column(&csv, "instance", &name, error);
    if (!status)
        status = pct_csv_column(&csv, fewest ? "vehicles_first_vehicles" : "distance_first_vehicles", &units,
                                error);
    if (!status)
        status = pct_csv_column(&csv, fewest ? "vehicles_first_distance" : "distance_first_distance", &known,
                                error);
    if (!status) status = pct_csv_column(&csv, "distance_first_distance", &other, error);
    while (!status && (status = pct_csv_next(&csv, &more, error)) == PCT_OK && more) {
        double known_units = 0.0, best = 0.0;
        bool is_homberger = pct_csv_text(&csv, other).length == 0;
        if (is_homberger != fewest) continue;
        pct_text text = pct_csv_text(&csv, name);
        (void)snprintf(instance, sizeof instance, "%.*s", (int)text.length, text.chars);
        status = pct_csv_real(&csv, units, 1, 1e4, &known_units, error);
        if (!status) status = pct_csv_real(&csv, known, 0, 1e7, &best, error);
        if (!status) status = run_windows(b, instance, known_units, best, fewest, error);
    }
    if (csv.file) pct_csv_close(&csv);
    pct_file_unmap(&file);
    if (!status) print_set(b);
    return status;
}

static pct_status run_profit(plans_bench *b, const char *instance, int32_t routes, double known,
                             pct_error *error) {
    char inner[160], path[PCT_PATH_MAX];
    pct_mapped_file file = {.memory = NULL};
    pct_instance in = {.scale = 0.0};
    pct_patrol_plan plan = {.unit_count = 0};
    (void)snprintf(inner, sizeof inner, "toptw/%s.txt", instance);
    if (is_missing(b, inner)) return PCT_OK;
    pct_status status = map_file(b, inner, path, &file, error);
    if (!status) status = pct_instance_read_toptw(path, file.bytes, routes, &in, error);
    if (!status) status = solve(b, path, &in, false, &plan, error);
    if (!status) {
        int64_t all = 0;
        for (int32_t d = 0; d < in.problem.demand_count; d++) all += in.problem.demands[d].weight;
        (void)snprintf(inner, sizeof inner, "%s.%d", instance, (int)routes);
        print_run(b, inner, &plan, (double)(all - plan.cost.shoulds_left), known, routes, true);
    }
    pct_patrol_plan_dispose(&plan);
    pct_instance_dispose(&in);
    pct_file_unmap(&file);
    return status;
}

static pct_status run_toptw(plans_bench *b, pct_error *error) {
    char path[PCT_PATH_MAX], instance[64];
    pct_mapped_file file = {.memory = NULL};
    pct_csv csv = {.file = NULL};
    bool more = false;
    int name = 0, routes = 0, known = 0;
    begin_set(b, "toptw", 10.0);
    pct_status status = map_file(b, "toptw/known.csv", path, &file, error);
    if (!status) status = pct_csv_open(&csv, path, file.bytes, error);
    if (!status) status = pct_csv_column(&csv, "instance", &name, error);
    if (!status) status = pct_csv_column(&csv, "routes", &routes, error);
    if (!status) status = pct_csv_column(&csv, "best_profit_of_a_published_heuristic", &known, error);
    while (!status && (status = pct_csv_next(&csv, &more, error)) == PCT_OK && more) {
        int64_t count = 0;
        double best = 0.0;
        pct_text text = pct_csv_text(&csv, name);
        (void)snprintf(instance, sizeof instance, "%.*s", (int)text.length, text.chars);
        status = pct_csv_integer(&csv, routes, 1, ROUTES_MAX, &count, error);
        if (!status) status = pct_csv_real(&csv, known, 0, 1e9, &best, error);
        if (!status) status = run_profit(b, instance, (int32_t)count, best, error);
    }
    if (csv.file) pct_csv_close(&csv);
    pct_file_unmap(&file);
    if (!status) print_set(b);
    return status;
}

static pct_status run_nearp(plans_bench *b, pct_error *error) {
    static const char *const names[] = {"CBMix12",       "mggdb_0.25_1",   "mggdb_0.30_10", "mggdb_0.30_14",
                                        "mgval_0.25_2A", "mgval_0.25_10A", "CBMix1",        "CBMix4",
                                        "CBMix9",        "CBMix20"};
    pct_status status = PCT_OK;
    begin_set(b, "nearp", 30.0);
    for (size_t i = 0; i < sizeof names / sizeof *names && !status; i++) {
        char inner[160], path[PCT_PATH_MAX];
        pct_mapped_file file = {.memory = NULL};
        pct_instance in = {.scale = 0.0};
        pct_patrol_plan plan = {.unit_count = 0};
        (void)snprintf(inner, sizeof inner, "nearp/%s.dat", names[i]);
        if (is_missing(b, inner)) continue;
        status = map_file(b, inner, path, &file, error);
        if (!status) status = pct_instance_read_nearp(path, file.bytes, &in, error);
        if (!status) status = solve(b, path, &in, false, &plan, error);
        if (!status)
            print_run(b, names[i], &plan, pct_instance_distance(&in, &plan), in.optimum, 0.0,
                      plan.cost.musts_left == 0);
        pct_patrol_plan_dispose(&plan);
        pct_instance_dispose(&in);
        pct_file_unmap(&file);
    }
    if (!status) print_set(b);
    return status;
}

static bool is_asked(const char *asked, const char *name) {
    return !asked || strcmp(asked, name) == 0;
}

static pct_status run_plans(pct_bench *bench, pct_error *error) {
    plans_bench b = {
        .bench = bench, .folder = pct_cli_option(bench->cli, "--instances"), .seed = 1, .threads = 1};
    const char *asked = pct_cli_option(bench->cli, "--set");
    if (!b.folder)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_MISSING, pct_str("bench"), pct_str("--instances"),
                        pct_str("DIR"));
    pct_status status = pct_cli_integer(bench->cli, "--seed", 0, INT32_MAX, &b.seed, error);
    if (!status) status = pct_cli_real(bench->cli, "--seconds", 0.01, 3600.0, &b.asked_s, error);
    if (!status) status = pct_cli_integer(bench->cli, "--iterations", 1, INT32_MAX, &b.iterations, error);
    if (!status)
        status = pct_cli_integer(bench->cli, "--threads", 1, PCT_PATROL_STREAMS_MAX, &b.threads, error);
    if (!status && b.threads > 1) status = pct_pool_new((unsigned)b.threads - 1, &b.pool, error);
    if (!status && is_asked(asked, "solomon")) status = run_vrptw(&b, false, error);
    if (!status && is_asked(asked, "homberger_200")) status = run_vrptw(&b, true, error);
    if (!status && is_asked(asked, "toptw")) status = run_toptw(&b, error);
    if (!status && is_asked(asked, "nearp")) status = run_nearp(&b, error);
    pct_pool_free(b.pool);
    return status;
}

const pct_bench_group pct_bench_patrol_plans = {.name = "patrol", .run = run_plans, .without_site = true};
