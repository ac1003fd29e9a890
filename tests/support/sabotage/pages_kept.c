/* Sabotage: the server's reader keeps the pages it has read. */
#include "store/store.h"

void __wrap_pct_store_forget_pages(pct_store *store);

void __wrap_pct_store_forget_pages(pct_store *store) {
    (void)store;
}
