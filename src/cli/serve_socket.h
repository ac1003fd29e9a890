/* The site's socket: SITE/serve.sock, for the owner alone. While `serve` holds the record, commands that write go through it.
 *
 *     request   one line of words: "erase C17 personal ask - zh", "erase C17 - alone REASON en" (the reason in base64, URL alphabet; told:
 * the request's id where one was made), "rebuild en" (the last: language of messages); "cards 40 en";
 *               "retain dry en", "keys 4711 KEY 7 en" (leaves keys.copy.4711 in the folder; the key in base64, - for the site's), "period
 * personal 400 anna bert GROUND en" (the ground in base64, URL alphabet); "user …":
 *               cli/user_change.h; "flags …": cli/watch_act.h
 *     reply     one line: a status and a number (keys destroyed), then the message of a failure, or what was asked for, to the
 *               end
 *
 * One request at a time, answered by the server's main thread; a client that says nothing is dropped after a second. */
#ifndef PCT_CLI_SERVE_SOCKET_H
#define PCT_CLI_SERVE_SOCKET_H

#include "resource/service.h"

#define PCT_SERVE_SOCKET "serve.sock"

typedef struct pct_serve_socket {
    int folder, listener; /* 0: not open */
} pct_serve_socket;

/* Whoever has the record open may replace a socket that an earlier server left. */
pct_status pct_serve_socket_open(const char *folder, pct_serve_socket *out, pct_error *error) PCT_MUST_USE;
void pct_serve_socket_close(pct_serve_socket *s);
/* Answers those who wait, some of them at a time. */
void pct_serve_socket_answer(const pct_serve_socket *s, pct_service *service);

/* The other side. PCT_UNREACHABLE, without a message, when nobody listens; a failure's message is the server's. */
pct_status pct_serve_socket_ask(const char *folder, const char *request, int64_t *number,
                                pct_error *error) PCT_MUST_USE;
/* The same, and what was asked for. */
pct_status pct_serve_socket_ask_for(const char *folder, const char *request, int64_t *number, pct_buffer *out,
                                    pct_error *error) PCT_MUST_USE;

#endif
