#include "site/sign_in.h"

#include <string.h>

#include "base/json.h"

static bool read_roles(const json_t *list, uint32_t *out) {
    size_t i;
    json_t *item;
    if (!json_is_array(list)) return false;
    json_array_foreach(list, i, item) {
        int role = PCT_ROLE_NONE + 1;
        const char *name = json_string_value(item);
        while (role < PCT_ROLE_SYSTEM && !(name && strcmp(name, pct_role_names[role]) == 0)) role++;
        if (role == PCT_ROLE_SYSTEM) return false;
        *out |= UINT32_C(1) << role;
    }
    return true;
}

pct_status pct_site_sign_in_read(const char *file, const json_t *config, pct_site_sign_in *out,
                                 pct_error *error) {
    json_t *table = NULL, *value = NULL;
    const char *key = NULL;
    *out = (pct_site_sign_in){.idle_minutes = PCT_IDLE_MINUTES};
    if (!json_object_get(config, "sign_in")) return PCT_OK;
    pct_status status = pct_json_get_object(file, config, "sign_in", &table, error);
    if (status) return status;
    json_object_foreach(table, key, value) {
        bool known = false;
        if (strcmp(key, "idle_minutes") == 0 && json_is_integer(value)) {
            json_int_t minutes = json_integer_value(value);
            known = minutes >= PCT_IDLE_MINUTES_MIN && minutes <= PCT_IDLE_MINUTES_MAX;
            out->idle_minutes = (int32_t)(known ? minutes : 0);
        }
        if (strcmp(key, "code_roles") == 0) known = read_roles(value, &out->code_roles);
        if (!known) return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_SIGN_IN, value, error);
    }
    return PCT_OK;
}
