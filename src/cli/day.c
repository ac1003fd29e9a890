#include "cli/day.h"

#include <stdio.h>

#include "site/now.h"

int64_t pct_cli_today(const pct_zone *zone) {
    int32_t offset_s;
    pct_civil civil = pct_zone_to_local(zone, pct_wall_ms(), &offset_s);
    return pct_days_of_date(civil.year, civil.month, civil.day);
}

pct_status pct_cli_day(const pct_cli *cli, const char *option, const pct_zone *zone, int64_t *day,
                       pct_error *error) {
    const char *text = pct_cli_option(cli, option);
    char whole[40];
    pct_time time;
    *day = pct_cli_today(zone);
    if (text) {
        int length = snprintf(whole, sizeof whole, "%sT00:00", text);
        if (length >= (int)sizeof whole || !pct_time_parse(pct_text_of(whole), &time) || time.has_offset)
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str(option),
                            pct_phrase(PCT_MSG_EXPECTED_DAY), pct_str(text));
        *day = pct_days_of_date(time.civil.year, time.civil.month, time.civil.day);
    }
    return PCT_OK;
}

void pct_cli_day_text(int64_t day, char out[PCT_DAY_TEXT]) {
    pct_civil civil = pct_civil_of_ms(day * PCT_DAY_MS);
    (void)snprintf(out, PCT_DAY_TEXT, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
}
