/* The watch of the log while `serve` runs: what it finds is said on the error output. */
#ifndef PCT_CLI_SERVE_WATCH_H
#define PCT_CLI_SERVE_WATCH_H

#include "cli/command.h"
#include "desk/watch.h"

/* `cli` outlives it. */
pct_status pct_serve_watch(const pct_cli *cli, const char *folder, pct_watch **out,
                           pct_error *error) PCT_MUST_USE;

#endif
