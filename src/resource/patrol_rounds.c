/* Rounds over HTTP: followed by the crew and its leader, and served stop by stop. */
#include "resource/patrol_rounds.h"

#include <stdio.h>
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "geo/geojson.h"
#include "resource/patrol_book_state.h"
#include "resource/scope.h"
#include "resource/ways.h"
#include "road/route/steps.h"

enum { LINE_POINTS_MAX = 1 << 20, HAZARDS = 10 };

/* Physical things that somebody mends: never what people are (L3). */
static const char *const hazards[HAZARDS] = {
    "light_out",  "road_damaged",    "cover_missing", "wires_down",   "fire_risk",
    "water_risk", "building_unsafe", "exit_blocked",  "sign_missing", "gas_smell"};

/* --- who sees what ---------------------------------------------------------------------------------------------------------- */

static int64_t day_of(const pct_zone *zone, int64_t at_ms) {
    int32_t offset_s;
    pct_civil c = pct_zone_to_local(zone, at_ms, &offset_s);
    return pct_days_of_date(c.year, c.month, c.day);
}

static bool is_over_for_readers(const pct_exchange *x, const pct_life_round *r) {
    const pct_zone *zone = &x->service->site->zone;
    return day_of(zone, x->now_ms) > day_of(zone, r->until_ms);
}

static bool reaches(const pct_exchange *x, const pct_reach *reach, const pct_life_round *r) {
    const pct_desk_unit *unit = pct_snapshot_unit(reach->snapshot, r->unit);
    (void)x;
    return unit ? pct_reach_unit(reach, unit) : reach->whole != PCT_ROLE_NONE;
}

static pct_status refuse_day(pct_exchange *x, int64_t at_ms, pct_error *error) {
    int32_t offset_s;
    pct_civil c = pct_zone_to_local(&x->service->site->zone, at_ms, &offset_s);
    char day[40];
    (void)snprintf(day, sizeof day, "%04d-%02d-%02d", (int)c.year, (int)c.month, (int)c.day);
    x->status_code = 403;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_DAY_OVER, pct_str(day));
}

static pct_status reach_at_all(pct_exchange *x, const pct_life *life, const pct_life_round **out,
                               pct_error *error) {
    pct_id id = pct_exchange_id(x, "round");
    const pct_life_round *r = *out = pct_life_round_of(life, (pct_round_id){id.seq});
    if (!r || !pct_life_round_counts(life, r))
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_ROUND, pct_int(id.seq));
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    const pct_reach reach = pct_reach_of_exchange(x, snapshot);
    bool reached = reaches(x, &reach, r);
    pct_snapshot_release(snapshot);
    return reached ? PCT_OK : pct_scope_refuse(x, pct_exchange_path(x, "round"), error);
}

pct_status pct_patrol_reach_round(pct_exchange *x, const pct_life *life, const pct_life_round **out,
                                  pct_error *error) {
    pct_status status = reach_at_all(x, life, out, error);
    return !status && is_over_for_readers(x, *out) ? refuse_day(x, (*out)->leave_ms, error) : status;
}

pct_status pct_patrol_reach_log(pct_exchange *x, const pct_life *life, const pct_life_round **out,
                                pct_error *error) {
    pct_status status = reach_at_all(x, life, out, error);
    if (status) return status;
    int64_t over_ms = (*out)->ended_ms ? (*out)->ended_ms : (*out)->until_ms;
    if (x->now_ms <= over_ms + PCT_LIFE_LOG_HOURS * INT64_C(3600000)) return PCT_OK;
    x->status_code = 403;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_NOTES_OVER, pct_int((*out)->id.seq),
                    pct_int(PCT_LIFE_LOG_HOURS));
}

/* --- the list --------------------------------------------------------------------------------------------------------------- */

static void write_next(pct_json_writer *json, const pct_exchange *x, const pct_life_stop *next) {
    pct_json_key(json, "next");
    if (!next) {
        pct_json_null(json);
        return;
    }
    pct_json_begin_object(json);
    pct_json_key(json, "stop");
    pct_json_integer(json, next->number);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_duty_kind_name(next->kind));
    pct_json_text_member(json, "id", next->id);
    pct_json_text_member(json, "name", next->name);
    pct_json_position_member(json, "at", true, next->from);
    pct_json_time_member(json, "start", next->start_ms, &x->service->site->zone);
    pct_json_end_object(json);
}

/* Without what others took over. */
static size_t count_in(const pct_life_round *r) {
    size_t count = 0;
    for (size_t i = 0; i < r->stop_count; i++) count += !r->stops[i].handed_to;
    return count;
}

static void write_members(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r) {
    const pct_zone *zone = &x->service->site->zone;
    pct_life_going going = pct_life_round_going(r, x->now_ms);
    const pct_life_stop *next = r->ended_ms ? NULL : pct_life_round_next(r);
    bool late = next && going == PCT_LIFE_UNDER_WAY && x->now_ms > next->start_ms;
    pct_json_id_member(json, "id", (pct_id){.kind = 'R', .seq = r->id.seq});
    pct_json_id_member(json, "plan", (pct_id){.kind = 'G', .seq = r->plan.seq});
    pct_json_text_member(json, "unit", r->name);
    pct_json_id_member(json, "unit_id", (pct_id){.kind = 'U', .seq = r->unit.seq});
    pct_json_key(json, "state");
    pct_json_string(json, pct_life_going_names[going]);
    pct_json_time_member(json, "leave", r->leave_ms, zone);
    pct_json_time_member(json, "back", r->back_ms, zone);
    pct_json_time_member(json, "until", r->until_ms, zone);
    pct_json_time_member(json, "ended_at", r->ended_ms, zone);
    pct_json_id_member(json, "left_for", (pct_id){.kind = 'O', .seq = r->order.seq});
    pct_json_key(json, "done");
    pct_json_integer(json, (int64_t)pct_life_round_served(r));
    pct_json_key(json, "total");
    pct_json_integer(json, (int64_t)count_in(r));
    write_next(json, x, next);
    pct_json_key(json, "late_s");
    pct_json_integer(json, late ? (x->now_ms - next->start_ms) / 1000 : 0);
}

static bool read_day(const pct_exchange *x, const char *name, int64_t otherwise, int64_t *day) {
    pct_text text = pct_exchange_query(x, name);
    pct_time time;
    char whole[40];
    *day = otherwise;
    if (!text.chars) return true;
    (void)snprintf(whole, sizeof whole, "%.*s 00:00", (int)(text.length < 10 ? text.length : 10), text.chars);
    if (text.length != 10 || !pct_time_parse(pct_text_of(whole), &time)) return false;
    *day = pct_days_of_date(time.civil.year, time.civil.month, time.civil.day);
    return true;
}

pct_status pct_patrol_read_day_of(pct_exchange *x, const char *name, int64_t otherwise, int64_t *day,
                                  pct_error *error) {
    if (read_day(x, name, otherwise, day)) return PCT_OK;
    (void)snprintf(x->field, sizeof x->field, "%s", name);
    return pct_error_set(error, PCT_INPUT, PCT_MSG_LIFE_DAY, NULL, 0);
}

pct_status pct_patrol_read_day(pct_exchange *x, int64_t *day, pct_error *error) {
    return pct_patrol_read_day_of(x, "day", day_of(&x->service->site->zone, x->now_ms), day, error);
}

int64_t pct_patrol_day_of(const pct_service *service, int64_t at_ms) {
    return day_of(&service->site->zone, at_ms);
}

pct_status pct_resource_patrol_rounds(pct_exchange *x, pct_error *error) {
    const pct_zone *zone = &x->service->site->zone;
    int64_t day, today = day_of(zone, x->now_ms);
    pct_status status = pct_patrol_read_day(x, &day, error);
    if (status) return status;
    if (day < today) return refuse_day(x, x->now_ms - (today - day) * PCT_DAY_MS, error);
    pct_json_writer json = pct_json_writer_init(&x->reply);
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    const pct_reach reach = pct_reach_of_exchange(x, snapshot);
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    const pct_life_round *r;
    pct_json_begin_object(&json);
    pct_json_key(&json, "rounds");
    pct_json_begin_array(&json);
    for (size_t i = 0; (r = pct_life_round_at(life, i)) != NULL; i++) {
        bool of_day = day_of(zone, r->leave_ms) <= day && day <= day_of(zone, r->until_ms);
        if (!of_day || !pct_life_round_counts(life, r) || !reaches(x, &reach, r)) continue;
        pct_json_begin_object(&json);
        write_members(&json, x, r);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    pct_patrol_let_go(x->service->patrol);
    pct_snapshot_release(snapshot);
    return pct_buffer_status(&x->reply, error);
}

/* --- the sheet ---------------------------------------------------------------------------------------------------------------- */

/* The name of a round's unit; the book is held. */
static void write_unit_of(pct_json_writer *json, const pct_exchange *x, const char *key, int64_t round) {
    const pct_life_round *r =
        round ? pct_life_round_of(pct_patrol_life(x->service->patrol), (pct_round_id){round}) : NULL;
    pct_json_text_member(json, key, r ? r->name : (pct_text){"", 0});
}

static void write_stop(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r,
                       const pct_life_stop *s) {
    const pct_zone *zone = &x->service->site->zone;
    pct_json_begin_object(json);
    pct_json_key(json, "stop");
    pct_json_integer(json, s->number);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_duty_kind_name(s->kind));
    pct_json_text_member(json, "id", s->id);
    pct_json_text_member(json, "name", s->name);
    pct_json_key(json, "n");
    pct_json_integer(json, s->n);
    pct_json_key(json, "moves");
    pct_json_string(json, pct_duty_moves_name(s->moves));
    pct_json_key(json, "must");
    pct_json_bool(json, s->must);
    pct_json_position_member(json, "from", true, s->from);
    pct_json_position_member(json, "to", true, s->to);
    pct_json_time_member(json, "arrive", s->arrive_ms, zone);
    pct_json_time_member(json, "start", s->start_ms, zone);
    pct_json_time_member(json, "end", s->end_ms, zone);
    pct_json_key(json, "travel_s");
    pct_json_real(json, (double)s->travel_ms / 1000.0, 1);
    pct_json_key(json, "status");
    pct_json_string(json, pct_life_stop_status_names[pct_life_stop_status_of(r, s)]);
    pct_json_key(json, "proof");
    if (s->proof)
        pct_json_string(json, pct_visit_proof_names[s->proof]);
    else
        pct_json_null(json);
    pct_json_time_member(json, "visited_from", s->proof ? s->from_ms : 0, zone);
    pct_json_time_member(json, "visited_until", s->until_ms, zone);
    pct_json_key(json, "reason");
    if (s->reason)
        pct_json_string(json, pct_stop_reason_names[s->reason]);
    else
        pct_json_null(json);
    write_unit_of(json, x, "handed_to", s->handed_to);
    write_unit_of(json, x, "taken_from", s->taken_from);
    pct_json_end_object(json);
}

/* Why the sheet is not what it was. */
static void write_change(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r) {
    pct_json_key(json, "changed");
    if (!r->changed_ms) {
        pct_json_null(json);
        return;
    }
    pct_json_begin_object(json);
    pct_json_time_member(json, "at", r->changed_ms, &x->service->site->zone);
    pct_json_id_member(json, "order", (pct_id){.kind = 'O', .seq = r->changed_for.seq});
    write_unit_of(json, x, "unit", r->changed_by.seq);
    pct_json_key(json, "together");
    pct_json_bool(json, !r->laid_alone);
    pct_json_end_object(json);
}

static void write_roll_call(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r) {
    pct_json_key(json, "roll_call");
    if (!r->called_ms) {
        pct_json_null(json);
        return;
    }
    pct_json_begin_object(json);
    pct_json_time_member(json, "at", r->called_ms, &x->service->site->zone);
    pct_json_key(json, "present");
    pct_json_integer(json, r->present);
    pct_json_key(json, "wanted");
    if (r->wanted >= 0)
        pct_json_integer(json, r->wanted);
    else
        pct_json_null(json);
    pct_json_key(json, "kit_complete");
    pct_json_bool(json, r->kit_complete);
    pct_json_end_object(json);
}

static void write_log(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r) {
    pct_text rest = r->hazards, code;
    pct_json_key(json, "log");
    if (!r->logged_ms) {
        pct_json_null(json);
        return;
    }
    pct_json_begin_object(json);
    pct_json_time_member(json, "at", r->logged_ms, &x->service->site->zone);
    pct_json_key(json, "km");
    pct_json_real(json, (double)r->metres / 1000.0, 3);
    pct_json_key(json, "hazards");
    pct_json_begin_array(json);
    while (rest.length > 0 && pct_text_next(&rest, ',', &code)) pct_json_text(json, code);
    pct_json_end_array(json);
    pct_json_key(json, "helped");
    pct_json_integer(json, r->helped);
    pct_json_key(json, "handed_over");
    pct_json_integer(json, r->handed_over);
    pct_json_end_object(json);
}

/* The four ones: one roll call, one checklist, one route, one public post. */
static void write_sheet(pct_exchange *x, const pct_life_round *r, const pct_vector *line) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    write_members(&json, x, r);
    write_roll_call(&json, x, r);
    pct_json_key(&json, "stops");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < r->stop_count; i++) write_stop(&json, x, r, &r->stops[i]);
    pct_json_end_array(&json);
    pct_json_key(&json, "checklist");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < r->stop_count; i++)
        if (r->stops[i].kind == PCT_DUTY_PREMISES && pct_life_stop_is_in(&r->stops[i]))
            pct_json_integer(&json, r->stops[i].number);
    pct_json_end_array(&json);
    pct_json_key(&json, "route");
    if (line->length > 1)
        pct_geojson_write_line(&json, line->items, line->length);
    else
        pct_json_null(&json);
    pct_json_position_member(&json, "post", true, r->start);
    write_change(&json, x, r);
    write_log(&json, x, r);
    pct_json_key(&json, "notes");
    pct_json_integer(&json, r->notes);
    pct_patrol_write_checks(&json, x, r);
    pct_json_end_object(&json);
}

pct_status pct_patrol_sit(pct_service *service, pct_seat **out, pct_error *error) {
    pct_status status = pct_ways_sit(service->ways, PCT_PROFILE_PATROL, out, error);
    return status == PCT_NOT_FOUND ? pct_ways_sit(service->ways, PCT_PROFILE_RESPONSE, out, error) : status;
}

static pct_status copy_line(pct_seat *seat, pct_vector *line, pct_error *error) {
    const pct_position *p = seat->line.items;
    for (size_t i = 0; i < seat->line.length; i++) {
        pct_position *place = pct_vector_push(line);
        if (!place) return pct_error_memory(error, seat->line.length * sizeof *place);
        *place = p[i];
    }
    return PCT_OK;
}

pct_status pct_patrol_way(pct_seat *seat, const pct_position *places, size_t count, pct_vector *line,
                          pct_error *error) {
    pct_journey *way = &seat->journeys[0];
    pct_status status = PCT_OK;
    pct_placed_clear(&seat->targets);
    for (size_t i = 0; i < count && !status; i++)
        if (i == 0 || places[i].lon_e7 != places[i - 1].lon_e7 || places[i].lat_e7 != places[i - 1].lat_e7)
            status = pct_seat_place(seat, places[i], &seat->targets, error);
    if (!status)
        status = pct_journey_find(seat->router, seat->targets.points.items, seat->targets.points.length, way,
                                  error);
    seat->line.length = 0;
    for (size_t i = 0; !status && i < way->parts.length; i++) {
        const pct_route part = pct_journey_part(way, i);
        status = pct_route_line(seat->open, &part, &seat->line, error);
    }
    return status ? status : copy_line(seat, line, error);
}

pct_status pct_patrol_round_line(pct_service *service, const pct_life_round *r, pct_vector *line,
                                 pct_error *error) {
    pct_position places[2 * PCT_LIFE_STOPS_MAX + 2];
    size_t count = 0;
    pct_seat *seat;
    places[count++] = r->start;
    for (size_t i = 0; i < r->stop_count && count < 2 * PCT_LIFE_STOPS_MAX; i++) {
        if (!pct_life_stop_is_in(&r->stops[i])) continue;
        places[count++] = r->stops[i].from;
        places[count++] = r->stops[i].to;
    }
    places[count++] = r->end;
    pct_status status = pct_patrol_sit(service, &seat, error);
    if (status) return status;
    status = pct_patrol_way(seat, places, count, line, error);
    pct_ways_rise(service->ways, seat);
    return status == PCT_UNREACHABLE || status == PCT_NOT_FOUND ? PCT_OK : status;
}

static void write_format(pct_exchange *x, const pct_life_round *r, const pct_vector *line) {
    pct_text format = pct_exchange_query(x, "format");
    if (pct_text_equal(format, "ics")) {
        x->content_type = "text/calendar";
        pct_patrol_write_ics(x, r, &x->reply);
    } else if (pct_text_equal(format, "gpx")) {
        x->content_type = "application/gpx+xml";
        pct_patrol_write_gpx(x, r, line, &x->reply);
    } else {
        x->content_type = "application/geo+json";
        pct_patrol_write_geojson(x, r, line, &x->reply);
    }
}

static pct_status tell(pct_exchange *x,
                       void (*write)(pct_exchange *x, const pct_life_round *r, const pct_vector *line),
                       pct_error *error) {
    const pct_life_round *r;
    pct_vector line = pct_vector_init(sizeof(pct_position), LINE_POINTS_MAX);
    pct_status status = pct_patrol_reach_round(x, pct_patrol_hold(x->service->patrol), &r, error);
    if (!status) status = pct_patrol_round_line(x->service, r, &line, error);
    if (!status) write(x, r, &line);
    pct_patrol_let_go(x->service->patrol);
    pct_vector_dispose(&line);
    return status ? status : pct_buffer_status(&x->reply, error);
}

pct_status pct_resource_patrol_round(pct_exchange *x, pct_error *error) {
    return tell(x, write_sheet, error);
}

pct_status pct_resource_patrol_sheet(pct_exchange *x, pct_error *error) {
    return tell(x, write_format, error);
}

/* --- what is done ------------------------------------------------------------------------------------------------------------- */

/* What may be seen may be worked on; the rest the life decides. */
pct_status pct_patrol_take_round(pct_exchange *x, pct_command *command, pct_error *error) {
    const pct_life_round *r;
    pct_status status = pct_patrol_reach_round(x, pct_patrol_hold(x->service->patrol), &r, error);
    pct_patrol_let_go(x->service->patrol);
    command->object = pct_exchange_id(x, "round");
    return status ? status : pct_patrol_take(x, command, (pct_text){0}, error);
}

pct_status pct_resource_patrol_visit(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_VISIT_STOP};
    pct_event_stop_visited *d = &command.data.stop_visited;
    const pct_zone *zone = &x->service->site->zone;
    pct_text proof = pct_exchange_text(x, "proof"), from = pct_exchange_text(x, "from"),
             until = pct_exchange_text(x, "until");
    d->stop = json_integer_value(json_object_get(x->body, "stop"));
    for (unsigned p = 1; p < PCT_VISIT_PROOF_COUNT; p++)
        if (pct_text_equal(proof, pct_visit_proof_names[p])) d->proof = (pct_visit_proof)p;
    d->from = x->now_ms;
    if (from.length) (void)pct_zone_parse(zone, from, &d->from, NULL);
    d->has_until = until.length && pct_zone_parse(zone, until, &d->until, NULL);
    return pct_patrol_take_round(x, &command, error);
}

pct_status pct_resource_patrol_explain(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_EXPLAIN_STOP};
    pct_event_stop_explained *d = &command.data.stop_explained;
    pct_text reason = pct_exchange_text(x, "reason");
    d->stop = json_integer_value(json_object_get(x->body, "stop"));
    for (unsigned r = 1; r < PCT_STOP_REASON_COUNT; r++)
        if (pct_text_equal(reason, pct_stop_reason_names[r])) d->reason = (pct_stop_reason)r;
    return pct_patrol_take_round(x, &command, error);
}

pct_status pct_resource_patrol_roll_call(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_CALL_ROUND};
    pct_event_round_called *d = &command.data.round_called;
    const json_t *wanted = json_object_get(x->body, "wanted");
    d->present = json_integer_value(json_object_get(x->body, "present"));
    d->has_wanted = wanted != NULL;
    d->wanted = json_integer_value(wanted);
    d->kit_complete = json_is_true(json_object_get(x->body, "kit_complete"));
    return pct_patrol_take_round(x, &command, error);
}

static bool is_hazard(const char *code) {
    for (size_t i = 0; i < HAZARDS; i++)
        if (strcmp(hazards[i], code) == 0) return true;
    return false;
}

static pct_status read_hazards(pct_exchange *x, pct_event_round_logged *d, pct_error *error) {
    const json_t *list = json_object_get(x->body, "hazards");
    pct_buffer known = pct_buffer_init(1 << 10);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < HAZARDS; i++)
        (void)pct_buffer_append_format(&known, i ? ", %s" : "%s", hazards[i]);
    for (size_t i = 0; i < json_array_size(list) && !status; i++) {
        const char *code = json_string_value(json_array_get(list, i));
        if (!is_hazard(code)) {
            memcpy(x->field, "hazards", sizeof "hazards");
            status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LIFE_HAZARD, pct_str(code),
                              pct_str(pct_buffer_chars(&known)));
        }
        d->hazards[d->hazards_count++] = pct_text_of(code);
    }
    pct_buffer_dispose(&known);
    return status;
}

pct_status pct_resource_patrol_log(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_LOG_ROUND};
    pct_event_round_logged *d = &command.data.round_logged;
    d->metres = (int64_t)(json_number_value(json_object_get(x->body, "km")) * 1000.0 + 0.5);
    d->helped = json_integer_value(json_object_get(x->body, "helped"));
    d->handed_over = json_integer_value(json_object_get(x->body, "handed_over"));
    pct_status status = read_hazards(x, d, error);
    return status ? status : pct_patrol_take_round(x, &command, error);
}

pct_status pct_resource_patrol_round_end(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_END_ROUND};
    return pct_patrol_take_round(x, &command, error);
}
