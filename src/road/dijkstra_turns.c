#include "road/dijkstra_turns.h"

#include <string.h>

#include "base/heap.h"
#include "base/memory.h"

enum { FOLLOWED_MAX = 32 };

/* A restriction over via ways, and how many of them have been driven since its beginning. */
typedef struct followed {
    uint32_t restriction, driven;
} followed;

typedef struct state {
    uint32_t arc, next; /* the next state of that arc, PCT_NO_INDEX behind the last */
    uint32_t count;
    followed items[FOLLOWED_MAX];
} state;

struct pct_dijkstra_turns {
    const pct_road *road;
    pct_junction *junctions;
    uint32_t *first_from, *by_from; /* restrictions by their first segment */
    state *memories; /* states that follow something; those that follow nothing are numbered as their arcs */
    uint32_t memory_count, memory_room;
    uint32_t *first_memory; /* [arcs] */
    pct_heap *heap;
    uint32_t *ms, *touched;
    uint32_t touched_count;
    pct_road_point to; /* of the search under way; PCT_NO_INDEX: everywhere */
    uint32_t to_node, best_ms;
    bool to_walled; /* what arrives at to_node is closed */
};

void pct_dijkstra_turns_free(pct_dijkstra_turns *d) {
    if (!d) return;
    pct_free(d->junctions);
    pct_free(d->first_from);
    pct_free(d->by_from);
    pct_free(d->memories);
    pct_free(d->first_memory);
    pct_heap_free(d->heap);
    pct_free(d->ms);
    pct_free(d);
}

static pct_status list_restrictions(pct_dijkstra_turns *d) {
    const pct_network *net = &d->road->network;
    uint32_t *first = d->first_from = pct_alloc_zeroed((size_t)net->segment_count + 2, sizeof *first);
    d->by_from = pct_alloc(net->restriction_count, sizeof *d->by_from);
    if (!first || !d->by_from) return PCT_MEMORY;
    for (uint32_t i = 0; i < net->restriction_count; i++) first[net->restrictions[i].from_segment + 2]++;
    for (uint32_t s = 0; s < net->segment_count; s++) first[s + 2] += first[s + 1];
    for (uint32_t i = 0; i < net->restriction_count; i++)
        d->by_from[first[net->restrictions[i].from_segment + 1]++] = i;
    return PCT_OK;
}

pct_status pct_dijkstra_turns_new(const pct_road *road, pct_dijkstra_turns **out, pct_error *error) {
    const pct_network *net = &road->network;
    uint32_t room = 4 * net->via_segment_count + 16, n = net->arc_count + room;
    pct_dijkstra_turns *d = pct_alloc_zeroed(1, sizeof *d);
    if (!d) return pct_error_memory(error, sizeof *d);
    *d = (pct_dijkstra_turns){.road = road, .memory_room = room};
    d->memories = pct_alloc(room, sizeof *d->memories);
    d->first_memory = pct_alloc(net->arc_count, sizeof *d->first_memory);
    d->ms = pct_alloc(n, 2 * sizeof *d->ms);
    pct_status status = d->memories && d->first_memory && d->ms ? list_restrictions(d) : PCT_MEMORY;
    if (!status) status = pct_junctions_survey(net, &d->junctions);
    if (!status) status = pct_heap_new(n, &d->heap);
    if (status) {
        pct_dijkstra_turns_free(d);
        return pct_error_memory(error, n * 3 * sizeof *d->ms);
    }
    d->touched = d->ms + n;
    memset(d->ms, 0xFF, n * sizeof *d->ms);
    memset(d->first_memory, 0xFF, net->arc_count * sizeof *d->first_memory);
    *out = d;
    return PCT_OK;
}

/* --- states ------------------------------------------------------------------------------------------------------ */

static uint32_t arc_count(const pct_dijkstra_turns *d) {
    return d->road->network.arc_count;
}

static uint32_t arc_of(const pct_dijkstra_turns *d, uint32_t number) {
    return number < arc_count(d) ? number : d->memories[number - arc_count(d)].arc;
}

static uint32_t segment_of(const pct_dijkstra_turns *d, uint32_t arc) {
    return d->road->network.arc_segment[arc] >> 1;
}

static uint32_t number_of(pct_dijkstra_turns *d, const state *s) {
    if (s->count == 0) return s->arc;
    for (uint32_t i = d->first_memory[s->arc]; i != PCT_NO_INDEX; i = d->memories[i].next) {
        const state *known = &d->memories[i];
        if (known->count == s->count && memcmp(known->items, s->items, s->count * sizeof *s->items) == 0)
            return arc_count(d) + i;
    }
    if (PCT_NEVER(d->memory_count == d->memory_room)) return s->arc;
    state *fresh = &d->memories[d->memory_count];
    *fresh = *s;
    fresh->next = d->first_memory[s->arc];
    d->first_memory[s->arc] = d->memory_count;
    return arc_count(d) + d->memory_count++;
}

/* What has been followed to its last way, and what begins with this arc and turns at its end. */
static state open_state(const pct_dijkstra_turns *d, uint32_t number) {
    if (number >= arc_count(d)) return d->memories[number - arc_count(d)];
    return (state){.arc = number, .next = PCT_NO_INDEX};
}

static bool begins_here(const pct_dijkstra_turns *d, const pct_restriction *r, uint32_t arc) {
    return r->via_node == d->road->network.arc_head[arc];
}

static bool leads_into(const pct_dijkstra_turns *d, uint32_t node, uint32_t segment) {
    const pct_network *net = &d->road->network;
    for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++)
        if (segment_of(d, a) == segment && pct_patrol_may_drive(net, a)) return true;
    return false;
}

/* The restrictions that speak at the end of a state's arc. */
static uint32_t speaking(const pct_dijkstra_turns *d, const state *s,
                         const pct_restriction *list[FOLLOWED_MAX]) {
    const pct_network *net = &d->road->network;
    uint32_t count = 0, segment = segment_of(d, s->arc);
    for (uint32_t i = d->first_from[segment]; i < d->first_from[segment + 1] && count < FOLLOWED_MAX; i++) {
        const pct_restriction *r = &net->restrictions[d->by_from[i]];
        if (r->via_segment_count == 0 && begins_here(d, r, s->arc)) list[count++] = r;
    }
    for (uint32_t i = 0; i < s->count && count < FOLLOWED_MAX; i++) {
        const pct_restriction *r = &net->restrictions[s->items[i].restriction];
        if (s->items[i].driven == r->via_segment_count) list[count++] = r;
    }
    return count;
}

static bool is_legal(const pct_dijkstra_turns *d, const state *s, uint32_t next) {
    const pct_restriction *list[FOLLOWED_MAX];
    uint32_t count = speaking(d, s, list), node = d->road->network.arc_head[s->arc];
    for (uint32_t i = 0; i < count; i++) {
        const pct_restriction *r = list[i];
        bool into = r->to_segment == segment_of(d, next), permitted = into;
        if (r->kind == PCT_TURN_FORBIDDEN && into) return false;
        if (r->kind != PCT_TURN_MANDATORY || !leads_into(d, node, r->to_segment)) continue;
        for (uint32_t k = 0; k < count && !permitted; k++)
            permitted = list[k]->kind == PCT_TURN_MANDATORY &&
                        list[k]->via_segment_count == r->via_segment_count &&
                        list[k]->to_segment == segment_of(d, next);
        if (!permitted) return false;
    }
    return true;
}

static state after(const pct_dijkstra_turns *d, const state *s, uint32_t next) {
    const pct_network *net = &d->road->network;
    uint32_t segment = segment_of(d, s->arc), entered = segment_of(d, next);
    state t = {.arc = next, .next = PCT_NO_INDEX};
    for (uint32_t i = d->first_from[segment]; i < d->first_from[segment + 1]; i++) {
        const pct_restriction *r = &net->restrictions[d->by_from[i]];
        if (r->via_segment_count > 0 && begins_here(d, r, s->arc) && t.count < FOLLOWED_MAX &&
            net->via_segments[r->via_segment_at] == entered)
            t.items[t.count++] = (followed){d->by_from[i], 1};
    }
    for (uint32_t i = 0; i < s->count && t.count < FOLLOWED_MAX; i++) {
        const pct_restriction *r = &net->restrictions[s->items[i].restriction];
        uint32_t driven = s->items[i].driven;
        if (driven < r->via_segment_count && net->via_segments[r->via_segment_at + driven] == entered)
            t.items[t.count++] = (followed){s->items[i].restriction, driven + 1};
    }
    return t;
}

/* --- closures ---------------------------------------------------------------------------------------------------- */

/* Whether a junction has roads that arrive there (leave it) and all of them are closed. The road that a point names there is then as
 * good as open for whoever begins (ends) at the point, and for nobody else. */
static bool is_walled(const pct_dijkstra_turns *d, uint32_t node, bool arriving) {
    const pct_network *net = &d->road->network;
    bool closed = false;
    for (uint32_t v = arriving ? 0 : node; v < (arriving ? net->node_count : node + 1); v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++) {
            if ((arriving && net->arc_head[a] != node) || !pct_patrol_may_drive(net, a)) continue;
            if (pct_road_drive_ms(d->road, a) < PCT_NO_WAY_MS) return false;
            closed = true;
        }
    return closed;
}

/* --- searching --------------------------------------------------------------------------------------------------- */

static uint32_t node_of(const pct_network *net, pct_road_point p) {
    const pct_segment *s = &net->segments[p.segment];
    return p.offset_mm == 0 ? s->tail : p.offset_mm >= s->length_mm ? s->head : PCT_NO_INDEX;
}

static void reach(pct_dijkstra_turns *d, const state *s, uint32_t ms) {
    uint32_t number = number_of(d, s);
    if (ms >= d->ms[number]) return;
    if (d->ms[number] == PCT_UNREACHABLE_MS) d->touched[d->touched_count++] = number;
    d->ms[number] = ms;
    pct_heap_lower(d->heap, number, ms);
    if (d->road->network.arc_head[s->arc] == d->to_node && ms < d->best_ms) d->best_ms = ms;
}

static uint32_t begin_mm(const pct_network *net, uint32_t arc, bool end) {
    uint32_t driven = net->arc_segment[arc];
    return (driven & 1) != end ? net->segments[driven >> 1].length_mm : 0;
}

/* The target lies along an arc: inside its segment, or at its end when no road into that end is open. */
static bool leads_to_target(const pct_dijkstra_turns *d, uint32_t arc) {
    const pct_network *net = &d->road->network;
    if (segment_of(d, arc) != d->to.segment) return false;
    return d->to_node == PCT_NO_INDEX || (d->to_walled && begin_mm(net, arc, true) == d->to.offset_mm);
}

/* Into an arc at a time: to the target, if it lies there, and to the arc's end unless it is closed. */
static void enter(pct_dijkstra_turns *d, const state *s, uint32_t ms) {
    const pct_network *net = &d->road->network;
    if (leads_to_target(d, s->arc)) {
        uint32_t piece_ms =
            pct_road_piece_ms(d->road, d->to.segment, begin_mm(net, s->arc, false), d->to.offset_mm);
        if (ms + piece_ms < d->best_ms) d->best_ms = ms + piece_ms;
    }
    uint32_t drive_ms = pct_road_drive_ms(d->road, s->arc);
    if (drive_ms < PCT_NO_WAY_MS) reach(d, s, ms + drive_ms);
}

static void drive_on(pct_dijkstra_turns *d, uint32_t number) {
    const pct_network *net = &d->road->network;
    const pct_passing_costs *costs = &d->road->costs;
    const state s = open_state(d, number);
    uint32_t node = net->arc_head[s.arc], ms = d->ms[number], way_back = net->arc_segment[s.arc] ^ 1;
    uint8_t marks = net->node_marks[node];
    bool found = false;
    for (int back = (marks & PCT_NODE_BARS_TRAFFIC) != 0; back <= 1 && !found; back++)
        for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++) {
            if ((net->arc_segment[a] == way_back) != back || !pct_patrol_may_drive(net, a) ||
                !is_legal(d, &s, a))
                continue;
            found = true;
            uint32_t turn_ms = costs->turn_ms[pct_turn_kind(net, d->junctions, s.arc, a)];
            uint32_t barrier_ms = back ? 0 : costs->barrier_ms[PCT_PROFILE_PATROL][pct_node_barrier(marks)];
            if (turn_ms >= PCT_NO_WAY_MS || barrier_ms >= PCT_NO_WAY_MS) continue;
            state t = after(d, &s, a);
            enter(d, &t, ms + turn_ms + barrier_ms);
        }
}

/* Along an arc of the point's own segment to its end, closed or not. */
static void leave_along(pct_dijkstra_turns *d, pct_road_point from, bool backward) {
    const pct_network *net = &d->road->network;
    uint32_t arc = pct_road_arc_of(net, from.segment, backward);
    if (arc == PCT_NO_INDEX || !pct_patrol_may_drive(net, arc)) return;
    reach(d, &(state){.arc = arc, .next = PCT_NO_INDEX},
          pct_road_piece_ms(d->road, from.segment, from.offset_mm, begin_mm(net, arc, true)));
}

static void set_out(pct_dijkstra_turns *d, pct_road_point from) {
    const pct_network *net = &d->road->network;
    uint32_t node = node_of(net, from);
    for (uint32_t i = 0; i < d->touched_count; i++) d->ms[d->touched[i]] = PCT_UNREACHABLE_MS;
    d->touched_count = 0;
    pct_heap_clear(d->heap);
    if (node != PCT_NO_INDEX) {
        if (node == d->to_node) d->best_ms = 0;
        for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++)
            if (pct_patrol_may_drive(net, a)) enter(d, &(state){.arc = a, .next = PCT_NO_INDEX}, 0);
        if (is_walled(d, node, false)) leave_along(d, from, from.offset_mm > 0);
        return;
    }
    for (int backward = 0; backward <= 1; backward++) leave_along(d, from, backward);
    if (from.segment != d->to.segment) return;
    uint32_t along_ms = pct_road_piece_ms(d->road, from.segment, from.offset_mm, d->to.offset_mm);
    if (along_ms < d->best_ms) d->best_ms = along_ms;
}

uint32_t pct_dijkstra_turns_ms(pct_dijkstra_turns *d, pct_road_point from, pct_road_point to) {
    d->to = to;
    d->to_node = node_of(&d->road->network, to);
    d->to_walled = d->to_node != PCT_NO_INDEX && is_walled(d, d->to_node, true);
    d->best_ms = PCT_NO_WAY_MS;
    set_out(d, from);
    while (!pct_heap_empty(d->heap) && pct_heap_min_key(d->heap) < d->best_ms)
        drive_on(d, pct_heap_pop(d->heap));
    return d->best_ms < PCT_NO_WAY_MS ? d->best_ms : PCT_UNREACHABLE_MS;
}

void pct_dijkstra_turns_all_ms(pct_dijkstra_turns *d, pct_road_point from, uint32_t *times_ms) {
    const pct_network *net = &d->road->network;
    uint32_t own = node_of(net, from);
    d->to = (pct_road_point){PCT_NO_INDEX, 0};
    d->to_node = PCT_NO_INDEX;
    d->to_walled = false;
    d->best_ms = PCT_NO_WAY_MS;
    set_out(d, from);
    while (!pct_heap_empty(d->heap)) drive_on(d, pct_heap_pop(d->heap));
    memset(times_ms, 0xFF, net->node_count * sizeof *times_ms);
    for (uint32_t i = 0; i < d->touched_count; i++) {
        uint32_t *ms = &times_ms[net->arc_head[arc_of(d, d->touched[i])]];
        if (d->ms[d->touched[i]] < *ms) *ms = d->ms[d->touched[i]];
    }
    if (own != PCT_NO_INDEX) times_ms[own] = 0;
}
