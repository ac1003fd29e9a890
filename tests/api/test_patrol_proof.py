"""What positions prove of rounds, told to whom it may be (L18): a line by the stretch of road it is, not by its ends; the crew before its leader; streets
only where three crews were, and no unit in it. And the lines of a plan that nobody drives yet."""
import datetime
import itertools
import json
import math
import os
import unittest

from patrol_day import PLANS, ROUNDS, PatrolTest
import databases  # of tests/cli: server knows the way

STEP_S = 5


def metres(a, b):
    return math.hypot((b[0] - a[0]) * math.cos(math.radians(a[1])), b[1] - a[1]) * 111_195


class Proof(PatrolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = [u for u in cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"] if u["position"] and u["status"] in ("at_station", "available")][:4]
        now = cls.clients["anna"].get("/api/v1/calls?limit=1").json["at"]
        minute = int(now[11:13]) * 60 + int(now[14:16])
        cls.early = minute < 45  # rounds of yesterday are not shown
        cls.hours = [f"{m // 60:02}:{m % 60:02}" for m in (minute - 40, minute + 200)]
        cls.window = [f"{m // 60:02}:{m % 60:02}" for m in (minute - 26, minute - 24)]

    def setUp(self):
        super().setUp()
        if self.early:
            self.skipTest("just after midnight")

    def way(self, *places):
        """Along the roads, and its length."""
        line, length = [], 0
        for a, b in zip(places, places[1:]):
            route = self.anna.get(f"/api/v1/route?from={a[0]},{a[1]}&to={b[0]},{b[1]}&profile=patrol").json["routes"][0]
            line += route["geometry"]["coordinates"]
            length += route["distance_m"]
        return line, length

    def bent(self):
        """Three places: the way over the second is much longer than the one from the first to the last."""
        for a, b, c in itertools.permutations(self.spots, 3):
            (_, over), (_, straight) = self.way(a, b, c), self.way(a, c)
            if over > 1.6 * straight and 150 < straight and over < 4000:
                return a, b, c
        return self.fail("no such places")

    def plant(self, unit, line, start_ms, end_ms):
        """A position each few seconds: along the line, evenly."""
        at, done, marks = [0.0], 0, []
        for a, b in zip(line, line[1:]):
            at.append(at[-1] + metres(a, b))
        for ms in range(start_ms, end_ms + 1, STEP_S * 1000):
            s = at[-1] * (ms - start_ms) / max(1, end_ms - start_ms)
            while done + 2 < len(at) and at[done + 1] < s:
                done += 1
            share = (s - at[done]) / max(1e-9, at[done + 1] - at[done]) if len(line) > 1 else 0
            a, b = line[done], line[min(done + 1, len(line) - 1)]
            marks.append((int(unit["id"][1:]), ms, round((a[0] + share * (b[0] - a[0])) * 1e7), round((a[1] + share * (b[1] - a[1])) * 1e7)))
        with databases.connect(os.path.join(self.server.site, "tracks.db")) as tracks:
            tracks.executemany("INSERT OR IGNORE INTO fix VALUES (?, ?, ?, ?, 900, 90, 0)", marks)

    def ms(self, stamp):
        return int(datetime.datetime.fromisoformat(stamp).timestamp() * 1000)

    def drive_all(self):
        """Units 0, 2 and 3 drive the line's own way at its time, unit 1 only from its first place to its last; then unit 0 goes on alone."""
        a, b, c = self.bent()
        names = [u["name"] for u in self.units]
        lines = [{"id": f"L{i}", "name": f"Line {i}", "path": [a, b, c], "windows": [self.window], "unit": names[i], "moves": "drive", "direction": "forward"} for i in (0, 1)]
        plan, rounds = self.adopted(lines=lines, points=[], checks=[])
        stops = {i: next(s for s in self.anna.get(f"{ROUNDS}/{rounds[names[i]]}").json["stops"] if s["id"] == f"L{i}") for i in (0, 1)}
        start, end = self.ms(stops[0]["start"]), self.ms(stops[0]["end"])
        far = max([*self.spots, *(u["position"] for u in self.units)], key=lambda p: min(metres(p, q) for q in (a, b, c)))
        whole, short, alone = self.way(a, b, c)[0], self.way(a, c)[0], self.way(c, far)[0]
        self.server.stop()
        for i in (0, 2, 3):
            self.plant(self.units[i], whole, start, end)
        self.plant(self.units[0], alone, end + 5000, end + 100_000)
        start, end = self.ms(stops[1]["start"]), self.ms(stops[1]["end"])
        self.plant(self.units[1], [a, a], start - 30 * 60_000, start)  # no gap in which it could have been there
        self.plant(self.units[1], short, start, end)
        self.plant(self.units[1], [c, c], end, end + 40 * 60_000)
        self.server.start()
        return plan, [rounds[n] for n in names], {i: stops[i]["stop"] for i in stops}, (a, b, c)

    def test_lines_are_proved_along_their_stretch_the_crew_sees_it_first_and_streets_want_three_crews(self):
        self.assertEqual(len(self.units), 4)
        plan, rounds, number, (a, b, c) = self.drive_all()

        def proof(who, i):
            reply = who.get(f"{ROUNDS}/{rounds[i]}/proof")
            self.assertEqual(reply.status, 200, reply.body)
            return {s["stop"]: s for s in reply.json["stops"]}[number[i]] if i in number else reply.json
        mine, his = proof(self.pia, 0), proof(self.otto, 1)
        self.assertEqual((mine["state"], mine["proof"]), ("done", "road"), mine)
        self.assertGreater(mine["driven"], 0.9)
        self.assertIn(his["state"], ("short", "missed"), his)
        self.assertLess(his["driven"] or 0, 0.8)
        self.refused(self.pia.get(f"{ROUNDS}/{rounds[1]}/proof"), 404)
        self.refused(self.paul.get(f"{ROUNDS}/{rounds[1]}/proof"), 403)
        # The leader: what is done at once, what is not when its crew has said why.
        self.assertEqual(proof(self.anna, 0)["state"], "done")
        held = proof(self.anna, 1)
        self.assertEqual((held["state"], held["proof"], held["enter"], held["driven"]), ("crew_first", None, None, None))
        self.taken(self.otto.post(f"{ROUNDS}/{rounds[1]}/reasons", {"stop": number[1], "reason": "road_blocked"}))
        self.assertEqual(proof(self.anna, 1)["state"], his["state"])
        figures = self.paul.get("/api/v1/patrol/adherence").json
        self.assertTrue(figures["told"])
        self.assertGreaterEqual(figures["done"], 1)
        self.assertGreaterEqual(figures["short"] + figures["missed"], 1, "the line that was cut short")

        # Where patrols were: the way over B was driven by three crews, the rest by fewer.
        def presence(query=""):
            return self.until(lambda: (lambda r: r if r["ready"] else None)(self.paul.get(f"/api/v1/patrol/presence?{query}").json), "no presence")
        told = presence()
        self.assertEqual((told["least_crews"], told["step_minutes"], told["left_off"]), (3, 5, 0))
        near_b = [s for s in told["streets"] if min(metres(p, b) for p in s["line"]["coordinates"]) < 200]
        self.assertTrue(near_b, "a street beside the second place")
        self.assertGreater(told["hidden"], 0, "where one crew was alone")
        self.assertTrue(all(s["unit_minutes"] % 5 == 0 for s in told["streets"]))
        self.assertNotRegex(json.dumps(told), '"U[0-9]|"unit"|' + "|".join(u["name"] for u in self.units))
        hour = int(self.window[0][:2])
        self.assertLessEqual(len(presence(f"hour={(hour + 5) % 24}")["streets"]), 0)
        self.assertTrue(presence(f"from={self.day}&to={self.day}")["streets"])
        self.assertEqual(presence("from=2020-01-01&to=2020-01-20")["streets"], [])
        self.refused(self.paul.get("/api/v1/patrol/presence?from=2020-01-01&to=2020-03-01"), 400, "presence_days", "from")
        self.refused(self.paul.get("/api/v1/patrol/presence?to=soon"), 400, "life_day", "to")
        self.refused(self.paul.get("/api/v1/patrol/presence?hour=24"), 400, None, "hour")
        self.refused(self.pia.get("/api/v1/patrol/presence"), 403)

        # The plan's lines, along the roads and along the patrol line's own path.
        lines = self.paul.get(f"{PLANS}/{plan}/lines").json
        self.assertEqual((lines["id"], lines["left_off"]), (plan, 0))
        of = {r["unit"]: r["line"]["coordinates"] for r in lines["lines"] if r["line"]}
        drawn = of[self.units[0]["name"]]
        self.assertLess(min(metres(p, b) for p in drawn), 60)
        self.assertLess(max(min(metres(p, q) for q in self.way(a, b, c)[0]) for p in self.way(a, b)[0]), 60)
        self.refused(self.pia.get(f"{PLANS}/{plan}/lines"), 403)
        self.refused(self.paul.get(f"{PLANS}/G999999/lines"), 404)


if __name__ == "__main__":
    unittest.main()
