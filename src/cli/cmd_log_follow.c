/* `log witness follow`: the witness goes and looks itself. It fetches a log's newest tree head and the few hash tiles that prove how the log
 * grew since the head it cosigned last (https://c2sp.org/tlog-tiles), and then decides as if it had been asked (site/witness.h). Nothing that the
 * other side sends is believed: tiles only make the proof. O(log size) tiles. */
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/http_get.h"
#include "cli/log_text.h"
#include "ledger/proof_text.h"
#include "ledger/tile.h"
#include "site/witness.h"

enum { TILES_KEPT = 16, TILE_BYTES = PCT_TILE_WIDTH * PCT_HASH_BYTES, TOKEN_MAX = 256, URL_LENGTH_MAX = 512 };

typedef struct kept_tile {
    pct_tile tile;
    unsigned char bytes[TILE_BYTES];
} kept_tile;

typedef struct following {
    pct_cli *cli;
    pct_witness witness;
    pct_http_source source;
    char url[URL_LENGTH_MAX];
    pct_buffer token, note, fetched, request;
    pct_witness_reply reply;
    pct_checkpoint head; /* borrows from note */
    uint64_t held;       /* size of the head that was cosigned last; 0: none */
    kept_tile kept[TILES_KEPT];
    size_t next, fetches;
} following;

static pct_status fetch_tile(following *f, pct_tile tile, const kept_tile **out, pct_error *error) {
    char path[PCT_TILE_PATH];
    for (size_t i = 0; i < TILES_KEPT; i++) {
        const kept_tile *k = &f->kept[i];
        *out = k;
        if (k->tile.level == tile.level && k->tile.index == tile.index && k->tile.width == tile.width)
            return PCT_OK;
    }
    (void)pct_tile_path(tile, false, path);
    pct_buffer_clear(&f->fetched);
    pct_status status = pct_http_get(&f->source, path, TILE_BYTES, &f->fetched, error);
    if (!status && f->fetched.length != (size_t)tile.width * PCT_HASH_BYTES)
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_FOLLOW_TILE, pct_str(path),
                          pct_int((int64_t)f->fetched.length), pct_int((int64_t)tile.width * PCT_HASH_BYTES));
    if (status) return status;
    kept_tile *k = &f->kept[f->next++ % TILES_KEPT];
    k->tile = tile;
    memcpy(k->bytes, f->fetched.bytes, f->fetched.length);
    f->fetches++;
    *out = k;
    return PCT_OK;
}

/* Hashes as ledger/merkle.h asks for them, out of tiles. */
static pct_status read_hashes(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                              pct_error *error) {
    following *f = context;
    if (level % 8 != 0 || level / 8 >= PCT_TILE_LEVELS) return PCT_NOT_FOUND;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = (index + i) / PCT_TILE_WIDTH, at = (index + i) % PCT_TILE_WIDTH;
        const kept_tile *kept;
        pct_tile tile = {level / 8, number, pct_tile_width(level / 8, number, f->head.head.size)};
        if (at >= tile.width) return PCT_NOT_FOUND;
        pct_status status = fetch_tile(f, tile, &kept, error);
        if (status) return status;
        memcpy(out[i].bytes, kept->bytes + at * PCT_HASH_BYTES, PCT_HASH_BYTES);
    }
    return PCT_OK;
}

/* What it cosigned last of the log that this head names. */
static pct_status find_held(void *context, const pct_witnessed *log, pct_error *error) {
    following *f = context;
    pct_note_key key;
    if (pct_note_key_read(f->witness.signer.crypto, pct_text_trim(log->key), &key, error) != PCT_OK)
        return PCT_OK;
    bool same = pct_text_same(key.name, f->head.origin);
    if (same && log->has_head) f->held = log->head.head.size;
    return PCT_OK;
}

/* A head that is older than the one held, or of the same size, needs no proof to be judged. */
static pct_status write_request(following *f, pct_error *error) {
    pct_proof_text proof = {.number = f->held, .note = pct_log_view(&f->note)};
    pct_merkle_reader reader = {f->witness.signer.crypto, f, read_hashes};
    pct_text none = {"", 0};
    pct_status status = PCT_OK;
    if (f->held > 0 && f->held < f->head.head.size)
        status = pct_merkle_prove_consistency(&reader, f->held, f->head.head.size, &proof.proof, error);
    return status ? status : pct_proof_text_write(PCT_PROOF_GROWTH, &proof, none, &f->request, error);
}

static pct_status read_source(following *f, pct_error *error) {
    const char *token = pct_cli_option(f->cli, "--token"), *url = pct_cli_option(f->cli, "--url");
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/') length--;
    if (length == 0 || length >= sizeof f->url)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_HTTP_GET_URL, pct_str(url));
    memcpy(f->url, url, length);
    f->source = (pct_http_source){.url = f->url, .ca = pct_cli_option(f->cli, "--ca")};
    if (!token) return PCT_OK;
    pct_status status = pct_log_file_read(token, TOKEN_MAX, &f->token, error);
    while (f->token.length > 0 && f->token.bytes[f->token.length - 1] <= ' ') f->token.length--;
    f->source.token = pct_buffer_chars(&f->token);
    return status;
}

static pct_status run_steps(following *f, pct_error *error) {
    const char *response = pct_cli_option(f->cli, "--response");
    pct_status status = read_source(f, error);
    if (!status) status = pct_witness_open(f->cli->arguments[0], &f->witness, error);
    if (!status) status = pct_http_get(&f->source, "checkpoint", PCT_NOTE_BYTES_MAX, &f->note, error);
    if (!status) status = pct_checkpoint_peek(pct_log_view(&f->note), &f->head, error);
    if (!status) status = pct_witness_each(&f->witness, find_held, f, error);
    if (!status) status = write_request(f, error);
    if (!status)
        status = pct_witness_reply_to(&f->witness, pct_log_view(&f->request), (int64_t)time(NULL), &f->reply,
                                      error);
    if (!status && response) status = pct_file_replace(response, pct_log_view(&f->reply.body), error);
    return status;
}

static void say(following *f) {
    pct_cli *cli = f->cli;
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_FOLLOW_DONE, pct_view(f->head.origin), pct_int((int64_t)f->held),
                pct_int((int64_t)f->reply.size));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_log_word(&json, "origin", f->head.origin);
    pct_log_number(&json, "held", (int64_t)f->held);
    pct_log_number(&json, "events", (int64_t)f->reply.size);
    pct_log_number(&json, "tiles", (int64_t)f->fetches);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run_follow(pct_cli *cli, pct_error *error) {
    following *f = pct_alloc_zeroed(1, sizeof *f);
    if (!f) return pct_error_memory(error, sizeof *f);
    f->cli = cli;
    f->token = pct_buffer_init(TOKEN_MAX + 1);
    f->note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    f->fetched = pct_buffer_init(TILE_BYTES);
    f->request = pct_buffer_init(PCT_PROOF_TEXT_MAX);
    pct_status status = run_steps(f, error);
    if (!status) say(f);
    pct_buffer_dispose(&f->token);
    pct_buffer_dispose(&f->note);
    pct_buffer_dispose(&f->fetched);
    pct_buffer_dispose(&f->request);
    pct_buffer_dispose(&f->reply.body);
    pct_witness_close(&f->witness);
    pct_free(f);
    return status;
}

const pct_cli_command pct_cmd_log_witness_follow = {"log witness follow",
                                                    "FOLDER",
                                                    PCT_MSG_FOLLOW_HELP,
                                                    {{"--url", "URL", PCT_MSG_FOLLOW_URL, true},
                                                     {"--token", "FILE", PCT_MSG_FOLLOW_TOKEN, false},
                                                     {"--ca", "FILE", PCT_MSG_FOLLOW_CA, false},
                                                     {"--response", "FILE", PCT_MSG_FOLLOW_RESPONSE, false}},
                                                    run_follow};
