/* precinct device add|list|remove SITE …: position devices bound to units. They may change while the server runs. */
#include <string.h>

#include "access/accounts.h"
#include "access/devices.h"
#include "base/text.h"
#include "cli/command.h"
#include "site/now.h"
#include "site/site.h"

static pct_status open_devices(pct_cli *cli, pct_devices **out, pct_error *error) {
    pct_site site = {0};
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_devices_open(site.folder, out, error);
    pct_site_close(&site);
    return status;
}

static pct_status read_speed(const pct_cli *cli, pct_speed_unit *out, pct_error *error) {
    const char *given = pct_cli_option(cli, "--speed");
    for (int i = 0; given && i < PCT_SPEED_UNIT_COUNT; i++)
        if (strcmp(given, pct_speed_unit_names[i]) == 0) {
            *out = (pct_speed_unit)i;
            return PCT_OK;
        }
    return given ? PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--speed"),
                            pct_str("knots, mps, kmh"), pct_str(given))
                 : PCT_OK;
}

static void say_added(pct_cli *cli, const char *unit, const char *id) {
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_DEVICE_ADDED, pct_str(unit), pct_str(id));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "unit");
    pct_json_string(&json, unit);
    pct_json_key(&json, "id");
    pct_json_string(&json, id);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run_add(pct_cli *cli, pct_error *error) {
    char made[PCT_PASSWORD_MADE];
    const char *id = pct_cli_option(cli, "--id"), *unit = cli->arguments[1];
    pct_device device = {.speed = PCT_SPEED_KNOTS};
    pct_devices *devices = NULL;
    if (strlen(unit) <= PCT_DEVICE_UNIT_MAX) memcpy(device.unit, unit, strlen(unit));
    pct_status status = read_speed(cli, &device.speed, error);
    if (!status && !id) status = pct_password_make(made, error);
    if (!status) status = open_devices(cli, &devices, error);
    if (!status)
        status = pct_devices_add(devices, pct_text_of(id ? id : made), &device, pct_wall_ms(), error);
    if (!status) say_added(cli, unit, id ? id : made);
    pct_devices_close(devices);
    return status;
}

static pct_status run_remove(pct_cli *cli, pct_error *error) {
    pct_devices *devices = NULL;
    int64_t removed = 0;
    const char *unit = cli->arguments[1];
    pct_status status = open_devices(cli, &devices, error);
    if (!status) status = pct_devices_remove(devices, pct_text_of(unit), &removed, error);
    if (!status && removed == 0) status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_DEVICE_NONE, pct_str(unit));
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_DEVICE_REMOVED, pct_str(unit), pct_int(removed));
    if (!status && cli->json)
        (void)pct_buffer_append_format(&cli->out, "{\"removed\":%lld}\n", (long long)removed);
    pct_devices_close(devices);
    return status;
}

typedef struct listing {
    pct_cli *cli;
    pct_json_writer json;
} listing;

static void list_row(void *context, const pct_device *device, int64_t added_at_ms) {
    listing *l = context;
    if (!l->cli->json) {
        PCT_SAY(l->cli, PCT_MSG_DEVICE_ROW, pct_str(device->unit),
                pct_str(pct_speed_unit_names[device->speed]));
        return;
    }
    pct_buffer time = pct_buffer_init(64);
    (void)pct_time_format(added_at_ms, 0, &time);
    pct_json_begin_object(&l->json);
    pct_json_key(&l->json, "unit");
    pct_json_string(&l->json, device->unit);
    pct_json_key(&l->json, "speed");
    pct_json_string(&l->json, pct_speed_unit_names[device->speed]);
    pct_json_key(&l->json, "added_at");
    pct_json_string(&l->json, pct_buffer_chars(&time));
    pct_json_end_object(&l->json);
    pct_buffer_dispose(&time);
}

static pct_status run_list(pct_cli *cli, pct_error *error) {
    pct_devices *devices = NULL;
    pct_status status = open_devices(cli, &devices, error);
    listing l = {cli, pct_json_writer_init(&cli->out)};
    if (!status && cli->json) {
        pct_json_begin_object(&l.json);
        pct_json_key(&l.json, "devices");
        pct_json_begin_array(&l.json);
    }
    if (!status) status = pct_devices_list(devices, list_row, &l, error);
    if (!status && cli->json) {
        pct_json_end_array(&l.json);
        pct_json_end_object(&l.json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_devices_close(devices);
    return status;
}

const pct_cli_command pct_cmd_device_add = {
    "device add",
    "SITE UNIT",
    PCT_MSG_DEVICE_ADD_HELP,
    {{"--speed", "UNIT", PCT_MSG_DEVICE_SPEED, false}, {"--id", "ID", PCT_MSG_DEVICE_GIVEN_ID, false}},
    run_add};
const pct_cli_command pct_cmd_device_list = {
    "device list", "SITE", PCT_MSG_DEVICE_LIST_HELP, {{0}}, run_list};
const pct_cli_command pct_cmd_device_remove = {
    "device remove", "SITE UNIT", PCT_MSG_DEVICE_REMOVE_HELP, {{0}}, run_remove};
