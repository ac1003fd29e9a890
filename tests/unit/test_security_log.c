#include "server/security_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

enum { WALL_S = 1800000000 };

static char folder[64];

static void make_folder(void) {
    (void)snprintf(folder, sizeof folder, "/tmp/precinct-log-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void) {
    char path[128];
    static const char *const names[] = {"security.log", "security.log.1"};
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static long size_of(const char *name) {
    char path[128];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

/* How many lines there are, and how many they say were left out. */
static long count_lines(long *left_out) {
    char path[128], line[1024];
    long lines = 0;
    (void)snprintf(path, sizeof path, "%s/security.log", folder);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    *left_out = 0;
    while (fgets(line, sizeof line, file)) {
        const char *at = strstr(line, "\"left_out\":");
        lines++;
        if (at) *left_out += strtol(at + 11, NULL, 10);
    }
    (void)fclose(file);
    return lines;
}

static void write_at(pct_security_log *log, int64_t ms) {
    const pct_security_line line = {.wall_ms = WALL_S * INT64_C(1000) + ms,
                                    .address = 0x0700000a,
                                    .what = "web_origin",
                                    .status = 403,
                                    .method = "POST",
                                    .endpoint = "/api/v1/calls"};
    pct_security_log_write(log, &line);
}

TEST(security_log_says_how_many_lines_a_flood_left_out) {
    pct_security_log *log;
    pct_error error;
    long left_out, wanted = PCT_SECURITY_BURST + 10L * PCT_SECURITY_LINES_S;
    make_folder();
    test_ok(pct_security_log_open(folder, &log, &error), &error);
    for (int i = 0; i < 100000; i++) write_at(log, i / 10); /* ten seconds of 10,000 a second */
    long lines = count_lines(&left_out);
    ck_assert_msg(lines >= PCT_SECURITY_BURST && lines <= wanted + 1, "%ld lines, at most %ld", lines,
                  wanted);
    write_at(log, 60000);
    lines = count_lines(&left_out);
    ck_assert_int_eq(lines + left_out, 100001);
    pct_security_log_close(log);
    remove_folder();
}
END_TEST

TEST(security_log_fills_two_files_and_no_more) {
    pct_security_log *log;
    pct_error error;
    make_folder();
    test_ok(pct_security_log_open(folder, &log, &error), &error);
    for (int64_t i = 0; i < 100000; i++) write_at(log, i * 1000 / PCT_SECURITY_LINES_S);
    ck_assert_int_le(size_of("security.log"), PCT_SECURITY_BYTES);
    ck_assert_int_gt(size_of("security.log.1"), PCT_SECURITY_BYTES / 2);
    ck_assert_int_le(size_of("security.log.1"), PCT_SECURITY_BYTES);
    ck_assert_int_eq(size_of("security.log.2"), -1);
    pct_security_log_close(log);
    remove_folder();
}
END_TEST

TEST_MAIN("security_log", TEST_CASE(security_log_says_how_many_lines_a_flood_left_out),
          TEST_CASE(security_log_fills_two_files_and_no_more))
