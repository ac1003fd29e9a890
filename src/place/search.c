/* Search as one types.
 *
 * The text is read in up to four ways, and the best hits of all of them are kept:
 *
 *   as it is      the names that contain it from a start on: one span of the sorted starts
 *   as a crossing split at "&", "/", 与 …, or behind 路, 街 …: crossings whose streets match one side each
 *   as an address a number and the rest: streets that match the rest, and the number's position there
 *   as words      the names that contain each of them: those of the rarest word's span, tested for the others
 *
 * Hits of the first come before all others, of the last behind them. The best are kept in an ordered list of at most
 * `limit`; what cannot enter it is passed over before its distance is worked out. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/message.h"
#include "base/text.h"
#include "place/data.h"
#include "place/fold.h"

enum { WORDS_MAX = 16, SPLITS_MAX = 6, NO_MATCH = PCT_PLACE_MATCH_COUNT, NUMBER_NOT_FOUND = 8 };

static const double m_per_e7_lat = 0.0111194; /* a little less than it is */

typedef struct candidate {
    uint8_t match, part, kind; /* part: how well the parts match, for PCT_PLACE_MATCH_PARTS */
    uint32_t entry, number;    /* number: of a house, 0: none */
    double distance_m;
    pct_house_found house;
} candidate;

struct pct_gazetteer_scratch {
    const pct_gazetteer *g;
    const pct_position *near;
    size_t limit, count;
    candidate best[PCT_PLACE_HITS_MAX + 1];
};

/* A folded text and its words. */
typedef struct words {
    char chars[PCT_FOLD_MAX];
    size_t length;
    char split[PCT_FOLD_MAX]; /* the same with NUL between words */
    const char *items[WORDS_MAX];
    size_t count;
} words;

pct_status pct_gazetteer_scratch_new(const pct_gazetteer *g, pct_gazetteer_scratch **out, pct_error *error) {
    pct_gazetteer_scratch *s = pct_alloc_zeroed(1, sizeof *s);
    *out = s;
    if (!s) return pct_error_memory(error, sizeof *s);
    s->g = g;
    return PCT_OK;
}

void pct_gazetteer_scratch_free(pct_gazetteer_scratch *s) {
    pct_free(s);
}

/* --- the best so far ------------------------------------------------------------------------------------ */

static int compare_class(const candidate *a, const candidate *b) {
    if (a->match != b->match) return a->match < b->match ? -1 : 1;
    if (a->part != b->part) return a->part < b->part ? -1 : 1;
    return a->kind < b->kind ? -1 : a->kind > b->kind;
}

static int compare(const candidate *a, const candidate *b) {
    int classes = compare_class(a, b);
    if (classes) return classes;
    if (a->distance_m != b->distance_m) return a->distance_m < b->distance_m ? -1 : 1;
    if (a->entry != b->entry) return a->entry < b->entry ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Whether something of this class could still be among the best. */
static bool may_enter(const pct_gazetteer_scratch *s, const candidate *c) {
    return s->count < s->limit || compare_class(c, &s->best[s->count - 1]) <= 0;
}

/* A great circle is never shorter than the difference in latitude: most of what lies too far is told so. */
static bool is_beyond(const pct_gazetteer_scratch *s, const candidate *c, pct_position position) {
    const candidate *last = &s->best[s->count - 1];
    if (!s->near || s->count < s->limit || compare_class(c, last) < 0) return false;
    return fabs((double)position.lat_e7 - s->near->lat_e7) * m_per_e7_lat > last->distance_m;
}

static void offer(pct_gazetteer_scratch *s, candidate c) {
    if (!may_enter(s, &c)) return;
    pct_position position = c.number ? c.house.position : s->g->entries[c.entry].position;
    if (is_beyond(s, &c, position)) return;
    c.distance_m = s->near ? pct_geo_distance_m(*s->near, position) : 0.0;
    if (s->count == s->limit && compare(&c, &s->best[s->count - 1]) >= 0) return;
    size_t at = 0;
    while (at < s->count && (s->best[at].entry != c.entry || s->best[at].number != c.number)) at++;
    if (at < s->count) {
        if (compare(&c, &s->best[at]) >= 0) return;
        memmove(&s->best[at], &s->best[at + 1], (s->count - at - 1) * sizeof c);
        s->count--;
    }
    at = s->count;
    while (at > 0 && compare(&c, &s->best[at - 1]) < 0) at--;
    memmove(&s->best[at + 1], &s->best[at], (s->count - at) * sizeof c);
    s->best[at] = c;
    if (s->count < s->limit) s->count++;
}

/* --- how texts match ------------------------------------------------------------------------------------ */

static bool words_of(pct_text text, bool drop_apostrophes, words *out) {
    out->length = pct_place_fold(text, drop_apostrophes, out->chars);
    memcpy(out->split, out->chars, out->length + 1);
    out->count = 0;
    for (char *at = out->split; at && out->count < WORDS_MAX;) {
        out->items[out->count++] = at;
        at = strchr(at, ' ');
        if (at) *at++ = '\0';
    }
    return out->length > 0;
}

/* How the start at `at` of a folded name begins a match of so many bytes. */
static pct_place_match match_at(const char *folded, uint32_t at, size_t length) {
    char before = at == 0 ? '\0' : folded[at - 1];
    if (before == '\0') return folded[at + length] ? PCT_PLACE_MATCH_PREFIX : PCT_PLACE_MATCH_EXACT;
    return before == ' ' ? PCT_PLACE_MATCH_WORD : PCT_PLACE_MATCH_SUBSTRING;
}

static int best_in_name(const char *name, const char *text, size_t length) {
    int best = NO_MATCH;
    for (const char *at = strstr(name, text); at; at = strstr(at + 1, text)) {
        if (!pct_place_is_start(name, at)) continue;
        int match = at == name      ? (name[length] ? PCT_PLACE_MATCH_PREFIX : PCT_PLACE_MATCH_EXACT)
                    : at[-1] == ' ' ? PCT_PLACE_MATCH_WORD
                                    : PCT_PLACE_MATCH_SUBSTRING;
        if (match < best) best = match;
    }
    return best;
}

/* The best match of a text in either name of an entry, NO_MATCH without one. */
static int best_in_entry(const pct_gazetteer *g, uint32_t entry, const char *text, size_t length) {
    const char *name = g->folded + g->entries[entry].folded_at;
    int one = best_in_name(name, text, length);
    int other = best_in_name(name + strlen(name) + 1, text, length);
    return one < other ? one : other;
}

static bool has_all_words(const pct_gazetteer *g, uint32_t entry, const words *w) {
    for (size_t i = 0; i < w->count; i++)
        if (best_in_entry(g, entry, w->items[i], strlen(w->items[i])) == NO_MATCH) return false;
    return true;
}

static int match_of_part(const pct_gazetteer *g, uint32_t entry, const words *part) {
    int match = best_in_entry(g, entry, part->chars, part->length);
    if (match == NO_MATCH && part->count > 1 && has_all_words(g, entry, part)) return PCT_PLACE_MATCH_WORDS;
    return match;
}

/* The shorter of `span` and the shortest span of one of the words. */
static pct_start_span rarest(const pct_gazetteer *g, const words *w, pct_start_span span) {
    for (size_t i = 0; i < w->count; i++) {
        pct_start_span other = pct_gazetteer_starts(g, w->items[i], strlen(w->items[i]));
        if (other.end - other.first < span.end - span.first) span = other;
    }
    return span;
}

/* --- the ways of reading -------------------------------------------------------------------------------- */

static void search_as_is(pct_gazetteer_scratch *s, const words *w) {
    const pct_gazetteer *g = s->g;
    pct_start_span span = pct_gazetteer_starts(g, w->chars, w->length);
    for (uint32_t i = span.first; i < span.end; i++) {
        pct_place_start start = g->starts[i];
        candidate c = {.entry = start.entry,
                       .match = (uint8_t)match_at(g->folded, start.at, w->length),
                       .kind = g->entries[start.entry].kind};
        offer(s, c);
    }
}

static void search_as_words(pct_gazetteer_scratch *s, const words *w) {
    const pct_gazetteer *g = s->g;
    if (w->count < 2) return;
    pct_start_span span = rarest(g, w, (pct_start_span){0, g->start_count});
    for (uint32_t i = span.first; i < span.end; i++) {
        uint32_t entry = g->starts[i].entry;
        candidate c = {.entry = entry, .match = PCT_PLACE_MATCH_WORDS, .kind = g->entries[entry].kind};
        if (may_enter(s, &c) && has_all_words(g, entry, w)) offer(s, c);
    }
}

static int worse(int a, int b) {
    return a > b ? a : b;
}

static void search_as_crossing(pct_gazetteer_scratch *s, pct_text left_text, pct_text right_text) {
    const pct_gazetteer *g = s->g;
    words left, right;
    if (!words_of(left_text, false, &left) || !words_of(right_text, false, &right)) return;
    pct_start_span span = rarest(g, &left, (pct_start_span){0, g->start_count});
    span = rarest(g, &right, span);
    for (uint32_t i = span.first; i < span.end; i++) {
        const pct_place_entry *e = &g->entries[g->starts[i].entry];
        candidate c = {
            .entry = g->starts[i].entry, .match = PCT_PLACE_MATCH_PARTS, .kind = PCT_PLACE_CROSSING};
        if (e->kind != PCT_PLACE_CROSSING || !may_enter(s, &c)) continue;
        int one = worse(match_of_part(g, e->street_a, &left), match_of_part(g, e->street_b, &right));
        int other = worse(match_of_part(g, e->street_a, &right), match_of_part(g, e->street_b, &left));
        c.part = (uint8_t)(one < other ? one : other);
        if (c.part < NO_MATCH) offer(s, c);
    }
}

/* "解放路路口" → "解放路": what a crossing is called behind its second street. */
static pct_text without_tail(pct_text text) {
    static const char *const tails[] = {"交叉路口", "交叉口", "路口", "口"};
    text = pct_text_trim(text);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t length = strlen(tails[i]);
        if (text.length > length && memcmp(text.chars + text.length - length, tails[i], length) == 0)
            return (pct_text){text.chars, text.length - length};
    }
    return text;
}

/* The length of what parts two streets here, 0 when nothing does; *kept of it belong to the first street. */
static size_t separator_at(pct_text rest, size_t *kept) {
    static const char *const separators[] = {"&",  "＆", "/",  "／",    "@",    "+",   "×",   "与", "和",
                                             "及", "跟", "交", " and ", " at ", " x ", " y ", " e "};
    static const char *const tails[] = {"大道", "路", "街", "道", "巷", "弄", "里"};
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        size_t length = strlen(separators[i]);
        *kept = 0;
        if (rest.length >= length && strncasecmp(rest.chars, separators[i], length) == 0) return length;
    }
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        *kept = strlen(tails[i]);
        if (rest.length > *kept && memcmp(rest.chars, tails[i], *kept) == 0) return *kept;
    }
    return 0;
}

static void search_as_crossings(pct_gazetteer_scratch *s, pct_text text) {
    int splits = 0;
    for (size_t at = 1; at < text.length && splits < SPLITS_MAX; at++) {
        size_t kept, length = separator_at((pct_text){text.chars + at, text.length - at}, &kept);
        if (length == 0) continue;
        pct_text right = {text.chars + at + length, text.length - at - length};
        search_as_crossing(s, (pct_text){text.chars, at + kept}, without_tail(right));
        splits++;
    }
}

static void search_houses(pct_gazetteer_scratch *s, pct_text street, uint32_t number, const char *suffix) {
    const pct_gazetteer *g = s->g;
    words w;
    if (!words_of(street, false, &w)) return;
    pct_start_span span = pct_gazetteer_starts(g, w.chars, w.length);
    for (uint32_t i = span.first; i < span.end; i++) {
        const pct_place_entry *e = &g->entries[g->starts[i].entry];
        candidate c = {.entry = g->starts[i].entry,
                       .number = number,
                       .match = PCT_PLACE_MATCH_PARTS,
                       .part = (uint8_t)match_at(g->folded, g->starts[i].at, w.length),
                       .kind = PCT_PLACE_ADDRESS};
        if (e->kind == PCT_PLACE_CROSSING || !may_enter(s, &c)) continue;
        if (pct_gazetteer_find_house(g, c.entry, number, suffix, &c.house)) {
            offer(s, c);
        } else if (e->kind == PCT_PLACE_STREET) {
            c.number = 0;
            c.part = (uint8_t)(c.part + NUMBER_NOT_FOUND);
            c.kind = e->kind;
            offer(s, c);
        }
    }
}

/* The letter behind a house number, and where the text goes on; false when that is no house number. */
static bool read_suffix(const char *behind, char suffix[2], const char **rest) {
    static const char *const signs[] = {"号", "號", "弄"};
    suffix[0] = '\0';
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(behind, signs[i], strlen(signs[i])) == 0) {
            *rest = behind + strlen(signs[i]);
            return true;
        }
    size_t letters = *behind >= 'a' && *behind <= 'z';
    if (behind[letters] && behind[letters] != ' ') return false;
    memcpy(suffix, behind, letters);
    suffix[letters] = '\0';
    *rest = behind + letters;
    return true;
}

static pct_text without_number_word(pct_text text) {
    static const char *const list[] = {" no", " n", " nr", " num", " number", "第"};
    text = pct_text_trim(text);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        size_t length = strlen(list[i]);
        if (text.length > length && memcmp(text.chars + text.length - length, list[i], length) == 0)
            return (pct_text){text.chars, text.length - length};
    }
    return text;
}

static void search_as_address(pct_gazetteer_scratch *s, const words *w) {
    const char *end = w->chars + w->length;
    for (const char *at = w->chars; at < end;) {
        uint32_t number;
        size_t digits = strspn(at, "0123456789");
        char suffix[2];
        const char *rest;
        if (digits == 0) {
            at++;
            continue;
        }
        bool begins = at == w->chars || at[-1] == ' ' || (unsigned char)at[-1] >= 0x80;
        bool is_number = begins &&
                         pct_house_number_of((pct_text){at, (size_t)(end - at)}, &number, &digits) &&
                         read_suffix(at + digits, suffix, &rest);
        if (is_number && at == w->chars)
            search_houses(s, (pct_text){rest, (size_t)(end - rest)}, number, suffix);
        else if (is_number && (rest == end || (unsigned char)at[digits] >= 0x80))
            search_houses(s, without_number_word((pct_text){w->chars, (size_t)(at - w->chars)}), number,
                          suffix);
        at += strspn(at, "0123456789");
    }
}

/* --- the question --------------------------------------------------------------------------------------- */

static void fill_hit(const pct_gazetteer_scratch *s, const candidate *c, pct_place_hit *out) {
    const pct_gazetteer *g = s->g;
    const pct_place_entry *e = &g->entries[c->entry];
    *out = (pct_place_hit){.kind = (pct_place_kind)c->kind,
                           .match = (pct_place_match)c->match,
                           .name = pct_gazetteer_text(g, e->name),
                           .name_en = pct_gazetteer_text(g, e->name_en),
                           .category = pct_gazetteer_text(g, e->category),
                           .position = e->position,
                           .extent = e->extent,
                           .distance_m = s->near ? c->distance_m : (double)NAN,
                           .dwelling = (pct_dwelling)e->dwelling};
    if (!c->number) return;
    pct_text label = c->house.label;
    out->position = c->house.position;
    out->extent = (pct_box){c->house.position, c->house.position};
    out->dwelling = c->house.dwelling;
    out->interpolated = label.length == 0;
    out->category = (pct_text){"", 0};
    if (label.length > 0 && label.length < sizeof out->house_number)
        memcpy(out->house_number, label.chars, label.length);
    else
        (void)snprintf(out->house_number, sizeof out->house_number, "%u", c->number);
}

static bool read_position(pct_text text, pct_position *out) {
    char plain[PCT_PLACE_QUERY_BYTES_MAX];
    size_t length = 0;
    static const char wide_comma[] = "，";
    for (size_t i = 0; i < text.length; length++) {
        bool wide = text.length - i >= 3 && memcmp(text.chars + i, wide_comma, 3) == 0;
        plain[length] = wide ? ',' : text.chars[i];
        i += wide ? 3 : 1;
    }
    if (pct_position_from_text((pct_text){plain, length}, out)) return true;
    /* "37.77,-122.4" cannot be meant as lon,lat: it comes from a map that says latitude first. */
    const char *comma = memchr(plain, ',', length);
    char turned[PCT_PLACE_QUERY_BYTES_MAX + 1];
    if (!comma) return false;
    size_t first = (size_t)(comma - plain), second = length - first - 1;
    memcpy(turned, comma + 1, second);
    turned[second] = ',';
    memcpy(turned + second + 1, plain, first);
    return pct_position_from_text((pct_text){turned, length}, out);
}

static bool has_apostrophe(pct_text text) {
    while (text.length > 0) {
        uint32_t c = pct_place_next_char(&text);
        if (c == '\'' || c == 0x2019) return true;
    }
    return false;
}

static pct_status check_query(const pct_place_query *query, pct_error *error) {
    if (query->limit < 1 || query->limit > PCT_PLACE_HITS_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_PLACE_WHAT_HITS),
                        pct_int(PCT_PLACE_HITS_MAX));
    if (query->text.length > PCT_PLACE_QUERY_BYTES_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_PLACE_TEXT_LONG, pct_int((int64_t)query->text.length),
                        pct_int(PCT_PLACE_QUERY_BYTES_MAX));
    if (!pct_text_is_utf8(query->text))
        return pct_error_set(error, PCT_INPUT, PCT_MSG_PLACE_TEXT_BYTES, NULL, 0);
    return PCT_OK;
}

pct_status pct_gazetteer_search(const pct_gazetteer *g, pct_gazetteer_scratch *s,
                                const pct_place_query *query, pct_place_hit *hits, size_t *count,
                                pct_error *error) {
    words w;
    *count = 0;
    pct_status status = check_query(query, error);
    if (status) return status;
    s->g = g;
    s->near = query->near;
    s->limit = query->limit;
    s->count = 0;
    pct_position position;
    if (read_position(query->text, &position)) {
        bool public_place = pct_gazetteer_is_public_place(g, position);
        *count = 1;
        *hits = (pct_place_hit){.kind = PCT_PLACE_POSITION,
                                .name = {"", 0},
                                .name_en = {"", 0},
                                .category = {"", 0},
                                .position = position,
                                .extent = {position, position},
                                .distance_m = s->near ? pct_geo_distance_m(*s->near, position) : (double)NAN,
                                .dwelling = public_place ? PCT_DWELLING_NO : PCT_DWELLING_UNKNOWN};
        return PCT_OK;
    }
    if (has_apostrophe(query->text) && words_of(query->text, true, &w)) search_as_is(s, &w);
    if (!words_of(query->text, false, &w)) return PCT_OK;
    search_as_is(s, &w);
    search_as_crossings(s, query->text);
    search_as_address(s, &w);
    search_as_words(s, &w);
    for (size_t i = 0; i < s->count; i++) fill_hit(s, &s->best[i], &hits[i]);
    *count = s->count;
    return PCT_OK;
}

pct_status pct_place_hit_label(const pct_place_hit *hit, pct_buffer *out) {
    if (hit->kind == PCT_PLACE_POSITION)
        return pct_buffer_append_format(out, "%.7f,%.7f", pct_position_lon_deg(hit->position),
                                        pct_position_lat_deg(hit->position));
    if (hit->kind != PCT_PLACE_ADDRESS) return pct_buffer_append(out, hit->name.chars, hit->name.length);
    bool wordless = false;
    for (pct_text rest = hit->name; rest.length > 0 && !wordless;)
        wordless = pct_place_is_wordless(pct_place_next_char(&rest));
    const pct_param params[] = {pct_view(hit->name), pct_str(hit->house_number)};
    return pct_message_render(PCT_MSG_PLACE_ADDRESS, params, 2, wordless ? PCT_ZH : PCT_EN, out);
}
