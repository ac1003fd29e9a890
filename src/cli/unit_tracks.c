#include "cli/unit_tracks.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/text.h"
#include "cli/track_file.h"
#include "site/file.h"

enum { UNITS_MAX = 1 << 16, FIXES_MAX = 1 << 26, SIGNS_MAX = 1 << 22, BYTES_MAX = 64 << 20 };

pct_unit_tracks pct_unit_tracks_init(void) {
    return (pct_unit_tracks){.units = pct_names_init(UNITS_MAX, BYTES_MAX),
                             .fixes = pct_vector_init(sizeof(pct_unit_fix), FIXES_MAX),
                             .signs = pct_vector_init(sizeof(pct_unit_sign), SIGNS_MAX),
                             .arena = pct_arena_init(BYTES_MAX)};
}

void pct_unit_tracks_dispose(pct_unit_tracks *tracks) {
    pct_names_dispose(&tracks->units);
    pct_vector_dispose(&tracks->fixes);
    pct_vector_dispose(&tracks->signs);
    pct_arena_dispose(&tracks->arena);
}

static int by_unit_and_time(const void *a, const void *b) {
    const pct_unit_fix *x = a, *y = b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return (x->fix.at_ms > y->fix.at_ms) - (x->fix.at_ms < y->fix.at_ms);
}

static int signs_by_unit_and_time(const void *a, const void *b) {
    const pct_unit_sign *x = a, *y = b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return (x->sign.at_ms > y->sign.at_ms) - (x->sign.at_ms < y->sign.at_ms);
}

static pct_status unit_of(pct_unit_tracks *tracks, pct_text name, uint32_t *unit, pct_error *error) {
    return pct_names_add(&tracks->units, name, unit) ? pct_error_memory(error, name.length) : PCT_OK;
}

static pct_status add(pct_unit_tracks *tracks, uint32_t unit, pct_adherence_fix fix, pct_error *error) {
    pct_unit_fix *room = pct_vector_push(&tracks->fixes);
    if (!room) return pct_vector_failed(&tracks->fixes, PCT_MSG_WHAT_TRACK_POINTS, error);
    *room = (pct_unit_fix){unit, fix};
    return PCT_OK;
}

/* --- a file of all units -------------------------------------------------------------------------------------------- */

enum { UNIT, TIME, LON, LAT, ACCURACY, COLUMNS };

static pct_status read_row(const pct_csv *csv, const int *columns, const pct_zone *zone,
                           pct_unit_tracks *tracks, pct_error *error) {
    double lon, lat;
    pct_adherence_fix fix = {0};
    uint32_t unit;
    if (!pct_zone_parse(zone, pct_text_trim(pct_csv_text(csv, columns[TIME])), &fix.at_ms, NULL))
        return pct_csv_unexpected(csv, columns[TIME], PCT_MSG_EXPECTED_TRACK_TIME, error);
    pct_status status = pct_csv_real(csv, columns[LON], -180.0, 180.0, &lon, error);
    if (!status) status = pct_csv_real(csv, columns[LAT], -90.0, 90.0, &lat, error);
    if (!status && pct_text_trim(pct_csv_text(csv, columns[ACCURACY])).length > 0)
        status = pct_csv_real(csv, columns[ACCURACY], 0.0, 1e6, &fix.accuracy_m, error);
    if (!status) status = unit_of(tracks, pct_text_trim(pct_csv_text(csv, columns[UNIT])), &unit, error);
    if (status) return status;
    if (PCT_NEVER(!pct_position_from_degrees(lon, lat, &fix.position))) return PCT_INTERNAL;
    return add(tracks, unit, fix, error);
}

static pct_status read_csv(const char *file, pct_text bytes, const pct_zone *zone, pct_unit_tracks *tracks,
                           pct_error *error) {
    static const char *const names[] = {"unit", "time", "lon", "lat"};
    pct_csv csv;
    int columns[COLUMNS];
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    for (int i = 0; i < ACCURACY && !status; i++) status = pct_csv_column(&csv, names[i], &columns[i], error);
    columns[ACCURACY] = pct_csv_find(&csv, "accuracy_m");
    for (bool more = true; !status;) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        status = read_row(&csv, columns, zone, tracks, error);
    }
    pct_csv_close(&csv);
    return status;
}

/* --- a folder of files ---------------------------------------------------------------------------------------------- */

static pct_status read_unit(const char *path, pct_text name, const pct_zone *zone, pct_unit_tracks *tracks,
                            pct_error *error) {
    pct_mapped_file mapped = {{"", 0}, NULL};
    pct_vector fixes = pct_vector_init(sizeof(pct_match_fix), FIXES_MAX);
    uint32_t unit;
    pct_status status = unit_of(tracks, name, &unit, error);
    if (!status) status = pct_file_map(path, &mapped, error);
    if (!status) status = pct_track_file_read(path, mapped.bytes, zone, &fixes, error);
    const pct_match_fix *fix = fixes.items;
    for (size_t i = 0; i < fixes.length && !status; i++)
        status = add(tracks, unit, (pct_adherence_fix){fix[i].at_ms, fix[i].position, 0}, error);
    pct_vector_dispose(&fixes);
    pct_file_unmap(&mapped);
    return status;
}

static bool is_file_name(pct_text name) {
    for (size_t i = 0; i < name.length; i++)
        if (name.chars[i] == '/' || name.chars[i] == '\0') return false;
    return name.length > 0 && name.chars[0] != '.';
}

static pct_status read_folder(const char *folder, const pct_text *units, size_t unit_count,
                              const pct_zone *zone, pct_unit_tracks *tracks, pct_error *error) {
    static const char *const endings[] = {"csv", "gpx"};
    pct_status status = PCT_OK;
    for (size_t u = 0; u < unit_count && !status; u++)
        for (int i = 0; i < 2 && !status && is_file_name(units[u]); i++) {
            char name[300], path[PCT_PATH_MAX];
            (void)snprintf(name, sizeof name, "%.*s.%s", (int)(units[u].length < 250 ? units[u].length : 250),
                           units[u].chars, endings[i]);
            status = pct_path_join(path, folder, name, error);
            if (!status && access(path, F_OK) == 0) status = read_unit(path, units[u], zone, tracks, error);
        }
    if (!status && tracks->fixes.length == 0)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_TRACKS_FOLDER_EMPTY, pct_str(folder));
    return status;
}

pct_status pct_unit_tracks_read(const char *path, const pct_text *units, size_t unit_count,
                                const pct_zone *zone, pct_unit_tracks *tracks, pct_error *error) {
    struct stat facts;
    pct_status status;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        status = read_folder(path, units, unit_count, zone, tracks, error);
    } else {
        pct_mapped_file mapped = {{"", 0}, NULL};
        status = pct_file_map(path, &mapped, error);
        if (!status) status = read_csv(path, mapped.bytes, zone, tracks, error);
        pct_file_unmap(&mapped);
    }
    if (!status && tracks->fixes.length > 0)
        qsort(tracks->fixes.items, tracks->fixes.length, sizeof(pct_unit_fix), by_unit_and_time);
    return status;
}

/* --- signs ---------------------------------------------------------------------------------------------------------- */

static bool proof_of(pct_text text, pct_adherence_proof *out) {
    for (*out = PCT_PROOF_TAG; *out < PCT_PROOFS; ++*out)
        if (pct_text_equal(text, pct_adherence_proof_name(*out))) return true;
    return false;
}

static pct_status read_sign(const pct_csv *csv, const int *columns, const pct_zone *zone,
                            pct_unit_tracks *tracks, pct_error *error) {
    pct_adherence_sign sign;
    uint32_t unit;
    if (!pct_zone_parse(zone, pct_text_trim(pct_csv_text(csv, columns[1])), &sign.at_ms, NULL))
        return pct_csv_unexpected(csv, columns[1], PCT_MSG_EXPECTED_TRACK_TIME, error);
    if (!proof_of(pct_text_trim(pct_csv_text(csv, columns[3])), &sign.proof))
        return pct_csv_unexpected(csv, columns[3], PCT_MSG_EXPECTED_SIGN, error);
    pct_text place = pct_text_trim(pct_csv_text(csv, columns[2]));
    char *copy = pct_arena_text(&tracks->arena, place.chars, place.length);
    pct_unit_sign *room = copy ? pct_vector_push(&tracks->signs) : NULL;
    if (!room) return pct_error_memory(error, place.length);
    sign.id = (pct_text){copy, place.length};
    pct_status status = unit_of(tracks, pct_text_trim(pct_csv_text(csv, columns[0])), &unit, error);
    *room = (pct_unit_sign){unit, sign};
    return status;
}

pct_status pct_unit_tracks_read_signs(const char *path, const pct_zone *zone, pct_unit_tracks *tracks,
                                      pct_error *error) {
    static const char *const names[] = {"unit", "time", "place", "proof"};
    pct_mapped_file mapped = {{"", 0}, NULL};
    pct_csv csv;
    int columns[4];
    pct_status status = pct_file_map(path, &mapped, error);
    if (status) return status;
    status = pct_csv_open(&csv, path, mapped.bytes, error);
    if (status) goto done;
    for (int i = 0; i < 4 && !status; i++) status = pct_csv_column(&csv, names[i], &columns[i], error);
    for (bool more = true; !status;) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        status = read_sign(&csv, columns, zone, tracks, error);
    }
    pct_csv_close(&csv);
    if (!status && tracks->signs.length > 0)
        qsort(tracks->signs.items, tracks->signs.length, sizeof(pct_unit_sign), signs_by_unit_and_time);
done:
    pct_file_unmap(&mapped);
    return status;
}

pct_status pct_unit_tracks_of(const pct_unit_tracks *tracks, pct_text unit, pct_vector *fixes,
                              pct_vector *signs, pct_adherence_evidence *out, pct_error *error) {
    const pct_unit_fix *fix = tracks->fixes.items;
    const pct_unit_sign *sign = tracks->signs.items;
    uint32_t number = pct_names_find(&tracks->units, unit);
    fixes->length = signs->length = 0;
    for (size_t i = 0; i < tracks->fixes.length; i++) {
        if (fix[i].unit != number) continue;
        pct_adherence_fix *room = pct_vector_push(fixes);
        if (!room) return pct_error_memory(error, sizeof *room);
        *room = fix[i].fix;
    }
    for (size_t i = 0; i < tracks->signs.length; i++) {
        if (sign[i].unit != number) continue;
        pct_adherence_sign *room = pct_vector_push(signs);
        if (!room) return pct_error_memory(error, sizeof *room);
        *room = sign[i].sign;
    }
    *out = (pct_adherence_evidence){.fixes = fixes->items,
                                    .fix_count = fixes->length,
                                    .signs = signs->items,
                                    .sign_count = signs->length};
    return PCT_OK;
}
