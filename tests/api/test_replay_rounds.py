"""A replay with a duty plan, on a real server: units that have no order move along their rounds."""
import json
import os
import subprocess
import tempfile
import unittest

from server import PRECINCT, ApiTest, run
from test_replay import busy_morning, until


def plan_of(server):
    """The town's own duty problem, planned in a moment; the file's name."""
    name = os.path.join(server.folder, "plan.json")
    done = subprocess.run([PRECINCT, "patrol", "plan", server.site, "--problem", os.path.join(server.folder, "town", "duty.json"),
                           "--iterations", "200", "--out", name], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    return name


class Rounds(ApiTest):
    @classmethod
    def serve_options(cls):
        return ["--replay", busy_morning(cls.server), "--speed", "0", "--plan", plan_of(cls.server)]

    def where(self):
        return {p["unit"]: tuple(p["position"]) for p in self.anna.get("/api/v1/positions").json["positions"]}

    def test_units_without_an_order_move_along_their_rounds(self):
        with open(os.path.join(self.server.folder, "plan.json"), encoding="utf-8") as source:
            driving = {route["unit"] for route in json.load(source)["routes"] if route["stops"]}
        self.assertTrue(driving)
        self.assertEqual(self.anna.post("/api/v1/replay", {"speed": 60, "automatic": False}).status, 200)  # no orders but people's
        first = until(self.where)

        def moved():
            now, idle = self.where(), {u["id"]: u for u in self.anna.get("/api/v1/units?limit=1000").json["items"]}
            return [u for u in now if u in first and now[u] != first[u] and idle[u]["name"] in driving and not idle[u].get("order")
                    and idle[u]["status"] == "available"]
        unit = until(moved, 60)[0]
        self.assertEqual(self.anna.post("/api/v1/replay", {"speed": 0}).status, 200)
        named = {p["unit"]: p for p in self.anna.get("/api/v1/positions").json["positions"]}
        self.assertTrue(named[unit]["simulated"])


class NotDriven(unittest.TestCase):
    def test_a_plan_without_a_replay_or_of_other_units_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            run("town", "--seed", 4, "--people", 3000, f"{folder}/town")
            run("init", f"{folder}/site", "--map", f"{folder}/town/map.osm.pbf", "--units", f"{folder}/town/units.csv", "--drill")
            plan = os.path.join(folder, "plan.json")
            run("patrol", "plan", f"{folder}/site", "--problem", f"{folder}/town/duty.json", "--iterations", "50", "--out", plan)

            def refused(*options):
                done = subprocess.run([PRECINCT, "serve", f"{folder}/site", "--listen", "127.0.0.1:0", "--positions", "0", *options],
                                      capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                return done.stderr
            self.assertIn("--plan", refused("--plan", plan))
            with open(plan, encoding="utf-8") as source:
                text = source.read()
            with open(plan, "w", encoding="utf-8") as out:
                out.write(text.replace('"U1"', '"U99"'))
            self.assertIn("U99", refused("--replay", f"{folder}/town/calls.csv", "--plan", plan))


if __name__ == "__main__":
    unittest.main()
