#include "ledger/proof_text.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"

static const char title[] = "c2sp.org/tlog-proof@v1", extra[] = "extra ", at_index[] = "index ",
                  old[] = "old ";

typedef struct reader {
    pct_text rest;
    int64_t line; /* of the one taken last, from 1 on */
} reader;

/* False when no whole line is left. */
static bool next_line(reader *r, pct_text *line) {
    const char *end = r->rest.length ? memchr(r->rest.chars, '\n', r->rest.length) : NULL;
    r->line++;
    if (!end) return false;
    *line = (pct_text){r->rest.chars, (size_t)(end - r->rest.chars)};
    r->rest.chars += line->length + 1;
    r->rest.length -= line->length + 1;
    return true;
}

static bool take_prefix(pct_text *line, const char *prefix) {
    size_t length = strlen(prefix);
    if (line->length < length || memcmp(line->chars, prefix, length) != 0) return false;
    line->chars += length;
    line->length -= length;
    return true;
}

static bool read_number(pct_text text, uint64_t *out) {
    int64_t number;
    bool one_spelling = text.length > 0 && text.chars[0] >= '0' && text.chars[0] <= '9' &&
                        (text.chars[0] != '0' || text.length == 1);
    if (!one_spelling || !pct_text_to_integer(text, &number)) return false;
    *out = (uint64_t)number;
    return true;
}

/* Hashes up to the empty line, then the note. */
static bool read_hashes(reader *r, pct_proof_text *out) {
    pct_text line;
    size_t length;
    while (next_line(r, &line)) {
        if (line.length == 0) {
            out->note = r->rest;
            return true;
        }
        if (out->proof.length == PCT_PROOF_LINES_MAX ||
            !pct_base64_check(PCT_BASE64_STANDARD, line, &length) || length != PCT_HASH_BYTES)
            return false;
        pct_base64_read(line, out->proof.hashes[out->proof.length++].bytes);
    }
    return false;
}

static bool read_inclusion(reader *r, pct_proof_text *out) {
    pct_text line;
    size_t length;
    if (!next_line(r, &line)) return false;
    if (take_prefix(&line, extra)) {
        if (!pct_base64_check(PCT_BASE64_STANDARD, line, &length) || length == 0) return false;
        out->extra = line;
        if (!next_line(r, &line)) return false;
    }
    return take_prefix(&line, at_index) && read_number(line, &out->number) && read_hashes(r, out);
}

pct_status pct_proof_text_read(pct_text text, pct_proof_kind *kind, pct_proof_text *out, pct_error *error) {
    reader r = {.rest = text};
    pct_text line = {"", 0};
    pct_checkpoint head;
    memset(out, 0, sizeof *out);
    out->extra = out->note = line;
    bool good = text.length <= PCT_PROOF_TEXT_MAX && next_line(&r, &line);
    *kind = good && pct_text_equal(line, title) ? PCT_PROOF_INCLUSION : PCT_PROOF_GROWTH;
    if (good && *kind == PCT_PROOF_INCLUSION)
        good = read_inclusion(&r, out);
    else if (good)
        good = take_prefix(&line, old) && read_number(line, &out->number) && read_hashes(&r, out);
    if (!good) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_PROOF, pct_int(r.line ? r.line : 1));
    return pct_checkpoint_peek(out->note, &head, error);
}

pct_status pct_proof_text_write(pct_proof_kind kind, const pct_proof_text *proof, pct_text stored_bytes,
                                pct_buffer *out, pct_error *error) {
    bool inclusion = kind == PCT_PROOF_INCLUSION;
    if (inclusion) (void)pct_buffer_append_format(out, "%s\n", title);
    if (inclusion && stored_bytes.length > 0) {
        (void)pct_buffer_append_text(out, extra);
        (void)pct_base64_append(out, PCT_BASE64_STANDARD, stored_bytes.chars, stored_bytes.length);
        (void)pct_buffer_append_byte(out, '\n');
    }
    (void)pct_buffer_append_format(out, "%s%llu\n", inclusion ? at_index : old,
                                   (unsigned long long)proof->number);
    for (size_t i = 0; i < proof->proof.length; i++) {
        (void)pct_base64_append(out, PCT_BASE64_STANDARD, proof->proof.hashes[i].bytes, PCT_HASH_BYTES);
        (void)pct_buffer_append_byte(out, '\n');
    }
    (void)pct_buffer_append_byte(out, '\n');
    (void)pct_buffer_append(out, proof->note.chars, proof->note.length);
    return pct_buffer_status(out, error);
}
