"""The record from outside: events that this test wrote itself, by the documented format, are verified, proved, exported and
made into tables; one flipped byte anywhere is found."""
import hashlib
import json
import os
import random
import re
import unittest

import databases
from public_log import frontier, leaf, node, root
from support import CommandTest

SCHEMA = os.path.join(os.path.dirname(__file__), "../../docs/reference/schema.md")


def event(seq, kind, object_id, data):
    header = {"actor": "test", "data": data, "epoch": 1, "map_version": 0, "object": object_id, "occurred_at": 1700000000000 + seq,
              "recorded_at": 1700000000000 + seq, "role": "commander", "seq": seq, "type": kind, "version": 1}
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


class Log(CommandTest):
    def setUp(self):
        super().setUp()
        self.site = self.path("site")
        self.ok("town", "--seed", 5, "--people", 3000, self.path("town"))
        self.ok("init", self.site, "--map", self.path("town/map.osm.pbf"))

    def database(self, name="record.db"):
        return databases.connect(os.path.join(self.site, name), isolation_level=None)

    def fill(self, units=20):
        """A record of units that are enrolled and come on duty."""
        self.answer("log", "rebuild", self.site)
        stored = []
        for seq in range(1, units + 1):
            stored.append(event(seq, "unit_enrolled", f"U{seq}", {"capabilities": [], "kind": "car", "name": f"A{seq}"}))
        for seq in range(units + 1, 2 * units + 1):
            stored.append(event(seq, "unit_signed_on", f"U{seq - units}", {"auxiliaries": 1, "officers": 2}))
        leaves = [leaf(b) for b in stored]
        database = self.database()
        database.execute("BEGIN")
        for seq, (stored_bytes, hashed) in enumerate(zip(stored, leaves), 1):
            database.execute("INSERT INTO event VALUES (?, ?, ?)", (seq, stored_bytes, hashed))
        database.execute("INSERT OR REPLACE INTO frontier VALUES (1, ?, ?)", (len(leaves), frontier(leaves)))
        database.execute("COMMIT")
        database.close()
        return stored, leaves

    def test_a_site_without_a_record_says_so(self):
        self.refused(1, "there is no record yet", "log", "verify", self.site)

    def test_an_empty_record_is_sound(self):
        self.assertEqual(self.answer("log", "rebuild", self.site)["rows"], 0)
        verified = self.answer("log", "verify", self.site)
        self.assertEqual((verified["events"], verified["verified"], verified["first_bad"]), (0, True, None))
        self.assertEqual(verified["root_hash"], hashlib.sha256(b"").hexdigest())

    def test_events_written_by_others_verify_and_make_tables(self):
        _, leaves = self.fill()
        verified = self.answer("log", "verify", self.site)
        self.assertEqual((verified["events"], verified["verified"]), (40, True))
        self.assertEqual(verified["root_hash"], root(leaves).hex())
        made = self.answer("log", "rebuild", self.site)
        self.assertEqual((made["events"], made["tables"]["unit"], made["tables"]["involved"]), (40, 20, 40))
        self.assertEqual(made["changed"], 2)
        self.assertEqual(self.answer("log", "rebuild", self.site)["changed"], 0)
        rows = self.database().execute("SELECT name, status, officers FROM unit ORDER BY id").fetchall()
        self.assertEqual(rows[0], ("A1", "at_station", 2))

    def test_every_flipped_byte_of_an_event_is_found(self):
        stored, _ = self.fill(4)
        draw = random.Random(1)
        for _ in range(60):
            seq = draw.randrange(1, len(stored) + 1)
            at, bit = draw.randrange(len(stored[seq - 1])), 1 << draw.randrange(8)
            damaged = bytearray(stored[seq - 1])
            damaged[at] ^= bit
            database = self.database()
            database.execute("UPDATE event SET bytes = ? WHERE seq = ?", (bytes(damaged), seq))
            done = self.run_precinct("log", "verify", self.site, "--json")
            self.assertEqual(done.returncode, 1, f"byte {at} of event {seq}")
            answer = json.loads(done.stdout)
            self.assertEqual((answer["verified"], answer["first_bad"], answer["events"]), (False, seq, seq - 1))
            database.execute("UPDATE event SET bytes = ? WHERE seq = ?", (stored[seq - 1], seq))
            database.close()
        self.assertTrue(self.answer("log", "verify", self.site)["verified"])

    def test_a_log_that_was_cut_or_written_anew_is_found(self):
        self.fill()
        database = self.database()
        database.execute("DELETE FROM event WHERE seq = 40")
        self.refused(1, "do not make the tree", "log", "verify", self.site)
        forged = event(40, "unit_signed_off", "U20", {})
        database.execute("INSERT INTO event VALUES (40, ?, ?)", (forged, leaf(forged)))
        self.refused(1, "do not make the tree", "log", "verify", self.site)
        database.execute("DELETE FROM event WHERE seq = 7")
        done = self.run_precinct("log", "verify", self.site, "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["first_bad"]), (1, 7))

    def test_proofs_lead_to_the_root(self):
        _, leaves = self.fill()
        self.refused(1, "log key SITE --origin NAME", "log", "prove", self.site, "--seq", 1)
        self.ok("log", "key", self.site, "--origin", "police.example/log")
        for seq in (1, 2, 17, 40):
            proved = self.answer("log", "prove", self.site, "--seq", seq)
            hashed, index, last = leaves[seq - 1], seq - 1, len(leaves) - 1
            for sibling in map(bytes.fromhex, proved["proof"]):
                if index % 2 or index == last:
                    hashed = node(sibling, hashed)
                    while index % 2 == 0 and index:
                        index, last = index >> 1, last >> 1
                else:
                    hashed = node(hashed, sibling)
                index, last = index >> 1, last >> 1
            self.assertEqual(hashed.hex(), proved["root_hash"])
            self.assertEqual(proved["root_hash"], root(leaves).hex())
        self.assertTrue(self.answer("log", "prove", self.site, "--since", 30)["proof"])
        self.refused(2, "41 is not in the log", "log", "prove", self.site, "--seq", 41)
        self.refused(2, "--seq N", "log", "prove", self.site)

    def test_export_writes_the_stored_bytes(self):
        stored, _ = self.fill()
        self.assertEqual(self.answer("log", "export", self.site, "--out", self.path("log.jsonl"))["events"], 40)
        with open(self.path("log.jsonl"), "rb") as f:
            self.assertEqual(f.read(), b"".join(b + b"\n" for b in stored))
        self.refused(3, "cannot be written", "log", "export", self.site, "--out", self.path("log.jsonl"))

    def test_a_second_writer_is_refused_and_a_reader_is_not(self):
        self.fill()
        keys = self.database("keys.db")
        keys.execute("BEGIN EXCLUSIVE")
        self.refused(3, "another program holds the record", "log", "rebuild", self.site)
        self.assertTrue(self.answer("log", "verify", self.site)["verified"])
        keys.execute("ROLLBACK")

    def test_a_foreign_database_is_refused(self):
        database = self.database()
        database.execute("CREATE TABLE other (x)")
        database.close()
        self.refused(2, "not a record of Precinct", "log", "verify", self.site)

    def test_a_record_of_a_newer_format_is_refused(self):
        self.fill()
        self.database().execute("PRAGMA user_version = 99")
        self.refused(2, "format 99 is newer", "log", "rebuild", self.site)

    def test_erase_takes_only_what_seals(self):
        self.fill()
        self.refused(2, "is no id", "erase", self.site, "--object", "17")
        self.refused(2, "only a call", "erase", self.site, "--object", "U1")
        self.refused(1, "there is no C7", "erase", self.site, "--object", "C7")

    def test_the_reference_names_every_column(self):
        self.fill()
        with open(SCHEMA, encoding="utf-8") as f:
            text = f.read()
        for name in ("record.db", "keys.db"):
            for table, in self.database(name).execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
                section = re.search(rf"^### {table}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
                self.assertTrue(section, table)
                documented = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", section.group(1), re.M)
                columns = [row[1] for row in self.database(name).execute(f"PRAGMA table_info({table})")]
                self.assertEqual(documented, columns, table)


if __name__ == "__main__":
    unittest.main()
