"""What the command line may do alone, and what takes two persons there too: erasing is asked for where somebody can approve it; a change of
retention over HTTP takes another person."""
import json
import os
import unittest

from server import OwnServerTest

CALL = {"channel": "phone", "type": "noise", "priority": 3, "words": "the canary"}


class ConsoleActs(OwnServerTest):
    ACCOUNTS = {"anna": "call_taker,dispatcher,commander", "ada": "audit_admin", "sina": "security_admin", "olga": "oversight"}

    def serve(self):
        self.server.start()
        for name in self.ACCOUNTS:
            setattr(self, name, self.server.sign_in(name))

    def words(self, call):
        return self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "test", "case": call}).json

    def erase(self, call, *options, code=0):
        return self.precinct("erase", self.server.site, "--object", call, *options, code=code)

    def test_erasing_is_asked_for_and_another_person_lets_it_happen(self):
        call = self.taken(self.anna.post("/api/v1/calls", CALL))
        asked = self.erase(call, "--reason", "file 12")
        self.assertEqual(asked["keys"], 0)
        self.assertEqual(self.words(call)["words"], "the canary")
        waiting = self.ada.get("/api/v1/requests?status=waiting").json["items"]
        self.assertEqual([(r["id"], r["act"], r["subject"], r["asked_by"], r["reason"]) for r in waiting],
                         [(asked["request"], "destroy_key", call, "console", "file 12")])
        self.refused(self.sina.post(f"/api/v1/requests/{asked['request']}/approve", {}), 403)
        self.taken(self.ada.post(f"/api/v1/requests/{asked['request']}/approve", {}))
        self.assertTrue(self.words(call)["erased"])
        self.assertEqual([e["type"] for e in self.server.events("act_requested", "act_approved", "call_erased", "act_used")],
                         ["act_requested", "act_approved", "call_erased", "act_used"])

    def test_in_an_emergency_it_happens_at_once_and_the_event_says_why(self):
        call = self.taken(self.anna.post("/api/v1/calls", CALL))
        self.assertIn("--reason", self.erase(call, "--alone", code=2))
        self.assertEqual(self.words(call)["erased"], False)
        self.assertEqual(self.erase(call, "--alone", "--reason", "published by mistake")["keys"], 1)
        self.assertEqual([(e["actor"], e["purpose"]) for e in self.server.events("call_erased")], [("console", "published by mistake")])

    def test_without_a_service_nobody_can_be_asked(self):
        call = self.taken(self.anna.post("/api/v1/calls", CALL))
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("two persons", self.erase(call, "--reason", "file 12", code=1))
        self.assertEqual(self.server.events("call_erased"), [])
        self.assertEqual(self.erase(call, "--alone", "--reason", "disk goes out of the house")["keys"], 1)

    def period(self):
        return {c["class"]: c["days"] for c in self.precinct("retention", "run", self.server.site, "--dry-run")["classes"]}["personal"]

    def ask(self, client, **body):
        return client.post("/api/v1/requests", dict({"act": "set_retention", "subject": "personal", "reason": "Archive Act, section 4"}, **body))

    def test_a_period_is_changed_by_two_persons(self):
        before = self.period()
        self.refused(self.ask(self.anna, days=20), 403)
        self.refused(self.ask(self.sina), 400, "request_days", "days")
        self.refused(self.ask(self.sina, days=20, subject="C1"), 400, "request_subject", "subject")
        self.assertEqual(self.ask(self.sina, days=before + 1, reason="short").status, 409)
        request = self.taken(self.ask(self.sina, days=before + 100))
        self.assertEqual(self.period(), before)
        self.refused(self.sina.post(f"/api/v1/requests/{request}/approve", {}), 409)
        self.taken(self.olga.post(f"/api/v1/requests/{request}/approve", {}))
        self.assertEqual(self.period(), before + 100)
        self.refused(self.ada.post(f"/api/v1/requests/{request}/approve", {}), 409)
        told = self.server.events("retention_set")
        self.assertEqual([(e["actor"], e["data"]["approved_by"], e["data"]["ground"], e["data"]["days_before"], e["data"]["days"]) for e in told],
                         [("sina", "olga", "Archive Act, section 4", before, before + 100)])
        shown = [r for r in self.sina.get("/api/v1/requests").json["items"] if r["id"] == request][0]
        self.assertEqual((shown["status"], shown["days"]), ("used", before + 100))

    def test_the_partition_of_rights_is_the_sites_own(self):
        self.assertEqual(self.server.stop(), 0)
        config = os.path.join(self.server.site, "site.json")
        with open(os.path.join(self.server.site, "map/areas.geojson"), encoding="utf-8") as f:
            areas = [a["properties"] for a in json.load(f)["features"]]
        partitions = list(dict.fromkeys(a["partition"] for a in areas))
        self.assertGreater(len(partitions), 1)
        other = [a["name"] for a in areas if a["partition"] == partitions[1] and not a.get("parent")]

        def choose(name):
            with open(config, encoding="utf-8") as f:
                site = json.load(f)
            with open(config, "w", encoding="utf-8") as f:
                json.dump(dict(site, partition=name), f)

        def grant(code):
            return self.precinct("user", "grant", self.server.site, "anna", "--roles", "dispatcher", "--areas", other[0], code=code)

        grant(2)
        choose(partitions[1])
        grant(0)
        choose("no such partition")
        complaint = grant(2)
        self.assertIn("no such partition", complaint)
        self.assertIn(partitions[0], complaint)


if __name__ == "__main__":
    unittest.main()
