#include "patrol/spread.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "patrol/even.h"

typedef struct visit {
    int64_t start_ms;
    int32_t series;
} visit;

static int by_series(const void *a, const void *b) {
    const visit *p = a, *q = b;
    if (p->series != q->series) return p->series < q->series ? -1 : 1;
    return (p->start_ms > q->start_ms) - (p->start_ms < q->start_ms);
}

static double unevenness(const visit *visits, size_t count, int64_t from_ms, int64_t to_ms) {
    double length_ms = (double)(to_ms - from_ms), least = 1.0 / (double)(count + 1), sum = 0.0;
    if (length_ms <= 0.0) return 0.0;
    int64_t before_ms = from_ms;
    for (size_t i = 0; i <= count; i++) {
        int64_t at_ms = i < count ? visits[i].start_ms : to_ms;
        double share = (double)(at_ms - before_ms) / length_ms;
        sum += share * share;
        before_ms = at_ms;
    }
    return (sum - least) / (1.0 - least);
}

pct_status pct_spread_of_plan(const pct_patrol_problem *p, const pct_patrol_plan *plan, double *out,
                              pct_error *error) {
    size_t count = 0, points = 0;
    double sum = 0.0;
    visit *visits = pct_alloc((size_t)plan->visit_count + 1, sizeof *visits);
    int64_t *hours_ms = pct_alloc((size_t)p->series_count + 1, 2 * sizeof *hours_ms);
    pct_status status =
        visits && hours_ms ? PCT_OK : pct_error_memory(error, (size_t)plan->visit_count * sizeof *visits);
    if (status) goto done;
    pct_even_hours(p, hours_ms);
    for (int32_t v = 0; v < plan->visit_count; v++) {
        int32_t series = p->demands[p->modes[plan->mode[v]].demand].series;
        if (series != PCT_PATROL_NONE) visits[count++] = (visit){plan->start_ms[v], series};
    }
    qsort(visits, count, sizeof *visits, by_series);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && visits[i + same].series == visits[i].series;) same++;
        if (same < 2) continue;
        const int64_t *hours = hours_ms + 2 * (size_t)visits[i].series;
        sum += unevenness(visits + i, same, hours[0], hours[1]);
        points++;
    }
    *out = points ? sum / (double)points : (double)NAN;
done:
    pct_free(visits);
    pct_free(hours_ms);
    return status;
}
