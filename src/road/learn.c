#include "road/learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

enum { MS_PER_S = 1000, SLOWEST_MM_S = 278, FASTEST_MM_S = 83333, TENTHS = 10 }; /* 1 and 300 km/h */

typedef struct drive {
    uint32_t arc_segment, unit, mm_per_s, length_mm;
    int32_t day;
    uint8_t band, profile, road_class, reserved;
} drive;

struct pct_learner {
    const pct_road *road;
    const pct_bands *bands;
    const pct_zone *zone;
    pct_vector drives; /* of drive */
    uint32_t unit_count;
    uint32_t *seen; /* [unit_count] the group in which a unit was seen last */
    uint32_t group;
};

pct_status pct_learner_new(const pct_road *road, const pct_bands *bands, const pct_zone *zone,
                           pct_learner **out, pct_error *error) {
    pct_learner *l = pct_alloc_zeroed(1, sizeof *l);
    if (!l) return pct_error_memory(error, sizeof *l);
    *l = (pct_learner){.road = road,
                       .bands = bands,
                       .zone = zone,
                       .drives = pct_vector_init(sizeof(drive), PCT_LEARN_DRIVES_MAX)};
    *out = l;
    return PCT_OK;
}

void pct_learner_free(pct_learner *l) {
    if (!l) return;
    pct_vector_dispose(&l->drives);
    pct_free(l->seen);
    pct_free(l);
}

size_t pct_learner_drives(const pct_learner *l) {
    return l->drives.length;
}

static bool is_drive(const pct_segment *segment, const pct_match_leg *leg) {
    uint32_t length_mm = leg->from_mm > leg->to_mm ? leg->from_mm - leg->to_mm : leg->to_mm - leg->from_mm;
    return length_mm == segment->length_mm && length_mm >= PCT_LEARN_SEGMENT_MM &&
           leg->stood_ms < PCT_LEARN_STOP_MS && leg->to_ms > leg->from_ms;
}

pct_status pct_learner_add(pct_learner *l, uint32_t unit, pct_learnt_profile profile,
                           const pct_match_leg *leg, pct_error *error) {
    const pct_segment *segment = &l->road->network.segments[leg->segment];
    if (!is_drive(segment, leg)) return PCT_OK;
    uint64_t mm_per_s = (uint64_t)segment->length_mm * MS_PER_S / (uint64_t)(leg->to_ms - leg->from_ms);
    if (mm_per_s < SLOWEST_MM_S || mm_per_s > FASTEST_MM_S) return PCT_OK;
    drive *room = pct_vector_push(&l->drives);
    if (!room) return pct_vector_failed(&l->drives, PCT_MSG_WHAT_LEARN_DRIVES, error);
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(l->zone, leg->from_ms, &offset_s);
    *room = (drive){.arc_segment = leg->segment * 2 + leg->backward,
                    .unit = unit,
                    .mm_per_s = (uint32_t)mm_per_s,
                    .length_mm = segment->length_mm,
                    .day = (int32_t)pct_days_of_date(local.year, local.month, local.day),
                    .band = (uint8_t)pct_bands_at(l->bands, l->zone, leg->from_ms),
                    .profile = (uint8_t)profile,
                    .road_class = segment->road_class};
    if (unit >= l->unit_count) l->unit_count = unit + 1;
    return PCT_OK;
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

static int by_band(const drive *p, const drive *q) {
    if (p->profile != q->profile) return p->profile < q->profile ? -1 : 1;
    return (p->band > q->band) - (p->band < q->band);
}

static int by_speed(const drive *p, const drive *q) {
    if (p->mm_per_s != q->mm_per_s) return p->mm_per_s < q->mm_per_s ? -1 : 1;
    return (p->length_mm > q->length_mm) - (p->length_mm < q->length_mm);
}

static int by_segment(const void *a, const void *b) {
    const drive *p = a, *q = b;
    int order = by_band(p, q);
    if (!order) order = (p->arc_segment > q->arc_segment) - (p->arc_segment < q->arc_segment);
    return order ? order : by_speed(p, q);
}

static int by_class(const void *a, const void *b) {
    const drive *p = a, *q = b;
    int order = by_band(p, q);
    if (!order) order = (p->road_class > q->road_class) - (p->road_class < q->road_class);
    return order ? order : by_speed(p, q);
}

static bool same_segment(const drive *a, const drive *b) {
    return by_band(a, b) == 0 && a->arc_segment == b->arc_segment;
}

static bool same_class(const drive *a, const drive *b) {
    return by_band(a, b) == 0 && a->road_class == b->road_class;
}

static pct_learnt_basis basis_of(pct_learner *l, const drive *drives, size_t count) {
    pct_learnt_basis basis = {(uint32_t)count, 0, drives[0].day, drives[0].day};
    l->group++;
    for (size_t i = 0; i < count; i++) {
        if (drives[i].day < basis.since_day) basis.since_day = drives[i].day;
        if (drives[i].day > basis.until_day) basis.until_day = drives[i].day;
        basis.units += l->seen[drives[i].unit] != l->group;
        l->seen[drives[i].unit] = l->group;
    }
    return basis;
}

/* Of drives in order of speed: half of the length was driven no faster. */
static uint32_t median_by_length(const drive *drives, size_t count) {
    uint64_t whole_mm = 0, so_far_mm = 0;
    for (size_t i = 0; i < count; i++) whole_mm += drives[i].length_mm;
    for (size_t i = 0; i < count; i++) {
        so_far_mm += drives[i].length_mm;
        if (2 * so_far_mm >= whole_mm) return drives[i].mm_per_s;
    }
    return drives[count - 1].mm_per_s;
}

/* In tenths, as the file has it. */
static double kmh_of(uint32_t mm_per_s) {
    uint32_t tenths = (mm_per_s * 36 + 500) / 1000;
    return (double)(tenths < TENTHS ? TENTHS : tenths) / TENTHS;
}

static pct_learnt_figure figure_of(pct_learner *l, const drive *drives, size_t count, size_t least) {
    pct_learnt_figure figure = {0.0, {0}};
    if (count < least) return figure;
    figure.basis = basis_of(l, drives, count);
    if (pct_learnt_suffices(figure.basis)) figure.kmh = kmh_of(median_by_length(drives, count));
    return figure;
}

static void learn_classes(pct_learner *l, pct_learnt *out) {
    drive *drives = l->drives.items;
    qsort(drives, l->drives.length, sizeof *drives, by_class);
    for (size_t i = 0, end; i < l->drives.length; i = end) {
        for (end = i + 1; end < l->drives.length && same_class(&drives[i], &drives[end]);) end++;
        pct_learnt_figure figure = figure_of(l, &drives[i], end - i, PCT_LEARN_CLASS_DRIVES);
        if (figure.kmh > 0.0) out->classes[drives[i].profile][drives[i].band][drives[i].road_class] = figure;
    }
}

static pct_status learn_segments(pct_learner *l, pct_learnt *out, pct_error *error) {
    pct_vector segments = pct_vector_init(sizeof(pct_learnt_segment), PCT_LEARNT_ROWS_MAX);
    drive *drives = l->drives.items;
    pct_status status = PCT_OK;
    qsort(drives, l->drives.length, sizeof *drives, by_segment);
    for (size_t i = 0, end; i < l->drives.length && !status; i = end) {
        for (end = i + 1; end < l->drives.length && same_segment(&drives[i], &drives[end]);) end++;
        pct_learnt_figure figure = figure_of(l, &drives[i], end - i, PCT_LEARN_SEGMENT_DRIVES);
        if (figure.kmh == 0.0) continue;
        pct_learnt_segment *room = pct_vector_push(&segments);
        if (room)
            *room = (pct_learnt_segment){drives[i].arc_segment, drives[i].band, drives[i].profile, figure};
        else
            status = pct_vector_failed(&segments, PCT_MSG_WHAT_LEARNT_ROWS, error);
    }
    out->segment_count = segments.length;
    out->segments = pct_vector_take(&segments);
    return status;
}

pct_status pct_learner_finish(pct_learner *l, pct_learnt *out, pct_error *error) {
    *out = (pct_learnt){.segments = NULL};
    pct_free(l->seen);
    l->seen = pct_alloc_zeroed(l->unit_count + 1U, sizeof *l->seen);
    if (!l->seen) return pct_error_memory(error, l->unit_count * sizeof *l->seen);
    l->group = 0;
    if (l->drives.length == 0) return PCT_OK;
    learn_classes(l, out);
    pct_status status = learn_segments(l, out, error);
    if (status) pct_learnt_dispose(out);
    return status;
}
