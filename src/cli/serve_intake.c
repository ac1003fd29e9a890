#include "cli/serve_intake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "site/now.h"

enum { FIRST_TRY_MS = 1000, EVERY_MS = 1000 };

static void say(const pct_cli *cli, pct_message message, const pct_error *why) {
    pct_param params[PCT_ERROR_PARAMS];
    pct_buffer line = pct_buffer_init(1 << 12);
    (void)pct_message_render(message, NULL, 0, cli->language, &line);
    if (why) {
        for (size_t i = 0; i < why->param_count; i++) params[i] = pct_error_param(why, i);
        (void)pct_buffer_append_text(&line, " ");
        (void)pct_message_render(why->message, params, why->param_count, cli->language, &line);
    }
    (void)fprintf(stderr, "precinct: %s\n", pct_buffer_chars(&line));
    pct_buffer_dispose(&line);
}

static pct_status name_folder(const pct_site *site, char out[PCT_PATH_MAX], pct_error *error) {
    int length = site->spool[0] ? snprintf(out, PCT_PATH_MAX, "%s", site->spool)
                                : snprintf(out, PCT_PATH_MAX, "%s/spool", site->folder);
    if (length < 0 || length >= PCT_PATH_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(PCT_PATH_MAX));
    if (!site->spool[0]) (void)mkdir(out, 0700); /* another disk's folder is made by whoever mounts it */
    return PCT_OK;
}

pct_status pct_serve_intake_open(const pct_cli *cli, const pct_site *site, const pct_store_options *record,
                                 pct_store **store, pct_service *service, pct_serve_intake *out,
                                 pct_error *error) {
    *out = (pct_serve_intake){.cli = cli, .service = service, .store = store, .options = *record};
    pct_error why = {0};
    pct_status status = name_folder(site, out->folder, &why);
    const pct_intake_options options = {
        .desk = service->desk, .folder = out->folder, .keeper = record->keeper};
    if (!status) status = pct_intake_open(&options, &service->intake, &why);
    if (status) {
        *error = why;
        return status;
    }
    pct_intake_view view = pct_intake_look(service->intake);
    if (!view.has_spool) say(cli, PCT_MSG_SERVE_NO_SPOOL, &why);
    if (view.unreadable > 0) say(cli, PCT_MSG_SERVE_SPOOL_DAMAGED, NULL);
    return pct_intake_start(service->intake, error);
}

static pct_status swap(void *context, pct_store **out, pct_error *error) {
    pct_serve_intake *s = context;
    pct_store_close(*s->store);
    *s->store = NULL;
    pct_status status = pct_store_open(&s->options, s->store, error);
    *out = *s->store;
    return status;
}

pct_status pct_serve_intake_mend(pct_serve_intake *s, pct_error *error) {
    pct_status failed = pct_desk_failure(s->service->desk, error);
    pct_intake_view view = pct_intake_look(s->service->intake);
    int64_t now_ms = pct_tick_ms();
    if (!failed) {
        s->failed_ms = 0;
        s->failures = view.failures;
        return PCT_OK;
    }
    if (!view.has_spool || view.failures > s->failures) return failed;
    if (!s->failed_ms) {
        say(s->cli, PCT_MSG_SERVE_RECORD_FAILED, error);
        s->failed_ms = now_ms;
        s->next_ms = now_ms + FIRST_TRY_MS;
    }
    if (now_ms < s->next_ms) return PCT_OK;
    s->next_ms = now_ms + EVERY_MS;
    if (pct_desk_reopen(s->service->desk, swap, s, error) != PCT_OK) return PCT_OK;
    pct_watch_again(s->service->watch);
    say(s->cli, PCT_MSG_SERVE_RECORD_BACK, NULL);
    return PCT_OK;
}
