/* precinct patrol solve-benchmark FILE: the solver on one published instance, its plan held against the independent checker, in the
 * instance's own numbers. The form is told from the file's beginning. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/patrol_instance.h"
#include "patrol/check.h"
#include "patrol/solve.h"
#include "site/file.h"

enum { ROUTES_MAX = 1000, BOUND_PASSES = 300 };

typedef struct solving {
    const char *file;
    pct_instance instance;
    pct_patrol_plan plan;
    bool fewest, has_profit;
    int64_t seed, threads, routes;
    double seconds, began_s;
} solving;

static double spent(void *context) {
    const solving *s = context;
    return (pct_cli_seconds() - s->began_s) / s->seconds;
}

static pct_status read_options(const pct_cli *cli, solving *s, pct_error *error) {
    const char *objective = pct_cli_option(cli, "--objective");
    s->fewest = objective && strcmp(objective, "vehicles") == 0;
    if (objective && !s->fewest && strcmp(objective, "distance") != 0 && strcmp(objective, "profit") != 0)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--objective"),
                        pct_phrase(PCT_MSG_PATROL_EXPECTED_OBJECTIVE), pct_str(objective));
    pct_status status = pct_cli_real(cli, "--seconds", 0.01, 86400.0, &s->seconds, error);
    if (!status) status = pct_cli_integer(cli, "--seed", 0, INT64_MAX, &s->seed, error);
    if (!status) status = pct_cli_integer(cli, "--threads", 1, PCT_PATROL_STREAMS_MAX, &s->threads, error);
    return status ? status : pct_cli_integer(cli, "--routes", 1, ROUTES_MAX, &s->routes, error);
}

/* The numbers that begin the first line; a profit instance has four, the second is how many routes it has. */
static int first_numbers(pct_text bytes, double of[4]) {
    pct_text line, word;
    int count = 0;
    if (!pct_text_next(&bytes, '\n', &line)) return 0;
    while (count < 4 && pct_instance_word(&line, &word) && pct_text_to_real(word, &of[count])) count++;
    return count;
}

static pct_status read_instance(solving *s, pct_text bytes, pct_error *error) {
    static const char nearp[] = "Name:";
    size_t length = sizeof nearp - 1;
    double of[4];
    if (bytes.length >= length && memcmp(bytes.chars, nearp, length) == 0)
        return pct_instance_read_nearp(s->file, bytes, &s->instance, error);
    s->has_profit = first_numbers(bytes, of) >= 3;
    if (!s->has_profit) return pct_instance_read_vrptw(s->file, bytes, &s->instance, error);
    bool is_count = of[1] >= 1.0 && of[1] <= ROUTES_MAX && floor(of[1]) == of[1];
    if (!s->routes && !is_count)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PATROL_INSTANCE, pct_str(s->file), pct_int(1),
                        pct_phrase(PCT_MSG_PATROL_EXPECTED_INSTANCE));
    int32_t routes = s->routes ? (int32_t)s->routes : (int32_t)of[1];
    return pct_instance_read_toptw(s->file, bytes, routes, &s->instance, error);
}

static pct_status solve(solving *s, pct_error *error) {
    const pct_patrol_problem *p = &s->instance.problem;
    pct_pool *pool = NULL;
    pct_status status = s->threads > 1 ? pct_pool_new((unsigned)s->threads - 1, &pool, error) : PCT_OK;
    const pct_patrol_settings settings = {.seed = (uint64_t)s->seed,
                                          .streams = (uint32_t)s->threads,
                                          .pool = pool,
                                          .bound_passes = BOUND_PASSES,
                                          .fewest_units = s->fewest,
                                          .spent = spent,
                                          .context = s};
    if (!status) status = pct_patrol_solve(p, &settings, &s->plan, error);
    pct_pool_free(pool);
    if (status) return status;
    pct_patrol_finding found = pct_patrol_check(p, &s->plan, s->fewest);
    if (found.fault)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_PATROL_UNSOUND, pct_str(s->file),
                        pct_int((int64_t)found.fault), pct_int(found.unit));
    return PCT_OK;
}

/* --- the answer ----------------------------------------------------------------------------------------------------- */

static int64_t profit(const solving *s) {
    int64_t sum = -s->plan.cost.shoulds_left;
    for (int32_t d = 0; d < s->instance.problem.demand_count; d++)
        sum += s->instance.problem.demands[d].weight;
    return sum;
}

static int32_t vehicles(const solving *s) {
    int32_t used = 0;
    for (int32_t u = 0; u < s->plan.unit_count; u++) used += s->plan.first[u] < s->plan.first[u + 1];
    return used;
}

static int32_t musts_left(const solving *s) {
    int32_t left = 0;
    for (int32_t d = 0; d < s->instance.problem.demand_count; d++)
        left += s->instance.problem.demands[d].must;
    for (int32_t v = 0; v < s->plan.visit_count; v++)
        left -= s->instance.problem.demands[s->instance.problem.modes[s->plan.mode[v]].demand].must;
    return left;
}

/* Customers by their number in the file; of node, edge and arc routing [from, to] by the numbers of their nodes. */
static void write_routes(pct_json_writer *json, const solving *s) {
    pct_json_key(json, "routes");
    pct_json_begin_array(json);
    for (int32_t u = 0; u < s->plan.unit_count; u++) {
        if (s->plan.first[u] == s->plan.first[u + 1]) continue;
        pct_json_begin_array(json);
        for (int32_t v = s->plan.first[u]; v < s->plan.first[u + 1]; v++) {
            const pct_patrol_mode *m = &s->instance.problem.modes[s->plan.mode[v]];
            if (s->instance.x) {
                pct_json_integer(json, m->from);
                continue;
            }
            pct_json_begin_array(json);
            pct_json_integer(json, m->from + 1);
            pct_json_integer(json, m->to + 1);
            pct_json_end_array(json);
        }
        pct_json_end_array(json);
    }
    pct_json_end_array(json);
}

static void write_json(pct_cli *cli, const solving *s) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "vehicles");
    pct_json_integer(&json, vehicles(s));
    pct_json_key(&json, "distance");
    pct_json_real(&json, pct_instance_distance(&s->instance, &s->plan), 4);
    pct_json_key(&json, "profit");
    if (s->has_profit)
        pct_json_integer(&json, profit(s));
    else
        pct_json_null(&json);
    pct_json_key(&json, "cost");
    pct_json_real(&json, (double)s->plan.cost.travel / s->instance.scale, 4);
    pct_json_key(&json, "bound");
    pct_json_real(&json, (double)s->plan.travel_bound / s->instance.scale, 4);
    pct_json_key(&json, "feasible");
    pct_json_bool(&json, s->plan.cost.musts_left == 0);
    pct_json_key(&json, "left");
    pct_json_integer(&json, musts_left(s));
    pct_json_key(&json, "iterations");
    pct_json_integer(&json, (int64_t)s->plan.iterations);
    pct_json_key(&json, "wall_s");
    pct_json_real(&json, pct_cli_seconds() - s->began_s, 3);
    write_routes(&json, s);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static void say(pct_cli *cli, const solving *s) {
    char distance[32], gained[32] = "–";
    (void)snprintf(distance, sizeof distance, "%.2f", pct_instance_distance(&s->instance, &s->plan));
    if (s->has_profit) (void)snprintf(gained, sizeof gained, "%lld", (long long)profit(s));
    if (s->plan.cost.musts_left)
        PCT_SAY(cli, PCT_MSG_PATROL_SOLVED_IN_PART, pct_int(musts_left(s)), pct_int(vehicles(s)),
                pct_str(distance));
    else
        PCT_SAY(cli, PCT_MSG_PATROL_SOLVED, pct_int(vehicles(s)), pct_str(distance), pct_str(gained));
}

static pct_status run(pct_cli *cli, pct_error *error) {
    solving s = {.file = cli->arguments[0], .seed = 1, .threads = 1, .seconds = 10.0};
    pct_mapped_file file = {.memory = NULL};
    s.began_s = pct_cli_seconds();
    pct_status status = read_options(cli, &s, error);
    if (!status) status = pct_file_map(s.file, &file, error);
    if (!status) status = read_instance(&s, file.bytes, error);
    if (!status) status = solve(&s, error);
    if (!status && cli->json) write_json(cli, &s);
    if (!status && !cli->json) say(cli, &s);
    pct_patrol_plan_dispose(&s.plan);
    pct_instance_dispose(&s.instance);
    pct_file_unmap(&file);
    return status;
}

const pct_cli_command pct_cmd_patrol_solve = {
    .name = "patrol solve-benchmark",
    .arguments = "FILE",
    .summary = PCT_MSG_PATROL_SOLVE_HELP,
    .options = {{"--objective", "distance|vehicles|profit", PCT_MSG_PATROL_SOLVE_OBJECTIVE, false},
                {"--seconds", "S", PCT_MSG_PATROL_SOLVE_SECONDS, false},
                {"--seed", "N", PCT_MSG_PATROL_SOLVE_SEED, false},
                {"--threads", "T", PCT_MSG_PATROL_SOLVE_THREADS, false},
                {"--routes", "N", PCT_MSG_PATROL_SOLVE_ROUTES, false}},
    .run = run};
