/* The console's files, held in memory: found by their path alone, so that no request ever names a file. O(files). */
#ifndef PCT_SERVER_ASSETS_H
#define PCT_SERVER_ASSETS_H

#include "base/status.h"

enum { PCT_ASSETS_MAX = 500, PCT_ASSET_BYTES_MAX = 16 << 20 };

typedef struct pct_asset {
    const char *path; /* "/app.js"; index.html answers to "/" too */
    const char *content_type;
    pct_text bytes;
} pct_asset;

typedef struct pct_assets {
    pct_asset *items;
    size_t count;
} pct_assets;

/* NULL when there is none; `assets` may be NULL. */
const pct_asset *pct_asset_find(const pct_assets *assets, pct_text path);
/* What a file is by its ending. */
const char *pct_asset_type(const char *path);

#endif
