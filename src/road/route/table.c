/* Tables: the larger side is pinned (road/route/pinned.h), the other is asked in batches of sixteen, whose times lie side by
 * side, so that one pass over the pinned arcs serves all sixteen (Delling, Goldberg, Nowatzyk, Werneck 2011, §4.2). A place and the
 * places above it stay in the first cache, the arcs are read in a row.
 * O(batches × pinned arcs + climbs of the smaller side + pairs). */
#include "base/memory.h"
#include "road/route/pinned_arcs.h"
#include "road/route/wide.h"

enum { LANES = PCT_TABLE_LANES, ALIGN = 64 };

/* Times in the lanes are below 2^31, so that they compare alike as signed numbers, which machines without AVX2 prefer. */
typedef int32_t lane;

static inline __attribute__((always_inline)) void sweep(const pct_pinned *p) {
    const pct_upward_arc *a = p->arcs;
    lane *rows = (lane *)p->lanes;
    for (uint32_t i = 0; i < p->place_count; i++) {
        lane *row = rows + (size_t)i * LANES, least[LANES];
        for (int l = 0; l < LANES; l++) least[l] = row[l];
        for (const pct_upward_arc *end = p->arcs + p->first_arc[i + 1]; a < end; a++) {
            const lane *above = rows + (size_t)a->head * LANES;
            lane arc_ms = (lane)a->ms;
            for (int l = 0; l < LANES; l++) {
                lane ms = above[l] + arc_ms;
                least[l] = ms < least[l] ? ms : least[l];
            }
        }
        for (int l = 0; l < LANES; l++) row[l] = least[l];
    }
}

#if PCT_HAS_WIDE
/* By hand, for the sums to stay in registers. */
PCT_WIDE static void sweep_wide(const pct_pinned *p) {
    const pct_upward_arc *a = p->arcs;
    __m256i *rows = (__m256i *)(void *)p->lanes;
    for (uint32_t i = 0; i < p->place_count; i++) {
        __m256i *row = rows + (size_t)i * 2, first = row[0], second = row[1];
        for (const pct_upward_arc *end = p->arcs + p->first_arc[i + 1]; a < end; a++) {
            const __m256i *above = rows + (size_t)a->head * 2, ms = _mm256_set1_epi32((int)a->ms);
            first = _mm256_min_epu32(first, _mm256_add_epi32(above[0], ms));
            second = _mm256_min_epu32(second, _mm256_add_epi32(above[1], ms));
        }
        row[0] = first;
        row[1] = second;
    }
}
#endif

static pct_status reserve_lanes(pct_pinned *p, pct_error *error) {
    size_t words = (size_t)p->place_count * LANES;
    if (words <= p->lanes_room && p->lanes) return PCT_OK;
    pct_free(p->lanes_block);
    p->lanes_room = words;
    p->lanes_block = pct_alloc(words + ALIGN / sizeof(uint32_t), sizeof(uint32_t));
    if (!p->lanes_block) {
        p->lanes = NULL;
        return pct_error_memory(error, words * sizeof(uint32_t));
    }
    p->lanes = (uint32_t *)(((uintptr_t)p->lanes_block + ALIGN - 1) / ALIGN * ALIGN);
    return PCT_OK;
}

/* One lane's climb; its labels go to the places that are chosen. */
static void seed(pct_router *router, pct_road_point one, const pct_pinned *p, int l) {
    const uint32_t *parent = p->road->climb.parent;
    const pct_ends ends = pct_ends_of(p->road, one, p->toward);
    const pct_ends *from = p->toward ? &pct_no_ends : &ends, *to = p->toward ? &ends : &pct_no_ends;
    uint32_t middle;
    (void)pct_search(router, from, to, false, &middle);
    for (int e = 0; e < ends.count; e++)
        for (uint32_t r = ends.at[e].node; r != PCT_NO_INDEX; r = parent[r])
            if (pct_pinned_has(p, r))
                p->lanes[(size_t)pct_pinned_place(p, r) * LANES + (size_t)l] = router->label_ms[r][p->toward];
    pct_search_reset(router, from, to);
}

/* Where the answers go: times_ms[one × one_step + pinned × pinned_step]. */
typedef struct output {
    uint32_t *times_ms;
    size_t one_step, pinned_step;
} output;

static void write_lanes(const pct_pinned *p, const pct_road_point *ones, int count, output out) {
    for (size_t i = 0; i < p->point_count; i++) {
        uint32_t least[LANES];
        for (int l = 0; l < LANES; l++) least[l] = PCT_NO_WAY_MS;
        for (uint32_t e = p->first_end[i]; e < p->first_end[i + 1]; e++) {
            const uint32_t *row = p->lanes + (size_t)p->ends[e].node * LANES, ms = p->ends[e].ms;
            for (int l = 0; l < LANES; l++) least[l] = pct_least(least[l], row[l] + ms);
        }
        for (int l = 0; l < count; l++) {
            uint32_t *time_ms = out.times_ms + (size_t)l * out.one_step + i * out.pinned_step;
            *time_ms = pct_least(pct_or_unreachable(least[l]),
                                 p->toward ? pct_straight_ms(p->road, p->points[i], ones[l])
                                           : pct_straight_ms(p->road, ones[l], p->points[i]));
        }
    }
}

static void ask(pct_router *router, const pct_pinned *p, const pct_road_point *ones, size_t count,
                output out) {
    for (size_t begin = 0; begin < count; begin += LANES) {
        int lanes = count - begin < LANES ? (int)(count - begin) : LANES;
        for (size_t i = 0; i < (size_t)p->place_count * LANES; i++) p->lanes[i] = PCT_NO_WAY_MS;
        for (int l = 0; l < lanes; l++) seed(router, ones[begin + (size_t)l], p, l);
#if PCT_HAS_WIDE
        if (router->wide)
            sweep_wide(p);
        else
#endif
            sweep(p);
        write_lanes(p, ones + begin, lanes, out);
        out.times_ms += LANES * out.one_step;
    }
}

pct_status pct_router_table(pct_router *router, const pct_road_point *sources, size_t source_count,
                            const pct_road_point *targets, size_t target_count, uint32_t *times_ms,
                            pct_error *error) {
    if (!router->table) router->table = pct_alloc_zeroed(1, sizeof *router->table);
    pct_pinned *p = router->table;
    if (!p) return pct_error_memory(error, sizeof *p);
    if (source_count == 0 || target_count == 0) return PCT_OK;
    bool by_source = target_count >= source_count;
    pct_status status =
        by_source ? pct_pinned_take(p, router->road, PCT_PINNED_TARGETS, targets, target_count, error)
                  : pct_pinned_take(p, router->road, PCT_PINNED_SOURCES, sources, source_count, error);
    if (!status) status = reserve_lanes(p, error);
    if (status) return status;
    if (by_source)
        ask(router, p, sources, source_count, (output){times_ms, target_count, 1});
    else
        ask(router, p, targets, target_count, (output){times_ms, 1, target_count});
    return PCT_OK;
}
