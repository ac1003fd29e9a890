/* Numbers about small groups are not told to those who see aggregates alone (docs/scope.md: groups of at least 10). Pure. */
#ifndef PCT_RESOURCE_GROUPS_H
#define PCT_RESOURCE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PCT_GROUP_MIN = 10 };

/* Says of each count whether it is withheld: 1 to PCT_GROUP_MIN - 1, and the smallest others while the withheld ones
 * together are fewer than PCT_GROUP_MIN, so that no sum gives them away. Returns their sum. O(count²) where many are
 * small, else O(count). */
int64_t pct_groups_withhold(const int64_t *counts, size_t count, bool *withheld);

#endif
