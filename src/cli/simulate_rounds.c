#include "cli/simulate_rounds.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "cli/json_files.h"

enum { PLANS_MAX = 1000, MS_PER_MINUTE = 60000 };

/* --- reading ------------------------------------------------------------------------------------------------- */

static pct_status read_plan(const pct_site *site, const char *path, pct_vector *plans, pct_error *error) {
    pct_mapped_file file;
    pct_status status = pct_file_map(path, &file, error);
    if (status) return status;
    pct_duty_plan *plan = pct_vector_push(plans);
    if (!plan) status = pct_vector_failed(plans, PCT_MSG_WHAT_TOUR_STOPS, error);
    if (!status) status = pct_duty_plan_read(path, file.bytes, &site->zone, plan, error);
    if (status && plan) plans->length--;
    pct_file_unmap(&file);
    return status;
}

static pct_status read_folder(const pct_site *site, const char *path, pct_vector *plans, pct_error *error) {
    pct_arena arena = pct_arena_init(1 << 20);
    pct_vector names = pct_vector_init(sizeof(char *), PLANS_MAX);
    pct_status status = pct_cli_json_files(path, &arena, &names, error);
    for (size_t i = 0; i < names.length && !status; i++) {
        char file[PCT_PATH_MAX];
        status = pct_path_join(file, path, ((char **)names.items)[i], error);
        if (!status) status = read_plan(site, file, plans, error);
    }
    pct_vector_dispose(&names);
    pct_arena_dispose(&arena);
    return status;
}

static pct_status read_problem(const pct_cli *cli, const pct_site *site, pct_simulate_rounds *r,
                               pct_error *error) {
    const char *path = pct_cli_option(cli, "--problem");
    pct_mapped_file file;
    if (!path) return PCT_OK;
    pct_status status = pct_file_map(path, &file, error);
    if (status) return status;
    status = pct_duty_read(path, file.bytes, &site->zone, &r->problem, error);
    r->has_problem = status == PCT_OK;
    pct_file_unmap(&file);
    return status;
}

static pct_status check_options(const pct_cli *cli, bool wanted, pct_error *error) {
    static const char *const with_plan[] = {"--problem", "--daily", "--stay-out"};
    if (wanted && pct_cli_option(cli, "--compare"))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_SIMULATE_PLAN_COMPARE, pct_int(0));
    for (size_t i = 0; i < sizeof with_plan / sizeof *with_plan && !wanted; i++)
        if (pct_cli_option(cli, with_plan[i]))
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_SIMULATE_PLAN_NEEDED, pct_str(with_plan[i]));
    return PCT_OK;
}

pct_status pct_simulate_rounds_read(pct_cli *cli, pct_site *site, pct_simulate_rounds *out,
                                    pct_error *error) {
    *out = (pct_simulate_rounds){.plans = pct_vector_init(sizeof(pct_duty_plan), PLANS_MAX)};
    const char *path = pct_cli_option_at(cli, "--plan", 0);
    pct_status status = check_options(cli, path != NULL, error);
    for (int at = 0; !status && path; path = pct_cli_option_at(cli, "--plan", ++at)) {
        status = (pct_cli_is_folder(path) ? read_folder : read_plan)(site, path, &out->plans, error);
    }
    if (!status) status = read_problem(cli, site, out, error);
    bool patrol = out->plans.length > 0 && pct_site_has_patrol(site);
    return status || !patrol ? status : pct_site_open_patrol(site, 0.0, error);
}

void pct_simulate_rounds_dispose(pct_simulate_rounds *r) {
    pct_duty_plan *plans = r->plans.items;
    for (size_t i = 0; i < r->plans.length; i++) pct_duty_plan_dispose(&plans[i]);
    pct_vector_dispose(&r->plans);
    if (r->has_problem) pct_duty_dispose(&r->problem);
    *r = (pct_simulate_rounds){0};
}

void pct_simulate_rounds_take(const pct_simulate_rounds *r, const pct_cli *cli, const pct_site *site,
                              pct_simulation_source *source) {
    source->plans = r->plans.items;
    source->plan_count = r->plans.length;
    source->problem = r->has_problem ? &r->problem : NULL;
    source->plans_daily = pct_cli_flag(cli, "--daily");
    source->stay_out = pct_cli_flag(cli, "--stay-out");
    source->patrol = site->patrol;
}

/* --- telling ------------------------------------------------------------------------------------------------- */

static void add_count(pct_tour_count *sum, const pct_tour_count *part) {
    sum->wanted += part->wanted;
    sum->done += part->done;
    sum->late += part->late;
    sum->wanted_ms += part->wanted_ms;
    sum->held_ms += part->held_ms;
}

static pct_tour_figures sum_of(const pct_simulation *simulation) {
    pct_tour_figures sum = {0};
    for (size_t r = 0; r < simulation->report_count; r++) {
        const pct_tour_figures *f = &simulation->reports[r].tours;
        add_count(&sum.musts, &f->musts);
        for (int k = 0; k < PCT_DUTY_KINDS; k++) add_count(&sum.of_kind[k], &f->of_kind[k]);
        sum.called_away += f->called_away;
        sum.days = f->days;
    }
    return sum;
}

typedef struct responses {
    double mean_s, posts_mean_s, p90_s, posts_p90_s;
} responses;

static responses responses_of(const pct_simulation *simulation) {
    responses r = {0};
    double runs = (double)simulation->report_count;
    for (size_t i = 0; i < simulation->report_count; i++) {
        const pct_summary *ours = &simulation->reports[i].response,
                          *posts = &simulation->compared[i].response;
        r.mean_s += ours->mean / 1000.0 / runs;
        r.posts_mean_s += posts->mean / 1000.0 / runs;
        r.p90_s += (double)ours->p90 / 1000.0 / runs;
        r.posts_p90_s += (double)posts->p90 / 1000.0 / runs;
    }
    return r;
}

static double share_of(const pct_tour_count *count) {
    return count->wanted ? (double)count->done / (double)count->wanted : NAN;
}

static void write_count(pct_json_writer *json, const char *key, const pct_tour_count *count) {
    pct_json_key(json, key);
    pct_json_begin_object(json);
    pct_json_key(json, "wanted");
    pct_json_integer(json, (int64_t)count->wanted);
    pct_json_key(json, "done");
    pct_json_integer(json, (int64_t)count->done);
    pct_json_key(json, "late");
    pct_json_integer(json, (int64_t)count->late);
    pct_json_key(json, "lost");
    pct_json_integer(json, (int64_t)(count->wanted - count->done));
    pct_json_key(json, "share");
    pct_json_real(json, share_of(count), 4);
    pct_json_key(json, "wanted_minutes");
    pct_json_integer(json, count->wanted_ms / MS_PER_MINUTE);
    pct_json_key(json, "held_minutes");
    pct_json_integer(json, count->held_ms / MS_PER_MINUTE);
    pct_json_end_object(json);
}

static void write_real(pct_json_writer *json, const char *key, double value, int decimals) {
    pct_json_key(json, key);
    pct_json_real(json, value, decimals);
}

void pct_simulate_rounds_write_json(const pct_simulation *simulation, pct_json_writer *json) {
    const pct_tour_figures sum = sum_of(simulation);
    const responses r = responses_of(simulation);
    pct_json_key(json, "rounds");
    pct_json_begin_object(json);
    pct_json_key(json, "plans");
    pct_json_integer(json, (int64_t)simulation->plan_count);
    pct_json_key(json, "days");
    pct_json_integer(json, (int64_t)sum.days);
    write_count(json, "musts", &sum.musts);
    pct_json_key(json, "by_kind");
    pct_json_begin_object(json);
    for (int k = 0; k < PCT_DUTY_KINDS; k++)
        if (sum.of_kind[k].wanted > 0)
            write_count(json, pct_duty_kind_name((pct_duty_kind)k), &sum.of_kind[k]);
    pct_json_end_object(json);
    pct_json_key(json, "called_away");
    pct_json_integer(json, (int64_t)sum.called_away);
    pct_json_key(json, "response_ratio");
    pct_json_begin_object(json);
    write_real(json, "mean", r.mean_s / r.posts_mean_s, 4);
    write_real(json, "p90", r.p90_s / r.posts_p90_s, 4);
    pct_json_end_object(json);
    pct_json_key(json, "entropy");
    pct_json_begin_object(json);
    write_real(json, "bits", simulation->entropy.bits, 3);
    write_real(json, "one_plan_bits", simulation->entropy.alone_bits, 3);
    pct_json_key(json, "ids");
    pct_json_integer(json, (int64_t)simulation->entropy.ids);
    pct_json_end_object(json);
    pct_json_end_object(json);
}

static double rounded(double value, double parts) {
    return round(value * parts) / parts;
}

void pct_simulate_rounds_print(pct_cli *cli, const pct_simulation *simulation) {
    const pct_tour_figures sum = sum_of(simulation);
    const responses r = responses_of(simulation);
    pct_tour_count others = {0}, places = {0};
    for (int k = 0; k < PCT_DUTY_KINDS; k++) {
        add_count(&others, &sum.of_kind[k]);
        if (k != PCT_DUTY_FIXED && k != PCT_DUTY_BREAK) add_count(&places, &sum.of_kind[k]);
    }
    (void)pct_buffer_append_byte(&cli->out, '\n');
    PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS, pct_int((int64_t)sum.days),
            pct_int((int64_t)simulation->plan_count));
    PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_MUSTS, pct_int((int64_t)sum.musts.done),
            pct_int((int64_t)sum.musts.wanted), pct_real(rounded(100.0 * share_of(&sum.musts), 10.0)),
            pct_int((int64_t)sum.musts.late));
    if (others.wanted > sum.musts.wanted)
        PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_OTHERS, pct_int((int64_t)(others.done - sum.musts.done)),
                pct_int((int64_t)(others.wanted - sum.musts.wanted)));
    PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_HELD, pct_int(places.held_ms / MS_PER_MINUTE),
            pct_int(places.wanted_ms / MS_PER_MINUTE));
    PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_CALLED, pct_int((int64_t)sum.called_away));
    PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_RESPONSE, pct_real(rounded(r.mean_s, 10.0)),
            pct_real(rounded(r.posts_mean_s, 10.0)), pct_real(rounded(r.mean_s / r.posts_mean_s, 1000.0)));
    PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_P90, pct_real(rounded(r.p90_s, 10.0)),
            pct_real(rounded(r.posts_p90_s, 10.0)), pct_real(rounded(r.p90_s / r.posts_p90_s, 1000.0)));
    if (simulation->entropy.ids > 0)
        PCT_SAY(cli, PCT_MSG_SIMULATE_ROUNDS_ENTROPY, pct_real(rounded(simulation->entropy.bits, 100.0)),
                pct_real(rounded(simulation->entropy.alone_bits, 100.0)),
                pct_int((int64_t)simulation->entropy.ids));
    (void)pct_buffer_append_byte(&cli->out, '\n');
}
