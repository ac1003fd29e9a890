"""The agency's key: made with the first record, closed to others, asked for by name when it is away; keys.db opens nothing
without it."""
import os
import stat
import unittest

import databases
from support import CommandTest


class AgencyKey(CommandTest):
    def setUp(self):
        super().setUp()
        self.site = self.path("site")
        self.ok("town", "--seed", 5, "--people", 3000, self.path("town"))
        self.ok("init", self.site, "--map", self.path("town/map.osm.pbf"))
        self.key = os.path.join(self.site, "agency.key")

    def rebuild(self, *options):
        return self.answer("log", "rebuild", self.site, *options)

    def keys(self):
        return databases.connect(os.path.join(self.site, "keys.db"), isolation_level=None)

    def test_it_is_made_with_the_record_and_for_its_owner_alone(self):
        self.rebuild()
        self.assertEqual(stat.S_IMODE(os.stat(self.key).st_mode), 0o600)
        with open(self.key, encoding="ascii") as f:
            text = f.read()
        self.assertRegex(text, r"\Aprecinct-agency-key-1 [A-Za-z0-9_-]{43}\n\Z")
        self.rebuild()
        with open(self.key, encoding="ascii") as f:
            self.assertEqual(f.read(), text)

    def test_a_missing_key_is_asked_for_by_name_and_never_made_again(self):
        self.rebuild()
        os.rename(self.key, self.path("stick.key"))
        self.refused(2, "site/agency.key: the agency key is missing", "log", "rebuild", self.site)
        self.assertFalse(os.path.exists(self.key))
        self.rebuild("--key", self.path("stick.key"))
        self.refused(2, "no-stick.key: the agency key is missing", "log", "rebuild", self.site, "--key",
                     self.path("no-stick.key"))
        self.assertTrue(self.answer("log", "verify", self.site)["verified"])

    def test_site_json_says_where_it_lies(self):
        config = os.path.join(self.site, "site.json")
        with open(config, encoding="utf-8") as f:
            text = f.read()
        with open(config, "w", encoding="utf-8") as f:
            f.write(text.replace("{", '{"agency_key": "%s", ' % self.path("stick.key"), 1))
        self.rebuild()
        self.assertTrue(os.path.exists(self.path("stick.key")))
        self.assertFalse(os.path.exists(self.key))

    def test_another_key_is_refused(self):
        self.rebuild()
        with open(self.key, "w", encoding="ascii") as f:
            f.write("precinct-agency-key-1 " + "A" * 43 + "\n")
        self.refused(2, "site/agency.key: not the agency key", "log", "rebuild", self.site)

    def test_what_is_no_key_is_refused(self):
        self.rebuild()
        for text in ("", "precinct-agency-key-1 ", "precinct-agency-key-2 " + "A" * 43, "precinct-agency-key-1 " + "A" * 42):
            with open(self.key, "w", encoding="ascii") as f:
                f.write(text)
            self.refused(2, "no agency key", "log", "rebuild", self.site)

    def test_a_key_that_others_can_read_is_refused(self):
        self.rebuild()
        os.chmod(self.key, 0o640)
        self.refused(2, "chmod 600", "log", "rebuild", self.site)

    def test_a_record_of_an_older_format_is_taken_forward(self):
        self.rebuild()
        os.remove(self.key)
        keys = self.keys()
        newest = keys.execute("PRAGMA user_version").fetchall()
        keys.execute("DROP TABLE agency")
        keys.execute("INSERT INTO key (kind, object, class, bytes, made_at) VALUES ('C', 1, 'personal', ?, 0)", (b"k" * 32,))
        keys.execute("PRAGMA user_version = 1")
        keys.close()
        record = databases.connect(os.path.join(self.site, "record.db"), isolation_level=None)
        record.execute("DROP TABLE saved_board")
        record.execute("DROP TABLE closure")
        record.execute("CREATE TABLE closure (id INTEGER PRIMARY KEY, ordered_at INTEGER NOT NULL, until INTEGER NOT NULL,"
                       " ended_at INTEGER NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, lift_reason TEXT NOT NULL,"
                       " status TEXT NOT NULL, both_ways INTEGER NOT NULL) STRICT")
        record.execute("PRAGMA user_version = 1")
        record.close()
        self.rebuild()
        self.assertEqual(self.keys().execute("SELECT length(bytes) FROM key").fetchall(), [(72,)])
        for name in ("keys.db", "keys.db-wal"):
            path = os.path.join(self.site, name)
            if os.path.exists(path):
                with open(path, "rb") as f:
                    self.assertNotIn(b"k" * 32, f.read())
        self.assertEqual(self.keys().execute("PRAGMA user_version").fetchall(), newest)
        self.assertEqual([name for name in os.listdir(self.site) if "trial" in name], [])


if __name__ == "__main__":
    unittest.main()
