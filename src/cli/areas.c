#include "cli/areas.h"

pct_status pct_cli_open_areas(pct_site *site, pct_beats **beats, pct_store **reader, pct_error *error) {
    const pct_store_options options = {.folder = site->folder, .read_only = true};
    pct_status status = pct_beats_open(site, beats, error);
    if (!status && pct_beats_count(*beats) == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_PATROL_NO_AREAS, pct_str(site->folder));
    if (!status) status = pct_site_open_road(site, 0, error);
    return status ? status : pct_store_open(&options, reader, error);
}
