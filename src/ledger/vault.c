#include "ledger/vault.h"

#include <sodium.h>
#include <string.h>

#include "base/memory.h"

enum {
    MAGIC = 16,
    TO_KEY = 1,
    BY_PHRASE = 2,
    SEALED_KEY = crypto_box_SEALBYTES + PCT_KEY_BYTES,
    SALT = crypto_pwhash_SALTBYTES,
    START = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    OVERHEAD = crypto_secretstream_xchacha20poly1305_ABYTES,
    PREFIX_MAX = MAGIC + 2 + PCT_VAULT_LABEL_MAX + SEALED_KEY
};
static const char magic[MAGIC + 1] = "precinct-vault-1";

_Static_assert(PCT_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key of a stream");
_Static_assert(PCT_KEY_BYTES == crypto_box_SECRETKEYBYTES, "secret half");
_Static_assert(PCT_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "public half");

/* All that stands before the stream. */
typedef struct prefix {
    unsigned char bytes[PREFIX_MAX], digest[PCT_HASH_BYTES];
    size_t length;
} prefix;

static pct_status begin(pct_error *error) {
    return sodium_init() < 0 ? pct_error_set(error, PCT_INTERNAL, PCT_MSG_LEDGER_CRYPTO, NULL, 0) : PCT_OK;
}

pct_status pct_recovery_key_new(pct_recovery_key *out, pct_error *error) {
    pct_status status = begin(error);
    if (!status) (void)crypto_box_keypair(out->public_half, out->secret_half);
    return status;
}

void pct_recovery_key_complete(pct_recovery_key *key) {
    (void)crypto_scalarmult_base(key->public_half, key->secret_half);
}

static pct_status key_of_phrase(pct_text phrase, const unsigned char salt[SALT],
                                unsigned char key[PCT_KEY_BYTES], pct_error *error) {
    int code =
        crypto_pwhash(key, PCT_KEY_BYTES, phrase.chars, phrase.length, salt, crypto_pwhash_OPSLIMIT_MODERATE,
                      crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13);
    return code ? pct_error_memory(error, crypto_pwhash_MEMLIMIT_MODERATE) : PCT_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

struct pct_vault_writer {
    pct_vault_file file;
    crypto_secretstream_xchacha20poly1305_state state;
    prefix prefix;
    size_t filled;
    unsigned char chunk[PCT_VAULT_CHUNK], sealed[4 + PCT_VAULT_CHUNK + OVERHEAD];
};

static void put(prefix *p, const void *bytes, size_t length) {
    memcpy(p->bytes + p->length, bytes, length);
    p->length += length;
}

static pct_status make_key(prefix *p, const pct_vault_lock *lock, unsigned char key[PCT_KEY_BYTES],
                           pct_error *error) {
    if (lock->pass_phrase.length) {
        unsigned char salt[SALT];
        randombytes_buf(salt, sizeof salt);
        put(p, salt, sizeof salt);
        return key_of_phrase(lock->pass_phrase, salt, key, error);
    }
    unsigned char sealed[SEALED_KEY];
    crypto_secretstream_xchacha20poly1305_keygen(key);
    if (crypto_box_seal(sealed, key, PCT_KEY_BYTES, lock->key->public_half) != 0)
        return pct_error_set(error, PCT_INPUT, PCT_MSG_VAULT_KEY_UNUSABLE, NULL, 0);
    put(p, sealed, sizeof sealed);
    return PCT_OK;
}

static pct_status write_prefix(pct_vault_writer *w, const pct_vault_lock *lock, pct_text label,
                               pct_error *error) {
    unsigned char key[PCT_KEY_BYTES], start[START];
    const unsigned char kind = lock->pass_phrase.length ? BY_PHRASE : TO_KEY,
                        size = (unsigned char)label.length;
    put(&w->prefix, magic, MAGIC);
    put(&w->prefix, &kind, 1);
    put(&w->prefix, &size, 1);
    put(&w->prefix, label.chars, label.length);
    pct_status status = make_key(&w->prefix, lock, key, error);
    if (!status) {
        (void)crypto_hash_sha256(w->prefix.digest, w->prefix.bytes, w->prefix.length);
        (void)crypto_secretstream_xchacha20poly1305_init_push(&w->state, start, key);
        status = w->file.write(w->file.context, w->prefix.bytes, w->prefix.length, error);
    }
    if (!status) status = w->file.write(w->file.context, start, sizeof start, error);
    sodium_memzero(key, sizeof key);
    return status;
}

pct_status pct_vault_writer_open(const pct_vault_file *file, const pct_vault_lock *lock, pct_text label,
                                 pct_vault_writer **out, pct_error *error) {
    *out = NULL;
    if (PCT_NEVER(label.length > PCT_VAULT_LABEL_MAX)) return PCT_INTERNAL;
    pct_status status = begin(error);
    if (status) return status;
    pct_vault_writer *w = pct_alloc_zeroed(1, sizeof *w);
    if (!w) return pct_error_memory(error, sizeof *w);
    w->file = *file;
    status = write_prefix(w, lock, label, error);
    if (status)
        pct_vault_writer_close(w);
    else
        *out = w;
    return status;
}

static pct_status push(pct_vault_writer *w, unsigned char tag, pct_error *error) {
    const size_t length = w->filled + OVERHEAD;
    for (int i = 0; i < 4; i++) w->sealed[i] = (unsigned char)(length >> (24 - 8 * i));
    (void)crypto_secretstream_xchacha20poly1305_push(&w->state, w->sealed + 4, NULL, w->chunk, w->filled,
                                                     w->prefix.digest, sizeof w->prefix.digest, tag);
    w->filled = 0;
    return w->file.write(w->file.context, w->sealed, 4 + length, error);
}

pct_status pct_vault_write(pct_vault_writer *w, const void *bytes, size_t length, pct_error *error) {
    const unsigned char *rest = bytes;
    pct_status status = PCT_OK;
    while (length > 0 && !status) {
        size_t room = sizeof w->chunk - w->filled, n = length < room ? length : room;
        memcpy(w->chunk + w->filled, rest, n);
        w->filled += n;
        rest += n;
        length -= n;
        if (w->filled == sizeof w->chunk)
            status = push(w, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE, error);
    }
    return status;
}

pct_status pct_vault_end(pct_vault_writer *w, pct_error *error) {
    return push(w, crypto_secretstream_xchacha20poly1305_TAG_FINAL, error);
}

void pct_vault_writer_close(pct_vault_writer *w) {
    if (!w) return;
    sodium_memzero(w, sizeof *w);
    pct_free(w);
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

struct pct_vault_reader {
    pct_vault_file file;
    crypto_secretstream_xchacha20poly1305_state state;
    prefix prefix;
    size_t filled, taken;
    bool final;
    unsigned char chunk[PCT_VAULT_CHUNK], sealed[PCT_VAULT_CHUNK + OVERHEAD];
};

static pct_status damaged(const pct_vault_file *file, pct_error *error) {
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_VAULT_DAMAGED, pct_str(file->name));
}

static pct_status get(const pct_vault_file *file, void *bytes, size_t length, pct_error *error) {
    size_t got;
    pct_status status = file->read(file->context, bytes, length, &got, error);
    return !status && got < length ? damaged(file, error) : status;
}

static pct_status take(const pct_vault_file *file, prefix *p, size_t length, pct_error *error) {
    pct_status status = get(file, p->bytes + p->length, length, error);
    p->length += length;
    return status;
}

static pct_status read_label(const pct_vault_file *file, prefix *p, pct_error *error) {
    pct_status status = take(file, p, MAGIC + 2, error);
    if (status == PCT_DAMAGED || (!status && memcmp(p->bytes, magic, MAGIC) != 0))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_VAULT_FOREIGN, pct_str(file->name));
    return status ? status : take(file, p, p->bytes[MAGIC + 1], error);
}

pct_status pct_vault_label(const pct_vault_file *file, unsigned char out[PCT_VAULT_LABEL_MAX], size_t *length,
                           pct_error *error) {
    prefix p = {.length = 0};
    pct_status status = read_label(file, &p, error);
    *length = status ? 0 : p.bytes[MAGIC + 1];
    memcpy(out, p.bytes + MAGIC + 2, *length);
    return status;
}

static pct_status open_key(const pct_vault_file *file, prefix *p, const pct_vault_lock *lock,
                           unsigned char key[PCT_KEY_BYTES], pct_error *error) {
    const int kind = p->bytes[MAGIC];
    const unsigned char *box = p->bytes + p->length;
    if (kind != TO_KEY && kind != BY_PHRASE) return damaged(file, error);
    pct_status status = take(file, p, kind == TO_KEY ? SEALED_KEY : SALT, error);
    if (status) return status;
    if ((kind == BY_PHRASE) != (lock->pass_phrase.length > 0))
        return PCT_FAIL(error, PCT_INPUT,
                        kind == BY_PHRASE ? PCT_MSG_VAULT_WANTS_PHRASE : PCT_MSG_VAULT_WANTS_KEY,
                        pct_str(file->name));
    if (kind == BY_PHRASE) return key_of_phrase(lock->pass_phrase, box, key, error);
    if (crypto_box_seal_open(key, box, SEALED_KEY, lock->key->public_half, lock->key->secret_half) == 0)
        return PCT_OK;
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_VAULT_WRONG_KEY, pct_str(file->name));
}

static pct_status pull(pct_vault_reader *r, pct_error *error) {
    unsigned char size[4], tag;
    unsigned long long filled;
    pct_status status = get(&r->file, size, sizeof size, error);
    size_t length = (size_t)size[0] << 24 | (size_t)size[1] << 16 | (size_t)size[2] << 8 | size[3];
    r->filled = r->taken = 0;
    if (status) return status;
    if (length < OVERHEAD || length > sizeof r->sealed) return damaged(&r->file, error);
    status = get(&r->file, r->sealed, length, error);
    if (status) return status;
    if (crypto_secretstream_xchacha20poly1305_pull(&r->state, r->chunk, &filled, &tag, r->sealed, length,
                                                   r->prefix.digest, sizeof r->prefix.digest) != 0)
        return damaged(&r->file, error);
    r->filled = (size_t)filled;
    r->final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return PCT_OK;
}

/* A wrong pass phrase is told at the first chunk, where it cannot be told from damage. */
static pct_status begin_stream(pct_vault_reader *r, const pct_vault_lock *lock, pct_error *error) {
    unsigned char key[PCT_KEY_BYTES] = {0}, start[START];
    pct_status status = read_label(&r->file, &r->prefix, error);
    if (!status) status = open_key(&r->file, &r->prefix, lock, key, error);
    if (!status) status = get(&r->file, start, sizeof start, error);
    if (!status) {
        (void)crypto_hash_sha256(r->prefix.digest, r->prefix.bytes, r->prefix.length);
        if (crypto_secretstream_xchacha20poly1305_init_pull(&r->state, start, key) != 0)
            status = damaged(&r->file, error);
    }
    sodium_memzero(key, sizeof key);
    if (!status) status = pull(r, error);
    if (status == PCT_DAMAGED && lock->pass_phrase.length)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_VAULT_WRONG_PHRASE, pct_str(r->file.name));
    return status;
}

pct_status pct_vault_reader_open(const pct_vault_file *file, const pct_vault_lock *lock,
                                 pct_vault_reader **out, pct_error *error) {
    *out = NULL;
    pct_status status = begin(error);
    if (status) return status;
    pct_vault_reader *r = pct_alloc_zeroed(1, sizeof *r);
    if (!r) return pct_error_memory(error, sizeof *r);
    r->file = *file;
    status = begin_stream(r, lock, error);
    if (status)
        pct_vault_reader_close(r);
    else
        *out = r;
    return status;
}

pct_text pct_vault_reader_label(const pct_vault_reader *r) {
    return (pct_text){(const char *)r->prefix.bytes + MAGIC + 2, r->prefix.bytes[MAGIC + 1]};
}

pct_status pct_vault_read(pct_vault_reader *r, void *bytes, size_t length, pct_error *error) {
    unsigned char *to = bytes;
    while (length > 0) {
        if (r->taken == r->filled) {
            pct_status status = r->final ? damaged(&r->file, error) : pull(r, error);
            if (status) return status;
            continue;
        }
        size_t there = r->filled - r->taken, n = length < there ? length : there;
        memcpy(to, r->chunk + r->taken, n);
        r->taken += n;
        to += n;
        length -= n;
    }
    return PCT_OK;
}

pct_status pct_vault_read_end(pct_vault_reader *r, pct_error *error) {
    unsigned char more;
    size_t got = 0;
    pct_status status = PCT_OK;
    while (!status && !r->final && r->taken == r->filled) status = pull(r, error);
    if (!status && r->taken < r->filled) return damaged(&r->file, error);
    if (!status) status = r->file.read(r->file.context, &more, 1, &got, error);
    return !status && got ? damaged(&r->file, error) : status;
}

void pct_vault_reader_close(pct_vault_reader *r) {
    if (!r) return;
    sodium_memzero(r, sizeof *r);
    pct_free(r);
}
