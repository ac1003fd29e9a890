"""The whole life of a duty plan over HTTP: stated, made, adopted, followed, left for a call, resumed, owed; directed orders, the duty level,
sheets; and who may see what (L1, L18)."""
import datetime
import json
import re
import time
import unittest
import xml.etree.ElementTree as ET

from server import PATIENCE_S, ApiTest, run

PROBLEM, PLANS, ROUNDS, ORDERS, LEVEL = (f"/api/v1/patrol/{x}" for x in ("problem", "plans", "rounds", "orders", "level"))


def parse_calendar(text):
    """A strict reader of RFC 5545's content lines: CRLF, folding at 75 bytes, begin and end that pair; events as dictionaries."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75, line
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    stack, events = [], []
    for line in lines:
        name, _, value = line.partition(":")
        assert re.fullmatch(r"[A-Z-]+", name), line
        if name == "BEGIN":
            stack.append(value)
            if value == "VEVENT":
                events.append({})
        elif name == "END":
            assert stack.pop() == value
        elif stack[-1] == "VEVENT":
            assert name not in events[-1], name
            events[-1][name] = re.sub(r"\\(.)", lambda m: "\n" if m.group(1) in "nN" else m.group(1), value)
            assert not re.search(r"(?<!\\)(\\\\)*[;,]", value) or name == "GEO", line
    assert not stack and lines[0] == "BEGIN:VCALENDAR" and "VERSION:2.0" in lines and any(x.startswith("PRODID:") for x in lines)
    return events


class Life(ApiTest):
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

    # --- the problem

    def test_a_problem_is_kept_and_given_back_word_for_word(self):
        body = json.dumps(self.problem(), ensure_ascii=False)
        self.assertEqual(self.paul.send("PUT", PROBLEM, body.encode(), Content_Type="application/json").status, 201)
        self.assertEqual(self.paul.get(PROBLEM).body.decode(), body)
        self.refused(self.paul.send("PUT", PROBLEM, self.problem(date="tomorrow")), 422)
        self.refused(self.paul.send("PUT", PROBLEM, dict(self.problem(), pionts=[])), 400, None, "pionts")
        self.refused(self.clients["carl"].send("PUT", PROBLEM, self.problem()), 403)
        self.assertEqual(self.paul.get(PROBLEM).body.decode(), body)

    def test_nothing_is_aimed_at_a_dwelling(self):
        away = [self.spots[0][0] + 0.3, self.spots[0][1] + 0.3]
        before = self.paul.get(PROBLEM).body if self.state() else b""
        for kind in ("points", "holds"):
            one = {"id": "X", "at": away, "windows": [self.hours]}
            self.refused(self.paul.send("PUT", PROBLEM, self.problem(**{kind: [one]})), 409, "life_dwelling")
        self.refused(self.paul.post(ORDERS, self.directed(at=away)), 409, "life_dwelling", "at")
        self.assertEqual(self.paul.get(PROBLEM).body, before)

    # --- plans

    def test_a_plan_is_made_adopted_once_and_gives_each_unit_its_round(self):
        plan, rounds = self.adopted()
        shown = self.paul.get(f"{PLANS}/{plan}").json
        self.assertEqual((shown["state"], shown["adopted_by"], shown["feasible"]), ("adopted", "anna", True))
        self.assertEqual(shown["plan"]["format"], "precinct-plan-1")
        self.assertEqual(sorted(rounds), sorted(r["unit"] for r in shown["plan"]["routes"] if r["stops"]))
        self.refused(self.anna.post(f"{PLANS}/{plan}/adopt"), 409, "life_plan_state")
        self.refused(self.anna.post(f"{PLANS}/G999999/adopt"), 404, "life_no_plan")
        stops = [s for r in rounds.values() for s in self.anna.get(f"{ROUNDS}/{r}").json["stops"]]
        self.assertEqual({s["id"] for s in stops if s["kind"] == "point"}, {"P0", "P1", "P2", "P3"})
        self.assertNotIn("check", [s["kind"] for s in stops], "an unannounced check is not on the unit's own sheet")

    def test_the_same_request_again_adopts_nothing_twice(self):
        self.withdraw_all()
        self.state()
        plan = self.made()
        first = self.anna.post(f"{PLANS}/{plan}/adopt", key="adopt-only-once")
        again = self.anna.post(f"{PLANS}/{plan}/adopt", key="adopt-only-once")
        self.assertEqual((first.status, again.status, first.json), (201, 201, again.json))
        ordered = [e for e in self.server.events("round_ordered") if e["data"]["plan"] == plan]
        self.assertEqual(len({e["data"]["unit"] for e in ordered}), len(ordered))

    def test_a_plan_that_was_made_elsewhere_is_taken_and_one_with_unknown_units_is_not_adopted(self):
        self.withdraw_all()
        self.state()
        text = self.paul.get(f"{PLANS}/{self.made()}").json["plan"]
        reply = self.paul.post(PLANS, {"plan": text})
        self.assertEqual(reply.status, 202, reply.body)
        given = self.paul.get(f"{PLANS}/{reply.json['id']}").json
        self.assertEqual((given["state"], [r["unit"] for r in given["plan"]["routes"]]), ("made", [r["unit"] for r in text["routes"]]))
        for route in text["routes"]:
            route["unit"] = "nobody-" + route["unit"]
        strange = self.paul.post(PLANS, {"plan": text}).json["id"]
        self.refused(self.anna.post(f"{PLANS}/{strange}/adopt"), 409, "life_no_unit")
        self.assertEqual(self.paul.get(f"{PLANS}/{strange}").json["state"], "made", "a refusal changes nothing")
        self.refused(self.paul.post(PLANS, {"plan": {"format": "x"}}), 422)
        self.refused(self.paul.post(PLANS, {"plan": text, "seconds": 3}), 400, "life_plan_uploaded")

    # --- rounds

    def test_a_crew_serves_its_own_round_stop_by_stop(self):
        _, rounds = self.adopted()
        mine, other = rounds[self.units[0]["name"]], rounds.get(self.units[1]["name"])
        self.assertEqual([r["id"] for r in self.pia.get(ROUNDS).json["rounds"]], [mine])
        if other:
            self.refused(self.pia.get(f"{ROUNDS}/{other}"), 404, "web_out_of_scope")
            self.refused(self.pia.post(f"{ROUNDS}/{other}/visits", {"stop": 1, "proof": "tag"}), 404, "web_out_of_scope")
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/roll-call", {"present": 2, "wanted": 3, "kit_complete": True}))
        sheet = self.pia.get(f"{ROUNDS}/{mine}").json
        self.assertEqual((sheet["roll_call"]["present"], sheet["roll_call"]["wanted"]), (2, 3))
        stop = sheet["next"]["stop"]
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/visits", {"stop": stop, "proof": "tag"}))
        self.refused(self.pia.post(f"{ROUNDS}/{mine}/visits", {"stop": stop, "proof": "qr"}), 409, "life_stop_served")
        sheet = self.pia.get(f"{ROUNDS}/{mine}").json
        self.assertEqual((sheet["done"], sheet["state"] in ("under_way", "done")), (1, True))
        self.assertEqual([s["proof"] for s in sheet["stops"] if s["stop"] == stop], ["tag"])
        self.refused(self.pia.post(f"{ROUNDS}/{mine}/log", {"km": 12.5, "hazards": ["drunk_man"]}), 400, "life_hazard", "hazards")
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/log", {"km": 12.5, "hazards": ["light_out"], "helped": 1}))
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/end"))
        self.assertEqual(self.pia.get(f"{ROUNDS}/{mine}").json["log"]["km"], 12.5)
        self.refused(self.clients["carl"].get(ROUNDS), 403)
        self.refused(self.paul.get(f"{ROUNDS}/{mine}"), 403)

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

    def test_a_unit_that_is_sent_to_a_call_leaves_its_round_and_goes_on_afterwards(self):
        _, rounds = self.adopted()
        mine = rounds[self.units[0]["name"]]
        incident, _ = self.an_incident(self.spots[0])
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": self.units[0]["id"]}))
        left = self.until(lambda: (lambda r: r if r["state"] == "left" else None)(self.anna.get(f"{ROUNDS}/{mine}").json), "the round was not left")
        self.assertEqual(left["left_for"], order)
        self.taken(self.anna.post(f"/api/v1/orders/{order}/cancel", {"reason": "not_needed"}))
        back = self.until(lambda: (lambda r: r if r["state"] != "left" else None)(self.anna.get(f"{ROUNDS}/{mine}").json), "the round was not resumed")
        self.assertIn(back["state"], ("under_way", "planned"))
        open_stops = [s for s in back["stops"] if s["status"] == "planned"]
        starts = [datetime.datetime.fromisoformat(s["start"]) for s in open_stops]
        self.assertEqual(starts, sorted(starts))
        resumed = [e for e in self.server.events("round_left", "round_resumed") if e["object"] == mine]
        self.assertEqual([(e["type"], e["actor"], e["cause"]) for e in resumed],
                         [("round_left", "system", int(order[1:])), ("round_resumed", "system", int(order[1:]))])

    def test_days_that_are_over_show_no_single_round(self):
        yesterday = (self.midnight - datetime.timedelta(days=2)).strftime("%Y-%m-%d")
        self.refused(self.anna.get(f"{ROUNDS}?day={yesterday}"), 403, "life_day_over")
        self.refused(self.anna.get(f"{ROUNDS}?day=x"), 400, "life_day", "day")
        self.assertEqual(self.anna.get(f"{ROUNDS}?day=2199-01-01").json["rounds"], [])

    # --- sheets

    def test_the_sheet_is_a_calendar_a_gpx_file_and_geojson(self):
        _, rounds = self.adopted()
        mine = rounds[self.units[0]["name"]]
        stops = self.pia.get(f"{ROUNDS}/{mine}").json["stops"]
        calendar = self.pia.get(f"{ROUNDS}/{mine}/sheet?format=ics")
        self.assertEqual(calendar.headers["Content-Type"], "text/calendar")
        events = parse_calendar(calendar.body.decode())
        self.assertEqual([e["SUMMARY"] for e in events], [s["name"] for s in stops])
        self.assertEqual(len({e["UID"] for e in events}), len(events))
        for e in events:
            self.assertRegex(e["DTSTAMP"] + e["DTSTART"], r"^(\d{8}T\d{6}Z){2}$")
        gpx = ET.fromstring(self.pia.get(f"{ROUNDS}/{mine}/sheet?format=gpx").body)
        space = "{http://www.topografix.com/GPX/1/1}"
        self.assertEqual((gpx.tag, gpx.get("version")), (space + "gpx", "1.1"))
        self.assertEqual([w.find(space + "name").text for w in gpx.iter(space + "wpt")], [s["name"] for s in stops])
        self.assertGreater(len(list(gpx.iter(space + "trkpt"))), 1)
        features = self.pia.get(f"{ROUNDS}/{mine}/sheet?format=geojson").json["features"]
        self.assertEqual(len(features), len(stops) + 1)
        self.refused(self.pia.get(f"{ROUNDS}/{mine}/sheet?format=pdf"), 400)

    # --- orders and the level

    def directed(self, **more):
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return dict({"name": "Market", "at": self.spots[5], "from": "00:00", "to": "30:00", "minutes": 3, "reason": "three burglaries of shops",
                     "until": until}, **more)

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
