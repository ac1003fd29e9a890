#include "geo/polyline.h"

#include "base/rng.h"
#include "support/test.h"

static void writes(const pct_position *points, size_t count, int decimals, const char *expected) {
    pct_buffer out = pct_buffer_init(1000);
    ck_assert_int_eq(pct_polyline_write(points, count, decimals, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    pct_buffer_dispose(&out);
}

TEST(the_example_of_the_format_is_written_as_it_stands_there) {
    const pct_position line[] = {
        {-1202000000, 385000000}, {-1209500000, 407000000}, {-1264530000, 432520000}};
    writes(line, 3, 5, "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    writes(line, 0, 5, "");
}

static int32_t read_number(const char **at) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 5) {
        uint64_t bits = (uint64_t)(unsigned char)*(*at)++ - 63;
        value |= (bits & 0x1F) << shift;
        if (bits < 0x20) break;
    }
    return (int32_t)(value & 1 ? ~(value >> 1) : value >> 1);
}

TEST(what_is_written_reads_back_within_half_a_unit) {
    pct_rng rng = pct_rng_init(17, 0);
    for (int round = 0; round < 500; round++) {
        pct_position line[20];
        size_t count = pct_rng_below(&rng, 20);
        pct_buffer out = pct_buffer_init(10000);
        for (size_t i = 0; i < count; i++)
            line[i] = (pct_position){(int32_t)((int64_t)pct_rng_below(&rng, 3600000000U) - 1800000000),
                                     (int32_t)pct_rng_below(&rng, 1800000000U) - 900000000};
        ck_assert_int_eq(pct_polyline_write(line, count, 6, &out), PCT_OK);
        const char *at = pct_buffer_chars(&out);
        int64_t lat = 0, lon = 0;
        for (size_t i = 0; i < count; i++) {
            lat += read_number(&at), lon += read_number(&at);
            ck_assert_int_le(llabs(lat * 10 - line[i].lat_e7), 5);
            ck_assert_int_le(llabs(lon * 10 - line[i].lon_e7), 5);
        }
        ck_assert_int_eq(*at, '\0');
        pct_buffer_dispose(&out);
    }
}

TEST_MAIN("polyline", TEST_CASE(the_example_of_the_format_is_written_as_it_stands_there),
          TEST_CASE(what_is_written_reads_back_within_half_a_unit))
