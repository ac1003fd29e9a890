"""L22: where and when to patrol is learnt from calls for service by place and hour: the model of demand knows places, hours, days and types,
`precinct patrol where` what somebody called in and nothing that a patrol found; no dwelling and no group of people is its object."""
import datetime
import json
import os
import unittest
import zoneinfo

from model import LimitTest
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


def orders_to_groups(model):
    return model.named(r"target_(group|person|family|population)|(migrant|minority|nationality|religio)\w*")


class WhereToPatrol(LimitTest):
    def test_demand_knows_places_hours_and_types_only(self):
        self.holds(demand_knows_more, lambda m: m.definitions.update({"definitions/demand.csv": ["level", "income"]}))

    def test_nothing_is_learnt_from_arrests_stops_or_checks(self):
        self.holds(learnt_from_other_than_calls, lambda m: m.add_column("call_count", "arrest_rate"), lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["stop_density"]))

    def test_no_group_of_people_is_an_object(self):
        self.holds(orders_to_groups, lambda m: m.add_event("patrol_directed", "target_group"), lambda m: m.add_column("closure", "minority_area"))


def at(weeks_ago, hour):
    return int(datetime.datetime.combine(DAY - datetime.timedelta(weeks=weeks_ago), datetime.time(hour, 30), ZONE).timestamp() * 1000)


class WhereCallsRise(OwnServerTest):
    def setUp(self):
        super().setUp()
        with open(os.path.join(self.server.site, "map/stations.geojson"), encoding="utf-8") as f:
            places = {s["properties"]["name"]: s["geometry"]["coordinates"] for s in json.load(f)["features"]}
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
