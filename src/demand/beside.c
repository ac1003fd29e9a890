#include "demand/beside.h"

#include <math.h>
#include <stdbool.h>

static double share_of(int64_t part, int64_t whole) {
    return whole > 0 ? (double)part / (double)whole : NAN;
}

pct_beside_sums pct_beside_tell(const int64_t *unit_ms, const int64_t *calls, size_t areas,
                                pct_beside_row *rows) {
    pct_beside_sums sums = {0};
    for (size_t i = 0; i < areas; i++) {
        bool few = calls[i] < PCT_BESIDE_CALLS;
        sums.unit_ms += unit_ms[i];
        sums.calls += few ? 0 : calls[i];
        sums.hidden += few;
    }
    for (size_t i = 0; i < areas; i++) {
        bool few = calls[i] < PCT_BESIDE_CALLS;
        rows[i] = (pct_beside_row){.unit_ms = unit_ms[i],
                                   .calls = few ? PCT_BESIDE_HIDDEN : calls[i],
                                   .time_share = share_of(unit_ms[i], sums.unit_ms),
                                   .call_share = few ? NAN : share_of(calls[i], sums.calls)};
    }
    return sums;
}
