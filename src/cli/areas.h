/* What commands that look at calls by area have in common: the areas of an open site, its road, and its record to read. */
#ifndef PCT_CLI_AREAS_H
#define PCT_CLI_AREAS_H

#include "site/beats.h"
#include "store/store.h"

/* PCT_NOT_FOUND when the site has no areas. What is opened is the caller's to close, also when it fails. */
pct_status pct_cli_open_areas(pct_site *site, pct_beats **beats, pct_store **reader,
                              pct_error *error) PCT_MUST_USE;

#endif
