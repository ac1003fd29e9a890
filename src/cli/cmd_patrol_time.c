/* precinct patrol time SITE --month MONTH: units' time by area beside calls by area, of a month that is over (demand/beside.h). */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/areas.h"
#include "cli/command.h"
#include "resource/area_calls.h"
#include "site/now.h"

enum { HOUR_MS = 3600000, ARENA_MAX = 64 << 20 };

typedef struct sheet {
    pct_cli *cli;
    pct_site site;
    pct_beats *beats;
    pct_store *reader;
    pct_tracks *tracks;
    pct_arena arena;
    pct_area_month month;
} sheet;

/* The positions of a site that stores some; *out NULL where it has none. */
static pct_status open_tracks(const char *folder, pct_tracks **out, pct_error *error) {
    const pct_tracks_options options = {.folder = folder, .read_only = true};
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, folder, PCT_TRACKS_FILE, error);
    *out = NULL;
    if (status || access(path, F_OK) != 0) return status;
    return pct_tracks_open(&options, out, error);
}

static pct_status look(sheet *s, pct_error *error) {
    const char *text = pct_cli_option(s->cli, "--month");
    int month = 0;
    pct_status status = pct_site_open(s->cli->arguments[0], &s->site, error);
    if (!status && !pct_area_month_named(&s->site.zone, pct_text_of(text), pct_wall_ms(), &month))
        status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--month"),
                          pct_phrase(PCT_MSG_EXPECTED_MONTH), pct_str(text));
    if (!status) status = pct_cli_open_areas(&s->site, &s->beats, &s->reader, error);
    if (!status) status = open_tracks(s->site.folder, &s->tracks, error);
    if (!status)
        status =
            pct_area_month_read(&s->site, s->beats, s->reader, s->tracks, month, &s->arena, &s->month, error);
    return status;
}

static void write_json(sheet *s) {
    pct_json_writer json = pct_json_writer_init(&s->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "month");
    pct_json_string(&json, pct_cli_option(s->cli, "--month"));
    pct_json_key(&json, "unit_hours");
    pct_json_real(&json, (double)s->month.sums.unit_ms / HOUR_MS, 1);
    pct_json_key(&json, "calls");
    pct_json_integer(&json, s->month.sums.calls);
    pct_json_key(&json, "areas");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < pct_beats_count(s->beats); i++) {
        const pct_beside_row *row = &s->month.rows[i];
        const struct {
            const char *key;
            double value;
            int decimals;
        } numbers[] = {{"unit_hours", (double)row->unit_ms / HOUR_MS, 1},
                       {"time_share", row->time_share, 4},
                       {"calls", row->calls == PCT_BESIDE_HIDDEN ? NAN : (double)row->calls, 0},
                       {"call_share", row->call_share, 4}};
        pct_json_begin_object(&json);
        pct_json_key(&json, "area");
        pct_json_text(&json, pct_beats_name(s->beats, i));
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            pct_json_key(&json, numbers[k].key);
            pct_json_real(&json, numbers[k].value, numbers[k].decimals);
        }
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&s->cli->out, '\n');
}

static int64_t percent(double share) {
    return isnan(share) ? 0 : llround(100 * share);
}

static void say(sheet *s) {
    PCT_SAY(s->cli, PCT_MSG_PATROL_TIME_HEAD, pct_str(pct_cli_option(s->cli, "--month")),
            pct_int(s->month.sums.unit_ms / HOUR_MS), pct_int(s->month.sums.calls));
    for (size_t i = 0; i < pct_beats_count(s->beats); i++) {
        const pct_beside_row *row = &s->month.rows[i];
        pct_param area = pct_view(pct_beats_name(s->beats, i)), hours = pct_int(row->unit_ms / HOUR_MS),
                  share = pct_int(percent(row->time_share));
        if (row->calls == PCT_BESIDE_HIDDEN)
            PCT_SAY(s->cli, PCT_MSG_PATROL_TIME_FEW, area, hours, share, pct_int(PCT_BESIDE_CALLS));
        else
            PCT_SAY(s->cli, PCT_MSG_PATROL_TIME_ROW, area, hours, share, pct_int(row->calls),
                    pct_int(percent(row->call_share)));
    }
    pct_cli_say(s->cli, PCT_MSG_PATROL_TIME_LOOP, NULL, 0);
}

static pct_status run(pct_cli *cli, pct_error *error) {
    sheet s = {.cli = cli, .arena = pct_arena_init(ARENA_MAX)};
    pct_status status = look(&s, error);
    if (!status && cli->json) write_json(&s);
    if (!status && !cli->json) say(&s);
    pct_arena_dispose(&s.arena);
    pct_tracks_close(s.tracks);
    pct_store_close(s.reader);
    pct_beats_free(s.beats);
    pct_site_close(&s.site);
    return status;
}

const pct_cli_command pct_cmd_patrol_time = {
    .name = "patrol time",
    .arguments = "SITE",
    .summary = PCT_MSG_PATROL_TIME_HELP,
    .options = {{"--month", "MONTH", PCT_MSG_PATROL_TIME_MONTH, true}},
    .run = run};
