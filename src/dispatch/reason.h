/* Why a unit is recommended or passed over: a catalogue message and what to put into it. Codes and phrases are kept as
 * what they are and become words only when somebody reads the reason, in the reader's language; making a reason
 * allocates nothing. Texts and codes are borrowed: from the board, its codes and the demand points. */
#ifndef PCT_DISPATCH_REASON_H
#define PCT_DISPATCH_REASON_H

#include "dispatch/codes.h"

typedef struct pct_reason_param {
    enum {
        PCT_REASON_INTEGER,
        PCT_REASON_CLOCK, /* seconds, shown as 4:10 */
        PCT_REASON_TEXT,
        PCT_REASON_CODE,  /* shown by its name */
        PCT_REASON_PHRASE /* a message without parameters, such as "the north" */
    } kind;
    union {
        int64_t integer;
        pct_text text;
        const pct_code *code;
        pct_message phrase;
    };
} pct_reason_param;

pct_reason_param pct_reason_integer(int64_t value);
pct_reason_param pct_reason_clock(int64_t seconds);
pct_reason_param pct_reason_text(pct_text text);
pct_reason_param pct_reason_code(const pct_code *code);
pct_reason_param pct_reason_phrase(pct_message phrase);

enum { PCT_REASON_PARAMS = 6 };
typedef struct pct_reason {
    pct_message message;
    uint8_t param_count;
    pct_reason_param params[PCT_REASON_PARAMS];
} pct_reason;

pct_status pct_reason_render(const pct_reason *reason, pct_language language, pct_buffer *out);

#endif
