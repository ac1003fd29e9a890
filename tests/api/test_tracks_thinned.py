"""Positions of past shifts: raw for 30 days, then a point a minute on 100 m for a year, then counts that name nobody. What was
destroyed is an event without a unit in it, and a past track says how fine it is."""
import os
import time
import unittest

from server import OwnServerTest
import databases  # of tests/cli: server knows the way

MINUTE, DAY = 60000, 86400000


class TracksThinned(OwnServerTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "olga": "oversight"}

    def database(self):
        return databases.connect(os.path.join(self.server.site, "tracks.db"))

    def plant(self, unit, at):
        """Ten minutes, a fix each second, at the unit's place; its day is the UTC day of `at`."""
        lon, lat = (round(v * 1e7) for v in unit["position"])
        with self.database() as tracks:
            tracks.executemany("INSERT INTO fix VALUES (?, ?, ?, ?, 900, 90, 0)",
                               [(int(unit["id"][1:]), at + s * 1000, lon + s, lat) for s in range(600)])

    def track_of(self, unit, start, end):
        def stamp(ms):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms // 1000))
        request = self.taken(self.anna.post("/api/v1/requests", {"act": "replay_track", "subject": unit["id"], "reason": "file 12",
                                                                 "for_case": "K-12", "from": stamp(start), "until": stamp(end)}))
        self.taken(self.server.sign_in("olga").post(f"/api/v1/requests/{request}/approve", {}))
        return self.anna.get(f"/api/v1/requests/{request}/track").json

    def told(self, count):
        for _ in range(300):
            events = self.server.events("tracks_thinned")
            if len(events) >= count:
                return events
            time.sleep(0.2)
        return self.fail("the destruction was not told")

    def test_raw_positions_are_thinned_then_counted_and_each_destruction_is_an_event_that_names_nobody(self):
        units = [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"]][:2]
        self.server.stop()
        midnight = int(time.time() * 1000) // DAY * DAY
        old, older = midnight - 40 * DAY, midnight - 10 * DAY
        for unit in units:
            self.plant(unit, old + 8 * 60 * MINUTE)
            self.plant(unit, older + 8 * 60 * MINUTE)
        with self.database() as tracks:
            tracks.execute("INSERT INTO thin VALUES (?, ?, 1, 1)", (int(units[0]["id"][1:]), midnight - 400 * DAY))
        self.serve()
        events = self.told(2)
        self.assertEqual(sorted((e["data"]["class"], e["data"]["rows"]) for e in events), [("raw", 1200), ("thinned", 1)])
        self.assertEqual({tuple(sorted(e["data"])) for e in events}, {("class", "rows", "until")})
        self.assertEqual([e["data"]["until"] for e in events if e["data"]["class"] == "raw"], [old + DAY])
        self.assertEqual({(e["actor"], e["object"][0]) for e in events}, {("system", "T")})
        with self.database() as tracks:
            self.assertEqual(tracks.execute("SELECT count(*), min(at) FROM fix").fetchone(), (1200, older + 8 * 60 * MINUTE))
            self.assertEqual(tracks.execute("SELECT count(*) FROM thin").fetchone(), (20,))
            self.assertEqual(tracks.execute("SELECT sum(minutes), count(DISTINCT hour), min(way) > 0 FROM passed").fetchone(), (20, 1, 1))
        rough, fine = (self.track_of(units[0], day, day + DAY) for day in (old, older))
        self.assertEqual([len(rough["points"]), {p["thinned"] for p in rough["points"]}], [10, {True}])
        self.assertEqual([len(fine["points"]), {p["thinned"] for p in fine["points"]}], [600, {False}])
        self.assertEqual((rough["thinned_every_s"], rough["thinned_within_m"]), (60, 100))
        self.assertLess(rough["points"][-1]["at"], rough["raw_from"])
        self.assertLess(fine["raw_from"], fine["points"][0]["at"])
        self.server.stop()
        self.serve()  # nothing is told twice
        self.assertEqual(len(self.told(2)), 2)


if __name__ == "__main__":
    unittest.main()
