/* What the audit administrator does with flags, put on record from the command line: by the server that holds the record,
 * over the site's socket, or by the command itself when nobody serves.
 *
 *     request   "flags read ada 12 - - zh"            account, how many
 *               "flags open ada HASH PURPOSE - zh"    the purpose in base64 (URL alphabet)
 *               "flags review ada HASH explained 4 zh"
 *
 * Who asks has signed in (the command checks the password); either side checks that the record makes the account an audit
 * administrator. */
#ifndef PCT_CLI_WATCH_ACT_H
#define PCT_CLI_WATCH_ACT_H

#include "cli/command.h"
#include "resource/service.h"

typedef struct pct_watch_act {
    const char *account;
    pct_command_kind kind; /* READ_FLAGS, OPEN_FLAG, REVIEW_FLAG */
    const char *flag;      /* its hash */
    const char *purpose;   /* of opening */
    pct_flag_result result;
    int64_t count; /* flags that were read; looks that were reviewed */
} pct_watch_act;

/* By the command's SITE and --key. */
pct_status pct_watch_act_record(pct_cli *cli, const pct_watch_act *act, pct_error *error) PCT_MUST_USE;
/* PCT_REFUSED unless the account is an audit administrator by the record. */
pct_status pct_watch_act_may(pct_rights *rights, const char *account, pct_error *error) PCT_MUST_USE;
/* The server's side: the words of a request. */
pct_status pct_watch_act_take(pct_service *service, const pct_text *words, size_t count,
                              pct_error *error) PCT_MUST_USE;

#endif
