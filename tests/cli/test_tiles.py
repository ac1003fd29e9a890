"""The base map that init makes, read by a decoder of its own and held against the source that osmium shows."""
import bisect
import gzip
import math
import os
import struct
import subprocess
import unittest

from support import CommandTest, data, needs_data

HEADER, ENTRY = 88, 24


class BaseMap:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.bytes = f.read()
        self.count = struct.unpack_from("<Q", self.bytes, 48)[0]
        self.keys = [struct.unpack_from("<Q", self.bytes, HEADER + i * ENTRY)[0] for i in range(self.count)]

    def tiles(self, zoom):
        for number in range(bisect.bisect_left(self.keys, zoom << 58), bisect.bisect_left(self.keys, zoom + 1 << 58)):
            key = self.keys[number]
            yield key >> 29 & (1 << 29) - 1, key & (1 << 29) - 1, self.tile(number)

    def packed(self, number):
        """Where a tile lies, and its bytes there."""
        _, at, length = struct.unpack_from("<QQQ", self.bytes, HEADER + number * ENTRY)
        at += HEADER + self.count * ENTRY
        return at, self.bytes[at:at + length]

    def tile(self, number):
        return layers_of(gzip.decompress(self.packed(number)[1]))


def varint(b, i):
    value = shift = 0
    while True:
        value |= (b[i] & 127) << shift
        i += 1
        if b[i - 1] < 128:
            return value, i
        shift += 7


def fields(b):
    i = 0
    while i < len(b):
        tag, i = varint(b, i)
        if tag & 7 == 0:
            value, i = varint(b, i)
        else:
            length, i = varint(b, i)
            value, i = b[i:i + length], i + length
        yield tag >> 3, value


def numbers(b):
    out, i = [], 0
    while i < len(b):
        value, i = varint(b, i)
        out.append(value)
    return out


def paths_of(commands):
    paths, x, y, i = [], 0, 0, 0
    while i < len(commands):
        command, count = commands[i] & 7, commands[i] >> 3
        i += 1
        if command == 7:
            continue
        for _ in range(count):
            dx, dy = commands[i:i + 2]
            i += 2
            x += dx >> 1 ^ -(dx & 1)
            y += dy >> 1 ^ -(dy & 1)
            if command == 1:
                paths.append([])
            paths[-1].append((x, y))
    return paths


def layers_of(b):
    out = {}
    for _, layer in fields(b):
        parts = list(fields(layer))
        name = next(v for n, v in parts if n == 1).decode()
        keys = [v.decode() for n, v in parts if n == 3]
        values = [next(w.decode() if isinstance(w, bytes) else bool(w) for _, w in fields(v)) for n, v in parts if n == 4]
        out[name] = []
        for _, feature in (p for p in parts if p[0] == 2):
            f = dict(fields(feature))
            tags = numbers(f.get(2, b""))
            out[name].append((f[3], {keys[tags[i]]: values[tags[i + 1]] for i in range(0, len(tags), 2)},
                              paths_of(numbers(f[4]))))
    return out


def to_units(lon, lat, zoom):
    scale = 4096 << zoom
    return (lon / 360 + .5) * scale, (.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)) * scale


def crosses(ring):
    """Whether two edges of a ring cross, touching not counted."""
    def side(a, b, p):
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
    edges = list(zip(ring, ring[1:] + ring[:1]))
    for i, (a, b) in enumerate(edges):
        for c, d in edges[i + 2:]:
            if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
                return True
    return False


class Tiles(CommandTest):
    def test_init_of_a_csv_network_draws_its_roads_where_they_are(self):
        site = self.csv_site()
        base_map = BaseMap(os.path.join(site, "map", "tiles.index"))
        ends = {"东街": [(100.00, 30.00), (100.01, 30.00)], "北街": [(100.01, 30.00), (100.01, 30.01)]}
        seen = set()
        for x, y, layers in base_map.tiles(16):
            self.assertEqual(set(layers), {"road"})
            for kind, tags, paths in layers["road"]:
                self.assertEqual(kind, 2)
                if tags.get("name") not in ends:
                    continue
                seen.add((tags["name"], tags["class"]))
                (ax, ay), (bx, by) = (to_units(*end, 16) for end in ends[tags["name"]])
                for px, py in (p for path in paths for p in path):
                    px, py = px + x * 4096, py + y * 4096
                    off = abs((bx - ax) * (py - ay) - (by - ay) * (px - ax)) / math.hypot(bx - ax, by - ay)
                    self.assertLessEqual(off, 1)
        self.assertEqual(seen, {("东街", "primary"), ("北街", "residential")})

    def test_a_generated_town_shows_what_it_has(self):
        self.ok("town", "--seed", 3, "--people", 20000, self.path("town"))
        made = self.answer("init", self.path("site"), *(word for name, file in (
            ("map", "map.osm.pbf"), ("areas", "areas.geojson"), ("stations", "stations.geojson"),
            ("places", "places.geojson")) for word in ("--" + name, self.path(f"town/{file}"))))
        base_map = BaseMap(self.path("site/map/tiles.index"))
        self.assertEqual(made["base_map_tiles"], base_map.count)
        self.assertEqual(made["base_map_bytes"], len(base_map.bytes))
        self.assertEqual(made["base_map_rings_open"], 0)
        seen = {}
        for _, _, layers in base_map.tiles(15):
            for name, features in layers.items():
                for _, tags, _ in features:
                    seen.setdefault(name, set()).update(tags)
        for layer in ("road", "water", "green", "landuse", "area", "station", "poi"):
            self.assertIn(layer, seen)
        self.assertLessEqual({"partition", "level", "name", "name_en", "class"}, seen["area"])
        self.assertLessEqual({"class", "name", "name_en", "bridge"}, seen["road"])

    def check_each_tile_once(self, base_map):
        """The open sea is many tiles of one content, which lies in the file once."""
        places = {base_map.packed(number) for number in range(base_map.count)}
        self.assertLess(len(places), base_map.count - 50)
        self.assertEqual(len(places), len({content for _, content in places}))

    @needs_data("osm/monaco.osm.pbf")
    def test_monaco_is_drawn_within_a_unit_of_its_nodes(self):
        self.ok("init", self.path("site"), "--map", data("osm/monaco.osm.pbf"))
        opl = subprocess.run(["osmium", "cat", "-f", "opl", "-t", "node", data("osm/monaco.osm.pbf")], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
        cells = {}
        for row in opl.splitlines():
            lon, lat = (next(w[1:] for w in reversed(row.split(" ")) if w[0] == axis) for axis in "xy")
            x, y = to_units(float(lon), float(lat), 16)
            cells.setdefault((int(x) >> 2, int(y) >> 2), []).append((x, y))
        vertices = rings = crossed = 0
        base_map = BaseMap(self.path("site/map/tiles.index"))
        self.check_each_tile_once(base_map)
        for tx, ty, layers in base_map.tiles(16):
            for layer in ("road", "building", "rail"):
                for kind, _, paths in layers.get(layer, ()):
                    for path in paths:
                        rings += kind == 3
                        crossed += kind == 3 and crosses(path)
                        for x, y in path:
                            self.assertTrue(-64 <= x <= 4160 and -64 <= y <= 4160)
                            if x in (-64, 4160) or y in (-64, 4160):
                                continue  # where it was cut
                            x, y, vertices = x + tx * 4096, y + ty * 4096, vertices + 1
                            near = (p for dx in (-1, 0, 1) for dy in (-1, 0, 1)
                                    for p in cells.get(((x >> 2) + dx, (y >> 2) + dy), ()))
                            self.assertLessEqual(min((math.dist((x, y), p) for p in near), default=9), 1)
        self.assertGreater(vertices, 100000)
        self.assertLessEqual(crossed, rings // 1000, f"{crossed} of {rings} rings cross themselves")


if __name__ == "__main__":
    unittest.main()
