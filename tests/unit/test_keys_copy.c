/* Copies of keys: what was destroyed never comes back, nothing comes back after the copy's end, and the agency's key can be changed. */
#include "desk/keys_copy.h"

#include <string.h>

#include "desk/retention.h"
#include "store/retention.h"
#include "support/desk_world.h"
#include "support/test.h"

static desk_world world;
static const pct_crypto *crypto;
static const pct_key secret = {{7}}, other_secret = {{8}};

static void open_world(uint64_t seed, unsigned char agency) {
    pct_error error;
    desk_world_begin(&world, seed);
    world.agency = agency;
    desk_world_start(&world);
    test_ok(pct_crypto_sodium(&crypto, &error), &error);
}

static pct_id take_call(const char *words) {
    pct_error error;
    pct_desk_request request = desk_world_call("", words);
    pct_desk_reply reply = desk_world_do(&world, &request, &error);
    test_ok(reply.status, &error);
    return reply.object;
}

static void copy(pct_buffer *file, int64_t until_ms) {
    pct_error error;
    pct_key_copy_head head;
    pct_buffer entries = pct_buffer_init(1 << 20);
    test_ok(pct_desk_copy_keys(world.desk, &entries, &head, &error), &error);
    head.until_ms = until_ms;
    test_ok(pct_key_copy_write(crypto, &secret, world.random, &head, &entries, file, &error), &error);
    for (size_t i = 0; i < entries.length; i++) ck_assert_uint_eq(entries.bytes[i], 0);
    pct_buffer_dispose(&entries);
}

static pct_status restore(const pct_buffer *file, pct_keys_restored *out, pct_error *error) {
    pct_key_copy_head head;
    pct_buffer entries = pct_buffer_init(1 << 20);
    const pct_text bytes = {(const char *)file->bytes, file->length};
    *out = (pct_keys_restored){0};
    pct_status status = pct_key_copy_read(crypto, &secret, "copy", bytes, &head, &entries, error);
    if (!status) status = pct_desk_restore_keys(world.desk, &head, &entries, out, error);
    pct_buffer_dispose(&entries);
    return status;
}

/* As a lost disk would: no event, no list. */
static pct_status lose(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    (void)context, (void)now_ms;
    pct_aged_key keys[16];
    size_t count;
    int64_t dropped;
    pct_status status = pct_store_list_keys(store, 0, 16, keys, &count, error);
    for (size_t i = 0; i < count && !status; i++)
        status = pct_store_drop_keys(store, keys[i].object, pct_text_of(keys[i].class), &dropped, error);
    return status;
}

static bool can_be_read(pct_id call) {
    pct_arena arena = pct_arena_init(1 << 16);
    pct_call_row row;
    pct_error error;
    test_ok(pct_desk_rebuild(world.desk, &error), &error);
    test_ok(pct_store_get_call(world.store, (pct_call_id){call.seq}, &arena, &row, &error), &error);
    bool read = row.words.length > 0;
    pct_arena_dispose(&arena);
    return read;
}

TEST(keys_that_were_destroyed_never_come_back_from_a_copy) {
    open_world(1, 0);
    pct_error error;
    pct_keys_restored done;
    pct_buffer file = pct_buffer_init(1 << 20);
    int64_t keys;
    pct_id erased = take_call("erased"), kept = take_call("kept");
    copy(&file, world.now_ms + 1000000);
    const pct_erasure erasure = {.object = erased, .account = {"li", 2}, .role = PCT_ROLE_SECURITY_ADMIN};
    test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
    test_ok(restore(&file, &done, &error), &error);
    ck_assert_int_eq(done.destroyed, 1);
    ck_assert_int_eq(done.present, 1);
    ck_assert_int_eq(done.restored, 0);
    ck_assert(!can_be_read(erased));
    ck_assert(can_be_read(kept));
    pct_buffer_dispose(&file);
    desk_world_end(&world);
}

TEST(keys_of_a_copy_are_restored_until_its_end_and_not_after) {
    open_world(1, 0);
    pct_error error;
    pct_keys_restored done;
    pct_buffer file = pct_buffer_init(1 << 20);
    (void)take_call("words");
    copy(&file, world.now_ms + 1000);
    test_ok(restore(&file, &done, &error), &error);
    ck_assert_int_eq(done.present, 1);
    world.now_ms += 1000;
    ck_assert_int_eq(restore(&file, &done, &error), PCT_REFUSED);
    test_error_says(&error, "the end of this copy of keys has come");
    pct_buffer_dispose(&file);
    desk_world_end(&world);
}

TEST(keys_of_another_record_or_of_a_later_one_are_refused) {
    pct_error error;
    pct_keys_restored done;
    pct_buffer file = pct_buffer_init(1 << 20), later = pct_buffer_init(1 << 20);
    open_world(1, 0);
    (void)take_call("one record");
    copy(&file, world.now_ms + 1000000);
    (void)take_call("goes on");
    copy(&later, world.now_ms + 1000000);
    desk_world_end(&world);
    open_world(2, 0);
    (void)take_call("another record");
    ck_assert_int_eq(restore(&file, &done, &error), PCT_REFUSED);
    test_error_says(&error, "belongs to another record");
    ck_assert_int_eq(restore(&later, &done, &error), PCT_REFUSED);
    test_error_says(&error, "restore the record first");
    desk_world_end(&world);
    pct_buffer_dispose(&file);
    pct_buffer_dispose(&later);
}

TEST(keys_copy_with_any_byte_changed_or_another_key_is_refused) {
    open_world(1, 0);
    pct_error error;
    pct_keys_restored done;
    pct_key_copy_head head;
    pct_buffer file = pct_buffer_init(1 << 20), entries = pct_buffer_init(1 << 20);
    (void)take_call("words");
    copy(&file, world.now_ms + 1000000);
    for (size_t i = 0; i < file.length; i++) {
        file.bytes[i] ^= 1;
        ck_assert_msg(restore(&file, &done, &error) == PCT_INPUT, "byte %zu", i);
        file.bytes[i] ^= 1;
    }
    for (size_t cut = 1; cut <= file.length; cut += 7) {
        const pct_text part = {(const char *)file.bytes, file.length - cut};
        ck_assert_int_eq(pct_key_copy_read(crypto, &secret, "copy", part, &head, &entries, &error),
                         PCT_INPUT);
    }
    const pct_text whole = {(const char *)file.bytes, file.length};
    ck_assert_int_eq(pct_key_copy_read(crypto, &other_secret, "copy", whole, &head, &entries, &error),
                     PCT_INPUT);
    test_error_says(&error, "encrypted under another key");
    pct_buffer_dispose(&file);
    pct_buffer_dispose(&entries);
    desk_world_end(&world);
}

TEST(keys_get_no_number_of_a_key_that_was_lost_after_the_copy) {
    open_world(1, 0);
    pct_error error;
    pct_buffer file = pct_buffer_init(1 << 20), entries = pct_buffer_init(1 << 20);
    pct_key_copy_head head;
    pct_aged_key keys[16];
    size_t count;
    (void)take_call("one");
    copy(&file, world.now_ms + 1000000);
    test_ok(pct_key_copy_read(crypto, &secret, "copy", (pct_text){(const char *)file.bytes, file.length},
                              &head, &entries, &error),
            &error);
    ck_assert_int_eq(head.count, 1);
    pct_key_copy_entry entry;
    ck_assert(pct_key_copy_get(&entries, 0, &entry));
    bool fresh;
    test_ok(pct_store_begin(world.store, &error), &error);
    const pct_stored_key name = {entry.name.id + 5, {entry.name.object.seq, 'O'}, pct_text_of("narrative")};
    test_ok(pct_store_restore_key(world.store, &name, entry.key.bytes, 1, &fresh, &error), &error);
    ck_assert(fresh);
    test_ok(pct_store_skip_keys(world.store, 1000, &error), &error);
    test_ok(pct_store_commit(world.store, &error), &error);
    (void)take_call("two");
    test_ok(pct_store_list_keys(world.store, 0, 16, keys, &count, &error), &error);
    ck_assert_int_eq(keys[count - 1].id, 1001);
    pct_buffer_dispose(&file);
    pct_buffer_dispose(&entries);
    desk_world_end(&world);
}

TEST(agency_key_is_changed_and_the_old_one_opens_nothing) {
    open_world(1, 3);
    pct_error error;
    pct_id call = take_call("words");
    pct_aged_key keys[4];
    size_t count;
    unsigned char key[PCT_STORE_KEY_BYTES], again[PCT_STORE_KEY_BYTES];
    test_ok(pct_store_list_keys(world.store, 0, 4, keys, &count, &error), &error);
    const pct_stored_key name = {keys[0].id, keys[0].object, pct_text_of(keys[0].class)};
    test_ok(pct_store_find_key(world.store, &name, key, &error), &error);
    /* The keeper of the test world wraps by `agency`, so the next one is the same keeper with another byte. */
    desk_world next_world = world;
    pct_key_keeper next = world.keeper;
    next_world.agency = 4;
    next.context = &next_world;
    test_ok(pct_store_rewrap(world.store, &next, &error), &error);
    test_ok(pct_store_find_key(world.store, &name, again, &error), &error);
    ck_assert_mem_eq(key, again, sizeof key);
    world.agency = 4;
    desk_world_restart(&world);
    ck_assert(can_be_read(call));
    desk_world_close(&world);
    world.agency = 3;
    ck_assert_int_ne(desk_world_open(&world, &error), PCT_OK);
    desk_world_end(&world);
}

TEST(lost_keys_of_every_call_come_back_only_while_they_were_not_destroyed) {
    open_world(1, 0);
    pct_error error;
    pct_keys_restored done;
    pct_buffer file = pct_buffer_init(1 << 20);
    pct_id call = take_call("words");
    copy(&file, world.now_ms + 1000000);
    test_ok(pct_store_begin(world.store, &error), &error);
    test_ok(lose(NULL, world.store, 0, &error), &error);
    test_ok(pct_store_commit(world.store, &error), &error);
    test_ok(restore(&file, &done, &error), &error);
    ck_assert_int_eq(done.destroyed, 1); /* the list says so, whoever destroyed it */
    ck_assert(!can_be_read(call));
    pct_buffer_dispose(&file);
    desk_world_end(&world);
}

TEST_MAIN("keys copy", TEST_CASE(keys_that_were_destroyed_never_come_back_from_a_copy),
          TEST_CASE(keys_of_a_copy_are_restored_until_its_end_and_not_after),
          TEST_CASE(keys_of_another_record_or_of_a_later_one_are_refused),
          TEST_CASE(keys_copy_with_any_byte_changed_or_another_key_is_refused),
          TEST_CASE(keys_get_no_number_of_a_key_that_was_lost_after_the_copy),
          TEST_CASE(agency_key_is_changed_and_the_old_one_opens_nothing),
          TEST_CASE(lost_keys_of_every_call_come_back_only_while_they_were_not_destroyed))
