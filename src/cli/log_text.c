#include "cli/log_text.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "clock/time.h"

void pct_log_hex(pct_hash hash, char out[PCT_LOG_HEX]) {
    for (int i = 0; i < PCT_HASH_BYTES; i++) (void)snprintf(out + 2 * i, 3, "%02x", hash.bytes[i]);
}

void pct_log_number(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

void pct_log_word(pct_json_writer *json, const char *key, pct_text value) {
    pct_json_key(json, key);
    pct_json_text(json, value);
}

void pct_log_hash(pct_json_writer *json, const char *key, pct_hash hash) {
    char hex[PCT_LOG_HEX];
    pct_log_hex(hash, hex);
    pct_json_key(json, key);
    pct_json_string(json, hex);
}

void pct_log_document_end(pct_cli *cli, pct_json_writer *json, double began_s) {
    pct_json_key(json, "wall_s");
    pct_json_real(json, pct_cli_seconds() - began_s, 3);
    pct_json_end_object(json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

pct_status pct_log_file_read(const char *path, size_t most, pct_buffer *out, pct_error *error) {
    pct_mapped_file file;
    pct_status status = pct_file_map(path, &file, error);
    if (status) return status;
    if (file.bytes.length > most)
        status = PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_str(path), pct_int((int64_t)most));
    else
        (void)pct_buffer_append(out, file.bytes.chars, file.bytes.length);
    pct_file_unmap(&file);
    return status ? status : pct_buffer_status(out, error);
}

pct_status pct_log_key_given(const char *given, pct_note_kind kind, const pct_crypto *crypto,
                             pct_buffer *text, pct_note_key *out, pct_error *error) {
    size_t at = text->length;
    pct_status status = PCT_OK;
    if (access(given, F_OK) == 0)
        status = pct_log_file_read(given, PCT_NOTE_BYTES_MAX, text, error);
    else
        (void)pct_buffer_append_text(text, given);
    if (!status) status = pct_buffer_status(text, error);
    if (status) return status;
    pct_text whole = pct_log_view(text), key = {whole.chars + at, whole.length - at};
    status = pct_note_key_read(crypto, pct_text_trim(key), out, error);
    if (status || out->kind == kind) return status;
    return PCT_FAIL(error, PCT_INPUT,
                    kind == PCT_NOTE_ED25519 ? PCT_MSG_LOG_KEY_OF_WITNESS : PCT_MSG_LOG_KEY_OF_LOG,
                    pct_view(out->name));
}

static void cosigner_json(pct_json_writer *json, pct_text name, const char *time) {
    pct_json_begin_object(json);
    pct_log_word(json, "name", name);
    pct_json_key(json, "time");
    pct_json_string(json, time);
    pct_json_end_object(json);
}

pct_status pct_log_cosigners(pct_cli *cli, pct_json_writer *json, const pct_crypto *crypto, pct_text note,
                             const pct_note_key *keys, size_t count, pct_error *error) {
    pct_status status = PCT_OK;
    if (json) pct_json_begin_array(json);
    for (size_t i = 0; i < count && !status; i++) {
        int64_t at_s = 0;
        pct_text text;
        pct_error why;
        status = pct_note_verify(crypto, note, &keys[i], &text, &at_s, &why);
        if (status == PCT_NOT_FOUND) {
            status = PCT_OK;
            continue;
        }
        if (status && error) *error = why;
        if (status) break;
        pct_buffer time = pct_buffer_init(64);
        (void)pct_time_format(at_s * 1000, 0, &time);
        if (json)
            cosigner_json(json, keys[i].name, pct_buffer_chars(&time));
        else
            PCT_SAY(cli, PCT_MSG_LOG_COSIGNED_BY, pct_view(keys[i].name), pct_str(pct_buffer_chars(&time)));
        pct_buffer_dispose(&time);
    }
    if (json) pct_json_end_array(json);
    return status;
}
