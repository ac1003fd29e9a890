/* The store: every column says what it holds and how long; documents, keys, groups and their parts. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "access/schema.h"
#include "store/schema.h"
#include "store/tables.h"
#include "support/power_disk.h"
#include "support/test.h"
#include "track/track.h"

static pct_store *open_new(void) {
    const pct_store_options options = {.folder = "site", .vfs = POWER_DISK_VFS, .wal_bytes = 100000};
    pct_store *store;
    pct_error error;
    power_disk_new(1);
    test_ok(pct_store_open(&options, &store, &error), &error);
    return store;
}

static void close_store(pct_store *store) {
    pct_store_close(store);
    power_disk_free();
}

static size_t check_columns(const pct_table_schema *table) {
    pct_buffer sql = pct_buffer_init(PCT_SCHEMA_BYTES_MAX);
    size_t columns = 0;
    pct_schema_write(table, &sql);
    ck_assert_msg(!sql.failed && strlen(table->about) > 9, "%s does not say what it is", table->name);
    for (const pct_column *c = table->columns; c->name; c++, columns++) {
        char line[400];
        ck_assert_msg(c->class && c->purpose && c->period && c->holds && *c->holds, "%s.%s", table->name,
                      c->name);
        (void)snprintf(line, sizeof line, "%s; %s, for %s; kept: %s\n", c->holds,
                       pct_data_class_names[c->class], pct_purpose_names[c->purpose],
                       pct_periods[c->period].from);
        ck_assert_msg(strstr(pct_buffer_chars(&sql), line) != NULL, "%s.%s: %s", table->name, c->name, line);
        /* What is sealed goes with its key, and nothing else does. */
        bool sealed = strncmp(c->holds, "sealed", 6) == 0 && strcmp(table->name, "saved_board") != 0;
        ck_assert_msg(sealed == (c->period == PCT_PERIOD_PERSONAL || c->period == PCT_PERIOD_NARRATIVE),
                      "%s.%s", table->name, c->name);
    }
    ck_assert_uint_ge(columns, 1);
    pct_buffer_dispose(&sql);
    return columns;
}

TEST(schema_says_of_each_column_class_purpose_and_period) {
    const pct_table_schema *const lists[] = {pct_schema_record, pct_schema_tables, pct_schema_keys,
                                             pct_schema_tracks, pct_schema_access};
    size_t columns = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const pct_table_schema *t = lists[i]; t->name; t++) columns += check_columns(t);
    ck_assert_uint_gt(columns, 100);
}

static pct_status count_document(void *context, const pct_document *document, pct_error *error) {
    (void)document, (void)error;
    ++*(int *)context;
    return PCT_OK;
}

TEST(store_documents_are_replaced_dropped_and_expire) {
    pct_store *store = open_new();
    pct_error error;
    pct_buffer bytes = pct_buffer_init(100);
    int count = 0;
    pct_document document = {pct_text_of("session"), pct_text_of("a"), pct_text_of("first"), 1000};
    test_ok(pct_store_begin(store, &error), &error);
    test_ok(pct_store_put_document(store, &document, &error), &error);
    document.bytes = pct_text_of("second");
    test_ok(pct_store_put_document(store, &document, &error), &error);
    document.name = pct_text_of("b"), document.expires_at_ms = 0;
    test_ok(pct_store_put_document(store, &document, &error), &error);
    test_ok(pct_store_commit(store, &error), &error);
    test_ok(pct_store_get_document(store, document.kind, pct_text_of("a"), 999, &bytes, &error), &error);
    ck_assert_str_eq(pct_buffer_chars(&bytes), "second");
    ck_assert_int_eq(pct_store_get_document(store, document.kind, pct_text_of("a"), 1000, &bytes, &error),
                     PCT_NOT_FOUND);
    test_error_says(&error, "there is no session 'a'");
    test_ok(pct_store_each_document(store, document.kind, 999, count_document, &count, &error), &error);
    ck_assert_int_eq(count, 2);
    test_ok(pct_store_drop_documents(store, 1000, &error), &error);
    test_ok(pct_store_drop_document(store, document.kind, document.name, &error), &error);
    count = 0;
    test_ok(pct_store_each_document(store, document.kind, 0, count_document, &count, &error), &error);
    ck_assert_int_eq(count, 0);
    pct_buffer_dispose(&bytes);
    close_store(store);
}

TEST(store_gives_the_same_key_until_it_is_destroyed_and_then_a_new_one) {
    pct_store *store = open_new();
    pct_error error;
    unsigned char fresh[PCT_STORE_KEY_BYTES], other[PCT_STORE_KEY_BYTES], out[PCT_STORE_KEY_BYTES];
    int64_t dropped;
    memset(fresh, 1, sizeof fresh), memset(other, 2, sizeof other);
    pct_stored_key first = {.object = {.kind = 'C', .seq = 1}, .class = pct_text_of("personal")},
                   again = first;
    for (int round = 0; round < 2; round++) {
        test_ok(pct_store_begin(store, &error), &error);
        test_ok(pct_store_add_key(store, &first, fresh, 5, out, &error), &error);
        test_ok(pct_store_add_key(store, &again, other, 5, out, &error), &error);
        ck_assert_int_eq(first.id, again.id);
        ck_assert_mem_eq(out, fresh, sizeof fresh);
        if (round == 0)
            pct_store_rollback(store); /* a key that was not committed is none */
        else
            test_ok(pct_store_commit(store, &error), &error);
        ck_assert_int_eq(pct_store_find_key(store, &first, out, &error), round == 0 ? PCT_NOT_FOUND : PCT_OK);
    }
    test_ok(pct_store_begin(store, &error), &error);
    test_ok(pct_store_drop_keys(store, first.object, pct_text_of("narrative"), &dropped, &error), &error);
    ck_assert_int_eq(dropped, 0);
    test_ok(pct_store_drop_keys(store, first.object, pct_text_of(""), &dropped, &error), &error);
    ck_assert_int_eq(dropped, 1);
    test_ok(pct_store_add_key(store, &again, other, 6, out, &error), &error);
    test_ok(pct_store_commit(store, &error), &error);
    ck_assert_int_gt(again.id, first.id);
    ck_assert_int_eq(pct_store_find_key(store, &first, out, &error), PCT_NOT_FOUND);
    close_store(store);
}

TEST(store_refuses_the_same_event_twice_and_what_is_too_large) {
    pct_store *store = open_new();
    pct_error error;
    unsigned char leaf[PCT_STORE_HASH_BYTES] = {0};
    pct_stored_event event = {1, pct_text_of("{}"), leaf};
    test_ok(pct_store_begin(store, &error), &error);
    test_ok(pct_store_add_event(store, &event, &error), &error);
    ck_assert_int_eq(pct_store_add_event(store, &event, &error), PCT_MISUSE);
    event.bytes.length = PCT_STORE_VALUE_MAX + 1;
    ck_assert_int_eq(pct_store_add_event(store, &event, &error), PCT_LIMIT);
    pct_store_rollback(store);
    int64_t last;
    test_ok(pct_store_last_seq(store, &last, &error), &error);
    ck_assert_int_eq(last, 0);
    ck_assert(!pct_store_is_broken(store));
    close_store(store);
}

TEST(store_counts_calls_by_the_hour_and_lists_them) {
    pct_store *store = open_new();
    pct_error error;
    pct_arena arena = pct_arena_init(1 << 16);
    pct_call_count counts[4];
    size_t count;
    test_ok(pct_store_begin(store, &error), &error);
    for (int i = 0; i < 5; i++)
        test_ok(pct_store_count_call(store, 3600000 + i * 1000000, pct_text_of("theft"), 2, &error), &error);
    test_ok(pct_store_count_call(store, -1, pct_text_of("theft"), 2, &error), &error);
    test_ok(pct_store_commit(store, &error), &error);
    test_ok(pct_store_list_counts(store, 0, 1LL << 40, 4, &arena, counts, &count, &error), &error);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(counts[0].hour_ms, 3600000);
    ck_assert_int_eq(counts[0].calls, 4);
    ck_assert_int_eq(counts[1].calls, 1);
    test_ok(pct_store_list_counts(store, -3600000, 0, 4, &arena, counts, &count, &error), &error);
    ck_assert_uint_eq(count, 1);
    pct_arena_dispose(&arena);
    close_store(store);
}

TEST_MAIN("store", TEST_CASE(schema_says_of_each_column_class_purpose_and_period),
          TEST_CASE(store_documents_are_replaced_dropped_and_expire),
          TEST_CASE(store_gives_the_same_key_until_it_is_destroyed_and_then_a_new_one),
          TEST_CASE(store_refuses_the_same_event_twice_and_what_is_too_large),
          TEST_CASE(store_counts_calls_by_the_hour_and_lists_them))
