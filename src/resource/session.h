/* Signing in, as the server needs to know of it before a handler runs. */
#ifndef PCT_RESOURCE_SESSION_H
#define PCT_RESOURCE_SESSION_H

#include "resource/exchange.h"

/* Does it come from the machine itself, or from a browser that is known? From address, local and browser of the exchange. */
bool pct_resource_session_is_known(const pct_exchange *exchange);

/* A session that was opened goes to the browser, which is known from now on. */
pct_status pct_resource_session_give(pct_exchange *exchange, pct_session *session,
                                     pct_error *error) PCT_MUST_USE;
/* Takes away the roles that this site gives only to who has signed in with a second factor. After every pct_rights_fill. */
void pct_resource_session_narrow(const pct_service *service, pct_identity *identity);
/* Who sits at the other end, for the limits of signing in; account, password and code are the caller's. */
pct_sign_in pct_resource_sign_in(const pct_exchange *exchange);
/* After signing out: the reply says where the browser signs out at the provider, too, or is empty (openid.c). */
void pct_resource_session_leave(pct_exchange *exchange);
/* A refusal to sign in, as a status of HTTP. */
void pct_resource_session_refused(pct_exchange *exchange, pct_status status, const pct_error *error);
/* PCT_REFUSED, with 403: a program does not manage the account of a person. */
pct_status pct_resource_refuse_token(pct_exchange *exchange, pct_error *error) PCT_MUST_USE;
/* Who is signed in proves once more to be the owner: with `password` and `code` of the body. */
pct_sign_in pct_resource_owner(const pct_exchange *exchange);
/* The refusal of that: 401 is the end of a session to a console, here only password or code was wrong. Names the field. */
void pct_resource_owner_refused(pct_exchange *exchange, pct_status status, const pct_error *error);

#endif
