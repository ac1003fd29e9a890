#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 60 }; /* bytes of a value that a sentence shows */

/* jansson tells its reasons in English, but numbers them too. */
static pct_message reason_of(enum json_error_code code) {
    switch (code) {
    case json_error_premature_end_of_input: return PCT_MSG_JSON_ENDS_EARLY;
    case json_error_end_of_input_expected: return PCT_MSG_JSON_GOES_ON;
    case json_error_invalid_utf8: return PCT_MSG_JSON_BAD_UTF8;
    case json_error_duplicate_key: return PCT_MSG_JSON_KEY_TWICE;
    case json_error_numeric_overflow: return PCT_MSG_JSON_BIG_NUMBER;
    case json_error_null_character:
    case json_error_null_byte_in_key: return PCT_MSG_JSON_NULL_CHARACTER;
    case json_error_stack_overflow: return PCT_MSG_JSON_TOO_DEEP;
    default: return PCT_MSG_JSON_BAD_SYNTAX;
    }
}

pct_status pct_json_parse(const char *file, pct_text bytes, json_t **out, pct_error *error) {
    json_error_t why;
    *out = json_loadb(bytes.chars ? bytes.chars : "", bytes.length, JSON_REJECT_DUPLICATES, &why);
    if (*out) return PCT_OK;
    if (json_error_code(&why) == json_error_out_of_memory) return pct_error_memory(error, bytes.length);
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_JSON_SYNTAX, pct_str(file), pct_int(why.line),
                    pct_int(why.column), pct_phrase(reason_of(json_error_code(&why))));
}

pct_message pct_json_kind(const json_t *value) {
    if (!value) return PCT_MSG_FOUND_NOTHING;
    switch (json_typeof(value)) {
    case JSON_OBJECT: return PCT_MSG_EXPECTED_OBJECT;
    case JSON_ARRAY: return PCT_MSG_EXPECTED_ARRAY;
    case JSON_STRING: return PCT_MSG_EXPECTED_TEXT;
    case JSON_INTEGER: return PCT_MSG_EXPECTED_WHOLE_NUMBER;
    case JSON_REAL: return PCT_MSG_EXPECTED_NUMBER;
    case JSON_NULL: return PCT_MSG_FOUND_NULL;
    default: return PCT_MSG_EXPECTED_BOOLEAN;
    }
}

pct_status pct_json_unexpected(const char *file, const char *path, pct_message expected, const json_t *found,
                               pct_error *error) {
    char text[SHOWN_MAX + 1];
    size_t length = found ? json_dumpb(found, text, SHOWN_MAX, JSON_ENCODE_ANY | JSON_COMPACT) : 0;
    bool is_short = length > 0 && length <= SHOWN_MAX;
    text[is_short ? length : 0] = '\0';
    pct_param shown = json_is_string(found) ? pct_str(json_string_value(found))
                      : is_short            ? pct_str(text)
                                            : pct_phrase(pct_json_kind(found));
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_JSON_FIELD, pct_str(file), pct_str(path), pct_phrase(expected),
                    shown);
}

pct_status pct_json_get_object(const char *file, const json_t *object, const char *key, json_t **out,
                               pct_error *error) {
    *out = json_object_get(object, key);
    return json_is_object(*out) ? PCT_OK
                                : pct_json_unexpected(file, key, PCT_MSG_EXPECTED_OBJECT, *out, error);
}

pct_status pct_json_get_array(const char *file, const json_t *object, const char *key, json_t **out,
                              pct_error *error) {
    *out = json_object_get(object, key);
    return json_is_array(*out) ? PCT_OK : pct_json_unexpected(file, key, PCT_MSG_EXPECTED_ARRAY, *out, error);
}

pct_status pct_json_get_text(const char *file, const json_t *object, const char *key, pct_text *out,
                             pct_error *error) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_TEXT, value, error);
    *out = (pct_text){json_string_value(value), json_string_length(value)};
    return PCT_OK;
}

pct_status pct_json_get_real(const char *file, const json_t *object, const char *key, double *out,
                             pct_error *error) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_NUMBER, value, error);
    *out = json_number_value(value);
    return PCT_OK;
}

pct_status pct_json_get_integer(const char *file, const json_t *object, const char *key, int64_t *out,
                                pct_error *error) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_WHOLE_NUMBER, value, error);
    *out = json_integer_value(value);
    return PCT_OK;
}

pct_json_writer pct_json_writer_init(pct_buffer *out) {
    return (pct_json_writer){.out = out};
}

/* The comma before the next value, where one belongs. */
static void separate(pct_json_writer *writer) {
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (writer->has_items[writer->depth]) (void)pct_buffer_append_byte(writer->out, ',');
    writer->has_items[writer->depth] = true;
}

static void begin(pct_json_writer *writer, unsigned char bracket) {
    separate(writer);
    (void)pct_buffer_append_byte(writer->out, bracket);
    if (PCT_NEVER(writer->depth + 1 >= PCT_JSON_DEPTH_MAX)) return;
    writer->has_items[++writer->depth] = false;
}

static void end(pct_json_writer *writer, unsigned char bracket) {
    (void)pct_buffer_append_byte(writer->out, bracket);
    if (PCT_NEVER(writer->depth == 0)) return;
    writer->depth--;
}

void pct_json_begin_object(pct_json_writer *writer) {
    begin(writer, '{');
}

void pct_json_end_object(pct_json_writer *writer) {
    end(writer, '}');
}

void pct_json_begin_array(pct_json_writer *writer) {
    begin(writer, '[');
}

void pct_json_end_array(pct_json_writer *writer) {
    end(writer, ']');
}

void pct_json_key(pct_json_writer *writer, const char *key) {
    pct_json_string(writer, key);
    (void)pct_buffer_append_byte(writer->out, ':');
    writer->after_key = true;
}

void pct_json_text(pct_json_writer *writer, pct_text text) {
    pct_buffer *out = writer->out;
    separate(writer);
    (void)pct_buffer_append_byte(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.chars[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        (void)pct_buffer_append(out, text.chars + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\') {
            (void)pct_buffer_append_byte(out, '\\');
            (void)pct_buffer_append_byte(out, c);
        } else if (c == '\n') {
            (void)pct_buffer_append_text(out, "\\n");
        } else {
            (void)pct_buffer_append_format(out, "\\u%04x", c);
        }
    }
    if (from < text.length) (void)pct_buffer_append(out, text.chars + from, text.length - from);
    (void)pct_buffer_append_byte(out, '"');
}

void pct_json_string(pct_json_writer *writer, const char *chars) {
    pct_json_text(writer, pct_text_of(chars));
}

/* Digits of a whole number, written backward from behind the last; gives the first. */
static char *digits_before(char *end, uint64_t value, int least) {
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    for (; value >= 100; value /= 100, least -= 2) {
        end -= 2;
        memcpy(end, pairs + value % 100 * 2, 2);
    }
    if (value >= 10) {
        end -= 2, least -= 2;
        memcpy(end, pairs + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
        least--;
    }
    while (least-- > 0) *--end = '0';
    return end;
}

/* A number of that many decimals, zeros at the end cut; gives the first of its characters, which end at `end`. */
static char *fixed_before(char **end, uint64_t value, int decimals, bool negative) {
    for (; decimals > 0 && value % 10 == 0; decimals--) value /= 10;
    char *at = *end;
    if (decimals > 0) {
        uint64_t unit = 1;
        for (int i = 0; i < decimals; i++) unit *= 10;
        at = digits_before(at, value % unit, decimals);
        *--at = '.';
        value /= unit;
    }
    at = digits_before(at, value, 1);
    if (negative) *--at = '-';
    return at;
}

enum { FIXED_CHARS = 40 };

static void append_fixed(pct_json_writer *writer, uint64_t value, int decimals, bool negative) {
    char digits[FIXED_CHARS], *end = digits + sizeof digits;
    char *begin = fixed_before(&end, value, decimals, negative && value > 0);
    separate(writer);
    (void)pct_buffer_append(writer->out, begin, (size_t)(end - begin));
}

void pct_json_integer(pct_json_writer *writer, int64_t value) {
    append_fixed(writer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 0, value < 0);
}

/* The value × 10^decimals as a whole number, when that is certain to be what printf rounds to: it is small enough for
 * the product's error to be known, and not near the middle between two. */
static bool scaled_of(double value, int decimals, uint64_t *out) {
    static const double powers[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    const double most = 68719476736.0, doubt = 1e-4; /* 2^36: an error of the product is below 2^-17 */
    if (decimals >= (int)(sizeof powers / sizeof *powers)) return false;
    double scaled = fabs(value) * powers[decimals], whole = floor(scaled), rest = scaled - whole;
    if (!(scaled < most) || fabs(rest - 0.5) < doubt) return false;
    *out = (uint64_t)whole + (rest > 0.5);
    return true;
}

void pct_json_real(pct_json_writer *writer, double value, int decimals) {
    enum { DECIMALS_MAX = 17 };
    char digits[352];
    uint64_t scaled;
    if (!isfinite(value)) {
        pct_json_null(writer);
        return;
    }
    if (PCT_NEVER(decimals < 0 || decimals > DECIMALS_MAX)) decimals = DECIMALS_MAX;
    if (scaled_of(value, decimals, &scaled)) {
        append_fixed(writer, scaled, decimals, value < 0.0);
        return;
    }
    int n = snprintf(digits, sizeof digits, "%.*f", decimals, value);
    if (decimals > 0) {
        while (n > 0 && digits[n - 1] == '0') n--;
        if (n > 0 && digits[n - 1] == '.') n--;
    }
    separate(writer);
    bool minus_zero = n == 2 && digits[0] == '-' && digits[1] == '0';
    (void)pct_buffer_append(writer->out, digits + minus_zero, (size_t)(n - minus_zero));
}

void pct_json_seconds(pct_json_writer *writer, const uint32_t *ms, size_t count) {
    enum { CELL_CHARS = 10, MS_PER_TENTH = 100 }; /* "429496.7" or "null", and a comma */
    pct_json_begin_array(writer);
    unsigned char *room = pct_buffer_extend(writer->out, count * CELL_CHARS);
    if (room) {
        char *to = (char *)room, cell[CELL_CHARS];
        for (size_t i = 0; i < count; i++) {
            if (i > 0) *to++ = ',';
            if (ms[i] == UINT32_MAX) {
                memcpy(to, "null", 4);
                to += 4;
                continue;
            }
            char *end = cell + sizeof cell;
            uint64_t tenths = ((uint64_t)ms[i] + MS_PER_TENTH / 2) / MS_PER_TENTH;
            const char *begin = fixed_before(&end, tenths, 1, false);
            size_t length = (size_t)(end - begin);
            memcpy(to, begin, length);
            to += length;
        }
        writer->out->length -= count * CELL_CHARS - (size_t)(to - (char *)room);
    }
    pct_json_end_array(writer);
}

void pct_json_bool(pct_json_writer *writer, bool value) {
    separate(writer);
    (void)pct_buffer_append_text(writer->out, value ? "true" : "false");
}

void pct_json_null(pct_json_writer *writer) {
    separate(writer);
    (void)pct_buffer_append_text(writer->out, "null");
}
