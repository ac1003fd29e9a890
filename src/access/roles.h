/* Roles and rights. A right is a set of roles (one bit each, 1 << pct_role); what is not in the set is denied.
 *
 * The three administrators exclude each other: who runs the system does not grant rights, and neither reads the audit
 * of the other. All O(roles), no memory. */
#ifndef PCT_ACCESS_ROLES_H
#define PCT_ACCESS_ROLES_H

#include <stdbool.h>

#include "event/codec.h"

typedef uint32_t pct_role_set;

enum { PCT_ROLES_TEXT_MAX = 256 };

/* "dispatcher,commander": known roles, each once, not two administrators. PCT_INPUT otherwise. */
pct_status pct_roles_read(pct_text text, pct_role_set *out, pct_error *error) PCT_MUST_USE;
void pct_roles_write(pct_role_set roles, pct_buffer *out);
bool pct_roles_may_be_held_together(pct_role_set roles);
bool pct_roles_have_administrator(pct_role_set roles);

/* The role in which somebody who holds `roles` uses a right: the first of both sets; PCT_ROLE_NONE when denied. */
pct_role pct_access_role_for(pct_role_set roles, pct_role_set rights);

#endif
