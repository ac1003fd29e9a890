/* The units: what a crew does next follows from what the desk shows of it, so that it does not matter who did the step
 * before. A unit in a person's hands keeps its place and has no timer. */
#include "replay/state.h"

static const pct_unit_row *row_of(const pct_replay *r, uint32_t unit) {
    return &r->options.plan->units->rows[unit];
}

static int64_t later(int64_t a_ms, int64_t b_ms) {
    return a_ms > b_ms ? a_ms : b_ms;
}

static void drop_timer(pct_replay *r, pct_driven *u) {
    (void)pct_kernel_cancel(r->kernel, u->timer);
    u->timer = 0;
}

static pct_status set_step(pct_replay *r, uint32_t unit, pct_crew_step step, int64_t from_ms,
                           pct_error *error) {
    pct_driven *u = &r->units[unit];
    int64_t at_ms = from_ms + pct_crew_delay_ms(&u->crew, &r->world, step);
    drop_timer(r, u);
    return pct_replay_set_timer(r, at_ms, PCT_TIMER_STEP + step, unit, &u->timer, error);
}

static pct_road_point locate(const pct_replay *r, pct_position position, pct_road_point otherwise) {
    const pct_travel *travel = r->options.travel;
    pct_road_point point;
    double distance_m;
    bool found = travel->locate(travel->context, position, &point, &distance_m, NULL) == PCT_OK;
    return found ? point : otherwise;
}

/* --- rounds -------------------------------------------------------------------------------------------------- */

static bool has_tour(const pct_replay *r, uint32_t unit) {
    return r->options.tours && pct_tours_has(r->options.tours, unit);
}

/* Before it is brought to a stand, or stands elsewhere: what it did on its round is broken off. */
static void leave_tour(pct_replay *r, pct_driven *u, int64_t at_ms) {
    if (!u->on_tour) return;
    u->on_tour = false;
    pct_tours_leave(r->options.tours, (uint32_t)(u - r->units), at_ms);
}

static pct_status say_where(pct_replay *r, uint32_t unit, bool at_post, int64_t due_ms, pct_error *error) {
    const pct_travel *travel = r->options.travel;
    const pct_driven *u = &r->units[unit];
    pct_command command =
        pct_crew_command(PCT_CREW_HOME, u->id, (pct_order_id){0}, row_of(r, unit)->position);
    command.data.unit_positioned.at_station = at_post;
    if (!at_post)
        command.data.unit_positioned.position = travel->position(travel->context, u->crew.trip.from);
    const pct_said about = {.kind = PCT_SAID_WHERE, .index = unit, .due_ms = due_ms};
    return pct_replay_say(r, &about, PCT_LANE_DISPATCH, &command, error);
}

/* The next of its round from `at_ms` on, when it became free or the last was done. */
static pct_status go_on_tour(pct_replay *r, uint32_t unit, int64_t at_ms, pct_error *error) {
    pct_driven *u = &r->units[unit];
    pct_tour_next next;
    pct_status status = pct_tours_step(r->options.tours, unit, &u->crew.trip, at_ms, &next, error);
    u->on_tour = status == PCT_OK;
    if (!status && next.news != PCT_TOUR_NO_NEWS)
        status = say_where(r, unit, next.news == PCT_TOUR_AT_POST, at_ms, error);
    if (status || next.due_ms == INT64_MAX) return status;
    drop_timer(r, u);
    return pct_replay_set_timer(r, next.due_ms, PCT_TIMER_TOUR, unit, &u->timer, error);
}

/* --- orders -------------------------------------------------------------------------------------------------- */

static pct_crew_job job_of(pct_replay *r, const pct_driven *u, const pct_order *order,
                           const pct_snapshot *snapshot) {
    const pct_desk_incident *d = pct_snapshot_incident(snapshot, order->incident);
    const pct_followed *followed = pct_replay_followed(r, order->incident.seq);
    bool promised = u->promised.seq == order->incident.seq;
    pct_crew_job job = {.target = {PCT_NO_INDEX, 0},
                        .travel_ms = promised ? u->promised_ms : PCT_UNREACHABLE_MS,
                        .stream = UINT32_C(1) << 31 | (uint32_t)(order->incident.seq & INT32_MAX),
                        .attempt = 1,
                        .priority = PCT_PRIORITY_COUNT};
    if (followed) job.target = followed->point;
    if (followed && followed->call != PCT_NO_CALL) job.stream = followed->call;
    if (!d) return job;
    job.type = d->incident.type < pct_codes_type_count(r->options.codes) ? d->incident.type : 0;
    job.priority = d->incident.priority;
    job.attempt = d->incident.orders;
    return job;
}

/* The next step of an order that stands at `status` since `at_ms`. */
static pct_status go_on(pct_replay *r, uint32_t unit, pct_order_status status, int64_t at_ms,
                        pct_error *error) {
    pct_driven *u = &r->units[unit];
    at_ms = later(at_ms, u->not_before_ms);
    switch (status) {
    case PCT_ORDER_SENT: return set_step(r, unit, PCT_CREW_ACKNOWLEDGE, at_ms, error);
    case PCT_ORDER_ACKNOWLEDGED: return set_step(r, unit, PCT_CREW_SET_OUT, at_ms, error);
    case PCT_ORDER_SET_OUT:
        if (pct_crew_depart(&u->crew, &r->world, at_ms) != PCT_OK) break; /* a person has to say more */
        return set_step(r, unit, PCT_CREW_ARRIVE, at_ms, error);
    case PCT_ORDER_ON_SCENE: return set_step(r, unit, PCT_CREW_REPORT, at_ms, error);
    case PCT_ORDER_REPORTED: return set_step(r, unit, PCT_CREW_CLOSE, at_ms, error);
    default: break;
    }
    drop_timer(r, u);
    return PCT_OK;
}

static pct_status follow_order(pct_replay *r, uint32_t unit, const pct_order *order,
                               const pct_snapshot *snapshot, pct_error *error) {
    pct_driven *u = &r->units[unit];
    int64_t at_ms = order->at_ms[order->status];
    pct_status status = PCT_OK;
    drop_timer(r, u);
    u->idle_ms = 0;
    if (u->order.seq != order->id.seq) {
        int64_t sent_ms = later(order->at_ms[PCT_ORDER_SENT], u->not_before_ms);
        const pct_crew_job job = job_of(r, u, order, snapshot);
        leave_tour(r, u, sent_ms);
        status = pct_crew_halt(&u->crew, &r->world, sent_ms, error);
        pct_crew_take_order(&u->crew, &job);
    } else if (u->crew.job.target.segment != PCT_NO_INDEX && order->status >= PCT_ORDER_ON_SCENE) {
        pct_trip_stand(&u->crew.trip, u->crew.job.target);
    }
    u->order = order->id;
    u->order_status = order->status;
    u->claimed = false;
    u->promised.seq = 0;
    return status ? status : go_on(r, unit, (pct_order_status)order->status, at_ms, error);
}

/* When the order that it had came to its end. */
static int64_t ended_ms(const pct_replay *r, const pct_driven *u, const pct_snapshot *snapshot) {
    const pct_desk_order *d = pct_snapshot_order(snapshot, u->order);
    int64_t at_ms = d ? d->order.at_ms[d->order.status] : pct_replay_clock_now_ms(r->options.clock);
    return later(at_ms, u->not_before_ms);
}

/* --- free ---------------------------------------------------------------------------------------------------- */

static pct_status say_shift(pct_replay *r, uint32_t unit, const pct_command *command, int64_t due_ms,
                            pct_error *error) {
    const pct_said about = {.kind = PCT_SAID_SHIFT, .index = unit, .due_ms = due_ms};
    return pct_replay_say(r, &about, PCT_LANE_DISPATCH, command, error);
}

static pct_status sign_off(pct_replay *r, uint32_t unit, int64_t due_ms, pct_error *error) {
    const pct_command command = {.kind = PCT_COMMAND_SIGN_OFF, .object = {r->units[unit].id.seq, 'U'}};
    return say_shift(r, unit, &command, due_ms, error);
}

/* It has nothing to do since `at_ms`: to its station, or off duty. */
static pct_status be_free(pct_replay *r, uint32_t unit, int64_t at_ms, pct_error *error) {
    pct_driven *u = &r->units[unit];
    r->look = true;
    if (u->off_due) return sign_off(r, unit, at_ms, error);
    if (u->unit_status == PCT_UNIT_AVAILABLE || has_tour(r, unit)) u->idle_ms = at_ms;
    return PCT_OK;
}

pct_status pct_driven_go_home(pct_replay *r, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < r->unit_count && !status; i++) {
        pct_driven *u = &r->units[i];
        int64_t at_ms = u->idle_ms;
        if (at_ms == 0 || u->claimed) continue;
        u->idle_ms = 0;
        if (!u->by_hand && has_tour(r, i)) {
            status = go_on_tour(r, i, at_ms, error);
            continue;
        }
        if (u->by_hand || pct_crew_return(&u->crew, &r->world, u->station, at_ms) != PCT_OK) continue;
        status = set_step(r, i, PCT_CREW_HOME, at_ms, error);
    }
    return status;
}

static pct_status follow_free(pct_replay *r, uint32_t unit, const pct_unit *now, int64_t at_ms, bool was_off,
                              pct_error *error) {
    pct_driven *u = &r->units[unit];
    bool free = now->status == PCT_UNIT_AT_STATION || now->status == PCT_UNIT_AVAILABLE;
    if (u->on_tour && free && !was_off && !u->off_due) return PCT_OK; /* that is what it said itself */
    leave_tour(r, u, at_ms);
    drop_timer(r, u);
    u->idle_ms = 0;
    if (now->status == PCT_UNIT_OFF_DUTY) {
        pct_crew_stand(&u->crew, u->station);
        u->off_due = false;
        return PCT_OK;
    }
    if (was_off)
        pct_crew_stand(&u->crew, now->has_position ? locate(r, now->position, u->station) : u->station);
    if (now->status == PCT_UNIT_UNAVAILABLE) return pct_crew_halt(&u->crew, &r->world, at_ms, error);
    if (now->status == PCT_UNIT_AT_STATION) {
        pct_crew_stand(&u->crew, u->station);
        if (has_tour(r, unit)) pct_tours_stand(r->options.tours, unit);
    }
    return be_free(r, unit, at_ms, error);
}

/* --- following ----------------------------------------------------------------------------------------------- */

static pct_status leave_order(pct_replay *r, pct_driven *u, int64_t at_ms, pct_error *error) {
    bool on_scene = u->order_status == PCT_ORDER_ON_SCENE || u->order_status == PCT_ORDER_REPORTED;
    pct_status status = on_scene ? PCT_OK : pct_crew_halt(&u->crew, &r->world, at_ms, error);
    pct_crew_leave_order(&u->crew, on_scene);
    u->order.seq = 0;
    return status;
}

static pct_status place(pct_replay *r, pct_driven *u, const pct_unit *now) {
    u->placed = false;
    leave_tour(r, u, pct_replay_clock_now_ms(r->options.clock));
    pct_trip_stand(&u->crew.trip, locate(r, now->position, u->crew.trip.to));
    u->not_before_ms = later(u->not_before_ms, pct_replay_clock_now_ms(r->options.clock));
    u->order_status = PCT_ORDER_STATUS_COUNT; /* whatever it does begins anew from there */
    u->unit_status = PCT_UNIT_STATUS_COUNT;
    u->crew.job.travel_ms = PCT_UNREACHABLE_MS;
    return PCT_OK;
}

/* Under way to an incident, or held up on the way there because no road was left. */
static bool is_on_its_way(const pct_driven *u, int64_t now_ms) {
    return u->order_status == PCT_ORDER_SET_OUT && u->crew.job.target.segment != PCT_NO_INDEX &&
           (pct_trip_is_moving(&u->crew.trip, now_ms) || u->timer == 0);
}

static pct_status take_new_road(pct_replay *r, uint32_t unit, int64_t now_ms, pct_error *error) {
    pct_driven *u = &r->units[unit];
    const bool has_order = u->order.seq != 0;
    if (has_order ? !is_on_its_way(u, now_ms) : !pct_trip_is_moving(&u->crew.trip, now_ms)) return PCT_OK;
    leave_tour(r, u, now_ms);
    pct_status status = pct_crew_halt(&u->crew, &r->world, now_ms, error);
    if (status == PCT_UNREACHABLE) /* nobody has looked at its way yet, and there is none any more */
        pct_trip_stand(&u->crew.trip, u->crew.trip.from);
    else if (status)
        return status;
    u->crew.job.travel_ms = PCT_UNREACHABLE_MS;
    if (has_order) return go_on(r, unit, PCT_ORDER_SET_OUT, now_ms, error);
    drop_timer(r, u);
    u->idle_ms = now_ms; /* it sets out for home again in this step */
    return PCT_OK;
}

pct_status pct_driven_take_new_road(pct_replay *r, pct_error *error) {
    int64_t now_ms = pct_replay_clock_now_ms(r->options.clock);
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < r->unit_count && !status; i++)
        if (!r->units[i].by_hand) status = take_new_road(r, i, now_ms, error);
    return status;
}

pct_status pct_driven_follow(pct_replay *r, uint32_t unit, const pct_snapshot *snapshot, pct_error *error) {
    pct_driven *u = &r->units[unit];
    const pct_desk_unit *d = pct_snapshot_unit(snapshot, u->id);
    if (PCT_NEVER(!d)) return PCT_INTERNAL;
    const pct_unit *now = &d->unit;
    const pct_desk_order *o = now->order.seq ? pct_snapshot_order(snapshot, now->order) : NULL;
    pct_status status = PCT_OK;
    if (u->by_hand) return PCT_OK;
    if (u->placed && now->has_position) status = place(r, u, now);
    uint8_t was = u->unit_status;
    u->unit_status = now->status;
    if (status) return status;
    if (o) {
        bool same = u->order.seq == o->order.id.seq && u->order_status == o->order.status;
        return same ? PCT_OK : follow_order(r, unit, &o->order, snapshot, error);
    }
    int64_t at_ms = later(now->status_since_ms, u->not_before_ms);
    bool had_order = u->order.seq != 0;
    if (had_order) {
        at_ms = ended_ms(r, u, snapshot);
        status = leave_order(r, u, at_ms, error);
    }
    if (status || (!had_order && was == now->status)) return status;
    return follow_free(r, unit, now, at_ms, was == PCT_UNIT_OFF_DUTY, error);
}

/* --- timers -------------------------------------------------------------------------------------------------- */

static pct_status shift_on(pct_replay *r, uint32_t shift, int64_t due_ms, pct_error *error) {
    const pct_sim_shift *s = &r->options.plan->scenario.shifts[shift];
    pct_driven *u = &r->units[s->unit];
    u->shift = shift;
    u->off_due = false;
    pct_status status = pct_replay_set_timer(r, s->off_ms, PCT_TIMER_SHIFT_OFF, shift, NULL, error);
    if (status || u->by_hand || u->unit_status != PCT_UNIT_OFF_DUTY) return status;
    const pct_unit_row *row = row_of(r, s->unit);
    bool always = row->shift_start_min == 0 && row->shift_end_min == PCT_DAY_MINUTES;
    pct_command command = pct_crew_sign_on(row, u->id, s->off_ms);
    command.data.unit_signed_on.has_shift_end_at = !always;
    return say_shift(r, s->unit, &command, due_ms, error);
}

static pct_status shift_off(pct_replay *r, uint32_t shift, int64_t due_ms, pct_error *error) {
    uint32_t unit = r->options.plan->scenario.shifts[shift].unit;
    pct_driven *u = &r->units[unit];
    if (u->shift != shift || u->unit_status == PCT_UNIT_OFF_DUTY) return PCT_OK;
    u->off_due = true; /* a unit that has an order, or is in a person's hands, goes later */
    if (u->by_hand || u->claimed || u->order.seq != 0) return PCT_OK;
    return sign_off(r, unit, due_ms, error);
}

static pct_status take_step(pct_replay *r, uint32_t unit, pct_crew_step step, int64_t due_ms,
                            pct_error *error) {
    pct_driven *u = &r->units[unit];
    u->timer = 0;
    if (step == PCT_CREW_HOME) pct_crew_stand(&u->crew, u->station);
    const pct_command command = pct_crew_command(step, u->id, u->order, row_of(r, unit)->position);
    const pct_said about = {.kind = PCT_SAID_STEP, .index = unit, .step = step, .due_ms = due_ms};
    return pct_replay_say(r, &about, PCT_LANE_DISPATCH, &command, error);
}

pct_status pct_driven_timer(pct_replay *r, const pct_kernel_event *event, pct_error *error) {
    switch (event->kind) {
    case PCT_TIMER_SHIFT_ON: return shift_on(r, event->object, event->at_ms, error);
    case PCT_TIMER_SHIFT_OFF: return shift_off(r, event->object, event->at_ms, error);
    case PCT_TIMER_TOUR:
        r->units[event->object].timer = 0;
        return go_on_tour(r, event->object, event->at_ms, error);
    default:
        return take_step(r, event->object, (pct_crew_step)(event->kind - PCT_TIMER_STEP), event->at_ms,
                         error);
    }
}

/* --- hands --------------------------------------------------------------------------------------------------- */

static pct_status give_to_person(pct_replay *r, pct_driven *u, pct_error *error) {
    int64_t now_ms = pct_replay_clock_now_ms(r->options.clock);
    const pct_travel *travel = r->options.travel;
    drop_timer(r, u);
    leave_tour(r, u, now_ms);
    pct_status status = pct_crew_halt(&u->crew, &r->world, now_ms, error);
    if (status || u->unit_status == PCT_UNIT_OFF_DUTY) return status;
    const pct_fix last = {.unit = u->id,
                          .position = travel->position(travel->context, u->crew.trip.to),
                          .at_ms = now_ms,
                          .speed_cms = 0,
                          .heading_deg = -1};
    (void)!pct_desk_put_fix(r->options.desk, &last, NULL); /* an older one may be as good */
    return PCT_OK;
}

/* From where it was seen last. */
static pct_status take_from_person(pct_replay *r, uint32_t unit, pct_error *error) {
    pct_driven *u = &r->units[unit];
    const pct_snapshot *snapshot = pct_desk_snapshot(r->options.desk);
    const pct_desk_unit *d = pct_snapshot_unit(snapshot, u->id);
    pct_fix fix;
    bool seen = pct_desk_fix_of(r->options.desk, u->id, &fix);
    u->not_before_ms = pct_replay_clock_now_ms(r->options.clock);
    u->order_status = PCT_ORDER_STATUS_COUNT;
    u->unit_status = d && d->unit.status == PCT_UNIT_OFF_DUTY ? PCT_UNIT_OFF_DUTY : PCT_UNIT_STATUS_COUNT;
    u->crew.job.travel_ms = PCT_UNREACHABLE_MS;
    if (seen) pct_trip_stand(&u->crew.trip, locate(r, fix.position, u->crew.trip.to));
    pct_status status = pct_driven_follow(r, unit, snapshot, error);
    pct_snapshot_release(snapshot);
    return status;
}

pct_status pct_driven_hands(pct_replay *r, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < r->unit_count && !status; i++) {
        (void)pthread_mutex_lock(&r->lock);
        bool by_hand = r->by_hand[i];
        (void)pthread_mutex_unlock(&r->lock);
        if (by_hand == r->units[i].by_hand) continue;
        r->units[i].by_hand = by_hand;
        status = by_hand ? give_to_person(r, &r->units[i], error) : take_from_person(r, i, error);
        r->look = true;
    }
    return status;
}

/* --- positions ----------------------------------------------------------------------------------------------- */

static const int64_t glance_ms = 1000; /* over which speed and heading are taken */

static pct_status fix_of(pct_replay *r, pct_driven *u, int64_t now_ms, pct_fix *fix, pct_error *error) {
    const pct_travel *travel = r->options.travel;
    pct_road_point here, before;
    pct_status status = pct_trip_point(&u->crew.trip, travel, now_ms, &here, error);
    if (status) return status;
    *fix = (pct_fix){.unit = u->id,
                     .position = travel->position(travel->context, here),
                     .at_ms = now_ms,
                     .heading_deg = -1,
                     .simulated = true};
    if (!pct_trip_is_moving(&u->crew.trip, now_ms)) return PCT_OK;
    status = pct_trip_point(&u->crew.trip, travel, now_ms - glance_ms, &before, error);
    if (status) return status;
    pct_position from = travel->position(travel->context, before);
    double way_m = pct_geo_distance_m(from, fix->position);
    if (way_m < 0.1) return PCT_OK;
    fix->speed_cms = (int32_t)(way_m * 1e5 / (double)glance_ms);
    fix->heading_deg = (int32_t)pct_geo_bearing_deg(from, fix->position) % 360;
    return PCT_OK;
}

pct_status pct_driven_put_fixes(pct_replay *r, pct_error *error) {
    int64_t now_ms = pct_replay_clock_now_ms(r->options.clock);
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < r->unit_count && !status; i++) {
        pct_driven *u = &r->units[i];
        pct_fix fix;
        if (u->by_hand || u->unit_status == PCT_UNIT_OFF_DUTY || u->unit_status == PCT_UNIT_STATUS_COUNT)
            continue;
        status = fix_of(r, u, now_ms, &fix, error);
        if (!status)
            (void)!pct_desk_put_fix(r->options.desk, &fix, NULL); /* refused while the clock stands */
    }
    return status;
}
