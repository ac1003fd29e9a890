/* Stays in a fence. Between two positions the unit is taken to go straight and evenly: the piece of that line inside the circle is a
 * quadratic equation, its ends are when it enters and leaves. Stays that only noise parts are one. O(positions). */
#include <math.h>
#include <stdlib.h>

#include "patrol/adherence_state.h"

static const double noise_share = 1.5; /* of the radius: as far out is no noise any more */

typedef struct dot {
    double east_m, north_m, radius_m, away_m;
    int64_t at_ms;
} dot;

typedef struct fence {
    pct_vector *stays;
    pct_stay *open; /* the stay that may go on */
    bool front;     /* the next one begins where positions begin */
} fence;

static double reach_of(const pct_adherence_fix *fix, double radius_m) {
    return radius_m + fmin(fix->accuracy_m, PCT_ADHERENCE_ACCURACY_M);
}

static dot dot_of(const pct_plane *plane, const pct_adherence_fix *fix, double radius_m) {
    dot d = {.radius_m = reach_of(fix, radius_m), .at_ms = fix->at_ms};
    pct_plane_to_m(plane, fix->position, &d.east_m, &d.north_m);
    d.away_m = hypot(d.east_m, d.north_m);
    return d;
}

/* The share of the way from a to b that lies in the circle. */
static bool cross(const dot *a, const dot *b, double *enter, double *leave) {
    double east = b->east_m - a->east_m, north = b->north_m - a->north_m;
    double radius = fmax(a->radius_m, b->radius_m), square = east * east + north * north;
    double along = a->east_m * east + a->north_m * north, out = a->away_m * a->away_m - radius * radius;
    *enter = 0, *leave = 1;
    if (square < 1e-6) return out <= 0;
    double root = along * along - square * out;
    if (root < 0) return false;
    *enter = fmax(0, (-along - sqrt(root)) / square);
    *leave = fmin(1, (-along + sqrt(root)) / square);
    return *enter <= *leave;
}

static pct_status be_inside(fence *f, int64_t from_ms, int64_t to_ms, bool front, pct_error *error) {
    if (f->open && from_ms - f->open->to_ms <= PCT_FENCE_OUT_MS) {
        f->open->to_ms = to_ms;
        return PCT_OK;
    }
    f->open = pct_vector_push(f->stays);
    if (!f->open) return pct_error_memory(error, sizeof(pct_stay));
    *f->open = (pct_stay){.from_ms = from_ms, .to_ms = to_ms, .open_front = front};
    return PCT_OK;
}

static pct_status go(fence *f, const dot *a, const dot *b, pct_error *error) {
    double enter, leave, takes = (double)(b->at_ms - a->at_ms);
    pct_status status = PCT_OK;
    if (cross(a, b, &enter, &leave))
        status =
            be_inside(f, a->at_ms + llround(enter * takes), a->at_ms + llround(leave * takes), false, error);
    if (b->away_m > noise_share * b->radius_m) f->open = NULL;
    return status;
}

pct_status pct_fence_stays(const pct_fixes *fixes, pct_position at, double radius_m, pct_vector *stays,
                           pct_error *error) {
    pct_plane plane = pct_plane_at(at);
    fence f = {.stays = stays};
    dot before = {0};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < fixes->count && !status; i++) {
        dot now = dot_of(&plane, &fixes->items[i], radius_m);
        if (i > 0 && now.at_ms - before.at_ms <= fixes->gap_ms) {
            status = go(&f, &before, &now, error);
        } else {
            if (f.open && f.open->to_ms == before.at_ms) f.open->open_end = true;
            f.open = NULL;
            if (now.away_m <= now.radius_m) status = be_inside(&f, now.at_ms, now.at_ms, true, error);
        }
        before = now;
    }
    if (f.open && f.open->to_ms == before.at_ms) f.open->open_end = true;
    return status;
}

static int by_begin(const void *a, const void *b) {
    const pct_stay *x = a, *y = b;
    if (x->from_ms != y->from_ms) return x->from_ms < y->from_ms ? -1 : 1;
    return (x->to_ms > y->to_ms) - (x->to_ms < y->to_ms);
}

void pct_fence_unite(pct_vector *stays) {
    pct_stay *stay = stays->items;
    size_t kept = 0;
    if (stays->length == 0) return;
    qsort(stay, stays->length, sizeof *stay, by_begin);
    for (size_t i = 1; i < stays->length; i++)
        if (stay[i].from_ms <= stay[kept].to_ms) {
            if (stay[i].to_ms > stay[kept].to_ms)
                stay[kept].to_ms = stay[i].to_ms, stay[kept].open_end = stay[i].open_end;
        } else {
            stay[++kept] = stay[i];
        }
    stays->length = kept + 1;
}
