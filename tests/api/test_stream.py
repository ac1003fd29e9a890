"""The event stream and the listener for positions, on the wire."""
import http.client
import json
import socket
import time
import unittest

from server import ApiTest, check, run


class Reader:
    """Reads server-sent events."""

    def __init__(self, client, path="/api/v1/stream", **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", client.server.port, timeout=8)
        self.connection.request("GET", path, headers={"Cookie": client.cookie, **{k.replace("_", "-"): v for k, v in headers.items()}})
        self.reply = self.connection.getresponse()

    def next(self, kind):
        """The next event of a kind: its id and its data."""
        event, number, data = None, None, None
        end = time.monotonic() + 15
        while time.monotonic() < end:
            line = self.reply.readline().decode()
            if line == "":
                return None
            if line == "\n":
                if event == kind:
                    return number, data
                event, number, data = None, None, None
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                event = value
            elif name == "id":
                number = int(value)
            elif name == "data":
                data = json.loads(value)
        raise AssertionError(f"no event '{kind}' came")

    def close(self):
        self.connection.close()


class Streams(ApiTest):
    def a_call(self):
        return self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 2, "words": "secret words"}))

    def test_a_change_reaches_the_stream_within_a_quarter_second(self):
        reader = Reader(self.anna)
        self.addCleanup(reader.close)
        self.assertEqual(reader.reply.headers["Content-Type"], "text/event-stream")
        late = []
        for i in range(5):
            time.sleep(1.1 if i < 3 else 0)  # a second without a change
            begin = time.monotonic()
            call = self.a_call()
            number, data = reader.next("change")
            late.append(time.monotonic() - begin)
            check(data, self.server.document["components"]["schemas"]["change"], self.server.document)
            self.assertEqual((number, data["type"], data["objects"][0]["id"]), (data["seq"], "call_received", call))
            self.assertNotIn("secret words", json.dumps(data))
        self.assertLess(sorted(late)[2], 0.25)

    def test_a_cut_stream_goes_on_where_it_was(self):
        reader = Reader(self.anna)
        self.a_call()
        number, _ = reader.next("change")
        reader.close()
        missed = [self.a_call() for _ in range(3)]
        reader = Reader(self.anna, Last_Event_ID=str(number))
        self.addCleanup(reader.close)
        self.assertEqual([reader.next("change")[1]["objects"][0]["id"] for _ in range(3)], missed)

    def test_every_reader_gets_each_change_once_and_in_order(self):
        """Readers that came early, late, from behind, and one that reads only when all is over."""
        first = int(self.anna.get("/api/v1/calls?limit=1").json["seq"])
        readers = [Reader(self.anna) for _ in range(6)]
        begins = [first] * 6
        for i in range(60):
            self.a_call()
            if i % 10 == 5:
                readers.append(Reader(self.anna, f"/api/v1/stream?since={first + i // 2}"))
                begins.append(first + i // 2)
            if i % 20 == 10:
                time.sleep(1.1)  # a second passes without a change
        last = int(self.anna.get("/api/v1/calls?limit=1").json["seq"])
        for reader, begin in zip(readers, begins):
            self.addCleanup(reader.close)
            self.assertEqual([reader.next("change")[0] for _ in range(last - begin)], list(range(begin + 1, last + 1)))

    def test_a_position_in_the_future_of_the_record_is_reset(self):
        reader = Reader(self.anna, "/api/v1/stream?since=99999999")
        self.addCleanup(reader.close)
        number, data = reader.next("reset")
        self.assertEqual(number, data["seq"])
        self.refused(self.anna.get("/api/v1/stream", Last_Event_ID="x"), 400, "api_last_event_id")

    def test_a_stream_ends_with_its_session(self):
        self.server.add("fay", "dispatcher")
        fay = self.server.sign_in("fay")
        reader = Reader(fay)
        self.addCleanup(reader.close)
        fay.send("DELETE", "/api/v1/session")
        self.assertIsNone(reader.next("nothing"))

    def test_many_streams_get_one_frame_of_positions_a_second(self):
        unit, _ = self.a_unit()
        name = self.anna.get(f"/api/v1/units/{unit}").json["name"]
        run("device", "add", self.server.site, name, "--id", "device-for-frames")
        readers = [Reader(self.anna) for _ in range(20)]
        for reader in readers:
            self.addCleanup(reader.close)
        now = int(time.time())
        for i in range(3):
            with socket.create_connection(("127.0.0.1", self.server.positions_port), timeout=5) as s:
                s.sendall(f"GET /?id=device-for-frames&lat=40.1&lon=102.4{i}&timestamp={now - 3 + i} HTTP/1.0\r\n\r\n".encode())
                self.assertIn(b" 200 ", s.recv(100))
        for reader in readers:
            _, data = reader.next("positions")
            check(data, self.server.document["components"]["schemas"]["positions"], self.server.document)
            self.assertEqual([p["unit"] for p in data["positions"]], [unit])
        time.sleep(2.2)
        late = Reader(self.anna)
        self.addCleanup(late.close)
        self.assertEqual([p["unit"] for p in late.next("positions")[1]["positions"]], [unit])


class Positions(ApiTest):
    DEVICE = "a-device-of-a-unit"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        units = [u for u in cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"] if u["status"] == "at_station"]
        cls.unit = units[0]["id"]
        run("device", "add", cls.server.site, units[0]["name"], "--id", cls.DEVICE)
        cls.time_s = int(time.time()) - 500

    def raw(self, request):
        with socket.create_connection(("127.0.0.1", self.server.positions_port), timeout=5) as s:
            s.sendall(request)
            return int(s.recv(200).split()[1])

    def post(self, body, kind, device=True):
        body = body.encode()
        self.assertTrue(device)
        return self.raw(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + kind.encode() +
                        f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    def tick(self):
        type(self).time_s += 1
        return self.time_s

    def fix(self):
        rows = self.anna.get("/api/v1/positions").json["positions"]
        return next((r for r in rows if r["unit"] == self.unit), None)

    def result(self, name):
        for line in self.nobody.get("/metrics").body.decode().splitlines():
            if line.startswith(f'precinct_position_reports_total{{result="{name}"}}'):
                return int(line.split()[1])
        raise AssertionError(name)

    def test_form_a_is_taken_with_and_without_the_leading_slash(self):
        for lon, target in ((102.41, "/?"), (102.42, "?"), (102.43, "/any/path?")):
            line = f"GET {target}id={self.DEVICE}&lat=40.1&lon={lon}&timestamp={self.tick()}&speed=10&bearing=90 HTTP/1.1\r\n"
            self.assertEqual(self.raw(line.encode() + b"Host: x\r\nConnection: close\r\n\r\n"), 200)
            self.assertEqual(self.fix()["position"], [lon, 40.1])
        self.assertEqual((self.fix()["speed_kmh"], self.fix()["heading"]), (18.5, 90))  # knots

    def test_forms_b_c_and_d_are_taken(self):
        form = f"id={self.DEVICE}&lat=40.2&lon=102.1&timestamp={self.tick()}&speed=-1&alarm=s%20o+s"
        self.assertEqual(self.post(form, "application/x-www-form-urlencoded"), 200)
        self.assertEqual((self.fix()["position"], self.fix()["speed_kmh"]), ([102.1, 40.2], None))
        rows = [{"id": self.DEVICE, "lat": 40.2, "lon": 102.2 + i / 10, "timestamp": self.tick(), "speed": 1} for i in range(2)]
        self.assertEqual(self.post(json.dumps(rows), "application/json"), 200)
        self.assertEqual(self.fix()["position"], [102.3, 40.2])
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.tick()))
        nested = {"device_id": self.DEVICE, "location": {"timestamp": moment, "coords": {
            "latitude": 40.3, "longitude": 102.5, "speed": 10, "heading": -1}, "battery": {"level": 0.5}}}
        self.assertEqual(self.post(json.dumps(nested), "application/json"), 200)
        self.assertEqual((self.fix()["position"], self.fix()["speed_kmh"], self.fix()["heading"]), ([102.5, 40.3], 36, None))

    def test_a_known_device_is_always_answered_200_and_the_reason_is_counted(self):
        at = self.tick()
        good = f"id={self.DEVICE}&lat=40.1&lon=102.4&timestamp={at}"
        self.assertEqual(self.post(good, "text/plain"), 200)
        for query, reason in ((good, "stale"), (f"id={self.DEVICE}&lat=40.1&lon=102.4&timestamp={at - 100}", "stale"),
                              (f"id={self.DEVICE}&batt=50", "no_position"), (f"id={self.DEVICE}&lat=99&lon=1", "out_of_range"),
                              (f"id={self.DEVICE}&lat=1&lon=1&timestamp={int(time.time()) + 9999}", "future")):
            before, fix = self.result(reason), self.fix()
            self.assertEqual(self.post(query, "text/plain"), 200, query)
            self.assertEqual(self.result(reason), before + 1, query)
            self.assertEqual(self.fix(), fix, query)

    def test_an_unknown_device_and_what_is_no_report_are_refused(self):
        self.assertEqual(self.post("id=nobody-knows-me&lat=1&lon=1", "text/plain"), 400)
        self.assertEqual(self.post("lat=1&lon=1", "text/plain"), 400)
        self.assertEqual(self.post('[{"id":"nobody-knows-me"}]', "application/json"), 404)
        self.assertEqual(self.post('{"x":1}', "application/json"), 400)
        self.assertEqual(self.post("[" * 50 + "]" * 50, "application/json"), 400)


if __name__ == "__main__":
    unittest.main()
