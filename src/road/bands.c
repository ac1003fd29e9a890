#include "road/bands.h"

#include <string.h>

#include "base/csv.h"
#include "base/text.h"

enum { HOURS = 24, WEEKDAYS = 7, NO_BAND = 255, WORKDAYS = 0x1F, WEEKEND = 0x60, EVERY_DAY = 0x7F };

typedef struct columns {
    int band, days, from_hour, to_hour, name_zh, name_en;
} columns;

static pct_status find_columns(const pct_csv *csv, columns *c, pct_error *error) {
    struct {
        const char *name;
        int *column;
    } const wanted[] = {{"band", &c->band},       {"days", &c->days},       {"from_hour", &c->from_hour},
                        {"to_hour", &c->to_hour}, {"name_zh", &c->name_zh}, {"name_en", &c->name_en}};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !status; i++)
        status = pct_csv_column(csv, wanted[i].name, wanted[i].column, error);
    return status;
}

/* A bit for each weekday, Monday the lowest; 0 when the text is none of ours. */
static unsigned days_of(pct_text text) {
    static const char *const names[WEEKDAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    pct_text item;
    unsigned days = 0;
    if (pct_text_equal(text, "workday")) return WORKDAYS;
    if (pct_text_equal(text, "weekend")) return WEEKEND;
    if (pct_text_equal(text, "every")) return EVERY_DAY;
    while (pct_text_next(&text, ';', &item)) {
        unsigned day = 0;
        for (int d = 0; d < WEEKDAYS; d++)
            if (pct_text_equal(pct_text_trim(item), names[d])) day = 1U << d;
        if (!day) return 0;
        days |= day;
    }
    return days;
}

static pct_status take_text(const pct_csv *csv, int column, char out[PCT_BAND_NAME_MAX], pct_error *error) {
    pct_text text = pct_text_trim(pct_csv_text(csv, column));
    if (text.length == 0 || text.length >= PCT_BAND_NAME_MAX || !pct_text_is_utf8(text))
        return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_BAND_NAME, error);
    memcpy(out, text.chars, text.length);
    out[text.length] = '\0';
    return PCT_OK;
}

/* The band of a row, made if it is new; a band has the same names wherever it stands. */
static pct_status take_band(const pct_csv *csv, const columns *c, pct_bands *bands, int *out,
                            pct_error *error) {
    pct_band band = {.hours = 0};
    pct_status status = take_text(csv, c->band, band.code, error);
    if (!status) status = take_text(csv, c->name_zh, band.name_zh, error);
    if (!status) status = take_text(csv, c->name_en, band.name_en, error);
    if (status) return status;
    *out = pct_bands_named(bands, pct_text_of(band.code));
    if (*out >= 0) {
        const pct_band *known = &bands->items[*out];
        bool same = strcmp(known->name_zh, band.name_zh) == 0 && strcmp(known->name_en, band.name_en) == 0;
        return same ? PCT_OK : pct_csv_unexpected(csv, c->band, PCT_MSG_EXPECTED_BAND_SAME_NAMES, error);
    }
    if (bands->count == PCT_BANDS_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_BANDS_TOO_MANY, pct_str(csv->file), pct_int(csv->line),
                        pct_int(PCT_BANDS_MAX));
    *out = bands->count++;
    bands->items[*out] = band;
    return PCT_OK;
}

static pct_status take_row(const pct_csv *csv, const columns *c, pct_bands *bands, pct_error *error) {
    int64_t from, to;
    int band = 0;
    unsigned days = days_of(pct_text_trim(pct_csv_text(csv, c->days)));
    pct_status status = take_band(csv, c, bands, &band, error);
    if (!status && !days) status = pct_csv_unexpected(csv, c->days, PCT_MSG_EXPECTED_BAND_DAYS, error);
    if (!status) status = pct_csv_integer(csv, c->from_hour, 0, HOURS - 1, &from, error);
    if (!status) status = pct_csv_integer(csv, c->to_hour, from + 1, HOURS, &to, error);
    if (status) return status;
    for (int day = 0; day < WEEKDAYS; day++)
        for (int64_t hour = from; hour < to && (days >> day & 1); hour++) {
            uint8_t *of_hour = &bands->of_hour[day * HOURS + hour];
            if (*of_hour != NO_BAND)
                return PCT_FAIL(error, PCT_INPUT, PCT_MSG_BANDS_TWICE, pct_str(csv->file), pct_int(csv->line),
                                pct_int(day + 1), pct_int(hour), pct_str(bands->items[*of_hour].code),
                                pct_str(bands->items[band].code));
            *of_hour = (uint8_t)band;
            bands->items[band].hours++;
        }
    return PCT_OK;
}

static pct_status check_whole(const char *file, const pct_bands *bands, pct_error *error) {
    for (int i = 0; i < PCT_WEEK_HOURS; i++)
        if (bands->of_hour[i] == NO_BAND)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_BANDS_HOLE, pct_str(file), pct_int(i / HOURS + 1),
                            pct_int(i % HOURS));
    return PCT_OK;
}

pct_status pct_bands_read(const char *file, pct_text bytes, pct_bands *out, pct_error *error) {
    pct_csv csv;
    columns c;
    pct_bands bands = {.count = 0};
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    memset(bands.of_hour, NO_BAND, sizeof bands.of_hour);
    status = find_columns(&csv, &c, error);
    for (bool more = true; !status;) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        status = take_row(&csv, &c, &bands, error);
    }
    if (!status) status = check_whole(file, &bands, error);
    pct_csv_close(&csv);
    if (!status) *out = bands;
    return status;
}

int pct_bands_at(const pct_bands *bands, const pct_zone *zone, int64_t utc_ms) {
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(zone, utc_ms, &offset_s);
    int weekday = pct_weekday_of_days(pct_days_of_date(local.year, local.month, local.day));
    return bands->of_hour[(weekday - 1) * HOURS + local.hour];
}

int pct_bands_named(const pct_bands *bands, pct_text code) {
    for (int b = 0; b < bands->count; b++)
        if (pct_text_equal(code, bands->items[b].code)) return b;
    return -1;
}
