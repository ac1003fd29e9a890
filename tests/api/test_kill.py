"""kill -9 under load, over HTTP: what was acknowledged is there, once, and the record verifies.

Each client is a process with a ledger of its own: a file to which it writes what it asks before it asks, and what it was told
when it was told, and nothing that it takes from the server later. After a twentieth of the kills the record is verified as it lies; the
server starts again; each client repeats what was left unanswered, and what was acknowledged since the kill before, under
the same keys: the same ids must come. At the end the events themselves are held against the ledgers.

KILLS=100 sets the number of kills (20)."""
import http.client
import json
import multiprocessing
import os
import random
import signal
import time
import unittest
import uuid

from server import Server, run

KILLS = int(os.environ.get("KILLS", "20"))
CLIENTS = 6


class Ledger:
    """What one client notes."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "a", encoding="utf-8")
        self.asked, self.told = [], set()

    def note(self, **row):
        if "asked" in row:
            self.asked.append((row["asked"], row["path"], row["body"]))
        if "told" in row:
            self.told.add(row["told"])
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()


def read_ledger(path):
    """(asked, told, kept, repeats): bodies and answers by key, in order of asking; kept: in the spool, when last heard of."""
    asked, told, kept, repeats = {}, {}, set(), []
    with open(path, encoding="utf-8") as f:
        for row in map(json.loads, f):
            if "asked" in row:
                asked[row["asked"]] = (row["path"], row["body"])
            elif "told" in row:
                told[row["told"]] = row["id"]
            elif "kept" in row:
                kept.add(row["kept"])
            else:
                repeats.append(row)
    return asked, told, kept, repeats


class Wire:
    def __init__(self, port, cookie):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.cookie = cookie

    def post(self, path, body, key):
        """Status and reply; None when the server is gone."""
        try:
            self.connection.request("POST", path, body=body, headers={
                "Cookie": self.cookie, "Idempotency-Key": key, "Content-Type": "application/json"})
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None


def next_request(rng, told):
    """A call mostly; now and then an incident from a call of one's own: two objects change in one event."""
    calls = [made for made in told if made[0] == "C"]
    if calls and rng.random() < 0.3:
        return "/api/v1/incidents", {"call": calls[-1], "type": "noise", "priority": 3, "gravity": "ordinary"}
    return "/api/v1/calls", {"channel": "phone", "type": "noise", "priority": rng.randint(1, 4),
                             "words": f"call {rng.random()}", "caller_phone": str(rng.randint(10 ** 10, 10 ** 11))}


def ask_on(wire, ledger, rng):
    """Until the server is gone."""
    told = []
    while True:
        key, (path, body) = str(uuid.uuid4()), next_request(rng, told)
        if path == "/api/v1/incidents":
            told = []
        body = json.dumps(body)
        ledger.note(asked=key, path=path, body=body)
        answer = wire.post(path, body, key)
        if answer is None:
            return
        if answer[0] == 201:
            ledger.note(told=key, id=answer[1]["id"])
            told.append(answer[1]["id"])
        elif answer[0] == 202:  # the machine is slow: it is in the spool
            ledger.note(kept=key)
        elif answer[0] not in (409, 503):
            raise AssertionError(f"{path} {body}: {answer}")


def recorded(wire, path, body, key):
    """The answer of the record: what waits in the spool is asked for again until it is drained."""
    until = time.monotonic() + 120
    while True:
        answer = wire.post(path, body, key)
        if answer is None:
            raise AssertionError("the server went while nobody killed it")
        if answer[0] not in (202, 503):
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"{path}: the record does not come round: {answer}")
        time.sleep(0.05)


def repeat(wire, ledger, since):
    """All that was asked since a kill, again: each must be taken now, or was refused by the rules then as now."""
    for key, path, body in ledger.asked[since:]:
        answer = recorded(wire, path, body, key)
        ledger.note(repeated=key, status=answer[0], id=answer[1].get("id"))
        if answer[0] == 201 and key not in ledger.told:
            ledger.note(told=key, id=answer[1]["id"])
    return len(ledger.asked)


def client(path, seed, pipe):
    """A round for each (port, cookie) that comes: repeats, then asks on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ledger, rng, since = Ledger(path), random.Random(seed), 0
    for port, cookie in iter(pipe.recv, None):
        wire = Wire(port, cookie)
        since = repeat(wire, ledger, since)
        pipe.send("repeated")
        ask_on(wire, ledger, rng)
        wire.connection.close()
        pipe.send("gone")


class Kill(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.server.add("anna", "dispatcher,commander")
        self.clients = []
        for i in range(CLIENTS):
            ours, theirs = multiprocessing.Pipe()
            path = os.path.join(self.server.folder, f"ledger-{i}")
            process = multiprocessing.Process(target=client, args=(path, i, theirs), daemon=True)
            process.start()
            theirs.close()
            self.addCleanup(process.kill)
            self.clients.append((path, ours, process))

    def hear(self, what):
        for _, pipe, process in self.clients:
            self.assertTrue(pipe.poll(240), f"a client did not say '{what}'")
            self.assertEqual(pipe.recv(), what)

    def kill(self):
        process = self.server.process
        process.kill()
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertEqual(process.stderr.read(), "")
        process.stdout.close()
        process.stderr.close()

    def round(self, rng, cookie, verifies):
        self.server.start()
        for _, pipe, _ in self.clients:
            pipe.send((self.server.port, cookie))
        self.hear("repeated")
        time.sleep(rng.uniform(0.02, 0.5))  # the moment of the kill
        self.kill()
        self.hear("gone")
        if not verifies:
            return None
        verified = json.loads(run("log", "verify", self.server.site, "--json"))
        self.assertIsNone(verified["first_bad"])
        return verified["events"]

    def test_nothing_acknowledged_is_lost_or_doubled(self):
        self.server.start()
        cookie = self.server.sign_in("anna").cookie
        self.server.stop()
        rng = random.Random(7)
        step = max(1, KILLS // 20)
        events = [self.round(rng, cookie, i % step == 0) for i in range(KILLS)]
        events = [e for e in events if e is not None]
        self.assertEqual(events, sorted(events))
        self.server.start()  # once more, so that the last kill's requests are repeated too
        for _, pipe, _ in self.clients:
            pipe.send((self.server.port, cookie))
        self.hear("repeated")
        self.kill()
        self.hear("gone")
        by_key = self.server.events_by_key()
        asked_in_all = told_in_all = kept_in_all = open_in_all = lost = doubled = changed = 0
        for path, _, _ in self.clients:
            asked, told, kept, repeats = read_ledger(path)
            kept_in_all += len(kept)
            asked_in_all += len(asked)
            told_in_all += len(told)
            open_in_all += sum(1 for row in repeats if row["repeated"] not in told)
            # Doubled: two events that make something, under one key. An incident from a call makes one alone.
            doubled += sum(1 for key in asked if len({e["object"] for e in by_key.get(key, [])}) > 1)
            lost += sum(1 for key, made in told.items() if made not in {e["object"] for e in by_key.get(key, [])})
            lost += len(kept - by_key.keys())
            changed += sum(1 for row in repeats if row["repeated"] in told and row["id"] != told[row["repeated"]])
        print(f"{KILLS} kills, {asked_in_all} asked, {told_in_all} acknowledged, {kept_in_all} kept in the spool, {open_in_all} refused when repeated: "
              f"{lost} lost, {doubled} doubled, {changed} answered otherwise")
        self.assertEqual((lost, doubled, changed), (0, 0, 0))
        self.assertGreater(told_in_all, KILLS * CLIENTS)


if __name__ == "__main__":
    unittest.main()
