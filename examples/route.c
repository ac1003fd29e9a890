/* The fastest route between two positions and its steps.
 *
 *     cc route.c $(pkg-config --cflags --libs precinct) -o route
 *     ./route SITE/map/road.index SITE/definitions/speeds.csv -8.6109,41.1456 -8.6290,41.1579 */
#include "open_road.h"
#include "road/route/steps.h"

static void print_steps(const pct_road *road, const pct_vector *steps) {
    const pct_step *step = steps->items;
    for (size_t i = 0; i < steps->length; i++) {
        pct_buffer sentence = pct_buffer_init(4096);
        if (pct_step_write(pct_road_network(road), &step[i], PCT_EN, &sentence) == PCT_OK)
            printf("%6.0f m  %-13s %s\n", (double)step[i].length_mm / 1000.0,
                   pct_maneuver_name(step[i].maneuver), pct_buffer_chars(&sentence));
        pct_buffer_dispose(&sentence);
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: %s INDEX SPEEDS LON,LAT LON,LAT\n", arguments[0]);
        return 2;
    }
    pct_text bytes = {NULL, 0};
    pct_road *road = NULL;
    pct_router *router = NULL;
    pct_road_point from, to;
    pct_route route;
    pct_error error;
    pct_vector steps = pct_vector_init(sizeof(pct_step), 100000);
    pct_status status = open_road(arguments[1], arguments[2], &bytes, &road, &error);
    if (!status) status = snap(road, arguments[3], &from, &error);
    if (!status) status = snap(road, arguments[4], &to, &error);
    if (!status) status = pct_router_new(road, &router, &error);
    if (!status) status = pct_router_route(router, from, to, &route, &error);
    if (!status) status = pct_route_steps(road, &route, NULL, 0, &steps, &error);
    if (!status) printf("%.1f min, %.2f km\n", route.time_ms / 60000.0, (double)route.length_mm / 1e6);
    if (!status) print_steps(road, &steps);
    pct_vector_dispose(&steps);
    pct_router_free(router);
    pct_road_free(road);
    free((void *)bytes.chars);
    return status ? fail(&error) : 0;
}
