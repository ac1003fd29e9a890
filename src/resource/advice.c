#include "resource/advice.h"

#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "resource/band_roads.h"

enum { SNAP_MAX_M = 2000, COVER_ROOM = 64 };

/* Where a unit was when it was last brought to a road. */
typedef struct standing {
    pct_position position;
    pct_road_point point;
    bool known;
} standing;

struct pct_advice {
    pthread_mutex_t lock;
    pct_live_road *live;
    const pct_road *road; /* without closures: what positions are brought to */
    pct_desk *desk;
    pct_band_roads *bands; /* for what would be without closures */
    pct_router *router;
    pct_recommendation *answer;
    standing *standings;    /* [PCT_ADVICE_UNITS_MAX] by pct_unit.index */
    pct_road_point *points; /* the same, as a request wants them */
    pct_fix *fixes;         /* [fix_count], the newest of each unit */
    size_t fix_count;
    pct_map fix_of_unit; /* unit's seq → number in `fixes` */
    pct_cover *cover;    /* NULL: where calls are expected is not known */
    int64_t cover_road;  /* number of the road's version that its times are of */
    int64_t demand_calls;
    pct_cover_settings weights[PCT_PRIORITY_COUNT];
};

pct_status pct_advice_new(pct_live_road *live, pct_desk *desk, pct_advice **out, pct_error *error) {
    pct_advice *a = pct_alloc_zeroed(1, sizeof *a);
    if (!a) return pct_error_memory(error, sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    a->live = live, a->road = pct_live_road_open(live), a->desk = desk;
    a->fix_of_unit = pct_map_init(PCT_ADVICE_UNITS_MAX);
    a->standings = pct_alloc_zeroed(PCT_ADVICE_UNITS_MAX, sizeof *a->standings);
    a->points = pct_alloc_zeroed(PCT_ADVICE_UNITS_MAX, sizeof *a->points);
    a->fixes = pct_alloc_zeroed(PCT_ADVICE_UNITS_MAX, sizeof *a->fixes);
    pct_status status = PCT_OK;
    if (!a->standings || !a->points || !a->fixes)
        status = pct_error_memory(error, PCT_ADVICE_UNITS_MAX * sizeof *a->fixes);
    if (!status) status = pct_band_roads_new(live, &a->bands, error);
    if (!status) status = pct_router_new(a->road, &a->router, error);
    if (!status) status = pct_recommendation_new(PCT_ADVICE_UNITS_MAX, &a->answer, error);
    if (status) {
        pct_advice_free(a);
        return status;
    }
    *out = a;
    return PCT_OK;
}

void pct_advice_free(pct_advice *a) {
    if (!a) return;
    pct_router_free(a->router);
    pct_band_roads_free(a->bands);
    pct_recommendation_free(a->answer);
    pct_cover_free(a->cover);
    pct_map_dispose(&a->fix_of_unit);
    pct_free(a->standings);
    pct_free(a->points);
    pct_free(a->fixes);
    (void)pthread_mutex_destroy(&a->lock);
    pct_free(a);
}

static pct_status take_fixes(pct_advice *a, pct_error *error) {
    int64_t version = 0;
    a->fix_count = pct_desk_fixes(a->desk, 0, a->fixes, PCT_ADVICE_UNITS_MAX, &version);
    pct_map_dispose(&a->fix_of_unit);
    a->fix_of_unit = pct_map_init(PCT_ADVICE_UNITS_MAX);
    for (size_t i = 0; i < a->fix_count; i++) {
        pct_status status = pct_map_set(&a->fix_of_unit, (uint64_t)a->fixes[i].unit.seq, (uint32_t)i);
        if (status) return pct_error_memory(error, PCT_ADVICE_UNITS_MAX * sizeof(uint64_t));
    }
    return PCT_OK;
}

static bool position_of(const pct_advice *a, const pct_unit *unit, pct_position *out) {
    uint32_t fix = pct_map_get(&a->fix_of_unit, (uint64_t)unit->id.seq);
    *out = fix != PCT_MAP_ABSENT ? a->fixes[fix].position : unit->position;
    return fix != PCT_MAP_ABSENT || unit->has_position;
}

static void stand(pct_advice *a, const pct_unit *unit) {
    standing *s = &a->standings[unit->index];
    pct_position now;
    double distance_m;
    if (!position_of(a, unit, &now)) {
        s->known = false;
    } else if (!s->known || s->position.lon_e7 != now.lon_e7 || s->position.lat_e7 != now.lat_e7) {
        s->position = now;
        s->known = pct_road_snap(a->road, now, SNAP_MAX_M, &s->point, &distance_m, NULL) == PCT_OK;
    }
    a->points[unit->index] = s->known ? s->point : (pct_road_point){PCT_NO_INDEX, 0};
}

typedef struct question {
    pct_advice *advice;
    const pct_policy *policy;
    pct_incident_id incident;
    size_t wanted;
    pct_status status;
    pct_error *error;
} question;

/* On the live board, while the writer waits. */
static void look(void *context, const pct_board *board) {
    question *q = context;
    pct_advice *a = q->advice;
    double distance_m;
    const pct_incident *incident = pct_board_incident(board, q->incident);
    pct_recommend_request request = {.board = board,
                                     .incident = q->incident,
                                     .unit_points = a->points,
                                     .travel = pct_travel_times_of_router(a->router),
                                     .wanted_count = q->wanted,
                                     .settings = pct_recommend_settings_default()};
    if (incident && !incident->has_position)
        q->status =
            PCT_FAIL(q->error, PCT_UNREACHABLE, PCT_MSG_ADVICE_NO_POSITION, pct_int(incident->id.seq));
    else if (incident)
        q->status =
            pct_road_snap(a->road, incident->position, SNAP_MAX_M, &request.target, &distance_m, q->error);
    memcpy(request.settings.cover, a->weights, sizeof a->weights);
    if (a->cover && pct_board_unit_count(board) <= pct_cover_unit_capacity(a->cover))
        request.cover = a->cover;
    if (q->status == PCT_NOT_FOUND) q->status = PCT_UNREACHABLE; /* it is there, but no road is near */
    if (q->status) return;
    for (uint32_t i = 0; i < pct_board_unit_count(board) && i < PCT_ADVICE_UNITS_MAX; i++)
        stand(a, pct_board_unit_at(board, i));
    q->status = pct_recommend(q->policy, &request, a->answer, q->error);
}

/* --- cover ----------------------------------------------------------------------------------------------------------- */

void pct_advice_weigh_cover(pct_advice *a, const pct_cover_settings settings[PCT_PRIORITY_COUNT]) {
    (void)pthread_mutex_lock(&a->lock);
    memcpy(a->weights, settings, sizeof a->weights);
    (void)pthread_mutex_unlock(&a->lock);
}

static size_t count_units(const pct_advice *a) {
    const pct_snapshot *snapshot = pct_desk_snapshot(a->desk);
    const pct_board_counts *counts = pct_snapshot_counts(snapshot);
    size_t units = 0;
    for (int status = 0; status < PCT_UNIT_STATUS_COUNT; status++) units += counts->units[status];
    pct_snapshot_release(snapshot);
    return units;
}

pct_status pct_advice_expect(pct_advice *a, const pct_demand_point *points, size_t count, int64_t calls,
                             pct_error *error) {
    pct_cover *cover = NULL;
    size_t room = 2 * count_units(a) + COVER_ROOM;
    pct_status status = PCT_OK;
    if (count > 0)
        status = pct_cover_new(points, count, room, pct_travel_times_out_of_router(a->router), &cover, error);
    if (status) return status;
    (void)pthread_mutex_lock(&a->lock);
    pct_cover *old = a->cover;
    a->cover = cover;
    a->cover_road = 0;
    a->demand_calls = calls;
    (void)pthread_mutex_unlock(&a->lock);
    pct_cover_free(old);
    return PCT_OK;
}

void pct_advice_expected(pct_advice *a, size_t *points, int64_t *calls) {
    (void)pthread_mutex_lock(&a->lock);
    *points = a->cover ? pct_cover_point_count(a->cover) : 0;
    *calls = a->demand_calls;
    (void)pthread_mutex_unlock(&a->lock);
}

/* Times from where the units are now are asked for before the writer is held up. */
static void ask_cover(pct_advice *a, const pct_live_version *version) {
    if (!a->cover) return;
    if (a->cover_road != version->number) pct_cover_renew(a->cover);
    a->cover_road = version->number;
    const pct_snapshot *snapshot = pct_desk_snapshot(a->desk);
    const pct_desk_unit *unit = pct_snapshot_next_unit(snapshot, (pct_unit_id){0});
    for (; unit; unit = pct_snapshot_next_unit(snapshot, unit->unit.id)) {
        bool free = unit->unit.status == PCT_UNIT_AT_STATION || unit->unit.status == PCT_UNIT_AVAILABLE;
        if (!free || unit->unit.index >= PCT_ADVICE_UNITS_MAX) continue;
        stand(a, &unit->unit);
        pct_cover_ask(a->cover, unit->unit.index, a->points[unit->unit.index]);
    }
    pct_snapshot_release(snapshot);
}

/* Who could come if nothing were closed, in the same band. */
static pct_status look_through_closures(pct_advice *a, const pct_live_version *version, question *q,
                                        bool *found, pct_error *error) {
    const pct_band *band = version->bands[PCT_PROFILE_RESPONSE];
    pct_held_road *held = NULL;
    pct_status status = PCT_OK;
    if (band)
        status = pct_band_roads_take(a->bands, PCT_PROFILE_RESPONSE, pct_band_roads_index(a->bands, band),
                                     NULL, &held, error);
    if (status) return status;
    pct_router_take_road(a->router, held ? held->road : a->road);
    pct_desk_look(a->desk, look, q);
    pct_router_take_road(a->router, a->road);
    if (held) pct_band_roads_give(a->bands, held);
    *found = !q->status && a->answer->ranked_count > 0;
    return q->status;
}

pct_status pct_advice_ask(pct_advice *a, const pct_policy *policy, pct_incident_id incident, size_t wanted,
                          pct_advice_use *use, void *context, pct_error *error) {
    question q = {a, policy, incident, wanted, PCT_OK, error};
    bool through_closures = false;
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = take_fixes(a, error);
    if (!status) {
        const pct_live_version *version = pct_live_road_hold(a->live);
        pct_router_take_road(a->router, version->road);
        if (policy == &pct_policy_nearest_with_cover) ask_cover(a, version);
        pct_desk_look(a->desk, look, &q);
        status = q.status;
        if (!status && a->answer->ranked_count == 0 && version->closure_count > 0)
            status = look_through_closures(a, version, &q, &through_closures, error);
        pct_router_take_road(a->router, a->road);
        pct_live_road_release(a->live, version);
    }
    if (!status) use(context, a->answer, through_closures);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

/* --- what is left when a unit goes ------------------------------------------------------------------------------------ */

typedef struct leaving {
    pct_advice *advice;
    pct_unit_id unit;
    int64_t target_ms;
    double *lost; /* [PCT_ADVICE_UNITS_MAX] */
    pct_cover_left *out;
    pct_status status;
    pct_error *error;
} leaving;

/* On the live board, while the writer waits. */
static void look_at_leaving(void *context, const pct_board *board) {
    leaving *l = context;
    pct_advice *a = l->advice;
    const pct_unit *unit = pct_board_unit(board, l->unit);
    if (!unit) {
        char text[PCT_ID_TEXT];
        size_t length = pct_id_write((pct_id){.seq = l->unit.seq, .kind = 'U'}, text);
        l->status =
            PCT_FAIL(l->error, PCT_NOT_FOUND, PCT_MSG_API_NO_OBJECT, pct_view((pct_text){text, length}));
        return;
    }
    if (!a->cover || pct_board_unit_count(board) > pct_cover_unit_capacity(a->cover)) return;
    for (uint32_t i = 0; i < pct_board_unit_count(board) && i < PCT_ADVICE_UNITS_MAX; i++)
        stand(a, pct_board_unit_at(board, i));
    l->out->points = pct_cover_point_count(a->cover);
    l->out->counts = pct_cover_is_free(unit, a->points[unit->index]);
    l->out->share_now = pct_cover_within(a->cover, board, a->points, l->target_ms, l->lost);
    l->out->share_left = l->out->share_now - l->lost[unit->index];
}

pct_status pct_advice_cover_left(pct_advice *a, pct_unit_id unit, int64_t target_ms, pct_cover_left *out,
                                 pct_error *error) {
    *out = (pct_cover_left){0};
    leaving l = {.advice = a, .unit = unit, .target_ms = target_ms, .out = out, .error = error};
    l.lost = pct_alloc(PCT_ADVICE_UNITS_MAX, sizeof *l.lost);
    if (!l.lost) return pct_error_memory(error, PCT_ADVICE_UNITS_MAX * sizeof *l.lost);
    (void)pthread_mutex_lock(&a->lock);
    l.status = take_fixes(a, error);
    if (!l.status) {
        const pct_live_version *version = pct_live_road_hold(a->live);
        pct_router_take_road(a->router, version->road);
        ask_cover(a, version);
        pct_desk_look(a->desk, look_at_leaving, &l);
        pct_router_take_road(a->router, a->road);
        pct_live_road_release(a->live, version);
        out->calls = a->demand_calls;
    }
    (void)pthread_mutex_unlock(&a->lock);
    pct_free(l.lost);
    return l.status;
}
