#include "geo/datum.h"

#include "base/rng.h"
#include "support/test.h"

static pct_position at(double lon_deg, double lat_deg) {
    pct_position p;
    ck_assert(pct_position_from_degrees(lon_deg, lat_deg, &p));
    return p;
}

/* Tolerance in 10^-7 degrees: what rounding to a position costs. */
static void same(pct_position found, pct_position expected) {
    ck_assert_msg(abs(found.lon_e7 - expected.lon_e7) <= 1 && abs(found.lat_e7 - expected.lat_e7) <= 1,
                  "%d,%d is not %d,%d", found.lon_e7, found.lat_e7, expected.lon_e7, expected.lat_e7);
}

TEST(gcj02_of_well_known_places) {
    same(pct_gcj02_from_wgs84(at(121.5272106, 31.1774276)), at(121.531541859215, 31.17530398364597));
    same(pct_gcj02_from_wgs84(at(113.912316, 22.543847)), at(113.9171764808363, 22.540796131694766));
    same(pct_gcj02_from_wgs84(at(116.377817, 39.911954)), at(116.38404722455657, 39.91334545536069));
    same(pct_gcj02_from_wgs84(at(116.404, 39.915)), at(116.41024449916938, 39.91640428150164));
}

TEST(bd09_of_a_well_known_place) {
    same(pct_bd09_from_gcj02(at(116.404, 39.915)), at(116.41036949371029, 39.92133699351021));
}

TEST(gcj02_is_wgs84_outside_china) {
    double places[][2] = {
        {-122.4194, 37.7749}, {139.6917, 35.6895}, {100.0, 56.0}, {100.0, 0.5}, {71.9, 40.0}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        pct_position p = at(places[i][0], places[i][1]);
        same(pct_gcj02_from_wgs84(p), p);
        same(pct_wgs84_from_gcj02(p), p);
    }
}

TEST(datums_there_and_back_is_where_one_started) {
    pct_rng rng = pct_rng_init(31, 0);
    for (int i = 0; i < 20000; i++) {
        pct_position p = at(73.0 + 62.0 * pct_rng_unit(&rng), 3.0 + 51.0 * pct_rng_unit(&rng));
        pct_position gcj02 = pct_gcj02_from_wgs84(p), bd09 = pct_bd09_from_gcj02(gcj02);
        double moved_m = pct_geo_distance_m(p, gcj02);
        ck_assert(moved_m > 10.0 && moved_m < 1500.0);
        same(pct_wgs84_from_gcj02(gcj02), p);
        same(pct_gcj02_from_bd09(bd09), gcj02);
    }
}

/* People's Square: half a kilometre; what comes in is put back to a tenth of a metre. */
TEST(datums_are_named_and_taken_away_once) {
    pct_position p = at(121.47, 31.23), gcj02 = pct_gcj02_from_wgs84(p), bd09 = pct_bd09_from_gcj02(gcj02);
    double moved_m = pct_geo_distance_m(p, gcj02);
    ck_assert(moved_m > 450.0 && moved_m < 550.0);
    ck_assert_double_lt(pct_geo_distance_m(pct_wgs84_from(PCT_DATUM_GCJ02, gcj02), p), 0.1);
    ck_assert_double_lt(pct_geo_distance_m(pct_wgs84_from(PCT_DATUM_BD09, bd09), p), 0.1);
    same(pct_wgs84_from(PCT_DATUM_WGS84, p), p);
    same(pct_wgs84_from(PCT_DATUM_CGCS2000, p), p);
    for (int d = 0; d < PCT_DATUM_COUNT; d++) {
        pct_datum found;
        ck_assert(pct_datum_named(pct_text_of(pct_datum_name((pct_datum)d)), &found));
        ck_assert_int_eq(found, d);
        ck_assert(!pct_datum_named(pct_text_of("GCJ-02"), &found));
    }
}

TEST_MAIN("datum", TEST_CASE(datums_are_named_and_taken_away_once), TEST_CASE(gcj02_of_well_known_places),
          TEST_CASE(bd09_of_a_well_known_place), TEST_CASE(gcj02_is_wgs84_outside_china),
          TEST_CASE(datums_there_and_back_is_where_one_started))
