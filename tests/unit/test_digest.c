#include "base/digest.h"

#include <string.h>

#include "support/test.h"

TEST(digest_is_xxh3_and_depends_on_every_byte) {
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    ck_assert_uint_eq(pct_digest("", 0), UINT64_C(0x2d06800538d394c2));
    uint64_t whole = pct_digest(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        ck_assert_uint_ne(pct_digest(bytes, sizeof bytes), whole);
        bytes[i] ^= 1;
    }
    ck_assert_uint_eq(pct_digest(bytes, sizeof bytes), whole);
}

TEST(digest_fold_depends_on_order) {
    uint64_t ab = pct_digest_fold(pct_digest_fold(0, "a", 1), "b", 1);
    uint64_t ba = pct_digest_fold(pct_digest_fold(0, "b", 1), "a", 1);
    ck_assert_uint_ne(ab, ba);
    ck_assert_uint_eq(ab, pct_digest_fold(pct_digest_fold(0, "a", 1), "b", 1));
    ck_assert_uint_ne(ab, pct_digest_fold(0, "b", 1));
}

TEST_MAIN("digest", TEST_CASE(digest_is_xxh3_and_depends_on_every_byte),
          TEST_CASE(digest_fold_depends_on_order))
