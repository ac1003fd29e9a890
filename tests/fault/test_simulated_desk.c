/* The whole service, simulated: desk, store, spool and resources on one clock and one disk, clients that keep what they were told.
 * Each seed is some hours of calls, incidents, orders, units, looks, erasures and acts of two persons, through several lives
 * of the program; each life ends by an orderly stop, kill -9, a power cut or a failing disk, at any operation, with a full disk and
 * a clock that jumps in between. After each life the stored bytes are held against what was acknowledged.
 *
 * SEEDS sets how many seeds (40). Seeds that failed once stand in tests/fault/seeds.txt and are run first, for ever. */
#include <stdlib.h>
#include <string.h>

#include "support/service_world.h"
#include "support/test.h"

enum { SEEDS_BY_DEFAULT = 40, LIVES = 6, STEPS = 40, HOUR_MS = 3600000 };

typedef enum ending { STOPPED, KILLED, POWER_LOST, OPERATION_FAILED, DISK_FULL, ENDINGS } ending;
static const char *const ending_names[ENDINGS] = {"stops", "kills", "power cuts", "failed operations",
                                                  "full disks"};

static service_world world;
static struct {
    uint64_t seeds, asked, answered, kept, looks, erased, repeated, reopened, jumps, endings[ENDINGS];
    int64_t simulated_ms;
} sums;

static pct_rng *rng(void) {
    return &world.desk.rng;
}

static void jump(void) {
    static const int64_t by[] = {
        HOUR_MS, -HOUR_MS, 5 * HOUR_MS, -2 * HOUR_MS, 26 * (int64_t)HOUR_MS, -400 * (int64_t)HOUR_MS, 60000};
    world.desk.now_ms += by[pct_rng_below(rng(), sizeof by / sizeof *by)];
    sums.jumps++;
}

static pct_status swap(void *context, pct_store **out, pct_error *error) {
    desk_world *d = context;
    const pct_store_options options = {
        .folder = "site", .vfs = POWER_DISK_VFS, .checkpoint_pages = 40, .keeper = &d->keeper};
    pct_store_close(d->store);
    d->store = NULL;
    pct_status status = pct_store_open(&options, &d->store, error);
    *out = d->store;
    return status;
}

static void arm(ending how) {
    uint64_t at = 1 + pct_rng_below(rng(), pct_rng_below(rng(), 3) ? 300 : 2000);
    sums.endings[how]++;
    if (how == KILLED || how == POWER_LOST) power_disk_arm(POWER_CUT, at);
    if (how == OPERATION_FAILED) power_disk_arm(POWER_FAIL, at);
    if (how == DISK_FULL) power_disk_arm(POWER_FULL, at / 4 + 1);
}

/* What is left of the disk when the program has gone. */
static void leave(ending how) {
    service_world_close(&world);
    if (power_disk_is_cut() && how == POWER_LOST)
        power_disk_restore();
    else
        power_disk_survive();
}

/* False when the desk will not go on in this life. */
static bool go_on(pct_status status) {
    pct_error error;
    if (!status || status == PCT_LIMIT) return true;
    if (power_disk_is_cut() || pct_rng_below(rng(), 2)) return false;
    sums.reopened++;
    return pct_desk_reopen(world.desk.desk, swap, &world.desk, &error) == PCT_OK;
}

static void live(ending how) {
    pct_error error;
    int64_t from_ms = world.desk.now_ms;
    uint32_t steps = 1 + pct_rng_below(rng(), STEPS), room_at = steps / 2,
             jump_at = pct_rng_below(rng(), 3 * STEPS);
    arm(how);
    bool lives = service_world_open(&world, &error) == PCT_OK;
    for (uint32_t i = 0; i < steps && lives; i++) {
        if (how == DISK_FULL && i == room_at) power_disk_arm(POWER_NO_FAULT, 0);
        if (i == jump_at) {
            jump();
            from_ms = world.desk.now_ms;
        }
        lives = go_on(service_world_step(&world, &error));
        if (lives && pct_rng_below(rng(), 8) == 0) service_world_clerk(&world);
    }
    if (world.desk.now_ms > from_ms) sums.simulated_ms += world.desk.now_ms - from_ms;
    leave(how);
}

static const char *settle(void) {
    pct_error error;
    power_disk_arm(POWER_NO_FAULT, 0);
    if (service_world_open(&world, &error)) {
        service_world_close(&world);
        return "it does not open although nothing fails";
    }
    const char *fault = service_world_settle(&world);
    service_world_close(&world);
    return fault ? fault : service_world_find_fault(&world, true);
}

/* What is wrong with a seed; NULL: nothing. *lives: in which life. *root: what its log comes to. */
static const char *run_seed(uint64_t seed, int *lives, uint64_t *root) {
    const char *fault = NULL;
    power_disk_new(seed);
    service_world_init(&world, seed);
    for (*lives = 0; *lives < LIVES && !fault; ++*lives) {
        ending how = (ending)pct_rng_below(rng(), ENDINGS);
        live(how);
        fault = service_world_find_fault(&world, pct_rng_below(rng(), 8) == 0);
        power_disk_survive();
    }
    if (!fault) fault = settle();
    *root = power_disk_digest("site/record.db");
    service_world_dispose(&world);
    sums.seeds++, sums.asked += world.ask_count, sums.answered += world.answered, sums.kept += world.kept;
    sums.looks += world.look_count, sums.erased += world.erased, sums.repeated += world.repeated;
    return fault;
}

static void check_seed(uint64_t seed) {
    int lives;
    uint64_t root;
    const char *fault = run_seed(seed, &lives, &root);
    ck_assert_msg(!fault, "seed %llu, life %d: %s (add the seed to tests/fault/seeds.txt)",
                  (unsigned long long)seed, lives, fault);
}

static void say(void) {
    printf("seeds: %llu, %lld hours, %llu asked, %llu answered, %llu kept in the spool, %llu looks, %llu "
           "erased, %llu repeated, "
           "%llu reopened, %llu jumps of the clock",
           (unsigned long long)sums.seeds, (long long)(sums.simulated_ms / HOUR_MS),
           (unsigned long long)sums.asked, (unsigned long long)sums.answered, (unsigned long long)sums.kept,
           (unsigned long long)sums.looks, (unsigned long long)sums.erased, (unsigned long long)sums.repeated,
           (unsigned long long)sums.reopened, (unsigned long long)sums.jumps);
    for (int i = 0; i < ENDINGS; i++)
        printf(", %llu %s", (unsigned long long)sums.endings[i], ending_names[i]);
    printf(", faults found 0\n");
}

TEST(simulated_desk_keeps_what_it_acknowledged_through_seeds_that_failed_once) {
    char line[128];
    FILE *file = fopen("tests/fault/seeds.txt", "r");
    ck_assert_msg(file != NULL, "run from the root of the repository");
    while (fgets(line, sizeof line, file))
        if (line[0] >= '0' && line[0] <= '9') check_seed(strtoull(line, NULL, 10));
    (void)fclose(file);
    power_disk_free();
}

TEST(simulated_desk_keeps_what_it_acknowledged_whatever_fails) {
    const char *text = getenv("SEEDS"), *first = getenv("FIRST_SEED");
    uint64_t count = text ? strtoull(text, NULL, 10) : SEEDS_BY_DEFAULT,
             from = first ? strtoull(first, NULL, 10) : 1;
    for (uint64_t seed = from; seed < from + count; seed++) check_seed(seed);
    say();
    if (count < SEEDS_BY_DEFAULT) return;
    ck_assert_uint_gt(sums.answered, count * 100); /* it was not idle, and everything came about */
    ck_assert_uint_gt(sums.kept, count / 4);
    ck_assert_uint_gt(sums.erased, count / 2);
    for (int i = 0; i < ENDINGS; i++) ck_assert_uint_gt(sums.endings[i], count / 3);
    power_disk_free();
}

TEST(simulated_desk_gives_the_same_answer_when_the_object_has_left_the_board) {
    enum { DAYS = 2 };
    static const char call[] = "{\"channel\":\"phone\",\"type\":\"theft\",\"priority\":3}";
    pct_error error;
    char path[40];
    power_disk_new(1);
    service_world_init(&world, 1);
    test_ok(service_world_open(&world, &error), &error);
    const service_ask *first = service_world_ask(&world, "/api/v1/calls", call);
    (void)snprintf(path, sizeof path, "/api/v1/calls/C%lld/settle", (long long)first->object.seq);
    service_ask *settled = service_world_ask(&world, path, "{\"reason\":\"advice\"}");
    ck_assert_int_eq(settled->state, ASK_DONE);
    world.desk.now_ms += DAYS * 24 * (int64_t)HOUR_MS;
    (void)service_world_ask(&world, "/api/v1/calls", call); /* with it the settled one goes */
    service_world_ask_again(&world, settled);
    ck_assert_msg(!world.fault, "%s", world.fault);
    ck_assert_int_eq(settled->state, ASK_DONE);
    ck_assert_int_eq(service_world_ask(&world, path, "{\"reason\":\"silent\"}")->state, ASK_REFUSED);
    service_world_dispose(&world);
    power_disk_free();
}

TEST(simulated_desk_repeats_a_seed_bit_for_bit) {
    int lives;
    uint64_t first, again, other;
    ck_assert_ptr_null(run_seed(7, &lives, &first));
    ck_assert_ptr_null(run_seed(7, &lives, &again));
    ck_assert_ptr_null(run_seed(8, &lives, &other));
    ck_assert_uint_eq(first, again);
    ck_assert_uint_ne(first, other);
    power_disk_free();
}

TEST_MAIN("simulated desk",
          TEST_CASE(simulated_desk_keeps_what_it_acknowledged_through_seeds_that_failed_once),
          TEST_CASE(simulated_desk_keeps_what_it_acknowledged_whatever_fails),
          TEST_CASE(simulated_desk_gives_the_same_answer_when_the_object_has_left_the_board),
          TEST_CASE(simulated_desk_repeats_a_seed_bit_for_bit))
