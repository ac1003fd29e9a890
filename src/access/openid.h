/* Signing in with a provider of identities: OpenID Connect, code flow with PKCE (RFC 7636, S256). We ask the provider alone what becomes of
 * a code; what the browser brings back is only that code.
 *
 *     status = pct_openid_new(&site, &openid, error);                    // NULL when the site has none
 *     status = pct_openid_begin(openid, &asked, &url, cookie, error);    // the browser goes to url, and keeps the cookie
 *     status = pct_openid_finish(openid, &back, account, &hint, error);  // it came back: whose account it is
 *
 * What was begun is kept in memory, the newest PCT_OPENID_BEGUN_MAX for PCT_OPENID_LIFE_MS; it belongs to the browser with the cookie and is
 * used once, whatever becomes of it. No account is made and no role given: the record says who may what.
 *
 *     pct_openid_keep(openid, session, &hint);                           // he is signed in: with what the provider said of him
 *     pct_openid_leave(openid, session, back, &url);                     // he signs out: the browser goes to url, if there is one
 *
 * Signing out there too (OpenID Connect RP-Initiated Logout 1.0) wants the ID token once more. It is kept in memory with the hash of the
 * session's token, of the newest PCT_OPENID_KEPT_MAX sessions, and wiped when the session signs out: it is worth nothing to anybody else. Of
 * a session from before a start nothing is kept; it signs out here alone.
 *
 * The provider is asked with TLS 1.2 or newer, verified; no redirect is followed, PCT_OPENID_ANSWER_MAX bytes and PCT_OPENID_WAIT_MS at
 * most. After one that could not be asked nobody asks for PCT_OPENID_REST_MS, so that a provider that hangs holds up no password. Its
 * settings and keys are kept for an hour; a key that is not known is asked for at once, once a minute. Any thread; one at a time. */
#ifndef PCT_ACCESS_OPENID_H
#define PCT_ACCESS_OPENID_H

#include "access/identity.h"
#include "site/site.h"

enum {
    PCT_OPENID_BEGUN_MAX = 1024,
    PCT_OPENID_LIFE_MS = 600000,
    PCT_OPENID_ANSWER_MAX = 1 << 18,
    PCT_OPENID_WAIT_MS = 4000,
    PCT_OPENID_REST_MS = 10000,
    PCT_OPENID_KEEP_MS = 3600000,
    PCT_OPENID_AGAIN_MS = 60000,
    PCT_OPENID_RANDOM = 44, /* 32 bytes in base64url, and a NUL */
    PCT_OPENID_BACK_MAX = 512,
    PCT_OPENID_KEPT_MAX = 1024,
    PCT_OPENID_HINT_MAX = 4096, /* a longer ID token is not kept: it goes into an address */
    PCT_OPENID_LEAVE_MAX = 3 * PCT_OPENID_HINT_MAX
};

typedef struct pct_openid pct_openid;

pct_status pct_openid_new(const pct_site *site, pct_openid **out, pct_error *error) PCT_MUST_USE;
void pct_openid_free(pct_openid *openid); /* accepts NULL */

/* `back`: where the provider sends the browser, as the provider knows it. PCT_IO: the provider cannot be asked. */
pct_status pct_openid_begin(pct_openid *openid, pct_text back, int64_t now_ms, pct_buffer *url,
                            char cookie[PCT_OPENID_RANDOM], pct_error *error) PCT_MUST_USE;

/* What the browser brought back; what is absent is empty. */
typedef struct pct_openid_back {
    pct_text cookie, code, state, issuer, refusal;
    int64_t now_ms;
} pct_openid_back;

/* PCT_REFUSED: it is not to be believed, or nobody's. `hint`: the ID token is appended, where it is not too long; wiped by who has it. */
pct_status pct_openid_finish(pct_openid *openid, const pct_openid_back *back,
                             char account[PCT_ACCOUNT_NAME_MAX + 1], pct_buffer *hint,
                             pct_error *error) PCT_MUST_USE;

/* `session`: its token. */
void pct_openid_keep(pct_openid *openid, pct_text session, const pct_buffer *hint);
/* `back`: where the provider sends the browser afterwards. Appends nothing when the provider offers no signing out, or when nothing is kept
 * of this session. Asks nobody. */
void pct_openid_leave(pct_openid *openid, pct_text session, pct_text back, pct_buffer *url);

#endif
