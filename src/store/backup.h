/* What a backup takes out of a record beside its events, and what a restored one is settled with. Never a derived table, and
 * never keys.db: a backup holds sealed fields only as the events have them, so that destroying a key reaches into it. */
#ifndef PCT_STORE_BACKUP_H
#define PCT_STORE_BACKUP_H

#include "store/tables.h"

/* --- a reader's --------------------------------------------------------------------------------------------------- */

/* All looks between the two see one state of the record. Keep it short: a writer's log cannot be emptied meanwhile. */
pct_status pct_store_hold(pct_store *store, pct_error *error) PCT_MUST_USE;
void pct_store_let_go(pct_store *store);
/* Of each derived table without its sealed columns: the same whatever keys there are. O(rows). */
pct_status pct_store_digest_unsealed(pct_store *store, pct_table_digest out[PCT_TABLES_MAX], size_t *count,
                                     pct_error *error) PCT_MUST_USE;

typedef pct_status pct_reply_visitor(void *context, const pct_stored_reply *reply, pct_error *error);
/* Replies whose first event is from <= seq < until. */
pct_status pct_store_each_reply(pct_store *store, int64_t from, int64_t until, pct_reply_visitor *visit,
                                void *context, pct_error *error) PCT_MUST_USE;
/* Of every kind. */
pct_status pct_store_every_document(pct_store *store, pct_document_visitor *visit, void *context,
                                    pct_error *error) PCT_MUST_USE;
typedef pct_status pct_destroyed_visitor(void *context, int64_t key, pct_error *error);
pct_status pct_store_each_destroyed(pct_store *store, pct_destroyed_visitor *visit, void *context,
                                    pct_error *error) PCT_MUST_USE;
pct_status pct_store_count_destroyed(pct_store *store, int64_t *out, pct_error *error) PCT_MUST_USE;

/* --- a writer's, of a record that is being restored ----------------------------------------------------------------- */

pct_status pct_store_put_destroyed(pct_store *store, int64_t key, pct_error *error) PCT_MUST_USE;
/* Outside a group. Keys that were destroyed go, and keys of objects behind `last_seq`, which this log does not have; the next key
 * is numbered above `used_key`, the largest that an event names, and above those destroyed. Nothing of what went is left in the
 * file or its log. *dropped: how many went. */
pct_status pct_store_settle_keys(pct_store *store, int64_t last_seq, int64_t used_key, int64_t *dropped,
                                 pct_error *error) PCT_MUST_USE;

/* A whole copy of another database, as it is committed, in one new file without a log; the original is only read. PCT_BUSY:
 * somebody else has it locked. `then`: a statement for the copy; NULL: none. */
pct_status pct_store_copy_database(const char *from, const char *to, const char *then,
                                   pct_error *error) PCT_MUST_USE;

#endif
