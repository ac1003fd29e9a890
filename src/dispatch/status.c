#include "dispatch/status.h"

/* Per kind: names, and for each status the set of those that may follow it. */
#define NAME(name, text, next) text,
#define NEXT(name, text, next) next,

#define N(name) (1u << PCT_CALL_##name)
static const char *const call_names[] = {PCT_CALL_STATUSES(NAME, )};
static const unsigned call_next[] = {PCT_CALL_STATUSES(NEXT, N)};
#undef N
#define N(name) (1u << PCT_INCIDENT_##name)
static const char *const incident_names[] = {PCT_INCIDENT_STATUSES(NAME, )};
static const unsigned incident_next[] = {PCT_INCIDENT_STATUSES(NEXT, N)};
#undef N
#define N(name) (1u << PCT_ORDER_##name)
static const char *const order_names[] = {PCT_ORDER_STATUSES(NAME, )};
static const unsigned order_next[] = {PCT_ORDER_STATUSES(NEXT, N)};
#undef N
#define N(name) (1u << PCT_UNIT_##name)
static const char *const unit_names[] = {PCT_UNIT_STATUSES(NAME, )};
static const unsigned unit_next[] = {PCT_UNIT_STATUSES(NEXT, N)};
#undef N

static const char *const closure_names[] = {PCT_CLOSURE_STATUSES(NAME, )};

const char *pct_call_status_code(pct_call_status status) {
    return call_names[status];
}

const char *pct_incident_status_code(pct_incident_status status) {
    return incident_names[status];
}

const char *pct_order_status_code(pct_order_status status) {
    return order_names[status];
}

const char *pct_unit_status_code(pct_unit_status status) {
    return unit_names[status];
}

const char *pct_closure_status_code(pct_closure_status status) {
    return closure_names[status];
}

bool pct_call_status_may(pct_call_status from, pct_call_status to) {
    return from == to || (call_next[from] >> to & 1) != 0;
}

bool pct_incident_status_may(pct_incident_status from, pct_incident_status to) {
    return from == to || (incident_next[from] >> to & 1) != 0;
}

bool pct_order_status_may(pct_order_status from, pct_order_status to) {
    return from == to || (order_next[from] >> to & 1) != 0;
}

bool pct_unit_status_may(pct_unit_status from, pct_unit_status to) {
    return from == to || (unit_next[from] >> to & 1) != 0;
}
