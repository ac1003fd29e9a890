#include "town/office_trial.h"

#include <math.h>

static pct_status watch_office(const pct_audit_rules *rules, const pct_zone *zone,
                               const pct_town_office *office, pct_audit_watch **out, pct_error *error) {
    const pct_audit_options options = {.rules = rules, .zone = zone};
    pct_status status = pct_audit_watch_new(&options, out, error);
    for (size_t i = 0; i < office->event_count && !status; i++)
        status = pct_audit_watch_follow(*out, &office->events[i], error);
    if (!status && office->event_count > 0)
        status = pct_audit_watch_advance(
            *out, office->events[office->event_count - 1].recorded_at_ms + 86400000, error);
    return status;
}

static bool names_script(const pct_town_office *office, const pct_audit_flag *flag, int32_t script) {
    const pct_town_script *s = &office->scripts[script];
    if (flag->pattern != s->pattern || flag->actor != pct_audit_actor_of(s->actor)) return false;
    for (uint32_t i = 0; i < flag->seq_count; i++)
        if (office->script_of[flag->seqs[i] - 1] == script) return true;
    return false;
}

pct_status pct_town_trial_find(const pct_audit_rules *rules, const pct_town_office_options *options,
                               pct_town_trial *sum, pct_error *error) {
    pct_town_office *office = NULL;
    pct_audit_watch *watch = NULL;
    pct_zone zone = pct_zone_utc();
    pct_status status = pct_town_office_new(options, &office, error);
    if (!status) status = watch_office(rules, &zone, office, &watch, error);
    for (int32_t s = 0; !status && s < (int32_t)office->script_count; s++) {
        bool found = false;
        for (size_t i = 0; i < pct_audit_watch_flag_count(watch) && !found; i++)
            found = names_script(office, pct_audit_watch_flag_at(watch, i), s);
        sum->scripts[office->scripts[s].pattern]++;
        sum->flagged[office->scripts[s].pattern] += found;
    }
    pct_audit_watch_free(watch);
    pct_town_office_free(office);
    pct_zone_dispose(&zone);
    return status;
}

pct_status pct_town_trial_alarm(const pct_audit_rules *rules, const pct_town_office_options *options,
                                pct_town_trial *sum, pct_error *error) {
    pct_town_office_options honest = *options;
    pct_town_office *office = NULL;
    pct_audit_watch *watch = NULL;
    pct_zone zone = pct_zone_utc();
    honest.scripts = 0;
    pct_status status = pct_town_office_new(&honest, &office, error);
    if (!status) status = watch_office(rules, &zone, office, &watch, error);
    for (size_t i = 0; !status && i < pct_audit_watch_flag_count(watch); i++)
        sum->false_alarms[pct_audit_watch_flag_at(watch, i)->pattern]++;
    if (!status) sum->looks += (int64_t)office->looks, sum->events += (int64_t)office->event_count;
    pct_audit_watch_free(watch);
    pct_town_office_free(office);
    pct_zone_dispose(&zone);
    return status;
}

void pct_town_trial_interval(int64_t hits, int64_t of, double *low, double *high) {
    const double z = 1.959964;
    double n = of > 0 ? (double)of : 1.0, p = (double)hits / n, scale = 1.0 + z * z / n;
    double middle = p + z * z / (2.0 * n), reach = z * sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    *low = fmax(0.0, (middle - reach) / scale);
    *high = fmin(1.0, (middle + reach) / scale);
}
