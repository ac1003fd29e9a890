/* Laws of the operations model, on random services along the street of support/sim_world.h. */
#include "base/memory.h"
#include "sim/operations.h"
#include "support/sim_world.h"
#include "support/test.h"

enum { UNITS = 6, CALLS = 120, SHIFTS = UNITS * 4, WORLDS = 25 };

typedef struct world {
    pct_codes *codes;
    pct_service_times *times;
    pct_travel travel;
    pct_unit_row units[UNITS];
    pct_sim_shift shifts[SHIFTS];
    pct_sim_call calls[CALLS];
    pct_operations_input in;
    pct_board *replayed;
    int64_t last_ms, last_seq;
} world;

static int shift_before(const void *left, const void *right) {
    const pct_sim_shift *a = left, *b = right;
    return a->on_ms != b->on_ms ? (a->on_ms > b->on_ms) - (a->on_ms < b->on_ms)
                                : (a->unit > b->unit) - (a->unit < b->unit);
}

/* Shifts of 2 to 6 h with gaps, calls about every 3 min: queues, diversions, ends of shifts under way. */
static world *random_world(uint64_t seed) {
    static const char *const names[UNITS] = {"A", "B", "C", "D", "E", "F"};
    world *w = pct_alloc_zeroed(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    pct_rng rng = pct_rng_init(seed, 0);
    w->codes = sim_world_codes();
    w->times = sim_world_times_of(w->codes,
                                  "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,"
                                  "on_scene_mean_s,on_scene_cv,report_mean_s,report_cv\n"
                                  "*,,40,1,60,0.5,600,1.2,100,0.5\n");
    w->travel = sim_world_street();
    for (uint32_t u = 0; u < UNITS; u++) {
        pct_capability_set capabilities = SIM_PATROL | (u % 3 == 0 ? SIM_RESCUE : 0);
        w->units[u] = sim_world_unit(names[u], (int32_t)pct_rng_below(&rng, 20000), capabilities);
        int64_t on_ms = pct_rng_below(&rng, 3600000);
        for (uint32_t s = 0; s < 4; s++) {
            int64_t off_ms = on_ms + 7200000 + pct_rng_below(&rng, 14400000);
            w->shifts[u * 4 + s] = (pct_sim_shift){u, on_ms, off_ms};
            on_ms = off_ms + (s % 2 ? 0 : pct_rng_below(&rng, 3600000));
        }
    }
    qsort(w->shifts, SHIFTS, sizeof *w->shifts, shift_before);
    int64_t at_ms = 0;
    for (int c = 0; c < CALLS; c++) {
        at_ms += pct_rng_below(&rng, 360000);
        int32_t place_m = (int32_t)pct_rng_below(&rng, 20500) - 500;
        uint32_t type = pct_rng_below(&rng, 20) == 0  ? SIM_STRANGE
                        : pct_rng_below(&rng, 4) == 0 ? SIM_HEAVY
                                                      : SIM_JOB;
        w->calls[c] =
            (pct_sim_call){at_ms, sim_world_at_m(place_m), type, (uint8_t)(1 + pct_rng_below(&rng, 4))};
    }
    w->in = (pct_operations_input){.codes = w->codes,
                                   .service_times = w->times,
                                   .travel = &w->travel,
                                   .policy = &pct_policy_nearest,
                                   .units = w->units,
                                   .unit_count = UNITS,
                                   .shifts = w->shifts,
                                   .shift_count = SHIFTS,
                                   .calls = w->calls,
                                   .call_count = CALLS,
                                   .settings = pct_operations_settings_default()};
    return w;
}

static void free_world(world *w) {
    pct_board_free(w->replayed);
    pct_service_times_free(w->times);
    pct_codes_free(w->codes);
    pct_free(w);
}

static pct_report run(const world *w, uint64_t seed) {
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    test_ok(pct_operations_new(&w->in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, seed, &report, &error), &error);
    pct_operations_free(operations);
    report.unit_utilisation = NULL;
    return report;
}

TEST(every_call_is_served_waiting_referred_or_rejected) {
    uint64_t diverted = 0, waiting = 0, referred = 0, rejected = 0, reminders = 0;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        world *w = random_world(seed);
        if (seed % 3 == 0) w->in.settings.drain_ms = 60000;
        pct_report r = run(w, seed);
        ck_assert_uint_eq(r.calls, CALLS);
        ck_assert_uint_eq(r.served + r.waiting + r.referred + r.rejected, CALLS);
        ck_assert_uint_eq(r.response.count, r.served);
        ck_assert_uint_eq(r.queued.count, r.served + r.waiting);
        size_t by_priority = 0;
        for (int p = 0; p < PCT_PRIORITY_COUNT; p++) by_priority += r.response_by_priority[p].count;
        ck_assert_uint_eq(by_priority, r.served);
        ck_assert(r.response.p50 <= r.response.p90 && r.response.p90 <= r.response.max);
        ck_assert(r.utilisation >= 0.0 && r.utilisation <= 1.0);
        diverted += r.diverted, waiting += r.waiting, referred += r.referred, rejected += r.rejected;
        reminders += r.reminders;
        free_world(w);
    }
    /* The worlds are wild enough to say something. */
    ck_assert(diverted > 10 && waiting > 10 && referred > 10 && rejected > 10 && reminders > 10);
}

TEST(same_seed_gives_the_same_transcript_and_another_seed_another) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        world *w = random_world(seed);
        pct_report first = run(w, 42), again = run(w, 42), other = run(w, 43);
        ck_assert_uint_eq(first.digest, again.digest);
        ck_assert_uint_eq(first.board_digest, again.board_digest);
        ck_assert_uint_eq(first.events, again.events);
        ck_assert_uint_ne(first.digest, other.digest);
        free_world(w);
    }
}

TEST(second_run_of_the_same_operations_is_as_the_first) {
    world *w = random_world(7);
    pct_operations *operations = NULL;
    pct_report first, between, again;
    pct_error error;
    test_ok(pct_operations_new(&w->in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, 1, &first, &error), &error);
    test_ok(pct_operations_run(operations, 2, &between, &error), &error);
    test_ok(pct_operations_run(operations, 1, &again, &error), &error);
    ck_assert_uint_ne(first.digest, between.digest);
    ck_assert_uint_eq(first.digest, again.digest);
    ck_assert_double_eq(first.response.mean, again.response.mean);
    ck_assert_double_eq(first.utilisation, again.utilisation);
    pct_operations_free(operations);
    free_world(w);
}

static pct_status replay(void *context, const pct_event *event, pct_error *error) {
    world *w = context;
    ck_assert_int_ge(event->recorded_at_ms, w->last_ms);
    ck_assert_int_eq(event->seq, w->last_seq + 1);
    w->last_ms = event->recorded_at_ms;
    w->last_seq = event->seq;
    return pct_board_apply(w->replayed, event, error);
}

TEST(transcript_replayed_on_an_empty_board_gives_the_same_board) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        world *w = random_world(seed);
        pct_error error;
        test_ok(pct_board_new(w->codes, NULL, &w->replayed, &error), &error);
        w->last_ms = INT64_MIN;
        w->in.settings.keep_closed = true;
        w->in.observer = (pct_event_observer){w, replay};
        pct_report r = run(w, seed);
        ck_assert_uint_eq(pct_board_digest(w->replayed), r.board_digest);
        ck_assert_int_eq(w->last_seq, (int64_t)r.board_events);
        free_world(w);
    }
}

/* Forgetting closed incidents is housekeeping: what happens does not depend on it. */
TEST(forgetting_closed_incidents_changes_no_event) {
    world *w = random_world(3);
    pct_report lean = run(w, 5);
    w->in.settings.keep_closed = true;
    pct_report full = run(w, 5);
    ck_assert_uint_eq(lean.digest, full.digest);
    ck_assert_uint_ne(lean.board_digest, full.board_digest);
    free_world(w);
}

/* Twice the calls, the same pace: what a run allocates must not depend on how long it lasts. */
static size_t allocations_of_run(pct_sim_call *calls, size_t count, const world *w) {
    for (size_t c = 0; c < count; c++)
        calls[c] = (pct_sim_call){(int64_t)c * 400000, sim_world_at_m((int32_t)(c * 7919 % 20000)), SIM_JOB,
                                  (uint8_t)(1 + c % 4)};
    pct_sim_shift shifts[UNITS];
    for (uint32_t u = 0; u < UNITS; u++) shifts[u] = (pct_sim_shift){u, 0, INT64_C(1) << 50};
    pct_operations_input in = w->in;
    in.shifts = shifts;
    in.shift_count = UNITS;
    in.calls = calls;
    in.call_count = count;
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    test_ok(pct_operations_new(&in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, 1, &report, &error), &error);
    size_t before = test_allocation_count();
    pct_status status = pct_operations_run(operations, 1, &report, &error);
    size_t made = test_allocation_count() - before;
    test_ok(status, &error);
    ck_assert_uint_eq(report.served, count);
    pct_operations_free(operations);
    return made;
}

TEST(event_loop_allocates_nothing_once_it_is_warm) {
    enum { LONG_RUN = 1200 };
    static pct_sim_call calls[LONG_RUN];
    world *w = random_world(1);
    size_t half = allocations_of_run(calls, LONG_RUN / 2, w);
    size_t whole = allocations_of_run(calls, LONG_RUN, w);
    ck_assert_uint_le(whole, half + 4);
    free_world(w);
}

TEST_MAIN("sim laws", TEST_CASE(every_call_is_served_waiting_referred_or_rejected),
          TEST_CASE(same_seed_gives_the_same_transcript_and_another_seed_another),
          TEST_CASE(second_run_of_the_same_operations_is_as_the_first),
          TEST_CASE(transcript_replayed_on_an_empty_board_gives_the_same_board),
          TEST_CASE(forgetting_closed_incidents_changes_no_event),
          TEST_CASE(event_loop_allocates_nothing_once_it_is_warm))
