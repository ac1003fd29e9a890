/* One POST to http://host:port/path, as a program asks a witness: a fixed time limit, a bounded reply, no redirects. */
#ifndef PCT_CLI_HTTP_POST_H
#define PCT_CLI_HTTP_POST_H

#include "base/buffer.h"

/* PCT_OK with any reply: its status in *code, its body appended to *out. */
pct_status pct_http_post(const char *url, const char *path, pct_text body, int *code, pct_buffer *out,
                         pct_error *error) PCT_MUST_USE;

#endif
