"""Did one directed order help: told when it is over, over HTTP and by the command alike, from what somebody called in; fewer than ten calls tell
nothing, and what a patrol found is not looked at."""
import datetime
import math
import os
import unittest

from server import OwnServerTest, run

from databases import connect  # in the folder that `server` names

ORDERS = "/api/v1/patrol/orders"
DAY_MS = 86400000


def metres(a, b):
    return math.hypot((a[0] - b[0]) * 111195 * math.cos(math.radians(a[1])), (a[1] - b[1]) * 111195)


class DidItHelp(OwnServerTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker"}

    def setUp(self):
        super().setUp()
        carl = self.server.sign_in("carl")
        hits = [h for letter in "aeiorstnl" for h in self.anna.get(f"/api/v1/places?q={letter}&limit=100").json["items"]
                if h["kind"] == "crossing" and h["dwelling"] == "no"]
        self.places = [hits[0]["position"]]
        for hit in hits:
            if metres(hit["position"], self.places[0]) > 900 and all(metres(hit["position"], p) > 500 for p in self.places):
                self.places.append(hit["position"])
        self.places = self.places[:9]
        self.assertGreaterEqual(len(self.places), 7)
        self.incidents = [self.an_incident(p)[0] for p in self.places]
        self.refused(carl.get(f"{ORDERS}/X1/helped"), 403)
        self.refused(self.anna.get(f"{ORDERS}/X999999/helped"), 404, "life_no_directed")
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.order = self.taken(self.anna.post(ORDERS, {"name": "East gate", "at": self.places[0], "from": "00:00", "to": "48:00", "reason": "r", "until": until}))
        self.refused(self.anna.get(f"{ORDERS}/{self.order}/helped"), 409, "life_directed_still")
        self.taken(self.anna.post(f"{ORDERS}/{self.order}/end", {"reason": "over"}))
        events = [e for e in self.server.events("directed_ordered", "directed_ended") if e["object"] == self.order]
        self.begun, self.over = (e["recorded_at"] for e in events)
        if isinstance(self.begun, str):
            self.begun, self.over = (int(datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).timestamp() * 1000) for t in (self.begun, self.over))
        self.assertEqual(self.server.stop(), 0)

    def live(self, calls):
        """(place, days before the order, channel, how many) into the tables, as a desk of those days would have; 0 days: while it was in force."""
        with connect(os.path.join(self.server.site, "record.db")) as record:
            columns = {t: [c[1] for c in record.execute(f"PRAGMA table_info({t})")] for t in ("call", "incident")}
            number = 100000
            for which, days, channel, count in calls:
                for _ in range(count):
                    number += 1
                    new = {"incident": {"id": number},
                           "call": {"id": number, "incident": number, "received_at": self.begun - days * DAY_MS, "channel": channel}}
                    for table, key in (("incident", "id"), ("call", "incident")):
                        values = ", ".join(":" + c if c in new[table] else c for c in columns[table])
                        record.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {key} = :like LIMIT 1",
                                       {"like": int(self.incidents[which][1:]), **new[table]})

    def usual(self, during):
        """Each place as it usually is, and like places while the order was in force."""
        return [(i, days, "phone", 20) for i in range(len(self.places)) for days in (40, 70)] + [(i, 0, "phone", during) for i in range(1, len(self.places))]

    def told(self):
        printed = self.precinct("patrol", "helped", self.server.site, "--order", self.order)
        self.serve()
        answer = self.anna.get(f"{ORDERS}/{self.order}/helped").json
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual({k: v for k, v in answer.items() if k not in ("order", "name")}, {k: v for k, v in printed.items() if k != "place"})
        self.assertEqual((answer["order"], answer["name"], answer["within_m"], answer["like"]), (self.order, "East gate", 150, len(self.places) - 1))
        return answer["patrolled"]

    def test_what_fell_to_nothing_while_like_places_stayed_is_told_with_its_interval(self):
        self.live(self.usual(20) + [(0, 0, "patrol", 30)])
        there = self.told()
        self.assertEqual((there["answer"], there["before"], there["during"]), ("helped", 20, 0))
        self.assertTrue(there["low"] <= there["change"] < there["high"] < 1, there)
        self.assertIn("It helped", run("patrol", "helped", self.server.site, "--order", self.order))
        self.assertIn("有效", run("patrol", "helped", self.server.site, "--order", self.order, "--lang", "zh"))
        asked = ("patrol", "helped", self.server.site)
        self.assertIn("X12", self.precinct(*asked, "--order", "X77", code=2))
        self.assertIn("--street", self.precinct(*asked, code=2))
        self.assertIn("--street", self.precinct(*asked, "--order", self.order, "--area", "a", code=2))
        self.assertIn("1 to 1000", self.precinct(*asked, "--order", self.order, "--within", "0", code=2))

    def test_what_fell_a_little_cannot_be_told(self):
        self.live(self.usual(20) + [(0, 0, "phone", 12)])
        there = self.told()
        self.assertEqual((there["answer"], there["during"]), ("cannot_tell", 12))
        self.assertTrue(there["low"] <= 1 <= there["high"], there)
        self.assertIn("Cannot tell", run("patrol", "helped", self.server.site, "--order", self.order))

    def test_fewer_than_ten_calls_tell_no_number(self):
        self.live([c for c in self.usual(20) if c[:2] != (0, 40)] + [(0, 40, "phone", 9)])
        there = self.told()
        self.assertEqual(there, {"answer": "few_calls", "change": None, "low": None, "high": None, "dispersion": None, "before": None, "during": None})

    def test_a_street_is_asked_about_by_its_name(self):
        self.live(self.usual(20))
        today = datetime.date.today()
        days = ("--from", str(today - datetime.timedelta(days=20)), "--until", str(today))
        asked = ("patrol", "helped", self.server.site, *days, "--street")
        self.assertIn("Nowhere", self.precinct(*asked, "Nowhere", code=1))
        self.assertIn("--from", self.precinct("patrol", "helped", self.server.site, "--street", "x", code=2))
        hits = self.precinct("place", "search", self.server.site, "a")["hits"]
        street = next(h["name"] for h in hits if h["kind"] == "street")
        told = self.precinct(*asked, street, "--hours", "18-24")
        self.assertEqual((told["place"], told["within_m"]), (street, 50))
        self.assertIn(told["patrolled"]["answer"], ("few_calls", "few_places"))
        self.assertIn("Cannot tell", run(*asked, street))


if __name__ == "__main__":
    unittest.main()
