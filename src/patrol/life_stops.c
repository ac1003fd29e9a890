/* The stops of a round, and which of them move to another, as the texts of its event, and back. */
#include <string.h>

#include "base/json.h"
#include "patrol/life.h"

enum { CELLS = 15 };

pct_life_stop pct_life_stop_planned(const pct_duty_stop *s, int32_t number, bool must) {
    return (pct_life_stop){.number = number,
                           .n = s->n,
                           .kind = s->kind,
                           .moves = s->moves,
                           .id = s->id,
                           .name = s->name.length ? s->name : s->id,
                           .from = s->from,
                           .to = s->to,
                           .arrive_ms = s->arrive_ms,
                           .start_ms = s->start_ms,
                           .end_ms = s->end_ms,
                           .travel_ms = s->travel_ms,
                           .must = must};
}

void pct_life_stops_write(const pct_life_stop *stops, size_t count, pct_buffer *out) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        const pct_life_stop *s = &stops[i];
        const int64_t numbers[] = {s->n,         s->from.lon_e7, s->from.lat_e7, s->to.lon_e7, s->to.lat_e7,
                                   s->arrive_ms, s->start_ms,    s->end_ms,      s->travel_ms, s->must};
        pct_json_begin_array(&json);
        pct_json_integer(&json, s->number);
        pct_json_integer(&json, s->kind);
        pct_json_integer(&json, s->moves);
        pct_json_text(&json, s->id);
        pct_json_text(&json, s->name);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) pct_json_integer(&json, numbers[k]);
        pct_json_end_array(&json);
    }
    pct_json_end_array(&json);
}

static int64_t number_at(const json_t *row, size_t cell) {
    return json_integer_value(json_array_get(row, cell));
}

static bool copy_text(const json_t *row, size_t cell, pct_arena *arena, pct_text *out) {
    const json_t *value = json_array_get(row, cell);
    *out = (pct_text){pct_arena_text(arena, json_string_value(value), json_string_length(value)),
                      json_string_length(value)};
    return out->chars != NULL;
}

static bool is_row(const json_t *row) {
    if (json_array_size(row) != CELLS) return false;
    for (size_t c = 0; c < CELLS; c++) {
        bool text = c == 3 || c == 4;
        if (text ? !json_is_string(json_array_get(row, c)) : !json_is_integer(json_array_get(row, c)))
            return false;
    }
    return number_at(row, 0) >= 1 && number_at(row, 0) <= 10000 && number_at(row, 1) >= 0 &&
           number_at(row, 1) < PCT_DUTY_KINDS && number_at(row, 2) >= 0 &&
           number_at(row, 2) < PCT_DUTY_MOVES && number_at(row, 11) >= number_at(row, 10) &&
           number_at(row, 12) >= number_at(row, 11);
}

static bool read_row(const json_t *row, pct_arena *arena, pct_life_stop *s) {
    *s = (pct_life_stop){.number = (int32_t)number_at(row, 0),
                         .kind = (pct_duty_kind)number_at(row, 1),
                         .moves = (pct_duty_moves)number_at(row, 2),
                         .n = (int32_t)number_at(row, 5),
                         .from = {(int32_t)number_at(row, 6), (int32_t)number_at(row, 7)},
                         .to = {(int32_t)number_at(row, 8), (int32_t)number_at(row, 9)},
                         .arrive_ms = number_at(row, 10),
                         .start_ms = number_at(row, 11),
                         .end_ms = number_at(row, 12),
                         .travel_ms = number_at(row, 13),
                         .must = number_at(row, 14) != 0};
    return copy_text(row, 3, arena, &s->id) && copy_text(row, 4, arena, &s->name);
}

static bool are_distinct(const pct_life_stop *stops, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (stops[i].number == stops[k].number) return false;
    return true;
}

pct_status pct_life_stops_read(pct_text text, pct_arena *arena, pct_life_stop **out, size_t *count,
                               pct_error *error) {
    json_t *rows = NULL;
    pct_status status = pct_json_parse("stops", text, &rows, error);
    size_t n = json_array_size(rows);
    bool good = !status && json_is_array(rows) && n <= PCT_LIFE_STOPS_MAX;
    pct_life_stop *stops = good ? pct_arena_alloc(arena, n + 1, sizeof *stops) : NULL;
    if (good && !stops) status = pct_error_memory(error, n * sizeof *stops);
    for (size_t i = 0; good && stops && i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        good = is_row(row);
        if (good && !read_row(row, arena, &stops[i])) status = pct_error_memory(error, n), good = false;
    }
    if (!status && (!good || !are_distinct(stops, n)))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LIFE_STOPS, pct_int(PCT_LIFE_STOPS_MAX));
    json_decref(rows);
    *out = status ? NULL : stops;
    *count = status ? 0 : n;
    return status;
}

void pct_life_moves_write(const pct_life_move *moves, size_t count, pct_buffer *out) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        pct_json_begin_array(&json);
        pct_json_integer(&json, moves[i].number);
        pct_json_integer(&json, moves[i].round);
        pct_json_end_array(&json);
    }
    pct_json_end_array(&json);
}

static bool read_move(const json_t *row, pct_life_move *move) {
    if (json_array_size(row) != 2) return false;
    *move = (pct_life_move){(int32_t)number_at(row, 0), number_at(row, 1)};
    return json_is_integer(json_array_get(row, 0)) && json_is_integer(json_array_get(row, 1)) &&
           move->number >= 1 && move->number <= 10000 && move->round >= 1;
}

pct_status pct_life_moves_read(pct_text text, pct_arena *arena, pct_life_move **out, size_t *count,
                               pct_error *error) {
    json_t *rows = NULL;
    *out = NULL, *count = 0;
    if (text.length == 0) return PCT_OK;
    pct_status status = pct_json_parse("moved", text, &rows, error);
    size_t n = json_array_size(rows);
    bool good = !status && json_is_array(rows) && n <= 2 * PCT_LIFE_STOPS_MAX;
    pct_life_move *moves = good ? pct_arena_alloc(arena, n + 1, sizeof *moves) : NULL;
    if (good && !moves) status = pct_error_memory(error, n * sizeof *moves);
    for (size_t i = 0; good && moves && i < n; i++) good = read_move(json_array_get(rows, i), &moves[i]);
    if (!status && !good)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LIFE_STOPS, pct_int(PCT_LIFE_STOPS_MAX));
    json_decref(rows);
    if (!status) *out = moves, *count = n;
    return status;
}
