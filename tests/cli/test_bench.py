"""precinct bench: the figures that a load on a real server gives are of what was really done."""
import json
import os
import unittest

from support import CommandTest


class Bench(CommandTest):
    def test_bench_positions_counts_the_rows_that_stand_in_the_file(self):
        done = self.ok("bench", "positions", "--site", self.csv_site(), "--seconds", "1")
        lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(set(lines), {"positions_rate", "positions_closed", "positions_memory"})
        stored = lines["positions_rate"]["stored"] + lines["positions_closed"]["stored"]
        self.assertGreater(stored, 0)
        self.assertEqual(lines["positions_memory"]["rows_in_file"], stored)
        self.assertGreater(lines["positions_rate"]["calls"], 0)

    def test_bench_road_measures_patrol_too_where_the_site_has_its_index(self):
        patrol = {f"patrol_{row}" for row in ("travel_time", "travel_path", "one_to_1000", "matrix_1000", "isochrone_8min", "customize_full", "order")}
        site = self.csv_site()
        for expected in (patrol, set()):
            done = self.ok("bench", "road", "--site", site)
            lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
            self.assertIn("travel_time", lines)
            self.assertEqual({name for name in lines if name.startswith("patrol_")}, expected)
            if expected:
                os.unlink(os.path.join(site, "map/patrol.index"))

    def test_bench_growth_makes_its_town_and_agrees_with_dijkstra_on_it(self):
        done = self.ok("bench", "growth", "--nodes-max", "10000")
        lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertLessEqual({"import", "order", "topology", "customize", "perfect", "travel_time", "one_to_1000", "dijkstra", "index", "open",
                              "resident", "peak"}, set(lines))
        self.assertEqual({row["nodes"] for row in lines.values()}, {lines["order"]["nodes"]})
        self.assertAlmostEqual(lines["order"]["nodes"], 10000, delta=1000)
        self.assertLess(lines["travel_time"]["ratio_to_dijkstra"], 1)
        self.assertEqual([name for name in lines if name.startswith("exponent.")], [])  # one size has no slope

    def test_bench_road_measures_order_topology_live_changes_and_with_a_map_its_import(self):
        folder = os.path.join(self.folder, "town")
        self.ok("town", "--seed", "1", "--people", "3000", "--days", "1", folder)
        site, osm = os.path.join(self.folder, "site"), os.path.join(folder, "map.osm.pbf")
        self.ok("init", site, "--map", osm)
        names = {"order", "topology", "live_read", "live_close_1", "customize_full"}
        for options, more in ((["--map", osm], {"import"}), ([], set())):
            done = self.ok("bench", "road", "--site", site, *options)
            lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
            self.assertEqual(names | more, set(lines) & (names | {"import"}))
            for name in names | more:
                self.assertGreaterEqual(lines[name]["n"], 3)
                self.assertLessEqual({"median", "p99", "baseline", "ratio"}, set(lines[name]))
            if more:  # a process of its own, whose peak does not count the road of this one
                alone = json.loads(self.ok("bench", "import", "--map", osm).stdout)
                self.assertAlmostEqual(lines["import"]["peak_rss_bytes"] / alone["peak_rss_bytes"], 1, delta=0.2)
        done = self.run_precinct("bench", "import")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--map", done.stderr)

    def test_bench_log_verifies_what_it_wrote_and_leaves_nothing(self):
        site = self.csv_site()
        done = self.ok("bench", "log", "--site", site, "--events", "20001")
        lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(set(lines), {"log_verify", "log_head"})
        self.assertEqual({row["events"] for row in lines.values()}, {20001})
        self.assertGreater(lines["log_verify"]["bytes_per_event"], 450)
        self.assertGreater(lines["log_verify"]["ratio"], 1, "it does more than hash")
        self.assertFalse(os.path.exists(os.path.join(site, "bench-log")))

    def test_bench_backup_ships_what_it_wrote_and_leaves_the_site_alone(self):
        site = self.csv_site()
        before = sorted(os.listdir(site))
        done = self.ok("bench", "backup", "--site", site, "--events", "5000")
        lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual({name: row["events"] for name, row in lines.items()}, {"backup_full": 5000, "backup_10_events": 10, "backup_restore": 5110})
        self.assertGreater(lines["backup_full"]["bytes"], 5000 * 450)
        self.assertLess(lines["backup_10_events"]["bytes"], 100000, "what is known is shipped again")
        self.assertGreater(lines["backup_full"]["ratio"], 1, "it does more than read")
        self.assertEqual(sorted(os.listdir(site)), before)

    def test_bench_of_a_site_asks_for_the_site_and_growth_for_a_size_it_has(self):
        done = self.run_precinct("bench", "road")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--site", done.stderr)
        done = self.run_precinct("bench", "growth", "--nodes-max", "9999")
        self.assertEqual(done.returncode, 2)
        self.assertIn("9999", done.stderr)


if __name__ == "__main__":
    unittest.main()
