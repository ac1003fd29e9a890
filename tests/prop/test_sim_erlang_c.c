/* The queue M/M/c as a caricature of the service: one node, equal units, exponential service, no travel. The same
 * operations code must then wait as long as Erlang's formula C says:
 *
 *     P(wait) = (a^c ÷ c!) ÷ ((1 − ρ) Σ a^k ÷ k! (k < c) + a^c ÷ c!),   W = P(wait) s ÷ (c (1 − ρ)),   a = λ s = c ρ
 *
 * The mean over 30 seeds must have it in its 99 % interval, and the interval must be narrow enough to mean something.
 * With the same calls and services, one unit more never lets anybody wait longer on average. */
#include <math.h>

#include "base/memory.h"
#include "sim/operations.h"
#include "support/sim_world.h"
#include "support/test.h"

enum { SEEDS = 30, CALLS = 1500, WARM_UP_CALLS = 200, UNITS_MAX = 8 };
static const double service_s = 1000.0;

static double erlang_c_wait_s(int units, double rho) {
    double a = units * rho, term = 1.0, sum = 0.0;
    for (int k = 0; k < units; k++) {
        sum += term;
        term *= a / (k + 1);
    }
    double must_wait = term / ((1.0 - rho) * sum + term);
    return must_wait * service_s / (units * (1.0 - rho));
}

typedef struct queue {
    pct_codes *codes;
    pct_service_times *times;
    pct_travel travel;
    pct_unit_row units[UNITS_MAX];
    pct_sim_shift shifts[UNITS_MAX];
    pct_sim_call calls[CALLS];
} queue;

static void queue_open(queue *q) {
    *q = (queue){.codes = sim_world_codes(), .travel = pct_travel_at_one_place()};
    q->times = sim_world_times_of(q->codes, "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,"
                                            "turnout_cv,on_scene_mean_s,on_scene_cv,report_mean_s,report_cv\n"
                                            "*,,0,0,0,0,1000,1,0,0\n");
    static const char *const names[UNITS_MAX] = {"A", "B", "C", "D", "E", "F", "G", "H"};
    for (uint32_t u = 0; u < UNITS_MAX; u++) {
        q->units[u] = sim_world_unit(names[u], 0, SIM_PATROL);
        q->shifts[u] = (pct_sim_shift){u, 0, INT64_C(1) << 50};
    }
}

static void queue_close(queue *q) {
    pct_service_times_free(q->times);
    pct_codes_free(q->codes);
}

/* Mean waiting time of one run; arrivals depend on the seed and the rate alone. */
static double mean_wait_s(queue *q, uint32_t units, double calls_per_s, uint64_t seed) {
    pct_rng rng = pct_rng_init(seed, 77);
    double now_s = 0.0;
    for (int i = 0; i < CALLS; i++) {
        now_s += pct_rng_exponential(&rng, 1.0 / calls_per_s);
        q->calls[i] = (pct_sim_call){llround(now_s * 1000.0), {0, 0}, SIM_JOB, 3};
    }
    pct_operations_input in = {.codes = q->codes,
                               .service_times = q->times,
                               .travel = &q->travel,
                               .policy = &pct_policy_nearest,
                               .units = q->units,
                               .unit_count = units,
                               .shifts = q->shifts,
                               .shift_count = units,
                               .calls = q->calls,
                               .call_count = CALLS,
                               .settings = pct_operations_settings_default()};
    in.settings.warm_up_ms = q->calls[WARM_UP_CALLS].at_ms - q->calls[0].at_ms;
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    test_ok(pct_operations_new(&in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, seed, &report, &error), &error);
    ck_assert_uint_eq(report.served, CALLS);
    ck_assert_uint_eq(report.queued.count, CALLS - WARM_UP_CALLS);
    pct_operations_free(operations);
    return report.queued.mean / 1000.0;
}

static void agrees_with_erlang(uint32_t units, double rho) {
    queue *q = pct_alloc(1, sizeof *q);
    ck_assert_ptr_nonnull(q);
    queue_open(q);
    double waits_s[SEEDS];
    for (int s = 0; s < SEEDS; s++)
        waits_s[s] = mean_wait_s(q, units, units * rho / service_s, (uint64_t)s + 1);
    pct_interval interval = pct_interval_of(waits_s, SEEDS, 0.99);
    double expected_s = erlang_c_wait_s((int)units, rho);
    fprintf(stderr, "M/M/%u at %.2f: Erlang %.1f s, found %.1f s +- %.1f s\n", units, rho, expected_s,
            interval.mean, interval.half_width);
    ck_assert_double_le(fabs(interval.mean - expected_s), interval.half_width);
    ck_assert_double_lt(interval.half_width, 0.25 * expected_s);
    queue_close(q);
    pct_free(q);
}

TEST(three_units_wait_as_erlang_c_says) {
    agrees_with_erlang(3, 0.7);
}

TEST(five_units_wait_as_erlang_c_says) {
    agrees_with_erlang(5, 0.75);
}

TEST(more_units_never_lengthen_the_mean_waiting) {
    queue *q = pct_alloc(1, sizeof *q);
    ck_assert_ptr_nonnull(q);
    queue_open(q);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        double last_s = INFINITY;
        for (uint32_t units = 3; units <= UNITS_MAX; units++) {
            double wait_s = mean_wait_s(q, units, 2.8 / service_s, seed);
            ck_assert_double_le(wait_s, last_s);
            last_s = wait_s;
        }
    }
    queue_close(q);
    pct_free(q);
}

TEST_MAIN("sim erlang c", TEST_CASE(three_units_wait_as_erlang_c_says),
          TEST_CASE(five_units_wait_as_erlang_c_says), TEST_CASE(more_units_never_lengthen_the_mean_waiting))
