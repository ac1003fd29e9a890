"""Whose a map is, said wherever it is shown or handed on: OpenStreetMap's where it is theirs, and only there."""
import json
import os
import subprocess
import unittest

from support import CommandTest, data, needs_data

OSM = "© OpenStreetMap contributors"


class Credit(CommandTest):
    def site_of(self, pbf):
        self.ok("init", self.path("site"), "--map", pbf)
        return self.path("site")

    def says(self, site, source, zh, en):
        with open(os.path.join(site, "map/map.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["map_source"], source)
        for language, expected in (("zh", zh), ("en", en)):
            told = self.answer("map", "info", site, "--lang", language)
            self.assertEqual((told["map_source"], told["attribution"]), (source, expected))
            self.assertEqual(self.area(site, language).get("attribution", ""), expected)
            shown = self.ok("map", "info", site, "--lang", language).stdout
            self.assertEqual("OpenStreetMap" in shown, source == "openstreetmap")
            self.assertIn(expected, shown)

    def area(self, site, language):
        west, south, east, north = self.answer("map", "info", site)["bbox"]
        at = (100.005, 30.0) if site.startswith(self.path("plain")) or site.startswith(self.path("named")) else \
            ((west + east) / 2, (south + north) / 2)
        return self.answer("isochrone", site, "--from", f"{at[0]},{at[1]}", "--minutes", "2", "--lang", language)

    def town(self):
        self.ok("town", "--seed", 5, "--people", 3000, self.path("town"))
        return self.path("town/map.osm.pbf")

    def test_a_generated_town_is_not_credited_to_openstreetmap(self):
        pbf = self.town()
        self.says(self.site_of(pbf), "town", "虚构城镇", "Generated town")
        header = subprocess.run(["osmium", "fileinfo", pbf], check=True, capture_output=True, text=True).stdout
        self.assertIn("precinct town: generated, not OpenStreetMap data", header)

    def test_any_other_pbf_is(self):
        # The same objects out of another program's hand: nothing says any more that they were generated.
        subprocess.run(["osmium", "cat", self.town(), "-o", self.path("other.osm.pbf")], check=True, capture_output=True)
        self.says(self.site_of(self.path("other.osm.pbf")), "openstreetmap", OSM, OSM)

    @needs_data("osm/monaco.osm.pbf")
    def test_monaco_is(self):
        self.says(self.site_of(data("osm/monaco.osm.pbf")), "openstreetmap", OSM, OSM)

    def test_a_csv_network_names_whom_its_mapping_names(self):
        self.says(self.csv_site("plain"), "own", "", "")
        mapping = self.write("mapping.json", '{"attribution": "© Stadt <Köln>"}')
        self.ok("init", self.path("named"), "--nodes", self.path("nodes.csv"), "--edges", self.path("edges.csv"), "--mapping", mapping)
        self.says(self.path("named"), "own", "© Stadt <Köln>", "© Stadt <Köln>")
        for bad in ("7", json.dumps("x" * 256)):
            self.write("mapping.json", f'{{"attribution": {bad}}}')
            self.refused(2, ["mapping.json", "attribution"], "init", self.path("bad"), "--nodes", self.path("nodes.csv"),
                         "--edges", self.path("edges.csv"), "--mapping", mapping)
            self.assertFalse(os.path.exists(self.path("bad")))

    def test_an_older_site_is_taken_for_openstreetmap_and_a_wrong_one_refused(self):
        site = self.csv_site()
        config, facts = os.path.join(site, "site.json"), os.path.join(site, "map/map.json")
        with open(config, encoding="utf-8") as f:
            said = json.load(f)
        os.remove(facts)
        self.assertEqual(self.answer("map", "info", site)["attribution"], OSM)
        self.write(config, json.dumps(dict(said, map_source="own", map_credit="me")))
        self.assertEqual(self.answer("map", "info", site)["attribution"], "me")
        self.write(config, json.dumps(dict(said, map_source="moon")))
        self.refused(2, ["site.json", "map_source", "own, openstreetmap or town"], "map", "info", site, "--lang", "en")


if __name__ == "__main__":
    unittest.main()
