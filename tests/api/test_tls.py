"""TLS of our own: real handshakes by Python's and openssl's clients. Old protocols and weak ciphers are refused, a certificate is renewed while
connections are open, a key that others can read is not taken, the synthetic calls go through it, and so do calls."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest

from server import PASSWORD, Client, Server


PER_ADDRESS, CONNECTIONS, RESERVE, HEADER_S = 256, 2000, 200, 10  # src/server/gate.h
TRIES = 5


class TlsClient(Client):
    def raw(self, method, path, body=None, **headers):
        context = ssl.create_default_context(cafile=self.server.certificate)
        connection = http.client.HTTPSConnection("localhost", self.server.port, timeout=20, context=context)
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection.request(method, path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        reply = type("Reply", (), {"status": answer.status, "headers": answer.headers, "body": answer.read()})
        reply.json = json.loads(reply.body) if reply.body[:1] in b"{[" and reply.body else None
        connection.close()
        return reply


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("no openssl")
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.server.add("carl", "call_taker")
        cls.server.start()  # for the document
        cls.server.stop()
        cls.folder = os.path.join(cls.server.folder, "tls")
        os.mkdir(cls.folder)
        cls.server.certificate, cls.key = os.path.join(cls.folder, "desk.crt"), os.path.join(cls.folder, "desk.key")
        cls.make(cls.server.certificate, cls.key)
        cls.options = ["--tls-cert", cls.server.certificate, "--tls-key", cls.key]
        cls.server.start(*cls.options)
        reply = TlsClient(cls.server).raw("POST", "/api/v1/session", json.dumps({"account": "carl", "password": PASSWORD}), Content_Type="application/json")
        assert reply.status == 201, reply.body
        cls.signed_in = reply.headers["Set-Cookie"]
        cls.carl = TlsClient(cls.server, cls.signed_in.split(";")[0])

    @classmethod
    def make(cls, certificate, key, days=90, kind="ec"):
        """As renewal programs do: new files, put in the place of the old."""
        how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else ["-newkey", "rsa:2048"]
        subprocess.run(["openssl", "req", "-x509", *how, "-nodes", "-days", str(days), "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key + ".new", "-out", certificate + ".new"], check=True, capture_output=True)
        os.chmod(key + ".new", 0o600)
        os.rename(key + ".new", key)
        os.rename(certificate + ".new", certificate)

    def number(self):
        pem = ssl.get_server_certificate(("127.0.0.1", self.server.port))
        return ssl.PEM_cert_to_DER_cert(pem)

    def lines(self):
        with open(os.path.join(self.server.site, "security.log"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def until(self, what):
        deadline = time.monotonic() + 30
        while not what():
            self.assertLess(time.monotonic(), deadline, "it did not come about")
            time.sleep(0.05)

    def test_calls_are_taken_and_browsers_are_told_to_stay(self):
        reply = self.carl.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3}, Origin=f"https://localhost:{self.server.port}")
        self.assertEqual(reply.status, 201, reply.body)
        self.assertEqual(reply.headers["Strict-Transport-Security"], "max-age=31536000")
        self.assertRegex(self.signed_in, r"^__Host-.*Secure")
        other = self.carl.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3}, Origin=f"http://localhost:{self.server.port}")
        self.assertEqual(other.status, 403)

    def test_devices_and_synthetic_calls_go_through_it(self):
        context = ssl.create_default_context(cafile=self.server.certificate)
        connection = http.client.HTTPSConnection("localhost", self.server.positions_port, timeout=20, context=context)
        connection.request("GET", "/?id=stranger&lat=1&lon=1")
        self.assertEqual(connection.getresponse().status, 400)
        connection.close()
        self.until(lambda: re.search(r"precinct_synthetic_total\{[^}]*\} [1-9]", TlsClient(self.server).raw("GET", "/metrics").body.decode()))
        metrics = TlsClient(self.server).raw("GET", "/metrics").body.decode()
        self.assertNotRegex(metrics, r"precinct_synthetic_failed_total\{[^}]*\} [1-9]")
        self.assertRegex(metrics, r"precinct_tls_certificate_expires_seconds 1[0-9]{9}\n")

    def s_client(self, *options):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", *options], input=b"", capture_output=True, check=False, timeout=20)
        text = (done.stdout + done.stderr).decode(errors="replace")
        return re.search(r"^ *(?:New, )?(TLSv1\.[0-3]), Cipher is (\S+)", text, re.M), text

    def test_new_protocols_are_spoken_and_old_ones_refused(self):
        for option, version in (("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")):
            agreed, text = self.s_client(option)
            self.assertTrue(agreed, text)
            self.assertEqual(agreed[1], version)
            self.assertRegex(agreed[2], "GCM|CHACHA20")
        before = len(self.lines())
        for refused in (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
                        ["-tls1_2", "-cipher", "AES128-SHA:AES256-GCM-SHA384:@SECLEVEL=0"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0"]):
            agreed, text = self.s_client(*refused)
            self.assertTrue(agreed is None or agreed[2] in ("(NONE)", "0000"), (refused, text))
        self.until(lambda: sum(line["what"] == "tls_refused" for line in self.lines()[before:]) >= 4)

    def test_plain_http_is_not_answered(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                self.assertNotIn(b"HTTP/", s.recv(1000))
            except ConnectionResetError:
                pass

    def test_a_slow_request_is_ended_and_a_connection_in_store_is_no_line(self):
        context = ssl.create_default_context(cafile=self.server.certificate)
        silent = context.wrap_socket(socket.create_connection(("127.0.0.1", self.server.port), timeout=40), server_hostname="localhost")
        slow = self.speak(context, "127.0.0.1")
        before = len(self.lines()) if os.path.exists(os.path.join(self.server.site, "security.log")) else 0
        slow.sendall(b"GET /healthz HTTP/1.1\r\nX-Padding: " + b"x" * 200)
        self.assertRegex(self.heard(slow), b"^HTTP/1.1 408 .*Connection: close")
        try:
            self.assertEqual(silent.recv(100), b"")
        except (ssl.SSLEOFError, ConnectionResetError):
            pass
        silent.close()
        self.until(lambda: "slow_request" in [line["what"] for line in self.lines()[before:]])
        self.assertEqual([line["what"] for line in self.lines()[before:] if line["what"] in ("slow_request", "broken_off")], ["slow_request"])

    def heard(self, connection):
        """All that is said, and that it ends with a farewell (close_notify): without one the end would be an error here."""
        words = b""
        while part := connection.recv(1000):
            words += part
        connection.close()
        return re.sub(rb"\r\n", b" ", words)

    def speak(self, context, address):
        plain = socket.socket()
        plain.settimeout(60)
        plain.bind((address, 0))
        plain.connect(("127.0.0.1", self.server.port))
        return context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)

    def test_who_is_one_too_many_hears_why(self):
        for address, version in (("127.0.0.21", ssl.TLSVersion.TLSv1_2), ("127.0.0.22", ssl.TLSVersion.TLSv1_3)):
            self.in_time(lambda waiting: self.one_too_many_hears(waiting, address, version))
        self.assertGreaterEqual([line["what"] for line in self.lines()].count("too_many_connections"), 2)

    def in_time(self, attempt):
        """Tried again when this machine took so long that those before him were gone, or the gate had lost its patience with him.
        What the attempt adds to `waiting` is closed."""
        for tries_left in reversed(range(TRIES)):
            began, waiting = time.monotonic(), []
            try:
                return attempt(waiting)
            except (AssertionError, OSError):
                if tries_left == 0 or time.monotonic() - began < HEADER_S - 2:
                    raise
            finally:
                for s in waiting:
                    s.close()

    def one_too_many_hears(self, waiting, address, version):
        context = ssl.create_default_context(cafile=self.server.certificate)
        context.maximum_version = version
        waiting += [self.silent(address) for _ in range(PER_ADDRESS)]
        self.assertRegex(self.heard(self.speak(context, address)), b"^HTTP/1.1 429 .*Retry-After: 5", version)

    def test_who_makes_room_for_others_hears_why(self):
        self.in_time(self.one_who_makes_room_hears)
        self.assertIn("made_room", [line["what"] for line in self.lines()])

    def one_who_makes_room_hears(self, waiting):
        context = ssl.create_default_context(cafile=self.server.certificate)
        oldest = self.speak(context, "127.0.0.20")
        oldest.sendall(b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{")
        for n in range(CONNECTIONS - RESERVE + 300):  # more than there are places: who has waited longest is ended for each
            waiting.append(self.silent(f"127.0.0.{30 + n // 150}"))
        self.assertRegex(self.heard(oldest), b"^HTTP/1.1 503 .*Retry-After: 5")

    def silent(self, address):
        """A connection without a word, not even of TLS."""
        s = socket.socket()
        s.bind((address, 0))
        s.connect(("127.0.0.1", self.server.port))
        return s

    def test_a_renewed_certificate_is_taken_on_sighup_and_open_connections_stay(self):
        context = ssl.create_default_context(cafile=self.server.certificate)
        kept = http.client.HTTPSConnection("localhost", self.server.port, timeout=20, context=context)
        kept.request("GET", "/healthz")
        self.assertEqual(kept.getresponse().read()[:1], b"{")
        first = self.number()
        for kind in ("rsa", "ec"):
            was = self.number()
            self.make(self.server.certificate, self.key, kind=kind)
            self.assertEqual(self.number(), was)
            self.server.process.send_signal(signal.SIGHUP)
            self.until(lambda: self.number() != was)
        kept.request("GET", "/healthz")
        self.assertEqual(kept.getresponse().status, 200)
        kept.close()
        self.assertNotEqual(self.number(), first)
        # A key that does not belong to it: the one before goes on.
        was = self.number()
        self.make(self.server.certificate, self.key + ".other")
        self.server.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertEqual(self.number(), was)
        self.make(self.server.certificate, self.key)
        self.server.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.number() != was)

    def refused(self, *options, listen="127.0.0.1:0"):
        done = subprocess.run([os.environ["PRECINCT"], "serve", self.server.site, "--listen", listen, "--positions", "0", *options], capture_output=True,
                              text=True, check=False, timeout=30, env=dict(os.environ, LANG="C.UTF-8"))
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_what_is_wrong_with_the_files_is_told(self):
        certificate, key = os.path.join(self.folder, "a.crt"), os.path.join(self.folder, "a.key")
        self.make(certificate, key)
        self.assertIn("belong together", self.refused("--tls-cert", certificate))
        self.assertIn("No such file", self.refused("--tls-cert", certificate + "x", "--tls-key", key))
        self.assertIn("cannot be used", self.refused("--tls-cert", certificate, "--tls-key", self.key))
        os.chmod(key, 0o644)
        self.assertIn("mode 0644", self.refused("--tls-cert", certificate, "--tls-key", key))
        os.chmod(key, 0o600)
        self.assertIn("--origin", self.refused("--tls-cert", certificate, "--tls-key", key, listen="0.0.0.0:0"))
        self.assertIn("--tls-cert", self.refused(listen="0.0.0.0:0"))

    def doctor(self, certificate, key):
        done = subprocess.run([os.environ["PRECINCT"], "doctor", self.server.site, "--json", "--tls-cert", certificate, "--tls-key", key], capture_output=True,
                              text=True, check=False, timeout=60)
        return {f["id"] for f in json.loads(done.stdout)["findings"] if f["id"].startswith("tls")}

    def test_doctor_knows_when_it_ends(self):
        certificate, key = os.path.join(self.folder, "b.crt"), os.path.join(self.folder, "b.key")
        for days, found in ((90, set()), (10, {"tls_expires"})):
            self.make(certificate, key, days=days)
            self.assertEqual(self.doctor(certificate, key), found)
        request = subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=localhost"], check=True, capture_output=True).stdout
        subprocess.run(["openssl", "x509", "-req", "-signkey", key, "-days", "-1", "-out", certificate], input=request, check=True, capture_output=True)
        self.assertEqual(self.doctor(certificate, key), {"tls_expired"})
        self.assertEqual(self.doctor(certificate, self.key), {"tls_bad"})


if __name__ == "__main__":
    unittest.main()
