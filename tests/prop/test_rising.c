/* Where calls rise: the exact test against sums of binomial terms; in towns where nothing changes hardly anything is told, and
 * what doubles is; bursts are not taken for a rise; what is too little is not shown. */
#include "demand/rising.h"

#include <math.h>

#include "base/rng.h"
#include "clock/time.h"
#include "demand/beta.h"
#include "support/test.h"

enum { AREAS = 12, WEEKS = 40, TOWNS = 200, CALLS_MAX = 200000 };
static const int64_t today = 20000;

static double binomial_at_least(int k, int n, double p) {
    double sum = 0;
    for (int i = k; i <= n; i++)
        sum += exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log1p(-p));
    return sum;
}

TEST(beta_share_is_the_tail_of_the_binomial) {
    for (int n = 1; n <= 60; n += 7)
        for (int k = 1; k <= n; k += 3)
            for (double p = 0.03; p < 1; p += 0.13)
                ck_assert_double_eq_tol(pct_beta_share(k, n - k + 1, p), binomial_at_least(k, n, p), 1e-11);
    ck_assert_double_eq_tol(pct_beta_share(20000, 30000, 0.4), 0.5, 0.01);
}

TEST(beta_quantile_inverts_the_share) {
    for (double a = 0.5; a < 400; a *= 3)
        for (double p = 0.025; p < 1; p += 0.19)
            ck_assert_double_eq_tol(pct_beta_share(a, 7, pct_beta_quantile(a, 7, p)), p, 1e-9);
}

typedef struct town {
    pct_rising_call *calls;
    size_t count;
    pct_rng rng;
} town;

/* Calls of every day since WEEKS ago: `rate` of each area and block a day, in bursts of so many, times `grown` in area 3, block 5 of
 * the last four weeks. */
static void live(town *t, double rate, uint32_t burst, double grown) {
    t->count = 0;
    for (int64_t ago = 1; ago <= WEEKS * 7; ago++)
        for (uint32_t area = 0; area < AREAS; area++)
            for (int block = 0; block < PCT_RISING_BLOCKS; block++) {
                bool more = area == 3 && block == 5 && ago <= PCT_RISING_WEEKS * 7;
                uint32_t n = burst * pct_rng_poisson(&t->rng, rate / burst * (more ? grown : 1));
                for (uint32_t i = 0; i < n && t->count < CALLS_MAX; i++)
                    t->calls[t->count++] =
                        (pct_rising_call){(today - ago) * PCT_DAY_MS +
                                              (block * PCT_RISING_HOURS + (int64_t)(i % 4)) * 3600000 + 7,
                                          area};
            }
}

static pct_rising learn(const town *t) {
    pct_error error = {0};
    pct_rising sheet;
    test_ok(pct_rising_learn(t->calls, t->count, AREAS, today, &sheet, &error), &error);
    return sheet;
}

typedef struct found {
    int right, wrong; /* towns in which the grown cell rises, and in which another does */
} found;

static found look(double rate, uint32_t burst, double grown) {
    found f = {0};
    town t = {.calls = calloc(CALLS_MAX, sizeof *t.calls), .rng = pct_rng_init(11, burst)};
    for (int i = 0; i < TOWNS; i++) {
        live(&t, rate, burst, grown);
        pct_rising sheet = learn(&t);
        ck_assert_int_eq(sheet.history_weeks, WEEKS - PCT_RISING_WEEKS);
        bool right = false, wrong = false;
        for (size_t c = 0; c < sheet.cells.length; c++) {
            const pct_rising_cell *cell = (const pct_rising_cell *)sheet.cells.items + c;
            ck_assert(cell->low <= cell->ratio && cell->ratio <= cell->high);
            ck_assert(!cell->rises || cell->low > 1);
            if (cell->rises) *(cell->area == 3 && cell->block == 5 ? &right : &wrong) = true;
        }
        f.right += right, f.wrong += wrong;
        pct_rising_dispose(&sheet);
    }
    free(t.calls);
    return f;
}

TEST(rising_tells_hardly_anything_where_nothing_changes) {
    found f = look(3, 1, 1);
    ck_assert_int_le(f.right + f.wrong, TOWNS / 7); /* a tenth, and what chance adds to 200 towns */
}

TEST(rising_finds_what_has_grown_and_little_else) {
    found f = look(3, 1, 3);
    ck_assert_int_ge(f.right, TOWNS * 9 / 10);
    ck_assert_int_le(f.wrong, TOWNS / 4);
}

TEST(rising_does_not_take_bursts_for_a_rise) {
    found f = look(6, 3, 1);
    ck_assert_int_le(f.right + f.wrong, TOWNS / 5);
}

TEST(rising_shows_no_cell_of_few_calls_and_nothing_without_history) {
    pct_rising_call calls[PCT_RISING_CALLS];
    for (int i = 0; i < PCT_RISING_CALLS; i++)
        calls[i] = (pct_rising_call){(today - 7 * (1 + i % 2)) * PCT_DAY_MS + 5, 1};
    town t = {.calls = calls, .count = PCT_RISING_CALLS};
    pct_rising sheet = learn(&t);
    ck_assert_int_eq(sheet.history_weeks, 0);
    ck_assert_uint_eq(sheet.cells.length, 0);
    pct_rising_dispose(&sheet);
    calls[0].local_ms =
        (today - 7 * 15 - 3) * PCT_DAY_MS; /* another weekday: history, but no call of the cell */
    sheet = learn(&t);
    ck_assert_int_eq(sheet.history_weeks, 15 - PCT_RISING_WEEKS);
    ck_assert(sheet.cells.length == 0 && sheet.hidden == 1 && sheet.calls == PCT_RISING_CALLS - 1);
    pct_rising_dispose(&sheet);
    calls[0].local_ms = today * PCT_DAY_MS; /* today is not looked at */
    calls[1].local_ms = (today - 7 * 15) * PCT_DAY_MS;
    sheet = learn(&t);
    ck_assert(sheet.cells.length == 0 && sheet.hidden == 1);
    pct_rising_dispose(&sheet);
}

TEST(rising_bears_a_cell_without_history) {
    pct_rising_call calls[40];
    for (int i = 0; i < 40; i++)
        calls[i] = (pct_rising_call){(today - 7 * (i < 20 ? 1 : 13)) * PCT_DAY_MS, (uint32_t)(i / 20)};
    town t = {.calls = calls, .count = 40};
    pct_rising sheet = learn(&t);
    ck_assert_uint_eq(sheet.cells.length, 2);
    const pct_rising_cell *cell = sheet.cells.items;
    ck_assert(cell[0].area == 0 && cell[0].history == 0 && isinf(cell[0].high) && isinf(cell[0].ratio));
    ck_assert(cell[1].area == 1 && cell[1].recent == 0 && cell[1].ratio <= 0 && cell[1].chance >= 1);
    pct_rising_dispose(&sheet);
}

TEST_MAIN("rising", TEST_CASE(beta_share_is_the_tail_of_the_binomial),
          TEST_CASE(beta_quantile_inverts_the_share),
          TEST_CASE(rising_tells_hardly_anything_where_nothing_changes),
          TEST_CASE(rising_finds_what_has_grown_and_little_else),
          TEST_CASE(rising_does_not_take_bursts_for_a_rise),
          TEST_CASE(rising_shows_no_cell_of_few_calls_and_nothing_without_history),
          TEST_CASE(rising_bears_a_cell_without_history))
