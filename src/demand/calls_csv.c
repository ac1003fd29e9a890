#include "demand/calls_csv.h"

#include <string.h>

#include "base/csv.h"
#include "base/map.h"
#include "base/text.h"

enum { CALL_TEXT_BYTES_MAX = 1 << 30 };

enum { ID, TIME, TYPE, PRIORITY, LON, LAT, ADDRESS, COLUMN_COUNT };
static const char *const column_names[COLUMN_COUNT] = {"call_id", "time_local", "type",   "priority",
                                                       "lon",     "lat",        "address"};

typedef struct reading {
    pct_csv csv;
    int columns[COLUMN_COUNT];
    const json_t *values[COLUMN_COUNT]; /* the source's spellings of a column's values, or NULL */
    pct_names ids;
    pct_call_list *out;
} reading;

/* Days since 1970-01-01 of a civil date (after H. Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int *month, int *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

static int days_in_month(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Takes exactly `digits` digits off *text. */
static bool take_digits(pct_text *text, size_t digits, int *out) {
    if (text->length < digits) return false;
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        char c = text->chars[i];
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    *text = (pct_text){text->chars + digits, text->length - digits};
    *out = value;
    return true;
}

static bool take_char(pct_text *text, const char *any_of) {
    if (text->length == 0 || !strchr(any_of, text->chars[0])) return false;
    *text = (pct_text){text->chars + 1, text->length - 1};
    return true;
}

/* ":SS", then ".f…": milliseconds are kept, further digits passed over. */
static bool take_seconds(pct_text *text, int *second, int *ms) {
    *second = *ms = 0;
    if (text->length == 0) return true;
    if (!take_char(text, ":") || !take_digits(text, 2, second)) return false;
    if (text->length == 0) return true;
    if (!take_char(text, ".") || text->length == 0) return false;
    for (int scale = 100; text->length > 0; scale /= 10) {
        int digit;
        if (!take_digits(text, 1, &digit)) return false;
        *ms += digit * scale;
    }
    return true;
}

bool pct_local_time_from_text(pct_text text, int64_t *time_local_ms) {
    int year, month, day, hour, minute, second, ms;
    bool read = take_digits(&text, 4, &year) && take_char(&text, "-") && take_digits(&text, 2, &month) &&
                take_char(&text, "-") && take_digits(&text, 2, &day) && take_char(&text, "T ") &&
                take_digits(&text, 2, &hour) && take_char(&text, ":") && take_digits(&text, 2, &minute) &&
                take_seconds(&text, &second, &ms);
    if (!read || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *time_local_ms = seconds * 1000 + ms;
    return true;
}

void pct_local_time_append(int64_t time_local_ms, pct_buffer *out) {
    int64_t seconds = time_local_ms / 1000 - (time_local_ms % 1000 < 0);
    int64_t days = seconds / 86400 - (seconds % 86400 < 0), year;
    int month, day, of_day = (int)(seconds - days * 86400);
    civil_from_days(days, &year, &month, &day);
    (void)pct_buffer_append_format(out, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)year, month, day,
                                   of_day / 3600, of_day / 60 % 60, of_day % 60);
}

void pct_csv_field_append(pct_text field, pct_buffer *out) {
    bool plain = true;
    for (size_t i = 0; i < field.length && plain; i++) plain = !strchr("\",\r\n", field.chars[i]);
    if (plain) {
        (void)pct_buffer_append(out, field.chars, field.length);
        return;
    }
    (void)pct_buffer_append_byte(out, '"');
    for (size_t i = 0; i < field.length; i++) {
        if (field.chars[i] == '"') (void)pct_buffer_append_byte(out, '"');
        (void)pct_buffer_append_byte(out, (unsigned char)field.chars[i]);
    }
    (void)pct_buffer_append_byte(out, '"');
}

static pct_status member_object(const char *file, const json_t *object, const char *key, const json_t **out,
                                pct_error *error) {
    *out = json_object_get(object, key);
    if (!*out || json_is_object(*out)) return PCT_OK;
    return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_OBJECT, *out, error);
}

static pct_status find_columns(reading *r, const char *mapping_file, const json_t *mapping,
                               pct_error *error) {
    const json_t *calls, *columns, *values;
    pct_status status = member_object(mapping_file, mapping, "calls", &calls, error);
    if (status) return status;
    status = member_object(mapping_file, calls, "columns", &columns, error);
    if (status) return status;
    status = member_object(mapping_file, calls, "values", &values, error);
    if (status) return status;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const json_t *theirs = json_object_get(columns, column_names[i]);
        if (theirs && !json_is_string(theirs))
            return pct_json_unexpected(mapping_file, column_names[i], PCT_MSG_EXPECTED_COLUMN_NAME, theirs,
                                       error);
        const char *name = theirs ? json_string_value(theirs) : column_names[i];
        if (i == ADDRESS && !theirs)
            r->columns[i] = pct_csv_find(&r->csv, name);
        else if ((status = pct_csv_column(&r->csv, name, &r->columns[i], error)))
            return status;
        status = member_object(mapping_file, values, column_names[i], &r->values[i], error);
        if (status) return status;
    }
    return PCT_OK;
}

/* The field after the mapping of values; a mapped integer is allowed, it is given as its digit. */
static pct_text mapped(const reading *r, int column) {
    static const char digits[] = "0123456789";
    pct_text field = pct_text_trim(pct_csv_text(&r->csv, r->columns[column]));
    if (!r->values[column]) return field;
    const json_t *ours = json_object_getn(r->values[column], field.chars, field.length);
    if (json_is_string(ours)) return (pct_text){json_string_value(ours), json_string_length(ours)};
    if (json_is_integer(ours) && json_integer_value(ours) >= 0 && json_integer_value(ours) <= 9)
        return (pct_text){digits + json_integer_value(ours), 1};
    return field;
}

static pct_status read_priority(const reading *r, uint8_t *priority, pct_error *error) {
    pct_text text = mapped(r, PRIORITY);
    if (text.length != 1 || text.chars[0] < '1' || text.chars[0] > '4')
        return pct_csv_unexpected(&r->csv, r->columns[PRIORITY], PCT_MSG_EXPECTED_PRIORITY, error);
    *priority = (uint8_t)(text.chars[0] - '0');
    return PCT_OK;
}

/* Ids are numbered in order, so that the number of an id met before is its record. */
static pct_status check_id(reading *r, pct_text id, pct_error *error) {
    uint32_t number, here = (uint32_t)r->out->records.length - 1;
    if (id.length == 0) return pct_csv_unexpected(&r->csv, r->columns[ID], PCT_MSG_EXPECTED_ID, error);
    pct_status status = pct_names_add(&r->ids, id, &number);
    if (status) return pct_error_memory(error, id.length);
    if (number == here) return PCT_OK;
    const pct_call_record *records = r->out->records.items;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CALL_ID_TWICE, pct_str(r->csv.file), pct_int(r->csv.line),
                    pct_view(id), pct_int(records[number].line));
}

static pct_status read_position(const reading *r, pct_position *position, pct_error *error) {
    double lon_deg, lat_deg;
    pct_status status = pct_csv_real(&r->csv, r->columns[LON], -180.0, 180.0, &lon_deg, error);
    if (status) return status;
    status = pct_csv_real(&r->csv, r->columns[LAT], -90.0, 90.0, &lat_deg, error);
    if (status) return status;
    (void)pct_position_from_degrees(lon_deg, lat_deg, position);
    return PCT_OK;
}

static pct_status keep(reading *r, pct_text text, pct_text *out, pct_error *error) {
    char *copy = pct_arena_text(&r->out->arena, text.chars, text.length);
    if (!copy) return pct_error_memory(error, text.length);
    *out = (pct_text){copy, text.length};
    return PCT_OK;
}

static pct_status read_row(reading *r, pct_error *error) {
    pct_call_record *record = pct_vector_push(&r->out->records);
    if (!record) return pct_vector_failed(&r->out->records, PCT_MSG_WHAT_CALLS, error);
    record->line = r->csv.line;
    pct_text id = pct_text_trim(pct_csv_text(&r->csv, r->columns[ID]));
    pct_status status = check_id(r, id, error);
    if (status) return status;
    if (!pct_local_time_from_text(mapped(r, TIME), &record->time_local_ms))
        return pct_csv_unexpected(&r->csv, r->columns[TIME], PCT_MSG_EXPECTED_LOCAL_TIME, error);
    pct_text type = mapped(r, TYPE);
    if (type.length == 0)
        return pct_csv_unexpected(&r->csv, r->columns[TYPE], PCT_MSG_EXPECTED_INCIDENT_TYPE, error);
    status = read_priority(r, &record->priority, error);
    if (status) return status;
    status = read_position(r, &record->position, error);
    if (status) return status;
    status = keep(r, id, &record->id, error);
    if (status) return status;
    status = keep(r, type, &record->type, error);
    if (status) return status;
    return keep(r, mapped(r, ADDRESS), &record->address, error);
}

pct_status pct_calls_read(const char *file, pct_text bytes, const char *mapping_file, const json_t *mapping,
                          pct_call_list *out, pct_error *error) {
    bool more = true;
    *out = (pct_call_list){.records = pct_vector_init(sizeof(pct_call_record), PCT_CALLS_MAX),
                           .arena = pct_arena_init(CALL_TEXT_BYTES_MAX)};
    reading r = {.ids = pct_names_init(PCT_CALLS_MAX, CALL_TEXT_BYTES_MAX), .out = out};
    pct_status status = pct_csv_open(&r.csv, file, bytes, error);
    if (status) return status;
    status = find_columns(&r, mapping_file, mapping, error);
    while (status == PCT_OK && (status = pct_csv_next(&r.csv, &more, error)) == PCT_OK && more)
        status = read_row(&r, error);
    pct_csv_close(&r.csv);
    pct_names_dispose(&r.ids);
    if (status) pct_calls_dispose(out);
    return status;
}

void pct_calls_dispose(pct_call_list *calls) {
    pct_vector_dispose(&calls->records);
    pct_arena_dispose(&calls->arena);
}

static void append_degrees(int32_t e7, pct_buffer *out) {
    int64_t size = e7 < 0 ? -(int64_t)e7 : e7;
    (void)pct_buffer_append_format(out, "%s%lld.%07lld", e7 < 0 ? "-" : "", (long long)(size / 10000000),
                                   (long long)(size % 10000000));
}

void pct_calls_write(const pct_call_record *records, size_t count, pct_buffer *out) {
    (void)pct_buffer_append_text(out, "call_id,time_local,type,priority,lon,lat,address\n");
    for (size_t i = 0; i < count; i++) {
        const pct_call_record *call = &records[i];
        pct_csv_field_append(call->id, out);
        (void)pct_buffer_append_byte(out, ',');
        pct_local_time_append(call->time_local_ms, out);
        (void)pct_buffer_append_byte(out, ',');
        pct_csv_field_append(call->type, out);
        (void)pct_buffer_append_format(out, ",%d,", call->priority);
        append_degrees(call->position.lon_e7, out);
        (void)pct_buffer_append_byte(out, ',');
        append_degrees(call->position.lat_e7, out);
        (void)pct_buffer_append_byte(out, ',');
        pct_csv_field_append(call->address, out);
        (void)pct_buffer_append_byte(out, '\n');
    }
}
