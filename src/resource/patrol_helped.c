/* Did a directed order help: asked when it is over, by whoever may give one. Read aside, by a connection of its own, like the sheets of
 * where.c: months of calls are read, and nobody waits for it. */
#include "api_handlers.h"
#include "resource/patrol_book.h"
#include "resource/place_calls.h"

/* What is asked, out of the book: it is let go before calls are read. */
static pct_status ask(pct_exchange *x, pct_place_asked *asked, pct_text *name, pct_error *error) {
    pct_id id = pct_exchange_id(x, "directed");
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    const pct_life_directed *order = pct_life_directed_of(life, (pct_directed_id){id.seq});
    pct_status status =
        order ? pct_place_of_order(life, order, &x->service->site->zone, x->now_ms, asked, error)
              : PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_DIRECTED, pct_int(id.seq));
    if (order)
        *name =
            (pct_text){pct_arena_text(&x->arena, order->name.chars, order->name.length), order->name.length};
    pct_patrol_let_go(x->service->patrol);
    return status || name->chars ? status : pct_error_memory(error, name->length);
}

pct_status pct_resource_directed_helped(pct_exchange *x, pct_error *error) {
    const pct_store_options options = {.folder = x->service->site->folder, .read_only = true};
    pct_place_asked asked = {0};
    pct_place_told told;
    pct_store *reader = NULL;
    pct_text name = {"", 0};
    pct_status status = ask(x, &asked, &name, error);
    if (!status) status = pct_store_open(&options, &reader, error);
    if (!status) status = pct_place_judge(x->service->site, reader, &asked, &told, error);
    pct_store_close(reader);
    if (!status) {
        pct_json_writer json = pct_json_writer_init(&x->reply);
        pct_json_begin_object(&json);
        pct_json_id_member(&json, "order", pct_exchange_id(x, "directed"));
        pct_json_text_member(&json, "name", name);
        pct_place_write(&json, &asked, &told);
        pct_json_end_object(&json);
        status = pct_buffer_status(&x->reply, error);
    }
    pct_vector_dispose(&asked.patrolled);
    return status;
}
