/* Inside the intake: shared by intake.c, intake_entry.c, intake_keep.c and intake_drain.c, and by nobody else.
 *
 * `lock` guards what stands under it; the spool, the batch and the times of the next try are the thread's alone. */
#ifndef PCT_DESK_INTAKE_STATE_H
#define PCT_DESK_INTAKE_STATE_H

#include "desk/intake.h"
#include "desk/state.h"
#include "store/spool.h"

enum {
    PCT_INTAKE_PATIENCE_MS = 1000,
    PCT_INTAKE_AGAIN_MS = 500, /* until the record, or the spool, is tried again */
    PCT_INTAKE_BATCH = 64      /* entries kept or drained at a time */
};

/* A call between the one who brought it, the desk and the spool. Freed by the last of desk and spool that holds it. */
typedef struct pct_taking {
    struct pct_taking *next, *before; /* in `waiting`, by time */
    struct pct_taking *behind;        /* in `queue` */
    pct_intake *intake;
    pct_item *item; /* the request with its texts */
    pct_desk_done *done;
    void *context;
    int64_t since_ms; /* monotonic */
    bool with_desk, spooling;
    pct_status status; /* the desk's, when it refused for want of a disk */
    pct_error error;
} pct_taking;

/* An entry of the spool, by number, with what tells whether a request is the same. */
typedef struct pct_kept {
    int64_t number, kept_at_ms;
    pct_hash who;                             /* of account and key */
    unsigned char body[PCT_STORE_HASH_BYTES]; /* of the request */
    bool refused, own_key;                    /* the record does not take it; not under its own key */
} pct_kept;

/* An entry on its way into the record. */
typedef struct pct_draining {
    pct_intake *intake;
    int64_t number;
    pct_status status;
    pct_error error;
} pct_draining;

struct pct_intake {
    pct_intake_options options;
    pct_desk *desk;
    const pct_crypto *crypto;
    pct_spool *spool; /* the thread's alone */
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    bool started, stopping;

    /* under the lock */
    pct_taking *first, *last;       /* with the desk, oldest first */
    pct_taking *queue, *queue_last; /* for the spool */
    int64_t queued;
    pct_vector kept; /* of pct_kept: the spool's entries, in order of number */
    pct_intake_view view;
    void (*proved)(void *context, bool well); /* NULL: nobody waits for a proof */
    void *proved_context;
    int64_t spooled_ms; /* monotonic: when a call last had to go to the spool */
    bool record_down;   /* the last try to drain found it so */

    /* the thread's */
    pct_draining batch[PCT_INTAKE_BATCH];
    size_t batch_count, batch_answered;
    int64_t next_try_ms, next_open_ms;
};

/* --- intake.c --------------------------------------------------------------------------------------------------------- */

int64_t pct_intake_now_ms(const pct_intake *intake);
pct_hash pct_intake_who(const pct_intake *intake, pct_text account, pct_text key);
/* Under the lock, both. NULL: the spool has none. */
pct_kept *pct_intake_find(pct_intake *intake, const pct_hash *who);
pct_kept *pct_intake_numbered(pct_intake *intake, int64_t number);
/* Under the lock, both: no longer with those that wait for the desk; from here on the spool's side answers. */
void pct_intake_unlink(pct_taking *taking);
void pct_intake_queue(pct_taking *taking);
void pct_intake_free(pct_taking *taking);
/* Whether a call that the desk answers so goes to the spool. */
bool pct_intake_wants_spool(pct_status desk);
/* Why calls go to the spool. PCT_OK: the desk has said nothing yet. */
pct_spool_reason pct_intake_reason(pct_status desk);
/* Tells one; frees it when the desk no longer holds it. */
void pct_intake_answer(pct_intake *intake, pct_taking *taking, const pct_desk_reply *reply);

/* --- intake_entry.c: an entry's bytes: wrapped key ‖ digest of the body ‖ the event as the log would store it ----------- */

pct_status pct_intake_seal(pct_intake *intake, const pct_desk_request *request, int64_t kept_at_ms,
                           pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* The request as it was; its texts borrow from the bytes and the arena. */
pct_status pct_intake_unseal(pct_intake *intake, pct_text bytes, pct_arena *arena, pct_desk_request *out,
                             pct_error *error) PCT_MUST_USE;

/* --- intake_keep.c ------------------------------------------------------------------------------------------------------ */

/* Opens and lists the spool unless it is open, or there is none to open. */
pct_status pct_intake_open_spool(pct_intake *intake, pct_error *error) PCT_MUST_USE;
/* After a failure nobody knows what the file holds: it is read again before it is used again. */
void pct_intake_give_up_spool(pct_intake *intake);
/* Both: how much there was to do. */
size_t pct_intake_keep(pct_intake *intake);
size_t pct_intake_answer_proof(pct_intake *intake);

/* --- intake_drain.c ----------------------------------------------------------------------------------------------------- */

size_t pct_intake_drain(pct_intake *intake);

#endif
