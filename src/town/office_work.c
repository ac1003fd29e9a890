/* Shifts and cases: crews sign on and off; calls come by the hour of the day, three times as many on a busy night; each is
 * taken, opened, sent to a crew and closed by whoever is on shift then. */
#include <math.h>

#include "town/office_state.h"

static const double second_ms = 1000.0;

static int32_t on_shift(pct_town_office_state *s, int64_t at_ms, int32_t from, int32_t count) {
    int32_t team = pct_office_team_of(pct_office_shift_at(s, at_ms));
    return pct_office_member(team, from + (int32_t)pct_rng_below(&s->rng, (uint32_t)count));
}

static int32_t a_dispatcher(pct_town_office_state *s, int64_t at_ms) {
    return on_shift(s, at_ms, PCT_OFFICE_TAKERS, PCT_OFFICE_DISPATCHERS);
}

static void sign_crews(pct_town_office_state *s, int32_t shift) {
    int64_t begin_ms = pct_office_shift_begin_ms(s, shift), end_ms = begin_ms + 12 * PCT_OFFICE_HOUR_MS;
    int32_t commander = pct_office_member(pct_office_team_of(shift), PCT_OFFICE_TEAM - 1);
    for (int32_t unit = 0; unit < PCT_OFFICE_UNITS; unit++) {
        int32_t crew = pct_office_crew(unit, shift % 2);
        int64_t on_ms = begin_ms + pct_office_between(s, 0, 600000);
        pct_office_draft *bound = pct_office_draft_add(s, PCT_EVENT_ACCOUNT_ASSIGNED, on_ms, commander, unit);
        bound->other = unit, bound->more = crew;
        (void)pct_office_draft_add(s, PCT_EVENT_UNIT_SIGNED_ON, on_ms + 1000, crew, unit);
        (void)pct_office_draft_add(s, PCT_EVENT_UNIT_SIGNED_OFF, end_ms - pct_office_between(s, 1000, 600000),
                                   crew, unit);
    }
}

static void send_crew(pct_town_office_state *s, pct_office_case *c) {
    int64_t sent_ms = c->opened_ms + pct_office_between(s, 30000, 240000);
    int32_t unit = (int32_t)pct_rng_below(&s->rng, PCT_OFFICE_UNITS);
    int32_t crew = pct_office_crew(unit, pct_office_shift_at(s, sent_ms) % 2);
    static const pct_event_type steps[] = {PCT_EVENT_ORDER_ACKNOWLEDGED, PCT_EVENT_ORDER_SET_OUT,
                                           PCT_EVENT_ORDER_ARRIVED, PCT_EVENT_ORDER_REPORTED};
    static const int64_t after_ms[] = {20000, 70000, 480000};
    c->order = pct_office_thing_new(s, 'O');
    pct_office_draft *order = pct_office_draft_add(s, PCT_EVENT_ORDER_SENT, sent_ms, c->dispatcher, c->order);
    order->other = c->incident, order->more = unit;
    for (int i = 0; i < 3; i++)
        (void)pct_office_draft_add(s, steps[i], sent_ms + after_ms[i], crew, c->order);
    (void)pct_office_draft_add(s, steps[3], c->ended_ms - 120000, crew, c->order);
    if (pct_office_chance(s, 0.5)) pct_office_look(s, sent_ms + 90000, crew, c, 2);
    if (pct_office_chance(s, 0.4)) pct_office_look(s, sent_ms + 100000, crew, c, 0);
}

static void open_case(pct_town_office_state *s, pct_office_case *c) {
    c->opened_ms = c->at_ms + pct_office_between(s, 40000, 160000);
    c->incident = pct_office_thing_new(s, 'I');
    pct_office_draft *opened =
        pct_office_draft_add(s, PCT_EVENT_INCIDENT_OPENED, c->opened_ms, c->taker, c->incident);
    opened->other = c->call, opened->place = c->place;
    c->dispatcher = a_dispatcher(s, c->opened_ms);
    c->ended_ms = c->opened_ms + (int64_t)(pct_rng_lognormal(&s->rng, 3000, 0.7) * second_ms) + 900000;
    if (pct_office_chance(s, 0.6))
        pct_office_look(s, c->opened_ms + pct_office_between(s, 3000, 60000), c->dispatcher, c, 0);
    send_crew(s, c);
    c->closer = c->dispatcher;
    if (pct_office_shift_at(s, c->ended_ms) != pct_office_shift_at(s, c->opened_ms))
        c->closer = a_dispatcher(s, c->ended_ms);
    if (pct_office_chance(s, 0.5)) pct_office_look(s, c->ended_ms - 60000, c->closer, c, 2);
    (void)pct_office_draft_add(s, PCT_EVENT_INCIDENT_CLOSED, c->ended_ms, c->closer, c->incident);
    if (pct_office_chance(s, 0.05)) {
        int32_t team = pct_office_team_of(pct_office_shift_at(s, c->opened_ms));
        int32_t commander = pct_office_member(team, PCT_OFFICE_TEAM - 1);
        pct_office_look(s, c->opened_ms + 300000, commander, c, 1);
        (void)pct_office_draft_add(s, PCT_EVENT_INCIDENT_CLASSIFIED, c->opened_ms + 360000, commander,
                                   c->incident);
    }
}

static void take_call(pct_town_office_state *s, int64_t at_ms) {
    pct_office_case *c = pct_vector_push(&s->cases);
    if (!c) {
        s->failed = true;
        return;
    }
    /* Few places call often, many seldom. */
    int32_t place = (int32_t)(PCT_OFFICE_PLACES * pow(pct_rng_unit(&s->rng), 2.0));
    int32_t taker = on_shift(s, at_ms, 0, PCT_OFFICE_TAKERS);
    *c = (pct_office_case){.at_ms = at_ms,
                           .ended_ms = at_ms + 120000,
                           .call = pct_office_thing_new(s, 'C'),
                           .incident = -1,
                           .order = -1,
                           .taker = taker,
                           .dispatcher = taker,
                           .closer = taker,
                           .place = place * 3};
    pct_office_draft_add(s, PCT_EVENT_CALL_RECEIVED, at_ms, taker, c->call)->place = c->place;
    if (pct_office_chance(s, 0.12))
        (void)pct_office_draft_add(s, PCT_EVENT_CALL_SETTLED, c->ended_ms, taker, c->call);
    else
        open_case(s, c);
}

void pct_office_work(pct_town_office_state *s) {
    for (int32_t unit = 0; unit < PCT_OFFICE_UNITS; unit++) {
        (void)pct_office_thing_new(s, 'U'); /* the first things: their numbers are those of the units */
        (void)pct_office_draft_add(s, PCT_EVENT_UNIT_ENROLLED, s->begin_ms - 1000, pct_office_chief(0), unit);
    }
    for (int32_t shift = 0; shift < s->days * 2; shift++) {
        bool busy = shift % 2 == 1 && pct_office_chance(s, 1.0 / 7.0);
        sign_crews(s, shift);
        for (int32_t hour = 0; hour < 12 && !s->failed; hour++) {
            int64_t begin_ms = pct_office_shift_begin_ms(s, shift) + hour * PCT_OFFICE_HOUR_MS;
            double of_day = (double)(8 + shift % 2 * 12 + hour);
            double share = (1.0 + 0.75 * cos((of_day - 20.0) * 2.0 * 3.14159265358979 / 24.0)) / 24.0;
            uint32_t calls = pct_rng_poisson(&s->rng, s->calls_a_day * share * (busy ? 3.0 : 1.0));
            int64_t step_ms = PCT_OFFICE_HOUR_MS / (calls + 1);
            for (uint32_t i = 0; i < calls; i++)
                take_call(s, begin_ms + i * step_ms + pct_office_between(s, 0, step_ms - 1));
        }
    }
}
