#include "demand/helped.h"

#include <math.h>

#include "demand/beta.h"

static const double beyond = 0.05, beyond_like = 0.01, /* of it, for the like places, whose calls are many */
    spare = 0.5; /* Anscombe's half call: logarithms of small counts are biased without it */

const char *pct_helped_answer_name(pct_helped_answer answer) {
    static const char *const names[] = {[PCT_HELPED_LESS] = "helped",
                                        [PCT_HELPED_MORE] = "more",
                                        [PCT_HELPED_CANNOT_TELL] = "cannot_tell",
                                        [PCT_HELPED_FEW_CALLS] = "few_calls",
                                        [PCT_HELPED_FEW_PLACES] = "few_places"};
    return names[answer];
}

pct_helped_periods_days pct_helped_periods(int64_t from_day, int64_t until_day) {
    int64_t length = until_day - from_day, until = from_day - PCT_HELPED_CHOSEN_DAYS;
    if (length < PCT_HELPED_BEFORE_DAYS) length = PCT_HELPED_BEFORE_DAYS;
    length = (length + 6) / 7 * 7; /* whole weeks */
    return (pct_helped_periods_days){until - length, until, from_day, until_day};
}

/* How unlike a place is: the logarithm's distance to the mean; INFINITY when it cannot be compared. */
static double unlike(const pct_helped_place *p, double mean) {
    double off = fabs(log(((double)p->before + spare) / (mean + spare)));
    bool fits = p->role == PCT_HELPED_OTHER && p->before + p->during > 0;
    return fits && off <= log(PCT_HELPED_LIKE_TIMES) ? off : INFINITY;
}

size_t pct_helped_choose_like(pct_helped_place *places, size_t count) {
    double sum = 0, patrolled = 0;
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++) {
        if (places[i].role != PCT_HELPED_PATROLLED) continue;
        sum += (double)places[i].before;
        patrolled++;
    }
    while (patrolled > 0 && chosen < PCT_HELPED_LIKE_MOST) {
        size_t best = count;
        double least = INFINITY;
        for (size_t i = 0; i < count; i++) {
            double off = unlike(&places[i], sum / patrolled);
            if (off < least) least = off, best = i;
        }
        if (best == count) break;
        places[best].role = PCT_HELPED_LIKE_PLACE;
        chosen++;
    }
    return chosen;
}

/* Pearson's statistic of each like place's share of calls that came during, against the share of all of them. */
static double dispersion_of(const pct_helped_place *places, size_t count, const pct_helped *h) {
    double share = (double)h->like_during / (double)(h->like_before + h->like_during), statistic = 0;
    for (size_t i = 0; i < count; i++) {
        if (places[i].role != PCT_HELPED_LIKE_PLACE) continue;
        double all = (double)(places[i].before + places[i].during),
               off = (double)places[i].during - all * share;
        if (all > 0) statistic += off * off / (all * share * (1 - share));
    }
    return statistic / (double)(h->like - 1);
}

/* Student's quantile of both tails together, by the beta distribution. */
static double student(double freedom) {
    double x = pct_beta_quantile(freedom / 2, 0.5, beyond);
    return sqrt(freedom * (1 - x) / x);
}

static double logarithm(int64_t calls) {
    return log((double)calls + spare);
}

static double noise(int64_t calls) {
    return 1 / ((double)calls + spare);
}

static pct_helped sum_up(const pct_helped_place *places, size_t count, pct_helped_role role) {
    pct_helped h = {.change = NAN, .low = NAN, .high = NAN, .dispersion = NAN};
    for (size_t i = 0; i < count; i++) {
        if (places[i].role == role) h.before += places[i].before, h.during += places[i].during, h.places++;
        if (places[i].role == PCT_HELPED_LIKE_PLACE)
            h.like_before += places[i].before, h.like_during += places[i].during, h.like++;
    }
    return h;
}

static pct_helped_answer answer_of(const pct_helped *h) {
    return h->high < 1 ? PCT_HELPED_LESS : h->low > 1 ? PCT_HELPED_MORE : PCT_HELPED_CANNOT_TELL;
}

static double change_of(const pct_helped *h) {
    return exp(logarithm(h->during) - logarithm(h->before) - logarithm(h->like_during) +
               logarithm(h->like_before));
}

pct_helped pct_helped_judge(const pct_helped_place *places, size_t count, pct_helped_role role) {
    pct_helped h = sum_up(places, count, role);
    h.answer = PCT_HELPED_FEW_PLACES;
    if (h.places == 0 || h.like < PCT_HELPED_LIKE) return h;
    h.answer = PCT_HELPED_FEW_CALLS;
    if (h.before < PCT_HELPED_CALLS || h.during < PCT_HELPED_CALLS || h.like_before < PCT_HELPED_CALLS ||
        h.like_during < PCT_HELPED_CALLS)
        return h;
    h.dispersion = dispersion_of(places, count, &h);
    double change = log(change_of(&h));
    double deviation = sqrt(
        h.dispersion * (noise(h.during) + noise(h.before) + noise(h.like_during) + noise(h.like_before)));
    double half = student((double)(h.like - 1)) * deviation;
    h.change = exp(change);
    h.low = exp(change - half);
    h.high = exp(change + half);
    h.answer = answer_of(&h);
    return h;
}

/* Limits of the odds of coming during, of counts that may be fractions. */
static void odds_within(double during, double before, double tail, double *low, double *high) {
    double least = during > 0 ? pct_beta_quantile(during, before + 1, tail) : 0;
    double most = before > 0 ? pct_beta_quantile(during + 1, before, 1 - tail) : 1;
    *low = least / (1 - least);
    *high = before > 0 ? most / (1 - most) : INFINITY;
}

pct_helped pct_helped_judge_few(const pct_helped_place *places, size_t count, pct_helped_role role) {
    pct_helped h = sum_up(places, count, role);
    h.answer = PCT_HELPED_FEW_PLACES;
    if (h.places == 0 || h.like < PCT_HELPED_LIKE) return h;
    h.answer = PCT_HELPED_FEW_CALLS;
    if (h.before + h.during < PCT_HELPED_CALLS || h.like_before < PCT_HELPED_CALLS ||
        h.like_during < PCT_HELPED_CALLS)
        return h;
    h.dispersion = fmax(1, dispersion_of(places, count, &h));
    double low, high, like_low, like_high;
    odds_within((double)h.during / h.dispersion, (double)h.before / h.dispersion, (beyond - beyond_like) / 2,
                &low, &high);
    odds_within((double)h.like_during / h.dispersion, (double)h.like_before / h.dispersion, beyond_like / 2,
                &like_low, &like_high);
    h.change = change_of(&h);
    h.low = low / like_high;
    h.high = high / like_low;
    h.answer = answer_of(&h);
    return h;
}
