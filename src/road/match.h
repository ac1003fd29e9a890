/* Map matching: which roads a track of positions was driven on, and when.
 *
 *     status = pct_matcher_new(road, &options, &sink, &matcher, error);
 *     pct_matcher_push(matcher, fix);      // as they come; what is decided goes to the sink
 *     pct_matcher_finish(matcher);         // the rest of the track; the next push begins another
 *
 *        x     x  x       fix          A hidden Markov model (Newson and Krumm 2009): each position has candidates, the
 *     ──o──────o──o──     candidate    nearest points of the segments around it, in each direction that may be driven. A
 *          └─o            another      candidate costs by its distance, a step from one to the next by how much the way on the
 *                                      road differs from the straight one. The cheapest chain of candidates is the match.
 *
 * A position is decided as soon as all chains that are still in the running go through the same candidate there, or when
 * `window` later ones wait: the delay is bounded, and pushing a whole track or position by position gives the same legs.
 * Legs of one chain join end to end. A chain ends where no plausible way leads on; the next position begins another.
 * Turn restrictions are not asked: a unit that turned where it must not did turn there.
 *
 * Only legs tell where and when; distances between fixes below two standard deviations are noise, and the unit stands.
 * Costs are whole numbers: the same track gives the same legs on every machine. A matcher belongs to one thread; after
 * pct_matcher_new nothing is allocated. Cost of a position: its segments around, and bounded searches from its
 * predecessor's candidates: some µs a second apart, some 100 µs half a minute apart. Memory: about 1 MB,
 * and two bits for each segment. */
#ifndef PCT_ROAD_MATCH_H
#define PCT_ROAD_MATCH_H

#include "road/road.h"

enum { PCT_MATCH_WINDOW_MAX = 256, PCT_MATCH_STOP_MS = 20000 };

/* 0 takes the default. */
typedef struct pct_match_options {
    double sigma_m;       /* standard deviation of a position: 7 */
    double radius_m;      /* how far its road may lie: 60 */
    double speed_max_mps; /* no unit is faster: 70 */
    int64_t gap_ms;       /* a longer silence ends a chain: 300,000 */
    int window;           /* positions that may wait: 128 */
} pct_match_options;

typedef struct pct_match_fix {
    int64_t at_ms;
    pct_position position;
} pct_match_fix;

/* A stretch of one segment, driven one way. */
typedef struct pct_match_leg {
    uint32_t chain; /* of the track, from 0 */
    uint32_t segment;
    uint32_t from_mm, to_mm; /* offsets from the segment's tail */
    int64_t from_ms, to_ms;
    uint32_t stood_ms; /* of it, at stops of at least PCT_MATCH_STOP_MS */
    bool backward;     /* from its head to its tail */
} pct_match_leg;

typedef enum pct_match_reason {
    PCT_MATCH_FAR,     /* no road within the radius */
    PCT_MATCH_OUTLIER, /* no way leads there from what lies before and after it */
    PCT_MATCH_ALONE,   /* nothing before or behind it that it could be joined to */
    PCT_MATCH_LATE     /* not after the one before it */
} pct_match_reason;

typedef struct pct_match_miss {
    pct_match_fix fix;
    pct_match_reason reason;
    double distance_m; /* to the nearest road that may be driven; INFINITY beyond PCT_MATCH_LOOK_M */
} pct_match_miss;
#define PCT_MATCH_LOOK_M 20000.0

/* `miss` may be NULL. */
typedef struct pct_match_sink {
    void (*leg)(void *context, const pct_match_leg *leg);
    void (*miss)(void *context, const pct_match_miss *miss);
    void *context;
} pct_match_sink;

/* Since the matcher was made. */
typedef struct pct_match_counters {
    uint64_t positions, unmatched; /* unmatched: those that went to `miss` */
    uint64_t legs, chains, gaps;   /* gaps: within a track, where a chain ended and another began */
    uint64_t distance_mm;          /* along all legs */
    uint64_t longest_wait;         /* positions that waited at most */
} pct_match_counters;

typedef struct pct_matcher pct_matcher;

/* The road is borrowed. A closed one is matched as if it were open. */
pct_status pct_matcher_new(const pct_road *road, const pct_match_options *options, const pct_match_sink *sink,
                           pct_matcher **out, pct_error *error) PCT_MUST_USE;
void pct_matcher_free(pct_matcher *matcher);
void pct_matcher_push(pct_matcher *matcher, pct_match_fix fix);
void pct_matcher_finish(pct_matcher *matcher);
pct_match_counters pct_matcher_counters(const pct_matcher *matcher);

#endif
