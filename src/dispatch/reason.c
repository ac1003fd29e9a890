#include "dispatch/reason.h"

#include <inttypes.h>
#include <stdio.h>

enum { CLOCK_BYTES = 32 };

pct_reason_param pct_reason_integer(int64_t value) {
    return (pct_reason_param){.kind = PCT_REASON_INTEGER, .integer = value};
}

pct_reason_param pct_reason_clock(int64_t seconds) {
    return (pct_reason_param){.kind = PCT_REASON_CLOCK, .integer = seconds};
}

pct_reason_param pct_reason_text(pct_text text) {
    return (pct_reason_param){.kind = PCT_REASON_TEXT, .text = text};
}

pct_reason_param pct_reason_code(const pct_code *code) {
    return (pct_reason_param){.kind = PCT_REASON_CODE, .code = code};
}

pct_reason_param pct_reason_phrase(pct_message phrase) {
    return (pct_reason_param){.kind = PCT_REASON_PHRASE, .phrase = phrase};
}

static pct_param in_words(const pct_reason_param *param, pct_language language, char clock[CLOCK_BYTES]) {
    switch (param->kind) {
    case PCT_REASON_INTEGER: break;
    case PCT_REASON_CLOCK:
        (void)snprintf(clock, CLOCK_BYTES, "%" PRId64 ":%02" PRId64, param->integer / 60,
                       param->integer % 60);
        return pct_str(clock);
    case PCT_REASON_TEXT: return pct_view(param->text);
    case PCT_REASON_CODE: return pct_view(param->code->names[language]);
    case PCT_REASON_PHRASE: return pct_phrase(param->phrase);
    }
    return pct_int(param->integer);
}

pct_status pct_reason_render(const pct_reason *reason, pct_language language, pct_buffer *out) {
    char clocks[PCT_REASON_PARAMS][CLOCK_BYTES];
    pct_param params[PCT_REASON_PARAMS];
    for (size_t i = 0; i < reason->param_count; i++)
        params[i] = in_words(&reason->params[i], language, clocks[i]);
    return pct_message_render(reason->message, params, reason->param_count, language, out);
}
