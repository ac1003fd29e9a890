/* Is it well, how much it did, and what it offers. */
#include <inttypes.h>

#include "api_handlers.h"
#include "resource/exchange.h"
#include "resource/probe.h"
#include "resource/replay_json.h"
#include "resource/state.h"

pct_status pct_resource_health(pct_exchange *x, pct_error *error) {
    (void)error;
    pct_watch_view log = pct_watch_look(x->service->watch);
    const pct_state_view state = pct_state_look(x->service);
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_state_write(x->service, &state, &json);
    pct_json_key(&json, "version");
    pct_json_string(&json, PCT_VERSION);
    pct_json_key(&json, "log_events");
    pct_json_integer(&json, log.events);
    pct_json_key(&json, "log_verified");
    pct_json_integer(&json, log.verified);
    pct_json_end_object(&json);
    if (state.running == PCT_RUNNING_STOPPED) x->status_code = 503;
    return PCT_OK;
}

static void metric(pct_exchange *x, const char *name, const char *kind, const char *help, int64_t value) {
    (void)pct_buffer_append_format(&x->reply,
                                   "# HELP precinct_%s %s\n# TYPE precinct_%s %s\nprecinct_%s %" PRId64 "\n",
                                   name, help, name, kind, name, value);
}

static void lane_metric(pct_exchange *x, const char *name, const char *kind, const char *help,
                        const int64_t values[PCT_LANE_COUNT]) {
    (void)pct_buffer_append_format(&x->reply, "# HELP precinct_%s %s\n# TYPE precinct_%s %s\n", name, help,
                                   name, kind);
    for (int i = 0; i < PCT_LANE_COUNT; i++)
        (void)pct_buffer_append_format(&x->reply, "precinct_%s{lane=\"%s\"} %" PRId64 "\n", name,
                                       pct_lane_names[i], values[i]);
}

static void status_metric(pct_exchange *x, const char *name, const char *help, const uint32_t *values,
                          int count, const char *(*code)(int)) {
    (void)pct_buffer_append_format(&x->reply, "# HELP precinct_%s %s\n# TYPE precinct_%s gauge\n", name, help,
                                   name);
    for (int i = 0; i < count; i++)
        (void)pct_buffer_append_format(&x->reply, "precinct_%s{status=\"%s\"} %" PRIu32 "\n", name, code(i),
                                       values[i]);
}

static void positions_metric(pct_exchange *x) {
    (void)pct_buffer_append_text(
        &x->reply, "# HELP precinct_position_reports_total Position reports by what became of them.\n"
                   "# TYPE precinct_position_reports_total counter\n");
    for (int i = 0; i < PCT_TAKEN_COUNT; i++)
        (void)pct_buffer_append_format(&x->reply, "precinct_position_reports_total{result=\"%s\"} %lld\n",
                                       pct_taken_names[i],
                                       (long long)atomic_load(&x->service->counters.positions[i]));
}

static void tracks_metrics(pct_exchange *x) {
    pct_tracks_counters t = pct_tracks_counters_view(x->service->tracks);
    metric(x, "track_points_total", "counter", "Positions stored in tracks.db.", t.stored);
    metric(x, "track_repeated_total", "counter", "Positions that were stored already.", t.repeated);
    metric(x, "track_lost_total", "counter", "Positions not stored: the queue was full.", t.lost);
    metric(x, "track_expired_total", "counter", "Positions deleted because their time was over.", t.expired);
    metric(x, "track_thinned_total", "counter",
           "Points a minute that were made of raw positions whose time was over.", t.thinned);
    metric(x, "track_groups_total", "counter", "Transactions of tracks.db.", t.groups);
    metric(x, "track_failures_total", "counter", "Transactions of tracks.db that failed.", t.failures);
    metric(x, "track_restarts_total", "counter", "Times a damaged tracks.db was begun anew.", t.restarts);
    metric(x, "track_queued", "gauge", "Positions that wait to be stored.", t.queued);
    metric(x, "track_state", "gauge", "0 tracks are stored, 1 the disk is full, 2 they cannot be written.",
           t.state);
}

static const char *incident_code(int status) {
    return pct_incident_status_code((pct_incident_status)status);
}

static const char *unit_code(int status) {
    return pct_unit_status_code((pct_unit_status)status);
}

static void watch_metrics(pct_exchange *x) {
    pct_watch_view log = pct_watch_look(x->service->watch);
    metric(x, "log_events", "gauge", "Events of the log that the present verification goes through.",
           log.events);
    metric(x, "log_verified_events", "gauge", "Events of the log that were verified since the start.",
           log.verified);
    metric(x, "log_state", "gauge",
           "Of the log's verification: 0 running, 1 sound, 2 damaged, 3 it could not be read.", log.state);
    metric(x, "log_first_bad_event", "gauge", "First event that was found damaged, 0 for none.",
           log.first_bad);
}

static void acts_metrics(pct_exchange *x) {
    int64_t waiting, unreviewed;
    pct_acts_count(x->service->acts, x->now_ms, &waiting, &unreviewed);
    metric(x, "requests_waiting", "gauge", "Acts of two persons that wait for the second.", waiting);
    metric(x, "break_glass_unreviewed", "gauge", "Emergencies that another role has not reviewed yet.",
           unreviewed);
}

static void desk_metrics(pct_exchange *x) {
    pct_desk_counters d = pct_desk_counters_view(x->service->desk);
    metric(x, "events_total", "counter", "Events committed since the start.", d.events);
    metric(x, "groups_total", "counter", "Transactions committed since the start.", d.groups);
    metric(x, "key_groups_total", "counter", "Of these, with new keys of sealed fields: a second sync.",
           d.key_groups);
    metric(x, "commands_total", "counter", "Commands decided since the start.", d.commands);
    metric(x, "commands_refused_total", "counter", "Commands that the rules refused.", d.refused);
    metric(x, "commands_repeated_total", "counter", "Commands answered from an earlier reply.", d.repeated);
    metric(x, "reminders_total", "counter", "Deadlines that fired.", d.reminders);
    metric(x, "fixes_total", "counter", "Positions of units taken.", d.fixes);
    metric(x, "desk_stopped", "gauge", "1 when the desk no longer acknowledges.", d.stopped);
    metric(x, "start_replayed_events", "gauge", "Events that were replayed when the board was last made.",
           d.replayed);
    metric(x, "start_saved_board", "gauge",
           "The saved board at that time: 0 none, 1 used, 2 damaged, 3 of another version or log.", d.saved);
    metric(x, "disk_full", "gauge", "1 when the last group found no room.", d.disk_full);
    lane_metric(x, "lane_queued", "gauge", "Commands that wait in each lane.", d.queued);
    int64_t limits[PCT_LANE_COUNT];
    for (int lane = 0; lane < PCT_LANE_COUNT; lane++) limits[lane] = pct_desk_lane_limit((pct_lane)lane);
    lane_metric(x, "lane_limit", "gauge",
                "How many may wait in each lane and those before it; 0: calls are never turned away.",
                limits);
    lane_metric(x, "lane_taken_total", "counter", "Commands taken by each lane.", d.taken);
    lane_metric(x, "lane_shed_total", "counter", "Commands that each lane refused for want of room.", d.shed);
}

static void intake_metrics(pct_exchange *x) {
    const pct_intake_view i = pct_intake_look(x->service->intake);
    const pct_state_view state = pct_state_look(x->service);
    (void)pct_buffer_append_text(&x->reply, "# HELP precinct_state 1 for the state that the service is in.\n"
                                            "# TYPE precinct_state gauge\n");
    for (int r = 0; r < PCT_RUNNING_COUNT; r++)
        (void)pct_buffer_append_format(&x->reply, "precinct_state{state=\"%s\"} %d\n", pct_running_names[r],
                                       state.running == (pct_running)r);
    metric(x, "spool_present", "gauge", "1 when there is a spool that can be written.", i.has_spool);
    metric(x, "spool_pending", "gauge", "Calls that are in the spool and not yet in the record.", i.pending);
    metric(x, "spool_oldest_time_seconds", "gauge", "When the oldest of them was taken, Unix time; 0: none.",
           i.oldest_ms / 1000);
    metric(x, "spool_kept_total", "counter", "Calls kept in the spool since the start.", i.kept);
    metric(x, "spool_drained_total", "counter", "Calls drained from the spool into the record.", i.drained);
    metric(x, "spool_conflicts_total", "counter",
           "Calls drained under a key of their own: the record knew their key with another body.",
           i.conflicts);
    metric(x, "spool_refused_total", "counter",
           "Entries that the record's rules refused; they stay in the spool.", i.refused);
    metric(x, "spool_unreadable", "gauge", "Entries of the spool that are damaged.", i.unreadable);
    metric(x, "spool_failures_total", "counter", "Times the spool could not be opened or written.",
           i.failures);
}

static void way_metric(pct_exchange *x, const char *name, const char *kind, const char *help,
                       const double values[PCT_WAY_COUNT]) {
    (void)pct_buffer_append_format(&x->reply, "# HELP precinct_%s %s\n# TYPE precinct_%s %s\n", name, help,
                                   name, kind);
    for (int w = 0; w < PCT_WAY_COUNT; w++)
        (void)pct_buffer_append_format(&x->reply, "precinct_%s{way=\"%s\"} %.6g\n", name, pct_way_names[w],
                                       values[w]);
}

static void probe_metrics(pct_exchange *x) {
    double took[PCT_WAY_COUNT], age[PCT_WAY_COUNT], gone[PCT_WAY_COUNT], failed[PCT_WAY_COUNT];
    if (!x->service->probe) return;
    for (int w = 0; w < PCT_WAY_COUNT; w++) {
        const pct_way_view v = pct_probe_look(x->service->probe, (pct_way)w);
        took[w] = (double)v.last_us / 1e6, age[w] = (double)v.ago_ms / 1e3;
        gone[w] = (double)v.gone, failed[w] = (double)v.failed;
    }
    way_metric(x, "synthetic_seconds", "gauge", "How long the last synthetic call that came through took.",
               took);
    way_metric(x, "synthetic_age_seconds", "gauge",
               "Since a synthetic call last came through, or since the start.", age);
    way_metric(x, "synthetic_total", "counter", "Synthetic calls that came through.", gone);
    way_metric(x, "synthetic_failed_total", "counter", "Synthetic calls that did not.", failed);
}

const char *const pct_ended_names[PCT_ENDED_COUNT] = {"slow_request", "slow_reader",          "made_room",
                                                      "no_room",      "too_many_connections", "quota",
                                                      "malformed",    "broken_off",           "tls_refused"};

static void ended_metric(pct_exchange *x) {
    (void)pct_buffer_append_text(
        &x->reply,
        "# HELP precinct_connections_ended_total Connections that ended before an answer, by reason.\n"
        "# TYPE precinct_connections_ended_total counter\n");
    for (int i = 0; i < PCT_ENDED_COUNT; i++)
        (void)pct_buffer_append_format(&x->reply, "precinct_connections_ended_total{reason=\"%s\"} %lld\n",
                                       pct_ended_names[i],
                                       (long long)atomic_load(&x->service->counters.ended[i]));
}

pct_status pct_resource_metrics(pct_exchange *x, pct_error *error) {
    (void)error;
    pct_service_counters *c = &x->service->counters;
    x->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metric(x, "start_time_seconds", "gauge", "When the server started, Unix time.",
           x->service->started_at_ms / 1000);
    metric(x, "http_requests_total", "counter", "Requests answered.", atomic_load(&c->requests));
    metric(x, "http_refused_total", "counter", "Requests answered with 4xx.", atomic_load(&c->refused));
    metric(x, "http_failed_total", "counter", "Requests answered with 5xx.", atomic_load(&c->failed));
    metric(x, "http_streams", "gauge", "Open event streams.", atomic_load(&c->streams));
    if (atomic_load(&c->tls_expires_s))
        metric(x, "tls_certificate_expires_seconds", "gauge", "When the certificate ends, Unix time.",
               atomic_load(&c->tls_expires_s));
    ended_metric(x);
    positions_metric(x);
    tracks_metrics(x);
    desk_metrics(x);
    intake_metrics(x);
    probe_metrics(x);
    acts_metrics(x);
    watch_metrics(x);
    pct_replay_metrics_write(x->service, &x->reply);
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    const pct_board_counts *counts = pct_snapshot_counts(snapshot);
    status_metric(x, "incidents", "Incidents on the board by status.", counts->incidents,
                  PCT_INCIDENT_STATUS_COUNT, incident_code);
    status_metric(x, "units", "Units by status.", counts->units, PCT_UNIT_STATUS_COUNT, unit_code);
    pct_snapshot_release(snapshot);
    return PCT_OK;
}

pct_status pct_resource_openapi(pct_exchange *x, pct_error *error) {
    (void)error;
    (void)pct_buffer_append(&x->reply, pct_openapi_document.chars, pct_openapi_document.length);
    pct_exchange_tag(x);
    return PCT_OK;
}
