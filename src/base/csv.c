#include "base/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

enum { ROW_BYTES_MAX = 4 << 20 };

/* Reads a quoted field behind its opening quote; doubled quotes become one. */
static pct_status quoted_field(pct_csv *csv, pct_text *field, pct_error *error) {
    const char *s = csv->rest.chars, *end = s + csv->rest.length;
    const char *start = ++s;
    size_t doubled = 0;
    for (; s < end; s++) {
        if (*s == '\n') csv->next_line++;
        if (*s != '"') continue;
        if (s + 1 < end && s[1] == '"')
            s++, doubled++;
        else
            break;
    }
    bool closed = s < end && (s + 1 == end || s[1] == ',' || s[1] == '\n' ||
                              (s[1] == '\r' && (s + 2 == end || s[2] == '\n')));
    if (!closed) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_QUOTE, pct_str(csv->file), pct_int(csv->line));
    *field = (pct_text){start, (size_t)(s - start)};
    csv->rest = (pct_text){s + 1, (size_t)(end - s - 1)};
    if (doubled == 0) return PCT_OK;
    char *plain = pct_arena_alloc(&csv->arena, field->length - doubled, 1);
    if (!plain) return pct_error_memory(error, field->length);
    size_t n = 0;
    for (const char *q = start; q < s; q++) {
        plain[n++] = *q;
        if (*q == '"') q++;
    }
    *field = (pct_text){plain, n};
    return PCT_OK;
}

static void plain_field(pct_csv *csv, pct_text *field) {
    size_t n = 0;
    while (n < csv->rest.length && csv->rest.chars[n] != ',' && csv->rest.chars[n] != '\n') n++;
    *field = (pct_text){csv->rest.chars, n};
    csv->rest = (pct_text){csv->rest.chars + n, csv->rest.length - n};
    if (n > 0 && field->chars[n - 1] == '\r') field->length--;
}

/* Splits one row; *ended tells that the text was used up before it. */
static pct_status split_row(pct_csv *csv, pct_text *fields, int *count, bool *ended, pct_error *error) {
    while (csv->rest.length > 0 && (csv->rest.chars[0] == '\n' || csv->rest.chars[0] == '\r')) {
        if (csv->rest.chars[0] == '\n') csv->next_line++;
        csv->rest = (pct_text){csv->rest.chars + 1, csv->rest.length - 1};
    }
    csv->line = csv->next_line;
    *ended = csv->rest.length == 0;
    *count = 0;
    for (bool more = !*ended; more;) {
        pct_text field = {"", 0};
        if (csv->rest.length > 0 && csv->rest.chars[0] == '"') {
            pct_status status = quoted_field(csv, &field, error);
            if (status) return status;
            if (csv->rest.length > 0 && csv->rest.chars[0] == '\r')
                csv->rest = (pct_text){csv->rest.chars + 1, csv->rest.length - 1};
        } else {
            plain_field(csv, &field);
        }
        if (!pct_text_is_utf8(field))
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_UTF8_INVALID, pct_str(csv->file), pct_int(csv->line));
        if (*count < PCT_CSV_COLUMNS_MAX) fields[*count] = field;
        (*count)++;
        more = csv->rest.length > 0 && csv->rest.chars[0] == ',';
        if (csv->rest.length > 0) {
            if (!more) csv->next_line++;
            csv->rest = (pct_text){csv->rest.chars + 1, csv->rest.length - 1};
        }
    }
    return PCT_OK;
}

static pct_status read_header(pct_csv *csv, pct_error *error) {
    pct_text names[PCT_CSV_COLUMNS_MAX];
    bool ended;
    pct_status status = split_row(csv, names, &csv->column_count, &ended, error);
    if (status) return status;
    if (ended) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_EMPTY, pct_str(csv->file));
    if (csv->column_count > PCT_CSV_COLUMNS_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_COLUMNS),
                        pct_int(PCT_CSV_COLUMNS_MAX));
    csv->names = pct_alloc((size_t)csv->column_count, 2 * sizeof *csv->names);
    if (!csv->names) return pct_error_memory(error, (size_t)csv->column_count * 2 * sizeof *csv->names);
    csv->fields = csv->names + csv->column_count;
    for (int i = 0; i < csv->column_count; i++) {
        csv->names[i] = pct_text_trim(names[i]);
        for (int j = 0; j < i; j++)
            if (pct_text_same(csv->names[i], csv->names[j]))
                return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_COLUMN_TWICE, pct_str(csv->file),
                                pct_view(csv->names[i]));
    }
    csv->header_arena = csv->arena;
    csv->arena = pct_arena_init(ROW_BYTES_MAX);
    return PCT_OK;
}

pct_status pct_csv_open(pct_csv *csv, const char *file, pct_text bytes, pct_error *error) {
    *csv = (pct_csv){.file = file, .rest = bytes, .next_line = 1, .arena = pct_arena_init(ROW_BYTES_MAX)};
    if (bytes.length >= 3 && memcmp(bytes.chars, "\xEF\xBB\xBF", 3) == 0)
        csv->rest = (pct_text){bytes.chars + 3, bytes.length - 3};
    pct_status status = read_header(csv, error);
    if (status) pct_csv_close(csv);
    return status;
}

void pct_csv_close(pct_csv *csv) {
    pct_free(csv->names);
    pct_arena_dispose(&csv->header_arena);
    pct_arena_dispose(&csv->arena);
    csv->names = csv->fields = NULL;
    csv->column_count = 0;
}

int pct_csv_find(const pct_csv *csv, const char *name) {
    for (int i = 0; i < csv->column_count; i++)
        if (pct_text_equal(csv->names[i], name)) return i;
    return -1;
}

pct_status pct_csv_column(const pct_csv *csv, const char *name, int *out, pct_error *error) {
    *out = pct_csv_find(csv, name);
    if (*out >= 0) return PCT_OK;
    pct_buffer found = pct_buffer_init(PCT_ERROR_TEXT);
    for (int i = 0; i < csv->column_count; i++) {
        if (i > 0) (void)pct_buffer_append_text(&found, ", ");
        (void)pct_buffer_append(&found, csv->names[i].chars, csv->names[i].length);
    }
    pct_text list = {(const char *)found.bytes, found.length};
    pct_status status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_COLUMN_MISSING, pct_str(csv->file),
                                 pct_str(name), pct_view(list));
    pct_buffer_dispose(&found);
    return status;
}

pct_status pct_csv_next(pct_csv *csv, bool *more, pct_error *error) {
    pct_text fields[PCT_CSV_COLUMNS_MAX];
    bool ended;
    pct_arena_reset(&csv->arena);
    *more = false;
    pct_status status = split_row(csv, fields, &csv->field_count, &ended, error);
    if (status || ended) return status;
    if (csv->field_count != csv->column_count)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_FIELDS, pct_str(csv->file), pct_int(csv->line),
                        pct_int(csv->column_count), pct_int(csv->field_count));
    memcpy(csv->fields, fields, (size_t)csv->column_count * sizeof *fields);
    *more = true;
    return PCT_OK;
}

pct_text pct_csv_text(const pct_csv *csv, int column) {
    return column < 0 ? (pct_text){"", 0} : csv->fields[column];
}

pct_status pct_csv_unexpected(const pct_csv *csv, int column, pct_message expected, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_VALUE, pct_str(csv->file), pct_int(csv->line),
                    pct_view(csv->names[column]), pct_phrase(expected), pct_view(pct_csv_text(csv, column)));
}

static pct_status out_of_range(const pct_csv *csv, int column, pct_message message, pct_param min,
                               pct_param max, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, message, pct_str(csv->file), pct_int(csv->line),
                    pct_view(csv->names[column]), min, max, pct_view(pct_csv_text(csv, column)));
}

/* A bound with all its digits: six are shown of a real number. */
static pct_param bound(double value) {
    const double exact_max = 1e15;
    bool whole = value >= -exact_max && value <= exact_max && value == (double)(int64_t)value;
    return whole ? pct_int((int64_t)value) : pct_real(value);
}

pct_status pct_csv_real(const pct_csv *csv, int column, double min, double max, double *out,
                        pct_error *error) {
    double value;
    if (pct_text_to_real(pct_text_trim(pct_csv_text(csv, column)), &value) && value >= min && value <= max) {
        *out = value;
        return PCT_OK;
    }
    return out_of_range(csv, column, PCT_MSG_CSV_RANGE, bound(min), bound(max), error);
}

pct_status pct_csv_integer(const pct_csv *csv, int column, int64_t min, int64_t max, int64_t *out,
                           pct_error *error) {
    int64_t value;
    if (pct_text_to_integer(pct_text_trim(pct_csv_text(csv, column)), &value) && value >= min &&
        value <= max) {
        *out = value;
        return PCT_OK;
    }
    return out_of_range(csv, column, PCT_MSG_CSV_RANGE_WHOLE, pct_int(min), pct_int(max), error);
}
