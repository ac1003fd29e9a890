#include "server/assets.h"

#include <string.h>

#include "base/text.h"

const char *pct_asset_type(const char *path) {
    static const struct {
        const char *ending, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".json", "application/json"},
                 {".woff2", "font/woff2"},
                 {".pbf", "application/x-protobuf"},
                 {".txt", "text/plain; charset=utf-8"},
                 {".webmanifest", "application/manifest+json"}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i].ending) == 0) return types[i].type;
    return "application/octet-stream";
}

const pct_asset *pct_asset_find(const pct_assets *assets, pct_text path) {
    if (pct_text_equal(path, "/")) path = pct_text_of("/index.html");
    for (size_t i = 0; assets && i < assets->count; i++)
        if (pct_text_equal(path, assets->items[i].path)) return &assets->items[i];
    return NULL;
}
