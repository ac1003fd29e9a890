/* What a run of the operations model found out. Counts, and times in milliseconds. */
#ifndef PCT_SIM_REPORT_H
#define PCT_SIM_REPORT_H

#include "dispatch/codes.h"
#include "sim/statistics.h"
#include "sim/tours.h"

typedef struct pct_rejection {
    uint32_t call;     /* index in the calls */
    double distance_m; /* to the nearest usable road; negative: unknown */
} pct_rejection;

typedef struct pct_report {
    uint64_t calls;   /* = served + waiting + referred + rejected */
    uint64_t served;  /* a unit was on scene */
    uint64_t waiting; /* at the end, no unit had come */
    uint64_t referred, rejected;
    uint64_t diverted, reminders; /* orders; reminders given */
    uint64_t events;              /* of the kernel */
    uint64_t board_events;
    uint64_t digest, board_digest;                        /* of the transcript; of the board at the end */
    pct_summary response;                                 /* call received → first unit on scene, ms */
    pct_summary response_by_priority[PCT_PRIORITY_COUNT]; /* [priority − 1] */
    pct_summary queued;             /* call received → first order sent, or the end of the run, ms */
    double utilisation;             /* busy ÷ on duty, all units, from the end of warm-up to the last call */
    const double *unit_utilisation; /* [unit_count]; 0 for a unit that was not on duty */
    pct_tour_figures tours;         /* of rounds; zeroed without */
    int64_t began_ms, ended_ms;
} pct_report;

#endif
