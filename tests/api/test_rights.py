"""Rights: what the record grants counts, at once, and nothing else does."""
import json
import os
import select
import socket
import sqlite3
import subprocess
import time
import unittest

from server import PASSWORD, PRECINCT, ApiTest, Client, run

CALL = {"channel": "phone", "type": "noise", "priority": 3}


def events_of(site, *types):
    record = sqlite3.connect(f"file:{site}/record.db?mode=ro", uri=True)
    events = [json.loads(row[0]) for row in record.execute("SELECT bytes FROM event ORDER BY seq")]
    record.close()
    return [e for e in events if e["type"] in types]


class Stream:
    """An open stream of events, by a bare socket: what has come so far, and whether it has ended."""

    def __init__(self, client, path="/api/v1/stream"):
        self.socket = socket.create_connection(("127.0.0.1", client.server.port), 20)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {client.cookie}\r\n\r\n".encode())
        self.bytes = b""

    def ends_within(self, seconds):
        """Chunked: the end is a chunk of no length."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                piece = self.socket.recv(65536)
                self.bytes += piece
                if not piece or self.bytes.endswith(b"\r\n0\r\n\r\n"):
                    return True
        return False

    @property
    def text(self):
        return self.bytes.decode()

    def close(self):
        self.socket.close()


class Granting(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol"}

    def user(self, *arguments):
        return run("user", arguments[0], self.server.site, *arguments[1:])

    def fails(self, *arguments):
        done = subprocess.run([PRECINCT, "user", arguments[0], self.server.site, *arguments[1:]], capture_output=True, text=True,
                              check=False, env=dict(os.environ, LANG="C.UTF-8"))
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def add(self, name, roles, *options):
        run("user", "add", self.server.site, name, "--roles", roles, "--password-stdin", *options, text=PASSWORD + "\n")
        return self.server.sign_in(name)

    def test_accounts_from_before_the_record_are_taken_over_by_events(self):
        added = {e["data"]["name"]: e for e in events_of(self.server.site, "account_added")}
        self.assertEqual(added["anna"]["data"]["roles"], ["dispatcher", "commander"])
        self.assertEqual((added["anna"]["actor"], added["anna"]["role"]), ("system", "system"))

    def test_each_change_of_rights_is_an_event(self):
        self.add("greta", "call_taker")
        self.user("grant", "greta", "--roles", "dispatcher")
        self.user("disable", "greta")
        mine = [e for e in events_of(self.server.site, "account_added", "account_entitled", "account_disabled")
                if e["data"]["name"] == "greta"]
        self.assertEqual([e["type"] for e in mine], ["account_added", "account_entitled", "account_disabled"])
        self.assertEqual({e["object"] for e in mine}, {mine[0]["object"]})
        self.assertEqual({e["actor"] for e in mine}, {"console"})
        self.assertEqual(mine[1]["data"]["roles"], ["dispatcher"])

    def test_a_role_that_is_taken_is_gone_for_the_next_request(self):
        hans = self.add("hans", "call_taker,dispatcher")
        self.assertEqual(hans.post("/api/v1/closures/preview", {"positions": [[102.4, 40.1]]}).status, 200)
        self.user("grant", "hans", "--roles", "call_taker")
        self.refused(hans.post("/api/v1/closures/preview", {"positions": [[102.4, 40.1]]}), 403, "web_not_allowed")
        self.assertEqual(hans.get("/api/v1/session").json["roles"], ["call_taker"])

    def test_disabling_ends_the_session_and_the_open_stream_within_a_second(self):
        ida = self.add("ida", "dispatcher")
        stream, other = Stream(ida), Stream(self.anna)
        self.assertFalse(stream.ends_within(1.5), "a stream stays open")
        self.user("disable", "ida")
        self.assertTrue(stream.ends_within(1), "the stream of a disabled account is closed")
        self.assertFalse(other.ends_within(1.5), "the others' are not")
        self.refused(ida.get("/api/v1/session"), 401)
        reply = Client(self.server).send("POST", "/api/v1/session", {"account": "ida", "password": PASSWORD})
        self.refused(reply, 401)
        stream.close()
        other.close()

    def test_a_change_of_roles_closes_the_stream_within_a_second(self):
        jan = self.add("jan", "dispatcher")
        stream = Stream(jan)
        self.assertFalse(stream.ends_within(0.5))
        self.user("grant", "jan", "--roles", "patrol")
        self.assertTrue(stream.ends_within(1))
        self.assertEqual(jan.get("/api/v1/session").json["roles"], ["patrol"])
        stream.close()

    def test_signing_out_closes_the_stream(self):
        kim = self.add("kim", "dispatcher")
        stream = Stream(kim)
        kim.send("DELETE", "/api/v1/session")
        self.assertTrue(stream.ends_within(2.5))
        stream.close()

    def test_accounts_db_cannot_grant_anything(self):
        """Whoever can write the file gives himself no right by it, not even by a restart."""
        lea = self.add("lea", "call_taker")
        with sqlite3.connect(os.path.join(self.server.site, "accounts.db")) as accounts:
            accounts.execute("UPDATE account SET roles = 65534 WHERE name = 'lea'")
            accounts.execute("INSERT INTO account (name, roles, password, created_at_ms) SELECT 'mallory', 65534, password, 0"
                             " FROM account WHERE name = 'lea'")
        accounts.close()
        for _ in range(2):
            self.assertEqual(lea.get("/api/v1/session").json["roles"], ["call_taker"])
            reply = Client(self.server).send("POST", "/api/v1/session", {"account": "mallory", "password": PASSWORD})
            self.refused(reply, 401, "account_without_rights")
            self.server.stop()
            self.server.start()

    def test_the_three_administrators_exclude_each_other_over_time_too(self):
        self.add("max", "system_admin")
        self.assertIn("exclude each other", self.fails("grant", "max", "--roles", "system_admin,audit_admin"))
        self.user("grant", "max", "--roles", "patrol")
        self.assertIn("another administrator before", self.fails("grant", "max", "--roles", "audit_admin"))

    def test_refusals_leave_no_account_behind(self):
        self.assertIn("no area", self.fails("add", "nina", "--roles", "patrol", "--areas", "Atlantis"))
        self.assertNotIn("nina", self.user("list"))
        self.assertIn("no account", self.fails("grant", "nobody", "--roles", "patrol"))

    def test_changes_without_a_server_are_events_too(self):
        self.server.stop()
        try:
            run("user", "add", self.server.site, "olga", "--roles", "chief", "--password-stdin", text=PASSWORD + "\n")
            self.user("grant", "olga", "--roles", "analyst")
        finally:
            self.server.start()
        self.assertEqual(self.server.sign_in("olga").get("/api/v1/session").json["roles"], ["analyst"])
        self.assertEqual(self.anna.get("/api/v1/session").status, 200, "sessions outlive a restart")


if __name__ == "__main__":
    unittest.main()
