/* The time bar: where the replay stands, how fast it goes, and whose hands a unit is in. */
#include "resource/replay_json.h"

#include <inttypes.h>
#include <math.h>

#include "api_handlers.h"
#include "replay/replay.h"

int64_t pct_service_now_ms(const pct_service *service) {
    return service->replay ? pct_replay_now_ms(service->replay) : service->wall_ms();
}

bool pct_service_drives(const pct_service *service, pct_unit_id unit) {
    return service->replay && pct_replay_drives(service->replay, unit);
}

static void integer_member(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void bool_member(pct_json_writer *json, const char *key, bool value) {
    pct_json_key(json, key);
    pct_json_bool(json, value);
}

void pct_json_replay(pct_json_writer *json, const pct_service *service) {
    const pct_zone *zone = &service->site->zone;
    const pct_replay_figures f = pct_replay_figures_view(service->replay);
    pct_json_begin_object(json);
    pct_json_time_member(json, "at", f.at_ms, zone);
    pct_json_key(json, "speed");
    pct_json_real(json, (double)f.speed_milli / PCT_SPEED_LIFE_MILLI, 3);
    pct_json_time_member(json, "from", f.from_ms, zone);
    pct_json_time_member(json, "to", f.to_ms, zone);
    integer_member(json, "calls_done", f.calls_done);
    integer_member(json, "calls_total", f.calls_total);
    integer_member(json, "behind_ms", f.behind_ms);
    bool_member(json, "automatic", f.automatic);
    bool_member(json, "finished", f.finished);
    pct_json_end_object(json);
}

void pct_replay_event_write(const pct_service *service, pct_buffer *out) {
    if (!service->replay) return;
    (void)pct_buffer_append_text(out, "event: replay\ndata: ");
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_replay(&json, service);
    (void)pct_buffer_append_text(out, "\n\n");
}

static void metric(pct_buffer *out, const char *name, const char *kind, const char *help, int64_t value) {
    (void)pct_buffer_append_format(out,
                                   "# HELP precinct_replay_%s %s\n# TYPE precinct_replay_%s %s\n"
                                   "precinct_replay_%s %" PRId64 "\n",
                                   name, help, name, kind, name, value);
}

void pct_replay_metrics_write(const pct_service *service, pct_buffer *out) {
    if (!service->replay) return;
    const pct_replay_figures f = pct_replay_figures_view(service->replay);
    metric(out, "clock_seconds", "gauge", "What the clock of the replay shows, Unix time.", f.at_ms / 1000);
    metric(out, "calls_total", "counter", "Calls that have come in.", f.calls_done);
    metric(out, "behind_milliseconds", "gauge",
           "Wall time that the replay is behind: worst of the last second.", f.behind_ms);
    metric(out, "behind_max_milliseconds", "gauge", "Wall time that the replay was behind at the worst.",
           f.behind_max_ms);
    metric(out, "commands_total", "counter", "Commands that the replay gave the desk.", f.said);
    metric(out, "refused_total", "counter", "Of those, refused by the rules: somebody was faster.",
           f.refused);
    metric(out, "failed_total", "counter", "Of those, failed, and given again.", f.failed);
    metric(out, "finished", "gauge", "1 when the last call has come and all has ended.", f.finished);
}

static pct_status need_replay(const pct_exchange *x, pct_error *error) {
    return x->service->replay ? PCT_OK : pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_REPLAY_NONE, NULL, 0);
}

pct_status pct_resource_replay_view(pct_exchange *x, pct_error *error) {
    pct_status status = need_replay(x, error);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_replay(&json, x->service);
    return pct_buffer_status(&x->reply, error);
}

pct_status pct_resource_replay_set(pct_exchange *x, pct_error *error) {
    pct_status status = need_replay(x, error);
    if (status) return status;
    const json_t *speed = json_object_get(x->body, "speed"),
                 *automatic = json_object_get(x->body, "automatic");
    if (speed)
        pct_replay_set_speed(x->service->replay, llround(json_number_value(speed) * PCT_SPEED_LIFE_MILLI));
    if (automatic) pct_replay_set_automatic(x->service->replay, json_is_true(automatic));
    return pct_resource_replay_view(x, error);
}

static pct_status hand(pct_exchange *x, bool by_hand, pct_error *error) {
    pct_status status = need_replay(x, error);
    const pct_unit_id unit = {pct_exchange_id(x, "unit").seq};
    return status ? status : pct_replay_take_over(x->service->replay, unit, by_hand, error);
}

pct_status pct_resource_replay_take_over(pct_exchange *x, pct_error *error) {
    return hand(x, true, error);
}

pct_status pct_resource_replay_hand_back(pct_exchange *x, pct_error *error) {
    return hand(x, false, error);
}
