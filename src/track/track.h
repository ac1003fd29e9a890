/* Tracks: where units on duty have been (tracks.db, a database of its own): raw for PCT_TRACK_DAYS, then a point a minute on a
 * grid of 100 m for PCT_TRACK_THINNED_DAYS, then counts by road segment and hour that name nobody (thin.c).
 *
 *   any thread                    the writer's thread, every GROUP_MS
 *   put ─► queue (bounded) ─►  rows in order of unit and time ─► one transaction ─► counted ─► thinning, checkpoint
 *
 * Positions are not the record: they are taken before they are on disk. What is lost when the program is killed is what had
 * not been committed (a second), and when the power goes what had not been checkpointed (CHECKPOINT_MS more); the file
 * itself holds. Nothing here fails a caller: a full or failing disk is seen in the counters, what waits is tried again
 * every RETRY_MS, and when the queue is full what comes is lost and counted. A damaged file is thrown away with what stood
 * in it and made anew. A file that is not ours, or of a newer format, is left alone and nothing is stored.
 *
 * What may be put is the caller's to know: positions from sign-on to sign-off alone.
 *
 * Order of calls: open, then start … close, or step() from one thread (tests). All else may be called by any thread. Costs:
 * put O(1); a group of n rows O(n log n); read O(log rows + points). Memory: twice the queue, and SQLite's cache. */
#ifndef PCT_TRACK_TRACK_H
#define PCT_TRACK_TRACK_H

#include <stdbool.h>

#include "base/status.h"
#include "base/vector.h"
#include "event/value.h"
#include "store/schema.h"

enum {
    PCT_TRACK_DAYS = 30,
    PCT_TRACK_THINNED_DAYS = 365,
    PCT_TRACK_THINNED_MS = 60000, /* a point a minute */
    PCT_TRACK_THINNED_M = 100,    /* on a grid of this */
    PCT_TRACK_FORMAT = 3,         /* 2: thinned points, counts, what was destroyed; 3: sums on the pages */
    PCT_TRACK_SUMMED = 3,
    PCT_TRACK_APPLICATION = 0x50435403
};
#define PCT_TRACKS_FILE "tracks.db"

extern const pct_table_schema pct_schema_tracks[];

typedef struct pct_track_point {
    int64_t unit; /* number of its id */
    int64_t at_ms;
    pct_position position;
    int32_t speed_cms;   /* -1: not known */
    int16_t heading_deg; /* -1: not known */
    uint8_t source;      /* how it came: pct_report_source */
} pct_track_point;

typedef struct pct_tracks pct_tracks;

typedef struct pct_tracks_options {
    const char *folder;                 /* the site's */
    const char *vfs;                    /* SQLite's name of a file system; NULL: the operating system's */
    int64_t (*clock_ms)(void *context); /* UTC; NULL: the system's */
    void *context;
    /* The road that a position lies on, by its name in events; false: none near. NULL: roads are not known. */
    bool (*road_at)(void *context, pct_position position, pct_road_ref *out);
    void *road_context;
    uint32_t queue_max; /* points that may wait; 0: 131,072 */
    bool read_only;     /* nothing is made, written or deleted: put, start and step are not called */
} pct_tracks_options;

/* Fails for want of memory only. A database that cannot be opened now is tried again by every step. */
pct_status pct_tracks_open(const pct_tracks_options *options, pct_tracks **out,
                           pct_error *error) PCT_MUST_USE;
pct_status pct_tracks_start(pct_tracks *tracks, pct_error *error) PCT_MUST_USE;
/* Writes what waits, when it can. Accepts NULL. */
void pct_tracks_close(pct_tracks *tracks);

/* false: the queue is full and the point is lost. A point with the unit and time of a stored one changes nothing. */
bool pct_tracks_put(pct_tracks *tracks, const pct_track_point *point);
/* One group: what waits, what is due for deletion, a checkpoint when it is time. */
pct_status pct_tracks_step(pct_tracks *tracks, pct_error *error) PCT_MUST_USE;

/* The stored points of a unit with from <= time < to, in order of time; `take` says whether to go on. What waits is not
 * among them. PCT_IO, PCT_BUSY or PCT_DAMAGED when they cannot be read now. */
pct_status pct_tracks_read(pct_tracks *tracks, int64_t unit, int64_t from_ms, int64_t to_ms,
                           bool (*take)(void *context, const pct_track_point *point), void *context,
                           pct_error *error) PCT_MUST_USE;

/* The same of what is thinned: the time is that of the minute, the position the middle of a cell of the grid; speed and heading
 * are not known. */
pct_status pct_tracks_read_thinned(pct_tracks *tracks, int64_t unit, int64_t from_ms, int64_t to_ms,
                                   bool (*take)(void *context, const pct_track_point *point), void *context,
                                   pct_error *error) PCT_MUST_USE;
/* The middle of the cell of the grid in which a position lies. */
pct_position pct_track_cell(pct_position position);

typedef enum pct_tracks_class { PCT_TRACKS_RAW, PCT_TRACKS_THINNED, PCT_TRACKS_CLASSES } pct_tracks_class;

/* What was destroyed of one day of positions (UTC), when all of that day are. */
typedef struct pct_tracks_destroyed {
    int64_t until_ms; /* the end of that day */
    int64_t rows;
} pct_tracks_destroyed;

/* The oldest day of a class that stands in no event yet; *found false: none. Once it is told it is forgotten. */
pct_status pct_tracks_untold(pct_tracks *tracks, pct_tracks_class class, pct_tracks_destroyed *out,
                             bool *found, pct_error *error) PCT_MUST_USE;
void pct_tracks_told(pct_tracks *tracks, pct_tracks_class class, int64_t until_ms);

/* Pushes the numbers (int64_t) of the units that have points, in ascending order. O(units log rows). */
pct_status pct_tracks_list_units(pct_tracks *tracks, pct_vector *units, pct_error *error) PCT_MUST_USE;
/* Rows that are committed. O(rows). */
pct_status pct_tracks_count(pct_tracks *tracks, int64_t *out, pct_error *error) PCT_MUST_USE;

typedef enum pct_tracks_state {
    PCT_TRACKS_NORMAL,
    PCT_TRACKS_FULL,   /* the disk */
    PCT_TRACKS_FAILED, /* cannot be opened or written */
    PCT_TRACKS_STATE_COUNT
} pct_tracks_state;
extern const char *const pct_tracks_state_names[PCT_TRACKS_STATE_COUNT];

/* Rows are counted when their transaction is committed, never before. */
typedef struct pct_tracks_counters {
    int64_t stored, repeated, lost, expired, thinned, groups, failures, restarts, queued;
    pct_tracks_state state;
} pct_tracks_counters;
pct_tracks_counters pct_tracks_counters_view(pct_tracks *tracks);

#endif
