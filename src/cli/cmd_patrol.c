/* precinct patrol where SITE: where and when calls for service rise, for whoever decides where to patrol. It proposes nothing
 * by itself: counts, what was to be expected, and how sure that is. */
#include <math.h>
#include <stdio.h>

#include "cli/areas.h"
#include "cli/command.h"
#include "cli/day.h"
#include "resource/rising.h"

typedef struct sheet {
    pct_site site;
    pct_beats *beats;
    pct_store *reader;
    pct_rising rising;
    int64_t day, elsewhere;
    char date[PCT_DAY_TEXT];
} sheet;

static pct_status look(const pct_cli *cli, sheet *s, pct_error *error) {
    pct_status status = pct_site_open(cli->arguments[0], &s->site, error);
    if (!status) status = pct_cli_day(cli, "--on", &s->site.zone, &s->day, error);
    if (!status) pct_cli_day_text(s->day, s->date);
    if (!status) status = pct_cli_open_areas(&s->site, &s->beats, &s->reader, error);
    if (status) return status;
    return pct_rising_of_site(&s->site, s->beats, s->reader, s->day, &s->rising, &s->elsewhere, error);
}

/* --- the answer ----------------------------------------------------------------------------------------------------- */

static void hours_of(const pct_rising_cell *cell, char from[8], char until[8]) {
    (void)snprintf(from, 8, "%02d:00", cell->block * PCT_RISING_HOURS);
    (void)snprintf(until, 8, "%02d:00", (cell->block + 1) * PCT_RISING_HOURS);
}

static void write_cell(pct_json_writer *json, const sheet *s, const pct_rising_cell *cell) {
    char from[8], until[8];
    hours_of(cell, from, until);
    pct_json_begin_object(json);
    pct_json_key(json, "area");
    pct_json_text(json, pct_beats_name(s->beats, cell->area));
    pct_json_key(json, "from");
    pct_json_string(json, from);
    pct_json_key(json, "until");
    pct_json_string(json, until);
    const struct {
        const char *key;
        double value; /* INFINITY: null */
        int decimals;
    } numbers[] = {{"recent", (double)cell->recent, 0},
                   {"history", (double)cell->history, 0},
                   {"expected", cell->expected, 2},
                   {"ratio", cell->ratio, 3},
                   {"low", cell->low, 3},
                   {"high", cell->high, 3},
                   {"chance", cell->chance, 6}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pct_json_key(json, numbers[i].key);
        pct_json_real(json, isinf(numbers[i].value) ? NAN : numbers[i].value, numbers[i].decimals);
    }
    pct_json_key(json, "rises");
    pct_json_bool(json, cell->rises);
    pct_json_end_object(json);
}

static void write_json(pct_cli *cli, const sheet *s) {
    const pct_rising_cell *cells = s->rising.cells.items;
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {{"recent_weeks", PCT_RISING_WEEKS},
                   {"history_weeks", s->rising.history_weeks},
                   {"history_weeks_least", PCT_RISING_LEAST},
                   {"calls", s->rising.calls},
                   {"elsewhere", s->elsewhere},
                   {"hidden", s->rising.hidden}};
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "day");
    pct_json_string(&json, s->date);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pct_json_key(&json, numbers[i].key);
        pct_json_integer(&json, numbers[i].value);
    }
    pct_json_key(&json, "dispersion");
    pct_json_real(&json, s->rising.dispersion, 3);
    pct_json_key(&json, "cells");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < s->rising.cells.length; i++) write_cell(&json, s, &cells[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static void say_cell(pct_cli *cli, const sheet *s, const pct_rising_cell *cell) {
    char from[8], until[8], hours[24], expected[24], low[24], high[24];
    pct_text area = pct_beats_name(s->beats, cell->area);
    hours_of(cell, from, until);
    (void)snprintf(hours, sizeof hours, "%s–%s", from, until);
    (void)snprintf(expected, sizeof expected, "%.1f", cell->expected);
    (void)snprintf(low, sizeof low, "%.1f", cell->low);
    (void)snprintf(high, sizeof high, "%.1f", cell->high);
    if (isinf(cell->high))
        PCT_SAY(cli, PCT_MSG_PATROL_RISES_NEW, pct_view(area), pct_str(hours), pct_int(cell->recent),
                pct_str(low));
    else
        PCT_SAY(cli, PCT_MSG_PATROL_RISES, pct_view(area), pct_str(hours), pct_int(cell->recent),
                pct_str(expected), pct_str(low), pct_str(high));
}

static void say(pct_cli *cli, const sheet *s) {
    const pct_rising *r = &s->rising;
    const pct_rising_cell *cells = r->cells.items;
    size_t rising = 0;
    if (r->history_weeks < PCT_RISING_LEAST) {
        PCT_SAY(cli, PCT_MSG_PATROL_YOUNG, pct_int(r->history_weeks), pct_int(PCT_RISING_LEAST),
                pct_int(PCT_RISING_WEEKS));
        return;
    }
    PCT_SAY(cli, PCT_MSG_PATROL_WHERE_HEAD, pct_str(s->date), pct_int(PCT_RISING_WEEKS),
            pct_int(r->history_weeks), pct_int(r->calls));
    for (; rising < r->cells.length && cells[rising].rises; rising++) say_cell(cli, s, &cells[rising]);
    if (rising == 0) PCT_SAY(cli, PCT_MSG_PATROL_NOTHING_RISES, pct_int((int64_t)r->cells.length));
    if (r->hidden > 0) PCT_SAY(cli, PCT_MSG_PATROL_HIDDEN, pct_int(r->hidden), pct_int(PCT_RISING_CALLS));
}

static pct_status run(pct_cli *cli, pct_error *error) {
    sheet s = {0};
    pct_status status = look(cli, &s, error);
    if (!status && cli->json) write_json(cli, &s);
    if (!status && !cli->json) say(cli, &s);
    pct_rising_dispose(&s.rising);
    pct_store_close(s.reader);
    pct_beats_free(s.beats);
    pct_site_close(&s.site);
    return status;
}

const pct_cli_command pct_cmd_patrol_where = {.name = "patrol where",
                                              .arguments = "SITE",
                                              .summary = PCT_MSG_PATROL_WHERE_HELP,
                                              .options = {{"--on", "DAY", PCT_MSG_PATROL_WHERE_ON, false}},
                                              .run = run};
