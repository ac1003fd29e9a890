"""Backups: parts of an append-only log, encrypted; restored to any time; nothing that was changed is ever used. The roots are computed
here, from the events that were written (public_log.py)."""
import glob
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import time
import unittest

import databases
from public_log import frontier, leaf, root
from support import PRECINCT, CommandTest
from test_log import event

BEGAN_MS = 1700000000000
CONTENT = {"keys.db", "agency.key", "record.db", "tracks.db"}  # go another way, or not at all


def at(seq, more_ms=0):
    return f"2023-11-14T22:13:{20 + (seq + more_ms) / 1000:06.3f}Z"


class Backup(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.world = subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip()
        cls.addClassCleanup(shutil.rmtree, cls.world)
        for arguments in (["town", "--seed", "5", "--people", "3000", "town"], ["init", "site", "--map", "town/map.osm.pbf"],
                          ["log", "rebuild", "site"]):
            subprocess.run([PRECINCT, *arguments], cwd=cls.world, check=True, capture_output=True)

    def setUp(self):
        super().setUp()
        self.site, self.parts, self.secret = self.path("site"), self.path("parts"), self.path("recovery.secret")
        shutil.copytree(os.path.join(self.world, "site"), self.site)
        os.mkdir(self.parts)
        self.key = self.answer("backup", "key", self.secret)["key"]
        self.stored = []

    def add(self, units):
        """As many units enrol; each event is recorded a millisecond after the one before."""
        database = databases.connect(os.path.join(self.site, "record.db"), isolation_level=None)
        database.execute("BEGIN")
        for seq in range(len(self.stored) + 1, len(self.stored) + units + 1):
            self.stored.append(event(seq, "unit_enrolled", f"U{seq}", {"capabilities": [], "kind": "car", "name": f"A{seq}"}))
            database.execute("INSERT INTO event VALUES (?, ?, ?)", (seq, self.stored[-1], leaf(self.stored[-1])))
        leaves = [leaf(b) for b in self.stored]
        database.execute("INSERT OR REPLACE INTO frontier VALUES (1, ?, ?)", (len(leaves), frontier(leaves)))
        database.execute("COMMIT")
        database.close()
        self.answer("log", "rebuild", self.site)

    def backup(self, to=None, *options):
        return self.answer("backup", self.site, to or self.parts, "--to", self.key, *options)

    def restore(self, name, *options, source=None):
        return self.answer("restore", source or self.parts, self.path(name), "--secret", self.secret, *options)

    def root(self, count):
        return root([leaf(b) for b in self.stored[:count]]).hex()

    def test_parts_bring_what_is_new_and_restore_to_the_millisecond(self):
        made = []
        for units in (7, 5, 9):
            self.add(units)
            made.append(self.backup())
        self.assertEqual([(m["part"], m["from"], m["until"]) for m in made], [(1, 1, 7), (2, 8, 12), (3, 13, 21)])
        self.assertEqual([m["root_hash"] for m in made], [self.root(7), self.root(12), self.root(21)])
        self.assertEqual([m["files"] > 0 for m in made], [True, False, False])
        for count in (0, 1, 6, 7, 8, 12, 13, 20, 21):
            done = self.restore(f"at{count}", "--at", at(count))
            self.assertEqual((done["events"], done["left_out"], done["root_hash"]), (count, 21 - count, self.root(count)))
            verified = self.answer("log", "verify", self.path(f"at{count}"))
            self.assertEqual((verified["events"], verified["root_hash"]), (count, self.root(count)))
            units = databases.connect(os.path.join(self.path(f"at{count}"), "record.db")).execute("SELECT count(*) FROM unit")
            self.assertEqual(units.fetchone()[0], count)
            self.assertEqual(self.answer("log", "rebuild", self.path(f"at{count}"))["changed"], 0)

    def test_tables_are_compared_where_the_backup_has_them(self):
        self.add(6)
        self.backup()
        self.assertTrue(self.restore("whole")["tables_compared"])
        self.assertFalse(self.restore("part", "--at", at(3))["tables_compared"])

    def test_files_come_back_as_they_were_and_no_others(self):
        self.add(2)
        self.backup()
        speeds = os.path.join(self.site, "definitions", "speeds.csv")
        with open(speeds, "a", encoding="utf-8") as f:
            f.write("\n")
        self.assertEqual(self.backup()["files"], 1)
        self.restore("new")
        for base, _, leaves in os.walk(self.site):
            for name in leaves:
                path = os.path.relpath(os.path.join(base, name), self.site)
                if path.split("-")[0] in CONTENT or path.startswith("backups"):
                    continue
                with open(os.path.join(self.site, path), "rb") as a, open(os.path.join(self.path("new"), path), "rb") as b:
                    self.assertEqual(a.read(), b.read(), path)
        self.assertFalse(os.path.exists(os.path.join(self.path("new"), "backups")))

    def test_nothing_is_ever_overwritten(self):
        self.add(3)
        single = self.path("one.backup")
        self.backup(single)
        with open(single, "rb") as f:
            before = f.read()
        self.refused(3, "is there already", "backup", self.site, single, "--to", self.key)
        with open(single, "rb") as f:
            self.assertEqual(f.read(), before)
        self.refused(3, "site", "restore", single, self.site, "--secret", self.secret)
        self.assertEqual(self.restore("new", source=single)["events"], 3)
        self.refused(3, "new", "restore", single, self.path("new"), "--secret", self.secret)
        self.assertEqual(stat.S_IMODE(os.stat(single).st_mode), 0o600)

    def damaged(self, content, says=""):
        bad = self.path("bad.backup")
        self.write("bad.backup", content)
        done = self.run_precinct("restore", bad, self.path("never"), "--secret", self.secret)
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertIn(says, done.stderr)
        self.assertFalse(os.path.exists(self.path("never")) or os.path.exists(self.path("never.new")))

    def test_a_flipped_cut_or_longer_file_is_refused_and_makes_no_site(self):
        self.add(40)
        self.backup(self.path("one.backup"))
        with open(self.path("one.backup"), "rb") as f:
            good = f.read()
        draw = random.Random(7)
        flips = int(os.environ.get("BACKUP_FLIPS", "40"))
        places = list(range(0, 24)) + [draw.randrange(len(good)) for _ in range(flips)]  # the beginning, and anywhere
        for place in places:
            bad = bytearray(good)
            bad[place] ^= 1 << draw.randrange(8)
            self.damaged(bytes(bad), "bad.backup")
        for length in (0, 15, 100, len(good) // 2, len(good) - 1):
            self.damaged(good[:length], "bad.backup")
        self.damaged(good + b"x", "not what was backed up")

    def test_chunks_in_another_order_are_refused(self):
        self.add(5)
        self.backup(self.path("one.backup"))
        with open(self.path("one.backup"), "rb") as f:
            good = f.read()
        place, chunks = 18 + good[17] + 80 + 24, []
        begin = place
        while place < len(good):
            length = 4 + int.from_bytes(good[place:place + 4], "big")
            chunks.append(good[place:place + length])
            place += length
        self.assertGreater(len(chunks), 3)
        for order in ([1, 0, *range(2, len(chunks))], [*range(1, len(chunks))], [0, 0, *range(1, len(chunks))], [*range(len(chunks) - 1)]):
            self.damaged(good[:begin] + b"".join(chunks[i] for i in order), "not what was backed up")

    def test_a_missing_or_doubled_part_is_told(self):
        for units in (3, 3, 3):
            self.add(units)
            self.backup()
        second = sorted(glob.glob(self.parts + "/*.backup"))[1]
        os.rename(second, self.path("away"))
        self.refused(2, "part 2 that begins with event 4", "restore", self.parts, self.path("new"), "--secret", self.secret)
        shutil.copy(self.path("away"), second)
        shutil.copy(self.path("away"), second.replace(".backup", "-copy.backup"))
        self.refused(2, "a part is missing, or one is there twice", "restore", self.parts, self.path("new"), "--secret", self.secret)

    def newest_away(self):
        newest = max(glob.glob(self.parts + "/*.backup"), key=os.path.getmtime)
        os.rename(newest, self.path(os.path.basename(newest)))
        return newest

    def receipt(self, name="receipt", **changes):
        with open(self.path("receipt"), encoding="utf-8") as f:
            return self.write(name, json.dumps(json.load(f) | changes))

    def test_the_newest_parts_missing_are_noticed_with_the_receipt_and_by_the_site(self):
        for units in (4, 3, 0):
            self.add(units)
            if not units:
                os.utime(os.path.join(self.site, "definitions", "speeds.csv"))  # a part without events
            self.backup(None, "--receipt", self.path("receipt"))
        self.assertEqual(self.restore("all", "--receipt", self.path("receipt"))["events"], 7)
        self.assertEqual(self.restore("then", "--receipt", self.path("receipt"), "--at", at(2))["events"], 2)
        for _ in range(2):
            self.newest_away()
            for command in (["restore", self.parts, self.path("new"), "--receipt", self.path("receipt")], ["backup", "drill", self.parts, self.site]):
                self.refused(1, "part 3 was made: the newest parts are missing", *command, "--secret", self.secret)
        self.assertFalse(os.path.exists(self.path("new")))
        self.assertEqual(self.restore("blind")["events"], 4)  # nobody can know
        self.assertTrue(self.answer("backup", "drill", self.parts, "--secret", self.secret)["passed"])

    def test_a_part_that_vanished_is_told_at_the_next_backup_and_a_newer_chain_is_as_good(self):
        self.add(4)
        self.backup(None, "--receipt", self.path("receipt"))
        first = self.newest_away()
        done = self.ok("backup", self.site, self.parts, "--to", self.key, "--receipt", self.path("second"), "--json")
        self.assertIn("not there as it was left", done.stderr)
        self.assertEqual(json.loads(done.stdout)["part"], 1)
        self.assertEqual(self.restore("newer", "--receipt", self.path("receipt"))["events"], 4)
        self.newest_away()
        os.rename(self.path(os.path.basename(first)), first)
        self.refused(1, "a newer backup of another chain", "restore", self.parts, self.path("new"), "--secret", self.secret, "--receipt", self.path("second"))

    def test_a_receipt_of_another_log_or_that_is_none_is_told(self):
        self.add(4)
        self.backup(None, "--receipt", self.path("receipt"))
        for says, name in (("not those of the receipt", self.receipt("a", root="00" * 32)), ("5 events were backed up", self.receipt("b", until=5))):
            self.refused(1, says, "restore", self.parts, self.path("new"), "--secret", self.secret, "--receipt", name)
        for name in (self.receipt("c", format=2), self.receipt("d", root="zz"), self.receipt("e", part=0), self.write("f", "{"), self.write("g", "")):
            self.refused(2, "not the receipt of a backup", "restore", self.parts, self.path("new"), "--secret", self.secret, "--receipt", name)
        self.assertFalse(os.path.exists(self.path("new")) or os.path.exists(self.path("new.new")))

    def test_only_the_right_key_or_phrase_opens(self):
        self.add(2)
        self.backup()
        self.answer("backup", "key", self.path("other.secret"))
        self.refused(2, "does not open it", "restore", self.parts, self.path("new"), "--secret", self.path("other.secret"))
        self.refused(3, "already", "backup", "key", self.secret)
        phrase, wrong = self.write("phrase", "a horse that is correct\n"), self.write("wrong", "a horse that is wrong\n")
        self.answer("backup", self.site, self.path("p.backup"), "--pass-phrase", phrase)
        self.refused(2, "does not open it", "restore", self.path("p.backup"), self.path("new"), "--pass-phrase", wrong)
        self.refused(2, "--pass-phrase", "restore", self.path("p.backup"), self.path("new"), "--secret", self.secret)
        done = self.answer("restore", self.path("p.backup"), self.path("new"), "--pass-phrase", phrase)
        self.assertEqual(done["root_hash"], self.root(2))
        self.refused(2, "always encrypted", "backup", self.site, self.path("q.backup"))

    def test_nothing_of_the_site_is_readable_in_a_backup(self):
        self.add(30)
        with open(self.backup(self.path("one.backup"))["file"], "rb") as f:
            content = f.read()
        for word in (b"unit_enrolled", b"site.json", b"capabilities", self.stored[3][20:60]):
            self.assertNotIn(word, content)

    def test_a_log_that_was_changed_is_not_backed_up_as_if_it_were_the_old_one(self):
        self.add(5)
        self.backup()
        self.add(3)
        database = databases.connect(os.path.join(self.site, "record.db"), isolation_level=None)
        changed = self.stored[6].replace(b"A7", b"A8")
        database.execute("UPDATE event SET bytes = ?, leaf = ? WHERE seq = 7", (changed, leaf(changed)))
        database.close()
        self.refused(1, "the log was changed", "backup", self.site, self.parts, "--to", self.key)
        self.assertEqual(len(os.listdir(self.parts)), 1)
        self.write_log(self.stored[:4] + [changed])
        self.refused(1, "", "backup", self.site, self.parts, "--to", self.key)

    def write_log(self, stored):
        database = databases.connect(os.path.join(self.site, "record.db"), isolation_level=None)
        database.execute("DELETE FROM event")
        for seq, stored_bytes in enumerate(stored, 1):
            database.execute("INSERT INTO event VALUES (?, ?, ?)", (seq, stored_bytes, leaf(stored_bytes)))
        database.execute("INSERT OR REPLACE INTO frontier VALUES (1, ?, ?)", (len(stored), frontier([leaf(b) for b in stored])))
        database.close()

    def test_killed_at_any_moment_nothing_half_done_is_left(self):
        self.add(60)
        self.backup()
        draw = random.Random(3)
        for turn in range(10):
            target = self.path(f"k{turn}")
            process = subprocess.Popen([PRECINCT, "restore", self.parts, target, "--secret", self.secret], stdout=subprocess.DEVNULL)
            time.sleep(draw.uniform(0, 0.25))
            process.send_signal(signal.SIGKILL)
            process.wait()
            if os.path.exists(target):
                self.assertTrue(self.answer("log", "verify", target)["verified"])
            else:
                self.restore(f"k{turn}")
            shutil.rmtree(target)
        for turn in range(10):
            process = subprocess.Popen([PRECINCT, "backup", self.site, self.parts, "--to", self.key, "--full"], stdout=subprocess.DEVNULL)
            time.sleep(draw.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.assertEqual(self.restore(f"b{turn}")["root_hash"], self.root(60))
        self.backup()
        self.assertEqual(self.restore("end")["events"], 60)

    def test_a_drill_says_that_it_passed_or_why_not_and_writes_it_down(self):
        self.add(9)
        self.backup()
        self.add(4)
        drill = self.answer("backup", "drill", self.parts, self.site, "--secret", self.secret, "--scratch", self.folder)
        self.assertEqual((drill["passed"], drill["events"], drill["root_hash"]), (True, 9, self.root(9)))
        self.assertEqual((drill["log_compared"], drill["tables_compared"]), (True, True))
        with open(os.path.join(self.site, "backups", "drill.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f), drill)
        part = glob.glob(self.parts + "/*.backup")[0]
        with open(part, "r+b") as f:
            f.seek(os.path.getsize(part) // 2)
            byte = f.read(1)[0]
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte ^ 4]))
        done = self.run_precinct("backup", "drill", self.parts, self.site, "--secret", self.secret, "--scratch", self.folder, "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertFalse(json.loads(done.stdout)["passed"])
        with open(os.path.join(self.site, "backups", "drill.json"), encoding="utf-8") as f:
            self.assertIn("not what was backed up", json.load(f)["why"])
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith("precinct-drill")], [])

    def findings(self):
        done = self.run_precinct("doctor", self.site, "--json")
        return {f["id"] for f in json.loads(done.stdout)["findings"]}

    def test_doctor_knows_of_the_last_backup_and_the_last_drill(self):
        self.add(3)
        self.assertIn("backup_none", self.findings())
        self.backup()
        self.assertTrue(self.findings().isdisjoint({"backup_none", "backup_old"}))
        self.assertIn("drill_failed", self.findings())
        self.answer("backup", "drill", self.parts, self.site, "--secret", self.secret)
        self.backup()
        self.assertTrue(self.findings().isdisjoint({"backup_none", "backup_old", "drill_failed"}))
        with open(glob.glob(self.parts + "/*.backup")[0], "ab") as f:
            f.write(b"x")
        self.refused(1, "not what was backed up", "backup", "drill", self.parts, self.site, "--secret", self.secret)
        self.assertIn("drill_failed", self.findings())

    def test_a_drill_finds_a_log_that_is_not_the_one_that_was_backed_up(self):
        self.add(6)
        self.backup()
        self.write_log(self.stored[:5] + [self.stored[5].replace(b"A6", b"A9")])
        done = self.run_precinct("backup", "drill", self.parts, self.site, "--secret", self.secret, "--scratch", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the log was changed", done.stderr)


if __name__ == "__main__":
    unittest.main()
