"""L22: where and when to patrol is learnt from calls for service by place and hour: the model of demand knows places, hours, days and types,
`precinct patrol where` what somebody called in and nothing that a patrol found; no dwelling and no group of people is its object."""
import datetime
import json
import os
import re
import unittest
import zoneinfo

from model import ROOT, LimitTest
from server import OwnServerTest, run

from databases import connect  # in the folder that `server` names

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
DAY = datetime.date(2026, 6, 1)  # a Monday


def demand_knows_more(model):
    """Columns of the tables of demand beyond circumstances, hours, types and rates."""
    allowed = {"type", "circumstance", "per_week_per_1000", "hours", "days", "priorities", "residential", "commercial", "nightlife", "school", "industrial", "road",
               "rural", "park", "water"}
    return [f"{path}: {name}" for path, names in model.definitions.items() if "demand" in path for name in names if name not in allowed]


def learnt_from_other_than_calls(model):
    return model.named(r"(arrest|stop|check)_(rate|density|map|heat)|hot_?spot_person|prior_offences|offender|predicted_(person|offence)|risk_person")


def planning_is_fed_by_deeds(model):
    """Arrests, stops, checks or fines in what planning reads: its requests, its events, its tables."""
    deeds = re.compile(r"(?<![a-z])(arrest|stop_and|frisk|fine|citation|offen[cs]e|suspect|conviction|prior_)", re.I)
    planning = re.compile(r"patrol|duty|plan_|round_|directed|demand|where")
    return [f"{where}: {name}" for where, name in model.names() if planning.search(where) and deeds.search(name)]


def orders_without_author_reason_or_end(model):
    """Events that order patrol somewhere and have no end, or a way to order without a reason; an author stands on every event."""
    orders = {name for name in model.events if re.fullmatch(r"directed_ordered|patrol_ordered|patrol_directed", name)}
    missing = [f"{name} has no end" for name in orders if not {f["name"] for f in model.events[name]["fields"]} & {"until", "ends_at"}]
    for method, path, incoming, e in model.endpoints():
        reason = [f for f in incoming if f["name"] == "reason" and not f.get("optional")]
        if e.get("event") in orders and not reason and "reason" not in {f["name"] for f in model.events[e["event"]]["fields"]}:
            missing.append(f"{method} {path} asks for no reason")
    return missing


def orders_to_groups(model):
    return model.named(r"target_(group|person|family|population)|(migrant|minority|nationality|religio)\w*")


def without_reason(model):
    model.add_event("patrol_ordered", "place", "until")
    model.api.append({"endpoints": [{"method": "POST", "path": "/api/v1/x", "event": "patrol_ordered", "rights": [], "body": []}], "schemas": {}})


class WhereToPatrol(LimitTest):
    def test_demand_knows_places_hours_and_types_only(self):
        self.holds(demand_knows_more, lambda m: m.definitions.update({"definitions/demand.csv": ["level", "income"]}))

    def test_nothing_is_learnt_from_arrests_stops_or_checks(self):
        self.holds(learnt_from_other_than_calls, lambda m: m.add_column("call_count", "arrest_rate"), lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["stop_density"]))

    def test_no_event_request_or_table_feeds_deeds_into_planning(self):
        self.holds(planning_is_fed_by_deeds, lambda m: m.add_endpoint("GET", "/api/v1/patrol/plans", query=["arrests"]),
                   lambda m: m.add_event("plan_asked_anew", "prior_offences"), lambda m: m.definitions.update({"definitions/demand.csv": ["fines"]}))

    def test_what_learns_reads_no_other_table_than_calls(self):
        """The sheets get calls through one function; its statement reads what somebody called in."""
        for source in ("rising", "area_calls", "place_calls", "patrol_helped", "where"):
            with open(os.path.join(ROOT, "src/resource", source + ".c"), encoding="utf-8") as f:
                self.assertEqual(set(re.findall(r"pct_store_each_\w+", f.read())) - {"pct_store_each_called_in"}, set(), source)
        with open(os.path.join(ROOT, "src/store/state.h"), encoding="utf-8") as f:
            statement = f.read().split("X(CALLED_IN,")[1].split("X(")[0]
        self.assertIn("channel <> 'patrol'", statement)
        self.assertEqual(set(re.findall(r"(?:FROM|JOIN) (\w+)", statement)), {"call", "incident"})

    def test_each_order_has_a_reason_and_an_end(self):
        self.holds(orders_without_author_reason_or_end, without_reason, lambda m: m.add_event("patrol_directed", "place", "reason"))

    def test_no_group_of_people_is_an_object(self):
        self.holds(orders_to_groups, lambda m: m.add_event("patrol_directed", "target_group"), lambda m: m.add_column("closure", "minority_area"))


def at(weeks_ago, hour):
    return int(datetime.datetime.combine(DAY - datetime.timedelta(weeks=weeks_ago), datetime.time(hour, 30), ZONE).timestamp() * 1000)


class WhereCallsRise(OwnServerTest):
    def setUp(self):
        super().setUp()
        with open(os.path.join(self.server.site, "map/stations.geojson"), encoding="utf-8") as f:
            places = {s["properties"]["name"]: s["geometry"]["coordinates"] for s in json.load(f)["features"]}
        self.places = list(places.values())[:2]
        self.incidents = [self.an_incident(position)[0] for position in list(places.values())[:2]]
        self.assertEqual(self.server.stop(), 0)

    def live(self, calls):
        """(incident to take after, weeks ago, hour, channel, how many) into the tables, as a desk of those days would have."""
        with connect(os.path.join(self.server.site, "record.db")) as record:
            columns = {t: [c[1] for c in record.execute(f"PRAGMA table_info({t})")] for t in ("call", "incident")}
            number = 1000
            for which, weeks, hour, channel, count in calls:
                like = int(self.incidents[which][1:])
                for _ in range(count):
                    number += 1
                    new = {"incident": {"id": number}, "call": {"id": number, "incident": number, "received_at": at(weeks, hour), "channel": channel}}
                    for table, key in (("incident", "id"), ("call", "incident")):
                        values = ", ".join(":" + c if c in new[table] else c for c in columns[table])
                        record.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {key} = :like LIMIT 1",
                                       {"like": like, **new[table]})

    def sheet(self, *options):
        return json.loads(run("patrol", "where", self.server.site, "--on", DAY, "--json", *options))

    def test_what_rises_is_told_with_its_counts_and_what_patrols_found_is_not_looked_at(self):
        calm = [(which, weeks, 9, "phone", 3) for which in (0, 1) for weeks in range(1, 31)]
        self.live(calm + [(0, weeks, 21, "phone", 1) for weeks in range(5, 31)] + [(0, weeks, 22, "alarm", 9) for weeks in range(1, 5)]
                  + [(1, weeks, 21, "patrol", 30) for weeks in range(1, 5)])
        sheet = self.sheet()
        self.assertEqual((sheet["day"], sheet["recent_weeks"], sheet["history_weeks"], sheet["calls"]), ("2026-06-01", 4, 26, 242))
        self.assertEqual(len(sheet["cells"]), 3)  # a patrol's 120 are no cell
        risen = sheet["cells"][0]
        self.assertEqual((risen["from"], risen["until"], risen["recent"], risen["history"], risen["rises"]), ("20:00", "24:00", 36, 26, True))
        self.assertAlmostEqual(risen["expected"], 4)
        self.assertTrue(3 < risen["low"] < 9 < risen["high"])
        self.assertEqual([c["rises"] for c in sheet["cells"][1:]], [False, False])
        said = run("patrol", "where", self.server.site, "--on", DAY)
        self.assertIn("36 calls where 4.0 were to be expected", said)
        self.assertIn("36 起，按历史应为 4.0 起", run("patrol", "where", self.server.site, "--on", DAY, "--lang", "zh"))

    def test_the_sheet_over_http_says_the_same_to_those_who_lead(self):
        self.live([(which, weeks, 9, "phone", 3) for which in (0, 1) for weeks in range(1, 31)] + [(0, weeks, 22, "alarm", 9) for weeks in range(1, 5)])
        printed = self.sheet()
        self.serve()
        told = self.anna.get(f"/api/v1/patrol/where?on={DAY}").json
        self.assertEqual([{k: v for k, v in c.items() if k != "chance"} for c in printed["cells"]], told["cells"])
        for key in ("day", "calls", "hidden", "history_weeks", "elsewhere"):
            self.assertEqual(told[key], printed[key])
        self.assertEqual([c for c in told["cells"] if c["recent"] + c["history"] < 10], [])
        for bad in ("monday", "2026-02-30", "2026-6-1"):
            self.assertEqual(self.anna.get(f"/api/v1/patrol/where?on={bad}").status, 400)
        self.assertEqual(self.anna.get("/api/v1/patrol/where").status, 200)

    def test_time_by_area_stands_beside_calls_by_area_for_months_that_are_over(self):
        self.live([(0, weeks, 9, "phone", 4) for weeks in range(1, 5)] + [(1, weeks, 9, "phone", 2) for weeks in range(1, 5)])
        begin = at(2, 10)
        with connect(os.path.join(self.server.site, "tracks.db")) as tracks:
            unit = 900001
            place = self.places[0]
            tracks.executemany("INSERT INTO fix VALUES (?, ?, ?, ?, 900, 90, 0)",
                               [(unit, begin + 60000 * i, round(place[0] * 1e7), round(place[1] * 1e7)) for i in range(61)])
        printed = self.precinct("patrol", "time", self.server.site, "--month", "2026-05")
        self.assertEqual((printed["month"], printed["unit_hours"], printed["calls"]), ("2026-05", 1.0, 16))
        there = [a for a in printed["areas"] if a["unit_hours"]]
        self.assertEqual([(a["unit_hours"], a["time_share"]) for a in there], [(1.0, 1.0)])
        self.assertEqual(sorted(a["calls"] for a in printed["areas"] if a["calls"] is not None), [16])  # the other's 8 are not told
        self.assertIn("16 calls", run("patrol", "time", self.server.site, "--month", "2026-05"))
        self.assertIn("占时间 100%", run("patrol", "time", self.server.site, "--month", "2026-05", "--lang", "zh"))
        for month in ("2099-01", "may", "2026-13", "2026-5"):
            self.assertIn("2026-05", self.precinct("patrol", "time", self.server.site, "--month", month, code=2))
        self.serve()
        told = self.anna.get("/api/v1/patrol/time?month=2026-05").json  # its time goes as positions that old are thinned
        self.assertEqual([(a["area"], a["calls"]) for a in told["areas"]], [(a["area"], a["calls"]) for a in printed["areas"]])
        self.assertEqual(self.anna.get("/api/v1/patrol/time?month=2099-01").status, 400)

    def test_whether_it_helped_is_told_with_counts_or_not_at_all(self):
        self.live([(0, weeks, 21, "phone", 5) for weeks in range(1, 31)] + [(0, weeks, 9, "phone", 1) for weeks in range(1, 31)]
                  + [(0, weeks, 21, "patrol", 50) for weeks in range(1, 3)])
        area = self.sheet()["cells"][0]["area"]
        asked = ("patrol", "helped", self.server.site, "--area", area, "--from", DAY - datetime.timedelta(weeks=8), "--until", DAY, "--hours", "18-24")
        told = json.loads(run(*map(str, asked), "--json"))
        self.assertEqual((told["before_from"], told["before_until"]), ("2026-01-12", "2026-03-09"))  # the four weeks of choosing are left out
        self.assertEqual((told["patrolled"]["answer"], told["patrolled"]["before"], told["patrolled"]["during"]), ("few_places", 40, 40))
        self.assertIsNone(told["patrolled"]["change"])
        self.assertNotIn(area, told["neighbours"]["areas"])
        self.assertIn("Cannot tell", run(*map(str, asked)))
        self.assertIn("无法判断", run(*map(str, asked), "--lang", "zh"))
        for change, says in ((("--hours", "24-18"), "18-24"), (("--area", "Nowhere"), "an area of the site"), (("--until", "2099-01-01"), "--until")):
            self.assertIn(says, self.precinct(*map(str, asked[:3]), *map(str, asked[3:5] if change[0] != "--area" else ()), "--from", "2026-04-06",
                                              *(("--until", "2026-06-01") if change[0] != "--until" else ()), *change, code=2))

    def test_a_young_record_and_another_weekday_tell_nothing(self):
        self.live([(0, weeks, 9, "phone", 9) for weeks in range(1, 12)])
        sheet = self.sheet()
        self.assertEqual((sheet["history_weeks"], sheet["cells"]), (7, []))
        self.assertIn("8 are needed", run("patrol", "where", self.server.site, "--on", DAY))
        tuesday = json.loads(run("patrol", "where", self.server.site, "--on", DAY + datetime.timedelta(days=8), "--json"))
        self.assertEqual((tuesday["history_weeks"], tuesday["calls"], tuesday["cells"]), (8, 0, []))

    def test_bad_days_and_a_site_without_areas_are_refused(self):
        for day in ("2026-02-30", "monday", "2026-06-01T10:00", ""):
            self.assertIn("2026-06-01", self.precinct("patrol", "where", self.server.site, "--on", day, code=2))
        os.remove(os.path.join(self.server.site, "map/areas.geojson"))
        self.assertIn("--areas", self.precinct("patrol", "where", self.server.site, code=1))


if __name__ == "__main__":
    unittest.main()
