"""Erasing over everything: canaries go in by HTTP, are looked at, streamed and asked for in every way there is; after the erasure no byte of
the site and of what the server said holds them in any spelling, nor the keys that could open them. Before it they are found: the search sees."""
import base64
import hashlib
import http.client
import json
import os
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from urllib.parse import quote

import memory_scan
from server import PRECINCT, OwnServerTest
import databases  # of tests/cli: server knows the way

LON, LAT = 102.4013579, 40.1024681
SUBJECTS = int(os.environ.get("ERASED_SUBJECTS", "50"))
IN_MEMORY = min(SUBJECTS, int(os.environ.get("ERASED_IN_MEMORY", "4")))


def spellings(text):
    """Everything that a careless program could have made of a text."""
    plain = text.encode()
    found = {"utf-8": plain, "utf-16le": text.encode("utf-16-le"), "utf-16be": text.encode("utf-16-be"),
             "json": json.dumps(text)[1:-1].encode(), "percent": quote(text).encode(), "hex": plain.hex().encode(),
             "HEX": plain.hex().upper().encode()}
    for shift in range(3):  # wherever it begins within a group of three
        coded = base64.b64encode(b"\0" * shift + plain)
        inner = coded[4 if shift else 0:len(coded) - 4]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return {how: needle for n, (how, needle) in enumerate(found.items()) if needle not in list(found.values())[:n]}


def place(i):
    """Where subject i is: nobody else is there."""
    return [round(LON + i * 1.3e-5, 7), round(LAT + i * 1.7e-5, 7)]


def position_spellings(count):
    """Of all subjects: as text, as the databases keep it, as programs do, most significant byte first and last, in hex and base64."""
    found = {}
    for i in range(count):
        lon, lat = place(i)
        e7 = [round(lon * 1e7), round(lat * 1e7)]
        ways = {"degrees": f"{lon},{lat}".encode(), "degrees, spaced": f"{lon}, {lat}".encode(), "e7": f"{e7[0]},{e7[1]}".encode(),
                "row": struct.pack(">ii", *e7), "index": struct.pack(">ii", *e7[::-1]), "memory": struct.pack("<ii", *e7),
                "longs": struct.pack("<qq", *e7), "longs, big": struct.pack(">qq", *e7), "doubles": struct.pack("<dd", lon, lat)}
        ways["hex"] = ways["row"].hex().encode()
        found.update({f"{how} of {i}": needle for how, needle in ways.items()})
    return found


PAGE, WAL_HEADER, FRAME_HEADER = 4096, 32, 24


def pages_of(path):
    """A file in pieces that are the same when nothing was written there: pages, and the frames of a write-ahead log."""
    with open(path, "rb") as f:
        content = f.read()
    if not path.endswith("-wal"):
        return [content[at:at + PAGE] for at in range(0, len(content), PAGE)]
    step = FRAME_HEADER + PAGE
    starts = range(WAL_HEADER, len(content), step)
    return [content[:WAL_HEADER]] + [piece for at in starts for piece in (content[at:at + FRAME_HEADER], content[at + FRAME_HEADER:at + step])]


def digests_of(folder):
    return {hashlib.sha1(page).digest() for base, _, leaves in os.walk(folder) for leaf in leaves
            if os.path.isfile(os.path.join(base, leaf)) for page in pages_of(os.path.join(base, leaf))}


def files_below(folder, known):
    """What each file holds, less the pages that stood in the site before the first canary came: the log is grown with random
    bytes, and searching those for everything would take minutes."""
    for base, _, leaves in os.walk(folder):
        for leaf in leaves:
            path = os.path.join(base, leaf)
            if os.path.isfile(path):
                yield os.path.relpath(path, folder), b"".join(p for p in pages_of(path) if hashlib.sha1(p).digest() not in known)


def hits(needles, contents):
    """(where, canary, spelling) for each needle that is found."""
    return [(where, name, how) for where, content in contents for name, ways in needles.items() for how, needle in ways.items()
            if len(needle) >= 6 and needle in content]


class Erasure(OwnServerTest):
    def serve(self):
        self.server.start()
        self.server.stop()
        self.known = digests_of(self.server.site)
        self.said = ""
        super().serve()

    def found(self, needles):
        return hits(needles, [*files_below(self.server.site, self.known), ("what the server said", self.said.encode())])

    def stop(self):
        self.server.stop()
        self.said += self.server.errors

    def subject(self, i):
        return {"caller_name": f"欧阳金丝雀{i}号", "caller_phone": f"1390000{i:04d}7", "address": f"金丝雀胡同{i}号院 canary-address-{i}",
                "words": f"家里漏水，孩子一个人在家 canary-words-{i} \"引号\"", "position": place(i)}

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
        return {f"key {n} of {name}": {"bytes": bytes(value)} for n, (name, value) in enumerate(rows) if name in objects}

    def stream(self):
        """Reads the live stream in the background, as a console does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
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

    def handle(self, i, unit):
        """A call from its receipt to its end, looked at and asked for in every way."""
        subject = self.subject(i)
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 2, **subject}, key=f"canary-key-{i}"))
        incident = self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 2, "gravity": "ordinary",
                                                                   "position": place(i)}))
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/classify", {"reason": "review", "priority": 1, "note": f"canary-note-{i} 备注"}))
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit}))
        for step in ("acknowledge", "set_out", "arrive"):
            self.taken(self.anna.post(f"/api/v1/orders/{order}/{step}"))
        self.taken(self.anna.post(f"/api/v1/orders/{order}/report", {"result": "handled", "note": f"canary-report-{i} 处警反馈"}))
        self.taken(self.anna.post(f"/api/v1/orders/{order}/close"))
        shown = self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "ring back", "case": call}).json
        self.assertEqual({key: shown[key] for key in subject}, subject)
        self.assertIn(f"canary-report-{i}", self.anna.post(f"/api/v1/orders/{order}/look", {"purpose": "review", "case": incident}).json["note"])
        notes = self.anna.post(f"/api/v1/incidents/{incident}/look", {"purpose": "review", "case": incident}).json["notes"]
        self.assertEqual([n["note"] for n in notes], [f"canary-note-{i} 备注"])
        for path in (f"calls/earlier?near={place(i)[0]},{place(i)[1]}", f"incidents/{incident}/timeline", f"incidents/{incident}/recommendation", "calls", "figures"):
            self.assertEqual(self.anna.get("/api/v1/" + path).status, 200)
        self.refused(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 9, **subject}), 400)
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/close", {"result": "handled", "note": f"canary-closing-{i}"}))
        return [call, incident, order]

    def needles(self):
        """What all subjects have in common, so that one search is for all of them."""
        roots = {"name": "欧阳金丝雀", "phone": "1390000", "address": "canary-address", "address in Chinese": "金丝雀胡同", "words": "canary-words",
                 "words in Chinese": "孩子一个人在家", "note": "canary-note", "report": "canary-report", "closing": "canary-closing"}
        return {"position": position_spellings(self.count), **{name: spellings(root) for name, root in roots.items()}}

    def test_no_byte_of_what_was_erased_is_left_anywhere(self):
        self.count = count = SUBJECTS
        objects, left = [], os.path.join(self.server.folder, "before")
        connection, read = self.stream()
        unit, _ = self.a_unit()
        for i in range(count):
            objects += self.handle(i, unit)
        connection.close()
        self.assertNotIn(b"canary", b"".join(read))
        self.stop()
        needles, keys = self.needles(), self.keys(objects)
        before = {name for _, name, _ in self.found(needles)}
        self.assertEqual(before, set(needles) - {"note", "closing"}, "the search does not see what is there")  # sealed at once
        self.assertGreaterEqual(len(keys), len(objects))
        self.assertNotEqual(self.found(keys), [])
        shutil.copytree(self.server.site, left)
        for name in objects:
            done = subprocess.run([PRECINCT, "erase", self.server.site, "--object", name, "--json"], capture_output=True, text=True, check=True)
            self.said += done.stdout + done.stderr
            self.assertGreaterEqual(json.loads(done.stdout)["keys"], 1, name)
        needles.update(keys)
        self.assertEqual(self.found(needles), [])
        self.check_that_what_is_left_behind_is_seen(left, needles)
        self.assertEqual(self.keys(objects), {})
        # Nor does it come back: the server starts, the tables are made again, the log is whole.
        self.server.start()
        shown = self.anna.post(f"/api/v1/calls/{objects[0]}/look", {"purpose": "ring back", "case": objects[0]}).json
        self.assertTrue(shown["erased"])
        notes = self.anna.post(f"/api/v1/incidents/{objects[1]}/look", {"purpose": "ring back", "case": objects[1]}).json["notes"]
        self.assertEqual([(n["erased"], n["note"]) for n in notes], [(True, None)] * 2)
        self.stop()
        for command in (["log", "rebuild"], ["log", "verify"]):
            self.said += subprocess.run([PRECINCT, *command, self.server.site], capture_output=True, text=True, check=True).stdout
        self.assertEqual(self.found(needles), [])

    def check_that_what_is_left_behind_is_seen(self, left, needles):
        """Had a file stayed as it was before, or a piece of it in a file of another name, the search would say so."""
        for leaf in ("record.db", "record.db-wal", "keys.db"):
            path = os.path.join(left, leaf)
            if not os.path.isfile(path) or os.path.getsize(path) == 0:
                continue
            planted = os.path.join(self.server.site, "map", "left-wal" if leaf.endswith("-wal") else "left.tmp")
            shutil.copy(path, planted)
            self.assertNotEqual(self.found(needles), [], f"{leaf} as it was before was not seen")
            os.remove(planted)
        self.assertEqual(self.found(needles), [])

    def test_what_is_erased_while_serving_is_gone_at_once(self):
        self.count = 1
        unit, _ = self.a_unit()
        objects = self.handle(0, unit)
        needles = self.needles()
        for name in objects:
            done = subprocess.run([PRECINCT, "erase", self.server.site, "--object", name, "--json"], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.said += done.stdout + done.stderr
        call, incident, order = objects
        for path in (f"calls/{call}/look", f"orders/{order}/look"):
            self.assertTrue(self.anna.post("/api/v1/" + path, {"purpose": "check", "case": call}).json["erased"], path)
        self.assertIsNone(self.anna.get(f"/api/v1/incidents/{incident}").json["position"])
        self.assertEqual(self.anna.get(f"/api/v1/calls/earlier?near={place(0)[0]},{place(0)[1]}").json["items"], [])
        self.assertEqual(self.found(needles), [])
        self.stop()
        self.assertEqual(self.found(needles), [])

    def in_memory(self, needles):
        return [(name, near) for _, name, near in memory_scan.found(self.server.process.pid, needles)]

    def test_what_is_erased_is_in_no_byte_of_the_running_servers_memory(self):
        self.count = IN_MEMORY
        unit, _ = self.a_unit()
        connection, _ = self.stream()
        objects = [name for i in range(IN_MEMORY) for name in self.handle(i, unit)]
        connection.close()
        needles = {root: root.encode() for root in ("canary-address", "canary-words", "canary-note", "canary-report", "canary-closing",
                                                    "欧阳金丝雀", "金丝雀胡同", "1390000")}
        needles["utf-16"] = "金丝雀".encode("utf-16-le")
        needles["escaped"] = json.dumps("金丝雀胡同")[1:-1].encode()
        lon, lat = place(0)
        needles["position"] = f"{lon}, {lat}".encode()
        before = {name for name, _ in self.in_memory(needles)}
        self.assertLessEqual({"canary-words", "欧阳金丝雀", "1390000"}, before, "the search does not see what is there")
        for name in objects:
            subprocess.run([PRECINCT, "erase", self.server.site, "--object", name], capture_output=True, check=True)
        for _ in range(10):  # pages that a reader holds go within two seconds
            left = self.in_memory(needles)
            if not left:
                break
            time.sleep(2)
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
