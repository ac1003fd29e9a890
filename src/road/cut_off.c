/* Two searches find the junctions that reach a probe and are reached by it: its part. Probes are taken from the top of the
 * hierarchy, where the long roads are, until no part can be larger than the largest seen: as a rule the first one is in the main
 * part. What the probe reaches is then what the main part reaches. O(nodes + arcs) for each probe. */
#include "road/cut_off.h"

#include <string.h>

#include "base/memory.h"

enum { SHUT_BEFORE = 1, SHUT_AFTER = 2, SHUT_NOW = 4, REACHED = 1, REACHES = 2, PLACED = 4 };

typedef struct search {
    const pct_road *open;
    uint8_t *shut;                          /* [arcs] bits; both where nobody may drive */
    uint32_t *first_in, *in_arc, *arc_tail; /* arcs by their head */
    uint32_t *queue;                        /* [nodes] */
    uint8_t *mark;                          /* [nodes] bits of the search under way */
    uint8_t *reached[2];                    /* [nodes] by the main part, before and after */
} search;

static void dispose(search *s) {
    pct_free(s->shut);
    pct_free(s->first_in);
    pct_free(s->in_arc);
    pct_free(s->arc_tail);
    pct_free(s->queue);
    pct_free(s->mark);
    pct_free(s->reached[0]);
    pct_free(s->reached[1]);
}

static void turn_arcs(search *s) {
    const pct_network *net = &s->open->network;
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++) {
            s->arc_tail[a] = v;
            s->first_in[net->arc_head[a] + 1]++;
        }
    for (uint32_t v = 0; v < net->node_count; v++) s->first_in[v + 1] += s->first_in[v];
    memcpy(s->queue, s->first_in, net->node_count * sizeof *s->queue);
    for (uint32_t a = 0; a < net->arc_count; a++) s->in_arc[s->queue[net->arc_head[a]]++] = a;
}

static void shut(search *s, const pct_closed_segment *closed, size_t count, unsigned bits) {
    const pct_network *net = &s->open->network;
    for (size_t i = 0; i < count; i++) {
        const pct_closed_segment *c = &closed[i];
        const pct_segment *segment = &net->segments[c->segment];
        for (int backward = 0; backward <= 1 && c->speed_kmh == 0; backward++) {
            uint32_t tail = backward ? segment->head : segment->tail;
            for (uint32_t a = net->first_arc[tail]; a < net->first_arc[tail + 1]; a++)
                if (net->arc_segment[a] == c->segment * 2 + (uint32_t)backward &&
                    (backward ? c->backward : c->forward))
                    s->shut[a] |= (uint8_t)bits;
        }
    }
}

static pct_status prepare(search *s, const pct_road *open, pct_error *error) {
    size_t n = open->network.node_count, m = open->network.arc_count;
    *s = (search){.open = open};
    s->shut = pct_alloc_zeroed(m, sizeof *s->shut);
    s->first_in = pct_alloc_zeroed(n + 1, sizeof *s->first_in);
    s->in_arc = pct_alloc(m, sizeof *s->in_arc);
    s->arc_tail = pct_alloc(m, sizeof *s->arc_tail);
    s->queue = pct_alloc(n, sizeof *s->queue);
    s->mark = pct_alloc_zeroed(n, sizeof *s->mark);
    s->reached[0] = pct_alloc_zeroed(n, sizeof *s->reached[0]);
    s->reached[1] = pct_alloc_zeroed(n, sizeof *s->reached[1]);
    if (!s->shut || !s->first_in || !s->in_arc || !s->arc_tail || !s->queue || !s->mark || !s->reached[0] ||
        !s->reached[1])
        return pct_error_memory(error, 3 * m * sizeof *s->in_arc);
    turn_arcs(s);
    for (size_t a = 0; a < m; a++)
        if (open->metric.arc_ms[a] >= PCT_NO_WAY_MS) s->shut[a] = SHUT_BEFORE | SHUT_AFTER;
    return PCT_OK;
}

/* Marks what `from` reaches (or what reaches it); how many. */
static uint32_t spread(search *s, uint32_t from, unsigned bit, unsigned shut_bit) {
    const pct_network *net = &s->open->network;
    bool forward = bit == REACHED;
    const uint32_t *first = forward ? net->first_arc : s->first_in;
    uint32_t count = 0;
    s->queue[count++] = from;
    s->mark[from] |= (uint8_t)bit;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t e = first[s->queue[i]]; e < first[s->queue[i] + 1]; e++) {
            uint32_t arc = forward ? e : s->in_arc[e];
            uint32_t next = forward ? net->arc_head[arc] : s->arc_tail[arc];
            if (s->shut[arc] & shut_bit || s->mark[next] & bit) continue;
            s->mark[next] |= (uint8_t)bit;
            s->queue[count++] = next;
        }
    return count;
}

/* How many junctions the probe's part has; they count as placed. */
static uint32_t part_of(search *s, uint32_t probe, unsigned shut_bit) {
    const pct_network *net = &s->open->network;
    uint32_t count = 0;
    for (uint32_t v = 0; v < net->node_count; v++) s->mark[v] &= PLACED;
    (void)spread(s, probe, REACHED, shut_bit);
    (void)spread(s, probe, REACHES, shut_bit);
    for (uint32_t v = 0; v < net->node_count; v++) {
        bool both = (s->mark[v] & (REACHED | REACHES)) == (REACHED | REACHES);
        count += both;
        if (both) s->mark[v] |= PLACED;
    }
    return count;
}

static void find_main(search *s, unsigned shut_bit, uint8_t *reached) {
    const pct_network *net = &s->open->network;
    uint32_t best = 0, left = s->open->component_size[0];
    memset(s->mark, 0, net->node_count);
    for (uint32_t i = net->node_count; i-- > 0 && best < left;) {
        uint32_t probe = s->open->hierarchy.rank_node[i];
        if (net->node_component[probe] != 0 || s->mark[probe] & PLACED) continue;
        uint32_t count = part_of(s, probe, shut_bit);
        left -= count;
        if (count <= best) continue;
        best = count;
        for (uint32_t v = 0; v < net->node_count; v++) reached[v] = (s->mark[v] & REACHED) != 0;
    }
}

/* A unit gets into it from an end that the main part reaches. */
static bool is_entered(const search *s, uint32_t segment, const uint8_t *reached) {
    const pct_network *net = &s->open->network;
    const pct_segment *g = &net->segments[segment];
    for (int backward = 0; backward <= 1; backward++) {
        uint32_t tail = backward ? g->head : g->tail;
        for (uint32_t a = net->first_arc[tail]; a < net->first_arc[tail + 1] && reached[tail]; a++)
            if (net->arc_segment[a] == segment * 2 + (uint32_t)backward &&
                s->open->metric.arc_ms[a] < PCT_NO_WAY_MS)
                return true;
    }
    return false;
}

/* What comes closes it in each direction that can be driven. */
static bool is_shut_now(const search *s, uint32_t segment) {
    const pct_network *net = &s->open->network;
    const uint32_t ends[] = {net->segments[segment].tail, net->segments[segment].head};
    for (int e = 0; e < 2; e++)
        for (uint32_t a = net->first_arc[ends[e]]; a < net->first_arc[ends[e] + 1]; a++)
            if (net->arc_segment[a] >> 1 == segment && s->open->metric.arc_ms[a] < PCT_NO_WAY_MS &&
                !(s->shut[a] & SHUT_NOW))
                return false;
    return true;
}

static pct_status collect(search *s, pct_vector *segments, pct_cut_off *out, pct_error *error) {
    const pct_network *net = &s->open->network;
    memset(s->mark, 0, net->node_count);
    for (uint32_t g = 0; g < net->segment_count; g++) {
        if (!is_entered(s, g, s->reached[0]) || is_entered(s, g, s->reached[1])) continue;
        uint32_t *room = pct_vector_push(segments);
        if (!room) return pct_error_memory(error, sizeof *room);
        *room = g;
        out->beyond += !is_shut_now(s, g);
        const uint32_t ends[] = {net->segments[g].tail, net->segments[g].head};
        for (int e = 0; e < 2; e++) {
            bool lost = s->reached[0][ends[e]] && !s->reached[1][ends[e]];
            out->junctions += lost && s->mark[ends[e]] == 0;
            s->mark[ends[e]] = 1;
        }
    }
    out->segments = (uint32_t)segments->length;
    return PCT_OK;
}

pct_status pct_cut_off_find(const pct_road *open, const pct_closed_segment *before, size_t before_count,
                            const pct_closed_segment *coming, size_t coming_count, pct_vector *segments,
                            pct_cut_off *out, pct_error *error) {
    search s;
    *out = (pct_cut_off){0};
    pct_status status = prepare(&s, open, error);
    if (!status) {
        shut(&s, before, before_count, SHUT_BEFORE | SHUT_AFTER);
        shut(&s, coming, coming_count, SHUT_AFTER | SHUT_NOW);
        find_main(&s, SHUT_BEFORE, s.reached[0]);
        find_main(&s, SHUT_AFTER, s.reached[1]);
        status = collect(&s, segments, out, error);
    }
    dispose(&s);
    return status;
}
