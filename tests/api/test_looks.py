"""Looking at what is sealed: never without a purpose, never before the look is on record, never twice for one event."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest

from server import PRECINCT, ApiTest, Server

SECRETS = {"caller_name": "欧阳试金石", "caller_phone": "13900008888", "address": "试金石路9号3单元", "words": "楼上漏水 canary-words",
           "position": [102.4012345, 40.1012345]}
CALL = {"channel": "phone", "type": "noise", "priority": 3}


def secret_in(text):
    return [value for value in ("欧阳试金石", "13900008888", "试金石路", "canary-words", "102.4012345") if value in text]


class Looks(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol", "otto": "chief"}

    def a_call(self, client=None):
        return self.taken((client or self.anna).post("/api/v1/calls", dict(CALL, **SECRETS)))

    def look(self, call, purpose="ring back", client=None, case=None, **headers):
        return (client or self.anna).post(f"/api/v1/calls/{call}/look", {"purpose": purpose, "case": case or call}, **headers)

    def looks_at(self, object_id, server=None):
        """The events of looking as the record has them."""
        record = sqlite3.connect(f"file:{(server or self.server).site}/record.db?mode=ro", uri=True)
        events = [json.loads(row[0]) for row in record.execute("SELECT bytes FROM event ORDER BY seq")]
        record.close()
        return [e for e in events if e["type"].endswith("_looked") and e["object"] == object_id]

    def test_a_call_is_shown_after_its_look_is_on_record_and_nowhere_else(self):
        call = self.a_call()
        for path in (f"/api/v1/calls/{call}", "/api/v1/calls?limit=1000"):
            self.assertEqual(secret_in(self.anna.get(path).body.decode()), [])
        reply = self.look(call, "报警人回访", self.clients["carl"])
        self.assertEqual(reply.status, 200, reply.body)
        shown = reply.json
        self.assertEqual({key: shown[key] for key in SECRETS}, SECRETS)
        self.assertFalse(shown["erased"])
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        looks = self.looks_at(call)
        self.assertEqual([(e["seq"], e["actor"], e["role"], e["purpose"]) for e in looks],
                         [(shown["seq"], "carl", "call_taker", "报警人回访")])

    def test_each_look_is_an_event_of_its_own_even_under_the_same_key(self):
        call = self.a_call()
        seqs = [self.look(call, key="the-very-same-key").json["seq"] for _ in range(3)]
        self.assertEqual([e["seq"] for e in self.looks_at(call)], seqs)
        self.assertEqual(len(set(seqs)), 3)

    def test_without_a_purpose_nothing_is_shown_and_nothing_recorded(self):
        call = self.a_call()
        path = f"/api/v1/calls/{call}/look"
        for body, code in (({}, "api_missing"), ({"purpose": ""}, "api_text"), ({"purpose": " \t\n "}, "board_no_purpose"),
                           ({"purpose": "x" * 201}, "api_text"), ({"purpose": 7}, "api_text")):
            reply = self.anna.post(path, dict(body, case=call))
            self.refused(reply, 400, code, "purpose")
            self.assertEqual(secret_in(reply.body.decode()), [])
        self.assertEqual(self.looks_at(call), [])

    def test_without_a_case_nothing_is_shown_and_nothing_recorded(self):
        incident, call = self.an_incident()
        unit = self.a_unit()[0]
        for path in (f"calls/{call}", f"incidents/{incident}"):
            for case, code in ((None, "api_missing"), ("", "api_text"), ("   ", "board_no_case"), ("C999999", "look_case"), (unit, "look_case"),
                               ("because", "look_case"), ("I0", "look_case"), ("x" * 25, "api_text"), (17, "api_text")):
                body = {"purpose": "review"} if case is None else {"purpose": "review", "case": case}
                reply = self.anna.post(f"/api/v1/{path}/look", body)
                self.refused(reply, 400, code, "case")
                self.assertEqual(secret_in(reply.body.decode()), [])
        self.assertEqual(self.looks_at(call) + self.looks_at(incident), [])

    def test_the_case_for_which_somebody_looked_is_on_record(self):
        incident, _ = self.an_incident()
        call = self.a_call()
        self.assertEqual(self.look(call, case=call).status, 200)
        self.assertEqual(self.look(call, case=incident).status, 200)
        self.assertEqual([e["data"] for e in self.looks_at(call)], [{"for_call": call}, {"for_incident": incident}])

    def test_those_without_the_right_and_unknown_calls_are_refused(self):
        call = self.a_call()
        reply = self.look(call, client=self.clients["otto"])
        self.refused(reply, 403, "web_not_allowed")
        self.assertEqual(secret_in(reply.body.decode()), [])
        reply = self.look(call, client=self.clients["pia"])  # of no unit that is sent there: test_rights.py
        self.refused(reply, 404, "web_out_of_scope")
        self.assertEqual(secret_in(reply.body.decode()), [])
        self.refused(self.look("C999999", case=call), 404, "store_no_row")
        self.assertEqual(self.looks_at(call), [])

    def test_a_look_that_cannot_be_recorded_shows_nothing(self):
        call = self.a_call()
        self.look(call)
        held = sqlite3.connect(os.path.join(self.server.site, "record.db"), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        try:
            reply = self.look(call)
        finally:
            held.execute("ROLLBACK")
            held.close()
        self.assertEqual(reply.status, 503, reply.body)
        self.assertEqual(secret_in(reply.body.decode()), [])
        self.assertEqual(len(self.looks_at(call)), 1)
        self.assertEqual(self.look(call).status, 200)

    def test_looks_stand_in_the_timeline_with_purpose_in_both_languages(self):
        call = self.a_call()
        self.look(call, "before the incident")
        incident = self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary"}))
        self.look(call, "回访")
        path = f"/api/v1/incidents/{incident}/timeline"
        rows = self.anna.get(path).json["items"]
        self.assertEqual([r["seq"] for r in rows], sorted(r["seq"] for r in rows))
        self.assertEqual([r["type"] for r in rows], ["call_received", "call_looked", "incident_opened", "call_looked"])
        looks = [r for r in rows if r["type"] == "call_looked"]
        self.assertEqual([r["purpose"] for r in looks], ["before the incident", "回访"])
        self.assertEqual(looks[1]["text"], "anna looked at what is sealed; purpose: 回访")
        chinese = self.anna.get(path, Accept_Language="zh").json["items"]
        self.assertEqual(chinese[-1]["text"], "anna 查看了密封内容，用途：回访")
        self.assertEqual(secret_in(json.dumps(rows, ensure_ascii=False)), [])

    def test_the_note_of_an_order_is_shown_for_a_purpose(self):
        unit, position = self.a_unit()
        incident, _ = self.an_incident(position)
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit}))
        for step in ("acknowledge", "set_out", "arrive"):
            self.taken(self.anna.post(f"/api/v1/orders/{order}/{step}"))
        self.taken(self.anna.post(f"/api/v1/orders/{order}/report", {"result": "handled", "note": "canary-words of the unit"}))
        self.refused(self.anna.post(f"/api/v1/orders/{order}/look"), 400, "api_missing", "purpose")
        self.refused(self.clients["carl"].post(f"/api/v1/orders/{order}/look", {"purpose": "x", "case": incident}), 403)
        shown = self.anna.post(f"/api/v1/orders/{order}/look", {"purpose": "report", "case": incident}).json
        self.assertEqual((shown["note"], shown["erased"]), ("canary-words of the unit", False))
        self.assertEqual([e["seq"] for e in self.looks_at(order)], [shown["seq"]])


    def test_the_notes_of_an_incident_are_shown_for_a_purpose(self):
        incident, _ = self.an_incident()
        for note in ("canary-words one", "canary-words 二"):
            self.taken(self.anna.post(f"/api/v1/incidents/{incident}/classify", {"priority": 2, "reason": "review", "note": note}))
        path = f"/api/v1/incidents/{incident}/look"
        self.refused(self.anna.post(path, {"purpose": "  ", "case": incident}), 400, "board_no_purpose", "purpose")
        self.refused(self.clients["carl"].post(path, {"purpose": "x", "case": incident}), 403)
        self.refused(self.anna.post("/api/v1/incidents/I999999/look", {"purpose": "x", "case": incident}), 404)
        held = sqlite3.connect(os.path.join(self.server.site, "record.db"), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        try:
            reply = self.anna.post(path, {"purpose": "review", "case": incident})
        finally:
            held.execute("ROLLBACK")
            held.close()
        self.assertEqual((reply.status, secret_in(reply.body.decode())), (503, []))
        self.assertEqual(self.looks_at(incident), [])
        shown = self.anna.post(path, {"purpose": "review", "case": incident}).json
        self.assertEqual([(n["type"], n["actor"], n["erased"], n["note"]) for n in shown["notes"]],
                         [("incident_classified", "anna", False, "canary-words one"), ("incident_classified", "anna", False, "canary-words 二")])
        self.assertEqual([e["seq"] for e in self.looks_at(incident)], [shown["seq"]])
        rows = self.anna.get(f"/api/v1/incidents/{incident}/timeline").json["items"]
        self.assertEqual((rows[-1]["type"], rows[-1]["purpose"]), ("incident_looked", "review"))


@unittest.skipUnless(shutil.which("strace"), "strace is not installed")
class OnTheDiskFirst(ApiTest):
    """What the kernel is asked for, in its order: the look is synced before a byte of the value goes to the network."""
    ACCOUNTS = {"anna": "dispatcher,commander"}
    CALLS = "fsync,fdatasync,sendto,sendmsg,sendmmsg,write,writev,sendfile"

    def traced(self, act):
        """Lines of the server's system calls while `act` runs."""
        log = os.path.join(self.server.folder, "trace")
        tracer = subprocess.Popen(["strace", "-f", "-yy", "-x", "-s", "65536", "-e", f"trace={self.CALLS}", "-o", log, "-p", str(self.server.process.pid)],
                                  stderr=subprocess.PIPE, text=True)
        said = tracer.stderr.readline()
        if "attached" not in said:
            tracer.wait()
            tracer.stderr.close()
            self.skipTest(f"strace may not attach here: {said}")
        try:
            act()
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait()
            tracer.stderr.close()
        with open(log, encoding="latin-1") as f:
            return f.read().split("\n")

    def test_the_look_is_synced_before_a_byte_of_the_value_leaves(self):
        call = self.taken(self.anna.post("/api/v1/calls", dict(CALL, words="canary-words in plain letters")))
        incident, _ = self.an_incident()
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/classify", {"priority": 2, "reason": "review", "note": "canary-words of a note"}))
        for path in (f"calls/{call}", f"incidents/{incident}"):
            trace = self.traced(lambda path=path: self.anna.post(f"/api/v1/{path}/look", {"purpose": "review", "case": incident}))
            sent = [n for n, line in enumerate(trace) if "canary-words" in line and "TCP" in line]
            synced = [n for n, line in enumerate(trace) if "sync(" in line and "record.db-wal" in line]
            self.assertTrue(sent, "the value was not seen on its way out")
            self.assertTrue(synced and synced[0] < sent[0], f"{path}: the value left in line {sent[0]}, synced were {synced}")


class AfterTheFact(ApiTest):
    """With servers of their own: they are killed, or erased from."""
    ACCOUNTS = {}

    def a_server(self):
        server = Server()
        self.addCleanup(server.remove)
        server.add("anna", "dispatcher")
        server.start()
        return server, server.sign_in("anna")

    def test_a_look_that_was_answered_outlives_a_kill(self):
        server, anna = self.a_server()
        call = self.taken(anna.post("/api/v1/calls", dict(CALL, **SECRETS)))
        seq = anna.post(f"/api/v1/calls/{call}/look", {"purpose": "ring back", "case": call}).json["seq"]
        server.process.kill()
        server.process.wait()
        server.process.stdout.close()
        server.process.stderr.close()
        server.start()
        self.assertEqual([e["seq"] for e in Looks.looks_at(self, call, server)], [seq])

    def test_what_was_erased_is_null_and_says_so(self):
        server, anna = self.a_server()
        call = self.taken(anna.post("/api/v1/calls", dict(CALL, **SECRETS)))
        other = self.taken(anna.post("/api/v1/calls", CALL))
        server.stop()
        subprocess.run([PRECINCT, "erase", server.site, "--object", call], check=True, capture_output=True)
        server.start()
        shown = anna.post(f"/api/v1/calls/{call}/look", {"purpose": "ring back", "case": call}).json
        self.assertTrue(shown["erased"])
        self.assertEqual({key: shown[key] for key in SECRETS}, dict.fromkeys(SECRETS))
        shown = anna.post(f"/api/v1/calls/{other}/look", {"purpose": "ring back", "case": call}).json
        self.assertFalse(shown["erased"])
        self.assertIsNone(shown["words"])


if __name__ == "__main__":
    unittest.main()
