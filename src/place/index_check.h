/* What must hold inside a gazetteer before anything may rely on it. */
#ifndef PCT_PLACE_INDEX_CHECK_H
#define PCT_PLACE_INDEX_CHECK_H

#include "place/data.h"

/* PCT_MSG_NONE when all is sound, else the phrase for what is not; PCT_MEMORY through *status. O(size). */
pct_message pct_gazetteer_fault(const pct_gazetteer *gazetteer, pct_status *status);

#endif
