/* Ranking 200 units, by travel time alone and with regard to cover over 200 demand points; one row of travel times to
 * them, which is what a unit costs that stands at no known place; and one incident from its call to its close. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/bench.h"
#include "dispatch/recommend.h"

enum { UNITS = 200, BUSY = 40, RANKED = 5, DEMAND_POINTS = 200 };

typedef struct desk {
    pct_codes *codes;
    pct_board *board;
    pct_recommendation *recommendation;
    pct_cover *cover;
    pct_incident_id incident;
    pct_unit_id first_unit;
} desk;

static pct_status submit(desk *d, pct_command *command, pct_id *made, pct_error *error) {
    const pct_command_context context = {
        .now_ms = 1000, .epoch = 1, .actor = pct_text_of("bench"), .role = PCT_ROLE_DISPATCHER};
    pct_decision decision;
    pct_status status = pct_board_submit(d->board, command, &context, &decision, error);
    if (!status && made) *made = decision.events[0].object;
    return status;
}

static pct_command command_of(pct_command_kind kind, pct_id object) {
    pct_command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.object = object;
    return command;
}

static pct_status add_unit(desk *d, int number, pct_error *error) {
    char name[16];
    pct_id unit;
    (void)snprintf(name, sizeof name, "U%d", number);
    pct_command command = command_of(PCT_COMMAND_ENROL_UNIT, (pct_id){0});
    command.data.unit_enrolled.name = pct_text_of(name);
    command.data.unit_enrolled.kind = pct_text_of("car");
    command.data.unit_enrolled.capabilities[0] = pct_text_of("patrol");
    command.data.unit_enrolled.capabilities_count = 1;
    pct_status status = submit(d, &command, &unit, error);
    if (status) return status;
    if (number == 0) d->first_unit.seq = unit.seq;
    command = command_of(PCT_COMMAND_SIGN_ON, unit);
    command.data.unit_signed_on.officers = command.data.unit_signed_on.auxiliaries = 2;
    return submit(d, &command, NULL, error);
}

static pct_status add_incident(desk *d, pct_incident_id *incident, pct_error *error) {
    pct_id call, opened = {0};
    pct_command command = command_of(PCT_COMMAND_RECEIVE_CALL, (pct_id){0});
    command.data.call_received.channel = PCT_CHANNEL_PHONE;
    command.data.call_received.type = pct_text_of("theft");
    command.data.call_received.priority = 2;
    pct_status status = submit(d, &command, &call, error);
    if (status) return status;
    command = command_of(PCT_COMMAND_OPEN_INCIDENT, (pct_id){0});
    command.data.incident_opened.call.seq = call.seq;
    command.data.incident_opened.type = pct_text_of("theft");
    command.data.incident_opened.priority = 2;
    status = submit(d, &command, &opened, error);
    incident->seq = opened.seq;
    return status;
}

static pct_status send(desk *d, pct_incident_id incident, pct_unit_id unit, pct_id *order, pct_error *error) {
    pct_command command = command_of(PCT_COMMAND_SEND_ORDER, (pct_id){0});
    command.data.order_sent.incident = incident;
    command.data.order_sent.unit = unit;
    return submit(d, &command, order, error);
}

/* All points of the benchmark are known places. */
static pct_status make_cover(pct_bench *b, desk *d, pct_error *error) {
    pct_demand_point points[DEMAND_POINTS];
    for (int j = 0; j < DEMAND_POINTS; j++) {
        pct_road_point at = b->points[(j * 7 + 3) % PCT_BENCH_POINTS];
        points[j] = (pct_demand_point){
            .point = at, .position = pct_road_point_position(b->site.road, at), .calls_per_hour = 0.1};
    }
    pct_status status = pct_cover_new(points, DEMAND_POINTS, UNITS, pct_travel_times_out_of_router(b->router),
                                      &d->cover, error);
    return status ? status : pct_cover_know(d->cover, b->points, PCT_BENCH_POINTS, error);
}

static pct_status open_desk(pct_bench *b, pct_error *error) {
    desk *d = b->context = pct_alloc_zeroed(1, sizeof *d);
    if (!d) return pct_error_memory(error, sizeof *d);
    pct_status status = pct_site_shipped_codes(&d->codes, error);
    if (!status) status = pct_board_new(d->codes, NULL, &d->board, error);
    if (!status) status = pct_recommendation_new(UNITS, &d->recommendation, error);
    if (!status) status = make_cover(b, d, error);
    for (int i = 0; i < UNITS && !status; i++) status = add_unit(d, i, error);
    for (int i = 0; i < BUSY && !status; i++) {
        pct_incident_id incident;
        status = add_incident(d, &incident, error);
        if (!status)
            status = send(d, incident, pct_board_unit_at(d->board, (uint32_t)i * 5 + 1)->id, NULL, error);
    }
    return status ? status : add_incident(d, &d->incident, error);
}

static void close_desk(pct_bench *b) {
    desk *d = b->context;
    if (!d) return;
    pct_recommendation_free(d->recommendation);
    pct_cover_free(d->cover);
    pct_board_free(d->board);
    pct_codes_free(d->codes);
    pct_free(d);
    b->context = NULL;
}

static pct_status rank(pct_bench *b, int i, const pct_policy *policy, pct_error *error) {
    desk *d = b->context;
    pct_recommend_request request = {.board = d->board,
                                     .incident = d->incident,
                                     .target = b->points[i % PCT_BENCH_POINTS],
                                     .unit_points = b->points + i % (PCT_BENCH_POINTS - UNITS),
                                     .travel = pct_travel_times_of_router(b->router),
                                     .wanted_count = RANKED,
                                     .settings = pct_recommend_settings_default(),
                                     .cover = d->cover};
    for (int p = 0; p < PCT_PRIORITY_COUNT; p++)
        request.settings.cover[p] = (pct_cover_settings){600000, 1800000, 0.5};
    return pct_recommend(policy, &request, d->recommendation, error);
}

static pct_status rank_200(pct_bench *b, int i, pct_error *error) {
    return rank(b, i, &pct_policy_nearest, error);
}

static pct_status rank_200_with_cover(pct_bench *b, int i, pct_error *error) {
    return rank(b, i, &pct_policy_nearest_with_cover, error);
}

static pct_status cover_row_200(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_times_from(b->router, b->points[i % PCT_BENCH_POINTS], b->points, DEMAND_POINTS, b->times_ms);
    return PCT_OK;
}

static pct_status incident_from_call_to_close(pct_bench *b, int i, pct_error *error) {
    desk *d = b->context;
    pct_incident_id incident;
    pct_id order;
    (void)i;
    pct_status status = add_incident(d, &incident, error);
    if (!status) status = send(d, incident, d->first_unit, &order, error);
    for (int kind = PCT_COMMAND_ACKNOWLEDGE; kind <= PCT_COMMAND_CLOSE_ORDER && !status; kind++) {
        pct_command command = command_of((pct_command_kind)kind, order);
        if (kind == PCT_COMMAND_REPORT) command.data.order_reported.result = PCT_REPORT_RESULT_HANDLED;
        status = submit(d, &command, NULL, error);
    }
    pct_command command = command_of(PCT_COMMAND_CLOSE_INCIDENT, (pct_id){.kind = 'I', .seq = incident.seq});
    command.data.incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
    if (!status) status = submit(d, &command, NULL, error);
    return status ? status : pct_board_forget(d->board, incident, error);
}

static const pct_bench_figure figures[] = {
    {"rank_200", 5000, rank_200, NULL},
    {"rank_200_with_cover", 5000, rank_200_with_cover, NULL},
    {"cover_row_200", 2000, cover_row_200, NULL},
    {"incident_from_call_to_close", 20000, incident_from_call_to_close, NULL},
    {0}};

const pct_bench_group pct_bench_dispatch = {
    .name = "dispatch", .figures = figures, .open = open_desk, .close = close_desk};
