/* Canonical bytes → event, in one pass along the sorted tables: since the order of members is fixed, a member that is not
 * the expected one is missing, unknown, doubled or out of order, and each of these is an error. Only "data", which
 * stands before the type that explains it, is passed over first and read last. O(bytes). */
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "event/rules.h"

typedef struct decoder {
    const char *start, *at, *end;
    pct_arena *arena;
    pct_error *error;
    pct_status status; /* the first failure; later readings do nothing */
    bool has_members;
    bool stored; /* sealed fields are envelopes */
    const pct_event_sealer *sealer;
    pct_event_sealing *sealing;
    const pct_event *event;
} decoder;

static decoder decoder_of(pct_text bytes, pct_arena *arena, pct_error *error) {
    return (decoder){.start = bytes.chars,
                     .at = bytes.chars,
                     .end = bytes.chars + bytes.length,
                     .arena = arena,
                     .error = error};
}

static void refuse(decoder *d, pct_message expected) {
    if (d->status) return;
    d->status =
        PCT_FAIL(d->error, PCT_INPUT, PCT_MSG_EVENT_BYTES, pct_int(d->at - d->start), pct_phrase(expected));
}

static bool ahead(const decoder *d, const char *bytes, size_t length) {
    return (size_t)(d->end - d->at) >= length && memcmp(d->at, bytes, length) == 0;
}

static void take(decoder *d, char byte, pct_message expected) {
    if (d->status) return;
    if (d->at < d->end && *d->at == byte)
        d->at++;
    else
        refuse(d, expected);
}

/* Takes `"name":` with the comma before it; false, and nothing taken, when another thing stands there. */
static bool take_key(decoder *d, const char *name, size_t length) {
    const char *at = d->at;
    if (d->status) return false;
    if (d->has_members) {
        if (at == d->end || *at != ',') return false;
        at++;
    }
    if ((size_t)(d->end - at) < length + 3 || *at != '"' || memcmp(at + 1, name, length) != 0 ||
        memcmp(at + 1 + length, "\":", 2) != 0)
        return false;
    d->at = at + length + 3;
    d->has_members = true;
    return true;
}

static void need_key(decoder *d, const char *name) {
    if (take_key(d, name, strlen(name)) || d->status) return;
    d->status = PCT_FAIL(d->error, PCT_INPUT, PCT_MSG_EVENT_MEMBER, pct_int(d->at - d->start), pct_str(name));
}

static int64_t take_integer(decoder *d, int64_t min, int64_t max, pct_message expected) {
    const char *from = d->at, *at = from;
    if (d->status) return 0;
    if (at < d->end && *at == '-') at++;
    const char *digits = at;
    while (at < d->end && *at >= '0' && *at <= '9') at++;
    int64_t value = 0;
    bool canonical = at > digits && (*digits != '0' || (at == digits + 1 && digits == from));
    if (!canonical || !pct_text_to_integer((pct_text){from, (size_t)(at - from)}, &value) || value < min ||
        value > max) {
        refuse(d, expected);
        return 0;
    }
    d->at = at;
    return value;
}

/* The character that the escape at s stands for, when it is the shortest one; -1 otherwise. */
static int escaped(const char *s, const char *end, size_t *length) {
    static const char hex[] = "0123456789abcdef";
    if (end - s < 2) return -1;
    *length = 2;
    if (s[1] == '"' || s[1] == '\\') return s[1];
    for (int c = 0; c < 0x20; c++)
        if (pct_event_escape_letters[c] && pct_event_escape_letters[c] == s[1]) return c;
    *length = 6;
    if (end - s < 6 || memcmp(s, "\\u00", 4) != 0 || (s[4] != '0' && s[4] != '1')) return -1;
    const char *low = s[5] ? strchr(hex, s[5]) : NULL;
    int c = low ? (s[4] - '0') * 16 + (int)(low - hex) : -1;
    return c >= 0 && !pct_event_escape_letters[c] ? c : -1;
}

/* The text between the quotes at d->at; *end_out is behind the closing one. */
static size_t plain_length(decoder *d, const char **end_out) {
    size_t plain = 0;
    const char *s = d->at + 1;
    for (; s < d->end && *s != '"'; plain++) {
        size_t length = 1;
        if ((unsigned char)*s < 0x20 || (*s == '\\' && escaped(s, d->end, &length) < 0)) {
            d->at = s;
            refuse(d, PCT_MSG_EVENT_EXPECTED_ESCAPE);
            return 0;
        }
        s += length;
    }
    *end_out = s + 1;
    if (s >= d->end) refuse(d, PCT_MSG_EVENT_EXPECTED_TEXT_END);
    return plain;
}

static pct_text take_text(decoder *d, size_t max) {
    const pct_text none = {"", 0};
    const char *end = NULL;
    if (d->status) return none;
    if (d->at == d->end || *d->at != '"') {
        refuse(d, PCT_MSG_EXPECTED_TEXT);
        return none;
    }
    size_t length = plain_length(d, &end);
    if (d->status) return none;
    pct_text text = {d->at + 1, length}, raw = {d->at + 1, (size_t)(end - d->at) - 2};
    if (length > max || !pct_text_is_utf8(raw)) {
        refuse(d, length > max ? PCT_MSG_EVENT_EXPECTED_SHORTER_TEXT : PCT_MSG_EVENT_EXPECTED_UTF8);
        return none;
    }
    if (length < raw.length) {
        char *plain = pct_arena_alloc(d->arena, length, 1);
        if (!plain) {
            d->status = pct_error_memory(d->error, length);
            return none;
        }
        text.chars = plain;
        for (const char *s = raw.chars; s < raw.chars + raw.length;) {
            size_t used = 1;
            *plain++ = *s == '\\' ? (char)escaped(s, d->end, &used) : *s;
            s += used;
        }
    }
    d->at = end;
    return text;
}

static int64_t take_id(decoder *d, char kind) {
    const char *from = d->at;
    pct_id id = {0, 0};
    pct_text text = take_text(d, PCT_ID_TEXT);
    if (d->status) return 0;
    if (!pct_id_read(text, &id) || id.kind != kind || id.seq > PCT_EVENT_INT_MAX) {
        d->at = from;
        refuse(d, PCT_MSG_EVENT_EXPECTED_RIGHT_ID);
    }
    return id.seq;
}

static pct_event_enum take_enum(decoder *d, const char *const *names, size_t count, pct_message expected) {
    const char *from = d->at;
    pct_text text = take_text(d, PCT_EVENT_CODE_MAX);
    for (size_t i = 1; i < count && !d->status; i++)
        if (pct_text_equal(text, names[i])) return (pct_event_enum)i;
    d->at = d->status ? d->at : from;
    refuse(d, expected);
    return 0;
}

/* --- fields of the data -------------------------------------------------------------------------------------- */

static void take_place(decoder *d, const pct_event_field *field, void *value) {
    int64_t parts[3] = {0, 0, 0};
    size_t count = field->type == PCT_FIELD_POSITION ? 2 : 3;
    const char *from = d->at;
    for (size_t i = 0; i < count; i++) {
        take(d, i ? ',' : '[', PCT_MSG_EVENT_EXPECTED_NUMBERS);
        parts[i] = take_integer(d, -PCT_EVENT_INT_MAX, PCT_EVENT_INT_MAX, PCT_MSG_EXPECTED_WHOLE_NUMBER);
    }
    take(d, ']', PCT_MSG_EVENT_EXPECTED_LIST_CLOSE);
    if (d->status) return;
    if (field->type == PCT_FIELD_ROAD) {
        *(pct_road_ref *)value = (pct_road_ref){parts[0], parts[1], parts[2]};
    } else if (pct_event_is_position(parts[0], parts[1])) {
        *(pct_position *)value = (pct_position){(int32_t)parts[0], (int32_t)parts[1]};
    } else {
        d->at = from;
        refuse(d, PCT_MSG_EVENT_EXPECTED_POSITION);
    }
}

static pct_text take_code(decoder *d) {
    const char *from = d->at;
    pct_text text = take_text(d, PCT_EVENT_CODE_MAX);
    if (!d->status && !pct_event_is_code(text)) {
        d->at = from;
        refuse(d, PCT_MSG_EVENT_EXPECTED_CODE_VALUE);
    }
    return text;
}

static void take_value(decoder *d, const pct_event_field *field, void *value) {
    switch ((pct_field_type)field->type) {
    case PCT_FIELD_INT:
    case PCT_FIELD_MS:
        *(int64_t *)value = take_integer(d, field->min, field->max, PCT_MSG_EVENT_EXPECTED_WHOLE_IN_RANGE);
        break;
    case PCT_FIELD_BOOL: {
        bool yes = ahead(d, "true", 4);
        if (!d->status && !yes && !ahead(d, "false", 5)) refuse(d, PCT_MSG_EXPECTED_BOOLEAN);
        if (!d->status) d->at += yes ? 4 : 5;
        *(bool *)value = yes;
        break;
    }
    case PCT_FIELD_POSITION:
    case PCT_FIELD_ROAD: take_place(d, field, value); break;
    case PCT_FIELD_TEXT: *(pct_text *)value = take_text(d, (size_t)field->max); break;
    case PCT_FIELD_CODE: *(pct_text *)value = take_code(d); break;
    case PCT_FIELD_ID: *(int64_t *)value = take_id(d, field->kind); break;
    case PCT_FIELD_ENUM:
        *(pct_event_enum *)value =
            take_enum(d, field->names, field->name_count, PCT_MSG_EVENT_EXPECTED_FIELD_VALUE);
        break;
    }
    if (field->type == PCT_FIELD_TEXT && (field->flags & PCT_FIELD_OPTIONAL) &&
        ((pct_text *)value)->length == 0)
        refuse(d, PCT_MSG_EVENT_EXPECTED_FULL_TEXT_OR_NONE);
}

static void take_list(decoder *d, const pct_event_field *field, char *data) {
    uint32_t count = 0;
    size_t item_size = pct_event_item_size(field);
    char *items = data + field->offset;
    if (pct_event_list_is_apart(field)) {
        items = pct_arena_alloc(d->arena, field->list_max, item_size);
        if (!items && !d->status) d->status = pct_error_memory(d->error, field->list_max * item_size);
        memcpy(data + field->offset, &items, sizeof items);
    }
    take(d, '[', PCT_MSG_EVENT_EXPECTED_LIST_OPEN);
    for (; !d->status && !ahead(d, "]", 1); count++) {
        if (count > 0) take(d, ',', PCT_MSG_EVENT_EXPECTED_LIST_NEXT);
        if (count == field->list_max) refuse(d, PCT_MSG_EVENT_EXPECTED_SHORTER_LIST);
        if (!d->status) take_value(d, field, items + count * item_size);
    }
    take(d, ']', PCT_MSG_EVENT_EXPECTED_LIST_CLOSE);
    *(uint32_t *)(data + field->count_offset) = count;
}

/* A member of base64url, which stands for *length bytes. */
static pct_text take_base64(decoder *d, const char *name, size_t *length) {
    need_key(d, name);
    const char *from = d->at;
    take(d, '"', PCT_MSG_EVENT_EXPECTED_BASE64URL);
    const char *end = d->status ? NULL : memchr(d->at, '"', (size_t)(d->end - d->at));
    pct_text text = {d->at, end ? (size_t)(end - d->at) : 0};
    if (end && pct_base64_check(PCT_BASE64_URL, text, length)) {
        d->at = end + 1;
        return text;
    }
    d->at = d->status ? d->at : from;
    refuse(d, PCT_MSG_EVENT_EXPECTED_BASE64URL);
    return (pct_text){"", 0};
}

/* The bit of the field today that the value goes to; 0 for one that was dropped since. */
static uint64_t bit_of(const decoder *d, const pct_event_field *field) {
    const pct_event_type_entry *entry = &pct_event_type_table[d->event->type];
    const pct_event_version *version = &entry->versions[entry->version - 1];
    for (size_t i = 0; i < version->field_count && field->offset != PCT_FIELD_NOWHERE; i++)
        if (version->fields[i].offset == field->offset) return UINT64_C(1) << i;
    return 0;
}

/* The envelope's value: PCT_REFUSED without a key. */
static pct_status open_envelope(decoder *d, const pct_event_field *field, pct_event_envelope *envelope,
                                pct_text cipher, pct_text nonce, pct_text *plain) {
    if (!d->sealer || !d->sealer->open) return PCT_REFUSED;
    unsigned char *bytes = pct_arena_alloc(d->arena, envelope->cipher_length + 1, 1);
    if (!bytes) return pct_error_memory(d->error, envelope->cipher_length);
    pct_base64_read(cipher, bytes);
    pct_base64_read(nonce, envelope->nonce);
    envelope->cipher = bytes;
    return d->sealer->open(d->sealer->context, d->event, field, envelope, d->arena, plain, d->error);
}

/* Reads the opened value as the plain form has it. */
static pct_status take_opened(decoder *d, const pct_event_field *field, pct_text plain, void *value) {
    decoder inner = decoder_of(plain, d->arena, NULL);
    take_value(&inner, field, value);
    if (!inner.status && inner.at != inner.end) refuse(&inner, PCT_MSG_EVENT_EXPECTED_NOTHING_BEHIND);
    return inner.status;
}

/* The envelope at d->at, opened into `value` when there is a key; true when the value is there. */
static bool take_envelope(decoder *d, const pct_event_field *stored, const pct_event_field *field,
                          void *value) {
    pct_event_envelope envelope = {.key = 0};
    pct_text plain = {"", 0};
    const char *from = d->at;
    size_t nonce_length = 0;
    take(d, '{', PCT_MSG_EVENT_EXPECTED_ENVELOPE);
    d->has_members = false;
    pct_text cipher = take_base64(d, "c", &envelope.cipher_length);
    need_key(d, "k");
    envelope.key = take_integer(d, 1, PCT_EVENT_INT_MAX, PCT_MSG_EVENT_EXPECTED_KEY_ID);
    pct_text nonce = take_base64(d, "n", &nonce_length);
    if (nonce_length != sizeof envelope.nonce) refuse(d, PCT_MSG_EVENT_EXPECTED_BASE64URL);
    take(d, '}', PCT_MSG_EVENT_EXPECTED_ENVELOPE_END);
    d->has_members = true;
    if (d->status) return false;
    uint64_t bit = bit_of(d, stored);
    pct_status status = open_envelope(d, stored, &envelope, cipher, nonce, &plain);
    if (status == PCT_NOT_FOUND || status == PCT_REFUSED) {
        *(status == PCT_REFUSED ? &d->sealing->closed : &d->sealing->erased) |= bit;
        return false;
    }
    if (!status) {
        status = take_opened(d, field, plain, value);
        if (status == PCT_INPUT) {
            d->at = from;
            refuse(d, PCT_MSG_EVENT_EXPECTED_ENVELOPE_VALUE);
        }
    }
    if (!d->status) d->status = status;
    d->sealing->opened |= bit;
    return true;
}

static void take_data(decoder *d, const pct_event_version *version, char *data) {
    take(d, '{', PCT_MSG_EVENT_EXPECTED_OBJECT_OPEN);
    d->has_members = false;
    for (size_t i = 0; i < version->field_count && !d->status; i++) {
        pct_event_field field = version->fields[i];
        union {
            int64_t number;
            pct_text text;
            pct_position position;
            pct_road_ref road;
            struct {
                pct_text items[PCT_EVENT_LIST_MAX];
                uint32_t count;
            } list;
        } nowhere;
        char *into = data;
        if (field.offset == PCT_FIELD_NOWHERE) {
            into = (char *)&nowhere;
            field.offset = 0, field.has_offset = 0;
            field.count_offset = offsetof(__typeof__(nowhere), list.count);
        }
        if (!take_key(d, field.name, field.name_length)) {
            if (!(field.flags & PCT_FIELD_OPTIONAL)) need_key(d, field.name);
            continue;
        }
        bool is_there = true;
        if (d->stored && field.flags & PCT_FIELD_SEALED)
            is_there = take_envelope(d, &version->fields[i], &field, into + field.offset);
        else if (field.flags & PCT_FIELD_LIST)
            take_list(d, &field, into);
        else
            take_value(d, &field, into + field.offset);
        if (field.has_offset) *(bool *)(into + field.has_offset) = is_there;
    }
    take(d, '}', PCT_MSG_EVENT_EXPECTED_DATA_END);
}

/* --- header -------------------------------------------------------------------------------------------------- */

/* The quote that closes the text at `at`, or NULL. Most texts hold no escape and are passed at the speed of memchr. */
static const char *closing_quote(const char *at, const char *end) {
    const char *from = at + 1, *quote = memchr(from, '"', (size_t)(end - from));
    if (!quote || !memchr(from, '\\', (size_t)(quote - from))) return quote;
    for (; from < end && *from != '"'; from++)
        if (*from == '\\' && ++from == end) return NULL;
    return from < end ? from : NULL;
}

/* Passes over an object without reading it: to the bracket that closes it. */
static void pass_over(decoder *d) {
    int depth = 0;
    if (d->status) return;
    if (d->at == d->end || *d->at != '{') refuse(d, PCT_MSG_EVENT_EXPECTED_OBJECT_OPEN);
    for (; d->at < d->end && !d->status; d->at++) {
        char c = *d->at;
        if (c == '"') {
            const char *quote = closing_quote(d->at, d->end);
            if (!quote) break;
            d->at = quote;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            d->at++;
            return;
        }
    }
    refuse(d, PCT_MSG_EVENT_EXPECTED_DATA_CLOSE);
}

static int64_t take_number_member(decoder *d, const char *name, int64_t min) {
    need_key(d, name);
    return take_integer(d, min, PCT_EVENT_INT_MAX, PCT_MSG_EVENT_EXPECTED_WHOLE_IN_RANGE);
}

static pct_text take_text_member(decoder *d, const char *name, size_t max, bool optional) {
    if (optional && !take_key(d, name, strlen(name))) return (pct_text){"", 0};
    if (!optional) need_key(d, name);
    pct_text text = take_text(d, max);
    if (text.length == 0) refuse(d, PCT_MSG_EVENT_EXPECTED_FULL_TEXT);
    return text;
}

static pct_event_type take_type(decoder *d) {
    const char *names[PCT_EVENT_TYPE_COUNT];
    for (int i = 0; i < PCT_EVENT_TYPE_COUNT; i++) names[i] = pct_event_type_table[i].name;
    need_key(d, "type");
    return (pct_event_type)take_enum(d, names, PCT_EVENT_TYPE_COUNT, PCT_MSG_EVENT_EXPECTED_TYPE);
}

/* The header; *data_at is where "data" stands. */
static void take_header(decoder *d, pct_event *out, pct_text *object, const char **data_at) {
    take(d, '{', PCT_MSG_EVENT_EXPECTED_OBJECT_OPEN);
    out->actor = take_text_member(d, "actor", PCT_EVENT_ACTOR_MAX, false);
    if (take_key(d, "cause", 5))
        out->cause = take_integer(d, 1, PCT_EVENT_INT_MAX, PCT_MSG_EVENT_EXPECTED_SEQ);
    need_key(d, "data");
    *data_at = d->at;
    pass_over(d);
    out->epoch = take_number_member(d, "epoch", 0);
    out->idempotency_key = take_text_member(d, "idempotency_key", PCT_EVENT_KEY_MAX, true);
    out->map_version = take_number_member(d, "map_version", 0);
    *object = take_text_member(d, "object", PCT_ID_TEXT, false);
    out->occurred_at_ms = take_number_member(d, "occurred_at", 0);
    out->purpose = take_text_member(d, "purpose", PCT_EVENT_PURPOSE_MAX, true);
    out->recorded_at_ms = take_number_member(d, "recorded_at", 0);
    need_key(d, "role");
    out->role = (pct_role)take_enum(d, pct_role_names, PCT_ROLE_COUNT, PCT_MSG_EVENT_EXPECTED_ROLE);
    out->seq = take_number_member(d, "seq", 1);
    out->type = take_type(d);
    need_key(d, "version");
    out->version = (uint16_t)take_integer(d, 1, UINT16_MAX, PCT_MSG_EVENT_EXPECTED_VERSION);
    take(d, '}', PCT_MSG_EVENT_EXPECTED_EVENT_END);
    if (!d->status && d->at != d->end) refuse(d, PCT_MSG_EVENT_EXPECTED_NOTHING_BEHIND);
}

static pct_status decode(decoder *d, pct_event *out) {
    pct_text object = {"", 0};
    const char *data_at = NULL;
    pct_error *error = d->error;
    memset(out, 0, sizeof *out);
    d->event = out;
    if (d->end - d->start > PCT_EVENT_BYTES_MAX) refuse(d, PCT_MSG_EVENT_EXPECTED_SHORTER_EVENT);
    take_header(d, out, &object, &data_at);
    if (d->status) return d->status;
    const pct_event_type_entry *entry = &pct_event_type_table[out->type];
    if (out->version > entry->version)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_EVENT_VERSION, pct_str(entry->name),
                        pct_int(entry->version), pct_int(out->version));
    if (!pct_id_read(object, &out->object) || out->object.kind != entry->kind || out->object.seq > out->seq ||
        (entry->creates && out->object.seq != out->seq) || out->cause >= out->seq)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_EVENT_FIELD, pct_str(entry->name), pct_str("object, cause"),
                        pct_phrase(PCT_MSG_EVENT_EXPECTED_OBJECT_CAUSE));
    const pct_event_version *version = &entry->versions[out->version - 1];
    d->at = data_at;
    take_data(d, version, (char *)&out->data);
    if (!d->status && version->upcast) version->upcast(out);
    return d->status;
}

pct_status pct_event_decode(pct_text bytes, pct_arena *arena, pct_event *out, pct_error *error) {
    decoder d = decoder_of(bytes, arena, error);
    return decode(&d, out);
}

pct_status pct_event_decode_stored(pct_text bytes, const pct_event_sealer *sealer, pct_arena *arena,
                                   pct_event *out, pct_event_sealing *sealing, pct_error *error) {
    pct_event_sealing unwanted;
    decoder d = decoder_of(bytes, arena, error);
    d.stored = true;
    d.sealer = sealer;
    d.sealing = sealing ? sealing : &unwanted;
    *d.sealing = (pct_event_sealing){0, 0, 0};
    return decode(&d, out);
}
