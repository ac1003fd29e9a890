/* Supervision checks (practice: telephone and field, announced or not): who checks records it on the round of the unit, the crew sees it
 * at once and says its word, and only then others are told what was found (L18). A check is no figure: nothing sums or compares them. */
#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_rounds.h"

static unsigned named(pct_text text, const char *const *names, unsigned count) {
    for (unsigned i = 1; i < count; i++)
        if (pct_text_equal(text, names[i])) return i;
    return 0;
}

pct_status pct_resource_patrol_check(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_CHECK_ROUND};
    pct_event_round_checked *d = &command.data.round_checked;
    const json_t *stop = json_object_get(x->body, "stop");
    pct_text at = pct_exchange_text(x, "at");
    d->kind = (pct_check_kind)named(pct_exchange_text(x, "kind"), pct_check_kind_names, PCT_CHECK_KIND_COUNT);
    d->answer = (pct_check_answer)named(pct_exchange_text(x, "answer"), pct_check_answer_names,
                                        PCT_CHECK_ANSWER_COUNT);
    d->announced = json_is_true(json_object_get(x->body, "announced"));
    d->has_stop = stop != NULL;
    d->stop = json_integer_value(stop);
    d->planned = pct_text_trim(pct_exchange_text(x, "planned"));
    d->at = x->now_ms;
    if (at.length) (void)pct_zone_parse(&x->service->site->zone, at, &d->at, NULL);
    return pct_patrol_take_round(x, &command, error);
}

pct_status pct_resource_patrol_check_answer(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_ANSWER_CHECK};
    pct_event_check_answered *d = &command.data.check_answered;
    d->number = json_integer_value(json_object_get(x->body, "number"));
    d->word = (pct_check_word)named(pct_exchange_text(x, "word"), pct_check_word_names, PCT_CHECK_WORD_COUNT);
    return pct_patrol_take_round(x, &command, error);
}

/* --- on the sheet --------------------------------------------------------------------------------------------------------- */

static bool is_crew(const pct_exchange *x, const pct_life_round *r) {
    return x->identity.unit.seq != 0 && x->identity.unit.seq == r->unit.seq;
}

static void name_or_null(pct_json_writer *json, const char *key, const char *name) {
    pct_json_key(json, key);
    if (name)
        pct_json_string(json, name);
    else
        pct_json_null(json);
}

static void write_check(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r, size_t i) {
    const pct_life_check *c = &r->checks[i];
    const pct_zone *zone = &x->service->site->zone;
    bool told = is_crew(x, r) || pct_life_check_is_told(r, c) || pct_text_equal(c->by, x->identity.account);
    pct_json_begin_object(json);
    pct_json_key(json, "number");
    pct_json_integer(json, (int64_t)i + 1);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_check_kind_names[c->kind]);
    pct_json_key(json, "announced");
    pct_json_bool(json, c->announced);
    pct_json_time_member(json, "at", c->at_ms, zone);
    pct_json_key(json, "stop");
    if (c->stop)
        pct_json_integer(json, c->stop);
    else
        pct_json_null(json);
    pct_json_text_member(json, "planned", c->planned);
    pct_json_text_member(json, "by", c->by);
    name_or_null(json, "answer", told ? pct_check_answer_names[c->answer] : NULL);
    name_or_null(json, "word", c->word ? pct_check_word_names[c->word] : NULL);
    pct_json_time_member(json, "word_at", c->word_ms, zone);
    pct_json_end_object(json);
}

void pct_patrol_write_checks(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r) {
    pct_json_key(json, "checks");
    pct_json_begin_array(json);
    for (size_t i = 0; i < r->checks_length; i++) write_check(json, x, r, i);
    pct_json_end_array(json);
}
