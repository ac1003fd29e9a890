/* The schema as literature. Facts are only added; rows leave them by their retention alone. Derived tables follow from the
 * events and are dropped and made again by one command. A column's comment says what it holds and, after "kept:", how long. A
 * test holds every column to that form.
 *
 * Sealed columns hold personal data in clear, so that the desk answers at once; they are emptied when the key that seals the
 * same values in the events is destroyed (secure_delete overwrites them). */
#include "store/schema.h"

#include <stddef.h>

const pct_table_schema pct_schema_record[] = {
    {"event", "seq",
     "-- Events: what happened. Never changed, never deleted.\n"
     "CREATE TABLE event (\n"
     "  seq INTEGER PRIMARY KEY, -- number of the event, from 1 without gaps; kept: 6 years after the last "
     "case of its log\n"
     "  bytes BLOB NOT NULL, -- canonical bytes with sealed fields as ciphertext: what is hashed; kept: as "
     "seq\n"
     "  leaf BLOB NOT NULL -- SHA-256 of 0x00 and the bytes: its leaf of the hash tree; kept: as seq\n"
     ") STRICT;\n"},
    {"reply", "account,key",
     "-- Replies: what a client was told under its idempotency key.\n"
     "CREATE TABLE reply (\n"
     "  account TEXT NOT NULL, -- who asked; kept: 30 days\n"
     "  key TEXT NOT NULL, -- the client's Idempotency-Key; kept: 30 days\n"
     "  body BLOB NOT NULL, -- SHA-256 of the request: another body under the same key is refused; kept: 30 "
     "days\n"
     "  expires_at INTEGER NOT NULL, -- UTC ms from which the row may go; kept: 30 days\n"
     "  object_kind TEXT NOT NULL, -- letter of the id in the reply; kept: 30 days\n"
     "  object INTEGER NOT NULL, -- number of the id in the reply; kept: 30 days\n"
     "  first_seq INTEGER NOT NULL, -- first event of the reply; kept: 30 days\n"
     "  last_seq INTEGER NOT NULL, -- last event of the reply; kept: 30 days\n"
     "  PRIMARY KEY (account, key)\n"
     ") STRICT, WITHOUT ROWID;\n"
     "CREATE INDEX reply_by_expiry ON reply (expires_at);\n"},
    {"document", "kind,name",
     "-- Documents: facts of other modules that are not events: accounts, sessions, devices.\n"
     "CREATE TABLE document (\n"
     "  kind TEXT NOT NULL, -- what it is: account, session, device; kept: until its module drops it\n"
     "  name TEXT NOT NULL, -- its name within the kind; kept: until its module drops it\n"
     "  bytes BLOB NOT NULL, -- its content, as its module writes it; kept: until its module drops it\n"
     "  expires_at INTEGER NOT NULL, -- UTC ms from which it does not count, 0 for never; kept: as the row\n"
     "  PRIMARY KEY (kind, name)\n"
     ") STRICT, WITHOUT ROWID;\n"},
    {"frontier", "id",
     "-- Frontier: the hash tree's open roots after the last event; one row, follows from the leaves.\n"
     "CREATE TABLE frontier (\n"
     "  id INTEGER PRIMARY KEY CHECK (id = 1), -- always 1; kept: as long as the log\n"
     "  size INTEGER NOT NULL, -- number of leaves; kept: until the next group\n"
     "  bytes BLOB NOT NULL -- roots of the complete subtrees, largest first; kept: until the next group\n"
     ") STRICT;\n"},
    {"saved_board", "id", PCT_SCHEMA_SAVED_BOARD},
    {NULL, NULL, NULL}};

const pct_table_schema pct_schema_tables[] = {
    {"call", "id",
     "-- Calls, as they are now.\n"
     "CREATE TABLE call (\n"
     "  id INTEGER PRIMARY KEY, -- number of the call's id; kept: 6 years\n"
     "  received_at INTEGER NOT NULL, -- UTC ms; kept: 6 years\n"
     "  incident INTEGER NOT NULL, -- the incident it belongs to, 0 for none yet; kept: 6 years\n"
     "  type TEXT NOT NULL, -- code of the incident type as reported; kept: 6 years\n"
     "  channel TEXT NOT NULL, -- how it came in; kept: 6 years\n"
     "  priority INTEGER NOT NULL, -- 1 most urgent to 4; kept: 6 years\n"
     "  status TEXT NOT NULL, -- received, linked, served, referred, settled; kept: 6 years\n"
     "  source_id TEXT NOT NULL, -- its number in the system it came from; kept: 6 years\n"
     "  way INTEGER, -- coarse place: way of the map's source; kept: 6 years\n"
     "  way_from INTEGER, -- coarse place: node where the stretch begins; kept: 6 years\n"
     "  way_to INTEGER, -- coarse place: node where the stretch ends; kept: 6 years\n"
     "  lon_e7 INTEGER, -- sealed, exact position in degrees x 10^7; kept: until the key of the call is "
     "destroyed\n"
     "  lat_e7 INTEGER, -- sealed, exact position in degrees x 10^7; kept: until the key of the call is "
     "destroyed\n"
     "  address TEXT NOT NULL, -- sealed, as the caller said it; kept: until the key of the call is "
     "destroyed\n"
     "  caller_name TEXT NOT NULL, -- sealed; kept: until the key of the call is destroyed\n"
     "  caller_phone TEXT NOT NULL, -- sealed; kept: until the key of the call is destroyed\n"
     "  words TEXT NOT NULL -- sealed, the caller's words; kept: until the key of the call is destroyed\n"
     ") STRICT;\n"},
    {"incident", "id",
     "-- Incidents, as they are now.\n"
     "CREATE TABLE incident (\n"
     "  id INTEGER PRIMARY KEY, -- number of the incident's id; kept: 6 years\n"
     "  opened_at INTEGER NOT NULL, -- UTC ms; kept: 6 years\n"
     "  first_arrival_at INTEGER NOT NULL, -- UTC ms of the first unit on scene, 0 for none; kept: 6 years\n"
     "  ended_at INTEGER NOT NULL, -- UTC ms, 0 while it is open; kept: 6 years\n"
     "  type TEXT NOT NULL, -- code as reported; kept: 6 years\n"
     "  found_type TEXT NOT NULL, -- code as found on scene, empty when not known; kept: 6 years\n"
     "  priority INTEGER NOT NULL, -- 1 most urgent to 4; kept: 6 years\n"
     "  gravity TEXT NOT NULL, -- ordinary, complex, major; kept: 6 years\n"
     "  status TEXT NOT NULL, -- waiting, dispatched, on_scene, handled, referred, closed; kept: 6 years\n"
     "  result TEXT NOT NULL, -- how it was closed or where it was referred to, empty while open; kept: 6 "
     "years\n"
     "  calls INTEGER NOT NULL, -- number of its calls; kept: 6 years\n"
     "  orders INTEGER NOT NULL, -- number of its dispatch orders; kept: 6 years\n"
     "  way INTEGER, -- coarse place: way of the map's source; kept: 6 years\n"
     "  way_from INTEGER, -- coarse place: node where the stretch begins; kept: 6 years\n"
     "  way_to INTEGER, -- coarse place: node where the stretch ends; kept: 6 years\n"
     "  lon_e7 INTEGER, -- sealed, exact position in degrees x 10^7; kept: until the key of the incident is "
     "destroyed\n"
     "  lat_e7 INTEGER -- sealed, exact position in degrees x 10^7; kept: until the key of the incident is "
     "destroyed\n"
     ") STRICT;\n"},
    {"dispatch_order", "id",
     "-- Dispatch orders, as they are now.\n"
     "CREATE TABLE dispatch_order (\n"
     "  id INTEGER PRIMARY KEY, -- number of the order's id; kept: 6 years\n"
     "  incident INTEGER NOT NULL, -- what for; kept: 6 years\n"
     "  unit INTEGER NOT NULL, -- who; kept: 6 years\n"
     "  status TEXT NOT NULL, -- sent to closed, cancelled, diverted; kept: 6 years\n"
     "  policy TEXT NOT NULL, -- policy that proposed it, empty when chosen by hand; kept: 6 years\n"
     "  result TEXT NOT NULL, -- what the unit reported, empty before; kept: 6 years\n"
     "  sent_at INTEGER NOT NULL, -- UTC ms; kept: 6 years\n"
     "  acknowledged_at INTEGER NOT NULL, -- UTC ms, 0 for not yet; kept: 6 years\n"
     "  set_out_at INTEGER NOT NULL, -- UTC ms, 0 for not yet; kept: 6 years\n"
     "  arrived_at INTEGER NOT NULL, -- UTC ms, 0 for not yet; kept: 6 years\n"
     "  reported_at INTEGER NOT NULL, -- UTC ms, 0 for not yet; kept: 6 years\n"
     "  ended_at INTEGER NOT NULL, -- UTC ms of closing, cancelling or diverting, 0 for not yet; kept: 6 "
     "years\n"
     "  expected_travel INTEGER NOT NULL, -- ms that the route was thought to take, 0 for unknown; kept: 6 "
     "years\n"
     "  reminders INTEGER NOT NULL, -- reminders given on the present clock; kept: 6 years\n"
     "  note TEXT NOT NULL -- sealed, the unit's words; kept: until the key of the order is destroyed\n"
     ") STRICT;\n"
     "CREATE INDEX order_by_incident ON dispatch_order (incident, id);\n"},
    {"unit", "id",
     "-- Units, as they are now.\n"
     "CREATE TABLE unit (\n"
     "  id INTEGER PRIMARY KEY, -- number of the unit's id; kept: while the unit exists\n"
     "  name TEXT NOT NULL, -- call sign; kept: while the unit exists\n"
     "  station TEXT NOT NULL, -- where it belongs; kept: while the unit exists\n"
     "  kind TEXT NOT NULL, -- code of the kind of unit; kept: while the unit exists\n"
     "  status TEXT NOT NULL, -- off_duty to on_scene; kept: until the next change\n"
     "  status_since INTEGER NOT NULL, -- UTC ms; kept: until the next change\n"
     "  officers INTEGER NOT NULL, -- on it in this shift; kept: until the next shift\n"
     "  auxiliaries INTEGER NOT NULL, -- on it in this shift; kept: until the next shift\n"
     "  shift_end INTEGER NOT NULL, -- UTC ms, 0 for unknown; kept: until the next shift\n"
     "  dispatch_order INTEGER NOT NULL -- its open order, 0 for none; kept: until the next change\n"
     ") STRICT;\n"},
    {"closure", "id",
     "-- Closures of roads, whole or down to a speed, as they are now.\n"
     "CREATE TABLE closure (\n"
     "  id INTEGER PRIMARY KEY, -- number of the closure's id; kept: 6 years\n"
     "  ordered_at INTEGER NOT NULL, -- UTC ms; kept: 6 years\n"
     "  until INTEGER NOT NULL, -- UTC ms at which it ends by itself; kept: 6 years\n"
     "  ended_at INTEGER NOT NULL, -- UTC ms, 0 while it is open; kept: 6 years\n"
     "  author TEXT NOT NULL, -- account that ordered it; kept: 6 years\n"
     "  reason TEXT NOT NULL, -- works, flood, crash, event, damage, other; kept: 6 years\n"
     "  lift_reason TEXT NOT NULL, -- why it was lifted before its end, empty otherwise; kept: 6 years\n"
     "  status TEXT NOT NULL, -- open, lifted, lapsed; kept: 6 years\n"
     "  both_ways INTEGER NOT NULL, -- 1: both directions, 0: from the first node to the second; kept: 6 "
     "years\n"
     "  kind TEXT NOT NULL DEFAULT 'close', -- close, slow; kept: 6 years\n"
     "  speed_kmh INTEGER NOT NULL DEFAULT 0 -- speed that is left on slowed roads, 0 on closed ones; kept: "
     "6 "
     "years\n"
     ") STRICT;\n"},
    {"closed_road", "closure,place",
     "-- What a closure closes or slows: roads, or the corners of an area.\n"
     "CREATE TABLE closed_road (\n"
     "  closure INTEGER NOT NULL, -- number of the closure's id; kept: 6 years\n"
     "  place INTEGER NOT NULL, -- 0, 1, 2 in the order of the event; kept: 6 years\n"
     "  way INTEGER, -- way of the map's source, null for a corner of an area; kept: 6 years\n"
     "  way_from INTEGER, -- node where the stretch begins; kept: 6 years\n"
     "  way_to INTEGER, -- node where the stretch ends; kept: 6 years\n"
     "  lon_e7 INTEGER NOT NULL, -- middle of the road, or the corner, in degrees x 10^7; kept: 6 years\n"
     "  lat_e7 INTEGER NOT NULL, -- middle of the road, or the corner, in degrees x 10^7; kept: 6 years\n"
     "  PRIMARY KEY (closure, place)\n"
     ") STRICT, WITHOUT ROWID;\n"},
    {"involved", "kind,object,seq",
     "-- Which events concern an object: its timeline.\n"
     "CREATE TABLE involved (\n"
     "  kind TEXT NOT NULL, -- letter of the object's id; kept: 6 years\n"
     "  object INTEGER NOT NULL, -- number of the object's id; kept: 6 years\n"
     "  seq INTEGER NOT NULL, -- the event; kept: 6 years\n"
     "  PRIMARY KEY (kind, object, seq)\n"
     ") STRICT, WITHOUT ROWID;\n"},
    {"call_count", "hour,type,priority",
     "-- Calls counted by hour, for charts and statistics.\n"
     "CREATE TABLE call_count (\n"
     "  hour INTEGER NOT NULL, -- UTC ms of the beginning of the hour; kept: for ever\n"
     "  type TEXT NOT NULL, -- code as reported; kept: for ever\n"
     "  priority INTEGER NOT NULL, -- 1 to 4; kept: for ever\n"
     "  calls INTEGER NOT NULL, -- how many; kept: for ever\n"
     "  PRIMARY KEY (hour, type, priority)\n"
     ") STRICT, WITHOUT ROWID;\n"},
    {NULL, NULL, NULL}};

const char *const pct_schema_indexes =
    "CREATE INDEX IF NOT EXISTS call_by_place ON call (lat_e7, lon_e7);\n" /* sealed: purged with its columns */
    "CREATE INDEX IF NOT EXISTS incident_by_opening ON incident (opened_at, priority, first_arrival_at);\n";

const pct_table_schema pct_schema_keys[] = {
    {"key", "id",
     "-- Keys of sealed data. Destroying one is how data are erased.\n"
     "CREATE TABLE key (\n"
     "  id INTEGER PRIMARY KEY AUTOINCREMENT, -- names the key in envelopes, never used twice; kept: until "
     "erased\n"
     "  kind TEXT NOT NULL, -- letter of the object's id; kept: until erased\n"
     "  object INTEGER NOT NULL, -- number of the object's id; kept: until erased\n"
     "  class TEXT NOT NULL, -- retention class of what it seals; kept: until erased\n"
     "  bytes BLOB NOT NULL, -- the key, wrapped by the agency's key; kept: until erased\n"
     "  made_at INTEGER NOT NULL -- UTC ms; kept: until erased\n"
     ") STRICT;\n"
     "CREATE INDEX key_by_object ON key (kind, object, class, id);\n"},
    {"agency", "id", PCT_SCHEMA_AGENCY},
    {NULL, NULL, NULL}};
