/* The replay as the interface shows it: to its own endpoint, to the stream, and to /metrics. */
#ifndef PCT_RESOURCE_REPLAY_JSON_H
#define PCT_RESOURCE_REPLAY_JSON_H

#include "resource/exchange.h"

/* The server replays. */
void pct_json_replay(pct_json_writer *json, const pct_service *service);
/* Is the unit moved by the replay? */
bool pct_service_drives(const pct_service *service, pct_unit_id unit);
/* Nothing without a replay. */
void pct_replay_event_write(const pct_service *service, pct_buffer *out);
void pct_replay_metrics_write(const pct_service *service, pct_buffer *out);

#endif
