/* The table of policies: a new one is a file policy_NAME.c and a row here. */
#include "dispatch/recommend.h"

const pct_policy *const pct_policies[] = {&pct_policy_nearest, &pct_policy_nearest_with_cover};
const size_t pct_policy_count = sizeof pct_policies / sizeof *pct_policies;
