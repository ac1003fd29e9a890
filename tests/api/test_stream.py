"""The event stream, on the wire."""
import http.client
import json
import socket
import time
import unittest

from server import PATIENCE_S, ApiTest, check, run


class Reader:
    """Reads server-sent events."""

    def __init__(self, client, path="/api/v1/stream", **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", client.server.port, timeout=PATIENCE_S)
        self.connection.request("GET", path, headers={"Cookie": client.cookie, **{k.replace("_", "-"): v for k, v in headers.items()}})
        self.reply = self.connection.getresponse()

    def next(self, kind):
        """The next event of a kind: its id and its data."""
        event, number, data = None, None, None
        end = time.monotonic() + PATIENCE_S
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

    def test_a_change_reaches_the_stream_before_the_next_second(self):
        reader = Reader(self.anna)
        self.addCleanup(reader.close)
        self.assertEqual(reader.reply.headers["Content-Type"], "text/event-stream")
        # The figure is the bench's; behind the next second is a fault, which comes every time. A busy machine comes and goes.
        medians = []
        while len(medians) < 10 and min(medians, default=1) >= 0.9:
            medians.append(sorted(self.lateness(reader, i) for i in range(5))[2])
        self.assertLess(min(medians), 0.9, medians)

    def lateness(self, reader, i):
        time.sleep(1.1 if i < 3 else 0)  # a second without a change
        begin = time.monotonic()
        call = self.a_call()
        number, data = reader.next("change")
        late = time.monotonic() - begin
        check(data, self.server.document["components"]["schemas"]["change"], self.server.document)
        self.assertEqual((number, data["type"], data["objects"][0]["id"]), (data["seq"], "call_received", call))
        self.assertNotIn("secret words", json.dumps(data))
        return late

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
            with socket.create_connection(("127.0.0.1", self.server.positions_port), timeout=PATIENCE_S) as s:
                s.sendall(f"GET /?id=device-for-frames&lat=40.1&lon=102.4{i}&timestamp={now + 1 + i} HTTP/1.0\r\n\r\n".encode())
                self.assertIn(b" 200 ", s.recv(100))
        for reader in readers:
            _, data = reader.next("positions")
            check(data, self.server.document["components"]["schemas"]["positions"], self.server.document)
            self.assertEqual([p["unit"] for p in data["positions"]], [unit])
        time.sleep(2.2)
        late = Reader(self.anna)
        self.addCleanup(late.close)
        self.assertEqual([p["unit"] for p in late.next("positions")[1]["positions"]], [unit])


if __name__ == "__main__":
    unittest.main()
