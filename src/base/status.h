/* Status codes and errors.
 *
 * Every function that can fail returns a pct_status and, where there is more to say, fills a pct_error that
 * the caller supplies (it may be NULL). An error is a catalogue message with its parameters: what was found,
 * what was expected, where, and what to do; it is rendered in zh or en only where somebody reads it.
 *
 * Memory: a pct_error holds copies of its text parameters (cut at a character, never beyond PCT_ERROR_TEXT
 * bytes in all), so it outlives its causes and may be copied by value. */
#ifndef PCT_BASE_STATUS_H
#define PCT_BASE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "message_ids.h" /* generated from catalogue/: enum pct_message, PCT_MSG_… */

/* The kinds of outcome; `exit` is what the command line returns for it. */
#define PCT_STATUSES(X)                                                                                      \
    X(OK, 0, "done")                                                                                         \
    X(NOT_FOUND, 1, "no such thing")                                                                         \
    X(UNREACHABLE, 1, "no way leads there")                                                                  \
    X(REFUSED, 1, "the rules refuse the command")                                                            \
    X(CHECK_FAILED, 1, "a check failed")                                                                     \
    X(MISUSE, 2, "a parameter breaks the function's contract")                                               \
    X(INPUT, 2, "the input is not as its format demands")                                                    \
    X(DAMAGED, 2, "the file is damaged or of another version")                                               \
    X(LIMIT, 2, "a stated limit would be exceeded")                                                          \
    X(MEMORY, 3, "memory is exhausted")                                                                      \
    X(IO, 3, "the operating system refused")                                                                 \
    X(BUSY, 3, "somebody else holds it")                                                                     \
    X(INTERNAL, 3, "a branch that cannot happen did")

typedef enum pct_status {
#define X(name, exit, sentence) PCT_##name,
    PCT_STATUSES(X)
#undef X
} pct_status;

#define PCT_MUST_USE __attribute__((warn_unused_result))

/* Borrowed text, not NUL-terminated. */
typedef struct pct_text {
    const char *chars;
    size_t length;
} pct_text;

/* A message parameter as given by the caller; text is borrowed. A phrase is a message without parameters of its own,
 * such as "a whole number": it is put into words in the language of the sentence that it stands in, so that no
 * sentence mixes two languages. Text is for what is the same in both: names of files, columns and options, codes,
 * and what was found in the input. */
typedef struct pct_param {
    enum { PCT_PARAM_INTEGER, PCT_PARAM_REAL, PCT_PARAM_TEXT, PCT_PARAM_PHRASE } kind;
    int64_t integer;
    double real;
    pct_text text;
    pct_message phrase;
} pct_param;

enum { PCT_ERROR_PARAMS = 6, PCT_ERROR_TEXT = 480 };

typedef struct pct_error {
    pct_status status;
    pct_message message;
    uint8_t param_count;
    struct {
        uint8_t kind;
        uint16_t text_at, text_length; /* into text[] */
        int64_t integer;               /* a phrase: its message */
        double real;
    } params[PCT_ERROR_PARAMS];
    uint16_t text_used;
    char text[PCT_ERROR_TEXT];
} pct_error;

pct_text pct_text_of(const char *chars);
pct_param pct_int(int64_t value);
pct_param pct_real(double value);
pct_param pct_str(const char *chars);
pct_param pct_view(pct_text text);
pct_param pct_phrase(pct_message message);

/* Fills *error (may be NULL) and returns `status`, so that a failure is one statement:
 *     return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_COLUMN_MISSING, pct_str(file), pct_str(column)); */
pct_status pct_error_set(pct_error *error, pct_status status, pct_message message, const pct_param *params,
                         size_t count);

#define PCT_FAIL(error, status, message, ...)                                                                \
    pct_error_set(error, status, message, (const pct_param[]){__VA_ARGS__},                                  \
                  sizeof((const pct_param[]){__VA_ARGS__}) / sizeof(pct_param))

/* The i-th parameter of an error; its text borrows from *error. */
pct_param pct_error_param(const pct_error *error, size_t i);

/* What happened when an allocation of `bytes` failed. */
pct_status pct_error_memory(pct_error *error, size_t bytes);

const char *pct_status_name(pct_status status);
const char *pct_status_sentence(pct_status status);
int pct_status_exit_code(pct_status status);

/* Branches that the design excludes. They stay in release builds: NEVER(x) yields x and, in test builds,
 * aborts when x is true, so that a test run cannot pass over one. */
#ifdef PCT_TEST_BUILD
#include <stdlib.h>
#define PCT_NEVER(x)  ((x) ? (abort(), 1) : 0)
#define PCT_ALWAYS(x) ((x) ? 1 : (abort(), 0))
#else
#define PCT_NEVER(x)  (x)
#define PCT_ALWAYS(x) (x)
#endif

#endif
