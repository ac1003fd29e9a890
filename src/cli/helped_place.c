#include "cli/helped_place.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/day.h"
#include "ledger/read.h"
#include "resource/place_calls.h"
#include "site/now.h"

enum { STREETS_MAX = 16, HOUR_MINUTES = 60 };

typedef struct sheet {
    pct_cli *cli;
    pct_site site;
    pct_store *reader;
    pct_life *life;
    pct_text streets[STREETS_MAX];
    pct_place_asked asked;
    pct_place_told told;
    pct_text name;
} sheet;

static pct_status follow(void *context, const pct_event *event, pct_error *error) {
    return pct_life_apply(context, event, error);
}

static pct_status ask_order(sheet *s, const char *text, pct_error *error) {
    pct_id id = {0};
    bool good = pct_id_read(pct_text_of(text), &id) && id.kind == 'X';
    pct_status status = pct_life_new(&s->life, error);
    if (!status) status = pct_ledger_each_event_of_kind(s->reader, 'X', follow, s->life, error);
    if (status) return status;
    const pct_life_directed *order = pct_life_directed_of(s->life, (pct_directed_id){id.seq});
    if (!good || !order)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--order"),
                        pct_phrase(PCT_MSG_EXPECTED_DIRECTED), pct_str(text));
    s->name = order->name;
    return pct_place_of_order(s->life, order, &s->site.zone, pct_wall_ms(), &s->asked, error);
}

static int64_t begin_of(const pct_zone *zone, int64_t day) {
    pct_civil civil = pct_civil_of_ms(day * PCT_DAY_MS);
    int64_t at_ms;
    (void)pct_zone_to_utc(zone, &civil, &at_ms);
    return at_ms;
}

static pct_status ask_street(sheet *s, pct_error *error) {
    int64_t from, until;
    int from_hour, until_hour;
    const char *street;
    pct_status status = pct_cli_helped_days(s->cli, &s->site.zone, &from, &until, error);
    if (!status) status = pct_cli_helped_hours(s->cli, &from_hour, &until_hour, error);
    if (status) return status;
    s->asked = (pct_place_asked){.streets = s->streets,
                                 .from_ms = begin_of(&s->site.zone, from),
                                 .until_ms = begin_of(&s->site.zone, until),
                                 .from_minute = from_hour * HOUR_MINUTES,
                                 .to_minute = until_hour * HOUR_MINUTES,
                                 .within_m = PCT_PLACE_STREET_WITHIN_M,
                                 .patrolled = pct_vector_init(sizeof(pct_position), 1)};
    for (int i = 0; i < STREETS_MAX && (street = pct_cli_option_at(s->cli, "--street", i)) != NULL; i++)
        s->streets[s->asked.street_count++] = pct_text_of(street);
    s->name = s->streets[0];
    return PCT_OK;
}

static pct_status read_within(sheet *s, pct_error *error) {
    const char *text = pct_cli_option(s->cli, "--within");
    int64_t metres;
    if (!text) return PCT_OK;
    if (!pct_text_to_integer(pct_text_of(text), &metres) || metres < 1 || metres > PCT_PLACE_WITHIN_MOST_M)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--within"),
                        pct_phrase(PCT_MSG_EXPECTED_WITHIN), pct_str(text));
    s->asked.within_m = (double)metres;
    return PCT_OK;
}

static pct_status look(sheet *s, pct_error *error) {
    const char *order = pct_cli_option(s->cli, "--order");
    pct_status status = pct_site_open(s->cli->arguments[0], &s->site, error);
    const pct_store_options options = {.folder = s->site.folder, .read_only = true};
    if (!status) status = pct_site_open_road(&s->site, 0, error);
    if (!status) status = pct_store_open(&options, &s->reader, error);
    if (!status) status = order ? ask_order(s, order, error) : ask_street(s, error);
    if (!status) status = read_within(s, error);
    return status ? status : pct_place_judge(&s->site, s->reader, &s->asked, &s->told, error);
}

/* --- the answer ------------------------------------------------------------------------------------------------------------- */

static void say_judged(const sheet *s, const pct_helped *h) {
    char change[24], low[24], high[24] = "∞";
    (void)snprintf(change, sizeof change, "%.2f", h->change);
    (void)snprintf(low, sizeof low, "%.2f", h->low);
    if (isfinite(h->high)) (void)snprintf(high, sizeof high, "%.2f", h->high);
    pct_param times = pct_str(change), from = pct_str(low), to = pct_str(high);
    if (h->answer < PCT_HELPED_FEW_CALLS)
        PCT_SAY(s->cli, PCT_MSG_HELPED_PLACE_COUNTS, pct_int(h->before), pct_int(h->during),
                pct_int((int64_t)h->like), pct_int(h->like_before), pct_int(h->like_during));
    switch (h->answer) {
    case PCT_HELPED_LESS: PCT_SAY(s->cli, PCT_MSG_HELPED_YES, times, from, to); break;
    case PCT_HELPED_MORE: PCT_SAY(s->cli, PCT_MSG_HELPED_WORSE, times, from, to); break;
    case PCT_HELPED_CANNOT_TELL: PCT_SAY(s->cli, PCT_MSG_HELPED_CANNOT_TELL, times, from, to); break;
    case PCT_HELPED_FEW_CALLS: PCT_SAY(s->cli, PCT_MSG_HELPED_PLACE_FEW, pct_int(PCT_HELPED_CALLS)); break;
    case PCT_HELPED_FEW_PLACES:
        PCT_SAY(s->cli, PCT_MSG_HELPED_PLACE_FEW_LIKE, pct_int((int64_t)h->like), pct_int(PCT_HELPED_LIKE));
        break;
    case PCT_HELPED_ANSWERS: break;
    }
}

static void say(const sheet *s) {
    const pct_helped_periods_days *d = &s->told.days;
    char from[PCT_DAY_TEXT], until[PCT_DAY_TEXT], before_from[PCT_DAY_TEXT], before_until[PCT_DAY_TEXT];
    pct_cli_day_text(d->from, from);
    pct_cli_day_text(d->until, until);
    pct_cli_day_text(d->before_from, before_from);
    pct_cli_day_text(d->before_until, before_until);
    PCT_SAY(s->cli, PCT_MSG_HELPED_HEAD, pct_view(s->name), pct_str(from), pct_str(until),
            pct_str(before_from), pct_str(before_until));
    say_judged(s, &s->told.spots.there);
    PCT_SAY(s->cli, PCT_MSG_HELPED_PLACE_AROUND, pct_int((int64_t)s->asked.within_m),
            pct_int((int64_t)(3 * s->asked.within_m)));
    say_judged(s, &s->told.spots.next_door);
}

static void write_json(const sheet *s) {
    pct_json_writer json = pct_json_writer_init(&s->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "place");
    pct_json_text(&json, s->name);
    pct_place_write(&json, &s->asked, &s->told);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&s->cli->out, '\n');
}

pct_status pct_cli_helped_place(pct_cli *cli, pct_error *error) {
    sheet s = {.cli = cli};
    pct_status status = look(&s, error);
    if (!status && cli->json) write_json(&s);
    if (!status && !cli->json) say(&s);
    pct_vector_dispose(&s.asked.patrolled);
    pct_life_free(s.life);
    pct_store_close(s.reader);
    pct_site_close(&s.site);
    return status;
}
