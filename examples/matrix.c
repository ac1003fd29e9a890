/* Travel times in seconds between all the positions given; "-" where no way leads.
 *
 *     cc matrix.c $(pkg-config --cflags --libs precinct) -o matrix
 *     ./matrix SITE/map/road.index SITE/definitions/speeds.csv LON,LAT LON,LAT LON,LAT … */
#include "open_road.h"

enum { POSITIONS_MAX = 100, FIRST_POSITION = 3 };

int main(int count, char **arguments) {
    pct_road_point points[POSITIONS_MAX];
    uint32_t times_ms[POSITIONS_MAX];
    int n = count - FIRST_POSITION;
    if (n < 2 || n > POSITIONS_MAX) {
        fprintf(stderr, "usage: %s INDEX SPEEDS LON,LAT LON,LAT …, 2 to %d positions\n", arguments[0],
                POSITIONS_MAX);
        return 2;
    }
    pct_text bytes = {NULL, 0};
    pct_road *road = NULL;
    pct_router *router = NULL;
    pct_error error;
    pct_status status = open_road(arguments[1], arguments[2], &bytes, &road, &error);
    for (int i = 0; i < n && !status; i++)
        status = snap(road, arguments[FIRST_POSITION + i], &points[i], &error);
    if (!status) status = pct_router_new(road, &router, &error);
    for (int i = 0; i < n && !status; i++) {
        pct_router_times_from(router, points[i], points, (size_t)n, times_ms);
        for (int j = 0; j < n; j++)
            if (times_ms[j] == PCT_UNREACHABLE_MS)
                printf("%9s", "-");
            else
                printf("%9.1f", times_ms[j] / 1000.0);
        printf("\n");
    }
    pct_router_free(router);
    pct_road_free(road);
    free((void *)bytes.chars);
    return status ? fail(&error) : 0;
}
