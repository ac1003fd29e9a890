/* Asking a provider by HTTP (libcurl): one address, one answer, no redirects, no proxy, bounded. */
#ifndef PCT_ACCESS_OPENID_ASK_H
#define PCT_ACCESS_OPENID_ASK_H

#include "base/json.h"

typedef struct pct_openid_question {
    const char *url;
    bool loopback;             /* http on 127.0.0.1 may be asked */
    const char *ca;            /* a file: whom alone to trust; NULL: whom the machine trusts */
    const char *form;          /* what is posted; NULL: GET */
    const char *user, *secret; /* NULL: none */
} pct_openid_question;

pct_status pct_openid_ask_begin(pct_error *error) PCT_MUST_USE; /* once, before threads */

/* PCT_INPUT: no certificate in it. */
pct_status pct_openid_ask_check_authority(const char *file, pct_error *error) PCT_MUST_USE;

/* *status: of HTTP; *out: the JSON object, NULL when there is none. PCT_IO: no answer; of a certificate that was refused the error says what
 * is wrong with it. */
pct_status pct_openid_ask(const pct_openid_question *question, int *status, json_t **out,
                          pct_error *error) PCT_MUST_USE;

#endif
