/* What any thread may look at: the newest snapshot, notices, positions, counters. One short lock; nothing waits in it. */
#include <string.h>

#include "desk/state.h"
#include "site/now.h"

const pct_snapshot *pct_desk_snapshot(pct_desk *desk) {
    pthread_mutex_lock(&desk->live);
    const pct_snapshot *snapshot = desk->snapshot;
    pct_snapshot_retain(snapshot);
    pthread_mutex_unlock(&desk->live);
    return snapshot;
}

void pct_desk_look(pct_desk *desk, void (*look)(void *context, const pct_board *board), void *context) {
    pthread_mutex_lock(&desk->board_lock);
    look(context, desk->board);
    pthread_mutex_unlock(&desk->board_lock);
}

size_t pct_desk_notices(pct_desk *desk, int64_t after, pct_desk_notice *out, size_t max, bool *reset) {
    size_t count = 0;
    pthread_mutex_lock(&desk->live);
    *reset = after + 1 < desk->first_notice || after > desk->last_notice;
    for (int64_t seq = after + 1; !*reset && seq <= desk->last_notice && count < max; seq++)
        out[count++] = desk->notices[seq % PCT_DESK_NOTICES];
    pthread_mutex_unlock(&desk->live);
    return count;
}

void pct_desk_on_publish(pct_desk *desk, void (*publish)(void *context), void *context) {
    desk->publish = publish;
    desk->publish_context = context;
}

pct_desk_counters pct_desk_counters_view(pct_desk *desk) {
    pthread_mutex_lock(&desk->live);
    pct_desk_counters counters = desk->counters;
    pthread_mutex_unlock(&desk->live);
    int64_t now_ms = pct_tick_ms();
    pthread_mutex_lock(&desk->gate);
    for (int lane = 0; lane < PCT_LANE_COUNT; lane++) {
        counters.queued[lane] = desk->lanes[lane].queued;
        counters.taken[lane] = desk->taken[lane];
        counters.shed[lane] = desk->shed[lane];
        counters.shed_ago_ms[lane] = now_ms - desk->shed_ms[lane];
    }
    pthread_mutex_unlock(&desk->gate);
    return counters;
}

pct_status pct_desk_failure(pct_desk *desk, pct_error *error) {
    pthread_mutex_lock(&desk->gate);
    pct_status status = desk->stopped;
    if (status && error) *error = desk->why;
    pthread_mutex_unlock(&desk->gate);
    return status;
}

/* --- positions --------------------------------------------------------------------------------------------------- */

/* Under `live`. A fix of the time before sign-on that a device had kept is no more ours than one after sign-off. */
static pct_status check_fix(pct_desk *desk, const pct_fix *fix, pct_error *error) {
    const pct_desk_unit *unit = pct_snapshot_unit(desk->snapshot, fix->unit);
    if (!unit) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_UNIT, pct_int(fix->unit.seq));
    if (unit->unit.status == PCT_UNIT_OFF_DUTY || fix->at_ms < unit->unit.signed_on_ms)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DESK_FIX_OFF_DUTY, pct_view(unit->unit.name));
    return PCT_OK;
}

/* Under `live`. */
static pct_status keep_fix(pct_desk *desk, const pct_fix *fix, pct_error *error) {
    uint32_t at = pct_map_get(&desk->fix_of, (uint64_t)fix->unit.seq);
    if (at == PCT_MAP_ABSENT) {
        pct_fix *room = pct_vector_push(&desk->fixes);
        if (!room) return pct_vector_failed(&desk->fixes, PCT_MSG_WHAT_FIXES, error);
        at = (uint32_t)desk->fixes.length - 1;
        if (pct_map_set(&desk->fix_of, (uint64_t)fix->unit.seq, at) != PCT_OK) {
            desk->fixes.length--;
            return pct_map_failed(&desk->fix_of, PCT_MSG_WHAT_FIXES, error);
        }
        room->at_ms = INT64_MIN;
    }
    pct_fix *kept = (pct_fix *)desk->fixes.items + at;
    if (fix->at_ms <= kept->at_ms)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DESK_FIX_OLD, pct_int(fix->unit.seq),
                        pct_int(kept->at_ms), pct_int(fix->at_ms));
    *kept = *fix;
    kept->version = ++desk->fix_version;
    desk->counters.fixes++;
    return PCT_OK;
}

pct_status pct_desk_put_fix(pct_desk *desk, const pct_fix *fix, pct_error *error) {
    pct_fix stamped = *fix;
    stamped.received_at_ms = desk->options.clock_ms(desk->options.context);
    pthread_mutex_lock(&desk->live);
    pct_status status = check_fix(desk, fix, error);
    if (!status) status = keep_fix(desk, &stamped, error);
    pthread_mutex_unlock(&desk->live);
    return status;
}

/* A fix of a unit off duty leaves: the last one takes its place. */
static void forget_fix(pct_desk *desk, size_t at) {
    pct_fix *fixes = desk->fixes.items, *last = &fixes[desk->fixes.length - 1];
    pct_map_remove(&desk->fix_of, (uint64_t)fixes[at].unit.seq);
    if (last != &fixes[at] && pct_map_set(&desk->fix_of, (uint64_t)last->unit.seq, (uint32_t)at) == PCT_OK)
        fixes[at] = *last;
    desk->fixes.length--;
}

size_t pct_desk_fixes(pct_desk *desk, int64_t since, pct_fix *out, size_t max, int64_t *version) {
    size_t count = 0;
    pthread_mutex_lock(&desk->live);
    for (size_t i = 0; i < desk->fixes.length && count < max;) {
        const pct_fix *fix = (const pct_fix *)desk->fixes.items + i;
        const pct_desk_unit *unit = pct_snapshot_unit(desk->snapshot, fix->unit);
        if (!unit || unit->unit.status == PCT_UNIT_OFF_DUTY) {
            forget_fix(desk, i);
            continue;
        }
        if (fix->version > since) out[count++] = *fix;
        i++;
    }
    *version = desk->fix_version;
    pthread_mutex_unlock(&desk->live);
    return count;
}

bool pct_desk_fix_of(pct_desk *desk, pct_unit_id unit, pct_fix *out) {
    pthread_mutex_lock(&desk->live);
    uint32_t at = pct_map_get(&desk->fix_of, (uint64_t)unit.seq);
    if (at != PCT_MAP_ABSENT) *out = ((const pct_fix *)desk->fixes.items)[at];
    pthread_mutex_unlock(&desk->live);
    return at != PCT_MAP_ABSENT;
}
