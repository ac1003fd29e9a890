"""map update: the old map or the new one, never anything between, and nothing left behind."""
import os
import random
import subprocess
import unittest

from support import PRECINCT, CommandTest


class MapUpdate(CommandTest):
    def setUp(self):
        super().setUp()
        self.ok("town", "--seed", 3, "--people", 3000, self.path("old"))
        self.ok("town", "--seed", 4, "--people", 5000, self.path("new"))
        self.site = self.path("site")
        self.ok("init", self.site, "--map", self.path("old/map.osm.pbf"), "--areas", self.path("old/areas.geojson"),
                "--stations", self.path("old/stations.geojson"), "--places", self.path("old/places.geojson"))
        self.before = self.answer("map", "info", self.site)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def left(self):
        return [name for name in os.listdir(self.site) if name.startswith("map") and name != "map"]

    def stays(self):
        self.assertEqual(self.answer("map", "info", self.site), self.before)
        self.assertTrue(self.answer("map", "check", self.site)["sound"])
        self.assertEqual(self.left(), [])

    def test_a_newer_map_takes_the_place_and_areas_and_stations_stay(self):
        kept = {name: self.bytes_of(f"site/map/{name}") for name in
                ("areas.geojson", "stations.geojson", "places.geojson")}
        made = self.answer("map", "update", self.site, "--map", self.path("new/map.osm.pbf"))
        info = self.answer("map", "check", self.site)
        self.assertTrue(info["sound"])
        self.assertEqual((info["nodes"], info["map_version"], made["map_version"]), (made["nodes"], 2, 2))
        self.assertNotEqual(info["nodes"], self.before["nodes"])
        ways = made["ways"]
        self.assertGreater(ways["added"], 0)
        self.assertEqual(made["closures"], [])
        for name, bytes_ in kept.items():
            self.assertEqual(self.bytes_of(f"site/map/{name}"), bytes_)
        self.assertEqual(self.left(), [])
        self.assertEqual(self.answer("map", "update", self.site, "--map", self.path("new/map.osm.pbf"))["ways"],
                         {"added": 0, "removed": 0, "changed": 0, "same": ways["added"] + ways["changed"] + ways["same"]})

    def test_ways_that_came_went_and_changed_are_counted(self):
        town = self.path("old/map.osm.pbf")
        listed = subprocess.run(["osmium", "cat", town, "-f", "opl"], check=True, capture_output=True, text=True).stdout
        lines = listed.splitlines()
        ways = [i for i, line in enumerate(lines) if line.startswith("w") and "highway=residential" in line and ",name=" in line]
        gone, renamed = ways[3], ways[5]
        lines[renamed] = lines[renamed].replace(",name=", ",name=Other")
        fresh = lines[ways[7]].replace(lines[ways[7]].split()[0], "w99999999")
        del lines[gone]
        at = max(i for i, line in enumerate(lines) if line.startswith("w")) + 1
        self.write("changed.opl", "\n".join(lines[:at] + [fresh] + lines[at:]) + "\n")
        subprocess.run(["osmium", "cat", self.path("changed.opl"), "-o", self.path("changed.osm.pbf")], check=True,
                       capture_output=True)
        made = self.answer("map", "update", self.site, "--map", self.path("changed.osm.pbf"))["ways"]
        self.assertEqual((made["added"], made["removed"]), (1, 1))
        self.assertGreaterEqual(made["changed"], 1)
        self.assertLessEqual(made["changed"], 20)  # roads that the fresh one now meets everywhere are cut there

    def test_a_refused_map_changes_nothing(self):
        broken = self.write("broken.osm.pbf", self.bytes_of("new/map.osm.pbf")[:20000])
        self.refused(2, ["broken.osm.pbf", "ends inside the block"], "map", "update", self.site, "--map", broken, "--lang", "en")
        self.stays()
        self.refused(2, "--map", "map", "update", self.site, "--lang", "en")

        self.refused(2, self.path("nowhere"), "map", "update", self.path("nowhere"), "--map", broken)
        self.stays()

    def test_a_full_disk_changes_nothing(self):
        self.refused(3, "map", "map", "update", self.site, "--map", self.path("new/map.osm.pbf"), file_limit=100000)
        self.stays()

    def test_an_end_at_any_moment_leaves_the_old_map_or_the_new_one(self):
        source = random.Random(1)
        after = None
        for _ in range(12):
            process = subprocess.Popen([PRECINCT, "map", "update", self.site, "--map", self.path("new/map.osm.pbf"), "--json"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=source.uniform(0.0, 0.4))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            check = self.answer("map", "check", self.site)
            self.assertTrue(check["sound"])
            after = after or (check["nodes"] != self.before["nodes"] and check["nodes"])
            self.assertIn(check["nodes"], (self.before["nodes"], after))
        self.ok("map", "update", self.site, "--map", self.path("new/map.osm.pbf"))
        self.assertEqual(self.left(), [])


if __name__ == "__main__":
    unittest.main()
