/* A position report to the unit that its device is bound to. */
#include <math.h>

#include "resource/position_report.h"
#include "resource/service.h"

#include "base/text.h"

const char *const pct_taken_names[PCT_TAKEN_COUNT] = {"stored",       "unknown_device", "no_position",
                                                      "out_of_range", "future",         "stale",
                                                      "off_duty",     "no_unit",        "no_fix"};

static double metres_per_second(const pct_position_report *r, pct_speed_unit unit) {
    static const double factors[PCT_SPEED_UNIT_COUNT] = {1852.0 / 3600.0, 1.0, 1000.0 / 3600.0};
    return r->speed * (r->speed_is_mps ? 1.0 : factors[unit]);
}

static int32_t whole(double value, double max) {
    return value >= 0.0 && value <= max ? (int32_t)lround(value) : -1; /* NaN too */
}

/* The unit's number stays with the device in memory: no look at the board for a device that has reported before. */
static int64_t unit_of(pct_service *service, const pct_device *device) {
    int64_t seq = device->unit_seq;
    if (seq != 0) return seq;
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    for (const pct_desk_unit *u = pct_snapshot_next_unit(snapshot, (pct_unit_id){0}); u && seq == 0;
         u = pct_snapshot_next_unit(snapshot, u->unit.id))
        if (pct_text_equal(u->unit.name, device->unit)) seq = u->unit.id.seq;
    pct_snapshot_release(snapshot);
    if (seq != 0) pct_devices_learn(service->devices, device->unit, seq);
    return seq;
}

/* Onto the map first: the desk alone says whether the unit is on duty, and what is not is kept nowhere. */
static pct_taken put(pct_service *service, const pct_position_report *r, const pct_device *device,
                     pct_fix *fix) {
    enum { SPEED_MAX_CMS = 20000, HEADING_FULL = 360 };
    pct_error error;
    fix->unit.seq = unit_of(service, device);
    if (fix->unit.seq == 0) return PCT_TAKEN_NO_UNIT;
    fix->speed_cms = whole(metres_per_second(r, device->speed) * 100.0, SPEED_MAX_CMS);
    fix->heading_deg = whole(r->heading_deg, HEADING_FULL);
    if (fix->heading_deg == HEADING_FULL) fix->heading_deg = 0;
    if (pct_desk_put_fix(service->desk, fix, &error) != PCT_OK)
        return error.message == PCT_MSG_DESK_FIX_OFF_DUTY ? PCT_TAKEN_OFF_DUTY : PCT_TAKEN_STALE;
    if (service->replay) return PCT_TAKEN_STORED; /* a scaled clock's times would stand among real ones */
    (void)pct_tracks_put(service->tracks, &(pct_track_point){.unit = fix->unit.seq,
                                                             .at_ms = fix->at_ms,
                                                             .position = fix->position,
                                                             .speed_cms = fix->speed_cms,
                                                             .heading_deg = (int16_t)fix->heading_deg,
                                                             .source = r->source});
    return PCT_TAKEN_STORED;
}

static pct_taken take(pct_service *service, const pct_position_report *r, int64_t now_ms) {
    pct_device device;
    pct_error error;
    pct_fix fix = {.at_ms = r->at_ms > 0 ? r->at_ms : now_ms};
    if (pct_devices_find(service->devices, pct_text_of(r->device), &device, &error) != PCT_OK)
        return PCT_TAKEN_UNKNOWN_DEVICE;
    if (isnan(r->lon_deg) || isnan(r->lat_deg)) return PCT_TAKEN_NO_POSITION;
    if (r->is_invalid || (r->lon_deg == 0.0 && r->lat_deg == 0.0)) return PCT_TAKEN_NO_FIX;
    if (!pct_position_from_degrees(r->lon_deg, r->lat_deg, &fix.position)) return PCT_TAKEN_OUT_OF_RANGE;
    if (fix.at_ms > now_ms + PCT_FUTURE_MAX_MS) return PCT_TAKEN_FUTURE;
    /* In a replay: as old on the desk's clock as it is by the wall. Else not a millisecond off: a report that is sent again
     * must be known by its time. */
    if (service->replay) fix.at_ms += pct_service_now_ms(service) - now_ms;
    return put(service, r, &device, &fix);
}

pct_taken pct_resource_take_position(pct_service *service, const pct_position_report *report,
                                     int64_t now_ms) {
    pct_taken taken = take(service, report, now_ms);
    (void)atomic_fetch_add(&service->counters.positions[taken], 1);
    return taken;
}
