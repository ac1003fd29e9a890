/* The shipped definitions (definitions/: speeds, codes, rates, times), held in the binary. A site gets a copy that
 * its people edit; what a site does not have is taken from here. */
#ifndef PCT_SITE_DEFINITION_H
#define PCT_SITE_DEFINITION_H

#include "base/status.h"

typedef struct pct_definition {
    const char *name; /* "speeds.csv", "codes/incident_types.csv" */
    pct_text bytes;
} pct_definition;

/* All of them by name; the last has name NULL. */
extern const pct_definition pct_definitions[];

#endif
