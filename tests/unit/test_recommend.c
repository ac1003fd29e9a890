/* Recommendation, on a straight road: a point is its distance from the west end, units drive 10 m/s.
 *
 *     0 km      1 km      2 km      3 km
 *     o─────────o─────────o─────────o
 */
#include "dispatch/recommend.h"

#include <string.h>

#include "base/rng.h"
#include "support/board.h"
#include "support/codes.h"
#include "support/test.h"

enum { UNITS_MAX = 512, UNREACHABLE_SEGMENT = 7 };

static void straight_road(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                          uint32_t *times_ms) {
    size_t *asked = context;
    *asked += count;
    for (size_t i = 0; i < count; i++) {
        int64_t mm = (int64_t)target.offset_mm - (int64_t)sources[i].offset_mm;
        times_ms[i] = sources[i].segment == UNREACHABLE_SEGMENT ? PCT_UNREACHABLE_MS
                                                                : (uint32_t)((mm < 0 ? -mm : mm) / 10);
    }
}

typedef struct scene {
    pct_codes *codes;
    pct_board *board;
    pct_road_point points[UNITS_MAX];
    pct_recommendation *answer;
    pct_recommend_request request;
    size_t asked;
} scene;

static void begin(scene *s) {
    pct_error error;
    memset(s, 0, sizeof *s);
    s->codes = test_codes();
    test_ok(pct_board_new(s->codes, NULL, &s->board, &error), &error);
    test_ok(pct_recommendation_new(UNITS_MAX, &s->answer, &error), &error);
    s->request = (pct_recommend_request){.board = s->board,
                                         .unit_points = s->points,
                                         .travel = {&s->asked, straight_road},
                                         .wanted_count = 3,
                                         .settings = pct_recommend_settings_default()};
}

static void end(scene *s) {
    pct_recommendation_free(s->answer);
    pct_board_free(s->board);
    pct_codes_free(s->codes);
}

static pct_unit_id unit_at(scene *s, double km, const char *name, const char *capabilities, int officers,
                           int auxiliaries) {
    pct_unit_id id = test_unit(s->board, name, capabilities, officers, auxiliaries);
    s->points[pct_board_unit(s->board, id)->index] = (pct_road_point){0, (uint32_t)(km * 1e6)};
    return id;
}

static void ask(scene *s, pct_incident_id incident, double km) {
    pct_error error;
    s->request.incident = incident;
    s->request.target = (pct_road_point){0, (uint32_t)(km * 1e6)};
    test_ok(pct_recommend(&pct_policy_nearest, &s->request, s->answer, &error), &error);
    ck_assert_uint_eq(s->answer->ranked_count + s->answer->passed_count, pct_board_unit_count(s->board));
}

/* "A C": names of the ranked units, best first. */
static void ranked_are(const scene *s, const char *names) {
    pct_buffer found = pct_buffer_init(4096);
    for (size_t i = 0; i < s->answer->ranked_count; i++) {
        pct_text name = pct_board_unit(s->board, s->answer->ranked[i].unit)->name;
        if (i > 0) (void)pct_buffer_append_byte(&found, ' ');
        (void)pct_buffer_append(&found, name.chars, name.length);
    }
    ck_assert_str_eq(pct_buffer_chars(&found), names);
    pct_buffer_dispose(&found);
}

static void says(const pct_reason *reason, const char *words) {
    for (pct_language language = 0; language < PCT_LANGUAGE_COUNT; language++) {
        pct_buffer out = pct_buffer_init(4096);
        ck_assert_int_eq(pct_reason_render(reason, language, &out), PCT_OK);
        ck_assert_ptr_null(strchr(pct_buffer_chars(&out), '{')); /* every parameter was given */
        if (language == PCT_EN)
            ck_assert_msg(strstr(pct_buffer_chars(&out), words) != NULL, "'%s' does not say '%s'",
                          pct_buffer_chars(&out), words);
        pct_buffer_dispose(&out);
    }
}

static void says_in_chinese(const scene *s, pct_unit_id unit, const char *words) {
    for (size_t i = 0; i < s->answer->passed_count; i++) {
        pct_buffer out = pct_buffer_init(4096);
        ck_assert_int_eq(pct_reason_render(&s->answer->passed[i].reason, PCT_ZH, &out), PCT_OK);
        if (s->answer->passed[i].unit.seq == unit.seq) ck_assert_str_eq(pct_buffer_chars(&out), words);
        pct_buffer_dispose(&out);
    }
}

static void passed_because(const scene *s, pct_unit_id unit, const char *words) {
    for (size_t i = 0; i < s->answer->passed_count; i++)
        if (s->answer->passed[i].unit.seq == unit.seq) {
            says(&s->answer->passed[i].reason, words);
            return;
        }
    ck_abort_msg("the unit was not passed over (%s)", words);
}

/*     A────B────C────D     noise at 0.9 km: B 10 s away, A 90 s, C 110 s; D is 100 s behind C */
TEST(recommend_ranks_the_nearest_and_says_how_far_behind_the_others_are) {
    scene s;
    begin(&s);
    unit_at(&s, 0, "A", "patrol", 1, 0), unit_at(&s, 1, "B", "patrol", 1, 0),
        unit_at(&s, 2, "C", "patrol", 1, 0);
    pct_unit_id d = unit_at(&s, 3, "D", "patrol", 1, 0);
    ask(&s, test_incident(s.board, "noise", 4, 0), 0.9);
    ranked_are(&s, "B A C");
    says(&s.answer->ranked[0].reason, "free at its station, 10 s away");
    passed_because(&s, d, "ranks 100 s behind the last unit recommended (210 s away)");
    end(&s);
}

TEST(recommend_breaks_ties_by_unit) {
    scene s;
    begin(&s);
    unit_at(&s, 2, "A", "patrol", 1, 0), unit_at(&s, 0, "B", "patrol", 1, 0),
        unit_at(&s, 2, "C", "patrol", 1, 0);
    unit_at(&s, 0, "D", "patrol", 1, 0);
    ask(&s, test_incident(s.board, "noise", 4, 0), 1);
    ranked_are(&s, "A B C");
    end(&s);
}

/* One reason for each unit that cannot go, though all stand at the place itself; only the last one goes. */
TEST(recommend_gives_each_passed_over_unit_its_reason) {
    scene s;
    begin(&s);
    pct_command_context context = test_context(1);
    pct_error error;
    pct_unit_id off = unit_at(&s, 1, "off", "patrol", 1, 1), meal = unit_at(&s, 1, "meal", "patrol", 1, 1),
                unable = unit_at(&s, 1, "unable", "boat", 1, 1),
                helpers = unit_at(&s, 1, "helpers", "patrol", 0, 4),
                alone = unit_at(&s, 1, "alone", "patrol", 1, 0),
                island = unit_at(&s, 1, "island", "patrol", 1, 1),
                lost = unit_at(&s, 1, "lost", "patrol", 1, 1);
    unit_at(&s, 3, "good", "patrol", 1, 1);
    s.points[pct_board_unit(s.board, island)->index].segment = UNREACHABLE_SEGMENT;
    s.points[pct_board_unit(s.board, lost)->index].segment = PCT_NO_INDEX;
    pct_command sign_off = test_command(PCT_COMMAND_SIGN_OFF, 'U', off.seq);
    test_ok(pct_board_submit(s.board, &sign_off, &context, NULL, &error), &error);
    pct_command eat = test_command(PCT_COMMAND_MAKE_UNAVAILABLE, 'U', meal.seq);
    eat.data.unit_unavailable.reason = PCT_UNAVAILABLE_REASON_MEAL;
    test_ok(pct_board_submit(s.board, &eat, &context, NULL, &error), &error);
    ask(&s, test_incident(s.board, "assault", 1, 2), 1); /* needs patrol and two people */
    ranked_are(&s, "good");
    passed_because(&s, off, "off duty");
    passed_because(&s, meal, "unavailable (meal break)");
    passed_because(&s, unable, "lacks the capability 'patrol response'");
    says_in_chinese(&s, meal, "暂不可派（用餐）");
    says_in_chinese(&s, unable, "缺少本类警情必需的能力“巡逻处警”");
    passed_because(&s, helpers, "no officer on it (4 auxiliaries)");
    passed_because(&s, alone, "crew too small: 2 are needed, it has 1");
    passed_because(&s, island, "no road leads");
    passed_because(&s, lost, "position is not known");
    ck_assert_uint_eq(s.asked, 2); /* times were asked for island and good only */
    end(&s);
}

/* Units with orders: to this incident, on a scene, to an incident as urgent, to a less urgent one. */
TEST(recommend_diverts_only_from_less_urgent_incidents_and_says_so) {
    scene s;
    begin(&s);
    pct_unit_id here = unit_at(&s, 1, "here", "patrol", 1, 1), busy = unit_at(&s, 1, "busy", "patrol", 1, 1),
                equal = unit_at(&s, 1, "equal", "patrol", 1, 1),
                less = unit_at(&s, 1, "less", "patrol", 1, 1);
    unit_at(&s, 3, "free", "patrol", 1, 1);
    pct_incident_id robbery = test_incident(s.board, "robbery", 2, 1),
                    noise = test_incident(s.board, "noise", 4, 2),
                    other = test_incident(s.board, "burglary", 2, 3);
    test_send(s.board, robbery, here, 4);
    test_steps_until(s.board, PCT_COMMAND_ARRIVE, test_send(s.board, noise, busy, 5), 5);
    test_steps_until(s.board, PCT_COMMAND_SET_OUT, test_send(s.board, other, equal, 5), 5);
    pct_order_id order = test_send(s.board, noise, less, 6);
    ask(&s, robbery, 1);
    ranked_are(&s, "less free"); /* diverting counts 60 s, the free one is 200 s away */
    ck_assert_int_eq(s.answer->ranked[0].divert.seq, order.seq);
    char words[120];
    snprintf(words, sizeof words, "diverted from the less urgent incident I%d", (int)noise.seq);
    says(&s.answer->ranked[0].reason, words);
    passed_because(&s, here, "assigned to this incident already");
    passed_because(&s, busy, "at work on the scene of incident");
    passed_because(&s, equal, "as urgent or more (priority 2)");
    s.request.settings.divert = false;
    ask(&s, robbery, 1);
    ranked_are(&s, "free");
    passed_because(&s, less, "diverting is switched off");
    end(&s);
}

/* A boat is wanted on the water, not required: it wins by up to 120 s, and loses beyond. */
TEST(recommend_prefers_wanted_capabilities_within_measure) {
    scene s;
    begin(&s);
    unit_at(&s, 0, "car", "patrol", 1, 1), unit_at(&s, 2, "boat", "patrol;boat;rescue", 1, 1);
    s.request.wanted_count = 2;
    pct_incident_id water = test_incident(s.board, "Water Rescue", 1, 1);
    ask(&s, water, 0); /* the boat is 200 s farther, and two wanted capabilities count 240 s */
    ranked_are(&s, "boat car");
    says(&s.answer->ranked[0].reason, "has 2 of 2 wanted capabilities");
    says(&s.answer->ranked[1].reason, "has 0 of 2 wanted capabilities");
    s.request.settings.wanted_cost_ms = 90000;
    ask(&s, water, 0);
    ranked_are(&s, "car boat");
    end(&s);
}

/* After its order a unit is on the move: it is ranked from where it is now, not from its station. */
TEST(recommend_ranks_a_returning_unit_from_where_it_is) {
    scene s;
    begin(&s);
    pct_unit_id unit = unit_at(&s, 3, "U", "patrol", 1, 0);
    unit_at(&s, 1, "V", "patrol", 1, 0);
    pct_incident_id first = test_incident(s.board, "theft", 3, 1);
    test_steps_until(s.board, PCT_COMMAND_CLOSE_ORDER, test_send(s.board, first, unit, 1), 1);
    s.points[pct_board_unit(s.board, unit)->index].offset_mm = 100000;
    ask(&s, test_incident(s.board, "theft", 3, 2), 0);
    ranked_are(&s, "U V");
    says(&s.answer->ranked[0].reason, "on the move, 10 s away from where it is");
    end(&s);
}

TEST(recommend_follows_the_type_found_on_scene) {
    scene s;
    begin(&s);
    unit_at(&s, 0, "alone", "patrol", 1, 0), unit_at(&s, 2, "pair", "patrol", 1, 1);
    pct_incident_id incident = test_incident(s.board, "noise", 4, 1);
    ask(&s, incident, 0);
    ranked_are(&s, "alone pair");
    pct_command classify = test_command(PCT_COMMAND_CLASSIFY_INCIDENT, 'I', incident.seq);
    classify.data.incident_classified.found_type = pct_text_of("assault");
    classify.data.incident_classified.reason = PCT_CLASSIFY_REASON_ON_SCENE;
    pct_command_context context = test_context(2);
    pct_error error;
    test_ok(pct_board_submit(s.board, &classify, &context, NULL, &error), &error);
    ask(&s, incident, 0);
    ranked_are(&s, "pair");
    end(&s);
}

TEST(recommend_refuses_what_it_cannot_answer) {
    scene s;
    begin(&s);
    pct_error error;
    pct_recommendation *small;
    unit_at(&s, 0, "A", "patrol", 1, 0), unit_at(&s, 0, "B", "patrol", 1, 0);
    s.request.incident = (pct_incident_id){99};
    ck_assert_int_eq(pct_recommend(&pct_policy_nearest, &s.request, s.answer, &error), PCT_NOT_FOUND);
    test_error_says(&error, "no incident I99");
    s.request.incident = test_incident(s.board, "noise", 4, 0);
    test_ok(pct_recommendation_new(1, &small, &error), &error);
    ck_assert_int_eq(pct_recommend(&pct_policy_nearest, &s.request, small, &error), PCT_LIMIT);
    pct_recommendation_free(small);
    ck_assert_ptr_eq(pct_policy_find(pct_text_of("nearest")), &pct_policy_nearest);
    ck_assert_ptr_null(pct_policy_find(pct_text_of("neares")));
    end(&s);
}

/* --- against a slow oracle --------------------------------------------------------------------------------------- */

/* Cost of a unit by the words of the header, or UINT64_MAX when it does not suit. */
static uint64_t oracle_cost(scene *s, const pct_unit *u, const pct_incident *incident) {
    const pct_incident_type *type = pct_codes_type_at(s->codes, incident->type);
    uint32_t ms;
    size_t asked = 0;
    uint64_t cost = 0;
    if (u->status == PCT_UNIT_OFF_DUTY || u->status == PCT_UNIT_UNAVAILABLE || u->officers == 0)
        return UINT64_MAX;
    if ((type->required & u->capabilities) != type->required || u->officers < type->min_officers ||
        u->officers + u->auxiliaries < type->min_strength)
        return UINT64_MAX;
    const pct_order *order = pct_board_order(s->board, u->order);
    if (order) {
        const pct_incident *other = pct_board_incident(s->board, order->incident);
        if (order->status > PCT_ORDER_SET_OUT || other->priority <= incident->priority || other == incident)
            return UINT64_MAX;
        cost += 60000;
    }
    straight_road(&asked, s->request.target, &s->points[u->index], 1, &ms);
    if (ms == PCT_UNREACHABLE_MS) return UINT64_MAX;
    for (int bit = 0; bit < 64; bit++)
        if ((type->wanted >> bit & 1) && !(u->capabilities >> bit & 1)) cost += 120000;
    return cost + ms;
}

static void check_against_oracle(scene *s) {
    const pct_incident *incident = pct_board_incident(s->board, s->request.incident);
    uint64_t last = 0;
    int64_t last_unit = 0;
    size_t suitable = 0;
    for (size_t i = 0; i < s->answer->ranked_count; i++) {
        const pct_candidate *c = &s->answer->ranked[i];
        uint64_t cost = oracle_cost(s, pct_board_unit(s->board, c->unit), incident);
        ck_assert_uint_eq(c->cost_ms, cost);
        if (i > 0) ck_assert(last < cost || (last == cost && last_unit < c->unit.seq));
        last = cost, last_unit = c->unit.seq;
    }
    for (size_t i = 0; i < s->answer->passed_count; i++) {
        const pct_candidate *c = &s->answer->passed[i];
        uint64_t cost = oracle_cost(s, pct_board_unit(s->board, c->unit), incident);
        ck_assert_int_eq(cost != UINT64_MAX, c->reason.message == PCT_MSG_PASSED_SLOWER);
        if (cost == UINT64_MAX) continue;
        ck_assert(cost > last || (cost == last && c->unit.seq > last_unit));
        suitable++;
    }
    if (suitable > 0) ck_assert_uint_eq(s->answer->ranked_count, s->request.wanted_count);
}

TEST(recommend_equals_the_oracle_on_drawn_boards) {
    static const char *const types[] = {"noise", "assault", "water_rescue", "fire", "robbery"};
    static const char *const able[] = {"patrol", "patrol;boat", "patrol;rescue;armed", "boat", ""};
    scene *s = malloc(sizeof *s);
    for (uint64_t seed = 0; seed < 40; seed++) {
        pct_rng rng = pct_rng_init(seed, 1);
        char name[16];
        begin(s);
        for (int i = 0; i < 60; i++) {
            snprintf(name, sizeof name, "U%d", i);
            pct_unit_id unit = unit_at(s, pct_rng_below(&rng, 30) * 0.1, name, able[pct_rng_below(&rng, 5)],
                                       (int)pct_rng_below(&rng, 3), (int)pct_rng_below(&rng, 3));
            const pct_unit *held = pct_board_unit(s->board, unit);
            if (pct_rng_below(&rng, 12) == 0) s->points[held->index].segment = UNREACHABLE_SEGMENT;
            if (held->officers == 0 || pct_rng_below(&rng, 3)) continue;
            pct_incident_id old =
                test_incident(s->board, types[pct_rng_below(&rng, 5)], 1 + (int)pct_rng_below(&rng, 4), i);
            pct_order_id order = test_send(s->board, old, unit, i);
            uint32_t steps = pct_rng_below(&rng, 6);
            if (steps)
                test_steps_until(s->board, (pct_command_kind)(PCT_COMMAND_ACKNOWLEDGE + steps - 1), order, i);
        }
        s->request.wanted_count = pct_rng_below(&rng, 10);
        ask(s, test_incident(s->board, types[pct_rng_below(&rng, 5)], 1 + (int)pct_rng_below(&rng, 4), 100),
            pct_rng_below(&rng, 30) * 0.1);
        if (s->request.wanted_count > 0) check_against_oracle(s);
        end(s);
    }
    free(s);
}

TEST(recommend_allocates_nothing_and_repeats_itself) {
    scene *s = malloc(sizeof *s);
    char name[16];
    begin(s);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "U%d", i);
        unit_at(s, (i * 37 % 100) * 0.03, name, i % 3 ? "patrol" : "patrol;rescue", 1, i % 4);
    }
    pct_incident_id incident = test_incident(s->board, "fire", 1, 0);
    s->request.wanted_count = 10;
    ask(s, incident, 1);
    pct_candidate first = s->answer->ranked[9];
    s->request.incident = incident;
    size_t before = test_allocation_count();
    pct_status status = pct_recommend(&pct_policy_nearest, &s->request, s->answer, NULL);
    before = test_allocation_count() - before;
    ck_assert_int_eq(status, PCT_OK);
    ck_assert_uint_eq(before, 0);
    ck_assert_int_eq(s->answer->ranked[9].unit.seq, first.unit.seq);
    end(s);
    free(s);
}

static pct_status make(void *context) {
    pct_recommendation *r;
    pct_status status = pct_recommendation_new(10, &r, context);
    if (!status) pct_recommendation_free(r);
    return status;
}

TEST(recommend_survives_each_failing_allocation) {
    pct_error error;
    ck_assert_uint_eq(test_torture(make, &error), 9);
}

TEST_MAIN("recommend", TEST_CASE(recommend_ranks_the_nearest_and_says_how_far_behind_the_others_are),
          TEST_CASE(recommend_breaks_ties_by_unit),
          TEST_CASE(recommend_gives_each_passed_over_unit_its_reason),
          TEST_CASE(recommend_diverts_only_from_less_urgent_incidents_and_says_so),
          TEST_CASE(recommend_prefers_wanted_capabilities_within_measure),
          TEST_CASE(recommend_ranks_a_returning_unit_from_where_it_is),
          TEST_CASE(recommend_follows_the_type_found_on_scene),
          TEST_CASE(recommend_refuses_what_it_cannot_answer),
          TEST_CASE(recommend_equals_the_oracle_on_drawn_boards),
          TEST_CASE(recommend_allocates_nothing_and_repeats_itself),
          TEST_CASE(recommend_survives_each_failing_allocation))
