/* Turn restrictions at crossings of main roads: no left turn, no U-turn, straight on only; and no U-turn over a
 * short main road between two crossings (a way as via). Ways end where a restriction begins, as the format asks. */
#include <math.h>

#include "town/plan.h"
#include "town/turn.h"

typedef struct crossing {
    pct_town *town;
    const pct_town_adjacency *near;
    pct_rng *rng;
    uint32_t vertex;
} crossing;

static double turn_deg(const crossing *x, const pct_town_road *from, const pct_town_road *to) {
    const pct_position *p = pct_town_points(x->town);
    double in = pct_geo_bearing_deg(p[pct_town_other_end(from, x->vertex)], p[x->vertex]);
    double out = pct_geo_bearing_deg(p[x->vertex], p[pct_town_other_end(to, x->vertex)]);
    double turn = out - in;
    return turn > 180.0     ? turn - 360.0
           : turn <= -180.0 ? turn + 360.0
                            : turn; /* clockwise: right is positive */
}

static bool leads_in(const pct_town_road *road, uint32_t vertex) {
    return !(road->flags & PCT_TOWN_ONEWAY) || road->b == vertex;
}

static bool leads_out(const pct_town_road *road, uint32_t vertex) {
    return !(road->flags & PCT_TOWN_ONEWAY) || road->a == vertex;
}

static bool is_main(const pct_town_road *road) {
    return road->road_class >= PCT_ROAD_TRUNK && road->road_class <= PCT_ROAD_TERTIARY &&
           !(road->flags & PCT_TOWN_ROUNDABOUT);
}

/* Four main roads meet. */
static bool is_crossing(const crossing *x) {
    uint32_t first = x->near->first[x->vertex], end = x->near->first[x->vertex + 1];
    for (uint32_t i = first; i < end; i++)
        if (!is_main(pct_town_road_at(x->town, x->near->roads[i]))) return false;
    return end - first >= 4;
}

/* The road out of the crossing whose turn is nearest to `wanted_deg`, within 40 degrees; PCT_NO_INDEX: none. */
static uint32_t road_at_turn(const crossing *x, uint32_t from, double wanted_deg) {
    uint32_t best = PCT_NO_INDEX;
    double best_deg = 40.0;
    for (uint32_t i = x->near->first[x->vertex]; i < x->near->first[x->vertex + 1]; i++) {
        uint32_t number = x->near->roads[i];
        const pct_town_road *to = pct_town_road_at(x->town, number);
        if (number == from || !leads_out(to, x->vertex)) continue;
        double off = fabs(turn_deg(x, pct_town_road_at(x->town, from), to) - wanted_deg);
        if (off < best_deg) {
            best_deg = off;
            best = number;
        }
    }
    return best;
}

static pct_status add_turn(crossing *x, pct_town_turn turn, pct_error *error) {
    pct_town_turn *added = pct_vector_push(&x->town->turns);
    if (!added) return pct_vector_failed(&x->town->turns, PCT_MSG_WHAT_TURN_RESTRICTIONS, error);
    *added = turn;
    x->town->cut[turn.via_vertex] = 1;
    return PCT_OK;
}

static pct_status restrict_crossing(crossing *x, pct_error *error) {
    uint32_t first = x->near->first[x->vertex], count = x->near->first[x->vertex + 1] - first;
    uint32_t from = x->near->roads[first + pct_rng_below(x->rng, count)];
    double dice = pct_rng_unit(x->rng);
    pct_town_turn turn = {.from_road = from, .via_road = PCT_NO_INDEX, .via_vertex = x->vertex};
    const pct_town_road *road = pct_town_road_at(x->town, from);
    if (!leads_in(road, x->vertex)) return PCT_OK;
    if (dice < 0.55) {
        turn.kind = PCT_TOWN_TURN_NO_LEFT;
        turn.to_road = road_at_turn(x, from, -90.0);
    } else if (dice < 0.8) {
        turn.kind = PCT_TOWN_TURN_NO_U;
        turn.to_road = leads_out(road, x->vertex) ? from : PCT_NO_INDEX;
    } else {
        turn.kind = PCT_TOWN_TURN_ONLY_STRAIGHT;
        turn.to_road = road_at_turn(x, from, 0.0);
    }
    return turn.to_road == PCT_NO_INDEX ? PCT_OK : add_turn(x, turn, error);
}

/* No U-turn that uses road `via` between its two ends: out of one street, along `via`, back by the street that
 * turns the same way again. */
static pct_status restrict_via_way(crossing *x, uint32_t via, pct_error *error) {
    const pct_town_road *middle = pct_town_road_at(x->town, via);
    crossing far = *x;
    x->vertex = middle->a;
    far.vertex = middle->b;
    for (uint32_t i = x->near->first[x->vertex]; i < x->near->first[x->vertex + 1]; i++) {
        uint32_t from = x->near->roads[i];
        const pct_town_road *road = pct_town_road_at(x->town, from);
        if (from == via || !leads_in(road, x->vertex) || fabs(turn_deg(x, road, middle) + 90.0) > 40.0)
            continue;
        uint32_t to = road_at_turn(&far, via, -90.0);
        if (to == PCT_NO_INDEX || to == from) return PCT_OK;
        x->town->cut[far.vertex] = 1;
        return add_turn(x,
                        (pct_town_turn){.from_road = from,
                                        .via_road = via,
                                        .to_road = to,
                                        .via_vertex = x->vertex,
                                        .kind = PCT_TOWN_TURN_NO_U},
                        error);
    }
    return PCT_OK;
}

pct_status pct_town_turns(pct_town *town, pct_error *error) {
    pct_town_adjacency near;
    pct_rng rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_TURN);
    crossing x = {.town = town, .near = &near, .rng = &rng};
    town->turns = pct_vector_init(sizeof(pct_town_turn), town->points.length + 1);
    town->cut = pct_alloc_zeroed(town->points.length, 1);
    if (!town->cut) return pct_error_memory(error, town->points.length);
    pct_status status = pct_town_adjacency_init(town, &near, error);
    for (uint32_t v = 0; status == PCT_OK && v < town->points.length; v++) {
        x.vertex = v;
        if (is_crossing(&x) && pct_rng_unit(&rng) < 0.35) status = restrict_crossing(&x, error);
    }
    for (uint32_t i = 0; status == PCT_OK && i < town->roads.length; i++) {
        const pct_town_road *road = pct_town_road_at(town, i);
        bool between = is_main(road) && !(road->flags & (PCT_TOWN_ONEWAY | PCT_TOWN_BRIDGE)) &&
                       near.first[road->a + 1] - near.first[road->a] >= 3 &&
                       near.first[road->b + 1] - near.first[road->b] >= 3;
        if (between && pct_rng_unit(&rng) < 0.02) status = restrict_via_way(&x, i, error);
    }
    pct_town_adjacency_dispose(&near);
    return status;
}
