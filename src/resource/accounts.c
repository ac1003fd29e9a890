/* Accounts and their rights: the list, and the changes (resource/rights_change.h). */
#include <string.h>

#include "base/text.h"
#include "resource/acts.h"
#include "resource/board_json.h"
#include "resource/rights_change.h"
#include "resource/submit.h"

/* --- the list ----------------------------------------------------------------------------------------------------- */

static void write_areas(pct_json_writer *json, pct_text areas) {
    pct_text rest = areas, item;
    pct_json_key(json, "areas");
    pct_json_begin_array(json);
    while (areas.length > 0 && pct_text_next(&rest, ';', &item)) pct_json_text(json, item);
    pct_json_end_array(json);
}

static void write_account(void *context, const pct_account_rights *a) {
    pct_json_writer *json = context;
    pct_json_begin_object(json);
    pct_json_key(json, "account");
    pct_json_text(json, a->name);
    pct_json_key(json, "roles");
    pct_json_begin_array(json);
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
        if (a->roles >> role & 1) pct_json_string(json, pct_role_names[role]);
    pct_json_end_array(json);
    write_areas(json, a->areas);
    pct_json_id_member(json, "unit", (pct_id){.kind = 'U', .seq = a->unit.seq});
    pct_json_key(json, "incidents");
    pct_json_begin_array(json);
    for (uint32_t i = 0; i < a->incident_count; i++) {
        char text[PCT_ID_TEXT];
        size_t length = pct_id_write((pct_id){.kind = 'I', .seq = a->incidents[i].seq}, text);
        pct_json_text(json, (pct_text){text, length});
    }
    pct_json_end_array(json);
    pct_json_key(json, "disabled");
    pct_json_bool(json, a->disabled);
    pct_json_end_object(json);
}

pct_status pct_resource_accounts_list(pct_exchange *x, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "items");
    pct_json_begin_array(&json);
    pct_rights_each(x->service->rights, write_account, &json);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    return pct_buffer_status(&x->reply, error);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static void changed(void *context, const pct_desk_reply *reply) {
    pct_resource_decided(context, reply);
}

/* The reply comes with the commit. */
static pct_status submit(pct_exchange *x, const pct_command *command) {
    pct_rights_change change = {.command = *command,
                                .actor = pct_text_of(x->identity.account),
                                .purpose = pct_exchange_text(x, "reason"),
                                .key = x->idempotency_key,
                                .role = x->role};
    pct_resource_digest(x, change.body);
    x->suspend(x);
    pct_status status = pct_rights_change_submit(x->service, &change, changed, x, &x->error);
    if (status) {
        x->failed = status;
        x->resume(x);
    }
    return PCT_OK;
}

static pct_status read_roles(pct_exchange *x, pct_event_account_entitled *data, pct_error *error) {
    const json_t *roles = json_object_get(x->body, "roles");
    pct_buffer text = pct_buffer_init(1 << 12);
    pct_role_set set = 0;
    for (size_t i = 0; i < json_array_size(roles); i++)
        (void)pct_buffer_append_format(&text, "%s%s", i ? "," : "",
                                       json_string_value(json_array_get(roles, i)));
    pct_status status =
        text.length ? pct_roles_read(pct_text_of(pct_buffer_chars(&text)), &set, error) : PCT_OK;
    if (status) memcpy(x->field, "roles", sizeof "roles");
    if (!status) data->roles_count = pct_roles_as_codes(set, data->roles);
    pct_buffer_dispose(&text);
    return status;
}

/* "a;b" in the exchange's arena. */
static pct_status read_areas(pct_exchange *x, pct_text *out, pct_error *error) {
    const json_t *areas = json_object_get(x->body, "areas");
    pct_buffer text = pct_buffer_init(1 << 14);
    for (size_t i = 0; i < json_array_size(areas); i++)
        (void)pct_buffer_append_format(&text, "%s%s", i ? ";" : "",
                                       json_string_value(json_array_get(areas, i)));
    char *copy = pct_arena_text(&x->arena, pct_buffer_chars(&text), text.length);
    *out = (pct_text){copy ? copy : "", text.length};
    pct_buffer_dispose(&text);
    return copy ? PCT_OK : pct_error_memory(error, out->length);
}

pct_status pct_resource_read_entitling(pct_exchange *x, pct_event_account_entitled *data, pct_error *error) {
    pct_status status = read_roles(x, data, error);
    return status ? status : read_areas(x, &data->areas, error);
}

pct_status pct_resource_account_entitle(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_ENTITLE_ACCOUNT};
    pct_event_account_entitled *data = &command.data.account_entitled;
    data->name = pct_exchange_path(x, "account");
    pct_status status = pct_resource_read_entitling(x, data, error);
    return status ? status : submit(x, &command);
}

static pct_status end_sessions(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_DISABLE_ACCOUNT};
    command.data.account_disabled.name = pct_exchange_path(x, "account");
    return pct_rights_change_finish(x->service, &command, error);
}

pct_status pct_resource_account_disable(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_DISABLE_ACCOUNT};
    (void)error;
    command.data.account_disabled.name = pct_exchange_path(x, "account");
    x->finish = end_sessions;
    return submit(x, &command);
}

/* One of the two. */
static pct_status read_tie(pct_exchange *x, pct_unit_id *unit, pct_incident_id *incident, pct_error *error) {
    pct_id id = {0};
    pct_text u = pct_exchange_text(x, "unit"), i = pct_exchange_text(x, "incident");
    if (!u.chars == !i.chars) return pct_error_set(error, PCT_INPUT, PCT_MSG_ACCOUNT_ONE_TIE, NULL, 0);
    (void)pct_id_read(u.chars ? u : i, &id);
    *unit = (pct_unit_id){u.chars ? id.seq : 0};
    *incident = (pct_incident_id){i.chars ? id.seq : 0};
    return PCT_OK;
}

pct_status pct_resource_account_assign(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_ASSIGN_ACCOUNT};
    pct_event_account_assigned *data = &command.data.account_assigned;
    data->name = pct_exchange_path(x, "account");
    pct_status status = read_tie(x, &data->unit, &data->incident, error);
    return status ? status : submit(x, &command);
}

pct_status pct_resource_account_release(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_RELEASE_ACCOUNT};
    pct_event_account_released *data = &command.data.account_released;
    data->name = pct_exchange_path(x, "account");
    pct_status status = read_tie(x, &data->unit, &data->incident, error);
    return status ? status : submit(x, &command);
}

/* Who signs a unit on as its patrol is of its crew. */
pct_status pct_resource_bind_crew(pct_exchange *x, pct_error *error) {
    pct_rights_change change = {.command = {.kind = PCT_COMMAND_ASSIGN_ACCOUNT},
                                .actor = pct_text_of(x->identity.account),
                                .purpose = pct_text_of("sign_on"),
                                .role = x->role,
                                .cause = x->made_seq};
    change.command.data.account_assigned.name = pct_text_of(x->identity.account);
    change.command.data.account_assigned.unit = (pct_unit_id){pct_exchange_id(x, "unit").seq};
    return pct_rights_change_and_wait(x->service, &change, NULL, error);
}
