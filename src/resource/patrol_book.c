#include "resource/patrol_book.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "ledger/read.h"
#include "resource/patrol_book_state.h"
#include "resource/submit.h"

/* --- making and ending ------------------------------------------------------------------------------------------------ */

static pct_status load_event(void *context, const pct_event *event, pct_error *error) {
    return pct_life_apply(context, event, error);
}

/* Object by object: what the life tells depends on nothing else. */
static pct_status load(pct_patrol_book *book, pct_error *error) {
    pct_status status = PCT_OK;
    (void)pthread_mutex_lock(&book->service->reading);
    for (const char *kind = "DGRXV"; *kind && !status; kind++)
        status = pct_ledger_each_event_of_kind(book->service->reader, *kind, load_event, book->life, error);
    (void)pthread_mutex_unlock(&book->service->reading);
    pct_life_forget(book->life, pct_service_now_ms(book->service));
    book->loaded_seq = pct_life_seq(book->life);
    return status;
}

pct_status pct_patrol_book_new(pct_service *service, pct_patrol_book **out, pct_error *error) {
    pct_patrol_book *book = *out = pct_alloc_zeroed(1, sizeof *book);
    if (!book) return pct_error_memory(error, sizeof *book);
    book->service = service;
    (void)pthread_mutex_init(&book->lock, NULL);
    (void)pthread_mutex_init(&book->adopting, NULL);
    pct_rest_init(&book->tending);
    pct_rest_init(&book->making);
    pct_status status = pct_life_new(&book->life, error);
    if (!status) status = pct_patrol_presence_new(service, &book->presence, error);
    if (!status) status = load(book, error);
    return status ? status : pct_patrol_keeper_new(book, &book->keeper, error);
}

pct_status pct_patrol_book_start(pct_patrol_book *book, pct_error *error) {
    book->tends = pthread_create(&book->tender, NULL, pct_patrol_tend, book) == 0;
    if (book->tends) book->makes = pthread_create(&book->maker, NULL, pct_patrol_make, book) == 0;
    pct_status status =
        book->makes ? pct_patrol_keeper_start(book->keeper, error) : pct_error_memory(error, 0);
    return status ? status : pct_patrol_presence_start(book->presence, error);
}

void pct_patrol_book_free(pct_patrol_book *book) {
    if (!book) return;
    pct_patrol_presence_free(book->presence);
    pct_rest_end(&book->tending);
    pct_rest_end(&book->making);
    if (book->tends) (void)pthread_join(book->tender, NULL);
    if (book->makes) (void)pthread_join(book->maker, NULL);
    pct_patrol_keeper_free(book->keeper);
    pct_rest_dispose(&book->tending);
    pct_rest_dispose(&book->making);
    pct_life_free(book->life);
    (void)pthread_mutex_destroy(&book->adopting);
    (void)pthread_mutex_destroy(&book->lock);
    pct_free(book);
}

const pct_life *pct_patrol_hold(pct_patrol_book *book) {
    (void)pthread_mutex_lock(&book->lock);
    return book->life;
}

const pct_life *pct_patrol_life(const pct_patrol_book *book) {
    return book->life;
}

void pct_patrol_let_go(pct_patrol_book *book) {
    (void)pthread_mutex_unlock(&book->lock);
}

/* --- committing --------------------------------------------------------------------------------------------------------- */

#define X(name, event) [PCT_COMMAND_##name] = PCT_EVENT_##event,
static const pct_event_type asked_for[PCT_COMMAND_COUNT] = {PCT_COMMANDS(X)};
#undef X

typedef struct deciding {
    pct_patrol_book *book;
    const pct_patrol_act *act;
    int64_t now_ms;
} deciding;

/* On the writer's thread, while ours waits and holds the book: nobody else changes the life. */
static pct_status may(void *context, const pct_snapshot *snapshot, pct_error *error) {
    const deciding *d = context;
    pct_life_asked asked[PCT_DESK_ALSO_MAX + 1];
    size_t count = d->act->also_count < PCT_DESK_ALSO_MAX ? d->act->also_count : PCT_DESK_ALSO_MAX;
    (void)snapshot;
    for (size_t i = 0; i <= count; i++) {
        const pct_command *c = i ? &d->act->also[i - 1] : &d->act->command;
        asked[i] = (pct_life_asked){asked_for[c->kind], c->object, &c->data};
    }
    return pct_life_may_all(d->book->life, asked, count + 1, d->now_ms, error);
}

static pct_status commit(pct_patrol_book *book, const pct_patrol_act *act, pct_desk_reply *reply,
                         pct_error *error) {
    pct_service *service = book->service;
    deciding d = {book, act, pct_service_now_ms(service)};
    pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                .command = act->command,
                                .also = act->also,
                                .also_count = act->also_count,
                                .account = act->account,
                                .purpose = act->purpose,
                                .key = act->key,
                                .role = act->role,
                                .cause = act->cause,
                                .still = may,
                                .still_context = &d};
    memcpy(request.body, act->body, sizeof request.body);
    pct_status status = pct_desk_submit_and_wait(service->desk, &request, reply, error);
    if (status || reply->repeated) return status;
    (void)pthread_mutex_lock(&service->reading);
    status = pct_ledger_each_event(service->reader, reply->first_seq, reply->last_seq + 1, load_event,
                                   book->life, error);
    (void)pthread_mutex_unlock(&service->reading);
    return status;
}

pct_status pct_patrol_commit(pct_patrol_book *book, const pct_patrol_act *act, pct_desk_reply *reply,
                             pct_error *error) {
    (void)pthread_mutex_lock(&book->lock);
    pct_status status = commit(book, act, reply, error);
    (void)pthread_mutex_unlock(&book->lock);
    return status;
}

void pct_patrol_write_taken(pct_exchange *x, const pct_desk_reply *reply) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_buffer_clear(&x->reply);
    x->made = reply->object, x->made_seq = reply->last_seq;
    pct_json_begin_object(&json);
    pct_json_id_member(&json, "id", reply->object);
    pct_json_key(&json, "seq");
    pct_json_integer(&json, reply->last_seq);
    pct_json_end_object(&json);
}

pct_status pct_patrol_take(pct_exchange *x, const pct_command *command, pct_text purpose, pct_error *error) {
    pct_patrol_act act = {.command = *command,
                          .account = pct_text_of(x->identity.account),
                          .purpose = purpose,
                          .key = x->idempotency_key,
                          .role = x->role};
    pct_desk_reply reply;
    pct_resource_digest(x, act.body);
    pct_status status = pct_patrol_commit(x->service->patrol, &act, &reply, error);
    if (status == PCT_INPUT) x->status_code = 422;
    if (!status) pct_patrol_write_taken(x, &reply);
    return status;
}

/* --- documents ---------------------------------------------------------------------------------------------------------- */

static void name_of(pct_text bytes, char name[PCT_PATROL_NAME_TEXT]) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, (const unsigned char *)bytes.chars, bytes.length);
    (void)sodium_bin2hex(name, PCT_PATROL_NAME_TEXT, hash, sizeof hash);
}

static pct_status put_job(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    (void)now_ms;
    return pct_store_put_document(store, context, error);
}

pct_status pct_patrol_put(pct_patrol_book *book, const char *kind, pct_text bytes,
                          char name[PCT_PATROL_NAME_TEXT], pct_error *error) {
    name_of(bytes, name);
    pct_document document = {pct_text_of(kind), pct_text_of(name), bytes, 0};
    if (bytes.length > PCT_STORE_VALUE_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIFE_LARGE, pct_str(kind), pct_int((int64_t)bytes.length),
                        pct_int(PCT_STORE_VALUE_MAX));
    return pct_desk_run_job(book->service->desk, PCT_LANE_LOOKUPS, put_job, &document, error);
}

pct_status pct_patrol_get(pct_patrol_book *book, const char *kind, pct_text name, pct_buffer *out,
                          pct_error *error) {
    char is[PCT_PATROL_NAME_TEXT];
    size_t before = out->length;
    (void)pthread_mutex_lock(&book->service->reading);
    pct_status status = pct_store_get_document(book->service->reader, pct_text_of(kind), name, 0, out, error);
    (void)pthread_mutex_unlock(&book->service->reading);
    if (status == PCT_NOT_FOUND)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_DOCUMENT, pct_str(kind), pct_view(name));
    if (status) return status;
    name_of((pct_text){(const char *)out->bytes + before, out->length - before}, is);
    if (pct_text_equal(name, is)) return PCT_OK;
    out->length = before;
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_LIFE_DOCUMENT_CHANGED, pct_str(kind), pct_view(name));
}

/* --- the maker, seen from outside ------------------------------------------------------------------------------------------ */

double pct_patrol_progress(pct_patrol_book *book, pct_plan_id id) {
    if (atomic_load(&book->making_plan) != id.seq) return 0.0;
    return (double)atomic_load(&book->progress_permille) / 1000.0;
}
