/* What devices send, and where requests go: pure parts of the server. */
#include <math.h>
#include <string.h>

#include "api_handlers.h"
#include "base/rng.h"
#include "resource/endpoint.h"
#include "resource/position_report.h"
#include "support/test.h"

static pct_position_report form(const char *text) {
    pct_zone zone = pct_zone_utc();
    pct_position_report r;
    pct_position_report_init(&r);
    pct_position_report_form(&r, pct_text_of(text), &zone);
    return r;
}

TEST(report_form_reads_keys_aliases_and_escapes) {
    pct_position_report r =
        form("deviceid=Unit%201&lat=40.5&lon=%2B102.25&heading=270&speed=7.5&timestamp=1760000000&x=y");
    ck_assert_str_eq(r.device, "Unit 1");
    ck_assert(r.lat_deg == 40.5 && r.lon_deg == 102.25);
    ck_assert(r.heading_deg == 270.0 && r.speed == 7.5);
    ck_assert_int_eq(r.at_ms, 1760000000000);
    r = form("id=a&location=40.5,102.25");
    ck_assert(r.lat_deg == 40.5 && r.lon_deg == 102.25);
    r = form("id=a+b%2&lat=x&lon=&speed=-1&bearing=nan&timestamp=never&&=&q");
    ck_assert_str_eq(r.device, "a b%2");
    ck_assert(isnan(r.lat_deg) && isnan(r.lon_deg) && isnan(r.speed) && isnan(r.heading_deg));
    ck_assert_int_eq(r.at_ms, 0);
}

TEST(report_form_reads_each_kind_of_time) {
    ck_assert_int_eq(form("timestamp=1760000000").at_ms, 1760000000000);
    ck_assert_int_eq(form("timestamp=1760000000123").at_ms, 1760000000123);
    ck_assert_int_eq(form("timestamp=1760000000.5").at_ms, 1760000000500);
    ck_assert_int_eq(form("timestamp=2025-10-09T08:53:20Z").at_ms, 1760000000000);
    ck_assert_int_eq(form("timestamp=2025-10-09%2008:53:20").at_ms, 1760000000000);
    ck_assert_int_eq(form("timestamp=-5").at_ms, 0);
    ck_assert_int_eq(form("timestamp=99999999999999999999").at_ms, 0);
}

TEST(report_form_takes_no_id_that_is_too_long) {
    char text[200] = "id=";
    memset(text + 3, 'a', PCT_REPORT_DEVICE_MAX);
    ck_assert_uint_eq(strlen(form(text).device), PCT_REPORT_DEVICE_MAX);
    memset(text + 3, 'a', PCT_REPORT_DEVICE_MAX + 1);
    ck_assert_str_eq(form(text).device, "");
}

TEST(report_json_reads_arrays_and_nested_objects) {
    static pct_position_report reports[PCT_REPORTS_MAX];
    pct_zone zone = pct_zone_utc();
    pct_error error = {0};
    size_t count = 0;
    test_ok(pct_position_report_json(pct_text_of("[{\"id\":\"a\",\"lat\":1.5,\"lon\":2},{\"id\":7}]"), &zone,
                                     reports, &count, &error),
            &error);
    ck_assert_uint_eq(count, 2);
    ck_assert(reports[0].lat_deg == 1.5 && reports[0].lon_deg == 2.0 && !reports[0].speed_is_mps);
    ck_assert_str_eq(reports[1].device, "7");
    test_ok(pct_position_report_json(
                pct_text_of(
                    "{\"device_id\":\"d\",\"location\":{\"timestamp\":\"2025-10-09T08:53:20Z\",\"coords\":"
                    "{\"latitude\":3,\"longitude\":4,\"speed\":5,\"heading\":-1}}}"),
                &zone, reports, &count, &error),
            &error);
    ck_assert_uint_eq(count, 1);
    ck_assert(reports[0].lat_deg == 3.0 && reports[0].speed == 5.0 && isnan(reports[0].heading_deg));
    ck_assert(reports[0].speed_is_mps);
    const char *const bad[] = {"{}", "[", "1", "", "{\"location\":1}", "[[[[[[[[[[]]]]]]]]]]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(pct_position_report_json(pct_text_of(bad[i]), &zone, reports, &count, &error),
                         PCT_INPUT);
}

TEST(report_form_survives_random_bytes) {
    pct_rng rng = pct_rng_init(7, 0);
    for (int n = 0; n < 20000; n++) {
        char text[40];
        size_t length = pct_rng_below(&rng, sizeof text - 1);
        for (size_t i = 0; i < length; i++) text[i] = "id=lat&lon%20+.,-eT:x"[pct_rng_below(&rng, 21)];
        text[length] = '\0';
        pct_position_report r = form(text);
        ck_assert_uint_le(strlen(r.device), PCT_REPORT_DEVICE_MAX);
    }
}

TEST(endpoint_find_tells_unknown_paths_from_wrong_methods) {
    pct_text values[PCT_PATH_VALUES_MAX];
    const pct_endpoint *found = NULL;
    pct_buffer allowed = pct_buffer_init(64);
    ck_assert_int_eq(
        pct_endpoint_find(pct_text_of("GET"), pct_text_of("/api/v1/calls/C17"), &found, values, &allowed),
        PCT_OK);
    ck_assert_str_eq(found->name, "call_view");
    ck_assert_int_eq(memcmp(values[0].chars, "C17", values[0].length), 0);
    ck_assert_int_eq(
        pct_endpoint_find(pct_text_of("HEAD"), pct_text_of("/healthz"), &found, values, &allowed), PCT_OK);
    ck_assert_int_eq(pct_endpoint_find(pct_text_of("GET"), pct_text_of("/tiles/base/14/12/7.pbf"), &found,
                                       values, &allowed),
                     PCT_OK);
    ck_assert(values[2].length == 1 && values[2].chars[0] == '7');
    const char *const absent[] = {"/",
                                  "",
                                  "/api/v1/calls/",
                                  "/api/v1/calls/C1/x",
                                  "/api/v1",
                                  "/tiles/base/1/2/.pbf",
                                  "//api/v1/calls",
                                  "/tiles/base/1/2/3.png"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        pct_status status =
            pct_endpoint_find(pct_text_of("GET"), pct_text_of(absent[i]), &found, values, &allowed);
        ck_assert_msg(status == PCT_NOT_FOUND || found->path_count > 0, "%s", absent[i]);
    }
    ck_assert_int_eq(
        pct_endpoint_find(pct_text_of("PUT"), pct_text_of("/api/v1/calls"), &found, values, &allowed),
        PCT_REFUSED);
    ck_assert_str_eq(pct_buffer_chars(&allowed), "GET, POST");
    pct_buffer_dispose(&allowed);
}

/* The event of each command is what the board makes of it: api/ may not say otherwise. A handler of its own makes its
 * command itself; its event has the same rights, and may begin an object where the path names what is none (a flag). */
TEST(endpoint_commands_name_the_event_that_they_ask_for) {
    static const pct_event_type events[PCT_COMMAND_COUNT] = {
#define X(name, event) [PCT_COMMAND_##name] = PCT_EVENT_##event,
        PCT_COMMANDS(X)
#undef X
    };
    size_t commands = 0;
    for (size_t i = 0; i < pct_endpoint_count; i++) {
        const pct_endpoint *e = &pct_endpoints[i];
        if (e->event == PCT_EVENT_NONE) continue;
        commands++;
        ck_assert_msg(e->handle != pct_resource_command || events[e->command] == e->event, "%s", e->name);
        ck_assert_msg((e->rights & ~pct_event_type_table[e->event].rights) == 0, "%s", e->name);
        bool creates = pct_event_type_table[e->event].creates, own = e->handle != pct_resource_command;
        ck_assert_msg(creates == (e->path_count == 0) || (creates && own), "%s", e->name);
    }
    ck_assert_uint_ge(commands, 20);
}

TEST_MAIN("http_reports", TEST_CASE(report_form_reads_keys_aliases_and_escapes),
          TEST_CASE(report_form_reads_each_kind_of_time), TEST_CASE(report_form_takes_no_id_that_is_too_long),
          TEST_CASE(report_json_reads_arrays_and_nested_objects),
          TEST_CASE(report_form_survives_random_bytes),
          TEST_CASE(endpoint_find_tells_unknown_paths_from_wrong_methods),
          TEST_CASE(endpoint_commands_name_the_event_that_they_ask_for))
