#include "cli/serve_watch.h"

#include <stdio.h>

/* In the language of the command, on a line of its own: the console shows it too, and whoever started us sees it here. */
static void say_found(void *context, const pct_watch_view *view) {
    const pct_cli *cli = context;
    pct_param params[PCT_ERROR_PARAMS];
    pct_buffer line = pct_buffer_init(1 << 12);
    for (size_t i = 0; i < view->why.param_count; i++) params[i] = pct_error_param(&view->why, i);
    (void)pct_message_render(PCT_MSG_SERVE_LOG_FOUND, NULL, 0, cli->language, &line);
    (void)pct_buffer_append_text(&line, " ");
    (void)pct_message_render(view->why.message, params, view->why.param_count, cli->language, &line);
    (void)fprintf(stderr, "precinct: %s\n", pct_buffer_chars(&line));
    pct_buffer_dispose(&line);
}

pct_status pct_serve_watch(const pct_cli *cli, const char *folder, pct_watch **out, pct_error *error) {
    pct_store *reader = NULL;
    const pct_store_options options = {.folder = folder, .read_only = true};
    pct_status status = pct_store_open(&options, &reader, error);
    const pct_watch_options watch = {.reader = reader, .found = say_found, .context = (void *)(uintptr_t)cli};
    return status ? status : pct_watch_start(&watch, out, error);
}

pct_status pct_serve_log_tiles(const char *folder, pct_log_tiles **out, pct_error *error) {
    pct_store *reader = NULL;
    const pct_store_options options = {.folder = folder, .read_only = true};
    pct_status status = pct_store_open(&options, &reader, error);
    const pct_log_tiles_options tiles = {.folder = folder, .reader = reader};
    return status ? status : pct_log_tiles_start(&tiles, out, error);
}

/* --- look-ups ------------------------------------------------------------------------------------------------------ */

static int64_t desk_now_ms(void *context) {
    return pct_service_now_ms(context);
}

static void say_not_watched(const pct_cli *cli, const pct_error *why) {
    pct_param params[PCT_ERROR_PARAMS];
    for (size_t i = 0; i < why->param_count; i++) params[i] = pct_error_param(why, i);
    pct_cli_warn(cli, PCT_MSG_MISUSE_NOT_WATCHED, NULL, 0);
    pct_cli_warn(cli, why->message, params, why->param_count);
}

pct_status pct_serve_misuse(const pct_cli *cli, pct_service *service, pct_error *error) {
    pct_mapped_file file;
    pct_audit_rules rules;
    pct_error why;
    pct_store *reader = NULL;
    pct_status status = pct_site_map_definition(service->site, "misuse.csv", &file, &why);
    if (!status) {
        status = pct_audit_rules_read("misuse.csv", file.bytes, &rules, &why);
        if (file.memory) pct_file_unmap(&file);
    }
    if (status) {
        say_not_watched(cli, &why);
        return PCT_OK;
    }
    const pct_store_options options = {.folder = service->site->folder, .read_only = true};
    status = pct_store_open(&options, &reader, error);
    const pct_misuse_options misuse = {.reader = reader,
                                       .rules = &rules,
                                       .zone = &service->site->zone,
                                       .site_folder = service->site->folder,
                                       .clock_ms = desk_now_ms,
                                       .context = service};
    if (!status) status = pct_misuse_new(&misuse, &service->misuse, error);
    return status ? status : pct_misuse_start(service->misuse, error);
}
