/* Proofs as text, secret keys as text, what a witness decides, and a log as a stream of tiles. */
#include <string.h>

#include "ledger/tile_stream.h"
#include "ledger/witness.h"
#include "support/test.h"

enum { LEAVES = 700 };

static const pct_crypto *sodium(void) {
    const pct_crypto *crypto = NULL;
    if (pct_crypto_sodium(&crypto, NULL)) abort();
    return crypto;
}

static pct_hash leaf_of(uint64_t i) {
    return pct_merkle_leaf(sodium(), (pct_text){(const char *)&i, sizeof i});
}

static pct_status read_leaves(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                              pct_error *error) {
    const uint64_t *mark = context; /* leaves from here on are others */
    (void)error;
    if (level > 0) return PCT_NOT_FOUND;
    for (size_t i = 0; i < count; i++) out[i] = leaf_of(index + i + (index + i >= *mark ? 1000000 : 0));
    return PCT_OK;
}

/* A log that differs from leaf `mark` on; its heads are signed with one key. */
typedef struct log {
    uint64_t mark;
    unsigned char seed[PCT_SEED_BYTES];
    pct_note_key key;
    pct_merkle_reader reader;
    pct_buffer note, text;
    pct_error error;
} log_;

static void log_init(log_ *l, uint64_t mark) {
    memset(l, 0, sizeof *l);
    l->mark = mark;
    memset(l->seed, 7, sizeof l->seed);
    l->key = (pct_note_key){.name = pct_text_of("police.example/log"), .kind = PCT_NOTE_ED25519};
    sodium()->public_of(l->seed, l->key.bytes);
    l->reader = (pct_merkle_reader){sodium(), &l->mark, read_leaves};
    l->note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    l->text = pct_buffer_init(PCT_PROOF_TEXT_MAX);
}

static void log_dispose(log_ *l) {
    pct_buffer_dispose(&l->note);
    pct_buffer_dispose(&l->text);
}

static pct_tree_head head_at(log_ *l, uint64_t size) {
    pct_tree_head head = {.size = size};
    test_ok(pct_merkle_root_at(&l->reader, size, &head.root, &l->error), &l->error);
    return head;
}

static pct_text view(const pct_buffer *buffer) {
    return (pct_text){(const char *)buffer->bytes, buffer->length};
}

/* The question "from `old` to `size`", read back from its text. */
static pct_proof_text question(log_ *l, uint64_t old, uint64_t size) {
    pct_tree_head head = head_at(l, size);
    pct_proof_text asked = {.number = old}, read;
    pct_proof_kind kind;
    pct_buffer_clear(&l->note), pct_buffer_clear(&l->text);
    test_ok(pct_checkpoint_sign(sodium(), l->key.name, &head, l->seed, &l->note, &l->error), &l->error);
    test_ok(pct_merkle_prove_consistency(&l->reader, old, size, &asked.proof, &l->error), &l->error);
    asked.note = view(&l->note);
    test_ok(pct_proof_text_write(PCT_PROOF_GROWTH, &asked, (pct_text){"", 0}, &l->text, &l->error),
            &l->error);
    test_ok(pct_proof_text_read(view(&l->text), &kind, &read, &l->error), &l->error);
    ck_assert_int_eq(kind, PCT_PROOF_GROWTH);
    ck_assert_uint_eq(read.proof.length, asked.proof.length);
    return read;
}

static pct_witness_answer decide(log_ *l, const pct_proof_text *asked, const pct_tree_head *held) {
    const pct_witness_question q = {sodium(), &l->key, held, asked};
    pct_witness_answer answer;
    pct_tree_head head;
    pct_status status = pct_witness_decide(&q, &head, &answer, &l->error);
    ck_assert_int_eq(status == PCT_OK, answer == PCT_WITNESS_COSIGN);
    return answer;
}

TEST(witness_takes_what_continues_and_nothing_else) {
    static const uint64_t sizes[] = {0, 1, 2, 3, 7, 8, 255, 256, 300, 700};
    log_ good, forked;
    log_init(&good, LEAVES), log_init(&forked, 2);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = i; j < sizeof sizes / sizeof *sizes; j++) {
            pct_tree_head held = head_at(&good, sizes[i]);
            pct_proof_text asked = question(&good, sizes[i], sizes[j]);
            ck_assert_int_eq(decide(&good, &asked, &held), PCT_WITNESS_COSIGN);
            asked = question(&forked, sizes[i], sizes[j]);
            pct_witness_answer answer = decide(&forked, &asked, &held);
            if (sizes[i] <= 2) /* it forked later */
                ck_assert_int_eq(answer, PCT_WITNESS_COSIGN);
            else
                ck_assert_int_eq(answer, i == j ? PCT_WITNESS_FORK : PCT_WITNESS_INCONSISTENT);
        }
    log_dispose(&good), log_dispose(&forked);
}

TEST(witness_says_why_it_refuses) {
    log_ l;
    log_init(&l, LEAVES);
    pct_tree_head held = head_at(&l, 20), none = {.size = 0};
    pct_proof_text asked = question(&l, 10, 30);
    ck_assert_int_eq(decide(&l, &asked, &held), PCT_WITNESS_STALE);
    test_error_says(&l.error, "last saw 20");
    asked = question(&l, 5, 10);
    ck_assert_int_eq(decide(&l, &asked, &held), PCT_WITNESS_STALE);
    asked = question(&l, 0, 10), asked.number = 11;
    ck_assert_int_eq(decide(&l, &asked, &held), PCT_WITNESS_SIZES);
    asked = question(&l, 7, 10), asked.number = 0;
    ck_assert_int_eq(decide(&l, &asked, &none), PCT_WITNESS_SIZES);
    asked = question(&l, 20, 30), asked.proof.length--;
    ck_assert_int_eq(decide(&l, &asked, &held), PCT_WITNESS_INCONSISTENT);
    asked = question(&l, 20, 30), l.key.bytes[0] ^= 1;
    ck_assert_int_eq(decide(&l, &asked, &held), PCT_WITNESS_UNSIGNED);
    test_error_says(&l.error, "has not signed this note with the key");
    log_dispose(&l);
}

TEST(witness_takes_one_root_for_no_events) {
    log_ l;
    log_init(&l, LEAVES);
    pct_tree_head none = {.size = 0}, odd = {.size = 0, .root = {{1}}};
    test_ok(pct_checkpoint_sign(sodium(), l.key.name, &odd, l.seed, &l.note, &l.error), &l.error);
    pct_proof_text asked = {.note = view(&l.note)};
    ck_assert_int_eq(decide(&l, &asked, &none), PCT_WITNESS_INCONSISTENT);
    log_dispose(&l);
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

TEST(proof_text_is_read_as_it_was_written) {
    log_ l;
    log_init(&l, LEAVES);
    pct_proof_text proof = {.number = 17}, read;
    pct_proof_kind kind;
    pct_tree_head head = head_at(&l, 100);
    test_ok(pct_checkpoint_sign(sodium(), l.key.name, &head, l.seed, &l.note, &l.error), &l.error);
    test_ok(pct_merkle_prove_inclusion(&l.reader, 17, 100, &proof.proof, &l.error), &l.error);
    proof.note = view(&l.note);
    for (int with = 0; with < 2; with++) {
        pct_buffer_clear(&l.text);
        test_ok(pct_proof_text_write(PCT_PROOF_INCLUSION, &proof, pct_text_of(with ? "{}" : ""), &l.text,
                                     &l.error),
                &l.error);
        test_ok(pct_proof_text_read(view(&l.text), &kind, &read, &l.error), &l.error);
        ck_assert_int_eq(kind, PCT_PROOF_INCLUSION);
        ck_assert_uint_eq(read.number, 17);
        ck_assert_uint_eq(read.extra.length, with ? 4 : 0);
        ck_assert_uint_eq(read.note.length, l.note.length);
        ck_assert(pct_merkle_check_inclusion(sodium(), &read.proof, leaf_of(17), 17, &head));
    }
    log_dispose(&l);
}

#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define NOTE "a\n1\n" HASH "\n— a AAAAAAA=\n"

static void no_proof(const char *text, const char *says) {
    pct_proof_text read;
    pct_proof_kind kind;
    pct_error error;
    ck_assert_msg(pct_proof_text_read(pct_text_of(text), &kind, &read, &error) == PCT_INPUT, "taken: %s",
                  text);
    test_error_says(&error, says);
}

TEST(proof_text_refuses_what_is_none) {
    pct_proof_text read;
    pct_proof_kind kind;
    pct_error error;
    test_ok(pct_proof_text_read(pct_text_of("old 0\n\n" NOTE), &kind, &read, &error), &error);
    no_proof("", "line 1");
    no_proof("old", "line 1");
    no_proof("old 1", "line 1");
    no_proof("new 1\n\n" NOTE, "line 1");
    no_proof("old 01\n\n" NOTE, "line 1");
    no_proof("old -1\n\n" NOTE, "line 1");
    no_proof("old 9223372036854775808\n\n" NOTE, "line 1");
    no_proof("old 1\nAAAA\n\n" NOTE, "line 2");
    no_proof("old 1\n" HASH, "line 3");
    no_proof("old 1\n\nrubbish\n", "no signed note");
    no_proof("c2sp.org/tlog-proof@v1\n", "line 2");
    no_proof("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" NOTE, "line 2");
    no_proof("c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\n" NOTE, "line 2");
    no_proof("c2sp.org/tlog-proof@v1\nextra AAAA\n", "line 3");
    no_proof("c2sp.org/tlog-proof@v1\nindex x\n\n" NOTE, "line 2");
    char many[8192];
    size_t length = (size_t)snprintf(many, sizeof many, "old 1\n");
    for (int i = 0; i <= PCT_PROOF_LINES_MAX; i++)
        length += (size_t)snprintf(many + length, sizeof many - length, HASH);
    (void)snprintf(many + length, sizeof many - length, "\n" NOTE);
    no_proof(many, "line 65");
}

/* The secret key that the documentation of golang.org/x/mod/sumdb/note publishes. */
static const char neumann[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n";

TEST(note_signer_reads_and_writes_the_published_key) {
    pct_note_signer signer;
    pct_error error;
    pct_buffer out = pct_buffer_init(512);
    test_ok(pct_note_signer_read(sodium(), pct_text_of(neumann), "f", &signer, &error), &error);
    ck_assert_int_eq(memcmp(signer.key.name.chars, "PeterNeumann", 12), 0);
    test_ok(pct_note_key_write(sodium(), &signer.key, &out, &error), &error);
    ck_assert_str_eq(pct_buffer_chars(&out),
                     "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    pct_buffer_clear(&out);
    test_ok(pct_note_signer_write(sodium(), &signer, &out, &error), &error);
    ck_assert_str_eq(pct_buffer_chars(&out), neumann);
    pct_buffer_dispose(&out);
}

TEST(note_signer_refuses_what_is_no_secret_key_without_showing_it) {
    pct_note_signer signer;
    pct_error error;
    char text[128];
    for (size_t i = 0; i + 1 < sizeof neumann; i++) {
        memcpy(text, neumann, sizeof neumann);
        text[i] ^= 1;
        ck_assert_int_eq(pct_note_signer_read(sodium(), pct_text_of(text), "log.key", &signer, &error),
                         PCT_INPUT);
        test_error_says(&error, "log.key holds no secret key");
    }
    for (size_t length = 0; length + 1 < sizeof neumann; length++)
        ck_assert_int_eq(pct_note_signer_read(sodium(), (pct_text){neumann, length}, "f", &signer, &error),
                         PCT_INPUT);
}

TEST(note_keep_drops_the_lines_of_others) {
    log_ l;
    log_init(&l, LEAVES);
    pct_tree_head head = head_at(&l, 9);
    pct_checkpoint read;
    test_ok(pct_checkpoint_sign(sodium(), l.key.name, &head, l.seed, &l.note, &l.error), &l.error);
    size_t own = l.note.length;
    test_ok(pct_note_cosign(sodium(), pct_text_of("w"), l.seed, 5, &l.note, &l.error), &l.error);
    test_ok(pct_note_keep(sodium(), view(&l.note), &l.key, &l.text, &l.error), &l.error);
    ck_assert_uint_eq(l.text.length, own);
    test_ok(pct_checkpoint_read(sodium(), view(&l.text), &l.key, &read, &l.error), &l.error);
    ck_assert_uint_eq(pct_note_text_length(view(&l.text)), pct_note_text_length(view(&l.note)));
    ck_assert_uint_eq(pct_note_text_length(pct_text_of("x")), 0);
    log_dispose(&l);
}

/* --- tiles ------------------------------------------------------------------------------------------------------------ */

typedef struct files {
    log_ log;
    pct_buffer tile;
    unsigned tiles, entries;
    uint64_t size;
} files;

static pct_status take_file(void *context, const char *path, pct_text bytes, pct_error *error) {
    files *f = context;
    pct_tile tile;
    bool entries;
    ck_assert_msg(pct_tile_from_path(pct_text_of(path), &tile, &entries), "%s", path);
    pct_buffer_clear(&f->tile);
    f->entries += entries, f->tiles += !entries;
    if (entries)
        for (unsigned i = 0; i < tile.width; i++) {
            uint64_t leaf = tile.index * PCT_TILE_WIDTH + i;
            ck_assert_int_eq(pct_tile_append_entry(&f->tile, (pct_text){(char *)&leaf, sizeof leaf}), PCT_OK);
        }
    else
        test_ok(pct_tile_write(&f->log.reader, f->size, tile, &f->tile, error), error);
    ck_assert_uint_eq(f->tile.length, bytes.length);
    ck_assert_int_eq(memcmp(f->tile.bytes, bytes.chars, bytes.length), 0);
    return PCT_OK;
}

TEST(tile_stream_gives_what_each_tile_holds) {
    static const uint64_t sizes[] = {0, 1, 256, 700};
    static const unsigned tiles[] = {0, 1, 2, 4}, entries[] = {0, 1, 1, 3};
    for (size_t n = 0; n < 4; n++) {
        files f = {.tile = pct_buffer_init(1 << 20), .size = sizes[n]};
        pct_tile_stream *stream;
        log_init(&f.log, LEAVES);
        test_ok(pct_tile_stream_open(sodium(), take_file, &f, &stream, &f.log.error), &f.log.error);
        for (uint64_t i = 0; i < sizes[n]; i++)
            test_ok(pct_tile_stream_add(stream, (pct_text){(char *)&i, sizeof i}, &f.log.error),
                    &f.log.error);
        test_ok(pct_tile_stream_end(stream, &f.log.error), &f.log.error);
        ck_assert(
            pct_hash_equal(pct_merkle_root(pct_tile_stream_tree(stream)), head_at(&f.log, sizes[n]).root));
        ck_assert_uint_eq(f.tiles, tiles[n]);
        ck_assert_uint_eq(f.entries, entries[n]);
        pct_tile_stream_close(stream);
        pct_buffer_dispose(&f.tile);
        log_dispose(&f.log);
    }
}

static pct_status refuse_file(void *context, const char *path, pct_text bytes, pct_error *error) {
    (void)context, (void)bytes;
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_TILE_DIFFERS, pct_str(path));
}

TEST(tile_stream_ends_with_its_sinks_failure) {
    pct_tile_stream *stream;
    pct_error error;
    pct_status status = PCT_OK;
    test_ok(pct_tile_stream_open(sodium(), refuse_file, NULL, &stream, &error), &error);
    for (uint64_t i = 0; i < 256 && !status; i++)
        status = pct_tile_stream_add(stream, (pct_text){(char *)&i, sizeof i}, &error);
    ck_assert_int_eq(status, PCT_IO);
    pct_tile_stream_close(stream);
    test_ok(pct_tile_stream_open(sodium(), refuse_file, NULL, &stream, &error), &error);
    char large[70000] = {0};
    ck_assert_int_eq(pct_tile_stream_add(stream, (pct_text){large, sizeof large}, &error), PCT_LIMIT);
    pct_tile_stream_close(stream);
    pct_tile_stream_close(NULL);
}

TEST_MAIN("ledger_witness", TEST_CASE(witness_takes_what_continues_and_nothing_else),
          TEST_CASE(witness_says_why_it_refuses), TEST_CASE(witness_takes_one_root_for_no_events),
          TEST_CASE(proof_text_is_read_as_it_was_written), TEST_CASE(proof_text_refuses_what_is_none),
          TEST_CASE(note_signer_reads_and_writes_the_published_key),
          TEST_CASE(note_signer_refuses_what_is_no_secret_key_without_showing_it),
          TEST_CASE(note_keep_drops_the_lines_of_others), TEST_CASE(tile_stream_gives_what_each_tile_holds),
          TEST_CASE(tile_stream_ends_with_its_sinks_failure))
