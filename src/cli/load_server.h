/* The server that a load is put on: `precinct serve` as a process of its own, so that its processor time and memory are not
 * ours; and what one needs to speak to it.
 *
 *     status = pct_load_server_start(folder, &server, &error);      waits until it is ready
 *     status = pct_load_sign_in(&server, "anna", password, &cookie, &error);
 *     pct_load_server_stop(&server);                                accepts a zeroed one */
#ifndef PCT_CLI_LOAD_SERVER_H
#define PCT_CLI_LOAD_SERVER_H

#include <sys/types.h>

#include "base/buffer.h"

typedef struct pct_load_server {
    pid_t pid;
    uint16_t port, positions_port;
} pct_load_server;

pct_status pct_load_server_start(const char *site_folder, pct_load_server *out,
                                 pct_error *error) PCT_MUST_USE;
/* As an operator does; PCT_IO when it did not end as it should. */
pct_status pct_load_server_stop(pct_load_server *server, pct_error *error) PCT_MUST_USE;

/* Of the running process: memory that it holds now, processor time since its start. 0 when it is gone. */
int64_t pct_load_server_memory_bytes(const pct_load_server *server);
double pct_load_server_processor_s(const pct_load_server *server);

/* *cookie: "name=value", as requests carry it. */
pct_status pct_load_sign_in(const pct_load_server *server, const char *account, const char *password,
                            pct_buffer *cookie, pct_error *error) PCT_MUST_USE;

/* Appends the head of a request with a body of that length, or of one without when it is negative. `more`: further header
 * lines, each with its CRLF. */
void pct_load_write_head(pct_buffer *out, const char *method, const char *path, const char *cookie,
                         const char *more, int body_bytes);
/* One request whose reply is waited for: its status, and its head and body in *reply. */
pct_status pct_load_ask(uint16_t port, pct_text request, int *status_code, pct_buffer *reply,
                        pct_error *error) PCT_MUST_USE;

#endif
