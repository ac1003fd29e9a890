/* What each account may do, as the record says: rights follow from events alone (account_added, account_entitled, …), so
 * that nobody gives himself a right by writing to accounts.db, which keeps passwords and sessions.
 *
 *     events ──load, follow──► rights ──identity──► each request
 *
 *     change:  hold(name) ─► event, commit ─► follow(event), let_go(name)       one change of an account at a time
 *
 * The version counts up with every change: who keeps something open (a stream) asks again when it has moved. Everything
 * here may be called by any thread; a look-up is O(1) expected and copies 1.5 kB. Memory: about 200 bytes an account.
 * Free accepts NULL. */
#ifndef PCT_ACCESS_RIGHTS_H
#define PCT_ACCESS_RIGHTS_H

#include "access/identity.h"
#include "store/store.h"

enum { PCT_ACCOUNTS_MAX = 100000 };

typedef struct pct_rights pct_rights;

/* An account as it stands; texts hold until the next change. */
typedef struct pct_account_rights {
    pct_text name, areas;
    pct_account_id id;
    int64_t changed_seq;      /* of the last event about it */
    pct_role_set roles, ever; /* ever: all that it held at any time */
    pct_unit_id unit;
    int64_t unit_since_ms;
    pct_incident_id incidents[PCT_ACCOUNT_INCIDENTS_MAX];
    uint32_t incident_count;
    bool disabled;
} pct_account_rights;

pct_status pct_rights_new(pct_rights **out, pct_error *error) PCT_MUST_USE;
void pct_rights_free(pct_rights *rights);
/* From the events of a record. O(their number). */
pct_status pct_rights_load(pct_rights *rights, pct_store *store, pct_error *error) PCT_MUST_USE;
/* One more event, after its commit; those of other kinds are passed over. */
pct_status pct_rights_follow(pct_rights *rights, const pct_event *event, pct_error *error) PCT_MUST_USE;

bool pct_rights_are_empty(const pct_rights *rights); /* the record knows no account yet */
int64_t pct_rights_version(const pct_rights *rights);
/* Fills what the record says of identity->account, narrowed by identity->narrowed_to. PCT_REFUSED for an account that it
 * does not know or that is disabled. */
pct_status pct_rights_fill(pct_rights *rights, pct_identity *identity, pct_error *error) PCT_MUST_USE;

/* Is there an enabled account that holds one of the roles, other than these two (NULL: nobody)? */
bool pct_rights_somebody_else(pct_rights *rights, pct_role_set roles, const char *not_this,
                              const char *nor_this);

/* Keeps others from changing the account until it is let go: PCT_BUSY when somebody does already. *out: as it stands, with
 * id.seq 0 when the record does not know it. */
pct_status pct_rights_hold(pct_rights *rights, pct_text name, pct_account_rights *out,
                           pct_error *error) PCT_MUST_USE;
void pct_rights_let_go(pct_rights *rights, pct_text name);

/* In order of making; the row holds for the call. */
void pct_rights_each(pct_rights *rights, void (*take)(void *context, const pct_account_rights *account),
                     void *context);

/* Roles as an event lists them; room for 16. */
pct_role_set pct_roles_of_codes(const pct_text *codes, uint32_t count);
uint32_t pct_roles_as_codes(pct_role_set roles, pct_text *codes);

#endif
