"""Thousands of hostile requests, made from seeds: each gets a refusal or the end of its connection, never a 500, never a success it should
not have; nothing of it is done; calls are taken all along. HOSTILE=n sets how many (5000), HOSTILE_SEED=n where the seeds begin. A seed that
failed once belongs into KEPT and is tried for ever."""
import json
import os
import queue
import random
import re
import socket
import statistics
import threading
import time
import unittest
import uuid

from server import ApiTest

COUNT = int(os.environ.get("HOSTILE", "5000"))
FIRST = int(os.environ.get("HOSTILE_SEED", "1"))
KEPT = []
CALLS_P99_MS = 100
ATTACKERS = 16
PLANTED = ["canary-password-7391", "canary-token-5527", "canary-cookie-8815", "Canary Zhang", "13900007391", "canary-path-6142"]
CALL = {"channel": "phone", "type": "noise", "priority": 3}
BODY = json.dumps(CALL).encode()


def request(line, headers, body=b"", end=b"\r\n"):
    return line + end + end.join(headers) + end + end + body


class Maker:
    """One hostile request from one seed, and whether the connection may stay open without an answer until its time is over."""

    def __init__(self, seed, cookie, paths):
        self.r, self.cookie, self.paths = random.Random(seed), cookie.encode(), paths
        self.kinds = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("make_")]

    def make(self):
        return self.r.choice(self.kinds)()

    def head(self, *more, length=None, cookie=None):
        key = self.r.getrandbits(128).to_bytes(16, "big").hex().encode()
        headers = [b"Host: localhost", b"Content-Type: application/json", b"Idempotency-Key: " + key, b"Cookie: " + (cookie or self.cookie), *more]
        return headers + ([b"Content-Length: %d" % length] if length is not None else [])

    def post(self, body, *more, path=b"/api/v1/calls", cookie=None):
        return request(b"POST " + path + b" HTTP/1.1", self.head(*more, length=len(body), cookie=cookie), body)

    # --- HTTP that two readers could read in two ways

    def make_two_lengths(self):
        a, b = self.r.choice([(len(BODY), 0), (0, len(BODY)), (len(BODY), len(BODY)), (5, len(BODY))])
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(b"Content-Length: %d" % a, b"Content-Length: %d" % b), BODY)

    def make_length_and_chunks(self):
        order = [b"Content-Length: %d" % self.r.choice((0, 4, 6, len(BODY))), self.coding(b"chunked")]
        self.r.shuffle(order)
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(*order), chunked + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def coding(self, value):
        name = self.r.choice((b"Transfer-Encoding", b"transfer-encoding", b"TRANSFER-ENCODING"))
        return name + b": " + value

    def make_odd_coding(self):
        value = self.r.choice((b"xchunked", b"chunked, identity", b"gzip, chunked", b"identity", b"chunked chunked", b"\x0bchunked", b"chunk", b'"chunked"'))
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(self.coding(value)), b"0\r\n\r\n")

    def make_two_codings(self):
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(self.coding(b"chunked"), self.coding(self.r.choice((b"identity", b"chunked")))), b"0\r\n\r\n")

    def make_bad_chunk(self):
        size = self.r.choice((b"zz", b"-1", b"0x5", b"ffffffffffffffffff", b"", b" ", b"5g", b"1" * 400, b"\x00"))
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(self.coding(b"chunked")), size + b"\r\n" + BODY + b"\r\n0\r\n\r\n")

    def make_odd_length(self):
        value = self.r.choice((b"-1", b"+%d" % len(BODY), b"0x10", b"1e3", b"5 5", b"5,5", b"9" * 30, b"", b"x", b"18446744073709551615", b"9223372036854775808"))
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(b"Content-Length: " + value), BODY)

    def make_two_hosts(self):
        return request(b"GET /api/v1/calls HTTP/1.1", self.head(b"Host: " + self.r.choice((b"localhost", b"evil.example"))))

    def make_absolute_form(self):
        line = self.r.choice((b"GET http://evil.example/api/v1/calls", b"GET //evil.example/api/v1/calls", b"OPTIONS *", b"CONNECT evil.example:443", b"GET http://localhost"))
        return request(line + b" HTTP/1.1", self.head())

    def make_old_http(self):
        return self.r.choice((b"GET /api/v1/calls\r\n\r\n", b"GET /api/v1/calls\n\n", b"GET /api/v1/calls HTTP/0.9\r\n\r\n", b"GET /api/v1/calls HTTP/2.0\r\n\r\n",
                              b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /api/v1/calls HTTP/1.\r\n\r\n", b"GET /api/v1/calls HTTPS/1.1\r\n\r\n"))

    def make_bytes_in_header(self):
        wrong = self.r.choice((b"\x00", b"\x01", b"\x0b", b"\x7f" * 3 + b"\x00", b"a\x00b"))
        return request(b"GET /api/v1/calls HTTP/1.1", [b"Host: localhost", b"X-A: " + wrong, b"Cookie: " + self.cookie[:-1]])

    def make_odd_header_name(self):
        name = self.r.choice((b"Content-Length ", b"Bad Name", b"", b"\xff", b"X(", b"\x00X", b"X\x00"))
        return request(b"POST /api/v1/calls HTTP/1.1", self.head(name + b": 5")[:-1] + [name + b": 5"], BODY)

    def make_noise(self):
        return self.r.randbytes(self.r.choice((1, 10, 100, 1000, 20000))) + b"\r\n\r\n"

    def make_mutated(self):
        good = bytearray(self.post(BODY, cookie=b"precinct_session=" + b"0" * 32))
        for _ in range(self.r.randint(1, 12)):
            at = self.r.randrange(len(good))
            good[at:at + self.r.randint(0, 3)] = self.r.randbytes(self.r.randint(0, 4))
        return bytes(good)

    # --- sizes

    def make_long_target(self):
        return request(b"GET /" + b"a" * self.r.choice((8000, 16000, 40000)) + b" HTTP/1.1", self.head())

    def make_many_headers(self):
        return request(b"GET /api/v1/calls HTTP/1.1", self.head(*[b"X-%d: y" % i for i in range(self.r.choice((2000, 5000)))]))

    def make_long_header(self):
        return request(b"GET /api/v1/calls HTTP/1.1", self.head(b"X: " + b"y" * self.r.choice((17000, 70000))))

    def make_large_body(self):
        return self.post(b'{"words":"' + b"x" * self.r.choice((66000, 200000)) + b'"}')

    # --- JSON

    def make_broken_json(self):
        body = bytearray(json.dumps(dict(CALL, words="x" * 20)).encode())
        del body[self.r.randrange(1, len(body)):]
        return self.post(bytes(body))

    def make_wrong_json(self):
        return self.post(self.r.choice((b"null", b"[]", b"1", b'""', b"{}{}", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'{"priority":1,"priority":2}', b"{'a':1}", b"\x00", b"{\"a\":1,}")))

    def make_deep_json(self):
        n = self.r.choice((33, 100, 2000, 30000))
        opening, closing = self.r.choice(((b"[", b"]"), (b'{"a":', b"}")))
        n = n // len(opening)
        return self.post(b'{"words":' + opening * n + b"1" + closing * n + b"}")

    def make_huge_number(self):
        number = self.r.choice((b"1e999", b"-1e999", b"9" * 400, b"9223372036854775808", b"1" + b"0" * 5000, b"0x1", b"01", b"NaN", b"Infinity", b"1e-999999", b"-0.5", b"3.5"))
        return self.post(b'{"channel":"phone","type":"noise","priority":' + number + b"}")

    def make_bad_utf8(self):
        wrong = self.r.choice((b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf", b"\xe2\x82", b"\\ud800", b"\\u0000", b"\xf4\x90\x80\x80"))
        return self.post(b'{"channel":"phone","type":"noise","priority":3,"words":"' + wrong + b'"}')

    def make_injection(self):
        text = self.r.choice(("' OR 1=1 --", "'; DROP TABLE event; --", "${jndi:ldap://x}", "$(id)", "`id`", "{{7*7}}", "../../etc/passwd", "%s%n%n"))
        field = self.r.choice(("type", "channel", "priority"))
        return self.post(json.dumps(dict(CALL, **{field: text})).encode())

    # --- paths

    def make_traversal(self):
        step = self.r.choice((b"../", b"%2e%2e/", b"..%2f", b"..\\", b"%2e%2e%2f", b"....//", b"%252e%252e/", b"..;/", b"%c0%ae%c0%ae/"))
        return request(b"GET /" + self.r.choice((b"", b"api/v1/", b"assets/")) + step * self.r.randint(1, 9) + self.r.choice((b"etc/passwd", b"accounts.db", b"agency.key", b"keys.db"))
                       + b" HTTP/1.1", self.head())

    def make_wrong_id(self):
        path = self.r.choice(self.paths).encode()
        value = self.r.choice((b"C" + b"9" * 40, b"-1", b"%ff", b"%0d%0aSet-Cookie:%20a=b", b"..", b"%27%20OR%201=1", b"{}", b"canary-path-6142", b"C9;C8"))
        return request(b"GET " + re.sub(rb"\{\w+\}", value.replace(b"\\", b""), path) + b" HTTP/1.1", self.head())

    def make_wrong_method(self):
        method = self.r.choice((b"PUT", b"PATCH", b"DELETE", b"TRACE", b"PROPFIND", b"A" * 300, b"get", b"POST\x00"))
        return request(method + b" /api/v1/calls HTTP/1.1", self.head())

    def make_wrong_query(self):
        value = self.r.choice((b"%00", b"%ff", b"9" * 60, b"-1", b"1&limit=2", b"%27", b"x" * 3000, b"1%0d%0aX:%20y"))
        return request(b"GET /api/v1/calls?limit=" + value + b" HTTP/1.1", self.head())

    # --- who asks

    def make_forged_session(self):
        name, _, token = self.cookie.partition(b"=")
        forged = self.r.choice((token[:-1], token + b"0", token[::-1], b"0" * len(token), b"' OR 1=1 --", b"canary-cookie-8815", b"x" * 3000, b"%00" + token,
                                token[:-2] + bytes([token[-1], token[-2]]) + b"!"))
        return self.post(BODY, cookie=name + b"=" + forged)

    def make_forged_token(self):
        value = self.r.choice((b"Bearer canary-token-5527", b"Basic Y2FuYXJ5OmNhbmFyeS1wYXNzd29yZC03Mzkx", b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Basic !!!", b"Digest x"))
        return self.post(BODY, b"Authorization: " + value, cookie=b"none=1")

    def make_wrong_sign_in(self):
        body = json.dumps({"account": "Canary Zhang", "password": "canary-password-7391"}).encode()
        return self.post(body, path=b"/api/v1/session", cookie=b"none=1")

    def make_other_origin(self):
        return self.post(BODY, b"Origin: " + self.r.choice((b"http://evil.example", b"null", b"http://localhost:1", b"https://localhost")))

    def make_replayed_key(self):
        """The key of a call that was taken, with another body."""
        other = json.dumps(dict(CALL, priority=1, words="Canary Zhang 13900007391", colour=1)).encode()
        headers = [h for h in self.head(length=len(other)) if not h.startswith(b"Idempotency")] + [b"Idempotency-Key: replayed-key-0001"]
        return request(b"POST /api/v1/calls HTTP/1.1", headers, other)


class Hostile(ApiTest):
    def talk(self, sent):
        heard = b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=1.5) as s:
            try:
                s.sendall(sent)
                while len(heard) < 1 << 20 and (chunk := s.recv(65536)):
                    heard += chunk
                    s.settimeout(0.1)  # what is smuggled in has its answer at once
            except OSError:
                pass
        return heard

    def lines(self):
        with open(os.path.join(self.server.site, "security.log"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def caller(self, stop, took):
        while not stop.is_set():
            began = time.monotonic()
            reply = self.clients["carl"].raw("POST", "/api/v1/calls", BODY, Content_Type="application/json", Idempotency_Key=str(uuid.uuid4()))
            took.append(((time.monotonic() - began) * 1000, reply.status))
            time.sleep(0.005)

    def paths(self):
        return [p for p, methods in self.server.document["paths"].items() if "{" in p and "get" in methods]

    def attack(self, seeds, heard):
        paths = self.paths()
        while not seeds.empty():
            try:
                seed = seeds.get_nowait()
            except queue.Empty:
                return
            sent = Maker(seed, self.anna.cookie, paths).make()
            began = time.monotonic()
            heard[seed] = (sent, self.talk(sent))
            if os.environ.get("HOSTILE_SAY") and time.monotonic() - began > 1:
                print(seed, round(time.monotonic() - began, 1), sent[:150], heard[seed][1][:100], flush=True)

    def test_1_hostile_requests_are_refused_while_calls_are_taken(self):
        self.taken(self.anna.post("/api/v1/calls", CALL, key="replayed-key-0001"))
        alone, stop = [], threading.Event()
        threading.Timer(2.0, stop.set).start()
        self.caller(stop, alone)
        stop, took, heard, seeds = threading.Event(), [], {}, queue.SimpleQueue()
        for seed in KEPT + list(range(FIRST, FIRST + COUNT)):
            seeds.put(seed)
        caller = threading.Thread(target=self.caller, args=(stop, took))
        attackers = [threading.Thread(target=self.attack, args=(seeds, heard)) for _ in range(ATTACKERS)]
        for thread in [caller, *attackers]:
            thread.start()
        for thread in attackers:
            thread.join()
        stop.set()
        caller.join()
        statuses, bad = {}, []
        for seed, (sent, answer) in sorted(heard.items()):
            codes = [int(code) for code in re.findall(rb"(?:^|\r\n\r\n|[}\n])HTTP/1\.[01] (\d\d\d) ", answer)]
            statuses[codes[0] if codes else 0] = statuses.get(codes[0] if codes else 0, 0) + 1
            if any(not (400 <= code < 500 or code in (501, 505)) for code in codes) or (answer and not codes):
                bad.append((seed, sent[:200], answer[:200]))
        self.assertEqual(len(heard), COUNT + len(KEPT))
        p99, before = (statistics.quantiles([ms for ms, _ in calls], n=100)[98] for calls in (took, alone))
        print(f"{COUNT} hostile requests, answers {dict(sorted(statuses.items()))} (0: closed); {len(took)} calls beside them, p99 {p99:.1f} ms ({before:.1f} alone)", flush=True)
        self.assertEqual(bad[:5], [], f"{len(bad)} seeds")
        self.assertEqual({status for _, status in took}, {201})
        # A machine that is busy with other things is slow without them.
        self.assertLess(p99, max(CALLS_P99_MS, 3 * before))
        # What was taken is what the call-taker sent, and the one call at the beginning.
        state = self.nobody.get("/metrics").body.decode()
        self.assertIn("precinct_http_failed_total 0\n", state)
        self.assertEqual(self.total(), len(took) + len(alone) + 1)

    def total(self):
        count, cursor = 0, ""
        while True:
            page = self.anna.get(f"/api/v1/calls?limit=1000{cursor}").json
            count += len(page["items"])
            if not page.get("next"):
                return count
            cursor = f"&cursor={page['next']}"

    def test_2_each_kind_has_its_line_in_the_security_log(self):
        told = {}
        for name in sorted(n for n in dir(Maker) if n.startswith("make_")):
            if name in ("make_replayed_key", "make_wrong_id"):  # what honest clients meet as well
                continue
            before = len(self.lines())
            for seed in range(3):
                self.talk(getattr(Maker(seed, self.anna.cookie, self.paths()), name)())
            time.sleep(0.1)
            told[name] = sum(1 + line.get("left_out", 0) for line in self.lines()[before:])
        self.assertEqual({name: n for name, n in told.items() if n < 1}, {})
        for line in self.lines():
            self.assertLessEqual(set(line), {"at", "address", "what", "status", "endpoint", "left_out"})
            self.assertEqual(line["address"], "127.0.0.1")

    def test_3_no_log_holds_what_was_sent(self):
        self.talk(Maker(1, self.anna.cookie, self.paths()).make_wrong_sign_in())
        planted = PLANTED + [self.anna.cookie.split("=")[1]]
        code = self.server.stop()
        found = []
        for name in os.listdir(self.server.site):
            if name.startswith("security.log"):
                with open(os.path.join(self.server.site, name), encoding="utf-8", errors="replace") as f:
                    text = f.read()
                found += [(name, word) for word in planted if word in text]
                self.assertEqual(os.stat(os.path.join(self.server.site, name)).st_mode & 0o077, 0)
        found += [("error output", word) for word in planted if word in self.server.errors]
        self.assertEqual((code, found), (0, []))
        self.assertEqual(self.server.errors, "")


if __name__ == "__main__":
    unittest.main()
