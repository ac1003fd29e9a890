/* Duty plans over HTTP: asked for, or given; listed and shown; adopted by a named person, which gives each unit its round. */
#include <math.h>
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_book_state.h"
#include "resource/patrol_duty.h"
#include "resource/patrol_plan.h"
#include "resource/submit.h"
#include "site/now.h"

enum { SECONDS_DEFAULT = 10, LISTED_MAX = 200 };
static const char plan_file[] = "plan";

/* --- a plan and its event -------------------------------------------------------------------------------------------------- */

static void put_cost(double value, double parts, int64_t *out, bool *has) {
    *has = isfinite(value) && value >= 0.0 && value * parts < 9e15;
    *out = *has ? (int64_t)llround(value * parts) : 0;
}

static void fill_made(const pct_duty_plan *plan, pct_text digest, pct_event_plan_made *d) {
    *d = (pct_event_plan_made){.digest = digest,
                               .name = plan->name,
                               .date = plan->date,
                               .map_version = plan->map_version,
                               .feasible = plan->feasible,
                               .rounds = (int64_t)plan->route_count,
                               .unmet = (int64_t)plan->unmet_count};
    for (size_t i = 0; i < plan->route_count; i++) d->stops += (int64_t)plan->routes[i].stop_count;
    put_cost(plan->musts_left, 1e3, &d->musts_left_e3, &d->has_musts_left_e3);
    put_cost(plan->response_s, 1e3, &d->response_ms, &d->has_response_ms);
    put_cost(plan->shoulds_left, 1e3, &d->shoulds_left_e3, &d->has_shoulds_left_e3);
    put_cost(plan->spread, 1e6, &d->spread_e6, &d->has_spread_e6);
    put_cost(plan->travel_s, 1e3, &d->travel_ms, &d->has_travel_ms);
    put_cost(plan->imbalance_s, 1e3, &d->imbalance_ms, &d->has_imbalance_ms);
}

pct_status pct_patrol_plan_made(pct_patrol_book *book, pct_plan_id id, const pct_duty_plan *plan,
                                pct_text text, pct_patrol_act *act, pct_error *error) {
    char name[PCT_PATROL_NAME_TEXT];
    pct_desk_reply reply;
    pct_status status = pct_patrol_put(book, "plan", text, name, error);
    if (status) return status;
    act->command = (pct_command){.kind = PCT_COMMAND_MAKE_PLAN, .object = {.kind = 'G', .seq = id.seq}};
    fill_made(plan, pct_text_of(name), &act->command.data.plan_made);
    return pct_patrol_commit(book, act, &reply, error);
}

static pct_status digest_of(pct_patrol_book *book, pct_plan_id id, char out[PCT_PATROL_NAME_TEXT],
                            pct_error *error) {
    const pct_life_plan *plan = pct_life_plan_of(pct_patrol_hold(book), id);
    memset(out, 0, PCT_PATROL_NAME_TEXT);
    if (plan && plan->digest.length < PCT_PATROL_NAME_TEXT)
        memcpy(out, plan->digest.chars, plan->digest.length);
    pct_patrol_let_go(book);
    return plan ? PCT_OK : PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_PLAN, pct_int(id.seq));
}

pct_status pct_patrol_plan_read(pct_patrol_book *book, pct_plan_id id, pct_buffer *text, pct_duty_plan *out,
                                pct_error *error) {
    char name[PCT_PATROL_NAME_TEXT];
    pct_status status = digest_of(book, id, name, error);
    if (!status) status = pct_patrol_get(book, "plan", pct_text_of(name), text, error);
    if (!status)
        status = pct_duty_plan_read(plan_file, (pct_text){(const char *)text->bytes, text->length},
                                    &book->service->site->zone, out, error);
    return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------------------ */

static pct_status ask(pct_exchange *x, const pct_event_plan_asked *asked, pct_desk_reply *reply,
                      pct_error *error) {
    pct_patrol_act act = {.command = {.kind = PCT_COMMAND_ASK_PLAN},
                          .account = pct_text_of(x->identity.account),
                          .key = x->idempotency_key,
                          .role = x->role};
    act.command.data.plan_asked = *asked;
    pct_resource_digest(x, act.body);
    pct_status status = pct_patrol_commit(x->service->patrol, &act, reply, error);
    if (!status) pct_patrol_write_taken(x, reply);
    return status;
}

static pct_status ask_solver(pct_exchange *x, pct_error *error) {
    pct_patrol_book *book = x->service->patrol;
    const json_t *seconds = json_object_get(x->body, "seconds"), *seed = json_object_get(x->body, "seed");
    char name[PCT_PATROL_NAME_TEXT];
    pct_desk_reply reply;
    pct_duty duty = {0};
    pct_buffer text = pct_buffer_init(PCT_STORE_VALUE_MAX);
    pct_event_plan_asked asked = {.source = PCT_PLAN_SOURCE_SOLVER,
                                  .seconds = seconds ? json_integer_value(seconds) : SECONDS_DEFAULT,
                                  .seed = seed ? json_integer_value(seed)
                                               : pct_wall_ms()}; /* no two plans are drawn alike */
    pct_status status = pct_patrol_problem_now(book, &text, &duty, &asked.debt_until, error);
    if (!status)
        status = pct_patrol_put(book, "duty", (pct_text){(const char *)text.bytes, text.length}, name, error);
    if (!status) {
        asked.problem = pct_text_of(name);
        asked.name = duty.name, asked.date = duty.date;
        status = ask(x, &asked, &reply, error);
    }
    pct_duty_dispose(&duty);
    pct_buffer_dispose(&text);
    return status;
}

/* Stands and visits of a plan that was made elsewhere: what is aimed at a dwelling has no place in one either. */
static pct_status refuse_dwellings(const pct_service *service, const pct_duty_plan *plan, pct_error *error) {
    for (size_t r = 0; r < plan->route_count; r++)
        for (size_t s = 0; s < plan->routes[r].stop_count; s++) {
            const pct_duty_stop *stop = &plan->routes[r].stops[s];
            bool place = stop->kind == PCT_DUTY_POINT || stop->kind == PCT_DUTY_HOLD ||
                         stop->kind == PCT_DUTY_PREMISES || stop->kind == PCT_DUTY_ORDER;
            pct_status status =
                place ? pct_patrol_refuse_dwelling(service, stop->id, stop->from, error) : PCT_OK;
            if (status) return status;
        }
    return PCT_OK;
}

static pct_status take_given(pct_exchange *x, const pct_duty_plan *plan, pct_text text, pct_error *error) {
    pct_desk_reply reply;
    const pct_event_plan_asked asked = {
        .source = PCT_PLAN_SOURCE_GIVEN, .name = plan->name, .date = plan->date};
    pct_status status = refuse_dwellings(x->service, plan, error);
    if (!status) status = ask(x, &asked, &reply, error);
    pct_patrol_act act = {.account = pct_text_of(x->identity.account), .role = x->role};
    if (!status && !reply.repeated)
        status = pct_patrol_plan_made(x->service->patrol, (pct_plan_id){reply.object.seq}, plan, text, &act,
                                      error);
    return status;
}

static pct_status ask_given(pct_exchange *x, const json_t *given, pct_error *error) {
    pct_duty_plan plan = {0};
    size_t length = json_dumpb(given, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(10));
    char *text = pct_arena_alloc(&x->arena, length + 1, 1);
    if (!text || json_dumpb(given, text, length, JSON_COMPACT | JSON_REAL_PRECISION(10)) != length)
        return pct_error_memory(error, length);
    if (json_object_get(x->body, "seconds") || json_object_get(x->body, "seed"))
        return pct_error_set(error, PCT_INPUT, PCT_MSG_LIFE_PLAN_UPLOADED, NULL, 0);
    pct_status status =
        pct_duty_plan_read(plan_file, (pct_text){text, length}, &x->service->site->zone, &plan, error);
    if (status == PCT_INPUT) x->status_code = 422;
    if (!status) status = take_given(x, &plan, (pct_text){text, length}, error);
    pct_duty_plan_dispose(&plan);
    return status;
}

pct_status pct_resource_patrol_plan_ask(pct_exchange *x, pct_error *error) {
    const json_t *given = json_object_get(x->body, "plan");
    return given ? ask_given(x, given, error) : ask_solver(x, error);
}

/* --- showing ----------------------------------------------------------------------------------------------------------------- */

static void write_part(pct_json_writer *json, const char *key, bool has, int64_t value, double parts) {
    pct_json_key(json, key);
    pct_json_real(json, has ? (double)value / parts : NAN, 6);
}

static void write_cost(pct_json_writer *json, const pct_event_plan_made *d) {
    pct_json_begin_object(json);
    write_part(json, "musts_left", d->has_musts_left_e3, d->musts_left_e3, 1e3);
    write_part(json, "response_s", d->has_response_ms, d->response_ms, 1e3);
    write_part(json, "shoulds_left", d->has_shoulds_left_e3, d->shoulds_left_e3, 1e3);
    write_part(json, "spread", d->has_spread_e6, d->spread_e6, 1e6);
    write_part(json, "travel_s", d->has_travel_ms, d->travel_ms, 1e3);
    write_part(json, "imbalance_s", d->has_imbalance_ms, d->imbalance_ms, 1e3);
    pct_json_end_object(json);
}

static void write_members(pct_json_writer *json, const pct_exchange *x, const pct_life_plan *p) {
    const pct_zone *zone = &x->service->site->zone;
    bool made = p->made_ms != 0;
    pct_json_id_member(json, "id", (pct_id){.kind = 'G', .seq = p->id.seq});
    pct_json_text_member(json, "name", p->name);
    pct_json_text_member(json, "date", p->date);
    pct_json_key(json, "state");
    pct_json_string(json, pct_life_state_names[p->state]);
    pct_json_key(json, "progress");
    pct_json_real(json, made ? 1.0 : pct_patrol_progress(x->service->patrol, p->id), 3);
    pct_json_key(json, "feasible");
    if (made)
        pct_json_bool(json, p->feasible);
    else
        pct_json_null(json);
    pct_json_key(json, "cost");
    if (made)
        write_cost(json, &p->made);
    else
        pct_json_null(json);
    pct_json_key(json, "rounds");
    pct_json_integer(json, p->rounds);
    pct_json_key(json, "stops");
    pct_json_integer(json, p->stops);
    pct_json_key(json, "unmet");
    pct_json_integer(json, p->unmet);
    pct_json_key(json, "map_version");
    pct_json_integer(json, p->map_version);
    pct_json_text_member(json, "author", p->author);
    pct_json_time_member(json, "asked_at", p->asked_ms, zone);
    pct_json_time_member(json, "made_at", p->made_ms, zone);
    pct_json_text_member(json, "adopted_by", p->adopted_by);
    pct_json_time_member(json, "adopted_at", p->adopted_ms, zone);
    pct_json_text_member(json, "reason", x->language == PCT_ZH ? p->reason_zh : p->reason);
}

/* The newest first. */
pct_status pct_resource_patrol_plans(pct_exchange *x, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    size_t count = 0, first;
    while (pct_life_plan_at(life, count)) count++;
    first = count > LISTED_MAX ? count - LISTED_MAX : 0;
    pct_json_begin_object(&json);
    pct_json_key(&json, "plans");
    pct_json_begin_array(&json);
    for (size_t i = count; i > first; i--) {
        pct_json_begin_object(&json);
        write_members(&json, x, pct_life_plan_at(life, i - 1));
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    pct_patrol_let_go(x->service->patrol);
    return pct_buffer_status(&x->reply, error);
}

/* The plan's text as it was made stands in the reply; null while there is none. */
pct_status pct_resource_patrol_plan(pct_exchange *x, pct_error *error) {
    pct_plan_id id = {pct_exchange_id(x, "plan").seq};
    char name[PCT_PATROL_NAME_TEXT];
    pct_status status = digest_of(x->service->patrol, id, name, error);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    const pct_life_plan *plan = pct_life_plan_of(pct_patrol_hold(x->service->patrol), id);
    pct_json_begin_object(&json);
    if (PCT_ALWAYS(plan != NULL)) write_members(&json, x, plan);
    pct_patrol_let_go(x->service->patrol);
    (void)pct_buffer_append_text(&x->reply, ",\"plan\":");
    if (!name[0])
        (void)pct_buffer_append_text(&x->reply, "null");
    else
        status = pct_patrol_get(x->service->patrol, "plan", pct_text_of(name), &x->reply, error);
    (void)pct_buffer_append_byte(&x->reply, '}');
    return status ? status : pct_buffer_status(&x->reply, error);
}

pct_status pct_resource_patrol_plan_withdraw(pct_exchange *x, pct_error *error) {
    const pct_command command = {.kind = PCT_COMMAND_WITHDRAW_PLAN, .object = pct_exchange_id(x, "plan")};
    return pct_patrol_take(x, &command, pct_text_trim(pct_exchange_text(x, "reason")), error);
}
