"""The whole life of a duty plan over HTTP: stated, made, adopted, followed, left for a call and resumed; sheets; and who may see what (L1,
L18). Debt, directed orders, the duty level, adherence: test_patrol_orders.py."""
import datetime
import json
import math
import os
import re
import unittest
import xml.etree.ElementTree as ET

from patrol_day import ORDERS, PLANS, PROBLEM, ROUNDS, PatrolTest


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


class Life(PatrolTest):
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

    def test_the_problem_that_the_town_comes_with_is_taken(self):
        with open(os.path.join(self.server.folder, "town", "duty.json"), "rb") as file:
            body = file.read()
        self.assertGreater(len(json.loads(body)["points"]), 5)
        reply = self.paul.send("PUT", PROBLEM, body, Content_Type="application/json")
        self.assertIn(reply.status, (200, 201), reply.body)

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

    def test_a_plan_for_another_map_is_driven_anew_and_what_differs_is_named(self):
        self.withdraw_all()
        self.state()
        text = self.paul.get(f"{PLANS}/{self.made()}").json["plan"]
        text["map_version"] += 7
        route = next(r for r in text["routes"] if any(s["kind"] == "point" for s in r["stops"]))
        other = next(r for r in text["routes"] if r is not route)
        roll, soon, gone = route["stops"][0], route["stops"][1], other["stops"][0]
        self.assertEqual((roll["kind"], gone["kind"]), ("fixed", "fixed"))
        gone["from"] = gone["to"] = [gone["from"][0] + 0.3, gone["from"][1] + 0.3]  # where no road is any more
        places = [u["position"] for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"]]
        roll["from"] = roll["to"] = max(places, key=lambda p: math.dist(p, soon["from"]))
        dwell = datetime.datetime.fromisoformat(soon["end"]) - datetime.datetime.fromisoformat(soon["start"])
        begin = datetime.datetime.fromisoformat(roll["end"])  # as if the way from there took no time
        soon["arrive"] = soon["start"] = begin.isoformat()
        soon["end"] = (begin + dwell).isoformat()
        plan = self.paul.post(PLANS, {"plan": text})
        self.assertEqual(plan.status, 202, plan.body)
        adopted = self.anna.post(f"{PLANS}/{plan.json['id']}/adopt")
        self.assertEqual(adopted.status, 201, adopted.body)
        told = {(d["unit"], d["stop"], d["change"]) for d in adopted.json["differences"]}
        self.assertLessEqual({(other["unit"], gone["id"], "off_network"), (route["unit"], soon["id"], "later")}, told)
        mine = next(r["id"] for r in self.anna.get(ROUNDS).json["rounds"] if r["unit"] == route["unit"] and r["plan"] == plan.json["id"])
        stops = self.anna.get(f"{ROUNDS}/{mine}").json["stops"]
        for before, after in zip(stops, stops[1:]):
            gap = datetime.datetime.fromisoformat(after["start"]) - datetime.datetime.fromisoformat(before["end"])
            self.assertGreaterEqual(gap.total_seconds(), after["travel_s"] - 0.1, "nobody is there before he can be")

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
        left = next(s["stop"] for s in sheet["stops"] if s["stop"] != stop)
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/reasons", {"stop": left, "reason": "place_shut"}))
        self.refused(self.anna.post(f"{ROUNDS}/{mine}/reasons", {"stop": left, "reason": "no_time"}), 403)  # the crew's own word (L18)
        self.refused(self.pia.post(f"{ROUNDS}/{mine}/reasons", {"stop": 9999, "reason": "no_time"}), 404, "life_no_stop")
        self.assertEqual({s["stop"]: s["reason"] for s in self.pia.get(f"{ROUNDS}/{mine}").json["stops"]}[left], "place_shut")
        self.refused(self.pia.post(f"{ROUNDS}/{mine}/log", {"km": 12.5, "hazards": ["drunk_man"]}), 400, "life_hazard", "hazards")
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/log", {"km": 12.5, "hazards": ["light_out"], "helped": 1}))
        self.taken(self.pia.post(f"{ROUNDS}/{mine}/end"))
        self.assertEqual(self.pia.get(f"{ROUNDS}/{mine}").json["log"]["km"], 12.5)
        self.refused(self.clients["carl"].get(ROUNDS), 403)
        self.refused(self.paul.get(f"{ROUNDS}/{mine}"), 403)

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

    def test_a_neighbour_takes_over_what_a_unit_that_was_at_a_call_cannot_do_any_more(self):
        """Four places of half an hour each, to be begun within seventy minutes, all in one unit's round: after its call each of them is in exactly one
        round, some in the neighbour's, what nobody can do any more is owed, both sheets say why, and a restart tells the same."""
        now = datetime.datetime.fromisoformat(self.anna.get("/api/v1/calls?limit=1").json["at"])
        minute, names = now.hour * 60 + now.minute, [u["name"] for u in self.units]
        if minute > 22 * 60:
            self.skipTest("the day of the town is over")
        clock = lambda m: f"{m // 60:02}:{m % 60:02}"
        points = [{"id": f"N{minute}-{i}", "at": p, "minutes": 25, "visits": 1, "windows": [[clock(minute), clock(minute + 70)]]}
                  for i, p in enumerate(self.spots[:4])]
        self.withdraw_all()
        self.state(points=points, checks=[], to=clock(minute + 120))
        text = self.paul.get(f"{PLANS}/{self.made()}").json["plan"]
        routes = {r["unit"]: r for r in text["routes"]}
        moved = [s for s in routes[names[1]]["stops"] if s["kind"] == "point"]
        routes[names[1]]["stops"] = [s for s in routes[names[1]]["stops"] if s["kind"] != "point"]
        end = datetime.datetime.fromisoformat(routes[names[0]]["stops"][-1]["end"])
        for s in moved:
            s["arrive"] = s["start"] = (end + datetime.timedelta(minutes=5)).isoformat()
            end += datetime.timedelta(minutes=30)
            s["end"] = routes[names[0]]["back"] = end.isoformat()
        routes[names[0]]["stops"] += moved
        given = self.paul.post(PLANS, {"plan": text})
        self.assertEqual(given.status, 202, given.body)
        plan = given.json["id"]
        self.taken(self.anna.post(f"{PLANS}/{plan}/adopt"))
        rounds = {r["unit"]: r["id"] for r in self.anna.get(ROUNDS).json["rounds"] if r["plan"] == plan}
        self.assertEqual(sorted(rounds), sorted(names))
        incident, _ = self.an_incident(self.spots[0])
        sheet = lambda name: self.anna.get(f"{ROUNDS}/{rounds[name]}").json
        first = self.units[0]
        for _ in range(20):  # the problem is laid on the road in the background
            order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": first["id"]}))
            self.until(lambda: sheet(first["name"])["state"] == "left", "the round was not left")
            self.taken(self.anna.post(f"/api/v1/orders/{order}/cancel", {"reason": "not_needed"}))
            self.until(lambda: sheet(first["name"])["state"] != "left", "the round was not resumed")
            if sheet(first["name"])["changed"]["together"]:
                break
        mine = sheet(first["name"])
        self.assertEqual((mine["changed"]["together"], mine["changed"]["order"], mine["changed"]["unit"]), (True, order, first["name"]))
        resumed = self.server.events("round_resumed")[-1]
        self.assertEqual((resumed["data"]["laid"], resumed["cause"], resumed["actor"]), ("together", int(order[1:]), "system"))
        ours = {p["id"] for p in points}
        stops = [(n, s) for n in names for s in sheet(n)["stops"] if s["id"] in ours]
        held = [s["id"] for _, s in stops if s["status"] != "handed"]
        self.assertEqual(sorted(held), sorted(ours), "each stop is in exactly one round")
        self.assertTrue([s for n, s in stops if n == names[1] and s["status"] == "planned"], "the neighbour takes some over")
        debt = {d["id"] for d in self.paul.get("/api/v1/patrol/debt").json["debt"]} & ours
        self.assertEqual(debt, {s["id"] for _, s in stops if s["status"] == "left"})
        first_change = self.server.events("round_changed")[-1]
        self.assertEqual((first_change["object"], first_change["data"]["round"]), (rounds[names[1]], rounds[names[0]]))
        for name, s in stops:
            other = s["handed_to"] or s["taken_from"]
            if other:
                twin = [(n, o) for n, o in stops if o["id"] == s["id"] and o is not s]
                self.assertEqual([(n, o["taken_from"] or o["handed_to"]) for n, o in twin], [(other, name)])
                self.assertEqual(sheet(other)["changed"]["unit"], first["name"])
            if s["handed_to"]:
                self.refused(self.anna.post(f"{ROUNDS}/{rounds[name]}/visits", {"stop": s["stop"], "proof": "tag"}), 409, "life_stop_handed")
        told = {n: sheet(n) for n in names}
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        for account in self.ACCOUNTS:
            self.clients[account] = self.server.sign_in(account)
        self.anna = self.clients["anna"]
        type(self).paul, type(self).pia, type(self).otto = (self.clients[n] for n in ("paul", "pia", "otto"))
        again = {n: sheet(n) for n in names}
        for n in names:
            for key in ("stops", "changed", "done", "total", "back"):
                self.assertEqual(again[n][key], told[n][key], (n, key))

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


if __name__ == "__main__":
    unittest.main()
