/* precinct paper SITE --cards N --out FILE: numbered cards to write calls on while nothing else works. Giving out numbers is an
 * event; while `serve` holds the record it does it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/paper_page.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "desk/cards.h"

enum { PAGE_MAX = 1 << 24 };

static pct_status give_out(pct_cli *cli, int64_t count, int64_t *first, pct_error *error) {
    pct_record record = {0};
    char request[48];
    pct_status status =
        pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (status == PCT_BUSY) {
        (void)snprintf(request, sizeof request, "cards %lld %s\n", (long long)count,
                       cli->language == PCT_ZH ? "zh" : "en");
        status = pct_serve_socket_ask(cli->arguments[0], request, first, error);
        if (status == PCT_UNREACHABLE) status = PCT_BUSY;
    } else if (!status) {
        status = pct_desk_print_cards(record.desk, pct_text_of("console"), count, first, error);
    }
    pct_record_close(&record);
    return status;
}

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_FILE_NOT_WRITTEN, pct_str(path), pct_str(strerror(errno)));
}

static void tell(pct_cli *cli, int64_t first, int64_t count, const char *path) {
    char from[PCT_CARD_TEXT], until[PCT_CARD_TEXT];
    pct_card_write(first, from);
    pct_card_write(first + count - 1, until);
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_PAPER_PRINTED, pct_int(count), pct_str(from), pct_str(until), pct_str(path));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "cards");
    pct_json_integer(&json, count);
    pct_json_key(&json, "first");
    pct_json_string(&json, from);
    pct_json_key(&json, "last");
    pct_json_string(&json, until);
    pct_json_key(&json, "out");
    pct_json_string(&json, path);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

/* The file is there before the numbers are given out: a wrong path costs none. */
static pct_status run(pct_cli *cli, pct_error *error) {
    const char *path = pct_cli_option(cli, "--out"), *size = pct_cli_option(cli, "--size");
    const bool on_a4 = size && strcmp(size, "A4") == 0;
    int64_t count = 0, first = 0;
    FILE *file = NULL;
    pct_buffer page = pct_buffer_init(PAGE_MAX);
    if (size && !on_a4 && strcmp(size, "A5") != 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--size"), pct_str("A5, A4"),
                        pct_str(size));
    pct_status status = pct_cli_integer(cli, "--cards", 1, PCT_CARDS_MAX, &count, error);
    if (!status && !(file = fopen(path, "wxb"))) return failed(path, error);
    if (!status) status = give_out(cli, count, &first, error);
    if (!status) {
        pct_paper_write(first, count, on_a4, &page);
        status = pct_buffer_status(&page, error);
    }
    if (!status && (fwrite(page.bytes, 1, page.length, file) != page.length || fflush(file) != 0 ||
                    fsync(fileno(file)) != 0))
        status = failed(path, error);
    if (file) (void)fclose(file);
    if (status && file) (void)unlink(path);
    if (!status) tell(cli, first, count, path);
    pct_buffer_dispose(&page);
    return status;
}

const pct_cli_command pct_cmd_paper = {"paper",
                                       "SITE",
                                       PCT_MSG_PAPER_HELP,
                                       {{"--cards", "N", PCT_MSG_PAPER_CARDS, true},
                                        {"--out", "FILE", PCT_MSG_PAPER_OUT, true},
                                        {"--size", "A5|A4", PCT_MSG_PAPER_SIZE, false},
                                        {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                       run};
