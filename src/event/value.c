#include "event/value.h"

#include <string.h>

#include "base/text.h"

size_t pct_id_write(pct_id id, char out[PCT_ID_TEXT]) {
    char digits[PCT_ID_TEXT];
    size_t count = 0, n = 0;
    uint64_t rest = id.seq < 0 ? 0 : (uint64_t)id.seq;
    do digits[count++] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    out[n++] = id.kind;
    while (count > 0) out[n++] = digits[--count];
    out[n] = '\0';
    return n;
}

static bool is_kind(char letter) {
#define X(name, kind_letter)                                                                                 \
    if (letter == kind_letter) return true;
    PCT_ID_KINDS(X)
#undef X
    return false;
}

bool pct_id_read(pct_text text, pct_id *out) {
    if (text.length < 2 || !is_kind(text.chars[0]) || text.chars[1] < '1' || text.chars[1] > '9')
        return false;
    int64_t seq;
    if (!pct_text_to_integer((pct_text){text.chars + 1, text.length - 1}, &seq)) return false;
    *out = (pct_id){.kind = text.chars[0], .seq = seq};
    return true;
}
