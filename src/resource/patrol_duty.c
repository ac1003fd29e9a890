/* The site's duty problem: kept as it was stated, and completed when a plan is asked for. */
#include "resource/patrol_duty.h"

#include <stdio.h>
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_book_state.h"

enum { OWED_MAX = 2000, OWED_VISITS_MAX = 9, DAY_MINUTES = 1440, CLOCK_TEXT = 8, DATE_TEXT = 12 };
static const char problem_file[] = "problem";

/* --- places (L1) ---------------------------------------------------------------------------------------------------------- */

pct_status pct_patrol_refuse_dwelling(const pct_service *service, pct_text what, pct_position position,
                                      pct_error *error) {
    const pct_gazetteer *gazetteer = service->site->gazetteer;
    if (gazetteer && pct_gazetteer_is_public_place(gazetteer, position)) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_DWELLING, pct_view(what));
}

/* What one goes to, and stays at; lines, areas and a unit's own pieces are no single places to look at. */
static bool is_place(const pct_duty_task *task) {
    return task->kind == PCT_DUTY_POINT || task->kind == PCT_DUTY_HOLD || task->kind == PCT_DUTY_PREMISES ||
           task->kind == PCT_DUTY_ORDER;
}

pct_status pct_patrol_refuse_dwellings(const pct_service *service, const pct_duty *duty, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < duty->task_count && !status; i++)
        if (is_place(&duty->tasks[i]) && duty->tasks[i].position_count > 0)
            status =
                pct_patrol_refuse_dwelling(service, duty->tasks[i].id, duty->tasks[i].positions[0], error);
    return status;
}

/* --- keeping -------------------------------------------------------------------------------------------------------------- */

static pct_status keep(pct_exchange *x, const pct_duty *duty, pct_error *error) {
    char name[PCT_PATROL_NAME_TEXT];
    pct_command command = {.kind = PCT_COMMAND_KEEP_DUTY};
    pct_event_duty_kept *d = &command.data.duty_kept;
    pct_status status = pct_patrol_put(x->service->patrol, "duty", x->body_bytes, name, error);
    if (status) return status;
    d->digest = pct_text_of(name);
    d->name = duty->name, d->date = duty->date;
    d->units = (int64_t)duty->unit_count, d->tasks = (int64_t)duty->task_count;
    return pct_patrol_take(x, &command, (pct_text){0}, error);
}

pct_status pct_resource_patrol_problem_put(pct_exchange *x, pct_error *error) {
    pct_duty duty = {0};
    pct_status status = pct_duty_read(problem_file, x->body_bytes, &x->service->site->zone, &duty, error);
    if (status == PCT_INPUT) x->status_code = 422;
    if (!status) {
        status = pct_patrol_refuse_dwellings(x->service, &duty, error);
        if (!status) status = keep(x, &duty, error);
        pct_duty_dispose(&duty);
    }
    return status;
}

static pct_status kept_text(pct_patrol_book *book, pct_buffer *out, pct_error *error) {
    char name[PCT_PATROL_NAME_TEXT] = "";
    const pct_life_kept *kept = pct_life_kept_now(pct_patrol_hold(book));
    if (kept && kept->digest.length < sizeof name) memcpy(name, kept->digest.chars, kept->digest.length);
    pct_patrol_let_go(book);
    if (!name[0])
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_PROBLEM, pct_str("/api/v1/patrol/problem"));
    return pct_patrol_get(book, "duty", pct_text_of(name), out, error);
}

pct_status pct_resource_patrol_problem(pct_exchange *x, pct_error *error) {
    pct_status status = kept_text(x->service->patrol, &x->reply, error);
    if (!status) pct_exchange_tag(x);
    return status;
}

/* --- completing ------------------------------------------------------------------------------------------------------------ */

/* jansson's memory is its own: every call below may fail for want of it, and the reading at the end finds what is missing. */
typedef struct completing {
    const pct_zone *zone;
    json_t *root;
    const pct_duty *duty; /* as it is kept */
    int64_t midnight_ms;
} completing;

static void write_clock(int32_t minute, char out[CLOCK_TEXT]) {
    (void)snprintf(out, CLOCK_TEXT, "%02d:%02d", (int)(minute / 60 % 100), (int)(minute % 60));
}

static void write_date(const pct_zone *zone, int64_t at_ms, char out[DATE_TEXT]) {
    int32_t offset_s;
    pct_civil c = pct_zone_to_local(zone, at_ms, &offset_s);
    (void)snprintf(out, DATE_TEXT, "%04d-%02u-%02u", (int)(c.year % 10000), c.month % 100u, c.day % 100u);
}

static json_t *list_of(json_t *root, const char *name) {
    json_t *list = json_object_get(root, name);
    if (!list && json_object_set_new(root, name, json_array()) == 0) list = json_object_get(root, name);
    return list;
}

static json_t *text_of(pct_text text) {
    return json_stringn(text.chars, text.length);
}

/* Of the hours that a problem asks about; an order that ends sooner, or at other hours, is of another day. */
static bool is_of_day(const completing *c, const pct_life_directed *x) {
    int64_t from_ms = c->midnight_ms + x->from_minute * INT64_C(60000),
            to_ms = c->midnight_ms + x->to_minute * INT64_C(60000);
    return from_ms < c->duty->hours.to_ms && to_ms > c->duty->hours.from_ms && x->until_ms > from_ms;
}

static void add_directed(const completing *c, const pct_life_directed *x) {
    char id[PCT_ID_TEXT], from[CLOCK_TEXT], to[CLOCK_TEXT], until[DATE_TEXT];
    int64_t last_ms = c->midnight_ms + PCT_DUTY_ORDER_DAYS_MAX * PCT_DAY_MS;
    (void)pct_id_write((pct_id){.kind = 'X', .seq = x->id.seq}, id);
    write_clock(x->from_minute, from);
    write_clock(x->to_minute, to);
    write_date(c->zone, x->until_ms < last_ms ? x->until_ms : last_ms, until);
    json_t *order = json_pack("{s:s, s:[f,f], s:[[s,s]], s:i, s:i, s:o, s:o, s:s}", "id", id, "at",
                              pct_position_lon_deg(x->position), pct_position_lat_deg(x->position), "windows",
                              from, to, "minutes", (int)x->minutes, "visits", (int)x->times, "reason",
                              text_of(x->reason), "author", text_of(x->author), "until", until);
    (void)json_array_append_new(list_of(c->root, "orders"), order);
}

static bool is_listed(const json_t *list, pct_text id) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_object_get(json_array_get(list, i), "id");
        if (json_string_length(one) == id.length && id.length &&
            memcmp(json_string_value(one), id.chars, id.length) == 0)
            return true;
    }
    return false;
}

/* What the problem says itself of a point's debt stands. */
static void add_debt(const completing *c, const pct_life *life, int64_t now_ms, pct_life_owed *owed) {
    size_t count;
    pct_life_debt(life, now_ms, owed, OWED_MAX, &count);
    for (size_t i = 0; i < count && i < OWED_MAX; i++) {
        int visits = owed[i].visits < OWED_VISITS_MAX ? owed[i].visits : OWED_VISITS_MAX;
        const json_t *asked = json_object_get(c->root, owed[i].kind == PCT_DUTY_LINE ? "lines" : "points");
        if (!is_listed(asked, owed[i].id) || is_listed(json_object_get(c->root, "debt"), owed[i].id))
            continue;
        (void)json_array_append_new(list_of(c->root, "debt"),
                                    json_pack("{s:o, s:i}", "id", text_of(owed[i].id), "visits", visits));
    }
}

/* What only that unit may do goes with it. */
static void leave_out(json_t *root, size_t index) {
    static const char *const lists[] = {"points",   "lines",  "areas",  "holds",
                                        "premises", "checks", "orders", "locked"};
    json_t *units = json_object_get(root, "units");
    const char *id = json_string_value(json_object_get(json_array_get(units, index), "id"));
    for (size_t l = 0; id && l < sizeof lists / sizeof *lists; l++) {
        json_t *list = json_object_get(root, lists[l]);
        for (size_t i = json_array_size(list); i > 0; i--) {
            const char *unit = json_string_value(json_object_get(json_array_get(list, i - 1), "unit"));
            if (unit && strcmp(unit, id) == 0) (void)json_array_remove(list, i - 1);
        }
    }
    (void)json_array_remove(units, index);
}

/* Of a station's n units the first ⌈n × share⌉ stay: the others stand by. */
static void leave_out_units(const completing *c, int32_t share_percent) {
    const pct_duty_unit *units = c->duty->units;
    for (size_t u = c->duty->unit_count; u > 0; u--) {
        size_t of_station = 0, before = 0;
        for (size_t k = 0; k < c->duty->unit_count; k++) {
            bool like = pct_text_same(units[k].station, units[u - 1].station);
            of_station += like;
            before += like && k < u - 1;
        }
        if (before * 100 >= of_station * (size_t)share_percent) leave_out(c->root, u - 1);
    }
}

static void complete(const completing *c, const pct_life *life, int64_t now_ms, pct_life_owed *owed) {
    for (size_t i = 0; pct_life_directed_at(life, i); i++) {
        const pct_life_directed *x = pct_life_directed_at(life, i);
        if (pct_life_directed_is_open(x, now_ms) && is_of_day(c, x)) add_directed(c, x);
    }
    const pct_life_level *level = pct_life_level_at_time(life, c->duty->hours.from_ms);
    if (level && level->share_percent < 100) leave_out_units(c, level->share_percent);
    add_debt(c, life, now_ms, owed);
}

static pct_status write_text(const json_t *root, pct_buffer *out, pct_error *error) {
    size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(10), length = json_dumpb(root, NULL, 0, flags);
    unsigned char *room = length ? pct_buffer_extend(out, length) : NULL;
    if (!room || json_dumpb(root, (char *)room, length, flags) != length)
        return pct_error_memory(error, length);
    return PCT_OK;
}

static int64_t midnight_of(const pct_zone *zone, const pct_duty *duty) {
    int32_t offset_s;
    pct_civil civil = pct_zone_to_local(zone, duty->hours.from_ms, &offset_s);
    int64_t at_ms = duty->hours.from_ms;
    pct_time day;
    char text[DATE_TEXT + 12];
    (void)snprintf(text, sizeof text, "%.*s 00:00", (int)(duty->date.length < 10 ? duty->date.length : 10),
                   duty->date.chars);
    if (pct_time_parse(pct_text_of(text), &day)) civil = day.civil;
    (void)pct_zone_to_utc(zone, &civil, &at_ms);
    return at_ms;
}

static pct_status complete_text(pct_patrol_book *book, pct_text kept, pct_buffer *out, int64_t *debt_until,
                                pct_error *error) {
    pct_duty duty = {0};
    completing c = {.zone = &book->service->site->zone, .duty = &duty};
    pct_life_owed *owed = pct_alloc(OWED_MAX, sizeof *owed);
    pct_status status = owed ? pct_json_parse(problem_file, kept, &c.root, error)
                             : pct_error_memory(error, OWED_MAX * sizeof *owed);
    if (!status) status = pct_duty_read(problem_file, kept, c.zone, &duty, error);
    if (!status) {
        c.midnight_ms = midnight_of(c.zone, &duty);
        const pct_life *life = pct_patrol_hold(book);
        *debt_until = pct_life_seq(life);
        complete(&c, life, pct_service_now_ms(book->service), owed);
        pct_patrol_let_go(book);
        status = write_text(c.root, out, error);
        pct_duty_dispose(&duty);
    }
    json_decref(c.root);
    pct_free(owed);
    return status;
}

pct_status pct_patrol_problem_now(pct_patrol_book *book, pct_buffer *out, pct_duty *duty, int64_t *debt_until,
                                  pct_error *error) {
    pct_buffer kept = pct_buffer_init(PCT_STORE_VALUE_MAX);
    pct_status status = kept_text(book, &kept, error);
    if (!status)
        status =
            complete_text(book, (pct_text){(const char *)kept.bytes, kept.length}, out, debt_until, error);
    if (!status)
        status = pct_duty_read(problem_file, (pct_text){(const char *)out->bytes, out->length},
                               &book->service->site->zone, duty, error);
    pct_buffer_dispose(&kept);
    return status;
}
