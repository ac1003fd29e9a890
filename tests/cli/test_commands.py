"""The contract of the command line: answers, refusals, exit codes, languages."""
import json
import os
import re
import subprocess
import unittest

from support import PRECINCT, CommandTest


class Commands(CommandTest):
    def commands(self):
        lines = self.ok("help").stdout.split("\n\n")[1].splitlines()
        return [re.match(r"  (\S.*?)  ", line)[1] for line in lines]

    def test_help_lists_every_command_and_each_has_help_in_both_languages(self):
        self.assertIn("init", self.commands())
        for command in self.commands():
            english = self.ok("help", *command.split()).stdout
            chinese = self.ok("help", *command.split(), env={"LC_ALL": "zh_CN.UTF-8"}).stdout
            self.assertTrue(english.startswith(f"precinct {command} "))
            self.assertNotEqual(english, chinese)
            self.assertTrue(any("一" <= ch <= "鿿" for ch in chinese))
            self.assertEqual(self.ok(*command.split(), "--help").stdout, english)

    def test_help_as_one_document_says_what_the_text_says(self):
        said = self.answer("help")
        self.assertEqual([c["name"] for c in said["commands"]], self.commands())
        for command in said["commands"]:
            words = command["name"].split()
            self.assertEqual(self.answer("help", *words), command)
            text = self.ok("help", *words).stdout
            for part in [command["arguments"], command["summary"], *(o[key] for o in command["options"] for key in ("name", "placeholder", "help"))]:
                self.assertIn(part, text)
        self.assertEqual(json.loads(self.ok("--json", "--lang", "zh", "help").stdout), self.answer("help", "--lang", "zh"))

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

    def test_json_and_language_stand_before_or_behind_the_command(self):
        site = self.csv_site()
        behind = self.ok("map", "info", site, "--json", "--lang", "zh").stdout
        for arguments in (["--json", "map", "info", site], ["--lang", "zh", "--json", "map", "info", site],
                          ["--json", "map", "info", site, "--lang", "zh"]):
            self.assertEqual(self.ok(*arguments).stdout, behind)
        self.assertEqual(self.ok("--lang", "zh", "help").stdout, self.ok("help", env={"LC_ALL": "zh_CN.UTF-8"}).stdout)
        self.refused(2, "没有命令“飞”", "--lang", "zh", "飞")
        self.refused(2, "option --lang: en or zh was expected", "--lang", "fr", "map", "info", site)
        self.refused(2, "option --lang needs a value", "--json", "--lang")

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

    def test_a_route_passes_its_via_points_and_tells_other_ways(self):
        site = self.csv_site()
        ends = ["--from", "100.0,30.0", "--to", "100.01,30.01"]
        direct = self.answer("route", site, *ends)
        via = self.answer("route", site, *ends, "--via", "100.005,30.0", "--via", "100.01,30.0")
        self.assertAlmostEqual(via["duration_s"], direct["duration_s"], delta=0.01)
        self.assertEqual([s["maneuver"] for s in via["steps"]].count("via"), 2)
        self.assertIn("You have reached via point 2", [s["instruction"] for s in via["steps"] if s["maneuver"] == "via"][1])
        others = self.answer("route", site, *ends, "--alternatives", "2")
        self.assertEqual(others["duration_s"], direct["duration_s"])
        self.assertIsInstance(others["alternatives"], list)
        self.refused(2, "other ways are looked for between two points", "route", site, *ends, "--via", "100.005,30.0", "--alternatives", "1")
        self.refused(2, "option --alternatives: a number from 0 to 3", "route", site, *ends, "--alternatives", "9")
        self.refused(2, "option --via is given more than 25 times", "route", site, *ends, *["--via", "100.005,30.0"] * 26)

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


CALLS = "call_id,time_local,type,priority,lon,lat,address\n"
UNITS = "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"
GOOD_CALL = "C1,2026-06-01T08:30:00,theft,2,100.0,30.0,\n"
GOOD_UNIT = "U1,S1,100.0,30.0,car,patrol,2,0,00:00,24:00\n"
NODES = "id,lon,lat\n1,100,30\n2,100.01,30\n"
EDGES = "from,to\n1,2\n"
AREA = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":%s,"geometry":%s}]}'


class Chinese(CommandTest):
    """A sentence in Chinese holds no English but names: of files, columns, codes, options, commands."""

    def assert_chinese(self, says, *arguments, code=2, **options):
        with self.subTest(says):
            done = self.refused(code, says, *arguments, "--lang", "zh", **options)
            rest = done.stderr.removeprefix("precinct: ").replace(self.folder, "")
            rest = re.sub(r"“precinct [a-z]+”|osmium [-A-Za-z. ]+", "", rest)
            rest = re.sub(r"OpenStreetMap PBF|lon[ ,]lat|HH:MM", "", rest)
            self.assertEqual(re.findall(r"(?<![\w./-])[A-Za-z']+(?:[ ,;:]+[A-Za-z']+)+(?![\w./])", rest), [], done.stderr)
            self.assertTrue(any("一" <= ch <= "鿿" for ch in rest), done.stderr)

    def init_says(self, says, code=2, file_limit=None, nodes=NODES, edges=EDGES, **files):
        arguments = ["--nodes", self.write("n.csv", nodes), "--edges", self.write("e.csv", edges)]
        for option, (name, text) in files.items():
            arguments += [f"--{option}", self.write(name, text)]
        self.assert_chinese(says, "init", self.path("made"), *arguments, code=code, file_limit=file_limit)

    def test_the_map_and_its_mapping(self):
        self.init_says("n.csv:2：列“lon”应为 -180 至 180 的数，实为“x”", nodes="id,lon,lat\n1,x,30\n")
        self.init_says("n.csv:3：列“id”应为前面各行没有用过的编号，实为“1”", nodes="id,lon,lat\n1,100,30\n1,100,31\n")
        self.init_says("n.csv:2：列“id”应为编号，实为“”", nodes="id,lon,lat\n,100,30\n")
        self.init_says("e.csv:2：列“to”应为节点文件中的节点编号，实为“9”", edges="from,to\n1,9\n")
        self.init_says("e.csv:2：列“class”应为道路等级（如“primary”），实为“lane”", edges="from,to,class\n1,2,lane\n")
        self.init_says("e.csv:2：列“geometry”应为以度为单位的", edges="from,to,geometry\n1,2,xy\n")
        self.init_says("列数将超过上限 256", nodes=",".join(f"c{i}" for i in range(257)) + "\n")
        self.init_says("m.json:1:1：不是有效的 JSON：文本提前结束", mapping=("m.json", "{"))
        self.init_says("m.json：字段“speed_kmh”应为数，实为“[]”", mapping=("m.json", '{"speed_kmh": []}'))
        self.init_says("m.json：字段“speed_kmh”应为介于 1 至 300 的数，实为“301”", mapping=("m.json", '{"speed_kmh": 301}'))
        self.init_says("：无法写入：文件过大", code=3, file_limit=1000)

    def test_areas_units_and_pbf(self):
        polygon = '{"type":"Polygon","coordinates":%s}'
        self.init_says("字段“type”应为类型“FeatureCollection”，实为“空缺”", areas=("a.geojson", "{}"))
        self.init_says("“name”应为名称，实为“无”", areas=("a.geojson", AREA % ("{}", polygon % "[]")))
        self.init_says("“coordinates”应为至少 4 个位置的闭合环，实为“2”",
                       areas=("a.geojson", AREA % ('{"name":"a"}', polygon % "[[[0,0],[1,1]]]")))
        self.init_says("“geometry”应为对象，实为“空值 null”", areas=("a.geojson", AREA % ('{"name":"a"}', "null")))
        for says, row in (("列“officers”应为介于 0 至 1000 的整数，实为“two”", "U1,S1,100,30,car,patrol,two,0,00:00,24:00\n"),
                          ("列“shift_end”应为介于 00:00 至 24:00 的 HH:MM，实为“25:00”", GOOD_UNIT.replace("24:00", "25:00")),
                          ("列“unit”应为不超过 64 字节的名称，实为“”", GOOD_UNIT[2:]),
                          ("“tank”不是已知的单元种类", GOOD_UNIT.replace("car", "tank"))):
            self.init_says(says, units=("u.csv", UNITS + row))
        for says, content in (("不是 OpenStreetMap PBF 文件；开头像是“文本”", "a plain text\n"), ("文件为空", ""),
                              ("应有 13 字节", b"\0\0\0\x09\x0a\x09OSM"),
                              ("数据块：应为数据块 OSMHeader，实为“OSMData”", b"\0\0\0\x0b\x0a\x07OSMData\x18\x02\x0a\x00")):
            self.assert_chinese(says, "init", self.path("made"), "--map", self.write("m.osm.pbf", content))

    def test_what_a_site_is_asked(self):
        site = self.csv_site()
        units = self.write("u.csv", UNITS + GOOD_UNIT)
        for says, row in (("c.csv:2：列“type”应为警情类别（见 definitions/codes/incident_types.csv），实为“Dragon”", GOOD_CALL.replace("theft", "Dragon")),
                          ("列“time_local”应为当地时间，如 2026-06-01T08:30:00，不带时区，实为“noon”", "C1,noon,theft,2,100,30,\n"),
                          ("列“priority”应为介于 1 至 4 的等级，实为“9”", "C1,2026-06-01T08:30:00,theft,9,100,30,\n")):
            self.assert_chinese(says, "simulate", site, "--units", units, "--calls", self.write("c.csv", CALLS + row))
        good = self.write("good.csv", "id\n1\n")
        for says, text in (("列“id”应为路网节点编号，实为“99”", "id\n99\n"),
                           ("列“lon”应为地图内的位置，距道路不超过 2 公里，实为“0”", "lon,lat\n0,0\n")):
            self.assert_chinese(says, "matrix", site, "--sources", self.write("p.csv", text), "--targets", good)
        self.assert_chinese("选项 --from：应为 lon,lat，实为“here”", "route", site, "--from", "here", "--to", "1,2")
        for says, name, text in (("列“class”应为每个道路等级仅一行", "definitions/speeds.csv", "class,response_kmh\nprimary,60\nprimary,60\n"),
                                 ("site.json：字段“format”应为整数，实为“空缺”", "site.json", "{}"),):
            with open(os.path.join(site, name), "w", encoding="utf-8") as f:
                f.write(text)
            self.assert_chinese(says, "map", "info", site)
        self.assert_chinese("列“hours”应为以“;”分隔的 24 个非负权重，且不能全为 0，实为“1;2”", "town", self.path("town"), "--people", 5000,
                            "--demand", self.write("d.csv", self.demand_with_two_hours()))

    def demand_with_two_hours(self):
        with open(os.path.join(os.path.dirname(__file__), "../../definitions/demand.csv"), encoding="utf-8") as f:
            header, row = f.readline(), f.readline()
        return header + ",".join("1;2" if name == "hours" else value
                                 for name, value in zip(header.strip().split(","), row.strip().split(","))) + "\n"


if __name__ == "__main__":
    unittest.main()
