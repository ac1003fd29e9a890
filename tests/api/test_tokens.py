"""API tokens: what they open, and how soon they do no longer; sessions of one's own."""
import base64
import http.client
import json
import os
import subprocess
import time
import unittest

from server import PASSWORD, PRECINCT, ApiTest, Client, run

CALL = {"channel": "phone", "type": "noise", "priority": 3}


class Tokens(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker"}

    def token(self, account, *options):
        return json.loads(run("token", "add", self.server.site, account, "--name", "QGIS", "--json", *options))["token"]

    def number(self, account):
        rows = [row for row in json.loads(run("token", "list", self.server.site, "--json"))["tokens"] if row["account"] == account]
        return rows[-1]["number"], rows[-1]

    def bearer(self, token, method="GET", path="/api/v1/calls", body=None, **headers):
        return Client(self.server).send(method, path, body, Authorization=f"Bearer {token}", **headers)

    def basic(self, name, secret):
        word = base64.b64encode(f"{name}:{secret}".encode()).decode()
        return Client(self.server).send("GET", "/api/v1/calls", Authorization=f"Basic {word}")

    def test_a_token_opens_what_its_account_may_and_nothing_else(self):
        token = self.token("carl")
        self.assertEqual(self.bearer(token).status, 200)
        self.taken(self.bearer(token, "POST", body=CALL))
        self.assertEqual(self.bearer(token, path="/api/v1/session").json["account"], "carl")
        self.refused(self.bearer(token, path="/api/v1/accounts"), 403, "web_not_allowed")
        self.refused(self.bearer(token, path="/api/v1/sessions"), 403, "token_not_here")
        self.refused(self.bearer(token, "DELETE", path="/api/v1/sessions/0123456789ab"), 403, "token_not_here")

    def test_a_token_is_narrowed_to_roles_and_to_reading(self):
        token = self.token("anna", "--roles", "commander", "--read")
        self.assertEqual(self.bearer(token, path="/api/v1/session").json["roles"], ["commander"])
        self.refused(self.bearer(token, "POST", body=CALL), 403, "token_reads_only")
        # Roles that the account does not have are none.
        self.assertEqual(self.bearer(self.token("carl", "--roles", "chief"), path="/api/v1/session").json["roles"], [])

    def test_basic_takes_a_token_and_no_password(self):
        token = self.token("anna")
        self.assertEqual(self.basic("anna", token).status, 200)
        for name, secret in (("anna", PASSWORD), ("carl", token), ("", token), ("anna", ""), ("anna", token[:-1])):
            reply = self.basic(name, secret)
            self.refused(reply, 401, "token_wrong")
            self.assertIn("Basic", " ".join(reply.headers.get_all("WWW-Authenticate")))
        # A browser that came without the header is not asked for a password in a window of its own.
        self.assertNotIn("Basic", " ".join(self.nobody.get("/api/v1/calls").headers.get_all("WWW-Authenticate")))

    def test_forged_tokens_are_refused_with_a_line_in_the_security_log(self):
        token = self.token("anna")
        forged = [token[:-1] + ("0" if token[-1] != "0" else "1"), "pct_" + "0" * 40, token.upper(), token + "0", "", "x", self.anna.cookie.split("=")[1],
                  "eyJhbGciOiJub25lIn0.e30.", token.replace("pct_", "pct-")]
        headers = [f"Bearer {f}" for f in forged] + ["Bearer", f"Digest {token}", token, "Basic !!!", "Basic " + "QQ" * 300, "Basic QUE="]
        for header in headers:
            self.refused(Client(self.server).send("GET", "/api/v1/calls", Authorization=header), 401, "token_wrong")
        # A token is no cookie, and both together are a guess.
        self.refused(Client(self.server, f"precinct_session={token}").get("/api/v1/calls"), 401, "token_wrong")
        self.refused(self.anna.get("/api/v1/calls", Authorization=f"Bearer {token}"), 401, "token_and_cookie")
        with open(os.path.join(self.server.site, "security.log"), encoding="utf-8") as f:
            text = f.read()
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertGreaterEqual(sum(line["what"] == "token_wrong" for line in lines), len(headers))
        self.assertNotIn(token[4:30], text)

    def test_a_token_is_revoked_at_once_its_stream_included(self):
        token = self.token("anna")
        number, row = self.number("anna")
        self.assertIsNone(row["used_at"])
        self.assertEqual(self.bearer(token).status, 200)
        self.assertIsNotNone(self.number("anna")[1]["used_at"])
        stream = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        self.addCleanup(stream.close)
        stream.request("GET", "/api/v1/stream", headers={"Authorization": f"Bearer {token}"})
        reply = stream.getresponse()
        self.assertTrue(reply.readline())
        run("token", "revoke", self.server.site, number)
        self.refused(self.bearer(token), 401, "token_wrong")
        began = time.monotonic()
        while reply.readline():
            self.assertLess(time.monotonic() - began, 20, "the stream goes on")
        done = subprocess.run([PRECINCT, "token", "revoke", self.server.site, number], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)

    def test_no_token_stands_in_the_file(self):
        token = self.token("anna")
        with open(os.path.join(self.server.site, "accounts.db"), "rb") as f:
            self.assertNotIn(token[4:].encode(), f.read())
        self.assertNotIn(token, run("token", "list", self.server.site))


class Sessions(ApiTest):
    ACCOUNTS = {"anna": "dispatcher", "carl": "call_taker"}

    def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(self):
        other = self.server.sign_in("anna")
        rows = self.anna.get("/api/v1/sessions").json["items"]
        self.assertEqual([row["current"] for row in rows].count(True), 1)
        self.assertEqual({row["signed_by"] for row in rows}, {"password"})
        carl = self.clients["carl"].get("/api/v1/sessions").json["items"][0]["session"]
        self.refused(self.anna.send("DELETE", f"/api/v1/sessions/{carl}"), 404, "session_unknown")
        self.refused(self.anna.send("DELETE", "/api/v1/sessions/none"), 404, "session_unknown")
        mine = next(row["session"] for row in other.get("/api/v1/sessions").json["items"] if row["current"])
        self.assertEqual(self.anna.send("DELETE", f"/api/v1/sessions/{mine}").status, 204)
        self.refused(other.get("/api/v1/session"), 401, "session_over")
        self.assertEqual(self.clients["carl"].get("/api/v1/session").status, 200)

    def test_all_others_end_at_once_and_say_where_they_were_opened(self):
        others = [self.server.sign_in("anna") for _ in range(3)]
        rows = self.anna.get("/api/v1/sessions").json["items"]
        self.assertEqual({row["address"] for row in rows}, {"127.0.0.1"})
        self.assertGreaterEqual(len(rows), 4)
        self.assertEqual(self.anna.send("DELETE", "/api/v1/sessions").status, 204)
        for other in others:
            self.refused(other.get("/api/v1/session"), 401, "session_over")
        self.assertEqual([row["current"] for row in self.anna.get("/api/v1/sessions").json["items"]], [True])
        self.assertEqual(self.clients["carl"].get("/api/v1/session").status, 200, "nobody else's")


class Password(ApiTest):
    ACCOUNTS = {"anna": "dispatcher", "carl": "call_taker"}
    NEXT = "four quiet words here"

    def enter(self, password):
        return Client(self.server).send("POST", "/api/v1/session", {"account": "anna", "password": password})

    def change(self, **body):
        return self.anna.post("/api/v1/session/password", dict({"password": PASSWORD, "next": self.NEXT}, **body))

    def test_its_owner_changes_it_and_all_other_sessions_end(self):
        other = self.server.sign_in("anna")
        token = json.loads(run("token", "add", self.server.site, "anna", "--name", "x", "--json"))["token"]
        self.refused(self.change(next="short"), 400, "password_length", "next")
        self.refused(self.change(next=PASSWORD), 400, "password_same", "next")
        self.refused(self.change(password="wrong horse"), 403, "sign_in_wrong", "password")
        bearer = Client(self.server).send("POST", "/api/v1/session/password", {"password": PASSWORD, "next": self.NEXT}, Authorization=f"Bearer {token}")
        self.refused(bearer, 403, "token_not_here")
        self.assertEqual(other.get("/api/v1/session").status, 200, "what was refused ended nothing")
        self.assertEqual(self.change().status, 204)
        self.refused(other.get("/api/v1/session"), 401, "session_over")
        self.assertEqual(self.anna.get("/api/v1/session").status, 200, "who asked stays signed in")
        self.assertEqual(self.clients["carl"].get("/api/v1/session").status, 200)
        self.refused(self.enter(PASSWORD), 401, "sign_in_wrong")
        self.assertEqual(self.enter(self.NEXT).status, 201)


if __name__ == "__main__":
    unittest.main()
