#include "road/profile.h"

#include <math.h>

#include "base/csv.h"

static const double kmh_min = 1.0, kmh_max = 300.0;

pct_speeds pct_speeds_uniform(double kmh) {
    pct_speeds speeds;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) speeds.kmh[c] = kmh;
    return speeds;
}

static pct_status read_row(const pct_csv *csv, int class_column, int speed_column, pct_speeds *speeds,
                           pct_error *error) {
    pct_road_class road_class = pct_road_class_of(pct_csv_text(csv, class_column));
    if (road_class == PCT_ROAD_CLASS_COUNT)
        return pct_csv_unexpected(csv, class_column, PCT_MSG_EXPECTED_ROAD_CLASS, error);
    if (speeds->kmh[road_class] > 0.0)
        return pct_csv_unexpected(csv, class_column, PCT_MSG_EXPECTED_ONE_ROW, error);
    return pct_csv_real(csv, speed_column, kmh_min, kmh_max, &speeds->kmh[road_class], error);
}

pct_status pct_speeds_read(const char *file, pct_text bytes, pct_speeds *out, pct_error *error) {
    pct_csv csv;
    int class_column, speed_column;
    pct_speeds speeds = {{0}};
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    status = pct_csv_column(&csv, "class", &class_column, error);
    if (!status) status = pct_csv_column(&csv, "response_kmh", &speed_column, error);
    bool more = !status;
    while (more) {
        status = pct_csv_next(&csv, &more, error);
        if (!status && more) status = read_row(&csv, class_column, speed_column, &speeds, error);
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

double pct_speeds_max_mps(const pct_speeds *speeds) {
    double kmh = 0.0;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) kmh = fmax(kmh, speeds->kmh[c]);
    return kmh / 3.6;
}

bool pct_response_may_drive(const pct_network *network, uint32_t arc) {
    uint32_t s = network->arc_segment[arc];
    int bit = s & 1 ? PCT_SEGMENT_EMERGENCY_BACKWARD : PCT_SEGMENT_EMERGENCY_FORWARD;
    return (network->segments[s >> 1].flags & bit) != 0;
}

void pct_response_arc_times(const pct_network *network, const pct_speeds *speeds, uint32_t *arc_ms) {
    for (uint32_t arc = 0; arc < network->arc_count; arc++) {
        const pct_segment *s = &network->segments[network->arc_segment[arc] >> 1];
        double ms = round(s->length_mm * 3.6 / speeds->kmh[s->road_class]);
        arc_ms[arc] = pct_response_may_drive(network, arc)
                          ? (uint32_t)fmin(fmax(ms, 1.0), PCT_NO_WAY_MS - 1.0)
                          : PCT_NO_WAY_MS;
    }
}
