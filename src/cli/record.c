#include "cli/record.h"

#include <string.h>

#include "cli/own_time.h"
#include "desk/map_told.h"

enum { FILES = 4 };

static pct_status read_codes(pct_record *record, pct_error *error) {
    static const char *const names[FILES] = {
        "codes/" PCT_CODES_INCIDENT_TYPES_FILE, "codes/" PCT_CODES_CAPABILITIES_FILE,
        "codes/" PCT_CODES_UNIT_KINDS_FILE, "codes/" PCT_CODES_PRIORITIES_FILE};
    pct_mapped_file files[FILES] = {{{"", 0}, NULL}};
    pct_status status = PCT_OK;
    for (int i = 0; i < FILES && !status; i++)
        status = pct_site_map_definition(&record->site, names[i], &files[i], error);
    const pct_codes_source source = {names[0],       names[1],       names[2],       names[3],
                                     files[0].bytes, files[1].bytes, files[2].bytes, files[3].bytes};
    if (!status) status = pct_codes_read(&source, &record->codes, error);
    for (int i = 0; i < FILES; i++)
        if (files[i].memory) pct_file_unmap(&files[i]);
    return status;
}

static int64_t stands_still(void *context) {
    return *(const int64_t *)context;
}

/* NULL: the wall's, which a live record goes by whatever stands in it. */
static pct_status choose_clock(pct_record *record, int64_t (**clock_ms)(void *), pct_error *error) {
    *clock_ms = NULL;
    if (!record->site.drill) return PCT_OK;
    pct_status status = pct_own_time_find(record->store, &record->stands_at_ms, error);
    if (!status) *clock_ms = stands_still;
    return status == PCT_NOT_FOUND ? PCT_OK : status;
}

pct_status pct_record_open(const char *folder, bool write, const char *key, pct_record *out,
                           pct_error *error) {
    *out = (pct_record){0};
    pct_status status = pct_site_open(folder, &out->site, error);
    if (!status) status = pct_agency_init(&out->site, key, &out->agency, error);
    if (status) return status;
    const pct_store_options options = {
        .folder = out->site.folder, .read_only = !write, .keeper = write ? &out->agency.keeper : NULL};
    status = pct_store_open(&options, &out->store, error);
    if (status || !write) return status;
    status = read_codes(out, error);
    memcpy(out->plan.days, out->site.keeping.days, sizeof out->plan.days);
    int64_t (*clock_ms)(void *) = NULL;
    if (!status) status = choose_clock(out, &clock_ms, error);
    const pct_desk_options desk = {.store = out->store,
                                   .clock_ms = clock_ms,
                                   .context = clock_ms ? &out->stands_at_ms : NULL,
                                   .codes = out->codes,
                                   .retention = &out->plan,
                                   .map_version = out->site.map_version};
    if (!status) status = pct_desk_open(&desk, &out->desk, error);
    return status ? status : pct_record_tell_map(&out->site, out->desk, error);
}

pct_status pct_record_tell_map(const pct_site *site, pct_desk *desk, pct_error *error) {
    pct_map_facts facts;
    int64_t seq;
    pct_status status = pct_site_map_facts(site, &facts, error);
    const pct_map_told told = {facts.version, facts.update.at_ms, facts.source_sha256, &facts.update.found};
    return status ? status : pct_desk_tell_map(desk, &told, &seq, error);
}

void pct_record_close(pct_record *record) {
    pct_desk_close(record->desk);
    pct_store_close(record->store);
    pct_codes_free(record->codes);
    pct_agency_dispose(&record->agency);
    pct_site_close(&record->site);
}
