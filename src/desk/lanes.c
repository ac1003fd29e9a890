/* Lanes: who waits, in which order they are taken, and who is turned away.
 *
 * Each lane has a queue and a limit of its own. What counts against a lane's limit is what waits in it and in the lanes
 * before it, for that is what will be taken first: a flood of reports turns away reports alone, and under a growing load of
 * anything reports are turned away first, then positions, look-ups and dispatch. Calls never are: beyond
 * PCT_CALLS_IN_MEMORY they go to the spool (desk/intake.h), where there is one. */
#include <string.h>

#include "desk/state.h"
#include "site/now.h"

static const struct {
    pct_message name;
    int64_t most; /* that may wait in it and the lanes before it when one more enters */
} lanes[PCT_LANE_COUNT] = {{PCT_MSG_LANE_CALLS, INT64_MAX},
                           {PCT_MSG_LANE_DISPATCH, 4096},
                           {PCT_MSG_LANE_LOOKUPS, 2048},
                           {PCT_MSG_LANE_POSITIONS, 1024},
                           {PCT_MSG_LANE_REPORTS, 512}};

static const pct_event_type event_of[PCT_COMMAND_COUNT] = {
#define X(name, event) [PCT_COMMAND_##name] = PCT_EVENT_##event,
    PCT_COMMANDS(X)
#undef X
};

/* --- a copy of a request, texts and all, in one piece ------------------------------------------------------------ */

/* Texts are visited twice: to add their lengths up, and to copy them behind the item. */
typedef struct text_mover {
    size_t bytes;
    char *to; /* NULL: adding up */
} text_mover;

static void move(text_mover *mover, pct_text *text) {
    mover->bytes += text->length;
    if (!mover->to) return;
    if (text->length) memcpy(mover->to, text->chars, text->length);
    text->chars = mover->to;
    mover->to += text->length;
}

/* Roads and positions have whole words in front, so that they stay aligned behind the item. */
static void move_places(text_mover *mover, const pct_event_field *field, pct_event_data *data) {
    enum { WORD = sizeof(int64_t) };
    char *at = (char *)data + field->offset, *items;
    uint32_t count;
    memcpy(&count, (char *)data + field->count_offset, sizeof count);
    memcpy(&items, at, sizeof items);
    if (count > PCT_EVENT_PLACES_MAX) return; /* the board refuses it */
    size_t bytes = count * pct_event_item_size(field);
    mover->bytes += bytes + WORD;
    if (!mover->to) return;
    char *to = mover->to + (WORD - (uintptr_t)mover->to % WORD) % WORD;
    if (bytes) memcpy(to, items, bytes);
    memcpy(at, &to, sizeof to);
    mover->to += bytes + WORD;
}

static void move_data(text_mover *mover, pct_event_type type, pct_event_data *data) {
    const pct_event_type_entry *entry = &pct_event_type_table[type];
    const pct_event_version *version = &entry->versions[entry->version - 1];
    for (size_t i = 0; i < version->field_count; i++) {
        const pct_event_field *field = &version->fields[i];
        if (field->flags & PCT_FIELD_LIST && pct_event_list_is_apart(field)) move_places(mover, field, data);
        if (field->type != PCT_FIELD_TEXT && field->type != PCT_FIELD_CODE) continue;
        pct_text *texts = (pct_text *)(void *)((char *)data + field->offset);
        uint32_t count = 1;
        if (field->flags & PCT_FIELD_LIST) memcpy(&count, (char *)data + field->count_offset, sizeof count);
        if (count > PCT_EVENT_LIST_MAX) count = 0; /* the board refuses it */
        for (uint32_t t = 0; t < count; t++) move(mover, &texts[t]);
    }
}

static void move_request(text_mover *mover, pct_desk_request *request) {
    move(mover, &request->account);
    move(mover, &request->purpose);
    move(mover, &request->key);
    move_data(mover, event_of[request->command.kind], &request->command.data);
}

/* The commands behind the first, with their texts. */
static void move_also(text_mover *mover, pct_command *also, size_t count) {
    for (size_t i = 0; i < count; i++) move_data(mover, event_of[also[i].kind], &also[i].data);
}

pct_item *pct_desk_copy_request(const pct_desk_request *request) {
    pct_desk_request copy = *request;
    pct_command also[PCT_DESK_ALSO_MAX];
    text_mover mover = {0, NULL};
    size_t count = request->also_count, bytes = count * sizeof *also;
    if (bytes) memcpy(also, request->also, bytes);
    move_request(&mover, &copy);
    move_also(&mover, also, count);
    pct_item *item = pct_alloc_zeroed(1, sizeof *item + bytes + mover.bytes + 1);
    if (!item) return NULL;
    copy = *request;
    if (bytes) {
        pct_command *behind = (pct_command *)(void *)(item + 1);
        memcpy(behind, request->also, bytes);
        copy.also = behind;
        mover.to = (char *)(behind + count);
        move_also(&mover, behind, count);
    } else {
        mover.to = (char *)(item + 1);
    }
    move_request(&mover, &copy);
    item->request = copy;
    return item;
}

/* --- in ---------------------------------------------------------------------------------------------------------- */

pct_status pct_desk_fail_stopped(pct_status stopped, pct_error *error) {
    if (stopped == PCT_BUSY) return pct_error_set(error, PCT_BUSY, PCT_MSG_DESK_CLOSING, NULL, 0);
    return pct_error_set(error, PCT_IO, PCT_MSG_DESK_STOPPED, NULL, 0);
}

int64_t pct_desk_lane_limit(pct_lane lane) {
    return lane == PCT_LANE_CALLS ? 0 : lanes[lane].most;
}

/* Under `gate`. */
static int64_t before(const pct_desk *desk, pct_lane lane) {
    int64_t waiting = 0;
    for (int l = 0; l <= (int)lane; l++) waiting += desk->lanes[l].queued;
    return waiting;
}

static pct_status enter(pct_desk *desk, pct_item *item, pct_error *error) {
    pct_lane lane = item->lane;
    pthread_mutex_lock(&desk->gate);
    pct_status stopped = desk->stopped;
    bool shed = before(desk, lane) >= lanes[lane].most;
    if (!stopped && !shed) {
        *(desk->lanes[lane].last ? &desk->lanes[lane].last->next : &desk->lanes[lane].first) = item;
        desk->lanes[lane].last = item;
        desk->lanes[lane].queued++;
        desk->queued++;
        pthread_cond_signal(&desk->work);
    } else if (!stopped) {
        desk->shed[lane]++;
        desk->shed_ms[lane] = pct_tick_ms();
    }
    pthread_mutex_unlock(&desk->gate);
    if (!stopped && !shed) return PCT_OK;
    pct_free(item);
    if (stopped) return pct_desk_fail_stopped(stopped, error);
    return PCT_FAIL(error, PCT_BUSY, PCT_MSG_DESK_SHED, pct_phrase(lanes[lane].name),
                    pct_int(lanes[lane].most));
}

static bool are_known(const pct_desk_request *request) {
    bool known =
        (unsigned)request->command.kind < PCT_COMMAND_COUNT && request->also_count <= PCT_DESK_ALSO_MAX;
    for (size_t i = 0; known && i < request->also_count; i++)
        known = (unsigned)request->also[i].kind < PCT_COMMAND_COUNT;
    return known;
}

pct_status pct_desk_submit(pct_desk *desk, const pct_desk_request *request, pct_desk_done *done,
                           void *context, pct_error *error) {
    if ((unsigned)request->lane >= PCT_LANE_COUNT || !are_known(request))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_BOARD_NO_COMMAND, pct_int(request->command.kind));
    if (request->account.length == 0 || request->account.length > PCT_EVENT_ACTOR_MAX ||
        request->key.length > PCT_EVENT_KEY_MAX || request->purpose.length > PCT_EVENT_PURPOSE_MAX)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_DESK_HEADER, pct_int(PCT_EVENT_ACTOR_MAX),
                        pct_int(PCT_EVENT_KEY_MAX), pct_int(PCT_EVENT_PURPOSE_MAX));
    pct_item *item = pct_desk_copy_request(request);
    if (!item) return pct_error_memory(error, sizeof *item);
    item->lane = request->lane;
    item->came_ms = pct_tick_ms();
    item->done = done;
    item->context = context;
    return enter(desk, item, error);
}

pct_status pct_desk_submit_job(pct_desk *desk, pct_lane lane, pct_desk_job *job, pct_desk_done *done,
                               void *context, pct_error *error) {
    pct_item *item = pct_alloc_zeroed(1, sizeof *item);
    if (!item) return pct_error_memory(error, sizeof *item);
    item->lane = lane;
    item->job = job;
    item->done = done;
    item->context = context;
    return enter(desk, item, error);
}

/* --- out --------------------------------------------------------------------------------------------------------- */

void pct_lanes_take(pct_desk *desk, pct_group *group) {
    pthread_mutex_lock(&desk->gate);
    for (int lane = 0; lane < PCT_LANE_COUNT; lane++) {
        while (desk->lanes[lane].first && group->count < desk->group_max) {
            pct_item *item = desk->lanes[lane].first;
            desk->lanes[lane].first = item->next;
            if (!item->next) desk->lanes[lane].last = NULL;
            desk->lanes[lane].queued--;
            desk->queued--;
            desk->taken[lane]++;
            item->next = NULL;
            *(group->last ? &group->last->next : &group->first) = item;
            group->last = item;
            group->count++;
        }
    }
    pthread_mutex_unlock(&desk->gate);
}

void pct_desk_tell(pct_desk *desk, pct_item *item) {
    (void)desk;
    item->reply.error = item->reply.status ? &item->error : NULL;
    if (item->done) item->done(item->context, &item->reply);
    pct_free(item);
}

void pct_lanes_refuse(pct_desk *desk) {
    for (;;) {
        pct_group group = {0};
        pct_lanes_take(desk, &group);
        if (!group.first) return;
        for (pct_item *item = group.first, *following; item; item = following) {
            following = item->next;
            item->reply = (pct_desk_reply){.status = pct_desk_fail_stopped(desk->stopped, &item->error)};
            pct_desk_tell(desk, item);
        }
    }
}
