"""precinct patrol check: visits proved or missed by positions from files, in both languages and as JSON; sums and presence only of three
crews and more; what is wrong with files is told by its line."""
import json
import os
import unittest

from support import CommandTest


def at(second):
    return f"2026-03-01T{8 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}+08:00"


def stop(kind, ident, start, end, a, b=None, n=1):
    return {"kind": kind, "id": ident, "n": n, "arrive": at(start), "start": at(start), "end": at(end), "from": a, "to": b or a, "travel_s": 10, "moves": "drive"}


GATE, CORNER, NORTH = [100.001, 30.0], [100.01, 30.0], [100.01, 30.008]


class PatrolCheck(CommandTest):
    def setUp(self):
        super().setUp()
        self.site = self.csv_site()

    def plan(self, units, stops=None):
        stops = stops or [stop("point", "P1", 0, 300, GATE), stop("line", "L1", 330, 430, GATE, NORTH), stop("point", "P2", 900, 1200, NORTH)]
        return self.write("plan.json", json.dumps({
            "format": "precinct-plan-1", "name": "Early", "date": "2026-03-01", "map_version": 1, "seed": 1, "feasible": True, "unmet": [],
            "cost": {"musts_left": 0, "response_s": None, "shoulds_left": 0, "spread": None, "travel_s": 0, "imbalance_s": None}, "bound": {"travel_s": None},
            "wall_s": 1, "iterations": 1,
            "routes": [{"unit": u, "moves": "drive", "start": GATE, "end": NORTH, "leave": at(0), "back": at(1500), "travel_s": 10, "stops": stops} for u in units]}))

    def track(self, until=1500, stays=True):
        """Stands at the gate for 330 s, drives to the corner and north (some 16 m/s), and stands there."""
        for s in range(0, until, 5):
            if s <= 330:
                yield at(s), *GATE
            elif s <= 390:
                yield at(s), GATE[0] + (s - 330) / 60 * (CORNER[0] - GATE[0]), 30.0
            elif s <= 450:
                yield at(s), 100.01, 30.0 + (s - 390) / 60 * 0.008
            elif stays:
                yield at(s), *NORTH

    def tracks(self, name="tracks.csv", **units):
        rows = [f"{u},{t},{lon:.7f},{lat:.7f},8" for u, points in units.items() for t, lon, lat in points]
        return self.write(name, "unit,time,lon,lat,accuracy_m\n" + "\n".join(rows) + "\n")

    def test_a_driven_plan_is_done_and_says_by_what(self):
        found = self.answer("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", self.tracks(N1=self.track()))
        self.assertEqual([(v["id"], v["proof"], v["must"]) for v in found["done"]], [("P1", "position", True), ("L1", "road", True), ("P2", "position", True)])
        self.assertEqual((found["missed"], found["late"], found["short"], found["unknown"], found["off_route"], found["gaps"]), ([], [], [], [], [], []))
        self.assertEqual(found["done"][0]["enter"], at(0))
        self.assertGreater(found["done"][1]["share"], 0.9)
        self.assertIsNone(found["crews_together"])  # of one crew nothing is summed up

    def test_what_was_left_out_is_missed_and_the_command_ends_with_one(self):
        tracks = self.tracks(N1=[(t, *GATE) for t, _, _ in self.track()])
        done = self.run_precinct("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", tracks, "--json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual([v["id"] for v in json.loads(done.stdout)["missed"]], ["L1", "P2"])
        self.assertIn("2 musts were missed", done.stderr)
        said = self.run_precinct("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", tracks)
        self.assertIn("missed   N1  P2 (1)  planned 08:15", said.stdout)
        self.assertIn("done     N1  P1 (1)  08:00-", said.stdout)
        chinese = self.run_precinct("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", tracks, "--lang", "zh")
        self.assertIn("漏巡  N1  P2（第 1 次）计划 08:15", chinese.stdout)

    def test_a_gap_is_unknown_and_no_miss(self):
        found = self.answer("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", self.tracks(N1=self.track(stays=False)))
        self.assertEqual([(v["id"], v["gap_until"]) for v in found["unknown"]], [("P2", at(1500))])
        self.assertEqual(found["missed"], [])
        self.assertEqual(len(found["gaps"]), 1)
        self.assertIn("no positions from 08:07 to 08:25", self.ok("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks",
                                                                self.tracks(N1=self.track(stays=False))).stdout)

    def test_a_tag_proves_where_positions_are_silent_and_a_code_is_doubted(self):
        signs = self.write("signs.csv", f"unit,time,place,proof\nN1,{at(950)},P2,tag\n")
        found = self.answer("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", self.tracks(N1=self.track(stays=False)), "--signs", signs)
        self.assertEqual([v["proof"] for v in found["done"] if v["id"] == "P2"], ["tag"])
        signs = self.write("signs.csv", f"unit,time,place,proof\nN1,{at(950)},P2,code\n")
        done = self.run_precinct("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", self.tracks(N1=[(t, *GATE) for t, _, _ in self.track()]),
                                 "--signs", signs)
        self.assertIn("a sign says done, positions say elsewhere", done.stdout)

    def test_a_problem_says_which_way_a_line_is_passed(self):
        problem = {"format": "precinct-duty-1", "name": "Early", "date": "2026-03-01", "from": "08:00", "to": "09:00",
                   "units": [{"id": "N1", "start": GATE, "end": NORTH}],
                   "lines": [{"id": "L1", "path": [GATE, CORNER, NORTH], "direction": "backward", "must": False}]}
        done = self.run_precinct("patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", self.tracks(N1=self.track()), "--problem",
                                 self.write("problem.json", json.dumps(problem)), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)  # missed, and no must
        self.assertEqual([(v["id"], v["must"]) for v in json.loads(done.stdout)["missed"]], [("L1", False)])

    def test_sums_and_presence_are_of_three_crews_or_none(self):
        two = self.answer("patrol", "check", self.site, "--plan", self.plan(["N1", "N2"]), "--tracks", self.tracks(N1=self.track(), N2=self.track()), "--presence")
        self.assertIsNone(two["crews_together"])
        self.assertIsNone(two["presence"])
        units = {f"N{i}": self.track() for i in (1, 2, 3)}
        three = self.answer("patrol", "check", self.site, "--plan", self.plan(list(units)), "--tracks", self.tracks(**units), "--presence")
        self.assertEqual(three["crews_together"], {"crews": 3, "done": 9, "late": 0, "short": 0, "missed": 0, "unknown": 0})
        self.assertEqual({row["name"] for row in three["presence"]}, {"东街", "北街"})
        self.assertAlmostEqual(sum(row["unit_s"] for row in three["presence"]), 3 * 1495, delta=60)
        self.assertEqual({row["hour"] for row in three["presence"]}, {"2026-03-01T08:00"})
        self.assertFalse(any("unit" in row for row in three["presence"]))

    def test_tracks_may_be_a_folder_of_files(self):
        os.mkdir(self.path("tracks"))
        self.write("tracks/N1.csv", "time,lon,lat\n" + "".join(f"{t},{lon:.7f},{lat:.7f}\n" for t, lon, lat in self.track()))
        self.write("tracks/N2.gpx", '<gpx version="1.1"><trk><trkseg>' + "".join(
            f'<trkpt lon="{lon:.7f}" lat="{lat:.7f}"><time>{t}</time></trkpt>\n' for t, lon, lat in self.track()) + "</trkseg></trk></gpx>")
        found = self.answer("patrol", "check", self.site, "--plan", self.plan(["N1", "N2"]), "--tracks", self.path("tracks"))
        self.assertEqual([v["unit"] for v in found["done"]], ["N1"] * 3 + ["N2"] * 3)
        os.mkdir(self.path("none"))
        self.refused(2, "UNIT.csv", "patrol", "check", self.site, "--plan", self.plan(["N1"]), "--tracks", self.path("none"))

    def test_faults_are_told_with_their_place(self):
        plan = self.plan(["N1"])
        for text, says in [("unit,time,lon\n", "column 'lat' is missing"), (f"unit,time,lon,lat\nN1,{at(0)},100,30\nN1,soon,100,30\n", ":3:"),
                           (f"unit,time,lon,lat,accuracy_m\nN1,{at(0)},100,30,far\n", ":2:")]:
            self.refused(2, says, "patrol", "check", self.site, "--plan", plan, "--tracks", self.write("bad.csv", text))
        good = self.tracks(N1=self.track())
        self.refused(2, "tag, code", "patrol", "check", self.site, "--plan", plan, "--tracks", good, "--signs", self.write("s.csv", f"unit,time,place,proof\nN1,{at(0)},P1,oath\n"))
        self.refused(2, "x.json", "patrol", "check", self.site, "--plan", self.write("x.json", "{}"), "--tracks", good)


if __name__ == "__main__":
    unittest.main()
