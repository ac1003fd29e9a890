#include "road/crow.h"

#include <math.h>

/* For what is lost in computing with doubles. */
static const double rounding = 1.0 - 1e-9;

pct_crow pct_crow_of(const pct_network *net, const uint32_t *arc_ms) {
    pct_crow crow = {pct_plane_at(net->node_position[0]), INFINITY};
    double fastest = 0.0; /* m² per ms² */
    for (uint32_t v = 0; v < net->node_count; v++) {
        double east_m, north_m;
        pct_plane_to_m(&crow.plane, net->node_position[v], &east_m, &north_m);
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++) {
            double x, y, ms = arc_ms[a];
            pct_plane_to_m(&crow.plane, net->node_position[net->arc_head[a]], &x, &y);
            x -= east_m;
            y -= north_m;
            double pace = (x * x + y * y) / (ms * ms);
            fastest = pace > fastest ? pace : fastest;
        }
    }
    crow.ms_per_m = fastest > 0.0 ? rounding / sqrt(fastest) : 0.0;
    return crow;
}
