#include "road/profile.h"

#include <math.h>

#include "base/csv.h"
#include "base/text.h"

static const double kmh_min = 1.0, kmh_max = 300.0, over_limit_max = 10.0, kmh_per_mps = 3.6;

static const char *const profile_names[] = {
#define X(name, text) text,
    PCT_PROFILES(X)
#undef X
};

const char *pct_profile_name(pct_profile profile) {
    return profile < PCT_PROFILE_COUNT ? profile_names[profile] : "";
}

pct_profile pct_profile_of(pct_text name) {
    for (int p = 0; p < PCT_PROFILE_COUNT; p++)
        if (pct_text_equal(name, profile_names[p])) return (pct_profile)p;
    return PCT_PROFILE_COUNT;
}

pct_speeds pct_speeds_uniform(double kmh) {
    pct_speeds speeds = {.kmh = {0}};
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) speeds.kmh[c] = speeds.patrol_kmh[c] = kmh;
    return speeds;
}

static bool may_be_contraflow(pct_road_class road_class) {
    const pct_segment one_way = {.road_class = (uint8_t)road_class, .flags = PCT_SEGMENT_EMERGENCY_FORWARD};
    return pct_segment_has_contraflow(&one_way);
}

typedef struct speed_columns {
    int road_class, response, patrol, contraflow, over_limit;
} speed_columns;

static pct_status read_row(const pct_csv *csv, const speed_columns *columns, pct_speeds *speeds,
                           pct_error *error) {
    pct_road_class road_class = pct_road_class_of(pct_csv_text(csv, columns->road_class));
    if (road_class == PCT_ROAD_CLASS_COUNT)
        return pct_csv_unexpected(csv, columns->road_class, PCT_MSG_EXPECTED_ROAD_CLASS, error);
    double *response = &speeds->kmh[road_class], *patrol = &speeds->patrol_kmh[road_class];
    if (*response > 0.0) return pct_csv_unexpected(csv, columns->road_class, PCT_MSG_EXPECTED_ONE_ROW, error);
    pct_status status = pct_csv_real(csv, columns->response, kmh_min, kmh_max, response, error);
    if (!status) *patrol = *response;
    if (!status && columns->patrol >= 0)
        status = pct_csv_real(csv, columns->patrol, kmh_min, kmh_max, patrol, error);
    if (!status && pct_csv_text(csv, columns->contraflow).length > 0)
        status = !may_be_contraflow(road_class)
                     ? pct_csv_unexpected(csv, columns->contraflow, PCT_MSG_EXPECTED_NO_CONTRAFLOW, error)
                     : pct_csv_real(csv, columns->contraflow, kmh_min, kmh_max,
                                    &speeds->contraflow_kmh[road_class], error);
    if (!status && columns->over_limit >= 0)
        status = pct_csv_real(csv, columns->over_limit, 1.0, over_limit_max, &speeds->over_limit[road_class],
                              error);
    return status;
}

pct_status pct_speeds_read(const char *file, pct_text bytes, pct_speeds *out, pct_error *error) {
    pct_csv csv;
    pct_speeds speeds = {.kmh = {0}};
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    speed_columns columns = {.patrol = pct_csv_find(&csv, "patrol_kmh"),
                             .contraflow = pct_csv_find(&csv, "contraflow_kmh"),
                             .over_limit = pct_csv_find(&csv, "over_limit")};
    status = pct_csv_column(&csv, "class", &columns.road_class, error);
    if (!status) status = pct_csv_column(&csv, "response_kmh", &columns.response, error);
    bool more = !status;
    while (more) {
        status = pct_csv_next(&csv, &more, error);
        if (!status && more) status = read_row(&csv, &columns, &speeds, error);
        if (status) more = false;
    }
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT && !status; c++)
        if (speeds.kmh[c] == 0.0)
            status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_SPEED_MISSING, pct_str(file),
                              pct_str(pct_road_class_name((pct_road_class)c)));
    pct_csv_close(&csv);
    if (!status) *out = speeds;
    return status;
}

static double max_mps(const double kmh[PCT_ROAD_CLASS_COUNT]) {
    double most_kmh = 0.0;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) most_kmh = fmax(most_kmh, kmh[c]);
    return most_kmh / kmh_per_mps;
}

double pct_speeds_max_mps(const pct_speeds *speeds) {
    return max_mps(speeds->kmh);
}

double pct_speeds_patrol_max_mps(const pct_speeds *speeds) {
    return max_mps(speeds->patrol_kmh);
}

bool pct_response_may_drive(const pct_network *network, uint32_t arc) {
    uint32_t s = network->arc_segment[arc];
    int bit = s & 1 ? PCT_SEGMENT_EMERGENCY_BACKWARD : PCT_SEGMENT_EMERGENCY_FORWARD;
    return (network->segments[s >> 1].flags & bit) != 0;
}

/* Whole milliseconds of a segment at a speed; at least 1. */
static uint32_t drive_ms(const pct_segment *s, double kmh) {
    double ms = s->crossing_ms > 0 ? (double)s->crossing_ms : round(s->length_mm * kmh_per_mps / kmh);
    return (uint32_t)fmin(fmax(ms, 1.0), PCT_NO_WAY_MS - 1.0);
}

void pct_response_arc_times(const pct_network *network, const pct_speeds *speeds, uint32_t *arc_ms) {
    for (uint32_t arc = 0; arc < network->arc_count; arc++) {
        uint32_t driven = network->arc_segment[arc];
        const pct_segment *s = &network->segments[driven >> 1];
        double kmh = speeds->kmh[s->road_class], limit_kmh = s->limit_kmh[driven & 1],
               over = speeds->over_limit[s->road_class];
        if (over > 0.0 && limit_kmh > 0.0 && limit_kmh < PCT_NO_LIMIT_KMH) kmh = fmin(kmh, limit_kmh * over);
        if (!pct_response_may_drive(network, arc)) /* against a one-way, never faster than along it */
            kmh = pct_segment_has_contraflow(s) ? fmin(kmh, speeds->contraflow_kmh[s->road_class]) : 0.0;
        arc_ms[arc] = kmh > 0.0 ? drive_ms(s, kmh) : PCT_NO_WAY_MS;
    }
}

void pct_patrol_arc_times(const pct_network *network, const pct_speeds *speeds, uint32_t *arc_ms) {
    for (uint32_t arc = 0; arc < network->arc_count; arc++) {
        uint32_t driven = network->arc_segment[arc];
        const pct_segment *s = &network->segments[driven >> 1];
        double kmh = speeds->patrol_kmh[s->road_class], limit_kmh = s->limit_kmh[driven & 1];
        if (limit_kmh > 0.0 && limit_kmh < PCT_NO_LIMIT_KMH) kmh = fmin(kmh, limit_kmh);
        arc_ms[arc] = pct_patrol_may_drive(network, arc) ? drive_ms(s, kmh) : PCT_NO_WAY_MS;
    }
}
