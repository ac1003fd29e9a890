#include "site/heads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/vector.h"

enum { DIGITS = 20, HEADS_MAX = 1 << 20, LOOKED_AT = 100000, WITNESSES_BYTES = 16 << 10 };
static const char folder_name[] = "heads", suffix[] = ".note", witnesses_name[] = "witnesses";

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(path), pct_str(strerror(errno)));
}

static pct_status path_of(const char *site, uint64_t size, char out[PCT_PATH_MAX], pct_error *error) {
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%020" PRIu64 "%s", folder_name, size, suffix);
    return pct_path_join(out, site, name, error);
}

/* Makes the folder and takes its lock; *lock is closed by the caller. */
static pct_status lock_heads(const char *site, int *lock, pct_error *error) {
    char path[PCT_PATH_MAX];
    *lock = -1;
    pct_status status = pct_path_join(path, site, folder_name, error);
    if (status) return status;
    if (mkdir(path, 0755) != 0 && errno != EEXIST) return failed(path, error);
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0 || flock(*lock, LOCK_EX) != 0) return failed(path, error);
    return PCT_OK;
}

static bool size_of(const char *name, uint64_t *out) {
    if (strlen(name) != DIGITS + sizeof suffix - 1 || strcmp(name + DIGITS, suffix) != 0) return false;
    int64_t size;
    pct_text digits = {name, DIGITS};
    if (name[0] != '0' || !pct_text_to_integer(digits, &size) || size < 0) return false;
    *out = (uint64_t)size;
    return true;
}

static int larger_first(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

static pct_status list_sizes(const char *site, pct_vector *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, site, folder_name, error);
    DIR *folder = status ? NULL : opendir(path);
    if (!folder) return status || errno == ENOENT ? status : failed(path, error);
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        uint64_t size, *kept;
        if (!size_of(entry->d_name, &size)) continue;
        if ((kept = pct_vector_push(out)))
            *kept = size;
        else
            status = pct_error_memory(error, sizeof *kept);
    }
    (void)closedir(folder);
    if (out->length) qsort(out->items, out->length, sizeof(uint64_t), larger_first);
    return status;
}

static pct_status read_head(const char *site, uint64_t size, pct_head *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file file;
    pct_buffer_clear(&out->note);
    out->size = size;
    pct_status status = path_of(site, size, path, error);
    if (!status) status = pct_file_map(path, &file, error);
    if (status) return status;
    (void)pct_buffer_append(&out->note, file.bytes.chars, file.bytes.length);
    pct_file_unmap(&file);
    return pct_buffer_status(&out->note, error);
}

pct_status pct_heads_each(const char *site, pct_head_visitor *visit, void *context, pct_error *error) {
    pct_vector sizes = pct_vector_init(sizeof(uint64_t), HEADS_MAX);
    pct_head head = {.note = pct_buffer_init(PCT_NOTE_BYTES_MAX)};
    pct_status status = list_sizes(site, &sizes, error), found = PCT_NOT_FOUND;
    for (size_t i = 0; i < sizes.length && i < LOOKED_AT && !status && found == PCT_NOT_FOUND; i++) {
        status = read_head(site, ((const uint64_t *)sizes.items)[i], &head, error);
        if (!status) found = visit(context, &head, error);
    }
    pct_buffer_dispose(&head.note);
    pct_vector_dispose(&sizes);
    return status ? status : found;
}

static pct_status take_first(void *context, const pct_head *head, pct_error *error) {
    pct_head *out = context;
    out->size = head->size;
    (void)pct_buffer_append(&out->note, head->note.bytes, head->note.length);
    return pct_buffer_status(&out->note, error);
}

pct_status pct_heads_newest(const char *site, pct_head *out, pct_error *error) {
    *out = (pct_head){.note = pct_buffer_init(PCT_NOTE_BYTES_MAX)};
    return pct_heads_each(site, take_first, out, error);
}

/* What was given out last is a beginning of the tree. */
static pct_status check_continues(const pct_signer *log, const pct_merkle_reader *reader,
                                  const pct_tree_head *head, const pct_head *last, pct_error *error) {
    pct_checkpoint given;
    pct_hash root;
    pct_text note = {(const char *)last->note.bytes, last->note.length};
    pct_status status = pct_checkpoint_read(log->crypto, note, &log->secret.key, &given, error);
    if (status) return status;
    if (given.head.size > head->size)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SHORT, pct_int((int64_t)given.head.size),
                        pct_int((int64_t)head->size));
    status = pct_merkle_root_at(reader, given.head.size, &root, error);
    if (!status && !pct_hash_equal(root, given.head.root))
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_ROOT, pct_int((int64_t)given.head.size));
    return status;
}

pct_status pct_heads_publish(const char *site, const pct_signer *log, const pct_merkle_reader *reader,
                             const pct_tree_head *head, pct_head *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    int lock = -1;
    pct_status status = lock_heads(site, &lock, error);
    pct_status found = status ? status : pct_heads_newest(site, out, error);
    if (found && found != PCT_NOT_FOUND) status = found;
    if (!found) status = check_continues(log, reader, head, out, error);
    if (!status && (found == PCT_NOT_FOUND || out->size != head->size)) {
        pct_buffer_clear(&out->note);
        out->size = head->size;
        status =
            pct_checkpoint_sign(log->crypto, log->secret.key.name, head, log->secret.seed, &out->note, error);
        if (!status) status = path_of(site, head->size, path, error);
        if (!status)
            status =
                pct_file_replace(path, (pct_text){(const char *)out->note.bytes, out->note.length}, error);
    }
    if (lock >= 0) (void)close(lock);
    return status;
}

/* --- cosignatures -------------------------------------------------------------------------------------------------- */

typedef struct seeking {
    const char *site;
    const pct_crypto *crypto;
    const pct_note_key *witness;
    pct_text lines;
    uint64_t size;
} seeking;

static bool has_lines(const pct_head *head, pct_text lines) {
    return head->note.length >= lines.length &&
           memmem(head->note.bytes, head->note.length, lines.chars, lines.length) != NULL;
}

static pct_status try_head(void *context, const pct_head *head, pct_error *error) {
    seeking *s = context;
    char path[PCT_PATH_MAX];
    pct_text text;
    pct_buffer whole = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    size_t text_length = pct_note_text_length((pct_text){(const char *)head->note.bytes, head->note.length});
    (void)pct_buffer_append(&whole, head->note.bytes, text_length);
    (void)pct_buffer_append_byte(&whole, '\n');
    (void)pct_buffer_append(&whole, s->lines.chars, s->lines.length);
    pct_status status = pct_buffer_status(&whole, error);
    if (!status) /* the lines alone: an earlier line of the same witness proves nothing for them */
        status = pct_note_verify(s->crypto, (pct_text){(const char *)whole.bytes, whole.length}, s->witness,
                                 &text, NULL, error);
    if (status == PCT_CHECK_FAILED) status = PCT_NOT_FOUND;
    if (!status && !has_lines(head, s->lines)) {
        pct_buffer_clear(&whole);
        (void)pct_buffer_append(&whole, head->note.bytes, head->note.length);
        (void)pct_buffer_append(&whole, s->lines.chars, s->lines.length);
        status = pct_buffer_status(&whole, error);
        if (!status) status = path_of(s->site, head->size, path, error);
        if (!status)
            status = pct_file_replace(path, (pct_text){(const char *)whole.bytes, whole.length}, error);
    }
    s->size = head->size;
    pct_buffer_dispose(&whole);
    return status;
}

pct_status pct_heads_cosigned(const char *site, const pct_crypto *crypto, const pct_note_key *witness,
                              pct_text lines, uint64_t *size, pct_error *error) {
    seeking s = {site, crypto, witness, lines, 0};
    int lock = -1;
    pct_error why;
    pct_status status = lock_heads(site, &lock, error);
    if (!status) {
        status = pct_heads_each(site, try_head, &s, &why);
        if (status == PCT_NOT_FOUND)
            status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_HEADS_FOREIGN, pct_view(witness->name));
        else if (status && error)
            *error = why;
    }
    if (lock >= 0) (void)close(lock);
    *size = s.size;
    return status;
}

/* --- witnesses ----------------------------------------------------------------------------------------------------- */

pct_status pct_witnesses_read(const char *site, const pct_crypto *crypto, pct_buffer *text, pct_note_key *out,
                              size_t *count, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file file;
    *count = 0;
    pct_status status = pct_path_join(path, site, witnesses_name, error);
    if (status || access(path, F_OK) != 0) return status;
    status = pct_file_map(path, &file, error);
    if (status) return status;
    (void)pct_buffer_append(text, file.bytes.chars, file.bytes.length);
    pct_file_unmap(&file);
    status = pct_buffer_status(text, error);
    pct_text rest = {(const char *)text->bytes, text->length}, line;
    while (!status && rest.length > 0 && pct_text_next(&rest, '\n', &line)) {
        if (pct_text_trim(line).length == 0) continue;
        if (*count == PCT_WITNESSES_MAX)
            return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_str(path),
                            pct_int(PCT_WITNESSES_MAX));
        status = pct_note_key_read(crypto, pct_text_trim(line), &out[(*count)++], error);
    }
    return status;
}

pct_status pct_witnesses_add(const char *site, const pct_crypto *crypto, const pct_note_key *key,
                             pct_error *error) {
    char path[PCT_PATH_MAX];
    int lock = -1;
    size_t count = 0;
    pct_note_key known[PCT_WITNESSES_MAX];
    pct_buffer text = pct_buffer_init(WITNESSES_BYTES), line = pct_buffer_init(WITNESSES_BYTES);
    pct_status status = lock_heads(site, &lock, error);
    if (!status) status = pct_path_join(path, site, witnesses_name, error);
    if (!status) status = pct_witnesses_read(site, crypto, &text, known, &count, error);
    if (!status) status = pct_note_key_write(crypto, key, &line, error);
    (void)pct_buffer_append_byte(&line, '\n');
    bool there = line.length && text.length && memmem(text.bytes, text.length, line.bytes, line.length);
    if (!status && !there) {
        (void)pct_buffer_append(&text, line.bytes, line.length);
        status = pct_buffer_status(&text, error);
        if (!status)
            status = pct_file_replace(path, (pct_text){(const char *)text.bytes, text.length}, error);
    }
    if (lock >= 0) (void)close(lock);
    pct_buffer_dispose(&text);
    pct_buffer_dispose(&line);
    return status;
}
