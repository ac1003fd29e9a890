#include <math.h>

#include "patrol/duty_plan.h"
#include "patrol/duty_reader.h"

enum { ROUTES_MAX = 5000, STOPS_MAX = 20000, LINE_MAX = 200000, MS_PER_S = 1000 };
static const size_t arena_max = (size_t)256 << 20;

/* Into items[i]; the items before it have been read. */
typedef pct_status read_item(pct_duty_reader *r, const json_t *value, void *items, size_t i);

/* Room for the items of a list, and each of them. *count is of those that were read. */
static pct_status read_list(pct_duty_reader *r, const json_t *list, size_t most, size_t item_size,
                            read_item *item, void **items, size_t *count) {
    size_t n = json_array_size(list);
    *count = 0;
    if (!json_is_array(list) || n > most) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_ARRAY, list);
    *items = pct_arena_alloc(r->arena, n ? n : 1, item_size);
    if (!*items) return pct_error_memory(r->error, n * item_size);
    pct_status status = PCT_OK;
    for (; *count < n && !status; ++*count) status = item(r, json_array_get(list, *count), *items, *count);
    return status;
}

/* The same of objects in a member, with its name and their numbers in the path of an error. */
static pct_status read_objects(pct_duty_reader *r, const json_t *object, const char *name, size_t most,
                               size_t item_size, read_item *item, void **items, size_t *count) {
    size_t at = pct_duty_enter(r, name);
    pct_status status = read_list(r, json_object_get(object, name), most, item_size, item, items, count);
    if (!status) pct_duty_leave(r, at);
    return status;
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

/* In the order of time, no sooner than the one before. */
static pct_status read_stop_item(pct_duty_reader *r, const json_t *object, void *items, size_t i) {
    pct_duty_stop *stop = (pct_duty_stop *)items + i;
    size_t at = pct_duty_enter_at(r, i);
    pct_status status = read_stop(r, object, stop);
    bool is_later = i == 0 || stop->arrive_ms >= stop[-1].end_ms;
    if (!status && (!is_later || stop->start_ms < stop->arrive_ms || stop->end_ms < stop->start_ms))
        status = pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_ORDER, json_object_get(object, "start"));
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status read_position_item(pct_duty_reader *r, const json_t *value, void *items, size_t i) {
    return pct_duty_position(r, value, (pct_position *)items + i);
}

static pct_status read_text_item(pct_duty_reader *r, const json_t *value, void *items, size_t i) {
    return pct_duty_text(r, value, (pct_text *)items + i);
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
    const json_t *line = json_object_get(object, "geometry");
    void *positions = NULL, *stops = NULL;
    if (!status && line)
        status =
            read_list(r, line, LINE_MAX, sizeof *out->line, read_position_item, &positions, &out->line_count);
    if (!status)
        status = read_objects(r, object, "stops", STOPS_MAX, sizeof *out->stops, read_stop_item, &stops,
                              &out->stop_count);
    out->line = positions;
    out->stops = stops;
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
    const json_t *list = json_object_get(object, "with");
    void *with = NULL;
    if (!status && list)
        status = read_list(r, list, STOPS_MAX, sizeof *out->with, read_text_item, &with, &out->with_count);
    out->with = with;
    return status;
}

static pct_status read_unmet_item(pct_duty_reader *r, const json_t *object, void *items, size_t i) {
    size_t at = pct_duty_enter_at(r, i);
    pct_status status = read_unmet(r, object, (pct_duty_unmet *)items + i);
    if (!status) pct_duty_leave(r, at);
    return status;
}

/* One route for each unit. */
static pct_status read_route_item(pct_duty_reader *r, const json_t *object, void *items, size_t i) {
    pct_duty_route *route = (pct_duty_route *)items + i;
    size_t at = pct_duty_enter_at(r, i);
    uint32_t number = 0;
    pct_status status = read_route(r, object, route);
    if (!status && pct_names_add(&r->unit_ids, route->unit, &number))
        status = pct_error_memory(r->error, route->unit.length);
    if (!status && number != i)
        status = pct_duty_unexpected(r, PCT_MSG_EXPECTED_FRESH_ID, json_object_get(object, "unit"));
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
    void *unmet = NULL, *routes = NULL;
    if (!status)
        status = read_objects(r, root, "unmet", STOPS_MAX, sizeof *out->unmet, read_unmet_item, &unmet,
                              &out->unmet_count);
    if (!status)
        status = read_objects(r, root, "routes", ROUTES_MAX, sizeof *out->routes, read_route_item, &routes,
                              &out->route_count);
    out->unmet = unmet;
    out->routes = routes;
    return status;
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
