/* Which lines the recent looks of one account cross, and the flags. A pattern is a question about the looks in its window: does
 * this one belong to it, and is it another thing than those counted already?
 *
 * O(recent looks) for each pattern; the set of what was counted is a table on the stack. */
#include <string.h>

#include "audit/state.h"

enum { COUNTED = 2048 }; /* power of two, above 2 × PCT_AUDIT_RECENT_MAX */

pct_recent_look *pct_recent_at(const pct_recent *recent, uint32_t i) {
    return &recent->looks[(recent->begin + i) % recent->capacity];
}

static pct_status grow(pct_recent *recent, pct_error *error) {
    uint32_t capacity = recent->capacity ? recent->capacity * 2 : 16;
    pct_recent_look *looks = pct_alloc(capacity, sizeof *looks);
    if (!looks) return pct_error_memory(error, capacity * sizeof *looks);
    for (uint32_t i = 0; i < recent->length; i++) looks[i] = *pct_recent_at(recent, i);
    pct_free(recent->looks);
    recent->looks = looks, recent->begin = 0, recent->capacity = capacity;
    return PCT_OK;
}

pct_status pct_recent_add(pct_recent *recent, const pct_recent_look *look, pct_error *error) {
    if (recent->length == recent->capacity && recent->capacity < PCT_AUDIT_RECENT_MAX) {
        pct_status status = grow(recent, error);
        if (status) return status;
    }
    if (recent->length == recent->capacity)
        recent->begin = (recent->begin + 1) % recent->capacity;
    else
        recent->length++;
    *pct_recent_at(recent, recent->length - 1) = *look;
    return PCT_OK;
}

/* --- counting ------------------------------------------------------------------------------------------------------ */

typedef struct counted {
    int64_t values[COUNTED];
    int32_t count;
} counted;

static void count(counted *c, int64_t value) {
    uint32_t slot = (uint32_t)((uint64_t)value * 0x9e3779b97f4a7c15u >> 53);
    while (c->values[slot] && c->values[slot] != value) slot = (slot + 1) % COUNTED;
    if (!c->values[slot]) c->values[slot] = value, c->count++;
}

static bool is_neighbour(const pct_recent_look *a, const pct_recent_look *b, int32_t reach) {
    int64_t apart = (int64_t)a->ordinal - (int64_t)b->ordinal;
    return a->record.kind == b->record.kind && a->ordinal && b->ordinal && apart <= reach && -apart <= reach;
}

static bool belongs(const pct_audit_watch *w, pct_audit_pattern pattern, const pct_recent_look *look,
                    const pct_recent_look *newest) {
    switch (pattern) {
    case PCT_AUDIT_SAME_RECORD:
    case PCT_AUDIT_TRACK_FOLLOWED: return look->record.seq == newest->record.seq;
    /* Whoever pages through the register or the board passes by places of their own cases too. */
    case PCT_AUDIT_SERIES: return !look->own && is_neighbour(look, newest, w->rules->neighbours);
    case PCT_AUDIT_MANY_LIVE: return !look->own;
    case PCT_AUDIT_ONE_PLACE:
        return !look->own && !look->nearby && newest->place && look->place == newest->place;
    case PCT_AUDIT_OFF_SHIFT: return true;
    case PCT_AUDIT_FALSE_CASE: return look->falsely && !look->own && !look->nearby;
    default: return !look->own && !look->nearby;
    }
}

/* What is counted once. */
static int64_t what(pct_audit_pattern pattern, const pct_recent_look *look) {
    switch (pattern) {
    case PCT_AUDIT_SERIES: return look->record.seq;
    case PCT_AUDIT_OFF_SHIFT:
    case PCT_AUDIT_SAME_RECORD:
    case PCT_AUDIT_TRACK_FOLLOWED: return look->seq;
    default: return look->case_seq;
    }
}

typedef struct tally {
    counted things;
    int64_t seqs[PCT_AUDIT_RECENT_MAX]; /* ascending */
    uint32_t looks;
    int64_t first_ms;
} tally;

static void take_stock(const pct_audit_watch *w, const pct_recent *recent, pct_audit_pattern pattern,
                       const pct_recent_look *newest, pct_audit_line line, tally *out) {
    int64_t sitting_ms = pattern == PCT_AUDIT_SAME_RECORD ? w->rules->sitting_ms : 0;
    int64_t last_ms = INT64_MIN / 2;
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < recent->length; i++) {
        const pct_recent_look *look = pct_recent_at(recent, i);
        if (look->seq > newest->seq || look->at_ms <= newest->at_ms - line.window_ms) continue;
        if (!belongs(w, pattern, look, newest)) continue;
        if (out->looks == 0) out->first_ms = look->at_ms;
        out->seqs[out->looks++] = look->seq;
        /* Looks of one sitting count once: each is held to the first of the sitting. */
        if (look->at_ms < last_ms + sitting_ms) continue;
        last_ms = look->at_ms;
        count(&out->things, what(pattern, look));
    }
}

/* --- flags --------------------------------------------------------------------------------------------------------- */

static pct_audit_flag *flag_of(pct_audit_watch *w, int64_t number) {
    int64_t at = number - 1 - w->flags_gone;
    return number > 0 && at >= 0 ? (pct_audit_flag *)w->flags.items + at : NULL;
}

static void drop_oldest(pct_audit_watch *w, size_t gone) {
    pct_audit_flag *flags = w->flags.items;
    memmove(flags, flags + gone, (w->flags.length - gone) * sizeof *flags);
    w->flags.length -= gone;
    w->flags_gone += (int64_t)gone;
}

static pct_status raise_flag(pct_audit_watch *w, pct_audit_account *account, pct_audit_pattern pattern,
                             const pct_audit_flag *flag, int64_t subject, pct_error *error) {
    if (w->flags.length == PCT_AUDIT_FLAGS_MAX) drop_oldest(w, PCT_AUDIT_FLAGS_MAX / 4);
    pct_audit_flag *room = pct_vector_push(&w->flags);
    if (!room) return pct_error_memory(error, sizeof *room);
    *room = *flag;
    account->open[pattern] = (pct_audit_open_flag){w->flags_gone + (int64_t)w->flags.length, subject};
    return PCT_OK;
}

/* What goes on after a flag was raised is part of it, for as long as the window; then it is a new one, so that nothing hides in
 * a flag that somebody has reviewed. */
static bool is_part(pct_audit_watch *w, pct_audit_account *account, pct_audit_pattern pattern,
                    const pct_recent_look *look, int64_t window_ms, int64_t subject) {
    pct_audit_flag *open = flag_of(w, account->open[pattern].number);
    if (!open || account->open[pattern].subject != subject || look->at_ms > open->raised_ms + window_ms)
        return false;
    open->last_ms = look->at_ms;
    open->looks++;
    if (open->seq_count < PCT_AUDIT_FLAG_LOOKS_MAX) open->seqs[open->seq_count++] = look->seq;
    return true;
}

static int64_t subject_of(pct_audit_pattern pattern, const pct_recent_look *look) {
    if (pattern == PCT_AUDIT_SAME_RECORD || pattern == PCT_AUDIT_TRACK_FOLLOWED) return look->record.seq;
    return pattern == PCT_AUDIT_ONE_PLACE ? (int64_t)(look->place >> 1) : 0;
}

static pct_status hold_to(pct_audit_watch *w, pct_audit_account *account, const pct_recent *recent,
                          pct_audit_pattern pattern, const pct_recent_look *look, pct_role role,
                          pct_error *error) {
    const pct_audit_line line = w->rules->lines[pattern][role];
    int64_t subject = subject_of(pattern, look);
    tally t;
    if (line.count == 0 || !belongs(w, pattern, look, look)) return PCT_OK;
    if (is_part(w, account, pattern, look, line.window_ms, subject)) return PCT_OK;
    take_stock(w, recent, pattern, look, line, &t);
    if (t.things.count < line.count) return PCT_OK;
    pct_audit_flag flag = {.seq = look->seq,
                           .first_ms = t.first_ms,
                           .last_ms = look->at_ms,
                           .raised_ms = look->at_ms,
                           .actor = account->id,
                           .pattern = pattern,
                           .role = role,
                           .looks = t.looks};
    if (pattern == PCT_AUDIT_SAME_RECORD || pattern == PCT_AUDIT_TRACK_FOLLOWED) flag.subject = look->record;
    flag.seq_count = t.looks < PCT_AUDIT_FLAG_LOOKS_MAX ? t.looks : PCT_AUDIT_FLAG_LOOKS_MAX;
    memcpy(flag.seqs, t.seqs, flag.seq_count * sizeof *flag.seqs);
    return raise_flag(w, account, pattern, &flag, subject, error);
}

pct_status pct_audit_judge(pct_audit_watch *w, pct_audit_account *account, pct_recent_kind kind,
                           const pct_recent_look *look, pct_role role, pct_error *error) {
    static const uint32_t patterns[PCT_RECENT_KINDS] = {
        [PCT_RECENT_COLD] = 1u << PCT_AUDIT_OUTSIDE_CASES | 1u << PCT_AUDIT_MANY_CASES |
                            1u << PCT_AUDIT_SERIES | 1u << PCT_AUDIT_ONE_PLACE | 1u << PCT_AUDIT_SAME_RECORD |
                            1u << PCT_AUDIT_FALSE_CASE,
        [PCT_RECENT_LIVE] =
            1u << PCT_AUDIT_MANY_LIVE | 1u << PCT_AUDIT_SAME_RECORD | 1u << PCT_AUDIT_FALSE_CASE,
        [PCT_RECENT_OFF] = 1u << PCT_AUDIT_OFF_SHIFT,
        [PCT_RECENT_TRACK] = 1u << PCT_AUDIT_TRACK_FOLLOWED};
    pct_status status = PCT_OK;
    for (int p = 0; p < PCT_AUDIT_PATTERN_COUNT && !status; p++)
        if (patterns[kind] >> p & 1)
            status = hold_to(w, account, &account->recent[kind], (pct_audit_pattern)p, look, role, error);
    return status;
}

size_t pct_audit_watch_flag_count(const pct_audit_watch *w) {
    return w->flags.length;
}

const pct_audit_flag *pct_audit_watch_flag_at(const pct_audit_watch *w, size_t index) {
    return (const pct_audit_flag *)w->flags.items + index;
}

void pct_audit_watch_forget(pct_audit_watch *w, int64_t before_ms) {
    const pct_audit_flag *flags = w->flags.items;
    size_t gone = 0;
    while (gone < w->flags.length && flags[gone].raised_ms < before_ms) gone++;
    if (gone > 0) drop_oldest(w, gone);
}
