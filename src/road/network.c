#include "road/network.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const char *const class_names[] = {
#define X(name, text) text,
    PCT_ROAD_CLASSES(X)
#undef X
};

static const char *const barrier_names[] = {
#define X(name, text) text,
    PCT_BARRIERS(X)
#undef X
};

const char *pct_barrier_name(pct_barrier barrier) {
    return barrier < PCT_BARRIER_COUNT ? barrier_names[barrier] : "";
}

const char *pct_road_class_name(pct_road_class road_class) {
    return road_class < PCT_ROAD_CLASS_COUNT ? class_names[road_class] : "";
}

pct_road_class pct_road_class_of(pct_text name) {
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        if (pct_text_equal(name, class_names[c])) return (pct_road_class)c;
    return PCT_ROAD_CLASS_COUNT;
}

void pct_network_dispose(pct_network *network) {
    void **blocks = network->owned;
    for (size_t i = 0; blocks && blocks[i]; i++) pct_free(blocks[i]);
    pct_free(blocks);
    *network = (pct_network){0};
}

bool pct_segment_has_contraflow(const pct_segment *segment) {
    const int both = PCT_SEGMENT_EMERGENCY_FORWARD | PCT_SEGMENT_EMERGENCY_BACKWARD;
    int driven = segment->flags & both;
    bool large = segment->road_class < PCT_ROAD_TERTIARY || segment->road_class == PCT_ROAD_TERTIARY_LINK ||
                 segment->road_class == PCT_ROAD_FERRY;
    return driven != 0 && driven != both && !large && !(segment->flags & PCT_SEGMENT_ROUNDABOUT);
}

pct_text pct_network_name(const pct_network *network, uint32_t number) {
    if (number >= network->name_count) return (pct_text){"", 0};
    uint32_t at = network->name_at[number];
    return (pct_text){network->name_chars + at, network->name_at[number + 1] - at};
}

static int compare_texts(pct_text a, pct_text b) {
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.chars, b.chars, shorter);
    return order ? order : a.length < b.length ? -1 : a.length > b.length;
}

int pct_network_compare_sources(const pct_network *network, int64_t a, int64_t b) {
    if (network->has_text_ids)
        return compare_texts(pct_network_name(network, (uint32_t)a), pct_network_name(network, (uint32_t)b));
    return a < b ? -1 : a > b;
}

/* The order of a node's source relative to what is looked for, which is a text or a number as the network's are. */
static int compare_with(const pct_network *network, uint32_t node, pct_text text, int64_t number) {
    int64_t source = network->node_source[node];
    if (network->has_text_ids) return compare_texts(pct_network_name(network, (uint32_t)source), text);
    return source < number ? -1 : source > number;
}

static pct_node find_node(const pct_network *network, pct_text text, int64_t number) {
    uint32_t low = 0, high = network->node_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_with(network, network->node_by_source[middle], text, number) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < network->node_count && compare_with(network, network->node_by_source[low], text, number) == 0;
    return (pct_node){found ? network->node_by_source[low] : PCT_NO_INDEX};
}

pct_node pct_network_node_by_source(const pct_network *network, int64_t source) {
    return network->has_text_ids ? (pct_node){PCT_NO_INDEX} : find_node(network, (pct_text){"", 0}, source);
}

pct_node pct_network_node_by_id(const pct_network *network, pct_text id) {
    int64_t source = 0;
    if (!network->has_text_ids && !pct_text_to_integer(id, &source)) return (pct_node){PCT_NO_INDEX};
    return find_node(network, id, source);
}

void pct_network_segment_line(const pct_network *network, uint32_t segment, bool backward,
                              pct_position *points, size_t *count) {
    const pct_segment *s = &network->segments[segment];
    uint32_t shape_end =
        segment + 1 < network->segment_count ? network->segments[segment + 1].shape_at : network->shape_count;
    size_t inner = shape_end - s->shape_at, room = *count;
    *count = inner + 2;
    for (size_t i = 0; i < *count && i < room; i++) {
        size_t along = backward ? *count - 1 - i : i;
        if (along == 0)
            points[i] = network->node_position[s->tail];
        else if (along == *count - 1)
            points[i] = network->node_position[s->head];
        else
            points[i] = network->shapes[s->shape_at + along - 1];
    }
}

pct_box pct_network_bounds(const pct_network *network) {
    pct_box box = pct_box_of(network->node_position, network->node_count);
    for (uint32_t i = 0; i < network->shape_count; i++) pct_box_extend(&box, network->shapes[i]);
    return box;
}
