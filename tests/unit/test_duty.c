/* Duty problems read, laid on the road, solved, written and read again. Their roads:
 *
 *     A───B───C─>─D
 *     │       │   │        each dash 100 m, 36 km/h
 *     G───────H───I   E─F
 */
#include <math.h>
#include <string.h>

#include "patrol/duty_line.h"
#include "patrol/duty_make.h"
#include "support/roads.h"
#include "support/test.h"

static const char *const drawing[] = {"A---B---C->-D", "|       |   |", "|       |   |",
                                      "G-------H---I   E-F", NULL};
enum { TEXT_MAX = 16384, POINTS = 8, MINUTE_MS = 60000 };

/* 2026-11-23T00:00Z */
static const int64_t midnight_ms = INT64_C(20780) * 86400000;

static pct_road *road;
static pct_zone zone;
static char text[TEXT_MAX];

static void open_road(void) {
    road = test_road_drawn(drawing);
    zone = pct_zone_utc();
}

/* $A in the text becomes the position of node A. */
static const char *placed(const char *pattern) {
    size_t at = 0;
    for (const char *c = pattern; *c; c++) {
        if (*c != '$') {
            text[at++] = *c == '\'' ? '"' : *c;
            continue;
        }
        pct_position p = pct_road_point_position(road, test_road_point(road, *++c));
        at += (size_t)snprintf(text + at, sizeof text - at, "[%.7f,%.7f]", pct_position_lon_deg(p),
                               pct_position_lat_deg(p));
    }
    text[at] = '\0';
    return text;
}

static pct_status read(const char *pattern, pct_duty *duty, pct_error *error) {
    const char *json = placed(pattern);
    return pct_duty_read("duty.json", (pct_text){json, strlen(json)}, &zone, duty, error);
}

#define HEAD "{'format':'precinct-duty-1','name':'Day','date':'2026-11-23','from':'08:00','to':'16:00',"
#define UNIT "'units':[{'id':'N1','station':'North','start':$A}]"

static const char everything[] = HEAD
    "'units':[{'id':'N1','station':'North','moves':'walk','start':$A,'end':$B,'from':'09:00','to':'15:00',"
    "  'capabilities':['patrol','dog'],'crew':['E. Lin'],"
    "  'breaks':[{'windows':[['11:00','12:30']],'minutes':30,'at':[$A,$C]}],"
    "  'fixed':[{'id':'roll','kind':'roll_call','at':$A,'start':'09:00','minutes':15}]}],"
    "'points':[{'id':'P1','name':'Gate','at':$B,'visits':3,'gap_minutes':90,'windows':[['08:00','12:00'],['"
    "13:00','25:30']],"
    "  'minutes':7.5,'needs':['dog'],'must':false,'weight':2.5,'station':'North','moves':'walk'}],"
    "'lines':[{'id':'L1','path':[$A,$B,$C],'passes':2,'direction':'both','moves':'walk'}],"
    "'areas':[{'id':'A1','polygon':[[$A,$C,$H,$A]],'unit_minutes_per_hour':20}],"
    "'holds':[{'id':'H1','at':$C,'windows':[['08:00','09:30'],['15:00','16:00']]}],"
    "'premises':[{'id':'F1','kind':'industry','at':$D,'last_seen':'2026-11-03','within_days':10}],"
    "'checks':[{'id':'C1','kind':'phone','unit':'N1','announced':false}],"
    "'orders':[{'id':'O1','at':$G,'windows':[['10:00','12:00']],'reason':'three burglaries','author':'J. Ma',"
    "  'until':'2026-12-07','visits':2}],"
    "'forbidden':[{'name':'Works','polygon':[[$G,$H,$A,$G]]}],'debt':[{'id':'P1','visits':2}],"
    "'demand':[{'at':$A,'per_hour':0.5}],'locked':[{'unit':'N1','id':'P1','n':5}]}";

TEST(duty_reads_every_member) {
    open_road();
    pct_duty d;
    pct_error error;
    test_ok(read(everything, &d, &error), &error);
    ck_assert_uint_eq(d.unit_count, 1);
    ck_assert_int_eq(d.hours.from_ms - midnight_ms, 8 * 60 * MINUTE_MS);
    ck_assert_int_eq(d.units[0].shift.to_ms - midnight_ms, 15 * 60 * MINUTE_MS);
    ck_assert_int_eq(d.units[0].moves, PCT_DUTY_WALK);
    ck_assert_uint_eq(d.units[0].crew_count, 1);
    ck_assert_uint_eq(d.capability_count, 2);
    ck_assert_uint_eq(d.units[0].capabilities, 3);
    ck_assert_uint_eq(d.task_count, 9);
    const pct_duty_task *p = &d.tasks[0], *l = &d.tasks[1], *hold = &d.tasks[3], *f = &d.tasks[4];
    ck_assert_int_eq(p->times, 5); /* three and two owed */
    ck_assert_int_eq(p->owed, 2);
    ck_assert_int_eq(p->gap_ms, 90 * MINUTE_MS);
    ck_assert_int_eq(p->dwell_ms, 450000);
    ck_assert_uint_eq(p->needs, 2);
    ck_assert_int_eq(p->weight, 2500);
    ck_assert(!p->must && l->must && !d.tasks[2].must && hold->must && !f->must);
    ck_assert_int_eq(p->windows[1].to_ms - midnight_ms, (25 * 60 + 30) * MINUTE_MS);
    ck_assert_int_eq(l->direction, PCT_DUTY_BOTH);
    ck_assert_uint_eq(l->position_count, 3);
    ck_assert_int_eq(d.tasks[2].presence_ms_per_hour, 20 * MINUTE_MS);
    ck_assert_int_eq(hold->times, 2);
    ck_assert_int_eq(f->seen_ms - midnight_ms, -20 * INT64_C(86400000));
    ck_assert_int_eq(d.tasks[5].unit, 0);
    ck_assert(!d.tasks[5].announced);
    ck_assert_int_eq(d.tasks[6].times, 2);
    ck_assert_int_eq(d.tasks[7].kind, PCT_DUTY_FIXED);
    ck_assert_int_eq(d.tasks[7].windows[0].to_ms, d.tasks[7].windows[0].from_ms);
    ck_assert_int_eq(d.tasks[8].kind, PCT_DUTY_BREAK);
    ck_assert_uint_eq(d.tasks[8].position_count, 2);
    ck_assert_int_eq(d.tasks[8].unit, 0);
    ck_assert_uint_eq(d.forbidden_count, 1);
    ck_assert_uint_eq(d.forbidden[0].count, 3);
    ck_assert_double_eq(d.demand[0].per_hour, 0.5);
    ck_assert_int_eq(d.locks[0].n, 5);
    pct_duty_dispose(&d);
    pct_road_free(road);
}
END_TEST

TEST(duty_refuses_what_is_wrong_by_its_place) {
    open_road();
    static const struct {
        const char *pattern, *place, *expected;
    } wrong[] = {
        {"[]", "''", "an object"},
        {"{'format':'precinct-duty-2'}", "'format'", "precinct-duty-1"},
        {HEAD UNIT ",'pionts':[]}", "'pionts'", "look at its spelling"},
        {"{'format':'precinct-duty-1','date':'2026-13-01','from':'08:00','to':'16:00'," UNIT "}", "'date'",
         "a day"},
        {"{'format':'precinct-duty-1','date':'2026-11-23','from':'16:00','to':'08:00'," UNIT "}", "'to'",
         "later than"},
        {"{'format':'precinct-duty-1','date':'2026-11-23','from':'8:00','to':'16:00'," UNIT "}", "'from'",
         "local time of day"},
        {HEAD "'units':[]}", "'units'", "1 to 5,000 units"},
        {HEAD "'units':[{'id':'N1'}]}", "'units[0].start'", "a position"},
        {HEAD "'units':[{'id':'N1','start':[200,10]}]}", "'units[0].start'", "degrees"},
        {HEAD "'units':[{'id':'N1','start':$A},{'id':'N1','start':$A}]}", "'units[1].id'",
         "an id that is new"},
        {HEAD "'units':[{'id':'N1','start':$A,'moves':'fly'}]}", "'units[0].moves'", "drive"},
        {HEAD "'units':[{'id':'N1','start':$A,'fixed':[{'at':$A,'minutes':5}]}]}",
         "'units[0].fixed[0].start'", "a text"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B},{'id':'P1','at':$B}]}", "'points[1].id'",
         "an id that is new"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B,'passes':2}]}", "'points[0].passes'",
         "look at its spelling"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B,'visits':0}]}", "'points[0].visits'", "1 to 1,000"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B,'windows':[['12:00','11:00']]}]}", "'points[0].windows'",
         "windows [from, to]"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B,'station':'South'}]}", "'points[0].station'",
         "the station of a unit"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B,'weight':0}]}", "'points[0].weight'", "above 0"},
        {HEAD UNIT ",'lines':[{'id':'L1','path':[$A]}]}", "'lines[0].path'", "2 to 1,000 positions"},
        {HEAD UNIT ",'areas':[{'id':'A1','polygon':[[$A,$B,$C,$D]],'unit_minutes_per_hour':5}]}",
         "'areas[0].polygon'", "closed ring"},
        {HEAD UNIT ",'checks':[{'id':'C1','kind':'stare','unit':'N1'}]}", "'checks[0].kind'", "phone"},
        {HEAD UNIT ",'debt':[{'id':'P9'}]}", "'debt[0]'", "the id of a point"},
        {HEAD UNIT ",'points':[{'id':'P1','at':$B}],'locked':[{'unit':'N1','id':'P1','n':2}]}", "'locked[0]'",
         "the number of a visit"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pct_duty d;
        pct_error error;
        ck_assert_msg(read(wrong[i].pattern, &d, &error) == PCT_INPUT, "%zu was taken: %s", i,
                      wrong[i].pattern);
        test_error_says(&error, wrong[i].place);
        test_error_says(&error, wrong[i].expected);
    }
    pct_road_free(road);
}
END_TEST

TEST(duty_refuses_what_is_aimed_at_a_home_or_has_no_end) {
    open_road();
    static const char order[] =
        HEAD UNIT ",'orders':[{'id':'O1','at':$B,'windows':[['10:00','12:00']],'reason':'r',"
                  "'author':'J. Ma','until':'%s'}]}";
    static const struct {
        const char *until;
        bool is_taken;
    } ends[] = {{"2026-11-22", false}, {"2026-11-23", true}, {"2026-12-07", true}, {"2026-12-08", false}};
    char pattern[1024];
    pct_duty d;
    pct_error error;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(pattern, sizeof pattern, order, ends[i].until);
        pct_status status = read(pattern, &d, &error);
        ck_assert_int_eq(status, ends[i].is_taken ? PCT_OK : PCT_INPUT);
        if (status)
            test_error_says(&error, "14 days");
        else
            pct_duty_dispose(&d);
    }
    static const char *const lists[] = {"points", "holds", "premises"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(pattern, sizeof pattern,
                       HEAD UNIT
                       ",'%s':[{'id':'X','at':$B,'kind':'apartment','windows':[['09:00','10:00']]}]}",
                       lists[i]);
        ck_assert_int_eq(read(pattern, &d, &error), PCT_INPUT);
        test_error_says(&error, "no dwelling");
    }
    pct_road_free(road);
}
END_TEST

/* --- on the road ------------------------------------------------------------------------------------------------- */

static pct_duty_plan planned(const char *pattern, const pct_road *const *bands, const int64_t *from_ms,
                             size_t count) {
    const pct_duty_roads roads = {road, bands, from_ms, count};
    const pct_patrol_settings settings = {.seed = 1, .iterations_max = 2000};
    pct_duty d;
    pct_duty_plan plan;
    pct_error error;
    test_ok(read(pattern, &d, &error), &error);
    test_ok(pct_duty_make(&d, &roads, &settings, 0.0, &plan, &error), &error);
    pct_duty_dispose(&d);
    return plan;
}

static pct_duty_plan planned_by_day(const char *pattern) {
    const int64_t from_ms = midnight_ms;
    const pct_road *const bands[] = {road};
    return planned(pattern, bands, &from_ms, 1);
}

static const pct_duty_unmet *unmet_of(const pct_duty_plan *plan, const char *id) {
    for (size_t i = 0; i < plan->unmet_count; i++)
        if (strncmp(plan->unmet[i].id.chars, id, plan->unmet[i].id.length + 1) == 0) return &plan->unmet[i];
    return NULL;
}

static const pct_duty_stop *stop_of(const pct_duty_plan *plan, const char *id, int32_t n) {
    for (size_t r = 0; r < plan->route_count; r++)
        for (size_t i = 0; i < plan->routes[r].stop_count; i++) {
            const pct_duty_stop *stop = &plan->routes[r].stops[i];
            if (strcmp(stop->id.chars, id) == 0 && stop->n == n) return stop;
        }
    return NULL;
}

TEST(plan_names_what_nobody_can_do_and_plans_the_rest) {
    open_road();
    pct_duty_plan plan = planned_by_day(
        HEAD "'units':[{'id':'N1','station':'North','start':$A,'from':'08:00','to':'12:00'},"
             "{'id':'S1','station':'South','start':$H,'capabilities':['dog']}],"
             "'points':[{'id':'good','at':$B},{'id':'far','at':[10.5,50.5]},{'id':'island','at':$E},"
             "{'id':'late','at':$B,'station':'North','windows':[['13:00','15:00']]},{'id':'boat','at':$B,'"
             "needs':['boat']},"
             "{'id':'dog','at':$G,'needs':['dog']},{'id':'north','at':$H,'station':'North'}],"
             "'lines':[{'id':'against','path':[$D,$C],'direction':'forward'},{'id':'up','path':[$A,$C],'"
             "direction':'backward'}]}");
    static const struct {
        const char *id;
        pct_duty_reason reason;
    } left[] = {{"far", PCT_DUTY_OFF_NETWORK},
                {"island", PCT_DUTY_UNREACHABLE},
                {"late", PCT_DUTY_WINDOW},
                {"boat", PCT_DUTY_CAPABILITY},
                {"against", PCT_DUTY_UNREACHABLE}};
    ck_assert(!plan.feasible);
    for (size_t i = 0; i < 5; i++) {
        const pct_duty_unmet *unmet = unmet_of(&plan, left[i].id);
        ck_assert_msg(unmet != NULL, "%s", left[i].id);
        ck_assert_msg(unmet->reason == left[i].reason, "%s: %d", left[i].id, unmet->reason);
        ck_assert(unmet->must);
    }
    ck_assert_uint_eq(plan.unmet_count, 5);
    ck_assert(stop_of(&plan, "good", 1) && stop_of(&plan, "up", 1));
    for (size_t r = 0; r < 2; r++)
        for (size_t i = 0; i < plan.routes[r].stop_count; i++) {
            if (strcmp(plan.routes[r].stops[i].id.chars, "dog") == 0) ck_assert_uint_eq(r, 1);
            if (strcmp(plan.routes[r].stops[i].id.chars, "north") == 0) ck_assert_uint_eq(r, 0);
        }
    const pct_duty_stop *up = stop_of(&plan, "up", 1);
    ck_assert_int_eq(up->end_ms - up->start_ms, 80000); /* 800 m at 10 m/s, from C to A */
    ck_assert(up->from.lon_e7 > up->to.lon_e7);
    pct_duty_plan_dispose(&plan);
    pct_road_free(road);
}
END_TEST

TEST(plan_stands_for_a_hold_as_long_as_its_window) {
    open_road();
    pct_duty_plan plan = planned_by_day(
        HEAD UNIT ",'holds':[{'id':'H1','at':$C,'windows':[['09:00','10:30'],['14:00','15:00']]}],"
                  "'points':[{'id':'P1','at':$B,'visits':3,'gap_minutes':120,'minutes':10}]}");
    ck_assert(plan.feasible);
    const pct_duty_stop *first = stop_of(&plan, "H1", 1), *second = stop_of(&plan, "H1", 2);
    ck_assert_int_eq(first->start_ms - midnight_ms, 9 * 60 * MINUTE_MS);
    ck_assert_int_eq(first->end_ms - first->start_ms, 90 * MINUTE_MS);
    ck_assert_int_eq(second->end_ms - midnight_ms, 15 * 60 * MINUTE_MS);
    int64_t at_ms[3];
    for (int n = 0; n < 3; n++) at_ms[n] = stop_of(&plan, "P1", n + 1)->start_ms;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) ck_assert(a == b || llabs(at_ms[a] - at_ms[b]) >= 130 * MINUTE_MS);
    pct_duty_plan_dispose(&plan);
    pct_road_free(road);
}
END_TEST

TEST(plan_says_what_a_must_cannot_stand_with) {
    open_road();
    pct_duty_plan plan = planned_by_day(
        HEAD UNIT ",'points':[{'id':'P1','at':$B},{'id':'P2','at':$G,'windows':[['09:30','09:30']]}],"
                  "'holds':[{'id':'H1','at':$C,'windows':[['09:00','10:00']]},{'id':'H2','at':$H,'windows':[["
                  "'14:00','15:00']]}]}");
    ck_assert(!plan.feasible);
    ck_assert_uint_eq(plan.unmet_count, 1);
    const pct_duty_unmet *unmet = &plan.unmet[0];
    bool is_hold = strcmp(unmet->id.chars, "H1") == 0;
    ck_assert(is_hold || strcmp(unmet->id.chars, "P2") == 0);
    ck_assert_uint_eq(unmet->with_count, 1);
    ck_assert_str_eq(unmet->with[0].chars, is_hold ? "P2" : "H1");
    pct_buffer why = pct_buffer_init(1000);
    pct_duty_unmet_text(unmet, PCT_EN, &why);
    ck_assert(strstr(pct_buffer_chars(&why), "cannot stand together with") != NULL);
    pct_buffer_dispose(&why);
    pct_duty_plan_dispose(&plan);
    pct_road_free(road);
}
END_TEST

TEST(plan_reckons_response_where_calls_are_expected) {
    open_road();
    static const char tasks[] = HEAD "'units':[{'id':'N1','start':$A},{'id':'N2','start':$A}],'points':[{'id'"
                                     ":'P1','at':$H},{'id':'P2','at':$B}]";
    char pattern[1024];
    (void)snprintf(pattern, sizeof pattern, "%s}", tasks);
    pct_duty_plan without = planned_by_day(pattern);
    ck_assert(isnan(without.response_s));
    (void)snprintf(pattern, sizeof pattern,
                   "%s,'demand':[{'at':$A,'per_hour':0.5},{'at':[10.5,50.5],'per_hour':9}]}", tasks);
    pct_duty_plan with = planned_by_day(pattern);
    ck_assert(with.feasible);
    ck_assert_double_ge(with.response_s, 1.0);
    ck_assert_double_le(with.response_s, 900.0);
    pct_duty_plan_dispose(&with);
    pct_duty_plan_dispose(&without);
    pct_road_free(road);
}
END_TEST

TEST(plan_walks_at_its_pace_and_from_the_parked_car) {
    open_road();
    pct_duty_plan walked =
        planned_by_day(HEAD "'units':[{'id':'N1','start':$A,'moves':'walk'}],'points':[{'id':'P1','at':$C}],"
                            "'lines':[{'id':'L1','path':[$C,$D],'moves':'walk','direction':'backward'}]}");
    const pct_duty_stop *line = stop_of(&walked, "L1", 1);
    ck_assert(walked.feasible);
    ck_assert_int_lt(llabs(line->end_ms - line->start_ms - 307692),
                     50); /* 400 m at 1.3 m/s, against the one-way street */
    ck_assert_int_eq(line->moves, PCT_DUTY_WALK);
    ck_assert_int_lt(llabs(walked.routes[0].travel_ms + line->end_ms - line->start_ms - 1846154),
                     100); /* to D and back */
    pct_duty_plan_dispose(&walked);

    walked = planned_by_day(
        HEAD "'units':[{'id':'N1','start':$D,'moves':'walk'}],'points':[{'id':'P1','at':$C}]}");
    ck_assert_int_lt(llabs(walked.routes[0].travel_ms - 615385), 100); /* against the one-way street */
    pct_duty_plan_dispose(&walked);

    pct_duty_plan parked = planned_by_day(HEAD UNIT ",'lines':[{'id':'L1','path':[$B,$C],'moves':'walk'}]}");
    line = stop_of(&parked, "L1", 1);
    ck_assert_int_lt(llabs(line->end_ms - line->start_ms - 615385), 50); /* there and back */
    ck_assert_int_eq(line->from.lon_e7, line->to.lon_e7);
    ck_assert_int_eq(parked.routes[0].travel_ms, 80000); /* A to B and back at 10 m/s */
    pct_duty_plan_dispose(&parked);
    pct_road_free(road);
}
END_TEST

/* A box around a node, as a ring. */
static const char *box_around(char letter, double half_m, char out[256]) {
    pct_position p = pct_road_point_position(road, test_road_point(road, letter));
    pct_plane plane = pct_plane_at(p);
    static const int east[] = {-1, 1, 1, -1, -1}, north[] = {-1, -1, 1, 1, -1};
    size_t at = 0;
    for (int i = 0; i < 5; i++) {
        pct_position corner = pct_plane_from_m(&plane, east[i] * half_m, north[i] * half_m);
        at += (size_t)snprintf(out + at, 256 - at, "%s[%.7f,%.7f]", i ? "," : "",
                               pct_position_lon_deg(corner), pct_position_lat_deg(corner));
    }
    return out;
}

TEST(plan_keeps_out_of_forbidden_areas) {
    open_road();
    char pattern[2048], ring[256];
    static const char task[] = ",'points':[{'id':'P1','at':$H}]";
    (void)snprintf(pattern, sizeof pattern, "%s%s%s}", HEAD, UNIT, task);
    pct_duty_plan direct = planned_by_day(pattern);
    (void)snprintf(pattern, sizeof pattern, "%s%s%s,'forbidden':[{'polygon':[[%s]]}]}", HEAD, UNIT, task,
                   box_around('B', 20.0, ring));
    pct_duty_plan around = planned_by_day(pattern);
    ck_assert(direct.feasible && around.feasible);
    ck_assert_int_eq(direct.routes[0].travel_ms, 2 * 110000); /* 1,100 m either way round */
    ck_assert_int_eq(around.routes[0].travel_ms, 2 * 110000);
    pct_duty_plan_dispose(&around);
    (void)snprintf(pattern, sizeof pattern, "%s%s%s,'forbidden':[{'polygon':[[%s]]}]}", HEAD, UNIT,
                   ",'points':[{'id':'P1','at':$C}]", box_around('B', 20.0, ring));
    around = planned_by_day(pattern);
    ck_assert_int_eq(around.routes[0].travel_ms, 2 * 140000); /* over G and H: 300 + 800 + 300 m */
    pct_duty_plan_dispose(&around);
    pct_duty_plan_dispose(&direct);
    pct_road_free(road);
}
END_TEST

TEST(plan_takes_the_time_of_the_hour) {
    open_road();
    const pct_network *net = pct_road_network(road);
    pct_road *slow = NULL;
    pct_error error;
    uint32_t *arc_ms = calloc(net->arc_count, sizeof *arc_ms);
    for (uint32_t a = 0; a < net->arc_count; a++)
        arc_ms[a] = net->segments[net->arc_segment[a] >> 1].length_mm / 2;
    test_ok(pct_road_with_times(road, arc_ms, 10.0, &slow, &error), &error); /* 2 m/s */
    free(arc_ms);
    const pct_road *const bands[] = {road, slow};
    const int64_t from_ms[] = {midnight_ms, midnight_ms + 12 * 60 * MINUTE_MS};
    pct_duty_plan plan = planned(HEAD UNIT ",'points':[{'id':'early','at':$C,'windows':[['09:00','10:00']]},"
                                           "{'id':'late','at':$B,'windows':[['15:00','15:00']]}]}",
                                 bands, from_ms, 2);
    ck_assert(plan.feasible);
    ck_assert_int_eq(stop_of(&plan, "early", 1)->travel_ms, 80000);
    ck_assert_int_eq(plan.routes[0].back_ms - stop_of(&plan, "late", 1)->end_ms,
                     200000); /* B to A at 2 m/s */
    pct_duty_plan_dispose(&plan);
    pct_road_free(slow);
    pct_road_free(road);
}
END_TEST

TEST(plan_makes_presence_of_stands_in_the_area) {
    open_road();
    char pattern[2048], ring[256];
    (void)snprintf(pattern, sizeof pattern,
                   "%s%s,'areas':[{'id':'A1','polygon':[[%s]],'unit_minutes_per_hour':20,'must':true}]}",
                   HEAD, UNIT, box_around('B', 50.0, ring));
    pct_duty_plan plan = planned_by_day(pattern);
    int64_t hours_ms[8] = {0};
    ck_assert(plan.feasible);
    for (size_t i = 0; i < plan.routes[0].stop_count; i++) {
        const pct_duty_stop *stop = &plan.routes[0].stops[i];
        int64_t hour = (stop->start_ms - midnight_ms) / 3600000 - 8;
        ck_assert_int_eq((stop->end_ms - 1 - midnight_ms) / 3600000 - 8, hour);
        hours_ms[hour] += stop->end_ms - stop->start_ms;
    }
    for (int h = 0; h < 8; h++) ck_assert_int_eq(hours_ms[h], 20 * MINUTE_MS);
    pct_duty_plan_dispose(&plan);
    pct_road_free(road);
}
END_TEST

static const char all_kinds[] = HEAD
    "'units':[{'id':'N1','station':'North','start':$A,'end':$B,'crew':['E. Lin'],'capabilities':['dog'],"
    "  'breaks':[{'windows':[['11:00','12:30']],'minutes':30,'at':[$A,$C]}],"
    "  'fixed':[{'id':'roll','kind':'roll_call','at':$A,'start':'08:00','minutes':15}]},"
    "  "
    "{'id':'N2','station':'North','start':$G,'moves':'walk'},{'id':'N3','start':$C,'moves':'cycle','from':'"
    "07:00','to':'17:00'}],"
    "'points':[{'id':'P1','at':$B,'visits':3,'gap_minutes':60,'needs':['dog'],'station':'North'},{'id':'P2','"
    "at':$H,'must':false}],"
    "'lines':[{'id':'L1','path':[$A,$B,$C],'passes':3,'direction':'both'},{'id':'L2','path':[$H,$I],'moves':'"
    "walk'},"
    "  {'id':'L3','path':[$A,$G],'direction':'forward','windows':[['08:00','10:00'],['14:00','16:00']]},"
    "  {'id':'L4','path':[[10.5,50.5],[10.6,50.5]],'must':false}],"
    "'areas':[{'id':'A2','polygon':[[[10.5,50.5],[10.6,50.5],[10.6,50.6],[10.5,50.5]]],'unit_minutes_per_"
    "hour':20}],"
    "'holds':[{'id':'H1','at':$C,'windows':[['08:30','09:30']]}],"
    "'premises':[{'id':'F1','kind':'industry','at':$H,'last_seen':'2026-11-03','within_days':10},"
    "  {'id':'F2','kind':'industry','at':$B},{'id':'F3','kind':'industry','at':$C,'last_seen':'2026-11-22'}],"
    "'checks':[{'id':'C1','kind':'phone','unit':'N1','windows':[['13:00','15:00']]},{'id':'C2','kind':'field'"
    ",'unit':'N2','at':$G}],"
    "'orders':[{'id':'O1','at':$G,'windows':[['10:00','12:00']],'reason':'r','author':'J. "
    "Ma','until':'2026-11-25','visits':2}],"
    "'debt':[{'id':'P2'}],'demand':[{'at':$A,'per_hour':0.5},{'at':$H,'per_hour':0}],"
    "'locked':[{'unit':'N2','id':'P2','n':1}]}";

TEST(plan_serves_every_kind_and_draws_its_lines) {
    open_road();
    pct_duty_plan plan = planned_by_day(all_kinds);
    pct_error error;
    ck_assert(plan.feasible);
    static const char *const served[] = {"P1", "P2", "L1", "L2", "L3", "H1",
                                         "F1", "F2", "C1", "C2", "O1", "roll"};
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        ck_assert_msg(stop_of(&plan, served[i], 1) != NULL, "%s", served[i]);
    ck_assert(stop_of(&plan, "F3", 1) == NULL); /* seen yesterday: not due */
    ck_assert_uint_eq(plan.unmet_count, 2);
    ck_assert_int_eq(unmet_of(&plan, "L4")->reason, PCT_DUTY_OFF_NETWORK);
    ck_assert_int_eq(unmet_of(&plan, "A2")->reason, PCT_DUTY_OFF_NETWORK);
    ck_assert_int_eq(stop_of(&plan, "P2", 1)->moves, PCT_DUTY_WALK); /* locked to who walks */
    const pct_road *const bands[] = {road};
    const int64_t from_ms = midnight_ms;
    const pct_duty_roads roads = {road, bands, &from_ms, 1};
    test_ok(pct_duty_plan_draw(&plan, &roads, &error), &error);
    for (size_t r = 0; r < plan.route_count; r++) {
        const pct_duty_route *route = &plan.routes[r];
        ck_assert_uint_eq(route->line_count > 0, route->stop_count > 0);
        if (route->line_count == 0) continue;
        ck_assert_int_eq(route->line[0].lon_e7, route->start.lon_e7);
        ck_assert_int_eq(route->line[route->line_count - 1].lat_e7, route->end.lat_e7);
    }
    pct_duty_plan_dispose(&plan);
    pct_road_free(road);
}
END_TEST

/* All of it, from the text that was placed: read, laid on the road, solved, drawn, written, read again. */
static pct_status attempt(void *context) {
    const double *vary = context;
    const pct_road *const bands[] = {road};
    const int64_t from_ms = midnight_ms;
    const pct_duty_roads roads = {road, bands, &from_ms, 1};
    const pct_patrol_settings settings = {.seed = 1, .iterations_max = 5};
    pct_buffer out = pct_buffer_init(1 << 20);
    pct_duty duty;
    pct_duty_plan plan, again;
    pct_status status = pct_duty_read("d", pct_text_of(text), &zone, &duty, NULL);
    if (status) return status;
    status = pct_duty_make(&duty, &roads, &settings, *vary, &plan, NULL);
    pct_duty_dispose(&duty);
    if (status) return status;
    status = pct_duty_plan_draw(&plan, &roads, NULL);
    if (!status) pct_duty_plan_write(&plan, &zone, PCT_EN, &out);
    if (!status) status = pct_buffer_status(&out, NULL);
    if (!status)
        status =
            pct_duty_plan_read("p", (pct_text){(const char *)out.bytes, out.length}, &zone, &again, NULL);
    if (!status) pct_duty_plan_dispose(&again);
    pct_duty_plan_dispose(&plan);
    pct_buffer_dispose(&out);
    return status;
}

#define PLAN "{'format':'precinct-plan-1','name':'Day','date':'2026-11-23','unmet':[],'routes':["
#define ROUTE                                                                                                \
    "{'unit':'N1','start':[1,2],'end':[1,2],'leave':'2026-11-23T08:00:00Z','back':'2026-11-23T09:00:00Z','"  \
    "stops':["
#define STOP(more)                                                                                           \
    "{'kind':'point','id':'P1','n':1,'arrive':'2026-11-23T08:10:00Z','start':'2026-11-23T08:10:00Z',"        \
    "'end':'2026-11-23T08:15:00Z','from':[1,2],'to':[1,2]" more "}"

TEST(plan_that_is_none_is_refused_by_its_place) {
    open_road();
    static const struct {
        const char *pattern, *place;
    } wrong[] = {
        {"[]", "''"},
        {"{'format':'precinct-duty-1'}", "'format'"},
        {"{'format':'precinct-plan-1','more':1}", "'more'"},
        {"{'format':'precinct-plan-1','date':'2026-11-23','unmet':[],'routes':[]}", "'name'"},
        {"{'format':'precinct-plan-1','name':'Day','date':'2026-11-23','unmet':{},'routes':[]}", "'unmet'"},
        {"{'format':'precinct-plan-1','name':'Day','date':'2026-11-23','unmet':[7],'routes':[]}",
         "'unmet[0]'"},
        {"{'format':'precinct-plan-1','name':'Day','date':'2026-11-23','unmet':[{'kind':'point','n':0,'"
         "reason':'time'}],'routes':[]}",
         "'unmet[0].n'"},
        {"{'format':'precinct-plan-1','name':'Day','date':'2026-11-23','unmet':[{'kind':'point','n':1,'"
         "reason':'mood'}],'routes':[]}",
         "'unmet[0]'"},
        {"{'format':'precinct-plan-1','name':'Day','date':'2026-11-23','unmet':[{'kind':'point','n':1,'"
         "reason':'time','with':[4]}],'routes':[]}",
         "'unmet[0]'"},
        {PLAN "4]}", "'routes[0]'"},
        {PLAN "{'unit':''}]}", "'routes[0].unit'"},
        {PLAN "{'unit':'N1','moves':'fly'}]}", "'routes[0]'"},
        {PLAN "{'unit':'N1','start':[1,200]}]}", "'routes[0].start'"},
        {PLAN "{'unit':'N1','start':[1,2],'end':[1]}]}", "'routes[0].end'"},
        {PLAN "{'unit':'N1','start':[1,2],'end':[1,2],'leave':'soon'}]}", "'routes[0].leave'"},
        {PLAN "{'unit':'N1','start':[1,2],'end':[1,2],'leave':'2026-11-23T08:00:00Z'}]}", "'routes[0].back'"},
        {PLAN ROUTE "],'geometry':[[1]]}]}", "'routes[0]'"},
        {PLAN "{'unit':'N1','start':[1,2],'end':[1,2],'leave':'2026-11-23T08:00:00Z','back':'2026-11-23T09:"
              "00:00Z'}]}",
         "'routes[0].stops'"},
        {PLAN ROUTE "3]}]}", "'routes[0].stops[0]'"},
        {PLAN ROUTE STOP(",'moves':'fly'") "]}]}", "'routes[0].stops[0]'"},
        {PLAN ROUTE STOP(",'speed':9") "]}]}", "'routes[0].stops[0].speed'"},
        {PLAN ROUTE STOP("") "," STOP("") "]}]}", "'routes[0].stops[1]'"}, /* before the other's end */
        {PLAN ROUTE "]}," ROUTE "]}]}", "'routes[1]'"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pct_duty_plan plan;
        pct_error error;
        ck_assert_msg(pct_duty_plan_read("plan.json", pct_text_of(placed(wrong[i].pattern)), &zone, &plan,
                                         &error) == PCT_INPUT,
                      "%zu was taken: %s", i, wrong[i].pattern);
        test_error_says(&error, wrong[i].place);
    }
    pct_road_free(road);
}
END_TEST

TEST(failing_allocations_are_returned) {
    open_road();
    double vary = 0.0;
    (void)placed(all_kinds);
    ck_assert_uint_gt(test_torture(attempt, &vary), 20);
    vary = 0.03;
    (void)placed(HEAD UNIT ",'points':[{'id':'P1','at':$B},{'id':'P2','at':$H}]}");
    ck_assert_uint_gt(test_torture(attempt, &vary), 20);
    pct_road_free(road);
}
END_TEST

TEST(plan_is_written_and_read_again) {
    open_road();
    pct_duty_plan plan = planned_by_day(
        HEAD UNIT ",'points':[{'id':'P1','name':'Gate','at':$B,'visits':2},{'id':'far','at':[10.5,50.5]}],"
                  "'lines':[{'id':'L1','path':[$A,$C],'passes':2,'direction':'both'}]}");
    pct_buffer first = pct_buffer_init(1 << 20), second = pct_buffer_init(1 << 20);
    pct_duty_plan again;
    pct_error error;
    plan.map_version = 7;
    plan.wall_s = 1.5;
    pct_duty_plan_write(&plan, &zone, PCT_ZH, &first);
    test_ok(pct_duty_plan_read("plan.json", (pct_text){(const char *)first.bytes, first.length}, &zone,
                               &again, &error),
            &error);
    pct_duty_plan_write(&again, &zone, PCT_ZH, &second);
    ck_assert_str_eq(pct_buffer_chars(&first), pct_buffer_chars(&second));
    ck_assert(strstr(pct_buffer_chars(&first), "距道路过远") != NULL);
    ck_assert_uint_eq(again.routes[0].stop_count, 4);
    ck_assert_int_eq(again.map_version, 7);
    pct_duty_plan_dispose(&again);

    char *broken = strdup(pct_buffer_chars(&first)), *kind = strstr(broken, "\"kind\":\"line\"");
    memcpy(kind, "\"kind\":\"lane\"", 13);
    ck_assert_int_eq(pct_duty_plan_read("plan.json", pct_text_of(broken), &zone, &again, &error), PCT_INPUT);
    test_error_says(&error, "routes[0].stops[");
    test_error_says(&error, "].kind");
    free(broken);
    pct_buffer_dispose(&first);
    pct_buffer_dispose(&second);
    pct_duty_plan_dispose(&plan);
    pct_road_free(road);
}
END_TEST

TEST_MAIN("duty", TEST_CASE(duty_reads_every_member), TEST_CASE(duty_refuses_what_is_wrong_by_its_place),
          TEST_CASE(duty_refuses_what_is_aimed_at_a_home_or_has_no_end),
          TEST_CASE(plan_names_what_nobody_can_do_and_plans_the_rest),
          TEST_CASE(plan_stands_for_a_hold_as_long_as_its_window),
          TEST_CASE(plan_says_what_a_must_cannot_stand_with),
          TEST_CASE(plan_reckons_response_where_calls_are_expected),
          TEST_CASE(plan_walks_at_its_pace_and_from_the_parked_car),
          TEST_CASE(plan_keeps_out_of_forbidden_areas), TEST_CASE(plan_takes_the_time_of_the_hour),
          TEST_CASE(plan_makes_presence_of_stands_in_the_area),
          TEST_CASE(plan_serves_every_kind_and_draws_its_lines), TEST_CASE(failing_allocations_are_returned),
          TEST_CASE(plan_that_is_none_is_refused_by_its_place), TEST_CASE(plan_is_written_and_read_again))
