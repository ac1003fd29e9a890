"""Ways, times and areas over the interface: answers that agree with each other, and what bad input and closures get."""
import datetime
import json
import os
import time
import unittest
import unittest.mock
import urllib.parse

from server import ApiTest, Server, run


def lonlat(position):
    return f"{position[0]},{position[1]}"


def decoded(text):
    """An encoded polyline of six decimals, as lon, lat."""
    numbers, value, shift = [], 0, 0
    for ch in text:
        bits = ord(ch) - 63
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    lat = lon = 0
    line = []
    for i in range(0, len(numbers), 2):
        lat, lon = lat + numbers[i], lon + numbers[i + 1]
        line.append([lon / 1e6, lat / 1e6])
    return line


class Road(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        units = cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"]
        cls.places = [u["position"] for u in units if u["position"]]
        stations = cls.clients["anna"].get("/api/v1/stations").json["features"]
        cls.places += [f["geometry"]["coordinates"][:2] for f in stations]
        west, east = min(cls.places), max(cls.places)
        cls.middle = [(west[0] + east[0]) / 2, (west[1] + east[1]) / 2]
        cls.a, cls.b = west, east

    def route(self, **query):
        return self.anna.get("/api/v1/route?" + urllib.parse.urlencode(query, safe=",;"))

    def test_a_route_has_line_and_steps_in_the_readers_language(self):
        reply = self.route(**{"from": lonlat(self.a), "to": lonlat(self.b)}).json
        way = reply["routes"][0]
        self.assertGreater(way["duration_s"], 0)
        steps = way["legs"][0]["steps"]
        self.assertEqual([steps[0]["maneuver"], steps[-1]["maneuver"]], ["depart", "arrive"])
        self.assertTrue(steps[0]["instruction"].startswith("Head "))
        self.assertAlmostEqual(sum(s["distance_m"] for s in steps), way["distance_m"], delta=0.1 * len(steps))
        self.assertAlmostEqual(sum(s["duration_s"] for s in steps), way["duration_s"], delta=0.1 * len(steps))
        zh = self.route(**{"from": lonlat(self.a), "to": lonlat(self.b), "language": "zh"}).json["routes"][0]
        self.assertRegex(zh["legs"][0]["steps"][0]["instruction"], "^沿.*行驶$")
        self.assertEqual(self.anna.get(f"/api/v1/route?from={lonlat(self.a)}&to={lonlat(self.b)}", Accept_Language="zh").json["routes"][0], zh)
        encoded = self.route(**{"from": lonlat(self.a), "to": lonlat(self.b), "geometry": "polyline6", "steps": "false"}).json["routes"][0]
        self.assertIsNone(encoded["geometry"])
        self.assertEqual(encoded["legs"][0]["steps"], [])
        line = decoded(encoded["polyline6"])
        self.assertEqual(len(line), len(way["geometry"]["coordinates"]))
        for p, q in zip(line, way["geometry"]["coordinates"]):
            self.assertAlmostEqual(p[0], q[0], delta=1e-6)
            self.assertAlmostEqual(p[1], q[1], delta=1e-6)

    def test_via_points_are_passed_in_order_and_add_up(self):
        ends = {"from": lonlat(self.a), "to": lonlat(self.b)}
        via = self.route(**ends, via=f"{lonlat(self.places[1])};{lonlat(self.places[2])}").json["routes"][0]
        self.assertEqual(len(via["legs"]), 3)
        self.assertEqual([leg["steps"][-1]["maneuver"] for leg in via["legs"]], ["via", "via", "arrive"])
        stops, total = [self.a, self.places[1], self.places[2], self.b], 0
        for p, q, leg in zip(stops, stops[1:], via["legs"]):
            part = self.route(**{"from": lonlat(p), "to": lonlat(q)}).json["routes"][0]
            self.assertAlmostEqual(part["duration_s"], leg["duration_s"], delta=0.01)
            total += part["duration_s"]
        self.assertAlmostEqual(via["duration_s"], total, delta=0.2)

    def test_alternatives_are_slower_within_their_limit(self):
        reply = self.route(**{"from": lonlat(self.a), "to": lonlat(self.b), "alternatives": 3}).json
        times = [way["duration_s"] for way in reply["routes"]]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(times[-1], times[0] * 1.25 + 0.1)
        self.assertEqual(len({json.dumps(way["geometry"]) for way in reply["routes"]}), len(times))
        self.refused(self.route(**{"from": lonlat(self.a), "to": lonlat(self.b), "via": lonlat(self.middle), "alternatives": 1}), 422, "route_alternatives_via")

    def test_a_table_holds_what_routes_take(self):
        some = self.places[:4]
        table = self.anna.post("/api/v1/table", {"sources": some, "targets": [self.a, self.b]}).json
        self.assertEqual([len(table["durations_s"]), len(table["durations_s"][0])], [4, 2])
        self.assertEqual([table["unreachable"], table["unreachable_by_closures"]], [0, 0])
        for p, row in zip(some, table["durations_s"]):
            for q, seconds in zip([self.a, self.b], row):
                way = self.route(**{"from": lonlat(p), "to": lonlat(q), "geometry": "none"}).json["routes"][0]
                self.assertAlmostEqual(seconds, way["duration_s"], delta=0.01)
        empty = self.anna.post("/api/v1/table", {"sources": [], "targets": some}).json
        self.assertEqual(empty["durations_s"], [])

    def test_areas_grow_with_the_minutes_and_hold_their_roads(self):
        areas = self.anna.get(f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=1,3&roads=true").json["features"]
        self.assertEqual([f["properties"]["minutes"] for f in areas], [1, 3])
        self.assertLess(areas[0]["properties"]["area_km2"], areas[1]["properties"]["area_km2"])
        near, far = ({tuple(r) for r in f["properties"]["roads"]} for f in areas)
        self.assertTrue(near < far)
        back = self.anna.get(f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=3&reverse=true").json["features"][0]
        self.assertIsNone(back["properties"]["roads"])

    def test_the_nearest_units_are_those_the_table_says(self):
        units = self.anna.get("/api/v1/units?limit=1000").json["items"]
        free = [u for u in units if u["status"] in ("at_station", "available") and u["officers"] > 0 and u["position"]]
        reply = self.anna.get(f"/api/v1/nearest?to={lonlat(self.b)}&k=3").json
        self.assertEqual(reply["looked_at"], len(free))
        column = self.anna.post("/api/v1/table", {"sources": [u["position"] for u in free], "targets": [self.b]}).json["durations_s"]
        times = sorted(row[0] for row in column)
        self.assertEqual([item["travel_s"] for item in reply["items"]], times[:3])
        listed = self.anna.post("/api/v1/nearest", {"to": self.b, "from": [u["position"] for u in free], "k": 3}).json
        self.assertEqual([item["travel_s"] for item in listed["items"]], times[:3])
        for item in listed["items"]:
            self.assertEqual(column[item["index"]][0], item["travel_s"])

    def test_a_position_far_from_any_road_is_told_how_far(self):
        far = [self.a[0], self.a[1] + 0.5]
        problem = self.refused(self.route(**{"from": lonlat(far), "to": lonlat(self.b)}), 422, "position_far", "from")
        self.assertRegex(problem["detail"], r"lies \d{5} m from the nearest road that units may drive \(.+\), farther than 2000 m")
        self.refused(self.route(**{"from": lonlat(self.a), "via": lonlat(far), "to": lonlat(self.b)}), 422, "position_far", "via")
        self.refused(self.anna.post("/api/v1/table", {"sources": [self.a], "targets": [self.b, far]}), 422, "position_far", "targets")
        self.refused(self.anna.get(f"/api/v1/isochrone?from={lonlat(far)}&minutes=5"), 422, "position_far", "from")
        self.refused(self.anna.get(f"/api/v1/nearest?to={lonlat(far)}"), 422, "position_far", "to")
        zh = self.anna.get(f"/api/v1/route?from={lonlat(far)}&to={lonlat(self.b)}", Accept_Language="zh")
        self.assertIn("超过 2000 米的限值", zh.json["detail"])

    def test_swapped_numbers_are_told(self):
        swapped = self.a[::-1]
        reply = self.route(**{"from": lonlat(swapped), "to": lonlat(self.b)})
        if abs(swapped[1]) > 90:
            self.refused(reply, 400, "api_position", "from")
            self.assertIn("longitude (-180 to 180), then latitude", reply.json["detail"])
        else:
            self.assertIn("longitude comes first", self.refused(reply, 422, "position_swapped", "from")["detail"])

    def test_numbers_out_of_range_and_too_many_are_refused(self):
        ends = f"from={lonlat(self.a)}&to={lonlat(self.b)}"
        for path, code, field in [(f"/api/v1/route?from={lonlat(self.a)}", "api_missing", "to"),
                                  ("/api/v1/route?from=here&to=there", "api_position", "from"),
                                  (f"/api/v1/route?{ends}&via=1,2;3", "api_position", "via"),
                                  (f"/api/v1/route?{ends}&alternatives=4", "api_int", "alternatives"),
                                  (f"/api/v1/route?{ends}&profile=walk", "api_enum", "profile"),
                                  (f"/api/v1/route?{ends}&via=" + ";".join([lonlat(self.a)] * 26), "api_list", "via"),
                                  (f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=5,0", "api_int", "minutes"),
                                  (f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=1,2,3,4,5,6,7,8,9", "api_list", "minutes"),
                                  (f"/api/v1/nearest?to={lonlat(self.a)}&k=0", "api_int", "k")]:
            with self.subTest(path[:60]):
                self.refused(self.anna.get(path), 400, code, field)
        many = self.refused(self.anna.post("/api/v1/table", {"sources": [self.a] * 1001, "targets": [self.b]}), 400, "api_list", "sources")
        self.assertIn("1000", many["detail"])
        full = self.anna.post("/api/v1/table", {"sources": [self.a] * 1000, "targets": [[self.b[0] + i * 1e-15, self.b[1]] for i in range(1000)]})
        self.assertEqual([len(full.json["durations_s"]), len(full.json["durations_s"][999])], [1000, 1000])
        large = self.anna.post("/api/v1/table", {"sources": [self.a] * 9000, "targets": [self.b]})
        self.refused(large, 413, "web_body_too_large")
        self.refused(self.anna.post("/api/v1/table", {"sources": [[1, 2, 3]], "targets": [self.b]}), 400, "api_position", "sources")
        self.refused(self.anna.post("/api/v1/table", {"sources": [self.a]}), 400, "api_missing", "targets")

    def ask_for_table(self):
        return self.anna.post("/api/v1/table", {"sources": [self.a], "targets": [self.b, self.a]}).json

    def test_what_closures_cut_off_says_so(self):
        """A ring around a place, so that nothing leads in; its own segment alone stays usable."""
        ask = self.ask_for_table
        lon, lat = self.b
        ring = [[lon + dx, lat + dy] for dx, dy in ((-0.002, -0.002), (0.002, -0.002), (0.002, 0.002), (-0.002, 0.002))]
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
        before = ask()
        self.assertEqual(before["unreachable"], 0)
        closure = self.taken(self.anna.post("/api/v1/closures", {"area": ring, "reason": "flood", "until": until}))
        end = time.monotonic() + 2
        cut = ask()
        while cut["unreachable"] == 0 and time.monotonic() < end:
            cut = ask()
        self.assertIsNone(cut["durations_s"][0][0])
        self.assertEqual(cut["durations_s"][0][1], 0)
        self.assertEqual([cut["unreachable"], cut["unreachable_by_closures"]], [1, 1])
        problem = self.refused(self.route(**{"from": lonlat(self.a), "to": lonlat(self.b)}), 409, "route_closed")
        self.assertRegex(problem["detail"], r"1 closures? .* without closures it takes \d+ min \d+ s")
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}))
        end = time.monotonic() + 2
        while ask() != before and time.monotonic() < end:
            pass
        self.assertEqual(ask(), before)

    def times_of_patrol(self):
        return self.anna.post("/api/v1/table", {"sources": [self.a, self.middle], "targets": [self.b], "profile": "patrol"}).json

    def test_patrol_obeys_what_response_need_not(self):
        ends = {"from": lonlat(self.a), "to": lonlat(self.b)}
        reply = self.route(**ends, profile="patrol").json
        slow, fast = reply["routes"][0], self.route(**ends, profile="response").json
        self.assertEqual([reply["profile"], fast["profile"]], ["patrol", "response"])
        self.assertEqual([reply["band"], fast["band"]], [None, None])
        self.assertGreater(slow["duration_s"], fast["routes"][0]["duration_s"])
        self.assertAlmostEqual(sum(s["duration_s"] for s in slow["legs"][0]["steps"]), slow["duration_s"], delta=0.1 * len(slow["legs"][0]["steps"]))
        said = json.loads(run("route", self.server.site, "--from", lonlat(self.a), "--to", lonlat(self.b), "--profile", "patrol", "--json"))
        self.assertAlmostEqual(said["duration_s"], slow["duration_s"], delta=0.05)
        table = self.times_of_patrol()
        self.assertEqual(table["profile"], "patrol")
        self.assertAlmostEqual(table["durations_s"][0][0], slow["duration_s"], delta=0.01)
        patrol, response = (self.anna.get(f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=2&roads=true&profile={p}").json["features"][0]["properties"] for p in ("patrol", "response"))
        self.assertLess(patrol["area_km2"], response["area_km2"])
        self.assertLess(len(patrol["roads"]), len(response["roads"]))
        self.refused(self.route(**ends, profile="patrol", alternatives=1), 422, "profile_without_alternatives")

    def test_profiles_that_are_none_are_refused(self):
        ends = f"from={lonlat(self.a)}&to={lonlat(self.b)}"
        for path in (f"/api/v1/route?{ends}&profile=walk", f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=2&profile=walk", f"/api/v1/nearest?to={lonlat(self.a)}&profile=patrol"):
            self.refused(self.anna.get(path), 400, "api_enum", "profile")
        self.refused(self.anna.post("/api/v1/table", {"sources": [self.a], "targets": [self.b], "profile": "walk"}), 400, "api_enum", "profile")

    def test_closures_and_slow_roads_hold_for_patrol_too(self):
        lon, lat = self.b
        ring = [[lon + dx, lat + dy] for dx, dy in ((-0.002, -0.002), (0.002, -0.002), (0.002, 0.002), (-0.002, 0.002))]
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
        before = self.times_of_patrol()
        self.assertEqual(before["unreachable"], 0)
        for speed, what in (({}, lambda now: now["durations_s"] == [[None], [None]]),
                            ({"kind": "slow", "speed_kmh": 3}, lambda now: now["durations_s"][0][0] and now["durations_s"][0][0] > before["durations_s"][0][0] + 10)):
            closure = self.taken(self.anna.post("/api/v1/closures", {"area": ring, "reason": "flood", "until": until, **speed}))
            self.wait_for(what)
            if not speed:
                self.assertEqual(self.times_of_patrol()["unreachable_by_closures"], 2)
                self.refused(self.route(**{"from": lonlat(self.a), "to": lonlat(self.b), "profile": "patrol"}), 409, "route_closed")
            self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}))
            self.wait_for(lambda now: now == before)

    def wait_for(self, what):
        end = time.monotonic() + 5
        while not what(self.times_of_patrol()):
            self.assertLess(time.monotonic(), end, self.times_of_patrol())

    def test_zz_every_endpoint_of_the_road_was_called(self):
        described = {o["operationId"] for methods in self.server.document["paths"].values() for o in methods.values()}
        self.assertEqual({name for name in described if name.startswith("road_")} - self.server.called, set())

    def test_who_may_ask_what(self):
        self.refused(self.clients["pia"].post("/api/v1/table", {"sources": [self.a], "targets": [self.b]}), 403)
        self.refused(self.clients["pia"].get(f"/api/v1/nearest?to={lonlat(self.b)}"), 403)
        self.assertEqual(self.clients["pia"].get(f"/api/v1/route?from={lonlat(self.a)}&to={lonlat(self.b)}").status, 200)
        self.refused(self.nobody.get(f"/api/v1/route?from={lonlat(self.a)}&to={lonlat(self.b)}"), 401)


class Bands(ApiTest):
    """A site that has learnt how slow its roads are, in a band that is always now."""

    @classmethod
    def setUpClass(cls):
        start = Server.start

        def start_with_bands(server, *options, **more):
            cls.write(server, "definitions/bands.csv", "band,days,from_hour,to_hour,name_zh,name_en\nall,every,0,24,全天,all day\n")
            cls.write(server, "learnt_speeds.csv", "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n" +
                      "".join(f"{c},,,,all,response,6,,,,\n" for c in ("primary", "secondary", "tertiary", "residential", "unclassified")))
            return start(server, *options, **more)
        with unittest.mock.patch.object(Server, "start", start_with_bands):
            super().setUpClass()

    @staticmethod
    def write(server, name, text):
        with open(os.path.join(server.site, name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_ways_take_the_speeds_of_the_present_band(self):
        units = self.anna.get("/api/v1/units?limit=1000").json["items"]
        places = [u["position"] for u in units if u["position"]]
        ends = [lonlat(min(places)), lonlat(max(places))]
        said = [json.loads(run("route", self.server.site, "--from", ends[0], "--to", ends[1], "--json", *at))["duration_s"]
                for at in ([], ["--at", "2026-10-05T12:00"])]
        self.assertGreater(said[1], said[0] * 2)
        path = f"/api/v1/route?from={ends[0]}&to={ends[1]}"
        reply = self.anna.get(path).json
        self.assertEqual(reply["band"], "all")
        self.assertAlmostEqual(reply["routes"][0]["duration_s"], said[1], delta=0.1)
        patrol = self.anna.get(path + "&profile=patrol").json
        self.assertIsNone(patrol["band"])
        self.assertLess(patrol["routes"][0]["duration_s"], said[1])


class WithoutPatrol(ApiTest):
    """A site whose map an earlier version made: it has no roads of profile patrol, and serves all the same."""

    @classmethod
    def setUpClass(cls):
        start = Server.start

        def start_without(server, *options, **more):
            os.remove(os.path.join(server.site, "map", "patrol.index"))
            return start(server, *options, **more)
        with unittest.mock.patch.object(Server, "start", start_without):
            super().setUpClass()

    def test_patrol_is_refused_and_response_answered(self):
        _, place = self.a_unit()
        path = f"/api/v1/route?from={lonlat(place)}&to={lonlat(place)}"
        self.assertEqual(self.anna.get(path).status, 200)
        problem = self.refused(self.anna.get(path + "&profile=patrol"), 409, "profile_absent", "profile")
        self.assertIn("precinct map update", problem["detail"])


if __name__ == "__main__":
    unittest.main()
