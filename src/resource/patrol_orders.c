/* What enters the next plan beside the problem: directed orders, what is owed, and the duty level. */
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_duty.h"

enum { OWED_MAX = 2000, SHOWN_MAX = 500 };

/* --- directed orders ------------------------------------------------------------------------------------------------------- */

/* "HH:MM" up to 48:00. */
static bool read_minute(const pct_exchange *x, const char *name, int64_t *out) {
    pct_text rest = pct_exchange_text(x, name), hours, minutes;
    int64_t h, m;
    if (!pct_text_next(&rest, ':', &hours) || !pct_text_next(&rest, ':', &minutes) || rest.length > 0 ||
        hours.length != 2 || minutes.length != 2 || !pct_text_to_integer(hours, &h) ||
        !pct_text_to_integer(minutes, &m))
        return false;
    *out = h * 60 + m;
    return h >= 0 && m >= 0 && m < 60 && *out <= 2880;
}

static pct_status in_field(pct_exchange *x, const char *field, pct_status status) {
    memcpy(x->field, field, strlen(field) + 1);
    return status;
}

static int64_t number_or(const pct_exchange *x, const char *name, int64_t otherwise) {
    const json_t *value = json_object_get(x->body, name);
    return value ? json_integer_value(value) : otherwise;
}

pct_status pct_resource_directed_order(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_ORDER_DIRECTED};
    pct_event_directed_ordered *d = &command.data.directed_ordered;
    const json_t *at = json_object_get(x->body, "at");
    (void)pct_position_from_degrees(json_number_value(json_array_get(at, 0)),
                                    json_number_value(json_array_get(at, 1)), &d->position);
    (void)pct_zone_parse(&x->service->site->zone, pct_exchange_text(x, "until"), &d->until, NULL);
    d->name = pct_text_trim(pct_exchange_text(x, "name"));
    d->minutes = number_or(x, "minutes", 5);
    d->times = number_or(x, "visits", 1);
    pct_text reason = pct_text_trim(pct_exchange_text(x, "reason"));
    if (reason.length == 0)
        return in_field(x, "reason", PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_MISSING, pct_str("reason")));
    if (!read_minute(x, "from", &d->from_minute))
        return in_field(x, "from", pct_error_set(error, PCT_INPUT, PCT_MSG_LIFE_CLOCK, NULL, 0));
    if (!read_minute(x, "to", &d->to_minute))
        return in_field(x, "to", pct_error_set(error, PCT_INPUT, PCT_MSG_LIFE_CLOCK, NULL, 0));
    pct_status status = pct_patrol_refuse_dwelling(x->service, d->name, d->position, error);
    return status ? in_field(x, "at", status) : pct_patrol_take(x, &command, reason, error);
}

pct_status pct_resource_directed_end(pct_exchange *x, pct_error *error) {
    const pct_command command = {.kind = PCT_COMMAND_END_DIRECTED, .object = pct_exchange_id(x, "directed")};
    return pct_patrol_take(x, &command, pct_text_trim(pct_exchange_text(x, "reason")), error);
}

static void write_minute(pct_json_writer *json, const char *key, int32_t minute) {
    char text[] = "00:00";
    text[0] = (char)('0' + minute / 600), text[1] = (char)('0' + minute / 60 % 10);
    text[3] = (char)('0' + minute % 60 / 10), text[4] = (char)('0' + minute % 10);
    pct_json_key(json, key);
    pct_json_string(json, text);
}

static void write_directed(pct_json_writer *json, const pct_exchange *x, const pct_life_directed *d) {
    const pct_zone *zone = &x->service->site->zone;
    bool open = pct_life_directed_is_open(d, x->now_ms);
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", (pct_id){.kind = 'X', .seq = d->id.seq});
    pct_json_key(json, "state");
    pct_json_string(json, open ? "open" : d->ended_ms ? "ended" : "lapsed");
    pct_json_text_member(json, "name", d->name);
    pct_json_position_member(json, "at", true, d->position);
    write_minute(json, "from", d->from_minute);
    write_minute(json, "to", d->to_minute);
    pct_json_key(json, "minutes");
    pct_json_integer(json, d->minutes);
    pct_json_key(json, "visits");
    pct_json_integer(json, d->times);
    pct_json_text_member(json, "reason", d->reason);
    pct_json_text_member(json, "author", d->author);
    pct_json_time_member(json, "ordered_at", d->ordered_ms, zone);
    pct_json_time_member(json, "until", d->until_ms, zone);
    pct_json_time_member(json, "ended_at", d->ended_ms, zone);
    pct_json_end_object(json);
}

/* The newest first. */
pct_status pct_resource_directed_list(pct_exchange *x, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_text wanted = pct_exchange_query(x, "state");
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    size_t count = 0, shown = 0;
    while (pct_life_directed_at(life, count)) count++;
    pct_json_begin_object(&json);
    pct_json_key(&json, "orders");
    pct_json_begin_array(&json);
    for (size_t i = count; i > 0 && shown < SHOWN_MAX; i--) {
        const pct_life_directed *d = pct_life_directed_at(life, i - 1);
        if (wanted.chars && !pct_life_directed_is_open(d, x->now_ms)) continue;
        write_directed(&json, x, d);
        shown++;
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    pct_patrol_let_go(x->service->patrol);
    return pct_buffer_status(&x->reply, error);
}

/* --- debt ------------------------------------------------------------------------------------------------------------------- */

pct_status pct_resource_patrol_debt(pct_exchange *x, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_life_owed *owed = pct_arena_alloc(&x->arena, OWED_MAX, sizeof *owed);
    size_t count;
    if (!owed) return pct_error_memory(error, OWED_MAX * sizeof *owed);
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    pct_life_debt(life, x->now_ms, owed, OWED_MAX, &count);
    pct_json_begin_object(&json);
    pct_json_key(&json, "debt");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count && i < OWED_MAX; i++) {
        pct_json_begin_object(&json);
        pct_json_text_member(&json, "id", owed[i].id);
        pct_json_text_member(&json, "name", owed[i].name);
        pct_json_key(&json, "kind");
        pct_json_string(&json, pct_duty_kind_name(owed[i].kind));
        pct_json_key(&json, "visits");
        pct_json_integer(&json, owed[i].visits);
        pct_json_time_member(&json, "since", owed[i].since_ms, &x->service->site->zone);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_key(&json, "lapses_after_days");
    pct_json_integer(&json, PCT_LIFE_DEBT_DAYS);
    pct_json_end_object(&json);
    pct_patrol_let_go(x->service->patrol);
    return pct_buffer_status(&x->reply, error);
}

/* --- the duty level ---------------------------------------------------------------------------------------------------------- */

static void write_level(pct_json_writer *json, const pct_exchange *x, const pct_life_level *v) {
    const pct_zone *zone = &x->service->site->zone;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", (pct_id){.kind = 'V', .seq = v->id.seq});
    pct_json_key(json, "level");
    pct_json_integer(json, v->level);
    pct_json_key(json, "ground");
    pct_json_string(json, pct_level_ground_names[v->ground]);
    pct_json_text_member(json, "number", v->number);
    pct_json_text_member(json, "approver", v->approver);
    pct_json_text_member(json, "author", v->author);
    pct_json_time_member(json, "set_at", v->set_ms, zone);
    pct_json_time_member(json, "from", v->from_ms, zone);
    pct_json_time_member(json, "until", v->until_ms, zone);
    pct_json_key(json, "share_percent");
    pct_json_integer(json, v->share_percent);
    pct_json_key(json, "stand_by");
    if (v->stand_by >= 0)
        pct_json_integer(json, v->stand_by);
    else
        pct_json_null(json);
    pct_json_end_object(json);
}

/* Where nothing was ever said it is level 3, with everybody who is on duty. */
pct_status pct_resource_patrol_level(pct_exchange *x, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    const pct_life_level *now = pct_life_level_at_time(life, x->now_ms);
    size_t count = 0;
    while (pct_life_level_at(life, count)) count++;
    pct_json_begin_object(&json);
    pct_json_key(&json, "level");
    pct_json_integer(&json, now ? now->level : 3);
    pct_json_key(&json, "share_percent");
    pct_json_integer(&json, now ? now->share_percent : 100);
    pct_json_key(&json, "now");
    if (now)
        write_level(&json, x, now);
    else
        pct_json_null(&json);
    pct_json_key(&json, "set");
    pct_json_begin_array(&json);
    for (size_t i = count; i > 0 && count - i < SHOWN_MAX; i--)
        write_level(&json, x, pct_life_level_at(life, i - 1));
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    pct_patrol_let_go(x->service->patrol);
    return pct_buffer_status(&x->reply, error);
}

pct_status pct_resource_patrol_level_set(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_SET_LEVEL};
    pct_event_level_set *d = &command.data.level_set;
    const pct_zone *zone = &x->service->site->zone;
    pct_text ground = pct_exchange_text(x, "ground"), until = pct_exchange_text(x, "until");
    const json_t *stand_by = json_object_get(x->body, "stand_by");
    d->level = number_or(x, "level", 3);
    d->share_percent = number_or(x, "share_percent", 100);
    for (unsigned g = 1; g < PCT_LEVEL_GROUND_COUNT; g++)
        if (pct_text_equal(ground, pct_level_ground_names[g])) d->ground = (pct_level_ground)g;
    d->number = pct_text_trim(pct_exchange_text(x, "number"));
    d->approver = pct_text_trim(pct_exchange_text(x, "approver"));
    (void)pct_zone_parse(zone, pct_exchange_text(x, "from"), &d->from, NULL);
    d->has_until = until.length > 0 && pct_zone_parse(zone, until, &d->until, NULL);
    d->has_stand_by = stand_by != NULL;
    d->stand_by = json_integer_value(stand_by);
    return pct_patrol_take(x, &command, pct_text_trim(pct_exchange_text(x, "reason")), error);
}
