#include "site/log_shown.h"

#include <string.h>

#include "base/json.h"

pct_status pct_site_log_shown_read(const char *file, const json_t *config, bool *is_public,
                                   pct_error *error) {
    json_t *table = NULL, *value = NULL;
    const char *key = NULL;
    *is_public = false;
    if (!json_object_get(config, "log")) return PCT_OK;
    pct_status status = pct_json_get_object(file, config, "log", &table, error);
    if (status) return status;
    json_object_foreach(table, key, value) {
        if (strcmp(key, "public") != 0 || !json_is_boolean(value))
            return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_LOG_SHOWN, value, error);
        *is_public = json_is_true(value);
    }
    return PCT_OK;
}
