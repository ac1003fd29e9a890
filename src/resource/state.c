#include "resource/state.h"

#include "resource/exchange.h"
#include "resource/probe.h"

const char *const pct_running_names[PCT_RUNNING_COUNT] = {"normal", "log_damaged", "spool", "unproven",
                                                          "stopped"};
const char *const pct_lane_names[PCT_LANE_COUNT] = {"calls", "dispatch", "lookups", "positions", "reports"};

/* The gravest first. A full disk is known from the last group that it refused, so that a desk without a spool says it too. */
static pct_running running_of(const pct_desk_counters *desk, const pct_intake_view *intake, bool unproven,
                              bool bad) {
    bool down = desk->stopped || desk->disk_full;
    if (down && !intake->has_spool) return PCT_RUNNING_STOPPED;
    if (unproven) return PCT_RUNNING_UNPROVEN;
    if (down || intake->reason != PCT_SPOOL_NOT_USED) return PCT_RUNNING_SPOOL;
    return bad ? PCT_RUNNING_LOG_DAMAGED : PCT_RUNNING_NORMAL;
}

pct_state_view pct_state_look(const pct_service *service) {
    const pct_desk_counters desk = pct_desk_counters_view(service->desk);
    const pct_intake_view intake = pct_intake_look(service->intake);
    const pct_watch_view log = pct_watch_look(service->watch);
    pct_state_view view = {.reason = intake.reason,
                           .tracks = pct_tracks_counters_view(service->tracks).state,
                           .first_bad = log.state == PCT_WATCH_BAD ? log.first_bad : 0,
                           .pending = intake.pending,
                           .oldest_ms = intake.oldest_ms};
    bool record_late = pct_probe_is_late(service->probe, PCT_WAY_RECORD);
    bool spool_late = !intake.has_spool || pct_probe_is_late(service->probe, PCT_WAY_SPOOL);
    view.running = running_of(&desk, &intake, record_late && spool_late, log.state == PCT_WATCH_BAD);
    if (record_late && !spool_late && view.running < PCT_RUNNING_SPOOL) {
        view.running = PCT_RUNNING_SPOOL;
        view.reason = PCT_SPOOL_RECORD_SLOW;
    }
    if (service->probe) view.proved_ms = pct_probe_look(service->probe, PCT_WAY_RECORD).at_ms;
    if (desk.disk_full)
        view.reason = PCT_SPOOL_DISK_FULL;
    else if (desk.stopped)
        view.reason = PCT_SPOOL_RECORD_FAILED;
    for (int lane = 0; lane < PCT_LANE_COUNT; lane++)
        if (desk.shed[lane] > 0 && desk.shed_ago_ms[lane] < PCT_SHED_SHOWN_MS) view.shedding |= 1U << lane;
    return view;
}

bool pct_state_differs(const pct_state_view *a, const pct_state_view *b) {
    return a->running != b->running || a->reason != b->reason || a->shedding != b->shedding ||
           a->tracks != b->tracks || a->first_bad != b->first_bad || (a->pending > 0) != (b->pending > 0);
}

void pct_state_write(const pct_service *service, const pct_state_view *state, pct_json_writer *json) {
    pct_json_key(json, "state");
    pct_json_string(json, pct_running_names[state->running]);
    pct_json_key(json, "reason");
    if (state->reason == PCT_SPOOL_NOT_USED)
        pct_json_null(json);
    else
        pct_json_string(json, pct_spool_reason_names[state->reason]);
    pct_json_key(json, "pending");
    pct_json_integer(json, state->pending);
    pct_json_time_member(json, "oldest_at", state->oldest_ms, &service->site->zone);
    pct_json_time_member(json, "proved_at", state->proved_ms, &service->site->zone);
    pct_json_key(json, "shedding");
    pct_json_begin_array(json);
    for (int lane = 0; lane < PCT_LANE_COUNT; lane++)
        if (state->shedding & 1U << lane) pct_json_string(json, pct_lane_names[lane]);
    pct_json_end_array(json);
    pct_json_key(json, "tracks");
    pct_json_string(json, pct_tracks_state_names[state->tracks]);
    pct_json_key(json, "log_first_bad");
    if (state->first_bad)
        pct_json_integer(json, state->first_bad);
    else
        pct_json_null(json);
}
