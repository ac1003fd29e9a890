/* precinct match: the roads that a track was driven on. */
#include <math.h>

#include "cli/command.h"
#include "cli/track_file.h"
#include "road/match.h"
#include "site/site.h"

enum { FIXES_MAX = 1 << 24, LEGS_MAX = 1 << 24, MS_PER_S = 1000 };

typedef struct heard {
    pct_vector legs;   /* of pct_match_leg */
    pct_vector misses; /* of pct_match_miss */
    bool failed;
} heard;

static void hear_leg(void *context, const pct_match_leg *leg) {
    heard *h = context;
    pct_match_leg *room = pct_vector_push(&h->legs);
    if (room)
        *room = *leg;
    else
        h->failed = true;
}

static void hear_miss(void *context, const pct_match_miss *miss) {
    heard *h = context;
    pct_match_miss *room = pct_vector_push(&h->misses);
    if (room)
        *room = *miss;
    else
        h->failed = true;
}

static const char *reason_name(pct_match_reason reason) {
    static const char *const names[] = {[PCT_MATCH_FAR] = "far",
                                        [PCT_MATCH_OUTLIER] = "outlier",
                                        [PCT_MATCH_ALONE] = "alone",
                                        [PCT_MATCH_LATE] = "late"};
    return names[reason];
}

static pct_message reason_phrase(pct_match_reason reason) {
    static const pct_message phrases[] = {[PCT_MATCH_FAR] = PCT_MSG_MATCH_FAR,
                                          [PCT_MATCH_OUTLIER] = PCT_MSG_MATCH_OUTLIER,
                                          [PCT_MATCH_ALONE] = PCT_MSG_MATCH_ALONE,
                                          [PCT_MATCH_LATE] = PCT_MSG_MATCH_LATE};
    return phrases[reason];
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void write_time(pct_json_writer *json, const char *key, const pct_zone *zone, int64_t at_ms) {
    pct_buffer text = pct_buffer_init(64);
    (void)pct_zone_format(zone, at_ms, &text);
    pct_json_key(json, key);
    pct_json_string(json, pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
}

static void write_node(pct_json_writer *json, const char *key, const pct_network *net, uint32_t node) {
    pct_json_key(json, key);
    if (net->has_text_ids)
        pct_json_text(json, pct_network_name(net, (uint32_t)net->node_source[node]));
    else
        pct_json_integer(json, net->node_source[node]);
}

static void write_real(pct_json_writer *json, const char *key, double value, int decimals) {
    pct_json_key(json, key);
    pct_json_real(json, value, decimals);
}

static uint32_t length_of(const pct_match_leg *leg) {
    return leg->from_mm > leg->to_mm ? leg->from_mm - leg->to_mm : leg->to_mm - leg->from_mm;
}

static void write_leg(pct_json_writer *json, const pct_site *site, const pct_match_leg *leg) {
    const pct_network *net = pct_road_network(site->road);
    const pct_segment *s = &net->segments[leg->segment];
    pct_json_begin_object(json);
    pct_json_key(json, "way");
    pct_json_integer(json, s->way);
    write_node(json, "from_node", net, leg->backward ? s->head : s->tail);
    write_node(json, "to_node", net, leg->backward ? s->tail : s->head);
    pct_json_key(json, "name");
    pct_json_text(json, pct_network_name(net, s->name));
    pct_json_key(json, "class");
    pct_json_string(json, pct_road_class_name((pct_road_class)s->road_class));
    write_time(json, "from_time", &site->zone, leg->from_ms);
    write_time(json, "to_time", &site->zone, leg->to_ms);
    write_real(json, "distance_m", length_of(leg) / 1000.0, 1);
    write_real(json, "segment_m", s->length_mm / 1000.0, 1);
    write_real(json, "stood_s", leg->stood_ms / (double)MS_PER_S, 1);
    pct_json_key(json, "part");
    pct_json_integer(json, leg->chain);
    pct_json_end_object(json);
}

static void write_miss(pct_json_writer *json, const pct_site *site, const pct_match_miss *miss) {
    pct_json_begin_object(json);
    write_time(json, "time", &site->zone, miss->fix.at_ms);
    pct_json_key(json, "reason");
    pct_json_string(json, reason_name(miss->reason));
    pct_json_key(json, "distance_m");
    if (isinf(miss->distance_m))
        pct_json_null(json);
    else
        pct_json_real(json, miss->distance_m, 1);
    pct_json_end_object(json);
}

static void write_json(pct_cli *cli, const pct_site *site, const heard *h,
                       const pct_match_counters *counters) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    const pct_match_leg *legs = h->legs.items;
    const pct_match_miss *misses = h->misses.items;
    pct_json_begin_object(&json);
    pct_json_key(&json, "segments");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < h->legs.length; i++) write_leg(&json, site, &legs[i]);
    pct_json_end_array(&json);
    write_real(&json, "distance_m", (double)counters->distance_mm / 1000.0, 1);
    pct_json_key(&json, "points");
    pct_json_integer(&json, (int64_t)counters->positions);
    pct_json_key(&json, "unmatched_points");
    pct_json_integer(&json, (int64_t)counters->unmatched);
    pct_json_key(&json, "unmatched");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < h->misses.length; i++) write_miss(&json, site, &misses[i]);
    pct_json_end_array(&json);
    pct_json_key(&json, "gaps");
    pct_json_integer(&json, (int64_t)counters->gaps);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

/* --- words -------------------------------------------------------------------------------------------------------- */

static void print_miss(pct_cli *cli, const pct_site *site, const pct_match_miss *miss) {
    pct_buffer time = pct_buffer_init(64);
    (void)pct_zone_format(&site->zone, miss->fix.at_ms, &time);
    pct_param at = pct_str(pct_buffer_chars(&time)), why = pct_phrase(reason_phrase(miss->reason));
    if (isinf(miss->distance_m))
        PCT_SAY(cli, PCT_MSG_MATCH_MISS_OFF, at, why, pct_real(PCT_MATCH_LOOK_M));
    else
        PCT_SAY(cli, PCT_MSG_MATCH_MISS, at, why, pct_real(round(miss->distance_m)));
    pct_buffer_dispose(&time);
}

/* Stretches of one name are one line. */
static void print(pct_cli *cli, const pct_site *site, const heard *h, const pct_match_counters *counters) {
    const pct_network *net = pct_road_network(site->road);
    const pct_match_leg *legs = h->legs.items;
    const pct_match_miss *misses = h->misses.items;
    for (size_t i = 0, end; i < h->legs.length; i = end) {
        uint32_t name = net->segments[legs[i].segment].name;
        uint64_t length_mm = 0;
        pct_buffer time = pct_buffer_init(64);
        for (end = i; end < h->legs.length && legs[end].chain == legs[i].chain &&
                      net->segments[legs[end].segment].name == name;
             end++)
            length_mm += length_of(&legs[end]);
        (void)pct_zone_format(&site->zone, legs[i].from_ms / MS_PER_S * MS_PER_S, &time);
        pct_text text = pct_network_name(net, name);
        (void)pct_buffer_append_format(&cli->out, "%s  %7llu m  %.*s\n", pct_buffer_chars(&time),
                                       (unsigned long long)(length_mm / 1000), (int)text.length, text.chars);
        pct_buffer_dispose(&time);
    }
    for (size_t i = 0; i < h->misses.length; i++) print_miss(cli, site, &misses[i]);
    PCT_SAY(cli, PCT_MSG_MATCH_SUMMARY, pct_real((double)(counters->distance_mm / 10000) / 100.0),
            pct_int((int64_t)h->legs.length), pct_int((int64_t)counters->positions),
            pct_int((int64_t)counters->unmatched), pct_int((int64_t)counters->gaps));
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static pct_status match(pct_cli *cli, const pct_site *site, const pct_vector *fixes,
                        const pct_match_options *options, heard *h, pct_error *error) {
    const pct_match_sink sink = {hear_leg, hear_miss, h};
    const pct_match_fix *fix = fixes->items;
    pct_matcher *matcher;
    pct_status status = pct_matcher_new(site->road, options, &sink, &matcher, error);
    if (status) return status;
    for (size_t i = 0; i < fixes->length; i++) pct_matcher_push(matcher, fix[i]);
    pct_matcher_finish(matcher);
    const pct_match_counters counters = pct_matcher_counters(matcher);
    pct_matcher_free(matcher);
    if (h->failed) return pct_error_memory(error, h->legs.length * sizeof(pct_match_leg));
    if (cli->json)
        write_json(cli, site, h, &counters);
    else
        print(cli, site, h, &counters);
    return counters.legs > 0 ? PCT_OK : pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_MATCH_NOTHING, NULL, 0);
}

static pct_status run(pct_cli *cli, pct_error *error) {
    const char *file = pct_cli_option(cli, "--track");
    pct_site site = {0};
    pct_mapped_file mapped = {{"", 0}, NULL};
    pct_match_options options = {0};
    pct_vector fixes = pct_vector_init(sizeof(pct_match_fix), FIXES_MAX);
    heard h = {pct_vector_init(sizeof(pct_match_leg), LEGS_MAX),
               pct_vector_init(sizeof(pct_match_miss), FIXES_MAX), false};
    pct_status status = pct_cli_real(cli, "--sigma", 1.0, 50.0, &options.sigma_m, error);
    if (!status) status = pct_cli_real(cli, "--radius", 5.0, 200.0, &options.radius_m, error);
    if (!status) status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_file_map(file, &mapped, error);
    if (!status) status = pct_track_file_read(file, mapped.bytes, &site.zone, &fixes, error);
    if (!status) status = pct_site_open_road(&site, 0.0, error);
    if (!status) status = match(cli, &site, &fixes, &options, &h, error);
    pct_vector_dispose(&h.legs);
    pct_vector_dispose(&h.misses);
    pct_vector_dispose(&fixes);
    pct_file_unmap(&mapped);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_match = {"match",
                                       "SITE",
                                       PCT_MSG_MATCH_HELP,
                                       {{"--track", "FILE", PCT_MSG_MATCH_TRACK, true},
                                        {"--sigma", "M", PCT_MSG_MATCH_SIGMA, false},
                                        {"--radius", "M", PCT_MSG_MATCH_RADIUS, false}},
                                       run};
