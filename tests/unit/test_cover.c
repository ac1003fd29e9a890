/* Nearest with cover, on a straight road: a point is its distance from the west end, units drive 10 m/s.
 *
 *     0 km      1 km      2 km      3 km
 *     o─────────o─────────o─────────o
 */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "dispatch/recommend.h"
#include "support/board.h"
#include "support/codes.h"
#include "support/test.h"

enum { UNITS_MAX = 256, POINTS_MAX = 256, UNREACHABLE_SEGMENT = 7, CAP_MS = 1800000 };

static uint32_t way_ms(pct_road_point from, pct_road_point to) {
    int64_t mm = (int64_t)to.offset_mm - (int64_t)from.offset_mm;
    if (from.segment == UNREACHABLE_SEGMENT || to.segment == UNREACHABLE_SEGMENT) return PCT_UNREACHABLE_MS;
    return (uint32_t)((mm < 0 ? -mm : mm) / 10);
}

static void times_to(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                     uint32_t *times_ms) {
    (void)context;
    for (size_t i = 0; i < count; i++) times_ms[i] = way_ms(sources[i], target);
}

static void times_from(void *context, pct_road_point source, const pct_road_point *targets, size_t count,
                       uint32_t *times_ms) {
    ++*(size_t *)context;
    for (size_t i = 0; i < count; i++) times_ms[i] = way_ms(source, targets[i]);
}

typedef struct scene {
    pct_codes *codes;
    pct_board *board;
    pct_cover *cover;
    pct_road_point points[UNITS_MAX];
    pct_demand_point demand[POINTS_MAX];
    size_t demand_count;
    pct_recommendation *answer;
    pct_recommend_request request;
    size_t rows_asked;
} scene;

static void begin(scene *s) {
    pct_error error;
    memset(s, 0, sizeof *s);
    s->codes = test_codes();
    test_ok(pct_board_new(s->codes, NULL, &s->board, &error), &error);
    test_ok(pct_recommendation_new(UNITS_MAX, &s->answer, &error), &error);
    s->request = (pct_recommend_request){.board = s->board,
                                         .unit_points = s->points,
                                         .travel = {NULL, times_to},
                                         .wanted_count = 1,
                                         .settings = pct_recommend_settings_default()};
    for (int p = 1; p < PCT_PRIORITY_COUNT; p++)
        s->request.settings.cover[p] = (pct_cover_settings){600000, CAP_MS, 0.0};
}

static void end(scene *s) {
    pct_cover_free(s->cover);
    pct_recommendation_free(s->answer);
    pct_board_free(s->board);
    pct_codes_free(s->codes);
}

static pct_road_point at_km(double km) {
    return (pct_road_point){0, (uint32_t)(km * 1e6)};
}

static pct_unit_id unit_at(scene *s, double km, const char *name) {
    pct_unit_id id = test_unit(s->board, name, "patrol", 1, 1);
    s->points[pct_board_unit(s->board, id)->index] = at_km(km);
    return id;
}

static void expect_calls(scene *s, double km, double calls_per_hour, const char *name) {
    s->demand[s->demand_count++] = (pct_demand_point){at_km(km), {0, 0}, calls_per_hour, pct_text_of(name)};
}

static void prepare(scene *s) {
    pct_error error;
    pct_cover_free(s->cover);
    test_ok(pct_cover_new(s->demand, s->demand_count, UNITS_MAX,
                          (pct_travel_times_out){&s->rows_asked, times_from}, &s->cover, &error),
            &error);
    s->request.cover = s->cover;
}

static void ask(scene *s, const pct_policy *policy, pct_incident_id incident, double km) {
    pct_error error;
    if (!s->cover) prepare(s);
    s->request.incident = incident;
    s->request.target = at_km(km);
    test_ok(pct_recommend(policy, &s->request, s->answer, &error), &error);
}

static void first_is(const scene *s, const char *name) {
    ck_assert_uint_ge(s->answer->ranked_count, 1);
    pct_text found = pct_board_unit(s->board, s->answer->ranked[0].unit)->name;
    ck_assert_msg(found.length == strlen(name) && memcmp(found.chars, name, found.length) == 0,
                  "%.*s, not %s", (int)found.length, found.chars, name);
}

static void says(const pct_reason *reason, pct_language language, const char *sentence) {
    pct_buffer out = pct_buffer_init(4096);
    ck_assert_int_eq(pct_reason_render(reason, language, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), sentence);
    pct_buffer_dispose(&out);
}

/*     north──A────────!──────────B,C     A is 100 s from the call, B 150 s; only A is near the north, where 6 calls an
 *     0     0.5      1.5         3.0     hour are expected: in ten minutes without A one of them waits 250 s longer */
static pct_incident_id lonely_north(scene *s, const char *type, int priority) {
    begin(s);
    unit_at(s, 0.5, "A"), unit_at(s, 3.0, "B"), unit_at(s, 3.0, "C");
    expect_calls(s, 0, 6.0, "Northgate");
    return test_incident(s->board, type, priority, 0);
}

TEST(cover_keeps_the_only_unit_of_the_north_and_says_why) {
    scene s;
    pct_incident_id noise = lonely_north(&s, "noise", 4);
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    first_is(&s, "B");
    ck_assert_uint_eq(s.answer->ranked[0].cost_ms, 150000);
    says(
        &s.answer->ranked[0].reason, PCT_EN,
        "150 s away: sent though 50 s farther, because A leaves Northgate uncovered: expected response there "
        "would rise from 0:50 to 5:00");
    says(
        &s.answer->ranked[0].reason, PCT_ZH,
        "行车 150 秒：虽远 50 秒仍派出，因为派 A 会使Northgate失去防护，该处预计响应时间将由 0:50 升至 5:00");
    ck_assert_uint_eq(s.answer->passed[0].cost_ms, 100000 + 250000);
    says(
        &s.answer->passed[0].reason, PCT_EN,
        "50 s nearer than the last unit recommended (100 s away), but sending it leaves Northgate uncovered: "
        "expected response there would rise from 0:50 to 5:00");
    end(&s);
}

TEST(cover_does_not_count_for_a_priority_whose_gap_is_nothing) {
    scene s;
    ask(&s, &pct_policy_nearest_with_cover, lonely_north(&s, "theft", 1), 1.5);
    first_is(&s, "A");
    says(&s.answer->ranked[0].reason, PCT_EN, "free at its station, 100 s away");
    s.request.settings.cover[0] = s.request.settings.cover[1];
    ask(&s, &pct_policy_nearest_with_cover, s.request.incident, 1.5);
    first_is(&s, "B");
    end(&s);
}

/* A second unit in the north: now either may go, until the busy share asks for two. */
TEST(cover_counts_a_second_unit_as_far_as_the_first_may_be_busy) {
    scene s;
    pct_incident_id noise = lonely_north(&s, "noise", 4);
    unit_at(&s, 0.5, "D");
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    first_is(&s, "A");
    s.request.settings.cover[3].busy_share = 0.5; /* half of 250 s */
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    first_is(&s, "B");
    ck_assert_double_eq_tol(pct_cover_loss_ms(s.cover, 0), 125000.0, 1e-6);
    ck_assert_double_eq_tol(pct_cover_loss_ms(s.cover, 3), 125000.0, 1e-6);
    ck_assert_double_eq_tol(pct_cover_expected_ms(s.cover), 50000.0, 1e-6);
    end(&s);
}

TEST(cover_beyond_the_cap_is_no_cover_to_lose) {
    scene s;
    pct_incident_id noise = lonely_north(&s, "noise", 4);
    s.request.settings.cover[3].cap_ms = 120000;
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    ck_assert_double_eq_tol(pct_cover_loss_ms(s.cover, 0), 70000.0, 1e-6);
    ck_assert_double_eq(pct_cover_loss_ms(s.cover, 1), 0.0);
    s.request.settings.cover[3].cap_ms = 40000;
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    first_is(&s, "A");
    ck_assert_double_eq(pct_cover_loss_ms(s.cover, 0), 0.0);
    end(&s);
}

/* Without a name a place is called by where it lies: eight points around a ninth with as many calls as they. */
TEST(cover_names_places_by_their_direction_from_the_middle) {
    static const struct {
        int east, north;
        const char *en, *zh;
    } around[] = {{0, 1, "the north", "北部"},
                  {1, 1, "the north-east", "东北部"},
                  {1, 0, "the east", "东部"},
                  {1, -1, "the south-east", "东南部"},
                  {0, -1, "the south", "南部"},
                  {-1, -1, "the south-west", "西南部"},
                  {-1, 0, "the west", "西部"},
                  {-1, 1, "the north-west", "西北部"},
                  {0, 0, "the middle of the area", "中部"}};
    for (size_t which = 0; which < 9; which++) {
        scene s;
        pct_cover_harm harm;
        begin(&s);
        unit_at(&s, 0, "A"), unit_at(&s, 3, "B");
        for (size_t j = 0; j < 9; j++) {
            pct_position position = {1000000000 + around[j].east * 100000, around[j].north * 100000};
            /* Only the point in question is near A alone: the others see B as soon as A. */
            s.demand[j] = (pct_demand_point){at_km(j == which ? 0 : 1.5), position, 1.0, {NULL, 0}};
        }
        s.demand_count = 9;
        ask(&s, &pct_policy_nearest_with_cover, test_incident(s.board, "noise", 4, 0), 1.4);
        ck_assert(pct_cover_worst(s.cover, 0, &harm));
        ck_assert_ptr_eq(harm.point->name.chars, NULL);
        ck_assert_str_eq(pct_message_entry_of(harm.direction)->sentences[PCT_EN], around[which].en);
        ck_assert_str_eq(pct_message_entry_of(harm.direction)->sentences[PCT_ZH], around[which].zh);
        ck_assert(!pct_cover_worst(s.cover, 1, &harm)); /* nobody misses B */
        end(&s);
    }
}

/* --- against definitions ---------------------------------------------------------------------------------------- */

static const char *const types[] = {"noise", "theft", "robbery", "fire"};

/* Units free, busy, without officer, unplaced, beyond reach, in heaps; points with and without calls. */
static void draw(scene *s, pct_rng *rng) {
    char name[16];
    begin(s);
    uint32_t units = pct_rng_below(rng, 25);
    for (uint32_t i = 0; i < units; i++) {
        snprintf(name, sizeof name, "U%u", i);
        pct_unit_id unit = test_unit(s->board, name, "patrol", (int)pct_rng_below(rng, 4) > 0, 1);
        const pct_unit *held = pct_board_unit(s->board, unit);
        pct_road_point *point = &s->points[held->index];
        *point = at_km(pct_rng_below(rng, 60) * 0.5);
        if (pct_rng_below(rng, 10) == 0) point->segment = UNREACHABLE_SEGMENT;
        if (pct_rng_below(rng, 10) == 0) point->segment = PCT_NO_INDEX;
        if (held->officers == 0 || pct_rng_below(rng, 4)) continue;
        pct_order_id order = test_send(s->board, test_incident(s->board, "noise", 4, 1), unit, 1);
        if (pct_rng_below(rng, 2)) test_steps_until(s->board, PCT_COMMAND_ARRIVE, order, 2);
    }
    uint32_t points = pct_rng_below(rng, 30);
    for (uint32_t j = 0; j < points; j++)
        expect_calls(s, pct_rng_below(rng, 300) * 0.1, pct_rng_below(rng, 5), "");
    for (int p = 0; p < PCT_PRIORITY_COUNT; p++)
        s->request.settings.cover[p] =
            (pct_cover_settings){1 + pct_rng_below(rng, 3600000), 1000 + pct_rng_below(rng, 2000000),
                                 pct_rng_below(rng, 11) / 10.0};
    s->request.wanted_count = 1 + pct_rng_below(rng, 4);
}

/* Expected response at a point from the words of the header, with one unit taken away. */
static double oracle_response_ms(const scene *s, const pct_cover_settings *settings, size_t j,
                                 uint32_t without) {
    double first = (double)settings->cap_ms, second = first;
    for (uint32_t u = 0; u < pct_board_unit_count(s->board); u++) {
        const pct_unit *unit = pct_board_unit_at(s->board, u);
        bool free = (unit->status == PCT_UNIT_AT_STATION || unit->status == PCT_UNIT_AVAILABLE) &&
                    unit->officers > 0 && s->points[u].segment != PCT_NO_INDEX;
        double ms = way_ms(s->points[u], s->demand[j].point);
        if (!free || u == without) continue;
        if (ms < first)
            second = first, first = ms;
        else if (ms < second)
            second = ms;
    }
    return (1 - settings->busy_share) * first + settings->busy_share * second;
}

static const pct_candidate *better_by_cover(const scene *s, const pct_candidate *c,
                                            const pct_candidate *other, const pct_candidate *best) {
    uint64_t near_ms = pct_policy_near_cost_ms(&s->request, other);
    if (other->travel_ms == PCT_UNREACHABLE_MS || other->cost_ms <= c->cost_ms) return best;
    if (near_ms >= pct_policy_near_cost_ms(&s->request, c)) return best;
    if (!best) return other;
    uint64_t best_ms = pct_policy_near_cost_ms(&s->request, best);
    return near_ms < best_ms || (near_ms == best_ms && other->unit_index < best->unit_index) ? other : best;
}

/* A ranked unit speaks of cover exactly when a nearer one ranks behind it, and names the nearest such; a passed one
 * exactly when it is nearer than the last one ranked. How often they do. */
static size_t check_reasons(const scene *s) {
    const pct_recommendation *r = s->answer;
    const pct_candidate *last = r->ranked_count ? &r->ranked[r->ranked_count - 1] : NULL;
    size_t found = 0;
    for (size_t i = 0; i < r->ranked_count; i++) {
        const pct_candidate *c = &r->ranked[i], *nearer = NULL;
        for (size_t k = 0; k < r->ranked_count; k++) nearer = better_by_cover(s, c, &r->ranked[k], nearer);
        for (size_t k = 0; k < r->passed_count; k++) nearer = better_by_cover(s, c, &r->passed[k], nearer);
        ck_assert_int_eq(nearer != NULL, c->reason.message == PCT_MSG_RANKED_COVER);
        if (!nearer) continue;
        uint64_t farther_ms =
            pct_policy_near_cost_ms(&s->request, c) - pct_policy_near_cost_ms(&s->request, nearer);
        ck_assert_int_eq(c->reason.params[1].integer, (int64_t)(farther_ms + 500) / 1000);
        ck_assert_ptr_eq(c->reason.params[2].text.chars,
                         pct_board_unit_at(s->board, nearer->unit_index)->name.chars);
        ck_assert_int_le(c->reason.params[4].integer, c->reason.params[5].integer);
        found++;
    }
    for (size_t i = 0; i < r->passed_count; i++) {
        const pct_candidate *c = &r->passed[i];
        bool nearer = last && c->travel_ms != PCT_UNREACHABLE_MS &&
                      pct_policy_near_cost_ms(&s->request, c) < pct_policy_near_cost_ms(&s->request, last);
        ck_assert_int_eq(nearer, c->reason.message == PCT_MSG_PASSED_COVER);
        found += nearer;
    }
    return found;
}

TEST(cover_loss_equals_its_definition_on_drawn_boards) {
    scene *s = malloc(sizeof *s);
    size_t losses = 0, reasons = 0;
    for (uint64_t seed = 0; seed < 150; seed++) {
        pct_rng rng = pct_rng_init(seed, 1);
        draw(s, &rng);
        pct_incident_id incident =
            test_incident(s->board, types[pct_rng_below(&rng, 4)], 1 + (int)pct_rng_below(&rng, 4), 100);
        const pct_cover_settings *settings =
            &s->request.settings.cover[pct_board_incident(s->board, incident)->priority - 1];
        ask(s, &pct_policy_nearest_with_cover, incident, pct_rng_below(&rng, 30));
        for (uint32_t u = 0; u < pct_board_unit_count(s->board); u++) {
            double lost = 0.0;
            for (size_t j = 0; j < s->demand_count; j++)
                lost += s->demand[j].calls_per_hour * (oracle_response_ms(s, settings, j, u) -
                                                       oracle_response_ms(s, settings, j, UINT32_MAX));
            lost *= (double)settings->gap_ms / 3.6e6;
            double found = pct_cover_loss_ms(s->cover, u);
            ck_assert_double_ge(found, 0.0);
            ck_assert_double_eq_tol(found, lost, 1e-3);
            losses += found > 0.0;
        }
        for (size_t i = 0; i < s->answer->ranked_count; i++) {
            const pct_candidate *c = &s->answer->ranked[i];
            ck_assert_uint_eq(c->cost_ms, pct_policy_near_cost_ms(&s->request, c) +
                                              (uint64_t)llround(pct_cover_loss_ms(s->cover, c->unit_index)));
            if (i > 0) ck_assert_uint_ge(c->cost_ms, c[-1].cost_ms);
        }
        reasons += check_reasons(s);
        end(s);
    }
    ck_assert_uint_gt(losses, 300);
    ck_assert_uint_gt(reasons, 100);
    free(s);
}

/* The share of all calls whose point a free unit reaches in time, with one unit taken away. */
static double oracle_share(const scene *s, int64_t target_ms, uint32_t without) {
    double calls = 0.0, within = 0.0;
    for (size_t j = 0; j < s->demand_count; j++) {
        bool reached = false;
        for (uint32_t u = 0; u < pct_board_unit_count(s->board); u++) {
            const pct_unit *unit = pct_board_unit_at(s->board, u);
            bool free = (unit->status == PCT_UNIT_AT_STATION || unit->status == PCT_UNIT_AVAILABLE) &&
                        unit->officers > 0 && s->points[u].segment != PCT_NO_INDEX;
            reached = reached ||
                      (free && u != without && way_ms(s->points[u], s->demand[j].point) <= (double)target_ms);
        }
        calls += s->demand[j].calls_per_hour;
        within += reached ? s->demand[j].calls_per_hour : 0.0;
    }
    return calls > 0.0 ? within / calls : 0.0;
}

TEST(cover_left_equals_its_definition_on_drawn_boards) {
    scene *s = malloc(sizeof *s);
    size_t lost_count = 0, away = 0;
    for (uint64_t seed = 200; seed < 350; seed++) {
        pct_rng rng = pct_rng_init(seed, 1);
        draw(s, &rng);
        ask(s, &pct_policy_nearest_with_cover, test_incident(s->board, "noise", 4, 100), 3.0);
        int64_t target_ms = pct_rng_below(&rng, 1500000);
        double lost[64];
        double now = pct_cover_within(s->cover, s->board, s->points, target_ms, lost);
        ck_assert_double_eq_tol(now, oracle_share(s, target_ms, UINT32_MAX), 1e-9);
        for (uint32_t u = 0; u < pct_board_unit_count(s->board); u++) {
            ck_assert_double_eq_tol(now - lost[u], oracle_share(s, target_ms, u), 1e-9);
            lost_count += lost[u] > 0.0;
            away += !pct_cover_is_free(pct_board_unit_at(s->board, u), s->points[u]);
            if (!pct_cover_is_free(pct_board_unit_at(s->board, u), s->points[u]))
                ck_assert_double_eq(lost[u], 0.0);
        }
        end(s);
    }
    ck_assert_uint_gt(lost_count, 100);
    ck_assert_uint_gt(away, 100);
    free(s);
}

static void same_list(const pct_candidate *a, const pct_candidate *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(a[i].unit.seq, b[i].unit.seq);
        ck_assert_uint_eq(a[i].cost_ms, b[i].cost_ms);
        ck_assert_int_eq(a[i].reason.message, b[i].reason.message);
    }
}

/* No gap, no demand points, no cover at all: each time it is nearest suitable, to the reason. */
TEST(cover_without_weight_or_demand_ranks_exactly_as_nearest) {
    scene *s = malloc(sizeof *s);
    for (uint64_t seed = 0; seed < 90; seed++) {
        pct_rng rng = pct_rng_init(seed, 2);
        pct_error error;
        pct_recommendation *nearest;
        draw(s, &rng);
        if (seed % 3 == 0)
            for (int p = 0; p < PCT_PRIORITY_COUNT; p++) s->request.settings.cover[p].gap_ms = 0;
        if (seed % 3 == 1) s->demand_count = 0;
        prepare(s);
        if (seed % 3 == 2) s->request.cover = NULL;
        pct_incident_id incident =
            test_incident(s->board, types[pct_rng_below(&rng, 4)], 1 + (int)pct_rng_below(&rng, 4), 100);
        ask(s, &pct_policy_nearest_with_cover, incident, pct_rng_below(&rng, 30));
        test_ok(pct_recommendation_new(UNITS_MAX, &nearest, &error), &error);
        test_ok(pct_recommend(&pct_policy_nearest, &s->request, nearest, &error), &error);
        ck_assert_uint_eq(s->answer->ranked_count, nearest->ranked_count);
        ck_assert_uint_eq(s->answer->passed_count, nearest->passed_count);
        same_list(s->answer->ranked, nearest->ranked, nearest->ranked_count);
        same_list(s->answer->passed, nearest->passed, nearest->passed_count);
        pct_recommendation_free(nearest);
        end(s);
    }
    free(s);
}

/* --- costs and limits ------------------------------------------------------------------------------------------- */

TEST(cover_asks_for_times_only_from_where_it_knows_none) {
    scene s;
    pct_error error;
    pct_incident_id noise = lonely_north(&s, "noise", 4);
    prepare(&s);
    test_ok(pct_cover_know(s.cover, (const pct_road_point[]){at_km(3), at_km(3)}, 2, &error), &error);
    ck_assert_uint_eq(s.rows_asked, 1);
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5); /* A stands nowhere known */
    ck_assert_uint_eq(s.rows_asked, 2);
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.6);
    ck_assert_uint_eq(s.rows_asked, 2);
    s.points[0] = at_km(0.6);
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    ck_assert_uint_eq(s.rows_asked, 3);
    ck_assert_double_eq_tol(pct_cover_loss_ms(s.cover, 0), 240000.0, 1e-6);
    pct_cover_renew(s.cover);
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    ck_assert_uint_eq(s.rows_asked, 5);
    test_ok(pct_cover_know(s.cover, NULL, 0, &error), &error); /* forgets B's and C's place */
    ask(&s, &pct_policy_nearest_with_cover, noise, 1.5);
    ck_assert_uint_eq(s.rows_asked, 7);
    end(&s);
}

TEST(cover_ranks_two_hundred_units_without_allocating) {
    scene *s = malloc(sizeof *s);
    char name[16];
    begin(s);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "U%d", i);
        unit_at(s, (i * 37 % 100) * 0.3, name);
    }
    for (int j = 0; j < 200; j++) expect_calls(s, j * 0.15, 0.1 + j % 7, "");
    pct_incident_id incident = test_incident(s->board, "noise", 4, 0);
    s->request.settings.cover[3].busy_share = 0.5;
    ask(s, &pct_policy_nearest_with_cover, incident, 1);
    pct_candidate first = s->answer->ranked[0];
    for (size_t u = 0; u < 200; u += 3) s->points[u].offset_mm += 1000; /* these must be asked for anew */
    size_t before = test_allocation_count();
    pct_status status = pct_recommend(&pct_policy_nearest_with_cover, &s->request, s->answer, NULL);
    before = test_allocation_count() - before;
    ck_assert_int_eq(status, PCT_OK);
    ck_assert_uint_eq(before, 0);
    ck_assert_int_ne(first.unit.seq, 0);
    end(s);
    free(s);
}

TEST(cover_refuses_more_points_and_units_than_it_has_room_for) {
    scene s;
    pct_error error;
    pct_cover *cover;
    pct_travel_times_out travel = {&s.rows_asked, times_from};
    pct_incident_id noise = lonely_north(&s, "noise", 4);
    pct_demand_point *many = calloc(PCT_DEMAND_POINTS_MAX + 1, sizeof *many);
    ck_assert_int_eq(pct_cover_new(many, PCT_DEMAND_POINTS_MAX + 1, 1, travel, &cover, &error), PCT_LIMIT);
    test_error_says(&error, "1001 demand points were given, at most 1000");
    free(many);
    test_ok(pct_cover_new(s.demand, s.demand_count, 2, travel, &cover, &error), &error);
    s.request.incident = noise;
    s.request.cover = cover;
    ck_assert_int_eq(pct_recommend(&pct_policy_nearest_with_cover, &s.request, s.answer, &error), PCT_LIMIT);
    test_error_says(&error, "has 3 units, but cover was prepared for 2");
    pct_cover_free(cover);
    ck_assert_ptr_eq(pct_policy_find(pct_text_of("nearest_with_cover")), &pct_policy_nearest_with_cover);
    end(&s);
}

static pct_status make(void *context) {
    scene *s = context;
    pct_cover *cover;
    pct_error error;
    const pct_road_point places[] = {at_km(1), at_km(2), at_km(1)};
    pct_status status = pct_cover_new(s->demand, s->demand_count, 3,
                                      (pct_travel_times_out){&s->rows_asked, times_from}, &cover, &error);
    if (status) return status;
    status = pct_cover_know(cover, places, 3, &error);
    if (!status) status = pct_cover_know(cover, places, 1, &error);
    const pct_cover_settings settings = {600000, CAP_MS, 0.5};
    pct_cover_measure(cover, s->board, s->points, &settings); /* works whatever is known */
    if (pct_cover_expected_ms(cover) != 175000.0) status = PCT_INTERNAL;
    pct_cover_free(cover);
    return status;
}

TEST(cover_survives_each_failing_allocation) {
    scene s;
    lonely_north(&s, "noise", 4);
    ck_assert_uint_ge(test_torture(make, &s), 11);
    end(&s);
}

/* --- cover.csv -------------------------------------------------------------------------------------------------- */

#define HEADER "priority,gap_s,cap_s,busy_share\n"

TEST(cover_settings_are_read_by_priority) {
    pct_cover_settings read[PCT_PRIORITY_COUNT] = {0};
    pct_error error;
    test_ok(pct_cover_settings_read("cover.csv",
                                    pct_text_of(HEADER "2,600,1200,0.25\n1,0,1800,0\n4,60,1,1\n3,5,6,0.5\n"),
                                    read, &error),
            &error);
    ck_assert_int_eq(read[0].gap_ms, 0);
    ck_assert_int_eq(read[1].gap_ms, 600000);
    ck_assert_int_eq(read[1].cap_ms, 1200000);
    ck_assert_double_eq(read[1].busy_share, 0.25);
    ck_assert_int_eq(read[3].cap_ms, 1000);
}

TEST(cover_settings_are_refused_with_line_and_reason) {
    static const struct {
        const char *bytes, *says;
    } cases[] = {
        {"priority,gap_s,cap_s\n", "busy_share"},
        {HEADER "1,0,1800,0\n2,0,1800,0\n3,0,1800,0\n", "no row for priority 4"},
        {HEADER "1,0,1800,0\n1,0,1800,0\n", "cover.csv:3: priority 1"},
        {HEADER "5,0,1800,0\n", "cover.csv:2"},
        {HEADER "1,-1,1800,0\n", "gap_s"},
        {HEADER "1,0,0,0\n", "cap_s"},
        {HEADER "1,0,1800,1.5\n", "busy_share"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_cover_settings read[PCT_PRIORITY_COUNT];
        pct_error error;
        ck_assert_int_eq(pct_cover_settings_read("cover.csv", pct_text_of(cases[i].bytes), read, &error),
                         PCT_INPUT);
        test_error_says(&error, cases[i].says);
    }
}

TEST_MAIN("cover", TEST_CASE(cover_keeps_the_only_unit_of_the_north_and_says_why),
          TEST_CASE(cover_does_not_count_for_a_priority_whose_gap_is_nothing),
          TEST_CASE(cover_counts_a_second_unit_as_far_as_the_first_may_be_busy),
          TEST_CASE(cover_beyond_the_cap_is_no_cover_to_lose),
          TEST_CASE(cover_names_places_by_their_direction_from_the_middle),
          TEST_CASE(cover_loss_equals_its_definition_on_drawn_boards),
          TEST_CASE(cover_left_equals_its_definition_on_drawn_boards),
          TEST_CASE(cover_without_weight_or_demand_ranks_exactly_as_nearest),
          TEST_CASE(cover_asks_for_times_only_from_where_it_knows_none),
          TEST_CASE(cover_ranks_two_hundred_units_without_allocating),
          TEST_CASE(cover_refuses_more_points_and_units_than_it_has_room_for),
          TEST_CASE(cover_survives_each_failing_allocation), TEST_CASE(cover_settings_are_read_by_priority),
          TEST_CASE(cover_settings_are_refused_with_line_and_reason))
