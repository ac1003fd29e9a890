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
