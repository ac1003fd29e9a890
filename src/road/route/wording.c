/* Roads and steps in words. What a road is called is a parameter of the sentence: its name, or a phrase for its class. */
#include "road/route/wording.h"

#include <math.h>

#include "road/route/steps.h"

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

static pct_message compass(double heading_deg) {
    static const pct_message winds[] = {
        PCT_MSG_HEADING_NORTH, PCT_MSG_HEADING_NORTH_EAST, PCT_MSG_HEADING_EAST, PCT_MSG_HEADING_SOUTH_EAST,
        PCT_MSG_HEADING_SOUTH, PCT_MSG_HEADING_SOUTH_WEST, PCT_MSG_HEADING_WEST, PCT_MSG_HEADING_NORTH_WEST};
    return winds[lround(heading_deg / 45.0) & 7];
}

static pct_message turn_message(pct_maneuver maneuver) {
    switch (maneuver) {
    case PCT_MANEUVER_SLIGHT_LEFT: return PCT_MSG_STEP_SLIGHT_LEFT_INTO;
    case PCT_MANEUVER_LEFT: return PCT_MSG_STEP_LEFT_INTO;
    case PCT_MANEUVER_SHARP_LEFT: return PCT_MSG_STEP_SHARP_LEFT_INTO;
    case PCT_MANEUVER_SLIGHT_RIGHT: return PCT_MSG_STEP_SLIGHT_RIGHT_INTO;
    case PCT_MANEUVER_RIGHT: return PCT_MSG_STEP_RIGHT_INTO;
    case PCT_MANEUVER_SHARP_RIGHT: return PCT_MSG_STEP_SHARP_RIGHT_INTO;
    case PCT_MANEUVER_U_TURN: return PCT_MSG_STEP_U_TURN_ON;
    default: return PCT_MSG_STEP_CONTINUE_ON;
    }
}

static pct_message arrival_message(pct_side side) {
    switch (side) {
    case PCT_SIDE_LEFT: return PCT_MSG_STEP_ARRIVE_LEFT;
    case PCT_SIDE_RIGHT: return PCT_MSG_STEP_ARRIVE_RIGHT;
    default: return PCT_MSG_STEP_ARRIVE_ON;
    }
}

static pct_status write_maneuver(const pct_network *network, const pct_step *step, pct_language language,
                                 pct_buffer *out) {
    const pct_param road = pct_road_wording(network, step->segment, language == PCT_EN);
    const pct_param pair[] = {pct_int(step->exit), road};
    const pct_param depart[] = {pct_phrase(compass(step->heading_deg)), road};
    switch (step->maneuver) {
    case PCT_MANEUVER_DEPART: return pct_message_render(PCT_MSG_STEP_DEPART_ON, depart, 2, language, out);
    case PCT_MANEUVER_ROUNDABOUT:
        if (step->exit == 0) return pct_message_render(PCT_MSG_STEP_ROUNDABOUT, NULL, 0, language, out);
        return pct_message_render(PCT_MSG_STEP_ROUNDABOUT_EXIT, pair, 2, language, out);
    case PCT_MANEUVER_FERRY:
        if (step->name == 0) return pct_message_render(PCT_MSG_STEP_FERRY, NULL, 0, language, out);
        return pct_message_render(PCT_MSG_STEP_FERRY_NAMED, &road, 1, language, out);
    case PCT_MANEUVER_VIA: return pct_message_render(PCT_MSG_STEP_VIA, pair, 2, language, out);
    case PCT_MANEUVER_ARRIVE: return pct_message_render(arrival_message(step->side), &road, 1, language, out);
    default: return pct_message_render(turn_message(step->maneuver), &road, 1, language, out);
    }
}

pct_status pct_step_write(const pct_network *network, const pct_step *step, pct_language language,
                          pct_buffer *out) {
    pct_status status = write_maneuver(network, step, language, out);
    return status || !step->against ? status
                                    : pct_message_render(PCT_MSG_STEP_AGAINST, NULL, 0, language, out);
}
