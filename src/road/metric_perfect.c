/* Perfect customization (Dibbelt et al. 2016, §5.4): ranks descending, every upward arc v–a is compared with the ways over a
 * third node b above v, by upper (b above a) and intermediate (b below a) triangles. Arcs among the nodes above v hold
 * exact travel times by then, so one comparison each is enough: v's best way to a begins with some arc v–b.
 *
 * An arc that is not faster than such a way is left out of the pair, equality included. That is sound because times are at least
 * 1: among the fastest up-down paths between two nodes take the one whose ranks, sorted from the highest, are
 * lexicographically greatest; an arc of it that could go by a triangle would give a greater one.
 * While comparing, times are kept doubled: 2 t + 1 for a time of the arc itself, 2 t for one over a third node. The lesser
 * of two is then the lesser time, ways over a third node win ties, and an odd number says that the arc stays.
 *
 * Where a–b lies is known beforehand, and a supernode's ranks are compared together, as in metric_basic.c; threads take
 * subtrees, which only read what lies above them, after one of them has done the top.
 *
 * O(triangles). */
#include <string.h>

#include "base/memory.h"
#include "base/wide.h"
#include "road/metric_updater.h"
#include "road/profile.h"

enum { BLOCK = 4096 };

typedef struct run {
    const pct_hierarchy *h;
    pct_metric *metric;
    pct_metric_updater *updater;
    uint32_t (*p)[2]; /* [hierarchy arcs] doubled */
} run;

/* --- one arc v–a against all v–b ---------------------------------------------------------------------------------- */

static inline uint32_t even(uint32_t doubled_ms) {
    return doubled_ms & ~1U;
}

static inline uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* The triangles (v, a, b) for all b above a, both ways: v–a over b, and v–b over a. Arc a–b is ab[places[…]], or, without places,
 * beside the one before. */
static inline void compare_row_plain(uint32_t *va, uint32_t (*vb)[2], const uint32_t (*ab)[2],
                                     const uint16_t *places, uint32_t count) {
    uint32_t up = va[PCT_UP], down = va[PCT_DOWN], even_up = even(up), even_down = even(down);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *c = ab[places ? places[i] : i];
        uint32_t to_b = even(c[PCT_UP]), to_a = even(c[PCT_DOWN]);
        up = least(up, even(vb[i][PCT_UP]) + to_a);
        down = least(down, to_b + even(vb[i][PCT_DOWN]));
        vb[i][PCT_UP] = least(vb[i][PCT_UP], even_up + to_b);
        vb[i][PCT_DOWN] = least(vb[i][PCT_DOWN], to_a + even_down);
    }
    va[PCT_UP] = up;
    va[PCT_DOWN] = down;
}

#if PCT_HAS_WIDE
#define SWAPPED 0xB1 /* the times of each arc change places */

PCT_WIDE static inline __m128i load_1(const uint32_t *ms) {
    return _mm_loadl_epi64((const __m128i *)(const void *)ms);
}

/* One arc after the other: a row is read again one arc further on while its last stores are still under way, and a wider
 * load would have to wait for several of them. */
PCT_WIDE static inline void compare_row_wide(uint32_t *va, uint32_t (*vb)[2], const uint32_t (*ab)[2],
                                             const uint16_t *places, uint32_t count) {
    const __m128i one = _mm_set1_epi32(1);
    __m128i a = load_1(va), a_even = _mm_andnot_si128(one, a);
    for (uint32_t i = 0; i < count; i++) {
        __m128i b = load_1(vb[i]), c = _mm_andnot_si128(one, load_1(ab[places ? places[i] : i]));
        a = _mm_min_epu32(a, _mm_add_epi32(_mm_andnot_si128(one, b), _mm_shuffle_epi32(c, SWAPPED)));
        _mm_storel_epi64((__m128i *)(void *)vb[i], _mm_min_epu32(b, _mm_add_epi32(a_even, c)));
    }
    _mm_storel_epi64((__m128i *)(void *)va, a);
}
#endif

/* The compiler makes two of everything below, by a constant `wide`. */
PCT_ALWAYS_INLINE void compare_row(bool wide, uint32_t *va, uint32_t (*vb)[2], const uint32_t (*ab)[2],
                                   const uint16_t *places, uint32_t count) {
#if PCT_HAS_WIDE
    if (wide) {
        compare_row_wide(va, vb, ab, places, count);
        return;
    }
#endif
    (void)wide;
    compare_row_plain(va, vb, ab, places, count);
}

/* --- one supernode after the other, from the top ------------------------------------------------------------------ */

/* Arcs to ranks above the supernode, against each other. */
PCT_ALWAYS_INLINE void compare_above(bool wide, const run *r, uint32_t first, uint32_t last,
                                     const uint16_t *place, uint32_t (*row_ms)[2]) {
    const uint32_t *first_up = r->h->first_up;
    uint32_t end = first_up[last + 1];
    for (uint32_t a = first_up[last]; a + 1 < end; a++) {
        uint32_t left = end - a,
                 count = left - 1; /* to the end of the row; the row of each v ends with the same ranks */
        const uint32_t(*row)[2] = (const uint32_t(*)[2])r->p + first_up[r->h->up_head[a]];
        if (first == last) {
            compare_row(wide, r->p[a], r->p + a + 1, row, place, count);
            place += count;
            continue;
        }
        for (uint32_t i = 0; i < count; i++) memcpy(row_ms[i], row[*place++], sizeof *row_ms);
        for (uint32_t v = first; v <= last; v++) {
            uint32_t va = first_up[v + 1] - left;
            compare_row(wide, r->p[va], r->p + va + 1, (const uint32_t(*)[2])row_ms, NULL, count);
        }
    }
}

/* Arcs to ranks of the supernode, against all, from its last rank down. */
PCT_ALWAYS_INLINE void compare_inside(bool wide, const run *r, uint32_t first, uint32_t last) {
    const uint32_t *first_up = r->h->first_up;
    for (uint32_t v = last; v-- > first;)
        for (uint32_t a = v + 1; a <= last; a++) {
            uint32_t va = first_up[v] + (a - v - 1);
            compare_row(wide, r->p[va], r->p + va + 1, (const uint32_t(*)[2])r->p + first_up[a], NULL,
                        first_up[v + 1] - va - 1);
        }
}

static bool stays(const uint32_t (*p)[2], uint32_t arc, int way) {
    return (p[arc][way] & 1U & (p[arc][way] < 2 * PCT_NO_WAY_MS)) != 0;
}

/* How many arcs of each rank stay, where the next rank's first will stand. */
static void count_arcs(const run *r, uint32_t rank) {
    uint32_t up = 0, down = 0;
    for (uint32_t a = r->h->first_up[rank]; a < r->h->first_up[rank + 1]; a++) {
        up += stays((const uint32_t(*)[2])r->p, a, PCT_UP);
        down += stays((const uint32_t(*)[2])r->p, a, PCT_DOWN);
    }
    r->metric->forward.first[rank + 1] = up;
    r->metric->backward.first[rank + 1] = down;
}

PCT_ALWAYS_INLINE void compare_supernode(bool wide, const run *r, uint32_t s, uint32_t (*row_ms)[2]) {
    const pct_triangles *t = &r->updater->triangles;
    uint32_t first = t->first_rank[s], last = t->first_rank[s + 1] - 1;
    for (uint32_t a = r->h->first_up[first]; a < r->h->first_up[last + 1]; a++) {
        r->p[a][PCT_UP] = 2 * r->metric->ms[a][PCT_UP] + 1;
        r->p[a][PCT_DOWN] = 2 * r->metric->ms[a][PCT_DOWN] + 1;
    }
    compare_above(wide, r, first, last, t->place + t->first_place[s], row_ms);
    compare_inside(wide, r, first, last);
    for (uint32_t v = first; v <= last; v++) count_arcs(r, v);
}

PCT_WIDE static void compare_all_wide(const run *r, uint32_t first, uint32_t end, uint32_t (*row_ms)[2]) {
    for (uint32_t s = end; s-- > first;) compare_supernode(PCT_HAS_WIDE, r, s, row_ms);
}

static void compare_all_plain(const run *r, uint32_t first, uint32_t end, uint32_t (*row_ms)[2]) {
    for (uint32_t s = end; s-- > first;) compare_supernode(false, r, s, row_ms);
}

static void compare_all(const run *r, uint32_t first, uint32_t end, unsigned worker) {
    uint32_t(*row_ms)[2] = r->updater->row_ms + (size_t)worker * (r->updater->degree_max + 1);
    if (r->updater->is_wide)
        compare_all_wide(r, first, end, row_ms);
    else
        compare_all_plain(r, first, end, row_ms);
}

static void compare_part(void *context, unsigned worker, uint32_t number) {
    const run *r = context;
    const pct_metric_task *part = &r->updater->plan.tasks[number];
    compare_all(r, part->first, part->end, worker);
}

/* --- the pair ----------------------------------------------------------------------------------------------------- */

static pct_status reserve_ranks(pct_upward *upward, uint32_t node_count) {
    if (!upward->first) upward->first = pct_alloc((size_t)node_count + 1, sizeof *upward->first);
    return upward->first ? PCT_OK : PCT_MEMORY;
}

/* Counts become places; room for the arcs and some more. What was there is lost. */
static pct_status reserve_arcs(pct_upward *upward, uint32_t node_count) {
    upward->first[0] = 0;
    for (uint32_t rank = 0; rank < node_count; rank++) upward->first[rank + 1] += upward->first[rank];
    size_t count = upward->first[node_count];
    if (count <= upward->capacity) return PCT_OK;
    pct_free(upward->arcs);
    upward->capacity = count + count / 32 + 1;
    upward->arcs = pct_alloc(upward->capacity, sizeof *upward->arcs);
    if (upward->arcs) return PCT_OK;
    upward->capacity = 0;
    return PCT_MEMORY;
}

static void fill_block(void *context, unsigned worker, uint32_t block) {
    const run *r = context;
    const pct_hierarchy *h = r->h;
    const uint32_t(*p)[2] = (const uint32_t(*)[2])r->p;
    uint32_t end = least(h->node_count, (block + 1) * BLOCK);
    (void)worker;
    for (int way = PCT_UP; way <= PCT_DOWN; way++) {
        const pct_upward *out = way == PCT_UP ? &r->metric->forward : &r->metric->backward;
        uint32_t at = out->first[block * BLOCK], at_end = out->first[end];
        for (uint32_t a = h->first_up[block * BLOCK]; at < at_end; a++) { /* one that goes is overwritten */
            out->arcs[at] = (pct_upward_arc){h->up_head[a], p[a][way] >> 1};
            at += stays(p, a, way);
        }
    }
}

pct_status pct_metric_perfect(const pct_hierarchy *h, pct_metric *metric, pct_metric_updater *updater,
                              pct_error *error) {
    run r = {h, metric, updater, updater->arc_ms};
    pct_pool *pool = updater->work >= updater->share_from ? pct_pool_offered(updater->pool) : NULL;
    metric->is_perfect = false;
    if (reserve_ranks(&metric->forward, h->node_count) || reserve_ranks(&metric->backward, h->node_count))
        return pct_error_memory(error, h->node_count * sizeof *metric->forward.first);
    if (pct_pool_width(pool) == 1) {
        compare_all(&r, 0, updater->triangles.supernode_count, 0);
    } else {
        for (uint32_t i = updater->plan.task_count; i-- > updater->plan.part_count;) compare_part(&r, 0, i);
        pct_pool_run(pool, compare_part, &r, updater->plan.part_count);
    }
    if (reserve_arcs(&metric->forward, h->node_count) || reserve_arcs(&metric->backward, h->node_count))
        return pct_error_memory(error, h->arc_count * sizeof(pct_upward_arc));
    pct_pool_run(pool, fill_block, &r, (h->node_count + BLOCK - 1) / BLOCK);
    metric->is_perfect = true;
    return PCT_OK;
}
