/* Candidates: the nearest points of the segments around a position, from the snap tree. A candidate costs as a normal
 * distribution says up to three standard deviations, and linearly beyond: among houses positions err by more than a normal
 * distribution allows. Those that cost much more than the best one are left out. */
#include <math.h>

#include "road/match_state.h"

enum {
    FAR_NAT = 14,           /* a candidate may cost so much more than the nearest */
    AGAINST_TRAFFIC_NAT = 4 /* and so much more when only emergency units may drive that way */
};
static const double mm_per_m = 1000.0;

typedef struct near_segment {
    uint32_t segment, offset_mm, away_mm;
} near_segment;

typedef struct near_search {
    const pct_matcher *m;
    pct_position p;
    near_segment found[PCT_MATCH_SEGMENTS_MAX]; /* by distance, then number */
    int count;
} near_search;

static uint32_t inner_end(const pct_network *net, uint32_t segment) {
    return segment + 1 < net->segment_count ? net->segments[segment + 1].shape_at : net->shape_count;
}

/* The nearest point of a segment, on the matcher's plane around p. */
static near_segment project(const pct_matcher *m, uint32_t segment, pct_position p) {
    const pct_network *net = m->net;
    const pct_segment *s = &net->segments[segment];
    const double sx = m->plane.m_per_e7_lon, sy = m->plane.m_per_e7_lat;
    double best = INFINITY, best_m = 0.0, along_m = 0.0;
    uint32_t end = inner_end(net, segment);
    pct_position at = net->node_position[s->tail];
    double ax = ((double)at.lon_e7 - p.lon_e7) * sx, ay = ((double)at.lat_e7 - p.lat_e7) * sy;
    for (uint32_t i = s->shape_at; i <= end; i++) {
        at = i < end ? net->shapes[i] : net->node_position[s->head];
        double bx = ((double)at.lon_e7 - p.lon_e7) * sx, by = ((double)at.lat_e7 - p.lat_e7) * sy;
        double dx = bx - ax, dy = by - ay, squared = dx * dx + dy * dy, piece_m = sqrt(squared);
        double share = squared > 0.0 ? -(ax * dx + ay * dy) / squared : 0.0;
        share = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
        double x = ax + share * dx, y = ay + share * dy, away = x * x + y * y;
        if (away < best) {
            best = away;
            best_m = along_m + share * piece_m;
        }
        along_m += piece_m;
        ax = bx;
        ay = by;
    }
    double share = along_m > 0.0 ? best_m / along_m : 0.0;
    return (near_segment){segment, (uint32_t)lrint(share * s->length_mm),
                          (uint32_t)lrint(sqrt(best) * mm_per_m)};
}

static bool is_nearer(near_segment a, near_segment b) {
    return a.away_mm != b.away_mm ? a.away_mm < b.away_mm : a.segment < b.segment;
}

static bool visit(void *context, uint32_t segment) {
    near_search *search = context;
    const pct_matcher *m = search->m;
    if (!pct_match_may_drive(m, segment * 2) && !pct_match_may_drive(m, segment * 2 + 1)) return true;
    near_segment found = project(m, segment, search->p);
    if (found.away_mm > m->radius_mm) return true;
    int i = search->count;
    if (i == PCT_MATCH_SEGMENTS_MAX) {
        if (!is_nearer(found, search->found[i - 1])) return true;
        i--;
    } else {
        search->count++;
    }
    for (; i > 0 && is_nearer(found, search->found[i - 1]); i--) search->found[i] = search->found[i - 1];
    search->found[i] = found;
    return true;
}

static int64_t cost_of(const pct_matcher *m, int64_t away_mm) {
    int64_t sigma = m->sigma_mm;
    if (away_mm <= 3 * sigma) return away_mm * away_mm * PCT_MATCH_NAT / (2 * sigma * sigma);
    return 3 * away_mm * PCT_MATCH_NAT / sigma - 9 * PCT_MATCH_NAT / 2;
}

static void add_state(const pct_matcher *m, pct_match_step *step, near_segment near, bool backward) {
    const pct_segment *s = &m->net->segments[near.segment];
    int everybody = backward ? PCT_SEGMENT_BACKWARD : PCT_SEGMENT_FORWARD;
    int other = backward ? PCT_SEGMENT_FORWARD : PCT_SEGMENT_BACKWARD;
    if (!pct_match_may_drive(m, near.segment * 2 + backward)) return;
    int64_t against = !(s->flags & everybody) && (s->flags & other) ? AGAINST_TRAFFIC_NAT * PCT_MATCH_NAT : 0;
    step->states[step->count++] =
        (pct_match_state){.arc_segment = near.segment * 2 + backward,
                          .offset_mm = backward ? s->length_mm - near.offset_mm : near.offset_mm,
                          .away_mm = near.away_mm,
                          .cost = cost_of(m, near.away_mm) + against,
                          .parent = UINT8_MAX,
                          .way = PCT_MATCH_START};
}

void pct_match_find_states(pct_matcher *m, pct_match_step *step) {
    pct_position p = step->fix.position;
    near_search search = {.m = m, .p = p};
    pct_match_plane_at(m, p);
    double radius_m = (double)m->radius_mm / mm_per_m;
    double lon = ceil(radius_m / m->plane.m_per_e7_lon), lat = ceil(radius_m / m->plane.m_per_e7_lat);
    const double most = INT32_MAX;
    pct_box box = {{(int32_t)fmax(-most, p.lon_e7 - lon), (int32_t)fmax(-most, p.lat_e7 - lat)},
                   {(int32_t)fmin(most, p.lon_e7 + lon), (int32_t)fmin(most, p.lat_e7 + lat)}};
    pct_tree_query(&m->road->tree, box, visit, &search);
    step->count = 0;
    for (int i = 0; i < search.count; i++) {
        if (cost_of(m, search.found[i].away_mm) >
            cost_of(m, search.found[0].away_mm) + FAR_NAT * PCT_MATCH_NAT)
            break;
        add_state(m, step, search.found[i], false);
        add_state(m, step, search.found[i], true);
    }
    step->alive = step->count;
}

static double drivable_m(void *context, uint32_t segment, double beyond_m) {
    const near_search *search = context;
    (void)beyond_m;
    if (!pct_match_may_drive(search->m, segment * 2) && !pct_match_may_drive(search->m, segment * 2 + 1))
        return INFINITY;
    return project(search->m, segment, search->p).away_mm / mm_per_m;
}

double pct_match_nearest_m(const pct_matcher *m, pct_position position) {
    near_search search = {.m = m, .p = position};
    uint32_t segment;
    double distance_m;
    bool found = pct_tree_nearest(&m->road->tree, position, PCT_MATCH_LOOK_M, drivable_m, &search, &segment,
                                  &distance_m);
    return found ? distance_m : INFINITY;
}
