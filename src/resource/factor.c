/* The second factor of who asks. To change it or to take it away takes the password again, and the code of the one in force: a browser that
 * was left alone gives nobody a key of his own. */
#include "access/factor.h"

#include "api_handlers.h"
#include "resource/session.h"

static pct_status check_owner(pct_exchange *x, pct_error *error) {
    const pct_sign_in in = pct_resource_owner(x);
    pct_status status = pct_accounts_confirm(x->service->accounts, &in, error);
    pct_resource_owner_refused(x, status, error);
    return status;
}

pct_status pct_resource_factor_begin(pct_exchange *x, pct_error *error) {
    char secret[PCT_TOTP_TEXT];
    pct_text account = pct_text_of(x->identity.account);
    pct_buffer uri = pct_buffer_init(PCT_FACTOR_URI_MAX);
    pct_status status = pct_resource_refuse_token(x, error);
    if (!status) status = check_owner(x, error);
    if (!status) status = pct_factor_begin(x->service->accounts, account, secret, error);
    if (!status) status = pct_totp_uri(secret, account, &uri);
    if (!status) {
        pct_json_writer json = pct_json_writer_init(&x->reply);
        pct_json_begin_object(&json);
        pct_json_key(&json, "secret");
        pct_json_string(&json, secret);
        pct_json_key(&json, "uri");
        pct_json_string(&json, pct_buffer_chars(&uri));
        pct_json_end_object(&json);
    }
    pct_buffer_dispose(&uri);
    return status;
}

pct_status pct_resource_factor_confirm(pct_exchange *x, pct_error *error) {
    pct_recovery recovery;
    pct_text code = pct_exchange_text(x, "code");
    pct_status status = pct_resource_refuse_token(x, error);
    if (!status && code.length == 0)
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_SIGN_IN_CODE_WRONG, NULL, 0);
    if (!status)
        status = pct_factor_confirm(x->service->accounts, pct_text_of(x->identity.account), code, x->wall_ms,
                                    &recovery, error);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "codes");
    pct_json_begin_array(&json);
    for (int i = 0; i < PCT_RECOVERY_CODES; i++) pct_json_string(&json, recovery.codes[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    return PCT_OK;
}

/* Not where the site keeps roles of this account back without: another one may take its place, none may not. */
static pct_status check_not_needed(pct_exchange *x, pct_error *error) {
    pct_identity whole = x->identity;
    pct_status status = pct_rights_fill(x->service->rights, &whole, error);
    if (!status && whole.roles & (pct_role_set)x->service->site->sign_in.code_roles)
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_FACTOR_NEEDED, NULL, 0);
    return status;
}

pct_status pct_resource_factor_remove(pct_exchange *x, pct_error *error) {
    bool on = false;
    pct_accounts *accounts = x->service->accounts;
    pct_text account = pct_text_of(x->identity.account);
    pct_status status = pct_resource_refuse_token(x, error);
    if (!status) status = pct_factor_is_on(accounts, account, &on, error);
    if (!status && !on) status = pct_error_set(error, PCT_REFUSED, PCT_MSG_FACTOR_NONE, NULL, 0);
    if (!status) status = check_not_needed(x, error);
    if (!status) status = check_owner(x, error);
    return status ? status : pct_factor_remove(accounts, account, error);
}
