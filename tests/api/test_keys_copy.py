"""Copies of keys.db and another agency key, by the command: closed and while serving, what comes back, what does not, and a change that
was cut short."""
import json
import os
import shutil
import stat
import unittest

from server import OwnServerTest
import databases  # of tests/cli: server knows the way


class KeysCopy(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.site, self.copy = self.server.site, self.path("keys.copy")

    def a_call(self, words):
        return self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "words": words}))

    def words(self, call):
        return self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "check", "case": call}).json["words"]

    def lose_keys(self):
        for leaf in os.listdir(self.site):
            if leaf.startswith("keys.db"):
                os.remove(os.path.join(self.site, leaf))

    def test_a_copy_made_while_serving_brings_lost_keys_back_but_none_that_was_destroyed(self):
        kept, erased = self.a_call("canary-kept"), self.a_call("canary-erased")
        made = self.precinct("keys", "backup", self.site, self.copy)
        self.assertEqual(made["keys"], 2)
        self.assertEqual(stat.S_IMODE(os.stat(self.copy).st_mode), 0o600)
        with open(self.copy, "rb") as f:
            content = f.read()
        self.assertTrue(content.startswith(b"precinct-keys-1 "))
        self.assertNotIn(b"canary", content)
        self.assertIn("exists already", self.precinct("keys", "backup", self.site, self.copy, code=2))
        self.precinct("erase", self.site, "--object", erased)
        late = self.a_call("canary-late")
        self.server.stop()
        self.lose_keys()
        self.precinct("log", "rebuild", self.site)  # without keys nothing sealed can be read
        self.assertEqual(self.precinct("keys", "restore", self.site, self.copy), {"restored": 1, "present": 0, "destroyed": 1})
        self.assertEqual(self.precinct("keys", "restore", self.site, self.copy), {"restored": 0, "present": 1, "destroyed": 1})
        self.server.start()
        self.assertEqual([self.words(c) for c in (kept, erased, late)], ["canary-kept", None, None])
        again = self.a_call("canary-again")
        self.assertEqual(self.words(again), "canary-again")
        self.server.stop()
        self.assertTrue(self.precinct("log", "verify", self.site)["verified"])

    def test_a_recovery_key_opens_a_copy_when_the_agency_key_is_lost_too(self):
        call, recovery = self.a_call("canary"), os.path.join(self.server.folder, "recovery.key")
        self.precinct("keys", "backup", self.site, self.copy, "--recovery", recovery, "--days", "30")
        self.assertEqual(stat.S_IMODE(os.stat(recovery).st_mode), 0o600)
        self.server.stop()
        self.lose_keys()
        os.remove(os.path.join(self.site, "agency.key"))
        self.assertIn("encrypted under another key", self.precinct("keys", "restore", self.site, self.copy, code=2))
        self.assertEqual(self.precinct("keys", "restore", self.site, self.copy, "--recovery", recovery)["restored"], 1)
        self.server.start()
        self.assertEqual(self.words(call), "canary")

    def test_bad_files_and_days_are_refused(self):
        self.a_call("canary")
        self.precinct("keys", "backup", self.site, self.copy)
        self.server.stop()
        with open(self.copy, "rb") as f:
            content = f.read()
        for bad in (b"", b"precinct-keys-1 1 2 3", content[:-1], content + b"x", content.replace(b"precinct-keys-1 1", b"precinct-keys-1 2", 1)):
            with open(self.copy, "wb") as f:
                f.write(bad)
            self.precinct("keys", "restore", self.site, self.copy, code=2)
        for days in ("0", "31", "x"):
            self.precinct("keys", "backup", self.site, self.copy + "2", "--days", days, code=2)

    def blobs(self):
        keys = databases.connect(os.path.join(self.site, "keys.db"))
        found = [bytes(row[0]) for row in keys.execute("SELECT bytes FROM key UNION ALL SELECT bytes FROM agency")]
        keys.close()
        return found

    def test_the_agency_key_is_changed_and_nothing_of_the_old_wrapping_is_left(self):
        call, key = self.a_call("canary"), os.path.join(self.site, "agency.key")
        self.server.stop()
        old, before = self.server.folder + "/old.key", self.blobs()
        shutil.copy2(key, old)
        self.precinct("keys", "change", self.site)
        after = self.blobs()
        self.assertEqual(set(before) & set(after), set())
        for leaf in os.listdir(self.site):
            if leaf.startswith("keys.db"):
                with open(os.path.join(self.site, leaf), "rb") as f:
                    content = f.read()
                self.assertEqual([b for b in before if b[:24] in content], [], leaf)
        self.assertIn("not the agency key", self.precinct("log", "rebuild", self.site, "--key", old, code=2))
        self.server.start()
        self.assertEqual(self.words(call), "canary")

    def test_a_change_that_was_cut_short_is_ended_by_the_next_opening(self):
        call, key = self.a_call("canary"), os.path.join(self.site, "agency.key")
        self.server.stop()
        old = self.server.folder + "/old.key"
        shutil.copy2(key, old)
        shutil.copy2(key, key + ".next")  # cut before the keys were wrapped anew
        with open(key + ".next", "w", encoding="ascii") as f:
            f.write("precinct-agency-key-1 " + "A" * 43 + "\n")
        self.precinct("log", "rebuild", self.site)
        self.assertFalse(os.path.exists(key + ".next"))
        self.precinct("keys", "change", self.site)
        os.rename(key, key + ".next")  # cut after they were, before the file took its place
        shutil.copy2(old, key)
        self.precinct("log", "rebuild", self.site)
        self.assertFalse(os.path.exists(key + ".next"))
        with open(key, "rb") as f, open(old, "rb") as g:
            self.assertNotEqual(f.read(), g.read())
        self.server.start()
        self.assertEqual(self.words(call), "canary")


if __name__ == "__main__":
    unittest.main()
