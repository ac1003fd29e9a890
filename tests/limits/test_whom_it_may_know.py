"""Whom the software may know: staff as holders of their role; callers and parties inside their one case, sealed. Nobody else, and nobody across
cases."""
import re
import unittest

from model import LimitTest

OBJECTS = {"C", "I", "O", "U", "A", "K", "R", "Z", "L", "P", "S", "Q", "B", "T", "H", "W", "M", "N", "D", "G", "X", "V"}  # none is a person, but S: an account of staff
OF_A_CASE = {"call", "incident", "dispatch_order"}  # tables of one matter each, whose personal columns go with its key


def personal_columns_elsewhere(model):
    """What is of a person stands in rows of one matter, and goes with that matter's key."""
    return [f"{table}.{name}" for table, rows in model.columns.items() for name, kind, _, period in rows
            if kind in ("personal", "narrative") and (table not in OF_A_CASE or period not in ("personal", "narrative"))]


def personal_fields_unsealed(model):
    """What is of a person is sealed with the key of one matter. A round is no matter: its log has notes, sealed too, and nothing personal."""
    return [f"{name}.{f['name']}" for name, e in model.events.items() for f in e["fields"]
            if f["class"] in ("personal", "narrative", "position") and (not f.get("sealed") or e["object"] not in "CIOK")
            and not (name == "round_noted" and f["class"] == "narrative" and f.get("sealed") == "narrative")]


def persons_are_objects(model):
    found = [name for name, e in model.events.items() if e["object"] not in OBJECTS]
    staff = {"table account: person"}  # who holds the account: one of the staff
    return found + sorted(set(model.named("person|persons|people|citizens?|individuals?|suspects?|offenders?|victims?|witness_name|famil(y|ies)|relatives?|id_?card|passport|birth_?(date|day)|ethnic\\w*")) - staff)


def keyed_by_person(model):
    """A reading endpoint whose path names a person."""
    return [path for _, path, _, _ in model.endpoints() if re.search(r"/(persons?|people|callers?|parties|contacts|phones?)(/|$)", path)]


def telephones_elsewhere(model):
    return [f"{table}.{row[0]}" for table, rows in model.columns.items() for row in rows if re.search("phone|telephone|msisdn", row[0]) and (table, row[0]) != ("call", "caller_phone")]


class WhomItMayKnow(LimitTest):
    def test_what_is_of_a_person_stands_inside_one_case_and_goes_with_its_key(self):
        self.holds(personal_columns_elsewhere, lambda m: m.columns.update(contact=[("name", "personal", "handling", "personal")]),
                   lambda m: m.columns["call"].append(("nickname", "personal", "handling", "skeleton")))

    def test_what_is_of_a_person_is_sealed_in_every_event(self):
        self.holds(personal_fields_unsealed, lambda m: m.add_field("call_received", "nickname", **{"class": "personal"}),
                   lambda m: m.add_field("unit_enrolled", "driver", **{"class": "personal", "sealed": "personal"}),
                   lambda m: m.add_field("round_noted", "suspect", **{"class": "personal", "sealed": "personal"}),
                   lambda m: m.add_field("round_checked", "remarks", **{"class": "narrative", "sealed": "narrative"}))

    def test_no_person_is_an_object(self):
        self.holds(persons_are_objects, lambda m: m.events.update(person_added={"name": "person_added", "object": "E", "rights": [], "fields": []}),
                   lambda m: m.add_column("call", "id_card"), lambda m: m.add_endpoint("GET", "/api/v1/suspects"))

    def test_nothing_is_asked_by_person(self):
        self.holds(keyed_by_person, lambda m: m.add_endpoint("GET", "/api/v1/callers/{caller}"))

    def test_a_telephone_number_stands_with_its_call_only(self):
        self.holds(telephones_elsewhere, lambda m: m.add_column("incident", "phone"))


if __name__ == "__main__":
    unittest.main()
