#include "demand/spots.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { NEXT_DOOR = 3, APART_FROM_IT = 4, APART = 2 }; /* times within_m */
static const double e7_per_m = 1e7 / 111194.9, spare = 0.5;

typedef struct candidate {
    size_t spot;
    double unlike;
    int64_t counts[PCT_SPOT_PERIODS];
} candidate;

static int by_longitude(const void *a, const void *b) {
    const pct_spot_call *x = a, *y = b;
    return (x->at.lon_e7 > y->at.lon_e7) - (x->at.lon_e7 < y->at.lon_e7);
}

static int by_unlikeness(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->unlike != y->unlike) return x->unlike < y->unlike ? -1 : 1;
    return (x->spot > y->spot) - (x->spot < y->spot);
}

/* --- near --------------------------------------------------------------------------------------------------------------- */

/* The box of a spot and so much around it. */
static pct_box box_around(pct_spot spot, double m) {
    pct_box box = pct_box_of(spot.points, spot.count);
    double widest =
        cos(fmin(89, fmax(fabs(pct_position_lat_deg(box.min)), fabs(pct_position_lat_deg(box.max)))) *
            acos(-1) / 180);
    int32_t lat = (int32_t)ceil(m * e7_per_m), lon = (int32_t)ceil(m * e7_per_m / widest);
    box.min.lon_e7 -= lon, box.min.lat_e7 -= lat;
    box.max.lon_e7 += lon, box.max.lat_e7 += lat;
    return box;
}

static bool is_near(pct_spot spot, pct_position at, double m) {
    int64_t lat = (int64_t)ceil(m * e7_per_m);
    for (size_t i = 0; i < spot.count; i++)
        if (llabs((int64_t)at.lat_e7 - spot.points[i].lat_e7) <= lat &&
            pct_geo_distance_m(spot.points[i], at) <= m)
            return true;
    return false;
}

static bool are_near(pct_spot a, pct_spot b, double m) {
    if (!pct_box_meets(box_around(a, m), pct_box_of(b.points, b.count))) return false;
    for (size_t i = 0; i < b.count; i++)
        if (is_near(a, b.points[i], m)) return true;
    return false;
}

static size_t first_from(const pct_spots_asked *a, int32_t lon_e7) {
    size_t low = 0, high = a->call_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->calls[middle].at.lon_e7 < lon_e7)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Calls farther than beyond_m and within m. */
static void count_calls(const pct_spots_asked *a, pct_spot spot, double beyond_m, double m,
                        int64_t counts[PCT_SPOT_PERIODS]) {
    pct_box box = box_around(spot, m);
    for (int p = 0; p < PCT_SPOT_PERIODS; p++) counts[p] = 0;
    for (size_t i = first_from(a, box.min.lon_e7);
         i < a->call_count && a->calls[i].at.lon_e7 <= box.max.lon_e7; i++) {
        const pct_spot_call *call = &a->calls[i];
        if (!pct_box_contains(box, call->at) || !is_near(spot, call->at, m)) continue;
        if (beyond_m <= 0 || !is_near(spot, call->at, beyond_m)) counts[call->period]++;
    }
}

/* --- like places ------------------------------------------------------------------------------------------------------------ */

static bool may_be_like(const pct_spots_asked *a, pct_spot other) {
    if (are_near(a->spot, other, APART_FROM_IT * a->within_m)) return false;
    for (size_t i = 0; i < a->patrolled_count; i++)
        if (is_near(other, a->patrolled[i], APART * a->within_m)) return false;
    return true;
}

static size_t list_candidates(const pct_spots_asked *a, int64_t earlier, candidate *out) {
    size_t count = 0;
    for (size_t i = 0; i < a->other_count; i++) {
        candidate *c = &out[count];
        c->spot = i;
        count_calls(a, a->others[i], 0, a->within_m, c->counts);
        c->unlike = fabs(log(((double)c->counts[PCT_SPOT_EARLIER] + spare) / ((double)earlier + spare)));
        if (c->unlike <= log(PCT_HELPED_LIKE_TIMES) && may_be_like(a, a->others[i])) count++;
    }
    qsort(out, count, sizeof *out, by_unlikeness);
    return count;
}

/* The nearest in calls that lie apart from each other. */
static size_t choose(const pct_spots_asked *a, const candidate *all, size_t count, pct_helped_place *like) {
    size_t chosen[PCT_SPOTS_LIKE_MOST], n = 0;
    for (size_t i = 0; i < count && n < PCT_SPOTS_LIKE_MOST; i++) {
        bool apart = true;
        for (size_t k = 0; k < n && apart; k++)
            apart = !are_near(a->others[chosen[k]], a->others[all[i].spot], APART * a->within_m);
        if (!apart) continue;
        chosen[n] = all[i].spot;
        like[n++] = (pct_helped_place){all[i].counts[PCT_SPOT_BEFORE], all[i].counts[PCT_SPOT_DURING],
                                       PCT_HELPED_LIKE_PLACE};
    }
    return n;
}

pct_status pct_spots_judge(const pct_spots_asked *a, pct_spots_told *out, pct_error *error) {
    candidate *all = pct_alloc(a->other_count + 1, sizeof *all);
    pct_helped_place places[PCT_SPOTS_LIKE_MOST + 2];
    int64_t there[PCT_SPOT_PERIODS], around[PCT_SPOT_PERIODS];
    if (!all) return pct_error_memory(error, a->other_count * sizeof *all);
    if (a->call_count > 1) qsort(a->calls, a->call_count, sizeof *a->calls, by_longitude);
    count_calls(a, a->spot, 0, a->within_m, there);
    count_calls(a, a->spot, a->within_m, NEXT_DOOR * a->within_m, around);
    size_t n = choose(a, all, list_candidates(a, there[PCT_SPOT_EARLIER], all), places);
    places[n++] = (pct_helped_place){there[PCT_SPOT_BEFORE], there[PCT_SPOT_DURING], PCT_HELPED_PATROLLED};
    places[n++] = (pct_helped_place){around[PCT_SPOT_BEFORE], around[PCT_SPOT_DURING], PCT_HELPED_NEIGHBOUR};
    out->there = pct_helped_judge_few(places, n, PCT_HELPED_PATROLLED);
    out->next_door = pct_helped_judge_few(places, n, PCT_HELPED_NEIGHBOUR);
    pct_free(all);
    return PCT_OK;
}
