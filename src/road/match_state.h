/* What the parts of the matcher share (match.c, match_near.c, match_search.c, match_legs.c). Lengths in whole mm, costs in
 * 1/PCT_MATCH_NAT of a natural logarithm's unit. */
#ifndef PCT_ROAD_MATCH_STATE_H
#define PCT_ROAD_MATCH_STATE_H

#include "road/match.h"

enum {
    PCT_MATCH_NAT = 1024,
    PCT_MATCH_SEGMENTS_MAX = 16, /* nearest segments of a position */
    PCT_MATCH_STATES_MAX = 2 * PCT_MATCH_SEGMENTS_MAX,
    PCT_MATCH_LABELS = 1 << 13, /* nodes that one search may reach; a power of two, half of the table */
    PCT_MATCH_PENDING_MAX = 3   /* positions in a row that no way leads to: then they were no outliers */
};
#define PCT_MATCH_NEVER INT64_MAX

/* How a candidate was reached from the one before it. */
typedef enum pct_match_way {
    PCT_MATCH_START,
    PCT_MATCH_ALONG,   /* on the same segment, the same way */
    PCT_MATCH_TURNED,  /* on the same segment, and turned round there */
    PCT_MATCH_SEARCHED /* over at least one node */
} pct_match_way;

/* A candidate: a point of a segment, driven one way. */
typedef struct pct_match_state {
    uint32_t arc_segment; /* segment × 2 + (1 when driven backward) */
    uint32_t offset_mm;   /* from where that way begins */
    uint32_t away_mm;     /* from the position */
    uint32_t route_mm;    /* from the candidate before it */
    int64_t cost;         /* of the cheapest chain that ends here */
    uint8_t parent, children, way;
} pct_match_state;

typedef struct pct_match_step {
    pct_match_fix fix;
    int64_t until_ms; /* the last position that was no farther than noise from this one */
    int count, alive;
    pct_match_state states[PCT_MATCH_STATES_MAX];
} pct_match_step;

/* What a search knows of a node. */
typedef struct pct_match_label {
    uint32_t node, round; /* round: of the search that set it */
    uint32_t mm;
    uint32_t arc_segment; /* by which it was reached; PCT_NO_INDEX: a beginning */
    uint8_t turned, settled;
} pct_match_label;

typedef struct pct_match_queued {
    uint32_t mm, label;
} pct_match_queued;

typedef struct pct_match_search {
    pct_match_label labels[2 * PCT_MATCH_LABELS];
    pct_match_queued queue[4 * PCT_MATCH_LABELS];
    uint32_t path[PCT_MATCH_LABELS]; /* arc_segments, last first */
    uint32_t round, used, queued;
} pct_match_search;

/* The leg under way. */
typedef struct pct_match_driving {
    bool is_on, is_first;                           /* the first of its chain */
    uint32_t arc_segment, from_mm, at_mm, stood_ms; /* offsets along the way that is driven */
    int64_t from_ms;
} pct_match_driving;

struct pct_matcher {
    const pct_road *road;
    const pct_network *net;
    pct_match_sink sink;
    uint8_t *may_drive; /* a bit for each segment × 2 + backward */
    double
        straight_min; /* least length of a segment as a share of the straight line between its ends, at most 1 */
    int64_t sigma_mm, radius_mm, same_mm, back_mm, gap_ms;
    double speed_max_mps;
    int window;
    pct_plane plane; /* its scale is of the latitude last used */
    int32_t plane_lat;

    pct_match_step steps[PCT_MATCH_WINDOW_MAX]; /* a ring of `waiting` from `first` */
    int first, waiting;
    bool first_is_decided; /* then the first one has gone to the legs */
    int64_t last_ms;       /* of the track; INT64_MIN before its first position */
    pct_match_fix pending[PCT_MATCH_PENDING_MAX];
    int pending_count;

    pct_match_search search;
    pct_match_driving driving;
    uint32_t chain;
    pct_match_counters counters;
};

/* The plane at a latitude, to a thousandth of a degree, with a scale that is rounded so that it is the same everywhere. */
void pct_match_plane_at(pct_matcher *m, pct_position origin);
/* Straight, in mm. */
int64_t pct_match_straight_mm(pct_matcher *m, pct_position a, pct_position b);
static inline bool pct_match_may_drive(const pct_matcher *m, uint32_t arc_segment) {
    return m->may_drive[arc_segment >> 3] >> (arc_segment & 7) & 1;
}

/* match_near.c: the candidates of a position into step->states, cost their own. */
void pct_match_find_states(pct_matcher *m, pct_match_step *step);
double pct_match_nearest_m(const pct_matcher *m, pct_position position);

/* match_search.c: for each candidate of `to`, its cheapest predecessor in `from`; those without one are taken out. How
 * many are left. */
int pct_match_join(pct_matcher *m, const pct_match_step *from, pct_match_step *to);
/* The way that was searched from a to b: nodes passed lie between the arcs in m->search.path, last first; their count.
 * *turned: it begins against a's way. */
int pct_match_path(pct_matcher *m, const pct_match_state *a, const pct_match_state *b, bool *turned);

/* match_legs.c: the chain goes on to the first step's candidate, or from the first's to the next one's, or ends. */
void pct_match_begin_legs(pct_matcher *m, const pct_match_step *step, const pct_match_state *state);
void pct_match_go_on(pct_matcher *m, const pct_match_step *from, const pct_match_state *a,
                     const pct_match_step *to, const pct_match_state *b);
void pct_match_end_legs(pct_matcher *m, const pct_match_step *last);
/* When a unit left a position. */
static inline int64_t pct_match_left_ms(const pct_match_step *step) {
    return step->until_ms - step->fix.at_ms >= PCT_MATCH_STOP_MS ? step->until_ms : step->fix.at_ms;
}

#endif
