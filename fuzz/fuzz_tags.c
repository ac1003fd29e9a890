/* Any bytes as the value of a tag: limits, durations and conditions are read or refused, never beyond their end, and what is
 * read lies within its bounds. The same bytes stand as maxspeed, conditional access and restriction of one way. */
#include <stdlib.h>

#include "road/network.h"
#include "road/osm_barrier.h"
#include "road/osm_condition.h"
#include "road/osm_rights.h"
#include "road/osm_speed.h"

enum { WEEK_MS = 7 * 24 * 3600 * 1000 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static void read_clauses(pct_text rest) {
    pct_osm_clause clause;
    size_t left = rest.length + 1;
    while (pct_osm_clause_next(&rest, &clause)) {
        if (rest.length >= left) abort(); /* each clause takes something */
        left = rest.length;
        if (clause.when > PCT_OSM_ALWAYS || (clause.when == PCT_OSM_ALWAYS && !clause.mostly)) abort();
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    pct_text value = {(const char *)bytes, length};
    uint8_t kmh = 0;
    uint32_t ms = 0;
    if (pct_osm_duration_of(value, &ms) && (ms == 0 || ms > WEEK_MS)) abort();
    (void)pct_osm_limit_of(value, &kmh);
    (void)pct_osm_limit_of_lanes(value, &kmh);
    read_clauses(value);
    const pct_osm_tag tags[] = {{pct_text_of("highway"), pct_text_of("residential")},
                                {pct_text_of("maxspeed"), value},
                                {pct_text_of("maxspeed:conditional"), value},
                                {pct_text_of("access:conditional"), value},
                                {pct_text_of("oneway:conditional"), value},
                                {pct_text_of("barrier"), value},
                                {pct_text_of("bollard"), value}};
    const pct_osm_tags all = {tags, sizeof tags / sizeof *tags};
    pct_osm_road road = pct_osm_road_of(all);
    if (road.kept && road.flags == 0) abort();
    pct_osm_mark mark = pct_osm_mark_of(all);
    if (pct_node_barrier(mark.marks) >= PCT_BARRIER_COUNT) abort();
    return 0;
}
