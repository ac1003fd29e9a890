/* The metric half of the hierarchy: how long each hierarchy arc takes in each direction.
 *
 *     status = pct_metric_new(&graph, &hierarchy, arc_ms, &metric, error);      // basic metric: O(triangles)
 *     status = pct_metric_updater_new(&graph, &hierarchy, &updater, error);     // scratch memory of one writer
 *     pct_metric_update(&graph, &hierarchy, &metric, changes, n, updater);      // basic again; allocates nothing
 *     status = pct_metric_perfect(&hierarchy, &metric, updater, error);         // the pruned pair, for queries
 *     pct_metric_unpack(…)                                                      // hierarchy arc → graph arc or two halves
 *
 * *Basic metric*: an arc takes what its road takes or what the best lower triangle takes, whichever is less. It is a
 * function of arc_ms alone: however it was reached (customized, updated, on however many threads), it is the same to the bit.
 * *Perfect pair*: the basic arcs without those for which a way over a third node above the lower end is as fast. Every
 * query over the pair gives the time the basic metric gives, over fewer arcs. What is left of an arc has its basic time.
 *
 * Times are whole milliseconds, so sums are exact and ties are ties. They are at least 1: pruning relies on it. */
#ifndef PCT_ROAD_METRIC_H
#define PCT_ROAD_METRIC_H

#include "base/pool.h"
#include "road/hierarchy.h"

/* Queries read times eight at once: so many words after the last of `ms` may be read, whatever is there. */
enum { PCT_METRIC_READ_AHEAD = 8 };

/* The two ways of a hierarchy arc: from its lower to its higher rank, and back. */
enum { PCT_UP, PCT_DOWN };

/* Upward arcs of the pruned pair, by rank: those of rank r are arcs[first[r]] to before arcs[first[r + 1]], heads ascending. */
typedef struct pct_upward_arc {
    uint32_t head, ms;
} pct_upward_arc;
typedef struct pct_upward {
    uint32_t *first; /* [nodes + 1] */
    pct_upward_arc *arcs;
    size_t capacity;
} pct_upward;

typedef struct pct_metric {
    uint32_t (*ms)[2]; /* [hierarchy arcs] by PCT_UP, PCT_DOWN; PCT_NO_WAY_MS when there is no way */
    uint32_t *arc_ms;  /* [graph arcs] as given */
    bool is_perfect;   /* the pair below belongs to ms; false after every change */
    pct_upward forward, backward; /* backward: the time from the head down to the rank */
    void *owned;
} pct_metric;

typedef struct pct_metric_updater pct_metric_updater;

typedef struct pct_arc_change {
    uint32_t arc, ms; /* graph arc; at least 1, PCT_NO_WAY_MS: closed */
} pct_arc_change;

/* `arc_ms` [graph arcs] is copied. Not perfect yet. */
pct_status pct_metric_new(const pct_graph *graph, const pct_hierarchy *hierarchy, const uint32_t *arc_ms,
                          pct_metric *out, pct_error *error) PCT_MUST_USE;
void pct_metric_dispose(pct_metric *metric);

/* Scratch memory of one thread that changes metrics of this hierarchy, one after the other. */
pct_status pct_metric_updater_new(const pct_graph *graph, const pct_hierarchy *hierarchy,
                                  pct_metric_updater **out, pct_error *error) PCT_MUST_USE;
void pct_metric_updater_free(pct_metric_updater *updater);
/* From now on the threads of `pool` (NULL: none) help where it pays; the pool must outlive the updater. */
pct_status pct_metric_updater_share(pct_metric_updater *updater, const pct_hierarchy *hierarchy,
                                    pct_pool *pool, pct_error *error) PCT_MUST_USE;
/* How much of the last customization (triangles and ranks) the thread did that did most: 1 when there was one alone. */
double pct_metric_updater_largest_share(const pct_metric_updater *updater);

/* Computes the basic metric anew from metric->arc_ms, all of it. Allocates nothing. */
void pct_metric_customize(const pct_graph *graph, const pct_hierarchy *hierarchy, pct_metric *metric,
                          pct_metric_updater *updater);
/* Takes new times for some graph arcs, the last one for an arc named twice. Allocates nothing. */
void pct_metric_update(const pct_graph *graph, const pct_hierarchy *hierarchy, pct_metric *metric,
                       const pct_arc_change *changes, size_t count, pct_metric_updater *updater);
/* Makes the perfect pair; PCT_MEMORY leaves the metric basic. Allocates when the pair has grown. */
pct_status pct_metric_perfect(const pct_hierarchy *hierarchy, pct_metric *metric, pct_metric_updater *updater,
                              pct_error *error) PCT_MUST_USE;

/* What a hierarchy arc stands for when it is driven one way: `arc_and_way` is the arc × 2 + PCT_UP or PCT_DOWN.
 * 1: the graph arc parts[0]; 2: the hierarchy arcs parts[0] and parts[1] (× 2 + way) in turn, which lead over a lower rank; 0: there is no way.
 * O(lower triangles). */
int pct_metric_unpack(const pct_graph *graph, const pct_hierarchy *hierarchy, const pct_metric *metric,
                      uint32_t arc_and_way, uint32_t parts[2]);

#endif
