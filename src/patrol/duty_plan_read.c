#include <math.h>

#include "patrol/duty_plan.h"
#include "patrol/duty_reader.h"

enum { ROUTES_MAX = 5000, STOPS_MAX = 20000, LINE_MAX = 200000, MS_PER_S = 1000 };
static const size_t arena_max = (size_t)256 << 20;

static pct_status expect_array(pct_duty_reader *r, const json_t *list, size_t most) {
    return json_is_array(list) && json_array_size(list) <= most
               ? PCT_OK
               : pct_duty_unexpected(r, PCT_MSG_EXPECTED_ARRAY, list);
}

static pct_status make_room(pct_duty_reader *r, size_t count, size_t item_size, void **out) {
    *out = pct_arena_alloc(r->arena, count ? count : 1, item_size);
    return *out ? PCT_OK : pct_error_memory(r->error, count * item_size);
}

/* One member by its reader, with its name in the path of an error. */
static pct_status text_of(pct_duty_reader *r, const json_t *object, const char *name, bool needed,
                          pct_text *out) {
    const json_t *value = json_object_get(object, name);
    size_t at = pct_duty_enter(r, name);
    *out = (pct_text){"", 0};
    if (!needed && (!value || json_string_length(value) == 0)) {
        pct_duty_leave(r, at);
        return PCT_OK;
    }
    pct_status status = pct_duty_text(r, value, out);
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status time_of(pct_duty_reader *r, const json_t *object, const char *name, int64_t *out) {
    size_t at = pct_duty_enter(r, name);
    pct_status status = pct_duty_time(r, json_object_get(object, name), out);
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status position_of(pct_duty_reader *r, const json_t *object, const char *name, pct_position *out) {
    size_t at = pct_duty_enter(r, name);
    pct_status status = pct_duty_position(r, json_object_get(object, name), out);
    if (!status) pct_duty_leave(r, at);
    return status;
}

/* A number that may be absent. */
static double real_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static int64_t ms_of(const json_t *object, const char *name) {
    double s = real_of(object, name);
    return s > 0.0 && s < 1e9 ? llround(s * MS_PER_S) : 0;
}

static pct_status read_n(pct_duty_reader *r, const json_t *object, int32_t *out) {
    const json_t *n = json_object_get(object, "n");
    int64_t value = json_is_integer(n) ? json_integer_value(n) : 0;
    *out = (int32_t)value;
    if (value >= 1 && value <= STOPS_MAX) return PCT_OK;
    (void)pct_duty_enter(r, "n");
    return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_TIMES, n);
}

static pct_status read_kind(pct_duty_reader *r, const json_t *object, pct_duty_kind *out) {
    size_t at = pct_duty_enter(r, "kind");
    pct_status status = pct_duty_kind_named(r, json_object_get(object, "kind"), out);
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status read_stop(pct_duty_reader *r, const json_t *object, pct_duty_stop *out) {
    static const char *const known[] = {"kind", "id",   "name", "n",        "arrive", "start",
                                        "end",  "from", "to",   "travel_s", "moves",  NULL};
    pct_status status = json_is_object(object) ? pct_duty_only(r, object, known)
                                               : pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, object);
    *out = (pct_duty_stop){.travel_ms = ms_of(object, "travel_s")};
    if (!status) status = read_kind(r, object, &out->kind);
    if (!status) status = text_of(r, object, "id", false, &out->id);
    if (!status) status = text_of(r, object, "name", false, &out->name);
    if (!status) status = read_n(r, object, &out->n);
    if (!status) status = time_of(r, object, "arrive", &out->arrive_ms);
    if (!status) status = time_of(r, object, "start", &out->start_ms);
    if (!status) status = time_of(r, object, "end", &out->end_ms);
    if (!status) status = position_of(r, object, "from", &out->from);
    if (!status) status = position_of(r, object, "to", &out->to);
    if (!status && json_object_get(object, "moves"))
        status = pct_duty_moves_named(r, json_object_get(object, "moves"), &out->moves);
    return status;
}

static pct_status read_line(pct_duty_reader *r, const json_t *list, pct_duty_route *out) {
    void *line = NULL;
    if (!list) return PCT_OK;
    pct_status status = expect_array(r, list, LINE_MAX);
    size_t count = json_array_size(list);
    if (!status) status = make_room(r, count, sizeof(pct_position), &line);
    for (size_t i = 0; i < count && !status; i++)
        status = pct_duty_position(r, json_array_get(list, i), (pct_position *)line + i);
    out->line = line;
    out->line_count = count;
    return status;
}

static pct_status read_route(pct_duty_reader *r, const json_t *object, pct_duty_route *out) {
    static const char *const known[] = {"unit", "moves",    "start", "end",      "leave",
                                        "back", "travel_s", "stops", "geometry", NULL};
    pct_status status = json_is_object(object) ? pct_duty_only(r, object, known)
                                               : pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, object);
    *out = (pct_duty_route){.travel_ms = ms_of(object, "travel_s")};
    if (!status) status = text_of(r, object, "unit", true, &out->unit);
    if (!status && json_object_get(object, "moves"))
        status = pct_duty_moves_named(r, json_object_get(object, "moves"), &out->moves);
    if (!status) status = position_of(r, object, "start", &out->start);
    if (!status) status = position_of(r, object, "end", &out->end);
    if (!status) status = time_of(r, object, "leave", &out->leave_ms);
    if (!status) status = time_of(r, object, "back", &out->back_ms);
    if (!status) status = read_line(r, json_object_get(object, "geometry"), out);
    const json_t *stops = json_object_get(object, "stops");
    size_t count = json_array_size(stops), at = pct_duty_enter(r, "stops");
    void *room = NULL;
    if (!status) status = expect_array(r, stops, STOPS_MAX);
    if (!status) status = make_room(r, count, sizeof(pct_duty_stop), &room);
    for (size_t i = 0; i < count && !status; i++) {
        size_t inside = pct_duty_enter_at(r, i);
        pct_duty_stop *stop = (pct_duty_stop *)room + i;
        status = read_stop(r, json_array_get(stops, i), stop);
        bool is_later = i == 0 || stop->arrive_ms >= stop[-1].end_ms;
        if (!status && (!is_later || stop->start_ms < stop->arrive_ms || stop->end_ms < stop->start_ms))
            status = pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_ORDER,
                                         json_object_get(json_array_get(stops, i), "start"));
        if (!status) pct_duty_leave(r, inside);
    }
    if (!status) pct_duty_leave(r, at);
    out->stops = room;
    out->stop_count = count;
    return status;
}

static pct_status read_with(pct_duty_reader *r, const json_t *list, pct_duty_unmet *out) {
    void *with = NULL;
    if (!list) return PCT_OK;
    pct_status status = expect_array(r, list, STOPS_MAX);
    size_t count = json_array_size(list);
    if (!status) status = make_room(r, count, sizeof(pct_text), &with);
    for (size_t i = 0; i < count && !status; i++)
        status = pct_duty_text(r, json_array_get(list, i), (pct_text *)with + i);
    out->with = with;
    out->with_count = count;
    return status;
}

static pct_status read_unmet(pct_duty_reader *r, const json_t *object, pct_duty_unmet *out) {
    static const char *const known[] = {"id", "name", "kind", "n", "must", "reason", "with", "text", NULL};
    int reason = 0;
    pct_status status = json_is_object(object) ? pct_duty_only(r, object, known)
                                               : pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, object);
    *out = (pct_duty_unmet){.must = json_is_true(json_object_get(object, "must"))};
    if (!status) status = read_kind(r, object, &out->kind);
    if (!status) status = text_of(r, object, "id", false, &out->id);
    if (!status) status = text_of(r, object, "name", false, &out->name);
    if (!status) status = read_n(r, object, &out->n);
    if (!status)
        status = pct_duty_word(r, json_object_get(object, "reason"), pct_duty_reason_names, PCT_DUTY_REASONS,
                               PCT_MSG_DUTY_EXPECTED_REASON, &reason);
    out->reason = (pct_duty_reason)reason;
    return status ? status : read_with(r, json_object_get(object, "with"), out);
}

static pct_status read_routes(pct_duty_reader *r, const json_t *root, pct_duty_plan *out) {
    const json_t *list = json_object_get(root, "routes");
    size_t at = pct_duty_enter(r, "routes"), count = json_array_size(list);
    void *room = NULL;
    pct_status status = expect_array(r, list, ROUTES_MAX);
    if (!status) status = make_room(r, count, sizeof *out->routes, &room);
    out->routes = room;
    for (; out->route_count < count && !status; out->route_count++) {
        size_t inside = pct_duty_enter_at(r, out->route_count);
        uint32_t number = 0;
        pct_duty_route *route = &out->routes[out->route_count];
        status = read_route(r, json_array_get(list, out->route_count), route);
        if (!status && pct_names_add(&r->unit_ids, route->unit, &number))
            status = pct_error_memory(r->error, route->unit.length);
        if (!status && number != out->route_count)
            status = pct_duty_unexpected(r, PCT_MSG_EXPECTED_FRESH_ID,
                                         json_object_get(json_array_get(list, out->route_count), "unit"));
        if (!status) pct_duty_leave(r, inside);
    }
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status read_all_unmet(pct_duty_reader *r, const json_t *root, pct_duty_plan *out) {
    const json_t *list = json_object_get(root, "unmet");
    size_t at = pct_duty_enter(r, "unmet"), count = json_array_size(list);
    void *room = NULL;
    pct_status status = expect_array(r, list, STOPS_MAX);
    if (!status) status = make_room(r, count, sizeof *out->unmet, &room);
    out->unmet = room;
    for (; out->unmet_count < count && !status; out->unmet_count++) {
        size_t inside = pct_duty_enter_at(r, out->unmet_count);
        status = read_unmet(r, json_array_get(list, out->unmet_count), &out->unmet[out->unmet_count]);
        if (!status) pct_duty_leave(r, inside);
    }
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status read_root(pct_duty_reader *r, const json_t *root, pct_duty_plan *out) {
    static const char *const format[] = {"precinct-plan-1"};
    static const char *const known[] = {"format",       "name",    "date",       "map_version", "seed",
                                        "feasible",     "unmet",   "cost",       "bound",       "wall_s",
                                        "entropy_bits", "first_s", "iterations", "routes",      NULL};
    int found;
    if (!json_is_object(root)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, root);
    size_t at = pct_duty_enter(r, "format");
    pct_status status =
        pct_duty_word(r, json_object_get(root, "format"), format, 1, PCT_MSG_DUTY_EXPECTED_PLAN_FORM, &found);
    if (status) return status;
    pct_duty_leave(r, at);
    status = pct_duty_only(r, root, known);
    const json_t *cost = json_object_get(root, "cost");
    out->seed = (uint64_t)json_integer_value(json_object_get(root, "seed"));
    out->map_version = json_integer_value(json_object_get(root, "map_version"));
    out->iterations = (uint64_t)json_integer_value(json_object_get(root, "iterations"));
    out->feasible = json_is_true(json_object_get(root, "feasible"));
    out->musts_left = real_of(cost, "musts_left");
    out->response_s = real_of(cost, "response_s");
    out->shoulds_left = real_of(cost, "shoulds_left");
    out->spread = real_of(cost, "spread");
    out->travel_s = real_of(cost, "travel_s");
    out->imbalance_s = real_of(cost, "imbalance_s");
    out->bound_travel_s = real_of(json_object_get(root, "bound"), "travel_s");
    out->wall_s = real_of(root, "wall_s");
    out->first_s = real_of(root, "first_s");
    out->entropy_bits = real_of(root, "entropy_bits");
    if (!status) status = text_of(r, root, "name", true, &out->name);
    if (!status) status = text_of(r, root, "date", true, &out->date);
    if (!status) status = read_all_unmet(r, root, out);
    return status ? status : read_routes(r, root, out);
}

pct_status pct_duty_plan_read(const char *file, pct_text bytes, const pct_zone *zone, pct_duty_plan *out,
                              pct_error *error) {
    pct_duty_reader r = {.file = file, .zone = zone, .arena = &out->arena, .error = error};
    json_t *root = NULL;
    *out = (pct_duty_plan){.arena = pct_arena_init(arena_max)};
    r.unit_ids = pct_names_init(ROUTES_MAX, bytes.length + 1);
    pct_status status = pct_json_parse(file, bytes, &root, error);
    if (!status) status = read_root(&r, root, out);
    json_decref(root);
    pct_names_dispose(&r.unit_ids);
    if (status) pct_duty_plan_dispose(out);
    return status;
}
