#include "resource/place_calls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "clock/time.h"
#include "road/closed.h"
#include "store/history.h"

enum { CALLS_MAX = 1 << 24, DAY_MINUTES = 1440, MINUTE_MS = 60000, POINTS = 3 };

/* --- an order ------------------------------------------------------------------------------------------------------------- */

static int64_t over_ms(const pct_life_directed *x) {
    return x->ended_ms && x->ended_ms < x->until_ms ? x->ended_ms : x->until_ms;
}

static int64_t day_of(const pct_zone *zone, int64_t at_ms) {
    int32_t offset_s;
    pct_civil c = pct_zone_to_local(zone, at_ms, &offset_s);
    return pct_days_of_date(c.year, c.month, c.day);
}

static pct_helped_periods_days days_of(const pct_zone *zone, const pct_place_asked *a) {
    return pct_helped_periods(day_of(zone, a->from_ms), day_of(zone, a->until_ms - 1) + 1);
}

pct_status pct_place_of_order(const pct_life *life, const pct_life_directed *x, const pct_zone *zone,
                              int64_t now_ms, pct_place_asked *a, pct_error *error) {
    const pct_life_directed *other;
    *a = (pct_place_asked){.at = x->position,
                           .from_ms = x->ordered_ms,
                           .until_ms = over_ms(x),
                           .from_minute = x->from_minute,
                           .to_minute = x->to_minute,
                           .within_m = PCT_PLACE_WITHIN_M,
                           .patrolled = pct_vector_init(sizeof(pct_position), PCT_PLACE_ORDERS_MOST)};
    if (now_ms < a->until_ms)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_DIRECTED_STILL, pct_int(x->id.seq));
    int64_t since_day = days_of(zone, a).before_from;
    for (size_t i = 0; (other = pct_life_directed_at(life, i)) != NULL; i++) {
        if (other == x || other->ordered_ms >= a->until_ms || day_of(zone, over_ms(other)) < since_day)
            continue;
        pct_position *place = pct_vector_push(&a->patrolled);
        if (!place) return pct_error_memory(error, sizeof *place);
        *place = other->position;
    }
    return PCT_OK;
}

/* --- calls ------------------------------------------------------------------------------------------------------------------ */

typedef struct reading {
    const pct_site *site;
    const pct_place_asked *asked;
    pct_helped_periods_days days;
    pct_vector calls, earlier; /* of pct_spot_call; of segments */
} reading;

/* The day to whose hours the minute belongs: hours go on after midnight. false: to none. */
static bool day_within_hours(const pct_place_asked *a, int64_t *day, int64_t minute) {
    if (a->from_minute <= minute && minute < a->to_minute) return true;
    --*day;
    return a->from_minute <= minute + DAY_MINUTES && minute + DAY_MINUTES < a->to_minute;
}

static bool period_of(const reading *r, int64_t at_ms, pct_spot_period *out) {
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(&r->site->zone, at_ms, &offset_s);
    int64_t local_ms = pct_civil_to_ms(&local), day = local_ms / PCT_DAY_MS;
    const pct_helped_periods_days *d = &r->days;
    if (!day_within_hours(r->asked, &day, local_ms % PCT_DAY_MS / MINUTE_MS)) return false;
    *out = PCT_SPOT_DURING;
    if (r->asked->from_ms <= at_ms && at_ms < r->asked->until_ms) return true;
    *out = day < d->before_from ? PCT_SPOT_EARLIER : PCT_SPOT_BEFORE;
    return day < d->before_until && day >= 2 * d->before_from - d->before_until;
}

static pct_status take(void *context, const pct_called_in *incident, pct_error *error) {
    reading *r = context;
    uint32_t segment;
    pct_spot_period period;
    if (!period_of(r, incident->at_ms, &period) ||
        pct_closed_find_named(r->site->road, incident->road, &segment) != PCT_OK)
        return PCT_OK;
    pct_spot_call *call = pct_vector_push(&r->calls);
    if (!call) return pct_vector_failed(&r->calls, PCT_MSG_WHAT_CALLS, error);
    *call = (pct_spot_call){pct_closed_middle(r->site->road, segment), period};
    uint32_t *road = period == PCT_SPOT_EARLIER ? pct_vector_push(&r->earlier) : &segment;
    if (!road) return pct_vector_failed(&r->earlier, PCT_MSG_WHAT_CALLS, error);
    *road = segment;
    return PCT_OK;
}

/* --- places ----------------------------------------------------------------------------------------------------------------- */

typedef struct places {
    pct_position *points;
    pct_spot *spots; /* the one that is asked about first */
    size_t count;
} places;

static pct_status places_new(places *p, size_t points, size_t spots, pct_error *error) {
    p->points = pct_alloc_zeroed(points + 1, sizeof *p->points);
    p->spots = pct_alloc_zeroed(spots + 1, sizeof *p->spots);
    return p->points && p->spots ? PCT_OK : pct_error_memory(error, points * sizeof *p->points);
}

static int by_number(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Like an order's place may be each road where somebody called before all that is compared: no count that is judged chooses. */
static pct_status place_roads(const reading *r, places *p, pct_error *error) {
    uint32_t *segment = r->earlier.items;
    pct_status status = places_new(p, r->earlier.length + 1, r->earlier.length + 1, error);
    if (status) return status;
    if (r->earlier.length > 1) qsort(segment, r->earlier.length, sizeof *segment, by_number);
    p->points[0] = r->asked->at;
    p->spots[p->count++] = (pct_spot){&p->points[0], 1};
    for (size_t i = 0; i < r->earlier.length; i++) {
        if (i > 0 && segment[i] == segment[i - 1]) continue;
        p->points[p->count] = pct_closed_middle(r->site->road, segment[i]);
        p->spots[p->count] = (pct_spot){&p->points[p->count], 1};
        p->count++;
    }
    return PCT_OK;
}

/* Names that are asked about become name 0, which is no street's. */
static bool is_asked(const pct_network *n, const pct_place_asked *a, uint32_t name) {
    for (size_t i = 0; name && i < a->street_count; i++) {
        if (pct_text_same(pct_network_name(n, name), a->streets[i])) return true;
    }
    return false;
}

static uint32_t street_of(const pct_network *n, const bool *asked, uint32_t segment) {
    const pct_segment *s = &n->segments[segment];
    return asked[s->name] || asked[s->name_en] ? n->name_count : s->name;
}

/* Streets by the numbers of their names, the one that is asked about behind them all; name 0 is none. A counting sort. */
static pct_status place_named(const reading *r, const bool *asked, size_t *first, places *p,
                              pct_error *error) {
    const pct_network *n = &r->site->road->network;
    for (uint32_t s = 0; s < n->segment_count; s++) first[street_of(n, asked, s) + 1] += POINTS;
    for (uint32_t name = 0; name <= n->name_count; name++) first[name + 1] += first[name];
    pct_status status = places_new(p, (size_t)n->segment_count * POINTS, (size_t)n->name_count + 1, error);
    if (status) return status;
    size_t own = first[n->name_count + 1] - first[n->name_count];
    if (own == 0)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_HELPED_NO_STREET, pct_view(r->asked->streets[0]));
    p->spots[p->count++] = (pct_spot){p->points + first[n->name_count], own};
    for (uint32_t name = 1; name < n->name_count; name++)
        if (first[name + 1] > first[name])
            p->spots[p->count++] = (pct_spot){p->points + first[name], first[name + 1] - first[name]};
    for (uint32_t s = 0; s < n->segment_count; s++) {
        pct_position *point = p->points + first[street_of(n, asked, s)];
        point[0] = pct_closed_middle(r->site->road, s);
        point[1] = n->node_position[n->segments[s].tail];
        point[2] = n->node_position[n->segments[s].head];
        first[street_of(n, asked, s)] += POINTS;
    }
    return PCT_OK;
}

static pct_status place_streets(const reading *r, places *p, pct_error *error) {
    const pct_network *n = &r->site->road->network;
    bool *asked = pct_alloc_zeroed((size_t)n->name_count + 1, sizeof *asked);
    size_t *first = pct_alloc_zeroed((size_t)n->name_count + 3, sizeof *first);
    pct_status status = asked && first ? PCT_OK : pct_error_memory(error, n->name_count * sizeof *first);
    for (uint32_t name = 0; !status && name < n->name_count; name++)
        asked[name] = is_asked(n, r->asked, name);
    if (!status) status = place_named(r, asked, first, p, error);
    pct_free(asked);
    pct_free(first);
    return status;
}

pct_status pct_place_judge(const pct_site *site, pct_store *reader, const pct_place_asked *a,
                           pct_place_told *out, pct_error *error) {
    places p = {0};
    reading r = {.site = site,
                 .asked = a,
                 .days = days_of(&site->zone, a),
                 .calls = pct_vector_init(sizeof(pct_spot_call), CALLS_MAX),
                 .earlier = pct_vector_init(sizeof(uint32_t), CALLS_MAX)};
    int64_t since_day = 2 * r.days.before_from - r.days.before_until - 1;
    pct_status status = pct_store_each_called_in(reader, since_day * PCT_DAY_MS, take, &r, error);
    if (!status) status = a->street_count ? place_streets(&r, &p, error) : place_roads(&r, &p, error);
    const pct_spots_asked asked = {.spot = status ? (pct_spot){0} : p.spots[0],
                                   .within_m = a->within_m,
                                   .others = status ? NULL : p.spots + 1,
                                   .other_count = p.count ? p.count - 1 : 0,
                                   .patrolled = a->patrolled.items,
                                   .patrolled_count = a->patrolled.length,
                                   .calls = r.calls.items,
                                   .call_count = r.calls.length};
    out->days = r.days;
    if (!status) status = pct_spots_judge(&asked, &out->spots, error);
    pct_vector_dispose(&r.calls);
    pct_vector_dispose(&r.earlier);
    pct_free(p.points);
    pct_free(p.spots);
    return status;
}

/* --- telling ------------------------------------------------------------------------------------------------------------------ */

static void write_number(pct_json_writer *json, const char *key, double value, int decimals) {
    pct_json_key(json, key);
    pct_json_real(json, isinf(value) ? NAN : value, decimals);
}

static void write_judged(pct_json_writer *json, const char *key, const pct_helped *h) {
    bool few = h->before + h->during < PCT_HELPED_CALLS;
    pct_json_key(json, key);
    pct_json_begin_object(json);
    pct_json_key(json, "answer");
    pct_json_string(json, pct_helped_answer_name(h->answer));
    write_number(json, "change", h->change, 3);
    write_number(json, "low", h->low, 3);
    write_number(json, "high", h->high, 3);
    write_number(json, "dispersion", h->dispersion, 3);
    write_number(json, "before", few ? NAN : (double)h->before, 0);
    write_number(json, "during", few ? NAN : (double)h->during, 0);
    pct_json_end_object(json);
}

void pct_place_write(pct_json_writer *json, const pct_place_asked *a, const pct_place_told *told) {
    const struct {
        const char *key;
        int64_t day;
    } days[] = {{"from", told->days.from},
                {"until", told->days.until},
                {"before_from", told->days.before_from},
                {"before_until", told->days.before_until}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        pct_civil c = pct_civil_of_ms(days[i].day * PCT_DAY_MS);
        char text[40];
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", (int)c.year, (int)c.month, (int)c.day);
        pct_json_key(json, days[i].key);
        pct_json_string(json, text);
    }
    write_number(json, "within_m", a->within_m, 0);
    pct_json_key(json, "like");
    pct_json_integer(json, (int64_t)told->spots.there.like);
    write_judged(json, "patrolled", &told->spots.there);
    write_judged(json, "neighbours", &told->spots.next_door);
}
