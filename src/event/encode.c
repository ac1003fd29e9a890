/* Event → canonical bytes: the members of the header in the order of their names, then, within "data", the fields in
 * the order of their table. O(bytes); what the tables do not allow is refused, so that nothing is ever stored that
 * the decoder would not take. */
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "event/rules.h"

bool pct_event_is_code(pct_text text) {
    if (text.length == 0 || text.length > PCT_EVENT_CODE_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.chars[i];
        bool letter = c >= 'a' && c <= 'z', later = (c >= '0' && c <= '9') || c == '_';
        if (!letter && !(later && i > 0)) return false;
    }
    return true;
}

bool pct_event_is_position(int64_t lon_e7, int64_t lat_e7) {
    return lon_e7 >= -1800000000 && lon_e7 <= 1800000000 && lat_e7 >= -900000000 && lat_e7 <= 900000000;
}

const char pct_event_escape_letters[0x20] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

const char *pct_event_type_name(pct_event_type type) {
    return type < PCT_EVENT_TYPE_COUNT ? pct_event_type_table[type].name : "";
}

uint16_t pct_event_type_version(pct_event_type type) {
    return type < PCT_EVENT_TYPE_COUNT ? pct_event_type_table[type].version : 0;
}

uint64_t pct_event_field_bit(pct_event_type type, const char *name) {
    if (type == PCT_EVENT_NONE || type >= PCT_EVENT_TYPE_COUNT) return 0;
    const pct_event_type_entry *entry = &pct_event_type_table[type];
    const pct_event_version *version = &entry->versions[entry->version - 1];
    for (size_t i = 0; i < version->field_count; i++)
        if (!strcmp(version->fields[i].name, name)) return UINT64_C(1) << i;
    return 0;
}

bool pct_event_list_is_apart(const pct_event_field *field) {
    return field->type == PCT_FIELD_ROAD || field->type == PCT_FIELD_POSITION;
}

size_t pct_event_item_size(const pct_event_field *field) {
    switch (field->type) {
    case PCT_FIELD_CODE: return sizeof(pct_text);
    case PCT_FIELD_ROAD: return sizeof(pct_road_ref);
    case PCT_FIELD_POSITION: return sizeof(pct_position);
    default: return sizeof(int64_t);
    }
}

typedef struct encoder {
    pct_buffer *out; /* NULL: only check */
    const char *type;
    pct_error *error;
    bool has_members;
    const pct_event_sealer *sealer; /* NULL: the plain form */
    const pct_event *event;
} encoder;

static pct_status refuse(encoder *e, const char *field, pct_message expected) {
    return PCT_FAIL(e->error, PCT_INPUT, PCT_MSG_EVENT_FIELD, pct_str(e->type), pct_str(field),
                    pct_phrase(expected));
}

static void put(encoder *e, const void *bytes, size_t length) {
    if (e->out) (void)pct_buffer_append(e->out, bytes, length);
}

static void put_key(encoder *e, const char *name, size_t length) {
    if (e->has_members) put(e, ",", 1);
    put(e, "\"", 1);
    put(e, name, length);
    put(e, "\":", 2);
    e->has_members = true;
}

static void put_integer(encoder *e, int64_t value) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0) digits[--at] = '-';
    put(e, digits + at, sizeof digits - at);
}

static void put_text(encoder *e, pct_text text) {
    static const char hex[] = "0123456789abcdef";
    put(e, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.chars[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        put(e, text.chars + from, i - from);
        from = i + 1;
        char letter = c < 0x20 ? pct_event_escape_letters[c] : (char)c;
        if (letter)
            put(e, (const char[]){'\\', letter}, 2);
        else
            put(e, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
    put(e, text.chars + from, text.length - from);
    put(e, "\"", 1);
}

static void put_id(encoder *e, pct_id id) {
    char text[PCT_ID_TEXT];
    size_t length = pct_id_write(id, text);
    put(e, "\"", 1);
    put(e, text, length);
    put(e, "\"", 1);
}

/* --- fields of the data -------------------------------------------------------------------------------------- */

/* Is an optional value there? Numbers and places have a flag, the others a value of their own for absence. */
static bool is_present(const pct_event_field *field, const char *data) {
    const void *value = data + field->offset;
    if (!(field->flags & PCT_FIELD_OPTIONAL)) return true;
    switch (field->type) {
    case PCT_FIELD_TEXT:
    case PCT_FIELD_CODE: return ((const pct_text *)value)->length > 0;
    case PCT_FIELD_ID: return *(const int64_t *)value != 0;
    case PCT_FIELD_ENUM: return *(const pct_event_enum *)value != 0;
    default: return *(const bool *)(data + field->has_offset);
    }
}

static pct_status put_place(encoder *e, const pct_event_field *field, const void *value) {
    int64_t parts[3];
    size_t count = 0;
    if (field->type == PCT_FIELD_POSITION) {
        const pct_position *p = value;
        if (!pct_event_is_position(p->lon_e7, p->lat_e7))
            return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_POSITION);
        parts[count++] = p->lon_e7, parts[count++] = p->lat_e7;
    } else {
        const pct_road_ref *road = value;
        parts[count++] = road->way, parts[count++] = road->from, parts[count++] = road->to;
        for (size_t i = 0; i < count; i++)
            if (parts[i] < -PCT_EVENT_INT_MAX || parts[i] > PCT_EVENT_INT_MAX)
                return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_ROAD_IDS);
    }
    for (size_t i = 0; i < count; i++) {
        put(e, i ? "," : "[", 1);
        put_integer(e, parts[i]);
    }
    put(e, "]", 1);
    return PCT_OK;
}

static pct_status put_text_value(encoder *e, const pct_event_field *field, pct_text text) {
    if (text.length > (uint64_t)field->max)
        return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_SHORTER_TEXT);
    if (!pct_text_is_utf8(text)) return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_TEXT_UTF8);
    put_text(e, text);
    return PCT_OK;
}

static pct_status put_value(encoder *e, const pct_event_field *field, const void *value) {
    switch ((pct_field_type)field->type) {
    case PCT_FIELD_INT:
    case PCT_FIELD_MS: {
        int64_t number = *(const int64_t *)value;
        if (number < field->min || number > field->max)
            return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_RANGED_NUMBER);
        put_integer(e, number);
        return PCT_OK;
    }
    case PCT_FIELD_BOOL: {
        bool is = *(const bool *)value;
        put(e, is ? "true" : "false", is ? 4 : 5);
        return PCT_OK;
    }
    case PCT_FIELD_POSITION:
    case PCT_FIELD_ROAD: return put_place(e, field, value);
    case PCT_FIELD_TEXT: return put_text_value(e, field, *(const pct_text *)value);
    case PCT_FIELD_CODE:
        if (!pct_event_is_code(*(const pct_text *)value))
            return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_CODE_VALUE);
        put_text(e, *(const pct_text *)value);
        return PCT_OK;
    case PCT_FIELD_ID: {
        int64_t seq = *(const int64_t *)value;
        if (seq < 1 || seq > PCT_EVENT_INT_MAX) return refuse(e, field->name, PCT_MSG_EXPECTED_ID);
        put_id(e, (pct_id){.kind = field->kind, .seq = seq});
        return PCT_OK;
    }
    case PCT_FIELD_ENUM: {
        pct_event_enum number = *(const pct_event_enum *)value;
        if (number == 0 || number >= field->name_count)
            return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_OWN_VALUE);
        put_text(e, pct_text_of(field->names[number]));
        return PCT_OK;
    }
    }
    return PCT_INTERNAL;
}

static pct_status put_list(encoder *e, const pct_event_field *field, const char *data) {
    uint32_t count = *(const uint32_t *)(data + field->count_offset);
    const char *items = data + field->offset;
    if (pct_event_list_is_apart(field)) memcpy(&items, (const void *)(data + field->offset), sizeof items);
    if (count > field->list_max) return refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_SHORTER_LIST);
    put(e, "[", 1);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) put(e, ",", 1);
        pct_status status = put_value(e, field, items + i * pct_event_item_size(field));
        if (status) return status;
    }
    put(e, "]", 1);
    return PCT_OK;
}

/* The value's plain form, sealed, as an envelope. */
static pct_status put_envelope(encoder *e, const pct_event_field *field, const void *value) {
    pct_buffer bytes = pct_buffer_init(PCT_EVENT_CIPHER_MAX);
    pct_event_envelope envelope = {.key = 0};
    encoder inner = {.out = &bytes, .error = e->error, .type = e->type};
    pct_status status = put_value(&inner, field, value);
    if (!status) status = pct_buffer_status(&bytes, e->error);
    if (!status) status = e->sealer->seal(e->sealer->context, e->event, field, &bytes, &envelope, e->error);
    if (!status && (envelope.key < 1 || envelope.key > PCT_EVENT_INT_MAX))
        status = refuse(e, field->name, PCT_MSG_EVENT_EXPECTED_SEALING_KEY);
    if (!status) {
        put(e, "{\"c\":\"", 6);
        (void)pct_base64_append(e->out, PCT_BASE64_URL, bytes.bytes, bytes.length);
        put(e, "\",\"k\":", 6);
        put_integer(e, envelope.key);
        put(e, ",\"n\":\"", 6);
        (void)pct_base64_append(e->out, PCT_BASE64_URL, envelope.nonce, sizeof envelope.nonce);
        put(e, "\"}", 2);
    }
    pct_buffer_dispose(&bytes);
    return status;
}

static pct_status put_data(encoder *e, const pct_event_version *version, const char *data) {
    put(e, "{", 1);
    e->has_members = false;
    for (size_t i = 0; i < version->field_count; i++) {
        const pct_event_field *field = &version->fields[i];
        if (!is_present(field, data)) continue;
        put_key(e, field->name, field->name_length);
        pct_status status = field->flags & PCT_FIELD_LIST ? put_list(e, field, data)
                            : e->sealer && field->flags & PCT_FIELD_SEALED
                                ? put_envelope(e, field, data + field->offset)
                                : put_value(e, field, data + field->offset);
        if (status) return status;
    }
    put(e, "}", 1);
    e->has_members = true;
    return PCT_OK;
}

/* --- header -------------------------------------------------------------------------------------------------- */

static bool is_text(pct_text text, size_t max) {
    return text.length <= max && pct_text_is_utf8(text);
}

static bool in_range(int64_t value, int64_t min) {
    return value >= min && value <= PCT_EVENT_INT_MAX;
}

static pct_status check_header(encoder *e, const pct_event *event, const pct_event_type_entry *entry) {
    if (!in_range(event->seq, 1)) return refuse(e, "seq", PCT_MSG_EVENT_EXPECTED_FROM_1);
    if (!in_range(event->epoch, 0)) return refuse(e, "epoch", PCT_MSG_EVENT_EXPECTED_FROM_0);
    if (!in_range(event->recorded_at_ms, 0)) return refuse(e, "recorded_at", PCT_MSG_EVENT_EXPECTED_UTC_MS);
    if (!in_range(event->occurred_at_ms, 0)) return refuse(e, "occurred_at", PCT_MSG_EVENT_EXPECTED_UTC_MS);
    if (!in_range(event->map_version, 0)) return refuse(e, "map_version", PCT_MSG_EVENT_EXPECTED_FROM_0);
    if (event->cause < 0 || event->cause >= event->seq)
        return refuse(e, "cause", PCT_MSG_EVENT_EXPECTED_EARLIER_SEQ);
    if (event->actor.length == 0 || !is_text(event->actor, PCT_EVENT_ACTOR_MAX))
        return refuse(e, "actor", PCT_MSG_EVENT_EXPECTED_ACTOR);
    if (!is_text(event->purpose, PCT_EVENT_PURPOSE_MAX))
        return refuse(e, "purpose", PCT_MSG_EVENT_EXPECTED_PURPOSE);
    if (!is_text(event->idempotency_key, PCT_EVENT_KEY_MAX))
        return refuse(e, "idempotency_key", PCT_MSG_EVENT_EXPECTED_KEY);
    if (event->role == PCT_ROLE_NONE || event->role >= PCT_ROLE_COUNT)
        return refuse(e, "role", PCT_MSG_EVENT_EXPECTED_ROLE);
    if (event->object.kind != entry->kind || !in_range(event->object.seq, 1) ||
        event->object.seq > event->seq || (entry->creates && event->object.seq != event->seq))
        return refuse(e, "object", PCT_MSG_EVENT_EXPECTED_OBJECT);
    return PCT_OK;
}

static void put_number_member(encoder *e, const char *name, int64_t value) {
    put_key(e, name, strlen(name));
    put_integer(e, value);
}

static void put_text_member(encoder *e, const char *name, pct_text text) {
    put_key(e, name, strlen(name));
    put_text(e, text);
}

static pct_status encode(const pct_event *event, const pct_event_sealer *sealer, pct_buffer *out,
                         pct_error *error) {
    encoder e = {.out = out,
                 .error = error,
                 .type = pct_event_type_name(event->type),
                 .sealer = sealer,
                 .event = event};
    if (event->type == PCT_EVENT_NONE || event->type >= PCT_EVENT_TYPE_COUNT)
        return refuse(&e, "type", PCT_MSG_EVENT_EXPECTED_TYPE);
    const pct_event_type_entry *entry = &pct_event_type_table[event->type];
    pct_status status = check_header(&e, event, entry);
    if (status) return status;
    put(&e, "{", 1);
    put_text_member(&e, "actor", event->actor);
    if (event->cause) put_number_member(&e, "cause", event->cause);
    put_key(&e, "data", 4);
    status = put_data(&e, &entry->versions[entry->version - 1], (const char *)&event->data);
    if (status) return status;
    put_number_member(&e, "epoch", event->epoch);
    if (event->idempotency_key.length) put_text_member(&e, "idempotency_key", event->idempotency_key);
    put_number_member(&e, "map_version", event->map_version);
    put_key(&e, "object", 6);
    put_id(&e, event->object);
    put_number_member(&e, "occurred_at", event->occurred_at_ms);
    if (event->purpose.length) put_text_member(&e, "purpose", event->purpose);
    put_number_member(&e, "recorded_at", event->recorded_at_ms);
    put_text_member(&e, "role", pct_text_of(pct_role_names[event->role]));
    put_number_member(&e, "seq", event->seq);
    put_text_member(&e, "type", pct_text_of(entry->name));
    put_number_member(&e, "version", entry->version);
    put(&e, "}", 1);
    return out ? pct_buffer_status(out, error) : PCT_OK;
}

pct_status pct_event_encode(const pct_event *event, pct_buffer *out, pct_error *error) {
    return encode(event, NULL, out, error);
}

pct_status pct_event_encode_stored(const pct_event *event, const pct_event_sealer *sealer, pct_buffer *out,
                                   pct_error *error) {
    size_t before = out->length;
    pct_status status = encode(event, sealer, out, error);
    if (!status && out->length - before > PCT_EVENT_BYTES_MAX)
        status = PCT_FAIL(error, PCT_LIMIT, PCT_MSG_EVENT_TOO_LONG, pct_str(pct_event_type_name(event->type)),
                          pct_int((int64_t)(out->length - before)), pct_int(PCT_EVENT_BYTES_MAX));
    if (status) out->length = before;
    return status;
}

pct_status pct_event_check(const pct_event *event, pct_error *error) {
    return encode(event, NULL, NULL, error);
}
