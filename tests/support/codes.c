#include "support/codes.h"

#include "support/test.h"

static pct_text shipped(const char *path) {
    size_t length;
    char *bytes = test_read_file(path, &length);
    ck_assert_msg(bytes != NULL, "%s cannot be read: run tests from the repository", path);
    return (pct_text){bytes, length};
}

pct_codes *test_codes(void) {
    pct_codes_source source = {.incident_types_file = PCT_CODES_INCIDENT_TYPES_FILE,
                               .capabilities_file = PCT_CODES_CAPABILITIES_FILE,
                               .unit_kinds_file = PCT_CODES_UNIT_KINDS_FILE,
                               .priorities_file = PCT_CODES_PRIORITIES_FILE,
                               .incident_types = shipped("definitions/codes/" PCT_CODES_INCIDENT_TYPES_FILE),
                               .capabilities = shipped("definitions/codes/" PCT_CODES_CAPABILITIES_FILE),
                               .unit_kinds = shipped("definitions/codes/" PCT_CODES_UNIT_KINDS_FILE),
                               .priorities = shipped("definitions/codes/" PCT_CODES_PRIORITIES_FILE)};
    pct_codes *codes;
    pct_error error;
    test_ok(pct_codes_read(&source, &codes, &error), &error);
    free((char *)source.incident_types.chars), free((char *)source.capabilities.chars);
    free((char *)source.unit_kinds.chars), free((char *)source.priorities.chars);
    return codes;
}
