#include "road/osm_barrier.h"

#include <string.h>

#include "base/text.h"
#include "road/osm_rights.h"

typedef enum firmness { OPEN_TO_ALL, OPENED_BY_UNITS, FIRM } firmness;

typedef struct barrier_kind {
    const char *value;
    pct_barrier kind;
    firmness firmness;
} barrier_kind;

static const barrier_kind kinds[] = {
    {"gate", PCT_BARRIER_GATE, OPEN_TO_ALL},
    {"bollard", PCT_BARRIER_BOLLARD, FIRM},
    {"lift_gate", PCT_BARRIER_LIFT_GATE, OPEN_TO_ALL},
    {"swing_gate", PCT_BARRIER_GATE, OPEN_TO_ALL},
    {"sliding_gate", PCT_BARRIER_GATE, OPEN_TO_ALL},
    {"wicket_gate", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"hampshire_gate", PCT_BARRIER_GATE, OPEN_TO_ALL},
    {"toll_booth", PCT_BARRIER_TOLL_BOOTH, OPEN_TO_ALL},
    {"border_control", PCT_BARRIER_BORDER_CONTROL, OPEN_TO_ALL},
    {"checkpoint", PCT_BARRIER_BORDER_CONTROL, OPEN_TO_ALL},
    {"sally_port", PCT_BARRIER_GATE, OPEN_TO_ALL},
    {"entrance", PCT_BARRIER_NONE, OPEN_TO_ALL},
    {"kerb", PCT_BARRIER_NONE, OPEN_TO_ALL},
    {"cattle_grid", PCT_BARRIER_NONE, OPEN_TO_ALL},
    {"height_restrictor", PCT_BARRIER_NONE, OPEN_TO_ALL},
    {"arch", PCT_BARRIER_NONE, OPEN_TO_ALL},
    {"no", PCT_BARRIER_NONE, OPEN_TO_ALL},
    {"chain", PCT_BARRIER_CHAIN, OPENED_BY_UNITS},
    {"rope", PCT_BARRIER_CHAIN, OPENED_BY_UNITS},
    {"cycle_barrier", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"motorcycle_barrier", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"bus_trap", PCT_BARRIER_BLOCK, FIRM},
    {"sump_buster", PCT_BARRIER_BLOCK, FIRM},
    {"stile", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"turnstile", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"full-height_turnstile", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"kissing_gate", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"horse_stile", PCT_BARRIER_CYCLE_BARRIER, FIRM},
    {"block", PCT_BARRIER_BLOCK, FIRM},
    {"jersey_barrier", PCT_BARRIER_BLOCK, FIRM},
    {"debris", PCT_BARRIER_BLOCK, FIRM},
    {"log", PCT_BARRIER_BLOCK, FIRM},
    {"planter", PCT_BARRIER_BLOCK, FIRM},
    {"wall", PCT_BARRIER_BLOCK, FIRM},
    {"fence", PCT_BARRIER_BLOCK, FIRM},
    {"hedge", PCT_BARRIER_BLOCK, FIRM},
    {"ditch", PCT_BARRIER_BLOCK, FIRM},
    {"guard_rail", PCT_BARRIER_BLOCK, FIRM},
    {"retaining_wall", PCT_BARRIER_BLOCK, FIRM},
};

/* A bollard that sinks is opened by those whom it is for, one that comes off by the crew. */
static firmness firmness_of(const barrier_kind *kind, pct_osm_tags tags) {
    static const char *const moving[] = {"rising", "removable", "foldable", "flexible"};
    pct_text bollard = pct_osm_tag_value(tags, "bollard");
    for (size_t i = 0;
         kind->kind == PCT_BARRIER_BOLLARD && bollard.chars && i < sizeof moving / sizeof *moving; i++)
        if (pct_text_equal(bollard, moving[i])) return OPENED_BY_UNITS;
    return kind->firmness;
}

pct_osm_mark pct_osm_mark_of(pct_osm_tags tags) {
    pct_osm_mark mark = {.marks = 0};
    if (pct_text_equal(pct_osm_tag_value(tags, "highway"), "traffic_signals")) mark.marks = PCT_NODE_SIGNALS;
    pct_text barrier = pct_osm_tag_value(tags, "barrier");
    if (!barrier.chars) return mark;
    barrier_kind kind = {"", PCT_BARRIER_OTHER, OPENED_BY_UNITS};
    mark.unknown = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && mark.unknown; i++)
        if (pct_text_equal(barrier, kinds[i].value)) {
            kind = kinds[i];
            mark.unknown = false;
        }
    if (kind.kind == PCT_BARRIER_NONE) return mark;
    firmness firm = firmness_of(&kind, tags);
    pct_osm_passage said = pct_osm_passage_of(tags);
    bool general = said.said ? said.general : firm == OPEN_TO_ALL;
    bool response =
        general || (said.said ? said.response && firm != FIRM : firm == OPENED_BY_UNITS) || said.emergency;
    mark.bars_everybody = !response;
    mark.marks |= (uint8_t)kind.kind;
    if (!general) mark.marks |= PCT_NODE_BARS_TRAFFIC;
    return mark;
}
