#include "osm/pbf_block.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "osm/pbf_format.h"

/* OpenStreetMap itself allows 5,000 tags, 2,000 nodes of a way and 32,000 members. */
enum { STRINGS_MAX = 1 << 22, TAGS_MAX = 1 << 16, REFS_MAX = 1 << 20, FIRST_ITEMS = 64 };
enum { NANODEGREES_PER_E7 = 100, LAT_MAX_E7 = 900000000, LON_MAX_E7 = 1800000000 };

void pct_pbf_block_dispose(pct_pbf_block *block) {
    pct_free(block->strings.items);
    pct_free(block->tags.items);
    pct_free(block->refs.items);
    pct_free(block->members.items);
    *block = (pct_pbf_block){0};
}

static pct_status room(pct_pbf_block *block, pct_pbf_scratch *scratch, size_t count, size_t item_size,
                       size_t max_items, pct_message what) {
    if (count > max_items)
        return PCT_FAIL(block->error, PCT_LIMIT, PCT_MSG_PBF_LIMIT, pct_str(block->file),
                        pct_int(block->offset), pct_phrase(what), pct_int((int64_t)max_items));
    if (count <= scratch->capacity && scratch->items) return PCT_OK;
    size_t capacity = scratch->capacity ? scratch->capacity : FIRST_ITEMS;
    while (capacity < count) capacity *= 2;
    void *items = pct_realloc(scratch->items, capacity, item_size);
    if (!items) return pct_error_memory(block->error, capacity * item_size);
    *scratch = (pct_pbf_scratch){items, capacity};
    return PCT_OK;
}

static pct_status damaged(pct_pbf_block *block, pct_message expected, pct_message found) {
    return PCT_FAIL(block->error, PCT_DAMAGED, PCT_MSG_PBF_DAMAGED, pct_str(block->file),
                    pct_int(block->offset), pct_phrase(expected), pct_phrase(found));
}

static pct_status object_damaged(pct_pbf_block *block, pct_message expected, pct_message found) {
    return PCT_FAIL(block->error, PCT_DAMAGED, PCT_MSG_PBF_OBJECT, pct_str(block->file),
                    pct_int(block->offset), pct_phrase(block->object), pct_int(block->id),
                    pct_phrase(expected), pct_phrase(found));
}

static pct_status lengths_differ(pct_pbf_block *block, pct_message expected, size_t one, size_t other) {
    char found[64];
    (void)snprintf(found, sizeof found, "%zu : %zu", one, other);
    return PCT_FAIL(block->error, PCT_DAMAGED, PCT_MSG_PBF_OBJECT, pct_str(block->file),
                    pct_int(block->offset), pct_phrase(block->object), pct_int(block->id),
                    pct_phrase(expected), pct_str(found));
}

static pct_status text_at(pct_pbf_block *block, uint64_t place, pct_text *out) {
    if (place >= block->string_count) {
        char found[32];
        (void)snprintf(found, sizeof found, "%llu", (unsigned long long)place);
        return PCT_FAIL(block->error, PCT_DAMAGED, PCT_MSG_PBF_TEXT_NUMBER, pct_str(block->file),
                        pct_int(block->offset), pct_phrase(block->object), pct_int(block->id),
                        pct_int((int64_t)block->string_count), pct_str(found));
    }
    *out = ((const pct_text *)block->strings.items)[place];
    return PCT_OK;
}

static pct_status tag_at(pct_pbf_block *block, size_t i, uint64_t key, uint64_t value) {
    pct_status status =
        room(block, &block->tags, i + 1, sizeof(pct_osm_tag), TAGS_MAX, PCT_MSG_WHAT_OBJECT_TAGS);
    if (status) return status;
    pct_osm_tag *tag = (pct_osm_tag *)block->tags.items + i;
    status = text_at(block, key, &tag->key);
    return status ? status : text_at(block, value, &tag->value);
}

static pct_status read_tags(pct_pbf_block *block, pct_wire keys, pct_wire values, pct_osm_tags *out) {
    size_t count = pct_wire_count(keys), value_count = pct_wire_count(values);
    if (count != value_count)
        return lengths_differ(block, PCT_MSG_PBF_EXPECTED_TAG_VALUES, count, value_count);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = tag_at(block, i, pct_wire_varint(&keys), pct_wire_varint(&values));
    if (!status && (keys.at < keys.end || keys.failed || values.at < values.end || values.failed))
        status = object_damaged(block, PCT_MSG_PBF_EXPECTED_TAG_NUMBERS, PCT_MSG_PBF_FOUND_BAD_NUMBER);
    *out = (pct_osm_tags){block->tags.items, count};
    return status;
}

/* Differences, added up. The sums wrap: ids are any 64-bit numbers. */
static int64_t next_sum(int64_t sum, pct_wire *wire) {
    return (int64_t)((uint64_t)sum + (uint64_t)pct_wire_zigzag(wire));
}

static bool scale(int64_t offset, int64_t granularity, int64_t value, int64_t max_e7, int32_t *out) {
    int64_t nano;
    if (__builtin_mul_overflow(value, granularity, &nano) || __builtin_add_overflow(nano, offset, &nano))
        return false;
    if (nano > max_e7 * NANODEGREES_PER_E7 || nano < -max_e7 * NANODEGREES_PER_E7) return false;
    *out = (int32_t)((nano + (nano < 0 ? -1 : 1) * (NANODEGREES_PER_E7 / 2)) / NANODEGREES_PER_E7);
    return true;
}

static pct_status give_node(pct_pbf_block *block, int64_t lat, int64_t lon, pct_osm_tags tags) {
    pct_osm_node node = {.id = block->id, .tags = tags};
    if (!scale(block->lat_offset, block->granularity, lat, LAT_MAX_E7, &node.position.lat_e7) ||
        !scale(block->lon_offset, block->granularity, lon, LON_MAX_E7, &node.position.lon_e7))
        return block->handler->nowhere
                   ? block->handler->nowhere(block->handler->context, block->id, block->error)
                   : PCT_OK;
    node.position = pct_wgs84_from(block->handler->datum, node.position);
    return block->handler->node(block->handler->context, &node, block->error);
}

/* Tags of dense nodes: key, value, key, value, …, 0 for each node; nothing at all when no node has any. */
static pct_status read_dense_tags(pct_pbf_block *block, pct_wire *wire, pct_osm_tags *out) {
    size_t count = 0;
    pct_status status = PCT_OK;
    uint64_t key;
    while (!status && (key = pct_wire_varint(wire)) != 0)
        status = tag_at(block, count++, key, pct_wire_varint(wire));
    if (!status && wire->failed)
        status = object_damaged(block, PCT_MSG_PBF_EXPECTED_TAGS_END, PCT_MSG_PBF_FOUND_NO_ZERO);
    *out = (pct_osm_tags){block->tags.items, count};
    return status;
}

static pct_status read_dense(pct_pbf_block *block, pct_wire wire) {
    pct_wire none = pct_wire_of("", 0), ids = none, lats = none, lons = none, keys_values = none;
    pct_wire_field field;
    while (pct_wire_next(&wire, &field)) switch (field.tag) {
        case PBF_DENSE_IDS: ids = field.bytes; break;
        case PBF_DENSE_LATS: lats = field.bytes; break;
        case PBF_DENSE_LONS: lons = field.bytes; break;
        case PBF_DENSE_TAGS: keys_values = field.bytes; break;
        }
    if (wire.failed) return damaged(block, PCT_MSG_PBF_EXPECTED_DENSE, PCT_MSG_PBF_FOUND_CUT_MESSAGE);
    block->object = PCT_MSG_PBF_EXPECTED_DENSE;
    size_t count = pct_wire_count(ids), lat_count = pct_wire_count(lats), lon_count = pct_wire_count(lons);
    if (count != lat_count) return lengths_differ(block, PCT_MSG_PBF_EXPECTED_LATITUDES, count, lat_count);
    if (count != lon_count) return lengths_differ(block, PCT_MSG_PBF_EXPECTED_LONGITUDES, count, lon_count);
    block->object = PCT_MSG_OSM_NODE;
    bool tagged = keys_values.at < keys_values.end;
    int64_t id = 0, lat = 0, lon = 0;
    for (size_t i = 0; i < count; i++) {
        block->id = id = next_sum(id, &ids);
        lat = next_sum(lat, &lats);
        lon = next_sum(lon, &lons);
        if (ids.failed || lats.failed || lons.failed)
            return object_damaged(block, PCT_MSG_PBF_EXPECTED_COORDINATES, PCT_MSG_PBF_FOUND_LONG_NUMBER);
        pct_osm_tags tags = {NULL, 0};
        pct_status status = tagged ? read_dense_tags(block, &keys_values, &tags) : PCT_OK;
        if (!status) status = give_node(block, lat, lon, tags);
        if (status) return status;
    }
    if (ids.at < ids.end || lats.at < lats.end || lons.at < lons.end || keys_values.at < keys_values.end)
        return object_damaged(block, PCT_MSG_PBF_EXPECTED_NODES_END, PCT_MSG_PBF_FOUND_MORE_NUMBERS);
    return PCT_OK;
}

/* Plain node, way or relation: the fields that they share, by kind. */
typedef struct object_fields {
    bool has_id, has_lat, has_lon;
    int64_t lat, lon;
    uint64_t id;
    pct_wire keys, values, eighth, refs, kinds; /* eighth: a way's refs, a relation's roles */
} object_fields;

static pct_status read_fields(pct_pbf_block *block, pct_wire wire, object_fields *out) {
    pct_wire none = pct_wire_of("", 0);
    *out = (object_fields){.keys = none, .values = none, .eighth = none, .refs = none, .kinds = none};
    pct_wire_field field;
    while (pct_wire_next(&wire, &field)) switch (field.tag) {
        case PBF_ID:
            out->id = field.value;
            out->has_id = true;
            break;
        case PBF_KEYS: out->keys = field.bytes; break;
        case PBF_VALUES: out->values = field.bytes; break;
        case PBF_NODE_LAT:
            out->lat = pct_wire_unzigzag(field.value);
            out->has_lat = true;
            break;
        case PBF_NODE_LON:
            out->lon = pct_wire_unzigzag(field.value);
            out->has_lon = true;
            break;
        case PBF_WAY_REFS: out->eighth = field.bytes; break;
        case PBF_RELATION_REFS: out->refs = field.bytes; break;
        case PBF_RELATION_KINDS: out->kinds = field.bytes; break;
        }
    block->id = (int64_t)out->id;
    if (wire.failed) return object_damaged(block, PCT_MSG_EXPECTED_OBJECT, PCT_MSG_PBF_FOUND_CUT_MESSAGE);
    return out->has_id ? PCT_OK : object_damaged(block, PCT_MSG_EXPECTED_ID, PCT_MSG_FOUND_NONE);
}

static pct_status read_node(pct_pbf_block *block, pct_wire wire) {
    object_fields fields;
    pct_osm_tags tags;
    block->object = PCT_MSG_OSM_NODE;
    pct_status status = read_fields(block, wire, &fields);
    if (status) return status;
    block->id = pct_wire_unzigzag(fields.id);
    if (!fields.has_lat || !fields.has_lon)
        return object_damaged(block, PCT_MSG_PBF_EXPECTED_LAT_LON, PCT_MSG_FOUND_NONE);
    status = read_tags(block, fields.keys, fields.values, &tags);
    return status ? status : give_node(block, fields.lat, fields.lon, tags);
}

static pct_status read_way(pct_pbf_block *block, pct_wire wire) {
    object_fields fields;
    block->object = PCT_MSG_OSM_WAY;
    pct_status status = read_fields(block, wire, &fields);
    if (status) return status;
    pct_osm_way way = {.id = block->id, .ref_count = pct_wire_count(fields.eighth)};
    status = read_tags(block, fields.keys, fields.values, &way.tags);
    if (!status)
        status = room(block, &block->refs, way.ref_count, sizeof(int64_t), REFS_MAX, PCT_MSG_WHAT_WAY_NODES);
    if (status) return status;
    int64_t *refs = block->refs.items, ref = 0;
    for (size_t i = 0; i < way.ref_count; i++) refs[i] = ref = next_sum(ref, &fields.eighth);
    if (fields.eighth.failed || fields.eighth.at < fields.eighth.end)
        return object_damaged(block, PCT_MSG_PBF_EXPECTED_NODE_NUMBERS, PCT_MSG_PBF_FOUND_BAD_NUMBER);
    way.refs = refs;
    return block->handler->way(block->handler->context, &way, block->error);
}

static pct_status read_members(pct_pbf_block *block, object_fields *fields, size_t count) {
    pct_status status =
        room(block, &block->members, count, sizeof(pct_osm_member), REFS_MAX, PCT_MSG_WHAT_RELATION_MEMBERS);
    pct_osm_member *members = block->members.items;
    int64_t ref = 0;
    for (size_t i = 0; i < count && !status; i++) {
        ref = next_sum(ref, &fields->refs);
        uint64_t kind = pct_wire_varint(&fields->kinds);
        if (kind > PCT_OSM_RELATION)
            return object_damaged(block, PCT_MSG_PBF_EXPECTED_MEMBER_KIND, PCT_MSG_PBF_FOUND_OTHER_NUMBER);
        members[i] = (pct_osm_member){.kind = (pct_osm_kind)kind, .ref = ref};
        status = text_at(block, pct_wire_varint(&fields->eighth), &members[i].role);
    }
    if (!status && (fields->refs.failed || fields->kinds.failed || fields->eighth.failed))
        status = object_damaged(block, PCT_MSG_PBF_EXPECTED_MEMBER_NUMBERS, PCT_MSG_PBF_FOUND_LONG_NUMBER);
    if (!status && (fields->refs.at < fields->refs.end || fields->kinds.at < fields->kinds.end ||
                    fields->eighth.at < fields->eighth.end))
        status = object_damaged(block, PCT_MSG_PBF_EXPECTED_MEMBER_NUMBERS, PCT_MSG_PBF_FOUND_CUT_NUMBER);
    return status;
}

static pct_status read_relation(pct_pbf_block *block, pct_wire wire) {
    object_fields fields;
    block->object = PCT_MSG_OSM_RELATION;
    pct_status status = read_fields(block, wire, &fields);
    if (status) return status;
    pct_osm_relation relation = {.id = block->id, .member_count = pct_wire_count(fields.refs)};
    size_t roles = pct_wire_count(fields.eighth), kinds = pct_wire_count(fields.kinds);
    if (roles != relation.member_count)
        return lengths_differ(block, PCT_MSG_PBF_EXPECTED_ROLES, relation.member_count, roles);
    if (kinds != relation.member_count)
        return lengths_differ(block, PCT_MSG_PBF_EXPECTED_KINDS, relation.member_count, kinds);
    status = read_tags(block, fields.keys, fields.values, &relation.tags);
    if (!status) status = read_members(block, &fields, relation.member_count);
    if (status) return status;
    relation.members = block->members.items;
    return block->handler->relation(block->handler->context, &relation, block->error);
}

static pct_status read_group(pct_pbf_block *block, pct_wire group) {
    const pct_osm_handler *handler = block->handler;
    pct_status status = PCT_OK;
    pct_wire_field field;
    while (!status && pct_wire_next(&group, &field)) {
        if (field.tag == PBF_GROUP_NODE && handler->node)
            status = read_node(block, field.bytes);
        else if (field.tag == PBF_GROUP_DENSE && handler->node)
            status = read_dense(block, field.bytes);
        else if (field.tag == PBF_GROUP_WAY && handler->way)
            status = read_way(block, field.bytes);
        else if (field.tag == PBF_GROUP_RELATION && handler->relation)
            status = read_relation(block, field.bytes);
    }
    return !status && group.failed ? damaged(block, PCT_MSG_PBF_EXPECTED_GROUP, PCT_MSG_PBF_FOUND_CUT_MESSAGE)
                                   : status;
}

/* A group holds objects of one kind, so its first field tells whether anybody wants it. */
static bool is_wanted(const pct_osm_handler *handler, pct_wire group) {
    pct_wire_field field;
    if (!pct_wire_next(&group, &field)) return group.failed; /* let read_group report it */
    switch (field.tag) {
    case PBF_GROUP_NODE:
    case PBF_GROUP_DENSE: return handler->node != NULL;
    case PBF_GROUP_WAY: return handler->way != NULL;
    case PBF_GROUP_RELATION: return handler->relation != NULL;
    default: return false;
    }
}

static pct_status read_strings(pct_pbf_block *block, pct_wire table) {
    size_t count = 0;
    pct_wire_field field;
    for (pct_wire counted = table; pct_wire_next(&counted, &field);) count += field.tag == PBF_STRINGS_TEXT;
    pct_status status =
        room(block, &block->strings, count, sizeof(pct_text), STRINGS_MAX, PCT_MSG_WHAT_BLOCK_TEXTS);
    if (status) return status;
    pct_text *strings = block->strings.items;
    block->string_count = 0;
    while (pct_wire_next(&table, &field)) {
        if (field.tag != PBF_STRINGS_TEXT) continue;
        pct_text text = {(const char *)field.bytes.at, pct_wire_length(field.bytes)};
        if (!pct_text_is_utf8(text))
            return damaged(block, PCT_MSG_PBF_EXPECTED_UTF8, PCT_MSG_PBF_FOUND_OTHER_BYTES);
        strings[block->string_count++] = text;
    }
    return table.failed ? damaged(block, PCT_MSG_PBF_EXPECTED_TEXTS, PCT_MSG_PBF_FOUND_CUT_MESSAGE) : PCT_OK;
}

pct_status pct_pbf_block_read(pct_pbf_block *block, pct_wire bytes) {
    pct_wire strings = pct_wire_of("", 0);
    bool wanted = false;
    block->granularity = NANODEGREES_PER_E7;
    block->lat_offset = block->lon_offset = 0;
    pct_wire_field field;
    pct_wire scan = bytes;
    while (pct_wire_next(&scan, &field)) switch (field.tag) {
        case PBF_BLOCK_STRINGS: strings = field.bytes; break;
        case PBF_BLOCK_GROUP: wanted |= is_wanted(block->handler, field.bytes); break;
        case PBF_BLOCK_GRANULARITY: block->granularity = (int64_t)field.value; break;
        case PBF_BLOCK_LAT_OFFSET: block->lat_offset = (int64_t)field.value; break;
        case PBF_BLOCK_LON_OFFSET: block->lon_offset = (int64_t)field.value; break;
        }
    if (scan.failed) return damaged(block, PCT_MSG_PBF_EXPECTED_BLOCK, PCT_MSG_PBF_FOUND_CUT_MESSAGE);
    if (block->granularity < 1 || block->granularity > INT32_MAX)
        return damaged(block, PCT_MSG_PBF_EXPECTED_GRANULARITY, PCT_MSG_PBF_FOUND_OTHER_NUMBER);
    if (!wanted) return PCT_OK;
    pct_status status = read_strings(block, strings);
    while (!status && pct_wire_next(&bytes, &field))
        if (field.tag == PBF_BLOCK_GROUP) status = read_group(block, field.bytes);
    return status;
}
