"""Maps in GCJ-02 and BD-09 become WGS-84 on the way in: once, wherever the positions stand."""
import json
import math
import os
import unittest

from support import CommandTest

# People's Square, Shanghai: as a receiver has it, as Gaode and Baidu draw it. The shift is about 500 m, about 1,100 m.
WGS = (121.4700000, 31.2300000)


def metres(a, b):
    return math.hypot((a[0] - b[0]) * 111195 * math.cos(math.radians(a[1])), (a[1] - b[1]) * 111195)


class Crs(CommandTest):
    def setUp(self):
        super().setUp()
        # A street of four nodes, 1 km long, with a bend between 2 and 3.
        self.points = [(WGS[0] + 0.003 * i, WGS[1]) for i in range(4)]
        self.bend = (WGS[0] + 0.0045, WGS[1] + 0.0002)
        self.files("plain", self.points, self.bend)

    def files(self, name, points, bend):
        os.makedirs(self.path(name), exist_ok=True)
        self.write(f"{name}/nodes.csv", "id,lon,lat\n" + "".join(f"{i},{x:.7f},{y:.7f}\n" for i, (x, y) in enumerate(points)))
        rows = []
        for i in range(3):
            between = [bend] if i == 1 else []
            line = ";".join(f"{x:.7f} {y:.7f}" for x, y in [points[i], *between, points[i + 1]])
            rows.append(f"{i},{i + 1},residential,Street,{line}\n")
        self.write(f"{name}/edges.csv", "from,to,class,name,geometry\n" + "".join(rows))
        x, y = points[0]
        ring = [[x - 0.01, y - 0.01], [x + 0.02, y - 0.01], [x + 0.02, y + 0.01], [x - 0.01, y + 0.01], [x - 0.01, y - 0.01]]
        feature = lambda geometry, **properties: {"type": "Feature", "properties": properties, "geometry": geometry}
        collection = lambda *features: json.dumps({"type": "FeatureCollection", "features": features})
        self.write(f"{name}/areas.geojson", collection(feature({"type": "Polygon", "coordinates": [ring]}, name="A", partition="p")))
        self.write(f"{name}/stations.geojson", collection(feature({"type": "Point", "coordinates": [x, y]}, name="S", id="s")))
        self.write(f"{name}/units.csv", "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"
                                        f"u1,S,{x:.7f},{y:.7f},car,,2,0,00:00,24:00\n")

    def init(self, site, name, *more):
        return self.answer("init", self.path(site), "--nodes", self.path(f"{name}/nodes.csv"), "--edges",
                           self.path(f"{name}/edges.csv"), "--areas", self.path(f"{name}/areas.geojson"), "--stations",
                           self.path(f"{name}/stations.geojson"), "--units", self.path(f"{name}/units.csv"), *more)

    def where(self, site):
        """Every position that a site has: its roads' corners and ends, its area, its station, its unit."""
        box = self.answer("map", "info", self.path(site))["bbox"]
        with open(self.path(f"{site}/map/areas.geojson"), encoding="utf-8") as f:
            ring = json.load(f)["features"][0]["geometry"]["coordinates"][0]
        with open(self.path(f"{site}/map/stations.geojson"), encoding="utf-8") as f:
            station = json.load(f)["features"][0]["geometry"]["coordinates"]
        with open(self.path(f"{site}/units.csv"), encoding="utf-8") as f:
            unit = [float(v) for v in f.read().splitlines()[1].split(",")[2:4]]
        return [box[:2], box[2:], *ring, station, unit]

    def shifted(self, crs):
        """The same street as it is written in that datum: what init takes away, put on again."""
        self.init("as_" + crs, "plain", "--crs", crs)
        away = self.where("as_" + crs)[-1]
        shift = lambda p: (2 * p[0] - away[0] - (p[0] - WGS[0]), 2 * p[1] - away[1] - (p[1] - WGS[1]))
        self.files(crs, [shift(p) for p in self.points], shift(self.bend))
        return metres(away, WGS)

    def test_every_position_of_a_map_is_shifted_alike(self):
        self.init("wgs84", "plain")
        for crs, least, most in (("gcj02", 300, 700), ("bd09", 800, 1500), ("cgcs2000", 0, 0)):
            with self.subTest(crs):
                moved = self.shifted(crs)
                self.assertTrue(least <= moved <= most, f"{crs} moves {moved} m")
                shifts = [(a[0] - b[0], a[1] - b[1]) for a, b in zip(self.where("as_" + crs), self.where("wgs84"))]
                for x, y in shifts:
                    self.assertAlmostEqual(x, shifts[0][0], delta=1e-3)
                    self.assertAlmostEqual(y, shifts[0][1], delta=1e-3)
                self.assertEqual(self.answer("map", "info", self.path("as_" + crs))["crs"], crs)
                # Written in that datum, it lies where it should, up to how the shift changes over a few kilometres.
                self.init("from_" + crs, crs, "--crs", crs)
                for a, b in zip(self.where("from_" + crs), self.where("wgs84")):
                    self.assertLess(metres(a, b), 70)

    def test_an_openstreetmap_file_is_shifted_with_its_places_and_its_base_map(self):
        self.ok("town", "--seed", 3, "--people", 3000, self.path("town"))
        pbf = self.path("town/map.osm.pbf")
        self.ok("init", self.path("a"), "--map", pbf)
        self.ok("init", self.path("b"), "--map", pbf, "--crs", "gcj02")
        a, b = (self.answer("map", "info", self.path(s)) for s in "ab")
        self.assertEqual(a["nodes"], b["nodes"])
        moved = metres(a["bbox"], b["bbox"])
        self.assertGreater(moved, 50)  # the town lies in China
        hits = [self.answer("place", "search", self.path(s), "小学")["hits"] or
                self.answer("place", "search", self.path(s), "路")["hits"] for s in "ab"]
        self.assertEqual(len(hits[0]), len(hits[1]))
        self.assertAlmostEqual(metres((hits[0][0]["lon"], hits[0][0]["lat"]), (hits[1][0]["lon"], hits[1][0]["lat"])), moved, delta=20)

    def test_nothing_is_converted_twice(self):
        self.shifted("gcj02")
        self.init("site", "gcj02", "--crs", "gcj02")
        before = self.where("site")
        # The site's own files, already WGS-84, with another map: they stay.
        made = self.answer("map", "update", self.path("site"), "--nodes", self.path("gcj02/nodes.csv"), "--edges",
                           self.path("gcj02/edges.csv"), "--crs", "gcj02")
        self.assertEqual(made["crs"], "gcj02")
        self.assertEqual(self.where("site"), before)
        # Given by hand they are refused, and without --crs one is asked what the new map is.
        self.refused(2, ["areas.geojson", "gcj02", "WGS-84"], "map", "update", self.path("site"), "--nodes",
                     self.path("gcj02/nodes.csv"), "--edges", self.path("gcj02/edges.csv"), "--crs", "gcj02", "--areas",
                     self.path("site/map/areas.geojson"), "--lang", "en")
        self.refused(2, ["gcj02", "--crs"], "map", "update", self.path("site"), "--nodes", self.path("gcj02/nodes.csv"),
                     "--edges", self.path("gcj02/edges.csv"), "--lang", "en")
        self.assertEqual(self.where("site"), before)

    def test_a_mapping_says_it_for_one_file(self):
        self.init("wgs84", "plain")
        self.init("as_gcj02", "plain", "--crs", "gcj02")
        mapping = {"nodes": {"id": "id", "lon": "lon", "lat": "lat"}, "stations": {"crs": "gcj02"}}
        self.init("mixed", "plain", "--mapping", self.write("mapping.json", json.dumps(mapping)))
        mixed, plain, shifted = (self.where(s) for s in ("mixed", "wgs84", "as_gcj02"))
        self.assertEqual(mixed[-2], shifted[-2])
        self.assertEqual(mixed[:-2] + mixed[-1:], plain[:-2] + plain[-1:])
        mapping["nodes"]["crs"] = "moon"
        self.refused(2, ["mapping.json", "crs", "gcj02", "moon"], "init", self.path("bad"), "--nodes",
                     self.path("plain/nodes.csv"), "--edges", self.path("plain/edges.csv"), "--mapping",
                     self.write("mapping.json", json.dumps(mapping)), "--lang", "en")
        self.refused(2, ["--crs", "moon"], "init", self.path("bad"), "--nodes", self.path("plain/nodes.csv"), "--edges",
                     self.path("plain/edges.csv"), "--crs", "moon", "--lang", "en")
        self.assertFalse(os.path.exists(self.path("bad")))


if __name__ == "__main__":
    unittest.main()
