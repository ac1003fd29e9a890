#include "site/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "event/codec.h"
#include "ledger/vault.h"
#include "site/agency.h"
#include "site/backup_state.h"
#include "site/restore_keys.h"
#include "site/restore_parts.h"
#include "site/signer.h"
#include "store/backup.h"

enum {
    GROUP = 4096, /* records in one transaction */
    PIECE = 64 << 10,
    EVENT_ARENA_MAX = 1 << 20,
    HEX = 2 * PCT_HASH_BYTES + 1
};

typedef struct restore {
    const pct_restore_order *order;
    pct_restore_report *report;
    const char *folder; /* staged */
    const pct_crypto *crypto;
    pct_site site;
    pct_agency agency;
    pct_store *store;
    int64_t in_group;
    pct_merkle tree, kept; /* of all that was backed up; of what is restored */
    bool cut;              /* an event was too late: nothing behind it counts */
    int64_t used_key;
    pct_restore_keys keys;
    pct_arena arena;
    json_t *written, *wanted; /* path: digest */
    /* the part that is being read */
    const pct_backup_part *part;
    pct_vault_reader *vault;
    uint64_t tables_of;  /* the log had this size when its tables were looked at */
    bool applies, ended; /* its files and documents are of the time that is asked for */
    char root[HEX];
    pct_buffer row;
} restore;

static pct_status damaged(const restore *r, pct_error *error) {
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_VAULT_DAMAGED, pct_str(r->part->path));
}

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, errno == ENOSPC ? PCT_LIMIT : PCT_IO, PCT_MSG_FILE_NOT_WRITTEN, pct_str(path),
                    pct_str(strerror(errno)));
}

static uint64_t number_at(const unsigned char *bytes, int length) {
    uint64_t value = 0;
    for (int i = 0; i < length; i++) value = value << 8 | bytes[i];
    return value;
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static pct_status make_folders(const restore *r, char *path, pct_error *error) {
    for (char *p = path + strlen(r->folder) + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
        pct_status status = made ? PCT_OK : failed(path, error);
        *p = '/';
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status copy_content(restore *r, const char *path, int file, uint64_t length, pct_error *error) {
    unsigned char *piece = pct_alloc(PIECE, 1);
    pct_status status = piece ? PCT_OK : pct_error_memory(error, PIECE);
    while (length > 0 && !status) {
        size_t n = length < PIECE ? (size_t)length : PIECE;
        status = pct_vault_read(r->vault, piece, n, error);
        for (size_t done = 0; !status && file >= 0 && done < n;) {
            ssize_t wrote = write(file, piece + done, n - done);
            if (wrote <= 0 && errno != EINTR) status = failed(path, error);
            if (wrote > 0) done += (size_t)wrote;
        }
        length -= n;
    }
    pct_free(piece);
    return status;
}

static pct_status note_written(restore *r, const char *name, const char *path, pct_error *error) {
    pct_mapped_file file;
    unsigned char digest[PCT_HASH_BYTES];
    char hex[HEX];
    pct_status status = pct_file_map(path, &file, error);
    if (status) return status;
    r->crypto->sha256((const unsigned char *)file.bytes.chars, file.bytes.length, digest);
    pct_file_unmap(&file);
    pct_backup_hex(digest, sizeof digest, hex);
    return json_object_set_new(r->written, name, json_string(hex)) ? pct_error_memory(error, 0) : PCT_OK;
}

static pct_status take_file(restore *r, uint64_t length, pct_error *error) {
    unsigned char head[4];
    char name[PCT_BACKUP_PATH_MAX] = {0}, path[PCT_PATH_MAX];
    int file = -1;
    pct_status status = length < 2 ? damaged(r, error) : pct_vault_read(r->vault, head, 2, error);
    if (status) return status;
    const size_t name_length = (size_t)number_at(head, 2);
    if (name_length >= sizeof name || length < 6 + name_length) return damaged(r, error);
    status = pct_vault_read(r->vault, name, name_length, error);
    if (!status) status = pct_vault_read(r->vault, head, 4, error);
    if (!status && (strlen(name) != name_length || !pct_backup_file_allowed(name)))
        status = damaged(r, error);
    if (!status) status = pct_path_join(path, r->folder, name, error);
    if (!status && r->applies) {
        status = make_folders(r, path, error);
        (void)unlink(path);
        if (!status)
            file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)(number_at(head, 4) & 0777));
        if (!status && file < 0) status = failed(path, error);
    }
    if (!status) status = copy_content(r, path, file, length - 6 - name_length, error);
    if (file >= 0 && close(file) != 0 && !status) status = failed(path, error);
    return status || !r->applies ? status : note_written(r, name, path, error);
}

/* Every file that was there is there as it was, and no other. */
static pct_status settle_files(restore *r, pct_error *error) {
    const char *name;
    json_t *digest;
    void *next;
    char path[PCT_PATH_MAX];
    json_object_foreach(r->wanted, name, digest) {
        const char *wrote = json_string_value(json_object_get(r->written, name)),
                   *said = json_string_value(digest);
        if (!wrote || !said || strcmp(wrote, said) != 0)
            return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RESTORE_FILE, pct_str(name));
        r->report->files++;
    }
    json_object_foreach_safe(r->written, next, name, digest) {
        if (json_object_get(r->wanted, name)) continue;
        pct_status status = pct_path_join(path, r->folder, name, error);
        if (status) return status;
        if (unlink(path) != 0) return failed(path, error);
    }
    return PCT_OK;
}

/* --- the record ---------------------------------------------------------------------------------------------------- */

static pct_status open_store(restore *r, pct_error *error) {
    pct_status status = pct_site_open(r->folder, &r->site, error);
    if (!status) status = pct_agency_init(&r->site, r->order->agency, &r->agency, error);
    if (!status) status = pct_restore_keys_take(&r->site, r->order, r->folder, &r->keys, error);
    const pct_store_options options = {.folder = r->folder, .keeper = &r->agency.keeper};
    if (!status) status = pct_store_open(&options, &r->store, error);
    return status ? status : pct_restore_keys_put(&r->keys, r->store, error);
}

static pct_status in_group(restore *r, pct_error *error) {
    pct_status status = r->store ? PCT_OK : open_store(r, error);
    if (!status && r->in_group == 0) status = pct_store_begin(r->store, error);
    if (!status && ++r->in_group > GROUP) {
        status = pct_store_commit(r->store, error);
        r->in_group = 1;
        if (!status) status = pct_store_begin(r->store, error);
    }
    return status;
}

static pct_status note_key(void *context, const pct_event *event, const pct_event_field *field,
                           const pct_event_envelope *envelope, pct_arena *arena, pct_text *value,
                           pct_error *error) {
    restore *r = context;
    (void)event, (void)field, (void)arena, (void)value, (void)error;
    if (envelope->key > r->used_key) r->used_key = envelope->key;
    return PCT_REFUSED;
}

/* The prefix ends before the first event that was recorded later than asked for, so that it is one whatever the clock did. */
static pct_status look_at(restore *r, pct_text bytes, pct_error *error) {
    const pct_event_sealer sealer = {.context = r, .open = note_key};
    const int64_t used_key = r->used_key;
    pct_event event;
    pct_event_sealing sealing;
    pct_arena_reset(&r->arena);
    pct_status status = pct_event_decode_stored(bytes, &sealer, &r->arena, &event, &sealing, error);
    if (status) return status;
    if (event.seq != (int64_t)r->tree.size) return damaged(r, error);
    if (event.recorded_at_ms > r->order->at_ms) r->cut = true;
    if (r->cut) r->used_key = used_key;
    if (!r->cut) r->report->recorded_at_ms = event.recorded_at_ms;
    return PCT_OK;
}

static pct_status take_event(restore *r, pct_error *error) {
    const pct_text bytes = {(const char *)r->row.bytes, r->row.length};
    const pct_hash leaf = pct_merkle_leaf(r->crypto, bytes);
    pct_merkle_append(&r->tree, leaf);
    const pct_backup_receipt *receipt = r->order->receipt;
    pct_status status = r->store ? PCT_OK : open_store(r, error);
    if (!status) status = pct_restore_keys_check(&r->keys, (int64_t)r->tree.size, leaf, error);
    if (!status && receipt && (int64_t)r->tree.size == receipt->until)
        status = pct_backup_receipt_check_log(receipt, &r->tree, error);
    if (!status && !r->cut) status = look_at(r, bytes, error);
    if (status || r->cut) {
        r->report->left_out += r->cut;
        return status;
    }
    r->kept = r->tree;
    const pct_stored_event event = {(int64_t)r->tree.size, bytes, leaf.bytes};
    status = in_group(r, error);
    return status ? status : pct_store_add_event(r->store, &event, error);
}

typedef struct cursor {
    const unsigned char *bytes;
    size_t left;
    bool bad;
} cursor;

static const unsigned char *take(cursor *c, size_t length) {
    static const unsigned char nothing[PCT_STORE_HASH_BYTES];
    if (c->left < length) c->bad = true;
    if (c->bad) return nothing;
    c->bytes += length;
    c->left -= length;
    return c->bytes - length;
}

static int64_t take_number(cursor *c) {
    return (int64_t)number_at(take(c, 8), 8);
}

static pct_text take_text(cursor *c) {
    size_t length = (size_t)number_at(take(c, 4), 4);
    const unsigned char *bytes = take(c, length);
    return (pct_text){(const char *)bytes, c->bad ? 0 : length};
}

/* A reply stands for events, and goes with them. */
static pct_status take_reply(restore *r, pct_error *error) {
    cursor c = {r->row.bytes, r->row.length, false};
    pct_stored_reply reply = {.account = take_text(&c), .key = take_text(&c)};
    memcpy(reply.body, take(&c, sizeof reply.body), sizeof reply.body);
    reply.expires_at_ms = take_number(&c);
    reply.object.kind = (char)take_number(&c);
    reply.object.seq = take_number(&c);
    reply.first_seq = take_number(&c);
    reply.last_seq = take_number(&c);
    if (c.bad || c.left) return damaged(r, error);
    if (reply.last_seq > (int64_t)r->kept.size) return PCT_OK;
    pct_status status = in_group(r, error);
    return status ? status : pct_store_add_reply(r->store, &reply, error);
}

static pct_status take_document(restore *r, pct_error *error) {
    cursor c = {r->row.bytes, r->row.length, false};
    pct_document document = {.kind = take_text(&c), .name = take_text(&c), .bytes = take_text(&c)};
    document.expires_at_ms = take_number(&c);
    if (c.bad || c.left) return damaged(r, error);
    if (!r->applies) return PCT_OK;
    pct_status status = in_group(r, error);
    return status ? status : pct_store_put_document(r->store, &document, error);
}

static pct_status take_destroyed(restore *r, pct_error *error) {
    cursor c = {r->row.bytes, r->row.length, false};
    pct_status status = PCT_OK;
    while (c.left && !c.bad && !status) {
        status = in_group(r, error);
        const int64_t key = take_number(&c);
        if (!status && !c.bad) status = pct_store_put_destroyed(r->store, key, error);
    }
    return c.bad ? damaged(r, error) : status;
}

/* Of use only when the part ends where the restored log ends. */
static pct_status take_tables(restore *r, pct_error *error) {
    json_t *tables;
    pct_status status =
        pct_json_parse(r->part->path, (pct_text){(const char *)r->row.bytes, r->row.length}, &tables, error);
    if (status) return status;
    const char *name;
    json_t *row;
    r->tables_of = r->tree.size;
    json_object_foreach(tables, name, row) {
        pct_table_digest *out = &r->report->tables[r->report->table_count];
        const char *digest = json_string_value(json_array_get(row, 1));
        if (!digest || r->report->table_count >= PCT_TABLES_MAX) break;
        *out = (pct_table_digest){.rows = json_integer_value(json_array_get(row, 0)),
                                  .digest = strtoull(digest, NULL, 16)};
        r->report->table_count++;
    }
    json_decref(tables);
    return PCT_OK;
}

/* --- parts --------------------------------------------------------------------------------------------------------- */

static pct_status read_row(restore *r, uint64_t length, pct_error *error) {
    r->row.length = 0;
    if (length > r->row.max_bytes) return damaged(r, error);
    unsigned char *bytes = pct_buffer_extend(&r->row, (size_t)length);
    if (!bytes && length) return pct_buffer_status(&r->row, error);
    return pct_vault_read(r->vault, bytes, (size_t)length, error);
}

static pct_status take_json(restore *r, json_t **out, pct_error *error) {
    return pct_json_parse(r->part->path, (pct_text){(const char *)r->row.bytes, r->row.length}, out, error);
}

static pct_status take_head(restore *r, pct_error *error) {
    json_t *head;
    pct_status status = take_json(r, &head, error);
    if (status) return status;
    const char *root = json_string_value(json_object_get(head, "root"));
    if (json_integer_value(json_object_get(head, "format")) != 1 || !root || strlen(root) != HEX - 1)
        status = damaged(r, error);
    else
        memcpy(r->root, root, HEX);
    json_decref(head);
    return status;
}

static pct_status take_wanted(restore *r, pct_error *error) {
    json_t *wanted;
    pct_status status = take_json(r, &wanted, error);
    if (status) return status;
    if (!r->applies) {
        json_decref(wanted);
        return PCT_OK;
    }
    json_decref(r->wanted);
    r->wanted = wanted;
    return PCT_OK;
}

static pct_status take_record(restore *r, pct_error *error) {
    unsigned char head[9];
    pct_status status = pct_vault_read(r->vault, head, sizeof head, error);
    const uint64_t length = status ? 0 : number_at(head + 1, 8);
    if (!status && head[0] == 'f') return take_file(r, length, error);
    if (!status) status = read_row(r, length, error);
    if (status) return status;
    switch (head[0]) {
    case 'h': return take_head(r, error);
    case 'k': return take_wanted(r, error);
    case 'e': return take_event(r, error);
    case 'r': return take_reply(r, error);
    case 'd': return take_document(r, error);
    case 'x': return take_destroyed(r, error);
    case 't': return take_tables(r, error);
    case 'z': r->ended = true; return PCT_OK;
    default: return damaged(r, error);
    }
}

/* What the part says of itself is what was in it. */
static pct_status check_part(restore *r, pct_error *error) {
    char hex[HEX];
    pct_hash root = pct_merkle_root(&r->tree);
    pct_backup_hex(root.bytes, sizeof root.bytes, hex);
    if ((int64_t)r->tree.size == r->part->label.until && strcmp(hex, r->root) == 0) return PCT_OK;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RESTORE_ROOT, pct_str(r->part->path),
                    pct_int((int64_t)r->tree.size));
}

static pct_status take_part(restore *r, const pct_backup_part *part, pct_error *error) {
    char label[PCT_VAULT_LABEL_MAX];
    FILE *file = fopen(part->path, "rb");
    if (!file)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_BACKUP_UNREADABLE, pct_str(part->path),
                        pct_str(strerror(errno)));
    const pct_vault_file vault = {.context = file, .name = part->path, .read = pct_backup_part_read};
    r->part = part;
    r->applies = part->label.part == 1 || part->label.at_ms <= r->order->at_ms;
    r->ended = false;
    r->root[0] = '\0';
    pct_status status = pct_vault_reader_open(&vault, r->order->lock, &r->vault, error);
    if (!status) {
        int length = pct_backup_label_write(&part->label, label);
        pct_text said = pct_vault_reader_label(r->vault);
        if (said.length != (size_t)length || memcmp(said.chars, label, said.length) != 0)
            status = damaged(r, error);
    }
    while (!status && !r->ended) status = take_record(r, error);
    if (!status) status = pct_vault_read_end(r->vault, error);
    if (!status) status = check_part(r, error);
    pct_vault_reader_close(r->vault);
    r->vault = NULL;
    (void)fclose(file);
    r->report->backed_up_ms = part->label.at_ms;
    return status;
}

/* --- the end ------------------------------------------------------------------------------------------------------- */

static pct_status keep_frontier(restore *r, pct_error *error) {
    pct_buffer bytes = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    pct_status status = in_group(r, error);
    (void)pct_merkle_save(&r->kept, &bytes);
    if (!status) status = pct_buffer_status(&bytes, error);
    if (!status && r->kept.size)
        status = pct_store_put_frontier(r->store, (int64_t)r->kept.size,
                                        (pct_text){(const char *)bytes.bytes, bytes.length}, error);
    if (!status) status = pct_store_commit(r->store, error);
    r->in_group = 0;
    pct_buffer_dispose(&bytes);
    return status;
}

/* A log that goes on from before a head that was given out is another log: it may not speak with the old one's key. */
static pct_status drop_heads(restore *r, pct_error *error) {
    char path[PCT_PATH_MAX], heads[PCT_PATH_MAX];
    pct_status status = pct_path_join(heads, r->folder, "heads", error);
    DIR *folder = status ? NULL : opendir(heads);
    for (struct dirent *entry; folder && !status && (entry = readdir(folder));) {
        if (strtoull(entry->d_name, NULL, 10) <= r->kept.size) continue;
        r->report->forks = true;
        status = pct_path_join(path, heads, entry->d_name, error);
        if (!status && unlink(path) != 0) status = failed(path, error);
    }
    if (folder) (void)closedir(folder);
    if (!status && r->report->forks) status = pct_path_join(path, r->folder, PCT_LOG_KEY_FILE, error);
    if (!status && r->report->forks && unlink(path) != 0 && errno != ENOENT) status = failed(path, error);
    return status;
}

static pct_status finish(restore *r, pct_error *error) {
    pct_status status = keep_frontier(r, error);
    if (!status)
        status = pct_store_settle_keys(r->store, (int64_t)r->kept.size, r->used_key, &r->report->keys_dropped,
                                       error);
    if (!status) status = settle_files(r, error);
    if (!status) status = drop_heads(r, error);
    if (r->tables_of != r->kept.size) r->report->table_count = 0;
    r->report->events = (int64_t)r->kept.size;
    r->report->root = pct_merkle_root(&r->kept);
    return status;
}

static pct_status take_parts(restore *r, pct_error *error) {
    pct_vector parts = pct_vector_init(sizeof(pct_backup_part), PCT_BACKUP_PARTS_MAX);
    pct_status status = pct_backup_parts_find(r->order->from, &parts, error);
    if (!status && r->order->receipt) {
        const pct_backup_part *last = (const pct_backup_part *)parts.items + parts.length - 1;
        status = pct_backup_receipt_check_part(r->order->receipt, &last->label, last->path, error);
    }
    for (size_t i = 0; i < parts.length && !status; i++) {
        const pct_backup_part *part = (const pct_backup_part *)parts.items + i;
        memcpy(r->report->chain, part->label.chain, sizeof r->report->chain);
        status = take_part(r, part, error);
        r->report->parts++;
    }
    if (!status) status = finish(r, error);
    pct_vector_dispose(&parts);
    return status;
}

pct_status pct_restore_make(const pct_restore_order *order, pct_staging *staging, pct_restore_report *out,
                            pct_error *error) {
    restore r = {.order = order,
                 .report = out,
                 .folder = staging->folder,
                 .arena = pct_arena_init(EVENT_ARENA_MAX),
                 .row = pct_buffer_init((size_t)1 << 30),
                 .written = json_object()};
    memset(out, 0, sizeof *out);
    pct_status status = pct_crypto_sodium(&r.crypto, error);
    if (!status && !r.written) status = pct_error_memory(error, 0);
    if (!status) {
        r.tree = r.kept = pct_merkle_init(r.crypto);
        status = take_parts(&r, error);
    }
    pct_store_close(r.store);
    pct_restore_keys_dispose(&r.keys);
    pct_agency_dispose(&r.agency);
    pct_site_close(&r.site);
    json_decref(r.written);
    json_decref(r.wanted);
    pct_arena_dispose(&r.arena);
    pct_buffer_dispose(&r.row);
    return status;
}
