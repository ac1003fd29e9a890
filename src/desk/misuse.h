/* The misuse watch while the desk runs: a thread of low priority reads what was committed, with a reader of its own, and lets
 * src/audit look for patterns of look-ups. No writer and no caller waits for it.
 *
 *   record ──reader──► events ──► audit/watch ──► flags ┐
 *                        └──────► flag_reviewed ────────┴─► visitors, with hashes under the week's key (site/watch_key.h)
 *
 * Nothing of it is stored: at the start it begins two months back, or a million events, whichever is more, and comes to the
 * same flags as if it had never ended. A flag lives as long as the key of its week, 30 days at most; what the record keeps of
 * it after that is a hash that nobody can make again. Where it stands is told; a failure is told and ends nothing else.
 *
 * All functions may be called by any thread between _new and _free; each waits for at most one slice of another. */
#ifndef PCT_DESK_MISUSE_H
#define PCT_DESK_MISUSE_H

#include "audit/watch.h"
#include "ledger/read.h"
#include "site/watch_key.h"
#include "store/store.h"

typedef struct pct_misuse_options {
    pct_store *reader;            /* its own; taken, also when it fails */
    const pct_audit_rules *rules; /* copied */
    const pct_zone *zone;         /* borrowed */
    const char *site_folder;      /* of its keys */
    const pct_random *random;     /* of keys; NULL: the system's */
    int64_t (*clock_ms)(void *context);
    void *context;
} pct_misuse_options;

typedef struct pct_misuse_flag {
    char id[PCT_WATCH_HASH_TEXT], actor[PCT_WATCH_HASH_TEXT]; /* hashes */
    pct_audit_flag flag;
    int64_t until_ms;       /* the key is destroyed then */
    pct_flag_result result; /* NONE: it waits for review */
    int64_t reviewed_at_ms;
    char reviewed_by[PCT_EVENT_ACTOR_MAX + 1];
} pct_misuse_flag;

typedef struct pct_misuse pct_misuse;

pct_status pct_misuse_new(const pct_misuse_options *options, pct_misuse **out, pct_error *error) PCT_MUST_USE;
/* Its thread, which ends with _free. Without it somebody else catches up. */
pct_status pct_misuse_start(pct_misuse *misuse, pct_error *error) PCT_MUST_USE;
void pct_misuse_free(pct_misuse *misuse);

/* Follows what is committed, at most so many slices of it; *complete: all of it. Destroys keys whose time is over. */
enum { PCT_MISUSE_SLICE = 512, PCT_MISUSE_WHOLE = INT32_MAX };
pct_status pct_misuse_catch_up(pct_misuse *misuse, int slices, bool *complete, pct_error *error) PCT_MUST_USE;
/* The newest first, until `take` returns false; it must not call back. */
pct_status pct_misuse_each(pct_misuse *misuse, bool (*take)(void *context, const pct_misuse_flag *flag),
                           void *context, pct_error *error) PCT_MUST_USE;
/* By its hash. PCT_NOT_FOUND. */
pct_status pct_misuse_find(pct_misuse *misuse, pct_text id, pct_misuse_flag *out,
                           pct_error *error) PCT_MUST_USE;
/* The events of its looks, sealed fields closed: their actor is whom the flag is about. */
pct_status pct_misuse_each_look(pct_misuse *misuse, const pct_audit_flag *flag, pct_read_visitor *visit,
                                void *context, pct_error *error) PCT_MUST_USE;

#endif
