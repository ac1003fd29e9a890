#include "site/duty_roads.h"

enum { HOUR_MS = 3600000 };

/* The road of a band: made once, or the site's own where nothing is learnt of it. */
static pct_status road_of(const pct_site_bands *bands, const pct_road *open, int band,
                          pct_site_duty_roads *out, const pct_road **road, pct_error *error) {
    *road = open;
    if (!pct_learnt_has(&bands->learnt, pct_learnt_profile_of(open->profile), band)) return PCT_OK;
    pct_status status = PCT_OK;
    if (!out->made[band])
        status = pct_road_of_band(open, &bands->learnt, band, &bands->base, &out->made[band], error);
    *road = out->made[band];
    return status;
}

static pct_status fill(const pct_site *site, const pct_site_bands *bands, int64_t from_ms, int64_t to_ms,
                       pct_site_duty_roads *out, pct_error *error) {
    const pct_road *open = site->patrol ? site->patrol : site->road;
    size_t count = 0;
    for (int64_t at_ms = from_ms; at_ms < to_ms || count == 0; at_ms += HOUR_MS - at_ms % HOUR_MS) {
        const pct_road *road;
        pct_status status =
            road_of(bands, open, pct_bands_at(&bands->bands, &site->zone, at_ms), out, &road, error);
        if (status) return status;
        if (count && out->bands[count - 1] == road) continue;
        if (count == PCT_SITE_DUTY_BANDS_MAX) break; /* the last goes on */
        out->bands[count] = road;
        out->from_ms[count++] = at_ms;
    }
    out->roads = (pct_duty_roads){site->road, out->bands, out->from_ms, count};
    return PCT_OK;
}

pct_status pct_site_duty_roads_open(const pct_site *site, int64_t from_ms, int64_t to_ms,
                                    pct_site_duty_roads **out, pct_error *error) {
    pct_site_bands bands;
    *out = pct_alloc_zeroed(1, sizeof **out);
    if (!*out) return pct_error_memory(error, sizeof **out);
    pct_status status = pct_site_bands_open(site, &bands, error);
    if (!status) {
        status = fill(site, &bands, from_ms, to_ms, *out, error);
        pct_site_bands_dispose(&bands);
    }
    if (status) {
        pct_site_duty_roads_free(*out);
        *out = NULL;
    }
    return status;
}

void pct_site_duty_roads_free(pct_site_duty_roads *roads) {
    if (!roads) return;
    for (int b = 0; b < PCT_BANDS_MAX; b++) pct_road_free(roads->made[b]);
    pct_free(roads);
}
