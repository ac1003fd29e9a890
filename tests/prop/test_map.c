/* Maps and interned names against a list that is searched from the front. */
#include "base/map.h"

#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "support/test.h"

enum { KEYS = 700, STEPS = 6000 };

TEST(map_agrees_with_a_list) {
    for (uint64_t spread = 1; spread != 0; spread = spread << 16) {
        pct_rng rng = pct_rng_init(61, spread);
        uint32_t oracle[KEYS];
        memset(oracle, 0xFF, sizeof oracle);
        size_t length = 0;
        pct_map map = pct_map_init(KEYS);
        for (int i = 0; i < STEPS; i++) {
            uint32_t k = pct_rng_below(&rng, KEYS), value = pct_rng_below(&rng, 1000), found;
            uint64_t key = k * spread;
            ck_assert_uint_eq(pct_map_get(&map, key), oracle[k]);
            if (i % 3 == 0) {
                length += oracle[k] == PCT_MAP_ABSENT;
                ck_assert_int_eq(pct_map_set(&map, key, value), PCT_OK);
                oracle[k] = value;
            } else if (i % 3 == 1) {
                length += oracle[k] == PCT_MAP_ABSENT;
                ck_assert_int_eq(pct_map_add(&map, key, value, &found), PCT_OK);
                if (oracle[k] == PCT_MAP_ABSENT) oracle[k] = value;
                ck_assert_uint_eq(found, oracle[k]);
            }
            ck_assert_uint_eq(map.length, length);
        }
        pct_map_dispose(&map);
    }
}

TEST(map_refuses_more_than_its_maximum_and_keeps_what_it_has) {
    pct_map map = pct_map_init(3);
    pct_error error;
    uint32_t found;
    for (uint64_t key = 0; key < 3; key++) ck_assert_int_eq(pct_map_set(&map, key, (uint32_t)key), PCT_OK);
    ck_assert_int_eq(pct_map_set(&map, 3, 3), PCT_LIMIT);
    ck_assert_int_eq(pct_map_failed(&map, PCT_MSG_WHAT_IDS, &error), PCT_LIMIT);
    test_error_says(&error, "ids would exceed its limit of 3");
    ck_assert_int_eq(pct_map_add(&map, 2, 9, &found), PCT_OK);
    ck_assert_uint_eq(found, 2);
    ck_assert_int_eq(pct_map_set(&map, 2, 9), PCT_OK);
    ck_assert_uint_eq(pct_map_get(&map, 2), 9);
    ck_assert_uint_eq(pct_map_get(&map, 3), PCT_MAP_ABSENT);
    pct_map_dispose(&map);
    ck_assert_uint_eq(pct_map_get(&map, 2), PCT_MAP_ABSENT);
}

static pct_text text_of(uint32_t k, char *room) {
    int n = snprintf(room, 32, "%.*s%u", (int)(k % 5), "路口社区巷", k / 2);
    return (pct_text){room, k % 2 ? (size_t)n : 0};
}

TEST(names_are_numbered_by_first_appearance) {
    pct_rng rng = pct_rng_init(62, 0);
    pct_names names = pct_names_init(KEYS, 1 << 20);
    char oracle[KEYS][32], room[32];
    size_t lengths[KEYS], count = 0;
    for (int i = 0; i < STEPS; i++) {
        pct_text text = text_of(pct_rng_below(&rng, KEYS), room);
        uint32_t expected = 0, number;
        while (expected < count &&
               (lengths[expected] != text.length || memcmp(oracle[expected], text.chars, text.length) != 0))
            expected++;
        ck_assert_uint_eq(pct_names_find(&names, text), expected < count ? expected : PCT_MAP_ABSENT);
        ck_assert_int_eq(pct_names_add(&names, text, &number), PCT_OK);
        ck_assert_uint_eq(number, expected);
        if (expected == count) {
            memcpy(oracle[count], text.chars, text.length);
            lengths[count++] = text.length;
        }
        ck_assert_uint_eq(names.length, count);
        ck_assert_uint_eq(names.texts[number].length, text.length);
        ck_assert_int_eq(names.texts[number].chars[text.length], 0);
    }
    pct_names_dispose(&names);
}

TEST(names_hold_the_empty_text_and_keep_to_their_maxima) {
    pct_names names = pct_names_init(2, 1 << 20);
    uint32_t number;
    ck_assert_int_eq(pct_names_add(&names, (pct_text){NULL, 0}, &number), PCT_OK);
    ck_assert_int_eq(pct_names_add(&names, pct_text_of(""), &number), PCT_OK);
    ck_assert_uint_eq(number, 0);
    ck_assert_uint_eq(pct_names_find(&names, (pct_text){NULL, 0}), 0);
    ck_assert_int_eq(pct_names_add(&names, pct_text_of("a"), &number), PCT_OK);
    ck_assert_int_eq(pct_names_add(&names, pct_text_of("b"), &number), PCT_LIMIT);
    ck_assert_int_eq(pct_names_add(&names, pct_text_of("a"), &number), PCT_OK);
    ck_assert_uint_eq(number, 1);
    pct_names_dispose(&names);
    names = pct_names_init(10, 16);
    ck_assert_int_eq(pct_names_add(&names, pct_text_of("longer than sixteen bytes"), &number), PCT_MEMORY);
    ck_assert_uint_eq(names.length, 0);
    ck_assert_uint_eq(pct_names_find(&names, pct_text_of("longer than sixteen bytes")), PCT_MAP_ABSENT);
    pct_names_dispose(&names);
}

static pct_status attempt(void *context) {
    (void)context;
    pct_map map = pct_map_init(1000);
    pct_names names = pct_names_init(1000, 1 << 20);
    pct_status status = PCT_OK;
    char room[32];
    uint32_t number;
    for (uint32_t i = 0; i < 300 && !status; i++) {
        status = pct_map_set(&map, i, i);
        if (status) status = pct_map_failed(&map, PCT_MSG_WHAT_IDS, NULL);
        if (!status) status = pct_names_add(&names, text_of(2 * i + 1, room), &number);
        if (!status && number != i) status = PCT_INTERNAL;
    }
    /* What was there before the failure is still there. */
    for (uint32_t i = 0; i < map.length; i++)
        if (pct_map_get(&map, i) != i) status = PCT_INTERNAL;
    for (uint32_t i = 0; i < names.length; i++)
        if (pct_names_find(&names, text_of(2 * i + 1, room)) != i) status = PCT_INTERNAL;
    pct_names_dispose(&names);
    pct_map_dispose(&map);
    return status;
}

TEST(maps_survive_every_failing_allocation) {
    ck_assert_uint_gt(test_torture(attempt, NULL), 8);
}

TEST_MAIN("map", TEST_CASE(map_agrees_with_a_list),
          TEST_CASE(map_refuses_more_than_its_maximum_and_keeps_what_it_has),
          TEST_CASE(names_are_numbered_by_first_appearance),
          TEST_CASE(names_hold_the_empty_text_and_keep_to_their_maxima),
          TEST_CASE(maps_survive_every_failing_allocation))
