#include "road/osm_rights.h"

#include <string.h>

#include "base/text.h"
#include "road/osm_condition.h"
#include "road/osm_speed.h"

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

typedef enum access_level { UNSAID, FORBIDDEN, RESERVED, OPEN } access_level;

static access_level access_of(pct_text value) {
    if (!value.chars) return UNSAID;
    if (pct_text_equal(value, "no")) return FORBIDDEN;
    return pct_text_is_listed(
               value, "yes;permissive;designated;official;public;destination;discouraged;unknown", ';')
               ? OPEN
               : RESERVED;
}

/* The modes of transport that a tag may speak of, the most specific first. */
enum { MOTORCAR, MOTOR_VEHICLE, VEHICLE, EVERYBODY, MODE_COUNT };

typedef struct said_access {
    access_level access;
    int mode; /* that it was said of */
} said_access;

/* What is looked for in the tags of one way. */
typedef struct reading {
    pct_osm_tags tags;
    bool conditional; /* one of the keys ends in :conditional */
    pct_osm_road *road;
} reading;

static void note(reading *r, pct_message message) {
    pct_osm_road *road = r->road;
    for (size_t i = 0; i < road->note_count; i++)
        if (road->notes[i] == message) return;
    if (PCT_NEVER(road->note_count == PCT_OSM_NOTES_MAX)) return;
    road->notes[road->note_count++] = message;
}

/* The clauses of a conditional tag upon what was said without it. At certain times: bans hold for general traffic. */
static access_level conditioned(reading *r, const char *key, access_level said, bool response) {
    pct_text rest = pct_osm_tag_value(r->tags, key);
    pct_osm_clause clause;
    while (pct_osm_clause_next(&rest, &clause)) {
        access_level access = access_of(clause.value);
        if (clause.when == PCT_OSM_ALWAYS) said = access;
        if (clause.when != PCT_OSM_SOMETIMES || access == said) continue;
        note(r, PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL);
        if (!response && (access == FORBIDDEN || access == RESERVED) && (said == UNSAID || access < said))
            said = access;
    }
    return said;
}

static said_access said_of(reading *r, bool backward, bool response) {
    static const char *const keys[MODE_COUNT][4] = {
        {"motorcar", "motorcar:forward", "motorcar:backward", "motorcar:conditional"},
        {"motor_vehicle", "motor_vehicle:forward", "motor_vehicle:backward", "motor_vehicle:conditional"},
        {"vehicle", "vehicle:forward", "vehicle:backward", "vehicle:conditional"},
        {"access", "access:forward", "access:backward", "access:conditional"}};
    said_access said = {UNSAID, MODE_COUNT};
    for (int mode = EVERYBODY; mode >= MOTORCAR; mode--) {
        access_level found = access_of(pct_osm_tag_value(r->tags, keys[mode][backward ? 2 : 1]));
        if (found == UNSAID) found = access_of(pct_osm_tag_value(r->tags, keys[mode][0]));
        if (found != UNSAID) said = (said_access){found, mode};
        found = r->conditional ? conditioned(r, keys[mode][3], said.access, response) : said.access;
        if (found != said.access) said = (said_access){found, mode};
    }
    return said;
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

static bool read_oneway(pct_text value, oneway_kind *kind) {
    if (pct_text_is_listed(value, "yes;true;1", ';'))
        *kind = FORWARD_ONLY;
    else if (pct_text_is_listed(value, "-1;reverse", ';'))
        *kind = BACKWARD_ONLY;
    else if (pct_text_is_listed(value, "no;false;0;alternating", ';'))
        *kind = BOTH_WAYS;
    else if (pct_text_is_listed(value, "reversible", ';'))
        *kind = REVERSIBLE;
    else
        return false;
    return true;
}

/* A road that is one-way at times is one-way; in one direction now and in the other then, it is reversible. */
static oneway_kind oneway_at_times(reading *r, oneway_kind said) {
    static const char *const keys[] = {"oneway:conditional", "oneway:motor_vehicle:conditional"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        pct_text rest = pct_osm_tag_value(r->tags, keys[i]);
        pct_osm_clause clause;
        while (pct_osm_clause_next(&rest, &clause)) {
            oneway_kind at_times;
            if (!read_oneway(clause.value, &at_times) || clause.when == PCT_OSM_NEVER) continue;
            if (clause.when == PCT_OSM_SOMETIMES) note(r, PCT_MSG_IMPORT_OSM_ONEWAY_CONDITIONAL);
            if (clause.when == PCT_OSM_ALWAYS || said == BOTH_WAYS)
                said = at_times;
            else if (at_times != BOTH_WAYS && at_times != said)
                said = REVERSIBLE;
        }
    }
    return said;
}

static oneway_kind oneway_of(reading *r, pct_road_class road_class, bool roundabout) {
    static const char *const keys[] = {"oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"};
    oneway_kind said = roundabout || road_class == PCT_ROAD_MOTORWAY ? FORWARD_ONLY : BOTH_WAYS;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (read_oneway(pct_osm_tag_value(r->tags, keys[i]), &said)) break;
    return r->conditional ? oneway_at_times(r, said) : said;
}

/* --- limits and durations ----------------------------------------------------------------------------------------- */

static uint8_t read_limit(reading *r, pct_text value, uint8_t otherwise) {
    uint8_t kmh;
    if (!value.chars) return otherwise;
    if (pct_osm_limit_of(value, &kmh)) return kmh;
    note(r, PCT_MSG_IMPORT_OSM_LIMIT_UNREAD);
    return otherwise;
}

/* The limit that holds for most of the week. */
static uint8_t limit_at_times(reading *r, uint8_t said) {
    pct_text rest = pct_osm_tag_value(r->tags, "maxspeed:conditional");
    pct_osm_clause clause;
    while (pct_osm_clause_next(&rest, &clause)) {
        if (clause.when == PCT_OSM_NEVER) continue;
        if (clause.when == PCT_OSM_SOMETIMES) note(r, PCT_MSG_IMPORT_OSM_LIMIT_CONDITIONAL);
        if (clause.when == PCT_OSM_ALWAYS || clause.mostly) said = read_limit(r, clause.value, said);
    }
    return said;
}

/* Only a place's law: maxspeed:type=sign and source:maxspeed=survey say nothing of the limit itself. */
static uint8_t limit_by_law(reading *r) {
    static const char *const keys[] = {"maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        pct_text value = pct_osm_tag_value(r->tags, keys[i]);
        uint8_t kmh;
        if (value.chars && value.length > 3 && memchr(value.chars, ':', value.length) &&
            pct_osm_limit_of(value, &kmh))
            return kmh;
    }
    return 0;
}

static void read_limits(reading *r) {
    static const char *const directions[] = {"maxspeed:forward", "maxspeed:backward"};
    static const char *const of_lanes[] = {"maxspeed:lanes", "maxspeed:lanes:forward",
                                           "maxspeed:lanes:backward"};
    pct_text plain = pct_osm_tag_value(r->tags, "maxspeed");
    for (int backward = 0; backward <= 1; backward++) {
        pct_text lanes = pct_osm_tag_value(r->tags, of_lanes[1 + backward]);
        if (!lanes.chars) lanes = pct_osm_tag_value(r->tags, of_lanes[0]);
        uint8_t kmh = plain.chars ? 0 : limit_by_law(r);
        if (!plain.chars && lanes.chars && !pct_osm_limit_of_lanes(lanes, &kmh)) kmh = 0;
        kmh = read_limit(r, plain, kmh);
        kmh = read_limit(r, pct_osm_tag_value(r->tags, directions[backward]), kmh);
        r->road->limit_kmh[backward] = r->conditional ? limit_at_times(r, kmh) : kmh;
    }
}

static void read_duration(reading *r) {
    pct_text value = pct_osm_tag_value(r->tags, "duration");
    if (value.chars && !pct_osm_duration_of(value, &r->road->crossing_ms)) {
        r->road->crossing_ms = 0;
        note(r, PCT_MSG_IMPORT_OSM_DURATION_UNREAD);
    }
}

static bool is_set(pct_osm_tags tags, const char *key) {
    pct_text value = pct_osm_tag_value(tags, key);
    return value.chars && !pct_text_equal(value, "no");
}

static uint8_t flags_of(reading *r, road_nature nature, oneway_kind oneway, bool roundabout) {
    pct_osm_tags tags = r->tags;
    int flags = 0;
    for (int backward = 0; backward <= 1; backward++) {
        if (oneway == (backward ? FORWARD_ONLY : BACKWARD_ONLY)) continue;
        if (general_may(nature, said_of(r, backward, false)))
            flags |= backward ? PCT_SEGMENT_BACKWARD : PCT_SEGMENT_FORWARD;
        if (response_may(tags, nature, said_of(r, backward, true)))
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

static bool has_condition(pct_osm_tags tags) {
    static const char suffix[] = ":conditional";
    const size_t length = strlen(suffix);
    for (size_t i = 0; i < tags.count; i++) {
        pct_text key = tags.items[i].key;
        if (key.length > length && memcmp(key.chars + key.length - length, suffix, length) == 0) return true;
    }
    return false;
}

static void read_names(pct_osm_road *road, pct_osm_tags tags) {
    road->name = pct_osm_tag_value(tags, "name");
    if (road->name.length == 0) road->name = pct_osm_tag_value(tags, "ref");
    road->name_en = pct_osm_tag_value(tags, "name:en");
    if (!road->name.chars) road->name.chars = "";
    if (!road->name_en.chars) road->name_en.chars = "";
}

pct_osm_road pct_osm_road_of(pct_osm_tags tags) {
    pct_osm_road road = {.dropped = PCT_MSG_NONE, .name = {"", 0}, .name_en = {"", 0}};
    reading r = {.tags = tags, .road = &road};
    pct_text highway = pct_osm_tag_value(tags, "highway");
    if (!highway.chars && !pct_text_equal(pct_osm_tag_value(tags, "route"), "ferry")) return road;
    road_kind kind = highway.chars ? kind_of(highway) : (road_kind){"", CARRIED, PCT_ROAD_FERRY};
    if ((road.dropped = left_out(kind, tags)) != PCT_MSG_NONE) return road;
    if (kind.nature == ROAD && pct_text_equal(pct_osm_tag_value(tags, "service"), "emergency_access"))
        kind.nature = ZONE;
    bool roundabout = pct_text_is_listed(pct_osm_tag_value(tags, "junction"), "roundabout;circular", ';');
    r.conditional = has_condition(tags);
    oneway_kind oneway = oneway_of(&r, kind.road_class, roundabout);
    road.road_class = kind.road_class;
    road.flags = flags_of(&r, kind.nature, oneway, roundabout);
    if (road.flags == 0)
        road.dropped = kind.nature == PATH ? PCT_MSG_IMPORT_OSM_PATH : PCT_MSG_IMPORT_OSM_CLOSED;
    else if (oneway == REVERSIBLE)
        road.dropped = PCT_MSG_IMPORT_OSM_REVERSIBLE;
    road.kept = road.dropped == PCT_MSG_NONE;
    if (!road.kept) return road;
    read_limits(&r);
    if (kind.nature == CARRIED) read_duration(&r);
    read_names(&road, tags);
    return road;
}

pct_osm_passage pct_osm_passage_of(pct_osm_tags tags) {
    pct_osm_road unused = {.note_count = 0};
    reading r = {.tags = tags, .road = &unused};
    said_access said = said_of(&r, false, false);
    access_level emergency = access_of(pct_osm_tag_value(tags, "emergency"));
    return (pct_osm_passage){
        .said = said.access != UNSAID,
        .general = said.access == OPEN,
        .response = emergency == OPEN ||
                    (emergency != FORBIDDEN && !(said.access == FORBIDDEN && said.mode == EVERYBODY)),
        .emergency = emergency == OPEN};
}
