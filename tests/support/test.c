#include "support/test.h"

#include <string.h>
#include <unistd.h>

int test_run(const char *suite, const test_case *cases, size_t count) {
    Suite *s = suite_create(suite);
    for (size_t i = 0; i < count; i++) {
        TCase *tcase = tcase_create(cases[i].name);
        tcase_set_timeout(tcase, 600);
        tcase_add_test(tcase, cases[i].test);
        suite_add_tcase(s, tcase);
    }
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const char *sentence(const pct_error *error) {
    static pct_buffer text;
    pct_buffer_dispose(&text);
    text = pct_buffer_init(4096);
    (void)pct_error_render(error, PCT_EN, &text);
    return pct_buffer_chars(&text);
}

void test_ok(pct_status status, const pct_error *error) {
    if (status) ck_abort_msg("%s: %s", pct_status_name(status), error ? sentence(error) : "");
}

void test_error_says(const pct_error *error, const char *fragment) {
    if (!strstr(sentence(error), fragment))
        ck_abort_msg("the error says \"%s\", not \"%s\"", sentence(error), fragment);
}

char *test_read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(bytes);
    *length = fread(bytes, 1, (size_t)size, file);
    ck_assert_uint_eq(*length, (size_t)size);
    bytes[size] = '\0';
    fclose(file);
    return bytes;
}

const char *test_data_path(const char *relative) {
    static char path[4096];
    const char *root = getenv("PRECINCT_DATA");
    snprintf(path, sizeof path, "%s/%s", root && *root ? root : "../shared/data", relative);
    return access(path, R_OK) == 0 ? path : NULL;
}
