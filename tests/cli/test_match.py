"""precinct match: tracks from files to roads, and what is told of those that are faulty."""
import unittest

from support import CommandTest


def at(second):
    return f"2026-03-01T08:{second // 60:02d}:{second % 60:02d}"


class Match(CommandTest):
    def drive(self):
        """From east of node 1 along 东街 (100.00 to 100.01, 30.00) and up 北街: 965 m a road, 20 m/s."""
        points = [(at(s), 100.001 + s * 20 / 96486, 30.00001) for s in range(43)]
        points += [(at(43 + s), 100.01001, 30.0 + s * 20 / 111195) for s in range(40)]
        return points

    def csv(self, points, name="track.csv"):
        return self.write(name, "time,lon,lat\n" + "".join(f"{t},{lon:.7f},{lat:.7f}\n" for t, lon, lat in points))

    def test_match_names_the_roads_with_times_and_distance(self):
        site = self.csv_site()
        found = self.answer("match", site, "--track", self.csv(self.drive()))
        self.assertEqual([(s["from_node"], s["to_node"], s["name"]) for s in found["segments"]], [(1, 2, "东街"), (2, 3, "北街")])
        self.assertEqual(found["unmatched_points"], 0)
        self.assertEqual(found["points"], 83)
        self.assertEqual(found["gaps"], 0)
        self.assertEqual(found["segments"][0]["from_time"], "2026-03-01T08:00:00+08:00")
        self.assertEqual(found["segments"][0]["to_time"], found["segments"][1]["from_time"])
        self.assertAlmostEqual(found["distance_m"], sum(s["distance_m"] for s in found["segments"]), delta=0.2)
        self.assertAlmostEqual(found["distance_m"], 900 + 770, delta=30)

    def test_match_reads_gpx_as_it_reads_csv(self):
        site, points = self.csv_site(), self.drive()
        gpx = self.write("track.gpx", '<?xml version="1.0"?>\n<gpx version="1.1"><trk><trkseg>\n' + "".join(
            f'<trkpt lon="{lon:.7f}" lat="{lat:.7f}"><ele>3</ele>\n <time>{t}+08:00</time></trkpt>\n' for t, lon, lat in points)
            + "</trkseg></trk></gpx>\n")
        self.assertEqual(self.answer("match", site, "--track", gpx), self.answer("match", site, "--track", self.csv(points)))

    def test_match_says_how_far_unmatched_points_are(self):
        site, points = self.csv_site(), self.drive()
        points[20] = (points[20][0], points[20][1], 30.00001 + 150 / 111195)
        found = self.answer("match", site, "--track", self.csv(points))
        self.assertEqual(found["unmatched_points"], 1)
        self.assertEqual(found["unmatched"][0]["reason"], "far")
        self.assertAlmostEqual(found["unmatched"][0]["distance_m"], 151, delta=1)
        said = self.ok("match", site, "--track", self.csv(points)).stdout
        self.assertIn("unmatched: no road nearby; 151 m to the nearest road", said)
        self.assertIn("1 of them unmatched", said)
        self.assertIn("未匹配：附近没有道路；距最近道路 151 米", self.ok("match", site, "--track", self.csv(points), "--lang", "zh").stdout)

    def test_match_off_the_map_is_no_answer(self):
        track = self.csv([(at(s), 10.0, 50.0 + s / 10000) for s in range(5)])
        done = self.run_precinct("match", self.csv_site(), "--track", track)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no part of the track could be matched", done.stderr)

    def test_match_tells_faults_by_their_line(self):
        site = self.csv_site()
        for name, text, says in [
                ("a.csv", "time,lon\n", "column 'lat' is missing"),
                ("b.csv", "time,lon,lat\n2026-03-01T08:00:00,100,30\nyesterday,100,30\n", ":3:"),
                ("c.csv", "time,lon,lat\n2026-03-01T08:00:00,190,30\n", "from -180 to 180"),
                ("d.csv", "time,lon,lat\n", "holds no track point"),
                ("e.gpx", "<gpx>\n<trkpt lat=\"30\" lon=\"100\">\n</trkpt></gpx>", "e.gpx:2: a track point needs"),
                ("f.gpx", "<gpx>\n\n<trkpt lat=\"30\" lon=\"x\"><time>2026-03-01T08:00:00Z</time></trkpt></gpx>", ":3:"),
                ("g.gpx", "<gpx></gpx>", "holds no track point")]:
            self.refused(2, says, "match", site, "--track", self.write(name, text))
        self.refused(2, "none.csv", "match", site, "--track", self.path("none.csv"))


if __name__ == "__main__":
    unittest.main()
