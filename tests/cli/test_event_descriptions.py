"""The generator of events/: what a description may say, and that the reference page is current."""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GENERATOR = os.path.join(ROOT, "tools", "gen_events.py")
GOOD = {"name": "lamp_lit", "version": 2, "object": "P", "creates": False, "en": "A lamp was lit.", "zh": "点灯。",
        "rights": ["patrol"],
        "fields": [{"name": "colour", "type": "enum", "enum": "colour", "values": ["red", "green"],
                    "class": "operational", "period": "skeleton"},
                   {"name": "watts", "type": "int", "min": 1, "max": 100, "class": "operational", "period": "skeleton"}],
        "upcasts": [{"from": 1, "steps": [{"rename": "power", "to": "watts"}, {"add": "colour", "value": "red"}]}]}


class EventDescriptions(unittest.TestCase):
    def generate(self, *events):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for event in events:
                paths.append(os.path.join(folder, (event.get("name") if isinstance(event, dict) else "x") + ".json"))
                with open(paths[-1], "w", encoding="utf-8") as f:
                    json.dump(event, f)
            done = subprocess.run([sys.executable, GENERATOR, os.path.join(folder, "out"), *paths], text=True,
                                  capture_output=True, check=False)
            self.assertNotIn("Traceback", done.stderr)
            return done

    def refused(self, words, **changes):
        event = copy.deepcopy(GOOD)
        event.update(changes)
        done = self.generate(event)
        self.assertEqual(done.returncode, 1, "the description was taken")
        self.assertIn(words, done.stderr)
        self.assertIn(".json", done.stderr)

    def test_a_good_description_is_taken(self):
        self.assertEqual(self.generate(GOOD).returncode, 0, self.generate(GOOD).stderr)

    def test_each_fault_is_named(self):
        field = GOOD["fields"][1]
        self.refused("the sentence in zh is missing", zh=" ")
        self.refused("unknown key 'colour'", colour=1)
        self.refused("'king' is no role", rights=["king"])
        self.refused("object: one of C, I", object="Y")
        self.refused("fields: a list was expected", fields={})
        self.refused("a field is a JSON object", fields=["watts"])
        self.refused("described twice", fields=[*GOOD["fields"], field])
        self.refused("type: one of int", fields=[GOOD["fields"][0], {"name": "watts", "type": "float"}])
        self.refused("'Watts' was found", fields=[GOOD["fields"][0], dict(field, name="Watts")])
        self.refused("'while' was found", fields=[GOOD["fields"][0], dict(field, name="while")])
        self.refused("min <= max", fields=[GOOD["fields"][0], dict(field, min=9, max=1)])
        self.refused("kind has no meaning", fields=[GOOD["fields"][0], dict(field, kind="C")])

    def test_a_sealed_field_names_its_retention_and_can_be_absent(self):
        text = {"name": "note", "type": "text", "max": 9, "optional": True, "class": "narrative", "period": "narrative"}
        good = copy.deepcopy(GOOD)
        good["upcasts"] = [{"from": 1, "steps": [*GOOD["upcasts"][0]["steps"], {"add": "note"}]}]
        good["fields"].append(dict(text, sealed="narrative"))
        self.assertEqual(self.generate(good).returncode, 0, self.generate(good).stderr)
        self.refused("a class of retention was expected", fields=[*GOOD["fields"], dict(text, sealed=True)])
        self.refused("is optional and no list", fields=[*GOOD["fields"], dict(text, sealed="personal", optional=False)])
        codes = {"name": "codes", "type": "code", "list": 3, "sealed": "personal"}
        self.refused("is optional and no list", fields=[*GOOD["fields"], codes])

    def test_a_field_without_class_or_period_is_refused(self):
        field, rest = GOOD["fields"][1], GOOD["fields"][:1]
        for key in ("class", "period"):
            self.refused(f"watts: {key}: one of", fields=[*rest, {k: v for k, v in field.items() if k != key}])
        self.refused("'secret' was found", fields=[*rest, {**field, "class": "secret"}])
        self.refused("'for_ever' was found", fields=[*rest, {**field, "period": "for_ever"}])

    def test_what_is_of_a_person_is_sealed_and_kept_as_its_key(self):
        field, rest = GOOD["fields"][1], GOOD["fields"][:1]
        self.refused("is sealed, and nothing else is", fields=[*rest, {**field, "class": "personal"}])
        sealed = {**field, "optional": True, "sealed": "personal", "class": "personal", "period": "personal"}
        self.refused("is sealed, and nothing else is", fields=[*rest, {**sealed, "class": "operational"}])
        self.refused("'personal' was expected", fields=[*rest, {**sealed, "period": "skeleton"}])

    def test_each_version_needs_its_upcast(self):
        self.refused("one from each version 1 to 1", upcasts=[])
        self.refused("one from each version 1 to 2", version=3)
        steps = GOOD["upcasts"][0]["steps"]
        self.refused("does not fit the fields", upcasts=[{"from": 1, "steps": [{"rename": "a", "to": "b"}]}])
        self.refused("no default for type enum", upcasts=[{"from": 1, "steps": [steps[0], {"add": "colour", "value": "blue"}]}])
        self.refused("there is no field 'size'", upcasts=[{"from": 1, "steps": [{"add": "size", "value": 1}]}])
        self.refused("a step is add, rename or drop", upcasts=[{"from": 1, "steps": ["forget"]}])

    def test_one_enum_has_one_set_of_values(self):
        other = copy.deepcopy(GOOD)
        other["name"] = "lamp_out"
        other["fields"][0]["values"] = ["red"]
        done = self.generate(GOOD, other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has other values in another file", done.stderr)

    def test_what_is_no_object_or_no_json_is_named(self):
        self.assertIn("a JSON object was expected", self.generate([1]).stderr)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.json")
            with open(path, "w", encoding="utf-8") as f:
                f.write("{")
            done = subprocess.run([sys.executable, GENERATOR, folder, path], text=True, capture_output=True, check=False)
            self.assertIn("not valid JSON", done.stderr)

    def test_the_reference_page_is_current(self):
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "events.md")
            subprocess.run([sys.executable, GENERATOR, "--docs", page,
                            *glob.glob(os.path.join(ROOT, "events", "*.json"))], check=True)
            with open(page, encoding="utf-8") as new, open(os.path.join(ROOT, "docs/reference/events.md"),
                                                           encoding="utf-8") as kept:
                self.assertEqual(new.read(), kept.read(),
                                 "run tools/gen_events.py --docs docs/reference/events.md events/*.json")


if __name__ == "__main__":
    unittest.main()
