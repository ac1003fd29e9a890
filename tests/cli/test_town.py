"""precinct town: what it writes, what osmium says of it, and what it refuses."""
import csv
import datetime
import filecmp
import json
import os
import subprocess
import tempfile
import unittest

PRECINCT = os.environ["PRECINCT"]
FILES = ["areas.geojson", "calls.csv", "duty.json", "map.osm.pbf", "places.geojson", "stations.geojson", "units.csv"]
CAPABILITIES = {"patrol", "traffic", "armed", "medical", "rescue", "boat", "dog", "drone", "hazmat", "negotiator"}


def run(*arguments):
    return subprocess.run([PRECINCT, *arguments], capture_output=True, text=True, check=False)


class Town(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "town")
        done = run("town", "--seed", "1", "--people", "60000", cls.path, "--json")
        assert done.returncode == 0, done.stderr
        cls.answer = json.loads(done.stdout)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def file(self, name):
        return os.path.join(self.path, name)

    def rows(self, name):
        with open(self.file(name), encoding="utf-8", newline="") as source:
            return list(csv.DictReader(source))

    def features(self, name):
        with open(self.file(name), encoding="utf-8") as source:
            return json.load(source)["features"]

    def test_all_files_are_written_and_counted(self):
        self.assertEqual(sorted(os.listdir(self.path)), FILES)
        self.assertAlmostEqual(self.answer["nodes"], 5000, delta=500)
        self.assertEqual(self.answer["calls"], len(self.rows("calls.csv")))
        self.assertEqual(self.answer["areas"], len(self.features("areas.geojson")))
        self.assertEqual(self.answer["places"], len(self.features("places.geojson")))

    def test_osmium_reads_the_map_and_misses_nothing(self):
        info = subprocess.run(["osmium", "fileinfo", "-e", "--json", self.file("map.osm.pbf")], capture_output=True,
                              text=True, check=True)
        data = json.loads(info.stdout)["data"]
        self.assertTrue(data["objects_ordered"])
        self.assertFalse(data["multiple_versions"])
        self.assertGreater(data["count"]["relations"], 10)
        refs = subprocess.run(["osmium", "check-refs", "-r", self.file("map.osm.pbf")], capture_output=True, text=True,
                              check=False)
        self.assertEqual(refs.returncode, 0, refs.stderr)

    def test_the_map_has_what_a_town_has(self):
        text = subprocess.run(["osmium", "cat", "-f", "opl", self.file("map.osm.pbf")], capture_output=True, text=True,
                              check=True).stdout
        for wanted in ("junction=roundabout", "bridge=yes", "oneway=yes", "natural=water", "leisure=park", "highway=motorway",
                       "highway=motorway_link", "addr:housenumber=", "name:en=", "restriction=no_left_turn",
                       "restriction=no_u_turn", "restriction=only_straight_on", "amenity=police"):
            self.assertIn(wanted, text)

    def test_init_takes_every_file_of_the_town(self):
        site = os.path.join(self.folder.name, "site")
        done = run("init", site, "--map", self.file("map.osm.pbf"), "--areas", self.file("areas.geojson"), "--stations",
                   self.file("stations.geojson"), "--places", self.file("places.geojson"), "--units",
                   self.file("units.csv"), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        made = json.loads(done.stdout)
        self.assertEqual(made["nodes"], self.answer["nodes"])
        self.assertEqual(made["segments"], self.answer["segments"])
        self.assertEqual(made["dropped"], [])

    def test_units_of_the_duty_problem_can_do_all_that_must_be_done(self):
        site, plan = (os.path.join(self.folder.name, name) for name in ("duty_site", "plan.json"))
        made = run("init", site, "--map", self.file("map.osm.pbf"), "--units", self.file("units.csv"))
        self.assertEqual(made.returncode, 0, made.stderr)
        done = run("patrol", "plan", site, "--problem", self.file("duty.json"), "--iterations", "300", "--out", plan, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual((found["feasible"], found["date"]), (True, "2026-06-01"))
        self.assertEqual([u for u in found["unmet"] if u["reason"] != "time"], [])  # all on the map, in reach, in their windows
        driven = run("simulate", site, "--calls", self.file("calls.csv"), "--plan", plan, "--problem", self.file("duty.json"), "--daily", "--json")
        self.assertEqual(driven.returncode, 0, driven.stderr)
        rounds = json.loads(driven.stdout)["rounds"]
        self.assertEqual(rounds["days"], 7)
        self.assertGreater(rounds["musts"]["share"], 0.9)

    def test_two_runs_are_equal_and_another_seed_differs(self):
        again, other = (os.path.join(self.folder.name, name) for name in ("again", "other"))
        self.assertEqual(run("town", "--seed", "1", "--people", "60000", again).returncode, 0)
        self.assertEqual(run("town", "--seed", "2", "--people", "60000", other).returncode, 0)
        self.assertEqual(filecmp.cmpfiles(self.path, again, FILES, shallow=False)[0], FILES)
        self.assertEqual(filecmp.cmpfiles(self.path, other, FILES, shallow=False)[0], [])

    def test_units_stand_at_stations_and_have_known_capabilities(self):
        stations = {f["properties"]["id"] for f in self.features("stations.geojson")}
        units = self.rows("units.csv")
        self.assertGreaterEqual(len(units), 4)
        held = set()
        for unit in units:
            self.assertIn(unit["station"], stations)
            held |= set(unit["capabilities"].split(";"))
        self.assertEqual(held, CAPABILITIES)

    def test_calls_are_a_week_from_monday_in_order(self):
        times = [datetime.datetime.fromisoformat(row["time_local"]) for row in self.rows("calls.csv")]
        self.assertEqual(times, sorted(times))
        self.assertGreaterEqual(times[0], datetime.datetime(2026, 6, 1))
        self.assertLess(times[-1], datetime.datetime(2026, 6, 8))

    def test_calls_cover_as_many_days_as_asked_for(self):
        path = os.path.join(self.folder.name, "month")
        self.assertEqual(run("town", "--seed", "1", "--people", "60000", "--days", "30", path).returncode, 0)
        with open(os.path.join(path, "calls.csv"), encoding="utf-8", newline="") as source:
            days = {row["time_local"][:10] for row in csv.DictReader(source)}
        self.assertEqual((min(days), max(days), len(days)), ("2026-06-01", "2026-06-30", 30))
        self.assertTrue(filecmp.cmp(os.path.join(path, "map.osm.pbf"), self.file("map.osm.pbf"), shallow=False))
        self.assertNotEqual(run("town", "--people", "60000", "--days", "0", path).returncode, 0)

    def test_calls_have_types_of_the_code_table_and_no_further_columns(self):
        with open("definitions/codes/incident_types.csv", encoding="utf-8", newline="") as source:
            known = {row[0] for row in csv.reader(source)}
        rows = self.rows("calls.csv")
        self.assertLessEqual({row["type"] for row in rows}, known)
        self.assertEqual(list(rows[0]), ["call_id", "time_local", "type", "priority", "lon", "lat", "address"])

    def test_places_are_of_every_kind_and_the_store_stands_outside(self):
        kinds = {f["properties"]["kind"] for f in self.features("places.geojson")}
        for kind in ("school", "kindergarten", "fuel", "market", "hospital", "clinic", "bank", "bus_station", "hotel",
                     "explosives_store", "quarry", "government", "residential_estate", "nightlife"):
            self.assertIn(kind, kinds)
        ids = [f["properties"]["id"] for f in self.features("places.geojson")]
        self.assertEqual(len(ids), len(set(ids)))

    def test_a_folder_in_use_is_refused_and_left_as_it_is(self):
        taken = os.path.join(self.folder.name, "taken")
        os.mkdir(taken)
        with open(os.path.join(taken, "mine.txt"), "w", encoding="utf-8") as mine:
            mine.write("mine")
        done = run("town", "--nodes", "300", taken)
        self.assertEqual(done.returncode, 3)
        self.assertIn("taken", done.stderr)
        self.assertEqual(os.listdir(taken), ["mine.txt"])

    def test_misuse_is_told(self):
        target = os.path.join(self.folder.name, "none")
        for arguments, fragment in ((["--nodes", "300", "--people", "60000"], "once"), ([], "once"),
                                    (["--nodes", "7"], "7"), (["--nodes", "many"], "many"),
                                    (["--people", "99999999"], "99999999")):
            done = run("town", *arguments, target)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(fragment, done.stderr)
            self.assertFalse(os.path.exists(target))

    def test_a_bad_demand_table_leaves_nothing_behind(self):
        target, table = (os.path.join(self.folder.name, name) for name in ("none", "demand.csv"))
        with open(table, "w", encoding="utf-8") as out:
            out.write("type,hours\n")
        done = run("town", "--nodes", "300", "--demand", table, target)
        self.assertEqual(done.returncode, 2)
        self.assertIn("per_week_per_1000", done.stderr)
        self.assertEqual([name for name in os.listdir(self.folder.name) if name.startswith("none")], [])


if __name__ == "__main__":
    unittest.main()
