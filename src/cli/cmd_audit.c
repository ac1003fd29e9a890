/* precinct audit list|show|review SITE: flags of the misuse watch, for the audit administrator who signs in with a password.
 * The command reads the record itself, with the same rules and keys as `serve`; each deed is on record before it is shown. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/record.h"
#include "cli/watch_act.h"
#include "resource/exchange.h"
#include "resource/misuse_json.h"
#include "site/now.h"

typedef struct office {
    pct_record record; /* a reader */
    pct_accounts *accounts;
    pct_rights *rights;
    pct_misuse *misuse;
    const char *account;
} office;

static int64_t clock_ms(void *context) {
    (void)context;
    return pct_wall_ms();
}

static bool read_line(char *out, int size) {
    if (!fgets(out, size, stdin)) return false;
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}

/* The password, and where the account has a second factor its code on the next line. */
static pct_status confirm(office *o, pct_error *error) {
    char password[PCT_PASSWORD_MAX + 2], code[32] = "";
    if (!read_line(password, sizeof password))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PASSWORD_NOT_READ, pct_int(0));
    const int64_t now_ms = pct_wall_ms();
    pct_sign_in in = {.account = pct_text_of(o->account),
                      .password = pct_text_of(password),
                      .local = true,
                      .wall_ms = now_ms,
                      .tick_ms = (int64_t)(pct_cli_seconds() * 1000.0)};
    pct_status status = pct_accounts_confirm(o->accounts, &in, error);
    if (status == PCT_REFUSED && error->message == PCT_MSG_SIGN_IN_CODE && read_line(code, sizeof code)) {
        in.code = pct_text_of(code);
        status = pct_accounts_confirm(o->accounts, &in, error);
    }
    explicit_bzero(password, sizeof password);
    explicit_bzero(code, sizeof code);
    return status;
}

static pct_status open_watch(office *o, pct_error *error) {
    pct_mapped_file file;
    pct_audit_rules rules;
    pct_store *reader = NULL;
    bool complete;
    pct_status status = pct_site_map_definition(&o->record.site, "misuse.csv", &file, error);
    if (status) return status;
    status = pct_audit_rules_read("misuse.csv", file.bytes, &rules, error);
    if (file.memory) pct_file_unmap(&file);
    const pct_store_options store = {.folder = o->record.site.folder, .read_only = true};
    if (!status) status = pct_store_open(&store, &reader, error);
    const pct_misuse_options options = {.reader = reader,
                                        .rules = &rules,
                                        .zone = &o->record.site.zone,
                                        .site_folder = o->record.site.folder,
                                        .clock_ms = clock_ms};
    if (!status) status = pct_misuse_new(&options, &o->misuse, error);
    return status ? status : pct_misuse_catch_up(o->misuse, PCT_MISUSE_WHOLE, &complete, error);
}

/* Nothing is read for who is not allowed. */
static pct_status open_office(pct_cli *cli, office *o, pct_error *error) {
    *o = (office){.account = pct_cli_option(cli, "--account")};
    pct_status status = pct_record_open(cli->arguments[0], false, NULL, &o->record, error);
    if (!status) status = pct_accounts_open(o->record.site.folder, &o->accounts, error);
    if (!status) status = confirm(o, error);
    if (!status) status = pct_rights_new(&o->rights, error);
    if (!status) status = pct_rights_load(o->rights, o->record.store, error);
    if (!status) status = pct_watch_act_may(o->rights, o->account, error);
    return status ? status : open_watch(o, error);
}

static void close_office(office *o) {
    pct_misuse_free(o->misuse);
    pct_rights_free(o->rights);
    pct_accounts_close(o->accounts);
    pct_record_close(&o->record);
}

static pct_status end_json(pct_cli *cli, pct_json_writer *json, pct_error *error) {
    pct_json_end_object(json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
    return pct_buffer_status(&cli->out, error);
}

/* --- list --------------------------------------------------------------------------------------------------------- */

typedef struct listing {
    pct_cli *cli;
    const pct_zone *zone;
    pct_json_writer json;
    const char *state;
    int64_t open, all, shown;
} listing;

static pct_text time_text(const pct_zone *zone, int64_t at_ms, pct_buffer *buffer) {
    (void)pct_zone_format(zone, at_ms, buffer);
    return (pct_text){pct_buffer_chars(buffer), buffer->length};
}

static void say_flag(const listing *l, const pct_misuse_flag *f) {
    pct_buffer at = pct_buffer_init(128);
    PCT_SAY(l->cli, PCT_MSG_AUDIT_FLAG_ROW, pct_str(f->id), pct_str(pct_audit_pattern_names[f->flag.pattern]),
            pct_str(f->result ? pct_flag_result_names[f->result] : "open"), pct_int(f->flag.looks),
            pct_str(f->actor), pct_view(time_text(l->zone, f->flag.last_ms, &at)));
    pct_buffer_dispose(&at);
}

static bool list_flag(void *context, const pct_misuse_flag *f) {
    listing *l = context;
    bool open = f->result == PCT_FLAG_RESULT_NONE;
    l->all++, l->open += open;
    if (l->state && (strcmp(l->state, "open") == 0) != open) return true;
    l->shown++;
    if (l->cli->json)
        pct_misuse_flag_write(f, l->zone, &l->json);
    else
        say_flag(l, f);
    return true;
}

static pct_status check_choice(const char *option, const char *given, const char *a, const char *b,
                               pct_error *error) {
    if (!given || strcmp(given, a) == 0 || strcmp(given, b) == 0) return PCT_OK;
    char both[64];
    (void)snprintf(both, sizeof both, "%s, %s", a, b);
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str(option), pct_str(both), pct_str(given));
}

static pct_status run_list(pct_cli *cli, pct_error *error) {
    office o = {.account = NULL};
    listing l = {
        cli, &o.record.site.zone, pct_json_writer_init(&cli->out), pct_cli_option(cli, "--state"), 0, 0, 0};
    pct_status status = check_choice("--state", l.state, "open", "reviewed", error);
    if (!status) status = open_office(cli, &o, error);
    if (!status && cli->json) {
        pct_json_begin_object(&l.json);
        pct_json_key(&l.json, "flags");
        pct_json_begin_array(&l.json);
    }
    if (!status) status = pct_misuse_each(o.misuse, list_flag, &l, error);
    const pct_watch_act act = {.account = o.account, .kind = PCT_COMMAND_READ_FLAGS, .count = l.shown};
    if (!status) status = pct_watch_act_record(cli, &act, error);
    if (status) pct_buffer_clear(&cli->out);
    if (!status && cli->json) {
        pct_json_end_array(&l.json);
        pct_json_key(&l.json, "open");
        pct_json_integer(&l.json, l.open);
        status = end_json(cli, &l.json, error);
    } else if (!status) {
        PCT_SAY(cli, PCT_MSG_AUDIT_COUNTED, pct_int(l.open), pct_int(l.all));
    }
    close_office(&o);
    return status;
}

/* --- show and review ---------------------------------------------------------------------------------------------- */

typedef struct showing {
    pct_cli *cli;
    const pct_zone *zone;
    pct_json_writer json;
    char account[PCT_EVENT_ACTOR_MAX + 1];
    bool write;
} showing;

static pct_status take_look(void *context, const pct_event *e, pct_error *error) {
    showing *s = context;
    (void)error;
    if (e->actor.length < sizeof s->account) {
        memcpy(s->account, e->actor.chars, e->actor.length);
        s->account[e->actor.length] = '\0';
    }
    if (!s->write) return PCT_OK;
    if (s->cli->json) {
        pct_misuse_look_write(e, s->zone, &s->json);
        return PCT_OK;
    }
    char record[PCT_ID_TEXT], of[PCT_ID_TEXT];
    pct_id named = pct_misuse_case_of(e);
    pct_buffer at = pct_buffer_init(128);
    PCT_SAY(s->cli, PCT_MSG_AUDIT_LOOK, pct_int(e->seq), pct_view(time_text(s->zone, e->recorded_at_ms, &at)),
            pct_view((pct_text){record, pct_id_write(e->object, record)}),
            pct_view(named.seq ? (pct_text){of, pct_id_write(named, of)} : pct_text_of("-")),
            pct_view(e->purpose));
    pct_buffer_dispose(&at);
    return PCT_OK;
}

/* The flag of the arguments, and whom it is about: another person than who asks. */
static pct_status find(pct_cli *cli, office *o, pct_misuse_flag *flag, showing *s, pct_error *error) {
    bool same = false;
    *s = (showing){.cli = cli, .zone = &o->record.site.zone, .json = pct_json_writer_init(&cli->out)};
    pct_status status = open_office(cli, o, error);
    if (!status) status = pct_misuse_find(o->misuse, pct_text_of(cli->arguments[1]), flag, error);
    if (!status) status = pct_misuse_each_look(o->misuse, &flag->flag, take_look, s, error);
    if (!status)
        status = pct_accounts_same_person(o->accounts, pct_text_of(o->account), pct_text_of(s->account),
                                          &same, error);
    return status || !same ? status : PCT_FAIL(error, PCT_REFUSED, PCT_MSG_MISUSE_OWN, pct_str(s->account));
}

static pct_status run_show(pct_cli *cli, pct_error *error) {
    office o = {.account = NULL};
    pct_misuse_flag flag;
    showing s;
    pct_status status = find(cli, &o, &flag, &s, error);
    const pct_watch_act act = {.account = o.account,
                               .kind = PCT_COMMAND_OPEN_FLAG,
                               .flag = flag.id,
                               .purpose = pct_cli_option(cli, "--purpose")};
    if (!status) status = pct_watch_act_record(cli, &act, error);
    s.write = true;
    if (!status && cli->json) {
        pct_json_begin_object(&s.json);
        pct_json_text_member(&s.json, "flag", pct_text_of(flag.id));
        pct_json_text_member(&s.json, "account", pct_text_of(s.account));
        pct_json_key(&s.json, "looks");
        pct_json_begin_array(&s.json);
    } else if (!status) {
        PCT_SAY(cli, PCT_MSG_AUDIT_ACCOUNT, pct_str(s.account), pct_str(flag.id));
    }
    if (!status) status = pct_misuse_each_look(o.misuse, &flag.flag, take_look, &s, error);
    if (!status && cli->json) {
        pct_json_end_array(&s.json);
        status = end_json(cli, &s.json, error);
    }
    close_office(&o);
    return status;
}

static pct_status run_review(pct_cli *cli, pct_error *error) {
    office o = {.account = NULL};
    pct_misuse_flag flag;
    showing s;
    const char *given = pct_cli_option(cli, "--result");
    pct_flag_result result = pct_flag_result_named(pct_text_of(given));
    if (!result)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--result"),
                        pct_str("explained, referred, mistaken"), pct_str(given));
    pct_status status = find(cli, &o, &flag, &s, error);
    if (!status && flag.result)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_MISUSE_REVIEWED, pct_str(flag.id),
                          pct_str(flag.reviewed_by));
    const pct_watch_act act = {.account = o.account,
                               .kind = PCT_COMMAND_REVIEW_FLAG,
                               .flag = flag.id,
                               .result = result,
                               .count = flag.flag.looks};
    if (!status) status = pct_watch_act_record(cli, &act, error);
    if (!status && cli->json) {
        pct_json_begin_object(&s.json);
        pct_json_text_member(&s.json, "flag", pct_text_of(flag.id));
        pct_json_text_member(&s.json, "result", pct_text_of(given));
        status = end_json(cli, &s.json, error);
    } else if (!status) {
        PCT_SAY(cli, PCT_MSG_AUDIT_REVIEWED, pct_str(flag.id), pct_str(given));
    }
    close_office(&o);
    return status;
}

const pct_cli_command pct_cmd_audit_list = {"audit list",
                                            "SITE",
                                            PCT_MSG_AUDIT_LIST_HELP,
                                            {{"--account", "NAME", PCT_MSG_AUDIT_AS, true},
                                             {"--state", "STATE", PCT_MSG_AUDIT_STATE, false},
                                             {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                            run_list};
const pct_cli_command pct_cmd_audit_show = {"audit show",
                                            "SITE FLAG",
                                            PCT_MSG_AUDIT_SHOW_HELP,
                                            {{"--account", "NAME", PCT_MSG_AUDIT_AS, true},
                                             {"--purpose", "TEXT", PCT_MSG_AUDIT_PURPOSE, true},
                                             {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                            run_show};
const pct_cli_command pct_cmd_audit_review = {"audit review",
                                              "SITE FLAG",
                                              PCT_MSG_AUDIT_REVIEW_HELP,
                                              {{"--account", "NAME", PCT_MSG_AUDIT_AS, true},
                                               {"--result", "RESULT", PCT_MSG_AUDIT_RESULT, true},
                                               {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                              run_review};
