#include "patrol/duty_plan.h"

#include "base/text.h"
#include "patrol/duty_reader.h"

enum {
    S_DECIMALS = 1,
    RATIO_DECIMALS = 4,
    DEGREE_DECIMALS = 7,
    WITH_BYTES_MAX = 1 << 20,
    TEXT_BYTES_MAX = 4096
};

const char *const pct_duty_reason_names[PCT_DUTY_REASONS] = {[PCT_DUTY_TIME] = "time",
                                                             [PCT_DUTY_NO_PLACE] = "no_place",
                                                             [PCT_DUTY_UNREACHABLE] = "unreachable",
                                                             [PCT_DUTY_OFF_NETWORK] = "off_network",
                                                             [PCT_DUTY_WINDOW] = "window",
                                                             [PCT_DUTY_CAPABILITY] = "capability"};

typedef struct writer {
    pct_json_writer json;
    const pct_zone *zone;
    pct_language language;
    pct_buffer text; /* of one value */
} writer;

static void key_text(writer *w, const char *key, pct_text text) {
    pct_json_key(&w->json, key);
    pct_json_text(&w->json, text);
}

static void key_string(writer *w, const char *key, const char *text) {
    pct_json_key(&w->json, key);
    pct_json_string(&w->json, text);
}

static void key_real(writer *w, const char *key, double value, int decimals) {
    pct_json_key(&w->json, key);
    pct_json_real(&w->json, value, decimals);
}

static void key_seconds(writer *w, const char *key, int64_t ms) {
    key_real(w, key, (double)ms / 1000.0, 3);
}

/* The text that was made; without memory for it the whole has failed. */
static void key_made(writer *w, const char *key) {
    if (w->text.failed && !w->json.out->failed) w->json.out->failed = w->text.failed;
    key_string(w, key, pct_buffer_chars(&w->text));
}

static void key_time(writer *w, const char *key, int64_t utc_ms) {
    pct_buffer_clear(&w->text);
    (void)pct_zone_format(w->zone, utc_ms, &w->text);
    key_made(w, key);
}

static void key_position(writer *w, const char *key, pct_position p) {
    pct_json_key(&w->json, key);
    pct_json_begin_array(&w->json);
    pct_json_real(&w->json, pct_position_lon_deg(p), DEGREE_DECIMALS);
    pct_json_real(&w->json, pct_position_lat_deg(p), DEGREE_DECIMALS);
    pct_json_end_array(&w->json);
}

void pct_duty_unmet_text(const pct_duty_unmet *unmet, pct_language language, pct_buffer *out) {
    static const pct_message sentences[PCT_DUTY_REASONS] = {
        [PCT_DUTY_TIME] = PCT_MSG_DUTY_UNMET_TIME,
        [PCT_DUTY_NO_PLACE] = PCT_MSG_DUTY_UNMET_NO_PLACE,
        [PCT_DUTY_UNREACHABLE] = PCT_MSG_DUTY_UNMET_UNREACHABLE,
        [PCT_DUTY_OFF_NETWORK] = PCT_MSG_DUTY_UNMET_OFF_NETWORK,
        [PCT_DUTY_WINDOW] = PCT_MSG_DUTY_UNMET_WINDOW,
        [PCT_DUTY_CAPABILITY] = PCT_MSG_DUTY_UNMET_CAPABILITY};
    pct_buffer with = pct_buffer_init(WITH_BYTES_MAX);
    for (size_t i = 0; i < unmet->with_count; i++) {
        if (i) (void)pct_buffer_append_text(&with, ", ");
        (void)pct_buffer_append(&with, unmet->with[i].chars, unmet->with[i].length);
    }
    const pct_param params[] = {pct_view(unmet->id), pct_int(unmet->n), pct_str(pct_buffer_chars(&with))};
    bool is_conflict = unmet->with_count > 0,
         is_own = is_conflict && pct_text_same(unmet->with[0], unmet->id);
    pct_message sentence = is_own        ? PCT_MSG_DUTY_UNMET_ITSELF
                           : is_conflict ? PCT_MSG_DUTY_UNMET_CONFLICT
                                         : sentences[unmet->reason];
    (void)pct_message_render(sentence, params, is_conflict && !is_own ? 3 : 2, language, out);
    if (with.failed && !out->failed) out->failed = with.failed;
    pct_buffer_dispose(&with);
}

static void write_unmet(writer *w, const pct_duty_unmet *unmet) {
    pct_json_begin_object(&w->json);
    key_text(w, "id", unmet->id);
    key_text(w, "name", unmet->name);
    key_string(w, "kind", pct_duty_kind_name(unmet->kind));
    pct_json_key(&w->json, "n");
    pct_json_integer(&w->json, unmet->n);
    pct_json_key(&w->json, "must");
    pct_json_bool(&w->json, unmet->must);
    key_string(w, "reason", pct_duty_reason_names[unmet->reason]);
    pct_json_key(&w->json, "with");
    pct_json_begin_array(&w->json);
    for (size_t i = 0; i < unmet->with_count; i++) pct_json_text(&w->json, unmet->with[i]);
    pct_json_end_array(&w->json);
    pct_buffer_clear(&w->text);
    pct_duty_unmet_text(unmet, w->language, &w->text);
    key_made(w, "text");
    pct_json_end_object(&w->json);
}

static void write_stop(writer *w, const pct_duty_stop *stop) {
    pct_json_begin_object(&w->json);
    key_string(w, "kind", pct_duty_kind_name(stop->kind));
    key_text(w, "id", stop->id);
    key_text(w, "name", stop->name);
    pct_json_key(&w->json, "n");
    pct_json_integer(&w->json, stop->n);
    key_time(w, "arrive", stop->arrive_ms);
    key_time(w, "start", stop->start_ms);
    key_time(w, "end", stop->end_ms);
    key_position(w, "from", stop->from);
    key_position(w, "to", stop->to);
    key_seconds(w, "travel_s", stop->travel_ms);
    key_string(w, "moves", pct_duty_moves_name(stop->moves));
    pct_json_end_object(&w->json);
}

static void write_route(writer *w, const pct_duty_route *route) {
    pct_json_begin_object(&w->json);
    key_text(w, "unit", route->unit);
    key_string(w, "moves", pct_duty_moves_name(route->moves));
    key_position(w, "start", route->start);
    key_position(w, "end", route->end);
    key_time(w, "leave", route->leave_ms);
    key_time(w, "back", route->back_ms);
    key_seconds(w, "travel_s", route->travel_ms);
    pct_json_key(&w->json, "stops");
    pct_json_begin_array(&w->json);
    for (size_t i = 0; i < route->stop_count; i++) write_stop(w, &route->stops[i]);
    pct_json_end_array(&w->json);
    if (route->line_count) {
        pct_json_key(&w->json, "geometry");
        pct_json_begin_array(&w->json);
        for (size_t i = 0; i < route->line_count; i++) {
            pct_json_begin_array(&w->json);
            pct_json_real(&w->json, pct_position_lon_deg(route->line[i]), DEGREE_DECIMALS);
            pct_json_real(&w->json, pct_position_lat_deg(route->line[i]), DEGREE_DECIMALS);
            pct_json_end_array(&w->json);
        }
        pct_json_end_array(&w->json);
    }
    pct_json_end_object(&w->json);
}

static void write_cost(writer *w, const pct_duty_plan *plan) {
    pct_json_key(&w->json, "cost");
    pct_json_begin_object(&w->json);
    key_real(w, "musts_left", plan->musts_left, 0);
    key_real(w, "response_s", plan->response_s, S_DECIMALS);
    key_real(w, "shoulds_left", plan->shoulds_left, 0);
    key_real(w, "spread", plan->spread, RATIO_DECIMALS);
    key_real(w, "travel_s", plan->travel_s, S_DECIMALS);
    key_real(w, "imbalance_s", plan->imbalance_s, S_DECIMALS);
    pct_json_end_object(&w->json);
    pct_json_key(&w->json, "bound");
    pct_json_begin_object(&w->json);
    key_real(w, "travel_s", plan->bound_travel_s, S_DECIMALS);
    pct_json_end_object(&w->json);
}

void pct_duty_plan_write(const pct_duty_plan *plan, const pct_zone *zone, pct_language language,
                         pct_buffer *out) {
    writer w = {pct_json_writer_init(out), zone, language, pct_buffer_init(WITH_BYTES_MAX + TEXT_BYTES_MAX)};
    pct_json_begin_object(&w.json);
    key_string(&w, "format", "precinct-plan-1");
    key_text(&w, "name", plan->name);
    key_text(&w, "date", plan->date);
    pct_json_key(&w.json, "map_version");
    pct_json_integer(&w.json, plan->map_version);
    pct_json_key(&w.json, "seed");
    pct_json_integer(&w.json, (int64_t)plan->seed);
    pct_json_key(&w.json, "feasible");
    pct_json_bool(&w.json, plan->feasible);
    pct_json_key(&w.json, "unmet");
    pct_json_begin_array(&w.json);
    for (size_t i = 0; i < plan->unmet_count; i++) write_unmet(&w, &plan->unmet[i]);
    pct_json_end_array(&w.json);
    write_cost(&w, plan);
    key_real(&w, "entropy_bits", plan->entropy_bits, 2);
    key_real(&w, "first_s", plan->first_s, 3);
    key_real(&w, "wall_s", plan->wall_s, 3);
    pct_json_key(&w.json, "iterations");
    pct_json_integer(&w.json, (int64_t)plan->iterations);
    pct_json_key(&w.json, "routes");
    pct_json_begin_array(&w.json);
    for (size_t i = 0; i < plan->route_count; i++) write_route(&w, &plan->routes[i]);
    pct_json_end_array(&w.json);
    pct_json_end_object(&w.json);
    pct_buffer_dispose(&w.text);
}

void pct_duty_plan_dispose(pct_duty_plan *plan) {
    pct_arena_dispose(&plan->arena);
    *plan = (pct_duty_plan){0};
}
