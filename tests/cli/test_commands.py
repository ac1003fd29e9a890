"""The contract of the command line: answers, refusals, exit codes, languages."""
import json
import os
import subprocess
import unittest

from support import PRECINCT, CommandTest


class Commands(CommandTest):
    def commands(self):
        lines = self.ok("help").stdout.split("\n\n")[1].splitlines()
        return [line[2:16].strip() for line in lines]

    def test_help_lists_every_command_and_each_has_help_in_both_languages(self):
        self.assertIn("init", self.commands())
        for command in self.commands():
            english = self.ok("help", *command.split()).stdout
            chinese = self.ok("help", *command.split(), env={"LC_ALL": "zh_CN.UTF-8"}).stdout
            self.assertTrue(english.startswith(f"precinct {command} "))
            self.assertNotEqual(english, chinese)
            self.assertTrue(any("一" <= ch <= "鿿" for ch in chinese))
            self.assertEqual(self.ok(*command.split(), "--help").stdout, english)

    def test_misuse_is_refused_with_what_was_expected(self):
        site = self.csv_site()
        for says, arguments in [
                ("there is no command 'fly'", ["fly"]),
                ("'route' has no option --form", ["route", site, "--form", "1,2"]),
                ("'route' needs --to LON,LAT", ["route", site, "--from", "100,30"]),
                ("option --from needs a value", ["route", site, "--to", "1,2", "--from"]),
                ("option --to is given twice", ["route", site, "--to", "1,2", "--to", "1,2"]),
                ("'route' needs: SITE", ["route", "--from", "1,2", "--to", "1,2"]),
                ("'b' is one argument too many", ["map", "info", site, "b"]),
                ("option --from: lon,lat was expected, 'here' was found", ["route", site, "--from", "here", "--to", "1,2"]),
                ("option --pairs: a number from 0 to", ["map", "check", site, "--pairs", "-1"]),
                ("option --lang: en or zh was expected", ["map", "info", site, "--lang", "fr"]),
                ("is not a site", ["map", "info", self.path("nowhere")]),
        ]:
            with self.subTest(says):
                self.refused(2, says, *arguments)

    def test_errors_speak_chinese(self):
        self.refused(2, "没有命令“飞”", "飞", env={"LC_ALL": "zh_CN.UTF-8"})

    def test_a_route_has_duration_distance_steps_and_geometry(self):
        site = self.csv_site()
        route = self.answer("route", site, "--from", "100.0,30.0", "--to", "100.01,30.01")
        self.assertAlmostEqual(route["distance_m"], 2100, delta=2)
        self.assertAlmostEqual(route["duration_s"], 1000 * 3.6 / 65 + 1100 * 3.6 / 35, delta=0.5)
        self.assertEqual([step["maneuver"] for step in route["steps"]], ["depart", "left", "arrive"])
        self.assertEqual([step["name"] for step in route["steps"]], ["东街", "北街", "北街"])
        self.assertEqual(route["steps"][1]["instruction"], "Turn left into 北街")
        self.assertEqual(route["geometry"]["type"], "LineString")
        self.assertEqual(len(route["geometry"]["coordinates"]), 3)
        text = self.ok("route", site, "--from", "100.0,30.0", "--to", "100.01,30.01", "--lang", "zh").stdout
        self.assertIn("左转进入北街", text)

    def test_a_one_way_is_kept(self):
        site = self.csv_site()
        back = self.answer("route", site, "--from", "100.01,30.01", "--to", "100.0,30.0")
        self.assertAlmostEqual(back["distance_m"], 1500, delta=2)

    def test_an_unreachable_route_is_an_answer_and_says_no(self):
        site = self.csv_site()
        done = self.run_precinct("route", site, "--from", "100.0,30.0", "--to", "100.505,30.5", "--json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout), {"duration_s": None})
        self.assertIn("no way leads there", done.stderr)

    def test_a_position_off_the_map_is_bad_input(self):
        self.refused(2, "farther than 2000 m", "route", self.csv_site(), "--from", "0,0", "--to", "100.0,30.0")

    def test_matrix_by_id_by_position_and_by_oracle_agree_and_unreachable_is_null(self):
        site = self.csv_site()
        by_id = self.write("id.csv", "id\n1\n2\n3\n4\n")
        by_position = self.write("p.csv", "name,lat,lon\na,30.00,100.00\nb,30.00,100.01\nc,30.01,100.01\nd,30.5,100.5\n")
        first = self.answer("matrix", site, "--sources", by_id, "--targets", by_id)["durations_s"]
        second = self.answer("matrix", site, "--sources", by_position, "--targets", by_id)["durations_s"]
        oracle = self.answer("matrix", site, "--sources", by_id, "--targets", by_id, "--oracle")["durations_s"]
        self.assertEqual(first, oracle)
        self.assertEqual(first, second)
        self.assertIsNone(first[0][3])
        self.assertEqual(first[0][0], 0)
        fast = self.answer("matrix", site, "--sources", by_id, "--targets", by_id, "--speed-kmh", 36)["durations_s"]
        self.assertEqual(fast[0][1], 100)

    def test_matrix_names_bad_rows(self):
        site = self.csv_site()
        good = self.write("good.csv", "id\n1\n")
        for says, text in [("bad.csv:3: column 'id': the id of a node", "id\n1\n99\n"),
                           ("bad.csv:2: column 'lon'", "lon,lat\nx,30\n"),
                           ("bad.csv:2: column 'lon': a position on the map", "lon,lat\n0,0\n"),
                           ("bad.csv: column 'id' is missing", "name\nx\n")]:
            with self.subTest(says):
                self.refused(2, says, "matrix", site, "--sources", self.write("bad.csv", text), "--targets", good)

    def test_nearest_ranks_units_by_travel_time(self):
        site = self.csv_site()
        units = self.write("units.csv", "unit,lon,lat\nfar,100.01,30.01\nnear,100.009,30.0\nisland,100.505,30.5\n")
        found = self.answer("nearest", site, "--to", "100.01,30.0", "--units", units, "-k", 5)["units"]
        self.assertEqual([unit["unit"] for unit in found], ["near", "far"])
        self.assertLess(found[0]["duration_s"], found[1]["duration_s"])

    def test_speeds_are_the_sites_own_table(self):
        site = self.csv_site()
        before = self.answer("route", site, "--from", "100.0,30.0", "--to", "100.01,30.0")["duration_s"]
        table = os.path.join(site, "definitions/speeds.csv")
        with open(table, encoding="utf-8") as f:
            text = f.read()
        with open(table, "w", encoding="utf-8") as f:
            f.write(text.replace("primary,65", "primary,32.5"))
        after = self.answer("route", site, "--from", "100.0,30.0", "--to", "100.01,30.0")["duration_s"]
        self.assertAlmostEqual(after, 2 * before, delta=0.01)
        with open(table, "w", encoding="utf-8") as f:
            f.write(text.replace("primary,65", "primary,fast"))
        self.refused(2, "speeds.csv:6: column 'response_kmh': a number from 1 to 300 was expected, 'fast' was found",
                     "map", "info", site)

    def test_output_that_cannot_be_written_is_an_environment_fault(self):
        site = self.csv_site()
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = self.run_precinct("map", "info", site, stdout=full)
        self.assertEqual(done.returncode, 3)
        self.assertIn("could not be written", done.stderr)

    def test_version_is_the_one_in_its_file(self):
        with open(os.path.join(os.path.dirname(__file__), "../../VERSION"), encoding="utf-8") as f:
            self.assertEqual(self.ok("--version").stdout, f"precinct {f.read().strip()}\n")


class Init(CommandTest):
    def files(self):
        return ["--nodes", self.write("n.csv", "id,lon,lat\n1,100,30\n2,100.01,30\n"), "--edges",
                self.write("e.csv", "from,to\n1,2\n")]

    def left_nothing(self):
        self.assertFalse(os.path.exists(self.path("site")))
        self.assertFalse([name for name in os.listdir(self.folder) if name.startswith("site")])

    def test_bad_input_leaves_nothing(self):
        pbf = self.write("map.osm.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader")
        text = self.write("text.osm.pbf", "<osm/>")
        areas = self.write("a.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature"}]}')
        for code, says, arguments in [
                (2, "either --map", []),
                (2, "either --map", ["--map", pbf, *self.files()]),
                (2, "there is no such file", ["--map", self.path("none.pbf")]),
                (2, "map.osm.pbf", ["--map", pbf]),
                (2, "text.osm.pbf", ["--map", text]),
                (2, "time zone 'Mars/Base' is not known", [*self.files(), "--tz", "Mars/Base"]),
                (2, "time zone '../../etc/passwd' is not known", [*self.files(), "--tz", "../../etc/passwd"]),
                (2, "a.geojson", [*self.files(), "--areas", areas]),
                (2, "u.csv", [*self.files(), "--units", self.write("u.csv", "unit,station\nx,y\n")]),
        ]:
            with self.subTest(says):
                self.refused(code, says, "init", self.path("site"), *arguments)
                self.left_nothing()

    def test_a_folder_in_use_is_refused_and_left_alone(self):
        os.mkdir(self.path("site"))
        held = self.write("site/held.txt", "mine")
        self.refused(3, "is in use", "init", self.path("site"), *self.files())
        self.assertEqual(os.listdir(self.path("site")), ["held.txt"])
        os.remove(held)
        self.ok("init", self.path("site"), *self.files())

    def test_a_full_disk_is_an_environment_fault_and_leaves_nothing(self):
        for limit in (10, 1000, 3000):
            self.refused(3, "cannot be written", "init", self.path("site"), *self.files(), file_limit=limit)
            self.left_nothing()

    def test_a_killed_init_leaves_no_site_and_the_next_one_works(self):
        for _ in range(5):
            process = subprocess.Popen([PRECINCT, "init", self.path("site"), *self.files()], stdout=subprocess.DEVNULL)
            process.kill()
            process.wait()
            if os.path.exists(self.path("site")):
                self.ok("map", "check", self.path("site"))
                return
        self.ok("init", self.path("site"), *self.files())
        self.assertFalse(os.path.exists(self.path("site.new")))

    def test_a_damaged_index_is_told_by_check_and_refused_by_others(self):
        self.ok("init", self.path("site"), *self.files())
        index = self.path("site/map/road.index")
        with open(index, "r+b") as f:
            middle = os.path.getsize(index) // 2
            f.seek(middle)
            byte = f.read(1)
            f.seek(middle)
            f.write(bytes([byte[0] ^ 4]))
        done = self.run_precinct("map", "check", self.path("site"), "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (1, {"sound": False}))
        self.assertIn("damaged at", done.stderr)
        self.refused(2, "damaged at", "map", "info", self.path("site"))

    def test_two_inits_of_one_map_give_the_same_index(self):
        for name in ("one", "two"):
            self.ok("init", self.path(name), *self.files())
        with open(self.path("one/map/road.index"), "rb") as a, open(self.path("two/map/road.index"), "rb") as b:
            self.assertEqual(a.read(), b.read())


if __name__ == "__main__":
    unittest.main()
