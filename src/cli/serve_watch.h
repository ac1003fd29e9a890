/* The watches of the log and of look-ups while `serve` runs: what ails them is said on the error output. */
#ifndef PCT_CLI_SERVE_WATCH_H
#define PCT_CLI_SERVE_WATCH_H

#include "cli/command.h"
#include "desk/log_tiles.h"
#include "desk/watch.h"
#include "resource/service.h"

/* The log for others to read, on a reader of its own; `folder` outlives it. */
pct_status pct_serve_log_tiles(const char *folder, pct_log_tiles **out, pct_error *error) PCT_MUST_USE;

/* `cli` outlives it. */
pct_status pct_serve_watch(const pct_cli *cli, const char *folder, pct_watch **out,
                           pct_error *error) PCT_MUST_USE;

/* Of the service's site, by the clock of its desk. With rules that cannot be read service->misuse stays NULL, and that is said: calls
 * are taken all the same. */
pct_status pct_serve_misuse(const pct_cli *cli, pct_service *service, pct_error *error) PCT_MUST_USE;

#endif
