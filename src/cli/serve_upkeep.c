#include "cli/serve_upkeep.h"

#include "site/reserve.h"

static const double every_s = 60.0;

static void say(const pct_serve_upkeep *u, pct_message message) {
    const pct_param params[] = {pct_str(u->folder), pct_int(PCT_RESERVE_BYTES >> 20)};
    pct_cli_warn(u->cli, message, params, sizeof params / sizeof *params);
}

void pct_serve_upkeep_begin(const pct_cli *cli, const char *site_folder, pct_service *service,
                            pct_serve_upkeep *out) {
    *out = (pct_serve_upkeep){.cli = cli, .folder = site_folder, .service = service};
    if (!pct_reserve_is_needed(site_folder)) return;
    out->gave_up = pct_reserve_give_up(site_folder);
    say(out, out->gave_up ? PCT_MSG_SERVE_RESERVE_GIVEN_UP : PCT_MSG_SERVE_RESERVE_NONE);
}

void pct_serve_upkeep_step(pct_serve_upkeep *u) {
    double now_s = pct_cli_seconds();
    if (now_s < u->next_s) return;
    u->next_s = now_s + every_s;
    bool made = pct_reserve_keep(u->folder);
    if (made && u->gave_up) say(u, PCT_MSG_SERVE_RESERVE_BACK);
    if (made) u->gave_up = false;
    /* Nobody signs in with an ended one, whether or not it can be destroyed now. */
    (void)!pct_accounts_end_expired(u->service->accounts, u->service->wall_ms(), NULL);
}
