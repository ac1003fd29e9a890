/* Inside the watch: an account's recent looks, and the lines that they are held to. */
#ifndef PCT_AUDIT_STATE_H
#define PCT_AUDIT_STATE_H

#include "audit/known.h"
#include "audit/watch.h"
#include "base/map.h"
#include "base/vector.h"

/* Looks are kept by what they may be evidence of; what explains itself (a live case of one's own) is not kept. */
typedef enum pct_recent_kind {
    PCT_RECENT_COLD,  /* at what stands on the board no more */
    PCT_RECENT_LIVE,  /* at what is open, and is another's */
    PCT_RECENT_OFF,   /* while not at work */
    PCT_RECENT_TRACK, /* replays of tracks */
    PCT_RECENT_KINDS
} pct_recent_kind;

typedef struct pct_recent_look {
    int64_t seq, at_ms, case_seq;
    pct_id record;
    uint64_t place;
    uint32_t ordinal;
    bool own;     /* explained by work on the case, before or after */
    bool nearby;  /* by work on another case of the place */
    bool falsely; /* for a case that has nothing to do with it */
} pct_recent_look;

/* A ring: the newest `length`, oldest first from `begin`; grows up to PCT_AUDIT_RECENT_MAX. */
typedef struct pct_recent {
    pct_recent_look *looks;
    uint32_t begin, length, capacity;
} pct_recent;

typedef struct pct_audit_open_flag {
    int64_t number; /* of all flags ever raised, from 1; 0: none */
    int64_t subject;
} pct_audit_open_flag;

typedef struct pct_audit_account {
    uint64_t id;
    int64_t unit;         /* bound to it; 0: to none */
    int64_t last_work_ms; /* INT64_MIN: never */
    int64_t cases_then;   /* of the whole desk, when it last took one */
    pct_recent recent[PCT_RECENT_KINDS];
    pct_audit_open_flag open[PCT_AUDIT_PATTERN_COUNT];
} pct_audit_account;

/* A look that waits until it is settled what explains it. */
typedef struct pct_audit_waiting {
    pct_recent_look look;
    int64_t cases_then;
    uint32_t account;
    pct_recent_kind kind;
    pct_role role;
} pct_audit_waiting;

enum { PCT_AUDIT_WAITING_MAX = 4096 };

/* First in, first out; when it is full the oldest is judged with what is known. */
typedef struct pct_audit_queue {
    pct_audit_waiting *looks;
    uint32_t begin, length;
} pct_audit_queue;

struct pct_audit_watch {
    const pct_audit_rules *rules;
    const pct_zone *zone;
    pct_known known;
    pct_map by_actor;        /* folded digest → index, checked against id */
    pct_map units;           /* seq → 1: signed on */
    pct_vector accounts;     /* of pct_audit_account */
    pct_vector flags;        /* of pct_audit_flag */
    int64_t flags_gone;      /* raised before flags[0] */
    pct_audit_queue reading; /* work may follow on what was read */
    pct_audit_queue idle;    /* work may follow at all */
    uint32_t made[128];      /* objects of each kind so far */
    int64_t now_ms, counted_ms;
    int64_t desk_cases; /* an account took a case on: so often */
    int64_t at_desk;    /* accounts that did within half a day */
};

/* The i-th oldest. */
pct_recent_look *pct_recent_at(const pct_recent *recent, uint32_t i);
pct_status pct_recent_add(pct_recent *recent, const pct_recent_look *look, pct_error *error) PCT_MUST_USE;

/* Holds the account's recent looks up to this one to the lines of its role. It must be among them. */
pct_status pct_audit_judge(pct_audit_watch *watch, pct_audit_account *account, pct_recent_kind kind,
                           const pct_recent_look *look, pct_role role, pct_error *error) PCT_MUST_USE;

#endif
