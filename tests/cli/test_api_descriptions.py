"""The generator of api/: what a description may say, what comes of it, and that the reference page is current."""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GENERATOR = os.path.join(ROOT, "tools", "gen_api.py")
EVENTS = os.path.join(ROOT, "events")
GOOD = {"resource": "lamps", "en": "Lamps.", "zh": "灯。", "endpoints": [
    {"name": "lamp_view", "method": "GET", "path": "/lamps/{lamp}", "en": "One lamp.", "zh": "一盏灯。", "rights": {"patrol": "area"},
     "handler": "lamp_view", "path_parameters": [{"name": "lamp", "type": "id", "kind": "P"}],
     "query": [{"name": "limit", "type": "int", "min": 1, "max": 9, "optional": True}], "replies": {"200": "lamp"}},
    {"name": "lamp_call", "method": "POST", "path": "/lamps", "en": "Calls.", "zh": "报警。", "rights": {"dispatcher": "site"},
     "command": "receive_call", "event": "call_received", "replies": {"201": "lamp"}}],
    "schemas": {"lamp": [{"name": "id", "type": "id", "kind": "P"}, {"name": "lit", "type": "bool", "null": True},
                         {"name": "parts", "type": "object", "schema": "lamp", "list": 3, "optional": True}]}}


class ApiDescriptions(unittest.TestCase):
    def generate(self, *resources):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for resource in resources:
                paths.append(os.path.join(folder, (resource.get("resource", "x") if isinstance(resource, dict) else "x") + ".json"))
                with open(paths[-1], "w", encoding="utf-8") as f:
                    json.dump(resource, f)
            out = os.path.join(folder, "out")
            done = subprocess.run([sys.executable, GENERATOR, out, EVENTS, *paths], text=True, capture_output=True, check=False)
            self.assertNotIn("Traceback", done.stderr)
            done.files = {}
            for name in os.listdir(out) if done.returncode == 0 else ():
                with open(os.path.join(out, name), encoding="utf-8") as f:
                    done.files[name] = f.read()
            return done

    def refused(self, words, at=0, **changes):
        resource = copy.deepcopy(GOOD)
        resource["endpoints"][at].update(changes)
        for key in [k for k, v in changes.items() if v is None]:
            del resource["endpoints"][at][key]
        done = self.generate(resource)
        self.assertEqual(done.returncode, 1, "the description was taken")
        self.assertIn(words, done.stderr)
        self.assertIn("lamps.json: lamp_", done.stderr)

    def test_a_good_description_gives_table_document_and_types(self):
        done = self.generate(GOOD)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("pct_resource_lamp_view", done.files["api_handlers.h"])
        self.assertIn(".command = PCT_COMMAND_RECEIVE_CALL", done.files["api_table.c"])
        document = json.loads(done.files["openapi.json"])
        call = document["paths"]["/lamps"]["post"]
        self.assertIn("caller_phone", call["requestBody"]["content"]["application/json"]["schema"]["properties"])
        self.assertEqual(call["x-roles"], ["dispatcher"])
        self.assertIn("lit: boolean | null;", done.files["api.ts"])
        self.assertIn("parts?: Lamp[];", done.files["api.ts"])

    def test_each_fault_of_an_endpoint_is_named(self):
        self.refused("method: one of GET", method="FETCH")
        self.refused("path: /words/{parameter}", path="lamps")
        self.refused("path_parameters: those of", path="/lamps/{lamp}/{part}")
        self.refused("rights: 'king' is no role", rights={"king": "site"})
        self.refused("rights: patrol: 'town' is no scope", rights={"patrol": "town"})
        self.refused("a scope for each role", rights=["patrol"])
        self.refused("rights is missing", rights=None)
        self.refused("rights: \"open\"", rights={})
        self.refused("the sentence in zh is missing", zh=" ")
        self.refused("unknown key 'colour'", colour=1)
        self.refused("replies is missing", replies=None)
        self.refused("a 2xx or 3xx among them", replies={"404": ""})
        self.refused("there is no schema 'sun'", replies={"200": "sun"})
        self.refused("either a handler or a command", handler=None)
        self.refused("a GET has no body", body=[{"name": "a", "type": "bool"}])
        self.refused("min <= max", query=[{"name": "n", "type": "int", "min": 2, "max": 1}])
        self.refused("max: the most bytes", query=[{"name": "n", "type": "text"}])
        self.refused("described twice", query=[{"name": "n", "type": "bool"}] * 2)

    def test_a_command_keeps_to_its_event(self):
        self.refused("event: a file of events/", at=1, event="lamp_lit")
        self.refused("'chief' may not cause call_received", at=1, rights={"chief": "site"})
        self.refused("body: a command's body is its event's fields", at=1, body=[])
        self.refused("a command needs its roles", at=1, rights="open")

    def test_names_and_paths_are_there_once(self):
        self.refused("is taken by lamp_view", at=1, method="GET", path="/lamps/{other}", command=None, event=None,
                     handler="x", path_parameters=[{"name": "other", "type": "id", "kind": "P"}])
        self.refused("the name stands in", at=1, name="lamp_view")
        other = copy.deepcopy(GOOD)
        other["resource"] = "others"
        other["endpoints"] = []
        self.assertIn("stands in", self.generate(GOOD, other).stderr)

    def test_what_is_no_object_or_no_json_is_named(self):
        self.assertIn("a JSON object was expected", self.generate([1]).stderr)
        self.assertIn("endpoints is missing", self.generate({"resource": "lamps"}).stderr)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.json")
            with open(path, "w", encoding="utf-8") as f:
                f.write("{")
            done = subprocess.run([sys.executable, GENERATOR, folder, EVENTS, path], text=True, capture_output=True, check=False)
            self.assertIn("not valid JSON", done.stderr)

    def test_the_reference_pages_are_current(self):
        for option, name in (("--docs", "api.md"), ("--rights", "rights.md")):
            with tempfile.TemporaryDirectory() as folder:
                page = os.path.join(folder, name)
                subprocess.run([sys.executable, GENERATOR, option, page, EVENTS, *glob.glob(os.path.join(ROOT, "api", "*.json"))],
                               check=True)
                with open(page, encoding="utf-8") as new, open(os.path.join(ROOT, "docs/reference", name), encoding="utf-8") as kept:
                    self.assertEqual(new.read(), kept.read(), f"run tools/gen_api.py {option} docs/reference/{name} events api/*.json")


if __name__ == "__main__":
    unittest.main()
