/* The console's files from a folder into memory, once, when the server starts. */
#ifndef PCT_CLI_ASSETS_H
#define PCT_CLI_ASSETS_H

#include "base/memory.h"
#include "server/assets.h"

typedef struct pct_cli_assets {
    pct_assets assets;
    pct_arena arena;
} pct_cli_assets;

/* folder NULL: no files. Hidden files are passed over. */
pct_status pct_cli_assets_read(const char *folder, pct_cli_assets *out, pct_error *error) PCT_MUST_USE;
void pct_cli_assets_dispose(pct_cli_assets *assets);

#endif
