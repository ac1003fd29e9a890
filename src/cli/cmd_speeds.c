/* precinct speeds learn, speeds show: speeds by band, from the site's own tracks. Units are told apart while it learns and
 * named nowhere. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/under_way.h"
#include "road/learn.h"
#include "site/bands.h"
#include "track/track.h"

enum { UNITS_MAX = 1 << 20, WAYS_MAX = 1 << 24, TABLE_BYTES_MAX = 1 << 30 };

/* --- learning ----------------------------------------------------------------------------------------------------- */

typedef struct learning {
    pct_site site;
    pct_site_bands bands;
    pct_tracks *tracks;
    pct_vector units, under_way; /* of int64_t, of pct_under_way */
    pct_learner *learner;
    pct_matcher *matcher;
    pct_learnt learnt;
    pct_status failed;
    pct_error *error;
    const pct_cli *cli;
    int64_t unit;    /* whose track is read */
    uint32_t number; /* its place among the units */
} learning;

static void hear(void *context, const pct_match_leg *leg) {
    learning *l = context;
    bool responds = pct_under_way_covers(&l->under_way, l->unit, leg->from_ms, leg->to_ms);
    if (!l->failed)
        l->failed = pct_learner_add(l->learner, l->number, responds ? PCT_LEARNT_RESPONSE : PCT_LEARNT_PATROL,
                                    leg, l->error);
}

static bool take(void *context, const pct_track_point *point) {
    learning *l = context;
    pct_matcher_push(l->matcher, (pct_match_fix){point->at_ms, point->position});
    return !l->failed;
}

static pct_status open_tracks(learning *l, pct_error *error) {
    const pct_tracks_options options = {.folder = l->site.folder, .read_only = true};
    char path[PCT_PATH_MAX];
    struct stat info;
    pct_status status = pct_path_join(path, l->site.folder, PCT_TRACKS_FILE, error);
    if (!status && stat(path, &info) != 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_SPEEDS_NO_TRACKS, pct_str(l->site.folder));
    if (!status) status = pct_tracks_open(&options, &l->tracks, error);
    return status ? status : pct_tracks_list_units(l->tracks, &l->units, error);
}

static pct_status match_all(learning *l, pct_error *error) {
    const pct_match_sink sink = {hear, NULL, l};
    const pct_match_options options = {0};
    const int64_t *units = l->units.items;
    pct_status status = pct_learner_new(l->site.road, &l->bands.bands, &l->site.zone, &l->learner, error);
    if (!status) status = pct_matcher_new(l->site.road, &options, &sink, &l->matcher, error);
    for (size_t i = 0; i < l->units.length && !status; i++) {
        const pct_param progress[] = {pct_int((int64_t)i + 1), pct_int((int64_t)l->units.length)};
        pct_cli_progress(l->cli, PCT_MSG_SPEEDS_PROGRESS, progress, 2);
        l->unit = units[i];
        l->number = (uint32_t)i;
        status = pct_tracks_read(l->tracks, units[i], INT64_MIN, INT64_MAX, take, l, error);
        pct_matcher_finish(l->matcher);
        if (!status) status = l->failed;
    }
    return status ? status : pct_learner_finish(l->learner, &l->learnt, error);
}

static int by_place(const void *a, const void *b) {
    const pct_learnt_segment *p = a, *q = b;
    if (p->profile != q->profile) return p->profile < q->profile ? -1 : 1;
    if (p->band != q->band) return p->band < q->band ? -1 : 1;
    return (p->arc_segment > q->arc_segment) - (p->arc_segment < q->arc_segment);
}

static bool is_by_hand(pct_learnt_figure figure) {
    return figure.kmh > 0.0 && figure.basis.n == 0;
}

/* What was written by hand stays, and goes before what is learnt. */
static pct_status keep_by_hand(const pct_learnt *before, pct_learnt *learnt, pct_error *error) {
    pct_vector segments = pct_vector_init(sizeof(pct_learnt_segment), PCT_LEARNT_ROWS_MAX);
    pct_status status = PCT_OK;
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++)
        for (int b = 0; b < PCT_BANDS_MAX; b++)
            for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
                if (is_by_hand(before->classes[p][b][c])) learnt->classes[p][b][c] = before->classes[p][b][c];
    size_t i = 0, k = 0;
    while ((i < learnt->segment_count || k < before->segment_count) && !status) {
        int order = i == learnt->segment_count   ? 1
                    : k == before->segment_count ? -1
                                                 : by_place(&learnt->segments[i], &before->segments[k]);
        const pct_learnt_segment *next = order < 0 ? &learnt->segments[i] : &before->segments[k];
        bool by_hand = order >= 0 && is_by_hand(before->segments[k].figure);
        if (order == 0 && !by_hand) next = &learnt->segments[i];
        if (order <= 0) i++;
        if (order >= 0) k++;
        if (order > 0 && !by_hand) continue;
        pct_learnt_segment *room = pct_vector_push(&segments);
        if (room)
            *room = *next;
        else
            status = pct_vector_failed(&segments, PCT_MSG_WHAT_LEARNT_ROWS, error);
    }
    pct_learnt_dispose(learnt);
    learnt->segment_count = segments.length;
    learnt->segments = pct_vector_take(&segments);
    return status;
}

static size_t count_classes(const pct_learnt *learnt) {
    size_t count = 0;
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++)
        for (int b = 0; b < PCT_BANDS_MAX; b++)
            for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) count += learnt->classes[p][b][c].kmh > 0.0;
    return count;
}

static pct_status write_file(const learning *l, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_buffer text = pct_buffer_init(TABLE_BYTES_MAX);
    pct_status status =
        pct_learnt_write(&l->learnt, &l->bands.bands, pct_road_network(l->site.road), &text, error);
    if (!status) status = pct_path_join(path, l->site.folder, PCT_SITE_LEARNT_SPEEDS, error);
    if (!status) status = pct_file_replace(path, (pct_text){(const char *)text.bytes, text.length}, error);
    pct_buffer_dispose(&text);
    return status;
}

static void tell(pct_cli *cli, const learning *l, size_t classes) {
    const pct_match_counters counters = pct_matcher_counters(l->matcher);
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"units", l->units.length},
                   {"points", counters.positions},
                   {"unmatched_points", counters.unmatched},
                   {"drives", pct_learner_drives(l->learner)},
                   {"class_figures", classes},
                   {"segment_figures", l->learnt.segment_count}};
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_SPEEDS_LEARNT, pct_int((int64_t)counters.positions),
                pct_int((int64_t)pct_learner_drives(l->learner)), pct_int((int64_t)classes),
                pct_int((int64_t)l->learnt.segment_count), pct_str(PCT_SITE_LEARNT_SPEEDS));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pct_json_key(&json, numbers[i].key);
        pct_json_integer(&json, (int64_t)numbers[i].value);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status learn(pct_cli *cli, pct_error *error) {
    learning l = {.units = pct_vector_init(sizeof(int64_t), UNITS_MAX),
                  .under_way = pct_vector_init(sizeof(pct_under_way), WAYS_MAX),
                  .error = error,
                  .cli = cli};
    pct_status status = pct_site_open(cli->arguments[0], &l.site, error);
    if (!status) status = pct_site_open_road(&l.site, 0.0, error);
    if (!status) status = pct_site_bands_open(&l.site, &l.bands, error);
    if (!status) status = open_tracks(&l, error);
    if (!status) status = pct_under_way_read(l.site.folder, &l.under_way, error);
    if (!status) status = match_all(&l, error);
    if (!status) status = keep_by_hand(&l.bands.learnt, &l.learnt, error);
    size_t classes = count_classes(&l.learnt);
    if (!status && classes + l.learnt.segment_count == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_SPEEDS_TOO_FEW,
                          pct_int((int64_t)pct_learner_drives(l.learner)), pct_int(PCT_LEARN_CLASS_DRIVES),
                          pct_int(PCT_LEARNT_UNITS_MIN), pct_int(PCT_LEARNT_DAYS_MIN));
    if (!status) status = write_file(&l, error);
    if (!status) tell(cli, &l, classes);
    pct_learnt_dispose(&l.learnt);
    pct_learner_free(l.learner);
    pct_matcher_free(l.matcher);
    pct_tracks_close(l.tracks);
    pct_vector_dispose(&l.units);
    pct_vector_dispose(&l.under_way);
    pct_site_bands_dispose(&l.bands);
    pct_site_close(&l.site);
    return status;
}

const pct_cli_command pct_cmd_speeds_learn = {
    "speeds learn", "SITE", PCT_MSG_SPEEDS_LEARN_HELP, {{0}}, learn};

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void write_figure(pct_json_writer *json, pct_learnt_figure figure) {
    pct_json_begin_object(json);
    pct_json_key(json, "kmh");
    pct_json_real(json, figure.kmh, 1);
    pct_json_key(json, "n");
    pct_json_integer(json, figure.basis.n);
    pct_json_key(json, "units");
    pct_json_integer(json, figure.basis.units);
    pct_json_end_object(json);
}

static size_t segments_of(const pct_learnt *learnt, int profile, int band) {
    size_t count = 0;
    for (size_t i = 0; i < learnt->segment_count; i++)
        count += learnt->segments[i].profile == profile && learnt->segments[i].band == band;
    return count;
}

static void write_band(pct_json_writer *json, const pct_site_bands *bands, int profile, int band) {
    pct_json_begin_object(json);
    pct_json_key(json, "band");
    pct_json_string(json, bands->bands.items[band].code);
    pct_json_key(json, "name_zh");
    pct_json_string(json, bands->bands.items[band].name_zh);
    pct_json_key(json, "name_en");
    pct_json_string(json, bands->bands.items[band].name_en);
    pct_json_key(json, "hours");
    pct_json_integer(json, bands->bands.items[band].hours);
    pct_json_key(json, "segments");
    pct_json_integer(json, (int64_t)segments_of(&bands->learnt, profile, band));
    pct_json_key(json, "classes");
    pct_json_begin_object(json);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
        if (bands->learnt.classes[profile][band][c].kmh == 0.0) continue;
        pct_json_key(json, pct_road_class_name((pct_road_class)c));
        write_figure(json, bands->learnt.classes[profile][band][c]);
    }
    pct_json_end_object(json);
    pct_json_end_object(json);
}

static void write_json(pct_cli *cli, const pct_site_bands *bands) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "learnt");
    pct_json_bool(&json, bands->has_learnt);
    pct_json_key(&json, "missing");
    pct_json_integer(&json, (int64_t)bands->learnt.missing);
    pct_json_key(&json, "base_kmh");
    pct_json_begin_object(&json);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
        pct_json_key(&json, pct_road_class_name((pct_road_class)c));
        pct_json_real(&json, bands->base.kmh[c], 1);
    }
    pct_json_end_object(&json);
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++) {
        pct_json_key(&json, pct_learnt_profile_name((pct_learnt_profile)p));
        pct_json_begin_array(&json);
        for (int b = 0; b < bands->bands.count; b++) write_band(&json, bands, p, b);
        pct_json_end_array(&json);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

/* One line a band: what is driven on each class of which something is known, and how many drives say so. */
static void print_band(pct_cli *cli, const pct_site_bands *bands, int profile, int band) {
    const pct_band *b = &bands->bands.items[band];
    (void)pct_buffer_append_format(&cli->out, "%s\n", cli->language == PCT_ZH ? b->name_zh : b->name_en);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
        const pct_learnt_figure *figure = &bands->learnt.classes[profile][band][c];
        const char *name = pct_road_class_name((pct_road_class)c);
        if (figure->kmh == 0.0) continue;
        if (is_by_hand(*figure))
            PCT_SAY(cli, PCT_MSG_SPEEDS_BY_HAND, pct_str(name), pct_real(figure->kmh),
                    pct_real(bands->base.kmh[c]));
        else
            PCT_SAY(cli, PCT_MSG_SPEEDS_CLASS, pct_str(name), pct_real(figure->kmh), pct_int(figure->basis.n),
                    pct_int(figure->basis.units), pct_real(bands->base.kmh[c]));
    }
    PCT_SAY(cli, PCT_MSG_SPEEDS_SEGMENTS, pct_int((int64_t)segments_of(&bands->learnt, profile, band)));
}

static void print(pct_cli *cli, const pct_site_bands *bands) {
    static const pct_message titles[PCT_LEARNT_PROFILE_COUNT] = {PCT_MSG_SPEEDS_RESPONSE,
                                                                 PCT_MSG_SPEEDS_PATROL};
    if (!bands->has_learnt) pct_cli_say(cli, PCT_MSG_SPEEDS_NOTHING, NULL, 0);
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++) {
        bool titled = false;
        for (int b = 0; b < bands->bands.count; b++) {
            if (!pct_learnt_has(&bands->learnt, (pct_learnt_profile)p, b)) continue;
            if (!titled) pct_cli_say(cli, titles[p], NULL, 0);
            titled = true;
            print_band(cli, bands, p, b);
        }
    }
    if (bands->learnt.missing > 0)
        PCT_SAY(cli, PCT_MSG_SPEEDS_MISSING, pct_int((int64_t)bands->learnt.missing));
}

static pct_status show(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_site_bands bands = {0};
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_site_open_road(&site, 0.0, error);
    if (!status) status = pct_site_bands_open(&site, &bands, error);
    if (!status && cli->json)
        write_json(cli, &bands);
    else if (!status)
        print(cli, &bands);
    pct_site_bands_dispose(&bands);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_speeds_show = {"speeds show", "SITE", PCT_MSG_SPEEDS_SHOW_HELP, {{0}}, show};
