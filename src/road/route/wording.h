/* What a road is called where it has to be called something: its name, or its class when it has none. */
#ifndef PCT_ROAD_ROUTE_WORDING_H
#define PCT_ROAD_ROUTE_WORDING_H

#include "road/network.h"

/* A phrase such as "an unnamed street"; PCT_MSG_ROAD_UNNAMED for classes without one of their own. */
pct_message pct_road_class_phrase(uint8_t road_class);
/* For a sentence: its name, the English one when that is wanted and known; else its class. Borrows from the network. */
pct_param pct_road_wording(const pct_network *network, uint32_t segment, bool english);

#endif
