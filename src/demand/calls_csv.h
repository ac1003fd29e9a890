/* calls.csv: the calls of some days, one a row (docs/reference/files.md).
 *
 * Reading finds columns by header, in any order; a mapping says how another source spells columns and values:
 *     {"calls": {"columns": {ours: theirs}, "values": {column: {theirs: ours}}}}
 * Without a mapped value the text itself is read as ours. Required: call_id, time_local, type, priority, lon, lat;
 * address is optional; further columns are passed over. The type stays text: which types exist is not known here.
 *
 * Times are local wall time, in milliseconds since 1970-01-01T00:00 of that wall clock; the caller knows the zone
 * (pct_zone_to_utc_ms). Texts lie in the list's arena until it is disposed of. O(rows). */
#ifndef PCT_DEMAND_CALLS_CSV_H
#define PCT_DEMAND_CALLS_CSV_H

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/vector.h"
#include "geo/position.h"

enum { PCT_CALLS_MAX = 20 << 20 };

typedef struct pct_call_record {
    pct_text id, type, address;
    int64_t time_local_ms;
    int64_t line; /* in the file it was read from */
    pct_position position;
    uint8_t priority; /* 1 … 4 */
} pct_call_record;

typedef struct pct_call_list {
    pct_vector records; /* of pct_call_record, in file order */
    pct_arena arena;
} pct_call_list;

/* `mapping` is a whole mapping document or NULL; `mapping_file` is its name in errors. */
pct_status pct_calls_read(const char *file, pct_text bytes, const char *mapping_file, const json_t *mapping,
                          pct_call_list *out, pct_error *error) PCT_MUST_USE;
void pct_calls_dispose(pct_call_list *calls);

/* Appends header and rows. Failures stick in the buffer. */
void pct_calls_write(const pct_call_record *records, size_t count, pct_buffer *out);

/* "2026-06-01T08:30:00" (or with a space; seconds and a decimal fraction may be left out) and nothing else; false
 * for anything that is not a time of the proleptic Gregorian calendar. */
bool pct_local_time_from_text(pct_text text, int64_t *time_local_ms);
/* Appends YYYY-MM-DDTHH:MM:SS. */
void pct_local_time_append(int64_t time_local_ms, pct_buffer *out);
/* Appends a CSV field, quoted where RFC 4180 asks for it. */
void pct_csv_field_append(pct_text field, pct_buffer *out);

#endif
