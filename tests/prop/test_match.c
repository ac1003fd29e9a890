/* Laws of map matching on random networks: a track without noise is matched back to what was driven; deciding as positions
 * come gives what looking back from the end gives; steps between candidates are those of a plain search; the same track
 * gives the same legs. */
#include "road/match.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "cli/drawn_track.h"
#include "road/match_state.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 60, NODES_MAX = 150, LEGS_MAX = 4000, STEPS_MAX = 3000 };

typedef struct heard {
    pct_match_leg legs[LEGS_MAX];
    size_t count, misses;
} heard;

static void hear_leg(void *context, const pct_match_leg *leg) {
    heard *h = context;
    ck_assert_uint_lt(h->count, LEGS_MAX);
    h->legs[h->count++] = *leg;
}

static void hear_miss(void *context, const pct_match_miss *miss) {
    (void)miss;
    ((heard *)context)->misses++;
}

static pct_matcher *matcher_new(const pct_road *road, heard *h, double sigma_m, int window) {
    pct_error error;
    pct_matcher *matcher;
    const pct_match_sink sink = {hear_leg, hear_miss, h};
    const pct_match_options options = {.sigma_m = sigma_m, .window = window};
    h->count = h->misses = 0;
    test_ok(pct_matcher_new(road, &options, &sink, &matcher, &error), &error);
    return matcher;
}

/* A lattice whose roads lie well apart and are as long as they look: 100 to 160 m, few of them missing, some one-way. */
static pct_road *lattice(pct_rng *rng) {
    enum { SIDE = 8 };
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    pct_position at[SIDE * SIDE];
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    pct_speeds speeds = pct_speeds_uniform(36.0);
    uint32_t number;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (uint32_t v = 0; v < SIDE * SIDE; v++) {
        at[v] = pct_plane_from_m(&plane, v % SIDE * 130.0 + 30.0 * pct_rng_unit(rng),
                                 v / SIDE * 130.0 + 30.0 * pct_rng_unit(rng));
        test_ok(pct_network_add_node(builder, v, at[v], &number, &error), &error);
    }
    for (uint32_t v = 0; v < SIDE * SIDE; v++)
        for (int down = 0; down <= 1; down++) {
            uint32_t to = down ? v + SIDE : v + 1;
            if ((!down && v % SIDE == SIDE - 1) || to >= SIDE * SIDE || pct_rng_below(rng, 10) == 0) continue;
            bool one_way = pct_rng_below(rng, 5) == 0;
            pct_segment s = {.way = v,
                             .tail = v,
                             .head = to,
                             .length_mm = (uint32_t)lround(1000.0 * pct_geo_distance_m(at[v], at[to])),
                             .flags = one_way ? PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD : 15,
                             .road_class = PCT_ROAD_RESIDENTIAL};
            test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
        }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    return test_road_of(&network, &speeds);
}

static pct_road_point random_point(const pct_road *road, pct_rng *rng) {
    const pct_network *net = pct_road_network(road);
    uint32_t segment = pct_rng_below(rng, net->segment_count), length_mm = net->segments[segment].length_mm;
    return (pct_road_point){segment, length_mm / 4 + pct_rng_below(rng, length_mm / 2 + 1)};
}

/* A drive between random points, by the fastest way. false when there is none worth the name. */
static bool draw(const pct_road *road, pct_rng *rng, pct_drive drive, pct_drawn_track *track) {
    pct_error error;
    pct_router *router;
    pct_route route;
    test_ok(pct_router_new(road, &router, &error), &error);
    pct_status status =
        pct_router_route(router, random_point(road, rng), random_point(road, rng), &route, &error);
    bool drawn = !status && route.leg_count > 2;
    *track = pct_drawn_track_init();
    if (drawn)
        test_ok(pct_drawn_track_drive(track, road, route.legs, route.leg_count, &drive, rng, &error), &error);
    pct_router_free(router);
    return drawn;
}

static void push_all(pct_matcher *matcher, const pct_drawn_track *track) {
    const pct_match_fix *fixes = track->fixes.items;
    for (size_t i = 0; i < track->fixes.length; i++) pct_matcher_push(matcher, fixes[i]);
    pct_matcher_finish(matcher);
}

TEST(tracks_without_noise_are_matched_back_to_what_was_driven) {
    static heard h;
    size_t drives = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        pct_rng rng = pct_rng_init(seed, 1);
        pct_road *road = lattice(&rng);
        for (int i = 0; i < 10; i++) {
            pct_drawn_track track;
            if (draw(road, &rng, (pct_drive){0, 1000, 0.0, 1.0}, &track)) {
                pct_matcher *matcher = matcher_new(road, &h, 3.0, 0);
                const uint32_t *driven = track.driven.items;
                push_all(matcher, &track);
                ck_assert_uint_eq(h.count, track.driven.length);
                for (size_t k = 0; k < h.count; k++)
                    ck_assert_uint_eq(h.legs[k].segment * 2 + h.legs[k].backward, driven[k]);
                int64_t off_mm =
                    (int64_t)pct_matcher_counters(matcher).distance_mm - (int64_t)track.length_mm;
                ck_assert_int_le(llabs(off_mm),
                                 10000); /* the last position comes within noise of the one before */
                pct_matcher_free(matcher);
                drives++;
            }
            pct_drawn_track_dispose(&track);
        }
        pct_road_free(road);
    }
    ck_assert_uint_gt(drives, 400);
}

/* Looking back from the end, over steps made by the same rules. Only for tracks without a break. */
static void look_back(const pct_road *road, const pct_drawn_track *track, heard *h) {
    static pct_match_step steps[STEPS_MAX];
    uint8_t chosen[STEPS_MAX];
    int count = 0, best = 0;
    pct_matcher *m = matcher_new(road, h, 7.0, 0);
    const pct_match_fix *fixes = track->fixes.items;
    for (size_t i = 0; i < track->fixes.length; i++) {
        if (count > 0 &&
            pct_match_straight_mm(m, steps[count - 1].fix.position, fixes[i].position) < m->same_mm) {
            steps[count - 1].until_ms = fixes[i].at_ms;
            continue;
        }
        steps[count] = (pct_match_step){.fix = fixes[i], .until_ms = fixes[i].at_ms};
        pct_match_find_states(m, &steps[count]);
        if (count > 0) ck_assert_int_gt(pct_match_join(m, &steps[count - 1], &steps[count]), 0);
        count++;
    }
    for (int s = 1; s < steps[count - 1].count; s++)
        if (steps[count - 1].states[s].cost < steps[count - 1].states[best].cost) best = s;
    for (int i = count - 1; i >= 0; i--) {
        chosen[i] = (uint8_t)best;
        best = steps[i].states[best].parent;
    }
    pct_match_begin_legs(m, &steps[0], &steps[0].states[chosen[0]]);
    for (int i = 1; i < count; i++)
        pct_match_go_on(m, &steps[i - 1], &steps[i - 1].states[chosen[i - 1]], &steps[i],
                        &steps[i].states[chosen[i]]);
    pct_match_end_legs(m, &steps[count - 1]);
    pct_matcher_free(m);
}

static bool same_legs(const heard *a, const heard *b) {
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++) {
        const pct_match_leg *p = &a->legs[i], *q = &b->legs[i];
        same = p->segment == q->segment && p->from_mm == q->from_mm && p->to_mm == q->to_mm &&
               p->from_ms == q->from_ms && p->to_ms == q->to_ms && p->stood_ms == q->stood_ms &&
               p->backward == q->backward && p->chain == q->chain;
    }
    return same;
}

TEST(deciding_as_positions_come_gives_what_looking_back_gives) {
    static heard online, offline, again;
    size_t compared = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        pct_rng rng = pct_rng_init(seed, 2);
        pct_road *road = lattice(&rng);
        for (int i = 0; i < 12; i++) {
            pct_drawn_track track;
            const int64_t intervals_ms[] = {1000, 2000, 5000, 10000};
            const pct_drive drive = {0, intervals_ms[i % 4], 3.0 + i, 0.7};
            bool drawn = draw(road, &rng, drive, &track);
            pct_matcher *matcher = matcher_new(road, &online, 7.0, 0);
            push_all(matcher, &track);
            pct_match_counters counters = pct_matcher_counters(matcher);
            if (drawn && counters.gaps == 0 && counters.unmatched == 0 && counters.longest_wait < 120) {
                look_back(road, &track, &offline);
                ck_assert(same_legs(&online, &offline));
                pct_matcher *other = matcher_new(road, &again, 7.0, 0);
                push_all(other, &track); /* a used matcher and a new one, the same track twice */
                push_all(other, &track);
                ck_assert_uint_eq(again.count, 2 * online.count);
                memmove(again.legs, again.legs + online.count, online.count * sizeof *again.legs);
                again.count = online.count;
                ck_assert(same_legs(&online, &again));
                pct_matcher_free(other);
                compared++;
            }
            pct_matcher_free(matcher);
            pct_drawn_track_dispose(&track);
        }
        pct_road_free(road);
    }
    ck_assert_uint_gt(compared, 300);
}

TEST(no_position_waits_longer_than_the_window) {
    static heard h;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        pct_rng rng = pct_rng_init(seed, 3);
        pct_road *road = lattice(&rng);
        pct_drawn_track track;
        if (draw(road, &rng, (pct_drive){0, 2000, 9.0, 0.7}, &track))
            for (int window = 2; window <= 6; window += 2) {
                pct_matcher *matcher = matcher_new(road, &h, 7.0, window);
                push_all(matcher, &track);
                ck_assert_uint_le(pct_matcher_counters(matcher).longest_wait, (uint64_t)window);
                for (size_t i = 1; i < h.count; i++)
                    if (h.legs[i].chain == h.legs[i - 1].chain)
                        ck_assert_int_eq(h.legs[i].from_ms, h.legs[i - 1].to_ms);
                pct_matcher_free(matcher);
            }
        pct_drawn_track_dispose(&track);
        pct_road_free(road);
    }
}

/* --- steps against a plain search -------------------------------------------------------------------------------- */

enum { BEAM = 20 * PCT_MATCH_NAT, NEAR = 16, TURN = 14 * PCT_MATCH_NAT };

/* The length of the shortest way from one of two beginnings to each node, and whether it began by turning round. */
typedef struct plain {
    int64_t mm[NODES_MAX];
    uint32_t by[NODES_MAX];
    bool turned[NODES_MAX];
} plain;

static uint32_t end_of(const pct_network *net, uint32_t arc_segment, bool tail) {
    const pct_segment *s = &net->segments[arc_segment >> 1];
    return ((arc_segment & 1) != 0) == tail ? s->head : s->tail;
}

static void plain_search(const pct_matcher *m, const pct_match_state *a, plain *p) {
    const pct_network *net = m->net;
    for (uint32_t v = 0; v < net->node_count; v++) p->mm[v] = INT32_MAX;
    uint32_t head = end_of(net, a->arc_segment, false), tail = end_of(net, a->arc_segment, true);
    p->mm[head] = (int64_t)net->segments[a->arc_segment >> 1].length_mm - a->offset_mm;
    p->by[head] = a->arc_segment;
    p->turned[head] = false;
    if (pct_match_may_drive(m, a->arc_segment ^ 1) && a->offset_mm < p->mm[tail]) {
        p->mm[tail] = a->offset_mm;
        p->by[tail] = a->arc_segment ^ 1;
        p->turned[tail] = true;
    }
    for (bool better = true; better;) {
        better = false;
        for (uint32_t v = 0; v < net->node_count; v++)
            for (uint32_t e = net->first_arc[v]; e < net->first_arc[v + 1]; e++) {
                uint32_t arc = net->arc_segment[e], to = net->arc_head[e];
                int64_t mm = p->mm[v] + net->segments[arc >> 1].length_mm;
                if (!pct_match_may_drive(m, arc) || p->mm[v] == INT32_MAX || mm >= p->mm[to]) continue;
                p->mm[to] = mm;
                p->by[to] = arc;
                p->turned[to] = p->turned[v];
                better = true;
            }
    }
}

typedef struct steps {
    pct_matcher *m;
    pct_match_step from, to;
    int64_t straight_mm, beta_mm, most_mm, slack_mm;
    int64_t best[PCT_MATCH_STATES_MAX], total;
} steps;

static void plain_consider(steps *s, int i, int k, int64_t mm, bool turned) {
    if (mm > s->most_mm || mm > s->straight_mm + s->slack_mm) return;
    int64_t cost = s->from.states[i].cost + llabs(mm - s->straight_mm) * PCT_MATCH_NAT / s->beta_mm +
                   (turned ? TURN : 0);
    if (cost < s->best[k]) s->best[k] = cost;
}

static void plain_join(steps *s) {
    const pct_network *net = s->m->net;
    for (int i = 0; i < s->from.count; i++) {
        plain p;
        const pct_match_state *a = &s->from.states[i];
        plain_search(s->m, a, &p);
        for (int k = 0; k < s->to.count; k++) {
            const pct_match_state *b = &s->to.states[k];
            uint32_t tail = end_of(net, b->arc_segment, true),
                     length_mm = net->segments[b->arc_segment >> 1].length_mm;
            if (p.mm[tail] < INT32_MAX)
                plain_consider(s, i, k, p.mm[tail] + b->offset_mm,
                               p.turned[tail] || p.by[tail] == (b->arc_segment ^ 1));
            if (b->arc_segment == (a->arc_segment ^ 1))
                plain_consider(s, i, k, llabs((int64_t)length_mm - b->offset_mm - a->offset_mm), true);
            int64_t on_mm = (int64_t)b->offset_mm - a->offset_mm;
            if (b->arc_segment == a->arc_segment && on_mm >= -s->m->back_mm)
                plain_consider(s, i, k, on_mm < 0 ? 0 : on_mm, false);
        }
    }
    for (int k = 0; k < s->to.count; k++)
        if (s->best[k] < PCT_MATCH_NEVER && s->best[k] + s->to.states[k].cost < s->total)
            s->total = s->best[k] + s->to.states[k].cost;
}

static pct_match_step random_step(steps *s, pct_rng *rng, const pct_match_step *before) {
    const pct_network *net = s->m->net;
    pct_match_step step = {.count = 0};
    pct_plane plane = pct_plane_at(net->node_position[0]);
    while (step.count == 0) {
        pct_position p =
            before ? before->fix.position : net->node_position[pct_rng_below(rng, net->node_count)];
        double spread_m = before ? 150.0 : 20.0;
        plane.origin = p;
        step.fix = (pct_match_fix){
            before ? 1000 + pct_rng_below(rng, 20000) : 0,
            pct_plane_from_m(&plane, spread_m * pct_rng_normal(rng), spread_m * pct_rng_normal(rng))};
        step.until_ms = step.fix.at_ms;
        pct_match_find_states(s->m, &step);
    }
    return step;
}

TEST(steps_cost_what_a_plain_search_says) {
    static heard h;
    size_t reached = 0, lost = 0, wide = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        pct_rng rng = pct_rng_init(seed, 4);
        pct_road *road = test_road_random(&rng, 4 + pct_rng_below(&rng, NODES_MAX - 4));
        steps s = {.m = matcher_new(road, &h, 7.0, 0)};
        for (int i = 0; i < 5; i++) {
            s.from = random_step(&s, &rng, NULL);
            s.to = random_step(&s, &rng, &s.from);
            for (int k = 0; k < s.from.count; k++)
                s.from.states[k].cost += pct_rng_below(&rng, 8 * PCT_MATCH_NAT);
            s.straight_mm = pct_match_straight_mm(s.m, s.from.fix.position, s.to.fix.position);
            s.beta_mm = s.m->sigma_mm / 2 + 700 * s.to.fix.at_ms / 1000;
            s.most_mm = (int64_t)(70.0 * (double)s.to.fix.at_ms) + 2 * s.m->radius_mm;
            for (int pass = 0; pass < 2; pass++) {
                s.slack_mm = pass ? 2000000 + 3 * s.straight_mm : NEAR * s.beta_mm;
                s.total = PCT_MATCH_NEVER;
                for (int k = 0; k < s.to.count; k++) s.best[k] = PCT_MATCH_NEVER;
                plain_join(&s);
                if (s.total != PCT_MATCH_NEVER) break;
                wide++;
            }
            if (s.straight_mm > s.most_mm) s.total = PCT_MATCH_NEVER;
            pct_match_step found = s.to;
            int count = pct_match_join(s.m, &s.from, &found), expected = 0;
            for (int k = 0; k < s.to.count && s.total != PCT_MATCH_NEVER; k++) {
                if (s.best[k] == PCT_MATCH_NEVER || s.best[k] + s.to.states[k].cost > s.total + BEAM)
                    continue;
                ck_assert_int_lt(expected, count);
                ck_assert_uint_eq(found.states[expected].arc_segment, s.to.states[k].arc_segment);
                ck_assert_int_eq(found.states[expected].cost, s.best[k] + s.to.states[k].cost);
                expected++;
            }
            ck_assert_int_eq(count, expected);
            reached += (size_t)count;
            lost += (size_t)(s.to.count - count);
            for (int k = 0; k < count; k++) {
                const pct_match_state *b = &found.states[k], *a = &s.from.states[b->parent];
                bool turned;
                if (b->way != PCT_MATCH_SEARCHED) continue;
                int arcs = pct_match_path(s.m, a, b, &turned);
                int64_t mm =
                    (turned ? a->offset_mm
                            : (int64_t)s.m->net->segments[a->arc_segment >> 1].length_mm - a->offset_mm) +
                    b->offset_mm;
                for (int n = 0; n < arcs; n++) mm += s.m->net->segments[s.m->search.path[n] >> 1].length_mm;
                ck_assert_int_eq(mm, b->route_mm);
            }
        }
        pct_matcher_free(s.m);
        pct_road_free(road);
    }
    ck_assert_uint_gt(reached, 3000);
    ck_assert_uint_gt(lost, 300);
    ck_assert_uint_gt(wide, 20);
}

/* What the figures ask for, on a small network: at a second and 5 m at least 95 of 100 segments, at half a minute most. */
TEST(noisy_tracks_are_matched_to_their_segments) {
    static heard h;
    const struct {
        int64_t every_ms;
        double noise_m, share_min;
    } cases[] = {{1000, 5.0, 0.95}, {5000, 7.0, 0.90}, {30000, 7.0, 0.75}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t driven = 0, right = 0, matched = 0;
        for (uint64_t seed = 0; seed < 30; seed++) {
            pct_rng rng = pct_rng_init(seed, 5);
            pct_road *road = lattice(&rng);
            pct_matcher *matcher = matcher_new(road, &h, 0.0, 0);
            for (int i = 0; i < 5; i++) {
                pct_drawn_track track;
                uint32_t segments[LEGS_MAX];
                h.count = 0;
                if (draw(road, &rng, (pct_drive){0, cases[c].every_ms, cases[c].noise_m, 1.0}, &track)) {
                    push_all(matcher, &track);
                    for (size_t k = 0; k < h.count; k++)
                        segments[k] = h.legs[k].segment * 2 + h.legs[k].backward;
                    right +=
                        pct_drawn_track_common(track.driven.items, track.driven.length, segments, h.count);
                    driven += track.driven.length;
                    matched += h.count;
                }
                pct_drawn_track_dispose(&track);
            }
            pct_matcher_free(matcher);
            pct_road_free(road);
        }
        fprintf(stderr, "every %lld ms, %g m: %zu driven, %zu matched, %zu right\n",
                (long long)cases[c].every_ms, cases[c].noise_m, driven, matched, right);
        ck_assert_double_ge((double)right / (double)driven, cases[c].share_min);
        ck_assert_double_ge((double)right / (double)matched, cases[c].share_min);
    }
}

TEST_MAIN("match: laws", TEST_CASE(tracks_without_noise_are_matched_back_to_what_was_driven),
          TEST_CASE(deciding_as_positions_come_gives_what_looking_back_gives),
          TEST_CASE(no_position_waits_longer_than_the_window), TEST_CASE(steps_cost_what_a_plain_search_says),
          TEST_CASE(noisy_tracks_are_matched_to_their_segments))
