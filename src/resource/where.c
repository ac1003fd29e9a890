/* Where and when calls rise, and units' time by area beside calls: the sheets of `precinct patrol where` and `patrol time` over HTTP. Each
 * request reads the record by a connection of its own, aside: a year of calls is read, and nobody waits for it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "resource/area_calls.h"
#include "resource/board_json.h"
#include "resource/rising.h"

enum { HOUR_MS = 3600000 };

static pct_status refuse(pct_exchange *x, const char *field, pct_message message, pct_text value,
                         pct_error *error) {
    (void)snprintf(x->field, sizeof x->field, "%s", field);
    return PCT_FAIL(error, PCT_INPUT, message, pct_view(value));
}

static pct_status day_of(pct_exchange *x, int64_t *day, char name[16], pct_error *error) {
    pct_text text = pct_exchange_query(x, "on");
    int32_t offset_s;
    char whole[32];
    pct_civil civil = pct_zone_to_local(&x->service->site->zone, x->now_ms, &offset_s);
    if (text.chars) {
        pct_time time;
        (void)snprintf(whole, sizeof whole, "%.*sT00:00", (int)(text.length < 16 ? text.length : 16),
                       text.chars);
        if (!pct_time_parse(pct_text_of(whole), &time) || time.has_offset)
            return refuse(x, "on", PCT_MSG_WHERE_DAY, text, error);
        civil = time.civil;
    }
    *day = pct_days_of_date(civil.year, civil.month, civil.day);
    (void)snprintf(name, 16, "%04d-%02d-%02d", (int)(civil.year % 10000), civil.month, civil.day);
    return PCT_OK;
}

static void write_real(pct_json_writer *json, const char *key, double value, int decimals) {
    pct_json_key(json, key);
    pct_json_real(json, isinf(value) ? NAN : value, decimals);
}

static void write_integer(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void write_hour(pct_json_writer *json, const char *key, int hour) {
    char text[16];
    (void)snprintf(text, sizeof text, "%02d:00", hour);
    pct_json_text_member(json, key, pct_text_of(text));
}

static void write_cell(pct_json_writer *json, const pct_beats *beats, const pct_rising_cell *cell) {
    pct_json_begin_object(json);
    pct_json_text_member(json, "area", pct_beats_name(beats, cell->area));
    write_hour(json, "from", cell->block * PCT_RISING_HOURS);
    write_hour(json, "until", (cell->block + 1) * PCT_RISING_HOURS);
    write_integer(json, "recent", cell->recent);
    write_integer(json, "history", cell->history);
    write_real(json, "expected", cell->expected, 2);
    write_real(json, "ratio", cell->ratio, 3);
    write_real(json, "low", cell->low, 3);
    write_real(json, "high", cell->high, 3);
    pct_json_key(json, "rises");
    pct_json_bool(json, cell->rises);
    pct_json_end_object(json);
}

static pct_status open_record(const pct_service *service, pct_store **out, pct_error *error) {
    const pct_store_options options = {.folder = service->site->folder, .read_only = true};
    return pct_store_open(&options, out, error);
}

pct_status pct_resource_patrol_where(pct_exchange *x, pct_error *error) {
    const pct_service *service = x->service;
    pct_store *reader = NULL;
    pct_rising rising = {0};
    int64_t day = 0, elsewhere = 0;
    char name[16];
    pct_status status = day_of(x, &day, name, error);
    if (!status) status = open_record(service, &reader, error);
    if (!status)
        status = pct_rising_of_site(service->site, service->beats, reader, day, &rising, &elsewhere, error);
    pct_store_close(reader);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_text_member(&json, "day", pct_text_of(name));
    write_integer(&json, "recent_weeks", PCT_RISING_WEEKS);
    write_integer(&json, "history_weeks", rising.history_weeks);
    write_integer(&json, "history_weeks_least", PCT_RISING_LEAST);
    write_integer(&json, "calls", rising.calls);
    write_integer(&json, "elsewhere", elsewhere);
    write_integer(&json, "hidden", rising.hidden);
    write_real(&json, "dispersion", rising.dispersion, 3);
    pct_json_key(&json, "cells");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < rising.cells.length; i++)
        write_cell(&json, service->beats, (const pct_rising_cell *)rising.cells.items + i);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    pct_rising_dispose(&rising);
    return pct_buffer_status(&x->reply, error);
}

static void write_row(pct_json_writer *json, pct_text area, const pct_beside_row *row) {
    pct_json_begin_object(json);
    pct_json_text_member(json, "area", area);
    write_real(json, "unit_hours", (double)row->unit_ms / HOUR_MS, 1);
    write_real(json, "time_share", row->time_share, 4);
    pct_json_key(json, "calls");
    if (row->calls == PCT_BESIDE_HIDDEN)
        pct_json_null(json);
    else
        pct_json_integer(json, row->calls);
    write_real(json, "call_share", row->call_share, 4);
    pct_json_end_object(json);
}

pct_status pct_resource_patrol_time(pct_exchange *x, pct_error *error) {
    const pct_service *service = x->service;
    pct_text text = pct_exchange_query(x, "month");
    pct_store *reader = NULL;
    pct_area_month month;
    int number = 0;
    if (!pct_area_month_named(&service->site->zone, text, x->now_ms, &number))
        return refuse(x, "month", PCT_MSG_WHERE_MONTH, text, error);
    pct_status status = open_record(service, &reader, error);
    if (!status)
        status = pct_area_month_read(service->site, service->beats, reader, service->tracks, number,
                                     &x->arena, &month, error);
    pct_store_close(reader);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_text_member(&json, "month", text);
    write_real(&json, "unit_hours", (double)month.sums.unit_ms / HOUR_MS, 1);
    write_integer(&json, "calls", month.sums.calls);
    pct_json_key(&json, "areas");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < pct_beats_count(service->beats); i++)
        write_row(&json, pct_beats_name(service->beats, i), &month.rows[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    return pct_buffer_status(&x->reply, error);
}
