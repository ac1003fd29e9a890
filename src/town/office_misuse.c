/* Scripts of misuse, one function for each pattern: what somebody does who looks for himself and not for the work, scattered among
 * his ordinary work. The numbers say what is to be found; nothing here knows the lines of the watch. */
#include "town/office_state.h"

static int64_t hours(double h) {
    return (int64_t)(h * (double)PCT_OFFICE_HOUR_MS);
}

/* How many, at full strength between low and high. */
static int amount(pct_town_office_state *s, int low, int high) {
    int n = (int)((double)pct_office_between(s, low, high) * s->strength);
    return n < 1 ? 1 : n;
}

static int32_t somebody(pct_town_office_state *s) {
    return pct_office_member((int32_t)pct_rng_below(&s->rng, PCT_OFFICE_TEAMS),
                             (int32_t)pct_rng_below(&s->rng, PCT_OFFICE_TAKERS + PCT_OFFICE_DISPATCHERS));
}

/* One of the actor's shifts, with history before it and room behind it. */
static int32_t a_shift(pct_town_office_state *s, int32_t actor) {
    int32_t after = (int32_t)pct_office_between(s, 30, s->days * 2 - 30);
    return pct_office_next_shift_of(actor / PCT_OFFICE_TEAM, after);
}

/* Within a shift; the k-th of n spread over the actor's next shifts of six days, or all of them in one. */
static int64_t in_shift(pct_town_office_state *s, int32_t actor, int32_t shift, bool spread) {
    if (spread && pct_office_chance(s, 0.5)) shift = pct_office_next_shift_of(actor / PCT_OFFICE_TEAM, shift);
    return pct_office_shift_begin_ms(s, shift) + pct_office_between(s, hours(0.3), hours(11.7));
}

static void look_at_others(pct_town_office_state *s, int32_t actor, int low, int high, bool spread) {
    int32_t shift = a_shift(s, actor);
    int64_t begin_ms = pct_office_shift_begin_ms(s, shift);
    for (int n = amount(s, low, high); n > 0; n--) {
        const pct_office_case *c = pct_office_other_case(s, begin_ms, actor, 12);
        if (c)
            pct_office_look(s, in_shift(s, actor, shift, spread), actor, c, (int)pct_rng_below(&s->rng, 3));
    }
}

static void look_from_home(pct_town_office_state *s, int32_t actor) {
    int32_t shift = a_shift(s, actor);
    int64_t end_ms = pct_office_shift_begin_ms(s, shift) + hours(12);
    /* Teams that come from a night rest for days, those that come from a day come back after twelve hours. */
    int64_t at_ms = end_ms + pct_office_between(s, hours(4), shift % 2 ? hours(40) : hours(8));
    for (int n = amount(s, 3, 10); n > 0; n--) {
        const pct_office_case *c = pct_office_other_case(s, at_ms, actor, pct_office_chance(s, 0.5) ? 3 : 12);
        if (c) pct_office_look(s, at_ms, actor, c, (int)pct_rng_below(&s->rng, 3));
        at_ms += pct_office_between(s, 20000, 900000);
    }
}

static void page_through_board(pct_town_office_state *s, int32_t actor) {
    int64_t at_ms = in_shift(s, actor, a_shift(s, actor), false);
    size_t to = pct_office_case_from(s, at_ms);
    for (int n = amount(s, 80, 140); n > 0 && to > 0;) {
        const pct_office_case *c = pct_office_case_at(s, --to);
        if (c->taker == actor || c->dispatcher == actor || c->closer == actor) continue;
        pct_office_look(s, at_ms, actor, c, 0);
        at_ms += pct_office_between(s, 5000, 40000);
        n--;
    }
}

static void page_through_register(pct_town_office_state *s, int32_t actor) {
    int64_t at_ms = in_shift(s, actor, a_shift(s, actor), false);
    size_t i = pct_office_case_from(s, at_ms - pct_office_between(s, 3, 12) * PCT_OFFICE_DAY_MS);
    bool backwards = pct_office_chance(s, 0.3);
    for (int n = amount(s, 12, 40); n > 0 && i > 2 && i + 2 < s->cases.length; n--) {
        pct_office_look(s, at_ms, actor, pct_office_case_at(s, i), 0);
        size_t step = 1 + pct_rng_below(&s->rng, 2);
        i = backwards ? i - step : i + step;
        at_ms += pct_office_between(s, 5000, 240000);
    }
}

/* Cases of a place that ended before and were others'; -1: the actor had to do with the place in that week himself. */
static int cases_of_place(const pct_town_office_state *s, int32_t actor, int32_t place, int64_t begin_ms) {
    int n = 0;
    for (size_t i = pct_office_case_from(s, begin_ms + 5 * PCT_OFFICE_DAY_MS); i-- > 0;) {
        const pct_office_case *c = pct_office_case_at(s, i);
        bool own = c->taker == actor || c->dispatcher == actor || c->closer == actor;
        if (c->place != place) continue;
        if (own && c->at_ms > begin_ms - 3 * PCT_OFFICE_DAY_MS) return -1;
        n += !own && c->at_ms < begin_ms - PCT_OFFICE_DAY_MS * 3 / 2;
    }
    return n;
}

static void look_at_place(pct_town_office_state *s, int32_t actor) {
    int n = amount(s, 6, 14);
    int32_t shift = 0, place = 0;
    int64_t begin_ms = 0;
    for (int tries = 0, there = 0; tries < 200 && there < n; tries++) {
        shift = a_shift(s, actor), place = 3 * (int32_t)pct_office_between(s, 1, 60);
        begin_ms = pct_office_shift_begin_ms(s, shift);
        there = cases_of_place(s, actor, place, begin_ms);
    }
    for (size_t i = pct_office_case_from(s, begin_ms - PCT_OFFICE_DAY_MS * 3 / 2); i-- > 0 && n > 0;) {
        const pct_office_case *c = pct_office_case_at(s, i);
        if (c->place != place || c->taker == actor || c->dispatcher == actor || c->closer == actor) continue;
        pct_office_look(s, in_shift(s, actor, shift, true), actor, c, (int)pct_rng_below(&s->rng, 2));
        n--;
    }
}

static void look_again(pct_town_office_state *s, int32_t actor) {
    int32_t shift = a_shift(s, actor), second = pct_office_next_shift_of(actor / PCT_OFFICE_TEAM, shift);
    int64_t begin_ms = pct_office_shift_begin_ms(s, shift);
    const pct_office_case *c = pct_office_other_case(s, begin_ms, actor, 12);
    int n = amount(s, 5, 12);
    for (int i = 0; i < n && c; i++) { /* every fifty minutes to two hours, in two shifts */
        int64_t from_ms = pct_office_shift_begin_ms(s, i % 2 ? second : shift) + hours(0.5);
        pct_office_look(s, from_ms + i / 2 * hours(1.8) + pct_office_between(s, 0, hours(0.8)), actor, c, 0);
    }
}

/* Cases of others in a week, each for an old case that is none of the actor's either. */
static void look_with_pretext(pct_town_office_state *s, int32_t actor) {
    int32_t shift = a_shift(s, actor);
    int64_t begin_ms = pct_office_shift_begin_ms(s, shift);
    for (int n = amount(s, 5, 14); n > 0; n--) {
        const pct_office_case *c = pct_office_other_case(s, begin_ms, actor, 6);
        const pct_office_case *pretext = pct_office_other_case(s, begin_ms - 8 * PCT_OFFICE_DAY_MS, actor, 6);
        if (c && pretext)
            pct_office_look_for(s, in_shift(s, actor, shift, true), actor, c, (int)pct_rng_below(&s->rng, 3),
                                pretext);
    }
}

static void follow_track(pct_town_office_state *s, int32_t actor) {
    int64_t at_ms = s->begin_ms + pct_office_between(s, 15, s->days - 32) * PCT_OFFICE_DAY_MS + hours(4);
    int32_t unit = (int32_t)pct_rng_below(&s->rng, PCT_OFFICE_UNITS);
    for (int n = amount(s, 4, 10); n > 0; n--) {
        pct_office_replay(s, at_ms, actor, unit);
        at_ms += pct_office_between(s, hours(1), hours(60));
    }
}

void pct_office_misuse(pct_town_office_state *s, pct_town_script *script) {
    int32_t actor = somebody(s);
    if (script->pattern == PCT_AUDIT_TRACK_FOLLOWED && pct_office_chance(s, 0.5))
        actor = pct_office_chief((int32_t)pct_rng_below(&s->rng, PCT_OFFICE_CHIEFS));
    script->actor = s->names[actor];
    switch (script->pattern) {
    case PCT_AUDIT_OUTSIDE_CASES: look_at_others(s, actor, 7, 20, false); break;
    case PCT_AUDIT_OFF_SHIFT: look_from_home(s, actor); break;
    case PCT_AUDIT_MANY_CASES: look_at_others(s, actor, 20, 50, true); break;
    case PCT_AUDIT_MANY_LIVE: page_through_board(s, actor); break;
    case PCT_AUDIT_SERIES: page_through_register(s, actor); break;
    case PCT_AUDIT_ONE_PLACE: look_at_place(s, actor); break;
    case PCT_AUDIT_SAME_RECORD: look_again(s, actor); break;
    case PCT_AUDIT_FALSE_CASE: look_with_pretext(s, actor); break;
    default: follow_track(s, actor); break;
    }
}
