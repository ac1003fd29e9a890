/* precinct doctor SITE: everything that would make a promise untrue, and what to do about it. Writes nothing but a file that it
 * deletes again. */
#include <sqlite3.h>
#include <string.h>

#include "cli/doctor.h"

static const struct {
    const char *name;
    pct_severity severity;
    pct_message found, wanted, deed;
} kinds[PCT_FINDING_COUNT] = {
    [PCT_FINDING_DISK_MEMORY] = {"disk_memory", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_DISK_MEMORY,
                                 PCT_MSG_DOCTOR_DISK_MEMORY_WANTED, PCT_MSG_DOCTOR_DISK_MEMORY_DEED},
    [PCT_FINDING_DISK_NETWORK] = {"disk_network", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_DISK_NETWORK,
                                  PCT_MSG_DOCTOR_DISK_NETWORK_WANTED, PCT_MSG_DOCTOR_DISK_NETWORK_DEED},
    [PCT_FINDING_DISK_OVERLAY] = {"disk_overlay", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_DISK_OVERLAY,
                                  PCT_MSG_DOCTOR_DISK_OVERLAY_WANTED, PCT_MSG_DOCTOR_DISK_OVERLAY_DEED},
    [PCT_FINDING_DISK_BARRIERS] = {"disk_barriers", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_DISK_BARRIERS,
                                   PCT_MSG_DOCTOR_DISK_BARRIERS_WANTED, PCT_MSG_DOCTOR_DISK_BARRIERS_DEED},
    [PCT_FINDING_SYNC_TOO_FAST] = {"sync_too_fast", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_SYNC_TOO_FAST,
                                   PCT_MSG_DOCTOR_SYNC_TOO_FAST_WANTED, PCT_MSG_DOCTOR_SYNC_TOO_FAST_DEED},
    [PCT_FINDING_SYNC_SLOW] = {"sync_slow", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_SYNC_SLOW,
                               PCT_MSG_DOCTOR_SYNC_SLOW_WANTED, PCT_MSG_DOCTOR_SYNC_SLOW_DEED},
    [PCT_FINDING_SYNC_FAILED] = {"sync_failed", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_SYNC_FAILED,
                                 PCT_MSG_DOCTOR_SYNC_FAILED_WANTED, PCT_MSG_DOCTOR_SYNC_FAILED_DEED},
    [PCT_FINDING_SPACE_LOW] = {"space_low", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_SPACE_LOW,
                               PCT_MSG_DOCTOR_SPACE_LOW_WANTED, PCT_MSG_DOCTOR_SPACE_LOW_DEED},
    [PCT_FINDING_SPACE_DAYS] = {"space_days", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_SPACE_DAYS,
                                PCT_MSG_DOCTOR_SPACE_DAYS_WANTED, PCT_MSG_DOCTOR_SPACE_DAYS_DEED},
    [PCT_FINDING_INODES_LOW] = {"inodes_low", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_INODES_LOW,
                                PCT_MSG_DOCTOR_INODES_LOW_WANTED, PCT_MSG_DOCTOR_INODES_LOW_DEED},
    [PCT_FINDING_CLOCK_NOT_KEPT] = {"clock_not_kept", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_CLOCK_NOT_KEPT,
                                    PCT_MSG_DOCTOR_CLOCK_NOT_KEPT_WANTED, PCT_MSG_DOCTOR_CLOCK_NOT_KEPT_DEED},
    [PCT_FINDING_CLOCK_BEHIND] = {"clock_behind", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_CLOCK_BEHIND,
                                  PCT_MSG_DOCTOR_CLOCK_BEHIND_WANTED, PCT_MSG_DOCTOR_CLOCK_BEHIND_DEED},
    [PCT_FINDING_ZONE_OTHER] = {"zone_other", PCT_SEVERITY_NOTE, PCT_MSG_DOCTOR_ZONE_OTHER,
                                PCT_MSG_DOCTOR_ZONE_OTHER_WANTED, PCT_MSG_DOCTOR_ZONE_OTHER_DEED},
    [PCT_FINDING_CONFINED_PARTLY] = {"confined_partly", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_CONFINED_PARTLY,
                                     PCT_MSG_DOCTOR_CONFINED_PARTLY_WANTED,
                                     PCT_MSG_DOCTOR_CONFINED_PARTLY_DEED},
    [PCT_FINDING_TLS_BAD] = {"tls_bad", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_TLS_BAD,
                             PCT_MSG_DOCTOR_TLS_BAD_WANTED, PCT_MSG_DOCTOR_TLS_BAD_DEED},
    [PCT_FINDING_TLS_EXPIRES] = {"tls_expires", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_TLS_EXPIRES,
                                 PCT_MSG_DOCTOR_TLS_EXPIRES_WANTED, PCT_MSG_DOCTOR_TLS_EXPIRES_DEED},
    [PCT_FINDING_TLS_EXPIRED] = {"tls_expired", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_TLS_EXPIRED,
                                 PCT_MSG_DOCTOR_TLS_EXPIRED_WANTED, PCT_MSG_DOCTOR_TLS_EXPIRED_DEED},
    [PCT_FINDING_FILE_OPEN] = {"file_open", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_FILE_OPEN,
                               PCT_MSG_DOCTOR_FILE_OPEN_WANTED, PCT_MSG_DOCTOR_FILE_OPEN_DEED},
    [PCT_FINDING_FILE_OWNER] = {"file_owner", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_FILE_OWNER,
                                PCT_MSG_DOCTOR_FILE_OWNER_WANTED, PCT_MSG_DOCTOR_FILE_OWNER_DEED},
    [PCT_FINDING_SETTING_UNKNOWN] = {"setting_unknown", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_SETTING_UNKNOWN,
                                     PCT_MSG_DOCTOR_SETTING_UNKNOWN_WANTED,
                                     PCT_MSG_DOCTOR_SETTING_UNKNOWN_DEED},
    [PCT_FINDING_KEY_BESIDE] = {"key_beside", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_KEY_BESIDE,
                                PCT_MSG_DOCTOR_KEY_BESIDE_WANTED, PCT_MSG_DOCTOR_KEY_BESIDE_DEED},
    [PCT_FINDING_KEY_ABSENT] = {"key_absent", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_KEY_ABSENT,
                                PCT_MSG_DOCTOR_KEY_ABSENT_WANTED, PCT_MSG_DOCTOR_KEY_ABSENT_DEED},
    [PCT_FINDING_SPOOL_ABSENT] = {"spool_absent", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_SPOOL_ABSENT,
                                  PCT_MSG_DOCTOR_SPOOL_ABSENT_WANTED, PCT_MSG_DOCTOR_SPOOL_ABSENT_DEED},
    [PCT_FINDING_SPOOL_BESIDE] = {"spool_beside", PCT_SEVERITY_NOTE, PCT_MSG_DOCTOR_SPOOL_BESIDE,
                                  PCT_MSG_DOCTOR_SPOOL_BESIDE_WANTED, PCT_MSG_DOCTOR_SPOOL_BESIDE_DEED},
    [PCT_FINDING_PAGES_BAD] = {"pages_bad", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_PAGES_BAD,
                               PCT_MSG_DOCTOR_PAGES_BAD_WANTED, PCT_MSG_DOCTOR_PAGES_BAD_DEED},
    [PCT_FINDING_LOG_BAD] = {"log_bad", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_LOG_BAD,
                             PCT_MSG_DOCTOR_LOG_BAD_WANTED, PCT_MSG_DOCTOR_LOG_BAD_DEED},
    [PCT_FINDING_MAP_OLD] = {"map_old", PCT_SEVERITY_NOTE, PCT_MSG_DOCTOR_MAP_OLD,
                             PCT_MSG_DOCTOR_MAP_OLD_WANTED, PCT_MSG_DOCTOR_MAP_OLD_DEED},
    [PCT_FINDING_DEFINITION_OTHER] = {"definition_other", PCT_SEVERITY_NOTE, PCT_MSG_DOCTOR_DEFINITION_OTHER,
                                      PCT_MSG_DOCTOR_DEFINITION_OTHER_WANTED,
                                      PCT_MSG_DOCTOR_DEFINITION_OTHER_DEED},
    [PCT_FINDING_BACKUP_NONE] = {"backup_none", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_BACKUP_NONE,
                                 PCT_MSG_DOCTOR_BACKUP_NONE_WANTED, PCT_MSG_DOCTOR_BACKUP_NONE_DEED},
    [PCT_FINDING_BACKUP_OLD] = {"backup_old", PCT_SEVERITY_WARNING, PCT_MSG_DOCTOR_BACKUP_OLD,
                                PCT_MSG_DOCTOR_BACKUP_OLD_WANTED, PCT_MSG_DOCTOR_BACKUP_OLD_DEED},
    [PCT_FINDING_DRILL_FAILED] = {"drill_failed", PCT_SEVERITY_GRAVE, PCT_MSG_DOCTOR_DRILL_FAILED,
                                  PCT_MSG_DOCTOR_DRILL_FAILED_WANTED, PCT_MSG_DOCTOR_DRILL_FAILED_DEED},
};
static const char *const severities[] = {"note", "warning", "grave"};
static const pct_message severity_names[] = {PCT_MSG_DOCTOR_NOTE, PCT_MSG_DOCTOR_WARNING,
                                             PCT_MSG_DOCTOR_GRAVE};

void pct_doctor_find(pct_doctor *d, pct_finding_kind kind, const pct_param *params, size_t count) {
    pct_finding *f = pct_vector_push(&d->findings);
    if (!f) return;
    f->kind = kind;
    for (int language = 0; language < PCT_LANGUAGE_COUNT; language++) {
        pct_buffer text = pct_buffer_init(1 << 14);
        (void)pct_message_render(kinds[kind].found, params, count, (pct_language)language, &text);
        size_t length = text.length < PCT_FINDING_TEXT - 1 ? text.length : PCT_FINDING_TEXT - 1;
        memcpy(f->found[language], text.bytes, length);
        pct_buffer_dispose(&text);
    }
}

static void message_member(pct_json_writer *json, const char *key, pct_message message,
                           pct_language language) {
    pct_buffer text = pct_buffer_init(1 << 14);
    (void)pct_message_render(message, NULL, 0, language, &text);
    pct_json_key(json, key);
    pct_json_string(json, pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
}

static void number(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void write_json(pct_cli *cli, const pct_doctor *d) {
    const pct_finding *f = d->findings.items;
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "findings");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < d->findings.length; i++) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "id");
        pct_json_string(&json, kinds[f[i].kind].name);
        pct_json_key(&json, "severity");
        pct_json_string(&json, severities[kinds[f[i].kind].severity]);
        pct_json_key(&json, "found");
        pct_json_string(&json, f[i].found[cli->language]);
        message_member(&json, "expected", kinds[f[i].kind].wanted, cli->language);
        message_member(&json, "do", kinds[f[i].kind].deed, cli->language);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_key(&json, "measured");
    pct_json_begin_object(&json);
    number(&json, "sync_median_us", d->sync_median_us);
    number(&json, "free_bytes", d->free_bytes);
    number(&json, "days_left", d->days_left);
    number(&json, "clock_offset_us", d->clock_offset_us);
    number(&json, "log_events", d->log_events);
    pct_json_key(&json, "clock_kept");
    pct_json_bool(&json, d->clock_kept);
    pct_json_key(&json, "sqlite");
    pct_json_string(&json, sqlite3_libversion());
    pct_json_end_object(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static void say(pct_cli *cli, const pct_doctor *d) {
    const pct_finding *findings = d->findings.items;
    for (int severity = PCT_SEVERITY_GRAVE; severity >= PCT_SEVERITY_NOTE; severity--)
        for (size_t i = 0; i < d->findings.length; i++) {
            const pct_finding *f = &findings[i];
            if ((int)kinds[f->kind].severity != severity) continue;
            PCT_SAY(cli, PCT_MSG_DOCTOR_LINE, pct_phrase(severity_names[severity]),
                    pct_str(kinds[f->kind].name), pct_str(f->found[cli->language]));
            PCT_SAY(cli, PCT_MSG_DOCTOR_MORE, pct_phrase(kinds[f->kind].wanted),
                    pct_phrase(kinds[f->kind].deed));
        }
    PCT_SAY(cli, PCT_MSG_DOCTOR_MEASURED, pct_int(d->sync_median_us), pct_int(d->free_bytes >> 20),
            pct_int(d->log_events), pct_str(sqlite3_libversion()));
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {.zone = pct_zone_utc()};
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (status) return status;
    pct_doctor d = {.site = &site,
                    .key = pct_cli_option(cli, "--key"),
                    .findings = pct_vector_init(sizeof(pct_finding), PCT_DOCTOR_MAX),
                    .days_left = -1};
    pct_doctor_check_disk(&d);
    pct_doctor_check_clock(&d);
    pct_doctor_check_kernel(&d);
    pct_doctor_check_files(&d);
    pct_doctor_check_settings(&d);
    pct_doctor_check_keys_and_spool(&d);
    pct_doctor_check_pages(&d);
    pct_doctor_check_record(&d);
    pct_doctor_check_definitions(&d);
    pct_doctor_check_backups(&d);
    pct_doctor_check_tls(&d, pct_cli_option(cli, "--tls-cert"), pct_cli_option(cli, "--tls-key"));
    if (cli->json)
        write_json(cli, &d);
    else
        say(cli, &d);
    if (d.findings.length > 0)
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_DOCTOR_FOUND, pct_int((int64_t)d.findings.length));
    pct_vector_dispose(&d.findings);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_doctor = {"doctor",
                                        "SITE",
                                        PCT_MSG_DOCTOR_HELP,
                                        {{"--key", "FILE", PCT_MSG_AGENCY_OPTION, false},
                                         {"--tls-cert", "FILE", PCT_MSG_SERVE_TLS_CERT, false},
                                         {"--tls-key", "FILE", PCT_MSG_SERVE_TLS_KEY, false}},
                                        run};
