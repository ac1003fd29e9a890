/* A plain archive (POSIX ustar), the same bytes for the same files: no owner, no time. */
#ifndef PCT_CLI_TAR_H
#define PCT_CLI_TAR_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

/* `name`: at most 100 bytes. False with errno when it could not be written. */
bool pct_tar_add(FILE *archive, const char *name, pct_text bytes);
bool pct_tar_end(FILE *archive);

#endif
