#include "road/triangles.h"

#include "base/memory.h"

void pct_triangles_dispose(pct_triangles *triangles) {
    pct_free(triangles->first_rank);
    pct_free(triangles->rank_supernode);
    pct_free(triangles->lowest_rank);
    pct_free(triangles->first_place);
    pct_free(triangles->place);
    *triangles = (pct_triangles){0};
}

static uint32_t degree(const pct_hierarchy *h, uint32_t rank) {
    return h->first_up[rank + 1] - h->first_up[rank];
}

/* The rank above belongs to the same supernode: it is the parent, and nothing but it and what lies above it lies above this
 * one. Equal counts suffice, for up(rank) without the parent is part of up(parent). */
static bool goes_on(const pct_hierarchy *h, uint32_t rank) {
    return pct_hierarchy_parent(h, rank) == rank + 1 && degree(h, rank) == degree(h, rank + 1) + 1;
}

/* Counts first, then fills. */
static void find_supernodes(const pct_hierarchy *h, pct_triangles *t, uint64_t *place_count) {
    uint32_t count = 0;
    *place_count = 0;
    for (uint32_t rank = 0; rank < h->node_count; rank++) {
        if (t->first_rank) t->first_rank[count] = rank;
        if (t->first_place) t->first_place[count] = (uint32_t)*place_count;
        if (t->rank_supernode) t->rank_supernode[rank] = count;
        while (goes_on(h, rank)) {
            rank++;
            if (t->rank_supernode) t->rank_supernode[rank] = count;
        }
        uint64_t above = degree(h, rank);
        *place_count += above > 0 ? above * (above - 1) / 2 : 0;
        count++;
    }
    if (t->first_rank) t->first_rank[count] = h->node_count;
    t->supernode_count = count;
}

static void find_places(const pct_hierarchy *h, uint32_t last_rank, uint16_t *place) {
    uint32_t end = h->first_up[last_rank + 1];
    for (uint32_t va = h->first_up[last_rank]; va + 1 < end; va++) {
        uint32_t first = h->first_up[h->up_head[va]], ab = first;
        for (uint32_t vb = va + 1; vb < end; vb++) {
            while (h->up_head[ab] != h->up_head[vb]) ab++;
            *place++ = (uint16_t)(ab - first); /* a rank with 2^16 above it would need 2^31 arcs */
        }
    }
}

/* An index may hold an order that is no postorder. */
static pct_status find_subtrees(const pct_hierarchy *h, uint32_t *lowest_rank) {
    uint32_t *size = pct_alloc_zeroed(h->node_count, sizeof *size);
    if (!size) return PCT_MEMORY;
    for (uint32_t r = 0; r < h->node_count; r++) lowest_rank[r] = r;
    for (uint32_t r = 0; r < h->node_count; r++) {
        uint32_t parent = pct_hierarchy_parent(h, r);
        size[r]++;
        if (parent != PCT_NO_INDEX) {
            size[parent] += size[r];
            if (lowest_rank[r] < lowest_rank[parent]) lowest_rank[parent] = lowest_rank[r];
        }
        if (lowest_rank[r] + size[r] != r + 1) lowest_rank[r] = r; /* seen by its parent as it was */
    }
    pct_free(size);
    return PCT_OK;
}

pct_status pct_triangles_new(const pct_hierarchy *hierarchy, pct_triangles *out) {
    pct_triangles t = {0};
    uint64_t place_count;
    find_supernodes(hierarchy, &t, &place_count);
    if (PCT_NEVER(place_count >= PCT_NO_INDEX)) return PCT_MEMORY;
    t.first_rank = pct_alloc((size_t)t.supernode_count + 1, sizeof *t.first_rank);
    t.rank_supernode = pct_alloc(hierarchy->node_count, sizeof *t.rank_supernode);
    t.lowest_rank = pct_alloc(hierarchy->node_count, sizeof *t.lowest_rank);
    t.first_place = pct_alloc((size_t)t.supernode_count + 1, sizeof *t.first_place);
    t.place = pct_alloc(place_count + 1, sizeof *t.place);
    if (!t.first_rank || !t.rank_supernode || !t.lowest_rank || !t.first_place || !t.place) {
        pct_triangles_dispose(&t);
        return PCT_MEMORY;
    }
    if (find_subtrees(hierarchy, t.lowest_rank)) {
        pct_triangles_dispose(&t);
        return PCT_MEMORY;
    }
    find_supernodes(hierarchy, &t, &place_count);
    for (uint32_t s = 0; s < t.supernode_count; s++)
        find_places(hierarchy, t.first_rank[s + 1] - 1, t.place + t.first_place[s]);
    *out = t;
    return PCT_OK;
}
