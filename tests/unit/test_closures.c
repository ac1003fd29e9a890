/* Closures of roads on the board and on the desk: who may order what, the end that comes by itself, the rows that
 * follow. */
#include <string.h>

#include "desk/desk.h"
#include "support/board.h"
#include "support/codes.h"
#include "support/desk_world.h"
#include "support/test.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static const pct_road_ref roads[] = {{71, 1, 2}, {72, 2, 3}};
static const pct_position middles[] = {{1164000000, 399000000}, {1164010000, 399000000}};
static const pct_position corners[] = {
    {1164000000, 399000000}, {1164010000, 399000000}, {1164010000, 399010000}};

static pct_event_data closing(uint32_t count, int64_t until_ms) {
    pct_event_data data;
    memset(&data, 0, sizeof data);
    data.closure_ordered.kind = PCT_CLOSURE_KIND_CLOSE;
    data.closure_ordered.reason = PCT_CLOSURE_REASON_WORKS;
    data.closure_ordered.until = until_ms;
    data.closure_ordered.both_ways = true;
    data.closure_ordered.roads = roads, data.closure_ordered.roads_count = count;
    data.closure_ordered.points = middles, data.closure_ordered.points_count = count;
    return data;
}

/* --- the board --------------------------------------------------------------------------------------------------- */

static pct_codes *codes;

static pct_board *new_board(void) {
    pct_board *board;
    pct_error error;
    codes = test_codes();
    test_ok(pct_board_new(codes, NULL, &board, &error), &error);
    return board;
}

static pct_closure_id order(pct_board *board, int64_t until_ms, int64_t now_ms) {
    pct_command command = test_command(PCT_COMMAND_ORDER_CLOSURE, 0, 0);
    command.data = closing(2, until_ms);
    pct_command_context context = test_context(now_ms);
    pct_decision decision;
    pct_error error;
    test_ok(pct_board_submit(board, &command, &context, &decision, &error), &error);
    ck_assert_int_eq(decision.events[0].object.kind, 'L');
    return (pct_closure_id){decision.events[0].object.seq};
}

static void end(pct_board *board) {
    pct_board_free(board);
    pct_codes_free(codes);
}

TEST(board_refuses_a_closure_without_roads_or_end) {
    pct_board *board = new_board();
    pct_command command = test_command(PCT_COMMAND_ORDER_CLOSURE, 0, 0);
    command.data = closing(0, HOUR_MS);
    test_refused(board, &command, 0, "closes either roads");
    command.data = closing(2, HOUR_MS);
    command.data.closure_ordered.area = corners, command.data.closure_ordered.area_count = 3;
    test_refused(board, &command, 0, "closes either roads");
    command.data = closing(2, HOUR_MS);
    command.data.closure_ordered.points_count = 1;
    test_refused(board, &command, 0, "closes either roads");
    command.data = closing(2, 5000);
    test_refused(board, &command, 5000, "needs an end");
    command.data = closing(2, 5000 + 90 * DAY_MS + 1);
    test_refused(board, &command, 5000, "needs an end");
    command.data = closing(2, HOUR_MS);
    command.data.closure_ordered.reason = PCT_CLOSURE_REASON_NONE;
    test_refused(board, &command, 0, "'reason'");
    command.data = closing(0, HOUR_MS);
    command.data.closure_ordered.area = corners, command.data.closure_ordered.area_count = 2;
    test_refused(board, &command, 0, "3 corners");
    command.data.closure_ordered.area_count = 3, command.data.closure_ordered.both_ways = false;
    test_refused(board, &command, 0, "both directions");
    command.data = closing(2, HOUR_MS);
    command.data.closure_ordered.kind = PCT_CLOSURE_KIND_SLOW;
    test_refused(board, &command, 0, "the speed that is left");
    command.data.closure_ordered.has_speed_kmh = true, command.data.closure_ordered.speed_kmh = 121;
    test_refused(board, &command, 0, "'speed_kmh'");
    command.data.closure_ordered.kind = PCT_CLOSURE_KIND_CLOSE;
    command.data.closure_ordered.speed_kmh = 20;
    test_refused(board, &command, 0, "the speed that is left");
    end(board);
}

TEST(board_ends_closures_in_the_order_of_their_ends_by_itself) {
    pct_board *board = new_board();
    pct_closure_id late = order(board, 3 * HOUR_MS, 1000), soon = order(board, HOUR_MS, 2000);
    const pct_closure *first = pct_board_first_closure(board);
    ck_assert_int_eq(first->id.seq, soon.seq);
    ck_assert_int_eq(first->next.seq, late.seq);
    ck_assert_uint_eq(first->roads, 2);
    ck_assert_str_eq(first->author.chars, "test");
    pct_deadline due = pct_board_next_deadline(board);
    ck_assert_int_eq(due.at_ms, HOUR_MS);
    pct_command lapse = pct_board_remind_command(due);
    test_refused(board, &lapse, HOUR_MS - 1, "has not come to its end");
    pct_command_context context = test_context(HOUR_MS);
    pct_error error;
    test_ok(pct_board_submit(board, &lapse, &context, NULL, &error), &error);
    ck_assert_int_eq(pct_board_closure(board, soon)->status, PCT_CLOSURE_LAPSED);
    ck_assert_int_eq(pct_board_closure(board, soon)->ended_at_ms, HOUR_MS);
    ck_assert_int_eq(pct_board_next_deadline(board).at_ms, 3 * HOUR_MS);
    test_refused(board, &lapse, HOUR_MS, "open already");
    end(board);
}

TEST(board_keeps_the_speed_of_slowed_roads) {
    pct_board *board = new_board();
    pct_command command = test_command(PCT_COMMAND_ORDER_CLOSURE, 0, 0);
    command.data = closing(2, HOUR_MS);
    command.data.closure_ordered.kind = PCT_CLOSURE_KIND_SLOW;
    command.data.closure_ordered.has_speed_kmh = true, command.data.closure_ordered.speed_kmh = 120;
    pct_command_context context = test_context(1000);
    pct_decision decision;
    pct_error error;
    test_ok(pct_board_submit(board, &command, &context, &decision, &error), &error);
    const pct_closure *slowed = pct_board_closure(board, (pct_closure_id){decision.events[0].object.seq});
    ck_assert_int_eq(slowed->kind, PCT_CLOSURE_KIND_SLOW);
    ck_assert_int_eq(slowed->speed_kmh, 120);
    const pct_closure *closed = pct_board_closure(board, order(board, HOUR_MS, 1000));
    ck_assert_int_eq(closed->kind, PCT_CLOSURE_KIND_CLOSE);
    ck_assert_int_eq(closed->speed_kmh, 0);
    end(board);
}

TEST(board_lifts_a_closure_once_and_forgets_it_only_then) {
    pct_board *board = new_board();
    pct_error error;
    pct_closure_id id = order(board, HOUR_MS, 1000);
    ck_assert_int_eq(pct_board_forget_closure(board, id, &error), PCT_REFUSED);
    pct_command lift = test_command(PCT_COMMAND_LIFT_CLOSURE, 'L', id.seq);
    lift.data.closure_lifted.reason = PCT_CLOSURE_LIFT_MISTAKE;
    pct_command_context context = test_context(2000);
    test_ok(pct_board_submit(board, &lift, &context, NULL, &error), &error);
    ck_assert_int_eq(pct_board_closure(board, id)->status, PCT_CLOSURE_LIFTED);
    ck_assert_int_eq(pct_board_closure(board, id)->lift_reason, PCT_CLOSURE_LIFT_MISTAKE);
    ck_assert_int_eq(pct_board_next_deadline(board).at_ms, INT64_MAX);
    test_refused(board, &lift, 3000, "open already");
    lift.object.seq = 99;
    test_refused(board, &lift, 3000, "no closure L99");
    test_ok(pct_board_forget_closure(board, id, &error), &error);
    ck_assert_ptr_null(pct_board_closure(board, id));
    end(board);
}

/* --- the desk ---------------------------------------------------------------------------------------------------- */

static desk_world world;

static pct_id close_roads(uint32_t count, int64_t until_ms) {
    pct_error error;
    pct_desk_request request = desk_world_call("", "");
    memset(&request.command, 0, sizeof request.command);
    request.lane = PCT_LANE_DISPATCH;
    request.command.kind = PCT_COMMAND_ORDER_CLOSURE;
    request.command.data = closing(count, until_ms);
    pct_desk_reply reply = desk_world_do(&world, &request, &error);
    test_ok(reply.status, &error);
    return reply.object;
}

static pct_closure_status status_of(pct_id id) {
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    const pct_desk_closure *c = pct_snapshot_closure(s, (pct_closure_id){id.seq});
    pct_closure_status status = c ? (pct_closure_status)c->closure.status : PCT_CLOSURE_STATUS_COUNT;
    pct_snapshot_release(s);
    return status;
}

static void step(void) {
    size_t handled;
    pct_error error;
    test_ok(pct_desk_step(world.desk, &handled, &error), &error);
}

static void open_world(void) {
    desk_world_begin(&world, 5);
    desk_world_start(&world);
}

TEST(desk_ends_a_closure_at_its_time_and_after_a_start) {
    open_world();
    int64_t begin_ms = world.now_ms;
    pct_id soon = close_roads(2, begin_ms + HOUR_MS), late = close_roads(1, begin_ms + 2 * HOUR_MS);
    ck_assert_int_eq(pct_desk_next_due_ms(world.desk), begin_ms + HOUR_MS);
    world.now_ms = begin_ms + HOUR_MS;
    step();
    ck_assert_int_eq(status_of(soon), PCT_CLOSURE_LAPSED);
    ck_assert_int_eq(status_of(late), PCT_CLOSURE_OPEN);
    desk_world_close(&world);
    world.now_ms = begin_ms + 3 * HOUR_MS;
    desk_world_start(&world);
    ck_assert_int_eq(status_of(late), PCT_CLOSURE_OPEN);
    step();
    ck_assert_int_eq(status_of(late), PCT_CLOSURE_LAPSED);
    /* A day later it has left the board, and another start agrees. */
    world.now_ms += 2 * DAY_MS;
    (void)close_roads(1, world.now_ms + 1);
    ck_assert_int_eq(status_of(late), PCT_CLOSURE_STATUS_COUNT);
    uint64_t digest = desk_world_board_digest(world.desk);
    desk_world_restart(&world);
    ck_assert_uint_eq(desk_world_board_digest(world.desk), digest);
    desk_world_end(&world);
}

TEST(desk_keeps_in_the_tables_what_is_closed) {
    open_world();
    pct_error error;
    pct_arena arena = pct_arena_init(1 << 16);
    pct_closed_road rows[8];
    size_t count;
    pct_id id = close_roads(2, world.now_ms + HOUR_MS);
    for (int again = 0; again < 2; again++) {
        test_ok(pct_store_list_closed_roads(world.store, (pct_closure_id){id.seq}, 8, &arena, rows, &count,
                                            &error),
                &error);
        ck_assert_uint_eq(count, 2);
        ck_assert(rows[0].has_road && rows[1].has_road);
        ck_assert_int_eq(rows[1].road.way, 72);
        ck_assert_int_eq(rows[1].road.to, 3);
        ck_assert_int_eq(rows[1].position.lon_e7, middles[1].lon_e7);
        test_ok(pct_desk_rebuild(world.desk, &error), &error);
    }
    pct_arena_dispose(&arena);
    desk_world_end(&world);
}

TEST_MAIN("closures", TEST_CASE(board_refuses_a_closure_without_roads_or_end),
          TEST_CASE(board_ends_closures_in_the_order_of_their_ends_by_itself),
          TEST_CASE(board_keeps_the_speed_of_slowed_roads),
          TEST_CASE(board_lifts_a_closure_once_and_forgets_it_only_then),
          TEST_CASE(desk_ends_a_closure_at_its_time_and_after_a_start),
          TEST_CASE(desk_keeps_in_the_tables_what_is_closed))
