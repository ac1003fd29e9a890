/* How far one gets in so many minutes: the outline's rings, as GeoJSON that a map program shows.
 *
 *     cc isochrone.c $(pkg-config --cflags --libs precinct) -o isochrone
 *     ./isochrone SITE/map/road.index SITE/definitions/speeds.csv -8.6109,41.1456 8 >reach.geojson */
#include "road/route/isochrone.h"
#include "open_road.h"

enum { MS_PER_MIN = 60000, MIN_MAX = 120 };

static void print_ring(pct_ring ring) {
    for (size_t i = 0; i < ring.count; i++)
        printf("%s[%.7f,%.7f]", i ? "," : "", pct_position_lon_deg(ring.points[i]),
               pct_position_lat_deg(ring.points[i]));
}

static void print_shape(const pct_shape *shape) {
    printf("{\"type\":\"MultiPolygon\",\"coordinates\":[");
    for (size_t p = 0; p < shape->count; p++) {
        printf("%s[", p ? "," : "");
        for (size_t r = 0; r < shape->polygons[p].count; r++) {
            printf("%s[", r ? "," : "");
            print_ring(shape->polygons[p].rings[r]);
            printf("]");
        }
        printf("]");
    }
    printf("]}\n");
}

int main(int count, char **arguments) {
    long minutes = count == 5 ? strtol(arguments[4], NULL, 10) : 0;
    if (minutes < 1 || minutes > MIN_MAX) {
        fprintf(stderr, "usage: %s INDEX SPEEDS LON,LAT MINUTES, 1 to %d minutes\n", arguments[0], MIN_MAX);
        return 2;
    }
    const uint32_t limit_ms = (uint32_t)minutes * MS_PER_MIN;
    pct_text bytes = {NULL, 0};
    pct_road *road = NULL;
    pct_router *router = NULL;
    pct_road_point from;
    pct_shape shape;
    pct_error error;
    pct_arena arena = pct_arena_init((size_t)256 << 20);
    pct_status status = open_road(arguments[1], arguments[2], &bytes, &road, &error);
    if (!status) status = snap(road, arguments[3], &from, &error);
    if (!status) status = pct_router_new(road, &router, &error);
    if (!status) status = pct_isochrone(router, from, false, &limit_ms, 1, &arena, &shape, &error);
    if (!status) print_shape(&shape);
    pct_arena_dispose(&arena);
    pct_router_free(router);
    pct_road_free(road);
    free((void *)bytes.chars);
    return status ? fail(&error) : 0;
}
