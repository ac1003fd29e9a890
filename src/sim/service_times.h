/* How long units take, by type and priority: read from an editable table (definitions/service_times.csv).
 *
 *     type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,on_scene_mean_s,on_scene_cv,…
 *     *,,10,0.8,90,0.4,1500,0.9,300,0.8
 *     *,1,5,0.8,45,0.4,,,,
 *     burglary,,,,,,2700,0.8,900,0.8
 *
 * Each duration is gamma-distributed by its mean and coefficient of variation: 0 is a fixed time, 1 exponential.
 * A row holds for its type and priority; `*` or an empty priority means all. A duration that a row leaves empty
 * (mean and variation) comes from the next more general one: type and priority, type, priority, all.
 * The row for all must be there and complete. Rows may stand in any order.
 *
 * Reading costs O(rows + types); looking up O(1). Memory: one row per type and priority. */
#ifndef PCT_SIM_SERVICE_TIMES_H
#define PCT_SIM_SERVICE_TIMES_H

#include "base/rng.h"
#include "dispatch/codes.h"

typedef enum pct_service_phase {
    PCT_SERVICE_ACKNOWLEDGE, /* order sent → acknowledged */
    PCT_SERVICE_TURNOUT,     /* acknowledged → set out, from a standing unit */
    PCT_SERVICE_ON_SCENE,    /* arrived → reported */
    PCT_SERVICE_REPORT,      /* reported → order closed */
    PCT_SERVICE_PHASE_COUNT
} pct_service_phase;

typedef struct pct_service_time {
    double mean_s, cv;
} pct_service_time;

typedef struct pct_service_times pct_service_times;

/* `codes` is used while reading only. Errors name the file, the line and the column. */
pct_status pct_service_times_read(const char *file, pct_text bytes, const pct_codes *codes,
                                  pct_service_times **out, pct_error *error) PCT_MUST_USE;
void pct_service_times_free(pct_service_times *times);

/* type below the number of types that were read with; priority 1 … 4. */
pct_service_time pct_service_times_get(const pct_service_times *times, uint32_t type, int priority,
                                       pct_service_phase phase);
/* A draw in whole milliseconds, at least 0. */
int64_t pct_service_time_draw_ms(pct_service_time time, pct_rng *rng);

#endif
