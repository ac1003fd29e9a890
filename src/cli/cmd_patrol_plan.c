/* precinct patrol plan SITE --problem FILE: a duty problem in, a duty plan out (docs/reference/duty-plan.md). With a folder: each problem in it, as
 * the stations of a city have one each, on a map that is opened once. */
#include <math.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/json_files.h"
#include "patrol/duty_line.h"
#include "patrol/duty_make.h"
#include "site/duty_roads.h"

enum { S_PER_MINUTE = 60, PERCENT = 100, PROGRESS_S = 2, PROBLEMS_MAX = 10000, PLAN_BYTES_MAX = 256 << 20 };
static const double seconds_default = 10.0, seconds_max = 86400.0, iterations_max = 1e12;

typedef struct job {
    pct_cli *cli;
    pct_site site;
    pct_mapped_file file;
    pct_duty duty;
    pct_site_duty_roads *roads;
    pct_duty_plan plan;
    pct_pool *pool;
    double began_s, budget_s, told_s, first_s;
    bool is_planned;
    pct_patrol_settings settings;
    double vary;
} job;

static double spent(void *context) {
    const job *j = context;
    return (pct_cli_seconds() - j->began_s) / j->budget_s;
}

/* A line each two seconds, for whoever waits. */
static void better(void *context, const pct_patrol_cost *cost, uint64_t iteration) {
    job *j = context;
    double now_s = pct_cli_seconds();
    (void)iteration;
    if (isnan(j->first_s)) j->first_s = now_s - j->began_s;
    if (now_s - j->told_s < PROGRESS_S) return;
    j->told_s = now_s;
    const pct_param params[] = {pct_int(llround(now_s - j->began_s)), pct_int(cost->musts_left / 1000),
                                pct_int(cost->travel / 1000 / S_PER_MINUTE)};
    pct_cli_progress(j->cli, PCT_MSG_PATROL_PLAN_PROGRESS, params, sizeof params / sizeof *params);
}

static pct_status open_site(job *j, pct_error *error) {
    pct_status status = pct_site_open(j->cli->arguments[0], &j->site, error);
    if (!status) status = pct_site_open_road(&j->site, 0.0, error);
    if (!status && pct_site_has_patrol(&j->site)) status = pct_site_open_patrol(&j->site, 0.0, error);
    return status;
}

static pct_status read_problem(job *j, const char *name, pct_error *error) {
    pct_status status = pct_file_map(name, &j->file, error);
    if (!status) status = pct_duty_read(name, j->file.bytes, &j->site.zone, &j->duty, error);
    if (status) return status;
    const pct_duty_span span = pct_duty_span_of(&j->duty);
    return pct_site_duty_roads_open(&j->site, span.from_ms, span.to_ms, &j->roads, error);
}

static pct_status read_options(job *j, pct_error *error) {
    int64_t seed = 1, iterations = 0, threads = 1;
    double vary = 0.0;
    j->budget_s = seconds_default;
    pct_status status = pct_cli_integer(j->cli, "--seed", 0, INT64_MAX / 2, &seed, error);
    if (!status)
        status = pct_cli_integer(j->cli, "--iterations", 1, (int64_t)iterations_max, &iterations, error);
    if (!status) status = pct_cli_integer(j->cli, "--threads", 1, PCT_PATROL_STREAMS_MAX, &threads, error);
    if (!status && threads > 1) status = pct_pool_new((unsigned)threads - 1, &j->pool, error);
    if (!status) status = pct_cli_real(j->cli, "--vary", 0.0, PERCENT, &vary, error);
    if (!status) status = pct_cli_real(j->cli, "--seconds", 0.01, seconds_max, &j->budget_s, error);
    j->vary = vary / PERCENT;
    j->settings = (pct_patrol_settings){.seed = (uint64_t)seed,
                                        .iterations_max = (uint64_t)iterations,
                                        .streams = (uint32_t)threads,
                                        .bound_passes = PCT_DUTY_BOUND_PASSES,
                                        .pool = j->pool,
                                        .spent = iterations ? NULL : spent,
                                        .better = better,
                                        .context = j};
    return status;
}

/* From the file to the plan; what it holds is given back by forget. */
static pct_status plan(job *j, const char *name, pct_error *error) {
    pct_status status = read_problem(j, name, error);
    if (status) return status;
    j->first_s = NAN;
    j->began_s = j->told_s = pct_cli_seconds();
    status = pct_duty_make(&j->duty, &j->roads->roads, &j->settings, j->vary, &j->plan, error);
    if (status) return status;
    j->is_planned = true;
    if (pct_cli_flag(j->cli, "--geometry")) status = pct_duty_plan_draw(&j->plan, &j->roads->roads, error);
    if (status) return status;
    j->plan.first_s = j->first_s;
    j->plan.wall_s = pct_cli_seconds() - j->began_s;
    j->plan.map_version = j->site.map_version;
    return PCT_OK;
}

static void forget(job *j) {
    if (j->is_planned) pct_duty_plan_dispose(&j->plan);
    j->is_planned = false;
    pct_site_duty_roads_free(j->roads);
    j->roads = NULL;
    pct_duty_dispose(&j->duty);
    pct_file_unmap(&j->file);
}

static int64_t minutes(double seconds) {
    return llround(seconds / S_PER_MINUTE);
}

/* "08:05", on the site's clock. */
static void clock_of(const job *j, int64_t utc_ms, char out[8]) {
    int32_t offset_s;
    pct_civil civil = pct_zone_to_local(&j->site.zone, utc_ms, &offset_s);
    (void)snprintf(out, 8, "%02d:%02d", civil.hour, civil.minute);
}

static void say_route(job *j, const pct_duty_route *route) {
    char from[8], to[8];
    clock_of(j, route->leave_ms, from);
    clock_of(j, route->back_ms, to);
    PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_ROUTE, pct_view(route->unit), pct_str(from), pct_str(to),
            pct_int((int64_t)route->stop_count), pct_int(minutes((double)route->travel_ms / 1000.0)));
    for (size_t i = 0; i < route->stop_count; i++) {
        const pct_duty_stop *stop = &route->stops[i];
        const char *kind = pct_duty_kind_name(stop->kind);
        clock_of(j, stop->start_ms, from);
        clock_of(j, stop->end_ms, to);
        PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_STOP, pct_str(from), pct_str(to),
                stop->id.length ? pct_view(stop->id) : pct_str(kind), pct_view(stop->name));
    }
}

static void say_left(job *j) {
    const pct_duty_plan *p = &j->plan;
    if (p->unmet_count) PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_LEFT, pct_int((int64_t)p->unmet_count));
    for (size_t i = 0; i < p->unmet_count; i++) {
        pct_buffer text = pct_buffer_init(PLAN_BYTES_MAX);
        pct_duty_unmet_text(&p->unmet[i], j->cli->language, &text);
        PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_UNMET, pct_str(pct_buffer_chars(&text)));
        pct_buffer_dispose(&text);
    }
}

static void say_head(job *j) {
    const pct_duty_plan *p = &j->plan;
    size_t rounds = 0, stops = 0;
    for (size_t r = 0; r < p->route_count; r++) {
        rounds += p->routes[r].stop_count > 0;
        stops += p->routes[r].stop_count;
    }
    PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_HEAD, pct_view(p->name), pct_view(p->date), pct_int((int64_t)rounds),
            pct_int((int64_t)stops), pct_int(minutes(p->travel_s)));
}

static void say(job *j) {
    const pct_duty_plan *p = &j->plan;
    say_head(j);
    if (p->bound_travel_s > 0.0)
        PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_BOUND, pct_int(minutes(p->bound_travel_s)));
    if (!isnan(p->entropy_bits))
        PCT_SAY(j->cli, PCT_MSG_PATROL_PLAN_ENTROPY, pct_real(p->entropy_bits), pct_int(PCT_DUTY_DRAWN));
    for (size_t r = 0; r < p->route_count; r++) say_route(j, &p->routes[r]);
    say_left(j);
}

/* The plan as JSON, to the file where one is named. */
static pct_status write_plan(job *j, const char *file, pct_buffer *json, pct_error *error) {
    pct_buffer_clear(json);
    pct_duty_plan_write(&j->plan, &j->site.zone, j->cli->language, json);
    (void)pct_buffer_append_byte(json, '\n');
    pct_status status = pct_buffer_status(json, error);
    return status || !file
               ? status
               : pct_file_replace(file, (pct_text){(const char *)json->bytes, json->length}, error);
}

static pct_status plan_one(job *j, const char *name, pct_buffer *json, double *left, pct_error *error) {
    pct_status status = plan(j, name, error);
    if (!status) status = write_plan(j, pct_cli_option(j->cli, "--out"), json, error);
    if (status) return status;
    *left = j->plan.musts_left;
    if (j->cli->json)
        (void)pct_buffer_append(&j->cli->out, json->bytes, json->length);
    else
        say(j);
    return PCT_OK;
}

static void tell_of_many(job *j, const char *name, pct_json_writer *json) {
    const pct_duty_plan *p = &j->plan;
    if (!j->cli->json) {
        say_head(j);
        say_left(j);
        return;
    }
    pct_json_begin_object(json);
    pct_json_key(json, "file");
    pct_json_string(json, name);
    pct_json_key(json, "feasible");
    pct_json_bool(json, p->feasible);
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"musts_left", p->musts_left},
                   {"travel_s", p->travel_s},
                   {"bound_travel_s", p->bound_travel_s},
                   {"wall_s", p->wall_s}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pct_json_key(json, numbers[i].key);
        pct_json_real(json, numbers[i].value, 3);
    }
    pct_json_end_object(json);
}

/* Each problem of the folder, its plan under the same name in another. */
static pct_status plan_many(job *j, const char *folder, pct_buffer *text, double *left, pct_error *error) {
    const char *out = pct_cli_option(j->cli, "--out");
    if (!out || !pct_cli_is_folder(out))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PATROL_PLAN_OUT_FOLDER, pct_str(folder));
    pct_arena arena = pct_arena_init(1 << 20);
    pct_vector names = pct_vector_init(sizeof(char *), PROBLEMS_MAX);
    pct_json_writer json = pct_json_writer_init(&j->cli->out);
    pct_status status = pct_cli_json_files(folder, &arena, &names, error);
    if (!status && j->cli->json) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "plans");
        pct_json_begin_array(&json);
    }
    for (size_t i = 0; i < names.length && !status; i++) {
        const char *name = ((char **)names.items)[i];
        char from[PCT_PATH_MAX], to[PCT_PATH_MAX];
        status = pct_path_join(from, folder, name, error);
        if (!status) status = pct_path_join(to, out, name, error);
        if (!status) status = plan(j, from, error);
        if (!status) status = write_plan(j, to, text, error);
        if (!status) tell_of_many(j, name, &json);
        if (!status) *left += j->plan.musts_left;
        forget(j);
    }
    if (!status && j->cli->json) {
        pct_json_end_array(&json);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&j->cli->out, '\n');
    }
    pct_vector_dispose(&names);
    pct_arena_dispose(&arena);
    return status;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    job j = {.cli = cli};
    const char *name = pct_cli_option(cli, "--problem");
    pct_buffer text = pct_buffer_init(PLAN_BYTES_MAX);
    double left = 0.0;
    pct_status status = read_options(&j, error);
    if (!status) status = open_site(&j, error);
    if (!status) status = (pct_cli_is_folder(name) ? plan_many : plan_one)(&j, name, &text, &left, error);
    if (!status && left > 0.0)
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_PATROL_PLAN_INFEASIBLE, pct_int(llround(left)));
    forget(&j);
    pct_buffer_dispose(&text);
    pct_pool_free(j.pool);
    pct_site_close(&j.site);
    return status;
}

const pct_cli_command pct_cmd_patrol_plan = {
    .name = "patrol plan",
    .arguments = "SITE",
    .summary = PCT_MSG_PATROL_PLAN_HELP,
    .options = {{"--problem", "FILE", PCT_MSG_PATROL_PLAN_PROBLEM, true},
                {"--seconds", "S", PCT_MSG_PATROL_PLAN_SECONDS, false},
                {"--iterations", "N", PCT_MSG_PATROL_PLAN_ITERATIONS, false},
                {"--seed", "N", PCT_MSG_PATROL_PLAN_SEED, false},
                {"--vary", "PERCENT", PCT_MSG_PATROL_PLAN_VARY, false},
                {"--threads", "T", PCT_MSG_PATROL_PLAN_THREADS, false},
                {"--geometry", NULL, PCT_MSG_PATROL_PLAN_GEOMETRY, false},
                {"--out", "FILE", PCT_MSG_PATROL_PLAN_OUT, false}},
    .run = run};
