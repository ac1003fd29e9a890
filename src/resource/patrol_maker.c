/* The maker: plans that are asked for, one after the other, each from the problem that its event names. What is not finished when the
 * service ends is made from its beginning at the next start. */
#include <math.h>
#include <string.h>

#include "patrol/duty_make.h"
#include "resource/patrol_book_state.h"
#include "resource/patrol_plan.h"
#include "site/duty_roads.h"

enum { LOOK_MS = 200, REASON_MAX = 1000, PERMILLE = 1000 };

typedef struct job {
    pct_patrol_book *book;
    pct_plan_id id;
    uint64_t seed;
    int64_t began_ns, budget_ns;
    bool given;
    char problem[PCT_PATROL_NAME_TEXT];
    pct_buffer text, plan_text;
    pct_duty duty;
    pct_site_duty_roads *roads;
    pct_duty_plan plan;
} job;

/* The end of the service is the end of its time. */
static double spent(void *context) {
    const job *j = context;
    double share = (double)(pct_tick_ns() - j->began_ns) / (double)j->budget_ns;
    atomic_store(&j->book->progress_permille, (int)(fmin(share, 1.0) * PERMILLE));
    return pct_rest_is_ending(&j->book->making) ? 1.0 : share;
}

static bool next_job(pct_patrol_book *book, job *j) {
    const pct_life *life = pct_patrol_hold(book);
    const pct_life_plan *p;
    bool found = false;
    for (size_t i = 0; !found && (p = pct_life_plan_at(life, i)) != NULL; i++) {
        /* One that was given is made by who gives it, unless the service ended in between. */
        found = p->state == PCT_LIFE_MAKING &&
                (p->source == PCT_PLAN_SOURCE_SOLVER || p->id.seq <= book->loaded_seq);
        if (!found) continue;
        *j = (job){.book = book,
                   .id = p->id,
                   .seed = (uint64_t)p->seed,
                   .budget_ns = p->seconds * 1000 * PCT_NS_PER_MS,
                   .given = p->source == PCT_PLAN_SOURCE_GIVEN,
                   .text = pct_buffer_init(PCT_STORE_VALUE_MAX),
                   .plan_text = pct_buffer_init(PCT_STORE_VALUE_MAX)};
        if (p->problem.length < sizeof j->problem) memcpy(j->problem, p->problem.chars, p->problem.length);
    }
    pct_patrol_let_go(book);
    return found;
}

static pct_status make(job *j, pct_error *error) {
    const pct_site *site = j->book->service->site;
    const pct_patrol_settings settings = {
        .seed = j->seed, .bound_passes = PCT_DUTY_BOUND_PASSES, .spent = spent, .context = j};
    if (j->given) return pct_error_set(error, PCT_REFUSED, PCT_MSG_LIFE_STOPPED, NULL, 0);
    pct_status status = pct_patrol_get(j->book, "duty", pct_text_of(j->problem), &j->text, error);
    if (!status)
        status = pct_duty_read("problem", (pct_text){(const char *)j->text.bytes, j->text.length},
                               &site->zone, &j->duty, error);
    if (status) return status;
    const pct_duty_span span = pct_duty_span_of(&j->duty);
    status = pct_site_duty_roads_open(site, span.from_ms, span.to_ms, &j->roads, error);
    if (status) return status;
    j->began_ns = pct_tick_ns();
    status = pct_duty_make(&j->duty, &j->roads->roads, &settings, PCT_DUTY_VARY, &j->plan, error);
    j->plan.wall_s = (double)(pct_tick_ns() - j->began_ns) / 1e9;
    j->plan.map_version = site->map_version;
    if (!status) pct_duty_plan_write(&j->plan, &site->zone, PCT_EN, &j->plan_text);
    return status ? status : pct_buffer_status(&j->plan_text, error);
}

static pct_status fail(job *j, pct_patrol_act *act, const pct_error *why, pct_error *error) {
    pct_buffer en = pct_buffer_init(REASON_MAX), zh = pct_buffer_init(REASON_MAX);
    pct_desk_reply reply;
    (void)pct_error_render(why, PCT_EN, &en);
    (void)pct_error_render(why, PCT_ZH, &zh);
    act->command = (pct_command){.kind = PCT_COMMAND_FAIL_PLAN, .object = {.kind = 'G', .seq = j->id.seq}};
    act->command.data.plan_failed = (pct_event_plan_failed){.reason = pct_text_of(pct_buffer_chars(&en)),
                                                            .reason_zh = pct_text_of(pct_buffer_chars(&zh))};
    pct_status status = pct_patrol_commit(j->book, act, &reply, error);
    pct_buffer_dispose(&en);
    pct_buffer_dispose(&zh);
    return status;
}

static void run(job *j) {
    pct_error why, error;
    pct_patrol_act act = {.account = pct_text_of("system"), .role = PCT_ROLE_SYSTEM};
    atomic_store(&j->book->progress_permille, 0);
    atomic_store(&j->book->making_plan, j->id.seq);
    pct_status status = make(j, &why);
    const pct_text text = {(const char *)j->plan_text.bytes, j->plan_text.length};
    if (pct_rest_is_ending(&j->book->making))
        status = PCT_OK;
    else if (!status)
        status = pct_patrol_plan_made(j->book, j->id, &j->plan, text, &act, &why);
    if (status) (void)!fail(j, &act, &why, &error);
    atomic_store(&j->book->making_plan, 0);
    pct_duty_plan_dispose(&j->plan);
    pct_site_duty_roads_free(j->roads);
    pct_duty_dispose(&j->duty);
    pct_buffer_dispose(&j->text);
    pct_buffer_dispose(&j->plan_text);
}

void *pct_patrol_make(void *context) {
    pct_patrol_book *book = context;
    job j;
    pct_rest_yield();
    while (pct_rest_for(&book->making, LOOK_MS * PCT_NS_PER_MS))
        if (next_job(book, &j)) run(&j);
    return NULL;
}
