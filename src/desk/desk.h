/* The desk: the running service without HTTP. Commands in, events out; one writer.
 *
 *   any thread                          the writer                                      any thread
 *   submit ─► lane: calls       ┐                                                    ┌─► done(reply), after the commit
 *             lane: dispatch    │   step: decide ─► apply ─► seal ─► tables          ├─► snapshot (immutable)
 *             lane: look-ups    ├─►   one transaction for the whole group ─► commit ─┼─► notices (by seq)
 *             lane: positions   │        ▲                                           └─► on_publish
 *             lane: reports     ┘        └── deadlines that are due at clock()
 *
 * Order of calls: open, then either step() from one thread (tests, command line), or start() … stop(): a thread that
 * steps. Everything marked (any thread) may be called at any time between open and close.
 *
 * What a reply says is on disk: PCT_OK is given after the commit of its group, never before. The same account, key and
 * body get the same reply again, 30 days long (`repeated`); another body under the same key is PCT_CHECK_FAILED with
 * desk_key_reused. Refusals are not kept: they changed nothing, and the same request may be allowed later.
 *
 * Failures of the disk: a full disk refuses its group (PCT_LIMIT), nothing is lost, and the desk tries again with the next
 * group; after any other failure the desk stops acknowledging (PCT_IO, desk_stopped) until it is closed and opened again.
 *
 * Costs: a group of n commands is n decisions, two syncs when it has new sealed objects, else one; publishing copies the
 * records that changed (and 64 records around each) and one pointer for each 64 records of the board. Memory: bounded by
 * the lanes, the ring of notices, and the board, which forgets incidents a day after their end. */
#ifndef PCT_DESK_DESK_H
#define PCT_DESK_DESK_H

#include "dispatch/board.h"
#include "ledger/crypto.h"
#include "store/store.h"

typedef enum pct_lane {
    PCT_LANE_CALLS, /* never shed */
    PCT_LANE_DISPATCH,
    PCT_LANE_LOOKUPS,
    PCT_LANE_POSITIONS,
    PCT_LANE_REPORTS, /* shed first */
    PCT_LANE_COUNT
} pct_lane;

typedef struct pct_desk pct_desk;

typedef struct pct_retention_plan pct_retention_plan; /* desk/retention.h */

typedef struct pct_desk_options {
    pct_store *store;                   /* a writer's; borrowed until close */
    const pct_codes *codes;             /* borrowed */
    const pct_board_settings *board;    /* NULL: the defaults */
    int64_t (*clock_ms)(void *context); /* UTC; NULL: the system's */
    /* How long by the wall until that clock shows `until_ms`, INT64_MAX: it stands; NULL: it goes as the wall's does. */
    int64_t (*sleep_ms)(void *context, int64_t until_ms);
    void *context;                       /* of the clock */
    const pct_random *random;            /* of keys and nonces; NULL: the system's */
    const pct_retention_plan *retention; /* borrowed; NULL: nothing goes by its age unless asked for */
    int64_t epoch, map_version;
    uint32_t group_max; /* commands in one transaction; 0: 256 */
    uint32_t
        save_every; /* events after which the board is saved; 0: 50,000; UINT32_MAX: never, when it closes neither */
} pct_desk_options;

/* Makes the board: from the one that was saved and the events behind it, or from all events when it cannot be used. Calls
 * are taken at once. The log is not verified here; `precinct log verify` does. Closing saves the board. */
pct_status pct_desk_open(const pct_desk_options *options, pct_desk **out, pct_error *error) PCT_MUST_USE;
/* Stops first when it runs. What still waits is answered PCT_BUSY. */
void pct_desk_close(pct_desk *desk);

pct_status pct_desk_start(pct_desk *desk, pct_error *error) PCT_MUST_USE;
void pct_desk_stop(pct_desk *desk);
/* Its thread looks at the clock again: whoever changes how fast the clock goes says so (any thread). */
void pct_desk_wake(pct_desk *desk);
/* One group: what waits (calls first), and what is due. *handled: how many commands, jobs and reminders it had. Fails as
 * the store failed; those who wait have been told. */
pct_status pct_desk_step(pct_desk *desk, size_t *handled, pct_error *error) PCT_MUST_USE;
/* When a step has something to do although nobody submits; INT64_MAX: never. */
int64_t pct_desk_next_due_ms(pct_desk *desk);

/* Drops the derived tables, and the saved board, and makes them and the board again from the events and the keys that still
 * exist, in one transaction. On a started desk the writer does it between two groups, and commands wait. O(events). */
pct_status pct_desk_rebuild(pct_desk *desk, pct_error *error) PCT_MUST_USE;

/* The record afresh, after a failure that stopped the desk (any thread; on a desk that works, too): `swap` closes the store
 * that was the desk's and gives one that was opened anew. The desk reads the board again and goes on. After a failure it
 * stays stopped; ask again later. *out of swap may be NULL with a failure. */
typedef pct_status pct_desk_swap(void *context, pct_store **out, pct_error *error);
pct_status pct_desk_reopen(pct_desk *desk, pct_desk_swap *swap, void *context, pct_error *error) PCT_MUST_USE;

typedef struct pct_erasure {
    pct_id object;          /* a call, an incident or an order */
    pct_erased_class class; /* of retention; NONE: all */
    pct_text account, purpose;
    pct_role role;
} pct_erasure;

/* Destroys the keys of an object for good, empties its sealed columns and both logs; an event says so. *keys: how many were
 * there. PCT_NOT_FOUND: the record has no such object. PCT_BUSY: erased, but a reader is in the middle of something and the
 * logs could not be emptied; ask again. On a started desk the writer does it between two groups. */
pct_status pct_desk_erase(pct_desk *desk, const pct_erasure *erasure, int64_t *keys,
                          pct_error *error) PCT_MUST_USE;

/* --- submitting (any thread) ------------------------------------------------------------------------------------- */

struct pct_snapshot;
/* Asked by the writer just before it decides a command, with what the command will meet, its own group's changes included:
 * is the client's view still so? A failure refuses the command. Be quick, and do not call the desk. */
typedef pct_status pct_desk_still(void *context, const struct pct_snapshot *snapshot, pct_error *error);

enum { PCT_DESK_ALSO_MAX = 15 };
typedef struct pct_desk_request {
    pct_lane lane;
    pct_command command;                      /* all texts are copied */
    pct_text account;                         /* who; required */
    pct_text purpose, key;                    /* may be empty; key: the client's Idempotency-Key */
    unsigned char body[PCT_STORE_HASH_BYTES]; /* digest of the request as it came in; only with a key */
    pct_role role;
    int64_t occurred_at_ms, cause; /* 0: now, none */
    const pct_command *also;       /* [also_count] decided with the command, all of them or none */
    size_t also_count;
    pct_desk_still *still; /* NULL: nothing is asked; not asked when the reply is an earlier one */
    void *still_context;
} pct_desk_request;

typedef struct pct_desk_reply {
    pct_status status;
    pct_id object;               /* what the command made, or was about */
    int64_t first_seq, last_seq; /* of its events */
    bool repeated;               /* an earlier reply, given again */
    int64_t receipt,
        kept_at_ms; /* kept in the spool under this number (desk/intake.h), not in the record; 0: in the record */
    const pct_error *error; /* NULL when status is PCT_OK; holds until done returns */
} pct_desk_reply;

/* Called once, by the writer, after the commit (or the refusal). Must not call step, stop or close. */
typedef void pct_desk_done(void *context, const pct_desk_reply *reply);

/* PCT_BUSY (desk_shed) when the lane takes no more: the caller says 503 and Retry-After; `done` is not called then. */
pct_status pct_desk_submit(pct_desk *desk, const pct_desk_request *request, pct_desk_done *done,
                           void *context, pct_error *error) PCT_MUST_USE;
/* The same and waits, on a desk that was started. `out->error` is NULL; *error says what was refused. */
pct_status pct_desk_submit_and_wait(pct_desk *desk, const pct_desk_request *request, pct_desk_reply *out,
                                    pct_error *error) PCT_MUST_USE;

/* Work of another module inside the writer's transaction: documents (accounts, sessions, devices) above all. When it
 * fails, what it wrote is given up and the rest of the group is not touched. */
typedef pct_status pct_desk_job(void *context, pct_store *store, int64_t now_ms, pct_error *error);
pct_status pct_desk_submit_job(pct_desk *desk, pct_lane lane, pct_desk_job *job, pct_desk_done *done,
                               void *context, pct_error *error) PCT_MUST_USE;
pct_status pct_desk_run_job(pct_desk *desk, pct_lane lane, pct_desk_job *job, void *context,
                            pct_error *error) PCT_MUST_USE; /* and waits */

/* The events of an object with what they seal, opened with the keys that still exist; only within a job. The event holds
 * until the visitor returns, its texts as long. O(events of the object). */
typedef pct_status pct_opened_visitor(void *context, const pct_event *event, const pct_event_sealing *sealing,
                                      pct_error *error);
pct_status pct_desk_each_opened_event(pct_desk *desk, pct_id object, pct_opened_visitor *visit, void *context,
                                      pct_error *error) PCT_MUST_USE;

/* --- looking (any thread) ---------------------------------------------------------------------------------------- */

/* The board as it was after a commit. Records carry the texts that the board keeps as numbers. */
typedef struct pct_desk_call {
    pct_call call;
    pct_text type, area; /* area: empty when it is not known */
} pct_desk_call;
typedef struct pct_desk_incident {
    pct_incident incident;
    pct_text type, found_type, area; /* found_type, area: empty when not known */
} pct_desk_incident;
typedef struct pct_desk_order {
    pct_order order;
} pct_desk_order;
typedef struct pct_desk_unit {
    pct_unit unit; /* its name and station hold as long as the snapshot */
} pct_desk_unit;
typedef struct pct_desk_closure {
    pct_closure closure; /* its author holds as long as the snapshot; `next` is 0 */
} pct_desk_closure;

typedef struct pct_snapshot pct_snapshot;

/* The newest; never NULL. Give each back. O(1). */
const pct_snapshot *pct_desk_snapshot(pct_desk *desk);
void pct_snapshot_release(const pct_snapshot *snapshot);
int64_t pct_snapshot_seq(const pct_snapshot *snapshot);   /* of the last event in it */
int64_t pct_snapshot_at_ms(const pct_snapshot *snapshot); /* when it was published */
const pct_board_counts *pct_snapshot_counts(const pct_snapshot *snapshot);
/* NULL when the board does not have it (any more). O(log n). */
const pct_desk_call *pct_snapshot_call(const pct_snapshot *snapshot, pct_call_id id);
const pct_desk_incident *pct_snapshot_incident(const pct_snapshot *snapshot, pct_incident_id id);
const pct_desk_order *pct_snapshot_order(const pct_snapshot *snapshot, pct_order_id id);
const pct_desk_unit *pct_snapshot_unit(const pct_snapshot *snapshot, pct_unit_id id);
const pct_desk_closure *pct_snapshot_closure(const pct_snapshot *snapshot, pct_closure_id id);
/* Walking, in order of id: the next one above `after` (seq 0: the first); NULL at the end. O(log n). */
const pct_desk_call *pct_snapshot_next_call(const pct_snapshot *snapshot, pct_call_id after);
const pct_desk_incident *pct_snapshot_next_incident(const pct_snapshot *snapshot, pct_incident_id after);
const pct_desk_order *pct_snapshot_next_order(const pct_snapshot *snapshot, pct_order_id after);
const pct_desk_unit *pct_snapshot_next_unit(const pct_snapshot *snapshot, pct_unit_id after);
const pct_desk_closure *pct_snapshot_next_closure(const pct_snapshot *snapshot, pct_closure_id after);

/* Runs `look` on the live board, which may be a group ahead of the disk: for recommendations, which are advice. The writer
 * waits meanwhile, so be quick. */
void pct_desk_look(pct_desk *desk, void (*look)(void *context, const pct_board *board), void *context);

/* --- subscriptions (any thread) ---------------------------------------------------------------------------------- */

enum { PCT_NOTICE_TOUCHED_MAX = 4, PCT_DESK_NOTICES = 1 << 16 };

/* What an event changed: enough to read the records in a snapshot. Nothing sealed. */
typedef struct pct_desk_notice {
    int64_t seq, recorded_at_ms;
    pct_event_type type;
    pct_role role; /* whose act it was; PCT_ROLE_SYSTEM: nobody's */
    uint32_t touched_count;
    pct_id touched[PCT_NOTICE_TOUCHED_MAX]; /* the event's object first */
} pct_desk_notice;

/* Notices with seq > after, at most `max`. *reset: `after` is older than what is kept (PCT_DESK_NOTICES events), or lies
 * ahead of the record: begin again from a snapshot. */
size_t pct_desk_notices(pct_desk *desk, int64_t after, pct_desk_notice *out, size_t max, bool *reset);
/* Waits until something after `after` is published, at most so long; false when nothing was. Only on a started desk. */
bool pct_desk_wait(pct_desk *desk, int64_t after, int timeout_ms);
/* Called by the writer after each publication; set before start. */
void pct_desk_on_publish(pct_desk *desk, void (*publish)(void *context), void *context);

/* --- positions of units (any thread): in memory, the newest of each unit, never events ------------------------------ */

typedef struct pct_fix {
    pct_unit_id unit;
    pct_position position;
    int64_t at_ms;          /* of the device */
    int64_t received_at_ms; /* set by the desk */
    int32_t speed_cms;      /* cm/s; -1: not known */
    int32_t heading_deg;    /* 0 … 359, -1: not known */
    int64_t version;        /* set by the desk: counts up with every fix */
    bool simulated;         /* the unit is moved by a replay; nobody sent this */
} pct_fix;

/* PCT_NOT_FOUND for an unknown unit, PCT_REFUSED (a crew's position is known from sign-on to sign-off only) and for a fix
 * older than the newest. O(log units). */
pct_status pct_desk_put_fix(pct_desk *desk, const pct_fix *fix, pct_error *error) PCT_MUST_USE;
/* The newest fix of every unit on duty with version > since; *version is what to ask with next. Fixes of units that have
 * signed off are forgotten. */
size_t pct_desk_fixes(pct_desk *desk, int64_t since, pct_fix *out, size_t max, int64_t *version);
/* The newest of one unit; false when there is none. O(1). */
bool pct_desk_fix_of(pct_desk *desk, pct_unit_id unit, pct_fix *out);

/* --- figures (any thread) ----------------------------------------------------------------------------------------- */

/* What the last loading did with the saved board. */
typedef enum pct_saved_board {
    PCT_SAVED_NONE,    /* there was none */
    PCT_SAVED_USED,    /* only the events behind it were replayed */
    PCT_SAVED_DAMAGED, /* its digest was wrong: all events were replayed */
    PCT_SAVED_OTHER,   /* of another version, other codes or another log: all events were replayed */
} pct_saved_board;

typedef struct pct_desk_counters {
    int64_t groups, key_groups, events, commands, refused, repeated, reminders, fixes;
    int64_t queued[PCT_LANE_COUNT], taken[PCT_LANE_COUNT], shed[PCT_LANE_COUNT];
    int64_t shed_ago_ms[PCT_LANE_COUNT]; /* since the lane last turned somebody away; only where shed > 0 */
    int64_t replayed;                    /* events that the last loading replayed */
    pct_saved_board saved;               /* what it did with the saved board */
    bool stopped, disk_full;             /* does not acknowledge; refused the last group for want of room */
} pct_desk_counters;
pct_desk_counters pct_desk_counters_view(pct_desk *desk);
/* How many may wait in a lane and those before it when one more enters; 0: any number. */
int64_t pct_desk_lane_limit(pct_lane lane);
/* PCT_OK while it works; else what stopped it for good. */
pct_status pct_desk_failure(pct_desk *desk, pct_error *error) PCT_MUST_USE;

#endif
