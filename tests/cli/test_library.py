"""The installed library: three programs are built against its headers and its pkg-config file alone, and run."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import PRECINCT

ROOT = Path(__file__).resolve().parents[2]


def run(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, **options).stdout


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.place = Path(cls.folder.name)
        run("make", "-s", "install", f"DESTDIR={cls.place}", "PREFIX=/usr", cwd=ROOT)
        cls.lib = cls.place / "usr/lib"
        cls.environment = os.environ | {"PKG_CONFIG_PATH": f"{cls.lib}/pkgconfig", "PKG_CONFIG_SYSROOT_DIR": str(cls.place), "LD_LIBRARY_PATH": str(cls.lib)}
        cls.flags = run("pkg-config", "--cflags", "--libs", "precinct", env=cls.environment).split()
        run(PRECINCT, "town", cls.place / "town", "--people", "3000", "--seed", "7")
        run(PRECINCT, "init", cls.place / "site", "--map", cls.place / "town/map.osm.pbf")
        cls.index = [cls.place / "site/map/road.index", cls.place / "site/definitions/speeds.csv"]
        cls.ends = cls.two_positions()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def two_positions(cls):
        west, south, east, north = json.loads(run(PRECINCT, "map", "info", cls.place / "site", "--json"))["bbox"]
        at = lambda share: f"{west + (east - west) * share:.6f},{south + (north - south) * share:.6f}"
        return at(0.4), at(0.6)

    def example(self, name, *arguments, status=0):
        program = self.place / name
        run("cc", "-std=c17", "-Wall", "-Wextra", "-Werror", ROOT / f"examples/{name}.c", *self.flags, "-o", program, env=self.environment)
        done = subprocess.run([str(a) for a in (program, *self.index, *arguments)], capture_output=True, text=True, env=self.environment)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr if status else done.stdout

    def test_route_is_the_programs_own(self):
        said = json.loads(run(PRECINCT, "route", self.place / "site", "--from", self.ends[0], "--to", self.ends[1], "--json"))
        lines = self.example("route", *self.ends).splitlines()
        self.assertEqual(lines[0], f"{said['duration_s'] / 60:.1f} min, {said['distance_m'] / 1000:.2f} km")
        self.assertEqual(len(lines) - 1, len(said["steps"]))

    def test_matrix_has_nothing_from_a_place_to_itself(self):
        rows = [line.split() for line in self.example("matrix", *self.ends).splitlines()]
        said = json.loads(run(PRECINCT, "route", self.place / "site", "--from", self.ends[0], "--to", self.ends[1], "--json"))
        self.assertEqual((rows[0][0], rows[1][1]), ("0.0", "0.0"))
        self.assertEqual(float(rows[0][1]), round(said["duration_s"], 1))

    def test_isochrone_is_a_multipolygon_of_closed_rings(self):
        area = json.loads(self.example("isochrone", self.ends[0], "3"))
        self.assertEqual(area["type"], "MultiPolygon")
        rings = [ring for polygon in area["coordinates"] for ring in polygon]
        self.assertTrue(rings and all(len(ring) >= 4 and ring[0] == ring[-1] for ring in rings))

    def test_what_is_wrong_is_told_in_a_sentence(self):
        self.assertRegex(self.example("route", self.ends[0], "0,0", status=1), r"\w{3,}.*\d")

    def test_only_what_the_headers_declare_is_exported(self):
        names = re.findall(r" [TDRB] (\w+)@@PRECINCT_0$", run("nm", "-D", "--defined-only", self.lib / "libprecinct.so.0"), re.M)
        self.assertIn("pct_router_time_ms", names)
        headers = "\n".join(p.read_text() for p in (self.place / "usr/include/precinct").rglob("*.h"))
        self.assertEqual([n for n in names if not re.search(rf"\b{n}\b", headers)], [])

    def test_every_public_header_stands_on_its_own(self):
        include = self.place / "usr/include/precinct"
        for header in sorted(include.rglob("*.h")):
            name = header.relative_to(include)
            subprocess.run(["cc", "-std=c17", "-Wall", "-Werror", *self.flags[:1], "-fsyntax-only", "-x", "c", "-"], input=f'#include "{name}"\n', check=True, text=True)


if __name__ == "__main__":
    unittest.main()
