/* A position report to the unit that its device is bound to. */
#include <math.h>

#include "resource/position_report.h"
#include "resource/service.h"

#include "base/text.h"

const char *const pct_taken_names[PCT_TAKEN_COUNT] = {
    "stored", "unknown_device", "no_position", "out_of_range", "future", "stale", "off_duty", "no_unit"};

static double metres_per_second(const pct_position_report *r, pct_speed_unit unit) {
    static const double factors[PCT_SPEED_UNIT_COUNT] = {1852.0 / 3600.0, 1.0, 1000.0 / 3600.0};
    return r->speed * (r->speed_is_mps ? 1.0 : factors[unit]);
}

static int32_t whole(double value, double max) {
    return value >= 0.0 && value <= max ? (int32_t)lround(value) : -1; /* NaN too */
}

typedef struct lookup {
    pct_text name;
    pct_unit_id id;
} lookup;

static void find_unit(void *context, const pct_board *board) {
    lookup *l = context;
    const pct_unit *unit = pct_board_unit_named(board, l->name);
    if (unit) l->id = unit->id;
}

static pct_taken put(pct_service *service, const pct_position_report *r, const pct_device *device,
                     pct_fix *fix) {
    enum { SPEED_MAX_CMS = 20000, HEADING_FULL = 360 };
    lookup unit = {pct_text_of(device->unit), {0}};
    pct_error error;
    pct_desk_look(service->desk, find_unit, &unit);
    if (unit.id.seq == 0) return PCT_TAKEN_NO_UNIT;
    fix->unit = unit.id;
    fix->speed_cms = whole(metres_per_second(r, device->speed) * 100.0, SPEED_MAX_CMS);
    fix->heading_deg = whole(r->heading_deg, HEADING_FULL);
    if (fix->heading_deg == HEADING_FULL) fix->heading_deg = 0;
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    const pct_desk_unit *now = pct_snapshot_unit(snapshot, unit.id);
    bool off_duty = now && now->unit.status == PCT_UNIT_OFF_DUTY;
    pct_snapshot_release(snapshot);
    if (off_duty) return PCT_TAKEN_OFF_DUTY;
    return pct_desk_put_fix(service->desk, fix, &error) == PCT_OK ? PCT_TAKEN_STORED : PCT_TAKEN_STALE;
}

static pct_taken take(pct_service *service, const pct_position_report *r, int64_t now_ms) {
    pct_device device;
    pct_error error;
    pct_fix fix = {.at_ms = r->at_ms > 0 ? r->at_ms : now_ms};
    if (pct_devices_find(service->devices, pct_text_of(r->device), &device, &error) != PCT_OK)
        return PCT_TAKEN_UNKNOWN_DEVICE;
    if (isnan(r->lon_deg) || isnan(r->lat_deg)) return PCT_TAKEN_NO_POSITION;
    if (!pct_position_from_degrees(r->lon_deg, r->lat_deg, &fix.position)) return PCT_TAKEN_OUT_OF_RANGE;
    if (fix.at_ms > now_ms + PCT_FUTURE_MAX_MS) return PCT_TAKEN_FUTURE;
    fix.at_ms += pct_service_now_ms(service) - now_ms; /* as old on the desk's clock as it is by the wall */
    return put(service, r, &device, &fix);
}

pct_taken pct_resource_take_position(pct_service *service, const pct_position_report *report,
                                     int64_t now_ms) {
    pct_taken taken = take(service, report, now_ms);
    (void)atomic_fetch_add(&service->counters.positions[taken], 1);
    return taken;
}
