"""Ways, times and areas over the interface: answers that agree with each other, and what bad input and closures get."""
import datetime
import json
import os
import re
import time
import unittest
import urllib.parse

from server import ApiTest, run
from test_replay import busy_morning as morning, until


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


def write(server, name, text):
    with open(os.path.join(server.site, name), "w", encoding="utf-8") as file:
        file.write(text)


def learn(server, *figures):
    """Figures of all classes: (band, profile, km/h)."""
    write(server, "learnt_speeds.csv", "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n" +
          "".join(f"{c},,,,{band},{profile},{kmh},,,,\n" for band, profile, kmh in figures
                  for c in ("primary", "secondary", "tertiary", "residential", "unclassified", "service")))


class Bands(ApiTest):
    """A site that has learnt how slow its roads are in the half of the day that is now, for both profiles, and slower still in
    the other half, for response alone."""
    NOW = {"response": 12, "patrol": 10}
    THEN = {"response": 6}

    @classmethod
    def serve_options(cls):
        local = datetime.timezone(datetime.timedelta(hours=8))
        here = datetime.datetime.now(local)
        first = (here.hour - 1) % 24
        cls.other = (here + datetime.timedelta(hours=12)).isoformat()
        rows = "".join(f"{'now' if (hour - first) % 24 < 12 else 'then'},every,{hour},{hour + 1},一半,half\n" for hour in range(24))
        write(cls.server, "definitions/bands.csv", "band,days,from_hour,to_hour,name_zh,name_en\n" + rows)
        learn(cls.server, *(("now", p, v) for p, v in cls.NOW.items()), *(("then", p, v) for p, v in cls.THEN.items()))
        return []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        units = cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"]
        places = [u["position"] for u in units if u["position"]]
        cls.a, cls.b = min(places), max(places)

    def route(self, at=None, profile="response"):
        query = {"from": lonlat(self.a), "to": lonlat(self.b), "profile": profile, **({"at": at} if at else {})}
        reply = self.anna.get("/api/v1/route?" + urllib.parse.urlencode(query, safe=",;")).json
        return reply["band"], reply["routes"][0]["duration_s"]

    def said(self, profile, *at):
        return json.loads(run("route", self.server.site, "--from", lonlat(self.a), "--to", lonlat(self.b), "--profile", profile, "--json", *at))["duration_s"]

    def test_ways_take_the_speeds_of_the_present_band(self):
        for profile in ("response", "patrol"):
            band, duration = self.route(profile=profile)
            self.assertEqual(band, "now")
            self.assertAlmostEqual(duration, self.said(profile, "--at", datetime.datetime.now(datetime.timezone.utc).isoformat()[:19] + "Z"), delta=0.1)
            self.assertGreater(duration, self.said(profile) * 1.5)

    def test_ways_of_another_departure_take_the_speeds_of_its_band(self):
        band, duration = self.route(at=self.other)
        self.assertEqual(band, "then")
        self.assertAlmostEqual(duration, self.said("response", "--at", self.other[:19]), delta=0.1)
        self.assertGreater(duration, self.route()[1] * 1.8)
        # Of the other half nothing is known for patrol: the site's table.
        band, duration = self.route(at=self.other, profile="patrol")
        self.assertIsNone(band)
        self.assertAlmostEqual(duration, self.said("patrol"), delta=0.1)
        self.assertLess(duration, self.route(profile="patrol")[1])
        utc = datetime.datetime.fromisoformat(self.other).astimezone(datetime.timezone.utc)
        self.assertEqual(self.route(at=utc.isoformat()[:19] + "Z"), self.route(at=self.other))
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
        self.assertEqual(self.route(at=soon.isoformat()), self.route())

    def test_every_question_has_its_departure(self):
        asked = {"sources": [self.a], "targets": [self.b]}
        for at in (None, self.other):
            band, duration = self.route(at)
            more = {"at": at} if at else {}
            query = "".join(f"&at={urllib.parse.quote(t)}" for t in more.values())
            table = self.anna.post("/api/v1/table", {**asked, **more}).json
            self.assertEqual(table["band"], band)
            self.assertAlmostEqual(table["durations_s"][0][0], duration, delta=0.1)
            near = self.anna.post("/api/v1/nearest", {"to": self.b, "from": [self.a], **more}).json
            self.assertEqual((near["band"], near["items"][0]["travel_s"]), (band, table["durations_s"][0][0]))
            area = self.anna.get(f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=4{query}").json
            self.assertEqual(area["band"], band)
            units = self.anna.get(f"/api/v1/nearest?to={lonlat(self.middle())}{query}").json
            self.assertEqual(units["band"], band)
            if at:
                self.assertLess(area["features"][0]["properties"]["area_km2"], before[0])
                self.assertGreater(units["items"][-1]["travel_s"], before[1] * 1.5)
            before = area["features"][0]["properties"]["area_km2"], units["items"][-1]["travel_s"]
        others = self.anna.get(f"/api/v1/route?from={lonlat(self.a)}&to={lonlat(self.b)}&alternatives=2&at={urllib.parse.quote(self.other)}").json
        self.assertEqual((others["band"], others["routes"][0]["duration_s"]), ("then", self.route(self.other)[1]))

    def middle(self):
        return [(self.a[0] + self.b[0]) / 2, (self.a[1] + self.b[1]) / 2]

    def test_closures_hold_in_every_band_and_what_is_without_them_is_of_the_same(self):
        open_s = {(at, p): self.route(at, p)[1] for at in (None, self.other) for p in ("response", "patrol")}
        lon, lat = self.b
        ring = [[lon + dx, lat + dy] for dx, dy in ((-0.002, -0.002), (0.002, -0.002), (0.002, 0.002), (-0.002, 0.002))]
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
        closure = self.taken(self.anna.post("/api/v1/closures", {"area": ring, "reason": "flood", "until": until}))
        for (at, profile), seconds in open_s.items():
            query = {"from": lonlat(self.a), "to": lonlat(self.b), "profile": profile, **({"at": at} if at else {})}
            path = "/api/v1/route?" + urllib.parse.urlencode(query, safe=",;")
            end = time.monotonic() + 5
            while self.anna.get(path).status == 200:
                self.assertLess(time.monotonic(), end, "the closure does not hold")
            detail = self.refused(self.anna.get(path), 409, "route_closed")["detail"]
            minutes, rest = (int(n) for n in re.search(r"(\d+) min (\d+) s", detail).groups())
            self.assertEqual(minutes * 60 + rest, int(seconds), detail)
            self.assertEqual(self.anna.post("/api/v1/table", {"sources": [self.a], "targets": [self.b], "profile": profile, **({"at": at} if at else {})}).json["unreachable_by_closures"], 1)
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}))
        end = time.monotonic() + 5
        while self.anna.get(path).status != 200:
            self.assertLess(time.monotonic(), end, "the closure stays")
        self.assertEqual({(at, p): self.route(at, p)[1] for at, p in open_s}, open_s)

    def test_times_that_are_none_are_told_with_what_is_expected(self):
        for bad in ("noon", "2026-13-01T08:00:00+08:00", "2026-03-01", "08:00", "", "2026-03-01T08:30:00+99:00"):
            for path in (f"/api/v1/route?from={lonlat(self.a)}&to={lonlat(self.b)}", f"/api/v1/isochrone?from={lonlat(self.a)}&minutes=2", f"/api/v1/nearest?to={lonlat(self.b)}"):
                problem = self.refused(self.anna.get(path + "&at=" + urllib.parse.quote(bad)), 400, "api_time", "at")
                self.assertIn("a time such as 2026-03-01T08:30:00+08:00 was expected", problem["detail"])
            self.refused(self.anna.post("/api/v1/table", {"sources": [self.a], "targets": [self.b], "at": bad}), 400, "api_time", "at")
            self.refused(self.anna.post("/api/v1/nearest", {"to": self.a, "from": [self.b], "at": bad}), 400, "api_time", "at")


class BandsChange(ApiTest):
    """A drill whose clock passes from one band into the next."""

    @classmethod
    def serve_options(cls):
        write(cls.server, "definitions/bands.csv", "band,days,from_hour,to_hour,name_zh,name_en\nearly,every,0,10,早,early\nlate,every,10,24,晚,late\n")
        learn(cls.server, ("early", "response", 30), ("early", "patrol", 24), ("late", "response", 10), ("late", "patrol", 8))
        return ["--replay", morning(cls.server, datetime.datetime(2026, 6, 1, 9, 55)), "--speed", "0"]

    def clock_reaches(self, text):
        self.assertEqual(self.anna.post("/api/v1/replay", {"speed": 300, "automatic": False}).status, 200)
        until(lambda: self.anna.get("/api/v1/replay").json["at"] >= text, 60)
        self.assertEqual(self.anna.post("/api/v1/replay", {"speed": 0}).status, 200)

    def test_advice_and_ways_take_new_times_when_the_band_changes(self):
        self.clock_reaches("2026-06-01T09:55:01")
        units = until(lambda: [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"] and u["status"] == "at_station"])
        a, b = min(u["position"] for u in units), max(u["position"] for u in units)
        incident, _ = self.an_incident([(p + q) / 2 for p, q in zip(a, b)])
        advice = lambda: {c["unit"]: c["travel_s"] for c in self.anna.get(f"/api/v1/incidents/{incident}/recommendation").json["ranked"]}

        def way(profile):
            reply = self.anna.get(f"/api/v1/route?from={lonlat(a)}&to={lonlat(b)}&profile={profile}").json
            return reply["band"], reply["routes"][0]["duration_s"]
        early, ways = advice(), {p: way(p) for p in ("response", "patrol")}
        self.assertTrue(early)
        self.assertEqual({band for band, _ in ways.values()}, {"early"})
        self.assertLess(self.anna.get("/api/v1/replay").json["at"], "2026-06-01T10")
        self.clock_reaches("2026-06-01T10:00:01")
        until(lambda: way("response")[0] == "late", 10)
        late = advice()
        self.assertEqual(set(late), set(early))
        for unit, seconds in early.items():
            self.assertGreater(late[unit], seconds * 2.5)
        for profile, (_, seconds) in ways.items():
            band, now = way(profile)
            self.assertEqual(band, "late")
            self.assertGreater(now, seconds * 1.7)
        # What was so is asked for by its time.
        back = self.anna.get(f"/api/v1/route?from={lonlat(a)}&to={lonlat(b)}&at=2026-06-01T09:00:00%2B08:00").json
        self.assertEqual((back["band"], back["routes"][0]["duration_s"]), ways["response"])


class WithoutPatrol(ApiTest):
    """A site whose map an earlier version made: it has no roads of profile patrol, and serves all the same."""

    @classmethod
    def serve_options(cls):
        os.remove(os.path.join(cls.server.site, "map", "patrol.index"))
        return []

    def test_patrol_is_refused_and_response_answered(self):
        _, place = self.a_unit()
        path = f"/api/v1/route?from={lonlat(place)}&to={lonlat(place)}"
        self.assertEqual(self.anna.get(path).status, 200)
        problem = self.refused(self.anna.get(path + "&profile=patrol"), 409, "profile_absent", "profile")
        self.assertIn("precinct map update", problem["detail"])


if __name__ == "__main__":
    unittest.main()
