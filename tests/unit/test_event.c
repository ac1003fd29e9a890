/* Events: one event, one encoding; nothing else is taken. */
#include <string.h>

#include "base/rng.h"
#include "event/codec.h"
#include "support/events.h"
#include "support/test.h"

static pct_event order_sent(void) {
    pct_event e = {.seq = 21,
                   .epoch = 1,
                   .recorded_at_ms = 1700000000123,
                   .occurred_at_ms = 1700000000000,
                   .cause = 19,
                   .map_version = 3,
                   .actor = pct_text_of("li"),
                   .purpose = pct_text_of("dispatch"),
                   .object = {.kind = 'O', .seq = 21},
                   .role = PCT_ROLE_DISPATCHER,
                   .type = PCT_EVENT_ORDER_SENT,
                   .version = 1};
    e.data.order_sent.incident = (pct_incident_id){19};
    e.data.order_sent.unit = (pct_unit_id){3};
    e.data.order_sent.policy = pct_text_of("nearest");
    e.data.order_sent.expected_travel_ms = 95000;
    e.data.order_sent.has_expected_travel_ms = true;
    return e;
}

static const char order_sent_bytes[] =
    "{\"actor\":\"li\",\"cause\":19,\"data\":{\"expected_travel_ms\":95000,\"incident\":\"I19\",\"policy\":"
    "\"nearest\","
    "\"unit\":\"U3\"},\"epoch\":1,\"map_version\":3,\"object\":\"O21\",\"occurred_at\":1700000000000,"
    "\"purpose\":\"dispatch\",\"recorded_at\":1700000000123,\"role\":\"dispatcher\",\"seq\":21,"
    "\"type\":\"order_sent\",\"version\":1}";

static void encode_ok(const pct_event *event, pct_buffer *out) {
    pct_error error;
    test_ok(pct_event_encode(event, out, &error), &error);
}

static pct_status decode(const char *bytes, pct_event *out, pct_error *error) {
    pct_arena arena = pct_arena_init(1 << 20);
    pct_status status = pct_event_decode(pct_text_of(bytes), &arena, out, error);
    pct_arena_dispose(&arena);
    return status;
}

TEST(event_encodes_to_its_golden_bytes) {
    pct_event event = order_sent();
    pct_buffer out = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    encode_ok(&event, &out);
    ck_assert_str_eq(pct_buffer_chars(&out), order_sent_bytes);
    pct_buffer_dispose(&out);
}

/* --- the laws, over events drawn from a byte source ----------------------------------------------------------- */

TEST(event_decodes_what_it_encoded_and_encodes_what_it_decoded) {
    test_byte_source *from = calloc(1, sizeof *from);
    pct_arena arena = pct_arena_init(1 << 20);
    pct_buffer first = pct_buffer_init(PCT_EVENT_BYTES_MAX), second = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    from->rng = pct_rng_init(20, 0);
    for (int round = 0; round < 300; round++)
        for (pct_event_type type = 1; type < PCT_EVENT_TYPE_COUNT; type++) {
            pct_event drawn = test_draw_event(from, type), read;
            pct_error error;
            pct_buffer_clear(&first), pct_buffer_clear(&second), pct_arena_reset(&arena);
            encode_ok(&drawn, &first);
            test_ok(pct_event_decode((pct_text){(char *)first.bytes, first.length}, &arena, &read, &error),
                    &error);
            test_same_event(&drawn, &read);
            encode_ok(&read, &second);
            ck_assert_str_eq(pct_buffer_chars(&second), pct_buffer_chars(&first));
        }
    pct_buffer_dispose(&first), pct_buffer_dispose(&second), pct_arena_dispose(&arena);
    free(from);
}

/* Whatever one byte is changed to: refused, or the canonical bytes of another event. */
TEST(event_takes_no_second_spelling) {
    char bytes[sizeof order_sent_bytes];
    pct_arena arena = pct_arena_init(1 << 20);
    pct_buffer again = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    size_t taken = 0;
    for (size_t at = 0; at + 1 < sizeof bytes; at++)
        for (int byte = 0; byte < 256; byte++) {
            pct_event event;
            memcpy(bytes, order_sent_bytes, sizeof bytes);
            bytes[at] = (char)byte;
            pct_arena_reset(&arena), pct_buffer_clear(&again);
            if (pct_event_decode((pct_text){bytes, sizeof bytes - 1}, &arena, &event, NULL) != PCT_OK)
                continue;
            encode_ok(&event, &again);
            ck_assert_uint_eq(again.length, sizeof bytes - 1);
            ck_assert_int_eq(memcmp(again.bytes, bytes, again.length), 0);
            taken++;
        }
    ck_assert_uint_gt(taken, sizeof bytes - 1); /* the unchanged document at each place, and other digits */
    pct_buffer_dispose(&again), pct_arena_dispose(&arena);
}

TEST(event_cut_anywhere_is_refused) {
    for (size_t n = 0; n + 1 < sizeof order_sent_bytes; n++) {
        pct_event event;
        pct_arena arena = pct_arena_init(1 << 20);
        char *cut = malloc(n + 1); /* its own block, so that reading beyond it is seen */
        memcpy(cut, order_sent_bytes, n);
        ck_assert_int_eq(pct_event_decode((pct_text){cut, n}, &arena, &event, NULL), PCT_INPUT);
        free(cut);
        pct_arena_dispose(&arena);
    }
}

/* Replaces `from` by `to` in the golden bytes and expects a refusal that says `why`. */
static void refused(const char *from, const char *to, const char *why) {
    char bytes[1024];
    const char *at = strstr(order_sent_bytes, from);
    ck_assert_ptr_nonnull(at);
    snprintf(bytes, sizeof bytes, "%.*s%s%s", (int)(at - order_sent_bytes), order_sent_bytes, to,
             at + strlen(from));
    pct_event event;
    pct_error error;
    ck_assert_msg(decode(bytes, &event, &error) == PCT_INPUT, "taken: %s", bytes);
    test_error_says(&error, why);
}

TEST(event_refuses_each_departure_from_the_canonical_form) {
    refused("\"unit\":\"U3\"", "\"unit\":\"U3\",\"zz\":1", "known, sorted and given once");
    refused("\"policy\":\"nearest\",", "\"policy\":\"nearest\",\"policy\":\"nearest\",", "member unit");
    refused("\"incident\":\"I19\",\"policy\":\"nearest\"", "\"policy\":\"nearest\",\"incident\":\"I19\"",
            "member incident");
    refused("\"incident\":\"I19\",", "", "member incident");
    refused("95000", "95000.0", "byte");
    refused("95000", "9.5e4", "byte");
    refused("95000", "095000", "whole number");
    refused("95000", "-0", "whole number");
    refused("95000", "9007199254740992", "whole number in its range");
    refused(",\"epoch\"", ", \"epoch\"", "member epoch");
    refused("\"li\"", "\"\\u006ci\"", "shortest escape");
    refused("\"li\"", "\"\\/\"", "shortest escape");
    refused("\"li\"", "\"\\u000a\"", "shortest escape");
    refused("\"li\"", "\"\\u001F\"", "shortest escape");
    refused("\"li\"", "\"\xC0\xAF\"", "UTF-8");
    refused("\"li\"", "\"\"", "not empty");
    refused("\"nearest\"", "\"Nearest\"", "lower_case code");
    refused("\"U3\"", "\"I3\"", "id of the right kind");
    refused("\"U3\"", "\"U03\"", "id of the right kind");
    refused("\"O21\"", "\"O20\"", "object");
    refused("\"cause\":19", "\"cause\":21", "cause");
    refused("\"order_sent\"", "\"order_lost\"", "a type of events/");
    refused("\"dispatcher\"", "\"king\"", "a role");
    refused("\"version\":1}", "\"version\":1} ", "nothing behind");
    refused("\"version\":1}", "\"version\":2}", "knows versions 1 to 1");
}

/* Version 1 of call_received called the type "kind", had no channel, and kept how long the telephone rang. */
TEST(event_upcasts_a_version_1_call) {
    static const char golden[] = "{\"actor\":\"desk\",\"data\":{\"kind\":\"gas_leak\",\"position\":[-"
                                 "1224131753,377837754],\"priority\":1,"
                                 "\"ring_ms\":4200,\"words\":\"smell of gas\\nin the "
                                 "stairs\"},\"epoch\":1,\"map_version\":0,\"object\":\"C7\","
                                 "\"occurred_at\":5,\"recorded_at\":6,\"role\":\"call_taker\",\"seq\":7,"
                                 "\"type\":\"call_received\",\"version\":1}";
    pct_event event;
    pct_error error;
    pct_arena arena = pct_arena_init(1 << 16);
    test_ok(pct_event_decode(pct_text_of(golden), &arena, &event, &error), &error);
    ck_assert_uint_eq(event.version, 1);
    const pct_event_call_received *call = &event.data.call_received;
    test_same_text(call->type, pct_text_of("gas_leak"));
    test_same_text(call->words, pct_text_of("smell of gas\nin the stairs"));
    ck_assert_int_eq(call->channel, PCT_CHANNEL_PHONE);
    ck_assert_int_eq(call->position.lat_e7, 377837754);
    pct_buffer out = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    encode_ok(&event, &out);
    ck_assert_ptr_nonnull(strstr(pct_buffer_chars(&out), "\"channel\":\"phone\""));
    ck_assert_ptr_nonnull(strstr(pct_buffer_chars(&out), "\"version\":3}"));
    ck_assert_ptr_null(strstr(pct_buffer_chars(&out), "ring_ms"));
    pct_buffer_dispose(&out);
    pct_arena_dispose(&arena);
}

/* Version 1 of closure_ordered knew closing alone. */
TEST(event_upcasts_a_version_1_closure) {
    static const char golden[] =
        "{\"actor\":\"anna\",\"data\":{\"area\":[],\"both_ways\":true,\"points\":[[1164000000,399000000]],"
        "\"reason\":\"flood\",\"roads\":[[71,1,2]],\"until\":9000},\"epoch\":1,\"map_version\":0,"
        "\"object\":\"L7\",\"occurred_at\":5,\"recorded_at\":6,\"role\":\"dispatcher\",\"seq\":7,"
        "\"type\":\"closure_ordered\",\"version\":1}";
    pct_event event;
    pct_error error;
    pct_arena arena = pct_arena_init(1 << 16);
    test_ok(pct_event_decode(pct_text_of(golden), &arena, &event, &error), &error);
    const pct_event_closure_ordered *closure = &event.data.closure_ordered;
    ck_assert_int_eq(closure->kind, PCT_CLOSURE_KIND_CLOSE);
    ck_assert(!closure->has_speed_kmh);
    ck_assert_int_eq(closure->reason, PCT_CLOSURE_REASON_FLOOD);
    ck_assert_uint_eq(closure->roads_count, 1);
    ck_assert_int_eq(closure->roads[0].way, 71);
    pct_arena_dispose(&arena);
}

static void encode_refuses(pct_event event, const char *field) {
    pct_error error;
    pct_buffer out = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    ck_assert_int_eq(pct_event_encode(&event, &out, &error), PCT_INPUT);
    test_error_says(&error, field);
    pct_buffer_dispose(&out);
}

TEST(event_encoder_refuses_what_the_decoder_would_not_take) {
    pct_event event = order_sent();
    event.data.order_sent.unit.seq = 0;
    encode_refuses(event, "'unit'");
    event = order_sent(), event.role = PCT_ROLE_NONE;
    encode_refuses(event, "'role'");
    event = order_sent(), event.object.seq = 20;
    encode_refuses(event, "'object'");
    event = order_sent(), event.actor = pct_text_of("\xFF");
    encode_refuses(event, "'actor'");
    event = order_sent(), event.data.order_sent.policy = pct_text_of("No Code");
    encode_refuses(event, "'policy'");
    event = order_sent(), event.type = PCT_EVENT_NONE;
    encode_refuses(event, "'type'");
    event = order_sent(), event.seq = 0;
    encode_refuses(event, "'seq'");
    event = order_sent(), event.epoch = -1;
    encode_refuses(event, "'epoch'");
    event = order_sent(), event.recorded_at_ms = INT64_MAX;
    encode_refuses(event, "'recorded_at'");
    event = order_sent(), event.occurred_at_ms = -1;
    encode_refuses(event, "'occurred_at'");
    event = order_sent(), event.map_version = -1;
    encode_refuses(event, "'map_version'");
    event = order_sent(), event.cause = 21;
    encode_refuses(event, "'cause'");
    event = order_sent(), event.actor.length = 0;
    encode_refuses(event, "'actor'");
    event = order_sent(), event.purpose = pct_text_of("\xC0");
    encode_refuses(event, "'purpose'");
    event = order_sent(), event.idempotency_key = (pct_text){order_sent_bytes, 65};
    encode_refuses(event, "'idempotency_key'");
    event = order_sent(), event.data.order_sent.expected_travel_ms = -1;
    encode_refuses(event, "'expected_travel_ms'");
}

TEST(event_encoder_refuses_places_lists_and_texts_beyond_their_limits) {
    pct_event event = order_sent();
    event.type = PCT_EVENT_CALL_RECEIVED, event.object.kind = 'C';
    memset(&event.data, 0, sizeof event.data);
    pct_event_call_received *call = &event.data.call_received;
    encode_refuses(event, "'channel'");
    call->channel = PCT_CHANNEL_APP, call->priority = 1, call->type = pct_text_of("fire");
    call->has_position = true, call->position.lat_e7 = 900000001;
    encode_refuses(event, "'position'");
    call->has_position = false, call->has_road = true, call->road.to = INT64_MAX;
    encode_refuses(event, "'road'");
    call->has_road = false, call->source_id = (pct_text){order_sent_bytes, 65};
    encode_refuses(event, "'source_id'");
    call->source_id = pct_text_of("\xFF");
    encode_refuses(event, "'source_id'");
    call->source_id.length = 0, call->type = pct_text_of("1st");
    encode_refuses(event, "'type'");
    event.type = PCT_EVENT_UNIT_ENROLLED, event.object.kind = 'U';
    memset(&event.data, 0, sizeof event.data);
    event.data.unit_enrolled.kind = pct_text_of("car");
    event.data.unit_enrolled.capabilities_count = 17;
    encode_refuses(event, "'capabilities'");
    event.data.unit_enrolled.capabilities_count = 1;
    encode_refuses(event, "'capabilities'");
}

/* Personal data and free text of a call or a note are marked sealed; the coarse place and the type are not, nor is the
 * place of a unit, of a closed road, of a round's post or of a directed order, which is public. */
TEST(event_marks_personal_fields_sealed) {
    static const char *const sealed[] = {"address", "caller_name", "caller_phone", "note", "words"};
    for (pct_event_type type = 1; type < PCT_EVENT_TYPE_COUNT; type++) {
        const pct_event_type_entry *entry = &pct_event_type_table[type];
        const pct_event_version *version = &entry->versions[entry->version - 1];
        for (size_t i = 0; i < version->field_count; i++) {
            const pct_event_field *field = &version->fields[i];
            bool expected = field->type == PCT_FIELD_POSITION && !strchr("ULRX", entry->kind);
            for (size_t s = 0; s < sizeof sealed / sizeof *sealed; s++)
                expected |= !strcmp(field->name, sealed[s]);
            ck_assert_msg(!!(field->flags & PCT_FIELD_SEALED) == expected, "%s.%s", entry->name, field->name);
        }
    }
}

static pct_status decode_escaped(void *context) {
    static const char bytes[] =
        "{\"actor\":\"a\\nb\",\"data\":{},\"epoch\":1,\"map_version\":0,\"object\":\"O1\",\"occurred_at\":"
        "5,\"recorded_at\":6,\"role\":\"patrol\",\"seq\":7,\"type\":\"order_arrived\",\"version\":1}";
    pct_arena arena = pct_arena_init(1 << 16);
    pct_buffer out = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    pct_event event;
    pct_status status = pct_event_decode(pct_text_of(bytes), &arena, &event, context);
    if (!status) status = pct_event_encode(&event, &out, context);
    pct_buffer_dispose(&out);
    pct_arena_dispose(&arena);
    return status;
}

TEST(event_codec_survives_each_failing_allocation) {
    pct_error error;
    ck_assert_uint_gt(test_torture(decode_escaped, &error), 1);
}

TEST(event_id_reads_only_what_it_writes) {
    char text[PCT_ID_TEXT];
    pct_id id;
    ck_assert_uint_eq(pct_id_write((pct_id){.kind = 'I', .seq = INT64_MAX}, text), 20);
    ck_assert(pct_id_read(pct_text_of(text), &id) && id.kind == 'I' && id.seq == INT64_MAX);
    static const char *const wrong[] = {
        "", "C", "C0", "C01", "Y1", "C-1", "C1 ", "c1", "C9223372036854775808"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert(!pct_id_read(pct_text_of(wrong[i]), &id));
}

TEST_MAIN("event", TEST_CASE(event_encodes_to_its_golden_bytes),
          TEST_CASE(event_decodes_what_it_encoded_and_encodes_what_it_decoded),
          TEST_CASE(event_takes_no_second_spelling), TEST_CASE(event_cut_anywhere_is_refused),
          TEST_CASE(event_refuses_each_departure_from_the_canonical_form),
          TEST_CASE(event_upcasts_a_version_1_call), TEST_CASE(event_upcasts_a_version_1_closure),
          TEST_CASE(event_encoder_refuses_what_the_decoder_would_not_take),
          TEST_CASE(event_encoder_refuses_places_lists_and_texts_beyond_their_limits),
          TEST_CASE(event_marks_personal_fields_sealed),
          TEST_CASE(event_codec_survives_each_failing_allocation),
          TEST_CASE(event_id_reads_only_what_it_writes))
