"""Cover on the live desk: where calls are expected is learnt from the desk's own calls, and then the two policies differ."""
import time
import unittest

from server import ApiTest, Server
from test_replay import busy_morning

CALLS = 120
LEARNT_S = 20  # a young record is learnt from every few seconds


class Cover(ApiTest):
    def incident_at(self, position, channel="phone"):
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": channel, "type": "noise", "priority": 3}))
        return self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary",
                                                               "position": position}))

    def ask(self, incident, policy, **headers):
        return self.anna.get(f"/api/v1/incidents/{incident}/recommendation?policy={policy}&count=100", **headers).json

    def left(self, unit, target_s=None):
        return self.anna.get(f"/api/v1/units/{unit['id']}/cover_left" + (f"?target_s={target_s}" if target_s else "")).json

    def two_units(self):
        """Two that stand well apart; all others are not to be had."""
        units = [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"]
                 if u["status"] in ("at_station", "available") and u["position"]]
        first = units[0]
        second = max(units[1:], key=lambda u: (u["position"][0] - first["position"][0]) ** 2 + (u["position"][1] - first["position"][1]) ** 2)
        for u in units:
            if u["id"] not in (first["id"], second["id"]):
                self.taken(self.anna.post(f"/api/v1/units/{u['id']}/unavailable", {"reason": "meal"}))
        return first, second

    def test_policies_differ_once_calls_have_shown_where_the_next_are_expected(self):
        hot, cold = self.two_units()
        self.assertNotEqual(hot["position"], cold["position"])
        between = [hot["position"][i] + 0.45 * (cold["position"][i] - hot["position"][i]) for i in (0, 1)]
        incident = self.incident_at(between)
        near = [c["unit"] for c in self.ask(incident, "nearest")["ranked"]]
        early = self.ask(incident, "nearest_with_cover")
        self.assertEqual([c["unit"] for c in early["ranked"]], near, "nothing is known yet")
        self.assertEqual(early["demand_points"], 0)
        self.assertIn("at least 100 are needed", early["note"])
        self.assertIn("至少需要 100 起", self.ask(incident, "nearest_with_cover", Accept_Language="zh")["note"])
        self.assertIsNone(self.ask(incident, "nearest")["note"])
        unknown = self.left(hot)
        self.assertEqual([unknown["share_now"], unknown["share_left"], unknown["demand_points"]], [None, None, 0])
        self.assertIn("at least 100 are needed", unknown["note"])
        # Calls come from around the unit that is nearest; what patrols see by themselves is at the other and does not count.
        nearest = hot if near[0] == hot["id"] else cold
        other = cold if nearest is hot else hot
        for _ in range(CALLS):
            self.incident_at(nearest["position"])
        for _ in range(30):
            self.incident_at(other["position"], "patrol")
        end = time.monotonic() + LEARNT_S
        while self.ask(incident, "nearest_with_cover")["demand_calls"] <= CALLS and time.monotonic() < end:
            time.sleep(0.2)
        late = self.ask(incident, "nearest_with_cover")
        self.assertEqual(late["demand_calls"], CALLS + 1)
        self.assertEqual((late["demand_points"], late["note"]), (1, None), "the one call elsewhere is no group of ten")
        self.assertEqual([c["unit"] for c in late["ranked"]], near[::-1], "the unit among the calls stays")
        self.assertEqual(late["ranked"][0]["code"], "ranked_cover")
        # All calls come from around one unit: without it none is within a few seconds, without the other all are.
        self.assertEqual([self.left(nearest, 30)[share] for share in ("share_now", "share_left")], [1, 0])
        self.assertEqual([self.left(other, 30)[share] for share in ("share_now", "share_left")], [1, 1])
        self.assertEqual(self.left(nearest, 7200)["share_left"], 1)
        self.assertEqual((self.left(nearest)["note"], self.left(nearest)["demand_calls"]), (None, CALLS + 1))
        away = next(u for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["status"] == "unavailable")
        self.assertEqual([self.left(away, 30)[share] for share in ("share_now", "share_left")], [1, 1])
        self.assertIn("not free", self.left(away)["note"])
        self.refused(self.anna.get("/api/v1/units/U99999999/cover_left"), 404)
        self.assertEqual([c["unit"] for c in self.ask(incident, "nearest")["ranked"]], near, "nearest looks at travel time alone")
        # After a start it is known at once.
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.clients["anna"] = self.anna = self.server.sign_in("anna")
        again = self.ask(incident, "nearest_with_cover")
        self.assertEqual((again["demand_calls"], [c["unit"] for c in again["ranked"]]), (CALLS + 1, near[::-1]))


class InAReplay(unittest.TestCase):
    def test_replayed_calls_show_where_the_next_are_expected(self):
        server = Server()
        self.addCleanup(server.remove)
        server.add("anna", "dispatcher")
        server.start("--replay", busy_morning(server), "--speed", "600")
        anna = server.sign_in("anna")
        end, learnt = time.monotonic() + LEARNT_S, 0
        while learnt == 0 and time.monotonic() < end:
            time.sleep(0.5)
            incidents = anna.get("/api/v1/incidents?limit=1000").json["items"]
            if incidents and incidents[-1]["position"]:
                reply = anna.get(f"/api/v1/incidents/{incidents[-1]['id']}/recommendation")
                learnt = reply.json.get("demand_calls", 0) if reply.status == 200 else 0
        self.assertGreater(learnt, 0)


if __name__ == "__main__":
    unittest.main()
