/* Secret keys as one line of text. The id is the public key's, so that a line of another name or kind is told. */
#include <string.h>

#include "base/base64.h"
#include "ledger/note.h"

enum { LINE_MAX_BYTES = PCT_NOTE_NAME_MAX + 128, ID_TEXT = 8 };
static const char prefix[] = "PRIVATE+KEY+";

/* The part "name+id+" of the public key's text. */
static pct_text head_of(const pct_crypto *crypto, const pct_note_key *key, pct_buffer *buffer,
                        pct_error *error) {
    pct_text none = {NULL, 0};
    if (pct_note_key_write(crypto, key, buffer, error) != PCT_OK) return none;
    return (pct_text){(const char *)buffer->bytes, key->name.length + 1 + ID_TEXT + 1};
}

pct_status pct_note_signer_write(const pct_crypto *crypto, const pct_note_signer *signer, pct_buffer *out,
                                 pct_error *error) {
    unsigned char bytes[1 + PCT_SEED_BYTES] = {(unsigned char)signer->key.kind};
    pct_buffer shown = pct_buffer_init(LINE_MAX_BYTES);
    pct_text head = head_of(crypto, &signer->key, &shown, error);
    pct_status status = head.chars ? PCT_OK : error ? error->status : PCT_INPUT;
    memcpy(bytes + 1, signer->seed, PCT_SEED_BYTES);
    if (!status) {
        (void)pct_buffer_append_text(out, prefix);
        (void)pct_buffer_append(out, head.chars, head.length);
        (void)pct_base64_append(out, PCT_BASE64_STANDARD, bytes, sizeof bytes);
        (void)pct_buffer_append_byte(out, '\n');
        status = pct_buffer_status(out, error);
    }
    crypto->wipe(bytes, sizeof bytes);
    pct_buffer_dispose(&shown);
    return status;
}

/* Name and kind from the text; false when it has not the parts. */
static bool read_parts(const pct_crypto *crypto, pct_text text, pct_note_signer *out) {
    unsigned char bytes[1 + PCT_SEED_BYTES];
    size_t skip = sizeof prefix - 1, length = 0, at = 0;
    if (text.length <= skip || memcmp(text.chars, prefix, skip) != 0) return false;
    text = (pct_text){text.chars + skip, text.length - skip};
    while (at < text.length && text.chars[at] != '+') at++;
    out->key.name = (pct_text){text.chars, at};
    if (text.length < at + 2 + ID_TEXT) return false;
    pct_text base64 = {text.chars + at + 2 + ID_TEXT, text.length - at - 2 - ID_TEXT};
    if (!pct_base64_check(PCT_BASE64_STANDARD, base64, &length) || length != sizeof bytes) return false;
    pct_base64_read(base64, bytes);
    out->key.kind = (pct_note_kind)bytes[0];
    memcpy(out->seed, bytes + 1, PCT_SEED_BYTES);
    crypto->wipe(bytes, sizeof bytes);
    return out->key.kind == PCT_NOTE_ED25519 || out->key.kind == PCT_NOTE_COSIGNATURE;
}

pct_status pct_note_signer_read(const pct_crypto *crypto, pct_text text, const char *file,
                                pct_note_signer *out, pct_error *error) {
    pct_buffer again = pct_buffer_init(LINE_MAX_BYTES);
    pct_status status = PCT_INPUT;
    memset(out, 0, sizeof *out);
    if (text.length > 0 && text.chars[text.length - 1] == '\n' && text.length < LINE_MAX_BYTES &&
        read_parts(crypto, (pct_text){text.chars, text.length - 1}, out)) {
        crypto->public_of(out->seed, out->key.bytes);
        status = pct_note_signer_write(crypto, out, &again, error);
        if (!status && (again.length != text.length || memcmp(again.bytes, text.chars, text.length) != 0))
            status = PCT_INPUT;
    }
    if (again.length) crypto->wipe(again.bytes, again.length);
    pct_buffer_dispose(&again);
    if (status) crypto->wipe(out->seed, sizeof out->seed);
    if (status == PCT_INPUT) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE_SECRET, pct_str(file));
    return status;
}
