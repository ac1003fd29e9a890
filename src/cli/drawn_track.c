#include "cli/drawn_track.h"

#include <math.h>

#include "base/memory.h"

enum { FIXES_MAX = 1 << 24 };

pct_drawn_track pct_drawn_track_init(void) {
    return (pct_drawn_track){pct_vector_init(sizeof(pct_match_fix), FIXES_MAX),
                             pct_vector_init(sizeof(uint32_t), FIXES_MAX), 0};
}

void pct_drawn_track_dispose(pct_drawn_track *track) {
    pct_vector_dispose(&track->fixes);
    pct_vector_dispose(&track->driven);
}

static pct_status see(pct_drawn_track *track, pct_position at, int64_t at_ms, const pct_drive *drive,
                      pct_rng *rng, pct_error *error) {
    pct_match_fix *fix = pct_vector_push(&track->fixes);
    if (!fix) return pct_error_memory(error, sizeof *fix);
    pct_plane plane = pct_plane_at(at);
    double east_m = drive->noise_m > 0.0 ? drive->noise_m * pct_rng_normal(rng) : 0.0;
    double north_m = drive->noise_m > 0.0 ? drive->noise_m * pct_rng_normal(rng) : 0.0;
    *fix = (pct_match_fix){at_ms, pct_plane_from_m(&plane, east_m, north_m)};
    return PCT_OK;
}

pct_status pct_drawn_track_drive(pct_drawn_track *track, const pct_road *road, const pct_route_leg *legs,
                                 size_t leg_count, const pct_drive *drive, pct_rng *rng, pct_error *error) {
    double now_ms = 0.0, next_ms = 0.0;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < leg_count && !status; i++) {
        const pct_route_leg *leg = &legs[i];
        double whole_mm = (double)leg->to_mm - leg->from_mm, takes_ms = leg->time_ms * drive->pace;
        uint32_t *driven = pct_vector_push(&track->driven);
        if (!driven) return pct_error_memory(error, sizeof *driven);
        *driven = leg->segment * 2 + (leg->to_mm < leg->from_mm);
        track->length_mm += (uint64_t)fabs(whole_mm);
        for (; next_ms < now_ms + takes_ms && !status; next_ms += (double)drive->every_ms) {
            double at_mm = leg->from_mm + whole_mm * (next_ms - now_ms) / takes_ms;
            pct_position at = pct_road_point_position(road, (pct_road_point){leg->segment, (uint32_t)at_mm});
            status = see(track, at, drive->begin_ms + (int64_t)next_ms, drive, rng, error);
        }
        now_ms += takes_ms;
    }
    if (status || leg_count == 0) return status;
    const pct_route_leg *last = &legs[leg_count - 1];
    return see(track, pct_road_point_position(road, (pct_road_point){last->segment, last->to_mm}),
               drive->begin_ms + (int64_t)next_ms, drive, rng, error);
}

size_t pct_drawn_track_common(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count) {
    uint32_t *row = pct_alloc_zeroed(b_count + 1, sizeof *row);
    if (!row) return 0;
    for (size_t i = 0; i < a_count; i++) {
        uint32_t before = 0; /* row[j] of the row above */
        for (size_t j = 0; j < b_count; j++) {
            uint32_t above = row[j + 1], better = above > row[j] ? above : row[j];
            row[j + 1] = a[i] == b[j] ? before + 1 : better;
            before = above;
        }
    }
    size_t common = row[b_count];
    pct_free(row);
    return common;
}
