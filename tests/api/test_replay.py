"""A replay on the desk: its time bar, whose hands a unit is in, and where there is none."""
import csv
import datetime
import os
import re
import subprocess
import time
import unittest

from server import PRECINCT, ApiTest, Server, check, run
from test_stream import Reader

OF_A_REPLAY = {"replay_view", "replay_set", "unit_take_over", "unit_hand_back"}


def until(condition, seconds=20):
    """Polls; nothing here depends on how long it takes, short of never."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def busy_morning(server, begin=datetime.datetime(2026, 6, 1, 8)):
    """The town's calls, one every ten minutes, so that nobody waits long for the next; the file's name."""
    name = os.path.join(server.folder, "busy.csv")
    with open(os.path.join(server.folder, "town", "calls.csv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    for i, row in enumerate(rows):
        row["time_local"] = (begin + datetime.timedelta(minutes=10 * i)).isoformat()
    with open(name, "w", encoding="utf-8", newline="") as f:
        table = csv.DictWriter(f, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
    return name


class Replay(ApiTest):
    @classmethod
    def serve_options(cls):
        return ["--replay", busy_morning(cls.server), "--speed", "0"]

    def tearDown(self):
        self.set(speed=0, automatic=True)

    def replay(self):
        return self.anna.get("/api/v1/replay").json

    def set(self, **body):
        reply = self.anna.post("/api/v1/replay", body)
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json

    def units(self):
        return self.anna.get("/api/v1/units?limit=1000").json["items"]

    def calls_come(self, more):
        done = self.replay()["calls_done"] + more
        self.set(speed=1000)
        until(lambda: self.replay()["calls_done"] >= done, 60)
        return self.set(speed=0)

    def test_a_calls_come_in_and_units_move_by_themselves(self):
        before = self.replay()
        self.assertEqual((before["speed"], before["automatic"], before["finished"]), (0, True, False))
        self.assertLessEqual(before["calls_done"], 1)
        after = self.calls_come(4)
        self.assertGreater(after["at"], before["at"])
        self.assertEqual(after["at"][:10], before["from"][:10], "the desk shows the replayed day")
        incidents = self.anna.get("/api/v1/incidents?limit=1000").json
        self.assertGreater(len(incidents["items"]), 0)
        self.assertEqual(incidents["at"], after["at"], "a list has the age of the replayed clock")
        self.assertTrue(any(i["orders"] for i in incidents["items"]), "units were sent")
        self.assertTrue(all(u["simulated"] for u in self.units()))
        positions = self.anna.get("/api/v1/positions").json["positions"]
        self.assertTrue(positions and all(p["simulated"] for p in positions))

    def test_speed_0_stands_still_and_goes_on(self):
        still = self.set(speed=0)
        self.assertEqual(still["speed"], 0)
        time.sleep(0.2)
        self.assertEqual(self.replay()["at"], still["at"])
        self.assertEqual(self.set(speed=60.5)["speed"], 60.5)
        until(lambda: self.replay()["at"] > still["at"])
        for wrong in (-1, 1001, "fast"):
            self.refused(self.anna.post("/api/v1/replay", {"speed": wrong}), 400, field="speed")

    def test_a_unit_that_is_taken_over_stays_where_it_is(self):
        self.calls_come(1)
        unit = next(u["id"] for u in self.units() if u["status"] != "off_duty")
        where = lambda: next(p for p in self.anna.get("/api/v1/positions").json["positions"] if p["unit"] == unit)
        self.assertEqual(self.anna.post(f"/api/v1/units/{unit}/take_over").status, 204)
        self.assertFalse(next(u for u in self.units() if u["id"] == unit)["simulated"])
        self.set(speed=1)
        stands = until(lambda: not where()["simulated"] and where())
        self.calls_come(3)
        self.assertEqual(where()["position"], stands["position"])
        self.assertEqual(self.anna.post(f"/api/v1/units/{unit}/hand_back").status, 204)
        self.set(speed=1)
        until(lambda: where()["simulated"])
        self.assertTrue(next(u for u in self.units() if u["id"] == unit)["simulated"])
        self.refused(self.anna.post("/api/v1/units/U999999/take_over"), 404, "replay_not_driven")

    def test_without_the_automatic_dispatcher_calls_wait_for_people(self):
        self.set(automatic=False)
        known = {c["id"] for c in self.anna.get("/api/v1/calls?limit=1000").json["items"]}
        self.calls_come(1)
        new = [c for c in self.anna.get("/api/v1/calls?limit=1000").json["items"] if c["id"] not in known]
        self.assertTrue(new)
        self.assertEqual({c["status"] for c in new}, {"received"})
        self.set(automatic=True)
        until(lambda: self.anna.get(f"/api/v1/calls/{new[0]['id']}").json["incident"])

    def test_a_person_sends_a_simulated_unit_which_goes_and_comes_back(self):
        self.calls_come(1)
        unit, position = self.a_unit()
        incident, _ = self.an_incident(position)
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit}))
        self.set(speed=300)
        until(lambda: self.anna.get(f"/api/v1/orders/{order}").json["status"] == "closed", 60)
        self.set(speed=0)
        self.assertEqual(self.anna.get(f"/api/v1/incidents/{incident}").json["status"], "handled", "closing it is the person's")

    def test_the_stream_tells_where_the_replay_stands(self):
        reader = Reader(self.anna)
        self.addCleanup(reader.close)
        number, data = reader.next("replay")
        self.assertIsNone(number, "a lost one is not asked for again")
        check(data, self.server.document["components"]["schemas"]["replay"], self.server.document)
        metrics = self.nobody_gets("/metrics")
        self.assertRegex(metrics, r"(?m)^precinct_replay_behind_max_milliseconds \d+$")
        self.assertRegex(metrics, r"(?m)^precinct_replay_failed_total 0$")

    def nobody_gets(self, path):
        return self.anna.raw("GET", path).body.decode()

    def test_only_those_who_command_may_set_it(self):
        carl, pia = self.clients["carl"], self.clients["pia"]
        self.assertEqual(carl.get("/api/v1/replay").status, 200)
        self.refused(carl.post("/api/v1/replay", {"speed": 1}), 403)
        self.refused(pia.get("/api/v1/replay"), 403)
        self.refused(carl.post("/api/v1/units/U1/take_over"), 403)

    def test_zz_every_endpoint_of_a_replay_was_called(self):
        self.assertEqual(OF_A_REPLAY - self.server.called, set())


class Beginning(unittest.TestCase):
    def serve(self, server, *options):
        done = subprocess.run([PRECINCT, "serve", server.site, "--listen", "127.0.0.1:0", "--positions", "0", *map(str, options)],
                              text=True, capture_output=True, check=False, timeout=60, env=dict(os.environ, LANG="C.UTF-8"))
        return done.returncode, done.stderr

    def test_a_replay_goes_on_where_its_record_ends_and_never_back(self):
        server = Server()
        self.addCleanup(server.remove)
        server.add("anna", "dispatcher")
        calls = busy_morning(server)
        server.start("--replay", calls, "--speed", "1000")
        anna = server.sign_in("anna")
        until(lambda: anna.get("/api/v1/replay").json["calls_done"] >= 3, 60)
        first = anna.post("/api/v1/replay", {"speed": 0}).json
        theirs = anna.get("/api/v1/incidents?status=on_scene&limit=1000").json["items"]
        theirs += anna.get("/api/v1/incidents?status=dispatched&limit=1000").json["items"]
        for incident in theirs:  # a person looks into them: from now on they are that person's
            self.assertEqual(201, anna.post(f"/api/v1/incidents/{incident['id']}/classify", {"gravity": "complex", "reason": "review"}).status)
        incidents = [i["id"] for i in anna.get("/api/v1/incidents?limit=1000").json["items"]]
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.errors, "")
        server.start("--replay", calls, "--speed", "0")
        self.addCleanup(server.stop)
        again = anna.get("/api/v1/replay").json
        self.assertGreaterEqual(again["calls_done"], first["calls_done"] - 1)
        self.assertLessEqual(again["at"][:19], first["at"][:19])
        self.assertGreater(again["at"], again["from"])
        self.assertLessEqual(set(incidents), {i["id"] for i in anna.get("/api/v1/incidents?limit=1000").json["items"]})
        self.assertTrue(theirs)
        anna.post("/api/v1/replay", {"speed": 1000})
        done = anna.get("/api/v1/replay").json["calls_done"]
        until(lambda: anna.get("/api/v1/replay").json["calls_done"] >= done + 6, 60)
        for incident in theirs:
            self.assertNotEqual(anna.get(f"/api/v1/incidents/{incident['id']}").json["status"], "closed", "it is left to its person")
        server.stop()
        self.assertIn("goes on where the record ends", server.errors)
        code, said = self.serve(server, "--replay", calls, "--start", again["from"])
        self.assertEqual(code, 2)
        self.assertIn("--start", said)
        server.start()  # and without a replay it serves as before, by the clock on the wall
        self.assertEqual(anna.get("/api/v1/replay").status, 404)

    def test_a_live_site_and_options_without_calls_are_refused(self):
        server = Server()
        self.addCleanup(server.remove)
        town = os.path.join(server.folder, "town")
        server.site = os.path.join(server.folder, "live")
        run("init", server.site, "--map", f"{town}/map.osm.pbf", "--units", f"{town}/units.csv")
        code, said = self.serve(server, "--replay", f"{town}/calls.csv")
        self.assertEqual(code, 2)
        self.assertIn("is not a drill site", said)
        code, said = self.serve(server, "--replay", f"{town}/calls.csv", "--lang", "zh")
        self.assertIn("不是演练站点", said)
        code, said = self.serve(server, "--speed", 5)
        self.assertEqual((code, "--speed" in said), (2, True))
        self.assertIsNone(re.search(r"record\.db", " ".join(os.listdir(server.site))), "nothing was written")


if __name__ == "__main__":
    unittest.main()
