/* Signed notes. Everything above the last empty line is what was signed; below it each line is one signature. The id in
 * front of a signature is the beginning of SHA-256(name ‖ newline ‖ kind ‖ public key), so that lines of other keys are
 * passed over without a try. https://c2sp.org/signed-note, https://c2sp.org/tlog-cosignature */
#include "ledger/note.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"

enum { ID_BYTES = 4, TIME_BYTES = 8 };

static const char dash[] = "\xE2\x80\x94 "; /* an em dash and a space */

/* White space beyond ASCII, as its UTF-8 bytes: whole characters, and the rows of which the third byte is told below. */
static bool is_space(const unsigned char *at, size_t length) {
    if (*at <= ' ' || *at == 0x7F) return true;
    if (length >= 2 && at[0] == 0xC2) return at[1] == 0x85 || at[1] == 0xA0;
    if (length < 3) return false;
    if (at[0] == 0xE1) return at[1] == 0x9A && at[2] == 0x80;
    if (at[0] == 0xE3) return at[1] == 0x80 && at[2] == 0x80;
    if (at[0] != 0xE2) return false;
    if (at[1] == 0x81) return at[2] == 0x9F;
    return at[1] == 0x80 && (at[2] <= 0x8A || at[2] == 0xA8 || at[2] == 0xA9 || at[2] == 0xAF);
}

static bool is_name(pct_text name) {
    if (name.length == 0 || name.length > PCT_NOTE_NAME_MAX || !pct_text_is_utf8(name)) return false;
    for (size_t i = 0; i < name.length; i++)
        if (name.chars[i] == '+' || is_space((const unsigned char *)name.chars + i, name.length - i))
            return false;
    return true;
}

static bool is_note_text(pct_text text) {
    if (text.length == 0 || text.chars[text.length - 1] != '\n' || !pct_text_is_utf8(text)) return false;
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.chars[i] < ' ' && text.chars[i] != '\n') return false;
    return true;
}

static pct_status refuse_name(pct_text name, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE_NAME, pct_view(name));
}

/* The key's id, after its name was found good. */
static void id_of(const pct_crypto *crypto, const pct_note_key *key, unsigned char out[ID_BYTES]) {
    unsigned char all[PCT_NOTE_NAME_MAX + 2 + PCT_PUBLIC_BYTES], hash[PCT_HASH_BYTES];
    size_t length = key->name.length;
    memcpy(all, key->name.chars, length);
    all[length++] = '\n';
    all[length++] = (unsigned char)key->kind;
    memcpy(all + length, key->bytes, PCT_PUBLIC_BYTES);
    crypto->sha256(all, length + PCT_PUBLIC_BYTES, hash);
    memcpy(out, hash, ID_BYTES);
}

/* --- keys as text ------------------------------------------------------------------------------------------------ */

pct_status pct_note_key_write(const pct_crypto *crypto, const pct_note_key *key, pct_buffer *out,
                              pct_error *error) {
    unsigned char id[ID_BYTES], bytes[1 + PCT_PUBLIC_BYTES] = {(unsigned char)key->kind};
    if (!is_name(key->name)) return refuse_name(key->name, error);
    id_of(crypto, key, id);
    memcpy(bytes + 1, key->bytes, PCT_PUBLIC_BYTES);
    (void)pct_buffer_append(out, key->name.chars, key->name.length);
    (void)pct_buffer_append_format(out, "+%02x%02x%02x%02x+", id[0], id[1], id[2], id[3]);
    (void)pct_base64_append(out, PCT_BASE64_STANDARD, bytes, sizeof bytes);
    return pct_buffer_status(out, error);
}

/* Why `text`, whose parts are well formed, is not how `key` is written: the kind or the id. */
static pct_status refuse_key(const pct_crypto *crypto, const pct_note_key *key, unsigned kind, pct_text id,
                             pct_error *error) {
    unsigned char right[ID_BYTES];
    char hex[2 * ID_BYTES + 1];
    if (kind != PCT_NOTE_ED25519 && kind != PCT_NOTE_COSIGNATURE)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE_KEY_KIND, pct_view(key->name), pct_int(kind));
    id_of(crypto, key, right);
    (void)snprintf(hex, sizeof hex, "%02x%02x%02x%02x", right[0], right[1], right[2], right[3]);
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE_KEY_ID, pct_view(key->name), pct_view(id),
                    pct_str(hex));
}

pct_status pct_note_key_read(const pct_crypto *crypto, pct_text text, pct_note_key *out, pct_error *error) {
    pct_text rest = text, id = {"", 0};
    unsigned char bytes[1 + PCT_PUBLIC_BYTES];
    size_t length = 0;
    pct_buffer again = pct_buffer_init(PCT_NOTE_NAME_MAX + 100);
    bool has_parts = pct_text_next(&rest, '+', &out->name) && pct_text_next(&rest, '+', &id);
    if (!has_parts || !is_name(out->name) || !pct_base64_check(PCT_BASE64_STANDARD, rest, &length) ||
        length != sizeof bytes)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE_KEY, pct_view(text));
    pct_base64_read(rest, bytes);
    out->kind = bytes[0] == PCT_NOTE_COSIGNATURE ? PCT_NOTE_COSIGNATURE : PCT_NOTE_ED25519;
    memcpy(out->bytes, bytes + 1, PCT_PUBLIC_BYTES);
    pct_status status = pct_note_key_write(crypto, out, &again, error);
    if (!status && (again.length != text.length || memcmp(again.bytes, text.chars, text.length) != 0))
        status = refuse_key(crypto, out, bytes[0], id, error);
    pct_buffer_dispose(&again);
    return status;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

typedef struct signature_line {
    pct_text name;
    unsigned char bytes[PCT_NOTE_BYTES_MAX]; /* id, then what the kind of key has */
    size_t length;
} signature_line;

static int64_t lines_in(pct_text text) {
    int64_t lines = 1;
    for (size_t i = 0; i < text.length; i++) lines += text.chars[i] == '\n';
    return lines;
}

static pct_status refuse_note(int64_t line, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE, pct_int(line));
}

/* Divides the note at its last empty line. */
static pct_status split(pct_text note, pct_text *text, pct_text *signatures, pct_error *error) {
    size_t at = note.length;
    if (note.length > PCT_NOTE_BYTES_MAX || !is_note_text(note)) return refuse_note(1, error);
    while (at >= 2 && !(note.chars[at - 1] == '\n' && note.chars[at - 2] == '\n')) at--;
    if (at < 2) return refuse_note(lines_in(note) - 1, error);
    *text = (pct_text){note.chars, at - 1};
    *signatures = (pct_text){note.chars + at, note.length - at};
    return signatures->length ? PCT_OK : refuse_note(lines_in(note) - 1, error);
}

/* Takes a line with its line break off *rest; both are known to end in one. */
static pct_text next_line(pct_text *rest) {
    size_t length = (size_t)((const char *)memchr(rest->chars, '\n', rest->length) - rest->chars);
    pct_text line = {rest->chars, length};
    rest->chars += length + 1;
    rest->length -= length + 1;
    return line;
}

static bool read_signature(pct_text line, signature_line *out) {
    size_t prefix = sizeof dash - 1;
    if (line.length < prefix || memcmp(line.chars, dash, prefix) != 0) return false;
    pct_text rest = {line.chars + prefix, line.length - prefix};
    const char *space = memchr(rest.chars, ' ', rest.length);
    if (!space) return false;
    out->name = (pct_text){rest.chars, (size_t)(space - rest.chars)};
    pct_text base64 = {space + 1, rest.length - out->name.length - 1};
    if (!is_name(out->name) || !pct_base64_check(PCT_BASE64_STANDARD, base64, &out->length) ||
        out->length <= ID_BYTES)
        return false;
    pct_base64_read(base64, out->bytes);
    return true;
}

/* What a witness signs. */
static pct_status append_witnessed(pct_text text, int64_t time_s, pct_buffer *out) {
    (void)pct_buffer_append_format(out, "cosignature/v1\ntime %lld\n", (long long)time_s);
    return pct_buffer_append(out, text.chars, text.length);
}

/* PCT_OK: true. PCT_CHECK_FAILED: false. */
static pct_status check_signature(const pct_crypto *crypto, pct_text text, const pct_note_key *key,
                                  const signature_line *line, int64_t *time_s, pct_error *error) {
    size_t before = ID_BYTES + (key->kind == PCT_NOTE_COSIGNATURE ? TIME_BYTES : 0);
    pct_buffer message = pct_buffer_init(PCT_NOTE_BYTES_MAX + 64);
    pct_status status = PCT_OK;
    uint64_t time = 0;
    for (size_t i = ID_BYTES; i < before && line->length > before; i++) time = time << 8 | line->bytes[i];
    if (line->length != before + PCT_SIGNATURE_BYTES || time > INT64_MAX) return PCT_CHECK_FAILED;
    if (key->kind == PCT_NOTE_COSIGNATURE) {
        (void)append_witnessed(text, (int64_t)time, &message);
        status = pct_buffer_status(&message, error);
        text = (pct_text){(const char *)message.bytes, message.length};
    }
    if (!status && !crypto->verify(key->bytes, text, line->bytes + before)) status = PCT_CHECK_FAILED;
    pct_buffer_dispose(&message);
    *time_s = (int64_t)time;
    return status;
}

/* Says who signed instead: somebody of the same name with another key, or of another name. */
static pct_status refuse_unsigned(const pct_note_key *key, const unsigned char id[ID_BYTES], pct_text found,
                                  const unsigned char found_id[ID_BYTES], pct_error *error) {
    char expected[2 * ID_BYTES + 1], other[2 * ID_BYTES + 1];
    (void)snprintf(expected, sizeof expected, "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
    (void)snprintf(other, sizeof other, "%02x%02x%02x%02x", found_id[0], found_id[1], found_id[2],
                   found_id[3]);
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LEDGER_NOTE_UNSIGNED, pct_view(key->name),
                    pct_str(expected), pct_view(found), pct_str(other));
}

pct_status pct_note_verify(const pct_crypto *crypto, pct_text note, const pct_note_key *key, pct_text *text,
                           int64_t *time_s, pct_error *error) {
    pct_text rest, above, other = {"", 0};
    unsigned char other_id[ID_BYTES] = {0};
    unsigned char id[ID_BYTES];
    bool is_signed = false, is_false = false;
    int64_t latest_s = 0;
    size_t count = 0;
    if (!is_name(key->name)) return refuse_name(key->name, error);
    pct_status status = split(note, &above, &rest, error);
    id_of(crypto, key, id);
    while (!status && rest.length > 0) {
        signature_line line;
        pct_text seen = {note.chars, (size_t)(rest.chars - note.chars)};
        int64_t signed_at_s = 0;
        if (++count > PCT_NOTE_SIGNATURES_MAX || !read_signature(next_line(&rest), &line))
            return refuse_note(lines_in(seen), error);
        if (!pct_text_same(line.name, key->name) || memcmp(line.bytes, id, ID_BYTES) != 0) {
            if (other.length == 0 || pct_text_same(line.name, key->name)) {
                other = line.name;
                memcpy(other_id, line.bytes, ID_BYTES);
            }
            continue;
        }
        pct_status found = check_signature(crypto, above, key, &line, &signed_at_s, error);
        if (found == PCT_CHECK_FAILED)
            is_false = true;
        else
            status = found;
        is_signed = true;
        if (signed_at_s > latest_s) latest_s = signed_at_s;
    }
    if (status) return status;
    if (is_false) return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_NOTE_FALSE, pct_view(key->name));
    if (!is_signed) return refuse_unsigned(key, id, other, other_id, error);
    *text = above;
    if (time_s) *time_s = latest_s;
    return PCT_OK;
}

/* --- signing ----------------------------------------------------------------------------------------------------- */

/* Appends the line "— name base64(id ‖ time ‖ signature)"; time_s 0: there is none. */
static pct_status append_signature(const pct_crypto *crypto, pct_text message, pct_note_key *key,
                                   const unsigned char seed[PCT_SEED_BYTES], int64_t time_s,
                                   pct_buffer *out) {
    unsigned char bytes[ID_BYTES + TIME_BYTES + PCT_SIGNATURE_BYTES];
    size_t length = ID_BYTES;
    crypto->public_of(seed, key->bytes);
    id_of(crypto, key, bytes);
    for (int shift = 56; time_s > 0 && shift >= 0; shift -= 8)
        bytes[length++] = (unsigned char)((uint64_t)time_s >> shift);
    crypto->sign(seed, message, bytes + length);
    (void)pct_buffer_append_text(out, dash);
    (void)pct_buffer_append(out, key->name.chars, key->name.length);
    (void)pct_buffer_append_byte(out, ' ');
    (void)pct_base64_append(out, PCT_BASE64_STANDARD, bytes, length + PCT_SIGNATURE_BYTES);
    return pct_buffer_append_byte(out, '\n');
}

pct_status pct_note_sign(const pct_crypto *crypto, pct_text text, pct_text name,
                         const unsigned char seed[PCT_SEED_BYTES], pct_buffer *out, pct_error *error) {
    pct_note_key key = {.name = name, .kind = PCT_NOTE_ED25519};
    if (!is_name(name)) return refuse_name(name, error);
    if (!is_note_text(text) || text.length > PCT_NOTE_BYTES_MAX / 2)
        return pct_error_set(error, PCT_INPUT, PCT_MSG_LEDGER_NOTE_TEXT, NULL, 0);
    (void)pct_buffer_append(out, text.chars, text.length);
    (void)pct_buffer_append_byte(out, '\n');
    (void)append_signature(crypto, text, &key, seed, 0, out);
    return pct_buffer_status(out, error);
}

pct_status pct_note_cosign(const pct_crypto *crypto, pct_text name, const unsigned char seed[PCT_SEED_BYTES],
                           int64_t time_s, pct_buffer *note, pct_error *error) {
    pct_note_key key = {.name = name, .kind = PCT_NOTE_COSIGNATURE};
    pct_buffer message = pct_buffer_init(PCT_NOTE_BYTES_MAX + 64);
    pct_text text, signatures;
    if (!is_name(name)) return refuse_name(name, error);
    if (time_s < 1) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_TIME, pct_int(time_s));
    pct_status status = split((pct_text){(const char *)note->bytes, note->length}, &text, &signatures, error);
    if (!status) {
        (void)append_witnessed(text, time_s, &message);
        status = pct_buffer_status(&message, error);
    }
    if (!status) {
        pct_text witnessed = {(const char *)message.bytes, message.length};
        (void)append_signature(crypto, witnessed, &key, seed, time_s, note);
        status = pct_buffer_status(note, error);
    }
    pct_buffer_dispose(&message);
    return status;
}

/* --- checkpoints ------------------------------------------------------------------------------------------------- */

pct_status pct_checkpoint_sign(const pct_crypto *crypto, pct_text origin, const pct_tree_head *head,
                               const unsigned char seed[PCT_SEED_BYTES], pct_buffer *out, pct_error *error) {
    pct_buffer text = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    (void)pct_buffer_append(&text, origin.chars, origin.length);
    (void)pct_buffer_append_format(&text, "\n%llu\n", (unsigned long long)head->size);
    (void)pct_base64_append(&text, PCT_BASE64_STANDARD, head->root.bytes, PCT_HASH_BYTES);
    (void)pct_buffer_append_byte(&text, '\n');
    pct_status status = pct_buffer_status(&text, error);
    if (!status) {
        pct_text body = {(const char *)text.bytes, text.length};
        status = pct_note_sign(crypto, body, origin, seed, out, error);
    }
    pct_buffer_dispose(&text);
    return status;
}

/* The number of the first line that is not as it should be; 0: the text is a checkpoint. */
static int64_t read_body(pct_text rest, pct_checkpoint *out) {
    int64_t size = 0, line = 4;
    size_t length = 0;
    out->origin = next_line(&rest);
    if (out->origin.length == 0) return 1;
    pct_text number = rest.length ? next_line(&rest) : (pct_text){"", 0};
    bool is_decimal = number.length > 0 && number.chars[0] >= '0' && number.chars[0] <= '9' &&
                      (number.chars[0] != '0' || number.length == 1);
    if (!is_decimal || !pct_text_to_integer(number, &size)) return 2;
    pct_text root = rest.length ? next_line(&rest) : (pct_text){"", 0};
    if (!pct_base64_check(PCT_BASE64_STANDARD, root, &length) || length != PCT_HASH_BYTES) return 3;
    pct_base64_read(root, out->head.root.bytes);
    out->head.size = (uint64_t)size;
    for (; rest.length > 0; line++) /* extensions: anything but empty lines */
        if (next_line(&rest).length == 0) return line;
    return 0;
}

pct_status pct_note_keep(const pct_crypto *crypto, pct_text note, const pct_note_key *key, pct_buffer *out,
                         pct_error *error) {
    unsigned char id[ID_BYTES];
    pct_text text, rest;
    pct_status status = split(note, &text, &rest, error);
    if (status) return status;
    id_of(crypto, key, id);
    (void)pct_buffer_append(out, text.chars, text.length + 1);
    while (rest.length > 0) {
        signature_line line;
        pct_text whole = next_line(&rest);
        if (read_signature(whole, &line) && pct_text_same(line.name, key->name) &&
            memcmp(line.bytes, id, ID_BYTES) == 0)
            (void)pct_buffer_append(out, whole.chars, whole.length + 1);
    }
    return pct_buffer_status(out, error);
}

size_t pct_note_text_length(pct_text note) {
    pct_text text, signatures;
    return split(note, &text, &signatures, NULL) ? 0 : text.length;
}

pct_status pct_checkpoint_peek(pct_text note, pct_checkpoint *out, pct_error *error) {
    pct_text text, signatures;
    pct_status status = split(note, &text, &signatures, error);
    int64_t wrong = status ? 0 : read_body(text, out);
    return wrong ? PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_CHECKPOINT, pct_int(wrong)) : status;
}

pct_status pct_checkpoint_read(const pct_crypto *crypto, pct_text note, const pct_note_key *key,
                               pct_checkpoint *out, pct_error *error) {
    pct_text text = {"", 0};
    pct_status status = pct_note_verify(crypto, note, key, &text, NULL, error);
    if (status) return status;
    int64_t wrong = read_body(text, out);
    if (wrong) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_CHECKPOINT, pct_int(wrong));
    if (key->kind == PCT_NOTE_ED25519 && !pct_text_same(out->origin, key->name))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_ORIGIN, pct_view(out->origin), pct_view(key->name));
    return PCT_OK;
}
