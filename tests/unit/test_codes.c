/* The code tables and units.csv. */
#include "dispatch/codes.h"

#include <string.h>

#include "base/csv.h"
#include "dispatch/units_csv.h"
#include "support/codes.h"
#include "support/test.h"

static const char capabilities[] = "code,zh,en,also\npatrol,巡逻,patrol,basic\nboat,水上,boat,\n";
static const char kinds[] = "code,zh,en\ncar,警车,car\n";
static const char priorities[] =
    "code,zh,en,target_s,also\n1,特急,a,300,E\n2,紧急,b,,\n3,一般,c,900,A;B\n4,可缓,d,,\n";
#define TYPES_HEADER "code,zh,en,priority,required,wanted,min_officers,min_strength,also\n"
static const char types[] = TYPES_HEADER "noise,噪声,noise,4,patrol,boat,1,2,Loud Music;派对\n";

static pct_status read_codes(const char *incident_types, pct_codes **out, pct_error *error) {
    pct_codes_source source = {"t.csv",
                               "c.csv",
                               "k.csv",
                               "p.csv",
                               pct_text_of(incident_types),
                               pct_text_of(capabilities),
                               pct_text_of(kinds),
                               pct_text_of(priorities)};
    return pct_codes_read(&source, out, error);
}

TEST(codes_find_a_type_by_code_and_by_each_spelling) {
    pct_codes *codes;
    pct_error error;
    test_ok(read_codes(types, &codes, &error), &error);
    ck_assert_uint_eq(pct_codes_type(codes, pct_text_of("noise")), 0);
    ck_assert_uint_eq(pct_codes_type(codes, pct_text_of("Loud Music")), 0);
    ck_assert_uint_eq(pct_codes_type(codes, pct_text_of("派对")), 0);
    ck_assert_uint_eq(pct_codes_type(codes, pct_text_of("loud music")), PCT_NO_CODE);
    ck_assert_uint_eq(pct_codes_priority(codes, pct_text_of("E")), 1);
    ck_assert_uint_eq(pct_codes_priority(codes, pct_text_of("B")), 3);
    ck_assert_uint_eq(pct_codes_priority(codes, pct_text_of("5")), PCT_NO_CODE);
    static const int64_t targets_s[] = {0, 300, 0, 900, 0, 0};
    for (uint32_t i = 0; i < 6; i++) ck_assert_int_eq(pct_codes_target_s(codes, i), targets_s[i]);
    const pct_incident_type *type = pct_codes_type_at(codes, 0);
    ck_assert_uint_eq(type->required, 1);
    ck_assert_uint_eq(type->wanted, 2);
    ck_assert_uint_eq(type->min_strength, 2);
    ck_assert_ptr_null(pct_codes_type_at(codes, 1));
    pct_codes_free(codes);
}

static void types_refused(const char *rows, const char *why) {
    pct_codes *codes;
    pct_error error;
    ck_assert_msg(read_codes(rows, &codes, &error) == PCT_INPUT, "taken: %s", rows);
    ck_assert_ptr_null(codes);
    test_error_says(&error, why);
}

TEST(codes_refuse_a_bad_table_by_line) {
    types_refused(TYPES_HEADER, "no rows");
    types_refused(TYPES_HEADER "noise,噪声,noise,5,,,1,1,\n", "t.csv:2: column 'priority'");
    types_refused(TYPES_HEADER "noise,噪声,noise,4,jetpack,,1,1,\n", "'jetpack' is no capability");
    types_refused(TYPES_HEADER "Noise,噪声,noise,4,,,1,1,\n", "lower_case");
    types_refused(TYPES_HEADER "noise,,noise,4,,,1,1,\n", "column 'zh'");
    types_refused(TYPES_HEADER "noise,噪声,noise,4,,,1,1,x\nfire,火,fire,1,,,1,1,x\n", "t.csv:3: 'x' stands");
    types_refused("code,zh,en,priority\n", "column 'required' is missing");
    types_refused("code,zh\n", "column 'en' is missing");
    types_refused(TYPES_HEADER "noise,噪声,noise,4,,jetpack,1,1,\n", "'jetpack' is no capability");
    types_refused(TYPES_HEADER "noise,噪声,noise,4,,,x,1,\n", "column 'min_officers'");
    types_refused(TYPES_HEADER "noise,噪声,noise,4,,,1,-1,\n", "column 'min_strength'");
    types_refused(TYPES_HEADER "noise,噪声,,4,,,1,1,\n", "column 'en'");
}

TEST(codes_need_four_priorities_in_order) {
    static const char *const wrong[][2] = {
        {"code,zh,en\n1,特急,a\n2,紧急,b\n", "4 priorities were expected, 2 were found"},
        {"code,zh,en\n2,特急,a\n", "1, 2, 3, 4 in this order"},
        {"code,zh,en,target_s\n1,特急,a,soon\n", "p.csv:2: column 'target_s'"},
        {"code,zh,en\n", "no rows"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pct_codes_source source = {"t.csv",
                                   "c.csv",
                                   "k.csv",
                                   "p.csv",
                                   pct_text_of(types),
                                   pct_text_of(capabilities),
                                   pct_text_of(kinds),
                                   pct_text_of(wrong[i][0])};
        pct_codes *codes;
        pct_error error;
        ck_assert_int_eq(pct_codes_read(&source, &codes, &error), PCT_INPUT);
        test_error_says(&error, wrong[i][1]);
    }
}

/* L21: crowd safety exists; types for petition or assembly, and any watch on persons, do not. */
TEST(codes_refuse_types_for_petition_assembly_and_watching_persons) {
    static const char *const wrong[] = {
        "petition,请求,petitioners",
        "noise,越级上访,x",
        "noise,信访事项,x",
        "noise,集会,x",
        "noise,噪声,unlawful Assembly",
        "noise,噪声,protest",
        "noise,噪声,a rally",
        "noise,游行示威,x",
        "noise,人员聚集,x",
        "noise,噪声,demonstration",
        "noise,重点人员动态,x",
        "noise,噪声,Key Person seen",
        "noise,噪声,watch list hit",
        "noise,布控预警,x",
        "person_of_concern,某,x",
    };
    char rows[512];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(rows, sizeof rows, TYPES_HEADER "%s,3,,,1,1,\n", wrong[i]);
        types_refused(rows, "out of scope");
    }
    types_refused(TYPES_HEADER "noise,噪声,noise,4,,,1,1,Protest\n", "out of scope");
    pct_codes *codes;
    pct_error error;
    test_ok(read_codes(TYPES_HEADER "unsafe,结构不安全,structurally unsafe,4,,,1,1,\n", &codes, &error),
            &error);
    pct_codes_free(codes);
    codes = test_codes();
    ck_assert_uint_ne(pct_codes_type(codes, pct_text_of("crowd_safety")), PCT_NO_CODE);
    pct_codes_free(codes);
}

TEST(codes_shipped_know_every_agreed_code) {
    static const char *const agreed[] = {"medical_assist",
                                         "traffic_collision",
                                         "traffic_obstruction",
                                         "theft",
                                         "burglary",
                                         "robbery",
                                         "assault",
                                         "domestic_dispute",
                                         "neighbour_dispute",
                                         "noise",
                                         "fire",
                                         "gas_leak",
                                         "water_rescue",
                                         "missing_person",
                                         "lost_property",
                                         "suspicious_object",
                                         "alarm",
                                         "disturbance",
                                         "fraud_report",
                                         "animal",
                                         "rescue",
                                         "hazardous_release",
                                         "crowd_safety",
                                         "citizen_assist",
                                         "other"};
    static const char *const able[] = {"patrol", "traffic", "armed", "medical", "rescue",
                                       "boat",   "dog",     "drone", "hazmat",  "negotiator"};
    pct_codes *codes = test_codes();
    ck_assert_uint_eq(pct_codes_type_count(codes), sizeof agreed / sizeof *agreed);
    for (size_t i = 0; i < sizeof agreed / sizeof *agreed; i++)
        ck_assert_msg(pct_codes_type(codes, pct_text_of(agreed[i])) != PCT_NO_CODE, "%s", agreed[i]);
    for (size_t i = 0; i < sizeof able / sizeof *able; i++)
        ck_assert_msg(pct_codes_capability(codes, pct_text_of(able[i])) != PCT_NO_CODE, "%s", able[i]);
    pct_codes_free(codes);
}

/* Every type of San Francisco's week is known, and each of the city's units could serve it. */
TEST(codes_shipped_serve_every_san_francisco_call) {
    TEST_NEEDS_DATA("sf/calls_week.csv");
    pct_codes *codes = test_codes();
    pct_error error;
    size_t length;
    char *bytes = test_read_file(test_data_path("sf/calls_week.csv"), &length);
    char *unit_bytes = test_read_file(test_data_path("sf/units.csv"), &(size_t){0});
    pct_units units;
    test_ok(
        pct_units_read("units.csv", pct_text_of(unit_bytes), "", (pct_text){"", 0}, codes, &units, &error),
        &error);
    ck_assert_uint_eq(units.count, 20);
    pct_csv csv;
    int column;
    bool more;
    size_t rows = 0;
    test_ok(pct_csv_open(&csv, "calls_week.csv", (pct_text){bytes, length}, &error), &error);
    test_ok(pct_csv_column(&csv, "type", &column, &error), &error);
    for (;; rows++) {
        test_ok(pct_csv_next(&csv, &more, &error), &error);
        if (!more) break;
        uint32_t number = pct_codes_type(codes, pct_csv_text(&csv, column));
        ck_assert_msg(number != PCT_NO_CODE, "%.*s", (int)pct_csv_text(&csv, column).length,
                      pct_csv_text(&csv, column).chars);
        const pct_incident_type *type = pct_codes_type_at(codes, number);
        for (size_t u = 0; u < units.count; u++) {
            const pct_unit_row *unit = &units.rows[u];
            ck_assert_uint_eq(type->required & ~unit->capabilities, 0);
            ck_assert_uint_ge(unit->officers, type->min_officers);
            ck_assert_uint_ge(unit->officers + unit->auxiliaries, type->min_strength);
        }
    }
    ck_assert_uint_eq(rows, 3342);
    pct_csv_close(&csv);
    pct_units_dispose(&units);
    free(bytes), free(unit_bytes);
    pct_codes_free(codes);
}

/* --- units.csv ------------------------------------------------------------------------------------------------- */

#define UNITS_HEADER "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"

static pct_status read_units(const char *rows, const char *mapping, pct_units *out, pct_error *error) {
    pct_codes *codes = test_codes();
    pct_status status =
        pct_units_read("u.csv", pct_text_of(rows), "m.json", pct_text_of(mapping), codes, out, error);
    pct_codes_free(codes);
    return status;
}

static void units_refused(const char *rows, const char *why) {
    pct_units units;
    pct_error error;
    ck_assert_msg(read_units(rows, "", &units, &error) == PCT_INPUT, "taken: %s", rows);
    test_error_says(&error, why);
    ck_assert_uint_eq(units.count, 0);
}

TEST(units_read_columns_in_any_order_and_shifts_over_midnight) {
    pct_units units;
    pct_error error;
    test_ok(
        read_units("lat,lon,unit,station,kind,capabilities,officers,auxiliaries,shift_start,shift_end,note\n"
                   "37.5,-122.25,N1,North,car,patrol; boat,2,3,22:00,06:30,x\n"
                   "1,2,N2,North,foot,,0,2,00:00,24:00,y\n",
                   "", &units, &error),
        &error);
    ck_assert_uint_eq(units.count, 2);
    const pct_unit_row *night = &units.rows[0], *always = &units.rows[1];
    ck_assert_int_eq(night->position.lon_e7, -1222500000);
    ck_assert_int_eq(__builtin_popcountll(night->capabilities), 2);
    ck_assert(pct_unit_row_on_shift(night, 22 * 60) && pct_unit_row_on_shift(night, 0));
    ck_assert(pct_unit_row_on_shift(night, 389) && !pct_unit_row_on_shift(night, 390));
    ck_assert(!pct_unit_row_on_shift(night, 22 * 60 - 1));
    for (uint32_t minute = 0; minute < 1440; minute++) ck_assert(pct_unit_row_on_shift(always, minute));
    ck_assert_uint_eq(always->officers,
                      0); /* auxiliaries alone may stand in the file; no policy sends them */
    pct_units_dispose(&units);
}

TEST(units_refuse_bad_rows_by_line_and_name) {
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol,1,0,00:00,24:00\nA,S,1,2,car,patrol,1,0,00:00,24:00\n",
                  "u.csv:3: unit 'A' is listed already");
    units_refused(UNITS_HEADER "A,S,1,2,tank,patrol,1,0,00:00,24:00\n",
                  "unit 'A': 'tank' is no kind of unit");
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol;fly,1,0,00:00,24:00\n",
                  "unit 'A': 'fly' is no capability");
    units_refused(UNITS_HEADER "A,S,nan,2,car,patrol,1,0,00:00,24:00\n", "u.csv:2: column 'lon'");
    units_refused(UNITS_HEADER "A,S,1,91,car,patrol,1,0,00:00,24:00\n", "column 'lat'");
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol,-1,0,00:00,24:00\n", "column 'officers'");
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol,1,0,24:00,06:00\n", "column 'shift_start'");
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol,1,0,00:00,24:01\n", "column 'shift_end'");
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol,1,0,7:00,24:00\n", "column 'shift_start'");
    units_refused(UNITS_HEADER "A,S,1,2,car,patrol,1,0,08:00,08:00\n", "another time than shift_start");
    units_refused(UNITS_HEADER ",S,1,2,car,patrol,1,0,00:00,24:00\n", "column 'unit'");
    units_refused("unit,station\n", "column 'lon' is missing");
}

TEST(units_read_another_spelling_through_a_mapping) {
    pct_units units;
    pct_error error;
    static const char mapping[] = "{\"units\":{\"columns\":{\"unit\":\"Name\",\"kind\":\"Art\"},"
                                  "\"values\":{\"kind\":{\"Streifenwagen\":\"car\"}}}}";
    test_ok(read_units("Name,station,lon,lat,Art,capabilities,officers,auxiliaries,shift_start,shift_end\n"
                       "A,S,1,2,Streifenwagen,patrol,1,0,00:00,24:00\n",
                       mapping, &units, &error),
            &error);
    ck_assert_uint_eq(units.count, 1);
    ck_assert_uint_eq(units.rows[0].kind, 0);
    pct_units_dispose(&units);
    ck_assert_int_eq(read_units(UNITS_HEADER, "{\"units\":{\"columns\":{\"unit\":7}}}", &units, &error),
                     PCT_INPUT);
    test_error_says(&error, "units.columns");
}

static void mapping_refused(const char *mapping, const char *why) {
    pct_units units;
    pct_error error;
    ck_assert_msg(read_units(UNITS_HEADER, mapping, &units, &error) == PCT_INPUT, "taken: %s", mapping);
    test_error_says(&error, why);
}

TEST(units_refuse_a_bad_mapping_by_field) {
    pct_units units;
    pct_error error;
    mapping_refused("{", "m.json:1");
    mapping_refused("{\"units\":[]}", "field 'units'");
    mapping_refused("{\"units\":{\"columns\":[]}}", "field 'units.columns'");
    mapping_refused("{\"units\":{\"values\":7}}", "field 'units.values'");
    mapping_refused("{\"units\":{\"values\":{\"kind\":\"car\"}}}", "field 'units.values'");
    mapping_refused("{\"units\":{\"values\":{\"kind\":{\"Auto\":1}}}}", "field 'units.values'");
    mapping_refused("{\"units\":{\"columns\":{\"unit\":\"Name\"}}}", "column 'Name' is missing");
    test_ok(read_units(UNITS_HEADER, "{\"calls\":{}}", &units, &error), &error);
    ck_assert_uint_eq(units.count, 0);
    pct_units_dispose(&units);
}

static pct_status read_all(void *context) {
    pct_codes *codes = NULL;
    pct_units units;
    pct_status status = read_codes(types, &codes, context);
    if (!status) {
        status = pct_units_read("u.csv", pct_text_of(UNITS_HEADER "A,S,1,2,car,boat,1,0,00:00,24:00\n"), "",
                                (pct_text){"", 0}, codes, &units, context);
        if (!status) pct_units_dispose(&units);
    }
    pct_codes_free(codes);
    return status;
}

TEST(codes_and_units_survive_each_failing_allocation) {
    pct_error error;
    ck_assert_uint_gt(test_torture(read_all, &error), 20);
}

TEST_MAIN("codes", TEST_CASE(codes_find_a_type_by_code_and_by_each_spelling),
          TEST_CASE(codes_refuse_a_bad_table_by_line), TEST_CASE(codes_need_four_priorities_in_order),
          TEST_CASE(codes_refuse_types_for_petition_assembly_and_watching_persons),
          TEST_CASE(codes_shipped_know_every_agreed_code),
          TEST_CASE(codes_shipped_serve_every_san_francisco_call),
          TEST_CASE(units_read_columns_in_any_order_and_shifts_over_midnight),
          TEST_CASE(units_refuse_bad_rows_by_line_and_name),
          TEST_CASE(units_read_another_spelling_through_a_mapping),
          TEST_CASE(units_refuse_a_bad_mapping_by_field),
          TEST_CASE(codes_and_units_survive_each_failing_allocation))
