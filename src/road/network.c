#include "road/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const char *const class_names[] = {
#define X(name, text) text,
    PCT_ROAD_CLASSES(X)
#undef X
};

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

pct_text pct_network_name(const pct_network *network, uint32_t number) {
    if (number >= network->name_count) return (pct_text){"", 0};
    uint32_t at = network->name_at[number];
    return (pct_text){network->name_chars + at, network->name_at[number + 1] - at};
}

pct_node pct_network_node_by_source(const pct_network *network, int64_t source) {
    uint32_t low = 0, high = network->node_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (network->node_source[network->node_by_source[middle]] < source)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == network->node_count || network->node_source[network->node_by_source[low]] != source)
        return (pct_node){PCT_NO_INDEX};
    return (pct_node){network->node_by_source[low]};
}

pct_node pct_network_node_by_id(const pct_network *network, pct_text id) {
    int64_t source = -1;
    if (!network->has_text_ids)
        return pct_text_to_integer(id, &source) ? pct_network_node_by_source(network, source)
                                                : (pct_node){PCT_NO_INDEX};
    /* Text ids are rare and small: names of nodes are found by search through the names. */
    for (uint32_t i = 0; i < network->name_count; i++) {
        pct_text name = pct_network_name(network, i);
        if (name.length == id.length && memcmp(name.chars, id.chars, id.length) == 0)
            return pct_network_node_by_source(network, i);
    }
    return (pct_node){PCT_NO_INDEX};
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
