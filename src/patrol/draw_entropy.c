/* Visits sorted by point and bin: equal neighbours are counted, and each point's counts make its entropy. O(visits log visits). */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "patrol/draw.h"

typedef struct arrival {
    int64_t bin;
    int32_t point; /* a series, or behind all series a demand */
} arrival;

static int by_point(const void *a, const void *b) {
    const arrival *p = a, *q = b;
    if (p->point != q->point) return p->point < q->point ? -1 : 1;
    return (p->bin > q->bin) - (p->bin < q->bin);
}

static int32_t point_of(const pct_patrol_problem *p, int32_t demand) {
    int32_t series = p->demands[demand].series;
    return series == PCT_PATROL_NONE ? p->series_count + demand : series;
}

/* The entropy of one point's arrivals, which stand together. */
static double entropy(const arrival *all, size_t count) {
    double bits = 0.0;
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && all[i + same].bin == all[i].bin;) same++;
        double odds = (double)same / (double)count;
        bits -= odds * log2(odds);
    }
    return bits;
}

pct_status pct_draw_entropy(const pct_patrol_problem *p, const pct_patrol_plan *plans, int32_t count,
                            int64_t bin_ms, double *bits, pct_error *error) {
    size_t visits = 0, at = 0, points = (size_t)p->series_count + (size_t)p->demand_count;
    for (int32_t i = 0; i < count; i++) visits += (size_t)plans[i].visit_count;
    arrival *all = pct_alloc(visits + 1, sizeof *all);
    double *of_point = pct_alloc(points + 1, sizeof *of_point);
    pct_status status = all && of_point ? PCT_OK : pct_error_memory(error, visits * sizeof *all);
    if (status) goto done;
    for (int32_t i = 0; i < count; i++)
        for (int32_t v = 0; v < plans[i].visit_count; v++)
            all[at++] =
                (arrival){plans[i].start_ms[v] / bin_ms, point_of(p, p->modes[plans[i].mode[v]].demand)};
    qsort(all, visits, sizeof *all, by_point);
    for (size_t i = 0; i < points; i++) of_point[i] = -1.0;
    for (size_t i = 0, same; i < visits; i += same) {
        for (same = 1; i + same < visits && all[i + same].point == all[i].point;) same++;
        of_point[all[i].point] = entropy(all + i, same);
    }
    for (int32_t d = 0; d < p->demand_count; d++) bits[d] = of_point[point_of(p, d)];
done:
    pct_free(all);
    pct_free(of_point);
    return status;
}

double pct_draw_entropy_mean(const pct_patrol_problem *p, const double *bits) {
    double sum = 0.0;
    int32_t count = 0;
    for (int32_t d = 0; d < p->demand_count; d++) {
        if (bits[d] < 0.0) continue;
        sum += bits[d];
        count++;
    }
    return count ? sum / count : 0.0;
}
