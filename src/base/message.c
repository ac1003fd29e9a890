#include "base/message.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

const pct_message_entry *pct_message_entry_of(pct_message message) {
    size_t first = 0, end = pct_message_count;
    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;
        if (pct_message_table[middle].message > message)
            end = middle;
        else
            first = middle;
    }
    return &pct_message_table[pct_message_table[first].message == message ? first : 0];
}

pct_message pct_message_named(pct_text key) {
    for (size_t i = 0; i < pct_message_count; i++)
        if (pct_text_equal(key, pct_message_table[i].key)) return pct_message_table[i].message;
    return PCT_MSG_NONE;
}

static void append_param(pct_buffer *out, pct_param param, pct_language language) {
    switch (param.kind) {
    case PCT_PARAM_INTEGER: (void)pct_buffer_append_format(out, "%" PRId64, param.integer); break;
    case PCT_PARAM_REAL: (void)pct_buffer_append_format(out, "%.6g", param.real); break;
    case PCT_PARAM_TEXT: (void)pct_buffer_append(out, param.text.chars, param.text.length); break;
    case PCT_PARAM_PHRASE:
        (void)pct_buffer_append_text(out, pct_message_entry_of(param.phrase)->sentences[language]);
        break;
    }
}

/* The number of the parameter called name[0..length), or -1. */
static int param_number(const pct_message_entry *entry, const char *name, size_t length) {
    for (int i = 0; i < entry->param_count; i++)
        if (strlen(entry->params[i]) == length && memcmp(entry->params[i], name, length) == 0) return i;
    return -1;
}

pct_status pct_message_render(pct_message message, const pct_param *params, size_t count,
                              pct_language language, pct_buffer *out) {
    const pct_message_entry *entry = pct_message_entry_of(message);
    const char *rest = entry->sentences[language];
    for (const char *open; (open = strchr(rest, '{')) != NULL;) {
        const char *close = strchr(open, '}');
        if (!close) break;
        (void)pct_buffer_append(out, rest, (size_t)(open - rest));
        int n = param_number(entry, open + 1, (size_t)(close - open - 1));
        if (n >= 0 && (size_t)n < count)
            append_param(out, params[n], language);
        else
            (void)pct_buffer_append(out, open, (size_t)(close + 1 - open));
        rest = close + 1;
    }
    return pct_buffer_append_text(out, rest);
}

pct_status pct_error_render(const pct_error *error, pct_language language, pct_buffer *out) {
    pct_param params[PCT_ERROR_PARAMS];
    for (size_t i = 0; i < error->param_count; i++) params[i] = pct_error_param(error, i);
    return pct_message_render(error->message, params, error->param_count, language, out);
}
