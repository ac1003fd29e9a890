#include "resource/area_calls.h"

#include <string.h>

#include "base/memory.h"
#include "clock/time.h"
#include "road/closed.h"
#include "store/history.h"

enum { CALLS_MAX = 1 << 24, HOUR_MS = 3600000, SILENCE_MS = 120000, UNITS_MAX = 1 << 20 };

/* PCT_NO_INDEX: in no area. */
static uint32_t area_at(const pct_beats *beats, pct_position at) {
    pct_text name = pct_beats_at(beats, at);
    for (size_t i = 0; name.length > 0 && i < pct_beats_count(beats); i++)
        if (pct_beats_name(beats, i).chars == name.chars) return (uint32_t)i;
    return PCT_NO_INDEX;
}

typedef struct reading {
    const pct_site *site;
    const pct_beats *beats;
    pct_vector *calls;
    int64_t *elsewhere;
} reading;

static pct_status take(void *context, const pct_called_in *incident, pct_error *error) {
    reading *r = context;
    uint32_t segment, area = PCT_NO_INDEX;
    if (pct_closed_find_named(r->site->road, incident->road, &segment) == PCT_OK)
        area = area_at(r->beats, pct_closed_middle(r->site->road, segment));
    if (area == PCT_NO_INDEX) {
        ++*r->elsewhere;
        return PCT_OK;
    }
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(&r->site->zone, incident->at_ms, &offset_s);
    pct_rising_call *call = pct_vector_push(r->calls);
    if (!call) return pct_vector_failed(r->calls, PCT_MSG_WHAT_CALLS, error);
    *call = (pct_rising_call){pct_civil_to_ms(&local), area};
    return PCT_OK;
}

pct_status pct_area_calls_read(const pct_site *site, const pct_beats *beats, pct_store *reader,
                               int64_t since_day, pct_vector *calls, int64_t *elsewhere, pct_error *error) {
    reading r = {site, beats, calls, elsewhere};
    *calls = pct_vector_init(sizeof(pct_rising_call), CALLS_MAX);
    *elsewhere = 0;
    return pct_store_each_called_in(reader, since_day * PCT_DAY_MS, take, &r, error);
}

/* --- did it help ---------------------------------------------------------------------------------------------------- */

void pct_area_calls_helped(const pct_beats *beats, const pct_vector *calls, const bool *patrolled,
                           const pct_helped_periods_days *days, int from_hour, int until_hour,
                           pct_helped_place *areas) {
    const pct_rising_call *call = calls->items;
    size_t count = pct_beats_count(beats);
    memset(areas, 0, count * sizeof *areas);
    for (size_t i = 0; i < calls->length; i++) {
        int64_t day = call[i].local_ms / PCT_DAY_MS, hour = call[i].local_ms % PCT_DAY_MS / HOUR_MS;
        if (hour < from_hour || hour >= until_hour) continue;
        if (day >= days->before_from && day < days->before_until) areas[call[i].area].before++;
        if (day >= days->from && day < days->until) areas[call[i].area].during++;
    }
    for (size_t i = 0; i < count; i++) {
        if (patrolled[i]) areas[i].role = PCT_HELPED_PATROLLED;
        for (size_t k = 0; k < count && !patrolled[i]; k++)
            if (patrolled[k] && pct_beats_touch(beats, i, k)) areas[i].role = PCT_HELPED_NEIGHBOUR;
    }
    (void)pct_helped_choose_like(areas, count);
}

/* --- a month -------------------------------------------------------------------------------------------------------- */

static pct_civil first_of(int month) {
    return (pct_civil){.year = month / 12, .month = (uint8_t)(month % 12 + 1), .day = 1};
}

bool pct_area_month_named(const pct_zone *zone, pct_text text, int64_t now_ms, int *month) {
    int64_t end_ms;
    if (text.length != 7 || text.chars[4] != '-') return false;
    for (size_t i = 0; i < 7; i++)
        if (i != 4 && (text.chars[i] < '0' || text.chars[i] > '9')) return false;
    int year = (text.chars[0] - '0') * 1000 + (text.chars[1] - '0') * 100 + (text.chars[2] - '0') * 10 +
               (text.chars[3] - '0');
    int number = (text.chars[5] - '0') * 10 + (text.chars[6] - '0');
    if (year < 1970 || number < 1 || number > 12) return false;
    *month = 12 * year + number - 1;
    pct_civil end = first_of(*month + 1);
    (void)pct_zone_to_utc(zone, &end, &end_ms);
    return end_ms <= now_ms;
}

typedef struct timing {
    const pct_beats *beats;
    int64_t *unit_ms;
    int64_t last_ms, most_ms; /* a position counts until the next one, at most so long */
    uint32_t last_area;
} timing;

static void count_until(timing *t, int64_t at_ms) {
    int64_t ms = at_ms - t->last_ms;
    if (t->last_area != PCT_NO_INDEX && ms > 0) t->unit_ms[t->last_area] += ms < t->most_ms ? ms : t->most_ms;
}

static bool take_point(void *context, const pct_track_point *p) {
    timing *t = context;
    count_until(t, p->at_ms);
    t->last_ms = p->at_ms;
    t->last_area = area_at(t->beats, p->position);
    return true;
}

static pct_status time_units(const pct_beats *beats, pct_tracks *tracks, int64_t from_ms, int64_t to_ms,
                             int64_t *unit_ms, pct_error *error) {
    pct_vector units = pct_vector_init(sizeof(int64_t), UNITS_MAX);
    pct_status status = pct_tracks_list_units(tracks, &units, error);
    const int64_t *unit = units.items;
    for (size_t i = 0; i < units.length && !status; i++) {
        timing t = {beats, unit_ms, 0, SILENCE_MS, PCT_NO_INDEX};
        status = pct_tracks_read(tracks, unit[i], from_ms, to_ms, take_point, &t, error);
        timing minutes = {beats, unit_ms, 0, PCT_TRACK_THINNED_MS, PCT_NO_INDEX};
        if (!status)
            status = pct_tracks_read_thinned(tracks, unit[i], from_ms, to_ms, take_point, &minutes, error);
        count_until(&minutes, to_ms);
    }
    pct_vector_dispose(&units);
    return status;
}

pct_status pct_area_month_read(const pct_site *site, const pct_beats *beats, pct_store *reader,
                               pct_tracks *tracks, int month, pct_arena *arena, pct_area_month *out,
                               pct_error *error) {
    size_t areas = pct_beats_count(beats);
    int64_t *unit_ms = pct_arena_alloc(arena, areas + 1, sizeof *unit_ms);
    int64_t *counts = pct_arena_alloc(arena, areas + 1, sizeof *counts);
    int64_t from_ms, to_ms, elsewhere;
    pct_civil first = first_of(month), next = first_of(month + 1);
    *out = (pct_area_month){.rows = pct_arena_alloc(arena, areas + 1, sizeof *out->rows)};
    if (!unit_ms || !counts || !out->rows) return pct_error_memory(error, areas * sizeof *out->rows);
    memset(unit_ms, 0, areas * sizeof *unit_ms);
    memset(counts, 0, areas * sizeof *counts);
    (void)pct_zone_to_utc(&site->zone, &first, &from_ms);
    (void)pct_zone_to_utc(&site->zone, &next, &to_ms);
    pct_vector calls;
    pct_status status =
        pct_area_calls_read(site, beats, reader, from_ms / PCT_DAY_MS - 1, &calls, &elsewhere, error);
    const pct_rising_call *call = calls.items;
    int64_t first_ms = pct_civil_to_ms(&first), next_ms = pct_civil_to_ms(&next);
    for (size_t i = 0; i < calls.length; i++)
        if (call[i].local_ms >= first_ms && call[i].local_ms < next_ms) counts[call[i].area]++;
    pct_vector_dispose(&calls);
    if (!status && tracks) status = time_units(beats, tracks, from_ms, to_ms, unit_ms, error);
    if (!status) out->sums = pct_beside_tell(unit_ms, counts, areas, out->rows);
    return status;
}
