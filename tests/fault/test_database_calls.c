/* Each call into the database fails, once and for good, before and after it has done its work, at every point of a day's work: opening,
 * taking calls, deciding, committing, publishing, looking, erasing, making the tables again, verifying, closing. What was told is
 * true; afterwards, with a database that works, everything that was asked is answered, once.
 *
 * EVERY_CALL=1: each of them; otherwise every eleventh. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/log_check.h"
#include "support/database_calls.h"
#include "support/service_world.h"
#include "support/test.h"

enum { STEP = 11 };

static const int codes[] = {SQLITE_IOERR_WRITE, SQLITE_FULL,    SQLITE_NOMEM,
                            SQLITE_BUSY,        SQLITE_CORRUPT, SQLITE_IOERR_FSYNC};
static service_world world, image;

static void verify(int code) {
    const pct_crypto *crypto;
    pct_ledger_verdict verdict;
    pct_error error;
    test_ok(pct_crypto_sodium(&crypto, &error), &error);
    pct_merkle tree = pct_merkle_init(crypto);
    pct_status status = pct_log_check(world.service.reader, &tree, NULL, NULL, &verdict, &error);
    if (!database_calls_failed()) test_ok(status, &error);
    /* Nor is a sound log told as damaged, unless the database says so itself. */
    if (status == PCT_CHECK_FAILED && code != SQLITE_CORRUPT) test_ok(status, &error);
}

static void erase(service_ask *call) {
    int64_t keys;
    pct_error error;
    if (call->state != ASK_DONE) return;
    const pct_erasure erasure = {.object = call->object, .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
    call->erased = pct_desk_erase(world.desk.desk, &erasure, &keys, &error) ? ERASED_PERHAPS : ERASED;
}

/* A day's work; whatever fails, it goes on as far as it can. */
static void work(int code) {
    static const char call[] =
        "{\"channel\":\"phone\",\"type\":\"theft\",\"priority\":2,\"words\":\"canary-%06zu\"}";
    char body[160], path[40];
    pct_error error;
    service_ask *calls[2];
    if (service_world_open(&world, &error)) return;
    for (int i = 0; i < 2; i++) {
        (void)snprintf(body, sizeof body, call, world.ask_count);
        calls[i] = service_world_ask(&world, "/api/v1/calls", body);
        calls[i]->is_call = true;
        (void)snprintf(calls[i]->words, sizeof calls[i]->words, "canary-%06d", (int)(calls[i] - world.asks));
    }
    (void)snprintf(body, sizeof body,
                   "{\"call\":\"C%lld\",\"type\":\"theft\",\"priority\":2,\"gravity\":\"ordinary\"}",
                   (long long)calls[0]->object.seq);
    if (calls[0]->state == ASK_DONE) (void)service_world_ask(&world, "/api/v1/incidents", body);
    if (calls[0]->state == ASK_DONE) service_world_look(&world, calls[0]->object.seq);
    (void)snprintf(path, sizeof path, "/api/v1/calls/C%lld/settle", (long long)calls[1]->object.seq);
    if (calls[1]->state == ASK_DONE) (void)service_world_ask(&world, path, "{\"reason\":\"advice\"}");
    erase(calls[1]);
    (void)!pct_desk_rebuild(world.desk.desk, &error);
    verify(code);
}

static void begin(void) {
    database_calls_arm((database_fault){0});
    power_disk_new(1);
    service_world_init(&world, 1);
    work(SQLITE_OK);
    service_world_close(&world);
    ck_assert_uint_eq(world.answered, 4);
    power_disk_save();
    image = world;
}

/* False when the n-th call does not come any more. */
static bool work_with(database_fault fault) {
    pct_error error;
    power_disk_reset(fault.at);
    world = image;
    database_calls_arm(fault);
    work(fault.code);
    service_world_close(&world);
    bool failed = database_calls_failed();
    database_calls_arm((database_fault){0});
    const char *wrong =
        service_world_open(&world, &error) ? "it does not open any more" : service_world_settle(&world);
    service_world_close(&world);
    if (!wrong) wrong = service_world_find_fault(&world, fault.at % 7 == 0);
    ck_assert_msg(!wrong, "call %llu, %s, %s, code %d: %s", (unsigned long long)fault.at,
                  fault.for_good ? "for good" : "once", fault.done ? "after its work" : "before its work",
                  fault.code, wrong);
    return failed;
}

static void fail_each(bool for_good, bool done) {
    const char *text = getenv("EVERY_CALL");
    uint64_t n = 1, tried = 0, step = text ? 1 : STEP;
    begin();
    while (work_with((database_fault){n, codes[n % (sizeof codes / sizeof *codes)], for_good, done}))
        n += step, tried++;
    printf("database calls that failed in turn: %llu, %s, %s\n", (unsigned long long)tried,
           for_good ? "for good" : "once", done ? "after their work" : "before their work");
    ck_assert_uint_gt(n, 500);
    service_world_dispose(&world);
    power_disk_free();
}

TEST(database_calls_fail_once_and_what_was_told_is_true) {
    fail_each(false, false);
}

TEST(database_calls_fail_once_after_their_work_and_what_was_told_is_true) {
    fail_each(false, true);
}

TEST(database_calls_fail_for_good_and_what_was_told_is_true) {
    fail_each(true, false);
}

TEST(database_calls_fail_for_good_after_their_work_and_what_was_told_is_true) {
    fail_each(true, true);
}

TEST_MAIN("database calls", TEST_CASE(database_calls_fail_once_and_what_was_told_is_true),
          TEST_CASE(database_calls_fail_once_after_their_work_and_what_was_told_is_true),
          TEST_CASE(database_calls_fail_for_good_and_what_was_told_is_true),
          TEST_CASE(database_calls_fail_for_good_after_their_work_and_what_was_told_is_true))
