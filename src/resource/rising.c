#include "resource/rising.h"

#include "clock/time.h"
#include "road/closed.h"
#include "store/history.h"

enum { CALLS_MAX = 1 << 24, WEEKS = PCT_RISING_WEEKS + PCT_RISING_HISTORY + 1 };

typedef struct reading {
    const pct_site *site;
    const pct_beats *beats;
    pct_vector calls; /* of pct_rising_call */
    int64_t elsewhere;
} reading;

static bool area_of(const reading *r, pct_road_ref road, uint32_t *area) {
    uint32_t segment;
    if (pct_closed_find_named(r->site->road, road, &segment) != PCT_OK) return false;
    pct_text name = pct_beats_at(r->beats, pct_closed_middle(r->site->road, segment));
    for (*area = 0; *area < pct_beats_count(r->beats); ++*area)
        if (pct_beats_name(r->beats, *area).chars == name.chars) return true;
    return false;
}

static pct_status take(void *context, const pct_called_in *incident, pct_error *error) {
    reading *r = context;
    uint32_t area;
    if (!area_of(r, incident->road, &area)) {
        r->elsewhere++;
        return PCT_OK;
    }
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(&r->site->zone, incident->at_ms, &offset_s);
    pct_rising_call *call = pct_vector_push(&r->calls);
    if (!call) return pct_vector_failed(&r->calls, PCT_MSG_WHAT_CALLS, error);
    *call = (pct_rising_call){pct_civil_to_ms(&local), area};
    return PCT_OK;
}

pct_status pct_rising_of_site(const pct_site *site, const pct_beats *beats, pct_store *reader, int64_t day,
                              pct_rising *out, int64_t *elsewhere, pct_error *error) {
    reading r = {.site = site, .beats = beats, .calls = pct_vector_init(sizeof(pct_rising_call), CALLS_MAX)};
    *out = (pct_rising){0};
    pct_status status = pct_store_each_called_in(reader, (day - 7 * WEEKS) * PCT_DAY_MS, take, &r, error);
    if (!status)
        status = pct_rising_learn(r.calls.items, r.calls.length, (uint32_t)pct_beats_count(beats), day, out,
                                  error);
    *elsewhere = r.elsewhere;
    pct_vector_dispose(&r.calls);
    return status;
}
