#include "demand/demand.h"

#include <string.h>

#include "demand/alias.h"
#include "support/test.h"

#define HEADER                                                                                               \
    "type,circumstance,per_week_per_1000,hours,days,priorities,residential,commercial,nightlife,school,"     \
    "industrial,road,rural,park,water\n"
#define HOURS "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1"

static pct_status read_table(const char *text, pct_demand_table *table, pct_error *error) {
    return pct_demand_table_read("demand.csv", pct_text_of(text), table, error);
}

static void refuses(const char *text, const char *fragment) {
    pct_error error = {0};
    pct_demand_table table;
    ck_assert_int_eq(read_table(text, &table, &error), PCT_INPUT);
    test_error_says(&error, fragment);
}

TEST(table_says_what_is_wrong_and_where) {
    refuses(HEADER, "no source of calls");
    refuses("type,hours\n", "'per_week_per_1000' is missing");
    refuses(HEADER "theft,,1,1;2," HOURS ",1;1;1;1,1,0,0,0,0,0,0,0,0\n", "24 weights");
    refuses(HEADER "theft,,1," HOURS ",1;1;1;1;1;1;1;1,1;1;1;1,1,0,0,0,0,0,0,0,0\n", "7 weights");
    refuses(HEADER "theft,,1," HOURS ",1;1;1;1;1;1;1,0;0;0;0,1,0,0,0,0,0,0,0,0\n", "4 weights");
    refuses(HEADER "theft,,1," HOURS ",1;1;1;1;1;1;1,1;-1;1;1,1,0,0,0,0,0,0,0,0\n", "demand.csv:2");
    refuses(HEADER "theft,,nan," HOURS ",1;1;1;1;1;1;1,1;1;1;1,1,0,0,0,0,0,0,0,0\n", "per_week_per_1000");
    refuses(HEADER "theft,,1," HOURS ",1;1;1;1;1;1;1,1;1;1;1,0,0,0,0,0,0,0,0,0\n", "every land use");
    refuses(HEADER ",,1," HOURS ",1;1;1;1;1;1;1,1;1;1;1,1,0,0,0,0,0,0,0,0\n", "an incident type code");
}

TEST(table_adds_up_the_sources_of_one_type) {
    pct_error error;
    pct_demand_table table;
    pct_demand_model *model;
    test_ok(read_table(HEADER "theft,a,168," HOURS ",1;1;1;1;1;1;1,1;0;0;0,1,0,0,0,0,0,0,0,0\n"
                              "theft,b,336," HOURS ",1;1;1;1;1;1;1,1;0;0;0,1,0,0,0,0,0,0,0,0\n"
                              "noise,c,168," HOURS ",1;1;1;1;1;1;1,1;0;0;0,0,0,0,0,0,0,0,0,1\n",
                       &table, &error),
            &error);
    ck_assert_uint_eq(table.types.length, 2);
    pct_demand_place home = {PCT_USE_RESIDENTIAL, 1.0};
    test_ok(pct_demand_model_new(&table, 1000.0, &home, 1, &model, &error), &error);
    ck_assert_double_eq_tol(pct_demand_expected(model, 0, 100), 3.0, 1e-9);
    /* there is no water, so nothing is rescued from it */
    ck_assert_double_eq(pct_demand_expected(model, 1, 100), 0.0);
    ck_assert_double_eq_tol(pct_demand_expected(model, PCT_MAP_ABSENT, 100), 3.0, 1e-9);
    pct_demand_model_free(model);
    pct_demand_table_dispose(&table);
}

TEST(hour_of_week_counts_from_monday_midnight_before_1970_too) {
    ck_assert_uint_eq(pct_demand_hour_of_week(0), 72); /* Thursday */
    ck_assert_uint_eq(pct_demand_hour_of_week(-1), 71);
    ck_assert_uint_eq(pct_demand_hour_of_week(INT64_C(1780272000000)), 0);
    ck_assert_uint_eq(pct_demand_hour_of_week(INT64_C(1780272000000) - 1), 167);
}

TEST(alias_keeps_zero_weights_out_and_refuses_what_is_no_distribution) {
    pct_error error;
    pct_alias alias;
    const double weights[] = {0.0, 1.0, 0.0, 3.0}, none[] = {0.0, 0.0}, bad[] = {1.0, -1.0};
    test_ok(pct_alias_init(&alias, weights, 4, &error), &error);
    pct_rng rng = pct_rng_init(1, 1);
    int drawn[4] = {0};
    for (int i = 0; i < 40000; i++) drawn[pct_alias_draw(&alias, &rng)]++;
    ck_assert_int_eq(drawn[0] + drawn[2], 0);
    ck_assert_int_gt(drawn[3], 29500);
    ck_assert_int_lt(drawn[3], 30500);
    pct_alias_dispose(&alias);
    ck_assert_int_eq(pct_alias_init(&alias, none, 2, &error), PCT_MISUSE);
    ck_assert_int_eq(pct_alias_init(&alias, bad, 2, &error), PCT_MISUSE);
    ck_assert_int_eq(pct_alias_init(&alias, none, 0, &error), PCT_MISUSE);
}

static pct_status read_and_draw(void *context) {
    pct_demand_table table = {0};
    pct_demand_model *model = NULL;
    pct_vector calls = pct_vector_init(sizeof(pct_demand_call), 1000);
    pct_rng rng = pct_rng_init(1, 1);
    pct_demand_place place = {PCT_USE_RESIDENTIAL, 1.0};
    pct_status status = read_table(context, &table, NULL);
    if (status) goto done;
    status = pct_demand_model_new(&table, 1000.0, &place, 1, &model, NULL);
    if (status) goto done;
    status = pct_demand_draw(model, 0, PCT_DAY_MS, &rng, &calls, NULL);
done:
    pct_vector_dispose(&calls);
    pct_demand_model_free(model);
    pct_demand_table_dispose(&table);
    return status;
}

TEST(reading_and_drawing_survive_every_failing_allocation) {
    static char text[] = HEADER "theft,,50," HOURS ",1;1;1;1;1;1;1,1;1;1;1,1,0,0,0,0,0,0,0,0\n";
    ck_assert_uint_gt(test_torture(read_and_draw, text), 10);
}

TEST_MAIN("demand", TEST_CASE(table_says_what_is_wrong_and_where),
          TEST_CASE(table_adds_up_the_sources_of_one_type),
          TEST_CASE(hour_of_week_counts_from_monday_midnight_before_1970_too),
          TEST_CASE(alias_keeps_zero_weights_out_and_refuses_what_is_no_distribution),
          TEST_CASE(reading_and_drawing_survive_every_failing_allocation))
