/* The misuse watch: reads the events of a record, one after the other, and flags patterns of look-ups that somebody else
 * should look at. A flag is a question, not a finding: there is no score, no rank and no automatic consequence.
 *
 *     status = pct_audit_watch_new(&options, &watch, error);
 *     status = pct_audit_watch_follow(watch, &event, error);       // each event in order; sealed fields are never read
 *     status = pct_audit_watch_advance(watch, now_ms, error);      // time passes without events
 *     for (i = 0; i < pct_audit_watch_flag_count(watch); i++) pct_audit_watch_flag_at(watch, i);
 *
 *   looked ──► whose case? live? near work? at work? ──► the actor's recent looks (bounded) ──► lines of the rules ──► flag
 *   work   ──► (actor, case), (actor, place), at work;  takes back looks at this case that came before the work
 *
 * Only headers and what is operational are read: actor, role, object, time, which order belongs to which incident, the stretch of road.
 * An actor is a 64-bit digest of the account's name here; whoever shows it outside does that under a key (site/watch_key.h).
 *
 * The same events give the same flags, however often time is told to pass between them. Each event costs at most a pass over one actor's
 * recent looks (PCT_AUDIT_RECENT_MAX), most
 * of them two look-ups in a table. Memory is bounded: tables of fixed size that forget the oldest, at most 40 kB an account
 * with many looks, PCT_AUDIT_FLAGS_MAX flags. What was forgotten counts as nobody's case. */
#ifndef PCT_AUDIT_WATCH_H
#define PCT_AUDIT_WATCH_H

#include "audit/rules.h"
#include "clock/zone.h"

enum {
    PCT_AUDIT_ACTORS_MAX = 1 << 16,
    PCT_AUDIT_RECENT_MAX = 512,
    PCT_AUDIT_FLAGS_MAX = 4096,
    PCT_AUDIT_FLAG_LOOKS_MAX = 64
};

typedef struct pct_audit_flag {
    int64_t seq; /* of the look that raised it; with the pattern it names the flag */
    int64_t first_ms, last_ms;
    int64_t raised_ms; /* when the look was that raised it */
    uint64_t actor;
    pct_audit_pattern pattern;
    pct_role role;
    pct_id subject; /* one record or one unit; seq 0: none */
    uint32_t looks; /* all that belong to it */
    uint32_t seq_count;
    int64_t seqs[PCT_AUDIT_FLAG_LOOKS_MAX]; /* ascending; the first ones when there are more */
} pct_audit_flag;

typedef struct pct_audit_options {
    const pct_audit_rules *rules; /* borrowed */
    const pct_zone *zone;         /* borrowed; of the hours of a day */
    uint32_t objects, relations;  /* kept; powers of two; 0: 2^17 */
} pct_audit_options;

typedef struct pct_audit_watch pct_audit_watch;

pct_status pct_audit_watch_new(const pct_audit_options *options, pct_audit_watch **out,
                               pct_error *error) PCT_MUST_USE;
void pct_audit_watch_free(pct_audit_watch *watch);
/* PCT_MEMORY, PCT_LIMIT for more than PCT_AUDIT_ACTORS_MAX accounts. */
pct_status pct_audit_watch_follow(pct_audit_watch *watch, const pct_event *event,
                                  pct_error *error) PCT_MUST_USE;
pct_status pct_audit_watch_advance(pct_audit_watch *watch, int64_t now_ms, pct_error *error) PCT_MUST_USE;

/* In the order in which they were raised; borrowed until the next call. */
size_t pct_audit_watch_flag_count(const pct_audit_watch *watch);
const pct_audit_flag *pct_audit_watch_flag_at(const pct_audit_watch *watch, size_t index);
/* The oldest go, up to the first that was raised since. */
void pct_audit_watch_forget(pct_audit_watch *watch, int64_t before_ms);

/* Does this event show somebody what is sealed, or where a colleague was? */
bool pct_audit_is_look(pct_event_type type);
uint64_t pct_audit_actor_of(pct_text account);

#endif
