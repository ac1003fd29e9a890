"""L5: search is by number, place, kind, time and state. Narratives, notes and attachments have no index; incidents are linked as the same
event only."""
import glob
import os
import re
import sqlite3
import unittest

from model import ROOT, LimitTest
from server import ApiTest

ASKED = {"status", "state", "unreviewed", "cursor", "limit", "near", "incident", "policy", "count", "from", "to", "since", "lon", "lat", "q", "via", "alternatives", "profile",
         "geometry", "steps", "at", "language", "theme", "minutes", "reverse", "roads", "k", "target_s", "band", "after", "before", "month", "day", "hour", "on", "format"}
INDEXED = {"call_by_place", "incident_by_opening", "order_by_incident", "reply_by_expiry", "key_by_object"}
FULL_TEXT = r"\b(fts|FTS)[345]\b|\bMATCH \?|\btokenize\b|\bLIKE \?|\bGLOB \?|CREATE VIRTUAL TABLE"


def asked_by_more(model):
    """Query parameters of reading endpoints, beyond number, place, kind, time and state. Signing in reads no list."""
    return [f"{path}: {f['name']}" for method, path, incoming, e in model.endpoints() if method == "GET" for f in e.get("query", [])
            if not path.startswith("/api/v1/session/") and f["name"] not in ASKED or (f["name"] == "q" and path != "/api/v1/places")]


def free_text_searches(model):
    return model.named("search|fulltext|full_text|keyword|query_text|narrative_index")


def links_of_other_kinds(model):
    """What links a call or an incident to another: the same event, and nothing like 'same person'."""
    return [name for name in model.events if "link" in name and name != "call_linked"] + \
        [f["name"] for f in model.events["call_linked"]["fields"] if f["name"] not in ("incident", "reason")]


class Search(LimitTest):
    def test_lists_are_asked_by_number_place_kind_time_and_state(self):
        self.holds(asked_by_more, lambda m: m.add_endpoint("GET", "/api/v1/incidents/find", query=["text"]),
                   lambda m: m.add_endpoint("GET", "/api/v1/notes", query=["q"]))

    def test_nothing_searches_free_text(self):
        self.holds(free_text_searches, lambda m: m.add_endpoint("GET", "/api/v1/notes/search"), lambda m: m.add_column("note_word", "keyword"))

    def test_incidents_are_linked_as_the_same_event_only(self):
        self.holds(links_of_other_kinds, lambda m: m.add_event("person_linked", "incident"), lambda m: m.add_field("call_linked", "same_caller"))

    def test_no_source_makes_an_index_over_words(self):
        found = []
        for path in sorted(glob.glob(os.path.join(ROOT, "src", "*", "*.[ch]"))):
            with open(path, encoding="utf-8") as f:
                found += [f"{path}: {m.group(0)}" for m in re.finditer(FULL_TEXT, f.read())]
        self.assertEqual(found, [])
        self.assertTrue(re.search(FULL_TEXT, "CREATE VIRTUAL TABLE w USING fts5(words)"))
        self.assertTrue(re.search(FULL_TEXT, "SELECT id FROM call WHERE words LIKE ?"))


class OfARealRecord(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}

    def test_a_record_has_no_index_over_words_and_the_place_search_finds_none(self):
        self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "words": "canarywords", "address": "canaryaddress"}))
        record = sqlite3.connect(f"file:{self.server.site}/record.db?mode=ro", uri=True)
        made = {row[0] for row in record.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%'")}
        virtual = record.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall()
        record.close()
        self.assertEqual((made - INDEXED, virtual), (set(), []))
        for word in ("canarywords", "canaryaddress"):
            hits = self.anna.get(f"/api/v1/places?q={word}").json
            self.assertNotIn("canary", str(hits.get("items", hits.get("hits"))))


if __name__ == "__main__":
    unittest.main()
