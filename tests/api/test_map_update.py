"""A newer map under a site with closures: what they close is found again by name, else by position, else told."""
import json
import os
import re
import subprocess
import unittest

from server import ApiTest, run
from test_closures import after, until_it_is

PRECINCT = os.environ["PRECINCT"]


class MapUpdate(ApiTest):
    def middle_of_a_road(self):
        units = [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"]]
        return units[0]["position"]

    def update(self, *arguments):
        done = subprocess.run([PRECINCT, "map", "update", self.server.site, *arguments, "--json"], capture_output=True,
                              text=True, env=dict(os.environ, LANG="C.UTF-8"))
        return done.returncode, done.stdout, done.stderr

    def updated(self, pbf):
        code, out, errors = self.update("--map", pbf)
        self.assertEqual(code, 0, errors)
        return json.loads(out)

    def restart(self):
        self.server.start()
        self.anna = self.server.sign_in("anna")

    def lines(self):
        return self.anna.get("/api/v1/closures.geojson").json["features"]

    def test_closures_stay_and_are_found_in_the_new_map(self):
        town = os.path.join(self.server.folder, "town/map.osm.pbf")
        made = lambda name: os.path.join(self.server.folder, name)
        at = self.middle_of_a_road()
        preview = self.anna.post("/api/v1/closures/preview", {"positions": [at]}).json
        road = self.taken(self.anna.post("/api/v1/closures", {"reason": "works", "until": after(hours=1), "positions": [at]}))
        lon, lat = at
        ring = [[lon - 0.002, lat - 0.002], [lon + 0.002, lat - 0.002], [lon + 0.002, lat + 0.002], [lon - 0.002, lat + 0.002]]
        area = self.taken(self.anna.post("/api/v1/closures", {"reason": "flood", "until": after(hours=1), "area": ring}))
        before = until_it_is(self.lines, lambda lines: len(lines) == 2)
        self.assertEqual(len(before), 2)

        # While it is served the map stays what it is.
        code, out, errors = self.update("--map", town)
        self.assertEqual((code, out), (3, ""))
        self.assertIn("precinct serve", errors)
        self.assertFalse(os.path.exists(self.server.site + "/map-update.new"))
        self.server.stop()

        # The same map: everything is found by name, and closes what it closed.
        same = self.updated(town)
        self.assertEqual(same["map_version"], 2)
        self.assertEqual((same["ways"]["added"], same["ways"]["removed"], same["ways"]["changed"]), (0, 0, 0))
        self.assertEqual({c["id"]: c["state"] for c in same["closures"]}, {road: "exact", area: "exact"})
        self.restart()
        self.assertEqual(until_it_is(self.lines, lambda lines: len(lines) == 2), before)
        # Events carry the version of the map they were decided on.
        again = self.taken(self.anna.post("/api/v1/closures", {"reason": "works", "until": after(hours=1), "positions": [at]}))
        self.taken(self.anna.post(f"/api/v1/closures/{again}/lift", {"reason": "mistake"}))
        self.server.stop()
        run("log", "export", self.server.site, "--out", made("log.jsonl"))
        with open(made("log.jsonl"), encoding="utf-8") as file:
            versions = [int(v) for v in re.findall(r'"map_version":(\d+)', file.read().replace("\\", ""))]
        self.assertEqual((versions[0], versions[-1]), (1, 2))

        # All ids numbered anew: by position.
        subprocess.run(["osmium", "renumber", "-s", "900000,900000,900000", town, "-o", made("new.osm.pbf")], check=True,
                       capture_output=True)
        renumbered = self.updated(made("new.osm.pbf"))
        self.assertEqual((renumbered["map_version"], renumbered["ways"]["same"]), (3, 0))
        found = {c["id"]: c for c in renumbered["closures"]}
        self.assertEqual((found[road]["state"], found[road]["by_position"]), ("by_position", preview["segments"]))
        self.assertEqual(found[area]["state"], "exact")
        self.restart()
        self.assertEqual([f["geometry"] for f in until_it_is(self.lines, lambda lines: len(lines) == 2)],
                         [f["geometry"] for f in before])
        self.server.stop()

        # A map of elsewhere: lost, and said so by name.
        west, south, east, north = run_json("map", "info", self.server.site)["bbox"]
        half = [west, south, lon - 0.004, north] if lon - west > east - lon else [lon + 0.004, south, east, north]
        subprocess.run(["osmium", "extract", "-b", ",".join(map(str, half)), town, "-o", made("half.osm.pbf")], check=True,
                       capture_output=True)
        elsewhere = self.updated(made("half.osm.pbf"))
        self.assertEqual({c["id"]: c["state"] for c in elsewhere["closures"]}[road], "lost")
        self.restart()
        shown = {line["properties"]["id"]: line["properties"] for line in self.lines()}
        self.assertEqual(shown[road]["missing"], 1)


def run_json(*arguments):
    return json.loads(run(*arguments, "--json"))


if __name__ == "__main__":
    unittest.main()
