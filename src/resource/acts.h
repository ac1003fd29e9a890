/* What other handlers need of acts of two persons: using one that was approved. */
#ifndef PCT_RESOURCE_ACTS_H
#define PCT_RESOURCE_ACTS_H

#include "resource/exchange.h"

/* Which roles may approve that a key is destroyed. */
#define PCT_ROLES_APPROVE_ERASING (1u << PCT_ROLE_AUDIT_ADMIN | 1u << PCT_ROLE_OVERSIGHT)
enum { PCT_ERASE_REASON_MAX = 200 };

typedef struct pct_act_asking {
    pct_act act;
    pct_erased_class class; /* NONE: all */
    pct_text subject, actor, purpose;
    pct_role role;
} pct_act_asking;

/* Asks for an act about an object for somebody who is not signed in: the command line. Blocks for one commit. */
pct_status pct_act_ask(pct_service *service, const pct_act_asking *asking, pct_id *made,
                       pct_error *error) PCT_MUST_USE;
/* Commits act_used for a request that is held; who holds it lets it go after. Blocks for one commit. */
pct_status pct_act_use(pct_exchange *exchange, const pct_request *request, pct_error *error) PCT_MUST_USE;
/* Roles and areas of the body, into the event's data. */
pct_status pct_resource_read_entitling(pct_exchange *exchange, pct_event_account_entitled *data,
                                       pct_error *error) PCT_MUST_USE;

#endif
