"""Every real map becomes a site whose index holds, whose routes are Dijkstra's, and whose known times come out."""
import csv
import unittest

from support import CommandTest, data, needs_data

OSM = {"andorra-gh": 1900, "liechtenstein": 4700, "manhattan-roads": 19000, "monaco": 2300, "porto": 66000}


class Maps(CommandTest):
    @needs_data(*(f"osm/{name}.osm.pbf" for name in OSM))
    def test_every_osm_map_loads_and_checks(self):
        for name, least_nodes in OSM.items():
            with self.subTest(name):
                made = self.answer("init", self.path(name), "--map", data(f"osm/{name}.osm.pbf"))
                for field in ("import_s", "order_s", "topology_s", "customize_s", "index_bytes", "peak_rss_bytes"):
                    self.assertGreater(made[field], 0)
                self.assertTrue(made["dropped"])
                checked = self.answer("map", "check", self.path(name))
                self.assertTrue(checked["sound"])
                self.assertEqual(checked["nodes"], made["nodes"])
                self.assertGreater(checked["main_part_nodes"], least_nodes)

    def pairs(self, site, count=10000):
        checked = self.answer("map", "check", site, "--pairs", count)
        self.assertEqual(checked["pairs_checked"], count)
        return checked["pairs_unreachable"]

    @needs_data("osm/porto.osm.pbf", "osm/monaco.osm.pbf", "osm/manhattan-roads.osm.pbf")
    def test_10000_pairs_agree_with_dijkstra_on_osm_maps(self):
        for name in ("monaco", "manhattan-roads", "porto"):
            with self.subTest(name):
                self.ok("init", self.path(name), "--map", data(f"osm/{name}.osm.pbf"))
                self.assertGreater(self.pairs(self.path(name)), 0)

    @needs_data("sf/nodes.csv")
    def test_san_francisco_loads_and_10000_pairs_agree(self):
        made = self.answer("init", self.path("sf"), "--nodes", data("sf/nodes.csv"), "--edges", data("sf/edges.csv"),
                           "--mapping", data("sf/mapping.json"), "--areas", data("sf/districts.geojson"),
                           "--stations", data("sf/stations.geojson"), "--units", data("sf/units.csv"),
                           "--tz", "America/Los_Angeles")
        self.assertEqual((made["nodes"], made["segments"]), (9401, 15602))
        self.assertGreater(self.pairs(self.path("sf")), 0)

    def test_a_generated_town_loads_and_10000_pairs_agree(self):
        self.ok("town", "--seed", 5, "--people", 60000, self.path("town"))
        self.ok("init", self.path("site"), "--map", self.path("town/map.osm.pbf"))
        self.assertEqual(self.pairs(self.path("site")), 0)

    @needs_data("cumcm2011b/nodes.csv")
    def test_the_contest_city_has_its_published_times(self):
        self.ok("init", self.path("city"), "--nodes", data("cumcm2011b/nodes.csv"), "--edges",
                data("cumcm2011b/edges.csv"), "--mapping", data("cumcm2011b/mapping.json"))
        with open(data("cumcm2011b/platforms.csv"), encoding="utf-8") as f:
            platforms = [row["node"] for row in csv.DictReader(f) if row["district"] == "A"]
        with open(data("cumcm2011b/nodes.csv"), encoding="utf-8") as f:
            nodes = [row["node"] for row in csv.DictReader(f) if row["district"] == "A"]
        self.assertEqual(len(platforms), 20)
        sources = self.write("sources.csv", "id\n" + "\n".join(platforms) + "\n")
        targets = self.write("targets.csv", "id\n" + "\n".join(nodes) + "\n")
        published = {"28": 4.7518, "29": 5.7005, "38": 3.4059, "39": 3.6822, "61": 4.1902, "92": 3.6013}
        for oracle in ([], ["--oracle"]):
            rows = self.answer("matrix", self.path("city"), "--sources", sources, "--targets", targets,
                               "--speed-kmh", 60, *oracle)["durations_s"]
            least = {node: min(row[t] for row in rows) / 60 for t, node in enumerate(nodes)}
            beyond = {node: minutes for node, minutes in least.items() if minutes > 3}
            self.assertEqual(beyond.keys(), published.keys())
            for node, minutes in published.items():
                self.assertAlmostEqual(beyond[node], minutes, delta=0.001)


if __name__ == "__main__":
    unittest.main()
