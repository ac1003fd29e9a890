/* Whose time a record tells. That of a drill which replays calls (`serve --replay`) tells the time of its calls, which may be of any
 * year: between two runs of it no time passes, and what is changed meanwhile happens when its newest event did. A mark in
 * the record says so. It is a document of the store, so that it goes wherever the record goes, into backups and out of them,
 * and nowhere else:
 *
 *     serve --replay         sets it, with the moment at which the replay begins, before the first event of that time
 *     serve without          takes it away: from there on the record goes by the wall
 *     pct_record_open        asks for it, on drills alone
 *
 * A live site has none: only `serve --replay` sets one, which refuses a live site, and nobody asks there. */
#ifndef PCT_CLI_OWN_TIME_H
#define PCT_CLI_OWN_TIME_H

#include "store/store.h"

/* PCT_NOT_FOUND, without an error: the record goes by the wall. *at_ms: no earlier than this. */
pct_status pct_own_time_find(pct_store *store, int64_t *at_ms, pct_error *error) PCT_MUST_USE;
/* Nothing is written when it is so already. */
pct_status pct_own_time_begin(pct_store *store, int64_t at_ms, pct_error *error) PCT_MUST_USE;
pct_status pct_own_time_end(pct_store *store, pct_error *error) PCT_MUST_USE;

#endif
