/* Reading stored events without keys: each is opened and handed over, what is sealed stays closed.
 *
 *     status = pct_ledger_each_event_of(store, object, visit, context, &error);
 *
 * An event and its texts hold until the visitor returns; one that fails ends the reading with its own status. For those who
 * have keys: pct_ledger_open, and pct_desk_each_opened_event in the running desk. O(events); memory: one event. */
#ifndef PCT_LEDGER_READ_H
#define PCT_LEDGER_READ_H

#include "event/codec.h"
#include "store/store.h"

typedef pct_status pct_read_visitor(void *context, const pct_event *event, pct_error *error);

/* Events with from <= seq < until, in order. */
pct_status pct_ledger_each_event(pct_store *store, int64_t from, int64_t until, pct_read_visitor *visit,
                                 void *context, pct_error *error) PCT_MUST_USE;
/* Those of one object, in order. */
pct_status pct_ledger_each_event_of(pct_store *store, pct_id object, pct_read_visitor *visit, void *context,
                                    pct_error *error) PCT_MUST_USE;
/* Those of all objects of one kind, object by object. */
pct_status pct_ledger_each_event_of_kind(pct_store *store, char kind, pct_read_visitor *visit, void *context,
                                         pct_error *error) PCT_MUST_USE;

#endif
