/* CSV by header (RFC 4180, UTF-8, LF or CRLF, optional byte order mark): columns are found by name, in any
 * order.
 *
 *     pct_csv csv;
 *     status = pct_csv_open(&csv, file_name, bytes, error);        // reads the header
 *     status = pct_csv_column(&csv, "lon", &lon, error);           // its number, or an error that lists the
 * header int note = pct_csv_find(&csv, "note");                       // optional: -1 when it is not there
 *     while ((status = pct_csv_next(&csv, &more, error)) == PCT_OK && more)
 *         status = pct_csv_real(&csv, lon, -180, 180, &value, error);   // errors name file, line, column,
 * value pct_csv_close(&csv);
 *
 * The bytes and the file name are borrowed until close. Fields borrow from the reader until the next row.
 * A row with too few or too many fields is an error; blank lines are passed over. */
#ifndef PCT_BASE_CSV_H
#define PCT_BASE_CSV_H

#include <stdbool.h>

#include "base/memory.h"
#include "base/status.h"

enum { PCT_CSV_COLUMNS_MAX = 256 };

typedef struct pct_csv {
    const char *file;
    pct_text rest;
    int64_t line;                  /* of the row last read, counted from 1 */
    int64_t next_line;             /* where the next row starts */
    pct_arena header_arena, arena; /* unescaped header names; unescaped fields of the row */
    pct_text *names, *fields;
    int column_count, field_count;
} pct_csv;

pct_status pct_csv_open(pct_csv *csv, const char *file, pct_text bytes, pct_error *error) PCT_MUST_USE;
void pct_csv_close(pct_csv *csv);
int pct_csv_find(const pct_csv *csv, const char *name);
pct_status pct_csv_column(const pct_csv *csv, const char *name, int *out, pct_error *error) PCT_MUST_USE;
pct_status pct_csv_next(pct_csv *csv, bool *more, pct_error *error) PCT_MUST_USE;

pct_text pct_csv_text(const pct_csv *csv, int column); /* "" for column -1 */
pct_status pct_csv_real(const pct_csv *csv, int column, double min, double max, double *out,
                        pct_error *error) PCT_MUST_USE;
pct_status pct_csv_integer(const pct_csv *csv, int column, int64_t min, int64_t max, int64_t *out,
                           pct_error *error) PCT_MUST_USE;
/* The error for a field that is not what it should be; `expected` is a phrase such as "an id". */
pct_status pct_csv_unexpected(const pct_csv *csv, int column, pct_message expected, pct_error *error);

#endif
