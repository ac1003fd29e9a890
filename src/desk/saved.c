/* The saved board: what the desk holds after an event, kept in the record so that a start costs what the desk holds now and
 * not all that ever happened.
 *
 *     "PCTBOARD" · format │ last recorded_at │ frontier of the hash tree │ endings │ board │ SHA-256 of all that
 *
 * It is derived and never trusted. One with a changed byte, of another format or other codes is not used; one that was
 * used counts only when its frontier and the leaves behind it make the tree that the record was committed with. In every
 * other case all events are replayed, and the counters say why. Saved by the writer between groups, in a transaction
 * of its own: a crash leaves the one before, which is only older. */
#include <string.h>

#include "desk/state.h"

enum { FORMAT = 1, MAGIC_BYTES = 8 };
static const char magic[] = "PCTBOARD";

static void put_number(pct_buffer *out, uint64_t value) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(value >> (56 - 8 * i));
    (void)pct_buffer_append(out, bytes, sizeof bytes);
}

/* A part with its length in front. */
static size_t begin_part(pct_buffer *out) {
    put_number(out, 0);
    return out->length;
}

static void end_part(pct_buffer *out, size_t began) {
    if (out->failed) return;
    for (int i = 0; i < 8; i++)
        out->bytes[began - 8 + (size_t)i] = (unsigned char)((out->length - began) >> (56 - 8 * i));
}

static pct_status write_saved(pct_desk *desk, pct_buffer *out, pct_error *error) {
    const pct_ending *endings = desk->endings.items;
    (void)pct_buffer_append(out, magic, MAGIC_BYTES);
    put_number(out, FORMAT);
    put_number(out, (uint64_t)desk->recorded_ms);
    size_t part = begin_part(out);
    (void)pct_merkle_save(&desk->tree, out);
    end_part(out, part);
    part = begin_part(out);
    for (size_t i = desk->endings_at; i < desk->endings.length; i++) {
        put_number(out, (uint64_t)(unsigned char)endings[i].object.kind);
        put_number(out, (uint64_t)endings[i].object.seq);
        put_number(out, (uint64_t)endings[i].ended_at_ms);
    }
    end_part(out, part);
    part = begin_part(out);
    pct_status status = pct_board_save(desk->board, out, error);
    end_part(out, part);
    if (status) return status;
    unsigned char hash[PCT_HASH_BYTES];
    desk->crypto->sha256(out->bytes, out->length, hash);
    (void)pct_buffer_append(out, hash, sizeof hash);
    return pct_buffer_status(out, error);
}

pct_status pct_desk_save(pct_desk *desk, pct_error *error) {
    pct_buffer bytes = pct_buffer_init(PCT_STORE_SAVED_MAX);
    pct_status status = write_saved(desk, &bytes, error);
    if (!status) status = pct_store_begin(desk->store, error);
    if (!status) {
        status = pct_store_put_saved(desk->store, (pct_text){(const char *)bytes.bytes, bytes.length}, error);
        if (!status)
            status = pct_store_commit(desk->store, error);
        else
            pct_store_rollback(desk->store);
    }
    pct_buffer_dispose(&bytes);
    desk->since_saved = 0; /* when it failed, too: the next try is as far away */
    return status;
}

/* --- loading ------------------------------------------------------------------------------------------------------- */

static uint64_t take_number(pct_text *rest) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | (unsigned char)rest->chars[i];
    *rest = (pct_text){rest->chars + 8, rest->length - 8};
    return value;
}

static bool take_part(pct_text *rest, pct_text *part) {
    if (rest->length < 8) return false;
    uint64_t length = take_number(rest);
    if (length > rest->length) return false;
    *part = (pct_text){rest->chars, (size_t)length};
    *rest = (pct_text){rest->chars + length, rest->length - (size_t)length};
    return true;
}

typedef struct saved_parts {
    int64_t recorded_ms;
    pct_text frontier, endings, board;
} saved_parts;

static pct_saved_board read_parts(pct_desk *desk, pct_text bytes, saved_parts *out) {
    unsigned char hash[PCT_HASH_BYTES];
    if (bytes.length < MAGIC_BYTES + 16 + sizeof hash) return PCT_SAVED_DAMAGED;
    bytes.length -= sizeof hash;
    desk->crypto->sha256((const unsigned char *)bytes.chars, bytes.length, hash);
    if (memcmp(hash, bytes.chars + bytes.length, sizeof hash) != 0 ||
        memcmp(bytes.chars, magic, MAGIC_BYTES) != 0)
        return PCT_SAVED_DAMAGED;
    pct_text rest = {bytes.chars + MAGIC_BYTES, bytes.length - MAGIC_BYTES};
    if (take_number(&rest) != FORMAT) return PCT_SAVED_OTHER;
    out->recorded_ms = (int64_t)take_number(&rest);
    bool good = take_part(&rest, &out->frontier) && take_part(&rest, &out->endings) &&
                take_part(&rest, &out->board) && rest.length == 0 && out->endings.length % 24 == 0;
    return good ? PCT_SAVED_USED : PCT_SAVED_DAMAGED;
}

static pct_status take_endings(pct_desk *desk, pct_text bytes, pct_error *error) {
    desk->endings.length = desk->endings_at = 0;
    while (bytes.length > 0) {
        pct_ending *ending = pct_vector_push(&desk->endings);
        if (!ending) return pct_vector_failed(&desk->endings, PCT_MSG_WHAT_ENDINGS, error);
        ending->object.kind = (char)take_number(&bytes);
        ending->object.seq = (int64_t)take_number(&bytes);
        ending->ended_at_ms = (int64_t)take_number(&bytes);
    }
    return PCT_OK;
}

/* Everything into the desk; its board is there when it says PCT_OK. */
static pct_status take_saved(pct_desk *desk, pct_text bytes, pct_error *error) {
    saved_parts parts;
    desk->saved = read_parts(desk, bytes, &parts);
    if (desk->saved != PCT_SAVED_USED) return PCT_DAMAGED;
    pct_board *board;
    pct_status status = pct_board_load(desk->options.codes, desk->options.board, parts.board, &board, error);
    if (!status) desk->board = board;
    if (!status) status = pct_merkle_load(desk->crypto, parts.frontier, &desk->tree, error);
    if (!status && desk->tree.size != (uint64_t)pct_board_seq(desk->board)) status = PCT_DAMAGED;
    if (!status) status = take_endings(desk, parts.endings, error);
    if (!status) status = pct_desk_list_board(desk, error);
    if (!status) {
        desk->recorded_ms = parts.recorded_ms;
        if (desk->recorded_ms > desk->last_ms) desk->last_ms = desk->recorded_ms;
    } else {
        desk->saved = PCT_SAVED_OTHER;
    }
    return status;
}

pct_status pct_desk_take_saved(pct_desk *desk, pct_error *error) {
    pct_buffer bytes = pct_buffer_init(PCT_STORE_SAVED_MAX);
    pct_status status = pct_store_get_saved(desk->store, &bytes, error);
    desk->saved = PCT_SAVED_NONE;
    if (!status) status = take_saved(desk, (pct_text){(const char *)bytes.bytes, bytes.length}, error);
    pct_buffer_dispose(&bytes);
    return status;
}
