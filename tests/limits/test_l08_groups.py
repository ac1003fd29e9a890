"""L8: what is learnt from calls is by place, type and hour, in groups of at least ten; no data about persons come in."""
import json
import os
import re
import unittest

from model import ROOT, LimitTest
from server import ApiTest
from support import CommandTest

COUNTED = {"hour", "type", "priority", "calls"}


def counts_by_more(model):
    return [row[0] for row in model.columns["call_count"] if row[0] not in COUNTED]


def statistics_of_persons(model):
    """Columns kept for statistics that are of a person or of staff."""
    return [f"{table}.{name}" for table, rows in model.columns.items() for name, kind, purpose, _ in rows
            if purpose == "statistics" and kind not in ("operational",)]


def person_tables_come_in(model):
    """Tables that people give: no column of a person."""
    return [f"{path}: {name}" for path, names in model.definitions.items() for name in names
            if re.search(r"(?i)caller|person|phone|id_?card|citizen|residents?$|resident_|birth|gender|ethnic", name)]


class Groups(LimitTest):
    def test_calls_are_counted_by_hour_type_and_priority(self):
        self.holds(counts_by_more, lambda m: m.add_column("call_count", "caller_phone"), lambda m: m.add_column("call_count", "address"))

    def test_nothing_of_a_person_is_kept_for_statistics(self):
        self.holds(statistics_of_persons, lambda m: m.columns["call_count"].append(("caller", "personal", "statistics", "counts")))

    def test_no_table_that_is_given_has_a_column_of_a_person(self):
        self.holds(person_tables_come_in, lambda m: m.definitions.update({"definitions/residents.csv": ["person_name"]}))


PERSONS = ("resident", "residents", "persons", "person", "suspect", "household", "caller", "tenants", "watch", "arrests", "stops")


class PlanningKnowsNoPersons(CommandTest):
    def test_a_duty_problem_takes_no_member_about_a_person(self):
        """Crews are staff; every other member that a problem or a plan may have is of a place, an hour, a unit or a reason."""
        for name in ("duty_read", "duty_plan_read", "duty_reader"):
            with open(os.path.join(ROOT, "src/patrol", name + ".c"), encoding="utf-8") as f:
                members = set(re.findall(r'"([a-z_]+)"', f.read()))
            self.assertEqual({m for m in members if re.search(r"resident|person|suspect|household|caller|tenant|phone_number|id_card|arrest", m)}, set(), name)

    def test_members_about_persons_are_refused_by_name(self):
        site = self.csv_site()
        problem = {"format": "precinct-duty-1", "name": "Day", "date": "2026-11-23", "from": "08:00", "to": "12:00", "units": [{"id": "N1", "start": [100.0, 30.0]}]}
        point = {"id": "P1", "at": [100.01, 30.0]}
        for name in PERSONS:
            for bad in ({**problem, name: []}, {**problem, "points": [{**point, name: "x"}]}, {**problem, "demand": [{"at": [100.0, 30.0], "per_hour": 1, name: "x"}]}):
                self.refused(2, name, "patrol", "plan", site, "--problem", self.write("duty.json", json.dumps(bad)), "--iterations", 10)


class OfFewCalls(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "otto": "chief", "ann": "analyst"}

    def test_the_chief_and_the_analyst_see_no_group_below_ten(self):
        for kind, count in (("noise", 12), ("theft", 3)):
            for _ in range(count):
                self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": kind, "priority": 3}))
        full = self.anna.get("/api/v1/figures").json
        self.assertIn(3, numbers(full))
        for name in ("otto", "ann"):
            seen = self.clients[name].get("/api/v1/figures").json
            self.assertEqual([n for n in numbers(seen) if 0 < n < 10], [], seen)


def numbers(value):
    """All counts of calls or incidents in a reply."""
    if isinstance(value, dict):
        return [n for key, v in value.items() for n in ([v] if key in ("calls", "incidents", "count") and isinstance(v, int) else numbers(v))]
    return [n for item in value for n in numbers(item)] if isinstance(value, list) else []


if __name__ == "__main__":
    unittest.main()
