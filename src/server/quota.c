/* Token buckets in thousandths, so that a millisecond fills something. */
#include "server/quota.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"

enum { ADDRESS_BYTES = 48, WAYS = 4, SETS = PCT_QUOTA_ADDRESSES / WAYS, MILLI = 1000 };

typedef struct bucket {
    char address[ADDRESS_BYTES]; /* empty: free */
    int64_t milli, at_ms, known_until_ms;
} bucket;

struct pct_quota {
    pthread_mutex_t lock;
    bucket buckets[SETS][WAYS];
};

pct_status pct_quota_new(pct_quota **out, pct_error *error) {
    pct_quota *quota = pct_alloc_zeroed(1, sizeof *quota);
    if (!quota) return pct_error_memory(error, sizeof *quota);
    (void)pthread_mutex_init(&quota->lock, NULL);
    *out = quota;
    return PCT_OK;
}

void pct_quota_free(pct_quota *quota) {
    if (!quota) return;
    (void)pthread_mutex_destroy(&quota->lock);
    pct_free(quota);
}

/* Filled up to now. A new address has a full bucket. */
static bucket *bucket_of(pct_quota *quota, const char *address, int64_t now_ms) {
    const int64_t most = (int64_t)PCT_QUOTA_BURST * MILLI;
    bucket *set = quota->buckets[XXH3_64bits(address, strlen(address)) % SETS], *found = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (strncmp(set[i].address, address, ADDRESS_BYTES - 1) == 0) {
            found = &set[i];
            break;
        }
        if (set[i].at_ms < found->at_ms) found = &set[i];
    }
    if (strncmp(found->address, address, ADDRESS_BYTES - 1) != 0) {
        *found = (bucket){.milli = most, .at_ms = now_ms};
        (void)snprintf(found->address, sizeof found->address, "%s", address);
    }
    int64_t passed_ms = now_ms - found->at_ms;
    if (passed_ms > most) passed_ms = most;
    if (passed_ms > 0) found->milli += passed_ms * PCT_QUOTA_PER_S;
    if (found->milli > most) found->milli = most;
    found->at_ms = now_ms;
    return found;
}

int pct_quota_take(pct_quota *quota, const char *address, int cost, int64_t now_ms) {
    const int64_t wanted = (int64_t)cost * MILLI;
    int wait_s = 0;
    (void)pthread_mutex_lock(&quota->lock);
    bucket *b = bucket_of(quota, address, now_ms);
    if (b->milli >= wanted)
        b->milli -= wanted;
    else
        wait_s = 1 + (int)((wanted - b->milli) / ((int64_t)PCT_QUOTA_PER_S * MILLI));
    (void)pthread_mutex_unlock(&quota->lock);
    return wait_s;
}

void pct_quota_know(pct_quota *quota, const char *address, int64_t now_ms) {
    (void)pthread_mutex_lock(&quota->lock);
    bucket_of(quota, address, now_ms)->known_until_ms = now_ms + (int64_t)PCT_QUOTA_KNOWN_S * MILLI;
    (void)pthread_mutex_unlock(&quota->lock);
}

bool pct_quota_knows(pct_quota *quota, const char *address, int64_t now_ms) {
    (void)pthread_mutex_lock(&quota->lock);
    bool known = bucket_of(quota, address, now_ms)->known_until_ms > now_ms;
    (void)pthread_mutex_unlock(&quota->lock);
    return known;
}
