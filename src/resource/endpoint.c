#include "resource/endpoint.h"

#include <string.h>

#include "base/text.h"

/* "{parameter*}", the last part of a pattern: all that is left, slashes included. */
static bool takes_rest(pct_text pattern) {
    return pattern.length > 2 && pattern.chars[0] == '{' && pattern.chars[pattern.length - 2] == '*';
}

/* One part of a path against one part of a pattern: "word", "{parameter}" or "{parameter}.suffix". */
static bool part_matches(pct_text pattern, pct_text part, pct_text *value, bool *is_value) {
    *is_value = pattern.length > 0 && pattern.chars[0] == '{';
    if (!*is_value) return pct_text_same(pattern, part);
    const char *close = memchr(pattern.chars, '}', pattern.length);
    if (PCT_NEVER(!close)) return false;
    size_t suffix = pattern.length - (size_t)(close + 1 - pattern.chars);
    if (part.length <= suffix || memcmp(part.chars + part.length - suffix, close + 1, suffix) != 0)
        return false;
    *value = (pct_text){part.chars, part.length - suffix};
    return true;
}

static bool path_matches(const char *pattern, pct_text path, pct_text values[PCT_PATH_VALUES_MAX]) {
    pct_text wanted = pct_text_of(pattern), a, b;
    size_t count = 0;
    while (true) {
        pct_text left = path, value;
        bool more_a = pct_text_next(&wanted, '/', &a), more_b = pct_text_next(&path, '/', &b), is_value;
        if (more_a != more_b) return false;
        if (!more_a) return true;
        if (takes_rest(a) && left.length > 0 && count < PCT_PATH_VALUES_MAX) {
            values[count] = left;
            return true;
        }
        if (!part_matches(a, b, &value, &is_value)) return false;
        if (is_value && count < PCT_PATH_VALUES_MAX) values[count++] = value;
    }
}

pct_status pct_endpoint_find(pct_text method, pct_text path, const pct_endpoint **out,
                             pct_text values[PCT_PATH_VALUES_MAX], pct_buffer *allowed) {
    bool exists = false;
    for (size_t i = 0; i < pct_endpoint_count; i++) {
        const pct_endpoint *e = &pct_endpoints[i];
        if (!path_matches(e->path, path, values)) continue;
        if (pct_text_equal(method, e->method) ||
            (pct_text_equal(method, "HEAD") && strcmp(e->method, "GET") == 0)) {
            *out = e;
            return PCT_OK;
        }
        if (exists) (void)pct_buffer_append_text(allowed, ", ");
        (void)pct_buffer_append_text(allowed, e->method);
        exists = true;
    }
    return exists ? PCT_REFUSED : PCT_NOT_FOUND;
}
