/* Reading units.csv. O(bytes); a unit's name is interned to find it a second time. */
#include "dispatch/units_csv.h"

#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "base/vector.h"

enum { TEXT_BYTES_MAX = 64 << 20, CREW_MAX = 1000, NAME_BYTES_MAX = 64 };

#define COLUMNS(X)                                                                                           \
    X(unit)                                                                                                  \
    X(station)                                                                                               \
    X(lon)                                                                                                   \
    X(lat)                                                                                                   \
    X(kind)                                                                                                  \
    X(capabilities)                                                                                          \
    X(officers)                                                                                              \
    X(auxiliaries)                                                                                           \
    X(shift_start)                                                                                           \
    X(shift_end)

enum {
#define X(name) COLUMN_##name,
    COLUMNS(X)
#undef X
        COLUMN_COUNT
};

static const char *const column_names[] = {
#define X(name) #name,
    COLUMNS(X)
#undef X
};

typedef struct reader {
    pct_csv csv;
    int columns[COLUMN_COUNT];
    json_t *mapping;      /* the whole document; NULL: none */
    const json_t *values; /* by our column name, source value → ours; NULL: none */
    const pct_codes *codes;
    pct_names names;
    pct_vector rows;
    pct_arena *arena;
} reader;

/* --- mapping --------------------------------------------------------------------------------------------------- */

static pct_status check_texts(const char *file, const char *path, const json_t *object, pct_error *error) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (!json_is_string(value))
            return pct_json_unexpected(file, path, PCT_MSG_EXPECTED_TEXTS, value, error);
    }
    return PCT_OK;
}

static pct_status read_mapping(reader *r, const char *file, pct_text bytes, const json_t **columns,
                               pct_error *error) {
    *columns = NULL;
    if (bytes.length == 0) return PCT_OK;
    pct_status status = pct_json_parse(file, bytes, &r->mapping, error);
    if (status) return status;
    const json_t *units = json_object_get(r->mapping, "units");
    if (!units) return PCT_OK;
    if (!json_is_object(units))
        return pct_json_unexpected(file, "units", PCT_MSG_EXPECTED_OBJECT, units, error);
    *columns = json_object_get(units, "columns");
    r->values = json_object_get(units, "values");
    if (*columns && !json_is_object(*columns))
        return pct_json_unexpected(file, "units.columns", PCT_MSG_EXPECTED_OBJECT, *columns, error);
    if (r->values && !json_is_object(r->values))
        return pct_json_unexpected(file, "units.values", PCT_MSG_EXPECTED_OBJECT, r->values, error);
    status = check_texts(file, "units.columns", *columns, error);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)r->values, key, value) {
        if (!json_is_object(value))
            return pct_json_unexpected(file, "units.values", PCT_MSG_EXPECTED_OBJECTS, value, error);
        if (!status) status = check_texts(file, "units.values", value, error);
    }
    return status;
}

/* The field, in our spelling where the mapping has one. */
static pct_text field(const reader *r, int column) {
    pct_text text = pct_text_trim(pct_csv_text(&r->csv, r->columns[column]));
    const json_t *ours = r->values ? json_object_get(r->values, column_names[column]) : NULL;
    const json_t *value = ours ? json_object_getn(ours, text.chars, text.length) : NULL;
    return value ? (pct_text){json_string_value(value), json_string_length(value)} : text;
}

/* --- values ---------------------------------------------------------------------------------------------------- */

static pct_status unexpected(const reader *r, int column, pct_message expected, pct_error *error) {
    return pct_csv_unexpected(&r->csv, r->columns[column], expected, error);
}

static pct_status read_text(reader *r, int column, pct_text *out, pct_error *error) {
    pct_text text = field(r, column);
    if (text.length == 0 || text.length > NAME_BYTES_MAX)
        return unexpected(r, column, PCT_MSG_EXPECTED_UNIT_NAME, error);
    char *copy = pct_arena_text(r->arena, text.chars, text.length);
    if (!copy) return pct_error_memory(error, text.length);
    *out = (pct_text){copy, text.length};
    return PCT_OK;
}

static pct_status read_crew(const reader *r, int column, uint16_t *out, pct_error *error) {
    int64_t count;
    if (!pct_text_to_integer(field(r, column), &count) || count < 0 || count > CREW_MAX)
        return unexpected(r, column, PCT_MSG_EXPECTED_CREW, error);
    *out = (uint16_t)count;
    return PCT_OK;
}

static bool digit_pair(const char *s, int *out) {
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9') return false;
    *out = (s[0] - '0') * 10 + (s[1] - '0');
    return true;
}

/* HH:MM as minutes of the day in [min, max]. */
static pct_status read_time(const reader *r, int column, int min, int max, pct_message expected,
                            uint16_t *out, pct_error *error) {
    pct_text text = field(r, column);
    int hours, minutes;
    if (text.length != 5 || text.chars[2] != ':' || !digit_pair(text.chars, &hours) ||
        !digit_pair(text.chars + 3, &minutes) || minutes > 59 || hours * 60 + minutes < min ||
        hours * 60 + minutes > max)
        return unexpected(r, column, expected, error);
    *out = (uint16_t)(hours * 60 + minutes);
    return PCT_OK;
}

static pct_status read_position(const reader *r, pct_position *out, pct_error *error) {
    double lon, lat;
    if (!pct_text_to_real(field(r, COLUMN_lon), &lon) || lon < -180 || lon > 180)
        return unexpected(r, COLUMN_lon, PCT_MSG_EXPECTED_LON, error);
    if (!pct_text_to_real(field(r, COLUMN_lat), &lat) || !pct_position_from_degrees(lon, lat, out))
        return unexpected(r, COLUMN_lat, PCT_MSG_EXPECTED_LAT, error);
    return PCT_OK;
}

static pct_status read_codes(const reader *r, pct_unit_row *row, pct_error *error) {
    pct_text kind = field(r, COLUMN_kind), unknown;
    row->kind = pct_codes_unit_kind(r->codes, kind);
    if (row->kind == PCT_NO_CODE)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_UNITS_KIND, pct_str(r->csv.file), pct_int(r->csv.line),
                        pct_view(row->name), pct_view(kind));
    if (!pct_codes_capability_set(r->codes, field(r, COLUMN_capabilities), &row->capabilities, &unknown))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_UNITS_CAPABILITY, pct_str(r->csv.file),
                        pct_int(r->csv.line), pct_view(row->name), pct_view(unknown));
    return PCT_OK;
}

static pct_status check_name(reader *r, pct_text name, pct_error *error) {
    uint32_t number;
    size_t before = r->names.length;
    pct_status status = pct_names_add(&r->names, name, &number);
    if (status == PCT_MEMORY) return pct_error_memory(error, name.length);
    if (status)
        return PCT_FAIL(error, status, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_UNITS),
                        pct_int(PCT_UNITS_MAX));
    if (r->names.length > before) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_UNITS_TWICE, pct_str(r->csv.file), pct_int(r->csv.line),
                    pct_view(name));
}

static pct_status read_row(reader *r, pct_error *error) {
    pct_unit_row *row = pct_vector_push(&r->rows);
    if (!row) return pct_vector_failed(&r->rows, PCT_MSG_WHAT_UNITS, error);
    pct_status status = read_text(r, COLUMN_unit, &row->name, error);
    if (!status) status = check_name(r, row->name, error);
    if (!status) status = read_text(r, COLUMN_station, &row->station, error);
    if (!status) status = read_position(r, &row->position, error);
    if (!status) status = read_codes(r, row, error);
    if (!status) status = read_crew(r, COLUMN_officers, &row->officers, error);
    if (!status) status = read_crew(r, COLUMN_auxiliaries, &row->auxiliaries, error);
    if (!status)
        status = read_time(r, COLUMN_shift_start, 0, PCT_DAY_MINUTES - 1, PCT_MSG_EXPECTED_SHIFT_START,
                           &row->shift_start_min, error);
    if (!status)
        status = read_time(r, COLUMN_shift_end, 0, PCT_DAY_MINUTES, PCT_MSG_EXPECTED_SHIFT_END,
                           &row->shift_end_min, error);
    if (!status && row->shift_start_min == row->shift_end_min)
        status = unexpected(r, COLUMN_shift_end, PCT_MSG_EXPECTED_OTHER_TIME, error);
    return status;
}

pct_status pct_units_read(const char *file, pct_text bytes, const char *mapping_file, pct_text mapping,
                          const pct_codes *codes, pct_units *out, pct_error *error) {
    reader r = {.codes = codes,
                .names = pct_names_init(PCT_UNITS_MAX, TEXT_BYTES_MAX),
                .rows = pct_vector_init(sizeof(pct_unit_row), PCT_UNITS_MAX)};
    const json_t *columns;
    bool more = true;
    *out = (pct_units){.arena = pct_arena_init(TEXT_BYTES_MAX)};
    r.arena = &out->arena;
    pct_status status = pct_csv_open(&r.csv, file, bytes, error);
    if (status) return status;
    status = read_mapping(&r, mapping_file, mapping, &columns, error);
    for (int i = 0; i < COLUMN_COUNT && !status; i++) {
        const json_t *theirs = columns ? json_object_get(columns, column_names[i]) : NULL;
        status = pct_csv_column(&r.csv, theirs ? json_string_value(theirs) : column_names[i], &r.columns[i],
                                error);
    }
    while (!status && (status = pct_csv_next(&r.csv, &more, error)) == PCT_OK && more)
        status = read_row(&r, error);
    if (!status) {
        out->count = r.rows.length;
        out->rows = pct_vector_take(&r.rows);
    } else {
        pct_units_dispose(out);
    }
    json_decref(r.mapping);
    pct_names_dispose(&r.names);
    pct_vector_dispose(&r.rows);
    pct_csv_close(&r.csv);
    return status;
}

void pct_units_dispose(pct_units *units) {
    pct_free(units->rows);
    pct_arena_dispose(&units->arena);
    *units = (pct_units){0};
}

bool pct_unit_row_on_shift(const pct_unit_row *row, uint32_t minute_of_day) {
    if (row->shift_start_min < row->shift_end_min)
        return minute_of_day >= row->shift_start_min && minute_of_day < row->shift_end_min;
    return minute_of_day >= row->shift_start_min || minute_of_day < row->shift_end_min;
}
