"""Backups on a disk that fails: each call to a file fails once, in turn (failing_calls.c). A part is whole or not there, a site is
whole or not there, what was there is as it was, and the next attempt goes through."""
import errno
import glob
import os
import shutil
import subprocess
import unittest

import test_backup
from support import PRECINCT

HERE = os.path.dirname(os.path.abspath(__file__))
TURNS = int(os.environ.get("BACKUP_FAULTS", "20"))  # points tried, evenly spread; 0: every one


class FailingDisk(unittest.TestCase):
    def setUp(self):
        self.world = test_backup.Backup()
        self.world.setUpClass()
        self.addCleanup(self.world.doClassCleanups)
        self.world.setUp()
        self.addCleanup(self.world.doCleanups)
        self.path, self.site, self.parts = self.world.path, self.world.site, self.world.parts
        self.library = self.path("failing_calls.so")
        subprocess.run(["gcc", "-std=c17", "-shared", "-fPIC", os.path.join(HERE, "../support/preload/failing_calls.c"), "-o", self.library], check=True)

    def failing(self, at, arguments):
        done = subprocess.run([PRECINCT, *arguments, "--json"], capture_output=True, text=True, check=False,
                              env=dict(os.environ, LD_PRELOAD=self.library, FAIL_AT=str(at), FAIL_WITH=str((errno.EIO, errno.ENOSPC)[at % 2]),
                                       FAIL_COUNT=self.path("count")))
        self.assertIn(done.returncode, (0, 1, 2, 3), f"call {at}: {done.stderr}")
        with open(self.path("count"), encoding="utf-8") as f:
            return done, int(f.read())

    def points(self, total):
        self.assertGreater(total, 20)
        return range(1, total + 1) if not TURNS else sorted({1 + (total - 1) * i // (TURNS - 1) for i in range(TURNS)})

    def content(self):
        found = {}
        for path in glob.glob(self.parts + "/*"):
            with open(path, "rb") as f:
                found[path] = f.read()
        return found

    def restored(self):
        """What the parts make now."""
        done = self.world.restore("restored")
        shutil.rmtree(self.path("restored"))
        return done

    def test_a_part_is_whole_or_not_there_whatever_call_fails(self):
        self.world.add(8)
        self.world.backup()
        self.world.add(5)
        for folder, saved in ((self.site, "site0"), (self.parts, "parts0")):
            shutil.copytree(folder, self.path(saved))
        order = ["backup", self.site, self.parts, "--to", self.world.key]
        _, total = self.failing(0, order)
        refused = 0
        for at in self.points(total):
            for folder, saved in ((self.site, "site0"), (self.parts, "parts0")):
                shutil.rmtree(folder)
                shutil.copytree(self.path(saved), folder)
            before = self.content()
            done, _ = self.failing(at, order)
            refused += done.returncode != 0
            now = self.content()
            self.assertEqual({path: now[path] for path in before}, before, f"call {at} changed what was there")
            self.assertEqual([path for path in now if not path.endswith(".backup")], [], f"call {at} left something behind")
            self.assertEqual(self.restored()["events"], 13 if len(now) > len(before) else 8, f"call {at}")
            self.assertTrue(len(now) > len(before) or done.returncode, f"call {at}: done, and there is no part")
            self.world.backup()
            self.assertEqual(self.restored()["root_hash"], self.world.root(13), f"call {at}")
        self.assertGreater(refused, 0)

    def test_a_restored_site_is_whole_or_not_there_whatever_call_fails(self):
        self.world.add(9)
        self.world.backup()
        new = self.path("new")
        order = ["restore", self.parts, new, "--secret", self.world.secret]
        _, total = self.failing(0, order)
        shutil.rmtree(new)
        refused = 0
        for at in self.points(total):
            done, _ = self.failing(at, order)
            refused += done.returncode != 0
            if not os.path.exists(new):
                self.assertNotEqual(done.returncode, 0, f"call {at}: done, and there is no site")
                self.world.restore("new")
            verified = self.world.answer("log", "verify", new)
            self.assertEqual((verified["verified"], verified["root_hash"]), (True, self.world.root(9)), f"call {at}")
            self.assertEqual(self.world.answer("log", "rebuild", new)["changed"], 0, f"call {at}")
            shutil.rmtree(new)
        self.assertGreater(refused, 0)


if __name__ == "__main__":
    unittest.main()
