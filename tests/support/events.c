#include "support/events.h"

#include <string.h>

#include "support/test.h"

static pct_text draw_text(test_byte_source *from, size_t max, bool may_be_empty) {
    static const char *const pieces[] = {"a",  "Z",          "\"",   "\\",   "\n", "\t",   "\b",
                                         "\f", "\r",         "\x01", "\x1f", "/",  "\x7f", "接警",
                                         "é",  "\U0001F693", " ",    "{",    "}",  "]",    ","};
    size_t length = 0, count = pct_rng_below(&from->rng, 9) + !may_be_empty;
    char *text = from->pool + from->used;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[pct_rng_below(&from->rng, sizeof pieces / sizeof *pieces)];
        if (length + strlen(piece) > max) piece = "x";
        if (length + strlen(piece) > max) break;
        memcpy(text + length, piece, strlen(piece));
        length += strlen(piece);
    }
    from->used += length;
    return (pct_text){text, length};
}

static int64_t draw_integer(test_byte_source *from, int64_t min, int64_t max) {
    uint64_t span = (uint64_t)(max - min) + 1;
    return min + (int64_t)((pct_rng_next(&from->rng) >> pct_rng_below(&from->rng, 60)) % span);
}

static void draw_value(test_byte_source *from, const pct_event_field *field, void *value) {
    static const char *const codes[] = {"a", "patrol", "fire", "gas_leak", "x_1_2"};
    const int64_t big = (INT64_C(1) << 53) - 1;
    switch ((pct_field_type)field->type) {
    case PCT_FIELD_INT:
    case PCT_FIELD_MS: *(int64_t *)value = draw_integer(from, field->min, field->max); break;
    case PCT_FIELD_BOOL: *(bool *)value = pct_rng_below(&from->rng, 2); break;
    case PCT_FIELD_POSITION:
        *(pct_position *)value = (pct_position){(int32_t)draw_integer(from, -1800000000, 1800000000),
                                                (int32_t)draw_integer(from, -900000000, 900000000)};
        break;
    case PCT_FIELD_ROAD:
        *(pct_road_ref *)value = (pct_road_ref){draw_integer(from, -big, big), draw_integer(from, 0, big), 7};
        break;
    case PCT_FIELD_TEXT:
        *(pct_text *)value = draw_text(from, (size_t)field->max, !(field->flags & PCT_FIELD_OPTIONAL));
        break;
    case PCT_FIELD_CODE: *(pct_text *)value = pct_text_of(codes[pct_rng_below(&from->rng, 5)]); break;
    case PCT_FIELD_ID: *(int64_t *)value = draw_integer(from, 1, big); break;
    case PCT_FIELD_ENUM:
        *(uint32_t *)value = 1 + pct_rng_below(&from->rng, (uint32_t)field->name_count - 1);
        break;
    }
}

pct_event test_draw_event(test_byte_source *from, pct_event_type type) {
    const pct_event_type_entry *entry = &pct_event_type_table[type];
    const pct_event_version *version = &entry->versions[entry->version - 1];
    pct_event e = {.type = type, .version = entry->version};
    from->used = 0;
    e.seq = draw_integer(from, 2, (INT64_C(1) << 53) - 1);
    e.epoch = draw_integer(from, 0, 9);
    e.recorded_at_ms = draw_integer(from, 0, 1 << 30);
    e.cause = pct_rng_below(&from->rng, 2) ? 1 : 0;
    e.actor = draw_text(from, 64, false);
    e.purpose = draw_text(from, 200, true);
    e.idempotency_key = draw_text(from, 64, true);
    e.object = (pct_id){.kind = entry->kind, .seq = entry->creates ? e.seq : draw_integer(from, 1, e.seq)};
    e.role = (pct_role)(1 + pct_rng_below(&from->rng, PCT_ROLE_COUNT - 1));
    char *data = (char *)&e.data;
    for (size_t i = 0; i < version->field_count; i++) {
        const pct_event_field *field = &version->fields[i];
        if ((field->flags & PCT_FIELD_OPTIONAL) && pct_rng_below(&from->rng, 2)) continue;
        if (field->has_offset) *(bool *)(data + field->has_offset) = true;
        uint32_t count = field->flags & PCT_FIELD_LIST ? pct_rng_below(&from->rng, field->list_max + 1u) : 1;
        char *items = data + field->offset;
        if (field->flags & PCT_FIELD_LIST) *(uint32_t *)(data + field->count_offset) = count;
        if (field->flags & PCT_FIELD_LIST && pct_event_list_is_apart(field)) {
            char *apart = from->places[from->places_used++ % 4];
            memcpy(items, &apart, sizeof apart);
            items = apart;
        }
        for (uint32_t n = 0; n < count; n++) draw_value(from, field, items + n * pct_event_item_size(field));
    }
    return e;
}

void test_same_text(pct_text a, pct_text b) {
    ck_assert_uint_eq(a.length, b.length);
    if (a.length) ck_assert_int_eq(memcmp(a.chars, b.chars, a.length), 0);
}

/* Equal events, texts compared by content. */
void test_same_event(const pct_event *a, const pct_event *b) {
    const pct_event_type_entry *entry = &pct_event_type_table[a->type];
    const pct_event_version *version = &entry->versions[entry->version - 1];
    ck_assert_int_eq(a->seq, b->seq);
    ck_assert_int_eq(a->cause, b->cause);
    ck_assert_int_eq(a->recorded_at_ms, b->recorded_at_ms);
    ck_assert_int_eq(a->object.seq, b->object.seq);
    ck_assert_int_eq(a->role, b->role);
    ck_assert_int_eq(a->version, b->version);
    test_same_text(a->actor, b->actor);
    test_same_text(a->purpose, b->purpose);
    test_same_text(a->idempotency_key, b->idempotency_key);
    static const size_t sizes[] = {
        [PCT_FIELD_INT] = 8,   [PCT_FIELD_MS] = 8, [PCT_FIELD_BOOL] = 1, [PCT_FIELD_POSITION] = 8,
        [PCT_FIELD_ROAD] = 24, [PCT_FIELD_ID] = 8, [PCT_FIELD_ENUM] = 4};
    for (size_t i = 0; i < version->field_count; i++) {
        const pct_event_field *field = &version->fields[i];
        const char *at = (const char *)&a->data + field->offset, *bt = (const char *)&b->data + field->offset;
        bool text = field->type == PCT_FIELD_TEXT || field->type == PCT_FIELD_CODE;
        uint32_t count = 1;
        if (field->flags & PCT_FIELD_LIST) {
            count = *(const uint32_t *)((const char *)&a->data + field->count_offset);
            ck_assert_uint_eq(count, *(const uint32_t *)((const char *)&b->data + field->count_offset));
        }
        if (field->flags & PCT_FIELD_LIST && pct_event_list_is_apart(field)) {
            memcpy(&at, at, sizeof at), memcpy(&bt, bt, sizeof bt);
            if (count > 0)
                ck_assert_msg(memcmp(at, bt, count * pct_event_item_size(field)) == 0, "%s.%s differs",
                              entry->name, field->name);
            continue;
        }
        for (uint32_t n = 0; n < count; n++) {
            if (text)
                test_same_text(((const pct_text *)(const void *)at)[n],
                               ((const pct_text *)(const void *)bt)[n]);
            else
                ck_assert_msg(memcmp(at, bt, sizes[field->type]) == 0, "%s.%s differs", entry->name,
                              field->name);
        }
    }
}
