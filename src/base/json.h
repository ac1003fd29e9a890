/* JSON: jansson reads, a streaming writer writes (a tree to print a large matrix costs twice the matrix).
 *
 * Reading. pct_json_parse gives a jansson tree (json_decref it); duplicate keys, bad UTF-8 and NaN are
 * errors with line and column. The pct_json_get_… functions look a member up and report file, path, what was
 * expected and what was found.
 *
 * Writing. A writer appends to a pct_buffer and keeps commas and nesting itself; begin and end calls must
 * pair.
 * Failures stick in the buffer. */
#ifndef PCT_BASE_JSON_H
#define PCT_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"

pct_status pct_json_parse(const char *file, pct_text bytes, json_t **out, pct_error *error) PCT_MUST_USE;
pct_status pct_json_get_object(const char *file, const json_t *object, const char *key, json_t **out,
                               pct_error *error) PCT_MUST_USE;
pct_status pct_json_get_array(const char *file, const json_t *object, const char *key, json_t **out,
                              pct_error *error) PCT_MUST_USE;
/* The text borrows from the tree. */
pct_status pct_json_get_text(const char *file, const json_t *object, const char *key, pct_text *out,
                             pct_error *error) PCT_MUST_USE;
pct_status pct_json_get_real(const char *file, const json_t *object, const char *key, double *out,
                             pct_error *error) PCT_MUST_USE;
pct_status pct_json_get_integer(const char *file, const json_t *object, const char *key, int64_t *out,
                                pct_error *error) PCT_MUST_USE;
/* The phrase for the kind of a value: "an array"; of NULL, "nothing". */
pct_message pct_json_kind(const json_t *value);
/* The error for a member that is not what it should be; `expected` is a phrase such as "a column name". A value of 60 bytes or less is shown,
 * of a longer one what it is. */
pct_status pct_json_unexpected(const char *file, const char *path, pct_message expected, const json_t *found,
                               pct_error *error);

enum { PCT_JSON_DEPTH_MAX = 32 };

typedef struct pct_json_writer {
    pct_buffer *out;
    int depth;
    bool has_items[PCT_JSON_DEPTH_MAX], after_key;
} pct_json_writer;

pct_json_writer pct_json_writer_init(pct_buffer *out);
void pct_json_begin_object(pct_json_writer *writer);
void pct_json_end_object(pct_json_writer *writer);
void pct_json_begin_array(pct_json_writer *writer);
void pct_json_end_array(pct_json_writer *writer);
void pct_json_key(pct_json_writer *writer, const char *key);
void pct_json_text(pct_json_writer *writer, pct_text text);
void pct_json_string(pct_json_writer *writer, const char *chars);
void pct_json_integer(pct_json_writer *writer, int64_t value);
void pct_json_real(pct_json_writer *writer, double value,
                   int decimals); /* 0–17; zeros at the end cut; NaN is null */
/* A list of durations in seconds, to the tenth, from milliseconds; null for UINT32_MAX. Made for tables: one growth of the
 * buffer, some nanoseconds a number. */
void pct_json_seconds(pct_json_writer *writer, const uint32_t *ms, size_t count);
void pct_json_bool(pct_json_writer *writer, bool value);
void pct_json_null(pct_json_writer *writer);

#endif
