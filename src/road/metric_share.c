/* How threads share a hierarchy: subtrees of its elimination tree do not touch each other, only what lies above them. The
 * greatest subtrees with at most 1/PARTS of the work are parts; what lies above is the top, and is done by one thread
 * once the parts are done (or before them, where times flow downward). O(nodes). */
#include <string.h>

#include "base/memory.h"
#include "road/metric_updater.h"

enum { PARTS = 32, WORK_OF_RANK = 4 };

typedef struct subtree {
    uint64_t work;
    uint32_t lowest, count, parent; /* of supernodes */
} subtree;

static uint64_t work_of(const pct_hierarchy *h, uint32_t first_rank, uint32_t end_rank) {
    uint64_t work = 0;
    for (uint32_t r = first_rank; r < end_rank; r++) {
        uint64_t degree = h->first_up[r + 1] - h->first_up[r];
        work += WORK_OF_RANK + (degree > 0 ? degree * (degree - 1) / 2 : 0);
    }
    return work;
}

static void weigh(const pct_hierarchy *h, pct_metric_updater *u, subtree *trees) {
    const pct_triangles *t = &u->triangles;
    for (uint32_t s = 0; s < t->supernode_count; s++) {
        trees[s].work = work_of(h, t->first_rank[s], t->first_rank[s + 1]);
        u->work += trees[s].work;
        trees[s].lowest = s;
        trees[s].count = 1;
    }
    for (uint32_t s = 0; s < t->supernode_count; s++) {
        uint32_t above = pct_hierarchy_parent(h, t->first_rank[s + 1] - 1);
        trees[s].parent = above == PCT_NO_INDEX ? PCT_NO_INDEX : t->rank_supernode[above];
        if (above == PCT_NO_INDEX) continue;
        subtree *parent = &trees[trees[s].parent];
        parent->work += trees[s].work;
        parent->count += trees[s].count;
        if (trees[s].lowest < parent->lowest) parent->lowest = trees[s].lowest;
    }
}

/* In one stretch of ranks, and not too much work. An index may come from another order than a postorder. */
static bool is_small(const subtree *trees, uint32_t s, uint64_t most) {
    return trees[s].work <= most && trees[s].lowest + trees[s].count == s + 1;
}

static void cut(pct_metric_updater *u, const subtree *trees) {
    uint64_t most = u->work / PARTS, held = 0;
    for (uint32_t s = 0; s < u->triangles.supernode_count; s++) {
        uint32_t parent = trees[s].parent;
        if (!is_small(trees, s, most)) {
            u->top[u->top_count++] = s;
            continue;
        }
        if (parent != PCT_NO_INDEX && is_small(trees, parent, most)) continue; /* inside a greater one */
        pct_metric_part *before = u->part_count > 0 ? &u->parts[u->part_count - 1] : NULL;
        if (before && before->end == trees[s].lowest && held + trees[s].work <= most) {
            before->end = s + 1;
            held += trees[s].work;
        } else {
            u->parts[u->part_count++] = (pct_metric_part){trees[s].lowest, s + 1};
            held = trees[s].work;
        }
    }
}

/* Keeps no more than was needed. */
static pct_status shrink(pct_metric_updater *u) {
    void *parts = pct_realloc(u->parts, (size_t)u->part_count + 1, sizeof *u->parts);
    if (parts) u->parts = parts;
    void *top = pct_realloc(u->top, (size_t)u->top_count + 1, sizeof *u->top);
    if (top) u->top = top;
    return parts && top ? PCT_OK : PCT_MEMORY;
}

pct_status pct_metric_share_out(const pct_hierarchy *h, pct_metric_updater *u) {
    const pct_triangles *t = &u->triangles;
    subtree *trees = pct_alloc(t->supernode_count, sizeof *trees);
    u->parts = pct_alloc((size_t)t->supernode_count + 1, sizeof *u->parts);
    u->top = pct_alloc((size_t)t->supernode_count + 1, sizeof *u->top);
    pct_status status = trees && u->parts && u->top ? PCT_OK : PCT_MEMORY;
    if (!status) {
        weigh(h, u, trees);
        cut(u, trees);
        status = shrink(u);
    }
    pct_free(trees);
    return status;
}
