/* `log witness …`: the program that runs at another agency and remembers what this one has shown (site/witness.h). */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/log_text.h"
#include "clock/time.h"
#include "ledger/proof_text.h"
#include "server/witness.h"

enum { PORT_MAX = 65535, ADDRESS_MAX = 64 };

static pct_status say_key(pct_cli *cli, const pct_witness *w, pct_error *error) {
    pct_buffer key = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_status status = pct_note_key_write(w->signer.crypto, &w->signer.secret.key, &key, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_log_word(&json, "key", pct_log_view(&key));
        pct_json_end_object(&json);
    } else if (!status) {
        (void)pct_buffer_append(&cli->out, key.bytes, key.length);
    }
    (void)pct_buffer_append_byte(&cli->out, '\n');
    pct_buffer_dispose(&key);
    return status;
}

static pct_status run_init(pct_cli *cli, pct_error *error) {
    pct_witness w = {0};
    pct_status status =
        pct_witness_make(cli->arguments[0], pct_text_of(pct_cli_option(cli, "--name")), &w, error);
    if (!status) status = say_key(cli, &w, error);
    pct_witness_close(&w);
    return status;
}

static pct_status run_add(pct_cli *cli, pct_error *error) {
    pct_witness w = {0};
    pct_note_key log;
    pct_buffer text = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_status status = pct_witness_open(cli->arguments[0], &w, error);
    if (!status)
        status = pct_log_key_given(pct_cli_option(cli, "--log"), PCT_NOTE_ED25519, w.signer.crypto, &text,
                                   &log, error);
    if (!status) status = pct_witness_add_log(&w, &log, error);
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_WITNESS_ADDED, pct_view(log.name));
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_log_word(&json, "origin", log.name);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_buffer_dispose(&text);
    pct_witness_close(&w);
    return status;
}

/* --- one question, from a file to a file --------------------------------------------------------------------------------- */

static void say_cosigned(pct_cli *cli, const pct_witness_reply *reply) {
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_WITNESS_COSIGNED, pct_int((int64_t)reply->size),
                pct_str(pct_cli_option(cli, "--response")));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "cosigned");
    pct_json_bool(&json, true);
    pct_log_number(&json, "events", (int64_t)reply->size);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run_answer(pct_cli *cli, pct_error *error) {
    pct_witness w = {0};
    pct_witness_reply reply = {.code = 0};
    pct_buffer request = pct_buffer_init(PCT_PROOF_TEXT_MAX);
    pct_status status = pct_witness_open(cli->arguments[0], &w, error);
    if (!status)
        status = pct_log_file_read(pct_cli_option(cli, "--request"), PCT_PROOF_TEXT_MAX, &request, error);
    if (!status)
        status = pct_witness_reply_to(&w, pct_log_view(&request), (int64_t)time(NULL), &reply, error);
    if (!status)
        status = pct_file_replace(pct_cli_option(cli, "--response"), pct_log_view(&reply.body), error);
    if (!status) say_cosigned(cli, &reply);
    pct_buffer_dispose(&reply.body);
    pct_buffer_dispose(&request);
    pct_witness_close(&w);
    return status;
}

/* --- what it remembers ------------------------------------------------------------------------------------------------------ */

typedef struct showing {
    pct_cli *cli;
    pct_json_writer *json;
} showing;

static void show_json(pct_json_writer *json, const pct_witnessed *log, const char *time) {
    pct_json_begin_object(json);
    pct_log_word(json, "key", log->key);
    pct_log_number(json, "events", log->has_head ? (int64_t)log->head.head.size : 0);
    if (log->has_head) {
        pct_log_hash(json, "root_hash", log->head.head.root);
        pct_json_key(json, "cosigned_at");
        pct_json_string(json, time);
    }
    pct_log_number(json, "refused", log->refused);
    pct_json_end_object(json);
}

static pct_status show_log(void *context, const pct_witnessed *log, pct_error *error) {
    showing *s = context;
    pct_buffer time = pct_buffer_init(64);
    char hex[PCT_LOG_HEX];
    if (log->has_head) (void)pct_time_format(log->time_s * 1000, 0, &time);
    pct_status status = pct_buffer_status(&time, error);
    if (!status && s->json) {
        show_json(s->json, log, pct_buffer_chars(&time));
    } else if (!status && log->has_head) {
        pct_log_hex(log->head.head.root, hex);
        PCT_SAY(s->cli, PCT_MSG_WITNESS_LOG, pct_view(log->key), pct_int((int64_t)log->head.head.size),
                pct_str(hex), pct_str(pct_buffer_chars(&time)), pct_int(log->refused));
    } else if (!status) {
        PCT_SAY(s->cli, PCT_MSG_WITNESS_LOG_NEW, pct_view(log->key));
    }
    pct_buffer_dispose(&time);
    return status;
}

static pct_status run_show(pct_cli *cli, pct_error *error) {
    pct_witness w = {0};
    pct_json_writer json = pct_json_writer_init(&cli->out);
    showing s = {cli, cli->json ? &json : NULL};
    pct_status status = pct_witness_open(cli->arguments[0], &w, error);
    if (!status && cli->json) {
        pct_buffer key = pct_buffer_init(PCT_NOTE_BYTES_MAX);
        status = pct_note_key_write(w.signer.crypto, &w.signer.secret.key, &key, error);
        pct_json_begin_object(&json);
        pct_log_word(&json, "key", pct_log_view(&key));
        pct_json_key(&json, "logs");
        pct_json_begin_array(&json);
        pct_buffer_dispose(&key);
    } else if (!status) {
        status = say_key(cli, &w, error);
    }
    if (!status) status = pct_witness_each(&w, show_log, &s, error);
    if (!status && cli->json) {
        pct_json_end_array(&json);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_witness_close(&w);
    return status;
}

/* --- serving ---------------------------------------------------------------------------------------------------------------- */

static pct_status read_listen(const pct_cli *cli, char address[ADDRESS_MAX], uint16_t *port,
                              pct_error *error) {
    const char *given = pct_cli_option(cli, "--listen");
    pct_text rest = pct_text_of(given ? given : "127.0.0.1:8090"), host, digits;
    int64_t number = 0;
    bool good = pct_text_next(&rest, ':', &host) && pct_text_next(&rest, ':', &digits) && !rest.chars &&
                host.length < ADDRESS_MAX && pct_text_to_integer(digits, &number) && number >= 0 &&
                number <= PORT_MAX;
    if (!good) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LISTEN_ADDRESS, pct_str(given));
    memcpy(address, host.chars, host.length);
    address[host.length] = '\0';
    *port = (uint16_t)number;
    return PCT_OK;
}

static pct_status run_serve(pct_cli *cli, pct_error *error) {
    pct_witness w = {0};
    pct_witness_server *server = NULL;
    char address[ADDRESS_MAX];
    uint16_t port = 0;
    sigset_t stop;
    int signal_number;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigaddset(&stop, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &stop,
                          NULL); /* before the thread is started, so that the signals come to us */
    pct_status status = read_listen(cli, address, &port, error);
    if (!status) status = pct_witness_open(cli->arguments[0], &w, error);
    if (!status) status = pct_witness_server_start(&w, address, &port, cli->language, &server, error);
    if (!status) {
        printf(cli->json ? "{\"ready\":\"http://%s:%u\"}\n" : "ready http://%s:%u\n", address, port);
        (void)fflush(stdout);
        (void)sigwait(&stop, &signal_number);
    }
    pct_witness_server_stop(server);
    pct_witness_close(&w);
    return status;
}

const pct_cli_command pct_cmd_log_witness_init = {"log witness init",
                                                  "FOLDER",
                                                  PCT_MSG_WITNESS_INIT_HELP,
                                                  {{"--name", "NAME", PCT_MSG_WITNESS_INIT_NAME, true}},
                                                  run_init};
const pct_cli_command pct_cmd_log_witness_add = {"log witness add",
                                                 "FOLDER",
                                                 PCT_MSG_WITNESS_ADD_HELP,
                                                 {{"--log", "KEY", PCT_MSG_WITNESS_ADD_LOG, true}},
                                                 run_add};
const pct_cli_command pct_cmd_log_witness_cosign = {
    "log witness cosign",
    "FOLDER",
    PCT_MSG_WITNESS_COSIGN_HELP,
    {{"--request", "FILE", PCT_MSG_WITNESS_COSIGN_REQUEST, true},
     {"--response", "FILE", PCT_MSG_WITNESS_COSIGN_RESPONSE, true}},
    run_answer};
const pct_cli_command pct_cmd_log_witness_serve = {"log witness serve",
                                                   "FOLDER",
                                                   PCT_MSG_WITNESS_SERVE_HELP,
                                                   {{"--listen", "A:P", PCT_MSG_WITNESS_SERVE_LISTEN, false}},
                                                   run_serve};
const pct_cli_command pct_cmd_log_witness_show = {
    "log witness show", "FOLDER", PCT_MSG_WITNESS_SHOW_HELP, {{0}}, run_show};
