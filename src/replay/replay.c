/* What a replay is made of, its thread, and what other threads ask and set. */
#include "replay/replay.h"

#include <string.h>

#include "base/memory.h"
#include "replay/state.h"
#include "site/now.h"

enum {
    TIMERS_MAX = 1 << 24,
    NOTICES = 256,
    SECOND_US = 1000000,
    US_PER_MS = 1000,
    FOLLOWED_MAX = 1 << 24,
    UNITS_ON_THE_DESK_MAX = 20000, /* whose positions a recommendation may ask for */
    STEPS_AT_ONCE = 512            /* timers in one step, so that answers are not left lying */
};

/* --- making -------------------------------------------------------------------------------------------------- */

static void published(void *context) {
    pct_replay *r = context;
    (void)pthread_mutex_lock(&r->lock);
    r->news = true;
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
}

static pct_status reserve(pct_replay *r, pct_error *error) {
    const pct_replay_plan *plan = r->options.plan;
    size_t types = pct_codes_type_count(r->options.codes), calls = plan->scenario.call_count;
    r->unit_count = plan->units->count;
    r->points_count = UNITS_ON_THE_DESK_MAX;
    r->units = pct_alloc_zeroed(r->unit_count + 1, sizeof *r->units);
    r->by_hand = pct_alloc_zeroed(r->unit_count + 1, sizeof *r->by_hand);
    r->dirty = pct_alloc_zeroed(r->unit_count / 64 + 1, sizeof *r->dirty);
    r->call_seq = pct_alloc_zeroed(calls, sizeof *r->call_seq);
    r->type_has_unit = pct_alloc_zeroed(types, sizeof *r->type_has_unit);
    r->type_failed = pct_alloc_zeroed(types, sizeof *r->type_failed);
    r->points = pct_alloc_zeroed(r->points_count, sizeof *r->points);
    r->notices = pct_alloc_zeroed(NOTICES, sizeof *r->notices);
    r->unit_of = pct_map_init(r->unit_count + 1);
    r->followed = pct_vector_init(sizeof(pct_followed), FOLLOWED_MAX);
    r->followed_of = pct_map_init(FOLLOWED_MAX);
    r->to_open = pct_vector_init(sizeof(uint32_t), calls + 1);
    bool complete = r->units && r->by_hand && r->dirty && r->call_seq && r->type_has_unit && r->type_failed &&
                    r->points && r->notices;
    if (!complete) return pct_error_memory(error, calls * sizeof *r->call_seq);
    for (size_t i = 0; i < r->unit_count; i++) r->units[i].crew = pct_crew_init((pct_road_point){0, 0});
    pct_status status = pct_recommendation_new(r->points_count, &r->recommendation, error);
    return status ? status : pct_kernel_new(INT64_MIN / 4, TIMERS_MAX, &r->kernel, error);
}

pct_status pct_replay_new(const pct_replay_options *options, pct_replay **out, pct_error *error) {
    pct_replay *r = pct_alloc_zeroed(1, sizeof *r);
    if (!r) return pct_error_memory(error, sizeof *r);
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_cond_init(&r->wake, NULL);
    r->options = *options;
    r->world = (pct_crew_world){options->travel, options->times, options->seed};
    pct_status status = reserve(r, error);
    if (status) {
        pct_replay_free(r);
        return status;
    }
    r->figures = (pct_replay_figures){.from_ms = options->plan->from_ms,
                                      .to_ms = options->plan->to_ms,
                                      .calls_total = (int64_t)options->plan->scenario.call_count,
                                      .automatic = true};
    pct_desk_on_publish(options->desk, published, r);
    *out = r;
    return PCT_OK;
}

void pct_replay_free(pct_replay *r) {
    if (!r) return;
    for (pct_said *said = r->answered_first, *next; said; said = next) {
        next = said->next;
        pct_free(said);
    }
    for (size_t i = 0; r->units && i < r->unit_count; i++) pct_crew_dispose(&r->units[i].crew);
    void *arrays[] = {r->units,         r->by_hand,     r->dirty,  r->call_seq,
                      r->type_has_unit, r->type_failed, r->points, r->notices};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) pct_free(arrays[i]);
    pct_map_dispose(&r->unit_of);
    pct_map_dispose(&r->followed_of);
    pct_vector_dispose(&r->followed);
    pct_vector_dispose(&r->to_open);
    pct_recommendation_free(r->recommendation);
    pct_kernel_free(r->kernel);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->lock);
    pct_free(r);
}

/* --- beginning ----------------------------------------------------------------------------------------------- */

typedef struct finding {
    pct_replay *r;
    uint32_t unit;
} finding;

static void find_unit(void *context, const pct_board *board) {
    finding *f = context;
    const pct_unit *unit = pct_board_unit_named(board, f->r->options.plan->units->rows[f->unit].name);
    f->r->units[f->unit].id.seq = unit ? unit->id.seq : 0;
}

static pct_status begin_units(pct_replay *r, pct_error *error) {
    const pct_travel *travel = r->options.travel;
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < r->unit_count && !status; i++) {
        const pct_unit_row *row = &r->options.plan->units->rows[i];
        pct_driven *u = &r->units[i];
        double distance_m;
        finding f = {r, i};
        pct_desk_look(r->options.desk, find_unit, &f);
        if (PCT_NEVER(u->id.seq == 0))
            return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_UNIT, pct_int(0));
        status = travel->locate(travel->context, row->position, &u->station, &distance_m, error);
        if (status == PCT_NOT_FOUND)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SIM_UNIT_OFF_MAP, pct_view(row->name));
        pct_crew_stand(&u->crew, u->station);
        u->unit_status = PCT_UNIT_OFF_DUTY;
        u->shift = UINT32_MAX;
        u->not_before_ms = r->options.start_ms;
        if (!status && pct_map_set(&r->unit_of, (uint64_t)u->id.seq, i) != PCT_OK)
            status = pct_map_failed(&r->unit_of, PCT_MSG_WHAT_UNITS, error);
    }
    for (uint32_t t = 0; t < pct_codes_type_count(r->options.codes); t++)
        for (size_t u = 0; u < r->unit_count && !r->type_has_unit[t]; u++)
            r->type_has_unit[t] =
                pct_crew_suits(&r->options.plan->units->rows[u], pct_codes_type_at(r->options.codes, t));
    return status;
}

/* Shifts that run and those to come, and the first call that has not been. */
static pct_status begin_timers(pct_replay *r, pct_error *error) {
    const pct_scenario *scenario = &r->options.plan->scenario;
    int64_t start_ms = r->options.start_ms;
    pct_status status = PCT_OK;
    for (uint32_t s = 0; s < scenario->shift_count && !status; s++) {
        const pct_sim_shift *shift = &scenario->shifts[s];
        if (shift->off_ms <= start_ms) continue;
        int64_t on_ms = shift->on_ms > start_ms ? shift->on_ms : start_ms;
        status = pct_kernel_schedule(r->kernel, on_ms, PCT_TIMER_SHIFT_ON, s, NULL, error);
    }
    uint32_t first = 0;
    while (first < scenario->call_count && scenario->calls[first].at_ms < start_ms) first++;
    r->figures.calls_done = first;
    if (status || first == scenario->call_count) return status;
    return pct_kernel_schedule(r->kernel, scenario->calls[first].at_ms, PCT_TIMER_CALL, first, NULL, error);
}

/* Whoever is on duty although no shift of theirs runs goes home when they are free. */
static void begin_duty(pct_replay *r) {
    for (size_t i = 0; i < r->unit_count; i++) r->units[i].off_due = true;
    const pct_scenario *scenario = &r->options.plan->scenario;
    for (size_t s = 0; s < scenario->shift_count; s++)
        if (scenario->shifts[s].on_ms <= r->options.start_ms &&
            scenario->shifts[s].off_ms > r->options.start_ms)
            r->units[scenario->shifts[s].unit].off_due = false;
}

pct_status pct_replay_begin(pct_replay *r, pct_error *error) {
    pct_status status = begin_units(r, error);
    if (!status) status = begin_timers(r, error);
    if (status) return status;
    begin_duty(r);
    if (r->options.tours) pct_tours_begin(r->options.tours, r->options.seed);
    return pct_replay_follow_all(r, error);
}

/* --- saying -------------------------------------------------------------------------------------------------- */

static void measure(pct_replay *r, const pct_said *said) {
    int64_t late_ms = pct_replay_clock_now_ms(r->options.clock) - said->due_ms;
    int64_t speed_milli = pct_replay_clock_speed_milli(r->options.clock);
    int64_t behind_ms = speed_milli > 0 ? late_ms * PCT_SPEED_LIFE_MILLI / speed_milli : 0;
    pct_replay_figures *f = &r->figures;
    int64_t wall_us = pct_replay_clock_wall_us(r->options.clock);
    if (wall_us - r->second_us >= SECOND_US) {
        f->behind_ms = r->second_behind_ms;
        r->second_behind_ms = 0;
        r->second_us = wall_us;
    }
    if (behind_ms > r->second_behind_ms) r->second_behind_ms = behind_ms;
    if (behind_ms > f->behind_ms) f->behind_ms = behind_ms;
    if (behind_ms > f->behind_max_ms) f->behind_max_ms = behind_ms;
}

/* By the desk's writer. */
static void answer(void *context, const pct_desk_reply *reply) {
    pct_said *said = context;
    pct_replay *r = said->replay;
    said->status = reply->status;
    said->object = reply->object;
    (void)pthread_mutex_lock(&r->lock);
    *(r->answered_last ? &r->answered_last->next : &r->answered_first) = said;
    r->answered_last = said;
    r->waiting--;
    bool refused = reply->status == PCT_REFUSED || reply->status == PCT_NOT_FOUND;
    r->figures.refused += refused;
    r->figures.failed += reply->status != PCT_OK && !refused;
    if (!reply->status) measure(r, said);
    r->news = true;
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
}

pct_status pct_replay_say(pct_replay *r, const pct_said *about, pct_lane lane, const pct_command *command,
                          pct_error *error) {
    static const char account[] = "replay";
    pct_said *said = pct_alloc_zeroed(1, sizeof *said);
    if (!said) return pct_error_memory(error, sizeof *said);
    *said = *about;
    said->next = NULL;
    said->replay = r;
    const pct_desk_request request = {.lane = lane,
                                      .command = *command,
                                      .account = {account, sizeof account - 1},
                                      .role = PCT_ROLE_SYSTEM,
                                      .occurred_at_ms = about->due_ms};
    (void)pthread_mutex_lock(&r->lock);
    r->waiting++;
    r->figures.said++;
    (void)pthread_mutex_unlock(&r->lock);
    r->said_now++;
    pct_error why;
    pct_status status = pct_desk_submit(r->options.desk, &request, answer, said, &why);
    if (status) answer(said, &(pct_desk_reply){.status = status}); /* turned away: an answer too */
    return PCT_OK;
}

pct_status pct_replay_set_timer(pct_replay *r, int64_t at_ms, uint32_t kind, uint32_t object,
                                pct_kernel_handle *handle, pct_error *error) {
    int64_t now_ms = pct_kernel_now_ms(r->kernel);
    return pct_kernel_schedule(r->kernel, at_ms > now_ms ? at_ms : now_ms, kind, object, handle, error);
}

int64_t pct_replay_again_ms(pct_replay *r) {
    return pct_replay_clock_now_ms(r->options.clock) + pct_replay_clock_speed_milli(r->options.clock) + 1;
}

/* --- stepping ------------------------------------------------------------------------------------------------ */

static pct_status fire(pct_replay *r, const pct_kernel_event *event, pct_error *error) {
    if (event->kind == PCT_TIMER_CALL) return pct_dispatcher_call(r, event, error);
    if (event->kind != PCT_TIMER_LOOK) return pct_driven_timer(r, event, error);
    r->look = true;
    return PCT_OK;
}

static pct_status fire_due(pct_replay *r, pct_error *error) {
    int64_t now_ms = pct_replay_clock_now_ms(r->options.clock);
    pct_kernel_event event;
    pct_status status = PCT_OK;
    for (int i = 0; i < STEPS_AT_ONCE && !status && pct_kernel_next_at_ms(r->kernel) <= now_ms; i++)
        if (pct_kernel_next(r->kernel, &event)) status = fire(r, &event, error);
    return status;
}

/* Over when the last call has come and nothing that the replay began is open. */
static void look_for_end(pct_replay *r) {
    (void)pthread_mutex_lock(&r->lock);
    bool over = !r->figures.finished && r->waiting == 0 && r->figures.calls_done == r->figures.calls_total;
    (void)pthread_mutex_unlock(&r->lock);
    if (!over || r->to_open.length > 0) return;
    const pct_followed *followed = r->followed.items;
    int64_t now_ms = pct_replay_clock_now_ms(r->options.clock);
    for (size_t i = 0; i < r->followed.length; i++)
        if (!followed[i].persons) return;
    for (size_t i = 0; i < r->unit_count; i++)
        if (r->units[i].idle_ms != 0 || (!r->units[i].by_hand && !r->units[i].on_tour &&
                                         pct_trip_is_moving(&r->units[i].crew.trip, now_ms)))
            return;
    if (pct_replay_clock_speed_milli(r->options.clock) > PCT_SPEED_LIFE_MILLI)
        pct_replay_set_speed(r, PCT_SPEED_LIFE_MILLI);
    (void)pthread_mutex_lock(&r->lock);
    r->figures.finished = true;
    (void)pthread_mutex_unlock(&r->lock);
}

static void hold(const pct_replay_options *o) {
    if (o->hold_road) o->hold_road(o->road_context);
}

static void release(const pct_replay_options *o) {
    if (o->release_road) o->release_road(o->road_context);
}

static pct_status take_new_road(pct_replay *r, pct_error *error) {
    const pct_replay_options *o = &r->options;
    int64_t before = r->road_number;
    if (!o->road_number) return PCT_OK;
    r->road_number = o->road_number(o->road_context);
    return before == 0 || before == r->road_number ? PCT_OK : pct_driven_take_new_road(r, error);
}

pct_status pct_replay_step(pct_replay *r, size_t *said, pct_error *error) {
    hold(&r->options);
    r->said_now = 0;
    (void)pthread_mutex_lock(&r->lock);
    bool hands = r->hands_changed;
    r->look |= r->look_again;
    r->hands_changed = r->look_again = r->news = false;
    (void)pthread_mutex_unlock(&r->lock);
    pct_status status = pct_replay_follow(r, error);
    if (!status && hands) status = pct_driven_hands(r, error);
    if (!status) status = take_new_road(r, error);
    if (!status) status = fire_due(r, error);
    if (!status) status = pct_dispatcher_work(r, error);
    if (!status) status = pct_driven_go_home(r, error);
    if (!status) look_for_end(r);
    *said = r->said_now;
    release(&r->options);
    return status;
}

pct_status pct_replay_put_fixes(pct_replay *r, pct_error *error) {
    hold(&r->options);
    pct_status status = pct_driven_put_fixes(r, error);
    release(&r->options);
    return status;
}

int64_t pct_replay_next_due_ms(pct_replay *r) {
    return pct_kernel_next_at_ms(r->kernel);
}

/* --- the thread ---------------------------------------------------------------------------------------------- */

static void wait_until(pct_replay *r, int64_t wall_us) {
    (void)pthread_mutex_lock(&r->lock);
    while (!r->news && !r->stopping && pct_tick_wait(&r->wake, &r->lock, wall_us * 1000)) {
    }
    (void)pthread_mutex_unlock(&r->lock);
}

static bool stops(pct_replay *r) {
    (void)pthread_mutex_lock(&r->lock);
    bool stopping = r->stopping;
    (void)pthread_mutex_unlock(&r->lock);
    return stopping;
}

/* What fails here is memory, or the router's: tried again a second later, and counted. */
static void count_failure(pct_replay *r) {
    (void)pthread_mutex_lock(&r->lock);
    r->figures.failed++;
    (void)pthread_mutex_unlock(&r->lock);
}

static void *run(void *context) {
    pct_replay *r = context;
    int64_t fixes_us = pct_replay_clock_wall_us(r->options.clock);
    while (!stops(r)) {
        size_t said = 0;
        pct_error error;
        int64_t wall_us = pct_replay_clock_wall_us(r->options.clock);
        if (pct_replay_step(r, &said, &error) != PCT_OK) count_failure(r);
        if (wall_us >= fixes_us) {
            if (pct_replay_put_fixes(r, &error) != PCT_OK) count_failure(r);
            fixes_us += (1 + (wall_us - fixes_us) / SECOND_US) * SECOND_US;
        }
        int64_t due_us = pct_replay_clock_sleep_us(r->options.clock, pct_replay_next_due_ms(r));
        wall_us = pct_replay_clock_wall_us(r->options.clock);
        wait_until(r, due_us < fixes_us - wall_us ? wall_us + due_us : fixes_us);
    }
    return NULL;
}

pct_status pct_replay_start(pct_replay *r, pct_error *error) {
    r->stopping = false;
    r->running = pthread_create(&r->thread, NULL, run, r) == 0;
    return r->running ? PCT_OK : pct_error_memory(error, 0);
}

void pct_replay_stop(pct_replay *r) {
    if (!r || !r->running) return;
    (void)pthread_mutex_lock(&r->lock);
    r->stopping = true;
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    (void)pthread_join(r->thread, NULL);
    r->running = false;
}

/* --- any thread ---------------------------------------------------------------------------------------------- */

pct_replay_figures pct_replay_figures_view(pct_replay *r) {
    int64_t wall_us = pct_replay_clock_wall_us(r->options.clock);
    (void)pthread_mutex_lock(&r->lock);
    pct_replay_figures figures = r->figures;
    if (wall_us - r->second_us >= 2 * SECOND_US) figures.behind_ms = 0; /* nothing was due for so long */
    (void)pthread_mutex_unlock(&r->lock);
    figures.at_ms = pct_replay_clock_now_ms(r->options.clock);
    figures.speed_milli = pct_replay_clock_speed_milli(r->options.clock);
    return figures;
}

int64_t pct_replay_now_ms(pct_replay *r) {
    return pct_replay_clock_now_ms(r->options.clock);
}

bool pct_replay_is_automatic(pct_replay *r) {
    (void)pthread_mutex_lock(&r->lock);
    bool automatic = r->figures.automatic;
    (void)pthread_mutex_unlock(&r->lock);
    return automatic;
}

static void wake(pct_replay *r) {
    r->news = true;
    (void)pthread_cond_signal(&r->wake);
}

void pct_replay_set_speed(pct_replay *r, int64_t speed_milli) {
    pct_replay_clock_set(r->options.clock, speed_milli);
    (void)pthread_mutex_lock(&r->lock);
    wake(r);
    (void)pthread_mutex_unlock(&r->lock);
    pct_desk_wake(r->options.desk);
}

void pct_replay_set_automatic(pct_replay *r, bool automatic) {
    (void)pthread_mutex_lock(&r->lock);
    r->figures.automatic = automatic;
    r->look_again = true;
    wake(r);
    (void)pthread_mutex_unlock(&r->lock);
}

pct_status pct_replay_take_over(pct_replay *r, pct_unit_id unit, bool by_hand, pct_error *error) {
    uint32_t at = pct_replay_unit_of(r, unit.seq);
    if (at == PCT_MAP_ABSENT)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_REPLAY_NOT_DRIVEN, pct_int(unit.seq));
    (void)pthread_mutex_lock(&r->lock);
    r->by_hand[at] = by_hand;
    r->hands_changed = true;
    wake(r);
    (void)pthread_mutex_unlock(&r->lock);
    return PCT_OK;
}

bool pct_replay_drives(pct_replay *r, pct_unit_id unit) {
    uint32_t at = pct_replay_unit_of(r, unit.seq);
    if (at == PCT_MAP_ABSENT) return false;
    (void)pthread_mutex_lock(&r->lock);
    bool drives = !r->by_hand[at];
    (void)pthread_mutex_unlock(&r->lock);
    return drives;
}
