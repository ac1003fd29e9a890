"""The listener for positions, on the wire, as its clients use it, and the tracks that it keeps.

A client of our own stands for those of the field: Traccar Client (10.x: forms and JSON lists; 9.x: nested JSON), the OsmAnd app
(queries) and Traccar's test generator (a request target without a slash). It keeps a queue as they do: the head is sent again
until it is answered 2xx, so that one report that is refused for ever would hold back all behind it."""
import json
import math
import os
import socket
import sqlite3
import time
import unittest
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from server import ApiTest, run


class Device:
    """A phone with a queue of reports, over one connection that is kept."""

    def __init__(self, port, device):
        self.port, self.device, self.socket, self.rest = port, device, None, b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, target, body=b"", kind=None, method="GET", agent="Dalvik/2.1.0 (Linux; U; Android 14)"):
        """One request over the kept connection; the status."""
        if not self.socket:
            self.socket, self.rest = socket.create_connection(("127.0.0.1", self.port), timeout=10), b""
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"User-Agent: {agent}", "Connection: Keep-Alive"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        while b"\r\n\r\n" not in self.rest:
            got = self.socket.recv(4096)
            if not got:
                raise AssertionError("the connection was closed")
            self.rest += got
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if b"content-length: 0" not in head.lower():
            raise AssertionError(head)
        return int(head.split()[1])

    def query(self, target="/", method="GET", **values):
        return self.ask(f"{target}?{urlencode({'id': self.device, **values})}", method=method)

    def form(self, target="/", **values):
        return self.ask(target, urlencode({"id": self.device, **values}).encode(), "application/x-www-form-urlencoded", "POST")

    def listed(self, rows, target="/"):
        body = json.dumps([{"id": self.device, **row} for row in rows]).encode()
        return self.ask(target, body, "application/json; charset=utf-8", "POST")

    def nested(self, at_ms, target="/", **coords):
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_ms // 1000))
        document = {"location": {"timestamp": f"{seconds}.{at_ms % 1000:03}Z", "coords": coords, "is_moving": True, "odometer": 12.5,
                                 "event": "motionchange", "battery": {"level": -1, "is_charging": False},
                                 "activity": {"type": "in_vehicle"}, "extras": {}}, "device_id": self.device}
        return self.ask(target, json.dumps(document).encode(), "application/json", "POST")

    def send_queue(self, reports):
        """As the phone does: in order, the next one only after a 2xx. What was not taken stays."""
        left = list(reports)
        while left and 200 <= self.query(**left[0]) < 300:
            left.pop(0)
        return left


class PositionTest(ApiTest):
    """A unit on duty with one device."""
    DEVICE = "a-device-of-a-unit"
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = [u for u in cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"] if u["status"] == "at_station"]
        cls.unit = cls.units[0]["id"]
        run("device", "add", cls.server.site, cls.units[0]["name"], "--id", cls.DEVICE)
        cls.time_ms = int(time.time() * 1000)

    def setUp(self):
        super().setUp()
        self.phone = Device(self.server.positions_port, self.DEVICE)
        self.addCleanup(self.phone.close)

    def tick(self):
        """A time later than all before, in ms."""
        type(self).time_ms += 1000
        return self.time_ms

    def fix(self):
        rows = self.anna.get("/api/v1/positions").json["positions"]
        return next((r for r in rows if r["unit"] == self.unit), None)

    def metric(self, name):
        for line in self.nobody.get("/metrics").body.decode().splitlines():
            if line.startswith(f"precinct_{name} "):
                return int(line.split()[1])
        raise AssertionError(name)

    def result(self, name):
        return self.metric(f'position_reports_total{{result="{name}"}}')

    def rows(self, unit=None):
        """What really stands in the file, with what waits written."""
        deadline = time.monotonic() + 10
        while self.metric("track_queued") > 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        with sqlite3.connect(f"file:{self.server.site}/tracks.db?mode=ro", uri=True) as database:
            return database.execute("SELECT unit, at, lon_e7, lat_e7, speed, heading, source FROM fix WHERE unit = ? ORDER BY at",
                                    (int((unit or self.unit)[1:]),)).fetchall()

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)


class Forms(PositionTest):
    def test_form_a_is_taken_with_and_without_the_leading_slash(self):
        for lon, target, method in ((102.41, "/", "GET"), (102.42, "", "GET"), (102.43, "/any/path", "GET"), (102.44, "/", "POST"),
                                    (102.45, "", "POST")):
            at = self.tick()
            self.assertEqual(self.phone.query(target, method, lat=40.1, lon=lon, timestamp=at, speed=10, bearing=90, altitude=20.5,
                                              accuracy=4.1, batt=88.0), 200)
            self.assertEqual(self.fix()["position"], [lon, 40.1])
            self.assertEqual(self.rows()[-1], (int(self.unit[1:]), at, round(lon * 1e7), 401000000, 514, 90, 0))
        self.assertEqual((self.fix()["speed_kmh"], self.fix()["heading"]), (18.5, 90))  # knots

    def test_form_b_is_taken_as_traccar_client_sends_it(self):
        for target in ("/", "/positions"):
            at = self.tick()
            self.assertEqual(self.phone.form(target, timestamp=at // 1000 + 1, lat="40.2", lon="102.1", speed="-1", bearing="0.0",
                                             altitude="12.0", accuracy="30.0", batt="100", charge="true", alarm="s os+",
                                             battery_health="good", battery_voltage="4.1", battery_temp="31.5"), 200)
            type(self).time_ms = (at // 1000 + 1) * 1000
            self.assertEqual((self.fix()["position"], self.fix()["speed_kmh"], self.fix()["heading"]), ([102.1, 40.2], None, 0))
        self.assertEqual(self.rows()[-1][4:], (None, 0, 0))

    def test_form_c_is_taken_as_a_batch_in_order(self):
        before = len(self.rows())
        rows = [{"lat": 40.2, "lon": 102.2 + i / 1000, "timestamp": self.tick(), "speed": 1, "batt": 50} for i in range(30)]
        for target in ("/", "/any"):
            self.assertEqual(self.phone.listed(rows, target), 200)  # the second time all are known
        self.assertEqual(self.fix()["position"], [102.229, 40.2])
        stored = self.rows()
        self.assertEqual(len(stored), before + 30)
        self.assertEqual([r[1] for r in stored[-30:]], [r["timestamp"] for r in rows])
        self.assertEqual({r[6] for r in stored[-30:]}, {1})

    def test_form_d_is_taken_with_speed_in_metres_a_second(self):
        for target in ("/", "?a=b", "/x"):
            at = self.tick()
            self.assertEqual(self.phone.nested(at, target, latitude=40.3, longitude=102.5, speed=10, heading=-1, accuracy=-1,
                                               altitude=5), 200)
            fix = self.fix()
            self.assertEqual((fix["position"], fix["speed_kmh"], fix["heading"]), ([102.5, 40.3], 36, None))
            self.assertEqual(self.rows()[-1], (int(self.unit[1:]), at, 1025000000, 403000000, 1000, None, 2))

    def test_each_way_to_write_a_time_and_a_place_is_understood(self):
        with open(os.path.join(self.server.site, "site.json"), encoding="utf-8") as file:
            zone = ZoneInfo(json.load(file)["zone"])
        for write in (lambda s: s, lambda s: s * 1000, lambda s: f"{s}.5", lambda s: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(s)),
                      lambda s: datetime.fromtimestamp(s, zone).strftime("%Y-%m-%d %H:%M:%S")):
            type(self).time_ms = (self.tick() // 1000 + 1) * 1000
            taken = self.result("stored")
            self.assertEqual(self.phone.query(location="40.11,102.33", heading=5, timestamp=write(self.time_ms // 1000)), 200)
            self.assertEqual(self.result("stored"), taken + 1, write(self.time_ms // 1000))
            self.tick()

    def test_a_connection_carries_many_reports(self):
        for _ in range(50):
            self.assertEqual(self.phone.query(lat=40.1, lon=102.4, timestamp=self.tick() - 990), 200)
            type(self).time_ms -= 990


class Oddities(PositionTest):
    def test_what_is_wrong_with_a_report_never_holds_back_those_behind_it(self):
        at, now = self.tick(), int(time.time() * 1000)
        wrong = [({"lat": 40.1, "lon": 102.4, "timestamp": at}, "stored"),
                 ({"lat": 40.1, "lon": 102.4, "timestamp": at}, "stale"),
                 ({"lat": 40.1, "lon": 102.4, "timestamp": at - 1}, "stale"),
                 ({"lat": 40.1, "lon": 102.4, "timestamp": now - 86400000}, "off_duty"),
                 ({"lat": 40.1, "lon": 102.4, "timestamp": now + 9999000}, "future"),
                 ({"batt": 50, "timestamp": at}, "no_position"),
                 ({"lat": "x", "lon": "", "timestamp": at}, "no_position"),
                 ({"lat": "nan", "lon": "inf", "timestamp": at}, "no_position"),
                 ({"lat": 99, "lon": 1, "timestamp": at}, "out_of_range"),
                 ({"lat": 1, "lon": -180.5, "timestamp": at}, "out_of_range"),
                 ({"lat": "1e300", "lon": 1, "timestamp": at}, "out_of_range")]
        for values, reason in wrong:
            before, fix = self.result(reason), self.fix()
            self.assertEqual(self.phone.send_queue([values]), [], values)
            self.assertEqual(self.result(reason), before + 1, values)
            if reason != "stored":
                self.assertEqual(self.fix(), fix, values)
        self.assertEqual(self.phone.send_queue([v for v, _ in wrong] + [{"lat": 40.1, "lon": 102.4, "timestamp": self.tick()}]), [])

    def test_zero_positions_and_bad_numbers_are_answered_and_counted(self):
        before = self.result("no_position")
        for values in ({"lat": "", "lon": ""}, {"lat": "4,5", "lon": "1,2"}, {"lat": "0x10", "lon": "1"}, {}):
            self.assertEqual(self.phone.form(timestamp=self.tick(), **values), 200)
        self.assertEqual(self.result("no_position"), before + 4)
        before = self.result("no_fix")
        self.assertEqual(self.phone.query(lat=0, lon=0, timestamp=self.tick()), 200)
        self.assertEqual(self.phone.query(lat="40.1", lon="102.4", valid="false", timestamp=self.tick()), 200)
        self.assertEqual(self.result("no_fix"), before + 2)

    def test_bad_bodies_are_refused_whole_and_a_batch_with_one_good_device_is_taken(self):
        self.assertEqual(self.phone.ask("/", b'{"x":1}', "application/json", "POST"), 400)
        self.assertEqual(self.phone.ask("/", b"[" * 50 + b"]" * 50, "application/json", "POST"), 400)
        self.assertEqual(self.phone.ask("/", b'[{"id":"nobody-knows-me"}]', "application/json", "POST"), 404)
        body = json.dumps([{"id": "nobody-knows-me"}, 7, {"id": self.DEVICE, "lat": 40.1, "lon": 102.4, "timestamp": self.tick()}])
        self.assertEqual(self.phone.ask("/", body.encode(), "application/json", "POST"), 200)
        self.assertEqual(self.phone.ask("/", method="PUT"), 405)

    def test_an_unknown_device_is_refused_until_it_is_bound_and_after_it_is_removed(self):
        phone = Device(self.server.positions_port, "a-second-device-of-its-own")
        self.addCleanup(phone.close)
        values = {"lat": 40.1, "lon": 102.4}
        self.assertEqual(phone.query(**values), 400)
        self.assertEqual(phone.form(**values), 400)
        self.assertEqual(phone.listed([values]), 404)
        name = self.units[1]["name"]
        run("device", "add", self.server.site, name, "--id", phone.device)
        self.wait_for(lambda: phone.query(**values) == 200, "a bound device is not taken")
        self.assertTrue(self.rows(self.units[1]["id"]))
        self.assertEqual(json.loads(run("device", "remove", self.server.site, name, "--json")), {"removed": 1})
        self.wait_for(lambda: phone.query(**values) == 400, "a removed device is still taken")

    def test_a_device_whose_unit_is_not_enrolled_is_answered_and_counted(self):
        run("device", "add", self.server.site, "No such unit", "--id", "device-of-no-unit")
        phone = Device(self.server.positions_port, "device-of-no-unit")
        self.addCleanup(phone.close)
        before = self.result("no_unit")
        self.wait_for(lambda: phone.query(lat=40.1, lon=102.4) == 200, "it is not known")
        self.assertEqual(self.result("no_unit"), before + 1)


class Tracks(PositionTest):
    def last(self):
        return self.units[2]

    def test_a_track_is_of_the_shift_and_of_a_unit_on_duty_alone(self):
        unit, path = self.last()["id"], f"/api/v1/units/{self.last()['id']}/track"
        phone = Device(self.server.positions_port, "device-of-the-last-unit")
        self.addCleanup(phone.close)
        run("device", "add", self.server.site, self.last()["name"], "--id", phone.device)
        began = math.ceil(datetime.fromisoformat(self.anna.get(f"/api/v1/units/{unit}").json["status_since"]).timestamp() * 1000) + 1
        points = [{"lat": 40.1, "lon": 102.4 + i / 1000, "timestamp": began + i * 1000, "speed": 10, "bearing": i} for i in range(3)]
        self.wait_for(lambda: phone.listed(points) == 200, "it is not known")
        self.assertEqual(phone.query(lat=40.1, lon=102.5, timestamp=points[-1]["timestamp"] + 300), 200)
        self.assertEqual(len(self.rows(unit)), 4)
        track = self.anna.get(path).json
        self.assertEqual((track["unit"], len(track["points"])), (unit, 3))  # at most one a second
        self.assertEqual([p["position"][0] for p in track["points"]], [102.4, 102.401, 102.402])
        self.assertEqual((track["points"][1]["speed_kmh"], track["points"][1]["heading"]), (18.5, 1))
        for client in (self.clients["carl"], self.clients["pia"]):
            self.refused(client.get(path), 403)
        self.refused(self.nobody.get(path), 401)
        self.refused(self.anna.get("/api/v1/units/U99999999/track"), 404)
        self.wait_for(lambda: time.time() * 1000 > points[-1]["timestamp"] + 400, "time does not pass")
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_off"))
        self.refused(self.anna.get(path), 409, "track_off_duty")
        before = self.result("off_duty")
        self.assertEqual(phone.query(lat=40.1, lon=102.6, timestamp=self.tick()), 200)
        self.assertEqual(self.result("off_duty"), before + 1)
        self.assertEqual(len(self.rows(unit)), 4)  # nothing of a unit off duty is kept
        time.sleep(0.01)
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_on", {"officers": 2, "auxiliaries": 0}))
        self.assertEqual(phone.query(lat=40.1, lon=102.6, timestamp=int(time.time() * 1000) - 5000), 200)  # kept by the phone
        self.assertEqual(self.result("off_duty"), before + 2)
        self.assertEqual(len(self.rows(unit)), 4)
        shift = self.anna.get(path).json
        self.assertEqual(shift["points"], [])  # those of the shift before are not of this one
        self.assertGreater(shift["from"], track["from"])

    def test_calls_are_taken_and_health_says_so_when_tracks_cannot_be_kept(self):
        self.assertEqual(self.nobody.get("/healthz").json["tracks"], "normal")
        self.server.stop()
        path = os.path.join(self.server.site, "tracks.db")
        os.rename(path, path + ".away")
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA application_id=7")
            other.execute("CREATE TABLE foreign_table (a)")
        self.server.start()
        try:
            self.anna = self.server.sign_in("anna")
            health = self.nobody.get("/healthz")
            self.assertEqual((health.status, health.json["state"], health.json["tracks"]), (200, "normal", "failed"))
            self.assertEqual(self.metric("track_state"), 2)
            self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3}))
            phone = Device(self.server.positions_port, self.DEVICE)
            self.addCleanup(phone.close)
            self.assertEqual(phone.query(lat=40.1, lon=102.4, timestamp=self.tick()), 200)
            self.refused(self.anna.get(f"/api/v1/units/{self.unit}/track"), 503)
        finally:
            os.unlink(path)
            os.rename(path + ".away", path)
        self.wait_for(lambda: self.nobody.get("/healthz").json["tracks"] == "normal", "it does not recover")
        self.assertEqual(self.rows()[-1][1], self.time_ms)  # what waited was written


if __name__ == "__main__":
    unittest.main()
