/* Second factors under the agency's key, as the commands need them. */
#ifndef PCT_CLI_FACTORS_H
#define PCT_CLI_FACTORS_H

#include "access/factor.h"
#include "site/agency.h"

/* Of who serves: another key than they were sealed under is said on standard error, and keeps nobody else out. */
pct_status pct_factors_open(pct_accounts *accounts, const pct_agency *agency, pct_error *error) PCT_MUST_USE;

#endif
