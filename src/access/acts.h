/* Acts that need two persons, and glass broken in an emergency: what was asked for, approved, used and reviewed, from events
 * alone (act_requested, …, break_glass_opened, …).
 *
 *     request   waiting ──► approved ──► used              each step once, by another person where it says so
 *                  │ └────► refused
 *                  └─ lapses after decide_ms;  approved lapses after use_ms
 *     glass     open for PCT_GLASS_MS, for one object; unreviewed until another role has looked at it
 *
 * Which acts there are is one table; an act that is not in it cannot be asked for. All functions may be called by any
 * thread. Look-ups are O(requests of the last day, or glass not reviewed). Memory: about 400 bytes a request. */
#ifndef PCT_ACCESS_ACTS_H
#define PCT_ACCESS_ACTS_H

#include "access/identity.h"
#include "store/store.h"

#define PCT_GLASS_MS (INT64_C(60) * 60000)

typedef struct pct_act_row {
    pct_role_set ask, approve;
    int64_t decide_ms, use_ms; /* how long a request waits; how long an approved one may be used */
    const char *kinds;         /* letters of objects it may be about; NULL: an account, or a class */
    bool of_class;             /* about a class of sealed data */
    bool for_case;             /* a case must be named */
    bool at_approval;          /* runs when it is approved; otherwise who asked uses it */
} pct_act_row;
extern const pct_act_row pct_act_rows[PCT_ACT_COUNT];

typedef enum pct_request_status {
    PCT_REQUEST_WAITING,
    PCT_REQUEST_APPROVED,
    PCT_REQUEST_REFUSED,
    PCT_REQUEST_USED,
    PCT_REQUEST_LAPSED, /* its time is over; not an event */
    PCT_REQUEST_STATUS_COUNT
} pct_request_status;
extern const char *const pct_request_status_names[PCT_REQUEST_STATUS_COUNT];

/* Texts hold as long as the acts. */
typedef struct pct_request {
    pct_request_id id;
    pct_act act;
    pct_request_status status;
    pct_role role;          /* in which it was asked */
    pct_role_set roles;     /* to grant */
    int32_t days;           /* of a period; 0: none */
    pct_erased_class class; /* to destroy; NONE: all */
    int64_t asked_at_ms, decided_at_ms, from_ms, until_ms;
    pct_text subject, for_case, areas, actor, purpose, decided_by;
} pct_request;

typedef struct pct_glass {
    pct_break_glass_id id;
    pct_id subject;
    pct_role role;
    pct_verdict verdict; /* NONE: not reviewed yet */
    int64_t opened_at_ms;
    pct_text actor, purpose, reviewed_by;
} pct_glass;

typedef struct pct_acts pct_acts;

pct_status pct_acts_new(pct_acts **out, pct_error *error) PCT_MUST_USE;
void pct_acts_free(pct_acts *acts);
pct_status pct_acts_load(pct_acts *acts, pct_store *store, pct_error *error) PCT_MUST_USE;
/* One more event, after its commit; those of other kinds are passed over. */
pct_status pct_acts_follow(pct_acts *acts, const pct_event *event, pct_error *error) PCT_MUST_USE;

/* The status at a time: what waits or is approved lapses. */
pct_request_status pct_request_status_at(const pct_request *request, int64_t now_ms);
/* Keeps others from deciding or using it until it is let go. PCT_NOT_FOUND; PCT_BUSY; PCT_REFUSED when it is not `wanted`. */
pct_status pct_acts_hold(pct_acts *acts, pct_request_id id, pct_request_status wanted, int64_t now_ms,
                         pct_request *out, pct_error *error) PCT_MUST_USE;
/* An approved one of this account, for this act and object, held; false when there is none. */
bool pct_acts_hold_approved(pct_acts *acts, pct_act act, const char *account, pct_text subject,
                            int64_t now_ms, pct_request *out);
void pct_acts_let_go(pct_acts *acts, pct_request_id id);
bool pct_acts_glass(pct_acts *acts, pct_break_glass_id id, pct_glass *out);
/* What an account has broken glass for and may still reach: into identity->glass. */
void pct_acts_fill(pct_acts *acts, pct_identity *identity, int64_t now_ms);

/* The newest first, until `take` returns false. */
void pct_acts_each_request(pct_acts *acts, bool (*take)(void *context, const pct_request *request),
                           void *context);
void pct_acts_each_glass(pct_acts *acts, bool (*take)(void *context, const pct_glass *glass), void *context);
void pct_acts_count(pct_acts *acts, int64_t now_ms, int64_t *waiting, int64_t *unreviewed);

#endif
