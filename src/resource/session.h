/* Signing in, as the server needs to know of it before a handler runs. */
#ifndef PCT_RESOURCE_SESSION_H
#define PCT_RESOURCE_SESSION_H

#include "resource/exchange.h"

/* Does it come from the machine itself, or from a browser that is known? From address, local and browser of the exchange. */
bool pct_resource_session_is_known(const pct_exchange *exchange);

#endif
