#include "cli/serve_tls.h"

#include <stdio.h>

static void tell_end(const pct_cli *cli, pct_service *service, pct_tls *tls) {
    enum { DAY_S = 86400 };
    const pct_tls_view view = pct_tls_look(tls);
    const int64_t left_s = view.expires_s - service->wall_ms() / 1000;
    const pct_param params[] = {pct_str(view.certificate), pct_int(left_s / DAY_S)};
    atomic_store(&service->counters.tls_expires_s, view.expires_s);
    if (left_s <= 0)
        pct_cli_warn(cli, PCT_MSG_TLS_EXPIRED, params, 1);
    else if (left_s < (int64_t)PCT_TLS_SOON_DAYS * DAY_S)
        pct_cli_warn(cli, PCT_MSG_TLS_EXPIRES, params, 2);
}

pct_status pct_serve_tls_open(const pct_cli *cli, pct_service *service, pct_tls **out, pct_error *error) {
    const char *certificate = pct_cli_option(cli, "--tls-cert"), *key = pct_cli_option(cli, "--tls-key");
    *out = NULL;
    if (!certificate && !key) return PCT_OK;
    if (!certificate || !key) return pct_error_set(error, PCT_MISUSE, PCT_MSG_SERVE_TLS_BOTH, NULL, 0);
    pct_status status = pct_tls_new(certificate, key, out, error);
    if (!status) tell_end(cli, service, *out);
    return status;
}

void pct_serve_tls_again(const pct_cli *cli, pct_service *service, pct_tls *tls) {
    pct_error error;
    if (pct_tls_reload(tls, &error) != PCT_OK) {
        pct_buffer why = pct_buffer_init(1 << 12);
        pct_cli_warn(cli, PCT_MSG_TLS_KEPT, NULL, 0);
        (void)pct_error_render(&error, cli->language, &why);
        (void)fprintf(stderr, "precinct: %s\n", pct_buffer_chars(&why));
        pct_buffer_dispose(&why);
        return;
    }
    const pct_param params[] = {pct_str(pct_tls_look(tls).certificate)};
    pct_cli_warn(cli, PCT_MSG_TLS_RELOADED, params, 1);
    tell_end(cli, service, tls);
}
