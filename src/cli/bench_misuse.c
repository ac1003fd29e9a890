/* The misuse watch on generated command rooms: what share of scripted misuse it flags, how often it is mistaken, and what an event
 * costs. With the lines as they are shipped. */
#include <stdio.h>

#include "base/text.h"
#include "cli/bench.h"
#include "site/definition.h"
#include "town/office_trial.h"

enum { ROOMS = 10, SCRIPTS = 100, DAYS = 42, CALLS_A_DAY = 250 };

static pct_status read_shipped(pct_audit_rules *rules, pct_error *error) {
    const pct_definition *d = pct_definitions;
    while (d->name && !pct_text_equal(pct_text_of("misuse.csv"), d->name)) d++;
    return pct_audit_rules_read("misuse.csv", d->bytes, rules, error);
}

static int64_t sum_of(const int64_t numbers[PCT_AUDIT_PATTERN_COUNT]) {
    int64_t sum = 0;
    for (int p = 0; p < PCT_AUDIT_PATTERN_COUNT; p++) sum += numbers[p];
    return sum;
}

static void print_share(pct_bench *b, const char *name, double per, int64_t hits, int64_t of) {
    double low, high;
    pct_town_trial_interval(hits, of, &low, &high);
    const pct_bench_number numbers[] = {{"value", of ? (double)hits * per / (double)of : 0.0, 3},
                                        {"low", low * per, 3},
                                        {"high", high * per, 3},
                                        {"hits", (double)hits, 0},
                                        {"n", (double)of, 0}};
    pct_bench_line(b, name, per == 100.0 ? "%" : "per_1000_looks", numbers, sizeof numbers / sizeof *numbers);
}

static pct_status run_misuse(pct_bench *b, pct_error *error) {
    pct_audit_rules rules;
    pct_town_trial meant = {.looks = 0}, faint = {.looks = 0};
    pct_status status = read_shipped(&rules, error);
    double alarm_s = 0.0;
    for (uint64_t i = 0; i < ROOMS && !status; i++) {
        pct_town_office_options options = {PCT_TOWN_TRIAL_BENCH_SEED + i, DAYS, CALLS_A_DAY, SCRIPTS, 1.0};
        status = pct_town_trial_find(&rules, &options, &meant, error);
        options.strength = 0.5;
        if (!status) status = pct_town_trial_find(&rules, &options, &faint, error);
        double began_s = pct_cli_seconds();
        if (!status) status = pct_town_trial_alarm(&rules, &options, &meant, error);
        alarm_s += pct_cli_seconds() - began_s;
    }
    if (status) return status;
    print_share(b, "misuse_flagged", 100.0, sum_of(meant.flagged), sum_of(meant.scripts));
    print_share(b, "misuse_false_alarms", 1000.0, sum_of(meant.false_alarms), meant.looks);
    print_share(b, "misuse_flagged_half_as_much", 100.0, sum_of(faint.flagged), sum_of(faint.scripts));
    for (int p = 0; p < PCT_AUDIT_PATTERN_COUNT; p++) {
        char name[64];
        (void)snprintf(name, sizeof name, "misuse_flagged_%s", pct_audit_pattern_names[p]);
        print_share(b, name, 100.0, meant.flagged[p], meant.scripts[p]);
        (void)snprintf(name, sizeof name, "misuse_half_%s", pct_audit_pattern_names[p]);
        print_share(b, name, 100.0, faint.flagged[p], faint.scripts[p]);
        (void)snprintf(name, sizeof name, "misuse_false_alarms_%s", pct_audit_pattern_names[p]);
        print_share(b, name, 1000.0, meant.false_alarms[p], meant.looks);
    }
    const pct_bench_number cost[] = {{"median", alarm_s / (double)meant.events * 1e6, 3},
                                     {"n", (double)meant.events, 0}};
    pct_bench_line(b, "misuse_made_and_watched_event", "us", cost, sizeof cost / sizeof *cost);
    return PCT_OK;
}

const pct_bench_group pct_bench_misuse = {.name = "misuse", .run = run_misuse, .without_site = true};
