/* Second factors: codes as authenticators make them, each used once, and nothing of them in the file. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "access/factor.h"
#include "store/page_check.h"
#include "support/test.h"

static const int64_t noon_ms = 1760000000000;
static const unsigned char key[PCT_AGENCY_KEY_BYTES] = "the agency's key of this test..",
                           other[PCT_AGENCY_KEY_BYTES] = "another one";

typedef struct world {
    char folder[64], file[96];
    pct_accounts *accounts;
} world;

static void begin(world *w) {
    pct_error error = {0};
    *w = (world){.folder = "/tmp/pct-factor-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    ck_assert_int_gt(snprintf(w->file, sizeof w->file, "%s/accounts.db", w->folder), 0);
    test_ok(pct_accounts_open(w->folder, &w->accounts, &error), &error);
    test_ok(pct_factors_unlock(w->accounts, key, &error), &error);
    test_ok(pct_accounts_add(w->accounts, pct_text_of("anna"), 1u << PCT_ROLE_DISPATCHER,
                             pct_text_of("correct horse"), noon_ms, &error),
            &error);
    test_ok(pct_accounts_add(w->accounts, pct_text_of("bert"), 1u << PCT_ROLE_DISPATCHER,
                             pct_text_of("correct horse"), noon_ms, &error),
            &error);
}

static void reopen(world *w) {
    pct_error error = {0};
    pct_accounts_close(w->accounts);
    test_ok(pct_accounts_open(w->folder, &w->accounts, &error), &error);
}

static void end(world *w) {
    pct_accounts_close(w->accounts);
    (void)unlink(w->file);
    ck_assert_int_eq(rmdir(w->folder), 0);
}

static void read_secret(const char *text, unsigned char out[PCT_TOTP_SECRET]) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint64_t bits = 0;
    int have = 0, at = 0;
    for (; *text; text++) {
        bits = bits << 5 | (uint64_t)(strchr(letters, *text) - letters);
        have += 5;
        if (have >= 8) have -= 8, out[at++] = (unsigned char)(bits >> have);
    }
    ck_assert_int_eq(at, PCT_TOTP_SECRET);
}

static pct_text code_at(const unsigned char secret[PCT_TOTP_SECRET], int64_t ms, char out[8]) {
    (void)snprintf(out, 8, "%06u", pct_totp_code(secret, ms / PCT_TOTP_STEP_MS) % 1000000);
    return pct_text_of(out);
}

static bool use(world *w, const char *account, pct_text code, int64_t ms) {
    bool on, good;
    pct_error error = {0};
    test_ok(pct_factor_use(w->accounts, pct_text_of(account), code, ms, &on, &good, &error), &error);
    ck_assert(on);
    return good;
}

static void enrol(world *w, const char *account, unsigned char secret[PCT_TOTP_SECRET],
                  pct_recovery *recovery) {
    char text[PCT_TOTP_TEXT], code[8];
    pct_error error = {0};
    test_ok(pct_factor_begin(w->accounts, pct_text_of(account), text, &error), &error);
    read_secret(text, secret);
    const int64_t before_ms = noon_ms - 10 * PCT_TOTP_STEP_MS;
    test_ok(pct_factor_confirm(w->accounts, pct_text_of(account), code_at(secret, before_ms, code), before_ms,
                               recovery, &error),
            &error);
}

/* RFC 6238, appendix B: eight digits there, of which apps show the last six. */
TEST(totp_gives_the_codes_of_the_rfc) {
    const unsigned char secret[PCT_TOTP_SECRET] = {"12345678901234567890"};
    const struct {
        int64_t s;
        uint32_t code;
    } vectors[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                   {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        ck_assert_uint_eq(pct_totp_code(secret, vectors[i].s / 30), vectors[i].code % 1000000);
    char text[PCT_TOTP_TEXT];
    pct_totp_write(secret, text);
    ck_assert_str_eq(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    pct_buffer uri = pct_buffer_init(PCT_FACTOR_URI_MAX);
    ck_assert_int_eq(pct_totp_uri(text, pct_text_of("anna"), &uri), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&uri),
                     "otpauth://totp/Precinct:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Precinct");
    pct_buffer_dispose(&uri);
}

TEST(totp_takes_one_step_before_and_after_and_no_other) {
    const unsigned char secret[PCT_TOTP_SECRET] = {"12345678901234567890"};
    char code[8];
    int64_t now = noon_ms / PCT_TOTP_STEP_MS;
    for (int64_t d = -5; d <= 5; d++) {
        pct_text text = code_at(secret, (now + d) * PCT_TOTP_STEP_MS, code);
        ck_assert_int_eq(pct_totp_find(secret, text, noon_ms, -1), d >= -1 && d <= 1 ? now + d : -1);
        ck_assert_int_eq(pct_totp_find(secret, text, noon_ms, now), d == 1 ? now + 1 : -1);
    }
    ck_assert_int_eq(pct_totp_find(secret, pct_text_of("12345"), noon_ms, -1), -1);
    ck_assert_int_eq(pct_totp_find(secret, pct_text_of("1234567"), noon_ms, -1), -1);
    ck_assert_int_eq(pct_totp_find(secret, pct_text_of(""), noon_ms, -1), -1);
}

TEST(factor_takes_each_code_once) {
    world w;
    unsigned char secret[PCT_TOTP_SECRET];
    char code[8], next[8];
    pct_recovery recovery;
    begin(&w);
    enrol(&w, "anna", secret, &recovery);
    pct_text now = code_at(secret, noon_ms, code);
    ck_assert(use(&w, "anna", now, noon_ms));
    ck_assert(!use(&w, "anna", now, noon_ms));
    ck_assert(!use(&w, "anna", now, noon_ms + PCT_TOTP_STEP_MS));
    /* One that is older than a used one does not count either. */
    ck_assert(!use(&w, "anna", code_at(secret, noon_ms - PCT_TOTP_STEP_MS, next), noon_ms));
    ck_assert(use(&w, "anna", code_at(secret, noon_ms + PCT_TOTP_STEP_MS, next), noon_ms + PCT_TOTP_STEP_MS));
    for (int i = 0; i < PCT_RECOVERY_CODES; i++) {
        ck_assert(use(&w, "anna", pct_text_of(recovery.codes[i]), noon_ms));
        ck_assert(!use(&w, "anna", pct_text_of(recovery.codes[i]), noon_ms));
    }
    end(&w);
}

TEST(factor_signs_in_with_password_and_code_alone) {
    world w;
    unsigned char secret[PCT_TOTP_SECRET];
    char code[8];
    pct_recovery recovery;
    pct_session session;
    pct_error error = {0};
    begin(&w);
    enrol(&w, "anna", secret, &recovery);
    pct_sign_in in = {.account = pct_text_of("anna"),
                      .password = pct_text_of("correct horse"),
                      .address = pct_text_of("10.0.0.7"),
                      .wall_ms = noon_ms};
    ck_assert_int_eq(pct_accounts_sign_in(w.accounts, &in, &session, &error), PCT_REFUSED);
    ck_assert_int_eq(error.message, PCT_MSG_SIGN_IN_CODE);
    in.code = pct_text_of("000000x");
    ck_assert_int_eq(pct_accounts_sign_in(w.accounts, &in, &session, &error), PCT_REFUSED);
    ck_assert_int_eq(error.message, PCT_MSG_SIGN_IN_CODE_WRONG);
    in.code = code_at(secret, noon_ms, code);
    in.password = pct_text_of("wrong horse"); /* says nothing of the code, and does not use it up */
    ck_assert_int_eq(pct_accounts_sign_in(w.accounts, &in, &session, &error), PCT_REFUSED);
    ck_assert_int_eq(error.message, PCT_MSG_SIGN_IN_WRONG);
    in.password = pct_text_of("correct horse");
    test_ok(pct_accounts_sign_in(w.accounts, &in, &session, &error), &error);
    ck_assert_int_eq(session.identity.signed_by, PCT_SIGNED_BY_CODE);
    /* Guessing codes behind the right password: five, then one a minute. */
    int checked = 0;
    for (in.tick_ms = 0; in.tick_ms < 600000; in.tick_ms += 5000) {
        in.code = pct_text_of("000000x");
        checked += pct_accounts_sign_in(w.accounts, &in, &session, &error) == PCT_REFUSED;
    }
    ck_assert_int_le(checked, 5 + 10);
    end(&w);
}

TEST(factor_lies_sealed_and_bound_to_its_account) {
    world w;
    unsigned char secret[PCT_TOTP_SECRET], second[PCT_TOTP_SECRET];
    char text[PCT_TOTP_TEXT], code[8];
    pct_recovery recovery;
    bool on, good;
    pct_error error = {0};
    begin(&w);
    enrol(&w, "anna", secret, &recovery);
    enrol(&w, "bert", second, &recovery);
    pct_totp_write(secret, text);
    size_t length = 0;
    char *bytes = test_read_file(w.file, &length);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_null(memmem(bytes, length, secret, sizeof secret));
    ck_assert_ptr_null(memmem(bytes, length, text, 32));
    ck_assert_ptr_null(memmem(bytes, length, recovery.codes[0], 11));
    free(bytes);
    reopen(&w); /* without a key, and with another one, nothing opens */
    pct_text now = code_at(secret, noon_ms, code);
    ck_assert_int_eq(pct_factor_use(w.accounts, pct_text_of("anna"), now, noon_ms, &on, &good, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(pct_factors_unlock(w.accounts, other, &error), PCT_REFUSED);
    ck_assert_int_eq(pct_factor_use(w.accounts, pct_text_of("anna"), now, noon_ms, &on, &good, &error),
                     PCT_REFUSED);
    test_ok(pct_factors_unlock(w.accounts, key, &error), &error);
    ck_assert(use(&w, "anna", now, noon_ms));
    sqlite3 *db = NULL; /* somebody puts his own secret into another's row */
    ck_assert_int_eq(pct_page_open(w.file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "UPDATE account SET factor = (SELECT factor FROM account WHERE name = "
                                  "'bert') WHERE name = 'anna'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(pct_factor_use(w.accounts, pct_text_of("anna"), code_at(second, noon_ms, code), noon_ms,
                                    &on, &good, &error),
                     PCT_REFUSED);
    test_ok(pct_factor_remove(w.accounts, pct_text_of("anna"), &error), &error);
    test_ok(pct_factor_is_on(w.accounts, pct_text_of("anna"), &on, &error), &error);
    ck_assert(!on);
    end(&w);
}

TEST(factor_survives_another_key_of_the_agency_cut_anywhere) {
    for (int cut = 0; cut < 3; cut++) { /* 0: before it is in place; 1: after; 2: all done */
        world w;
        unsigned char secret[PCT_TOTP_SECRET];
        char code[8];
        pct_recovery recovery;
        pct_error error = {0};
        begin(&w);
        enrol(&w, "anna", secret, &recovery);
        test_ok(pct_factors_rewrap_begin(w.accounts, other, &error), &error);
        if (cut == 2) test_ok(pct_factors_rewrap_end(w.accounts, other, &error), &error);
        reopen(&w);
        test_ok(pct_factors_unlock(w.accounts, cut == 0 ? key : other, &error), &error);
        ck_assert(use(&w, "anna", code_at(secret, noon_ms, code), noon_ms));
        if (cut == 2) ck_assert_int_eq(pct_factors_unlock(w.accounts, key, &error), PCT_REFUSED);
        end(&w);
    }
}

TEST_MAIN("factor", TEST_CASE(totp_gives_the_codes_of_the_rfc),
          TEST_CASE(totp_takes_one_step_before_and_after_and_no_other),
          TEST_CASE(factor_takes_each_code_once), TEST_CASE(factor_signs_in_with_password_and_code_alone),
          TEST_CASE(factor_lies_sealed_and_bound_to_its_account),
          TEST_CASE(factor_survives_another_key_of_the_agency_cut_anywhere))
