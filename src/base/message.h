/* The message catalogue: every sentence a user can see, in English and Chinese (catalogue/, one JSON file per
 * module; a missing translation fails the build). C code knows messages by number and parameters only. */
#ifndef PCT_BASE_MESSAGE_H
#define PCT_BASE_MESSAGE_H

#include "base/buffer.h"

typedef enum pct_language { PCT_EN, PCT_ZH, PCT_LANGUAGE_COUNT } pct_language;

typedef struct pct_message_entry {
    pct_message message;
    const char *key;
    int param_count;
    const char *params[PCT_ERROR_PARAMS]; /* names, in the order in which C gives them */
    const char *sentences[PCT_LANGUAGE_COUNT];
} pct_message_entry;

/* All messages, by rising number. */
extern const pct_message_entry pct_message_table[];
extern const size_t pct_message_count;

/* The entry of a message; that of PCT_MSG_NONE for a number that is no message. O(log messages). */
const pct_message_entry *pct_message_entry_of(pct_message message);
/* The message with that key, PCT_MSG_NONE when there is none. O(messages). */
pct_message pct_message_named(pct_text key);

/* Appends the sentence with its parameters filled in, phrases in the sentence's language (a phrase is taken as it
 * stands: it has no parameters). A parameter that was not given shows as {name}. */
pct_status pct_message_render(pct_message message, const pct_param *params, size_t count,
                              pct_language language, pct_buffer *out);
pct_status pct_error_render(const pct_error *error, pct_language language, pct_buffer *out);

#endif
