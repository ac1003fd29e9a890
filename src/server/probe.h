/* The thread that sends synthetic calls (resource/probe.h): by HTTP, to the addresses that consoles and devices use. A way that
 * does not answer within a few seconds counts as failed. */
#ifndef PCT_SERVER_PROBE_H
#define PCT_SERVER_PROBE_H

#include "resource/service.h"

typedef struct pct_prober pct_prober;

typedef struct pct_prober_options {
    pct_service *service; /* with its probe */
    const char *address;
    uint16_t port, positions_port;
    bool tls;         /* both speak it */
    const char *type; /* a code of incident types; must live as long */
} pct_prober_options;

pct_status pct_prober_start(const pct_prober_options *options, pct_prober **out,
                            pct_error *error) PCT_MUST_USE;
void pct_prober_stop(pct_prober *prober); /* NULL is accepted */

#endif
