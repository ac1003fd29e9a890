/* The tables of record.db and keys.db. Facts are only added; rows leave them by their retention alone. Derived tables follow
 * from the events and are dropped and made again by one command.
 *
 * Columns of period PERSONAL and NARRATIVE hold in clear what the events seal, so that the desk answers at once; they are
 * emptied when the key that seals the same values is destroyed (secure_delete overwrites them). */
#include "store/schema.h"

#include <stddef.h>
#include <string.h>

#define C   PCT_COLUMN
#define END PCT_COLUMNS_END

/* --- facts ------------------------------------------------------------------------------------------------------- */

static const pct_column event_columns[] = {
    C("seq", "INTEGER PRIMARY KEY", AUDIT, PROOF, SKELETON, "number of the event, from 1 without gaps"),
    C("bytes", "BLOB NOT NULL", AUDIT, PROOF, SKELETON,
      "canonical bytes with sealed fields as ciphertext: what is hashed"),
    C("leaf", "BLOB NOT NULL", AUDIT, PROOF, SKELETON,
      "SHA-256 of 0x00 and the bytes: its leaf of the hash tree"),
    END};

static const pct_column reply_columns[] = {
    C("account", "TEXT NOT NULL", STAFF, REPETITION, REPLY, "who asked"),
    C("key", "TEXT NOT NULL", OPERATIONAL, REPETITION, REPLY, "the client's Idempotency-Key"),
    C("body", "BLOB NOT NULL", OPERATIONAL, REPETITION, REPLY,
      "SHA-256 of the request: another body under the same key is refused"),
    C("expires_at", "INTEGER NOT NULL", OPERATIONAL, REPETITION, REPLY, "UTC ms from which the row may go"),
    C("object_kind", "TEXT NOT NULL", OPERATIONAL, REPETITION, REPLY, "letter of the id in the reply"),
    C("object", "INTEGER NOT NULL", OPERATIONAL, REPETITION, REPLY, "number of the id in the reply"),
    C("first_seq", "INTEGER NOT NULL", OPERATIONAL, REPETITION, REPLY, "first event of the reply"),
    C("last_seq", "INTEGER NOT NULL", OPERATIONAL, REPETITION, REPLY, "last event of the reply"),
    END};

static const pct_column document_columns[] = {
    C("kind", "TEXT NOT NULL", OPERATIONAL, SETTINGS, ROW, "what it is: account, session, device"),
    C("name", "TEXT NOT NULL", OPERATIONAL, SETTINGS, ROW, "its name within the kind"),
    C("bytes", "BLOB NOT NULL", OPERATIONAL, SETTINGS, ROW, "its content, as its module writes it"),
    C("expires_at", "INTEGER NOT NULL", OPERATIONAL, SETTINGS, ROW,
      "UTC ms from which it does not count, 0 for never"),
    END};

static const pct_column frontier_columns[] = {
    C("id", "INTEGER PRIMARY KEY CHECK (id = 1)", AUDIT, INTEGRITY, STATE, "always 1"),
    C("size", "INTEGER NOT NULL", AUDIT, INTEGRITY, STATE, "number of leaves"),
    C("bytes", "BLOB NOT NULL", AUDIT, INTEGRITY, STATE, "roots of the complete subtrees, largest first"),
    END};

static const pct_column saved_board_columns[] = {
    C("id", "INTEGER PRIMARY KEY CHECK (id = 1)", OPERATIONAL, RESTART, STATE, "always 1"),
    C("bytes", "BLOB NOT NULL", POSITION, RESTART, STATE,
      "sealed (positions of incidents), with the frontier that it belongs to and a digest"),
    END};

static const pct_column destroyed_key_columns[] = {
    C("id", "INTEGER PRIMARY KEY", AUDIT, SEALING, SKELETON,
      "number of a key that was destroyed: no backup may bring it back"),
    END};

/* --- derived ----------------------------------------------------------------------------------------------------- */

static const pct_column call_columns[] = {
    C("id", "INTEGER PRIMARY KEY", OPERATIONAL, HANDLING, SKELETON, "number of the call's id"),
    C("received_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms"),
    C("incident", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "the incident it belongs to, 0 for none yet"),
    C("type", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "code of the incident type as reported"),
    C("channel", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "how it came in"),
    C("priority", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "1 most urgent to 4"),
    C("status", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "received, linked, served, referred, settled"),
    C("source_id", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "its number in the system it came from"),
    C("way", "INTEGER", OPERATIONAL, HANDLING, SKELETON, "coarse place: way of the map's source"),
    C("way_from", "INTEGER", OPERATIONAL, HANDLING, SKELETON, "coarse place: node where the stretch begins"),
    C("way_to", "INTEGER", OPERATIONAL, HANDLING, SKELETON, "coarse place: node where the stretch ends"),
    C("lon_e7", "INTEGER", POSITION, HANDLING, PERSONAL, "sealed, exact position in degrees x 10^7"),
    C("lat_e7", "INTEGER", POSITION, HANDLING, PERSONAL, "sealed, exact position in degrees x 10^7"),
    C("address", "TEXT NOT NULL", PERSONAL, HANDLING, PERSONAL, "sealed, as the caller said it"),
    C("caller_name", "TEXT NOT NULL", PERSONAL, HANDLING, PERSONAL, "sealed"),
    C("caller_phone", "TEXT NOT NULL", PERSONAL, HANDLING, PERSONAL, "sealed"),
    C("words", "TEXT NOT NULL", PERSONAL, HANDLING, PERSONAL, "sealed, the caller's words"),
    END};

static const pct_column incident_columns[] = {
    C("id", "INTEGER PRIMARY KEY", OPERATIONAL, HANDLING, SKELETON, "number of the incident's id"),
    C("opened_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms"),
    C("first_arrival_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "UTC ms of the first unit on scene, 0 for none"),
    C("ended_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms, 0 while it is open"),
    C("type", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "code as reported"),
    C("found_type", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "code as found on scene, empty when not known"),
    C("priority", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "1 most urgent to 4"),
    C("gravity", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "ordinary, complex, major"),
    C("status", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "waiting, dispatched, on_scene, handled, referred, closed"),
    C("result", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "how it was closed or where it was referred to, empty while open"),
    C("calls", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "number of its calls"),
    C("orders", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "number of its dispatch orders"),
    C("way", "INTEGER", OPERATIONAL, HANDLING, SKELETON, "coarse place: way of the map's source"),
    C("way_from", "INTEGER", OPERATIONAL, HANDLING, SKELETON, "coarse place: node where the stretch begins"),
    C("way_to", "INTEGER", OPERATIONAL, HANDLING, SKELETON, "coarse place: node where the stretch ends"),
    C("lon_e7", "INTEGER", POSITION, HANDLING, PERSONAL, "sealed, exact position in degrees x 10^7"),
    C("lat_e7", "INTEGER", POSITION, HANDLING, PERSONAL, "sealed, exact position in degrees x 10^7"),
    END};

static const pct_column dispatch_order_columns[] = {
    C("id", "INTEGER PRIMARY KEY", OPERATIONAL, HANDLING, SKELETON, "number of the order's id"),
    C("incident", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "what for"),
    C("unit", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "who"),
    C("status", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "sent to closed, cancelled, diverted"),
    C("policy", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "policy that proposed it, empty when chosen by hand"),
    C("result", "TEXT NOT NULL", OPERATIONAL, HANDLING, SKELETON, "what the unit reported, empty before"),
    C("sent_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms"),
    C("acknowledged_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms, 0 for not yet"),
    C("set_out_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms, 0 for not yet"),
    C("arrived_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms, 0 for not yet"),
    C("reported_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON, "UTC ms, 0 for not yet"),
    C("ended_at", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "UTC ms of closing, cancelling or diverting, 0 for not yet"),
    C("expected_travel", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "ms that the route was thought to take, 0 for unknown"),
    C("reminders", "INTEGER NOT NULL", OPERATIONAL, HANDLING, SKELETON,
      "reminders given on the present clock"),
    C("note", "TEXT NOT NULL", NARRATIVE, HANDLING, NARRATIVE, "sealed, the unit's words"),
    END};

static const pct_column unit_columns[] = {
    C("id", "INTEGER PRIMARY KEY", OPERATIONAL, DUTY, ROW, "number of the unit's id"),
    C("name", "TEXT NOT NULL", OPERATIONAL, DUTY, ROW, "call sign"),
    C("station", "TEXT NOT NULL", OPERATIONAL, DUTY, ROW, "where it belongs"),
    C("kind", "TEXT NOT NULL", OPERATIONAL, DUTY, ROW, "code of the kind of unit"),
    C("status", "TEXT NOT NULL", STAFF, DUTY, STATE, "off_duty to on_scene"),
    C("status_since", "INTEGER NOT NULL", STAFF, DUTY, STATE, "UTC ms"),
    C("officers", "INTEGER NOT NULL", STAFF, DUTY, STATE, "on it in this shift"),
    C("auxiliaries", "INTEGER NOT NULL", STAFF, DUTY, STATE, "on it in this shift"),
    C("shift_end", "INTEGER NOT NULL", STAFF, DUTY, STATE, "UTC ms, 0 for unknown"),
    C("dispatch_order", "INTEGER NOT NULL", STAFF, DUTY, STATE, "its open order, 0 for none"),
    END};

static const pct_column closure_columns[] = {
    C("id", "INTEGER PRIMARY KEY", OPERATIONAL, ROADS, SKELETON, "number of the closure's id"),
    C("ordered_at", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON, "UTC ms"),
    C("until", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON, "UTC ms at which it ends by itself"),
    C("ended_at", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON, "UTC ms, 0 while it is open"),
    C("author", "TEXT NOT NULL", STAFF, ROADS, SKELETON, "account that ordered it"),
    C("reason", "TEXT NOT NULL", OPERATIONAL, ROADS, SKELETON, "works, flood, crash, event, damage, other"),
    C("lift_reason", "TEXT NOT NULL", OPERATIONAL, ROADS, SKELETON,
      "why it was lifted before its end, empty otherwise"),
    C("status", "TEXT NOT NULL", OPERATIONAL, ROADS, SKELETON, "open, lifted, lapsed"),
    C("both_ways", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON,
      "1: both directions, 0: from the first node to the second"),
    C("kind", "TEXT NOT NULL DEFAULT 'close'", OPERATIONAL, ROADS, SKELETON, "close, slow"),
    C("speed_kmh", "INTEGER NOT NULL DEFAULT 0", OPERATIONAL, ROADS, SKELETON,
      "speed that is left on slowed roads, 0 on closed ones"),
    END};

static const pct_column closed_road_columns[] = {
    C("closure", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON, "number of the closure's id"),
    C("place", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON, "0, 1, 2 in the order of the event"),
    C("way", "INTEGER", OPERATIONAL, ROADS, SKELETON,
      "way of the map's source, null for a corner of an area"),
    C("way_from", "INTEGER", OPERATIONAL, ROADS, SKELETON, "node where the stretch begins"),
    C("way_to", "INTEGER", OPERATIONAL, ROADS, SKELETON, "node where the stretch ends"),
    C("lon_e7", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON,
      "middle of the road, or the corner, in degrees x 10^7"),
    C("lat_e7", "INTEGER NOT NULL", OPERATIONAL, ROADS, SKELETON,
      "middle of the road, or the corner, in degrees x 10^7"),
    END};

static const pct_column involved_columns[] = {
    C("kind", "TEXT NOT NULL", AUDIT, PROOF, SKELETON, "letter of the object's id"),
    C("object", "INTEGER NOT NULL", AUDIT, PROOF, SKELETON, "number of the object's id"),
    C("seq", "INTEGER NOT NULL", AUDIT, PROOF, SKELETON, "the event"), END};

static const pct_column call_count_columns[] = {
    C("hour", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "UTC ms of the beginning of the hour"),
    C("type", "TEXT NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "code as reported"),
    C("priority", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "1 to 4"),
    C("calls", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "how many"), END};

static const pct_column retention_period_columns[] = {
    C("class", "TEXT PRIMARY KEY", AUDIT, SEALING, SKELETON, "class of sealed data"),
    C("days", "INTEGER NOT NULL", AUDIT, SEALING, SKELETON, "how long it is kept, as it was set last"),
    C("seq", "INTEGER NOT NULL", AUDIT, SEALING, SKELETON, "the event that set it"), END};

/* --- keys -------------------------------------------------------------------------------------------------------- */

static const pct_column key_columns[] = {
    C("id", "INTEGER PRIMARY KEY AUTOINCREMENT", OPERATIONAL, SEALING, KEY,
      "names the key in envelopes, never used twice"),
    C("kind", "TEXT NOT NULL", OPERATIONAL, SEALING, KEY, "letter of the object's id"),
    C("object", "INTEGER NOT NULL", OPERATIONAL, SEALING, KEY, "number of the object's id"),
    C("class", "TEXT NOT NULL", OPERATIONAL, SEALING, KEY, "retention class of what it seals"),
    C("bytes", "BLOB NOT NULL", KEY, SEALING, KEY, "the key, wrapped by the agency's key"),
    C("made_at", "INTEGER NOT NULL", OPERATIONAL, SEALING, KEY, "UTC ms"),
    END};

static const pct_column agency_columns[] = {
    C("id", "INTEGER PRIMARY KEY CHECK (id = 0)", OPERATIONAL, SEALING, STATE, "always 0"),
    C("bytes", "BLOB NOT NULL", KEY, SEALING, STATE, "32 zero bytes, wrapped"), END};

/* --- tables ------------------------------------------------------------------------------------------------------ */

const pct_table_schema pct_schema_record[] = {
    {"event", "seq", "Events: what happened. Never changed, never deleted.", event_columns, NULL, "STRICT",
     NULL},
    {"reply", "account,key", "Replies: what a client was told under its idempotency key.", reply_columns,
     "PRIMARY KEY (account, key)", "STRICT, WITHOUT ROWID",
     "CREATE INDEX reply_by_expiry ON reply (expires_at);"},
    {"document", "kind,name",
     "Documents: facts of other modules that are not events: accounts, sessions, devices.", document_columns,
     "PRIMARY KEY (kind, name)", "STRICT, WITHOUT ROWID", NULL},
    {"frontier", "id",
     "Frontier: the hash tree's open roots after the last event; one row, follows from the leaves.",
     frontier_columns, NULL, "STRICT", NULL},
    {"saved_board", "id",
     "Saved board: what the desk held after an event, so that a start need not replay all; at most one row.",
     saved_board_columns, NULL, "STRICT", NULL},
    {"destroyed_key", "id", "Keys that were destroyed, by number.", destroyed_key_columns, NULL, "STRICT",
     NULL},
    {0}};

const pct_table_schema pct_schema_tables[] = {
    {"call", "id", "Calls, as they are now.", call_columns, NULL, "STRICT", NULL},
    {"incident", "id", "Incidents, as they are now.", incident_columns, NULL, "STRICT", NULL},
    {"dispatch_order", "id", "Dispatch orders, as they are now.", dispatch_order_columns, NULL, "STRICT",
     "CREATE INDEX order_by_incident ON dispatch_order (incident, id);"},
    {"unit", "id", "Units, as they are now.", unit_columns, NULL, "STRICT", NULL},
    {"closure", "id", "Closures of roads, whole or down to a speed, as they are now.", closure_columns, NULL,
     "STRICT", NULL},
    {"closed_road", "closure,place", "What a closure closes or slows: roads, or the corners of an area.",
     closed_road_columns, "PRIMARY KEY (closure, place)", "STRICT, WITHOUT ROWID", NULL},
    {"involved", "kind,object,seq", "Which events concern an object: its timeline.", involved_columns,
     "PRIMARY KEY (kind, object, seq)", "STRICT, WITHOUT ROWID", NULL},
    {"call_count", "hour,type,priority", "Calls counted by hour, for charts and statistics.",
     call_count_columns, "PRIMARY KEY (hour, type, priority)", "STRICT, WITHOUT ROWID", NULL},
    {"retention_period", "class", "How long classes of sealed data are kept, where it was ever set.",
     retention_period_columns, NULL, "STRICT, WITHOUT ROWID", NULL},
    {0}};

const pct_table_schema pct_schema_keys[] = {
    {"key", "id", "Keys of sealed data. Destroying one is how data are erased.", key_columns, NULL, "STRICT",
     "CREATE INDEX key_by_object ON key (kind, object, class, id);"},
    {"agency", "id",
     "Agency: says that all keys are wrapped by the agency's key, and lets it be recognised; at most one "
     "row.",
     agency_columns, NULL, "STRICT", NULL},
    {0}};

const char *const pct_schema_indexes =
    "CREATE INDEX IF NOT EXISTS call_by_place ON call (lat_e7, lon_e7);\n" /* sealed: purged with its columns */
    "CREATE INDEX IF NOT EXISTS incident_by_opening ON incident (opened_at, priority, first_arrival_at);\n";
