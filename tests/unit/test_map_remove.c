/* Removal from pct_map, against a plain array that does the same slowly. */
#include "base/map.h"
#include "base/rng.h"
#include "support/test.h"

TEST(map_remove_keeps_every_other_key_findable) {
    enum { KEYS = 300 };
    uint32_t held[KEYS];
    pct_map map = pct_map_init(KEYS);
    pct_rng rng = pct_rng_init(3, 0);
    size_t length = 0;
    for (int k = 0; k < KEYS; k++) held[k] = PCT_MAP_ABSENT;
    for (int step = 0; step < 20000; step++) {
        uint32_t key = pct_rng_below(&rng, KEYS), value = pct_rng_below(&rng, 1000);
        if (pct_rng_below(&rng, 2)) {
            ck_assert_int_eq(pct_map_set(&map, key, value), PCT_OK);
            length += held[key] == PCT_MAP_ABSENT;
            held[key] = value;
        } else {
            pct_map_remove(&map, key);
            length -= held[key] != PCT_MAP_ABSENT;
            held[key] = PCT_MAP_ABSENT;
        }
        if (step % 50) continue;
        for (uint32_t k = 0; k < KEYS; k++)
            if (pct_map_get(&map, k) != held[k]) ck_abort_msg("key %u after step %d", k, step);
        ck_assert_uint_eq(map.length, length);
    }
    pct_map_dispose(&map);
    pct_map_remove(&map, 1);
}

TEST_MAIN("map removal", TEST_CASE(map_remove_keeps_every_other_key_findable))
