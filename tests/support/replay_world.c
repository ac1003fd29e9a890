#include "support/replay_world.h"

#include <string.h>

#include "support/power_disk.h"
#include "support/test.h"

enum { ROUNDS_MAX = 20000, E7_PER_M = 10 };

static int64_t road_number(void *context) {
    return ((replay_world *)context)->road_number;
}

static int64_t wall_us(void *context) {
    return ((replay_world *)context)->wall_us;
}

void replay_world_init(replay_world *w, const char *calls, const char *units, const char *times) {
    pct_error error;
    *w = (replay_world){.codes = sim_world_codes(),
                        .travel = sim_world_street(),
                        .zone = pct_zone_utc(),
                        .road_number = 1,
                        .seed = 1};
    w->times = times ? sim_world_times_of(w->codes, times) : sim_world_times(w->codes);
    test_ok(
        pct_units_read("units.csv", pct_text_of(units), NULL, (pct_text){"", 0}, w->codes, &w->units, &error),
        &error);
    const pct_replay_source source = {.calls_name = "calls.csv",
                                      .calls = pct_text_of(calls),
                                      .units = &w->units,
                                      .codes = w->codes,
                                      .zone = &w->zone};
    test_ok(pct_replay_plan_read(&source, &w->plan, &error), &error);
}

void replay_world_dispose(replay_world *w) {
    replay_world_close(w);
    pct_replay_plan_dispose(&w->plan);
    pct_units_dispose(&w->units);
    pct_zone_dispose(&w->zone);
    pct_service_times_free(w->times);
    pct_codes_free(w->codes);
}

static void do_nothing(void *context, const pct_desk_reply *reply) {
    *(pct_desk_reply *)context = *reply;
    ck_assert_int_eq(reply->status, PCT_OK);
}

static pct_id command(replay_world *w, const pct_command *command, const char *account, pct_role role) {
    pct_error error;
    pct_desk_reply reply = {.status = PCT_INTERNAL};
    size_t handled;
    const pct_desk_request request = {
        .lane = PCT_LANE_DISPATCH, .command = *command, .account = pct_text_of(account), .role = role};
    test_ok(pct_desk_submit(w->desk, &request, do_nothing, &reply, &error), &error);
    test_ok(pct_desk_step(w->desk, &handled, &error), &error);
    return reply.object;
}

static void find_named(void *context, const pct_board *board) {
    pct_unit *unit = context;
    const pct_unit *found = pct_board_unit_named(board, unit->name);
    if (found) *unit = *found;
}

static void enrol(replay_world *w) {
    pct_error error;
    for (size_t i = 0; i < w->units.count; i++) {
        pct_unit known = {.name = w->units.rows[i].name};
        pct_desk_look(w->desk, find_named, &known);
        if (known.id.seq) continue;
        pct_command enrolment;
        test_ok(pct_crew_enrol(&w->units.rows[i], w->codes, &enrolment, &error), &error);
        (void)command(w, &enrolment, "system", PCT_ROLE_SYSTEM);
    }
}

void replay_world_open(replay_world *w, int64_t speed_milli) {
    pct_error error;
    const pct_store_options store = {.folder = "site", .vfs = POWER_DISK_VFS};
    pct_replay_clock_init(&w->clock, w->plan.from_ms, wall_us, w);
    test_ok(pct_store_open(&store, &w->store, &error), &error);
    const pct_desk_options desk = {.store = w->store,
                                   .codes = w->codes,
                                   .clock_ms = pct_replay_clock_now_ms,
                                   .sleep_ms = pct_replay_clock_sleep_ms,
                                   .context = &w->clock};
    test_ok(pct_desk_open(&desk, &w->desk, &error), &error);
    const pct_snapshot *snapshot = pct_desk_snapshot(w->desk);
    int64_t start_ms = pct_snapshot_seq(snapshot) ? pct_snapshot_at_ms(snapshot) + 1 : w->plan.from_ms;
    pct_snapshot_release(snapshot);
    pct_replay_clock_put(&w->clock, start_ms);
    const pct_replay_options options = {.desk = w->desk,
                                        .clock = &w->clock,
                                        .plan = &w->plan,
                                        .codes = w->codes,
                                        .times = w->times,
                                        .travel = &w->travel,
                                        .road_number = road_number,
                                        .road_context = w,
                                        .policy = &pct_policy_nearest,
                                        .tours = w->tours,
                                        .seed = w->seed,
                                        .start_ms = start_ms};
    test_ok(pct_replay_new(&options, &w->replay, &error), &error);
    enrol(w);
    test_ok(pct_replay_begin(w->replay, &error), &error);
    pct_replay_set_speed(w->replay, speed_milli);
}

void replay_world_close(replay_world *w) {
    pct_desk_close(w->desk);
    pct_replay_free(w->replay);
    pct_store_close(w->store);
    if (w->desk) pct_replay_clock_dispose(&w->clock);
    w->desk = NULL;
    w->replay = NULL;
    w->store = NULL;
}

void replay_world_settle(replay_world *w) {
    size_t said = 1, handled = 1;
    pct_error error;
    for (int i = 0; said + handled > 0; i++) {
        ck_assert_int_lt(i, ROUNDS_MAX);
        test_ok(pct_replay_step(w->replay, &said, &error), &error);
        test_ok(pct_desk_step(w->desk, &handled, &error), &error);
    }
    test_ok(pct_replay_put_fixes(w->replay, &error), &error);
}

void replay_world_run_to(replay_world *w, int64_t until_ms) {
    for (int i = 0;; i++) {
        ck_assert_int_lt(i, ROUNDS_MAX);
        replay_world_settle(w);
        int64_t due_ms = pct_replay_next_due_ms(w->replay), desk_ms = pct_desk_next_due_ms(w->desk);
        if (desk_ms < due_ms) due_ms = desk_ms;
        int64_t next_ms = due_ms < until_ms ? due_ms : until_ms;
        int64_t sleep_us = pct_replay_clock_sleep_us(&w->clock, next_ms);
        if (sleep_us == INT64_MAX) return;
        w->wall_us += sleep_us;
        if (next_ms == until_ms) break;
    }
    replay_world_settle(w);
}

void replay_world_run(replay_world *w) {
    for (int64_t at_ms = w->plan.from_ms; !pct_replay_figures_view(w->replay).finished;) {
        at_ms += 60000;
        ck_assert_int_lt(at_ms, w->plan.to_ms + 86400000);
        replay_world_run_to(w, at_ms);
    }
}

/* --- looking ------------------------------------------------------------------------------------------------- */

pct_id replay_world_person(replay_world *w, pct_command_kind kind, pct_id object,
                           const pct_event_data *data) {
    pct_command c = {.kind = kind, .object = object};
    if (data) c.data = *data;
    pct_id made = command(w, &c, "li", PCT_ROLE_DISPATCHER);
    replay_world_settle(w);
    return made;
}

static void take_digest(void *context, const pct_board *board) {
    *(uint64_t *)context = pct_board_digest(board);
}

uint64_t replay_world_digest(replay_world *w) {
    uint64_t digest = 0;
    pct_desk_look(w->desk, take_digest, &digest);
    return digest;
}

static void take_seq(void *context, const pct_board *board) {
    *(int64_t *)context = pct_board_seq(board);
}

int64_t replay_world_seq(replay_world *w) {
    int64_t seq = 0;
    pct_desk_look(w->desk, take_seq, &seq);
    return seq;
}

int64_t replay_world_now_ms(replay_world *w) {
    return pct_replay_clock_now_ms(&w->clock);
}

pct_unit replay_world_unit(replay_world *w, const char *name) {
    pct_unit unit = {.name = pct_text_of(name)};
    pct_desk_look(w->desk, find_named, &unit);
    ck_assert_int_ne(unit.id.seq, 0);
    return unit;
}

pct_incident replay_world_incident(replay_world *w, int nth) {
    const pct_snapshot *snapshot = pct_desk_snapshot(w->desk);
    const pct_desk_incident *d = pct_snapshot_next_incident(snapshot, (pct_incident_id){0});
    while (d && nth-- > 0) d = pct_snapshot_next_incident(snapshot, d->incident.id);
    ck_assert_ptr_nonnull(d);
    pct_incident incident = d->incident;
    pct_snapshot_release(snapshot);
    return incident;
}

pct_order replay_world_order(replay_world *w, pct_order_id id) {
    const pct_snapshot *snapshot = pct_desk_snapshot(w->desk);
    const pct_desk_order *d = pct_snapshot_order(snapshot, id);
    ck_assert_ptr_nonnull(d);
    pct_order order = d->order;
    pct_snapshot_release(snapshot);
    return order;
}

int32_t replay_world_seen_m(replay_world *w, const char *name) {
    pct_fix fix;
    ck_assert(pct_desk_fix_of(w->desk, replay_world_unit(w, name).id, &fix));
    return fix.position.lon_e7 / E7_PER_M;
}

pct_operations_input replay_world_input(const replay_world *w) {
    return (pct_operations_input){.codes = w->codes,
                                  .service_times = w->times,
                                  .travel = &w->travel,
                                  .policy = &pct_policy_nearest,
                                  .units = w->units.rows,
                                  .unit_count = w->units.count,
                                  .shifts = w->plan.scenario.shifts,
                                  .shift_count = w->plan.scenario.shift_count,
                                  .calls = w->plan.scenario.calls,
                                  .call_count = w->plan.scenario.call_count,
                                  .settings = pct_operations_settings_default()};
}
