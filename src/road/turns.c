/* The states of the automaton of restrictions become vertices, sorted by arc; then the turns of each vertex are counted and
 * written. */
#include "road/turns.h"

#include "base/memory.h"
#include "road/turn_rules.h"

enum { BLOCKS = 7 };

typedef struct build {
    const pct_network *network;
    pct_turn_rules rules;
    bool *drivable;          /* [arcs] */
    pct_junction *junctions; /* [nodes] */
    uint32_t *state_of;      /* [vertices] */
    uint32_t *copy_vertex;   /* [copies] */
    uint32_t *first_vertex, *vertex_arc, *first_turn, *turn_head, *first_into, *into;
    uint8_t *turn_kind;
    uint32_t vertex_count, turn_count;
    void **list; /* blocks of the finished turns, ends with NULL */
    size_t block_count;
} build;

static void *block(build *b, size_t count, size_t item_size) {
    void *memory = pct_alloc_zeroed(count, item_size);
    if (memory) b->list[b->block_count++] = memory;
    return memory;
}

void pct_turns_dispose(pct_turns *turns) {
    void **list = turns->owned;
    for (size_t i = 0; list && list[i]; i++) pct_free(list[i]);
    pct_free(list);
    *turns = (pct_turns){0};
}

static pct_status survey(build *b) {
    const pct_network *net = b->network;
    b->drivable = pct_alloc(net->arc_count, sizeof *b->drivable);
    if (!b->drivable) return PCT_MEMORY;
    for (uint32_t a = 0; a < net->arc_count; a++) b->drivable[a] = pct_patrol_may_drive(net, a);
    return pct_junctions_survey(net, &b->junctions);
}

/* --- vertices ------------------------------------------------------------------------------------------ */

/* `first` [count + 2] holds the sizes from its third entry on: afterwards first[i + 1] is where i begins, and once that
 * has run to its end while items were placed, first[i] is. */
static void begin_lists(uint32_t *first, uint32_t count) {
    for (uint32_t i = 0; i <= count; i++) first[i + 1] += first[i];
}

static pct_status make_vertices(build *b) {
    const pct_network *net = b->network;
    uint32_t copies = pct_turn_rules_copy_count(&b->rules);
    uint32_t *first = b->first_vertex = block(b, (size_t)net->arc_count + 2, sizeof *first);
    if (!first) return PCT_MEMORY;
    for (uint32_t a = 0; a < net->arc_count; a++) first[a + 2] = b->drivable[a];
    for (uint32_t i = 0; i < copies; i++) first[pct_turn_rules_arc(&b->rules, net->arc_count + i) + 2]++;
    begin_lists(first, net->arc_count);
    b->vertex_count = first[net->arc_count + 1];
    b->vertex_arc = block(b, b->vertex_count, sizeof *b->vertex_arc);
    b->state_of = pct_alloc(b->vertex_count, sizeof *b->state_of);
    b->copy_vertex = pct_alloc(copies, sizeof *b->copy_vertex);
    if (!b->vertex_arc || !b->state_of || !b->copy_vertex) return PCT_MEMORY;
    for (uint32_t a = 0; a < net->arc_count; a++)
        if (b->drivable[a]) b->state_of[first[a + 1]++] = a;
    for (uint32_t i = 0; i < copies; i++) {
        b->copy_vertex[i] = first[pct_turn_rules_arc(&b->rules, net->arc_count + i) + 1]++;
        b->state_of[b->copy_vertex[i]] = net->arc_count + i;
    }
    for (uint32_t v = 0; v < b->vertex_count; v++)
        b->vertex_arc[v] = pct_turn_rules_arc(&b->rules, b->state_of[v]);
    return PCT_OK;
}

static pct_status list_arrivals(build *b) {
    const pct_network *net = b->network;
    uint32_t *first = b->first_into = block(b, (size_t)net->node_count + 2, sizeof *first);
    b->into = block(b, b->vertex_count, sizeof *b->into);
    if (!first || !b->into) return PCT_MEMORY;
    for (uint32_t v = 0; v < b->vertex_count; v++) first[net->arc_head[b->vertex_arc[v]] + 2]++;
    begin_lists(first, net->node_count);
    for (uint32_t v = 0; v < b->vertex_count; v++) b->into[first[net->arc_head[b->vertex_arc[v]] + 1]++] = v;
    return PCT_OK;
}

static pct_status check_junctions(const build *b, pct_error *error) {
    const pct_network *net = b->network;
    for (uint32_t n = 0; n < net->node_count; n++) {
        uint32_t into = b->first_into[n + 1] - b->first_into[n], out = 0;
        for (uint32_t a = net->first_arc[n]; a < net->first_arc[n + 1]; a++) out += b->drivable[a];
        if (into > PCT_TURNS_AT_NODE_MAX || out > PCT_TURNS_AT_NODE_MAX)
            return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_JUNCTION_LARGE, pct_int(net->node_source[n]),
                            pct_int(into > out ? into : out), pct_int(PCT_TURNS_AT_NODE_MAX));
    }
    return PCT_OK;
}

/* --- turns --------------------------------------------------------------------------------------------- */

/* The turns of a vertex: counts them, or writes them behind the *count there are. Turning back is one where there
 * is no other. */
static void take_turns(build *b, uint32_t vertex, bool write, uint32_t *count) {
    const pct_network *net = b->network;
    uint32_t arc = b->vertex_arc[vertex], node = net->arc_head[arc], before = *count;
    uint32_t way_back = net->arc_segment[arc] ^ 1;
    bool barred = net->node_marks[node] & PCT_NODE_BARS_TRAFFIC;
    for (int back = barred; back <= 1 && *count == before; back++)
        for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++) {
            if (!b->drivable[a] || (net->arc_segment[a] == way_back) != back) continue;
            uint32_t state = pct_turn_rules_next(&b->rules, b->state_of[vertex], a);
            if (state == PCT_NO_INDEX) continue;
            if (write) {
                b->turn_head[*count] =
                    state < net->arc_count ? b->first_vertex[a] : b->copy_vertex[state - net->arc_count];
                b->turn_kind[*count] = pct_turn_kind(net, b->junctions, arc, a);
            }
            ++*count;
        }
}

static pct_status make_turns(build *b) {
    uint32_t count = 0;
    b->first_turn = block(b, (size_t)b->vertex_count + 1, sizeof *b->first_turn);
    if (!b->first_turn) return PCT_MEMORY;
    for (uint32_t v = 0; v < b->vertex_count; v++) {
        take_turns(b, v, false, &count);
        b->first_turn[v + 1] = count;
    }
    b->turn_count = count;
    b->turn_head = block(b, count, sizeof *b->turn_head);
    b->turn_kind = block(b, count, sizeof *b->turn_kind);
    if (!b->turn_head || !b->turn_kind) return PCT_MEMORY;
    count = 0;
    for (uint32_t v = 0; v < b->vertex_count; v++) take_turns(b, v, true, &count);
    return PCT_OK;
}

pct_status pct_turns_build(const pct_network *network, pct_turns *out, pct_error *error) {
    build b = {.network = network, .list = pct_alloc_zeroed(BLOCKS + 1, sizeof(void *))};
    pct_turns turns = {.owned = b.list};
    pct_status status = b.list ? survey(&b) : PCT_MEMORY;
    if (!status) status = pct_turn_rules_init(&b.rules, network, b.drivable, error);
    if (!status) status = make_vertices(&b);
    if (!status) status = list_arrivals(&b);
    if (!status) status = check_junctions(&b, error);
    if (!status) status = make_turns(&b);
    pct_turn_rules_dispose(&b.rules);
    pct_free(b.drivable);
    pct_free(b.junctions);
    pct_free(b.state_of);
    pct_free(b.copy_vertex);
    turns = (pct_turns){b.vertex_count, b.turn_count, b.first_vertex, b.vertex_arc, b.first_turn,
                        b.turn_head,    b.turn_kind,  b.first_into,   b.into,       b.list};
    if (status) {
        pct_turns_dispose(&turns);
        return status == PCT_MEMORY ? pct_error_memory(error, network->arc_count * sizeof(uint32_t)) : status;
    }
    *out = turns;
    return PCT_OK;
}
