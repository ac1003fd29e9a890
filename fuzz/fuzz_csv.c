/* Any bytes: refused by line, or rows of as many fields as the header has, each valid UTF-8. */
#include <stdlib.h>

#include "base/csv.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    pct_csv csv;
    pct_error error;
    bool more = true;
    int64_t last_line = 0;
    if (pct_csv_open(&csv, "f", (pct_text){(const char *)bytes, length}, &error) != PCT_OK) return 0;
    while (pct_csv_next(&csv, &more, &error) == PCT_OK && more) {
        if (csv.line <= last_line) abort();
        last_line = csv.line;
        for (int i = 0; i < csv.column_count; i++)
            if (!pct_text_is_utf8(pct_csv_text(&csv, i))) abort();
    }
    pct_csv_close(&csv);
    return 0;
}
