/* Any bytes as a proof, a question to a witness and a secret key: refused, or what writing gives back; a witness answers
 * each of them. Signatures are taken for true here, so that what lies behind them is reached. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "ledger/witness.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static bool believe(const unsigned char key[PCT_PUBLIC_BYTES], pct_text message,
                    const unsigned char signature[PCT_SIGNATURE_BYTES]) {
    return message.length > 0 && key && signature;
}

static void same(const pct_buffer *again, pct_text text) {
    if (again->length != text.length || memcmp(again->bytes, text.chars, text.length) != 0) abort();
}

static void write_again(pct_proof_kind kind, const pct_proof_text *proof, pct_text text) {
    pct_buffer again = pct_buffer_init(2 * PCT_PROOF_TEXT_MAX), extra = pct_buffer_init(PCT_PROOF_TEXT_MAX);
    size_t length = 0;
    if (proof->extra.length > 0) {
        if (!pct_base64_check(PCT_BASE64_STANDARD, proof->extra, &length)) abort();
        unsigned char *decoded = pct_buffer_extend(&extra, length);
        if (!decoded) abort();
        pct_base64_read(proof->extra, decoded);
    }
    if (pct_proof_text_write(kind, proof, (pct_text){(const char *)extra.bytes, extra.length}, &again, NULL))
        abort();
    same(&again, text);
    pct_buffer_dispose(&again);
    pct_buffer_dispose(&extra);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    const pct_crypto *sodium;
    pct_text text = {(const char *)bytes, length};
    pct_note_key key = {.name = {"a", 1}, .kind = PCT_NOTE_ED25519};
    pct_note_signer signer;
    pct_proof_text proof;
    pct_proof_kind kind;
    if (pct_crypto_sodium(&sodium, NULL)) abort();
    pct_crypto trusting = *sodium;
    trusting.verify = believe;
    if (pct_proof_text_read(text, &kind, &proof, NULL) == PCT_OK) {
        write_again(kind, &proof, text);
        for (uint64_t size = 0; size < 4; size++) {
            const pct_tree_head held = {size, {{0}}};
            const pct_witness_question question = {&trusting, &key, &held, &proof};
            pct_witness_answer answer;
            pct_tree_head head;
            pct_status status = pct_witness_decide(&question, &head, &answer, NULL);
            if ((status == PCT_OK) != (answer == PCT_WITNESS_COSIGN)) abort();
            if (!status && head.size < size) abort();
        }
    }
    if (pct_note_signer_read(sodium, text, "f", &signer, NULL) == PCT_OK) {
        pct_buffer again = pct_buffer_init(1 << 12);
        if (pct_note_signer_write(sodium, &signer, &again, NULL)) abort();
        same(&again, text);
        pct_buffer_dispose(&again);
    }
    return 0;
}
