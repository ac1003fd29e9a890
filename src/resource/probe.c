#include "resource/probe.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "base/text.h"
#include "clock/time.h"
#include "ledger/merkle.h"
#include "ledger/seal.h"
#include "resource/exchange.h"
#include "site/now.h"

const char *const pct_way_names[PCT_WAY_COUNT] = {"record", "spool", "positions"};

typedef struct way {
    atomic_llong gone, failed, last_us, began_us, proved_us, at_ms;
} way;

struct pct_probe {
    char token[PCT_PROBE_TOKEN + 1];
    int64_t (*wall_ms)(void);
    way ways[PCT_WAY_COUNT];
};

pct_status pct_probe_new(int64_t (*wall_ms)(void), pct_probe **out, pct_error *error) {
    unsigned char bytes[PCT_PROBE_TOKEN / 2];
    pct_probe *probe = pct_alloc_zeroed(1, sizeof *probe);
    *out = probe;
    if (!probe) return pct_error_memory(error, sizeof *probe);
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2hex(probe->token, sizeof probe->token, bytes, sizeof bytes);
    probe->wall_ms = wall_ms;
    for (int w = 0; w < PCT_WAY_COUNT; w++) atomic_store(&probe->ways[w].proved_us, pct_tick_us());
    return PCT_OK;
}

void pct_probe_free(pct_probe *probe) {
    pct_free(probe);
}

const char *pct_probe_token(const pct_probe *probe) {
    return probe->token;
}

bool pct_probe_knows(const pct_probe *probe, pct_text header) {
    return probe && header.length == PCT_PROBE_TOKEN &&
           sodium_memcmp(header.chars, probe->token, PCT_PROBE_TOKEN) == 0;
}

void pct_probe_begin(pct_probe *probe, pct_way w) {
    atomic_store(&probe->ways[w].began_us, pct_tick_us());
}

void pct_probe_end(pct_probe *probe, pct_way w, bool well) {
    way *one = &probe->ways[w];
    int64_t now_us = pct_tick_us();
    (void)atomic_fetch_add(well ? &one->gone : &one->failed, 1);
    if (!well) return;
    atomic_store(&one->last_us, now_us - atomic_load(&one->began_us));
    atomic_store(&one->proved_us, now_us);
    atomic_store(&one->at_ms, probe->wall_ms());
}

pct_way_view pct_probe_look(const pct_probe *probe, pct_way w) {
    const way *one = &probe->ways[w];
    return (pct_way_view){.gone = atomic_load(&one->gone),
                          .failed = atomic_load(&one->failed),
                          .last_us = atomic_load(&one->last_us),
                          .ago_ms = (pct_tick_us() - atomic_load(&one->proved_us)) / 1000,
                          .at_ms = atomic_load(&one->at_ms)};
}

bool pct_probe_is_late(const pct_probe *probe, pct_way w) {
    return probe && pct_probe_look(probe, w).ago_ms > PCT_PROBE_LATE_MS;
}

/* --- the record ---------------------------------------------------------------------------------------------------- */

static const pct_id synthetic = {.kind = 'C',
                                 .seq = 1}; /* the object of its key, which nobody but its job ever sees */

typedef struct proof {
    pct_exchange *x;
    pct_command command;
    pct_hash leaf;
    const pct_crypto *crypto;
    pct_store *store; /* within the job */
    int64_t now_ms;
    pct_key key;
    int64_t key_id;
} proof;

static pct_status key_for_sealing(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    proof *p = context;
    (void)error;
    name->id = p->key_id;
    *key = p->key;
    return PCT_OK;
}

static pct_status key_for_opening(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    proof *p = context;
    (void)error;
    if (name->id != p->key_id) return PCT_NOT_FOUND;
    *key = p->key;
    return PCT_OK;
}

/* A key of the class "synthetic" goes into keys.db and out of it in one transaction: the file is written and synced. */
static pct_status touch_keys(proof *p, pct_error *error) {
    pct_stored_key name = {.object = synthetic, .class = {"synthetic", 9}};
    unsigned char out[PCT_STORE_KEY_BYTES];
    int64_t dropped;
    pct_status status = pct_store_add_key(p->store, &name, p->key.bytes, p->now_ms, out, error);
    p->key_id = name.id;
    return status ? status : pct_store_drop_keys(p->store, synthetic, name.class, &dropped, error);
}

static pct_status seal_and_open(proof *p, pct_buffer *bytes, pct_error *error) {
    const pct_ledger_keys keys = {p, key_for_sealing, key_for_opening};
    pct_arena arena = pct_arena_init(1 << 20);
    const pct_event event = {.seq = synthetic.seq,
                             .epoch = 1,
                             .recorded_at_ms = p->now_ms,
                             .occurred_at_ms = p->now_ms,
                             .actor = pct_text_of("synthetic"),
                             .idempotency_key = p->x->idempotency_key,
                             .object = synthetic,
                             .role = PCT_ROLE_SYSTEM,
                             .type = PCT_EVENT_CALL_RECEIVED,
                             .version = pct_event_type_version(PCT_EVENT_CALL_RECEIVED),
                             .data = p->command.data};
    pct_event again;
    pct_status status = pct_ledger_seal(p->crypto, &keys, pct_random_system(), &event, bytes, error);
    const pct_text stored = {(const char *)bytes->bytes, bytes->length};
    if (!status) status = pct_ledger_open(p->crypto, &keys, stored, &arena, &again, NULL, error);
    pct_text said = again.data.call_received.words, meant = event.data.call_received.words;
    if (!status && !pct_text_same(said, meant))
        status = PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_PROBE_OTHER, pct_str("keys.db"));
    if (!status) p->leaf = pct_merkle_leaf(p->crypto, stored);
    pct_arena_dispose(&arena);
    return status;
}

static pct_status prove(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    proof *p = ((pct_exchange *)context)->proof;
    pct_buffer bytes = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    p->store = store, p->now_ms = now_ms;
    pct_key_new(pct_random_system(), &p->key);
    pct_status status = pct_crypto_sodium(&p->crypto, error);
    if (!status) status = touch_keys(p, error);
    if (!status) status = seal_and_open(p, &bytes, error);
    const pct_document document = {pct_text_of("synthetic"),
                                   pct_text_of("call"),
                                   {(const char *)bytes.bytes, bytes.length},
                                   now_ms + PCT_DAY_MS};
    if (!status) status = pct_store_put_document(store, &document, error);
    pct_buffer_dispose(&bytes);
    return status;
}

static void proved(void *context, const pct_desk_reply *reply) {
    pct_exchange *x = context;
    x->failed = reply->status;
    if (reply->error) x->error = *reply->error;
    x->resume(x);
}

/* What readers see of it, on a thread of the server. */
static pct_status read_back(pct_exchange *x, pct_error *error) {
    const proof *p = x->proof;
    pct_buffer bytes = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status = pct_store_get_document(x->service->reader, pct_text_of("synthetic"),
                                               pct_text_of("call"), p->now_ms, &bytes, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    pct_hash leaf = {{0}};
    if (!status) leaf = pct_merkle_leaf(p->crypto, (pct_text){(const char *)bytes.bytes, bytes.length});
    if (!status && memcmp(leaf.bytes, p->leaf.bytes, sizeof leaf.bytes) != 0)
        status = PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_PROBE_OTHER, pct_str(PCT_STORE_RECORD));
    pct_buffer_dispose(&bytes);
    pct_probe_end(x->service->probe, PCT_WAY_RECORD, status == PCT_OK);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "id");
    pct_json_string(&json, "synthetic");
    pct_json_key(&json, "seq");
    pct_json_integer(&json, pct_probe_look(x->service->probe, PCT_WAY_RECORD).gone);
    pct_json_end_object(&json);
    return PCT_OK;
}

static void spooled(void *context, bool well) {
    pct_probe_end(context, PCT_WAY_SPOOL, well);
}

pct_status pct_resource_take_synthetic(pct_exchange *x, const pct_command *command, pct_error *error) {
    pct_service *service = x->service;
    proof *p = pct_arena_alloc(&x->arena, 1, sizeof *p);
    if (!p) return pct_error_memory(error, sizeof *p);
    *p = (proof){.x = x, .command = *command};
    x->proof = p;
    pct_probe_begin(service->probe, PCT_WAY_RECORD);
    pct_probe_begin(service->probe, PCT_WAY_SPOOL);
    pct_intake_prove(service->intake, spooled, service->probe);
    x->finish = read_back;
    x->suspend(x);
    pct_status status = pct_desk_submit_job(service->desk, PCT_LANE_CALLS, prove, proved, x, &x->error);
    if (status) {
        x->failed = status;
        x->resume(x);
    }
    return PCT_OK;
}
