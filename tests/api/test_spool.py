"""A record that cannot be written while the machine works: calls are kept in the spool (202), nothing else is taken, the state
is told within a second, and when the record is back each call is in it once, with both times. kill -9 in the middle changes
nothing. SPOOL_KILLS=n sets the number of kills (6)."""
import json
import os
import random
import shutil
import signal
import sqlite3
import time
import unittest
import uuid

from server import run
from test_faults import CALL, FaultTest
from test_stream import Reader

KILLS = int(os.environ.get("SPOOL_KILLS", "6"))
CANARY = "a canary sings in the spool"


class Spool(FaultTest):
    def setUp(self):
        super().setUp()
        self.world.record_only(True)
        self.addCleanup(self.world.hang, False)

    def keep(self, body=None, key=None):
        reply = self.anna.post("/api/v1/calls", body or CALL, key=key or str(uuid.uuid4()))
        self.assertEqual(reply.status, 202, reply.body)
        self.assertRegex(reply.json["receipt"], r"^Q[1-9][0-9]*$")
        return reply.json

    def state(self):
        return self.nobody.get("/healthz").json

    def told(self, reader, wanted, within=20):
        for _ in range(within):
            _, data = reader.next("state")
            if data["state"] == wanted:
                return data
        self.fail(f"the stream never said {wanted}")

    def goes_and_comes_back(self, fault, reason):
        reader = Reader(self.anna)
        self.addCleanup(reader.close)
        before = self.post_all(2)
        self.told(reader, "normal")
        fault(True)
        key, body = str(uuid.uuid4()), dict(CALL, words=CANARY, caller_phone="13999912345")
        first = self.keep(body, key)
        self.assertEqual(self.keep(body, key)["receipt"], first["receipt"])
        reply = self.anna.post("/api/v1/calls", CALL, key=key)
        self.refused(reply, 409, "desk_key_reused")
        data = self.told(reader, "spool")
        self.assertEqual((data["reason"], data["pending"]), (reason, 1))
        kept = [key] + [str(uuid.uuid4()) for _ in range(5)]
        for k in kept[1:]:
            self.keep(key=k)
        self.assertEqual((self.state()["state"], self.state()["pending"]), ("spool", 6))
        self.assertEqual(self.calls(), before)
        self.assert_no_canary(("13999912345", CANARY), only="spool")
        time.sleep(1.1)  # so that the two times differ
        fault(False)
        made = [self.in_the_record(key, body)] + [self.in_the_record(k) for k in kept[1:]]
        self.assertEqual(made, sorted(made, key=lambda c: int(c[1:])))
        self.until(lambda: self.state()["state"] == "normal")
        self.assertEqual(self.told(reader, "normal")["pending"], 0)
        self.assertEqual(self.calls(), before + made)
        self.assertEqual(self.server.stop(), 0)
        run("log", "verify", self.server.site)
        events = self.server.events("call_received")
        late = [e for e in events if e["object"] in made]
        if reason != "record_slow":  # one that hung wrote what it had begun when it came round: the spool's are the same calls
            self.assertEqual({e["data"].get("via") for e in late}, {"spool"})
        self.assertEqual([e["object"] for e in late], made)
        self.assertEqual([e["object"] for e in events], before + made)
        for e in late[reason == "record_slow":]:  # what was decided before the disk hung keeps the time of its deciding
            self.assertGreater(e["recorded_at"], e["occurred_at"] + 500)
        self.assert_no_canary(("13999912345", CANARY), only="spool")
        self.again()
        self.assertEqual(self.calls(), before + made)

    def assert_no_canary(self, canaries, only=""):
        for folder, _, names in os.walk(os.path.join(self.server.site, only)):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        held = f.read()
                    for canary in canaries:
                        self.assertFalse(canary.encode() in held, f"{canary} stands in {path}")

    def test_a_record_without_room(self):
        self.goes_and_comes_back(self.world.full, "disk_full")

    def test_a_record_whose_syncs_fail_is_opened_again(self):
        self.goes_and_comes_back(self.world.no_sync, "record_failed")

    def test_a_record_that_hangs(self):
        self.goes_and_comes_back(self.world.hang, "record_slow")

    def test_an_erased_call_that_went_through_the_spool_is_nowhere(self):
        self.world.full(True)
        key, body = str(uuid.uuid4()), dict(CALL, words=CANARY, caller_name="Canary Bird")
        self.keep(body, key)
        self.world.full(False)
        call = self.in_the_record(key, body)
        self.until(lambda: self.state()["state"] == "normal")
        with open(os.path.join(self.server.site, "spool/calls.spool"), "rb") as f:
            held = f.read()
        self.assertEqual(held[512:].strip(b"\0"), b"")  # nothing at all is left in it, nor the key that sealed it
        run("erase", self.server.site, "--object", call)
        self.assert_no_canary((CANARY, "Canary Bird"))
        self.assertEqual(self.server.stop(), 0)
        self.assert_no_canary((CANARY, "Canary Bird"))

    def test_other_commands_are_refused_with_when_to_try_again(self):
        call = self.post_all(1)[0]
        self.world.no_sync(True)
        self.keep()
        for path, body in (("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary"}),
                           (f"/api/v1/calls/{call}/settle", {"reason": "advice"})):
            reply = self.anna.post(path, body)
            self.assertIn(reply.status, (503,), reply.body)
            self.assertIn("Retry-After", reply.headers)

    def test_kill_9_while_the_spool_fills_and_drains(self):
        rng, receipts, asked = random.Random(11), {}, []
        for _ in range(KILLS):
            self.world.full(True)
            for _ in range(rng.randint(1, 30)):
                key = str(uuid.uuid4())
                body = dict(CALL, words=f"call {key}")
                asked.append((key, body))
                receipts[key] = self.keep(body, key)["receipt"]
            if rng.random() < 0.7:
                self.world.full(False)
                time.sleep(rng.uniform(0, 0.8))  # in the middle of draining, sometimes
            self.server.process.kill()
            self.assertEqual(self.server.process.wait(), -signal.SIGKILL)
            self.server.process.stdout.close()
            self.server.process.stderr.close()
            self.world.full(False)
            self.again()
        made = [self.in_the_record(key, body) for key, body in asked]
        self.assertEqual(len(set(receipts.values())), len(asked))  # no number was given twice
        self.assertEqual(len(set(made)), len(asked))
        self.assertEqual(sorted(self.calls()), sorted(made))
        self.assertEqual(self.server.stop(), 0)
        run("log", "verify", self.server.site)
        print(f"{KILLS} kills while spooling and draining, {len(asked)} kept: 0 lost, 0 doubled")


class Synthetic(FaultTest):
    """Nobody calls, and yet it is known that nobody could."""

    def setUp(self):
        super().setUp()
        self.world.record_only(True)
        self.addCleanup(self.world.hang, False)

    def metric(self, name):
        for line in self.nobody.raw("GET", "/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        self.fail(f"no metric {name}")

    def state(self):
        health = self.nobody.get("/healthz").json
        return health["state"], health["reason"]

    def test_it_comes_through_every_way_and_is_in_no_list_table_or_event(self):
        for way in ("record", "spool", "positions"):
            self.until(lambda way=way: self.metric(f'precinct_synthetic_total{{way="{way}"}}') >= 1)
            self.assertGreater(self.metric(f'precinct_synthetic_seconds{{way="{way}"}}'), 0)
        self.assertIsNotNone(self.nobody.get("/healthz").json["proved_at"])
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.server.stop(), 0)
        with sqlite3.connect(os.path.join(self.server.site, "record.db")) as record:
            counts = [record.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("call", "call_count", "reply")]
            self.assertEqual(counts, [0, 0, 0])
            self.assertEqual(record.execute("SELECT count(*) FROM document WHERE kind = 'synthetic'").fetchone()[0], 1)
        verified = json.loads(run("log", "verify", self.server.site, "--json"))
        self.assertIsNone(verified["first_bad"])

    def test_a_record_without_room_is_known_without_a_call(self):
        self.until(lambda: self.state()[0] == "normal")
        self.world.full(True)
        self.until(lambda: self.state() == ("spool", "disk_full"))
        self.world.full(False)
        self.until(lambda: self.state()[0] == "normal")

    def test_a_record_that_hangs_is_known_within_two_periods(self):
        self.until(lambda: self.metric('precinct_synthetic_total{way="record"}') >= 1)
        self.world.hang(True)
        self.until(lambda: self.state() == ("spool", "record_slow"))
        self.world.hang(False)
        self.until(lambda: self.state()[0] == "normal")

    def test_nobody_else_has_its_token(self):
        reply = self.nobody.raw("POST", "/api/v1/calls", json.dumps(CALL), Precinct_Synthetic="0" * 32, Idempotency_Key="synthetic-1",
                                Content_Type="application/json")
        self.refused(reply, 401)


class OnAnotherDisk(FaultTest):
    def test_the_spool_lies_where_the_site_says(self):
        self.assertEqual(self.server.stop(), 0)
        elsewhere = os.path.join(self.server.folder, "another-disk")
        os.mkdir(elsewhere)
        path = os.path.join(self.server.site, "site.json")
        with open(path, encoding="utf-8") as f:
            config = json.load(f)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(dict(config, spool=elsewhere), f)
        self.again()
        self.assertEqual(os.listdir(elsewhere), ["calls.spool"])
        self.post_all(1)

    def test_one_that_cannot_be_opened_is_told_with_its_reason_and_used_when_it_can(self):
        self.assertEqual(self.server.stop(), 0)
        spool = os.path.join(self.server.site, "spool")
        shutil.rmtree(spool)
        with open(spool, "w", encoding="utf-8"):
            pass  # a file where its folder should be
        self.world.record_only(True)
        self.again()
        self.post_all(2)
        self.world.full(True)
        key = str(uuid.uuid4())
        self.refused(self.anna.post("/api/v1/calls", CALL, key=key), 503)
        os.remove(spool)
        os.mkdir(spool)
        self.until(lambda: self.anna.post("/api/v1/calls", CALL, key=key).status == 202)
        self.world.full(False)
        self.in_the_record(key)
        self.assertEqual(self.server.stop(), 0)
        self.assertRegex(self.server.errors, r"the spool cannot be opened: .* Why: \S*/spool/calls\.spool: \S")


if __name__ == "__main__":
    unittest.main()
