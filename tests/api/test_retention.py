"""Retention over a real site: what is a year old goes with its keys, whoever asks for it; what holds is said; nothing is kept longer
without a ground and a second person. Days pass by putting what happened back in time, in the closed databases."""
import json
import os
import sqlite3
import unittest

from server import OwnServerTest
import databases  # of tests/cli: server knows the way

DAY_MS = 86400000


class Retention(OwnServerTest):
    def retention(self, *options):
        return self.precinct("retention", "run", self.server.site, *options)

    def handled(self, words):
        unit, _ = self.a_unit()
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 2, "words": words, "caller_name": words}))
        incident = self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 2, "gravity": "ordinary"}))
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit}))
        for step in ("acknowledge", "set_out", "arrive"):
            self.taken(self.anna.post(f"/api/v1/orders/{order}/{step}"))
        self.taken(self.anna.post(f"/api/v1/orders/{order}/report", {"result": "handled", "note": words}))
        self.taken(self.anna.post(f"/api/v1/orders/{order}/close"))
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/close", {"result": "handled"}))
        return call

    def days_pass(self, days):
        """Everything so far happened so many days earlier."""
        site = self.server.site
        for name, statement in (("keys.db", "UPDATE key SET made_at = made_at - ?1"),
                                ("record.db", "UPDATE incident SET ended_at = ended_at - ?1 WHERE ended_at > 0")):
            database = databases.connect(os.path.join(site, name))
            database.execute(statement, (days * DAY_MS,))
            database.commit()
            database.close()

    def holds(self, text):
        needle = text.encode()
        for base, _, leaves in os.walk(self.server.site):
            for leaf in leaves:
                path = os.path.join(base, leaf)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        if needle in f.read():
                            return True
        return False

    def objects(self, report):
        return {c["class"]: c["objects"] for c in report["classes"]}

    def test_what_is_a_year_old_is_destroyed_with_its_keys_and_the_rest_stays(self):
        call = self.handled("canary-old-words")
        self.server.stop()
        self.assertEqual(self.objects(self.retention("--dry-run")), {"personal": 0, "narrative": 0})
        self.days_pass(366)
        due = self.retention("--dry-run")
        self.assertEqual(self.objects(due), {"personal": 1, "narrative": 0})
        self.assertEqual(due["keys"], 0)
        self.assertTrue(self.holds("canary-old-words"))
        self.server.start()  # the service does the same while it takes calls
        done = self.retention()
        self.assertEqual((self.objects(done), done["keys"], done["events"]), ({"personal": 1, "narrative": 0}, 1, 1))
        self.assertEqual([c["days"] for c in done["classes"]], [365, 730])
        shown = self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "check", "case": call}).json
        self.assertTrue(shown["erased"])
        self.assertIsNone(shown["words"])
        self.assertTrue(self.holds("canary-old-words"))  # the unit's words have another class, and another period
        self.server.stop()
        self.days_pass(366)
        self.assertEqual(self.objects(self.retention()), {"personal": 0, "narrative": 1})
        self.assertFalse(self.holds("canary-old-words"))
        for command in ("verify", "rebuild"):
            self.precinct("log", command, self.server.site)
        self.assertEqual(self.retention()["keys"], 0)

    def test_a_site_may_shorten_and_what_it_asks_beyond_that_is_said(self):
        self.handled("canary-short")
        self.server.stop()
        path = os.path.join(self.server.site, "site.json")
        with open(path, encoding="utf-8") as f:
            config = json.load(f)
        config["retention"] = {"personal_days": 10, "narrative_days": 3000, "quiet": "03:30"}
        with open(path, "w", encoding="utf-8") as f:
            json.dump(config, f)
        self.days_pass(11)
        report = self.retention()
        self.assertEqual([c["days"] for c in report["classes"]], [10, 730])
        self.assertEqual(self.objects(report), {"personal": 1, "narrative": 0})
        self.server.start()
        self.server.stop()
        self.assertIn("site.json asks to keep 'narrative' 3000 days, longer than the 730 that are allowed", self.server.errors)
        for bad in ({"personal_days": 0}, {"personal_days": "10"}, {"quiet": "25:00"}, {"quiet": 4}, {"name_days": 3}):
            config["retention"] = bad
            with open(path, "w", encoding="utf-8") as f:
                json.dump(config, f)
            self.assertIn("personal_days or narrative_days", self.precinct("retention", "run", self.server.site, code=2))

    def set_period(self, days, *options, code=0):
        return self.precinct("retention", "set", self.server.site, "--class", "personal", "--days", str(days), *options, code=code)

    def check_setting(self):
        who = ["--account", "anna", "--approved-by", "bert"]
        self.assertIn("the legal ground must be stated", self.set_period(500, *who, code=1))
        ground = ["--ground", "Order 12 of 2026, article 7"]
        self.assertIn("a second person must agree", self.set_period(500, *ground, "--account", "anna", code=1))
        self.assertIn("a second person must agree", self.set_period(500, *ground, "--account", "anna", "--approved-by", "anna", code=1))
        self.assertIn("one word", self.set_period(500, *ground, "--account", "an na", code=2))
        done = self.set_period(500, *ground, *who)
        self.assertEqual((done["class"], done["days"]), ("personal", 500))
        self.assertEqual(self.retention("--dry-run")["classes"][0]["days"], 500)
        self.assertEqual(self.set_period(365)["days"], 365)  # back again: shorter needs neither

    def test_longer_needs_a_ground_and_a_second_person_closed_and_while_serving(self):
        self.check_setting()
        self.server.stop()
        self.check_setting()
        database = sqlite3.connect(os.path.join(self.server.site, "record.db"))
        exported = "".join(bytes(row[0]).decode() for row in database.execute("SELECT bytes FROM event"))
        database.close()
        self.assertEqual(exported.count('"retention_set"'), 4)
        self.assertEqual(exported.count("Order 12 of 2026, article 7"), 2)


if __name__ == "__main__":
    unittest.main()
