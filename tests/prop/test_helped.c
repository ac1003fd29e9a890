/* Did it help, in invented towns: the 95 % interval holds the truth in 93 to 97 of 100, with and without bursts and drift; where nothing
 * helped, help is claimed in at most 5 of 100, although the places were chosen because calls had just risen there; what halved is seen. */
#include "demand/helped.h"

#include <math.h>

#include "base/rng.h"
#include "support/test.h"

enum { AREAS = 30, TOWNS = 4000, DAYS = 200, FROM = 120, UNTIL = 176 };

typedef struct town {
    pct_helped_place places[AREAS];
    int64_t chosen[AREAS]; /* calls of the weeks by which the place is chosen */
    double rate[AREAS];    /* a day */
} town;

/* Calls of `days` days: in bursts of so many. */
static int64_t calls(pct_rng *rng, double rate, int64_t days, uint32_t burst) {
    return (int64_t)burst * pct_rng_poisson(rng, rate * (double)days / burst);
}

typedef struct world {
    double rate, effect,
        drift; /* calls a day; of patrolling; of each place by itself (standard deviation of the logarithm) */
    uint32_t burst;
    size_t patrolled;
} world;

static void live(town *t, const world *w, pct_rng *rng) {
    pct_helped_periods_days p = pct_helped_periods(FROM, UNTIL);
    double grown = exp(0.2 * pct_rng_normal(rng)); /* the whole town's */
    bool is[AREAS] = {false};
    int64_t gap = FROM - p.before_until;
    for (int i = 0; i < AREAS; i++) {
        t->rate[i] = w->rate * exp(0.4 * pct_rng_normal(rng));
        /* the last days before the patrols, which may or may not be in `before` */
        t->chosen[i] = calls(rng, t->rate[i], PCT_HELPED_CHOSEN_DAYS, w->burst);
        int64_t within =
            gap < PCT_HELPED_CHOSEN_DAYS ? t->chosen[i] : 0; /* all of them when there is no gap */
        int64_t before_days =
            p.before_until - p.before_from - (gap < PCT_HELPED_CHOSEN_DAYS ? PCT_HELPED_CHOSEN_DAYS : 0);
        t->places[i] = (pct_helped_place){.before = within + calls(rng, t->rate[i], before_days, w->burst)};
    }
    for (size_t k = 0; k < w->patrolled; k++) { /* where calls lie highest above what is usual there */
        int best = -1;
        for (int i = 0; i < AREAS; i++)
            if (!is[i] &&
                (best < 0 || (double)t->chosen[i] / t->rate[i] > (double)t->chosen[best] / t->rate[best]))
                best = i;
        is[best] = true;
        t->places[best].role = PCT_HELPED_PATROLLED;
    }
    for (int i = 0; i < AREAS; i++)
        t->places[i].during =
            calls(rng, t->rate[i] * grown * exp(w->drift * pct_rng_normal(rng)) * (is[i] ? w->effect : 1),
                  p.until - p.from, w->burst);
}

typedef struct outcome {
    double covered, helped, more, told;
} outcome;

static outcome look(const world *w, uint64_t seed) {
    outcome o = {0};
    pct_rng rng = pct_rng_init(seed, 7);
    for (int i = 0; i < TOWNS; i++) {
        town t;
        live(&t, w, &rng);
        size_t like = pct_helped_choose_like(t.places, AREAS);
        pct_helped h = pct_helped_judge(t.places, AREAS, PCT_HELPED_PATROLLED);
        if (like < PCT_HELPED_LIKE || isnan(h.change)) continue;
        o.told++;
        o.covered += h.low <= w->effect && w->effect <= h.high;
        o.helped += h.answer == PCT_HELPED_LESS;
        o.more += h.answer == PCT_HELPED_MORE;
    }
    o.covered /= o.told, o.helped /= o.told, o.more /= o.told;
    fprintf(stderr,
            "rate %g, effect %g, drift %g, bursts of %u, %zu patrolled: told %g, covered %.4f, helped %.4f, "
            "more %.4f\n",
            w->rate, w->effect, w->drift, w->burst, w->patrolled, o.told / TOWNS, o.covered, o.helped,
            o.more);
    return o;
}

TEST(helped_interval_holds_the_truth_in_95_of_100) {
    static const world worlds[] = {{2, 1, 0, 1, 1},     {2, 0.7, 0, 1, 2},   {1, 1, 0.1, 2, 3},
                                   {4, 0.6, 0.1, 1, 1}, {3, 1.3, 0.1, 3, 2}, {0.5, 0.8, 0, 1, 3},
                                   {8, 1, 0.2, 1, 1}};
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        outcome o = look(&worlds[i], 100 + i);
        ck_assert_double_ge(o.covered, 0.93);
        ck_assert_double_le(o.covered, 0.97);
        ck_assert_double_ge(o.told, 0.9 * TOWNS);
    }
}

TEST(helped_claims_no_help_where_there_was_none) {
    static const world worlds[] = {{2, 1, 0, 1, 1}, {1, 1, 0, 1, 1}, {4, 1, 0.1, 2, 2}, {1, 1, 0.1, 3, 1}};
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        ck_assert_double_le(look(&worlds[i], 200 + i).helped, 0.05);
}

TEST(helped_sees_what_halved) {
    static const world strong = {4, 0.5, 0.05, 1, 3};
    ck_assert_double_ge(look(&strong, 300).helped, 0.9);
}

TEST(helped_cannot_tell_of_few_calls_and_few_places) {
    pct_helped_place places[12];
    for (int i = 0; i < 12; i++) places[i] = (pct_helped_place){.before = 40, .during = 41 + i % 3};
    places[0] = (pct_helped_place){9, 2, PCT_HELPED_PATROLLED};
    places[11].before = 0, places[11].during = 0;             /* nothing ever came there */
    ck_assert_uint_eq(pct_helped_choose_like(places, 12), 0); /* all have more than three times its calls */
    pct_helped h = pct_helped_judge(places, 12, PCT_HELPED_PATROLLED);
    ck_assert(h.answer == PCT_HELPED_FEW_PLACES && isnan(h.change) && h.before == 9 && h.during == 2);
    places[0] = (pct_helped_place){30, 9, PCT_HELPED_PATROLLED};
    places[1].role = PCT_HELPED_NEIGHBOUR;
    ck_assert_uint_eq(pct_helped_choose_like(places, 12), 9);
    h = pct_helped_judge(places, 12, PCT_HELPED_PATROLLED);
    ck_assert(h.answer == PCT_HELPED_FEW_CALLS && h.like == 9);
    ck_assert_str_eq(pct_helped_answer_name(h.answer), "few_calls");
    places[0].during = 12;
    h = pct_helped_judge(places, 12, PCT_HELPED_PATROLLED);
    ck_assert(h.answer == PCT_HELPED_LESS && h.low <= h.change && h.change <= h.high && h.high < 1);
    ck_assert_double_eq_tol(h.change, 12.5 / 30.5 / (378.5 / 360.5), 0.01);
    h = pct_helped_judge(places, 12, PCT_HELPED_NEIGHBOUR);
    ck_assert(h.answer == PCT_HELPED_CANNOT_TELL && h.places == 1);
    ck_assert_int_eq(pct_helped_judge(places, 1, PCT_HELPED_NEIGHBOUR).answer, PCT_HELPED_FEW_PLACES);
    ck_assert_uint_eq(pct_helped_choose_like(places + 1, 1), 0); /* nothing was patrolled */
}

TEST(helped_leaves_the_weeks_of_choosing_out_and_compares_whole_weeks) {
    pct_helped_periods_days p = pct_helped_periods(1000, 1010);
    ck_assert(p.from == 1000 && p.until == 1010 && p.before_until == 972 && p.before_from == 944);
    p = pct_helped_periods(1000, 1045);
    ck_assert(p.before_until == 972 && p.before_from == 972 - 49);
}

TEST_MAIN("helped", TEST_CASE(helped_interval_holds_the_truth_in_95_of_100),
          TEST_CASE(helped_claims_no_help_where_there_was_none), TEST_CASE(helped_sees_what_halved),
          TEST_CASE(helped_cannot_tell_of_few_calls_and_few_places),
          TEST_CASE(helped_leaves_the_weeks_of_choosing_out_and_compares_whole_weeks))
