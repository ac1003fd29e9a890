/* What closures cut off, against plain searches from every junction on small random networks. */
#include "road/cut_off.h"

#include <string.h>

#include "base/memory.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 150, NODES_MAX = 70, SHUT_MAX = 30 };

typedef struct setting {
    pct_rng rng;
    pct_road *open;
    pct_closed_segment shut[SHUT_MAX];
    size_t before, all;
    bool reach[NODES_MAX][NODES_MAX];
} setting;

static bool is_shut(const setting *s, uint32_t arc, size_t count) {
    uint32_t on = s->open->network.arc_segment[arc];
    if (s->open->metric.arc_ms[arc] >= PCT_NO_WAY_MS) return true;
    for (size_t i = 0; i < count; i++)
        if (s->shut[i].segment == on >> 1 && s->shut[i].speed_kmh == 0 &&
            (on & 1 ? s->shut[i].backward : s->shut[i].forward))
            return true;
    return false;
}

/* Everything from everywhere, by passing on until nothing is new. */
static void reach_slowly(setting *s, size_t count) {
    const pct_network *net = &s->open->network;
    memset(s->reach, 0, sizeof s->reach);
    for (uint32_t v = 0; v < net->node_count; v++) s->reach[v][v] = true;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t v = 0; v < net->node_count; v++)
            for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++)
                for (uint32_t from = 0; from < net->node_count && !is_shut(s, a, count); from++)
                    if (s->reach[from][v] && !s->reach[from][net->arc_head[a]])
                        s->reach[from][net->arc_head[a]] = more = true;
    }
}

/* The junctions that the largest part reaches; how many parts are as large. */
static int main_reaches(setting *s, size_t count, bool out[NODES_MAX]) {
    const pct_network *net = &s->open->network;
    uint32_t best = 0, at = 0;
    int ties = 0;
    reach_slowly(s, count);
    for (uint32_t v = 0; v < net->node_count; v++) {
        uint32_t size = 0;
        bool first = true;
        for (uint32_t w = 0; w < net->node_count; w++) {
            bool both = s->reach[v][w] && s->reach[w][v];
            size += both;
            first &= !both || w >= v;
        }
        if (net->node_component[v] != 0 || !first || size < best) continue;
        ties = size > best ? 1 : ties + 1;
        best = size;
        at = v;
    }
    memcpy(out, s->reach[at], sizeof s->reach[at]);
    return ties;
}

static bool is_entered(const setting *s, uint32_t segment, const bool *reached) {
    const pct_network *net = &s->open->network;
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++)
            if (net->arc_segment[a] >> 1 == segment && !is_shut(s, a, 0) && reached[v]) return true;
    return false;
}

static void draw(setting *s, uint64_t seed) {
    *s = (setting){.rng = pct_rng_init(seed, 2)};
    s->open = test_road_random(&s->rng, 3 + pct_rng_below(&s->rng, NODES_MAX - 3));
    s->all = 1 + pct_rng_below(&s->rng, SHUT_MAX);
    s->before = pct_rng_below(&s->rng, 2) ? pct_rng_below(&s->rng, (uint32_t)s->all) : 0;
    for (size_t i = 0; i < s->all; i++) {
        uint32_t ways = pct_rng_below(&s->rng, 3);
        s->shut[i] = (pct_closed_segment){pct_rng_below(&s->rng, s->open->network.segment_count), ways != 1,
                                          ways != 2, (uint8_t)(pct_rng_below(&s->rng, 4) ? 0 : 20)};
    }
}

static bool is_closed_now(const setting *s, uint32_t segment) {
    const pct_network *net = &s->open->network;
    setting coming = *s;
    coming.all = s->all - s->before;
    memmove(coming.shut, s->shut + s->before, coming.all * sizeof *s->shut);
    for (uint32_t a = 0; a < net->arc_count; a++)
        if (net->arc_segment[a] >> 1 == segment && !is_shut(&coming, a, coming.all)) return false;
    return true;
}

TEST(cut_off_is_what_plain_searches_say) {
    uint32_t cut_somewhere = 0, junctions_somewhere = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        static setting s;
        bool before[NODES_MAX], after[NODES_MAX], lost[NODES_MAX] = {false};
        draw(&s, seed);
        const pct_network *net = &s.open->network;
        int ties = main_reaches(&s, s.before, before) - 1;
        ties += main_reaches(&s, s.all, after) - 1;
        pct_vector cut = pct_vector_init(sizeof(uint32_t), net->segment_count);
        pct_cut_off found;
        pct_error error;
        test_ok(pct_cut_off_find(s.open, s.shut, s.before, s.shut + s.before, s.all - s.before, &cut, &found,
                                 &error),
                &error);
        const uint32_t *segments = cut.items;
        size_t at = 0;
        uint32_t junctions = 0, beyond = 0;
        for (uint32_t g = 0; g < net->segment_count && ties == 0; g++) {
            if (!is_entered(&s, g, before) || is_entered(&s, g, after)) continue;
            ck_assert_uint_lt(at, cut.length);
            ck_assert_uint_eq(segments[at++], g);
            beyond += !is_closed_now(&s, g);
            const uint32_t ends[] = {net->segments[g].tail, net->segments[g].head};
            for (int e = 0; e < 2; e++) {
                junctions += before[ends[e]] && !after[ends[e]] && !lost[ends[e]];
                lost[ends[e]] |= before[ends[e]] && !after[ends[e]];
            }
        }
        if (ties == 0) {
            ck_assert_uint_eq(cut.length, at);
            ck_assert_uint_eq(found.segments, at);
            ck_assert_uint_eq(found.junctions, junctions);
            ck_assert_uint_eq(found.beyond, beyond);
            cut_somewhere += at > 0;
            junctions_somewhere += junctions > 0 && beyond < at;
        }
        pct_vector_dispose(&cut);
        pct_road_free(s.open);
    }
    ck_assert_uint_gt(cut_somewhere, NETWORKS / 10);
    ck_assert_uint_gt(junctions_somewhere, 0);
}

static uint32_t segment_between(const pct_road *road, char a, char b) {
    const pct_network *net = pct_road_network(road);
    for (uint32_t i = 0; i < net->segment_count; i++) {
        int64_t tail = net->node_source[net->segments[i].tail],
                head = net->node_source[net->segments[i].head];
        if ((tail == a && head == b) || (tail == b && head == a)) return i;
    }
    ck_abort_msg("no segment %c%c", a, b);
    return 0;
}

/* C–D is the bridge to D, E, F; A–G a dead end. */
TEST(bridge_takes_what_lies_behind_it_and_a_dead_end_nothing) {
    static const char *const rows[] = {"A--B--C--D--E", "|  |  |  |  |", "G  H--K  L--F", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_vector cut = pct_vector_init(sizeof(uint32_t), 100);
    pct_cut_off found;
    pct_error error;
    pct_closed_segment bridge = {segment_between(road, 'C', 'D'), true, true, 0};
    test_ok(pct_cut_off_find(road, NULL, 0, &bridge, 1, &cut, &found, &error), &error);
    ck_assert_uint_eq(found.segments, 4); /* D–E, D–L, E–F, L–F */
    ck_assert_uint_eq(found.beyond, 4);
    ck_assert_uint_eq(found.junctions, 4);
    cut.length = 0;
    bridge.speed_kmh = 5; /* slow is not cut off */
    test_ok(pct_cut_off_find(road, NULL, 0, &bridge, 1, &cut, &found, &error), &error);
    ck_assert_uint_eq(found.segments, 0);
    pct_closed_segment dead_end = {segment_between(road, 'A', 'G'), true, true, 0};
    test_ok(pct_cut_off_find(road, NULL, 0, &dead_end, 1, &cut, &found, &error), &error);
    ck_assert_uint_eq(found.segments + found.junctions, 0);
    bridge.speed_kmh = 0; /* what is cut off already is not cut off again */
    pct_closed_segment behind = {segment_between(road, 'L', 'F'), true, true, 0};
    test_ok(pct_cut_off_find(road, &bridge, 1, &behind, 1, &cut, &found, &error), &error);
    ck_assert_uint_eq(found.segments, 0);
    pct_vector_dispose(&cut);
    pct_road_free(road);
}

static pct_status find(void *context) {
    const pct_closed_segment shut = {0, true, true, 0};
    pct_cut_off found;
    pct_error error;
    pct_vector cut = pct_vector_init(sizeof(uint32_t), 100);
    pct_status status = pct_cut_off_find(context, NULL, 0, &shut, 1, &cut, &found, &error);
    pct_vector_dispose(&cut);
    return status;
}

TEST(search_survives_each_failing_allocation) {
    static const char *const rows[] = {"A--B--C--D", "   |  |   ", "   E--F   ", NULL};
    pct_road *road = test_road_drawn(rows);
    ck_assert_uint_gt(test_torture(find, road), 6);
    pct_road_free(road);
}

TEST_MAIN("cut off", TEST_CASE(cut_off_is_what_plain_searches_say),
          TEST_CASE(bridge_takes_what_lies_behind_it_and_a_dead_end_nothing),
          TEST_CASE(search_survives_each_failing_allocation))
