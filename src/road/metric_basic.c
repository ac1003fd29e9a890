/* Basic customization (Dibbelt et al. 2016, §5.2): ranks ascending, every triangle (v, a, b) of v improves its arc a–b both ways,
 * by v's arcs, which nothing improves any more. Where a–b lies is known beforehand (road/triangles.h), so that a triangle
 * is two loads, an addition, a minimum and a store, and it takes both ways at once:
 *
 *     ms[ab] = min(ms[ab], ms[vb] + {a → v, v → a})          {up, down} side by side
 *
 * Small ranks are taken in batches of a kind (metric_plan.c). Of a supernode of several ranks v, the arcs v–b to the same b lie
 * side by side in every row: for each a, what all v find is gathered in registers, 16 arcs at a time, and put in place once.
 * AVX2 takes four arcs at a time where the machine has it; else one, as one 64-bit number.
 *
 * Threads: subtrees touch each other nowhere but above. A task writes its own arcs, and what it finds for arcs above it goes to
 * rows that its thread has for itself. Whoever finishes the last task that another one waits for goes on with that one, and begins
 * by joining to its arcs, by minimum, what all threads have found for them. Nobody waits for anybody before the end; and
 * whoever did what, the result is the same.
 *
 * O(triangles). */
#include <string.h>

#include "base/wide.h"
#include "road/metric_updater.h"
#include "road/profile.h"

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

static inline uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

#if PCT_HAS_WIDE
#define SWAPPED 0xB1 /* the times of each arc change places */

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

/* --- small ranks, in batches -------------------------------------------------------------------------------------- */

typedef struct job {
    const pct_hierarchy *h;
    const pct_triangles *t;
    uint32_t (*ms)[2];
    uint32_t (*outside_ms)[2]; /* for arcs from outside_from on; ms itself when all may be written */
    uint32_t outside_from;
} job;

/* An arc that belongs to the job or to a rank above it. */
PCT_ALWAYS_INLINE uint32_t *target(const job *j, uint32_t arc) {
    return (arc >= j->outside_from ? j->outside_ms : j->ms)[arc];
}

PCT_ALWAYS_INLINE const uint32_t *push_small_plain(const job *j, uint32_t degree, uint32_t count,
                                                   const uint32_t *at) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t(*arc)[2] = (const uint32_t(*)[2])j->ms + *at++;
        for (uint32_t a = 0; a + 1 < degree; a++)
            for (uint32_t b = a + 1; b < degree; b++)
                improve_plain(swap(load(arc[a])), arc[b], target(j, *at++));
    }
    return at;
}

#if PCT_HAS_WIDE
/* The arcs stay in registers. */
PCT_WIDE PCT_ALWAYS_INLINE const uint32_t *push_small_wide(const job *j, uint32_t degree, uint32_t count,
                                                           const uint32_t *at) {
    __m128i ms[PCT_METRIC_SMALL];
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t(*arc)[2] = (const uint32_t(*)[2])j->ms + *at++;
        for (uint32_t k = 0; k < degree; k++) ms[k] = _mm_loadl_epi64((const __m128i *)(const void *)arc[k]);
        for (uint32_t a = 0; a + 1 < degree; a++) {
            __m128i way = _mm_shuffle_epi32(ms[a], SWAPPED);
            for (uint32_t b = a + 1; b < degree; b++) {
                __m128i *to = (__m128i *)(void *)target(j, *at++);
                _mm_storel_epi64(to, _mm_min_epu32(_mm_add_epi32(way, ms[b]), _mm_loadl_epi64(to)));
            }
        }
    }
    return at;
}
#endif

/* One loop for each degree. */
static const uint32_t *push_batch_plain(const job *j, uint32_t kind, uint32_t count, const uint32_t *at) {
    switch (kind) {
    case 2: return push_small_plain(j, 2, count, at);
    case 3: return push_small_plain(j, 3, count, at);
    case 4: return push_small_plain(j, 4, count, at);
    case 5: return push_small_plain(j, 5, count, at);
    case 6: return push_small_plain(j, 6, count, at);
    case 7: return push_small_plain(j, 7, count, at);
    default: return push_small_plain(j, PCT_METRIC_SMALL, count, at);
    }
}

#if PCT_HAS_WIDE
PCT_WIDE static const uint32_t *push_batch_wide(const job *j, uint32_t kind, uint32_t count,
                                                const uint32_t *at) {
    switch (kind) {
    case 2: return push_small_wide(j, 2, count, at);
    case 3: return push_small_wide(j, 3, count, at);
    case 4: return push_small_wide(j, 4, count, at);
    case 5: return push_small_wide(j, 5, count, at);
    case 6: return push_small_wide(j, 6, count, at);
    case 7: return push_small_wide(j, 7, count, at);
    default: return push_small_wide(j, PCT_METRIC_SMALL, count, at);
    }
}
#endif

/* --- supernodes of several ranks ---------------------------------------------------------------------------------- */

enum { LANES = 4, CHUNK = 16 };

/* found: the least that ranks first to last have to offer the arcs of a rank a above them, from its at-th arc on, `count` of them.
 * `left`: a and what is above a; that many arcs end the row of each v, the first of them is v–a. */
static inline void gather_plain(const job *j, uint32_t first, uint32_t last, uint32_t left, uint32_t at,
                                uint32_t count, uint32_t (*found)[2]) {
    const uint32_t(*ms)[2] = (const uint32_t(*)[2])j->ms;
    for (uint32_t i = 0; i < count; i++) found[i][0] = found[i][1] = PCT_NO_WAY_MS;
    for (uint32_t v = first; v <= last; v++) {
        const uint32_t(*va)[2] = ms + (j->h->first_up[v + 1] - left);
        improve_run_plain(swap(load(va[0])), va + 1 + at, found, count);
    }
}

#if PCT_HAS_WIDE
/* In `vectors` registers; of the last one only the lanes of `mask` are read. */
PCT_WIDE PCT_ALWAYS_INLINE void gather_vectors(const job *j, uint32_t first, uint32_t last, uint32_t left,
                                               uint32_t at, int vectors, __m256i mask, uint32_t (*found)[2]) {
    const uint32_t *first_up = j->h->first_up;
    const uint32_t(*ms)[2] = (const uint32_t(*)[2])j->ms;
    __m256i held[CHUNK / LANES];
    for (int k = 0; k < vectors; k++) held[k] = _mm256_set1_epi32(PCT_NO_WAY_MS);
    for (uint32_t v = first; v <= last; v++) {
        const uint32_t(*va)[2] = ms + (first_up[v + 1] - left), (*from)[2] = va + 1 + at;
        __m256i way = _mm256_shuffle_epi32(_mm256_set1_epi64x((long long)load(va[0])), SWAPPED);
        for (int k = 0; k + 1 < vectors; k++)
            held[k] = _mm256_min_epu32(held[k], _mm256_add_epi32(way, load_4(from + (ptrdiff_t)LANES * k)));
        const long long *end = (const long long *)(const void *)(from + (ptrdiff_t)LANES * (vectors - 1));
        held[vectors - 1] =
            _mm256_min_epu32(held[vectors - 1], _mm256_add_epi32(way, _mm256_maskload_epi64(end, mask)));
    }
    for (int k = 0; k < vectors; k++)
        _mm256_storeu_si256((__m256i *)(void *)(found + (ptrdiff_t)LANES * k), held[k]);
}

PCT_WIDE static inline void gather_wide(const job *j, uint32_t first, uint32_t last, uint32_t left,
                                        uint32_t at, uint32_t count, uint32_t (*found)[2]) {
    static const long long masks[2 * LANES] = {-1, -1, -1, -1};
    uint32_t vectors = (count + LANES - 1) / LANES;
    __m256i mask = _mm256_loadu_si256((const __m256i *)(const void *)(masks + (LANES * vectors - count)));
    switch (vectors) {
    case 1: gather_vectors(j, first, last, left, at, 1, mask, found); break;
    case 2: gather_vectors(j, first, last, left, at, 2, mask, found); break;
    case 3: gather_vectors(j, first, last, left, at, 3, mask, found); break;
    default: gather_vectors(j, first, last, left, at, 4, mask, found); break;
    }
}
#endif

PCT_ALWAYS_INLINE void gather(bool wide, const job *j, uint32_t first, uint32_t last, uint32_t left,
                              uint32_t at, uint32_t count, uint32_t (*found)[2]) {
#if PCT_HAS_WIDE
    if (wide) {
        gather_wide(j, first, last, left, at, count, found);
        return;
    }
#endif
    (void)wide;
    gather_plain(j, first, last, left, at, count, found);
}

/* Between ranks of the supernode: the arcs of one after the other become final. */
PCT_ALWAYS_INLINE void push_inside(bool wide, const job *j, uint32_t first, uint32_t last) {
    uint32_t found[CHUNK][2];
    for (uint32_t a = first + 1; a <= last; a++) {
        uint32_t count = j->h->first_up[a + 1] - j->h->first_up[a];
        for (uint32_t at = 0; at < count; at += CHUNK) {
            uint32_t n = least(count - at, CHUNK);
            gather(wide, j, first, a - 1, count + 1, at, n, found);
            improve_run(wide, 0, (const uint32_t(*)[2])found, j->ms + j->h->first_up[a] + at, n);
        }
    }
}

/* From the whole supernode to the arcs between ranks above it. */
PCT_ALWAYS_INLINE void push_above(bool wide, const job *j, uint32_t first, uint32_t last,
                                  const uint16_t *place) {
    const uint32_t *first_up = j->h->first_up;
    uint32_t found[CHUNK][2], end = first_up[last + 1];
    for (uint32_t a = first_up[last]; a + 1 < end; a++) {
        uint32_t count = end - a - 1; /* to the end of the row; the row of each v ends with the same ranks */
        uint32_t first_arc = first_up[j->h->up_head[a]];
        uint32_t(*row)[2] = (first_arc >= j->outside_from ? j->outside_ms : j->ms) + first_arc;
        if (first == last) {
            both way = swap(load(j->ms[a]));
            for (uint32_t b = a + 1; b < end; b++) improve(wide, way, j->ms[b], row[*place++]);
            continue;
        }
        for (uint32_t at = 0; at < count; at += CHUNK) {
            uint32_t n = least(count - at, CHUNK);
            gather(wide, j, first, last, count + 1, at, n, found);
            for (uint32_t i = 0; i < n; i++) improve(wide, 0, found[i], row[*place++]);
        }
    }
}

PCT_ALWAYS_INLINE void push(bool wide, const job *j, uint32_t s) {
    uint32_t first = j->t->first_rank[s], last = j->t->first_rank[s + 1] - 1;
    push_inside(wide, j, first, last);
    push_above(wide, j, first, last, j->t->place + j->t->first_place[s]);
}

/* --- one task ----------------------------------------------------------------------------------------------------- */

PCT_ALWAYS_INLINE const uint32_t *push_batch(bool wide, const job *j, uint32_t kind, uint32_t count,
                                             const uint32_t *at) {
#if PCT_HAS_WIDE
    if (wide) return push_batch_wide(j, kind, count, at);
#endif
    (void)wide;
    return push_batch_plain(j, kind, count, at);
}

PCT_ALWAYS_INLINE void push_program(bool wide, const job *j, const uint32_t *at, const uint32_t *end) {
    while (at < end) {
        uint32_t kind = at[0], count = at[1];
        at += 2;
        if (kind != PCT_METRIC_LARGE) {
            at = push_batch(wide, j, kind, count, at);
            continue;
        }
        for (uint32_t i = 0; i < count; i++) push(wide, j, *at++);
    }
}

PCT_ALWAYS_INLINE void push_task(bool wide, const job *j, const pct_metric_plan *plan,
                                 const pct_metric_task *task) {
    if (task->program < task->end_program)
        push_program(wide, j, plan->program + task->program, plan->program + task->end_program);
    else
        for (uint32_t s = task->first; s < task->end; s++) push(wide, j, s);
}

PCT_WIDE static void push_task_wide(const job *j, const pct_metric_plan *plan, const pct_metric_task *task) {
    push_task(PCT_HAS_WIDE, j, plan, task);
}

static void push_task_plain(const job *j, const pct_metric_plan *plan, const pct_metric_task *task) {
    push_task(false, j, plan, task);
}

typedef struct run {
    const pct_graph *graph;
    const pct_hierarchy *h;
    pct_metric *metric;
    pct_metric_updater *updater;
} run;

/* What roads take; a road beside another one has the same place. */
static void take_roads(const run *r, const pct_metric_task *task) {
    const pct_metric_plan *plan = &r->updater->plan;
    uint32_t *ms = r->metric->ms[0];
    for (uint32_t a = task->first_arc; a < task->end_arc; a++)
        r->metric->ms[a][PCT_UP] = r->metric->ms[a][PCT_DOWN] = PCT_NO_WAY_MS;
    for (uint32_t i = task->first_road; i < task->end_road; i++) {
        uint32_t *at = ms + plan->road_place[i];
        *at = least(*at, r->metric->arc_ms[plan->road_arc[i]]);
    }
}

static void do_task(const run *r, unsigned worker, uint32_t number) {
    pct_metric_updater *u = r->updater;
    const pct_metric_task *task = &u->plan.tasks[number];
    uint32_t(*outside)[2] =
        worker == 0 ? r->metric->ms : u->outside_ms + (size_t)(worker - 1) * r->h->arc_count;
    const job j = {r->h, &u->triangles, r->metric->ms, outside, task->end_arc};
    if (number < u->plan.part_count) take_roads(r, task);
    if (u->is_wide)
        push_task_wide(&j, &u->plan, task);
    else
        push_task_plain(&j, &u->plan, task);
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static uint32_t (*outside_of(const run *r, unsigned worker))[2] {
    return r->updater->outside_ms + (size_t)(worker - 1) * r->h->arc_count;
}

static void clear_outside(const run *r, uint32_t (*outside)[2]) {
    const pct_metric_plan *plan = &r->updater->plan;
    for (uint32_t i = plan->part_count; i < plan->task_count; i++)
        for (uint32_t a = plan->tasks[i].first_arc; a < plan->tasks[i].end_arc; a++)
            outside[a][PCT_UP] = outside[a][PCT_DOWN] = PCT_NO_WAY_MS;
}

/* Nobody else writes the arcs of a task when those it waits for are done. */
static void join_outside(const run *r, const pct_metric_task *task) {
    for (unsigned worker = 1; worker < pct_pool_width(r->updater->pool); worker++) {
        if (!atomic_load(&r->updater->is_outside[worker])) continue;
        const uint32_t(*outside)[2] = (const uint32_t(*)[2])outside_of(r, worker);
        improve_run_plain(0, outside + task->first_arc, r->metric->ms + task->first_arc,
                          task->end_arc - task->first_arc);
    }
}

/* The caller takes tasks from one end of the tree, the next thread from the other, and so on in turn: so each thread mostly finds
 * in its processor's cache what it has written there the time before. As often as this is called, a task is left. */
static uint32_t take_start(pct_metric_updater *u, unsigned worker) {
    const pct_metric_plan *plan = &u->plan;
    return worker % 2 == 0 ? plan->start[atomic_fetch_add(&u->front, 1)]
                           : plan->start[plan->start_count - 1 - atomic_fetch_add(&u->back, 1)];
}

/* A task that waits for none, then as many above it as wait for nobody else. */
static void climb(void *context, unsigned worker, uint32_t part) {
    const run *r = context;
    pct_metric_updater *u = r->updater;
    uint32_t number = take_start(u, worker);
    (void)part;
    if (worker > 0 && !atomic_load(&u->is_outside[worker])) {
        clear_outside(r, outside_of(r, worker));
        atomic_store(&u->is_outside[worker], true);
    }
    for (;;) {
        const pct_metric_task *task = &u->plan.tasks[number];
        if (number >= u->plan.part_count) join_outside(r, task);
        do_task(r, worker, number);
        u->worked[worker] += task->work;
        number = task->parent;
        if (number == PCT_NO_INDEX || atomic_fetch_sub(&u->pending[number], 1) != 1) return;
    }
}

void pct_metric_customize(const pct_graph *graph, const pct_hierarchy *h, pct_metric *metric,
                          pct_metric_updater *updater) {
    run r = {graph, h, metric, updater};
    pct_metric_updater *u = updater;
    const pct_metric_plan *plan = &u->plan;
    pct_pool *pool = u->work >= u->share_from ? pct_pool_offered(u->pool) : NULL;
    metric->is_perfect = false;
    for (uint32_t i = plan->part_count; i < plan->task_count; i++) take_roads(&r, &plan->tasks[i]);
    memset(u->worked, 0, sizeof u->worked);
    if (pct_pool_width(pool) == 1) {
        u->worked[0] = u->work;
        for (uint32_t i = 0; i < plan->task_count; i++) do_task(&r, 0, i);
        return;
    }
    for (uint32_t i = 0; i < plan->task_count; i++) atomic_store(&u->pending[i], plan->tasks[i].children);
    for (unsigned worker = 0; worker <= PCT_POOL_THREADS_MAX; worker++)
        atomic_store(&u->is_outside[worker], false);
    atomic_store(&u->front, 0);
    atomic_store(&u->back, 0);
    pct_pool_run(pool, climb, &r, plan->start_count);
}

double pct_metric_updater_largest_share(const pct_metric_updater *u) {
    uint64_t most = 0;
    for (unsigned worker = 0; worker <= PCT_POOL_THREADS_MAX; worker++)
        if (u->worked[worker] > most) most = u->worked[worker];
    return u->work > 0 ? (double)most / (double)u->work : 1.0;
}
