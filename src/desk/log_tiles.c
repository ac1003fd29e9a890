#include "desk/log_tiles.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "desk/rest.h"
#include "ledger/log_tree.h"
#include "site/heads.h"

enum { SLICE = 4096, LOOK_MS = 500, REST_MAX_MS = 100, FRESH_S = 2 };

struct pct_log_tiles {
    pct_log_tiles_options options;
    pthread_t thread;
    pct_rest rest;
    bool running;
    pthread_mutex_t lock; /* of all that follows */
    bool looked;
    pct_log_tree tree; /* of as many leaves as have been read; at least those of the head that is shown */
    uint64_t size;     /* of the head that is shown */
    pct_buffer note;   /* of it; empty: none */
    pct_status failed; /* why none newer is shown */
    pct_error why;
    struct timespec seen; /* the thread's: when the folder of heads was last changed */
};

/* --- the thread ------------------------------------------------------------------------------------------------------------ */

/* A head or a cosignature is a new file there. What changed just now is looked at again: two changes may have one time. */
static bool has_changed(pct_log_tiles *t) {
    char path[PCT_PATH_MAX];
    struct stat info;
    if (pct_path_join(path, t->options.folder, "heads", NULL) != PCT_OK || stat(path, &info) != 0)
        return t->seen.tv_sec != 0;
    bool fresh = pct_wall_ms() / 1000 - info.st_mtim.tv_sec < FRESH_S;
    bool changed = info.st_mtim.tv_sec != t->seen.tv_sec || info.st_mtim.tv_nsec != t->seen.tv_nsec;
    t->seen = info.st_mtim;
    return changed || fresh;
}

/* Slice by slice, with as long a rest after each as it took. PCT_NOT_FOUND: it has to end. */
static pct_status grow(pct_log_tiles *t, uint64_t size, pct_error *error) {
    for (uint64_t before = UINT64_MAX;;) {
        int64_t began_ns = pct_tick_ns();
        (void)pthread_mutex_lock(&t->lock);
        uint64_t have = t->tree.tree.size;
        bool over = have >= size || have == before;
        before = have;
        pct_status status =
            over ? PCT_OK : pct_log_tree_grow(&t->tree, size - have > SLICE ? have + SLICE : size, error);
        (void)pthread_mutex_unlock(&t->lock);
        if (status || over) return status;
        int64_t took_ns = pct_tick_ns() - began_ns, most_ns = REST_MAX_MS * PCT_NS_PER_MS;
        if (!pct_rest_for(&t->rest, took_ns < most_ns ? took_ns : most_ns)) return PCT_NOT_FOUND;
    }
}

/* Under the lock. The leaves that were read are the log's that the head vouches for? */
static pct_status compare(pct_log_tiles *t, const pct_tree_head *head, pct_error *error) {
    pct_hash root;
    pct_merkle_reader reader = pct_log_tree_reader(&t->tree);
    if (t->tree.tree.size < head->size)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SHORT, pct_int((int64_t)head->size),
                        pct_int((int64_t)t->tree.tree.size));
    pct_status status = pct_merkle_root_at(&reader, head->size, &root, error);
    if (status || pct_hash_equal(root, head->root)) return status;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_ROOT, pct_int((int64_t)head->size));
}

static void show(pct_log_tiles *t, pct_head *head) {
    pct_buffer_dispose(&t->note);
    t->note = head->note;
    t->size = head->size;
    head->note = pct_buffer_init(0);
}

static pct_status take_newest(pct_log_tiles *t, pct_error *error) {
    pct_head head;
    pct_checkpoint said;
    pct_status status = pct_heads_newest(t->options.folder, &head, error);
    const pct_text note = {(const char *)head.note.bytes, head.note.length};
    bool none = status == PCT_NOT_FOUND;
    if (!status) status = pct_checkpoint_peek(note, &said, error);
    if (!status) status = grow(t, said.head.size, error);
    if (!status) {
        (void)pthread_mutex_lock(&t->lock);
        status = compare(t, &said.head, error);
        if (!status) show(t, &head);
        (void)pthread_mutex_unlock(&t->lock);
    }
    pct_buffer_dispose(&head.note);
    return none ? PCT_OK : status;
}

static void *run(void *context) {
    pct_log_tiles *t = context;
    pct_rest_yield();
    do {
        pct_error why = {0};
        if (t->looked && !has_changed(t)) continue;
        if (!t->looked) (void)has_changed(t);
        pct_status status = take_newest(t, &why);
        (void)pthread_mutex_lock(&t->lock);
        t->looked = true;
        t->failed = status;
        t->why = why;
        (void)pthread_mutex_unlock(&t->lock);
    } while (pct_rest_for(&t->rest, LOOK_MS * PCT_NS_PER_MS));
    return NULL;
}

/* --- what others do with it ------------------------------------------------------------------------------------------------- */

pct_status pct_log_tiles_start(const pct_log_tiles_options *options, pct_log_tiles **out, pct_error *error) {
    const pct_crypto *crypto = NULL;
    pct_log_tiles *t = pct_alloc_zeroed(1, sizeof *t);
    pct_status status = t ? pct_crypto_sodium(&crypto, error) : pct_error_memory(error, sizeof *t);
    if (status) {
        pct_store_close(options->reader);
        pct_free(t);
        return status;
    }
    t->options = *options;
    t->note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_log_tree_begin(options->reader, crypto, &t->tree);
    (void)pthread_mutex_init(&t->lock, NULL);
    pct_rest_init(&t->rest);
    t->running = pthread_create(&t->thread, NULL, run, t) == 0;
    if (!t->running) {
        pct_log_tiles_stop(t);
        return pct_error_memory(error, 0);
    }
    *out = t;
    return PCT_OK;
}

void pct_log_tiles_stop(pct_log_tiles *t) {
    if (!t) return;
    pct_rest_end(&t->rest);
    if (t->running) (void)pthread_join(t->thread, NULL);
    pct_rest_dispose(&t->rest);
    (void)pthread_mutex_destroy(&t->lock);
    pct_log_tree_close(&t->tree);
    pct_buffer_dispose(&t->note);
    pct_store_close(t->options.reader);
    pct_free(t);
}

static pct_status no_head(pct_error *error) {
    return pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_LOG_TILES_NO_HEAD, NULL, 0);
}

/* Under the lock. */
static pct_status has_head(const pct_log_tiles *t, pct_error *error) {
    if (t->note.length > 0) return PCT_OK;
    if (!t->looked) return pct_error_set(error, PCT_BUSY, PCT_MSG_LOG_TILES_READING, NULL, 0);
    if (t->failed) *error = t->why;
    return t->failed ? t->failed : no_head(error);
}

pct_status pct_log_tiles_head(pct_log_tiles *t, pct_buffer *out, pct_error *error) {
    if (!t) return no_head(error);
    (void)pthread_mutex_lock(&t->lock);
    pct_status status = has_head(t, error);
    if (!status) (void)pct_buffer_append(out, t->note.bytes, t->note.length);
    (void)pthread_mutex_unlock(&t->lock);
    return status ? status : pct_buffer_status(out, error);
}

pct_status pct_log_tiles_get(pct_log_tiles *t, pct_tile tile, pct_buffer *out, pct_error *error) {
    if (!t) return no_head(error);
    (void)pthread_mutex_lock(&t->lock);
    pct_merkle_reader reader = pct_log_tree_reader(&t->tree);
    pct_status status = has_head(t, error);
    if (!status) status = pct_tile_write(&reader, t->size, tile, out, error);
    (void)pthread_mutex_unlock(&t->lock);
    return status;
}
