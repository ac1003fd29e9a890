/* How much one address may ask for without being signed in: a bucket of PCT_QUOTA_BURST that PCT_QUOTA_PER_S a second fill again.
 *
 * - Whoever shows a session pays nothing and is never refused for it, whatever the others of his address do: calls are taken.
 * - Who asks without one pays 1 for a request, a file or a connection, PCT_QUOTA_FORGED for a session or token that is none, and
 *   PCT_QUOTA_SIGN_IN for a sign-in, unless his browser is known. When it is empty: 429, with the time to wait.
 * - An address from which a session was shown is known for PCT_QUOTA_KNOWN_S: its files and connections cost nothing, and the last places
 *   for connections are for such addresses and for this machine (gate.h).
 * - This machine itself is not counted. Behind a proxy the address is the one that the proxy names (client.c).
 *
 * A table of PCT_QUOTA_ADDRESSES in sets of four; whoever has not been heard of for longest gives way. O(1). Any thread. */
#ifndef PCT_SERVER_QUOTA_H
#define PCT_SERVER_QUOTA_H

#include <stdbool.h>

#include "base/status.h"

enum {
    PCT_QUOTA_BURST = 2000,
    PCT_QUOTA_PER_S = 50,
    PCT_QUOTA_ASK = 1,
    PCT_QUOTA_FORGED = 5,
    PCT_QUOTA_SIGN_IN = 10,
    PCT_QUOTA_KNOWN_S = 12 * 3600,
    PCT_QUOTA_ADDRESSES = 8192
};

typedef struct pct_quota pct_quota;

pct_status pct_quota_new(pct_quota **out, pct_error *error) PCT_MUST_USE;
void pct_quota_free(pct_quota *quota);
/* 0: taken. Otherwise nothing is, and so many seconds must pass first. `now_ms` of a clock that never goes back. */
int pct_quota_take(pct_quota *quota, const char *address, int cost, int64_t now_ms) PCT_MUST_USE;
void pct_quota_know(pct_quota *quota, const char *address, int64_t now_ms);
bool pct_quota_knows(pct_quota *quota, const char *address, int64_t now_ms);

#endif
