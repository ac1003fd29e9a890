#include "road/learnt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"
#include "base/text.h"
#include "road/closed.h"

enum { DATE_LENGTH = 10, KMH_DIGITS = 1 };
static const double kmh_min = 1.0, kmh_max = 300.0, kmh_per_mps = 3.6;

static const char *const profile_names[PCT_LEARNT_PROFILE_COUNT] = {
#define X(name, text) text,
    PCT_LEARNT_PROFILES(X)
#undef X
};

const char *pct_learnt_profile_name(pct_learnt_profile profile) {
    return profile_names[profile];
}

pct_learnt_profile pct_learnt_profile_of(pct_profile profile) {
    return profile == PCT_PROFILE_PATROL ? PCT_LEARNT_PATROL : PCT_LEARNT_RESPONSE;
}

bool pct_learnt_suffices(pct_learnt_basis basis) {
    return basis.units >= PCT_LEARNT_UNITS_MIN || basis.until_day - basis.since_day >= PCT_LEARNT_DAYS_MIN;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct columns {
    int road_class, way, from, to, band, profile, kmh, n, units, since, until;
} columns;

typedef struct reading {
    const pct_csv *csv;
    const columns *columns;
    const pct_bands *bands;
    const pct_road *road;
    pct_learnt *learnt;
    pct_vector segments; /* of pct_learnt_segment */
} reading;

static pct_status find_columns(const pct_csv *csv, columns *c, pct_error *error) {
    struct {
        const char *name;
        int *column;
    } const wanted[] = {{"class", &c->road_class}, {"way", &c->way},    {"from_node", &c->from},
                        {"to_node", &c->to},       {"band", &c->band},  {"profile", &c->profile},
                        {"kmh", &c->kmh},          {"n", &c->n},        {"units", &c->units},
                        {"since", &c->since},      {"until", &c->until}};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !status; i++)
        status = pct_csv_column(csv, wanted[i].name, wanted[i].column, error);
    return status;
}

static bool is_empty(const pct_csv *csv, int column) {
    return pct_text_trim(pct_csv_text(csv, column)).length == 0;
}

static pct_status read_day(const pct_csv *csv, int column, int32_t *out, pct_error *error) {
    pct_text text = pct_text_trim(pct_csv_text(csv, column));
    char whole[DATE_LENGTH + 6];
    pct_time time;
    bool good = text.length == DATE_LENGTH;
    if (good) {
        memcpy(whole, text.chars, DATE_LENGTH);
        memcpy(whole + DATE_LENGTH, "T00:00", 6);
        good = pct_time_parse((pct_text){whole, sizeof whole}, &time);
    }
    if (!good) return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_DATE, error);
    *out = (int32_t)pct_days_of_date(time.civil.year, time.civil.month, time.civil.day);
    return PCT_OK;
}

static pct_status read_basis(const pct_csv *csv, const columns *c, pct_learnt_basis *out, pct_error *error) {
    int64_t n, units;
    *out = (pct_learnt_basis){0};
    if (is_empty(csv, c->n) && is_empty(csv, c->units) && is_empty(csv, c->since) && is_empty(csv, c->until))
        return PCT_OK;
    pct_status status = pct_csv_integer(csv, c->n, 1, UINT32_MAX, &n, error);
    if (!status) status = pct_csv_integer(csv, c->units, 1, n, &units, error);
    if (!status) status = read_day(csv, c->since, &out->since_day, error);
    if (!status) status = read_day(csv, c->until, &out->until_day, error);
    if (status) return status;
    out->n = (uint32_t)n;
    out->units = (uint32_t)units;
    if (out->until_day < out->since_day)
        return pct_csv_unexpected(csv, c->until, PCT_MSG_EXPECTED_LEARNT_UNTIL, error);
    if (!pct_learnt_suffices(*out))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEARNT_TOO_FEW, pct_str(csv->file), pct_int(csv->line),
                        pct_int(units), pct_int(out->until_day - out->since_day),
                        pct_int(PCT_LEARNT_UNITS_MIN), pct_int(PCT_LEARNT_DAYS_MIN));
    return PCT_OK;
}

static pct_status read_profile(const pct_csv *csv, int column, int *out, pct_error *error) {
    for (*out = 0; *out < PCT_LEARNT_PROFILE_COUNT; ++*out)
        if (pct_text_equal(pct_text_trim(pct_csv_text(csv, column)), profile_names[*out])) return PCT_OK;
    return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_LEARNT_PROFILE, error);
}

/* Twice the number of the segment, plus one when it is driven backward; PCT_NO_INDEX when the map has none. */
static uint32_t find_segment(const pct_road *road, int64_t way, pct_text from, pct_text to) {
    const pct_network *net = &road->network;
    pct_node a = pct_network_node_by_id(net, from), b = pct_network_node_by_id(net, to);
    uint32_t segment;
    if (a.index == PCT_NO_INDEX || b.index == PCT_NO_INDEX) return PCT_NO_INDEX;
    pct_road_ref ref = {way, net->node_source[a.index], net->node_source[b.index]};
    if (pct_closed_find_named(road, ref, &segment) != PCT_OK) return PCT_NO_INDEX;
    return segment * 2 + (net->segments[segment].tail != a.index);
}

static pct_status take_segment(reading *r, int band, int profile, pct_learnt_figure figure,
                               pct_error *error) {
    const columns *c = r->columns;
    int64_t way;
    pct_status status = pct_csv_integer(r->csv, c->way, INT64_MIN, INT64_MAX, &way, error);
    if (status) return status;
    uint32_t found = find_segment(r->road, way, pct_text_trim(pct_csv_text(r->csv, c->from)),
                                  pct_text_trim(pct_csv_text(r->csv, c->to)));
    if (found == PCT_NO_INDEX) {
        r->learnt->missing++;
        return PCT_OK;
    }
    pct_learnt_segment *room = pct_vector_push(&r->segments);
    if (!room) return pct_vector_failed(&r->segments, PCT_MSG_WHAT_LEARNT_ROWS, error);
    *room = (pct_learnt_segment){found, (uint8_t)band, (uint8_t)profile, figure};
    return PCT_OK;
}

static pct_status take_class(reading *r, int band, int profile, pct_learnt_figure figure, pct_error *error) {
    int column = r->columns->road_class;
    pct_road_class road_class = pct_road_class_of(pct_text_trim(pct_csv_text(r->csv, column)));
    if (road_class == PCT_ROAD_CLASS_COUNT)
        return pct_csv_unexpected(r->csv, column, PCT_MSG_EXPECTED_ROAD_CLASS, error);
    if (r->learnt->classes[profile][band][road_class].kmh > 0.0)
        return pct_csv_unexpected(r->csv, column, PCT_MSG_EXPECTED_LEARNT_ONCE, error);
    r->learnt->classes[profile][band][road_class] = figure;
    return PCT_OK;
}

static pct_status take_row(reading *r, pct_error *error) {
    const columns *c = r->columns;
    pct_learnt_figure figure;
    int profile, band = pct_bands_named(r->bands, pct_text_trim(pct_csv_text(r->csv, c->band)));
    bool has_class = !is_empty(r->csv, c->road_class), has_way = !is_empty(r->csv, c->way);
    if (has_class == has_way)
        return pct_csv_unexpected(r->csv, c->road_class, PCT_MSG_EXPECTED_CLASS_OR_WAY, error);
    if (band < 0) return pct_csv_unexpected(r->csv, c->band, PCT_MSG_EXPECTED_BAND, error);
    pct_status status = read_profile(r->csv, c->profile, &profile, error);
    if (!status) status = pct_csv_real(r->csv, c->kmh, kmh_min, kmh_max, &figure.kmh, error);
    if (!status) status = read_basis(r->csv, c, &figure.basis, error);
    if (status) return status;
    return has_class ? take_class(r, band, profile, figure, error)
                     : take_segment(r, band, profile, figure, error);
}

static int compare_places(const pct_learnt_segment *a, const pct_learnt_segment *b) {
    if (a->profile != b->profile) return a->profile < b->profile ? -1 : 1;
    if (a->band != b->band) return a->band < b->band ? -1 : 1;
    return a->arc_segment < b->arc_segment ? -1 : a->arc_segment > b->arc_segment;
}

static int by_place(const void *a, const void *b) {
    return compare_places(a, b);
}

static pct_status check_once(const reading *r, pct_error *error) {
    const pct_learnt_segment *s = r->segments.items;
    for (size_t i = 1; i < r->segments.length; i++)
        if (compare_places(&s[i - 1], &s[i]) == 0) {
            pct_road_ref ref = pct_closed_ref(&r->road->network, s[i].arc_segment >> 1, s[i].arc_segment & 1);
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEARNT_TWICE, pct_str(r->csv->file), pct_int(ref.way),
                            pct_str(r->bands->items[s[i].band].code));
        }
    return PCT_OK;
}

pct_status pct_learnt_read(const char *file, pct_text bytes, const pct_bands *bands, const pct_road *road,
                           pct_learnt *out, pct_error *error) {
    pct_csv csv;
    columns c;
    reading r = {&csv, &c,  bands,
                 road, out, pct_vector_init(sizeof(pct_learnt_segment), PCT_LEARNT_ROWS_MAX)};
    *out = (pct_learnt){.segments = NULL};
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    status = find_columns(&csv, &c, error);
    for (bool more = true; !status;) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        status = take_row(&r, error);
    }
    if (r.segments.length > 0)
        qsort(r.segments.items, r.segments.length, sizeof(pct_learnt_segment), by_place);
    if (!status) status = check_once(&r, error);
    pct_csv_close(&csv);
    out->segment_count = r.segments.length;
    out->segments = pct_vector_take(&r.segments);
    if (status) pct_learnt_dispose(out);
    return status;
}

void pct_learnt_dispose(pct_learnt *learnt) {
    pct_free(learnt->segments);
    learnt->segments = NULL;
    learnt->segment_count = 0;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void write_day(int32_t day, pct_buffer *out) {
    pct_civil civil = pct_civil_of_ms(day * PCT_DAY_MS);
    (void)pct_buffer_append_format(out, "%04d-%02d-%02d", (int)civil.year, civil.month, civil.day);
}

static void write_rest(const pct_bands *bands, int band, int profile, pct_learnt_figure figure,
                       pct_buffer *out) {
    (void)pct_buffer_append_format(out, "%s,%s,%.*f,", bands->items[band].code, profile_names[profile],
                                   KMH_DIGITS, figure.kmh);
    if (figure.basis.n == 0) {
        (void)pct_buffer_append_text(out, ",,,\n");
        return;
    }
    (void)pct_buffer_append_format(out, "%u,%u,", figure.basis.n, figure.basis.units);
    write_day(figure.basis.since_day, out);
    (void)pct_buffer_append_byte(out, ',');
    write_day(figure.basis.until_day, out);
    (void)pct_buffer_append_byte(out, '\n');
}

static void write_node(const pct_network *network, uint32_t node, pct_buffer *out) {
    int64_t source = network->node_source[node];
    if (!network->has_text_ids) {
        (void)pct_buffer_append_format(out, "%lld,", (long long)source);
        return;
    }
    pct_text text = pct_network_name(network, (uint32_t)source);
    (void)pct_buffer_append_byte(out, '"');
    for (size_t i = 0; i < text.length; i++) {
        if (text.chars[i] == '"') (void)pct_buffer_append_byte(out, '"');
        (void)pct_buffer_append_byte(out, (uint8_t)text.chars[i]);
    }
    (void)pct_buffer_append_text(out, "\",");
}

pct_status pct_learnt_write(const pct_learnt *learnt, const pct_bands *bands, const pct_network *network,
                            pct_buffer *out, pct_error *error) {
    (void)pct_buffer_append_text(out, "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n");
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++)
        for (int b = 0; b < bands->count; b++)
            for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
                if (learnt->classes[p][b][c].kmh == 0.0) continue;
                (void)pct_buffer_append_format(out, "%s,,,,", pct_road_class_name((pct_road_class)c));
                write_rest(bands, b, p, learnt->classes[p][b][c], out);
            }
    for (size_t i = 0; i < learnt->segment_count; i++) {
        const pct_learnt_segment *s = &learnt->segments[i];
        const pct_segment *segment = &network->segments[s->arc_segment >> 1];
        bool backward = s->arc_segment & 1;
        (void)pct_buffer_append_format(out, ",%lld,", (long long)segment->way);
        write_node(network, backward ? segment->head : segment->tail, out);
        write_node(network, backward ? segment->tail : segment->head, out);
        write_rest(bands, s->band, s->profile, s->figure, out);
    }
    return pct_buffer_status(out, error);
}

/* --- times -------------------------------------------------------------------------------------------------------- */

pct_speeds pct_learnt_speeds(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                             const pct_speeds *base) {
    pct_speeds speeds = *base;
    double *kmh = profile == PCT_LEARNT_PATROL ? speeds.patrol_kmh : speeds.kmh;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        if (learnt->classes[profile][band][c].kmh > 0.0) kmh[c] = learnt->classes[profile][band][c].kmh;
    return speeds;
}

/* The segments of one band lie in a row. */
static size_t first_of(const pct_learnt *learnt, pct_learnt_profile profile, int band) {
    const pct_learnt_segment wanted = {.band = (uint8_t)band, .profile = (uint8_t)profile};
    size_t low = 0, high = learnt->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(&learnt->segments[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const pct_learnt *learnt, size_t i, pct_learnt_profile profile, int band) {
    return i < learnt->segment_count && learnt->segments[i].band == band &&
           learnt->segments[i].profile == profile;
}

double pct_learnt_max_mps(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                          const pct_speeds *base) {
    pct_speeds speeds = pct_learnt_speeds(learnt, profile, band, base);
    double max_mps =
        profile == PCT_LEARNT_PATROL ? pct_speeds_patrol_max_mps(&speeds) : pct_speeds_max_mps(&speeds);
    for (size_t i = first_of(learnt, profile, band); is_of(learnt, i, profile, band); i++)
        max_mps = fmax(max_mps, learnt->segments[i].figure.kmh / kmh_per_mps);
    return max_mps;
}

/* Milliseconds of a segment at its own figure. */
static double segment_ms(const pct_learnt_segment *s, const pct_segment *segment) {
    double kmh = s->figure.kmh, limit_kmh = segment->limit_kmh[s->arc_segment & 1];
    bool has_limit = limit_kmh > 0.0 && limit_kmh < PCT_NO_LIMIT_KMH;
    if (s->profile == PCT_LEARNT_PATROL && has_limit) kmh = fmin(kmh, limit_kmh);
    return round(segment->length_mm * kmh_per_mps / kmh);
}

void pct_learnt_lay_over(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                         const pct_network *network, uint32_t *arc_ms) {
    for (size_t i = first_of(learnt, profile, band); is_of(learnt, i, profile, band); i++) {
        const pct_learnt_segment *s = &learnt->segments[i];
        const pct_segment *segment = &network->segments[s->arc_segment >> 1];
        uint32_t tail = s->arc_segment & 1 ? segment->head : segment->tail;
        double ms = segment_ms(s, segment);
        for (uint32_t a = network->first_arc[tail]; a < network->first_arc[tail + 1]; a++)
            if (network->arc_segment[a] == s->arc_segment && arc_ms[a] < PCT_NO_WAY_MS)
                arc_ms[a] = (uint32_t)fmin(fmax(ms, 1.0), PCT_NO_WAY_MS - 1.0);
    }
}

void pct_learnt_arc_times(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                          const pct_speeds *base, const pct_network *network, uint32_t *arc_ms) {
    pct_speeds speeds = pct_learnt_speeds(learnt, profile, band, base);
    if (profile == PCT_LEARNT_PATROL)
        pct_patrol_arc_times(network, &speeds, arc_ms);
    else
        pct_response_arc_times(network, &speeds, arc_ms);
    pct_learnt_lay_over(learnt, profile, band, network, arc_ms);
}

bool pct_learnt_has(const pct_learnt *learnt, pct_learnt_profile profile, int band) {
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        if (learnt->classes[profile][band][c].kmh > 0.0) return true;
    return is_of(learnt, first_of(learnt, profile, band), profile, band);
}

/* The times of a band for the profile of `open`, to be freed, and the greatest speed that they allow. */
static pct_status band_times(const pct_road *open, const pct_learnt *learnt, int band, const pct_speeds *base,
                             uint32_t **drive_ms, double *max_mps, pct_error *error) {
    const pct_network *net = &open->network;
    const pct_learnt_profile profile = pct_learnt_profile_of(open->profile);
    *drive_ms = pct_alloc(net->arc_count, sizeof **drive_ms);
    if (!*drive_ms) return pct_error_memory(error, net->arc_count * sizeof **drive_ms);
    pct_learnt_arc_times(learnt, profile, band, base, net, *drive_ms);
    *max_mps = pct_learnt_max_mps(learnt, profile, band, base);
    return PCT_OK;
}

pct_status pct_road_of_band(const pct_road *open, const pct_learnt *learnt, int band, const pct_speeds *base,
                            pct_road **out, pct_error *error) {
    uint32_t *drive_ms;
    double max_mps = 0.0;
    pct_status status = band_times(open, learnt, band, base, &drive_ms, &max_mps, error);
    if (!status) status = pct_road_with_times(open, drive_ms, max_mps, out, error);
    pct_free(drive_ms);
    return status;
}

pct_status pct_road_close_in_band(const pct_road *open, const pct_learnt *learnt, int band,
                                  const pct_speeds *base, const pct_closed_segment *closed, size_t count,
                                  pct_road **out, pct_error *error) {
    uint32_t *drive_ms;
    double max_mps = 0.0;
    pct_status status = band_times(open, learnt, band, base, &drive_ms, &max_mps, error);
    if (!status) status = pct_road_close_with_times(open, drive_ms, max_mps, closed, count, out, error);
    pct_free(drive_ms);
    return status;
}
