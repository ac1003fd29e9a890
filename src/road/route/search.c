/* Elimination-tree queries (Dibbelt, Strasser, Wagner, "Customizable Contraction Hierarchies", 2016, §7) with the pruning of
 * Buchhold, Sanders, Wagner ("Real-time traffic assignment using engineered customizable contraction hierarchies", 2019): the search
 * space of a node is the path from it to its root; no queue is needed, ranks rise along the path. The paths from all ends,
 * of both sides, are walked as one: the lowest climbs until it meets or passes the next. A label that is not less than the
 * best meeting so far is not followed.
 *
 * Over the perfect pair arcs are followed one by one. Over the basic metric, which has more than twice as many, they are
 * followed by blocks of four, both directions at once (road/climb.h). Either takes about 4 µs in a city of 70,000 nodes.
 * O(arcs above the ends). */
#include "road/route/search.h"

#include "road/route/wide.h"

/* Follows the arcs of a rank that is reached in f forward and b backward; PCT_NO_WAY_MS: not to be followed. */
typedef void follow(pct_router *router, uint32_t rank, uint32_t f, uint32_t b);

PCT_ALWAYS_INLINE void lower(uint32_t *ms, uint32_t candidate_ms) {
    *ms = pct_least(*ms, candidate_ms);
}

PCT_ALWAYS_INLINE void follow_basic(pct_router *router, uint32_t rank, uint32_t f, uint32_t b) {
    const pct_hierarchy *h = &router->road->hierarchy;
    uint32_t(*ms)[2] = router->road->metric.ms;
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++) {
        uint32_t *label = router->label_ms[h->up_head[a]];
        lower(&label[PCT_FORWARD], f + ms[a][PCT_UP]);
        lower(&label[PCT_BACKWARD], b + ms[a][PCT_DOWN]);
    }
}

PCT_ALWAYS_INLINE void follow_side(pct_router *router, const pct_upward *up, int side, uint32_t rank,
                                   uint32_t ms) {
    for (const pct_upward_arc *a = up->arcs + up->first[rank], *end = up->arcs + up->first[rank + 1]; a < end;
         a++)
        lower(&router->label_ms[a->head][side], ms + a->ms);
}

PCT_ALWAYS_INLINE void follow_perfect(pct_router *router, uint32_t rank, uint32_t f, uint32_t b) {
    const pct_metric *metric = &router->road->metric;
    if (f < PCT_NO_WAY_MS) follow_side(router, &metric->forward, PCT_FORWARD, rank, f);
    if (b < PCT_NO_WAY_MS) follow_side(router, &metric->backward, PCT_BACKWARD, rank, b);
}

/* The same, and who gave a label. */
PCT_ALWAYS_INLINE void follow_and_note(pct_router *router, uint32_t rank, uint32_t f, uint32_t b) {
    const pct_hierarchy *h = &router->road->hierarchy;
    uint32_t(*ms)[2] = router->road->metric.ms;
    const uint32_t reached_ms[2] = {f, b};
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++)
        for (int side = 0; side < 2; side++) {
            uint32_t *label_ms = &router->label_ms[h->up_head[a]][side];
            if (reached_ms[side] + ms[a][side] >= *label_ms) continue;
            *label_ms = reached_ms[side] + ms[a][side];
            router->label_by[h->up_head[a]][side] = rank;
        }
}

#if PCT_HAS_WIDE
const pct_lanes pct_lanes_of = {
#define NO PCT_NO_WAY_MS
    .pick = {{0, 0, 0, 0, 0, 0, 0, 0},
             {0, 1, 0, 0, 0, 0, 0, 0},
             {0, 0, 0, 1, 0, 0, 0, 0},
             {0, 1, 2, 3, 0, 0, 0, 0},
             {0, 0, 0, 0, 0, 1, 0, 0},
             {0, 1, 0, 0, 2, 3, 0, 0},
             {0, 0, 0, 1, 2, 3, 0, 0},
             {0, 1, 2, 3, 4, 5, 0, 0},
             {0, 0, 0, 0, 0, 0, 0, 1},
             {0, 1, 0, 0, 0, 0, 2, 3},
             {0, 0, 0, 1, 0, 0, 2, 3},
             {0, 1, 2, 3, 0, 0, 4, 5},
             {0, 0, 0, 0, 0, 1, 2, 3},
             {0, 1, 0, 0, 2, 3, 4, 5},
             {0, 0, 0, 1, 2, 3, 4, 5},
             {0, 1, 2, 3, 4, 5, 6, 7}},
    .none = {{NO, NO, NO, NO, NO, NO, NO, NO},
             {0, 0, NO, NO, NO, NO, NO, NO},
             {NO, NO, 0, 0, NO, NO, NO, NO},
             {0, 0, 0, 0, NO, NO, NO, NO},
             {NO, NO, NO, NO, 0, 0, NO, NO},
             {0, 0, NO, NO, 0, 0, NO, NO},
             {NO, NO, 0, 0, 0, 0, NO, NO},
             {0, 0, 0, 0, 0, 0, NO, NO},
             {NO, NO, NO, NO, NO, NO, 0, 0},
             {0, 0, NO, NO, NO, NO, 0, 0},
             {NO, NO, 0, 0, NO, NO, 0, 0},
             {0, 0, 0, 0, NO, NO, 0, 0},
             {NO, NO, NO, NO, 0, 0, 0, 0},
             {0, 0, NO, NO, 0, 0, 0, 0},
             {NO, NO, 0, 0, 0, 0, 0, 0},
             {0, 0, 0, 0, 0, 0, 0, 0}},
#undef NO
};

/* f and b in turn. */
PCT_WIDE PCT_ALWAYS_INLINE __m256i pair_of(uint32_t f, uint32_t b) {
    return _mm256_set1_epi64x((long long)((uint64_t)b << 32 | f));
}

PCT_WIDE PCT_ALWAYS_INLINE void follow_wide(pct_router *router, uint32_t rank, uint32_t f, uint32_t b) {
    const pct_road *road = router->road;
    const pct_climb *climb = &road->climb;
    const uint32_t *ms = road->metric.ms[road->hierarchy.first_up[rank]];
    const uint32_t *word = climb->blocks + climb->first_block[rank],
                   *end = climb->blocks + climb->first_block[rank + 1];
    const __m256i reached = pair_of(f, b);
    for (; word < end; word++) {
        uint32_t heads = *word & PCT_BLOCK_HEADS;
        __m256i *label =
            (__m256i *)(void *)router->label_ms[*word >> PCT_BLOCK_SHIFT & ~(uint32_t)(PCT_BLOCK - 1)];
        __m256i way =
            _mm256_or_si256(_mm256_add_epi32(pct_wide_times(ms, heads), reached), pct_wide_none(heads));
        _mm256_store_si256(label, _mm256_min_epu32(way, *label));
        ms += 2 * __builtin_popcount(heads);
    }
}

PCT_WIDE PCT_ALWAYS_INLINE void follow_wide_and_note(pct_router *router, uint32_t rank, uint32_t f,
                                                     uint32_t b) {
    const pct_road *road = router->road;
    const pct_climb *climb = &road->climb;
    const uint32_t *ms = road->metric.ms[road->hierarchy.first_up[rank]];
    const uint32_t *word = climb->blocks + climb->first_block[rank],
                   *end = climb->blocks + climb->first_block[rank + 1];
    const __m256i reached = pair_of(f, b), here = _mm256_set1_epi32((int)rank);
    for (; word < end; word++) {
        uint32_t heads = *word & PCT_BLOCK_HEADS,
                 first = *word >> PCT_BLOCK_SHIFT & ~(uint32_t)(PCT_BLOCK - 1);
        __m256i *label = (__m256i *)(void *)router->label_ms[first],
                *by = (__m256i *)(void *)router->label_by[first];
        __m256i way =
            _mm256_or_si256(_mm256_add_epi32(pct_wide_times(ms, heads), reached), pct_wide_none(heads));
        __m256i least = _mm256_min_epu32(way, *label), stays = _mm256_cmpeq_epi32(least, *label);
        _mm256_store_si256(by, _mm256_blendv_epi8(here, *by, stays));
        _mm256_store_si256(label, least);
        ms += 2 * __builtin_popcount(heads);
    }
}
#endif

/* --- the climb ---------------------------------------------------------------------------------------------------- */

const pct_ends pct_no_ends = {0};

/* The lowest ranks of the paths that are still apart. */
typedef struct cursors {
    int count;
    uint32_t at[PCT_CURSORS_MAX];
} cursors;

static void add_ends(pct_router *router, cursors *c, const pct_ends *ends, int side) {
    for (int e = 0; e < ends->count; e++) {
        uint32_t rank = ends->at[e].node;
        int i = 0;
        while (i < c->count && c->at[i] != rank) i++;
        c->at[i] = rank;
        c->count += i == c->count;
        if (ends->at[e].ms >= router->label_ms[rank][side]) continue;
        router->label_ms[rank][side] = ends->at[e].ms;
        router->label_by[rank][side] = PCT_NO_INDEX;
    }
}

/* The lowest of them; *until: the next, which it climbs to, PCT_NO_INDEX when it is the last one. */
static inline int lowest(const cursors *c, uint32_t *until) {
    int low = 0;
    *until = PCT_NO_INDEX;
    for (int i = 1; i < c->count; i++) {
        if (c->at[i] < c->at[low]) {
            *until = c->at[low];
            low = i;
        } else if (c->at[i] < *until) {
            *until = c->at[i];
        }
    }
    return low;
}

/* Has climbed so far: to another one's place or beyond a root, where it ends, or past the other. */
static inline void move(cursors *c, int i, uint32_t rank, uint32_t until) {
    if (rank == until || rank == PCT_NO_INDEX)
        c->at[i] = c->at[--c->count];
    else
        c->at[i] = rank;
}

PCT_ALWAYS_INLINE uint32_t climb(pct_router *router, const pct_ends *from, const pct_ends *to,
                                 follow *follow_arcs, bool keep, uint32_t *middle) {
    const uint32_t *parent = router->road->climb.parent;
    uint32_t best_ms = PCT_NO_WAY_MS, until;
    cursors c = {0};
    add_ends(router, &c, from, PCT_FORWARD);
    add_ends(router, &c, to, PCT_BACKWARD);
    while (c.count > 0) {
        int i = lowest(&c, &until);
        uint32_t rank = c.at[i];
        do {
            uint32_t *label = router->label_ms[rank], f = label[PCT_FORWARD], b = label[PCT_BACKWARD];
            if (!keep) label[PCT_FORWARD] = label[PCT_BACKWARD] = PCT_NO_WAY_MS;
            if (f + b < best_ms) {
                best_ms = f + b;
                if (keep) *middle = rank;
            }
            if (f < best_ms || b < best_ms)
                follow_arcs(router, rank, f < best_ms ? f : PCT_NO_WAY_MS, b < best_ms ? b : PCT_NO_WAY_MS);
            rank = parent[rank];
        } while (rank < until);
        move(&c, i, rank, until);
    }
    return best_ms;
}

#if PCT_HAS_WIDE
PCT_WIDE static uint32_t time_wide(pct_router *router, const pct_ends *from, const pct_ends *to) {
    return climb(router, from, to, follow_wide, false, NULL);
}
PCT_WIDE static uint32_t search_wide(pct_router *router, const pct_ends *from, const pct_ends *to,
                                     uint32_t *middle) {
    return climb(router, from, to, follow_wide, true, middle);
}
PCT_WIDE static uint32_t route_wide(pct_router *router, const pct_ends *from, const pct_ends *to,
                                    uint32_t *middle) {
    return climb(router, from, to, follow_wide_and_note, true, middle);
}
#endif

uint32_t pct_search_time(pct_router *router, const pct_ends *from, const pct_ends *to) {
    if (router->road->metric.is_perfect) return climb(router, from, to, follow_perfect, false, NULL);
#if PCT_HAS_WIDE
    if (router->wide) return time_wide(router, from, to);
#endif
    return climb(router, from, to, follow_basic, false, NULL);
}

uint32_t pct_search(pct_router *router, const pct_ends *from, const pct_ends *to, bool routes,
                    uint32_t *middle) {
    *middle = PCT_NO_INDEX;
#if PCT_HAS_WIDE
    if (router->wide && routes) return route_wide(router, from, to, middle);
#endif
    if (routes) return climb(router, from, to, follow_and_note, true, middle);
    if (router->road->metric.is_perfect) return climb(router, from, to, follow_perfect, true, middle);
#if PCT_HAS_WIDE
    if (router->wide) return search_wide(router, from, to, middle);
#endif
    return climb(router, from, to, follow_basic, true, middle);
}

void pct_search_reset(pct_router *router, const pct_ends *from, const pct_ends *to) {
    const uint32_t *parent = router->road->climb.parent;
    cursors c = {0};
    uint32_t until;
    add_ends(router, &c, from, PCT_FORWARD);
    add_ends(router, &c, to, PCT_BACKWARD);
    while (c.count > 0) {
        int i = lowest(&c, &until);
        uint32_t rank = c.at[i];
        do {
            router->label_ms[rank][PCT_FORWARD] = router->label_ms[rank][PCT_BACKWARD] = PCT_NO_WAY_MS;
            rank = parent[rank];
        } while (rank < until);
        move(&c, i, rank, until);
    }
}
