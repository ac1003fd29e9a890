#include "site/keeping.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { DAYS_MAX = 3650 };

static bool read_quiet(pct_text text, int32_t *out) {
    const char *c = text.chars;
    if (text.length != 5 || c[2] != ':') return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (c[i] < '0' || c[i] > '9')) return false;
    int hour = (c[0] - '0') * 10 + c[1] - '0', minute = (c[3] - '0') * 10 + c[4] - '0';
    *out = hour * 60 + minute;
    return hour < 24 && minute < 60;
}

pct_status pct_site_keeping_read(const char *file, const json_t *config, pct_site_keeping *out,
                                 pct_error *error) {
    json_t *table = NULL, *value = NULL;
    const char *key = NULL;
    *out = (pct_site_keeping){.quiet_minute = PCT_QUIET_MINUTE};
    if (!json_object_get(config, "retention")) return PCT_OK;
    pct_status status = pct_json_get_object(file, config, "retention", &table, error);
    if (status) return status;
    json_object_foreach(table, key, value) {
        bool known = false;
        for (int c = 1; c < PCT_ERASED_CLASS_COUNT; c++) {
            char name[40];
            (void)snprintf(name, sizeof name, "%s_days", pct_erased_class_names[c]);
            if (strcmp(name, key) != 0) continue;
            json_int_t days = json_integer_value(value);
            known = json_is_integer(value) && days >= 1 && days <= DAYS_MAX;
            out->days[c] = (int32_t)(known ? days : 0);
        }
        if (strcmp(key, "quiet") == 0 && json_is_string(value))
            known = read_quiet((pct_text){json_string_value(value), json_string_length(value)},
                               &out->quiet_minute);
        if (!known) return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_RETENTION, value, error);
    }
    return PCT_OK;
}
