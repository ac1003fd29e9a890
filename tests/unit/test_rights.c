/* The matrix of rights: every endpoint × role × areas of the account × area of the object × assigned × own × broken glass, both
 * ways. What is expected is computed here from api/, in words of its own; the generated table and the C code are what is
 * tried. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "resource/endpoint.h"
#include "support/test.h"

static const char *const object_areas[] = {"east", "west", ""};
static const char *const account_areas[] = {"", "east", "north;east", "west"};

typedef struct situation {
    const char *object_area, *account_areas;
    bool assigned, own, glass;
} situation;

/* Is `area` one of "a;b"? By plain search, unlike the code. */
static bool lists(const char *areas, const char *area) {
    char padded[64], wanted[32];
    ck_assert_int_lt(snprintf(padded, sizeof padded, ";%s;", areas), (int)sizeof padded);
    ck_assert_int_lt(snprintf(wanted, sizeof wanted, ";%s;", area), (int)sizeof wanted);
    return strstr(padded, wanted) != NULL;
}

/* What the description says of a role there. */
static bool expected(const json_t *rights, const char *role, const situation *s) {
    const char *scope = json_string_value(json_object_get(rights, role));
    if (!scope) return false;
    if (strcmp(scope, "site") == 0) return true;
    if (strcmp(scope, "own") == 0) return s->own;
    if (s->glass) return true;
    if (strcmp(scope, "assigned") == 0) return s->assigned;
    ck_assert_str_eq(scope, "area");
    return s->account_areas[0] == '\0' || s->object_area[0] == '\0' ||
           lists(s->account_areas, s->object_area);
}

static const pct_endpoint *endpoint_named(const char *name) {
    for (size_t i = 0; i < pct_endpoint_count; i++)
        if (strcmp(pct_endpoints[i].name, name) == 0) return &pct_endpoints[i];
    ck_abort_msg("the table has no endpoint %s", name);
    return NULL;
}

static pct_role role_there(const pct_endpoint *e, pct_role_set roles, const situation *s) {
    pct_identity identity = {.roles = roles};
    const pct_object_facts facts = {.areas = {pct_text_of(s->object_area)},
                                    .assigned = s->assigned,
                                    .own = s->own,
                                    .broken_glass = s->glass};
    memcpy(identity.areas, s->account_areas, strlen(s->account_areas) + 1);
    pct_role role = pct_access_role_in(&identity, e->scopes, &facts);
    if (pct_access_whole_role(&identity, e->scopes) != PCT_ROLE_NONE)
        ck_assert_msg(role != PCT_ROLE_NONE, "%s reaches the whole site, but not an object of it", e->name);
    return role;
}

static bool is_held(int role) {
    return role != PCT_ROLE_NONE && role != PCT_ROLE_SYSTEM;
}

/* One role, then each pair: somebody with two roles may what either may, in one that may. */
static size_t try_roles(const pct_endpoint *e, const json_t *rights, const situation *s) {
    size_t checks = 0;
    for (int a = 0; a < PCT_ROLE_COUNT; a++)
        for (int b = a; b < PCT_ROLE_COUNT && is_held(a); b++) {
            if (!is_held(b)) continue;
            bool first = expected(rights, pct_role_names[a], s),
                 second = expected(rights, pct_role_names[b], s);
            pct_role role = role_there(e, 1u << a | 1u << b, s);
            ck_assert_msg((role != PCT_ROLE_NONE) == (first || second),
                          "%s: %s and %s, area '%s' of '%s'%s%s%s: %s", e->name, pct_role_names[a],
                          pct_role_names[b], s->object_area, s->account_areas,
                          s->assigned ? ", assigned" : "", s->own ? ", own" : "", s->glass ? ", glass" : "",
                          first || second ? "denied" : "allowed");
            if (role != PCT_ROLE_NONE)
                ck_assert_msg(((int)role == a && first) || ((int)role == b && second),
                              "%s: in a role that may not", e->name);
            checks++;
        }
    return checks;
}

static size_t try_endpoint(const json_t *description) {
    const json_t *rights = json_object_get(description, "rights");
    const pct_endpoint *e = endpoint_named(json_string_value(json_object_get(description, "name")));
    size_t checks = 0;
    if (json_is_string(rights)) {
        bool open = strcmp(json_string_value(rights), "open") == 0;
        ck_assert_msg(e->entry == (open ? PCT_ENTRY_OPEN : PCT_ENTRY_SIGNED_IN), "%s: entry", e->name);
        return 1;
    }
    ck_assert_msg(e->entry == PCT_ENTRY_ROLES, "%s: no roles are asked for", e->name);
    for (int role = 0; role < PCT_ROLE_COUNT; role++)
        ck_assert_msg((e->rights >> role & 1) == (json_object_get(rights, pct_role_names[role]) != NULL),
                      "%s: %s", e->name, pct_role_names[role]);
    for (size_t o = 0; o < sizeof object_areas / sizeof *object_areas; o++)
        for (size_t a = 0; a < sizeof account_areas / sizeof *account_areas; a++)
            for (int bits = 0; bits < 8; bits++) {
                const situation s = {object_areas[o], account_areas[a], bits & 1, bits & 2, bits & 4};
                checks += try_roles(e, rights, &s);
            }
    return checks;
}

static size_t try_file(const char *path, size_t *endpoints) {
    json_error_t why;
    json_t *file = json_load_file(path, 0, &why);
    size_t checks = 0, i;
    json_t *description;
    ck_assert_msg(file != NULL, "%s: %s", path, why.text);
    json_array_foreach(json_object_get(file, "endpoints"), i, description) {
        checks += try_endpoint(description);
        ++*endpoints;
    }
    json_decref(file);
    return checks;
}

TEST(every_role_reaches_what_the_descriptions_say_and_nothing_else) {
    size_t checks = 0, endpoints = 0;
    DIR *folder = opendir("api");
    ck_assert_msg(folder != NULL, "run from the root of the repository");
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[300];
        if (!strstr(entry->d_name, ".json")) continue;
        ck_assert_int_lt(snprintf(path, sizeof path, "api/%s", entry->d_name), (int)sizeof path);
        checks += try_file(path, &endpoints);
    }
    (void)closedir(folder);
    ck_assert_uint_eq(endpoints, pct_endpoint_count);
    ck_assert_uint_ge(checks, 50000);
    printf("rights matrix: %zu checks of %zu endpoints\n", checks, endpoints);
}

TEST(nobody_without_a_role_reaches_anything) {
    const situation best = {"", "", true, true, true};
    for (size_t i = 0; i < pct_endpoint_count; i++)
        ck_assert_int_eq(role_there(&pct_endpoints[i], 0, &best), PCT_ROLE_NONE);
}

TEST(an_area_is_a_whole_name_and_not_a_part_of_one) {
    const pct_role_set scopes[PCT_SCOPE_COUNT] = {[PCT_SCOPE_AREA] = 1u << PCT_ROLE_DISPATCHER};
    pct_identity identity = {.roles = 1u << PCT_ROLE_DISPATCHER, .areas = "northeast;west"};
    const char *const names[] = {"east", "north", "wes", "west;", "northeast;west"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const pct_object_facts facts = {.areas = {pct_text_of(names[i])}};
        ck_assert_msg(pct_access_role_in(&identity, scopes, &facts) == PCT_ROLE_NONE, "%s", names[i]);
    }
    const pct_object_facts second = {.areas = {pct_text_of("south"), pct_text_of("west")}};
    ck_assert_int_eq(pct_access_role_in(&identity, scopes, &second), PCT_ROLE_DISPATCHER);
}

TEST_MAIN("rights", TEST_CASE(every_role_reaches_what_the_descriptions_say_and_nothing_else),
          TEST_CASE(nobody_without_a_role_reaches_anything),
          TEST_CASE(an_area_is_a_whole_name_and_not_a_part_of_one))
