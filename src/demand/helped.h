/* Did patrolling help: calls for service in the places patrolled, before and during, against like places that were not patrolled.
 *
 *     periods = pct_helped_periods(from_day, until_day);            // which days are "before"
 *     …count calls of each place in both…
 *     like = pct_helped_choose_like(places, count);                 // marks the places to compare with
 *     answer = pct_helped_judge(places, count, PCT_HELPED_PATROLLED);
 *     moved = pct_helped_judge(places, count, PCT_HELPED_NEIGHBOUR); // did calls move next door
 *
 *   change = (during ÷ before, patrolled) ÷ (during ÷ before, like)      a difference in differences, of logarithms
 *
 * Its interval is Student's with the dispersion of the like places' own changes (Pearson's statistic by its degrees of freedom): calls come
 * in bursts and places drift, so that a Poisson interval would be too short. The dispersion is taken as it is, not raised to 1: that keeps the
 * interval at its 95 %. The weeks by which places are chosen are left out on both sides: what was chosen for being high falls by itself
 * (regression to the mean). Where a count is small, like places are few, or the interval holds 1, the answer is "cannot tell".
 * Only places, days and counts come in. O(places log places). */
#ifndef PCT_DEMAND_HELPED_H
#define PCT_DEMAND_HELPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PCT_HELPED_CHOSEN_DAYS = 28, /* by these places are chosen: PCT_RISING_WEEKS */
    PCT_HELPED_BEFORE_DAYS = 28, /* at least */
    PCT_HELPED_CALLS = 10,       /* of each count, at least */
    PCT_HELPED_LIKE = 6,         /* places, at least */
    PCT_HELPED_LIKE_MOST = 24
};
#define PCT_HELPED_LIKE_TIMES 3.0 /* a like place has at most so many times the calls, or so few */

typedef struct pct_helped_periods_days {
    int64_t before_from, before_until, from, until; /* days since 1970, half-open */
} pct_helped_periods_days;
pct_helped_periods_days pct_helped_periods(int64_t from_day, int64_t until_day);

typedef enum pct_helped_role {
    PCT_HELPED_OTHER,
    PCT_HELPED_PATROLLED,
    PCT_HELPED_NEIGHBOUR,
    PCT_HELPED_LIKE_PLACE
} pct_helped_role;

typedef struct pct_helped_place {
    int64_t before, during;
    pct_helped_role role;
} pct_helped_place;

typedef enum pct_helped_answer {
    PCT_HELPED_LESS, /* fewer calls than were to be expected: it helped */
    PCT_HELPED_MORE,
    PCT_HELPED_CANNOT_TELL,
    PCT_HELPED_FEW_CALLS,  /* cannot tell, no interval */
    PCT_HELPED_FEW_PLACES, /* cannot tell, no interval */
    PCT_HELPED_ANSWERS
} pct_helped_answer;
const char *pct_helped_answer_name(pct_helped_answer answer);

typedef struct pct_helped {
    pct_helped_answer answer;
    double change, low, high; /* times the calls to be expected, 95 %; NaN where counts or places are few */
    double dispersion;
    int64_t before, during, like_before, like_during;
    size_t places, like;
} pct_helped;

/* Of the places without a role, those whose calls before are nearest to the patrolled places' mean become like places; how many. */
size_t pct_helped_choose_like(pct_helped_place *places, size_t count);
/* `role`: of the places that are asked about. */
pct_helped pct_helped_judge(const pct_helped_place *places, size_t count, pct_helped_role role);

/* The same where calls are few, as of one place or one street (demand/spots.h): exact limits instead of logarithms.
 *
 * Given how many calls came there in both periods together, those of the second are a binomial share of them (Przyborowski and Wilenski
 * 1940), whose odds are the change that is asked for times the like places' odds. Both have limits by Clopper and Pearson (1934), each of
 * its part of the 5 % (Bonferroni), so that together they hold the truth in 95 of 100 or more, however few calls there are. Counts are
 * divided by the dispersion of the like places first, at least 1. PCT_HELPED_CALLS are needed in both periods together, not in each: that
 * none came any more is an answer. `high` is INFINITY where it has no bound. */
pct_helped pct_helped_judge_few(const pct_helped_place *places, size_t count, pct_helped_role role);

#endif
