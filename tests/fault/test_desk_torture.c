/* Each allocation of a desk's life fails in turn: opening (with the saved board, and with all events), a call, an erasure, the
 * tables made again. It says that memory is exhausted, nothing was acknowledged that is not there, nothing is there that
 * was not acknowledged, and the next desk works. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/tables.h"
#include "support/codes.h"
#include "support/desk_world.h"
#include "support/test.h"

enum { ACKS_MAX = 4096 };

typedef struct life {
    char folder[64];
    pct_codes *codes;
    pct_store *store;
    pct_desk *desk;
    int64_t now_ms;
    int64_t acks[ACKS_MAX];
    size_t ack_count, tries;
    const char *fault; /* assertions would allocate, and fail with the rest */
    uint32_t save_every;
    bool erases, for_good;
} life;

static life l;

static int64_t clock_ms(void *context) {
    return ((life *)context)->now_ms += 1000;
}

static void begin_life(uint32_t save_every) {
    memset(&l, 0, sizeof l);
    (void)snprintf(l.folder, sizeof l.folder, "/tmp/precinct-torture-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(l.folder));
    l.codes = test_codes();
    l.now_ms = 1700000000000;
    l.save_every = save_every;
}

static void end_life(void) {
    static const char *const files[] = {"record.db", "record.db-wal", "record.db-shm", "keys.db",
                                        "keys.db-wal"};
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", l.folder, files[i]);
        (void)unlink(path);
    }
    ck_assert_int_eq(rmdir(l.folder), 0);
    pct_codes_free(l.codes);
}

static pct_status open_life(pct_error *error) {
    const pct_store_options options = {.folder = l.folder};
    pct_status status = pct_store_open(&options, &l.store, error);
    const pct_desk_options desk = {
        .store = l.store, .codes = l.codes, .clock_ms = clock_ms, .context = &l, .save_every = l.save_every};
    return status ? status : pct_desk_open(&desk, &l.desk, error);
}

static void close_life(void) {
    pct_desk_close(l.desk);
    pct_store_close(l.store);
    l.desk = NULL;
    l.store = NULL;
}

static void answered(void *context, const pct_desk_reply *reply) {
    *(pct_desk_reply *)context = *reply;
}

static pct_status take_call(pct_id *out, pct_error *error) {
    char key[32];
    size_t handled;
    pct_desk_reply reply = {.status = PCT_INTERNAL};
    (void)snprintf(key, sizeof key, "key-%d", (int)l.tries++);
    const pct_desk_request request = desk_world_call(key, "tortured");
    pct_status status = pct_desk_submit(l.desk, &request, answered, &reply, error);
    if (status) return status;
    status = pct_desk_step(l.desk, &handled, error);
    if (reply.status != status) l.fault = "who asked did not hear what became of the group";
    if (!status && l.ack_count < ACKS_MAX) l.acks[l.ack_count++] = reply.object.seq;
    *out = reply.object;
    return status;
}

static pct_status live(void *context) {
    pct_error error;
    pct_id call = {0};
    int64_t keys;
    (void)context;
    pct_status status = open_life(&error);
    if (!status) {
        status = take_call(&call, &error);
        pct_id next;
        if (status && take_call(&next, &error) && !l.for_good)
            l.fault = "the group behind the one that failed fails too";
    }
    const pct_erasure erasure = {.object = call, .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
    if (!status && l.erases) status = pct_desk_erase(l.desk, &erasure, &keys, &error);
    if (!status && l.erases) status = pct_desk_rebuild(l.desk, &error);
    close_life();
    return status;
}

static void check_acknowledged(void) {
    pct_error error;
    pct_call_row rows[64];
    size_t count = 0, seen = 0;
    ck_assert_msg(!l.fault, "%s", l.fault);
    pct_arena arena = pct_arena_init(16 << 20);
    test_ok(open_life(&error), &error);
    for (int64_t before = 0; seen == 0 || count == 64; before = rows[count - 1].id.seq) {
        test_ok(pct_store_list_calls(l.store, before, 64, &arena, rows, &count, &error), &error);
        for (size_t i = 0; i < count; i++, seen++)
            ck_assert_int_eq(rows[i].id.seq, l.acks[l.ack_count - 1 - seen]);
        if (count == 0) break;
    }
    ck_assert_uint_eq(seen, l.ack_count);
    pct_arena_dispose(&arena);
    close_life();
}

static void torture(uint32_t save_every, bool erases, bool for_good) {
    begin_life(save_every);
    ck_assert_int_eq(live(NULL), PCT_OK); /* a record that is there */
    l.erases = erases, l.for_good = for_good;
    size_t failed = for_good ? test_torture_for_good(live, NULL) : test_torture(live, NULL);
    printf("allocations that failed in turn: %zu%s\n", failed, for_good ? ", for good" : "");
    ck_assert_uint_gt(failed, 30);
    check_acknowledged();
    end_life();
}

TEST(desk_without_memory_says_so_and_keeps_what_it_acknowledged) {
    torture(UINT32_MAX, false, false);
}

TEST(desk_erases_and_rebuilds_without_memory_or_says_so) {
    torture(UINT32_MAX, true, false);
}

TEST(desk_whose_memory_is_gone_for_good_says_so_and_keeps_what_it_acknowledged) {
    torture(UINT32_MAX, true, true);
}

TEST(desk_starts_from_the_saved_board_without_memory_or_says_so) {
    begin_life(1);
    ck_assert_int_eq(live(NULL), PCT_OK);
    l.save_every = UINT32_MAX; /* loads what was saved, and saves nothing */
    ck_assert_uint_gt(test_torture(live, NULL), 30);
    check_acknowledged();
    end_life();
}

TEST_MAIN("desk torture", TEST_CASE(desk_without_memory_says_so_and_keeps_what_it_acknowledged),
          TEST_CASE(desk_erases_and_rebuilds_without_memory_or_says_so),
          TEST_CASE(desk_whose_memory_is_gone_for_good_says_so_and_keeps_what_it_acknowledged),
          TEST_CASE(desk_starts_from_the_saved_board_without_memory_or_says_so))
