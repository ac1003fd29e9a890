/* Changes of accounts from the command line: to the server that holds the record, by the site's socket, or to the record
 * itself when nobody serves. Either way they are events, by "console" in the role of the system.
 *
 *     request   "user add anna dispatcher 东河所;西河所 zh"     name, roles, areas; "-" for nothing
 *               "user grant …"   the same      "user disable anna - - zh"
 *               "user assign anna U12 - zh"    unit (id or call sign), incident      "user release …"   the same
 *     A space within a word travels as the character 0x1f. */
#ifndef PCT_CLI_USER_CHANGE_H
#define PCT_CLI_USER_CHANGE_H

#include "cli/command.h"
#include "resource/service.h"

typedef struct pct_user_change {
    const char *verb;           /* "add", "grant", "disable", "assign", "release" */
    const char *first, *second; /* NULL: nothing */
} pct_user_change;

/* By the command's SITE and NAME, and its --key. */
pct_status pct_user_change_make(pct_cli *cli, const pct_user_change *change, pct_error *error) PCT_MUST_USE;
/* Has the site a record? Before that accounts wait in accounts.db, and are taken over when it is born. */
bool pct_user_record_exists(const char *folder);
/* The server's side: the words of a request. */
pct_status pct_user_change_take(pct_service *service, const pct_text *words, size_t count,
                                pct_error *error) PCT_MUST_USE;

#endif
