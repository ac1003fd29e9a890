/* Accounts, sessions, roles and devices: who gets in, who does not, and what is kept of a password. */
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "access/accounts.h"
#include "access/devices.h"
#include "support/test.h"

static const int64_t noon_ms = 1760000000000;

/* A folder of its own for each case. */
typedef struct folder {
    char name[64], file[96];
} folder;

static folder folder_new(void) {
    folder f = {.name = "/tmp/pct-access-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(f.name));
    ck_assert_int_gt(snprintf(f.file, sizeof f.file, "%s/accounts.db", f.name), 0);
    return f;
}

static void folder_remove(const folder *f) {
    (void)unlink(f->file);
    ck_assert_int_eq(rmdir(f->name), 0);
}

static pct_accounts *open_accounts(const folder *f) {
    pct_error error = {0};
    pct_accounts *accounts = NULL;
    test_ok(pct_accounts_open(f->name, &accounts, &error), &error);
    return accounts;
}

static void add(pct_accounts *accounts, const char *name, pct_role role) {
    pct_error error = {0};
    test_ok(pct_accounts_add(accounts, pct_text_of(name), 1u << role, pct_text_of("correct horse"), noon_ms,
                             &error),
            &error);
}

static pct_status sign_in(pct_accounts *accounts, const char *name, const char *password, int64_t now_ms,
                          pct_session *out, pct_error *error) {
    const pct_sign_in in = {.account = pct_text_of(name),
                            .password = pct_text_of(password),
                            .address = pct_text_of("10.0.0.7"),
                            .wall_ms = now_ms,
                            .tick_ms = now_ms - noon_ms};
    return pct_accounts_sign_in(accounts, &in, out, error);
}

TEST(roles_read_takes_known_ones_and_refuses_two_administrators) {
    pct_role_set roles = 0;
    pct_error error = {0};
    test_ok(pct_roles_read(pct_text_of("dispatcher, commander"), &roles, &error), &error);
    ck_assert_uint_eq(roles, 1u << PCT_ROLE_DISPATCHER | 1u << PCT_ROLE_COMMANDER);
    ck_assert_int_eq(pct_roles_read(pct_text_of("king"), &roles, &error), PCT_INPUT);
    test_error_says(&error, "call_taker,dispatcher");
    ck_assert_int_eq(pct_roles_read(pct_text_of("system"), &roles, &error), PCT_INPUT);
    const pct_role administrators[] = {PCT_ROLE_SYSTEM_ADMIN, PCT_ROLE_SECURITY_ADMIN, PCT_ROLE_AUDIT_ADMIN};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            ck_assert(pct_roles_may_be_held_together(1u << administrators[a] | 1u << administrators[b]) ==
                      (a == b));
}

TEST(role_for_denies_all_that_no_right_names) {
    for (int held = 1; held < PCT_ROLE_COUNT; held++)
        for (int right = 1; right < PCT_ROLE_COUNT; right++) {
            pct_role role = pct_access_role_for(1u << held, 1u << right);
            ck_assert_int_eq(role, held == right ? (pct_role)held : PCT_ROLE_NONE);
            ck_assert_int_eq(pct_access_role_for(1u << held, 0), PCT_ROLE_NONE);
        }
}

static int64_t count_sessions(const folder *f) {
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    ck_assert_int_eq(sqlite3_open_v2(f->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM session", -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return count;
}

TEST(end_expired_destroys_what_is_kept_of_sessions_that_have_ended_and_no_other) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session early, late;
    pct_identity identity;
    pct_error error = {0};
    const int64_t ends_ms = noon_ms + PCT_SESSION_LIFE_MS;
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &early, &error), &error);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms + 1, &late, &error), &error);
    test_ok(pct_accounts_end_expired(accounts, ends_ms - 1, &error), &error);
    ck_assert_int_eq(count_sessions(&f), 2);
    test_ok(pct_accounts_end_expired(accounts, ends_ms, &error), &error);
    ck_assert_int_eq(count_sessions(&f), 1);
    test_ok(pct_accounts_session(accounts, pct_text_of(late.token), ends_ms, &identity, &error), &error);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

TEST(sign_in_opens_a_session_that_ends_in_time) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session session;
    pct_identity identity;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &session, &error), &error);
    ck_assert_uint_eq(strlen(session.token), 32);
    pct_text token = pct_text_of(session.token);
    test_ok(pct_accounts_session(accounts, token, noon_ms + 1, &identity, &error), &error);
    ck_assert_str_eq(identity.account, "anna");
    ck_assert_uint_eq(identity.roles, 1u << PCT_ROLE_DISPATCHER);
    ck_assert_int_eq(pct_accounts_session(accounts, token, noon_ms + PCT_SESSION_LIFE_MS, &identity, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(pct_accounts_session(accounts, pct_text_of("00000000000000000000000000000000"), noon_ms,
                                          &identity, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(pct_accounts_session(accounts, pct_text_of(""), noon_ms, &identity, &error),
                     PCT_REFUSED);
    test_ok(pct_accounts_sign_out(accounts, token, &error), &error);
    ck_assert_int_eq(pct_accounts_session(accounts, token, noon_ms + 1, &identity, &error), PCT_REFUSED);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

TEST(sign_in_says_the_same_of_a_wrong_password_and_an_unknown_account) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session session;
    pct_error wrong = {0}, unknown = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    ck_assert_int_eq(sign_in(accounts, "anna", "wrong horse", noon_ms, &session, &wrong), PCT_REFUSED);
    ck_assert_int_eq(sign_in(accounts, "nobody", "wrong horse", noon_ms, &session, &unknown), PCT_REFUSED);
    ck_assert_int_eq(wrong.message, unknown.message);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

/* Five at once from an address, then one in half a minute; the browser that signed in before is not kept waiting by it. */
TEST(sign_in_makes_strangers_wait_after_failures_and_no_known_browser) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session session, desk;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    add(accounts, "carl", PCT_ROLE_CALL_TAKER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &desk, &error), &error);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(sign_in(accounts, "anna", "wrong horse", noon_ms, &session, &error), PCT_REFUSED);
    ck_assert_int_eq(sign_in(accounts, "anna", "correct horse", noon_ms + 1000, &session, &error), PCT_BUSY);
    test_error_says(&error, "29 seconds");
    pct_sign_in in = {.account = pct_text_of("anna"),
                      .password = pct_text_of("correct horse"),
                      .address = pct_text_of("10.0.0.7"),
                      .browser = pct_text_of(desk.browser),
                      .wall_ms = noon_ms,
                      .tick_ms = 1000};
    test_ok(pct_accounts_sign_in(accounts, &in, &session, &error), &error);
    ck_assert(pct_accounts_is_known(accounts, &in));
    in.account = pct_text_of("carl"); /* never at this browser: known by anna */
    test_ok(pct_accounts_sign_in(accounts, &in, &session, &error), &error);
    in.account = pct_text_of("anna");
    in.browser = pct_text_of("1no-browser");
    ck_assert_int_eq(pct_accounts_sign_in(accounts, &in, &session, &error), PCT_BUSY);
    ck_assert(!pct_accounts_is_known(accounts, &in));
    in.local = true; /* the machine itself: never */
    for (int i = 0; i < 30; i++) {
        in.password = pct_text_of(i % 2 ? "wrong horse" : "correct horse");
        ck_assert_int_eq(pct_accounts_sign_in(accounts, &in, &session, &error), i % 2 ? PCT_REFUSED : PCT_OK);
    }
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms + 30000, &session, &error), &error);
    ck_assert_int_eq(sign_in(accounts, "anna", "wrong horse", noon_ms + 30000, &session, &error),
                     PCT_REFUSED); /* the count began anew */
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms + 30000, &session, &error), &error);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

static int64_t ticked_ms;

static int64_t ticks(void) {
    return ticked_ms;
}

/* What only stays open does not count as being seen; a new start does. The wall's clock, which people set, ends nobody's. */
TEST(sessions_end_when_nobody_uses_them) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    const int64_t idle_ms = 600000;
    pct_session used, watched;
    pct_identity identity;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_CHIEF);
    pct_accounts_set_idle(accounts, idle_ms, ticks);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &used, &error), &error);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &watched, &error), &error);
    for (int64_t ms = 0; ms <= 2 * idle_ms; ms += idle_ms / 4) {
        ticked_ms = 5 + ms;
        int64_t wall_ms = noon_ms + (ms / 300000 % 2 ? 30 * idle_ms : 0);
        test_ok(pct_accounts_session(accounts, pct_text_of(used.token), wall_ms, &identity, &error), &error);
        pct_status still =
            pct_accounts_still(accounts, pct_text_of(watched.token), wall_ms, &identity, &error);
        ck_assert_int_eq(still, ms <= idle_ms ? PCT_OK : PCT_REFUSED);
    }
    /* It is gone, and not only asleep. */
    ck_assert_int_eq(pct_accounts_session(accounts, pct_text_of(watched.token), noon_ms, &identity, &error),
                     PCT_REFUSED);
    pct_accounts_close(accounts);
    accounts = open_accounts(&f);
    pct_accounts_set_idle(accounts, idle_ms, ticks);
    ticked_ms += 9 * idle_ms;
    test_ok(pct_accounts_session(accounts, pct_text_of(used.token), noon_ms + 9 * idle_ms, &identity, &error),
            &error);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

/* The file of an older version: without staff numbers, with counts of failures. */
TEST(accounts_open_takes_a_file_from_before) {
    folder f = folder_new();
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(f.file, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "CREATE TABLE account (name TEXT PRIMARY KEY, roles INTEGER NOT NULL, "
                                  "password TEXT NOT NULL, disabled "
                                  "INTEGER NOT NULL DEFAULT 0, created_at_ms INTEGER NOT NULL, failures "
                                  "INTEGER NOT NULL DEFAULT 0, "
                                  "wait_until_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID; CREATE TABLE "
                                  "session (token_hash BLOB PRIMARY KEY, "
                                  "account TEXT NOT NULL, expires_at_ms INTEGER NOT NULL) WITHOUT ROWID;",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    pct_accounts *accounts = open_accounts(&f);
    pct_session session;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    test_ok(pct_accounts_set_person(accounts, pct_text_of("anna"), pct_text_of("007"), &error), &error);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &session, &error), &error);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

TEST(disable_ends_sessions_at_once_and_lets_nobody_in) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session session;
    pct_identity identity;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &session, &error), &error);
    test_ok(pct_accounts_disable(accounts, pct_text_of("anna"), &error), &error);
    ck_assert_int_eq(pct_accounts_session(accounts, pct_text_of(session.token), noon_ms, &identity, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(sign_in(accounts, "anna", "correct horse", noon_ms, &session, &error), PCT_REFUSED);
    ck_assert_int_eq(pct_accounts_disable(accounts, pct_text_of("nobody"), &error), PCT_NOT_FOUND);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

static bool is_open(pct_accounts *accounts, const pct_session *session) {
    pct_identity identity;
    pct_error error = {0};
    return pct_accounts_session(accounts, pct_text_of(session->token), noon_ms, &identity, &error) == PCT_OK;
}

TEST(end_others_ends_those_of_one_account_but_the_one_that_asks) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session asks, other, third, carls;
    pct_session_row rows[PCT_SESSIONS_MAX];
    size_t count = 0;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    add(accounts, "carl", PCT_ROLE_DISPATCHER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &asks, &error), &error);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &other, &error), &error);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &third, &error), &error);
    test_ok(sign_in(accounts, "carl", "correct horse", noon_ms, &carls, &error), &error);
    test_ok(pct_accounts_end_others(accounts, pct_text_of("anna"), pct_text_of(asks.token), &error), &error);
    ck_assert(is_open(accounts, &asks) && is_open(accounts, &carls));
    ck_assert(!is_open(accounts, &other) && !is_open(accounts, &third));
    test_ok(pct_accounts_sessions(accounts, pct_text_of("anna"), noon_ms, rows, &count, &error), &error);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(rows[0].address, "10.0.0.7");
    pct_accounts_close(accounts);
    folder_remove(&f);
}

/* What is refused changes nothing; what is done leaves nobody signed in by the old one. */
TEST(change_password_takes_the_old_one_and_ends_the_other_sessions) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_session asks, other;
    pct_error error = {0};
    pct_sign_in in = {.account = pct_text_of("anna"),
                      .password = pct_text_of("correct horse"),
                      .address = pct_text_of("10.0.0.7"),
                      .wall_ms = noon_ms};
    const pct_text next = pct_text_of("four quiet words");
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &asks, &error), &error);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &other, &error), &error);
    const pct_text token = pct_text_of(asks.token);
    ck_assert_int_eq(pct_accounts_change_password(accounts, &in, pct_text_of("short"), token, &error),
                     PCT_INPUT);
    test_error_says(&error, "10 to 200");
    ck_assert_int_eq(pct_accounts_change_password(accounts, &in, in.password, token, &error), PCT_INPUT);
    in.password = pct_text_of("correct house");
    ck_assert_int_eq(pct_accounts_change_password(accounts, &in, next, token, &error), PCT_REFUSED);
    ck_assert(is_open(accounts, &other));
    in.password = pct_text_of("correct horse");
    test_ok(pct_accounts_change_password(accounts, &in, next, token, &error), &error);
    ck_assert(is_open(accounts, &asks) && !is_open(accounts, &other));
    ck_assert_int_eq(sign_in(accounts, "anna", "correct horse", noon_ms, &other, &error), PCT_REFUSED);
    test_ok(sign_in(accounts, "anna", "four quiet words", noon_ms, &other, &error), &error);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

TEST(add_refuses_bad_names_short_passwords_and_taken_names) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_error error = {0};
    const char *const bad[] = {"", "Anna", "9a", "a b", "anna\n", "abcdefghijklmnopqrstuvwxyzabcdefg"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(
            pct_accounts_add(accounts, pct_text_of(bad[i]), 2, pct_text_of("correct horse"), noon_ms, &error),
            PCT_INPUT);
    ck_assert_int_eq(
        pct_accounts_add(accounts, pct_text_of("anna"), 2, pct_text_of("short"), noon_ms, &error), PCT_INPUT);
    ck_assert_int_eq(
        pct_accounts_add(accounts, pct_text_of("anna"), 0, pct_text_of("correct horse"), noon_ms, &error),
        PCT_INPUT);
    add(accounts, "anna", PCT_ROLE_PATROL);
    ck_assert_int_eq(
        pct_accounts_add(accounts, pct_text_of("anna"), 2, pct_text_of("correct horse"), noon_ms, &error),
        PCT_REFUSED);
    pct_accounts_close(accounts);
    folder_remove(&f);
}

TEST(accounts_file_holds_no_password_token_or_device_id) {
    folder f = folder_new();
    pct_accounts *accounts = open_accounts(&f);
    pct_devices *devices = NULL;
    pct_session session;
    pct_error error = {0};
    add(accounts, "anna", PCT_ROLE_DISPATCHER);
    test_ok(sign_in(accounts, "anna", "correct horse", noon_ms, &session, &error), &error);
    test_ok(pct_devices_open(f.name, &devices, &error), &error);
    pct_device device = {.unit = "巡1", .speed = PCT_SPEED_MPS};
    test_ok(pct_devices_add(devices, pct_text_of("secret-device-id"), &device, noon_ms, &error), &error);
    pct_devices_close(devices);
    pct_accounts_close(accounts);
    size_t length = 0;
    char *bytes = test_read_file(f.file, &length);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_nonnull(memmem(bytes, length, "$argon2id$", 10));
    ck_assert_ptr_null(memmem(bytes, length, "correct horse", 13));
    ck_assert_ptr_null(memmem(bytes, length, session.token, 32));
    ck_assert_ptr_null(memmem(bytes, length, "secret-device-id", 16));
    free(bytes);
    folder_remove(&f);
}

static void count_device(void *context, const pct_device *device, int64_t added_at_ms) {
    ck_assert_int_eq(added_at_ms, noon_ms);
    ck_assert_str_eq(device->unit, "U7");
    ++*(int *)context;
}

TEST(devices_find_gives_the_unit_of_a_known_id_alone) {
    folder f = folder_new();
    pct_devices *devices = NULL;
    pct_error error = {0};
    pct_device device = {.unit = "U7", .speed = PCT_SPEED_KMH}, found;
    int count = 0;
    test_ok(pct_devices_open(f.name, &devices, &error), &error);
    test_ok(pct_devices_add(devices, pct_text_of("12345678"), &device, noon_ms, &error), &error);
    ck_assert_int_eq(pct_devices_add(devices, pct_text_of("12345678"), &device, noon_ms, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(pct_devices_add(devices, pct_text_of("1234567"), &device, noon_ms, &error), PCT_INPUT);
    test_ok(pct_devices_find(devices, pct_text_of("12345678"), &found, &error), &error);
    ck_assert_str_eq(found.unit, "U7");
    ck_assert_int_eq(found.speed, PCT_SPEED_KMH);
    ck_assert_int_eq(pct_devices_find(devices, pct_text_of("12345679"), &found, &error), PCT_NOT_FOUND);
    test_ok(pct_devices_list(devices, count_device, &count, &error), &error);
    ck_assert_int_eq(count, 1);
    pct_devices_close(devices);
    folder_remove(&f);
}

/* Two handles stand for the server and for `precinct device`. */
TEST(devices_removed_or_added_by_another_program_are_seen_after_a_refresh) {
    folder f = folder_new();
    pct_devices *server = NULL, *other = NULL;
    pct_error error = {0};
    pct_device device = {.unit = "U7"}, found;
    int64_t removed = 0;
    test_ok(pct_devices_open(f.name, &other, &error), &error);
    test_ok(pct_devices_add(other, pct_text_of("first-device"), &device, noon_ms, &error), &error);
    test_ok(pct_devices_add(other, pct_text_of("other-device"), &device, noon_ms, &error), &error);
    test_ok(pct_devices_open(f.name, &server, &error), &error);
    test_ok(pct_devices_find(server, pct_text_of("first-device"), &found, &error), &error);
    ck_assert_int_eq(found.unit_seq, 0);
    pct_devices_learn(server, "U7", 5);
    test_ok(pct_devices_find(server, pct_text_of("other-device"), &found, &error), &error);
    ck_assert_int_eq(found.unit_seq, 5);
    test_ok(pct_devices_remove(other, pct_text_of("U7"), &removed, &error), &error);
    ck_assert_int_eq(removed, 2);
    test_ok(pct_devices_refresh(server, &error), &error);
    ck_assert_int_eq(pct_devices_find(server, pct_text_of("first-device"), &found, &error), PCT_NOT_FOUND);
    device = (pct_device){.unit = "U8", .speed = PCT_SPEED_MPS};
    test_ok(pct_devices_add(other, pct_text_of("first-device"), &device, noon_ms, &error), &error);
    test_ok(pct_devices_refresh(server, &error), &error);
    test_ok(pct_devices_find(server, pct_text_of("first-device"), &found, &error), &error);
    ck_assert_str_eq(found.unit, "U8");
    ck_assert_int_eq(found.unit_seq, 0);
    pct_devices_close(server);
    pct_devices_close(other);
    folder_remove(&f);
}

TEST(devices_are_refused_at_once_by_who_removed_them) {
    folder f = folder_new();
    pct_devices *devices = NULL;
    pct_error error = {0};
    pct_device device = {.unit = "U7"}, found;
    int64_t removed = 0;
    test_ok(pct_devices_open(f.name, &devices, &error), &error);
    test_ok(pct_devices_add(devices, pct_text_of("first-device"), &device, noon_ms, &error), &error);
    test_ok(pct_devices_find(devices, pct_text_of("first-device"), &found, &error), &error);
    test_ok(pct_devices_remove(devices, pct_text_of("U6"), &removed, &error), &error);
    ck_assert_int_eq(removed, 0);
    test_ok(pct_devices_find(devices, pct_text_of("first-device"), &found, &error), &error);
    test_ok(pct_devices_remove(devices, pct_text_of("U7"), &removed, &error), &error);
    ck_assert_int_eq(pct_devices_find(devices, pct_text_of("first-device"), &found, &error), PCT_NOT_FOUND);
    pct_devices_close(devices);
    folder_remove(&f);
}

TEST(accounts_open_says_why_it_cannot) {
    pct_accounts *accounts = NULL;
    pct_error error = {0};
    ck_assert_int_eq(pct_accounts_open("/nonexistent", &accounts, &error), PCT_IO);
    test_error_says(&error, "accounts.db");
}

static pct_status open_and_close(void *context) {
    pct_accounts *accounts = NULL;
    pct_devices *devices = NULL;
    const folder *f = context;
    pct_status status = pct_accounts_open(f->name, &accounts, NULL);
    if (!status) status = pct_devices_open(f->name, &devices, NULL);
    pct_accounts_close(accounts);
    pct_devices_close(devices);
    return status;
}

TEST(accounts_open_survives_every_failed_allocation) {
    folder f = folder_new();
    ck_assert_uint_ge(test_torture(open_and_close, &f), 2);
    folder_remove(&f);
}

TEST_MAIN("access", TEST_CASE(roles_read_takes_known_ones_and_refuses_two_administrators),
          TEST_CASE(role_for_denies_all_that_no_right_names),
          TEST_CASE(sign_in_opens_a_session_that_ends_in_time),
          TEST_CASE(end_expired_destroys_what_is_kept_of_sessions_that_have_ended_and_no_other),
          TEST_CASE(sign_in_says_the_same_of_a_wrong_password_and_an_unknown_account),
          TEST_CASE(sign_in_makes_strangers_wait_after_failures_and_no_known_browser),
          TEST_CASE(accounts_open_takes_a_file_from_before), TEST_CASE(sessions_end_when_nobody_uses_them),
          TEST_CASE(disable_ends_sessions_at_once_and_lets_nobody_in),
          TEST_CASE(end_others_ends_those_of_one_account_but_the_one_that_asks),
          TEST_CASE(change_password_takes_the_old_one_and_ends_the_other_sessions),
          TEST_CASE(add_refuses_bad_names_short_passwords_and_taken_names),
          TEST_CASE(accounts_file_holds_no_password_token_or_device_id),
          TEST_CASE(devices_find_gives_the_unit_of_a_known_id_alone),
          TEST_CASE(devices_removed_or_added_by_another_program_are_seen_after_a_refresh),
          TEST_CASE(devices_are_refused_at_once_by_who_removed_them),
          TEST_CASE(accounts_open_says_why_it_cannot),
          TEST_CASE(accounts_open_survives_every_failed_allocation))
