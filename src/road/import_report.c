#include <string.h>

#include "road/import.h"

/* Keeps the least ids, ascending, each once. */
static void take_example(pct_import_reason *r, int64_t id) {
    size_t at = 0;
    while (at < r->example_count && r->examples[at] < id) at++;
    if (at == PCT_IMPORT_EXAMPLES || (at < r->example_count && r->examples[at] == id)) return;
    if (r->example_count < PCT_IMPORT_EXAMPLES) r->example_count++;
    memmove(&r->examples[at + 1], &r->examples[at], (r->example_count - at - 1) * sizeof *r->examples);
    r->examples[at] = id;
}

void pct_import_drop(pct_import_report *report, pct_message reason, int64_t source_id) {
    size_t i = 0;
    while (i < report->dropped_count && report->dropped[i].reason < reason) i++;
    if (i == report->dropped_count || report->dropped[i].reason != reason) {
        if (PCT_NEVER(report->dropped_count == PCT_IMPORT_REASONS_MAX)) return;
        memmove(&report->dropped[i + 1], &report->dropped[i],
                (report->dropped_count - i) * sizeof *report->dropped);
        report->dropped[i] = (pct_import_reason){.reason = reason};
        report->dropped_count++;
    }
    report->dropped[i].count++;
    take_example(&report->dropped[i], source_id);
}
