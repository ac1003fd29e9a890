/* Inside the tracks: shared by their files, and by nobody else.
 *
 * Two locks, never both: `gate` for the queue and the counters; `reading` for the reader's connection. The writer's
 * connection belongs to whoever steps. */
#ifndef PCT_TRACK_STATE_H
#define PCT_TRACK_STATE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "base/vector.h"
#include "clock/time.h"
#include "site/file.h"
#include "track/track.h"

typedef enum pct_track_statement {
    PCT_TRACK_BEGIN,
    PCT_TRACK_COMMIT,
    PCT_TRACK_ADD,
    PCT_TRACK_NEXT_UNIT, /* one for each class from here on, up to DELETE */
    PCT_TRACK_NEXT_UNIT_THINNED,
    PCT_TRACK_OLD,
    PCT_TRACK_OLD_THINNED,
    PCT_TRACK_DELETE,
    PCT_TRACK_DELETE_THINNED,
    PCT_TRACK_THIN,
    PCT_TRACK_PASSED,
    PCT_TRACK_DESTROYED,
    PCT_TRACK_FORGET,
    PCT_TRACK_STATEMENTS
} pct_track_statement;

struct pct_tracks {
    pct_tracks_options options;
    char path[PCT_PATH_MAX];

    /* the writer's */
    sqlite3 *db; /* NULL: not open */
    sqlite3_stmt *statements[PCT_TRACK_STATEMENTS];
    pct_vector group; /* of pct_track_point: what is being written; stays until it is committed */
    int pages;        /* of the log, since the last checkpoint */
    int64_t next_checkpoint_ms;
    struct {
        int64_t next_ms, unit, cut_ms[PCT_TRACKS_CLASSES]; /* cut_ms: of the round that goes on */
        int class;
        bool going;
    } round;
    bool foreign; /* the file is not ours to write */

    pthread_mutex_t gate;
    pthread_cond_t work;
    pthread_t thread;
    bool started, stopping;
    pct_vector queue;
    int64_t writing; /* points of the group that is not committed yet */
    pct_tracks_counters counters;
    int64_t whole_ms[PCT_TRACKS_CLASSES]; /* what is older is destroyed: the last whole round's cut */
    int64_t told_day[PCT_TRACKS_CLASSES];

    pthread_mutex_t reading;
    sqlite3 *reader;     /* NULL: not open */
    atomic_bool damaged; /* found by a reader */
};

/* database.c: the writer's connection. */
pct_status pct_tracks_connect(pct_tracks *tracks, pct_error *error) PCT_MUST_USE;
void pct_tracks_disconnect(pct_tracks *tracks);
/* The file and all in it are thrown away. */
void pct_tracks_discard(pct_tracks *tracks);
/* What a result code of SQLite means; PCT_OK only for OK, ROW and DONE. */
pct_status pct_tracks_failure(const pct_tracks *tracks, sqlite3 *db, int code, pct_error *error);
void pct_tracks_close_reader(pct_tracks *tracks);
int64_t pct_tracks_now_ms(const pct_tracks *tracks);

/* thin.c, inside the writer's transaction: a bounded part of what is due. */
bool pct_tracks_thin_due(const pct_tracks *tracks, int64_t now_ms);
int pct_tracks_thin(pct_tracks *tracks, int64_t now_ms, int64_t *destroyed, int64_t *thinned);
/* Runs a statement that gives no rows; SQLite's code. */
int pct_tracks_run(sqlite3_stmt *statement);

#endif
