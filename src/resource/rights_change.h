/* Changes of rights: checked against what the record says of the account, written to the record as an event, and in force
 * with its commit. One change of an account at a time; the rules:
 *
 *     a name is given once; nobody changes their own rights; a disabled account stays so
 *     the three administrators exclude each other, over time too: who has been one becomes no other
 *     a new administrator needs two persons (an approved request), as soon as there is anybody who could approve
 *     areas are those of the site's map; an account is bound to a unit on duty, from then to its sign-off */
#ifndef PCT_RESOURCE_RIGHTS_CHANGE_H
#define PCT_RESOURCE_RIGHTS_CHANGE_H

#include "resource/service.h"

typedef struct pct_rights_change {
    pct_command command; /* ADD_ACCOUNT … RELEASE_ACCOUNT; its texts are copied */
    pct_text actor, purpose, key;
    pct_role role;
    int64_t cause;                            /* seq of the event that led to it; 0: none */
    bool two_persons;                         /* another has approved it */
    unsigned char body[PCT_STORE_HASH_BYTES]; /* with a key */
} pct_rights_change;

/* Which roles may approve a new administrator. */
#define PCT_ROLES_APPROVE_ADMINISTRATOR (1u << PCT_ROLE_SECURITY_ADMIN | 1u << PCT_ROLE_OVERSIGHT)

/* `done` is called by the writer when the change is in force, or refused; not when this fails. */
pct_status pct_rights_change_submit(pct_service *service, const pct_rights_change *change,
                                    pct_desk_done *done, void *context, pct_error *error) PCT_MUST_USE;
/* The same and waits, on a desk that was started; then ends the sessions of a disabled account. */
pct_status pct_rights_change_and_wait(pct_service *service, const pct_rights_change *change, pct_id *made,
                                      pct_error *error) PCT_MUST_USE;
/* What belongs into accounts.db, after a change that was taken. */
pct_status pct_rights_change_finish(pct_service *service, const pct_command *command,
                                    pct_error *error) PCT_MUST_USE;
/* A record that knows no account yet takes over those of accounts.db, by events of the system; `except`: not this one (NULL:
 * all). */
pct_status pct_rights_adopt(pct_service *service, const char *except, pct_error *error) PCT_MUST_USE;

#endif
