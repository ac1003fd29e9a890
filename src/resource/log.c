/* The log for oversight and its witnesses (desk/log_tiles.h): the newest tree head that was given out, and hash tiles. Entries are no part of
 * it: they say who did what, and giving out the record as a whole takes two persons and a command (docs/decisions/0048). */
#include "desk/log_tiles.h"

#include "api_handlers.h"
#include "resource/exchange.h"

pct_status pct_resource_log_checkpoint(pct_exchange *x, pct_error *error) {
    pct_status status = pct_log_tiles_head(x->service->log_tiles, &x->reply, error);
    if (status) return status;
    x->content_type = "text/plain; charset=utf-8";
    pct_exchange_tag(x);
    return PCT_OK;
}

/* Of a full tile every copy is good for ever; who has it may keep it. */
static const char *keeping_of(const pct_exchange *x, pct_tile tile) {
    if (tile.width < PCT_TILE_WIDTH) return NULL;
    return x->service->site->log_public ? "public, max-age=31536000, immutable"
                                        : "private, max-age=31536000, immutable";
}

pct_status pct_resource_log_tile(pct_exchange *x, pct_error *error) {
    pct_tile tile;
    bool entries = false;
    pct_text level = pct_exchange_path(x, "level"), number = pct_exchange_path(x, "number");
    pct_buffer path = pct_buffer_init(2 * PCT_TILE_PATH);
    (void)pct_buffer_append_text(&path, "tile/");
    (void)pct_buffer_append(&path, level.chars, level.length);
    (void)pct_buffer_append_byte(&path, '/');
    (void)pct_buffer_append(&path, number.chars, number.length);
    pct_status status = pct_buffer_status(&path, error);
    const pct_text asked = {(const char *)path.bytes, path.length};
    if (!status && (!pct_tile_from_path(asked, &tile, &entries) || entries))
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LOG_TILE_NONE, pct_view(asked));
    if (!status) status = pct_log_tiles_get(x->service->log_tiles, tile, &x->reply, error);
    pct_buffer_dispose(&path);
    if (status) return status;
    x->content_type = "application/octet-stream";
    x->cache = keeping_of(x, tile);
    pct_exchange_tag(x);
    return PCT_OK;
}
