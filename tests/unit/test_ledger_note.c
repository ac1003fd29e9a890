/* Signed notes and checkpoints: an example that others published, our own round trips, and each way to get it wrong. */
#include <string.h>

#include "ledger/note.h"
#include "support/test.h"

static const pct_crypto *sodium(void) {
    const pct_crypto *crypto = NULL;
    if (pct_crypto_sodium(&crypto, NULL)) abort();
    return crypto;
}

/* The example in the documentation of golang.org/x/mod/sumdb/note, with its secret key. */
static const char neumann_key[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const unsigned char neumann_seed[PCT_SEED_BYTES] = {
    0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80,
    0xeb, 0xf9, 0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73};
static const char neumann_text[] = "If you think cryptography is the answer to your problem,\n"
                                   "then you don't know what your problem is.\n";
static const char neumann_line[] =
    "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static void verifies(const char *key_text, pct_text note, const char *text) {
    pct_note_key key;
    pct_text found;
    pct_error error;
    test_ok(pct_note_key_read(sodium(), pct_text_of(key_text), &key, &error), &error);
    test_ok(pct_note_verify(sodium(), note, &key, &found, NULL, &error), &error);
    ck_assert_uint_eq(found.length, strlen(text));
    ck_assert_int_eq(memcmp(found.chars, text, found.length), 0);
}

TEST(note_verifies_the_published_example) {
    char note[512];
    snprintf(note, sizeof note, "%s%s", neumann_text, neumann_line);
    verifies(neumann_key, pct_text_of(note), neumann_text);
}

TEST(note_signs_as_the_published_example) {
    pct_buffer out = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_error error;
    char note[512];
    snprintf(note, sizeof note, "%s%s", neumann_text, neumann_line);
    test_ok(pct_note_sign(sodium(), pct_text_of(neumann_text), pct_text_of("PeterNeumann"), neumann_seed,
                          &out, &error),
            &error);
    ck_assert_str_eq(pct_buffer_chars(&out), note);
    pct_buffer_dispose(&out);
}

/* A log, a witness and a checkpoint that both have signed. */
typedef struct bench {
    unsigned char seed[PCT_SEED_BYTES], witness_seed[PCT_SEED_BYTES];
    pct_note_key log, witness;
    pct_tree_head head;
    pct_buffer note;
    pct_error error;
} bench;

static const char origin[] = "police.example/黄浦/log";

static pct_status set_up(bench *b) {
    memset(b, 0, sizeof *b);
    memset(b->seed, 1, sizeof b->seed), memset(b->witness_seed, 2, sizeof b->witness_seed);
    b->log = (pct_note_key){.name = pct_text_of(origin), .kind = PCT_NOTE_ED25519};
    b->witness = (pct_note_key){.name = pct_text_of("witness.example/w1"), .kind = PCT_NOTE_COSIGNATURE};
    sodium()->public_of(b->seed, b->log.bytes);
    sodium()->public_of(b->witness_seed, b->witness.bytes);
    b->head = (pct_tree_head){1234, {{7, 8, 9}}};
    b->note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_status status = pct_checkpoint_sign(sodium(), b->log.name, &b->head, b->seed, &b->note, &b->error);
    if (!status)
        status = pct_note_cosign(sodium(), b->witness.name, b->witness_seed, 1700000000, &b->note, &b->error);
    return status;
}

static pct_text note_of(const bench *b) {
    return (pct_text){(const char *)b->note.bytes, b->note.length};
}

TEST(checkpoint_is_read_as_it_was_signed) {
    bench b;
    pct_checkpoint read;
    pct_text text;
    int64_t time_s = -1;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    test_ok(pct_checkpoint_read(sodium(), note_of(&b), &b.log, &read, &b.error), &b.error);
    ck_assert_uint_eq(read.head.size, 1234);
    ck_assert(pct_hash_equal(read.head.root, b.head.root));
    ck_assert_uint_eq(read.origin.length, strlen(origin));
    test_ok(pct_checkpoint_read(sodium(), note_of(&b), &b.witness, &read, &b.error), &b.error);
    test_ok(pct_note_verify(sodium(), note_of(&b), &b.witness, &text, &time_s, &b.error), &b.error);
    ck_assert_int_eq(time_s, 1700000000);
    ck_assert_int_eq(memcmp(text.chars + strlen(origin), "\n1234\nBwgJAAAA", 14), 0);
    test_ok(pct_note_verify(sodium(), note_of(&b), &b.log, &text, &time_s, &b.error), &b.error);
    ck_assert_int_eq(time_s, 0);
    pct_buffer_dispose(&b.note);
}

/* Every change of the text or of its own line makes a signature false or the note none. */
TEST(checkpoint_with_any_bit_flipped_is_not_taken) {
    bench b;
    pct_checkpoint read;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    size_t witness_at = (size_t)(strstr(pct_buffer_chars(&b.note), "— witness") - pct_buffer_chars(&b.note));
    for (size_t bit = 0; bit < b.note.length * 8; bit++) {
        b.note.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        pct_status log = pct_checkpoint_read(sodium(), note_of(&b), &b.log, &read, &b.error);
        pct_status witness = pct_checkpoint_read(sodium(), note_of(&b), &b.witness, &read, &b.error);
        if (bit / 8 < witness_at) ck_assert_msg(log != PCT_OK, "bit %zu", bit);
        size_t log_at = (size_t)(strstr((char *)b.note.bytes, "\n\n") - (char *)b.note.bytes);
        if (bit / 8 >= witness_at || bit / 8 <= log_at) ck_assert_msg(witness != PCT_OK, "bit %zu", bit);
        b.note.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    pct_buffer_dispose(&b.note);
}

TEST(note_tells_the_unsigned_from_the_false) {
    bench b, c;
    pct_text text;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    pct_note_key stranger = b.log;
    stranger.name = pct_text_of("somebody");
    ck_assert_int_eq(pct_note_verify(sodium(), note_of(&b), &stranger, &text, NULL, &b.error), PCT_NOT_FOUND);
    test_error_says(&b.error, "'somebody' has not signed");
    stranger = b.log, stranger.kind = PCT_NOTE_COSIGNATURE;
    ck_assert_int_eq(pct_note_verify(sodium(), note_of(&b), &stranger, &text, NULL, &b.error), PCT_NOT_FOUND);
    /* the good lines under another text */
    ck_assert_int_eq(set_up(&c), PCT_OK);
    memcpy(strstr((char *)c.note.bytes, "1234"), "1235", 4);
    ck_assert_int_eq(pct_note_verify(sodium(), note_of(&c), &b.log, &text, NULL, &b.error), PCT_CHECK_FAILED);
    test_error_says(&b.error, "is false");
    ck_assert_int_eq(pct_note_verify(sodium(), note_of(&c), &b.witness, &text, NULL, &b.error),
                     PCT_CHECK_FAILED);
    pct_buffer_dispose(&b.note), pct_buffer_dispose(&c.note);
}

/* A second, earlier cosignature does not set the clock back; a false one among good ones is told. */
TEST(note_gives_the_latest_of_a_witness_and_no_false_one) {
    bench b;
    pct_text text;
    int64_t time_s;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    ck_assert_int_eq(pct_note_cosign(sodium(), b.witness.name, b.witness_seed, 1600000000, &b.note, &b.error),
                     PCT_OK);
    test_ok(pct_note_verify(sodium(), note_of(&b), &b.witness, &text, &time_s, &b.error), &b.error);
    ck_assert_int_eq(time_s, 1700000000);
    b.note.bytes[b.note.length - 10] ^= 3; /* stays base64 */
    ck_assert_int_eq(pct_note_verify(sodium(), note_of(&b), &b.witness, &text, &time_s, &b.error),
                     PCT_CHECK_FAILED);
    pct_buffer_dispose(&b.note);
}

static void no_note(const char *note, const char *says) {
    bench b;
    pct_text text;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    ck_assert_msg(pct_note_verify(sodium(), pct_text_of(note), &b.log, &text, NULL, &b.error) == PCT_INPUT,
                  "taken: %s", note);
    test_error_says(&b.error, says);
    pct_buffer_dispose(&b.note);
}

TEST(note_refuses_what_is_none) {
    no_note("", "line 1");
    no_note("text\n", "line 1");
    no_note("text\n\n", "line 2");
    no_note("text\n\n— a AAAAAAA=", "line 1"); /* does not end in a line break */
    no_note("te\rxt\n\n— a AAAAAAA=\n", "line 1");
    no_note("te\xFFxt\n\n— a AAAAAAA=\n", "line 1");
    no_note("text\n\n- a AAAAAAA=\n", "line 3");
    no_note("text\n\n— a\n", "line 3");
    no_note("text\n\n—  AAAAAAA=\n", "line 3");
    no_note("text\n\n— a AAAAAAA=\n— a+b AAAAAAA=\n", "line 4");
    no_note("text\n\n— a AAAAAAA\n", "line 3");
    no_note("text\n\n— a AAAAAB==\n", "line 3");
    no_note("text\n\n— a AAAAAA==\n", "line 3"); /* an id and nothing behind it */
    no_note("text\n\n— a\u00A0b AAAAAAA=\n", "line 3");
    no_note("text\n\n— a\u2003b AAAAAAA=\n", "line 3");
    no_note("text\n\n— a\u3000b AAAAAAA=\n", "line 3");
    no_note("text\n\n— a\u1680b AAAAAAA=\n", "line 3");
    no_note("text\n\n— a\u205Fb AAAAAAA=\n", "line 3");
    char many[4096];
    int length = snprintf(many, sizeof many, "text\n\n");
    for (int i = 0; i <= PCT_NOTE_SIGNATURES_MAX; i++)
        length += snprintf(many + length, sizeof many - (size_t)length, "— a AAAAAAA=\n");
    no_note(many, "line 35");
}

static void no_checkpoint(const char *text, const char *says) {
    bench b;
    pct_checkpoint read;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    pct_buffer_clear(&b.note);
    test_ok(pct_note_sign(sodium(), pct_text_of(text), b.log.name, b.seed, &b.note, &b.error), &b.error);
    ck_assert_msg(pct_checkpoint_read(sodium(), note_of(&b), &b.log, &read, &b.error) == PCT_INPUT,
                  "taken: %s", text);
    test_error_says(&b.error, says);
    pct_buffer_dispose(&b.note);
}

#define ROOT "BwgJAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

TEST(checkpoint_refuses_what_is_none) {
    no_checkpoint("\n12\n" ROOT, "line 1");
    no_checkpoint("a\n", "line 2");
    no_checkpoint("a\n012\n" ROOT, "line 2");
    no_checkpoint("a\n-1\n" ROOT, "line 2");
    no_checkpoint("a\n+1\n" ROOT, "line 2");
    no_checkpoint("a\n9223372036854775808\n" ROOT, "line 2");
    no_checkpoint("a\n12\n", "line 3");
    no_checkpoint("a\n12\nAAAA\n", "line 3");
    no_checkpoint("a\n12\n" ROOT "\nx\n", "line 4");
    no_checkpoint("a\n12\n" ROOT, "the tree head is of the log 'a'");
}

TEST(checkpoint_may_have_extensions_and_size_0) {
    bench b;
    pct_checkpoint read;
    char text[256];
    ck_assert_int_eq(set_up(&b), PCT_OK);
    pct_buffer_clear(&b.note);
    snprintf(text, sizeof text, "%s\n0\n" ROOT "more\n", origin);
    test_ok(pct_note_sign(sodium(), pct_text_of(text), b.log.name, b.seed, &b.note, &b.error), &b.error);
    test_ok(pct_checkpoint_read(sodium(), note_of(&b), &b.log, &read, &b.error), &b.error);
    ck_assert_uint_eq(read.head.size, 0);
    pct_buffer_dispose(&b.note);
}

TEST(note_signs_no_text_and_under_no_name_that_could_not_be_read) {
    static const char *const names[] = {"", "a b", "a+b", "a\nb", "\xFF", "a\u2028", "a\x7F"};
    static const char *const texts[] = {"", "a", "a\tb\n", "\xC0\n"};
    bench b;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    size_t length = b.note.length;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        pct_text name = pct_text_of(names[i]);
        ck_assert_int_eq(pct_note_sign(sodium(), pct_text_of("a\n"), name, b.seed, &b.note, &b.error),
                         PCT_INPUT);
        ck_assert_int_eq(pct_note_cosign(sodium(), name, b.seed, 1, &b.note, &b.error), PCT_INPUT);
        b.log.name = name;
        ck_assert_int_eq(pct_note_key_write(sodium(), &b.log, &b.note, &b.error), PCT_INPUT);
        ck_assert_int_eq(pct_note_verify(sodium(), note_of(&b), &b.log, &name, NULL, &b.error), PCT_INPUT);
        test_error_says(&b.error, "cannot name a key");
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_int_eq(
            pct_note_sign(sodium(), pct_text_of(texts[i]), pct_text_of("a"), b.seed, &b.note, &b.error),
            PCT_INPUT);
    ck_assert_int_eq(pct_note_cosign(sodium(), b.witness.name, b.seed, 0, &b.note, &b.error), PCT_INPUT);
    ck_assert_uint_eq(b.note.length, length);
    pct_buffer_clear(&b.note);
    ck_assert_int_eq(pct_note_cosign(sodium(), b.witness.name, b.seed, 1, &b.note, &b.error), PCT_INPUT);
    pct_buffer_dispose(&b.note);
}

TEST(note_key_is_read_as_it_is_written) {
    bench b;
    pct_note_key read;
    ck_assert_int_eq(set_up(&b), PCT_OK);
    const pct_note_key *keys[] = {&b.log, &b.witness};
    for (size_t i = 0; i < 2; i++) {
        pct_buffer_clear(&b.note);
        test_ok(pct_note_key_write(sodium(), keys[i], &b.note, &b.error), &b.error);
        test_ok(pct_note_key_read(sodium(), note_of(&b), &read, &b.error), &b.error);
        ck_assert_int_eq(read.kind, keys[i]->kind);
        ck_assert_int_eq(memcmp(read.bytes, keys[i]->bytes, PCT_PUBLIC_BYTES), 0);
    }
    static const char *const wrong[] = {"",
                                        "PeterNeumann",
                                        "PeterNeumann+c74f20a3",
                                        "PeterNeumann+c74f20a3+",
                                        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "PeterNeumann+c74f20a3+AhpcAQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(pct_note_key_read(sodium(), pct_text_of(wrong[i]), &read, &b.error), PCT_INPUT);
        test_error_says(&b.error, i == 4 || i == 5 ? "but its name and bytes make c74f20a3"
                                  : i == 6         ? "of kind 2"
                                                   : "is no public key");
    }
    pct_buffer_dispose(&b.note);
}

static pct_status round_trip(void *context) {
    bench b;
    pct_note_key key;
    pct_checkpoint read;
    (void)context;
    pct_status status = set_up(&b);
    if (!status) status = pct_checkpoint_read(sodium(), note_of(&b), &b.witness, &read, &b.error);
    if (!status) status = pct_note_key_read(sodium(), pct_text_of(neumann_key), &key, &b.error);
    pct_buffer_dispose(&b.note);
    return status;
}

TEST(note_survives_each_failing_allocation) {
    ck_assert_uint_ge(test_torture(round_trip, NULL), 4);
}

TEST_MAIN("ledger_note", TEST_CASE(note_verifies_the_published_example),
          TEST_CASE(note_signs_as_the_published_example), TEST_CASE(checkpoint_is_read_as_it_was_signed),
          TEST_CASE(checkpoint_with_any_bit_flipped_is_not_taken),
          TEST_CASE(note_tells_the_unsigned_from_the_false),
          TEST_CASE(note_gives_the_latest_of_a_witness_and_no_false_one),
          TEST_CASE(note_refuses_what_is_none), TEST_CASE(checkpoint_refuses_what_is_none),
          TEST_CASE(checkpoint_may_have_extensions_and_size_0),
          TEST_CASE(note_signs_no_text_and_under_no_name_that_could_not_be_read),
          TEST_CASE(note_key_is_read_as_it_is_written), TEST_CASE(note_survives_each_failing_allocation))
