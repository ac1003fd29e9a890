#include "ledger/seal.h"

#include <stdio.h>
#include <string.h>

enum { PAD_BYTES = 16, BOUND_BYTES = 320 };

typedef struct sealing {
    const pct_crypto *crypto;
    const pct_ledger_keys *keys;
    pct_random random;
} sealing;

/* What an envelope is bound to. */
static pct_text bound_of(const pct_event *event, const char *field, int64_t key, char out[BOUND_BYTES]) {
    char object[PCT_ID_TEXT];
    (void)pct_id_write(event->object, object);
    int length =
        snprintf(out, BOUND_BYTES, "precinct-seal-1\n%s\n%s\n%lld\n%s\n%lld\n",
                 pct_event_type_name(event->type), object, (long long)event->seq, field, (long long)key);
    return (pct_text){out, (size_t)length};
}

static pct_status seal_field(void *context, const pct_event *event, const pct_event_field *field,
                             pct_buffer *bytes, pct_event_envelope *envelope, pct_error *error) {
    const sealing *with = context;
    pct_key_name name = {.object = event->object, .retention = (pct_retention)field->retention};
    pct_key key;
    char bound[BOUND_BYTES];
    while (bytes->length % PAD_BYTES && !bytes->failed) (void)pct_buffer_append_byte(bytes, ' ');
    size_t length = bytes->length;
    (void)pct_buffer_extend(bytes, PCT_TAG_BYTES);
    pct_status status = pct_buffer_status(bytes, error);
    if (!status) status = with->keys->for_sealing(with->keys->context, &name, &key, error);
    if (status) return status;
    envelope->key = name.id;
    with->random.fill(with->random.context, envelope->nonce, sizeof envelope->nonce);
    pct_aead aead = {key.bytes, envelope->nonce, bound_of(event, field->name, name.id, bound)};
    with->crypto->seal(&aead, bytes->bytes, length, bytes->bytes);
    with->crypto->wipe(&key, sizeof key);
    return PCT_OK;
}

static pct_status refuse_envelope(const pct_event *event, const pct_event_field *field, pct_error *error) {
    char object[PCT_ID_TEXT];
    (void)pct_id_write(event->object, object);
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_LEDGER_ENVELOPE, pct_str(pct_event_type_name(event->type)),
                    pct_str(object), pct_int(event->seq), pct_str(field->name));
}

/* Takes the padding off; false when there is more or less of it than sealing puts there. */
static bool strip(pct_text *plain) {
    size_t length = plain->length;
    while (length > 0 && plain->chars[length - 1] == ' ') length--;
    if (plain->length - length >= PAD_BYTES) return false;
    plain->length = length;
    return true;
}

static pct_status open_field(void *context, const pct_event *event, const pct_event_field *field,
                             const pct_event_envelope *envelope, pct_arena *arena, pct_text *value,
                             pct_error *error) {
    const sealing *with = context;
    pct_key_name name = {envelope->key, event->object, (pct_retention)field->retention};
    pct_key key;
    char bound[BOUND_BYTES];
    size_t length = envelope->cipher_length;
    if (length < PAD_BYTES + PCT_TAG_BYTES || length % PAD_BYTES) return refuse_envelope(event, field, error);
    if (!with->keys) return PCT_REFUSED;
    pct_status status = with->keys->for_opening(with->keys->context, &name, &key, error);
    if (status) return status;
    char *plain = pct_arena_alloc(arena, length, 1);
    pct_aead aead = {key.bytes, envelope->nonce, bound_of(event, field->name, envelope->key, bound)};
    bool is_good = plain && with->crypto->open(&aead, envelope->cipher, length, (unsigned char *)plain);
    with->crypto->wipe(&key, sizeof key);
    if (!plain) return pct_error_memory(error, length);
    *value = (pct_text){plain, length - PCT_TAG_BYTES};
    return is_good && strip(value) ? PCT_OK : refuse_envelope(event, field, error);
}

pct_status pct_ledger_seal(const pct_crypto *crypto, const pct_ledger_keys *keys, pct_random random,
                           const pct_event *event, pct_buffer *out, pct_error *error) {
    sealing with = {crypto, keys, random};
    pct_event_sealer sealer = {.context = &with, .seal = seal_field};
    return pct_event_encode_stored(event, &sealer, out, error);
}

pct_status pct_ledger_open(const pct_crypto *crypto, const pct_ledger_keys *keys, pct_text bytes,
                           pct_arena *arena, pct_event *out, pct_event_sealing *states, pct_error *error) {
    sealing with = {.crypto = crypto, .keys = keys};
    pct_event_sealer sealer = {.context = &with, .open = open_field};
    return pct_event_decode_stored(bytes, &sealer, arena, out, states, error);
}
