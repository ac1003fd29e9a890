"""`precinct place search`: a site's gazetteer from the command line."""
import json
import os
import unittest

from support import CommandTest, data, needs_data


class PlaceSearch(CommandTest):
    def hits(self, site, text, *options):
        return self.answer("place", "search", site, text, *options)["hits"]

    def test_finds_a_street_by_any_of_its_characters(self):
        site = self.csv_site()
        for text in ("东街", "东", "街"):
            names = [hit["name"] for hit in self.hits(site, text)]
            self.assertIn("东街", names)
        hit = self.hits(site, "东街")[0]
        self.assertEqual((hit["kind"], hit["match"], hit["dwelling"]), ("street", "exact", "no"))
        self.assertAlmostEqual(hit["lon"], 100.005, 4)
        self.assertIsNone(hit["distance_m"])

    def test_finds_a_crossing_and_its_distance(self):
        site = self.csv_site()
        for text in ("东街与北街", "北街/东街", "东街北街路口"):
            hit = self.hits(site, text, "--near", "100.01,30.001")[0]
            self.assertEqual((hit["name"], hit["kind"]), ("东街与北街路口", "crossing"))
            self.assertAlmostEqual(hit["distance_m"], 111.2, 0)

    def test_takes_coordinates_with_negative_longitude(self):
        hit = self.hits(self.csv_site(), "-8.6,41.15")[0]
        self.assertEqual((hit["kind"], hit["lon"], hit["dwelling"]), ("position", -8.6, "unknown"))

    def test_limit_bounds_the_hits(self):
        site = self.csv_site()
        self.assertEqual(len(self.hits(site, "街", "--limit", 1)), 1)
        self.assertGreater(len(self.hits(site, "街")), 1)

    def test_nothing_found_is_an_answer(self):
        site = self.csv_site()
        done = self.run_precinct("place", "search", site, "西街", "--json")
        self.assertEqual((done.returncode, done.stdout), (1, '{"hits":[]}\n'))
        self.assertIn("nothing on the map matches '西街'", done.stderr)

    def test_speaks_both_languages(self):
        site = self.csv_site()
        self.assertIn("东街 (street)", self.ok("place", "search", site, "东街").stdout)
        self.assertIn("东街（道路）", self.ok("place", "search", site, "东街", "--lang", "zh").stdout)

    def test_refuses_bad_options_and_indexes(self):
        site = self.csv_site()
        self.refused(2, ["--near", "lon,lat"], "place", "search", site, "东", "--near", "here")
        self.refused(2, "--limit", "place", "search", site, "东", "--limit", "0")
        self.refused(2, "512", "place", "search", site, "a" * 600)
        index = os.path.join(site, "map/places.index")
        with open(index, "r+b") as f:
            f.seek(-1, os.SEEK_END)
            last = f.read(1)
            f.seek(-1, os.SEEK_END)
            f.write(bytes([last[0] ^ 1]))
        self.refused(2, "places.index: damaged", "place", "search", site, "东")
        os.remove(index)
        self.refused(2, "has no gazetteer", "place", "search", site, "东")

    def test_finds_what_a_generated_town_was_given_in_both_languages(self):
        self.ok("town", "--seed", 3, "--people", 6000, self.path("town"))
        files = [f"{self.path('town')}/{name}" for name in ("map.osm.pbf", "areas.geojson", "stations.geojson", "places.geojson")]
        self.ok("init", self.path("site"), "--map", files[0], "--areas", files[1], "--stations", files[2], "--places", files[3])
        for path, kinds in ((files[1], {"area"}), (files[2], {"place"}), (files[3], {"place", "area"})):
            with open(path, encoding="utf-8") as f:
                features = json.load(f)["features"]
            for properties in [feature["properties"] for feature in features[:12]]:
                for text in (properties["name"], properties["name_en"]):
                    hits = self.hits(self.path("site"), text, "--limit", 100)
                    found = [hit for hit in hits if hit["name"] == properties["name"] and hit["kind"] in kinds]
                    self.assertTrue(found, f"{text}: {hits}")

    def test_bad_address_mapping_leaves_no_site(self):
        nodes = self.write("n.csv", "id,lon,lat\n1,100.00,30.00\n2,100.01,30.00\n")
        edges = self.write("e.csv", "from,to,lf,lt\n1,2,1,x\n")
        mapping = self.write("m.json", '{"edges":{"from":"from","to":"to","address_left":["lf","lt"]}}')
        self.refused(2, ["e.csv", "lt"], "init", self.path("s"), "--nodes", nodes, "--edges", edges, "--mapping", mapping)
        self.assertFalse(os.path.exists(self.path("s")))


@needs_data("sf/nodes.csv", "osm/porto.osm.pbf")
class RealMaps(CommandTest):
    def test_san_francisco_finds_addresses_and_crossings(self):
        site = self.path("sf")
        self.ok("init", site, "--nodes", data("sf/nodes.csv"), "--edges", data("sf/edges.csv"), "--mapping",
                data("sf/mapping.json"), "--stations", data("sf/stations.geojson"), "--tz", "America/Los_Angeles")
        # The Hall of Justice stands at 850 Bryant Street, 37.7754 N 122.4036 W.
        for text, kind, lon, lat in (("850 bryant st", "address", -122.4036, 37.7754),
                                     ("Bryant St 850", "address", -122.4036, 37.7754),
                                     ("market & 5th", "crossing", -122.4082, 37.7838),
                                     ("tenderloin police", "place", -122.4132, 37.7838)):
            hit = self.answer("place", "search", site, text)["hits"][0]
            self.assertEqual(hit["kind"], kind, text)
            self.assertAlmostEqual(hit["lon"], lon, 2, text)
            self.assertAlmostEqual(hit["lat"], lat, 2, text)

    def test_porto_makes_its_gazetteer_in_a_share_of_init(self):
        done = self.answer("init", self.path("porto"), "--map", data("osm/porto.osm.pbf"))
        self.assertLess(done["gazetteer_s"], 2 * (done["import_s"] + done["order_s"]))  # beside what it shares the machine with
        self.assertLess(done["peak_rss_bytes"], 400e6)
        hit = self.answer("place", "search", self.path("porto"), "rua de sao joao", "--near", "-8.6137,41.1418")["hits"][0]
        self.assertEqual((hit["name"], hit["match"]), ("Rua de São João", "exact"))
        self.assertLess(hit["distance_m"], 200)


if __name__ == "__main__":
    unittest.main()
