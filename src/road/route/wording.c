#include "road/route/wording.h"

pct_message pct_road_class_phrase(uint8_t road_class) {
    switch ((pct_road_class)road_class) {
    case PCT_ROAD_MOTORWAY: return PCT_MSG_ROAD_MOTORWAY;
    case PCT_ROAD_TRUNK: return PCT_MSG_ROAD_TRUNK;
    case PCT_ROAD_MOTORWAY_LINK:
    case PCT_ROAD_TRUNK_LINK:
    case PCT_ROAD_PRIMARY_LINK:
    case PCT_ROAD_SECONDARY_LINK:
    case PCT_ROAD_TERTIARY_LINK: return PCT_MSG_ROAD_LINK;
    case PCT_ROAD_PRIMARY:
    case PCT_ROAD_SECONDARY: return PCT_MSG_ROAD_MAIN;
    case PCT_ROAD_LIVING_STREET: return PCT_MSG_ROAD_LIVING_STREET;
    case PCT_ROAD_SERVICE: return PCT_MSG_ROAD_SERVICE;
    case PCT_ROAD_PEDESTRIAN: return PCT_MSG_ROAD_PEDESTRIAN;
    case PCT_ROAD_TRACK: return PCT_MSG_ROAD_TRACK;
    case PCT_ROAD_FERRY: return PCT_MSG_ROAD_FERRY;
    default: return PCT_MSG_ROAD_UNNAMED;
    }
}

pct_param pct_road_wording(const pct_network *network, uint32_t segment, bool english) {
    const pct_segment *s = &network->segments[segment];
    pct_text local = pct_network_name(network, s->name), name_en = pct_network_name(network, s->name_en);
    pct_text name = english && name_en.length > 0 ? name_en : local;
    return name.length > 0 ? pct_view(name) : pct_phrase(pct_road_class_phrase(s->road_class));
}
