/* The scratch memory behind pct_metric_updater, and the plan by which customization goes; for the metric's own files and their tests. */
#ifndef PCT_ROAD_METRIC_UPDATER_H
#define PCT_ROAD_METRIC_UPDATER_H

#include <stdatomic.h>

#include "road/metric.h"
#include "road/triangles.h"

/* Supernodes first to before end. Either some whole subtrees (a part: no arc leads from one to another), or one supernode of
 * the top. `parent`: the task of the top that waits for this one, PCT_NO_INDEX when none does. */
typedef struct pct_metric_task {
    uint64_t work;
    uint32_t first, end;
    uint32_t parent, children; /* children: tasks that this one waits for */
    uint32_t first_arc, end_arc;
    uint32_t first_road, end_road; /* of road_place and road_arc */
    uint32_t program, end_program; /* of program; nothing there: supernode after supernode */
} pct_metric_task;

enum {
    PCT_METRIC_HAS_ROAD = 16, /* of state */
    /* A program is a row of batches: a kind, how many, then so many of
     *   kind 2 … PCT_METRIC_SMALL  the first arc of a rank that has so many, and where its triangles close, in order;
     *   PCT_METRIC_LARGE           a supernode. */
    PCT_METRIC_SMALL = 8,
    PCT_METRIC_LARGE
};

typedef struct pct_metric_plan {
    pct_metric_task *tasks;          /* first the parts, then the supernodes of no part, ascending: the top */
    uint32_t part_count, task_count; /* parts; all */
    uint32_t *start,
        start_count; /* tasks that wait for none, ascending: neighbours in the tree stand side by side */
    uint32_t *program;
    uint32_t *road_place, *road_arc; /* graph arcs in the order of their places in the hierarchy */
} pct_metric_plan;

struct pct_metric_updater {
    pct_triangles triangles;
    pct_metric_plan plan;
    bool is_wide;        /* AVX2 is there and used */
    uint64_t work;       /* triangles, and something for each rank */
    uint64_t share_from; /* work from which threads are worth waking */
    pct_pool *pool;
    uint32_t degree_max;       /* upper neighbours of a rank */
    atomic_uint *pending;      /* [tasks] children that are not done yet */
    uint32_t (*row_ms)[2];     /* [width][degree_max + 1] */
    uint32_t (*outside_ms)[2]; /* [width - 1][hierarchy arcs] what threads find for the top */
    atomic_bool is_outside[PCT_POOL_THREADS_MAX + 1]; /* the thread's outside_ms holds something */
    uint64_t worked[PCT_POOL_THREADS_MAX + 1];        /* by each thread in the last customization */
    atomic_uint front, back;                          /* of plan.start that are taken, from either end */
    uint32_t (*arc_ms)[2];                            /* [hierarchy arcs] while pruning or updating */
    uint8_t *state;          /* [hierarchy arcs] whether some graph arc lies on it; more while updating */
    uint64_t update_most;    /* more arcs than so many are not looked at: all is customized */
    uint64_t work_of_change; /* arcs that one change lets look at, at large */
    uint64_t *rank_bits, *word_bits; /* ranks to come, words of them; 0 between updates */
    uint32_t word_bits_count;
};

bool pct_metric_wide_is_there(void);
/* Shares the supernodes out into parts and top, and adds up the work. */
pct_status pct_metric_share_out(const pct_hierarchy *hierarchy, pct_metric_updater *updater) PCT_MUST_USE;
/* Programs of the parts, roads of all tasks. */
pct_status pct_metric_make_plan(const pct_graph *graph, const pct_hierarchy *hierarchy,
                                pct_metric_updater *updater) PCT_MUST_USE;
void pct_metric_plan_dispose(pct_metric_plan *plan);

#endif
