"""Looking back: earlier calls at a place within the limits of docs/scope.md, and figures that tell nothing of small groups."""
import json
import os
import sqlite3
import subprocess
import unittest
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from server import PRECINCT, ApiTest
import databases  # of tests/cli: server knows the way

DAY_MS = 86400000
ALL_HIDDEN = {"incident": None, "result": None}


class History(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "otto": "chief", "ann": "analyst", "pia": "patrol", "dan": "dispatcher"}

    def changed(self, *statements):
        """The derived tables as if things had happened at other times; the server sees only the result."""
        self.server.stop()
        record = databases.connect(os.path.join(self.server.site, "record.db"))
        for sql, values in statements:
            record.execute(sql, values)
        record.commit()
        record.close()
        self.server.start()


class EarlierCalls(History):
    def earlier(self, position, client=None):
        reply = (client or self.anna).get(f"/api/v1/calls/earlier?near={position[0]:.7f},{position[1]:.7f}")
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json

    def place(self, dwelling):
        """Somewhere that is known to be public, or is not."""
        with open(os.path.join(self.server.folder, "town", "places.geojson"), encoding="utf-8") as f:
            known = [p["geometry"]["coordinates"] for p in json.load(f)["features"] if p["geometry"]["type"] == "Point"]
        used = getattr(self.server, "used", [])
        for lon, lat in known:
            spot = [round(lon + (0.0006 if dwelling else 0.0), 7), round(lat + (0.0006 if dwelling else 0.0), 7)]
            far = all(abs(spot[0] - u[0]) + abs(spot[1] - u[1]) > 0.003 for u in used)
            if far and self.earlier(spot) == {"dwelling": dwelling, "days": 30 if dwelling else 365, "radius_m": 50, "items": []}:
                self.server.used = used + [spot]
                return spot
        self.fail("the town has no such place")
        return None

    def a_call(self, position, age_days=0, close=False):
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "position": position,
                                                           "caller_name": "金丝雀", "caller_phone": "13911112222", "words": "canary"}))
        incident = self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary",
                                                                   "position": position}))
        if close:
            self.taken(self.anna.post(f"/api/v1/incidents/{incident}/refer", {"to": "gas", "reason": "not_police"}))
        if age_days:
            self.changed(("UPDATE call SET received_at = received_at - ? WHERE id = ?", (int(age_days * DAY_MS), int(call[1:]))))
        return call, incident

    def test_a_dwelling_shows_type_and_time_only_and_thirty_days(self):
        home = self.place(True)
        self.a_call(home)
        self.a_call(home, 29.9)
        self.a_call(home, 30.1)
        shown = self.earlier(home, self.clients["carl"])
        self.assertTrue(shown["dwelling"])
        self.assertEqual(len(shown["items"]), 2)
        for item in shown["items"]:
            self.assertEqual(set(item), {"type", "received_at", "incident", "result"})
            self.assertEqual(item, {"type": "noise", "received_at": item["received_at"], **ALL_HIDDEN})
        times = [datetime.fromisoformat(i["received_at"]) for i in shown["items"]]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_a_public_place_shows_the_incident_and_its_end_for_a_year(self):
        square = self.place(False)
        _, recent = self.a_call(square, close=True)
        _, old = self.a_call(square, 364.9)
        self.a_call(square, 365.1)
        shown = self.earlier(square)
        self.assertFalse(shown["dwelling"])
        self.assertEqual([(i["incident"], i["result"]) for i in shown["items"]], [(recent, "gas"), (old, None)])
        self.assertNotIn("canary", json.dumps(shown))

    def test_asking_from_the_street_tells_no_more_about_the_house_beside_it(self):
        square = self.place(False)
        house = next(spot for east in range(30, 45) for spot in [[round(square[0] + east / 85000, 7), square[1]]]
                     if self.earlier(spot)["dwelling"])
        self.a_call(house)
        self.a_call(house, 31)
        shown = self.earlier(square)
        self.assertFalse(shown["dwelling"])
        self.assertEqual([{k: i[k] for k in ALL_HIDDEN} for i in shown["items"]], [ALL_HIDDEN])

    def test_what_lies_farther_than_fifty_metres_is_not_near(self):
        home = self.place(True)
        self.a_call([home[0], round(home[1] + 60 / 111195, 7)])
        self.a_call([home[0], round(home[1] + 40 / 111195, 7)])
        self.assertEqual(len(self.earlier(home)["items"]), 1)

    def test_an_erased_call_has_no_place_any_more(self):
        home = self.place(True)
        call, _ = self.a_call(home)
        self.assertEqual(len(self.earlier(home)["items"]), 1)
        self.server.stop()
        subprocess.run([PRECINCT, "erase", self.server.site, "--object", call], check=True, capture_output=True)
        self.server.start()
        self.assertEqual(self.earlier(home)["items"], [])

    def test_nothing_but_a_place_can_be_asked_for(self):
        for query, code, field in (("", "api_missing", "near"), ("?near=here", "api_position", "near"), ("?near=200,1", "api_position", "near"),
                                   ("?near=102.4,40.1&phone=13911112222", "api_query", "phone"),
                                   ("?near=102.4,40.1&name=x", "api_query", "name"), ("?near=102.4,40.1&days=365", "api_query", "days")):
            self.refused(self.anna.get("/api/v1/calls/earlier" + query), 400, code, field)
        for name in ("otto", "pia"):
            self.refused(self.clients[name].get("/api/v1/calls/earlier?near=102.4,40.1"), 403)

    def test_the_place_is_found_by_an_index(self):
        record = sqlite3.connect(f"file:{self.server.site}/record.db?mode=ro", uri=True)
        plan = record.execute("EXPLAIN QUERY PLAN SELECT type FROM call WHERE lat_e7 BETWEEN 1 AND 2 AND lon_e7 BETWEEN 1 AND 2").fetchall()
        record.close()
        self.assertIn("call_by_place", plan[0][3])


class Figures(History):
    def test_figures_count_calls_and_responses_and_withhold_small_groups_from_the_chief(self):
        incidents = []
        for kind, priority, count in (("noise", 3, 12), ("theft", 1, 11), ("fire", 1, 3)):
            for _ in range(count):
                call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": kind, "priority": priority}))
                if kind != "noise":
                    incidents.append(self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": kind, "priority": priority,
                                                                                     "gravity": "ordinary"})))
        # 14 of priority 1; the first thirteen were reached after 60, 120, … 780 s.
        self.changed(*[("UPDATE incident SET first_arrival_at = opened_at + ? WHERE id = ?", (60000 * (i + 1), int(incident[1:])))
                       for i, incident in enumerate(incidents[:13])])
        shown = self.anna.get("/api/v1/figures").json
        self.assertEqual(len(shown["hours"]), 25)
        self.assertEqual(sum(h["calls"] for h in shown["hours"]), 26)
        self.assertEqual({t["type"]: t["calls"] for t in shown["types"]}, {"noise": 12, "theft": 11, "fire": 3})
        self.assertEqual((shown["open"], shown["groups_of_at_least"]), (14, 1))
        first = shown["priorities"][0]
        self.assertEqual((first["priority"], first["target_s"], first["arrived"], first["p50_s"], first["p90_s"]), (1, 300, 13, 420, 720))
        self.assertAlmostEqual(first["within_target"], 5 / 13, places=3)
        self.assertEqual([p["arrived"] for p in shown["priorities"][1:]], [None, None, None])
        self.assertEqual(sum(r["arrived"] for r in shown["responses"]), 13)
        for name in ("otto", "ann"):
            shown = self.clients[name].get("/api/v1/figures").json
            self.assertEqual(shown["groups_of_at_least"], 10)
            self.assertEqual([t["calls"] for t in shown["types"]], [12, 14])
            self.assertEqual([t["type"] for t in shown["types"]], ["noise", None])
            self.assertEqual(shown["priorities"][0]["arrived"], 13)
            for group in shown["hours"] + shown["types"] + shown["responses"]:
                number = group.get("calls", group.get("arrived"))
                self.assertTrue(number is None or number == 0 or number >= 10, group)

    def span(self, days_from, days_to):
        now = datetime.now(timezone(timedelta(hours=8))).replace(microsecond=0)
        return "?from=" + quote((now - timedelta(days=days_from)).isoformat()) + "&to=" + quote((now - timedelta(days=days_to)).isoformat())

    def test_a_span_is_asked_for_and_a_wrong_one_refused(self):
        shown = self.anna.get("/api/v1/figures" + self.span(40, 38)).json
        self.assertEqual({h["calls"] for h in shown["hours"]}, {0})
        self.assertIn(len(shown["hours"]), (48, 49))
        self.assertEqual(len(self.anna.get("/api/v1/figures" + self.span(31, 0)).json["hours"]) // 24, 31)
        for wrong in (self.span(0, 1), self.span(40, 0)):
            self.refused(self.anna.get("/api/v1/figures" + wrong), 400, "figures_span", "from")
        self.refused(self.anna.get("/api/v1/figures?from=yesterday"), 400, "api_time", "from")
        for name in ("dan", "carl", "pia"):
            self.refused(self.clients[name].get("/api/v1/figures"), 403)


if __name__ == "__main__":
    unittest.main()
