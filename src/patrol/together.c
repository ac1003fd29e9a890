/* For each unit and each set of demands the earliest end of a round that serves the set and ends with a given mode: since nobody who leaves
 * later arrives earlier, no other end can be of use (Held and Karp 1962, with windows). Then the sets that the units so far can serve
 * between them, unit by unit. */
#include "patrol/together.h"

typedef struct trial {
    const pct_patrol_problem *problem;
    const int32_t *demands;
    int32_t count, mode_count;
    int32_t mode[PCT_TOGETHER_MODES_MAX], owner[PCT_TOGETHER_MODES_MAX]; /* owner: its demand's index here */
    int64_t *end_ms;                                                     /* [2^count][mode_count] */
    bool *can, *reach; /* [2^count] of one unit, of all so far */
} trial;

static void extend(trial *t, int32_t unit, uint32_t set, int32_t last) {
    const pct_patrol_problem *p = t->problem;
    int64_t at_ms =
        last < 0 ? p->units[unit].open_ms : t->end_ms[set * (uint32_t)t->mode_count + (uint32_t)last];
    int32_t place = last < 0 ? p->units[unit].start : p->modes[t->mode[last]].to;
    for (int32_t k = 0; k < t->mode_count; k++) {
        const pct_patrol_mode *m = &p->modes[t->mode[k]];
        if (set >> t->owner[k] & 1 || !pct_patrol_may_serve(p, unit, m->demand)) continue;
        int64_t start_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
        if (start_ms < m->open_ms) start_ms = m->open_ms;
        if (start_ms > m->close_ms) continue;
        uint32_t with = set | 1U << t->owner[k];
        int64_t *end_ms = &t->end_ms[with * (uint32_t)t->mode_count + (uint32_t)k];
        if (start_ms + m->service_ms < *end_ms) *end_ms = start_ms + m->service_ms;
    }
}

static int64_t load_of(const trial *t, uint32_t set) {
    int64_t load = 0;
    for (int32_t i = 0; i < t->count; i++)
        if (set >> i & 1) load += t->problem->demands[t->demands[i]].load;
    return load;
}

/* Which sets the unit can serve alone. */
static void try_unit(trial *t, int32_t unit) {
    const pct_patrol_problem *p = t->problem;
    const pct_patrol_unit *is = &p->units[unit];
    uint32_t sets = 1U << t->count, modes = (uint32_t)t->mode_count;
    for (uint32_t i = 0; i < sets * modes; i++) t->end_ms[i] = INT64_MAX;
    extend(t, unit, 0, -1);
    t->can[0] = true;
    for (uint32_t set = 1; set < sets; set++) {
        t->can[set] = false;
        for (int32_t k = 0; k < t->mode_count; k++) {
            int64_t end_ms = t->end_ms[set * modes + (uint32_t)k];
            if (end_ms == INT64_MAX) continue;
            if (pct_patrol_arrive_ms(p, p->modes[t->mode[k]].to, is->end, end_ms) <= is->close_ms)
                t->can[set] = true;
            extend(t, unit, set, k);
        }
        t->can[set] &= load_of(t, set) <= is->capacity;
    }
}

/* Adds a unit to those whose sets are in `reach`; sets only grow, so that they are taken from the greatest. */
static void add_unit(trial *t, int32_t unit) {
    try_unit(t, unit);
    for (uint32_t set = (1U << t->count) - 1; set > 0; set--)
        for (uint32_t part = set; part > 0 && !t->reach[set]; part = (part - 1) & set)
            t->reach[set] = t->can[part] && t->reach[set & ~part];
}

/* Whether nothing that was left aside can change a yes. */
static bool is_whole(const trial *t) {
    const pct_patrol_problem *p = t->problem;
    for (int32_t u = 0; u < p->unit_count; u++)
        if (p->units[u].duration_max_ms < p->units[u].close_ms - p->units[u].open_ms) return false;
    for (int32_t i = 0; i < t->count; i++)
        for (int32_t j = 0; j < i; j++) {
            int32_t series = p->demands[t->demands[i]].series;
            if (series != PCT_PATROL_NONE && series == p->demands[t->demands[j]].series) return false;
        }
    return true;
}

static bool take_modes(trial *t) {
    if (t->count > PCT_TOGETHER_DEMANDS_MAX) return false;
    for (int32_t i = 0; i < t->count; i++) {
        const pct_patrol_demand *d = &t->problem->demands[t->demands[i]];
        if (t->mode_count + d->mode_count > PCT_TOGETHER_MODES_MAX) return false;
        for (int32_t m = 0; m < d->mode_count; m++) {
            t->owner[t->mode_count] = i;
            t->mode[t->mode_count++] = d->first_mode + m;
        }
    }
    return true;
}

pct_status pct_together_try(const pct_patrol_problem *problem, const int32_t *demands, int32_t count,
                            pct_arena *arena, pct_together *out, pct_error *error) {
    trial t = {.problem = problem, .demands = demands, .count = count};
    *out = PCT_TOGETHER_MAYBE;
    if (!take_modes(&t)) return PCT_OK;
    size_t sets = (size_t)1 << count;
    t.end_ms = pct_arena_alloc(arena, sets * (size_t)t.mode_count, sizeof *t.end_ms);
    t.can = pct_arena_alloc(arena, sets, sizeof *t.can);
    t.reach = pct_arena_alloc(arena, sets, sizeof *t.reach);
    if (!t.end_ms || !t.can || !t.reach) return pct_error_memory(error, sets * sizeof *t.end_ms);
    for (size_t set = 0; set < sets; set++) t.reach[set] = set == 0;
    for (int32_t u = 0; u < problem->unit_count && !t.reach[sets - 1]; u++) add_unit(&t, u);
    *out = !t.reach[sets - 1] ? PCT_TOGETHER_NO : is_whole(&t) ? PCT_TOGETHER_YES : PCT_TOGETHER_MAYBE;
    return PCT_OK;
}
