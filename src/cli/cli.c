#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"

static int option_named(const pct_cli *cli, const char *name) {
    for (int i = 0; i < PCT_CLI_OPTIONS_MAX && cli->command->options[i].name; i++)
        if (strcmp(cli->command->options[i].name, name) == 0) return i;
    return -1;
}

const char *pct_cli_option(const pct_cli *cli, const char *name) {
    int option = option_named(cli, name);
    return option < 0 ? NULL : cli->values[option];
}

const char *pct_cli_option_at(const pct_cli *cli, const char *name, int at) {
    int option = option_named(cli, name);
    if (at == 0) return pct_cli_option(cli, name);
    for (int i = 0; i < cli->more_count; i++)
        if (cli->more[i].option == option && --at == 0) return cli->more[i].value;
    return NULL;
}

bool pct_cli_flag(const pct_cli *cli, const char *name) {
    return pct_cli_option(cli, name) != NULL;
}

static pct_status out_of_range(const char *name, double min, double max, const char *value,
                               pct_error *error) {
    return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_VALUE, pct_str(name), pct_real(min), pct_real(max),
                    pct_str(value));
}

pct_status pct_cli_integer(const pct_cli *cli, const char *name, int64_t min, int64_t max, int64_t *out,
                           pct_error *error) {
    const char *value = pct_cli_option(cli, name);
    int64_t number;
    if (!value) return PCT_OK;
    if (!pct_text_to_integer(pct_text_of(value), &number) || number < min || number > max)
        return out_of_range(name, (double)min, (double)max, value, error);
    *out = number;
    return PCT_OK;
}

pct_status pct_cli_real(const pct_cli *cli, const char *name, double min, double max, double *out,
                        pct_error *error) {
    const char *value = pct_cli_option(cli, name);
    double number;
    if (!value) return PCT_OK;
    if (!pct_text_to_real(pct_text_of(value), &number) || number < min || number > max)
        return out_of_range(name, min, max, value, error);
    *out = number;
    return PCT_OK;
}

void pct_cli_say(pct_cli *cli, pct_message message, const pct_param *params, size_t count) {
    (void)pct_message_render(message, params, count, cli->language, &cli->out);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

void pct_cli_warn(const pct_cli *cli, pct_message message, const pct_param *params, size_t count) {
    pct_buffer line = pct_buffer_init(1 << 16);
    (void)pct_message_render(message, params, count, cli->language, &line);
    fprintf(stderr, "%s\n", pct_buffer_chars(&line));
    pct_buffer_dispose(&line);
}

void pct_cli_progress(const pct_cli *cli, pct_message message, const pct_param *params, size_t count) {
    if (!cli->json && isatty(STDERR_FILENO)) pct_cli_warn(cli, message, params, count);
}

double pct_cli_seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int64_t pct_cli_peak_bytes(void) {
    struct rusage own, children;
    (void)getrusage(RUSAGE_SELF, &own);
    (void)getrusage(RUSAGE_CHILDREN, &children);
    return (int64_t)(own.ru_maxrss > children.ru_maxrss ? own.ru_maxrss : children.ru_maxrss) * 1024;
}
