/* What may be told of crews' adherence, and to whom (docs/scope.md, L18). There is no other way from visits to a figure.
 *
 *   a figure        of at least PCT_CREWS_LEAST crews together, or of at least PCT_CREWS_WEEKS weeks; crews are not told apart in it, so
 *                   that nobody can be ranked
 *   a unit's sheet  (its visits one by one) to its own crew and leader, on that day and the day after its shift's end; the crew's notes
 *                   stand first, and until the crew has seen it, nobody but the crew does */
#ifndef PCT_PATROL_CREWS_H
#define PCT_PATROL_CREWS_H

#include "patrol/adherence.h"

enum { PCT_CREWS_LEAST = 3, PCT_CREWS_WEEKS = 4, PCT_CREWS_ONE_DAY = 1 };

/* Sums of crews; start with a zeroed one. */
typedef struct pct_crews {
    int64_t crews; /* that were added, each with all its shifts */
    int64_t by_state[PCT_ADHERED_STATES], shift_ms, unknown_ms;
} pct_crews;

typedef struct pct_crews_figures {
    bool told; /* false: too few, and all else is 0 */
    int64_t crews;
    int64_t by_state[PCT_ADHERED_STATES];
    double unknown_share; /* of their time without positions */
} pct_crews_figures;

/* One crew: all its shifts have to be in one adherence, or it counts as several. What was lost to a call is not counted as missed. */
void pct_crews_add(pct_crews *crews, const pct_adherence *adherence);
/* `days`: over how many days they were added. With fewer than PCT_CREWS_LEAST crews and fewer days than PCT_CREWS_WEEKS weeks nothing is told. */
pct_crews_figures pct_crews_tell(const pct_crews *crews, int64_t days);

typedef enum pct_sheet_reader {
    PCT_SHEET_CREW,   /* of that shift */
    PCT_SHEET_LEADER, /* of that crew, on that day */
    PCT_SHEET_OTHER
} pct_sheet_reader;
/* Whether somebody may see one unit's sheet now. `seen`: the crew has seen it, and could annotate it. */
bool pct_crews_may_see(pct_sheet_reader reader, bool seen, int64_t shift_end_ms, int64_t now_ms);
enum { PCT_SHEET_MS = 86400000 }; /* so long after the shift's end */

#endif
