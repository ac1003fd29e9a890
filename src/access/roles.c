#include "access/roles.h"

#include "base/text.h"

static const pct_role_set administrators =
    1u << PCT_ROLE_SYSTEM_ADMIN | 1u << PCT_ROLE_SECURITY_ADMIN | 1u << PCT_ROLE_AUDIT_ADMIN;

bool pct_roles_may_be_held_together(pct_role_set roles) {
    pct_role_set held = roles & administrators;
    return (held & (held - 1)) == 0;
}

bool pct_roles_have_administrator(pct_role_set roles) {
    return (roles & administrators) != 0;
}

/* "system" is the program itself; nobody holds it. */
static pct_role role_named(pct_text name) {
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
        if (role != PCT_ROLE_SYSTEM && pct_text_equal(name, pct_role_names[role])) return (pct_role)role;
    return PCT_ROLE_NONE;
}

pct_status pct_roles_read(pct_text text, pct_role_set *out, pct_error *error) {
    pct_role_set roles = 0;
    pct_text rest = text, item;
    while (pct_text_next(&rest, ',', &item)) {
        pct_role role = role_named(pct_text_trim(item));
        if (role == PCT_ROLE_NONE) {
            pct_buffer all = pct_buffer_init(PCT_ROLES_TEXT_MAX);
            pct_roles_write(~(pct_role_set)0, &all);
            pct_status status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_ROLE_UNKNOWN, pct_view(item),
                                         pct_str(pct_buffer_chars(&all)));
            pct_buffer_dispose(&all);
            return status;
        }
        roles |= 1u << role;
    }
    if (!pct_roles_may_be_held_together(roles))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ROLES_EXCLUDE, pct_view(text));
    *out = roles;
    return PCT_OK;
}

void pct_roles_write(pct_role_set roles, pct_buffer *out) {
    bool first = true;
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++) {
        if (role == PCT_ROLE_SYSTEM || !(roles >> role & 1)) continue;
        if (!first) (void)pct_buffer_append_byte(out, ',');
        (void)pct_buffer_append_text(out, pct_role_names[role]);
        first = false;
    }
}

pct_role pct_access_role_for(pct_role_set roles, pct_role_set rights) {
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
        if ((roles & rights) >> role & 1) return (pct_role)role;
    return PCT_ROLE_NONE;
}
