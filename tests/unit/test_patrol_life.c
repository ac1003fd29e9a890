/* The life of plans: what may be done when, what is so then, and that the order in which objects are loaded does not matter. */
#include "patrol/life.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"

#define HOUR   INT64_C(3600000)
#define MINUTE INT64_C(60000)
#define DAY    (24 * HOUR)

enum { EVENTS_MAX = 64, TEXT_MAX = 4096 };

static pct_event events[EVENTS_MAX];
static char texts[EVENTS_MAX][TEXT_MAX];
static size_t event_count;
static pct_life *life;
static int64_t now_ms;
static pct_error error;

static void begin(void) {
    event_count = 0;
    now_ms = 1000 * DAY;
    test_ok(pct_life_new(&life, &error), &error);
}

static pct_event *put(pct_event_type type, int64_t object) {
    pct_event *e = &events[event_count++];
    memset(e, 0, sizeof *e);
    e->seq = (int64_t)event_count;
    e->type = type;
    e->actor = pct_text_of("anna");
    e->recorded_at_ms = e->occurred_at_ms = now_ms;
    e->object = (pct_id){.kind = pct_event_type_table[type].kind,
                         .seq = pct_event_type_table[type].creates ? e->seq : object};
    return e;
}

static pct_status may(const pct_event *e) {
    return pct_life_may(life, e->type, e->object, &e->data, now_ms, &error);
}

static int64_t apply(const pct_event *e) {
    test_ok(may(e), &error);
    test_ok(pct_life_apply(life, e, &error), &error);
    return e->object.seq;
}

/* Not caused: it is taken back. */
static void refused(const pct_event *e, pct_status status, const char *says) {
    ck_assert_int_eq(may(e), status);
    test_error_says(&error, says);
    event_count--;
}

static int64_t a_plan(void) {
    pct_event *e = put(PCT_EVENT_PLAN_ASKED, 0);
    e->data.plan_asked.source = PCT_PLAN_SOURCE_SOLVER;
    e->data.plan_asked.name = pct_text_of("Day");
    e->data.plan_asked.debt_until = pct_life_seq(life);
    int64_t plan = apply(e);
    e = put(PCT_EVENT_PLAN_MADE, plan);
    e->data.plan_made.digest = pct_text_of("d1");
    e->data.plan_made.feasible = true;
    (void)apply(e);
    return plan;
}

/* Three stops in three hours: two musts and one that is none. */
static pct_event *round_of(int64_t plan, int64_t unit) {
    pct_event *e = put(PCT_EVENT_ROUND_ORDERED, 0);
    pct_life_stop stops[3];
    memset(stops, 0, sizeof stops);
    for (int i = 0; i < 3; i++) {
        stops[i].number = i + 1, stops[i].n = 1;
        stops[i].kind = i == 1 ? PCT_DUTY_LINE : PCT_DUTY_POINT;
        stops[i].id = pct_text_of(i == 0 ? "P1" : i == 1 ? "L1" : "P2");
        stops[i].name = pct_text_of("a \"gate\", 东门");
        stops[i].from = stops[i].to = (pct_position){1000000000 + i, 400000000};
        stops[i].arrive_ms = stops[i].start_ms = now_ms + (i + 1) * HOUR;
        stops[i].end_ms = stops[i].start_ms + 10 * MINUTE;
        stops[i].must = i < 2;
    }
    pct_buffer text = pct_buffer_init(TEXT_MAX);
    pct_life_stops_write(stops, 3, &text);
    memcpy(texts[event_count], text.bytes, text.length);
    e->data.round_ordered = (pct_event_round_ordered){.plan = {plan},
                                                      .unit = {unit},
                                                      .name = pct_text_of("N1"),
                                                      .leave = now_ms,
                                                      .back = now_ms + 4 * HOUR,
                                                      .until = now_ms + 5 * HOUR,
                                                      .stops = {texts[event_count], text.length}};
    pct_buffer_dispose(&text);
    return e;
}

static int64_t adopted_round(int64_t unit) {
    int64_t plan = a_plan(), round = apply(round_of(plan, unit));
    (void)apply(put(PCT_EVENT_PLAN_ADOPTED, plan));
    return round;
}

static pct_event *visit(int64_t round, int64_t stop) {
    pct_event *e = put(PCT_EVENT_STOP_VISITED, round);
    e->data.stop_visited =
        (pct_event_stop_visited){.stop = stop, .proof = PCT_VISIT_PROOF_TAG, .from = now_ms};
    return e;
}

static const pct_life_round *round_at(int64_t round) {
    return pct_life_round_of(life, (pct_round_id){round});
}

static pct_life_stop_status stop_status(int64_t round, size_t index) {
    return pct_life_stop_status_of(round_at(round), &round_at(round)->stops[index]);
}

static size_t debt(pct_life_owed *out) {
    size_t count;
    pct_life_debt(life, now_ms, out, 8, &count);
    return count;
}

/* The life that the same events lead to, those of one object after another. */
static pct_life *object_by_object(void) {
    pct_life *other;
    test_ok(pct_life_new(&other, &error), &error);
    for (const char *kind = "DGRXV"; *kind; kind++)
        for (size_t o = 1; o <= event_count; o++)
            for (size_t i = 0; i < event_count; i++)
                if (events[i].object.kind == *kind && events[i].object.seq == (int64_t)o)
                    test_ok(pct_life_apply(other, &events[i], &error), &error);
    ck_assert_uint_eq(pct_life_digest(life), pct_life_digest(other));
    return other;
}

TEST(a_round_counts_only_once_its_plan_is_adopted) {
    begin();
    int64_t plan = a_plan(), round = apply(round_of(plan, 7));
    refused(visit(round, 1), PCT_NOT_FOUND, "R3");
    refused(round_of(plan, 7), PCT_REFUSED, "already");
    (void)apply(put(PCT_EVENT_PLAN_ADOPTED, plan));
    refused(put(PCT_EVENT_PLAN_ADOPTED, plan), PCT_REFUSED, "adopted");
    ck_assert_int_eq(pct_life_round_going(round_at(round), now_ms - MINUTE), PCT_LIFE_PLANNED);
    (void)apply(visit(round, 1));
    ck_assert_int_eq(pct_life_round_going(round_at(round), now_ms), PCT_LIFE_UNDER_WAY);
    pct_life_free(life);
}

TEST(a_stop_is_served_once_and_is_done_late_or_short) {
    begin();
    int64_t round = adopted_round(7);
    refused(visit(round, 9), PCT_NOT_FOUND, "no stop 9");
    now_ms += HOUR + 10 * MINUTE;
    pct_event *e = visit(round, 1);
    e->data.stop_visited.from = now_ms - 10 * MINUTE;
    e->data.stop_visited.until = now_ms, e->data.stop_visited.has_until = true;
    (void)apply(e);
    ck_assert_int_eq(stop_status(round, 0), PCT_LIFE_STOP_DONE);
    refused(visit(round, 1), PCT_REFUSED, "already");
    e = visit(round, 2);
    e->data.stop_visited.from = now_ms + MINUTE;
    refused(e, PCT_INPUT, "now");
    now_ms += 51 * MINUTE;
    e = visit(round, 2);
    e->data.stop_visited.from = now_ms - MINUTE;
    e->data.stop_visited.until = now_ms, e->data.stop_visited.has_until = true;
    (void)apply(e);
    ck_assert_int_eq(stop_status(round, 1), PCT_LIFE_STOP_SHORT);
    ck_assert_str_eq(pct_life_round_next(round_at(round))->id.chars, "P2");
    now_ms += 2 * HOUR;
    (void)apply(visit(round, 3));
    ck_assert_int_eq(stop_status(round, 2), PCT_LIFE_STOP_LATE);
    ck_assert_int_eq(pct_life_round_going(round_at(round), now_ms), PCT_LIFE_DONE);
    (void)apply(put(PCT_EVENT_ROUND_ENDED, round));
    refused(visit(round, 3), PCT_REFUSED, "over");
    pct_life_free(life);
}

TEST(what_was_not_served_is_owed_and_a_new_plan_takes_it_in) {
    pct_life_owed owed[8];
    begin();
    int64_t round = adopted_round(7);
    (void)apply(visit(round, 1));
    ck_assert_uint_eq(debt(owed), 0);
    now_ms += 6 * HOUR;
    (void)apply(put(PCT_EVENT_ROUND_ENDED, round));
    ck_assert_int_eq(stop_status(round, 1), PCT_LIFE_STOP_MISSED);
    ck_assert_uint_eq(debt(owed), 1); /* the line; P2 was no must */
    ck_assert_str_eq(owed[0].id.chars, "L1");
    ck_assert_int_eq(owed[0].visits, 1);
    int64_t second = adopted_round(8);
    ck_assert_uint_eq(debt(owed), 0);
    now_ms += 6 * HOUR;
    (void)apply(put(PCT_EVENT_ROUND_ENDED, second));
    ck_assert_uint_eq(debt(owed), 2);
    now_ms += PCT_LIFE_DEBT_DAYS * DAY;
    ck_assert_uint_eq(debt(owed), 0);
    pct_life_free(life);
}

TEST(a_unit_that_was_called_away_resumes_and_what_is_left_out_is_owed) {
    pct_life_owed owed[8];
    begin();
    int64_t round = adopted_round(7);
    (void)apply(visit(round, 1));
    pct_event *e = put(PCT_EVENT_ROUND_LEFT, round);
    e->data.round_left.order = (pct_order_id){99};
    (void)apply(e);
    ck_assert_int_eq(pct_life_round_going(round_at(round), now_ms), PCT_LIFE_LEFT);
    refused(put(PCT_EVENT_ROUND_LEFT, round), PCT_REFUSED, "call already");
    pct_life_stop rest = round_at(round)->stops[2];
    rest.start_ms += HOUR, rest.end_ms += HOUR;
    pct_buffer text = pct_buffer_init(TEXT_MAX);
    pct_life_stops_write(&rest, 1, &text);
    memcpy(texts[event_count], text.bytes, text.length);
    e = put(PCT_EVENT_ROUND_RESUMED, round);
    e->data.round_resumed =
        (pct_event_round_resumed){.back = now_ms + 6 * HOUR, .stops = {texts[event_count - 1], text.length}};
    pct_buffer_dispose(&text);
    (void)apply(e);
    const pct_life_round *r = round_at(round);
    ck_assert_uint_eq(r->stop_count, 3);
    ck_assert_int_eq(r->stops[1].number, 3);
    ck_assert_int_eq(pct_life_round_next(r)->number, 3);
    ck_assert_int_eq(stop_status(round, 2), PCT_LIFE_STOP_LEFT);
    ck_assert_uint_eq(debt(owed), 1);
    ck_assert_str_eq(owed[0].id.chars, "L1");
    refused(put(PCT_EVENT_ROUND_RESUMED, round), PCT_REFUSED, "not left");
    pct_life_free(life);
}

/* --- two rounds of one plan, of which one is left and the other takes over ------------------------------------------------ */

static int64_t first_round, second_round;

static void two_rounds(void) {
    begin();
    int64_t plan = a_plan();
    first_round = apply(round_of(plan, 7));
    pct_event *e = round_of(plan, 8);
    for (char *at = texts[event_count]; (at = strpbrk(at, "PL")) != NULL; at++)
        if (at[-1] == '"' && at[2] == '"') at[0] = *at == 'P' ? 'Q' : 'M';
    second_round = apply(e);
    (void)apply(put(PCT_EVENT_PLAN_ADOPTED, plan));
    (void)apply(visit(first_round, 1));
    e = put(PCT_EVENT_ROUND_LEFT, first_round);
    e->data.round_left.order = (pct_order_id){99};
    (void)apply(e);
}

static pct_text text_of(const pct_life_stop *stops, size_t count) {
    pct_buffer text = pct_buffer_init(TEXT_MAX);
    pct_life_stops_write(stops, count, &text);
    char *to = texts[event_count - 1];
    memcpy(to, text.bytes, text.length);
    pct_text out = {to, text.length};
    pct_buffer_dispose(&text);
    return out;
}

static pct_event *resumed(const pct_life_stop *stops, size_t count, const char *moved) {
    pct_event *e = put(PCT_EVENT_ROUND_RESUMED, first_round);
    e->data.round_resumed = (pct_event_round_resumed){.back = now_ms + 6 * HOUR,
                                                      .stops = text_of(stops, count),
                                                      .moved = pct_text_of(moved),
                                                      .after = round_at(first_round)->seq,
                                                      .has_after = true,
                                                      .laid = PCT_REST_LAID_TOGETHER};
    return e;
}

static pct_event *changed(const pct_life_stop *stops, size_t count, const char *moved) {
    pct_event *e = put(PCT_EVENT_ROUND_CHANGED, second_round);
    e->data.round_changed = (pct_event_round_changed){.order = {99},
                                                      .round = {first_round},
                                                      .after = round_at(second_round)->seq,
                                                      .back = now_ms + 5 * HOUR,
                                                      .stops = text_of(stops, count),
                                                      .moved = pct_text_of(moved)};
    return e;
}

static pct_status may_both(const pct_event *a, const pct_event *b) {
    const pct_life_asked asked[] = {{a->type, a->object, &a->data}, {b->type, b->object, &b->data}};
    return pct_life_may_all(life, asked, b == a ? 1 : 2, now_ms, &error);
}

/* The first round keeps its third stop, the second takes the line over between its own. */
static void hand_over(pct_life_stop *own, pct_life_stop *theirs) {
    own[0] = round_at(first_round)->stops[2];
    theirs[0] = round_at(second_round)->stops[0];
    theirs[1] = round_at(first_round)->stops[1];
    theirs[1].number = 4;
    theirs[2] = round_at(second_round)->stops[1];
    theirs[3] = round_at(second_round)->stops[2];
}

TEST(a_neighbour_takes_over_and_no_stop_is_in_two_rounds_or_in_none) {
    pct_life_owed owed[8];
    pct_life_stop own[1], theirs[4];
    char to[16], from[16];
    two_rounds();
    hand_over(own, theirs);
    (void)snprintf(to, sizeof to, "[[2,%d]]", (int)second_round);
    (void)snprintf(from, sizeof from, "[[4,%d]]", (int)first_round);
    const pct_event *a = resumed(own, 1, to), *b = changed(theirs, 4, from);
    test_ok(may_both(a, b), &error);
    test_ok(pct_life_apply(life, a, &error), &error);
    test_ok(pct_life_apply(life, b, &error), &error);
    const pct_life_round *r = round_at(first_round), *n = round_at(second_round);
    ck_assert_int_eq(pct_life_stop_status_of(r, &r->stops[2]), PCT_LIFE_STOP_HANDED);
    ck_assert_int_eq(r->stops[2].handed_to, second_round);
    ck_assert_int_eq(n->stops[1].taken_from, first_round);
    ck_assert_str_eq(n->stops[1].id.chars, "L1");
    ck_assert(r->changed_for.seq == 99 && n->changed_for.seq == 99 && n->changed_by.seq == first_round);
    ck_assert(!r->left_ms && !n->laid_alone && n->back_ms == now_ms + 5 * HOUR);
    ck_assert_uint_eq(debt(owed), 0);
    refused(visit(first_round, 2), PCT_REFUSED, "taken over");
    (void)apply(visit(second_round, 4));
    ck_assert_int_eq(pct_life_round_next(round_at(second_round))->number, 1);
    now_ms += 6 * HOUR;
    (void)apply(put(PCT_EVENT_ROUND_ENDED, first_round));
    ck_assert_uint_eq(debt(owed), 0); /* P2 was no must, and the line is the neighbour's, who served it */
    (void)apply(put(PCT_EVENT_ROUND_ENDED, second_round));
    ck_assert_uint_eq(debt(owed), 2); /* the neighbour's own point and line */
    pct_life *other = object_by_object();
    pct_life_free(other);
    pct_life_free(life);
}

TEST(what_would_be_doubled_lost_or_out_of_date_is_refused_as_a_whole) {
    pct_life_stop own[2], theirs[4], wrong[4];
    char to[16], from[16];
    two_rounds();
    hand_over(own, theirs);
    own[1] = round_at(first_round)->stops[1];
    (void)snprintf(to, sizeof to, "[[2,%d]]", (int)second_round);
    (void)snprintf(from, sizeof from, "[[4,%d]]", (int)first_round);
    const uint64_t before = pct_life_digest(life);
    const pct_event *a = resumed(own, 1, to), *b = changed(theirs, 4, from), *x;
    ck_assert_int_eq(may_both(a, a), PCT_REFUSED); /* handed over to nobody */
    test_error_says(&error, "exactly one");
    ck_assert_int_eq(may_both(b, b), PCT_REFUSED); /* taken over from nobody */
    test_error_says(&error, "exactly one");
    x = resumed(own, 2, "");
    ck_assert_int_eq(may_both(x, b), PCT_REFUSED); /* kept, too */
    test_error_says(&error, "exactly one");
    x = changed(theirs, 1, "[]");
    ck_assert_int_eq(may_both(a, x), PCT_REFUSED); /* in none */
    memcpy(wrong, theirs, sizeof wrong);
    wrong[1].number = 3, wrong[3].number = 4;
    x = changed(wrong, 4, from);
    ck_assert_int_eq(may_both(a, x), PCT_REFUSED); /* under another's number */
    test_error_says(&error, "none of its open stops");
    wrong[0] = round_at(first_round)->stops[0];
    x = resumed(wrong, 1, to);
    ck_assert_int_eq(may_both(x, b), PCT_REFUSED); /* served already */
    pct_event *late = changed(theirs, 4, from);
    late->data.round_changed.after--;
    ck_assert_int_eq(may_both(a, late), PCT_REFUSED);
    test_error_says(&error, "changed since");
    ck_assert_int_eq(may_both(b, a), PCT_OK);
    ck_assert_uint_eq(pct_life_digest(life), before);
    (void)apply(visit(second_round, 1)); /* meanwhile */
    ck_assert_int_eq(may_both(a, b), PCT_REFUSED);
    test_error_says(&error, "changed since");
    pct_life_free(life);
}

TEST(rounds_of_two_plans_do_not_change_together) {
    pct_life_stop rest[1];
    two_rounds();
    int64_t other = adopted_round(9);
    rest[0] = round_at(first_round)->stops[2];
    const pct_event *a = resumed(rest, 1, "");
    rest[0] = round_at(other)->stops[0];
    second_round = other;
    const pct_event *b = changed(rest, 1, "");
    ck_assert_int_eq(may_both(a, b), PCT_REFUSED);
    test_error_says(&error, "none of the plan");
    pct_life_free(life);
}

TEST(one_unit_has_one_round_at_a_time) {
    begin();
    (void)adopted_round(7);
    int64_t plan = a_plan();
    refused(round_of(plan, 7), PCT_REFUSED, "R3");
    (void)apply(round_of(plan, 8));
    pct_life_free(life);
}

TEST(directed_orders_end_within_fourteen_days_and_lapse_by_themselves) {
    begin();
    pct_event *e = put(PCT_EVENT_DIRECTED_ORDERED, 0);
    e->purpose = pct_text_of("three burglaries of shops");
    e->data.directed_ordered = (pct_event_directed_ordered){.name = pct_text_of("Market"),
                                                            .from_minute = 600,
                                                            .to_minute = 720,
                                                            .minutes = 10,
                                                            .times = 1,
                                                            .until = now_ms + 14 * DAY + 1};
    refused(e, PCT_REFUSED, "14 days");
    event_count++;
    e->data.directed_ordered.until = now_ms + 14 * DAY;
    e->data.directed_ordered.to_minute = 600;
    refused(e, PCT_INPUT, "before they end");
    event_count++;
    e->data.directed_ordered.to_minute = 720;
    int64_t order = apply(e);
    const pct_life_directed *x = pct_life_directed_of(life, (pct_directed_id){order});
    ck_assert(pct_life_directed_is_open(x, now_ms + 14 * DAY - 1));
    ck_assert(!pct_life_directed_is_open(x, now_ms + 14 * DAY));
    (void)apply(put(PCT_EVENT_DIRECTED_ENDED, order));
    refused(put(PCT_EVENT_DIRECTED_ENDED, order), PCT_REFUSED, "ended");
    pct_life_free(life);
}

TEST(a_duty_level_has_a_ground_an_end_and_its_share) {
    begin();
    pct_event *e = put(PCT_EVENT_LEVEL_SET, 0);
    e->data.level_set = (pct_event_level_set){
        .level = 2, .ground = PCT_LEVEL_GROUND_HOLIDAY, .from = now_ms, .share_percent = 50};
    refused(e, PCT_INPUT, "needs an end");
    event_count++;
    e->data.level_set.until = now_ms + DAY, e->data.level_set.has_until = true;
    e->data.level_set.share_percent = 49;
    refused(e, PCT_INPUT, "half");
    event_count++;
    e->data.level_set.share_percent = 60;
    (void)apply(e);
    ck_assert_int_eq(pct_life_level_at_time(life, now_ms)->level, 2);
    ck_assert_ptr_null(pct_life_level_at_time(life, now_ms + DAY));
    pct_life_free(life);
}

TEST(a_crew_says_of_a_stop_what_it_will_and_its_last_word_holds) {
    begin();
    int64_t round = adopted_round(7);
    pct_event *e = put(PCT_EVENT_STOP_EXPLAINED, round);
    e->data.stop_explained = (pct_event_stop_explained){.stop = 2, .reason = PCT_STOP_REASON_ROAD_BLOCKED};
    (void)apply(e);
    e = put(PCT_EVENT_STOP_EXPLAINED, round);
    e->data.stop_explained = (pct_event_stop_explained){.stop = 2, .reason = PCT_STOP_REASON_WAS_THERE};
    uint64_t before = pct_life_digest(life);
    (void)apply(e);
    ck_assert_uint_ne(pct_life_digest(life), before);
    const pct_life_round *r = round_at(round);
    for (size_t i = 0; i < r->stop_count; i++)
        ck_assert_int_eq(r->stops[i].reason,
                         r->stops[i].number == 2 ? PCT_STOP_REASON_WAS_THERE : PCT_STOP_REASON_NONE);
    e = put(PCT_EVENT_STOP_EXPLAINED, round);
    e->data.stop_explained.stop = 99;
    ck_assert_int_eq(may(e), PCT_NOT_FOUND);
    pct_life_free(life);
}

TEST(the_log_is_written_once_and_within_a_day_of_the_end) {
    begin();
    int64_t round = adopted_round(7);
    now_ms += 6 * HOUR;
    (void)apply(put(PCT_EVENT_ROUND_ENDED, round));
    pct_event *e = put(PCT_EVENT_ROUND_LOGGED, round);
    e->data.round_logged.metres = 41200;
    e->data.round_logged.hazards[0] = pct_text_of("light_out");
    e->data.round_logged.hazards[1] = pct_text_of("wires_down");
    e->data.round_logged.hazards_count = 2;
    now_ms += 25 * HOUR;
    ck_assert_int_eq(may(e), PCT_REFUSED);
    now_ms -= 2 * HOUR;
    (void)apply(e);
    ck_assert_str_eq(round_at(round)->hazards.chars, "light_out,wires_down");
    refused(put(PCT_EVENT_ROUND_LOGGED, round), PCT_REFUSED, "already");
    pct_life_free(life);
}

/* Its second stop made a check that was planned. */
static int64_t round_with_check(void) {
    int64_t plan = a_plan();
    pct_event *e = round_of(plan, 7);
    pct_arena arena = pct_arena_init(1 << 16);
    pct_buffer text = pct_buffer_init(TEXT_MAX);
    pct_life_stop *stops;
    size_t count;
    test_ok(pct_life_stops_read(e->data.round_ordered.stops, &arena, &stops, &count, &error), &error);
    stops[1].kind = PCT_DUTY_CHECK, stops[1].id = pct_text_of("C1");
    pct_life_stops_write(stops, count, &text);
    memcpy(texts[event_count - 1], text.bytes, text.length);
    e->data.round_ordered.stops = (pct_text){texts[event_count - 1], text.length};
    int64_t round = apply(e);
    pct_buffer_dispose(&text);
    pct_arena_dispose(&arena);
    (void)apply(put(PCT_EVENT_PLAN_ADOPTED, plan));
    return round;
}

static pct_event *check(int64_t round, pct_check_kind kind, pct_check_answer answer) {
    pct_event *e = put(PCT_EVENT_ROUND_CHECKED, round);
    e->data.round_checked = (pct_event_round_checked){.kind = kind,
                                                      .answer = answer,
                                                      .at = now_ms,
                                                      .planned = pct_text_of("C1"),
                                                      .stop = 2,
                                                      .has_stop = true};
    return e;
}

TEST(a_check_is_told_to_others_once_the_crew_has_spoken) {
    begin();
    int64_t round = round_with_check();
    refused(check(round, PCT_CHECK_KIND_PHONE, PCT_CHECK_ANSWER_ON_POST), PCT_INPUT, "telephone");
    (void)apply(check(round, PCT_CHECK_KIND_FIELD, PCT_CHECK_ANSWER_NOT_ON_POST));
    const pct_life_round *r = round_at(round);
    ck_assert_uint_eq(r->checks_length, 1);
    ck_assert_str_eq(r->checks[0].by.chars, "anna");
    ck_assert(!pct_life_check_is_told(r, &r->checks[0]));
    ck_assert_int_eq(stop_status(round, 1), PCT_LIFE_STOP_PLANNED); /* nobody was met */
    pct_event *e = put(PCT_EVENT_CHECK_ANSWERED, round);
    e->data.check_answered = (pct_event_check_answered){.number = 1, .word = PCT_CHECK_WORD_ON_BREAK};
    (void)apply(e);
    ck_assert(pct_life_check_is_told(r, &r->checks[0]));
    ck_assert_int_eq(r->checks[0].word, PCT_CHECK_WORD_ON_BREAK);
    e = put(PCT_EVENT_CHECK_ANSWERED, round);
    e->data.check_answered = (pct_event_check_answered){.number = 2, .word = PCT_CHECK_WORD_AGREED};
    refused(e, PCT_NOT_FOUND, "check 2");
    (void)apply(check(round, PCT_CHECK_KIND_PHONE, PCT_CHECK_ANSWER_REACHED));
    ck_assert(!pct_life_check_is_told(r, &r->checks[1]));
    (void)apply(put(PCT_EVENT_ROUND_ENDED, round));
    ck_assert(pct_life_check_is_told(r, &r->checks[1]));
    pct_life_free(life);
}

TEST(a_planned_check_that_met_the_unit_is_served_and_stays_so_when_the_rest_is_planned_anew) {
    begin();
    int64_t round = round_with_check();
    (void)apply(check(round, PCT_CHECK_KIND_FIELD, PCT_CHECK_ANSWER_ON_POST));
    ck_assert_int_eq(stop_status(round, 1), PCT_LIFE_STOP_DONE);
    ck_assert_uint_eq(pct_life_round_served(round_at(round)), 1);
    refused(visit(round, 2), PCT_REFUSED, "already");
    pct_event *e = put(PCT_EVENT_ROUND_LEFT, round);
    e->data.round_left.order.seq = 77;
    (void)apply(e);
    now_ms += MINUTE;
    refused(check(round, PCT_CHECK_KIND_PHONE, PCT_CHECK_ANSWER_NOT_REACHED), PCT_REFUSED, "a call keeps");
    e = put(PCT_EVENT_ROUND_RESUMED, round);
    e->data.round_resumed.stops = pct_text_of("[]");
    e->data.round_resumed.back = now_ms + HOUR;
    (void)apply(e);
    ck_assert_int_eq(round_at(round)->stops[0].number, 2);
    ck_assert_int_eq(stop_status(round, 0), PCT_LIFE_STOP_DONE);
    ck_assert_int_eq(stop_status(round, 1), PCT_LIFE_STOP_LEFT);
    pct_life_free(life);
}

TEST(a_round_is_checked_within_its_hours_at_its_own_stops_and_not_without_end) {
    begin();
    int64_t round = round_with_check();
    pct_event *e = check(round, PCT_CHECK_KIND_FIELD, PCT_CHECK_ANSWER_ON_POST);
    e->data.round_checked.at = now_ms + 1;
    refused(e, PCT_INPUT, "between");
    e = check(round, PCT_CHECK_KIND_FIELD, PCT_CHECK_ANSWER_ON_POST);
    e->data.round_checked.at = now_ms - 3 * HOUR;
    refused(e, PCT_INPUT, "between");
    e = check(round, PCT_CHECK_KIND_FIELD, PCT_CHECK_ANSWER_ON_POST);
    e->data.round_checked.stop = 9;
    refused(e, PCT_NOT_FOUND, "no stop 9");
    for (int i = 0; i < PCT_LIFE_CHECKS_MAX; i++)
        (void)apply(check(round, PCT_CHECK_KIND_PHONE, PCT_CHECK_ANSWER_NOT_REACHED));
    refused(check(round, PCT_CHECK_KIND_PHONE, PCT_CHECK_ANSWER_REACHED), PCT_REFUSED, "12 times");
    pct_life_free(life);
}

TEST(a_log_takes_a_few_notes_until_a_day_after_the_end_and_holds_none_of_their_words) {
    begin();
    int64_t round = adopted_round(7);
    for (int i = 0; i < PCT_LIFE_NOTES_MAX; i++) (void)apply(put(PCT_EVENT_ROUND_NOTED, round));
    ck_assert_int_eq(round_at(round)->notes, PCT_LIFE_NOTES_MAX);
    refused(put(PCT_EVENT_ROUND_NOTED, round), PCT_REFUSED, "10 notes");
    round = adopted_round(9);
    now_ms += HOUR;
    (void)apply(put(PCT_EVENT_ROUND_ENDED, round));
    now_ms += 24 * HOUR;
    (void)apply(put(PCT_EVENT_ROUND_NOTED, round));
    now_ms += MINUTE;
    refused(put(PCT_EVENT_ROUND_NOTED, round), PCT_REFUSED, "24 hours");
    ck_assert_int_eq(may(put(PCT_EVENT_ROUND_LOOKED, 9999)), PCT_NOT_FOUND);
    pct_life_free(life);
}

/* As a start loads them: all of one kind, object by object. */
TEST(the_same_events_object_by_object_give_the_same_life) {
    begin();
    int64_t first = adopted_round(7);
    (void)apply(visit(first, 2));
    (void)apply(put(PCT_EVENT_ROUND_CALLED, first));
    now_ms += 6 * HOUR;
    int64_t second = adopted_round(9);
    (void)apply(put(PCT_EVENT_ROUND_ENDED, first));
    (void)apply(visit(second, 1));
    (void)apply(put(PCT_EVENT_PLAN_WITHDRAWN, pct_life_round_of(life, (pct_round_id){second})->plan.seq));
    pct_life *other = object_by_object();
    ck_assert_int_eq(pct_life_seq(life), pct_life_seq(other));
    pct_life_owed a[8], b[8];
    size_t of_a, of_b;
    pct_life_debt(life, now_ms, a, 8, &of_a);
    pct_life_debt(other, now_ms, b, 8, &of_b);
    ck_assert_uint_eq(of_a, of_b);
    test_ok(pct_life_apply(other, visit(second, 2), &error), &error);
    ck_assert_uint_ne(pct_life_digest(life), pct_life_digest(other));
    pct_life_free(other);
    pct_life_free(life);
}

TEST(stops_that_are_no_rows_are_refused_and_events_without_their_object_damaged) {
    static const char *const wrong[] = {
        "",
        "{}",
        "[[1]]",
        "[[1,0,0,\"P1\",\"a\",1,0,0,0,0,5,4,6,0,1]]",
        "[[0,0,0,\"P1\",\"a\",1,0,0,0,0,1,2,3,0,1]]",
        "[[1,9,0,\"P1\",\"a\",1,0,0,0,0,1,2,3,0,1]]",
        "[[1,0,0,7,\"a\",1,0,0,0,0,1,2,3,0,1]]",
        "[[1,0,0,\"P1\",\"a\",1,0,0,0,0,1,2,3,0,1],[1,0,0,\"P1\",\"a\",1,0,0,0,0,1,2,3,0,1]]"};
    begin();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pct_event *e = put(PCT_EVENT_ROUND_ORDERED, 0);
        e->data.round_ordered.stops = pct_text_of(wrong[i]);
        ck_assert_msg(pct_life_apply(life, e, &error) == PCT_DAMAGED, "%s", wrong[i]);
    }
    for (int type = PCT_EVENT_NONE + 1; type < PCT_EVENT_TYPE_COUNT; type++) {
        bool of_keys = type == PCT_EVENT_ROUND_LOOKED || type == PCT_EVENT_ROUND_ERASED;
        if (!strchr("GRX", pct_event_type_table[type].kind) || pct_event_type_table[type].creates || of_keys)
            continue;
        ck_assert_int_eq(pct_life_apply(life, put((pct_event_type)type, 9999), &error), PCT_DAMAGED);
        ck_assert_int_eq(may(&events[event_count - 1]), PCT_NOT_FOUND);
        event_count--;
    }
    pct_life_free(life);
}

TEST_MAIN("patrol life", TEST_CASE(a_round_counts_only_once_its_plan_is_adopted),
          TEST_CASE(a_stop_is_served_once_and_is_done_late_or_short),
          TEST_CASE(a_crew_says_of_a_stop_what_it_will_and_its_last_word_holds),
          TEST_CASE(what_was_not_served_is_owed_and_a_new_plan_takes_it_in),
          TEST_CASE(a_unit_that_was_called_away_resumes_and_what_is_left_out_is_owed),
          TEST_CASE(a_neighbour_takes_over_and_no_stop_is_in_two_rounds_or_in_none),
          TEST_CASE(what_would_be_doubled_lost_or_out_of_date_is_refused_as_a_whole),
          TEST_CASE(rounds_of_two_plans_do_not_change_together), TEST_CASE(one_unit_has_one_round_at_a_time),
          TEST_CASE(directed_orders_end_within_fourteen_days_and_lapse_by_themselves),
          TEST_CASE(a_duty_level_has_a_ground_an_end_and_its_share),
          TEST_CASE(the_log_is_written_once_and_within_a_day_of_the_end),
          TEST_CASE(a_check_is_told_to_others_once_the_crew_has_spoken),
          TEST_CASE(a_planned_check_that_met_the_unit_is_served_and_stays_so_when_the_rest_is_planned_anew),
          TEST_CASE(a_round_is_checked_within_its_hours_at_its_own_stops_and_not_without_end),
          TEST_CASE(a_log_takes_a_few_notes_until_a_day_after_the_end_and_holds_none_of_their_words),
          TEST_CASE(the_same_events_object_by_object_give_the_same_life),
          TEST_CASE(stops_that_are_no_rows_are_refused_and_events_without_their_object_damaged))
