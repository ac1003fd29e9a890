#include "resource/patrol_keeper.h"

#include <string.h>

#include "resource/patrol_book_state.h"
#include "resource/ways.h"

enum { LOOK_MS = 500, HOURS_MAX = 64, AREA_PLACES = 5, LINE_ENDS = 2, HOUR_MS = 3600000 };

typedef struct kept {
    pct_plan_id plan;
    int64_t closed_number; /* of the closures it was made with */
    pct_buffer text;
    pct_duty duty;
    pct_lowered *lowered; /* NULL: it cannot be kept; not tried again until a closure comes or goes */
    size_t bytes;
} kept;

struct pct_patrol_keeper {
    pct_patrol_book *book;
    pthread_mutex_t lock; /* of what is kept */
    kept *all[PCT_KEEPER_PLANS];
    size_t count;
    pct_rest rest;
    pthread_t thread;
    bool runs;
};

typedef struct wanted {
    pct_plan_id plan;
    char problem[PCT_PATROL_NAME_TEXT];
} wanted;

/* --- what is wanted -------------------------------------------------------------------------------------------------------- */

static bool is_driven(const pct_life *life, const pct_life_round *r, int64_t now_ms) {
    return !r->ended_ms && now_ms < r->until_ms && now_ms >= r->leave_ms - PCT_LIFE_EARLY_S * INT64_C(1000) &&
           pct_life_round_counts(life, r);
}

static void add_wanted(const pct_life *life, pct_plan_id plan, wanted *out, size_t *count) {
    for (size_t i = 0; i < *count; i++)
        if (out[i].plan.seq == plan.seq) return;
    const pct_life_plan *p = pct_life_plan_of(life, plan);
    const pct_life_kept *given = pct_life_kept_now(life);
    pct_text name = p && p->problem.length ? p->problem : given ? given->digest : (pct_text){"", 0};
    if (*count == PCT_KEEPER_PLANS || name.length == 0 || name.length >= sizeof out->problem) return;
    out[*count] = (wanted){.plan = plan};
    memcpy(out[*count].problem, name.chars, name.length);
    ++*count;
}

static size_t list_wanted(pct_patrol_keeper *k, wanted *out) {
    const pct_life *life = pct_patrol_hold(k->book);
    const pct_life_round *r;
    int64_t now_ms = pct_service_now_ms(k->book->service);
    size_t count = 0;
    for (size_t i = 0; (r = pct_life_round_at(life, i)) != NULL; i++)
        if (is_driven(life, r, now_ms)) add_wanted(life, r->plan, out, &count);
    pct_patrol_let_go(k->book);
    return count;
}

static int64_t closed_number(const pct_patrol_keeper *k) {
    struct pct_live_road *live = k->book->service->live;
    const pct_live_version *version = pct_live_road_hold(live);
    int64_t number = version->closed_number;
    pct_live_road_release(live, version);
    return number;
}

/* --- making ------------------------------------------------------------------------------------------------------------------ */

static void kept_free(kept *one) {
    if (!one) return;
    pct_lowered_free(one->lowered);
    pct_duty_dispose(&one->duty);
    pct_buffer_dispose(&one->text);
    pct_free(one);
}

/* Places of the matrix at the most; more than one way of moving makes them more, which is found out once it is made. */
static size_t bytes_of(const pct_duty *duty, size_t bands) {
    size_t places = 2 * duty->unit_count;
    for (size_t i = 0; i < duty->task_count; i++) {
        const pct_duty_task *t = &duty->tasks[i];
        places += t->kind == PCT_DUTY_LINE   ? LINE_ENDS
                  : t->kind == PCT_DUTY_AREA ? AREA_PLACES
                                             : t->position_count;
    }
    return places * places * (bands + 1) * sizeof(int32_t);
}

typedef struct grounds {
    pct_duty_roads roads;
    const pct_road *bands[HOURS_MAX];
    int64_t from_ms[HOURS_MAX];
    pct_held_road *held[HOURS_MAX];
    pct_band_roads *of; /* NULL: nothing is held */
} grounds;

/* One road for each stretch of hours of one band, with what is closed now. */
static pct_status take_roads(pct_patrol_keeper *k, pct_duty_span span, grounds *g, int64_t *number,
                             pct_error *error) {
    pct_service *service = k->book->service;
    pct_profile profile = service->site->patrol ? PCT_PROFILE_PATROL : PCT_PROFILE_RESPONSE;
    pct_seat *seat;
    pct_status status = pct_ways_sit(service->ways, profile, &seat, error);
    if (status) return status;
    size_t count = 0;
    int before = 0;
    bool closes = seat->version->closure_count > 0;
    *number = seat->version->closed_number;
    g->of = seat->bands;
    for (int64_t at_ms = span.from_ms; (at_ms < span.to_ms || !count) && count < HOURS_MAX && !status;
         at_ms += HOUR_MS - at_ms % HOUR_MS) {
        int band = pct_band_roads_at(seat->bands, profile, at_ms);
        if (count && band == before) continue;
        g->held[count] = NULL;
        if (band != PCT_NO_BAND || closes)
            status = pct_band_roads_take(seat->bands, profile, band, seat->version, &g->held[count], error);
        if (status) break;
        g->bands[count] = g->held[count] ? g->held[count]->road : seat->open;
        g->from_ms[count++] = at_ms;
        before = band;
    }
    g->roads = (pct_duty_roads){service->site->road, g->bands, g->from_ms, count};
    pct_ways_rise(service->ways, seat);
    return status;
}

static void give_roads(grounds *g) {
    for (size_t i = 0; g->of && i < g->roads.band_count; i++)
        if (g->held[i]) pct_band_roads_give(g->of, g->held[i]);
}

static pct_status lay(pct_patrol_keeper *k, kept *one, const char *problem, pct_error *error) {
    grounds g = {.of = NULL};
    pct_status status = pct_patrol_get(k->book, "duty", pct_text_of(problem), &one->text, error);
    if (!status)
        status = pct_duty_read("problem", (pct_text){(const char *)one->text.bytes, one->text.length},
                               &k->book->service->site->zone, &one->duty, error);
    if (!status) status = take_roads(k, pct_duty_span_of(&one->duty), &g, &one->closed_number, error);
    if (!status && bytes_of(&one->duty, g.roads.band_count) > PCT_KEEPER_BYTES)
        status = pct_error_memory(error, PCT_KEEPER_BYTES);
    if (!status) status = pct_lowered_new(&one->duty, &g.roads, &one->lowered, error);
    give_roads(&g);
    return status;
}

static size_t bytes_kept(const pct_patrol_keeper *k) {
    size_t bytes = 0;
    for (size_t i = 0; i < k->count; i++) bytes += k->all[i]->bytes;
    return bytes;
}

static void make(pct_patrol_keeper *k, const wanted *w, int64_t number) {
    pct_error why;
    kept *one = pct_alloc_zeroed(1, sizeof *one);
    if (!one) return;
    *one = (kept){.plan = w->plan, .closed_number = number, .text = pct_buffer_init(PCT_STORE_VALUE_MAX)};
    (void)!lay(k, one, w->problem, &why);
    if (one->lowered) one->bytes = one->lowered->arena.held + one->duty.arena.held + one->text.capacity;
    (void)pthread_mutex_lock(&k->lock);
    if (bytes_kept(k) + one->bytes > PCT_KEEPER_BYTES) {
        pct_lowered_free(one->lowered);
        one->lowered = NULL;
        one->bytes = 0;
    }
    bool room = k->count < PCT_KEEPER_PLANS;
    if (room) k->all[k->count++] = one;
    (void)pthread_mutex_unlock(&k->lock);
    if (!room) kept_free(one);
}

/* --- its thread --------------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const kept *one, const wanted *all, size_t count, int64_t number) {
    for (size_t i = 0; i < count; i++)
        if (all[i].plan.seq == one->plan.seq) return one->closed_number == number;
    return false;
}

static bool is_kept(const pct_patrol_keeper *k, pct_plan_id plan) {
    for (size_t i = 0; i < k->count; i++)
        if (k->all[i]->plan.seq == plan.seq) return true;
    return false;
}

static void look(pct_patrol_keeper *k, wanted *all) {
    size_t count = list_wanted(k, all), stay = 0;
    int64_t number = closed_number(k);
    (void)pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->count; i++) {
        if (is_wanted(k->all[i], all, count, number))
            k->all[stay++] = k->all[i];
        else
            kept_free(k->all[i]);
    }
    k->count = stay;
    (void)pthread_mutex_unlock(&k->lock);
    for (size_t i = 0; i < count && !pct_rest_is_ending(&k->rest); i++)
        if (!is_kept(k, all[i].plan)) make(k, &all[i], number); /* nobody else adds any */
}

static void *run(void *context) {
    pct_patrol_keeper *k = context;
    wanted *all = pct_alloc(PCT_KEEPER_PLANS, sizeof *all);
    pct_rest_yield();
    while (all && pct_rest_for(&k->rest, LOOK_MS * PCT_NS_PER_MS)) look(k, all);
    pct_free(all);
    return NULL;
}

pct_status pct_patrol_keeper_new(pct_patrol_book *book, pct_patrol_keeper **out, pct_error *error) {
    pct_patrol_keeper *k = *out = pct_alloc_zeroed(1, sizeof *k);
    if (!k) return pct_error_memory(error, sizeof *k);
    k->book = book;
    (void)pthread_mutex_init(&k->lock, NULL);
    pct_rest_init(&k->rest);
    return PCT_OK;
}

pct_status pct_patrol_keeper_start(pct_patrol_keeper *k, pct_error *error) {
    k->runs = pthread_create(&k->thread, NULL, run, k) == 0;
    return k->runs ? PCT_OK : pct_error_memory(error, 0);
}

void pct_patrol_keeper_free(pct_patrol_keeper *k) {
    if (!k) return;
    pct_rest_end(&k->rest);
    if (k->runs) (void)pthread_join(k->thread, NULL);
    pct_rest_dispose(&k->rest);
    for (size_t i = 0; i < k->count; i++) kept_free(k->all[i]);
    (void)pthread_mutex_destroy(&k->lock);
    pct_free(k);
}

/* A closure that the keeper has not seen yet makes what is kept wrong at once. */
const pct_lowered *pct_patrol_keeper_hold(pct_patrol_keeper *k, pct_plan_id plan) {
    int64_t number = closed_number(k);
    (void)pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->count; i++)
        if (k->all[i]->plan.seq == plan.seq && k->all[i]->closed_number == number) return k->all[i]->lowered;
    return NULL;
}

void pct_patrol_keeper_let_go(pct_patrol_keeper *k) {
    (void)pthread_mutex_unlock(&k->lock);
}
