#include "cli/profile.h"

#include "cli/at.h"

pct_status pct_cli_open_road(const pct_cli *cli, pct_site *site, double speed_kmh, const pct_road **out,
                             pct_error *error) {
    const char *name = pct_cli_option(cli, "--profile");
    pct_profile profile = name ? pct_profile_of(pct_text_of(name)) : PCT_PROFILE_RESPONSE;
    if (profile == PCT_PROFILE_COUNT)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PROFILE_UNKNOWN, pct_str(name));
    pct_status status = pct_site_open_road(site, speed_kmh, error);
    if (!status && profile == PCT_PROFILE_PATROL) status = pct_site_open_patrol(site, speed_kmh, error);
    if (!status) status = pct_cli_take_band(cli, site, error);
    *out = profile == PCT_PROFILE_PATROL ? site->patrol : site->road;
    return status;
}
