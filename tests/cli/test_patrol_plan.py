"""precinct patrol plan: duty problems from files to duty plans."""
import json
import os
import re
import unittest

from support import CommandTest


class PatrolPlan(CommandTest):
    """On the block of csv_site: 1 ─ 2 ─ 3, one-way 3 → 1 (1,500 m), an island 4 ─ 5."""

    def problem(self, **members):
        problem = {"format": "precinct-duty-1", "name": "Day", "date": "2026-11-23", "from": "08:00", "to": "12:00",
                   "units": [{"id": "N1", "start": [100.0, 30.0], "crew": ["E. Lin"]}],
                   "points": [{"id": "P1", "name": "北街口", "at": [100.01, 30.01], "visits": 2, "gap_minutes": 60}],
                   "lines": [{"id": "L1", "path": [[100.0, 30.0], [100.01, 30.0]], "direction": "both", "passes": 2}]}
        problem.update(members)
        return self.write("duty.json", json.dumps({k: v for k, v in problem.items() if v is not None}))

    def plan(self, *options, **members):
        return self.answer("patrol", "plan", self.csv_site(), "--problem", self.problem(**members), "--iterations", 2000, *options)

    def test_plan_has_each_visit_with_its_time(self):
        plan = self.plan()
        self.assertTrue(plan["feasible"])
        self.assertEqual(plan["unmet"], [])
        stops = plan["routes"][0]["stops"]
        self.assertEqual(sorted((s["id"], s["n"]) for s in stops), [("L1", 1), ("L1", 2), ("P1", 1), ("P1", 2)])
        self.assertTrue(all(s["arrive"].endswith("+08:00") and "08:00" <= s["start"][11:16] <= "12:00" for s in stops))
        self.assertLessEqual(plan["bound"]["travel_s"], plan["cost"]["travel_s"])
        self.assertAlmostEqual(plan["routes"][0]["travel_s"], plan["cost"]["travel_s"], delta=0.1)
        self.assertEqual(plan["map_version"], 1)

    def test_plan_repeats_for_the_same_seed_and_iterations(self):
        site, problem = self.csv_site(), self.problem()
        plans = [self.answer("patrol", "plan", site, "--problem", problem, "--iterations", 500, "--seed", 8) for _ in range(2)]
        for plan in plans:
            del plan["wall_s"], plan["first_s"]
        self.assertEqual(*plans)

    def test_plan_that_leaves_musts_out_says_which_and_why(self):
        site = self.csv_site()
        problem = self.problem(points=[{"id": "far", "at": [10.0, 50.0]}, {"id": "P1", "at": [100.01, 30.0]}], lines=None)
        out = self.path("plan.json")
        done = self.run_precinct("patrol", "plan", site, "--problem", problem, "--iterations", 100, "--out", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("far (visit 1): it lies too far from any road", done.stdout)
        self.assertIn("1 musts are left out", done.stderr)
        with open(out, encoding="utf-8") as file:
            plan = json.load(file)
        self.assertFalse(plan["feasible"])
        self.assertEqual([(u["id"], u["reason"]) for u in plan["unmet"]], [("far", "off_network")])
        self.assertEqual([s["id"] for s in plan["routes"][0]["stops"]], ["P1"])
        done = self.run_precinct("patrol", "plan", site, "--problem", problem, "--iterations", 100, "--lang", "zh")
        self.assertIn("距道路过远", done.stdout)

    def test_visits_that_do_not_fit_into_their_own_hours_say_so(self):
        point = {"id": "P1", "at": [100.01, 30.0], "visits": 3, "gap_minutes": 90, "windows": [["09:00", "10:00"]]}
        site, problem = self.csv_site(), self.problem(points=[point], lines=None)
        out = self.path("plan.json")
        done = self.run_precinct("patrol", "plan", site, "--problem", problem, "--iterations", 500, "--out", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("its own visits do not fit into its hours with the gap between them", done.stdout)
        with open(out, encoding="utf-8") as file:
            unmet = json.load(file)["unmet"]
        self.assertEqual([(u["id"], u["reason"], u["with"]) for u in unmet], [("P1", "time", ["P1"])] * 2)

    def test_should_that_must_begin_on_the_minute_has_it(self):
        """Musts that could as well be earlier or later stand there in every order that puts musts first."""
        town, site = self.path("town"), self.path("site")
        self.ok("town", "--seed", 4, "--people", 60000, town)
        self.ok("init", site, "--map", os.path.join(town, "map.osm.pbf"), "--units", os.path.join(town, "units.csv"))
        plan = self.answer("patrol", "plan", site, "--problem", os.path.join(town, "duty.json"), "--iterations", 6000)
        self.assertEqual(plan["unmet"], [])

    def test_plan_is_drawn_by_its_seed_from_near_best_ones(self):
        site, problem = self.csv_site(), self.problem(points=[{"id": f"P{i}", "at": [100.01, 30.0 + i / 1000], "visits": 2}
                                                              for i in range(6)])
        def starts(*options):
            plan = self.answer("patrol", "plan", site, "--problem", problem, "--iterations", 500, *options)
            self.assertTrue(plan["feasible"])
            return plan, [(s["id"], s["n"], s["start"]) for s in plan["routes"][0]["stops"]]
        best, plain = starts()
        self.assertIsNone(best["entropy_bits"])
        drawn = [starts("--vary", 3, "--seed", seed) for seed in (1, 2, 1)]
        self.assertEqual(drawn[0][1], drawn[2][1])
        self.assertNotEqual(drawn[0][1], drawn[1][1])
        self.assertGreater(drawn[0][0]["entropy_bits"], 0.5)
        for plan, _ in drawn:
            self.assertLessEqual(plan["cost"]["travel_s"], best["cost"]["travel_s"] * 1.035)

    def test_plan_draws_the_line_that_is_driven(self):
        route = self.plan("--geometry", lines=None)["routes"][0]
        self.assertEqual(route["geometry"][0], route["start"])
        self.assertEqual(route["geometry"][-1], route["end"])
        self.assertIn([100.01, 30.0], [[round(x, 5) for x in p] for p in route["geometry"]])  # out over node 2, back by the one-way

    def test_problem_of_the_reference_page_is_read(self):
        page = os.path.join(os.path.dirname(__file__), "../../docs/reference/duty-plan.md")
        with open(page, encoding="utf-8") as file:
            text = re.search(r"```json\n(.*?)```", file.read(), re.S).group(1)
        self.refused(1, "a post of unit N1", "patrol", "plan", self.csv_site(), "--problem", self.write("page.json", text))
        misspelt = text.replace('"gap_minutes"', '"gap_minuts"')
        self.refused(2, ["gap_minuts", "look at its spelling"], "patrol", "plan", self.path("site"), "--problem",
                     self.write("page.json", misspelt))

    def test_folder_of_problems_is_planned_each_to_its_own_file(self):
        site = self.csv_site()
        for folder in ("problems", "plans"):
            os.mkdir(self.path(folder))
        for name, points in (("b", [{"id": "P1", "at": [100.01, 30.0]}]), ("a", [{"id": "far", "at": [10.0, 50.0]}])):
            os.rename(self.problem(name=name, points=points, lines=None), self.path(f"problems/{name}.json"))
        options = ("patrol", "plan", site, "--problem", self.path("problems"), "--iterations", 100)
        self.refused(2, ["is a folder", "--out"], *options)
        done = self.run_precinct(*options, "--out", self.path("plans"), "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual([(p["file"], p["feasible"], p["musts_left"]) for p in json.loads(done.stdout)["plans"]],
                         [("a.json", False, 1), ("b.json", True, 0)])
        with open(self.path("plans/b.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["name"], "b")
        self.assertIn("far (visit 1)", self.run_precinct(*options, "--out", self.path("plans")).stdout)

    def test_plan_refuses_what_it_cannot_read(self):
        site = self.csv_site()
        for text, says in [("{", "not valid JSON"), ("{}", "precinct-duty-1")]:
            self.refused(2, says, "patrol", "plan", site, "--problem", self.write("bad.json", text))
        self.refused(2, ["'points[0].kind'", "no dwelling"], "patrol", "plan", site, "--problem",
                     self.problem(points=[{"id": "P1", "at": [100.0, 30.0], "kind": "house"}]))
        self.refused(1, ["a post of unit N1", "250 m"], "patrol", "plan", site, "--problem",
                     self.problem(units=[{"id": "N1", "start": [10.0, 50.0]}]))
        self.refused(2, "absent.json", "patrol", "plan", site, "--problem", self.path("absent.json"))


if __name__ == "__main__":
    unittest.main()
