#include "road/turn_rules.h"

#include "base/memory.h"

enum { STATES_MAX = 1 << 26, BEGINNINGS_MAX = 16 };

/* A sequence of two arcs or more: the one of `parent`, then `arc`. */
typedef struct copy {
    uint32_t arc, parent, depth;
    uint32_t suffix; /* the longest shorter sequence that this one ends with */
} copy;

enum { FORBIDDEN, PERMITTED };

/* The states that a restriction's sequence leads to so far: one, unless a loop may be driven either way. */
typedef struct beginnings {
    uint32_t states[BEGINNINGS_MAX];
    uint32_t count;
} beginnings;

static uint64_t key(uint32_t state, uint32_t arc) {
    return (uint64_t)state << 32 | arc;
}

static const copy *copy_at(const pct_turn_rules *rules, uint32_t state) {
    return (const copy *)rules->copies.items + (state - rules->network->arc_count);
}

static bool is_copy(const pct_turn_rules *rules, uint32_t state) {
    return state >= rules->network->arc_count;
}

uint32_t pct_turn_rules_copy_count(const pct_turn_rules *rules) {
    return (uint32_t)rules->copies.length;
}

uint32_t pct_turn_rules_arc(const pct_turn_rules *rules, uint32_t state) {
    return is_copy(rules, state) ? copy_at(rules, state)->arc : state;
}

/* The next shorter sequence that ends here as well; PCT_NO_INDEX behind the base state. */
static uint32_t shorter(const pct_turn_rules *rules, uint32_t state) {
    return is_copy(rules, state) ? copy_at(rules, state)->suffix : PCT_NO_INDEX;
}

uint32_t pct_turn_rules_next(const pct_turn_rules *rules, uint32_t state, uint32_t arc) {
    if (!is_copy(rules, state) && !rules->touched[state]) return arc;
    uint32_t next = PCT_NO_INDEX;
    for (uint32_t s = state; s != PCT_NO_INDEX; s = shorter(rules, s)) {
        uint32_t verdict = pct_map_get(&rules->verdict, key(s, arc));
        if (verdict == FORBIDDEN) return PCT_NO_INDEX;
        if (verdict != PERMITTED && pct_map_get(&rules->mandatory, s) != PCT_MAP_ABSENT) return PCT_NO_INDEX;
        uint32_t child = next == PCT_NO_INDEX ? pct_map_get(&rules->child, key(s, arc)) : PCT_MAP_ABSENT;
        if (child != PCT_MAP_ABSENT) next = child;
    }
    return next == PCT_NO_INDEX ? arc : next;
}

/* --- building ------------------------------------------------------------------------------------------ */

/* The arcs of a segment that leave `node` (or arrive there) and may be driven: at most two, both of a loop. */
static int arcs_at(const pct_turn_rules *rules, uint32_t segment, uint32_t node, bool arriving,
                   uint32_t arcs[2]) {
    const pct_network *net = rules->network;
    const pct_segment *s = &net->segments[segment];
    int count = 0;
    for (int backward = 0; backward <= 1; backward++) {
        uint32_t tail = backward ? s->head : s->tail, head = backward ? s->tail : s->head;
        if ((arriving ? head : tail) != node) continue;
        for (uint32_t a = net->first_arc[tail]; a < net->first_arc[tail + 1]; a++)
            if (net->arc_segment[a] == segment * 2 + (uint32_t)backward && rules->drivable[a])
                arcs[count++] = a;
    }
    return count;
}

/* The state of a sequence that goes on by one arc. */
static pct_status extend(pct_turn_rules *rules, uint32_t state, uint32_t arc, uint32_t *out) {
    uint32_t fresh = rules->network->arc_count + (uint32_t)rules->copies.length;
    pct_status status = pct_map_add(&rules->child, key(state, arc), fresh, out);
    if (status || *out != fresh) return status;
    copy *added = pct_vector_push(&rules->copies);
    if (!added) return PCT_MEMORY;
    uint32_t depth = is_copy(rules, state) ? copy_at(rules, state)->depth + 1 : 2;
    *added = (copy){arc, state, depth, PCT_NO_INDEX};
    rules->touched[pct_turn_rules_arc(rules, state)] = true;
    return PCT_OK;
}

/* Drives all beginnings through one via segment, from *node to its other end. Beginnings that cannot be driven on end. */
static pct_status drive_via(pct_turn_rules *rules, beginnings *b, uint32_t segment, uint32_t *node) {
    const pct_segment *s = &rules->network->segments[segment];
    beginnings after = {.count = 0};
    uint32_t arcs[2];
    int count = arcs_at(rules, segment, *node, false, arcs);
    for (uint32_t i = 0; i < b->count; i++)
        for (int k = 0; k < count && after.count < BEGINNINGS_MAX; k++) {
            pct_status status = extend(rules, b->states[i], arcs[k], &after.states[after.count]);
            if (status) return status;
            after.count++;
        }
    *node = s->tail == *node ? s->head : s->tail;
    *b = after;
    return PCT_OK;
}

static bool can_be_driven(const pct_turn_rules *rules, const pct_restriction *r) {
    uint32_t node = r->via_node, arcs[2];
    if (arcs_at(rules, r->from_segment, node, true, arcs) == 0) return false;
    for (uint32_t i = 0; i < r->via_segment_count; i++) {
        uint32_t segment = rules->network->via_segments[r->via_segment_at + i];
        const pct_segment *s = &rules->network->segments[segment];
        if (arcs_at(rules, segment, node, false, arcs) == 0) return false;
        node = s->tail == node ? s->head : s->tail;
    }
    return arcs_at(rules, r->to_segment, node, false, arcs) > 0;
}

static pct_status add_restriction(pct_turn_rules *rules, const pct_restriction *r) {
    uint32_t node = r->via_node, found;
    beginnings b = {.count = 0};
    pct_status status = PCT_OK;
    if (!can_be_driven(rules, r)) return PCT_OK;
    b.count = (uint32_t)arcs_at(rules, r->from_segment, node, true, b.states);
    for (uint32_t i = 0; i < r->via_segment_count && !status; i++)
        status = drive_via(rules, &b, rules->network->via_segments[r->via_segment_at + i], &node);
    uint32_t to[2];
    int count = status ? 0 : arcs_at(rules, r->to_segment, node, false, to);
    for (uint32_t i = 0; i < b.count && !status; i++) {
        rules->touched[pct_turn_rules_arc(rules, b.states[i])] = true;
        if (r->kind == PCT_TURN_MANDATORY) status = pct_map_add(&rules->mandatory, b.states[i], 1, &found);
        for (int k = 0; k < count && !status; k++) {
            /* What one restriction forbids another may command: then it stays forbidden. */
            if (r->kind == PCT_TURN_MANDATORY)
                status = pct_map_add(&rules->verdict, key(b.states[i], to[k]), PERMITTED, &found);
            else
                status = pct_map_set(&rules->verdict, key(b.states[i], to[k]), FORBIDDEN);
        }
    }
    return status;
}

/* Suffixes by growing depth: a sequence ends with what its parent's suffixes can be extended to. */
static void link_suffixes(pct_turn_rules *rules) {
    copy *all = rules->copies.items;
    uint32_t deepest = 0;
    for (size_t i = 0; i < rules->copies.length; i++)
        if (all[i].depth > deepest) deepest = all[i].depth;
    for (uint32_t depth = 2; depth <= deepest; depth++)
        for (size_t i = 0; i < rules->copies.length; i++) {
            copy *c = &all[i];
            if (c->depth != depth) continue;
            c->suffix = c->arc;
            for (uint32_t s = shorter(rules, c->parent); s != PCT_NO_INDEX; s = shorter(rules, s)) {
                uint32_t child = pct_map_get(&rules->child, key(s, c->arc));
                if (child == PCT_MAP_ABSENT) continue;
                c->suffix = child;
                break;
            }
        }
}

pct_status pct_turn_rules_init(pct_turn_rules *rules, const pct_network *network, const bool *drivable,
                               pct_error *error) {
    *rules = (pct_turn_rules){.network = network,
                              .drivable = drivable,
                              .copies = pct_vector_init(sizeof(copy), STATES_MAX),
                              .child = pct_map_init(STATES_MAX),
                              .verdict = pct_map_init(STATES_MAX),
                              .mandatory = pct_map_init(STATES_MAX),
                              .touched = pct_alloc_zeroed(network->arc_count, sizeof *rules->touched)};
    pct_status status = rules->touched ? PCT_OK : PCT_MEMORY;
    for (uint32_t i = 0; i < network->restriction_count && !status; i++)
        status = add_restriction(rules, &network->restrictions[i]);
    if (!status) {
        link_suffixes(rules);
        return PCT_OK;
    }
    pct_turn_rules_dispose(rules);
    if (status == PCT_LIMIT)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_TURN_RESTRICTIONS),
                        pct_int(STATES_MAX));
    return pct_error_memory(error, network->arc_count);
}

void pct_turn_rules_dispose(pct_turn_rules *rules) {
    pct_vector_dispose(&rules->copies);
    pct_map_dispose(&rules->child);
    pct_map_dispose(&rules->verdict);
    pct_map_dispose(&rules->mandatory);
    pct_free(rules->touched);
    *rules = (pct_turn_rules){.network = NULL};
}
