#include "cli/load_wire.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* The value of a header line "name: value" in a head. */
static pct_text header_value(pct_text head, const char *name) {
    size_t length = strlen(name);
    pct_text rest = head, line;
    while (pct_text_next(&rest, '\n', &line))
        if (line.length > length && line.chars[length] == ':' && strncasecmp(line.chars, name, length) == 0)
            return pct_text_trim((pct_text){line.chars + length + 1, line.length - length - 1});
    return (pct_text){0};
}

pct_status pct_wire_read_head(pct_text bytes, pct_wire_reply *out) {
    static const char begins[] = "HTTP/1.1 ", ends[] = "\r\n\r\n";
    enum { CODE_AT = sizeof begins - 1, CODE_DIGITS = 3, ENDS = sizeof ends - 1 };
    int64_t code, length = 0;
    const char *end = bytes.length ? memmem(bytes.chars, bytes.length, ends, ENDS) : NULL;
    if (!end) return PCT_NOT_FOUND;
    const pct_text head = {bytes.chars, (size_t)(end + ENDS - bytes.chars)};
    if (head.length < CODE_AT + CODE_DIGITS || memcmp(head.chars, begins, CODE_AT) != 0 ||
        !pct_text_to_integer((pct_text){head.chars + CODE_AT, CODE_DIGITS}, &code))
        return PCT_INPUT;
    pct_text declared = header_value(head, "Content-Length");
    if (declared.chars && (!pct_text_to_integer(declared, &length) || length < 0)) return PCT_INPUT;
    *out = (pct_wire_reply){.status = (int)code,
                            .chunked = pct_text_equal(header_value(head, "Transfer-Encoding"), "chunked"),
                            .head_bytes = head.length,
                            .body_bytes = (size_t)length};
    return PCT_OK;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* One character of the lines between the data. */
static pct_status unpack_line(pct_wire_chunks *chunks, char c) {
    if (c == '\r') return PCT_OK;
    if (chunks->at == PCT_WIRE_AFTER_DATA) {
        chunks->at = PCT_WIRE_SIZE;
        return c == '\n' ? PCT_OK : PCT_INPUT;
    }
    if (c == '\n') {
        chunks->at = chunks->left ? PCT_WIRE_DATA : PCT_WIRE_END;
        return PCT_OK;
    }
    int digit = hex_digit(c);
    if (digit < 0 || chunks->left > UINT32_MAX) return PCT_INPUT;
    chunks->left = chunks->left * 16 + (uint64_t)digit;
    return PCT_OK;
}

pct_status pct_wire_unpack(pct_wire_chunks *chunks, pct_text bytes, pct_buffer *out) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < bytes.length && !status && chunks->at != PCT_WIRE_END;) {
        if (chunks->at != PCT_WIRE_DATA) {
            status = unpack_line(chunks, bytes.chars[i++]);
            continue;
        }
        size_t n = bytes.length - i;
        if (n > chunks->left) n = (size_t)chunks->left;
        status = pct_buffer_append(out, bytes.chars + i, n);
        chunks->left -= n;
        i += n;
        if (chunks->left == 0) chunks->at = PCT_WIRE_AFTER_DATA;
    }
    return status;
}

static bool field(pct_text line, const char *name, pct_text *value) {
    size_t length = strlen(name);
    if (line.length < length || memcmp(line.chars, name, length) != 0) return false;
    *value = (pct_text){line.chars + length, line.length - length};
    return true;
}

bool pct_wire_next_event(pct_text bytes, size_t *from, pct_wire_event *out) {
    pct_wire_event event = {.id = -1};
    for (size_t at = *from; at < bytes.length;) {
        const char *end = memchr(bytes.chars + at, '\n', bytes.length - at);
        if (!end) return false;
        const pct_text line = {bytes.chars + at, (size_t)(end - bytes.chars) - at};
        pct_text value;
        at += line.length + 1;
        if (line.length == 0 && event.name.chars) {
            *out = event;
            *from = at;
            return true;
        }
        if (line.length == 0) /* behind a comment or a lone field */
            *from = at, event = (pct_wire_event){.id = -1};
        else if (field(line, "event: ", &value))
            event.name = value;
        else if (field(line, "data: ", &value))
            event.data = value;
        else if (field(line, "id: ", &value) && !pct_text_to_integer(value, &event.id))
            event.id = -1;
    }
    return false;
}
