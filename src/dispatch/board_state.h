/* Inside the board: shared by its files, and by nobody else. */
#ifndef PCT_DISPATCH_BOARD_STATE_H
#define PCT_DISPATCH_BOARD_STATE_H

#include "base/map.h"
#include "base/vector.h"
#include "dispatch/board.h"

/* Records that come and go: freed ones have seq 0 and are chained, so that their places are used again. Every record
 * begins with its id. */
typedef struct pct_slab {
    pct_vector items;
    uint32_t first_free; /* PCT_NO_SLOT: none */
} pct_slab;
#define PCT_NO_SLOT UINT32_MAX

typedef enum pct_slab_kind {
    PCT_SLAB_CALLS,
    PCT_SLAB_INCIDENTS,
    PCT_SLAB_ORDERS,
    PCT_SLAB_UNITS,
    PCT_SLAB_CLOSURES,
    PCT_SLAB_COUNT
} pct_slab_kind;

/* The queue of deadlines: a binary heap of slots of orders by (deadline_ms, id); each order knows its place in it. */
typedef struct pct_deadline_queue {
    uint32_t *slots;
    uint32_t length, capacity;
} pct_deadline_queue;

struct pct_board {
    const pct_codes *codes;
    pct_board_settings settings;
    int64_t seq;
    pct_names types, unit_names, stations, authors; /* authors: of closures */
    pct_names areas;                                /* of calls and incidents; number 0 is "": not known */
    pct_map
        unit_by_name; /* number of a name → index of the unit; believed only when that unit has the name */
    pct_map objects;  /* seq of an id → kind << 28 | slot */
    pct_slab slabs[PCT_SLAB_COUNT];
    pct_deadline_queue deadlines;
    struct {
        pct_incident_id first, last;
    } waiting[PCT_PRIORITY_COUNT + 1]; /* by priority, in order of id */
    pct_closure_id first_closure;      /* open, the one that ends first */
    pct_board_counts counts;
};

/* NULL when the board does not have it. */
pct_call *pct_board_find_call(const pct_board *board, int64_t seq);
pct_incident *pct_board_find_incident(const pct_board *board, int64_t seq);
pct_order *pct_board_find_order(const pct_board *board, int64_t seq);
pct_unit *pct_board_find_unit(const pct_board *board, int64_t seq);
pct_closure *pct_board_find_closure(const pct_board *board, int64_t seq);

/* A zeroed record under the id; NULL without memory or beyond the maximum, and then nothing has changed. */
void *pct_board_add(pct_board *board, pct_slab_kind kind, int64_t seq) PCT_MUST_USE;
void pct_board_drop(pct_board *board, pct_slab_kind kind, int64_t seq);

/* A record as a row of numbers: all that makes it what it is, but for texts. Digested, and saved, as they are. */
enum { PCT_BOARD_NUMBERS_MAX = 32 };
size_t pct_board_call_numbers(const pct_call *call, int64_t out[PCT_BOARD_NUMBERS_MAX]);
size_t pct_board_incident_numbers(const pct_incident *incident, int64_t out[PCT_BOARD_NUMBERS_MAX]);
size_t pct_board_order_numbers(const pct_order *order, int64_t out[PCT_BOARD_NUMBERS_MAX]);
size_t pct_board_unit_numbers(const pct_unit *unit, int64_t out[PCT_BOARD_NUMBERS_MAX]);
size_t pct_board_closure_numbers(const pct_closure *closure, int64_t out[PCT_BOARD_NUMBERS_MAX]);

/* What an order's step means for its incident and its unit: both are derived from orders alone. */
typedef struct pct_order_step {
    uint32_t open_orders, on_scene_orders, closed_orders; /* of the incident, afterwards */
    pct_incident_status incident;
    pct_unit_status unit;
} pct_order_step;
bool pct_order_status_is_open(pct_order_status status);
/* `from` PCT_ORDER_STATUS_COUNT: the order is new. */
pct_order_step pct_order_step_of(const pct_incident *incident, pct_order_status from, pct_order_status to);

/* Deadlines. Reserve makes room for all open orders; update puts the order where its clock says and never fails. */
pct_status pct_deadlines_reserve(pct_board *board, uint32_t open_orders) PCT_MUST_USE;
void pct_deadlines_update(pct_board *board, pct_order *order);
/* The clock that runs in a status; PCT_ORDER_CLOCK_NONE when none does. */
pct_order_clock pct_deadlines_clock(pct_order_status status);

/* Closures: the checks of their commands, and their events. */
pct_status pct_closures_may_order(const pct_board *board, const pct_event_closure_ordered *closure,
                                  int64_t now_ms, pct_error *error) PCT_MUST_USE;
pct_status pct_closures_may_end(const pct_board *board, int64_t seq, pct_closure_status to, int64_t now_ms,
                                pct_error *error) PCT_MUST_USE;
pct_status pct_closures_ordered(pct_board *board, const pct_event *event) PCT_MUST_USE;
pct_status pct_closures_lifted(pct_board *board, const pct_event *event) PCT_MUST_USE;
pct_status pct_closures_lapsed(pct_board *board, const pct_event *event) PCT_MUST_USE;
uint64_t pct_closures_digest(const pct_closure *closure);

#endif
