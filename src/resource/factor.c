/* The second factor of who asks. To change it takes the password again, and the code of the one in force: a browser that was left alone
 * gives nobody a key of his own. */
#include "access/factor.h"
#include "api_handlers.h"
#include "resource/session.h"

static pct_status refuse_token(pct_exchange *x, pct_error *error) {
    if (x->identity.signed_by != PCT_SIGNED_BY_TOKEN) return PCT_OK;
    x->status_code = 403;
    return pct_error_set(error, PCT_REFUSED, PCT_MSG_TOKEN_NOT_HERE, NULL, 0);
}

pct_status pct_resource_factor_begin(pct_exchange *x, pct_error *error) {
    char secret[PCT_TOTP_TEXT];
    pct_text account = pct_text_of(x->identity.account);
    pct_buffer uri = pct_buffer_init(PCT_FACTOR_URI_MAX);
    pct_sign_in in = pct_resource_sign_in(x);
    in.account = account;
    in.password = pct_exchange_text(x, "password");
    in.code = pct_exchange_text(x, "code");
    pct_status status = refuse_token(x, error);
    if (!status) {
        status = pct_accounts_confirm(x->service->accounts, &in, error);
        /* 401 is the end of a session to a console: here only the password was wrong. */
        pct_resource_session_refused(x, status, error);
        if (x->status_code == 401) x->status_code = 403;
    }
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
    pct_status status = refuse_token(x, error);
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
