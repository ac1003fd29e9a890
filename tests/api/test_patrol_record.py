"""What is written of a round beside its stops: supervision checks with the crew's own word (L18), and notes of the patrol log, sealed with a key of
the round's own, read with a look, erased with the key."""
import os
import unittest

from patrol_day import ROUNDS, PatrolTest
from server import run

WORDS = "CANARY street lamps out, 东门路灯不亮"


class Record(PatrolTest):
    ACCOUNTS = {**PatrolTest.ACCOUNTS, "cleo": "commander"}

    def setUp(self):
        super().setUp()
        self.cleo = self.clients["cleo"]
        _, rounds = self.adopted()
        self.mine = rounds[self.units[0]["name"]]
        self.path = f"{ROUNDS}/{self.mine}"

    def checks(self, who):
        return who.get(self.path).json["checks"]

    def test_a_check_is_seen_by_the_crew_first_and_told_when_it_has_spoken(self):
        stop = self.pia.get(self.path).json["next"]["stop"]
        self.taken(self.anna.post(f"{self.path}/checks", {"kind": "field", "announced": False, "answer": "not_on_post", "stop": stop, "planned": "C1"}))
        crew = self.checks(self.pia)[0]
        self.assertEqual((crew["number"], crew["kind"], crew["announced"], crew["answer"], crew["stop"], crew["planned"], crew["by"], crew["word"]),
                         (1, "field", False, "not_on_post", stop, "C1", "anna", None))
        self.assertEqual(self.checks(self.anna)[0]["answer"], "not_on_post")  # she was there
        self.assertIsNone(self.checks(self.cleo)[0]["answer"])
        self.refused(self.cleo.post(f"{self.path}/check-answers", {"number": 1, "word": "agreed"}), 403)  # the crew's own word
        self.refused(self.otto.post(f"{self.path}/check-answers", {"number": 1, "word": "agreed"}), 404)  # another crew
        self.refused(self.pia.post(f"{self.path}/check-answers", {"number": 2, "word": "agreed"}), 404, "life_no_check")
        self.taken(self.pia.post(f"{self.path}/check-answers", {"number": 1, "word": "on_break"}))
        told = self.checks(self.cleo)[0]
        self.assertEqual((told["answer"], told["word"]), ("not_on_post", "on_break"))
        self.assertEqual([s["status"] for s in self.pia.get(self.path).json["stops"] if s["stop"] == stop], ["planned"])  # a check proves no visit

    def test_who_may_check_and_what_may_be_said(self):
        good = {"kind": "phone", "announced": True, "answer": "reached"}
        for who in (self.pia, self.paul, self.clients["carl"]):
            self.refused(who.post(f"{self.path}/checks", good), 403)
        self.refused(self.anna.post(f"{self.path}/checks", {**good, "answer": "on_post"}), 422, "life_check_answer")
        self.refused(self.anna.post(f"{self.path}/checks", {**good, "stop": 9999}), 404, "life_no_stop")
        self.refused(self.anna.post(f"{self.path}/checks", {**good, "at": "2199-01-01T00:00:00Z"}), 422, "life_check_time")
        self.refused(self.anna.post(f"{self.path}/checks", {**good, "note": "lazy"}), 400)  # no words about a crew
        self.taken(self.anna.post(f"{self.path}/checks", good))
        self.taken(self.anna.post(f"{self.path}/end"))
        self.assertEqual([c["answer"] for c in self.checks(self.cleo)], ["reached"])  # its time to speak first is over

    def test_a_planned_check_that_met_the_unit_is_done(self):
        announced = {**self.problem()["checks"][0], "announced": True, "must": True}
        _, rounds = self.adopted(checks=[announced])
        path = f"{ROUNDS}/{rounds[self.units[0]['name']]}"
        stop = next(s["stop"] for s in self.pia.get(path).json["stops"] if s["kind"] == "check")
        self.taken(self.anna.post(f"{path}/checks", {"kind": "field", "announced": True, "answer": "on_post", "stop": stop, "planned": "C1"}))
        self.assertEqual([s["status"] for s in self.pia.get(path).json["stops"] if s["stop"] == stop], ["done"])
        self.refused(self.pia.post(f"{path}/visits", {"stop": stop, "proof": "tag"}), 409, "life_stop_served")

    def canary(self):
        """Files of the site in which the words stand in clear."""
        found = []
        for base, _, leaves in os.walk(self.server.site):
            for leaf in filter(lambda leaf: os.path.isfile(os.path.join(base, leaf)), leaves):
                with open(os.path.join(base, leaf), "rb") as f:
                    if b"CANARY street" in f.read():
                        found.append(leaf)
        return found

    def look(self, who=None, **more):
        return (who or self.pia).post(f"{self.path}/look", {"purpose": "hand-over", **more})

    def test_a_note_is_sealed_read_with_a_look_and_erased_with_its_key(self):
        self.taken(self.pia.post(f"{self.path}/notes", {"note": f"  {WORDS} "}))
        self.taken(self.anna.post(f"{self.path}/notes", {"note": "lamps were reported"}))
        self.assertEqual(self.canary(), [])
        sheet = self.pia.get(self.path)
        self.assertEqual((sheet.json["notes"], b"CANARY" in sheet.body), (2, False))
        told = self.look().json
        self.assertEqual([(n["note"], n["erased"]) for n in told["notes"]], [(WORDS, False), ("lamps were reported", False)])
        self.assertEqual(self.look(self.cleo).json["notes"], told["notes"])
        looks = [(e["actor"], e["purpose"]) for e in self.server.events("round_looked") if e["object"] == self.mine]
        self.assertEqual(looks, [("pia", "hand-over"), ("cleo", "hand-over")])
        noted = [e for e in self.server.events("round_noted") if e["object"] == self.mine][0]
        self.assertNotIn("CANARY", str(noted))
        self.refused(self.look(purpose=" "), 400, "board_no_purpose", "purpose")
        self.refused(self.look(self.otto), 404)
        self.refused(self.look(self.paul), 403)
        run("erase", self.server.site, "--object", self.mine, "--alone", "--reason", "written about a person")
        gone = self.look().json["notes"]
        self.assertEqual([(n["note"], n["erased"]) for n in gone], [(None, True)] * 2)
        self.taken(self.pia.post(f"{self.path}/notes", {"note": "after it"}))  # with a key of its own
        self.assertEqual([n["note"] for n in self.look().json["notes"]], [None, None, "after it"])

    def test_notes_are_short_and_few(self):
        self.refused(self.pia.post(f"{self.path}/notes", {"note": " "}), 400, "life_note_long", "note")
        self.refused(self.pia.post(f"{self.path}/notes", {"note": "灯" * 501}), 400, "life_note_long", "note")
        self.refused(self.otto.post(f"{self.path}/notes", {"note": "x"}), 404)
        self.refused(self.paul.post(f"{self.path}/notes", {"note": "x"}), 403)
        self.taken(self.pia.post(f"{self.path}/notes", {"note": "灯" * 500}))
        for i in range(9):
            self.taken(self.pia.post(f"{self.path}/notes", {"note": f"lamp {i}"}))
        self.refused(self.pia.post(f"{self.path}/notes", {"note": "one more"}), 409, "life_notes_many")

    def test_a_restart_and_a_rebuild_keep_checks_words_and_notes(self):
        self.taken(self.anna.post(f"{self.path}/checks", {"kind": "phone", "announced": False, "answer": "not_reached"}))
        self.taken(self.pia.post(f"{self.path}/check-answers", {"number": 1, "word": "no_signal"}))
        self.taken(self.pia.post(f"{self.path}/notes", {"note": WORDS}))
        before, notes = self.checks(self.pia), self.look().json["notes"]
        self.assertEqual(self.server.stop(), 0)
        run("log", "rebuild", self.server.site)
        self.assertIn('"verified"', run("log", "verify", self.server.site, "--json"))
        self.server.start()
        for name in self.clients:
            self.clients[name] = self.server.sign_in(name)
        type(self).pia, type(self).otto, type(self).paul = (self.clients[n] for n in ("pia", "otto", "paul"))
        type(self).anna, self.cleo = self.clients["anna"], self.clients["cleo"]
        self.assertEqual(self.checks(self.pia), before)
        self.assertEqual(self.look().json["notes"], notes)


if __name__ == "__main__":
    unittest.main()
