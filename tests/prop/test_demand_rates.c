/* Law: calls drawn from a model have the model's rates, by hour of the day, by day of the week, by type, by land
 * use; a model with one profile altered is told apart by the same test.
 *
 * Pearson's chi-square at level 0.001 with fixed seeds; critical values after Wilson and Hilferty (1931). */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "demand/demand.h"
#include "support/test.h"

enum { USES = PCT_USE_COUNT, TYPES_MAX = 64, WEEKS = 11 };

/* 2026-06-01, a Monday, 00:00 local. */
static const int64_t monday_ms = INT64_C(1780272000000);

typedef struct tally {
    double expected_hour[24], expected_day[7], expected_type[TYPES_MAX], expected_use[USES];
    double drawn_hour[24], drawn_day[7], drawn_type[TYPES_MAX], drawn_use[USES];
    double calls;
    uint32_t types;
} tally;

static char *table_text(size_t *length) {
    char *text = test_read_file("definitions/demand.csv", length);
    ck_assert_msg(text != NULL, "definitions/demand.csv: run from the repository");
    return text;
}

static pct_demand_table read_table(void) {
    pct_error error;
    pct_demand_table table;
    size_t length;
    char *text = table_text(&length);
    test_ok(pct_demand_table_read("demand.csv", (pct_text){text, length}, &table, &error), &error);
    free(text);
    return table;
}

/* Three places of every land use, of weights 1, 2, 3. */
static pct_demand_model *model_of(const pct_demand_table *table, double people) {
    pct_error error;
    pct_demand_model *model;
    pct_demand_place places[3 * USES];
    for (int i = 0; i < 3 * USES; i++) places[i] = (pct_demand_place){(pct_land_use)(i / 3), 1.0 + i % 3};
    test_ok(pct_demand_model_new(table, people, places, 3 * USES, &model, &error), &error);
    return model;
}

static double chi_square(const double *drawn, const double *expected, uint32_t n, int *freedom) {
    double sum = 0.0;
    *freedom = (int)n;
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_msg(expected[i] > 5.0, "cell %u expects %g calls: too few for the test", i, expected[i]);
        sum += (drawn[i] - expected[i]) * (drawn[i] - expected[i]) / expected[i];
    }
    return sum;
}

static double critical_0_001(int freedom) {
    double k = 2.0 / (9.0 * freedom);
    double root = 1.0 - k + 3.0902 * sqrt(k);
    return freedom * root * root * root;
}

static bool fits(const double *drawn, const double *expected, uint32_t n) {
    int freedom;
    double sum = chi_square(drawn, expected, n, &freedom);
    return sum < critical_0_001(freedom); /* the total is Poisson too: no degree is lost */
}

/* The oracle adds up the table's rows by itself; it does not ask the model. */
static void expect(const pct_demand_table *table, double people, tally *t) {
    const pct_demand_source *sources = table->sources.items;
    for (size_t s = 0; s < table->sources.length; s++) {
        double calls = sources[s].per_week_per_1000 * people / 1000.0 * WEEKS, uses = 0.0;
        for (int i = 0; i < 24; i++) t->expected_hour[i] += calls * sources[s].hours[i];
        for (int i = 0; i < 7; i++) t->expected_day[i] += calls * sources[s].days[i];
        t->expected_type[sources[s].type] += calls;
        for (int i = 0; i < USES; i++) uses += sources[s].uses[i];
        for (int i = 0; i < USES; i++) t->expected_use[i] += calls * sources[s].uses[i] / uses;
    }
}

static void draw(const pct_demand_model *model, uint64_t seed, tally *t) {
    pct_error error;
    pct_rng rng = pct_rng_init(seed, 7);
    pct_vector calls = pct_vector_init(sizeof(pct_demand_call), 4 << 20);
    test_ok(pct_demand_draw(model, monday_ms, monday_ms + WEEKS * 7 * PCT_DAY_MS, &rng, &calls, &error),
            &error);
    const pct_demand_call *call = calls.items;
    for (size_t i = 0; i < calls.length; i++) {
        int64_t since_ms = call[i].time_local_ms - monday_ms;
        t->drawn_hour[since_ms / PCT_HOUR_MS % 24]++;
        t->drawn_day[since_ms / PCT_DAY_MS % 7]++;
        t->drawn_type[call[i].type]++;
        t->drawn_use[call[i].place / 3]++;
        if (i > 0) ck_assert(call[i - 1].time_local_ms <= call[i].time_local_ms);
    }
    t->calls = (double)calls.length;
    pct_vector_dispose(&calls);
}

/* Draws about a million calls from `drawn_from` and compares with the rates of `table`. */
static tally compare(const pct_demand_table *table, const pct_demand_table *drawn_from, uint64_t seed) {
    static const double people = 13000000.0;
    tally t = {.types = (uint32_t)table->types.length};
    expect(table, people, &t);
    pct_demand_model *model = model_of(drawn_from, people);
    draw(model, seed, &t);
    pct_demand_model_free(model);
    return t;
}

TEST(a_million_drawn_calls_have_the_tables_rates_by_hour_day_type_and_land_use) {
    pct_demand_table table = read_table();
    tally t = compare(&table, &table, 1);
    ck_assert_double_ge(t.calls, 990000.0);
    ck_assert_msg(fits(t.drawn_hour, t.expected_hour, 24), "by hour");
    ck_assert_msg(fits(t.drawn_day, t.expected_day, 7), "by day");
    ck_assert_msg(fits(t.drawn_type, t.expected_type, t.types), "by type");
    ck_assert_msg(fits(t.drawn_use, t.expected_use, USES), "by land use");
    pct_demand_table_dispose(&table);
}

TEST(the_test_tells_a_model_with_one_altered_profile_from_the_table) {
    pct_demand_table table = read_table(), altered = read_table();
    pct_demand_source *source = altered.sources.items;
    double hour = source[0].hours[3];
    source[0].hours[3] = source[0].hours[14];
    source[0].hours[14] = hour;
    source[1].days[0] *= 3.0;
    source[4].type = source[0].type;
    source[5].uses[PCT_USE_PARK] = 5.0;
    tally t = compare(&table, &altered, 1);
    ck_assert_msg(!fits(t.drawn_hour, t.expected_hour, 24), "two hours of one source were exchanged");
    ck_assert_msg(!fits(t.drawn_day, t.expected_day, 7),
                  "one small source has three times as many on Mondays");
    ck_assert_msg(!fits(t.drawn_type, t.expected_type, t.types), "one source changed its type");
    ck_assert_msg(!fits(t.drawn_use, t.expected_use, USES), "one source goes to the park now and then");
    pct_demand_table_dispose(&table);
    pct_demand_table_dispose(&altered);
}

TEST(counts_in_an_hour_are_poisson_their_variance_is_their_mean) {
    pct_error error;
    pct_demand_table table = read_table();
    pct_demand_model *model = model_of(&table, 100000.0);
    pct_rng rng = pct_rng_init(5, 0);
    pct_vector calls = pct_vector_init(sizeof(pct_demand_call), 1 << 20);
    enum { DRAWS = 4000 };
    double mean = pct_demand_expected(model, PCT_MAP_ABSENT, 34), sum = 0.0, squares = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        calls.length = 0;
        test_ok(pct_demand_draw(model, monday_ms + 34 * PCT_HOUR_MS, monday_ms + 35 * PCT_HOUR_MS, &rng,
                                &calls, &error),
                &error);
        sum += (double)calls.length;
        squares += ((double)calls.length - mean) * ((double)calls.length - mean);
    }
    ck_assert_double_eq_tol(sum / DRAWS, mean, 4.0 * sqrt(mean / DRAWS));
    ck_assert_double_eq_tol(squares / DRAWS / mean, 1.0, 4.0 * sqrt(2.0 / DRAWS));
    pct_vector_dispose(&calls);
    pct_demand_model_free(model);
    pct_demand_table_dispose(&table);
}

TEST(places_are_drawn_by_weight_and_parts_of_an_hour_by_share) {
    pct_error error;
    pct_demand_table table = read_table();
    pct_demand_model *model = model_of(&table, 9000000.0);
    pct_rng rng = pct_rng_init(6, 0);
    pct_vector calls = pct_vector_init(sizeof(pct_demand_call), 1 << 20);
    int64_t from = monday_ms + 10 * PCT_HOUR_MS + PCT_HOUR_MS / 2, to = from + PCT_HOUR_MS;
    test_ok(pct_demand_draw(model, from, to, &rng, &calls, &error), &error);
    double mean = pct_demand_expected(model, PCT_MAP_ABSENT, 10) / 2.0 +
                  pct_demand_expected(model, PCT_MAP_ABSENT, 11) / 2.0;
    double n = (double)calls.length, third[3] = {0};
    ck_assert_double_eq_tol(n, mean, 4.0 * sqrt(mean));
    const pct_demand_call *call = calls.items;
    for (size_t i = 0; i < calls.length; i++) {
        ck_assert(call[i].time_local_ms >= from && call[i].time_local_ms < to);
        third[call[i].place % 3]++;
    }
    double expected[3] = {n / 6.0, n / 3.0, n / 2.0};
    ck_assert(fits(third, expected, 3));
    pct_vector_dispose(&calls);
    pct_demand_model_free(model);
    pct_demand_table_dispose(&table);
}

TEST_MAIN("demand rates",
          TEST_CASE(a_million_drawn_calls_have_the_tables_rates_by_hour_day_type_and_land_use),
          TEST_CASE(the_test_tells_a_model_with_one_altered_profile_from_the_table),
          TEST_CASE(counts_in_an_hour_are_poisson_their_variance_is_their_mean),
          TEST_CASE(places_are_drawn_by_weight_and_parts_of_an_hour_by_share))
