#include "site/bands.h"

#include <stdio.h>
#include <sys/stat.h>

static pct_status read_tables(const pct_site *site, pct_site_bands *out, pct_error *error) {
    static const char bands_name[] = "bands.csv", speeds_name[] = "speeds.csv";
    pct_mapped_file bands = {{"", 0}, NULL}, speeds = {{"", 0}, NULL};
    pct_status status = pct_site_map_definition(site, bands_name, &bands, error);
    if (!status) status = pct_bands_read(bands_name, bands.bytes, &out->bands, error);
    if (!status) status = pct_site_map_definition(site, speeds_name, &speeds, error);
    if (!status) status = pct_speeds_read(speeds_name, speeds.bytes, &out->base, error);
    if (bands.memory) pct_file_unmap(&bands);
    if (speeds.memory) pct_file_unmap(&speeds);
    return status;
}

pct_status pct_site_bands_open(const pct_site *site, pct_site_bands *out, pct_error *error) {
    pct_mapped_file file = {{"", 0}, NULL};
    char path[PCT_PATH_MAX];
    struct stat info;
    *out = (pct_site_bands){.has_learnt = false};
    pct_status status = read_tables(site, out, error);
    if (!status) status = pct_path_join(path, site->folder, PCT_SITE_LEARNT_SPEEDS, error);
    if (status || stat(path, &info) != 0) return status;
    status = pct_file_map(path, &file, error);
    if (!status)
        status =
            pct_learnt_read(PCT_SITE_LEARNT_SPEEDS, file.bytes, &out->bands, site->road, &out->learnt, error);
    pct_file_unmap(&file);
    out->has_learnt = !status;
    return status;
}

void pct_site_bands_dispose(pct_site_bands *bands) {
    pct_learnt_dispose(&bands->learnt);
}

/* *road becomes the band's, *open what it was. */
static pct_status take_band(const pct_site_bands *bands, int band, pct_road **road, pct_road **open,
                            pct_error *error) {
    pct_road *made = NULL;
    if (!pct_learnt_has(&bands->learnt, pct_learnt_profile_of((*road)->profile), band)) return PCT_OK;
    pct_status status = pct_road_of_band(*road, &bands->learnt, band, &bands->base, &made, error);
    if (status) return status;
    *open = *road;
    *road = made;
    return PCT_OK;
}

pct_status pct_site_take_band(pct_site *site, int64_t at_ms, pct_error *error) {
    pct_site_bands bands;
    pct_status status = pct_site_bands_open(site, &bands, error);
    if (status) return status;
    int band = pct_bands_at(&bands.bands, &site->zone, at_ms);
    status = take_band(&bands, band, &site->road, &site->open_road, error);
    if (!status && site->patrol) status = take_band(&bands, band, &site->patrol, &site->open_patrol, error);
    pct_site_bands_dispose(&bands);
    return status;
}
