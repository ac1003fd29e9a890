/* The writer: opening, groups, closing.
 *
 * A group takes what waits, decides one command after the other on the live board, and writes every event with its rows into
 * one transaction. Nobody is told anything before the commit. When the transaction fails, the board has seen events
 * that never were: it is thrown away and made again from the record. */
#include "desk/desk.h"
#include "desk/cards.h"

#include <string.h>

#include "clock/time.h"
#include "desk/state.h"
#include "site/now.h"

enum {
    GROUP_BY_DEFAULT = 256,
    SAVE_BY_DEFAULT = 50000,
    REMINDERS_MAX = 256,
    ARENA_BYTES = 4 << 20,
    RETIRED_MAX = 1 << 16,
    ENDINGS_MAX = 1 << 27,
    NOTICES_MAX = 1 << 16,
    FIXES_MAX = PCT_BOARD_UNITS_MAX,
    LONG_WAIT_MS = 1000,
    OLD_REPLIES = 64,       /* dropped in one group */
    PROBE_BYTES = 512 << 10 /* room that a full disk must have before it is tried again */
};

static int64_t system_clock_ms(void *context) {
    (void)context;
    return pct_wall_ms();
}

/* A clock that is set back stands still until it has caught up. */
int64_t pct_desk_now_ms(pct_desk *desk) {
    int64_t now_ms = desk->options.clock_ms(desk->options.context);
    if (now_ms > desk->last_ms) desk->last_ms = now_ms;
    return desk->last_ms;
}

static void stop_for_good(pct_desk *desk, const pct_error *why) {
    pthread_mutex_lock(&desk->gate);
    desk->stopped = PCT_IO;
    if (why) desk->why = *why;
    pthread_mutex_unlock(&desk->gate);
}

/* --- opening ----------------------------------------------------------------------------------------------------- */

/* Under `live`. */
static const pct_snapshot *exchange_snapshot(pct_desk *desk, pct_snapshot *snapshot) {
    const pct_snapshot *old = desk->snapshot;
    desk->snapshot = snapshot;
    return old;
}

static void mark_snapshot(pct_desk *desk, pct_snapshot *snapshot) {
    pct_snapshot_mark(snapshot, pct_board_seq(desk->board), desk->last_ms,
                      pct_board_counts_view(desk->board));
}

static pct_status publish(pct_desk *desk, pct_snapshot *snapshot) {
    mark_snapshot(desk, snapshot);
    pthread_mutex_lock(&desk->live);
    const pct_snapshot *old = exchange_snapshot(desk, snapshot);
    pthread_mutex_unlock(&desk->live);
    pct_snapshot_release(old);
    return PCT_OK;
}

static pct_status show_board(pct_desk *desk, pct_error *error) {
    pct_snapshot *snapshot = NULL;
    if (pct_snapshot_new(&desk->lists, &snapshot) != PCT_OK) return pct_error_memory(error, 0);
    pthread_mutex_lock(&desk->live);
    desk->counters.replayed = desk->replayed;
    desk->counters.saved = desk->saved;
    pthread_mutex_unlock(&desk->live);
    return publish(desk, snapshot);
}

/* Makes the board again, with `tables` in a transaction that makes the derived tables too. The board that was is kept while
 * snapshots may hold its texts. */
static pct_status make_board(pct_desk *desk, bool tables, pct_error *error) {
    pct_board *old = desk->board, **kept = old ? pct_vector_push(&desk->retired) : NULL;
    if (old && !kept) return pct_vector_failed(&desk->retired, PCT_MSG_WHAT_BOARDS, error);
    pthread_mutex_lock(&desk->board_lock);
    pct_status status = tables ? pct_desk_replay(desk, (pct_follow){.lists = true, .tables = true}, error)
                               : pct_desk_resume(desk, error);
    if (kept && desk->board != old)
        *kept = old;
    else if (kept)
        desk->retired.length--;
    pthread_mutex_unlock(&desk->board_lock);
    return status;
}

pct_status pct_desk_load(pct_desk *desk, pct_error *error) {
    pct_status status = make_board(desk, false, error);
    return status ? status : show_board(desk, error);
}

static pct_status prepare(pct_desk *desk, pct_error *error) {
    desk->group_max = desk->options.group_max ? desk->options.group_max : GROUP_BY_DEFAULT;
    desk->save_every = desk->options.save_every ? desk->options.save_every : SAVE_BY_DEFAULT;
    if (!desk->options.clock_ms) desk->options.clock_ms = system_clock_ms;
    if (desk->options.epoch == 0) desk->options.epoch = 1;
    desk->endings = pct_vector_init(sizeof(pct_ending), ENDINGS_MAX);
    desk->retired = pct_vector_init(sizeof(pct_board *), RETIRED_MAX);
    desk->fixes = pct_vector_init(sizeof(pct_fix), FIXES_MAX);
    desk->fix_of = pct_map_init(FIXES_MAX);
    desk->group.notices = pct_vector_init(sizeof(pct_desk_notice), NOTICES_MAX);
    desk->bytes = pct_buffer_init(PCT_STORE_VALUE_MAX);
    desk->arena = pct_arena_init(ARENA_BYTES);
    desk->lists = pct_lists_init();
    desk->notices = pct_alloc_zeroed(PCT_DESK_NOTICES, sizeof *desk->notices);
    if (!desk->notices) return pct_error_memory(error, PCT_DESK_NOTICES * sizeof *desk->notices);
    /* Written once, or a desk that runs for days would grow until the ring is full. */
    memset(desk->notices, 0xFF, PCT_DESK_NOTICES * sizeof *desk->notices);
    pct_status status = pct_crypto_sodium(&desk->crypto, error);
    if (!status) desk->random = desk->options.random ? *desk->options.random : pct_random_system();
    return status;
}

pct_status pct_desk_open(const pct_desk_options *options, pct_desk **out, pct_error *error) {
    pct_desk *desk = pct_alloc_zeroed(1, sizeof *desk);
    *out = NULL;
    if (!desk) return pct_error_memory(error, sizeof *desk);
    desk->options = *options;
    desk->store = options->store;
    pthread_mutex_init(&desk->gate, NULL);
    pthread_mutex_init(&desk->board_lock, NULL);
    pthread_mutex_init(&desk->live, NULL);
    pthread_cond_init(&desk->work, NULL);
    pthread_cond_init(&desk->published, NULL);
    pct_status status = prepare(desk, error);
    if (!status) status = pct_desk_load(desk, error);
    if (!status) status = pct_desk_plan_retention(desk, error);
    if (status) {
        pct_desk_close(desk);
        return status;
    }
    desk->first_notice = pct_board_seq(desk->board) + 1;
    desk->last_notice = pct_board_seq(desk->board);
    *out = desk;
    return PCT_OK;
}

void pct_desk_close(pct_desk *desk) {
    if (!desk) return;
    pct_desk_stop(desk);
    if (desk->snapshot && !desk->stopped && desk->since_saved > 0 && desk->save_every != UINT32_MAX)
        (void)!pct_desk_save(desk, NULL);
    pthread_mutex_lock(&desk->gate);
    if (!desk->stopped) desk->stopped = PCT_BUSY;
    pthread_mutex_unlock(&desk->gate);
    pct_lanes_refuse(desk);
    pct_snapshot_release(desk->snapshot);
    pct_lists_dispose(&desk->lists);
    pct_board **retired = desk->retired.items;
    for (size_t i = 0; i < desk->retired.length; i++) pct_board_free(retired[i]);
    pct_board_free(desk->board);
    pct_vector_dispose(&desk->retired);
    pct_vector_dispose(&desk->endings);
    pct_vector_dispose(&desk->fixes);
    pct_map_dispose(&desk->fix_of);
    pct_vector_dispose(&desk->group.notices);
    pct_buffer_dispose(&desk->bytes);
    pct_arena_dispose(&desk->arena);
    pct_free(desk->notices);
    pthread_cond_destroy(&desk->published);
    pthread_cond_destroy(&desk->work);
    pthread_mutex_destroy(&desk->live);
    pthread_mutex_destroy(&desk->board_lock);
    pthread_mutex_destroy(&desk->gate);
    pct_free(desk);
}

/* The saved board goes too: it is made of the same events. */
static pct_status remake_tables(pct_desk *desk, pct_error *error) {
    pct_status status = pct_store_begin(desk->store, error);
    if (!status) status = pct_store_drop_tables(desk->store, error);
    if (!status) status = pct_store_drop_saved(desk->store, error);
    if (!status) status = make_board(desk, true, error);
    if (!status) return pct_store_commit(desk->store, error);
    pct_store_rollback(desk->store);
    return status;
}

static pct_status rebuild(pct_desk *desk, void *context, pct_error *error) {
    pct_error why;
    (void)context;
    pct_status status = remake_tables(desk, error);
    if (!status) return show_board(desk, error);
    if (pct_desk_load(desk, &why) != PCT_OK) stop_for_good(desk, &why);
    return status;
}

pct_status pct_desk_rebuild(pct_desk *desk, pct_error *error) {
    return pct_desk_between_groups(desk, rebuild, NULL, error);
}

typedef struct reopening {
    pct_desk_swap *swap;
    void *context;
} reopening;

static pct_status reopen(pct_desk *desk, void *context, pct_error *error) {
    const reopening *r = context;
    pct_store *store = NULL;
    pct_status status = r->swap(r->context, &store, error);
    desk->store = store;
    if (!status) status = pct_desk_load(desk, error);
    pthread_mutex_lock(&desk->gate);
    desk->stopped = status ? PCT_IO : PCT_OK;
    if (status && error) desk->why = *error;
    pthread_mutex_unlock(&desk->gate);
    desk->disk_full = false;
    pthread_mutex_lock(&desk->live);
    desk->counters.stopped = status != PCT_OK;
    /* A commit of which nobody was told may be there after all: readers begin again. */
    if (!status && pct_board_seq(desk->board) != desk->last_notice) {
        desk->last_notice = pct_board_seq(desk->board);
        desk->first_notice = desk->last_notice + 1;
    }
    pthread_mutex_unlock(&desk->live);
    return status;
}

pct_status pct_desk_reopen(pct_desk *desk, pct_desk_swap *swap, void *context, pct_error *error) {
    reopening r = {swap, context};
    return pct_desk_mend(desk, reopen, &r, error);
}

/* --- a group ----------------------------------------------------------------------------------------------------- */

static pct_status begin(pct_desk *desk, pct_error *error) {
    if (desk->group.begun) return PCT_OK;
    pct_status status = pct_store_begin(desk->store, error);
    desk->group.begun = !status;
    return status;
}

pct_status pct_desk_record_event(pct_desk *desk, const pct_event *event, pct_error *error) {
    const pct_ledger_keys keys = pct_desk_keys(desk);
    pct_desk_notice *notice = pct_vector_push(&desk->group.notices);
    if (!notice) return pct_vector_failed(&desk->group.notices, PCT_MSG_WHAT_NOTICES, error);
    pct_buffer_clear(&desk->bytes);
    pct_status status = pct_ledger_seal(desk->crypto, &keys, desk->random, event, &desk->bytes, error);
    if (status) return status;
    const pct_text bytes = {(const char *)desk->bytes.bytes, desk->bytes.length};
    pct_hash leaf = pct_merkle_leaf(desk->crypto, bytes);
    status = pct_store_add_event(desk->store, &(pct_stored_event){event->seq, bytes, leaf.bytes}, error);
    if (status) return status;
    pct_merkle_append(&desk->tree, leaf);
    desk->group.events++;
    return pct_desk_follow(desk, event, (pct_follow){.lists = true, .tables = true}, notice, error);
}

static pct_status decide(pct_desk *desk, const pct_command *command, const pct_command_context *context,
                         pct_desk_reply *reply, bool *refused, pct_error *error) {
    pct_decision decision;
    *refused = false;
    pct_status status = pct_board_decide(desk->board, command, context, &decision, error);
    if (status) {
        *refused = status != PCT_MEMORY && status != PCT_INTERNAL;
        return status;
    }
    for (size_t i = 0; i < decision.count && !status; i++)
        status = pct_desk_record_event(desk, &decision.events[i], error);
    if (status || PCT_NEVER(decision.count == 0)) return status;
    const pct_event *last = &decision.events[decision.count - 1];
    *reply =
        (pct_desk_reply){.object = last->object, .first_seq = decision.events[0].seq, .last_seq = last->seq};
    return PCT_OK;
}

/* All are decided on the board as it is, then all are recorded: what one of them changes the others do not see. */
static pct_status decide_all(pct_desk *desk, const pct_desk_request *r, const pct_command_context *context,
                             pct_desk_reply *reply, bool *refused, pct_error *error) {
    pct_command_context each = *context;
    pct_decision first, decision;
    pct_vector events = pct_vector_init(sizeof(pct_event), (PCT_DESK_ALSO_MAX + 1) * PCT_DECISION_EVENTS_MAX);
    pct_status status = PCT_OK;
    each.seq = pct_board_seq(desk->board) + 1;
    for (size_t c = 0; c <= r->also_count && !status; c++) {
        pct_decision *d = c ? &decision : &first;
        status = pct_board_decide(desk->board, c ? &r->also[c - 1] : &r->command, &each, d, error);
        for (size_t i = 0; i < d->count && !status; i++) {
            pct_event *event = pct_vector_push(&events);
            if (event) *event = d->events[i];
            status = event ? PCT_OK : pct_error_memory(error, sizeof *event);
        }
        each.seq += (int64_t)d->count;
    }
    *refused = status && status != PCT_MEMORY && status != PCT_INTERNAL;
    const pct_event *all = events.items;
    for (size_t i = 0; i < events.length && !status; i++)
        status = pct_desk_record_event(desk, &all[i], error);
    if (!status)
        *reply = (pct_desk_reply){.object = first.events[first.count - 1].object,
                                  .first_seq = all[0].seq,
                                  .last_seq = all[events.length - 1].seq};
    pct_vector_dispose(&events);
    return status;
}

static pct_status refuse_key(pct_item *item, const pct_stored_reply *stored) {
    const pct_desk_request *r = &item->request;
    char call[PCT_ID_TEXT];
    if (!pct_desk_is_card(&r->command))
        return PCT_FAIL(&item->error, PCT_CHECK_FAILED, PCT_MSG_DESK_KEY_REUSED, pct_view(r->key));
    (void)pct_id_write(stored->object, call);
    return PCT_FAIL(&item->error, PCT_CHECK_FAILED, PCT_MSG_DESK_CARD_ENTERED, pct_view(r->key),
                    pct_str(call));
}

/* *known: the key was used before, and *item has its reply. */
static pct_status look_up_key(pct_desk *desk, pct_item *item, bool *known, pct_error *error) {
    const pct_desk_request *r = &item->request;
    pct_stored_reply stored;
    *known = false;
    if (r->key.length == 0) return PCT_OK;
    pct_status status = pct_store_find_reply(desk->store, pct_desk_key_owner(r), r->key, desk->last_ms,
                                             &stored, known, error);
    if (status || !*known) return status;
    desk->group.repeated++;
    if (memcmp(stored.body, r->body, sizeof stored.body) != 0)
        item->reply.status = refuse_key(item, &stored);
    else
        item->reply = (pct_desk_reply){.object = stored.object,
                                       .first_seq = stored.first_seq,
                                       .last_seq = stored.last_seq,
                                       .repeated = true};
    return PCT_OK;
}

static pct_status keep_reply(pct_desk *desk, const pct_item *item, pct_error *error) {
    const pct_desk_request *r = &item->request;
    if (r->key.length == 0) return PCT_OK;
    pct_stored_reply stored = {.account = pct_desk_key_owner(r),
                               .key = r->key,
                               .expires_at_ms = desk->last_ms + PCT_STORE_REPLY_DAYS * PCT_DAY_MS,
                               .first_seq = item->reply.first_seq,
                               .last_seq = item->reply.last_seq,
                               .object = item->reply.object};
    memcpy(stored.body, r->body, sizeof stored.body);
    return pct_store_add_reply(desk->store, &stored, error);
}

/* The lists follow each event of the group at once, so that a snapshot of them is what the next command meets. */
static pct_status ask_still(pct_desk *desk, const pct_desk_request *r, pct_status *answer, pct_error *error) {
    pct_snapshot *snapshot = NULL;
    *answer = PCT_OK;
    if (!r->still) return PCT_OK;
    if (pct_snapshot_new(&desk->lists, &snapshot) != PCT_OK) return pct_error_memory(error, 0);
    pct_snapshot_mark(snapshot, pct_board_seq(desk->board), desk->last_ms,
                      pct_board_counts_view(desk->board));
    *answer = r->still(r->still_context, snapshot, error);
    pct_snapshot_release(snapshot);
    return PCT_OK;
}

/* A call that had to wait for the disk happened when it came, not when the disk was ready. A replay's clock runs too fast to
 * tell waiting by. */
static int64_t occurred_ms(const pct_desk *desk, const pct_item *item) {
    const pct_desk_request *r = &item->request;
    if (r->occurred_at_ms || r->command.kind != PCT_COMMAND_RECEIVE_CALL || desk->options.sleep_ms)
        return r->occurred_at_ms;
    int64_t waited_ms = pct_tick_ms() - item->came_ms;
    return waited_ms > LONG_WAIT_MS ? desk->last_ms - waited_ms : 0;
}

/* Fails only when the whole group has to; a refusal stands in the item. */
static pct_status run_command(pct_desk *desk, pct_item *item, pct_error *error) {
    const pct_desk_request *r = &item->request;
    const pct_command_context context = {.now_ms = desk->last_ms,
                                         .occurred_at_ms = occurred_ms(desk, item),
                                         .epoch = desk->options.epoch,
                                         .cause = r->cause,
                                         .map_version = desk->options.map_version,
                                         .actor = r->account,
                                         .purpose = r->purpose,
                                         .idempotency_key = r->key,
                                         .role = r->role};
    bool known, refused;
    pct_status answer, status = look_up_key(desk, item, &known, error);
    if (status || known) return status;
    status = ask_still(desk, r, &answer, &item->error);
    refused = !status && answer;
    if (!status)
        status = answer          ? answer
                 : r->also_count ? decide_all(desk, r, &context, &item->reply, &refused, &item->error)
                                 : decide(desk, &r->command, &context, &item->reply, &refused, &item->error);
    if (refused) {
        item->reply = (pct_desk_reply){.status = status};
        desk->group.refused++;
        return PCT_OK;
    }
    if (status) {
        if (error) *error = item->error;
        return status;
    }
    return keep_reply(desk, item, error);
}

static pct_status run_job(pct_desk *desk, pct_item *item, pct_error *error) {
    pct_status status = pct_store_mark(desk->store, error);
    if (status) return status;
    item->reply.status = item->job(item->context, desk->store, desk->last_ms, &item->error);
    if (pct_store_is_broken(desk->store)) {
        if (error) *error = item->error;
        return item->reply.status ? item->reply.status : PCT_IO;
    }
    return item->reply.status ? pct_store_give_up(desk->store, error) : pct_store_keep(desk->store, error);
}

static pct_status run_reminders(pct_desk *desk, pct_error *error) {
    const pct_command_context context = {.now_ms = desk->last_ms,
                                         .epoch = desk->options.epoch,
                                         .map_version = desk->options.map_version,
                                         .actor = {"system", 6},
                                         .role = PCT_ROLE_SYSTEM};
    pct_status status = PCT_OK;
    for (int i = 0; i < REMINDERS_MAX && !status; i++) {
        pct_deadline due = pct_board_next_deadline(desk->board);
        bool refused;
        pct_desk_reply reply;
        if (due.at_ms > desk->last_ms) break;
        pct_command command = pct_board_remind_command(due);
        status = begin(desk, error);
        if (!status) status = decide(desk, &command, &context, &reply, &refused, error);
        desk->group.reminders += !status;
    }
    return status;
}

pct_status pct_desk_save_tree(pct_desk *desk, pct_error *error) {
    if (desk->group.events == 0) return PCT_OK;
    pct_buffer_clear(&desk->bytes);
    (void)pct_merkle_save(&desk->tree, &desk->bytes);
    pct_status status = pct_buffer_status(&desk->bytes, error);
    const pct_text bytes = {(const char *)desk->bytes.bytes, desk->bytes.length};
    if (!status) status = pct_store_put_frontier(desk->store, (int64_t)desk->tree.size, bytes, error);
    return status ? status : pct_store_drop_replies(desk->store, desk->last_ms, OLD_REPLIES, error);
}

/* A full disk is asked for room before anything is decided: otherwise each try would cost the board. */
static pct_status ask_for_room(pct_desk *desk, pct_error *error) {
    if (!desk->disk_full) return PCT_OK;
    static const char kind[] = "room";
    char *room = pct_alloc_zeroed(PROBE_BYTES, 1);
    if (!room) return pct_error_memory(error, PROBE_BYTES);
    const pct_document document = {pct_text_of(kind), pct_text_of(kind), {room, PROBE_BYTES}, 0};
    pct_status status = pct_store_begin(desk->store, error);
    if (!status) status = pct_store_put_document(desk->store, &document, error);
    if (!status) status = pct_store_drop_document(desk->store, document.kind, document.name, error);
    if (!status)
        status = pct_store_commit(desk->store, error);
    else
        pct_store_rollback(desk->store);
    pct_free(room);
    desk->disk_full = status == PCT_LIMIT;
    return status;
}

static pct_status run_items(pct_desk *desk, pct_error *error) {
    pct_status status = PCT_OK;
    pthread_mutex_lock(&desk->board_lock);
    for (pct_item *item = desk->group.first; item && !status; item = item->next) {
        status = begin(desk, error);
        if (!status) status = item->job ? run_job(desk, item, error) : run_command(desk, item, error);
    }
    if (!status) status = run_reminders(desk, error);
    pthread_mutex_unlock(&desk->board_lock);
    return status;
}

/* All of the group on the disk; the snapshot is made before, so that nothing can fail after. */
static pct_status run_group(pct_desk *desk, pct_snapshot **snapshot, pct_error *error) {
    pct_status status = ask_for_room(desk, error);
    if (!status) status = run_items(desk, error);
    if (!status) status = pct_desk_save_tree(desk, error);
    if (!status && pct_snapshot_new(&desk->lists, snapshot) != PCT_OK) status = pct_error_memory(error, 0);
    if (!status && desk->group.begun) status = pct_store_commit(desk->store, error);
    return status;
}

/* Snapshot and notices at once: whoever begins at the snapshot's last event must find the notices there. */
static void publish_group(pct_desk *desk, pct_snapshot *snapshot) {
    const pct_desk_notice *notices = desk->group.notices.items;
    mark_snapshot(desk, snapshot);
    pthread_mutex_lock(&desk->live);
    const pct_snapshot *old = exchange_snapshot(desk, snapshot);
    for (size_t i = 0; i < desk->group.notices.length; i++) {
        desk->notices[notices[i].seq % PCT_DESK_NOTICES] = notices[i];
        desk->last_notice = notices[i].seq;
        if (desk->last_notice - desk->first_notice >= PCT_DESK_NOTICES)
            desk->first_notice = desk->last_notice - PCT_DESK_NOTICES + 1;
    }
    desk->counters.groups += desk->group.begun;
    desk->counters.key_groups = pct_store_counters_view(desk->store).key_groups;
    desk->counters.events += desk->group.events;
    desk->counters.commands += (int64_t)desk->group.count;
    desk->counters.refused += desk->group.refused;
    desk->counters.repeated += desk->group.repeated;
    desk->counters.reminders += desk->group.reminders;
    pthread_mutex_unlock(&desk->live);
    pct_snapshot_release(old);
}

/* The group did not come about. The error is each item's, whatever was decided for it. */
static void give_up_group(pct_desk *desk, pct_status status, const pct_error *why) {
    bool touched = desk->group.begun;
    pct_store_rollback(desk->store);
    for (pct_item *item = desk->group.first; item; item = item->next) {
        item->reply = (pct_desk_reply){.status = status};
        item->error = *why;
    }
    desk->disk_full = status == PCT_LIMIT;
    if (pct_store_is_broken(desk->store)) stop_for_good(desk, why);
    pct_error error;
    if (touched && !desk->stopped && pct_desk_load(desk, &error) != PCT_OK) stop_for_good(desk, &error);
}

static void end_group(pct_desk *desk) {
    for (pct_item *item = desk->group.first, *next; item; item = next) {
        next = item->next;
        pct_desk_tell(desk, item);
    }
    pct_vector notices = desk->group.notices;
    notices.length = 0;
    desk->group = (pct_group){.notices = notices};
    pthread_mutex_lock(&desk->live);
    desk->counters.stopped = desk->stopped != PCT_OK;
    desk->counters.disk_full = desk->disk_full;
    pthread_mutex_unlock(&desk->live);
    if (desk->publish) desk->publish(desk->publish_context);
    pthread_mutex_lock(&desk->gate);
    pthread_cond_broadcast(&desk->published);
    pthread_mutex_unlock(&desk->gate);
}

void pct_desk_finish_group(pct_desk *desk, pct_status status, pct_snapshot *snapshot, const pct_error *why) {
    if (status) {
        pct_snapshot_release(snapshot);
        give_up_group(desk, status, why);
    } else {
        publish_group(desk, snapshot);
    }
    end_group(desk);
}

pct_status pct_desk_step(pct_desk *desk, size_t *handled, pct_error *error) {
    pct_snapshot *snapshot = NULL;
    pct_error why = {0};
    *handled = 0;
    pct_desk_run_works(desk);
    if (desk->stopped) {
        pct_lanes_refuse(desk);
        return pct_desk_fail_stopped(desk->stopped, error);
    }
    int64_t now_ms = pct_desk_now_ms(desk);
    pct_desk_retain_when_due(desk, now_ms);
    pct_lanes_take(desk, &desk->group);
    if (desk->group.count == 0 && pct_board_next_deadline(desk->board).at_ms > now_ms) return PCT_OK;
    pct_status status = run_group(desk, &snapshot, &why);
    *handled = desk->group.count + (size_t)desk->group.reminders;
    if (status && error) *error = why;
    pct_desk_finish_group(desk, status, snapshot, &why);
    if (desk->stopped)
        pct_lanes_refuse(desk);
    else if (desk->since_saved >= desk->save_every && !desk->disk_full)
        (void)!pct_desk_save(desk, NULL); /* everybody has been told; the next group waits for it */
    return status;
}

int64_t pct_desk_next_due_ms(pct_desk *desk) {
    pthread_mutex_lock(&desk->board_lock);
    int64_t due_ms = pct_board_next_deadline(desk->board).at_ms;
    if (desk->retaining.next_ms < due_ms) due_ms = desk->retaining.next_ms;
    pthread_mutex_unlock(&desk->board_lock);
    return due_ms;
}
