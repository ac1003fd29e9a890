"""kill -9 under load, over HTTP: what was acknowledged is there, once, and the record verifies.

Each client is a process with a ledger of its own: a file to which it writes what it asks before it asks, and what it was told
when it was told, and nothing that it takes from the server later. After a twentieth of the kills the record is verified as it lies; the
server starts again; each client repeats what was left unanswered, and what was acknowledged since the kill before, under
the same keys: the same ids must come. At the end the events themselves are held against the ledgers.

The moment of a kill is a number of steps (asked, told) that the clients have taken, and up to a few milliseconds, so that it falls
into work however slow the machine is, and nobody waits for a time to pass. Most kills come after few steps, every tenth after many,
every fourth while the clients still repeat. Two sites are killed at once, each by a thread with clients of its own.

KILLS=100 sets the number of kills (20)."""
import http.client
import json
import multiprocessing
import os
import random
import select
import signal
import time
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor

from server import Server, run

KILLS = int(os.environ.get("KILLS", "20"))
SITES, CLIENTS = 2, 4
FEW, MANY, EARLY = 120, 600, 40  # steps before a kill, at most
AFTER_MS = 4
PATIENCE_S = 240


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


def ask_on(wire, ledger, rng, step):
    """Until the server is gone."""
    told = []
    while True:
        key, (path, body) = str(uuid.uuid4()), next_request(rng, told)
        if path == "/api/v1/incidents":
            told = []
        body = json.dumps(body)
        ledger.note(asked=key, path=path, body=body)
        step()
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
        step()


def recorded(wire, path, body, key):
    """The answer of the record, None when the server is gone: what waits in the spool is asked for again until it is drained."""
    until = time.monotonic() + 120
    while True:
        answer = wire.post(path, body, key)
        if answer is None or answer[0] not in (202, 503):
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"{path}: the record does not come round: {answer}")
        time.sleep(0.05)


def repeat(wire, ledger, since, step):
    """All that was asked since a kill, again: each must be taken now, or was refused by the rules then as now. The number of what was
    asked; None when the server went before all was repeated."""
    for key, path, body in ledger.asked[since:]:
        step()
        answer = recorded(wire, path, body, key)
        if answer is None:
            return None
        ledger.note(repeated=key, status=answer[0], id=answer[1].get("id"))
        if answer[0] == 201 and key not in ledger.told:
            ledger.note(told=key, id=answer[1]["id"])
    return len(ledger.asked)


def client(path, seed, pipe, steps):
    """A round for each (port, cookie) that comes: repeats, then asks on."""
    def step():
        os.write(steps, b".")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ledger, rng, since = Ledger(path), random.Random(seed), 0
    for port, cookie in iter(pipe.recv, None):
        wire = Wire(port, cookie)
        repeated = repeat(wire, ledger, since, step)
        if repeated is not None:
            since = repeated
            pipe.send("repeated")
            ask_on(wire, ledger, rng, step)
        wire.connection.close()
        pipe.send("gone")


class Site:
    """A site, its clients, and who kills it."""

    def __init__(self, number, test):
        self.rng, self.test, self.server = random.Random(number), test, Server()
        test.addCleanup(self.server.remove)
        self.server.add("anna", "dispatcher,commander")
        self.server.start()
        self.cookie = self.server.sign_in("anna").cookie
        self.server.stop()
        self.steps, theirs = os.pipe()
        self.ledgers, self.pipes = [], []
        for i in range(CLIENTS):
            self.add_client(i, number * CLIENTS + i, theirs)
        os.close(theirs)
        test.addCleanup(os.close, self.steps)

    def add_client(self, i, seed, steps):
        ours, theirs = multiprocessing.Pipe()
        path = os.path.join(self.server.folder, f"ledger-{i}")
        process = multiprocessing.Process(target=client, args=(path, seed, theirs, steps), daemon=True)
        process.start()
        theirs.close()
        self.test.addCleanup(process.kill)
        self.ledgers.append(path)
        self.pipes.append(ours)

    def hear(self, what, but=None):
        """From each client; what `but` says may come before it."""
        for pipe in self.pipes:
            heard = but
            while heard == but:
                self.test.assertTrue(pipe.poll(PATIENCE_S), f"a client did not say '{what}'")
                heard = pipe.recv()
            self.test.assertEqual(heard, what)

    def forget_steps(self):
        while select.select([self.steps], [], [], 0)[0]:
            os.read(self.steps, 1 << 16)

    def await_steps(self, count):
        while count > 0:
            self.test.assertTrue(select.select([self.steps], [], [], PATIENCE_S)[0], "the clients do not go on")
            count -= len(os.read(self.steps, count))
        time.sleep(self.rng.uniform(0, AFTER_MS / 1000))

    def begin(self):
        self.forget_steps()
        self.server.start()
        for pipe in self.pipes:
            pipe.send((self.server.port, self.cookie))

    def kill(self):
        process = self.server.process
        process.kill()
        self.test.assertEqual(process.wait(), -signal.SIGKILL)
        self.test.assertEqual(process.stderr.read(), "")
        process.stdout.close()
        process.stderr.close()
        self.hear("gone", but="repeated")

    def round(self, i, verifies):
        self.begin()
        if i % 4 == 3:
            self.await_steps(self.rng.randint(1, EARLY))
        else:
            self.hear("repeated")
            self.forget_steps()
            self.await_steps(self.rng.randint(1, MANY if i % 10 == 0 else FEW))
        self.kill()
        if not verifies:
            return []
        verified = json.loads(run("log", "verify", self.server.site, "--json"))
        self.test.assertIsNone(verified["first_bad"])
        return [verified["events"]]

    def run(self, kills):
        step = max(1, kills // 20)
        events = [n for i in range(kills) for n in self.round(i, i % step == 0)]
        self.test.assertEqual(events, sorted(events))
        self.begin()  # once more, so that the last kill's requests are repeated too
        self.hear("repeated")
        self.kill()

    def judge(self):
        """How many were asked, acknowledged, kept in the spool, refused when repeated, lost, doubled, answered otherwise."""
        by_key, found = self.server.events_by_key(), []
        for path in self.ledgers:
            asked, told, kept, repeats = read_ledger(path)
            lost = sum(1 for key, made in told.items() if made not in {e["object"] for e in by_key.get(key, [])})
            found.append((len(asked), len(told), len(kept), sum(1 for row in repeats if row["repeated"] not in told),
                          lost + len(kept - by_key.keys()),
                          # Doubled: two events that make something, under one key. An incident from a call makes one alone.
                          sum(1 for key in asked if len({e["object"] for e in by_key.get(key, [])}) > 1),
                          sum(1 for row in repeats if row["repeated"] in told and row["id"] != told[row["repeated"]])))
        return found


class Kill(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_or_doubled(self):
        sites = [Site(i, self) for i in range(SITES)]
        with ThreadPoolExecutor(SITES) as pool:
            for killed in [pool.submit(site.run, (KILLS + i) // SITES) for i, site in enumerate(sites)]:
                killed.result()
        asked, told, kept, refused, lost, doubled, changed = map(sum, zip(*(found for site in sites for found in site.judge())))
        print(f"{KILLS} kills, {asked} asked, {told} acknowledged, {kept} kept in the spool, {refused} refused when repeated: "
              f"{lost} lost, {doubled} doubled, {changed} answered otherwise")
        self.assertEqual((lost, doubled, changed), (0, 0, 0))
        self.assertGreater(told, KILLS * CLIENTS)


if __name__ == "__main__":
    unittest.main()
