#include "base/digest.h"

#include <xxhash.h>

uint64_t pct_digest(const void *bytes, size_t length) {
    return XXH3_64bits(bytes, length);
}

uint64_t pct_digest_fold(uint64_t running, const void *bytes, size_t length) {
    return XXH3_64bits_withSeed(bytes, length, running);
}
