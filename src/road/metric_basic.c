/* Basic customization (Dibbelt et al. 2016, §5.2), right-looking: ranks ascending, every triangle (v, a, b) of v improves its
 * arc a–b both ways, by v's arcs, which nothing improves any more. Where a–b lies is known beforehand (road/triangles.h), so
 * that a triangle is two loads, an addition, a minimum and a store, and it takes both ways at once:
 *
 *     ms[ab] = min(ms[ab], ms[vb] + {a → v, v → a})          {up, down} side by side
 *
 * Within a supernode the arcs of v and of a lie side by side: one loop over both. What a supernode of several ranks finds for
 * the arcs above it is gathered first, side by side again, and put in place once. AVX2 takes four arcs at a time where the
 * machine has it; else one, as one 64-bit number.
 *
 * Threads: subtrees touch each other nowhere but above. Each thread keeps what it finds for the top in rows of its
 * own, which are put together by minimum afterwards: whoever did what, the result is the same.
 *
 * O(triangles). */
#include <string.h>

#include "base/wide.h"
#include "road/metric_updater.h"
#include "road/profile.h"

enum { BLOCK = 8192 };

/* --- both ways at once -------------------------------------------------------------------------------------------- */

typedef uint64_t both; /* two times of an arc, as they lie in memory; each below 2^31 */

static inline both load(const uint32_t *ms) {
    both b;
    memcpy(&b, ms, sizeof b);
    return b;
}

static inline both swap(both b) {
    return b >> 32 | b << 32;
}

/* to = min(to, from + way), each half by itself. No sum reaches 2^32, so nothing is carried from half to half; setting bit
 * 31 before subtracting keeps it from being borrowed, and leaves it set where the sum is not less. */
static inline void improve_plain(both way, const uint32_t *from, uint32_t *to) {
    const both high_bits = 0x8000000080000000U;
    both sum = way + load(from), held = load(to);
    both keep = ((sum | high_bits) - held) & high_bits;
    keep -= keep >> 31; /* 31 ones where the held time stays */
    sum ^= (sum ^ held) & keep;
    memcpy(to, &sum, sizeof sum);
}

#if PCT_HAS_WIDE
PCT_WIDE static inline void improve_wide(both way, const uint32_t *from, uint32_t *to) {
    __m128i sum = _mm_add_epi32(_mm_cvtsi64_si128((long long)way),
                                _mm_loadl_epi64((const __m128i *)(const void *)from));
    __m128i held = _mm_loadl_epi64((const __m128i *)(const void *)to);
    _mm_storel_epi64((__m128i *)(void *)to, _mm_min_epu32(sum, held));
}

PCT_WIDE static inline __m256i load_4(const uint32_t (*ms)[2]) {
    return _mm256_loadu_si256((const __m256i *)(const void *)ms);
}
#endif

/* `count` arcs that lie side by side. */
static inline void improve_run_plain(both way, const uint32_t (*from)[2], uint32_t (*to)[2], uint32_t count) {
    for (uint32_t i = 0; i < count; i++) improve_plain(way, from[i], to[i]);
}

#if PCT_HAS_WIDE
PCT_WIDE static inline void improve_run_wide(both way, const uint32_t (*from)[2], uint32_t (*to)[2],
                                             uint32_t count) {
    __m256i way_4 = _mm256_set1_epi64x((long long)way);
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4)
        _mm256_storeu_si256((__m256i *)(void *)(to + i),
                            _mm256_min_epu32(_mm256_add_epi32(way_4, load_4(from + i)),
                                             load_4((const uint32_t(*)[2])to + i)));
    for (; i < count; i++) improve_wide(way, from[i], to[i]);
}
#endif

/* The compiler makes two of everything below, by a constant `wide`. */
PCT_ALWAYS_INLINE void improve(bool wide, both way, const uint32_t *from, uint32_t *to) {
#if PCT_HAS_WIDE
    if (wide) {
        improve_wide(way, from, to);
        return;
    }
#endif
    (void)wide;
    improve_plain(way, from, to);
}

PCT_ALWAYS_INLINE void improve_run(bool wide, both way, const uint32_t (*from)[2], uint32_t (*to)[2],
                                   uint32_t count) {
#if PCT_HAS_WIDE
    if (wide) {
        improve_run_wide(way, from, to, count);
        return;
    }
#endif
    (void)wide;
    improve_run_plain(way, from, to, count);
}

bool pct_metric_wide_is_there(void) {
#if PCT_HAS_WIDE
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

/* --- one supernode after the other -------------------------------------------------------------------------------- */

typedef struct job {
    const pct_hierarchy *h;
    const pct_triangles *t;
    uint32_t (*ms)[2];
    uint32_t (*outside_ms)[2]; /* for ranks above `inside_to`; ms itself when all may be written */
    uint32_t inside_to;
    uint32_t (*row_ms)[2];
} job;

PCT_ALWAYS_INLINE uint32_t (*row_of(const job *j, uint32_t rank))[2] {
    return (rank <= j->inside_to ? j->ms : j->outside_ms) + j->h->first_up[rank];
}

/* A supernode of one rank: most are. */
PCT_ALWAYS_INLINE void push_single(bool wide, const job *j, uint32_t v, const uint16_t *place) {
    const pct_hierarchy *h = j->h;
    const uint32_t(*ms)[2] = (const uint32_t(*)[2])j->ms;
    for (uint32_t va = h->first_up[v], end = h->first_up[v + 1]; va + 1 < end; va++) {
        uint32_t(*row)[2] = row_of(j, h->up_head[va]);
        both way = swap(load(ms[va]));
        for (uint32_t vb = va + 1; vb < end; vb++) improve(wide, way, ms[vb], row[*place++]);
    }
}

/* Between ranks of the supernode. */
PCT_ALWAYS_INLINE void push_inside(bool wide, const job *j, uint32_t first, uint32_t last) {
    const uint32_t *first_up = j->h->first_up;
    const uint32_t(*ms)[2] = (const uint32_t(*)[2])j->ms;
    for (uint32_t v = first; v < last; v++)
        for (uint32_t a = v + 1; a <= last; a++) {
            uint32_t va = first_up[v] + (a - v - 1);
            improve_run(wide, swap(load(ms[va])), ms + va + 1, j->ms + first_up[a], first_up[v + 1] - va - 1);
        }
}

/* From the whole supernode to the arcs between ranks above it. */
PCT_ALWAYS_INLINE void push_above(bool wide, const job *j, uint32_t first, uint32_t last,
                                  const uint16_t *place) {
    const pct_hierarchy *h = j->h;
    const uint32_t(*ms)[2] = (const uint32_t(*)[2])j->ms;
    uint32_t end = h->first_up[last + 1];
    for (uint32_t a = h->first_up[last]; a + 1 < end; a++) {
        uint32_t left = end - a,
                 count = left - 1; /* to the end of the row; the row of each v ends with the same ranks */
        uint32_t(*row)[2] = row_of(j, h->up_head[a]), (*found)[2] = j->row_ms;
        for (uint32_t i = 0; i < count; i++) found[i][0] = found[i][1] = PCT_NO_WAY_MS;
        for (uint32_t v = first; v <= last; v++) {
            uint32_t va = h->first_up[v + 1] - left;
            improve_run(wide, swap(load(ms[va])), ms + va + 1, found, count);
        }
        for (uint32_t i = 0; i < count; i++) improve(wide, 0, found[i], row[*place++]);
    }
}

PCT_ALWAYS_INLINE void push(bool wide, const job *j, uint32_t s) {
    uint32_t first = j->t->first_rank[s], last = j->t->first_rank[s + 1] - 1;
    const uint16_t *place = j->t->place + j->t->first_place[s];
    if (first == last) {
        push_single(wide, j, first, place);
    } else {
        push_inside(wide, j, first, last);
        push_above(wide, j, first, last, place);
    }
}

PCT_WIDE static void push_all_wide(const job *j, uint32_t first, uint32_t end) {
    for (uint32_t s = first; s < end; s++) push(PCT_HAS_WIDE, j, s);
}

static void push_all_plain(const job *j, uint32_t first, uint32_t end) {
    for (uint32_t s = first; s < end; s++) push(false, j, s);
}

static void push_all(const pct_metric_updater *u, const job *j, uint32_t first, uint32_t end) {
    if (u->is_wide)
        push_all_wide(j, first, end);
    else
        push_all_plain(j, first, end);
}

/* --- what roads take ---------------------------------------------------------------------------------------------- */

typedef struct run {
    const pct_graph *graph;
    const pct_hierarchy *h;
    pct_metric *metric;
    pct_metric_updater *updater;
} run;

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static void clear_block(void *context, unsigned worker, uint32_t block) {
    const run *r = context;
    uint32_t end = least(r->h->arc_count, (block + 1) * BLOCK);
    (void)worker;
    for (uint32_t a = block * BLOCK; a < end; a++)
        r->metric->ms[a][PCT_UP] = r->metric->ms[a][PCT_DOWN] = PCT_NO_WAY_MS;
}

/* By tails: arcs of different tails have no way of a hierarchy arc in common. */
static void take_block(void *context, unsigned worker, uint32_t block) {
    const run *r = context;
    const pct_graph *g = r->graph;
    uint32_t end = g->first_arc[least(g->node_count, (block + 1) * BLOCK)];
    (void)worker;
    for (uint32_t arc = g->first_arc[block * BLOCK]; arc < end; arc++) {
        uint32_t place = r->h->arc_place[arc];
        if (place == PCT_NO_INDEX) continue;
        uint32_t *ms = &r->metric->ms[place >> 1][place & 1];
        *ms = least(*ms, r->metric->arc_ms[arc]);
    }
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static uint32_t (*outside_of(const run *r, unsigned worker))[2] {
    return worker == 0 ? r->metric->ms : r->updater->outside_ms + (size_t)(worker - 1) * r->h->arc_count;
}

/* The arcs of the number-th supernode of the top. */
static void top_arcs(const run *r, uint32_t number, uint32_t *first, uint32_t *end) {
    uint32_t s = r->updater->top[number];
    *first = r->h->first_up[r->updater->triangles.first_rank[s]];
    *end = r->h->first_up[r->updater->triangles.first_rank[s + 1]];
}

static void clear_outside(const run *r, uint32_t (*outside)[2]) {
    uint32_t first, end;
    for (uint32_t i = 0; i < r->updater->top_count; i++) {
        top_arcs(r, i, &first, &end);
        for (uint32_t a = first; a < end; a++) outside[a][PCT_UP] = outside[a][PCT_DOWN] = PCT_NO_WAY_MS;
    }
}

static void join_outside(const run *r, uint32_t (*outside)[2]) {
    uint32_t first, end;
    for (uint32_t i = 0; i < r->updater->top_count; i++) {
        top_arcs(r, i, &first, &end);
        improve_run_plain(0, (const uint32_t(*)[2])outside + first, r->metric->ms + first, end - first);
    }
}

static void push_part(void *context, unsigned worker, uint32_t number) {
    const run *r = context;
    pct_metric_updater *u = r->updater;
    pct_metric_part part = u->parts[number];
    if (worker > 0 && !u->is_outside[worker]) {
        clear_outside(r, outside_of(r, worker));
        u->is_outside[worker] = true;
    }
    const job j = {r->h,
                   &u->triangles,
                   r->metric->ms,
                   outside_of(r, worker),
                   u->triangles.first_rank[part.end] - 1,
                   u->row_ms + (size_t)worker * (u->degree_max + 1)};
    push_all(u, &j, part.first, part.end);
}

void pct_metric_customize(const pct_graph *graph, const pct_hierarchy *h, pct_metric *metric,
                          pct_metric_updater *updater) {
    run r = {graph, h, metric, updater};
    pct_metric_updater *u = updater;
    const job whole = {h, &u->triangles, metric->ms, metric->ms, PCT_NO_INDEX, u->row_ms};
    pct_pool *pool = u->work >= u->share_from ? u->pool : NULL;
    metric->is_perfect = false;
    pct_pool_run(pool, clear_block, &r, (h->arc_count + BLOCK - 1) / BLOCK);
    pct_pool_run(pool, take_block, &r, (graph->node_count + BLOCK - 1) / BLOCK);
    if (pct_pool_width(pool) == 1) {
        push_all(u, &whole, 0, u->triangles.supernode_count);
        return;
    }
    memset(u->is_outside, 0, sizeof u->is_outside);
    pct_pool_run(pool, push_part, &r, u->part_count);
    for (unsigned worker = 1; worker < pct_pool_width(pool); worker++)
        if (u->is_outside[worker]) join_outside(&r, outside_of(&r, worker));
    for (uint32_t i = 0; i < u->top_count; i++) push_all(u, &whole, u->top[i], u->top[i] + 1);
}
