"""L8: what is learnt from calls is by place, type and hour, in groups of at least ten; no data about persons come in."""
import re
import unittest

from model import LimitTest
from server import ApiTest

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
