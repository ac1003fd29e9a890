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

/* What annealing works on: response, and as much as a fiftieth of it for all of travel. */
static double score(const pct_cover *c) {
    double travel = pct_stream_score(c->stream), scale = (double)c->best.travel + 1.0;
    return c->expected_ms + travel_share * (double)c->best.response_ms * travel / scale;
}

pct_status pct_cover_init(pct_cover *c, pct_stream *stream, const int32_t *first, const int32_t *mode,
                          pct_arena *arena, pct_error *error) {
    *c = (pct_cover){.stream = stream, .blink = pct_blink_init(&stream->rng, blink_rate)};
    c->modes = pct_arena_alloc(arena, (size_t)stream->problem->demand_count + 1, sizeof *c->modes);
    if (!c->modes) return pct_error_memory(error, (size_t)stream->problem->demand_count * sizeof *c->modes);
    pct_status status = pct_response_init(&c->response, stream->problem, arena, error);
    if (status) return status;
    pct_rounds_set(&stream->rounds, first, mode);
    for (int32_t u = 0; u < stream->problem->unit_count; u++) time_unit(c, u);
    c->expected_ms = pct_response_expected_ms(&c->response);
    c->best = cost_of(c);
    c->hot_ms = hot_share * c->expected_ms;
    return PCT_OK;
}

static bool step(pct_cover *c, double temperature_ms) {
    pct_stream *s = c->stream;
    pct_rounds *r = &s->rounds;
    double before = score(c), before_ms = c->expected_ms, chance = 1.0 - pct_rng_unit(&s->rng);
    pct_rounds_mark(r);
    pct_ruin_strings(&s->ruin, r, &s->rng);
    pct_recreate_all(&s->recreate, r, &s->rng, &c->blink);
    for (int32_t i = 0; s->has_choice && i < r->log_count; i++)
        (void)pct_ways_improve(&s->ways, r, r->log_unit[i]);
    bool may_be =
        r->musts_left <= c->best.musts_left && (!s->settings->fewest_units || r->used_units <= c->best.units);
    if (!may_be) {
        pct_rounds_undo(r);
        return false;
    }
    for (int32_t i = 0; i < r->log_count; i++) time_unit(c, r->log_unit[i]);
    c->expected_ms = pct_response_expected_ms(&c->response);
    pct_patrol_cost cost = cost_of(c);
    bool is_best = pct_patrol_cost_compare(&cost, &c->best) < 0;
    if (is_best) c->best = cost;
    if (is_best || score(c) < before - temperature_ms * log(chance)) return is_best;
    int32_t touched = r->log_count;
    pct_rounds_undo(r);
    for (int32_t i = 0; i < touched; i++) time_unit(c, r->log_unit[i]);
    c->expected_ms = before_ms;
    return false;
}

bool pct_cover_run(pct_cover *c, uint32_t iterations, double share, int32_t *first, int32_t *mode) {
    double temperature_ms = c->hot_ms * pow(cold_share / hot_share, share);
    bool is_new = false;
    for (uint32_t i = 0; i < iterations; i++, c->stream->iteration++) {
        if (!step(c, temperature_ms)) continue;
        pct_stream_write(c->stream, first, mode);
        is_new = true;
    }
    return is_new;
}
