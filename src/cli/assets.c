#include "cli/assets.h"

#include <errno.h>
#include <fts.h>
#include <string.h>

#include "site/file.h"

enum { ARENA_MAX = 64 << 20 };

static pct_status add(pct_cli_assets *out, const char *file, size_t root_length, pct_error *error) {
    pct_mapped_file mapped;
    if (out->assets.count == PCT_ASSETS_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_str(file), pct_int(PCT_ASSETS_MAX));
    pct_status status = pct_file_map(file, &mapped, error);
    if (status) return status;
    char *path = pct_arena_text(&out->arena, file + root_length, strlen(file + root_length));
    char *bytes = pct_arena_text(&out->arena, mapped.bytes.chars, mapped.bytes.length);
    size_t length = mapped.bytes.length;
    pct_file_unmap(&mapped);
    if (!path || !bytes) return pct_error_memory(error, length);
    out->assets.items[out->assets.count++] = (pct_asset){path, pct_asset_type(path), {bytes, length}};
    return PCT_OK;
}

pct_status pct_cli_assets_read(const char *folder, pct_cli_assets *out, pct_error *error) {
    *out = (pct_cli_assets){.arena = pct_arena_init(ARENA_MAX)};
    if (!folder) return PCT_OK;
    size_t root_length = strlen(folder);
    while (root_length > 1 && folder[root_length - 1] == '/') root_length--;
    char *root = pct_arena_text(&out->arena, folder, root_length);
    out->assets.items = pct_arena_alloc(&out->arena, PCT_ASSETS_MAX, sizeof *out->assets.items);
    if (!root || !out->assets.items)
        return pct_error_memory(error, PCT_ASSETS_MAX * sizeof *out->assets.items);
    char *roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (!walk)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_ASSET_FOLDER, pct_str(folder), pct_str(strerror(errno)));
    pct_status status = PCT_OK;
    for (FTSENT *entry; !status && (entry = fts_read(walk)) != NULL;) {
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            (void)fts_set(walk, entry, FTS_SKIP);
        else if (entry->fts_info == FTS_F)
            status = add(out, entry->fts_path, root_length, error);
        else if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
            status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_ASSET_FOLDER, pct_str(folder),
                              pct_str(strerror(entry->fts_errno)));
    }
    (void)fts_close(walk);
    return status;
}

void pct_cli_assets_dispose(pct_cli_assets *assets) {
    pct_arena_dispose(&assets->arena);
}
