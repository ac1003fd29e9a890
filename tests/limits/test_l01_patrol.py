"""L1: what patrols go to is never a home, and a directed order lapses in at most fourteen days. By calling: tests/api/test_patrol_life.py."""
import json
import os
import re
import unittest

from model import ROOT, LimitTest
from server import PRECINCT  # puts the folder of the command's tests into reach
from support import CommandTest

GIVEN = {"name", "at", "from", "to", "minutes", "visits", "reason", "until"}


def directed_at_others(model):
    """A directed order is a place, hours, a reason and an end; nothing in it says whom it is about."""
    return [f"POST {path}: {f['name']}" for method, path, incoming, e in model.endpoints() if e.get("name") == "directed_order"
            for f in incoming if f["name"] not in GIVEN]


def endless(model):
    fields = {f["name"]: f for f in model.events["directed_ordered"]["fields"]}
    asked = next(e for r in model.api for e in r["endpoints"] if e.get("name") == "directed_order")
    given = {f["name"]: f for f in asked["body"]}
    return [name for name in ("until",) if name not in fields or fields[name].get("optional")] + \
        [name for name in ("until", "reason") if name not in given or given[name].get("optional")]


def source(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def days(text):
    return [m for m in re.findall(r"PCT_DUTY_ORDER_DAYS_MAX = (\d+)", text) if int(m) > 14]


def crossing_optional(m):
    next(f for f in m.events["directed_ordered"]["fields"] if f["name"] == "until")["optional"] = True


class Patrol(LimitTest):
    def test_a_directed_order_says_where_when_why_and_until_when_and_not_whom(self):
        self.holds(directed_at_others, lambda m: next(e for r in m.api for e in r["endpoints"] if e.get("name") == "directed_order")["body"].append(
            {"name": "resident", "type": "text"}))

    def test_a_directed_order_has_a_reason_and_an_end(self):
        self.holds(endless, crossing_optional)

    def test_the_end_is_at_most_fourteen_days_away(self):
        text = source("src/patrol/duty.h")
        self.assertIn("PCT_DUTY_ORDER_DAYS_MAX = 14", text)
        self.assertEqual(days(text), [])
        self.assertNotEqual(days(text.replace("PCT_DUTY_ORDER_DAYS_MAX = 14", "PCT_DUTY_ORDER_DAYS_MAX = 30")), [])


class ProblemsAndChecks(CommandTest):
    """The command line refuses what the API refuses."""

    def plan(self, **members):
        problem = {"format": "precinct-duty-1", "name": "Day", "date": "2026-11-23", "from": "08:00", "to": "12:00",
                   "units": [{"id": "N1", "start": [100.0, 30.0]}], **members}
        return self.run_precinct("patrol", "plan", self.site, "--problem", self.write("duty.json", json.dumps(problem)), "--iterations", 10)

    def setUp(self):
        super().setUp()
        self.assertTrue(os.path.exists(PRECINCT))
        self.site = self.csv_site()

    def test_a_round_goes_to_no_home(self):
        premises = {"id": "F1", "name": "x", "at": [100.01, 30.0]}
        for kind in ("house", "apartments", "dwelling"):
            done = self.plan(premises=[{**premises, "kind": kind}])
            self.assertEqual(done.returncode, 2, kind)
            self.assertIn("no dwelling", done.stderr)
        self.assertIn(self.plan(premises=[{**premises, "kind": "industry"}]).returncode, (0, 1))

    def test_a_directed_order_ends_within_fourteen_days(self):
        order = {"id": "O1", "at": [100.01, 30.0], "windows": [["09:00", "11:00"]], "minutes": 10, "reason": "shops", "author": "J. Ma"}
        for until, code in (("2026-12-07", 0), ("2026-12-08", 2), ("2027-12-01", 2), ("2026-11-22", 2)):
            done = self.plan(orders=[{**order, "until": until}])
            self.assertEqual(done.returncode, code, f"{until}: {done.stderr}")
        for absent in ("reason", "author"):
            self.assertEqual(self.plan(orders=[{k: v for k, v in {**order, "until": "2026-12-01"}.items() if k != absent}]).returncode, 2, absent)


if __name__ == "__main__":
    unittest.main()
