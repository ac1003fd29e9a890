/* What the parts of adherence share (adherence.c, adherence_fence.c, adherence_line.c, adherence_align.c, adherence_stray.c). */
#ifndef PCT_PATROL_ADHERENCE_STATE_H
#define PCT_PATROL_ADHERENCE_STATE_H

#include "patrol/adherence.h"

/* The positions of a unit that say something. */
typedef struct pct_fixes {
    const pct_adherence_fix *items;
    size_t count;
    int64_t gap_ms;
} pct_fixes;

struct pct_adherer {
    const pct_road *road;
    pct_router *router; /* on the planned ways' road */
    pct_matcher *matcher;
    pct_adherence_options options;
    pct_vector fixes, legs, stays; /* pct_adherence_fix, pct_match_leg, pct_stay */
    pct_vector excused;            /* pct_duty_span */
    bool failed;                   /* no memory for a leg */
};

/* What is being judged. */
typedef struct pct_judging {
    pct_adherer *a;
    const pct_duty_route *route;
    const pct_duty *problem;
    const pct_adherence_evidence *evidence;
    pct_fixes fixes;
    pct_adherence *out;
    pct_error *error;
} pct_judging;

void pct_judging_take_sign(pct_judging *j, const pct_adherence_sign *sign);
void pct_judging_take_calls(pct_judging *j);

/* A stay in a fence, or a pass of a line: what may answer a stop. */
typedef struct pct_stay {
    int64_t from_ms, to_ms;
    double share, wanted;      /* of a line: covered; that must be */
    bool open_front, open_end; /* positions begin, or end, in the middle of it: it may be longer */
} pct_stay;

enum { PCT_STAYS_MAX = 1 << 20, PCT_LEGS_MAX = 1 << 24 };

/* Pushes the stays (pct_stay) within radius_m of `at`, in order. What is outside for less than PCT_FENCE_OUT_MS, and not beyond half as
 * far again, is noise. O(positions). */
enum { PCT_FENCE_OUT_MS = 60000 };
pct_status pct_fence_stays(const pct_fixes *fixes, pct_position at, double radius_m, pct_vector *stays,
                           pct_error *error) PCT_MUST_USE;
/* Stays at either of two places that lie close: joined where they meet. Both in order; sorts and joins in place. */
void pct_fence_unite(pct_vector *stays);

/* A line as stretches of road in the order in which one direction drives them, in cells of PCT_LINE_CELL_MM. */
enum { PCT_LINE_CELL_MM = 10000, PCT_LINE_POINTS_MAX = 1 << 16 };
typedef struct pct_line_stretch {
    uint64_t key; /* segment × 2 + (1 driven backward) */
    uint32_t from_mm, to_mm;
    int64_t at_mm; /* along the line */
} pct_line_stretch;
typedef struct pct_driven_line {
    pct_vector stretches; /* of pct_line_stretch, by key once sorted */
    int64_t length_mm;    /* 0: no legal way drives it */
} pct_driven_line;

/* The line of a path, or of the path backward: the way that visits its points in order. */
pct_status pct_line_find(pct_router *router, const pct_position *path, size_t count, bool backward,
                         pct_driven_line *out, pct_error *error) PCT_MUST_USE;
void pct_line_dispose(pct_driven_line *line);
/* Pushes the passes (pct_stay) that a unit's legs (pct_match_leg, in order) make of it. */
pct_status pct_line_passes(const pct_driven_line *line, const pct_vector *legs, pct_vector *stays,
                           pct_error *error) PCT_MUST_USE;
/* The same for who walks, along the path itself, either way. */
pct_status pct_line_walks(const pct_position *path, size_t count, const pct_fixes *fixes, double radius_m,
                          pct_vector *stays, pct_error *error) PCT_MUST_USE;

/* Sets `wanted` of passes: `share`, or what can be seen with so few positions. */
void pct_line_set_wanted(const pct_fixes *fixes, double share, pct_vector *stays);

/* What one stop asks for. */
typedef struct pct_asked {
    int64_t start_ms, end_ms;
    int64_t wanted_ms; /* dwell; 0: being there is enough */
    bool line;         /* else a place */
} pct_asked;

/* When the stay begins to answer: at the planned time, if it lasts long enough from there. */
int64_t pct_adherence_begin(const pct_asked *asked, const pct_stay *stay);
/* answer[i]: the stay that answers the i-th stop, PCT_DUTY_NONE without one; stays and stops in order of time. */
pct_status pct_adherence_align(const pct_asked *asked, size_t asked_count, const pct_stay *stays,
                               size_t stay_count, int64_t reach_ms, int32_t *answer,
                               pct_error *error) PCT_MUST_USE;
/* Cuts a stay that lasts over several stops between them, so that it answers each. */
pct_status pct_adherence_cut(const pct_asked *asked, size_t asked_count, pct_vector *stays,
                             pct_error *error) PCT_MUST_USE;

/* The planned ways of a route, as a tree of straight pieces. */
typedef struct pct_planned_ways {
    pct_vector pieces; /* of pct_position, two each */
    pct_tree tree;
    pct_box *boxes;
    uint32_t *items;
} pct_planned_ways;
pct_planned_ways pct_planned_ways_init(void);
void pct_planned_ways_dispose(pct_planned_ways *ways);
/* The way between two places; the straight line where none leads. */
pct_status pct_planned_ways_add_way(pct_planned_ways *ways, pct_router *router, pct_position from,
                                    pct_position to, pct_error *error) PCT_MUST_USE;
pct_status pct_planned_ways_add_path(pct_planned_ways *ways, const pct_position *path, size_t count,
                                     pct_error *error) PCT_MUST_USE;
pct_status pct_planned_ways_build(pct_planned_ways *ways, pct_error *error) PCT_MUST_USE;
/* Pushes the stretches (pct_adherence_stray) of positions within `hours` that lie off all of them; positions in `excused` spans are passed
 * over. O(positions log pieces). */
pct_status pct_planned_ways_strays(const pct_planned_ways *ways, const pct_fixes *fixes, pct_duty_span hours,
                                   const pct_vector *excused, const pct_adherence_options *options,
                                   pct_vector *strays, pct_error *error) PCT_MUST_USE;

#endif
