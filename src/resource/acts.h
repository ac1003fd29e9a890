/* What other handlers need of acts of two persons: using one that was approved. */
#ifndef PCT_RESOURCE_ACTS_H
#define PCT_RESOURCE_ACTS_H

#include "resource/exchange.h"

/* Commits act_used for a request that is held; who holds it lets it go after. Blocks for one commit. */
pct_status pct_act_use(pct_exchange *exchange, const pct_request *request, pct_error *error) PCT_MUST_USE;
/* Roles and areas of the body, into the event's data. */
pct_status pct_resource_read_entitling(pct_exchange *exchange, pct_event_account_entitled *data,
                                       pct_error *error) PCT_MUST_USE;

#endif
