"""What enters the next plan and what is told of a day: debt, directed orders, the duty level, adherence; and that a restart loses nothing."""
import datetime
import json
import unittest

from patrol_day import LEVEL, ORDERS, PLANS, ROUNDS, PatrolTest
from server import ApiTest, run


class Orders(PatrolTest):
    def test_a_directed_order_enters_the_next_plan_until_it_ends(self):
        self.withdraw_all()
        self.state()
        late = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.refused(self.paul.post(ORDERS, self.directed(until=late)), 409, "life_directed_end")
        self.refused(self.paul.post(ORDERS, self.directed(reason="  ")), 400, None, "reason")
        self.refused(self.paul.post(ORDERS, self.directed(to="00:00")), 422, "life_directed_hours")
        self.refused(self.paul.post(ORDERS, self.directed(to="later")), 400, "life_clock", "to")
        order = self.taken(self.paul.post(ORDERS, self.directed()))
        listed = {o["id"]: o for o in self.anna.get(f"{ORDERS}?state=open").json["orders"]}[order]
        self.assertEqual((listed["author"], listed["reason"], listed["from"]), ("paul", "three burglaries of shops", "00:00"))
        ids = lambda plan: {s["id"] for r in self.paul.get(f"{PLANS}/{plan}").json["plan"]["routes"] for s in r["stops"]}
        self.assertIn(order, ids(self.made()))
        self.taken(self.paul.post(f"{ORDERS}/{order}/end", {"reason": "over"}))
        self.refused(self.paul.post(f"{ORDERS}/{order}/end"), 409, "life_directed_over")
        self.assertNotIn(order, ids(self.made()))

    def test_the_duty_level_decides_which_units_a_plan_uses(self):
        self.withdraw_all()
        self.state()
        begin = (self.midnight - datetime.timedelta(days=2)).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        end = (self.midnight + datetime.timedelta(days=3)).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"level": 2, "ground": "holiday", "number": "2026-17", "approver": "J. Ma", "from": begin, "until": end, "share_percent": 50}
        self.assertEqual(self.clients["carl"].get(LEVEL).json["level"], 3)
        self.refused(self.paul.post(LEVEL, body), 403)
        self.refused(self.anna.post(LEVEL, dict(body, share_percent=40)), 422, "life_level_half")
        self.taken(self.anna.post(LEVEL, body))
        now = self.clients["carl"].get(LEVEL).json
        self.assertEqual((now["level"], now["now"]["approver"], now["now"]["author"]), (2, "J. Ma", "anna"))
        text = self.paul.get(f"{PLANS}/{self.made()}").json["plan"]
        self.assertEqual([r["unit"] for r in text["routes"]], [self.units[0]["name"]])
        self.taken(self.anna.post(LEVEL, dict(body, level=3, ground="everyday", share_percent=100)))
        self.assertEqual(len(self.paul.get(f"{PLANS}/{self.made()}").json["plan"]["routes"]), 2)

    def test_what_was_not_served_is_owed_and_enters_the_next_plan(self):
        plan, rounds = self.adopted()
        for r in rounds.values():
            self.taken(self.anna.post(f"{ROUNDS}/{r}/end"))
        owed = {o["id"]: o["visits"] for o in self.paul.get("/api/v1/patrol/debt").json["debt"]}
        self.assertLessEqual({"P0", "P1", "P2", "P3"}, set(owed))
        following = self.made()
        text = self.paul.get(f"{PLANS}/{following}").json["plan"]
        wanted = sum(s["id"] == "P0" for route in text["routes"] for s in route["stops"]) + sum(u["id"] == "P0" for u in text["unmet"])
        self.assertEqual(wanted, 1 + owed["P0"])
        self.taken(self.anna.post(f"{PLANS}/{following}/adopt"))
        self.assertEqual(self.paul.get("/api/v1/patrol/debt").json["debt"], [])
        self.assertNotEqual(plan, following)

    def test_adherence_is_told_of_three_crews_together_and_of_no_fewer(self):
        self.adopted()
        few = self.clients["paul"].get("/api/v1/patrol/adherence").json
        if few["told"]:  # of other tests of this day
            self.assertGreaterEqual(few["crews"], 3)
        old = self.paul.get("/api/v1/patrol/adherence?day=2020-01-01").json
        self.assertEqual((old["told"], old["crews"], old["done"], old["missed"]), (False, None, None, None))
        self.refused(self.pia.get("/api/v1/patrol/adherence"), 403)
        self.withdraw_all()
        all_units, self.units = self.units, [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"]][:3]
        try:
            self.adopted()
        finally:
            self.units = all_units
        figures = self.paul.get("/api/v1/patrol/adherence").json
        self.assertEqual((figures["told"], figures["crews"]), (True, 3))
        judged = sum(figures[state] for state in ("done", "late", "short", "missed", "unknown"))
        self.assertGreaterEqual(judged, 3, "each roll call is over by now")
        self.assertNotRegex(json.dumps(figures), "unit|U[0-9]|position")
        self.refused(self.paul.get("/api/v1/patrol/adherence?day=soon"), 400, "life_day", "day")


class Restart(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander,planner"}

    def test_a_restart_and_a_rebuild_of_the_tables_lose_nothing(self):
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        hits = [h for h in self.anna.get("/api/v1/places?q=a&limit=100").json["items"] if h["kind"] == "crossing"]
        self.taken(self.anna.post(ORDERS, {"name": "X", "at": hits[0]["position"], "from": "08:00", "to": "09:00", "reason": "r", "until": until}))
        before = self.anna.get(ORDERS).body
        self.server.stop()
        run("log", "rebuild", self.server.site)
        run("log", "verify", self.server.site)
        self.server.start()
        self.assertEqual(self.server.sign_in("anna").get(ORDERS).body, before)


if __name__ == "__main__":
    unittest.main()
