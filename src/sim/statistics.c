#include "sim/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

pct_samples pct_samples_init(size_t max_values) {
    return (pct_samples){.values = pct_vector_init(sizeof(int64_t), max_values), .sorted = true};
}

void pct_samples_dispose(pct_samples *samples) {
    pct_vector_dispose(&samples->values);
    samples->sorted = true;
}

void pct_samples_clear(pct_samples *samples) {
    samples->values.length = 0;
    samples->sorted = true;
}

pct_status pct_samples_reserve(pct_samples *samples, size_t count, pct_error *error) {
    while (samples->values.capacity < count && pct_vector_push(&samples->values)) {
    }
    bool done = samples->values.capacity >= count;
    pct_status status = done ? PCT_OK : pct_vector_failed(&samples->values, PCT_MSG_WHAT_SAMPLES, error);
    pct_samples_clear(samples);
    return status;
}

pct_status pct_samples_add(pct_samples *samples, int64_t value, pct_error *error) {
    int64_t *item = pct_vector_push(&samples->values);
    if (!item) return pct_vector_failed(&samples->values, PCT_MSG_WHAT_SAMPLES, error);
    *item = value;
    samples->sorted = false;
    return PCT_OK;
}

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int64_t pct_samples_quantile(pct_samples *samples, double share) {
    size_t count = samples->values.length;
    if (count == 0) return 0;
    if (!samples->sorted) qsort(samples->values.items, count, sizeof(int64_t), ascending);
    samples->sorted = true;
    /* 0.9 × 10 is a hair above 9 in binary: without the slack it would ask for the tenth value. */
    double rank = ceil(share * (double)count - 1e-9);
    size_t index = rank < 1.0 ? 0 : (size_t)rank - 1;
    if (index >= count) index = count - 1;
    return ((const int64_t *)samples->values.items)[index];
}

pct_summary pct_samples_summary(pct_samples *samples) {
    pct_summary summary = {.count = samples->values.length};
    if (summary.count == 0) return summary;
    summary.p50 = pct_samples_quantile(samples, 0.5);
    summary.p90 = pct_samples_quantile(samples, 0.9);
    summary.max = pct_samples_quantile(samples, 1.0);
    const int64_t *values = samples->values.items;
    long double sum = 0.0L;
    for (size_t i = 0; i < summary.count; i++) sum += (long double)values[i];
    summary.mean = (double)(sum / (long double)summary.count);
    return summary;
}

/* Integral of cos^(df−1) from 0 to angle: Student's distribution with df degrees of freedom is this integral at
 * atan(t ÷ √df), scaled by its value at a right angle. Simpson's rule; the integrand is smooth. */
static double cosine_power_integral(double angle, double df) {
    enum { STEPS = 512 };
    double h = angle / STEPS, sum = 1.0 + pow(cos(angle), df - 1.0);
    for (int i = 1; i < STEPS; i++) sum += pow(cos(i * h), df - 1.0) * (i % 2 ? 4.0 : 2.0);
    return sum * h / 3.0;
}

/* t such that Student's variable lies in (−t, t) with the given probability, by bisection over the angle. */
static double student_t(double probability, double df) {
    const double right_angle = 1.5707963267948966;
    double wanted = probability * cosine_power_integral(right_angle, df);
    double low = 0.0, high = right_angle;
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2.0;
        if (cosine_power_integral(middle, df) < wanted)
            low = middle;
        else
            high = middle;
    }
    return sqrt(df) * tan(low);
}

pct_interval pct_interval_of(const double *values, size_t count, double confidence) {
    pct_interval interval = {0.0, NAN};
    if (count == 0) return interval;
    for (size_t i = 0; i < count; i++) interval.mean += values[i] / (double)count;
    if (count < 2) return interval;
    double squares = 0.0;
    for (size_t i = 0; i < count; i++) squares += (values[i] - interval.mean) * (values[i] - interval.mean);
    double df = (double)count - 1.0;
    interval.half_width = student_t(confidence, df) * sqrt(squares / df / (double)count);
    return interval;
}
