#include "cli/user_change.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "resource/rights_change.h"

enum { LINE_MAX = 2000, SPACE_WITHIN = 0x1f };

/* --- on the side of the record ------------------------------------------------------------------------------------ */

typedef struct unit_search {
    pct_text name;
    pct_unit_id id;
} unit_search;

static void find_unit(void *context, const pct_board *board) {
    unit_search *search = context;
    pct_id id;
    const pct_unit *unit = pct_board_unit_named(board, search->name);
    if (!unit && pct_id_read(search->name, &id) && id.kind == 'U')
        unit = pct_board_unit(board, (pct_unit_id){id.seq});
    if (unit) search->id = unit->id;
}

static pct_status read_ties(pct_service *service, pct_text unit, pct_text incident, pct_unit_id *unit_out,
                            pct_incident_id *incident_out, pct_error *error) {
    unit_search search = {unit, {0}};
    pct_id id = {0};
    if (unit.length > 0) {
        pct_desk_look(service->desk, find_unit, &search);
        if (!search.id.seq) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_USER_NO_UNIT, pct_view(unit));
    }
    if (incident.length > 0 && !(pct_id_read(incident, &id) && id.kind == 'I'))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_USER_NO_INCIDENT, pct_view(incident));
    *unit_out = search.id;
    *incident_out = (pct_incident_id){id.seq};
    return PCT_OK;
}

static pct_status read_entitling(pct_rights_change *change, bool adds, pct_text name, pct_text first,
                                 pct_text second, pct_error *error) {
    pct_role_set roles = 0;
    pct_status status = first.length > 0 ? pct_roles_read(first, &roles, error) : PCT_OK;
    if (status) return status;
    pct_event_data *data = &change->command.data;
    if (adds) {
        data->account_added.name = name;
        data->account_added.areas = second;
        data->account_added.roles_count = pct_roles_as_codes(roles, data->account_added.roles);
    } else {
        data->account_entitled.name = name;
        data->account_entitled.areas = second;
        data->account_entitled.roles_count = pct_roles_as_codes(roles, data->account_entitled.roles);
    }
    return PCT_OK;
}

static pct_status apply(pct_service *service, pct_text verb, pct_text name, pct_text first, pct_text second,
                        pct_error *error) {
    static const struct {
        const char *verb;
        pct_command_kind kind;
    } verbs[] = {{"add", PCT_COMMAND_ADD_ACCOUNT},
                 {"grant", PCT_COMMAND_ENTITLE_ACCOUNT},
                 {"disable", PCT_COMMAND_DISABLE_ACCOUNT},
                 {"assign", PCT_COMMAND_ASSIGN_ACCOUNT},
                 {"release", PCT_COMMAND_RELEASE_ACCOUNT}};
    pct_rights_change change = {.actor = pct_text_of("console"), .role = PCT_ROLE_SYSTEM};
    pct_event_data *data = &change.command.data;
    size_t which = 0;
    pct_status status = PCT_OK;
    while (which < 5 && !pct_text_equal(verb, verbs[which].verb)) which++;
    if (which == 5) return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    change.command.kind = verbs[which].kind;
    if (which < 2) status = read_entitling(&change, which == 0, name, first, second, error);
    if (which == 2) data->account_disabled.name = name;
    if (which == 3) {
        data->account_assigned.name = name;
        status = read_ties(service, first, second, &data->account_assigned.unit,
                           &data->account_assigned.incident, error);
    }
    if (which == 4) {
        data->account_released.name = name;
        status = read_ties(service, first, second, &data->account_released.unit,
                           &data->account_released.incident, error);
    }
    return status ? status : pct_rights_change_and_wait(service, &change, NULL, error);
}

/* "-" is nothing; spaces come back. */
static pct_text word_in(pct_text word, char out[LINE_MAX]) {
    if (word.length == 0 || word.length >= LINE_MAX || pct_text_equal(word, "-")) return (pct_text){"", 0};
    for (size_t i = 0; i < word.length; i++) out[i] = word.chars[i] == SPACE_WITHIN ? ' ' : word.chars[i];
    return (pct_text){out, word.length};
}

pct_status pct_user_change_take(pct_service *service, const pct_text *words, size_t count, pct_error *error) {
    char first[LINE_MAX], second[LINE_MAX];
    if (count != 6) return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    return apply(service, words[1], words[2], word_in(words[3], first), word_in(words[4], second), error);
}

/* --- on the side of the command ----------------------------------------------------------------------------------- */

bool pct_user_record_exists(const char *folder) {
    char path[PCT_PATH_MAX];
    return pct_path_join(path, folder, PCT_STORE_RECORD, NULL) == PCT_OK && access(path, F_OK) == 0;
}

static void append_word(pct_buffer *line, const char *word) {
    (void)pct_buffer_append_byte(line, ' ');
    if (!word || !*word) word = "-";
    for (; *word; word++)
        (void)pct_buffer_append_byte(line, (unsigned char)*word <= ' ' ? SPACE_WITHIN : (unsigned char)*word);
}

static pct_status ask_server(pct_cli *cli, const pct_user_change *change, pct_error *error) {
    int64_t number;
    pct_buffer line = pct_buffer_init(LINE_MAX);
    (void)pct_buffer_append_text(&line, "user");
    append_word(&line, change->verb);
    append_word(&line, cli->arguments[1]);
    append_word(&line, change->first);
    append_word(&line, change->second);
    (void)pct_buffer_append_text(&line, cli->language == PCT_ZH ? " zh\n" : " en\n");
    pct_status status = pct_buffer_status(&line, error);
    if (!status) status = pct_serve_socket_ask(cli->arguments[0], pct_buffer_chars(&line), &number, error);
    pct_buffer_dispose(&line);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

static pct_status change_record(pct_cli *cli, pct_record *record, const pct_user_change *change,
                                pct_error *error) {
    pct_service service = {.site = &record->site, .desk = record->desk};
    pct_status status = pct_accounts_open(record->site.folder, &service.accounts, error);
    if (!status) status = pct_beats_open(&record->site, &service.beats, error);
    if (!status) status = pct_rights_new(&service.rights, error);
    if (!status) status = pct_rights_load(service.rights, record->store, error);
    if (!status) status = pct_desk_start(record->desk, error);
    /* Accounts that waited for the record come before any change; the new one stands in accounts.db by now. */
    const char *fresh = strcmp(change->verb, "add") == 0 ? cli->arguments[1] : NULL;
    if (!status) status = pct_rights_adopt(&service, fresh, error);
    if (!status)
        status = apply(&service, pct_text_of(change->verb), pct_text_of(cli->arguments[1]),
                       pct_text_of(change->first ? change->first : ""),
                       pct_text_of(change->second ? change->second : ""), error);
    pct_desk_stop(record->desk);
    pct_rights_free(service.rights);
    pct_beats_free(service.beats);
    pct_accounts_close(service.accounts);
    return status;
}

pct_status pct_user_change_make(pct_cli *cli, const pct_user_change *change, pct_error *error) {
    pct_record record = {0};
    pct_error why;
    pct_status status = pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, &why);
    if (status == PCT_BUSY)
        status = ask_server(cli, change, error);
    else if (status)
        *error = why;
    else
        status = change_record(cli, &record, change, error);
    pct_record_close(&record);
    return status;
}
