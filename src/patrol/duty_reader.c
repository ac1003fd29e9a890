#include "patrol/duty_reader.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 500, CLOCK_HOURS_MAX = 48, HOUR_MINUTES = 60, UNITS_MAX = 5000, CREW_MAX = 50 };

static const char *const kind_names[PCT_DUTY_KINDS] = {"point", "line",  "area",  "hold", "premises",
                                                       "check", "order", "fixed", "break"};
static const char *const moves_names[PCT_DUTY_MOVES] = {"drive", "walk", "cycle"};

const char *pct_duty_kind_name(pct_duty_kind kind) {
    return kind_names[kind];
}

const char *pct_duty_moves_name(pct_duty_moves moves) {
    return moves_names[moves];
}

static size_t append(pct_duty_reader *r, const char *format, const char *name, size_t index) {
    size_t at = r->path_length, room = sizeof r->path - at;
    int length = name ? snprintf(r->path + at, room, "%s%s", at ? "." : "", name)
                      : snprintf(r->path + at, room, format, index);
    r->path_length += length < (int)room ? (size_t)length : room - 1;
    return at;
}

size_t pct_duty_enter(pct_duty_reader *r, const char *name) {
    return append(r, "", name, 0);
}

size_t pct_duty_enter_at(pct_duty_reader *r, size_t index) {
    return append(r, "[%zu]", NULL, index);
}

void pct_duty_leave(pct_duty_reader *r, size_t at) {
    r->path_length = at;
    r->path[at] = '\0';
}

pct_status pct_duty_unexpected(pct_duty_reader *r, pct_message expected, const json_t *found) {
    return pct_json_unexpected(r->file, r->path, expected, found, r->error);
}

pct_status pct_duty_unknown(pct_duty_reader *r) {
    return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_DUTY_UNKNOWN_MEMBER, pct_str(r->file), pct_str(r->path));
}

pct_status pct_duty_only(pct_duty_reader *r, const json_t *object, const char *const *known) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        const char *const *k = known;
        while (*k && strcmp(*k, name) != 0) k++;
        if (*k) continue;
        (void)pct_duty_enter(r, name);
        return pct_duty_unknown(r);
    }
    return PCT_OK;
}

pct_status pct_duty_text(pct_duty_reader *r, const json_t *value, pct_text *out) {
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length == 0 || length > TEXT_MAX)
        return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_WORDS, value);
    char *copy = pct_arena_text(r->arena, json_string_value(value), length);
    *out = (pct_text){copy, length};
    return copy ? PCT_OK : pct_error_memory(r->error, length);
}

pct_status pct_duty_position(pct_duty_reader *r, const json_t *value, pct_position *out) {
    const json_t *lon = json_array_get(value, 0), *lat = json_array_get(value, 1);
    if (json_array_size(value) != 2 || !json_is_number(lon) || !json_is_number(lat))
        return pct_duty_unexpected(r, PCT_MSG_EXPECTED_LON_LAT, value);
    return pct_position_from_degrees(json_number_value(lon), json_number_value(lat), out)
               ? PCT_OK
               : pct_duty_unexpected(r, PCT_MSG_EXPECTED_DEGREES, value);
}

static int64_t local_to_utc(const pct_duty_reader *r, int64_t local_ms) {
    pct_civil civil = pct_civil_of_ms(local_ms);
    int64_t utc_ms;
    (void)pct_zone_to_utc(r->zone, &civil, &utc_ms);
    return utc_ms;
}

pct_status pct_duty_clock(pct_duty_reader *r, const json_t *value, int64_t *out) {
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    unsigned hours = 0, minutes = 0;
    int used = 0;
    bool is_clock = strlen(text) == 5 && sscanf(text, "%2u:%2u%n", &hours, &minutes, &used) == 2 &&
                    used == 5 && minutes < HOUR_MINUTES &&
                    hours * HOUR_MINUTES + minutes <= CLOCK_HOURS_MAX * HOUR_MINUTES;
    if (!is_clock) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_CLOCK, value);
    int64_t minute = (int64_t)hours * HOUR_MINUTES + minutes;
    *out = local_to_utc(r, r->day * PCT_DAY_MS + minute * PCT_DUTY_MINUTE_MS);
    return PCT_OK;
}

static pct_status read_day(pct_duty_reader *r, const json_t *value, int64_t *day) {
    char whole[32];
    pct_time time;
    int length =
        snprintf(whole, sizeof whole, "%sT00:00", json_is_string(value) ? json_string_value(value) : "");
    if (length != 16 || !pct_time_parse(pct_text_of(whole), &time) || time.has_offset)
        return pct_duty_unexpected(r, PCT_MSG_EXPECTED_DAY, value);
    *day = pct_days_of_date(time.civil.year, time.civil.month, time.civil.day);
    return PCT_OK;
}

pct_status pct_duty_day(pct_duty_reader *r, const json_t *value, int64_t *out) {
    int64_t day = 0;
    pct_status status = read_day(r, value, &day);
    if (!status) *out = local_to_utc(r, day * PCT_DAY_MS);
    return status;
}

pct_status pct_duty_time(pct_duty_reader *r, const json_t *value, int64_t *out) {
    pct_text text = {json_string_value(value), json_string_length(value)};
    return json_is_string(value) && pct_zone_parse(r->zone, text, out, NULL)
               ? PCT_OK
               : pct_duty_unexpected(r, PCT_MSG_EXPECTED_LOCAL_TIME, value);
}

pct_status pct_duty_word(pct_duty_reader *r, const json_t *value, const char *const *words, int count,
                         pct_message expected, int *out) {
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    for (*out = 0; *out < count; (*out)++)
        if (strcmp(words[*out], text) == 0) return PCT_OK;
    return pct_duty_unexpected(r, expected, value);
}

pct_status pct_duty_kind_named(pct_duty_reader *r, const json_t *value, pct_duty_kind *out) {
    int found;
    pct_status status =
        pct_duty_word(r, value, kind_names, PCT_DUTY_KINDS, PCT_MSG_DUTY_EXPECTED_KIND, &found);
    if (!status) *out = (pct_duty_kind)found;
    return status;
}

pct_status pct_duty_moves_named(pct_duty_reader *r, const json_t *value, pct_duty_moves *out) {
    int found;
    pct_status status =
        pct_duty_word(r, value, moves_names, PCT_DUTY_MOVES, PCT_MSG_DUTY_EXPECTED_MOVES, &found);
    if (!status) *out = (pct_duty_moves)found;
    return status;
}

pct_status pct_duty_unit_named(pct_duty_reader *r, const json_t *value, int32_t *out) {
    pct_text text = {json_string_value(value), json_string_length(value)};
    uint32_t found = json_is_string(value) ? pct_names_find(&r->unit_ids, text) : PCT_MAP_ABSENT;
    *out = (int32_t)found;
    return found != PCT_MAP_ABSENT ? PCT_OK : pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_UNIT, value);
}

pct_status pct_duty_capabilities(pct_duty_reader *r, const json_t *value, uint64_t *out) {
    *out = 0;
    if (!json_is_array(value)) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_CAPABILITIES, value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        const pct_text text = {json_string_value(item), json_string_length(item)};
        uint32_t number;
        pct_status status = json_is_string(item) ? pct_names_add(&r->capabilities, text, &number) : PCT_INPUT;
        if (status == PCT_MEMORY) return pct_error_memory(r->error, text.length);
        if (status) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_CAPABILITIES, item);
        *out |= UINT64_C(1) << number;
    }
    return PCT_OK;
}

pct_status pct_duty_keep_capabilities(pct_duty_reader *r) {
    pct_duty *d = r->duty;
    size_t count = r->capabilities.length;
    d->capabilities = pct_arena_alloc(&d->arena, count ? count : 1, sizeof *d->capabilities);
    if (!d->capabilities) return pct_error_memory(r->error, count * sizeof *d->capabilities);
    for (size_t i = 0; i < count; i++) {
        pct_text text = r->capabilities.texts[i];
        d->capabilities[i] = (pct_text){pct_arena_text(&d->arena, text.chars, text.length), text.length};
        if (!d->capabilities[i].chars) return pct_error_memory(r->error, text.length);
    }
    d->capability_count = count;
    return PCT_OK;
}

static pct_status read_span(pct_duty_reader *r, const json_t *object, pct_duty_span *span) {
    const json_t *from = json_object_get(object, "from"), *to = json_object_get(object, "to");
    pct_status status = PCT_OK;
    size_t at = pct_duty_enter(r, "from");
    if (from || span->to_ms == 0) status = pct_duty_clock(r, from, &span->from_ms);
    if (status) return status;
    pct_duty_leave(r, at);
    (void)pct_duty_enter(r, "to");
    if (to || span->to_ms == 0) status = pct_duty_clock(r, to, &span->to_ms);
    if (!status && span->to_ms <= span->from_ms)
        status = pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_HOURS, to);
    if (!status) pct_duty_leave(r, at);
    return status;
}

pct_status pct_duty_head(pct_duty_reader *r, const json_t *root) {
    static const char *const format[] = {"precinct-duty-1"};
    static const char *const known[] = {"format", "name",      "date",  "from",   "to",       "units",
                                        "points", "lines",     "areas", "holds",  "premises", "checks",
                                        "orders", "forbidden", "debt",  "demand", "locked",   NULL};
    int found;
    if (!json_is_object(root)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, root);
    size_t at = pct_duty_enter(r, "format");
    pct_status status =
        pct_duty_word(r, json_object_get(root, "format"), format, 1, PCT_MSG_DUTY_EXPECTED_FORM, &found);
    if (status) return status;
    pct_duty_leave(r, at);
    status = pct_duty_only(r, root, known);
    if (status) return status;
    (void)pct_duty_enter(r, "date");
    const json_t *date = json_object_get(root, "date");
    status = read_day(r, date, &r->day);
    if (!status) status = pct_duty_text(r, date, &r->duty->date);
    if (status) return status;
    r->midnight_ms = local_to_utc(r, r->day * PCT_DAY_MS);
    pct_duty_leave(r, at);
    (void)pct_duty_enter(r, "name");
    r->duty->name = r->duty->date;
    if (json_object_get(root, "name"))
        status = pct_duty_text(r, json_object_get(root, "name"), &r->duty->name);
    if (status) return status;
    pct_duty_leave(r, at);
    return read_span(r, root, &r->duty->hours);
}

static pct_status read_crew(pct_duty_reader *r, const json_t *list, pct_duty_unit *u) {
    size_t count = json_array_size(list);
    if (!list) return PCT_OK;
    if (!json_is_array(list) || count > CREW_MAX) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_TEXTS, list);
    pct_text *crew = pct_arena_alloc(r->arena, count ? count : 1, sizeof *crew);
    if (!crew) return pct_error_memory(r->error, count * sizeof *crew);
    for (size_t i = 0; i < count; i++) {
        pct_status status = pct_duty_text(r, json_array_get(list, i), &crew[i]);
        if (status) return status;
    }
    u->crew = crew;
    u->crew_count = count;
    return PCT_OK;
}

static pct_status read_unit_member(pct_duty_reader *r, const json_t *object, const char *name,
                                   pct_duty_unit *u) {
    const json_t *value = json_object_get(object, name);
    pct_status status = PCT_OK;
    size_t at = pct_duty_enter(r, name);
    if (strcmp(name, "id") == 0)
        status = pct_duty_text(r, value, &u->id);
    else if (strcmp(name, "start") == 0)
        status = pct_duty_position(r, value, &u->start);
    else if (!value)
        status = PCT_OK;
    else if (strcmp(name, "end") == 0)
        status = pct_duty_position(r, value, &u->end);
    else if (strcmp(name, "station") == 0)
        status = pct_duty_text(r, value, &u->station);
    else if (strcmp(name, "moves") == 0)
        status = pct_duty_moves_named(r, value, &u->moves);
    else if (strcmp(name, "capabilities") == 0)
        status = pct_duty_capabilities(r, value, &u->capabilities);
    else if (strcmp(name, "crew") == 0)
        status = read_crew(r, value, u);
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status read_unit(pct_duty_reader *r, const json_t *object, size_t index) {
    static const char *const known[] = {"id",   "start", "end", "station", "moves", "capabilities",
                                        "crew", "from",  "to",  "breaks",  "fixed", NULL};
    pct_duty_unit *u = &r->duty->units[index];
    *u = (pct_duty_unit){.id = {"", 0}, .station = {"", 0}, .shift = r->duty->hours};
    if (!json_is_object(object)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, object);
    pct_status status = pct_duty_only(r, object, known);
    for (size_t i = 0; known[i] && !status; i++) {
        status = read_unit_member(r, object, known[i], u);
        if (!status && strcmp(known[i], "start") == 0) u->end = u->start;
    }
    if (!status) status = read_span(r, object, &u->shift);
    uint32_t number = 0;
    if (!status && pct_names_add(&r->unit_ids, u->id, &number))
        status = pct_error_memory(r->error, u->id.length);
    if (!status && number != index) {
        (void)pct_duty_enter(r, "id");
        status = pct_duty_unexpected(r, PCT_MSG_EXPECTED_FRESH_ID, json_object_get(object, "id"));
    }
    return status;
}

pct_status pct_duty_units(pct_duty_reader *r, const json_t *root) {
    const json_t *list = json_object_get(root, "units");
    size_t count = json_array_size(list), at = pct_duty_enter(r, "units");
    if (count == 0 || count > UNITS_MAX) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_SIZE, list);
    r->duty->units = pct_arena_alloc(r->arena, count, sizeof *r->duty->units);
    if (!r->duty->units) return pct_error_memory(r->error, count * sizeof *r->duty->units);
    r->duty->unit_count = count;
    for (size_t i = 0; i < count; i++) {
        size_t inside = pct_duty_enter_at(r, i);
        pct_status status = read_unit(r, json_array_get(list, i), i);
        if (status) return status;
        pct_duty_leave(r, inside);
    }
    pct_duty_leave(r, at);
    return PCT_OK;
}
