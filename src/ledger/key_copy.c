#include "ledger/key_copy.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"

static const char magic[] = "precinct-keys-1";

static void put_integer(unsigned char *out, int64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (unsigned char)((uint64_t)value >> (8 * i));
}

static int64_t get_integer(const unsigned char *bytes) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | bytes[i];
    return (int64_t)value;
}

void pct_key_copy_put(pct_buffer *entries, const pct_key_copy_entry *entry) {
    unsigned char bytes[PCT_KEY_COPY_ENTRY];
    put_integer(bytes, entry->name.id);
    put_integer(bytes + 8, entry->made_at_ms);
    put_integer(bytes + 16, entry->name.object.seq);
    bytes[24] = (unsigned char)entry->name.object.kind;
    bytes[25] = (unsigned char)entry->name.retention;
    memcpy(bytes + 26, entry->key.bytes, PCT_KEY_BYTES);
    (void)pct_buffer_append(entries, bytes, sizeof bytes);
}

bool pct_key_copy_get(const pct_buffer *entries, size_t at, pct_key_copy_entry *out) {
    const unsigned char *bytes = entries->bytes + at * PCT_KEY_COPY_ENTRY;
    *out = (pct_key_copy_entry){.name = {.id = get_integer(bytes),
                                         .object = {.seq = get_integer(bytes + 16), .kind = (char)bytes[24]},
                                         .retention = (pct_retention)bytes[25]},
                                .made_at_ms = get_integer(bytes + 8)};
    memcpy(out->key.bytes, bytes + 26, PCT_KEY_BYTES);
    return out->name.id > 0 && bytes[24] != 0 && bytes[25] > PCT_RETENTION_NONE &&
           bytes[25] < PCT_RETENTION_COUNT;
}

pct_status pct_key_copy_write(const pct_crypto *crypto, const pct_key *key, pct_random random,
                              const pct_key_copy_head *head, pct_buffer *entries, pct_buffer *out,
                              pct_error *error) {
    unsigned char nonce[PCT_NONCE_BYTES];
    const size_t before = out->length, length = entries->length;
    random.fill(random.context, nonce, sizeof nonce);
    (void)pct_buffer_append_format(out, "%s %lld %lld %lld ", magic, (long long)head->made_at_ms,
                                   (long long)head->until_ms, (long long)head->seq);
    (void)pct_base64_append(out, PCT_BASE64_URL, head->leaf.bytes, sizeof head->leaf.bytes);
    (void)pct_buffer_append_format(out, " %lld ", (long long)head->count);
    (void)pct_base64_append(out, PCT_BASE64_URL, nonce, sizeof nonce);
    (void)pct_buffer_append_byte(out, '\n');
    const size_t line = out->length - before;
    (void)pct_buffer_extend(out, length + PCT_TAG_BYTES);
    pct_status status = pct_buffer_status(entries, error);
    if (!status) status = pct_buffer_status(out, error);
    if (!status) {
        const pct_aead with = {key->bytes, nonce, {(const char *)out->bytes + before, line}};
        crypto->seal(&with, entries->bytes, length, out->bytes + before + line);
    }
    if (length) crypto->wipe(entries->bytes, length);
    return status;
}

static bool read_bytes(pct_text *rest, unsigned char *out, size_t length) {
    pct_text word;
    size_t found;
    if (!pct_text_next(rest, ' ', &word) || !pct_base64_check(PCT_BASE64_URL, word, &found) ||
        found != length)
        return false;
    pct_base64_read(word, out);
    return true;
}

static bool read_line(pct_text line, pct_key_copy_head *head, unsigned char nonce[PCT_NONCE_BYTES]) {
    pct_text word;
    int64_t *const numbers[] = {&head->made_at_ms, &head->until_ms, &head->seq};
    if (!pct_text_next(&line, ' ', &word) || word.length != sizeof magic - 1 ||
        memcmp(word.chars, magic, word.length) != 0)
        return false;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!pct_text_next(&line, ' ', &word) || !pct_text_to_integer(word, numbers[i])) return false;
    return read_bytes(&line, head->leaf.bytes, sizeof head->leaf.bytes) && pct_text_next(&line, ' ', &word) &&
           pct_text_to_integer(word, &head->count) && head->count >= 0 && head->count <= PCT_KEY_COPY_MAX &&
           read_bytes(&line, nonce, PCT_NONCE_BYTES);
}

pct_status pct_key_copy_read(const pct_crypto *crypto, const pct_key *key, const char *file, pct_text bytes,
                             pct_key_copy_head *head, pct_buffer *entries, pct_error *error) {
    unsigned char nonce[PCT_NONCE_BYTES];
    const size_t most = bytes.length < PCT_KEY_COPY_LINE ? bytes.length : PCT_KEY_COPY_LINE;
    const char *end = most ? memchr(bytes.chars, '\n', most) : NULL;
    const size_t line = end ? (size_t)(end - bytes.chars) : 0;
    const bool good = end && read_line((pct_text){bytes.chars, line}, head, nonce) &&
                      bytes.length == line + 1 + (size_t)head->count * PCT_KEY_COPY_ENTRY + PCT_TAG_BYTES;
    if (!good) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_KEY_COPY_FORM, pct_str(file));
    const size_t sealed = bytes.length - line - 1;
    unsigned char *room = pct_buffer_extend(entries, sealed - PCT_TAG_BYTES);
    pct_status status = pct_buffer_status(entries, error);
    if (status) return status;
    const pct_aead with = {key->bytes, nonce, {bytes.chars, line + 1}};
    if (crypto->open(&with, (const unsigned char *)bytes.chars + line + 1, sealed, room)) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_KEY_COPY_SHUT, pct_str(file));
}
