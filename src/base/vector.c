#include "base/vector.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_ITEMS = 16 };

pct_vector pct_vector_init(size_t item_size, size_t max_items) {
    return (pct_vector){.item_size = item_size, .max_items = max_items};
}

void pct_vector_dispose(pct_vector *vector) {
    pct_free(vector->items);
    *vector = pct_vector_init(vector->item_size, vector->max_items);
}

void *pct_vector_push(pct_vector *vector) {
    if (vector->length == vector->capacity) {
        if (vector->length >= vector->max_items) return NULL;
        size_t capacity = vector->capacity ? vector->capacity * 2 : FIRST_ITEMS;
        if (capacity > vector->max_items) capacity = vector->max_items;
        void *items = pct_realloc(vector->items, capacity, vector->item_size);
        if (!items) return NULL;
        vector->items = items;
        vector->capacity = capacity;
    }
    void *item = (char *)vector->items + vector->length++ * vector->item_size;
    return memset(item, 0, vector->item_size);
}

void *pct_vector_take(pct_vector *vector) {
    void *items = vector->items;
    *vector = pct_vector_init(vector->item_size, vector->max_items);
    return items;
}

pct_status pct_vector_failed(const pct_vector *vector, pct_message what, pct_error *error) {
    if (vector->length >= vector->max_items)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(what),
                        pct_int((int64_t)vector->max_items));
    return pct_error_memory(error, vector->capacity * 2 * vector->item_size);
}
