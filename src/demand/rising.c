#include "demand/rising.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "clock/time.h"
#include "demand/beta.h"

enum { WEEK_DAYS = 7, WEEKS = PCT_RISING_WEEKS + PCT_RISING_HISTORY };
static const double discovery_rate = 0.1, tail = 0.025;

/* Calls of one weekday by area, block and week before the day: week 0 is the newest. */
typedef struct counts {
    uint32_t *calls; /* [cell × WEEKS] */
    size_t cells;
    int64_t weeks; /* so many such weekdays lie behind the oldest call of all */
} counts;

static void count_calls(const pct_rising_call *calls, size_t count, int64_t day, counts *c,
                        int64_t *looked_at) {
    for (size_t i = 0; i < count; i++) {
        int64_t on = calls[i].local_ms / PCT_DAY_MS, ago = day - on;
        if (ago <= 0) continue;
        if (ago / WEEK_DAYS > c->weeks) c->weeks = ago / WEEK_DAYS < WEEKS ? ago / WEEK_DAYS : WEEKS;
        if (ago % WEEK_DAYS != 0 || ago / WEEK_DAYS > WEEKS) continue;
        int64_t hour = calls[i].local_ms % PCT_DAY_MS / 3600000;
        size_t cell = (size_t)calls[i].area * PCT_RISING_BLOCKS + (size_t)(hour / PCT_RISING_HOURS);
        c->calls[cell * WEEKS + (size_t)(ago / WEEK_DAYS - 1)]++;
        (*looked_at)++;
    }
}

static int64_t sum_weeks(const counts *c, size_t cell, int64_t from, int64_t until) {
    int64_t sum = 0;
    for (int64_t week = from; week < until; week++) sum += c->calls[cell * WEEKS + (size_t)week];
    return sum;
}

/* Pearson's statistic of the weeks of history against each cell's own mean, by its degrees of freedom. */
static double dispersion_of(const counts *c, int64_t weeks) {
    double statistic = 0, freedom = 0;
    for (size_t cell = 0; cell < c->cells; cell++) {
        int64_t until = PCT_RISING_WEEKS + weeks;
        double mean = (double)sum_weeks(c, cell, PCT_RISING_WEEKS, until) / (double)weeks;
        if (mean <= 0) continue;
        for (int64_t week = PCT_RISING_WEEKS; week < until; week++) {
            double off = (double)c->calls[cell * WEEKS + (size_t)week] - mean;
            statistic += off * off / mean;
        }
        freedom += (double)(weeks - 1);
    }
    return freedom > 0 && statistic > freedom ? statistic / freedom : 1;
}

static pct_rising_cell compare(size_t number, int64_t recent, int64_t history, int64_t weeks,
                               double dispersion) {
    double now = (double)recent / dispersion, then = (double)history / dispersion;
    double share = (double)PCT_RISING_WEEKS / (double)(PCT_RISING_WEEKS + weeks);
    double exposure = (double)weeks / PCT_RISING_WEEKS;
    double low = now > 0 ? pct_beta_quantile(now, then + 1, tail) : 0;
    double high = then > 0 ? pct_beta_quantile(now + 1, then, 1 - tail) : 1;
    return (pct_rising_cell){.area = (uint32_t)(number / PCT_RISING_BLOCKS),
                             .block = (int)(number % PCT_RISING_BLOCKS),
                             .recent = recent,
                             .history = history,
                             .expected = (double)history / exposure,
                             .ratio = history > 0 ? (double)recent * exposure / (double)history : INFINITY,
                             .low = low / (1 - low) * exposure,
                             .high = high < 1 ? high / (1 - high) * exposure : INFINITY,
                             .chance = now > 0 ? pct_beta_share(now, then + 1, share) : 1};
}

static int by_chance(const void *a, const void *b) {
    const pct_rising_cell *x = a, *y = b;
    return (x->chance > y->chance) - (x->chance < y->chance);
}

static int by_low(const void *a, const void *b) {
    const pct_rising_cell *x = a, *y = b;
    if (x->rises != y->rises) return x->rises ? -1 : 1;
    if (x->low != y->low) return x->low > y->low ? -1 : 1;
    return x->area != y->area ? (x->area > y->area) - (x->area < y->area) : x->block - y->block;
}

static void judge(pct_vector *cells) {
    pct_rising_cell *cell = cells->items;
    size_t rising = 0;
    if (cells->length == 0) return;
    qsort(cell, cells->length, sizeof *cell, by_chance);
    for (size_t i = 0; i < cells->length; i++)
        if (cell[i].chance <= discovery_rate * (double)(i + 1) / (double)cells->length) rising = i + 1;
    for (size_t i = 0; i < rising; i++) cell[i].rises = cell[i].chance <= tail; /* so that low >= 1 */
    qsort(cell, cells->length, sizeof *cell, by_low);
}

pct_status pct_rising_learn(const pct_rising_call *calls, size_t count, uint32_t areas, int64_t day,
                            pct_rising *out, pct_error *error) {
    counts c = {
        .cells = (size_t)areas * PCT_RISING_BLOCKS,
    };
    *out = (pct_rising){.dispersion = 1, .cells = pct_vector_init(sizeof(pct_rising_cell), c.cells)};
    c.calls = pct_alloc_zeroed(c.cells * WEEKS + 1, sizeof *c.calls);
    if (!c.calls) return pct_error_memory(error, c.cells * WEEKS * sizeof *c.calls);
    count_calls(calls, count, day, &c, &out->calls);
    pct_status status = PCT_OK;
    out->history_weeks = c.weeks > PCT_RISING_WEEKS ? c.weeks - PCT_RISING_WEEKS : 0;
    if (out->history_weeks < PCT_RISING_LEAST) goto done;
    out->dispersion = dispersion_of(&c, out->history_weeks);
    for (size_t i = 0; i < c.cells && !status; i++) {
        int64_t recent = sum_weeks(&c, i, 0, PCT_RISING_WEEKS);
        int64_t history = sum_weeks(&c, i, PCT_RISING_WEEKS, PCT_RISING_WEEKS + out->history_weeks);
        if (recent + history < PCT_RISING_CALLS) {
            out->hidden += recent + history > 0;
            continue;
        }
        pct_rising_cell *cell = pct_vector_push(&out->cells);
        if (cell)
            *cell = compare(i, recent, history, out->history_weeks, out->dispersion);
        else
            status = pct_error_memory(error, sizeof *cell);
    }
    judge(&out->cells);
done:
    pct_free(c.calls);
    if (status) pct_rising_dispose(out);
    return status;
}

void pct_rising_dispose(pct_rising *rising) {
    pct_vector_dispose(&rising->cells);
}
