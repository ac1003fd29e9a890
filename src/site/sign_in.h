/* What site.json says of signing in:
 *
 *     "sign_in": {"idle_minutes": 60, "code_roles": ["system_admin", "security_admin", "audit_admin"]}
 *
 * idle_minutes: without use for so long, a session ends (5 to 720; 60 when it is left out). code_roles: whoever signs in with a password
 * alone does not have these roles until he has a second factor; none when it is left out. */
#ifndef PCT_SITE_SIGN_IN_H
#define PCT_SITE_SIGN_IN_H

#include <jansson.h>

#include "event/codec.h"

enum { PCT_IDLE_MINUTES = 60, PCT_IDLE_MINUTES_MIN = 5, PCT_IDLE_MINUTES_MAX = 720 };

typedef struct pct_site_sign_in {
    int32_t idle_minutes;
    uint32_t code_roles; /* 1 << role */
} pct_site_sign_in;

pct_status pct_site_sign_in_read(const char *file, const json_t *config, pct_site_sign_in *out,
                                 pct_error *error) PCT_MUST_USE;

#endif
