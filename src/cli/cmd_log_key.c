/* The log's key and its tree heads: `log key` makes or shows the one, `log heads` gives out and shows the others. */
#include <string.h>

#include "cli/log_site.h"

enum { KEYS_MAX = 16 << 10, SHOWN_MAX = 1000 };

/* --- log key ----------------------------------------------------------------------------------------------------------- */

static pct_status obtain(pct_cli *cli, pct_signer *signer, bool *made, pct_error *error) {
    char path[PCT_PATH_MAX];
    const char *origin = pct_cli_option(cli, "--origin");
    pct_site site = {0};
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    pct_site_close(&site);
    if (!status) status = pct_path_join(path, cli->arguments[0], PCT_LOG_KEY_FILE, error);
    if (!status) status = pct_signer_read(path, PCT_NOTE_ED25519, signer, error);
    *made = status == PCT_NOT_FOUND && origin;
    if (*made)
        return pct_signer_make(path, PCT_NOTE_ED25519, pct_text_of(origin), pct_random_system(), signer,
                               error);
    if (status || !origin) return status;
    pct_text name = signer->secret.key.name;
    if (strlen(origin) == name.length && memcmp(origin, name.chars, name.length) == 0) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOG_KEY_NAMED, pct_view(name), pct_str(origin));
}

static pct_status run_key(pct_cli *cli, pct_error *error) {
    pct_signer signer = {0};
    bool made = false;
    pct_buffer key = pct_buffer_init(KEYS_MAX);
    pct_status status = obtain(cli, &signer, &made, error);
    if (!status) status = pct_note_key_write(signer.crypto, &signer.secret.key, &key, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_log_word(&json, "key", pct_log_view(&key));
        pct_log_word(&json, "origin", signer.secret.key.name);
        pct_json_key(&json, "made");
        pct_json_bool(&json, made);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    } else if (!status) {
        (void)pct_buffer_append(&cli->out, key.bytes, key.length);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_buffer_dispose(&key);
    pct_signer_dispose(&signer);
    return status;
}

/* --- log heads --------------------------------------------------------------------------------------------------------- */

typedef struct listing {
    pct_cli *cli;
    pct_json_writer *json; /* NULL: sentences */
    const pct_crypto *crypto;
    const pct_note_key *witnesses;
    size_t witness_count;
    int shown;
} listing;

static pct_status show_head(void *context, const pct_head *head, pct_error *error) {
    listing *l = context;
    pct_text note = pct_log_view(&head->note);
    pct_checkpoint read;
    char hex[PCT_LOG_HEX];
    pct_status status = pct_checkpoint_peek(note, &read, error);
    if (status) return status;
    if (l->json) {
        pct_json_begin_object(l->json);
        pct_log_number(l->json, "events", (int64_t)read.head.size);
        pct_log_hash(l->json, "root_hash", read.head.root);
        pct_json_key(l->json, "cosigned");
    } else {
        pct_log_hex(read.head.root, hex);
        PCT_SAY(l->cli, PCT_MSG_LOG_HEAD, pct_int((int64_t)read.head.size), pct_str(hex));
    }
    status = pct_log_cosigners(l->cli, l->json, l->crypto, note, l->witnesses, l->witness_count, error);
    if (l->json) pct_json_end_object(l->json);
    if (status) return status;
    return ++l->shown < SHOWN_MAX ? PCT_NOT_FOUND : PCT_OK;
}

static pct_status show_heads(pct_cli *cli, const pct_log_site *site, double began_s, pct_error *error) {
    pct_note_key witnesses[PCT_WITNESSES_MAX];
    pct_buffer keys = pct_buffer_init(KEYS_MAX);
    pct_json_writer json = pct_json_writer_init(&cli->out);
    listing l = {
        .cli = cli, .json = cli->json ? &json : NULL, .crypto = site->signer.crypto, .witnesses = witnesses};
    pct_status status =
        pct_witnesses_read(cli->arguments[0], l.crypto, &keys, witnesses, &l.witness_count, error);
    if (!status && cli->json) {
        pct_json_begin_object(&json);
        pct_log_word(&json, "origin", site->signer.secret.key.name);
        pct_log_word(&json, "checkpoint", pct_log_view(&site->head.note));
        pct_json_key(&json, "heads");
        pct_json_begin_array(&json);
    }
    if (!status) status = pct_heads_each(cli->arguments[0], show_head, &l, error);
    if (status == PCT_NOT_FOUND) status = PCT_OK;
    if (!status && cli->json) {
        pct_json_end_array(&json);
        pct_log_document_end(cli, &json, began_s);
    }
    pct_buffer_dispose(&keys);
    return status;
}

static pct_status run_heads(pct_cli *cli, pct_error *error) {
    pct_log_site site = {0};
    double began_s = pct_cli_seconds();
    const char *out = pct_cli_option(cli, "--out");
    pct_status status = pct_log_site_open(cli->arguments[0], &site, error);
    if (!status && out) status = pct_file_replace(out, pct_log_view(&site.head.note), error);
    if (!status) status = show_heads(cli, &site, began_s, error);
    pct_log_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_log_key = {
    "log key", "SITE", PCT_MSG_LOG_KEY_HELP, {{"--origin", "NAME", PCT_MSG_LOG_KEY_ORIGIN, false}}, run_key};
const pct_cli_command pct_cmd_log_heads = {"log heads",
                                           "SITE",
                                           PCT_MSG_LOG_HEADS_HELP,
                                           {{"--out", "FILE", PCT_MSG_LOG_HEADS_OUT, false}},
                                           run_heads};
