/* Events: what happened, in the bytes that are stored and hashed.
 *
 *   {"actor":…,"data":{…},"epoch":…,…,"type":"order_sent","version":1}
 *
 * Canonical bytes are one JSON object, UTF-8, no white space, members sorted by the UTF-8 bytes of their names, whole
 * numbers only (degrees × 10⁷, milliseconds), each character as itself or, where JSON forbids that, in its shortest
 * escape; optional values that are absent have no member. A position is [lon,lat], a road [way,from,to]. One event has one
 * encoding, and decoding takes nothing else:
 *
 *     decode(encode(e)) = e          encode(decode(b)) = b for b of the present version
 *
 * Documents of older versions are decoded by their own field table and upcast by a pure function to the present struct.
 * Event types are described in events/, one JSON file each; tools/gen_events.py writes event_types.h and the tables.
 *
 * Memory: encoding appends to the caller's buffer. Decoded text borrows from the bytes, or from `arena` where the bytes
 * hold an escape. Both are O(bytes). */
#ifndef PCT_EVENT_CODEC_H
#define PCT_EVENT_CODEC_H

#include "base/buffer.h"
#include "base/memory.h"
#include "base/message.h"
#include "event_types.h"

enum {
    PCT_EVENT_BYTES_MAX = (64 << 10) - 1, /* what the two-byte length of a tile's entry can say */
    PCT_EVENT_ACTOR_MAX = 64,
    PCT_EVENT_PURPOSE_MAX = 200,
    PCT_EVENT_KEY_MAX = 64
};

typedef struct pct_event_field pct_event_field;

typedef struct pct_event {
    int64_t seq;            /* from 1, without gaps */
    int64_t epoch;          /* of the leader that wrote it */
    int64_t recorded_at_ms; /* UTC milliseconds */
    int64_t occurred_at_ms;
    int64_t cause;            /* seq of the event that led to this one; 0: none */
    int64_t map_version;      /* 0: none was loaded */
    pct_text actor;           /* account or device; required */
    pct_text purpose;         /* may be empty */
    pct_text idempotency_key; /* may be empty */
    pct_id object;            /* what it is about; of a creating event: its own seq */
    pct_role role;
    pct_event_type type;
    uint16_t version; /* as it was stored; the data are always of the present version */
    pct_event_data data;
} pct_event;

pct_status pct_event_encode(const pct_event *event, pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* What encoding would say, without writing. Allocates nothing. */
pct_status pct_event_check(const pct_event *event, pct_error *error) PCT_MUST_USE;
pct_status pct_event_decode(pct_text bytes, pct_arena *arena, pct_event *out, pct_error *error) PCT_MUST_USE;

/* --- the stored form ------------------------------------------------------------------------------------------
 *
 * As above, but each field that its description marks sealed is an envelope, {"c":base64url,"k":key id,"n":base64url}: here is the
 * form of it, in src/ledger the encryption. The two forms cannot be taken for each other: the one
 * decoder refuses what the other takes. */

enum { PCT_EVENT_NONCE_BYTES = 24, PCT_EVENT_CIPHER_MAX = 48 << 10 };

typedef struct pct_event_envelope {
    int64_t key;
    unsigned char nonce[PCT_EVENT_NONCE_BYTES];
    const unsigned char *cipher; /* borrowed */
    size_t cipher_length;
} pct_event_envelope;

/* Which of the present version's fields of an event came out of envelopes: bit i is field i of its table. */
typedef struct pct_event_sealing {
    uint64_t opened; /* its value is in the event */
    uint64_t closed; /* there is a value; this reader has no key to it, and the field is absent */
    uint64_t erased; /* there was a value; its key was destroyed, and the field is absent */
} pct_event_sealing;

typedef struct pct_event_sealer {
    void *context;
    /* *bytes holds the value as the plain form writes it; replaces it by the ciphertext and sets key and nonce. */
    pct_status (*seal)(void *context, const pct_event *event, const pct_event_field *field, pct_buffer *bytes,
                       pct_event_envelope *envelope, pct_error *error);
    /* The value in the plain form (borrowing from the arena). PCT_NOT_FOUND: erased. PCT_REFUSED: closed. Header and
     * type of *event are set. */
    pct_status (*open)(void *context, const pct_event *event, const pct_event_field *field,
                       const pct_event_envelope *envelope, pct_arena *arena, pct_text *value,
                       pct_error *error);
} pct_event_sealer;

/* After a failure `out` is as it was. */
pct_status pct_event_encode_stored(const pct_event *event, const pct_event_sealer *sealer, pct_buffer *out,
                                   pct_error *error) PCT_MUST_USE;
pct_status pct_event_decode_stored(pct_text bytes, const pct_event_sealer *sealer, pct_arena *arena,
                                   pct_event *out, pct_event_sealing *sealing, pct_error *error) PCT_MUST_USE;
/* The bit of a field in pct_event_sealing; 0 when the type has no such field. */
uint64_t pct_event_field_bit(pct_event_type type, const char *field);

/* The items of a list: their size, and where they begin. Codes and ids lie in the event itself, at most
 * PCT_EVENT_LIST_MAX; roads and positions behind a pointer (the event borrows them), at most PCT_EVENT_PLACES_MAX. */
bool pct_event_list_is_apart(const pct_event_field *field);
size_t pct_event_item_size(const pct_event_field *field);

const char *pct_event_type_name(pct_event_type type);
uint16_t pct_event_type_version(pct_event_type type);

/* --- the tables that tools/gen_events.py writes ------------------------------------------------------------ */

typedef enum pct_field_type {
    PCT_FIELD_INT,
    PCT_FIELD_MS,
    PCT_FIELD_BOOL,
    PCT_FIELD_POSITION,
    PCT_FIELD_ROAD,
    PCT_FIELD_TEXT,
    PCT_FIELD_CODE,
    PCT_FIELD_ID,
    PCT_FIELD_ENUM,
} pct_field_type;

enum { PCT_FIELD_OPTIONAL = 1, PCT_FIELD_SEALED = 2, PCT_FIELD_LIST = 4, PCT_FIELD_NOWHERE = UINT16_MAX };
enum {
    PCT_EVENT_CODE_MAX = 48,
    PCT_EVENT_LIST_MAX = 32,
    PCT_EVENT_PLACES_MAX = 512
}; /* as in gen_events.py */

struct pct_event_field {
    const char *name;
    uint8_t name_length, type, flags;
    char kind;                /* of an id */
    uint16_t offset;          /* in the event's data; NOWHERE: dropped since */
    uint16_t has_offset;      /* of its flag, 0: it needs none */
    uint16_t count_offset;    /* of a list's length */
    uint16_t list_max;        /* most items */
    int64_t min, max;         /* of a number; max: most bytes of a text */
    const char *const *names; /* of an enum's values; [0] is "" */
    uint32_t name_count;
    uint8_t retention; /* pct_retention of a sealed field */
};

typedef struct pct_event_version {
    const pct_event_field *fields; /* sorted by name */
    size_t field_count;
    void (*upcast)(pct_event *event); /* sets what the old version did not have; NULL for the present one */
} pct_event_version;

typedef struct pct_event_type_entry {
    const char *name;
    uint16_t version;
    char kind; /* letter of its object */
    bool creates;
    uint32_t rights; /* bit 1 << role for each role that may cause it */
    const char *sentences[PCT_LANGUAGE_COUNT];
    const pct_event_version *versions; /* [version], oldest first */
    size_t data_size;
} pct_event_type_entry;

extern const pct_event_type_entry pct_event_type_table[PCT_EVENT_TYPE_COUNT];
extern const char *const pct_role_names[PCT_ROLE_COUNT];
extern const char *const pct_retention_names[PCT_RETENTION_COUNT];

#endif
