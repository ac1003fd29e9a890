#include "road/osm_turns.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "road/osm_condition.h"

enum { TURNS_MAX = 1 << 26, VIA_SEGMENTS_MAX = 256, DRIVEN_FORWARD = 1, DRIVEN_BACKWARD = 2 };

typedef enum member_role { ROLE_FROM, ROLE_VIA, ROLE_TO } member_role;

typedef struct member {
    int64_t ref;
    member_role role;
    bool is_node;
} member;

typedef struct turn {
    int64_t id;
    size_t member_at, member_count;
    pct_restriction_kind kind;
} turn;

pct_osm_turns pct_osm_turns_init(void) {
    return (pct_osm_turns){.turns = pct_vector_init(sizeof(turn), TURNS_MAX),
                           .members = pct_vector_init(sizeof(member), TURNS_MAX),
                           .seen = pct_map_init(TURNS_MAX)};
}

void pct_osm_turns_dispose(pct_osm_turns *turns) {
    pct_vector_dispose(&turns->turns);
    pct_vector_dispose(&turns->members);
    pct_map_dispose(&turns->seen);
}

static bool begins(pct_text text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.chars, prefix, length) == 0;
}

/* Whether the exceptions of a restriction include motor cars. */
static bool excepts_cars(pct_osm_tags tags) {
    pct_text rest = pct_osm_tag_value(tags, "except"), item;
    while (rest.chars && pct_text_next(&rest, ';', &item)) {
        item = pct_text_trim(item);
        if (pct_text_equal(item, "motorcar") || pct_text_equal(item, "motor_vehicle") ||
            pct_text_equal(item, "vehicle"))
            return true;
    }
    return false;
}

/* What a conditional restriction forbids or demands, unless it never holds; *at_times: not always. */
static pct_text conditional_kind(pct_osm_tags tags, bool *at_times) {
    static const char *const keys[] = {"restriction:motorcar:conditional",
                                       "restriction:motor_vehicle:conditional", "restriction:conditional"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        pct_text rest = pct_osm_tag_value(tags, keys[i]);
        pct_osm_clause clause;
        while (pct_osm_clause_next(&rest, &clause)) {
            if (clause.when == PCT_OSM_NEVER) continue;
            *at_times = clause.when == PCT_OSM_SOMETIMES;
            return clause.value;
        }
    }
    return (pct_text){NULL, 0};
}

/* The kind of restriction, or why it is none for us. */
static pct_message kind_of(pct_osm_tags tags, pct_restriction_kind *kind, bool *at_times) {
    static const char *const keys[] = {"restriction:motorcar", "restriction:motor_vehicle", "restriction"};
    pct_text value = {NULL, 0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !value.chars; i++)
        value = pct_osm_tag_value(tags, keys[i]);
    if (!value.chars) value = conditional_kind(tags, at_times);
    if (!value.chars) {
        for (size_t i = 0; i < tags.count; i++)
            if (begins(tags.items[i].key, "restriction:")) return PCT_MSG_IMPORT_OSM_TURN_OTHERS;
        return PCT_MSG_IMPORT_OSM_TURN_MALFORMED;
    }
    if (excepts_cars(tags)) return PCT_MSG_IMPORT_OSM_TURN_OTHERS;
    *kind = begins(value, "only_") ? PCT_TURN_MANDATORY : PCT_TURN_FORBIDDEN;
    return begins(value, "only_") || begins(value, "no_") ? PCT_MSG_NONE : PCT_MSG_IMPORT_OSM_TURN_MALFORMED;
}

static pct_status collect_members(pct_osm_turns *turns, const pct_osm_relation *relation, pct_error *error) {
    for (size_t i = 0; i < relation->member_count; i++) {
        const pct_osm_member *m = &relation->members[i];
        member_role role;
        if (pct_text_equal(m->role, "from"))
            role = ROLE_FROM;
        else if (pct_text_equal(m->role, "via"))
            role = ROLE_VIA;
        else if (pct_text_equal(m->role, "to"))
            role = ROLE_TO;
        else
            continue;
        if (m->kind == PCT_OSM_RELATION || (m->kind == PCT_OSM_NODE && role != ROLE_VIA)) continue;
        member *kept = pct_vector_push(&turns->members);
        if (!kept) return pct_vector_failed(&turns->members, PCT_MSG_WHAT_RESTRICTION_MEMBERS, error);
        *kept = (member){m->ref, role, m->kind == PCT_OSM_NODE};
    }
    return PCT_OK;
}

/* One via node or any via ways, at least one from and one to; several of both make no sense. */
static bool well_formed(const member *members, size_t count) {
    size_t from = 0, to = 0, via_nodes = 0, via_ways = 0;
    for (size_t i = 0; i < count; i++) {
        from += members[i].role == ROLE_FROM;
        to += members[i].role == ROLE_TO;
        via_nodes += members[i].role == ROLE_VIA && members[i].is_node;
        via_ways += members[i].role == ROLE_VIA && !members[i].is_node;
    }
    bool via = (via_nodes == 1 && via_ways == 0) || (via_nodes == 0 && via_ways > 0);
    return via && from > 0 && to > 0 && (from == 1 || to == 1);
}

pct_status pct_osm_turns_collect(pct_osm_turns *turns, const pct_osm_relation *relation,
                                 pct_import_report *report, pct_error *error) {
    if (!pct_text_equal(pct_osm_tag_value(relation->tags, "type"), "restriction")) return PCT_OK;
    uint32_t number = (uint32_t)turns->seen.length, found;
    if (pct_map_add(&turns->seen, (uint64_t)relation->id, number, &found))
        return pct_map_failed(&turns->seen, PCT_MSG_WHAT_TURN_RESTRICTIONS, error);
    if (found != number) {
        pct_import_drop(report, PCT_MSG_IMPORT_OSM_RELATION_TWICE, relation->id);
        return PCT_OK;
    }
    report->restrictions_read++;
    turn t = {.id = relation->id, .member_at = turns->members.length};
    bool at_times = false;
    pct_message dropped = kind_of(relation->tags, &t.kind, &at_times);
    pct_status status = PCT_OK;
    if (dropped == PCT_MSG_NONE) {
        status = collect_members(turns, relation, error);
        t.member_count = turns->members.length - t.member_at;
        if (!status && (t.member_count == 0 ||
                        !well_formed((const member *)turns->members.items + t.member_at, t.member_count)))
            dropped = PCT_MSG_IMPORT_OSM_TURN_MALFORMED;
    }
    if (status) return status;
    if (dropped != PCT_MSG_NONE) {
        turns->members.length = t.member_at;
        pct_import_drop(report, dropped, relation->id);
        return PCT_OK;
    }
    if (at_times) pct_import_drop(report, PCT_MSG_IMPORT_OSM_TURN_CONDITIONAL, relation->id);
    turn *kept = pct_vector_push(&turns->turns);
    if (!kept) return pct_vector_failed(&turns->turns, PCT_MSG_WHAT_TURN_RESTRICTIONS, error);
    *kept = t;
    return PCT_OK;
}

/* --- resolving ----------------------------------------------------------------------------------------- */

static pct_osm_way_span span_of(const pct_osm_roads *roads, int64_t way_id) {
    uint32_t number = pct_map_get(roads->ways, (uint64_t)way_id);
    return number == PCT_MAP_ABSENT ? (pct_osm_way_span){0, 0} : roads->spans[number];
}

static int driven(const pct_osm_stretch *s) {
    return ((s->flags & (PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD)) ? DRIVEN_FORWARD : 0) |
           ((s->flags & (PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD)) ? DRIVEN_BACKWARD : 0);
}

static bool arrives(const pct_osm_stretch *s, uint32_t node) {
    return (s->head == node && (driven(s) & DRIVEN_FORWARD)) ||
           (s->tail == node && (driven(s) & DRIVEN_BACKWARD));
}

static bool departs(const pct_osm_stretch *s, uint32_t node) {
    return (s->tail == node && (driven(s) & DRIVEN_FORWARD)) ||
           (s->head == node && (driven(s) & DRIVEN_BACKWARD));
}

/* The only segment of a way that arrives at (or departs from) the node; PCT_NO_INDEX: none or several. */
static uint32_t only_one(const pct_osm_roads *roads, pct_osm_way_span span, uint32_t node,
                         bool (*test)(const pct_osm_stretch *, uint32_t)) {
    uint32_t found = PCT_NO_INDEX;
    for (uint32_t i = span.first; i < span.first + span.count; i++) {
        if (!test(&roads->stretches[i], node)) continue;
        if (found != PCT_NO_INDEX) return PCT_NO_INDEX;
        found = i;
    }
    return found;
}

static bool touches(const pct_osm_roads *roads, pct_osm_way_span span, uint32_t node) {
    for (uint32_t i = span.first; i < span.first + span.count; i++)
        if (roads->stretches[i].tail == node || roads->stretches[i].head == node) return true;
    return false;
}

/* A walk over via segments. */
typedef struct via_walk {
    uint32_t segments[VIA_SEGMENTS_MAX];
    size_t count;
    uint32_t entry, end;
} via_walk;

/* Drives on along `via` from walk->end to the nearest node where it meets `next`; false when there is none. */
static bool drive_along(const pct_osm_roads *roads, pct_osm_way_span via, pct_osm_way_span next,
                        via_walk *walk) {
    via_walk best = {.count = SIZE_MAX};
    for (uint32_t i = via.first; i < via.first + via.count; i++)
        for (int backward = 0; backward <= 1; backward++) {
            via_walk tried = *walk;
            const pct_osm_stretch *s = &roads->stretches[i];
            if ((backward ? s->head : s->tail) != walk->end) continue;
            for (int64_t k = i; k >= via.first && k < (int64_t)via.first + via.count;
                 k += backward ? -1 : 1) {
                s = &roads->stretches[k];
                if ((backward ? s->head : s->tail) != tried.end || tried.count == VIA_SEGMENTS_MAX) break;
                if (!(driven(s) & (backward ? DRIVEN_BACKWARD : DRIVEN_FORWARD))) break;
                tried.segments[tried.count++] = (uint32_t)k;
                tried.end = backward ? s->tail : s->head;
                if (!touches(roads, next, tried.end)) continue;
                if (tried.count < best.count) best = tried;
                break;
            }
        }
    if (best.count == SIZE_MAX) return false;
    *walk = best;
    return true;
}

/* The shortest drive over all via ways, in the relation's order, from a node of `from` to a node of `to`. */
static bool find_walk(const pct_osm_roads *roads, const turn *t, const member *members, pct_osm_way_span from,
                      pct_osm_way_span to, via_walk *out) {
    out->count = SIZE_MAX;
    for (uint32_t i = from.first; i < from.first + from.count; i++)
        for (int at_head = 0; at_head <= 1; at_head++) {
            const pct_osm_stretch *s = &roads->stretches[i];
            uint32_t entry = at_head ? s->head : s->tail;
            if (!arrives(s, entry)) continue;
            via_walk tried = {.count = 0, .entry = entry, .end = entry};
            bool whole = true;
            for (size_t m = 0; m < t->member_count && whole; m++) {
                if (members[m].role != ROLE_VIA) continue;
                size_t n = m + 1;
                while (n < t->member_count && members[n].role != ROLE_VIA) n++;
                pct_osm_way_span next = n < t->member_count ? span_of(roads, members[n].ref) : to;
                whole = drive_along(roads, span_of(roads, members[m].ref), next, &tried);
            }
            if (whole && tried.count < out->count) *out = tried;
        }
    return out->count != SIZE_MAX;
}

/* One pair of from and to; *resolved tells whether it became a restriction. */
static pct_status resolve_pair(const pct_osm_roads *roads, const turn *t, const member *members,
                               const member *from, const member *to, pct_network_builder *builder,
                               bool *resolved, pct_error *error) {
    pct_osm_way_span from_span = span_of(roads, from->ref), to_span = span_of(roads, to->ref);
    via_walk walk = {.count = 0, .entry = PCT_NO_INDEX, .end = PCT_NO_INDEX};
    bool via_node = false;
    for (size_t i = 0; i < t->member_count; i++)
        if (members[i].role == ROLE_VIA && members[i].is_node) {
            walk.entry = walk.end = roads->node_of(roads->context, members[i].ref);
            via_node = true;
        }
    *resolved = false;
    if (!via_node && !find_walk(roads, t, members, from_span, to_span, &walk)) return PCT_OK;
    if (walk.entry == PCT_NO_INDEX) return PCT_OK;
    pct_restriction restriction = {.from_segment = only_one(roads, from_span, walk.entry, arrives),
                                   .to_segment = only_one(roads, to_span, walk.end, departs),
                                   .via_node = walk.entry,
                                   .via_segment_count = (uint16_t)walk.count,
                                   .kind = (uint8_t)t->kind};
    if (restriction.from_segment == PCT_NO_INDEX || restriction.to_segment == PCT_NO_INDEX) return PCT_OK;
    *resolved = true;
    return pct_network_add_restriction(builder, &restriction, walk.segments, error);
}

static int by_id(const void *a, const void *b) {
    const turn *p = a, *q = b;
    return p->id < q->id ? -1 : p->id > q->id;
}

pct_status pct_osm_turns_resolve(pct_osm_turns *turns, const pct_osm_roads *roads,
                                 pct_network_builder *builder, pct_import_report *report, pct_error *error) {
    const turn *all = turns->turns.items;
    pct_status status = PCT_OK;
    if (turns->turns.length > 0) qsort(turns->turns.items, turns->turns.length, sizeof(turn), by_id);
    for (size_t i = 0; i < turns->turns.length && !status; i++) {
        const member *members = (const member *)turns->members.items + all[i].member_at;
        bool any_failed = false, resolved;
        for (size_t f = 0; f < all[i].member_count; f++)
            for (size_t g = 0; g < all[i].member_count && !status; g++) {
                if (members[f].role != ROLE_FROM || members[g].role != ROLE_TO) continue;
                status = resolve_pair(roads, &all[i], members, &members[f], &members[g], builder, &resolved,
                                      error);
                any_failed |= !resolved;
            }
        if (any_failed) pct_import_drop(report, PCT_MSG_IMPORT_OSM_TURN_UNRESOLVED, all[i].id);
    }
    return status;
}
