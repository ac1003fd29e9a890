/* The scratch memory behind pct_metric_updater; for the metric's own files and their tests. */
#ifndef PCT_ROAD_METRIC_UPDATER_H
#define PCT_ROAD_METRIC_UPDATER_H

#include "road/metric.h"
#include "road/triangles.h"

/* Supernodes first to before end: whole subtrees, no arc leads from one part to another. */
typedef struct pct_metric_part {
    uint32_t first, end;
} pct_metric_part;

enum { PCT_METRIC_HAS_ROAD = 16 }; /* of state */

struct pct_metric_updater {
    pct_triangles triangles;
    bool is_wide;        /* AVX2 is there and used */
    uint64_t work;       /* triangles, and something for each rank */
    uint64_t share_from; /* work from which threads are worth waking */
    pct_pool *pool;
    pct_metric_part *parts; /* subtrees of about equal work at most */
    uint32_t part_count, top_count;
    uint32_t *top;                             /* the supernodes of no part, ascending */
    uint32_t degree_max;                       /* upper neighbours of a rank */
    uint32_t (*row_ms)[2];                     /* [width][degree_max + 1] */
    uint32_t (*outside_ms)[2];                 /* [width - 1][hierarchy arcs] what threads find for the top */
    bool is_outside[PCT_POOL_THREADS_MAX + 1]; /* the thread has found something */
    uint32_t *arc_to;                          /* [nodes] by head: the arc of the rank under way */
    uint32_t (*arc_ms)[2];                     /* [hierarchy arcs] while pruning or updating */
    uint8_t *state;       /* [hierarchy arcs] whether some graph arc lies on it; more while updating */
    uint64_t update_most; /* more than so much is not updated but customized */
    uint64_t *rank_bits, *word_bits; /* ranks to come, words of them; 0 between updates */
    uint32_t word_bits_count;
};

bool pct_metric_wide_is_there(void);
/* Shares the supernodes out into parts and top. */
pct_status pct_metric_share_out(const pct_hierarchy *hierarchy, pct_metric_updater *updater) PCT_MUST_USE;

#endif
