"""Whose time a record tells while nothing serves it: a replay's, for as long as it was last served as one, wherever its record is taken; the
wall's on all others, however old their newest event is; on a live site always."""
import datetime
import json
import os
import sqlite3
import time
import unittest
import zoneinfo

from bad_world import BadWorld
from server import PASSWORD, OwnServerTest, run
from test_replay import busy_morning

HOUR_MS = 3600_000


class OwnTime(OwnServerTest):
    def serve(self):
        self.site, self.changes = self.server.site, 0

    def replay(self, hours):
        """A replay that begins so many hours from now; nothing of it comes yet. When its newest event is."""
        with open(os.path.join(self.site, "site.json"), encoding="utf-8") as f:
            zone = zoneinfo.ZoneInfo(json.load(f)["zone"])
        begin = datetime.datetime.now(zone).replace(tzinfo=None, microsecond=0) + datetime.timedelta(hours=hours)
        self.server.start("--replay", busy_morning(self.server, begin), "--speed", "0")
        self.assertEqual(self.server.stop(), 0)
        newest = max(e["recorded_at"] for e in self.server.events())
        self.assertLess(abs(newest - time.time() * 1000 - hours * HOUR_MS), HOUR_MS)
        return newest

    def by_the_wall(self, env=None):
        self.server.site = self.site
        self.server.start(env=env)
        self.assertEqual(self.server.stop(), 0)

    def changed_at(self, site):
        """When a change of rights happens."""
        self.changes += 1
        run("user", "grant", site, "anna", "--roles", ("dispatcher", "commander")[self.changes % 2], text=PASSWORD + "\n")
        self.server.site = site
        return self.server.events("account_entitled")[-1]["recorded_at"]

    def check_now(self, at_ms, why):
        self.assertLess(abs(at_ms - time.time() * 1000), HOUR_MS, why)

    def configure(self, **what):
        name = os.path.join(self.site, "site.json")
        with open(name, encoding="utf-8") as f:
            config = json.load(f)
        with open(name, "w", encoding="utf-8") as f:
            json.dump(dict(config, **what), f)

    def restored(self):
        secret, parts, new = self.path("backup.secret"), self.path("parts"), self.path("restored")
        self.precinct("backup", self.site, parts, "--to", self.precinct("backup", "key", secret)["key"])
        self.precinct("restore", parts, new, "--secret", secret)
        return new

    def marks(self):
        record = sqlite3.connect(f"file:{self.site}/record.db?mode=ro", uri=True)
        self.addCleanup(record.close)
        return record.execute("SELECT name FROM document WHERE kind = 'clock'").fetchall()

    def test_a_replay_stands_still_wherever_its_record_is_until_it_is_served_by_the_wall(self):
        newest = self.replay(-5)  # of the last day, as a drill by the wall may be
        self.assertEqual(len(self.marks()), 1)
        self.assertEqual(self.changed_at(self.site), newest)
        self.assertEqual(self.changed_at(self.restored()), newest)
        self.by_the_wall()
        self.assertEqual(self.marks(), [])
        self.check_now(self.changed_at(self.site), "it was served by the wall")

    def test_a_replay_of_days_to_come_stands_still(self):
        newest = self.replay(48)
        self.assertEqual(self.changed_at(self.site), newest)

    def test_a_live_site_goes_by_the_wall_whatever_stands_in_its_record(self):
        newest = self.replay(-5)
        self.configure(drill=False)
        self.check_now(self.changed_at(self.site), "it is live")
        self.assertGreater(self.changed_at(self.site), newest)
        self.by_the_wall()
        self.assertEqual(self.marks(), [])

    def test_a_drill_of_three_days_ago_that_replayed_nothing_goes_by_the_wall(self):
        world = BadWorld(self.server.folder)
        self.addCleanup(world.close)
        world.ahead(-72 * 3600)
        self.by_the_wall(world.env)
        newest = max(e["recorded_at"] for e in self.server.events())
        self.assertLess(newest, time.time() * 1000 - 71 * HOUR_MS)
        self.assertEqual(self.marks(), [])
        self.check_now(self.changed_at(self.site), "no time passes on a replay alone")


if __name__ == "__main__":
    unittest.main()
