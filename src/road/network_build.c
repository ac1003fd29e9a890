/* Building a network: collects nodes, names, segments and restrictions, then lays out the arcs in CSR order and
 * finds the strongly connected parts (Tarjan, "Depth-first search and linear graph algorithms", 1972, without
 * recursion). O(n + m log m). */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vector.h"
#include "road/network.h"
#include "road/profile.h"

enum { ITEMS_MAX = 1 << 28, NAME_BYTES_MAX = 1 << 30, BLOCKS = 15 };

struct pct_network_builder {
    pct_vector positions, sources, marks, segments, shapes, restrictions, via_segments;
    pct_names names;
};

pct_status pct_network_builder_new(pct_network_builder **out, pct_error *error) {
    pct_network_builder *b = pct_alloc_zeroed(1, sizeof *b);
    if (!b) return pct_error_memory(error, sizeof *b);
    b->positions = pct_vector_init(sizeof(pct_position), ITEMS_MAX);
    b->sources = pct_vector_init(sizeof(int64_t), ITEMS_MAX);
    b->marks = pct_vector_init(sizeof(uint8_t), ITEMS_MAX);
    b->segments = pct_vector_init(sizeof(pct_segment), ITEMS_MAX);
    b->shapes = pct_vector_init(sizeof(pct_position), ITEMS_MAX);
    b->restrictions = pct_vector_init(sizeof(pct_restriction), ITEMS_MAX);
    b->via_segments = pct_vector_init(sizeof(uint32_t), ITEMS_MAX);
    b->names = pct_names_init(ITEMS_MAX, NAME_BYTES_MAX);
    *out = b;
    uint32_t empty;
    pct_status status = pct_network_add_name(b, (pct_text){"", 0}, &empty, error);
    if (status) {
        pct_network_builder_free(b);
        *out = NULL;
    }
    return status;
}

void pct_network_builder_free(pct_network_builder *b) {
    if (!b) return;
    pct_vector_dispose(&b->positions);
    pct_vector_dispose(&b->sources);
    pct_vector_dispose(&b->marks);
    pct_vector_dispose(&b->segments);
    pct_vector_dispose(&b->shapes);
    pct_vector_dispose(&b->restrictions);
    pct_vector_dispose(&b->via_segments);
    pct_names_dispose(&b->names);
    pct_free(b);
}

pct_status pct_network_add_node(pct_network_builder *b, int64_t source, pct_position position, uint32_t *node,
                                pct_error *error) {
    pct_position *p = pct_vector_push(&b->positions);
    if (!p) return pct_vector_failed(&b->positions, PCT_MSG_WHAT_NODES, error);
    int64_t *s = pct_vector_push(&b->sources);
    uint8_t *m = s ? pct_vector_push(&b->marks) : NULL;
    if (!m) {
        b->positions.length--;
        if (s) b->sources.length--;
        return pct_vector_failed(s ? &b->marks : &b->sources, PCT_MSG_WHAT_NODES, error);
    }
    *p = position;
    *s = source;
    *node = (uint32_t)b->positions.length - 1;
    return PCT_OK;
}

void pct_network_mark_node(pct_network_builder *b, uint32_t node, uint8_t marks) {
    if (PCT_NEVER(node >= b->marks.length)) return;
    uint8_t *held = (uint8_t *)b->marks.items + node;
    *held = (uint8_t)(*held | marks);
}

pct_status pct_network_add_name(pct_network_builder *b, pct_text name, uint32_t *number, pct_error *error) {
    pct_status status = pct_names_add(&b->names, name, number);
    if (status == PCT_LIMIT)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_NAMES),
                        pct_int(ITEMS_MAX));
    return status ? pct_error_memory(error, name.length) : PCT_OK;
}

static pct_status check_node(const pct_network_builder *b, pct_message what, uint32_t node,
                             pct_error *error) {
    if (node < b->positions.length) return PCT_OK;
    return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_NETWORK_NODE_UNKNOWN, pct_phrase(what), pct_int(node),
                    pct_int((int64_t)b->positions.length));
}

pct_status pct_network_add_segment(pct_network_builder *b, const pct_segment *segment,
                                   const pct_position *shape, size_t shape_count, uint32_t *number,
                                   pct_error *error) {
    pct_status status = check_node(b, PCT_MSG_NETWORK_SEGMENT, segment->tail, error);
    if (!status) status = check_node(b, PCT_MSG_NETWORK_SEGMENT, segment->head, error);
    if (status) return status;
    size_t shape_at = b->shapes.length;
    for (size_t i = 0; i < shape_count; i++) {
        pct_position *p = pct_vector_push(&b->shapes);
        if (!p) {
            b->shapes.length = shape_at;
            return pct_vector_failed(&b->shapes, PCT_MSG_WHAT_SHAPE_POINTS, error);
        }
        *p = shape[i];
    }
    pct_segment *s = pct_vector_push(&b->segments);
    if (!s) {
        b->shapes.length = shape_at;
        return pct_vector_failed(&b->segments, PCT_MSG_WHAT_SEGMENTS, error);
    }
    *s = *segment;
    s->shape_at = (uint32_t)shape_at;
    *number = (uint32_t)b->segments.length - 1;
    return PCT_OK;
}

pct_status pct_network_add_restriction(pct_network_builder *b, const pct_restriction *restriction,
                                       const uint32_t *via_segments, pct_error *error) {
    pct_status status = check_node(b, PCT_MSG_NETWORK_TURN_RESTRICTION, restriction->via_node, error);
    if (status) return status;
    size_t via_at = b->via_segments.length;
    for (size_t i = 0; i < restriction->via_segment_count; i++) {
        uint32_t *via = pct_vector_push(&b->via_segments);
        if (!via) {
            b->via_segments.length = via_at;
            return pct_vector_failed(&b->via_segments, PCT_MSG_WHAT_VIA_SEGMENTS, error);
        }
        *via = via_segments[i];
    }
    pct_restriction *r = pct_vector_push(&b->restrictions);
    if (!r) {
        b->via_segments.length = via_at;
        return pct_vector_failed(&b->restrictions, PCT_MSG_WHAT_TURN_RESTRICTIONS, error);
    }
    *r = *restriction;
    r->via_segment_at = (uint32_t)via_at;
    return PCT_OK;
}

/* The network's memory: a list of blocks that ends with NULL, so that dispose frees them all. */
typedef struct blocks {
    void **list;
    size_t count;
} blocks;

static void *block(blocks *held, size_t count, size_t item_size) {
    void *memory = pct_alloc_zeroed(count, item_size);
    if (memory) held->list[held->count++] = memory;
    return memory;
}

static bool driven(const pct_segment *s, bool backward) {
    int bits = backward ? PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD
                        : PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD;
    return (s->flags & bits) != 0 || pct_segment_has_contraflow(s);
}

static uint32_t arc_tail(const pct_segment *s, bool backward) {
    return backward ? s->head : s->tail;
}

static pct_status lay_out_arcs(pct_network *network, blocks *held) {
    uint32_t n = network->node_count;
    uint32_t *first = block(held, (size_t)n + 2, sizeof *first);
    if (!first) return PCT_MEMORY;
    for (uint32_t i = 0; i < network->segment_count; i++)
        for (int backward = 0; backward <= 1; backward++)
            if (driven(&network->segments[i], backward))
                first[arc_tail(&network->segments[i], backward) + 2]++, network->arc_count++;
    for (uint32_t v = 0; v <= n; v++) first[v + 1] += first[v];
    uint32_t *head = block(held, network->arc_count, sizeof *head);
    uint32_t *segment = block(held, network->arc_count, sizeof *segment);
    if (!head || !segment) return PCT_MEMORY;
    for (uint32_t i = 0; i < network->segment_count; i++)
        for (int backward = 0; backward <= 1; backward++) {
            const pct_segment *s = &network->segments[i];
            if (!driven(s, backward)) continue;
            /* first[tail + 1] runs from the tail's begin to its end while its arcs are placed. */
            uint32_t at = first[arc_tail(s, backward) + 1]++;
            head[at] = arc_tail(s, !backward);
            segment[at] = i * 2 + (uint32_t)backward;
        }
    network->first_arc = first;
    network->arc_head = head;
    network->arc_segment = segment;
    return PCT_OK;
}

static pct_status find_node_segments(pct_network *network, blocks *held) {
    uint32_t *segment = block(held, network->node_count, sizeof *segment);
    if (!segment) return PCT_MEMORY;
    memset(segment, 0xFF, network->node_count * sizeof *segment);
    for (uint32_t i = network->segment_count; i-- > 0;)
        segment[network->segments[i].tail] = segment[network->segments[i].head] = i;
    network->node_segment = segment;
    return PCT_OK;
}

typedef struct tarjan {
    const pct_network *network;
    uint32_t *order, *low, *next_arc, *stack, *path; /* [node_count] each */
    uint32_t *component;
    uint32_t visited, stacked, component_count;
} tarjan;

static void tarjan_visit(tarjan *t, uint32_t root) {
    const pct_network *net = t->network;
    uint32_t depth = 0;
    t->path[depth++] = root;
    while (depth > 0) {
        uint32_t v = t->path[depth - 1];
        if (t->order[v] == 0) {
            t->order[v] = t->low[v] = ++t->visited;
            t->next_arc[v] = net->first_arc[v];
            t->stack[t->stacked++] = v;
        }
        bool descended = false;
        while (!descended && t->next_arc[v] < net->first_arc[v + 1]) {
            uint32_t arc = t->next_arc[v]++, w = net->arc_head[arc];
            if (!pct_response_may_drive(net, arc)) continue;
            if (t->order[w] == 0) {
                t->path[depth++] = w;
                descended = true;
            } else if (t->component[w] == PCT_NO_INDEX && t->order[w] < t->low[v]) {
                t->low[v] = t->order[w];
            }
        }
        if (descended) continue;
        depth--;
        if (depth > 0 && t->low[v] < t->low[t->path[depth - 1]]) t->low[t->path[depth - 1]] = t->low[v];
        if (t->low[v] != t->order[v]) continue;
        uint32_t w;
        do {
            w = t->stack[--t->stacked];
            t->component[w] = t->component_count;
        } while (w != v);
        t->component_count++;
    }
}

typedef struct part {
    uint32_t size, first_node, found;
} part;

static int by_size(const void *a, const void *b) {
    const part *p = a, *q = b;
    if (p->size != q->size) return p->size < q->size ? 1 : -1;
    return p->first_node < q->first_node ? -1 : 1;
}

/* Numbers the parts by falling size, ties by their least node. */
static pct_status rank_components(uint32_t *component, uint32_t node_count, uint32_t count) {
    part *parts = pct_alloc_zeroed(count, sizeof *parts);
    uint32_t *rank = pct_alloc(count, sizeof *rank);
    if (parts && rank) {
        for (uint32_t v = node_count; v-- > 0;) {
            part *p = &parts[component[v]];
            *p = (part){p->size + 1, v, component[v]};
        }
        qsort(parts, count, sizeof *parts, by_size);
        for (uint32_t i = 0; i < count; i++) rank[parts[i].found] = i;
        for (uint32_t v = 0; v < node_count; v++) component[v] = rank[component[v]];
    }
    pct_status status = parts && rank ? PCT_OK : PCT_MEMORY;
    pct_free(parts);
    pct_free(rank);
    return status;
}

static pct_status find_components(pct_network *network, blocks *held) {
    uint32_t n = network->node_count;
    uint32_t *component = block(held, n, sizeof *component);
    uint32_t *scratch = pct_alloc_zeroed(n, 5 * sizeof *scratch);
    pct_status status = component && scratch ? PCT_OK : PCT_MEMORY;
    if (!status) {
        memset(component, 0xFF, n * sizeof *component);
        tarjan t = {.network = network, .component = component};
        uint32_t **arrays[] = {&t.order, &t.low, &t.next_arc, &t.stack, &t.path};
        for (size_t i = 0; i < 5; i++) *arrays[i] = scratch + i * n;
        for (uint32_t v = 0; v < n; v++)
            if (t.order[v] == 0) tarjan_visit(&t, v);
        status = rank_components(component, n, t.component_count);
        network->node_component = component;
    }
    pct_free(scratch);
    return status;
}

static int by_source(const void *a, const void *b, void *context) {
    const pct_network *network = context;
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    int order = pct_network_compare_sources(network, network->node_source[p], network->node_source[q]);
    return order ? order : p < q ? -1 : p > q;
}

static pct_status order_by_source(pct_network *network, blocks *held) {
    uint32_t n = network->node_count, *nodes = block(held, n, sizeof *nodes);
    if (!nodes) return PCT_MEMORY;
    for (uint32_t v = 0; v < n; v++) nodes[v] = v;
    qsort_r(nodes, n, sizeof *nodes, by_source, network);
    network->node_by_source = nodes;
    return PCT_OK;
}

static pct_status lay_out_names(const pct_network_builder *b, pct_network *network, blocks *held) {
    size_t bytes = 0;
    for (size_t i = 0; i < b->names.length; i++) bytes += b->names.texts[i].length;
    uint32_t *at = block(held, b->names.length + 1, sizeof *at);
    char *chars = block(held, bytes, 1);
    if (!at || !chars) return PCT_MEMORY;
    uint32_t used = 0;
    for (size_t i = 0; i < b->names.length; i++) {
        memcpy(chars + used, b->names.texts[i].chars, b->names.texts[i].length);
        used += (uint32_t)b->names.texts[i].length;
        at[i + 1] = used;
    }
    network->name_count = (uint32_t)b->names.length;
    network->name_bytes = used;
    network->name_at = at;
    network->name_chars = chars;
    return PCT_OK;
}

static void *take(blocks *held, pct_vector *vector, uint32_t *count) {
    *count = (uint32_t)vector->length;
    void *items = pct_vector_take(vector);
    if (items) held->list[held->count++] = items;
    return items;
}

pct_status pct_network_finish(pct_network_builder *b, bool has_text_ids, pct_network *out, pct_error *error) {
    pct_network network = {.has_text_ids = has_text_ids};
    uint32_t source_count;
    blocks held = {pct_alloc_zeroed(BLOCKS + 1, sizeof(void *)), 0};
    network.owned = held.list;
    pct_status status = held.list ? PCT_OK : PCT_MEMORY;
    if (status) goto done;
    network.node_position = take(&held, &b->positions, &network.node_count);
    network.node_source = take(&held, &b->sources, &source_count);
    network.node_marks = take(&held, &b->marks, &source_count);
    network.segments = take(&held, &b->segments, &network.segment_count);
    network.shapes = take(&held, &b->shapes, &network.shape_count);
    network.restrictions = take(&held, &b->restrictions, &network.restriction_count);
    network.via_segments = take(&held, &b->via_segments, &network.via_segment_count);
    status = lay_out_names(b, &network, &held);
    if (!status) status = lay_out_arcs(&network, &held);
    if (status) goto done;
    if (network.node_count == 0 || network.arc_count == 0) {
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_NETWORK_EMPTY, pct_int(network.node_count),
                          pct_int(network.arc_count));
        goto done;
    }
    status = find_node_segments(&network, &held);
    if (!status) status = find_components(&network, &held);
    if (!status) status = order_by_source(&network, &held);
done:
    pct_names_dispose(&b->names);
    if (status == PCT_OK) *out = network;
    if (status == PCT_MEMORY) (void)pct_error_memory(error, network.node_count * sizeof(pct_position));
    if (status) pct_network_dispose(&network);
    return status;
}
