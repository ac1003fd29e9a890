/* Ruin and recreate as in stream.c, but kept by expected response under a temperature of its own; what serves fewer musts, or takes more units
 * where the fewest are asked for, is never kept. Recreate blinks often, so that demands go to other rounds, orders and hours than those
 * of least travel; travel and shoulds enter with so little weight that they decide between plans of about equal response. Only the rounds that
 * changed are timed again. O(rounds changed × slices × points) an iteration. */
#include "patrol/cover.h"

#include <math.h>

static const double blink_rate = 0.05, hot_share = 0.003, cold_share = 0.00003, travel_share = 0.02;

static void time_unit(pct_cover *c, int32_t unit) {
    const pct_rounds *r = &c->stream->rounds;
    int32_t begin = pct_rounds_begin(r, unit), count = 0;
    for (int32_t s = r->stops[begin].next; !pct_rounds_is_post(r, s); s = r->stops[s].next)
        c->modes[count++] = r->stops[s].mode;
    pct_response_set_unit(&c->response, unit, c->modes, count, r->stops[begin].tail.earliest_ms);
}

static pct_patrol_cost cost_of(const pct_cover *c) {
    pct_patrol_cost cost = pct_rounds_cost(&c->stream->rounds, c->stream->settings->fewest_units);
    cost.response_ms = pct_response_steps_ms(c->stream->problem->calls, c->expected_ms);
    return cost;
}

/* Response, and as much as a fiftieth of it for all of travel, shoulds and spread at their prices. */
double pct_cover_score(const pct_cover *c) {
    double travel = pct_stream_score(c->stream), scale = (double)c->best.travel + 1.0;
    return c->expected_ms + travel_share * (double)c->best.response_ms * travel / scale;
}

static void keep_best(pct_cover *c, const pct_patrol_cost *cost) {
    pct_stream_write(c->stream, c->best_first, c->best_mode);
    c->best = *cost;
    c->best_at = c->stream->iteration;
}

static void time_all(pct_cover *c) {
    for (int32_t u = 0; u < c->stream->problem->unit_count; u++) time_unit(c, u);
    c->expected_ms = pct_response_expected_ms(&c->response);
}

pct_status pct_cover_init(pct_cover *c, pct_stream *stream, const int32_t *first, const int32_t *mode,
                          pct_arena *arena, pct_error *error) {
    size_t demands = (size_t)stream->problem->demand_count, units = (size_t)stream->problem->unit_count;
    *c = (pct_cover){.stream = stream, .blink = pct_blink_init(&stream->rng, blink_rate)};
    c->modes = pct_arena_alloc(arena, 2 * demands + units + 1, sizeof *c->modes);
    if (!c->modes) return pct_error_memory(error, 2 * demands * sizeof *c->modes);
    c->best_mode = c->modes + demands;
    c->best_first = c->best_mode + demands;
    pct_status status = pct_response_init(&c->response, stream->problem, arena, error);
    if (status) return status;
    pct_rounds_set(&stream->rounds, first, mode);
    time_all(c);
    pct_patrol_cost cost = cost_of(c);
    keep_best(c, &cost);
    c->hot_ms = hot_share * c->expected_ms;
    return PCT_OK;
}

void pct_cover_set_spent(pct_cover *c, double share) {
    c->temperature_ms = c->hot_ms * pow(cold_share / hot_share, share);
}

void pct_cover_adopt(pct_cover *c, const int32_t *first, const int32_t *mode) {
    pct_rounds_set(&c->stream->rounds, first, mode);
    time_all(c);
    pct_patrol_cost cost = cost_of(c);
    if (pct_patrol_cost_compare(&cost, &c->best) < 0) keep_best(c, &cost);
}

static void step(pct_cover *c) {
    pct_stream *s = c->stream;
    pct_rounds *r = &s->rounds;
    double before = pct_cover_score(c), before_ms = c->expected_ms, chance = 1.0 - pct_rng_unit(&s->rng);
    pct_rounds_mark(r);
    pct_ruin_strings(&s->ruin, r, &s->rng);
    pct_recreate_all(&s->recreate, r, &s->rng, &c->blink);
    for (int32_t i = 0; s->has_choice && i < r->log_count; i++)
        (void)pct_ways_improve(&s->ways, r, r->log_unit[i]);
    bool may_be =
        r->musts_left <= c->best.musts_left && (!s->settings->fewest_units || r->used_units <= c->best.units);
    if (!may_be) {
        pct_rounds_undo(r);
        return;
    }
    for (int32_t i = 0; i < r->log_count; i++) time_unit(c, r->log_unit[i]);
    c->expected_ms = pct_response_expected_ms(&c->response);
    pct_patrol_cost cost = cost_of(c);
    bool is_best = pct_patrol_cost_compare(&cost, &c->best) < 0;
    if (is_best) keep_best(c, &cost);
    if (is_best || pct_cover_score(c) < before - c->temperature_ms * log(chance)) return;
    int32_t touched = r->log_count;
    pct_rounds_undo(r);
    for (int32_t i = 0; i < touched; i++) time_unit(c, r->log_unit[i]);
    c->expected_ms = before_ms;
}

void pct_cover_run(pct_cover *c, uint32_t iterations) {
    for (uint32_t i = 0; i < iterations; i++, c->stream->iteration++) step(c);
}
