/* What site.json says of the log as others may read it (desk/log_tiles.h):
 *
 *     "log": {"public": true}
 *
 * public: tree heads and hash tiles are for everybody who reaches the server, signed in or not; for oversight and the audit administrator alone when
 * it is left out. Whose entry a hash is of, nobody reads from it; who knows an entry to the last byte may see whether it is there. */
#ifndef PCT_SITE_LOG_SHOWN_H
#define PCT_SITE_LOG_SHOWN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"

pct_status pct_site_log_shown_read(const char *file, const json_t *config, bool *is_public,
                                   pct_error *error) PCT_MUST_USE;

#endif
