/* Laws of roads that change under their readers: what is shown equals, bit for bit, a road customized for what is closed then;
 * readers see one of those and nothing between; and who stays on a side holds up the writer alone.
 *
 * The exchanges under running threads are PRECINCT_SWAPS (default 400; tools/tsan runs 10,000 of them). */
#include "road/pair.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "road/closed.h"
#include "road/dijkstra.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 60, STEPS = 40, FORCE_MAX = 12, SHUT_MAX = 8 };

typedef struct closure {
    pct_closed_segment shut[SHUT_MAX];
    size_t count;
} closure;

typedef struct setting {
    pct_rng rng;
    pct_road *open;
    pct_road_pair *pair;
    closure in_force[FORCE_MAX];
    size_t force_count;
} setting;

static void open_setting(setting *s, uint64_t seed, uint32_t nodes) {
    pct_error error;
    *s = (setting){.rng = pct_rng_init(seed, 1)};
    s->open = test_road_random(&s->rng, nodes);
    const pct_road *const open[] = {s->open};
    test_ok(pct_road_pair_new(open, 1, &s->pair, &error), &error);
}

static void close_setting(setting *s) {
    pct_road_pair_free(s->pair);
    pct_road_free(s->open);
}

static closure draw(setting *s) {
    closure c = {.count = 1 + pct_rng_below(&s->rng, SHUT_MAX)};
    for (size_t i = 0; i < c.count; i++) {
        uint32_t ways = 1 + pct_rng_below(&s->rng, 3);
        c.shut[i] = (pct_closed_segment){pct_rng_below(&s->rng, s->open->network.segment_count),
                                         (ways & 1) != 0, (ways & 2) != 0,
                                         (uint8_t)(pct_rng_below(&s->rng, 2) * pct_rng_below(&s->rng, 60))};
    }
    return c;
}

static size_t all_in_force(const setting *s, pct_closed_segment out[FORCE_MAX * SHUT_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < s->force_count; i++)
        for (size_t n = 0; n < s->in_force[i].count; n++) out[count++] = s->in_force[i].shut[n];
    return count;
}

/* One closure comes or goes: into the log. */
static void change(setting *s) {
    pct_closed_segment all[FORCE_MAX * SHUT_MAX];
    if (s->force_count < FORCE_MAX && (s->force_count == 0 || pct_rng_below(&s->rng, 2))) {
        s->in_force[s->force_count] = draw(s);
        closure *c = &s->in_force[s->force_count++];
        pct_closed_want(s->pair, 0, NULL, 0, c->shut, c->count);
        return;
    }
    uint32_t gone = pct_rng_below(&s->rng, (uint32_t)s->force_count);
    closure lifted = s->in_force[gone];
    s->in_force[gone] = s->in_force[--s->force_count];
    pct_closed_want(s->pair, 0, lifted.shut, lifted.count, all, all_in_force(s, all));
}

static bool same_metric(const pct_road *a, const pct_road *b) {
    return memcmp(a->metric.arc_ms, b->metric.arc_ms, a->graph.arc_count * sizeof(uint32_t)) == 0 &&
           memcmp(a->metric.ms, b->metric.ms, a->hierarchy.arc_count * sizeof *a->metric.ms) == 0;
}

/* What is shown against a road that was never another one. */
static void check_shown(setting *s) {
    pct_closed_segment all[FORCE_MAX * SHUT_MAX];
    pct_error error;
    pct_road *fresh;
    size_t count = all_in_force(s, all);
    unsigned side = pct_road_pair_arrive(s->pair);
    const pct_road *shown = pct_road_pair_road(s->pair, side, 0);
    test_ok(pct_road_close(s->open, all, count, &fresh, &error), &error);
    ck_assert(same_metric(shown, fresh));
    if (shown != s->open)
        ck_assert_int_eq(memcmp(shown->own_ms, fresh->own_ms, s->open->graph.arc_count * sizeof(uint32_t)),
                         0);
    ck_assert(count > 0 || shown == s->open); /* nothing closed is the open road itself */
    pct_road_free(fresh);
    pct_road_pair_depart(s->pair, side);
}

TEST(shown_road_is_to_the_bit_the_one_that_is_closed_so) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed, 2 + 2 * (uint32_t)seed);
        for (int i = 0; i < STEPS; i++) {
            pct_error error;
            for (uint32_t n = pct_rng_below(&s.rng, 4); n > 0; n--) change(&s);
            ck_assert(pct_road_pair_is_free(s.pair));
            pct_road_pair_catch_up(s.pair);
            ck_assert(!pct_road_pair_is_behind(s.pair));
            if (pct_rng_below(&s.rng, 3) == 0) test_ok(pct_road_pair_perfect(s.pair, &error), &error);
            pct_road_pair_exchange(s.pair);
            check_shown(&s);
        }
        close_setting(&s);
    }
}

/* Every lifting, in whatever order, and both sides are what they were. */
TEST(lifting_all_gives_back_both_sides_bit_for_bit) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed, 60);
        for (int i = 0; i < STEPS; i++) {
            change(&s);
            pct_road_pair_catch_up(s.pair);
            pct_road_pair_exchange(s.pair);
        }
        while (s.force_count > 0) {
            closure lifted = s.in_force[--s.force_count];
            pct_closed_segment all[FORCE_MAX * SHUT_MAX];
            pct_closed_want(s.pair, 0, lifted.shut, lifted.count, all, all_in_force(&s, all));
        }
        for (int side = 0; side < 2; side++) {
            pct_road_pair_catch_up(s.pair);
            pct_road_pair_exchange(s.pair);
            check_shown(&s);
        }
        /* The sides themselves too, not only the open road that they show: the least closure makes them visible. */
        const pct_road *open = s.open;
        uint32_t ms = open->metric.arc_ms[0];
        for (int side = 0; side < 2; side++) {
            pct_road_pair_want(s.pair, 0, 0, ms, ms + 1);
            pct_road_pair_catch_up(s.pair);
            pct_road_pair_exchange(s.pair);
            const pct_road *shown = pct_road_pair_road(s.pair, pct_road_pair_arrive(s.pair), 0);
            ck_assert_ptr_ne(shown, open);
            ck_assert(same_metric(shown, open));
            pct_road_pair_depart(s.pair, 1 - pct_road_pair_hidden(s.pair));
        }
        close_setting(&s);
    }
}

TEST(last_word_on_an_arc_counts) {
    setting s;
    open_setting(&s, 5, 40);
    uint32_t arc = 7, ms = s.open->metric.arc_ms[arc];
    pct_road_pair_want(s.pair, 0, arc, PCT_NO_WAY_MS, ms);
    pct_road_pair_want(s.pair, 0, arc, ms + 5000, ms + 5000);
    pct_road_pair_want(s.pair, 0, arc + 1, PCT_NO_WAY_MS, ms);
    pct_road_pair_want(s.pair, 0, arc, ms + 7000, ms + 7000);
    for (int side = 0; side < 2; side++) {
        ck_assert(pct_road_pair_is_behind(s.pair));
        pct_road_pair_catch_up(s.pair);
        pct_road_pair_exchange(s.pair);
        const pct_road *shown = pct_road_pair_road(s.pair, 1 - pct_road_pair_hidden(s.pair), 0);
        ck_assert_uint_eq(shown->metric.arc_ms[arc], ms + 7000);
        ck_assert_uint_eq(shown->own_ms[arc], ms + 7000);
        ck_assert_uint_eq(shown->metric.arc_ms[arc + 1], PCT_NO_WAY_MS);
    }
    ck_assert(!pct_road_pair_is_behind(s.pair));
    close_setting(&s);
}

/* A reader that sleeps keeps its road; others come and go on the new one; the writer waits for it, and only for the next one. */
TEST(sleeping_reader_holds_up_the_second_change_alone) {
    setting s;
    open_setting(&s, 6, 60);
    change(&s);
    pct_road_pair_catch_up(s.pair);
    pct_road_pair_exchange(s.pair);
    unsigned asleep = pct_road_pair_arrive(s.pair);
    const pct_road *its = pct_road_pair_road(s.pair, asleep, 0);
    size_t bytes = s.open->hierarchy.arc_count * sizeof *its->metric.ms;
    void *before = pct_alloc(bytes, 1);
    memcpy(before, its->metric.ms, bytes);
    for (int i = 0; i < 3; i++) change(&s);
    ck_assert(
        pct_road_pair_is_free(s.pair)); /* the other side: the first change after it came goes through */
    pct_road_pair_catch_up(s.pair);
    pct_road_pair_exchange(s.pair);
    check_shown(&s);
    for (int i = 0; i < 10; i++) {
        ck_assert(!pct_road_pair_is_free(s.pair)); /* the second one waits */
        ck_assert(pct_road_pair_is_behind(s.pair));
        unsigned side = pct_road_pair_arrive(s.pair);
        ck_assert_uint_ne(side, asleep);
        pct_road_pair_depart(s.pair, side);
        change(&s); /* the log takes it all the same */
    }
    ck_assert_ptr_eq(pct_road_pair_road(s.pair, asleep, 0), its);
    ck_assert_int_eq(memcmp(before, its->metric.ms, bytes), 0);
    pct_road_pair_depart(s.pair, asleep);
    ck_assert(pct_road_pair_is_free(s.pair));
    pct_road_pair_catch_up(s.pair);
    pct_road_pair_exchange(s.pair);
    check_shown(&s);
    pct_free(before);
    close_setting(&s);
}

/* --- step by step ------------------------------------------------------------------------------------------------- */

#ifdef PCT_TEST_BUILD
enum { MOMENTS = 14 };

/* One reader, whom the writer goes between. At each moment a bit of the schedule says whether the writer takes its next step: from
 * waiting to writing when the hidden side is free, from writing to exchanged and waiting again. */
typedef struct schedule {
    pct_road_pair *pair;
    uint32_t bits, moments;
    bool is_writing;
    unsigned written, exchanges, retreats;
    int held; /* the side that the reader has, -1: none */
} schedule;

static void pass(schedule *s) {
    if (s->moments == MOMENTS || !(s->bits >> s->moments++ & 1)) return;
    if (s->is_writing) {
        pct_road_pair_exchange(s->pair);
        s->exchanges++;
        s->is_writing = false;
    } else if (pct_road_pair_is_free(s->pair)) {
        s->is_writing = true;
        s->written = pct_road_pair_hidden(s->pair);
        ck_assert_int_ne((int)s->written, s->held);
    }
}

static void pass_within(void *context, pct_road_pair_step step) {
    schedule *s = context;
    if (step == PCT_ROAD_PAIR_SEEN) { /* the writer may exchange here, and find the other side free */
        s->retreats++;
        pass(s);
    }
    pass(s);
}

/* Every schedule of some moments: no reader ever has the side that is written, and every count comes back to nothing. */
TEST(no_reader_has_the_side_that_is_written_however_steps_fall) {
    setting s;
    unsigned retreats = 0, exchanges = 0;
    open_setting(&s, 3, 4);
    for (uint32_t bits = 0; bits < 1U << MOMENTS; bits++) {
        schedule run = {.pair = s.pair, .bits = bits, .held = -1};
        pct_road_pair_watch(s.pair, pass_within, &run);
        while (run.moments < MOMENTS) {
            unsigned side = pct_road_pair_arrive(s.pair);
            run.held = (int)side;
            ck_assert_msg(!run.is_writing || run.written != side,
                          "a reader came to the side under the writer");
            pass(&run);
            pass(&run);
            pct_road_pair_depart(s.pair, side);
            run.held = -1;
            pass(&run);
            retreats += run.retreats - 1, run.retreats = 0;
        }
        exchanges += run.exchanges;
        for (int side = 0; side < 2; side++) { /* nobody is left counted in */
            ck_assert(pct_road_pair_is_free(s.pair));
            pct_road_pair_exchange(s.pair);
        }
    }
    ck_assert_uint_gt(retreats, 1U << (MOMENTS - 3)); /* the second look did send readers back */
    ck_assert_uint_gt(exchanges, 1U << MOMENTS);
    close_setting(&s);
}
#else
TEST(no_reader_has_the_side_that_is_written_however_steps_fall) {
    setting s;
    open_setting(&s, 3, 4); /* without the watcher a reader comes alone */
    ck_assert_uint_eq(pct_road_pair_arrive(s.pair), 1 - pct_road_pair_hidden(s.pair));
    close_setting(&s);
}
#endif

/* --- under threads ------------------------------------------------------------------------------------------------ */

enum { STATES = 7, READERS = 3, QUESTIONS = 24, SWAPS = 400, RESTS = 16 };

typedef struct race {
    setting s;
    closure of_state[STATES];
    pct_road_point from[QUESTIONS], to[QUESTIONS];
    uint32_t answer_ms[STATES][QUESTIONS];
    atomic_llong begun, done; /* number of the state whose exchange has begun, is done */
    atomic_llong looks;
    atomic_bool stop;
} race;

static pct_road_point any_point(setting *s) {
    const pct_network *net = pct_road_network(s->open);
    uint32_t segment = pct_rng_below(&s->rng, net->segment_count);
    return (pct_road_point){segment, pct_rng_below(&s->rng, net->segments[segment].length_mm + 1)};
}

static void prepare(race *r) {
    pct_error error;
    open_setting(&r->s, 8, 60);
    for (int q = 0; q < QUESTIONS; q++) r->from[q] = any_point(&r->s), r->to[q] = any_point(&r->s);
    for (int n = 0; n < STATES; n++) {
        pct_road *road;
        pct_dijkstra *slow;
        if (n > 0) r->of_state[n] = draw(&r->s); /* in state 0 nothing is closed */
        test_ok(pct_road_close(r->s.open, r->of_state[n].shut, r->of_state[n].count, &road, &error), &error);
        test_ok(pct_dijkstra_new(road, &slow, &error), &error);
        for (int q = 0; q < QUESTIONS; q++)
            r->answer_ms[n][q] = pct_dijkstra_time_ms(slow, r->from[q], r->to[q]);
        pct_dijkstra_free(slow);
        pct_road_free(road);
    }
}

static bool was_shown(const race *r, const uint32_t *ms, long long first, long long last) {
    for (long long n = first; n <= last; n++)
        if (memcmp(r->answer_ms[n % STATES], ms, sizeof r->answer_ms[0]) == 0) return true;
    return false;
}

static void *read_on(void *context) {
    race *r = context;
    pct_error error;
    pct_router *router;
    uint32_t ms[QUESTIONS];
    if (pct_router_new(r->s.open, &router, &error) != PCT_OK) return r;
    void *failed = NULL;
    while (!atomic_load(&r->stop) && !failed) {
        long long first = atomic_load(&r->done);
        unsigned side = pct_road_pair_arrive(r->s.pair);
        pct_router_take_road(router, pct_road_pair_road(r->s.pair, side, 0));
        for (int q = 0; q < QUESTIONS; q++) ms[q] = pct_router_time_ms(router, r->from[q], r->to[q]);
        pct_road_pair_depart(r->s.pair, side);
        if (!was_shown(r, ms, first, atomic_load(&r->begun))) failed = r;
        (void)atomic_fetch_add(&r->looks, 1);
    }
    pct_router_free(router);
    return failed;
}

static void swap(race *r, long long n) {
    const closure *gone = &r->of_state[(n - 1) % STATES], *come = &r->of_state[n % STATES];
    pct_error error;
    pct_closed_want(r->s.pair, 0, gone->shut, gone->count, come->shut, come->count);
    while (!pct_road_pair_is_free(r->s.pair)) sched_yield();
    pct_road_pair_catch_up(r->s.pair);
    if (n % RESTS == 0) test_ok(pct_road_pair_perfect(r->s.pair, &error), &error);
    atomic_store(&r->begun, n);
    pct_road_pair_exchange(r->s.pair);
    atomic_store(&r->done, n);
}

TEST(readers_see_one_of_the_roads_that_were_shown) {
    static race r;
    pthread_t readers[READERS];
    const char *wanted = getenv("PRECINCT_SWAPS");
    long long swaps = wanted ? strtoll(wanted, NULL, 10) : SWAPS;
    prepare(&r);
    for (int i = 0; i < READERS; i++) ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, &r), 0);
    for (long long n = 1; n <= swaps; n++) swap(&r, n);
    while (atomic_load(&r.looks) < READERS) sched_yield();
    atomic_store(&r.stop, true);
    for (int i = 0; i < READERS; i++) {
        void *failed;
        (void)pthread_join(readers[i], &failed);
        ck_assert_msg(!failed, "a reader got answers of no road that was shown");
    }
    close_setting(&r.s);
}

enum { TOWN_NODES = 12000, TOWN_ROUNDS = 4 };

/* A town that is large enough for threads, and so much closed that all of it is customized. */
TEST(writer_with_threads_shows_the_same_roads) {
    setting s;
    pct_pool *pool;
    pct_error error;
    open_setting(&s, 10, TOWN_NODES);
    test_ok(pct_pool_new(2, &pool, &error), &error);
    test_ok(pct_road_pair_share(s.pair, pool, &error), &error);
    for (int round = 0; round < TOWN_ROUNDS; round++) {
        while (s.force_count > 0) {
            closure lifted = s.in_force[--s.force_count];
            pct_closed_segment all[FORCE_MAX * SHUT_MAX];
            pct_closed_want(s.pair, 0, lifted.shut, lifted.count, all, all_in_force(&s, all));
        }
        while (s.force_count < FORCE_MAX) {
            closure *c = &s.in_force[s.force_count++];
            *c = draw(&s);
            pct_closed_want(s.pair, 0, NULL, 0, c->shut, c->count);
        }
        pct_road_pair_catch_up(s.pair);
        test_ok(pct_road_pair_perfect(s.pair, &error), &error);
        pct_road_pair_exchange(s.pair);
        check_shown(&s);
    }
    close_setting(&s);
    pct_pool_free(pool);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static pct_status make(void *context) {
    const pct_road *const open[] = {context, context};
    pct_road_pair *pair;
    pct_error error;
    pct_status status = pct_road_pair_new(open, 2, &pair, &error);
    if (!status) pct_road_pair_free(pair);
    return status;
}

TEST(pair_survives_each_failing_allocation) {
    static const char *const rows[] = {"A--B--C", NULL};
    pct_road *road = test_road_drawn(rows);
    ck_assert_uint_gt(test_torture(make, road), 8);
    pct_road_free(road);
}

enum { PAIRS = 64 };

typedef struct scarce {
    setting s;
    pct_road_pair *fresh[PAIRS];
    pct_road *expected;
    bool same;
    size_t attempts, needed; /* needed: allocations of an attempt that none is refused */
} scarce;

/* Without memory for the log or for the changes the writer still gets there. */
static pct_status write_scarcely(void *context) {
    scarce *m = context;
    size_t before = test_allocation_count();
    pct_road_pair *pair = m->fresh[m->attempts++];
    for (int i = 0; i < FORCE_MAX; i++)
        pct_closed_want(pair, 0, NULL, 0, m->s.in_force[i].shut, m->s.in_force[i].count);
    pct_road_pair_catch_up(pair);
    if (m->attempts == 1) m->needed = test_allocation_count() - before;
    for (int side = 0; side < 2; side++) {
        pct_road_pair_exchange(pair);
        const pct_road *shown = pct_road_pair_road(pair, 1 - pct_road_pair_hidden(pair), 0);
        m->same &= same_metric(shown, m->expected); /* asserting takes memory */
        pct_road_pair_catch_up(pair);
    }
    return m->attempts > 1 && m->attempts - 1 <= m->needed ? PCT_MEMORY : PCT_OK;
}

TEST(changes_arrive_without_memory_too) {
    static scarce m;
    pct_closed_segment all[FORCE_MAX * SHUT_MAX];
    pct_error error;
    open_setting(&m.s, 9, 100);
    const pct_road *const open[] = {m.s.open};
    for (int i = 0; i < PAIRS; i++) test_ok(pct_road_pair_new(open, 1, &m.fresh[i], &error), &error);
    for (int i = 0; i < FORCE_MAX; i++) m.s.in_force[i] = draw(&m.s);
    m.s.force_count = FORCE_MAX;
    test_ok(pct_road_close(m.s.open, all, all_in_force(&m.s, all), &m.expected, &error), &error);
    m.same = true;
    ck_assert_int_eq(write_scarcely(&m), PCT_OK);
    ck_assert_uint_gt(m.needed, 2);
    ck_assert_uint_lt(m.needed, PAIRS - 2);
    (void)test_torture(write_scarcely, &m);
    ck_assert(m.same);
    for (int i = 0; i < PAIRS; i++) pct_road_pair_free(m.fresh[i]);
    pct_road_free(m.expected);
    close_setting(&m.s);
}

TEST_MAIN("road pair", TEST_CASE(shown_road_is_to_the_bit_the_one_that_is_closed_so),
          TEST_CASE(lifting_all_gives_back_both_sides_bit_for_bit), TEST_CASE(last_word_on_an_arc_counts),
          TEST_CASE(sleeping_reader_holds_up_the_second_change_alone),
          TEST_CASE(no_reader_has_the_side_that_is_written_however_steps_fall),
          TEST_CASE(writer_with_threads_shows_the_same_roads),
          TEST_CASE(readers_see_one_of_the_roads_that_were_shown),
          TEST_CASE(pair_survives_each_failing_allocation), TEST_CASE(changes_arrive_without_memory_too))
