"""Closures through the interface: routes and recommendations go around what is closed, and come back."""
import datetime
import json
import time
import unittest

from server import ApiTest, Server, check
from test_stream import Reader

SOON_S = 1.0  # within so long everything must follow a closure


def after(**spans):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**spans)).isoformat()


def until_it_is(look, wanted, seconds=SOON_S):
    """The last look, after at most so long."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if wanted(seen) or time.monotonic() > end:
            return seen
        time.sleep(0.02)


class Closures(ApiTest):
    def setUp(self):
        super().setUp()
        for closure in self.anna.get("/api/v1/closures?status=open").json["items"]:
            self.taken(self.anna.post(f"/api/v1/closures/{closure['id']}/lift", {"reason": "cleared"}))
        self.lines_are(lambda lines: not lines)

    def lines_are(self, wanted, seconds=SOON_S):
        lines = until_it_is(lambda: self.anna.get("/api/v1/closures.geojson").json["features"], wanted, seconds)
        self.assertTrue(wanted(lines), lines)
        return lines

    def a_way(self):
        """An incident, a unit some way off, and the line that it would drive."""
        units = [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"]
                 if u["status"] in ("at_station", "available") and u["position"]]
        for other in reversed(units):
            incident, _ = self.an_incident(other["position"])
            answer = self.anna.get(f"/api/v1/incidents/{incident}/recommendation?count=100").json
            far = [c for c in answer["ranked"] if (c["travel_s"] or 0) > 60]
            if far:
                break
        self.assertTrue(far, "no unit is more than a minute away from another")
        unit = far[0]["unit"]
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit}))
        line = self.anna.get(f"/api/v1/orders/{order}/route").json["geometry"]["coordinates"]
        self.taken(self.anna.post(f"/api/v1/orders/{order}/cancel", {"reason": "not_needed"}))
        return incident, unit, line

    def travel_s(self, incident, unit):
        answer = self.anna.get(f"/api/v1/incidents/{incident}/recommendation?count=100").json
        return next(c["travel_s"] for c in answer["ranked"] + answer["passed"] if c["unit"] == unit)

    def close(self, **body):
        return self.taken(self.anna.post("/api/v1/closures", {"reason": "works", "until": after(hours=1), **body}))

    def test_recommendation_and_route_go_around_a_closed_road_and_come_back(self):
        incident, unit, line = self.a_way()
        before = self.travel_s(incident, unit)
        a, b = line[len(line) // 2 - 1], line[len(line) // 2]
        middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
        preview = self.anna.post("/api/v1/closures/preview", {"positions": [middle]})
        self.assertEqual((preview.status, preview.json["segments"]), (200, 1), preview.body)
        self.assertLess(preview.json["farthest_m"], 5)
        self.assertEqual(self.travel_s(incident, unit), before, "a preview closes nothing")
        closure = self.close(positions=[middle])
        closed = until_it_is(lambda: self.travel_s(incident, unit), lambda s: s != before)
        self.assertGreater(closed, before)
        lines = self.lines_are(lambda features: len(features) == 1)
        self.assertEqual(lines[0]["properties"]["id"], closure)
        self.assertEqual(lines[0]["geometry"], preview.json["lines"])
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit}))
        route = self.anna.get(f"/api/v1/orders/{order}/route").json
        self.taken(self.anna.post(f"/api/v1/orders/{order}/cancel", {"reason": "not_needed"}))
        self.assertAlmostEqual(route["properties"]["duration_s"], closed, delta=0.06)
        self.assertFalse(a in route["geometry"]["coordinates"] and b in route["geometry"]["coordinates"] and
                         abs(route["geometry"]["coordinates"].index(a) - route["geometry"]["coordinates"].index(b)) == 1)
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}))
        self.assertEqual(until_it_is(lambda: self.travel_s(incident, unit), lambda s: s == before), before)
        ended = self.anna.get(f"/api/v1/closures/{closure}").json
        self.assertEqual((ended["status"], ended["lift_reason"], ended["author"]), ("lifted", "cleared", "anna"))
        self.refused(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}), 409, "board_closure_ended")
        rows = self.anna.get(f"/api/v1/closures/{closure}/timeline").json["items"]
        self.assertEqual([r["type"] for r in rows], ["closure_ordered", "closure_lifted"])
        self.refused(self.anna.get("/api/v1/closures/L999999/timeline"), 404, "board_no_closure")

    def test_a_slowed_road_takes_longer_and_nothing_else_changes(self):
        incident, unit, line = self.a_way()
        before = self.travel_s(incident, unit)
        middle = [(line[len(line) // 2 - 1][i] + line[len(line) // 2][i]) / 2 for i in (0, 1)]
        body = {"positions": [middle], "kind": "slow", "speed_kmh": 5}
        self.assertEqual(self.anna.post("/api/v1/closures/preview", body).json["segments"], 1)
        closure = self.close(**body)
        slowed = until_it_is(lambda: self.travel_s(incident, unit), lambda s: s != before)
        self.assertGreater(slowed, before)
        seen = self.anna.get(f"/api/v1/closures/{closure}").json
        self.assertEqual((seen["kind"], seen["speed_kmh"], seen["status"]), ("slow", 5, "open"))
        self.assertEqual(self.lines_are(lambda features: len(features) == 1)[0]["properties"]["speed_kmh"], 5)
        shut = self.close(positions=[middle])  # both: what is closed stays closed
        closed = until_it_is(lambda: self.travel_s(incident, unit), lambda s: s > slowed)
        self.assertGreaterEqual(closed, slowed)
        self.taken(self.anna.post(f"/api/v1/closures/{shut}/lift", {"reason": "cleared"}))
        self.assertEqual(until_it_is(lambda: self.travel_s(incident, unit), lambda s: s == slowed), slowed)
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}))
        self.assertEqual(until_it_is(lambda: self.travel_s(incident, unit), lambda s: s == before), before)
        self.assertEqual(self.anna.get(f"/api/v1/closures/{shut}").json["speed_kmh"], None)
        rows = self.anna.get(f"/api/v1/closures/{closure}/timeline").json["items"]
        self.assertEqual((rows[0]["data"]["kind"], rows[0]["data"]["speed_kmh"]), ("slow", 5))

    def test_an_area_is_slowed_as_a_whole(self):
        unit, position = self.a_unit()
        isochrone = f"/api/v1/units/{unit}/isochrone?minutes=3"
        before, d = self.anna.get(isochrone).json, 0.003
        ring = [[position[0] - d, position[1] - d], [position[0] + d, position[1] - d], [position[0], position[1] + d]]
        closure = self.close(area=ring, reason="flood", kind="slow", speed_kmh=8)
        self.assertNotEqual(until_it_is(lambda: self.anna.get(isochrone).json, lambda i: i != before), before)
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "cleared"}))
        self.assertEqual(until_it_is(lambda: self.anna.get(isochrone).json, lambda i: i == before), before)

    def test_what_a_closure_cuts_off_is_told_and_hinders_nothing(self):
        line, d = self.a_way()[2], 0.004
        lon, lat = line[len(line) // 2]
        body = {"area": [[lon - d, lat - d], [lon + d, lat - d], [lon + d, lat + d], [lon - d, lat + d]], "reason": "flood", "until": after(hours=1)}
        asked = {"area": body["area"]}
        preview = self.anna.post("/api/v1/closures/preview", asked).json["cut_off"]
        self.assertIn("无法到达", self.anna.post("/api/v1/closures/preview", asked, Accept_Language="zh").json["cut_off"]["text"])
        first, again = (self.anna.post("/api/v1/closures", body, key="cutting-off-1") for _ in range(2))
        self.assertEqual((first.status, first.json["cut_off"]), (201, preview))
        self.assertEqual(again.json, first.json)
        self.lines_are(lambda lines: len(lines) == 1)
        again = self.anna.post("/api/v1/closures", body, key="cutting-off-1")
        self.assertEqual(again.json, first.json, "also when it has been closed for a while")
        self.assertGreater(preview["segments"], preview["beyond"])
        self.assertGreater(preview["junctions"], 0)
        self.assertTrue(preview["streets"])
        for name in preview["streets"] + preview["places"]:
            self.assertIn(name, preview["text"])
        self.assertEqual(preview["more_streets"] > 0, len(preview["streets"]) == 5 and "more" in preview["text"].split(preview["streets"][4])[1])
        self.assertIsNone(self.anna.post("/api/v1/closures/preview", asked).json["cut_off"], "what is cut off already is not cut off again")
        self.assertIsNone(self.anna.post("/api/v1/closures/preview", {**asked, "kind": "slow", "speed_kmh": 5}).json["cut_off"])

    def test_an_incident_inside_a_closed_area_is_sent_for_all_the_same(self):
        line = self.a_way()[2]
        stand = [u["position"] for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"]]
        lon, lat = max(line, key=lambda p: min(max(abs(p[0] - u[0]), abs(p[1] - u[1])) for u in stand))  # no unit is near
        incident, _ = self.an_incident([lon, lat])
        path, d = f"/api/v1/incidents/{incident}/recommendation", 0.004
        before = self.anna.get(path).json
        self.assertIsNone(before["note"])
        self.close(area=[[lon - d, lat - d], [lon + d, lat - d], [lon + d, lat + d], [lon - d, lat + d]], reason="flood")
        said = until_it_is(lambda: self.anna.get(path).json, lambda answer: answer["note"])
        self.assertIn("Every way there is closed", said["note"])
        self.assertEqual([(c["unit"], c["travel_s"]) for c in said["ranked"]], [(c["unit"], c["travel_s"]) for c in before["ranked"]])
        self.assertIn("均已封闭", self.anna.get(path, Accept_Language="zh").json["note"])

    def test_isochrone_follows_a_closure(self):
        unit, position = self.a_unit()
        before = self.anna.get(f"/api/v1/units/{unit}/isochrone?minutes=3").json
        d = 0.003
        ring = [[position[0] - d, position[1] - d], [position[0] + d, position[1] - d],
                [position[0] + d, position[1] + d], [position[0] - d, position[1] + d]]
        self.close(area=ring, reason="flood")
        after_it = until_it_is(lambda: self.anna.get(f"/api/v1/units/{unit}/isochrone?minutes=3").json, lambda i: i != before)
        self.assertNotEqual(after_it, before)

    def test_closure_ends_by_itself_at_its_end(self):
        _, position = self.a_unit()
        closure = self.close(positions=[position], until=after(seconds=2), reason="event")
        self.lines_are(lambda lines: len(lines) == 1)
        self.assertEqual(self.anna.get(f"/api/v1/closures/{closure}").json["status"], "open")
        self.lines_are(lambda lines: not lines, 4)
        ended = self.anna.get(f"/api/v1/closures/{closure}").json
        self.assertEqual((ended["status"], ended["lift_reason"]), ("lapsed", None))
        self.assertGreaterEqual(ended["ended_at"], ended["until"])
        rows = self.anna.get(f"/api/v1/closures/{closure}/timeline", Accept_Language="zh").json["items"]
        self.assertEqual([(r["type"], r["actor"]) for r in rows], [("closure_ordered", "anna"), ("closure_lapsed", "system")])

    def test_one_direction_is_closed_by_its_bearing(self):
        _, position = self.a_unit()
        body = {"positions": [position], "both_ways": False, "reason": "crash", "until": after(hours=1)}
        self.refused(self.anna.post("/api/v1/closures", body), 422, "closure_bearing", "both_ways")
        replies = [self.anna.post("/api/v1/closures", {**body, "bearing": b}) for b in (10, 190)]
        made = [r.json["id"] for r in replies if r.status == 201]
        self.assertTrue(made, "a road can be driven in one direction at least")
        self.assertFalse(self.anna.get(f"/api/v1/closures/{made[0]}").json["both_ways"])
        for reply in replies:
            if reply.status != 201:
                self.refused(reply, 422, "closure_one_way", "bearing")

    def test_bad_closures_are_refused_and_change_nothing(self):
        _, p = self.a_unit()
        good = {"positions": [p], "reason": "works", "until": after(hours=1)}
        cases = [({"positions": [p], "reason": "works"}, 400, "api_missing", "until"),
                 ({"positions": [p], "until": after(hours=1)}, 400, "api_missing", "reason"),
                 ({**good, "reason": "market"}, 400, "api_enum", "reason"),
                 ({**good, "kind": "slow"}, 422, "board_closure_speed", "speed_kmh"),
                 ({**good, "speed_kmh": 30}, 422, "board_closure_speed", "speed_kmh"),
                 ({**good, "kind": "close", "speed_kmh": 30}, 422, "board_closure_speed", "speed_kmh"),
                 ({**good, "kind": "slow", "speed_kmh": 0}, 400, "api_int", "speed_kmh"),
                 ({**good, "kind": "slow", "speed_kmh": 121}, 400, "api_int", "speed_kmh"),
                 ({**good, "kind": "shut"}, 400, "api_enum", "kind"),
                 ({**good, "until": after(days=91)}, 409, "board_closure_end", None),
                 ({**good, "until": after(hours=-1)}, 409, "board_closure_end", None),
                 ({**good, "positions": []}, 422, "closure_which", "positions"),
                 ({**good, "area": [p, p, p]}, 422, "closure_which", "area"),
                 ({**good, "positions": [p, [p[0] + 1, p[1]]]}, 422, "closure_far", "positions"),
                 ({"area": [p, p], "reason": "works", "until": after(hours=1)}, 422, "closure_which", "area"),
                 ({"area": [[p[0] - 2, p[1] - 2], [p[0] + 2, p[1] - 2], [p[0], p[1] + 2]], "reason": "flood",
                   "until": after(hours=1)}, 422, "closed_area_large", "area"),
                 ({"area": [[10, 10], [10.001, 10], [10.001, 10.001]], "reason": "flood", "until": after(hours=1)},
                  422, "closure_empty", "area"),
                 ({**good, "positions": [p] * 201}, 400, "api_list", "positions"),
                 ({**good, "note": "text"}, 400, "api_unknown", "note")]
        for body, status, code, field in cases:
            self.refused(self.anna.post("/api/v1/closures", body), status, code, field)
        self.assertIn("2", self.anna.post("/api/v1/closures", {**good, "positions": [p, [p[0] + 1, p[1]]]}).json["detail"])
        reply = self.anna.raw("POST", "/api/v1/closures", json.dumps(good), Content_Type="application/json")
        self.refused(reply, 428)
        self.assertEqual(self.anna.get("/api/v1/closures?status=open").json["items"], [])
        self.assertEqual(self.clients["carl"].post("/api/v1/closures", good).status, 403)
        self.refused(self.anna.get("/api/v1/closures/L999999"), 404, "api_no_object")

    def test_the_same_key_closes_once(self):
        _, p = self.a_unit()
        body = {"positions": [p], "reason": "damage", "until": after(hours=1)}
        first, again = (self.anna.post("/api/v1/closures", body, key="closing-once-1") for _ in range(2))
        self.assertEqual(first.json["id"], again.json["id"])
        other = self.anna.post("/api/v1/closures", {**body, "reason": "flood"}, key="closing-once-1")
        self.refused(other, 409, "desk_key_reused")

    def test_the_stream_shows_a_closure_and_its_end(self):
        _, p = self.a_unit()
        reader = Reader(self.anna)
        self.addCleanup(reader.close)
        closure = self.close(positions=[p])
        seen = reader.next("change")[1]
        check(seen["objects"][0], self.server.document["components"]["schemas"]["closure"], self.server.document)
        self.assertEqual((seen["type"], seen["objects"][0]["id"], seen["objects"][0]["status"]), ("closure_ordered", closure, "open"))
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "mistake"}))
        self.assertEqual(reader.next("change")[1]["objects"][0]["status"], "lifted")

    def test_lists_come_in_pages(self):
        _, p = self.a_unit()
        ids = [self.close(positions=[p]) for _ in range(3)]
        page = self.anna.get("/api/v1/closures?status=open&limit=2").json
        self.assertEqual([c["id"] for c in page["items"]], ids[:2])
        rest = self.anna.get("/api/v1/closures?status=open&cursor=" + page["next"]).json
        self.assertEqual([c["id"] for c in rest["items"]], ids[2:])


class AfterAStart(unittest.TestCase):
    def test_open_closures_are_applied_before_serving(self):
        server = Server()
        self.addCleanup(server.remove)
        server.add("anna", "dispatcher,commander")
        server.start()
        anna = server.sign_in("anna")
        unit = next(u for u in anna.get("/api/v1/units").json["items"] if u["position"])
        p = unit["position"]
        made = [anna.post("/api/v1/closures", {"reason": "works", "until": after(hours=1), **what}).json["id"]
                for what in ({"positions": [p]},
                             {"area": [[p[0] - .002, p[1] - .002], [p[0] + .002, p[1] - .002], [p[0], p[1] + .002]]})]
        lines = until_it_is(lambda: anna.get("/api/v1/closures.geojson").json["features"], lambda f: len(f) == 2)
        before = anna.get(f"/api/v1/units/{unit['id']}/isochrone?minutes=3").json
        self.assertEqual(server.stop(), 0)
        server.start()
        anna = server.sign_in("anna")
        again = anna.get("/api/v1/closures.geojson").json["features"]
        self.assertEqual([f["properties"]["id"] for f in again], made)
        self.assertEqual(again, lines)
        self.assertEqual(anna.get(f"/api/v1/units/{unit['id']}/isochrone?minutes=3").json, before)


if __name__ == "__main__":
    unittest.main()
