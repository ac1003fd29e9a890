#include "site/backup_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/json.h"

enum { FORMAT = 1, PLACE_BYTES = 8 };

void pct_backup_hex(const unsigned char *bytes, size_t length, char *out) {
    for (size_t i = 0; i < length; i++) (void)snprintf(out + 2 * i, 3, "%02x", (unsigned)bytes[i]);
}

bool pct_backup_hex_read(const char *text, unsigned char *out, size_t length) {
    static const char digits[] = "0123456789abcdef";
    if (!text || strlen(text) != 2 * length) return false;
    for (size_t i = 0; i < length; i++) {
        const char *a = strchr(digits, text[2 * i]), *b = strchr(digits, text[2 * i + 1]);
        if (!a || !b) return false;
        out[i] = (unsigned char)((a - digits) * 16 + (b - digits));
    }
    return true;
}

/* The state's file is named after where the folder really is. */
static pct_status find_path(const char *site, const char *folder, const pct_crypto *crypto,
                            char out[PCT_PATH_MAX], pct_error *error) {
    char real[PCT_PATH_MAX], name[64], hex[2 * PLACE_BYTES + 1];
    unsigned char digest[PCT_HASH_BYTES];
    if (!folder) return pct_path_join(out, site, PCT_BACKUP_FOLDER "/single.json", error);
    if (!realpath(folder, real))
        return PCT_FAIL(error, PCT_IO, PCT_MSG_BACKUP_UNREADABLE, pct_str(folder), pct_str(strerror(errno)));
    crypto->sha256((const unsigned char *)real, strlen(real), digest);
    pct_backup_hex(digest, PLACE_BYTES, hex);
    (void)snprintf(name, sizeof name, PCT_BACKUP_FOLDER "/%s.json", hex);
    return pct_path_join(out, site, name, error);
}

static bool read_file(const char *path, const json_t *row, pct_backup_file *out) {
    const char *digest = json_string_value(json_object_get(row, "sha256"));
    (void)snprintf(out->path, sizeof out->path, "%s", path);
    out->size = json_integer_value(json_object_get(row, "size"));
    out->changed_ns = json_integer_value(json_object_get(row, "changed_ns"));
    return pct_backup_hex_read(digest, out->digest.bytes, sizeof out->digest.bytes);
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const pct_backup_file *)a)->path, ((const pct_backup_file *)b)->path);
}

static bool read_tree(const json_t *tree, const pct_crypto *crypto, pct_merkle *out) {
    unsigned char bytes[PCT_MERKLE_SAVED_MAX];
    const char *text = json_string_value(json_object_get(tree, "frontier"));
    size_t length;
    if (!text || !pct_base64_check(PCT_BASE64_URL, pct_text_of(text), &length) || length > sizeof bytes)
        return false;
    pct_base64_read(pct_text_of(text), bytes);
    return pct_merkle_load(crypto, (pct_text){(const char *)bytes, length}, out, NULL) == PCT_OK;
}

static bool read_state(const json_t *tree, const pct_crypto *crypto, pct_backup_state *out) {
    const char *chain = json_string_value(json_object_get(tree, "chain")), *path;
    json_t *row;
    if (json_integer_value(json_object_get(tree, "format")) != FORMAT || !chain ||
        strlen(chain) != PCT_BACKUP_CHAIN - 1 || !read_tree(tree, crypto, &out->tree))
        return false;
    memcpy(out->chain, chain, PCT_BACKUP_CHAIN);
    out->part = json_integer_value(json_object_get(tree, "part"));
    out->at_ms = json_integer_value(json_object_get(tree, "at_ms"));
    out->bytes = json_integer_value(json_object_get(tree, "bytes"));
    out->destroyed = json_integer_value(json_object_get(tree, "destroyed"));
    out->until = (int64_t)out->tree.size;
    json_object_foreach(json_object_get(tree, "files"), path, row) {
        pct_backup_file *file = pct_vector_push(&out->files);
        if (!file || !read_file(path, row, file)) return false;
    }
    if (out->files.length > 1) qsort(out->files.items, out->files.length, sizeof(pct_backup_file), by_path);
    return out->part > 0;
}

pct_status pct_backup_state_read(const char *site, const char *folder, const pct_crypto *crypto,
                                 pct_backup_state *out, pct_error *error) {
    char own[PCT_PATH_MAX];
    pct_mapped_file file;
    json_t *tree;
    *out = (pct_backup_state){.tree = pct_merkle_init(crypto),
                              .files = pct_vector_init(sizeof(pct_backup_file), PCT_BACKUP_FILES_MAX)};
    pct_status status = pct_path_join(own, site, PCT_BACKUP_FOLDER, error);
    if (!status && mkdir(own, 0700) != 0 && errno != EEXIST)
        status = PCT_FAIL(error, PCT_IO, PCT_MSG_FOLDER_NOT_MADE, pct_str(own), pct_str(strerror(errno)));
    if (!status) status = find_path(site, folder, crypto, out->path, error);
    if (status || pct_file_map(out->path, &file, NULL) != PCT_OK) return status;
    if (pct_json_parse(out->path, file.bytes, &tree, NULL) == PCT_OK) {
        out->there = read_state(tree, crypto, out);
        json_decref(tree);
    }
    pct_file_unmap(&file);
    if (!out->there) out->files.length = 0, out->tree = pct_merkle_init(crypto);
    return PCT_OK;
}

static void write_integer(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void write_files(pct_json_writer *json, const pct_vector *files) {
    char hex[2 * PCT_HASH_BYTES + 1];
    pct_json_key(json, "files");
    pct_json_begin_object(json);
    for (size_t i = 0; i < files->length; i++) {
        const pct_backup_file *file = (const pct_backup_file *)files->items + i;
        pct_json_key(json, file->path);
        pct_json_begin_object(json);
        write_integer(json, "size", file->size);
        write_integer(json, "changed_ns", file->changed_ns);
        pct_backup_hex(file->digest.bytes, sizeof file->digest.bytes, hex);
        pct_json_key(json, "sha256");
        pct_json_string(json, hex);
        pct_json_end_object(json);
    }
    pct_json_end_object(json);
}

pct_status pct_backup_state_write(const pct_backup_state *state, const char *folder, pct_error *error) {
    pct_buffer out = pct_buffer_init(PCT_BACKUP_JSON_MAX), frontier = pct_buffer_init(PCT_MERKLE_SAVED_MAX),
               text = pct_buffer_init(2 * PCT_MERKLE_SAVED_MAX);
    pct_json_writer json = pct_json_writer_init(&out);
    (void)pct_merkle_save(&state->tree, &frontier);
    (void)pct_base64_append(&text, PCT_BASE64_URL, frontier.bytes, frontier.length);
    pct_json_begin_object(&json);
    write_integer(&json, "format", FORMAT);
    pct_json_key(&json, "folder");
    pct_json_string(&json, folder);
    pct_json_key(&json, "chain");
    pct_json_string(&json, state->chain);
    write_integer(&json, "part", state->part);
    write_integer(&json, "at_ms", state->at_ms);
    write_integer(&json, "bytes", state->bytes);
    write_integer(&json, "destroyed", state->destroyed);
    pct_json_key(&json, "frontier");
    pct_json_string(&json, pct_buffer_chars(&text));
    write_files(&json, &state->files);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&out, '\n');
    pct_status status = pct_buffer_status(&out, error);
    if (!status) status = pct_buffer_status(&text, error);
    if (!status)
        status = pct_file_replace(state->path, (pct_text){(const char *)out.bytes, out.length}, error);
    pct_buffer_dispose(&out);
    pct_buffer_dispose(&frontier);
    pct_buffer_dispose(&text);
    return status;
}

/* What the other half of the note says stays. */
pct_status pct_backup_note(const char *site, int64_t at_ms, const char *drill, pct_error *error) {
    char path[PCT_PATH_MAX], before[16] = "";
    pct_mapped_file file;
    json_t *told = NULL;
    int64_t last_ms = 0, drill_ms = 0;
    pct_status status = pct_path_join(path, site, "backups.json", error);
    if (status) return status;
    if (pct_file_map(path, &file, NULL) == PCT_OK) {
        if (pct_json_parse(path, file.bytes, &told, NULL) == PCT_OK) {
            const char *was = json_string_value(json_object_get(told, "drill"));
            last_ms = json_integer_value(json_object_get(told, "last_ms"));
            drill_ms = json_integer_value(json_object_get(told, "drill_ms"));
            (void)snprintf(before, sizeof before, "%s", was ? was : "");
            json_decref(told);
        }
        pct_file_unmap(&file);
    }
    pct_buffer text = pct_buffer_init(256);
    pct_json_writer json = pct_json_writer_init(&text);
    pct_json_begin_object(&json);
    write_integer(&json, "last_ms", drill ? last_ms : at_ms);
    if (drill || *before) {
        write_integer(&json, "drill_ms", drill ? at_ms : drill_ms);
        pct_json_key(&json, "drill");
        pct_json_string(&json, drill ? drill : before);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&text, '\n');
    status = pct_buffer_status(&text, error);
    if (!status) status = pct_file_replace(path, (pct_text){(const char *)text.bytes, text.length}, error);
    pct_buffer_dispose(&text);
    return status;
}

void pct_backup_state_dispose(pct_backup_state *state) {
    pct_vector_dispose(&state->files);
}
