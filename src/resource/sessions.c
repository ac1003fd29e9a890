/* The sessions of who asks: which there are, and an end to those that were left open somewhere; and another password, which ends them too. */
#include <stdio.h>

#include "api_handlers.h"
#include "resource/session.h"

static void write_row(pct_exchange *x, pct_json_writer *json, const pct_session_row *row) {
    const pct_zone *zone = &x->service->site->zone;
    char number[PCT_SESSION_NUMBER];
    pct_session_number_write(row->session, number);
    pct_json_begin_object(json);
    pct_json_key(json, "session");
    pct_json_string(json, number);
    pct_json_time_member(json, "opened_at", row->opened_at_ms, zone);
    pct_json_time_member(json, "seen_at", row->seen_at_ms, zone);
    pct_json_time_member(json, "expires_at", row->expires_at_ms, zone);
    pct_json_key(json, "signed_by");
    pct_json_string(json, pct_signed_by_names[row->signed_by % PCT_SIGNED_BY_COUNT]);
    pct_json_text_member(json, "address", pct_text_of(row->address));
    pct_json_key(json, "current");
    pct_json_bool(json, row->session == x->identity.session);
    pct_json_end_object(json);
}

pct_status pct_resource_sessions_list(pct_exchange *x, pct_error *error) {
    pct_session_row rows[PCT_SESSIONS_MAX];
    size_t count = 0;
    pct_status status = pct_resource_refuse_token(x, error);
    if (!status)
        status = pct_accounts_sessions(x->service->accounts, pct_text_of(x->identity.account), x->wall_ms,
                                       rows, &count, error);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "items");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) write_row(x, &json, &rows[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    return PCT_OK;
}

pct_status pct_resource_sessions_end(pct_exchange *x, pct_error *error) {
    pct_text text = pct_exchange_path(x, "session");
    int64_t number;
    pct_status status = pct_resource_refuse_token(x, error);
    if (status) return status;
    if (!pct_session_number_read(text, &number))
        return pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_SESSION_UNKNOWN, NULL, 0);
    return pct_accounts_end_session(x->service->accounts, pct_text_of(x->identity.account), number, error);
}

pct_status pct_resource_sessions_end_others(pct_exchange *x, pct_error *error) {
    pct_status status = pct_resource_refuse_token(x, error);
    if (status) return status;
    return pct_accounts_end_others(x->service->accounts, pct_text_of(x->identity.account), x->token, error);
}

pct_status pct_resource_password_change(pct_exchange *x, pct_error *error) {
    const pct_sign_in in = pct_resource_owner(x);
    pct_status status = pct_resource_refuse_token(x, error);
    if (status) return status;
    status = pct_accounts_change_password(x->service->accounts, &in, pct_exchange_text(x, "next"), x->token,
                                          error);
    pct_resource_owner_refused(x, status, error);
    if (status == PCT_INPUT) (void)snprintf(x->field, sizeof x->field, "next");
    return status;
}
