"""L2: "earlier calls here" is no file of a household: at a dwelling type and time of 30 days; nobody is found by a telephone number, a name
or words."""
import glob
import os
import re
import unittest

from model import ROOT, LimitTest
from server import ApiTest

PERSONAL = "(caller_)?(phone|name|tel|telephone|mobile|words|address)|caller|person|household"
NAMED = ("/api/v1/units", "/api/v1/accounts", "/api/v1/patrol/problem", "/api/v1/patrol/orders")  # names of units, staff, plans, public places
TAKING = ("POST", "/api/v1/calls")  # the one place where a call is written down


def searches_by_person(model):
    """Endpoints that take something of a person, other than the one that takes calls."""
    return [f"{method} {path}: {f['name']}" for method, path, incoming, _ in model.endpoints() if (method, path) != TAKING for f in incoming
            if re.fullmatch(PERSONAL, f["name"]) and not path.startswith(NAMED)]


def tells_of_persons(model):
    """Replies with something of a person, other than the look for a purpose and a case; the network address of one's own session is
    shown to oneself."""
    return [f"{schema}.{field}" for schema, field in model.replies()
            if re.fullmatch("caller_.*|.*phone.*|words|address", field) and schema != "call_secrets" and (schema, field) != ("session_row", "address")]


def earlier_calls_tell_more(model):
    told = sorted(field for schema, field in model.replies() if schema == "earlier_call")
    asked = sorted(f["name"] for _, path, incoming, _ in model.endpoints() if path == "/api/v1/calls/earlier" for f in incoming)
    return [] if (told, asked) == (["incident", "received_at", "result", "type"], ["near"]) else [told, asked]


def statements(text):
    """The string literals of a C text that are SQL, neighbours joined."""
    joined = re.sub(r'"\s*(?:\\\n)?\s*"', "", text)
    return [literal for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined) if re.match(r"\s*(SELECT|UPDATE|DELETE|CREATE|WITH|INSERT)\b", literal)]


def statements_that_search(texts):
    """SQL that finds rows by what is sealed; places excepted, which `earlier` needs."""
    sealed = r"\b(caller_name|caller_phone|address|words|note)\b"
    found = []
    for literal in (literal for text in texts for literal in statements(text)):
        where = re.search(rf"\b(WHERE|JOIN|HAVING|ORDER BY|GROUP BY)\b.*{sealed}", literal)
        if where or re.search(rf"CREATE (UNIQUE )?INDEX.*\(.*{sealed}", literal):
            found.append(literal)
    return found


class EarlierCalls(LimitTest):
    def test_nobody_is_found_by_a_telephone_number_a_name_or_words(self):
        self.holds(searches_by_person, lambda m: m.add_endpoint("GET", "/api/v1/calls/by_phone", query=["phone"]),
                   lambda m: m.add_endpoint("POST", "/api/v1/search", body=["caller_name"]))

    def test_what_is_of_a_person_is_told_for_a_purpose_only(self):
        self.holds(tells_of_persons, lambda m: m.api[0]["schemas"].update(call_page=[{"name": "caller_phone"}]),
                   lambda m: m.add_endpoint("GET", "/api/v1/households", reply=["address"]))

    def test_earlier_calls_are_asked_by_place_and_tell_type_time_and_incident(self):
        self.holds(earlier_calls_tell_more, lambda m: m.add_endpoint("GET", "/api/v1/calls/earlier", query=["days"]),
                   lambda m: next(r for r in m.api if "earlier_call" in r.get("schemas", {}))["schemas"]["earlier_call"].append({"name": "priority"}))

    def test_no_statement_finds_rows_by_what_is_sealed(self):
        texts = []
        for path in sorted(glob.glob(os.path.join(ROOT, "src", "*", "*.[ch]"))):
            with open(path, encoding="utf-8") as f:
                texts.append(f.read())
        self.assertGreater(sum(len(statements(text)) for text in texts), 50)
        self.assertEqual(statements_that_search(texts), [])
        for crossing in ("SELECT id FROM call WHERE caller_phone = ?", "CREATE INDEX by_name ON call (caller_name)",
                         "SELECT id FROM dispatch_order WHERE id > 3 AND note LIKE ?"):
            self.assertNotEqual(statements_that_search([f'"{crossing}"']), [], crossing)


class AtADwelling(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}

    def test_a_dwelling_shows_type_and_time_of_thirty_days_and_nothing_else(self):
        spot = [102.4123456, 40.1123456]  # nothing is known there: a dwelling, for every limit
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "position": spot, "caller_name": "金丝雀",
                                                           "caller_phone": "13911112222", "address": "canary lane 3", "words": "canary"}))
        self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary", "position": spot}))
        reply = self.anna.get(f"/api/v1/calls/earlier?near={spot[0]},{spot[1]}")
        self.assertEqual((reply.json["dwelling"], reply.json["days"]), (True, 30))
        told = [{key for key, value in item.items() if value is not None} for item in reply.json["items"]]
        self.assertEqual(told, [{"type", "received_at"}])
        self.refused(self.anna.get(f"/api/v1/calls/earlier?near={spot[0]},{spot[1]}&phone=13911112222"), 400, "api_query", "phone")


if __name__ == "__main__":
    unittest.main()
