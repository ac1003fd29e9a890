/* Every status of calls, incidents, orders and units, and every change between two of them that is legal: one table.
 *
 *   call      received ─► linked ─► served                order   sent ─► acknowledged ─► set_out ─► on_scene ─► reported ─► closed
 *                │           └────► referred                        └─────────┴───────────┴──► cancelled (on_scene too), diverted
 *                └► settled
 *   incident  waiting ◄─► dispatched ◄─► on_scene ─► handled ─► closed, referred   (handled ◄─► dispatched: another unit)
 *   unit      off_duty ◄─► at_station ◄─► available; either ─► dispatched ─► en_route ─► on_scene ─► available
 *
 * The statuses of incidents and units are derived from their orders, never typed in; the table still holds for them. */
#ifndef PCT_DISPATCH_STATUS_H
#define PCT_DISPATCH_STATUS_H

#include <stdbool.h>

#include "base/message.h"

/* X(NAME, "code", legal next statuses): N(NAME) names one of them. A call is waiting while received or linked. */
#define PCT_CALL_STATUSES(X, N)                                                                              \
    X(RECEIVED, "received", N(LINKED) | N(SETTLED))                                                          \
    X(LINKED, "linked", N(SERVED) | N(REFERRED))                                                             \
    X(SERVED, "served", 0)                                                                                   \
    X(REFERRED, "referred", 0)                                                                               \
    X(SETTLED, "settled", 0)

#define PCT_INCIDENT_STATUSES(X, N)                                                                          \
    X(WAITING, "waiting", N(DISPATCHED) | N(REFERRED) | N(CLOSED))                                           \
    X(DISPATCHED, "dispatched", N(WAITING) | N(ON_SCENE) | N(HANDLED))                                       \
    X(ON_SCENE, "on_scene", N(WAITING) | N(DISPATCHED) | N(HANDLED))                                         \
    X(HANDLED, "handled", N(DISPATCHED) | N(REFERRED) | N(CLOSED))                                           \
    X(REFERRED, "referred", 0)                                                                               \
    X(CLOSED, "closed", 0)

#define PCT_ORDER_STATUSES(X, N)                                                                             \
    X(SENT, "sent", N(ACKNOWLEDGED) | N(CANCELLED) | N(DIVERTED))                                            \
    X(ACKNOWLEDGED, "acknowledged", N(SET_OUT) | N(CANCELLED) | N(DIVERTED))                                 \
    X(SET_OUT, "set_out", N(ON_SCENE) | N(CANCELLED) | N(DIVERTED))                                          \
    X(ON_SCENE, "on_scene", N(REPORTED) | N(CANCELLED))                                                      \
    X(REPORTED, "reported", N(CLOSED))                                                                       \
    X(CLOSED, "closed", 0)                                                                                   \
    X(CANCELLED, "cancelled", 0)                                                                             \
    X(DIVERTED, "diverted", 0)

/* at_station and available (on the move, or returning) can be sent; a unit is available between an order that it was
 * diverted from and the next, which come in one decision. */
#define PCT_UNIT_STATUSES(X, N)                                                                              \
    X(OFF_DUTY, "off_duty", N(AT_STATION))                                                                   \
    X(AT_STATION, "at_station", N(OFF_DUTY) | N(AVAILABLE) | N(DISPATCHED) | N(UNAVAILABLE))                 \
    X(AVAILABLE, "available", N(OFF_DUTY) | N(AT_STATION) | N(DISPATCHED) | N(UNAVAILABLE))                  \
    X(DISPATCHED, "dispatched", N(EN_ROUTE) | N(AVAILABLE))                                                  \
    X(EN_ROUTE, "en_route", N(ON_SCENE) | N(AVAILABLE))                                                      \
    X(ON_SCENE, "on_scene", N(AVAILABLE))                                                                    \
    X(UNAVAILABLE, "unavailable", N(OFF_DUTY) | N(AVAILABLE))

/* A closure of roads: lifted by somebody, or lapsed at its end. */
#define PCT_CLOSURE_STATUSES(X, N)                                                                           \
    X(OPEN, "open", N(LIFTED) | N(LAPSED))                                                                   \
    X(LIFTED, "lifted", 0)                                                                                   \
    X(LAPSED, "lapsed", 0)

#define X(name, text, next) PCT_CALL_##name,
typedef enum pct_call_status { PCT_CALL_STATUSES(X, ) PCT_CALL_STATUS_COUNT } pct_call_status;
#undef X
#define X(name, text, next) PCT_INCIDENT_##name,
typedef enum pct_incident_status { PCT_INCIDENT_STATUSES(X, ) PCT_INCIDENT_STATUS_COUNT } pct_incident_status;
#undef X
#define X(name, text, next) PCT_ORDER_##name,
typedef enum pct_order_status { PCT_ORDER_STATUSES(X, ) PCT_ORDER_STATUS_COUNT } pct_order_status;
#undef X
#define X(name, text, next) PCT_UNIT_##name,
typedef enum pct_unit_status { PCT_UNIT_STATUSES(X, ) PCT_UNIT_STATUS_COUNT } pct_unit_status;
#undef X
#define X(name, text, next) PCT_CLOSURE_##name,
typedef enum pct_closure_status { PCT_CLOSURE_STATUSES(X, ) PCT_CLOSURE_STATUS_COUNT } pct_closure_status;
#undef X

const char *pct_call_status_code(pct_call_status status);
const char *pct_incident_status_code(pct_incident_status status);
const char *pct_order_status_code(pct_order_status status);
const char *pct_unit_status_code(pct_unit_status status);
const char *pct_closure_status_code(pct_closure_status status);

/* A status may always stay what it is. */
bool pct_call_status_may(pct_call_status from, pct_call_status to);
bool pct_incident_status_may(pct_incident_status from, pct_incident_status to);
bool pct_order_status_may(pct_order_status from, pct_order_status to);
bool pct_unit_status_may(pct_unit_status from, pct_unit_status to);

#endif
