#include "resource/groups.h"

int64_t pct_groups_withhold(const int64_t *counts, size_t count, bool *withheld) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        withheld[i] = counts[i] > 0 && counts[i] < PCT_GROUP_MIN;
        if (withheld[i]) sum += counts[i];
    }
    while (sum > 0 && sum < PCT_GROUP_MIN) {
        size_t smallest = count;
        for (size_t i = 0; i < count; i++)
            if (!withheld[i] && counts[i] > 0 && (smallest == count || counts[i] < counts[smallest]))
                smallest = i;
        if (smallest == count) break; /* nothing is left to hide it behind */
        withheld[smallest] = true;
        sum += counts[smallest];
    }
    return sum;
}
