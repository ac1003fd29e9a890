"""Another program wrote into a database of a site, or the disk changed it: what says so, and the way back by commands, as in
docs/reference/operations.md."""
import json
import os
import shutil
import sqlite3
import subprocess
import unittest

from server import PRECINCT, OwnServerTest

CALLS = 6


class ForeignHand(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.parts, self.secret = self.path("parts"), self.path("recovery.secret")
        os.mkdir(self.parts)
        self.key = self.precinct("backup", "key", self.secret)["key"]
        self.calls = []
        self.take_calls()
        self.backup()
        self.take_calls()
        self.server.stop()
        self.head = self.precinct("log", "verify", self.server.site)["root_hash"]

    def take_calls(self):
        for n in range(CALLS):
            self.calls.append(self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3,
                                                                          "words": f"call {n}", "caller_name": "Frau Lehmann"})))

    def backup(self, code=0):
        return self.precinct("backup", self.server.site, self.parts, "--to", self.key, code=code)

    def by_another_program(self, statement, database="record.db"):
        """As with a shell of SQLite: nobody sets sums right behind it."""
        other = sqlite3.connect(os.path.join(self.server.site, database))
        found = other.execute(statement).fetchall()
        other.commit()
        other.close()
        return found

    def findings(self, language="en"):
        done = subprocess.run([PRECINCT, "doctor", self.server.site, "--json", "--lang", language], capture_output=True, text=True, check=False,
                              env=dict(os.environ, LANG="C.UTF-8"))
        return {f["id"]: f for f in json.loads(done.stdout)["findings"]}

    def restore(self, *options):
        old = self.server.site
        done = self.precinct("restore", self.parts, self.path("new"), "--secret", self.secret, "--keys", os.path.join(old, "keys.db"),
                             "--key", os.path.join(old, "agency.key"), *options)
        shutil.copy(os.path.join(old, "agency.key"), self.path("new"))
        self.server.site = self.path("new")
        return done

    def serves_all(self, calls):
        self.server.start()
        self.anna = self.server.sign_in("anna")
        for n, call in enumerate(calls):
            shown = self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "check", "case": call}).json
            self.assertEqual((shown["words"], shown["caller_name"]), (f"call {n % CALLS}", "Frau Lehmann"))

    def test_who_only_looks_does_no_harm(self):
        self.assertEqual(self.by_another_program("SELECT count(*) FROM call"), [(len(self.calls),)])
        self.assertEqual(self.by_another_program("SELECT count(*) FROM account", "accounts.db"), [(1,)])
        self.assertNotIn("pages_bad", self.findings())
        self.serves_all(self.calls)

    def test_a_table_that_was_written_by_another_program_is_refused_and_made_anew_out_of_the_log(self):
        self.by_another_program("UPDATE call SET words = 'forged'")
        found = self.findings()["pages_bad"]
        self.assertIn("record.db: page ", found["found"])
        self.assertIn("precinct restore", found["do"])
        self.assertIn("不是 Precinct 写入的内容", self.findings("zh")["pages_bad"]["found"])
        said = self.precinct("log", "rebuild", self.server.site, code=2)
        self.assertIn("is not what was written", said)
        self.assertIn("precinct restore", said)
        self.assertEqual(self.precinct("log", "verify", self.server.site)["root_hash"], self.head)  # the events are whole
        self.backup()  # so they go into a backup once more
        self.assertEqual(self.restore()["root_hash"], self.head)
        self.assertNotIn("pages_bad", self.findings())
        self.serves_all(self.calls)

    def test_events_that_were_written_by_another_program_are_refused_and_a_backup_has_what_it_had(self):
        self.by_another_program("UPDATE event SET leaf = zeroblob(32) WHERE seq = (SELECT max(seq) FROM event)")
        self.assertIn("pages_bad", self.findings())
        self.precinct("log", "verify", self.server.site, code=1)
        self.assertIn("is not what was written", self.backup(code=2))
        self.restore()
        self.precinct("log", "verify", self.server.site)
        self.serves_all(self.calls[:CALLS])

    def test_accounts_that_were_written_by_another_program_come_from_a_backup(self):
        self.by_another_program("UPDATE account SET disabled = 0, person = 'forged'", "accounts.db")
        self.assertIn("accounts.db: page ", self.findings()["pages_bad"]["found"])
        done = subprocess.run([PRECINCT, "user", "list", self.server.site], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("put the accounts.db of a restored backup in its place", done.stderr)
        self.precinct("restore", self.parts, self.path("new"), "--secret", self.secret)
        shutil.copy(os.path.join(self.path("new"), "accounts.db"), self.server.site)
        self.assertNotIn("pages_bad", self.findings())
        self.serves_all(self.calls)


if __name__ == "__main__":
    unittest.main()
