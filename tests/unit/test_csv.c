#include "base/csv.h"

#include <string.h>

#include "base/buffer.h"
#include "base/rng.h"
#include "base/text.h"
#include "support/test.h"

static pct_csv opened(const char *chars) {
    pct_csv csv;
    pct_error error;
    test_ok(pct_csv_open(&csv, "t.csv", pct_text_of(chars), &error), &error);
    return csv;
}

static void next_row(pct_csv *csv, int64_t line, const char *const *fields) {
    pct_error error;
    bool more;
    test_ok(pct_csv_next(csv, &more, &error), &error);
    ck_assert(more);
    ck_assert_int_eq(csv->line, line);
    for (int i = 0; i < csv->column_count; i++) {
        pct_text found = pct_csv_text(csv, i);
        ck_assert_msg(pct_text_equal(found, fields[i]), "\"%.*s\" is not \"%s\"", (int)found.length,
                      found.chars, fields[i]);
    }
}

static void no_row(pct_csv *csv) {
    pct_error error;
    bool more;
    test_ok(pct_csv_next(csv, &more, &error), &error);
    ck_assert(!more);
    pct_csv_close(csv);
}

#define ROW(...) ((const char *const[]){__VA_ARGS__})

TEST(csv_reads_every_form_of_rfc_4180) {
    pct_csv csv = opened("id,lon,note\n1,2,plain\n\"4\",\"\",\"say \"\"hi\"\", twice\"\n7,,\n,,x");
    next_row(&csv, 2, ROW("1", "2", "plain"));
    next_row(&csv, 3, ROW("4", "", "say \"hi\", twice"));
    next_row(&csv, 4, ROW("7", "", ""));
    next_row(&csv, 5, ROW("", "", "x"));
    no_row(&csv);
}

TEST(csv_takes_crlf_a_byte_order_mark_blank_lines_and_no_final_newline) {
    pct_csv csv = opened("\xEF\xBB\xBF\r\nname ,\"kind\"\r\n\r\n派出所,\"a\r\nb\"\r\n\n\nx,\"y\"\r\n");
    ck_assert_int_eq(pct_csv_find(&csv, "name"), 0);
    ck_assert_int_eq(pct_csv_find(&csv, "kind"), 1);
    next_row(&csv, 4, ROW("派出所", "a\r\nb"));
    next_row(&csv, 8, ROW("x", "y"));
    no_row(&csv);
    csv = opened("a\n\"\"\n\"z\"");
    next_row(&csv, 2, ROW(""));
    next_row(&csv, 3, ROW("z"));
    no_row(&csv);
    csv = opened("a,b\r\n1,\"2\"\r");
    next_row(&csv, 2, ROW("1", "2"));
    no_row(&csv);
}

TEST(csv_counts_lines_through_quoted_newlines) {
    pct_csv csv = opened("a,b\n\"1\n2\n3\",x\ny,\"\n\"\nlast,row\n");
    next_row(&csv, 2, ROW("1\n2\n3", "x"));
    next_row(&csv, 5, ROW("y", "\n"));
    next_row(&csv, 7, ROW("last", "row"));
    no_row(&csv);
}

TEST(csv_header_may_have_quotes_inside_its_names) {
    pct_csv csv = opened("\"a \"\"big\"\" name\",b\n\"1\"\"2\",3\n4,5\n");
    ck_assert_int_eq(pct_csv_find(&csv, "a \"big\" name"), 0);
    next_row(&csv, 2, ROW("1\"2", "3"));
    ck_assert_int_eq(pct_csv_find(&csv, "a \"big\" name"), 0);
    next_row(&csv, 3, ROW("4", "5"));
    no_row(&csv);
}

TEST(csv_headers_that_are_wrong_are_refused) {
    static const struct {
        const char *chars, *says;
    } cases[] = {
        {"", "t.csv: the file is empty"},
        {"\xEF\xBB\xBF", "t.csv: the file is empty"},
        {"\r\n\n", "t.csv: the file is empty"},
        {"a,b,a\n", "names column 'a' twice"},
        {"a,\"b\n", "t.csv:1: a quoted field is not closed"},
        {"a,\"b\" \n", "t.csv:1: a quoted field is not closed, or text follows"},
        {"a,\xFF\n", "t.csv:1: the text is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_csv csv;
        pct_error error;
        ck_assert_int_eq(pct_csv_open(&csv, "t.csv", pct_text_of(cases[i].chars), &error), PCT_INPUT);
        test_error_says(&error, cases[i].says);
    }
}

TEST(csv_with_too_many_columns_is_refused) {
    pct_buffer text = pct_buffer_init(1 << 16);
    pct_csv csv;
    pct_error error;
    for (int i = 0; i < PCT_CSV_COLUMNS_MAX; i++)
        (void)pct_buffer_append_format(&text, "%sc%d", i ? "," : "", i);
    test_ok(pct_csv_open(&csv, "t.csv", pct_text_of(pct_buffer_chars(&text)), &error), &error);
    pct_csv_close(&csv);
    (void)pct_buffer_append_text(&text, ",more,still more\n");
    ck_assert_int_eq(pct_csv_open(&csv, "t.csv", pct_text_of(pct_buffer_chars(&text)), &error), PCT_LIMIT);
    test_error_says(&error, "columns would exceed its limit of 256");
    pct_buffer_dispose(&text);
}

TEST(csv_rows_that_are_wrong_are_refused_by_line) {
    static const struct {
        const char *chars, *says;
    } cases[] = {
        {"a,b\n1\n", "t.csv:2: 1 fields where the header has 2"},
        {"a,b\n\n1,2,3\n", "t.csv:3: 3 fields where the header has 2"},
        {"a,b\n1,\"2\n", "t.csv:2: a quoted field is not closed"},
        {"a,b\n\"1\"x,2\n", "t.csv:2: a quoted field is not closed, or text follows"},
        {"a,b\n1,\"2\"\rx\n", "t.csv:2: a quoted field is not closed, or text follows"},
        {"a,b\n1,\xC3\n", "t.csv:2: the text is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_csv csv = opened(cases[i].chars);
        pct_error error;
        bool more;
        ck_assert_int_eq(pct_csv_next(&csv, &more, &error), PCT_INPUT);
        ck_assert(!more);
        test_error_says(&error, cases[i].says);
        pct_csv_close(&csv);
    }
}

TEST(csv_columns_are_found_by_name_and_values_checked) {
    pct_csv csv = opened("lon,n\n 121.5 , 7\nnan,7.5\n200,11\n,\n");
    pct_error error;
    bool more;
    int lon, n, none;
    double real;
    int64_t integer;
    test_ok(pct_csv_column(&csv, "lon", &lon, &error), &error);
    test_ok(pct_csv_column(&csv, "n", &n, &error), &error);
    ck_assert_int_eq(pct_csv_column(&csv, "lat", &none, &error), PCT_INPUT);
    test_error_says(&error, "t.csv: column 'lat' is missing; the header has: lon, n");
    ck_assert_uint_eq(pct_csv_text(&csv, -1).length, 0);
    test_ok(pct_csv_next(&csv, &more, &error), &error);
    test_ok(pct_csv_real(&csv, lon, -180, 180, &real, &error), &error);
    test_ok(pct_csv_integer(&csv, n, 7, 7, &integer, &error), &error);
    ck_assert(real == 121.5 && integer == 7);
    static const char *const says[][2] = {
        {"t.csv:3: column 'lon': a number from -180 to 180 was expected, 'nan' was found",
         "t.csv:3: column 'n': a whole number from 0 to 10 was expected, '7.5' was found"},
        {"t.csv:4: column 'lon'", "'11' was found"},
        {"t.csv:5: column 'lon': a number from -180 to 180 was expected, '' was found",
         "t.csv:5: column 'n'"},
    };
    for (int row = 0; row < 3; row++) {
        test_ok(pct_csv_next(&csv, &more, &error), &error);
        ck_assert_int_eq(pct_csv_real(&csv, lon, -180, 180, &real, &error), PCT_INPUT);
        test_error_says(&error, says[row][0]);
        ck_assert_int_eq(pct_csv_integer(&csv, n, 0, 10, &integer, &error), PCT_INPUT);
        test_error_says(&error, says[row][1]);
    }
    ck_assert_int_eq(pct_csv_unexpected(&csv, n, PCT_MSG_EXPECTED_ID, &error), PCT_INPUT);
    test_error_says(&error, "an id was expected, '' was found");
    no_row(&csv);
}

enum { COLUMNS = 4, ROWS = 30, FIELD_MAX = 12 };

static void random_field(pct_rng *rng, char *field) {
    static const char *const pieces[] = {"a", "\"", ",", "\n", "\r\n", " ", "警", "\"\"", "7"};
    size_t count = pct_rng_below(rng, 4), used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[pct_rng_below(rng, sizeof pieces / sizeof *pieces)];
        memcpy(field + used, piece, strlen(piece));
        used += strlen(piece);
    }
    field[used] = '\0';
}

/* Quoted where it must be, and sometimes where it need not be. */
static void write_field(pct_buffer *out, const char *field, bool quoted) {
    if (!quoted && !strpbrk(field, "\",\r\n")) {
        (void)pct_buffer_append_text(out, field);
        return;
    }
    (void)pct_buffer_append_byte(out, '"');
    for (const char *c = field; *c; c++) {
        if (*c == '"') (void)pct_buffer_append_byte(out, '"');
        (void)pct_buffer_append_byte(out, (unsigned char)*c);
    }
    (void)pct_buffer_append_byte(out, '"');
}

TEST(csv_reads_back_what_was_written) {
    pct_rng rng = pct_rng_init(81, 0);
    for (int round = 0; round < 200; round++) {
        static char fields[ROWS][COLUMNS][FIELD_MAX + 1];
        pct_buffer text = pct_buffer_init(1 << 16);
        const char *newline = round % 2 ? "\r\n" : "\n";
        (void)pct_buffer_append_format(&text, "a,b,c,d%s", newline);
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < COLUMNS; c++) {
                random_field(&rng, fields[r][c]);
                write_field(&text, fields[r][c], pct_rng_below(&rng, 3) == 0);
                (void)pct_buffer_append_text(&text, c + 1 < COLUMNS ? "," : newline);
            }
        pct_csv csv = opened(pct_buffer_chars(&text));
        for (int r = 0; r < ROWS; r++)
            next_row(&csv, csv.next_line, ROW(fields[r][0], fields[r][1], fields[r][2], fields[r][3]));
        no_row(&csv);
        pct_buffer_dispose(&text);
    }
}

TEST(csv_of_random_bytes_never_reads_beyond_them) {
    static const char alphabet[] = "a,,\"\"\"\n\n\r\xE8\xAD\xA6\xFF";
    pct_rng rng = pct_rng_init(82, 0);
    size_t rows = 0;
    for (int round = 0; round < 20000; round++) {
        size_t length = pct_rng_below(&rng, 24);
        char *bytes = malloc(length + 1);
        for (size_t i = 0; i < length; i++)
            bytes[i] = i < 2 ? "a\n"[i] : alphabet[pct_rng_below(&rng, sizeof alphabet - 1)];
        char *exact = realloc(bytes, length ? length : 1);
        pct_csv csv;
        pct_error error;
        bool more = true;
        if (pct_csv_open(&csv, "t.csv", (pct_text){exact, length}, &error) == PCT_OK) {
            while (pct_csv_next(&csv, &more, &error) == PCT_OK && more) rows++;
            pct_csv_close(&csv);
        }
        free(exact);
    }
    ck_assert_uint_gt(rows, 1000);
}

static pct_status attempt(void *context) {
    pct_csv csv;
    pct_error error;
    bool more = true;
    pct_status status = pct_csv_open(&csv, "t.csv", pct_text_of(context), &error);
    if (status) return status;
    while (!(status = pct_csv_next(&csv, &more, &error)) && more) continue;
    pct_csv_close(&csv);
    return status;
}

TEST(csv_survives_every_failing_allocation) {
    char text[] = "\"a\"\"\",b\n\"1\"\"\",2\n3,\"\"\"4\"\n";
    ck_assert_uint_eq(test_torture(attempt, text), 3);
}

TEST_MAIN("csv", TEST_CASE(csv_reads_every_form_of_rfc_4180),
          TEST_CASE(csv_takes_crlf_a_byte_order_mark_blank_lines_and_no_final_newline),
          TEST_CASE(csv_counts_lines_through_quoted_newlines),
          TEST_CASE(csv_header_may_have_quotes_inside_its_names),
          TEST_CASE(csv_headers_that_are_wrong_are_refused), TEST_CASE(csv_with_too_many_columns_is_refused),
          TEST_CASE(csv_rows_that_are_wrong_are_refused_by_line),
          TEST_CASE(csv_columns_are_found_by_name_and_values_checked),
          TEST_CASE(csv_reads_back_what_was_written), TEST_CASE(csv_of_random_bytes_never_reads_beyond_them),
          TEST_CASE(csv_survives_every_failing_allocation))
