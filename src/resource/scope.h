/* What an account reaches on the board, by the scopes of one right (access/identity.h):
 *
 *     pct_reach reach = pct_reach_of(service, snapshot, &identity, endpoint->scopes);
 *     if (pct_reach_call(&reach, call)) …                                            lists and streams leave out the rest
 *     status = pct_scope_check(exchange, &error);                                     each id that a request names
 *
 * An object that is not reached is answered like one that does not exist: 404, with what would reach it. Numbers tell nobody
 * then which calls there are elsewhere. What the board has forgotten lies in nobody's area and is assigned to nobody: it
 * is reached by scope `site`, and by `area` of an account for the whole site.
 *
 * Costs: making O(1), an object O(areas of the account). No memory. The reach borrows all that it is made of. */
#ifndef PCT_RESOURCE_SCOPE_H
#define PCT_RESOURCE_SCOPE_H

#include "resource/exchange.h"

typedef struct pct_reach {
    const pct_service *service;
    const pct_snapshot *snapshot;
    const pct_identity *identity;
    const pct_role_set *scopes;
    pct_role whole;     /* in which everything is reached; PCT_ROLE_NONE: not everything is */
    pct_unit_id unit;   /* to which the account is bound, in force; seq 0: none */
    pct_order_id order; /* its open order, and that one's incident */
    pct_incident_id incident;
    int64_t in_emergency[PCT_ACCOUNT_GLASS_MAX]; /* incidents of what glass was broken for */
} pct_reach;

pct_reach pct_reach_of(const pct_service *service, const pct_snapshot *snapshot, const pct_identity *identity,
                       const pct_role_set scopes[PCT_SCOPE_COUNT]);
/* Of the endpoint and the identity of an exchange. */
pct_reach pct_reach_of_exchange(const pct_exchange *exchange, const pct_snapshot *snapshot);

bool pct_reach_call(const pct_reach *reach, const pct_desk_call *call);
bool pct_reach_incident(const pct_reach *reach, const pct_desk_incident *incident);
bool pct_reach_order(const pct_reach *reach, const pct_desk_order *order);
bool pct_reach_unit(const pct_reach *reach, const pct_desk_unit *unit);
/* The role in which an object is reached; PCT_ROLE_NONE when it is not, or is not on the board. Closures and what is no
 * object of the board are reached by whoever has the right. */
pct_role pct_reach_role(const pct_reach *reach, pct_id id);

/* Every id of an object of the board in path, query and body is reached; sets exchange->role by the first of them.
 * PCT_NOT_FOUND otherwise; but of a command that this account gave before, under the same key with the same words, which
 * it may hear the answer to again: exchange->repeats then, and nothing is done anew. */
pct_status pct_scope_check(pct_exchange *exchange, pct_error *error) PCT_MUST_USE;
/* What is told of an id beyond the scope: PCT_NOT_FOUND. */
pct_status pct_scope_refuse(const pct_exchange *exchange, pct_text id, pct_error *error) PCT_MUST_USE;

/* Does broken glass or an approved request of this account reach the object? The request is held in exchange->lifted_by; the
 * server lets it go when the exchange ends. */
bool pct_exchange_is_lifted(pct_exchange *exchange, pct_text id);

#endif
