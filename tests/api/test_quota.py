"""What one address may ask for without a session is bounded; whoever is signed in is not held up by it, and an address cannot be made up."""
import json
import re
import socket
import statistics
import time
import unittest
import uuid

from server import PASSWORD, ApiTest, Client

BURST, FORGED = 2000, 5  # src/server/quota.h
CALL = {"channel": "phone", "type": "noise", "priority": 3}
BEHIND = "https://desk.example"
FORGED_COOKIE = "__Host-session=" + "0" * 40


class Asking(ApiTest):
    ACCOUNTS = {}

    def ask(self, address, method="GET", path="/api/v1/calls", cookie=None, body=None, **headers):
        client = Client(self.server, cookie)
        if body is not None:
            headers.update(Content_Type="application/json", Idempotency_Key=str(uuid.uuid4()))
        return client.raw(method, path, json.dumps(body) if body is not None else None, X_Forwarded_For=address, **headers)

    def sign_in(self, name, address):
        reply = self.ask(address, "POST", "/api/v1/session", body={"account": name, "password": PASSWORD})
        self.assertEqual(reply.status, 201, reply.body)
        return reply.headers.get_all("Set-Cookie")[0].split(";")[0]

    def flood(self, count, address, path="/api/v1/calls", cookie=None):
        """The statuses of so many requests on one connection, as fast as they go."""
        one = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
        statuses, heard = [], b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as s:
            for at in range(0, count, 20):
                s.sendall(one.encode() * 20)
                while len(statuses) < at + 20:
                    head, found, rest = heard.partition(b"\r\n\r\n")
                    length = int(re.search(rb"Content-Length: (\d+)", head)[1]) if found else 0
                    if not found or len(rest) < length:
                        heard += s.recv(1 << 16)
                        continue
                    statuses.append(int(head.split()[1]))
                    heard = rest[length:]
        return statuses


class Quota(Asking):
    """Behind a proxy: there the address is the one that the proxy names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.stop()
        cls.server.add("anna", "dispatcher,call_taker")
        cls.server.add("carl", "call_taker")
        cls.server.start("--origin", BEHIND)

    def setUp(self):
        self.anna = self.sign_in("anna", "198.51.100.7")

    def test_an_address_without_a_session_is_bounded_and_others_are_not(self):
        statuses = self.flood(BURST + 600, "203.0.113.1")
        self.assertEqual(set(statuses), {401, 429})
        self.assertGreaterEqual(statuses.index(429), BURST)
        self.assertGreater(statuses.count(429), 50)
        refused = None
        for _ in range(50):
            reply = self.ask("203.0.113.1")
            refused = reply if reply.status == 429 else refused
        self.assertIsNotNone(refused)
        self.assertEqual(json.loads(refused.body)["type"], "urn:precinct:web_quota")
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        self.assertEqual(self.ask("203.0.113.2").status, 401)
        with open(f"{self.server.site}/security.log", encoding="utf-8") as f:
            told = [json.loads(line) for line in f if "web_quota" in line]
        self.assertEqual({line["address"] for line in told}, {"203.0.113.1"})

    def test_who_is_signed_in_takes_calls_from_an_address_that_has_nothing_left(self):
        address, cookie = "203.0.113.10", self.sign_in("carl", "203.0.113.10")
        statuses = self.flood(BURST // FORGED + 400, address, cookie=FORGED_COOKIE)
        self.assertIn(429, set(statuses))
        took = []
        for _ in range(100):
            self.flood(20, address)
            began = time.monotonic()
            reply = self.ask(address, "POST", cookie=cookie, body=CALL, Origin=BEHIND)
            took.append((time.monotonic() - began) * 1000)
            self.assertEqual(reply.status, 201, reply.body)
        print(f"100 calls of a signed-in call-taker from an address without allowance: all taken, median {statistics.median(took):.1f} ms", flush=True)

    def test_forged_sessions_cost_more(self):
        forged = self.flood(BURST // FORGED + 300, "203.0.113.20", cookie=FORGED_COOKIE)
        self.assertIn(429, set(forged))
        self.assertLess(forged.index(429), BURST // FORGED + 200)

    def test_what_a_client_says_of_its_address_counts_for_nothing(self):
        for i in range(3):
            self.flood(BURST // 2, f"10.0.0.{i}, 203.0.113.30")
        self.assertIn(429, self.flood(60, "10.9.9.9, 203.0.113.30"))

    def ended(self):
        text = self.ask("127.0.0.1", path="/metrics").body.decode()
        return {k: int(v) for k, v in re.findall(r'precinct_connections_ended_total\{reason="(\w+)"\} (\d+)', text)}

    def test_metrics_count_what_ended_before_an_answer(self):
        before = self.ended()
        self.assertLessEqual({"slow_request", "quota", "no_room", "malformed", "tls_refused"}, set(before))
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as s:
            s.sendall(b"nonsense\r\n\r\n")
            while s.recv(1000):
                pass
        deadline = time.monotonic() + 20
        while self.ended()["malformed"] + self.ended()["broken_off"] == before["malformed"] + before["broken_off"]:
            self.assertLess(time.monotonic(), deadline)


class Direct(Asking):
    """Spoken to directly: the header is nobody's, and this machine is not counted."""

    def test_the_machine_itself_is_not_counted(self):
        self.assertEqual(set(self.flood(BURST + 600, "203.0.113.50")), {401})


if __name__ == "__main__":
    unittest.main()
