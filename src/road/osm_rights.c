#include "road/osm_rights.h"

#include <string.h>

#include "base/text.h"

/* How a value of highway is treated. */
typedef enum road_nature {
    ROAD,    /* open unless it says otherwise */
    TRACK,   /* open to general traffic only when it says so */
    ZONE,    /* open to general traffic only when it names vehicles */
    PATH,    /* not driven unless it names motor vehicles or emergency */
    CARRIED, /* a ferry */
    UNBUILT,
    FOOT_ONLY,
    UNKNOWN,
} road_nature;

typedef struct road_kind {
    const char *value;
    road_nature nature;
    pct_road_class road_class;
} road_kind;

/* Values beside the names of our own classes. */
static const road_kind kinds[] = {
    {"road", ROAD, PCT_ROAD_UNCLASSIFIED},
    {"track", TRACK, PCT_ROAD_TRACK},
    {"pedestrian", ZONE, PCT_ROAD_PEDESTRIAN},
    {"busway", ZONE, PCT_ROAD_UNCLASSIFIED},
    {"emergency_access", ZONE, PCT_ROAD_SERVICE},
    {"footway", PATH, PCT_ROAD_PEDESTRIAN},
    {"path", PATH, PCT_ROAD_PEDESTRIAN},
    {"cycleway", PATH, PCT_ROAD_PEDESTRIAN},
    {"bridleway", PATH, PCT_ROAD_PEDESTRIAN},
    {"ferry", UNKNOWN, PCT_ROAD_CLASS_COUNT}, /* only as route=ferry */
    {"construction", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"proposed", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"planned", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"abandoned", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"disused", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"razed", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"demolished", UNBUILT, PCT_ROAD_CLASS_COUNT},
    {"steps", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
    {"corridor", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
    {"platform", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
    {"elevator", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
    {"ladder", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
    {"via_ferrata", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
    {"bus_guideway", FOOT_ONLY, PCT_ROAD_CLASS_COUNT},
};

static road_kind kind_of(pct_text value) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (pct_text_equal(value, kinds[i].value)) return kinds[i];
    road_kind found = {"", ROAD, pct_road_class_of(value)};
    if (found.road_class < PCT_ROAD_CLASS_COUNT) return found;
    const size_t suffix = strlen("_link");
    if (value.length > suffix && memcmp(value.chars + value.length - suffix, "_link", suffix) == 0) {
        found.road_class = pct_road_class_of((pct_text){value.chars, value.length - suffix});
        if (found.road_class == PCT_ROAD_CLASS_COUNT) found.road_class = PCT_ROAD_UNCLASSIFIED;
        return found;
    }
    found.nature = UNKNOWN;
    return found;
}

static bool is_one_of(pct_text value, const char *list) {
    pct_text rest = pct_text_of(list), item;
    while (value.chars && pct_text_next(&rest, ';', &item))
        if (item.length == value.length && memcmp(item.chars, value.chars, item.length) == 0) return true;
    return false;
}

typedef enum access_level { UNSAID, FORBIDDEN, RESERVED, OPEN } access_level;

static access_level access_of(pct_text value) {
    if (!value.chars) return UNSAID;
    if (pct_text_equal(value, "no")) return FORBIDDEN;
    return is_one_of(value, "yes;permissive;designated;official;public;destination;discouraged;unknown")
               ? OPEN
               : RESERVED;
}

/* The modes of transport that a tag may speak of, the most specific first. */
enum { MOTORCAR, MOTOR_VEHICLE, VEHICLE, EVERYBODY, MODE_COUNT };

typedef struct said_access {
    access_level access;
    int mode; /* that it was said of */
} said_access;

static said_access said_of(pct_osm_tags tags, bool backward) {
    static const char *const keys[MODE_COUNT][3] = {
        {"motorcar", "motorcar:forward", "motorcar:backward"},
        {"motor_vehicle", "motor_vehicle:forward", "motor_vehicle:backward"},
        {"vehicle", "vehicle:forward", "vehicle:backward"},
        {"access", "access:forward", "access:backward"}};
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        access_level found = access_of(pct_osm_tag_value(tags, keys[mode][backward ? 2 : 1]));
        if (found == UNSAID) found = access_of(pct_osm_tag_value(tags, keys[mode][0]));
        if (found != UNSAID) return (said_access){found, mode};
    }
    return (said_access){UNSAID, MODE_COUNT};
}

static bool general_may(road_nature nature, said_access said) {
    switch (nature) {
    case ROAD:
    case CARRIED: return said.access == OPEN || said.access == UNSAID;
    case TRACK: return said.access == OPEN;
    case ZONE: return said.access == OPEN && said.mode <= VEHICLE;
    case PATH: return said.access == OPEN && said.mode <= MOTOR_VEHICLE;
    default: return false;
    }
}

static bool response_may(pct_osm_tags tags, road_nature nature, said_access said) {
    access_level emergency = access_of(pct_osm_tag_value(tags, "emergency"));
    if (emergency == FORBIDDEN) return false;
    if (emergency == OPEN) return true;
    if (said.access == FORBIDDEN && said.mode == EVERYBODY)
        return access_of(pct_osm_tag_value(tags, "psv")) == OPEN ||
               access_of(pct_osm_tag_value(tags, "bus")) == OPEN;
    if (nature == PATH) return said.mode <= MOTOR_VEHICLE && (said.access == OPEN || said.access == RESERVED);
    if (nature == CARRIED) return said.access != FORBIDDEN;
    return true;
}

typedef enum oneway_kind { BOTH_WAYS, FORWARD_ONLY, BACKWARD_ONLY, REVERSIBLE } oneway_kind;

static oneway_kind oneway_of(pct_osm_tags tags, pct_road_class road_class, bool roundabout) {
    static const char *const keys[] = {"oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        pct_text value = pct_osm_tag_value(tags, keys[i]);
        if (is_one_of(value, "yes;true;1")) return FORWARD_ONLY;
        if (is_one_of(value, "-1;reverse")) return BACKWARD_ONLY;
        if (is_one_of(value, "no;false;0;alternating")) return BOTH_WAYS;
        if (is_one_of(value, "reversible")) return REVERSIBLE;
    }
    return roundabout || road_class == PCT_ROAD_MOTORWAY ? FORWARD_ONLY : BOTH_WAYS;
}

static bool is_set(pct_osm_tags tags, const char *key) {
    pct_text value = pct_osm_tag_value(tags, key);
    return value.chars && !pct_text_equal(value, "no");
}

static uint8_t flags_of(pct_osm_tags tags, road_nature nature, oneway_kind oneway, bool roundabout) {
    int flags = 0;
    for (int backward = 0; backward <= 1; backward++) {
        if (oneway == (backward ? FORWARD_ONLY : BACKWARD_ONLY)) continue;
        said_access said = said_of(tags, backward);
        if (general_may(nature, said)) flags |= backward ? PCT_SEGMENT_BACKWARD : PCT_SEGMENT_FORWARD;
        if (response_may(tags, nature, said))
            flags |= backward ? PCT_SEGMENT_EMERGENCY_BACKWARD : PCT_SEGMENT_EMERGENCY_FORWARD;
    }
    if (flags == 0) return 0;
    if (is_set(tags, "bridge")) flags |= PCT_SEGMENT_BRIDGE;
    if (is_set(tags, "tunnel")) flags |= PCT_SEGMENT_TUNNEL;
    if (roundabout) flags |= PCT_SEGMENT_ROUNDABOUT;
    return (uint8_t)flags;
}

static pct_message left_out(road_kind kind, pct_osm_tags tags) {
    if (kind.nature == UNBUILT) return PCT_MSG_IMPORT_OSM_UNBUILT;
    if (kind.nature == FOOT_ONLY) return PCT_MSG_IMPORT_OSM_PATH;
    if (kind.nature == UNKNOWN) return PCT_MSG_IMPORT_OSM_CLASS;
    return pct_text_equal(pct_osm_tag_value(tags, "area"), "yes") ? PCT_MSG_IMPORT_OSM_AREA : PCT_MSG_NONE;
}

pct_osm_road pct_osm_road_of(pct_osm_tags tags) {
    pct_osm_road road = {.dropped = PCT_MSG_NONE, .name = {"", 0}, .name_en = {"", 0}};
    pct_text highway = pct_osm_tag_value(tags, "highway");
    if (!highway.chars && !pct_text_equal(pct_osm_tag_value(tags, "route"), "ferry")) return road;
    road_kind kind = highway.chars ? kind_of(highway) : (road_kind){"", CARRIED, PCT_ROAD_FERRY};
    if ((road.dropped = left_out(kind, tags)) != PCT_MSG_NONE) return road;
    if (kind.nature == ROAD && pct_text_equal(pct_osm_tag_value(tags, "service"), "emergency_access"))
        kind.nature = ZONE;
    bool roundabout = is_one_of(pct_osm_tag_value(tags, "junction"), "roundabout;circular");
    oneway_kind oneway = oneway_of(tags, kind.road_class, roundabout);
    road.road_class = kind.road_class;
    road.flags = flags_of(tags, kind.nature, oneway, roundabout);
    if (road.flags == 0)
        road.dropped = kind.nature == PATH ? PCT_MSG_IMPORT_OSM_PATH : PCT_MSG_IMPORT_OSM_CLOSED;
    else if (oneway == REVERSIBLE)
        road.dropped = PCT_MSG_IMPORT_OSM_REVERSIBLE;
    road.kept = road.dropped == PCT_MSG_NONE;
    road.name = pct_osm_tag_value(tags, "name");
    if (road.name.length == 0) road.name = pct_osm_tag_value(tags, "ref");
    road.name_en = pct_osm_tag_value(tags, "name:en");
    if (!road.name.chars) road.name.chars = "";
    if (!road.name_en.chars) road.name_en.chars = "";
    return road;
}
