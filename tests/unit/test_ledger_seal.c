/* Sealing: what is stored says nothing without the key, and nothing false with it. */
#include <string.h>

#include "base/base64.h"
#include "ledger/merkle.h"
#include "ledger/seal.h"
#include "support/events.h"
#include "support/test.h"

/* A key store with one key for each (object kind, class), made from its id; ids below `erased_below` are destroyed. */
typedef struct key_ring {
    int64_t erased_below;
    bool closed;
    int64_t seen_object;
} key_ring;

static void key_of(int64_t id, pct_key *key) {
    for (size_t i = 0; i < sizeof key->bytes; i++) key->bytes[i] = (unsigned char)(id * 31 + (int64_t)i);
}

static pct_status for_sealing(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    (void)error;
    ((key_ring *)context)->seen_object = name->object.seq;
    if (name->retention == PCT_RETENTION_NONE)
        abort(); /* no ck_assert: it allocates, and this runs under torture */
    name->id = name->object.kind * 10 + (int64_t)name->retention;
    key_of(name->id, key);
    return PCT_OK;
}

static pct_status for_opening(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    const key_ring *ring = context;
    (void)error;
    if (name->id < ring->erased_below) return PCT_NOT_FOUND;
    if (ring->closed) return PCT_REFUSED;
    key_of(name->id, key);
    return PCT_OK;
}

static void draw(void *context, unsigned char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)pct_rng_next(context);
}

static const pct_crypto *sodium(void) {
    const pct_crypto *crypto = NULL;
    if (pct_crypto_sodium(&crypto, NULL)) abort();
    return crypto;
}

/* Everything a test needs. */
typedef struct bench {
    const pct_crypto *crypto;
    key_ring ring;
    pct_ledger_keys keys;
    pct_rng rng;
    pct_random random;
    pct_arena arena;
    pct_buffer stored;
} bench;

static void set_up(bench *b) {
    *b = (bench){.crypto = sodium(), .rng = pct_rng_init(7, 1), .arena = pct_arena_init(1 << 20)};
    b->keys = (pct_ledger_keys){&b->ring, for_sealing, for_opening};
    b->random = (pct_random){&b->rng, draw};
    b->stored = pct_buffer_init(1 << 20);
}

static void tear_down(bench *b) {
    pct_buffer_dispose(&b->stored);
    pct_arena_dispose(&b->arena);
}

static pct_text seal_ok(bench *b, const pct_event *event) {
    pct_error error;
    pct_buffer_clear(&b->stored);
    test_ok(pct_ledger_seal(b->crypto, &b->keys, b->random, event, &b->stored, &error), &error);
    return (pct_text){(const char *)b->stored.bytes, b->stored.length};
}

static const char phone[] = "13800138000", words[] = "he has a knife, \"hurry\"";

static pct_event call(void) {
    pct_event e = {.seq = 17,
                   .epoch = 2,
                   .recorded_at_ms = 9,
                   .occurred_at_ms = 8,
                   .actor = pct_text_of("wang"),
                   .object = {.kind = 'C', .seq = 17},
                   .role = PCT_ROLE_CALL_TAKER,
                   .type = PCT_EVENT_CALL_RECEIVED,
                   .version = pct_event_type_table[PCT_EVENT_CALL_RECEIVED].version};
    e.data.call_received = (pct_event_call_received){.channel = PCT_CHANNEL_PHONE,
                                                     .type = pct_text_of("dispute"),
                                                     .priority = 2,
                                                     .has_position = true,
                                                     .position = {1163974000, 399093000},
                                                     .caller_phone = pct_text_of(phone),
                                                     .words = pct_text_of(words)};
    return e;
}

TEST(seal_stores_envelopes_and_opens_them_again) {
    bench b;
    pct_event event = call(), read;
    pct_event_sealing states;
    pct_error error;
    set_up(&b);
    pct_text bytes = seal_ok(&b, &event);
    const char *stored = pct_buffer_chars(&b.stored);
    ck_assert_ptr_nonnull(strstr(stored, "\"type\":\"dispute\",\"words\":{\"c\":\""));
    ck_assert_ptr_nonnull(strstr(stored, "\",\"k\":671,\"n\":\""));
    ck_assert_ptr_null(strstr(stored, "13800"));
    ck_assert_ptr_null(strstr(stored, "knife"));
    ck_assert_ptr_null(strstr(stored, "1163974000"));
    ck_assert_int_eq(b.ring.seen_object, 17);
    test_ok(pct_ledger_open(b.crypto, &b.keys, bytes, &b.arena, &read, &states, &error), &error);
    test_same_event(&event, &read);
    ck_assert_uint_eq(states.opened, pct_event_field_bit(read.type, "position") |
                                         pct_event_field_bit(read.type, "caller_phone") |
                                         pct_event_field_bit(read.type, "words"));
    ck_assert_uint_eq(states.closed | states.erased, 0);
    tear_down(&b);
}

TEST(seal_leaves_absent_what_is_closed_or_erased_and_says_so) {
    bench b;
    pct_event event = call(), read;
    pct_event_sealing states;
    pct_error error;
    set_up(&b);
    pct_text bytes = seal_ok(&b, &event);
    pct_hash leaf = pct_merkle_leaf(b.crypto, bytes);
    uint64_t all = pct_event_field_bit(event.type, "position") |
                   pct_event_field_bit(event.type, "caller_phone") | pct_event_field_bit(event.type, "words");
    for (int way = 0; way < 3; way++) {
        b.ring = (key_ring){.closed = way == 0, .erased_below = way == 1 ? 1000 : 0};
        test_ok(pct_ledger_open(b.crypto, way == 2 ? NULL : &b.keys, bytes, &b.arena, &read, &states, &error),
                &error);
        ck_assert_uint_eq(states.opened, 0);
        ck_assert_uint_eq(states.closed, way == 1 ? 0 : all);
        ck_assert_uint_eq(states.erased, way == 1 ? all : 0);
        ck_assert(!read.data.call_received.has_position);
        ck_assert_uint_eq(read.data.call_received.words.length + read.data.call_received.caller_phone.length,
                          0);
        test_same_text(read.data.call_received.type, event.data.call_received.type);
    }
    pct_hash after = pct_merkle_leaf(b.crypto, bytes);
    ck_assert(pct_hash_equal(leaf, after));
    tear_down(&b);
}

static bool holds(pct_text bytes, const void *part, size_t length) {
    return memmem(bytes.chars, bytes.length, part, length) != NULL;
}

/* Puts a canary that occurs nowhere else into each sealed field of the event. */
static size_t plant(pct_event *event, char canaries[8][32]) {
    const pct_event_type_entry *entry = &pct_event_type_table[event->type];
    const pct_event_version *version = &entry->versions[entry->version - 1];
    size_t planted = 0;
    for (size_t i = 0; i < version->field_count; i++) {
        const pct_event_field *field = &version->fields[i];
        char *at = (char *)&event->data + field->offset;
        if (!(field->flags & PCT_FIELD_SEALED)) continue;
        ck_assert_uint_lt(planted, 8);
        char *canary = canaries[planted++];
        if (field->type == PCT_FIELD_POSITION) {
            *(bool *)((char *)&event->data + field->has_offset) = true;
            *(pct_position *)(void *)at = (pct_position){1234567890, 876543210};
            snprintf(canary, 32, "1234567890");
        } else {
            ck_assert_int_eq(field->type, PCT_FIELD_TEXT);
            snprintf(canary, 32, "CANARY%zu", i);
            *(pct_text *)(void *)at = pct_text_of(canary);
        }
    }
    return planted;
}

TEST(seal_of_any_event_opens_to_it_and_shows_no_sealed_byte) {
    test_byte_source *from = calloc(1, sizeof *from);
    bench b;
    pct_buffer plain = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    pct_event read;
    pct_event_sealing states;
    pct_error error;
    size_t planted = 0;
    set_up(&b);
    from->rng = pct_rng_init(3, 3);
    for (int round = 0; round < 60; round++)
        for (pct_event_type type = 1; type < PCT_EVENT_TYPE_COUNT; type++) {
            char canaries[8][32];
            pct_event event = test_draw_event(from, type);
            pct_text bytes = seal_ok(&b, &event);
            pct_arena_reset(&b.arena);
            test_ok(pct_ledger_open(b.crypto, &b.keys, bytes, &b.arena, &read, &states, &error), &error);
            test_same_event(&event, &read);
            size_t count = plant(&event, canaries);
            bytes = seal_ok(&b, &event);
            pct_buffer_clear(&plain);
            ck_assert_int_eq(pct_event_encode(&event, &plain, NULL), PCT_OK);
            for (size_t i = 0; i < count; i++) {
                ck_assert(
                    holds((pct_text){(char *)plain.bytes, plain.length}, canaries[i], strlen(canaries[i])));
                ck_assert_msg(!holds(bytes, canaries[i], strlen(canaries[i])), "%s stands in clear",
                              pct_event_type_name(type));
            }
            planted += count;
        }
    ck_assert_uint_gt(planted, 60 * 9);
    pct_buffer_dispose(&plain);
    tear_down(&b);
    free(from);
}

/* One bit of the stored bytes flipped: refused, or the event reads as another one in its open part alone. */
TEST(seal_detects_each_flipped_bit_of_an_envelope) {
    bench b;
    pct_event event = call(), read;
    pct_error error;
    size_t damaged = 0, tried = 0;
    set_up(&b);
    (void)seal_ok(&b, &event);
    size_t begin = (size_t)(strstr(pct_buffer_chars(&b.stored), "\"words\":{") - (char *)b.stored.bytes) + 8;
    size_t end = begin + strcspn((char *)b.stored.bytes + begin, "}") + 1;
    for (size_t at = begin; at < end; at++)
        for (int bit = 0; bit < 8; bit++) {
            b.stored.bytes[at] ^= (unsigned char)(1 << bit);
            pct_arena_reset(&b.arena);
            pct_status status =
                pct_ledger_open(b.crypto, &b.keys, (pct_text){(char *)b.stored.bytes, b.stored.length},
                                &b.arena, &read, NULL, &error);
            ck_assert_msg(status == PCT_DAMAGED || status == PCT_INPUT, "byte %zu, bit %d: %s", at - begin,
                          bit, pct_status_name(status));
            damaged += status == PCT_DAMAGED, tried++;
            b.stored.bytes[at] ^= (unsigned char)(1 << bit);
        }
    ck_assert_uint_gt(damaged, tried / 4); /* the others are no base64 or no envelope any more */
    tear_down(&b);
}

/* Cuts out "field":{…} of stored bytes. */
static pct_text envelope_in(const char *stored, const char *field) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":{", field);
    const char *at = strstr(stored, key);
    ck_assert_ptr_nonnull(at);
    at += strlen(key) - 1;
    return (pct_text){at, strcspn(at, "}") + 1};
}

static pct_status open_with(bench *b, const char *stored, const char *field, pct_text envelope,
                            pct_error *error) {
    pct_buffer other = pct_buffer_init(1 << 16);
    pct_text old = envelope_in(stored, field);
    pct_event read;
    (void)pct_buffer_append(&other, stored, (size_t)(old.chars - stored));
    (void)pct_buffer_append(&other, envelope.chars, envelope.length);
    (void)pct_buffer_append_text(&other, old.chars + old.length);
    pct_status status = pct_ledger_open(b->crypto, &b->keys, (pct_text){(char *)other.bytes, other.length},
                                        &b->arena, &read, NULL, error);
    pct_buffer_dispose(&other);
    return status;
}

TEST(seal_binds_an_envelope_to_its_field_and_its_event) {
    bench b, c;
    pct_event event = call(), later = call();
    pct_error error;
    set_up(&b), set_up(&c);
    (void)seal_ok(&b, &event);
    const char *stored = pct_buffer_chars(&b.stored);
    ck_assert_int_eq(open_with(&b, stored, "words", envelope_in(stored, "words"), &error), PCT_OK);
    ck_assert_int_eq(open_with(&b, stored, "words", envelope_in(stored, "caller_phone"), &error),
                     PCT_DAMAGED);
    test_error_says(&error, "event 17 (call_received, C17): the sealed field 'words'");
    later.seq = later.object.seq = 18; /* another object, the same key: this ring has one for each kind */
    (void)seal_ok(&c, &later);
    const char *other = pct_buffer_chars(&c.stored);
    ck_assert_int_eq(open_with(&b, stored, "words", envelope_in(other, "words"), &error), PCT_DAMAGED);
    tear_down(&b), tear_down(&c);
}

TEST(seal_hides_the_length_in_steps_of_16) {
    bench b;
    size_t lengths[40];
    set_up(&b);
    for (size_t n = 1; n < 40; n++) {
        pct_event event = call();
        event.data.call_received.words = (pct_text){"0123456789012345678901234567890123456789", n};
        (void)seal_ok(&b, &event);
        lengths[n] = envelope_in(pct_buffer_chars(&b.stored), "words").length;
        if (n > 1) ck_assert_int_eq(lengths[n] == lengths[n - 1], (n + 1) % 16 != 0);
    }
    tear_down(&b);
}

/* The two forms are never taken for each other, and an envelope has one spelling. */
TEST(seal_takes_no_plain_field_and_no_second_spelling) {
    bench b;
    pct_event event = call(), read;
    pct_error error;
    pct_buffer plain = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    set_up(&b);
    ck_assert_int_eq(pct_event_encode(&event, &plain, NULL), PCT_OK);
    ck_assert_int_eq(pct_ledger_open(b.crypto, &b.keys, (pct_text){(char *)plain.bytes, plain.length},
                                     &b.arena, &read, NULL, &error),
                     PCT_INPUT);
    pct_text bytes = seal_ok(&b, &event);
    const char *stored = pct_buffer_chars(&b.stored);
    ck_assert_int_eq(pct_event_decode(bytes, &b.arena, &read, &error), PCT_INPUT);
    pct_text good = envelope_in(stored, "words");
    char wrong[2048], whole[1024];
    snprintf(whole, sizeof whole, "%.*s", (int)good.length, good.chars);
    char *key = strstr(whole, ",\"k\":671,");
    snprintf(wrong, sizeof wrong, "%.*s,\"k\":0671,%s", (int)(key - whole), whole, key + 9);
    ck_assert_int_eq(open_with(&b, stored, "words", pct_text_of(wrong), &error), PCT_INPUT);
    snprintf(wrong, sizeof wrong, "%.*s%s", (int)(key - whole), whole, key + 8);
    ck_assert_int_eq(open_with(&b, stored, "words", pct_text_of(wrong), &error), PCT_INPUT);
    snprintf(wrong, sizeof wrong, "%.*s,\"z\":1}", (int)strlen(whole) - 1, whole);
    ck_assert_int_eq(open_with(&b, stored, "words", pct_text_of(wrong), &error), PCT_INPUT);
    snprintf(wrong, sizeof wrong, "%.*sAA\"}", (int)strlen(whole) - 2, whole); /* a nonce that is too long */
    ck_assert_int_eq(open_with(&b, stored, "words", pct_text_of(wrong), &error), PCT_INPUT);
    ck_assert_int_eq(open_with(&b, stored, "words",
                               pct_text_of("{\"c\":\"\",\"k\":1,\"n\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
                               &error),
                     PCT_DAMAGED);
    pct_buffer_dispose(&plain);
    tear_down(&b);
}

/* What a holder of the key could write, but sealing never does. */
static pct_status odd_plain(bench *b, const char *plain, pct_error *error) {
    static unsigned char nonce[PCT_NONCE_BYTES];
    static const char bound[] = "precinct-seal-1\ncall_received\nC17\n17\nwords\n671\n";
    unsigned char cipher[256];
    pct_key key;
    pct_event event = call();
    pct_buffer envelope = pct_buffer_init(1024);
    key_of(671, &key);
    pct_aead aead = {key.bytes, nonce, pct_text_of(bound)};
    b->crypto->seal(&aead, (const unsigned char *)plain, strlen(plain), cipher);
    (void)pct_buffer_append_text(&envelope, "{\"c\":\"");
    (void)pct_base64_append(&envelope, PCT_BASE64_URL, cipher, strlen(plain) + PCT_TAG_BYTES);
    (void)pct_buffer_append_text(&envelope, "\",\"k\":671,\"n\":\"");
    (void)pct_base64_append(&envelope, PCT_BASE64_URL, nonce, sizeof nonce);
    (void)pct_buffer_append_text(&envelope, "\"}");
    (void)seal_ok(b, &event);
    pct_status status =
        open_with(b, pct_buffer_chars(&b->stored), "words", pct_text_of(pct_buffer_chars(&envelope)), error);
    pct_buffer_dispose(&envelope);
    return status;
}

TEST(seal_opens_canonical_values_with_canonical_padding_only) {
    bench b;
    pct_error error;
    set_up(&b);
    ck_assert_int_eq(odd_plain(&b, "\"a\"             ", &error), PCT_OK);
    ck_assert_int_eq(odd_plain(&b, "\"a\"                             ", &error),
                     PCT_DAMAGED);                                 /* 16 too many */
    ck_assert_int_eq(odd_plain(&b, "\"a\"", &error), PCT_DAMAGED); /* none */
    ck_assert_int_eq(odd_plain(&b, "[1,2]           ", &error), PCT_INPUT);
    test_error_says(&error, "of the field's type");
    ck_assert_int_eq(odd_plain(&b, "\"a\"x            ", &error), PCT_INPUT);
    ck_assert_int_eq(odd_plain(&b, "\"\"              ", &error), PCT_INPUT); /* an empty text is absent */
    tear_down(&b);
}

/* An old version names the field otherwise; the bits speak of today's. */
TEST(seal_opens_old_versions) {
    static const char stored[] =
        "{\"actor\":\"a\",\"data\":{\"kind\":\"fire\",\"priority\":1,\"ring_ms\":4,\"words\":{\"c\":"
        "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"k\":7,"
        "\"n\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}},\"epoch\":1,\"map_version\":0,\"object\":\"C7\","
        "\"occurred_at\":5,"
        "\"recorded_at\":6,\"role\":\"patrol\",\"seq\":7,\"type\":\"call_received\",\"version\":1}";
    bench b;
    pct_event read;
    pct_event_sealing states;
    pct_error error;
    set_up(&b);
    b.ring.erased_below = 8;
    test_ok(pct_ledger_open(b.crypto, &b.keys, pct_text_of(stored), &b.arena, &read, &states, &error),
            &error);
    ck_assert_uint_eq(states.erased, pct_event_field_bit(read.type, "words"));
    ck_assert_int_eq(read.data.call_received.channel, PCT_CHANNEL_PHONE);
    b.ring.erased_below = 0;
    ck_assert_int_eq(
        pct_ledger_open(b.crypto, &b.keys, pct_text_of(stored), &b.arena, &read, &states, &error),
        PCT_DAMAGED);
    tear_down(&b);
}

static pct_status no_key(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    (void)key, (void)error;
    if (context) return PCT_IO;
    name->id = 0;
    return PCT_OK;
}

static pct_status io_failure(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    (void)context, (void)name, (void)key, (void)error;
    return PCT_IO;
}

TEST(seal_passes_on_what_the_key_store_says_and_leaves_the_buffer) {
    bench b;
    pct_event event = call(), read;
    pct_error error;
    set_up(&b);
    pct_text bytes = seal_ok(&b, &event);
    size_t length = bytes.length;
    pct_ledger_keys broken = {&b, no_key, io_failure};
    ck_assert_int_eq(pct_ledger_seal(b.crypto, &broken, b.random, &event, &b.stored, &error), PCT_IO);
    ck_assert_uint_eq(b.stored.length, length);
    ck_assert_int_eq(pct_ledger_open(b.crypto, &broken, bytes, &b.arena, &read, NULL, &error), PCT_IO);
    broken.context = NULL;
    ck_assert_int_eq(pct_ledger_seal(b.crypto, &broken, b.random, &event, &b.stored, &error), PCT_INPUT);
    test_error_says(&error, "a key with an id");
    event.data.call_received.words = pct_text_of("\xFF");
    ck_assert_int_eq(pct_ledger_seal(b.crypto, &b.keys, b.random, &event, &b.stored, &error), PCT_INPUT);
    ck_assert_uint_eq(b.stored.length, length);
    tear_down(&b);
}

static pct_status round_trip(void *context) {
    bench b;
    pct_event event = call(), read;
    pct_event_sealing states;
    set_up(&b);
    pct_status status = pct_ledger_seal(b.crypto, &b.keys, b.random, &event, &b.stored, context);
    if (!status)
        status = pct_ledger_open(b.crypto, &b.keys, (pct_text){(char *)b.stored.bytes, b.stored.length},
                                 &b.arena, &read, &states, context);
    tear_down(&b);
    return status;
}

TEST(seal_survives_each_failing_allocation) {
    pct_error error;
    (void)sodium(); /* set up outside of the count */
    ck_assert_uint_gt(test_torture(round_trip, &error), 5);
}

static size_t wiped;
static void watch_wipe(void *bytes, size_t length) {
    memset(bytes, 0, length);
    wiped += length == sizeof(pct_key);
}

TEST(seal_wipes_each_key_that_it_was_lent) {
    bench b;
    pct_event event = call(), read;
    set_up(&b);
    pct_crypto watched = *b.crypto;
    watched.wipe = watch_wipe;
    b.crypto = &watched;
    pct_text bytes = seal_ok(&b, &event);
    ck_assert_uint_eq(wiped, 3);
    ck_assert_int_eq(pct_ledger_open(b.crypto, &b.keys, bytes, &b.arena, &read, NULL, NULL), PCT_OK);
    ck_assert_uint_eq(wiped, 6);
    tear_down(&b);
}

TEST(key_unwraps_only_under_its_name_and_its_agency_key) {
    bench b;
    pct_key agency, other, key, read;
    pct_error error;
    unsigned char wrapped[PCT_KEY_WRAPPED_BYTES];
    pct_key_name name = {5, {.kind = 'C', .seq = 17}, PCT_RETENTION_PERSONAL};
    set_up(&b);
    pct_key_new(b.random, &agency), pct_key_new(b.random, &other), pct_key_new(b.random, &key);
    pct_key_wrap(b.crypto, &agency, &name, b.random, &key, wrapped);
    test_ok(pct_key_unwrap(b.crypto, &agency, &name, wrapped, &read, &error), &error);
    ck_assert_int_eq(memcmp(&read, &key, sizeof key), 0);
    ck_assert(!holds((pct_text){(char *)wrapped, sizeof wrapped}, key.bytes, 8));
    ck_assert_int_eq(pct_key_unwrap(b.crypto, &other, &name, wrapped, &read, &error), PCT_DAMAGED);
    test_error_says(&error, "key 5 of C17");
    for (size_t at = 0; at < sizeof wrapped * 8; at++) {
        wrapped[at / 8] ^= (unsigned char)(1 << at % 8);
        ck_assert_int_eq(pct_key_unwrap(b.crypto, &agency, &name, wrapped, &read, &error), PCT_DAMAGED);
        wrapped[at / 8] ^= (unsigned char)(1 << at % 8);
    }
    pct_key_name others[] = {{6, name.object, name.retention},
                             {5, {.kind = 'C', .seq = 18}, name.retention},
                             {5, {.kind = 'I', .seq = 17}, name.retention},
                             {5, name.object, PCT_RETENTION_NARRATIVE}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(pct_key_unwrap(b.crypto, &agency, &others[i], wrapped, &read, &error), PCT_DAMAGED);
    tear_down(&b);
}

TEST(random_bytes_of_the_system_differ) {
    unsigned char a[32] = {0}, b[32] = {0};
    (void)sodium();
    pct_random random = pct_random_system();
    random.fill(random.context, a, sizeof a), random.fill(random.context, b, sizeof b);
    ck_assert_int_ne(memcmp(a, b, sizeof a), 0);
}

TEST_MAIN("ledger_seal", TEST_CASE(seal_stores_envelopes_and_opens_them_again),
          TEST_CASE(seal_leaves_absent_what_is_closed_or_erased_and_says_so),
          TEST_CASE(seal_of_any_event_opens_to_it_and_shows_no_sealed_byte),
          TEST_CASE(seal_detects_each_flipped_bit_of_an_envelope),
          TEST_CASE(seal_binds_an_envelope_to_its_field_and_its_event),
          TEST_CASE(seal_hides_the_length_in_steps_of_16),
          TEST_CASE(seal_takes_no_plain_field_and_no_second_spelling),
          TEST_CASE(seal_opens_canonical_values_with_canonical_padding_only),
          TEST_CASE(seal_opens_old_versions),
          TEST_CASE(seal_passes_on_what_the_key_store_says_and_leaves_the_buffer),
          TEST_CASE(seal_survives_each_failing_allocation), TEST_CASE(seal_wipes_each_key_that_it_was_lent),
          TEST_CASE(key_unwraps_only_under_its_name_and_its_agency_key),
          TEST_CASE(random_bytes_of_the_system_differ))
