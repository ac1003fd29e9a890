/* Retention on an injected clock: years pass in milliseconds. The disk is in memory and can be searched for every byte. */
#include "desk/retention.h"

#include <string.h>

#include "store/retention.h"
#include "support/desk_world.h"
#include "support/test.h"

static const int64_t day_ms = 86400000;
static desk_world world;

static void open_world(const pct_retention_plan *plan) {
    desk_world_begin(&world, 1);
    world.retention = plan;
    desk_world_start(&world);
}

static pct_id command(pct_command_kind kind, pct_id object, const pct_event_data *data) {
    pct_error error;
    pct_desk_request request = desk_world_call("", "");
    request.lane = PCT_LANE_DISPATCH;
    request.command = (pct_command){.kind = kind, .object = object};
    if (data) request.command.data = *data;
    pct_desk_reply reply = desk_world_do(&world, &request, &error);
    test_ok(reply.status, &error);
    return reply.object;
}

typedef struct matter {
    pct_id call, incident, order;
} matter;

static pct_id a_unit(void) {
    pct_event_data data = {0};
    data.unit_enrolled.name = pct_text_of("car 1");
    data.unit_enrolled.kind = pct_text_of("car");
    pct_id unit = command(PCT_COMMAND_ENROL_UNIT, (pct_id){0}, &data);
    memset(&data, 0, sizeof data);
    data.unit_signed_on.officers = 2;
    (void)command(PCT_COMMAND_SIGN_ON, unit, &data);
    return unit;
}

/* A call, its incident and an order with the unit's words; all but the incident has ended. */
static matter handle(pct_id unit, const char *words, const char *note) {
    pct_error error;
    pct_event_data data = {0};
    matter m;
    pct_desk_request request = desk_world_call("", words);
    pct_desk_reply reply = desk_world_do(&world, &request, &error);
    test_ok(reply.status, &error);
    m.call = reply.object;
    data.incident_opened = (pct_event_incident_opened){.call = {m.call.seq},
                                                       .type = pct_text_of("theft"),
                                                       .priority = 2,
                                                       .gravity = PCT_GRAVITY_ORDINARY,
                                                       .position = {1164000000, 399000000},
                                                       .has_position = true};
    m.incident = command(PCT_COMMAND_OPEN_INCIDENT, (pct_id){0}, &data);
    memset(&data, 0, sizeof data);
    data.order_sent = (pct_event_order_sent){.incident = {m.incident.seq}, .unit = {unit.seq}};
    m.order = command(PCT_COMMAND_SEND_ORDER, (pct_id){0}, &data);
    (void)command(PCT_COMMAND_ACKNOWLEDGE, m.order, NULL);
    (void)command(PCT_COMMAND_SET_OUT, m.order, NULL);
    (void)command(PCT_COMMAND_ARRIVE, m.order, NULL);
    memset(&data, 0, sizeof data);
    data.order_reported =
        (pct_event_order_reported){.result = PCT_REPORT_RESULT_HANDLED, .note = pct_text_of(note)};
    (void)command(PCT_COMMAND_REPORT, m.order, &data);
    (void)command(PCT_COMMAND_CLOSE_ORDER, m.order, NULL);
    return m;
}

static void end(pct_id incident) {
    pct_event_data data = {0};
    data.incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
    (void)command(PCT_COMMAND_CLOSE_INCIDENT, incident, &data);
}

static pct_retention_report retain(bool dry) {
    pct_retention_report report;
    pct_error error;
    test_ok(pct_desk_retain(world.desk, dry, &report, &error), &error);
    return report;
}

static bool row_is_empty(pct_id call) {
    pct_arena arena = pct_arena_init(1 << 16);
    pct_call_row row;
    pct_error error;
    test_ok(pct_store_get_call(world.store, (pct_call_id){call.seq}, &arena, &row, &error), &error);
    bool empty =
        row.caller_name.length + row.caller_phone.length + row.words.length + row.address.length == 0 &&
        !row.has_position;
    pct_arena_dispose(&arena);
    return empty;
}

TEST(retention_destroys_each_class_when_its_period_is_over_and_not_a_day_before) {
    open_world(NULL);
    matter m = handle(a_unit(), "CANARY-WORDS", "CANARY-NOTE");
    end(m.incident);
    const int64_t ended_ms = world.now_ms;
    world.now_ms = ended_ms + 364 * day_ms;
    pct_retention_report r = retain(false);
    ck_assert_int_eq(r.keys, 0);
    ck_assert_int_eq(r.events, 0);
    ck_assert(!row_is_empty(m.call));
    world.now_ms = ended_ms + 366 * day_ms;
    r = retain(true);
    ck_assert_int_eq(r.objects[PCT_ERASED_CLASS_PERSONAL], 2);
    ck_assert_int_eq(r.objects[PCT_ERASED_CLASS_NARRATIVE], 0);
    ck_assert_int_eq(r.keys, 0);
    ck_assert(power_disk_holds("CANARY-WORDS", 12)); /* a dry run destroys nothing */
    r = retain(false);
    ck_assert_int_eq(r.days[PCT_ERASED_CLASS_PERSONAL], 365);
    ck_assert_int_eq(r.keys, 2);
    ck_assert_int_eq(r.events, 1);
    ck_assert(row_is_empty(m.call));
    ck_assert(!power_disk_holds("CANARY-WORDS", 12));
    ck_assert(power_disk_holds("CANARY-NOTE", 11)); /* another class, another period */
    world.now_ms = ended_ms + 731 * day_ms;
    r = retain(false);
    ck_assert_int_eq(r.objects[PCT_ERASED_CLASS_NARRATIVE], 1);
    ck_assert(!power_disk_holds("CANARY-NOTE", 11));
    ck_assert_int_eq(retain(false).keys, 0);
    desk_world_end(&world);
}

TEST(retention_never_touches_what_is_still_open) {
    open_world(NULL);
    matter open = handle(a_unit(), "STILL-OPEN", "");
    world.now_ms += 4000 * day_ms;
    ck_assert_int_eq(retain(false).keys, 0);
    ck_assert(!row_is_empty(open.call));
    end(open.incident);
    world.now_ms += 366 * day_ms;
    ck_assert_int_eq(retain(false).keys, 2);
    desk_world_end(&world);
}

/* A round has no table and no end there: its notes are counted from the first of them. */
TEST(retention_destroys_the_notes_of_a_round_with_its_key) {
    open_world(NULL);
    pct_event_data data = {0};
    pct_erasure erasure = {
        .object = {.seq = 999, .kind = 'R'}, .account = pct_text_of("t"), .role = PCT_ROLE_SYSTEM};
    pct_error error;
    int64_t keys;
    data.round_ordered = (pct_event_round_ordered){
        .plan = {1}, .unit = {1}, .name = pct_text_of("car 1"), .stops = pct_text_of("[]")};
    pct_id round = command(PCT_COMMAND_ORDER_ROUND, (pct_id){0}, &data);
    pct_id other = command(PCT_COMMAND_ORDER_ROUND, (pct_id){0}, &data);
    memset(&data, 0, sizeof data);
    data.round_noted.note = pct_text_of("CANARY-OF-THE-ROUND");
    (void)command(PCT_COMMAND_NOTE_ROUND, round, &data);
    (void)command(PCT_COMMAND_NOTE_ROUND, round, &data);
    (void)command(PCT_COMMAND_NOTE_ROUND, other, &data);
    ck_assert(!power_disk_holds("CANARY-OF-THE-ROUND", 19)); /* sealed: nothing has it in clear */
    ck_assert_int_eq(pct_desk_erase(world.desk, &erasure, &keys, &error), PCT_NOT_FOUND);
    erasure.object = other;
    test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
    ck_assert_int_eq(keys, 1);
    world.now_ms += 729 * day_ms;
    ck_assert_int_eq(retain(false).keys, 0);
    world.now_ms += 2 * day_ms;
    pct_retention_report r = retain(false);
    ck_assert_int_eq(r.objects[PCT_ERASED_CLASS_NARRATIVE], 1);
    ck_assert_int_eq(r.keys, 1);
    ck_assert_int_eq(retain(false).keys, 0);
    desk_world_end(&world);
}

static pct_status count_applied(void *context, const pct_event *event, const pct_event_sealing *sealing,
                                pct_error *error) {
    int64_t *found = context;
    (void)error;
    if (event->type == PCT_EVENT_RETENTION_APPLIED) {
        const pct_event_retention_applied *a = &event->data.retention_applied;
        ck_assert_int_eq(a->class, PCT_ERASED_CLASS_PERSONAL);
        ck_assert_int_eq(a->days, 365);
        ck_assert_int_eq(a->keys, 2);
        ck_assert_uint_eq(a->calls_count + a->incidents_count, 2);
        found[0]++;
    }
    if (sealing->erased) found[1]++;
    return PCT_OK;
}

static pct_status look_back(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    const matter *m = context;
    int64_t found[2] = {0};
    (void)store, (void)now_ms;
    pct_status status = pct_desk_each_opened_event(world.desk, m->call, count_applied, found, error);
    ck_assert_int_eq(found[0], 1);
    ck_assert_int_ge(found[1], 1);
    return status;
}

TEST(retention_is_an_event_in_the_timeline_of_what_it_destroyed_and_survives_a_rebuild) {
    open_world(NULL);
    pct_error error;
    pct_table_digest before[PCT_TABLES_MAX], after[PCT_TABLES_MAX];
    size_t count;
    matter m = handle(a_unit(), "CANARY-WORDS", "note");
    end(m.incident);
    world.now_ms += 366 * day_ms;
    (void)retain(false);
    test_ok(look_back(&m, world.store, 0, &error), &error);
    test_ok(pct_store_digest_tables(world.store, before, &count, &error), &error);
    test_ok(pct_desk_rebuild(world.desk, &error), &error);
    test_ok(pct_store_digest_tables(world.store, after, &count, &error), &error);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(before[i].digest == after[i].digest && before[i].rows == after[i].rows, "%s",
                      before[i].table);
    test_ok(look_back(&m, world.store, 0, &error), &error);
    desk_world_end(&world);
}

TEST(retention_is_bounded_in_each_group_and_calls_are_taken_between) {
    open_world(NULL);
    pct_id unit = a_unit();
    enum { MATTERS = 70 };
    for (int i = 0; i < MATTERS; i++) end(handle(unit, "words", "note").incident);
    const pct_zone utc = pct_zone_utc();
    const pct_retention_plan plan = {.zone = &utc, .quiet_minute = 240};
    world.now_ms += 400 * day_ms;
    desk_world_close(&world);
    world.retention = &plan;
    pct_error error;
    desk_world_start(&world);
    int64_t events = pct_desk_counters_view(world.desk).events, groups = 0, calls = 0;
    size_t handled;
    world.now_ms += 601 * 1000; /* it comes a day late: soon after the opening */
    for (int i = 0; i < 20; i++, world.now_ms += 50) {
        pct_desk_request request = desk_world_call("", "a call meanwhile");
        pct_desk_reply reply = desk_world_do(&world, &request, &error);
        test_ok(reply.status, &error);
        calls++;
        int64_t now = pct_desk_counters_view(world.desk).events;
        ck_assert_int_le(now - events, 2); /* the call, and at most one event of 32 objects of a kind */
        groups += now - events - 1;
        events = now;
    }
    ck_assert_int_eq(groups, 3); /* 70 calls and incidents: 32, 32, 6 */
    ck_assert_int_eq(calls, 20);
    test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    ck_assert_int_eq(retain(false).keys, 0);
    ck_assert_int_gt(pct_desk_next_due_ms(world.desk), world.now_ms + 60000);
    desk_world_end(&world);
}

TEST(retention_runs_by_itself_at_the_quiet_minute_of_the_sites_day) {
    const pct_zone utc = pct_zone_utc();
    const pct_retention_plan plan = {.zone = &utc, .quiet_minute = 240};
    open_world(&plan);
    pct_error error;
    size_t handled;
    matter m = handle(a_unit(), "CANARY-WORDS", "note");
    end(m.incident);
    for (int day = 0; day < 364; day++) {
        world.now_ms += day_ms;
        for (int i = 0; i < 4; i++, world.now_ms += 50)
            test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    }
    ck_assert(!row_is_empty(m.call));
    const int64_t due_ms = pct_desk_next_due_ms(world.desk);
    ck_assert_int_eq(due_ms % day_ms, 240 * 60000);
    world.now_ms += 2 * day_ms;
    for (int i = 0; i < 6; i++, world.now_ms += 50)
        test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    ck_assert(row_is_empty(m.call));
    ck_assert(!power_disk_holds("CANARY-WORDS", 12));
    desk_world_end(&world);
}

TEST(retention_may_be_shortened_by_the_site_and_not_lengthened) {
    const pct_retention_plan plan = {
        .days = {[PCT_ERASED_CLASS_PERSONAL] = 30, [PCT_ERASED_CLASS_NARRATIVE] = 3000}};
    open_world(&plan);
    pct_error error;
    int64_t days[PCT_ERASED_CLASS_COUNT];
    test_ok(pct_desk_retention_days(world.desk, days, &error), &error);
    ck_assert_int_eq(days[PCT_ERASED_CLASS_PERSONAL], 30);
    ck_assert_int_eq(days[PCT_ERASED_CLASS_NARRATIVE], 730);
    matter m = handle(a_unit(), "words", "note");
    end(m.incident);
    world.now_ms += 31 * day_ms;
    ck_assert_int_eq(retain(false).keys, 2);
    desk_world_end(&world);
}

TEST(retention_is_made_longer_with_a_ground_and_a_second_person_only) {
    open_world(NULL);
    pct_error error;
    int64_t seq, days[PCT_ERASED_CLASS_COUNT];
    pct_retention_change c = {.class = PCT_ERASED_CLASS_PERSONAL,
                              .days = 500,
                              .account = pct_text_of("anna"),
                              .role = PCT_ROLE_SECURITY_ADMIN};
    ck_assert_int_eq(pct_desk_set_retention(world.desk, &c, &seq, &error), PCT_REFUSED);
    test_error_says(&error, "the legal ground must be stated");
    c.ground = pct_text_of("  because  ");
    ck_assert_int_eq(pct_desk_set_retention(world.desk, &c, &seq, &error), PCT_REFUSED);
    c.ground = pct_text_of("Order 12 of 2026, article 7");
    ck_assert_int_eq(pct_desk_set_retention(world.desk, &c, &seq, &error), PCT_REFUSED);
    test_error_says(&error, "a second person must agree");
    c.approved_by = c.account;
    ck_assert_int_eq(pct_desk_set_retention(world.desk, &c, &seq, &error), PCT_REFUSED);
    c.approved_by = pct_text_of("bert");
    test_ok(pct_desk_set_retention(world.desk, &c, &seq, &error), &error);
    ck_assert_int_gt(seq, 0);
    test_ok(pct_desk_rebuild(world.desk, &error), &error); /* it follows from the events */
    test_ok(pct_desk_retention_days(world.desk, days, &error), &error);
    ck_assert_int_eq(days[PCT_ERASED_CLASS_PERSONAL], 500);
    c = (pct_retention_change){
        .class = PCT_ERASED_CLASS_PERSONAL, .days = 90, .account = pct_text_of("anna")};
    c.role = PCT_ROLE_SECURITY_ADMIN;
    test_ok(pct_desk_set_retention(world.desk, &c, &seq, &error),
            &error); /* shorter: one person, no ground */
    c.days = 0;
    ck_assert_int_eq(pct_desk_set_retention(world.desk, &c, &seq, &error), PCT_INPUT);
    desk_world_end(&world);
}

TEST(retention_writes_down_the_numbers_of_the_keys_it_destroys) {
    open_world(NULL);
    pct_error error;
    matter m = handle(a_unit(), "words", "note");
    end(m.incident);
    pct_aged_key keys[16];
    size_t count, destroyed = 0;
    test_ok(pct_store_list_keys(world.store, 0, 16, keys, &count, &error), &error);
    world.now_ms += 366 * day_ms;
    (void)retain(false);
    for (size_t i = 0; i < count; i++) {
        bool was;
        test_ok(pct_store_was_destroyed(world.store, keys[i].id, &was, &error), &error);
        ck_assert_int_eq(was, strcmp(keys[i].class, "personal") == 0);
        destroyed += was;
    }
    ck_assert_uint_eq(destroyed, 2);
    desk_world_end(&world);
}

TEST_MAIN("desk retention",
          TEST_CASE(retention_destroys_each_class_when_its_period_is_over_and_not_a_day_before),
          TEST_CASE(retention_destroys_the_notes_of_a_round_with_its_key),
          TEST_CASE(retention_never_touches_what_is_still_open),
          TEST_CASE(retention_is_an_event_in_the_timeline_of_what_it_destroyed_and_survives_a_rebuild),
          TEST_CASE(retention_is_bounded_in_each_group_and_calls_are_taken_between),
          TEST_CASE(retention_runs_by_itself_at_the_quiet_minute_of_the_sites_day),
          TEST_CASE(retention_may_be_shortened_by_the_site_and_not_lengthened),
          TEST_CASE(retention_is_made_longer_with_a_ground_and_a_second_person_only),
          TEST_CASE(retention_writes_down_the_numbers_of_the_keys_it_destroys))
