/* Looks that belong to honest work and yet are not at a case that one is working on right now. How often is said here in plain
 * numbers; the lines of the watch were not drawn with these streams before them. */
#include "town/office_state.h"

static int64_t hours(double h) {
    return (int64_t)(h * (double)PCT_OFFICE_HOUR_MS);
}

static const pct_office_case *some_case(pct_town_office_state *s, int64_t from_ms, int64_t to_ms) {
    size_t from = pct_office_case_from(s, from_ms), to = pct_office_case_from(s, to_ms);
    return from < to ? pct_office_case_at(s, from + pct_rng_below(&s->rng, (uint32_t)(to - from))) : NULL;
}

/* The newest earlier case of the place. */
static void look_at_earlier(pct_town_office_state *s, size_t index) {
    const pct_office_case *c = pct_office_case_at(s, index);
    int found = 0, wanted = 1 + (int)pct_rng_below(&s->rng, 3);
    for (size_t i = index; i-- > 0 && index - i < 8000 && found < wanted;) {
        const pct_office_case *earlier = pct_office_case_at(s, i);
        if (earlier->place != c->place || earlier->ended_ms > c->opened_ms) continue;
        pct_office_look_for(s, c->opened_ms + 60000 + found * 40000, c->dispatcher, earlier,
                            (int)pct_rng_below(&s->rng, 3), c);
        found++;
    }
}

/* Reports and answers in one of the next shifts, now and then two or three times. */
static void come_back(pct_town_office_state *s, const pct_office_case *c) {
    int32_t actor = pct_office_chance(s, 0.5) ? c->taker : c->dispatcher;
    int32_t shift = pct_office_shift_at(s, c->at_ms);
    int times = 1 + (int)pct_rng_below(&s->rng, 3);
    for (int i = 0; i < times; i++) {
        shift = pct_office_next_shift_of(actor / PCT_OFFICE_TEAM, shift);
        if (shift >= s->days * 2) return;
        pct_office_look(s, pct_office_shift_begin_ms(s, shift) + pct_office_between(s, hours(0.2), hours(11)),
                        actor, c, (int)pct_rng_below(&s->rng, 3));
    }
}

static void beside_cases(pct_town_office_state *s) {
    for (size_t i = 0; i < s->cases.length && !s->failed; i++) {
        const pct_office_case *c = pct_office_case_at(s, i);
        if (c->incident >= 0 && pct_office_chance(s, 0.15)) look_at_earlier(s, i);
        if (pct_office_chance(s, 0.06)) come_back(s, c);
        if (pct_office_chance(s, 0.08)) { /* a colleague helps out */
            int32_t helper = pct_office_member(pct_office_team_of(pct_office_shift_at(s, c->at_ms)),
                                               (int32_t)pct_rng_below(&s->rng, PCT_OFFICE_TEAM));
            pct_office_look(s, c->at_ms + 200000, helper, c, (int)pct_rng_below(&s->rng, 3));
        }
        if (pct_office_chance(s, 0.015)) { /* the caller comes back about something old */
            const pct_office_case *old = pct_office_other_case(s, c->at_ms, c->taker, 20);
            if (old) pct_office_look_for(s, c->at_ms + 30000, c->taker, old, 0, c);
        }
    }
}

static void hand_over(pct_town_office_state *s, int32_t shift, int32_t actor) {
    int64_t begin_ms = pct_office_shift_begin_ms(s, shift);
    size_t from = pct_office_case_from(s, begin_ms - 5 * PCT_OFFICE_HOUR_MS),
           to = pct_office_case_from(s, begin_ms);
    int64_t at_ms = begin_ms - pct_office_between(s, 0, 600000);
    for (size_t i = from; i < to; i++) {
        const pct_office_case *c = pct_office_case_at(s, i);
        if (c->ended_ms < begin_ms || c->incident < 0) continue;
        pct_office_look(s, at_ms, actor, c, 1);
        at_ms += 25000;
    }
}

/* What is still to be written after the shift, at one's desk, up to two hours. */
static void stay_late(pct_town_office_state *s, int32_t shift, int32_t actor) {
    int64_t begin_ms = pct_office_shift_begin_ms(s, shift), end_ms = begin_ms + hours(12);
    int left = 1 + (int)pct_rng_below(&s->rng, 3);
    for (size_t i = pct_office_case_from(s, end_ms); i-- > 0 && left > 0;) {
        const pct_office_case *c = pct_office_case_at(s, i);
        if (c->at_ms < begin_ms) return;
        if (c->taker != actor && c->dispatcher != actor) continue;
        pct_office_look(s, end_ms + pct_office_between(s, 0, hours(2)), actor, c,
                        (int)pct_rng_below(&s->rng, 3));
        left--;
    }
}

static void in_shifts(pct_town_office_state *s) {
    for (int32_t shift = 0; shift < s->days * 2 && !s->failed; shift++) {
        int64_t begin_ms = pct_office_shift_begin_ms(s, shift);
        for (int32_t i = 0; i < PCT_OFFICE_TEAM; i++) {
            int32_t actor = pct_office_member(pct_office_team_of(shift), i);
            bool takes_calls = i < PCT_OFFICE_TAKERS;
            if (!takes_calls && pct_office_chance(s, 0.5)) hand_over(s, shift, actor);
            if (pct_office_chance(s, 0.15)) stay_late(s, shift, actor);
            for (uint32_t n = pct_rng_poisson(&s->rng, 0.25); n > 0;
                 n--) { /* a colleague asks about an old case */
                int64_t at_ms = begin_ms + pct_office_between(s, hours(0.5), hours(11.5));
                const pct_office_case *old = pct_office_other_case(s, at_ms, actor, 10);
                if (old) pct_office_look(s, at_ms, actor, old, (int)pct_rng_below(&s->rng, 3));
            }
        }
        int32_t commander = pct_office_member(pct_office_team_of(shift), PCT_OFFICE_TEAM - 1);
        for (uint32_t n = pct_rng_poisson(&s->rng, 12.0); n > 0; n--) { /* what is going on */
            int64_t at_ms = begin_ms + pct_office_between(s, hours(0.5), hours(11.5));
            const pct_office_case *c = some_case(s, at_ms - hours(10), at_ms - hours(0.2));
            if (c) pct_office_look(s, at_ms, commander, c, (int)pct_rng_below(&s->rng, 3));
        }
    }
}

/* --- commanders by day ----------------------------------------------------------------------------------------------- */

static void review(pct_town_office_state *s, int64_t day_ms, int32_t chief) {
    bool in_order = pct_office_chance(s, 0.5);
    int64_t at_ms = day_ms + pct_office_between(s, 0, hours(3));
    int64_t from_ms = at_ms - pct_office_between(s, 1, 6) * PCT_OFFICE_DAY_MS;
    size_t n = (size_t)pct_office_between(s, 10, 40), first = pct_office_case_from(s, from_ms);
    for (size_t i = 0; i < n; i++) {
        const pct_office_case *c = in_order && first + i < s->cases.length
                                       ? pct_office_case_at(s, first + i)
                                       : some_case(s, from_ms, at_ms - hours(3));
        if (!c || c->ended_ms > at_ms) continue;
        pct_office_look(s, at_ms, chief, c, 1);
        if (pct_office_chance(s, 0.5)) pct_office_look(s, at_ms + 40000, chief, c, 0);
        if (pct_office_chance(s, 0.3)) pct_office_look(s, at_ms + 70000, chief, c, 2);
        at_ms += pct_office_between(s, 120000, 600000);
    }
}

static void answer_complaint(pct_town_office_state *s, int64_t day_ms, int32_t chief) {
    const pct_office_case *c = pct_office_other_case(s, day_ms, chief, 20);
    int sittings = pct_office_chance(s, 0.1) ? 4 : 2 + (int)pct_rng_below(&s->rng, 2);
    for (int i = 0; i < sittings && c; i++) {
        int64_t at_ms =
            day_ms + pct_office_between(s, 0, 5) * PCT_OFFICE_DAY_MS + pct_office_between(s, 0, hours(9));
        for (int which = 0; which < 3; which++) pct_office_look(s, at_ms + which * 60000, chief, c, which);
    }
}

static void study_place(pct_town_office_state *s, int64_t day_ms, int32_t chief) {
    const pct_office_case *c = pct_office_other_case(s, day_ms, chief, 10);
    int left = (int)pct_office_between(s, 4, 10);
    int64_t at_ms = day_ms + hours(2);
    for (size_t i = pct_office_case_from(s, day_ms); c && i-- > 0 && left > 0;) {
        const pct_office_case *other = pct_office_case_at(s, i);
        if (other->place != c->place) continue;
        pct_office_look(s, at_ms, chief, other, 1);
        at_ms += 180000, left--;
    }
}

/* Called at home because of something grave; reads, and often directs. */
static void call_at_night(pct_town_office_state *s, int64_t day_ms, int32_t chief) {
    int64_t at_ms = day_ms + pct_office_between(s, hours(14), hours(22));
    const pct_office_case *c = some_case(s, at_ms - hours(1), at_ms - 400000);
    if (!c || c->incident < 0) return;
    pct_office_look(s, at_ms, chief, c, 1);
    if (pct_office_chance(s, 0.3)) return;
    pct_office_look(s, at_ms + 120000, chief, c, 0);
    (void)pct_office_draft_add(s, PCT_EVENT_INCIDENT_CLASSIFIED,
                               at_ms + pct_office_between(s, 200000, 1500000), chief, c->incident);
}

void pct_office_habits(pct_town_office_state *s) {
    beside_cases(s);
    in_shifts(s);
    for (int32_t day = 1; day < s->days - 7 && !s->failed; day++) {
        int64_t day_ms = s->begin_ms + day * PCT_OFFICE_DAY_MS;
        for (int32_t i = 0; i < PCT_OFFICE_CHIEFS; i++) {
            int32_t chief = pct_office_chief(i);
            if (pct_office_chance(s, 0.04)) call_at_night(s, day_ms, chief);
            if (day % 7 > 4) continue;
            review(s, day_ms, chief);
            if (pct_office_chance(s, 0.3)) answer_complaint(s, day_ms, chief);
            if (pct_office_chance(s, 0.05)) study_place(s, day_ms, chief);
            if (!pct_office_chance(s, 0.06)) continue;
            int32_t unit = (int32_t)pct_rng_below(&s->rng, PCT_OFFICE_UNITS);
            pct_office_replay(s, day_ms + hours(3), chief, unit);
            if (pct_office_chance(s, 0.5)) pct_office_replay(s, day_ms + hours(27), chief, unit);
        }
    }
}

/* One look in two hundred: a number is mistyped, or the form still has the one of last week. */
void pct_office_slips(pct_town_office_state *s) {
    pct_office_draft *drafts = s->drafts.items;
    for (size_t i = 0; i < s->drafts.length && s->cases.length > 0; i++) {
        bool looks = drafts[i].type == PCT_EVENT_CALL_LOOKED || drafts[i].type == PCT_EVENT_INCIDENT_LOOKED ||
                     drafts[i].type == PCT_EVENT_ORDER_LOOKED;
        if (!looks || !pct_office_chance(s, 0.005)) continue;
        const pct_office_case *wrong =
            some_case(s, drafts[i].at_ms - 20 * PCT_OFFICE_DAY_MS, drafts[i].at_ms - hours(1));
        if (wrong) drafts[i].other = wrong->incident >= 0 ? wrong->incident : wrong->call;
    }
}
