/* Reading cover.csv: one row for each priority. O(bytes). */
#include "base/csv.h"
#include "dispatch/recommend.h"

enum { GAP_MAX_S = 24 * 3600, CAP_MAX_S = 24 * 3600 };

typedef struct reader {
    pct_csv csv;
    int priority, gap, cap, busy;
    bool given[PCT_PRIORITY_COUNT];
} reader;

static pct_status read_row(reader *r, pct_cover_settings *out, pct_error *error) {
    int64_t priority, gap_s, cap_s;
    double busy_share;
    pct_status status = pct_csv_integer(&r->csv, r->priority, 1, PCT_PRIORITY_COUNT, &priority, error);
    if (!status) status = pct_csv_integer(&r->csv, r->gap, 0, GAP_MAX_S, &gap_s, error);
    if (!status) status = pct_csv_integer(&r->csv, r->cap, 1, CAP_MAX_S, &cap_s, error);
    if (!status) status = pct_csv_real(&r->csv, r->busy, 0.0, 1.0, &busy_share, error);
    if (status) return status;
    if (r->given[priority - 1])
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_COVER_PRIORITY_TWICE, pct_str(r->csv.file),
                        pct_int(r->csv.line), pct_int(priority));
    r->given[priority - 1] = true;
    out[priority - 1] = (pct_cover_settings){gap_s * 1000, cap_s * 1000, busy_share};
    return PCT_OK;
}

pct_status pct_cover_settings_read(const char *file, pct_text bytes,
                                   pct_cover_settings out[PCT_PRIORITY_COUNT], pct_error *error) {
    reader r = {.given = {false}};
    bool more = true;
    pct_status status = pct_csv_open(&r.csv, file, bytes, error);
    if (status) return status;
    status = pct_csv_column(&r.csv, "priority", &r.priority, error);
    if (!status) status = pct_csv_column(&r.csv, "gap_s", &r.gap, error);
    if (!status) status = pct_csv_column(&r.csv, "cap_s", &r.cap, error);
    if (!status) status = pct_csv_column(&r.csv, "busy_share", &r.busy, error);
    while (!status && (status = pct_csv_next(&r.csv, &more, error)) == PCT_OK && more)
        status = read_row(&r, out, error);
    for (int p = 0; p < PCT_PRIORITY_COUNT && !status; p++)
        if (!r.given[p])
            status =
                PCT_FAIL(error, PCT_INPUT, PCT_MSG_COVER_PRIORITY_MISSING, pct_str(file), pct_int(p + 1));
    pct_csv_close(&r.csv);
    return status;
}
