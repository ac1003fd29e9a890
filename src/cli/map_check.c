#include "cli/map_check.h"

#include "base/rng.h"
#include "road/dijkstra.h"

static pct_road_point random_node(pct_rng *rng, const pct_road *road) {
    pct_road_point point;
    pct_node node;
    do node.index = pct_rng_below(rng, road->network.node_count);
    while (pct_road_point_at_node(road, node, &point) != PCT_OK);
    return point;
}

/* Opening has checked every digest and index; what is left is that the answers are right. */
pct_status pct_map_compare_pairs(const pct_road *road, int64_t pairs, int64_t *unreachable,
                                 pct_error *error) {
    pct_router *router = NULL;
    pct_dijkstra *dijkstra = NULL;
    pct_rng rng = pct_rng_init(1, 0);
    pct_status status = pct_router_new(road, &router, error);
    if (!status) status = pct_dijkstra_new(road, &dijkstra, error);
    for (int64_t i = 0; i < pairs && !status; i++) {
        pct_road_point from = random_node(&rng, road), to = random_node(&rng, road);
        uint32_t found = pct_router_time_ms(router, from, to),
                 expected = pct_dijkstra_time_ms(dijkstra, from, to);
        if (unreachable) *unreachable += expected == PCT_UNREACHABLE_MS;
        if (found != expected)
            status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_MAP_WRONG_ANSWER, pct_int(from.segment),
                              pct_int(to.segment), pct_int(expected), pct_int(found));
    }
    pct_router_free(router);
    pct_dijkstra_free(dijkstra);
    return status;
}
