/* `log cosign`: asks a witness for its signature under this site's tree head, over HTTP or by a file that is carried there
 * and another that is carried back, and keeps what comes. */
#include <string.h>

#include "base/text.h"
#include "cli/http_post.h"
#include "cli/log_site.h"
#include "ledger/proof_text.h"

enum { ATTEMPTS = 3 };

typedef struct asking {
    pct_cli *cli;
    pct_log_site site;
    pct_note_key witness;
    pct_buffer key, request, reply;
    uint64_t since, cosigned;
} asking;

/* The newest head with a line of this witness: from there on it wants the proof. */
static pct_status newest_cosigned(void *context, const pct_head *head, pct_error *error) {
    asking *a = context;
    pct_text text;
    pct_status status =
        pct_note_verify(a->site.signer.crypto, pct_log_view(&head->note), &a->witness, &text, NULL, error);
    if (!status) a->since = head->size;
    return status;
}

static pct_status find_since(asking *a, pct_error *error) {
    int64_t given = -1;
    pct_status status = pct_cli_integer(a->cli, "--since", 0, INT64_MAX / 2, &given, error);
    a->since = given > 0 ? (uint64_t)given : 0;
    if (status || given >= 0) return status;
    status = pct_heads_each(a->cli->arguments[0], newest_cosigned, a, error);
    return status == PCT_NOT_FOUND ? PCT_OK : status;
}

static pct_status write_request(asking *a, pct_error *error) {
    pct_proof_text proof = {.number = a->since, .note = pct_log_view(&a->site.head.note)};
    pct_merkle_reader reader = pct_log_tree_reader(&a->site.tree);
    pct_text none = {"", 0};
    pct_buffer_clear(&a->request);
    if (a->since > a->site.head.size)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SHORT, pct_int((int64_t)a->since),
                        pct_int((int64_t)a->site.head.size));
    pct_status status =
        pct_merkle_prove_consistency(&reader, a->since, a->site.head.size, &proof.proof, error);
    return status ? status : pct_proof_text_write(PCT_PROOF_GROWTH, &proof, none, &a->request, error);
}

static pct_status refused(const asking *a, int code, pct_error *error) {
    pct_text said = pct_text_trim(pct_log_view(&a->reply));
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_COSIGN_REFUSED, pct_view(a->witness.name), pct_int(code),
                    pct_view(said));
}

/* A witness that has seen more, or less, than was thought says how much. */
static pct_status ask(asking *a, const char *url, pct_error *error) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int code = 0;
        int64_t held = 0;
        pct_buffer_clear(&a->reply);
        pct_status status = write_request(a, error);
        if (!status)
            status =
                pct_http_post(url, "/add-checkpoint", pct_log_view(&a->request), &code, &a->reply, error);
        if (status || code == 200) return status;
        bool has_size =
            code == 409 && pct_text_to_integer(pct_text_trim(pct_log_view(&a->reply)), &held) && held >= 0;
        if (!has_size || (uint64_t)held == a->since) return refused(a, code, error);
        a->since = (uint64_t)held;
    }
    return refused(a, 409, error);
}

static pct_status take_reply(asking *a, pct_error *error) {
    const char *folder = a->cli->arguments[0];
    pct_status status = pct_heads_cosigned(folder, a->site.signer.crypto, &a->witness,
                                           pct_log_view(&a->reply), &a->cosigned, error);
    return status ? status : pct_witnesses_add(folder, a->site.signer.crypto, &a->witness, error);
}

static pct_status run_steps(asking *a, pct_error *error) {
    const char *request = pct_cli_option(a->cli, "--request"),
               *response = pct_cli_option(a->cli, "--response");
    const char *url = pct_cli_option(a->cli, "--url");
    if ((request != NULL) + (response != NULL) + (url != NULL) != 1)
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_COSIGN_WHICH, NULL, 0);
    pct_status status = pct_log_site_open(a->cli->arguments[0], &a->site, error);
    if (!status)
        status = pct_log_key_given(pct_cli_option(a->cli, "--witness"), PCT_NOTE_COSIGNATURE,
                                   a->site.signer.crypto, &a->key, &a->witness, error);
    if (!status && response) status = pct_log_file_read(response, PCT_NOTE_BYTES_MAX, &a->reply, error);
    if (!status && !response) status = find_since(a, error);
    if (!status && request) status = write_request(a, error);
    if (!status && request) return pct_file_replace(request, pct_log_view(&a->request), error);
    if (!status && url) status = ask(a, url, error);
    return status ? status : take_reply(a, error);
}

static void say(const asking *a, double began_s) {
    pct_cli *cli = a->cli;
    bool asked = pct_cli_option(cli, "--request") != NULL;
    int64_t size = (int64_t)(asked ? a->site.head.size : a->cosigned);
    if (!cli->json && asked)
        PCT_SAY(cli, PCT_MSG_COSIGN_ASKED, pct_int(size), pct_int((int64_t)a->since),
                pct_str(pct_cli_option(cli, "--request")));
    else if (!cli->json)
        PCT_SAY(cli, PCT_MSG_COSIGN_TAKEN, pct_view(a->witness.name), pct_int(size));
    if (!cli->json) return;
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "events", size);
    if (asked) pct_log_number(&json, "since", (int64_t)a->since);
    pct_log_word(&json, "witness", a->witness.name);
    pct_json_key(&json, "cosigned");
    pct_json_bool(&json, !asked);
    pct_log_document_end(cli, &json, began_s);
}

static pct_status run_cosign(pct_cli *cli, pct_error *error) {
    asking a = {.cli = cli,
                .key = pct_buffer_init(PCT_NOTE_BYTES_MAX),
                .request = pct_buffer_init(PCT_PROOF_TEXT_MAX),
                .reply = pct_buffer_init(PCT_NOTE_BYTES_MAX)};
    double began_s = pct_cli_seconds();
    pct_status status = run_steps(&a, error);
    if (!status) say(&a, began_s);
    pct_buffer_dispose(&a.key);
    pct_buffer_dispose(&a.request);
    pct_buffer_dispose(&a.reply);
    pct_log_site_close(&a.site);
    return status;
}

const pct_cli_command pct_cmd_log_cosign = {"log cosign",
                                            "SITE",
                                            PCT_MSG_COSIGN_HELP,
                                            {{"--witness", "KEY", PCT_MSG_COSIGN_WITNESS, true},
                                             {"--url", "URL", PCT_MSG_COSIGN_URL, false},
                                             {"--request", "FILE", PCT_MSG_COSIGN_REQUEST, false},
                                             {"--response", "FILE", PCT_MSG_COSIGN_RESPONSE, false},
                                             {"--since", "N", PCT_MSG_COSIGN_SINCE, false}},
                                            run_cosign};
