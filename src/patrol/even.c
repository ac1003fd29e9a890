#include "patrol/even.h"

#include "base/memory.h"

static const int64_t grid = 1 << 14, whole_ppm = 1000000;

void pct_even_hours(const pct_patrol_problem *p, int64_t *hours_ms) {
    for (int32_t s = 0; s < p->series_count; s++) {
        hours_ms[2 * s] = INT64_MAX;
        hours_ms[2 * s + 1] = 0;
    }
    for (int32_t m = 0; m < p->mode_count; m++) {
        const pct_patrol_mode *mode = &p->modes[m];
        int32_t series = p->demands[mode->demand].series;
        if (series == PCT_PATROL_NONE) continue;
        int64_t *hours = hours_ms + 2 * (size_t)series;
        if (mode->open_ms < hours[0]) hours[0] = mode->open_ms;
        if (mode->close_ms > hours[1]) hours[1] = mode->close_ms;
    }
}

int64_t pct_even_uneven_ppm(int64_t *begins_ms, int32_t count, const int64_t *hours_ms) {
    int64_t length_ms = hours_ms[1] - hours_ms[0], before = 0, squares = 0;
    if (count < 2 || length_ms <= 0) return 0;
    for (int32_t i = 1; i < count; i++) {
        int64_t at_ms = begins_ms[i];
        int32_t k = i;
        for (; k > 0 && begins_ms[k - 1] > at_ms; k--) begins_ms[k] = begins_ms[k - 1];
        begins_ms[k] = at_ms;
    }
    for (int32_t i = 0; i <= count; i++) {
        int64_t place = i < count ? (begins_ms[i] - hours_ms[0]) * grid / length_ms : grid;
        if (place < 0) place = 0; /* of a round that is still to be mended */
        if (place > grid) place = grid;
        squares += (place - before) * (place - before);
        before = place;
    }
    int64_t over = (count + 1) * squares - grid * grid;
    return over * whole_ppm / (count * grid * grid);
}

int64_t pct_even_steps_ppm(const pct_patrol_problem *p, int64_t sum_ppm) {
    if (!p->series_count) return 0;
    int64_t step = (int64_t)p->series_count * PCT_PATROL_SPREAD_STEP_PPM;
    return (sum_ppm + step - 1) / step * PCT_PATROL_SPREAD_STEP_PPM;
}

/* Begins of each series' visits side by side: [first[s], first[s + 1]). */
static void gather(const pct_patrol_problem *p, const pct_patrol_plan *plan, int32_t *first,
                   int64_t *begins_ms) {
    for (int32_t s = 0; s < p->series_count + 2; s++) first[s] = 0;
    for (int32_t v = 0; v < plan->visit_count; v++) {
        int32_t series = p->demands[p->modes[plan->mode[v]].demand].series;
        if (series != PCT_PATROL_NONE) first[series + 2]++;
    }
    for (int32_t s = 1; s < p->series_count + 2; s++) first[s] += first[s - 1];
    for (int32_t v = 0; v < plan->visit_count; v++) {
        int32_t series = p->demands[p->modes[plan->mode[v]].demand].series;
        if (series != PCT_PATROL_NONE) begins_ms[first[series + 1]++] = plan->start_ms[v];
    }
}

pct_status pct_even_of_plan(const pct_patrol_problem *p, const pct_patrol_plan *plan, int64_t *out_ppm,
                            pct_error *error) {
    size_t series = (size_t)p->series_count, visits = (size_t)plan->visit_count;
    *out_ppm = 0;
    if (!series) return PCT_OK;
    int64_t *hours_ms = pct_alloc(2 * series + visits, sizeof *hours_ms), sum_ppm = 0;
    int32_t *first = pct_alloc(series + 2, sizeof *first);
    pct_status status =
        hours_ms && first ? PCT_OK : pct_error_memory(error, (series + visits) * sizeof *hours_ms);
    if (status) goto done;
    int64_t *begins_ms = hours_ms + 2 * series;
    pct_even_hours(p, hours_ms);
    gather(p, plan, first, begins_ms);
    for (size_t s = 0; s < series; s++)
        sum_ppm += pct_even_uneven_ppm(begins_ms + first[s], first[s + 1] - first[s], hours_ms + 2 * s);
    *out_ppm = pct_even_steps_ppm(p, sum_ppm);
done:
    pct_free(hours_ms);
    pct_free(first);
    return status;
}
