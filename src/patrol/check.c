#include "patrol/check.h"

#include "patrol/check_response.h"
#include "patrol/check_spread.h"

static pct_patrol_finding found(pct_patrol_fault fault, int32_t unit, int32_t visit) {
    return (pct_patrol_finding){fault, unit, visit};
}

static const pct_patrol_finding sound = {PCT_PATROL_SOUND, PCT_PATROL_NONE, PCT_PATROL_NONE};

static pct_patrol_finding check_shape(const pct_patrol_problem *problem, const pct_patrol_plan *plan) {
    if (plan->unit_count != problem->unit_count || plan->visit_count < 0 || plan->first[0] != 0 ||
        plan->first[plan->unit_count] != plan->visit_count)
        return found(PCT_PATROL_SHAPE, PCT_PATROL_NONE, PCT_PATROL_NONE);
    for (int32_t unit = 0; unit < plan->unit_count; unit++)
        if (plan->first[unit] > plan->first[unit + 1]) return found(PCT_PATROL_SHAPE, unit, PCT_PATROL_NONE);
    for (int32_t visit = 0; visit < plan->visit_count; visit++)
        if (plan->mode[visit] < 0 || plan->mode[visit] >= problem->mode_count)
            return found(PCT_PATROL_SHAPE, PCT_PATROL_NONE, visit);
    return sound;
}

/* Pairs are few: a demand's visits are those of its modes. */
static pct_patrol_finding check_pairs(const pct_patrol_problem *problem, const pct_patrol_plan *plan) {
    for (int32_t v = 0; v < plan->visit_count; v++) {
        const pct_patrol_mode *x = &problem->modes[plan->mode[v]];
        for (int32_t w = 0; w < v; w++) {
            const pct_patrol_mode *y = &problem->modes[plan->mode[w]];
            if (x->demand == y->demand) return found(PCT_PATROL_TWICE, PCT_PATROL_NONE, v);
            int32_t series = problem->demands[x->demand].series;
            if (series == PCT_PATROL_NONE || problem->demands[y->demand].series != series) continue;
            int64_t between_ms = plan->start_ms[v] >= plan->start_ms[w]
                                     ? plan->start_ms[v] - plan->start_ms[w] - y->service_ms
                                     : plan->start_ms[w] - plan->start_ms[v] - x->service_ms;
            if (between_ms < problem->gap_ms[series]) return found(PCT_PATROL_GAP, PCT_PATROL_NONE, v);
        }
    }
    return sound;
}

/* Of every band the soonest departure in it that is not before free_ms. */
int64_t pct_patrol_check_leg_ms(const pct_patrol_problem *problem, int64_t free_ms, int32_t from,
                                int32_t to) {
    int64_t places = problem->place_count, cell = from * places + to, soonest_ms = INT64_MAX;
    if (problem->band_count < 2) return free_ms + problem->travel_ms[cell];
    for (int32_t band = 0; band < problem->band_count; band++) {
        int64_t leave_ms = free_ms;
        if (band > 0 && problem->band_from_ms[band] > leave_ms) leave_ms = problem->band_from_ms[band];
        if (band + 1 < problem->band_count && leave_ms >= problem->band_from_ms[band + 1]) continue;
        int64_t end_ms = leave_ms + problem->travel_ms[band * places * places + cell];
        if (end_ms < soonest_ms) soonest_ms = end_ms;
    }
    return soonest_ms;
}

/* One leg between two places: when it is over, its cost added up. */
static int64_t leg_end_ms(const pct_patrol_problem *problem, int64_t free_ms, int32_t from, int32_t to,
                          int64_t *travel) {
    *travel += problem->cost[(int64_t)from * problem->place_count + to];
    return pct_patrol_check_leg_ms(problem, free_ms, from, to);
}

static pct_patrol_fault check_visit(const pct_patrol_problem *problem, int32_t unit, int32_t mode) {
    const pct_patrol_demand *demand = &problem->demands[problem->modes[mode].demand];
    if (demand->unit >= 0 && demand->unit != unit) return PCT_PATROL_UNABLE;
    if (demand->group >= 0 && problem->units[unit].group != demand->group) return PCT_PATROL_UNABLE;
    for (int bit = 0; bit < 64; bit++)
        if ((demand->needs >> bit & 1) && !(problem->units[unit].has >> bit & 1)) return PCT_PATROL_UNABLE;
    return PCT_PATROL_SOUND;
}

static pct_patrol_finding check_round(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                                      int32_t unit, int64_t *travel) {
    const pct_patrol_unit *is = &problem->units[unit];
    int32_t place = is->start;
    int64_t free_ms = plan->leave_ms[unit], load = 0;
    if (free_ms < is->open_ms) return found(PCT_PATROL_SHIFT, unit, PCT_PATROL_NONE);
    *travel += is->fixed_cost;
    for (int32_t visit = plan->first[unit]; visit < plan->first[unit + 1]; visit++) {
        int32_t mode = plan->mode[visit];
        const pct_patrol_mode *how = &problem->modes[mode];
        int64_t start_ms = plan->start_ms[visit];
        if (check_visit(problem, unit, mode)) return found(PCT_PATROL_UNABLE, unit, visit);
        if (start_ms < leg_end_ms(problem, free_ms, place, how->from, travel))
            return found(PCT_PATROL_TOO_SOON, unit, visit);
        if (start_ms < how->open_ms || start_ms > how->close_ms) return found(PCT_PATROL_WINDOW, unit, visit);
        *travel += how->cost;
        load += problem->demands[how->demand].load;
        free_ms = start_ms + how->service_ms;
        place = how->to;
    }
    int64_t back_ms = leg_end_ms(problem, free_ms, place, is->end, travel);
    if (back_ms > plan->back_ms[unit]) return found(PCT_PATROL_TOO_SOON, unit, PCT_PATROL_NONE);
    if (plan->back_ms[unit] > is->close_ms) return found(PCT_PATROL_SHIFT, unit, PCT_PATROL_NONE);
    if (plan->back_ms[unit] - plan->leave_ms[unit] > is->duration_max_ms)
        return found(PCT_PATROL_DURATION, unit, PCT_PATROL_NONE);
    return load > is->capacity ? found(PCT_PATROL_CAPACITY, unit, PCT_PATROL_NONE) : sound;
}

static bool is_cost(const pct_patrol_problem *problem, const pct_patrol_plan *plan, bool fewest_units,
                    int64_t travel) {
    int64_t musts = 0, shoulds = 0, units = 0, least_ms = 0, most_ms = 0;
    for (int32_t d = 0; d < problem->demand_count; d++)
        *(problem->demands[d].must ? &musts : &shoulds) += problem->demands[d].weight;
    for (int32_t visit = 0; visit < plan->visit_count; visit++) {
        const pct_patrol_demand *demand = &problem->demands[problem->modes[plan->mode[visit]].demand];
        *(demand->must ? &musts : &shoulds) -= demand->weight;
    }
    for (int32_t unit = 0; unit < plan->unit_count; unit++) {
        if (plan->first[unit] == plan->first[unit + 1]) continue;
        int64_t duration_ms = plan->back_ms[unit] - plan->leave_ms[unit];
        least_ms = units == 0 || duration_ms < least_ms ? duration_ms : least_ms;
        most_ms = duration_ms > most_ms ? duration_ms : most_ms;
        units++;
    }
    const pct_patrol_cost *stated = &plan->cost;
    return stated->musts_left == musts && stated->shoulds_left == shoulds && stated->travel == travel &&
           stated->units == (fewest_units ? units : 0) && pct_patrol_check_response(problem, plan) &&
           pct_patrol_check_spread(problem, plan) && stated->imbalance_ms == most_ms - least_ms;
}

pct_patrol_finding pct_patrol_check(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                                    bool fewest_units) {
    int64_t travel = 0;
    pct_patrol_finding finding = check_shape(problem, plan);
    for (int32_t unit = 0; unit < problem->unit_count && !finding.fault; unit++)
        if (plan->first[unit] < plan->first[unit + 1]) finding = check_round(problem, plan, unit, &travel);
    if (!finding.fault) finding = check_pairs(problem, plan);
    if (!finding.fault && !is_cost(problem, plan, fewest_units, travel))
        finding = found(PCT_PATROL_COST, PCT_PATROL_NONE, PCT_PATROL_NONE);
    return finding;
}
