/* Discrete-event kernel: a clock and the queue of what is still to happen.
 *
 *     pct_kernel *kernel;
 *     status = pct_kernel_new(start_ms, 1 << 20, &kernel, error);          // at most 2^20 events pending
 *     status = pct_kernel_schedule(kernel, at_ms, ARRIVE, unit, &handle, error);
 *     (void)pct_kernel_cancel(kernel, handle);                             // false: it has already happened
 *     while (pct_kernel_next(kernel, &event)) …                            // the clock stands at event.at_ms
 *     pct_kernel_free(kernel);
 *
 * Time is whole milliseconds and never runs backward. Events of one time happen in the order in which they were
 * scheduled, so that a run is repeatable. A kernel knows nothing of what the kinds and objects mean.
 *
 * Costs: schedule and next O(log n), cancel O(1) amortised. Memory: 32 bytes per pending event; it grows by
 * doubling up to the stated maximum and not at all after pct_kernel_reserve. */
#ifndef PCT_SIM_KERNEL_H
#define PCT_SIM_KERNEL_H

#include <stdbool.h>

#include "base/status.h"

enum { PCT_KERNEL_PENDING_MAX = 1 << 24 };

typedef struct pct_kernel pct_kernel;

/* Names one scheduled event for cancelling; 0 names none. */
typedef uint64_t pct_kernel_handle;

typedef struct pct_kernel_event {
    int64_t at_ms;
    uint32_t kind, object;
} pct_kernel_event;

pct_status pct_kernel_new(int64_t start_ms, size_t pending_max, pct_kernel **out,
                          pct_error *error) PCT_MUST_USE;
void pct_kernel_free(pct_kernel *kernel);
/* Makes room for `pending` events at once. */
pct_status pct_kernel_reserve(pct_kernel *kernel, size_t pending, pct_error *error) PCT_MUST_USE;
/* A time before the clock's is PCT_MISUSE; beyond the maximum PCT_LIMIT. `handle` may be NULL. */
pct_status pct_kernel_schedule(pct_kernel *kernel, int64_t at_ms, uint32_t kind, uint32_t object,
                               pct_kernel_handle *handle, pct_error *error) PCT_MUST_USE;
/* True when the event was pending; it will not happen. Old handles are harmless. */
bool pct_kernel_cancel(pct_kernel *kernel, pct_kernel_handle handle);
/* Takes the next event and sets the clock to it; false when nothing is pending. */
bool pct_kernel_next(pct_kernel *kernel, pct_kernel_event *out);

/* When the next event is due; INT64_MAX when nothing is pending. Drops what was cancelled before it. */
int64_t pct_kernel_next_at_ms(pct_kernel *kernel);

int64_t pct_kernel_now_ms(const pct_kernel *kernel);
size_t pct_kernel_pending(const pct_kernel *kernel);
uint64_t pct_kernel_happened(const pct_kernel *kernel); /* events taken so far */

#endif
