/* Tracks in a folder of their own, by a clock that the test sets. */
#ifndef PCT_TESTS_SUPPORT_TRACK_WORLD_H
#define PCT_TESTS_SUPPORT_TRACK_WORLD_H

#include "track/track.h"

typedef struct track_world {
    char folder[64], file[80];
    int64_t now_ms;
    pct_tracks *tracks;
    pct_tracks_options options; /* may be changed before track_world_open */
} track_world;

void track_world_new(track_world *world, int64_t now_ms);
/* On the disk of support/power_disk instead; power_disk_free takes it away. */
void track_world_on_power_disk(track_world *world, int64_t now_ms, uint64_t seed);
void track_world_open(track_world *world);
void track_world_end(track_world *world); /* takes the folder away */
void track_world_put(track_world *world, pct_track_point point);
void track_world_step(track_world *world);
/* What a statement that gives one number says, by a connection of its own. */
int64_t track_world_ask(const track_world *world, const char *sql);

#endif
