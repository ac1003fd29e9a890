"""precinct simulate --plan: rounds driven between calls on the small grid of test_simulate, from the duty problem to the figures; and, where the
data is there, the San Francisco week."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import test_simulate as world

DATA = pathlib.Path(os.environ.get("PRECINCT_DATA", "../shared/data"))
TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "patrol-week"


def duty(date="2026-03-02"):
    """Two units all day; a point of two visits, a line, a premises; nothing near a call."""
    halves = [["08:00", "14:00"], ["14:00", "22:00"]]
    return {"format": "precinct-duty-1", "name": "Grid", "date": date, "from": "08:00", "to": "24:00",
            "units": [{"id": f"U{i}", "start": [113.005 + i * 0.02, 23.01]} for i in range(2)],
            "points": [{"id": "P1", "at": [113.010, 23.018], "visits": 2, "gap_minutes": 60, "windows": halves, "minutes": 10}],
            "lines": [{"id": "L1", "path": [[113.0, 23.0], [113.01, 23.0]], "windows": [["09:00", "20:00"]]}],
            "premises": [{"id": "F1", "kind": "industry", "at": [113.03, 23.02], "minutes": 20, "last_seen": "2026-01-01"}]}


class Rounds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        world.Simulate.setUpClass.__func__(cls)
        rows = world.calls(200)  # 40 hours
        cls.calls = cls.write("fewer.csv", rows[:1] + rows[1::3])
        (cls.folder / "duty.json").write_text(json.dumps(duty()))
        (cls.folder / "plans").mkdir()
        for seed in (1, 2):
            made = world.run("patrol", "plan", cls.site, "--problem", cls.folder / "duty.json", "--iterations", 2000, "--seed", seed, "--out",
                             cls.folder / "plans" / f"{seed}.json")
            assert made.returncode == 0, made.stderr
        cls.plan = cls.folder / "plans" / "1.json"

    write = classmethod(world.Simulate.write.__func__)

    @classmethod
    def tearDownClass(cls):
        cls.folder_object.cleanup()

    def simulate(self, *arguments, code=0):
        done = world.run("simulate", self.site, "--calls", self.calls, *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def answer(self, *arguments):
        return json.loads(self.simulate(*arguments, "--json"))

    def test_visits_are_counted_beside_the_same_week_at_posts(self):
        posts = self.answer()
        self.assertNotIn("rounds", posts)
        answer = self.answer("--plan", self.plan, "--problem", self.folder / "duty.json")
        rounds = answer["rounds"]
        self.assertEqual((rounds["plans"], rounds["days"]), (1, 1))
        self.assertEqual(rounds["musts"]["wanted"], 3)
        self.assertEqual(rounds["musts"]["done"] + rounds["musts"]["lost"], 3)
        self.assertEqual(rounds["musts"]["done"], 3)
        self.assertEqual(rounds["by_kind"]["premises"]["wanted"], 1)
        self.assertEqual(answer["compared"]["digest"], posts["digest"])
        self.assertNotEqual(answer["digest"], posts["digest"])
        self.assertAlmostEqual(rounds["response_ratio"]["mean"],
                               answer["response_s"]["mean"] / answer["compared"]["response_s"]["mean"], places=3)
        self.assertEqual(answer["served"] + answer["waiting"] + answer["referred"] + answer["rejected"], 67)

    def test_same_seed_gives_the_same_rounds(self):
        first, again = (self.answer("--plan", self.folder / "plans", "--daily", "--seed", 3) for _ in range(2))
        self.assertEqual(first["digest"], again["digest"])
        self.assertEqual(first["rounds"], again["rounds"])

    def test_daily_follows_plans_on_every_day_and_tells_their_entropy(self):
        one = self.answer("--plan", self.plan, "--daily")["rounds"]
        drawn = self.answer("--plan", self.folder / "plans", "--daily", "--replications", 3)["rounds"]
        twice = self.answer("--plan", self.plan, "--plan", self.plan, "--daily")["rounds"]
        self.assertEqual((one["plans"], one["days"]), (1, 2))
        self.assertEqual((drawn["plans"], twice["plans"]), (2, 2))
        self.assertEqual(one["entropy"]["bits"], one["entropy"]["one_plan_bits"])
        self.assertEqual(twice["entropy"]["bits"], one["entropy"]["bits"])  # the same plan twice tells nothing new
        self.assertEqual(one["entropy"]["ids"], 2)
        self.assertGreater(drawn["musts"]["wanted"], one["musts"]["wanted"])

    def test_both_languages_say_what_was_driven(self):
        said = self.simulate("--plan", self.plan)
        self.assertRegex(said, r"Must-visits: \d of 3 done \(\d+(\.\d)? %\)")
        self.assertRegex(said, r"with rounds, [\d.]+ s standing at posts: ratio [\d.]+")
        self.assertIn("必巡：应到 3 次", self.simulate("--plan", self.plan, "--lang", "zh"))

    def test_what_does_not_fit_is_refused_by_name(self):
        other = self.folder / "other.json"
        other.write_text(self.plan.read_text().replace("2026-03-02", "2026-05-05"))
        self.assertIn("2026-05-05", self.simulate("--plan", other, code=2))
        other.write_text(self.plan.read_text().replace('"U1"', '"U77"'))
        self.assertIn("U77", self.simulate("--plan", other, code=2))
        self.assertIn("--compare", self.simulate("--plan", self.plan, "--compare", "nearest", code=2))
        self.assertIn("--daily", self.simulate("--daily", code=2))
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertIn(str(empty), self.simulate("--plan", empty, code=2))
        other.write_text("[]")
        self.assertIn("other.json", self.simulate("--plan", other, code=2))
        self.assertIn("absent.json", self.simulate("--plan", self.folder / "absent.json", code=2))


@unittest.skipUnless((DATA / "sf" / "calls_week.csv").exists(), "set PRECINCT_DATA to run on real data")
class RealWeek(unittest.TestCase):
    def test_rounds_do_their_visits_and_cover_as_well_as_posts(self):
        done = subprocess.run([sys.executable, "-B", TOOL, world.PRECINCT, "--iterations", "1500", "--plans", "2", "--replications", "1"],
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.strip().splitlines()
        self.assertEqual(len(lines), 2)
        for line in lines:
            ratio, share = re.search(r"ratio ([\d.]+) .*\(([\d.]+) %\)", line).groups()
            self.assertLessEqual(float(ratio), 1.05, line)
            self.assertGreaterEqual(float(share), 95.0, line)


if __name__ == "__main__":
    unittest.main()
