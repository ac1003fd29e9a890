/* Sorting the starts by their text: three-way radix quicksort (Bentley and Sedgewick, "Fast algorithms for sorting and
 * searching strings", SODA 1997). The largest of the three parts is looped on, so the stack stays below log2 n frames
 * whatever the texts; equal texts come by place. O(n log n + letters looked at) expected. */
#include <stdlib.h>
#include <string.h>

#include "place/builder.h"

typedef struct part {
    pct_place_start *starts;
    size_t count;
    uint32_t depth;
    bool done; /* all of one text */
} part;

static int by_place(const void *a, const void *b) {
    const pct_place_start *p = a, *q = b;
    return p->at < q->at ? -1 : p->at > q->at;
}

static unsigned char letter(const char *folded, pct_place_start start, uint32_t depth) {
    return (unsigned char)folded[start.at + depth];
}

static unsigned char median(unsigned char a, unsigned char b, unsigned char c) {
    unsigned char low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Less than the pivot, equal, greater. */
static void divide(part whole, const char *folded, part parts[3]) {
    pct_place_start *s = whole.starts;
    size_t less = 0, at = 0, greater = whole.count;
    unsigned char pivot =
        median(letter(folded, s[0], whole.depth), letter(folded, s[whole.count / 2], whole.depth),
               letter(folded, s[whole.count - 1], whole.depth));
    while (at < greater) {
        unsigned char c = letter(folded, s[at], whole.depth);
        pct_place_start held = s[at];
        if (c < pivot) {
            s[at++] = s[less];
            s[less++] = held;
        } else if (c > pivot) {
            s[at] = s[--greater];
            s[greater] = held;
        } else {
            at++;
        }
    }
    parts[0] = (part){s, less, whole.depth, false};
    parts[1] = (part){s + less, greater - less, whole.depth + 1, pivot == 0};
    parts[2] = (part){s + greater, whole.count - greater, whole.depth, false};
}

static void sort_part(part whole, const char *folded) {
    while (whole.count > 1) {
        part parts[3];
        if (whole.done) {
            qsort(whole.starts, whole.count, sizeof *whole.starts, by_place);
            return;
        }
        divide(whole, folded, parts);
        int largest = 0;
        for (int i = 1; i < 3; i++)
            if (parts[i].count > parts[largest].count) largest = i;
        for (int i = 0; i < 3; i++)
            if (i != largest) sort_part(parts[i], folded);
        whole = parts[largest];
    }
}

void pct_starts_sort(pct_place_start *starts, size_t count, const char *folded) {
    sort_part((part){starts, count, 0, false}, folded);
}
