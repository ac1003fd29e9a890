/* Limits of trying to sign in: how many guesses who has, and whom they keep waiting. */
#include <stdio.h>
#include <string.h>

#include "access/attempts.h"
#include "access/browser.h"
#include "support/test.h"

enum { DAY_MS = 86400000, MINUTE_MS = 60000 };

static pct_attempts *attempts_new(void) {
    pct_error error = {0};
    pct_attempts *attempts = NULL;
    test_ok(pct_attempts_new(&attempts, &error), &error);
    return attempts;
}

/* Tries as often as it may until then, always in vain. */
static int guesses(pct_attempts *a, pct_attempt_kind kind, const pct_attempt *who, int64_t from_ms,
                   int64_t until_ms) {
    int count = 0;
    for (int64_t now = from_ms; now < until_ms;) {
        int64_t wait = pct_attempts_wait_ms(a, kind, who, now);
        if (wait == 0) pct_attempts_failed(a, kind, who, now), count++;
        now += wait ? wait : 1;
    }
    return count;
}

static pct_attempt stranger(const char *account, const char *address) {
    return (pct_attempt){.account = pct_text_of(account), .address = pct_text_of(address)};
}

TEST(attempts_bound_the_guesses_of_one_address_and_of_a_browser) {
    pct_attempts *a = attempts_new();
    pct_attempt who = stranger("anna", "10.0.0.7");
    ck_assert_int_eq(guesses(a, PCT_ATTEMPT_PASSWORD, &who, 0, 600000), 5 + 20 - 1);
    who.browser = pct_text_of("b1");
    ck_assert_int_eq(guesses(a, PCT_ATTEMPT_PASSWORD, &who, 0, 600000), 10 + 20 - 1);
    who.voucher = pct_text_of("carl's");
    ck_assert_int_eq(guesses(a, PCT_ATTEMPT_PASSWORD, &who, 0, 600000), 10 + 20 - 1);
    who.browser = pct_text_of("b2"); /* another browser of carl's is no further allowance */
    ck_assert_int_eq(guesses(a, PCT_ATTEMPT_PASSWORD, &who, 0, 20000), 0);
    pct_attempts_free(a);
}

/* As many addresses as one likes, for a day: 30 and one in 20 s. */
TEST(attempts_bound_the_guesses_of_the_whole_world_at_an_account) {
    pct_attempts *a = attempts_new();
    int passwords = 0, codes = 0;
    for (int64_t now = 0, n = 0; now < DAY_MS; now += 1000, n++) {
        char address[32];
        (void)snprintf(address, sizeof address, "10.%d.%d.%d", (int)(n >> 16 & 255), (int)(n >> 8 & 255),
                       (int)(n & 255));
        const pct_attempt who = stranger("anna", address);
        for (int i = 0; i < 3; i++) {
            if (pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &who, now) == 0)
                pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &who, now), passwords++;
            if (pct_attempts_wait_ms(a, PCT_ATTEMPT_CODE, &who, now) == 0)
                pct_attempts_failed(a, PCT_ATTEMPT_CODE, &who, now), codes++;
        }
    }
    ck_assert_int_le(passwords, 30 + DAY_MS / 20000);
    ck_assert_int_ge(passwords, DAY_MS / 20000);
    ck_assert_int_le(codes, 10 + DAY_MS / 600000);
    /* And all that is charged to nobody at a desk. */
    pct_attempt desk = stranger("anna", "10.0.0.1");
    desk.browser = pct_text_of("b1");
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &desk, DAY_MS), 0);
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_CODE, &desk, DAY_MS), 0);
    desk.voucher = pct_text_of("carl's");
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &desk, DAY_MS), 0);
    const pct_attempt here = {
        .account = pct_text_of("anna"), .address = pct_text_of("127.0.0.1"), .local = true};
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &here, DAY_MS), 0);
    pct_attempts_free(a);
}

/* One password at many accounts. */
TEST(attempts_bound_what_an_address_tries_at_all_accounts) {
    pct_attempts *a = attempts_new();
    int count = 0;
    for (int n = 0; n < 1000; n++) {
        char account[32];
        (void)snprintf(account, sizeof account, "officer%d", n);
        const pct_attempt who = stranger(account, "10.0.0.7");
        if (pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &who, 0) > 0) continue;
        pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &who, 0);
        count++;
    }
    ck_assert_int_eq(count, 20);
    const pct_attempt other = stranger("officer1", "10.0.0.8");
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &other, 0), 0);
    pct_attempts_free(a);
}

TEST(attempts_passed_clears_the_own_count_and_no_other) {
    pct_attempts *a = attempts_new();
    const pct_attempt who = stranger("anna", "10.0.0.7"), other = stranger("anna", "10.0.0.8");
    for (int i = 0; i < 5; i++) pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &who, 0);
    for (int i = 0; i < 5; i++) pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &other, 0);
    pct_attempts_passed(a, &who);
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &who, 0), 0);
    ck_assert_int_eq(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &other, 0), 30000);
    /* The address has 15 left, all strangers at anna 20. */
    int left = 0;
    for (int n = 0; n < 100; n++) {
        char account[32];
        (void)snprintf(account, sizeof account, "officer%d", n);
        const pct_attempt spray = stranger(account, "10.0.0.7");
        if (pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &spray, 0) == 0)
            pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &spray, 0), left++;
    }
    ck_assert_int_eq(left, 15);
    pct_attempts_free(a);
}

/* More keys than there is room for: what is remembered for longest stays, and nothing breaks. */
TEST(attempts_forget_what_would_be_free_first) {
    pct_attempts *a = attempts_new();
    const pct_attempt anna = stranger("anna", "192.0.2.1");
    for (int i = 0; i < 5; i++) pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &anna, 0);
    for (int n = 0; n < PCT_ATTEMPT_KEYS; n++) {
        char account[32], address[32];
        (void)snprintf(account, sizeof account, "x%d", n);
        (void)snprintf(address, sizeof address, "10.%d.%d.%d", n >> 16 & 255, n >> 8 & 255, n & 255);
        const pct_attempt who = stranger(account, address);
        pct_attempts_failed(a, PCT_ATTEMPT_PASSWORD, &who, 0);
    }
    ck_assert_int_gt(pct_attempts_wait_ms(a, PCT_ATTEMPT_PASSWORD, &anna, MINUTE_MS / 4), 0);
    pct_attempts_free(a);
}

TEST(browser_is_known_again_by_its_cookie_and_no_forged_or_old_one_is) {
    unsigned char key[PCT_BROWSER_KEY] = {1, 2, 3}, other[PCT_BROWSER_KEY] = {3, 2, 1};
    char cookie[PCT_BROWSER_COOKIE], name[32];
    pct_browser browser = {0}, found;
    const int64_t now_ms = 20000 * (int64_t)DAY_MS;
    for (int i = 0; i < 12; i++) { /* more than it remembers */
        (void)snprintf(name, sizeof name, "officer%d", i);
        pct_browser_signed_in(key, &browser, pct_text_of(name), now_ms, cookie);
    }
    ck_assert(pct_browser_read(key, pct_text_of(cookie), now_ms, &found));
    ck_assert_str_eq(found.id, browser.id);
    ck_assert_int_eq(found.count, PCT_BROWSER_ACCOUNTS);
    ck_assert(pct_browser_has(key, &found, pct_text_of("officer11")));
    ck_assert(pct_browser_has(key, &found, pct_text_of("officer4")));
    ck_assert(!pct_browser_has(key, &found, pct_text_of("officer3")));
    ck_assert_ptr_null(strstr(cookie, "officer"));
    ck_assert(!pct_browser_read(other, pct_text_of(cookie), now_ms, &found));
    ck_assert(
        pct_browser_read(key, pct_text_of(cookie), now_ms + PCT_BROWSER_DAYS * (int64_t)DAY_MS, &found));
    ck_assert(!pct_browser_read(key, pct_text_of(cookie), now_ms + (PCT_BROWSER_DAYS + 1) * (int64_t)DAY_MS,
                                &found));
    size_t length = strlen(cookie);
    for (size_t cut = 0; cut < length; cut++)
        ck_assert(!pct_browser_read(key, (pct_text){cookie, cut}, now_ms, &found));
    for (size_t at = 0; at < length; at++) {
        char was = cookie[at];
        cookie[at] = was == '0' ? '1' : '0';
        ck_assert(!pct_browser_read(key, pct_text_of(cookie), now_ms, &found));
        cookie[at] = was;
    }
    /* Who signs in again stands first. */
    pct_browser_signed_in(key, &browser, pct_text_of("officer4"), now_ms, cookie);
    pct_browser_signed_in(key, &browser, pct_text_of("new"), now_ms, cookie);
    ck_assert(pct_browser_has(key, &browser, pct_text_of("officer4")));
    ck_assert(!pct_browser_has(key, &browser, pct_text_of("officer5")));
}

TEST_MAIN("attempts", TEST_CASE(attempts_bound_the_guesses_of_one_address_and_of_a_browser),
          TEST_CASE(attempts_bound_the_guesses_of_the_whole_world_at_an_account),
          TEST_CASE(attempts_bound_what_an_address_tries_at_all_accounts),
          TEST_CASE(attempts_passed_clears_the_own_count_and_no_other),
          TEST_CASE(attempts_forget_what_would_be_free_first),
          TEST_CASE(browser_is_known_again_by_its_cookie_and_no_forged_or_old_one_is))
