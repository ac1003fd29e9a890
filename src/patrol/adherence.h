/* Adherence: what of a plan was done, as far as positions prove it. For one unit's route and its positions of that shift:
 *
 *     status = pct_adherer_new(road, ways, &options, &adherer, error);
 *     status = pct_adherer_judge(adherer, &route, problem, &evidence, presence, &adherence, error);   // once for each unit
 *     …adherence.visits, .strays, .gaps…   pct_adherence_dispose(&adherence);   pct_adherer_free(adherer);
 *
 *        enters ·  ·  leaves        a place     in its fence: a circle around it or around the road beside it. Entering and leaving
 *      ──────x─────────x───────                 lie between two positions, on the straight line between them
 *            └─ dwell ─┘           a line      the share of its length that was driven in an allowed direction by map matching
 *                                              (road/match.h); walked: passed within the fence's radius
 *
 * Each stop is answered by at most one visit, in order of time, so that the sum of shifts in time and of missing dwell is least: one left
 * out is that one missed, and not those after it late. What lies in a gap of the positions is not missed but unknown, when the unit
 * could have got there, done it and come back in time. Tags count beside positions; codes and photographs only where no position
 * says otherwise, for they can be copied. Breaks and checks are not judged: a break is the crew's own, a check is told by who checks.
 *
 * An adherer belongs to one thread. Cost of a unit: matching its positions (some µs each), places × positions some ns, one route between
 * successive stops. Limits of use (who may see what): patrol/crews.h. */
#ifndef PCT_PATROL_ADHERENCE_H
#define PCT_PATROL_ADHERENCE_H

#include "base/vector.h"
#include "patrol/duty_plan.h"
#include "road/match.h"

/* 0 takes the default. */
typedef struct pct_adherence_options {
    double
        radius_m; /* of a fence: 50; a position's own accuracy is added, at most PCT_ADHERENCE_ACCURACY_M */
    double dwell_share;   /* of the planned dwell that must be seen: 0.8 */
    double line_share;    /* of a line's length that must be driven: 0.8 */
    double speed_max_mps; /* no unit is faster as the crow flies: 35 */
    double off_route_m;   /* as far from every planned way: 300 */
    int64_t off_route_ms; /* for as long: 300,000 */
    int64_t gap_ms;       /* a longer silence says nothing: 120,000 */
    int64_t late_ms;      /* begun as long behind the plan: 900,000 */
    int64_t reach_ms; /* farther from its planned time a visit is not the one that was planned: 7,200,000 */
} pct_adherence_options;
#define PCT_ADHERENCE_ACCURACY_M 50.0
#define PCT_ADHERENCE_USELESS_M  150.0 /* a position that says no more than this is none */
#define PCT_ADHERENCE_PASSING    0.2   /* a smaller share of dwell or length is passing by */

typedef struct pct_adherence_fix {
    int64_t at_ms;
    pct_position position;
    double accuracy_m; /* 0: not known */
} pct_adherence_fix;

typedef enum pct_adherence_proof {
    PCT_PROOF_NONE,
    PCT_PROOF_POSITION, /* in the fence; of a walked line: along it */
    PCT_PROOF_ROAD,     /* driven, by map matching */
    PCT_PROOF_TAG,      /* read at the place: the strongest */
    PCT_PROOF_CODE,     /* a QR code: weaker, it can be copied */
    PCT_PROOF_PHOTO,    /* of the tag: weakest */
    PCT_PROOFS
} pct_adherence_proof;
const char *pct_adherence_proof_name(pct_adherence_proof proof);

/* A tag, code or photograph: of the place with this id. */
typedef struct pct_adherence_sign {
    int64_t at_ms;
    pct_text id;
    pct_adherence_proof proof;
} pct_adherence_sign;

/* Of one unit, in order of time. */
typedef struct pct_adherence_evidence {
    const pct_adherence_fix *fixes;
    const pct_adherence_sign *signs;
    const pct_duty_span *calls; /* when it was on calls: what was lost then is told as that */
    size_t fix_count, sign_count, call_count;
} pct_adherence_evidence;

typedef enum pct_adherence_state {
    PCT_ADHERED_DONE,
    PCT_ADHERED_LATE,  /* done, but begun too late */
    PCT_ADHERED_SHORT, /* too short a dwell, or part of a line */
    PCT_ADHERED_MISSED,
    PCT_ADHERED_UNKNOWN, /* the positions have a gap in which it may have been done */
    PCT_ADHERED_STATES
} pct_adherence_state;
const char *pct_adherence_state_name(pct_adherence_state state);

typedef struct pct_adherence_visit {
    uint32_t stop; /* of the route */
    pct_adherence_state state;
    pct_adherence_proof proof;
    int64_t enter_ms, leave_ms;   /* 0, 0: never there */
    int64_t dwell_ms, planned_ms; /* in the fence; planned there */
    int64_t late_ms;              /* begun so long behind the planned time; 0 before it */
    double share;                 /* of a line: driven */
    pct_duty_span gap;            /* unknown: where it may have been done */
    bool must;                    /* by the problem; without one: points, lines, holds, orders, fixed */
    bool called;                  /* not done, and on a call at its planned time */
    bool contradicted;            /* a sign says done, positions say elsewhere */
} pct_adherence_visit;

/* Far from every planned way, longer than a detour takes; not on a call, in a break or beside a stop. */
typedef struct pct_adherence_stray {
    int64_t from_ms, to_ms;
    pct_position farthest;
    double farthest_m; /* from the planned ways, at most PCT_ADHERENCE_FAR_M */
} pct_adherence_stray;
#define PCT_ADHERENCE_FAR_M 20000.0

typedef struct pct_adherence {
    pct_vector visits; /* of pct_adherence_visit, in order of the route */
    pct_vector strays; /* of pct_adherence_stray */
    pct_vector gaps;   /* of pct_duty_span: no positions, within the route's hours */
    int64_t shift_ms, unknown_ms;
    uint64_t positions, useless; /* useless: too inaccurate, or not after the one before */
    uint32_t not_judged;         /* stops: breaks, checks */
} pct_adherence;
void pct_adherence_dispose(pct_adherence *adherence); /* accepts a zeroed one */

typedef struct pct_presence pct_presence; /* patrol/presence.h */
typedef struct pct_adherer pct_adherer;

/* `road`: where units may drive; `ways`: what planned ways are searched on, of the same network; may be `road`. Both are borrowed. */
pct_status pct_adherer_new(const pct_road *road, const pct_road *ways, const pct_adherence_options *options,
                           pct_adherer **out, pct_error *error) PCT_MUST_USE;
void pct_adherer_free(pct_adherer *adherer);
/* `problem` gives lines their path and direction, tasks their windows and musts; NULL: a line is the way between its ends, either
 * way. `presence` gets where the unit was; NULL: nobody asks. */
pct_status pct_adherer_judge(pct_adherer *adherer, const pct_duty_route *route, const pct_duty *problem,
                             const pct_adherence_evidence *evidence, pct_presence *presence,
                             pct_adherence *out, pct_error *error) PCT_MUST_USE;

#endif
