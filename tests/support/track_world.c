#include "support/track_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "support/power_disk.h"
#include "support/test.h"

static int64_t clock_of(void *context) {
    return ((track_world *)context)->now_ms;
}

void track_world_new(track_world *w, int64_t now_ms) {
    *w = (track_world){.folder = "/tmp/precinct-track-XXXXXX", .now_ms = now_ms};
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    (void)snprintf(w->file, sizeof w->file, "%s/%s", w->folder, PCT_TRACKS_FILE);
    w->options = (pct_tracks_options){.folder = w->folder, .clock_ms = clock_of, .context = w};
}

void track_world_on_power_disk(track_world *w, int64_t now_ms, uint64_t seed) {
    power_disk_new(seed);
    *w = (track_world){.now_ms = now_ms};
    w->options =
        (pct_tracks_options){.folder = "site", .vfs = POWER_DISK_VFS, .clock_ms = clock_of, .context = w};
}

void track_world_open(track_world *w) {
    pct_error error = {0};
    test_ok(pct_tracks_open(&w->options, &w->tracks, &error), &error);
}

void track_world_end(track_world *w) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char path[100];
    pct_tracks_close(w->tracks);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s%s", w->file, endings[i]);
        (void)unlink(path);
    }
    (void)rmdir(w->folder);
}

void track_world_put(track_world *w, pct_track_point point) {
    ck_assert(pct_tracks_put(w->tracks, &point));
}

void track_world_step(track_world *w) {
    pct_error error = {0};
    test_ok(pct_tracks_step(w->tracks, &error), &error);
}

int64_t track_world_ask(const track_world *w, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    ck_assert_int_eq(sqlite3_open_v2(w->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return value;
}
