/* Adopting a plan: each unit's route becomes its round, then the plan is in force, and its rounds with it. When the service ends
 * between the two, none of it counts, and adopting again goes on where it was. */
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_book_state.h"
#include "resource/patrol_duty.h"
#include "resource/patrol_plan.h"
#include "resource/patrol_remap.h"

enum { STOPS_TEXT_MAX = 49152 };

typedef struct adopting {
    pct_exchange *x;
    pct_patrol_book *book;
    pct_plan_id id;
    pct_duty_plan plan;
    pct_duty duty; /* that it was made from; zeroed where it is not known */
    pct_buffer plan_text, duty_text;
    pct_command *rounds; /* [round_count], texts in the exchange's arena */
    size_t round_count;
    pct_vector differences; /* pct_remap_difference: of a plan for another map */
} adopting;

typedef struct wanted_unit {
    pct_text name;
    pct_unit_id id;
} wanted_unit;

static void find_unit(void *context, const pct_board *board) {
    wanted_unit *wanted = context;
    const pct_unit *unit = pct_board_unit_named(board, wanted->name);
    if (unit) wanted->id = unit->id;
}

/* The problem it was made from, or else the one that is kept: it says what is a must. */
static pct_status read_duty(adopting *a, pct_error *error) {
    char name[PCT_PATROL_NAME_TEXT] = "";
    const pct_life *life = pct_patrol_hold(a->book);
    const pct_life_plan *plan = pct_life_plan_of(life, a->id);
    const pct_life_kept *kept = pct_life_kept_now(life);
    pct_text digest = plan && plan->problem.length ? plan->problem : kept ? kept->digest : (pct_text){0};
    if (digest.length < sizeof name && digest.length) memcpy(name, digest.chars, digest.length);
    pct_patrol_let_go(a->book);
    if (!name[0]) return PCT_OK;
    pct_status status = pct_patrol_get(a->book, "duty", pct_text_of(name), &a->duty_text, error);
    return status
               ? status
               : pct_duty_read("problem", (pct_text){(const char *)a->duty_text.bytes, a->duty_text.length},
                               &a->book->service->site->zone, &a->duty, error);
}

static const pct_duty_task *task_of(const adopting *a, const pct_duty_stop *stop) {
    for (size_t i = 0; i < a->duty.task_count; i++) {
        const pct_duty_task *t = &a->duty.tasks[i];
        if (t->kind == stop->kind && pct_text_same(t->id, stop->id)) return t;
    }
    return NULL;
}

/* A stop of the unit's own sheet; false for a check that is not announced. */
static bool fill_stop(const adopting *a, const pct_duty_stop *s, int32_t number, pct_life_stop *out) {
    const pct_duty_task *task = task_of(a, s);
    if (s->kind == PCT_DUTY_CHECK && (!task || !task->announced)) return false;
    bool own = s->kind == PCT_DUTY_FIXED || s->kind == PCT_DUTY_BREAK;
    *out = pct_life_stop_planned(s, number, !own && (!task || task->must));
    return true;
}

static pct_status stops_text(adopting *a, const pct_duty_route *route, pct_text *out, pct_error *error) {
    pct_life_stop *stops = pct_arena_alloc(&a->x->arena, route->stop_count + 1, sizeof *stops);
    pct_buffer text = pct_buffer_init(STOPS_TEXT_MAX);
    int32_t count = 0;
    if (!stops) return pct_error_memory(error, route->stop_count * sizeof *stops);
    for (size_t i = 0; i < route->stop_count; i++)
        if (fill_stop(a, &route->stops[i], count + 1, &stops[count])) count++;
    if (count <= PCT_LIFE_STOPS_MAX) pct_life_stops_write(stops, (size_t)count, &text);
    pct_status status = PCT_OK;
    if (count > PCT_LIFE_STOPS_MAX || text.failed == PCT_LIMIT)
        status = PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIFE_STOPS_MANY, pct_view(route->unit), pct_int(count),
                          pct_int(PCT_LIFE_STOPS_MAX));
    out->chars = status ? NULL : pct_arena_text(&a->x->arena, (const char *)text.bytes, text.length);
    out->length = text.length;
    pct_buffer_dispose(&text);
    return status || out->chars ? status : pct_error_memory(error, STOPS_TEXT_MAX);
}

/* Of a plan whose problem is not known: when it is back. */
static int64_t end_of_shift(const adopting *a, const pct_duty_route *route) {
    for (size_t i = 0; i < a->duty.unit_count; i++) {
        const pct_duty_unit *u = &a->duty.units[i];
        if (pct_text_same(u->id, route->unit) && u->shift.to_ms > route->back_ms) return u->shift.to_ms;
    }
    return route->back_ms;
}

static pct_status make_round(adopting *a, const pct_duty_route *route, pct_error *error) {
    wanted_unit wanted = {route->unit, {0}};
    pct_desk_look(a->book->service->desk, find_unit, &wanted);
    if (wanted.id.seq == 0) return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_NO_UNIT, pct_view(route->unit));
    pct_command *command = &a->rounds[a->round_count];
    *command = (pct_command){.kind = PCT_COMMAND_ORDER_ROUND};
    pct_event_round_ordered *d = &command->data.round_ordered;
    d->plan = a->id;
    d->unit = wanted.id;
    d->name = route->unit;
    d->leave = route->leave_ms, d->back = route->back_ms;
    d->until = end_of_shift(a, route);
    d->start = route->start, d->end = route->end;
    pct_status status = stops_text(a, route, &d->stops, error);
    a->round_count += !status;
    return status;
}

static pct_status make_rounds(adopting *a, pct_error *error) {
    pct_status status = PCT_OK;
    a->rounds = pct_arena_alloc(&a->x->arena, a->plan.route_count + 1, sizeof *a->rounds);
    if (!a->rounds) return pct_error_memory(error, a->plan.route_count * sizeof *a->rounds);
    for (size_t i = 0; i < a->plan.route_count && !status; i++)
        if (a->plan.routes[i].stop_count > 0) status = make_round(a, &a->plan.routes[i], error);
    return status;
}

/* Of an adoption that was broken off. */
static pct_round_id round_there(const pct_life *life, const pct_event_round_ordered *d) {
    const pct_life_round *round;
    for (size_t i = 0; (round = pct_life_round_at(life, i)) != NULL; i++)
        if (round->plan.seq == d->plan.seq && round->unit.seq == d->unit.seq) return round->id;
    return (pct_round_id){0};
}

/* All of them, before the first is ordered. */
static pct_status check_rounds(const adopting *a, pct_error *error) {
    const pct_life *life = pct_patrol_hold(a->book);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < a->round_count && !status; i++)
        if (!round_there(life, &a->rounds[i].data.round_ordered).seq)
            status = pct_life_may(life, PCT_EVENT_ROUND_ORDERED, (pct_id){0}, &a->rounds[i].data,
                                  a->x->now_ms, error);
    pct_patrol_let_go(a->book);
    return status;
}

static pct_status order_rounds(const adopting *a, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < a->round_count && !status; i++) {
        const pct_patrol_act act = {
            .command = a->rounds[i], .account = pct_text_of(a->x->identity.account), .role = a->x->role};
        pct_desk_reply reply;
        bool there = round_there(pct_patrol_hold(a->book), &a->rounds[i].data.round_ordered).seq != 0;
        pct_patrol_let_go(a->book);
        if (!there) status = pct_patrol_commit(a->book, &act, &reply, error);
    }
    return status;
}

static pct_status adopt(adopting *a, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_ADOPT_PLAN, .object = {.kind = 'G', .seq = a->id.seq}};
    pct_status status = pct_patrol_plan_read(a->book, a->id, &a->plan_text, &a->plan, error);
    if (!status) status = read_duty(a, error);
    if (!status && a->plan.map_version != a->book->service->site->map_version)
        status = pct_patrol_remap(a->x, &a->plan, &a->differences, error);
    if (!status) status = make_rounds(a, error);
    if (!status) status = check_rounds(a, error);
    if (!status) status = order_rounds(a, error);
    command.data.plan_adopted.rounds = (int64_t)a->round_count;
    return status ? status : pct_patrol_take(a->x, &command, (pct_text){0}, error);
}

/* Not made, or adopted before: the desk says which, or what it said the first time. */
static pct_status adopt_again(pct_exchange *x, pct_plan_id id, pct_error *error) {
    const pct_command command = {.kind = PCT_COMMAND_ADOPT_PLAN, .object = {.kind = 'G', .seq = id.seq}};
    return pct_patrol_take(x, &command, (pct_text){0}, error);
}

/* What differs on the map of now; a repeated request hears of none. */
static void write_adopted(adopting *a) {
    pct_json_writer json = pct_json_writer_init(&a->x->reply);
    const pct_remap_difference *d = a->differences.items;
    pct_buffer_clear(&a->x->reply);
    pct_json_begin_object(&json);
    pct_json_id_member(&json, "id", a->x->made);
    pct_json_key(&json, "seq");
    pct_json_integer(&json, a->x->made_seq);
    pct_json_key(&json, "differences");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < a->differences.length; i++) {
        pct_json_begin_object(&json);
        pct_json_text_member(&json, "unit", d[i].unit);
        pct_json_text_member(&json, "stop", d[i].stop);
        pct_json_key(&json, "change");
        pct_json_string(&json, d[i].change);
        pct_json_key(&json, "by_s");
        pct_json_real(&json, (double)d[i].by_ms / 1000.0, 1);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
}

pct_status pct_resource_patrol_plan_adopt(pct_exchange *x, pct_error *error) {
    adopting a = {.x = x,
                  .book = x->service->patrol,
                  .id = {pct_exchange_id(x, "plan").seq},
                  .differences = pct_vector_init(sizeof(pct_remap_difference), PCT_REMAP_DIFFERENCES_MAX),
                  .plan_text = pct_buffer_init(PCT_STORE_VALUE_MAX),
                  .duty_text = pct_buffer_init(PCT_STORE_VALUE_MAX)};
    (void)pthread_mutex_lock(&a.book->adopting);
    const pct_life_plan *plan = pct_life_plan_of(pct_patrol_hold(a.book), a.id);
    bool made = plan && plan->state == PCT_LIFE_MADE;
    pct_patrol_let_go(a.book);
    pct_status status = made ? adopt(&a, error) : adopt_again(x, a.id, error);
    (void)pthread_mutex_unlock(&a.book->adopting);
    if (!status) write_adopted(&a);
    pct_vector_dispose(&a.differences);
    pct_duty_plan_dispose(&a.plan);
    pct_duty_dispose(&a.duty);
    pct_buffer_dispose(&a.plan_text);
    pct_buffer_dispose(&a.duty_text);
    return status;
}
