/* The shipped code tables, as tests need them. */
#ifndef PCT_TESTS_SUPPORT_CODES_H
#define PCT_TESTS_SUPPORT_CODES_H

#include "dispatch/codes.h"

/* Reads definitions/codes; fails the test when it cannot. Free with pct_codes_free. */
pct_codes *test_codes(void);

#endif
