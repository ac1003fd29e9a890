/* precinct patrol check SITE --plan FILE --tracks FILE: what of a duty plan was done, by positions. It lists visits, and rates nobody:
 * sums and presence are told of at least PCT_CREWS_LEAST crews together (patrol/crews.h). */
#include <stdio.h>

#include "cli/command.h"
#include "cli/unit_tracks.h"
#include "patrol/crews.h"
#include "patrol/presence.h"
#include "road/closed.h"
#include "site/site.h"

enum { MS_PER_S = 1000, FIXES_MAX = 1 << 24, SIGNS_MAX = 1 << 20 };

typedef struct job {
    pct_cli *cli;
    pct_site site;
    pct_mapped_file plan_file, problem_file;
    pct_duty_plan plan;
    pct_duty problem;
    pct_unit_tracks tracks;
    pct_adherer *adherer;
    pct_presence *presence;
    pct_adherence *of_route; /* [route_count] */
    bool has_plan, has_problem;
} job;

/* A visit with what it is called after. */
typedef struct told {
    const pct_duty_route *route;
    const pct_duty_stop *stop;
    const pct_adherence_visit *visit;
} told;

static pct_status read_files(job *j, pct_error *error) {
    const char *plan = pct_cli_option(j->cli, "--plan"), *problem = pct_cli_option(j->cli, "--problem");
    pct_status status = pct_site_open(j->cli->arguments[0], &j->site, error);
    if (!status) status = pct_file_map(plan, &j->plan_file, error);
    if (!status) status = pct_duty_plan_read(plan, j->plan_file.bytes, &j->site.zone, &j->plan, error);
    j->has_plan = !status;
    if (!status && problem) {
        status = pct_file_map(problem, &j->problem_file, error);
        if (!status)
            status = pct_duty_read(problem, j->problem_file.bytes, &j->site.zone, &j->problem, error);
        j->has_problem = !status;
    }
    if (status) return status;
    pct_text *units = pct_alloc(j->plan.route_count + 1, sizeof *units);
    if (!units) return pct_error_memory(error, j->plan.route_count * sizeof *units);
    for (size_t r = 0; r < j->plan.route_count; r++) units[r] = j->plan.routes[r].unit;
    status = pct_unit_tracks_read(pct_cli_option(j->cli, "--tracks"), units, j->plan.route_count,
                                  &j->site.zone, &j->tracks, error);
    if (!status && pct_cli_option(j->cli, "--signs"))
        status =
            pct_unit_tracks_read_signs(pct_cli_option(j->cli, "--signs"), &j->site.zone, &j->tracks, error);
    pct_free(units);
    return status;
}

static pct_status judge(job *j, pct_error *error) {
    pct_vector fixes = pct_vector_init(sizeof(pct_adherence_fix), FIXES_MAX);
    pct_vector signs = pct_vector_init(sizeof(pct_adherence_sign), SIGNS_MAX);
    pct_status status = pct_site_open_road(&j->site, 0.0, error);
    if (!status && pct_site_has_patrol(&j->site)) status = pct_site_open_patrol(&j->site, 0.0, error);
    if (!status)
        status = pct_adherer_new(j->site.road, j->site.patrol ? j->site.patrol : j->site.road, NULL,
                                 &j->adherer, error);
    if (!status) status = pct_presence_new(&j->site.zone, &j->presence, error);
    j->of_route = pct_alloc_zeroed(j->plan.route_count + 1, sizeof *j->of_route);
    if (!status && !j->of_route) status = pct_error_memory(error, j->plan.route_count);
    for (size_t r = 0; r < j->plan.route_count && !status; r++) {
        pct_adherence_evidence evidence;
        status = pct_unit_tracks_of(&j->tracks, j->plan.routes[r].unit, &fixes, &signs, &evidence, error);
        if (!status)
            status = pct_adherer_judge(j->adherer, &j->plan.routes[r], j->has_problem ? &j->problem : NULL,
                                       &evidence, j->presence, &j->of_route[r], error);
    }
    pct_vector_dispose(&fixes);
    pct_vector_dispose(&signs);
    return status;
}

/* The visits of one state, route by route; returns how many. */
static size_t each(const job *j, pct_adherence_state state, void (*tell)(void *context, const told *t),
                   void *context) {
    size_t count = 0;
    for (size_t r = 0; r < j->plan.route_count; r++)
        for (size_t i = 0; i < j->of_route[r].visits.length; i++) {
            const pct_adherence_visit *v = (const pct_adherence_visit *)j->of_route[r].visits.items + i;
            const told t = {&j->plan.routes[r], &j->plan.routes[r].stops[v->stop], v};
            if (v->state != state) continue;
            if (tell) tell(context, &t);
            count++;
        }
    return count;
}

static pct_crews_figures figures(const job *j) {
    pct_crews crews = {0};
    for (size_t r = 0; r < j->plan.route_count; r++)
        if (j->of_route[r].visits.length > 0) pct_crews_add(&crews, &j->of_route[r]);
    return pct_crews_tell(&crews, PCT_CREWS_ONE_DAY);
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

typedef struct writing {
    const job *j;
    pct_json_writer json;
} writing;

static void write_time(writing *w, const char *key, int64_t at_ms) {
    pct_buffer text = pct_buffer_init(64);
    (void)pct_zone_format(&w->j->site.zone, at_ms / MS_PER_S * MS_PER_S, &text);
    pct_json_key(&w->json, key);
    pct_json_string(&w->json, pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
}

static void write_seconds(writing *w, const char *key, int64_t ms) {
    pct_json_key(&w->json, key);
    pct_json_real(&w->json, (double)ms / MS_PER_S, 1);
}

static void write_text(writing *w, const char *key, pct_text text) {
    pct_json_key(&w->json, key);
    pct_json_text(&w->json, text);
}

static void write_visit(void *context, const told *t) {
    writing *w = context;
    const pct_adherence_visit *v = t->visit;
    pct_json_begin_object(&w->json);
    write_text(w, "unit", t->route->unit);
    write_text(w, "kind", pct_text_of(pct_duty_kind_name(t->stop->kind)));
    write_text(w, "id", t->stop->id);
    pct_json_key(&w->json, "n");
    pct_json_integer(&w->json, t->stop->n);
    pct_json_key(&w->json, "must");
    pct_json_bool(&w->json, v->must);
    write_time(w, "planned", t->stop->start_ms);
    write_seconds(w, "planned_s", v->planned_ms);
    write_text(w, "proof", pct_text_of(pct_adherence_proof_name(v->proof)));
    if (v->enter_ms || v->leave_ms) {
        write_time(w, "enter", v->enter_ms);
        write_time(w, "leave", v->leave_ms);
        write_seconds(w, "dwell_s", v->dwell_ms);
        write_seconds(w, "late_s", v->late_ms);
    }
    if (t->stop->kind == PCT_DUTY_LINE) {
        pct_json_key(&w->json, "share");
        pct_json_real(&w->json, v->share, 3);
    }
    if (v->state == PCT_ADHERED_UNKNOWN) {
        write_time(w, "gap_from", v->gap.from_ms);
        write_time(w, "gap_until", v->gap.to_ms);
    }
    pct_json_key(&w->json, "on_call");
    pct_json_bool(&w->json, v->called);
    pct_json_key(&w->json, "contradicted");
    pct_json_bool(&w->json, v->contradicted);
    pct_json_end_object(&w->json);
}

static void write_strays(writing *w) {
    pct_json_key(&w->json, "off_route");
    pct_json_begin_array(&w->json);
    for (size_t r = 0; r < w->j->plan.route_count; r++)
        for (size_t i = 0; i < w->j->of_route[r].strays.length; i++) {
            const pct_adherence_stray *s = (const pct_adherence_stray *)w->j->of_route[r].strays.items + i;
            pct_json_begin_object(&w->json);
            write_text(w, "unit", w->j->plan.routes[r].unit);
            write_time(w, "from", s->from_ms);
            write_time(w, "until", s->to_ms);
            pct_json_key(&w->json, "farthest_m");
            pct_json_real(&w->json, s->farthest_m, 0);
            pct_json_key(&w->json, "lon");
            pct_json_real(&w->json, pct_position_lon_deg(s->farthest), 6);
            pct_json_key(&w->json, "lat");
            pct_json_real(&w->json, pct_position_lat_deg(s->farthest), 6);
            pct_json_end_object(&w->json);
        }
    pct_json_end_array(&w->json);
}

static void write_gaps(writing *w) {
    pct_json_key(&w->json, "gaps");
    pct_json_begin_array(&w->json);
    for (size_t r = 0; r < w->j->plan.route_count; r++)
        for (size_t i = 0; i < w->j->of_route[r].gaps.length; i++) {
            const pct_duty_span *s = (const pct_duty_span *)w->j->of_route[r].gaps.items + i;
            pct_json_begin_object(&w->json);
            write_text(w, "unit", w->j->plan.routes[r].unit);
            write_time(w, "from", s->from_ms);
            write_time(w, "until", s->to_ms);
            pct_json_end_object(&w->json);
        }
    pct_json_end_array(&w->json);
}

static void write_figures(writing *w, const pct_crews_figures *f) {
    pct_json_key(&w->json, "crews_together");
    if (!f->told) {
        pct_json_null(&w->json);
        return;
    }
    pct_json_begin_object(&w->json);
    pct_json_key(&w->json, "crews");
    pct_json_integer(&w->json, f->crews);
    for (int state = 0; state < PCT_ADHERED_STATES; state++) {
        pct_json_key(&w->json, pct_adherence_state_name((pct_adherence_state)state));
        pct_json_integer(&w->json, f->by_state[state]);
    }
    pct_json_end_object(&w->json);
}

/* Streets are named by the way and the middle of the stretch; nothing below PCT_CREWS_LEAST crews. */
static void write_presence(writing *w, bool tell) {
    size_t count;
    const pct_presence_row *row = pct_presence_rows(w->j->presence, &count);
    const pct_network *net = pct_road_network(w->j->site.road);
    pct_json_key(&w->json, "presence");
    if (!tell) {
        pct_json_null(&w->json);
        return;
    }
    pct_json_begin_array(&w->json);
    for (size_t i = 0; i < count; i++) {
        pct_position at = pct_closed_middle(w->j->site.road, row[i].segment);
        char hour[32];
        pct_civil civil = pct_civil_of_ms(row[i].hour * 3600000);
        (void)snprintf(hour, sizeof hour, "%04d-%02d-%02dT%02d:00", civil.year, civil.month, civil.day,
                       civil.hour);
        pct_json_begin_object(&w->json);
        pct_json_key(&w->json, "way");
        pct_json_integer(&w->json, net->segments[row[i].segment].way);
        write_text(w, "name", pct_network_name(net, net->segments[row[i].segment].name));
        pct_json_key(&w->json, "lon");
        pct_json_real(&w->json, pct_position_lon_deg(at), 6);
        pct_json_key(&w->json, "lat");
        pct_json_real(&w->json, pct_position_lat_deg(at), 6);
        pct_json_key(&w->json, "hour");
        pct_json_string(&w->json, hour);
        write_seconds(w, "unit_s", row[i].unit_ms);
        pct_json_end_object(&w->json);
    }
    pct_json_end_array(&w->json);
}

static void write_json(job *j) {
    writing w = {j, pct_json_writer_init(&j->cli->out)};
    pct_crews_figures f = figures(j);
    pct_json_begin_object(&w.json);
    write_text(&w, "name", j->plan.name);
    write_text(&w, "date", j->plan.date);
    for (int state = 0; state < PCT_ADHERED_STATES; state++) {
        pct_json_key(&w.json, pct_adherence_state_name((pct_adherence_state)state));
        pct_json_begin_array(&w.json);
        (void)each(j, (pct_adherence_state)state, write_visit, &w);
        pct_json_end_array(&w.json);
    }
    write_strays(&w);
    write_gaps(&w);
    write_figures(&w, &f);
    if (pct_cli_flag(j->cli, "--presence")) write_presence(&w, f.told);
    pct_json_end_object(&w.json);
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
}

/* --- words ---------------------------------------------------------------------------------------------------------- */

static void clock_of(const job *j, int64_t utc_ms, char out[8]) {
    int32_t offset_s;
    pct_civil civil = pct_zone_to_local(&j->site.zone, utc_ms, &offset_s);
    (void)snprintf(out, 8, "%02d:%02d", civil.hour, civil.minute);
}

static pct_message proof_phrase(pct_adherence_proof proof) {
    static const pct_message phrases[] = {
        [PCT_PROOF_NONE] = PCT_MSG_PROOF_NONE, [PCT_PROOF_POSITION] = PCT_MSG_PROOF_POSITION,
        [PCT_PROOF_ROAD] = PCT_MSG_PROOF_ROAD, [PCT_PROOF_TAG] = PCT_MSG_PROOF_TAG,
        [PCT_PROOF_CODE] = PCT_MSG_PROOF_CODE, [PCT_PROOF_PHOTO] = PCT_MSG_PROOF_PHOTO};
    return phrases[proof];
}

static void say_visit(void *context, const told *t) {
    const job *j = context;
    const pct_adherence_visit *v = t->visit;
    char planned[8], enter[8], leave[8];
    clock_of(j, t->stop->start_ms, planned);
    clock_of(j, v->state == PCT_ADHERED_UNKNOWN ? v->gap.from_ms : v->enter_ms, enter);
    clock_of(j, v->state == PCT_ADHERED_UNKNOWN ? v->gap.to_ms : v->leave_ms, leave);
    pct_param unit = pct_view(t->route->unit), id = pct_view(t->stop->id), n = pct_int(t->stop->n);
    pct_param at = pct_str(planned), proof = pct_phrase(proof_phrase(v->proof));
    switch (v->state) {
    case PCT_ADHERED_DONE:
        PCT_SAY(j->cli, PCT_MSG_ADHERED_DONE, unit, id, n, pct_str(enter), pct_str(leave), proof);
        break;
    case PCT_ADHERED_LATE:
        PCT_SAY(j->cli, PCT_MSG_ADHERED_LATE, unit, id, n, pct_str(enter), pct_int(v->late_ms / 60000),
                proof);
        break;
    case PCT_ADHERED_SHORT:
        if (t->stop->kind == PCT_DUTY_LINE)
            PCT_SAY(j->cli, PCT_MSG_ADHERED_PART, unit, id, n, pct_str(enter),
                    pct_int((int64_t)(100 * v->share)));
        else
            PCT_SAY(j->cli, PCT_MSG_ADHERED_SHORT, unit, id, n, pct_str(enter),
                    pct_int(v->dwell_ms / MS_PER_S), pct_int(v->planned_ms / MS_PER_S));
        break;
    case PCT_ADHERED_MISSED:
        PCT_SAY(j->cli, v->called ? PCT_MSG_ADHERED_LOST : PCT_MSG_ADHERED_MISSED, unit, id, n, at);
        break;
    case PCT_ADHERED_UNKNOWN:
        PCT_SAY(j->cli, PCT_MSG_ADHERED_UNKNOWN, unit, id, n, at, pct_str(enter), pct_str(leave));
        break;
    case PCT_ADHERED_STATES: break;
    }
    if (v->contradicted) PCT_SAY(j->cli, PCT_MSG_ADHERED_CONTRADICTED, unit, id, n);
}

static void say(job *j) {
    static const pct_adherence_state order[] = {PCT_ADHERED_MISSED, PCT_ADHERED_UNKNOWN, PCT_ADHERED_SHORT,
                                                PCT_ADHERED_LATE, PCT_ADHERED_DONE};
    pct_crews_figures f = figures(j);
    PCT_SAY(j->cli, PCT_MSG_ADHERENCE_HEAD, pct_view(j->plan.name), pct_view(j->plan.date));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) (void)each(j, order[i], say_visit, j);
    for (size_t r = 0; r < j->plan.route_count; r++)
        for (size_t i = 0; i < j->of_route[r].strays.length; i++) {
            const pct_adherence_stray *s = (const pct_adherence_stray *)j->of_route[r].strays.items + i;
            char from[8], to[8];
            clock_of(j, s->from_ms, from);
            clock_of(j, s->to_ms, to);
            PCT_SAY(j->cli, PCT_MSG_ADHERENCE_OFF_ROUTE, pct_view(j->plan.routes[r].unit), pct_str(from),
                    pct_str(to), pct_int((int64_t)s->farthest_m));
        }
    if (f.told)
        PCT_SAY(j->cli, PCT_MSG_ADHERENCE_TOGETHER, pct_int(f.crews), pct_int(f.by_state[PCT_ADHERED_DONE]),
                pct_int(f.by_state[PCT_ADHERED_LATE]), pct_int(f.by_state[PCT_ADHERED_SHORT]),
                pct_int(f.by_state[PCT_ADHERED_MISSED]), pct_int(f.by_state[PCT_ADHERED_UNKNOWN]));
}

static void count_must(void *context, const told *t) {
    *(int64_t *)context += t->visit->must;
}

static pct_status answer(job *j, pct_error *error) {
    int64_t musts = 0;
    (void)each(j, PCT_ADHERED_MISSED, count_must, &musts);
    if (j->cli->json)
        write_json(j);
    else
        say(j);
    return musts > 0 ? PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_ADHERENCE_MUSTS_MISSED, pct_int(musts))
                     : PCT_OK;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    job j = {.cli = cli, .tracks = pct_unit_tracks_init()};
    pct_status status = read_files(&j, error);
    if (!status) status = judge(&j, error);
    if (!status) status = answer(&j, error);
    for (size_t r = 0; j.of_route && r < j.plan.route_count; r++) pct_adherence_dispose(&j.of_route[r]);
    pct_free(j.of_route);
    pct_presence_free(j.presence);
    pct_adherer_free(j.adherer);
    pct_unit_tracks_dispose(&j.tracks);
    if (j.has_problem) pct_duty_dispose(&j.problem);
    if (j.has_plan) pct_duty_plan_dispose(&j.plan);
    pct_file_unmap(&j.problem_file);
    pct_file_unmap(&j.plan_file);
    pct_site_close(&j.site);
    return status;
}

const pct_cli_command pct_cmd_patrol_check = {
    .name = "patrol check",
    .arguments = "SITE",
    .summary = PCT_MSG_PATROL_CHECK_HELP,
    .options = {{"--plan", "FILE", PCT_MSG_PATROL_CHECK_PLAN, true},
                {"--tracks", "FILE", PCT_MSG_PATROL_CHECK_TRACKS, true},
                {"--problem", "FILE", PCT_MSG_PATROL_CHECK_PROBLEM, false},
                {"--signs", "FILE", PCT_MSG_PATROL_CHECK_SIGNS, false},
                {"--presence", NULL, PCT_MSG_PATROL_CHECK_PRESENCE, false}},
    .run = run};
