/* What all handlers share: one for each running server. Everything in it may be used by any thread as its own header
 * says; what belongs to one thread at a time has its lock here. */
#ifndef PCT_RESOURCE_SERVICE_H
#define PCT_RESOURCE_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "access/accounts.h"
#include "access/acts.h"
#include "access/devices.h"
#include "access/rights.h"
#include "desk/desk.h"
#include "desk/intake.h"
#include "desk/misuse.h"
#include "desk/watch.h"
#include "site/beats.h"
#include "track/track.h"

/* What became of a position report. All but the first two are answered as taken: a device sends a refused report again
 * and again, and everything behind it waits. The reason is counted. */
typedef enum pct_taken {
    PCT_TAKEN_STORED,
    PCT_TAKEN_UNKNOWN_DEVICE,
    PCT_TAKEN_NO_POSITION, /* a sign of life */
    PCT_TAKEN_OUT_OF_RANGE,
    PCT_TAKEN_FUTURE, /* beyond PCT_FUTURE_MAX_MS ahead of our wall clock */
    PCT_TAKEN_STALE,  /* not newer than what is known */
    PCT_TAKEN_OFF_DUTY,
    PCT_TAKEN_NO_UNIT, /* its unit is not enrolled */
    PCT_TAKEN_NO_FIX,  /* the device says itself that it does not know, or 0, 0 */
    PCT_TAKEN_COUNT
} pct_taken;
enum { PCT_FUTURE_MAX_MS = 120000 };

/* Connections that ended before an answer: the words of the security log. */
typedef enum pct_ended {
    PCT_ENDED_SLOW_REQUEST,
    PCT_ENDED_SLOW_READER,
    PCT_ENDED_MADE_ROOM,
    PCT_ENDED_NO_ROOM,
    PCT_ENDED_TOO_MANY,
    PCT_ENDED_QUOTA,
    PCT_ENDED_MALFORMED,
    PCT_ENDED_BROKEN_OFF,
    PCT_ENDED_TLS_REFUSED,
    PCT_ENDED_COUNT
} pct_ended;
extern const char *const pct_ended_names[PCT_ENDED_COUNT];

/* Counted by the server, shown by /metrics. */
typedef struct pct_service_counters {
    atomic_llong requests, refused, failed, streams, positions[PCT_TAKEN_COUNT];
    atomic_llong ended[PCT_ENDED_COUNT];
    atomic_llong tls_expires_s; /* Unix time; 0: no TLS of our own */
} pct_service_counters;

typedef struct pct_service {
    const pct_site *site;
    pct_accounts *accounts;
    struct pct_openid *openid; /* NULL: the site has no provider to sign in with */
    pct_rights *rights;        /* what accounts may do, by the record */
    pct_acts *acts;            /* asked for, approved, used; glass broken */
    pct_beats *beats;          /* the areas by which rights go */
    pct_devices *devices;
    pct_tracks *tracks; /* where units have been */
    pct_desk *desk;
    pct_intake *intake;              /* calls go through it; NULL: to the desk alone */
    struct pct_probe *probe;         /* NULL: nobody probes */
    pct_watch *watch;                /* of the log; NULL: nobody watches */
    struct pct_log_tiles *log_tiles; /* the log for others to read */
    pct_misuse *misuse;              /* of look-ups; NULL: its rules could not be read */
    struct pct_patrol_book *patrol;  /* duty plans, rounds, orders, the duty level */
    struct pct_advice *advice;
    struct pct_ways *ways;
    struct pct_live_road *live;    /* the road without what is closed */
    const struct pct_tiles *tiles; /* NULL: the site has no base map */
    pct_gazetteer_scratch *search; /* one request at a time; NULL: the site has no gazetteer */
    pthread_mutex_t searching;
    pct_store *reader; /* of the record, read only; one request at a time */
    pthread_mutex_t reading;
    const pct_codes *codes;
    struct pct_replay *replay; /* NULL: the server does not replay */
    int64_t (*wall_ms)(void);  /* of sessions and sign-in; the desk's is pct_service_now_ms */
    int64_t started_at_ms;     /* by the wall */
    pct_service_counters counters;
} pct_service;

/* What the desk's clock shows: the wall's time, or that of a replay. Any thread. */
int64_t pct_service_now_ms(const pct_service *service);

extern const char *const pct_taken_names[PCT_TAKEN_COUNT];
/* A report to its unit. now_ms: by the wall, as devices count. Any thread. */
struct pct_position_report;
pct_taken pct_resource_take_position(pct_service *service, const struct pct_position_report *report,
                                     int64_t now_ms);

#endif
