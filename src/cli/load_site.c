#include "cli/load_site.h"

#include <errno.h>
#include <fts.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/devices.h"
#include "base/text.h"
#include "cli/command.h"
#include "road/network.h"
#include "site/now.h"

enum { UNITS_BYTES_MAX = 32 << 20 };

static pct_status fail(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_BROKEN, pct_str(path), pct_str(strerror(errno)));
}

static pct_status write_file(const char *folder, const char *name, pct_buffer *text, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, folder, name, error);
    if (!status) status = pct_buffer_status(text, error);
    FILE *file = status ? NULL : fopen(path, "we");
    if (!status && !file) status = fail(path, error);
    if (!status && fwrite(text->bytes, 1, text->length, file) != text->length) status = fail(path, error);
    if (file && fclose(file) != 0 && !status) status = fail(path, error);
    return status;
}

/* Folders again, files under a second name: a service may not leave its folder, not even by a symbolic link. */
static pct_status link_tree(const char *from, const char *to, pct_error *error) {
    char *const roots[] = {(char *)from, NULL};
    pct_status status = PCT_OK;
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (!tree) return fail(from, error);
    for (const FTSENT *entry; !status && (entry = fts_read(tree)) != NULL;) {
        char path[PCT_PATH_MAX];
        if (snprintf(path, sizeof path, "%s%s", to, entry->fts_path + strlen(from)) >= (int)sizeof path)
            status = fail(entry->fts_path, error);
        else if (entry->fts_info == FTS_D && mkdir(path, 0700) != 0)
            status = fail(path, error);
        else if (entry->fts_info == FTS_F && link(entry->fts_path, path) != 0)
            status = fail(path, error);
    }
    (void)fts_close(tree);
    return status;
}

static pct_status link_parts(const char *site, const char *folder, pct_error *error) {
    static const char *const names[] = {"map", "definitions", "zone.tzif"};
    char from[PCT_PATH_MAX], to[PCT_PATH_MAX];
    pct_status status = PCT_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && !status; i++) {
        status = pct_path_join(from, site, names[i], error);
        if (!status) status = pct_path_join(to, folder, names[i], error);
        if (!status) status = link_tree(from, to, error);
    }
    return status;
}

static pct_status write_config(const pct_site *like, const char *folder, pct_error *error) {
    pct_buffer text = pct_buffer_init(1024);
    (void)pct_buffer_append_format(&text, "{\"format\":%d,\"zone\":\"%s\",\"drill\":true}\n", PCT_SITE_FORMAT,
                                   like->zone_name);
    pct_status status = write_file(folder, "site.json", &text, error);
    pct_buffer_dispose(&text);
    return status;
}

pct_position pct_load_place(const pct_site *like, pct_rng *rng) {
    const pct_network *net = pct_road_network(like->road);
    return net->node_position[pct_rng_below(rng, net->node_count)];
}

static pct_status write_units(const pct_site *like, pct_rng *rng, uint32_t units, const char *folder,
                              pct_error *error) {
    pct_buffer text = pct_buffer_init(UNITS_BYTES_MAX);
    (void)pct_buffer_append_text(
        &text, "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n");
    for (uint32_t i = 0; i < units; i++) {
        const pct_position at = pct_load_place(like, rng);
        (void)pct_buffer_append_format(&text, "L%05u,Load,%.7f,%.7f,car,patrol,1,1,00:00,24:00\n", i,
                                       pct_position_lon_deg(at), pct_position_lat_deg(at));
    }
    pct_status status = write_file(folder, "units.csv", &text, error);
    pct_buffer_dispose(&text);
    return status;
}

static pct_status add_devices(const char *folder, uint32_t units, pct_error *error) {
    pct_devices *devices = NULL;
    pct_status status = pct_devices_open(folder, &devices, error);
    for (uint32_t i = 0; i < units && !status; i++) {
        pct_device device = {.speed = PCT_SPEED_KMH};
        char id[PCT_DEVICE_ID_MAX];
        (void)snprintf(device.unit, sizeof device.unit, "L%05u", i);
        (void)snprintf(id, sizeof id, PCT_LOAD_DEVICE, i);
        status = pct_devices_add(devices, pct_text_of(id), &device, pct_wall_ms(), error);
    }
    pct_devices_close(devices);
    return status;
}

static pct_status add_account(pct_load_site *site, pct_error *error) {
    const pct_role_set roles = 1u << PCT_ROLE_DISPATCHER | 1u << PCT_ROLE_COMMANDER;
    pct_accounts *accounts = NULL;
    pct_status status = pct_password_make(site->password, error);
    if (!status) status = pct_accounts_open(site->folder, &accounts, error);
    if (!status)
        status = pct_accounts_add(accounts, pct_text_of(PCT_LOAD_ACCOUNT), roles, pct_text_of(site->password),
                                  pct_wall_ms(), error);
    pct_accounts_close(accounts);
    return status;
}

pct_status pct_load_site_make(const pct_site *like, pct_rng *rng, uint32_t units, pct_load_site *out,
                              pct_error *error) {
    *out = (pct_load_site){0};
    pct_status status = pct_path_join(out->folder, like->folder, "bench-load", error);
    if (status) return status;
    pct_load_site_remove(out); /* what a run that was cut short has left */
    if (mkdir(out->folder, 0700) != 0) return fail(out->folder, error);
    status = link_parts(like->folder, out->folder, error);
    if (!status) status = write_config(like, out->folder, error);
    if (!status) status = write_units(like, rng, units, out->folder, error);
    if (!status) status = add_devices(out->folder, units, error);
    return status ? status : add_account(out, error);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    (void)remove(path);
    return 0;
}

void pct_load_site_remove(pct_load_site *site) {
    enum { OPEN_FOLDERS = 8 };
    if (site->folder[0]) (void)nftw(site->folder, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}
