/* Which events of patrol may be caused, by what is so now. */
#include <string.h>

#include "patrol/life_state.h"

#define DAY_MS  INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

typedef struct request {
    const pct_life *life;
    int64_t object;
    const pct_event_data *data;
    int64_t now_ms;
    pct_error *error;
} request;

/* --- plans ---------------------------------------------------------------------------------------------------------- */

static pct_status need_plan(const request *r, int64_t seq, unsigned states, const pct_life_plan **out) {
    const pct_life_plan *plan = *out = pct_life_find_plan(r->life, seq);
    if (!plan) return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_PLAN, pct_int(seq));
    if (states >> plan->state & 1) return PCT_OK;
    return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_PLAN_STATE, pct_int(seq),
                    pct_str(pct_life_state_names[plan->state]));
}

static pct_status while_making(const request *r) {
    const pct_life_plan *plan;
    return need_plan(r, r->object, 1u << PCT_LIFE_MAKING, &plan);
}

static pct_status while_made(const request *r) {
    const pct_life_plan *plan;
    return need_plan(r, r->object, 1u << PCT_LIFE_MADE, &plan);
}

static pct_status withdraw(const request *r) {
    const pct_life_plan *plan;
    return need_plan(r, r->object, 1u << PCT_LIFE_MADE | 1u << PCT_LIFE_ADOPTED, &plan);
}

static pct_status order_round(const request *r) {
    const pct_event_round_ordered *d = &r->data->round_ordered;
    const pct_life_plan *plan;
    pct_status status = need_plan(r, d->plan.seq, 1u << PCT_LIFE_MADE, &plan);
    if (status) return status;
    pct_life_round *const *all = r->life->rounds.items;
    for (size_t i = 0; i < r->life->rounds.length; i++) {
        if (all[i]->plan.seq == d->plan.seq && all[i]->unit.seq == d->unit.seq)
            return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_TWICE, pct_view(d->name));
        /* One unit, one round at a time: of another plan that is in force. */
        if (all[i]->unit.seq == d->unit.seq && !all[i]->ended_ms && pct_life_round_counts(r->life, all[i]) &&
            all[i]->leave_ms < d->until && d->leave < all[i]->until_ms)
            return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_UNIT_ON_ROUND, pct_view(d->name),
                            pct_int(all[i]->id.seq));
    }
    return PCT_OK;
}

/* --- rounds --------------------------------------------------------------------------------------------------------- */

static pct_status need_round(const request *r, const pct_life_round **out) {
    const pct_life_round *round = *out = pct_life_find_round(r->life, r->object);
    if (!round || !pct_life_round_counts(r->life, round))
        return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_ROUND, pct_int(r->object));
    return PCT_OK;
}

static pct_status not_over(const request *r, const pct_life_round **out) {
    pct_status status = need_round(r, out);
    if (status) return status;
    if ((*out)->ended_ms) return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_OVER, pct_int(r->object));
    return PCT_OK;
}

static pct_status not_early(const request *r, const pct_life_round **out) {
    pct_status status = not_over(r, out);
    if (status) return status;
    if (r->now_ms < (*out)->leave_ms - PCT_LIFE_EARLY_S * INT64_C(1000))
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_EARLY, pct_int(r->object),
                        pct_int(PCT_LIFE_EARLY_S / 60));
    return PCT_OK;
}

static pct_status call_round(const request *r) {
    const pct_life_round *round;
    return not_early(r, &round);
}

static pct_status visit_stop(const request *r) {
    const pct_event_stop_visited *d = &r->data->stop_visited;
    const pct_life_round *round;
    pct_status status = not_early(r, &round);
    if (status) return status;
    const pct_life_stop *stop = pct_life_find_stop(round, d->stop);
    if (!stop)
        return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_STOP, pct_int(r->object), pct_int(d->stop));
    if (stop->handed_to)
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_STOP_HANDED, pct_int(r->object), pct_int(d->stop),
                        pct_int(stop->handed_to));
    if (pct_life_stop_is_served(stop))
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_STOP_SERVED, pct_int(r->object),
                        pct_int(d->stop));
    bool good = d->from <= r->now_ms && d->from >= round->leave_ms - PCT_LIFE_EARLY_S * INT64_C(1000) &&
                (!d->has_until || (d->until >= d->from && d->until <= r->now_ms));
    return good ? PCT_OK : pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_VISIT_TIME, NULL, 0);
}

/* As often as the crew likes: the last word holds. */
static pct_status explain_stop(const request *r) {
    const pct_event_stop_explained *d = &r->data->stop_explained;
    const pct_life_round *round;
    pct_status status = need_round(r, &round);
    if (!status && !round->ended_ms) status = not_early(r, &round);
    if (status || pct_life_find_stop(round, d->stop)) return status;
    return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_STOP, pct_int(r->object), pct_int(d->stop));
}

static pct_status leave_round(const request *r) {
    const pct_life_round *round;
    pct_status status = not_over(r, &round);
    if (status || round->left_ms == 0) return status;
    return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_LEFT, pct_int(r->object));
}

/* What was planned from an older state of the round is not its rest any more. */
static pct_status need_state(const request *r, const pct_life_round *round, int64_t after) {
    if (round->seq == after) return PCT_OK;
    return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_MOVED_ON, pct_int(r->object));
}

static pct_status resume_round(const request *r) {
    const pct_event_round_resumed *d = &r->data->round_resumed;
    const pct_life_round *round;
    pct_status status = not_over(r, &round);
    if (!status && round->left_ms == 0)
        status = PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_NOT_LEFT, pct_int(r->object));
    if (!status && d->has_after) status = need_state(r, round, d->after);
    return status ? status : pct_life_may_rest(round, d->stops, d->moved, r->error);
}

static pct_status change_round(const request *r) {
    const pct_event_round_changed *d = &r->data->round_changed;
    const pct_life_round *round;
    pct_status status = not_over(r, &round);
    if (!status && round->left_ms)
        status = PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_LEFT, pct_int(r->object));
    if (!status) status = need_state(r, round, d->after);
    return status ? status : pct_life_may_rest(round, d->stops, d->moved, r->error);
}

static pct_status log_round(const request *r) {
    const pct_life_round *round;
    pct_status status = need_round(r, &round);
    if (!status && !round->ended_ms) status = not_early(r, &round);
    if (status) return status;
    if (round->logged_ms) return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_LOG_TWICE, pct_int(r->object));
    if (round->ended_ms && r->now_ms > round->ended_ms + PCT_LIFE_LOG_HOURS * HOUR_MS)
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_LOG_LATE, pct_int(r->object),
                        pct_int(PCT_LIFE_LOG_HOURS));
    return PCT_OK;
}

/* Within its hours, and not while a call keeps it from its duty. */
static pct_status check_round(const request *r) {
    const pct_event_round_checked *d = &r->data->round_checked;
    const pct_life_round *round;
    pct_status status = need_round(r, &round);
    if (!status && !round->ended_ms) status = not_early(r, &round);
    if (status) return status;
    bool by_phone = d->kind == PCT_CHECK_KIND_PHONE,
         answered_so = d->answer == PCT_CHECK_ANSWER_REACHED || d->answer == PCT_CHECK_ANSWER_NOT_REACHED;
    if (by_phone != answered_so)
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_CHECK_ANSWER, NULL, 0);
    if (d->at > r->now_ms || d->at < round->leave_ms - PCT_LIFE_EARLY_S * INT64_C(1000) ||
        (round->ended_ms && d->at > round->ended_ms))
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_CHECK_TIME, NULL, 0);
    if (round->left_ms && d->at >= round->left_ms)
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_CHECK_ON_CALL, pct_int(r->object));
    if (round->checks_length == PCT_LIFE_CHECKS_MAX)
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_CHECKS_MANY, pct_int(r->object),
                        pct_int(PCT_LIFE_CHECKS_MAX));
    if (!d->has_stop || pct_life_find_stop(round, d->stop)) return PCT_OK;
    return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_STOP, pct_int(r->object), pct_int(d->stop));
}

/* As often as the crew likes, like its word on a stop. */
static pct_status answer_check(const request *r) {
    const int64_t number = r->data->check_answered.number;
    const pct_life_round *round;
    pct_status status = need_round(r, &round);
    if (status || (number >= 1 && (size_t)number <= round->checks_length)) return status;
    return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_CHECK, pct_int(r->object), pct_int(number));
}

/* When its log may be written. */
static pct_status note_round(const request *r) {
    const pct_life_round *round;
    pct_status status = need_round(r, &round);
    if (!status && !round->ended_ms) status = not_early(r, &round);
    if (status) return status;
    if (round->ended_ms && r->now_ms > round->ended_ms + PCT_LIFE_LOG_HOURS * HOUR_MS)
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_LOG_LATE, pct_int(r->object),
                        pct_int(PCT_LIFE_LOG_HOURS));
    if (round->notes < PCT_LIFE_NOTES_MAX) return PCT_OK;
    return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_NOTES_MANY, pct_int(r->object),
                    pct_int(PCT_LIFE_NOTES_MAX));
}

static pct_status look_at_round(const request *r) {
    const pct_life_round *round;
    return need_round(r, &round);
}

static pct_status end_round(const request *r) {
    const pct_life_round *round;
    return not_early(r, &round);
}

/* --- orders and levels ----------------------------------------------------------------------------------------------- */

static pct_status order_directed(const request *r) {
    const pct_event_directed_ordered *d = &r->data->directed_ordered;
    if (d->from_minute >= d->to_minute)
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_DIRECTED_HOURS, NULL, 0);
    if (d->until <= r->now_ms || d->until > r->now_ms + PCT_DUTY_ORDER_DAYS_MAX * DAY_MS)
        return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_DIRECTED_END, pct_int(PCT_DUTY_ORDER_DAYS_MAX));
    return PCT_OK;
}

static pct_status end_directed(const request *r) {
    const pct_life_directed *x = pct_life_find_directed(r->life, r->object);
    if (!x) return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_DIRECTED, pct_int(r->object));
    if (pct_life_directed_is_open(x, r->now_ms)) return PCT_OK;
    return PCT_FAIL(r->error, PCT_REFUSED, PCT_MSG_LIFE_DIRECTED_OVER, pct_int(r->object));
}

static pct_status set_level(const request *r) {
    const pct_event_level_set *d = &r->data->level_set;
    if (d->has_until && d->until <= d->from)
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_LEVEL_TIMES, NULL, 0);
    if (d->level < 3 && (!d->has_until || d->ground == PCT_LEVEL_GROUND_EVERYDAY))
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_LEVEL_NEEDS, NULL, 0);
    if (d->level == 2 && d->share_percent < 50)
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_LIFE_LEVEL_HALF, NULL, 0);
    return PCT_OK;
}

/* --- the table --------------------------------------------------------------------------------------------------------- */

static pct_status (*const checks[PCT_EVENT_TYPE_COUNT])(const request *r) = {
    [PCT_EVENT_PLAN_MADE] = while_making,      [PCT_EVENT_PLAN_FAILED] = while_making,
    [PCT_EVENT_PLAN_ADOPTED] = while_made,     [PCT_EVENT_PLAN_WITHDRAWN] = withdraw,
    [PCT_EVENT_ROUND_ORDERED] = order_round,   [PCT_EVENT_ROUND_CALLED] = call_round,
    [PCT_EVENT_STOP_VISITED] = visit_stop,     [PCT_EVENT_STOP_EXPLAINED] = explain_stop,
    [PCT_EVENT_ROUND_LEFT] = leave_round,      [PCT_EVENT_ROUND_RESUMED] = resume_round,
    [PCT_EVENT_ROUND_CHANGED] = change_round,  [PCT_EVENT_ROUND_LOGGED] = log_round,
    [PCT_EVENT_ROUND_ENDED] = end_round,       [PCT_EVENT_ROUND_CHECKED] = check_round,
    [PCT_EVENT_CHECK_ANSWERED] = answer_check, [PCT_EVENT_ROUND_NOTED] = note_round,
    [PCT_EVENT_ROUND_LOOKED] = look_at_round,  [PCT_EVENT_DIRECTED_ORDERED] = order_directed,
    [PCT_EVENT_DIRECTED_ENDED] = end_directed, [PCT_EVENT_LEVEL_SET] = set_level,
};

pct_status pct_life_may(const pct_life *life, pct_event_type type, pct_id object, const pct_event_data *data,
                        int64_t now_ms, pct_error *error) {
    const request r = {life, object.seq, data, now_ms, error};
    return type < PCT_EVENT_TYPE_COUNT && checks[type] ? checks[type](&r) : PCT_OK;
}
