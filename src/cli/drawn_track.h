/* Tracks as devices would have sent them, made by driving a route: for benchmarks and tests of map matching, where one has to
 * know which roads were driven. Positions err by a normal distribution, drawn from a seeded stream. */
#ifndef PCT_CLI_DRAWN_TRACK_H
#define PCT_CLI_DRAWN_TRACK_H

#include "base/rng.h"
#include "base/vector.h"
#include "road/match.h"

typedef struct pct_drawn_track {
    pct_vector fixes;  /* of pct_match_fix */
    pct_vector driven; /* of uint32_t: segment × 2 + (1 when driven backward), in order */
    uint64_t length_mm;
} pct_drawn_track;

pct_drawn_track pct_drawn_track_init(void);
void pct_drawn_track_dispose(pct_drawn_track *track);

/* How it is driven and seen. */
typedef struct pct_drive {
    int64_t begin_ms, every_ms;
    double noise_m; /* standard deviation, each way */
    double pace;    /* times the road's own travel times; 1: as the road says */
} pct_drive;
/* Appends a drive along the legs. */
pct_status pct_drawn_track_drive(pct_drawn_track *track, const pct_road *road, const pct_route_leg *legs,
                                 size_t leg_count, const pct_drive *drive, pct_rng *rng,
                                 pct_error *error) PCT_MUST_USE;
/* How many items stand in both lists in the same order (longest common subsequence). O(a · b); 0 without memory. */
size_t pct_drawn_track_common(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count);

#endif
