#include "cli/log_offline.h"

#include "base/base64.h"
#include "base/memory.h"
#include "cli/log_text.h"
#include "event/codec.h"
#include "ledger/proof_text.h"

enum { KEYS_BYTES = 64 << 10 };

typedef struct offline {
    const pct_crypto *crypto;
    pct_buffer file, keys, old, event;
    pct_note_key log, witnesses[PCT_CLI_MORE_MAX + 1];
    size_t witness_count;
    pct_proof_kind kind;
    pct_proof_text proof;
    pct_checkpoint head, old_head;
} offline;

/* The event that the proof carries is the leaf, and calls itself by the place that it has. */
static pct_status check_inclusion(offline *o, pct_error *error) {
    pct_arena arena = pct_arena_init(4 * PCT_EVENT_BYTES_MAX);
    pct_event event;
    size_t length = 0;
    int64_t seq = (int64_t)o->proof.number + 1;
    if (o->proof.extra.length == 0) return pct_error_set(error, PCT_INPUT, PCT_MSG_LOG_PROOF_BARE, NULL, 0);
    bool good =
        pct_base64_check(PCT_BASE64_STANDARD, o->proof.extra, &length) && length <= PCT_EVENT_BYTES_MAX;
    unsigned char *bytes = good ? pct_buffer_extend(&o->event, length) : NULL;
    if (!bytes) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_PROOF, pct_int(2));
    pct_base64_read(o->proof.extra, bytes);
    pct_text stored = pct_log_view(&o->event);
    pct_hash leaf = pct_merkle_leaf(o->crypto, stored);
    if (!pct_merkle_check_inclusion(o->crypto, &o->proof.proof, leaf, o->proof.number, &o->head.head))
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_PROOF_INCLUSION, pct_int(seq),
                        pct_int((int64_t)o->head.head.size));
    pct_status status = pct_event_decode_stored(stored, NULL, &arena, &event, NULL, error);
    if (!status && event.seq != seq)
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SEQ, pct_int(seq), pct_int(event.seq));
    pct_arena_dispose(&arena);
    return status;
}

static pct_status check_growth(pct_cli *cli, offline *o, pct_error *error) {
    const char *path = pct_cli_option(cli, "--head");
    if (!path) return pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_PROOF_NEEDS_HEAD, NULL, 0);
    pct_status status = pct_log_file_read(path, PCT_NOTE_BYTES_MAX, &o->old, error);
    if (!status) status = pct_checkpoint_read(o->crypto, pct_log_view(&o->old), &o->log, &o->old_head, error);
    if (status) return status;
    int64_t old = (int64_t)o->old_head.head.size, size = (int64_t)o->head.head.size;
    if (o->proof.number != o->old_head.head.size)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_PROOF_SIZES, pct_int(old),
                        pct_int((int64_t)o->proof.number));
    if (!pct_merkle_check_consistency(o->crypto, &o->proof.proof, &o->old_head.head, &o->head.head))
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_PROOF_GROWTH, pct_int(old), pct_int(size));
    return PCT_OK;
}

/* Each witness that was named must have cosigned. */
static pct_status check_witnesses(pct_cli *cli, offline *o, pct_error *error) {
    const char *given;
    pct_status status = PCT_OK;
    for (int i = 0; !status && (given = pct_cli_option_at(cli, "--witness", i)) != NULL; i++) {
        pct_buffer text = pct_buffer_init(PCT_NOTE_BYTES_MAX);
        pct_note_key *key = &o->witnesses[o->witness_count++];
        pct_text signed_text, kept;
        status = pct_log_key_given(given, PCT_NOTE_COSIGNATURE, o->crypto, &text, key, error);
        if (!status) status = pct_note_verify(o->crypto, o->proof.note, key, &signed_text, NULL, error);
        size_t at = o->keys.length;
        (void)pct_buffer_append(&o->keys, key->name.chars, status ? 0 : key->name.length);
        kept = pct_log_view(&o->keys);
        key->name = (pct_text){kept.chars + at, kept.length - at};
        pct_buffer_dispose(&text);
    }
    return status;
}

/* The cosignatures were verified before: what is said here cannot fail but for memory. */
static pct_status answer(pct_cli *cli, const offline *o, double began_s, pct_error *error) {
    bool inclusion = o->kind == PCT_PROOF_INCLUSION;
    int64_t number = (int64_t)o->proof.number + (inclusion ? 1 : 0), size = (int64_t)o->head.head.size;
    if (!cli->json) {
        PCT_SAY(cli, inclusion ? PCT_MSG_LOG_PROOF_INCLUSION : PCT_MSG_LOG_PROOF_GROWTH, pct_int(number),
                pct_int(size), pct_view(o->head.origin));
        return pct_log_cosigners(cli, NULL, o->crypto, o->proof.note, o->witnesses, o->witness_count, error);
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "verified");
    pct_json_bool(&json, true);
    pct_log_word(&json, "origin", o->head.origin);
    pct_log_number(&json, inclusion ? "seq" : "since", number);
    pct_log_number(&json, "events", size);
    pct_log_hash(&json, "root_hash", o->head.head.root);
    if (inclusion) pct_log_word(&json, "event", pct_log_view(&o->event));
    pct_json_key(&json, "cosigned");
    pct_status status =
        pct_log_cosigners(cli, &json, o->crypto, o->proof.note, o->witnesses, o->witness_count, error);
    pct_log_document_end(cli, &json, began_s);
    return status;
}

pct_status pct_log_verify_offline(pct_cli *cli, pct_error *error) {
    const char *path = pct_cli_option(cli, "--proof"), *key = pct_cli_option(cli, "--key");
    double began_s = pct_cli_seconds();
    if (!path || !key) return pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_PROOF_OR_SITE, NULL, 0);
    offline o = {.file = pct_buffer_init(PCT_PROOF_TEXT_MAX),
                 .keys = pct_buffer_init(KEYS_BYTES),
                 .old = pct_buffer_init(PCT_NOTE_BYTES_MAX),
                 .event = pct_buffer_init(PCT_EVENT_BYTES_MAX)};
    pct_buffer log_key = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_status status = pct_crypto_sodium(&o.crypto, error);
    if (!status) status = pct_log_key_given(key, PCT_NOTE_ED25519, o.crypto, &log_key, &o.log, error);
    if (!status) status = pct_log_file_read(path, PCT_PROOF_TEXT_MAX, &o.file, error);
    if (!status) status = pct_proof_text_read(pct_log_view(&o.file), &o.kind, &o.proof, error);
    if (!status) status = pct_checkpoint_read(o.crypto, o.proof.note, &o.log, &o.head, error);
    if (!status)
        status = o.kind == PCT_PROOF_INCLUSION ? check_inclusion(&o, error) : check_growth(cli, &o, error);
    if (!status) status = check_witnesses(cli, &o, error);
    if (!status) status = answer(cli, &o, began_s, error);
    pct_buffer_dispose(&o.file);
    pct_buffer_dispose(&o.keys);
    pct_buffer_dispose(&o.old);
    pct_buffer_dispose(&o.event);
    pct_buffer_dispose(&log_key);
    return status;
}
