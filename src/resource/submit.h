/* A command of a request to the desk: the exchange waits for the commit, and its reply is the object and the event. */
#ifndef PCT_RESOURCE_SUBMIT_H
#define PCT_RESOURCE_SUBMIT_H

#include "resource/exchange.h"

/* Everything the command's data point to is copied. Its account, role, key and digest come from the exchange. */
pct_status pct_resource_submit(pct_exchange *exchange, const pct_command *command, pct_lane lane,
                               pct_error *error) PCT_MUST_USE;

/* What the desk said becomes the reply ({"id", "seq"}), and the exchange goes on. */
void pct_resource_decided(pct_exchange *exchange, const pct_desk_reply *reply);
/* Of the endpoint, its path and its body: what an idempotency key stands for. */
void pct_resource_digest(const pct_exchange *exchange, unsigned char out[PCT_STORE_HASH_BYTES]);
/* Binds the account to the unit of the path; a `finish`. */
pct_status pct_resource_bind_crew(pct_exchange *exchange, pct_error *error) PCT_MUST_USE;

#endif
