/* The line of a route: whole segments are copied as they lie; only the first and the last piece are measured. */
#include "road/line.h"
#include "base/vector.h"
#include "road/road.h"
#include "road/route/steps.h"

static pct_status add_point(pct_vector *points, pct_position p, pct_error *error) {
    const pct_position *all = points->items;
    if (points->length > 0) {
        pct_position last = all[points->length - 1];
        if (last.lon_e7 == p.lon_e7 && last.lat_e7 == p.lat_e7) return PCT_OK;
    }
    pct_position *added = pct_vector_push(points);
    if (!added) return pct_vector_failed(points, PCT_MSG_WHAT_ROUTE_POINTS, error);
    *added = p;
    return PCT_OK;
}

/* Points strictly between two distances from where the driving along the segment begins. */
static pct_status add_between(const pct_network *net, const pct_route_leg *leg, double from_m, double to_m,
                              pct_vector *points, pct_error *error) {
    bool backward = leg->from_mm > leg->to_mm;
    uint32_t inner = pct_line_inner(net, leg->segment);
    double along_m = 0.0;
    pct_status status = PCT_OK;
    for (uint32_t i = 1; i <= inner && !status; i++) {
        pct_position a = pct_line_point(net, leg->segment, backward ? inner + 2 - i : i - 1, inner);
        pct_position b = pct_line_point(net, leg->segment, backward ? inner + 1 - i : i, inner);
        along_m += pct_geo_distance_m(a, b);
        if (along_m > from_m && along_m < to_m) status = add_point(points, b, error);
    }
    return status;
}

static double line_m(const pct_network *net, uint32_t segment) {
    uint32_t inner = pct_line_inner(net, segment);
    double whole_m = 0.0;
    for (uint32_t i = 0; i <= inner; i++)
        whole_m += pct_geo_distance_m(pct_line_point(net, segment, i, inner),
                                      pct_line_point(net, segment, i + 1, inner));
    return whole_m;
}

static pct_status add_piece(const pct_road *road, const pct_route_leg *leg, pct_vector *points,
                            pct_error *error) {
    const pct_network *net = pct_road_network(road);
    bool backward = leg->from_mm > leg->to_mm;
    double length_mm = net->segments[leg->segment].length_mm, whole_m = line_m(net, leg->segment);
    double from_m = (backward ? length_mm - leg->from_mm : leg->from_mm) / length_mm * whole_m;
    double to_m = (backward ? length_mm - leg->to_mm : leg->to_mm) / length_mm * whole_m;
    pct_status status =
        add_point(points, pct_road_point_position(road, (pct_road_point){leg->segment, leg->from_mm}), error);
    if (!status) status = add_between(net, leg, from_m, to_m, points, error);
    if (status) return status;
    return add_point(points, pct_road_point_position(road, (pct_road_point){leg->segment, leg->to_mm}),
                     error);
}

static pct_status add_whole(const pct_network *net, uint32_t segment, bool backward, pct_vector *points,
                            pct_error *error) {
    uint32_t inner = pct_line_inner(net, segment);
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i <= inner + 1 && !status; i++)
        status = add_point(points, pct_line_point(net, segment, backward ? inner + 1 - i : i, inner), error);
    return status;
}

pct_status pct_route_line(const pct_road *road, const pct_route *route, pct_vector *points,
                          pct_error *error) {
    const pct_network *net = pct_road_network(road);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < route->leg_count && !status; i++) {
        const pct_route_leg *leg = &route->legs[i];
        uint32_t length_mm = net->segments[leg->segment].length_mm;
        bool forward = leg->from_mm == 0 && leg->to_mm == length_mm,
             backward = leg->to_mm == 0 && leg->from_mm == length_mm;
        status = forward || backward ? add_whole(net, leg->segment, backward, points, error)
                                     : add_piece(road, leg, points, error);
    }
    return status;
}
