#include "road/route/pinned.h"

#include <string.h>

#include "base/memory.h"
#include "road/route/pinned_arcs.h"

void pct_pinned_free(pct_pinned *p) {
    if (!p) return;
    pct_free(p->points);
    pct_free(p->first_end);
    pct_free(p->ends);
    pct_free(p->is_chosen);
    pct_free(p->chosen_above);
    pct_free(p->first_arc);
    pct_free(p->arcs);
    pct_free(p->lanes_block);
    pct_free(p);
}

static pct_status reserve_points(pct_pinned *p, size_t count) {
    if (count <= p->point_room && p->points && p->first_end && p->ends) return PCT_OK;
    pct_free(p->points);
    pct_free(p->first_end);
    pct_free(p->ends);
    p->point_room = count;
    p->points = pct_alloc(count, sizeof *p->points);
    p->first_end = pct_alloc(count + 1, sizeof *p->first_end);
    p->ends = pct_alloc(count, PCT_ROAD_ENDS_MAX * sizeof *p->ends);
    return p->points && p->first_end && p->ends ? PCT_OK : PCT_MEMORY;
}

static pct_status reserve_words(pct_pinned *p, uint32_t ranks) {
    uint32_t words = (ranks + 63) / 64;
    if (words == p->word_count && p->is_chosen && p->chosen_above) return PCT_OK;
    pct_free(p->is_chosen);
    pct_free(p->chosen_above);
    p->word_count = words;
    p->is_chosen = pct_alloc(words, sizeof *p->is_chosen);
    p->chosen_above = pct_alloc(words, sizeof *p->chosen_above);
    return p->is_chosen && p->chosen_above ? PCT_OK : PCT_MEMORY;
}

static pct_status reserve_places(pct_pinned *p, size_t arcs) {
    if (p->place_count > p->place_room || !p->first_arc) {
        pct_free(p->first_arc);
        p->place_room = p->place_count + p->place_count / 16;
        p->first_arc = pct_alloc(p->place_room + 1, sizeof *p->first_arc);
    }
    if (arcs > p->arc_room || !p->arcs) {
        pct_free(p->arcs);
        p->arc_room = arcs + arcs / 16;
        p->arcs = pct_alloc(p->arc_room, sizeof *p->arcs);
    }
    return p->first_arc && p->arcs ? PCT_OK : PCT_MEMORY;
}

static void mark(pct_pinned *p, uint32_t rank) {
    p->is_chosen[rank >> 6] |= 1ULL << (rank & 63);
}

/* Marks what the perfect arcs lead to: fewer ranks than lie above, a fifth fewer where vertices are arcs, since of a
 * road's two ways mostly one is on a best way. Heads are higher, so that they are still to come. */
static void mark_reached(pct_pinned *p) {
    const pct_metric *metric = &p->road->metric;
    const pct_upward *up = p->toward ? &metric->forward : &metric->backward;
    for (uint32_t w = 0; w < p->word_count; w++)
        for (uint64_t done = 0, left; (left = p->is_chosen[w] & ~done) != 0;) {
            uint32_t bit = (uint32_t)__builtin_ctzll(left), rank = w * 64 + bit;
            done |= 1ULL << bit;
            for (uint32_t a = up->first[rank]; a < up->first[rank + 1]; a++) mark(p, up->arcs[a].head);
        }
}

/* Marks the ranks that the points' ends need: over the basic metric all above them, since that has arcs to each. The ends'
 * `node` becomes the place. */
static void choose(pct_pinned *p) {
    const uint32_t *parent = p->road->climb.parent;
    uint32_t at = 0;
    bool is_perfect = p->road->metric.is_perfect;
    memset(p->is_chosen, 0, p->word_count * sizeof *p->is_chosen);
    for (size_t i = 0; i < p->point_count; i++) {
        const pct_ends ends = pct_ends_of(p->road, p->points[i], !p->toward);
        p->first_end[i] = at;
        for (int e = 0; e < ends.count; e++) {
            p->ends[at++] = ends.at[e];
            uint32_t r = ends.at[e].node;
            if (is_perfect)
                mark(p, r);
            else
                for (; r != PCT_NO_INDEX && !pct_pinned_has(p, r); r = parent[r]) mark(p, r);
        }
    }
    p->first_end[p->point_count] = at;
    if (is_perfect) mark_reached(p);
    p->place_count = 0;
    for (uint32_t w = p->word_count; w-- > 0;) {
        p->chosen_above[w] = p->place_count;
        p->place_count += (uint32_t)__builtin_popcountll(p->is_chosen[w]);
    }
    for (uint32_t e = 0; e < at; e++) p->ends[e].node = pct_pinned_place(p, p->ends[e].node);
}

/* The arcs that lead down to (toward: up from) a rank, into `arcs` unless it is NULL; how many. */
static uint32_t copy_arcs(const pct_pinned *p, uint32_t rank, pct_upward_arc *arcs) {
    const pct_metric *metric = &p->road->metric;
    const pct_hierarchy *h = &p->road->hierarchy;
    uint32_t count = 0;
    if (metric->is_perfect) {
        const pct_upward *up = p->toward ? &metric->forward : &metric->backward;
        const pct_upward_arc *a = up->arcs + up->first[rank], *end = up->arcs + up->first[rank + 1];
        if (!arcs) return (uint32_t)(end - a);
        for (; a < end; a++) arcs[count++] = (pct_upward_arc){pct_pinned_place(p, a->head), a->ms};
        return count;
    }
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++) {
        uint32_t ms = metric->ms[a][p->toward ? PCT_UP : PCT_DOWN];
        if (ms >= PCT_NO_WAY_MS) continue;
        if (arcs) arcs[count] = (pct_upward_arc){pct_pinned_place(p, h->up_head[a]), ms};
        count++;
    }
    return count;
}

/* Calls copy_arcs for each chosen rank from the highest down; the sum of what it gives. */
static size_t copy_all(pct_pinned *p, bool really) {
    size_t count = 0;
    uint32_t place = 0;
    for (uint32_t w = p->word_count; w-- > 0;)
        for (uint64_t left = p->is_chosen[w]; left;) {
            uint32_t bit = 63 - (uint32_t)__builtin_clzll(left);
            left &= ~(1ULL << bit);
            if (really) p->first_arc[place++] = (uint32_t)count;
            count += copy_arcs(p, w * 64 + bit, really ? p->arcs + count : NULL);
            for (; count % PCT_PINNED_FOUR != 0; count++)
                if (really) p->arcs[count] = (pct_upward_arc){0, PCT_NO_WAY_MS};
        }
    if (really) p->first_arc[place] = (uint32_t)count;
    return count;
}

pct_status pct_pinned_renew(pct_pinned *p, const pct_road *road, pct_error *error) {
    p->road = road;
    pct_status status = reserve_words(p, road->hierarchy.node_count);
    if (!status) {
        choose(p);
        status = reserve_places(p, copy_all(p, false));
    }
    if (status) return pct_error_memory(error, p->arc_room * sizeof *p->arcs);
    (void)copy_all(p, true);
    return PCT_OK;
}

pct_status pct_pinned_take(pct_pinned *p, const pct_road *road, pct_pinned_as as,
                           const pct_road_point *points, size_t count, pct_error *error) {
    if (reserve_points(p, count)) return pct_error_memory(error, count * PCT_ROAD_ENDS_MAX * sizeof *p->ends);
    p->toward = as == PCT_PINNED_SOURCES;
    p->point_count = count;
    if (count > 0) memcpy(p->points, points, count * sizeof *points);
    return pct_pinned_renew(p, road, error);
}

pct_status pct_pinned_new(const pct_road *road, pct_pinned_as as, const pct_road_point *points, size_t count,
                          pct_pinned **out, pct_error *error) {
    pct_pinned *p = pct_alloc_zeroed(1, sizeof *p);
    if (!p) return pct_error_memory(error, sizeof *p);
    pct_status status = pct_pinned_take(p, road, as, points, count, error);
    if (status)
        pct_pinned_free(p);
    else
        *out = p;
    return status;
}

/* Labels of the climb, at the places of the ranks that are chosen; those become `value_ms`. */
static void seed(const pct_router *router, const pct_ends *ends, const pct_pinned *p, uint32_t *value_ms) {
    const uint32_t *parent = p->road->climb.parent;
    for (int e = 0; e < ends->count; e++)
        for (uint32_t r = ends->at[e].node; r != PCT_NO_INDEX; r = parent[r])
            if (pct_pinned_has(p, r)) value_ms[pct_pinned_place(p, r)] = router->label_ms[r][p->toward];
}

/* One pass over the arcs, four at a time: most places have no more, so that the machine foresees where each ends. */
static void settle_places(const pct_pinned *p, uint32_t *value_ms) {
    const pct_upward_arc *a = p->arcs;
    for (uint32_t i = 0; i < p->place_count; i++) {
        uint32_t ms = value_ms[i];
        for (const pct_upward_arc *end = p->arcs + p->first_arc[i + 1]; a < end; a += PCT_PINNED_FOUR) {
            uint32_t first =
                pct_least_scattered(value_ms[a[0].head] + a[0].ms, value_ms[a[1].head] + a[1].ms);
            uint32_t second =
                pct_least_scattered(value_ms[a[2].head] + a[2].ms, value_ms[a[3].head] + a[3].ms);
            ms = pct_least_scattered(ms, pct_least_scattered(first, second));
        }
        value_ms[i] = ms;
    }
}

void pct_router_times_pinned(pct_router *router, pct_road_point one, const pct_pinned *p,
                             uint32_t *times_ms) {
    const pct_road *road = p->road;
    const pct_ends ends = pct_ends_of(road, one, p->toward);
    const pct_ends *from = p->toward ? &pct_no_ends : &ends, *to = p->toward ? &ends : &pct_no_ends;
    uint32_t *value_ms = router->pending, middle;
    (void)pct_search(router, from, to, false, &middle);
    for (uint32_t i = 0; i < p->place_count; i++) value_ms[i] = PCT_NO_WAY_MS;
    seed(router, &ends, p, value_ms);
    pct_search_reset(router, from, to);
    settle_places(p, value_ms);
    for (size_t i = 0; i < p->point_count; i++) {
        uint32_t ms = PCT_NO_WAY_MS;
        for (uint32_t e = p->first_end[i]; e < p->first_end[i + 1]; e++)
            ms = pct_least(ms, value_ms[p->ends[e].node] + p->ends[e].ms);
        times_ms[i] = pct_least(pct_or_unreachable(ms), p->toward ? pct_straight_ms(road, p->points[i], one)
                                                                  : pct_straight_ms(road, one, p->points[i]));
    }
}
