"""The log served to oversight: byte for byte what `log export` writes, to those who may read it and, where the site says so, to everybody; no
entry, no other file. A witness follows it over HTTP, and whatever lies to it is refused."""
import json
import os
import subprocess
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from server import PRECINCT, ApiTest, Client, run
import public_log

ORIGIN = "police.example/黄浦/log"
CALL = {"channel": "phone", "type": "noise", "priority": 3, "words": "a canary in the words"}
EVENTS = 300  # two tiles of leaves, one of them full, and one of the level above
OUTSIDE = ["/log/tile/0/../../log.key", "/log/tile/0/..%2f..%2flog.key", "/log/tile/%2e%2e/log.key", "/log/../log.key", "/log/tile/0//etc/passwd",
           "/log/tile/0/0", "/log/tile/00/000", "/log/tile/0/x000/000", "/log/tile/0/000/", "/log/tile/0/000.p/0", "/log/tile/0/000.p/256",
           "/log/tile/0/000.p/07", "/log/tile/0/-01", "/log/tile/8/000", "/log/tile/-1/000", "/log/tile/7/000"]


class LogTest(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "olga": "oversight", "audrey": "audit_admin", "carl": "call_taker", "sam": "system_admin",
                "sec": "security_admin"}
    PUBLIC = None

    @classmethod
    def serve_options(cls):
        cls.key = json.loads(run("log", "key", cls.server.site, "--origin", ORIGIN, "--json"))["key"]
        if cls.PUBLIC is not None:
            path = os.path.join(cls.server.site, "site.json")
            with open(path, encoding="utf-8") as f:
                site = json.load(f)
            site["log"] = {"public": cls.PUBLIC}
            with open(path, "w", encoding="utf-8") as f:
                json.dump(site, f)
        return []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = cls.clients["olga"].get("/log/checkpoint")
        for _ in range(EVENTS - cls.size()):
            cls.clients["anna"].post("/api/v1/calls", CALL)
        cls.export()

    @classmethod
    def size(cls):
        """Events of the record: a head of as many is signed."""
        return json.loads(run("log", "heads", cls.server.site, "--json"))["heads"][0]["events"]

    @classmethod
    def export(cls):
        """What the command writes, and the desk shows it."""
        cls.tiles = os.path.join(cls.server.folder, "tiles")
        run("log", "export", cls.server.site, "--tiles", cls.tiles)
        cls.until_shown(cls.read("checkpoint"))

    @classmethod
    def until_shown(cls, checkpoint):
        deadline = time.monotonic() + 120
        while cls.clients["olga"].get("/log/checkpoint").body != checkpoint:
            if time.monotonic() > deadline:
                raise AssertionError("the desk does not show the head that was given out")
            time.sleep(0.1)

    @classmethod
    def read(cls, name):
        with open(os.path.join(cls.tiles, name), "rb") as f:
            return f.read()

    def files(self):
        found = []
        for folder, _, names in os.walk(self.tiles):
            found += [os.path.relpath(os.path.join(folder, name), self.tiles) for name in names]
        return sorted(found)


class Shown(LogTest):
    def test_before_a_head_is_given_out_there_is_none(self):
        self.refused(self.before, 404, "log_tiles_no_head")

    def test_every_file_is_what_the_export_wrote(self):
        olga, compared = self.clients["olga"], 0
        for name in self.files():
            if name == "keys" or name.startswith("tile/entries/"):
                continue
            reply = olga.get("/log/" + name)
            self.assertEqual((reply.status, reply.body), (200, self.read(name)), name)
            full = name != "checkpoint" and ".p/" not in name
            self.assertEqual(reply.headers["Cache-Control"], "private, max-age=31536000, immutable" if full else "private, no-cache", name)
            self.assertEqual(olga.get("/log/" + name, If_None_Match=reply.headers["ETag"]).status, 304)
            compared += 1
        self.assertGreaterEqual(compared, 4)  # the head, two tiles of leaves, one above
        origin, size, root = public_log.read_checkpoint(self.read("checkpoint").decode(), self.key)
        leaves = b"".join(olga.get(f"/log/tile/0/{n:03}{'' if (n + 1) * 256 <= size else f'.p/{size % 256}'}").body for n in range((size + 255) // 256))
        self.assertEqual((origin, len(leaves)), (ORIGIN, size * 32))
        self.assertEqual(public_log.root([leaves[i:i + 32] for i in range(0, len(leaves), 32)]), root)

    def test_tiles_of_earlier_heads_stay_and_none_is_beyond_the_head(self):
        olga = self.clients["olga"]
        whole = olga.get("/log/tile/0/000").body
        self.assertEqual(olga.get("/log/tile/0/000.p/17").body, whole[:17 * 32])
        width = public_log.read_checkpoint(self.read("checkpoint").decode(), self.key)[1] % 256
        last = next(name for name in self.files() if name.startswith("tile/0/") and ".p/" in name).split(".p/")[0]
        self.assertEqual(olga.get(f"/log/{last}.p/{width}").status, 200)
        for beyond in (f"{last}.p/{width + 1}", last, "tile/0/003", "tile/0/x001/000", "tile/1/000", "tile/2/000.p/1"):
            self.refused(olga.get("/log/" + beyond), 404, "ledger_tile")

    def test_oversight_and_the_audit_administrator_alone_read_it(self):
        for name in ("checkpoint", "tile/0/000"):
            self.refused(self.nobody.get("/log/" + name), 401)
            for account in self.ACCOUNTS:
                reply = self.clients[account].get("/log/" + name)
                if account in ("olga", "audrey"):
                    self.assertEqual(reply.status, 200, account)
                else:
                    self.refused(reply, 403, "web_not_allowed")

    def test_no_entry_and_no_other_file_is_given_out(self):
        olga = self.clients["olga"]
        for name in [name for name in self.files() if name.startswith("tile/entries/")]:
            self.refused(olga.get("/log/" + name), 404, "log_tile_none")
        for path in OUTSIDE:
            reply = olga.raw("GET", path)
            self.assertIn(reply.status, (400, 404), path)
            self.assertNotIn(b"PRIVATE", reply.body, path)


class Public(LogTest):
    PUBLIC = True

    def test_everybody_reads_heads_and_hashes_and_nothing_else(self):
        for name in ("checkpoint", "tile/1/000.p/1", "tile/0/000"):
            reply = self.nobody.get("/log/" + name)
            self.assertEqual((reply.status, reply.body), (200, self.read(name)), name)
        self.assertEqual(reply.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(self.clients["carl"].get("/log/checkpoint").status, 200)
        self.refused(self.nobody.get("/log/tile/entries/000"), 404, "log_tile_none")
        for path in OUTSIDE:
            self.assertIn(self.nobody.raw("GET", path).status, (400, 404), path)
        for path in ("/api/v1/session", "/api/v1/accounts", "/api/v1/incidents"):
            self.refused(self.nobody.get(path), 401)


class Follow(LogTest):
    def witness(self, name):
        folder = os.path.join(self.server.folder, name)
        key = json.loads(run("log", "witness", "init", folder, "--name", f"oversight.example/{name}", "--json"))["key"]
        run("log", "witness", "add", folder, "--log", self.key)
        return folder, key

    def token(self):
        made = json.loads(run("token", "add", self.server.site, "olga", "--name", "witness", "--json"))
        path = os.path.join(self.server.folder, "token")
        with open(path, "w", encoding="utf-8") as f:
            f.write(made["token"] + "\n")
        return path

    def follow(self, folder, *options, port=None, code=0):
        url = f"http://127.0.0.1:{port or self.server.port}/log/"
        done = subprocess.run([PRECINCT, "log", "witness", "follow", folder, "--url", url, "--json", *options], text=True, capture_output=True,
                              check=False, timeout=120, env=dict(os.environ, LANG="C.UTF-8"))
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def grow(self):
        for _ in range(3):
            self.taken(self.clients["anna"].post("/api/v1/calls", CALL))
        size = self.size()
        run("log", "export", self.server.site, "--tiles", self.tiles)
        self.until_shown(self.read("checkpoint"))
        return size

    def test_a_witness_follows_the_log_over_http_and_its_cosignature_comes_back(self):
        folder, key = self.witness("w1")
        token, answer = self.token(), os.path.join(self.server.folder, "answer")
        first = self.follow(folder, "--token", token, "--response", answer)
        self.assertEqual((first["origin"], first["held"], first["tiles"]), (ORIGIN, 0, 0))
        size = self.grow()
        second = self.follow(folder, "--token", token, "--response", answer)
        self.assertEqual((second["held"], second["events"]), (first["events"], size))
        self.assertGreater(second["tiles"], 0)
        run("log", "cosign", self.server.site, "--witness", key, "--response", answer)
        run("log", "export", self.server.site, "--tiles", self.tiles)
        self.assertIn(b"\xe2\x80\x94 oversight.example/w1 ", self.read("checkpoint"))
        self.until_shown(self.read("checkpoint"))  # with the cosignature

    def test_who_may_not_read_it_is_told_what_to_give(self):
        folder, _ = self.witness("w2")
        self.assertIn("--token", self.follow(folder, code=3))
        done = subprocess.run([PRECINCT, "log", "witness", "follow", folder, "--url", "http://desk.example/log"], text=True, capture_output=True,
                              check=False, env=dict(os.environ, LANG="C.UTF-8"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("https://", done.stderr)

    def test_a_changed_tile_or_an_older_head_moves_no_witness(self):
        token = self.token()
        folder, _ = self.witness("w3")
        held = self.follow(folder, "--token", token)["events"]
        old = self.clients["olga"].get("/log/checkpoint").body
        self.grow()
        lies = {"tile": lambda path, body: bytes([body[0] ^ 1]) + body[1:] if "/tile/" in path else body,
                "short": lambda path, body: body[:-1] if "/tile/" in path else body,
                "root": lambda path, body: body.replace(body.split(b"\n")[2], b"A" * 43 + b"=") if path.endswith("checkpoint") else body}
        for name, lie in lies.items():
            with liar(self.clients["olga"], lie) as port:
                self.follow(folder, port=port, code=1)
            self.assertEqual(self.head(folder), held, name)
        size = self.follow(folder, "--token", token)["events"]
        with liar(self.clients["olga"], lambda path, body: old if path.endswith("checkpoint") else body) as port:
            self.follow(folder, port=port, code=2)
        self.assertEqual(self.head(folder), size)

    def head(self, folder):
        return json.loads(run("log", "witness", "show", folder, "--json"))["logs"][0]["events"]


class liar:
    """A server between the witness and the desk that changes what passes."""

    def __init__(self, client, lie):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                reply = client.raw("GET", self.path)
                body = lie(self.path, reply.body)
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self.http.server_port

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


if __name__ == "__main__":
    unittest.main()
