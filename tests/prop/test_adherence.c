/* Laws of adherence on random plans that are driven: who drives the plan is seen to have done every visit; one left out is exactly that
 * one missed, whatever the others are; with a gap in the positions it is unknown, never missed; presence adds up to the shift. Positions
 * err by 10 m and come every 1 to 30 s. */
#include <math.h>

#include "patrol/presence.h"
#include "support/driven_plan.h"
#include "support/test.h"

enum { PLANS = 150 };
static test_driven_plan plan;

static pct_adherence judge(bool with_problem, const pct_adherence_evidence *evidence,
                           pct_presence *presence) {
    pct_error error;
    pct_adherer *adherer;
    pct_adherence found;
    test_ok(pct_adherer_new(plan.road, plan.road, NULL, &adherer, &error), &error);
    test_ok(pct_adherer_judge(adherer, &plan.route, with_problem ? &plan.problem : NULL, evidence, presence,
                              &found, &error),
            &error);
    pct_adherer_free(adherer);
    ck_assert_uint_eq(found.visits.length, plan.route.stop_count);
    return found;
}

static pct_adherence_evidence driven(int left_out, pct_rng *rng) {
    static const int64_t every_ms[] = {1000, 2000, 5000, 10000, 15000, 20000, 30000};
    test_driven_plan_drive(&plan, left_out, every_ms[pct_rng_below(rng, 7)], 10, rng);
    return (pct_adherence_evidence){.fixes = plan.fixes, .fix_count = plan.fix_count};
}

static void expect_done(const pct_adherence *found, uint64_t seed, int but) {
    const pct_adherence_visit *v = found->visits.items;
    for (size_t i = 0; i < found->visits.length; i++) {
        const pct_duty_stop *stop = &plan.stops[i];
        if ((int)i == but) continue;
        ck_assert_msg(
            v[i].state == PCT_ADHERED_DONE,
            "seed %llu, stop %zu of %zu (%s, left out %d): %s; dwell %lld of %lld s, late %lld s, share %g",
            (unsigned long long)seed, i, found->visits.length, stop->kind == PCT_DUTY_LINE ? "line" : "point",
            but, pct_adherence_state_name(v[i].state), (long long)v[i].dwell_ms / 1000,
            (long long)v[i].planned_ms / 1000, (long long)v[i].late_ms / 1000, v[i].share);
        ck_assert(v[i].proof == (stop->kind == PCT_DUTY_LINE ? PCT_PROOF_ROAD : PCT_PROOF_POSITION));
        ck_assert(v[i].enter_ms <= stop->end_ms + 30000 && v[i].leave_ms >= stop->start_ms - 30000);
    }
}

TEST(adherence_proves_every_visit_of_a_driven_plan) {
    size_t visits = 0;
    for (uint64_t seed = 0; seed < PLANS; seed++) {
        pct_rng rng = pct_rng_init(seed, 1);
        test_driven_plan_new(&plan, &rng);
        pct_adherence_evidence evidence = driven(-1, &rng);
        pct_adherence found = judge(seed % 4 > 0, &evidence, NULL);
        expect_done(&found, seed, -1);
        ck_assert_uint_eq(found.gaps.length, 0);
        ck_assert_uint_eq(found.strays.length, 0);
        visits += found.visits.length;
        pct_adherence_dispose(&found);
        test_driven_plan_free(&plan);
    }
    ck_assert_uint_gt(visits, 1000);
}

TEST(adherence_misses_exactly_the_one_that_was_left_out) {
    size_t points = 0, lines = 0;
    for (uint64_t seed = 0; seed < PLANS; seed++) {
        pct_rng rng = pct_rng_init(seed, 2);
        test_driven_plan_new(&plan, &rng);
        for (int turn = 0; turn < 2; turn++) {
            int out = (int)pct_rng_below(&rng, (uint32_t)plan.route.stop_count);
            if (plan.stops[out].kind == PCT_DUTY_LINE && plan.beside[out] > 0.1) continue;
            pct_adherence_evidence evidence = driven(out, &rng);
            pct_adherence found = judge(true, &evidence, NULL);
            expect_done(&found, seed, out);
            const pct_adherence_visit *v = (const pct_adherence_visit *)found.visits.items + out;
            ck_assert_msg(v->state == PCT_ADHERED_MISSED, "seed %llu, stop %d: %s, dwell %lld s, share %g",
                          (unsigned long long)seed, out, pct_adherence_state_name(v->state),
                          (long long)v->dwell_ms / 1000, v->share);
            *(plan.stops[out].kind == PCT_DUTY_LINE ? &lines : &points) += 1;
            pct_adherence_dispose(&found);
        }
        test_driven_plan_free(&plan);
    }
    fprintf(stderr, "left out: %zu points, %zu lines\n", points, lines);
    ck_assert_uint_gt(points, 120);
    ck_assert_uint_gt(lines, 20);
}

TEST(adherence_says_unknown_where_positions_have_a_gap) {
    size_t unknown = 0;
    for (uint64_t seed = 0; seed < PLANS / 2; seed++) {
        pct_rng rng = pct_rng_init(seed, 3);
        test_driven_plan_new(&plan, &rng);
        int out = (int)pct_rng_below(&rng, (uint32_t)plan.route.stop_count);
        pct_adherence_evidence evidence = driven(seed % 2 ? out : -1, &rng);
        int64_t from = plan.stops[out].arrive_ms - 120000, to = plan.stops[out].end_ms + 180000;
        size_t kept = 0;
        for (size_t i = 0; i < evidence.fix_count; i++)
            if (plan.fixes[i].at_ms < from || plan.fixes[i].at_ms > to) plan.fixes[kept++] = plan.fixes[i];
        evidence.fix_count = kept;
        pct_adherence found = judge(true, &evidence, NULL);
        const pct_adherence_visit *v = found.visits.items;
        for (size_t i = 0; i < found.visits.length; i++) {
            ck_assert_msg(v[i].state != PCT_ADHERED_MISSED || ((int)i == out && plan.beside[out] > 0),
                          "seed %llu, stop %zu", (unsigned long long)seed, i);
            if (v[i].state != PCT_ADHERED_UNKNOWN) continue;
            ck_assert(v[i].gap.from_ms < v[i].gap.to_ms);
            unknown++;
        }
        ck_assert_uint_eq(found.gaps.length, 1);
        const pct_duty_span *gap = found.gaps.items;
        ck_assert_int_le(llabs(found.unknown_ms - (gap->to_ms - gap->from_ms)), 0);
        pct_adherence_dispose(&found);
        test_driven_plan_free(&plan);
    }
    ck_assert_uint_gt(unknown, 40);
}

TEST(presence_adds_up_to_the_shift) {
    for (uint64_t seed = 0; seed < PLANS / 8; seed++) {
        pct_error error;
        pct_presence *presence;
        pct_zone zone = pct_zone_utc();
        pct_rng rng = pct_rng_init(seed, 4);
        size_t count;
        int64_t sum = 0;
        test_ok(pct_presence_new(&zone, &presence, &error), &error);
        test_driven_plan_new(&plan, &rng);
        pct_adherence_evidence evidence = driven(-1, &rng);
        pct_adherence found = judge(true, &evidence, presence);
        const pct_presence_row *rows = pct_presence_rows(presence, &count);
        for (size_t i = 0; i < count; i++) {
            sum += rows[i].unit_ms;
            ck_assert(rows[i].unit_ms > 0 && rows[i].unit_ms <= 3600000);
            ck_assert(i == 0 || rows[i - 1].segment < rows[i].segment ||
                      (rows[i - 1].segment == rows[i].segment && rows[i - 1].hour < rows[i].hour));
        }
        ck_assert_double_ge((double)sum, 0.9 * (double)found.shift_ms);
        ck_assert_int_le(sum, found.shift_ms);
        pct_adherence_dispose(&found);
        test_driven_plan_free(&plan);
        pct_presence_free(presence);
    }
}

TEST_MAIN("adherence: laws", TEST_CASE(adherence_proves_every_visit_of_a_driven_plan),
          TEST_CASE(adherence_misses_exactly_the_one_that_was_left_out),
          TEST_CASE(adherence_says_unknown_where_positions_have_a_gap),
          TEST_CASE(presence_adds_up_to_the_shift))
