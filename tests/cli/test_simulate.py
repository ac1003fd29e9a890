"""precinct simulate, as users run it: on a small grid of streets and, where the data is there, on a real week."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

PRECINCT = os.environ.get("PRECINCT", "build/release/precinct")
DATA = pathlib.Path(os.environ.get("PRECINCT_DATA", "../shared/data"))
SIDE = 8
CALLS_HEADER = "call_id,time_local,type,priority,lon,lat,address"
UNITS_HEADER = "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end"


def run(*arguments):
    return subprocess.run([PRECINCT, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def grid(folder):
    """SIDE × SIDE crossings, about 500 m apart, streets both ways."""
    nodes, edges = ["id,lon,lat"], ["id,from,to,class,name"]
    for y in range(SIDE):
        for x in range(SIDE):
            node = y * SIDE + x + 1
            nodes.append(f"{node},{113.0 + x * 0.005:.6f},{23.0 + y * 0.0045:.6f}")
            if x + 1 < SIDE:
                edges.append(f"{len(edges)},{node},{node + 1},residential,{y} Street")
            if y + 1 < SIDE:
                edges.append(f"{len(edges)},{node},{node + SIDE},secondary,{x} Avenue")
    (folder / "nodes.csv").write_text("\n".join(nodes) + "\n")
    (folder / "edges.csv").write_text("\n".join(edges) + "\n")


def calls(count):
    """One call every 12 minutes from 08:00, spread over the grid by a fixed pattern."""
    types = ["theft", "noise", "robbery", "traffic_collision", "medical_assist"]
    rows = [CALLS_HEADER]
    for i in range(count):
        minute = 8 * 60 + i * 12
        time = f"2026-03-{2 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00"
        lon, lat = 113.0 + (i * 7 % 35) * 0.001, 23.0 + (i * 11 % 31) * 0.001
        rows.append(f"K{i},{time},{types[i % 5]},{1 + i % 4},{lon:.6f},{lat:.6f},")
    return rows


UNITS = [UNITS_HEADER] + [
    f"U{i},Station {i % 2},{113.005 + i % 2 * 0.02:.6f},23.01,car,patrol,2,1,{shift}"
    for i, shift in enumerate(["00:00,24:00", "00:00,24:00", "08:00,20:00", "20:00,08:00"])
]


class Simulate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder_object = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.folder_object.name)
        grid(cls.folder)
        cls.write("units.csv", UNITS)
        cls.site = cls.folder / "site"
        made = run("init", cls.site, "--nodes", cls.folder / "nodes.csv", "--edges", cls.folder / "edges.csv",
                   "--units", cls.folder / "units.csv")
        assert made.returncode == 0, made.stderr
        cls.write("calls.csv", calls(120))

    @classmethod
    def tearDownClass(cls):
        cls.folder_object.cleanup()

    @classmethod
    def write(cls, name, rows):
        (cls.folder / name).write_text("\n".join(rows) + "\n")
        return cls.folder / name

    def answer(self, *arguments):
        done = run("simulate", self.site, *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, fragments, *arguments, code=2):
        for json_option in ([], ["--json"]):
            done = run("simulate", self.site, *arguments, *json_option)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(done.stdout, "")
            for fragment in fragments:
                self.assertIn(fragment, done.stderr)

    def test_json_has_every_promised_field_and_the_counts_add_up(self):
        answer = self.answer("--calls", self.folder / "calls.csv")
        for field in ["calls", "served", "rejected", "response_s", "utilisation", "waiting_max", "events", "wall_s",
                      "digest"]:
            self.assertIn(field, answer)
        self.assertEqual(answer["calls"], 120)
        self.assertEqual(answer["served"] + answer["waiting"] + answer["referred"] + answer["rejected"], 120)
        response = answer["response_s"]
        self.assertLessEqual(response["p50"], response["p90"])
        self.assertEqual(sum(p["count"] for p in response["by_priority"].values()), answer["served"])
        weighted = sum(p["count"] * p["mean"] for p in response["by_priority"].values()) / answer["served"]
        self.assertAlmostEqual(weighted, response["mean"], places=2)
        self.assertTrue(0 < answer["utilisation"] < 1)
        self.assertRegex(answer["digest"], r"^[0-9a-f]{16}$")
        self.assertEqual([unit["unit"] for unit in answer["units"]], ["U0", "U1", "U2", "U3"])

    def test_same_seed_gives_the_same_digest_and_another_seed_another(self):
        first, again, other = (self.answer("--calls", self.folder / "calls.csv", "--seed", seed) for seed in (5, 5, 6))
        self.assertEqual(first["digest"], again["digest"])
        self.assertNotEqual(first["digest"], other["digest"])

    def test_replications_give_means_with_intervals(self):
        answer = self.answer("--calls", self.folder / "calls.csv", "--seed", 3, "--replications", 4)
        singles = [self.answer("--calls", self.folder / "calls.csv", "--seed", seed) for seed in range(3, 7)]
        means = [single["response_s"]["mean"] for single in singles]
        self.assertAlmostEqual(answer["response_s"]["mean"], sum(means) / 4, places=3)
        low, high = answer["interval_95"]["response_mean_s"]
        self.assertTrue(low < answer["response_s"]["mean"] < high)
        self.assertEqual(answer["replications"], 4)
        self.assertEqual(answer["events"], sum(single["events"] for single in singles))

    def test_comparison_pairs_the_runs_of_equal_seeds(self):
        calls_file = self.folder / "calls.csv"
        answer = self.answer("--calls", calls_file, "--policy", "nearest_with_cover", "--compare", "nearest", "--seed",
                             3, "--replications", 4)
        self.assertEqual((answer["policy"], answer["compared"]["policy"]), ("nearest_with_cover", "nearest"))
        pairs = [[self.answer("--calls", calls_file, "--policy", policy, "--seed", seed)["response_s"]
                  for policy in ("nearest_with_cover", "nearest")] for seed in range(3, 7)]
        for figure in ("p90", "mean"):
            differences = [ours[figure] - theirs[figure] for ours, theirs in pairs]
            mean = sum(differences) / 4
            spread = (sum((d - mean) ** 2 for d in differences) / 3) ** 0.5
            found = answer["paired_difference_s"][figure]
            self.assertAlmostEqual(found["mean"], mean, places=3)
            self.assertAlmostEqual(found["high"] - found["mean"], 3.18245 * spread / 2, places=2)
            self.assertAlmostEqual(found["mean"] - found["low"], found["high"] - found["mean"], places=3)
        plain = self.answer("--calls", calls_file, "--seed", 3, "--replications", 4)
        self.assertEqual(answer["compared"]["digest"], plain["digest"])
        self.assertNotIn("paired_difference_s", plain)
        self.assertEqual(plain["policy"], "nearest")

    def test_comparison_with_itself_finds_no_difference(self):
        answer = self.answer("--calls", self.folder / "calls.csv", "--compare", "nearest", "--replications", 3)
        self.assertEqual(answer["paired_difference_s"]["p90"], {"mean": 0, "low": 0, "high": 0})
        single = self.answer("--calls", self.folder / "calls.csv", "--compare", "nearest")
        self.assertEqual(single["paired_difference_s"]["p90"], {"mean": 0, "low": None, "high": None})

    def test_comparison_is_told_in_both_languages(self):
        for language, words in (("en", ["nearest_with_cover minus nearest, seed by seed: 90 % response ", "95 % interval"]),
                                ("zh", ["nearest_with_cover 减 nearest，逐种子配对：九成响应时间 ", "95% 置信区间"])):
            done = run("simulate", self.site, "--calls", self.folder / "calls.csv", "--policy", "nearest_with_cover",
                       "--compare", "nearest", "--replications", 2, "--lang", language)
            self.assertEqual(done.returncode, 0, done.stderr)
            for word in words:
                self.assertIn(word, done.stdout)

    def test_cover_settings_of_the_site_decide(self):
        cover = self.site / "definitions" / "cover.csv"
        shipped = cover.read_text()
        header = "priority,gap_s,cap_s,busy_share\n"
        few = self.write("few_calls.csv", calls(60))
        try:
            cover.write_text(header + "".join(f"{p},0,1800,0\n" for p in range(1, 5)))
            none = self.answer("--calls", few, "--policy", "nearest_with_cover", "--compare", "nearest")
            cover.write_text(header + "".join(f"{p},7200,1800,0\n" for p in range(1, 5)))
            much = self.answer("--calls", few, "--policy", "nearest_with_cover", "--compare", "nearest")
            cover.write_text(header + "1,0,1800,0\n1,0,1800,0\n")
            self.refused(["cover.csv:3", "priority 1"], "--calls", few, "--policy", "nearest_with_cover")
        finally:
            cover.write_text(shipped)
        self.assertEqual(none["response_s"], none["compared"]["response_s"])
        self.assertNotEqual(much["response_s"], much["compared"]["response_s"])

    def test_tables_are_aligned_in_both_languages(self):
        for language, words in (("en", ["120 calls", "priority 1", "90 % within"]),
                                ("zh", ["报警 120 起", "1 级警情", "九成以内"])):
            done = run("simulate", self.site, "--calls", self.folder / "calls.csv", "--lang", language)
            self.assertEqual(done.returncode, 0, done.stderr)
            for word in words:
                self.assertIn(word, done.stdout)
            rows = re.findall(r"^.*\d:\d\d +[\d:]+:\d\d +[\d:]+:\d\d$", done.stdout, re.M)
            self.assertEqual(len(rows), 5)
            self.assertEqual(len({len(row.encode("gbk")) for row in rows}), 1)

    def test_call_off_the_map_is_named_and_the_rest_run(self):
        far = self.write("far.csv", calls(10) + ["FAR,2026-03-02T09:00:00,theft,2,113.4,23.0,"])
        answer = self.answer("--calls", far)
        self.assertEqual(answer["rejected"], 1)
        self.assertEqual(answer["served"], 10)
        rejected = answer["rejected_calls"][0]
        self.assertEqual((rejected["call_id"], rejected["line"], rejected["reason"]), ("FAR", 12, "off_map"))
        self.assertAlmostEqual(rejected["distance_m"], 37300, delta=600)
        spoken = run("simulate", self.site, "--calls", far).stdout
        self.assertIn("call FAR (line 12)", spoken)

    def test_bad_calls_are_refused_by_file_line_and_column(self):
        good = calls(3)
        cases = [
            ([CALLS_HEADER.replace("lat", "y")] + good[1:], ["bad.csv", "column 'lat' is missing"]),
            (good + [good[1]], ["bad.csv:5", "K0"]),
            (good + ["X,2026-03-02T09:00:00,theft,2,nan,23.0,"], ["bad.csv:5", "column 'lon'", "'nan'"]),
            (good + ["X,2026-03-02T09:00:00,riot,2,113.0,23.0,"], ["bad.csv:5", "column 'type'", "'riot'"]),
            (good + ["X,2026-03-02T09:00:00,theft,9,113.0,23.0,"], ["bad.csv:5", "column 'priority'", "'9'"]),
            (good + ["X,yesterday,theft,2,113.0,23.0,"], ["bad.csv:5", "column 'time_local'", "'yesterday'"]),
        ]
        for rows, fragments in cases:
            with self.subTest(fragments=fragments):
                self.refused(fragments, "--calls", self.write("bad.csv", rows))

    def test_bad_units_are_refused(self):
        calls_file = self.folder / "calls.csv"
        bad = self.write("bad_units.csv", UNITS + [UNITS[1]])
        self.refused(["bad_units.csv:6", "U0"], "--calls", calls_file, "--units", bad)
        bad = self.write("bad_units.csv", UNITS + ["U9,S,113.0,23.0,zeppelin,patrol,1,1,00:00,24:00"])
        self.refused(["bad_units.csv:6", "zeppelin"], "--calls", calls_file, "--units", bad)
        bad = self.write("bad_units.csv", UNITS + ["U9,S,120.0,30.0,car,patrol,1,1,00:00,24:00"])
        self.refused(["'U9'", "off the map"], "--calls", calls_file, "--units", bad)

    def test_misuse_is_refused(self):
        calls_file = self.folder / "calls.csv"
        self.refused(["--calls"])
        self.refused(["'oracle'", "nearest"], "--calls", calls_file, "--policy", "oracle")
        self.refused(["'oracle'", "nearest_with_cover"], "--calls", calls_file, "--compare", "oracle")
        self.refused(["--replications"], "--calls", calls_file, "--replications", 0)
        self.refused(["absent.csv"], "--calls", self.folder / "absent.csv")

    def test_site_without_units_asks_for_them(self):
        bare = self.folder / "bare"
        made = run("init", bare, "--nodes", self.folder / "nodes.csv", "--edges", self.folder / "edges.csv")
        self.assertEqual(made.returncode, 0, made.stderr)
        done = run("simulate", bare, "--calls", self.folder / "calls.csv")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--units", done.stderr)
        given = run("simulate", bare, "--calls", self.folder / "calls.csv", "--units", self.folder / "units.csv")
        self.assertEqual(given.returncode, 0, given.stderr)

    def test_file_without_calls_gives_an_empty_report(self):
        answer = self.answer("--calls", self.write("none.csv", [CALLS_HEADER]))
        self.assertEqual((answer["calls"], answer["served"]), (0, 0))
        self.assertIsNone(answer["response_s"]["mean"])

    def test_fewer_units_make_people_wait_longer(self):
        one = self.write("one.csv", UNITS[:2])
        few = self.answer("--calls", self.folder / "calls.csv", "--units", one)
        all_units = self.answer("--calls", self.folder / "calls.csv")
        self.assertGreater(few["waiting_mean"], all_units["waiting_mean"])
        self.assertGreater(few["utilisation"], all_units["utilisation"])


@unittest.skipUnless((DATA / "sf" / "calls_week.csv").exists(), "set PRECINCT_DATA to run on real data")
class RealWeek(unittest.TestCase):
    def test_san_francisco_week_is_served_and_repeats(self):
        city = DATA / "sf"
        with tempfile.TemporaryDirectory() as folder:
            site = pathlib.Path(folder) / "site"
            made = run("init", site, "--nodes", city / "nodes.csv", "--edges", city / "edges.csv", "--mapping",
                       city / "mapping.json", "--tz", "America/Los_Angeles")
            self.assertEqual(made.returncode, 0, made.stderr)
            answers = []
            for _ in range(2):
                done = run("simulate", site, "--calls", city / "calls_week.csv", "--units", city / "units.csv",
                           "--mapping", city / "mapping.json", "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                answers.append(json.loads(done.stdout))
            first, again = answers
            self.assertEqual(first["calls"], 3342)
            self.assertGreaterEqual(first["served"], 0.99 * 3342)
            self.assertEqual(first["digest"], again["digest"])
            self.assertEqual(len(first["rejected_calls"]), first["rejected"])
            self.assertGreaterEqual(first["rejected"], 1)  # one lies at the airport
            self.assertTrue(all(call["distance_m"] > 1000 for call in first["rejected_calls"]))
            done = run("simulate", site, "--calls", city / "calls_week.csv", "--units", city / "units.csv", "--mapping",
                       city / "mapping.json", "--policy", "nearest_with_cover", "--compare", "nearest",
                       "--replications", 20, "--seed", 1001, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            both = json.loads(done.stdout)
            self.assertGreaterEqual(both["served"], 0.99 * 3342)
            self.assertGreaterEqual(both["compared"]["served"], 0.99 * 3342)
            p90 = both["paired_difference_s"]["p90"]
            self.assertTrue(p90["low"] < p90["mean"] < p90["high"])
            policies = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reference" / "policies.md"
            told = "p90 {mean:+.1f} s ({low:+.1f} to {high:+.1f})".format(**p90).replace("-", "−")
            self.assertIn(told, policies.read_text())  # the figure in the documentation is the one that is found


if __name__ == "__main__":
    unittest.main()
