/* The spool and the intake: what was acknowledged is in the record or in the spool, whatever moment the power fails at, and
 * reaches the record once. POWER_CUTS sets how many cuts (default 600). */
#include <stdlib.h>
#include <string.h>

#include "desk/intake.h"
#include "ledger/seal.h"
#include "store/spool.h"
#include "support/desk_world.h"
#include "support/test.h"

enum { CUTS = 600, CONTROL_CUTS = 300, KEYS = 4000 };

static void fill(void *context, unsigned char *bytes, size_t length) {
    pct_rng *rng = context;
    for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)pct_rng_next(rng);
}

static pct_rng rng;
static pct_spool *open_spool(int64_t reserve_bytes) {
    const pct_spool_options options = {.folder = "site",
                                       .vfs = POWER_DISK_VFS,
                                       .reserve_bytes = reserve_bytes,
                                       .random = fill,
                                       .context = &rng};
    pct_spool *spool = NULL;
    pct_error error;
    test_ok(pct_spool_open(&options, &spool, &error), &error);
    return spool;
}

static int64_t add(pct_spool *spool, const char *text) {
    int64_t number = 0;
    pct_error error;
    test_ok(pct_spool_add(spool, 1000, pct_text_of(text), &number, &error), &error);
    return number;
}

static bool holds(pct_spool *spool, size_t at, const char *text) {
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    pct_error error;
    pct_status status = pct_spool_read(spool, at, &bytes, &error);
    bool same = !status && bytes.length == strlen(text) && memcmp(bytes.bytes, text, bytes.length) == 0;
    pct_buffer_dispose(&bytes);
    return same;
}

TEST(spool_keeps_entries_in_order_and_never_gives_a_number_twice) {
    pct_error error;
    static char large[40000];
    memset(large, 'w', sizeof large - 1);
    power_disk_new(1);
    rng = pct_rng_init(1, 1);
    pct_spool *spool = open_spool(100000);
    int64_t first = add(spool, "first"), second = add(spool, large), third = add(spool, "");
    ck_assert(first < second && second < third);
    test_ok(pct_spool_sync(spool, &error), &error);
    pct_spool_close(spool);
    spool = open_spool(100000);
    ck_assert_uint_eq(pct_spool_count(spool), 3);
    ck_assert_int_eq(pct_spool_at(spool, 1).number, second);
    ck_assert(holds(spool, 0, "first") && holds(spool, 1, large) && holds(spool, 2, ""));
    for (int i = 0; i < 3; i++) test_ok(pct_spool_wipe(spool, 0, &error), &error);
    test_ok(pct_spool_sync(spool, &error), &error);
    ck_assert(!power_disk_holds("first", 5) && !power_disk_holds("wwwwwwww", 8));
    pct_spool_close(spool);
    spool = open_spool(100000);
    ck_assert_uint_eq(pct_spool_count(spool), 0);
    ck_assert_int_gt(add(spool, "later"), third);
    pct_spool_close(spool);
    power_disk_free();
}

TEST(spool_uses_its_reserve_on_a_full_disk) {
    pct_error error;
    int64_t number;
    power_disk_new(2);
    rng = pct_rng_init(1, 1);
    pct_spool *spool = open_spool(64 << 10);
    power_disk_arm(POWER_FULL, 1);
    size_t added = 0;
    while (pct_spool_add(spool, 1, pct_text_of("kept on a full disk"), &number, &error) == PCT_OK) added++;
    ck_assert_uint_gt(added, 100);
    test_error_says(&error, "full too");
    test_ok(pct_spool_sync(spool, &error), &error);
    power_disk_arm(POWER_NO_FAULT, 0);
    pct_spool_close(spool);
    spool = open_spool(64 << 10);
    ck_assert_uint_eq(pct_spool_count(spool), added);
    ck_assert_uint_eq(pct_spool_unreadable(spool), 0);
    pct_spool_close(spool);
    power_disk_free();
}

TEST(spool_detects_every_flipped_bit_of_an_entry) {
    enum { FIRST_BIT = 512 * 8, ENTRY_BITS = 512 * 4 * 8, STEP = 7, FLIPS = ENTRY_BITS / STEP };
    static char text[1600];
    memset(text, 'x', sizeof text - 1);
    pct_error error;
    power_disk_new(3);
    rng = pct_rng_init(1, 1);
    pct_spool *spool = open_spool(8192);
    (void)add(spool, text);
    test_ok(pct_spool_sync(spool, &error), &error);
    pct_spool_close(spool);
    power_disk_save();
    size_t unreadable = 0, padding = 0;
    for (uint64_t i = 0; i < FLIPS; i++) {
        power_disk_reset(i);
        ck_assert(power_disk_flip("site/" PCT_SPOOL_FILE, FIRST_BIT + i * STEP));
        spool = open_spool(8192);
        unreadable += pct_spool_unreadable(spool);
        padding += pct_spool_unreadable(spool) == 0;
        if (pct_spool_unreadable(spool) == 0)
            ck_assert_msg(pct_spool_count(spool) == 1 && holds(spool, 0, text), "bit %llu went unnoticed",
                          (unsigned long long)(i * STEP));
        pct_spool_close(spool);
    }
    ck_assert_uint_gt(unreadable, padding * 4); /* behind the entry's last byte */
    printf("flips of a spooled entry: %d, told %zu, of no consequence %zu, unnoticed 0\n", FLIPS, unreadable,
           padding);
    power_disk_free();
}

/* --- the intake ------------------------------------------------------------------------------------------------------ */

typedef struct asked {
    char key[24], words[24];
    bool recorded, kept; /* what was acknowledged */
    int64_t object, receipt;
} asked;

static desk_world world;
static pct_intake *intake;
static asked asks[KEYS];
static size_t ask_count, refusals;

static bool try_open_world(int patience_ms, pct_error *error) {
    if (desk_world_open(&world, error) != PCT_OK) return false;
    const pct_intake_options options = {.desk = world.desk,
                                        .folder = "site",
                                        .vfs = POWER_DISK_VFS,
                                        .keeper = &world.keeper,
                                        .reserve_bytes = 32 << 10,
                                        .patience_ms = patience_ms};
    return pct_intake_open(&options, &intake, error) == PCT_OK && pct_intake_look(intake).has_spool;
}

static void open_world(int patience_ms) {
    pct_error error;
    ck_assert(try_open_world(patience_ms, &error));
}

static void close_world(void) {
    pct_intake_stop(intake);
    pct_desk_close(world.desk);
    world.desk = NULL;
    pct_intake_close(intake);
    intake = NULL;
    desk_world_close(&world);
}

static void told(void *context, const pct_desk_reply *reply) {
    asked *a = context;
    refusals += reply->status != PCT_OK;
    if (reply->status) return;
    if (reply->receipt) {
        a->kept = true, a->receipt = reply->receipt;
        return;
    }
    if (a->recorded) ck_assert_int_eq(a->object, reply->object.seq);
    a->recorded = true, a->object = reply->object.seq;
}

static asked *ask(size_t at) {
    pct_error error;
    asked *a = &asks[at];
    pct_desk_request request = desk_world_call(a->key, a->words);
    memset(request.body, (int)(at % 251) + 1, sizeof request.body);
    pct_status status = pct_intake_take(intake, &request, told, a, &error);
    refusals += status != PCT_OK;
    return a;
}

static asked *ask_new(void) {
    ck_assert_uint_lt(ask_count, KEYS);
    asked *a = &asks[ask_count];
    memset(a, 0, sizeof *a);
    (void)snprintf(a->key, sizeof a->key, "key-%06zu", ask_count);
    (void)snprintf(a->words, sizeof a->words, "canary-%06zu", ask_count);
    return ask(ask_count++);
}

static void step_desk(void) {
    size_t handled;
    pct_error error;
    (void)!pct_desk_step(world.desk, &handled, &error);
    world.now_ms += 10;
}

static void step_intake(void) {
    size_t done;
    pct_error error;
    (void)!pct_intake_step(intake, &done, &error);
}

/* Until nothing waits, by a desk that works. */
static void drain_all(void) {
    for (int i = 0; i < 2000 && (pct_intake_look(intake).pending > 0 || i < 3); i++) {
        step_desk();
        step_intake();
    }
    step_desk();
}

static size_t calls_on_board(void) {
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    size_t count = 0;
    for (const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){0}); c;
         c = pct_snapshot_next_call(s, c->call.id))
        count++;
    pct_snapshot_release(s);
    return count;
}

TEST(intake_keeps_calls_in_the_spool_when_the_disk_is_full_and_drains_them_once_in_order) {
    desk_world_begin(&world, 4);
    ask_count = 0;
    open_world(100000);
    for (int i = 0; i < 5; i++) (void)ask_new();
    step_desk();
    for (size_t i = 0; i < 5; i++) ck_assert(asks[i].recorded);
    power_disk_arm(POWER_FULL, 1);
    for (int i = 0; i < 20; i++) (void)ask_new();
    for (int i = 0; i < 40; i++) step_desk();
    step_intake();
    size_t kept = 0;
    for (size_t i = 5; i < ask_count; i++) kept += asks[i].kept;
    ck_assert_uint_gt(kept, 10); /* the log had room for a few */
    ck_assert_int_eq(pct_intake_look(intake).pending, (int64_t)kept);
    ck_assert_int_eq(pct_intake_look(intake).reason, PCT_SPOOL_DISK_FULL);
    ck_assert(!power_disk_holds("canary-000020", 13));
    for (size_t i = 5; i < ask_count; i++) {
        int64_t receipt = asks[i].receipt;
        if (!asks[i].kept) continue;
        asks[i].kept = false;
        (void)ask(i); /* the same again: the same receipt */
        ck_assert(asks[i].kept);
        ck_assert_int_eq(asks[i].receipt, receipt);
    }
    power_disk_arm(POWER_NO_FAULT, 0);
    int64_t taken_ms = world.now_ms;
    world.now_ms += 60000;
    drain_all();
    ck_assert_int_eq(pct_intake_look(intake).drained, (int64_t)kept);
    int64_t last = 0;
    for (size_t i = 0; i < ask_count; i++) {
        (void)ask(i);
        step_desk();
        ck_assert(asks[i].recorded);
        if (!asks[i].kept) continue;
        ck_assert_int_gt(asks[i].object, last);
        last = asks[i].object;
        const pct_snapshot *s = pct_desk_snapshot(world.desk);
        const pct_desk_call *call = pct_snapshot_call(s, (pct_call_id){asks[i].object});
        ck_assert_int_le(call->call.received_at_ms, taken_ms);
        pct_snapshot_release(s);
    }
    ck_assert_uint_eq(calls_on_board(), ask_count);
    close_world();
    power_disk_free();
}

TEST(intake_refuses_another_body_under_a_key_that_waits_in_the_spool) {
    pct_error error;
    desk_world_begin(&world, 5);
    ask_count = 0;
    open_world(-1); /* no patience: the spool is first */
    asked *a = ask_new();
    step_intake();
    ck_assert(a->kept && !a->recorded);
    pct_desk_request other = desk_world_call(a->key, "another body");
    memset(other.body, 0xEE, sizeof other.body);
    ck_assert_int_eq(pct_intake_take(intake, &other, told, a, &error), PCT_CHECK_FAILED);
    test_error_says(&error, "another request");
    step_desk(); /* the writer comes round at last: the call is in the record and in the spool */
    ck_assert_int_eq(pct_intake_look(intake).pending, 1);
    drain_all();
    ck_assert_uint_eq(calls_on_board(), 1);
    close_world();
    power_disk_free();
}

TEST(intake_records_a_spooled_call_under_a_key_of_its_own_when_the_record_knows_its_key) {
    desk_world_begin(&world, 6);
    ask_count = 0;
    open_world(100000);
    asked *a = ask_new();
    step_desk();
    ck_assert(a->recorded);
    close_world();
    open_world(-1);
    asked second = {0};
    memcpy(second.key, a->key, sizeof second.key);
    pct_error error;
    pct_desk_request other =
        desk_world_call(second.key, "a second call, by mistake under the first one's key");
    test_ok(pct_intake_take(intake, &other, told, &second, &error), &error);
    step_intake();
    ck_assert(second.kept);
    drain_all();
    ck_assert_int_eq(pct_intake_look(intake).conflicts, 1);
    ck_assert_uint_eq(calls_on_board(), 2);
    close_world();
    power_disk_free();
}

/* Asks, steps of the desk and of the intake, in any order, until the power fails. */
static void work_until_cut(void) {
    power_disk_arm(POWER_CUT, 30 + pct_rng_below(&world.rng, pct_rng_below(&world.rng, 3) ? 80 : 400));
    pct_error error;
    pct_intake_options options = {.folder = "site",
                                  .vfs = POWER_DISK_VFS,
                                  .keeper = &world.keeper,
                                  .reserve_bytes = 32 << 10,
                                  .patience_ms = pct_rng_below(&world.rng, 2) ? -1 : 100000};
    if (desk_world_open(&world, &error) == PCT_OK) {
        options.desk = world.desk;
        if (pct_intake_open(&options, &intake, &error) == PCT_OK)
            for (int i = 0; i < 60 && !power_disk_is_cut(); i++) {
                uint32_t what = pct_rng_below(&world.rng, 4);
                if (what < 2) (void)ask_new();
                if (what == 2) step_desk();
                if (what == 3) step_intake();
            }
    }
    close_world();
    power_disk_restore();
}

static const char *find_fault(void) {
    pct_error error;
    if (!try_open_world(100000, &error)) return "the record or the spool cannot be opened";
    if (pct_intake_look(intake).unreadable > 0) return "an entry of the spool cannot be read";
    drain_all();
    size_t before = calls_on_board();
    for (size_t i = 0; i < ask_count; i++) {
        asked a = asks[i];
        (void)ask(i);
        step_desk();
        bool was_there = calls_on_board() == before;
        before = calls_on_board();
        if ((a.recorded || a.kept) && !was_there) return "an acknowledged call was lost";
    }
    if (pct_intake_look(intake).pending > 0) return "the spool is not drained";
    if (calls_on_board() != ask_count) return "a call is there twice";
    if (power_disk_holds("canary-", 7) == false) return "the record does not show what was said";
    close_world();
    return NULL;
}

static const char *run_cuts(uint64_t cuts, power_sabotage sabotage, uint64_t *done, size_t *kept) {
    const char *fault = NULL;
    for (uint64_t seed = 1; *done < cuts && !fault; seed++) {
        desk_world_begin(&world, seed);
        ask_count = 0;
        open_world(100000);
        close_world();
        power_disk_set_sabotage(sabotage);
        for (int row = 0; row < 4; row++, (*done)++) work_until_cut();
        power_disk_set_sabotage(POWER_HONEST);
        for (size_t i = 0; i < ask_count; i++) *kept += asks[i].kept;
        fault = find_fault();
        if (fault && sabotage == POWER_HONEST)
            fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, fault);
        if (fault) close_world();
    }
    return fault;
}

TEST(intake_loses_and_doubles_nothing_when_the_power_fails_while_it_spools_or_drains) {
    const char *text = getenv("POWER_CUTS");
    uint64_t done = 0;
    size_t kept = 0;
    const char *fault = run_cuts(text ? strtoull(text, NULL, 10) : CUTS, POWER_HONEST, &done, &kept);
    ck_assert_msg(!fault, "after %llu cuts: %s", (unsigned long long)done, fault);
    ck_assert_uint_gt(kept, done / 4);
    printf("power cuts while spooling and draining: %llu, kept in the spool %zu, lost 0, doubled 0\n",
           (unsigned long long)done, kept);
    power_disk_free();
}

TEST(intake_with_syncs_removed_is_caught) {
    uint64_t done = 0;
    size_t kept = 0;
    const char *fault = run_cuts(CONTROL_CUTS, POWER_SYNC_REMOVED, &done, &kept);
    printf("syncs removed: %s, at cut %llu\n", fault ? fault : "nothing", (unsigned long long)done);
    ck_assert_msg(fault, "%d cuts without a single sync, and nothing was noticed", CONTROL_CUTS);
    power_disk_free();
}

TEST_MAIN("spool", TEST_CASE(spool_keeps_entries_in_order_and_never_gives_a_number_twice),
          TEST_CASE(spool_uses_its_reserve_on_a_full_disk),
          TEST_CASE(spool_detects_every_flipped_bit_of_an_entry),
          TEST_CASE(intake_keeps_calls_in_the_spool_when_the_disk_is_full_and_drains_them_once_in_order),
          TEST_CASE(intake_refuses_another_body_under_a_key_that_waits_in_the_spool),
          TEST_CASE(intake_records_a_spooled_call_under_a_key_of_its_own_when_the_record_knows_its_key),
          TEST_CASE(intake_loses_and_doubles_nothing_when_the_power_fails_while_it_spools_or_drains),
          TEST_CASE(intake_with_syncs_removed_is_caught))
