/* Where and when calls for service rise: each area in each four hours of a weekday, compared with itself.
 *
 * The last PCT_RISING_WEEKS such weekdays stand against the same weekday's history before them (a year at most, PCT_RISING_LEAST
 * weeks at least). Were nothing changed, the recent ones would be a binomial share of all: an exact test (Przyborowski and
 * Wilenski 1940), with counts divided by their dispersion (the Pearson statistic of the history over all cells, 1 at least),
 * since calls come in bursts. The interval of the ratio is Clopper and Pearson's of that share. As many cells are looked at, one
 * rises only where its interval lies above 1 and the false discovery rate (Benjamini and Hochberg 1995) stays below a tenth.
 *
 * Only places, times and counts come in, and the caller brings no call that a patrol made; a cell of fewer than PCT_RISING_CALLS
 * calls is not shown. No two areas are compared.
 *
 *     status = pct_rising_learn(calls, count, areas, day, &sheet, &error);  …sheet.cells…  pct_rising_dispose(&sheet); */
#ifndef PCT_DEMAND_RISING_H
#define PCT_DEMAND_RISING_H

#include <stdbool.h>

#include "base/vector.h"

enum {
    PCT_RISING_WEEKS = 4,    /* recent */
    PCT_RISING_LEAST = 8,    /* of history */
    PCT_RISING_HISTORY = 52, /* of history at most */
    PCT_RISING_HOURS = 4,    /* of a cell */
    PCT_RISING_BLOCKS = 24 / PCT_RISING_HOURS,
    PCT_RISING_CALLS = 10
};

typedef struct pct_rising_call {
    int64_t local_ms; /* of the clock on the wall since 1970 */
    uint32_t area;    /* below `areas` */
} pct_rising_call;

typedef struct pct_rising_cell {
    uint32_t area;
    int block; /* of the day's four hours, from 0 */
    int64_t recent, history;
    double expected;         /* recent ones, were nothing changed */
    double ratio, low, high; /* recent against history a week, with 95 %; high may be INFINITY (no history) */
    double chance;           /* that as many come although nothing changed */
    bool rises;
} pct_rising_cell;

typedef struct pct_rising {
    int64_t history_weeks; /* below PCT_RISING_LEAST: nothing is told, there are no cells */
    int64_t calls, hidden; /* calls looked at; cells with too few of them to be shown */
    double dispersion;
    pct_vector cells; /* of pct_rising_cell, the surest rise (highest `low`) first */
} pct_rising;

/* For the day, counted from 1970 by the wall's clock. Calls of that day and later are not looked at; in any order.
 * O(calls + areas × weeks). PCT_LIMIT when memory runs out. */
pct_status pct_rising_learn(const pct_rising_call *calls, size_t count, uint32_t areas, int64_t day,
                            pct_rising *out, pct_error *error) PCT_MUST_USE;
void pct_rising_dispose(pct_rising *rising); /* accepts a zeroed one */

#endif
