"""What the machine does to a server: no room, a sync that fails, a clock that jumps, a port or a site that is taken, a file
that is damaged. The right refusal comes, nothing is half done, and it goes on when it can."""
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest
import uuid

from bad_world import BadWorld
from server import PATIENCE_S, PRECINCT, Client, OwnServerTest, Server, run
import databases  # of tests/cli: server knows the way
from test_stream import Reader

CALL = {"channel": "phone", "type": "noise", "priority": 3, "words": "somebody plays the drum"}


class FaultTest(OwnServerTest):
    """A server in a world that can go bad."""

    def serve(self):
        self.world = BadWorld(self.server.folder)
        self.addCleanup(self.world.close)
        self.server.start(env=self.world.env)
        self.anna, self.nobody = self.server.sign_in("anna"), Client(self.server)

    def calls(self):
        return [c["id"] for c in self.anna.get("/api/v1/calls?limit=1000").json["items"]]

    def again(self):
        """The same session at a new server."""
        self.server.start(env=self.world.env)

    def until(self, there):
        end = time.monotonic() + PATIENCE_S
        while not there():
            self.assertLess(time.monotonic(), end, "it did not come about")
            time.sleep(0.05)

    def stops(self):
        """The record is opened again every second and stops at the next thing it cannot keep."""
        def has_stopped():
            health = self.nobody.get("/healthz")
            return (health.status, health.json["state"]) == (503, "stopped")
        self.until(has_stopped)

    def in_the_record(self, key, body=None):
        """The id that a call which waits in the spool has in the end."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            reply = self.anna.post("/api/v1/calls", body or CALL, key=key)
            if reply.status == 201:
                return reply.json["id"]
            self.assertEqual(reply.status, 202, reply.body)
            time.sleep(0.05)
        self.fail("the spool is not drained")

    def post_all(self, count):
        """Calls in the record, one after the other; a disk of ours that is too slow for one is no fault of theirs."""
        return [self.in_the_record(str(uuid.uuid4())) for _ in range(count)]


class FullDisk(FaultTest):
    def test_a_full_disk_keeps_calls_in_the_spool_refuses_all_else_and_recovers_alone(self):
        taken = []
        self.world.record_only(True)  # the spool has room: it was made before
        for _ in range(20):
            taken += self.post_all(2)
            keys = [str(uuid.uuid4()) for _ in range(3)]
            self.world.full(True)
            for key in keys:
                reply = self.anna.post("/api/v1/calls", CALL, key=key)
                self.assertEqual((reply.status, reply.json["kept"]), (202, "spool"), reply.body)
            order = {"call": taken[-1], "type": "noise", "priority": 3, "gravity": "ordinary"}
            reply = self.anna.post("/api/v1/incidents", order)
            self.refused(reply, 503, "store_full")
            self.assertIn("Retry-After", reply.headers)
            self.assertIn("disk is full", reply.json["detail"])
            health = self.nobody.get("/healthz")
            self.assertEqual((health.status, health.json["state"], health.json["reason"]), (200, "spool", "disk_full"))
            self.assertEqual(self.calls(), taken)  # looking goes on, and shows nothing of what is not recorded
            self.world.full(False)
            made = [self.in_the_record(key) for key in keys]
            self.assertEqual(made, sorted(made, key=lambda c: int(c[1:])))
            self.until(lambda: self.nobody.get("/healthz").json["state"] == "normal")
            taken += made
        self.assertEqual(self.calls(), taken)
        self.assertEqual(self.server.stop(), 0)
        run("log", "verify", self.server.site)
        self.again()
        self.assertEqual(self.calls(), taken)
        print(f"disks that filled up: 20, calls {len(taken)}, lost 0")

    def test_a_full_disk_without_a_spool_refuses_calls(self):
        self.assertEqual(self.server.stop(), 0)
        shutil.rmtree(os.path.join(self.server.site, "spool"))
        with open(os.path.join(self.server.site, "spool"), "w", encoding="utf-8") as f:
            f.write("no folder")
        self.again()
        self.post_all(1)
        self.world.full(True)
        reply = self.anna.post("/api/v1/calls", CALL)
        self.refused(reply, 503)
        self.assertIn("Retry-After", reply.headers)
        self.stops()
        self.world.full(False)
        self.post_all(1)
        self.until(lambda: self.nobody.get("/healthz").json["state"] == "normal")
        self.server.stop()
        self.assertIn("spool cannot be opened", self.server.errors)

    def test_signing_in_on_a_full_disk_says_so(self):
        self.world.full(True)
        reply = self.nobody.post("/api/v1/session", {"account": "anna", "password": "correct horse battery"})
        self.refused(reply, 503)
        self.world.full(False)
        self.server.sign_in("anna")

    def test_a_server_does_not_start_on_a_full_disk_and_starts_later(self):
        taken = self.post_all(3)
        self.assertEqual(self.server.stop(), 0)
        self.world.full(True)
        with self.assertRaisesRegex(AssertionError, "the disk is full"):
            self.again()
        self.world.full(False)
        self.again()
        self.assertEqual(self.calls(), taken)
        self.post_all(1)


    def test_a_server_that_held_room_back_starts_on_a_full_disk_and_holds_room_back_again(self):
        taken, reserve = self.post_all(3), os.path.join(self.server.site, "reserve")
        self.until(lambda: os.path.exists(reserve))
        self.assertGreaterEqual(os.stat(reserve).st_blocks * 512, 8 << 20)
        self.assertEqual(self.server.stop(), 0)
        self.world.full_but_reserve()
        self.again()
        self.assertFalse(os.path.exists(reserve))
        self.assertEqual(self.calls(), taken)
        taken += self.post_all(3)
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("the disk is full; the 8 MiB held back for this are given up", self.server.errors)
        self.world.full(False)
        self.again()
        self.until(lambda: os.path.exists(reserve))
        self.assertEqual(self.calls(), taken)


class FailedSync(FaultTest):
    def test_after_a_failed_sync_of_record_and_spool_nothing_is_acknowledged_and_the_server_ends(self):
        taken, key = self.post_all(5), str(uuid.uuid4())
        self.world.no_sync(True)
        reply = self.anna.post("/api/v1/calls", CALL, key=key)
        self.refused(reply, 503, "spool_failed")
        self.world.no_sync(False)
        self.assertEqual(self.server.process.wait(timeout=PATIENCE_S), 3)
        self.assertIn("disk failed", self.server.process.stderr.read())
        self.server.process.stdout.close()
        self.server.process.stderr.close()
        run("log", "verify", self.server.site)
        self.again()
        self.assertEqual([c for c in self.calls() if c in taken], taken)
        made = self.taken(self.anna.post("/api/v1/calls", CALL, key=key))
        self.assertEqual(len(self.calls()), len(taken) + 1)
        self.assertIn(made, self.calls())


class Reload(FaultTest):
    def test_a_reload_with_nothing_to_read_anew_ends_nothing(self):
        self.server.process.send_signal(signal.SIGHUP)
        self.post_all(2)
        self.server.process.send_signal(signal.SIGHUP)
        self.post_all(2)
        self.assertEqual(self.server.stop(), 0)


class Clock(FaultTest):
    def sessions(self):
        with sqlite3.connect(f"file:{self.server.site}/accounts.db?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM session").fetchone()[0]

    def test_what_is_kept_of_sessions_that_ended_is_destroyed_without_another_sign_in(self):
        self.assertEqual(self.sessions(), 1)
        self.assertEqual(self.server.stop(), 0)
        self.world.ahead(12 * 3600)
        self.again()
        self.until(lambda: self.sessions() == 0)

    def beats(self, reader, count):
        """A stream without news says once a second that it is alive."""
        while count > 0:
            count -= reader.reply.readline() == b"event: state\n"

    def test_calls_and_streams_go_on_when_the_clock_jumps(self):
        reader = Reader(self.anna)
        self.addCleanup(reader.close)
        taken, times = [], []
        for ahead_s in (0, 3600, -3600, 7200, -86400 * 365, 0):
            self.world.ahead(ahead_s)
            taken += self.post_all(2)
            for call in taken[-2:]:
                number, data = reader.next("change")
                self.assertEqual((number, data["objects"][0]["id"]), (data["seq"], call))
                times.append(data["at"])
            self.beats(reader, 2)
        self.assertEqual(times, sorted(times))  # the record's time never goes back
        self.assertEqual(self.calls(), taken)
        self.assertEqual(self.server.stop(), 0)
        run("log", "verify", self.server.site)

    def test_a_session_ends_by_the_clock_and_no_sooner(self):
        self.world.ahead(11 * 3600)
        self.assertEqual(self.anna.get("/api/v1/calls").status, 200)
        self.world.ahead(13 * 3600)
        self.refused(self.anna.get("/api/v1/calls"), 401)
        self.server.sign_in("anna")


class Start(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.server.add("anna", "dispatcher,commander")
        cls.server.start()
        anna = cls.server.sign_in("anna")
        for _ in range(200):
            anna.post("/api/v1/calls", CALL)

    def serve(self, site, listen="127.0.0.1:0", positions="0", language="en"):
        return subprocess.run([PRECINCT, "serve", site, "--listen", listen, "--positions", positions, "--lang", language],
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def refused(self, done, code, *says):
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)

    def copy(self):
        """The site as it lies after a stop, elsewhere."""
        if self.server.process.poll() is None:
            self.assertEqual(self.server.stop(), 0)
        site = os.path.join(self.server.folder, f"copy-{uuid.uuid4().hex[:8]}")
        shutil.copytree(self.server.site, site)
        return site

    def running(self):
        if self.server.process.poll() is not None:
            self.server.start()

    def test_a_site_in_use_is_refused_and_its_server_is_not_hindered(self):
        self.running()
        self.refused(self.serve(self.server.site), 3, "another program holds the record")
        self.refused(self.serve(self.server.site, language="zh"), 3, "占用")
        self.assertEqual(Client(self.server).get("/healthz").json["state"], "normal")

    def test_a_taken_port_is_refused_by_its_number_and_the_site_is_free_again(self):
        self.running()
        taken, positions = self.server.port, self.server.positions_port
        site = os.path.join(self.server.folder, "other")
        if not os.path.exists(site):
            run("init", site, "--map", os.path.join(self.server.folder, "town/map.osm.pbf"))
        self.refused(self.serve(site, listen=f"127.0.0.1:{taken}"), 3, f"127.0.0.1:{taken}", "taken by another program")
        self.refused(self.serve(site, positions=str(positions)), 3, f"127.0.0.1:{positions}", "taken by another program")
        self.assertFalse(os.path.exists(os.path.join(site, "record.db")))  # ports are taken before the record is opened
        second = Server.__new__(Server)
        second.site, second.document = site, self.server.document
        second.start()
        self.assertEqual(second.stop(), 0)

    def damage(self, path, at, count):
        with open(path, "r+b") as f:
            f.seek(at)
            f.write(bytes(range(256)) * (count // 256))

    def test_a_damaged_database_is_refused_by_its_name_and_left_as_it_is(self):
        for name in ("record.db", "keys.db", "accounts.db"):
            site = self.copy()
            path = os.path.join(site, name)
            with databases.connect(path) as database:  # the log holds good pages: they would mend the file
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.damage(path, 0, 4096)
            with open(path, "rb") as f:
                before = hashlib.sha256(f.read()).hexdigest()
            done = self.serve(site)
            self.assertIn(done.returncode, (2, 3), (name, done.stderr))
            self.assertIn(name, done.stderr)
            self.assertEqual(done.stdout, "")
            with open(path, "rb") as f:
                self.assertEqual(hashlib.sha256(f.read()).hexdigest(), before, name)

    def test_a_database_of_something_else_is_refused(self):
        site = self.copy()
        for name in os.listdir(site):
            if name.startswith("record.db"):
                os.remove(os.path.join(site, name))
        with databases.connect(os.path.join(site, "record.db")) as database:
            database.execute("CREATE TABLE shopping (item TEXT)")
        self.refused(self.serve(site), 2, "record.db", "not a record")


if __name__ == "__main__":
    unittest.main()
