/* Private to road/: the points of a segment one by one, without copying them. */
#ifndef PCT_ROAD_LINE_H
#define PCT_ROAD_LINE_H

#include "road/network.h"

/* How many shape points a segment has between its two ends. */
static inline uint32_t pct_line_inner(const pct_network *net, uint32_t segment) {
    uint32_t end = segment + 1 < net->segment_count ? net->segments[segment + 1].shape_at : net->shape_count;
    return end - net->segments[segment].shape_at;
}

/* Point `i` of a segment's line from tail to head, 0 to inner + 1. */
static inline pct_position pct_line_point(const pct_network *net, uint32_t segment, uint32_t i,
                                          uint32_t inner) {
    const pct_segment *s = &net->segments[segment];
    if (i == 0) return net->node_position[s->tail];
    return i <= inner ? net->shapes[s->shape_at + i - 1] : net->node_position[s->head];
}

#endif
