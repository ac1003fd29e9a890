/* The record on disk: two SQLite databases in a site's folder behind one small interface.
 *
 *     record.db   facts, only ever added to (events, replies to idempotency keys, documents of other modules), and
 *                 tables derived from them, which `log rebuild` drops and makes again
 *     keys.db     one key for each (object, retention class) of sealed data, wrapped by the agency's key; backed up apart
 *
 * What each column holds and how long it stays: store/schema.c, docs/reference/schema.md.
 *
 *     status = pct_store_open(&options, &store, &error);     one writer for each site: PCT_BUSY for the second
 *     status = pct_store_begin(store, &error);                a group: nothing of it is there until it is committed
 *     … pct_store_add_event, pct_store_add_key, pct_store_put_… …
 *     status = pct_store_commit(store, &error);               keys.db is synced first, then record.db: PCT_OK = on disk
 *     pct_store_rollback(store);                              accepts a store without a group
 *
 * Failures: PCT_LIMIT disk full, nothing of the group was taken, try again later; PCT_BUSY somebody else holds it; PCT_IO
 * and PCT_DAMAGED for all else. After those two the store is broken: every later call gives the same error, because
 * nobody knows what a failed sync has left on the disk. Close, open again, verify.
 *
 * Threads: a store belongs to one thread at a time. Readers (options.read_only) have their own store each; they never
 * write, never checkpoint and never open keys.db. Costs: every call O(log rows). Memory: SQLite's own, with a cache of
 * a few megabytes; bytes given to visitors hold until they return. */
#ifndef PCT_STORE_STORE_H
#define PCT_STORE_STORE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "event/value.h"

enum {
    PCT_STORE_KEY_BYTES = 32,
    PCT_STORE_WRAPPED_BYTES = 72, /* nonce, key, tag */
    PCT_STORE_HASH_BYTES = 32,
    PCT_STORE_VALUE_MAX = 1 << 20,     /* bytes of one document, event or reply */
    PCT_STORE_NAME_MAX = 200,          /* bytes of a name, an account, an idempotency key */
    PCT_STORE_REPLY_DAYS = 30,         /* how long a reply is kept */
    PCT_STORE_FORMAT = 5,              /* of the newest schema: PRAGMA user_version */
    PCT_STORE_APPLICATION = 0x50435401 /* PRAGMA application_id: "PCT", 1 record; the keys have 2 */
};

#define PCT_STORE_RECORD "record.db"
#define PCT_STORE_KEYS   "keys.db"

typedef struct pct_key_keeper pct_key_keeper;

typedef struct pct_store_options {
    const char *folder; /* the site's */
    const char *vfs;    /* SQLite's name of a file system; NULL: the operating system's */
    bool read_only;
    const pct_key_keeper
        *keeper;          /* a writer's, borrowed; NULL: keys lie bare (tests), refused where they do not */
    int checkpoint_pages; /* of a log, after which it is emptied into its database; 0: 1,000 */
    int64_t wal_bytes;    /* the log is grown to this size when the record is made; 0: it grows as needed */
} pct_store_options;

typedef struct pct_store pct_store;

/* A writer makes what is not there and takes an older format to the newest (store/migrate.c); a newer one is refused. */
pct_status pct_store_open(const pct_store_options *options, pct_store **out, pct_error *error) PCT_MUST_USE;
void pct_store_close(pct_store *store);
/* For the whole process, before its first store is opened: SQLite gives back what it frees instead of keeping it for itself, so that
 * whoever wipes freed memory meets all of it. */
void pct_store_keep_no_freed(void);
/* Between looks: the pages that this connection has read go; those of what was erased since may be among them. */
void pct_store_forget_pages(pct_store *store);
/* True after a failure of the kind that only opening again mends. */
bool pct_store_is_broken(const pct_store *store);

pct_status pct_store_begin(pct_store *store, pct_error *error) PCT_MUST_USE;
pct_status pct_store_commit(pct_store *store, pct_error *error) PCT_MUST_USE;
void pct_store_rollback(pct_store *store);
/* A part of a group that can be given up alone. Marks do not nest. */
pct_status pct_store_mark(pct_store *store, pct_error *error) PCT_MUST_USE;
pct_status pct_store_keep(pct_store *store, pct_error *error) PCT_MUST_USE;
pct_status pct_store_give_up(pct_store *store, pct_error *error) PCT_MUST_USE;
/* Empties the write-ahead logs into the databases, so that nothing erased stands in them. PCT_BUSY while a reader is
 * in the middle of something. */
pct_status pct_store_truncate_logs(pct_store *store, pct_error *error) PCT_MUST_USE;
/* The same, without waiting for a reader to end. */
pct_status pct_store_try_truncate_logs(pct_store *store, pct_error *error) PCT_MUST_USE;

/* --- events ------------------------------------------------------------------------------------------------ */

typedef struct pct_stored_event {
    int64_t seq;
    pct_text bytes;            /* canonical, sealed: what is hashed */
    const unsigned char *leaf; /* [PCT_STORE_HASH_BYTES] as it was stored */
} pct_stored_event;

pct_status pct_store_add_event(pct_store *store, const pct_stored_event *event,
                               pct_error *error) PCT_MUST_USE;
/* 0 when there is none. */
pct_status pct_store_last_seq(pct_store *store, int64_t *out, pct_error *error) PCT_MUST_USE;
/* Events with from <= seq < until in order; a visitor that fails ends it with its own status. */
typedef pct_status pct_event_visitor(void *context, const pct_stored_event *event, pct_error *error);
pct_status pct_store_each_event(pct_store *store, int64_t from, int64_t until, pct_event_visitor *visit,
                                void *context, pct_error *error) PCT_MUST_USE;
/* The same, of one object alone: its timeline, by the derived table of involvements. */
pct_status pct_store_each_event_of(pct_store *store, pct_id object, int64_t from, pct_event_visitor *visit,
                                   void *context, pct_error *error) PCT_MUST_USE;

/* The same, of all objects of one kind, object by object. O(their events). */
pct_status pct_store_each_event_of_kind(pct_store *store, char kind, pct_event_visitor *visit, void *context,
                                        pct_error *error) PCT_MUST_USE;

/* The same one by one, for those who pull. The event holds until the next call. */
typedef struct pct_event_cursor pct_event_cursor;
pct_status pct_event_cursor_open(pct_store *store, int64_t from, pct_event_cursor **out,
                                 pct_error *error) PCT_MUST_USE;
pct_status pct_event_cursor_next(pct_event_cursor *cursor, pct_stored_event *event, bool *more,
                                 pct_error *error) PCT_MUST_USE;
void pct_event_cursor_close(pct_event_cursor *cursor);

/* --- replies to idempotency keys ------------------------------------------------------------------------------ */

typedef struct pct_stored_reply {
    pct_text account, key;
    unsigned char body[PCT_STORE_HASH_BYTES]; /* digest of the request */
    int64_t expires_at_ms, first_seq, last_seq;
    pct_id object;
} pct_stored_reply;

pct_status pct_store_add_reply(pct_store *store, const pct_stored_reply *reply,
                               pct_error *error) PCT_MUST_USE;
/* *found false when there is none that is still kept. Texts of *out are those given. */
pct_status pct_store_find_reply(pct_store *store, pct_text account, pct_text key, int64_t now_ms,
                                pct_stored_reply *out, bool *found, pct_error *error) PCT_MUST_USE;
/* At most `most` of them, so that no group is long. */
pct_status pct_store_drop_replies(pct_store *store, int64_t now_ms, int64_t most,
                                  pct_error *error) PCT_MUST_USE;

/* --- documents: facts of modules that are not events (accounts, sessions, devices) ------------------------------- */

typedef struct pct_document {
    pct_text kind, name, bytes;
    int64_t expires_at_ms; /* 0: stays until it is dropped */
} pct_document;

/* Replaces one of the same kind and name. */
pct_status pct_store_put_document(pct_store *store, const pct_document *document,
                                  pct_error *error) PCT_MUST_USE;
/* Appends its bytes; PCT_NOT_FOUND when there is none or it has expired. */
pct_status pct_store_get_document(pct_store *store, pct_text kind, pct_text name, int64_t now_ms,
                                  pct_buffer *out, pct_error *error) PCT_MUST_USE;
pct_status pct_store_drop_document(pct_store *store, pct_text kind, pct_text name,
                                   pct_error *error) PCT_MUST_USE;
pct_status pct_store_drop_documents(pct_store *store, int64_t now_ms,
                                    pct_error *error) PCT_MUST_USE; /* expired */
/* Those of a kind, by name. */
typedef pct_status pct_document_visitor(void *context, const pct_document *document, pct_error *error);
pct_status pct_store_each_document(pct_store *store, pct_text kind, int64_t now_ms,
                                   pct_document_visitor *visit, void *context, pct_error *error) PCT_MUST_USE;

/* --- keys (a writer alone) --------------------------------------------------------------------------------------- */

typedef struct pct_stored_key {
    int64_t id; /* never used twice, not even after its key was destroyed */
    pct_id object;
    pct_text class; /* of retention */
} pct_stored_key;

typedef enum pct_keeper_step {
    PCT_KEEPER_TRY,  /* go on with the new one */
    PCT_KEEPER_TAKE, /* it takes the place of the old one, for good */
    PCT_KEEPER_DROP  /* it came to nothing */
} pct_keeper_step;

/* Who wraps keys for the disk: the holder of the agency's key. */
struct pct_key_keeper {
    void *context;
    const char *file; /* where the agency's key lies, for messages */
    /* Gets the agency's key, or makes it, durably, when there is none and it may. Called once, with keys.db locked. */
    pct_status (*obtain)(void *context, bool may_make, pct_error *error);
    void (*wrap)(void *context, const pct_stored_key *name, const unsigned char key[PCT_STORE_KEY_BYTES],
                 unsigned char out[PCT_STORE_WRAPPED_BYTES]);
    /* PCT_DAMAGED: wrapped by another agency key, for another name, or changed. */
    pct_status (*unwrap)(void *context, const pct_stored_key *name,
                         const unsigned char wrapped[PCT_STORE_WRAPPED_BYTES],
                         unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error);
    /* While the agency's key is changed there are two of it; NULL: there never are. PCT_NOT_FOUND: there is one only. */
    pct_status (*next)(void *context, pct_keeper_step step, pct_error *error);
};

/* The key of (object, class): the one that is there, or `fresh`, which is kept under a new id. Sets name->id. */
pct_status pct_store_add_key(pct_store *store, pct_stored_key *name,
                             const unsigned char fresh[PCT_STORE_KEY_BYTES], int64_t now_ms,
                             unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) PCT_MUST_USE;
/* By all of *name. PCT_NOT_FOUND, without a message, when there is none: never made, or destroyed. */
pct_status pct_store_find_key(pct_store *store, const pct_stored_key *name,
                              unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) PCT_MUST_USE;
/* Destroys the keys of an object: of one class, or of all when class is empty. */
pct_status pct_store_drop_keys(pct_store *store, pct_id object, pct_text class, int64_t *dropped,
                               pct_error *error) PCT_MUST_USE;

/* Puts one back under its own number, within a group; *fresh false: it is there. */
pct_status pct_store_restore_key(pct_store *store, const pct_stored_key *name,
                                 const unsigned char key[PCT_STORE_KEY_BYTES], int64_t made_at_ms,
                                 bool *fresh, pct_error *error) PCT_MUST_USE;
/* Within a group: no new key gets a number up to this one. */
pct_status pct_store_skip_keys(pct_store *store, int64_t id, pct_error *error) PCT_MUST_USE;
/* Between groups: all keys, and the mark, wrapped by another keeper (borrowed from then on), in one transaction; nothing of
 * the old wrapping is left in the files. */
pct_status pct_store_rewrap(pct_store *store, const pct_key_keeper *next, pct_error *error) PCT_MUST_USE;

/* --- the tree ---------------------------------------------------------------------------------------------------- */

/* The frontier of the hash tree after the last event, as the ledger writes it; committed with each group. */
pct_status pct_store_put_frontier(pct_store *store, int64_t size, pct_text bytes,
                                  pct_error *error) PCT_MUST_USE;
/* *size 0 when there is none. */
pct_status pct_store_get_frontier(pct_store *store, int64_t *size, pct_buffer *out,
                                  pct_error *error) PCT_MUST_USE;

/* --- the saved board: one, derived from the events, as its owner writes it ----------------------------------------- */

enum { PCT_STORE_SAVED_MAX = 512 << 20 };
pct_status pct_store_put_saved(pct_store *store, pct_text bytes, pct_error *error) PCT_MUST_USE;
/* Appends; PCT_NOT_FOUND, without a message, when there is none. */
pct_status pct_store_get_saved(pct_store *store, pct_buffer *out, pct_error *error) PCT_MUST_USE;
pct_status pct_store_drop_saved(pct_store *store, pct_error *error) PCT_MUST_USE;

/* What was counted since it was opened. */
typedef struct pct_store_counters {
    int64_t groups, events, keys, key_groups;
} pct_store_counters;
pct_store_counters pct_store_counters_view(const pct_store *store);

#endif
