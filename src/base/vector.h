/* Growable array of equal items with a stated maximum.
 *
 *     pct_vector spans = pct_vector_init(sizeof(span), 1 << 20);
 *     span *s = pct_vector_push(&spans);            // a new zeroed item at the end; NULL when it failed
 *     span *all = spans.items;                      // spans.length of them, until the next push
 *     pct_vector_dispose(&spans);
 *
 * Push is amortised O(1). pct_vector_take hands the array to the caller, who frees it with pct_free. */
#ifndef PCT_BASE_VECTOR_H
#define PCT_BASE_VECTOR_H

#include "base/status.h"

typedef struct pct_vector {
    void *items;
    size_t length, capacity, item_size, max_items;
} pct_vector;

pct_vector pct_vector_init(size_t item_size, size_t max_items);
void pct_vector_dispose(pct_vector *vector);
void *pct_vector_push(pct_vector *vector) PCT_MUST_USE;
void *pct_vector_take(pct_vector *vector);
/* Why the last push gave NULL: the maximum (named `what`) or memory. */
pct_status pct_vector_failed(const pct_vector *vector, pct_message what, pct_error *error);

#endif
