/* A site's own files: who may read them, what is set in vain, where keys and spool lie, whether the log is sound. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "clock/time.h"
#include "desk/intake.h"
#include "ledger/log_check.h"
#include "ledger/read.h"
#include "site/agency.h"
#include "site/backup_files.h"
#include "site/definition.h"
#include "site/now.h"
#include "store/page_check.h"
#include "store/spool.h"
#include "track/track.h"

enum {
    OTHERS = 077,
    DEPTH_MAX = 4,
    OLD_MAP_DAYS = 400,
    OLD_BACKUP_DAYS = 2,
    OLD_DRILL_DAYS = 100,
    LATE_MS = 1000
};

/* --- who may read them ---------------------------------------------------------------------------------------------- */

static void check_file(pct_doctor *d, const char *path, const struct stat *info) {
    char mode[8];
    (void)snprintf(mode, sizeof mode, "%04o", (unsigned)(info->st_mode & 07777));
    if (info->st_mode & OTHERS)
        PCT_FOUND(d, FILE_OPEN, pct_str(path), pct_str(mode),
                  pct_str(S_ISDIR(info->st_mode) ? "0700" : "0600"));
    if (info->st_uid != geteuid())
        PCT_FOUND(d, FILE_OWNER, pct_str(path), pct_int((int64_t)info->st_uid), pct_int((int64_t)geteuid()));
}

static void check_folder(pct_doctor *d, const char *folder, int depth) {
    char path[PCT_PATH_MAX * 2];
    struct stat info;
    DIR *entries = opendir(folder);
    if (!entries) return;
    for (const struct dirent *e; (e = readdir(entries)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (lstat(path, &info) != 0) continue;
        check_file(d, path, &info);
        if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX) check_folder(d, path, depth + 1);
    }
    (void)closedir(entries);
}

void pct_doctor_check_files(pct_doctor *d) {
    struct stat info;
    if (stat(d->site->folder, &info) == 0) check_file(d, d->site->folder, &info);
    check_folder(d, d->site->folder, 0);
}

/* --- what is set in vain -------------------------------------------------------------------------------------------- */

void pct_doctor_check_settings(pct_doctor *d) {
    static const char *const known[] = {"format",     "zone",  "drill",     "map_source", "map_credit",
                                        "agency_key", "spool", "retention", "partition"};
    pct_mapped_file file;
    pct_error error;
    json_t *config = NULL;
    const char *name;
    json_t *value;
    if (pct_site_map_file(d->site, "site.json", &file, &error) != PCT_OK) return;
    if (pct_json_parse("site.json", file.bytes, &config, &error) == PCT_OK)
        json_object_foreach(config, name, value) {
            bool is_known = false;
            for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                is_known = is_known || strcmp(known[i], name) == 0;
            if (!is_known) PCT_FOUND(d, SETTING_UNKNOWN, pct_str(name));
        }
    json_decref(config);
    pct_file_unmap(&file);
}

/* --- keys and spool -------------------------------------------------------------------------------------------------- */

static bool on_one_disk(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev;
}

void pct_doctor_check_keys_and_spool(pct_doctor *d) {
    pct_agency agency = {0};
    pct_error error;
    struct stat info;
    char folder[PCT_PATH_MAX + 8], spool[PCT_PATH_MAX + 32], keys[PCT_PATH_MAX + 16];
    (void)snprintf(keys, sizeof keys, "%s/" PCT_STORE_KEYS, d->site->folder);
    bool has_record = stat(keys, &info) == 0;
    if (has_record && pct_agency_init(d->site, d->key, &agency, &error) == PCT_OK) {
        if (stat(agency.path, &info) != 0)
            PCT_FOUND(d, KEY_ABSENT, pct_str(agency.path));
        else if (on_one_disk(agency.path, keys))
            PCT_FOUND(d, KEY_BESIDE, pct_str(agency.path));
    }
    pct_agency_dispose(&agency);
    (void)snprintf(folder, sizeof folder, "%s%s", d->site->spool[0] ? d->site->spool : d->site->folder,
                   d->site->spool[0] ? "" : "/spool");
    (void)snprintf(spool, sizeof spool, "%s/" PCT_SPOOL_FILE, folder);
    if (has_record && stat(spool, &info) != 0)
        PCT_FOUND(d, SPOOL_ABSENT, pct_str(spool));
    else if (has_record && on_one_disk(spool, keys))
        PCT_FOUND(d, SPOOL_BESIDE, pct_str(spool));
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

void pct_doctor_check_pages(pct_doctor *d) {
    static const struct {
        const char *name;
        uint32_t summed_format;
    } files[] = {{PCT_STORE_RECORD, 0},
                 {PCT_STORE_KEYS, 0},
                 {PCT_BACKUP_ACCOUNTS, 0},
                 {PCT_TRACKS_FILE, PCT_TRACK_SUMMED}};
    char path[PCT_PATH_MAX + 16];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int64_t bad_page;
        (void)snprintf(path, sizeof path, "%s/%s", d->site->folder, files[i].name);
        if (pct_page_check_file(path, files[i].summed_format, &bad_page) && bad_page)
            PCT_FOUND(d, PAGES_BAD, pct_str(path), pct_int(bad_page));
    }
}

/* --- the record ------------------------------------------------------------------------------------------------------ */

static pct_status last_recorded(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    *(int64_t *)context = event->recorded_at_ms;
    return PCT_OK;
}

void pct_doctor_check_record(pct_doctor *d) {
    const pct_store_options options = {.folder = d->site->folder, .read_only = true};
    const pct_crypto *crypto;
    pct_store *store = NULL;
    pct_error error;
    int64_t last = 0, last_ms = 0;
    if (pct_crypto_sodium(&crypto, &error) != PCT_OK) return;
    pct_status status = pct_store_open(&options, &store, &error);
    if (status == PCT_NOT_FOUND) return; /* it is made when the site first serves */
    pct_merkle tree = pct_merkle_init(crypto);
    pct_ledger_verdict verdict = {0};
    if (!status) status = pct_log_check(store, &tree, NULL, NULL, &verdict, &error);
    d->log_events = (int64_t)verdict.tree.size;
    if (status) PCT_FOUND(d, LOG_BAD, pct_int(verdict.bad_seq ? verdict.bad_seq : d->log_events + 1));
    if (!status) status = pct_store_last_seq(store, &last, &error);
    if (!status && last > 0)
        status = pct_ledger_each_event(store, last, last + 1, last_recorded, &last_ms, &error);
    int64_t behind_ms = last_ms - pct_wall_ms();
    if (!status && behind_ms > LATE_MS && !d->site->drill)
        PCT_FOUND(d, CLOCK_BEHIND, pct_int(behind_ms / 1000));
    pct_store_close(store);
}

/* --- what its people edit, and its map -------------------------------------------------------------------------------- */

void pct_doctor_check_definitions(pct_doctor *d) {
    pct_error error;
    struct stat info;
    char path[PCT_PATH_MAX + 32];
    for (const pct_definition *shipped = pct_definitions; shipped->name; shipped++) {
        pct_mapped_file file = {{"", 0}, NULL};
        if (pct_site_map_definition(d->site, shipped->name, &file, &error) != PCT_OK) continue;
        if (file.bytes.length != shipped->bytes.length ||
            memcmp(file.bytes.chars, shipped->bytes.chars, file.bytes.length) != 0)
            PCT_FOUND(d, DEFINITION_OTHER, pct_str(shipped->name));
        if (file.memory) pct_file_unmap(&file);
    }
    (void)snprintf(path, sizeof path, "%s/map/road.index", d->site->folder);
    if (stat(path, &info) != 0) return;
    int64_t days = (pct_wall_ms() - (int64_t)info.st_mtime * 1000) / PCT_DAY_MS;
    if (days > OLD_MAP_DAYS) PCT_FOUND(d, MAP_OLD, pct_int(days));
}

/* --- backups: SITE/backups.json, {"last_ms":…,"drill_ms":…,"drill":"passed"|"failed"}, written by who makes them -------- */

void pct_doctor_check_backups(pct_doctor *d) {
    pct_mapped_file file;
    pct_error error;
    json_t *told = NULL;
    if (pct_site_map_file(d->site, "backups.json", &file, &error) != PCT_OK) {
        PCT_FOUND(d, BACKUP_NONE, pct_str(d->site->folder));
        return;
    }
    if (pct_json_parse("backups.json", file.bytes, &told, &error) == PCT_OK) {
        int64_t last_ms = json_integer_value(json_object_get(told, "last_ms"));
        int64_t drill_ms = json_integer_value(json_object_get(told, "drill_ms"));
        const char *drill = json_string_value(json_object_get(told, "drill"));
        int64_t days = (pct_wall_ms() - last_ms) / PCT_DAY_MS,
                drill_days = (pct_wall_ms() - drill_ms) / PCT_DAY_MS;
        if (days >= OLD_BACKUP_DAYS) PCT_FOUND(d, BACKUP_OLD, pct_int(days));
        if (!drill || strcmp(drill, "passed") != 0 || drill_days > OLD_DRILL_DAYS)
            PCT_FOUND(d, DRILL_FAILED, pct_str(drill ? drill : "none"));
    }
    json_decref(told);
    pct_file_unmap(&file);
}
