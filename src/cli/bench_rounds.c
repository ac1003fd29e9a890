/* `precinct bench rounds`: what is done with plans of a made-up city (bench_rounds.h). Times are processor time of this thread. */
#include <stdlib.h>
#include <time.h>

#include "cli/bench.h"
#include "cli/bench_rounds.h"
#include "patrol/check.h"
#include "patrol/draw.h"
#include "patrol/replan.h"
#include "patrol/response.h"
#include "patrol/solve.h"

enum {
    PLAN_ITERATIONS = 4000,
    CALLS = 300,
    NEIGHBOURS = 4,
    REPLAN_ITERATIONS = 400,
    CALL_POINTS = 100,
    DRAWN = 20,
    DRAW_ITERATIONS = 300,
    BIN_MINUTES = 15
};
static const size_t arena_max = (size_t)1 << 28;

typedef struct rounds_bench {
    pct_bench *bench;
    pct_arena arena;
    pct_rng rng;
    pct_patrol_problem problem;
    pct_patrol_plan plan;
    double samples_ms[CALLS];
} rounds_bench;

static double processor_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

static pct_status check_plan(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                             pct_error *error) {
    pct_patrol_finding found = pct_patrol_check(problem, plan, false);
    if (!found.fault) return PCT_OK;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_PATROL_UNSOUND, pct_str("rounds"),
                    pct_int((int64_t)found.fault), pct_int(found.unit));
}

static pct_status make_plan(rounds_bench *b, pct_error *error) {
    pct_patrol_settings settings = {.seed = 1, .iterations_max = PLAN_ITERATIONS};
    pct_status status = pct_bench_city(&b->rng, true, &b->arena, &b->problem, error);
    double began_ms = processor_ms();
    if (!status) status = pct_patrol_solve(&b->problem, &settings, &b->plan, error);
    if (status) return status;
    status = check_plan(&b->problem, &b->plan, error);
    if (status) return status;
    const pct_bench_number numbers[] = {{"value", processor_ms() - began_ms, 1},
                                        {"iterations", PLAN_ITERATIONS, 0},
                                        {"musts_left", (double)b->plan.cost.musts_left, 0},
                                        {"shoulds_left", (double)b->plan.cost.shoulds_left, 0},
                                        {"travel_s", (double)b->plan.cost.travel / 1e3, 0}};
    pct_bench_line(b->bench, "rounds.plan", "ms", numbers, sizeof numbers / sizeof *numbers);
    return PCT_OK;
}

/* A unit that is out on its round. */
static int32_t draw_unit(rounds_bench *b) {
    while (true) {
        int32_t u = (int32_t)pct_rng_below(&b->rng, (uint32_t)b->problem.unit_count);
        if (b->plan.back_ms[u] > b->plan.leave_ms[u]) return u;
    }
}

/* A unit leaves its round at a random time for half an hour and comes back at some point of the city; every tenth does not come back. */
static pct_status replan(rounds_bench *b, pct_error *error) {
    int64_t planned = b->plan.visit_count, lost = 0, musts = 0;
    pct_status status = PCT_OK;
    for (int i = 0; i < CALLS && !status; i++) {
        int32_t unit = draw_unit(b);
        int64_t out_ms = b->plan.back_ms[unit] - b->plan.leave_ms[unit];
        pct_replan_call call = {.unit = unit,
                                .left_ms = b->plan.leave_ms[unit] +
                                           (int64_t)pct_rng_below(&b->rng, (uint32_t)out_ms),
                                .returns = i % 10 != 0,
                                .place = (int32_t)pct_rng_below(&b->rng, (uint32_t)b->problem.place_count),
                                .neighbours = NEIGHBOURS,
                                .seed = 1,
                                .iterations = REPLAN_ITERATIONS};
        call.free_ms = call.left_ms + 30 * 60000;
        pct_replan_result out;
        double began_ms = processor_ms();
        status = pct_replan(&b->problem, &b->plan, &call, &out, error);
        b->samples_ms[i] = processor_ms() - began_ms;
        lost += out.lost_count;
        for (int32_t k = 0; k < out.lost_count; k++) musts += b->problem.demands[out.lost[k]].must;
        pct_replan_dispose(&out);
    }
    if (status) return status;
    qsort(b->samples_ms, CALLS, sizeof *b->samples_ms, by_value);
    const pct_bench_number numbers[] = {{"median", b->samples_ms[CALLS / 2], 2},
                                        {"p99", b->samples_ms[(CALLS * 99 + 99) / 100 - 1], 2},
                                        {"n", CALLS, 0},
                                        {"neighbours", NEIGHBOURS, 0},
                                        {"iterations", REPLAN_ITERATIONS, 0},
                                        {"visits", (double)planned, 0},
                                        {"lost_per_call", (double)lost / CALLS, 3},
                                        {"lost_musts_per_call", (double)musts / CALLS, 3}};
    pct_bench_line(b->bench, "rounds.replan", "ms", numbers, sizeof numbers / sizeof *numbers);
    return PCT_OK;
}

/* Calls at a hundred of the places, few of them at most, a unit busy a quarter of its time. */
static pct_status draw_calls(rounds_bench *b, pct_patrol_calls *out, pct_error *error) {
    int32_t places = b->problem.place_count;
    double *per_hour = pct_arena_alloc(&b->arena, CALL_POINTS, sizeof *per_hour);
    int32_t *time_ms = pct_arena_alloc(&b->arena, (size_t)places * CALL_POINTS, sizeof *time_ms);
    if (!per_hour || !time_ms) return pct_error_memory(error, (size_t)places * CALL_POINTS * sizeof *time_ms);
    for (int32_t i = 0; i < CALL_POINTS; i++) {
        size_t like = pct_rng_below(&b->rng, (uint32_t)places);
        per_hour[i] = pct_rng_exponential(&b->rng, 0.2);
        for (size_t place = 0; place < (size_t)places; place++)
            time_ms[place * CALL_POINTS + (size_t)i] = b->problem.travel_ms[place * (size_t)places + like];
    }
    *out = (pct_patrol_calls){.point_count = CALL_POINTS,
                              .per_hour = per_hour,
                              .time_ms = time_ms,
                              .busy = 0.25,
                              .slice_ms = 10 * 60000,
                              .step_ms = 1000,
                              .nobody_ms = 30 * 60000};
    return PCT_OK;
}

/* The plan that does not mind calls, and one that begins with it and does for as many iterations. */
static pct_status respond(rounds_bench *b, pct_error *error) {
    pct_patrol_calls calls;
    pct_patrol_plan plan = {.unit_count = 0};
    pct_patrol_settings settings = {.seed = 1, .iterations_max = 2 * PLAN_ITERATIONS};
    double with_ms = 0.0, without_ms = 0.0;
    pct_status status = draw_calls(b, &calls, error);
    if (status) return status;
    b->problem.calls = &calls;
    status = pct_response_of_plan(&b->problem, &b->plan, &without_ms, error);
    double began_ms = processor_ms();
    if (!status) status = pct_patrol_solve(&b->problem, &settings, &plan, error);
    double took_ms = processor_ms() - began_ms;
    if (!status) status = check_plan(&b->problem, &plan, error);
    if (!status) status = pct_response_of_plan(&b->problem, &plan, &with_ms, error);
    const pct_bench_number numbers[] = {{"value", with_ms / 1e3, 2},
                                        {"without", without_ms / 1e3, 2},
                                        {"ratio", without_ms > 0.0 ? with_ms / without_ms : 0.0, 4},
                                        {"musts_left", (double)plan.cost.musts_left, 0},
                                        {"shoulds_left", (double)plan.cost.shoulds_left, 0},
                                        {"travel_s", (double)plan.cost.travel / 1e3, 0},
                                        {"iterations", 2 * PLAN_ITERATIONS, 0},
                                        {"processor_ms", took_ms, 0}};
    if (!status) pct_bench_line(b->bench, "rounds.response", "s", numbers, sizeof numbers / sizeof *numbers);
    pct_patrol_plan_dispose(&plan);
    b->problem.calls = NULL;
    return status;
}

/* Twenty plans within three in a hundred of the best; each is checked. */
static pct_status draw(rounds_bench *b, pct_error *error) {
    pct_draw_settings settings = {.seed = 1, .iterations = DRAW_ITERATIONS, .share = 0.03};
    pct_patrol_plan plans[DRAWN];
    double *bits = pct_arena_alloc(&b->arena, (size_t)b->problem.demand_count, sizeof *bits), travel = 0.0;
    if (!bits) return pct_error_memory(error, (size_t)b->problem.demand_count * sizeof *bits);
    double began_ms = processor_ms();
    pct_status status = pct_draw_plans(&b->problem, &b->plan, &settings, DRAWN, plans, error);
    double took_ms = (processor_ms() - began_ms) / DRAWN;
    if (status) return status;
    for (int i = 0; i < DRAWN && !status; i++) {
        status = check_plan(&b->problem, &plans[i], error);
        travel += (double)plans[i].cost.travel / DRAWN;
    }
    if (!status) status = pct_draw_entropy(&b->problem, plans, DRAWN, BIN_MINUTES * 60000, bits, error);
    const pct_bench_number numbers[] = {{"value", status ? 0.0 : pct_draw_entropy_mean(&b->problem, bits), 3},
                                        {"plans", DRAWN, 0},
                                        {"bin_minutes", BIN_MINUTES, 0},
                                        {"share", settings.share, 3},
                                        {"mean_travel_ratio", travel / (double)b->plan.cost.travel, 4},
                                        {"processor_ms", took_ms, 1}};
    if (!status)
        pct_bench_line(b->bench, "rounds.entropy", "bits", numbers, sizeof numbers / sizeof *numbers);
    for (int i = 0; i < DRAWN; i++) pct_patrol_plan_dispose(&plans[i]);
    return status;
}

static pct_status run_rounds(pct_bench *bench, pct_error *error) {
    rounds_bench *b = pct_alloc_zeroed(1, sizeof *b);
    if (!b) return pct_error_memory(error, sizeof *b);
    b->bench = bench;
    b->arena = pct_arena_init(arena_max);
    b->rng = pct_rng_init(1, 0);
    pct_status status = make_plan(b, error);
    if (!status) status = replan(b, error);
    if (!status) status = draw(b, error);
    if (!status) status = respond(b, error);
    pct_patrol_plan_dispose(&b->plan);
    pct_arena_dispose(&b->arena);
    pct_free(b);
    return status;
}

const pct_bench_group pct_bench_rounds = {.name = "rounds", .run = run_rounds, .without_site = true};
