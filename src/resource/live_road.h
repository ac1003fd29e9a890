/* The road as it is now: the site's, without what is closed, and slow where it is slowed. Closures come and go under the running desk, and
 * nobody who asks
 * for a way waits for it:
 *
 *   desk ─► snapshot ─► thread: which closures are open? ─► their roads from the record ─► log ─► hidden side ─► exchange
 *                                                                                                                  │
 *   readers: hold ──► the side that is shown, which stays as it is ──► release                          ◄──────────┘
 *
 * Two sides (road/pair.h): holding and releasing take no lock and never wait. A change is usable after it has gone into the hidden
 * side's basic metric, some microseconds to milliseconds after the thread has seen it; it sees it at once after
 * pct_live_road_poke, else within PCT_LIVE_ROAD_LOOK_MS. When nothing has changed for so long, the perfect metric follows in the
 * same way. Who holds a version for long holds up the second change from then on, and no reader.
 *
 * With learnt speeds both profiles have the times of the band that the desk's clock is in: when the band changes, all arcs that differ
 * go through the same log, and closures are laid over them again. Roads of other bands are made when they are asked for (resource/band_roads.h).
 *
 * Roads are named in the record by way and nodes, never by numbers of an index, and are resolved again at every start; one that
 * the map has lost is counted in `missing`. Memory: two metrics beside the open
 * road's, and two beside patrol's: both profiles are exchanged together, so that a version is one of both. */
#ifndef PCT_RESOURCE_LIVE_ROAD_H
#define PCT_RESOURCE_LIVE_ROAD_H

#include "desk/desk.h"
#include "road/closed.h"
#include "site/bands.h"

enum { PCT_LIVE_ROAD_LOOK_MS = 200, PCT_CLOSURE_SEGMENTS_MAX = 5000, PCT_CLOSURE_ROADS_MAX = 200 };

typedef struct pct_live_road pct_live_road;

/* What one closure closes or slows. */
typedef struct pct_live_closure {
    pct_closure_id id;
    uint8_t speed_kmh;                  /* 0: closed */
    const pct_closed_segment *segments; /* [count] */
    size_t count, missing;
} pct_live_closure;

typedef struct pct_live_version {
    const pct_road *road;
    const pct_road *patrol; /* NULL: the site has none */
    const pct_band
        *bands[PCT_PROFILE_COUNT];    /* whose learnt speeds each has; NULL: those of the site's table */
    const pct_live_closure *closures; /* [closure_count], in order of id */
    size_t closure_count;
    int64_t number;        /* counts up with each change of the closures or the band */
    int64_t closed_number; /* with each change of the closures */
} pct_live_version;

/* Where the present band comes from: the site's learnt speeds and the desk's clock. All is borrowed. */
typedef struct pct_live_bands {
    const pct_site_bands *site;
    const pct_zone *zone;
    int64_t (*now_ms)(void *context); /* UTC; in a replay the replay's */
    void *context;
} pct_live_bands;

/* Applies the closures that are open before it returns, over the times of the present band (`bands` NULL: of no band); the desk must be
 * open. `open`, `patrol` (the road of profile
 * patrol beside it, NULL: none) and `desk` are borrowed; the folder is
 * the site's, whose record is read. */
pct_status pct_live_road_new(const pct_road *open, const pct_road *patrol, const pct_live_bands *bands,
                             pct_desk *desk, const char *folder, pct_live_road **out,
                             pct_error *error) PCT_MUST_USE;
/* Nobody may hold a version any more. */
void pct_live_road_free(pct_live_road *live);

/* Any thread. Never NULL; give each back. */
const pct_live_version *pct_live_road_hold(pct_live_road *live);
void pct_live_road_release(pct_live_road *live, const pct_live_version *version);
/* The closures have changed: look now. Any thread. */
void pct_live_road_poke(pct_live_road *live);
/* The roads without closures; NULL for patrol when the site has none. */
const pct_road *pct_live_road_open(const pct_live_road *live);
const pct_road *pct_live_road_open_patrol(const pct_live_road *live);
/* NULL: nothing has been learnt here. */
const pct_live_bands *pct_live_road_bands(const pct_live_road *live);

#endif
