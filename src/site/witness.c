#include "site/witness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { LOG_NAME = 16, KEY_MAX = 512 };

/* One log of the folder, while a question is answered. */
typedef struct log_state {
    char folder[PCT_PATH_MAX];
    pct_buffer key_text, held_note;
    pct_note_key key;
    pct_tree_head held; /* size 0: none */
} log_state;

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(path), pct_str(strerror(errno)));
}

static pct_text view(const pct_buffer *buffer) {
    return (pct_text){buffer->bytes ? (const char *)buffer->bytes : "", buffer->length};
}

static pct_status make_folder(const char *path, pct_error *error) {
    return mkdir(path, 0755) == 0 || errno == EEXIST ? PCT_OK : failed(path, error);
}

static pct_status log_folder(const pct_witness *w, pct_text origin, char out[PCT_PATH_MAX],
                             pct_error *error) {
    unsigned char hash[PCT_HASH_BYTES];
    char name[sizeof "logs/" + LOG_NAME];
    size_t at = (size_t)snprintf(name, sizeof name, "logs/");
    w->signer.crypto->sha256((const unsigned char *)origin.chars, origin.length, hash);
    for (int i = 0; i < LOG_NAME / 2; i++)
        at += (size_t)snprintf(name + at, sizeof name - at, "%02x", hash[i]);
    return pct_path_join(out, w->folder, name, error);
}

static pct_status read_file(const char *folder, const char *name, pct_buffer *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file file;
    pct_status status = pct_path_join(path, folder, name, error);
    if (!status && access(path, F_OK) != 0) return errno == ENOENT ? PCT_NOT_FOUND : failed(path, error);
    if (!status) status = pct_file_map(path, &file, error);
    if (status) return status;
    (void)pct_buffer_append(out, file.bytes.chars, file.bytes.length);
    pct_file_unmap(&file);
    return pct_buffer_status(out, error);
}

static pct_status write_file(const char *folder, const char *name, pct_text bytes, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, folder, name, error);
    return status ? status : pct_file_replace(path, bytes, error);
}

static void state_init(log_state *s) {
    *s = (log_state){.key_text = pct_buffer_init(KEY_MAX), .held_note = pct_buffer_init(PCT_NOTE_BYTES_MAX)};
}

static void state_dispose(log_state *s) {
    pct_buffer_dispose(&s->key_text);
    pct_buffer_dispose(&s->held_note);
}

/* What is remembered of a log, from its folder. A head that our own signature does not vouch for was changed by somebody:
 * to go on from there would be to forget, so nothing is cosigned any more (PCT_DAMAGED). */
static pct_status read_state(pct_witness *w, log_state *s, pct_error *error) {
    pct_checkpoint own, given;
    pct_status status = read_file(s->folder, "key", &s->key_text, error);
    if (!status)
        status = pct_note_key_read(w->signer.crypto, pct_text_trim(view(&s->key_text)), &s->key, error);
    if (status) return status;
    status = read_file(s->folder, "head", &s->held_note, error);
    if (status == PCT_NOT_FOUND) return PCT_OK;
    pct_text note = view(&s->held_note);
    if (!status) status = pct_checkpoint_read(w->signer.crypto, note, &w->signer.secret.key, &own, error);
    if (!status) status = pct_checkpoint_read(w->signer.crypto, note, &s->key, &given, error);
    if (status == PCT_CHECK_FAILED || status == PCT_NOT_FOUND || status == PCT_INPUT)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_WITNESS_DAMAGED, pct_str(s->folder));
    if (!status) s->held = given.head;
    return status;
}

/* --- the folder ------------------------------------------------------------------------------------------------------ */

static pct_status set_folder(pct_witness *w, const char *folder, pct_error *error) {
    memset(w, 0, sizeof *w);
    int length = snprintf(w->folder, sizeof w->folder, "%s", folder);
    if (length >= 0 && length < PCT_PATH_MAX) return PCT_OK;
    return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                    pct_int(PCT_PATH_MAX));
}

pct_status pct_witness_make(const char *folder, pct_text name, pct_witness *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = set_folder(out, folder, error);
    if (!status) status = make_folder(folder, error);
    if (!status) status = pct_path_join(path, folder, "logs", error);
    if (!status) status = make_folder(path, error);
    if (!status) status = pct_path_join(path, folder, PCT_WITNESS_KEY_FILE, error);
    return status
               ? status
               : pct_signer_make(path, PCT_NOTE_COSIGNATURE, name, pct_random_system(), &out->signer, error);
}

pct_status pct_witness_open(const char *folder, pct_witness *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = set_folder(out, folder, error);
    if (!status) status = pct_path_join(path, folder, PCT_WITNESS_KEY_FILE, error);
    return status ? status : pct_signer_read(path, PCT_NOTE_COSIGNATURE, &out->signer, error);
}

void pct_witness_close(pct_witness *witness) {
    pct_signer_dispose(&witness->signer);
}

pct_status pct_witness_add_log(pct_witness *witness, const pct_note_key *log, pct_error *error) {
    log_state s;
    state_init(&s);
    pct_buffer text = pct_buffer_init(KEY_MAX);
    pct_status status = log_folder(witness, log->name, s.folder, error);
    if (!status) status = pct_note_key_write(witness->signer.crypto, log, &text, error);
    (void)pct_buffer_append_byte(&text, '\n');
    pct_status found = status ? status : read_file(s.folder, "key", &s.key_text, error);
    if (!found) {
        bool same =
            s.key_text.length == text.length && memcmp(s.key_text.bytes, text.bytes, text.length) == 0;
        if (!same) status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_WITNESS_OTHER_KEY, pct_view(log->name));
    } else if (found != PCT_NOT_FOUND) {
        status = found;
    } else {
        status = make_folder(s.folder, error);
        if (!status) status = write_file(s.folder, "key", view(&text), error);
    }
    pct_buffer_dispose(&text);
    state_dispose(&s);
    return status;
}

/* --- a question ------------------------------------------------------------------------------------------------------ */

/* The head that was cosigned at this size, if another root stands in it than the one given now. */
static bool contradicts_seen(pct_witness *w, const log_state *s, const pct_tree_head *head,
                             pct_buffer *note) {
    char name[64];
    pct_checkpoint seen;
    pct_buffer_clear(note);
    (void)snprintf(name, sizeof name, "seen/%" PRIu64 ".note", head->size);
    return read_file(s->folder, name, note, NULL) == PCT_OK &&
           pct_checkpoint_read(w->signer.crypto, view(note), &s->key, &seen, NULL) == PCT_OK &&
           seen.head.size == head->size && !pct_hash_equal(seen.head.root, head->root);
}

static int64_t count_refused(const char *folder) {
    char path[PCT_PATH_MAX];
    int64_t count = 0;
    DIR *open_folder = pct_path_join(path, folder, "refused", NULL) == PCT_OK ? opendir(path) : NULL;
    for (struct dirent *entry; open_folder && (entry = readdir(open_folder));)
        count += strstr(entry->d_name, ".given") != NULL;
    if (open_folder) (void)closedir(open_folder);
    return count;
}

static pct_status keep_evidence(const log_state *s, uint64_t size, pct_text held, pct_text given,
                                pct_error *error) {
    char path[PCT_PATH_MAX], name[96];
    int64_t number = count_refused(s->folder);
    if (number >= PCT_WITNESS_REFUSED_MAX) return PCT_OK;
    pct_status status = pct_path_join(path, s->folder, "refused", error);
    if (!status) status = make_folder(path, error);
    (void)snprintf(name, sizeof name, "refused/%" PRIu64 "-%" PRId64 ".held.note", size, number);
    if (!status) status = write_file(s->folder, name, held, error);
    (void)snprintf(name, sizeof name, "refused/%" PRIu64 "-%" PRId64 ".given", size, number);
    return status ? status : write_file(s->folder, name, given, error);
}

/* On the disk first, then out of the house. */
static pct_status cosign(pct_witness *w, const log_state *s, pct_text note, const pct_tree_head *head,
                         int64_t now_s, pct_witness_reply *out, pct_error *error) {
    char path[PCT_PATH_MAX], name[64];
    pct_buffer kept = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    const pct_note_signer *own = &w->signer.secret;
    pct_status status = pct_note_keep(w->signer.crypto, note, &s->key, &kept, error);
    size_t before = kept.length;
    if (!status) status = pct_note_cosign(w->signer.crypto, own->key.name, own->seed, now_s, &kept, error);
    if (!status) status = pct_path_join(path, s->folder, "seen", error);
    if (!status) status = make_folder(path, error);
    (void)snprintf(name, sizeof name, "seen/%" PRIu64 ".note", head->size);
    if (!status) status = write_file(s->folder, name, view(&kept), error);
    if (!status) status = write_file(s->folder, "head", view(&kept), error);
    if (!status) (void)pct_buffer_append(&out->body, kept.bytes + before, kept.length - before);
    pct_buffer_dispose(&kept);
    return status ? status : pct_buffer_status(&out->body, error);
}

static int code_of(pct_witness_answer answer) {
    static const int codes[] = {
        [PCT_WITNESS_COSIGN] = 200, [PCT_WITNESS_UNSIGNED] = 403, [PCT_WITNESS_SIZES] = 400,
        [PCT_WITNESS_STALE] = 409,  [PCT_WITNESS_FORK] = 409,     [PCT_WITNESS_INCONSISTENT] = 422};
    return codes[answer];
}

static bool is_failure(pct_status status) {
    return status == PCT_IO || status == PCT_MEMORY || status == PCT_DAMAGED || status == PCT_INTERNAL;
}

static pct_status decide(pct_witness *w, log_state *s, const pct_proof_text *asked, pct_text request,
                         int64_t now_s, pct_witness_reply *out, pct_error *error) {
    const pct_witness_question question = {w->signer.crypto, &s->key, &s->held, asked};
    pct_witness_answer answer;
    pct_tree_head head = {.size = 0};
    pct_buffer seen = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_text other = view(&s->held_note);
    pct_status status = pct_witness_decide(&question, &head, &answer, error), kept = PCT_OK;
    if (answer == PCT_WITNESS_STALE && contradicts_seen(w, s, &head, &seen)) {
        answer = PCT_WITNESS_FORK;
        other = view(&seen);
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LEDGER_WITNESS_FORK, pct_int((int64_t)head.size));
    }
    if (answer == PCT_WITNESS_FORK || answer == PCT_WITNESS_INCONSISTENT)
        kept = keep_evidence(s, head.size, other, request, NULL);
    out->code = code_of(answer);
    out->size = head.size;
    if (!status) status = cosign(w, s, asked->note, &head, now_s, out, error);
    if (answer == PCT_WITNESS_STALE || answer == PCT_WITNESS_FORK)
        (void)pct_buffer_append_format(&out->body, "%" PRIu64 "\n", s->held.size);
    pct_buffer_dispose(&seen);
    return is_failure(kept) ? kept : status;
}

pct_status pct_witness_reply_to(pct_witness *witness, pct_text request, int64_t now_s, pct_witness_reply *out,
                                pct_error *error) {
    log_state s;
    pct_proof_text asked;
    pct_proof_kind kind;
    pct_checkpoint said;
    state_init(&s);
    *out = (pct_witness_reply){.code = 400, .body = pct_buffer_init(PCT_NOTE_BYTES_MAX)};
    int lock = open(witness->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pct_status status = lock >= 0 && flock(lock, LOCK_EX) == 0 ? PCT_OK : failed(witness->folder, error);
    if (!status) status = pct_proof_text_read(request, &kind, &asked, error);
    if (!status && kind != PCT_PROOF_GROWTH)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_PROOF, pct_int(1));
    if (!status) status = pct_checkpoint_peek(asked.note, &said, error);
    if (!status) status = log_folder(witness, said.origin, s.folder, error);
    if (!status) {
        status = read_state(witness, &s, error);
        if (status == PCT_NOT_FOUND) {
            out->code = 404;
            status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LEDGER_WITNESS_UNKNOWN, pct_view(said.origin));
        }
    }
    if (!status) status = decide(witness, &s, &asked, request, now_s, out, error);
    if (is_failure(status)) out->code = 500;
    if (lock >= 0) (void)close(lock);
    state_dispose(&s);
    return status;
}

/* --- what it remembers ----------------------------------------------------------------------------------------------- */

static pct_status visit_one(pct_witness *w, const char *name, pct_witnessed_visitor *visit, void *context,
                            pct_error *error) {
    log_state s;
    char logs[PCT_PATH_MAX];
    pct_text text;
    state_init(&s);
    pct_status status = pct_path_join(logs, w->folder, "logs", error);
    if (!status) status = pct_path_join(s.folder, logs, name, error);
    if (!status) status = read_state(w, &s, error);
    pct_witnessed log = {.key = pct_text_trim(view(&s.key_text)), .has_head = s.held_note.length > 0};
    if (!status && log.has_head) {
        pct_text note = view(&s.held_note);
        status = pct_checkpoint_read(w->signer.crypto, note, &s.key, &log.head, error);
        if (!status)
            status =
                pct_note_verify(w->signer.crypto, note, &w->signer.secret.key, &text, &log.time_s, error);
    }
    log.refused = count_refused(s.folder);
    if (!status) status = visit(context, &log, error);
    state_dispose(&s);
    return status;
}

pct_status pct_witness_each(pct_witness *witness, pct_witnessed_visitor *visit, void *context,
                            pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, witness->folder, "logs", error);
    if (status) return status;
    DIR *folder = opendir(path);
    if (!folder) return failed(path, error);
    for (struct dirent *entry; !status && (entry = readdir(folder));)
        if (strlen(entry->d_name) == LOG_NAME)
            status = visit_one(witness, entry->d_name, visit, context, error);
    (void)closedir(folder);
    return status;
}
