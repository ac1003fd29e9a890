#include "desk/cards.h"

#include <stdio.h>

#include "base/text.h"
#include "desk/state.h"
#include "ledger/read.h"

enum { DIGITS = 6, MODULUS = 97 };

static int check_of(int64_t number) {
    return (int)(MODULUS + 1 - number * 100 % MODULUS);
}

void pct_card_write(int64_t number, char out[PCT_CARD_TEXT]) {
    (void)snprintf(out, PCT_CARD_TEXT, "%06d-%02d", (int)(number % (PCT_CARD_LAST + 1)), check_of(number));
}

bool pct_card_read(pct_text text, int64_t *out) {
    int64_t number = 0, check = 0;
    if (text.length != DIGITS + 3 || text.chars[DIGITS] != '-') return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.chars[i];
        if (i != DIGITS && (c < '0' || c > '9')) return false;
        if (i < DIGITS) number = number * 10 + (c - '0');
        if (i > DIGITS) check = check * 10 + (c - '0');
    }
    *out = number;
    return number > 0 && check == check_of(number);
}

bool pct_desk_is_card(const pct_command *command) {
    return command->kind == PCT_COMMAND_RECEIVE_CALL && command->data.call_received.via == PCT_VIA_PAPER &&
           command->data.call_received.source_id.length > 0;
}

pct_text pct_desk_key_owner(const pct_desk_request *request) {
    return pct_desk_is_card(&request->command) ? pct_text_of("paper") : request->account;
}

typedef struct printing {
    pct_text account;
    int64_t count, *first;
} printing;

static pct_status take_end(void *context, const pct_event *event, pct_error *error) {
    int64_t *next = context;
    (void)error;
    const pct_event_cards_printed *data = &event->data.cards_printed;
    if (event->type == PCT_EVENT_CARDS_PRINTED && data->first + data->count > *next)
        *next = data->first + data->count;
    return PCT_OK;
}

static pct_status print_group(pct_desk *desk, const printing *p, int64_t first, pct_snapshot **snapshot,
                              pct_error *error) {
    const int64_t seq = (int64_t)desk->tree.size + 1;
    desk->group.begun = true;
    pct_status status = pct_store_begin(desk->store, error);
    pthread_mutex_lock(&desk->board_lock);
    pct_event event = {.seq = seq,
                       .epoch = desk->options.epoch,
                       .recorded_at_ms = pct_desk_now_ms(desk),
                       .occurred_at_ms = desk->last_ms,
                       .map_version = desk->options.map_version,
                       .actor = p->account,
                       .purpose = pct_text_of("paper"),
                       .object = {.kind = 'N', .seq = seq},
                       .role = PCT_ROLE_SYSTEM,
                       .type = PCT_EVENT_CARDS_PRINTED,
                       .version = pct_event_type_version(PCT_EVENT_CARDS_PRINTED)};
    event.data.cards_printed = (pct_event_cards_printed){.first = first, .count = p->count};
    if (!status) status = pct_desk_record_event(desk, &event, error);
    pthread_mutex_unlock(&desk->board_lock);
    if (!status) status = pct_desk_save_tree(desk, error);
    if (!status && pct_snapshot_new(&desk->lists, snapshot) != PCT_OK) status = pct_error_memory(error, 0);
    return status ? status : pct_store_commit(desk->store, error);
}

static pct_status print(pct_desk *desk, void *context, pct_error *error) {
    const printing *p = context;
    int64_t next = 1;
    pct_snapshot *snapshot = NULL;
    pct_error why = {0};
    pct_status status = pct_ledger_each_event_of_kind(desk->store, 'N', take_end, &next, error);
    if (!status && next + p->count - 1 > PCT_CARD_LAST)
        status = PCT_FAIL(error, PCT_LIMIT, PCT_MSG_DESK_CARDS_GONE, pct_int(PCT_CARD_LAST - next + 1));
    if (status) return status;
    status = print_group(desk, p, next, &snapshot, &why);
    if (status && error) *error = why;
    pct_desk_finish_group(desk, status, snapshot, &why);
    if (!status) *p->first = next;
    return status;
}

pct_status pct_desk_print_cards(pct_desk *desk, pct_text account, int64_t count, int64_t *first,
                                pct_error *error) {
    printing p = {account, count, first};
    *first = 0;
    if (count < 1 || count > PCT_CARDS_MAX)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_DESK_CARDS_COUNT, pct_int(PCT_CARDS_MAX), pct_int(count));
    return pct_desk_between_groups(desk, print, &p, error);
}
