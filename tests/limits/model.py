"""What the program can hold and be asked: events, endpoints, columns and code tables, read from their descriptions. A test of a limit
asks a question of this model, and asks it again of a copy in which the limit is crossed on purpose: the second answer must differ."""
import copy
import csv
import glob
import json
import os
import re
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "api"))


def load(pattern):
    found = []
    for path in sorted(glob.glob(os.path.join(ROOT, pattern))):
        with open(path, encoding="utf-8") as f:
            found.append(json.load(f))
    return found


def columns():
    """{table: [(column, class, purpose, period)]} of all databases; the gate `schema` holds the page to the source."""
    tables, name = {}, None
    with open(os.path.join(ROOT, "docs/reference/schema.md"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("### "):
                name = line[4:].strip()
                tables[name] = []
            elif name and line.startswith("| `"):
                cells = [c.strip().strip("`") for c in line.strip().strip("|").split("|")]
                tables[name].append((cells[0], *cells[-3:]))
    return tables


def headers():
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "definitions", "**", "*.csv"), recursive=True)):
        with open(path, encoding="utf-8-sig") as f:
            found[os.path.relpath(path, ROOT)] = next(csv.reader(line for line in f if not line.startswith("#")), [])
    return found


class Model:
    def __init__(self):
        self.events = {e["name"]: e for e in load("events/*.json")}
        self.api = load("api/*.json")
        self.columns = columns()
        self.definitions = headers()

    def crossed(self, change):
        other = copy.deepcopy(self)
        change(other)
        return other

    def endpoints(self):
        """(method, path, names that may come in, endpoint)"""
        for resource in self.api:
            for e in resource["endpoints"]:
                event = self.events.get(e.get("event"), {"fields": []})
                incoming = [f for key in ("path_parameters", "query", "body") for f in e.get(key, [])] + event["fields"] * ("command" in e)
                yield e["method"], e["path"], incoming, e

    def replies(self):
        """(schema, field name) of everything that goes out."""
        for resource in self.api:
            for name, fields in resource.get("schemas", {}).items():
                for field in fields:
                    yield name, field["name"]

    def names(self):
        """(where, name) of everything that can be stored, asked for or told."""
        for e in self.events.values():
            yield f"event {e['name']}", e["name"]
            for f in e["fields"]:
                yield f"event {e['name']}", f["name"]
                for value in f.get("values", []):
                    yield f"event {e['name']}.{f['name']}", value
        for method, path, incoming, _ in self.endpoints():
            yield f"{method} {path}", path
            for f in incoming:
                yield f"{method} {path}", f["name"]
                for value in f.get("values", []):
                    yield f"{method} {path} {f['name']}", value
        for schema, field in self.replies():
            yield f"reply {schema}", field
        for table, rows in self.columns.items():
            yield f"table {table}", table
            for row in rows:
                yield f"table {table}", row[0]
        for path, names in self.definitions.items():
            for name in names:
                yield path, name

    def named(self, pattern):
        """Where something is called so; words are parted by anything that is no letter."""
        word = re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])", re.I)
        return sorted({f"{where}: {name}" for where, name in self.names() if word.search(name)})

    # --- crossing on purpose -----------------------------------------------------------------------------------------------

    def add_field(self, event, name, **more):
        self.events[event]["fields"].append({"name": name, "type": "text", "class": "operational", "period": "skeleton", **more})

    def add_event(self, name, *fields):
        self.events[name] = {"name": name, "object": "I", "rights": [], "fields": []}
        for field in fields:
            self.add_field(name, field)

    def add_endpoint(self, method, path, query=(), body=(), reply=()):
        self.api.append({"endpoints": [{"method": method, "path": path, "rights": [], "query": [{"name": q, "type": "text"} for q in query],
                                        "body": [{"name": b, "type": "text"} for b in body]}],
                         "schemas": {"crossing": [{"name": r, "type": "text"} for r in reply]}})

    def add_column(self, table, name, kind="operational"):
        self.columns.setdefault(table, []).append((name, kind, "handling", "skeleton"))


class LimitTest(unittest.TestCase):
    """A question gives what is wrong with a model: nothing with the program as it is, something with each crossing."""
    model = Model()

    def holds(self, question, *crossings):
        self.assertEqual(question(self.model), [])
        self.assertTrue(crossings, "a limit is crossed on purpose at least once")
        for crossing in crossings:
            crossed = self.model.crossed(crossing)
            self.assertNotEqual(question(crossed), [], "a crossing on purpose was not seen")
