/* The misuse watch beside a running desk: its keys, whose age ends what can be linked, and the same flags however often it
 * begins again. Days pass on an injected clock; files are real. */
#include "desk/misuse.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "desk/desk.h"
#include "support/codes.h"
#include "support/test.h"

enum { HOUR_MS = 3600000 };
static const int64_t day_ms = 24 * (int64_t)HOUR_MS;

typedef struct room {
    char folder[64];
    int64_t now_ms;
    pct_codes *codes;
    pct_store *store;
    pct_desk *desk;
    pct_zone zone;
    pct_audit_rules rules;
    unsigned char next; /* the random bytes: each call another */
    pct_random random;
} room;

static int64_t clock_ms(void *context) {
    return ((room *)context)->now_ms;
}

static void fill(void *context, unsigned char *bytes, size_t length) {
    memset(bytes, ++((room *)context)->next, length);
}

static void open_room(room *r) {
    pct_error error;
    size_t length;
    /* 2026-01-01, a Thursday: the first day of a week of keys */
    *r = (room){.folder = "/tmp/precinct-misuse-XXXXXX", .now_ms = 1767225600000, .zone = pct_zone_utc()};
    r->random = (pct_random){r, fill};
    ck_assert_ptr_nonnull(mkdtemp(r->folder));
    char *bytes = test_read_file("definitions/misuse.csv", &length);
    test_ok(pct_audit_rules_read("misuse.csv", (pct_text){bytes, length}, &r->rules, &error), &error);
    free(bytes);
    r->codes = test_codes();
    const pct_store_options store = {.folder = r->folder};
    test_ok(pct_store_open(&store, &r->store, &error), &error);
    const pct_desk_options desk = {
        .store = r->store, .codes = r->codes, .clock_ms = clock_ms, .context = r, .epoch = 1};
    test_ok(pct_desk_open(&desk, &r->desk, &error), &error);
}

static void close_room(room *r) {
    char command[128];
    pct_desk_close(r->desk);
    pct_store_close(r->store);
    pct_codes_free(r->codes);
    pct_zone_dispose(&r->zone);
    (void)snprintf(command, sizeof command, "rm -r %s", r->folder);
    ck_assert_int_eq(system(command), 0);
}

static pct_misuse *watch(room *r) {
    pct_error error;
    pct_misuse *m;
    pct_store *reader;
    const pct_store_options store = {.folder = r->folder, .read_only = true};
    test_ok(pct_store_open(&store, &reader, &error), &error);
    const pct_misuse_options options = {.reader = reader,
                                        .rules = &r->rules,
                                        .zone = &r->zone,
                                        .site_folder = r->folder,
                                        .random = &r->random,
                                        .clock_ms = clock_ms,
                                        .context = r};
    test_ok(pct_misuse_new(&options, &m, &error), &error);
    return m;
}

/* --- the desk ----------------------------------------------------------------------------------------------------- */

static void said(void *context, const pct_desk_reply *reply) {
    ck_assert_int_eq(reply->status, PCT_OK);
    *(pct_desk_reply *)context = *reply;
}

static pct_desk_reply act(room *r, const char *who, pct_role role, const pct_command *command) {
    pct_error error;
    pct_desk_reply reply = {.status = PCT_INTERNAL};
    size_t handled;
    const pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                      .command = *command,
                                      .account = pct_text_of(who),
                                      .purpose = pct_text_of("a purpose"),
                                      .role = role};
    r->now_ms += 1000;
    test_ok(pct_desk_submit(r->desk, &request, said, &reply, &error), &error);
    test_ok(pct_desk_step(r->desk, &handled, &error), &error);
    ck_assert_int_eq(reply.status, PCT_OK);
    return reply;
}

static pct_id call_of(room *r, const char *taker) {
    pct_command command = {.kind = PCT_COMMAND_RECEIVE_CALL};
    pct_event_call_received *call = &command.data.call_received;
    call->channel = PCT_CHANNEL_PHONE;
    call->type = pct_text_of("noise");
    call->priority = 3;
    call->words = call->caller_name = pct_text_of("canary");
    return act(r, taker, PCT_ROLE_CALL_TAKER, &command).object;
}

static int64_t look(room *r, const char *who, pct_id call) {
    pct_command command = {.kind = PCT_COMMAND_LOOK_CALL, .object = call};
    command.data.call_looked.for_call.seq = call.seq;
    return act(r, who, PCT_ROLE_DISPATCHER, &command).last_seq;
}

/* One record of a colleague, five times in a day and a half. */
static int64_t pry(room *r, const char *who) {
    pct_id call = call_of(r, "colleague");
    int64_t seq = 0;
    for (int i = 0; i < 4; i++) {
        r->now_ms += 9 * (int64_t)HOUR_MS;
        seq = look(r, who, call);
    }
    r->now_ms += 2 * (int64_t)HOUR_MS;
    return seq;
}

static void review(room *r, const pct_misuse_flag *flag) {
    pct_command command = {.kind = PCT_COMMAND_REVIEW_FLAG};
    command.data.flag_reviewed = (pct_event_flag_reviewed){
        .flag = pct_text_of(flag->id), .result = PCT_FLAG_RESULT_EXPLAINED, .looks = flag->flag.looks};
    (void)act(r, "ada", PCT_ROLE_AUDIT_ADMIN, &command);
}

typedef struct seen {
    pct_misuse_flag flags[64];
    size_t count;
} seen;

static bool see(void *context, const pct_misuse_flag *flag) {
    seen *s = context;
    s->flags[s->count++] = *flag;
    return s->count < 64;
}

static seen flags_of(pct_misuse *m) {
    pct_error error;
    bool complete;
    seen s = {.count = 0};
    test_ok(pct_misuse_catch_up(m, PCT_MISUSE_WHOLE, &complete, &error), &error);
    ck_assert(complete);
    test_ok(pct_misuse_each(m, see, &s, &error), &error);
    return s;
}

static int count_keys(const room *r) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/" PCT_WATCH_KEYS, r->folder);
    DIR *folder = opendir(path);
    int count = 0;
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));) count += e->d_name[0] != '.';
    (void)closedir(folder);
    return count;
}

/* --- flags -------------------------------------------------------------------------------------------------------- */

TEST(misuse_flags_what_was_committed_and_names_nobody) {
    room r;
    open_room(&r);
    pct_misuse *m = watch(&r);
    int64_t last = pry(&r, "nosy");
    seen s = flags_of(m);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_int_eq(s.flags[0].flag.pattern, PCT_AUDIT_SAME_RECORD);
    ck_assert_int_eq(s.flags[0].flag.seq, last);
    ck_assert_uint_eq(strlen(s.flags[0].id), 32);
    ck_assert_uint_eq(strlen(s.flags[0].actor), 32);
    ck_assert_uint_eq(s.flags[0].flag.actor, 0);
    ck_assert_int_eq(s.flags[0].result, PCT_FLAG_RESULT_NONE);
    pct_misuse_free(m);
    close_room(&r);
}
END_TEST

static pct_status take_actor(void *context, const pct_event *e, pct_error *error) {
    (void)error;
    ck_assert(pct_text_equal(e->actor, "nosy"));
    ck_assert_int_eq(e->type, PCT_EVENT_CALL_LOOKED);
    ++*(int *)context;
    return PCT_OK;
}

TEST(misuse_tells_the_looks_of_a_flag_and_finds_it_by_its_hash) {
    room r;
    pct_error error;
    pct_misuse_flag flag;
    int looks = 0;
    open_room(&r);
    pct_misuse *m = watch(&r);
    (void)pry(&r, "nosy");
    seen s = flags_of(m);
    ck_assert_uint_eq(s.count, 1);
    test_ok(pct_misuse_find(m, pct_text_of(s.flags[0].id), &flag, &error), &error);
    test_ok(pct_misuse_each_look(m, &flag.flag, take_actor, &looks, &error), &error);
    ck_assert_int_eq(looks, 4);
    ck_assert_int_eq(pct_misuse_find(m, pct_text_of("00"), &flag, &error), PCT_NOT_FOUND);
    test_error_says(&error, "no flag");
    pct_misuse_free(m);
    close_room(&r);
}
END_TEST

/* Told to pass every half hour, or not at all, time brings the same flags; so does a new beginning. */
TEST(misuse_comes_to_the_same_flags_after_a_restart) {
    room r;
    open_room(&r);
    pct_misuse *m = watch(&r);
    for (int i = 0; i < 6; i++) {
        (void)pry(&r, i % 2 ? "nosy" : "other");
        for (int h = 0; h < 10; h++) {
            r.now_ms += HOUR_MS / 2;
            (void)flags_of(m);
        }
    }
    seen before = flags_of(m);
    ck_assert_uint_ge(before.count, 6);
    review(&r, &before.flags[2]);
    before = flags_of(m);
    ck_assert_int_eq(before.flags[2].result, PCT_FLAG_RESULT_EXPLAINED);
    ck_assert_str_eq(before.flags[2].reviewed_by, "ada");
    pct_misuse_free(m);
    m = watch(&r);
    seen after = flags_of(m);
    ck_assert_uint_eq(after.count, before.count);
    for (size_t i = 0; i < before.count; i++) {
        const pct_misuse_flag *a = &before.flags[i], *b = &after.flags[i];
        ck_assert_str_eq(a->id, b->id);
        ck_assert_str_eq(a->actor, b->actor);
        ck_assert_int_eq(a->result, b->result);
        ck_assert_int_eq(a->flag.seq, b->flag.seq);
        ck_assert_uint_eq(a->flag.looks, b->flag.looks);
        ck_assert_int_eq(a->flag.raised_ms, b->flag.raised_ms);
    }
    pct_misuse_free(m);
    close_room(&r);
}
END_TEST

TEST(misuse_opens_a_reviewed_flag_again_when_looks_come_after) {
    room r;
    pct_error error;
    open_room(&r);
    pct_misuse *m = watch(&r);
    (void)pry(&r, "nosy");
    seen s = flags_of(m);
    review(&r, &s.flags[0]);
    s = flags_of(m);
    ck_assert_int_eq(s.flags[0].result, PCT_FLAG_RESULT_EXPLAINED);
    (void)look(&r, "nosy", s.flags[0].flag.subject);
    r.now_ms += 2 * HOUR_MS;
    s = flags_of(m);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_int_eq(s.flags[0].result, PCT_FLAG_RESULT_NONE);
    ck_assert_uint_eq(s.flags[0].flag.looks, 5);
    test_ok(pct_misuse_find(m, pct_text_of(s.flags[0].id), &s.flags[1], &error), &error);
    pct_misuse_free(m);
    close_room(&r);
}
END_TEST

/* --- keys --------------------------------------------------------------------------------------------------------- */

TEST(misuse_destroys_a_key_within_30_days_and_the_flags_with_it) {
    room r;
    open_room(&r);
    pct_misuse *m = watch(&r);
    (void)pry(&r, "nosy");
    seen s = flags_of(m);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_int_eq(count_keys(&r), 1);
    int64_t made_ms = s.flags[0].flag.raised_ms - s.flags[0].flag.raised_ms % PCT_WATCH_WEEK_MS;
    ck_assert_int_eq(s.flags[0].until_ms, made_ms + 30 * day_ms);
    r.now_ms = s.flags[0].until_ms - 1;
    ck_assert_uint_eq(flags_of(m).count, 1);
    r.now_ms = s.flags[0].until_ms;
    ck_assert_uint_eq(flags_of(m).count, 0);
    ck_assert_int_eq(count_keys(&r), 0);
    pct_misuse_free(m);
    m = watch(&r);
    ck_assert_uint_eq(flags_of(m).count, 0);
    pct_misuse_free(m);
    close_room(&r);
}
END_TEST

TEST(misuse_links_an_account_within_a_week_and_never_beyond) {
    static const pct_text who = {"nosy", 4};
    room r;
    pct_error error;
    pct_watch_keys keys;
    char monday[PCT_WATCH_HASH_TEXT], friday[PCT_WATCH_HASH_TEXT], later[PCT_WATCH_HASH_TEXT];
    char again[PCT_WATCH_HASH_TEXT], flag[PCT_WATCH_HASH_TEXT];
    open_room(&r);
    int64_t at_ms = r.now_ms;
    test_ok(pct_watch_keys_init(r.folder, r.random, &keys, &error), &error);
    test_ok(pct_watch_hash(&keys, at_ms, at_ms, "actor", who, monday, &error), &error);
    test_ok(pct_watch_hash(&keys, at_ms + 6 * day_ms, at_ms, "actor", who, friday, &error), &error);
    test_ok(pct_watch_hash(&keys, at_ms + 7 * day_ms, at_ms, "actor", who, later, &error), &error);
    test_ok(pct_watch_hash(&keys, at_ms, at_ms, "flag", who, flag, &error), &error);
    ck_assert_str_eq(monday, friday);
    ck_assert_str_ne(monday, later);
    ck_assert_str_ne(monday, flag);
    test_ok(pct_watch_keys_destroy_old(&keys, at_ms + 31 * day_ms, &error), &error);
    ck_assert_int_eq(pct_watch_hash(&keys, at_ms, at_ms + 31 * day_ms, "actor", who, again, &error),
                     PCT_NOT_FOUND);
    test_ok(pct_watch_hash(&keys, at_ms + 7 * day_ms, at_ms + 31 * day_ms, "actor", who, again, &error),
            &error);
    ck_assert_str_eq(later, again);
    /* A clock that is put back does not bring the old hash back. */
    test_ok(pct_watch_hash(&keys, at_ms, at_ms, "actor", who, again, &error), &error);
    ck_assert_str_ne(monday, again);
    pct_watch_keys_dispose(&keys);
    close_room(&r);
}
END_TEST

/* Whoever holds a second name of the file, as a copy by hard links does, finds nothing in it. */
TEST(misuse_overwrites_a_key_before_it_goes_and_keeps_it_from_others) {
    static const unsigned char zeros[PCT_KEY_BYTES];
    room r;
    pct_error error;
    pct_watch_keys keys;
    struct stat info;
    unsigned char bytes[PCT_KEY_BYTES];
    char hash[PCT_WATCH_HASH_TEXT], path[160], copy[160];
    open_room(&r);
    test_ok(pct_watch_keys_init(r.folder, r.random, &keys, &error), &error);
    test_ok(pct_watch_hash(&keys, r.now_ms, r.now_ms, "actor", pct_text_of("nosy"), hash, &error), &error);
    (void)snprintf(path, sizeof path, "%s/" PCT_WATCH_KEYS "/%lld", r.folder,
                   (long long)(r.now_ms / PCT_WATCH_WEEK_MS + 1));
    (void)snprintf(copy, sizeof copy, "%s/copy", r.folder);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
    ck_assert_int_eq(link(path, copy), 0);
    test_ok(pct_watch_keys_destroy_old(&keys, r.now_ms + 30 * day_ms, &error), &error);
    ck_assert_int_ne(stat(path, &info), 0);
    int file = open(copy, O_RDONLY);
    ck_assert_int_eq(read(file, bytes, sizeof bytes), sizeof bytes);
    (void)close(file);
    ck_assert_mem_eq(bytes, zeros, sizeof bytes);
    for (int i = 0; i < PCT_WATCH_WEEKS; i++) ck_assert_mem_eq(keys.known[i].key.bytes, zeros, sizeof zeros);
    pct_watch_keys_dispose(&keys);
    close_room(&r);
}
END_TEST

TEST(misuse_refuses_a_folder_of_keys_that_cannot_be_made) {
    pct_error error;
    pct_watch_keys keys;
    char hash[PCT_WATCH_HASH_TEXT];
    test_ok(pct_watch_keys_init("/proc/nothing-here", pct_random_system(), &keys, &error), &error);
    ck_assert_int_eq(pct_watch_hash(&keys, day_ms, day_ms, "actor", pct_text_of("a"), hash, &error), PCT_IO);
    test_error_says(&error, "watch-keys");
}
END_TEST

/* Two processes, as `serve` and a command are, find the same key. */
TEST(misuse_makes_one_key_for_all_who_ask) {
    room r;
    pct_error error;
    pct_watch_keys one, two;
    char a[PCT_WATCH_HASH_TEXT], b[PCT_WATCH_HASH_TEXT];
    open_room(&r);
    test_ok(pct_watch_keys_init(r.folder, r.random, &one, &error), &error);
    test_ok(pct_watch_keys_init(r.folder, r.random, &two, &error), &error);
    test_ok(pct_watch_hash(&one, r.now_ms, r.now_ms, "actor", pct_text_of("nosy"), a, &error), &error);
    test_ok(pct_watch_hash(&two, r.now_ms, r.now_ms, "actor", pct_text_of("nosy"), b, &error), &error);
    ck_assert_str_eq(a, b);
    pct_watch_keys_dispose(&one);
    pct_watch_keys_dispose(&two);
    close_room(&r);
}
END_TEST

TEST_MAIN("misuse", TEST_CASE(misuse_flags_what_was_committed_and_names_nobody),
          TEST_CASE(misuse_tells_the_looks_of_a_flag_and_finds_it_by_its_hash),
          TEST_CASE(misuse_comes_to_the_same_flags_after_a_restart),
          TEST_CASE(misuse_opens_a_reviewed_flag_again_when_looks_come_after),
          TEST_CASE(misuse_destroys_a_key_within_30_days_and_the_flags_with_it),
          TEST_CASE(misuse_links_an_account_within_a_week_and_never_beyond),
          TEST_CASE(misuse_overwrites_a_key_before_it_goes_and_keeps_it_from_others),
          TEST_CASE(misuse_refuses_a_folder_of_keys_that_cannot_be_made),
          TEST_CASE(misuse_makes_one_key_for_all_who_ask))
