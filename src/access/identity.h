/* Who asks, and how far their rights reach. A right is given to a role with a scope:
 *
 *     site       every object
 *     area       objects in the areas of the account; an account without areas works for the whole site, and what lies in
 *                no known area concerns everybody: a call is never lost because nobody may see it
 *     assigned   the unit that the account is bound to, its open order, that order's incident and its calls; and the
 *                incidents that were assigned to the account by name
 *     own        what the account itself made
 *
 * What no scope admits is denied. All O(areas of the account), no memory. */
#ifndef PCT_ACCESS_IDENTITY_H
#define PCT_ACCESS_IDENTITY_H

#include "access/roles.h"

enum {
    PCT_ACCOUNT_NAME_MAX = 32,
    PCT_ACCOUNT_AREAS_MAX = 1200,   /* bytes of all names, ';' between them */
    PCT_ACCOUNT_INCIDENTS_MAX = 16, /* assigned at a time */
    PCT_ACCOUNT_GLASS_MAX = 4       /* broken at a time, in an emergency: the newest */
};

typedef enum pct_scope {
    PCT_SCOPE_SITE,
    PCT_SCOPE_AREA,
    PCT_SCOPE_ASSIGNED,
    PCT_SCOPE_OWN,
    PCT_SCOPE_COUNT
} pct_scope;
extern const char *const pct_scope_names[PCT_SCOPE_COUNT];

/* How somebody signed in. */
typedef enum pct_signed_by {
    PCT_SIGNED_BY_PASSWORD,
    PCT_SIGNED_BY_CODE, /* a password and a second factor */
    PCT_SIGNED_BY_TOKEN,
    PCT_SIGNED_BY_PROVIDER,
    PCT_SIGNED_BY_COUNT
} pct_signed_by;

extern const char *const pct_signed_by_names[PCT_SIGNED_BY_COUNT];

typedef struct pct_identity {
    char account[PCT_ACCOUNT_NAME_MAX + 1];
    pct_role_set roles;       /* in force: those of the account, narrowed by what it signed in with */
    pct_role_set narrowed_to; /* by a token; 0: not narrowed */
    bool reads_only;          /* a token that changes nothing */
    int64_t expires_at_ms;    /* of the session */
    int64_t session;          /* a number that tells sessions apart; of no use to sign in with */
    int64_t changed_seq;      /* of the event that last changed the account's rights */
    pct_signed_by signed_by;
    pct_unit_id unit; /* bound to it; counts while it is on duty since before `unit_since_ms` */
    int64_t unit_since_ms;
    pct_incident_id incidents[PCT_ACCOUNT_INCIDENTS_MAX]; /* assigned */
    uint32_t incident_count;
    pct_id glass[PCT_ACCOUNT_GLASS_MAX]; /* reached in an emergency */
    uint32_t glass_count;
    char areas[PCT_ACCOUNT_AREAS_MAX + 1]; /* "东河所;西河所"; empty: the whole site */
} pct_identity;

/* What of an object decides about rights to it. */
typedef struct pct_object_facts {
    pct_text areas[2]; /* an order lies in its incident's and in its unit's; empty: not known */
    bool assigned, own;
    bool broken_glass; /* in an emergency the scope, not the role, is left aside (break-glass) */
} pct_object_facts;

/* Is one of the object's areas among those of the account? */
bool pct_identity_has_area(const pct_identity *identity, const pct_object_facts *object);
/* The role in which the object may be used by a right given in `scopes` (a set of roles for each scope): the first that is
 * held and reaches it; PCT_ROLE_NONE when denied. */
pct_role pct_access_role_in(const pct_identity *identity, const pct_role_set scopes[PCT_SCOPE_COUNT],
                            const pct_object_facts *object);
/* The role in which the right reaches all objects of the site; PCT_ROLE_NONE when it does not, and lists are filtered. */
pct_role pct_access_whole_role(const pct_identity *identity, const pct_role_set scopes[PCT_SCOPE_COUNT]);

#endif
