"""precinct speeds: speeds by band learnt from the tracks of units on duty, and routes that set out at a time of day."""
import datetime
import os
import sqlite3
import unittest

from support import CommandTest

DAY = 86_400_000
LOOP = [((100.005, 30.005), (100.0, 30.0)), ((100.0, 30.0), (100.01, 30.0)), ((100.01, 30.0), (100.01, 30.01)),
        ((100.01, 30.01), (100.005, 30.005))]


def ms(text):
    return int(datetime.datetime.fromisoformat(text + "+08:00").timestamp() * 1000)


def loop(start_ms, mps):
    """Once round the block, 1 → 2 → 3 → 1, from the middle of the diagonal and back to it: a fix each second."""
    at_m, begin_m, points = 0.0, 0.0, []
    for (lon_a, lat_a), (lon_b, lat_b) in LOOP:
        length_m = (((lon_b - lon_a) * 96_297) ** 2 + ((lat_b - lat_a) * 111_195) ** 2) ** 0.5
        while at_m < begin_m + length_m:
            share = (at_m - begin_m) / length_m
            points.append((start_ms + len(points) * 1000, lon_a + share * (lon_b - lon_a), lat_a + share * (lat_b - lat_a)))
            at_m += mps
        begin_m += length_m
    return points


class Speeds(CommandTest):
    def tracks(self, site, drives):
        """drives: (unit, start, metres a second)"""
        db = sqlite3.connect(os.path.join(site, "tracks.db"))
        db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA application_id={0x50435403}; PRAGMA user_version=1;"
                         "CREATE TABLE fix (unit INTEGER NOT NULL, at INTEGER NOT NULL, lon_e7 INTEGER NOT NULL,"
                         " lat_e7 INTEGER NOT NULL, speed INTEGER, heading INTEGER, source INTEGER NOT NULL,"
                         " PRIMARY KEY (unit, at)) STRICT, WITHOUT ROWID;")
        for unit, start, mps in drives:
            db.executemany("INSERT INTO fix VALUES (?, ?, ?, ?, NULL, NULL, 0)",
                           [(unit, at, round(lon * 1e7), round(lat * 1e7)) for at, lon, lat in loop(start, mps)])
        db.commit()
        db.close()

    def drives(self, units, days):
        peak, night = ms("2026-10-05T17:05:00"), ms("2026-10-05T23:05:00")
        return [(101 + slot % units, start + day * DAY + slot // units * 1_100_000, mps)
                for day in range(days) for slot in range(55 // days) for start, mps in [(peak, 5), (night, 20)]]

    def test_speeds_learn_recovers_what_units_drove_by_band(self):
        site = self.csv_site()
        self.tracks(site, self.drives(units=5, days=5))
        told = self.answer("speeds", "learn", site)
        self.assertEqual((told["units"], told["unmatched_points"]), (5, 0))
        self.assertGreaterEqual(told["drives"], 200)
        shown = self.answer("speeds", "show", site)
        bands = {band["band"]: band for band in shown["patrol"]}
        for band, kmh in [("evening_peak", 18), ("night", 72)]:
            for road_class in ["primary", "residential"]:
                figure = bands[band]["classes"][road_class]
                self.assertAlmostEqual(figure["kmh"], kmh, delta=kmh * 0.06)
                self.assertGreaterEqual(figure["n"], 50)
                self.assertGreaterEqual(figure["units"], 3)
            self.assertGreaterEqual(bands[band]["segments"], 2)
        self.assertFalse(bands["morning_peak"]["classes"])
        self.assertTrue(all(not band["classes"] for band in shown["response"]))
        with open(os.path.join(site, "learnt_speeds.csv"), encoding="utf-8") as file:
            rows = file.read()
        self.assertTrue(rows.startswith("class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"))
        for unit in range(101, 106):
            self.assertNotIn(str(unit), rows)
        said = self.ok("speeds", "show", site, "--lang", "zh").stdout
        self.assertIn("晚高峰", said)
        self.assertIn("巡逻行驶", said)

    def test_speeds_learn_publishes_nothing_of_two_units_in_a_week(self):
        site = self.csv_site()
        self.tracks(site, self.drives(units=2, days=5))
        self.refused(1, ["drives are too few", "3 units or over 28 days"], "speeds", "learn", site)
        self.assertFalse(os.path.exists(os.path.join(site, "learnt_speeds.csv")))

    def test_speeds_learn_keeps_what_was_written_by_hand(self):
        site = self.csv_site()
        self.tracks(site, self.drives(units=5, days=5))
        self.write("site/learnt_speeds.csv", "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"
                                             "primary,,,,night,patrol,33,,,,\nservice,,,,night,patrol,7,,,,\n")
        self.ok("speeds", "learn", site)
        self.ok("speeds", "learn", site)
        bands = {band["band"]: band for band in self.answer("speeds", "show", site)["patrol"]}
        self.assertEqual(bands["night"]["classes"]["primary"], {"kmh": 33.0, "n": 0, "units": 0})
        self.assertEqual(bands["night"]["classes"]["service"]["kmh"], 7.0)
        self.assertAlmostEqual(bands["night"]["classes"]["residential"]["kmh"], 72, delta=4)

    def test_speeds_without_tracks_says_where_they_come_from(self):
        site = self.csv_site()
        self.refused(1, "has no tracks yet", "speeds", "learn", site)
        self.assertIn("nothing has been learnt yet", self.ok("speeds", "show", site).stdout)

    def test_a_route_takes_the_band_in_which_it_sets_out(self):
        site = self.csv_site()
        route = ["route", site, "--from", "100.0,30.0", "--to", "100.01,30.0"]
        always = self.answer(*route)["duration_s"]
        self.write("site/learnt_speeds.csv", "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"
                                             "primary,,,,evening_peak,response,10,60,4,2026-10-01,2026-10-09\n")
        self.assertEqual(self.answer(*route)["duration_s"], always)
        self.assertEqual(self.answer(*route, "--at", "2026-10-05T16:59:59")["duration_s"], always)
        self.assertAlmostEqual(self.answer(*route, "--at", "2026-10-05T17:00:00")["duration_s"], 360, delta=1)
        self.assertAlmostEqual(self.answer(*route, "--at", "2026-10-05T09:00:00Z")["duration_s"], 360, delta=1)
        points = self.write("points.csv", "lon,lat\n100.0,30.0\n100.01,30.0\n")
        matrix = self.answer("matrix", site, "--sources", points, "--targets", points, "--at", "2026-10-05T17:30")
        self.assertAlmostEqual(matrix["durations_s"][0][1], 360, delta=1)
        self.assertAlmostEqual(self.answer("nearest", site, "--to", "100.01,30.0", "--units", self.write(
            "units.csv", "unit,lon,lat\na,100.0,30.0\n"), "--at", "2026-10-05T17:30")["units"][0]["duration_s"], 360, delta=1)
        small = self.answer("isochrone", site, "--from", "100.0,30.0", "--minutes", "3", "--at", "2026-10-05T17:30")
        large = self.answer("isochrone", site, "--from", "100.0,30.0", "--minutes", "3")
        self.assertLess(small["features"][0]["properties"]["area_km2"], large["features"][0]["properties"]["area_km2"])
        self.refused(2, "--at", *route, "--at", "noon")

    def test_a_patrol_takes_its_own_figures_of_the_band(self):
        site = self.csv_site()
        route = ["route", site, "--from", "100.0,30.0", "--to", "100.01,30.0", "--profile", "patrol"]
        always = self.answer(*route)["duration_s"]
        self.write("site/learnt_speeds.csv", "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"
                                             "primary,,,,evening_peak,patrol,10,60,4,2026-10-01,2026-10-09\n"
                                             "primary,,,,night,response,10,60,4,2026-10-01,2026-10-09\n")
        self.assertEqual(self.answer(*route, "--at", "2026-10-05T16:59:59")["duration_s"], always)
        self.assertAlmostEqual(self.answer(*route, "--at", "2026-10-05T17:00:00")["duration_s"], 360, delta=1)
        self.assertEqual(self.answer(*route, "--at", "2026-10-05T23:30:00")["duration_s"], always)

    def test_a_faulty_file_of_speeds_is_refused_with_its_line(self):
        site = self.csv_site()
        self.write("site/learnt_speeds.csv", "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"
                                             "primary,,,,night,response,30,500,2,2026-10-01,2026-10-09\n")
        for command in [["speeds", "show", site], ["route", site, "--from", "100,30", "--to", "100.01,30", "--at", "2026-10-05T17:00"]]:
            self.refused(2, "learnt_speeds.csv:2: a figure of 2 units over 8 days", *command)


if __name__ == "__main__":
    unittest.main()
