/* Sabotage: a group that failed for want of memory is told as if it were done. */
#include "desk/desk.h"

pct_status __real_pct_desk_step(pct_desk *desk, size_t *handled, pct_error *error);
pct_status __wrap_pct_desk_step(pct_desk *desk, size_t *handled, pct_error *error);

pct_status __wrap_pct_desk_step(pct_desk *desk, size_t *handled, pct_error *error) {
    pct_status status = __real_pct_desk_step(desk, handled, error);
    return status == PCT_MEMORY ? PCT_OK : status;
}
