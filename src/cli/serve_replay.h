/* What `serve --replay` adds to a server, step by step beside what cmd_serve opens; nothing of it without the option.
 *
 *     read     site and codes open      files, plan, clock (it stands)
 *     desk     before the desk opens    puts the desk on the clock
 *     make     desk open                where to begin; before the desk is started
 *     begin    units enrolled           the replay's thread
 *     run      server ready             the clock goes
 *     stop     before the desk closes;  dispose after */
#ifndef PCT_CLI_SERVE_REPLAY_H
#define PCT_CLI_SERVE_REPLAY_H

#include "cli/command.h"
#include "replay/replay.h"
#include "resource/live_road.h"
#include "site/beats.h"

typedef struct pct_serve_replay {
    bool wanted;
    pct_mapped_file calls, mapping, units_file;
    pct_units units;
    pct_service_times *times;
    pct_replay_plan plan;
    pct_replay_clock clock;
    pct_router *router, *patrol_router;
    pct_travel_road on_road, on_patrol;
    pct_travel travel, patrol;
    pct_duty_plan duty_plan; /* what units drive between calls */
    bool has_duty_plan;
    pct_tours *tours;    /* NULL: they stand at their posts */
    pct_store *reader;   /* of the record */
    pct_live_road *live; /* closures too hold a simulated unit up */
    const pct_live_version *version;
    const pct_beats *beats; /* areas of calls; set before it begins */
    int64_t speed_milli;
    pct_replay *replay;
} pct_serve_replay;

pct_status pct_serve_replay_read(pct_cli *cli, const pct_site *site, const pct_codes *codes,
                                 pct_serve_replay *out, pct_error *error) PCT_MUST_USE;
void pct_serve_replay_desk(pct_serve_replay *s, pct_desk_options *options);
pct_status pct_serve_replay_make(pct_cli *cli, const pct_site *site, const pct_codes *codes, pct_desk *desk,
                                 pct_serve_replay *s, pct_error *error) PCT_MUST_USE;
pct_status pct_serve_replay_begin(pct_serve_replay *s, pct_live_road *live, pct_store *reader,
                                  pct_error *error) PCT_MUST_USE;
void pct_serve_replay_run(pct_serve_replay *s);
void pct_serve_replay_stop(pct_serve_replay *s);
void pct_serve_replay_dispose(pct_serve_replay *s); /* accepts a zeroed one */

#endif
