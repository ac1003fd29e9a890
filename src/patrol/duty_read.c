/* The JSON of a duty problem (docs/reference/duty-plan.md) → pct_duty. One table says which member belongs to which kinds of tasks, and how it
 * is read; what is in no row of it is refused. O(bytes). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "geo/polygon.h"
#include "patrol/duty_reader.h"
#include "place/gazetteer.h"

enum {
    UNITS_MAX = 5000,
    TASKS_MAX = 20000,
    DEMAND_MAX = 2000,
    PLACES_MAX = 20,
    PATH_MAX = 1000,
    TIMES_MAX = 1000,
    DWELL_DEFAULT_MS = 5 * PCT_DUTY_MINUTE_MS,
    WITHIN_DEFAULT_DAYS = 20,
    CAPABILITIES_MAX = 64
};
static const size_t arena_max = (size_t)256 << 20;
static const double weight_max = 1e6, per_hour_max = 1e4, minutes_max = 2880.0, weight_parts = 1000.0;

static pct_status read_id(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_text(r, value, &t->id);
}

static pct_status read_name(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_text(r, value, &t->name);
}

static pct_status read_detail(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    pct_status status = pct_duty_text(r, value, &t->detail);
    if (status || t->kind == PCT_DUTY_FIXED || t->kind == PCT_DUTY_ORDER) return status;
    if (t->kind == PCT_DUTY_CHECK)
        return pct_text_equal(t->detail, "phone") || pct_text_equal(t->detail, "field")
                   ? PCT_OK
                   : pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_CHECK, value);
    return pct_dwelling_of_kind(t->detail) == PCT_DWELLING_YES
               ? pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_NO_DWELLING, value)
               : PCT_OK;
}

static pct_status read_author(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_text(r, value, &t->author);
}

static pct_status read_positions(pct_duty_reader *r, const json_t *list, size_t least, size_t most,
                                 size_t drop, pct_message expected, const pct_position **out, size_t *count) {
    size_t n = json_array_size(list);
    if (n < least + drop || n > most) return pct_duty_unexpected(r, expected, list);
    pct_position *positions = pct_arena_alloc(r->arena, n, sizeof *positions);
    if (!positions) return pct_error_memory(r->error, n * sizeof *positions);
    for (size_t i = 0; i < n; i++) {
        pct_status status = pct_duty_position(r, json_array_get(list, i), &positions[i]);
        if (status) return status;
    }
    *out = positions;
    *count = n - drop;
    return PCT_OK;
}

/* One position; a break has several. */
static pct_status read_at(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    if (json_is_array(json_array_get(value, 0)) && t->kind == PCT_DUTY_BREAK)
        return read_positions(r, value, 1, PLACES_MAX, 0, PCT_MSG_DUTY_EXPECTED_PLACES, &t->positions,
                              &t->position_count);
    pct_position *position = pct_arena_alloc(r->arena, 1, sizeof *position);
    if (!position) return pct_error_memory(r->error, sizeof *position);
    t->positions = position;
    t->position_count = 1;
    return pct_duty_position(r, value, position);
}

static pct_status read_path(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_positions(r, value, 2, PATH_MAX, 0, PCT_MSG_DUTY_EXPECTED_PATH, &t->positions,
                          &t->position_count);
}

/* The outer ring of a GeoJSON polygon, whose last position is its first: that stands behind the count. */
static pct_status read_ring(pct_duty_reader *r, const json_t *value, const pct_position **ring,
                            size_t *count) {
    pct_status status =
        read_positions(r, json_array_get(value, 0), 3, PATH_MAX, 1, PCT_MSG_EXPECTED_RING, ring, count);
    if (!status && !pct_ring_is_closed((pct_ring){*ring, *count + 1}))
        status = pct_duty_unexpected(r, PCT_MSG_EXPECTED_RING, value);
    return status;
}

static pct_status read_polygon(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_ring(r, value, &t->positions, &t->position_count);
}

static pct_status read_windows(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    size_t n = json_array_size(value);
    if (n == 0 || n > PCT_DUTY_WINDOWS_MAX)
        return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_WINDOW, value);
    pct_duty_span *spans = pct_arena_alloc(r->arena, n, sizeof *spans);
    if (!spans) return pct_error_memory(r->error, n * sizeof *spans);
    for (size_t i = 0; i < n; i++) {
        const json_t *pair = json_array_get(value, i);
        if (json_array_size(pair) != 2) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_WINDOW, pair);
        pct_status status = pct_duty_clock(r, json_array_get(pair, 0), &spans[i].from_ms);
        if (!status) status = pct_duty_clock(r, json_array_get(pair, 1), &spans[i].to_ms);
        if (status) return status;
        if (spans[i].to_ms < spans[i].from_ms)
            return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_WINDOW, pair);
    }
    t->windows = spans;
    t->window_count = n;
    return PCT_OK;
}

/* A piece that begins at one instant. */
static pct_status read_start(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    pct_duty_span *span = pct_arena_alloc(r->arena, 1, sizeof *span);
    if (!span) return pct_error_memory(r->error, sizeof *span);
    t->windows = span;
    t->window_count = 1;
    pct_status status = pct_duty_clock(r, value, &span->from_ms);
    span->to_ms = span->from_ms;
    return status;
}

static pct_status read_times(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    int64_t times = json_is_integer(value) ? json_integer_value(value) : 0;
    if (times < 1 || times > TIMES_MAX) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_TIMES, value);
    t->times = (int32_t)times;
    return PCT_OK;
}

static pct_status read_real(pct_duty_reader *r, const json_t *value, double least, double most,
                            pct_message expected, double *out) {
    *out = json_number_value(value);
    return json_is_number(value) && *out >= least && *out <= most ? PCT_OK
                                                                  : pct_duty_unexpected(r, expected, value);
}

static pct_status read_minutes(pct_duty_reader *r, const json_t *value, int64_t *out) {
    double minutes;
    pct_status status = read_real(r, value, 0.0, minutes_max, PCT_MSG_DUTY_EXPECTED_MINUTES, &minutes);
    *out = llround(minutes * PCT_DUTY_MINUTE_MS);
    return status;
}

static pct_status read_gap(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_minutes(r, value, &t->gap_ms);
}

static pct_status read_dwell(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_minutes(r, value, &t->dwell_ms);
}

static pct_status read_presence(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_minutes(r, value, &t->presence_ms_per_hour);
}

static pct_status read_weight(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    double weight;
    pct_status status =
        read_real(r, value, 1.0 / weight_parts, weight_max, PCT_MSG_DUTY_EXPECTED_WEIGHT, &weight);
    t->weight = llround(weight * weight_parts);
    return status;
}

static pct_status read_bool(pct_duty_reader *r, const json_t *value, bool *out) {
    if (!json_is_boolean(value)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_BOOLEAN, value);
    *out = json_is_true(value);
    return PCT_OK;
}

static pct_status read_must(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_bool(r, value, &t->must);
}

static pct_status read_announced(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return read_bool(r, value, &t->announced);
}

static pct_status read_needs(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_capabilities(r, value, &t->needs);
}

static pct_status read_unit(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_unit_named(r, value, &t->unit);
}

static pct_status read_station(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    pct_status status = pct_duty_text(r, value, &t->station);
    for (size_t u = 0; u < r->duty->unit_count && !status; u++) {
        if (pct_text_same(r->duty->units[u].station, t->station)) return PCT_OK;
    }
    return status ? status : pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_STATION, value);
}

static pct_status read_direction(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    static const char *const words[] = {"either", "forward", "backward", "both"};
    int found;
    pct_status status = pct_duty_word(r, value, words, 4, PCT_MSG_DUTY_EXPECTED_DIRECTION, &found);
    if (!status) t->direction = (pct_duty_direction)found;
    return status;
}

static pct_status read_moves(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_moves_named(r, value, &t->moves);
}

static pct_status read_seen(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    return pct_duty_day(r, value, &t->seen_ms);
}

static pct_status read_within(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    int64_t days = json_is_integer(value) ? json_integer_value(value) : 0;
    if (days < 1 || days > TIMES_MAX) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_TIMES, value);
    t->within_ms = days * PCT_DAY_MS;
    return PCT_OK;
}

/* An order's last day. */
static pct_status read_until(pct_duty_reader *r, const json_t *value, pct_duty_task *t) {
    (void)t;
    int64_t until_ms;
    pct_status status = pct_duty_day(r, value, &until_ms);
    if (status) return status;
    return until_ms >= r->midnight_ms && until_ms <= r->midnight_ms + PCT_DUTY_ORDER_DAYS_MAX * PCT_DAY_MS +
                                                         (60 * PCT_DUTY_MINUTE_MS)
               ? PCT_OK
               : pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_ORDER_END, value);
}

#define OF(kind) (1U << PCT_DUTY_##kind)
enum {
    VISITED = OF(POINT) | OF(ORDER) | OF(PREMISES) | OF(CHECK),
    SHARED = VISITED | OF(LINE) | OF(AREA) | OF(HOLD)
};

typedef struct member {
    const char *name;
    unsigned kinds, required;
    pct_status (*read)(pct_duty_reader *r, const json_t *value, pct_duty_task *task);
} member;

static const member members[] = {
    {"id", SHARED | OF(FIXED), SHARED, read_id},
    {"name", SHARED | OF(FIXED), 0, read_name},
    {"kind", OF(POINT) | OF(PREMISES) | OF(CHECK) | OF(FIXED) | OF(HOLD), OF(PREMISES) | OF(CHECK),
     read_detail},
    {"at", VISITED | OF(HOLD) | OF(FIXED) | OF(BREAK),
     OF(POINT) | OF(ORDER) | OF(PREMISES) | OF(HOLD) | OF(FIXED), read_at},
    {"path", OF(LINE), OF(LINE), read_path},
    {"polygon", OF(AREA), OF(AREA), read_polygon},
    {"windows", SHARED | OF(BREAK), OF(HOLD) | OF(ORDER) | OF(BREAK), read_windows},
    {"start", OF(FIXED), OF(FIXED), read_start},
    {"visits", OF(POINT) | OF(ORDER), 0, read_times},
    {"passes", OF(LINE), 0, read_times},
    {"gap_minutes", OF(POINT) | OF(ORDER) | OF(LINE), 0, read_gap},
    {"minutes", VISITED | OF(FIXED) | OF(BREAK), OF(FIXED) | OF(BREAK), read_dwell},
    {"unit_minutes_per_hour", OF(AREA), OF(AREA), read_presence},
    {"needs", SHARED, 0, read_needs},
    {"must", SHARED, 0, read_must},
    {"weight", SHARED, 0, read_weight},
    {"unit", SHARED, OF(CHECK), read_unit},
    {"station", SHARED, 0, read_station},
    {"direction", OF(LINE), 0, read_direction},
    {"moves", OF(LINE) | OF(POINT), 0, read_moves},
    {"last_seen", OF(PREMISES), 0, read_seen},
    {"within_days", OF(PREMISES), 0, read_within},
    {"announced", OF(CHECK), 0, read_announced},
    {"reason", OF(ORDER), OF(ORDER), read_detail},
    {"author", OF(ORDER), OF(ORDER), read_author},
    {"until", OF(ORDER), OF(ORDER), read_until},
};
enum { MEMBERS = sizeof members / sizeof *members };

static const member *member_named(const char *name, unsigned kind) {
    for (size_t i = 0; i < MEMBERS; i++)
        if ((members[i].kinds & kind) && strcmp(members[i].name, name) == 0) return &members[i];
    return NULL;
}

/* What holds when nothing is said. */
static pct_duty_task task_init(pct_duty_kind kind, int32_t unit, const pct_duty_span *hours) {
    bool must = kind != PCT_DUTY_AREA && kind != PCT_DUTY_PREMISES && kind != PCT_DUTY_CHECK;
    return (pct_duty_task){.kind = kind,
                           .id = {"", 0},
                           .name = {"", 0},
                           .detail = {"", 0},
                           .author = {"", 0},
                           .station = {"", 0},
                           .windows = hours,
                           .window_count = 1,
                           .times = 1,
                           .dwell_ms = kind == PCT_DUTY_LINE || kind == PCT_DUTY_HOLD ? 0 : DWELL_DEFAULT_MS,
                           .seen_ms = INT64_MIN,
                           .within_ms = WITHIN_DEFAULT_DAYS * PCT_DAY_MS,
                           .weight = (int64_t)weight_parts,
                           .unit = unit,
                           .must = must,
                           .announced = true};
}

static pct_status read_task(pct_duty_reader *r, const json_t *object, pct_duty_task *t) {
    if (!json_is_object(object)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, object);
    unsigned kind = 1U << t->kind;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        size_t at = pct_duty_enter(r, name);
        const member *m = member_named(name, kind);
        pct_status status = m ? m->read(r, value, t) : pct_duty_unknown(r);
        if (status) return status;
        pct_duty_leave(r, at);
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!(members[i].required & kind) || json_object_get(object, members[i].name)) continue;
        (void)pct_duty_enter(r, members[i].name);
        return pct_duty_unexpected(
            r, members[i].read == read_at ? PCT_MSG_EXPECTED_LON_LAT : PCT_MSG_EXPECTED_TEXT, NULL);
    }
    return PCT_OK;
}

/* A list of tasks of one kind behind those that are there already. */
static pct_status read_tasks(pct_duty_reader *r, const json_t *object, const char *name, pct_duty_kind kind,
                             int32_t unit) {
    pct_duty *duty = r->duty;
    const json_t *list = json_object_get(object, name);
    size_t at = pct_duty_enter(r, name);
    if (list && !json_is_array(list)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_ARRAY, list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t inside = pct_duty_enter_at(r, i);
        pct_duty_task *t = &duty->tasks[duty->task_count];
        *t = task_init(kind, unit, &duty->hours);
        pct_status status = read_task(r, json_array_get(list, i), t);
        if (!status && kind == PCT_DUTY_HOLD) t->times = (int32_t)t->window_count;
        if (!status && unit == PCT_DUTY_NONE) {
            uint32_t number;
            status = pct_names_add(&r->ids, t->id, &number);
            if (status) status = pct_error_memory(r->error, t->id.length);
            (void)pct_duty_enter(r, "id");
            if (!status && (number != duty->task_count || t->id.length == 0))
                status = pct_duty_unexpected(r, PCT_MSG_EXPECTED_FRESH_ID,
                                             json_object_get(json_array_get(list, i), "id"));
        }
        if (status) return status;
        pct_duty_leave(r, inside);
        duty->task_count++;
    }
    pct_duty_leave(r, at);
    return PCT_OK;
}

static const struct {
    const char *name;
    pct_duty_kind kind;
} lists[] = {{"points", PCT_DUTY_POINT}, {"lines", PCT_DUTY_LINE},        {"areas", PCT_DUTY_AREA},
             {"holds", PCT_DUTY_HOLD},   {"premises", PCT_DUTY_PREMISES}, {"checks", PCT_DUTY_CHECK},
             {"orders", PCT_DUTY_ORDER}};
enum { LISTS = sizeof lists / sizeof *lists };

static pct_status read_all_tasks(pct_duty_reader *r, const json_t *root) {
    pct_duty *duty = r->duty;
    const json_t *units = json_object_get(root, "units");
    size_t count = 0;
    for (size_t i = 0; i < LISTS; i++) count += json_array_size(json_object_get(root, lists[i].name));
    for (size_t u = 0; u < duty->unit_count; u++) {
        const json_t *unit = json_array_get(units, u);
        count += json_array_size(json_object_get(unit, "fixed")) +
                 json_array_size(json_object_get(unit, "breaks"));
    }
    if (count > TASKS_MAX) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_SIZE, root);
    duty->tasks = pct_arena_alloc(r->arena, count ? count : 1, sizeof *duty->tasks);
    if (!duty->tasks) return pct_error_memory(r->error, count * sizeof *duty->tasks);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < LISTS && !status; i++)
        status = read_tasks(r, root, lists[i].name, lists[i].kind, PCT_DUTY_NONE);
    size_t at = pct_duty_enter(r, "units");
    for (size_t u = 0; u < duty->unit_count && !status; u++) {
        const json_t *unit = json_array_get(units, u);
        size_t inside = pct_duty_enter_at(r, u);
        status = read_tasks(r, unit, "fixed", PCT_DUTY_FIXED, (int32_t)u);
        if (!status) status = read_tasks(r, unit, "breaks", PCT_DUTY_BREAK, (int32_t)u);
        if (!status) pct_duty_leave(r, inside);
    }
    if (!status) pct_duty_leave(r, at);
    return status;
}

static pct_status find_task(pct_duty_reader *r, const json_t *object, int32_t *out) {
    const json_t *id = json_object_get(object, "id");
    pct_text text = {json_string_value(id), json_string_length(id)};
    uint32_t found = json_is_string(id) ? pct_names_find(&r->ids, text) : PCT_MAP_ABSENT;
    *out = (int32_t)found;
    return found != PCT_MAP_ABSENT ? PCT_OK : pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_TASK, id);
}

/* What earlier shifts owe: so many visits more, all of them musts. */
static pct_status read_debt(pct_duty_reader *r, const json_t *object, size_t i) {
    static const char *const known[] = {"id", "visits", NULL};
    pct_duty_task owed = {.times = 1};
    int32_t task = 0;
    (void)i;
    pct_status status = pct_duty_only(r, object, known);
    if (!status) status = find_task(r, object, &task);
    if (!status && json_object_get(object, "visits"))
        status = read_times(r, json_object_get(object, "visits"), &owed);
    if (status) return status;
    pct_duty_task *t = &r->duty->tasks[task];
    if (t->times + owed.times > TIMES_MAX)
        return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_TIMES, json_object_get(object, "visits"));
    t->owed += owed.times;
    t->times += owed.times;
    return PCT_OK;
}

static pct_status read_demand(pct_duty_reader *r, const json_t *object, size_t i) {
    static const char *const known[] = {"at", "per_hour", NULL};
    pct_duty_demand *d = &r->duty->demand[i];
    pct_status status = pct_duty_only(r, object, known);
    if (!status) status = pct_duty_position(r, json_object_get(object, "at"), &d->at);
    return status ? status
                  : read_real(r, json_object_get(object, "per_hour"), 0.0, per_hour_max,
                              PCT_MSG_DUTY_EXPECTED_RATE, &d->per_hour);
}

static pct_status read_forbidden(pct_duty_reader *r, const json_t *object, size_t i) {
    static const char *const known[] = {"name", "polygon", NULL};
    pct_duty_ring *ring = &r->duty->forbidden[i];
    ring->name = (pct_text){"", 0};
    pct_status status = pct_duty_only(r, object, known);
    if (!status && json_object_get(object, "name"))
        status = pct_duty_text(r, json_object_get(object, "name"), &ring->name);
    return status ? status : read_ring(r, json_object_get(object, "polygon"), &ring->positions, &ring->count);
}

static pct_status read_lock(pct_duty_reader *r, const json_t *object, size_t i) {
    static const char *const known[] = {"unit", "id", "n", NULL};
    pct_duty_lock *lock = &r->duty->locks[i];
    const json_t *n = json_object_get(object, "n");
    pct_status status = pct_duty_only(r, object, known);
    if (!status) status = pct_duty_unit_named(r, json_object_get(object, "unit"), &lock->unit);
    if (!status) status = find_task(r, object, &lock->task);
    if (status) return status;
    lock->n = n ? (int32_t)json_integer_value(n) : 1;
    return lock->n >= 1 && lock->n <= r->duty->tasks[lock->task].times
               ? PCT_OK
               : pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_VISIT, n);
}

typedef pct_status read_item(pct_duty_reader *r, const json_t *object, size_t i);

/* Each object of a list. */
static pct_status read_list(pct_duty_reader *r, const json_t *root, const char *name, read_item *each) {
    const json_t *list = json_object_get(root, name);
    size_t at = pct_duty_enter(r, name);
    if (list && !json_is_array(list)) return pct_duty_unexpected(r, PCT_MSG_EXPECTED_ARRAY, list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t inside = pct_duty_enter_at(r, i);
        const json_t *object = json_array_get(list, i);
        pct_status status = json_is_object(object) ? each(r, object, i)
                                                   : pct_duty_unexpected(r, PCT_MSG_EXPECTED_OBJECT, object);
        if (status) return status;
        pct_duty_leave(r, inside);
    }
    pct_duty_leave(r, at);
    return PCT_OK;
}

static pct_status make_room(pct_duty_reader *r, const json_t *root, const char *name, size_t item_size,
                            void **out, size_t *count) {
    const json_t *list = json_object_get(root, name);
    *count = json_array_size(list);
    if (*count > TASKS_MAX) return pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_SIZE, list);
    *out = pct_arena_alloc(r->arena, *count ? *count : 1, item_size);
    return *out ? PCT_OK : pct_error_memory(r->error, *count * item_size);
}

static pct_status read_lists(pct_duty_reader *r, const json_t *root) {
    pct_duty *d = r->duty;
    void *forbidden = NULL, *demand = NULL, *locks = NULL;
    pct_status status =
        make_room(r, root, "forbidden", sizeof *d->forbidden, &forbidden, &d->forbidden_count);
    if (!status) status = make_room(r, root, "demand", sizeof *d->demand, &demand, &d->demand_count);
    if (!status && d->demand_count > DEMAND_MAX)
        status = pct_duty_unexpected(r, PCT_MSG_DUTY_EXPECTED_SIZE, json_object_get(root, "demand"));
    if (!status) status = make_room(r, root, "locked", sizeof *d->locks, &locks, &d->lock_count);
    if (status) return status;
    d->forbidden = forbidden;
    d->demand = demand;
    d->locks = locks;
    status = read_list(r, root, "debt", read_debt);
    if (!status) status = read_list(r, root, "forbidden", read_forbidden);
    if (!status) status = read_list(r, root, "demand", read_demand);
    return status ? status : read_list(r, root, "locked", read_lock);
}

pct_status pct_duty_read(const char *file, pct_text bytes, const pct_zone *zone, pct_duty *out,
                         pct_error *error) {
    pct_duty_reader r = {.file = file, .zone = zone, .arena = &out->arena, .duty = out, .error = error};
    json_t *root = NULL;
    *out = (pct_duty){.arena = pct_arena_init(arena_max)};
    r.ids = pct_names_init(TASKS_MAX, bytes.length + 1);
    r.unit_ids = pct_names_init(UNITS_MAX, bytes.length + 1);
    r.capabilities = pct_names_init(CAPABILITIES_MAX, bytes.length + 1);
    pct_status status = pct_json_parse(file, bytes, &root, error);
    if (!status) status = pct_duty_head(&r, root);
    if (!status) status = pct_duty_units(&r, root);
    if (!status) status = read_all_tasks(&r, root);
    if (!status) status = read_lists(&r, root);
    if (!status) status = pct_duty_keep_capabilities(&r);
    json_decref(root);
    pct_names_dispose(&r.ids);
    pct_names_dispose(&r.unit_ids);
    pct_names_dispose(&r.capabilities);
    if (status) pct_duty_dispose(out);
    return status;
}

pct_duty_span pct_duty_span_of(const pct_duty *duty) {
    pct_duty_span span = duty->hours;
    for (size_t u = 0; u < duty->unit_count; u++) {
        pct_duty_span shift = duty->units[u].shift;
        if (shift.from_ms < span.from_ms) span.from_ms = shift.from_ms;
        if (shift.to_ms > span.to_ms) span.to_ms = shift.to_ms;
    }
    return span;
}

void pct_duty_dispose(pct_duty *duty) {
    pct_arena_dispose(&duty->arena);
    *duty = (pct_duty){0};
}
