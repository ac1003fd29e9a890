/* precinct place search: the gazetteer's answer to a text. */
#include <math.h>

#include "cli/command.h"
#include "site/site.h"

enum { LIMIT_BY_DEFAULT = 10 };

static void write_hit(pct_json_writer *json, const pct_place_hit *hit) {
    pct_buffer label = pct_buffer_init(1 << 16);
    (void)pct_place_hit_label(hit, &label);
    pct_json_begin_object(json);
    pct_json_key(json, "name");
    pct_json_string(json, pct_buffer_chars(&label));
    pct_json_key(json, "name_en");
    pct_json_text(json, hit->name_en);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_place_kind_name(hit->kind));
    pct_json_key(json, "category");
    pct_json_text(json, hit->category);
    pct_json_key(json, "match");
    pct_json_string(json, pct_place_match_name(hit->match));
    pct_json_key(json, "lon");
    pct_json_real(json, pct_position_lon_deg(hit->position), 7);
    pct_json_key(json, "lat");
    pct_json_real(json, pct_position_lat_deg(hit->position), 7);
    pct_json_key(json, "distance_m");
    pct_json_real(json, hit->distance_m, 1);
    if (hit->kind == PCT_PLACE_ADDRESS) {
        pct_json_key(json, "house_number");
        pct_json_string(json, hit->house_number);
        pct_json_key(json, "interpolated");
        pct_json_bool(json, hit->interpolated);
    }
    pct_json_key(json, "dwelling");
    pct_json_string(json, pct_dwelling_name(hit->dwelling));
    pct_json_end_object(json);
    pct_buffer_dispose(&label);
}

static void write_json(pct_cli *cli, const pct_place_hit *hits, size_t count) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "hits");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) write_hit(&json, &hits[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_message kind_phrase(pct_place_kind kind) {
    static const pct_message phrases[PCT_PLACE_KIND_COUNT] = {
        [PCT_PLACE_STREET] = PCT_MSG_PLACE_KIND_STREET,   [PCT_PLACE_PLACE] = PCT_MSG_PLACE_KIND_PLACE,
        [PCT_PLACE_AREA] = PCT_MSG_PLACE_KIND_AREA,       [PCT_PLACE_CROSSING] = PCT_MSG_PLACE_KIND_CROSSING,
        [PCT_PLACE_ADDRESS] = PCT_MSG_PLACE_KIND_ADDRESS, [PCT_PLACE_POSITION] = PCT_MSG_PLACE_KIND_POSITION};
    return phrases[kind];
}

static void print(pct_cli *cli, const pct_place_hit *hits, size_t count) {
    for (size_t i = 0; i < count; i++) {
        pct_buffer label = pct_buffer_init(1 << 16);
        (void)pct_place_hit_label(&hits[i], &label);
        pct_param name = pct_str(pct_buffer_chars(&label)), kind = pct_phrase(kind_phrase(hits[i].kind));
        pct_param lon = pct_real(pct_position_lon_deg(hits[i].position)),
                  lat = pct_real(pct_position_lat_deg(hits[i].position));
        if (isnan(hits[i].distance_m))
            PCT_SAY(cli, PCT_MSG_PLACE_HIT, name, kind, lon, lat);
        else
            PCT_SAY(cli, PCT_MSG_PLACE_HIT_FAR, name, kind, lon, lat, pct_int((int64_t)hits[i].distance_m));
        pct_buffer_dispose(&label);
    }
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_gazetteer_scratch *scratch = NULL;
    pct_place_hit hits[PCT_PLACE_HITS_MAX];
    pct_position near;
    int64_t limit = LIMIT_BY_DEFAULT;
    size_t count = 0;
    const char *text = cli->arguments[1], *near_text = pct_cli_option(cli, "--near");
    if (near_text && !pct_position_from_text(pct_text_of(near_text), &near))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str("--near"), pct_str("lon,lat"),
                        pct_str(near_text));
    pct_status status = pct_cli_integer(cli, "--limit", 1, PCT_PLACE_HITS_MAX, &limit, error);
    if (!status) status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_site_open_gazetteer(&site, error);
    if (!status) status = pct_gazetteer_scratch_new(site.gazetteer, &scratch, error);
    pct_place_query query = {pct_text_of(text), near_text ? &near : NULL, (size_t)limit};
    if (!status) status = pct_gazetteer_search(site.gazetteer, scratch, &query, hits, &count, error);
    if (!status && cli->json) write_json(cli, hits, count);
    if (!status && !cli->json) print(cli, hits, count);
    if (!status && count == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_PLACE_NONE_FOUND, pct_str(text));
    pct_gazetteer_scratch_free(scratch);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_place_search = {"place search",
                                              "SITE TEXT",
                                              PCT_MSG_PLACE_SEARCH_HELP,
                                              {{"--near", "LON,LAT", PCT_MSG_PLACE_SEARCH_NEAR, false},
                                               {"--limit", "N", PCT_MSG_PLACE_SEARCH_LIMIT, false}},
                                              run};
