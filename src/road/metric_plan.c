/* The order in which customization goes through a part, made once for a hierarchy. O(nodes + arcs + triangles of small ranks).
 *
 * On roads most ranks have two to eight arcs upward and are supernodes by themselves. Taken one after the other, their short
 * loops of ever different lengths are mispredicted time and again. But a rank only waits for its children in the elimination
 * tree: ranks of one *height* (above the leaves) can be taken in any order. So those of one height and one number of arcs
 * are put into a batch, and each batch is one straight loop without a branch. Where their triangles close is written out.
 * Parts are small enough for the cache next to the processor, so that going to and fro in one costs nothing. */
#include <string.h>

#include "base/memory.h"
#include "road/metric_updater.h"

enum { KINDS = PCT_METRIC_LARGE + 1 };

typedef struct builder {
    const pct_hierarchy *h;
    pct_metric_updater *u;
    uint32_t *height; /* [supernodes] */
    uint32_t *next;   /* [supernodes] of its batch */
    uint32_t *first;  /* [(height_max + 1) * KINDS] of a batch */
    uint32_t height_max;
    uint32_t *out, length; /* out: NULL while counting */
} builder;

void pct_metric_plan_dispose(pct_metric_plan *plan) {
    pct_free(plan->tasks);
    pct_free(plan->start);
    pct_free(plan->program);
    pct_free(plan->road_place);
    pct_free(plan->road_arc);
    *plan = (pct_metric_plan){0};
}

/* --- programs ----------------------------------------------------------------------------------------------------- */

static uint32_t kind_of(const builder *b, uint32_t s) {
    const pct_triangles *t = &b->u->triangles;
    uint32_t first = t->first_rank[s], degree = b->h->first_up[first + 1] - b->h->first_up[first];
    return t->first_rank[s + 1] - first == 1 && degree <= PCT_METRIC_SMALL ? degree : PCT_METRIC_LARGE;
}

static void find_heights(builder *b) {
    const pct_triangles *t = &b->u->triangles;
    for (uint32_t s = 0; s < t->supernode_count; s++) {
        uint32_t parent = pct_hierarchy_parent(b->h, t->first_rank[s + 1] - 1);
        uint32_t *above = parent == PCT_NO_INDEX ? NULL : &b->height[t->rank_supernode[parent]];
        if (above && *above <= b->height[s]) *above = b->height[s] + 1;
        if (b->height[s] > b->height_max) b->height_max = b->height[s];
    }
}

static void put(builder *b, uint32_t word) {
    if (b->out) b->out[b->length] = word;
    b->length++;
}

static void put_small(builder *b, uint32_t s) {
    const pct_triangles *t = &b->u->triangles;
    uint32_t rank = t->first_rank[s], end = b->h->first_up[rank + 1];
    const uint16_t *place = t->place + t->first_place[s];
    put(b, b->h->first_up[rank]);
    for (uint32_t va = b->h->first_up[rank]; va + 1 < end; va++)
        for (uint32_t vb = va + 1; vb < end; vb++) put(b, b->h->first_up[b->h->up_head[va]] + *place++);
}

/* Batches by height, then kind; `first` is left as it was found: all PCT_NO_INDEX. */
static void put_part(builder *b, const pct_metric_task *part) {
    uint32_t height_max = 0;
    for (uint32_t s = part->end; s-- > part->first;) {
        uint32_t batch = b->height[s] * KINDS + kind_of(b, s);
        b->next[s] = b->first[batch];
        b->first[batch] = s;
        if (b->height[s] > height_max) height_max = b->height[s];
    }
    for (uint32_t batch = 0; batch < (height_max + 1) * KINDS; batch++) {
        uint32_t kind = batch % KINDS, count = 0;
        for (uint32_t s = b->first[batch]; s != PCT_NO_INDEX; s = b->next[s]) count++;
        if (count > 0 && kind >= 2) { /* with fewer arcs there is no triangle */
            put(b, kind);
            put(b, count);
            for (uint32_t s = b->first[batch]; s != PCT_NO_INDEX; s = b->next[s])
                if (kind == PCT_METRIC_LARGE)
                    put(b, s);
                else
                    put_small(b, s);
        }
        b->first[batch] = PCT_NO_INDEX;
    }
}

static void put_parts(builder *b) {
    pct_metric_plan *plan = &b->u->plan;
    b->length = 0;
    for (uint32_t i = 0; i < plan->part_count; i++) {
        plan->tasks[i].program = b->length;
        put_part(b, &plan->tasks[i]);
        plan->tasks[i].end_program = b->length;
    }
}

static pct_status make_programs(const pct_hierarchy *h, pct_metric_updater *u) {
    uint32_t count = u->triangles.supernode_count;
    builder b = {.h = h, .u = u};
    b.height = pct_alloc_zeroed(count, sizeof *b.height);
    b.next = pct_alloc(count, sizeof *b.next);
    pct_status status = b.height && b.next ? PCT_OK : PCT_MEMORY;
    if (!status) {
        find_heights(&b);
        size_t batches = ((size_t)b.height_max + 1) * KINDS;
        b.first = pct_alloc(batches, sizeof *b.first);
        if (b.first) memset(b.first, 0xFF, batches * sizeof *b.first);
        status = b.first ? PCT_OK : PCT_MEMORY;
    }
    if (!status) {
        put_parts(&b);
        u->plan.program = b.out = pct_alloc((size_t)b.length + 1, sizeof *b.out);
        status = b.out ? PCT_OK : PCT_MEMORY;
    }
    if (!status) put_parts(&b);
    pct_free(b.height);
    pct_free(b.next);
    pct_free(b.first);
    return status;
}

/* --- roads -------------------------------------------------------------------------------------------------------- */

/* Graph arcs by hierarchy arc. Afterwards those of arc a are first[a - 1] (0 for the first arc) to before first[a]. */
static void sort_roads(const pct_graph *graph, const pct_hierarchy *h, pct_metric_plan *plan,
                       uint32_t *first) {
    uint32_t sum = 0;
    for (uint32_t arc = 0; arc < graph->arc_count; arc++)
        if (h->arc_place[arc] != PCT_NO_INDEX) first[h->arc_place[arc] >> 1]++;
    for (uint32_t a = 0; a < h->arc_count; a++) {
        uint32_t here = first[a];
        first[a] = sum;
        sum += here;
    }
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        uint32_t place = h->arc_place[arc];
        if (place == PCT_NO_INDEX) continue;
        plan->road_place[first[place >> 1]] = place;
        plan->road_arc[first[place >> 1]++] = arc;
    }
}

static pct_status make_roads(const pct_graph *graph, const pct_hierarchy *h, pct_metric_plan *plan) {
    uint32_t *first = pct_alloc_zeroed((size_t)h->arc_count + 1, sizeof *first);
    plan->road_place = pct_alloc((size_t)graph->arc_count + 1, sizeof *plan->road_place);
    plan->road_arc = pct_alloc((size_t)graph->arc_count + 1, sizeof *plan->road_arc);
    pct_status status = first && plan->road_place && plan->road_arc ? PCT_OK : PCT_MEMORY;
    if (!status) sort_roads(graph, h, plan, first);
    for (uint32_t i = 0; i < plan->task_count && !status; i++) {
        pct_metric_task *task = &plan->tasks[i];
        task->first_road = task->first_arc > 0 ? first[task->first_arc - 1] : 0;
        task->end_road = task->end_arc > 0 ? first[task->end_arc - 1] : 0;
    }
    pct_free(first);
    return status;
}

pct_status pct_metric_make_plan(const pct_graph *graph, const pct_hierarchy *hierarchy,
                                pct_metric_updater *updater) {
    pct_status status = make_programs(hierarchy, updater);
    return status ? status : make_roads(graph, hierarchy, &updater->plan);
}
