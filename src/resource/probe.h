/* The synthetic call: every PCT_PROBE_EVERY_MS one goes the way of a call, and one the way of a position, and whoever waits in
 * vain for them says so before a caller does. See docs/decisions/0033. */
#ifndef PCT_RESOURCE_PROBE_H
#define PCT_RESOURCE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

enum { PCT_PROBE_EVERY_MS = 10000, PCT_PROBE_LATE_MS = 2 * PCT_PROBE_EVERY_MS };

typedef struct pct_probe pct_probe;

/* None of its ways was gone within two periods. NULL: nobody probes. Any thread. */
bool pct_probe_is_late(const pct_probe *probe);

#endif
