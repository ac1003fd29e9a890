#include "demand/calls_csv.h"

#include <string.h>

#include "base/text.h"
#include "support/test.h"

#define HEADER "call_id,time_local,type,priority,lon,lat,address\n"
#define GOOD   "C1,2026-06-01T08:30:00,theft,2,102.5,40.25,\"Renmin Rd, 8\"\n"

static pct_status read_calls(const char *text, const char *mapping, pct_call_list *calls, pct_error *error) {
    json_t *tree = NULL;
    pct_status status = PCT_OK;
    if (mapping) status = pct_json_parse("mapping.json", pct_text_of(mapping), &tree, error);
    if (status == PCT_OK)
        status = pct_calls_read("calls.csv", pct_text_of(text), "mapping.json", tree, calls, error);
    json_decref(tree);
    return status;
}

static void refuses(const char *text, const char *mapping, const char *fragment) {
    pct_error error = {0};
    pct_call_list calls;
    ck_assert_int_eq(read_calls(text, mapping, &calls, &error), PCT_INPUT);
    test_error_says(&error, fragment);
}

TEST(calls_are_read_by_header_in_any_order_with_further_columns) {
    pct_error error;
    pct_call_list calls;
    test_ok(read_calls("lat,ward,lon,priority,type,time_local,call_id,address\r\n"
                       "40.25,x,102.5,2,theft,2026-06-01 08:30:15.25,C1,\"Renmin Rd, \"\"8\"\"\"\r\n"
                       "-40.25,y,-102.5,4,noise,1969-12-31T23:59,C2,\r\n",
                       NULL, &calls, &error),
            &error);
    const pct_call_record *call = calls.records.items;
    ck_assert_uint_eq(calls.records.length, 2);
    ck_assert(pct_text_equal(call[0].id, "C1"));
    ck_assert(pct_text_equal(call[0].type, "theft"));
    ck_assert(pct_text_equal(call[0].address, "Renmin Rd, \"8\""));
    ck_assert_int_eq(call[0].time_local_ms, INT64_C(1780302615250));
    ck_assert_int_eq(call[0].position.lon_e7, 1025000000);
    ck_assert_int_eq(call[0].priority, 2);
    ck_assert_int_eq(call[0].line, 2);
    ck_assert_int_eq(call[1].time_local_ms, -60000);
    ck_assert_int_eq(call[1].position.lat_e7, -402500000);
    ck_assert_uint_eq(call[1].address.length, 0);
    pct_calls_dispose(&calls);
}

TEST(calls_that_are_not_as_they_should_be_are_named_by_line_and_column) {
    refuses("call_id,time_local,type,lon,lat\n", NULL, "'priority' is missing");
    refuses(HEADER GOOD "C1,2026-06-01T08:30:00,theft,2,1,1,\n", NULL,
            "calls.csv:3: call id 'C1' stands already on line 2");
    refuses(HEADER ",2026-06-01T08:30:00,theft,2,1,1,\n", NULL, "an id");
    refuses(HEADER "C1,2026-06-01T08:30:00,theft,2,nan,1,\n", NULL, "'lon'");
    refuses(HEADER "C1,2026-06-01T08:30:00,theft,2,1,90.5,\n", NULL, "'lat'");
    refuses(HEADER "C1,2026-06-01T08:30:00,theft,5,1,1,\n", NULL, "a priority from 1 to 4 was expected, '5'");
    refuses(HEADER "C1,2026-06-01T08:30:00,,2,1,1,\n", NULL, "an incident type");
    refuses(HEADER "C1,2026-06-01T08:30:00,theft,2,1\n", NULL, "5 fields where the header has 7");
}

TEST(times_are_dates_of_the_calendar_without_a_zone) {
    const char *bad[] = {"2026-02-29T00:00:00",
                         "2026-13-01T00:00:00",
                         "2026-06-01T24:00:00",
                         "2026-06-01",
                         "2026-06-01T08:30:00Z",
                         "2026-06-01T08:30:00+08:00",
                         "2026-6-1T08:30:00",
                         "2026-06-01T08:30:",
                         "2026-06-01T08:30:00.",
                         "",
                         "1780302600"};
    int64_t time_ms;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_local_time_from_text(pct_text_of(bad[i]), &time_ms), "%s", bad[i]);
    refuses(HEADER "C1,2026-02-29T08:30:00,theft,2,1,1,\n", NULL, "2026-02-29");
    ck_assert(pct_local_time_from_text(pct_text_of("2000-02-29T00:00:00"), &time_ms));
    ck_assert_int_eq(time_ms, INT64_C(951782400000));
}

TEST(times_written_are_read_back_over_four_centuries) {
    pct_buffer text = pct_buffer_init(64);
    for (int64_t day = -80000; day < 80000; day += 13) {
        int64_t time_ms = day * 86400000 + (day + 80000) % 86400 * 1000, again;
        pct_buffer_clear(&text);
        pct_local_time_append(time_ms, &text);
        ck_assert(pct_local_time_from_text((pct_text){(char *)text.bytes, text.length}, &again));
        ck_assert_int_eq(again, time_ms);
    }
    pct_buffer_dispose(&text);
}

TEST(a_mapping_renames_columns_and_values) {
    pct_error error;
    pct_call_list calls;
    const char *mapping =
        "{\"calls\": {\"columns\": {\"call_id\": \"no\", \"address\": \"where\"}, \"values\": "
        "{\"priority\": {\"E\": 1, \"3\": \"1\"}, \"type\": {\"Diebstahl\": \"theft\"}}}}";
    test_ok(read_calls("no,time_local,type,priority,lon,lat,where\n"
                       "1,2026-06-01T08:30:00,Diebstahl,E,1,1,a\n2,2026-06-01T08:30:00,noise,3,1,1,b\n"
                       "3,2026-06-01T08:30:00,fire,4,1,1,c\n",
                       mapping, &calls, &error),
            &error);
    const pct_call_record *call = calls.records.items;
    ck_assert_int_eq(call[0].priority, 1);
    ck_assert_int_eq(call[1].priority, 1);
    ck_assert_int_eq(call[2].priority, 4);
    ck_assert(pct_text_equal(call[0].type, "theft"));
    ck_assert(pct_text_equal(call[2].address, "c"));
    pct_calls_dispose(&calls);
    refuses(HEADER GOOD, "{\"calls\": {\"columns\": {\"lon\": \"x\"}}}", "'x' is missing");
    refuses(HEADER GOOD, "{\"calls\": {\"columns\": {\"lon\": 5}}}", "the name of a column");
    refuses(HEADER GOOD, "{\"calls\": {\"values\": {\"type\": 5}}}", "an object");
    refuses(HEADER GOOD, "{\"calls\": {\"columns\": {\"address\": \"street\"}}}", "'street' is missing");
}

TEST(calls_written_are_read_back) {
    pct_error error;
    pct_call_list first, second;
    pct_buffer text = pct_buffer_init(1 << 16);
    test_ok(read_calls(HEADER GOOD
                       "\"a,\"\"b\n\",2026-06-07T23:59:59,noise,4,-0.0000001,-89.9999999,\"人民东路88号\"\n",
                       NULL, &first, &error),
            &error);
    pct_calls_write(first.records.items, first.records.length, &text);
    test_ok(read_calls(pct_buffer_chars(&text), NULL, &second, &error), &error);
    ck_assert_uint_eq(second.records.length, 2);
    const pct_call_record *a = first.records.items, *b = second.records.items;
    for (int i = 0; i < 2; i++) {
        ck_assert(pct_text_equal(b[i].id, a[i].id.chars));
        ck_assert(pct_text_equal(b[i].address, a[i].address.chars));
        ck_assert_int_eq(b[i].time_local_ms, a[i].time_local_ms);
        ck_assert_int_eq(b[i].position.lon_e7, a[i].position.lon_e7);
        ck_assert_int_eq(b[i].position.lat_e7, a[i].position.lat_e7);
    }
    pct_calls_dispose(&first);
    pct_calls_dispose(&second);
    pct_buffer_dispose(&text);
}

TEST(every_call_of_the_san_francisco_week_is_read) {
    TEST_NEEDS_DATA("sf/calls_week.csv");
    pct_error error;
    pct_call_list calls;
    json_t *mapping;
    size_t length, mapping_length;
    char *text = test_read_file(test_data_path("sf/calls_week.csv"), &length);
    char *json = test_read_file(test_data_path("sf/mapping.json"), &mapping_length);
    test_ok(pct_json_parse("mapping.json", (pct_text){json, mapping_length}, &mapping, &error), &error);
    test_ok(
        pct_calls_read("calls_week.csv", (pct_text){text, length}, "mapping.json", mapping, &calls, &error),
        &error);
    ck_assert_uint_eq(calls.records.length, 3342);
    const pct_call_record *call = calls.records.items;
    size_t urgent = 0;
    for (size_t i = 0; i < calls.records.length; i++) urgent += call[i].priority == 1;
    ck_assert_uint_gt(urgent, 2485); /* source codes 3 and E */
    json_decref(mapping);
    pct_calls_dispose(&calls);
    free(text);
    free(json);
}

static pct_status read_one(void *context) {
    pct_call_list calls;
    pct_status status = pct_calls_read("calls.csv", pct_text_of(context), "", NULL, &calls, NULL);
    if (status == PCT_OK) pct_calls_dispose(&calls);
    return status;
}

TEST(reading_survives_every_failing_allocation) {
    static char text[] = HEADER GOOD;
    ck_assert_uint_gt(test_torture(read_one, text), 5);
}

TEST_MAIN("calls.csv", TEST_CASE(calls_are_read_by_header_in_any_order_with_further_columns),
          TEST_CASE(calls_that_are_not_as_they_should_be_are_named_by_line_and_column),
          TEST_CASE(times_are_dates_of_the_calendar_without_a_zone),
          TEST_CASE(times_written_are_read_back_over_four_centuries),
          TEST_CASE(a_mapping_renames_columns_and_values), TEST_CASE(calls_written_are_read_back),
          TEST_CASE(every_call_of_the_san_francisco_week_is_read),
          TEST_CASE(reading_survives_every_failing_allocation))
