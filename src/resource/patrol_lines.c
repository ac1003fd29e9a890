/* The lines that the units of a kept plan drive, for a map, on demand: along the roads as they are without closures, a patrol line along its own
 * path, straight where no way leads or nobody drives. A point that lies within TOLERANCE_M of the line without it is left out (an opening
 * window: O(points × window)), and of one reply there are at most POINTS_TOLD_MAX: what is beyond is `left_off` and its line null. One route for
 * each leg; on the thread of what takes long. */
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "geo/geojson.h"
#include "resource/patrol_plan.h"
#include "resource/patrol_rounds.h"

enum { LINE_POINTS_MAX = 1 << 20, POINTS_TOLD_MAX = 100000, WINDOW = 48 };
#define TOLERANCE_M 4.0

typedef struct drawing {
    pct_exchange *x;
    pct_seat *seat;
    const pct_duty *problem; /* NULL: not known */
    pct_vector line, thin;   /* pct_position */
    pct_json_writer json;
    size_t told, left_off;
    pct_error *error;
} drawing;

static pct_status add(drawing *d, pct_vector *line, pct_position p) {
    pct_position *room = pct_vector_push(line);
    if (!room) return pct_error_memory(d->error, line->length * sizeof *room);
    *room = p;
    return PCT_OK;
}

static pct_status add_leg(drawing *d, const pct_position *places, size_t count, bool drives) {
    size_t before = d->line.length;
    pct_error why;
    pct_status status = drives ? pct_patrol_way(d->seat, places, count, &d->line, &why) : PCT_UNREACHABLE;
    if (!status) return PCT_OK;
    if (status != PCT_UNREACHABLE && status != PCT_NOT_FOUND) {
        *d->error = why;
        return status;
    }
    d->line.length = before;
    status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) status = add(d, &d->line, places[i]);
    return status;
}

static const pct_duty_task *line_of(const drawing *d, const pct_duty_stop *stop) {
    for (size_t i = 0; d->problem && i < d->problem->task_count; i++) {
        const pct_duty_task *t = &d->problem->tasks[i];
        if (t->kind == PCT_DUTY_LINE && t->position_count > 1 && pct_text_same(t->id, stop->id)) return t;
    }
    return NULL;
}

/* A patrol line from the end at which the stop begins. */
static pct_status add_stop(drawing *d, const pct_duty_stop *stop, bool drives) {
    const pct_duty_task *task = stop->kind == PCT_DUTY_LINE ? line_of(d, stop) : NULL;
    const pct_position ends[] = {stop->from, stop->to};
    if (!task) return add_leg(d, ends, 2, drives);
    size_t count = task->position_count;
    pct_position *path = pct_arena_alloc(&d->x->arena, count + 2, sizeof *path);
    if (!path) return pct_error_memory(d->error, count * sizeof *path);
    const pct_position *p = task->positions;
    bool backward = pct_geo_distance_m(stop->from, p[count - 1]) < pct_geo_distance_m(stop->from, p[0]);
    path[0] = stop->from, path[count + 1] = stop->to;
    for (size_t i = 0; i < count; i++) path[1 + i] = backward ? p[count - 1 - i] : p[i];
    return add_leg(d, path, count + 2, drives && task->moves == PCT_DUTY_DRIVE);
}

static bool is_near(const pct_position *p, size_t from, size_t to) {
    for (size_t i = from + 1; i < to; i++)
        if (pct_geo_project(p[i], p[from], p[to]).distance_m > TOLERANCE_M) return false;
    return true;
}

static pct_status thin_out(drawing *d) {
    const pct_position *p = d->line.items;
    size_t from = 0, count = d->line.length;
    pct_status status = count ? add(d, &d->thin, p[0]) : PCT_OK;
    while (!status && from + 1 < count) {
        size_t to = from + 1;
        while (to + 1 < count && to + 1 - from <= WINDOW && is_near(p, from, to + 1)) to++;
        status = add(d, &d->thin, p[to]);
        from = to;
    }
    return status;
}

static pct_status draw_route(drawing *d, const pct_duty_route *route) {
    bool drives = route->moves == PCT_DUTY_DRIVE;
    pct_position at = route->start;
    pct_status status = PCT_OK;
    d->line.length = d->thin.length = 0;
    for (size_t i = 0; i < route->stop_count && !status; i++) {
        const pct_duty_stop *stop = &route->stops[i];
        const pct_position way[] = {at, stop->from};
        status = add_leg(d, way, 2, drives);
        if (!status) status = add_stop(d, stop, drives && stop->moves == PCT_DUTY_DRIVE);
        at = stop->to;
    }
    const pct_position home[] = {at, route->end};
    if (!status && route->stop_count) status = add_leg(d, home, 2, drives);
    return status ? status : thin_out(d);
}

static pct_status write_route(drawing *d, const pct_duty_route *route) {
    bool room = d->told < POINTS_TOLD_MAX;
    pct_status status = room ? draw_route(d, route) : PCT_OK;
    if (status) return status;
    room = room && d->told + d->thin.length <= POINTS_TOLD_MAX;
    d->left_off += !room;
    pct_json_begin_object(&d->json);
    pct_json_text_member(&d->json, "unit", route->unit);
    pct_json_key(&d->json, "line");
    if (room && d->thin.length > 1) {
        pct_geojson_write_line(&d->json, d->thin.items, d->thin.length);
        d->told += d->thin.length;
    } else {
        pct_json_null(&d->json);
    }
    pct_json_end_object(&d->json);
    return PCT_OK;
}

static pct_status write_lines(drawing *d, pct_plan_id id, const pct_duty_plan *plan) {
    pct_status status = pct_patrol_sit(d->x->service, &d->seat, d->error);
    if (status) return status;
    pct_json_begin_object(&d->json);
    pct_json_id_member(&d->json, "id", (pct_id){.kind = 'G', .seq = id.seq});
    pct_json_key(&d->json, "lines");
    pct_json_begin_array(&d->json);
    for (size_t r = 0; r < plan->route_count && !status; r++) status = write_route(d, &plan->routes[r]);
    pct_json_end_array(&d->json);
    pct_json_key(&d->json, "left_off");
    pct_json_integer(&d->json, (int64_t)d->left_off);
    pct_json_end_object(&d->json);
    pct_ways_rise(d->x->service->ways, d->seat);
    return status;
}

/* The problem that the plan was made from; nothing when it was made elsewhere, or it cannot be read. */
static bool read_problem(pct_exchange *x, pct_plan_id id, pct_buffer *text, pct_duty *out) {
    char name[PCT_PATROL_NAME_TEXT] = "";
    pct_error why;
    const pct_life_plan *plan = pct_life_plan_of(pct_patrol_hold(x->service->patrol), id);
    if (plan && plan->problem.length < sizeof name) memcpy(name, plan->problem.chars, plan->problem.length);
    pct_patrol_let_go(x->service->patrol);
    return name[0] && !pct_patrol_get(x->service->patrol, "duty", pct_text_of(name), text, &why) &&
           !pct_duty_read("problem", (pct_text){(const char *)text->bytes, text->length},
                          &x->service->site->zone, out, &why);
}

pct_status pct_resource_patrol_plan_lines(pct_exchange *x, pct_error *error) {
    const pct_plan_id id = {pct_exchange_id(x, "plan").seq};
    pct_buffer text = pct_buffer_init(PCT_STORE_VALUE_MAX), stated = pct_buffer_init(PCT_STORE_VALUE_MAX);
    pct_duty_plan plan = {0};
    pct_duty problem = {0};
    drawing d = {.x = x,
                 .line = pct_vector_init(sizeof(pct_position), LINE_POINTS_MAX),
                 .thin = pct_vector_init(sizeof(pct_position), LINE_POINTS_MAX),
                 .json = pct_json_writer_init(&x->reply),
                 .error = error};
    pct_status status = pct_patrol_plan_read(x->service->patrol, id, &text, &plan, error);
    bool known = !status && read_problem(x, id, &stated, &problem);
    if (known) d.problem = &problem;
    if (!status) status = write_lines(&d, id, &plan);
    if (known) pct_duty_dispose(&problem);
    pct_duty_plan_dispose(&plan);
    pct_vector_dispose(&d.line);
    pct_vector_dispose(&d.thin);
    pct_buffer_dispose(&text);
    pct_buffer_dispose(&stated);
    return status ? status : pct_buffer_status(&x->reply, error);
}
