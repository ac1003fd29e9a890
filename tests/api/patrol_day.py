"""A day of patrol for the tests of the interface: two units of the town, four places in public, plans of them made and adopted."""
import datetime
import time

from server import PATIENCE_S, ApiTest

PROBLEM, PLANS, ROUNDS, ORDERS, LEVEL = (f"/api/v1/patrol/{x}" for x in ("problem", "plans", "rounds", "orders", "level"))


class PatrolTest(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "paul": "planner", "pia": "patrol", "otto": "patrol", "carl": "call_taker"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        anna = cls.clients["anna"]
        cls.paul, cls.pia, cls.otto = (cls.clients[n] for n in ("paul", "pia", "otto"))
        units = anna.get("/api/v1/units?limit=1000").json["items"]
        cls.units = [u for u in units if u["status"] in ("at_station", "available") and u["position"]][:2]
        for account, unit in (("pia", cls.units[0]), ("otto", cls.units[1])):
            reply = anna.post(f"/api/v1/accounts/{account}/assign", {"unit": unit["id"]})
            assert reply.status == 201, reply.body
        at = ",".join(map(str, cls.units[0]["position"]))
        hits = {}
        for letter in "aeiorst":
            lon, lat = at.split(",")
            for hit in anna.get(f"/api/v1/places?q={letter}&lon={lon}&lat={lat}&limit=100").json["items"]:
                if hit["kind"] in ("crossing", "place") and hit["dwelling"] == "no":
                    hits[tuple(hit["position"])] = hit
        cls.spots = [h["position"] for h in sorted(hits.values(), key=lambda h: h["distance_m"])][:6]
        assert len(cls.spots) == 6, hits
        now = datetime.datetime.fromisoformat(anna.get("/api/v1/calls?limit=1").json["at"])  # on the site's clock
        cls.midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        cls.day = cls.midnight.strftime("%Y-%m-%d")
        minute = max(0, now.hour * 60 + now.minute - 10)
        cls.hours = [f"{m // 60:02}:{m % 60:02}" for m in (minute, minute + 360)]

    def problem(self, **more):
        """From ten minutes ago on, so that rounds are under way whatever the time is."""
        names = [u["name"] for u in self.units]
        at = [u["position"] for u in self.units]
        return dict({"format": "precinct-duty-1", "name": "Day", "date": self.day, "from": self.hours[0], "to": self.hours[1],
                     "units": [{"id": n, "station": "s", "start": p, "crew": ["E. Lin"],
                                "fixed": [{"id": f"roll-{n}", "kind": "roll_call", "at": p, "start": self.hours[0], "minutes": 5}]} for n, p in zip(names, at)],
                     "points": [{"id": f"P{i}", "name": f"Gate {i}; \"east\", 东门", "at": p, "minutes": 2, "visits": 1} for i, p in enumerate(self.spots[:4])],
                     "checks": [{"id": "C1", "kind": "field", "announced": False, "unit": names[0], "at": at[0], "windows": [self.hours], "minutes": 1}]}, **more)

    def state(self, **more):
        reply = self.paul.send("PUT", PROBLEM, self.problem(**more))
        self.assertEqual(reply.status, 201, reply.body)
        return reply.json["id"]

    def until(self, look, what):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        self.fail(what)

    def made(self, **ask):
        reply = self.paul.post(PLANS, dict({"seconds": 1, "seed": 3}, **ask))
        self.assertEqual(reply.status, 202, reply.body)
        plan = reply.json["id"]
        state = self.until(lambda: next((p for p in self.paul.get(PLANS).json["plans"] if p["id"] == plan and p["state"] != "making"), None), "no plan")
        self.assertEqual(state["state"], "made", state)
        return plan

    def withdraw_all(self):
        for p in self.paul.get(PLANS).json["plans"]:
            if p["state"] in ("made", "adopted"):
                self.taken(self.anna.post(f"{PLANS}/{p['id']}/withdraw", {"reason": "next test"}))
        for r in self.anna.get(ROUNDS).json["rounds"]:
            if r["state"] != "ended":
                self.taken(self.anna.post(f"{ROUNDS}/{r['id']}/end"))

    def adopted(self, **more):
        self.withdraw_all()
        self.state(**more)
        plan = self.made()
        self.taken(self.anna.post(f"{PLANS}/{plan}/adopt"))
        rounds = self.anna.get(ROUNDS).json["rounds"]
        return plan, {r["unit"]: r["id"] for r in rounds if r["plan"] == plan}

    def directed(self, **more):
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return dict({"name": "Market", "at": self.spots[5], "from": "00:00", "to": "30:00", "minutes": 3, "reason": "three burglaries of shops",
                     "until": until}, **more)
