/* What share of the expected calls is still within the target if a unit goes. */
#include "resource/advice.h"
#include "resource/board_json.h"
#include "resource/demand.h"

enum { TARGET_BY_DEFAULT_S = 600, MS_PER_S = 1000, NOTE_MAX = 1 << 12 };

static int64_t target_s(const pct_exchange *x) {
    int64_t most_urgent_s = pct_codes_target_s(x->service->codes, 1);
    return pct_exchange_query_int(x, "target_s", most_urgent_s ? most_urgent_s : TARGET_BY_DEFAULT_S);
}

static void write_note(const pct_exchange *x, const pct_cover_left *left, pct_json_writer *json) {
    pct_buffer note = pct_buffer_init(NOTE_MAX);
    const pct_param parameters[] = {pct_int(left->calls), pct_int(PCT_DEMAND_DAYS),
                                    pct_int(PCT_DEMAND_CALLS_MIN)};
    if (left->points == 0)
        (void)pct_message_render(PCT_MSG_COVER_LEFT_UNKNOWN, parameters, 3, x->language, &note);
    else if (!left->counts)
        (void)pct_message_render(PCT_MSG_COVER_LEFT_AWAY, NULL, 0, x->language, &note);
    pct_json_text_member(json, "note", pct_text_of(pct_buffer_chars(&note)));
    pct_buffer_dispose(&note);
}

static void write_share(pct_json_writer *json, const char *key, const pct_cover_left *left, double share) {
    pct_json_key(json, key);
    if (left->points == 0)
        pct_json_null(json);
    else
        pct_json_real(json, share, 4);
}

pct_status pct_resource_unit_cover_left(pct_exchange *x, pct_error *error) {
    const pct_id id = pct_exchange_id(x, "unit");
    const int64_t seconds = target_s(x);
    pct_cover_left left;
    pct_status status =
        pct_advice_cover_left(x->service->advice, (pct_unit_id){id.seq}, seconds * MS_PER_S, &left, error);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_id_member(&json, "unit", id);
    pct_json_time_member(&json, "at", x->now_ms, &x->service->site->zone);
    pct_json_key(&json, "target_s");
    pct_json_integer(&json, seconds);
    write_share(&json, "share_now", &left, left.share_now);
    write_share(&json, "share_left", &left, left.share_left);
    pct_json_key(&json, "demand_calls");
    pct_json_integer(&json, left.calls);
    pct_json_key(&json, "demand_points");
    pct_json_integer(&json, (int64_t)left.points);
    write_note(x, &left, &json);
    pct_json_end_object(&json);
    return PCT_OK;
}
