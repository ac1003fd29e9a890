#include "cli/watch_act.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "resource/misuse_json.h"

enum { WORDS = 7, LINE_MAX_BYTES = 1024, WORD_MAX_BYTES = 128 };

pct_status pct_watch_act_may(pct_rights *rights, const char *account, pct_error *error) {
    pct_identity identity = {0};
    pct_status status = PCT_REFUSED;
    if (strlen(account) < sizeof identity.account) {
        memcpy(identity.account, account, strlen(account) + 1);
        status = pct_rights_fill(rights, &identity, error);
    }
    if (status && status != PCT_REFUSED) return status;
    if (!status && identity.roles >> PCT_ROLE_AUDIT_ADMIN & 1) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_AUDIT_NOT_ALLOWED, pct_str(account));
}

static pct_status record(pct_desk *desk, pct_rights *rights, const pct_watch_act *act, pct_error *error) {
    pct_desk_reply reply;
    pct_command command = {.kind = act->kind};
    pct_event_data *data = &command.data;
    if (act->kind == PCT_COMMAND_READ_FLAGS) data->flags_read.flags = act->count;
    if (act->kind == PCT_COMMAND_OPEN_FLAG) data->flag_opened.flag = pct_text_of(act->flag);
    if (act->kind == PCT_COMMAND_REVIEW_FLAG)
        data->flag_reviewed = (pct_event_flag_reviewed){pct_text_of(act->flag), act->result, act->count};
    const pct_desk_request request = {.lane = PCT_LANE_LOOKUPS,
                                      .command = command,
                                      .account = pct_text_of(act->account),
                                      .purpose = pct_text_of(act->purpose ? act->purpose : ""),
                                      .role = PCT_ROLE_AUDIT_ADMIN};
    pct_status status = pct_watch_act_may(rights, act->account, error);
    return status ? status : pct_desk_submit_and_wait(desk, &request, &reply, error);
}

/* --- the server's side -------------------------------------------------------------------------------------------- */

static bool copy_word(pct_text word, char out[WORD_MAX_BYTES]) {
    if (word.length >= WORD_MAX_BYTES) return false;
    memcpy(out, word.chars, word.length);
    out[word.length] = '\0';
    return true;
}

static bool read_purpose(pct_text word, char *out) {
    size_t length;
    if (!pct_base64_check(PCT_BASE64_URL, word, &length) || length > PCT_EVENT_PURPOSE_MAX) return false;
    pct_base64_read(word, (unsigned char *)out);
    out[length] = '\0';
    return pct_text_is_utf8((pct_text){out, length});
}

pct_status pct_watch_act_take(pct_service *service, const pct_text *words, size_t count, pct_error *error) {
    char account[WORD_MAX_BYTES], flag[WORD_MAX_BYTES], purpose[PCT_EVENT_PURPOSE_MAX + 1];
    pct_watch_act act = {.account = account, .flag = flag};
    bool good = count == WORDS && copy_word(words[2], account) && copy_word(words[3], flag);
    if (good && pct_text_equal(words[1], "read")) {
        act.kind = PCT_COMMAND_READ_FLAGS;
        good = pct_text_to_integer(words[3], &act.count);
    } else if (good && pct_text_equal(words[1], "open")) {
        act.kind = PCT_COMMAND_OPEN_FLAG;
        act.purpose = purpose;
        good = read_purpose(words[4], purpose);
    } else if (good) {
        act.kind = PCT_COMMAND_REVIEW_FLAG;
        act.result = pct_flag_result_named(words[4]);
        good = pct_text_equal(words[1], "review") && act.result && pct_text_to_integer(words[5], &act.count);
    }
    return good ? record(service->desk, service->rights, &act, error)
                : pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
}

/* --- the command's side ------------------------------------------------------------------------------------------- */

static void write_line(const pct_watch_act *act, const char *language, pct_buffer *line) {
    if (act->kind == PCT_COMMAND_READ_FLAGS)
        (void)pct_buffer_append_format(line, "flags read %s %lld - -", act->account, (long long)act->count);
    if (act->kind == PCT_COMMAND_REVIEW_FLAG)
        (void)pct_buffer_append_format(line, "flags review %s %s %s %lld", act->account, act->flag,
                                       pct_flag_result_names[act->result], (long long)act->count);
    if (act->kind == PCT_COMMAND_OPEN_FLAG) {
        (void)pct_buffer_append_format(line, "flags open %s %s ", act->account, act->flag);
        (void)pct_base64_append(line, PCT_BASE64_URL, act->purpose, strlen(act->purpose));
        (void)pct_buffer_append_text(line, " -");
    }
    (void)pct_buffer_append_format(line, " %s\n", language);
}

static pct_status ask_server(pct_cli *cli, const pct_watch_act *act, pct_error *error) {
    int64_t number;
    pct_buffer line = pct_buffer_init(LINE_MAX_BYTES);
    write_line(act, cli->language == PCT_ZH ? "zh" : "en", &line);
    pct_status status = pct_buffer_status(&line, error);
    if (!status) status = pct_serve_socket_ask(cli->arguments[0], pct_buffer_chars(&line), &number, error);
    pct_buffer_dispose(&line);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

pct_status pct_watch_act_record(pct_cli *cli, const pct_watch_act *act, pct_error *error) {
    pct_record own = {0};
    pct_rights *rights = NULL;
    pct_error why;
    pct_status status = pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &own, &why);
    if (status == PCT_BUSY) {
        *error = why;
        status = ask_server(cli, act, error);
    } else if (status) {
        *error = why;
    } else {
        status = pct_rights_new(&rights, error);
        if (!status) status = pct_rights_load(rights, own.store, error);
        if (!status) status = pct_desk_start(own.desk, error);
        if (!status) status = record(own.desk, rights, act, error);
        pct_desk_stop(own.desk);
    }
    pct_rights_free(rights);
    pct_record_close(&own);
    return status;
}
