"""L6: misuse by staff is looked for by case, place and pattern, in the audit only. So far: each look says who, what for and for which case,
and is on record first; nothing counts or ranks the looks of persons. Flags are for the audit administrator alone, named by keyed hashes."""
import re
import unittest

from model import LimitTest
from server import ApiTest


def looks_without_a_case(model):
    """Endpoints that show what is sealed without asking for purpose and case."""
    secrets = {schema for schema, field in model.replies() if schema.endswith("_secrets")}
    return [path for _, path, incoming, e in model.endpoints() if set(e.get("replies", {}).values()) & secrets
            and not {"purpose", "case"} <= {f["name"] for f in incoming if not f.get("optional")}]


def persons_are_ranked(model):
    return model.named(r"(look|looks|account|officer|user)_(count|score|rank|rating|total)s?|suspicion|misuse_score")


def look_events_hold_more(model):
    return [f"{name}.{f['name']}" for name, e in model.events.items() if name.endswith("_looked") for f in e["fields"]
            if f["name"] not in ("for_incident", "for_call")]


def others_read_flags(model):
    """Whoever else is let to what the misuse watch found."""
    return [f"{path}: {role}" for _, path, _, e in model.endpoints() if "misuse" in path or "flag" in path for role in e["rights"] if role != "audit_admin"]


def flag_events_name_somebody(model):
    """What stays in the record of a flag says neither whom it was about nor by which look one could find out."""
    return [f"{name}.{f['name']}" for name, e in model.events.items() if name.startswith("flag") for f in e["fields"] if f["name"] not in ("flag", "flags", "result", "looks")]


def flags_are_stored(model):
    return [table for table, rows in model.columns.items() if re.search(r"flag|misuse|watch", table) or any(re.search(r"flag|misuse", row[0]) for row in rows)]


def crossing_2(m):
    for resource in m.api:
        for e in resource["endpoints"]:
            if e["name"] == "flags_list":
                e["rights"]["oversight"] = "site"


def crossing_1(m):
    for resource in m.api:
        for e in resource["endpoints"]:
            if e["path"].endswith("/look"):
                e["body"] = [f for f in e["body"] if f["name"] != "case"]


class Insiders(LimitTest):
    def test_what_is_sealed_is_shown_for_a_purpose_and_a_case_only(self):
        self.holds(looks_without_a_case, crossing_1)

    def test_nobody_is_counted_or_ranked_by_their_looks(self):
        self.holds(persons_are_ranked, lambda m: m.add_column("account", "look_count", "staff"), lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["officer_score"]))

    def test_a_look_says_for_which_case_and_holds_nothing_of_what_was_seen(self):
        self.holds(look_events_hold_more, lambda m: m.add_field("call_looked", "caller_phone"))

    def test_flags_are_for_the_audit_administrator_alone(self):
        self.holds(others_read_flags, crossing_2)

    def test_the_record_of_a_flag_names_nobody(self):
        self.holds(flag_events_name_somebody, lambda m: m.add_field("flag_reviewed", "account"), lambda m: m.add_field("flag_opened", "look"))

    def test_no_table_keeps_flags(self):
        self.holds(flags_are_stored, lambda m: m.add_column("misuse_flag", "actor", "audit"))


class OnRecord(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}

    def test_without_purpose_or_case_nothing_is_shown(self):
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "words": "canary"}))
        for body in ({}, {"purpose": "review"}, {"case": call}, {"purpose": " ", "case": call}, {"purpose": "review", "case": "C999999"}):
            reply = self.anna.post(f"/api/v1/calls/{call}/look", body)
            self.assertEqual(reply.status, 400, body)
            self.assertFalse(re.search(rb"canary", reply.body))
        self.assertEqual(self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "review", "case": call}).json["words"], "canary")


if __name__ == "__main__":
    unittest.main()
