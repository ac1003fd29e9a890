/* `log verify --proof` without a site: what a proof and a public key alone show. */
#ifndef PCT_CLI_LOG_OFFLINE_H
#define PCT_CLI_LOG_OFFLINE_H

#include "cli/command.h"

pct_status pct_log_verify_offline(pct_cli *cli, pct_error *error) PCT_MUST_USE;

#endif
