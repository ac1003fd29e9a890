#include "resource/rights_change.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/vector.h"

/* A change on its way to the record. */
typedef struct task {
    pct_service *service;
    pct_event event; /* as it will be followed; its texts lie below */
    pct_desk_done *done;
    void *context;
    char name[PCT_ACCOUNT_NAME_MAX + 1], areas[PCT_ACCOUNT_AREAS_MAX + 1];
} task;

static pct_event_type type_of(pct_command_kind kind) {
    switch (kind) {
    case PCT_COMMAND_ADD_ACCOUNT: return PCT_EVENT_ACCOUNT_ADDED;
    case PCT_COMMAND_ENTITLE_ACCOUNT: return PCT_EVENT_ACCOUNT_ENTITLED;
    case PCT_COMMAND_DISABLE_ACCOUNT: return PCT_EVENT_ACCOUNT_DISABLED;
    case PCT_COMMAND_ASSIGN_ACCOUNT: return PCT_EVENT_ACCOUNT_ASSIGNED;
    default: return PCT_EVENT_ACCOUNT_RELEASED;
    }
}

static pct_text *name_in(pct_command_kind kind, pct_event_data *data) {
    switch (kind) {
    case PCT_COMMAND_ADD_ACCOUNT: return &data->account_added.name;
    case PCT_COMMAND_ENTITLE_ACCOUNT: return &data->account_entitled.name;
    case PCT_COMMAND_DISABLE_ACCOUNT: return &data->account_disabled.name;
    case PCT_COMMAND_ASSIGN_ACCOUNT: return &data->account_assigned.name;
    default: return &data->account_released.name;
    }
}

/* Roles and areas that the change sets; NULL when it sets none. */
static pct_text *areas_in(pct_command_kind kind, pct_event_data *data) {
    if (kind == PCT_COMMAND_ADD_ACCOUNT) return &data->account_added.areas;
    return kind == PCT_COMMAND_ENTITLE_ACCOUNT ? &data->account_entitled.areas : NULL;
}

static pct_role_set roles_in(const pct_command *c) {
    const pct_event_account_added *added = &c->data.account_added;
    const pct_event_account_entitled *entitled = &c->data.account_entitled;
    return c->kind == PCT_COMMAND_ADD_ACCOUNT ? pct_roles_of_codes(added->roles, added->roles_count)
                                              : pct_roles_of_codes(entitled->roles, entitled->roles_count);
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static pct_status check_areas(const pct_service *service, pct_text areas, pct_error *error) {
    pct_text rest = areas, item;
    if (areas.length > PCT_ACCOUNT_AREAS_MAX)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_AREAS_TOO_LONG, pct_int(PCT_ACCOUNT_AREAS_MAX),
                        pct_int((int64_t)areas.length));
    while (areas.length > 0 && pct_text_next(&rest, ';', &item))
        if (!pct_beats_have(service->beats, item))
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_AREA_UNKNOWN, pct_view(item));
    return PCT_OK;
}

static pct_status check_roles(const pct_service *service, const pct_rights_change *change,
                              const pct_account_rights *now, pct_error *error) {
    pct_role_set roles = roles_in(&change->command);
    pct_role_set fresh = roles & ~now->roles;
    if (!pct_roles_may_be_held_together(roles) || (change->command.kind == PCT_COMMAND_ADD_ACCOUNT && !roles))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ROLES_EXCLUDE, pct_view(now->name));
    if (pct_roles_have_administrator(fresh) && !pct_roles_may_be_held_together(roles | now->ever))
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_ROLES_EXCLUDE_EVER, pct_view(now->name));
    char name[PCT_ACCOUNT_NAME_MAX + 1] = {0}, actor[PCT_EVENT_ACTOR_MAX + 1] = {0};
    memcpy(name, now->name.chars, now->name.length);
    memcpy(actor, change->actor.chars, change->actor.length);
    if (change->role != PCT_ROLE_SYSTEM && strcmp(name, actor) == 0)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_RIGHTS_OWN, pct_str(name));
    if (pct_roles_have_administrator(fresh) && !change->two_persons &&
        pct_rights_somebody_else(service->rights, PCT_ROLES_APPROVE_ADMINISTRATOR, name, actor))
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_RIGHTS_TWO_PERSONS, pct_str(name));
    return PCT_OK;
}

static pct_status check(const pct_service *service, const pct_rights_change *change,
                        const pct_account_rights *now, pct_error *error) {
    pct_command command = change->command;
    bool adds = command.kind == PCT_COMMAND_ADD_ACCOUNT;
    const pct_text *areas = areas_in(command.kind, &command.data);
    if (adds && now->id.seq) return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_ACCOUNT_TAKEN, pct_view(now->name));
    if (!adds && !now->id.seq)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(now->name));
    if (now->disabled) return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_ACCOUNT_DISABLED, pct_view(now->name));
    if (areas) {
        pct_status status = check_areas(service, *areas, error);
        return status ? status : check_roles(service, change, now, error);
    }
    bool own = pct_text_same(change->actor, now->name);
    if (command.kind == PCT_COMMAND_DISABLE_ACCOUNT && own)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_RIGHTS_OWN, pct_view(now->name));
    return PCT_OK;
}

/* --- on its way --------------------------------------------------------------------------------------------------- */

/* On the writer's thread, after the commit. */
static void committed(void *context, const pct_desk_reply *reply) {
    task *t = context;
    pct_error error;
    pct_desk_reply told = *reply;
    if (!reply->status && !reply->repeated) {
        const pct_snapshot *snapshot = pct_desk_snapshot(t->service->desk);
        t->event.recorded_at_ms = pct_snapshot_at_ms(snapshot);
        pct_snapshot_release(snapshot);
        t->event.seq = reply->last_seq;
        t->event.object = reply->object;
        if (pct_rights_follow(t->service->rights, &t->event, &error) != PCT_OK)
            told.status = PCT_MEMORY, told.error = &error;
    }
    pct_rights_let_go(t->service->rights, pct_text_of(t->name));
    t->done(t->context, &told);
    pct_free(t);
}

static task *make_task(pct_service *service, const pct_command *command, pct_desk_done *done, void *context) {
    task *t = pct_alloc_zeroed(1, sizeof *t);
    if (!t) return NULL;
    t->service = service, t->done = done, t->context = context;
    t->event.type = type_of(command->kind);
    t->event.data = command->data;
    pct_text *name = name_in(command->kind, &t->event.data), *areas = areas_in(command->kind, &t->event.data);
    memcpy(t->name, name->chars, name->length);
    *name = (pct_text){t->name, name->length};
    if (areas && areas->length <= PCT_ACCOUNT_AREAS_MAX) {
        if (areas->length > 0) memcpy(t->areas, areas->chars, areas->length);
        *areas = (pct_text){t->areas, areas->length};
    }
    return t;
}

pct_status pct_rights_change_submit(pct_service *service, const pct_rights_change *change,
                                    pct_desk_done *done, void *context, pct_error *error) {
    pct_command command = change->command;
    pct_text name = *name_in(command.kind, &command.data);
    pct_account_rights now;
    if (name.length == 0 || name.length > PCT_ACCOUNT_NAME_MAX || change->actor.length > PCT_EVENT_ACTOR_MAX)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(name));
    pct_status status = pct_rights_hold(service->rights, name, &now, error);
    if (status) return status;
    status = check(service, change, &now, error);
    task *t = status ? NULL : make_task(service, &command, done, context);
    if (!status && !t) status = pct_error_memory(error, sizeof *t);
    if (!status) {
        /* The codes of roles are the program's own, whatever the caller gave. */
        command.object = (pct_id){.kind = 'S', .seq = now.id.seq};
        pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                    .command = command,
                                    .account = change->actor,
                                    .purpose = change->purpose,
                                    .key = change->key,
                                    .role = change->role,
                                    .cause = change->cause};
        memcpy(request.body, change->body, sizeof request.body);
        status = pct_desk_submit(service->desk, &request, committed, t, error);
    }
    if (!status) return PCT_OK;
    pct_free(t);
    pct_rights_let_go(service->rights, name);
    return status;
}

pct_status pct_rights_change_finish(pct_service *service, const pct_command *command, pct_error *error) {
    if (command->kind != PCT_COMMAND_DISABLE_ACCOUNT) return PCT_OK;
    pct_status status = pct_accounts_disable(service->accounts, command->data.account_disabled.name, error);
    return status == PCT_NOT_FOUND ? PCT_OK : status; /* the record decides; the file may have lost it */
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

typedef struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t told;
    pct_desk_reply reply;
    pct_error *error;
    bool done;
} waiter;

static void tell(void *context, const pct_desk_reply *reply) {
    waiter *w = context;
    (void)pthread_mutex_lock(&w->lock);
    w->reply = *reply;
    if (reply->error && w->error) *w->error = *reply->error;
    w->done = true;
    (void)pthread_cond_signal(&w->told);
    (void)pthread_mutex_unlock(&w->lock);
}

pct_status pct_rights_change_and_wait(pct_service *service, const pct_rights_change *change, pct_id *made,
                                      pct_error *error) {
    waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER, .error = error};
    pct_status status = pct_rights_change_submit(service, change, tell, &w, error);
    if (!status) {
        (void)pthread_mutex_lock(&w.lock);
        while (!w.done) (void)pthread_cond_wait(&w.told, &w.lock);
        (void)pthread_mutex_unlock(&w.lock);
        status = w.reply.status;
    }
    if (!status && made) *made = w.reply.object;
    return status ? status : pct_rights_change_finish(service, &change->command, error);
}

/* --- taking over -------------------------------------------------------------------------------------------------- */

typedef struct found_account {
    char name[PCT_ACCOUNT_NAME_MAX + 1];
    pct_role_set roles;
    bool disabled;
} found_account;

static void find_account(void *context, const pct_account_row *row) {
    found_account *found = row->name.length <= PCT_ACCOUNT_NAME_MAX ? pct_vector_push(context) : NULL;
    if (!found) return;
    memcpy(found->name, row->name.chars, row->name.length);
    found->roles = row->roles;
    found->disabled = row->disabled;
}

static pct_status take_over(pct_service *service, const found_account *found, pct_error *error) {
    pct_rights_change change = {.command = {.kind = PCT_COMMAND_ADD_ACCOUNT},
                                .actor = pct_text_of("system"),
                                .purpose = pct_text_of("accounts.db"),
                                .role = PCT_ROLE_SYSTEM,
                                .two_persons = true};
    pct_event_account_added *added = &change.command.data.account_added;
    added->name = pct_text_of(found->name);
    added->roles_count = pct_roles_as_codes(found->roles, added->roles);
    pct_status status = pct_rights_change_and_wait(service, &change, NULL, error);
    if (status || !found->disabled) return status;
    change.command = (pct_command){.kind = PCT_COMMAND_DISABLE_ACCOUNT};
    change.command.data.account_disabled.name = pct_text_of(found->name);
    return pct_rights_change_and_wait(service, &change, NULL, error);
}

pct_status pct_rights_adopt(pct_service *service, const char *except, pct_error *error) {
    if (!pct_rights_are_empty(service->rights)) return PCT_OK;
    pct_vector found = pct_vector_init(sizeof(found_account), PCT_ACCOUNTS_MAX);
    pct_status status = pct_accounts_list(service->accounts, find_account, &found, error);
    const found_account *accounts = found.items;
    for (size_t i = 0; i < found.length && !status; i++)
        if (accounts[i].roles && !(except && strcmp(except, accounts[i].name) == 0))
            status = take_over(service, &accounts[i], error);
    pct_vector_dispose(&found);
    return status;
}
