#include "base/status.h"

#include <string.h>

pct_text pct_text_of(const char *chars) {
    return (pct_text){chars, chars ? strlen(chars) : 0};
}

pct_param pct_int(int64_t value) {
    return (pct_param){.kind = PCT_PARAM_INTEGER, .integer = value};
}

pct_param pct_real(double value) {
    return (pct_param){.kind = PCT_PARAM_REAL, .real = value};
}

pct_param pct_str(const char *chars) {
    return pct_view(pct_text_of(chars));
}

pct_param pct_view(pct_text text) {
    return (pct_param){.kind = PCT_PARAM_TEXT, .text = text};
}

pct_param pct_phrase(pct_message message) {
    return (pct_param){.kind = PCT_PARAM_PHRASE, .phrase = message};
}

/* The longest prefix of at most `room` bytes that does not cut a UTF-8 character. */
static size_t utf8_prefix(pct_text text, size_t room) {
    if (text.length <= room) return text.length;
    size_t n = room;
    while (n > 0 && ((unsigned char)text.chars[n] & 0xC0) == 0x80) n--;
    return n;
}

pct_status pct_error_set(pct_error *error, pct_status status, pct_message message, const pct_param *params,
                         size_t count) {
    if (!error) return status;
    if (PCT_NEVER(count > PCT_ERROR_PARAMS)) count = PCT_ERROR_PARAMS;
    pct_error e = {.status = status, .message = message, .param_count = (uint8_t)count};
    for (size_t i = 0; i < count; i++) {
        e.params[i].kind = (uint8_t)params[i].kind;
        e.params[i].integer = params[i].integer;
        e.params[i].real = params[i].real;
        if (params[i].kind == PCT_PARAM_PHRASE) e.params[i].integer = (int64_t)params[i].phrase;
        if (params[i].kind != PCT_PARAM_TEXT) continue;
        size_t room = ((size_t)PCT_ERROR_TEXT - e.text_used) / (count - i);
        size_t n = utf8_prefix(params[i].text, room);
        if (n > 0) memcpy(e.text + e.text_used, params[i].text.chars, n);
        e.params[i].text_at = e.text_used;
        e.params[i].text_length = (uint16_t)n;
        e.text_used = (uint16_t)(e.text_used + n);
    }
    *error = e;
    return status;
}

pct_param pct_error_param(const pct_error *error, size_t i) {
    if (i >= error->param_count) return pct_str("");
    switch (error->params[i].kind) {
    case PCT_PARAM_INTEGER: return pct_int(error->params[i].integer);
    case PCT_PARAM_REAL: return pct_real(error->params[i].real);
    case PCT_PARAM_PHRASE: return pct_phrase((pct_message)error->params[i].integer);
    default:
        return pct_view((pct_text){error->text + error->params[i].text_at, error->params[i].text_length});
    }
}

pct_status pct_error_memory(pct_error *error, size_t bytes) {
    return PCT_FAIL(error, PCT_MEMORY, PCT_MSG_MEMORY_EXHAUSTED, pct_int((int64_t)bytes));
}

static const struct {
    const char *name, *sentence;
    int exit_code;
} statuses[] = {
#define X(name, exit, sentence) {#name, sentence, exit},
    PCT_STATUSES(X)
#undef X
};

const char *pct_status_name(pct_status status) {
    return statuses[status].name;
}

const char *pct_status_sentence(pct_status status) {
    return statuses[status].sentence;
}

int pct_status_exit_code(pct_status status) {
    return statuses[status].exit_code;
}
