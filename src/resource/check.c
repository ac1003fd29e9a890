/* What came in against what the description says: every member known, there when it must be, of its type, within its
 * limits. O(bytes of the request). Handlers need not look again. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "resource/exchange.h"

enum { SHOWN_MAX = 60, KNOWN_MAX = 300 };

/* A value as it is shown in a refusal, cut to a line. */
typedef struct shown {
    char chars[SHOWN_MAX + 8];
} shown;

static shown show(const json_t *value) {
    shown s = {{0}};
    size_t needed = json_dumpb(value, s.chars, SHOWN_MAX, JSON_ENCODE_ANY | JSON_COMPACT);
    size_t length = needed < SHOWN_MAX ? needed : SHOWN_MAX;
    if (needed > SHOWN_MAX) {
        while (length > 0 && ((unsigned char)s.chars[length - 1] & 0xC0) == 0x80) length--;
        if (length > 0 && (unsigned char)s.chars[length - 1] >= 0xC0) length--;
        memcpy(s.chars + length, "…", sizeof "…");
    } else {
        s.chars[length] = '\0';
    }
    return s;
}

static void list_values(const char *const *values, pct_buffer *out) {
    for (size_t i = 0; values[i]; i++) (void)pct_buffer_append_format(out, i ? ", %s" : "%s", values[i]);
}

static pct_status refuse_enum(const pct_api_field *f, pct_text found, pct_error *error) {
    if (!f->values) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_JSON, pct_str(f->name), pct_view(found));
    pct_buffer known = pct_buffer_init(1 << 12);
    list_values(f->values, &known);
    pct_status status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_ENUM, pct_str(f->name),
                                 pct_str(pct_buffer_chars(&known)), pct_view(found));
    pct_buffer_dispose(&known);
    return status;
}

static bool is_in(const char *const *values, pct_text text) {
    for (size_t i = 0; values[i]; i++)
        if (pct_text_equal(text, values[i])) return true;
    return false;
}

static bool is_code(pct_text text) {
    if (text.length == 0 || text.length > PCT_API_CODE_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.chars[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

static bool is_id(const pct_api_field *f, pct_text text) {
    pct_id id;
    return pct_id_read(text, &id) && id.kind == f->kind;
}

static bool is_position(const json_t *value) {
    pct_position p;
    return json_array_size(value) == 2 && json_is_number(json_array_get(value, 0)) &&
           json_is_number(json_array_get(value, 1)) &&
           pct_position_from_degrees(json_number_value(json_array_get(value, 0)),
                                     json_number_value(json_array_get(value, 1)), &p);
}

static bool is_road(const json_t *value) {
    for (size_t i = 0; i < 3; i++)
        if (!json_is_integer(json_array_get(value, i))) return false;
    return json_array_size(value) == 3;
}

static pct_status refuse(const pct_api_field *f, pct_text found, pct_error *error) {
    char kind[2] = {f->kind, '\0'};
    pct_param name = pct_str(f->name), value = pct_view(found);
    switch ((pct_api_type)f->type) {
    case PCT_API_TEXT:
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_TEXT, name, pct_int(f->min), pct_int(f->max), value);
    case PCT_API_CODE: return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_CODE, name, value);
    case PCT_API_INT:
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_INT, name, pct_int(f->min), pct_int(f->max), value);
    case PCT_API_REAL:
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_REAL, name, pct_int(f->min), pct_int(f->max), value);
    case PCT_API_BOOL: return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_BOOL, name, value);
    case PCT_API_ID: return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_ID, name, pct_str(kind), value);
    case PCT_API_TIME: return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_TIME, name, value);
    case PCT_API_POSITION: return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_POSITION, name, value);
    case PCT_API_ROAD: return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_ROAD, name, value);
    case PCT_API_JSON:
    case PCT_API_ENUM: break;
    }
    return refuse_enum(f, found, error);
}

/* A text in a body, path or query against its field. */
static bool text_fits(const pct_exchange *x, const pct_api_field *f, pct_text text) {
    int64_t ms;
    switch ((pct_api_type)f->type) {
    case PCT_API_TEXT: return (int64_t)text.length >= f->min && (int64_t)text.length <= f->max;
    case PCT_API_CODE: return is_code(text);
    case PCT_API_ID: return is_id(f, text);
    case PCT_API_TIME: return pct_zone_parse(&x->service->site->zone, text, &ms, NULL);
    case PCT_API_ENUM: return is_in(f->values, text);
    default: return false;
    }
}

static bool value_fits(const pct_exchange *x, const pct_api_field *f, const json_t *value) {
    switch ((pct_api_type)f->type) {
    case PCT_API_INT:
        return json_is_integer(value) && json_integer_value(value) >= f->min &&
               json_integer_value(value) <= f->max;
    case PCT_API_REAL: {
        double v = json_number_value(value);
        return json_is_number(value) && isfinite(v) && v >= (double)f->min && v <= (double)f->max;
    }
    case PCT_API_BOOL: return json_is_boolean(value);
    case PCT_API_POSITION: return is_position(value);
    case PCT_API_ROAD: return is_road(value);
    case PCT_API_JSON: return json_is_object(value) || json_is_array(value);
    default:
        return json_is_string(value) &&
               text_fits(x, f, (pct_text){json_string_value(value), json_string_length(value)});
    }
}

static pct_status refuse_value(const pct_api_field *f, const json_t *value, pct_error *error) {
    shown s = show(value);
    return refuse(f, pct_text_of(s.chars), error);
}

static pct_status check_member(const pct_exchange *x, const pct_api_field *f, const json_t *value,
                               pct_error *error) {
    if (!value) {
        return f->flags & PCT_API_OPTIONAL
                   ? PCT_OK
                   : PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_MISSING, pct_str(f->name));
    }
    if (!(f->flags & PCT_API_LIST)) return value_fits(x, f, value) ? PCT_OK : refuse_value(f, value, error);
    if (!json_is_array(value) || (int64_t)json_array_size(value) > f->list_max)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_LIST, pct_str(f->name), pct_int(f->list_max));
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!value_fits(x, f, json_array_get(value, i)))
            return refuse_value(f, json_array_get(value, i), error);
    return PCT_OK;
}

static void note_field(pct_exchange *x, const char *name) {
    size_t length = strnlen(name, sizeof x->field - 1);
    memcpy(x->field, name, length);
    x->field[length] = '\0';
}

static const pct_api_field *field_named(const pct_api_field *fields, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return &fields[i];
    return NULL;
}

static pct_status refuse_unknown(pct_exchange *x, const char *name, const pct_api_field *fields,
                                 uint32_t count, pct_error *error) {
    pct_buffer known = pct_buffer_init(KNOWN_MAX);
    for (uint32_t i = 0; i < count; i++)
        (void)pct_buffer_append_format(&known, i ? ", %s" : "%s", fields[i].name);
    note_field(x, name);
    pct_status status =
        PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_UNKNOWN, pct_str(x->field), pct_str(pct_buffer_chars(&known)));
    pct_buffer_dispose(&known);
    return status;
}

static pct_status check_body(pct_exchange *x, pct_error *error) {
    const pct_endpoint *e = x->endpoint;
    const char *key;
    json_t *value;
    json_object_foreach(x->body, key, value) {
        if (!field_named(e->body, e->body_count, key))
            return refuse_unknown(x, key, e->body, e->body_count, error);
    }
    for (uint32_t i = 0; i < e->body_count; i++) {
        pct_status status = check_member(x, &e->body[i], json_object_get(x->body, e->body[i].name), error);
        if (!status) continue;
        note_field(x, e->body[i].name);
        return status;
    }
    return PCT_OK;
}

/* One value of a parameter of the path or the query: text that stands for it. */
static bool parameter_fits(const pct_exchange *x, const pct_api_field *f, pct_text text) {
    int64_t integer;
    double real;
    pct_position position;
    switch ((pct_api_type)f->type) {
    case PCT_API_INT: return pct_text_to_integer(text, &integer) && integer >= f->min && integer <= f->max;
    case PCT_API_REAL:
        return pct_text_to_real(text, &real) && real >= (double)f->min && real <= (double)f->max;
    case PCT_API_BOOL: return pct_text_equal(text, "true") || pct_text_equal(text, "false");
    case PCT_API_POSITION: return pct_position_from_text(text, &position);
    default: return pct_text_is_utf8(text) && text_fits(x, f, text);
    }
}

static pct_status refuse_parameter(const pct_api_field *f, pct_text text, pct_error *error) {
    return refuse(f, pct_text_is_utf8(text) ? text : pct_text_of("?"), error);
}

/* Several values: positions are set apart by semicolons, others by commas. */
static pct_status check_parameter_list(const pct_exchange *x, const pct_api_field *f, pct_text text,
                                       pct_error *error) {
    pct_text item;
    int64_t count = 0;
    while (pct_text_next(&text, pct_api_separator(f), &item)) {
        if (!parameter_fits(x, f, item)) return refuse_parameter(f, item, error);
        if (++count > f->list_max)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_LIST, pct_str(f->name), pct_int(f->list_max));
    }
    return PCT_OK;
}

static pct_status check_parameter(const pct_exchange *x, const pct_api_field *f, pct_text text,
                                  pct_error *error) {
    if (!text.chars)
        return f->flags & PCT_API_OPTIONAL
                   ? PCT_OK
                   : PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_MISSING, pct_str(f->name));
    if (f->flags & PCT_API_LIST) return check_parameter_list(x, f, text, error);
    return parameter_fits(x, f, text) ? PCT_OK : refuse_parameter(f, text, error);
}

pct_status pct_exchange_check(pct_exchange *x, pct_error *error) {
    const pct_endpoint *e = x->endpoint;
    for (uint32_t i = 0; i < e->path_count; i++) {
        pct_status status = check_parameter(x, &e->path_fields[i], x->path_values[i], error);
        if (!status) continue;
        note_field(x, e->path_fields[i].name);
        return status;
    }
    for (uint32_t i = 0; i < e->query_count; i++) {
        pct_status status = check_parameter(x, &e->query[i], x->query_values[i], error);
        if (!status) continue;
        note_field(x, e->query[i].name);
        return status;
    }
    return x->body || e->body_count > 0 ? check_body(x, error) : PCT_OK;
}

/* Jansson's own limit is 2048 levels; ours is checked before it parses. */
static bool is_too_deep(pct_text bytes) {
    int depth = 0;
    bool inside = false;
    for (size_t i = 0; i < bytes.length; i++) {
        char c = bytes.chars[i];
        if (inside) {
            if (c == '\\')
                i++;
            else if (c == '"')
                inside = false;
        } else if (c == '"') {
            inside = true;
        } else if (c == '{' || c == '[') {
            if (++depth > PCT_BODY_DEPTH_MAX) return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

pct_status pct_exchange_parse_body(pct_exchange *x, pct_text bytes, pct_error *error) {
    if (bytes.length == 0) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_BODY_MISSING, pct_int(0));
    if (is_too_deep(bytes)) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_DEPTH, pct_int(PCT_BODY_DEPTH_MAX));
    x->body_bytes = bytes;
    pct_status status = pct_json_parse("body", bytes, &x->body, error);
    if (!status && !json_is_object(x->body))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_BODY_MISSING, pct_int(0));
    return status;
}
