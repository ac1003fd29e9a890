/* Rounds for their readers: who may see which (L18), and what is written of them. */
#ifndef PCT_RESOURCE_PATROL_ROUNDS_H
#define PCT_RESOURCE_PATROL_ROUNDS_H

#include "base/json.h"
#include "base/vector.h"
#include "resource/patrol_book.h"
#include "resource/ways.h"

/* With the book held: the round of the path, when the reader's scope reaches its unit and its day is not over. The crew and its leader see
 * a unit's sheet on that day, and nobody does later. */
pct_status pct_patrol_reach_round(pct_exchange *exchange, const pct_life *life, const pct_life_round **out,
                                  pct_error *error) PCT_MUST_USE;
/* The same until a day after its shift, however the days fall: its log may be written and its notes read so long. */
pct_status pct_patrol_reach_log(pct_exchange *exchange, const pct_life *life, const pct_life_round **out,
                                pct_error *error) PCT_MUST_USE;
/* Commits what concerns the round of the path, which the exchange has reached; its reply is {"id", "seq"}. */
pct_status pct_patrol_take_round(pct_exchange *exchange, pct_command *command, pct_error *error) PCT_MUST_USE;
/* Checks of a round as a member of its sheet: what was found is told to others than the crew when the crew has spoken. */
void pct_patrol_write_checks(pct_json_writer *json, const pct_exchange *exchange,
                             const pct_life_round *round);
/* The line that the round drives through what is still to be served, or all of it: positions, appended. Empty when no way leads there. */
pct_status pct_patrol_round_line(pct_service *service, const pct_life_round *round, pct_vector *line,
                                 pct_error *error) PCT_MUST_USE;

/* A seat on the roads of patrols, or of all where the site has none of theirs; and the way from place to place, appended. */
pct_status pct_patrol_sit(pct_service *service, pct_seat **out, pct_error *error) PCT_MUST_USE;
pct_status pct_patrol_way(pct_seat *seat, const pct_position *places, size_t count, pct_vector *line,
                          pct_error *error) PCT_MUST_USE;

/* Days since 1970, on the site's clock; of the query's `day`, today without one: PCT_INPUT for what is no day. */
int64_t pct_patrol_day_of(const pct_service *service, int64_t at_ms);
pct_status pct_patrol_read_day(pct_exchange *exchange, int64_t *day, pct_error *error) PCT_MUST_USE;
/* Of the query's member `name`; without one `otherwise`. */
pct_status pct_patrol_read_day_of(pct_exchange *exchange, const char *name, int64_t otherwise, int64_t *day,
                                  pct_error *error) PCT_MUST_USE;

/* Sheets for other programs, from a round with the book held. `line` is of positions. */
void pct_patrol_write_ics(const pct_exchange *exchange, const pct_life_round *round, pct_buffer *out);
void pct_patrol_write_gpx(const pct_exchange *exchange, const pct_life_round *round, const pct_vector *line,
                          pct_buffer *out);
void pct_patrol_write_geojson(const pct_exchange *exchange, const pct_life_round *round,
                              const pct_vector *line, pct_buffer *out);

#endif
