"""That a map was replaced is an event: one for each change, whatever is cut between the map's exchange and the record."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import time
import unittest

from bad_world import BadWorld
from server import PRECINCT, OwnServerTest, run
from test_closures import after, until_it_is

RECORD = ("record.db", "record.db-wal", "record.db-shm", "keys.db", "keys.db-wal", "keys.db-shm")


class MapTold(OwnServerTest):
    def setUp(self):
        super().setUp()
        self.town = self.path("town/map.osm.pbf")

    def command(self, name, *rest):
        return [PRECINCT, *name.split(), self.server.site, *rest]

    def update(self, pbf):
        return json.loads(run(*self.command("map update", "--map", pbf, "--json")[1:]))

    def next_opening(self):
        """The next one who writes to the record, whoever that is."""
        run(*self.command("retention run", "--dry-run")[1:])

    def told(self):
        return self.server.events("map_updated")

    def chain(self):
        return [(event["data"]["version_before"], event["data"]["version"]) for event in self.told()]

    def keep(self, names, place):
        for name in names:
            source = os.path.join(self.server.site, name)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(place, name))
            elif os.path.exists(source):
                os.makedirs(place, exist_ok=True)
                shutil.copy2(source, os.path.join(place, name))

    def put_back(self, names, place):
        for name in names:
            target, kept = os.path.join(self.server.site, name), os.path.join(place, name)
            if os.path.isdir(target):
                shutil.rmtree(target)
            elif os.path.exists(target):
                os.remove(target)
            if os.path.isdir(kept):
                shutil.copytree(kept, target)
            elif os.path.exists(kept):
                shutil.copy2(kept, target)

    def a_site_with_closures(self):
        """One road closed by name."""
        units = [u for u in self.anna.get("/api/v1/units?limit=1000").json["items"] if u["position"]]
        at = units[0]["position"]
        road = self.taken(self.anna.post("/api/v1/closures", {"reason": "works", "until": after(hours=1), "positions": [at]}))
        until_it_is(lambda: self.anna.get("/api/v1/closures.geojson").json["features"], lambda lines: len(lines) == 1)
        self.server.stop()
        return road

    def renumbered(self, name, first):
        subprocess.run(["osmium", "renumber", "-s", f"{first},{first},{first}", self.town, "-o", self.path(name)], check=True,
                       capture_output=True)
        return self.path(name)

    def test_an_update_is_one_event_with_what_was_found(self):
        road = self.a_site_with_closures()
        self.assertEqual(self.told(), [])
        self.update(self.town)
        same = self.told()[0]
        with open(self.town, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        data = same["data"]
        segments = data["segments_kept"]
        self.assertEqual(data, {"version_before": 1, "version": 2, "source_sha256": digest, "segments_kept": segments,
                                "segments_gone": 0, "segments_new": 0, "closures_kept": 1, "closures_moved": 0,
                                "closures_lost": 0, "moved": [], "lost": []})
        self.assertEqual((same["map_version"], same["actor"], same["object"]), (2, "system", f"M{same['seq']}"))
        self.assertEqual(self.server.events()[-1], same)
        # All ids numbered anew: other names for the same roads, and the closure is found by its place.
        self.update(self.renumbered("new.osm.pbf", 900000))
        moved = self.told()[1]["data"]
        self.assertEqual((moved["segments_kept"], moved["segments_gone"], moved["segments_new"]), (0, segments, segments))
        self.assertEqual((moved["closures_kept"], moved["closures_moved"], moved["moved"], moved["lost"]), (0, 1, [road], []))
        # Nobody tells it again; the log stays provable; the tables can be made of it.
        self.next_opening()
        self.serve()
        line = self.anna.get(f"/api/v1/closures/{road}/timeline").json
        self.assertIn("map_updated", [event["type"] for event in line["items"]])
        self.assertEqual([e["object"] for e in line["items"] if e["type"] == "map_updated"], [self.told()[1]["object"]])
        self.server.stop()
        self.assertEqual(self.chain(), [(1, 2), (2, 3)])
        run(*self.command("log verify")[1:])
        self.assertEqual(json.loads(run(*self.command("log rebuild", "--json")[1:]))["changed"], 0)
        self.assertEqual(self.chain(), [(1, 2), (2, 3)])

    def test_a_cut_before_the_event_is_made_good_once_by_whoever_opens_the_record_next(self):
        self.server.stop()
        record = self.path("record")
        self.keep(RECORD, record)
        self.update(self.town)
        whole = self.told()
        self.put_back(RECORD, record)  # as a power cut leaves it behind the exchange of the folders
        self.assertEqual(self.told(), [])
        self.next_opening()
        self.next_opening()
        again = self.told()
        self.assertEqual([event["data"] for event in again], [event["data"] for event in whole])
        self.assertEqual(again[0]["map_version"], 2)
        self.assertLess(again[0]["occurred_at"], again[0]["recorded_at"])  # when it came, and when it was written
        # serve is one who opens, and so is the next update: nothing is left out between.
        self.put_back(RECORD, record)
        self.serve()
        self.server.stop()
        self.assertEqual(self.chain(), [(1, 2)])
        self.put_back(RECORD, record)
        self.update(self.town)
        self.assertEqual(self.chain(), [(1, 2), (2, 3)])
        run(*self.command("log verify")[1:])

    def test_a_cut_before_the_event_is_made_good_by_a_server_that_starts_on_a_full_disk(self):
        until_it_is(lambda: os.path.exists(os.path.join(self.server.site, "reserve")), lambda there: there)
        self.server.stop()
        record, world = self.path("record"), BadWorld(self.server.folder)
        self.addCleanup(world.close)
        self.keep(RECORD, record)
        self.update(self.town)
        self.put_back(RECORD, record)
        world.full_but_reserve()
        self.server.start(env=world.env)
        self.taken(self.server.sign_in("anna").post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3}))
        self.server.stop()
        self.assertEqual(self.chain(), [(1, 2)])

    def test_a_kill_at_any_moment_leaves_one_event_for_each_map(self):
        self.server.stop()
        source = random.Random(2)
        facts = os.path.join(self.server.site, "map/map.json")
        cut_between = 0
        for turn in range(12):
            before = os.stat(facts).st_ino
            process = subprocess.Popen(self.command("map update", "--map", self.town), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            if turn % 3 == 0:
                time.sleep(source.uniform(0.0, 0.3))
            else:
                while os.stat(facts).st_ino == before and process.poll() is None:
                    pass
            process.kill()
            process.wait()
            with open(facts, encoding="utf-8") as file:
                version = json.load(file)["version"]
            chain = [(v, v + 1) for v in range(1, version)]
            cut_between += self.chain() != chain
            self.assertIn(self.chain(), (chain, chain[:-1]))
            self.next_opening()
            self.assertEqual(self.chain(), chain)
        self.assertGreater(cut_between, 0)
        run(*self.command("log verify")[1:])

    def test_a_folder_that_was_put_back_is_told_without_what_an_update_found(self):
        self.server.stop()
        maps = self.path("maps")
        self.keep(["map"], maps)
        self.update(self.town)
        self.put_back(["map"], maps)
        self.next_opening()
        self.next_opening()
        self.assertEqual(self.chain(), [(1, 2), (2, 1)])
        self.assertEqual(sorted(self.told()[1]["data"]), ["lost", "moved", "source_sha256", "version", "version_before"])


if __name__ == "__main__":
    unittest.main()
