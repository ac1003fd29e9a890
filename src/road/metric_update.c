/* Partial customization (after Dibbelt et al. 2016, §5.5): only what a change of some graph arcs reaches is looked at.
 *
 * Ranks ascending, from the arcs that changed. A changed arc v–a meets, in the triangles (v, a, b) of v, the arcs a–b above:
 *   a way over v that is faster now than a–b        lowers a–b at once;
 *   a way over v that took as long as a–b, and      may have been what a–b rested on: *lost*, unless something lowers
 *   takes longer now                                it below what it was;
 *   anything else                                   leaves a–b alone.
 * When its turn comes, a lost arc is computed anew from its roads and its lower triangles, which are final by then, and
 * only until some way is found that takes as long as before: no way can be faster than that. An arc that ends up as it was
 * hands nothing on. So the metric is exactly what customizing all of it gives.
 *
 * When too much has been looked at, or so many changes are likely to come to that, all is customized instead, which is cheaper
 * then: at worst it takes as long again. How much is counted, not timed.
 *
 * O(triangles of changed arcs + lower neighbours of lost ones); the ranks to come are bits in two levels. */
#include <string.h>

#include "road/metric_updater.h"
#include "road/profile.h"

enum {
    TOUCHED = 1,
    ROAD_CHANGED = 2,
    LOST = 4, /* << way */
    AT_WORK = TOUCHED | ROAD_CHANGED | LOST << PCT_UP | LOST << PCT_DOWN,
    HAS_ROAD = PCT_METRIC_HAS_ROAD,
    WORD = 64
};

typedef struct update {
    const pct_graph *graph;
    const pct_hierarchy *h;
    pct_metric *metric;
    pct_metric_updater *u;
    uint32_t (*ms)[2], (*old_ms)[2]; /* old_ms: of arcs that are touched, as before the update */
    uint8_t *state;                  /* [hierarchy arcs] HAS_ROAD or 0 between updates */
    uint64_t spent;
} update;

/* --- ranks to come ------------------------------------------------------------------------------------------------ */

static void add_rank(pct_metric_updater *u, uint32_t rank) {
    u->rank_bits[rank / WORD] |= (uint64_t)1 << rank % WORD;
    u->word_bits[rank / WORD / WORD] |= (uint64_t)1 << rank / WORD % WORD;
}

/* The lowest, taken out; PCT_NO_INDEX when there is none. Ranks are added above the last one taken, whose word of words is *at. */
static uint32_t take_rank(pct_metric_updater *u, uint32_t *at) {
    while (*at < u->word_bits_count && u->word_bits[*at] == 0) ++*at;
    if (*at == u->word_bits_count) return PCT_NO_INDEX;
    uint32_t word = *at * WORD + (uint32_t)__builtin_ctzll(u->word_bits[*at]);
    uint32_t rank = word * WORD + (uint32_t)__builtin_ctzll(u->rank_bits[word]);
    u->rank_bits[word] &= u->rank_bits[word] - 1;
    if (u->rank_bits[word] == 0) u->word_bits[*at] &= u->word_bits[*at] - 1;
    return rank;
}

static void touch(update *p, uint32_t arc, uint32_t rank) {
    if (p->state[arc] & TOUCHED) return;
    p->state[arc] |= TOUCHED;
    p->old_ms[arc][PCT_UP] = p->ms[arc][PCT_UP];
    p->old_ms[arc][PCT_DOWN] = p->ms[arc][PCT_DOWN];
    add_rank(p->u, rank);
}

/* --- one arc, computed anew --------------------------------------------------------------------------------------- */

static uint32_t road_ms(const update *p, uint32_t arc, int way) {
    uint32_t node = p->h->rank_node[way == PCT_UP ? p->h->up_tail[arc] : p->h->up_head[arc]];
    uint32_t place = arc * 2 + (uint32_t)way, best_ms = PCT_NO_WAY_MS;
    for (uint32_t a = p->graph->first_arc[node]; a < p->graph->first_arc[node + 1]; a++)
        if (p->h->arc_place[a] == place && p->metric->arc_ms[a] < best_ms) best_ms = p->metric->arc_ms[a];
    return best_ms;
}

/* The first of the arcs `begin` to before `end` whose head is not below `head`; no branch depends on the heads. */
static uint32_t find_head(const uint32_t *up_head, uint32_t begin, uint32_t end, uint32_t head) {
    uint32_t count = end - begin;
    while (count > 0) {
        uint32_t half = (count + 1) / 2;
        begin += up_head[begin + half - 1] < head ? half : 0;
        count -= half;
    }
    return begin;
}

/* best_ms: the least of itself and of the ways over lower ranks v, each of both ways for itself, until it is enough_ms.
 * When v's arcs to both ends exist, so do those of v's parent, unless that is the lower end: once one is missing, the whole
 * subtree of v is passed over. */
static void look_below(update *p, uint32_t arc, uint32_t best_ms[2], const uint32_t enough_ms[2]) {
    const pct_hierarchy *h = p->h;
    uint32_t low = h->up_tail[arc], high = h->up_head[arc], i = h->first_down[low + 1];
    while (i > h->first_down[low] && (best_ms[0] > enough_ms[0] || best_ms[1] > enough_ms[1])) {
        uint32_t to_low = h->down_arc[--i], v = h->up_tail[to_low], end = h->first_up[v + 1];
        uint32_t to_high = find_head(h->up_head, to_low + 1, end, high);
        p->spent++;
        if (to_high == end || h->up_head[to_high] != high) {
            uint32_t lowest = p->u->triangles.lowest_rank[v];
            while (i > h->first_down[low] && h->up_tail[h->down_arc[i - 1]] >= lowest) i--;
            continue;
        }
        uint32_t up_ms = p->ms[to_low][PCT_DOWN] + p->ms[to_high][PCT_UP];
        uint32_t down_ms = p->ms[to_high][PCT_DOWN] + p->ms[to_low][PCT_UP];
        best_ms[PCT_UP] = up_ms < best_ms[PCT_UP] ? up_ms : best_ms[PCT_UP];
        best_ms[PCT_DOWN] = down_ms < best_ms[PCT_DOWN] ? down_ms : best_ms[PCT_DOWN];
    }
}

/* true when the arc differs from what it was. */
static bool settle(update *p, uint32_t arc) {
    uint32_t *ms = p->ms[arc], best_ms[2], enough_ms[2];
    const uint32_t *old_ms = p->old_ms[arc];
    bool open = false; /* a way that has lost what it rested on, and has got nothing better */
    for (int way = PCT_UP; way <= PCT_DOWN; way++) {
        bool lost = (p->state[arc] & LOST << way) != 0;
        bool ask = (p->state[arc] & HAS_ROAD) && (lost || (p->state[arc] & ROAD_CHANGED));
        uint32_t by_road_ms = ask ? road_ms(p, arc, way) : PCT_NO_WAY_MS;
        if (by_road_ms < ms[way]) ms[way] = by_road_ms;
        lost = lost && ms[way] == old_ms[way];
        open = open || lost;
        best_ms[way] = lost ? by_road_ms : 0;
        enough_ms[way] = lost ? old_ms[way] : 0;
    }
    if (open) {
        look_below(p, arc, best_ms, enough_ms);
        for (int way = PCT_UP; way <= PCT_DOWN; way++)
            if (enough_ms[way] > 0) ms[way] = best_ms[way];
    }
    return ms[PCT_UP] != old_ms[PCT_UP] || ms[PCT_DOWN] != old_ms[PCT_DOWN];
}

/* --- what it hands on --------------------------------------------------------------------------------------------- */

/* The row of a rank: what lies above it, and where its triangles close. */
typedef struct row {
    uint32_t rank, first, count, inside; /* the first `inside` heads belong to its supernode */
    const uint16_t *place;
} row;

static row row_of(const update *p, uint32_t rank) {
    const pct_triangles *t = &p->u->triangles;
    uint32_t s = t->rank_supernode[rank], first = p->h->first_up[rank];
    return (row){rank, first, p->h->first_up[rank + 1] - first, t->first_rank[s + 1] - 1 - rank,
                 t->place + t->first_place[s]};
}

/* The arc between the i-th and the j-th head, i < j. */
static uint32_t closing_arc(const update *p, const row *r, uint32_t i, uint32_t j) {
    uint32_t first = p->h->first_up[p->h->up_head[r->first + i]];
    if (i < r->inside) return first + (j - i - 1);
    uint32_t above = r->count - r->inside;
    i -= r->inside, j -= r->inside;
    return first + r->place[(size_t)i * (2 * above - i - 1) / 2 + (j - i - 1)];
}

/* A way of an arc a–b that took was_ms takes now_ms. An arc that has been lowered already is below every was_ms. */
static void offer(update *p, uint32_t arc, uint32_t rank, int way, uint32_t was_ms, uint32_t now_ms) {
    uint32_t held_ms = p->ms[arc][way];
    if (now_ms >= held_ms && (was_ms != held_ms || now_ms == was_ms)) return;
    touch(p, arc, rank);
    if (now_ms < held_ms)
        p->ms[arc][way] = now_ms;
    else
        p->state[arc] |= (uint8_t)(LOST << way);
}

/* The triangles of r's changed-th arc with all others. Of two that changed the lower one has met the higher one. */
static void offer_triangles(update *p, const row *r, uint32_t changed) {
    const uint32_t *heads = p->h->up_head + r->first;
    const uint32_t *was = p->old_ms[r->first + changed], *now = p->ms[r->first + changed];
    bool up_changed = was[PCT_UP] != now[PCT_UP], down_changed = was[PCT_DOWN] != now[PCT_DOWN];
    for (uint32_t i = 0; i < changed; i++) {
        const uint32_t *other = p->ms[r->first + i];
        uint32_t ab;
        if (p->state[r->first + i] & AT_WORK) continue;
        ab = closing_arc(p, r, i, changed);
        if (up_changed)
            offer(p, ab, heads[i], PCT_UP, other[PCT_DOWN] + was[PCT_UP], other[PCT_DOWN] + now[PCT_UP]);
        if (down_changed)
            offer(p, ab, heads[i], PCT_DOWN, was[PCT_DOWN] + other[PCT_UP], now[PCT_DOWN] + other[PCT_UP]);
    }
    for (uint32_t j = changed + 1; j < r->count; j++) {
        uint32_t ab = closing_arc(p, r, changed, j), other = r->first + j, rank = heads[changed];
        bool both = (p->state[other] & AT_WORK) != 0;
        const uint32_t *other_now = p->ms[other], *other_was = both ? p->old_ms[other] : other_now;
        if (down_changed || both)
            offer(p, ab, rank, PCT_UP, was[PCT_DOWN] + other_was[PCT_UP], now[PCT_DOWN] + other_now[PCT_UP]);
        if (up_changed || both)
            offer(p, ab, rank, PCT_DOWN, other_was[PCT_DOWN] + was[PCT_UP],
                  other_now[PCT_DOWN] + now[PCT_UP]);
    }
    p->spent += r->count;
}

static void do_rank(update *p, uint32_t rank) {
    row r = row_of(p, rank);
    uint32_t *changed = (uint32_t *)(void *)p->u->row_ms, count = 0;
    for (uint32_t i = 0; i < r.count; i++) {
        if (!(p->state[r.first + i] & AT_WORK)) continue;
        if (settle(p, r.first + i))
            changed[count++] = i;
        else
            p->state[r.first + i] &= HAS_ROAD;
    }
    for (uint32_t c = 0; c < count; c++) offer_triangles(p, &r, changed[c]);
    for (uint32_t c = 0; c < count; c++) p->state[r.first + changed[c]] &= HAS_ROAD;
    p->spent += r.count;
}

/* How many are new, and to the hierarchy of any account. */
static size_t count_new(const update *p, const pct_arc_change *changes, size_t count) {
    size_t new_ones = 0;
    for (size_t i = 0; i < count; i++)
        new_ones += p->metric->arc_ms[changes[i].arc] != changes[i].ms &&
                    p->h->arc_place[changes[i].arc] != PCT_NO_INDEX;
    return new_ones;
}

/* Takes the new times; false when nothing is new. */
static bool take_changes(update *p, const pct_arc_change *changes, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t arc = changes[i].arc, place = p->h->arc_place[arc], was_ms = p->metric->arc_ms[arc];
        if (was_ms == changes[i].ms) continue;
        p->metric->arc_ms[arc] = changes[i].ms;
        if (place == PCT_NO_INDEX) continue;
        any = true;
        touch(p, place >> 1, p->h->up_tail[place >> 1]);
        p->state[place >> 1] |= ROAD_CHANGED;
        if (was_ms == p->old_ms[place >> 1][place & 1])
            p->state[place >> 1] |= (uint8_t)(LOST << (place & 1));
    }
    return any;
}

/* After some have been looked at: it was too much. */
static void customize_all(update *p) {
    for (uint32_t a = 0; a < p->h->arc_count; a++) p->state[a] &= HAS_ROAD;
    memset(p->u->rank_bits, 0, (p->h->node_count / WORD + 1) * sizeof *p->u->rank_bits);
    memset(p->u->word_bits, 0, p->u->word_bits_count * sizeof *p->u->word_bits);
    pct_metric_customize(p->graph, p->h, p->metric, p->u);
}

void pct_metric_update(const pct_graph *graph, const pct_hierarchy *hierarchy, pct_metric *metric,
                       const pct_arc_change *changes, size_t count, pct_metric_updater *updater) {
    update p = {graph, hierarchy, metric, updater, metric->ms, updater->arc_ms, updater->state, 0};
    uint32_t rank, at = 0;
    if (count_new(&p, changes, count) * updater->work_of_change > updater->update_most) {
        for (size_t i = 0; i < count; i++) metric->arc_ms[changes[i].arc] = changes[i].ms;
        pct_metric_customize(graph, hierarchy, metric, updater);
        return;
    }
    if (!take_changes(&p, changes, count)) return;
    metric->is_perfect = false;
    while ((rank = take_rank(updater, &at)) != PCT_NO_INDEX && p.spent <= updater->update_most)
        do_rank(&p, rank);
    if (rank != PCT_NO_INDEX) customize_all(&p);
}
