/* A 4-ary heap of 16-byte entries: four children lie in 64 bytes, half as deep as a binary heap (LaMarca, Ladner 1996).
 * Next moves the hole at the root down to a leaf along the least children and lifts the last entry from there
 * (Wegener, "Bottom-up heapsort", 1993): the last entry nearly always belongs near the leaves, so that half of
 * the comparisons fall away.
 *
 * An entry's second key is sequence × 2^24 + slot: unique, ordered by sequence, and it leads to the slot with
 * what the event means. Cancelling only empties the slot. The entry stays until it comes up, or until
 * cancelled entries outnumber the live ones and are swept out: O(1) amortised, and memory stays bounded. */
#include "sim/kernel.h"

#include "base/memory.h"

enum { ARITY = 4, SLOT_BITS = 24, FIRST_CAPACITY = 64, SWEEP_FROM = 64 };
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)
#define NO_SLOT   UINT32_MAX

typedef struct entry {
    int64_t at_ms;
    uint64_t key;
} entry;

/* Live: key is that of its entry. Cancelled: key 0, entry still queued. Free: key 0, `object` the next free. */
typedef struct slot {
    uint64_t key;
    uint32_t kind, object;
} slot;

struct pct_kernel {
    entry *entries;
    slot *slots;
    size_t length, cancelled, capacity, pending_max;
    uint32_t slots_used, free_slot;
    int64_t now_ms;
    uint64_t sequence, happened;
};

pct_status pct_kernel_new(int64_t start_ms, size_t pending_max, pct_kernel **out, pct_error *error) {
    pct_kernel *kernel = pct_alloc_zeroed(1, sizeof *kernel);
    if (!kernel) return pct_error_memory(error, sizeof *kernel);
    kernel->now_ms = start_ms;
    kernel->pending_max = pending_max < PCT_KERNEL_PENDING_MAX ? pending_max : PCT_KERNEL_PENDING_MAX;
    kernel->free_slot = NO_SLOT;
    *out = kernel;
    return PCT_OK;
}

void pct_kernel_free(pct_kernel *kernel) {
    if (!kernel) return;
    pct_free(kernel->entries);
    pct_free(kernel->slots);
    pct_free(kernel);
}

pct_status pct_kernel_reserve(pct_kernel *kernel, size_t pending, pct_error *error) {
    if (pending > kernel->pending_max)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_EVENTS),
                        pct_int((int64_t)kernel->pending_max));
    if (pending <= kernel->capacity) return PCT_OK;
    entry *entries = pct_realloc(kernel->entries, pending, sizeof *entries);
    if (!entries) return pct_error_memory(error, pending * sizeof *entries);
    kernel->entries = entries;
    slot *slots = pct_realloc(kernel->slots, pending, sizeof *slots);
    if (!slots) return pct_error_memory(error, pending * sizeof *slots);
    kernel->slots = slots;
    kernel->capacity = pending;
    return PCT_OK;
}

static bool before(entry a, entry b) {
    return (a.at_ms < b.at_ms) | ((a.at_ms == b.at_ms) & (a.key < b.key));
}

static void lift(entry *entries, size_t at, entry e) {
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;
        if (!before(e, entries[parent])) break;
        entries[at] = entries[parent];
        at = parent;
    }
    entries[at] = e;
}

static size_t least_child(const entry *entries, size_t first, size_t length) {
    if (first + ARITY <= length) {
        size_t a = first + before(entries[first + 1], entries[first]);
        size_t b = first + 2 + before(entries[first + 3], entries[first + 2]);
        return before(entries[b], entries[a]) ? b : a;
    }
    size_t least = first;
    for (size_t child = first + 1; child < length; child++)
        if (before(entries[child], entries[least])) least = child;
    return least;
}

/* Fills the hole at `at` from below with `e`, which replaces what stood there. */
static void settle(entry *entries, size_t at, size_t length, entry e) {
    size_t top = at;
    for (size_t first = at * ARITY + 1; first < length; first = at * ARITY + 1) {
        size_t least = least_child(entries, first, length);
        entries[at] = entries[least];
        at = least;
    }
    while (at > top) {
        size_t parent = (at - 1) / ARITY;
        if (!before(e, entries[parent])) break;
        entries[at] = entries[parent];
        at = parent;
    }
    entries[at] = e;
}

static void release_slot(pct_kernel *kernel, uint32_t number) {
    kernel->slots[number] = (slot){0, 0, kernel->free_slot};
    kernel->free_slot = number;
}

static void sweep(pct_kernel *kernel) {
    size_t kept = 0;
    for (size_t i = 0; i < kernel->length; i++) {
        entry e = kernel->entries[i];
        uint32_t number = (uint32_t)(e.key & SLOT_MASK);
        if (kernel->slots[number].key == e.key)
            kernel->entries[kept++] = e;
        else
            release_slot(kernel, number);
    }
    kernel->length = kept;
    kernel->cancelled = 0;
    for (size_t i = kept; i-- > 0;) settle(kernel->entries, i, kept, kernel->entries[i]);
}

static pct_status make_room(pct_kernel *kernel, pct_error *error) {
    if (kernel->cancelled > 0 && kernel->length >= kernel->pending_max) sweep(kernel);
    if (kernel->length < kernel->capacity) return PCT_OK;
    size_t wanted = kernel->capacity ? kernel->capacity * 2 : FIRST_CAPACITY;
    if (wanted > kernel->pending_max) wanted = kernel->pending_max;
    return pct_kernel_reserve(kernel, wanted > kernel->length ? wanted : kernel->length + 1, error);
}

pct_status pct_kernel_schedule(pct_kernel *kernel, int64_t at_ms, uint32_t kind, uint32_t object,
                               pct_kernel_handle *handle, pct_error *error) {
    if (at_ms < kernel->now_ms)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_KERNEL_PAST, pct_int(at_ms), pct_int(kernel->now_ms));
    if (kernel->length == kernel->capacity) {
        pct_status status = make_room(kernel, error);
        if (status) return status;
    }
    uint32_t number = kernel->free_slot;
    if (number == NO_SLOT)
        number = kernel->slots_used++;
    else
        kernel->free_slot = kernel->slots[number].object;
    uint64_t key = ++kernel->sequence << SLOT_BITS | number;
    kernel->slots[number] = (slot){key, kind, object};
    lift(kernel->entries, kernel->length++, (entry){at_ms, key});
    if (handle) *handle = key;
    return PCT_OK;
}

bool pct_kernel_cancel(pct_kernel *kernel, pct_kernel_handle handle) {
    uint32_t number = (uint32_t)(handle & SLOT_MASK);
    if (handle == 0 || number >= kernel->slots_used || kernel->slots[number].key != handle) return false;
    kernel->slots[number].key = 0;
    kernel->cancelled++;
    if (kernel->length >= SWEEP_FROM && kernel->cancelled * 2 > kernel->length) sweep(kernel);
    return true;
}

static slot take_first(pct_kernel *kernel) {
    entry last = kernel->entries[--kernel->length];
    uint32_t number = (uint32_t)(kernel->entries[0].key & SLOT_MASK);
    if (kernel->length > 0) settle(kernel->entries, 0, kernel->length, last);
    slot s = kernel->slots[number];
    release_slot(kernel, number);
    return s;
}

int64_t pct_kernel_next_at_ms(pct_kernel *kernel) {
    while (kernel->length > 0) {
        entry first = kernel->entries[0];
        if (kernel->slots[first.key & SLOT_MASK].key == first.key) return first.at_ms;
        (void)take_first(kernel);
        kernel->cancelled--;
    }
    return INT64_MAX;
}

bool pct_kernel_next(pct_kernel *kernel, pct_kernel_event *out) {
    while (kernel->length > 0) {
        entry first = kernel->entries[0];
        slot s = take_first(kernel);
        if (s.key != first.key) {
            kernel->cancelled--;
            continue;
        }
        kernel->now_ms = first.at_ms;
        kernel->happened++;
        *out = (pct_kernel_event){first.at_ms, s.kind, s.object};
        return true;
    }
    return false;
}

int64_t pct_kernel_now_ms(const pct_kernel *kernel) {
    return kernel->now_ms;
}

size_t pct_kernel_pending(const pct_kernel *kernel) {
    return kernel->length - kernel->cancelled;
}

uint64_t pct_kernel_happened(const pct_kernel *kernel) {
    return kernel->happened;
}
