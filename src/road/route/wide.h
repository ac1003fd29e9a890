/* Four hierarchy arcs at a time, for machines with AVX2; what a block is says road/climb.h. The functions that use
 * this are declared PCT_WIDE and are called only where pct_router.wide is set. */
#ifndef PCT_ROAD_ROUTE_WIDE_H
#define PCT_ROAD_ROUTE_WIDE_H

#include "road/route/search.h"

#include "base/wide.h"

#if PCT_HAS_WIDE

typedef struct pct_lanes {
    _Alignas(
        32) uint32_t pick[16][8]; /* [heads of a block] for each lane its word among the times in a row */
    _Alignas(32) uint32_t none[16][8]; /* PCT_NO_WAY_MS in the lanes without a head */
} pct_lanes;
extern const pct_lanes pct_lanes_of;

/* The times of a block's arcs, up and down in turn, each at its head's place; garbage in the other lanes. */
PCT_WIDE static inline __m256i pct_wide_times(const uint32_t *ms, uint32_t heads) {
    return _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)(const void *)ms),
                                       *(const __m256i *)pct_lanes_of.pick[heads]);
}

PCT_WIDE static inline __m256i pct_wide_none(uint32_t heads) {
    return *(const __m256i *)pct_lanes_of.none[heads];
}
#else
#endif

#endif
