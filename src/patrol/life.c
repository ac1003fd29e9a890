/* Events onto the life of plans. Every event changes one object; which events may come is decided in life_may.c. */
#include "patrol/life.h"

#include <string.h>

#include "patrol/life_state.h"

enum {
    ARENA_MAX = 1 << 30,
    ROUND_ARENA_MAX = 1 << 26, /* a round may be changed some hundred times */
    PLANS_MAX = 1 << 20,
    ROUNDS_MAX = 1 << 22,
    HAZARDS_TEXT = 16 * (PCT_EVENT_CODE_MAX + 1)
};
#define DAY_MS INT64_C(86400000)

const char *const pct_life_state_names[PCT_LIFE_STATES] = {"making", "made", "adopted", "withdrawn",
                                                           "failed"};

pct_status pct_life_new(pct_life **out, pct_error *error) {
    pct_life *life = pct_alloc_zeroed(1, sizeof *life);
    if (!life) return pct_error_memory(error, sizeof *life);
    life->arena = pct_arena_init(ARENA_MAX);
    life->plans = pct_vector_init(sizeof(pct_life_plan), PLANS_MAX);
    life->rounds = pct_vector_init(sizeof(pct_life_round *), ROUNDS_MAX);
    life->directed = pct_vector_init(sizeof(pct_life_directed), PLANS_MAX);
    life->levels = pct_vector_init(sizeof(pct_life_level), PLANS_MAX);
    *out = life;
    return PCT_OK;
}

static void free_round(pct_life_round *round) {
    pct_arena_dispose(&round->arena);
    pct_free(round);
}

void pct_life_free(pct_life *life) {
    if (!life) return;
    pct_life_round **rounds = life->rounds.items;
    for (size_t i = 0; i < life->rounds.length; i++) free_round(rounds[i]);
    pct_vector_dispose(&life->plans);
    pct_vector_dispose(&life->rounds);
    pct_vector_dispose(&life->directed);
    pct_vector_dispose(&life->levels);
    pct_arena_dispose(&life->arena);
    pct_free(life);
}

/* --- finding: records stand in order of their id -------------------------------------------------------------------- */

pct_life_plan *pct_life_find_plan(const pct_life *life, int64_t seq) {
    pct_life_plan *all = life->plans.items;
    for (size_t i = life->plans.length; i > 0; i--)
        if (all[i - 1].id.seq == seq) return &all[i - 1];
    return NULL;
}

pct_life_round *pct_life_find_round(const pct_life *life, int64_t seq) {
    pct_life_round **all = life->rounds.items;
    size_t low = 0, high = life->rounds.length;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle]->id.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < life->rounds.length && all[low]->id.seq == seq ? all[low] : NULL;
}

pct_life_directed *pct_life_find_directed(const pct_life *life, int64_t seq) {
    pct_life_directed *all = life->directed.items;
    for (size_t i = life->directed.length; i > 0; i--)
        if (all[i - 1].id.seq == seq) return &all[i - 1];
    return NULL;
}

pct_life_stop *pct_life_find_stop(const pct_life_round *round, int64_t number) {
    for (size_t i = 0; i < round->stop_count; i++)
        if (round->stops[i].number == number) return &round->stops[i];
    return NULL;
}

/* --- the problem and plans ------------------------------------------------------------------------------------------- */

static bool keep_in(pct_arena *arena, pct_text text, pct_text *out) {
    *out = (pct_text){"", 0};
    if (text.length == 0) return true;
    const char *copy = pct_arena_text(arena, text.chars, text.length);
    if (copy) *out = (pct_text){copy, text.length};
    return copy != NULL;
}

static bool keep(pct_life *life, pct_text text, pct_text *out) {
    return keep_in(&life->arena, text, out);
}

static pct_status of(bool good) {
    return good ? PCT_OK : PCT_MEMORY;
}

static pct_status duty_kept(pct_life *life, const pct_event *e) {
    const pct_event_duty_kept *d = &e->data.duty_kept;
    if (e->object.seq < life->kept.id.seq) return PCT_OK;
    pct_life_kept *k = &life->kept;
    *k = (pct_life_kept){
        .id = {e->object.seq}, .kept_ms = e->recorded_at_ms, .units = d->units, .tasks = d->tasks};
    return of(keep(life, d->digest, &k->digest) && keep(life, d->name, &k->name) &&
              keep(life, d->date, &k->date) && keep(life, e->actor, &k->author));
}

static pct_status plan_asked(pct_life *life, const pct_event *e) {
    const pct_event_plan_asked *d = &e->data.plan_asked;
    pct_life_plan *p = pct_vector_push(&life->plans);
    if (!p) return PCT_MEMORY;
    *p = (pct_life_plan){.id = {e->object.seq},
                         .source = d->source,
                         .asked_ms = e->recorded_at_ms,
                         .debt_until = d->debt_until,
                         .seconds = d->seconds,
                         .seed = d->seed};
    return of(keep(life, d->name, &p->name) && keep(life, d->date, &p->date) &&
              keep(life, d->problem, &p->problem) && keep(life, e->actor, &p->author));
}

static pct_status plan_made(pct_life *life, const pct_event *e) {
    const pct_event_plan_made *d = &e->data.plan_made;
    pct_life_plan *p = pct_life_find_plan(life, e->object.seq);
    if (!p) return PCT_DAMAGED;
    p->state = PCT_LIFE_MADE;
    p->made_ms = e->recorded_at_ms;
    p->feasible = d->feasible;
    p->rounds = d->rounds, p->stops = d->stops, p->unmet = d->unmet;
    p->made = *d;
    p->map_version = d->map_version;
    bool good =
        keep(life, d->digest, &p->digest) && keep(life, d->name, &p->name) && keep(life, d->date, &p->date);
    p->made.digest = p->digest, p->made.name = p->name, p->made.date = p->date;
    return of(good);
}

static pct_status plan_failed(pct_life *life, const pct_event *e) {
    pct_life_plan *p = pct_life_find_plan(life, e->object.seq);
    if (!p) return PCT_DAMAGED;
    p->state = PCT_LIFE_FAILED;
    return of(keep(life, e->data.plan_failed.reason, &p->reason) &&
              keep(life, e->data.plan_failed.reason_zh, &p->reason_zh));
}

static pct_status plan_adopted(pct_life *life, const pct_event *e) {
    pct_life_plan *p = pct_life_find_plan(life, e->object.seq);
    if (!p) return PCT_DAMAGED;
    p->state = PCT_LIFE_ADOPTED;
    p->adopted_ms = e->recorded_at_ms;
    return of(keep(life, e->actor, &p->adopted_by));
}

static pct_status plan_withdrawn(pct_life *life, const pct_event *e) {
    pct_life_plan *p = pct_life_find_plan(life, e->object.seq);
    if (!p) return PCT_DAMAGED;
    p->state = PCT_LIFE_WITHDRAWN;
    return PCT_OK;
}

/* --- rounds ------------------------------------------------------------------------------------------------------------ */

static pct_status fill_round(pct_life_round *r, const pct_event *e) {
    const pct_event_round_ordered *d = &e->data.round_ordered;
    pct_error why;
    *r = (pct_life_round){.id = {e->object.seq},
                          .seq = e->seq,
                          .plan = d->plan,
                          .unit = d->unit,
                          .leave_ms = d->leave,
                          .back_ms = d->back,
                          .until_ms = d->until,
                          .start = d->start,
                          .end = d->end,
                          .wanted = -1,
                          .arena = pct_arena_init(ROUND_ARENA_MAX)};
    r->hazards = (pct_text){"", 0};
    if (!keep_in(&r->arena, d->name, &r->name)) return PCT_MEMORY;
    pct_status status = pct_life_stops_read(d->stops, &r->arena, &r->stops, &r->stop_count, &why);
    return status == PCT_INPUT ? PCT_DAMAGED : status;
}

static pct_status round_ordered(pct_life *life, const pct_event *e) {
    pct_life_round *r = pct_alloc_zeroed(1, sizeof *r);
    if (!r) return PCT_MEMORY;
    pct_status status = fill_round(r, e);
    pct_life_round **place = status ? NULL : pct_vector_push(&life->rounds);
    if (place)
        *place = r;
    else
        free_round(r);
    return status ? status : of(place != NULL);
}

static pct_status round_called(pct_life_round *r, const pct_event *e) {
    const pct_event_round_called *d = &e->data.round_called;
    r->called_ms = e->occurred_at_ms;
    r->present = (int32_t)d->present;
    r->wanted = d->has_wanted ? (int32_t)d->wanted : -1;
    r->kit_complete = d->kit_complete;
    return PCT_OK;
}

static pct_status stop_visited(pct_life_round *r, const pct_event *e) {
    const pct_event_stop_visited *d = &e->data.stop_visited;
    pct_life_stop *stop = pct_life_find_stop(r, d->stop);
    if (!stop) return PCT_DAMAGED;
    stop->proof = d->proof;
    stop->from_ms = d->from;
    stop->until_ms = d->has_until ? d->until : 0;
    return PCT_OK;
}

static pct_status stop_explained(pct_life_round *r, const pct_event *e) {
    pct_life_stop *stop = pct_life_find_stop(r, e->data.stop_explained.stop);
    if (!stop) return PCT_DAMAGED;
    stop->reason = e->data.stop_explained.reason;
    return PCT_OK;
}

/* A planned stop that the check was for has been served when the unit was met; any other stop is served by its crew alone. */
static pct_status round_checked(pct_life_round *r, const pct_event *e) {
    const pct_event_round_checked *d = &e->data.round_checked;
    pct_life_stop *stop = d->has_stop ? pct_life_find_stop(r, d->stop) : NULL;
    if (r->checks_length == PCT_LIFE_CHECKS_MAX || (d->has_stop && !stop)) return PCT_DAMAGED;
    if (!r->checks) r->checks = pct_arena_alloc(&r->arena, PCT_LIFE_CHECKS_MAX, sizeof *r->checks);
    if (!r->checks) return PCT_MEMORY;
    pct_life_check *c = &r->checks[r->checks_length];
    *c = (pct_life_check){.kind = d->kind,
                          .answer = d->answer,
                          .stop = d->has_stop ? (int32_t)d->stop : 0,
                          .announced = d->announced,
                          .at_ms = d->at};
    if (!keep_in(&r->arena, e->actor, &c->by) || !keep_in(&r->arena, d->planned, &c->planned))
        return PCT_MEMORY;
    r->checks_length++;
    bool met = c->answer == PCT_CHECK_ANSWER_REACHED || c->answer == PCT_CHECK_ANSWER_ON_POST;
    if (stop && stop->kind == PCT_DUTY_CHECK && met) stop->checked = true;
    return PCT_OK;
}

static pct_status check_answered(pct_life_round *r, const pct_event *e) {
    const pct_event_check_answered *d = &e->data.check_answered;
    if (d->number < 1 || (size_t)d->number > r->checks_length) return PCT_DAMAGED;
    pct_life_check *c = &r->checks[d->number - 1];
    c->word = d->word;
    c->word_ms = e->recorded_at_ms;
    return PCT_OK;
}

static pct_status round_left(pct_life_round *r, const pct_event *e) {
    r->order = e->data.round_left.order;
    r->left_ms = e->occurred_at_ms;
    r->times_left++;
    return PCT_OK;
}

static pct_status round_resumed(pct_life_round *r, const pct_event *e) {
    const pct_event_round_resumed *d = &e->data.round_resumed;
    pct_status status = pct_life_take_rest(r, d->stops, d->moved);
    if (status) return status;
    r->back_ms = d->back;
    r->changed_ms = e->occurred_at_ms;
    r->changed_for = r->order;
    r->changed_by = r->id;
    r->laid_alone = d->laid != PCT_REST_LAID_TOGETHER;
    r->order.seq = 0;
    r->left_ms = 0;
    return PCT_OK;
}

static pct_status round_changed(pct_life_round *r, const pct_event *e) {
    const pct_event_round_changed *d = &e->data.round_changed;
    pct_status status = pct_life_take_rest(r, d->stops, d->moved);
    if (status) return status;
    r->back_ms = d->back;
    r->changed_ms = e->occurred_at_ms;
    if (d->has_leave) r->leave_ms = d->leave; /* it has not set out, and does so for another stop now */
    r->changed_for = d->order;
    r->changed_by = d->round;
    r->laid_alone = false;
    return PCT_OK;
}

static pct_status round_logged(pct_life_round *r, const pct_event *e) {
    const pct_event_round_logged *d = &e->data.round_logged;
    char *text = pct_arena_alloc(&r->arena, HAZARDS_TEXT + 1, 1);
    size_t length = 0;
    if (!text) return PCT_MEMORY;
    for (uint32_t i = 0; i < d->hazards_count; i++) {
        if (i > 0) text[length++] = ',';
        memcpy(text + length, d->hazards[i].chars, d->hazards[i].length);
        length += d->hazards[i].length;
    }
    text[length] = '\0';
    r->hazards = (pct_text){text, length};
    r->logged_ms = e->recorded_at_ms;
    r->metres = d->metres;
    r->helped = (int32_t)d->helped;
    r->handed_over = (int32_t)d->handed_over;
    return PCT_OK;
}

/* What it says stays sealed. */
static pct_status round_noted(pct_life_round *r, const pct_event *e) {
    (void)e;
    r->notes++;
    return PCT_OK;
}

static pct_status round_ended(pct_life_round *r, const pct_event *e) {
    r->ended_ms = e->occurred_at_ms;
    r->ended_seq = e->seq;
    return PCT_OK;
}

/* --- orders and levels -------------------------------------------------------------------------------------------------- */

static pct_status directed_ordered(pct_life *life, const pct_event *e) {
    const pct_event_directed_ordered *d = &e->data.directed_ordered;
    pct_life_directed *x = pct_vector_push(&life->directed);
    if (!x) return PCT_MEMORY;
    *x = (pct_life_directed){.id = {e->object.seq},
                             .position = d->position,
                             .from_minute = (int32_t)d->from_minute,
                             .to_minute = (int32_t)d->to_minute,
                             .minutes = (int32_t)d->minutes,
                             .times = (int32_t)d->times,
                             .ordered_ms = e->recorded_at_ms,
                             .until_ms = d->until};
    return of(keep(life, d->name, &x->name) && keep(life, e->actor, &x->author) &&
              keep(life, e->purpose, &x->reason));
}

static pct_status directed_ended(pct_life *life, const pct_event *e) {
    pct_life_directed *x = pct_life_find_directed(life, e->object.seq);
    if (!x) return PCT_DAMAGED;
    x->ended_ms = e->recorded_at_ms;
    return PCT_OK;
}

static pct_status level_set(pct_life *life, const pct_event *e) {
    const pct_event_level_set *d = &e->data.level_set;
    pct_life_level *v = pct_vector_push(&life->levels);
    if (!v) return PCT_MEMORY;
    *v = (pct_life_level){.id = {e->object.seq},
                          .level = (int32_t)d->level,
                          .share_percent = (int32_t)d->share_percent,
                          .stand_by = d->has_stand_by ? (int32_t)d->stand_by : -1,
                          .ground = d->ground,
                          .set_ms = e->recorded_at_ms,
                          .from_ms = d->from,
                          .until_ms = d->has_until ? d->until : 0};
    return of(keep(life, d->number, &v->number) && keep(life, d->approver, &v->approver) &&
              keep(life, e->actor, &v->author));
}

/* --- the table ------------------------------------------------------------------------------------------------------------ */

static pct_status (*const to_life[PCT_EVENT_TYPE_COUNT])(pct_life *life, const pct_event *event) = {
    [PCT_EVENT_DUTY_KEPT] = duty_kept,           [PCT_EVENT_PLAN_ASKED] = plan_asked,
    [PCT_EVENT_PLAN_MADE] = plan_made,           [PCT_EVENT_PLAN_FAILED] = plan_failed,
    [PCT_EVENT_PLAN_ADOPTED] = plan_adopted,     [PCT_EVENT_PLAN_WITHDRAWN] = plan_withdrawn,
    [PCT_EVENT_ROUND_ORDERED] = round_ordered,   [PCT_EVENT_DIRECTED_ORDERED] = directed_ordered,
    [PCT_EVENT_DIRECTED_ENDED] = directed_ended, [PCT_EVENT_LEVEL_SET] = level_set,
};

static pct_status (*const to_round[PCT_EVENT_TYPE_COUNT])(pct_life_round *round, const pct_event *event) = {
    [PCT_EVENT_ROUND_CALLED] = round_called,     [PCT_EVENT_STOP_VISITED] = stop_visited,
    [PCT_EVENT_STOP_EXPLAINED] = stop_explained, [PCT_EVENT_ROUND_LEFT] = round_left,
    [PCT_EVENT_ROUND_RESUMED] = round_resumed,   [PCT_EVENT_ROUND_LOGGED] = round_logged,
    [PCT_EVENT_ROUND_ENDED] = round_ended,       [PCT_EVENT_ROUND_CHECKED] = round_checked,
    [PCT_EVENT_CHECK_ANSWERED] = check_answered, [PCT_EVENT_ROUND_NOTED] = round_noted,
    [PCT_EVENT_ROUND_CHANGED] = round_changed,
};

pct_status pct_life_apply(pct_life *life, const pct_event *e, pct_error *error) {
    if (e->type >= PCT_EVENT_TYPE_COUNT || (!to_life[e->type] && !to_round[e->type])) return PCT_OK;
    pct_status status;
    if (to_life[e->type]) {
        status = to_life[e->type](life, e);
    } else {
        pct_life_round *round = pct_life_find_round(life, e->object.seq);
        status = round ? to_round[e->type](round, e) : PCT_DAMAGED;
        if (!status) round->seq = e->seq;
    }
    if (e->seq > life->seq) life->seq = e->seq;
    if (status == PCT_MEMORY) return pct_error_memory(error, sizeof(pct_life_round));
    return status ? PCT_FAIL(error, status, PCT_MSG_LIFE_CANNOT_FOLLOW, pct_int(e->seq),
                             pct_str(pct_event_type_name(e->type)))
                  : PCT_OK;
}

void pct_life_forget(pct_life *life, int64_t now_ms) {
    pct_life_round **all = life->rounds.items;
    size_t kept = 0;
    for (size_t i = 0; i < life->rounds.length; i++) {
        int64_t last_ms = all[i]->ended_ms ? all[i]->ended_ms : all[i]->until_ms;
        if (last_ms + PCT_LIFE_KEEP_DAYS * DAY_MS < now_ms)
            free_round(all[i]);
        else
            all[kept++] = all[i];
    }
    life->rounds.length = kept;
}

int64_t pct_life_seq(const pct_life *life) {
    return life->seq;
}
