/* Each key is a bucket by the generic cell rate algorithm (ITU-T I.371): one number, the time at which it will be empty again. A failure
 * moves it on by the interval; who tries waits while it lies further ahead than the burst allows. Keys are hashes (SipHash with a key of
 * the process, so that nobody can choose what they push out) in sets of WAYS. */
#include "access/attempts.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "base/memory.h"

enum { WAYS = 8, SETS = PCT_ATTEMPT_KEYS / WAYS, KEY_BYTES_MAX = 256 };

typedef enum lane { LOCAL, BROWSER, VOUCHED, STRANGER } lane;

enum { OF_ACCOUNT = 1, OF_ADDRESS = 2, OF_BROWSER = 4, OF_VOUCHER = 8 };

typedef struct rule {
    lane who;
    pct_attempt_kind kind;
    int parts;
    int64_t burst, interval_ms;
} rule;

static const rule rules[] = {
    {BROWSER, PCT_ATTEMPT_PASSWORD, OF_BROWSER | OF_ACCOUNT, 10, 30000},
    {VOUCHED, PCT_ATTEMPT_PASSWORD, OF_VOUCHER | OF_ACCOUNT, 10, 30000},
    {STRANGER, PCT_ATTEMPT_PASSWORD, OF_ADDRESS | OF_ACCOUNT, 5, 30000},
    {STRANGER, PCT_ATTEMPT_PASSWORD, OF_ADDRESS, 20, 5000},
    {STRANGER, PCT_ATTEMPT_PASSWORD, OF_ACCOUNT, 30, 20000},
    {LOCAL, PCT_ATTEMPT_CODE, OF_ACCOUNT, 5, 60000},
    {BROWSER, PCT_ATTEMPT_CODE, OF_BROWSER | OF_ACCOUNT, 5, 60000},
    {VOUCHED, PCT_ATTEMPT_CODE, OF_VOUCHER | OF_ACCOUNT, 5, 60000},
    {STRANGER, PCT_ATTEMPT_CODE, OF_ADDRESS | OF_ACCOUNT, 5, 60000},
    {STRANGER, PCT_ATTEMPT_CODE, OF_ACCOUNT, 10, 600000},
};
enum { RULES = sizeof rules / sizeof *rules };

typedef struct bucket {
    uint64_t key; /* 0: none */
    int64_t empty_at_ms;
} bucket;

struct pct_attempts {
    pthread_mutex_t lock;
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    bucket buckets[SETS][WAYS];
};

pct_status pct_attempts_new(pct_attempts **out, pct_error *error) {
    if (sodium_init() < 0) return PCT_FAIL(error, PCT_IO, PCT_MSG_ACCOUNTS_DATABASE, pct_str("libsodium"));
    pct_attempts *a = pct_alloc_zeroed(1, sizeof *a);
    if (!a) return pct_error_memory(error, sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    crypto_shorthash_keygen(a->hash_key);
    *out = a;
    return PCT_OK;
}

void pct_attempts_free(pct_attempts *a) {
    if (!a) return;
    (void)pthread_mutex_destroy(&a->lock);
    pct_free(a);
}

static lane lane_of(const pct_attempt *who) {
    if (who->local) return LOCAL;
    if (who->browser.length == 0) return STRANGER;
    return who->voucher.length > 0 ? VOUCHED : BROWSER;
}

/* The rule's number and its parts, each behind its length. What does not fit is cut: names are shorter. */
static uint64_t key_of(const pct_attempts *a, int number, const pct_attempt *who) {
    unsigned char bytes[KEY_BYTES_MAX], hash[crypto_shorthash_BYTES];
    const pct_text parts[] = {who->account, who->address, who->browser, who->voucher};
    size_t length = 0;
    uint64_t key;
    bytes[length++] = (unsigned char)number;
    for (int p = 0; p < 4; p++) {
        if (!(rules[number].parts >> p & 1)) continue;
        size_t part = parts[p].length < 64 - 1 ? parts[p].length : 64 - 2;
        bytes[length++] = (unsigned char)part;
        if (part > 0) memcpy(bytes + length, parts[p].chars, part);
        length += part;
    }
    (void)crypto_shorthash(hash, bytes, length, a->hash_key);
    memcpy(&key, hash, sizeof key);
    return key ? key : 1;
}

/* NULL: not charged. */
static bucket *find(pct_attempts *a, uint64_t key) {
    bucket *set = a->buckets[key % SETS];
    for (int w = 0; w < WAYS; w++)
        if (set[w].key == key) return &set[w];
    return NULL;
}

/* Found, or in the place of the one that is empty first. */
static bucket *take(pct_attempts *a, uint64_t key) {
    bucket *set = a->buckets[key % SETS], *found = find(a, key);
    if (found) return found;
    found = &set[0];
    for (int w = 1; w < WAYS; w++)
        if (set[w].empty_at_ms < found->empty_at_ms) found = &set[w];
    *found = (bucket){.key = key};
    return found;
}

int64_t pct_attempts_wait_ms(pct_attempts *a, pct_attempt_kind kind, const pct_attempt *who, int64_t now_ms) {
    int64_t longest = 0;
    lane in = lane_of(who);
    (void)pthread_mutex_lock(&a->lock);
    for (int i = 0; i < RULES; i++) {
        if (rules[i].who != in || rules[i].kind != kind) continue;
        const bucket *b = find(a, key_of(a, i, who));
        int64_t wait = b ? b->empty_at_ms - now_ms - (rules[i].burst - 1) * rules[i].interval_ms : 0;
        if (wait > longest) longest = wait;
    }
    (void)pthread_mutex_unlock(&a->lock);
    return longest;
}

void pct_attempts_failed(pct_attempts *a, pct_attempt_kind kind, const pct_attempt *who, int64_t now_ms) {
    lane in = lane_of(who);
    (void)pthread_mutex_lock(&a->lock);
    for (int i = 0; i < RULES; i++) {
        if (rules[i].who != in || rules[i].kind != kind) continue;
        bucket *b = take(a, key_of(a, i, who));
        if (b->empty_at_ms < now_ms) b->empty_at_ms = now_ms;
        b->empty_at_ms += rules[i].interval_ms;
    }
    (void)pthread_mutex_unlock(&a->lock);
}

/* What is charged to an address, or to an account by all strangers, is not the success of one of them to clear. */
void pct_attempts_passed(pct_attempts *a, const pct_attempt *who) {
    lane in = lane_of(who);
    (void)pthread_mutex_lock(&a->lock);
    for (int i = 0; i < RULES; i++) {
        bool own = rules[i].parts != OF_ACCOUNT && rules[i].parts != OF_ADDRESS;
        bucket *b = rules[i].who == in && (own || in == LOCAL) ? find(a, key_of(a, i, who)) : NULL;
        if (b) *b = (bucket){0};
    }
    (void)pthread_mutex_unlock(&a->lock);
}
