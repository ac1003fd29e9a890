/* Call cards as a page to print: HTML that needs nothing else, one card on each A5, or two on each A4. */
#ifndef PCT_CLI_PAPER_PAGE_H
#define PCT_CLI_PAPER_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* Cards first … first + count - 1. What the page is too large for shows in the buffer's status. */
void pct_paper_write(int64_t first, int64_t count, bool on_a4, pct_buffer *out);

#endif
