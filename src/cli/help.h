/* What the table of commands says of a command, or of all: as text, or as one JSON document, of which the manual pages are made. */
#ifndef PCT_CLI_HELP_H
#define PCT_CLI_HELP_H

#include "cli/command.h"

/* Into cli->out, in its language; `command` NULL: an overview. */
void pct_cli_help(pct_cli *cli, const pct_cli_command *command);

#endif
