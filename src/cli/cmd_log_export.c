/* The log for others: its stored bytes line by line, the files of https://c2sp.org/tlog-tiles in a folder that any web
 * server can offer, or the same files in one archive with a page that checks it (docs/decisions/0031-log-in-public.md). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/log_site.h"
#include "cli/tar.h"
#include "ledger/tile_stream.h"

enum { SLICE = 1024, KEYS_MAX = 16 << 10, PAGE_MAX = 4 << 20 };
static const char page_name[] = "verify-log.html";

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(path), pct_str(strerror(errno)));
}

/* --- lines ----------------------------------------------------------------------------------------------------------- */

typedef struct export_file {
    const char *path;
    FILE *file;
    int64_t events;
} export_file;

static pct_status export_event(void *context, const pct_stored_event *event, pct_error *error) {
    export_file *e = context;
    if (fwrite(event->bytes.chars, 1, event->bytes.length, e->file) != event->bytes.length ||
        fputc('\n', e->file) == EOF)
        return failed(e->path, error);
    e->events++;
    return PCT_OK;
}

static pct_status export_lines(pct_cli *cli, export_file *e, pct_error *error) {
    pct_record record = {0};
    pct_status status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    if (!status && !(e->file = fopen(e->path, "wxb"))) status = failed(e->path, error);
    if (!status) {
        status = pct_store_each_event(record.store, 1, INT64_MAX, export_event, e, error);
        int closed = fclose(e->file);
        if (!status && closed != 0) status = failed(e->path, error);
        if (status) (void)remove(e->path);
    }
    pct_record_close(&record);
    return status;
}

/* --- where the files go ------------------------------------------------------------------------------------------------ */

typedef struct out {
    const char *path; /* of the folder or of the archive */
    FILE *archive;    /* NULL: a folder */
    pct_tile_stream *stream;
    uint64_t until;
} out;

static pct_status make_folders(const char *path, size_t from, pct_error *error) {
    char part[PCT_PATH_MAX];
    for (size_t i = from; path[i]; i++) {
        if (path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST) return failed(part, error);
    }
    return PCT_OK;
}

/* Partial tiles of a tile that is full now. */
static void drop_partial(const char *path) {
    char folder[PCT_PATH_MAX + 8], file[PCT_PATH_MAX + 300];
    (void)snprintf(folder, sizeof folder, "%s.p", path);
    DIR *open_folder = opendir(folder);
    if (!open_folder) return;
    for (struct dirent *entry; (entry = readdir(open_folder));) {
        (void)snprintf(file, sizeof file, "%s/%s", folder, entry->d_name);
        (void)unlink(file);
    }
    (void)closedir(open_folder);
    (void)rmdir(folder);
}

/* What was given out stays as it was given: a file that is there is compared, never replaced. */
static pct_status keep_or_write(const char *path, pct_text bytes, pct_error *error) {
    pct_mapped_file there;
    if (access(path, F_OK) == 0) {
        pct_status status = pct_file_map(path, &there, error);
        if (status) return status;
        bool same =
            there.bytes.length == bytes.length && memcmp(there.bytes.chars, bytes.chars, bytes.length) == 0;
        pct_file_unmap(&there);
        return same ? PCT_OK : PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_TILE_DIFFERS, pct_str(path));
    }
    char made[PCT_PATH_MAX + 8];
    (void)snprintf(made, sizeof made, "%s.new", path);
    FILE *file = fopen(made, "wb");
    bool good = file && fwrite(bytes.chars, 1, bytes.length, file) == bytes.length;
    if (file && fclose(file) != 0) good = false;
    if (good && rename(made, path) == 0) return PCT_OK;
    pct_status status = failed(path, error);
    (void)unlink(made);
    return status;
}

static pct_status put_file(void *context, const char *name, pct_text bytes, pct_error *error) {
    out *o = context;
    char path[PCT_PATH_MAX];
    if (o->archive) return pct_tar_add(o->archive, name, bytes) ? PCT_OK : failed(o->path, error);
    pct_status status = pct_path_join(path, o->path, name, error);
    if (!status) status = make_folders(path, strlen(o->path) + 1, error);
    if (!status) status = keep_or_write(path, bytes, error);
    if (!status && !strstr(name, ".p/")) drop_partial(path);
    return status;
}

static pct_status take_event(void *context, const pct_stored_event *event, pct_error *error) {
    out *o = context;
    int64_t seq = (int64_t)pct_tile_stream_tree(o->stream)->size + 1;
    if (event->seq != seq)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_GAP, pct_int(seq), pct_int(event->seq));
    return pct_tile_stream_add(o->stream, event->bytes, error);
}

/* The files that the head speaks of, and that they make its root. */
static pct_status put_tiles(pct_log_site *site, out *o, pct_error *error) {
    pct_tree_head head = pct_log_tree_head(&site->tree);
    int64_t end = (int64_t)head.size + 1;
    pct_status status = pct_tile_stream_open(site->signer.crypto, put_file, o, &o->stream, error);
    for (int64_t from = 1; from < end && !status; from += SLICE)
        status = pct_store_each_event(site->record.store, from, from + SLICE < end ? from + SLICE : end,
                                      take_event, o, error);
    if (!status) status = pct_tile_stream_end(o->stream, error);
    if (!status && (pct_tile_stream_tree(o->stream)->size != head.size ||
                    !pct_hash_equal(pct_merkle_root(pct_tile_stream_tree(o->stream)), head.root)))
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_FRONTIER, pct_int((int64_t)head.size));
    pct_tile_stream_close(o->stream);
    return status;
}

/* The public keys that go with it: convenient, and no proof of anything. */
static pct_status write_keys(const char *folder, const pct_log_site *site, pct_buffer *keys,
                             pct_error *error) {
    pct_buffer text = pct_buffer_init(KEYS_MAX);
    pct_note_key witnesses[PCT_WITNESSES_MAX];
    size_t count = 0;
    const pct_crypto *crypto = site->signer.crypto;
    pct_status status = pct_note_key_write(crypto, &site->signer.secret.key, keys, error);
    (void)pct_buffer_append_byte(keys, '\n');
    if (!status) status = pct_witnesses_read(folder, crypto, &text, witnesses, &count, error);
    for (size_t i = 0; i < count && !status; i++) {
        status = pct_note_key_write(crypto, &witnesses[i], keys, error);
        (void)pct_buffer_append_byte(keys, '\n');
    }
    pct_buffer_dispose(&text);
    return status ? status : pct_buffer_status(keys, error);
}

/* --- a folder: the head comes last, when all that it speaks of is on the disk ----------------------------------------- */

static pct_status check_folder(const out *o, const pct_log_site *site, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_buffer note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_checkpoint there;
    if (mkdir(o->path, 0755) != 0 && errno != EEXIST) return failed(o->path, error);
    pct_status status = pct_path_join(path, o->path, "checkpoint", error);
    if (!status && access(path, F_OK) == 0) {
        status = pct_log_file_read(path, PCT_NOTE_BYTES_MAX, &note, error);
        if (!status)
            status = pct_checkpoint_read(site->signer.crypto, pct_log_view(&note), &site->signer.secret.key,
                                         &there, error);
        if (!status && there.head.size > site->head.size)
            status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SHORT,
                              pct_int((int64_t)there.head.size), pct_int((int64_t)site->head.size));
    }
    pct_buffer_dispose(&note);
    return status;
}

static pct_status export_folder(const char *folder, pct_log_site *site, out *o, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_buffer keys = pct_buffer_init(KEYS_MAX);
    pct_status status = check_folder(o, site, error);
    if (!status) status = put_tiles(site, o, error);
    if (!status) {
        int root = open(o->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root < 0 || syncfs(root) != 0) status = failed(o->path, error);
        if (root >= 0) (void)close(root);
    }
    if (!status) status = write_keys(folder, site, &keys, error);
    if (!status) status = pct_path_join(path, o->path, "keys", error);
    if (!status) status = pct_file_replace(path, pct_log_view(&keys), error);
    if (!status) status = pct_path_join(path, o->path, "checkpoint", error);
    if (!status) status = pct_file_replace(path, pct_log_view(&site->head.note), error);
    pct_buffer_dispose(&keys);
    return status;
}

/* --- an archive, and the page beside it -------------------------------------------------------------------------------- */

static pct_status export_archive(const char *folder, pct_log_site *site, out *o, pct_error *error) {
    pct_buffer keys = pct_buffer_init(KEYS_MAX);
    pct_status status = write_keys(folder, site, &keys, error);
    if (!status && !(o->archive = fopen(o->path, "wxb"))) status = failed(o->path, error);
    bool made = o->archive != NULL;
    if (!status) status = put_file(o, "checkpoint", pct_log_view(&site->head.note), error);
    if (!status) status = put_file(o, "keys", pct_log_view(&keys), error);
    if (!status) status = put_tiles(site, o, error);
    if (!status && (!pct_tar_end(o->archive) || fflush(o->archive) != 0 || fsync(fileno(o->archive)) != 0))
        status = failed(o->path, error);
    if (made && fclose(o->archive) != 0 && !status) status = failed(o->path, error);
    if (made && status) (void)remove(o->path);
    pct_buffer_dispose(&keys);
    return status;
}

static pct_status write_page(const char *web, const char *bundle, pct_error *error) {
    char from[PCT_PATH_MAX], to[PCT_PATH_MAX + 8];
    pct_buffer page = pct_buffer_init(PAGE_MAX);
    pct_status status = pct_path_join(from, web, page_name, error);
    if (!status) status = pct_log_file_read(from, PAGE_MAX, &page, error);
    (void)snprintf(to, sizeof to, "%s.html", bundle);
    if (!status) status = pct_file_replace(to, pct_log_view(&page), error);
    pct_buffer_dispose(&page);
    return status;
}

/* --- the command -------------------------------------------------------------------------------------------------------- */

static void say(pct_cli *cli, int64_t events, const char *path, const pct_log_site *site, double began_s) {
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_LOG_EXPORTED, pct_int(events), pct_str(path));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "events", events);
    if (site) pct_log_hash(&json, "root_hash", pct_log_tree_head(&site->tree).root);
    if (site) pct_log_word(&json, "checkpoint", pct_log_view(&site->head.note));
    pct_log_document_end(cli, &json, began_s);
}

static pct_status run_export(pct_cli *cli, pct_error *error) {
    const char *lines = pct_cli_option(cli, "--out"), *tiles = pct_cli_option(cli, "--tiles");
    const char *bundle = pct_cli_option(cli, "--bundle"), *web = pct_cli_option(cli, "--web");
    double began_s = pct_cli_seconds();
    pct_log_site site = {0};
    if ((lines != NULL) + (tiles != NULL) + (bundle != NULL) != 1 || (web && !bundle))
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_EXPORT_WHICH, NULL, 0);
    if (lines) {
        export_file e = {.path = lines};
        pct_status status = export_lines(cli, &e, error);
        if (!status) say(cli, e.events, lines, NULL, began_s);
        return status;
    }
    out o = {.path = tiles ? tiles : bundle};
    pct_status status = pct_log_site_open(cli->arguments[0], &site, error);
    if (!status)
        status = tiles ? export_folder(cli->arguments[0], &site, &o, error)
                       : export_archive(cli->arguments[0], &site, &o, error);
    if (!status && web) status = write_page(web, bundle, error);
    if (!status) say(cli, (int64_t)site.head.size, o.path, &site, began_s);
    pct_log_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_log_export = {"log export",
                                            "SITE",
                                            PCT_MSG_LOG_EXPORT_HELP,
                                            {{"--out", "FILE", PCT_MSG_LOG_EXPORT_OUT, false},
                                             {"--tiles", "DIR", PCT_MSG_LOG_EXPORT_TILES, false},
                                             {"--bundle", "FILE", PCT_MSG_LOG_EXPORT_BUNDLE, false},
                                             {"--web", "DIR", PCT_MSG_LOG_EXPORT_WEB, false}},
                                            run_export};
