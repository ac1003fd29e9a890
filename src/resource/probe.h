/* The synthetic call: every PCT_PROBE_EVERY_MS one goes the way of a call, and whoever waits in vain for it says so before a
 * caller does.
 *
 *   POST /api/v1/calls, by HTTP, as a console sends it, with a token in place of a session
 *     ─► checks ─► lane of calls ─► the writer's transaction: a key made (and destroyed) in keys.db, the event encoded, sealed,
 *        hashed and opened again, stored as a document ─► both syncs ─► read back by a reader ─► reply
 *     ─► at the same time an entry of the spool: written, synced, wiped, synced
 *   GET of the listener for devices ─► parsed as a report
 *   the time of the last one that came through ─► stream, /metrics, /healthz
 *
 * It is no event: three million a year that say nothing would lie in the log for ever, and nothing may be taken out of the
 * log. One document takes the place of the one before; it is on no board, in no table and no statistic, and it expires
 * after a day. See docs/decisions/0033. */
#ifndef PCT_RESOURCE_PROBE_H
#define PCT_RESOURCE_PROBE_H

#include "desk/intake.h"

enum { PCT_PROBE_EVERY_MS = 10000, PCT_PROBE_LATE_MS = 2 * PCT_PROBE_EVERY_MS, PCT_PROBE_TOKEN = 32 };

#define PCT_PROBE_HEADER "Precinct-Synthetic"

typedef enum pct_way { PCT_WAY_RECORD, PCT_WAY_SPOOL, PCT_WAY_POSITIONS, PCT_WAY_COUNT } pct_way;
extern const char *const pct_way_names[PCT_WAY_COUNT];

typedef struct pct_probe pct_probe;
struct pct_exchange;

typedef struct pct_way_view {
    int64_t gone, failed, last_us; /* how often; how long the last that came through took */
    int64_t ago_ms;                /* since the last that came through, or since the beginning */
    int64_t at_ms;                 /* by the wall; 0: never */
} pct_way_view;

pct_status pct_probe_new(int64_t (*wall_ms)(void), pct_probe **out, pct_error *error) PCT_MUST_USE;
void pct_probe_free(pct_probe *probe);
/* PCT_PROBE_TOKEN characters. */
const char *pct_probe_token(const pct_probe *probe);
/* Is this header the token's? In constant time. NULL: nobody probes. */
bool pct_probe_knows(const pct_probe *probe, pct_text header);
void pct_probe_begin(pct_probe *probe, pct_way way);
void pct_probe_end(pct_probe *probe, pct_way way, bool well);
pct_way_view pct_probe_look(const pct_probe *probe, pct_way way);
/* Nothing came through this way within PCT_PROBE_LATE_MS. NULL: false. Any thread. */
bool pct_probe_is_late(const pct_probe *probe, pct_way way);

/* A call that came with the token, instead of the desk: it is suspended and answered as a call is. */
pct_status pct_resource_take_synthetic(struct pct_exchange *exchange, const pct_command *command,
                                       pct_error *error) PCT_MUST_USE;

#endif
