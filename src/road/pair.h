/* Roads that change while they are asked: every road twice, one side for the readers, one for the writer (left-right).
 *
 *     readers  ──►  side 0 (shown)                 side 1 (hidden)  ◄──  writer: takes what has been logged
 *                        └──────────── exchange ────────────┘
 *     readers  ──►  side 1, the new ones; the old ones finish on side 0, which then takes the same from the log
 *
 * A reader arrives, asks, departs: some atomic instructions, no lock, and never a wait, whatever the writer or another reader
 * does. The writer waits before it writes: until the last reader has left the hidden side. So a reader that stays for long holds
 * up the second change after it came, and nobody else. Nothing is copied: a change goes into the log once and is taken by both
 * sides in turn.
 *
 *     pct_road_pair_want(pair, which, arc, ms, own_ms);       // writer: as often as needed; cheap
 *     while (!pct_road_pair_is_free(pair)) …                  // readers leave the hidden side
 *     pct_road_pair_catch_up(pair);                           // the hidden side takes the log: its basic metric is exact
 *     pct_road_pair_exchange(pair);                           // usable
 *
 *     unsigned side = pct_road_pair_arrive(pair);             // reader
 *     const pct_road *road = pct_road_pair_road(pair, side, which);
 *     pct_road_pair_depart(pair, side);
 *
 * Several roads of one network (profiles) are exchanged together. After pct_road_pair_new nothing that the writer does fails for want
 * of memory: without room for the log a side compares all its arcs. A side that differs in nothing from the open road shows the
 * open road itself, so that lifting the last closure gives back every bit. No threads of its own; whoever has one waits. */
#ifndef PCT_ROAD_PAIR_H
#define PCT_ROAD_PAIR_H

#include "road/road.h"

enum { PCT_ROAD_PAIR_MAX = 4 };

typedef struct pct_road_pair pct_road_pair;

/* Both sides are as the `count` open roads, which must outlive the pair. Two customizations for each. */
pct_status pct_road_pair_new(const pct_road *const *open, unsigned count, pct_road_pair **out,
                             pct_error *error) PCT_MUST_USE;
/* From now on the threads of `pool` help the writer where that pays (road/metric.h); the pool must outlive the pair. */
pct_status pct_road_pair_share(pct_road_pair *pair, pct_pool *pool, pct_error *error) PCT_MUST_USE;
/* Nobody may read any more; accepts NULL. */
void pct_road_pair_free(pct_road_pair *pair);

/* --- readers: any thread ------------------------------------------------------------------------------------------ */

/* The side that is shown; it stays as it is until the reader departs. */
unsigned pct_road_pair_arrive(pct_road_pair *pair);
void pct_road_pair_depart(pct_road_pair *pair, unsigned side);
const pct_road *pct_road_pair_road(const pct_road_pair *pair, unsigned side, unsigned which);

#ifdef PCT_TEST_BUILD
/* Called within pct_road_pair_arrive, so that a test has the writer act at the moments that matter: when a reader has seen which
 * side is shown, and when it has counted itself in there. */
typedef enum pct_road_pair_step { PCT_ROAD_PAIR_SEEN, PCT_ROAD_PAIR_COUNTED } pct_road_pair_step;
typedef void (*pct_road_pair_watcher)(void *context, pct_road_pair_step step);
void pct_road_pair_watch(pct_road_pair *pair, pct_road_pair_watcher watcher, void *context);
#endif

/* --- the writer: one thread --------------------------------------------------------------------------------------- */

/* Times of the open road, which are what nothing else is wanted (pct_road_pair_want). */
const pct_road *pct_road_pair_open(const pct_road_pair *pair, unsigned which);
/* What driving an arc of the network takes from now on: PCT_NO_WAY_MS when it is closed; `own_ms` for those who stand on it. The
 * last word counts. */
void pct_road_pair_want(pct_road_pair *pair, unsigned which, uint32_t arc, uint32_t ms, uint32_t own_ms);
/* What an arc takes when nothing is closed or slowed: as on the open road, or as of the last pct_road_pair_rebase. */
uint32_t pct_road_pair_base_ms(const pct_road_pair *pair, unsigned which, uint32_t arc);
/* From now on this is what driving takes when nothing is closed or slowed (base_ms [network arcs], copied), and all that was wanted is
 * forgotten: closures are wanted again. No time may be less than those of pct_road_pair_bound. O(arcs). */
void pct_road_pair_rebase(pct_road_pair *pair, unsigned which, const uint32_t *base_ms);
/* Before anybody reads: the least times (least_ms [network arcs], none above the open road's) and the greatest speed that there will
 * ever be. Needed when a base is faster than the open road anywhere. */
void pct_road_pair_bound(pct_road_pair *pair, unsigned which, const uint32_t *least_ms, double max_mps);
uint32_t pct_road_pair_wanted_ms(const pct_road_pair *pair, unsigned which, uint32_t arc);
uint32_t pct_road_pair_wanted_own_ms(const pct_road_pair *pair, unsigned which, uint32_t arc);

unsigned pct_road_pair_hidden(const pct_road_pair *pair);
/* Nobody is on the hidden side any more, and nobody comes: it may be written. */
bool pct_road_pair_is_free(const pct_road_pair *pair);
/* The hidden side lacks something of the log. */
bool pct_road_pair_is_behind(const pct_road_pair *pair);
/* The hidden side must be free. O(what the log holds): see pct_metric_update. */
void pct_road_pair_catch_up(pct_road_pair *pair);
/* The hidden side, free and caught up, gets its perfect metrics. PCT_MEMORY leaves them basic: exact, only slower to ask. */
pct_status pct_road_pair_perfect(pct_road_pair *pair, pct_error *error) PCT_MUST_USE;
/* All roads of that side can be asked at full speed: their metrics are perfect. */
bool pct_road_pair_is_perfect(const pct_road_pair *pair, unsigned side);
/* Shows the hidden side, which must be caught up. */
void pct_road_pair_exchange(pct_road_pair *pair);

#endif
