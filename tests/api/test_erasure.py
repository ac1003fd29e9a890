"""Erasing over everything: a canary of every kind that is sealed goes in by HTTP, on a card and through the spool, is looked at, streamed,
backed up and published. Before the erasure none stands in clear but where the schema says so; after it no byte of any file, of what was
said and of the server's memory holds one in any spelling, nor a key that could open it."""
import hashlib
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor

import canaries
import memory_scan
from server import PRECINCT, run
from test_faults import FaultTest
from test_paper import check_digits
import databases  # of tests/cli: server knows the way

SUBJECTS = int(os.environ.get("ERASED_SUBJECTS", "50"))
KEPT = int(os.environ.get("ERASED_THROUGH_SPOOL", "3"))
CREWS, ERASERS, LOOKED_AT = 4, 5, 3
# Where a field stands in clear until it is erased (docs/reference/schema.md), and in what file that is.
COLUMNS = {"call_received.position": {"call.lon_e7", "call.lat_e7"}, "incident_opened.position": {"incident.lon_e7", "incident.lat_e7"},
           "call_received.address": {"call.address"}, "call_received.caller_name": {"call.caller_name"},
           "call_received.caller_phone": {"call.caller_phone"}, "call_received.words": {"call.words"},
           "order_reported.note": {"dispatch_order.note"}}
IN_CLEAR = {"site/record.db", "site/record.db-wal"}

PAGE, WAL_HEADER, FRAME_HEADER = 4096, 32, 24
EMPTY = bytes(PAGE)


def pages_of(path):
    """A file in pieces that are the same when nothing was written there: pages, and the frames of a write-ahead log."""
    with open(path, "rb") as f:
        content = f.read()
    if not path.endswith("-wal"):
        return [content[at:at + PAGE] for at in range(0, len(content), PAGE)]
    step = FRAME_HEADER + PAGE
    starts = range(WAL_HEADER, len(content), step)
    return [content[:WAL_HEADER]] + [piece for at in starts for piece in (content[at:at + FRAME_HEADER], content[at + FRAME_HEADER:at + step])]


def files(folder):
    for base, _, leaves in os.walk(folder):
        for path in (os.path.join(base, leaf) for leaf in leaves):
            if os.path.isfile(path):
                yield path


class Places:
    """All that is below a folder, less the pages that stood there before the first canary came: the map and the log's zeros."""

    def __init__(self, folder):
        self.folder, self.bytes, self.names = folder, 0, set()
        self.known = {hashlib.sha1(page).digest() for path in files(folder) for page in pages_of(path)}

    def contents(self):
        for path in files(self.folder):
            content = b"".join(p for p in pages_of(path) if hashlib.sha1(p).digest() not in self.known)
            self.bytes += len(content)
            self.names.add(os.path.relpath(path, self.folder).split(os.sep)[0])
            yield os.path.relpath(path, self.folder), content


class Erasure(FaultTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}
    maxDiff = None  # every place is named

    def serve(self):
        self.server.start()
        self.server.stop()
        super().serve()
        self.places, self.said, self.count = Places(self.server.folder), "", SUBJECTS
        os.makedirs(os.path.join(self.path("out"), "parts"))
        self.world.record_only(True)

    def found(self, needles):
        return canaries.hits(needles, [*self.places.contents(), ("what was said", self.said.encode())])

    def say(self, *arguments):
        self.said += run(*arguments)

    def stop(self):
        self.assertEqual(self.server.stop(), 0)
        self.said += self.server.errors

    # --- subjects ---

    def call_of(self, i):
        fields = {f.split(".")[1]: canaries.text_of(f, i) for f, kind in canaries.sealed_fields().items()
                  if f.startswith("call_received.") and kind == "text"}
        return {"channel": "phone", "type": "noise", "priority": 2, "position": canaries.place_of("call_received.position", i), **fields}

    def keep(self, subjects):
        """Their calls come while the record has no room: they go through the spool, which holds no word of them."""
        kept = {i: str(uuid.uuid4()) for i in subjects}
        if not kept:
            return kept
        self.world.full(True)
        for i, key in kept.items():
            reply = self.anna.post("/api/v1/calls", self.call_of(i), key=key)
            self.assertEqual(reply.status, 202, reply.body)
        spool = [(name, content) for name, content in self.places.contents() if name.startswith("site")]
        self.assertTrue(any(name.startswith("site/spool") and content for name, content in spool))
        self.assertEqual(canaries.hits(canaries.needles(self.count), spool), [])
        self.world.full(False)
        return {i: self.in_the_record(key, self.call_of(i)) for i, key in kept.items()}

    def take(self, i):
        body = self.call_of(i)
        if i % 10 == 9:  # written on a card while nothing else worked
            body.update(via="paper", source_id=check_digits(i))
        return self.taken(self.anna.post("/api/v1/calls", body))

    def handle(self, i, unit, call=None):
        """A call from its receipt to its end. Its objects."""
        post, note = self.anna.post, lambda event: canaries.text_of(event + ".note", i)
        call = call or self.take(i)
        incident = self.taken(post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 2, "gravity": "ordinary",
                                                         "position": canaries.place_of("incident_opened.position", i)}))
        self.taken(post(f"/api/v1/incidents/{incident}/classify", {"reason": "review", "priority": 1, "note": note("incident_classified")}))
        if i % 5 == 4:
            self.taken(post(f"/api/v1/incidents/{incident}/refer", {"to": "hotline_12345", "reason": "not_police", "note": note("incident_referred")}))
            return [call, incident]
        order = self.taken(post("/api/v1/orders", {"incident": incident, "unit": unit}))
        for step in ("acknowledge", "set_out", "arrive"):
            self.taken(post(f"/api/v1/orders/{order}/{step}"))
        self.taken(post(f"/api/v1/orders/{order}/report", {"result": "handled", "note": note("order_reported")}))
        self.taken(post(f"/api/v1/orders/{order}/close"))
        self.taken(post(f"/api/v1/incidents/{incident}/close", {"result": "handled", "note": note("incident_closed")}))
        return [call, incident, order]

    def handle_all(self):
        """By several crews at once; the objects of each subject."""
        units = [u["id"] for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["status"] in ("at_station", "available")][:CREWS]
        kept = self.keep(range(min(KEPT, self.count)))
        with ThreadPoolExecutor(len(units)) as crews:
            shares = crews.map(lambda n: {i: self.handle(i, units[n], kept.get(i)) for i in range(n, self.count, len(units))}, range(len(units)))
            found = {i: objects for share in shares for i, objects in share.items()}
        return [found[i] for i in range(self.count)]

    def ask_everything(self, i, call, incident, order):
        """In every way in which a program could be made to repeat it."""
        look = {"purpose": "review", "case": incident}
        shown = self.anna.post(f"/api/v1/calls/{call}/look", look).json
        subject = self.call_of(i)
        self.assertEqual({key: shown[key] for key in ("caller_name", "caller_phone", "address", "words", "position")},
                         {key: subject[key] for key in ("caller_name", "caller_phone", "address", "words", "position")})
        self.assertEqual(self.anna.post(f"/api/v1/orders/{order}/look", look).json["note"], canaries.text_of("order_reported.note", i))
        notes = [n["note"] for n in self.anna.post(f"/api/v1/incidents/{incident}/look", look).json["notes"]]
        self.assertEqual(notes, [canaries.text_of(f"incident_{how}.note", i) for how in ("classified", "closed")])
        lon, lat = subject["position"]
        for path in (f"calls/earlier?near={lon},{lat}", f"incidents/{incident}/timeline", f"incidents/{incident}/recommendation", "calls", "figures"):
            self.assertEqual(self.anna.get("/api/v1/" + path).status, 200)
        self.refused(self.anna.post("/api/v1/calls", dict(subject, priority=9)), 400)
        self.assertEqual(self.anna.raw("POST", "/api/v1/calls", json.dumps(subject)[:-9], Content_Type="application/json",
                                       Idempotency_Key=str(uuid.uuid4())).status, 400)

    def stream(self):
        """Reads the live stream in the background, as a console does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("GET", "/api/v1/stream", headers={"Cookie": self.anna.cookie})
        answer, read = connection.getresponse(), []

        def follow():
            try:
                while chunk := answer.read1(4096):
                    read.append(chunk)
            except (OSError, ValueError, http.client.HTTPException, AttributeError):
                pass
        threading.Thread(target=follow, daemon=True).start()
        return connection, read

    # --- what leaves the site ---

    def publish(self, when):
        """All that is made of a record for others: a part of the backup, the log in each of its forms."""
        site, key = self.server.site, os.path.join(self.path("out"), "backup.secret")
        if when == "before":
            self.recipient = self.precinct("backup", "key", key)["key"]
            self.say("log", "key", site, "--origin", "erasure.example/log")
        self.say("backup", site, os.path.join(self.path("out"), "parts"), "--to", self.recipient)
        for form in ("--out", "--bundle", "--tiles"):
            self.say("log", "export", site, form, os.path.join(self.path("out"), f"log.{when}{form}"))
        if when == "before":
            self.say("keys", "backup", site, os.path.join(self.path("out"), "keys.copy"), "--recovery", os.path.join(self.path("out"), "recovery.key"))
            shutil.copytree(os.path.join(self.path("out"), "parts"), os.path.join(self.path("out"), "parts.old"))

    def restore(self, to, parts="parts", with_keys=True, code=0, env=None):
        out = self.path("out")
        command = [PRECINCT, "restore", os.path.join(out, parts), os.path.join(out, to), "--secret", os.path.join(out, "backup.secret"), "--json"]
        if with_keys:
            command += ["--keys", os.path.join(out, "keys.copy"), "--recovery", os.path.join(out, "recovery.key")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ, LANG="C.UTF-8", **(env or {})))
        self.assertEqual(done.returncode, code, done.stderr)
        self.said += done.stdout + done.stderr
        return json.loads(done.stdout) if code == 0 else done.stderr

    def keys(self, objects):
        """Rows of keys.db, read from a copy: the site's own is not touched."""
        folder = tempfile.mkdtemp(prefix="precinct-keys-")
        self.addCleanup(shutil.rmtree, folder, True)
        for leaf in os.listdir(self.server.site):
            if leaf.startswith("keys.db"):
                shutil.copy(os.path.join(self.server.site, leaf), folder)
        keys = databases.connect(os.path.join(folder, "keys.db"))
        rows = keys.execute("SELECT kind || object, bytes FROM key").fetchall()
        keys.close()
        return {("key", f"{n} of {name}"): bytes(value) for n, (name, value) in enumerate(rows) if name in objects}

    def erase(self, objects):
        """One by one, as an operator does, several operators at once. How many keys went."""
        def one(name):
            done = subprocess.run([PRECINCT, "erase", self.server.site, "--object", name, "--json"], capture_output=True, text=True, check=False)
            return done.returncode, name, done.stdout, done.stderr
        with ThreadPoolExecutor(ERASERS) as operators:
            for code, name, out, errors in operators.map(one, objects):
                self.assertEqual(code, 0, (name, errors))
                self.assertGreaterEqual(json.loads(out)["keys"], 1, name)
                self.said += out + errors

    # --- the tests ---

    def test_every_sealed_field_and_every_sealed_column_has_its_canary(self):
        fields, named = canaries.sealed_fields(), {name for name, _ in canaries.needles(2)} - {"any text"}
        self.assertEqual(named, set(fields))
        self.assertLessEqual(set(COLUMNS), set(fields))
        self.assertEqual(set().union(*COLUMNS.values()), canaries.sealed_columns())

    def before(self, needles, objects):
        """In clear where the schema says so, and nowhere else."""
        found = self.found(needles)
        self.assertEqual([hit for hit in found if hit[0] not in IN_CLEAR or hit[1] not in {*COLUMNS, "any text"}], [], "it stands where it must not")
        self.assertEqual({field for _, field, _ in found}, {*COLUMNS, "any text"}, "the search does not see what is there")
        keys = self.keys(objects)
        self.assertGreaterEqual(len(keys), len(objects))
        self.assertEqual({where.removesuffix("-wal") for where, _, _ in self.found(keys)}, {"site/keys.db"})
        left = tempfile.mkdtemp(prefix="precinct-left-")
        self.addCleanup(shutil.rmtree, left, True)
        for leaf in ("record.db", "record.db-wal", "keys.db", "keys.db-wal"):
            if os.path.isfile(os.path.join(self.server.site, leaf)):
                shutil.copy(os.path.join(self.server.site, leaf), left)
        return keys, left

    def in_memory(self, needles):
        self.remembered = 0

        def pieces():
            for where, content in memory_scan.pieces(self.server.process.pid):
                self.remembered += len(content)
                pages = (content[at:at + PAGE] for at in range(0, len(content), PAGE))
                yield where, b"".join(page for page in pages if page != EMPTY)  # most of it was never touched
        return canaries.hits(needles, pieces())

    def is_in_no_memory(self, needles):
        for _ in range(10):  # pages that a reader holds go within two seconds
            left = self.in_memory(needles)
            if not left:
                return
            time.sleep(2)
        self.assertEqual(left, [])

    def check_that_what_is_left_behind_is_seen(self, left, needles):
        """Had a file stayed as it was before, in any place, the search would say so; and any spelling in any place."""
        def held(leaf):
            with open(os.path.join(left, leaf), "rb") as f:
                return canaries.hits(needles, [(leaf, f.read())])
        leaves = [leaf for leaf in sorted(os.listdir(left)) if held(leaf)]
        self.assertEqual({leaf.split(".")[0] for leaf in leaves}, {"record", "keys"})
        folders = [place for place in sorted(self.places.names) if os.path.isdir(self.path(place))]
        self.assertLessEqual({"site", "out"}, set(folders))
        planted = [os.path.join(place, f"planted{n}-wal" if leaf.endswith("-wal") else f"planted{n}") for place in folders for n, leaf in enumerate(leaves)]
        for path in planted:
            shutil.copy(os.path.join(left, leaves[int(path.removesuffix("-wal")[-1])]), self.path(path))
        self.assertEqual({where for where, _, _ in self.found(needles)}, set(planted), "what was left behind was not seen")
        for path in planted:
            os.remove(self.path(path))
        texts = [canaries.text_of(f, 1) for f, kind in canaries.sealed_fields().items() if kind == "text"]
        spelt = [s for text in texts for s in canaries.spellings(text).values()]
        seen = canaries.hits(needles, [("planted", b"\0\n".join([*spelt, canaries.text_of("call_received.caller_phone", 1)[3:].encode(), b""]))])
        missed = {name for name in needles if "position" not in name[0] and name[0] != "key"} - {hit[1:] for hit in seen}
        self.assertEqual(missed, set(), "a spelling is not seen")

    def check_that_no_backup_brings_it_back(self, keys):
        done = self.restore("restored")
        self.assertEqual(done["keys_dropped"], len(keys))
        self.restore("restored.old", "parts.old", with_keys=False)
        self.world.ahead(8 * 86400)  # the copy of the keys has expired
        self.assertIn("the end of this copy of keys has come", self.restore("restored.late", "parts.old", code=1, env=self.world.env))
        self.world.ahead(0)
        self.assertFalse(os.path.exists(os.path.join(self.path("out"), "restored.late")))

    def check_that_it_does_not_come_back(self, first, needles):
        """The server starts, the tables are made again, the log is whole."""
        self.again()
        call, incident, order = first
        look = {"purpose": "ring back", "case": call}
        for path in (f"calls/{call}/look", f"orders/{order}/look"):
            self.assertTrue(self.anna.post("/api/v1/" + path, look).json["erased"], path)
        notes = self.anna.post(f"/api/v1/incidents/{incident}/look", look).json["notes"]
        self.assertEqual([(n["erased"], n["note"]) for n in notes], [(True, None)] * 2)
        self.assertIsNone(self.anna.get(f"/api/v1/incidents/{incident}").json["position"])
        lon, lat = canaries.place_of("call_received.position", 0)
        self.assertEqual(self.anna.get(f"/api/v1/calls/earlier?near={lon},{lat}").json["items"], [])
        self.stop()
        for command in ("rebuild", "verify"):
            self.say("log", command, self.server.site)
        self.publish("after")
        self.assertEqual(self.found(needles), [])

    def test_no_byte_of_what_was_erased_is_left_anywhere(self):
        connection, read = self.stream()
        subjects = self.handle_all()
        for i, objects in enumerate(subjects[:LOOKED_AT]):
            self.ask_everything(i, *objects)
        connection.close()
        self.publish("before")
        objects, needles = [name for s in subjects for name in s], canaries.needles(self.count)
        streamed = canaries.hits(needles, [("the stream", b"".join(read))])
        self.assertEqual([hit for hit in streamed if hit[1] != "incident_opened.position"], [], "the board shows where an incident is, and no more")
        keys, left = self.before(needles, objects)
        # Of where somebody was copies stay in the desk's lists and in what streams were told: decision 0047.
        remembered = {name: needle for name, needle in canaries.needles(self.count, in_memory=True).items() if "position" not in name[0]}
        self.assertLessEqual({"call_received.words", "call_received.caller_phone", "any text"}, {field for _, field, _ in self.in_memory(remembered)},
                             "the search does not see what is there")
        self.erase(objects)
        self.is_in_no_memory({**remembered, **keys})
        needles.update(keys)
        self.assertEqual(self.found(needles), [])
        self.stop()
        self.assertEqual(self.found(needles), [])
        self.publish("between")
        self.check_that_no_backup_brings_it_back(keys)
        self.assertEqual(self.found(needles), [])
        self.assertEqual(self.keys(objects), {})
        self.check_that_what_is_left_behind_is_seen(left, needles)
        self.check_that_it_does_not_come_back(subjects[0], needles)
        print(f"subjects erased: {self.count}, sealed fields {len(canaries.sealed_fields())}, needles {len(needles)}, bytes of files "
              f"{self.places.bytes}, of memory {self.remembered}: 0 hits")

    def test_what_is_erased_while_nothing_runs_is_gone_at_once(self):
        self.count = 5
        subjects = self.handle_all()
        needles = canaries.needles(self.count)
        self.stop()
        objects = [name for s in subjects for name in s]
        needles.update(self.keys(objects))
        self.assertNotEqual(self.found(needles), [])
        for name in objects:
            self.say("erase", self.server.site, "--object", name)
        self.assertEqual(self.found(needles), [])


if __name__ == "__main__":
    unittest.main()
