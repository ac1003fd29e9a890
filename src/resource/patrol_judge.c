#include "resource/patrol_judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ledger/read.h"
#include "resource/live_road.h"

enum { FIXES_MAX = 1 << 20, PROBLEMS_MAX = 1000, CALLS_MAX = 10000 };

/* --- a round as it is now ------------------------------------------------------------------------------------------------ */

static pct_adherence_proof sign_of(pct_visit_proof proof) {
    static const pct_adherence_proof proofs[PCT_VISIT_PROOF_COUNT] = {[PCT_VISIT_PROOF_TAG] = PCT_PROOF_TAG,
                                                                      [PCT_VISIT_PROOF_QR] = PCT_PROOF_CODE,
                                                                      [PCT_VISIT_PROOF_PHOTO] =
                                                                          PCT_PROOF_PHOTO};
    return proofs[proof]; /* a position is what the positions themselves say, or nothing */
}

static int by_time(const void *a, const void *b) {
    const pct_adherence_sign *x = a, *y = b;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static pct_text copy_text(pct_arena *arena, pct_text text) {
    const char *copy = pct_arena_text(arena, text.chars ? text.chars : "", text.length);
    return copy ? (pct_text){copy, text.length} : (pct_text){"", 0};
}

static pct_duty_stop stop_of(pct_arena *arena, const pct_life_stop *s) {
    return (pct_duty_stop){.kind = s->kind,
                           .moves = s->moves,
                           .id = copy_text(arena, s->id),
                           .n = s->n,
                           .travel_ms = s->travel_ms,
                           .arrive_ms = s->arrive_ms,
                           .start_ms = s->start_ms,
                           .end_ms = s->end_ms,
                           .from = s->from,
                           .to = s->to};
}

/* A unit that is at a call now has left its round then. */
static int64_t end_of(const pct_life_round *r, int64_t now_ms) {
    int64_t end_ms = r->back_ms < now_ms ? r->back_ms : now_ms;
    if (r->order.seq && r->left_ms && r->left_ms < end_ms) end_ms = r->left_ms;
    return end_ms > r->leave_ms ? end_ms : r->leave_ms;
}

pct_status pct_patrol_case_take(pct_exchange *x, const pct_life *life, const pct_life_round *r,
                                pct_patrol_case *out, pct_error *error) {
    const pct_life_plan *plan = pct_life_plan_of(life, r->plan);
    pct_duty_stop *stops = pct_arena_alloc(&x->arena, r->stop_count + 1, sizeof *stops);
    int32_t *numbers = pct_arena_alloc(&x->arena, r->stop_count + 1, sizeof *numbers);
    bool *explained = pct_arena_alloc(&x->arena, r->stop_count + 1, sizeof *explained);
    pct_adherence_sign *signs = pct_arena_alloc(&x->arena, r->stop_count + 1, sizeof *signs);
    if (!stops || !numbers || !explained || !signs)
        return pct_error_memory(error, r->stop_count * sizeof *stops);
    *out = (pct_patrol_case){.round = r->id,
                             .plan = r->plan,
                             .unit = r->unit,
                             .route = {.unit = copy_text(&x->arena, r->name),
                                       .stops = stops,
                                       .start = r->start,
                                       .end = r->end,
                                       .leave_ms = r->leave_ms,
                                       .back_ms = end_of(r, x->now_ms)},
                             .numbers = numbers,
                             .explained = explained,
                             .signs = signs,
                             .until_ms = r->until_ms,
                             .now_ms = x->now_ms};
    if (plan && plan->problem.length < sizeof out->problem)
        memcpy(out->problem, plan->problem.chars, plan->problem.length);
    for (size_t i = 0; i < r->stop_count; i++) {
        const pct_life_stop *s = &r->stops[i];
        out->left += s->left;
        if (!pct_life_stop_is_in(s)) continue;
        size_t n = out->route.stop_count++;
        stops[n] = stop_of(&x->arena, s);
        numbers[n] = s->number;
        explained[n] = s->reason != PCT_STOP_REASON_NONE;
        if (sign_of(s->proof) != PCT_PROOF_NONE)
            signs[out->sign_count++] = (pct_adherence_sign){s->from_ms, stops[n].id, sign_of(s->proof)};
    }
    qsort(signs, out->sign_count, sizeof *signs, by_time);
    return PCT_OK;
}

/* --- judging ---------------------------------------------------------------------------------------------------------------- */

typedef struct problem {
    pct_plan_id plan;
    bool readable;
    pct_buffer text;
    pct_duty duty;
} problem;

struct pct_patrol_judge {
    pct_service *service;
    pct_adherer *adherer;
    pct_vector fixes, calls, problems; /* pct_adherence_fix, pct_duty_span, problem */
};

pct_status pct_patrol_judge_open(pct_service *service, pct_patrol_judge **out, pct_error *error) {
    const pct_road *road = pct_live_road_open(service->live),
                   *patrol = pct_live_road_open_patrol(service->live);
    pct_patrol_judge *j = *out = pct_alloc_zeroed(1, sizeof *j);
    if (!j) return pct_error_memory(error, sizeof *j);
    j->service = service;
    j->fixes = pct_vector_init(sizeof(pct_adherence_fix), FIXES_MAX);
    j->calls = pct_vector_init(sizeof(pct_duty_span), CALLS_MAX);
    j->problems = pct_vector_init(sizeof(problem), PROBLEMS_MAX);
    return pct_adherer_new(road, patrol ? patrol : road, NULL, &j->adherer, error);
}

void pct_patrol_judge_close(pct_patrol_judge *j) {
    if (!j) return;
    problem *all = j->problems.items;
    for (size_t i = 0; i < j->problems.length; i++) {
        if (all[i].readable) pct_duty_dispose(&all[i].duty);
        pct_buffer_dispose(&all[i].text);
    }
    pct_vector_dispose(&j->problems);
    pct_vector_dispose(&j->fixes);
    pct_vector_dispose(&j->calls);
    pct_adherer_free(j->adherer);
    pct_free(j);
}

/* The problem that a round's plan was made from; NULL when there is none, or none that can be read: then a line is the way between its ends. */
static const pct_duty *problem_of(pct_patrol_judge *j, const pct_patrol_case *c) {
    problem *all = j->problems.items;
    pct_error why;
    for (size_t i = 0; i < j->problems.length; i++)
        if (all[i].plan.seq == c->plan.seq) return all[i].readable ? &all[i].duty : NULL;
    problem *p = c->problem[0] ? pct_vector_push(&j->problems) : NULL;
    if (!p) return NULL;
    p->plan = c->plan;
    p->text = pct_buffer_init(PCT_STORE_VALUE_MAX);
    pct_status status = pct_patrol_get(j->service->patrol, "duty", pct_text_of(c->problem), &p->text, &why);
    if (!status)
        status = pct_duty_read("problem", (pct_text){(const char *)p->text.bytes, p->text.length},
                               &j->service->site->zone, &p->duty, &why);
    p->readable = status == PCT_OK;
    return p->readable ? &p->duty : NULL;
}

static bool take_fix(void *context, const pct_track_point *point) {
    pct_adherence_fix *fix = pct_vector_push(context);
    if (fix) *fix = (pct_adherence_fix){point->at_ms, point->position, 0.0};
    return fix != NULL;
}

/* A span is open until the unit goes on, or its round ends. */
static pct_status take_event(void *context, const pct_event *event, pct_error *error) {
    pct_vector *calls = context;
    pct_duty_span *last = calls->length ? (pct_duty_span *)calls->items + calls->length - 1 : NULL;
    if (event->type == PCT_EVENT_ROUND_LEFT) {
        pct_duty_span *call = pct_vector_push(calls);
        if (!call) return pct_error_memory(error, sizeof *call);
        *call = (pct_duty_span){event->occurred_at_ms, INT64_MAX / 4};
    } else if ((event->type == PCT_EVENT_ROUND_RESUMED || event->type == PCT_EVENT_ROUND_ENDED) && last &&
               last->to_ms == INT64_MAX / 4) {
        last->to_ms = event->occurred_at_ms;
    }
    return PCT_OK;
}

static pct_status read_calls(pct_patrol_judge *j, pct_round_id round, pct_error *error) {
    pct_service *service = j->service;
    j->calls.length = 0;
    (void)pthread_mutex_lock(&service->reading);
    pct_status status = pct_ledger_each_event_of(service->reader, (pct_id){.kind = 'R', .seq = round.seq},
                                                 take_event, &j->calls, error);
    (void)pthread_mutex_unlock(&service->reading);
    return status;
}

/* What was planned for later has no place among the visits. */
static void drop_later(pct_adherence *a, const pct_patrol_case *c) {
    pct_adherence_visit *v = a->visits.items;
    size_t kept = 0;
    for (size_t i = 0; i < a->visits.length; i++)
        if (c->route.stops[v[i].stop].end_ms <= c->now_ms) v[kept++] = v[i];
    a->visits.length = kept;
}

pct_status pct_patrol_judge_round(pct_patrol_judge *j, const pct_patrol_case *c, pct_adherence *out,
                                  pct_error *error) {
    j->fixes.length = 0;
    pct_status status = read_calls(j, c->round, error);
    if (!status)
        status = pct_tracks_read(j->service->tracks, c->unit.seq, c->route.leave_ms, c->route.back_ms + 1,
                                 take_fix, &j->fixes, error);
    const pct_adherence_evidence evidence = {.fixes = j->fixes.items,
                                             .signs = c->signs,
                                             .calls = j->calls.items,
                                             .fix_count = j->fixes.length,
                                             .sign_count = c->sign_count,
                                             .call_count = j->calls.length};
    if (!status)
        status = pct_adherer_judge(j->adherer, &c->route, problem_of(j, c), &evidence, NULL, out, error);
    if (!status) drop_later(out, c);
    return status;
}
