/* Which units, and why not the others. First each unit is passed over or becomes a candidate by what the board alone
 * knows; then one call asks the travel times of all candidates; then the policy weighs them; then a binary heap gives
 * the k best. O(units + k log units) besides the travel times; nothing is allocated. */
#include "dispatch/recommend.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define NOT_A_CANDIDATE UINT32_MAX
#define RANKED          (UINT32_MAX - 1)

struct pct_recommend_scratch {
    pct_candidate *candidates; /* those that suit */
    pct_road_point *sources;   /* where they are */
    uint32_t *times_ms;
    uint32_t *heap;  /* candidates by (cost, unit) */
    uint32_t *place; /* by unit: its candidate, NOT_A_CANDIDATE or RANKED */
};

/* What the incident needs. */
typedef struct need {
    const pct_codes *codes;
    const pct_incident *incident;
    pct_capability_set required, wanted;
    uint32_t wanted_count;
    uint16_t min_officers, min_strength;
} need;

const pct_policy *pct_policy_find(pct_text name) {
    for (size_t i = 0; i < pct_policy_count; i++)
        if (pct_text_equal(name, pct_policies[i]->name)) return pct_policies[i];
    return NULL;
}

pct_recommend_settings pct_recommend_settings_default(void) {
    return (pct_recommend_settings){.divert = true, .divert_cost_ms = 60000, .wanted_cost_ms = 120000};
}

void pct_recommendation_free(pct_recommendation *recommendation) {
    if (!recommendation) return;
    struct pct_recommend_scratch *scratch = recommendation->scratch;
    if (scratch) {
        pct_free(scratch->candidates), pct_free(scratch->sources), pct_free(scratch->times_ms);
        pct_free(scratch->heap), pct_free(scratch->place);
        pct_free(scratch);
    }
    pct_free(recommendation->ranked), pct_free(recommendation->passed);
    pct_free(recommendation);
}

pct_status pct_recommendation_new(size_t unit_capacity, pct_recommendation **out, pct_error *error) {
    size_t n = unit_capacity ? unit_capacity : 1;
    *out = NULL;
    pct_recommendation *r = pct_alloc_zeroed(1, sizeof *r);
    struct pct_recommend_scratch *scratch = r ? r->scratch = pct_alloc_zeroed(1, sizeof *scratch) : NULL;
    if (scratch) {
        r->unit_capacity = unit_capacity;
        r->ranked = pct_alloc(n, sizeof *r->ranked);
        r->passed = pct_alloc(n, sizeof *r->passed);
        scratch->candidates = pct_alloc(n, sizeof *scratch->candidates);
        scratch->sources = pct_alloc(n, sizeof *scratch->sources);
        scratch->times_ms = pct_alloc(n, sizeof *scratch->times_ms);
        scratch->heap = pct_alloc(n, sizeof *scratch->heap);
        scratch->place = pct_alloc(n, sizeof *scratch->place);
    }
    if (!scratch || !r->ranked || !r->passed || !scratch->candidates || !scratch->sources ||
        !scratch->times_ms || !scratch->heap || !scratch->place) {
        pct_recommendation_free(r);
        return pct_error_memory(error, n * 3 * sizeof *r->ranked);
    }
    *out = r;
    return PCT_OK;
}

/* --- suitability ------------------------------------------------------------------------------------------------ */

static void add_param(pct_reason *reason, pct_reason_param param) {
    reason->params[reason->param_count++] = param;
}

static void reason_0(pct_reason *reason, pct_message message) {
    reason->message = message;
    reason->param_count = 0;
}

static void reason_1(pct_reason *reason, pct_message message, pct_reason_param a) {
    reason_0(reason, message);
    add_param(reason, a);
}

static void reason_2(pct_reason *reason, pct_message message, pct_reason_param a, pct_reason_param b) {
    reason_1(reason, message, a);
    add_param(reason, b);
}

static need need_of(const pct_board *board, const pct_incident *incident) {
    const pct_codes *codes = pct_board_codes(board);
    uint32_t type = incident->found_type == PCT_NO_CODE ? incident->type : incident->found_type;
    const pct_incident_type *row = pct_codes_type_at(codes, type);
    need n = {.codes = codes, .incident = incident, .min_officers = 1, .min_strength = 1};
    if (!row) return n;
    n.required = row->required;
    n.wanted = row->wanted;
    n.wanted_count = (uint32_t)__builtin_popcountll(row->wanted);
    if (row->min_officers > n.min_officers) n.min_officers = row->min_officers;
    if (row->min_strength > n.min_strength) n.min_strength = row->min_strength;
    return n;
}

/* A unit with an order: may it be taken off it? If not, the reason is filled in. */
static bool may_divert(const pct_recommend_request *request, const need *n, const pct_unit *unit,
                       pct_candidate *c) {
    const pct_order *order = pct_board_order(request->board, unit->order);
    const pct_incident *other = order ? pct_board_incident(request->board, order->incident) : NULL;
    if (PCT_NEVER(!other)) return false;
    pct_reason_param id = pct_reason_integer(other->id.seq);
    if (other->id.seq == n->incident->id.seq)
        reason_1(&c->reason, PCT_MSG_PASSED_ASSIGNED, pct_reason_integer(order->id.seq));
    else if (!pct_order_status_may(order->status, PCT_ORDER_DIVERTED))
        reason_1(&c->reason, PCT_MSG_PASSED_ON_SCENE, id);
    else if (other->priority <= n->incident->priority)
        reason_2(&c->reason, PCT_MSG_PASSED_AS_URGENT, id, pct_reason_integer(other->priority));
    else if (!request->settings.divert)
        reason_1(&c->reason, PCT_MSG_PASSED_NO_DIVERT, id);
    else {
        c->divert = order->id;
        return true;
    }
    return false;
}

static const pct_message unavailable_phrases[PCT_UNAVAILABLE_REASON_COUNT] = {
    [PCT_UNAVAILABLE_REASON_NONE] = PCT_MSG_UNAVAILABLE_NONE,
    [PCT_UNAVAILABLE_REASON_REFUELLING] = PCT_MSG_UNAVAILABLE_REFUELLING,
    [PCT_UNAVAILABLE_REASON_MEAL] = PCT_MSG_UNAVAILABLE_MEAL,
    [PCT_UNAVAILABLE_REASON_PAPERWORK] = PCT_MSG_UNAVAILABLE_PAPERWORK,
    [PCT_UNAVAILABLE_REASON_VEHICLE_FAULT] = PCT_MSG_UNAVAILABLE_VEHICLE_FAULT,
    [PCT_UNAVAILABLE_REASON_TRAINING] = PCT_MSG_UNAVAILABLE_TRAINING,
    [PCT_UNAVAILABLE_REASON_ESCORT] = PCT_MSG_UNAVAILABLE_ESCORT};

static bool can_be_sent(const pct_recommend_request *request, const need *n, const pct_unit *unit,
                        pct_candidate *c) {
    switch ((pct_unit_status)unit->status) {
    case PCT_UNIT_OFF_DUTY: reason_0(&c->reason, PCT_MSG_PASSED_OFF_DUTY); return false;
    case PCT_UNIT_UNAVAILABLE:
        reason_1(&c->reason, PCT_MSG_PASSED_UNAVAILABLE,
                 pct_reason_phrase(unavailable_phrases[unit->unavailable_reason]));
        return false;
    case PCT_UNIT_AT_STATION:
    case PCT_UNIT_AVAILABLE: return true;
    default: return may_divert(request, n, unit, c);
    }
}

static bool is_able(const need *n, const pct_unit *unit, pct_candidate *c) {
    pct_capability_set missing = n->required & ~unit->capabilities;
    uint32_t strength = (uint32_t)unit->officers + unit->auxiliaries;
    if (missing) {
        const pct_code *lacks = pct_codes_capability_at(n->codes, (uint32_t)__builtin_ctzll(missing));
        reason_1(&c->reason, PCT_MSG_PASSED_CAPABILITY, pct_reason_code(lacks));
    } else if (unit->officers == 0) {
        reason_1(&c->reason, PCT_MSG_PASSED_NO_OFFICER, pct_reason_integer(unit->auxiliaries));
    } else if (unit->officers < n->min_officers) {
        reason_2(&c->reason, PCT_MSG_PASSED_OFFICERS, pct_reason_integer(n->min_officers),
                 pct_reason_integer(unit->officers));
    } else if (strength < n->min_strength) {
        reason_2(&c->reason, PCT_MSG_PASSED_STRENGTH, pct_reason_integer(n->min_strength),
                 pct_reason_integer(strength));
    } else {
        return true;
    }
    return false;
}

static bool is_suitable(const pct_recommend_request *request, const need *n, const pct_unit *unit,
                        pct_candidate *c) {
    if (!can_be_sent(request, n, unit, c) || !is_able(n, unit, c)) return false;
    if (request->unit_points[unit->index].segment != PCT_NO_INDEX) return true;
    reason_0(&c->reason, PCT_MSG_PASSED_NO_POSITION);
    return false;
}

/* --- reasons that need the travel time -------------------------------------------------------------------------- */

static int64_t seconds(uint64_t ms) {
    return (int64_t)((ms + 500) / 1000);
}

/* {travel}, for a divert {incident, priority}, and where the type wants capabilities {has, wanted}. */
static void explain_ranked(const pct_recommend_request *request, const need *n, pct_candidate *c) {
    enum { STATION, MOVING, DIVERT };
    static const pct_message messages[][2] = {
        [STATION] = {PCT_MSG_RANKED_AT_STATION, PCT_MSG_RANKED_AT_STATION_WANTED},
        [MOVING] = {PCT_MSG_RANKED_ON_THE_MOVE, PCT_MSG_RANKED_ON_THE_MOVE_WANTED},
        [DIVERT] = {PCT_MSG_RANKED_DIVERT, PCT_MSG_RANKED_DIVERT_WANTED}};
    const pct_unit *unit = pct_board_unit_at(request->board, c->unit_index);
    int kind = c->divert.seq ? DIVERT : unit->status == PCT_UNIT_AT_STATION ? STATION : MOVING;
    reason_1(&c->reason, messages[kind][n->wanted_count > 0], pct_reason_integer(seconds(c->travel_ms)));
    if (kind == DIVERT) {
        const pct_order *order = pct_board_order(request->board, c->divert);
        add_param(&c->reason, pct_reason_integer(order->incident.seq));
        if (n->wanted_count == 0)
            add_param(&c->reason,
                      pct_reason_integer(pct_board_incident(request->board, order->incident)->priority));
    }
    if (n->wanted_count > 0) {
        add_param(&c->reason, pct_reason_integer(n->wanted_count - c->missing_wanted));
        add_param(&c->reason, pct_reason_integer(n->wanted_count));
    }
}

/* --- the k best ------------------------------------------------------------------------------------------------- */

static bool before(const pct_candidate *a, const pct_candidate *b) {
    return a->cost_ms != b->cost_ms ? a->cost_ms < b->cost_ms : a->unit.seq < b->unit.seq;
}

static void sink(const struct pct_recommend_scratch *s, uint32_t at, uint32_t length) {
    uint32_t *heap = s->heap, item = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < length; at = child) {
        if (child + 1 < length && before(&s->candidates[heap[child + 1]], &s->candidates[heap[child]]))
            child++;
        if (!before(&s->candidates[heap[child]], &s->candidates[item])) break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* Moves the best to ranked; what is left in the heap keeps its place among the candidates. */
static void take_best(const pct_policy *policy, const pct_recommend_request *request, const need *n,
                      uint32_t count, pct_recommendation *out) {
    struct pct_recommend_scratch *s = out->scratch;
    uint32_t length = 0;
    for (uint32_t i = 0; i < count; i++)
        if (s->candidates[i].travel_ms != PCT_UNREACHABLE_MS) s->heap[length++] = i;
    for (uint32_t i = length / 2; i-- > 0;) sink(s, i, length);
    while (length > 0 && out->ranked_count < request->wanted_count) {
        pct_candidate *best = &s->candidates[s->heap[0]];
        explain_ranked(request, n, best);
        if (policy->explain_ranked) policy->explain_ranked(request, s->candidates, count, best);
        out->ranked[out->ranked_count++] = *best;
        s->place[best->unit_index] = RANKED;
        s->heap[0] = s->heap[--length];
        if (length > 0) sink(s, 0, length);
    }
}

static void explain_left(const pct_policy *policy, const pct_recommend_request *request,
                         const pct_recommendation *out, pct_candidate *c) {
    if (c->travel_ms == PCT_UNREACHABLE_MS) {
        reason_0(&c->reason, PCT_MSG_PASSED_UNREACHABLE);
        return;
    }
    const pct_candidate *last = out->ranked_count ? &out->ranked[out->ranked_count - 1] : c;
    reason_2(&c->reason, PCT_MSG_PASSED_SLOWER, pct_reason_integer(seconds(c->cost_ms - last->cost_ms)),
             pct_reason_integer(seconds(c->travel_ms)));
    if (policy->explain_passed) policy->explain_passed(request, last, c);
}

/* Units that do not suit go to passed at once, with gaps for the candidates: their places are filled at the end. */
static uint32_t sort_out(const pct_recommend_request *request, const need *n, pct_recommendation *out) {
    struct pct_recommend_scratch *s = out->scratch;
    uint32_t count = 0, unit_count = pct_board_unit_count(request->board);
    for (uint32_t i = 0; i < unit_count; i++) {
        const pct_unit *unit = pct_board_unit_at(request->board, i);
        pct_candidate *c = &s->candidates[count];
        c->unit = unit->id, c->unit_index = i;
        c->travel_ms = PCT_UNREACHABLE_MS, c->cost_ms = 0;
        c->divert.seq = 0;
        c->missing_wanted = (uint32_t)__builtin_popcountll(n->wanted & ~unit->capabilities);
        c->reason.message = PCT_MSG_NONE, c->reason.param_count = 0;
        if (is_suitable(request, n, unit, c)) {
            s->sources[count] = request->unit_points[i];
            s->place[i] = count++;
        } else {
            c->divert.seq = 0;
            s->place[i] = NOT_A_CANDIDATE;
            out->passed[i] = *c;
        }
    }
    return count;
}

pct_status pct_recommend(const pct_policy *policy, const pct_recommend_request *request,
                         pct_recommendation *out, pct_error *error) {
    const pct_incident *incident = pct_board_incident(request->board, request->incident);
    uint32_t unit_count = pct_board_unit_count(request->board);
    out->ranked_count = out->passed_count = 0;
    if (!incident)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_INCIDENT, pct_int(request->incident.seq));
    if (unit_count > out->unit_capacity)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_RECOMMENDED_UNITS),
                        pct_int((int64_t)out->unit_capacity));
    if (request->cover && unit_count > pct_cover_unit_capacity(request->cover))
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_COVER_UNITS_MAX, pct_int(unit_count),
                        pct_int((int64_t)pct_cover_unit_capacity(request->cover)));
    struct pct_recommend_scratch *s = out->scratch;
    need n = need_of(request->board, incident);
    uint32_t count = sort_out(request, &n, out);
    if (count > 0)
        request->travel.to(request->travel.context, request->target, s->sources, count, s->times_ms);
    for (uint32_t i = 0; i < count; i++) s->candidates[i].travel_ms = s->times_ms[i];
    policy->weigh(request, s->candidates, count);
    take_best(policy, request, &n, count, out);
    for (uint32_t i = 0; i < unit_count; i++) {
        if (s->place[i] == RANKED) continue;
        pct_candidate *from = s->place[i] == NOT_A_CANDIDATE ? &out->passed[i] : &s->candidates[s->place[i]];
        if (s->place[i] != NOT_A_CANDIDATE) explain_left(policy, request, out, from);
        if (&out->passed[out->passed_count] != from) out->passed[out->passed_count] = *from;
        out->passed_count++;
    }
    return PCT_OK;
}
