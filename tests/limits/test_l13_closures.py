"""L13: a closure takes a road out of traffic; author, reason from a closed list, end. An assembly is not a ground; who passes is not counted."""
import datetime
import unittest

from model import LimitTest
from server import ApiTest

REASONS = {"works", "flood", "crash", "event", "damage", "other"}
KEPT = {"id", "ordered_at", "until", "ended_at", "author", "reason", "lift_reason", "status", "both_ways", "kind", "speed_kmh"}


def other_grounds(model):
    fields = {f["name"]: f for f in model.events["closure_ordered"]["fields"]}
    return sorted(set(fields["reason"]["values"]) - REASONS)


def endless(model):
    """A closure without an end, or with a reason or an end that may be left out."""
    fields = {f["name"]: f for f in model.events["closure_ordered"]["fields"]}
    return [name for name in ("until", "reason") if name not in fields or fields[name].get("optional")]


def counts_who_passes(model):
    return [row[0] for row in model.columns["closure"] if row[0] not in KEPT] + model.named("passers?|passed_by|vehicles_counted|people_counted|crowd_count")


def after(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).isoformat()


def crossing_1(m):
    next(f for f in m.events["closure_ordered"]["fields"] if f["name"] == "reason")["values"].append("assembly")


def crossing_2(m):
    next(f for f in m.events["closure_ordered"]["fields"] if f["name"] == "until")["optional"] = True


class Closures(LimitTest):
    def test_reasons_are_a_closed_list_without_assemblies(self):
        self.holds(other_grounds, crossing_1)

    def test_each_closure_has_a_reason_and_an_end(self):
        self.holds(endless, crossing_2)

    def test_who_passes_is_not_counted(self):
        self.holds(counts_who_passes, lambda m: m.add_column("closure", "vehicles_counted"), lambda m: m.add_event("closure_passed", "passers"))


class OfARoad(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}

    def test_a_closure_without_ground_or_end_or_beyond_ninety_days_is_refused(self):
        spot = self.a_unit()[1]
        good = {"positions": [spot], "reason": "works", "until": after(1)}
        for wrong, field in (({"reason": "assembly"}, "reason"), ({"reason": "protest"}, "reason"), ({"until": after(91)}, "until"), ({"until": after(-1)}, "until")):
            reply = self.anna.post("/api/v1/closures", {**good, **wrong})
            self.assertIn(reply.status, (400, 409, 422), wrong)
        for missing in ("reason", "until"):
            self.refused(self.anna.post("/api/v1/closures", {k: v for k, v in good.items() if k != missing}), 400, "api_missing", missing)
        taken = self.anna.post("/api/v1/closures", good)
        self.assertEqual(taken.status, 201, taken.body)
        shown = self.anna.get(f"/api/v1/closures/{taken.json['id']}").json
        self.assertEqual((shown["author"], shown["reason"]), ("anna", "works"))


if __name__ == "__main__":
    unittest.main()
