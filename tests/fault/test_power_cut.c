/* Power cuts: whatever moment the power fails at, everything that was acknowledged is there afterwards, and nothing is damaged.
 *
 * POWER_CUTS sets how many (default 1,000). The full number, in a release build and with time enough:
 *     make CONFIG=release build/release/tests/fault/test_power_cut
 *     CK_TIMEOUT_MULTIPLIER=10 POWER_CUTS=20000 build/release/tests/fault/test_power_cut */
#include <stdlib.h>
#include <string.h>

#include "support/desk_world.h"
#include "support/test.h"

enum { CUTS = 1000, CUTS_IN_A_ROW = 4, CONTROL_CUTS = 300 };

static desk_world world;
static uint64_t acknowledged; /* in all runs of this test */

static uint64_t wanted_cuts(uint64_t otherwise) {
    const char *text = getenv("POWER_CUTS");
    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* A desk with an hour's work in it, so that each run begins where something can be lost. */
static void make_image(void) {
    pct_error error;
    desk_world_begin(&world, 1);
    desk_world_start(&world);
    for (int i = 0; i < 20; i++) test_ok(desk_world_step(&world, 8, &error), &error);
    desk_world_close(&world);
    power_disk_save();
}

/* Works until the power fails; then the disk is what survived. */
static void work_until_cut(desk_world *w) {
    pct_error error;
    power_disk_arm(POWER_CUT, 1 + pct_rng_below(&w->rng, pct_rng_below(&w->rng, 4) ? 60 : 600));
    if (desk_world_open(w, &error) == PCT_OK)
        for (int i = 0; i < 200 && desk_world_step(w, 6, &error) == PCT_OK;) i++;
    desk_world_close(w);
    power_disk_restore();
}

/* The first fault among `cuts` cuts, or NULL. *done: how many there were. */
static const char *run_cuts(uint64_t cuts, power_sabotage sabotage, uint64_t *done) {
    static desk_world image;
    const char *fault = NULL;
    make_image();
    image = world;
    for (uint64_t seed = 1; *done < cuts && !fault; seed++) {
        bool from_nothing = seed % 50 == 0;
        if (from_nothing) {
            desk_world_begin(&world, seed);
        } else {
            if (seed % 50 == 1 && seed > 1) make_image();
            power_disk_reset(seed);
            desk_world_init(&world, seed);
            memcpy(world.acks, image.acks, sizeof world.acks);
            world.ack_count = image.ack_count;
            memcpy(world.digests, image.digests, sizeof world.digests);
            memcpy(world.digest_seq, image.digest_seq, sizeof world.digest_seq);
            world.digest_count = image.digest_count;
            world.now_ms = image.now_ms;
            world.keys_made = image.keys_made;
        }
        power_disk_set_sabotage(sabotage);
        for (int row = 0; row < CUTS_IN_A_ROW && !fault; row++, (*done)++) {
            size_t before = world.ack_count;
            work_until_cut(&world);
            acknowledged += world.ack_count - before;
            fault = desk_world_find_fault(&world, *done % 20 == 0);
            desk_world_close(&world);
            if (fault && sabotage == POWER_HONEST)
                fprintf(stderr, "seed %llu, cut %d: %s\n", (unsigned long long)seed, row, fault);
        }
    }
    power_disk_set_sabotage(POWER_HONEST);
    return fault;
}

TEST(power_cuts_lose_nothing_acknowledged_and_damage_nothing) {
    uint64_t done = 0;
    const char *fault = run_cuts(wanted_cuts(CUTS), POWER_HONEST, &done);
    ck_assert_msg(!fault, "after %llu cuts: %s", (unsigned long long)done, fault);
    ck_assert_uint_gt(acknowledged, done);
    printf("power cuts: %llu, acknowledged %llu, lost 0, damaged 0\n", (unsigned long long)done,
           (unsigned long long)acknowledged);
    power_disk_free();
}

TEST(power_cuts_with_syncs_removed_are_caught) {
    uint64_t done = 0;
    const char *fault = run_cuts(CONTROL_CUTS, POWER_SYNC_REMOVED, &done);
    printf("syncs removed: %s, at cut %llu\n", fault ? fault : "nothing", (unsigned long long)done);
    ck_assert_msg(fault, "%d cuts without a single sync, and nothing was noticed", CONTROL_CUTS);
    power_disk_free();
}

TEST(power_cuts_on_a_lying_disk_are_caught) {
    uint64_t done = 0;
    const char *fault = run_cuts(CONTROL_CUTS, POWER_LYING_DISK, &done);
    printf("lying disk: %s, at cut %llu\n", fault ? fault : "nothing", (unsigned long long)done);
    ck_assert_msg(fault, "%d cuts on a disk that lies, and nothing was noticed", CONTROL_CUTS);
    power_disk_free();
}

TEST_MAIN("power_cut", TEST_CASE(power_cuts_lose_nothing_acknowledged_and_damage_nothing),
          TEST_CASE(power_cuts_with_syncs_removed_are_caught),
          TEST_CASE(power_cuts_on_a_lying_disk_are_caught))
