"""L1: what patrols go to is never a home, and a directed order lapses in at most fourteen days. By calling: tests/api/test_patrol_life.py."""
import os
import re
import unittest

from model import ROOT, LimitTest

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


if __name__ == "__main__":
    unittest.main()
