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
        pct_json_string(json, pct_message_entry_of(r->reason)->key);
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

/* --- what an update found ------------------------------------------------------------------------------------------- */

typedef struct count {
    const char *key;
    int64_t *value;
    bool *has;
} count;

enum { COUNTS = 6 };

static void list_counts(pct_event_map_updated *u, count out[COUNTS]) {
    const count counts[COUNTS] = {{"segments_kept", &u->segments_kept, &u->has_segments_kept},
                                  {"segments_gone", &u->segments_gone, &u->has_segments_gone},
                                  {"segments_new", &u->segments_new, &u->has_segments_new},
                                  {"closures_kept", &u->closures_kept, &u->has_closures_kept},
                                  {"closures_moved", &u->closures_moved, &u->has_closures_moved},
                                  {"closures_lost", &u->closures_lost, &u->has_closures_lost}};
    memcpy(out, counts, sizeof counts);
}

static void write_closures(pct_json_writer *json, const char *key, const pct_closure_id *list,
                           uint32_t length) {
    pct_json_key(json, key);
    pct_json_begin_array(json);
    for (uint32_t i = 0; i < length; i++) pct_json_integer(json, list[i].seq);
    pct_json_end_array(json);
}

static void write_update(const pct_map_facts *facts, pct_json_writer *json) {
    pct_event_map_updated found = facts->update.found;
    count counts[COUNTS];
    if (found.version_before == 0) return;
    list_counts(&found, counts);
    pct_json_key(json, "update");
    pct_json_begin_object(json);
    pct_json_key(json, "version_before");
    pct_json_integer(json, found.version_before);
    pct_json_key(json, "at_ms");
    pct_json_integer(json, facts->update.at_ms);
    for (int i = 0; i < COUNTS; i++) {
        if (!*counts[i].has) continue;
        pct_json_key(json, counts[i].key);
        pct_json_integer(json, *counts[i].value);
    }
    write_closures(json, "moved", found.moved, found.moved_count);
    write_closures(json, "lost", found.lost, found.lost_count);
    pct_json_end_object(json);
}

static pct_status read_closures(const char *file, const json_t *update, const char *key, pct_closure_id *list,
                                uint32_t most, uint32_t *length, pct_error *error) {
    json_t *array;
    pct_status status = pct_json_get_array(file, update, key, &array, error);
    for (size_t i = 0; !status && i < json_array_size(array) && i < most; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_integer(item) || json_integer_value(item) < 1)
            return pct_json_unexpected(file, key, PCT_MSG_EXPECTED_WHOLE_NUMBER, item, error);
        list[(*length)++].seq = json_integer_value(item);
    }
    return status;
}

static pct_status read_update(const char *file, const json_t *facts, pct_map_facts *out, pct_error *error) {
    enum { MOST = sizeof out->update.found.moved / sizeof *out->update.found.moved };
    json_t *update = NULL;
    pct_event_map_updated *found = &out->update.found;
    count counts[COUNTS];
    if (!json_object_get(facts, "update")) return PCT_OK;
    list_counts(found, counts);
    found->version = out->version;
    pct_status status = pct_json_get_object(file, facts, "update", &update, error);
    if (!status) status = pct_json_get_integer(file, update, "version_before", &found->version_before, error);
    if (!status) status = pct_json_get_integer(file, update, "at_ms", &out->update.at_ms, error);
    for (int i = 0; i < COUNTS && !status; i++) {
        *counts[i].has = json_object_get(update, counts[i].key) != NULL;
        if (*counts[i].has)
            status = pct_json_get_integer(file, update, counts[i].key, counts[i].value, error);
    }
    if (!status)
        status = read_closures(file, update, "moved", found->moved, MOST, &found->moved_count, error);
    return status ? status
                  : read_closures(file, update, "lost", found->lost, MOST, &found->lost_count, error);
}

static pct_status read_digest(const char *file, const json_t *facts, pct_map_facts *out, pct_error *error) {
    pct_text digest;
    if (!json_object_get(facts, "source_sha256")) return PCT_OK;
    pct_status status = pct_json_get_text(file, facts, "source_sha256", &digest, error);
    if (!status && digest.length >= sizeof out->source_sha256)
        return pct_json_unexpected(file, "source_sha256", PCT_MSG_EXPECTED_SHA256,
                                   json_object_get(facts, "source_sha256"), error);
    if (!status) memcpy(out->source_sha256, digest.chars, digest.length);
    return status;
}

/* --- the file --------------------------------------------------------------------------------------------------------- */

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
    if (facts->source_sha256[0]) {
        pct_json_key(&json, "source_sha256");
        pct_json_string(&json, facts->source_sha256);
    }
    write_update(facts, &json);
    pct_map_report_write(&facts->report, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(out, '\n');
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
    r.reason = pct_message_named(key);
    bool known = r.reason != PCT_MSG_NONE && pct_message_entry_of(r.reason)->param_count == 1;
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
    if (!status) status = read_digest(file, facts, out, error);
    if (!status) status = read_update(file, facts, out, error);
    if (!status) status = read_report(file, facts, &out->report, error);
    json_decref(facts);
    return status;
}
