#include "resource/rising.h"

#include "resource/area_calls.h"

enum { WEEKS = PCT_RISING_WEEKS + PCT_RISING_HISTORY + 1 };

pct_status pct_rising_of_site(const pct_site *site, const pct_beats *beats, pct_store *reader, int64_t day,
                              pct_rising *out, int64_t *elsewhere, pct_error *error) {
    pct_vector calls;
    *out = (pct_rising){0};
    pct_status status = pct_area_calls_read(site, beats, reader, day - 7 * WEEKS, &calls, elsewhere, error);
    if (!status)
        status =
            pct_rising_learn(calls.items, calls.length, (uint32_t)pct_beats_count(beats), day, out, error);
    pct_vector_dispose(&calls);
    return status;
}
