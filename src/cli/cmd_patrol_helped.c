/* precinct patrol helped SITE --area NAME|--street NAME|--order ID [--from DAY --until DAY]: whether calls in areas that were patrolled
 * fell, against like areas that were
 * not, with an interval; whether they moved next door; and "cannot tell" when one cannot tell (demand/helped.h). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/areas.h"
#include "cli/command.h"
#include "cli/day.h"
#include "cli/helped_place.h"
#include "resource/area_calls.h"

enum { WEEK_DAYS = 7, YEAR_DAYS = 366, HOURS = 24 };

typedef struct sheet {
    pct_cli *cli;
    pct_site site;
    pct_beats *beats;
    pct_store *reader;
    bool *patrolled;
    pct_helped_place *areas;
    pct_vector calls;
    pct_helped_periods_days days;
    int from_hour, until_hour;
    int64_t elsewhere;
    pct_helped there, next_door;
} sheet;

static pct_status name_areas(sheet *s, pct_error *error) {
    size_t count = pct_beats_count(s->beats);
    s->patrolled = pct_alloc_zeroed(count + 1, sizeof *s->patrolled);
    s->areas = pct_alloc_zeroed(count + 1, sizeof *s->areas);
    if (!s->patrolled || !s->areas) return pct_error_memory(error, count * sizeof *s->areas);
    const char *name;
    for (int i = 0; (name = pct_cli_option_at(s->cli, "--area", i)) != NULL; i++) {
        size_t area = 0;
        while (area < count && !pct_text_equal(pct_beats_name(s->beats, area), name)) area++;
        if (area == count)
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--area"),
                            pct_phrase(PCT_MSG_EXPECTED_AREA), pct_str(name));
        s->patrolled[area] = true;
    }
    return pct_cli_option_at(s->cli, "--area", 0)
               ? PCT_OK
               : PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--area"),
                          pct_phrase(PCT_MSG_EXPECTED_AREA), pct_str(""));
}

pct_status pct_cli_helped_hours(const pct_cli *cli, int *from_hour, int *until_hour, pct_error *error) {
    const char *text = pct_cli_option(cli, "--hours");
    pct_text rest = pct_text_of(text ? text : "0-24"), from, until;
    int64_t a, b;
    bool good = pct_text_next(&rest, '-', &from) && pct_text_next(&rest, '-', &until) && rest.length == 0 &&
                pct_text_to_integer(from, &a) && pct_text_to_integer(until, &b) && 0 <= a && a < b &&
                b <= HOURS;
    if (!good)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--hours"),
                        pct_phrase(PCT_MSG_EXPECTED_HOURS), pct_str(text));
    *from_hour = (int)a;
    *until_hour = (int)b;
    return PCT_OK;
}

pct_status pct_cli_helped_days(const pct_cli *cli, const pct_zone *zone, int64_t *from, int64_t *until,
                               pct_error *error) {
    int64_t today = pct_cli_today(zone);
    for (int i = 0; i < 2; i++) {
        const char *option = i ? "--until" : "--from";
        if (!pct_cli_option(cli, option))
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_MISSING, pct_str(cli->command->name),
                            pct_str(option), pct_str("DAY"));
    }
    pct_status status = pct_cli_day(cli, "--from", zone, from, error);
    if (!status) status = pct_cli_day(cli, "--until", zone, until, error);
    if (status) return status;
    if (*until < *from + WEEK_DAYS || *until > *from + YEAR_DAYS || *until > today)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--until"),
                        pct_phrase(PCT_MSG_EXPECTED_LATER_DAY), pct_str(pct_cli_option(cli, "--until")));
    return PCT_OK;
}

static pct_status read_days(sheet *s, pct_error *error) {
    int64_t from, until;
    pct_status status = pct_cli_helped_days(s->cli, &s->site.zone, &from, &until, error);
    if (!status) s->days = pct_helped_periods(from, until);
    return status;
}

static pct_status look(sheet *s, pct_error *error) {
    pct_status status = pct_site_open(s->cli->arguments[0], &s->site, error);
    if (!status) status = read_days(s, error);
    if (!status) status = pct_cli_helped_hours(s->cli, &s->from_hour, &s->until_hour, error);
    if (!status) status = pct_cli_open_areas(&s->site, &s->beats, &s->reader, error);
    if (!status) status = name_areas(s, error);
    if (!status)
        status = pct_area_calls_read(&s->site, s->beats, s->reader, s->days.before_from - 1, &s->calls,
                                     &s->elsewhere, error);
    if (status) return status;
    size_t count = pct_beats_count(s->beats);
    pct_area_calls_helped(s->beats, &s->calls, s->patrolled, &s->days, s->from_hour, s->until_hour, s->areas);
    s->there = pct_helped_judge(s->areas, count, PCT_HELPED_PATROLLED);
    s->next_door = pct_helped_judge(s->areas, count, PCT_HELPED_NEIGHBOUR);
    return PCT_OK;
}

/* --- the answer ----------------------------------------------------------------------------------------------------- */

static void names_of(const sheet *s, pct_helped_role role, pct_buffer *out) {
    for (size_t i = 0; i < pct_beats_count(s->beats); i++) {
        if (s->areas[i].role != role) continue;
        if (out->length > 0) (void)pct_buffer_append_text(out, ", ");
        pct_text name = pct_beats_name(s->beats, i);
        (void)pct_buffer_append(out, name.chars, name.length);
    }
}

static void write_judged(pct_json_writer *json, const sheet *s, const char *key, pct_helped_role role,
                         const pct_helped *h) {
    const struct {
        const char *key;
        double value; /* of counts that are too small nothing is told */
        int decimals;
    } numbers[] = {{"change", h->change, 3},
                   {"low", h->low, 3},
                   {"high", h->high, 3},
                   {"dispersion", h->dispersion, 3},
                   {"before", (double)h->before, 0},
                   {"during", (double)h->during, 0}};
    pct_json_key(json, key);
    pct_json_begin_object(json);
    pct_json_key(json, "answer");
    pct_json_string(json, pct_helped_answer_name(h->answer));
    pct_json_key(json, "areas");
    pct_json_begin_array(json);
    for (size_t i = 0; i < pct_beats_count(s->beats); i++)
        if (s->areas[i].role == role) pct_json_text(json, pct_beats_name(s->beats, i));
    pct_json_end_array(json);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        bool few = i >= 4 && numbers[i].value < PCT_HELPED_CALLS;
        pct_json_key(json, numbers[i].key);
        pct_json_real(json, few ? NAN : numbers[i].value, numbers[i].decimals);
    }
    pct_json_end_object(json);
}

static void write_json(sheet *s) {
    const struct {
        const char *key;
        int64_t day;
    } days[] = {{"from", s->days.from},
                {"until", s->days.until},
                {"before_from", s->days.before_from},
                {"before_until", s->days.before_until}};
    pct_json_writer json = pct_json_writer_init(&s->cli->out);
    pct_json_begin_object(&json);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        char text[PCT_DAY_TEXT];
        pct_cli_day_text(days[i].day, text);
        pct_json_key(&json, days[i].key);
        pct_json_string(&json, text);
    }
    pct_json_key(&json, "like");
    pct_json_integer(&json, (int64_t)s->there.like);
    write_judged(&json, s, "patrolled", PCT_HELPED_PATROLLED, &s->there);
    write_judged(&json, s, "neighbours", PCT_HELPED_NEIGHBOUR, &s->next_door);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&s->cli->out, '\n');
}

static void say_judged(sheet *s, const pct_helped *h) {
    char change[24], low[24], high[24];
    (void)snprintf(change, sizeof change, "%.2f", h->change);
    (void)snprintf(low, sizeof low, "%.2f", h->low);
    (void)snprintf(high, sizeof high, "%.2f", h->high);
    pct_param times = pct_str(change), from = pct_str(low), to = pct_str(high);
    if (h->answer < PCT_HELPED_FEW_CALLS)
        PCT_SAY(s->cli, PCT_MSG_HELPED_COUNTS, pct_int(h->before), pct_int(h->during),
                pct_int((int64_t)h->like), pct_int(h->like_before), pct_int(h->like_during));
    switch (h->answer) {
    case PCT_HELPED_LESS: PCT_SAY(s->cli, PCT_MSG_HELPED_YES, times, from, to); break;
    case PCT_HELPED_MORE: PCT_SAY(s->cli, PCT_MSG_HELPED_WORSE, times, from, to); break;
    case PCT_HELPED_CANNOT_TELL: PCT_SAY(s->cli, PCT_MSG_HELPED_CANNOT_TELL, times, from, to); break;
    case PCT_HELPED_FEW_CALLS: PCT_SAY(s->cli, PCT_MSG_HELPED_FEW, pct_int(PCT_HELPED_CALLS)); break;
    case PCT_HELPED_FEW_PLACES:
        PCT_SAY(s->cli, PCT_MSG_HELPED_FEW_LIKE, pct_int((int64_t)h->like), pct_int(PCT_HELPED_LIKE));
        break;
    case PCT_HELPED_ANSWERS: break;
    }
}

static void say(sheet *s) {
    char from[PCT_DAY_TEXT], until[PCT_DAY_TEXT], before_from[PCT_DAY_TEXT], before_until[PCT_DAY_TEXT];
    pct_buffer there = pct_buffer_init(1 << 16), next_door = pct_buffer_init(1 << 16);
    pct_cli_day_text(s->days.from, from);
    pct_cli_day_text(s->days.until, until);
    pct_cli_day_text(s->days.before_from, before_from);
    pct_cli_day_text(s->days.before_until, before_until);
    names_of(s, PCT_HELPED_PATROLLED, &there);
    names_of(s, PCT_HELPED_NEIGHBOUR, &next_door);
    PCT_SAY(s->cli, PCT_MSG_HELPED_HEAD, pct_str(pct_buffer_chars(&there)), pct_str(from), pct_str(until),
            pct_str(before_from), pct_str(before_until));
    say_judged(s, &s->there);
    if (s->next_door.places > 0) {
        PCT_SAY(s->cli, PCT_MSG_HELPED_NEIGHBOURS, pct_str(pct_buffer_chars(&next_door)));
        say_judged(s, &s->next_door);
    } else {
        pct_cli_say(s->cli, PCT_MSG_HELPED_NO_NEIGHBOURS, NULL, 0);
    }
    pct_buffer_dispose(&there);
    pct_buffer_dispose(&next_door);
}

static pct_status run_areas(pct_cli *cli, pct_error *error) {
    sheet s = {.cli = cli};
    pct_status status = look(&s, error);
    if (!status && cli->json) write_json(&s);
    if (!status && !cli->json) say(&s);
    pct_vector_dispose(&s.calls);
    pct_free(s.patrolled);
    pct_free(s.areas);
    pct_store_close(s.reader);
    pct_beats_free(s.beats);
    pct_site_close(&s.site);
    return status;
}

/* Areas, or one place: an order's or a street. */
static pct_status run(pct_cli *cli, pct_error *error) {
    bool order = pct_cli_option(cli, "--order"), street = pct_cli_option_at(cli, "--street", 0),
         area = pct_cli_option_at(cli, "--area", 0);
    if (order + street + area != 1) return pct_error_set(error, PCT_MISUSE, PCT_MSG_HELPED_ONE_OF, NULL, 0);
    return area ? run_areas(cli, error) : pct_cli_helped_place(cli, error);
}

const pct_cli_command pct_cmd_patrol_helped = {
    .name = "patrol helped",
    .arguments = "SITE",
    .summary = PCT_MSG_PATROL_HELPED_HELP,
    .options = {{"--area", "NAME", PCT_MSG_PATROL_HELPED_AREAS, PCT_OPTION_REPEATED},
                {"--street", "NAME", PCT_MSG_PATROL_HELPED_STREETS, PCT_OPTION_REPEATED},
                {"--order", "ID", PCT_MSG_PATROL_HELPED_ORDER, false},
                {"--from", "DAY", PCT_MSG_PATROL_HELPED_FROM, false},
                {"--until", "DAY", PCT_MSG_PATROL_HELPED_UNTIL, false},
                {"--hours", "H-H", PCT_MSG_PATROL_HELPED_HOURS, false},
                {"--within", "METRES", PCT_MSG_PATROL_HELPED_WITHIN, false}},
    .run = run};
