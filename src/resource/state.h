/* In which state the service is: what a dispatcher must know before anything else, in one word, and why.
 *
 *     normal       calls go into the record
 *     log_damaged  they do; somewhere in the log stands what was not written so
 *     spool        the record cannot be written: calls are kept in the spool, nothing else is taken
 *     unproven     synthetic calls do not come through (resource/probe.h)
 *     stopped      no call can be kept
 *
 * Others are the console's own to know: offline (nothing is heard of the service) and paper. With a cluster come wire down and
 * single; a service without a standby has none to lose, and says neither. */
#ifndef PCT_RESOURCE_STATE_H
#define PCT_RESOURCE_STATE_H

#include "base/json.h"
#include "resource/service.h"

typedef enum pct_running {
    PCT_RUNNING_NORMAL,
    PCT_RUNNING_LOG_DAMAGED,
    PCT_RUNNING_SPOOL,
    PCT_RUNNING_UNPROVEN,
    PCT_RUNNING_STOPPED,
    PCT_RUNNING_COUNT
} pct_running;
extern const char *const pct_running_names[PCT_RUNNING_COUNT];
extern const char *const pct_lane_names[PCT_LANE_COUNT];

typedef struct pct_state_view {
    pct_running running;
    pct_spool_reason reason; /* NOT_USED: none */
    unsigned shedding;       /* bit 1 << lane: turned somebody away within PCT_SHED_SHOWN_MS */
    pct_tracks_state tracks;
    int64_t first_bad; /* of the log; 0: none */
    int64_t pending, oldest_ms;
    int64_t proved_ms; /* when a synthetic call last came through to the record; 0: never */
} pct_state_view;

enum { PCT_SHED_SHOWN_MS = 10000 };

/* Any thread. O(1). */
pct_state_view pct_state_look(const pct_service *service);
/* Is it another state, as a reader sees it? Numbers that move by themselves do not count. */
bool pct_state_differs(const pct_state_view *a, const pct_state_view *b);
/* Its members, into an object that was begun. */
void pct_state_write(const pct_service *service, const pct_state_view *state, pct_json_writer *json);

#endif
