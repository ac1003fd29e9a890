/* Files of another machine by https, or by http from this one (libcurl): bounded, verified, no redirects, no proxy. */
#ifndef PCT_CLI_HTTP_GET_H
#define PCT_CLI_HTTP_GET_H

#include "base/buffer.h"

typedef struct pct_http_source {
    const char *url;   /* what stands before each path; no slash at its end */
    const char *token; /* an API token; NULL: none */
    const char *ca;    /* a file: whom alone to trust; NULL: whom the machine trusts */
} pct_http_source;

/* Appends the body of /path. A server that is busy is asked again for some seconds. PCT_IO: no answer, or another than 200. */
pct_status pct_http_get(const pct_http_source *source, const char *path, size_t most, pct_buffer *out,
                        pct_error *error) PCT_MUST_USE;

#endif
