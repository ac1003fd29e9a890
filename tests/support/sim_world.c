#include "support/sim_world.h"

#include "support/test.h"

enum { MM_PER_MS = 10, SEGMENT_MM = 1000000, E7_PER_M = 10, EDGE_M = 1000000 };

pct_codes *sim_world_codes(void) {
    const pct_codes_source source = {
        .incident_types_file = "incident_types.csv",
        .capabilities_file = "capabilities.csv",
        .unit_kinds_file = "unit_kinds.csv",
        .priorities_file = "priorities.csv",
        .incident_types = pct_text_of("code,zh,en,priority,required,wanted,min_officers,min_strength,also\n"
                                      "job,事,job,3,patrol,,1,1,\n"
                                      "heavy,重事,heavy job,2,patrol;rescue,,1,2,\n"
                                      "strange,怪事,strange job,2,flying,,1,1,\n"),
        .capabilities =
            pct_text_of("code,zh,en,also\npatrol,巡逻,patrol,\nrescue,救援,rescue,\nflying,飞行,flying,\n"),
        .unit_kinds = pct_text_of("code,zh,en,also\ncar,警车,car,\n"),
        .priorities = pct_text_of("code,zh,en,also\n1,特急,most urgent,\n2,紧急,urgent,\n3,一般,routine,\n"
                                  "4,可缓,may wait,\n"),
    };
    pct_codes *codes = NULL;
    pct_error error;
    test_ok(pct_codes_read(&source, &codes, &error), &error);
    return codes;
}

pct_service_times *sim_world_times_of(const pct_codes *codes, const char *csv) {
    pct_service_times *times = NULL;
    pct_error error;
    test_ok(pct_service_times_read("service_times.csv", pct_text_of(csv), codes, &times, &error), &error);
    return times;
}

pct_service_times *sim_world_times(const pct_codes *codes) {
    return sim_world_times_of(codes,
                              "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,"
                              "on_scene_mean_s,on_scene_cv,report_mean_s,report_cv\n"
                              "*,,5,0,60,0,600,0,100,0\n"
                              "*,1,,,30,0,,,,\n");
}

/* --- the street: segment n runs from n to n + 1 km ---------------------------------------------------------- */

static int64_t place_mm(pct_road_point p) {
    return (int64_t)p.segment * SEGMENT_MM + p.offset_mm;
}

static pct_status street_locate(void *context, pct_position position, pct_road_point *out, double *distance_m,
                                pct_error *error) {
    (void)context;
    int32_t metres = position.lon_e7 / E7_PER_M;
    *distance_m = metres < 0 ? -(double)metres : metres > EDGE_M ? (double)metres - EDGE_M : 0.0;
    if (*distance_m > 0.0) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_NONE, pct_int(0));
    *out = (pct_road_point){(uint32_t)metres / 1000, (uint32_t)metres % 1000 * 1000};
    return PCT_OK;
}

static pct_position street_position(void *context, pct_road_point point) {
    (void)context;
    return sim_world_at_m((int32_t)(place_mm(point) / 1000));
}

static uint32_t street_time_ms(void *context, pct_road_point from, pct_road_point to) {
    (void)context;
    int64_t way_mm = place_mm(to) - place_mm(from);
    return (uint32_t)((way_mm < 0 ? -way_mm : way_mm) / MM_PER_MS);
}

static void street_times_to(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                            uint32_t *times_ms) {
    for (size_t i = 0; i < count; i++) times_ms[i] = street_time_ms(context, sources[i], target);
}

static void street_times_from(void *context, pct_road_point source, const pct_road_point *targets,
                              size_t count, uint32_t *times_ms) {
    street_times_to(context, source, targets, count, times_ms);
}

static pct_status street_legs(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                              pct_error *error) {
    (void)context;
    int step = place_mm(to) >= place_mm(from) ? 1 : -1;
    for (int64_t s = from.segment;; s += step) {
        pct_route_leg *leg = pct_vector_push(legs);
        if (!leg) return pct_vector_failed(legs, PCT_MSG_WHAT_ROUTE_LEGS, error);
        leg->segment = (uint32_t)s;
        leg->from_mm = s == from.segment ? from.offset_mm : step > 0 ? 0 : SEGMENT_MM;
        leg->to_mm = s == to.segment ? to.offset_mm : step > 0 ? SEGMENT_MM : 0;
        uint32_t way_mm = leg->from_mm < leg->to_mm ? leg->to_mm - leg->from_mm : leg->from_mm - leg->to_mm;
        leg->time_ms = way_mm / MM_PER_MS;
        if (s == to.segment) return PCT_OK;
    }
}

pct_travel sim_world_street(void) {
    return (pct_travel){.locate = street_locate,
                        .position = street_position,
                        .time_ms = street_time_ms,
                        .times_to = street_times_to,
                        .times_from = street_times_from,
                        .legs = street_legs};
}

pct_position sim_world_at_m(int32_t metres) {
    return (pct_position){metres * E7_PER_M, 0};
}

pct_unit_row sim_world_unit(const char *name, int32_t station_m, pct_capability_set capabilities) {
    return (pct_unit_row){.name = pct_text_of(name),
                          .station = pct_text_of("station"),
                          .position = sim_world_at_m(station_m),
                          .capabilities = capabilities,
                          .officers = 1,
                          .auxiliaries = 3,
                          .shift_end_min = PCT_DAY_MINUTES};
}
