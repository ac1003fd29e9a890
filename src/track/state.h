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
#include "site/file.h"
#include "track/track.h"

typedef enum pct_track_statement {
    PCT_TRACK_BEGIN,
    PCT_TRACK_COMMIT,
    PCT_TRACK_ADD,
    PCT_TRACK_NEXT_UNIT,
    PCT_TRACK_EXPIRE,
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
    int64_t next_checkpoint_ms, next_expiry_ms, expiry_unit;
    bool foreign; /* the file is not ours to write */

    pthread_mutex_t gate;
    pthread_cond_t work;
    pthread_t thread;
    bool started, stopping;
    pct_vector queue;
    int64_t writing; /* points of the group that is not committed yet */
    pct_tracks_counters counters;

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

#endif
