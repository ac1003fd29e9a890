/* House numbers: known ones, those between two known ones of the same side of the street, and those of a range.
 *
 * Known numbers of an entry lie in order, so that one halving finds the number and its neighbours. Between the nearest
 * known numbers of the same parity, at most 40 apart, the position is interpolated. A number of a range lies on its
 * segment at its share of the way, 12 m to its side: beside the street, where houses stand, never on it. */
#include <math.h>
#include <string.h>

#include "place/data.h"
#include "place/fold.h"

enum { GAP_MAX = 40, DIGITS_MAX = 6 };
static const double beside_m = 12.0;

bool pct_house_number_of(pct_text text, uint32_t *number, size_t *length) {
    uint32_t value = 0;
    size_t i = 0;
    while (i < text.length && text.chars[i] >= '0' && text.chars[i] <= '9' && i <= DIGITS_MAX)
        value = value * 10 + (uint32_t)(text.chars[i++] - '0');
    if (i == 0 || i > DIGITS_MAX || value == 0) return false;
    *number = value;
    *length = i;
    return true;
}

/* The first house of the entry whose number is not below `number`; it may be one of the next entry. */
static uint32_t first_house(const pct_gazetteer *g, uint32_t entry, uint32_t number) {
    uint32_t low = 0, high = g->house_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const pct_house *h = &g->houses[middle];
        if (h->entry < entry || (h->entry == entry && h->number < number))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_suffix(const pct_gazetteer *g, const pct_house *house, const char *suffix) {
    char folded[PCT_FOLD_MAX];
    pct_text label = pct_gazetteer_text(g, house->label);
    size_t digits = 0;
    while (digits < label.length && label.chars[digits] >= '0' && label.chars[digits] <= '9') digits++;
    size_t length = pct_place_fold((pct_text){label.chars + digits, label.length - digits}, false, folded);
    return strlen(suffix) == length && memcmp(folded, suffix, length) == 0;
}

/* The house with this suffix; else the plain number; else the first of that number. */
static bool find_known(const pct_gazetteer *g, uint32_t entry, uint32_t number, const char *suffix,
                       pct_house_found *out) {
    const pct_house *best = NULL;
    int best_rank = 3;
    for (uint32_t i = first_house(g, entry, number);
         i < g->house_count && g->houses[i].entry == entry && g->houses[i].number == number && best_rank > 0;
         i++) {
        int rank = has_suffix(g, &g->houses[i], suffix) ? 0 : has_suffix(g, &g->houses[i], "") ? 1 : 2;
        if (rank >= best_rank) continue;
        best = &g->houses[i];
        best_rank = rank;
    }
    if (!best) return false;
    *out =
        (pct_house_found){best->position, (pct_dwelling)best->dwelling, pct_gazetteer_text(g, best->label)};
    return true;
}

static bool find_between(const pct_gazetteer *g, uint32_t entry, uint32_t number, pct_house_found *out) {
    const pct_house *below = NULL, *above = NULL;
    uint32_t at = first_house(g, entry, number);
    for (uint32_t i = at; i < g->house_count && !above; i++) {
        const pct_house *h = &g->houses[i];
        if (h->entry != entry || h->number - number > GAP_MAX) break;
        if ((h->number ^ number) % 2 == 0) above = h;
    }
    for (uint32_t i = at; i > 0 && above && !below; i--) {
        const pct_house *h = &g->houses[i - 1];
        if (h->entry != entry || above->number - h->number > GAP_MAX) break;
        if ((h->number ^ number) % 2 == 0) below = h;
    }
    if (!below || !above) return false;
    double share = (double)(number - below->number) / (above->number - below->number);
    *out = (pct_house_found){
        pct_geo_between(below->position, above->position, share), PCT_DWELLING_UNKNOWN, {"", 0}};
    return true;
}

/* The point a share of the way along a line, and so far to its left (negative: right). */
static pct_position point_beside(const pct_position *line, size_t count, double share, double left_m) {
    double left_over_m = pct_geo_length_m(line, count) * share;
    size_t i = 1;
    while (i + 1 < count && pct_geo_distance_m(line[i - 1], line[i]) < left_over_m) {
        left_over_m -= pct_geo_distance_m(line[i - 1], line[i]);
        i++;
    }
    double piece_m = pct_geo_distance_m(line[i - 1], line[i]);
    pct_position on =
        pct_geo_between(line[i - 1], line[i], piece_m > 0.0 ? fmin(1.0, left_over_m / piece_m) : 0.0);
    double bearing = pct_geo_bearing_deg(line[i - 1], line[i]) * 0.017453292519943295;
    pct_plane plane = pct_plane_at(on);
    return pct_plane_from_m(&plane, -left_m * cos(bearing), left_m * sin(bearing));
}

static bool find_in_range(const pct_gazetteer *g, uint32_t entry, uint32_t number, pct_house_found *out) {
    uint32_t low = 0, high = g->range_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (g->ranges[middle].entry < entry)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < g->range_count && g->ranges[low].entry == entry && g->ranges[low].low <= number; low++) {
        const pct_house_range *r = &g->ranges[low];
        if (number > r->high || (number - r->low) % r->step != 0) continue;
        size_t count;
        const pct_position *line = pct_gazetteer_line(g, r->line, &count);
        /* Half a lot in from either end. */
        double share = (number - r->low + 0.5 * r->step) / (r->high - r->low + (double)r->step);
        if (r->descending) share = 1.0 - share;
        *out = (pct_house_found){point_beside(line, count, share, r->on_the_left ? beside_m : -beside_m),
                                 PCT_DWELLING_UNKNOWN,
                                 {"", 0}};
        return true;
    }
    return false;
}

bool pct_gazetteer_find_house(const pct_gazetteer *g, uint32_t entry, uint32_t number, const char *suffix,
                              pct_house_found *out) {
    return find_known(g, entry, number, suffix, out) || find_between(g, entry, number, out) ||
           find_in_range(g, entry, number, out);
}
