/* Room held back for the day on which the disk is full: a file of PCT_RESERVE_BYTES in the site's folder, with nothing in it.
 *
 *     serving, room enough ─► pct_reserve_keep        disk full, start ─► pct_reserve_give_up ─► the record opens, calls are taken
 *
 * An opening needs room before anything can be taken (the index of a log, an event that a map was replaced), so a service that
 * ran on until the disk was full could not be started again on it. What was given up is held back again when there is room. */
#ifndef PCT_SITE_RESERVE_H
#define PCT_SITE_RESERVE_H

#include <stdbool.h>

#define PCT_RESERVE_FILE "reserve"
enum { PCT_RESERVE_BYTES = 8 << 20 };

/* Less room is left than a start needs. */
bool pct_reserve_is_needed(const char *site_folder);
/* false: there was none. */
bool pct_reserve_give_up(const char *site_folder);
/* Makes it where it is missing and room is plenty; true when it was made. A failure is no room: tried again later. */
bool pct_reserve_keep(const char *site_folder);

#endif
