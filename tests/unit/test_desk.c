/* The desk, stepwise, on an injected clock and a disk in memory. */
#include "desk/desk.h"

#include <pthread.h>
#include <string.h>

#include "support/desk_world.h"
#include "support/test.h"

static desk_world world;

static void open_world(uint64_t seed) {
    desk_world_begin(&world, seed);
    desk_world_start(&world);
}

static pct_desk_reply take_call(const char *key, const char *words) {
    pct_error error;
    pct_desk_request request = desk_world_call(key, words);
    pct_desk_reply reply = desk_world_do(&world, &request, &error);
    test_ok(reply.status, &error);
    return reply;
}

static pct_desk_reply command(pct_command_kind kind, pct_id object, const pct_event_data *data) {
    pct_error error;
    pct_desk_request request = desk_world_call("", "");
    request.lane = PCT_LANE_DISPATCH;
    request.command.kind = kind;
    request.command.object = object;
    memset(&request.command.data, 0, sizeof request.command.data);
    if (data) request.command.data = *data;
    pct_desk_reply reply = desk_world_do(&world, &request, &error);
    test_ok(reply.status, &error);
    return reply;
}

static pct_id unit_on_duty(const char *name) {
    pct_event_data data = {0};
    data.unit_enrolled.name = pct_text_of(name);
    data.unit_enrolled.kind = pct_text_of("car");
    pct_id unit = command(PCT_COMMAND_ENROL_UNIT, (pct_id){0}, &data).object;
    memset(&data, 0, sizeof data);
    data.unit_signed_on.officers = 2;
    (void)command(PCT_COMMAND_SIGN_ON, unit, &data);
    return unit;
}

static pct_id incident(void) {
    pct_event_data data = {0};
    data.incident_opened.call.seq = take_call("", "help").object.seq;
    data.incident_opened.type = pct_text_of("theft");
    data.incident_opened.priority = 2;
    data.incident_opened.gravity = PCT_GRAVITY_ORDINARY;
    return command(PCT_COMMAND_OPEN_INCIDENT, (pct_id){0}, &data).object;
}

static pct_id send(pct_id to, pct_id unit) {
    pct_event_data data = {0};
    data.order_sent.incident.seq = to.seq;
    data.order_sent.unit.seq = unit.seq;
    return command(PCT_COMMAND_SEND_ORDER, (pct_id){0}, &data).object;
}

/* --- replies ----------------------------------------------------------------------------------------------------- */

TEST(desk_gives_the_same_key_and_body_the_same_reply_once) {
    open_world(1);
    pct_desk_reply first = take_call("k1", "words"), again = take_call("k1", "words");
    ck_assert(!first.repeated && again.repeated);
    ck_assert_int_eq(first.object.seq, again.object.seq);
    ck_assert_int_eq(first.last_seq, again.last_seq);
    desk_world_restart(&world);
    again = take_call("k1", "words");
    ck_assert(again.repeated);
    ck_assert_int_eq(first.object.seq, again.object.seq);
    int64_t last;
    pct_error error;
    test_ok(pct_store_last_seq(world.store, &last, &error), &error);
    ck_assert_int_eq(last, 1);
    desk_world_end(&world);
}

TEST(desk_refuses_the_same_key_with_another_body) {
    open_world(1);
    pct_error error;
    (void)take_call("k1", "words");
    pct_desk_request other = desk_world_call("k1", "other words");
    ck_assert_int_eq(desk_world_do(&world, &other, &error).status, PCT_CHECK_FAILED);
    test_error_says(&error, "was used for another request");
    desk_world_end(&world);
}

/* --- several commands in one decision ------------------------------------------------------------------------------ */

static int64_t last_seq(void) {
    int64_t last;
    pct_error error;
    test_ok(pct_store_last_seq(world.store, &last, &error), &error);
    return last;
}

TEST(desk_decides_commands_that_belong_together_all_or_none) {
    pct_error error;
    open_world(1);
    pct_desk_request first = desk_world_call("", "the first"), second = desk_world_call("", "the second"),
                     third = desk_world_call("", "the third");
    pct_command also[2] = {second.command, third.command};
    first.also = also, first.also_count = 2;
    pct_desk_reply reply = desk_world_do(&world, &first, &error);
    test_ok(reply.status, &error);
    ck_assert(reply.object.seq == 1 && reply.first_seq == 1 && reply.last_seq == 3);
    ck_assert_int_eq(last_seq(), 3);
    also[1].data.call_received.type = pct_text_of("no_such_type");
    ck_assert_int_eq(desk_world_do(&world, &first, &error).status, PCT_INPUT);
    ck_assert_int_eq(last_seq(), 3);
    first.also_count = PCT_DESK_ALSO_MAX + 1;
    ck_assert_int_eq(pct_desk_submit(world.desk, &first, NULL, NULL, &error), PCT_MISUSE);
    desk_world_restart(&world);
    ck_assert_int_eq(take_call("", "the fourth").object.seq, 4);
    desk_world_end(&world);
}

/* --- stale views -------------------------------------------------------------------------------------------------- */

typedef struct seen_priority {
    pct_id incident;
    uint8_t priority;
    int asked;
} seen_priority;

static pct_status still_of_priority(void *context, const pct_snapshot *snapshot, pct_error *error) {
    seen_priority *seen = context;
    const pct_desk_incident *now = pct_snapshot_incident(snapshot, (pct_incident_id){seen->incident.seq});
    seen->asked++;
    ck_assert_ptr_nonnull(now);
    return now->incident.priority == seen->priority
               ? PCT_OK
               : PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_API_STALE, pct_str("\"x\""));
}

typedef struct kept_reply {
    pct_desk_reply reply;
    pct_error error;
} kept_reply;

static void keep_reply(void *context, const pct_desk_reply *reply) {
    kept_reply *kept = context;
    kept->reply = *reply;
    if (reply->error) kept->error = *reply->error;
}

/* Both wait for the same group, so that no snapshot between them tells the second that its view is stale. */
TEST(desk_takes_one_of_two_commands_that_come_from_the_same_view) {
    open_world(1);
    seen_priority seen = {incident(), 2, 0};
    pct_event_data data = {0};
    data.incident_classified.has_priority = true;
    data.incident_classified.reason = PCT_CLASSIFY_REASON_REVIEW;
    kept_reply kept[2];
    for (int i = 0; i < 2; i++) {
        pct_error error;
        pct_desk_request request = desk_world_call(i ? "second" : "first", "");
        request.command = (pct_command){PCT_COMMAND_CLASSIFY_INCIDENT, seen.incident, data};
        request.command.data.incident_classified.priority = i ? 4 : 1;
        request.still = still_of_priority, request.still_context = &seen;
        test_ok(pct_desk_submit(world.desk, &request, keep_reply, &kept[i], &error), &error);
    }
    size_t handled;
    pct_error error;
    test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    ck_assert_uint_eq(handled, 2);
    ck_assert_int_eq(seen.asked, 2);
    test_ok(kept[0].reply.status, &kept[0].error);
    ck_assert_int_eq(kept[1].reply.status, PCT_CHECK_FAILED);
    const pct_snapshot *snapshot = pct_desk_snapshot(world.desk);
    ck_assert_uint_eq(
        pct_snapshot_incident(snapshot, (pct_incident_id){seen.incident.seq})->incident.priority, 1);
    pct_snapshot_release(snapshot);
    desk_world_end(&world);
}

TEST(desk_keeps_a_reply_for_30_days) {
    open_world(1);
    pct_desk_reply first = take_call("k1", "words");
    world.now_ms += 30LL * 86400000 - 1;
    ck_assert(take_call("k1", "words").repeated);
    world.now_ms += 2;
    pct_desk_reply later = take_call("k1", "words");
    ck_assert(!later.repeated);
    ck_assert_int_gt(later.object.seq, first.object.seq);
    desk_world_end(&world);
}

TEST(desk_refusal_changes_nothing_and_is_not_kept) {
    open_world(1);
    pct_error error;
    pct_desk_request request = desk_world_call("k1", "words");
    request.command.data.call_received.type = pct_text_of("no such type");
    uint64_t before = desk_world_board_digest(world.desk);
    ck_assert_int_ne(desk_world_do(&world, &request, &error).status, PCT_OK);
    test_error_says(&error, "no such type");
    ck_assert_uint_eq(desk_world_board_digest(world.desk), before);
    ck_assert(!take_call("k1", "words").repeated);
    desk_world_end(&world);
}

static pct_status write_and_fail(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    (void)now_ms;
    const pct_document document = {pct_text_of("test"), pct_text_of("job"), pct_text_of("bytes"), 0};
    pct_status status = pct_store_put_document(store, &document, error);
    return status ? status : *(const pct_status *)context;
}

TEST(desk_gives_up_what_a_failing_job_wrote_and_nothing_else) {
    open_world(1);
    pct_error error;
    size_t handled;
    pct_buffer bytes = pct_buffer_init(100);
    for (int round = 0; round < 2; round++) {
        pct_status outcome = round == 0 ? PCT_REFUSED : PCT_OK;
        pct_desk_request call = desk_world_call("", "beside a job");
        test_ok(pct_desk_submit_job(world.desk, PCT_LANE_CALLS, write_and_fail, NULL, &outcome, &error),
                &error);
        test_ok(pct_desk_submit(world.desk, &call, NULL, NULL, &error), &error);
        test_ok(pct_desk_step(world.desk, &handled, &error), &error);
        ck_assert_uint_eq(handled, 2);
        pct_status found =
            pct_store_get_document(world.store, pct_text_of("test"), pct_text_of("job"), 0, &bytes, &error);
        ck_assert_int_eq(found, round == 0 ? PCT_NOT_FOUND : PCT_OK);
    }
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    ck_assert_uint_eq(pct_snapshot_counts(s)->calls[PCT_CALL_RECEIVED], 2);
    pct_snapshot_release(s);
    pct_buffer_dispose(&bytes);
    desk_world_end(&world);
}

/* --- lanes ------------------------------------------------------------------------------------------------------- */

TEST(desk_sheds_reports_before_dispatch_and_calls_never) {
    open_world(1);
    pct_error error;
    int64_t shed_at[PCT_LANE_COUNT] = {0};
    for (int i = 0; i < 9000; i++) {
        for (int lane = PCT_LANE_REPORTS; lane >= 0; lane--) {
            if (lane > 0 && shed_at[lane]) continue;
            if (lane == 0 && i % 2) continue;
            pct_desk_request request = desk_world_call("", "w");
            request.lane = (pct_lane)lane;
            pct_status status = pct_desk_submit(world.desk, &request, NULL, NULL, &error);
            if (status == PCT_OK) continue;
            ck_assert_int_eq(status, PCT_BUSY);
            test_error_says(&error, "too much is waiting");
            shed_at[lane] = i;
        }
    }
    ck_assert_int_eq(shed_at[PCT_LANE_CALLS], 0);
    for (int lane = PCT_LANE_DISPATCH; lane < PCT_LANE_REPORTS; lane++)
        ck_assert_int_gt(shed_at[lane], shed_at[lane + 1]);
    pct_desk_counters counters = pct_desk_counters_view(world.desk);
    ck_assert_int_eq(counters.shed[PCT_LANE_CALLS], 0);
    ck_assert_int_eq(counters.shed[PCT_LANE_REPORTS], 1);
    ck_assert_int_eq(counters.queued[PCT_LANE_CALLS], 4500);
    desk_world_end(&world);
}

TEST(desk_floods_of_one_lane_turn_away_nothing_of_more_weight) {
    open_world(1);
    pct_error error;
    for (int lane = PCT_LANE_REPORTS; lane > 0; lane--) {
        pct_desk_request request = desk_world_call("", "w");
        request.lane = (pct_lane)lane;
        while (pct_desk_submit(world.desk, &request, NULL, NULL, &error) == PCT_OK) continue;
        pct_desk_counters counters = pct_desk_counters_view(world.desk);
        ck_assert_int_eq(counters.queued[lane], pct_desk_lane_limit((pct_lane)lane));
        ck_assert_int_eq(counters.shed[lane], 1);
    }
    desk_world_end(&world);
}

TEST(desk_takes_calls_before_everything_else) {
    open_world(1);
    pct_error error;
    size_t handled;
    for (int i = 0; i < 300; i++) {
        pct_desk_request request = desk_world_call("", "w");
        request.lane = i < 200 ? PCT_LANE_REPORTS : PCT_LANE_CALLS;
        test_ok(pct_desk_submit(world.desk, &request, NULL, NULL, &error), &error);
    }
    test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    pct_desk_counters counters = pct_desk_counters_view(world.desk);
    ck_assert_int_eq(counters.queued[PCT_LANE_CALLS], 0);
    ck_assert_int_eq(counters.queued[PCT_LANE_REPORTS], 300 - (int64_t)handled);
    ck_assert_int_eq(counters.groups, 1);
    desk_world_end(&world);
}

/* --- what readers see -------------------------------------------------------------------------------------------- */

TEST(desk_snapshot_stays_as_it_was) {
    open_world(1);
    pct_id unit = unit_on_duty("A1"), first = incident();
    const pct_snapshot *before = pct_desk_snapshot(world.desk);
    for (int i = 0; i < 200; i++) (void)take_call("", "more");
    (void)send(first, unit);
    const pct_snapshot *after = pct_desk_snapshot(world.desk);
    ck_assert_int_eq(pct_snapshot_incident(before, (pct_incident_id){first.seq})->incident.status,
                     PCT_INCIDENT_WAITING);
    ck_assert_int_eq(pct_snapshot_incident(after, (pct_incident_id){first.seq})->incident.status,
                     PCT_INCIDENT_DISPATCHED);
    ck_assert_int_eq(pct_snapshot_unit(before, (pct_unit_id){unit.seq})->unit.status, PCT_UNIT_AT_STATION);
    size_t calls[2] = {0};
    const pct_snapshot *both[2] = {before, after};
    for (int s = 0; s < 2; s++)
        for (const pct_desk_call *c = pct_snapshot_next_call(both[s], (pct_call_id){0}); c;
             c = pct_snapshot_next_call(both[s], c->call.id)) {
            ck_assert_ptr_eq(pct_snapshot_call(both[s], c->call.id), c);
            calls[s]++;
        }
    ck_assert_uint_eq(calls[0], 1);
    ck_assert_uint_eq(calls[1], 201);
    pct_snapshot_release(before);
    pct_snapshot_release(after);
    desk_world_end(&world);
}

/* The lists of a snapshot hold what the board holds, whatever was done. */
typedef struct board_check {
    const pct_snapshot *snapshot;
    bool same;
} board_check;

static void compare_lists(void *context, const pct_board *board) {
    board_check *check = context;
    const pct_board_counts *counts = pct_board_counts_view(board);
    uint32_t calls = 0, orders = 0, expected_calls = 0, expected_orders = 0;
    for (int i = 0; i < PCT_CALL_STATUS_COUNT; i++) expected_calls += counts->calls[i];
    for (int i = 0; i < PCT_ORDER_STATUS_COUNT; i++) expected_orders += counts->orders[i];
    for (const pct_desk_call *c = pct_snapshot_next_call(check->snapshot, (pct_call_id){0}); c;
         c = pct_snapshot_next_call(check->snapshot, c->call.id), calls++) {
        const pct_call *held = pct_board_call(board, c->call.id);
        if (!held || held->status != c->call.status || held->incident.seq != c->call.incident.seq)
            check->same = false;
    }
    for (const pct_desk_order *o = pct_snapshot_next_order(check->snapshot, (pct_order_id){0}); o;
         o = pct_snapshot_next_order(check->snapshot, o->order.id), orders++) {
        const pct_order *held = pct_board_order(board, o->order.id);
        if (!held || memcmp(held->at_ms, o->order.at_ms, sizeof held->at_ms) != 0) check->same = false;
    }
    for (const pct_desk_incident *i = pct_snapshot_next_incident(check->snapshot, (pct_incident_id){0}); i;
         i = pct_snapshot_next_incident(check->snapshot, i->incident.id)) {
        const pct_incident *held = pct_board_incident(board, i->incident.id);
        if (!held || held->status != i->incident.status || held->calls != i->incident.calls ||
            held->open_orders != i->incident.open_orders || held->ended_at_ms != i->incident.ended_at_ms)
            check->same = false;
    }
    for (uint32_t u = 0; u < pct_board_unit_count(board); u++) {
        const pct_unit *held = pct_board_unit_at(board, u);
        const pct_desk_unit *seen = pct_snapshot_unit(check->snapshot, held->id);
        if (!seen || seen->unit.status != held->status || seen->unit.order.seq != held->order.seq)
            check->same = false;
    }
    if (calls != expected_calls || orders != expected_orders) check->same = false;
}

TEST(desk_snapshot_holds_what_the_board_holds_also_after_forgetting) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        open_world(seed);
        pct_error error;
        for (int i = 0; i < 60; i++) {
            test_ok(desk_world_step(&world, 8, &error), &error);
            if (i % 10 == 9)
                world.now_ms += 40000000; /* eleven hours: incidents are forgotten a day after their end */
            board_check check = {pct_desk_snapshot(world.desk), true};
            pct_desk_look(world.desk, compare_lists, &check);
            pct_snapshot_release(check.snapshot);
            ck_assert_msg(check.same, "seed %d, step %d", (int)seed, i);
        }
        uint64_t live = desk_world_board_digest(world.desk);
        desk_world_restart(&world);
        ck_assert_uint_eq(desk_world_board_digest(world.desk), live);
        desk_world_end(&world);
    }
}

TEST(desk_tables_made_again_are_equal_row_by_row) {
    for (uint64_t seed = 21; seed <= 24; seed++) {
        open_world(seed);
        pct_error error;
        pct_table_digest before[PCT_TABLES_MAX], after[PCT_TABLES_MAX];
        size_t count;
        int64_t rows = 0;
        for (int i = 0; i < 80; i++) {
            test_ok(desk_world_step(&world, 8, &error), &error);
            if (i % 20 == 19) world.now_ms += 40000000;
        }
        test_ok(pct_store_digest_tables(world.store, before, &count, &error), &error);
        test_ok(pct_desk_rebuild(world.desk, &error), &error);
        test_ok(pct_store_digest_tables(world.store, after, &count, &error), &error);
        for (size_t i = 0; i < count; i++) {
            ck_assert_int_eq(before[i].rows, after[i].rows);
            ck_assert_msg(before[i].digest == after[i].digest, "%s differs", before[i].table);
            rows += before[i].rows;
        }
        ck_assert_int_gt(rows, 200);
        desk_world_end(&world);
    }
}

TEST(desk_notices_follow_each_other_and_say_when_to_begin_again) {
    open_world(1);
    pct_desk_notice notices[10];
    bool reset;
    pct_id unit = unit_on_duty("A1"), first = incident(), order = send(first, unit);
    ck_assert_uint_eq(pct_desk_notices(world.desk, 0, notices, 10, &reset), 5);
    ck_assert(!reset);
    ck_assert_int_eq(notices[4].seq, order.seq);
    ck_assert_int_eq(notices[4].type, PCT_EVENT_ORDER_SENT);
    ck_assert_uint_eq(notices[4].touched_count, 3);
    ck_assert_int_eq(notices[4].touched[1].seq, first.seq);
    ck_assert_int_eq(notices[4].touched[2].seq, unit.seq);
    ck_assert_uint_eq(pct_desk_notices(world.desk, 3, notices, 1, &reset), 1);
    ck_assert_int_eq(notices[0].seq, 4);
    ck_assert_uint_eq(pct_desk_notices(world.desk, 6, notices, 10, &reset), 0);
    ck_assert(reset);
    desk_world_restart(&world);
    (void)pct_desk_notices(world.desk, 2, notices, 10, &reset);
    ck_assert(reset);
    ck_assert_uint_eq(pct_desk_notices(world.desk, 5, notices, 10, &reset), 0);
    ck_assert(!reset);
    desk_world_end(&world);
}

TEST(desk_takes_fixes_from_sign_on_to_sign_off_only) {
    open_world(1);
    pct_error error;
    pct_id unit = unit_on_duty("A1");
    pct_fix fix = {.unit = {unit.seq}, .position = {1, 2}, .at_ms = world.now_ms - 1}, seen[4];
    int64_t version;
    ck_assert_int_eq(pct_desk_put_fix(world.desk, &fix, &error), PCT_REFUSED); /* of before sign-on */
    test_error_says(&error, "off duty");
    fix.at_ms = world.now_ms;
    test_ok(pct_desk_put_fix(world.desk, &fix, &error), &error);
    ck_assert_uint_eq(pct_desk_fixes(world.desk, 0, seen, 4, &version), 1);
    ck_assert_int_eq(seen[0].received_at_ms, world.now_ms);
    ck_assert_uint_eq(pct_desk_fixes(world.desk, version, seen, 4, &version), 0);
    ck_assert_int_eq(pct_desk_put_fix(world.desk, &fix, &error), PCT_REFUSED);
    test_error_says(&error, "not newer");
    (void)command(PCT_COMMAND_SIGN_OFF, unit, NULL);
    fix.at_ms++;
    ck_assert_int_eq(pct_desk_put_fix(world.desk, &fix, &error), PCT_REFUSED);
    test_error_says(&error, "off duty");
    ck_assert_uint_eq(pct_desk_fixes(world.desk, 0, seen, 4, &version), 0);
    fix.unit.seq = 99;
    ck_assert_int_eq(pct_desk_put_fix(world.desk, &fix, &error), PCT_NOT_FOUND);
    desk_world_end(&world);
}

TEST(desk_reminds_when_a_clock_runs_out) {
    open_world(1);
    pct_error error;
    size_t handled;
    pct_id order = send(incident(), unit_on_duty("A1"));
    ck_assert_int_eq(pct_desk_next_due_ms(world.desk), world.now_ms + 30000);
    world.now_ms += 29999;
    test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    ck_assert_uint_eq(handled, 0);
    world.now_ms += 1;
    test_ok(pct_desk_step(world.desk, &handled, &error), &error);
    ck_assert_uint_eq(handled, 1);
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    ck_assert_int_eq(pct_snapshot_order(s, (pct_order_id){order.seq})->order.reminders, 1);
    pct_snapshot_release(s);
    desk_world_end(&world);
}

TEST(desk_time_never_goes_back) {
    open_world(1);
    (void)take_call("", "now");
    world.now_ms -= 3600000;
    pct_desk_reply later = take_call("", "the clock was set back");
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    ck_assert_int_eq(pct_snapshot_call(s, (pct_call_id){later.object.seq})->call.received_at_ms,
                     world.now_ms + 3600000);
    pct_snapshot_release(s);
    desk_world_end(&world);
}

/* --- erasing ----------------------------------------------------------------------------------------------------- */

TEST(desk_erases_every_byte_of_what_a_call_sealed) {
    open_world(1);
    pct_error error;
    int64_t keys;
    pct_id call = take_call("k1", "CANARY-WORDS").object, other = take_call("k2", "OTHER-WORDS").object;
    for (int i = 0; i < 30; i++) test_ok(desk_world_step(&world, 8, &error), &error);
    ck_assert(power_disk_holds("CANARY-WORDS", 12));
    const pct_erasure erasure = {.object = call, .account = {"li", 2}, .role = PCT_ROLE_SECURITY_ADMIN};
    test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
    ck_assert_int_eq(keys, 1);
    ck_assert(!power_disk_holds("CANARY-WORDS", 12));
    ck_assert(power_disk_holds("OTHER-WORDS", 11));
    pct_arena arena = pct_arena_init(1 << 16);
    pct_call_row row;
    test_ok(pct_store_get_call(world.store, (pct_call_id){other.seq}, &arena, &row, &error), &error);
    ck_assert_str_eq(row.caller_name.chars, "Wang Xiaoming");
    test_ok(pct_store_get_call(world.store, (pct_call_id){call.seq}, &arena, &row, &error), &error);
    ck_assert_uint_eq(row.caller_name.length + row.caller_phone.length + row.words.length, 0);
    ck_assert(!row.has_position);
    pct_arena_dispose(&arena);
    const char *fault = desk_world_find_fault(&world, false);
    ck_assert_msg(fault && strcmp(fault, "an event stands without its key") == 0, "%s",
                  fault ? fault : "no fault");
    test_ok(pct_desk_rebuild(world.desk, &error), &error);
    desk_world_end(&world);
}

TEST(desk_erases_only_what_is_there) {
    open_world(1);
    pct_error error;
    int64_t keys;
    pct_erasure erasure = {
        .object = {.kind = 'C', .seq = 7}, .account = {"li", 2}, .role = PCT_ROLE_SECURITY_ADMIN};
    ck_assert_int_eq(pct_desk_erase(world.desk, &erasure, &keys, &error), PCT_NOT_FOUND);
    erasure.object.kind = 'U';
    ck_assert_int_eq(pct_desk_erase(world.desk, &erasure, &keys, &error), PCT_INPUT);
    test_error_says(&error, "only a call");
    desk_world_end(&world);
}

/* --- threads ----------------------------------------------------------------------------------------------------- */

enum { CLIENTS = 4, CALLS_EACH = 100 };

static void *client(void *context) {
    int64_t *done = context;
    for (int i = 0; i < CALLS_EACH; i++) {
        pct_desk_request request = desk_world_call("", "from a thread");
        pct_desk_reply reply;
        pct_error error;
        if (pct_desk_submit_and_wait(world.desk, &request, &reply, &error) == PCT_OK) (*done)++;
        const pct_snapshot *s = pct_desk_snapshot(world.desk);
        if (!pct_snapshot_call(s, (pct_call_id){reply.object.seq}))
            (*done)--; /* an answer is in the snapshot */
        pct_snapshot_release(s);
    }
    return NULL;
}

TEST(desk_serves_many_threads_and_each_sees_its_own_write) {
    open_world(1);
    pct_error error;
    pthread_t threads[CLIENTS];
    int64_t done[CLIENTS] = {0}, last;
    test_ok(pct_desk_start(world.desk, &error), &error);
    for (int i = 0; i < CLIENTS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, client, &done[i]), 0);
    ck_assert(pct_desk_wait(world.desk, CALLS_EACH, 60000));
    for (int i = 0; i < CLIENTS; i++) pthread_join(threads[i], NULL);
    ck_assert(!pct_desk_wait(world.desk, CLIENTS * CALLS_EACH, 10));
    pct_desk_stop(world.desk);
    for (int i = 0; i < CLIENTS; i++) ck_assert_int_eq(done[i], CALLS_EACH);
    test_ok(pct_store_last_seq(world.store, &last, &error), &error);
    ck_assert_int_eq(last, CLIENTS * CALLS_EACH);
    ck_assert_ptr_null(desk_world_find_fault(&world, true));
    desk_world_end(&world);
}

TEST(desk_answers_those_who_wait_when_it_closes) {
    open_world(1);
    pct_error error;
    for (int i = 0; i < 3; i++) test_ok(desk_world_step(&world, 4, &error), &error);
    size_t answered = world.answered;
    desk_pending pending = {.world = &world};
    pct_desk_request request = desk_world_call("", "w");
    test_ok(pct_desk_submit(world.desk, &request, desk_world_acknowledged, &pending, &error), &error);
    desk_world_close(&world);
    ck_assert_uint_eq(world.answered, answered + 1);
    ck_assert_uint_ge(world.failed, 1);
    power_disk_free();
}

TEST_MAIN("desk", TEST_CASE(desk_takes_one_of_two_commands_that_come_from_the_same_view),
          TEST_CASE(desk_gives_the_same_key_and_body_the_same_reply_once),
          TEST_CASE(desk_decides_commands_that_belong_together_all_or_none),
          TEST_CASE(desk_refuses_the_same_key_with_another_body), TEST_CASE(desk_keeps_a_reply_for_30_days),
          TEST_CASE(desk_refusal_changes_nothing_and_is_not_kept),
          TEST_CASE(desk_gives_up_what_a_failing_job_wrote_and_nothing_else),
          TEST_CASE(desk_sheds_reports_before_dispatch_and_calls_never),
          TEST_CASE(desk_floods_of_one_lane_turn_away_nothing_of_more_weight),
          TEST_CASE(desk_takes_calls_before_everything_else), TEST_CASE(desk_snapshot_stays_as_it_was),
          TEST_CASE(desk_snapshot_holds_what_the_board_holds_also_after_forgetting),
          TEST_CASE(desk_tables_made_again_are_equal_row_by_row),
          TEST_CASE(desk_notices_follow_each_other_and_say_when_to_begin_again),
          TEST_CASE(desk_takes_fixes_from_sign_on_to_sign_off_only),
          TEST_CASE(desk_reminds_when_a_clock_runs_out), TEST_CASE(desk_time_never_goes_back),
          TEST_CASE(desk_erases_every_byte_of_what_a_call_sealed), TEST_CASE(desk_erases_only_what_is_there),
          TEST_CASE(desk_serves_many_threads_and_each_sees_its_own_write),
          TEST_CASE(desk_answers_those_who_wait_when_it_closes))
