#include "cli/at.h"

#include "base/text.h"
#include "site/bands.h"

pct_status pct_cli_take_band(const pct_cli *cli, pct_site *site, pct_error *error) {
    const char *text = pct_cli_option(cli, "--at");
    int64_t at_ms;
    if (!text) return PCT_OK;
    if (!pct_zone_parse(&site->zone, pct_text_trim(pct_text_of(text)), &at_ms, NULL))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--at"),
                        pct_phrase(PCT_MSG_EXPECTED_TRACK_TIME), pct_str(text));
    return pct_site_take_band(site, at_ms, error);
}
