#include "cli/serve_upkeep.h"

#include "desk/tracks_told.h"
#include "site/reserve.h"

enum { DAYS_MAX = 40 }; /* told at once */

static const double every_s = 60.0, forget_every_s = 2.0;

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

/* Day by day; what cannot be told now is told a minute later. */
static void tell_tracks(const pct_service *service, pct_tracks_class class, pct_track_class name) {
    pct_tracks_destroyed day;
    bool found = true;
    for (int i = 0; i < DAYS_MAX && found; i++) {
        int64_t seq;
        if (pct_tracks_untold(service->tracks, class, &day, &found, NULL) != PCT_OK || !found) return;
        const pct_event_tracks_thinned told = {.class = name, .rows = day.rows, .until = day.until_ms};
        if (pct_desk_tell_tracks(service->desk, &told, &seq, NULL) != PCT_OK) return;
        pct_tracks_told(service->tracks, class, day.until_ms);
    }
}

void pct_serve_upkeep_step(pct_serve_upkeep *u) {
    double now_s = pct_cli_seconds();
    if (now_s >= u->forget_s) {
        u->forget_s = now_s + forget_every_s;
        (void)pthread_mutex_lock(&u->service->reading);
        pct_store_forget_pages(u->service->reader);
        (void)pthread_mutex_unlock(&u->service->reading);
    }
    if (now_s < u->next_s) return;
    u->next_s = now_s + every_s;
    bool made = pct_reserve_keep(u->folder);
    if (made && u->gave_up) say(u, PCT_MSG_SERVE_RESERVE_BACK);
    if (made) u->gave_up = false;
    /* Nobody signs in with an ended one, whether or not it can be destroyed now. */
    (void)!pct_accounts_end_expired(u->service->accounts, u->service->wall_ms(), NULL);
    tell_tracks(u->service, PCT_TRACKS_RAW, PCT_TRACK_CLASS_RAW);
    tell_tracks(u->service, PCT_TRACKS_THINNED, PCT_TRACK_CLASS_THINNED);
}
