/* What an object of OpenStreetMap is: the first row that fits counts. A row says whether what it describes is known to
 * be public or premises (no dwelling), is somebody's home, or is neither for certain. Names of single homes are not
 * kept: they tend to be names of people. */

#include "base/text.h"
#include "place/builder.h"

enum { NOT_KEPT = PCT_PLACE_KIND_COUNT };

static const struct rule {
    const char *key, *values; /* NULL: any value */
    int kind;
    pct_dwelling dwelling;
} rules[] = {
    {"place", "square", PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"place", NULL, PCT_PLACE_AREA, PCT_DWELLING_UNKNOWN},
    {"amenity", "social_facility;nursing_home;refugee_site;shelter;monastery;student_accommodation",
     PCT_PLACE_PLACE, PCT_DWELLING_UNKNOWN},
    {"amenity", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"shop", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"office", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"craft", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"healthcare", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"emergency", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"tourism", "apartment;chalet;guest_house;camp_site;caravan_site;alpine_hut;wilderness_hut",
     PCT_PLACE_PLACE, PCT_DWELLING_UNKNOWN},
    {"tourism", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"leisure", "garden;swimming_pool", PCT_PLACE_PLACE, PCT_DWELLING_UNKNOWN},
    {"leisure", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"public_transport", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"railway", "station;halt;tram_stop;subway_entrance;platform", PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"highway", "bus_stop;rest_area;services;motorway_junction", PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"aeroway", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"historic", "tomb;grave;house", NOT_KEPT, PCT_DWELLING_YES},
    {"historic", NULL, PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"natural", NULL, PCT_PLACE_PLACE, PCT_DWELLING_UNKNOWN},
    {"waterway", NULL, PCT_PLACE_PLACE, PCT_DWELLING_UNKNOWN},
    {"landuse", "cemetery;recreation_ground;village_green", PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"landuse", NULL, PCT_PLACE_AREA, PCT_DWELLING_UNKNOWN},
    {"building",
     "house;detached;semidetached_house;bungalow;cabin;farm;hut;houseboat;static_caravan;villa;terrace",
     NOT_KEPT, PCT_DWELLING_YES},
    {"building", "apartments;residential;dormitory", PCT_PLACE_PLACE, PCT_DWELLING_YES},
    {"building",
     "school;kindergarten;college;university;hospital;church;chapel;cathedral;mosque;temple;synagogue;shrine;"
     "retail;"
     "commercial;office;industrial;warehouse;supermarket;train_station;transportation;hotel;civic;government;"
     "public;"
     "stadium;sports_hall;fire_station;parking;kiosk",
     PCT_PLACE_PLACE, PCT_DWELLING_NO},
    {"building", NULL, PCT_PLACE_PLACE, PCT_DWELLING_UNKNOWN},
};

static const struct rule *rule_of(pct_osm_tags tags, pct_text *value) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        *value = pct_osm_tag_value(tags, rules[i].key);
        if (value->length > 0 && !pct_text_equal(*value, "no") &&
            (!rules[i].values || pct_text_is_listed(*value, rules[i].values, ';')))
            return &rules[i];
    }
    return NULL;
}

/* A way that is a road is a street, not a place; a square is both a road's area and a place. */
static bool is_road(pct_osm_tags tags, bool is_way) {
    return is_way && pct_osm_tag_value(tags, "highway").chars &&
           !pct_text_is_listed(pct_osm_tag_value(tags, "highway"), "rest_area;services", ';');
}

pct_osm_place pct_osm_place_of(pct_osm_tags tags, bool is_way) {
    pct_osm_place p = {
        .kind = PCT_PLACE_PLACE, .dwelling = PCT_DWELLING_UNKNOWN, .key = {"", 0}, .value = {"", 0}};
    p.name = pct_text_trim(pct_osm_tag_value(tags, "name"));
    p.name_en = pct_text_trim(pct_osm_tag_value(tags, "name:en"));
    p.house_number = pct_text_trim(pct_osm_tag_value(tags, "addr:housenumber"));
    p.street = pct_text_trim(pct_osm_tag_value(tags, "addr:street"));
    p.of_a_place = p.street.length == 0;
    if (p.of_a_place) p.street = pct_text_trim(pct_osm_tag_value(tags, "addr:place"));
    p.addressed = p.house_number.length > 0 && p.street.length > 0;
    if (p.name.length == 0) p.name = p.name_en;
    if (is_road(tags, is_way)) {
        p.named = p.name.length > 0 && pct_text_equal(pct_osm_tag_value(tags, "area"), "yes");
        p.dwelling = PCT_DWELLING_NO;
        p.key = pct_text_of("highway");
        p.value = pct_osm_tag_value(tags, "highway");
        return p;
    }
    pct_text value;
    const struct rule *rule = rule_of(tags, &value);
    if (!rule) return p;
    bool kept = rule->kind != NOT_KEPT;
    p.named = kept && p.name.length > 0;
    p.kind = kept ? (pct_place_kind)rule->kind : PCT_PLACE_PLACE;
    p.dwelling = rule->dwelling;
    p.key = pct_text_of(rule->key);
    p.value = value;
    return p;
}

pct_dwelling pct_dwelling_of_kind(pct_text kind) {
    if (kind.length == 0) return PCT_DWELLING_UNKNOWN;
    if (pct_text_is_listed(kind, "dwelling;home;house;apartment;apartments;residence;flat;dormitory", ';'))
        return PCT_DWELLING_YES;
    if (pct_text_is_listed(
            kind, "residential_estate;residential;estate;village;community;nursing_home;shelter", ';'))
        return PCT_DWELLING_UNKNOWN;
    return PCT_DWELLING_NO;
}
