/* The misuse watch: each pattern from a few drawn events, and its rates in generated command rooms. */
#include <string.h>

#include "audit/watch.h"
#include "support/test.h"
#include "town/office_trial.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };
static const int64_t day_ms = 24 * (int64_t)HOUR_MS;

typedef struct scene {
    pct_audit_rules rules;
    pct_zone zone;
    pct_audit_watch *watch;
    int64_t seq, now_ms;
} scene;

static void read_rules(pct_audit_rules *out) {
    pct_error error;
    size_t length;
    char *bytes = test_read_file("definitions/misuse.csv", &length);
    ck_assert_ptr_nonnull(bytes);
    test_ok(pct_audit_rules_read("misuse.csv", (pct_text){bytes, length}, out, &error), &error);
    free(bytes);
}

static void begin(scene *s) {
    pct_error error;
    *s = (scene){.zone = pct_zone_utc(), .now_ms = 1767600000000};
    read_rules(&s->rules);
    const pct_audit_options options = {.rules = &s->rules, .zone = &s->zone};
    test_ok(pct_audit_watch_new(&options, &s->watch, &error), &error);
}

static void finish(scene *s) {
    pct_audit_watch_free(s->watch);
    pct_zone_dispose(&s->zone);
}

static pct_event event(scene *s, pct_event_type type, const char *actor, pct_role role, char kind,
                       int64_t object) {
    return (pct_event){.seq = ++s->seq,
                       .epoch = 1,
                       .recorded_at_ms = s->now_ms += 1000,
                       .actor = pct_text_of(actor),
                       .role = role,
                       .type = type,
                       .object = {.kind = kind, .seq = object ? object : s->seq}};
}

static int64_t follow(scene *s, const pct_event *e) {
    pct_error error;
    test_ok(pct_audit_watch_follow(s->watch, e, &error), &error);
    return e->seq;
}

static int64_t call_at(scene *s, const char *taker, int64_t way) {
    pct_event e = event(s, PCT_EVENT_CALL_RECEIVED, taker, PCT_ROLE_CALL_TAKER, 'C', 0);
    e.data.call_received.has_road = true;
    e.data.call_received.road = (pct_road_ref){way, 1, 2};
    int64_t call = follow(s, &e);
    pct_event end = event(s, PCT_EVENT_CALL_SETTLED, taker, PCT_ROLE_CALL_TAKER, 'C', call);
    (void)follow(s, &end);
    return call;
}

static int64_t look_as(scene *s, const char *actor, pct_role role, int64_t call) {
    pct_event e = event(s, PCT_EVENT_CALL_LOOKED, actor, role, 'C', call);
    return follow(s, &e);
}

static int64_t look_at(scene *s, int64_t call) {
    return look_as(s, "nosy", PCT_ROLE_DISPATCHER, call);
}

/* Time goes by until everything is settled. */
static void settle(scene *s) {
    pct_error error;
    s->now_ms += 7 * HOUR_MS;
    test_ok(pct_audit_watch_advance(s->watch, s->now_ms, &error), &error);
}

static const pct_audit_flag *flag_of(const scene *s, pct_audit_pattern pattern) {
    for (size_t i = 0; i < pct_audit_watch_flag_count(s->watch); i++)
        if (pct_audit_watch_flag_at(s->watch, i)->pattern == pattern)
            return pct_audit_watch_flag_at(s->watch, i);
    return NULL;
}

/* Calls of `colleague`, each on its own road and a minute apart; two days go by. */
static void old_calls(scene *s, int64_t *calls, int count, int64_t way_step) {
    for (int i = 0; i < count; i++) {
        calls[i] = call_at(s, "colleague", 100 + i * way_step);
        s->now_ms += MINUTE_MS;
    }
    s->now_ms += 2 * day_ms;
}

TEST(audit_flags_looks_outside_ones_cases_and_names_them) {
    scene s;
    int64_t calls[200], looks[5];
    begin(&s);
    old_calls(&s, calls, 200, 1);
    for (int i = 0; i < 4; i++) looks[i] = look_at(&s, calls[i * 45]);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OUTSIDE_CASES));
    looks[4] = look_at(&s, calls[199]);
    settle(&s);
    const pct_audit_flag *flag = flag_of(&s, PCT_AUDIT_OUTSIDE_CASES);
    ck_assert_ptr_nonnull(flag);
    ck_assert_int_eq(flag->seq, looks[4]);
    ck_assert_uint_eq(flag->seq_count, 5);
    for (int i = 0; i < 5; i++) ck_assert_int_eq(flag->seqs[i], looks[i]);
    ck_assert_uint_eq(flag->actor, pct_audit_actor_of(pct_text_of("nosy")));
    finish(&s);
}
END_TEST

TEST(audit_takes_looks_at_ones_own_cases_as_work) {
    scene s;
    int64_t calls[40];
    begin(&s);
    old_calls(&s, calls, 40, 1);
    for (int i = 0; i < 40; i++) look_as(&s, "colleague", PCT_ROLE_CALL_TAKER, calls[i]);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OUTSIDE_CASES));
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_SERIES));
    finish(&s);
}
END_TEST

TEST(audit_takes_back_looks_that_work_followed) {
    scene s;
    int64_t calls[200];
    begin(&s);
    old_calls(&s, calls, 200, 1);
    for (int i = 0; i < 8; i++) {
        look_at(&s, calls[i * 25]);
        s.now_ms += MINUTE_MS;
        pct_event e = event(&s, PCT_EVENT_CALL_LINKED, "nosy", PCT_ROLE_DISPATCHER, 'C', calls[i * 25]);
        e.data.call_linked.incident.seq = calls[i * 25];
        (void)follow(&s, &e);
    }
    settle(&s);
    ck_assert_uint_eq(pct_audit_watch_flag_count(s.watch), 0);
    finish(&s);
}
END_TEST

TEST(audit_takes_earlier_cases_of_the_place_of_ones_case_as_work) {
    scene s;
    int64_t calls[12];
    begin(&s);
    old_calls(&s, calls, 12, 0);
    (void)call_at(&s, "nosy", 100);
    for (int i = 0; i < 6; i++) look_at(&s, calls[i]);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_ONE_PLACE));
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OUTSIDE_CASES));
    finish(&s);
}
END_TEST

TEST(audit_flags_one_place_without_a_case_there) {
    scene s;
    int64_t calls[200];
    begin(&s);
    for (int i = 0; i < 200; i++) {
        calls[i] = call_at(&s, "colleague", i % 50 ? 1000 + i : 7);
        s.now_ms += MINUTE_MS;
    }
    s.now_ms += 2 * day_ms;
    for (int i = 0; i < 200; i += 50) { /* 0, 50, 100, 150: one road */
        look_at(&s, calls[i]);
        s.now_ms += day_ms;
    }
    settle(&s);
    ck_assert_ptr_nonnull(flag_of(&s, PCT_AUDIT_ONE_PLACE));
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OUTSIDE_CASES));
    finish(&s);
}
END_TEST

TEST(audit_flags_trawling_over_days_and_in_a_series) {
    scene s;
    int64_t calls[1000];
    begin(&s);
    old_calls(&s, calls, 1000, 1);
    for (int i = 0; i < 16; i++) { /* three a day: no day has five */
        look_at(&s, calls[i * 60]);
        s.now_ms += 9 * HOUR_MS;
    }
    settle(&s);
    ck_assert_ptr_nonnull(flag_of(&s, PCT_AUDIT_MANY_CASES));
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OUTSIDE_CASES));
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_SERIES));
    for (int i = 0; i < 9; i++) look_at(&s, calls[500 - 2 * i]);
    settle(&s);
    ck_assert_ptr_nonnull(flag_of(&s, PCT_AUDIT_SERIES));
    finish(&s);
}
END_TEST

TEST(audit_flags_paging_through_the_board) {
    scene s;
    int64_t calls[70];
    begin(&s);
    for (int i = 0; i < 70; i++) calls[i] = call_at(&s, "colleague", 100 + i);
    for (int i = 0; i < 59; i++) look_at(&s, calls[i]);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_MANY_LIVE));
    for (int i = 59; i < 70; i++) look_at(&s, calls[i]);
    settle(&s);
    ck_assert_ptr_nonnull(flag_of(&s, PCT_AUDIT_MANY_LIVE));
    finish(&s);
}
END_TEST

TEST(audit_flags_the_same_record_by_sittings_and_not_by_clicks) {
    scene s;
    int64_t call;
    begin(&s);
    old_calls(&s, &call, 1, 1);
    for (int i = 0; i < 20; i++) look_at(&s, call); /* one sitting */
    for (int sitting = 1; sitting < 4; sitting++) {
        settle(&s);
        ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_SAME_RECORD));
        s.now_ms += day_ms;
        look_at(&s, call);
    }
    settle(&s);
    const pct_audit_flag *flag = flag_of(&s, PCT_AUDIT_SAME_RECORD);
    ck_assert_ptr_nonnull(flag);
    ck_assert_int_eq(flag->subject.seq, call);
    ck_assert_int_eq(flag->subject.kind, 'C');
    finish(&s);
}
END_TEST

static void replay(scene *s, const char *actor, const char *unit) {
    pct_event asked = event(s, PCT_EVENT_ACT_REQUESTED, actor, PCT_ROLE_COMMANDER, 'Q', 0);
    asked.data.act_requested.act = PCT_ACT_REPLAY_TRACK;
    asked.data.act_requested.subject = pct_text_of(unit);
    int64_t request = follow(s, &asked);
    pct_event used = event(s, PCT_EVENT_ACT_USED, actor, PCT_ROLE_COMMANDER, 'Q', request);
    (void)follow(s, &used);
    s->now_ms += day_ms;
}

TEST(audit_flags_one_units_track_replayed_again_and_again) {
    scene s;
    begin(&s);
    replay(&s, "chief", "U1"), replay(&s, "chief", "U2"), replay(&s, "chief", "U3"),
        replay(&s, "other", "U1");
    replay(&s, "chief", "U1");
    ck_assert_uint_eq(pct_audit_watch_flag_count(s.watch), 0);
    replay(&s, "chief", "U1");
    const pct_audit_flag *flag = flag_of(&s, PCT_AUDIT_TRACK_FOLLOWED);
    ck_assert_ptr_nonnull(flag);
    ck_assert(flag->subject.kind == 'U' && flag->subject.seq == 1);
    finish(&s);
}
END_TEST

/* Eight colleagues work on; somebody who went home looks. */
static void others_work(scene *s, int cases) {
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (int i = 0; i < cases; i++) {
        (void)call_at(s, names[i % 8], 5000 + i);
        s->now_ms += MINUTE_MS;
    }
}

static void look_for(scene *s, int64_t call, int64_t named) {
    pct_event e = event(s, PCT_EVENT_CALL_LOOKED, "nosy", PCT_ROLE_DISPATCHER, 'C', call);
    e.data.call_looked.for_call.seq = named;
    (void)follow(s, &e);
}

TEST(audit_flags_looks_for_a_case_that_has_nothing_to_do_with_them) {
    scene s;
    int64_t calls[200];
    begin(&s);
    old_calls(&s, calls, 200, 1);
    s.now_ms += 6 * day_ms;
    look_for(&s, calls[0], calls[1]), look_for(&s, calls[50], calls[99]);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_FALSE_CASE));
    look_for(&s, calls[100], calls[150]);
    settle(&s);
    const pct_audit_flag *flag = flag_of(&s, PCT_AUDIT_FALSE_CASE);
    ck_assert_ptr_nonnull(flag);
    ck_assert_uint_eq(flag->looks, 3);
    finish(&s);
}
END_TEST

/* The record's own case, one of the same place, one's own, one that ended this week, one that is open, none. */
TEST(audit_takes_a_named_case_that_may_be_the_reason) {
    scene s;
    int64_t old[40], calls[12];
    begin(&s);
    for (int i = 0; i < 12; i++) calls[i] = call_at(&s, "colleague", 900 + i % 2);
    int64_t mine = call_at(&s, "nosy", 5);
    s.now_ms += 6 * day_ms;
    old_calls(&s, old, 40, 3);
    pct_event open = event(&s, PCT_EVENT_CALL_RECEIVED, "colleague", PCT_ROLE_CALL_TAKER, 'C', 0);
    int64_t live = follow(&s, &open);
    for (int i = 0; i < 4; i++) look_for(&s, calls[i], calls[i]);
    for (int i = 0; i < 4; i++) look_for(&s, calls[4 + i], calls[6 + i]);
    for (int i = 0; i < 4; i++) look_for(&s, old[i * 3], mine);
    for (int i = 0; i < 4; i++) look_for(&s, old[20 + i], old[i]);
    for (int i = 0; i < 4; i++) look_for(&s, old[30 + i], live);
    for (int i = 0; i < 4; i++) look_for(&s, old[12 + i], 0);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_FALSE_CASE));
    finish(&s);
}
END_TEST

TEST(audit_flags_looks_of_somebody_who_is_not_at_work) {
    scene s;
    begin(&s);
    int64_t mine = call_at(&s, "nosy", 1);
    others_work(&s, 300); /* five hours */
    look_at(&s, mine), look_at(&s, mine);
    others_work(&s, 100);
    settle(&s);
    const pct_audit_flag *flag = flag_of(&s, PCT_AUDIT_OFF_SHIFT);
    ck_assert_ptr_nonnull(flag);
    ck_assert_uint_eq(flag->looks, 2);
    finish(&s);
}
END_TEST

TEST(audit_takes_reading_before_work_and_quiet_nights_as_work) {
    scene s;
    begin(&s);
    int64_t mine = call_at(&s, "nosy", 1);
    others_work(&s, 300);
    look_at(&s, mine), look_at(&s, mine), look_at(&s, mine); /* comes on shift */
    s.now_ms += 30 * MINUTE_MS;
    (void)call_at(&s, "nosy", 2);
    others_work(&s, 100);
    s.now_ms += 10 * (int64_t)HOUR_MS; /* nobody works */
    look_at(&s, mine), look_at(&s, mine);
    s.now_ms += 2 * HOUR_MS;
    (void)call_at(&s, "nosy", 2);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OFF_SHIFT));
    finish(&s);
}
END_TEST

static void crew_event(scene *s, pct_event_type type, int64_t unit) {
    pct_event e = event(s, type, "crew", PCT_ROLE_PATROL, 'U', unit);
    (void)follow(s, &e);
}

TEST(audit_knows_a_crews_duty_from_its_unit) {
    scene s;
    begin(&s);
    int64_t call = call_at(&s, "colleague", 1);
    crew_event(&s, PCT_EVENT_UNIT_ENROLLED, 0);
    int64_t unit = s.seq;
    pct_event bound = event(&s, PCT_EVENT_ACCOUNT_ASSIGNED, "boss", PCT_ROLE_COMMANDER, 'S', 0);
    bound.data.account_assigned.name = pct_text_of("crew");
    bound.data.account_assigned.unit.seq = unit;
    (void)follow(&s, &bound);
    crew_event(&s, PCT_EVENT_UNIT_SIGNED_ON, unit);
    s.now_ms += 8 * HOUR_MS;
    look_as(&s, "crew", PCT_ROLE_PATROL, call), look_as(&s, "crew", PCT_ROLE_PATROL, call);
    settle(&s);
    ck_assert_ptr_null(flag_of(&s, PCT_AUDIT_OFF_SHIFT));
    crew_event(&s, PCT_EVENT_UNIT_SIGNED_OFF, unit);
    s.now_ms += 8 * HOUR_MS;
    look_as(&s, "crew", PCT_ROLE_PATROL, call), look_as(&s, "crew", PCT_ROLE_PATROL, call);
    settle(&s);
    ck_assert_ptr_nonnull(flag_of(&s, PCT_AUDIT_OFF_SHIFT));
    finish(&s);
}
END_TEST

TEST(audit_opens_a_new_flag_when_the_window_of_the_old_one_is_over) {
    scene s;
    int64_t calls[200];
    begin(&s);
    old_calls(&s, calls, 200, 1);
    for (int i = 0; i < 12; i++) look_at(&s, calls[i * 16]);
    settle(&s);
    size_t first = pct_audit_watch_flag_count(s.watch);
    s.now_ms += 2 * day_ms;
    for (int i = 0; i < 12; i++) look_at(&s, calls[i * 16]);
    settle(&s);
    ck_assert_uint_ge(pct_audit_watch_flag_count(s.watch), first + 1);
    pct_audit_watch_forget(s.watch, s.now_ms + day_ms);
    ck_assert_uint_eq(pct_audit_watch_flag_count(s.watch), 0);
    finish(&s);
}
END_TEST

TEST(audit_rules_refuse_a_line_without_reason_and_what_they_do_not_know) {
    static const char header[] = "rule,role,count,hours,why_en,why_zh\n";
    static const struct {
        const char *row, *says;
    } cases[] = {{"off_shift,,2,24,,理由", "reason"},
                 {"off_shift,,2,24,reason,", "reason"},
                 {"no_such_rule,,2,24,reason,理由", "rule"},
                 {"off_shift,mayor,2,24,reason,理由", "role"},
                 {"off_shift,,2,24,reason,理由\noff_shift,,3,24,reason,理由", "already"},
                 {"off_shift,,2,24,reason,理由", "own_case"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_audit_rules rules;
        pct_error error;
        char text[400];
        int length = snprintf(text, sizeof text, "%s%s\n", header, cases[i].row);
        ck_assert_int_eq(pct_audit_rules_read("misuse.csv", (pct_text){text, (size_t)length}, &rules, &error),
                         PCT_INPUT);
        test_error_says(&error, cases[i].says);
    }
}
END_TEST

static bool same_flags(const pct_audit_watch *a, const pct_audit_watch *b) {
    if (pct_audit_watch_flag_count(a) != pct_audit_watch_flag_count(b)) return false;
    for (size_t i = 0; i < pct_audit_watch_flag_count(a); i++) {
        const pct_audit_flag *p = pct_audit_watch_flag_at(a, i), *q = pct_audit_watch_flag_at(b, i);
        if (p->seq != q->seq || p->actor != q->actor || p->pattern != q->pattern || p->looks != q->looks)
            return false;
    }
    return true;
}

/* Nor does anything sealed change it: every text of a call, filled in. */
TEST(audit_gives_the_same_flags_for_the_same_events_and_reads_nothing_sealed) {
    const pct_town_office_options options = {12, 35, 120, 40, 1.0};
    pct_town_office *office;
    pct_error error;
    scene a, b;
    begin(&a), begin(&b);
    test_ok(pct_town_office_new(&options, &office, &error), &error);
    for (size_t i = 0; i < office->event_count; i++) {
        pct_event e = office->events[i];
        (void)follow(&a, &e);
        if (e.type == PCT_EVENT_CALL_RECEIVED)
            e.data.call_received.caller_phone = e.data.call_received.words = pct_text_of("13800000000");
        e.purpose = pct_text_of("something else");
        (void)follow(&b, &e);
    }
    ck_assert_uint_gt(pct_audit_watch_flag_count(a.watch), 20);
    ck_assert(same_flags(a.watch, b.watch));
    pct_town_office_free(office);
    finish(&a), finish(&b);
}
END_TEST

TEST(audit_finds_99_of_100_scripts_and_errs_once_in_1000_looks_at_most) {
    pct_audit_rules rules;
    pct_town_trial sum = {.looks = 0};
    pct_error error;
    int64_t scripts = 0, flagged = 0, alarms = 0;
    read_rules(&rules);
    for (uint64_t i = 0; i < 2; i++) {
        const pct_town_office_options options = {PCT_TOWN_TRIAL_TEST_SEED + i, 42, 250, 100, 1.0};
        test_ok(pct_town_trial_find(&rules, &options, &sum, &error), &error);
        test_ok(pct_town_trial_alarm(&rules, &options, &sum, &error), &error);
    }
    for (int p = 0; p < PCT_AUDIT_PATTERN_COUNT; p++) {
        ck_assert_int_gt(sum.scripts[p], 20);
        scripts += sum.scripts[p], flagged += sum.flagged[p], alarms += sum.false_alarms[p];
    }
    printf("# %lld of %lld scripts flagged, %lld false alarms in %lld looks\n", (long long)flagged,
           (long long)scripts, (long long)alarms, (long long)sum.looks);
    ck_assert_int_eq(scripts, 200);
    ck_assert_int_ge(flagged * 100, scripts * 99);
    ck_assert_int_le(alarms * 1000, sum.looks);
}
END_TEST

TEST_MAIN("audit", TEST_CASE(audit_flags_looks_outside_ones_cases_and_names_them),
          TEST_CASE(audit_takes_looks_at_ones_own_cases_as_work),
          TEST_CASE(audit_takes_back_looks_that_work_followed),
          TEST_CASE(audit_takes_earlier_cases_of_the_place_of_ones_case_as_work),
          TEST_CASE(audit_flags_one_place_without_a_case_there),
          TEST_CASE(audit_flags_trawling_over_days_and_in_a_series),
          TEST_CASE(audit_flags_paging_through_the_board),
          TEST_CASE(audit_flags_the_same_record_by_sittings_and_not_by_clicks),
          TEST_CASE(audit_flags_one_units_track_replayed_again_and_again),
          TEST_CASE(audit_flags_looks_for_a_case_that_has_nothing_to_do_with_them),
          TEST_CASE(audit_takes_a_named_case_that_may_be_the_reason),
          TEST_CASE(audit_flags_looks_of_somebody_who_is_not_at_work),
          TEST_CASE(audit_takes_reading_before_work_and_quiet_nights_as_work),
          TEST_CASE(audit_knows_a_crews_duty_from_its_unit),
          TEST_CASE(audit_opens_a_new_flag_when_the_window_of_the_old_one_is_over),
          TEST_CASE(audit_rules_refuse_a_line_without_reason_and_what_they_do_not_know),
          TEST_CASE(audit_gives_the_same_flags_for_the_same_events_and_reads_nothing_sealed),
          TEST_CASE(audit_finds_99_of_100_scripts_and_errs_once_in_1000_looks_at_most))
