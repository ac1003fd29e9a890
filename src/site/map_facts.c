#include "site/map_facts.h"

#include <string.h>

#include "base/json.h"
#include "base/message.h"
#include "base/text.h"

void pct_map_report_write(const pct_import_report *report, pct_json_writer *json) {
    pct_json_key(json, "turn_restrictions_read");
    pct_json_integer(json, report->restrictions_read);
    pct_json_key(json, "dropped");
    pct_json_begin_array(json);
    for (size_t i = 0; i < report->dropped_count; i++) {
        const pct_import_reason *r = &report->dropped[i];
        pct_json_begin_object(json);
        pct_json_key(json, "reason");
        pct_json_string(json, pct_message_table[r->reason].key);
        pct_json_key(json, "count");
        pct_json_integer(json, r->count);
        pct_json_key(json, "example");
        pct_json_integer(json, r->examples[0]);
        pct_json_key(json, "examples");
        pct_json_begin_array(json);
        for (size_t k = 0; k < r->example_count; k++) pct_json_integer(json, r->examples[k]);
        pct_json_end_array(json);
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

void pct_map_facts_write(const pct_map_facts *facts, pct_buffer *out) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "version");
    pct_json_integer(&json, facts->version);
    pct_json_key(&json, "crs");
    pct_json_string(&json, pct_datum_name(facts->datum));
    pct_json_key(&json, "map_source");
    pct_json_string(&json, pct_map_source_name(facts->source));
    if (facts->credit[0]) {
        pct_json_key(&json, "map_credit");
        pct_json_string(&json, facts->credit);
    }
    pct_map_report_write(&facts->report, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(out, '\n');
}

static pct_message reason_named(pct_text key) {
    for (int m = 0; m < PCT_MSG_COUNT; m++)
        if (pct_text_equal(key, pct_message_table[m].key)) return (pct_message)m;
    return PCT_MSG_NONE;
}

static pct_status read_reason(const char *file, const json_t *item, pct_import_report *report,
                              pct_error *error) {
    json_t *examples;
    pct_text key;
    pct_import_reason r = {.reason = PCT_MSG_NONE};
    pct_status status = pct_json_get_text(file, item, "reason", &key, error);
    if (!status) status = pct_json_get_integer(file, item, "count", &r.count, error);
    if (!status) status = pct_json_get_array(file, item, "examples", &examples, error);
    if (status) return status;
    r.reason = reason_named(key);
    bool known = r.reason != PCT_MSG_NONE && pct_message_table[r.reason].param_count == 1;
    for (size_t i = 0; i < json_array_size(examples) && r.example_count < PCT_IMPORT_EXAMPLES; i++)
        r.examples[r.example_count++] = json_integer_value(json_array_get(examples, i));
    if (known && report->dropped_count < PCT_IMPORT_REASONS_MAX) report->dropped[report->dropped_count++] = r;
    return PCT_OK;
}

static pct_status read_report(const char *file, const json_t *facts, pct_import_report *report,
                              pct_error *error) {
    json_t *dropped;
    pct_status status =
        pct_json_get_integer(file, facts, "turn_restrictions_read", &report->restrictions_read, error);
    if (!status) status = pct_json_get_array(file, facts, "dropped", &dropped, error);
    for (size_t i = 0; !status && i < json_array_size(dropped); i++)
        status = read_reason(file, json_array_get(dropped, i), report, error);
    return status;
}

static pct_status read_source(const char *file, const json_t *facts, pct_map_facts *out, pct_error *error) {
    pct_text source, crs, credit = {"", 0};
    pct_status status = pct_json_get_text(file, facts, "map_source", &source, error);
    if (!status && !pct_map_source_named(source, &out->source))
        return pct_json_unexpected(file, "map_source", PCT_MSG_EXPECTED_MAP_SOURCE,
                                   json_object_get(facts, "map_source"), error);
    if (!status) status = pct_json_get_text(file, facts, "crs", &crs, error);
    if (!status && !pct_datum_named(crs, &out->datum))
        return pct_json_unexpected(file, "crs", PCT_MSG_EXPECTED_DATUM, json_object_get(facts, "crs"), error);
    if (!status && json_object_get(facts, "map_credit"))
        status = pct_json_get_text(file, facts, "map_credit", &credit, error);
    if (!status && credit.length >= sizeof out->credit)
        return pct_json_unexpected(file, "map_credit", PCT_MSG_EXPECTED_MAP_CREDIT,
                                   json_object_get(facts, "map_credit"), error);
    if (!status) memcpy(out->credit, credit.chars, credit.length);
    return status;
}

pct_status pct_map_facts_read(const char *file, pct_text bytes, pct_map_facts *out, pct_error *error) {
    json_t *facts = NULL;
    *out = (pct_map_facts){.version = 1};
    pct_status status = pct_json_parse(file, bytes, &facts, error);
    if (!status) status = pct_json_get_integer(file, facts, "version", &out->version, error);
    if (!status) status = read_source(file, facts, out, error);
    if (!status) status = read_report(file, facts, &out->report, error);
    json_decref(facts);
    return status;
}
