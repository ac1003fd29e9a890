/* Intake: a call is in the record, or in the spool, or the caller is told that it was not taken.
 *
 *     take ──► desk (lane calls) ──► in the record: reply as the desk gives it
 *       │          │ no room, disk failed, closing, or no answer within `patience_ms`
 *       │          ▼
 *       └────► spool: written, synced ──► reply with a receipt ──► when the record takes calls again: drained in order
 *
 * Exactly once: what is drained has the account, key and body that it came with, so that a call which had reached the record
 * after all is found there (desk.h). While an entry waits, the same account, key and body get the same receipt, another
 * body is refused. A spooled call keeps both times: it occurred when it was taken and is recorded when it is drained; the
 * event says `via: spool`. Calls that come while the spool is drained go to the record at once.
 *
 * What the log seals is sealed in the spool: each entry has a key of its own, wrapped by the agency's, which is wiped with the
 * entry as soon as the record has the call. Nothing else is kept in the spool: other commands decide about what is on the
 * board, and a board that does not move is nothing to decide on.
 *
 * One thread writes, drains and counts how long calls wait. Bounded: PCT_INTAKE_WAITING calls wait for the spool at a time,
 * the spool itself by its disk. */
#ifndef PCT_DESK_INTAKE_H
#define PCT_DESK_INTAKE_H

#include "desk/desk.h"

enum { PCT_INTAKE_WAITING = 4096, PCT_CALLS_IN_MEMORY = 4096, PCT_INTAKE_RESERVE = 8 << 20 };

typedef struct pct_intake pct_intake;

typedef struct pct_intake_options {
    pct_desk *desk; /* borrowed */
    const char
        *folder; /* of the spool; NULL: there is none, and calls are refused as the desk refuses them */
    const char *vfs;
    const pct_key_keeper *keeper; /* borrowed; its key was obtained; NULL: keys lie bare (tests) */
    int64_t reserve_bytes;        /* of the spool's file; 0: PCT_INTAKE_RESERVE */
    int patience_ms;              /* how long a call waits for the record; 0: 1,000 */
} pct_intake_options;

/* Reads what is left in the spool. No thread yet. A spool that cannot be opened is no failure: it is said by the view and tried
 * again. */
pct_status pct_intake_open(const pct_intake_options *options, pct_intake **out,
                           pct_error *error) PCT_MUST_USE;
pct_status pct_intake_start(pct_intake *intake, pct_error *error) PCT_MUST_USE;
/* Before the desk is closed; whoever still waits for the desk is answered by the desk. */
void pct_intake_stop(pct_intake *intake);
/* After the desk was closed. NULL is accepted. */
void pct_intake_close(pct_intake *intake);

/* As pct_desk_submit (any thread). A reply with a receipt: kept in the spool, not in the record. Anything but a call with an
 * Idempotency-Key is the desk's alone. */
pct_status pct_intake_take(pct_intake *intake, const pct_desk_request *request, pct_desk_done *done,
                           void *context, pct_error *error) PCT_MUST_USE;

/* An entry is written, synced and wiped again, to know that the spool works before it is needed; `proved` is called by the
 * intake's thread. One at a time: while one waits the next is not taken. Any thread; NULL is accepted. */
void pct_intake_prove(pct_intake *intake, void (*proved)(void *context, bool well), void *context);

/* One round of the thread's work, for tests: keeps what waits for the spool, drains what it can. *done: how much there was.
 * The desk must be stepped by the caller between two rounds. */
pct_status pct_intake_step(pct_intake *intake, size_t *done, pct_error *error) PCT_MUST_USE;

typedef enum pct_spool_reason {
    PCT_SPOOL_NOT_USED,
    PCT_SPOOL_DISK_FULL,
    PCT_SPOOL_RECORD_FAILED,
    PCT_SPOOL_RECORD_SLOW,
    PCT_SPOOL_DRAINING,
    PCT_SPOOL_REASONS
} pct_spool_reason;
extern const char *const pct_spool_reason_names[PCT_SPOOL_REASONS];

typedef struct pct_intake_view {
    bool has_spool;          /* one is wanted and can be written as far as is known */
    pct_spool_reason reason; /* why calls go to the spool, or are in it */
    int64_t pending, oldest_ms, kept, drained, refused, conflicts, unreadable, failures;
} pct_intake_view;
pct_intake_view pct_intake_look(pct_intake *intake);

#endif
