/* A log that was touched is found, with the place and the kind of the fault. */
#include <string.h>

#include "event/codec.h"
#include "ledger/verify.h"
#include "support/test.h"

enum { ROWS = 40, ROW_BYTES = 512 };

typedef struct stored {
    int64_t seq;
    size_t length;
    char bytes[ROW_BYTES];
    pct_hash leaf;
} stored;

typedef struct log_of_rows {
    const pct_crypto *crypto;
    stored rows[ROWS];
    size_t count, next;
    pct_tree_head heads[3];
    pct_ledger_verdict verdict;
    pct_error error;
} log_of_rows;

static void write_row(log_of_rows *log, size_t at, int64_t seq, int64_t epoch) {
    stored *row = &log->rows[at];
    row->seq = (int64_t)at + 1;
    row->length =
        (size_t)snprintf(row->bytes, ROW_BYTES,
                         "{\"actor\":\"li\",\"data\":{},\"epoch\":%lld,\"map_version\":0,\"object\":\"O1\","
                         "\"occurred_at\":5,\"recorded_at\":6,"
                         "\"role\":\"patrol\",\"seq\":%lld,\"type\":\"order_arrived\",\"version\":1}",
                         (long long)epoch, (long long)seq);
    row->leaf = pct_merkle_leaf(log->crypto, (pct_text){row->bytes, row->length});
}

static pct_status next_row(void *context, pct_ledger_row *row, bool *more, pct_error *error) {
    log_of_rows *log = context;
    (void)error;
    *more = log->next < log->count;
    if (!*more) return PCT_OK;
    const stored *from = &log->rows[log->next++];
    *row = (pct_ledger_row){from->seq, {from->bytes, from->length}, from->leaf};
    return PCT_OK;
}

static void make(log_of_rows *log) {
    memset(log, 0, sizeof *log);
    if (pct_crypto_sodium(&log->crypto, NULL)) abort();
    pct_merkle tree = pct_merkle_init(log->crypto);
    log->count = ROWS;
    log->heads[0] = (pct_tree_head){0, pct_merkle_root(&tree)};
    for (size_t i = 0; i < ROWS; i++) {
        write_row(log, i, (int64_t)i + 1, 1 + (i > 20));
        pct_merkle_append(&tree, log->rows[i].leaf);
        if (i == 16) log->heads[1] = (pct_tree_head){17, pct_merkle_root(&tree)};
    }
    log->heads[2] = (pct_tree_head){ROWS, pct_merkle_root(&tree)};
}

static pct_status verify(log_of_rows *log) {
    pct_merkle from = pct_merkle_init(log->crypto);
    pct_ledger_rows rows = {log, next_row};
    log->next = 0;
    return pct_ledger_verify(&from, &rows, log->heads, 3, &log->verdict, &log->error);
}

static void faulty(log_of_rows *log, pct_ledger_fault fault, int64_t seq, const char *says) {
    ck_assert_int_eq(verify(log), PCT_CHECK_FAILED);
    ck_assert_int_eq(log->verdict.fault, fault);
    ck_assert_int_eq(log->verdict.bad_seq, seq);
    test_error_says(&log->error, says);
    make(log);
}

TEST(verify_finds_a_sound_log_sound) {
    static log_of_rows log;
    make(&log);
    test_ok(verify(&log), &log.error);
    ck_assert_int_eq(log.verdict.fault, PCT_LEDGER_SOUND);
    ck_assert_int_eq(log.verdict.bad_seq, 0);
    ck_assert(pct_hash_equal(pct_merkle_root(&log.verdict.tree), log.heads[2].root));
}

TEST(verify_goes_on_from_a_saved_tree) {
    static log_of_rows log;
    make(&log);
    pct_merkle from = pct_merkle_init(log.crypto);
    for (size_t i = 0; i < 17; i++) pct_merkle_append(&from, log.rows[i].leaf);
    pct_ledger_rows rows = {&log, next_row};
    log.next = 17;
    test_ok(pct_ledger_verify(&from, &rows, log.heads, 3, &log.verdict, &log.error), &log.error);
    ck_assert_uint_eq(log.verdict.tree.size, ROWS);
    log.next = 17, from.frontier[0].bytes[0] ^= 1;
    ck_assert_int_eq(pct_ledger_verify(&from, &rows, log.heads, 3, &log.verdict, &log.error),
                     PCT_CHECK_FAILED);
    ck_assert_int_eq(log.verdict.fault, PCT_LEDGER_ROOT);
    ck_assert_int_eq(log.verdict.bad_seq, 17);
}

TEST(verify_finds_each_flipped_bit_of_each_event) {
    static log_of_rows log;
    make(&log);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t bit = row % 8; bit < log.rows[row].length * 8; bit += 8) {
            log.rows[row].bytes[bit / 8] ^= (char)(1 << bit % 8);
            ck_assert_int_eq(verify(&log), PCT_CHECK_FAILED);
            ck_assert_int_eq(log.verdict.fault, PCT_LEDGER_LEAF);
            ck_assert_int_eq(log.verdict.bad_seq, (int64_t)row + 1);
            log.rows[row].bytes[bit / 8] ^= (char)(1 << bit % 8);
        }
}

TEST(verify_names_each_kind_of_fault) {
    static log_of_rows log;
    make(&log);
    memmove(&log.rows[9], &log.rows[10], (ROWS - 10) * sizeof *log.rows), log.count--;
    faulty(&log, PCT_LEDGER_GAP, 10, "event 10 is missing, 11 stands in its place");
    log.rows[4].leaf.bytes[0] ^= 1;
    faulty(&log, PCT_LEDGER_LEAF, 5, "event 5 was changed");
    log.rows[4].length--;
    log.rows[4].leaf = pct_merkle_leaf(log.crypto, (pct_text){log.rows[4].bytes, log.rows[4].length});
    faulty(&log, PCT_LEDGER_BYTES, 5, "event 5 is no event");
    write_row(&log, 4, 6, 1);
    faulty(&log, PCT_LEDGER_SEQ, 5, "event 6 is stored as event 5");
    write_row(&log, 30, 31, 1);
    faulty(&log, PCT_LEDGER_EPOCH, 31, "epoch 1, the one before of epoch 2");
    log.count = 30;
    faulty(&log, PCT_LEDGER_SHORT, 31, "ends after 30 events, a signed tree head vouches for 40");
    log.heads[0].root.bytes[0] ^= 1;
    faulty(&log, PCT_LEDGER_ROOT, 0, "the first 0 events");
    static char long_bytes[PCT_EVENT_BYTES_MAX + 1];
    pct_merkle from = pct_merkle_init(log.crypto);
    log.count = 1, log.rows[0].length = sizeof long_bytes;
    pct_ledger_rows rows = {&log, next_row};
    log.next = 0;
    ck_assert_int_eq(pct_ledger_verify(&from, &rows, NULL, 0, &log.verdict, &log.error), PCT_CHECK_FAILED);
    ck_assert_int_eq(log.verdict.fault, PCT_LEDGER_BYTES);
}

/* Whoever may write everything makes bytes and hashes that agree; an old tree head tells. */
TEST(verify_finds_a_log_that_was_written_anew) {
    static log_of_rows log;
    make(&log);
    for (size_t i = 0; i <= 10; i++) write_row(&log, i, (int64_t)i + 1, 0);
    faulty(&log, PCT_LEDGER_ROOT, 17, "the first 17 events are not those of the signed tree head");
}

TEST(verify_by_an_older_program_says_so_and_accuses_nobody) {
    static log_of_rows log;
    make(&log);
    log.rows[2].bytes[log.rows[2].length - 2] = '7';
    log.rows[2].leaf = pct_merkle_leaf(log.crypto, (pct_text){log.rows[2].bytes, log.rows[2].length});
    ck_assert_int_eq(verify(&log), PCT_INPUT);
    ck_assert_int_eq(log.verdict.fault, PCT_LEDGER_SOUND);
    test_error_says(&log.error, "use a newer program");
}

static pct_status broken(void *context, pct_ledger_row *row, bool *more, pct_error *error) {
    (void)context, (void)row, (void)more, (void)error;
    return PCT_IO;
}

TEST(verify_passes_on_what_the_reader_says) {
    static log_of_rows log;
    make(&log);
    pct_merkle from = pct_merkle_init(log.crypto);
    pct_ledger_rows rows = {&log, broken};
    ck_assert_int_eq(pct_ledger_verify(&from, &rows, NULL, 0, &log.verdict, NULL), PCT_IO);
}

static pct_status one_escaped_row(void *context) {
    log_of_rows *log = context;
    pct_merkle from = pct_merkle_init(log->crypto);
    pct_ledger_rows rows = {log, next_row};
    log->next = 0;
    return pct_ledger_verify(&from, &rows, NULL, 0, &log->verdict, &log->error);
}

TEST(verify_survives_each_failing_allocation) {
    static log_of_rows log;
    make(&log);
    log.count = 1;
    stored *row = &log.rows[0];
    row->length = (size_t)snprintf(
        row->bytes, ROW_BYTES,
        "{\"actor\":\"a\\nb\",\"data\":{},\"epoch\":1,\"map_version\":0,\"object\":\"O1\",\"occurred_at\":"
        "5,\"recorded_at\":6,\"role\":\"patrol\",\"seq\":1,\"type\":\"order_arrived\",\"version\":1}");
    row->leaf = pct_merkle_leaf(log.crypto, (pct_text){row->bytes, row->length});
    ck_assert_uint_ge(test_torture(one_escaped_row, &log), 1);
}

TEST_MAIN("ledger_verify", TEST_CASE(verify_finds_a_sound_log_sound),
          TEST_CASE(verify_goes_on_from_a_saved_tree), TEST_CASE(verify_finds_each_flipped_bit_of_each_event),
          TEST_CASE(verify_names_each_kind_of_fault), TEST_CASE(verify_finds_a_log_that_was_written_anew),
          TEST_CASE(verify_by_an_older_program_says_so_and_accuses_nobody),
          TEST_CASE(verify_passes_on_what_the_reader_says),
          TEST_CASE(verify_survives_each_failing_allocation))
