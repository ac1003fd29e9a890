/* Roads taken out of traffic, or slowed: which segments are meant, and a road without them.
 *
 *     status = pct_closed_find(road, ref, middle, &segment, &backward, error);  // a road that an event names
 *     status = pct_closed_in_area(road, ring, count, most, &segments, error);   // all in or across an area
 *     pct_closed_want(pair, which, lifted, n, closed, count);                   // under running readers: road/pair.h
 *     status = pct_road_close(open, closed, count, &road, error);               // a road of its own: full customization
 *
 * The new road shares everything with the open one but its metric; times over it are those of the open one with the
 * closed arcs removed and the slowed ones longer, and without closed segments they are the open road's, bit for bit. Where
 * closures overlap, the strictest counts.
 *
 * What a closure does not do: keep a unit in. A point's own segment can be driven in its ordinary time between the point
 * and the segment's ends, closed or not, so that a unit on a closed road gets out and an incident on it is reached; a point
 * at a junction whose roads are all closed has its own segment as well. Emergency units get no more than that: a flooded road
 * or a fallen bridge holds them up like anybody, so that a way through one is never proposed. */
#ifndef PCT_ROAD_CLOSED_H
#define PCT_ROAD_CLOSED_H

#include "base/vector.h"
#include "event/value.h"
#include "road/pair.h"

/* A position within so far of a road has it as its coarse place. */
#define PCT_ROAD_NAMED_WITHIN_M 200.0
/* How far a road of an event may lie from where the map has it now. */
#define PCT_CLOSED_NEAR_M 50.0
/* Widest area, in degrees x 10^7 of longitude and latitude. */
enum { PCT_CLOSED_SPAN_MAX_E7 = 20000000 };

/* The segment of a road as events name it: of that way, between these nodes, its middle within PCT_CLOSED_NEAR_M of
 * `middle`; else (the map has changed) the nearest usable road there. *backward: it runs from its head to its tail, seen from
 * the event. PCT_NOT_FOUND when no road is near. O(log nodes). */
pct_status pct_closed_find(const pct_road *road, pct_road_ref ref, pct_position middle, uint32_t *segment,
                           bool *backward, pct_error *error) PCT_MUST_USE;
/* By the name alone: the first segment of that way between these nodes; PCT_NOT_FOUND when the map has none. */
pct_status pct_closed_find_named(const pct_road *road, pct_road_ref ref, uint32_t *segment) PCT_MUST_USE;
/* The name of a segment in events, and its middle. */
pct_road_ref pct_closed_ref(const pct_network *network, uint32_t segment, bool backward);
pct_position pct_closed_middle(const pct_road *road, uint32_t segment);
/* Whether driving from the tail to the head leads nearer to that compass bearing than driving back. */
bool pct_closed_is_along(const pct_network *network, uint32_t segment, int64_t bearing_deg);

/* Pushes the segments (uint32_t) that lie in the ring or cross it, in ascending order; `ring` need not repeat its first
 * point. PCT_LIMIT beyond `most` segments or a wider ring. */
pct_status pct_closed_in_area(const pct_road *road, const pct_position *ring, size_t count, size_t most,
                              pct_vector *segments, pct_error *error) PCT_MUST_USE;

typedef struct pct_closed_segment {
    uint32_t segment;
    bool forward, backward; /* directions that it is about */
    uint8_t speed_kmh;      /* 0: closed; else nobody drives faster there, and nobody faster than before */
} pct_closed_segment;

/* Of the pair's writer: `lifted` segments go back to the pair's base times, then `closed` ones are closed or slowed. After lifting,
 * `closed` is all that is still in force; when closures only come, the new ones are enough. */
void pct_closed_want(pct_road_pair *pair, unsigned which, const pct_closed_segment *lifted,
                     size_t lifted_count, const pct_closed_segment *closed, size_t count);

/* A road of its own, for those who do not change it any more. `open` must outlive *out, which pct_road_free frees. O(customization): a
 * fraction of a second for a city. */
pct_status pct_road_close(const pct_road *open, const pct_closed_segment *closed, size_t count,
                          pct_road **out, pct_error *error) PCT_MUST_USE;
/* The same where driving takes other times than on the open road, such as a band's (drive_ms [network arcs]); max_speed_mps
 * bounds what they allow. */
pct_status pct_road_close_with_times(const pct_road *open, const uint32_t *drive_ms, double max_speed_mps,
                                     const pct_closed_segment *closed, size_t count, pct_road **out,
                                     pct_error *error) PCT_MUST_USE;

#endif
