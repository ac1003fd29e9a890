#include "site/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "ledger/log_tree.h"
#include "site/backup_state.h"
#include "store/backup.h"

enum { SLICE = 256, HEAD = 9, PIECE = 1 << 20, CHAIN_BYTES = (PCT_BACKUP_CHAIN - 1) / 2 };

int pct_backup_label_write(const pct_backup_label *l, char out[PCT_VAULT_LABEL_MAX]) {
    return snprintf(out, PCT_VAULT_LABEL_MAX, "precinct-backup-1 %s %lld %lld %lld %lld", l->chain,
                    (long long)l->part, (long long)l->at_ms, (long long)l->from, (long long)l->until);
}

bool pct_backup_label_read(pct_text text, pct_backup_label *out) {
    char line[PCT_VAULT_LABEL_MAX + 1], again[PCT_VAULT_LABEL_MAX];
    long long part, at_ms, from, until;
    if (text.length > PCT_VAULT_LABEL_MAX) return false;
    memcpy(line, text.chars, text.length);
    line[text.length] = '\0';
    if (sscanf(line, "precinct-backup-1 %32[0-9a-f] %lld %lld %lld %lld", out->chain, &part, &at_ms, &from,
               &until) != 5)
        return false;
    out->part = part;
    out->at_ms = at_ms;
    out->from = from;
    out->until = until;
    return part > 0 && part <= PCT_BACKUP_PARTS_MAX && from > 0 && until >= from - 1 &&
           pct_backup_label_write(out, again) == (int)text.length && strcmp(line, again) == 0;
}

typedef struct backup {
    const pct_backup_order *order;
    pct_store *store;
    const pct_crypto *crypto;
    pct_backup_state state;
    pct_backup_report *report;
    pct_tree_head head; /* of the log as it is backed up */
    pct_table_digest tables[PCT_TABLES_MAX];
    size_t table_count;
    int64_t destroyed;
    pct_vector files; /* of pct_backup_file */
    char made[PCT_PATH_MAX + 8];
    int file, lock;
    pct_vault_writer *vault;
} backup;

/* --- the file ------------------------------------------------------------------------------------------------------ */

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, errno == ENOSPC ? PCT_LIMIT : PCT_IO, PCT_MSG_BACKUP_FAILED, pct_str(path),
                    pct_str(strerror(errno)));
}

static pct_status write_out(void *context, const void *bytes, size_t length, pct_error *error) {
    backup *b = context;
    const char *rest = bytes;
    while (length > 0) {
        ssize_t n = write(b->file, rest, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return failed(b->made, error);
        rest += n;
        length -= (size_t)n;
        b->report->bytes += n;
    }
    return PCT_OK;
}

static pct_status begin_file(backup *b, pct_error *error) {
    const pct_backup_label label = {.part = b->report->part,
                                    .at_ms = b->order->now_ms,
                                    .from = b->report->from,
                                    .until = b->report->until};
    char text[PCT_VAULT_LABEL_MAX];
    pct_backup_label named = label;
    memcpy(named.chain, b->report->chain, sizeof named.chain);
    if (access(b->report->file, F_OK) == 0)
        return PCT_FAIL(error, PCT_BUSY, PCT_MSG_BACKUP_THERE, pct_str(b->report->file));
    (void)snprintf(b->made, sizeof b->made, "%s.new", b->report->file);
    b->file = open(b->made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (b->file < 0) return failed(b->made, error);
    const pct_vault_file file = {.context = b, .name = b->made, .write = write_out};
    size_t length = (size_t)pct_backup_label_write(&named, text);
    return pct_vault_writer_open(&file, b->order->lock, (pct_text){text, length}, &b->vault, error);
}

/* Its name is new, and it has it only when every byte is on the disk. */
static pct_status end_file(backup *b, pct_error *error) {
    char folder[PCT_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", b->report->file);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    if (fsync(b->file) != 0) return failed(b->made, error);
    if (renameat2(AT_FDCWD, b->made, AT_FDCWD, b->report->file, RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST) return PCT_FAIL(error, PCT_BUSY, PCT_MSG_BACKUP_THERE, pct_str(b->report->file));
        if (errno != EINVAL || rename(b->made, b->report->file) != 0) return failed(b->report->file, error);
    }
    b->made[0] = '\0';
    int parent = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = parent >= 0 && fsync(parent) == 0;
    pct_status status = synced ? PCT_OK : failed(b->report->file, error);
    if (parent >= 0) (void)close(parent);
    return status;
}

/* --- records ------------------------------------------------------------------------------------------------------- */

static void big_endian(unsigned char *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) out[i] = (unsigned char)(value >> (8 * (bytes - 1 - i)));
}

static pct_status begin_record(backup *b, char type, uint64_t length, pct_error *error) {
    unsigned char head[HEAD] = {(unsigned char)type};
    big_endian(head + 1, length, 8);
    return pct_vault_write(b->vault, head, sizeof head, error);
}

static pct_status put_record(backup *b, char type, const void *bytes, size_t length, pct_error *error) {
    pct_status status = begin_record(b, type, length, error);
    return status ? status : pct_vault_write(b->vault, bytes, length, error);
}

static pct_status put_buffer(backup *b, char type, pct_buffer *buffer, pct_error *error) {
    pct_status status = pct_buffer_status(buffer, error);
    if (!status) status = put_record(b, type, buffer->bytes, buffer->length, error);
    pct_buffer_dispose(buffer);
    return status;
}

static pct_status put_head(backup *b, pct_error *error) {
    pct_buffer text = pct_buffer_init(1000);
    char hex[2 * PCT_HASH_BYTES + 1];
    pct_backup_hex(b->head.root.bytes, sizeof b->head.root.bytes, hex);
    (void)pct_buffer_append_format(&text, "{\"format\":1,\"root\":\"%s\"}", hex);
    return put_buffer(b, 'h', &text, error);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static const pct_backup_file *known_file(const pct_vector *files, const char *path) {
    size_t low = 0, high = files->length;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const pct_backup_file *file = (const pct_backup_file *)files->items + middle;
        int order = strcmp(file->path, path);
        if (order == 0) return file;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static pct_status put_file(backup *b, const pct_backup_file *file, pct_text bytes, pct_error *error) {
    unsigned char head[2 + PCT_BACKUP_PATH_MAX + 4];
    size_t length = strlen(file->path);
    big_endian(head, length, 2);
    memcpy(head + 2, file->path, length);
    big_endian(head + 2 + length, file->mode, 4);
    pct_status status = begin_record(b, 'f', 2 + length + 4 + bytes.length, error);
    if (!status) status = pct_vault_write(b->vault, head, 2 + length + 4, error);
    b->report->files++;
    return status ? status : pct_vault_write(b->vault, bytes.chars, bytes.length, error);
}

/* A file that looks as it did is not read again; one that is as it was is not shipped again. */
static pct_status ship_file(backup *b, pct_backup_file *file, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file bytes;
    const pct_backup_file *known = known_file(&b->state.files, file->path);
    if (known && known->size == file->size && known->changed_ns == file->changed_ns) {
        file->digest = known->digest;
        return PCT_OK;
    }
    const bool accounts = strcmp(file->path, PCT_BACKUP_ACCOUNTS) == 0;
    pct_status status = accounts ? pct_backup_copy_accounts(b->order->site, path, error)
                                 : pct_path_join(path, b->order->site, file->path, error);
    if (!status) status = pct_file_map(path, &bytes, error);
    if (!status) {
        b->crypto->sha256((const unsigned char *)bytes.bytes.chars, bytes.bytes.length, file->digest.bytes);
        if (!known || !pct_hash_equal(known->digest, file->digest))
            status = put_file(b, file, bytes.bytes, error);
        pct_file_unmap(&bytes);
    }
    if (accounts) (void)unlink(path);
    return status;
}

static pct_status put_files(backup *b, pct_error *error) {
    pct_buffer text = pct_buffer_init(PCT_BACKUP_JSON_MAX);
    pct_json_writer json = pct_json_writer_init(&text);
    char hex[2 * PCT_HASH_BYTES + 1];
    pct_status status = PCT_OK;
    pct_json_begin_object(&json);
    for (size_t i = 0; i < b->files.length && !status; i++) {
        pct_backup_file *file = (pct_backup_file *)b->files.items + i;
        status = ship_file(b, file, error);
        pct_backup_hex(file->digest.bytes, sizeof file->digest.bytes, hex);
        pct_json_key(&json, file->path);
        pct_json_string(&json, hex);
    }
    pct_json_end_object(&json);
    if (!status) return put_buffer(b, 'k', &text, error);
    pct_buffer_dispose(&text);
    return status;
}

/* --- the record ---------------------------------------------------------------------------------------------------- */

static pct_status put_event(void *context, const pct_stored_event *event, pct_error *error) {
    backup *b = context;
    const int64_t wanted = (int64_t)b->state.tree.size + 1;
    if (event->seq != wanted)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_GAP, pct_int(wanted), pct_int(event->seq));
    pct_merkle_append(&b->state.tree, pct_merkle_leaf(b->crypto, event->bytes));
    return put_record(b, 'e', event->bytes.chars, event->bytes.length, error);
}

static pct_status put_events(backup *b, pct_error *error) {
    const int64_t end = b->report->until + 1;
    pct_status status = PCT_OK;
    for (int64_t from = b->report->from; from < end && !status; from += SLICE)
        status = pct_store_each_event(b->store, from, from + SLICE < end ? from + SLICE : end, put_event, b,
                                      error);
    if (!status && (b->state.tree.size != b->head.size ||
                    !pct_hash_equal(pct_merkle_root(&b->state.tree), b->head.root)))
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_BACKUP_ROOT, pct_int(b->report->until));
    return status;
}

static void put_text(pct_buffer *out, pct_text text) {
    unsigned char length[4];
    big_endian(length, text.length, 4);
    (void)pct_buffer_append(out, length, sizeof length);
    (void)pct_buffer_append(out, text.chars, text.length);
}

static void put_number(pct_buffer *out, int64_t value) {
    unsigned char bytes[8];
    big_endian(bytes, (uint64_t)value, 8);
    (void)pct_buffer_append(out, bytes, sizeof bytes);
}

static pct_status put_reply(void *context, const pct_stored_reply *reply, pct_error *error) {
    pct_buffer row = pct_buffer_init(1 << 12);
    put_text(&row, reply->account);
    put_text(&row, reply->key);
    (void)pct_buffer_append(&row, reply->body, sizeof reply->body);
    put_number(&row, reply->expires_at_ms);
    put_number(&row, reply->object.kind);
    put_number(&row, reply->object.seq);
    put_number(&row, reply->first_seq);
    put_number(&row, reply->last_seq);
    return put_buffer(context, 'r', &row, error);
}

static pct_status put_document(void *context, const pct_document *document, pct_error *error) {
    pct_buffer row = pct_buffer_init(2 * PCT_STORE_VALUE_MAX);
    put_text(&row, document->kind);
    put_text(&row, document->name);
    put_text(&row, document->bytes);
    put_number(&row, document->expires_at_ms);
    return put_buffer(context, 'd', &row, error);
}

static pct_status put_destroyed(void *context, int64_t key, pct_error *error) {
    put_number(context, key);
    return pct_buffer_status(context, error);
}

static pct_status put_tables(backup *b, pct_error *error) {
    pct_buffer text = pct_buffer_init(1 << 14);
    (void)pct_buffer_append_byte(&text, '{');
    for (size_t i = 0; i < b->table_count; i++)
        (void)pct_buffer_append_format(&text, "%s\"%s\":[%lld,\"%016llx\"]", i ? "," : "", b->tables[i].table,
                                       (long long)b->tables[i].rows, (unsigned long long)b->tables[i].digest);
    (void)pct_buffer_append_byte(&text, '}');
    return put_buffer(b, 't', &text, error);
}

static pct_status put_rest(backup *b, pct_error *error) {
    pct_status status =
        pct_store_each_reply(b->store, b->report->from, b->report->until + 1, put_reply, b, error);
    if (!status) status = pct_store_every_document(b->store, put_document, b, error);
    if (!status && b->destroyed != b->state.destroyed) {
        pct_buffer keys = pct_buffer_init((size_t)1 << 30);
        status = pct_store_each_destroyed(b->store, put_destroyed, &keys, error);
        b->destroyed = (int64_t)(keys.length / 8);
        if (!status)
            status = put_buffer(b, 'x', &keys, error);
        else
            pct_buffer_dispose(&keys);
    }
    if (!status && b->table_count) status = put_tables(b, error);
    return status ? status : put_record(b, 'z', NULL, 0, error);
}

/* --- a part -------------------------------------------------------------------------------------------------------- */

/* One state of the record for the end of the log, and for a full part its tables. */
static pct_status look(backup *b, pct_error *error) {
    pct_status status = pct_store_hold(b->store, error);
    if (!status) status = pct_log_committed_head(b->store, b->crypto, &b->head, error);
    if (status == PCT_DAMAGED) status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_FRONTIER, pct_int(0));
    if (!status && !b->state.there)
        status = pct_store_digest_unsealed(b->store, b->tables, &b->table_count, error);
    if (!status) status = pct_store_count_destroyed(b->store, &b->destroyed, error);
    pct_store_let_go(b->store);
    if (status) return status;
    b->report->from = (int64_t)b->state.tree.size + 1;
    b->report->until = (int64_t)b->head.size;
    b->report->root = b->head.root;
    if (b->report->until < b->report->from - 1)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SHORT, pct_int(b->report->from - 1),
                        pct_int(b->report->until));
    return pct_backup_files_list(b->order->site, &b->files, error);
}

static bool same_files(const pct_vector *a, const pct_vector *b) {
    if (a->length != b->length) return false;
    for (size_t i = 0; i < a->length; i++) {
        const pct_backup_file *x = (const pct_backup_file *)a->items + i,
                              *y = (const pct_backup_file *)b->items + i;
        if (strcmp(x->path, y->path) != 0 || x->size != y->size || x->changed_ns != y->changed_ns)
            return false;
    }
    return true;
}

static pct_status write_part(backup *b, pct_error *error) {
    pct_status status = begin_file(b, error);
    if (!status) status = put_head(b, error);
    if (!status) status = put_files(b, error);
    if (!status) status = put_events(b, error);
    if (!status) status = put_rest(b, error);
    if (!status) status = pct_vault_end(b->vault, error);
    if (!status) status = end_file(b, error);
    return status;
}

static pct_status path_of_part(const backup *b, int64_t part, char out[PCT_PATH_MAX], pct_error *error) {
    char name[80];
    (void)snprintf(name, sizeof name, "%.16s-%06lld.backup", b->state.chain, (long long)part);
    return pct_path_join(out, b->order->to, name, error);
}

/* A chain goes on where its last part lies as it was left, and the next is not there: a part that was written just before the
 * power failed is none that anybody remembers. */
static pct_status look_for_chain(backup *b, pct_error *error) {
    struct stat info;
    pct_status status = path_of_part(b, b->state.part, b->report->file, error);
    if (!status && (stat(b->report->file, &info) != 0 || info.st_size != b->state.bytes)) {
        b->state.there = false;
        b->report->lost = true;
    }
    if (!status) status = path_of_part(b, b->state.part + 1, b->report->file, error);
    if (!status && stat(b->report->file, &info) == 0) b->state.there = false;
    return status;
}

static pct_status name_part(backup *b, bool folder, pct_error *error) {
    unsigned char chain[CHAIN_BYTES];
    pct_status status = folder && b->state.there ? look_for_chain(b, error) : PCT_OK;
    if (status) return status;
    if (b->state.part >= PCT_BACKUP_PARTS_MAX) b->state.there = false;
    if (!folder) (void)snprintf(b->report->file, sizeof b->report->file, "%s", b->order->to);
    if (!b->state.there || b->order->full) {
        pct_random random = pct_random_system();
        random.fill(random.context, chain, sizeof chain);
        pct_backup_hex(chain, sizeof chain, b->state.chain);
        b->state.there = false;
        b->state.part = b->state.destroyed = 0;
        b->state.files.length = 0;
        b->state.tree = pct_merkle_init(b->crypto);
    }
    memcpy(b->report->chain, b->state.chain, sizeof b->report->chain);
    b->report->part = b->state.part + 1;
    return folder ? path_of_part(b, b->report->part, b->report->file, error) : PCT_OK;
}

static pct_status keep_state(backup *b, pct_error *error) {
    pct_vector files = b->state.files;
    b->state.files = b->files;
    b->files = files;
    b->state.part = b->report->part;
    b->state.at_ms = b->order->now_ms;
    b->state.bytes = b->report->bytes;
    b->state.destroyed = b->destroyed;
    pct_status status = pct_backup_state_write(&b->state, b->order->to, error);
    return status ? status : pct_backup_note(b->order->site, b->order->now_ms, NULL, error);
}

/* One backup of a site at a time; the lock goes with its file. */
static pct_status lock_site(backup *b, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, b->order->site, PCT_BACKUP_FOLDER, error);
    if (status) return status;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return failed(path, error);
    b->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->lock < 0) return failed(path, error);
    if (flock(b->lock, LOCK_EX | LOCK_NB) == 0) return PCT_OK;
    return PCT_FAIL(error, PCT_BUSY, PCT_MSG_BACKUP_BUSY, pct_str(b->order->site));
}

static pct_status make(backup *b, bool folder, pct_error *error) {
    pct_status status = lock_site(b, error);
    if (!status)
        status =
            pct_backup_state_read(b->order->site, folder ? b->order->to : NULL, b->crypto, &b->state, error);
    if (!folder) b->state.there = false;
    if (!status) status = name_part(b, folder, error);
    if (!status) status = look(b, error);
    if (status) return status;
    if (b->order->when_new && b->state.there && b->report->until < b->report->from &&
        b->destroyed == b->state.destroyed && same_files(&b->files, &b->state.files)) {
        b->report->file[0] = '\0';
        return PCT_OK;
    }
    status = write_part(b, error);
    return status ? status : keep_state(b, error);
}

pct_status pct_backup_make(pct_store *store, const pct_backup_order *order, pct_backup_report *out,
                           pct_error *error) {
    struct stat info;
    backup b = {.order = order,
                .store = store,
                .report = out,
                .file = -1,
                .lock = -1,
                .files = pct_vector_init(sizeof(pct_backup_file), PCT_BACKUP_FILES_MAX)};
    memset(out, 0, sizeof *out);
    pct_status status = pct_crypto_sodium(&b.crypto, error);
    if (status) return status;
    status = make(&b, stat(order->to, &info) == 0 && S_ISDIR(info.st_mode), error);
    pct_vault_writer_close(b.vault);
    if (b.file >= 0) (void)close(b.file);
    if (b.lock >= 0) (void)close(b.lock);
    if (b.made[0]) (void)unlink(b.made);
    pct_vector_dispose(&b.files);
    pct_backup_state_dispose(&b.state);
    return status;
}
