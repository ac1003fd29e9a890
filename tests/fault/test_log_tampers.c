/* Somebody with full rights over the disk and the log's stolen key changes the record, against a tree head that was held outside
 * before. 2,000 ways drawn from a seed: events edited, deleted, put in, changed places, cut off, written anew from some place
 * on; with the hashes left as they were, with those of the leaves made again, or with everything made again and signed. Each
 * is found by the verification against the old head, and refused by the witness that holds it.
 *
 * Control: the same changes with everything made again are sound in themselves. Without the old head, and without the witness's
 * check, nobody would see them: that is what the figure is worth. */
#include <sqlite3.h>
#include <string.h>

#include "ledger/log_check.h"
#include "ledger/log_tree.h"
#include "ledger/witness.h"
#include "store/page_check.h"
#include "support/desk_world.h"
#include "support/test.h"

enum { TAMPERS = 2000, EVENTS_MAX = 512, BYTES_MAX = 4096, STEPS = 22 };

typedef enum change { EDIT, DELETE, INSERT, SWAP, CUT, REGROW, REWRITE, CHANGES } change;
typedef enum hashes { AS_THEY_WERE, LEAVES_AGAIN, ALL_AGAIN, HASHES } hashes;
static const char *const change_names[] = {"edit", "delete", "insert", "swap", "cut", "regrow", "rewrite"};

typedef struct record {
    size_t count;
    size_t lengths[EVENTS_MAX];
    char bytes[EVENTS_MAX][BYTES_MAX];
    pct_hash leaves[EVENTS_MAX];
} record;

static const pct_crypto *crypto;
static desk_world world;
static record honest, forged;
static pct_store *reader_store; /* both stay open: a reader sees what was committed last */
static sqlite3 *disk;
static pct_tree_head held; /* outside, of half of the honest record */
static unsigned char log_seed[PCT_SEED_BYTES] = {42};
static pct_note_key log_key;

static pct_status take_event(void *context, const pct_stored_event *event, pct_error *error) {
    record *r = context;
    (void)error;
    ck_assert_uint_lt(r->count, EVENTS_MAX);
    ck_assert_uint_lt(event->bytes.length, BYTES_MAX);
    memcpy(r->bytes[r->count], event->bytes.chars, event->bytes.length);
    memcpy(r->leaves[r->count].bytes, event->leaf, PCT_HASH_BYTES);
    r->lengths[r->count++] = event->bytes.length;
    return PCT_OK;
}

static void open_disk(void) {
    pct_error error;
    const pct_store_options options = {.folder = "site", .vfs = POWER_DISK_VFS, .read_only = true};
    ck_assert_int_eq(pct_page_open("site/record.db", &disk, SQLITE_OPEN_READWRITE, POWER_DISK_VFS),
                     SQLITE_OK);
    test_ok(pct_store_open(&options, &reader_store, &error), &error);
}

static void close_disk(void) {
    pct_store_close(reader_store);
    (void)sqlite3_close(disk);
    desk_world_end(&world);
}

static pct_merkle tree_of(const record *r, size_t count) {
    pct_merkle tree = pct_merkle_init(crypto);
    for (size_t i = 0; i < count; i++) pct_merkle_append(&tree, r->leaves[i]);
    return tree;
}

static void make_record(void) {
    pct_error error;
    test_ok(pct_crypto_sodium(&crypto, &error), &error);
    log_key = (pct_note_key){.name = pct_text_of("police.example/log"), .kind = PCT_NOTE_ED25519};
    crypto->public_of(log_seed, log_key.bytes);
    desk_world_begin(&world, 1);
    desk_world_start(&world);
    for (int i = 0; i < STEPS; i++) test_ok(desk_world_step(&world, 12, &error), &error);
    desk_world_close(&world);
    open_disk();
    test_ok(pct_store_each_event(reader_store, 1, INT64_MAX, take_event, &honest, &error), &error);
    ck_assert_uint_gt(honest.count, 40);
    pct_merkle old = tree_of(&honest, honest.count / 2);
    held = (pct_tree_head){old.size, pct_merkle_root(&old)};
}

/* --- changes ----------------------------------------------------------------------------------------------------------- */

static size_t draw(size_t n) {
    return pct_rng_below(&world.rng, (uint32_t)n);
}

static void copy_event(size_t to, const record *from, size_t at) {
    memcpy(forged.bytes[to], from->bytes[at], from->lengths[at]);
    forged.lengths[to] = from->lengths[at];
    forged.leaves[to] = from->leaves[at];
}

static char *behind(size_t at, const char *member) {
    char *found = memmem(forged.bytes[at], forged.lengths[at], member, strlen(member));
    ck_assert_ptr_nonnull(found);
    return found + strlen(member);
}

/* Another time of recording: an event as good as the one before. */
static void edit(size_t at) {
    char *digits = behind(at, "\"recorded_at\":");
    while (digits[1] >= '0' && digits[1] <= '9') digits++;
    *digits = *digits == '9' ? '3' : (char)(*digits + 1);
}

static size_t replace_number(size_t at, char *digits, size_t number) {
    char text[24];
    size_t before = (size_t)(digits - forged.bytes[at]), old = strspn(digits, "0123456789");
    size_t was = (size_t)strtoull(digits, NULL, 10), now = (size_t)snprintf(text, sizeof text, "%zu", number);
    memmove(digits + now, digits + old, forged.lengths[at] - before - old);
    memcpy(digits, text, now);
    forged.lengths[at] += now - old;
    return was;
}

/* Makes the event say the number of the place that it stands in now, and call what it creates by it. */
static void renumber(size_t at) {
    size_t was = replace_number(at, behind(at, "\"seq\":"), at + 1);
    char *object = behind(at, "\"object\":\"") + 1;
    if (strtoull(object, NULL, 10) == was) (void)replace_number(at, object, at + 1);
}

static void move(size_t to, size_t from) {
    record *r = &forged;
    memmove(r->bytes[to], r->bytes[from], r->lengths[from]);
    r->lengths[to] = r->lengths[from];
    r->leaves[to] = r->leaves[from];
}

/* Something within what the old head speaks of. */
static void change_record(change kind) {
    size_t old = (size_t)held.size, at = draw(old), other = draw(honest.count - 1);
    forged.count = honest.count;
    for (size_t i = 0; i < honest.count; i++) copy_event(i, &honest, i);
    switch (kind) {
    case EDIT: edit(at); break;
    case DELETE:
        for (size_t i = at; i + 1 < forged.count; i++) move(i, i + 1);
        forged.count--;
        break;
    case INSERT:
        for (size_t i = forged.count++; i > at; i--) move(i, i - 1);
        edit(at); /* much the same as the one behind it */
        break;
    case SWAP:
        other += other >= at;
        copy_event(at, &honest, other), copy_event(other, &honest, at);
        break;
    case CUT: forged.count = at; break;
    case REGROW: /* ends earlier, and goes on with other events */
        for (size_t i = at; i < forged.count; i++)
            copy_event(i, &honest, draw(i + 1)), edit(i); /* of objects that are there */
        break;
    case REWRITE:
        for (size_t i = at; i < forged.count; i++) edit(i);
        break;
    case CHANGES: break;
    }
}

static void make_hashes(hashes how) {
    for (size_t i = 0; i < forged.count; i++) {
        if (how == ALL_AGAIN) renumber(i);
        if (how != AS_THEY_WERE)
            forged.leaves[i] = pct_merkle_leaf(crypto, (pct_text){forged.bytes[i], forged.lengths[i]});
    }
}

/* --- the disk ----------------------------------------------------------------------------------------------------------- */

static void put_row(sqlite3_stmt *row, size_t i) {
    (void)sqlite3_reset(row);
    (void)sqlite3_bind_int64(row, 1, (int64_t)i + 1);
    (void)sqlite3_bind_blob(row, 2, forged.bytes[i], (int)forged.lengths[i], SQLITE_STATIC);
    (void)sqlite3_bind_blob(row, 3, forged.leaves[i].bytes, PCT_HASH_BYTES, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_DONE);
}

static void put_frontier(sqlite3 *db, const pct_merkle *tree) {
    sqlite3_stmt *row;
    pct_buffer saved = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    ck_assert_int_eq(pct_merkle_save(tree, &saved), PCT_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "UPDATE frontier SET size = ?, bytes = ?", -1, &row, NULL),
                     SQLITE_OK);
    (void)sqlite3_bind_int64(row, 1, (int64_t)tree->size);
    (void)sqlite3_bind_blob(row, 2, saved.bytes, (int)saved.length, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_DONE);
    (void)sqlite3_finalize(row);
    pct_buffer_dispose(&saved);
}

static void write_disk(hashes how) {
    sqlite3_stmt *row;
    pct_merkle tree = how == ALL_AGAIN ? tree_of(&forged, forged.count) : tree_of(&honest, honest.count);
    ck_assert_int_eq(sqlite3_exec(disk, "BEGIN; DELETE FROM event", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(disk, "INSERT INTO event VALUES (?, ?, ?)", -1, &row, NULL),
                     SQLITE_OK);
    for (size_t i = 0; i < forged.count; i++) put_row(row, i);
    (void)sqlite3_finalize(row);
    put_frontier(disk, &tree);
    ck_assert_int_eq(sqlite3_exec(disk, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
}

/* --- who finds it ------------------------------------------------------------------------------------------------------- */

static pct_status check(size_t head_count, pct_ledger_verdict *verdict) {
    pct_error error;
    pct_merkle tree = pct_merkle_init(crypto);
    return pct_log_check_heads(reader_store, &tree, &held, head_count, NULL, NULL, verdict, &error);
}

/* The best that a thief of the key can show to the witness: his own head, and the proof that his own tree gives. */
static pct_witness_answer ask_witness(void) {
    pct_error error;
    pct_log_tree log;
    pct_proof_text asked = {.number = held.size};
    pct_buffer note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_witness_answer answer;
    pct_tree_head head;
    test_ok(pct_log_tree_open(reader_store, crypto, &log, &error), &error);
    pct_merkle_reader reader = pct_log_tree_reader(&log);
    head = pct_log_tree_head(&log);
    if (head.size < held.size) asked.number = head.size; /* no proof leads from more to less */
    test_ok(pct_merkle_prove_consistency(&reader, asked.number, head.size, &asked.proof, &error), &error);
    test_ok(pct_checkpoint_sign(crypto, log_key.name, &head, log_seed, &note, &error), &error);
    asked.note = (pct_text){(const char *)note.bytes, note.length};
    const pct_witness_question question = {crypto, &log_key, &held, &asked};
    pct_status status = pct_witness_decide(&question, &head, &answer, &error);
    ck_assert_int_eq(status == PCT_OK, answer == PCT_WITNESS_COSIGN);
    pct_buffer_dispose(&note);
    pct_log_tree_close(&log);
    return answer;
}

TEST(log_with_an_old_head_outside_shows_each_of_2000_tampers) {
    int by_kind[CHANGES] = {0}, seen_without = 0, perfect = 0;
    pct_ledger_verdict verdict;
    make_record();
    ck_assert_int_eq(check(1, &verdict), PCT_OK);
    ck_assert_int_eq(ask_witness(), PCT_WITNESS_COSIGN);
    for (int i = 0; i < TAMPERS; i++) {
        change kind = (change)(i % CHANGES);
        hashes how = (hashes)(i / CHANGES % HASHES);
        change_record(kind);
        make_hashes(how);
        write_disk(how);
        ck_assert_msg(check(1, &verdict) == PCT_CHECK_FAILED, "tamper %d (%s, hashes %d) is not found", i,
                      change_names[kind], (int)how);
        by_kind[kind]++;
        if (how != ALL_AGAIN) continue;
        perfect++;
        seen_without += check(0, &verdict) != PCT_OK;
        ck_assert_msg(ask_witness() != PCT_WITNESS_COSIGN, "tamper %d (%s) is cosigned", i,
                      change_names[kind]);
    }
    fprintf(stderr, "%d tampers found:", TAMPERS);
    for (int kind = 0; kind < CHANGES; kind++) fprintf(stderr, " %s %d", change_names[kind], by_kind[kind]);
    fprintf(stderr,
            "; %d with all hashes made again and signed, of which %d would show without an old head\n",
            perfect, seen_without);
    /* The control: nearly all are forgeries without a flaw of their own. */
    ck_assert_int_lt(seen_without, perfect / 20);
    close_disk();
}

TEST(log_check_against_no_old_head_takes_a_log_written_anew) {
    pct_ledger_verdict verdict;
    make_record();
    change_record(REWRITE);
    make_hashes(ALL_AGAIN);
    write_disk(ALL_AGAIN);
    ck_assert_int_eq(check(0, &verdict), PCT_OK);
    ck_assert_int_eq(check(1, &verdict), PCT_CHECK_FAILED);
    ck_assert_int_eq(verdict.fault, PCT_LEDGER_ROOT);
    ck_assert_int_eq(verdict.bad_seq, (int64_t)held.size);
    close_disk();
}

TEST_MAIN("log tampers", TEST_CASE(log_with_an_old_head_outside_shows_each_of_2000_tampers),
          TEST_CASE(log_check_against_no_old_head_takes_a_log_written_anew))
