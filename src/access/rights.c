#include "access/rights.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vector.h"
#include "ledger/read.h"

enum { NAMES_BYTES_MAX = 1 << 27 };

typedef struct entry {
    pct_account_rights account; /* its texts lie in the table of names */
    bool held, known;           /* known: the record has it */
} entry;

struct pct_rights {
    pthread_mutex_t lock; /* of all below */
    pct_names names, areas;
    pct_vector entries; /* of entry, by number of the name */
    atomic_llong version;
    int64_t accounts;
};

pct_status pct_rights_new(pct_rights **out, pct_error *error) {
    pct_rights *r = pct_alloc_zeroed(1, sizeof *r);
    if (!r) return pct_error_memory(error, sizeof *r);
    (void)pthread_mutex_init(&r->lock, NULL);
    r->names = pct_names_init(PCT_ACCOUNTS_MAX, NAMES_BYTES_MAX);
    r->areas = pct_names_init(PCT_ACCOUNTS_MAX, NAMES_BYTES_MAX);
    r->entries = pct_vector_init(sizeof(entry), PCT_ACCOUNTS_MAX);
    *out = r;
    return PCT_OK;
}

void pct_rights_free(pct_rights *r) {
    if (!r) return;
    pct_names_dispose(&r->names);
    pct_names_dispose(&r->areas);
    pct_vector_dispose(&r->entries);
    (void)pthread_mutex_destroy(&r->lock);
    pct_free(r);
}

/* --- entries (under the lock) ------------------------------------------------------------------------------------- */

static entry *find(const pct_rights *r, pct_text name) {
    uint32_t number = pct_names_find(&r->names, name);
    return number == PCT_MAP_ABSENT || number >= r->entries.length ? NULL
                                                                   : (entry *)r->entries.items + number;
}

/* NULL without memory. */
static entry *find_or_make(pct_rights *r, pct_text name) {
    uint32_t number;
    if (pct_names_add(&r->names, name, &number) != PCT_OK) return NULL;
    while (number >= r->entries.length) {
        entry *made = pct_vector_push(&r->entries);
        if (!made) return NULL;
        made->account.name = r->names.texts[r->entries.length - 1];
        made->account.areas = (pct_text){"", 0};
    }
    return (entry *)r->entries.items + number;
}

static bool set_areas(pct_rights *r, pct_account_rights *account, pct_text areas) {
    uint32_t number;
    if (pct_names_add(&r->areas, areas.length ? areas : (pct_text){"", 0}, &number) != PCT_OK) return false;
    account->areas = r->areas.texts[number];
    return true;
}

/* --- roles and codes ---------------------------------------------------------------------------------------------- */

pct_role_set pct_roles_of_codes(const pct_text *codes, uint32_t count) {
    pct_role_set roles = 0;
    for (uint32_t i = 0; i < count; i++)
        for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
            if (role != PCT_ROLE_SYSTEM && pct_text_equal(codes[i], pct_role_names[role]))
                roles |= 1u << role;
    return roles;
}

uint32_t pct_roles_as_codes(pct_role_set roles, pct_text *codes) {
    uint32_t count = 0;
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
        if (role != PCT_ROLE_SYSTEM && roles >> role & 1) codes[count++] = pct_text_of(pct_role_names[role]);
    return count;
}

/* --- following ---------------------------------------------------------------------------------------------------- */

static bool entitle(pct_rights *r, entry *e, pct_role_set roles, pct_text areas) {
    if (!set_areas(r, &e->account, areas)) return false;
    e->account.roles = roles;
    e->account.ever |= roles;
    return true;
}

static bool add(pct_rights *r, const pct_event *event) {
    const pct_event_account_added *data = &event->data.account_added;
    entry *e = find_or_make(r, data->name);
    if (!e) return false;
    r->accounts += !e->known;
    e->known = true;
    e->account.changed_seq = event->seq;
    e->account.id = (pct_account_id){event->object.seq};
    return entitle(r, e, pct_roles_of_codes(data->roles, data->roles_count), data->areas);
}

static void assign(entry *e, const pct_event *event) {
    const pct_event_account_assigned *data = &event->data.account_assigned;
    pct_account_rights *a = &e->account;
    if (data->unit.seq) a->unit = data->unit, a->unit_since_ms = event->recorded_at_ms;
    if (!data->incident.seq) return;
    for (uint32_t i = 0; i < a->incident_count; i++)
        if (a->incidents[i].seq == data->incident.seq) return;
    if (a->incident_count == PCT_ACCOUNT_INCIDENTS_MAX) /* the oldest gives way */
        memmove(a->incidents, a->incidents + 1, --a->incident_count * sizeof *a->incidents);
    a->incidents[a->incident_count++] = data->incident;
}

static void release(entry *e, const pct_event *event) {
    const pct_event_account_released *data = &event->data.account_released;
    pct_account_rights *a = &e->account;
    if (data->unit.seq && a->unit.seq == data->unit.seq) a->unit.seq = 0;
    for (uint32_t i = 0; i < a->incident_count; i++)
        if (a->incidents[i].seq == data->incident.seq) {
            a->incidents[i] = a->incidents[--a->incident_count];
            return;
        }
}

static pct_text name_in(const pct_event *event) {
    switch (event->type) {
    case PCT_EVENT_ACCOUNT_ADDED: return event->data.account_added.name;
    case PCT_EVENT_ACCOUNT_ENTITLED: return event->data.account_entitled.name;
    case PCT_EVENT_ACCOUNT_DISABLED: return event->data.account_disabled.name;
    case PCT_EVENT_ACCOUNT_ASSIGNED: return event->data.account_assigned.name;
    case PCT_EVENT_ACCOUNT_RELEASED: return event->data.account_released.name;
    default: return (pct_text){"", 0};
    }
}

static bool follow(pct_rights *r, const pct_event *event) {
    if (event->type == PCT_EVENT_ACCOUNT_ADDED) return add(r, event);
    entry *e = find(r, name_in(event));
    if (!e) return true; /* an account nobody made has no rights to change */
    e->account.changed_seq = event->seq;
    if (event->type == PCT_EVENT_ACCOUNT_ENTITLED) {
        const pct_event_account_entitled *data = &event->data.account_entitled;
        return entitle(r, e, pct_roles_of_codes(data->roles, data->roles_count), data->areas);
    }
    if (event->type == PCT_EVENT_ACCOUNT_DISABLED) e->account.disabled = true;
    if (event->type == PCT_EVENT_ACCOUNT_ASSIGNED) assign(e, event);
    if (event->type == PCT_EVENT_ACCOUNT_RELEASED) release(e, event);
    return true;
}

pct_status pct_rights_follow(pct_rights *r, const pct_event *event, pct_error *error) {
    if (name_in(event).length == 0) return PCT_OK;
    (void)pthread_mutex_lock(&r->lock);
    bool good = follow(r, event);
    (void)pthread_mutex_unlock(&r->lock);
    (void)atomic_fetch_add(&r->version, 1);
    return good ? PCT_OK : pct_error_memory(error, sizeof(entry));
}

static pct_status load_event(void *context, const pct_event *event, pct_error *error) {
    return pct_rights_follow(context, event, error);
}

pct_status pct_rights_load(pct_rights *r, pct_store *store, pct_error *error) {
    return pct_ledger_each_event_of_kind(store, 'S', load_event, r, error);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

bool pct_rights_are_empty(const pct_rights *r) {
    return r->accounts == 0;
}

int64_t pct_rights_version(const pct_rights *r) {
    return atomic_load(&r->version);
}

static void copy_to(const pct_account_rights *a, pct_identity *identity) {
    identity->roles = a->roles & (identity->narrowed_to ? identity->narrowed_to : ~(pct_role_set)0);
    identity->changed_seq = a->changed_seq;
    identity->unit = a->unit;
    identity->unit_since_ms = a->unit_since_ms;
    identity->incident_count = a->incident_count;
    memcpy(identity->incidents, a->incidents, sizeof a->incidents);
    size_t length = a->areas.length;
    if (length > PCT_ACCOUNT_AREAS_MAX) length = 0, identity->roles = 0; /* never wider than was granted */
    memcpy(identity->areas, a->areas.chars, length);
    identity->areas[length] = '\0';
}

pct_status pct_rights_fill(pct_rights *r, pct_identity *identity, pct_error *error) {
    identity->roles = 0;
    (void)pthread_mutex_lock(&r->lock);
    const entry *e = find(r, pct_text_of(identity->account));
    bool good = e && e->known && !e->account.disabled;
    if (good) copy_to(&e->account, identity);
    (void)pthread_mutex_unlock(&r->lock);
    return good ? PCT_OK
                : PCT_FAIL(error, PCT_REFUSED, PCT_MSG_ACCOUNT_WITHOUT_RIGHTS, pct_str(identity->account));
}

static bool is_named(const entry *e, const char *name) {
    return name && pct_text_equal(e->account.name, name);
}

bool pct_rights_somebody_else(pct_rights *r, pct_role_set roles, const char *not_this, const char *nor_this) {
    bool found = false;
    (void)pthread_mutex_lock(&r->lock);
    const entry *e = r->entries.items;
    for (size_t i = 0; i < r->entries.length && !found; i++, e++)
        found = e->known && !e->account.disabled && e->account.roles & roles && !is_named(e, not_this) &&
                !is_named(e, nor_this);
    (void)pthread_mutex_unlock(&r->lock);
    return found;
}

pct_status pct_rights_hold(pct_rights *r, pct_text name, pct_account_rights *out, pct_error *error) {
    (void)pthread_mutex_lock(&r->lock);
    entry *e = find_or_make(r, name);
    bool busy = e && e->held;
    if (e && !busy) {
        e->held = true;
        *out = e->account;
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (!e) return pct_error_memory(error, sizeof *e);
    return busy ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_ACCOUNT_BUSY, pct_view(name)) : PCT_OK;
}

void pct_rights_let_go(pct_rights *r, pct_text name) {
    (void)pthread_mutex_lock(&r->lock);
    entry *e = find(r, name);
    if (e) e->held = false;
    (void)pthread_mutex_unlock(&r->lock);
}

void pct_rights_each(pct_rights *r, void (*take)(void *context, const pct_account_rights *account),
                     void *context) {
    (void)pthread_mutex_lock(&r->lock);
    const entry *e = r->entries.items;
    for (size_t i = 0; i < r->entries.length; i++, e++)
        if (e->known) take(context, &e->account);
    (void)pthread_mutex_unlock(&r->lock);
}
