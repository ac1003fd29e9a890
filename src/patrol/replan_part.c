/* The part of a problem that is planned again. What stays speaks to it in three ways: units begin where and when they come free; gaps to
 * visits that stay are cut out of windows, so that a mode becomes several; and limits of duration end shifts. Places are numbered anew,
 * so that what is solved is as small as what is left. O(visits + modes × visits of their series + bands × places of the part squared). */
#include "patrol/replan_part.h"

#include <stdlib.h>

static const size_t arena_max = (size_t)1 << 30;

static int64_t end_ms(const pct_replan_part *r, int32_t visit) {
    return r->plan->start_ms[visit] + r->problem->modes[r->plan->mode[visit]].service_ms;
}

static void find_kept(pct_replan_part *r, int32_t unit) {
    const pct_patrol_plan *plan = r->plan;
    int32_t visit = plan->first[unit], end = plan->first[unit + 1];
    r->has_left[unit] = visit < end && plan->leave_ms[unit] <= r->call->left_ms;
    while (visit < end && end_ms(r, visit) <= r->call->left_ms) visit++;
    if (unit != r->call->unit && r->has_left[unit] && visit < end) visit++;
    r->kept[unit] = visit - plan->first[unit];
}

static bool can_help(const pct_replan_part *r, int32_t unit) {
    int32_t left = r->call->unit;
    for (int32_t v = r->plan->first[left] + r->kept[left]; v < r->plan->first[left + 1]; v++)
        if (pct_patrol_may_serve(r->problem, unit, r->problem->modes[r->plan->mode[v]].demand)) return true;
    return false;
}

/* Where the unit goes on from. */
static int32_t place_of(const pct_replan_part *r, int32_t unit) {
    const pct_patrol_plan *plan = r->plan;
    int32_t kept = r->kept[unit], last = plan->first[unit] + kept - 1;
    if (kept == 0) return r->problem->units[unit].start;
    if (last + 1 == plan->first[unit + 1] && end_ms(r, last) <= r->call->left_ms)
        return r->problem->units[unit].end;
    return r->problem->modes[plan->mode[last]].to;
}

typedef struct neighbour {
    int64_t cost;
    int32_t unit;
} neighbour;

static int by_cost(const void *a, const void *b) {
    const neighbour *p = a, *q = b;
    if (p->cost != q->cost) return p->cost < q->cost ? -1 : 1;
    return (p->unit > q->unit) - (p->unit < q->unit);
}

/* Least travel from what the unit has before it to what the one who left has. */
static int64_t apart(const pct_replan_part *r, int32_t unit) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_plan *plan = r->plan;
    int32_t left = r->call->unit;
    int64_t least = INT64_MAX;
    for (int32_t v = plan->first[left] + r->kept[left]; v < plan->first[left + 1]; v++) {
        int32_t to = p->modes[plan->mode[v]].from;
        int64_t cost = pct_patrol_travel_cost(p, place_of(r, unit), to);
        if (cost < least) least = cost;
        for (int32_t w = plan->first[unit] + r->kept[unit]; w < plan->first[unit + 1]; w++) {
            cost = pct_patrol_travel_cost(p, p->modes[plan->mode[w]].to, to);
            if (cost < least) least = cost;
        }
    }
    return least;
}

static pct_status choose_units(pct_replan_part *r, pct_error *error) {
    int32_t units = r->problem->unit_count, count = 0;
    neighbour *all = pct_arena_alloc(&r->arena, (size_t)units, sizeof *all);
    if (!all) return pct_error_memory(error, (size_t)units * sizeof *all);
    for (int32_t u = 0; u < units; u++)
        if (u != r->call->unit && !(r->call->stays && r->call->stays[u]) && can_help(r, u))
            all[count++] = (neighbour){apart(r, u), u};
    qsort(all, (size_t)count, sizeof *all, by_cost);
    r->is_open[r->call->unit] = true;
    for (int32_t i = 0; i < count && i < r->call->neighbours; i++) r->is_open[all[i].unit] = true;
    for (int32_t u = 0; u < units; u++)
        if (r->is_open[u] && (u != r->call->unit || r->call->returns)) r->units[r->unit_count++] = u;
    return PCT_OK;
}

/* Rests of the open rounds and musts that the plan left out; a unit's own only if it drives on. */
static void choose_demands(pct_replan_part *r, bool *is_taken) {
    const pct_patrol_problem *p = r->problem;
    for (int32_t d = 0; d < p->demand_count; d++)
        is_taken[d] = p->demands[d].must && !(r->call->given_up && r->call->given_up[d]);
    for (int32_t u = 0; u < p->unit_count; u++)
        for (int32_t v = r->plan->first[u]; v < r->plan->first[u + 1]; v++)
            is_taken[p->modes[r->plan->mode[v]].demand] = !pct_replan_stays(r, u, v);
    for (int32_t d = 0; d < p->demand_count; d++) {
        int32_t own = p->demands[d].unit;
        bool gone =
            own != PCT_PATROL_NONE && (!r->is_open[own] || (own == r->call->unit && !r->call->returns));
        if (is_taken[d] && !gone) r->demands[r->demand_count++] = d;
    }
}

static void set_unit(pct_replan_part *r, int32_t at) {
    int32_t unit = r->units[at];
    bool is_caller = unit == r->call->unit;
    pct_patrol_unit *u = &r->part.units[at];
    int64_t free_ms = r->call->left_ms, until_ms = r->plan->leave_ms[unit] + u->duration_max_ms;
    int32_t last = r->plan->first[unit] + r->kept[unit] - 1;
    for (int32_t v = r->plan->first[unit]; v <= last; v++)
        u->capacity -= r->problem->demands[r->problem->modes[r->plan->mode[v]].demand].load;
    u->start = is_caller ? r->call->place : place_of(r, unit);
    if (is_caller)
        free_ms = r->call->free_ms;
    else if (r->kept[unit] > 0) {
        int64_t at_ms =
            u->start == r->problem->modes[r->plan->mode[last]].to ? end_ms(r, last) : r->plan->back_ms[unit];
        if (at_ms > free_ms) free_ms = at_ms;
    }
    if (r->has_left[unit]) {
        u->fixed_cost = 0;
        if (until_ms < u->close_ms) u->close_ms = until_ms;
        u->duration_max_ms = PCT_PATROL_VALUE_MAX;
    }
    if (free_ms > u->open_ms) u->open_ms = free_ms;
    if (u->close_ms < u->open_ms) u->close_ms = u->open_ms; /* no time is left, not even for the way home */
}

typedef struct cut {
    int64_t after_ms, before_ms; /* starts in between, both ends excluded, are too near */
} cut;

/* Visits that stay of the demand's series, as cuts of a mode of it. */
static int32_t list_cuts(const pct_replan_part *r, int32_t series, int64_t service_ms, cut *cuts) {
    const pct_patrol_problem *p = r->problem;
    int32_t count = 0;
    for (int32_t u = 0; u < p->unit_count; u++)
        for (int32_t v = r->plan->first[u]; v < r->plan->first[u + 1]; v++) {
            if (p->demands[p->modes[r->plan->mode[v]].demand].series != series || !pct_replan_stays(r, u, v))
                continue;
            cuts[count++] = (cut){r->plan->start_ms[v] - p->gap_ms[series] - service_ms,
                                  end_ms(r, v) + p->gap_ms[series]};
        }
    return count;
}

/* The mode's window without the cuts, as modes of the demand behind the others; the free begin at or after the end of the piece before. */
static int32_t add_pieces(pct_patrol_mode whole, const cut *cuts, int32_t count, pct_patrol_mode *modes) {
    int32_t pieces = 0;
    int64_t from_ms = whole.open_ms;
    while (from_ms <= whole.close_ms) {
        int64_t until_ms = whole.close_ms, next_ms = INT64_MAX;
        bool is_cut = false;
        for (int32_t i = 0; i < count; i++) {
            if (from_ms > cuts[i].after_ms && from_ms < cuts[i].before_ms) {
                is_cut = true;
                next_ms = cuts[i].before_ms;
                break;
            }
            if (cuts[i].after_ms >= from_ms && cuts[i].after_ms < until_ms) until_ms = cuts[i].after_ms;
        }
        if (!is_cut) {
            modes[pieces] = whole;
            modes[pieces].open_ms = from_ms;
            modes[pieces++].close_ms = until_ms;
            next_ms = until_ms + 1;
        }
        from_ms = next_ms;
    }
    return pieces;
}

/* Exchanges the part's modes for their pieces. */
static pct_status cut_windows(pct_replan_part *r, pct_error *error) {
    pct_patrol_problem *p = &r->part.problem;
    size_t most = (size_t)r->plan->visit_count + 1, members = 0;
    cut *cuts = pct_arena_alloc(&r->arena, most, sizeof *cuts);
    if (!cuts) return pct_error_memory(error, most * sizeof *cuts);
    for (int32_t m = 0; m < p->mode_count; m++) {
        int32_t series = r->problem->demands[r->problem->modes[r->part.mode_of[m]].demand].series;
        members += 2 + 2 * (series == PCT_PATROL_NONE ? 0 : (size_t)list_cuts(r, series, 0, cuts));
    }
    pct_patrol_mode *modes = pct_arena_alloc(&r->arena, members, sizeof *modes);
    int32_t *mode_of = pct_arena_alloc(&r->arena, members, sizeof *mode_of), at = 0;
    if (!modes || !mode_of) return pct_error_memory(error, members * sizeof *modes);
    for (int32_t d = 0; d < p->demand_count; d++) {
        pct_patrol_demand *demand = &r->part.demands[d];
        int32_t first = at, series = r->problem->demands[r->part.demand_of[d]].series;
        for (int32_t m = demand->first_mode; m < demand->first_mode + demand->mode_count; m++) {
            int32_t count =
                series == PCT_PATROL_NONE ? 0 : list_cuts(r, series, r->part.modes[m].service_ms, cuts);
            int32_t pieces = add_pieces(r->part.modes[m], cuts, count, modes + at);
            for (int32_t i = 0; i < pieces; i++) mode_of[at++] = r->part.mode_of[m];
        }
        if (at == first) { /* nowhere: a window that no shift reaches */
            modes[at] = r->part.modes[demand->first_mode];
            modes[at].open_ms = modes[at].close_ms = PCT_PATROL_VALUE_MAX;
            mode_of[at++] = r->part.mode_of[demand->first_mode];
        }
        demand->first_mode = first;
        demand->mode_count = at - first;
    }
    p->modes = r->part.modes = modes;
    p->mode_count = at;
    r->part.mode_of = mode_of;
    return PCT_OK;
}

static int32_t number(int32_t *number_of, int32_t *places, int32_t *count, int32_t place) {
    if (number_of[place] == PCT_PATROL_NONE) {
        number_of[place] = *count;
        places[(*count)++] = place;
    }
    return number_of[place];
}

/* Travel of band `band` among the part's places [count], the last of which may be where the one who left is. */
static void copy_matrix(const pct_replan_part *r, const int32_t *whole, const int32_t *away,
                        const int32_t *places, int32_t count, int32_t *out) {
    for (int32_t i = 0; i < count; i++)
        for (int32_t j = 0; j < count; j++) {
            int32_t from = places[i], to = places[j], *cell = &out[(size_t)i * (size_t)count + (size_t)j];
            if (from == PCT_PATROL_NONE || to == PCT_PATROL_NONE)
                *cell = from == to ? 0 : away[from == PCT_PATROL_NONE ? to : from];
            else
                *cell = whole[(size_t)from * (size_t)r->problem->place_count + (size_t)to];
        }
}

static pct_status renumber_places(pct_replan_part *r, pct_error *error) {
    pct_patrol_problem *p = &r->part.problem;
    size_t all = (size_t)r->problem->place_count;
    int32_t *number_of = pct_arena_alloc(&r->arena, all, sizeof *number_of), count = 0;
    int32_t *places = pct_arena_alloc(&r->arena, all + 1, sizeof *places);
    if (!number_of || !places) return pct_error_memory(error, all * sizeof *places);
    for (size_t i = 0; i < all; i++) number_of[i] = PCT_PATROL_NONE;
    for (int32_t m = 0; m < p->mode_count; m++) {
        r->part.modes[m].from = number(number_of, places, &count, r->part.modes[m].from);
        r->part.modes[m].to = number(number_of, places, &count, r->part.modes[m].to);
    }
    int32_t away = PCT_PATROL_NONE;
    for (int32_t u = 0; u < p->unit_count; u++) {
        pct_patrol_unit *unit = &r->part.units[u];
        unit->end = number(number_of, places, &count, unit->end);
        if (unit->start == PCT_PATROL_NONE)
            away = u;
        else
            unit->start = number(number_of, places, &count, unit->start);
    }
    if (away != PCT_PATROL_NONE) {
        r->part.units[away].start = count;
        places[count++] = PCT_PATROL_NONE;
    }
    size_t cells = (size_t)count * (size_t)count, bands = p->band_count > 1 ? (size_t)p->band_count : 1;
    int32_t *travel_ms = pct_arena_alloc(&r->arena, (bands + 1) * cells, sizeof *travel_ms);
    if (!travel_ms) return pct_error_memory(error, (bands + 1) * cells * sizeof *travel_ms);
    for (size_t b = 0; b < bands; b++)
        copy_matrix(r, r->problem->travel_ms + b * all * all, r->call->away_ms, places, count,
                    travel_ms + b * cells);
    copy_matrix(r, r->problem->cost, r->call->away_cost, places, count, travel_ms + bands * cells);
    p->travel_ms = travel_ms;
    p->cost = travel_ms + bands * cells;
    p->place_count = count > 0 ? count : 1;
    return PCT_OK;
}

static bool is_call(const pct_patrol_problem *p, const pct_patrol_plan *plan, const pct_replan_call *c) {
    bool good = plan->unit_count == p->unit_count && c->unit >= 0 && c->unit < p->unit_count &&
                c->left_ms >= 0 && c->left_ms <= PCT_PATROL_VALUE_MAX && c->neighbours >= 0 &&
                c->iterations > 0;
    if (!good || !c->returns) return good;
    return c->free_ms >= c->left_ms && c->free_ms <= PCT_PATROL_VALUE_MAX && c->place < p->place_count &&
           c->place >= PCT_PATROL_NONE && (c->place != PCT_PATROL_NONE || (c->away_ms && c->away_cost));
}

static pct_status choose(pct_replan_part *r, pct_error *error) {
    size_t units = (size_t)r->problem->unit_count, demands = (size_t)r->problem->demand_count;
    r->kept = pct_arena_alloc(&r->arena, units, sizeof *r->kept);
    r->units = pct_arena_alloc(&r->arena, units, sizeof *r->units);
    r->is_open = pct_arena_alloc(&r->arena, units, sizeof *r->is_open);
    r->has_left = pct_arena_alloc(&r->arena, units, sizeof *r->has_left);
    r->demands = pct_arena_alloc(&r->arena, demands, sizeof *r->demands);
    bool *is_taken = pct_arena_alloc(&r->arena, demands, sizeof *is_taken);
    if (!r->kept || !r->units || !r->is_open || !r->has_left || !r->demands || !is_taken)
        return pct_error_memory(error, demands * sizeof *r->demands);
    for (int32_t u = 0; u < r->problem->unit_count; u++) {
        r->is_open[u] = false;
        find_kept(r, u);
    }
    pct_status status = choose_units(r, error);
    if (!status) choose_demands(r, is_taken);
    return status;
}

pct_status pct_replan_part_init(pct_replan_part *r, const pct_patrol_problem *problem,
                                const pct_patrol_plan *plan, const pct_replan_call *call, pct_error *error) {
    *r =
        (pct_replan_part){.problem = problem, .plan = plan, .call = call, .arena = pct_arena_init(arena_max)};
    if (!is_call(problem, plan, call))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PATROL_PROBLEM, pct_int(call->unit),
                        pct_phrase(PCT_MSG_PATROL_EXPECTED_LEAVING));
    pct_status status = choose(r, error);
    if (!status)
        status = pct_subset_init(&r->part, problem, r->demands, r->demand_count, r->units, r->unit_count,
                                 &r->arena, error);
    for (int32_t i = 0; i < r->unit_count && !status; i++) set_unit(r, i);
    if (!status) status = cut_windows(r, error);
    return status ? status : renumber_places(r, error);
}

void pct_replan_part_dispose(pct_replan_part *r) {
    pct_arena_dispose(&r->arena);
}
