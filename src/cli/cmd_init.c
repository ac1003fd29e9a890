/* precinct init: makes the map (cli/making.h) and writes the site around it, whole or not at all. */
#include "cli/making.h"

static const char default_zone[] = "Asia/Shanghai";

static pct_status write_site(pct_making *in, pct_error *error) {
    const char *zone = pct_cli_option(in->cli, "--tz");
    pct_speeds speeds = pct_speeds_uniform(in->map.report.speed_kmh);
    pct_site_parts parts = pct_making_parts(in);
    parts.zone_name = zone ? zone : default_zone;
    parts.drill = pct_cli_flag(in->cli, "--drill");
    parts.speeds = in->map.report.speed_kmh > 0.0 ? &speeds : NULL;
    return pct_site_create(in->cli->arguments[0], &parts, &in->index_bytes, error);
}

static void answer(pct_making *in) {
    pct_cli *cli = in->cli;
    pct_json_writer json = pct_json_writer_init(&cli->out);
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_INIT_DONE, pct_str(cli->arguments[0]), pct_int(in->nodes), pct_int(in->segments),
                pct_real(pct_making_seconds(in)));
        pct_making_say(in);
        return;
    }
    pct_json_begin_object(&json);
    pct_making_write_json(in, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_making in;
    pct_staging probe;
    pct_making_init(&in, cli);
    for (int i = 0; i < PCT_MAKING_FILES; i++) in.paths[i] = pct_cli_option(cli, pct_making_options[i]);
    /* Asked first, so that nobody waits for a map only to hear that the folder is taken. */
    pct_status status = pct_staging_begin(&probe, cli->arguments[0], error);
    pct_staging_end(&probe);
    if (!status) status = pct_making_read_crs(&in, error);
    if (!status) status = pct_making_run(&in, error);
    if (!status) status = write_site(&in, error);
    if (!status) answer(&in);
    pct_making_dispose(&in);
    return status;
}

const pct_cli_command pct_cmd_init = {"init",
                                      "SITE",
                                      PCT_MSG_INIT_HELP,
                                      {PCT_MAKING_OPTIONS,
                                       {"--units", "FILE.csv", PCT_MSG_INIT_UNITS, false},
                                       {"--crs", "NAME", PCT_MSG_INIT_CRS, false},
                                       {"--tz", "ZONE", PCT_MSG_INIT_TZ, false},
                                       {"--drill", NULL, PCT_MSG_INIT_DRILL, false}},
                                      run};
