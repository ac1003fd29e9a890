/* A command of a request to the desk: the exchange waits for the commit, and its reply is the object and the event. */
#ifndef PCT_RESOURCE_SUBMIT_H
#define PCT_RESOURCE_SUBMIT_H

#include "resource/exchange.h"

/* Everything the command's data point to is copied. Its account, role, key and digest come from the exchange. */
pct_status pct_resource_submit(pct_exchange *exchange, const pct_command *command, pct_lane lane,
                               pct_error *error) PCT_MUST_USE;

#endif
