/* Entropy of arrival times (Shannon 1948) over plans that are equally likely. O(stops × log stops). */
#include <math.h>
#include <stdlib.h>

#include "sim/tours_state.h"

enum { HALF_HOURS = 48, HALF_HOUR_S = 1800 };

/* One planned visit: of which id, by which plan, in which half-hour. */
typedef struct visit {
    uint32_t series, plan, half_hour;
} visit;

static int by_series_then_plan(const void *left, const void *right) {
    const visit *a = left, *b = right;
    if (a->series != b->series) return a->series < b->series ? -1 : 1;
    return (a->plan > b->plan) - (a->plan < b->plan);
}

static double entropy_of(const visit *visits, size_t count) {
    double times[HALF_HOURS] = {0}, bits = 0.0;
    for (size_t i = 0; i < count; i++) times[visits[i].half_hour] += 1.0 / (double)count;
    for (int h = 0; h < HALF_HOURS; h++)
        if (times[h] > 0.0) bits -= times[h] * log2(times[h]);
    return bits;
}

static uint32_t half_hour_of(const pct_zone *zone, int64_t utc_ms) {
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(zone, utc_ms, &offset_s);
    return (uint32_t)(local.hour * 3600 + local.minute * 60) / HALF_HOUR_S;
}

static size_t list_visits(const pct_tours *t, visit *visits) {
    const pct_tour_place *places = t->places.items;
    size_t count = 0;
    for (uint32_t p = 0; p < t->in.plan_count; p++) {
        const pct_tour_plan *plan = &t->plans[p];
        for (uint32_t i = plan->first_place[0]; i < plan->first_place[t->in.plans[p].route_count]; i++) {
            pct_duty_kind kind = places[i].planned->kind;
            if (kind != PCT_DUTY_POINT && kind != PCT_DUTY_LINE && kind != PCT_DUTY_ORDER) continue;
            visits[count++] =
                (visit){places[i].series, p, half_hour_of(t->in.zone, places[i].planned->start_ms)};
        }
    }
    return count;
}

pct_tours_entropy pct_tours_entropy_of(const pct_tours *t) {
    pct_tours_entropy all = {0};
    visit *visits = pct_alloc(t->places.length, sizeof *visits);
    if (!visits) return (pct_tours_entropy){.bits = NAN, .alone_bits = NAN};
    size_t count = list_visits(t, visits);
    if (count > 0) qsort(visits, count, sizeof *visits, by_series_then_plan);
    for (size_t first = 0, end; first < count; first = end) {
        double alone_bits = 0.0, plans = 0.0;
        for (end = first; end < count && visits[end].series == visits[first].series;) {
            size_t of_plan = end;
            while (end < count && visits[end].series == visits[first].series &&
                   visits[end].plan == visits[of_plan].plan)
                end++;
            alone_bits += entropy_of(visits + of_plan, end - of_plan);
            plans++;
        }
        all.bits += entropy_of(visits + first, end - first);
        all.alone_bits += alone_bits / plans;
        all.ids++;
    }
    pct_free(visits);
    all.bits = all.ids ? all.bits / (double)all.ids : NAN;
    all.alone_bits = all.ids ? all.alone_bits / (double)all.ids : NAN;
    return all;
}
