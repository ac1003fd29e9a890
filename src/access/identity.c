#include "access/identity.h"

#include "base/text.h"

const char *const pct_scope_names[PCT_SCOPE_COUNT] = {"site", "area", "assigned", "own"};
const char *const pct_signed_by_names[PCT_SIGNED_BY_COUNT] = {"password", "code", "token", "provider"};

bool pct_identity_has_area(const pct_identity *identity, const pct_object_facts *object) {
    const pct_text *areas = object->areas;
    if (identity->areas[0] == '\0' || (areas[0].length == 0 && areas[1].length == 0)) return true;
    return (areas[0].length > 0 && pct_text_is_listed(areas[0], identity->areas, ';')) ||
           (areas[1].length > 0 && pct_text_is_listed(areas[1], identity->areas, ';'));
}

pct_role pct_access_role_in(const pct_identity *identity, const pct_role_set scopes[PCT_SCOPE_COUNT],
                            const pct_object_facts *object) {
    pct_role_set admits = scopes[PCT_SCOPE_SITE];
    if (object->broken_glass || pct_identity_has_area(identity, object)) admits |= scopes[PCT_SCOPE_AREA];
    if (object->broken_glass || object->assigned) admits |= scopes[PCT_SCOPE_ASSIGNED];
    if (object->own) admits |= scopes[PCT_SCOPE_OWN];
    return pct_access_role_for(identity->roles, admits);
}

pct_role pct_access_whole_role(const pct_identity *identity, const pct_role_set scopes[PCT_SCOPE_COUNT]) {
    pct_role role = pct_access_role_for(identity->roles, scopes[PCT_SCOPE_SITE]);
    if (role != PCT_ROLE_NONE || identity->areas[0] != '\0') return role;
    return pct_access_role_for(identity->roles, scopes[PCT_SCOPE_AREA]);
}
